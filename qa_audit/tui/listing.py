"""What a long list needs of its source: a count and pages. No widget here, so services' adapters can import it.

A source reads one page at a time, straight from the store; `SqlList` keeps the pages it has seen. For a
handful of rows in memory use `Rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list."""

    key: str
    title: str
    width: int = 0
    """Cells; 0 = takes what is left (shared when several do)."""
    right: bool = False
    """Figures stand at the right."""
    sortable: bool = True
    least: int = 0
    """Left out when the terminal is narrower than this."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in a style from `tui.text`; a plain str does for a plain cell."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `key` comes back in messages; `cells` in the order of the columns."""

    key: str
    cells: tuple[str | Cell, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and which way."""

    column: str
    descending: bool = False


class PagedSource(Protocol):
    """Rows that are read as they come into sight."""

    @property
    def columns(self) -> Sequence[Column]:
        """What is shown."""

    def count(self, wanted: str) -> int:
        """How many rows hold `wanted` ("" = all)."""

    def rows(self, offset: int, limit: int, sort: Sort | None, wanted: str) -> Sequence[Row]:
        """A page, in the order of `sort` (None = the source's own order). Ties must always fall the same way."""


class Rows:
    """A source over rows in memory, for lists of some hundreds."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        self.columns = tuple(columns)
        self._rows = tuple(rows)
        self._kept: tuple[tuple[Sort | None, str], tuple[Row, ...]] | None = None

    def count(self, wanted: str) -> int:
        """Rows with `wanted` in any cell, in any case."""
        return len(self._chosen(None, wanted)) if wanted else len(self._rows)

    def rows(self, offset: int, limit: int, sort: Sort | None, wanted: str) -> Sequence[Row]:
        """A page of them."""
        return self._chosen(sort, wanted)[offset : offset + limit]

    def _chosen(self, sort: Sort | None, wanted: str) -> tuple[Row, ...]:
        if self._kept is None or self._kept[0] != (sort, wanted):
            needle = wanted.casefold()
            found = [
                row
                for row in self._rows
                if not needle or any(needle in text(c).casefold() for c in row.cells)
            ]
            if sort is not None:
                at = next((i for i, column in enumerate(self.columns) if column.key == sort.column), 0)
                found.sort(key=lambda row: _order(text(row.cells[at])), reverse=sort.descending)
            self._kept = ((sort, wanted), tuple(found))
        return self._kept[1]


def text(cell: str | Cell) -> str:
    """The words of a cell."""
    return cell if isinstance(cell, str) else cell.text


def _order(words: str) -> tuple[int, float | Literal[0], str]:
    """Figures by value, before words by letters."""
    bare = words.replace(",", "").removesuffix("%").strip()
    try:
        return (0, float(bare), "")
    except ValueError:
        return (1, 0, words.casefold())
