"""Back from the sample to the whole cohort: design-weighted estimates with honest intervals.

Sources: Cochran (1977) ch. 5; Särndal, Swensson and Wretman (1992); intervals as in R survey's svyciprop. A domain
(children on one plan, say) is a ratio over all sampled cases, never a filtered file: its size is uncertain too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.figures import Est, Interval, check_conf_level, check_counts
from qa_audit.sampling.size import clopper_pearson

LONE_CASE = "a stratum with one sampled case has no standard error: join it to another or audit one more"


@dataclass(frozen=True, slots=True)
class StratifiedProportion:
    """A proportion (0-1) and the total (cases) of a stratified sample, with two intervals for the proportion."""

    n: int
    est: float
    se: float | None
    total: float
    total_se: float | None
    df: int
    ci_logit: Interval | None
    """Logit t interval: the one to show."""
    ci_beta: Interval | None
    """Korn-Graubard beta interval: the careful one."""
    reason: str = ""

    def as_est(self) -> Est:
        """The contract's shape, with the logit interval."""
        return Est(self.n, self.est, self.se, self.ci_logit, self.reason)


@dataclass(frozen=True, slots=True)
class StratifiedMean:
    """A mean or a total in the unit of y, with a t interval."""

    n: int
    est: float | None
    se: float | None
    df: int
    ci: Interval | None
    reason: str = ""

    def as_est(self) -> Est:
        """The contract's shape."""
        return Est(self.n, self.est, self.se, self.ci, self.reason)


def stratified_proportion(
    population: Sequence[int], sample: Sequence[int], successes: Sequence[int], conf_level: float = 0.95
) -> StratifiedProportion:
    """sum W_h p_h with W_h = N_h / N; se^2 = sum W_h^2 (1 - n_h / N_h) p_h (1 - p_h) / (n_h - 1); df = n - strata.

    All successes or none: Clopper-Pearson on the pooled counts. A census collapses to the estimate. A stratum with one
    sampled case (and more in the frame) leaves se and interval None; a stratum with none is refused.
    """
    check_conf_level(conf_level)
    if not population or not len(population) == len(sample) == len(successes):
        raise BadInput(Code.BAD_VALUE, "Every stratum needs population, sample and successes", where="strata")
    for size, n, x in zip(population, sample, successes, strict=True):
        check_counts(n, x)
        _check_stratum(size, n)
    total, n_all = sum(population), sum(sample)
    est = math.fsum(size * x / n for size, n, x in zip(population, sample, successes, strict=True)) / total
    df = n_all - len(population)
    if any(n == 1 < size for size, n in zip(population, sample, strict=True)):
        return StratifiedProportion(n_all, est, None, est * total, None, df, None, None, LONE_CASE)
    variance = math.fsum(
        (size / total) ** 2 * (1 - n / size) * (x / n) * (1 - x / n) / (n - 1)
        for size, n, x in zip(population, sample, successes, strict=True)
        if n < size
    )
    se = math.sqrt(variance)
    logit, beta, reason = _proportion_intervals(
        est, se, df, n_all, sum(successes), n_all == total, conf_level
    )
    return StratifiedProportion(n_all, est, se, est * total, se * total, df, logit, beta, reason)


def stratified_mean(
    y: Sequence[float],
    stratum: Sequence[str],
    population: Mapping[str, int],
    conf_level: float = 0.95,
    *,
    fpc: bool = True,
    in_domain: Sequence[bool] | None = None,
) -> StratifiedMean:
    """Weighted mean of y (weights N_h / n_h), in y's unit; with `in_domain`, the mean of those cases only.

    A domain mean is the ratio of two totals, its variance by linearisation over every sampled case. `fpc` False
    leaves the finite population correction out. df = n - strata.
    """
    inside = [1.0] * len(y) if in_domain is None else [1.0 if d else 0.0 for d in in_domain]
    groups = _by_stratum(y, stratum, population, inside)
    total = math.fsum(population[h] / len(g) * sum(d for _, d in g) for h, g in groups.items())
    if not total:
        return StratifiedMean(
            len(y), None, None, len(y) - len(groups), None, "no sampled case is in the domain"
        )
    est = (
        math.fsum(population[h] / len(g) * math.fsum(v * d for v, d in g) for h, g in groups.items()) / total
    )
    linear = {h: [d * (v - est) / total for v, d in g] for h, g in groups.items()}
    return _with_interval(est, linear, population, len(y), fpc, conf_level)


def stratified_total(
    y: Sequence[float],
    stratum: Sequence[str],
    population: Mapping[str, int],
    conf_level: float = 0.95,
    *,
    fpc: bool = True,
    in_domain: Sequence[bool] | None = None,
) -> StratifiedMean:
    """Weighted total of y over the frame (weights N_h / n_h), in y's unit; `in_domain` counts those cases only."""
    inside = [1.0] * len(y) if in_domain is None else [1.0 if d else 0.0 for d in in_domain]
    groups = _by_stratum(y, stratum, population, inside)
    values = {h: [v * d for v, d in g] for h, g in groups.items()}
    est = math.fsum(population[h] / len(g) * math.fsum(g) for h, g in values.items())
    return _with_interval(est, values, population, len(y), fpc, conf_level)


