"""The program that opens a workbook: a process of its own, with limits, that writes JSON lines to its output.

Workbooks are other people's archives of XML; a parser that is made to abort or to eat memory must take
this process with it and not the audit. Run as `python -m qa_audit.frame.reader_child MODE FILE`.

Lines out: ["sheet", name, visible], ["rows", n, [[begin again, [new values]], ...]], ["note", code, words],
["fail", code, words] and, as the last line of a complete reading, ["end"]. A date is its ISO text behind a NUL.

A list repeats itself: teams, codes, days. So a value crosses once for its column, and cells are numbers: behind
a line of rows stand n row numbers (4 bytes each), then for each column n places (2 bytes each) in the list of
the values that column has sent since it last began again.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from array import array
from collections.abc import Iterator
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

ROWS_A_LINE = 400
MAX_COLUMNS = 400
CAREFUL_COLUMNS = 200
CAREFUL_EMPTY_ROWS = 200
CAREFUL_ROWS = 1_048_576
MAX_CELL_TEXT = 4000
MEMORY_LIMIT = 2**30
OUT_OF_MEMORY = 77
DATE_MARK = "\x00"
VALUES_A_COLUMN = 60_000
ROW_NUMBER, VALUE_PLACE = "I", "H"  # as array.array names whole numbers of four and of two bytes
CPU_SECONDS, CPU_SECONDS_A_MEGABYTE = 60, 3


def main(arguments: list[str]) -> int:
    """Read one workbook; the exit status is 0 only after the last line was written."""
    mode, name = arguments
    gc.disable()  # rows are lists of plain values: there are no circles to look for
    _limit(os.path.getsize(name))
    try:
        events = _fast(name) if mode == "fast" else _careful(name)
        for event in events:
            _write(event)
        _write(["end"])
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception as error:  # every parser fault ends here, in one word for the parent
        kind = type(error).__name__
        _write(["fail", "password" if kind == "PasswordError" else "unreadable", kind])
    return 0


def _limit(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the limit
        return
    seconds = CPU_SECONDS + CPU_SECONDS_A_MEGABYTE * (size // 2**20)
    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_LIMIT),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            hard = resource.getrlimit(what)[1]
            ceiling = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(what, (ceiling, hard))
        except (OSError, ValueError):
            continue


def _plain(value: object) -> object:
    """Everything JSON has no word for: a date is its ISO text behind a mark no cell can hold; a time is text."""
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second)
        return DATE_MARK + (
            value.date().isoformat() if midnight else value.replace(microsecond=0).isoformat()
        )
    if isinstance(value, date):
        return DATE_MARK + value.isoformat()
    return str(value)


_encode = json.JSONEncoder(
    default=_plain, ensure_ascii=True, separators=(",", ":"), check_circular=False
).encode


def _write(event: list[Any]) -> None:
    out = sys.stdout.buffer
    if event[0] == "rows":
        _, numbers, columns = event
        out.write(_encode(["rows", len(numbers), [column[:2] for column in columns]]).encode("ascii") + b"\n")
        out.write(array(ROW_NUMBER, numbers).tobytes())
        for _, _, places in columns:
            out.write(places.tobytes())
        return
    out.write(_encode(event).encode("ascii") + b"\n")
    out.flush()


class _Column(dict[object, int]):
    """The place of every value of one column of one sheet, found out when it is first met."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: list[object] = []
        self._count = 0
        self._alike: dict[tuple[type, object], int] = {}

    def __missing__(self, cell: object) -> int:
        key = (type(cell), cell)
        alike = not isinstance(cell, str) and (
            cell == 0 or cell == 1
        )  # True, 1 and 1.0 are one key to a dict
        if alike and key in self._alike:
            return self._alike[key]
        place = self._count
        if alike:
            self._alike[key] = place
        else:
            self[cell] = place
        if isinstance(cell, str) and (len(cell) > MAX_CELL_TEXT or cell[:1] == DATE_MARK):
            cell = cell[:MAX_CELL_TEXT].lstrip(DATE_MARK)
        elif isinstance(cell, bool):
            cell = str(cell)
        self.fresh.append(cell)
        self._count += 1
        return place

    def places(self, cells: Any) -> tuple[bool, list[object], array[int]]:
        """(whether it began again, values not sent before, the place of each cell)."""
        again = self._count > VALUES_A_COLUMN
        if again:
            self.clear()
            self._alike.clear()
            self._count = 0
        found = array(VALUE_PLACE, map(self.__getitem__, cells))
        fresh, self.fresh = self.fresh, []
        return again, fresh, found


def _fast(name: str) -> Iterator[list[Any]]:
    """Every sheet through calamine, which holds one sheet at a time."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    with CalamineWorkbook.from_path(name) as workbook:
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            yield ["sheet", meta.name, meta.visible == SheetVisibleEnum.Visible]
            yield from _chunks(_numbered(sheet))
            del sheet


def _numbered(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, cells if len(cells) <= MAX_COLUMNS else cells[:MAX_COLUMNS]


def _careful(name: str) -> Iterator[list[Any]]:
    """Every sheet through openpyxl, row by row, stopping at a long gap."""
    import warnings

    from openpyxl import load_workbook

    warnings.simplefilter("ignore")
    workbook = load_workbook(name, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in workbook.worksheets:
            yield ["sheet", sheet.title, sheet.sheet_state == "visible"]
            sheet.reset_dimensions()
            gap = [0]
            yield from _chunks(_until_gap(sheet.iter_rows(values_only=True, max_col=CAREFUL_COLUMNS), gap))
            if gap[0]:
                yield ["note", "rows-not-read", f"'{sheet.title}' was read up to row {gap[0]}: {CAREFUL_EMPTY_ROWS} "
                       "empty rows follow it"]  # fmt: skip
    finally:
        workbook.close()


def _until_gap(rows: Any, gap: list[int]) -> Iterator[tuple[int, list[Any]]]:
    empty = 0
    for number, cells in enumerate(rows, start=1):
        if number > CAREFUL_ROWS:
            return
        if any(cell is not None for cell in cells):
            empty = 0
            yield number, list(cells)
        else:
            empty += 1
            if empty >= CAREFUL_EMPTY_ROWS:
                gap[0] = number - empty
                return


def _chunks(rows: Iterator[tuple[int, list[Any]]]) -> Iterator[list[Any]]:
    columns: list[_Column] = []
    numbers: list[int] = []
    chunk: list[list[Any]] = []
    for number, cells in rows:
        if not any(cells) and all(cell == "" or cell is None for cell in cells):
            continue
        numbers.append(number)
        chunk.append(cells)
        if len(chunk) >= ROWS_A_LINE:
            yield ["rows", numbers, _coded(columns, chunk)]
            numbers, chunk = [], []
    if chunk:
        yield ["rows", numbers, _coded(columns, chunk)]


def _coded(columns: list[_Column], chunk: list[list[Any]]) -> list[tuple[bool, list[object], array[int]]]:
    turned = list(zip_longest(*chunk))
    while len(columns) < len(turned):
        columns.append(_Column())
    return [column.places(cells) for column, cells in zip(columns, turned, strict=False)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
