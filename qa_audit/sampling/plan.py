"""A sampling plan: who may be drawn, in which strata, how many from each; applied to plain rows.

The design is stratified random sampling by tickets (`draw`). A case in a risk stratum (a purposive list
with its own, higher rate) belongs to that stratum only, so the strata never overlap and every weight is
N_h / n_h. Judgement picks are marked and carry no weight: they never feed an estimate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Literal

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.allocation import allocate_proportional
from qa_audit.sampling.draw import frame_text
from qa_audit.sampling.figures import Json, rational

NOT_RECORDED = "not recorded"
WHOLE_FRAME = "all cases"
JUDGEMENT = "judgement"

Status = Literal["open", "closed", "any"]
Kind = Literal["random", "risk", "judgement"]


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One case of the frame. `values` are the columns strata may be made of."""

    id: str
    values: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    opened: date | None = None
    last_audited: date | None = None
    worker: str = ""
    risks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RiskStratum:
    """A purposive list: cases with this risk, drawn at `rate` (0-1), or `size` of them when given."""

    key: str
    title: str = ""
    rate: float = 1.0
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be drawn. `size` counts the ordinary strata; risk strata come on top by their rates."""

    name: str
    size: int
    strata: tuple[str, ...] = ()
    sizes: Mapping[str, int] | None = None
    """Sizes by hand: stratum label to cases. None = in proportion to the strata."""
    minimum: int = 0
    maximum: int | None = None
    reserves: int = 3
    """Next tickets named in advance in every stratum."""
    status: Status = "any"
    open_weeks: int = 0
    not_audited_months: int = 0
    worker_once: bool = False
    """Leave out cases of workers already sampled this quarter."""
    risks: tuple[RiskStratum, ...] = ()
    as_at: date | None = None
    """The day the filters are worked out for."""


def eligible(
    plan: Plan, rows: Iterable[FrameRow], sampled_workers: Set[str] = frozenset()
) -> tuple[list[FrameRow], dict[str, int]]:
    """The rows that may be drawn, and how many were left out for which (first) reason.

    `sampled_workers` are those who already have a case in a sample this quarter.
    """
    kept: list[FrameRow] = []
    out: Counter[str] = Counter()
    for row in rows:
        reason = _kept_out(plan, row, sampled_workers)
        if reason:
            out[reason] += 1
        else:
            kept.append(row)
    return kept, dict(sorted(out.items()))


def stratum_of(plan: Plan, row: FrameRow) -> str:
    """The stratum a case belongs to: its first risk in the plan's order, else its columns' values."""
    for risk in plan.risks:
        if risk.key in row.risks:
            return risk_label(risk.key)
    if not plan.strata:
        return WHOLE_FRAME
    # a value that holds the separator must not make two different strata look alike
    values = (frame_text(row.values.get(column, "")).replace(" / ", "/") for column in plan.strata)
    return " / ".join(value or NOT_RECORDED for value in values)


def strata_of(plan: Plan, rows: Iterable[FrameRow]) -> list[str]:
    """`stratum_of` for many rows: each combination of values is put into words once."""
    known: dict[tuple[str, ...], str] = {}
    out = []
    for row in rows:
        if row.risks:
            out.append(stratum_of(plan, row))
            continue
        values = tuple([row.values.get(column, "") for column in plan.strata])
        label = known.get(values)
        if label is None:
            label = known[values] = stratum_of(plan, row)
        out.append(label)
    return out


def risk_label(key: str) -> str:
    """The label of a risk stratum."""
    return f"risk: {key}"


def stratum_sizes(plan: Plan, population: Mapping[str, int]) -> dict[str, int]:
    """Cases to draw from each stratum (risk strata always named, also with nobody in them)."""
    sizes: dict[str, int] = {}
    for risk in plan.risks:
        held = population.get(risk_label(risk.key), 0)
        wanted = ceil(rational(risk.rate) * held) if risk.size is None else risk.size
        sizes[risk_label(risk.key)] = min(wanted, held)
    ordinary = sorted(label for label in population if label not in sizes)
    if plan.sizes is not None:
        return sizes | _sizes_by_hand(plan.sizes, population, ordinary)
    held = sum(population[label] for label in ordinary)
    if not ordinary:
        return sizes
    most = plan.maximum if plan.maximum is not None else held
    capped = sum(min(population[label], most) for label in ordinary)
    shares = allocate_proportional(
        min(plan.size, capped), [population[label] for label in ordinary], plan.minimum, most
    )
    return sizes | dict(zip(ordinary, shares, strict=True))


def check_plan(plan: Plan, rows: Sequence[FrameRow]) -> None:
    for column in plan.strata:
        if rows and not any(column in row.values for row in rows):
            raise BadInput(
                Code.BAD_VALUE,
                "The plan makes strata of a column that the frame does not have",
                where=column,
                next_step=f"Choose from: {', '.join(sorted(rows[0].values)) or 'no columns'}",
            )
    if plan.as_at is None and (plan.not_audited_months or plan.open_weeks):
        raise BadInput(
            Code.BAD_VALUE, "The plan's filters need the day they are worked out for", where="as_at"
        )
    _check_numbers(plan)


def plan_json(plan: Plan) -> Json:
    """A plan as plain JSON values; `plan_from_json` reads it back."""
    return {
        "name": plan.name,
        "size": plan.size,
        "strata": list(plan.strata),
        "sizes": dict(plan.sizes) if plan.sizes is not None else None,
        "minimum": plan.minimum,
        "maximum": plan.maximum,
        "reserves": plan.reserves,
        "status": plan.status,
        "open_weeks": plan.open_weeks,
        "not_audited_months": plan.not_audited_months,
        "worker_once": plan.worker_once,
        "risks": [{"key": r.key, "title": r.title, "rate": r.rate, "size": r.size} for r in plan.risks],
        "as_at": plan.as_at.isoformat() if plan.as_at else None,
    }


def plan_from_json(raw: Mapping[str, object]) -> Plan:
    """A plan from a certificate, a JSON or a YAML file (where every value may be text).

    Raises BadInput that names the first key that cannot be read.
    """
    unknown = sorted(set(raw) - set(plan_json(Plan("", 0))))
    if unknown:
        raise BadInput(
            Code.BAD_VALUE,
            "The plan has a key that means nothing here",
            where=unknown[0],
            next_step=f"Keys: {', '.join(plan_json(Plan('', 0)))}",
        )
    key = "plan"
    try:
        values = {k: v for k, v in raw.items() if v is not None}
        risks = []
        for item in as_list(values.get("risks")):
            key = "risks"
            entry: Mapping[str, object] = item if isinstance(item, Mapping) else {"key": item}
            size = entry.get("size")
            risks.append(
                RiskStratum(
                    str(entry["key"]),
                    str(entry.get("title") or ""),
                    _rate(str(entry.get("rate", 1.0))),
                    None if size in (None, "") else int(str(size)),
                )
            )
        numbers: dict[str, int] = {}
        for key in ("size", "minimum", "maximum", "reserves", "open_weeks", "not_audited_months"):
            if str(values.get(key, "")).strip():
                numbers[key] = int(str(values[key]))
        key = "sizes"
        sizes = values.get("sizes") or None
        by_hand = {str(k): int(str(v)) for k, v in sizes.items()} if isinstance(sizes, Mapping) else None
        key = "as_at"
        as_at = values.get("as_at")
        plan = Plan(
            name=str(values.get("name", "")),
            size=numbers.get("size", sum(by_hand.values()) if by_hand else 0),
            strata=tuple(str(c) for c in as_list(values.get("strata"))),
            sizes=by_hand,
            minimum=numbers.get("minimum", 0),
            maximum=numbers.get("maximum"),
            reserves=numbers.get("reserves", 3),
            status=_status(values.get("status")),
            open_weeks=numbers.get("open_weeks", 0),
            not_audited_months=numbers.get("not_audited_months", 0),
            worker_once=str(values.get("worker_once", "")).casefold() in {"true", "yes", "1"},
            risks=tuple(risks),
            as_at=date.fromisoformat(str(as_at)) if as_at else None,
        )
    except (ValueError, TypeError, KeyError) as fault:
        raise BadInput(
            Code.BAD_VALUE,
            "The plan cannot be read",
            where=key,
            why="A number, a date as YYYY-MM-DD, or a list was expected",
        ) from fault
    _check_numbers(plan)
    return plan


def _check_numbers(plan: Plan) -> None:
    numbers = (
        plan.size,
        plan.minimum,
        plan.maximum or 0,
        plan.reserves,
        plan.open_weeks,
        plan.not_audited_months,
    )
    if (
        min(numbers) < 0
        or any(not 0 <= r.rate <= 1 or (r.size or 0) < 0 for r in plan.risks)
        or any(size < 0 for size in (plan.sizes or {}).values())
    ):
        raise BadInput(
            Code.BAD_VALUE,
            "Sizes cannot be negative and rates lie between 0 and 1",
            where=plan.name or "plan",
        )


def _rate(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def _status(value: object) -> Status:
    text = str(value or "any").strip().casefold()
    if text == "open":
        return "open"
    if text == "closed":
        return "closed"
    if text == "any":
        return "any"
    raise BadInput(Code.BAD_VALUE, "The status must be open, closed or any", where="status")


def as_list(value: object) -> list[object]:
    """A list as it stands, one value as a list of it, nothing as no values."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _kept_out(plan: Plan, row: FrameRow, sampled_workers: Set[str]) -> str:
    if plan.status == "open" and row.closed:
        return "closed"
    if plan.status == "closed" and not row.closed:
        return "open"
    if plan.as_at and plan.open_weeks and row.opened and (plan.as_at - row.opened).days < plan.open_weeks * 7:
        return "open too short a time"
    if (
        plan.as_at
        and plan.not_audited_months
        and row.last_audited
        and row.last_audited > months_before(plan.as_at, plan.not_audited_months)
    ):
        return "audited recently"
    if plan.worker_once and row.worker and row.worker in sampled_workers:
        return "worker already sampled"
    return ""


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the last day of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    return date(year, month + 1, 28)


def _sizes_by_hand(
    sizes: Mapping[str, int], population: Mapping[str, int], ordinary: Sequence[str]
) -> dict[str, int]:
    for label, wanted in sizes.items():
        if label not in ordinary or not 0 <= wanted <= population[label]:
            raise BadInput(
                Code.NOTHING_TO_DRAW,
                f"{wanted} cannot be drawn from a stratum of {population.get(label, 0)} cases",
                where=label,
                next_step=f"Strata here: {', '.join(ordinary)}",
            )
    return {label: sizes.get(label, 0) for label in ordinary}
