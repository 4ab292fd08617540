"""Agreement statistics from the public packages, or from their definitions by numerical differentiation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import krippendorff
import numpy as np
from scipy import stats

Pairs = Sequence[tuple[int, int]]
Value = tuple[float, float, float]


def wilson(k: int, n: int) -> tuple[float, float]:
    found = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def sign_p(plus: int, minus: int) -> float:
    """The exact two-sided sign test."""
    return float(stats.binomtest(plus, plus + minus, 0.5).pvalue)


def mean_interval(values: Sequence[int]) -> Value:
    """Mean with Student's interval."""
    n, mean = len(values), float(np.mean(values))
    half = float(stats.t.ppf(0.975, n - 1)) * float(np.std(values, ddof=1)) / n**0.5
    return mean, mean - half, mean + half


def fisher(est: float, se: float, n: int) -> Value:
    """Fisher's z with Student's t, as the method notes say for coefficients."""
    half = float(stats.t.ppf(0.975, n - 1)) * se / (1 - est**2)
    return est, float(np.tanh(np.arctanh(est) - half)), float(np.tanh(np.arctanh(est) + half))


def shares(pairs: Pairs) -> np.ndarray:
    table = np.zeros((4, 4))
    for x, y in pairs:
        table[x - 1, y - 1] += 1
    return table / len(pairs)


WEIGHTS = 1 - (np.subtract.outer(np.arange(4), np.arange(4)) / 3.0) ** 2


def delta_error(value: Callable[[np.ndarray], float], p: np.ndarray, divisor: int) -> float:
    """Standard error of a function of multinomial shares by the delta method, its slope by differences."""
    slope, step = np.zeros_like(p), 1e-6
    for cell in np.ndindex(p.shape):
        up, down = p.copy(), p.copy()
        up[cell] += step
        down[cell] -= step
        slope[cell] = (value(up) - value(down)) / (2 * step)
    return float(np.sqrt(((p * slope**2).sum() - (p * slope).sum() ** 2) / divisor))


def quadratic_kappa(pairs: Pairs) -> Value:
    """Cohen's kappa; its large-sample error is that of the delta method (Fleiss, Cohen and Everitt 1969)."""

    def kappa(p: np.ndarray) -> float:
        chance = (WEIGHTS * np.outer(p.sum(1), p.sum(0))).sum()
        return float(((WEIGHTS * p).sum() - chance) / (1 - chance))

    p = shares(pairs)
    return fisher(kappa(p), delta_error(kappa, p, len(pairs)), len(pairs))


def gwet_ac2(pairs: Pairs) -> Value:
    """Gwet's AC2; the error of a sample of cases has the n - 1 divisor."""

    def ac2(p: np.ndarray) -> float:
        pi = (p.sum(1) + p.sum(0)) / 2
        chance = WEIGHTS.sum() / 12 * (pi * (1 - pi)).sum()
        return float(((WEIGHTS * p).sum() - chance) / (1 - chance))

    p = shares(pairs)
    return fisher(ac2(p), delta_error(ac2, p, len(pairs) - 1), len(pairs))


def alpha(pairs: Pairs) -> Value:
    """Krippendorff's ordinal alpha from the package of that name, its error by leaving out one case."""

    def of(some: Pairs) -> float:
        data = np.array(some, dtype=float).T
        return float(krippendorff.alpha(data, level_of_measurement="ordinal", value_domain=[1, 2, 3, 4]))

    n = len(pairs)
    without = [of([*pairs[:i], *pairs[i + 1 :]]) for i in range(n)]
    error = float(np.sqrt((n - 1) / n * np.sum((np.array(without) - np.mean(without)) ** 2)))
    return fisher(of(pairs), error, n)
