"""The rows of a `SqlList`: a window onto a paged source, drawn line by line."""

from __future__ import annotations

from collections import OrderedDict
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from qa_audit.tui.listing import Cell, Column, PagedSource, Row, Sort
from qa_audit.tui.text import ACCENT, MUTED, fit

PAGE = 100
KEPT_PAGES = 20
GAP = 2


class ListWindow(ScrollView, can_focus=True):
    """The rows. Only what is in sight is read, and a move of the cursor draws two lines."""

    KEY_HINT: ClassVar[str] = "Enter open  / find  s sort"
    KEY_HELP: ClassVar[str] = (
        "↑ ↓ PgUp PgDn Home End move. Enter opens. / finds. s sorts by the next column, S turns the order. "
        "Space ticks, where rows can be ticked. Esc clears what is looked for."
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {"list--head", "list--cursor", "list--row"}

    DEFAULT_CSS = """
    ListWindow { height: 1fr; overflow-x: hidden; }
    ListWindow > .list--head { color: $text-muted; background: $background; text-style: bold; }
    ListWindow > .list--row { color: $foreground; background: $background; }
    ListWindow > .list--cursor { color: $foreground; background: $panel; text-style: bold; }
    ListWindow:focus > .list--cursor { color: $chosen-text; background: $chosen; text-style: bold; }
    """

    class Opened(Message):
        """A row was opened."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class Told(Message):
        """The cursor, the order, the ticks or the rows are others."""

    class FindWanted(Message):
        """The find key was pressed."""

    def __init__(self, source: PagedSource, *, empty: str, ticking: bool, sort: Sort | None) -> None:
        super().__init__()
        self.source = source
        self.empty = empty
        self.ticking = ticking
        self.sort = sort
        self.wanted = ""
        self.total = 0
        self.cursor = 0
        self.ticked: set[str] = set()
        self._pages: OrderedDict[int, tuple[Row, ...]] = OrderedDict()
        self._columns: list[tuple[Column, int, int]] = []
        """(column, its place in a row, its width) of the columns that fit."""
        self._styles: dict[str, RichStyle] = {}

    # -- reading -----------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Count and show."""
        self.load()

    def load(self, source: PagedSource | None = None) -> None:
        """Forget every page and count again."""
        if source is not None:
            self.source = source
        self._pages.clear()
        self.total = self.source.count(self.wanted)
        self.cursor = max(0, min(self.cursor, self.total - 1))
        if self.is_mounted:
            self._measure()
            self.refresh()
            self._tell()

    def find(self, wanted: str) -> None:
        """Only the rows that hold these words."""
        if wanted != self.wanted:
            self.wanted = wanted
            self.cursor = 0
            self.scroll_to(0, 0, animate=False)
            self.load()

    def row_at(self, index: int) -> Row | None:
        """The row at a place, read with its page; None beyond the end."""
        if not 0 <= index < self.total:
            return None
        number, place = divmod(index, PAGE)
        rows = self._pages.get(number)
        if rows is None:
            rows = tuple(self.source.rows(number * PAGE, PAGE, self.sort, self.wanted))
            self._pages[number] = rows
            if len(self._pages) > KEPT_PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(number)
        return rows[place] if place < len(rows) else None

    # -- drawing -----------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Columns follow the width."""
        self._measure()
        self._show_cursor()

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._styles.clear()

    def _measure(self) -> None:
        width, height = self.size
        if not width:
            return
        # the scroll bar comes after the rows are counted; its room is kept free, or it would cover the last column
        if self.total + 1 > height:
            width -= self.styles.scrollbar_size_vertical
        room = width - (4 if self.ticking else 2)
        shown = [
            (column, place)
            for place, column in enumerate(self.source.columns)
            if not column.least or width >= column.least
        ]
        fixed = sum(column.width for column, _ in shown) + GAP * max(0, len(shown) - 1)
        free = [column for column, _ in shown if not column.width]
        share, left = divmod(max(0, room - fixed), len(free)) if free else (0, 0)
        self._columns = []
        for column, place in shown:
            size = column.width
            if not size:
                size = max(6, share + (1 if left > 0 else 0))
                left -= 1
            self._columns.append((column, place, size))
        self.virtual_size = Size(width, self.total + 1)

    def _style(self, name: str, style: str = "") -> RichStyle:
        """A component's style with a theme style over it, worked out once per theme."""
        key = f"{name}|{style}"
        known = self._styles.get(key)
        if known is None:
            base = self.get_visual_style(name)
            if style:
                over = Style.parse(style, self.app.theme_variables)
                base = base + (over.without_color if name == "list--cursor" and self.has_focus else over)
            known = self._styles[key] = base.rich_style
        return known

    def render_line(self, y: int) -> Strip:
        """The heading stays; below it, one row per line."""
        width = self.size.width
        if y == 0:
            return self._head(width)
        index = self.scroll_offset.y + y - 1
        if not self.total and y == 2:
            plain = self._style("list--row", MUTED)
            return Strip([Segment(fit("  " + self._nothing(), width), plain)], width)
        row = self.row_at(index)
        if row is None:
            return Strip.blank(width, self._style("list--row"))
        return self._line(row, index, width)

    def _nothing(self) -> str:
        return f"Nothing with '{self.wanted}' here. Esc clears the search." if self.wanted else self.empty

    def _head(self, width: int) -> Strip:
        plain = self._style("list--head")
        segments = [Segment("    " if self.ticking else "  ", plain)]
        for number, (column, _, size) in enumerate(self._columns):
            mark = ""
            if self.sort is not None and self.sort.column == column.key:
                mark = " ▾" if self.sort.descending else " ▴"
            gap = " " * GAP if number < len(self._columns) - 1 else ""
            segments.append(Segment(fit(column.title + mark, size, right=column.right) + gap, plain))
        return Strip(segments).adjust_cell_length(width, plain)

    def _line(self, row: Row, index: int, width: int) -> Strip:
        here = index == self.cursor
        name = "list--cursor" if here else "list--row"
        plain = self._style(name)
        lead = "▌ " if here and self.has_focus else "› " if here else "  "
        segments = [Segment(lead, self._style(name, ACCENT))]
        if self.ticking:
            segments.append(Segment("✓ " if row.key in self.ticked else "· ", plain))
        last = len(self._columns) - 1
        for number, (column, place, size) in enumerate(self._columns):
            cell = row.cells[place] if place < len(row.cells) else ""
            words, style = (cell.text, cell.style) if isinstance(cell, Cell) else (cell, "")
            shown = fit(words, size, right=column.right)
            segments.append(Segment(shown, self._style(name, style) if style else plain))
            if number < last:
                segments.append(Segment(" " * GAP, plain))
        return Strip(segments).adjust_cell_length(width, plain)

    # -- moving --------------------------------------------------------------------------------------

    def _repaint(self, *indexes: int) -> None:
        """Draw only these rows again."""
        for index in indexes:
            y = index + 1 - self.scroll_offset.y
            if 0 < y < self.size.height:
                self.refresh(Region(0, y, self.size.width, 1))

    def move_to(self, index: int) -> None:
        """Put the cursor on a row and bring it into sight."""
        index = max(0, min(index, self.total - 1))
        if index == self.cursor or not self.total:
            return
        before, self.cursor = self.cursor, index
        self._show_cursor()
        self._repaint(before, index)
        self._tell()

    def _show_cursor(self) -> None:
        top, height = self.scroll_offset.y, self.size.height - 1
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif height > 0 and self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, force=True)

    def _tell(self) -> None:
        self.post_message(self.Told())

    def on_focus(self) -> None:
        """The cursor is drawn stronger."""
        self._styles.clear()
        self._repaint(self.cursor)

    def on_blur(self) -> None:
        """And weaker again."""
        self._styles.clear()
        self._repaint(self.cursor)

    def on_key(self, event: events.Key) -> None:
        """All the list's keys."""
        page = max(1, self.size.height - 2)
        steps = {
            "up": -1,
            "down": 1,
            "pageup": -page,
            "pagedown": page,
            "home": -self.total,
            "end": self.total,
        }
        key = event.key
        if key in steps:
            self.move_to(self.cursor + steps[key])
        elif key == "enter":
            self._open()
        elif key == "space" and self.ticking:
            self._tick()
        elif key == "slash":
            self.post_message(self.FindWanted())
        elif key == "s":
            self._next_sort()
        elif event.character == "S":
            self.turn()
        else:
            return
        event.stop()
        event.prevent_default()

    def _open(self) -> None:
        row = self.row_at(self.cursor)
        if row is not None:
            self.post_message(self.Opened(row))

    def _tick(self) -> None:
        row = self.row_at(self.cursor)
        if row is not None:
            self.ticked ^= {row.key}
            self._repaint(self.cursor)
            if self.cursor + 1 < self.total:
                self.move_to(self.cursor + 1)
            else:
                self._tell()

    # -- sorting ---------------------------------------------------------------------------------------

    def sort_by(self, sort: Sort | None) -> None:
        """Another order, from the top."""
        self.sort = sort
        self.cursor = 0
        self.scroll_to(0, 0, animate=False)
        self.load()

    def _next_sort(self) -> None:
        keys = [column.key for column, _, _ in self._columns if column.sortable]
        if keys:
            at = keys.index(self.sort.column) + 1 if self.sort and self.sort.column in keys else 0
            self.sort_by(Sort(keys[at]) if at < len(keys) else None)

    def turn(self) -> None:
        """The other way round."""
        if self.sort is not None:
            self.sort_by(Sort(self.sort.column, not self.sort.descending))

    def on_click(self, event: events.Click) -> None:
        """A heading sorts, a row takes the cursor, the row under the cursor opens."""
        event.stop()
        if event.y == 0:
            self._click_head(event.x)
            return
        index = self.scroll_offset.y + event.y - 1
        if index < self.total:
            if index == self.cursor and event.chain >= 2:
                self._open()
            else:
                self.move_to(index)

    def _click_head(self, x: int) -> None:
        at = 4 if self.ticking else 2
        for column, _, size in self._columns:
            if at <= x < at + size + GAP and column.sortable:
                same = self.sort is not None and self.sort.column == column.key
                self.sort_by(Sort(column.key, same and not (self.sort and self.sort.descending)))
                return
            at += size + GAP
