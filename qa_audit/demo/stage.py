"""The stage of the demo: a clock that can be set, and what happens when."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from qa_audit.demo.narratives import roll


def working_moment(day: date, key: str) -> datetime:
    """A moment in office hours on the day, or the Monday after a weekend."""
    while day.weekday() > 4:
        day += timedelta(days=1)
    minutes = int(roll(key, "hour") * 8 * 60)
    return datetime.combine(day, time(9), tzinfo=UTC) + timedelta(minutes=minutes)


@dataclass
class DemoClock:
    """A clock that the play sets."""

    moment: datetime

    def __call__(self) -> datetime:
        """The moment of the play."""
        return self.moment


@dataclass
class Stage:
    """The play: what happens when. Each thing may call for later ones; nothing after today happens."""

    clock: DemoClock
    until: datetime
    waiting: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    count: int = 0

    def at(self, when: datetime, happens: Callable[[], None]) -> None:
        """Call for something at a moment."""
        self.count += 1
        heapq.heappush(self.waiting, (when, self.count, happens))

    def later(self, days: float, key: str, happens: Callable[[], None]) -> None:
        """Call for something on a working day some days on, at an hour the key decides."""
        day = (self.clock.moment + timedelta(days=days)).date()
        self.at(working_moment(day, key), happens)

    def play(self, step: Callable[[int, int], None]) -> None:
        """Let everything happen in order, up to the end."""
        done = 0
        while self.waiting and self.waiting[0][0] <= self.until:
            when, _, happens = heapq.heappop(self.waiting)
            self.clock.moment = max(when, self.clock.moment)
            happens()
            done += 1
            step(done, done + len(self.waiting))
