"""What follows an Inadequate case: a recovery plan within five working days, a re-audit at three months.

The head of service owns it (practice.md 1.4): it is counted in every board paper until the plan is on file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update

from qa_audit.access.policy import Actor, require
from qa_audit.audits.answers import OVERALL
from qa_audit.audits.models import Audit, StandingGrade
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.grades import Grade
from qa_audit.improvement.models import Recovery
from qa_audit.library.clocks import add_months, add_working_days
from qa_audit.store.clock import day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean

_recovery = Recovery.__table__  # type: ignore[attr-defined]
_audit = Audit.__table__  # type: ignore[attr-defined]
_standing = StandingGrade.__table__  # type: ignore[attr-defined]

PLAN_DAYS = 5
REAUDIT_MONTHS = 3


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """One Inadequate case and where its recovery stands."""

    audit_ref: str
    case_ref: str
    team: str
    plan_due: str
    plan_on: str | None
    plan_note: str
    reaudit_due: str
    overdue_days: int


def open_recovery(unit: Unit, audit: Any) -> None:
    """Start the clocks when the grade that stands is Inadequate, in the transaction that made it final."""
    grade = unit.conn.execute(
        select(_standing.c.grade).where(
            _standing.c.audit_id == audit.audit_id, _standing.c.section == OVERALL
        )
    ).scalar()
    if grade != Grade.INADEQUATE:
        return
    today = day(unit.now)
    due, again = add_working_days(today, PLAN_DAYS).isoformat(), add_months(today, REAUDIT_MONTHS).isoformat()
    unit.conn.execute(
        insert(_recovery).values(audit_id=audit.audit_id, told_at=unit.now, plan_due=due, reaudit_due=again)
    )
    unit.event("recovery.opened", "audit", audit.audit_id, new={"plan_due": due, "reaudit_due": again})


def plan_on_file(workspace: Workspace, actor: Actor, audit_ref: str, on: str, note: str) -> None:
    """Record that the recovery plan is on the child's record, since when, and what it rests on."""
    require(actor, "recovery.record")
    note = clean(note).strip()
    if not note:
        raise BadInput(
            Code.INCOMPLETE,
            "Say what the recovery plan does",
            next_step="One or two sentences: what changes for the child",
        )
    with workspace.write(actor) as unit:
        row = unit.conn.execute(
            select(_recovery, _audit.c.team)
            .join(_audit, _audit.c.audit_id == _recovery.c.audit_id)
            .where(func.lower(_audit.c.ref) == audit_ref.lower())
        ).first()
        seen = row is not None and (
            actor.roles & {"head_of_service", "qa_lead"} or row.team in actor.own_teams
        )
        if row is None or not seen:
            raise not_found("audit", audit_ref)
        unit.conn.execute(
            update(_recovery)
            .where(_recovery.c.audit_id == row.audit_id)
            .values(plan_on=day(on).isoformat(), plan_note=note, plan_by=actor.person_id)
        )
        unit.event(
            "recovery.plan", "audit", row.audit_id, field="plan_on", old=row.plan_on, new=on, reason=note
        )


def recoveries(workspace: Workspace, actor: Actor, *, open_only: bool = True) -> tuple[RecoveryRow, ...]:
    """Inadequate cases in the actor's sight, those without a plan first."""
    require(actor, "recovery.record")
    query = (
        select(_recovery, _audit.c.ref, _audit.c.case_ref, _audit.c.team)
        .join(_audit, _audit.c.audit_id == _recovery.c.audit_id)
        .order_by(_recovery.c.plan_on.is_not(None), _recovery.c.plan_due, _audit.c.ref)
    )
    if not actor.roles & {"head_of_service", "qa_lead"}:
        query = query.where(_audit.c.team.in_(sorted(actor.own_teams)))
    if open_only:
        query = query.where(_recovery.c.plan_on.is_(None))
    today = workspace.clock().date()
    with workspace.read() as conn:
        rows = conn.execute(query).all()
    return tuple(
        RecoveryRow(
            row.ref, row.case_ref, row.team, row.plan_due, row.plan_on, row.plan_note, row.reaudit_due,
            0 if row.plan_on else max(0, (today - day(row.plan_due)).days),
        )
        for row in rows
    )  # fmt: skip
