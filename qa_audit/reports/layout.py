"""Where each block of a sheet stands: rows, columns and widths, from the document alone.

The writer places by this plan, charts find their tables by it, and the inspection of the finished
file holds the file to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from qa_audit.grades import Grade
from qa_audit.reports.document import (
    Block,
    Chart,
    Charts,
    KeyFigures,
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
CHART_ROWS = 13
"""Rows of 15 points that a chart covers."""
GAP = 9.0
"""Points of an empty row that only keeps things apart."""
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


def pages_wide(plan_: Plan) -> int:
    """How many A4 pages a sheet is wide on paper, so that its print can be read."""
    return max(1, round(sum(plan_.widths) / 190))


def print_titles(plan_: Plan) -> str:
    """What every printed page repeats, as Excel writes it; blank when nothing is."""
    row = repeated_row(plan_)
    name = "'" + plan_.sheet.name.replace("'", "''") + "'"
    parts = [f"{name}!$A:$A"] if row and pages_wide(plan_) > 1 else []
    return ",".join([f"{name}!${row}:${row}", *parts] if row else [])


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
    yield 3, GAP, []
    for place in plan_.places:
        match place.block:
            case Table() as table:
                yield from _table_rows(table, place, plan_.widths)
            case Text() as text:
                yield place.row, _height(text, plan_), [(1, clean(text.text), text.tone)]
                if text.tone in ("lead", "warning"):
                    yield place.row + 1, GAP, []
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


TALLEST = 400.0
"""Points; Excel allows 409 for a row. A longer text is whole in its cell and shown when it is opened."""
_LINE = 14.0
_PAD = 3.0


def _table_rows(table: Table, place: Place, widths: tuple[float, ...]) -> Iterator[Row]:
    if table.caption:
        yield place.row, 21.0, [(1, clean(table.caption), "caption")]
    kinds = [column.kind for column in table.columns]
    heads = ["head" if kind in ("text", "grade") else "head_right" for kind in kinds]
    headings = [clean(column.heading) for column in table.columns]
    lines = max(_wrapped(heading, widths[i] - 1.5) for i, heading in enumerate(headings))
    yield (
        place.heading_row,
        _LINE * lines + 5,
        [(i, h, s) for i, (h, s) in enumerate(zip(headings, heads, strict=True), 1)],
    )
    number = place.heading_row
    if table.rows:
        for row in table.rows:
            number += 1
            cells, lines = _cells(row, kinds, "", widths)
            yield number, min(TALLEST, _LINE * lines + _PAD), cells
    else:
        number += 1
        yield (
            number,
            _LINE + _PAD,
            _cells((table.empty, *(None for _ in kinds[1:])), kinds, "empty_", widths)[0],
        )
    for row in table.totals:
        number += 1
        cells, lines = _cells(row, kinds, "total_", widths)
        yield number, _LINE * lines + _PAD, cells


def _cells(
    row: tuple[Value, ...], kinds: Sequence[str], prefix: str, widths: Sequence[float]
) -> tuple[list[Cell], int]:
    """The cells of a table row and how many lines the longest of them takes."""
    cells: list[Cell] = []
    lines = 1
    for index, value in enumerate(row):
        kind = kinds[index]
        stored: str | int | float | date | None
        if isinstance(value, str | Grade):
            if isinstance(value, Grade):
                stored = value.words
            else:
                stored = value if value.isascii() and value.isprintable() else clean(value)
                if kind not in ("text", "grade"):
                    kind = "words"
            if prefix == "" and (len(stored) > widths[index] * 1.1 - 1 or "\n" in stored):
                lines = max(lines, _wrapped(stored, widths[index] * 1.1 - 1))
        elif value is True or value is False:
            stored, kind = ("Yes" if value else "No"), "words" if kind != "text" else kind
        else:
            stored = value
        cells.append((index + 1, stored, prefix + kind))
    return cells, lines


def _wrapped(text: str, width: float) -> int:
    """About how many lines a text takes in so many characters, breaking at spaces."""
    room = max(4.0, width)
    if len(text) > 3_000:
        return ceil(len(text) / room)
    lines = 0
    for paragraph in text.split("\n"):
        used = 0
        lines += 1
        for word in paragraph.split(" "):
            size = len(word)
            if used and used + size > room:
                lines += 1
                used = 0
            while size > room:
                lines += 1
                size -= int(room)
            used += size + 1
    return lines


def _tile_rows(figures: KeyFigures, place: Place, plan_: Plan) -> Iterator[Row]:
    wide = plan_.columns
    for band in range(ceil(len(figures.items) / wide)):
        items = figures.items[band * wide : (band + 1) * wide]
        top = place.row + 4 * band
        lines = max(
            (_wrapped(item.note, plan_.widths[index] * 1.15 - 1) for index, item in enumerate(items)),
            default=1,
        )
        yield top, 19.0, [(i, clean(item.label), "tile_label") for i, item in enumerate(items, 1)]
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
    return size * _wrapped(text.text, sum(plan_.widths) * room) + (
        8 if text.tone in ("lead", "warning") else 2
    )


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


_PAPER = (770.0, 488.0)
"""Points an A4 page has for cells in landscape, margins taken off; portrait turns it round."""


def page_breaks(plan_: Plan, properties: Properties) -> tuple[int, ...]:
    """Rows after which a new page begins, so that no chart is cut and no table parted from its heading.

    Only for sheets of several blocks: one long table runs on and repeats its heading.
    """
    if len(plan_.places) < 3 or repeated_row(plan_):
        return ()
    wide, high = _PAPER if plan_.sheet.landscape else (523.0, 735.0)
    scale = min(1.0, wide / sum(0.75 * (7 * width + 5) for width in plan_.widths))
    heights = {number: height or 15.0 for number, height, _ in rows(plan_, properties)}

    def points(first: int, last: int) -> float:
        return sum(heights.get(number, 15.0) for number in range(first, last + 1))

    breaks: list[int] = []
    top = 1
    for place in plan_.places:
        last = max(place.last_row, place.row)
        if isinstance(place.block, Charts):
            last = place.row + CHART_ROWS - 1
        elif isinstance(place.block, Table):
            last += len(place.block.totals)
        elif isinstance(place.block, Text):
            continue
        if place.row > top and points(top, last) * scale > high:
            breaks.append(place.row - 1)
            top = place.row
    return tuple(breaks)
