"""What the audit form needs from the world: one audit, loaded as a record and saved part by part.

Every method may block and none is called on the screen's thread: `load`, `submit` and `raise_alert` run in a
thread worker, `save` and `remember` in the form's one saving thread. `ceiling` and `gaps` are the exception:
they are pure and quick, and are asked after each answer. Errors are `QaError`s, shown in their own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from qa_audit.grades import Grade
from qa_audit.tui.widgets.side_pane import PreviousGrade

if TYPE_CHECKING:
    from qa_audit.library.case import Answers, CaseContext
    from qa_audit.library.completeness import Gap
    from qa_audit.library.forms import Form


@dataclass(frozen=True, slots=True)
class Flag:
    """A clock beside an item, in words: "last visit 71 days ago; standard 42"."""

    words: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class AuditView:
    """One audit as the form shows it."""

    audit: str
    """Its reference, as people say it."""
    form: Form
    """Assembled for this child."""
    case: CaseContext
    crumbs: tuple[str, ...]
    """Where am I: round, case reference."""
    summary: str = ""
    """The child in one line without a name: "Child protection plan, age 7, allocated team North"."""
    answers: Answers = field(default_factory=dict)
    offered: Answers = field(default_factory=dict)
    """Values the case list holds, by (item, part): shown, taken only when the auditor confirms."""
    flags: Mapping[str, Flag] = field(default_factory=dict)
    """By item."""
    previous: Mapping[str, tuple[PreviousGrade, ...]] = field(default_factory=dict)
    """By section code, newest first."""
    lists: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """(key, words) of the lists that fields take their choices from: themes, strengths, gaps."""
    position: tuple[str, str] | None = None
    """(section code, item) where the auditor was last."""
    read_only: bool = False
    notice: str = ""
    """A sentence above every section: blind moderation, read only and why."""
    notices: Mapping[str, str] = field(default_factory=dict)
    """The same for single sections, by code, as for the worker's own grade in the conversation."""


class CeilingLike(Protocol):
    """`qa_audit.audits.judgement.Ceiling`, as far as the form shows it."""

    @property
    def grade(self) -> Grade | None:
        """The best overall grade that is open; None while too few sections are graded."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why; the sentence that binds first."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What has still to happen."""


class AuditSource(Protocol):
    """One audit behind the form."""

    def load(self) -> AuditView:
        """Everything the form shows."""

    def save(self, item: str, part: str, value: str) -> datetime:
        """Store one value ("" clears it) and return when it was committed."""

    def remember(self, section: str, item: str) -> None:
        """Where to reopen."""

    def ceiling(self, answers: Answers) -> CeilingLike:
        """The ceiling with these answers."""

    def gaps(self, answers: Answers) -> tuple[Gap, ...]:
        """What stands in the way of submission with these answers."""

    def submit(self) -> str:
        """Submit the audit; a sentence on what happens next."""

    def raise_alert(self, item: str, words: str) -> str:
        """Somebody may be at risk now; a sentence on who has been told."""
