"""Bring a checked frame into the workspace, whole or not at all, and read it back as records."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Row, func, insert, or_, select

from qa_audit.access.policy import Actor, require
from qa_audit.errors import AnswerNo, BadInput, Code, not_found
from qa_audit.frame.check import check
from qa_audit.frame.models import Frame, FrameChild, FrameEvent, FrameProblem
from qa_audit.frame.reading import Cancelled, Progress
from qa_audit.frame.records import ChildRecord, FrameReading, Status, chosen
from qa_audit.frame.rows import ChildRow, EventRow, FrameSummary
from qa_audit.frame.workbook import cancelled_error
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean_line

_frame = Frame.__table__  # type: ignore[attr-defined]
_child = FrameChild.__table__  # type: ignore[attr-defined]
_event = FrameEvent.__table__  # type: ignore[attr-defined]
_problem = FrameProblem.__table__  # type: ignore[attr-defined]
_A_BATCH = 1000
_STATUSES = ("open", "closed", "both")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the frame, and the reading it was made from."""

    frame_id: str
    reading: FrameReading
    children: int
    left_out: int
    frame_hash: str


def import_frame(
    workspace: Workspace, actor: Actor, paths: Iterable[Path | str], *, authority: str, as_at: date, status: Status,
    progress: Progress | None = None, cancelled: Cancelled | None = None, salt: str | None = None,
) -> Imported:  # fmt: skip
    """Read, check, pseudonymise and store the lists. One transaction; `cancelled()` leaves nothing behind.

    `status` is the explicit choice of open cases, closed cases or both. `salt` is random unless handed in.
    """
    require(actor, "frame.import")
    name = clean_line(authority)
    if not name:
        raise BadInput(
            Code.BAD_VALUE, "The authority has no name", where="--authority", next_step="Name the council"
        )
    if status not in _STATUSES:
        raise BadInput(Code.BAD_VALUE, "Choose open cases, closed cases or both", where="status")
    reading = check(paths, as_at=as_at, authority=name, progress=progress, cancelled=cancelled)
    return store_reading(
        workspace,
        actor,
        reading,
        authority=name,
        status=status,
        progress=progress,
        cancelled=cancelled,
        salt=salt,
    )


def store_reading(
    workspace: Workspace, actor: Actor, reading: FrameReading, *, authority: str, status: Status,
    progress: Progress | None = None, cancelled: Cancelled | None = None, salt: str | None = None,
) -> Imported:  # fmt: skip
    """Store a reading that `check` made (a screen shows it first). Refuses one that is not usable."""
    require(actor, "frame.import")
    _usable(reading)
    with workspace.write(actor) as unit:
        frame_id = unit.ids()
        salt = salt or secrets.token_hex(16)
        unit.conn.execute(insert(_frame).values(_head(reading, authority, status, frame_id, salt, unit)))
        keys, events = _store_children(workspace, unit, reading, frame_id, status, progress, cancelled)
        if not keys:
            raise AnswerNo(
                Code.NOTHING_TO_DRAW,
                f"No child on these lists is {'open' if status == 'open' else 'closed'}",
                why=f"{len(reading.children)} children were read",
                next_step="Choose --both, or check the closure dates with 'qa-audit frame check'",
            )
        digest = frame_digest(keys, salt)
        unit.conn.execute(
            _frame.update()
            .where(_frame.c.frame_id == frame_id)
            .values(children=len(keys), events=events, frame_hash=digest)
        )
        _store_problems(unit, reading, frame_id)
        unit.event(
            "frame.imported", "frame", frame_id,
            new={"authority": authority, "as_at": reading.as_at.isoformat(), "children": len(keys), "status": status,
                 "frame_hash": digest},
        )  # fmt: skip
    return Imported(frame_id, reading, len(keys), len(reading.children) - len(keys), digest)


def frame_digest(keys: Iterable[str], salt: str) -> str:
    """SHA-256, in hexadecimal, of a canonical CSV: header `case_id`, then salt + child key, sorted by the key's bytes."""
    digest = hashlib.sha256(b"case_id\n")
    for key in sorted(keys):
        digest.update(f"{salt}{key}\n".encode())
    return digest.hexdigest()


def child_key(workspace: Workspace, authority: str, child_id: str) -> str:
    """The pseudonym of a child: the same in every frame of this workspace, and in no other workspace."""
    return workspace.pseudonym("child", " ".join(authority.casefold().split()), child_id)


