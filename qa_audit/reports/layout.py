"""Where each block of a sheet stands: rows, columns and widths, from the document alone.

The writer places by this plan, charts find their tables by it, and the inspection of the finished
file holds the file to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import ceil

from qa_audit.grades import Grade
from qa_audit.reports.document import (
    Block,
    Chart,
    Charts,
    KeyFigures,
    Kind,
    Properties,
    Sheet,
    Table,
    Text,
    Value,
    Workbook,
)
from qa_audit.text import clean

TITLE_ROWS = 3
"""Title, the line below it (council, round, period, marking), one empty row."""
CHART_ROWS = 17
"""Rows of 15 points that a chart covers."""
CHART_GAP = 0.6
"""Centimetres between two charts."""


@dataclass(frozen=True, slots=True)
class Place:
    """A block and its first row; for a table `heading_row` is the row of its headings (1-based)."""

    block: Block
    row: int
    heading_row: int = 0
    last_row: int = 0
    """The last row with a cell of this block (of the table itself, totals left out, for a table)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole sheet."""

    sheet: Sheet
    places: tuple[Place, ...]
    widths: tuple[float, ...]
    last_row: int

    @property
    def columns(self) -> int:
        """How many columns the sheet uses."""
        return len(self.widths)


def plan(sheet: Sheet) -> Plan:
    """Lay the blocks of a sheet one below the other."""
    widths = _widths(sheet)
    row = TITLE_ROWS + 1
    last = 2
    places: list[Place] = []
    for block in sheet.blocks:
        match block:
            case Table():
                heading = row + (1 if block.caption else 0)
                end = heading + max(1, len(block.rows))
                places.append(Place(block, row, heading, end))
                last = end + len(block.totals)
                row = last + 2
            case Text():
                places.append(Place(block, row, 0, row))
                last = row
                row += 2 if block.tone in ("lead", "warning") else 1
            case KeyFigures():
                bands = ceil(len(block.items) / max(1, len(widths)))
                last = row + 4 * bands - 2
                places.append(Place(block, row, 0, last))
                row += 4 * bands
            case Charts():
                places.append(Place(block, row, 0, row - 1))
                row += CHART_ROWS + 1
    return Plan(sheet, tuple(places), widths, last)


def plans(workbook: Workbook) -> tuple[Plan, ...]:
    """Every sheet laid out."""
    return tuple(plan(sheet) for sheet in workbook.sheets)


def table_places(plan_: Plan) -> Iterator[tuple[Table, Place]]:
    """The tables of a sheet with their places."""
    for place in plan_.places:
        if isinstance(place.block, Table):
            yield place.block, place


def _widths(sheet: Sheet) -> tuple[float, ...]:
    widths = list(sheet.widths)
    for block in sheet.blocks:
        for index, column in enumerate(block.columns if isinstance(block, Table) else ()):
            if index == len(widths):
                widths.append(column.width)
            if index >= len(sheet.widths):
                widths[index] = max(widths[index], column.width)
    return tuple(widths) or (100.0,)


def repeated_row(plan_: Plan) -> int:
    """The heading row to keep in sight and to repeat on paper: of the only table, or 0."""
    found = [place.heading_row for _, place in table_places(plan_)]
    return found[0] if len(found) == 1 and found[0] <= 12 else 0


def column_letters(number: int) -> str:
    """1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


Cell = tuple[int, str | int | float | date | None, str]
"""Column number, the value as it is stored (text already cleaned), the name of its style."""
Row = tuple[int, float | None, list[Cell]]
"""Row number, height in points (None: as high as its text), cells from left to right."""


def subtitle(properties: Properties) -> str:
    """The line below the title of every sheet: whose, which round, which period, how it is marked."""
    parts = (properties.council, properties.round, properties.period, properties.marking)
    return clean(" · ".join(part for part in parts if part))


def rows(plan_: Plan, properties: Properties) -> Iterator[Row]:
    """Every row of the sheet that has a cell, top to bottom; the file must hold these and no others."""
    yield 1, 26.0, [(1, clean(plan_.sheet.title or plan_.sheet.name), "title")]
    yield 2, 15.0, [(1, subtitle(properties), "subtitle")]
    for place in plan_.places:
        match place.block:
            case Table() as table:
                yield from _table_rows(table, place)
            case Text() as text:
                yield place.row, _height(text, plan_), [(1, clean(text.text), text.tone)]
            case KeyFigures() as figures:
                yield from _tile_rows(figures, place, plan_)
            case Charts():
                pass


def merged(plan_: Plan) -> Iterator[tuple[int, int]]:
    """Rows whose first cell runs over the width of the sheet, with the last column."""
    if plan_.columns > 1:
        for place in plan_.places:
            if isinstance(place.block, Text):
                yield place.row, plan_.columns


