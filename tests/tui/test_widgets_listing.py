"""Lists of any length: keys, mouse, sorting, finding, and what a move of the cursor costs."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from textual.app import ComposeResult

from qa_audit.tui.app import QaApp
from qa_audit.tui.base import QaScreen
from qa_audit.tui.compat import screen_text
from qa_audit.tui.listing import Cell, Column, Row, Rows, Sort
from qa_audit.tui.widgets.list_window import KEPT_PAGES, PAGE, ListWindow
from qa_audit.tui.widgets.sql_list import SqlList

COLUMNS = (Column("ref", "Case", 10), Column("team", "Team"), Column("days", "Days", 6, right=True))


class Many:
    """A made-up source that counts what is asked of it."""

    columns = COLUMNS

    def __init__(self, number: int) -> None:
        self.number = number
        self.asked: list[tuple[int, int, Sort | None, str]] = []

    def count(self, wanted: str) -> int:
        return self.number if not wanted else 3

    def rows(self, offset: int, limit: int, sort: Sort | None, wanted: str) -> Sequence[Row]:
        self.asked.append((offset, limit, sort, wanted))
        end = min(offset + limit, self.count(wanted))
        return [
            Row(f"k{i}", (f"{i:06}", f"Team {i % 7} 日本", Cell(str(i % 90), "$text-warning")))
            for i in range(offset, end)
        ]


class ListScreen(QaScreen[None]):
    def __init__(self, source, **more) -> None:
        super().__init__()
        self.listing = SqlList(source, noun="case", **more)
        self.opened: list[str] = []

    def body(self) -> ComposeResult:
        yield self.listing

    def on_mount(self) -> None:
        self.listing.focus()

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        self.opened.append(message.key)


class ListApp(QaApp):
    screen_made: ListScreen

    def first_screen(self):
        return self.screen_made


def app_with(services, source, **more) -> ListApp:
    app = ListApp(services)
    app.screen_made = ListScreen(source, **more)
    return app


async def test_a_hundred_thousand_rows_are_there_at_once_and_read_by_pages(services) -> None:
    source = Many(100_000)
    app = app_with(services, source)
    began = time.process_time()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert (
            1000 * (time.process_time() - began) < 3 * 450
        )  # a whole app from nothing; the list itself is 75
        assert len(source.asked) == 1
        assert "000000" in screen_text(app)
        await pilot.press("end")
        assert "099999" in screen_text(app)
        assert "100,000 cases · at 100,000" in screen_text(app)
        for _ in range(30):
            await pilot.press("pageup")
        assert len(app.screen_made.listing.window._pages) <= KEPT_PAGES
        assert all(limit == PAGE for _, limit, _, _ in source.asked)


async def test_the_cursor_draws_two_lines_only(services, monkeypatch) -> None:
    app = app_with(services, Many(1000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        drawn: list[int] = []
        original = ListWindow.render_line

        def counted(self, y):
            drawn.append(y)
            return original(self, y)

        monkeypatch.setattr(ListWindow, "render_line", counted)
        await pilot.press("down")
        await pilot.pause()
        assert sorted(set(drawn)) == [1, 2]


async def test_keys_and_picture(services, snapshot) -> None:
    source = Many(250)
    app = app_with(services, source, ticking=True)
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.press("down", "space", "s", "S")
        assert source.asked[-1][2] == Sort("ref", descending=True)
        await pilot.press("enter")
        assert app.screen_made.opened == ["k0"]
        assert app.screen_made.listing.ticked == {"k1"}
        snapshot("list_80x14", screen_text(app))


async def test_find_narrows_and_escape_gives_all_back(services) -> None:
    source = Many(250)
    app = app_with(services, source)
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.press("slash", "x", "enter")
        await pilot.pause()
        assert "3 cases · with 'x'" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "250 cases" in screen_text(app)


async def test_the_mouse_moves_opens_and_sorts(services) -> None:
    source = Many(250)
    app = app_with(services, source)
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.pause()
        await pilot.click(ListWindow, offset=(5, 4))
        assert app.screen_made.listing.current.key == "k3"
        await pilot.click(ListWindow, offset=(5, 4), times=2)
        assert app.screen_made.opened == ["k3"]
        await pilot.click(ListWindow, offset=(5, 0))
        assert app.screen_made.listing.window.sort == Sort("ref")


async def test_an_empty_list_says_what_to_do(services) -> None:
    app = app_with(services, Rows(COLUMNS, ()), empty="No cases yet. I imports a list.")
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.pause()
        assert "No cases yet. I imports a list." in screen_text(app)
        await pilot.press("down", "enter", "end", "s")


@pytest.mark.parametrize("payload", ["[/nope]", "\x1b[2J", "a\u202eb", "[@click=app.quit]x"])
async def test_cells_are_literal(services, payload: str) -> None:
    app = app_with(services, Rows(COLUMNS, [Row("a", (payload, Cell(payload, "$text-error"), "1"))]))
    async with app.run_test(size=(80, 14)) as pilot:
        await pilot.press("slash", *"[", "enter")
        drawn = screen_text(app)
        assert "\x1b" not in drawn
        assert "\u202e" not in drawn
        await pilot.press("escape")
        await pilot.pause()
        if payload.startswith("["):
            assert payload[:9] in screen_text(app)


def test_rows_in_memory_sort_figures_by_value_and_find_in_any_cell() -> None:
    rows = Rows(
        COLUMNS,
        [Row("a", ("x", "North", "10")), Row("b", ("y", "South", "9")), Row("c", ("z", "north", "100"))],
    )
    assert [row.key for row in rows.rows(0, 9, Sort("days"), "")] == ["b", "a", "c"]
    assert rows.count("NORTH") == 2
    assert [row.key for row in rows.rows(0, 9, Sort("days", True), "north")] == ["c", "a"]


async def test_the_scroll_bar_never_covers_the_last_column(services) -> None:
    columns = (Column("words", "Words"), Column("number", "Number", 8, right=True))
    rows = [Row(str(n), ("word " * 30, f"{n + 10_000_000}")) for n in range(200)]
    app = app_with(services, Rows(columns, rows))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        window = app.screen.query_one(ListWindow)
        shown = window.render_line(3).text
        assert window.show_vertical_scrollbar
        assert "10000002" in shown[: window.scrollable_content_region.width]
