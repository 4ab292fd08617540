"""A workbook as plain values: what is on each sheet, before anybody knows how it is written.

Builders of papers put these records together; `reports.workbook` writes them, `reports.inspection`
checks the file that was written against them. Nothing here knows a spreadsheet library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Literal

from qa_audit.errors import BadInput, Code
from qa_audit.grades import Grade

Kind = Literal["text", "int", "number", "days", "percent", "date", "grade", "shift"]
"""text; whole number; two decimals; one decimal; share 0-1 shown as a percentage; date; grade in full words;
signed grade steps (+0.25)."""

Value = str | int | float | date | Grade | None
"""A cell. `None` is an empty cell; words in a column of figures say why there is no figure."""

CELL_LIMIT = 32_767
"""Excel's limit for the text of one cell, in UTF-16 units."""
ROW_LIMIT = 1_048_576
"""Excel's limit for the rows of one sheet."""


@dataclass(frozen=True, slots=True)
class Column:
    """One named column of a table; `width` in characters."""

    heading: str
    kind: Kind = "text"
    width: float = 14.0


@dataclass(frozen=True, slots=True)
class Table:
    """Becomes a real Excel table with a filter; `name` is unique in the workbook."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    caption: str = ""
    totals: tuple[tuple[Value, ...], ...] = ()
    """Rows right under the table and outside its filter."""
    shade: tuple[str, ...] = ()
    """Headings of percentage columns coloured by value (a heat map); the figure is always there."""
    empty: str = "None in this round"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph over the width of the sheet."""

    text: str
    tone: Literal["lead", "body", "note", "heading", "warning"] = "body"


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One tile: what it is, the figure in words, and one line that says what it rests on."""

    label: str
    figure: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Tiles side by side, one to a column of the sheet, wrapping to a new row."""

    items: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart fed from a table of the same workbook.

    `kind`: stacked (100% columns), bar, line. `series` and `category` are headings of `table`.
    """

    kind: Literal["stacked", "bar", "line"]
    title: str
    table: str
    category: str
    series: tuple[str, ...]
    y_title: str = ""
    alt: str = ""
    """The chart in words, for those who do not see it."""


@dataclass(frozen=True, slots=True)
class Charts:
    """One or two charts side by side."""

    items: tuple[Chart, ...]


Block = Table | Text | KeyFigures | Charts


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, top to bottom. `widths` overrides the column widths its tables ask for."""

    name: str
    blocks: tuple[Block, ...]
    title: str = ""
    landscape: bool = True
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says about itself. No name of a person, no path."""

    title: str
    marking: str
    council: str
    round: str
    period: str
    made_at: datetime
    made_by_role: str
    form_versions: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Workbook:
    """A whole paper."""

    properties: Properties
    sheets: tuple[Sheet, ...] = field(default=())


def tables(workbook: Workbook) -> Iterator[tuple[Sheet, Table]]:
    """Every table with the sheet it stands on."""
    for sheet in workbook.sheets:
        for block in sheet.blocks:
            if isinstance(block, Table):
                yield sheet, block


def utf16_units(text: str) -> int:
    """Length as Excel counts it: a character outside the basic plane counts twice."""
    return len(text) + sum(char > "\uffff" for char in text) if not text.isascii() else len(text)


def split_text(text: str, limit: int = CELL_LIMIT) -> tuple[str, ...]:
    """The text in parts of at most `limit` UTF-16 units; the parts joined give it back exactly.

    Breaks after a line end or a space in the last tenth of a part when there is one.
    """
    if len(text) <= limit // 2 or utf16_units(text) <= limit:
        return (text,)
    parts: list[str] = []
    rest = text
    while utf16_units(rest) > limit:
        end = units = 0
        for char in rest:
            units += 2 if char > "\uffff" else 1
            if units > limit:
                break
            end += 1
        floor = end - max(1, end // 10)
        nice = max(rest.rfind("\n", floor, end), rest.rfind(" ", floor, end)) + 1
        cut = nice or end
        parts.append(rest[:cut])
        rest = rest[cut:]
    return (*parts, rest) if rest else tuple(parts)


_SHEET_BAD = re.compile(r"[\[\]:*?/\\]")
_TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,80}")
_LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}")


def check(workbook: Workbook) -> None:
    """Refuse what a spreadsheet cannot hold; raises `BadInput` naming sheet, table, row and column.

    Text that is too long for a cell is refused too: it must come as several rows (`split_text`),
    for a writer that cuts it would lose evidence without a word.
    """
    names = [sheet.name.casefold() for sheet in workbook.sheets]
    if not names:
        raise _bad(
            "The paper has no sheet left", "the export profile", "Keep at least one sheet in the profile"
        )
    for sheet in workbook.sheets:
        if (
            not 0 < len(sheet.name) <= 31
            or _SHEET_BAD.search(sheet.name)
            or sheet.name.strip("' ") != sheet.name
        ):
            why = "A sheet name has 1 to 31 characters and none of [ ] : * ? / \\"
            raise _bad(f"'{sheet.name}' cannot be the name of a sheet", "the export profile", why)
    if len(set(names)) != len(names):
        raise _bad("Two sheets have the same name", "the export profile", "Give each sheet its own title")
    known: dict[str, Table] = {}
    for sheet, table in tables(workbook):
        _check_table(sheet, table)
        if table.name in known:
            raise _bad(
                f"Two tables are called {table.name}", f"sheet '{sheet.name}'", "Give each its own name"
            )
        known[table.name] = table
    for sheet in workbook.sheets:
        for block in sheet.blocks:
            for chart in block.items if isinstance(block, Charts) else ():
                source = known.get(chart.table)
                headings = {c.heading for c in source.columns} if source else set()
                if not {chart.category, *chart.series} <= headings:
                    what = f"The chart '{chart.title}' has lost the columns it is drawn from"
                    raise _bad(what, f"sheet '{sheet.name}'", "Keep its table and columns, or drop the chart")


def _check_table(sheet: Sheet, table: Table) -> None:
    where = f"sheet '{sheet.name}', table {table.name}"
    if not _TABLE_NAME.fullmatch(table.name) or _LIKE_A_CELL.fullmatch(table.name):
        raise _bad(f"'{table.name}' cannot be the name of a table", where, "Use letters, figures and _")
    headings = [column.heading for column in table.columns]
    folded = {heading.strip().casefold() for heading in headings}
    if len(folded) != len(headings) or "" in folded:
        raise _bad(
            "Two columns share a heading, or a heading is empty", where, "Give each column its own heading"
        )
    if any(len(heading) > 250 or "\n" in heading for heading in headings):
        raise _bad("A heading is too long or runs over two lines", where, "Shorten it to 250 characters")
    if len(table.rows) > ROW_LIMIT - 100:
        why = f"{len(table.rows):,} rows are more than a sheet can hold ({ROW_LIMIT:,})"
        raise BadInput(Code.BAD_VALUE, "The table is too long for a workbook", where=where, why=why,
                       next_step="Export a shorter period, or one service at a time")  # fmt: skip
    width = len(table.columns)
    for number, row in enumerate((*table.rows, *table.totals), start=1):
        if len(row) != width:
            raise _bad(f"Row {number} has {len(row)} values for {width} columns", where, "")
        for heading, value in zip(headings, row, strict=True):
            if isinstance(value, float) and not isfinite(value):
                place = f"{where}, row {number}, column '{heading}'"
                raise _bad(
                    "A figure is not a number", place, "An undefined figure is left empty or said in words"
                )
            if isinstance(value, str) and len(value) > CELL_LIMIT // 2 and utf16_units(value) > CELL_LIMIT:
                raise BadInput(
                    Code.BAD_VALUE,
                    "A text is longer than one cell can hold",
                    where=f"{where}, row {number}, column '{heading}'",
                    why=f"Excel keeps {CELL_LIMIT:,} characters in a cell and this text would be cut",
                    next_step="Shorten it, or export the sheet of texts, where long texts run over several rows",
                )


def _bad(what: str, where: str, next_step: str) -> BadInput:
    return BadInput(Code.BAD_VALUE, what, where=where, next_step=next_step)
