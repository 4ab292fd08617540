"""Allocation: drawn cases become audits and are given to auditors who are tied to none of them.

The matching is an optimal one (`sampling.assignment`): balanced by capacity, never an auditor's own team,
worker, earlier decision or declared conflict, softly away from the same service and repeated pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from qa_audit.access.models import Conflict, Person
from qa_audit.access.policy import Actor, require, require_untied, tie_of
from qa_audit.access.service import PersonRecord, actor_of, find_person, people
from qa_audit.audits.models import Allocation, Audit
from qa_audit.audits.records import WRITABLE
from qa_audit.audits.service import ties_of
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.frame.models import Frame, FrameChild
from qa_audit.sampling.assignment import WORDS, Assignment, Auditor, OpenCase, assign
from qa_audit.sampling.models import Draw, DrawnCase, Round
from qa_audit.sampling.service import replace_in
from qa_audit.store.clock import day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean_line

_audit = Audit.__table__  # type: ignore[attr-defined]
_allocation = Allocation.__table__  # type: ignore[attr-defined]
_round = Round.__table__  # type: ignore[attr-defined]
_draw = Draw.__table__  # type: ignore[attr-defined]
_case = DrawnCase.__table__  # type: ignore[attr-defined]
_child = FrameChild.__table__  # type: ignore[attr-defined]
_frame = Frame.__table__  # type: ignore[attr-defined]
_conflict = Conflict.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

OPEN = ("planned", *sorted(WRITABLE))


@dataclass(frozen=True, slots=True)
class AllocatedRow:
    """One audit and who has it."""

    ref: str
    case_ref: str
    team: str
    cohort: str
    auditor: str
    auditor_team: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllocationResult:
    """What an allocation did: given, not given with every reason, and the load of each auditor."""

    given: tuple[AllocatedRow, ...]
    not_given: tuple[tuple[str, str], ...]
    load: tuple[tuple[str, int], ...]


def plan_audits(workspace: Workspace, actor: Actor, round_ref: str) -> int:
    """Make an audit of every drawn case of the round that has none yet; returns how many were made."""
    require(actor, "allocate")
    with workspace.write(actor) as unit:
        return _plan(unit, _round_row(unit.conn, round_ref), _services(unit.conn))


def allocate(
    workspace: Workspace, actor: Actor, round_ref: str, *, auditors: tuple[str, ...] = ()
) -> AllocationResult:
    """Plan the round's audits and give every unallocated one to an auditor.

    `auditors` limits who takes part (codes); without it everyone active who holds the auditor role does.
    """
    require(actor, "allocate")
    pool = _pool(workspace, auditors)
    actors = {record.person_id: actor_of(workspace, record) for record in pool}
    with workspace.write(actor) as unit:
        row = _round_row(unit.conn, round_ref)
        _plan(unit, row, _services(unit.conn))
        waiting = unit.conn.execute(
            select(_audit)
            .where(
                _audit.c.round_id == row.round_id, _audit.c.auditor_id.is_(None), _audit.c.status == "planned"
            )
            .order_by(_audit.c.ref)
        ).all()
        made = assign(
            _cases(unit.conn, waiting, pool, actors),
            _auditors(unit.conn, pool, len(waiting)),
            f"allocation/{row.round_id}",
        )
        by_id = {one.audit_id: one for one in waiting}
        for one in made.assigned:
            require_untied(actors[one.auditor_id], ties_of(by_id[one.case_id]))
            _give(unit, by_id[one.case_id], one.auditor_id, "allocated")
    return _result(made, by_id, {record.person_id: record for record in pool})


def reallocate(workspace: Workspace, actor: Actor, audit_ref: str, auditor: str, reason: str) -> None:
    """Give an open audit to somebody else, with the reason; what was typed stays with the audit."""
    require(actor, "allocate")
    reason = _needed(reason)
    target = find_person(workspace, auditor)
    target_actor = actor_of(workspace, target)
    if not target.active or not target_actor.may("audit.work"):
        raise BadInput(
            Code.BAD_VALUE,
            "That person does not audit",
            where=target.code,
            next_step="Give them the auditor role first",
        )
    with workspace.write(actor) as unit:
        row = _audit_row(unit.conn, audit_ref)
        if row.status not in OPEN:
            raise BadInput(
                Code.WRONG_STATE,
                "Only an open audit can move",
                where=row.ref,
                why=f"It is {row.status.replace('_', ' ')}",
                next_step="A returned audit stays with its auditor",
            )
        require_untied(target_actor, ties_of(row))
        _give(unit, row, target.person_id, reason)


def hand_back(workspace: Workspace, actor: Actor, audit_ref: str, reason: str) -> None:
    """The auditor hands an audit back (a conflict found on opening it); the QA unit gives it to somebody else."""
    require(actor, "conflict.declare")
    reason = _needed(reason)
    with workspace.write(actor) as unit:
        row = _audit_row(unit.conn, audit_ref)
        if row.auditor_id != actor.person_id:
            raise not_found("audit", audit_ref)
        if row.status not in OPEN:
            raise BadInput(
                Code.WRONG_STATE,
                "Only an open audit can be handed back",
                where=row.ref,
                next_step="Ask the QA lead",
            )
        _give(unit, row, None, reason)


def exempt(workspace: Workspace, actor: Actor, audit_ref: str, reason: str) -> None:
    """Exempt an audit: the director's decision, with the reason, counted apart from what was done."""
    _end(workspace, actor, audit_ref, "exempted", reason)


