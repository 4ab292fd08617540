"""Tables of moderation: the second grade, the decision, the dispute and the panel. All facts for ever."""

from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel


class Moderation(SQLModel, table=True):
    """One audit chosen for moderation, from the queue to the decision.

    `blind` says whether the moderator graded before the auditor's grades could be seen. `random` and
    `inclusion_probability` say whether it may feed estimates for all audits.
    """

    __tablename__ = "moderation"
    __table_args__ = (
        Index("ix_moderation_audit_id", "audit_id"),
        Index("ix_moderation_moderator_id_state", "moderator_id", "state"),
    )
    moderation_id: str = Field(primary_key=True)
    audit_id: str = Field(foreign_key="audit.audit_id")
    revision: int
    round_id: str = Field(foreign_key="round.round_id")
    reasons: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, default=list))
    random: bool = False
    inclusion_probability: float = 1.0
    blind: bool = True
    moderator_id: str | None = Field(default=None, foreign_key="person.person_id")
    state: str = "queued"
    selected_at: str
    allocated_at: str | None = None
    due: str
    graded_at: str | None = None
    decided_at: str | None = None
    outcome: str = ""
    practice_grade: int | None = None
    audit_quality: int | None = None
    reason_code: str = ""
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    responded_at: str | None = None
    response: str = ""
    response_text: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))


class ModeratorAnswer(SQLModel, table=True):
    """One part of the moderator's form as it stands (their own section grades and the audit of the audit)."""

    __tablename__ = "moderator_answer"
    moderation_id: str = Field(primary_key=True, foreign_key="moderation.moderation_id")
    item: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, nullable=False))
    version: int = 1
    saved_at: str
    saved_by: str


class BlindGrade(SQLModel, table=True):
    """The moderator's own grade of a section (or OV), locked before the auditor's was shown."""

    __tablename__ = "blind_grade"
    moderation_id: str = Field(primary_key=True, foreign_key="moderation.moderation_id")
    section: str = Field(primary_key=True)
    grade: int


class ModeratedGrade(SQLModel, table=True):
    """The grade after moderation of a section (or OV), with the outcome and its reason."""

    __tablename__ = "moderated_grade"
    moderation_id: str = Field(primary_key=True, foreign_key="moderation.moderation_id")
    section: str = Field(primary_key=True)
    grade: int
    outcome: str
    reason_code: str = ""
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))


class Panel(SQLModel, table=True):
    """A panel on one moderation: a dispute, a two-step difference, or a move into or out of Inadequate."""

    __tablename__ = "panel"
    panel_id: str = Field(primary_key=True)
    moderation_id: str = Field(index=True, foreign_key="moderation.moderation_id")
    audit_id: str = Field(index=True, foreign_key="audit.audit_id")
    why: str
    convened_at: str
    convened_by: str
    members: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, default=list))
    state: str = "convened"
    decided_at: str | None = None
    decided_by: str | None = None
    rationale: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))


class PanelGrade(SQLModel, table=True):
    """The panel's grade of a section (or OV): final."""

    __tablename__ = "panel_grade"
    panel_id: str = Field(primary_key=True, foreign_key="panel.panel_id")
    section: str = Field(primary_key=True)
    grade: int


class CalibrationExercise(SQLModel, table=True):
    """One calibration exercise: the same cases, graded blind by everybody invited, then shown to all at once."""

    __tablename__ = "calibration_exercise"
    exercise_id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    title: str
    state: str = "open"
    due: str = ""
    workshop_on: str = ""
    created_at: str
    created_by: str
    revealed_at: str | None = None
    revealed_by: str | None = None
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))


class CalibrationCase(SQLModel, table=True):
    """A case of an exercise, kept whole as it was graded: a later edit of its file changes nothing here."""

    __tablename__ = "calibration_case"
    exercise_id: str = Field(primary_key=True, foreign_key="calibration_exercise.exercise_id")
    case_id: str = Field(primary_key=True)
    version: str
    position: int
    content: str = Field(sa_column=Column(Text, nullable=False))


class CalibrationAttendance(SQLModel, table=True):
    """Somebody invited to an exercise, and whether they came to its workshop."""

    __tablename__ = "calibration_attendance"
    exercise_id: str = Field(primary_key=True, foreign_key="calibration_exercise.exercise_id")
    person_id: str = Field(primary_key=True, foreign_key="person.person_id")
    attended: str = ""
    recorded_at: str | None = None
    recorded_by: str | None = None


class CalibrationGrade(SQLModel, table=True):
    """One person's grade of a section (or OV) of a case, and why."""

    __tablename__ = "calibration_grade"
    exercise_id: str = Field(primary_key=True, foreign_key="calibration_exercise.exercise_id")
    case_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="person.person_id")
    section: str = Field(primary_key=True)
    grade: int | None = None
    rationale: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    version: int = 1
    saved_at: str


class CalibrationSubmission(SQLModel, table=True):
    """One person's grades of a case are final: nobody, they included, changes them any more."""

    __tablename__ = "calibration_submission"
    exercise_id: str = Field(primary_key=True, foreign_key="calibration_exercise.exercise_id")
    case_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="person.person_id")
    submitted_at: str
