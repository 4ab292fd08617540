"""A place that is a list: numbers above it, and under it the facts of the line under the cursor.

A subclass gives `COLUMNS`, `EMPTY` and `NOUN`, asks in `load`, answers with `fill(numbers, rows)`, and may
override `about(key)` for the facts under the list and `opened(key)` for Enter.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.tui.listing import Column, PagedSource, Row, Rows
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.widgets.prose import Prose
from qa_audit.tui.widgets.sql_list import SqlList


class ListScreen(PlaceScreen[None]):
    """See the module's words."""

    BODY_WIDTH = None
    CRUMBS: ClassVar[tuple[str, ...]] = ()
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    EMPTY: ClassVar[str] = "Nothing here yet."
    NOUN: ClassVar[str] = "line"
    NOUNS: ClassVar[str] = ""
    ABOUT: ClassVar[bool] = False
    """Whether the facts of the line under the cursor stand under the list."""

    DEFAULT_CSS = """
    ListScreen #numbers { height: auto; padding: 0 1; margin-bottom: 1; }
    ListScreen #about { height: auto; max-height: 40%; border-top: solid $quiet; padding: 0 2; display: none; }
    ListScreen #about.-open { display: block; }
    """

    def body(self) -> ComposeResult:
        """Numbers, list, facts."""
        yield Static(markup=False, id="numbers")
        yield SqlList(Rows(self.COLUMNS, ()), empty="Reading…", noun=self.NOUN, nouns=self.NOUNS)
        if self.ABOUT:
            with VerticalScroll(id="about", can_focus=False):
                yield Prose()

    def on_mount(self) -> None:
        """The frame first; the facts come from a thread."""
        self.show_where("Home", *self.crumbs())
        self.listing.focus()

    def crumbs(self) -> tuple[str, ...]:
        """Where this is; override when it depends on what is shown."""
        return self.CRUMBS

    @property
    def listing(self) -> SqlList:
        """The list."""
        return self.query_one(SqlList)

    @property
    def key(self) -> str:
        """The key of the line under the cursor; "" when the list is empty."""
        row = self.listing.current
        return row.key if row is not None else ""

    def fill(self, numbers: Content, rows: list[Row] | tuple[Row, ...] | PagedSource) -> None:
        """Show what was read."""
        self.query_one("#numbers", Static).update(numbers)
        self.listing.window.empty = self.EMPTY
        self.listing.show(Rows(self.COLUMNS, rows) if isinstance(rows, list | tuple) else rows)
        self._show_about()

    def on_sql_list_moved(self) -> None:
        """Another line."""
        self._show_about()
        self.refresh_keys()

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter."""
        message.stop()
        self.opened(message.key)

    def opened(self, key: str) -> None:
        """What Enter does: the facts at full length, unless a subclass knows better."""
        content = self.about(key)
        if content is not None:
            from qa_audit.tui.screens.start.telling import Read

            self.app.push_screen(Read("", content))

    def about(self, key: str) -> Content | None:
        """The facts under the list; override."""
        return None

    def _show_about(self) -> None:
        if not self.ABOUT:
            return
        content = self.about(self.key) if self.key else None
        pane = self.query_one("#about")
        pane.set_class(content is not None, "-open")
        if content is not None:
            pane.query_one(Prose).say(content)
            pane.scroll_home(animate=False)
