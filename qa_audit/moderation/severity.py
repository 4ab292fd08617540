"""Who grades generously: each auditor's mean shift, pulled towards the average by how little is known.

Shift = moderator - auditor in grade steps (1 = Outstanding .. 4 = Inadequate), so positive = the auditor was more
generous. These figures flag, they do not rank: name only auditors whose interval leaves 0 out. They suppose
that each auditor's moderated cases are comparable, which a random choice makes sure of.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.figures import Interval, check_conf_level

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ONE_AUDITOR = "one auditor only: what differs between auditors cannot be told from the cases"
ONE_CASE_EACH = "every auditor has one moderated case: auditors cannot be told apart from cases"


@dataclass(frozen=True, slots=True)
class Severity:
    """Shrunken shifts per auditor, in the unit of the values. Sequences follow `levels` (sorted)."""

    levels: tuple[str, ...]
    n: tuple[int, ...]
    raw_mean: tuple[float, ...]
    overall: float | None
    overall_se: float | None
    sd_between: float | None
    """Spread between auditors; 0 = no evidence that auditors differ."""
    sd_within: float | None
    shrunken_effect: tuple[float, ...] | None
    """Each auditor's shift relative to the overall one, already pulled towards 0."""
    shrunken_sd: tuple[float, ...] | None
    ci: tuple[Interval, ...] | None
    shrinkage: tuple[float, ...] | None
    """How far each raw difference was pulled to the average: 0 = not at all, 1 = all the way."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrdinalSeverity:
    """A cumulative-logit model with one random intercept per auditor, on the logit scale."""

    levels: tuple[str, ...]
    categories: tuple[int, ...]
    """The grades that occur; thresholds stand between them."""
    thresholds: tuple[float, ...] | None
    coef: tuple[float, ...] | None
    coef_names: tuple[str, ...]
    sd_random: float | None
    loglik: float | None
    random_modes: tuple[float, ...] | None
    random_modes_sd: tuple[float, ...] | None
    reason: str = ""


def severity_shrinkage(value: Sequence[float], group: Sequence[object], conf_level: float = 0.95) -> Severity:
    """One-way random effects by REML with closed-form BLUPs: value = overall + effect[group] + error.

    Searle, Casella and McCulloch (1992) ch. 3; Robinson (1991) for the BLUP; equals lme4. `value` is one shift per
    moderated case in grade steps (positive = generous). `shrunken_sd` is the conditional one, given the variances,
    and does not hold the uncertainty of `overall`.
    """
    import numpy as np
    from scipy.stats import norm

    check_conf_level(conf_level)
    y = np.asarray(value, dtype=np.float64)
    if y.ndim != 1 or len(y) != len(group) or not np.isfinite(y).all():
        raise BadInput(
            Code.BAD_VALUE, "Every value needs an auditor, and must be a number", where="value, group"
        )
    levels, code = _levels(group)
    k, total = len(levels), len(y)
    n = np.bincount(code, minlength=k).astype(np.float64)
    mean = np.bincount(code, y, minlength=k) / n
    within = float(((y - mean[code]) ** 2).sum())
    counts, means = tuple(int(v) for v in n), tuple(float(v) for v in mean)
    if k < 2 or total == k:
        reason = "nothing was moderated" if not k else ONE_AUDITOR if k < 2 else ONE_CASE_EACH
        overall = float(y.mean()) if total else None
        se = float(y.std(ddof=1)) / math.sqrt(total) if total > 1 else None
        return Severity(levels, counts, means, overall, se, None, None, None, None, None, None, reason)
    ratio = _reml_ratio(n, mean, within)
    if math.isinf(ratio):
        # no spread inside any auditor: the means are known exactly and nothing is pulled
        share, middle = np.ones(k), float(mean.mean())
        between, error = float(mean.var(ddof=1)), 0.0
        se_overall = math.sqrt(between / k)
        sd = np.zeros(k)
    else:
        w = n / (1 + n * ratio)
        middle = float((w * mean).sum() / w.sum())
        error = (within + float((w * (mean - middle) ** 2).sum())) / (total - 1)
        between = ratio * error
        se_overall = math.sqrt(error / float(w.sum()))
        share = n * ratio / (1 + n * ratio)
        sd = np.sqrt(between / (1 + n * ratio))
    effect = share * (mean - middle)
    z = float(norm.ppf(0.5 + conf_level / 2))
    return Severity(
        levels,
        counts,
        means,
        middle,
        se_overall,
        math.sqrt(between),
        math.sqrt(error),
        tuple(float(v) for v in effect),
        tuple(float(v) for v in sd),
        tuple((float(e - z * s), float(e + z * s)) for e, s in zip(effect, sd, strict=True)),
        tuple(float(1 - v) for v in share),
    )


def severity_ordinal(
    grade: Sequence[int],
    x: Mapping[str, Sequence[float]],
    group: Sequence[object],
    quadrature_points: int = 11,
) -> OrdinalSeverity:
    """P(grade <= k) = logistic(threshold_k - x coef - u_group), u ~ N(0, sd_random^2), by maximum likelihood.

    Adaptive Gauss-Hermite quadrature (Pinheiro and Bates 1995; 1 point = Laplace) on the distinct cells of (auditor, x, grade);
    equals R ordinal::clmm. With `grade` the auditor's and `x` the moderator's grade, a negative mode = an auditor who
    gives better grades than others would for the same case: generous. Offer from 100 double-graded cases and 5 auditors.
    """
    import numpy as np
    from scipy.optimize import minimize

    levels, code = _levels(group)
    names = tuple(x)
    design = np.column_stack(
        [np.asarray(x[name], dtype=np.float64) for name in names] or [np.zeros((len(code), 0))]
    )
    given = np.asarray(grade, dtype=np.int64)
    if (
        given.ndim != 1
        or len(given) != len(code)
        or len(design) != len(code)
        or not np.isfinite(design).all()
        or quadrature_points < 1
    ):
        raise BadInput(
            Code.BAD_VALUE, "Every grade needs an auditor and its x values", where="grade, x, group"
        )
    used, y = np.unique(given, return_inverse=True)
    categories = tuple(int(v) for v in used)
    if len(levels) < 2 or len(used) < 2:
        reason = ONE_AUDITOR if len(levels) < 2 else "one grade only was given"
        return OrdinalSeverity(levels, categories, None, None, names, None, None, None, None, reason)
    model = _Ordinal(y, design, code, len(levels), len(used), quadrature_points)
    fit = minimize(model.minus_loglik, model.start(), method="BFGS", jac="3-point", options={"gtol": 1e-5})
    thresholds, coef, sd = model.unpack(fit.x)
    z, z_sd = model.modes(fit.x)
    settled = bool(np.isfinite(fit.fun)) and float(np.abs(fit.x).max()) < 30
    if not settled:
        reason = "the model did not settle: x tells the grades apart completely, or there are too few cases"
        return OrdinalSeverity(levels, categories, None, None, names, None, None, None, None, reason)
    return OrdinalSeverity(
        levels,
        categories,
        tuple(float(v) for v in thresholds),
        tuple(float(v) for v in coef),
        names,
        abs(sd),
        -float(fit.fun),
        tuple(float(sd * v) for v in z),
        tuple(float(abs(sd) * v) for v in z_sd),
    )


def _levels(group: Sequence[object]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Sorted distinct auditors as text (numbers in the order of numbers), and each case's place among them."""
    import numpy as np

    distinct = sorted(set(group), key=lambda g: (0, g, "") if isinstance(g, int | float) else (1, 0, str(g)))
    place = {g: i for i, g in enumerate(distinct)}
    return tuple(str(g) for g in distinct), np.array([place[g] for g in group], dtype=np.int64)


