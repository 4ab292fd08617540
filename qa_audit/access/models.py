"""Tables of people: who they are, what they may do, whom they manage, what they declared."""

from sqlmodel import Field, SQLModel


class Person(SQLModel, table=True):
    """A person of the service or of a partner council. Never a child, never a family."""

    __tablename__ = "person"
    person_id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    display: str
    job_title: str = ""
    team: str = ""
    service: str = ""
    organisation: str = ""
    capacity: int = 1
    joined_on: str = ""
    active: bool = True


class PersonRole(SQLModel, table=True):
    """One role a person holds."""

    __tablename__ = "person_role"
    person_id: str = Field(primary_key=True, foreign_key="person.person_id")
    role: str = Field(primary_key=True)


class ManagedTeam(SQLModel, table=True):
    """A team a person has line management of, now or in the last 12 months."""

    __tablename__ = "managed_team"
    person_id: str = Field(primary_key=True, foreign_key="person.person_id")
    team: str = Field(primary_key=True)


class Conflict(SQLModel, table=True):
    """A declared conflict: a child, a worker or a team this person must not audit or moderate."""

    __tablename__ = "conflict"
    conflict_id: str = Field(primary_key=True)
    person_id: str = Field(index=True, foreign_key="person.person_id")
    kind: str
    key: str
    reason: str
    declared_at: str
    withdrawn_at: str | None = None
