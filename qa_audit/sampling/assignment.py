"""Who audits which case: an optimal matching under hard rules of independence and soft wishes.

The matching is scipy.optimize.linear_sum_assignment (Crouse 2016) over cases and the free places of each
auditor. The k-th place of an auditor costs more than the one before, so the least total cost is also the most
even load. Ties are settled by tickets from the seed: no order of rows, names or ids decides who gets whom.
The same function gives audits to moderators: their `previous_auditors` are then the forbidden ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.draw import tickets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Bar(StrEnum):
    """Why a person cannot be given a case."""

    CASE_WORKER = "case_worker"
    OWN_TEAM = "own_team"
    LINE_MANAGEMENT = "line_management"
    DECLARED_CONFLICT = "declared_conflict"
    DECIDED_ON_CASE = "decided_on_case"
    AUDITED_THIS_CASE = "audited_this_case"
    NO_CAPACITY = "no_capacity"


WORDS = {
    Bar.CASE_WORKER: "is or was the worker of this case",
    Bar.OWN_TEAM: "belongs to the team that holds the case",
    Bar.LINE_MANAGEMENT: "is in the line management of the case, or of the person whose work is looked at",
    Bar.DECLARED_CONFLICT: "has declared a conflict",
    Bar.DECIDED_ON_CASE: "has made a decision on this case",
    Bar.AUDITED_THIS_CASE: "has audited this case in this cycle",
    Bar.NO_CAPACITY: "has no place left",
}


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A drawn case waiting for an auditor. People, teams and services are given by their keys."""

    id: str
    workers: frozenset[str] = frozenset()
    """The worker now and those of the last 12 months."""
    team: str = ""
    service: str = ""
    line_managers: frozenset[str] = frozenset()
    decided_by: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()
    previous_auditors: frozenset[str] = frozenset()
    """For moderation: who audited it. For a second audit: who audited it first."""


@dataclass(frozen=True, slots=True)
class Auditor:
    """A person who can take cases: `capacity` places, of which `open_work` are already in use."""

    id: str
    team: str = ""
    service: str = ""
    capacity: int = 1
    open_work: int = 0
    manages: frozenset[str] = frozenset()
    """Teams whose line management this person is in."""
    recent_workers: frozenset[str] = frozenset()
    """Workers whose cases this person audited in the last 12 months."""


@dataclass(frozen=True, slots=True)
class SoftCosts:
    """What a wish is worth, in units of one auditor's whole load."""

    load: float = 1.0
    same_service: float = 1.0
    repeated_pair: float = 2.0