def _usable(reading: FrameReading) -> None:
    if reading.usable:
        return
    known = {code.value: code for code in Code}
    code = known.get(reading.reason_code, Code.WRONG_KIND_OF_FILE)
    refusal = AnswerNo if code is Code.WRONG_KIND_OF_FILE else BadInput
    raise refusal(
        code, reading.reason or "These files are not a list of children", where=", ".join(reading.files)[:200]
    )


def _head(
    reading: FrameReading, authority: str, status: str, frame_id: str, salt: str, unit: Unit
) -> dict[str, Any]:
    return {
        "frame_id": frame_id,
        "authority": authority,
        "as_at": reading.as_at.isoformat(),
        "kind": reading.kind,
        "dialect": reading.dialect,
        "status_choice": status,
        "sources": list(reading.files),
        "lists": [
            {
                "list": one.list_no,
                "name": one.name,
                "sheet": one.sheet,
                "rows": one.rows,
                "children": one.children,
            }
            for one in reading.lists
        ],
        "children": 0,
        "events": 0,
        "problems": len(reading.problems),
        "frame_hash": "",
        "salt": salt,
        "imported_at": unit.now,
        "imported_by": unit.actor.person_id,
    }


def _store_children(
    workspace: Workspace, unit: Unit, reading: FrameReading, frame_id: str, status: Status,
    progress: Progress | None, cancelled: Cancelled | None,
) -> tuple[list[str], int]:  # fmt: skip
    keys: list[str] = []
    events = 0
    for batch in _batches((child for child in reading.children if chosen(child, status)), _A_BATCH):
        if cancelled is not None and cancelled():
            raise cancelled_error()
        children: list[dict[str, Any]] = []
        rows: list[dict[str, Any]] = []
        for child in batch:
            key = child_key(workspace, child.authority, child.child_id)
            keys.append(key)
            children.append(_child_values(child, frame_id, key))
            rows.extend(
                {
                    "frame_id": frame_id,
                    "child_key": key,
                    "seq": number,
                    "list_no": event.list_no,
                    "event_date": event.when.isoformat() if event.when else None,
                    "values_json": dict(event.values),
                }
                for number, event in enumerate(child.events, start=1)
            )
        unit.conn.execute(insert(_child), children)
        if rows:
            unit.conn.execute(insert(_event), rows)
        events += len(rows)
        if progress is not None:
            progress(len(keys))
    return keys, events


def _batches(children: Iterator[ChildRecord], size: int) -> Iterator[list[ChildRecord]]:
    batch: list[ChildRecord] = []
    for child in children:
        batch.append(child)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _child_values(child: ChildRecord, frame_id: str, key: str) -> dict[str, Any]:
    return {
        "frame_id": frame_id,
        "child_key": key,
        "case_ref": child.child_id,
        "authority": child.authority,
        "primary_cohort": child.primary,
        "cohorts": list(child.cohorts),
        "flags": list(child.flags),
        "lists": list(child.lists),
        "is_open": child.is_open,
        "age": child.age,
        "age_months": child.age_months,
        "age_band": child.age_band,
        "sex": child.sex,
        "ethnicity": child.ethnicity,
        "disability": child.disability,
        "team": child.team,
        "worker": child.worker,
        "personal_adviser": child.personal_adviser,
        "codes": dict(child.codes),
        "facts": dict(child.facts),
        "numbers": dict(child.numbers),
        "extras": dict(child.extras),
    }


def _store_problems(unit: Unit, reading: FrameReading, frame_id: str) -> None:
    rows = [
        {
            "frame_id": frame_id, "seq": number, "severity": one.severity, "code": one.code, "file": one.file,
            "sheet": one.sheet, "row": one.row, "column_name": one.column, "value": one.value, "message": one.message,
        }
        for number, one in enumerate(reading.problems, start=1)
    ]  # fmt: skip
    if rows:
        unit.conn.execute(insert(_problem), rows)


def frames(workspace: Workspace, actor: Actor) -> tuple[FrameSummary, ...]:
    """Every frame, newest first."""
    require(actor, "frame.read")
    with workspace.read() as conn:
        found = conn.execute(select(_frame).order_by(_frame.c.imported_at.desc())).all()
        return tuple(
            _summary(row, _counts(conn, row.frame_id, "primary_cohort"), _counts(conn, row.frame_id, "team"))
            for row in found
        )