def withdraw(workspace: Workspace, actor: Actor, audit_ref: str, reason_code: str, note: str = "") -> str:
    """Withdraw a drawn case that cannot be audited; the next ticket of its stratum takes its place.

    Returns the reference of the audit that came in, or an empty text for a case chosen by judgement.
    """
    require(actor, "allocate")
    with workspace.write(actor) as unit:
        row = _audit_row(unit.conn, audit_ref)
        _check_open(row)
        unit.conn.execute(
            update(_audit)
            .where(_audit.c.audit_id == row.audit_id)
            .values(status="withdrawn", ended_reason=f"{reason_code}: {clean_line(note)}".rstrip(": "))
        )
        unit.event(
            "audit.withdrawn",
            "audit",
            row.audit_id,
            old=row.status,
            new="withdrawn",
            reason=f"{reason_code}: {clean_line(note)}".rstrip(": "),
        )
        if row.selection == "judgement" or row.draw_id is None:
            return ""
        round_row = _round_row(unit.conn, row.round_id)
        came_in = replace_in(unit, round_row.ref, row.child_key, reason_code, note)
        _plan(unit, round_row, _services(unit.conn))
        found = unit.conn.execute(
            select(_audit.c.ref).where(_audit.c.round_id == row.round_id, _audit.c.child_key == came_in)
        ).scalar()
        return str(found or "")


def _end(workspace: Workspace, actor: Actor, audit_ref: str, status: str, reason: str) -> None:
    require(actor, "audit.exempt")
    reason = _needed(reason)
    with workspace.write(actor) as unit:
        row = _audit_row(unit.conn, audit_ref)
        _check_open(row)
        unit.conn.execute(
            update(_audit).where(_audit.c.audit_id == row.audit_id).values(status=status, ended_reason=reason)
        )
        unit.event(f"audit.{status}", "audit", row.audit_id, old=row.status, new=status, reason=reason)


def _check_open(row: Any) -> None:
    if row.status not in OPEN:
        raise BadInput(
            Code.WRONG_STATE,
            "Only an open audit can be taken out",
            where=row.ref,
            why=f"It is {row.status.replace('_', ' ')}",
            next_step="What was submitted stays",
        )


def _plan(unit: Unit, row: Any, services: Mapping[str, str]) -> int:
    current = unit.conn.execute(
        select(_draw).where(_draw.c.round_id == row.round_id, _draw.c.superseded.is_(False))
    ).first()
    if current is None:
        raise BadInput(
            Code.WRONG_STATE,
            "This round has not been drawn",
            where=row.ref,
            next_step=f"Draw it with 'qa-audit round draw {row.ref} --seed DIGITS'",
        )
    frame = unit.conn.execute(select(_frame).where(_frame.c.frame_id == current.frame_id)).first()
    assert frame is not None
    cases = unit.conn.execute(
        select(_case, _child)
        .join(_child, (_child.c.child_key == _case.c.child_key) & (_child.c.frame_id == current.frame_id))
        .where(_case.c.draw_id == current.draw_id, _case.c.state == "selected")
        .order_by(_case.c.stratum, _case.c.position)
    ).all()
    have = _bring_up_to_date(unit, row, current, {one.child_key: one for one in cases})
    number = unit.conn.execute(select(func.count()).select_from(_audit)).scalar() or 0
    made = 0
    for one in cases:
        if one.child_key in have:
            continue
        number += 1
        made += 1
        audit_id = unit.ids()
        unit.conn.execute(
            insert(_audit).values(
                audit_id=audit_id, ref=f"A-{number:04d}", round_id=row.round_id, draw_id=current.draw_id, child_key=one.child_key,
                case_ref=one.case_ref, authority=one.authority, stratum=one.stratum, selection=one.kind, weight=one.weight,
                cohort=one.primary_cohort, cohorts=sorted({*one.cohorts, *one.flags}), age=one.age, age_band=one.age_band, sex=one.sex,
                ethnicity=one.ethnicity, disability=one.disability, team=one.team, service=services.get(one.team, ""),
                worker=one.worker, facts=_facts(one), as_at=frame.as_at, form_id=row.form_id, form_version=row.form_version,
                form_hash=row.form_hash, sections=list(row.sections), status="planned", revision=0, planned_at=unit.now, due=row.due,
            )
        )  # fmt: skip
        unit.event("audit.planned", "audit", audit_id, new={"ref": f"A-{number:04d}", "stratum": one.stratum})
    return made


