"""Rows of many lists, brought together by child: compact while reading, records when asked for."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from datetime import date
from typing import overload

from qa_audit.frame.cells import age_on
from qa_audit.frame.collapse import Row, build, membership, newest, standing
from qa_audit.frame.findings import Findings
from qa_audit.frame.intake import Sink, Values
from qa_audit.frame.lists import ListSpec
from qa_audit.frame.records import ChildRecord

_JOIN = "\x1f"


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
        unit, latest = spec.unit, (spec.index[spec.latest] if spec.latest else None)
        counts.update(duplicates=0, repeats=0, children=0, not_begun=0)
        context_only = not spec.cohort and latest is not None
        tell = {"file": file, "sheet": sheet}

        def add(authority: str, identity: str, values: Values, born: date | None, number: int) -> None:
            if unit == "adult":
                self.adults.add(authority + _JOIN + identity)
                return
            if context_only and values[latest] is None:  # type: ignore[index]
                counts["not_begun"] += 1
                return
            key = authority + _JOIN + identity
            row: Row = (place, number, values)
            mine = self.rows.get(key)
            if mine is None:
                self.rows[key] = [row]
                counts["children"] += 1
            else:
                same = [other for other in mine if other[0] == place]
                if any(other[2] == values for other in same):
                    counts["duplicates"] += 1
                    return
                counts["children"] += not same
                if same and unit == "child":
                    counts["repeats"] += 1
                    self._findings.each(
                        "warning", "child-repeated", "A child is on this list more than once; the latest row counts",
                        row=number, column=spec.fields[0].heading, **tell,
                    )  # fmt: skip
                mine.append(row)
            self.events += 1
            if born is not None:
                known = self._born.setdefault(key, born.toordinal())
                if known != born.toordinal():
                    self._findings.each(
                        "warning", "birth-dates-differ", "The birth date differs from the one on another list or row",
                        row=number, column="Date of Birth", **tell,
                    )  # fmt: skip

        return add

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
        slots = [
            {item.role: slot for slot, item in enumerate(spec.fields) if item.role in {"sex", "age", "team"}}
            for spec in self.specs
        ]
        teams = array("i", [0])
        for key, rows in self.rows.items():
            sexes: set[object] = set()
            named: set[object] = set()
            born = ages.get(key)
            for place, number, values in rows:
                mine = slots[place]
                file, sheet = sheets.get(place, ("", ""))
                sex = values[mine["sex"]] if "sex" in mine else None
                if sex is not None and str(sex) != "unknown" and not str(sex).startswith("c)"):
                    if sexes and sex not in sexes:
                        self._findings.each(
                            "warning", "sex-differs", "The sex differs from the one on another list or row", file=file,
                            sheet=sheet, row=number, column="Gender", value=str(sex),
                        )  # fmt: skip
                    sexes.add(sex)
                age = values[mine["age"]] if "age" in mine else None
                if isinstance(age, int) and born is not None and abs(age - born[0]) > 1:
                    self._findings.once(
                        "info", "age-differs",
                        f"The age does not fit the birth date on {self.as_at.isoformat()}; the birth date was used. "
                        "Is the as-at date right?",
                        file=file, sheet=sheet, row=number, column="Age of Child (Years)",
                    )  # fmt: skip
                if "team" in mine and values[mine["team"]] is not None and self.specs[place].unit == "child":
                    named.add(values[mine["team"]])
            teams[0] += len(named) > 1
        if teams[0]:
            self._findings.say(
                "info", "team-differs",
                f"{teams[0]} children have different teams on different lists; the team of the list that decides their "
                "cohort is used",
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
        self.cohorts: dict[str, int] = {}
        self.open = 0
        self.open_on: dict[str, int] = {}
        for mine in rows.values():
            found = standing(self._specs, mine)
            self.cohorts[found.primary] = self.cohorts.get(found.primary, 0) + 1
            self.open += found.is_open
            for place, _, values in newest(self._specs, mine):
                spec = self._specs[place]
                if membership(spec, values) is True:
                    self.open_on[spec.no] = self.open_on.get(spec.no, 0) + 1
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
        authority, identity = key.split(_JOIN, 1)
        return build(self._specs, authority, identity, self._rows[key], self._ages.get(key), self._as_at)
