"""A section as it is compared and decided: one line of the table, and the words behind it. Pure.

`own` is what the moderator has written and chosen; None once the moderation is decided.
"""

from __future__ import annotations

from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.moderation.records import OUTCOMES, REASONS, SectionComparison
from qa_audit.tui.screens.moderation.comparison import Heading, Line
from qa_audit.tui.screens.moderation.words import reading, reason_of, shift_words, short_shift, stand_of
from qa_audit.tui.text import ACCENT, GRADE_STYLES, MUTED, STRONG, WARN, join, lines, say, wrap

Own = dict[tuple[str, str], str] | None

HEADINGS = (
    Heading("Auditor", 11, 12),
    Heading("Yours", 11, 12),
    Heading("Auditor was", 11, 23),
    Heading("To stand", 13, 16),
    Heading("Reason", 30, 30, least=126),
)


def standing(own: Own, one: SectionComparison) -> Grade | None:
    """The grade that is to stand, or stands."""
    return (one.panel or one.moderated) if own is None else stand_of(own, one)


def _because(own: Own, one: SectionComparison) -> tuple[str, str]:
    return (one.reason_code, one.reason) if own is None else reason_of(own, one.section)


def decision_line(own: Own, one: SectionComparison, width: int) -> Line:
    """One line of the table."""
    stand, (code, why) = standing(own, one), _because(own, one)
    differs = stand is not None and stand is not one.auditor
    shown: Grade | tuple[str, str]
    if stand is None:
        shown = ("-", MUTED) if own is None else ("! choose", WARN)
    elif own is not None and differs and not (code and why):
        shown = (f"{stand.short} !", f"bold {GRADE_STYLES[stand]}")
    else:
        shown = stand
    because = (REASONS.get(code, code), "") if differs else ("", "")
    if differs and not code and own is not None:
        because = ("! reason missing", WARN)
    words = shift_words(one.shift) if width >= 104 else short_shift(one.shift)
    return Line(
        one.section, one.title, (one.auditor, one.blind, (words, "" if one.shift else MUTED), shown, because)
    )


def decision_detail(
    own: Own, one: SectionComparison, comparison: tuple[SectionComparison, ...], width: int
) -> Content:
    """Why each graded as they did, what is to stand, and how the two graders compare over all sections."""
    note = one.moderator_note if own is None else own.get((one.section, "note"), one.moderator_note)
    who, none = ("Moderator, blind", "No note was written.") if own is None else ("You", "You wrote no note.")
    rows = [join((one.title, f"{STRONG} {ACCENT}"), (f"   {_shift_sentence(one)}", MUTED))]
    rows += _opinion("Auditor", one.auditor, one.auditor_rationale or "No reason was written.", width)
    rows += _opinion(who, one.blind, note or none, width)
    rows += _standing_lines(own, one, width)
    return lines([*rows, Content(""), *wrap(say(reading(comparison), MUTED), width)])


def _standing_lines(own: Own, one: SectionComparison, width: int) -> list[Content]:
    stand = standing(own, one)
    if stand is None:
        words = "! Which grade is to stand? a agrees with the auditor, m keeps yours, 1-4 choose."
        return [] if own is None else wrap(say(words, WARN), width)
    label = "Stands: " if own is None else "To stand: "
    head = join((label, MUTED), (stand.words, f"bold {GRADE_STYLES[stand]}"))
    if stand is one.auditor:
        return [join(head, ("   as the auditor graded it", MUTED))]
    code, why = _because(own, one)
    outcome = "changed_up" if one.auditor and stand < one.auditor else "changed_down"
    rows = [join(head, (f"   {OUTCOMES[outcome].lower()}", MUTED))]
    if code or why:
        rows += wrap(join((REASONS.get(code, code) or "No code", STRONG), f". {why}" if why else ""), width)
    if own is not None and not (code and why):
        rows.append(say("! Enter writes the reason, as a code and in words.", WARN))
    return rows


def _opinion(who: str, grade: Grade | None, words: str, width: int) -> list[Content]:
    said = (grade.words, f"bold {GRADE_STYLES[grade]}") if grade else ("not graded", MUTED)
    return [join((f"{who}: ", MUTED), said), *wrap(words, width, indent=2)]


def _shift_sentence(one: SectionComparison) -> str:
    words = shift_words(one.shift)
    if not one.shift:
        return f"the grades are {words}"
    return f"the auditor was {words}"
