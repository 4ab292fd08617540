"""What moderation hands out: the queue, the form of the second grade, the comparison, the feedback sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_audit.grades import Grade

if TYPE_CHECKING:
    from qa_audit.library.case import CaseContext
    from qa_audit.library.forms import Form

REASONS: Mapping[str, str] = {
    "risk_under_weighted": "Risk was under-weighted",
    "compliance_rewarded": "Compliance was rewarded rather than impact",
    "evidence_not_found": "The evidence was not found in the record",
    "impact_not_shown": "Impact on the child was not shown",
    "history_ignored": "History was ignored",
    "too_harsh": "The audit was too harsh",
    "other": "Another reason",
}
"""Coded reasons for a change at moderation (practice.md 1.3)."""

OUTCOMES: Mapping[str, str] = {
    "agreed": "Agreed",
    "changed_up": "Changed up",
    "changed_down": "Changed down",
    "changed": "Changed",
    "returned": "Returned for more evidence",
}

STATE_WORDS: Mapping[str, str] = {
    "queued": "Waiting",
    "grading": "Being graded blind",
    "graded": "Second grade in: compare and decide",
    "decided": "Decided",
    "returned": "Returned for more evidence",
    "panel": "At panel",
    "closed": "Closed",
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One moderation in a queue. Why it was chosen and any grade stay None until the second grade is in."""

    moderation_id: str
    audit_ref: str
    round_ref: str
    round_title: str
    case_ref: str
    cohort: str
    team: str
    auditor: str
    moderator: str
    state: str
    due: str
    late_days: int
    submitted_at: str
    reasons: tuple[str, ...] | None = None
    outcome: str = ""
    auditor_grade: Grade | None = None
    own_grade: Grade | None = None

    @property
    def state_words(self) -> str:
        """The state in words."""
        return STATE_WORDS.get(self.state, self.state)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may moderate an audit, with how many moderations they have open."""

    code: str
    display: str
    load: int


@dataclass(frozen=True, slots=True)
class SectionComparison:
    """One section side by side; None where there is no such grade (yet)."""

    section: str
    title: str
    auditor: Grade | None
    blind: Grade | None
    moderated: Grade | None
    panel: Grade | None
    outcome: str
    reason_code: str
    reason: str
    auditor_rationale: str
    moderator_note: str

    @property
    def shift(self) -> int | None:
        """Moderator minus auditor in grade steps; positive = the auditor was more generous."""
        second = self.blind if self.blind is not None else self.moderated
        return None if self.auditor is None or second is None else int(second) - int(self.auditor)


@dataclass(frozen=True, slots=True)
class ModerationView:
    """One moderation as the moderator works on it.

    While `blind`, `answers` hold only the evidence (no grade, rationale or action of the auditor is in
    this record at all) and `comparison` is empty.
    """

    moderation_id: str
    audit_ref: str
    round_title: str
    state: str
    blind: bool
    due: str
    form: Form
    check: Form
    case: CaseContext
    header: tuple[tuple[str, str], ...]
    sections: tuple[str, ...]
    answers: Mapping[tuple[str, str], str]
    own: Mapping[tuple[str, str], str]
    comparison: tuple[SectionComparison, ...]
    reasons: tuple[str, ...]
    writable: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What the moderator decides of one section: the grade that is to stand and why it differs."""

    section: str
    grade: Grade
    reason_code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One panel."""

    panel_id: str
    audit_ref: str
    case_ref: str
    why: str
    state: str
    convened_at: str
    auditor_grade: Grade | None
    moderated_grade: Grade | None
    panel_grade: Grade | None
    rationale: str


@dataclass(frozen=True, slots=True)
class FeedbackSheet:
    """What the auditor is sent: where the moderator differed, why, and how good the audit was."""

    audit_ref: str
    round_title: str
    outcome: str
    comparison: tuple[SectionComparison, ...]
    audit_quality: Grade | None
    check: tuple[tuple[str, str, str], ...]
    reason: str
    blind: bool
    can_respond: bool
    response: str
    response_text: str

    @property
    def reading(self) -> str:
        """One sentence: how many sections agreed, and in which direction the rest went."""
        both = [one for one in self.comparison if one.shift is not None]
        same = sum(one.shift == 0 for one in both)
        generous = sum((one.shift or 0) > 0 for one in both)
        harsh = sum((one.shift or 0) < 0 for one in both)
        words = f"{same} of {len(both)} sections the same"
        if generous:
            words += f"; you were more generous in {generous}"
        if harsh:
            words += f"; you were harsher in {harsh}"
        return words
