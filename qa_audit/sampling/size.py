"""How many cases to look at, and what may be said from what was found.

Sources: AICPA Audit Guide: Audit Sampling, appendix A; Touw and Hoogduin (2011); R packages jfa and
samplingbook for the conventions. Rates are proportions 0-1. Limits are compared exactly: 0.035 of 400 is 14,
not 14.000000000000002 rounded up to 15.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.figures import Interval, check_conf_level, check_counts, rational

Distribution = Literal["binomial", "hypergeometric", "poisson"]
Method = Literal["wilson", "clopper_pearson", "hypergeometric_exact"]

LARGEST_SAMPLE = 1_000_000
_CHUNK = 4096
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Look at `n` cases; with `acceptable_deviations` or fewer the tolerable rate is ruled out."""

    n: int
    acceptable_deviations: int
    achieved_risk: float
    """The chance of wrongly accepting a frame at the tolerable rate."""


@dataclass(frozen=True, slots=True)
class UpperLimit:
    """The rate that is not exceeded, with the confidence asked for."""

    upper_limit: float
    per_cent_rounded_up: float
    """In per cent, rounded up to one decimal, as the printed tables give it."""
    upper_count: int | None = None
    """Cases in the whole frame (hypergeometric only)."""


@dataclass(frozen=True, slots=True)
class TwoStagePlan:
    """Stage one: stop and accept at 0, go on at 1. Stage two: accept if it brings none."""

    n_per_stage: int
    n_total: int
    achieved_risk: float


@dataclass(frozen=True, slots=True)
class ProportionInterval:
    """A proportion with its interval; counts only for the exact interval of a known frame."""

    n: int
    est: float | None
    ci: Interval | None
    upper_one_sided: float | None = None
    """One-sided upper limit at the same confidence level."""
    count_ci: tuple[int, int] | None = None
    upper_one_sided_count: int | None = None
    se_fpc: float | None = None
    reason: str = ""


def attribute_sample_size(
    tolerable_rate: float,
    expected_rate: float = 0.0,
    conf_level: float = 0.95,
    distribution: Distribution = "hypergeometric",
    population: int | None = None,
    *,
    expected_deviations: int | None = None,
) -> SampleSize:
    """The smallest n with P(at most c deviations | tolerable rate) < 1 - conf_level.

    c is ceil(expected_rate * n) in exact rationals, or the fixed `expected_deviations`. For case files the
    hypergeometric is right (the frame is known and small): 139 instead of 181 for 500 files at 5%/2%/95%.
    With it K = ceil(tolerable_rate * population) deviations are supposed in the frame.
    """
    risk = 1 - rational(check_conf_level(conf_level))
    tolerable, expected = rational(tolerable_rate), rational(expected_rate)
    _check_rates(tolerable, expected, distribution, population)
    last = (
        min(population or LARGEST_SAMPLE, LARGEST_SAMPLE)
        if distribution == "hypergeometric"
        else LARGEST_SAMPLE
    )

    def allowed(n: int) -> int:
        return math.ceil(expected * n) if expected_deviations is None else expected_deviations

    for first in range(1, last + 1, _CHUNK):
        sizes = range(first, min(first + _CHUNK, last + 1))
        limits = [allowed(n) for n in sizes]
        chances = _lower_tails(limits, list(sizes), tolerable, distribution, population)
        for n, c, chance in zip(sizes, limits, chances, strict=True):
            below = chance < risk
            if abs(chance - float(risk)) < _CLOSE and distribution != "poisson":
                below = _exact_tail(c, n, tolerable, distribution, population) < risk
            if below:
                return SampleSize(n, c, float(chance))
    raise BadInput(
        Code.BAD_VALUE,
        "No sample of this frame can rule out the tolerable rate",
        where="tolerable_rate, expected_rate",
        why="The deviations expected reach those that could be tolerated",
        next_step="Raise the tolerable rate, lower the expected one, or look at every case",
    )


