"""Tables of the frame: the list of children as it was on one day, pseudonymised at the door.

No name, address, postcode or date of birth has a column here. `case_ref` is the case system's own ID, which
lets the host's auditor find the file; it never leaves the host's workspace.
"""

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field, SQLModel


class Frame(SQLModel, table=True):
    """One import of a council's lists, whole or not at all."""

    __tablename__ = "frame"
    frame_id: str = Field(primary_key=True)
    authority: str = Field(index=True)
    as_at: str
    kind: str
    dialect: str
    status_choice: str  # open, closed or both: the caller's explicit choice
    sources: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )  # file names only
    lists: list[dict[str, str | int]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    children: int
    events: int
    problems: int
    # SHA-256 over the sorted child keys, as the certificate of a draw prints it, and the salt of the keyed form.
    frame_hash: str
    salt: str
    imported_at: str
    imported_by: str


class FrameChild(SQLModel, table=True):
    """One child on one frame."""

    __tablename__ = "frame_child"
    __table_args__ = (
        Index("ix_frame_child_cohort", "frame_id", "primary_cohort"),
        Index("ix_frame_child_team", "frame_id", "team"),
        Index("ix_frame_child_case_ref", "frame_id", "case_ref"),
    )
    frame_id: str = Field(primary_key=True, foreign_key="frame.frame_id")
    child_key: str = Field(primary_key=True)
    case_ref: str
    authority: str
    primary_cohort: str
    cohorts: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    flags: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    lists: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    is_open: bool
    age: int | None = None
    age_months: int | None = None
    age_band: str = ""
    sex: str = ""
    ethnicity: str = ""
    disability: str = ""
    team: str = ""
    worker: str = ""
    personal_adviser: str = ""
    codes: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    facts: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    numbers: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    extras: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class FrameEvent(SQLModel, table=True):
    """One row of a list about one child: kept for context, never a unit of the draw by accident."""

    __tablename__ = "frame_event"
    frame_id: str = Field(primary_key=True, foreign_key="frame.frame_id")
    child_key: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    list_no: str
    event_date: str | None = None
    values: dict[str, str | int] = Field(
        default_factory=dict, sa_column=Column("values_json", JSON, nullable=False)
    )


class FrameProblem(SQLModel, table=True):
    """What was wrong with the lists when they came in, as it was reported."""

    __tablename__ = "frame_problem"
    frame_id: str = Field(primary_key=True, foreign_key="frame.frame_id")
    seq: int = Field(primary_key=True)
    severity: str
    code: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column_name: str = ""
    value: str = ""
    message: str
