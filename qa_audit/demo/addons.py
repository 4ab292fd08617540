"""A synthetic council's add-on list: what auditors ask for beside the eleven lists, in agreement with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from qa_audit.demo.rolls import stream

if TYPE_CHECKING:
    import numpy as np

    from qa_audit.demo.council import ListTable

AddonRow = tuple[str, str, date | None, date | None, date | None, None]
"""Child ID, list, started, latest event, expires, ended (never: the list holds who is on it now)."""

_SUPERVISED = 0.92  # the rest have no supervision on record
_TEMPORARY = timedelta(weeks=16)  # how long a temporary approval lasts
_EXTENDED = timedelta(weeks=8)


def addons(seed: int, name: str, as_at: date, lists: dict[int, ListTable]) -> list[AddonRow]:
    """The rows of the combined add-on list. A stream of their own keeps the eleven lists as they were."""
    rng = stream(seed, f"{name}: add-on lists")
    need = [one for one in _rows(lists[6]) if one["cin_closed"] is None]
    plans = [one for one in _rows(lists[7]) if one["plan_end"] is None]
    care = [one for one in _rows(lists[8]) if one["care_ceased"] is None]
    return [
        *_supervision(rng, as_at, need),
        *_pre_proceedings(rng, as_at, plans),
        *_placements(rng, as_at, care),
        *_others(rng, as_at, need, {one["child_id"] for one in care}),
    ]


def _rows(table: ListTable) -> Iterator[dict[str, Any]]:
    names = [*table.columns]
    for values in zip(*(table.columns[name].tolist() for name in names), strict=True):
        yield dict(zip(names, values, strict=True))


def _ago(rng: np.random.Generator, as_at: date, low: int, high: int, since: date | None = None) -> date:
    """A weekday some days ago, not before `since`."""
    day = as_at - timedelta(days=int(rng.integers(low, high + 1)))
    day -= timedelta(days=max(0, day.weekday() - 4))
    return max(day, since) if since else day


def _supervision(rng: np.random.Generator, as_at: date, need: list[dict[str, Any]]) -> Iterator[AddonRow]:
    for one in need:
        if rng.random() < _SUPERVISED:
            furthest = 28 if rng.random() < 0.75 else 75
            yield (
                one["child_id"],
                "Supervision",
                None,
                _ago(rng, as_at, 1, furthest, one["cin_start"]),
                None,
                None,
            )


def _pre_proceedings(
    rng: np.random.Generator, as_at: date, plans: list[dict[str, Any]]
) -> Iterator[AddonRow]:
    for one in plans:
        if rng.random() < 0.06:
            began = _ago(rng, as_at, 10, 200, one["plan_start"])
            yield one["child_id"], "Pre-proceedings", began, _ago(rng, as_at, 1, 45, began), None, None


def _placements(rng: np.random.Generator, as_at: date, care: list[dict[str, Any]]) -> Iterator[AddonRow]:
    """Lists that follow from the placement List 8 names."""
    for one in care:
        code = str(one["placement_type"]).partition(") ")[2].partition(":")[0]
        began = one["placement_start"] or one["care_start"]
        if code == "P1":
            yield one["child_id"], "Placed with parents", began, None, None, None
        elif code in ("U2", "U3") and as_at - began <= _TEMPORARY + _EXTENDED:
            length = _TEMPORARY + (_EXTENDED if as_at - began > _TEMPORARY else timedelta())
            yield one["child_id"], "Connected carers", began, None, began + length, None
        elif code == "Z1" and rng.random() < 0.5:
            yield one["child_id"], "Unregistered homes", began, _ago(rng, as_at, 1, 40, began), None, None


def _others(
    rng: np.random.Generator, as_at: date, need: list[dict[str, Any]], in_care: set[str]
) -> Iterator[AddonRow]:
    for one in need:
        child, began, age = one["child_id"], one["cin_start"], one["age"]
        if child in in_care:
            continue
        if 5 <= age <= 15 and rng.random() < 0.02:
            start = _ago(rng, as_at, 60, 700)
            yield child, "Home education", start, _ago(rng, as_at, 10, 400, start), None, None
        elif age <= 15 and rng.random() < 0.002:
            yield child, "Private fostering", began, None, None, None
        elif str(one["disability"]).partition(") ")[2] == "Yes" and rng.random() < 0.6:
            yield child, "Disabled children's team", began, None, None, None
