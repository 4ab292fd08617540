"""Rounds and their draws: plan a round, see its strata, draw in the open, extend, replace, prove it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from qa_audit.access.policy import Actor, require
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.frame.models import Frame, FrameChild
from qa_audit.library.vocabulary import COHORTS, FLAGS
from qa_audit.sampling.certificate import Difference, certificate, certificate_text, verify
from qa_audit.sampling.draw import ALGORITHM
from qa_audit.sampling.models import Draw, DrawnCase, Round
from qa_audit.sampling.plan import (
    FrameRow,
    Plan,
    eligible,
    plan_from_json,
    plan_json,
    stratum_of,
    stratum_sizes,
)
from qa_audit.sampling.risks import RISKS, RiskFacts, risks_of, three_months_before
from qa_audit.sampling.stratified import Draw as Drawing
from qa_audit.sampling.stratified import Reason, Replaced, draw_plan, extend, replace_case
from qa_audit.store.clock import day, typed_day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_round = Round.__table__  # type: ignore[attr-defined]
_draw = Draw.__table__  # type: ignore[attr-defined]
_case = DrawnCase.__table__  # type: ignore[attr-defined]
_frame = Frame.__table__  # type: ignore[attr-defined]
_child = FrameChild.__table__  # type: ignore[attr-defined]

KINDS: Mapping[str, str] = {
    "monthly": "Monthly case audit",
    "thematic": "Thematic audit",
    "dip_sample": "Dip sample",
    "closing_the_loop": "Closing the loop",
    "peer": "Peer review",
    "practice_week": "Practice week",
    "calibration": "Calibration",
}

OPEN_STATES = ("open", "closed", "both", "any")

STRATA_COLUMNS: Mapping[str, str] = {
    "cohort": "Cohort",
    "team": "Team",
    "age_band": "Age band",
    "sex": "Sex",
    "ethnicity": "Ethnicity",
    "disability": "Disability",
    "legal_status": "Legal status",
    "placement_type": "Placement type",
    "primary_need": "Primary need",
    "cp_category": "Category of abuse",
    "authority": "Authority",
    "status": "Open or closed",
}


@dataclass(frozen=True, slots=True)
class NewRound:
    """What is needed to plan a round. Dates are ISO; `form_id` names a tool of the library."""

    title: str
    kind: str
    form_id: str
    starts: str
    due: str
    closes: str
    target: int
    theme: str = ""
    lines_of_enquiry: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    open_state: str = "open"
    plan: Mapping[str, Any] = field(default_factory=dict)
    moderation: Mapping[str, Any] = field(default_factory=dict)
    blind: bool = True
    ref: str = ""
    sections: tuple[str, ...] = ()
    """Sections picked for the lines of enquiry, for forms that let a round choose; none = all."""


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round as screens and commands see it."""

    round_id: str
    ref: str
    title: str
    kind: str
    theme: str
    lines_of_enquiry: tuple[str, ...]
    cohorts: tuple[str, ...]
    open_state: str
    form_id: str
    form_version: str
    form_hash: str
    framework: str
    frame_id: str | None
    starts: str
    due: str
    closes: str
    target: int
    plan: Mapping[str, Any]
    moderation: Mapping[str, Any]
    blind: bool
    status: str
    drawn: int


