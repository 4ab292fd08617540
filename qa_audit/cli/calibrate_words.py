"""What `calibrate` prints: a case to read, the results, the feedback sheet, and the JSON of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qa_audit.cli.saying import say, say_table

if TYPE_CHECKING:
    from qa_audit.moderation.calibration import Against, TrendPoint
    from qa_audit.moderation.calibration_records import (
        CalibrationFeedback,
        CaseToGrade,
        ExerciseView,
        Results,
    )


def say_view(view: ExerciseView) -> None:
    """An exercise while it is blind: its cases, and who has submitted."""
    row = view.row
    say(f"{row.ref}  {row.title}  ({row.state_words.lower()}{f', due {row.due}' if row.due else ''})")
    if row.state == "open":
        say("Blind: the reference and everybody's grades are hidden until the QA lead reveals them.")
    say_table(
        ("Case", "What it is", "Sections", "Graded by you", "Submitted"),
        [
            (one.case_id, one.title, " ".join(one.sections), f"{one.graded} of {len(one.sections)}", (one.submitted_at or "")[:10])
            for one in view.cases
        ],
    )  # fmt: skip
    if view.invited:
        from qa_audit.moderation.calibration_records import ATTENDED

        say()
        say_table(
            ("Person", "Cases submitted", "Workshop"),
            [(one.code, f"{one.submitted} of {row.cases}", ATTENDED[one.attended]) for one in view.invited],
        )


def say_results(found: Results) -> None:
    """A revealed exercise: agreement, spread, people."""
    from qa_audit.moderation.calibration import shift_words
    from qa_audit.moderation.calibration_records import ATTENDED

    figures = found.figures
    say(f"{found.row.ref}  {found.row.title}  (revealed)")
    say(f"Whole cases: {_agreement(figures.overall)}")
    say(f"Sections: {_agreement(figures.sections)}")
    say(shift_words(figures.sections))
    pairs = figures.between
    if pairs.pairs:
        say(
            f"Between auditors: {pairs.exact} of {pairs.pairs} pairs the same, {pairs.within_one} within one grade. {pairs.reason}"
        )
    say(figures.difference)
    for warning in figures.warnings:
        say(f"Note: {warning}")
    say()
    titles = {(case.case_id, section): title for case in found.cases for section, title, *_ in case.lines}
    say_table(
        ("Case", "Section", "Reference", "O", "G", "RI", "I", "Near enough", "Spread"),
        [
            (
                one.case, f"{one.section} {titles[one.case, one.section]}", one.reference.short + (" (+-1)" if one.tolerance else ""),
                *one.counts, f"{one.within_tolerance} of {one.n}", one.words,
            )
            for one in figures.spots
        ],
    )  # fmt: skip
    say()
    attended = {one.code: ATTENDED[one.attended] for one in found.invited}
    say_table(
        ("Person", "Sections", "Same", "Generous", "Harsher", "Mean shift", "Against the others", "Workshop"),
        [(one.auditor, *_person_cells(one.against), _relative(one), attended.get(one.auditor, "")) for one in figures.auditors],
    )  # fmt: skip


def _person_cells(found: Against) -> tuple[object, ...]:
    same = found.n - found.direction.n_generous - found.direction.n_harsh
    mean = "too few" if found.shift.est is None else f"{found.shift.est:+.2f}"
    return found.n, same, found.direction.n_generous, found.direction.n_harsh, mean


def _relative(one: Any) -> str:
    if one.relative is None or one.relative_ci is None:
        return ""
    low, high = one.relative_ci
    words = {"generous": "more generous", "harsh": "harsher", "": "not told apart"}[one.stands_out]
    return f"{one.relative:+.2f} ({low:+.2f} to {high:+.2f}), {words}"


def _agreement(found: Against) -> str:
    if found.exact.est is None:
        return "nothing graded"
    same = round(found.exact.est * found.n)
    near = round((found.within_one.est or 0) * found.n)
    as_share = f" ({found.exact.est:.0%})" if found.band else ""
    return (
        f"{same} of {found.n} the same as the reference{as_share}, {near} within one grade, "
        f"{found.within_tolerance} near enough for the panel"
    )


def left(found: CaseToGrade) -> str:
    """Which sections have no grade yet, in words."""
    open_ones = [code for code in found.case.sections if (code, "grade") not in found.own]
    if open_ones:
        return f"Still to grade: {', '.join(open_ones)}"
    return "Every section has a grade: submit when you are sure."


def say_case(found: CaseToGrade) -> None:
    """A case as it is read, and the person's own grades."""
    case = found.case
    say(f"{case.title}  (record read on {case.as_at})")
    say(case.look_for)
    for part in case.record:
        say(f"\n{part.heading}")
        if part.text:
            say(part.text)
        for day, text in part.entries:
            say(f"  {day}  {text}")
    say()
    say_table(
        ("Section", "Title", "Your grade", "Why"),
        [
            (code, found.titles[code], grade_words(found.own.get((code, "grade"), "")), found.own.get((code, "rationale"), ""))
            for code in case.sections
        ],
    )  # fmt: skip
    say("Submitted." if found.submitted_at else left(found))


