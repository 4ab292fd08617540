"""Do auditors grade alike: the figures of a calibration exercise, worked out from grades alone.

Everybody grades the same cases, which have a reference grade. Shift = reference - auditor in grade steps
(1 = Outstanding .. 4 = Inadequate): positive = the auditor was more generous. What may be shown at which size
follows the moderation report: shares and counts always, a mean shift from ten gradings, coefficients from ten
sections graded by two or more, and a single auditor is only pointed out when the interval of their shrunken shift
leaves 0 out. Gradings of one exercise share a few cases, so every interval is a guide and not a proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qa_audit.grades import Grade
from qa_audit.moderation.agreement import AgreementSummary, agreement_summary
from qa_audit.moderation.coefficients import adjacent_agreement, percent_agreement
from qa_audit.moderation.drift import SignTest, direction_sign_test, mean_signed_shift
from qa_audit.moderation.severity import severity_shrinkage
from qa_audit.sampling.figures import Est, Interval

OVERALL = "OV"
FEWEST_FOR_SHIFT = 10
"""Gradings below which a mean shift is not shown (its t interval covers too little)."""
FEWEST_IN_PICTURE = 5
"""Gradings of a section below which auditors are not shown how the others graded: they could tell who."""
GREEN, AMBER = 0.80, 0.65
"""Bands of exact agreement (public re-grades of authorities' audits ran from 43% to 80%)."""
NO_DIFFERENCE = "There is no evidence that auditors differ from each other."

Spot = tuple[str, str]
"""(case id, section code)."""
Band = Literal["green", "amber", "red", ""]


@dataclass(frozen=True, slots=True)
class Graded:
    """One auditor's grade of one section of one case."""

    case: str
    section: str
    auditor: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Reference:
    """What the panel settled on, and how many steps off still counts as near enough."""

    grade: Grade
    tolerance: int = 0


@dataclass(frozen=True, slots=True)
class SpotFigures:
    """How one section of one case was graded by everybody."""

    case: str
    section: str
    reference: Grade
    tolerance: int
    counts: tuple[int, int, int, int]
    exact: int
    within_one: int
    within_tolerance: int
    generous: int
    harsh: int
    pairs: int
    """Pairs of auditors who both graded it."""
    pairs_exact: int
    pairs_within_one: int

    @property
    def n(self) -> int:
        """Gradings."""
        return sum(self.counts)

    @property
    def steps_apart(self) -> int | None:
        """Grade steps between the best and the worst grade given; None below two gradings."""
        used = [place for place, count in enumerate(self.counts) if count]
        return used[-1] - used[0] if self.n > 1 else None

    @property
    def words(self) -> str:
        """The spread in words: "all 6 gave Good", "2 Good, 4 RI: one step apart"."""
        if not self.n:
            return "nobody graded it"
        given = [(count, Grade(place + 1).short) for place, count in enumerate(self.counts) if count]
        if len(given) == 1:
            count, grade = given[0]
            return f"all {count} gave {grade}" if count > 1 else f"one gave {grade}"
        apart = {1: "one step", 2: "two steps", 3: "three steps"}[self.steps_apart or 1]
        return f"{', '.join(f'{count} {grade}' for count, grade in given)}: {apart} apart"


@dataclass(frozen=True, slots=True)
class Against:
    """Gradings against the reference. Shares 0-1 with Wilson intervals, shift with a t interval."""

    n: int
    exact: Est
    within_one: Est
    within_tolerance: int
    direction: SignTest
    shift: Est

    @property
    def band(self) -> Band:
        """green, amber or red by exact agreement; "" below ten gradings, which are too few to judge by."""
        if self.exact.est is None or self.n < FEWEST_FOR_SHIFT:
            return ""
        return "green" if self.exact.est >= GREEN else "amber" if self.exact.est >= AMBER else "red"


@dataclass(frozen=True, slots=True)
class Between:
    """Auditors against each other, whatever the reference says: over all pairs who graded the same section."""

    pairs: int
    exact: int
    within_one: int
    coefficients: AgreementSummary | None
    """AC2 and alpha over all auditors, from ten sections graded by two or more; else None with `reason`."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AuditorFigures:
    """One auditor against the reference. For the QA unit and for that auditor alone."""

    auditor: str
    against: Against
    relative: float | None = None
    """Shrunken shift relative to all auditors, in grade steps; positive = more generous than they."""
    relative_ci: Interval | None = None
    pulled: float | None = None
    """How far the difference was pulled to the average because few sections were graded: 0-1."""
    stands_out: Literal["generous", "harsh", ""] = ""
    """Only when the interval leaves 0 out."""


@dataclass(frozen=True, slots=True)
class ExerciseFigures:
    """All figures of one exercise."""

    cases: int
    auditors: tuple[AuditorFigures, ...]
    spots: tuple[SpotFigures, ...]
    overall: Against
    """The grades of whole cases."""
    sections: Against
    """The grades of sections, without those of whole cases."""
    between: Between
    difference: str
    """Whether auditors differ from each other, in a sentence."""
    warnings: tuple[str, ...]


def exercise_figures(
    grades: Sequence[Graded], references: Mapping[Spot, Reference], conf_level: float = 0.95
) -> ExerciseFigures:
    """Everything on one exercise. Gradings of what has no reference are left out.

    Sections and whole cases are counted apart, since the one follows from the other. An auditor's shift is that of
    their sections (of whole cases where only those were graded).
    """
    used = [one for one in grades if (one.case, one.section) in references]
    spots = tuple(_spot(spot, reference, used) for spot, reference in references.items())
    parts = [one for one in used if one.section != OVERALL]
    counted = parts or used
    shifts, difference = _differences(counted, references, conf_level)
    auditors = tuple(
        _auditor(name, counted, references, shifts, conf_level)
        for name in sorted({one.auditor for one in used})
    )
    sections = against(parts, references, conf_level)
    return ExerciseFigures(
        len({case for case, _ in references}),
        auditors,
        spots,
        against([one for one in used if one.section == OVERALL], references, conf_level),
        sections,
        _between(spots, parts or used, conf_level),
        difference,
        tuple(_warnings(used, auditors, sections)),
    )


def against(
    grades: Iterable[Graded], references: Mapping[Spot, Reference], conf_level: float = 0.95
) -> Against:
    """Gradings against their references: auditor in rows, reference in columns, so positive = generous."""
    table = [[0] * 4 for _ in range(4)]
    n = near = 0
    for one in grades:
        reference = references[one.case, one.section]
        table[one.grade - 1][reference.grade - 1] += 1
        n += 1
        near += abs(reference.grade - one.grade) <= reference.tolerance
    shift = mean_signed_shift(table, conf_level)
    if n < FEWEST_FOR_SHIFT:
        shift = Est(n, None, reason=f"a mean shift needs {FEWEST_FOR_SHIFT} gradings; look at the counts")
    return Against(
        n,
        percent_agreement(table, conf_level).as_est(),
        adjacent_agreement(table, conf_level).as_est(),
        near,
        direction_sign_test(table),
        shift,
    )


def _spot(spot: Spot, reference: Reference, grades: Sequence[Graded]) -> SpotFigures:
    given = Counter(one.grade for one in grades if (one.case, one.section) == spot)
    counts = (given[Grade(1)], given[Grade(2)], given[Grade(3)], given[Grade(4)])
    n = sum(counts)
    apart = {grade: abs(reference.grade - grade) for grade in Grade}
    pairs_exact = sum(count * (count - 1) // 2 for count in counts)
    neighbours = sum(counts[place] * counts[place + 1] for place in range(3))
    return SpotFigures(
        spot[0],
        spot[1],
        reference.grade,
        reference.tolerance,
        counts,
        given[reference.grade],
        sum(given[grade] for grade in Grade if apart[grade] <= 1),
        sum(given[grade] for grade in Grade if apart[grade] <= reference.tolerance),
        sum(given[grade] for grade in Grade if grade < reference.grade),
        sum(given[grade] for grade in Grade if grade > reference.grade),
        n * (n - 1) // 2,
        pairs_exact,
        pairs_exact + neighbours,
    )


def _between(spots: Sequence[SpotFigures], grades: Sequence[Graded], conf_level: float) -> Between:
    sections = {(one.case, one.section) for one in grades}
    counted = [spot for spot in spots if (spot.case, spot.section) in sections]
    pairs = sum(spot.pairs for spot in counted)
    exact, near = sum(spot.pairs_exact for spot in counted), sum(spot.pairs_within_one for spot in counted)
    names = sorted({one.auditor for one in grades})
    found = {((one.case, one.section), one.auditor): int(one.grade) for one in grades}
    ratings = [[found.get((spot, name)) for name in names] for spot in sorted(sections)]
    twice = sum(sum(grade is not None for grade in row) > 1 for row in ratings)
    if twice < FEWEST_FOR_SHIFT:
        words = f"{twice} sections were graded by two or more; coefficients need {FEWEST_FOR_SHIFT}"
        return Between(pairs, exact, near, None, words)
    return Between(pairs, exact, near, agreement_summary(ratings, conf_level=conf_level))


_Relative = Mapping[str, tuple[float, Interval, float]]


def _differences(
    grades: Sequence[Graded], references: Mapping[Spot, Reference], conf_level: float
) -> tuple[_Relative, str]:
    """Each auditor's shrunken shift relative to all, and whether they differ at all, in a sentence.

    What makes one case harder than another stays in the error, which makes the intervals wider and never narrower.
    """
    shifts = [float(references[one.case, one.section].grade - one.grade) for one in grades]
    found = severity_shrinkage(shifts, [one.auditor for one in grades], conf_level)
    if found.shrunken_effect is None or found.ci is None or found.shrinkage is None:
        return {}, f"Whether auditors differ cannot be said: {found.reason}."
    if not found.sd_between:
        return {}, NO_DIFFERENCE
    relative = {
        name: (effect, ci, pulled)
        for name, effect, ci, pulled, n in zip(
            found.levels, found.shrunken_effect, found.ci, found.shrinkage, found.n, strict=True
        )
        if n >= FEWEST_FOR_SHIFT
    }
    if not any(low > 0 or high < 0 for _, (low, high), _ in relative.values()):
        return relative, (
            "Auditors may differ a little; none stands out from the others more than chance alone would usually bring."
        )
    return (
        relative,
        "Auditors differ: at least one stands out from the others more than chance alone would usually bring.",
    )


def _auditor(
    name: str,
    grades: Sequence[Graded],
    references: Mapping[Spot, Reference],
    relative: _Relative,
    conf_level: float,
) -> AuditorFigures:
    own = against([one for one in grades if one.auditor == name], references, conf_level)
    if name not in relative:
        return AuditorFigures(name, own)
    effect, (low, high), pulled = relative[name]
    stands: Literal["generous", "harsh", ""] = "generous" if low > 0 else "harsh" if high < 0 else ""
    return AuditorFigures(name, own, effect, (low, high), pulled, stands)


def _warnings(grades: Sequence[Graded], auditors: Sequence[AuditorFigures], sections: Against) -> list[str]:
    if not grades:
        return ["Nobody has submitted a case, so there is nothing to show."]
    out = [
        "The gradings share a few cases, so intervals are a guide: another set of cases could look different."
    ]
    if len(auditors) < 2:
        out.append("One auditor only: nothing can be said of how auditors differ.")
    if sections.n < FEWEST_FOR_SHIFT:
        out.append(f"Only {sections.n} sections were graded: look at the counts, not at a mean.")
    return out


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One exercise on the line from the first to the last."""

    ref: str
    title: str
    when: str
    auditors: int
    sections: Against
    overall: Against
    between: Between


def trend_words(points: Sequence[TrendPoint]) -> str:
    """How exact agreement with the reference moved from the first exercise to the last, and how sure that is."""
    shown = [point for point in points if point.sections.exact.est is not None]
    if len(shown) < 2:
        return "A trend needs two exercises that were revealed."
    first, last = shown[0], shown[-1]
    before, after = first.sections.exact, last.sections.exact
    assert before.est is not None
    assert after.est is not None
    words = (
        f"Exact agreement with the reference: {before.est:.0%} in {first.ref}, {after.est:.0%} in {last.ref}."
    )
    if before.ci and after.ci and (after.ci[0] > before.ci[1] or after.ci[1] < before.ci[0]):
        return f"{words} That is more than chance alone would usually bring, if the cases were equally hard."
    return f"{words} The intervals overlap, so this may be chance or harder cases."


def shift_words(against_reference: Against, who: str = "auditors") -> str:
    """Direction in a sentence: counts always, the mean only when it may be shown. `who` is plural or "you"."""
    found = against_reference
    differ = found.direction.n_generous + found.direction.n_harsh
    if not found.n:
        return "Nothing was graded."
    if not differ:
        return f"All {found.n} gradings are the same as the reference."
    words = (
        f"Of {found.n} gradings {differ} differ from the reference: {who} were more generous in "
        f"{found.direction.n_generous} and harsher in {found.direction.n_harsh}."
    )
    if found.shift.est is None:
        return words
    if found.shift.ci is None:
        return f"{words} Mean shift {found.shift.est:+.2f} grade steps."
    low, high = found.shift.ci
    lean = (
        "more generous than the reference"
        if low > 0
        else "harsher than the reference"
        if high < 0
        else "no clear lean"
    )
    return f"{words} Mean shift {found.shift.est:+.2f} grade steps (95% {low:+.2f} to {high:+.2f}): {lean}."
