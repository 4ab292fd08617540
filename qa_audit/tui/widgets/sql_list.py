"""A list of any length: a window onto a paged source, drawn line by line.

::

    yield SqlList(source, empty="No rounds yet. N starts one.")

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:   # Enter, or a second click
        self.app.push_screen(RoundScreen(message.key))

Keys: arrows, Page Up/Down, Home, End move; / finds; s sorts by the next column and S turns the order; Space
ticks a row when `ticking` is on; Enter opens. The mouse moves, opens, sorts by a heading and scrolls.
"""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from qa_audit.tui.listing import PagedSource, Row, Sort
from qa_audit.tui.text import count, harmless_line
from qa_audit.tui.widgets.list_window import ListWindow


class SqlList(Vertical, can_focus=False):
    """The list with its find line and its last line of figures."""

    DEFAULT_CSS = """
    SqlList { height: 1fr; }
    SqlList > Input { display: none; margin: 0; }
    SqlList > Input.-open { display: block; }
    SqlList > .figures { height: 1; color: $text-muted; padding: 0 1; }
    """

    class Chosen(Message):
        """A row was opened."""

        def __init__(self, listing: SqlList, key: str, row: Row) -> None:
            super().__init__()
            self.listing, self.key, self.row = listing, key, row

        @property
        def control(self) -> SqlList:
            """The list."""
            return self.listing

    class Moved(Message):
        """The cursor stands on another row (None: the list is empty)."""

        def __init__(self, listing: SqlList, row: Row | None) -> None:
            super().__init__()
            self.listing, self.row = listing, row

        @property
        def control(self) -> SqlList:
            """The list."""
            return self.listing

    def __init__(
        self,
        source: PagedSource,
        *,
        empty: str = "Nothing here yet.",
        noun: str = "row",
        nouns: str = "",
        ticking: bool = False,
        sort: Sort | None = None,
        id: str | None = None,
    ) -> None:
        """`empty` says what to do when there is nothing; `noun` names one row, `nouns` several, in the last line."""
        super().__init__(id=id)
        self._noun, self._nouns = noun, nouns
        self.window = ListWindow(source, empty=empty, ticking=ticking, sort=sort)

    def compose(self) -> ComposeResult:
        """Find line (closed), rows, figures."""
        yield Input(placeholder="Find: type part of a word, Enter keeps it, Esc clears it", id="find")
        yield self.window
        yield Static("", classes="figures", markup=False)

    @property
    def source(self) -> PagedSource:
        """Where the rows come from."""
        return self.window.source

    def show(self, source: PagedSource | None = None) -> None:
        """Read again, from another source if one is given; the cursor stays where it can."""
        self.window.load(source)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.window.row_at(self.window.cursor)

    @property
    def ticked(self) -> frozenset[str]:
        """Keys of the ticked rows."""
        return frozenset(self.window.ticked)

    def focus(self, scroll_visible: bool = True) -> SqlList:
        """The rows take the focus."""
        self.window.focus(scroll_visible)
        return self

    def refresh_figures(self) -> None:
        """The last line: how many, how sorted, what is being looked for."""
        window = self.window
        words = [count(window.total, self._noun, self._nouns)]
        if window.wanted:
            words.append(f"with '{harmless_line(window.wanted)}'")
        if window.sort is not None:
            title = next((c.title for c in window.source.columns if c.key == window.sort.column), "")
            words.append(f"by {title.lower()}{', last first' if window.sort.descending else ''}")
        if window.ticked:
            words.append(f"{len(window.ticked)} ticked")
        if window.total:
            words.append(f"at {window.cursor + 1:,}")
        for figures in self.query(".figures").results(Static):
            figures.update(Content(" · ".join(words)))

    def open_find(self) -> None:
        """Show the find line."""
        line = self.query_one("#find", Input)
        line.add_class("-open")
        line.focus()

    @on(ListWindow.Told)
    def _told(self, event: ListWindow.Told) -> None:
        event.stop()
        self.refresh_figures()
        self.post_message(self.Moved(self, self.current))

    @on(ListWindow.Opened)
    def _opened(self, event: ListWindow.Opened) -> None:
        event.stop()
        self.post_message(self.Chosen(self, event.row.key, event.row))

    @on(ListWindow.FindWanted)
    def _find_wanted(self, event: ListWindow.FindWanted) -> None:
        event.stop()
        self.open_find()

    @on(Input.Changed, "#find")
    def _find(self, event: Input.Changed) -> None:
        event.stop()
        self.window.find(event.value)

    @on(Input.Submitted, "#find")
    def _found(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value:
            self.query_one("#find").remove_class("-open")
        self.window.focus()

    def on_key(self, event: events.Key) -> None:
        """Escape in the find line clears it, Down goes to the rows."""
        line = self.query_one("#find", Input)
        if line.has_focus and event.key in ("escape", "down"):
            event.stop()
            event.prevent_default()
            if event.key == "escape":
                line.value = ""
                line.remove_class("-open")
            self.window.focus()
        elif event.key == "escape" and self.window.wanted:
            event.stop()
            event.prevent_default()
            line.value = ""
            line.remove_class("-open")
