"""Agreement coefficients for ordered grades, with standard errors and intervals that hold at small sizes.

All proportions and coefficients are plain numbers, 1 = complete agreement. A coefficient that the data do not
define (everybody used one grade; nothing graded twice) is None with the reason; no interval passes -1 or 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qa_audit.errors import BadInput, Code
from qa_audit.moderation.gradings import (
    Patterns,
    Ratings,
    SinglyRated,
    Table,
    Weights,
    agreement_weights,
    as_table,
    patterns_of,
)
from qa_audit.sampling.figures import Est, Interval, check_conf_level
from qa_audit.sampling.size import wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]

NOTHING_TWICE = "no case was graded twice"
ONE_GRADE = "everybody used one and the same grade, so agreement beyond chance cannot be worked out"
ONE_CASE = "a standard error needs at least two cases"
NO_SHARE_ERROR = "a share of none or all has no standard error: the interval says how sure one can be"
NO_SPREAD = "the standard error is 0: rely on the interval of exact agreement instead"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of double-graded cases with its Wilson interval."""

    n: int
    agree: int
    est: float | None
    ci: Interval | None
    reason: str = ""

    def as_est(self) -> Est:
        """The same as an estimate with the binomial standard error sqrt(p (1 - p) / n); none at 0 and 1."""
        if self.est is None:
            return Est(0, None, reason=self.reason)
        if self.est in {0.0, 1.0}:
            return Est(self.n, self.est, None, self.ci, NO_SHARE_ERROR)
        return Est(self.n, self.est, math.sqrt(self.est * (1 - self.est) / self.n), self.ci)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement. `ci` is the interval to show (Fisher-z t); `ci_wald` the textbook one."""

    n: int
    """Cases it rests on."""
    est: float | None
    se: float | None
    ci: Interval | None
    ci_wald: Interval | None = None
    observed_agreement: float | None = None
    chance_agreement: float | None = None
    n_two_or_more: int = 0
    """Cases with at least two gradings."""
    reason: str = ""

    def as_est(self) -> Est:
        """The contract's shape: n, est, se, ci, reason."""
        return Est(self.n, self.est, self.se, self.ci, self.reason)


def percent_agreement(table: Table, conf_level: float = 0.95) -> Share:
    """Exact agreement: the share of cases with the same grade twice; Wilson interval."""
    return _share(table, 0, conf_level)


def adjacent_agreement(table: Table, conf_level: float = 0.95) -> Share:
    """Agreement within one grade: the share of cases with the same or the next grade; Wilson interval."""
    return _share(table, 1, conf_level)


def cohen_kappa(
    table: Table,
    weights: Weights = "quadratic",
    conf_level: float = 0.95,
    *,
    disagreement_weights: Table | None = None,
) -> Coefficient:
    """Cohen's (weighted) kappa of two raters.

    Cohen (1960, 1968); standard error of Fleiss, Cohen and Everitt (1969) for any weights. `ci_wald` is est +/- z se.
    `disagreement_weights` (0 on the diagonal) may be given in place of agreement weights.
    """
    import numpy as np
    from scipy.stats import norm

    check_conf_level(conf_level)
    counts = as_table(table)
    total = float(counts.sum())
    n = round(total)
    if total == 0:
        return Coefficient(0, None, None, None, reason=NOTHING_TWICE)
    if disagreement_weights is not None:
        apart = as_table(disagreement_weights)
        w = 1 - apart / max(float(apart.max()), 1e-300)
    else:
        w = agreement_weights(weights, len(counts))
    row, column = counts.sum(axis=1), counts.sum(axis=0)
    observed = float((w * counts).sum() / total)
    chance = float((w * np.outer(row, column)).sum() / total**2)
    if ((row + column) > 0).sum() == 1 or 1 - chance < 1e-12:
        return Coefficient(n, None, None, None, None, observed, chance, n, ONE_GRADE)
    est = (observed - chance) / (1 - chance)
    if n < 2:
        return Coefficient(n, est, None, None, None, observed, chance, n, ONE_CASE)
    row_mean, column_mean = (w @ column) / total, (w.T @ row) / total
    p = counts / total
    spread = float((p * (w - (row_mean[:, None] + column_mean[None, :]) * (1 - est)) ** 2).sum())
    variance = (spread - (est - chance * (1 - est)) ** 2) / (total * (1 - chance) ** 2)
    se = 0.0 if observed == 1 else math.sqrt(max(variance, 0.0))
    z = float(norm.ppf(0.5 + conf_level / 2))
    return _coefficient(n, n, est, se, z, observed, chance, conf_level)