def attribute_upper_limit(
    n: int,
    deviations: int,
    conf_level: float = 0.95,
    distribution: Distribution = "hypergeometric",
    population: int | None = None,
) -> UpperLimit:
    """The highest deviation rate that `deviations` found in `n` still leaves possible.

    Binomial: the beta quantile (Clopper-Pearson, one-sided); Poisson: the gamma quantile / n; hypergeometric:
    the largest K with P(at most `deviations` | K of `population`) > 1 - conf_level.
    """
    from scipy.stats import beta, gamma

    check_conf_level(conf_level)
    check_counts(n, deviations)
    if n == 0:
        raise BadInput(Code.NOTHING_TO_REPORT, "Nothing was looked at, so nothing is ruled out", where="n")
    count: int | None = None
    if distribution == "hypergeometric":
        frame = _known(population, n)
        count = _largest_count(n, deviations, frame, float(1 - rational(conf_level)))
        limit = count / frame
    elif distribution == "poisson":
        limit = float(gamma.ppf(conf_level, deviations + 1)) / n
    else:
        limit = 1.0 if deviations == n else float(beta.ppf(conf_level, deviations + 1, n - deviations))
    return UpperLimit(limit, math.ceil(limit * 1000 - 1e-9) / 10, count)


def attribute_two_stage_plan(
    tolerable_rate: float,
    conf_level: float = 0.95,
    distribution: Distribution = "binomial",
    population: int | None = None,
) -> TwoStagePlan:
    """Stop-or-go in two equal stages: the smallest n with P(0) + P(1) P(0 in the second) < 1 - conf_level.

    Source: Touw and Hoogduin (2011) p. 129, whose plan of 49 and 49 is reproduced. The stages are
    fixed before the draw; ticket order makes the second stage the next n tickets. Looking more often voids the risk.
    """
    risk = 1 - rational(check_conf_level(conf_level))
    tolerable = rational(tolerable_rate)
    _check_rates(tolerable, Fraction(0), distribution, population)
    frame = _known(population, 2) if distribution == "hypergeometric" else None
    for n in range(1, (frame // 2 if frame else LARGEST_SAMPLE) + 1):
        accept = _two_stage_risk(n, tolerable, distribution, frame)
        if accept < risk:
            return TwoStagePlan(n, 2 * n, float(accept))
    raise BadInput(
        Code.BAD_VALUE,
        "No plan in two equal stages can rule out the tolerable rate in this frame",
        where="tolerable_rate",
        next_step="Use one stage, or raise the tolerable rate",
    )


def precision_sample_size(
    margin: float, expected_proportion: float = 0.5, population: int | None = None, conf_level: float = 0.95
) -> int:
    """Cases needed for a proportion within plus or minus `margin` (0-1).

    n = p (1 - p) / (e^2 / z^2 + p (1 - p) / N), rounded up. Source: Cochran (1977) 4.4; R samplingbook.
    """
    from scipy.stats import norm

    check_conf_level(conf_level)
    p = expected_proportion
    if not 0 < margin < 1 or not 0 <= p <= 1 or (population is not None and population < 1):
        raise BadInput(
            Code.BAD_VALUE,
            "The margin must lie between 0 and 1, the expected proportion from 0 to 1",
            where="margin, expected_proportion, population",
        )
    z = float(norm.ppf(0.5 + conf_level / 2))
    spread = p * (1 - p)
    if not spread:
        return 1
    n = spread / ((margin / z) ** 2 + (spread / population if population else 0.0))
    return min(math.ceil(n - 1e-9), population or LARGEST_SAMPLE * 1000)


def proportion_interval(
    x: int, n: int, method: Method = "wilson", population: int | None = None, conf_level: float = 0.95
) -> ProportionInterval:
    """The proportion x / n with a two-sided interval.

    wilson: score interval without continuity correction (Wilson 1927), for showing simple shares.
    clopper_pearson: exact binomial (1934), when a guarantee is needed. hypergeometric_exact: for a simple random
    sample from a frame of `population` cases, all K with P(X >= x | K) > a/2 and P(X <= x | K) > a/2
    (Wright 1991); `se_fpc` = sqrt(p (1 - p) / (n - 1) * (N - n) / N), None when it would be 0.
    """
    check_conf_level(conf_level)
    check_counts(n, x)
    if n == 0:
        return ProportionInterval(0, None, None, reason="nothing was looked at")
    if method == "wilson":
        return ProportionInterval(n, x / n, wilson(x, n, conf_level))
    if method == "clopper_pearson":
        upper = attribute_upper_limit(n, x, conf_level, "binomial").upper_limit
        return ProportionInterval(n, x / n, clopper_pearson(x, n, conf_level), upper)
    frame = _known(population, n)
    half = (1 - conf_level) / 2
    low, high = _smallest_count(n, x, frame, half), _largest_count(n, x, frame, half)
    upper_count = _largest_count(n, x, frame, float(1 - rational(conf_level)))
    p = x / n
    se = math.sqrt(p * (1 - p) / (n - 1) * (frame - n) / frame) if n > 1 else 0.0
    return ProportionInterval(
        n, p, (low / frame, high / frame), upper_count / frame, (low, high), upper_count, se or None
    )


def wilson(x: int, n: int, conf_level: float = 0.95) -> Interval:
    """Wilson's score interval for x of n; n must be above 0."""
    from scipy.stats import norm

    z = float(norm.ppf(0.5 + conf_level / 2))
    p, z2 = x / n, z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (0.0 if x == 0 else middle - half, 1.0 if x == n else middle + half)


def clopper_pearson(x: int, n: int, conf_level: float = 0.95) -> Interval:
    """The exact binomial interval for x of n; n must be above 0."""
    from scipy.stats import beta

    half = (1 - conf_level) / 2
    low = 0.0 if x == 0 else float(beta.ppf(half, x, n - x + 1))
    high = 1.0 if x == n else float(beta.ppf(1 - half, x + 1, n - x))
    return low, high


def _known(population: int | None, n: int) -> int:
    if population is None or population < n:
        raise BadInput(
            Code.BAD_VALUE,
            "The size of the frame is needed, and it cannot be below the sample",
            where="population",
            next_step="Give the number of cases in the frame, or choose the binomial distribution",
        )
    return population


def _check_rates(tolerable: Fraction, expected: Fraction, distribution: str, population: int | None) -> None:
    if distribution not in {"binomial", "hypergeometric", "poisson"}:
        raise BadInput(
            Code.BAD_VALUE,
            "The distribution must be binomial, hypergeometric or poisson",
            where="distribution",
        )
    if not 0 < tolerable < 1 or not 0 <= expected < tolerable:
        raise BadInput(
            Code.BAD_VALUE,
            "The tolerable rate must lie between 0 and 1 and above the expected rate",
            where="tolerable_rate, expected_rate",
            next_step="Give rates as proportions, such as 0.05",
        )
    if distribution == "hypergeometric":
        _known(population, 1)


def _lower_tails(
    limits: list[int], sizes: list[int], rate: Fraction, distribution: str, population: int | None
) -> list[float]:
    """P(X <= limit) for each sample size, at the tolerable rate."""
    import numpy as np
    from scipy.stats import binom, hypergeom, poisson

    c, n = np.asarray(limits), np.asarray(sizes)
    if distribution == "binomial":
        found = binom.cdf(c, n, float(rate))
    elif distribution == "poisson":
        found = poisson.cdf(c, n * float(rate))
    else:
        frame = _known(population, 1)
        found = hypergeom.cdf(c, frame, math.ceil(rate * frame), n)
    return [float(v) for v in np.atleast_1d(found)]


def _exact_tail(c: int, n: int, rate: Fraction, distribution: str, population: int | None) -> Fraction:
    """The same chance in exact arithmetic, for the rare case that floating point cannot decide."""
    if distribution == "binomial":
        return sum((math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(c + 1)), Fraction(0))
    frame = _known(population, n)
    bad = math.ceil(rate * frame)
    ways = sum(math.comb(bad, k) * math.comb(frame - bad, n - k) for k in range(min(c, n) + 1))
    return Fraction(ways, math.comb(frame, n))


def _two_stage_risk(n: int, rate: Fraction, distribution: str, frame: int | None) -> float:
    """P(0 in n) + P(1 in n) P(0 in the next n)."""
    if distribution == "hypergeometric" and frame:
        bad = math.ceil(rate * frame)
        all_ways, good = math.comb(frame, n), frame - bad
        none = Fraction(math.comb(good, n), all_ways)
        one = Fraction(bad * math.comb(good, n - 1), all_ways)
        none_then = Fraction(math.comb(max(good - n + 1, 0), n), math.comb(frame - n, n))
        return float(none + one * none_then)
    p = float(rate)
    if distribution == "poisson":
        none_found = math.exp(-n * p)
        return none_found + n * p * none_found * none_found
    none_found = (1 - p) ** n
    return none_found + n * p * (1 - p) ** (n - 1) * none_found


def _largest_count(n: int, x: int, frame: int, risk: float) -> int:
    """The largest K with P(X <= x | K of frame) > risk; the chance falls as K grows."""
    from scipy.stats import hypergeom

    low, high = x, frame - n + x
    while low < high:
        middle = (low + high + 1) // 2
        if hypergeom.cdf(x, frame, middle, n) > risk:
            low = middle
        else:
            high = middle - 1
    return low


def _smallest_count(n: int, x: int, frame: int, risk: float) -> int:
    """The smallest K with P(X >= x | K of frame) > risk, by counting the other kind of case."""
    return frame - _largest_count(n, n - x, frame, risk)