def _bring_up_to_date(unit: Unit, row: Any, current: Any, drawn: Mapping[str, Any]) -> set[str]:
    """Hold the round's audits to its draw as it stands; returns the children who have an audit.

    An extension changes every weight of a stratum. A case that was replaced, or that a second draw did not
    draw, leaves the round while nobody has worked on it; begun work stays, without a weight.
    """
    have = set()
    for audit in unit.conn.execute(select(_audit).where(_audit.c.round_id == row.round_id)).all():
        have.add(audit.child_key)
        case = drawn.get(audit.child_key)
        match = _audit.c.audit_id == audit.audit_id
        if case is not None:
            changed = {
                "draw_id": current.draw_id, "stratum": case.stratum, "selection": case.kind, "weight": case.weight,
            }  # fmt: skip
            if any(getattr(audit, name) != value for name, value in changed.items()):
                unit.conn.execute(update(_audit).where(match).values(**changed))
        elif audit.status in {"planned", "allocated"}:
            reason = "no longer in the draw of its round"
            unit.conn.execute(
                update(_audit).where(match).values(status="withdrawn", ended_reason=reason, weight=None)
            )
            unit.event(
                "audit.withdrawn", "audit", audit.audit_id, old=audit.status, new="withdrawn", reason=reason
            )
        elif audit.weight is not None:
            unit.conn.execute(update(_audit).where(match).values(weight=None))
    return have


def _facts(child: Any) -> dict[str, str]:
    """Dates, numbers and codes together, as texts by name."""
    return {**child.facts, **child.codes, **{name: str(value) for name, value in child.numbers.items()}}


def _give(unit: Unit, row: Any, auditor_id: str | None, reason: str) -> None:
    number = (
        unit.conn.execute(
            select(func.max(_allocation.c.number)).where(_allocation.c.audit_id == row.audit_id)
        ).scalar()
        or 0
    ) + 1
    unit.conn.execute(
        insert(_allocation).values(
            audit_id=row.audit_id,
            number=number,
            auditor_id=auditor_id,
            at=unit.now,
            by=unit.actor.person_id,
            reason=reason,
        )
    )
    status = "planned" if auditor_id is None else "allocated" if row.status == "planned" else row.status
    unit.conn.execute(
        update(_audit)
        .where(_audit.c.audit_id == row.audit_id)
        .values(auditor_id=auditor_id, allocated_at=unit.now if auditor_id else None, status=status)
    )
    unit.event(
        "audit.allocated",
        "audit",
        row.audit_id,
        field="auditor_id",
        old=row.auditor_id,
        new=auditor_id,
        reason=reason,
    )


def _pool(workspace: Workspace, codes: tuple[str, ...]) -> list[PersonRecord]:
    everyone = [record for record in people(workspace) if record.active]
    if codes:
        chosen = [find_person(workspace, code) for code in dict.fromkeys(codes)]
        if gone := [one.code for one in chosen if not one.active or "auditor" not in one.roles]:
            raise BadInput(
                Code.BAD_VALUE,
                "That person does not audit",
                where=", ".join(gone),
                next_step="Give them the auditor role first",
            )
        return chosen
    found = [record for record in everyone if "auditor" in record.roles]
    if not found:
        raise BadInput(
            Code.NO_AUDITOR_LEFT,
            "Nobody holds the auditor role",
            next_step="Add auditors with 'qa-audit people add'",
        )
    return found