@dataclass(frozen=True, slots=True)
class StratumPreview:
    """One stratum before the draw: how many children it holds and how many would be drawn."""

    stratum: str
    title: str
    kind: str
    population: int
    allocated: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would do, without drawing."""

    frame: str
    as_at: str
    children: int
    eligible: int
    left_out: Mapping[str, int]
    strata: tuple[StratumPreview, ...]
    risks: tuple[tuple[str, str, int], ...]
    """Every risk list with its words and how many children of the round's cohort are on it."""

    @property
    def to_draw(self) -> int:
        """How many cases the plan draws in all."""
        return sum(stratum.allocated for stratum in self.strata)


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One case of a draw."""

    child_key: str
    case_ref: str
    stratum: str
    kind: str
    state: str
    order: int
    ticket: str
    inclusion_probability: float | None
    weight: float | None
    cohort: str
    team: str
    worker: str
    reason: str = ""


def create_round(
    workspace: Workspace, actor: Actor, new: NewRound, *, kept: tuple[str, str, str], framework: str
) -> str:
    """Plan a round on the latest frame; returns its reference.

    `kept` is (form id, version, hash) of the form as stored, `framework` the judgement set in force.
    """
    require(actor, "round.plan")
    title = clean_line(new.title)
    if not title:
        raise BadInput(
            Code.INCOMPLETE, "A round needs a title", next_step="Name it, for example 'November case audits'"
        )
    if new.kind not in KINDS:
        raise BadInput(
            Code.BAD_VALUE,
            "That is not a kind of round",
            where=clean_line(new.kind)[:30],
            next_step=f"Kinds: {', '.join(KINDS)}",
        )
    starts, due, closes = (typed_day(getattr(new, name), name) for name in ("starts", "due", "closes"))
    if not starts <= due <= closes:
        raise BadInput(
            Code.BAD_VALUE,
            "A round starts, falls due and closes in this order",
            where=f"{starts}, {due}, {closes}",
            next_step="Put the dates in order",
        )
    if new.target < 1:
        raise BadInput(
            Code.BAD_VALUE,
            "A round needs at least one case",
            where="target",
            next_step="Give how many cases are to be audited",
        )
    if new.open_state not in OPEN_STATES:
        raise BadInput(
            Code.BAD_VALUE,
            "Cases are open, closed or any of the two",
            where="open_state",
            next_step=f"Say {', '.join(OPEN_STATES)}",
        )
    unknown = [one for one in new.cohorts if one not in COHORTS and one not in FLAGS]
    if unknown:
        raise BadInput(
            Code.BAD_VALUE,
            "That is not a cohort",
            where=clean_line(unknown[0])[:30],
            next_step=f"Cohorts: {', '.join([*COHORTS, *FLAGS])}",
        )
    plan = _checked_plan(new.plan, title, new.target)
    with workspace.write(actor) as unit:
        frame = _latest_frame(unit.conn)
        round_id, ref = unit.ids(), _free_ref(unit, clean_line(new.ref), starts.isoformat())
        unit.conn.execute(
            insert(_round).values(
                round_id=round_id, ref=ref, title=title, kind=new.kind, theme=clean_line(new.theme),
                lines_of_enquiry=[clean_line(line) for line in new.lines_of_enquiry if line.strip()], cohorts=list(new.cohorts),
                open_state=new.open_state, form_id=kept[0], form_version=kept[1], form_hash=kept[2], sections=list(new.sections), framework=framework,
                frame_id=frame.frame_id if frame else None, starts=starts.isoformat(), due=due.isoformat(), closes=closes.isoformat(), target=new.target,
                plan=plan_json(plan), moderation=dict(new.moderation), blind=new.blind, status="planned",
                created_at=unit.now, created_by=actor.person_id,
            )
        )  # fmt: skip
        unit.event(
            "round.planned", "round", round_id, new={"ref": ref, "kind": new.kind, "target": new.target}
        )
    return ref


def rounds(workspace: Workspace, actor: Actor) -> tuple[RoundRow, ...]:
    """Every round, the newest first."""
    require(actor, "round.read")
    with workspace.read() as conn:
        return tuple(
            _row(row)
            for row in conn.execute(_round_query().order_by(_round.c.starts.desc(), _round.c.ref.desc()))
        )


def round_of(workspace: Workspace, actor: Actor, ref: str) -> RoundRow:
    """One round by its reference."""
    require(actor, "round.read")
    with workspace.read() as conn:
        return _row(_find(conn, ref))


def change_plan(workspace: Workspace, actor: Actor, ref: str, raw: Mapping[str, Any]) -> None:
    """Change the sampling plan of a round that has not been drawn."""
    require(actor, "round.plan")
    with workspace.write(actor) as unit:
        row = _not_closed(_find(unit.conn, ref))
        if row.drawn:
            raise BadInput(
                Code.WRONG_STATE,
                "The round has been drawn, so its plan stands",
                where=row.ref,
                next_step="Extend the draw, or draw again with a reason",
            )
        plan = plan_json(_checked_plan(raw, row.title, row.target))
        unit.conn.execute(update(_round).where(_round.c.round_id == row.round_id).values(plan=plan))
        unit.event("round.plan", "round", row.round_id, field="plan", old=row.plan, new=plan)


def use_frame(workspace: Workspace, actor: Actor, ref: str, frame_id: str | None = None) -> None:
    """Take the newest (or a named) frame for a round that has not been drawn."""
    require(actor, "round.plan")
    with workspace.write(actor) as unit:
        row = _not_closed(_find(unit.conn, ref))
        frame = _latest_frame(unit.conn, frame_id)
        if row.drawn or frame is None:
            raise BadInput(
                Code.WRONG_STATE,
                "The round's list of children cannot be changed"
                if row.drawn
                else "There is no list of children yet",
                where=row.ref,
                next_step="Import the lists with 'qa-audit frame import'",
            )
        unit.conn.execute(
            update(_round).where(_round.c.round_id == row.round_id).values(frame_id=frame.frame_id)
        )
        unit.event(
            "round.frame", "round", row.round_id, field="frame_id", old=row.frame_id, new=frame.frame_id
        )


def preview(workspace: Workspace, actor: Actor, ref: str) -> Preview:
    """What the plan would draw: strata with counts, who is left out and why, every risk list with its count."""
    require(actor, "sample.draw")
    with workspace.read() as conn:
        row = _find(conn, ref)
        frame = _frame_of(conn, row)
        known = _history(conn, row, frame)
        rows = _rows(conn, row, frame, known)
    plan = _plan_of(row, frame)
    kept, left_out = eligible(plan, rows, known.workers)
    held = Counter(stratum_of(plan, one) for one in kept)
    sizes = stratum_sizes(plan, held)
    titles = {f"risk: {risk.key}": risk.title or RISKS.get(risk.key, (risk.key,))[0] for risk in plan.risks}
    strata = tuple(
        StratumPreview(
            label, titles.get(label, label), "risk" if label in titles else "random", held.get(label, 0), size
        )
        for label, size in sizes.items()
    )
    counts = Counter(risk for one in rows for risk in one.risks)
    risk_rows = tuple((key, words, counts.get(key, 0)) for key, (words, _) in RISKS.items())
    return Preview(frame.authority, frame.as_at, len(rows), len(kept), left_out, strata, risk_rows)


def draw(
    workspace: Workspace,
    actor: Actor,
    ref: str,
    seed: str,
    *,
    picks: Mapping[str, str] | None = None,
    reason: str = "",
) -> Drawing:
    """Draw the round's sample with a seed made in the open. A second draw needs a reason and keeps the first."""
    require(actor, "sample.draw")
    seed = clean_line(seed)
    if not seed:
        raise BadInput(
            Code.INCOMPLETE,
            "A draw needs a seed",
            next_step="Roll dice in the meeting and type the digits (20 or more)",
        )
    with workspace.write(actor) as unit:
        row = _not_closed(_find(unit.conn, ref))
        reason = clean_line(reason)
        if row.drawn and not reason:
            raise BadInput(
                Code.CONFLICT,
                "This round has been drawn already",
                where=row.ref,
                why="A second draw could be a choice in disguise, so it is logged beside the first",
                next_step="Give the reason for drawing again",
            )
        frame = _frame_of(unit.conn, row)
        plan, known = _plan_of(row, frame), _history(unit.conn, row, frame)
        made = draw_plan(
            plan,
            _rows(unit.conn, row, frame, known),
            seed,
            salt=frame.salt,
            sampled_workers=known.workers,
            picks=picks,
        )
        unit.conn.execute(update(_draw).where(_draw.c.round_id == row.round_id).values(superseded=True))
        _keep(unit, row, frame, made, known, number=row.draws + 1, reason=reason)
        unit.conn.execute(update(_round).where(_round.c.round_id == row.round_id).values(status="open"))
    return made


