"""Clocks: how long since the last visit, review or decision, and how long it should be.

The standards are data (`schemas/clocks.yaml`): units, conditions and sources. A clock only flags; it
never answers an item and never grades.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import model_validator

from qa_audit.errors import BadInput, Code
from qa_audit.library.case import CaseContext
from qa_audit.library.conditions import Condition, Frozen, holds
from qa_audit.library.forms import Line, PartId, Version, Words
from qa_audit.library.problems import nearest
from qa_audit.library.vocabulary import DATE_FACTS

Unit = Literal["days", "working_days", "weeks", "months"]
FIRST_YEAR, LAST_YEAR = 1990, 2100


class Interval(Frozen):
    """A length of time: calendar days, working days (England), weeks, or calendar months."""

    within: Annotated[int, Key(ge=1, le=520)]
    unit: Unit

    @property
    def words(self) -> str:
        """`42 days`, `45 working days`, `6 months`."""
        unit = self.unit.replace("_", " ")
        return f"{self.within} {unit[:-1] if self.within == 1 else unit}"

    def after(self, start: date) -> date:
        """The last day on which the standard is met. A working-day count starts on the next working day."""
        match self.unit:
            case "working_days":
                return add_working_days(start, self.within)
            case "months":
                return add_months(start, self.within)
            case "weeks":
                return start + timedelta(weeks=self.within)
            case _:
                return start + timedelta(days=self.within)


class Early(Frozen):
    """A closer interval at the start: `until` an event has happened (a date fact), or `during` some time."""

    every: Interval
    until: PartId | None = None
    during: Interval | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.until is None) == (self.during is None):
            raise ValueError("'early' lasts either until a fact or during an interval | Give one of the two.")
        if self.until is not None and self.until not in DATE_FACTS:
            raise ValueError(f"'{self.until}' is not a date fact | {nearest(self.until, DATE_FACTS)}")
        return self


class Standard(Frozen):
    """What is expected when a condition holds; the first standard whose condition holds is used."""

    when: Condition | None = None
    first: Interval | None = None
    early: Early | None = None
    every: Interval | None = None
    source: Line
    local: bool = False
    note: Words = ""

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.first is None and self.every is None:
            raise ValueError("a standard needs 'first', 'every' or both")
        return self


class Clock(Frozen):
    """One clock. A `repeat` clock runs from the last event; a `once` clock from its start until it is done."""

    key: PartId
    label: Line
    kind: Literal["repeat", "once"] = "repeat"
    event: Line
    verb: Words = ""
    start: PartId | None = None
    last: PartId | None = None
    done: PartId | None = None
    standards: Annotated[tuple[Standard, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _facts(self) -> Self:
        for name in (self.start, self.last, self.done):
            if name is not None and name not in DATE_FACTS:
                raise ValueError(f"'{name}' is not a date fact | {nearest(name, DATE_FACTS)}")
        if self.kind == "once" and any(one.first is None for one in self.standards):
            raise ValueError("a clock that runs once needs 'first' in each standard")
        if self.kind == "repeat" and any(one.every is None for one in self.standards):
            raise ValueError("a clock that repeats needs 'every' in each standard")
        return self

    def standard(self, case: CaseContext) -> Standard | None:
        """The standard for this child, or None when the clock does not concern the child."""
        return next((one for one in self.standards if holds(one.when, case, {})), None)


class Clocks(Frozen):
    """The file of clocks."""

    kind: Literal["clocks"]
    version: Version
    title: Line
    clocks: Annotated[tuple[Clock, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        keys = [clock.key for clock in self.clocks]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice:
            raise ValueError(f"clock '{twice}' is given twice")
        return self

    def clock(self, key: str) -> Clock:
        """The clock with this key."""
        found = next((clock for clock in self.clocks if clock.key == key), None)
        if found is None:
            raise BadInput(
                Code.NOT_FOUND,
                f"There is no clock '{key[:40]}'",
                where="clocks.yaml",
                why=nearest(key, [clock.key for clock in self.clocks]),
            )
        return found


@dataclass(frozen=True, slots=True)
class ClockFlag:
    """What a clock says. Days are calendar days, or working days when the standard counts those.

    `days` since the event (None when there is no date), `standard_days` allowed (None when the clock does
    not concern the child), `late` past the standard, `late_by` how far, `due` the last day in time,
    `local` a local or customary standard rather than one set nationally.
    """

    words: str
    days: int | None
    standard_days: int | None
    late: bool
    late_by: int = 0
    due: date | None = None
    local: bool = False
    source: str = ""


def flag(clock: Clock, since: date | None, as_at: date, case: CaseContext) -> ClockFlag:
    """Read one clock.

    For a repeating clock `since` is the last event; without one the clock runs from its start fact to the
    first event. For a clock that runs once `since` is its start, and its `done` fact stops it.
    """
    standard = clock.standard(case)
    if standard is None:
        return ClockFlag(f"{clock.label}: no standard for this child's circumstances", None, None, False)
    start = case.fact_date(clock.start) if clock.start else None
    if clock.kind == "once":
        return _once(clock, standard, since or start, as_at, case)
    if since is None or (start is not None and since < start):
        first = standard.first or standard.every
        if first is None or start is None:
            words = f"No date recorded for {_lower(clock.event)}"
            return ClockFlag(words, None, None, False, local=standard.local, source=standard.source)
        return _measure(
            standard,
            first,
            start,
            as_at,
            lambda days: f"No {_lower(clock.event)} in the {days} since the start",
        )
    interval = standard.every
    if standard.early is not None and _is_early(standard.early, since, start, case):
        interval = standard.early.every
    assert interval is not None
    return _measure(standard, interval, since, as_at, lambda days: f"Last {_lower(clock.event)} {days} ago")


def flag_case(clock: Clock, case: CaseContext) -> ClockFlag:
    """The same from the case's own facts and as-at date."""
    name = clock.last if clock.kind == "repeat" else clock.start
    return flag(clock, case.fact_date(name) if name else None, case.as_at, case)


