"""The program that opens a workbook: a process of its own, with limits, that writes JSON lines to its output.

Workbooks are other people's archives of XML; a parser that is made to abort or to eat memory must take
this process with it and not the audit. Run as `python -m qa_audit.frame.reader_child MODE FILE`.

Lines out: ["sheet", name, visible], ["rows", n, begin again, [new values], [plain columns]], ["note", code, words],
["fail", code, words] and, as the last line of a complete reading, ["end"]. A date is its ISO text behind a NUL.

Lists repeat themselves: teams, codes, days. So a value crosses once, and cells are numbers: behind a line of rows
stand n row numbers (4 bytes each), then for each column n places (4 bytes each) in the list of the values sent
since the child last began again. A plain column (IDs, notes) is its own cells, or null where it is not plain.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from array import array
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice, zip_longest
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
VALUES_AT_ONCE = 50_000
NUMBER = "I"  # as array.array names whole numbers of four bytes
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
        _, numbers, again, fresh, plain, places = event
        out.write(_encode(["rows", len(numbers), again, fresh, plain]).encode("ascii") + b"\n")
        out.write(array(NUMBER, numbers).tobytes())
        for column in places:
            out.write(column.tobytes())
        return
    out.write(_encode(event).encode("ascii") + b"\n")
    out.flush()


class _Places(dict[object, int]):
    """The place of every value that crosses, given out when it is first met."""

    def __init__(self) -> None:
        super().__init__()
        self.fresh: list[object] = []
        self.count = 0
        self._alike: dict[tuple[type, object], int] = {}

    def __missing__(self, cell: object) -> int:
        alike = not isinstance(cell, str) and (
            cell == 0 or cell == 1
        )  # True, 1 and 1.0 are one key to a dict
        if alike:
            known = self._alike.get((type(cell), cell))
            if known is not None:
                return known
            self._alike[type(cell), cell] = self.count
        else:
            self[cell] = self.count
        self.fresh.append(_sendable(cell))
        self.count += 1
        return self.count - 1

    def begin_again(self) -> None:
        self.clear()
        self._alike.clear()
        self.count = 0


def _sendable(cell: object) -> object:
    """A cell as it crosses: text of bounded length that cannot pass for a date, truth values as words."""
    if isinstance(cell, str):
        return (
            cell[:MAX_CELL_TEXT].lstrip(DATE_MARK)
            if len(cell) > MAX_CELL_TEXT or cell[:1] == DATE_MARK
            else cell
        )
    return str(cell) if isinstance(cell, bool) else cell


def _fast(name: str) -> Iterator[list[Any]]:
    """Every sheet through calamine, which holds one sheet at a time."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    places = _Places()
    with CalamineWorkbook.from_path(name) as workbook:
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            yield ["sheet", meta.name, meta.visible == SheetVisibleEnum.Visible]
            yield from _chunks(_blocks(sheet), places)
            del sheet


def _blocks(sheet: Any) -> Iterator[tuple[Sequence[int], list[list[Any]]]]:
    """Rows by the block, with their numbers; blank ones are left out."""
    rows = iter(sheet.iter_rows())
    start = 1
    while block := list(islice(rows, ROWS_A_LINE)):
        numbers: Sequence[int] = range(start, start + len(block))
        start += len(block)
        if len(block[0]) > MAX_COLUMNS:  # every row of a sheet is as long as the first
            block = [cells[:MAX_COLUMNS] for cells in block]
        if not all(map(any, block)):
            kept = [(number, cells) for number, cells in zip(numbers, block, strict=True) if _holds(cells)]
            numbers, block = [number for number, _ in kept], [cells for _, cells in kept]
        if block:
            yield numbers, block


def _holds(cells: list[Any]) -> bool:
    """Whether anything stands in the row; a nought and a "False" do."""
    return any(cells) or any(cell != "" and cell is not None for cell in cells)


def _careful(name: str) -> Iterator[list[Any]]:
    """Every sheet through openpyxl, row by row, stopping at a long gap."""
    import warnings

    from openpyxl import load_workbook

    warnings.simplefilter("ignore")
    places = _Places()
    workbook = load_workbook(name, read_only=True, data_only=True, keep_links=False)
    try:
        for sheet in workbook.worksheets:
            yield ["sheet", sheet.title, sheet.sheet_state == "visible"]
            sheet.reset_dimensions()
            gap = [0]
            rows = sheet.iter_rows(values_only=True, max_col=CAREFUL_COLUMNS)
            yield from _chunks(_until_gap(rows, gap), places)
            if gap[0]:
                yield ["note", "rows-not-read", f"'{sheet.title}' was read up to row {gap[0]}: {CAREFUL_EMPTY_ROWS} "
                       "empty rows follow it"]  # fmt: skip
    finally:
        workbook.close()


def _until_gap(rows: Any, gap: list[int]) -> Iterator[tuple[Sequence[int], list[list[Any]]]]:
    empty = 0
    numbers: list[int] = []
    block: list[list[Any]] = []
    for number, cells in enumerate(rows, start=1):
        if number > CAREFUL_ROWS:
            break
        if any(cell is not None for cell in cells):
            empty = 0
            numbers.append(number)
            block.append(list(cells))
            if len(block) == ROWS_A_LINE:
                yield numbers, block
                numbers, block = [], []
        else:
            empty += 1
            if empty >= CAREFUL_EMPTY_ROWS:
                gap[0] = number - empty
                break
    if block:
        yield numbers, block


def _chunks(blocks: Iterator[tuple[Sequence[int], list[list[Any]]]], places: _Places) -> Iterator[list[Any]]:
    plain: list[bool] = []
    for numbers, block in blocks:
        yield _rows(numbers, block, places, plain)


def _rows(numbers: Sequence[int], chunk: list[list[Any]], places: _Places, plain: list[bool]) -> list[Any]:
    """The event of some rows. `plain` learns which columns of the sheet hold a text of their own in most rows."""
    again = places.count > VALUES_AT_ONCE
    if again:
        places.begin_again()
    texts: list[list[object] | None] = []
    found = []
    for number, cells in enumerate(zip_longest(*chunk)):
        if number < len(plain) and plain[number]:
            texts.append([cell if type(cell) is str and len(cell) < 100 and cell.isalnum() else _sendable(cell)
                          for cell in cells])  # fmt: skip
            continue
        before = places.count
        found.append(array(NUMBER, [*map(places.__getitem__, cells)]))
        texts.append(None)
        if number == len(plain):
            plain.append((places.count - before) * 2 > len(cells) and isinstance(cells[-1], str))
    fresh, places.fresh = places.fresh, []
    return ["rows", numbers, again, fresh, texts, found]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
