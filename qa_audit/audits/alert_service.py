"""Safeguarding alerts: raised from any screen, acknowledged, acted on, closed by somebody else.

A child may be at risk now, whatever the grade. The clock runs from the telling: unacknowledged after
four working hours the alert is late and shown to the next tier. It is never closed by the person who
raised it (practice.md 1.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from qa_audit.access.models import Person
from qa_audit.access.policy import Actor, require
from qa_audit.audits.models import Alert, Audit
from qa_audit.errors import BadInput, Code, NotAllowed, not_found
from qa_audit.library.clocks import bank_holidays
from qa_audit.store.clock import stamp
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean, clean_line

_alert = Alert.__table__  # type: ignore[attr-defined]
_audit = Audit.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

ACKNOWLEDGE_HOURS = 4
DAY_STARTS, DAY_ENDS = 9, 17


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert as screens and commands see it. People stand under their codes."""

    ref: str
    audit_ref: str
    case_ref: str
    team: str
    concern: str
    told: str
    told_at: str
    state: str
    raised_at: str
    raised_by: str
    acknowledged_at: str | None
    acknowledged_by: str | None
    acted_at: str | None
    action_taken: str
    closed_at: str | None
    closing_note: str
    clock: str
    late: bool


def raise_alert(
    workspace: Workspace,
    actor: Actor,
    *,
    concern: str,
    told: str,
    audit_ref: str | None = None,
    told_at: str | None = None,
    case_ref: str = "",
) -> str:
    """Raise an alert; returns its reference. `told` is who was spoken to, by role, the same day."""
    require(actor, "alert.raise")
    concern, told = clean(concern).strip(), clean_line(told)
    if not concern or not told:
        raise BadInput(
            Code.INCOMPLETE,
            "An alert says what the concern is and who was told",
            next_step="Speak to the team manager or the duty manager now, then write both down",
        )
    told_at = _moment(told_at)
    with workspace.write(actor) as unit:
        audit = None
        if audit_ref:
            audit = unit.conn.execute(
                select(_audit).where(func.lower(_audit.c.ref) == audit_ref.lower())
            ).first()
            if audit is None or not _may_see_case(actor, audit):
                raise not_found("audit", audit_ref)
        alert_id, ref = unit.ids(), _next_ref(unit)
        unit.conn.execute(
            insert(_alert).values(
                alert_id=alert_id,
                ref=ref,
                audit_id=audit.audit_id if audit else None,
                round_id=audit.round_id if audit else None,
                child_key=audit.child_key if audit else "",
                case_ref=audit.case_ref if audit else clean_line(case_ref),
                team=audit.team if audit else actor.team,
                concern=concern,
                told=told,
                told_at=told_at or unit.now,
                raised_at=unit.now,
                raised_by=actor.person_id,
                state="raised",
            )
        )
        unit.event("alert.raised", "alert", alert_id, new={"told": told})
    return ref


def acknowledge(workspace: Workspace, actor: Actor, ref: str, note: str = "") -> None:
    """The person told takes it on. Nobody acknowledges their own alert."""
    require(actor, "alert.act")
    with workspace.write(actor) as unit:
        row = _get(unit, actor, ref, states={"raised"})
        _not_the_raiser(actor, row, "acknowledge")
        unit.conn.execute(
            update(_alert)
            .where(_alert.c.alert_id == row.alert_id)
            .values(state="acknowledged", acknowledged_at=unit.now, acknowledged_by=actor.person_id)
        )
        unit.event(
            "alert.acknowledged",
            "alert",
            row.alert_id,
            old="raised",
            new="acknowledged",
            reason=clean_line(note) or None,
        )


def act(workspace: Workspace, actor: Actor, ref: str, taken: str) -> None:
    """Write down what was done to make the child safe."""
    require(actor, "alert.act")
    if not (taken := clean(taken).strip()):
        raise BadInput(
            Code.INCOMPLETE, "Say what was done", next_step="Write the action taken, who did it and when"
        )
    with workspace.write(actor) as unit:
        row = _get(unit, actor, ref, states={"acknowledged", "acted"})
        unit.conn.execute(
            update(_alert)
            .where(_alert.c.alert_id == row.alert_id)
            .values(state="acted", acted_at=unit.now, acted_by=actor.person_id, action_taken=taken)
        )
        unit.event(
            "alert.acted",
            "alert",
            row.alert_id,
            field="action_taken",
            old=row.action_taken or None,
            new=taken,
        )


def close(workspace: Workspace, actor: Actor, ref: str, note: str) -> None:
    """Close an alert that was acted on: not by who raised it, not without saying why the child is safe."""
    require(actor, "alert.act")
    if not (note := clean(note).strip()):
        raise BadInput(
            Code.INCOMPLETE,
            "Say why the alert can be closed",
            next_step="Write how you know the child is safe now",
        )
    with workspace.write(actor) as unit:
        row = _get(unit, actor, ref, states={"acted"})
        _not_the_raiser(actor, row, "close")
        unit.conn.execute(
            update(_alert)
            .where(_alert.c.alert_id == row.alert_id)
            .values(state="closed", closed_at=unit.now, closed_by=actor.person_id, closing_note=note)
        )
        unit.event("alert.closed", "alert", row.alert_id, old="acted", new="closed", reason=note)


