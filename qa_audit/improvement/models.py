"""Tables of what changes: actions with two closures, and coded themes."""

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel


class Action(SQLModel, table=True):
    """One action with one owner; done by the owner, verified by somebody else with evidence of effect."""

    __tablename__ = "action"
    __table_args__ = (Index("ix_action_state_due", "state", "due"), Index("ix_action_audit_id", "audit_id"))
    action_id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    audit_id: str | None = Field(default=None, foreign_key="audit.audit_id")
    round_id: str | None = Field(default=None, foreign_key="round.round_id")
    source: str = "audit"
    section: str = ""
    team: str = ""
    what: str = Field(sa_column=Column(Text, nullable=False))
    type: str = "child"
    purpose: str = "for_the_child"
    owner_role: str
    due: str
    priority: str = "normal"
    success: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    state: str = "open"
    created_at: str
    created_by: str
    done_at: str | None = None
    done_by: str | None = None
    done_note: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    verified_at: str | None = None
    verified_by: str | None = None
    verified_note: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    in_supervision_on: str | None = None


class ThemeTag(SQLModel, table=True):
    """A strength or a gap of one audit, coded from the controlled list, with one de-identified line."""

    __tablename__ = "theme_tag"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    theme: str = Field(primary_key=True)
    polarity: str = Field(primary_key=True)
    section: str = ""
    line: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    coded_at: str
    coded_by: str


class Recovery(SQLModel, table=True):
    """What follows an Inadequate case: who owns it, the plan on the child's record, the re-audit booked."""

    __tablename__ = "recovery"
    audit_id: str = Field(primary_key=True, foreign_key="audit.audit_id")
    told_at: str
    plan_due: str
    reaudit_due: str
    plan_on: str | None = None
    plan_note: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
    plan_by: str | None = None
