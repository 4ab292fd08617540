"""A finished audit in words: three grades for each section, why, and everything that was recorded. Pure."""

from __future__ import annotations

from textual.content import Content

from qa_audit.audits.records import STATUS_WORDS, FinalAudit
from qa_audit.grades import Grade
from qa_audit.library.forms import INSTANCE, Section
from qa_audit.moderation.records import REASONS
from qa_audit.tui.screens.moderation.evidence import case_content, evidence_content
from qa_audit.tui.text import ACCENT, GRADE_STYLES, MUTED, STRONG, join, lines, say, wrap

OVERALL = "OV"
WHOLE, VOICE = "whole", "voice"
"""Pages that are no section: the whole case, and what the worker said."""
KINDS = {"comment": "Comment", "fact": "A fact is challenged"}


def standing_words(audit: FinalAudit) -> str:
    """The grade that stands and whose it is."""
    grade = audit.final(OVERALL) or audit.standing
    if grade is None:
        return "No overall grade"
    whose = "panel" if OVERALL in audit.panel else "moderator" if OVERALL in audit.moderated else "auditor"
    if whose == "moderator" and audit.moderated[OVERALL] is audit.auditor.get(OVERALL):
        return f"{grade.words}, by the auditor, agreed at moderation"
    return f"{grade.words}, by the {whose}"


def trail(audit: FinalAudit, code: str) -> Content:
    """The three facts about a grade, side by side."""
    pieces: list[Content] = []
    for who, grades in (("Auditor", audit.auditor), ("Moderated", audit.moderated), ("Panel", audit.panel)):
        grade = grades.get(code)
        pieces.append(join((f"{who} ", MUTED), _grade(grade)))
    return join(*pieces, gap="   ")


def _grade(grade: Grade | None) -> Content:
    return say("-", MUTED) if grade is None else say(grade.short, f"bold {GRADE_STYLES[grade]}")


def whole_content(audit: FinalAudit, width: int) -> Content:
    """The case, the overall judgement, and every section's grades in one table."""
    rows: list[Content] = [
        say("The whole case", f"{STRONG} {ACCENT}"),
        join(("Grade that stands: ", MUTED), (standing_words(audit), STRONG)),
        trail(audit, OVERALL),
    ]
    rows += _judgement(audit, OVERALL, width)
    rows += [Content(""), case_content(audit.header, width)]
    rows.append(join(("Status      ", MUTED), STATUS_WORDS.get(audit.status, audit.status)))
    rows += [Content(""), say("Grades of the sections", STRONG)]
    label = max(18, min(48, width - 42))
    rows.append(say(f"{'':<{label}}  {'Auditor':<12}{'Moderated':<12}{'Panel':<12}", MUTED))
    for section in audit.form.graded:
        if section.code in audit.auditor:
            cells = [
                _cell(grades.get(section.code)) for grades in (audit.auditor, audit.moderated, audit.panel)
            ]
            title = section.title if len(section.title) <= label else section.title[: label - 1] + "…"
            rows.append(join(f"{title:<{label}}  ", *cells))
    return lines(rows)


def _cell(grade: Grade | None) -> Content:
    return (
        say(f"{'-':<12}", MUTED)
        if grade is None
        else say(f"{grade.short:<12}", f"bold {GRADE_STYLES[grade]}")
    )


def _judgement(audit: FinalAudit, code: str, width: int) -> list[Content]:
    rows: list[Content] = []
    for part, label in (
        ("rationale", "Why this grade"),
        ("better", "What would have made it one better"),
        ("override_reason", "Why it stands above the ceiling"),
        ("credible_because", "Why it is credible"),
    ):
        if words := audit.answers.get((code, part), ""):
            rows += [say(label, MUTED), *wrap(words, width, indent=2)]
    if code in audit.reasons:
        key, said = audit.reasons[code]
        words = ". ".join(part for part in (REASONS.get(key, key), said) if part)
        rows += [say("Why moderation changed it", MUTED), *wrap(words, width, indent=2)]
    if code == OVERALL and audit.panel_reasons:
        rows += [say("The panel's reasons", MUTED), *wrap(audit.panel_reasons, width, indent=2)]
    return rows


def section_content(audit: FinalAudit, section: Section, width: int) -> Content:
    """One section: grades and reasons first, then what was recorded."""
    rows: list[Content] = []
    if section.code in audit.auditor:
        rows += [trail(audit, section.code), *_judgement(audit, section.code, width), Content("")]
    rows.append(evidence_content(section, audit.answers, None, width))
    return lines(rows)


def voice_content(audit: FinalAudit, width: int) -> Content:
    """What the worker, or the manager for them, said of the shared audit."""
    rows: list[Content] = [say("The worker's answer", f"{STRONG} {ACCENT}")]
    if not audit.responses:
        words = (
            "Nothing was said yet." if audit.status == "shared" else "It can be answered once it is shared."
        )
        rows.append(say(words, MUTED))
    for kind, words, at in audit.responses:
        rows += [
            join((KINDS.get(kind, kind), STRONG), (f"   {at[8:10]}/{at[5:7]}/{at[:4]}", MUTED)),
            *wrap(words, width, indent=2),
            Content(""),
        ]
    return lines(rows)


def recorded(audit: FinalAudit) -> list[Section]:
    """The sections in which something was recorded."""
    answered = {item.partition(INSTANCE)[0] for item, _ in audit.answers}
    return [
        section
        for section in audit.form.sections
        if section.code != OVERALL
        and (section.code in answered or any(item.id in answered for item in section.items))
    ]