def extend_draw(workspace: Workspace, actor: Actor, ref: str, size: int) -> Drawing:
    """Draw more with the same seed: what was drawn stays, the next tickets join."""
    require(actor, "sample.draw")
    with workspace.write(actor) as unit:
        _not_closed(_find(unit.conn, ref))
        row, current, frame, made = _remade(unit.conn, ref)
        known = _kept_history(current)
        larger = extend(
            made, _rows(unit.conn, row, frame, known), size, salt=frame.salt, sampled_workers=known.workers
        )
        _store_cases(unit, current.draw_id, larger)
        unit.conn.execute(
            update(_draw).where(_draw.c.draw_id == current.draw_id).values(certificate=certificate(larger))
        )
        plan = plan_json(larger.plan)
        unit.conn.execute(
            update(_round)
            .where(_round.c.round_id == row.round_id)
            .values(plan=plan, target=max(row.target, size))
        )
        unit.event(
            "sample.extended", "draw", current.draw_id, old=len(made.selected), new=len(larger.selected)
        )
    return larger


def replace_drawn(
    workspace: Workspace, actor: Actor, ref: str, child_key: str, reason_code: str, note: str = ""
) -> str:
    """Take a drawn case out for a coded reason; the next ticket of its stratum comes in. Returns who came in."""
    require(actor, "sample.draw")
    with workspace.write(actor) as unit:
        return replace_in(unit, ref, child_key, reason_code, note)


