"""CSV files of any size, as other systems write them: encoding and delimiter found out, rows streamed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from qa_audit.frame.workbook import Chunk, Note, Reading, Sheet, cancelled_error

ROWS_A_CHUNK = 1000
MAX_FIELD = 1_000_000
MAX_COLUMNS = 400
_DELIMITERS = ",;\t|"
_BLOCK = 2**20


def read_csv(path: Path, cancelled: Callable[[], bool] | None = None) -> Iterator[Reading]:
    """One CSV as one sheet named after the file; row numbers as a spreadsheet would count them."""
    encoding, note = find_encoding(path)
    if note:
        yield Note("text-encoding", f"'{path.name}' {note}")
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        start = stream.read(64 * 1024)
    delimiter = find_delimiter(start)
    yield Sheet(path.stem)
    limit = csv.field_size_limit(MAX_FIELD)
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as stream:
            yield from _rows(stream, delimiter, path, cancelled)
    finally:
        csv.field_size_limit(limit)


def _rows(
    stream: Iterator[str], delimiter: str, path: Path, cancelled: Callable[[], bool] | None
) -> Iterator[Reading]:
    from qa_audit.frame.safety import damaged

    chunk: list[tuple[int, list[str]]] = []
    reader = csv.reader((line.replace("\x00", "") for line in stream), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cells):
                chunk.append((number, cells[:MAX_COLUMNS]))
            if len(chunk) >= ROWS_A_CHUNK:
                if cancelled is not None and cancelled():
                    raise cancelled_error()
                yield Chunk.of(chunk)
                chunk = []
    except csv.Error as error:
        raise damaged(path, f"A row after row {reader.line_num} cannot be read as CSV") from error
    if chunk:
        yield Chunk.of(chunk)


def find_encoding(path: Path) -> tuple[str, str]:
    """(encoding, words when it is not plain UTF-8): utf-8-sig, utf-16, or cp1252 as Excel saves "CSV"."""
    import codecs

    with path.open("rb") as stream:
        head = stream.read(4096)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16", "is UTF-16 text; it was read as such"
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) * 3 > len(head) // 2:
            return ("utf-16-le" if odd > even else "utf-16-be"), "is UTF-16 text; it was read as such"
        decoder = codecs.getincrementaldecoder("utf-8")()
        block = head
        try:
            while block:
                decoder.decode(block)
                block = stream.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252", "is not UTF-8; it was read as Windows text (cp1252)"
    return "utf-8-sig", ""


def find_delimiter(start: str) -> str:
    """The delimiter that splits the first lines into the most columns; a comma when nothing does."""
    lines = [line for line in start.splitlines()[:20] if line.strip()]
    best, columns = ",", 1
    for delimiter in _DELIMITERS:
        widest = max((len(row) for row in csv.reader(lines, delimiter=delimiter)), default=1)
        if widest > columns:
            best, columns = delimiter, widest
    return best
