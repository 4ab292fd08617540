"""The draw itself: a plan applied to a frozen frame, extended, and mended when a case cannot be audited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.draw import (
    checked_ids,
    frame_text,
    hash_clean_frame,
    seed_hash,
    smallest_tickets,
    ticket_number,
)
from qa_audit.sampling.plan import (
    JUDGEMENT,
    FrameRow,
    Kind,
    Plan,
    check_plan,
    eligible,
    risk_label,
    strata_of,
    stratum_sizes,
)

SEED_DIGITS = 20
"""Decimal digits a public seed should have (Colorado's rule; Rivest advises 24)."""


class Reason(StrEnum):
    """Why a drawn case was replaced by the next ticket of its stratum."""

    CASE_CLOSED = "case_closed"
    TRANSFERRED = "transferred"
    CONFLICT = "conflict"
    RECORD_RESTRICTED = "record_restricted"
    DUPLICATE = "duplicate"
    WORKER_REPEAT = "worker_repeat"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One selected or reserve case. `order` counts within its stratum by ascending ticket, from 1."""

    id: str
    stratum: str
    ticket: str
    order: int
    inclusion_probability: float | None
    weight: float | None
    kind: Kind = "random"
    note: str = ""


@dataclass(frozen=True, slots=True)
class StratumDrawn:
    """One stratum: how many cases it holds, how many were planned, how many stand in the sample."""

    stratum: str
    population: int
    allocated: int
    drawn: int
    kind: Kind = "random"
    title: str = ""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A drawn case that could not be audited, why, and who came in (empty when nobody was left)."""

    id: str
    stratum: str
    reason: Reason
    note: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Draw:
    """A finished draw: everything a certificate says."""

    plan: Plan
    seed: str
    frame_hash: str
    salted: bool
    population: int
    strata: tuple[StratumDrawn, ...]
    selected: tuple[Drawn, ...]
    reserves: tuple[Drawn, ...]
    left_out: Mapping[str, int]
    """Cases that the filters kept out, by reason."""
    replaced: tuple[Replaced, ...] = ()
    warnings: tuple[str, ...] = ()


def draw_plan(
    plan: Plan,
    rows: Sequence[FrameRow],
    seed: str,
    *,
    salt: str = "",
    sampled_workers: Set[str] = frozenset(),
    replaced: Sequence[Replaced] = (),
    picks: Mapping[str, str] | None = None,
) -> Draw:
    """Apply the plan: filters, strata, sizes, then the smallest tickets of each stratum.

    `salt` goes into the published fingerprint only, never into a ticket. `replaced` cases are passed over.
    `picks` are judgement picks, id to why; one that is also drawn stays a random case. The rows' order never
    matters. Raises BadInput for duplicate ids, an unknown column, an empty frame or sizes that do not fit.
    """
    seed_hash(seed)
    everyone = _with_frame_ids(rows)
    check_plan(plan, everyone)
    kept, left_out = eligible(plan, everyone, sampled_workers)
    if not kept:
        raise BadInput(
            Code.NOTHING_TO_DRAW,
            "No case is left to draw from",
            where=plan.name,
            why=f"{len(everyone)} cases were in the frame and the filters kept all of them out",
            next_step="Loosen the filters, or import a newer list",
        )
    members: dict[str, list[str]] = defaultdict(list)
    labels = strata_of(plan, kept)
    for row, label in zip(kept, labels, strict=True):
        members[label].append(row.id)
    allocated = stratum_sizes(plan, {label: len(cases) for label, cases in members.items()})
    passed = {r.id for r in replaced}
    asked_for = {frame_text(case_id) for case_id in picks or {}}
    strata, selected, reserves = [], [], []
    for label in _in_order(plan, allocated):
        chosen, spare = _from_stratum(
            plan, label, members.get(label, []), allocated[label], seed, passed, asked_for
        )
        selected += chosen
        reserves += spare
        risk = next((r for r in plan.risks if risk_label(r.key) == label), None)
        kind: Kind = "risk" if risk else "random"
        title = risk.title if risk else ""
        strata.append(
            StratumDrawn(label, len(members.get(label, [])), allocated[label], len(chosen), kind, title)
        )
    settled = {case.id for case in selected} | passed
    selected += _picked(picks or {}, everyone, settled, seed)
    return Draw(
        plan,
        seed,
        hash_clean_frame(list(zip((row.id for row in kept), labels, strict=True)), salt),
        bool(salt),
        len(kept),
        tuple(strata),
        tuple(selected),
        tuple(reserves),
        left_out,
        tuple(replaced),
        tuple(_warnings(plan, seed, strata)),
    )


def extend(
    draw: Draw,
    rows: Sequence[FrameRow],
    size: int,
    *,
    salt: str = "",
    sampled_workers: Set[str] = frozenset(),
    sizes: Mapping[str, int] | None = None,
) -> Draw:
    """The same draw, larger: what was drawn stays, the next tickets join it.

    The rows are those of the frozen frame; another frame or a smaller size is refused.
    """
    plan = replace(draw.plan, size=size, sizes=sizes if sizes is not None else draw.plan.sizes)
    picks = {case.id: case.note for case in draw.selected if case.kind == JUDGEMENT}
    larger = draw_plan(
        plan,
        rows,
        draw.seed,
        salt=salt,
        sampled_workers=sampled_workers,
        replaced=draw.replaced,
        picks=picks,
    )
    if larger.frame_hash != draw.frame_hash:
        raise BadInput(
            Code.CONFLICT,
            "This is not the frame the draw was made from",
            where=draw.plan.name,
            why="Its fingerprint differs, so the chances of the first cases would change",
            next_step="Use the frozen frame of the draw, or make a new draw",
        )
    lost = {case.id for case in draw.selected} - {case.id for case in larger.selected}
    if lost:
        raise BadInput(
            Code.CONFLICT,
            f"The larger plan would drop {len(lost)} cases already drawn",
            where=draw.plan.name,
            next_step="Give every stratum at least what it had",
        )
    return larger


def replace_case(draw: Draw, case_id: str, reason: Reason, note: str = "") -> Draw:
    """Take one drawn case out for a coded reason; the next ticket of its stratum comes in.

    The chance stays n_h / N_h: replacement by the next ticket keeps the stratum a random sample of the cases
    that can be audited. Raises BadInput when the case is not in the sample or nobody is left in reserve.
    """
    gone = next((c for c in draw.selected if c.id == case_id and c.kind != JUDGEMENT), None)
    if gone is None:
        raise BadInput(Code.NOT_FOUND, "That case is not a drawn case of this sample", where=draw.plan.name)
    following = next((c for c in draw.reserves if c.stratum == gone.stratum), None)
    if following is None:
        raise BadInput(
            Code.NOTHING_TO_DRAW,
            "No reserve is left in this stratum",
            where=gone.stratum,
            next_step="Extend the draw to name more reserves, or go on with one case fewer",
        )
    incoming = replace(
        following, inclusion_probability=gone.inclusion_probability, weight=gone.weight, kind=gone.kind
    )
    rank = {s.stratum: i for i, s in enumerate(draw.strata)}
    stay = [c for c in draw.selected if c.id != case_id] + [incoming]
    stay.sort(key=lambda c: (rank.get(c.stratum, len(rank)), c.order))
    record = Replaced(case_id, gone.stratum, reason, note, following.id)
    return replace(
        draw,
        selected=tuple(stay),
        reserves=tuple(c for c in draw.reserves if c.id != following.id),
        replaced=(*draw.replaced, record),
    )


def _with_frame_ids(rows: Sequence[FrameRow]) -> list[FrameRow]:
    """The rows with ids as a frozen frame has them (composed, trimmed), none twice."""
    clean = [row if frame_text(row.id) == row.id else replace(row, id=frame_text(row.id)) for row in rows]
    checked_ids([row.id for row in clean])
    return clean


def _in_order(plan: Plan, allocated: Mapping[str, int]) -> list[str]:
    risky = [risk_label(r.key) for r in plan.risks]
    return risky + sorted(label for label in allocated if label not in risky)


def ranked_cases(
    cases: Sequence[str], seed: str, size: int, reserves: int, gone: Set[str], picks: Set[str]
) -> tuple[list[tuple[int, str, str]], list[tuple[int, str, str]]]:
    """The (order, ticket, id) of the selected and of the reserve cases of one stratum.

    Selected are the `size` smallest tickets; for each of those that is `gone` the next ticket comes in. A judgement
    pick is in the sample already: as long as its ticket is not among the `size` smallest it is neither reserve nor replacement.
    """
    aside = sum(1 for case_id in cases if case_id in gone or case_id in picks)
    smallest = smallest_tickets(cases, seed, size + reserves + aside)
    ranked = [(i + 1, number, case_id) for i, (number, case_id) in enumerate(smallest) if case_id not in gone]
    chosen = [one for one in ranked if one[0] <= size]
    following = [one for one in ranked if one[0] > size and one[2] not in picks]
    needed = size - len(chosen)
    return chosen + following[:needed], following[needed : needed + reserves]


def _from_stratum(
    plan: Plan, label: str, cases: Sequence[str], size: int, seed: str, gone: Set[str], picks: Set[str]
) -> tuple[list[Drawn], list[Drawn]]:
    """The selected and the reserve cases of one stratum with their chances, in ticket order."""
    selected, reserve = ranked_cases(cases, seed, size, plan.reserves, gone, picks)
    kind: Kind = "risk" if any(risk_label(r.key) == label for r in plan.risks) else "random"
    chance = size / len(cases) if cases else 0.0
    weight = len(cases) / size if size else None
    chosen = [Drawn(case_id, label, number, i, chance, weight, kind) for i, number, case_id in selected]
    spare = [Drawn(case_id, label, number, i, None, None, kind) for i, number, case_id in reserve]
    return chosen, spare


def _picked(picks: Mapping[str, str], rows: Sequence[FrameRow], drawn: Set[str], seed: str) -> list[Drawn]:
    known = {row.id for row in rows}
    wanted = [frame_text(case_id) for case_id in picks]
    missing = sum(1 for case_id in wanted if case_id not in known)
    if missing:
        raise BadInput(Code.NOT_FOUND, f"{missing} judgement picks are not in the frame", where="picks")
    reasons = {frame_text(case_id): note for case_id, note in picks.items()}
    ranked = sorted((ticket_number(seed, case_id), case_id) for case_id in set(wanted) - set(drawn))
    return [
        Drawn(case_id, JUDGEMENT, number, i + 1, None, None, "judgement", reasons[case_id])
        for i, (number, case_id) in enumerate(ranked)
    ]


def _warnings(plan: Plan, seed: str, strata: Sequence[StratumDrawn]) -> list[str]:
    out = []
    if sum(c.isdecimal() for c in seed) < SEED_DIGITS:
        out.append(
            f"The seed has fewer than {SEED_DIGITS} decimal digits: whoever chose it could have tried many. "
            "Roll dice in a meeting after the frame is frozen."
        )
    ordinary = sum(s.allocated for s in strata if s.kind == "random")
    wanted = plan.size if plan.sizes is None else sum(plan.sizes.values())
    if ordinary < wanted:
        out.append(f"Only {ordinary} of {wanted} cases could be drawn: the strata hold no more.")
    thin = [s.stratum for s in strata if s.drawn == 1 and s.population > 1]
    if thin:
        out.append(f"One case only from: {', '.join(thin)}. No standard error can be worked out.")
    nobody = [s.stratum for s in strata if s.drawn == 0 and s.population > 0]
    if nobody:
        out.append(f"Nobody drawn from: {', '.join(nobody)}. Nothing can be said about these cases.")
    return out