def replace_in(unit: Unit, ref: str, child_key: str, reason_code: str, note: str = "") -> str:
    """`replace_drawn` inside a transaction that also changes the audit."""
    try:
        code = Reason(reason_code)
    except ValueError:
        raise BadInput(
            Code.BAD_VALUE,
            "That is not a reason for a replacement",
            where=clean_line(reason_code)[:30],
            next_step=f"Reasons: {', '.join(Reason)}",
        ) from None
    _not_closed(_find(unit.conn, ref))
    _, current, _, made = _remade(unit.conn, ref)
    changed = replace_case(made, child_key, code, clean(note))
    _store_cases(unit, current.draw_id, changed)
    unit.conn.execute(
        update(_draw).where(_draw.c.draw_id == current.draw_id).values(certificate=certificate(changed))
    )
    came_in = changed.replaced[-1].by
    unit.event(
        "sample.replaced",
        "draw",
        current.draw_id,
        old=child_key,
        new=came_in,
        reason=f"{code.value}: {clean_line(note)}".rstrip(": "),
    )
    return came_in


def drawn_cases(workspace: Workspace, actor: Actor, ref: str) -> tuple[DrawnRow, ...]:
    """The current draw's cases: selected, replaced and reserves, stratum by stratum."""
    require(actor, "sample.draw")
    with workspace.read() as conn:
        row = _find(conn, ref)
        current = _current(conn, row)
        query = (
            select(_case, _child.c.case_ref, _child.c.primary_cohort, _child.c.team, _child.c.worker)
            .join(
                _child, and_(_child.c.child_key == _case.c.child_key, _child.c.frame_id == current.frame_id)
            )
            .where(_case.c.draw_id == current.draw_id)
            .order_by(_case.c.stratum, _case.c.position)
        )
        return tuple(
            DrawnRow(
                one.child_key, one.case_ref, one.stratum, one.kind, one.state, one.position, one.ticket, one.inclusion_probability,
                one.weight, one.primary_cohort, one.team, one.worker, one.reason,
            )
            for one in conn.execute(query)
        )  # fmt: skip


def draw_certificate(workspace: Workspace, actor: Actor, ref: str) -> tuple[dict[str, Any], str]:
    """The certificate of the current draw: its JSON, and the page to print."""
    require(actor, "sample.draw")
    with workspace.read() as conn:
        row, current, _, made = _remade(conn, ref)
    made_words = f"{day(current.drawn_at).isoformat()}, draw {current.number}" + (
        f"; drawn again because: {current.reason}" if current.reason else ""
    )
    return dict(current.certificate), certificate_text(made, f"{row.ref} {row.title}", made_words)


