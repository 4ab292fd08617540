"""A round, its frozen frame and its draw, read from the database as the records of the pure modules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from qa_audit.errors import BadInput, Code, not_found
from qa_audit.frame.models import Frame, FrameChild
from qa_audit.sampling.models import Draw, DrawnCase, Round
from qa_audit.sampling.plan import (
    FrameRow,
    Plan,
    plan_from_json,
)
from qa_audit.sampling.risks import RiskFacts, risks_of, three_months_before
from qa_audit.sampling.stratified import Draw as Drawing
from qa_audit.sampling.stratified import Reason, Replaced, draw_plan
from qa_audit.store.clock import day

_round = Round.__table__  # type: ignore[attr-defined]
_draw = Draw.__table__  # type: ignore[attr-defined]
_case = DrawnCase.__table__  # type: ignore[attr-defined]
_frame = Frame.__table__  # type: ignore[attr-defined]
_child = FrameChild.__table__  # type: ignore[attr-defined]


def plan_of(row: Any, frame: Any) -> Plan:
    """The round's plan as the pure modules take it, with the frame's day."""
    return plan_from_json(
        {**row.plan, "status": {"both": "any"}.get(row.open_state, row.open_state), "as_at": frame.as_at}
    )


@dataclass(frozen=True, slots=True)
class History:
    """What other rounds had drawn at the moment of a draw. Kept with the draw: what is drawn, replaced or
    drawn again elsewhere later never changes who could have been drawn here."""

    workers: frozenset[str]
    """Workers with a case in another round of the last three months."""
    audited: Mapping[str, str]
    """Child key to the day on which the child was last drawn for an audit."""


def history(conn: Connection, row: Any, frame: Any) -> History:
    """What other rounds have drawn so far: workers of the last three months, and when each child was last drawn."""
    others = and_(
        _case.c.state == "selected", _draw.c.superseded.is_(False), _draw.c.round_id != row.round_id
    )
    last = (
        select(_case.c.child_key, func.max(_draw.c.drawn_at).label("at"))
        .join(_draw, _draw.c.draw_id == _case.c.draw_id)
        .where(others)
        .group_by(_case.c.child_key)
    )
    workers = (
        select(_child.c.worker)
        .join(_case, _case.c.child_key == _child.c.child_key)
        .join(_draw, and_(_draw.c.draw_id == _case.c.draw_id, _draw.c.frame_id == _child.c.frame_id))
        .where(
            others,
            _draw.c.drawn_at >= three_months_before(day(frame.as_at)).isoformat(),
            _child.c.worker != "",
        )
    )
    return History(
        frozenset(conn.execute(workers).scalars()),
        {one.child_key: day(one.at).isoformat() for one in conn.execute(last)},
    )


def kept_history(current: Any) -> History:
    """The history that was kept with a draw."""
    return History(frozenset(current.history["workers"]), current.history["audited"])


def frame_rows(conn: Connection, row: Any, frame: Any, known: History) -> list[FrameRow]:
    """The round's children as plain rows, with when each was last drawn for an audit."""
    last = {key: date.fromisoformat(on) for key, on in known.audited.items()}
    wanted = frozenset(row.cohorts)
    as_at = day(frame.as_at)
    found = []
    for child in conn.execute(select(_child).where(_child.c.frame_id == frame.frame_id)):
        groups = frozenset(child.cohorts) | frozenset(child.flags)
        if wanted and not wanted & groups:
            continue
        facts = RiskFacts(
            frozenset(child.flags),
            frozenset(child.cohorts),
            bool(child.is_open),
            child.codes,
            child.numbers,
            child.facts,
            as_at,
        )
        starts = [
            text
            for name in ("cin_start", "plan_start", "care_start", "referral_date")
            if (text := child.facts.get(name))
        ]
        found.append(
            FrameRow(
                id=child.child_key,
                values={
                    "cohort": child.primary_cohort, "team": child.team, "age_band": child.age_band, "sex": child.sex,
                    "ethnicity": child.ethnicity, "disability": child.disability, "authority": child.authority,
                    "status": "open" if child.is_open else "closed",
                    **{name: child.codes.get(name, "") for name in ("legal_status", "placement_type", "primary_need", "cp_category")},
                },
                closed=not child.is_open,
                opened=day(min(starts)) if starts else None,
                last_audited=last.get(child.child_key),
                worker=child.worker,
                risks=risks_of(facts),
            )
        )  # fmt: skip
    return found


