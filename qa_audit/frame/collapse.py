"""From rows to one child: which cohorts, open or closed, whose team, and the facts an audit needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qa_audit.frame.cells import Label
from qa_audit.frame.intake import UNKNOWN, Values
from qa_audit.frame.lists import ListSpec
from qa_audit.frame.records import PRECEDENCE, ChildRecord, EventRecord, age_band

Row = tuple[int, int, Values]
"""(place of the list in its family, spreadsheet row, values by field)."""
_Combination = tuple[tuple[int, bool | None, object], ...]
"""Of every list a child is on: its place, open or not, the case status."""

_RANK = {cohort: rank for rank, cohort in enumerate(PRECEDENCE)}
_YES = re.compile(r"(?:a\)\s*)?(?:yes|true|y)\b", re.IGNORECASE)
_CLOSED = re.compile(r"\bclosed\b", re.IGNORECASE)
_STATUS_COHORT = (
    (re.compile(r"looked after|in care|\bcla\b|\blac\b", re.IGNORECASE), "child_in_care"),
    (re.compile(r"protection|\bcpp?\b", re.IGNORECASE), "child_protection"),
    (re.compile(r"assessment", re.IGNORECASE), "assessment"),
)
_PARENTS = frozenset({"P1"})
_CONNECTED = frozenset({"U1", "U2", "U3"})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a child stands: the cohort that decides, all cohorts, open or not, and the lists in order of weight."""

    primary: str
    cohorts: tuple[str, ...]
    is_open: bool
    order: tuple[int, ...]
    open_on: tuple[int, ...] = ()


def is_yes(label: object) -> bool:
    """True for any of the ways a Yes is labelled."""
    return isinstance(label, str) and _YES.match(label) is not None


def membership(spec: ListSpec, values: Values) -> bool | None:
    """Is this row open? None when the list does not record it (contacts, referrals, enquiries)."""
    return member_of(spec)(values)


def member_of(spec: ListSpec) -> Callable[[Values], bool | None]:
    """`membership` for the rows of one list, which asks only what that list can answer."""
    if spec.current:
        return lambda _: True
    must = spec.index[spec.latest] if spec.must_begin else None
    status, closed_when, finished_when = spec.status, spec.closed_when, spec.finished_when
    if must is None and status is None and closed_when is None and not finished_when:
        return lambda _: None

    def is_open(values: Values) -> bool | None:
        if must is not None and values[must] is None:
            return False
        if status is not None:
            label = values[status]
            if isinstance(label, str) and _CLOSED.search(label):
                return False
        if closed_when is not None:
            for slot in closed_when:
                if values[slot] is not None:
                    return False
            return bool(closed_when)
        for slot in finished_when:
            if values[slot] is not None:
                return None
        return True if finished_when else None

    return is_open


def cohorts_of(spec: ListSpec, label: object) -> tuple[str, ...]:
    """The cohorts one row gives: its list's, and for List 6 the one its case status (`label`) names.

    List 6 holds children in care and on plans too, so its status decides what they are when their own list
    is not there.
    """
    if not spec.cohort:
        return ()
    if spec.status is not None and isinstance(label, str) and not _CLOSED.search(label):
        for pattern, cohort in _STATUS_COHORT:
            if pattern.search(label):
                return (spec.cohort, cohort)
    return (spec.cohort,)


