"""Tables that every stage uses: what the workspace is, its settings, and the trail of every change.

Times are UTC ISO 8601 text with microseconds and dates ISO text, so that both engines sort and
compare them alike and no driver turns one into another.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

# Names for every constraint, so that a later migration can find them on both engines.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Meta(SQLModel, table=True):
    """What this workspace is: schema version, its id, the key of its pseudonyms."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, nullable=False))


class Setting(SQLModel, table=True):
    """One setting of the council (JSON text), with who set it last in the trail."""

    __tablename__ = "setting"
    key: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, nullable=False))


class Event(SQLModel, table=True):
    """One change: who, when, what, from, to, why. Written in the transaction that made it."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_subject_subject_id", "subject", "subject_id"),)
    seq: int | None = Field(
        default=None,
        sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    )
    at: str
    person_id: str
    role: str
    action: str = Field(index=True)
    subject: str
    subject_id: str
    field: str | None = None
    old: str | None = Field(default=None, sa_column=Column(Text))
    new: str | None = Field(default=None, sa_column=Column(Text))
    reason: str | None = Field(default=None, sa_column=Column(Text))