def _table_rows(table: Table, place: Place) -> Iterator[Row]:
    if table.caption:
        yield place.row, 20.0, [(1, clean(table.caption), "caption")]
    kinds = [column.kind for column in table.columns]
    heads = ["head" if kind in ("text", "grade") else "head_right" for kind in kinds]
    headings = [clean(column.heading) for column in table.columns]
    yield (
        place.heading_row,
        None,
        [(i, h, s) for i, (h, s) in enumerate(zip(headings, heads, strict=True), 1)],
    )
    body = table.rows or ((table.empty, *(None for _ in kinds[1:])),)
    number = place.heading_row
    for row in body:
        number += 1
        yield number, None, _cells(row, kinds, "")
    for row in table.totals:
        number += 1
        yield number, None, _cells(row, kinds, "total_")


def _cells(row: tuple[Value, ...], kinds: list[Kind], prefix: str) -> list[Cell]:
    cells: list[Cell] = []
    for index, value in enumerate(row):
        kind: str = kinds[index]
        stored: str | int | float | date | None
        if isinstance(value, Grade):
            stored = value.words
        elif isinstance(value, str):
            stored = value if value.isascii() and value.isprintable() else clean(value)
            if kind not in ("text", "grade"):
                kind = "words"
        elif isinstance(value, bool):
            stored = "Yes" if value else "No"
        else:
            stored = value
        cells.append((index + 1, stored, prefix + kind))
    return cells


def _tile_rows(figures: KeyFigures, place: Place, plan_: Plan) -> Iterator[Row]:
    wide = plan_.columns
    for band in range(ceil(len(figures.items) / wide)):
        items = figures.items[band * wide : (band + 1) * wide]
        top = place.row + 4 * band
        lines = max(
            (_lines(item.note, plan_.widths[index] * 1.12) for index, item in enumerate(items)), default=1
        )
        yield top, 18.0, [(i, clean(item.label), "tile_label") for i, item in enumerate(items, 1)]
        yield top + 1, 26.0, [(i, clean(item.figure), "tile_figure") for i, item in enumerate(items, 1)]
        yield (
            top + 2,
            13.5 * lines + 4,
            [(i, clean(item.note), "tile_note") for i, item in enumerate(items, 1)],
        )


def _height(text: Text, plan_: Plan) -> float:
    size, room = {
        "lead": (18.0, 0.78),
        "warning": (15.5, 0.95),
        "heading": (22.0, 0.9),
        "note": (12.8, 1.1),
    }.get(text.tone, (14.2, 1.0))
    return size * _lines(text.text, sum(plan_.widths) * room) + (8 if text.tone in ("lead", "warning") else 2)


def _lines(text: str, width: float) -> int:
    return sum(max(1, ceil(len(line) / max(1.0, width))) for line in text.split("\n"))


def chart_sources(workbook: Workbook) -> dict[str, tuple[str, Table, Place]]:
    """Each table's sheet name and place, by the table's name."""
    return {
        table.name: (plan_.sheet.name, table, place)
        for plan_ in plans(workbook)
        for table, place in table_places(plan_)
    }


def chart_columns(chart: Chart, table: Table) -> tuple[int, tuple[int, ...]]:
    """Column numbers of a chart's category and of its series in their table."""
    number = {column.heading: index for index, column in enumerate(table.columns, 1)}
    return number[chart.category], tuple(number[heading] for heading in chart.series)


def chart_refs(chart: Chart, sources: Mapping[str, tuple[str, Table, Place]]) -> set[str]:
    """The ranges a chart is fed from, as they stand in the file."""
    sheet, table, place = sources[chart.table]
    category, columns = chart_columns(chart, table)
    quoted = "'" + sheet.replace("'", "''") + "'"
    found = set()
    for column in (category, *columns):
        letters = column_letters(column)
        body = f"{quoted}!${letters}${place.heading_row + 1}"
        found.add(body if place.last_row == place.heading_row + 1 else f"{body}:${letters}${place.last_row}")
        found.add(f"{quoted}!${letters}${place.heading_row}")
    return found


def margins(properties: Properties) -> tuple[str, str]:
    """Header and footer of every page, in Excel's own codes: marking and title, round and page number.

    & begins a code there, so in words it is doubled; Excel allows 255 characters in each.
    """
    head = f"&L&9 {_plain(properties.marking, 80)}&R&9 {_plain(properties.title, 80)}"
    foot = f"&L&9 {_plain(subtitle(properties), 150)}&R&9 Page &P of &N"
    return head, foot


def _plain(text: str, limit: int) -> str:
    words = " ".join(clean(text).split())
    words = words if len(words) <= limit else words[: limit - 1] + "…"
    return words.replace("&", "&&")
