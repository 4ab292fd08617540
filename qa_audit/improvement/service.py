"""Actions and themes: what an audit asks to change, who owns it, whether it happened and whether it helped.

An action closes twice: *done* by its owner, *verified* by somebody else with evidence of effect.
Themes code strengths and gaps from the controlled list, with one de-identified line each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, delete, func, insert, or_, select, update

from qa_audit.access.models import Person
from qa_audit.access.policy import Actor, require
from qa_audit.audits.models import Answer, Audit
from qa_audit.errors import BadInput, Code, NotAllowed, not_found
from qa_audit.improvement.models import Action, ThemeTag
from qa_audit.moderation.service import hidden_in_trail
from qa_audit.store.clock import day, typed_day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean, clean_line

_action = Action.__table__  # type: ignore[attr-defined]
_audit = Audit.__table__  # type: ignore[attr-defined]
_answer = Answer.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]
_tag = ThemeTag.__table__  # type: ignore[attr-defined]

NO_UPDATE_DAYS = 30


@dataclass(frozen=True, slots=True)
class ActionRow:
    """One action as screens and commands see it."""

    ref: str
    audit_ref: str
    case_ref: str
    round_id: str
    section: str
    team: str
    what: str
    type: str
    purpose: str
    owner_role: str
    due: str
    priority: str
    success: str
    state: str
    done_at: str | None
    done_note: str
    verified_at: str | None
    verified_note: str
    in_supervision_on: str | None
    overdue_days: int


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme of one audit."""

    audit_ref: str
    theme: str
    polarity: str
    section: str
    line: str


def raise_from_audit(unit: Unit, audit: Any, answers: dict[tuple[str, str], str]) -> int:
    """Turn the actions written in an audit (AC1, AC1#2 ...) into tracked ones; returns how many.

    Called inside the transaction that makes the audit final. What the auditor wrote stays in the audit.
    """
    items = sorted(
        {item for item, part in answers if item.split("#")[0] == "AC1" and part == "what"}, key=_instance
    )
    made = 0
    for item in items:
        what = answers.get((item, "what"), "").strip()
        if not what:
            continue

        def get(part: str, default: str = "", *, item: str = item) -> str:
            return answers.get((item, part), "").strip() or default

        add_action(
            unit, audit_id=audit.audit_id, round_id=audit.round_id, team=audit.team, section=get("section"), what=what,
            kind=get("type", "child"), purpose=get("purpose", "for_the_child"),
            owner_role=get("owner_role", "Allocated worker's manager"), due=get("due", audit.due),
            priority=get("priority", "normal"), success=get("success"),
        )  # fmt: skip
        made += 1
    for item in sorted({item for item, part in answers if item.split("#")[0] == "ST1" and part == "theme"}):
        line = answers.get((item, "text"), "").strip()
        _tag_theme(unit, audit.audit_id, answers[item, "theme"], "strength", "ST", line[:200])
    return made


def add_action(
    unit: Unit, *, audit_id: str | None, round_id: str | None, team: str, section: str, what: str, kind: str,
    purpose: str, owner_role: str, due: str, priority: str, success: str, source: str = "audit",
) -> str:  # fmt: skip
    """Write one action inside a transaction; returns its reference."""
    action_id = unit.ids()
    count = unit.conn.execute(select(func.count()).select_from(_action)).scalar() or 0
    ref = f"ACT-{count + 1:04d}"
    unit.conn.execute(
        insert(_action).values(
            action_id=action_id, ref=ref, audit_id=audit_id, round_id=round_id, source=source, section=section,
            team=team, what=clean(what), type=kind, purpose=purpose, owner_role=clean_line(owner_role), due=due,
            priority=priority, success=clean(success), state="open", created_at=unit.now, created_by=unit.actor.person_id,
        )
    )  # fmt: skip
    unit.event("action.raised", "action", action_id, new={"ref": ref, "due": due, "type": kind})
    return ref


