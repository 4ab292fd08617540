"""People: add them, give them roles, load one as the acting person, declare conflicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update

from qa_audit.access.models import Conflict, ManagedTeam, Person, PersonRole
from qa_audit.access.policy import ROLES, Actor, require
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean_line

_person = Person.__table__  # type: ignore[attr-defined]
_role = PersonRole.__table__  # type: ignore[attr-defined]
_managed = ManagedTeam.__table__  # type: ignore[attr-defined]
_conflict = Conflict.__table__  # type: ignore[attr-defined]

OWNER_CODE = "ME"


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person as screens and commands see them."""

    person_id: str
    code: str
    display: str
    job_title: str
    team: str
    service: str
    organisation: str
    roles: tuple[str, ...]
    manages: tuple[str, ...]
    capacity: int
    joined_on: str
    active: bool


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is needed to add a person. `code` is what reports print instead of a name."""

    code: str
    display: str
    roles: tuple[str, ...]
    job_title: str = ""
    team: str = ""
    service: str = ""
    organisation: str = ""
    manages: tuple[str, ...] = ()
    capacity: int = 1
    joined_on: str = ""
    person_id: str = ""


@dataclass(frozen=True, slots=True)
class FirstHand:
    """The person who makes a workspace, before anyone is in it."""

    person_id: str = "first"
    acting_role: str = "set-up"


def add_owner(workspace: Workspace, display: str = "Me") -> Actor:
    """Give a new single-user workspace its one person, who holds every role.

    A laptop stays easy: no accounts to make. Separation of duties still binds the person.
    """
    _check_empty(workspace)
    owner = NewPerson(OWNER_CODE, display, tuple(ROLES), job_title="Owner of this workspace")
    with workspace.write(FirstHand()) as unit:
        person_id = _insert(unit, owner)
    return load_actor(workspace, person_id)


def add_first_people(workspace: Workspace, people: Iterable[NewPerson]) -> None:
    """Fill a new, empty workspace with its people (a service's set-up, or the demo)."""
    _check_empty(workspace)
    with workspace.write(FirstHand()) as unit:
        for person in people:
            _insert(unit, person)


def add_person(workspace: Workspace, actor: Actor, person: NewPerson) -> str:
    """Add one person; returns their id."""
    require(actor, "people.change")
    with workspace.write(actor) as unit:
        return _insert(unit, person)


def set_roles(workspace: Workspace, actor: Actor, ref: str, roles: Iterable[str]) -> None:
    """Give a person exactly these roles. Nobody changes their own, and one administrator always stays."""
    require(actor, "people.change")
    wanted = _checked_roles(roles)
    person_id = find_person(workspace, ref).person_id
    if person_id == actor.person_id:
        raise BadInput(Code.CONFLICT, "Nobody changes their own roles", next_step="Ask another administrator")
    with workspace.write(actor) as unit:
        held = sorted(unit.conn.execute(select(_role.c.role).where(_role.c.person_id == person_id)).scalars())
        unit.conn.execute(delete(_role).where(_role.c.person_id == person_id))
        if wanted:
            unit.conn.execute(insert(_role), [{"person_id": person_id, "role": role} for role in wanted])
        unit.event("person.roles", "person", person_id, old=held, new=list(wanted))


def set_active(workspace: Workspace, actor: Actor, ref: str, *, active: bool, reason: str) -> None:
    """A person joins again or leaves; their work stays as history."""
    require(actor, "people.change")
    person_id = find_person(workspace, ref).person_id
    if person_id == actor.person_id and not active:
        raise BadInput(
            Code.CONFLICT, "Nobody closes their own account", next_step="Ask another administrator"
        )
    if not (reason := clean_line(reason)):
        raise BadInput(Code.INCOMPLETE, "This needs a reason", next_step="Say why in a few words")
    with workspace.write(actor) as unit:
        unit.conn.execute(update(_person).where(_person.c.person_id == person_id).values(active=active))
        unit.event("person.active", "person", person_id, new=active, reason=reason)


def people(
    workspace: Workspace, actor: Actor | None = None, *, role: str | None = None
) -> tuple[PersonRecord, ...]:
    """Everyone, or everyone who holds a role; `actor` is asked for the right unless the caller is a service."""
    if actor is not None:
        require(actor, "people.read")
    with workspace.read() as conn:
        roles: dict[str, list[str]] = {}
        for row in conn.execute(select(_role).order_by(_role.c.role)):
            roles.setdefault(row.person_id, []).append(row.role)
        managed: dict[str, list[str]] = {}
        for row in conn.execute(select(_managed).order_by(_managed.c.team)):
            managed.setdefault(row.person_id, []).append(row.team)
        found = conn.execute(select(_person).order_by(_person.c.code)).all()
    records = (
        PersonRecord(
            row.person_id, row.code, row.display, row.job_title, row.team, row.service, row.organisation,
            tuple(roles.get(row.person_id, ())), tuple(managed.get(row.person_id, ())),
            row.capacity, row.joined_on, bool(row.active),
        )
        for row in found
    )  # fmt: skip
    return tuple(record for record in records if role is None or role in record.roles)


def find_person(workspace: Workspace, ref: str) -> PersonRecord:
    """A person by id or code, whatever the case of its letters."""
    for record in people(workspace):
        if ref == record.person_id or ref.casefold() == record.code.casefold():
            return record
    raise not_found("people", ref)


def load_actor(workspace: Workspace, ref: str | None = None) -> Actor:
    """The acting person by id or code; without one, the workspace's owner or its only person."""
    if ref is None:
        everyone = people(workspace)
        owner = next((p for p in everyone if p.code == OWNER_CODE), None)
        if owner is None and len(everyone) != 1:
            raise BadInput(
                Code.NOT_FOUND,
                "This workspace has several people and you have not said who you are",
                next_step="Add --as CODE, for example --as QA1; 'qa-audit people list --as CODE' shows the codes",
            )
        ref = (owner or everyone[0]).person_id
    record = find_person(workspace, ref)
    if not record.active:
        raise not_found("people", ref)
    return actor_of(workspace, record)


def actor_of(workspace: Workspace, record: PersonRecord) -> Actor:
    """A person's record as the acting person, with their declared conflicts."""
    with workspace.read() as conn:
        declared = conn.execute(
            select(_conflict.c.kind, _conflict.c.key).where(
                _conflict.c.person_id == record.person_id, _conflict.c.withdrawn_at.is_(None)
            )
        ).all()
    return Actor(
        record.person_id, record.code, record.display, frozenset(record.roles), record.team, record.service,
        record.organisation, frozenset(record.manages), frozenset((row.kind, row.key) for row in declared),
    )  # fmt: skip


def declare_conflict(workspace: Workspace, actor: Actor, kind: str, key: str, reason: str) -> str:
    """Declare that one must not audit or moderate a child's, a worker's or a team's cases."""
    require(actor, "conflict.declare")
    if kind not in {"child", "worker", "team"}:
        raise BadInput(
            Code.BAD_VALUE,
            "A conflict is with a child, a worker or a team",
            where="kind",
            next_step="Say child, worker or team",
        )
    if not (key := clean_line(key)) or not (reason := clean_line(reason)):
        raise BadInput(
            Code.INCOMPLETE, "A conflict needs whom it is with and the reason", next_step="Give both"
        )
    with workspace.write(actor) as unit:
        conflict_id = unit.ids()
        unit.conn.execute(
            insert(_conflict).values(
                conflict_id=conflict_id,
                person_id=actor.person_id,
                kind=kind,
                key=key,
                reason=reason,
                declared_at=unit.now,
            )
        )
        unit.event("conflict.declared", "conflict", conflict_id, new={"kind": kind}, reason=reason)
    return conflict_id


def _insert(unit: Unit, person: NewPerson) -> str:
    roles = _checked_roles(person.roles)
    code, display = clean_line(person.code), clean_line(person.display)
    if not code or not display:
        raise BadInput(Code.INCOMPLETE, "A person needs a code and a name to show", next_step="Give both")
    if unit.conn.execute(
        select(_person.c.person_id).where(func.lower(_person.c.code) == code.lower())
    ).first():
        raise BadInput(
            Code.CONFLICT, "Somebody already has that code", where=code, next_step="Choose another code"
        )
    person_id = person.person_id or unit.ids()
    unit.conn.execute(
        insert(_person).values(
            person_id=person_id, code=code, display=display, job_title=clean_line(person.job_title),
            team=clean_line(person.team), service=clean_line(person.service), organisation=clean_line(person.organisation),
            capacity=person.capacity, joined_on=person.joined_on, active=True,
        )
    )  # fmt: skip
    if roles:
        unit.conn.execute(insert(_role), [{"person_id": person_id, "role": role} for role in roles])
    if person.manages:
        unit.conn.execute(
            insert(_managed), [{"person_id": person_id, "team": clean_line(team)} for team in person.manages]
        )
    unit.event("person.added", "person", person_id, new={"code": code, "roles": list(roles)})
    return person_id


def _checked_roles(roles: Iterable[str]) -> tuple[str, ...]:
    from difflib import get_close_matches

    wanted = tuple(dict.fromkeys(roles))
    for role in wanted:
        if role not in ROLES:
            near = get_close_matches(role, ROLES, n=1)
            raise BadInput(
                Code.BAD_VALUE, "That is not a role", where=clean_line(role)[:30],
                next_step=f"Did you mean {near[0]}?" if near else f"Roles: {', '.join(ROLES)}",
            )  # fmt: skip
    return wanted


def _check_empty(workspace: Workspace) -> None:
    with workspace.read() as conn:
        if conn.execute(select(_person.c.person_id).limit(1)).first():
            raise BadInput(
                Code.CONFLICT,
                "This workspace already has its people",
                where=workspace.where,
                next_step="Add people with 'qa-audit people add'",
            )