@dataclass(frozen=True, slots=True)
class Assigned:
    """One case with its auditor, and the wishes that could not be met (`same_service`, `repeated_pair`)."""

    case_id: str
    auditor_id: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotAssigned:
    """A case nobody could be given, and for each auditor every reason why."""

    case_id: str
    reasons: tuple[tuple[str, tuple[Bar, ...]], ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The result: cases given in the order asked, cases not given, and the load that each auditor ends with."""

    assigned: tuple[Assigned, ...]
    not_assigned: tuple[NotAssigned, ...]
    load: tuple[tuple[str, int], ...]


_Item = TypeVar("_Item", OpenCase, Auditor)


def bars(case: OpenCase, auditor: Auditor) -> tuple[Bar, ...]:
    """Every rule of independence that keeps this person from this case; empty when there is none."""
    out = []
    if auditor.id in case.workers:
        out.append(Bar.CASE_WORKER)
    if case.team and auditor.team == case.team:
        out.append(Bar.OWN_TEAM)
    if auditor.id in case.line_managers or (case.team and case.team in auditor.manages):
        out.append(Bar.LINE_MANAGEMENT)
    if auditor.id in case.conflicts:
        out.append(Bar.DECLARED_CONFLICT)
    if auditor.id in case.decided_by:
        out.append(Bar.DECIDED_ON_CASE)
    if auditor.id in case.previous_auditors:
        out.append(Bar.AUDITED_THIS_CASE)
    return tuple(out)


def assign(
    cases: Sequence[OpenCase], auditors: Sequence[Auditor], seed: str, costs: SoftCosts | None = None
) -> Assignment:
    """Give as many cases as can be given, then as evenly, then with as few unmet wishes as possible.

    The load counts what is already open against each auditor's own capacity. Deterministic for a seed, whatever
    the order of the rows. Raises BadInput when an id stands twice or a capacity is negative.
    """
    _check(cases, auditors)
    weights = costs or SoftCosts()
    if not cases or not auditors:
        chosen: dict[str, Auditor] = {}
    else:
        chosen = _match(_by_ticket(cases, seed), _by_ticket(auditors, seed), weights, seed)
    taken = Counter(auditor.id for auditor in chosen.values())
    assigned = tuple(
        Assigned(case.id, chosen[case.id].id, _unmet(case, chosen[case.id]))
        for case in cases
        if case.id in chosen
    )
    missed = tuple(
        NotAssigned(case.id, tuple((a.id, bars(case, a) or (Bar.NO_CAPACITY,)) for a in auditors))
        for case in cases
        if case.id not in chosen
    )
    return Assignment(assigned, missed, tuple((a.id, a.open_work + taken[a.id]) for a in auditors))


def _check(cases: Sequence[OpenCase], auditors: Sequence[Auditor]) -> None:
    for kind, ids in (("cases", [c.id for c in cases]), ("auditors", [a.id for a in auditors])):
        if len(set(ids)) != len(ids):
            raise BadInput(Code.CONFLICT, f"The {kind} are not all different", where=kind)
    if any(a.capacity < 0 or a.open_work < 0 for a in auditors):
        raise BadInput(Code.BAD_VALUE, "Capacity and open work cannot be negative", where="auditors")


def _by_ticket(items: Sequence[_Item], seed: str) -> list[_Item]:
    numbers = tickets((item.id for item in items), seed)
    return [item for _, _, item in sorted(zip(numbers, range(len(items)), items, strict=True))]


def _unmet(case: OpenCase, auditor: Auditor) -> tuple[str, ...]:
    out = []
    if case.service and case.service == auditor.service:
        out.append("same_service")
    if case.workers & auditor.recent_workers:
        out.append("repeated_pair")
    return tuple(out)


def _match(
    cases: Sequence[OpenCase], auditors: Sequence[Auditor], weights: SoftCosts, seed: str
) -> dict[str, Auditor]:
    """Case id to auditor, by least total cost; a case may stay unmatched at a cost no wish can outweigh."""
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    places = [
        (j, weights.load * (a.open_work + k + 1) / a.capacity)
        for j, a in enumerate(auditors)
        for k in range(min(a.capacity - a.open_work, len(cases)))
    ]
    pair = _pair_costs(cases, auditors, weights, seed)
    owner = np.array([j for j, _ in places], dtype=int)
    steps = np.array([step for _, step in places])
    cost = pair[:, owner] + steps if places else np.empty((len(cases), 0))
    finite = cost[np.isfinite(cost)]
    unmatched = (float(finite.max()) if finite.size else 0.0) * len(cases) + 1.0
    # one private empty place per case, so that a full matching always exists
    spare = np.full((len(cases), len(cases)), np.inf)
    np.fill_diagonal(spare, unmatched)
    rows, columns = linear_sum_assignment(np.hstack([cost, spare]))
    return {
        cases[int(r)].id: auditors[int(owner[c])]
        for r, c in zip(rows, columns, strict=True)
        if c < len(places)
    }


def _pair_costs(
    cases: Sequence[OpenCase], auditors: Sequence[Auditor], weights: SoftCosts, seed: str
) -> NDArray[np.float64]:
    """Cost of each case (row) with each auditor (column): infinite when barred, plus a tie-breaker from tickets."""
    import numpy as np

    cost = np.zeros((len(cases), len(auditors)))
    for i, case in enumerate(cases):
        for j, auditor in enumerate(auditors):
            if bars(case, auditor):
                cost[i, j] = np.inf
                continue
            unmet = _unmet(case, auditor)
            cost[i, j] = weights.same_service * ("same_service" in unmet) + weights.repeated_pair * (
                "repeated_pair" in unmet
            )
    u = np.array([float(t) for t in tickets((c.id for c in cases), seed)])
    v = np.array([float(t) for t in tickets((a.id for a in auditors), seed + ":auditors")])
    tie: NDArray[np.float64] = cost + 1e-6 * ((u[:, None] * 7919 + v[None, :] * 104729) % 1.0)
    return tie
