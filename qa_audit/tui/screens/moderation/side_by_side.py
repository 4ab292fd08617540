"""A decided moderation side by side: what a panel reads before it decides, and what the auditor is sent."""

from __future__ import annotations

from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.moderation.records import OUTCOMES, REASONS, FeedbackSheet, SectionComparison
from qa_audit.tui.screens.moderation.comparison import Heading, Line
from qa_audit.tui.screens.moderation.words import shift_words, short_shift
from qa_audit.tui.text import ACCENT, GRADE_STYLES, MUTED, STRONG, join, lines, say, wrap

HEADINGS = (
    Heading("Auditor", 11, 12),
    Heading("Moderated", 11, 12),
    Heading("Panel", 11, 12),
    Heading("Auditor was", 11, 23),
    Heading("Reason", 30, 34, least=120),
)


def row_of(one: SectionComparison, panel: Grade | tuple[str, str] | None, width: int) -> Line:
    """One section as a line of the table."""
    shift = one.shift
    words = shift_words(shift) if width >= 104 else short_shift(shift)
    return Line(
        one.section,
        one.title,
        (
            one.auditor,
            one.moderated,
            panel,
            (words, "" if shift else MUTED),
            (REASONS.get(one.reason_code, ""), ""),
        ),
    )


def detail(one: SectionComparison, panel: Grade | None, width: int, *, to_auditor: bool = False) -> Content:
    """The words behind a line: why each graded as they did."""
    rows = [say(one.title, f"{STRONG} {ACCENT}")]
    rows += _part(
        "You" if to_auditor else "Auditor",
        one.auditor,
        one.auditor_rationale or "No reason was written.",
        width,
    )
    if one.blind is not None and one.blind is not one.moderated:
        rows += _part("Moderator, blind", one.blind, one.moderator_note or "No note was written.", width)
        rows += _part("Moderated", one.moderated, _why(one), width)
    else:
        words = " ".join(part for part in (one.moderator_note, _why(one)) if part)
        rows += _part("Moderated", one.moderated, words or "No note was written.", width)
    if panel is not None:
        rows += _part("Panel", panel, "", width)
    return lines(rows)


def _why(one: SectionComparison) -> str:
    code = REASONS.get(one.reason_code, "")
    return (
        f"{code}. {one.reason}"
        if code and one.reason
        else one.reason or code or OUTCOMES.get(one.outcome, "")
    )


def _part(who: str, grade: Grade | None, words: str, width: int) -> list[Content]:
    style = f"bold {GRADE_STYLES[grade]}" if grade is not None else MUTED
    rows = [join((f"{who}: ", MUTED), (grade.words if grade is not None else "no grade", style))]
    return rows + (wrap(words, width, indent=2) if words else [])


def check_lines(sheet: FeedbackSheet, width: int) -> list[Content]:
    """The audit of the audit, apart from the grade of practice."""
    rows = [Content(""), say("How good the audit was", f"{STRONG} {ACCENT}")]
    if sheet.audit_quality is not None:
        grade = sheet.audit_quality
        rows.append(join(("Quality of the audit: ", MUTED), (grade.words, f"bold {GRADE_STYLES[grade]}")))
    for _, question, answer in sheet.check:
        first, _, more = answer.partition(" ")
        said = {"yes": "✓ Yes", "partly": "◐ Partly", "no": "✗ No", "na": "– Not applicable"}.get(first)
        words = f"{said} {more}".strip() if said else answer
        rows += wrap(join(f"{question}: ", (words, STRONG)), width, indent=4, first=2)
    return rows
