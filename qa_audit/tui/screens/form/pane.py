"""What the pane beside the form shows: the grades in words, the audit before, the ceiling and its reasons."""

from __future__ import annotations

from textual.content import Content

from qa_audit.grades import parse_grade
from qa_audit.library.case import Answers
from qa_audit.library.forms import Section
from qa_audit.tui.screens.form.questions import descriptors
from qa_audit.tui.screens.form.source import AuditView, CeilingLike
from qa_audit.tui.text import MUTED, STRONG, lines, say
from qa_audit.tui.widgets.side_pane import descriptors_content, previous_content


def pane_content(
    name: str, section: Section, view: AuditView, answers: Answers, ceiling: CeilingLike
) -> Content:
    """The content called grades, before or ceiling, for the section that is open."""
    if name == "grades":
        chosen = parse_grade(answers.get((section.code, "grade"), ""))
        return descriptors_content(section.title, descriptors(section), chosen)
    if name == "before":
        return previous_content(section.title, view.previous.get(section.code, ()))
    rows = [say("The overall grade", STRONG), say("What limits it, and what has still to happen", MUTED)]
    return lines(rows + [say(f"\n{words}") for words in (*ceiling.reasons, *ceiling.notes)])