def remade(conn: Connection, ref: str) -> tuple[Any, Any, Any, Drawing]:
    """The current draw made again from its frozen frame, as the records of the pure modules."""
    row = find_round(conn, ref)
    current = current_draw(conn, row)
    frame = frame_of(conn, row)
    gone = [
        Replaced(one["id"], one["stratum"], Reason(one["reason"]), one["note"], one["by"])
        for one in current.certificate.get("replaced", [])
    ]
    picks = {
        one["id"]: one.get("note", "")
        for one in current.certificate.get("selected", [])
        if one["kind"] == "judgement"
    }
    known = kept_history(current)
    made = draw_plan(
        plan_of(row, frame), frame_rows(conn, row, frame, known), current.seed, salt=frame.salt,
        sampled_workers=known.workers, replaced=gone, picks=picks,
    )  # fmt: skip
    if made.frame_hash != current.frame_hash:
        raise BadInput(
            Code.CONFLICT,
            "The list of children is not the one this draw was made from",
            where=row.ref,
            next_step="Run 'qa-audit doctor'",
        )
    return row, current, frame, made


def round_query() -> Any:
    """Every round with how many cases its current draw holds and how often it was drawn."""
    drawn = (
        select(func.count())
        .select_from(_case.join(_draw, _draw.c.draw_id == _case.c.draw_id))
        .where(
            _draw.c.round_id == _round.c.round_id, _draw.c.superseded.is_(False), _case.c.state == "selected"
        )
        .scalar_subquery()
    )
    draws = (
        select(func.count()).select_from(_draw).where(_draw.c.round_id == _round.c.round_id).scalar_subquery()
    )
    return select(_round, drawn.label("drawn"), draws.label("draws"))


def find_round(conn: Connection, ref: str) -> Any:
    """One round by reference or id; raises NOT_FOUND."""
    row = conn.execute(
        round_query().where(or_(func.lower(_round.c.ref) == ref.lower(), _round.c.round_id == ref))
    ).first()
    if row is None:
        raise not_found("round", ref)
    return row


def current_draw(conn: Connection, row: Any) -> Any:
    """The draw in force; raises WRONG_STATE when there is none."""
    current = conn.execute(
        select(_draw).where(_draw.c.round_id == row.round_id, _draw.c.superseded.is_(False))
    ).first()
    if current is None:
        raise BadInput(
            Code.WRONG_STATE,
            "This round has not been drawn",
            where=row.ref,
            next_step=f"Draw it with 'qa-audit round draw {row.ref} --seed DIGITS'",
        )
    return current


def frame_of(conn: Connection, row: Any) -> Any:
    """The round's list of children; raises NOTHING_TO_DRAW when there is none."""
    frame = latest_frame(conn, row.frame_id)
    if frame is None:
        raise BadInput(
            Code.NOTHING_TO_DRAW,
            "There is no list of children to draw from",
            where=row.ref,
            next_step="Import the lists with 'qa-audit frame import FILE --authority NAME --as-at DATE'",
        )
    return frame


def latest_frame(conn: Connection, frame_id: str | None = None) -> Any:
    """The named frame, or the newest; None when there is none."""
    query = select(_frame).order_by(_frame.c.imported_at.desc()).limit(1)
    return conn.execute(query.where(_frame.c.frame_id == frame_id) if frame_id else query).first()