def alerts(workspace: Workspace, actor: Actor, *, open_only: bool = False) -> tuple[AlertRow, ...]:
    """Alerts in the actor's sight: QA and heads all, managers their teams', anyone their own; newest first."""
    require(actor, "alert.read")
    query = (
        select(_alert, _audit.c.ref.label("audit_ref"), _person.c.code.label("raiser"))
        .outerjoin(_audit, _audit.c.audit_id == _alert.c.audit_id)
        .outerjoin(_person, _person.c.person_id == _alert.c.raised_by)
        .order_by(_alert.c.raised_at.desc(), _alert.c.ref.desc())
    )
    if not actor.roles & {"qa_lead", "head_of_service"}:
        query = query.where(
            or_(_alert.c.raised_by == actor.person_id, _alert.c.team.in_(sorted(actor.own_teams)))
        )
    if open_only:
        query = query.where(_alert.c.state != "closed")
    with workspace.read() as conn:
        codes = {row.person_id: row.code for row in conn.execute(select(_person.c.person_id, _person.c.code))}
        rows = conn.execute(query).all()
    now = workspace.clock()
    return tuple(_row(row, codes, now) for row in rows)


def _moment(text: str | None) -> str | None:
    if not text:
        return None
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(
            Code.BAD_VALUE,
            "That is not a time",
            where="when they were told",
            next_step="Write it as YYYY-MM-DD HH:MM",
        ) from None
    return stamp(said if said.tzinfo else said.replace(tzinfo=UTC))


def office_time(moment: datetime) -> datetime:
    """The moment on an English office's clock: UTC, an hour on from the last Sunday of March to that of October.

    By the rule itself (Summer Time Act 1972 as amended), since Windows carries no zone tables for Python.
    """
    moment = moment.astimezone(UTC)
    begins, ends = (
        datetime(moment.year, month, 31 - datetime(moment.year, month, 31).isoweekday() % 7, 1, tzinfo=UTC)  # noqa: DTZ001
        for month in (3, 10)
    )
    return moment + timedelta(hours=1) if begins <= moment < ends else moment


def working_hours(start: datetime, end: datetime) -> float:
    """Hours between two moments that fall on working days in England between nine and five, office time."""
    start, end = office_time(start), office_time(end)
    hours, moment, free = 0.0, start, bank_holidays(start.year, end.year)
    while moment < end:
        day_end = moment.replace(hour=DAY_ENDS, minute=0, second=0, microsecond=0)
        day_start = moment.replace(hour=DAY_STARTS, minute=0, second=0, microsecond=0)
        if moment.weekday() < 5 and moment.date() not in free:
            first, last = max(moment, day_start), min(end, day_end)
            hours += max(0.0, (last - first).total_seconds() / 3600)
        moment = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return hours


def _row(row: Any, codes: dict[str, str], now: datetime) -> AlertRow:
    get = row._mapping
    raised = datetime.fromisoformat(get["raised_at"])
    waited = working_hours(
        raised, datetime.fromisoformat(get["acknowledged_at"]) if get["acknowledged_at"] else now
    )
    late = waited > ACKNOWLEDGE_HOURS
    if get["acknowledged_at"]:
        clock = f"acknowledged after {_hours(waited)}"
    else:
        clock = f"waiting {_hours(waited)}" + (
            "; tell the service manager" if late else f" of {ACKNOWLEDGE_HOURS} working hours"
        )
    return AlertRow(
        get["ref"], get["audit_ref"] or "", get["case_ref"], get["team"], get["concern"], get["told"], get["told_at"],
        get["state"], get["raised_at"], get["raiser"] or "", get["acknowledged_at"],
        codes.get(get["acknowledged_by"] or ""), get["acted_at"], get["action_taken"], get["closed_at"],
        get["closing_note"], clock, late,
    )  # fmt: skip


def _hours(hours: float) -> str:
    minutes = round(hours * 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _may_see_case(actor: Actor, audit: Any) -> bool:
    get = audit._mapping
    return (
        bool(actor.roles & {"qa_lead", "head_of_service", "moderator"})
        or get["auditor_id"] == actor.person_id
        or get["team"] in actor.own_teams
    )


def _get(unit: Unit, actor: Actor, ref: str, *, states: set[str]) -> Any:
    row = unit.conn.execute(select(_alert).where(func.lower(_alert.c.ref) == ref.lower())).first()
    if row is None or not (
        actor.roles & {"qa_lead", "head_of_service"}
        or row.team in actor.own_teams
        or row.raised_by == actor.person_id
    ):
        raise not_found("alert", ref)
    if row.state not in states:
        raise BadInput(
            Code.WRONG_STATE,
            f"The alert is {row.state}",
            where=row.ref,
            why="An alert goes raised, acknowledged, acted on, closed",
            next_step=f"It must be {' or '.join(sorted(states))} for this",
        )
    return row


def _not_the_raiser(actor: Actor, row: Any, act_words: str) -> None:
    if row.raised_by == actor.person_id:
        raise NotAllowed(
            Code.NOT_ALLOWED,
            f"You may not {act_words} an alert you raised yourself",
            next_step="The team manager, service manager or QA lead does this",
        )


def _next_ref(unit: Unit) -> str:
    count = unit.conn.execute(select(func.count()).select_from(_alert)).scalar() or 0
    return f"SG-{count + 1:03d}"
