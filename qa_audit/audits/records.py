"""What services hand out about audits: values that cannot change under a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qa_audit.grades import Grade

if TYPE_CHECKING:
    from qa_audit.audits.judgement import Ceiling
    from qa_audit.library.case import CaseContext
    from qa_audit.library.clocks import ClockFlag
    from qa_audit.library.forms import Form

WRITABLE = frozenset({"allocated", "in_progress", "returned"})
"""States in which the auditor may write."""

STATUS_WORDS: Mapping[str, str] = {
    "planned": "Not yet allocated",
    "allocated": "To do",
    "in_progress": "In progress",
    "submitted": "Submitted",
    "returned": "Returned for more evidence",
    "in_moderation": "In moderation",
    "moderated": "Moderated",
    "disputed": "Disputed",
    "panel": "At panel",
    "final": "Final",
    "shared": "Shared",
    "withdrawn": "Withdrawn",
    "exempted": "Exempted",
    "lapsed": "Lapsed",
}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One audit in a list. Grades are None while they may not be seen by the person asking."""

    ref: str
    round_ref: str
    round_title: str
    case_ref: str
    child_key: str
    cohort: str
    age: int | None
    team: str
    worker: str
    auditor: str
    auditor_name: str
    status: str
    due: str
    submitted_at: str | None
    answered: int
    selection: str
    overdue_days: int
    own_grade: Grade | None = None
    final_grade: Grade | None = None

    @property
    def status_words(self) -> str:
        """The state in words."""
        return STATUS_WORDS.get(self.status, self.status)


@dataclass(frozen=True, slots=True)
class PreviousAudit:
    """The last finished audit of the same child, for reading beside this one."""

    ref: str
    finished_on: str
    grades: Mapping[str, Grade]
    rationales: Mapping[str, str]
    better: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OpenAudit:
    """An audit open in a form: everything the screen shows, read in one go."""

    ref: str
    round_title: str
    lines_of_enquiry: tuple[str, ...]
    status: str
    due: str
    form: Form
    case: CaseContext
    case_ref: str
    child_key: str
    header: tuple[tuple[str, str], ...]
    answers: Mapping[tuple[str, str], str]
    offered: Mapping[tuple[str, str], str]
    flags: Mapping[str, ClockFlag]
    previous: PreviousAudit | None
    position: tuple[str, str]
    writable: bool
    options: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Lists that live outside the form: theme key and words."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One answer as committed."""

    item: str
    part: str
    value: str
    at: str
    version: int


@dataclass(frozen=True, slots=True)
class Submitted:
    """What submission did."""

    ref: str
    grade: Grade | None
    ceiling: Ceiling
    follows: str
    """What happens next, in words, without saying why it was chosen for moderation."""


@dataclass(frozen=True, slots=True)
class FinalAudit:
    """A finished audit as its readers see it: the three grades and every word."""

    ref: str
    round_title: str
    status: str
    header: tuple[tuple[str, str], ...]
    form: Form
    answers: Mapping[tuple[str, str], str]
    auditor: Mapping[str, Grade]
    moderated: Mapping[str, Grade]
    panel: Mapping[str, Grade]
    standing: Grade | None
    responses: tuple[tuple[str, str, str], ...] = ()
    """What the worker said of it: (kind, words, when)."""
    reasons: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Why moderation changed a section's grade: (reason code, words)."""
    panel_reasons: str = ""

    def final(self, section: str) -> Grade | None:
        """The grade that stands for a section: the panel's, else the moderated one, else the auditor's."""
        return self.panel.get(section) or self.moderated.get(section) or self.auditor.get(section)
