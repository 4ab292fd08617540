"""Table of stored forms: an audit keeps the version it was done under for ever."""

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel


class StoredForm(SQLModel, table=True):
    """The whole text of one form (a tool with every set it uses), by the hash of its content."""

    __tablename__ = "stored_form"
    form_hash: str = Field(primary_key=True)
    form_id: str = Field(index=True)
    version: str
    content: str = Field(sa_column=Column(Text, nullable=False))
    stored_at: str
