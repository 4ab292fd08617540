"""The grades of one audit side by side, section by section: a list drawn by line, moved in by keyboard or mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from qa_audit.grades import Grade
from qa_audit.tui.text import ACCENT, CHOSEN, GRADE_STYLES, MUTED, STRONG, WARN, fit, join, lines, say


@dataclass(frozen=True, slots=True)
class Line:
    """One section: cells are a grade, or words with their style."""

    key: str
    title: str
    cells: tuple[Grade | tuple[str, str] | None, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """One column; `least` is the width of the table below which it is left out, `wide` its width with room."""

    title: str
    width: int
    wide: int = 0
    least: int = 0


class GradeTable(Widget, can_focus=True):
    """See the module's words."""

    KEY_HINT: ClassVar[str] = "↑ ↓ section"
    KEY_HELP: ClassVar[str] = (
        "↑ ↓ Home End move. Digits 1 to 4 (or o, g, r, i) choose a grade. Enter opens the section."
    )

    DEFAULT_CSS = """
    GradeTable { height: auto; max-height: 70%; width: 100%; }
    """

    class Moved(Message):
        """The cursor stands on another section."""

        def __init__(self, table: GradeTable, key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

    class Opened(Message):
        """Enter, or a click on the row under the cursor."""

        def __init__(self, table: GradeTable, key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

    class Picked(Message):
        """A grade was chosen for the section under the cursor."""

        def __init__(self, table: GradeTable, key: str, grade: Grade) -> None:
            super().__init__()
            self.table, self.key, self.grade = table, key, grade

    def __init__(
        self, headings: Sequence[Heading], *, picking: bool = True, hint: str = "", id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._headings = tuple(headings)
        self._lines: tuple[Line, ...] = ()
        self._cursor = 0
        self._top = 0
        self._picking = picking
        if hint:
            self.KEY_HINT = hint  # type: ignore[misc]

    def show(self, rows: Sequence[Line]) -> None:
        """The sections; the cursor stays on its section where it can."""
        key = self.current
        before = len(self._lines)
        self._lines = tuple(rows)
        keys = [row.key for row in self._lines]
        self._cursor = keys.index(key) if key in keys else min(self._cursor, max(0, len(keys) - 1))
        self.refresh(layout=before != len(self._lines))

    @property
    def current(self) -> str:
        """The section under the cursor; "" when there is none."""
        return self._lines[self._cursor].key if self._lines else ""

    def reach(self, key: str) -> None:
        """Put the cursor on a section."""
        for index, row in enumerate(self._lines):
            if row.key == key:
                self._move(index)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A heading and a line for each section."""
        return len(self._lines) + 1

    def render(self) -> Content:
        """The lines in sight; the heading stays."""
        width, height = self.content_size
        if not width or height < 2:
            return Content("")
        room = height - 1
        self._top = max(0, min(self._top, self._cursor, len(self._lines) - room))
        if self._cursor >= self._top + room:
            self._top = self._cursor - room + 1
        shown = self._lines[self._top : self._top + room]
        rows = [self._head(width)]
        rows += [self._row(row, index, width) for index, row in enumerate(shown, self._top)]
        return lines(rows)

    def _columns(self, width: int) -> tuple[int, list[tuple[int, int]]]:
        """Width of the title, and (place, width) of the columns that fit."""
        wide = width >= 100
        kept = [
            (place, heading.wide if wide and heading.wide else heading.width)
            for place, heading in enumerate(self._headings)
            if width >= heading.least
        ]
        return max(12, width - 2 - sum(size + 2 for _, size in kept)), kept

    def _head(self, width: int) -> Content:
        title, kept = self._columns(width)
        more = len(self._lines) - (self.content_size.height - 1)
        name = "Section" if more <= 0 else f"Section ({self._cursor + 1} of {len(self._lines)})"
        cells = [("  " + fit(self._headings[place].title, size), f"{STRONG} {MUTED}") for place, size in kept]
        return join((f"  {fit(name, title)}", f"{STRONG} {MUTED}"), *cells)

    def _row(self, row: Line, index: int, width: int) -> Content:
        title, kept = self._columns(width)
        here = index == self._cursor
        mark = ("▌ ", ACCENT) if here and self.has_focus else ("› ", ACCENT) if here else ("  ", "")
        style = STRONG if here else ""
        parts = [join(mark), say(fit(row.title, title), style)]
        for place, size in kept:
            cell = row.cells[place] if place < len(row.cells) else None
            parts += [Content("  "), self._cell(cell, size)]
        content = Content.assemble(*parts)
        if here and self.has_focus:
            content = Content(content.plain).stylize(CHOSEN)
        return content.stylize(Style.from_meta({"line": index}))

    @staticmethod
    def _cell(cell: Grade | tuple[str, str] | None, size: int) -> Content:
        if cell is None:
            return say(fit("-", size), MUTED)
        if isinstance(cell, Grade):
            return say(fit(cell.short if size < 30 else cell.words, size), f"bold {GRADE_STYLES[cell]}")
        words, style = cell
        return say(fit(words, size), style)

    def _move(self, index: int) -> None:
        index = max(0, min(index, len(self._lines) - 1))
        if index != self._cursor and self._lines:
            self._cursor = index
            self.refresh()
            self.post_message(self.Moved(self, self.current))

    def on_focus(self) -> None:
        """The cursor is drawn stronger."""
        self.refresh()

    def on_blur(self) -> None:
        """And weaker."""
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Move, open, choose a grade."""
        steps = {"up": -1, "down": 1, "home": -len(self._lines), "end": len(self._lines)}
        if event.key in steps:
            self._move(self._cursor + steps[event.key])
        elif event.key == "enter" and self._lines:
            self.post_message(self.Opened(self, self.current))
        elif self._picking and self._lines and event.character and event.character in "1234ogri":
            place = "1234ogri".index(event.character) % 4
            self.post_message(self.Picked(self, self.current, Grade(place + 1)))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """A row takes the cursor; the row under the cursor opens."""
        index = event.style.meta.get("line")
        if isinstance(index, int):
            event.stop()
            if index == self._cursor and event.chain >= 2:
                self.post_message(self.Opened(self, self.current))
            else:
                self._move(index)


def grade_or(grade: Grade | None, words: str, style: str = WARN) -> Grade | tuple[str, str]:
    """A grade, or words in its place."""
    return grade if grade is not None else (words, style)