def gwet_ac(
    ratings: Ratings | None = None,
    weights: Weights = "quadratic",
    conf_level: float = 0.95,
    singly_rated: SinglyRated = "exclude",
    *,
    table: Table | None = None,
    counts: Table | None = None,
    categories: int = 4,
) -> Coefficient:
    """Gwet's AC1 (identity weights) or AC2 of any number of raters with gradings missing.

    Gwet (2008), Handbook of Inter-Rater Reliability (2014) ch. 4-5; the standard error has the n - 1 divisor of the raw-data
    routine. With "include", cases graded once still count in the chance term and in n (irrCAC); "exclude" uses
    double-graded cases only. `ci_wald` is est +/- t(n - 1) se, cut at -1 and 1.
    """
    found = patterns_of(ratings, table=table, counts=counts, categories=categories)
    return gwet_of_patterns(found, weights, conf_level, singly_rated)


def gwet_of_patterns(
    found: Patterns, weights: Weights, conf_level: float, singly_rated: SinglyRated
) -> Coefficient:
    """`gwet_ac` of gradings already read into patterns."""
    return _chance_corrected(found, weights, conf_level, singly_rated, "gwet")


def fleiss_kappa(
    ratings: Ratings | None = None,
    weights: Weights = "identity",
    conf_level: float = 0.95,
    singly_rated: SinglyRated = "exclude",
    *,
    table: Table | None = None,
    counts: Table | None = None,
    categories: int = 4,
) -> Coefficient:
    """Fleiss' kappa of any number of raters with gradings missing.

    Fleiss (1971); standard error for a sample of cases by Gwet (2014), not Fleiss' null one.
    """
    found = patterns_of(ratings, table=table, counts=counts, categories=categories)
    return _chance_corrected(found, weights, conf_level, singly_rated, "fleiss")


def krippendorff_alpha(
    ratings: Ratings | None = None,
    level: Level = "ordinal",
    conf_level: float = 0.95,
    *,
    table: Table | None = None,
    counts: Table | None = None,
    categories: int = 4,
    resample: Literal["jackknife", "bootstrap"] = "jackknife",
    replicates: int = 2000,
    seed: int = 1,
) -> Coefficient:
    """Krippendorff's alpha from the coincidences of all cases with two gradings or more.

    Krippendorff (2011) Computing Krippendorff's Alpha-Reliability; the ordinal metric uses mid-ranks. Printed standard errors differ for
    unbalanced data, so cases are resampled: leave one case out (exact, always the same), or a case
    bootstrap of `replicates` with numpy's PCG64 from `seed`. The interval is Fisher-z t on that.
    """
    found = patterns_of(ratings, table=table, counts=counts, categories=categories)
    return alpha_of_patterns(found, level, conf_level, resample, replicates, seed)


def alpha_of_patterns(
    patterns: Patterns,
    level: Level,
    conf_level: float,
    resample: Literal["jackknife", "bootstrap"] = "jackknife",
    replicates: int = 2000,
    seed: int = 1,
) -> Coefficient:
    """`krippendorff_alpha` of gradings already read into patterns."""
    import numpy as np

    check_conf_level(conf_level)
    found = patterns.graded(2)
    n = found.n
    if n == 0:
        return Coefficient(0, None, None, None, reason=NOTHING_TWICE)
    held = found.counts
    each = (held[:, :, None] * held[:, None, :] - held[:, :, None] * np.eye(held.shape[1])) / (
        held.sum(axis=1)[:, None, None] - 1
    )
    whole = np.tensordot(found.times, each, axes=1)
    value = _alpha(whole[None], level)[0]
    if math.isnan(value):
        return Coefficient(n, None, None, None, n_two_or_more=n, reason=ONE_GRADE)
    est = float(value)
    if n < 2:
        return Coefficient(n, est, None, None, n_two_or_more=n, reason=ONE_CASE)
    if resample == "jackknife":
        without = _alpha(whole[None] - each, level)
        times = np.where(np.isnan(without), 0.0, found.times)
        left = float(times.sum())
        middle = float((times * np.nan_to_num(without)).sum() / left) if left else est
        squares = float((times * (np.nan_to_num(without) - middle) ** 2).sum())
        se = math.sqrt((n - 1) / n * squares)
    else:
        draws = np.random.default_rng(seed).multinomial(n, found.times / n, size=replicates)
        values = _alpha(np.tensordot(draws, each, axes=1), level)
        se = float(np.nanstd(values, ddof=1))
    return _coefficient(n, n, est, se, None, None, None, conf_level)


def agreement_interval(est: float, se: float, n: int, conf_level: float = 0.95) -> Interval | None:
    """tanh(atanh(est) +/- t(n - 1) se / (1 - est^2)): the interval for kappa, AC and alpha at small sizes.

    Fisher's z with Student's t; its measured coverage at 10 to 100 cases is near the nominal one, that of est +/- z se
    is not. None when se = 0, |est| = 1 or n < 2: then say the Wilson interval of exact agreement.
    """
    from scipy.stats import t

    check_conf_level(conf_level)
    if n < 2 or not se > 0 or abs(est) >= 1:
        return None
    half = float(t.ppf(0.5 + conf_level / 2, n - 1)) * se / (1 - est * est)
    return math.tanh(math.atanh(est) - half), math.tanh(math.atanh(est) + half)


