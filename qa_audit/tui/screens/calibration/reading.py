"""The pages of calibration as they are read: results for the QA unit, feedback for each person. Pure."""

from __future__ import annotations

from textual.content import Content

from qa_audit.moderation.calibration import Against, shift_words, trend_words
from qa_audit.moderation.calibration_records import ATTENDED, CalibrationFeedback, FeedbackLine, Results
from qa_audit.tui.screens.calibration.pictures import (
    grade_heading,
    key_words,
    lean_heading,
    lean_line,
    own_line,
    spread_line,
)
from qa_audit.tui.text import ACCENT, BAD, MUTED, OK, STRONG, WARN, join, lines, say, wrap
from qa_audit.tui.widgets.drawing import Bar, block_bars

BAND_STYLES = {"green": OK, "amber": WARN, "red": BAD, "": MUTED}
BAND_WORDS = {
    "green": "good agreement",
    "amber": "watch: below 80%",
    "red": "low: below 65%",
    "": "too few for a rating",
}


def results_content(found: Results, width: int) -> Content:
    """Agreement in words, the spread of every section in dots, people by code, what was said where they differ."""
    figures = found.figures
    rows: list[Content] = []
    rows += _agreement("Whole cases", figures.overall, width)
    rows += _agreement("Sections", figures.sections, width)
    pairs = figures.between
    if pairs.pairs:
        words = f"{pairs.exact} of {pairs.pairs} pairs the same ({pairs.exact / pairs.pairs:.0%}), {pairs.within_one} within one grade."
        if pairs.coefficients is not None and pairs.coefficients.gwet_ac2.est is not None:
            shaky = ", indicative" if pairs.coefficients.standing == "indicative" else ""
            words += f" AC2 {pairs.coefficients.gwet_ac2.est:.2f}{shaky}."
        rows += wrap(join(("Between auditors: ", STRONG), words), width, indent=2, first=0)
    rows += wrap(shift_words(figures.sections), width)
    rows += wrap(say(figures.difference, STRONG), width)
    for warning in figures.warnings:
        rows += wrap(say(warning, MUTED), width)
    rows += [Content(""), key_words()]
    spots = {(one.case, one.section): one for one in figures.spots}
    for case in found.cases:
        rows += [Content(""), *wrap(say(case.title, f"{STRONG} {ACCENT}"), width)]
        rows.append(grade_heading(width))
        for code, title, *_ in case.lines:
            rows += spread_line(f"{code} {title}", spots[case.case_id, code], width)
        rows += wrap(say(f"Reference by: {case.set_by}", MUTED), width)
    rows += [Content(""), say("People, by code", f"{STRONG} {ACCENT}")]
    attended = {one.code: f"workshop: {ATTENDED[one.attended]}" for one in found.invited if one.attended}
    if any(one.relative is not None for one in figures.auditors):
        rows.append(lean_heading())
    rows += [lean_line(one, width, attended.get(one.auditor, "")) for one in figures.auditors]
    silent = [
        one.code for one in found.invited if one.code not in {each.auditor for each in figures.auditors}
    ]
    if silent:
        rows += wrap(say(f"Submitted nothing: {', '.join(silent)}", WARN), width)
    rows += _differing(found, width)
    return lines(rows)


def _agreement(name: str, found: Against, width: int) -> list[Content]:
    if found.exact.est is None:
        return [join((f"{name}: ", STRONG), ("nothing graded", MUTED))]
    same = round(found.exact.est * found.n)
    near = round((found.within_one.est or 0) * found.n)
    if not found.band:
        words = join(
            (f"{name}: ", STRONG),
            f"{same} of {found.n} the same as the reference, {near} within one grade, {found.within_tolerance} near enough for the panel",
        )
        return wrap(words, width, indent=2, first=0)
    low, high = found.exact.ci or (0.0, 1.0)
    words = join(
        (f"{name}: ", STRONG),
        (f"{found.exact.est:.0%} ", f"bold {BAND_STYLES[found.band]}"),
        f"the same as the reference ({same} of {found.n}, 95% {low:.0%} to {high:.0%}), {near} within one grade, ",
        f"{found.within_tolerance} near enough for the panel: ",
        (BAND_WORDS[found.band], BAND_STYLES[found.band]),
    )
    return wrap(words, width, indent=2, first=0)


def _differing(found: Results, width: int) -> list[Content]:
    """Reasons for talking: every section in which grades lay two steps apart, with what was said."""
    apart = {
        (one.case, one.section): one for one in found.figures.spots if one.steps_apart and one.steps_apart > 1
    }
    said = [one for one in found.said if (one.case_id, one.section) in apart]
    if not said:
        return []
    titles = {case.case_id: case for case in found.cases}
    rows = [Content(""), say("Where grades lie two steps apart: what was said", f"{STRONG} {ACCENT}")]
    last = ("", "")
    for one in said:
        if (one.case_id, one.section) != last:
            last = (one.case_id, one.section)
            line = next(each for each in titles[one.case_id].lines if each[0] == one.section)
            rows += wrap(say(f"{titles[one.case_id].title}: {line[1]}", STRONG), width)
            rows += wrap(join((f"Reference {line[2].short}: ", MUTED), line[4]), width, indent=2)
        rows += wrap(join((f"{one.code} {one.grade.short}: ", MUTED), one.rationale), width, indent=2)
    return rows


def feedback_content(found: CalibrationFeedback, width: int, *, yours: bool = True) -> Content:
    """A person's sheet: how near to the reference, which way, then every section with the panel's reasons."""
    who = "you" if yours else "this person"
    rows: list[Content] = []
    rows += _agreement("Whole cases", found.overall, width)
    rows += _agreement("Sections", found.sections, width)
    rows += wrap(shift_words(found.sections, who).replace("this person were", "this person was"), width)
    rows += wrap(
        say("The reference is a judgement with reasons: where you differ, read the reasons and bring yours to the workshop.", MUTED), width
    )  # fmt: skip
    if len(found.earlier) > 1:
        rows += [Content(""), say("From one exercise to the next", STRONG)]
        bars = [
            Bar(one.ref, one.sections.exact.est, "" if one.sections.exact.est is None else f"{one.sections.exact.est:.0%} of {one.sections.n}")
            for one in found.earlier
        ]  # fmt: skip
        rows += [*block_bars(bars, min(width, 72), top=1.0), *wrap(trend_words(found.earlier), width)]
    rows += [Content(""), key_words(own=True)]
    for case in found.cases:
        rows += [Content(""), *wrap(say(case.title, f"{STRONG} {ACCENT}"), width)]
        if not case.submitted:
            rows.append(say("You did not submit this case." if yours else "Not submitted.", WARN))
        rows += wrap(say(f"Reference by: {case.set_by}", MUTED), width)
        rows.append(grade_heading(width))
        for line in case.lines:
            rows += _section(line, width)
    return lines(rows)


def _section(line: FeedbackLine, width: int) -> list[Content]:
    rows = own_line(line, width)
    if line.own_rationale:
        rows += wrap(join(("You: ", MUTED), line.own_rationale), width, indent=4)
    tail = " One step either way counts as near enough." if line.tolerance else ""
    rows += wrap(join((f"Panel, {line.reference.words}: ", MUTED), line.why, (tail, MUTED)), width, indent=4)
    return rows