def verify_draw(workspace: Workspace, actor: Actor, ref: str) -> list[Difference]:
    """Make the current draw again from its frozen frame; every difference, none when it stands."""
    require(actor, "sample.draw")
    with workspace.read() as conn:
        row = _find(conn, ref)
        current = _current(conn, row)
        frame = _frame_of(conn, row)
        known = _kept_history(current)
        rows = _rows(conn, row, frame, known)
    plan = _plan_of(row, frame)
    kept, _ = eligible(plan, rows, known.workers)
    return verify(current.certificate, [(one.id, stratum_of(plan, one)) for one in kept], frame.salt)


def close_round(workspace: Workspace, actor: Actor, ref: str) -> None:
    """Close a round: no more draws or allocations; what was done stays."""
    require(actor, "round.plan")
    with workspace.write(actor) as unit:
        row = _not_closed(_find(unit.conn, ref))
        unit.conn.execute(update(_round).where(_round.c.round_id == row.round_id).values(status="closed"))
        unit.event("round.closed", "round", row.round_id, old=row.status, new="closed")


def _not_closed(row: Any) -> Any:
    if row.status == "closed":
        raise BadInput(Code.WRONG_STATE, "The round is closed", where=row.ref, next_step="Plan a new round")
    return row


def _checked_plan(raw: Mapping[str, Any], title: str, target: int) -> Plan:
    plan = plan_from_json({"name": title, "size": target, **raw})
    for column in plan.strata:
        if column not in STRATA_COLUMNS:
            raise BadInput(
                Code.BAD_VALUE,
                "Strata cannot be made of that column",
                where=clean_line(column)[:30],
                next_step=f"Columns: {', '.join(STRATA_COLUMNS)}",
            )
    for risk in plan.risks:
        if risk.key not in RISKS:
            raise BadInput(
                Code.BAD_VALUE,
                "That is not a risk list",
                where=clean_line(risk.key)[:30],
                next_step=f"Risk lists: {', '.join(RISKS)}",
            )
    return plan


def _plan_of(row: Any, frame: Any) -> Plan:
    return plan_from_json(
        {**row.plan, "status": {"both": "any"}.get(row.open_state, row.open_state), "as_at": frame.as_at}
    )


@dataclass(frozen=True, slots=True)
class _History:
    """What other rounds had drawn at the moment of a draw. Kept with the draw: what is drawn, replaced or
    drawn again elsewhere later never changes who could have been drawn here."""

    workers: frozenset[str]
    """Workers with a case in another round of the last three months."""
    audited: Mapping[str, str]
    """Child key to the day on which the child was last drawn for an audit."""


def _history(conn: Connection, row: Any, frame: Any) -> _History:
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
    return _History(
        frozenset(conn.execute(workers).scalars()),
        {one.child_key: day(one.at).isoformat() for one in conn.execute(last)},
    )


def _kept_history(current: Any) -> _History:
    return _History(frozenset(current.history["workers"]), current.history["audited"])


def _rows(conn: Connection, row: Any, frame: Any, known: _History) -> list[FrameRow]:
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


