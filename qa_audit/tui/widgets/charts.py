"""The pictures of the dashboard as widgets: each draws itself to the width it is given.

`BlockBars`, `StackedBars`, `Matrix`, `HeatMap`, `RunChart`: set new figures with `show(...)`. `text` gives what is
drawn as plain text, for export and tests.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from qa_audit.tui.text import MUTED, STRONG, lines, say
from qa_audit.tui.widgets import drawing
from qa_audit.tui.widgets.drawing import Bar, Point


class Picture(Widget, can_focus=False):
    """A heading, the drawing, and words beneath; the height follows the drawing."""

    DEFAULT_CSS = """
    Picture { width: 100%; height: auto; margin-bottom: 1; }
    """

    def __init__(self, title: str = "", note: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.heading = title
        self.note = note
        """A sentence beneath: what the figures are of, and what to be careful about."""

    def drawn(self, width: int) -> list[Content]:
        """The lines of the picture; each kind draws its own."""
        raise NotImplementedError

    def all_lines(self, width: int) -> list[Content]:
        """Heading, picture, note."""
        rows = [say(self.heading, STRONG)] if self.heading else []
        rows += self.drawn(max(20, width)) or [say("Nothing to show yet.", MUTED)]
        return rows + (say(self.note, MUTED).wrap(max(20, width)) if self.note else [])

    def render(self) -> Content:
        """All of it."""
        return lines(self.all_lines(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as are drawn."""
        return len(self.all_lines(width))

    def text(self, width: int = 80) -> str:
        """The picture as plain text."""
        return "\n".join(line.plain.rstrip() for line in self.all_lines(width))


class BlockBars(Picture):
    """Bars with their figures at the end."""

    def __init__(
        self,
        bars: Sequence[Bar] = (),
        *,
        title: str = "",
        note: str = "",
        top: float | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(title, note, id=id)
        self._bars = tuple(bars)
        self._top = top

    def show(self, bars: Sequence[Bar], *, top: float | None = None) -> None:
        """New figures."""
        self._bars, self._top = tuple(bars), top
        self.refresh(layout=True)

    def drawn(self, width: int) -> list[Content]:
        """The bars."""
        return drawing.block_bars(self._bars, width, top=self._top)


class StackedBars(Picture):
    """Grades side by side, one bar per row: (name, (outstanding, good, ri, inadequate))."""

    def __init__(
        self, rows: Sequence[tuple[str, Sequence[int]]] = (), *, title: str = "", note: str = "",
        key: Sequence[tuple[str, str, str]] | None = None, id: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(title, note, id=id)
        self._rows = tuple(rows)
        self._key = key

    def show(self, rows: Sequence[tuple[str, Sequence[int]]]) -> None:
        """New figures."""
        self._rows = tuple(rows)
        self.refresh(layout=True)

    def drawn(self, width: int) -> list[Content]:
        """The bars and their key."""
        return drawing.stacked_bars(self._rows, width, key=self._key) if self._rows else []


class Matrix(Picture):
    """Who graded what how: counts by two graders, agreement in brackets, two grades apart marked with !."""

    def __init__(
        self, counts: Sequence[Sequence[int]] = (), *, rows: Sequence[str], columns: Sequence[str], row_title: str,
        column_title: str, title: str = "", note: str = "", id: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(title, note, id=id)
        self._counts = counts
        self._names = (tuple(rows), tuple(columns), row_title, column_title)

    def show(self, counts: Sequence[Sequence[int]]) -> None:
        """New figures."""
        self._counts = counts
        self.refresh(layout=True)

    def drawn(self, width: int) -> list[Content]:
        """The table."""
        rows, columns, row_title, column_title = self._names
        if not self._counts:
            return []
        return drawing.matrix(self._counts, rows, columns, row_title=row_title, column_title=column_title)


class HeatMap(Picture):
    """Shares by two groupings, with the figure in every cell."""

    def __init__(
        self, values: Sequence[Sequence[float | None]] = (), *, rows: Sequence[str] = (), columns: Sequence[str] = (),
        words: Sequence[Sequence[str]] | None = None, top: float = 1.0, title: str = "", note: str = "",
        id: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(title, note, id=id)
        self._figures = (values, tuple(rows), tuple(columns), words, top)

    def show(
        self, values: Sequence[Sequence[float | None]], rows: Sequence[str], columns: Sequence[str],
        words: Sequence[Sequence[str]] | None = None, top: float = 1.0,
    ) -> None:  # fmt: skip
        """New figures."""
        self._figures = (values, tuple(rows), tuple(columns), words, top)
        self.refresh(layout=True)

    def drawn(self, width: int) -> list[Content]:
        """The grid."""
        values, rows, columns, words, top = self._figures
        if not rows or not columns:
            return []
        label = max((len(name) for name in rows), default=0)
        cell = max(6, min(14, (width - label - 2) // len(columns)))
        return drawing.heat_map(values, rows, columns, words=words, top=top, cell=cell)


class RunChart(Picture):
    """One figure over time, with a line to compare with."""

    def __init__(
        self, points: Sequence[Point] = (), *, middle: float | None = None, height: int = 6, title: str = "",
        note: str = "", id: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(title, note, id=id)
        self._points = tuple(points)
        self._middle = middle
        self._height = height

    def show(self, points: Sequence[Point], *, middle: float | None = None) -> None:
        """New figures."""
        self._points, self._middle = tuple(points), middle
        self.refresh(layout=True)

    def drawn(self, width: int) -> list[Content]:
        """The chart."""
        return drawing.run_chart(self._points, width, self._height, middle=self._middle)