def frame(workspace: Workspace, actor: Actor, frame_id: str | None = None) -> FrameSummary:
    """One frame by its id or the start of it; the newest when none is named."""
    for summary in frames(workspace, actor):
        if frame_id is None or (len(frame_id) >= 6 and summary.frame_id.startswith(frame_id)):
            return summary
    if frame_id is not None:
        raise not_found("frame", frame_id)
    raise BadInput(
        Code.NOT_FOUND, "No list of children has been imported yet",
        next_step="Import one with 'qa-audit frame import FILE --authority NAME --as-at DATE --open'",
    )  # fmt: skip


def children(
    workspace: Workspace, actor: Actor, frame_id: str, *, cohort: str = "", team: str = "", search: str = "",
    is_open: bool | None = None, offset: int = 0, limit: int = 200,
) -> tuple[int, tuple[ChildRow, ...]]:  # fmt: skip
    """(how many match, one window of them), in order of case reference, for lists that scroll."""
    require(actor, "frame.read")
    where = [_child.c.frame_id == frame_id]
    if cohort:
        where.append(_child.c.primary_cohort == cohort)
    if team:
        where.append(_child.c.team == team)
    if is_open is not None:
        where.append(_child.c.is_open == is_open)
    if search:
        start = search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        where.append(
            or_(_child.c.case_ref.like(start, escape="\\"), _child.c.child_key.like(start, escape="\\"))
        )
    with workspace.read() as conn:
        total = conn.execute(select(func.count()).select_from(_child).where(*where)).scalar_one()
        rows = conn.execute(
            select(_child)
            .where(*where)
            .order_by(_child.c.case_ref, _child.c.child_key)
            .offset(offset)
            .limit(limit)
        ).all()
    return int(total), tuple(_child_row(row) for row in rows)


def child(
    workspace: Workspace, actor: Actor, frame_id: str, key: str
) -> tuple[ChildRow, tuple[EventRow, ...]]:
    """One child with their events."""
    require(actor, "frame.read")
    with workspace.read() as conn:
        row = conn.execute(
            select(_child).where(_child.c.frame_id == frame_id, _child.c.child_key == key)
        ).first()
        if row is None:
            raise not_found("frame", key)
        found = conn.execute(
            select(_event)
            .where(_event.c.frame_id == frame_id, _event.c.child_key == key)
            .order_by(_event.c.seq)
        ).all()
    return _child_row(row), tuple(
        EventRow(one.list_no, one.event_date, dict(one.values_json)) for one in found
    )


def problems(workspace: Workspace, actor: Actor, frame_id: str) -> tuple[Mapping[str, Any], ...]:
    """What was wrong with the lists when they came in."""
    require(actor, "frame.read")
    with workspace.read() as conn:
        found = conn.execute(
            select(_problem).where(_problem.c.frame_id == frame_id).order_by(_problem.c.seq)
        ).all()
    return tuple(
        {
            "severity": row.severity, "code": row.code, "file": row.file or None, "sheet": row.sheet or None,
            "row": row.row, "column": row.column_name or None, "value": row.value or None, "message": row.message,
        }
        for row in found
    )  # fmt: skip


def makeup(workspace: Workspace, actor: Actor, frame_id: str) -> Mapping[str, Mapping[str, int]]:
    """Who the children are: for sex, age, ethnicity and disability, children by label as stored."""
    require(actor, "frame.read")
    with workspace.read() as conn:
        return {
            column: _counts(conn, frame_id, column)
            for column in ("sex", "age_band", "ethnicity", "disability")
        }


def _counts(conn: Any, frame_id: str, column: str) -> dict[str, int]:
    name = _child.c[column]
    query = select(name, func.count()).where(_child.c.frame_id == frame_id).group_by(name).order_by(name)
    return {str(value): int(count) for value, count in conn.execute(query)}


def _summary(row: Row[Any], cohorts: Mapping[str, int], teams: Mapping[str, int]) -> FrameSummary:
    return FrameSummary(
        row.frame_id, row.authority, row.as_at, row.kind, row.dialect, row.status_choice, tuple(row.sources),
        tuple(row.lists), row.children, row.events, row.problems, row.frame_hash, row.imported_at, row.imported_by,
        cohorts, teams,
    )  # fmt: skip


def _child_row(row: Row[Any]) -> ChildRow:
    return ChildRow(
        row.child_key, row.case_ref, row.authority, row.primary_cohort, tuple(row.cohorts), tuple(row.flags),
        tuple(row.lists), bool(row.is_open), row.age, row.age_band, row.sex, row.ethnicity, row.disability, row.team,
        row.worker, row.personal_adviser, row.codes, row.facts, row.numbers, row.extras,
    )  # fmt: skip