def grade_words(key: str) -> str:
    """A stored grade in words."""
    from qa_audit.grades import parse_grade

    grade = parse_grade(key)
    return grade.short if grade is not None else "no grade yet"


def say_feedback(found: CalibrationFeedback) -> None:
    """A feedback sheet."""
    from qa_audit.moderation.calibration import shift_words, trend_words

    say(f"{found.ref}  {found.title}  Feedback for {found.code}")
    say(f"Whole cases: {_agreement(found.overall)}")
    say(f"Sections: {_agreement(found.sections)}")
    say(shift_words(found.sections, "you"))
    if len(found.earlier) > 1:
        say(trend_words(found.earlier))
    for case in found.cases:
        say(f"\n{case.title}{'' if case.submitted else '  (you did not submit it)'}")
        say(f"Reference by: {case.set_by}")
        for one in case.lines:
            own = one.own.short if one.own else "no grade"
            say(
                f"  {one.section}  {one.title}: you {own}, reference {one.reference.short}{', near enough' if one.shift and one.near_enough else ''}"
            )
            if one.own_rationale:
                say(f"     You: {one.own_rationale}")
            say(f"     Panel: {one.why}")
            if one.others is not None:
                counts = ", ".join(
                    f"{n} {name}"
                    for n, name in zip(one.others, ("Outstanding", "Good", "RI", "Inadequate"), strict=True)
                    if n
                )
                say(f"     Everybody: {counts}")


def share(found: Any) -> str:
    """A share in whole percent."""
    return "" if found.est is None else f"{found.est:.0%}"


def against_json(found: Against) -> dict[str, object]:
    """Gradings against the reference; shift positive = more generous."""
    return {
        "n": found.n,
        "exact": found.exact.as_json(),
        "within_one": found.within_one.as_json(),
        "within_tolerance": found.within_tolerance,
        "direction": {"n_generous": found.direction.n_generous, "n_harsh": found.direction.n_harsh, "p_value": found.direction.p_value},
        "mean_signed_shift": found.shift.as_json(),
        "band": found.band or None,
    }  # fmt: skip


def point_json(point: TrendPoint) -> dict[str, object]:
    """One exercise of the trend."""
    return {
        "exercise": point.ref,
        "title": point.title,
        "when": point.when,
        "people": point.auditors,
        "sections": against_json(point.sections),
        "overall": against_json(point.overall),
        "pairs": {"n": point.between.pairs, "exact": point.between.exact, "within_one": point.between.within_one},
    }  # fmt: skip


def results_json(found: Results) -> dict[str, object]:
    """The document of `show --json` once an exercise is revealed."""
    figures = found.figures
    together: Sequence[object] = [
        {
            "case": one.case, "section": one.section, "reference": one.reference.words, "tolerance": one.tolerance, "counts": one.counts,
            "exact": one.exact, "within_one": one.within_one, "within_tolerance": one.within_tolerance, "words": one.words,
        }
        for one in figures.spots
    ]  # fmt: skip
    return {
        "exercise": found.row.ref,
        "title": found.row.title,
        "state": found.row.state,
        "overall": against_json(figures.overall),
        "sections": against_json(figures.sections),
        "between": {
            "pairs": figures.between.pairs, "exact": figures.between.exact, "within_one": figures.between.within_one,
            "gwet_ac2": figures.between.coefficients.gwet_ac2.as_json() if figures.between.coefficients else None,
            "krippendorff_alpha_ordinal": figures.between.coefficients.krippendorff_alpha_ordinal.as_json() if figures.between.coefficients else None,
            "standing": figures.between.coefficients.standing if figures.between.coefficients else "counts",
            "reason": figures.between.reason,
        },
        "spots": together,
        "people": [
            {
                "person": one.auditor, **against_json(one.against), "relative": one.relative,
                "relative_ci": list(one.relative_ci) if one.relative_ci else None, "stands_out": one.stands_out or None,
            }
            for one in figures.auditors
        ],
        "attendance": {one.code: one.attended or None for one in found.invited},
        "difference": figures.difference,
        "warnings": list(figures.warnings),
    }  # fmt: skip


def feedback_json(found: CalibrationFeedback) -> dict[str, object]:
    """The document of `feedback --json`; grades in full words."""
    return {
        "exercise": found.ref,
        "person": found.code,
        "attended": found.attended or None,
        "sections": against_json(found.sections),
        "overall": against_json(found.overall),
        "cases": [
            {
                "case": case.case_id,
                "title": case.title,
                "submitted": case.submitted,
                "reference_set_by": case.set_by,
                "sections": [
                    {
                        "section": one.section, "title": one.title, "own": one.own.words if one.own else None, "own_rationale": one.own_rationale,
                        "reference": one.reference.words, "tolerance": one.tolerance, "why": one.why, "shift": one.shift,
                        "near_enough": one.near_enough, "everybody": one.others,
                    }
                    for one in case.lines
                ],
            }
            for case in found.cases
        ],
        "earlier": [point_json(point) for point in found.earlier],
    }  # fmt: skip