def _share(table: Table, within: int, conf_level: float) -> Share:
    import numpy as np

    check_conf_level(conf_level)
    counts = as_table(table)
    n = round(float(counts.sum()))
    if n == 0:
        return Share(0, 0, None, None, NOTHING_TWICE)
    place = np.arange(len(counts))
    agree = round(float(counts[np.abs(place[:, None] - place[None, :]) <= within].sum()))
    return Share(n, agree, agree / n, wilson(agree, n, conf_level))


def _chance_corrected(
    found: Patterns, weights: Weights, conf_level: float, singly_rated: SinglyRated, kind: str
) -> Coefficient:
    """AC and Fleiss' kappa share everything but the chance term (Gwet 2014, linearised variance)."""
    import numpy as np
    from scipy.stats import t

    check_conf_level(conf_level)
    if singly_rated not in {"exclude", "include"}:
        raise BadInput(Code.BAD_VALUE, "Cases graded once are exclude or include", where="singly_rated")
    twice = found.graded(2)
    used = found if singly_rated == "include" else twice
    if twice.n == 0:
        return Coefficient(used.n, None, None, None, reason=NOTHING_TWICE)
    held, times = used.counts, used.times
    n, n_twice, q = used.n, twice.n, held.shape[1]
    w = agreement_weights(weights, q)
    r = held.sum(axis=1)
    pairs = np.where(r >= 2, r * (r - 1), 1.0)
    agreed = np.where(r >= 2, (held * (held @ w - 1)).sum(axis=1) / pairs, 0.0)
    observed = float((times * agreed).sum() / n_twice)
    pi = (times[:, None] * held / r[:, None]).sum(axis=0) / n
    if kind == "gwet":
        scale = float(w.sum()) / (q * (q - 1))
        chance = scale * float((pi * (1 - pi)).sum())
        own_chance = scale * (held @ (1 - pi)) / r
    else:
        chance = float(pi @ w @ pi)
        own_chance = (held @ (w @ pi)) / r
    if kind != "gwet" and (pi > 0).sum() == 1:
        return Coefficient(n, None, None, None, None, observed, chance, n_twice, ONE_GRADE)
    est = (observed - chance) / (1 - chance)
    if n < 2:
        return Coefficient(n, est, None, None, None, observed, chance, n_twice, ONE_CASE)
    own = np.where(r >= 2, (n / n_twice) * (agreed - chance) / (1 - chance), 0.0)
    own = own - 2 * (1 - est) * (own_chance - chance) / (1 - chance)
    se = math.sqrt(float((times * (own - est) ** 2).sum()) / (n * (n - 1)))
    reach = float(t.ppf(0.5 + conf_level / 2, n - 1))
    return _coefficient(n, n_twice, est, se, reach, observed, chance, conf_level)


def _coefficient(
    n: int,
    n_twice: int,
    est: float,
    se: float,
    reach: float | None,
    observed: float | None,
    chance: float | None,
    conf_level: float,
) -> Coefficient:
    ci = agreement_interval(est, se, n, conf_level)
    wald = None if reach is None else (max(-1.0, est - reach * se), min(1.0, est + reach * se))
    reason = "" if ci else NO_SPREAD
    return Coefficient(n, est, se, ci, wald, observed, chance, n_twice, reason)


def _alpha(coincidences: NDArray[np.float64], level: Level) -> NDArray[np.float64]:
    """Alpha of each table of coincidences (stacked); NaN inside here only, where one grade alone was used."""
    import numpy as np

    margins = np.clip(coincidences.sum(axis=-1), 0.0, None)
    q = margins.shape[-1]
    place = np.broadcast_to(np.arange(1.0, q + 1), margins.shape)
    if level == "ordinal":
        place = np.cumsum(margins, axis=-1) - margins / 2
    apart = np.abs(place[..., :, None] - place[..., None, :])
    if level == "nominal":
        apart = (apart > 0).astype(np.float64)
    elif level == "ratio":
        apart = apart / (place[..., :, None] + place[..., None, :])
    elif level not in {"ordinal", "interval"}:
        raise BadInput(Code.BAD_VALUE, "Levels are nominal, ordinal, interval, ratio", where="level")
    seen = (coincidences * apart**2).sum(axis=(-1, -2))
    by_chance = (margins[..., :, None] * margins[..., None, :] * apart**2).sum(axis=(-1, -2))
    total = margins.sum(axis=-1)
    one_grade = (margins > 1e-9).sum(axis=-1) < 2
    with np.errstate(invalid="ignore", divide="ignore"):
        out: NDArray[np.float64] = np.where(one_grade, np.nan, 1 - (total - 1) * seen / by_chance)
    return out
