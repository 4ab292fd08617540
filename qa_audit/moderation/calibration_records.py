"""What calibration hands out: exercises, the case to grade, the feedback sheet, the results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_audit.grades import Grade
from qa_audit.moderation.calibration import Against, ExerciseFigures, TrendPoint

if TYPE_CHECKING:
    from qa_audit.library.calibration_cases import BlindCase

ATTENDED: Mapping[str, str] = {
    "attended": "Attended",
    "apologies": "Apologies",
    "absent": "Absent",
    "": "Not recorded",
}
"""Whether somebody came to the workshop."""
STATES: Mapping[str, str] = {"open": "Open", "revealed": "Revealed", "withdrawn": "Withdrawn"}


@dataclass(frozen=True, slots=True)
class LibraryCase:
    """One line of the library of cases: nothing of its reference."""

    case_id: str
    version: str
    title: str
    cohort: str
    age: int | None
    sections: tuple[str, ...]
    parts: int


@dataclass(frozen=True, slots=True)
class ExerciseRow:
    """One exercise in a list, as the person who asks may see it."""

    exercise_id: str
    ref: str
    title: str
    state: str
    due: str
    workshop_on: str
    cases: int
    invited: int
    submitted: int
    """Cases submitted by everybody together: for who runs it; the person's own for others."""
    mine: bool
    """Whether the person is invited."""
    my_submitted: int
    late_days: int

    @property
    def state_words(self) -> str:
        """The state in words."""
        return STATES.get(self.state, self.state)


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody invited: how many cases they have submitted (no grades), and their attendance."""

    code: str
    display: str
    submitted: int
    attended: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case of an exercise, with how far the person is."""

    case_id: str
    title: str
    cohort: str
    sections: tuple[str, ...]
    graded: int
    submitted_at: str | None


@dataclass(frozen=True, slots=True)
class ExerciseView:
    """One exercise as a person sees it. `invited` is empty for those who do not run it."""

    row: ExerciseRow
    cases: tuple[CaseLine, ...]
    invited: tuple[Invited, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CaseToGrade:
    """One case with the person's own grades. Holds nobody else's and no reference, whatever the state."""

    exercise_ref: str
    title: str
    case: BlindCase
    titles: Mapping[str, str]
    """Section code to its title."""
    own: Mapping[tuple[str, str], str]
    """(section, "grade" or "rationale") to what is saved."""
    submitted_at: str | None
    writable: bool


@dataclass(frozen=True, slots=True)
class FeedbackLine:
    """One section: the person's grade beside the reference, and how the others graded where that may be shown."""

    section: str
    title: str
    own: Grade | None
    own_rationale: str
    reference: Grade
    tolerance: int
    why: str
    others: tuple[int, int, int, int] | None
    """Everybody's grades, counted; None where so few graded that one could tell who."""

    @property
    def shift(self) -> int | None:
        """Reference minus own grade in steps; positive = the person was more generous."""
        return None if self.own is None else int(self.reference) - int(self.own)

    @property
    def near_enough(self) -> bool:
        """Within the tolerance."""
        return self.shift is not None and abs(self.shift) <= self.tolerance


@dataclass(frozen=True, slots=True)
class CaseFeedback:
    """One case of a feedback sheet."""

    case_id: str
    title: str
    submitted: bool
    set_by: str
    lines: tuple[FeedbackLine, ...]


@dataclass(frozen=True, slots=True)
class CalibrationFeedback:
    """What one person learns from an exercise, and how they moved from one exercise to the next."""

    ref: str
    title: str
    code: str
    attended: str
    cases: tuple[CaseFeedback, ...]
    sections: Against
    overall: Against
    earlier: tuple[TrendPoint, ...]
    """Their own exercises so far, this one included, oldest first."""


@dataclass(frozen=True, slots=True)
class ResultCase:
    """One case of the results: its sections with the reference and the panel's reasons."""

    case_id: str
    title: str
    set_by: str
    lines: tuple[tuple[str, str, Grade, int, str], ...]
    """(section, title, reference, tolerance, why)."""


@dataclass(frozen=True, slots=True)
class Said:
    """Why somebody graded as they did."""

    case_id: str
    section: str
    code: str
    grade: Grade
    rationale: str


@dataclass(frozen=True, slots=True)
class Results:
    """Everything on a revealed exercise, for the QA unit: codes, never names."""

    row: ExerciseRow
    cases: tuple[ResultCase, ...]
    figures: ExerciseFigures
    invited: tuple[Invited, ...]
    said: tuple[Said, ...]
