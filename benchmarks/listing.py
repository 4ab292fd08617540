"""100,000 rows on screen: the list as a window onto SQLite. Prints CPU and wall milliseconds.

python -m benchmarks listing
"""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from textual.app import ComposeResult

from benchmarks.claim import Claim
from qa_audit.tui.app import QaApp
from qa_audit.tui.base import QaScreen
from qa_audit.tui.listing import Cell, Column, Row, Sort
from qa_audit.tui.widgets.sql_list import SqlList

COLUMNS = (Column("ref", "Case", 12), Column("cohort", "Cohort", 18), Column("team", "Team"),
           Column("visited", "Last visit", 10), Column("days", "Days", 6, right=True), Column("grade", "Grade", 12))  # fmt: skip


class Cases:
    """Rows straight from SQLite."""

    columns = COLUMNS

    def __init__(self, number: int) -> None:
        self.db = sqlite3.connect(":memory:")
        self.db.execute(
            "create table c (id integer primary key, ref, cohort, team, visited, days integer, grade)"
        )
        cohorts, grades = ("Child in need", "Child protection", "Child in care"), ("Good", "RI", "Inadequate")
        self.db.executemany(
            "insert into c (ref, cohort, team, visited, days, grade) values (?,?,?,?,?,?)",
            ((f"{i:06X}", cohorts[i % 3], f"Team {i % 41}", f"2026-{i % 12 + 1:02}-{i % 28 + 1:02}", i % 97, grades[i % 3])
             for i in range(number)),
        )  # fmt: skip
        for column in COLUMNS:
            self.db.execute(f"create index i_{column.key} on c ({column.key}, id)")

    def count(self, wanted: str) -> int:
        return self.db.execute("select count(*) from c where ref like ? || '%'", (wanted,)).fetchone()[0]

    def rows(self, offset: int, limit: int, sort: Sort | None, wanted: str) -> Sequence[Row]:
        order = f"{sort.column} {'desc' if sort.descending else 'asc'}, id" if sort else "id"
        found = self.db.execute(
            f"select id, ref, cohort, team, visited, days, grade from c where ref like ? || '%' "
            f"order by {order} limit ? offset ?", (wanted, limit, offset),
        )  # fmt: skip
        return [
            Row(
                str(i),
                (ref, cohort, team, visited, Cell(str(days), "$text-warning" if days > 90 else ""), grade),
            )
            for i, ref, cohort, team, visited, days, grade in found
        ]


class ListScreen(QaScreen[None]):
    BODY_WIDTH = None

    def __init__(self, source: Cases) -> None:
        super().__init__()
        self.source = source

    def body(self) -> ComposeResult:
        yield SqlList(self.source, noun="case")


class Clock:
    def clock(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)


async def measure(number: int) -> dict[str, tuple[float, float]]:
    """Step -> (CPU ms, wall ms)."""
    source = Cases(number)
    found: dict[str, tuple[float, float]] = {}
    app = QaApp(Clock())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()

        async def step(name: str, act, times: int = 1) -> None:
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(times):
                await act()
                await pilot._wait_for_screen()
                await pilot.pause(0)
            found[name] = (
                1000 * (time.process_time() - cpu) / times,
                1000 * (time.perf_counter() - wall) / times,
            )

        screen = ListScreen(source)
        gc.collect()  # what earlier runs left behind is not part of it
        await step("on screen", lambda: app.push_screen(screen))
        screen.query_one(SqlList).focus()
        await pilot.pause()
        window = screen.query_one(SqlList).window

        async def act(do) -> None:
            do()

        await step("cursor key", lambda: act(lambda: window.move_to(window.cursor + 1)), 20)
        await step("page down", lambda: act(lambda: window.move_to(window.cursor + 38)), 10)
        await step("to the end", lambda: act(lambda: window.move_to(window.total - 1)))
        await step("sort", lambda: act(lambda: window.sort_by(Sort("days", True))))
        await step("find", lambda: act(lambda: window.find("00A")))
    return found


def claims(full: bool = False) -> list[Claim]:
    """A list of 100,000 cases on screen, and going about in it."""
    asyncio.run(measure(1000))  # imports and caches
    runs = [asyncio.run(measure(100_000)) for _ in range(5 if full else 3)]
    least = {step: [min(run[step][which] for run in runs) for which in (0, 1)] for step in runs[0]}
    return [
        Claim("100,000 cases on screen, wall", least["on screen"][1], "ms", at_most=200),
        *(Claim(f"... {step}", least[step][0]) for step in ("page down", "to the end", "sort", "find")),
    ]


if __name__ == "__main__":
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(f"{rows:,} rows, 6 columns, 120x40")
    for name, (cpu, wall) in asyncio.run(measure(rows)).items():
        print(f"  {name:<12} {cpu:7.1f} ms CPU  {wall:7.1f} ms")