def _reml_ratio(n: NDArray[np.float64], mean: NDArray[np.float64], within: float) -> float:
    """The between/within variance ratio that the restricted likelihood prefers; 0 and infinity are answers too."""
    import numpy as np
    from scipy.optimize import minimize_scalar

    total = float(n.sum())
    if within <= 1e-12 * max(1.0, float((mean**2).max()) * total):
        return math.inf if float(np.ptp(mean)) > 1e-9 else 0.0

    def minus_twice_loglik(ratio: float) -> float:
        one = 1 + n * ratio
        w = n / one
        middle = (w * mean).sum() / w.sum()
        rest = within + (w * (mean - middle) ** 2).sum()
        return float(np.log(one).sum() + np.log(w.sum()) + (total - 1) * np.log(rest))

    grid = np.linspace(-14, 14, 57)
    best = float(grid[int(np.argmin([minus_twice_loglik(math.exp(g)) for g in grid]))])
    found = minimize_scalar(
        lambda g: minus_twice_loglik(math.exp(g)),
        bounds=(best - 0.5, best + 0.5),
        method="bounded",
        options={"xatol": 1e-10},
    )
    ratio = math.exp(float(found.x))
    # a spread of 0 is a legitimate answer, and a flat likelihood near 0 must not pass for a small one
    return ratio if minus_twice_loglik(ratio) < minus_twice_loglik(0.0) - 1e-9 else 0.0