def actions(
    workspace: Workspace,
    actor: Actor,
    *,
    round_id: str | None = None,
    audit_ref: str | None = None,
    open_only: bool = False,
) -> tuple[ActionRow, ...]:
    """Actions in the actor's sight, the longest overdue first. Those of an audit still blind to the actor are not shown."""
    require(actor, "action.read")
    query = (
        select(_action, _audit.c.ref.label("audit_ref"), _audit.c.case_ref)
        .outerjoin(_audit, _audit.c.audit_id == _action.c.audit_id)
        .order_by(
            case((_action.c.state == "open", 0), (_action.c.state == "done", 1), else_=2),
            _action.c.due,
            _action.c.ref,
        )
    )
    if not actor.roles & {"qa_lead", "head_of_service"}:
        query = query.where(
            or_(
                _action.c.team.in_(sorted(actor.own_teams)),
                _audit.c.auditor_id == actor.person_id,
                _action.c.created_by == actor.person_id,
            )
        )
    if round_id:
        query = query.where(_action.c.round_id == round_id)
    if audit_ref:
        query = query.where(func.lower(_audit.c.ref) == audit_ref.lower())
    if open_only:
        query = query.where(_action.c.state.in_(("open", "done")))
    with workspace.read() as conn:
        rows = conn.execute(query).all()
    today = workspace.clock().date()
    return tuple(
        ActionRow(
            row.ref, row.audit_ref or "", row.case_ref or "", row.round_id or "", row.section, row.team, row.what, row.type,
            row.purpose, row.owner_role, row.due, row.priority, row.success, row.state, row.done_at, row.done_note,
            row.verified_at, row.verified_note, row.in_supervision_on,
            max(0, (today - day(row.due)).days) if row.state == "open" and row.due else 0,
        )
        for row in rows
    )  # fmt: skip


def mark_done(workspace: Workspace, actor: Actor, ref: str, note: str) -> None:
    """The owner says it is done and what was done."""
    require(actor, "action.update")
    note = _needed(note, "Say what was done")
    with workspace.write(actor) as unit:
        row = _get(unit, actor, ref, {"open"})
        unit.conn.execute(
            update(_action)
            .where(_action.c.action_id == row.action_id)
            .values(state="done", done_at=unit.now, done_by=actor.person_id, done_note=note)
        )
        unit.event("action.done", "action", row.action_id, old="open", new="done", reason=note)


def verify(workspace: Workspace, actor: Actor, ref: str, note: str, *, helped: bool = True) -> None:
    """Somebody other than who did it confirms the effect, or opens it again when there was none."""
    require(actor, "action.verify")
    note = _needed(note, "Say what shows that the child's experience has changed")
    with workspace.write(actor) as unit:
        row = _get(unit, actor, ref, {"done"})
        if row.done_by == actor.person_id:
            raise NotAllowed(
                Code.NOT_ALLOWED, "You marked this action done, so somebody else verifies it", where=row.ref,
                next_step="Ask somebody who can see whether the child's life has changed",
            )  # fmt: skip
        values = (
            {
                "state": "verified",
                "verified_at": unit.now,
                "verified_by": actor.person_id,
                "verified_note": note,
            }
            if helped
            else {"state": "open", "done_at": None, "verified_note": note}
        )
        unit.conn.execute(update(_action).where(_action.c.action_id == row.action_id).values(**values))
        unit.event(
            "action.verified" if helped else "action.reopened",
            "action",
            row.action_id,
            old="done",
            new=values["state"],
            reason=note,
        )


def in_supervision(workspace: Workspace, actor: Actor, ref: str, on: str) -> None:
    """Record that the action was taken into the worker's supervision on a date."""
    require(actor, "action.update")
    on = typed_day(on, "date of the supervision").isoformat()
    with workspace.write(actor) as unit:
        row = _get(unit, actor, ref, {"open", "done", "verified"})
        unit.conn.execute(
            update(_action).where(_action.c.action_id == row.action_id).values(in_supervision_on=on)
        )
        unit.event(
            "action.supervision",
            "action",
            row.action_id,
            field="in_supervision_on",
            old=row.in_supervision_on,
            new=on,
        )


def change_due(workspace: Workspace, actor: Actor, ref: str, due: str, reason: str) -> None:
    """Move a due date, with the reason; the earlier date stays in the trail."""
    require(actor, "action.update")
    reason = _needed(reason, "Say why the date moves")
    due = typed_day(due, "due date").isoformat()
    with workspace.write(actor) as unit:
        row = _get(unit, actor, ref, {"open"})
        unit.conn.execute(update(_action).where(_action.c.action_id == row.action_id).values(due=due))
        unit.event("action.due", "action", row.action_id, field="due", old=row.due, new=due, reason=reason)


