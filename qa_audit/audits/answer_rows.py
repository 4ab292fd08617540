"""Writing answers: the rows of a form as they stand, each change an event, few statements however many answers.

The auditor's and the moderator's forms keep their answers in tables of the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from qa_audit.audits.records import Saved
from qa_audit.store.workspace import Unit


@lru_cache(maxsize=8)
def _statements(table: Any, key: str) -> tuple[Any, Any, Any, Any]:
    """Read one item, read many, insert and update for one table, built once so that the engine compiles them once."""
    owner = table.c[key]
    read = select(table.c.item, table.c.part, table.c.value, table.c.version).where(
        owner == bindparam("owner")
    )
    read_one = read.where(table.c.item == bindparam("item"))
    read_many = read.where(table.c.item.in_(bindparam("items", expanding=True)))
    change = (
        update(table)
        .where(
            owner == bindparam("owner"),
            table.c.item == bindparam("at_item"),
            table.c.part == bindparam("at_part"),
        )
        .values(
            value=bindparam("to"),
            version=bindparam("next"),
            saved_at=bindparam("at"),
            saved_by=bindparam("by"),
        )
    )
    return read_one, read_many, insert(table), change


def write_answers(
    unit: Unit,
    table: Any,
    key: str,
    owner: str,
    values: Mapping[tuple[str, str], str],
    *,
    action: str,
    subject: str,
) -> tuple[Saved, ...]:
    """Store these values (checked before) under `owner`; unchanged ones write nothing."""
    read_one, read_many, add, change = _statements(table, key)
    items = sorted({item for item, _ in values})
    if len(items) == 1:
        rows = unit.conn.execute(read_one, {"owner": owner, "item": items[0]})
    else:
        rows = unit.conn.execute(read_many, {"owner": owner, "items": items})
    known = {(row.item, row.part): row for row in rows}
    fresh, changed, events, saved = [], [], [], []
    for (item, part), value in values.items():
        old = known.get((item, part))
        if (old.value if old is not None else "") == value:
            saved.append(Saved(item, part, value, unit.now, old.version if old is not None else 0))
            continue
        version = old.version + 1 if old is not None else 1
        if old is None:
            fresh.append({
                key: owner, "item": item, "part": part, "value": value, "version": version, "saved_at": unit.now, "saved_by": unit.actor.person_id,
            })  # fmt: skip
        else:
            changed.append({
                "owner": owner, "at_item": item, "at_part": part, "to": value, "next": version, "at": unit.now, "by": unit.actor.person_id,
            })  # fmt: skip
        events.append(
            {"field": f"{item}.{part}", "old": old.value if old is not None else None, "new": value}
        )
        saved.append(Saved(item, part, value, unit.now, version))
    if fresh:
        unit.conn.execute(add, fresh)
    if changed:
        unit.conn.execute(change, changed)
    unit.events(action, subject, owner, events)
    return tuple(saved)
