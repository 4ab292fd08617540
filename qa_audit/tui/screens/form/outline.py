"""Where the form stands: which sections are asked and how far each is. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qa_audit.library.case import Answers
from qa_audit.library.completeness import Gap, is_left_out, section_progress
from qa_audit.library.conditions import holds
from qa_audit.library.forms import Section
from qa_audit.tui.screens.form.source import AuditView
from qa_audit.tui.widgets.section_list import SectionState


@dataclass(frozen=True, slots=True)
class Outline:
    """The sections in order, with the totals."""

    states: tuple[SectionState, ...]
    answered: int
    needed: int

    def words(self, current: str) -> str:
        """section 3 of 15 · 14 of 120 answered."""
        at = next((i for i, state in enumerate(self.states, 1) if state.code == current), 0)
        return f"section {at} of {len(self.states)} · {self.answered} of {self.needed} answered"


def shown_sections(view: AuditView, answers: Answers) -> list[Section]:
    """The sections asked with these answers."""
    return [section for section in view.form.sections if holds(section.when, view.case, answers)]


def outline(view: AuditView, answers: Answers, gaps: Iterable[Gap]) -> Outline:
    """How far each section is."""
    found: dict[str, int] = {}
    for gap in gaps:
        found[gap.section] = found.get(gap.section, 0) + 1
    states: list[SectionState] = []
    answered = needed = 0
    for section in shown_sections(view, answers):
        progress = section_progress(section, answers, view.case)
        answered += progress.answered
        needed += progress.needed
        note = "left out" if is_left_out(section, answers) else ""
        states.append(
            SectionState(
                section.code,
                section.name,
                progress.answered,
                progress.needed,
                found.get(section.code, 0),
                note,
            )
        )
    return Outline(tuple(states), answered, needed)