def code_themes(workspace: Workspace, actor: Actor, audit_ref: str, tags: list[ThemeRow]) -> None:
    """Set an audit's coded themes to exactly these."""
    require(actor, "theme.code")
    with workspace.write(actor) as unit:
        audit = unit.conn.execute(select(_audit).where(func.lower(_audit.c.ref) == audit_ref.lower())).first()
        if audit is None:
            raise not_found("audit", audit_ref)
        if audit.audit_id in hidden_in_trail(unit.conn):
            raise BadInput(
                Code.STILL_BLIND,
                "Themes are coded once the grades may be seen",
                where=audit.ref,
                why="A theme would give the grade away to whoever grades it a second time",
                next_step="Code them when the second grade is in",
            )
        old = [
            f"{row.polarity}:{row.theme}"
            for row in unit.conn.execute(select(_tag).where(_tag.c.audit_id == audit.audit_id))
        ]
        unit.conn.execute(delete(_tag).where(_tag.c.audit_id == audit.audit_id))
        for tag in tags:
            _tag_theme(unit, audit.audit_id, tag.theme, tag.polarity, tag.section, tag.line)
        unit.event(
            "themes.coded", "audit", audit.audit_id, old=old, new=[f"{t.polarity}:{t.theme}" for t in tags]
        )


def themes_of(
    workspace: Workspace, actor: Actor, *, audit_ref: str | None = None, round_id: str | None = None
) -> tuple[ThemeRow, ...]:
    """Coded themes of an audit or a round."""
    require(actor, "report.read")
    query = (
        select(_tag, _audit.c.ref)
        .join(_audit, _audit.c.audit_id == _tag.c.audit_id)
        .order_by(_tag.c.polarity, _tag.c.theme, _audit.c.ref)
    )
    if audit_ref:
        query = query.where(func.lower(_audit.c.ref) == audit_ref.lower())
    if round_id:
        query = query.where(_audit.c.round_id == round_id)
    with workspace.read() as conn:
        hidden = hidden_in_trail(conn)
        return tuple(
            ThemeRow(row.ref, row.theme, row.polarity, row.section, row.line)
            for row in conn.execute(query)
            if row.audit_id not in hidden
        )


def _tag_theme(unit: Unit, audit_id: str, theme: str, polarity: str, section: str, line: str) -> None:
    if polarity not in {"strength", "gap"}:
        raise BadInput(
            Code.BAD_VALUE,
            "A theme is a strength or a gap",
            where="polarity",
            next_step="Say strength or gap",
        )
    known = unit.conn.execute(
        select(_tag.c.theme).where(
            _tag.c.audit_id == audit_id, _tag.c.theme == theme, _tag.c.polarity == polarity
        )
    ).first()
    if known is None:
        unit.conn.execute(
            insert(_tag).values(
                audit_id=audit_id, theme=theme, polarity=polarity, section=section, line=clean_line(line),
                coded_at=unit.now, coded_by=unit.actor.person_id,
            )
        )  # fmt: skip


def _instance(item: str) -> tuple[str, int]:
    base, _, number = item.partition("#")
    return base, int(number or 1)


def _needed(text: str, what: str) -> str:
    if not (text := clean(text).strip()):
        raise BadInput(Code.INCOMPLETE, what, next_step="Write one or two sentences")
    return text


def _get(unit: Unit, actor: Actor, ref: str, states: set[str]) -> Any:
    row = unit.conn.execute(
        select(_action, _audit.c.auditor_id)
        .outerjoin(_audit, _audit.c.audit_id == _action.c.audit_id)
        .where(func.lower(_action.c.ref) == ref.lower())
    ).first()
    mine = row is not None and (
        actor.roles & {"qa_lead", "head_of_service", "moderator"}
        or row.team in actor.own_teams
        or row.auditor_id == actor.person_id
        or row.created_by == actor.person_id
    )
    if row is None or not mine:
        raise not_found("action", ref)
    if row.state not in states:
        raise BadInput(
            Code.WRONG_STATE,
            f"The action is {row.state}",
            where=row.ref,
            next_step=f"It must be {' or '.join(sorted(states))} for this",
        )
    return row