def _cases(
    conn: Connection, waiting: Any, pool: list[PersonRecord], actors: Mapping[str, Actor]
) -> list[OpenCase]:
    earlier: dict[str, set[str]] = {}
    for row in conn.execute(
        select(_audit.c.child_key, _audit.c.auditor_id).where(_audit.c.auditor_id.is_not(None))
    ):
        earlier.setdefault(row.child_key, set()).add(row.auditor_id)
    given_back: dict[str, set[str]] = {}
    for row in conn.execute(
        select(_allocation.c.audit_id, _allocation.c.auditor_id).where(_allocation.c.auditor_id.is_not(None))
    ):
        given_back.setdefault(row.audit_id, set()).add(row.auditor_id)
    by_name = {name.casefold(): record.person_id for record in pool for name in (record.display, record.code)}
    found = []
    for one in waiting:
        conflicted = {person for person, actor in actors.items() if tie_of(actor, ties_of(one))}
        conflicted |= given_back.get(one.audit_id, set())
        worker = by_name.get(one.worker.casefold(), one.worker)
        found.append(
            OpenCase(
                one.audit_id, frozenset({worker} if worker else ()), one.team, one.service, conflicts=frozenset(conflicted),
                decided_by=frozenset(earlier.get(one.child_key, ())),
            )
        )  # fmt: skip
    return found


def _auditors(conn: Connection, pool: list[PersonRecord], waiting: int) -> list[Auditor]:
    """Each auditor's capacity with what is open already; the capacity grows evenly when the round asks for more."""
    load = {
        row.auditor_id: row.n
        for row in conn.execute(
            select(_audit.c.auditor_id, func.count().label("n"))
            .where(_audit.c.status.in_(sorted(WRITABLE)))
            .group_by(_audit.c.auditor_id)
        )
    }
    free = sum(max(0, record.capacity - load.get(record.person_id, 0)) for record in pool)
    total = sum(record.capacity for record in pool) or 1
    factor = (
        1
        if free >= waiting
        else -(-(waiting + sum(load.get(record.person_id, 0) for record in pool)) // total) + 1
    )
    return [
        Auditor(
            record.person_id,
            record.team,
            record.service,
            record.capacity * factor,
            min(load.get(record.person_id, 0), record.capacity * factor),
            frozenset(record.manages),
        )
        for record in pool
    ]


def _services(conn: Connection) -> dict[str, str]:
    rows = conn.execute(
        select(_person.c.team, _person.c.service).where(_person.c.team != "", _person.c.service != "")
    )
    return {row.team: row.service for row in rows}


def _result(
    made: Assignment, by_id: Mapping[str, Any], people_by_id: Mapping[str, PersonRecord]
) -> AllocationResult:
    given = tuple(
        AllocatedRow(
            by_id[one.case_id].ref,
            by_id[one.case_id].case_ref,
            by_id[one.case_id].team,
            by_id[one.case_id].cohort,
            people_by_id[one.auditor_id].code,
            people_by_id[one.auditor_id].team,
            one.warnings,
        )
        for one in made.assigned
    )
    not_given = tuple(
        (
            by_id[one.case_id].ref,
            "; ".join(f"{people_by_id[person].code} {WORDS[why[0]]}" for person, why in one.reasons),
        )
        for one in made.not_assigned
    )
    return AllocationResult(
        given, not_given, tuple((people_by_id[person].code, count) for person, count in made.load)
    )


def _round_row(conn: Connection, ref: str) -> Any:
    row = conn.execute(
        select(_round).where((func.lower(_round.c.ref) == ref.lower()) | (_round.c.round_id == ref))
    ).first()
    if row is None:
        raise not_found("round", ref)
    if row.status == "closed":
        raise BadInput(Code.WRONG_STATE, "The round is closed", where=row.ref, next_step="Plan a new round")
    return row


def _audit_row(conn: Connection, ref: str) -> Any:
    row = conn.execute(select(_audit).where(func.lower(_audit.c.ref) == ref.lower())).first()
    if row is None:
        raise not_found("audit", ref)
    return row


def _needed(reason: str) -> str:
    if not (reason := clean_line(reason)):
        raise BadInput(Code.INCOMPLETE, "This needs a reason", next_step="Say why in a few words")
    return reason


def due_words(due: str, today: str) -> str:
    """When something is due, in words."""
    days = (day(due) - day(today)).days
    return f"{-days} days overdue" if days < 0 else "due today" if days == 0 else f"due in {days} days"
