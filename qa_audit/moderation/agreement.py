"""Can the grade be trusted: everything a moderation report says on agreement, in the order it says it.

First counts and percentages, then direction, then coefficients with intervals that hold at small sizes. Grades
are 1 = Outstanding .. 4 = Inadequate; shift positive = the first rater (the auditor) more generous. Figures describe
double-graded cases only, and only if the moderator graded blind and the cases were chosen at random do they speak for more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qa_audit.errors import BadInput, Code
from qa_audit.moderation.coefficients import (
    NOTHING_TWICE,
    Coefficient,
    Share,
    adjacent_agreement,
    agreement_interval,
    alpha_of_patterns,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    gwet_of_patterns,
    krippendorff_alpha,
    percent_agreement,
)
from qa_audit.moderation.drift import (
    MarginTest,
    SignTest,
    direction_sign_test,
    good_or_better_change,
    mean_signed_shift,
    stuart_maxwell,
)
from qa_audit.moderation.gradings import (
    Patterns,
    Ratings,
    SinglyRated,
    Weights,
    as_ratings,
    patterns_of,
    table_of,
)
from qa_audit.sampling.figures import Est, Json

__all__ = [
    "AgreementSummary",
    "Coefficient",
    "Share",
    "adjacent_agreement",
    "agreement_by_group",
    "agreement_interval",
    "agreement_summary",
    "cohen_kappa",
    "fleiss_kappa",
    "gwet_ac",
    "interval_too_short",
    "krippendorff_alpha",
    "percent_agreement",
]

FEWEST_FOR_COEFFICIENTS = 10
FEWEST_FOR_FULL_WEIGHT = 20
ONE_GRADE_RULES = 0.8
"""Above this share of one grade kappa is unstable and AC2 leads."""

DOMINANT = 0.7
"""Above this share of one grade the intervals of kappa and alpha cover too little at small sizes."""
INTERVAL_FROM = {"cohen_kappa": 100, "krippendorff_alpha_ordinal": 30}
"""Double-graded cases from which they cover enough all the same (`python -m benchmarks.coverage --full`)."""

Standing = Literal["nothing", "counts", "indicative", "full"]


@dataclass(frozen=True, slots=True)
class AgreementSummary:
    """All figures of one comparison. `matrix` has the first rater in rows, the second in columns."""

    n_cases: int
    n_double_graded: int
    matrix: tuple[tuple[int, ...], ...]
    exact: Est
    adjacent: Est
    direction: SignTest
    mean_signed_shift: Est
    good_or_better_change: Est
    cohen_kappa: Est
    gwet_ac2: Est
    krippendorff_alpha_ordinal: Est
    stuart_maxwell: MarginTest
    standing: Standing
    """What may be shown: counts only below 10 double-graded cases, coefficients as indicative below 20."""
    grade_mix: tuple[float, ...] | None
    """Share of all gradings of double-graded cases in each grade."""
    weights: str
    warnings: tuple[str, ...]

    def as_json(self) -> Json:
        """The document of `qa-audit agreement --json`."""
        direction: Json = {
            "n_generous": self.direction.n_generous,
            "n_harsh": self.direction.n_harsh,
            "p_value": self.direction.p_value,
        }
        if self.direction.reason:
            direction["reason"] = self.direction.reason
        return {
            "n_cases": self.n_cases,
            "n_double_graded": self.n_double_graded,
            "matrix": [list(row) for row in self.matrix],
            "exact": self.exact.as_json(),
            "adjacent": self.adjacent.as_json(),
            "direction": direction,
            "mean_signed_shift": self.mean_signed_shift.as_json(),
            "good_or_better_change": self.good_or_better_change.as_json(),
            "cohen_kappa": self.cohen_kappa.as_json(),
            "gwet_ac2": self.gwet_ac2.as_json(),
            "krippendorff_alpha_ordinal": self.krippendorff_alpha_ordinal.as_json(),
            "stuart_maxwell": self.stuart_maxwell.as_json(),
            "standing": self.standing,
            "grade_mix": list(self.grade_mix) if self.grade_mix else None,
            "weights": self.weights,
            "warnings": list(self.warnings),
        }


def agreement_summary(
    ratings: Ratings,
    categories: int = 4,
    weights: Weights = "quadratic",
    conf_level: float = 0.95,
    singly_rated: SinglyRated = "exclude",
    *,
    blind: bool | None = None,
    chosen: Literal["random", "targeted"] | None = None,
) -> AgreementSummary:
    """Everything on one set of gradings: cases in rows, raters in columns, 1..categories, None (or 0) = not graded.

    The first column is the first rater (the auditor). With more than two raters the table compares the first two gradings
    of each case, AC2 and alpha use them all. `blind` and `chosen` only add the warnings a reader must see.
    """
    grades = as_ratings(ratings, categories)
    patterns = patterns_of(grades, categories=categories)
    table = table_of(grades, categories)
    twice = patterns.graded(2)
    n = twice.n
    mix = _mix(twice)
    return AgreementSummary(
        n_cases=len(grades),
        n_double_graded=n,
        matrix=tuple(tuple(int(v) for v in row) for row in table),
        exact=percent_agreement(table, conf_level).as_est(),
        adjacent=adjacent_agreement(table, conf_level).as_est(),
        direction=direction_sign_test(table),
        mean_signed_shift=mean_signed_shift(table, conf_level),
        good_or_better_change=good_or_better_change(table, conf_level),
        cohen_kappa=cohen_kappa(table, weights, conf_level).as_est(),
        gwet_ac2=gwet_of_patterns(patterns, weights, conf_level, singly_rated).as_est(),
        krippendorff_alpha_ordinal=alpha_of_patterns(patterns, "ordinal", conf_level).as_est(),
        stuart_maxwell=stuart_maxwell(table),
        standing=_standing(n),
        grade_mix=mix,
        weights=weights if isinstance(weights, str) else "own",
        warnings=tuple(_warnings(n, mix, grades.shape[1], blind, chosen)),
    )


def agreement_by_group(
    ratings: Ratings,
    group: Sequence[str],
    categories: int = 4,
    weights: Weights = "quadratic",
    conf_level: float = 0.95,
    singly_rated: SinglyRated = "exclude",
) -> dict[str, AgreementSummary]:
    """A summary for each group of cases (a cohort, a practice area, an auditor), in the order of their names."""
    import numpy as np

    grades = as_ratings(ratings, categories)
    if len(group) != len(grades):
        raise BadInput(Code.BAD_VALUE, "Every case needs one group", where="group")
    names = np.asarray([str(g) for g in group])
    return {
        str(name): agreement_summary(grades[names == name], categories, weights, conf_level, singly_rated)
        for name in sorted(set(names.tolist()))
    }


def interval_too_short(figure: str, n: int, grade_mix: Sequence[float] | None) -> str:
    """Why a paper should print the figure without its interval; "" when it may print it.

    `figure` is a field of `AgreementSummary`. Where one grade dominates, few cases decide kappa and alpha, and their
    intervals were measured to hold the truth in as few as two exercises of three.
    """
    enough = INTERVAL_FROM.get(figure, 0)
    if n >= enough or not grade_mix or max(grade_mix) <= DOMINANT:
        return ""
    return f"One grade holds {max(grade_mix):.0%} of the gradings: an interval would be too short below {enough} cases"


def _standing(n: int) -> Standing:
    if n == 0:
        return "nothing"
    if n < FEWEST_FOR_COEFFICIENTS:
        return "counts"
    return "indicative" if n < FEWEST_FOR_FULL_WEIGHT else "full"


def _mix(twice: Patterns) -> tuple[float, ...] | None:
    used = (twice.times[:, None] * twice.counts).sum(axis=0)
    return tuple(float(v) for v in used / used.sum()) if twice.n else None


def _warnings(
    n: int, mix: Sequence[float] | None, raters: int, blind: bool | None, chosen: str | None
) -> list[str]:
    out = []
    if n == 0:
        out.append(f"Nothing can be said: {NOTHING_TWICE}.")
    elif n < FEWEST_FOR_COEFFICIENTS:
        out.append(
            f"Only {n} cases were graded twice: look at the counts and percentages, not at coefficients."
        )
    elif n < FEWEST_FOR_FULL_WEIGHT:
        out.append(
            f"Only {n} cases were graded twice: coefficients are indicative, their intervals are wide."
        )
    if mix and max(mix) > ONE_GRADE_RULES:
        out.append(
            f"One grade holds {max(mix):.0%} of the gradings: kappa is unstable here, read AC2 and exact agreement."
        )
    if n and raters > 2:
        out.append(
            "More than two raters: the matrix and the direction compare the first two gradings of each case."
        )
    if blind is False:
        out.append("The moderator saw the auditor's grade, which makes agreement look better than it is.")
    if chosen == "targeted":
        out.append("These cases were not chosen at random: the figures describe them alone.")
    return out