def _remade(conn: Connection, ref: str) -> tuple[Any, Any, Any, Drawing]:
    """The current draw made again from its frozen frame, as the records of the pure modules."""
    row = _find(conn, ref)
    current = _current(conn, row)
    frame = _frame_of(conn, row)
    gone = [
        Replaced(one["id"], one["stratum"], Reason(one["reason"]), one["note"], one["by"])
        for one in current.certificate.get("replaced", [])
    ]
    picks = {
        one["id"]: one.get("note", "")
        for one in current.certificate.get("selected", [])
        if one["kind"] == "judgement"
    }
    known = _kept_history(current)
    made = draw_plan(
        _plan_of(row, frame), _rows(conn, row, frame, known), current.seed, salt=frame.salt,
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


def _keep(
    unit: Unit, row: Any, frame: Any, made: Drawing, known: _History, *, number: int, reason: str
) -> None:
    draw_id = unit.ids()
    plan = made.plan
    history = {
        "workers": sorted(known.workers) if plan.worker_once else [],
        "audited": dict(known.audited) if plan.not_audited_months else {},
    }
    unit.conn.execute(
        insert(_draw).values(
            draw_id=draw_id, round_id=row.round_id, number=number, frame_id=frame.frame_id, seed=made.seed, algorithm=ALGORITHM,
            frame_hash=made.frame_hash, population=made.population, certificate=certificate(made), drawn_at=unit.now,
            drawn_by=unit.actor.person_id, reason=reason, superseded=False, history=history,
        )
    )  # fmt: skip
    _store_cases(unit, draw_id, made)
    unit.event(
        "sample.drawn",
        "draw",
        draw_id,
        new={
            "round": row.ref,
            "number": number,
            "selected": len(made.selected),
            "frame_hash": made.frame_hash,
        },
        reason=reason or None,
    )


def _store_cases(unit: Unit, draw_id: str, made: Drawing) -> None:
    """The cases as they stand now. Replaced ones stay with their reason and who came in."""
    from sqlalchemy import delete

    unit.conn.execute(delete(_case).where(_case.c.draw_id == draw_id))
    rows: list[dict[str, Any]] = []
    for state, cases in (("selected", made.selected), ("reserve", made.reserves)):
        rows += [
            {
                "draw_id": draw_id, "child_key": one.id, "stratum": one.stratum, "kind": one.kind, "state": state,
                "position": one.order, "ticket": one.ticket, "inclusion_probability": one.inclusion_probability,
                "weight": one.weight, "replaced_by": None, "reason_code": "", "reason": one.note,
            }
            for one in cases
        ]  # fmt: skip
    taken = {one["child_key"] for one in rows}
    kinds = {one.stratum: one.kind for one in (*made.selected, *made.reserves)}
    rows += [
        {
            "draw_id": draw_id, "child_key": one.id, "stratum": one.stratum, "kind": kinds.get(one.stratum, "random"), "state": "replaced", "position": 0,
            "ticket": "", "inclusion_probability": None, "weight": None, "replaced_by": one.by, "reason_code": one.reason.value,
            "reason": one.note,
        }
        for one in made.replaced
        if one.id not in taken
    ]  # fmt: skip
    if rows:
        unit.conn.execute(insert(_case), rows)


def _round_query() -> Any:
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


def _find(conn: Connection, ref: str) -> Any:
    row = conn.execute(
        _round_query().where(or_(func.lower(_round.c.ref) == ref.lower(), _round.c.round_id == ref))
    ).first()
    if row is None:
        raise not_found("round", ref)
    return row


def _current(conn: Connection, row: Any) -> Any:
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


def _frame_of(conn: Connection, row: Any) -> Any:
    frame = _latest_frame(conn, row.frame_id)
    if frame is None:
        raise BadInput(
            Code.NOTHING_TO_DRAW,
            "There is no list of children to draw from",
            where=row.ref,
            next_step="Import the lists with 'qa-audit frame import FILE --authority NAME --as-at DATE'",
        )
    return frame


def _latest_frame(conn: Connection, frame_id: str | None = None) -> Any:
    query = select(_frame).order_by(_frame.c.imported_at.desc()).limit(1)
    return conn.execute(query.where(_frame.c.frame_id == frame_id) if frame_id else query).first()


def _free_ref(unit: Unit, wanted: str, starts: str) -> str:
    """The wanted reference, or the month's next free one."""
    taken = {ref.lower() for ref in unit.conn.execute(select(_round.c.ref)).scalars()}
    if wanted.lower() in taken:
        raise BadInput(
            Code.CONFLICT,
            "A round already has that reference",
            where=wanted[:40],
            next_step="Choose another, or leave it out",
        )
    month = f"R-{starts[:7]}"
    names = (month if number == 1 else f"{month}-{number}" for number in count(1))
    return wanted or next(name for name in names if name.lower() not in taken)


def _row(row: Any) -> RoundRow:
    return RoundRow(
        row.round_id, row.ref, row.title, row.kind, row.theme, tuple(row.lines_of_enquiry), tuple(row.cohorts), row.open_state,
        row.form_id, row.form_version, row.form_hash, row.framework, row.frame_id, row.starts, row.due, row.closes, row.target,
        row.plan, row.moderation, bool(row.blind), row.status, row.drawn,
    )  # fmt: skip


def reasons() -> Sequence[str]:
    """The coded reasons for a replacement."""
    return [reason.value for reason in Reason]
