"""Tables of rounds and draws: what was planned, what was drawn, and with which certificate."""

from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel


class Round(SQLModel, table=True):
    """One round of audits: its kind, its lines of enquiry, its form, its dates and its rules."""

    __tablename__ = "round"
    round_id: str = Field(primary_key=True)
    ref: str = Field(unique=True)
    title: str
    kind: str
    theme: str = ""
    lines_of_enquiry: list[Any] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, default=list)
    )
    cohorts: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, default=list))
    open_state: str = "open"
    form_id: str
    form_version: str
    form_hash: str
    sections: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False, default=list))
    framework: str
    frame_id: str | None = Field(default=None, foreign_key="frame.frame_id")
    starts: str
    due: str
    closes: str
    target: int
    plan: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False, default=dict))
    moderation: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, default=dict)
    )
    blind: bool = True
    status: str = "planned"
    created_at: str
    created_by: str


class Draw(SQLModel, table=True):
    """One draw of a round. A redraw is a new row; the first stays, with the reason for the second."""

    __tablename__ = "draw"
    draw_id: str = Field(primary_key=True)
    round_id: str = Field(index=True, foreign_key="round.round_id")
    number: int
    frame_id: str = Field(foreign_key="frame.frame_id")
    seed: str
    algorithm: str
    frame_hash: str
    population: int
    certificate: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, default=dict)
    )
    drawn_at: str
    drawn_by: str
    reason: str = ""
    superseded: bool = False
    history: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class DrawnCase(SQLModel, table=True):
    """One child of a draw: selected, in reserve, replaced, or picked by judgement (no weight then)."""

    __tablename__ = "drawn_case"
    __table_args__ = (Index("ix_drawn_case_child_key", "child_key"),)
    draw_id: str = Field(primary_key=True, foreign_key="draw.draw_id")
    child_key: str = Field(primary_key=True)
    stratum: str
    kind: str = "random"
    state: str = "selected"
    position: int = 0
    ticket: str = ""
    inclusion_probability: float | None = None
    weight: float | None = None
    replaced_by: str | None = None
    reason_code: str = ""
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))
