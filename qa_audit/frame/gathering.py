"""Rows of many lists, brought together by child: compact while reading, records when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import overload

from qa_audit.frame.cells import age_on
from qa_audit.frame.collapse import Row, Standings, build
from qa_audit.frame.findings import Findings
from qa_audit.frame.intake import JOIN, UNKNOWN, Sink, Values
from qa_audit.frame.lists import ListSpec
from qa_audit.frame.records import ChildRecord


class Gathering:
    """Collects rows of every list under (authority, child ID). A row is kept once however often it is repeated."""

    def __init__(self, specs: Sequence[ListSpec], as_at: date, findings: Findings) -> None:
        """`specs` is the family of lists; rows refer to them by place."""
        self.specs = tuple(specs)
        self.as_at = as_at
        self.rows: dict[str, list[Row]] = {}
        self.adults: set[str] = set()
        self.events = 0
        self._place = {spec.no: place for place, spec in enumerate(self.specs)}
        self._born: dict[str, int] = {}
        self._findings = findings

    def sink(self, spec: ListSpec, file: str, sheet: str, counts: dict[str, int]) -> Sink:
        """Where the rows of one sheet go. `counts` gets "duplicates", "repeats" and "children"."""
        place = self._place[spec.no]
        counts.update(duplicates=0, repeats=0, children=0, not_begun=0)
        latest = (
            spec.index[spec.latest] if spec.latest and not spec.cohort else None
        )  # context: it must have begun
        once_a_child = spec.unit == "child"
        everyone, birthdays = self.rows, self._born
        find = everyone.get

        def add(
            keys: Sequence[str], rows: Sequence[Values], births: Sequence[int | None], numbers: Sequence[int]
        ) -> None:
            if spec.unit == "adult":
                self.adults.update(keys)
                return
            left = 0
            for key, values, born, number in zip(keys, rows, births, numbers, strict=True):
                if latest is not None and values[latest] is None:
                    counts["not_begun"] += 1
                    left += 1
                    continue
                mine = find(key)
                if mine is None:
                    everyone[key] = [(place, number, values)]
                    counts["children"] += 1
                else:
                    same = False
                    for other in mine:
                        if other[0] == place:
                            same = True
                            if other[2] == values:
                                break
                    else:
                        counts["children"] += not same
                        if same and once_a_child:
                            counts["repeats"] += 1
                            self._twice(spec, file, sheet, number)
                        mine.append((place, number, values))
                        same = False
                    if same:
                        counts["duplicates"] += 1
                        left += 1
                        continue
                if born is not None and birthdays.setdefault(key, born) != born:
                    self._findings.each(
                        "warning", "birth-dates-differ", "The birth date differs from the one on another list or row",
                        row=number, column="Date of Birth", file=file, sheet=sheet,
                    )  # fmt: skip
            self.events += len(keys) - left

        return add

    def _twice(self, spec: ListSpec, file: str, sheet: str, number: int) -> None:
        self._findings.each(
            "warning", "child-repeated", "A child is on this list more than once; the latest row counts",
            row=number, column=spec.fields[0].heading, file=file, sheet=sheet,
        )  # fmt: skip

    def join(self, addons: Gathering) -> None:
        """Take in what add-on lists say about children, on these lists or on no other."""
        offset = len(self.specs)
        self.specs += addons.specs
        for key, rows in addons.rows.items():
            mine = self.rows.setdefault(key, [])
            mine.extend((place + offset, number, values) for place, number, values in rows)
        self.events += addons.events

    def finish(self, sheets: dict[int, tuple[str, str]]) -> Children:
        """Close the gathering: ages instead of birth dates, and what differs between lists is said."""
        ages: dict[str, tuple[int, int]] = {}
        pairs: dict[int, tuple[int, int]] = {}
        for key, ordinal in self._born.items():
            if ordinal not in pairs:
                pairs[ordinal] = age_on(date.fromordinal(ordinal), self.as_at)
            ages[key] = pairs[ordinal]
        self._born.clear()
        children = Children(self.specs, self.as_at, self.rows, ages)
        self._compare(ages, sheets)
        return children

    def _compare(self, ages: dict[str, tuple[int, int]], sheets: dict[int, tuple[str, str]]) -> None:
        slots = []
        for spec in self.specs:
            mine = {item.role: slot for slot, item in enumerate(spec.fields) if item.role}
            team = mine.get("team") if spec.unit == "child" and not spec.addon else None
            slots.append((mine.get("sex"), mine.get("age"), team))
        teams = 0
        for key, rows in self.rows.items():
            born = ages.get(key)
            years = born[0] if born else None
            sexes: tuple[object, ...] = ()
            named: object = None
            several = False
            for place, number, values in rows:
                sex_at, age_at, team_at = slots[place]
                sex = values[sex_at] if sex_at is not None else None
                if sex is not None and sex not in sexes and sex != UNKNOWN and sex[:2] != "c)":  # type: ignore[index]
                    if sexes:
                        self._differs(sheets, place, number, str(sex))
                    sexes = (*sexes, sex)
                if years is not None and age_at is not None:
                    age = values[age_at]
                    if age is not None and not -1 <= age - years <= 1:  # type: ignore[operator]
                        self._age(sheets, place, number)
                if team_at is not None and values[team_at] is not None:
                    several = several or (named is not None and named != values[team_at])
                    named = values[team_at]
            teams += several
        if teams:
            self._findings.say(
                "info", "team-differs",
                f"{teams} children have different teams on different lists; the team of the list that decides their "
                "cohort is used",
            )  # fmt: skip

    def _differs(self, sheets: dict[int, tuple[str, str]], place: int, number: int, value: str) -> None:
        file, sheet = sheets.get(place, ("", ""))
        self._findings.each(
            "warning", "sex-differs", "The sex differs from the one on another list or row", file=file, sheet=sheet,
            row=number, column="Gender", value=value,
        )  # fmt: skip

    def _age(self, sheets: dict[int, tuple[str, str]], place: int, number: int) -> None:
        file, sheet = sheets.get(place, ("", ""))
        self._findings.once(
            "info", "age-differs",
            f"The age does not fit the birth date on {self.as_at.isoformat()}; the birth date was used. "
            "Is the as-at date right?",
            file=file, sheet=sheet, row=number, column="Age of Child (Years)",
        )  # fmt: skip


class Children(Sequence[ChildRecord]):
    """The children in order of (authority, ID). Each record is made when it is asked for."""

    def __init__(
        self,
        specs: tuple[ListSpec, ...],
        as_at: date,
        rows: dict[str, list[Row]],
        ages: dict[str, tuple[int, int]],
    ) -> None:
        """`rows` by key, `ages` as (years, months) on the as-at date where a birth date was given."""
        self._specs, self._as_at, self._rows, self._ages = specs, as_at, rows, ages
        self._keys: list[str] | None = None
        self._standings = Standings(specs)
        self.cohorts: dict[str, int] = {}
        self.open = 0
        self.open_on: dict[str, int] = {}
        for found, count in self._standings.tally(rows.values()):
            self.cohorts[found.primary] = self.cohorts.get(found.primary, 0) + count
            self.open += found.is_open * count
            for place in found.open_on:
                no = specs[place].no
                self.open_on[no] = self.open_on.get(no, 0) + count
        self.cohorts = dict(sorted(self.cohorts.items()))

    def __len__(self) -> int:
        """How many children."""
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> ChildRecord: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[ChildRecord]: ...

    def __getitem__(self, place: int | slice) -> ChildRecord | Sequence[ChildRecord]:
        """One child, or several."""
        if isinstance(place, slice):
            return [self._make(key) for key in self._sorted()[place]]
        return self._make(self._sorted()[place])

    def __iter__(self) -> Iterator[ChildRecord]:
        """Every child, one at a time."""
        for key in self._sorted():
            yield self._make(key)

    def _sorted(self) -> list[str]:
        if self._keys is None:
            self._keys = sorted(self._rows)
        return self._keys

    def _make(self, key: str) -> ChildRecord:
        authority, identity = key.split(JOIN, 1)
        return build(
            self._specs,
            authority,
            identity,
            self._rows[key],
            self._ages.get(key),
            self._as_at,
            self._standings,
        )