class _Ordinal:
    """The likelihood on distinct cells, with the random intercept as sd * z so that sd = 0 is an inner point."""

    def __init__(
        self,
        y: NDArray[np.int64],
        design: NDArray[np.float64],
        code: NDArray[np.int64],
        groups: int,
        categories: int,
        points: int,
    ) -> None:
        import numpy as np

        cells, times = np.unique(np.column_stack([code, y, design]), axis=0, return_counts=True)
        self.group = cells[:, 0].astype(np.int64)
        self.y = cells[:, 1].astype(np.int64)
        self.x = cells[:, 2:]
        self.times = times.astype(np.float64)
        self.groups, self.categories = groups, categories
        self.nodes, self.node_weights = np.polynomial.hermite_e.hermegauss(points)
        self.z = np.zeros(groups)

    def start(self) -> NDArray[np.float64]:
        """Thresholds from the overall shares, no effect of x, a middling spread."""
        import numpy as np

        share = np.cumsum(np.bincount(self.y, self.times, self.categories))[:-1] / self.times.sum()
        cut = np.log(share / (1 - share))
        steps = np.log(np.maximum(np.diff(cut), 1e-3))
        return np.concatenate([cut[:1], steps, np.zeros(self.x.shape[1]), [0.5]])

    def unpack(self, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
        """Thresholds, coefficients and the spread from the free parameters."""
        import numpy as np

        last = self.categories - 1
        rises = np.exp(np.minimum(theta[1:last], 50.0))
        thresholds = theta[0] + np.concatenate([[0.0], np.cumsum(rises)])
        return thresholds, theta[last:-1], float(theta[-1])

    def modes(self, theta: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each auditor's most likely z and its spread, by Newton's method on all auditors at once."""
        import numpy as np

        z = self.z.copy()
        slope, bend = self._slopes(theta, z)
        for _ in range(50):
            step = slope / bend
            z += np.clip(step, -2.0, 2.0)
            slope, bend = self._slopes(theta, z)
            if float(np.abs(step).max()) < 1e-10:
                break
        self.z = z
        return z, 1 / np.sqrt(bend)

    def minus_loglik(self, theta: NDArray[np.float64]) -> float:
        """Minus the marginal log-likelihood, each auditor's integral by adaptive quadrature around its mode."""
        import numpy as np
        from scipy.special import logsumexp

        z, sd = self.modes(theta)
        at = z[None, :] + sd[None, :] * self.nodes[:, None]
        parts = np.stack([self._joint(theta, row) for row in at])
        parts += np.log(self.node_weights)[:, None] + self.nodes[:, None] ** 2 / 2
        value = float((np.log(sd) - 0.5 * math.log(2 * math.pi) + logsumexp(parts, axis=0)).sum())
        return -value if math.isfinite(value) else 1e10

    def _edges(
        self, theta: NDArray[np.float64], z: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        import numpy as np
        from scipy.special import expit

        thresholds, coef, sd = self.unpack(theta)
        bounds = np.concatenate([[-np.inf], thresholds, [np.inf]])
        eta = self.x @ coef + sd * z[self.group]
        return expit(bounds[self.y + 1] - eta), expit(bounds[self.y] - eta)

    def _joint(self, theta: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-likelihood of each auditor's gradings plus minus z^2 / 2."""
        import numpy as np

        upper, lower = self._edges(theta, z)
        cell = self.times * np.log(np.maximum(upper - lower, 1e-300))
        return np.bincount(self.group, cell, self.groups) - z**2 / 2

    def _slopes(
        self, theta: NDArray[np.float64], z: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """First derivative and minus the second of `_joint` in z; the logistic makes both plain sums."""
        import numpy as np

        sd = float(theta[-1])
        upper, lower = self._edges(theta, z)
        first = -(1 - upper - lower)
        second = upper * (1 - upper) + lower * (1 - lower)
        slope = sd * np.bincount(self.group, self.times * first, self.groups) - z
        bend = sd**2 * np.bincount(self.group, self.times * second, self.groups) + 1
        return slope, np.asarray(bend, dtype=np.float64)