def _once(clock: Clock, standard: Standard, start: date | None, as_at: date, case: CaseContext) -> ClockFlag:
    first = standard.first
    assert first is not None
    if start is None:
        words = f"No start date recorded for {_lower(clock.label)}"
        return ClockFlag(words, None, None, False, local=standard.local, source=standard.source)
    done = case.fact_date(clock.done) if clock.done else None
    if done is not None and start <= done <= as_at:
        verb = clock.verb or "done"
        return _measure(standard, first, start, done, lambda days: f"{clock.event} {verb} after {days}")
    return _measure(standard, first, start, as_at, lambda days: f"{clock.event} open for {days}")


def _is_early(early: Early, since: date, start: date | None, case: CaseContext) -> bool:
    if early.until is not None:
        event = case.fact_date(early.until)
        return event is None or (start is not None and event < start) or event > case.as_at
    return start is not None and early.during is not None and since <= early.during.after(start)


def _measure(standard: Standard, interval: Interval, since: date, until: date, say: object) -> ClockFlag:
    assert callable(say)
    working = interval.unit == "working_days"
    due = interval.after(since)
    if since > until:
        return ClockFlag(
            "The date recorded lies after the day of this audit",
            None,
            None,
            False,
            due=due,
            local=standard.local,
            source=standard.source,
        )
    days = days_between(since, until, working=working)
    allowed = interval.within if working else (due - since).days
    late_by = max(1, days_between(due, until, working=working)) if until > due else 0
    unit = "working day" if working else "day"
    shown = str(allowed) if interval.unit == "days" else interval.words
    late = until > due
    tail = f" (late by {late_by})" if late else ""
    words = f"{say(_count(days, unit))}; standard {shown}{tail}"
    if standard.local:
        words += ", local"
    return ClockFlag(words, days, allowed, late, late_by, due, standard.local, standard.source)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _lower(text: str) -> str:
    """Lower the first letter of a sentence's word, not of an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def add_months(start: date, months: int) -> date:
    """The same day some calendar months on; the month's last day where it has no such day (31 Jan + 1)."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@cache
def bank_holidays(first_year: int, last_year: int) -> tuple[date, ...]:
    """England's bank holidays of these years, from the `holidays` package."""
    import holidays

    return tuple(
        sorted(holidays.country_holidays("GB", subdiv="ENG", years=range(first_year, last_year + 1)))
    )


def _calendar(near: date) -> tuple[date, ...]:
    decade = near.year // 10 * 10
    return bank_holidays(max(FIRST_YEAR, decade - 10), min(LAST_YEAR, decade + 19))


def add_working_days(start: date, days: int) -> date:
    """The day `days` working days after `start`: the next working day is day 1, as in the statutory returns."""
    import numpy as np

    found = np.busday_offset(
        np.datetime64(start),
        days,
        roll="backward",
        holidays=np.array(_calendar(start), dtype="datetime64[D]"),
    )
    return date.fromisoformat(str(found))


def days_between(start: date, end: date, *, working: bool = False) -> int:
    """Days from `start` to `end`, the first not counted and the last counted."""
    if not working:
        return (end - start).days
    import numpy as np

    return int(
        np.busday_count(
            np.datetime64(start) + 1,
            np.datetime64(end) + 1,
            holidays=np.array(_calendar(start), dtype="datetime64[D]"),
        )
    )
