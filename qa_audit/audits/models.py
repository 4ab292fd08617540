"""Tables of the audit: the allocated case, every answer, the frozen judgement, the alert."""

from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel


class Audit(SQLModel, table=True):
    """One case given to one auditor under one version of one form.

    The child's facts are those of the frame at allocation (`facts`), so that a later list never
    changes what an audit was done on.
    """

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_round_id_status", "round_id", "status"),
        Index("ix_audit_auditor_id_status", "auditor_id", "status"),
    )
    audit_id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    round_id: str = Field(foreign_key="round.round_id")
    draw_id: str | None = Field(default=None, foreign_key="draw.draw_id")
    child_key: str = Field(index=True)
    case_ref: str = ""
    authority: str = ""
    stratum: str = ""
    selection: str = "random"
    weight: float | None = None
    cohort: str
    cohorts: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, default=list))
    age: int | None = None
    age_band: str = ""
    sex: str = ""
    ethnicity: str = ""
    disability: str = ""
    team: str = ""
    service: str = ""
    worker: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False, default=dict))
    as_at: str
    form_id: str
    form_version: str
    form_hash: str
    sections: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, default=list))
    auditor_id: str | None = Field(default=None, foreign_key="person.person_id")
    status: str = "planned"
    revision: int = 0
    planned_at: str
    allocated_at: str | None = None
    due: str
    started_at: str | None = None
    submitted_at: str | None = None
    final_at: str | None = None
    shared_at: str | None = None
    ended_reason: str = ""
    reaudit_of: str | None = Field(default=None, foreign_key="audit.audit_id")


class Answer(SQLModel, table=True):
    """One part of one answer as it stands; every earlier value is in the trail."""

    __tablename__ = "answer"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    item: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, nullable=False))
    version: int = 1
    saved_at: str
    saved_by: str


class Position(SQLModel, table=True):
    """Where a person was in a form, so that it reopens there."""

    __tablename__ = "position"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    person_id: str = Field(primary_key=True, foreign_key="person.person_id")
    section: str
    item: str
    at: str


class Submission(SQLModel, table=True):
    """What the auditor submitted: frozen, with the hash of every answer it rests on.

    `moderation_chance` is the chance with which the round's rules sent it to moderation, kept also for what was not sent:
    what is known of drift later never changes it.
    """

    __tablename__ = "submission"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    revision: int = Field(primary_key=True)
    submitted_at: str
    submitted_by: str
    answers_hash: str
    ceiling: int | None = None
    ceiling_reasons: list[Any] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, default=list)
    )
    override_reason: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    rules_version: str = ""
    moderation_chance: float | None = None


class AuditGrade(SQLModel, table=True):
    """The auditor's grade of one section, or of the whole case (section OV). Never changed."""

    __tablename__ = "audit_grade"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    revision: int = Field(primary_key=True)
    section: str = Field(primary_key=True)
    grade: int


class StandingGrade(SQLModel, table=True):
    """The grade that stands once an audit is final, and whose it is: auditor, moderator or panel."""

    __tablename__ = "standing_grade"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    section: str = Field(primary_key=True)
    grade: int
    source: str


class Allocation(SQLModel, table=True):
    """Who was given an audit and why it moved; the last one is in force."""

    __tablename__ = "allocation"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    number: int = Field(primary_key=True)
    auditor_id: str | None = Field(default=None, foreign_key="person.person_id")
    at: str
    by: str
    reason: str = ""


class Alert(SQLModel, table=True):
    """A child may be at risk now: raised, acknowledged, acted on, closed by somebody else."""

    __tablename__ = "alert"
    alert_id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    audit_id: str | None = Field(default=None, foreign_key="audit.audit_id")
    round_id: str | None = Field(default=None, foreign_key="round.round_id")
    child_key: str = ""
    case_ref: str = ""
    team: str = ""
    concern: str = Field(sa_column=Column(Text, nullable=False))
    told: str
    told_at: str
    state: str = "raised"
    raised_at: str
    raised_by: str
    acknowledged_at: str | None = None
    acknowledged_by: str | None = None
    acted_at: str | None = None
    acted_by: str | None = None
    action_taken: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    closed_at: str | None = None
    closed_by: str | None = None
    closing_note: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))


class WorkerResponse(SQLModel, table=True):
    """What the worker says of the shared audit: a comment, or a challenge to a fact."""

    __tablename__ = "worker_response"
    response_id: str = Field(primary_key=True)
    audit_id: str = Field(index=True, foreign_key="audit.audit_id")
    kind: str
    words: str = Field(sa_column=Column(Text, nullable=False))
    at: str
    by: str