def horvitz_thompson_total(
    y: Sequence[float],
    inclusion_probability: Sequence[float],
    conf_level: float = 0.95,
    *,
    variance: Literal["with_replacement"] = "with_replacement",
) -> StratifiedMean:
    """sum(y / pi) for a sample with unequal chances; variance n / (n - 1) sum (z - mean z)^2, z = y / pi.

    Horvitz and Thompson (1952); the variance is the with-replacement one (Hansen and Hurwitz 1943), a little too large for
    a fixed-size draw without replacement and so on the careful side. t(n - 1).
    """
    check_conf_level(conf_level)
    if variance != "with_replacement":
        raise BadInput(Code.BAD_VALUE, "The variance offered is with_replacement", where="variance")
    if len(y) != len(inclusion_probability) or any(not 0 < p <= 1 for p in inclusion_probability):
        raise BadInput(
            Code.BAD_VALUE,
            "Every case needs an inclusion probability above 0 and at most 1",
            where="inclusion_probability",
            why="Judgement picks have none and never feed an estimate",
        )
    n = len(y)
    if not n:
        return StratifiedMean(0, None, None, 0, None, "nothing was sampled")
    z = [v / p for v, p in zip(y, inclusion_probability, strict=True)]
    est = math.fsum(z)
    if n < 2:
        return StratifiedMean(n, est, None, 0, None, "a standard error needs at least two cases")
    se = math.sqrt(n / (n - 1) * math.fsum((v - est / n) ** 2 for v in z))
    return StratifiedMean(n, est, se, n - 1, _t_interval(est, se, n - 1, conf_level))


def _check_stratum(size: int, n: int) -> None:
    if n < 1 or n > size:
        raise BadInput(
            Code.INCOMPLETE,
            "Every stratum needs at least one sampled case, and no more than it holds",
            where="strata",
            why="Nothing is known about a stratum nobody was drawn from",
            next_step="Join it to another stratum, or report the others alone and say so",
        )


def _by_stratum(
    y: Sequence[float], stratum: Sequence[str], population: Mapping[str, int], inside: Sequence[float]
) -> dict[str, list[tuple[float, float]]]:
    if not len(y) == len(stratum) == len(inside) or not len(y):
        raise BadInput(Code.BAD_VALUE, "Every sampled case needs a value and a stratum", where="y, stratum")
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for v, h, d in zip(y, stratum, inside, strict=True):
        if h not in population:
            raise BadInput(Code.NOT_FOUND, "A sampled case is in a stratum of unknown size", where=str(h))
        groups[h].append((float(v), d))
    for h, size in population.items():
        _check_stratum(size, len(groups.get(h, ())))
    return dict(sorted(groups.items()))


def _with_interval(
    est: float,
    values: Mapping[str, Sequence[float]],
    population: Mapping[str, int],
    n: int,
    fpc: bool,
    conf_level: float,
) -> StratifiedMean:
    """The standard error of sum N_h mean_h(values), and the t interval around `est`."""
    check_conf_level(conf_level)
    df = n - len(values)
    variance = []
    for h, v in values.items():
        k, size = len(v), population[h]
        if k == size and fpc:
            continue
        if k == 1:
            return StratifiedMean(n, est, None, df, None, LONE_CASE)
        mean = math.fsum(v) / k
        spread = math.fsum((x - mean) ** 2 for x in v) / (k - 1)
        variance.append(size**2 * (1 - (k / size if fpc else 0.0)) * spread / k)
    se = math.sqrt(math.fsum(variance))
    return StratifiedMean(n, est, se, df, _t_interval(est, se, df, conf_level) if df else (est, est))


def _t_interval(est: float, se: float, df: int, conf_level: float) -> Interval:
    from scipy.stats import t

    half = float(t.ppf(0.5 + conf_level / 2, df)) * se
    return est - half, est + half


def _proportion_intervals(
    p: float, se: float, df: int, n: int, successes: int, census: bool, conf_level: float
) -> tuple[Interval | None, Interval | None, str]:
    """Logit t and Korn-Graubard beta intervals, with the rules for the ends."""
    from scipy.stats import beta, t

    if census:
        return (p, p), (p, p), ""
    if successes in {0, n}:
        exact = clopper_pearson(successes, n, conf_level)
        return exact, exact, ""
    if se == 0 or df < 1:
        return None, None, "each stratum shows one answer only, so the spread cannot be judged"
    reach = float(t.ppf(0.5 + conf_level / 2, df))
    middle, half = math.log(p / (1 - p)), reach * se / (p * (1 - p))
    logit = 1 / (1 + math.exp(half - middle)), 1 / (1 + math.exp(-half - middle))
    effective = p * (1 - p) / se**2 * (float(t.ppf(0.5 + conf_level / 2, n - 1)) / reach) ** 2
    yes, no, tail = p * effective, (1 - p) * effective, (1 - conf_level) / 2
    careful = float(beta.ppf(tail, yes, no + 1)), float(beta.ppf(1 - tail, yes + 1, no))
    return logit, careful, ""
