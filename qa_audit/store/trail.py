"""Reading the trail: who changed what, when, from what to what, and why."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from qa_audit.store.models import Event
from qa_audit.store.workspace import Workspace

_event = Event.__table__  # type: ignore[attr-defined]

BLIND = "(hidden until the second grade is in)"


@dataclass(frozen=True, slots=True)
class EventRow:
    """One change. Values of an audit that is still blind are hidden."""

    seq: int
    at: str
    person_id: str
    role: str
    action: str
    subject: str
    subject_id: str
    field: str | None
    old: str | None
    new: str | None
    reason: str | None


def events(
    workspace: Workspace,
    *,
    subject: str | None = None,
    subject_id: str | None = None,
    person: str | None = None,
    action: str | None = None,
    since: str | None = None,
    contains: str = "",
    hidden: Set[str] = frozenset(),
    limit: int = 200,
    offset: int = 0,
) -> tuple[EventRow, ...]:
    """Changes, the newest first. `hidden` names audits whose values must not be seen; they are not searched either."""
    query = _query(subject, subject_id, person, action, since, contains, hidden)
    with workspace.read() as conn:
        rows = conn.execute(query.order_by(_event.c.seq.desc()).limit(limit).offset(offset)).all()
    return tuple(_row(row, hidden) for row in rows)


def count_events(workspace: Workspace, **filters: Any) -> int:
    """How many changes `events` would give with these filters."""
    hidden = filters.get("hidden", frozenset())
    query = _query(
        filters.get("subject"), filters.get("subject_id"), filters.get("person"), filters.get("action"), filters.get("since"),
        filters.get("contains", ""), hidden,
    )  # fmt: skip
    with workspace.read() as conn:
        return int(conn.execute(select(func.count()).select_from(query.subquery())).scalar() or 0)


def _query(
    subject: str | None,
    subject_id: str | None,
    person: str | None,
    action: str | None,
    since: str | None,
    contains: str,
    hidden: Set[str],
) -> Any:
    query = select(_event)
    for column, value in (
        (_event.c.subject, subject),
        (_event.c.subject_id, subject_id),
        (_event.c.person_id, person),
    ):
        if value:
            query = query.where(column == value)
    if action:
        query = query.where(_event.c.action.like(f"{action.replace('%', '')}%"))
    if since:
        query = query.where(_event.c.at >= since)
    if words := contains.strip().lower().replace("%", ""):
        like = f"%{words}%"
        found = [func.lower(column).like(like) for column in (_event.c.action, _event.c.subject_id)]
        open_values = [
            func.lower(column).like(like)
            for column in (_event.c.field, _event.c.old, _event.c.new, _event.c.reason)
        ]
        seen = _event.c.subject_id.not_in(sorted(hidden)) if hidden else None
        found += [column if seen is None else column & seen for column in open_values]
        query = query.where(or_(*found))
    return query


def _row(row: Any, hidden: Set[str]) -> EventRow:
    masked = row.subject_id in hidden
    return EventRow(
        row.seq, row.at, row.person_id, row.role, row.action, row.subject, row.subject_id,
        BLIND if masked and row.field else row.field, BLIND if masked and row.old else row.old, BLIND if masked and row.new else row.new, BLIND if masked and row.reason else row.reason,
    )  # fmt: skip
