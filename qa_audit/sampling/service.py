"""Rounds and their draws: plan a round, see its strata, draw in the open, extend, replace, prove it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, select, update

from qa_audit.access.policy import Actor, require
from qa_audit.access.settings import council_settings
from qa_audit.errors import BadInput, Code
from qa_audit.frame.models import Frame, FrameChild
from qa_audit.library.vocabulary import COHORTS, FLAGS
from qa_audit.sampling.certificate import Difference, certificate, certificate_text, verify
from qa_audit.sampling.draw import ALGORITHM
from qa_audit.sampling.models import Draw, DrawnCase, Round
from qa_audit.sampling.plan import (
    Plan,
    eligible,
    plan_from_json,
    plan_json,
    risk_label,
    stratum_of,
    stratum_sizes,
)
from qa_audit.sampling.risks import RISKS
from qa_audit.sampling.seed import ENOUGH, digits, seed_problem
from qa_audit.sampling.stratified import Draw as Drawing
from qa_audit.sampling.stratified import Reason, draw_plan, extend, replace_case
from qa_audit.sampling.words import own_words, stratum_titles, stratum_words
from qa_audit.store.clock import day, typed_day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean, clean_line

if TYPE_CHECKING:
    from collections.abc import Sequence
from qa_audit.sampling.loading import (
    History,
    current_draw,
    find_round,
    frame_of,
    frame_rows,
    history,
    kept_history,
    latest_frame,
    plan_of,
    remade,
    round_query,
)
from qa_audit.sampling.records import (
    KINDS,
    OPEN_STATES,
    STRATA_COLUMNS,
    DrawnRow,
    NewRound,
    Preview,
    RoundRow,
    StratumPreview,
)

_round = Round.__table__  # type: ignore[attr-defined]
_draw = Draw.__table__  # type: ignore[attr-defined]
_case = DrawnCase.__table__  # type: ignore[attr-defined]
_frame = Frame.__table__  # type: ignore[attr-defined]
_child = FrameChild.__table__  # type: ignore[attr-defined]


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
        frame = latest_frame(unit.conn)
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
            for row in conn.execute(round_query().order_by(_round.c.starts.desc(), _round.c.ref.desc()))
        )


def round_of(workspace: Workspace, actor: Actor, ref: str) -> RoundRow:
    """One round by its reference."""
    require(actor, "round.read")
    with workspace.read() as conn:
        return _row(find_round(conn, ref))


def change_plan(workspace: Workspace, actor: Actor, ref: str, raw: Mapping[str, Any]) -> None:
    """Change the sampling plan of a round that has not been drawn."""
    require(actor, "round.plan")
    with workspace.write(actor) as unit:
        row = _not_closed(find_round(unit.conn, ref))
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
        row = _not_closed(find_round(unit.conn, ref))
        frame = latest_frame(unit.conn, frame_id)
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
        row = find_round(conn, ref)
        frame = frame_of(conn, row)
        known = history(conn, row, frame)
        rows = frame_rows(conn, row, frame, known)
    plan = plan_of(row, frame)
    kept, left_out = eligible(plan, rows, known.workers)
    held = Counter(stratum_of(plan, one) for one in kept)
    sizes = stratum_sizes(plan, held)
    own = own_words(council_settings(workspace))
    risks = {risk_label(risk.key): risk.title for risk in plan.risks}
    strata = tuple(
        StratumPreview(
            label, risks.get(label) or stratum_words(label, own), "risk" if label in risks else "random",
            held.get(label, 0), size,
        )
        for label, size in sizes.items()
    )  # fmt: skip
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
    seed = digits(clean_line(seed))
    if problem := seed_problem(seed):
        raise BadInput(
            Code.INCOMPLETE,
            "A draw needs a seed that nobody chose",
            where="seed",
            why=problem,
            next_step=f"Roll dice in the meeting and type the digits ({ENOUGH} or more)",
        )
    with workspace.write(actor) as unit:
        row = _not_closed(find_round(unit.conn, ref))
        reason = clean_line(reason)
        if row.drawn and not reason:
            raise BadInput(
                Code.CONFLICT,
                "This round has been drawn already",
                where=row.ref,
                why="A second draw could be a choice in disguise, so it is logged beside the first",
                next_step="Give the reason for drawing again",
            )
        frame = frame_of(unit.conn, row)
        plan, known = plan_of(row, frame), history(unit.conn, row, frame)
        made = draw_plan(
            plan,
            frame_rows(unit.conn, row, frame, known),
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
        _not_closed(find_round(unit.conn, ref))
        row, current, frame, made = remade(unit.conn, ref)
        known = kept_history(current)
        larger = extend(
            made,
            frame_rows(unit.conn, row, frame, known),
            size,
            salt=frame.salt,
            sampled_workers=known.workers,
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
    _not_closed(find_round(unit.conn, ref))
    _, current, _, made = remade(unit.conn, ref)
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
        row = find_round(conn, ref)
        current = current_draw(conn, row)
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
        row, current, _, made = remade(conn, ref)
    made_words = f"{day(current.drawn_at).isoformat()}, draw {current.number}" + (
        f"; drawn again because: {current.reason}" if current.reason else ""
    )
    labels = [one.stratum for one in made.strata] + [one.stratum for one in (*made.selected, *made.reserves)]
    titles = stratum_titles(labels, own_words(council_settings(workspace)))
    named = {one.stratum: one.title for one in made.strata if one.title}
    page = certificate_text(made, f"{row.ref} {row.title}", made_words, titles | named)
    return dict(current.certificate), page


def verify_draw(workspace: Workspace, actor: Actor, ref: str) -> list[Difference]:
    """Make the current draw again from its frozen frame; every difference, none when it stands."""
    require(actor, "sample.draw")
    with workspace.read() as conn:
        current = current_draw(conn, find_round(conn, ref))
    cases, salt = draw_list(workspace, actor, ref)
    return verify(current.certificate, cases, salt)


def draw_list(workspace: Workspace, actor: Actor, ref: str) -> tuple[list[tuple[str, str]], str]:
    """What makes the current draw again: every case it was drawn from as (key, stratum), and the fingerprint's salt."""
    require(actor, "sample.draw")
    with workspace.read() as conn:
        row = find_round(conn, ref)
        frame = frame_of(conn, row)
        known = kept_history(current_draw(conn, row))
        rows = frame_rows(conn, row, frame, known)
    plan = plan_of(row, frame)
    kept, _ = eligible(plan, rows, known.workers)
    return [(one.id, stratum_of(plan, one)) for one in kept], frame.salt


def close_round(workspace: Workspace, actor: Actor, ref: str) -> None:
    """Close a round: no more draws or allocations; what was done stays."""
    require(actor, "round.plan")
    with workspace.write(actor) as unit:
        row = _not_closed(find_round(unit.conn, ref))
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


def _keep(
    unit: Unit, row: Any, frame: Any, made: Drawing, known: History, *, number: int, reason: str
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