class Standings:
    """Where children stand. Few combinations of lists, states and open or closed rows exist, so each is thought
    through once."""

    def __init__(self, specs: Sequence[ListSpec]) -> None:
        """`specs` is the family of lists the rows refer to by place."""
        self._specs = specs
        self._is_open = [member_of(spec) for spec in specs]
        self._status = [spec.status for spec in specs]
        self._latest = [spec.index[spec.latest] if spec.latest else None for spec in specs]
        self._known: dict[_Combination, Standing] = {}

    def of(self, rows: Sequence[Row]) -> Standing:
        """Where the child of these rows stands."""
        combination = self._combination(rows)
        found = self._known.get(combination)
        if found is None:
            found = self._known[combination] = self._think(combination)
        return found

    def tally(self, everyone: Iterable[Sequence[Row]]) -> Iterator[tuple[Standing, int]]:
        """Each standing with the number of children in it."""
        counts = Counter(map(self._combination, everyone))
        return ((self._think(combination), count) for combination, count in counts.items())

    def newest(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows that tell where a child stands: the newest of each list, or any open one of an event list."""
        if len(rows) == 1:
            return rows
        best: dict[int, Row] = {}
        for row in rows:
            place = row[0]
            other = best.get(place)
            if other is None or self._weight(row) >= self._weight(other):
                best[place] = row
        return [best[place] for place in sorted(best)]

    def _weight(self, row: Row) -> tuple[bool, date]:
        place, _, values = row
        slot = self._latest[place]
        when = values[slot] if slot is not None else None
        return self._is_open[place](values) is True, when if isinstance(when, date) else date.min

    def _combination(self, rows: Sequence[Row]) -> _Combination:
        found = []
        for place, _, values in self.newest(rows):
            status = self._status[place]
            found.append((place, self._is_open[place](values), None if status is None else values[status]))
        return tuple(found)

    def _think(self, combination: _Combination) -> Standing:
        """What is open now outweighs what has ended; then precedence decides."""
        found: dict[str, bool] = {}
        weights: dict[int, tuple[bool, int]] = {}
        any_open = any_closed = False
        counted = [one for one in combination if not self._specs[one[0]].addon] or combination
        for place, is_open, label in counted:
            any_open |= is_open is True
            any_closed |= is_open is False
            best = len(PRECEDENCE)
            for cohort in cohorts_of(self._specs[place], label):
                found[cohort] = found.get(cohort, False) or is_open is not False
                best = min(best, _RANK.get(cohort, best))
            weights[place] = (is_open is False, best)
        for place, _, _ in combination:  # add-on lists speak last, and decide nothing beside another list
            weights.setdefault(place, (True, len(PRECEDENCE)))
        closed = any_closed and not any_open
        live = [cohort for cohort, is_open in found.items() if is_open and not closed] or list(found)
        return Standing(
            min(live, key=lambda cohort: _RANK[cohort]) if live else "",
            tuple(sorted(found, key=lambda cohort: _RANK[cohort])),
            not closed,
            tuple(sorted(weights, key=lambda place: (*weights[place], place))),
            tuple(place for place, is_open, _ in combination if is_open is True),
        )


def standing(specs: Sequence[ListSpec], rows: Sequence[Row]) -> Standing:
    """Collapse the rows of one child. What is open now outweighs what has ended; then precedence decides."""
    return Standings(specs).of(rows)


def build(
    specs: Sequence[ListSpec], authority: str, child_id: str, rows: Sequence[Row],
    born: tuple[int, int] | None, as_at: date, standings: Standings | None = None,
) -> ChildRecord:  # fmt: skip
    """One child's record from their rows. `born` is (years, months) on the as-at date when it is known.

    `standings` of the same specs saves thinking again for every child.
    """
    standings = standings or Standings(specs)
    stands = standings.of(rows)
    latest = {row[0]: row for row in standings.newest(rows)}
    roles: dict[str, str] = {}
    codes: dict[str, str] = {}
    facts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    extras: dict[str, str] = {}
    flags: set[str] = set()
    age = born[0] if born else None
    for place in stands.order:
        spec, values = specs[place], latest[place][2]
        if spec.addon and membership(spec, values) is False:
            continue  # what has ended is an event, no longer a fact
        if spec.flag:
            flags.add(spec.flag)
        for slot, item in enumerate(spec.fields):
            value = values[slot]
            if value is None:
                continue
            if item.role == "age":
                age = age if age is not None else int(str(value))
            elif item.role:
                if roles.get(item.role, UNKNOWN) == UNKNOWN:
                    roles[item.role] = str(value)
                    if item.role == "ethnicity" and isinstance(value, Label) and value.code:
                        codes["ethnicity_code"] = value.code
            elif item.fact and isinstance(value, date):
                facts.setdefault(item.fact, value.isoformat())
            elif item.number and isinstance(value, int):
                numbers.setdefault(item.number, value)
            elif item.code and codes.get(item.code, UNKNOWN) == UNKNOWN:
                codes[item.code] = str(value)
                if item.name == "placement_type" and isinstance(value, Label) and value.code:
                    codes["placement_code"] = value.code
            if item.flag and is_yes(value):
                flags.add(item.flag)
        for heading, text in values[-1] or ():  # type: ignore[attr-defined]
            extras.setdefault(heading, text)
    if is_yes(roles.get("disability")):
        flags.add("disabled_child")
    if "child_in_care" in stands.cohorts:
        _care(specs, rows, as_at, facts, numbers)
        placed = codes.get("placement_code", "")
        flags |= {"placed_with_parents"} if placed in _PARENTS else set()
        flags |= {"connected_carer"} if placed in _CONNECTED else set()
    for role in ("sex", "ethnicity", "disability"):
        codes.setdefault(role, roles.get(role, UNKNOWN))
    return ChildRecord(
        authority=authority,
        child_id=child_id,
        primary=stands.primary,
        cohorts=stands.cohorts,
        flags=tuple(sorted(flags)),
        lists=tuple(specs[place].no for place in sorted(latest)),
        is_open=stands.is_open,
        age=age,
        age_months=born[1] if born and 0 <= born[1] < 24 else None,
        age_band=age_band(age),
        sex=codes["sex"],
        ethnicity=codes["ethnicity"],
        disability=codes["disability"],
        team=roles.get("team", ""),
        worker=roles.get("worker", ""),
        personal_adviser=roles.get("personal_adviser", ""),
        codes=codes,
        facts=facts,
        numbers=numbers,
        extras=extras,
        events=tuple(_event(specs[row[0]], row[2]) for row in sorted(rows, key=lambda row: row[:2])),
    )


def _event(spec: ListSpec, values: Values) -> EventRecord:
    kept: dict[str, str | int] = {}
    for slot, item in enumerate(spec.fields):
        value = values[slot]
        if value is None or item.role in {"sex", "ethnicity", "disability", "age"}:
            continue
        kept[item.name] = (
            value.isoformat() if isinstance(value, date) else value if isinstance(value, int) else str(value)
        )
    when = values[spec.index[spec.latest]] if spec.latest else None
    return EventRecord(
        spec.no, spec.cohort, when if isinstance(when, date) else None, membership(spec, values), kept
    )


def _care(
    specs: Sequence[ListSpec],
    rows: Sequence[Row],
    as_at: date,
    facts: dict[str, str],
    numbers: dict[str, int],
) -> None:
    """Facts of a period of care that SSDA903 episodes hold between them and List 8 prints in one row.

    A period starts with the newest episode whose reason is S (started); legal status since the first of the
    latest unbroken run; placements counted by change of placement in the last 12 months.
    """
    episodes: list[Mapping[str, object]] = []
    a_year_ago = as_at - timedelta(days=365)
    for place, _, values in rows:
        spec = specs[place]
        if spec.no == "episodes":
            episodes.append({name: values[slot] for name, slot in spec.index.items()})
        elif spec.no == "missing":
            begun = values[spec.index["missing_start"]]
            if isinstance(begun, date) and begun > a_year_ago:
                kind = "absent_episodes" if values[spec.index["missing_kind"]] == "A" else "missing_episodes"
                numbers[kind] = numbers.get(kind, 0) + 1
    if not episodes:
        return
    episodes.sort(key=lambda one: _day(one["episode_start"]))
    first = max((i for i, one in enumerate(episodes) if one["new_episode_reason"] == "S"), default=0)
    facts["care_start"] = _day(episodes[first]["episode_start"]).isoformat()
    last = len(episodes) - 1
    since = last
    while since > first and episodes[since - 1]["legal_status"] == episodes[last]["legal_status"]:
        since -= 1
    facts["legal_status_start"] = _day(episodes[since]["episode_start"]).isoformat()
    same = last
    here = (episodes[last]["placement_type"], episodes[last]["placement_urn"])
    while (
        same > first and (episodes[same - 1]["placement_type"], episodes[same - 1]["placement_urn"]) == here
    ):
        same -= 1
    facts["placement_start"] = _day(episodes[same]["episode_start"]).isoformat()
    ended = episodes[last]["episode_end"]
    if isinstance(ended, date):
        facts["care_ceased"] = ended.isoformat()
    homes = [
        (one["placement_type"], one["placement_urn"])
        for one in episodes
        if not isinstance(one["episode_end"], date) or one["episode_end"] > a_year_ago
    ]
    numbers["placements_12m"] = sum(1 for i, home in enumerate(homes) if i == 0 or home != homes[i - 1])


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.min
