"""Plain csv files for the commands that need no workspace: read whole, checked, every refusal with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qa_audit.errors import BadInput, Code
from qa_audit.grades import Grade, parse_grade
from qa_audit.text import clean_line

LARGEST_FILE = 500_000_000
LARGEST_CELL = 100_000
LARGEST_SETTINGS = 50_000_000
_YES = {"yes", "y", "true", "1", "closed"}
_NO = {"no", "n", "false", "0", "open", ""}


@dataclass(frozen=True, slots=True)
class PlainCsv:
    """A csv file: headings as they stand in the file, cells cleaned to one line each."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, *names: str) -> int | None:
        """Where a column stands, under any of its names (case, spaces and hyphens do not matter)."""
        keys = [_key(heading) for heading in self.headings]
        return next((keys.index(_key(name)) for name in names if _key(name) in keys), None)

    def needed(self, *names: str) -> int:
        """The same, or a refusal that lists the headings found."""
        found = self.column(*names)
        if found is None:
            raise BadInput(
                Code.BAD_VALUE,
                f"The file has no column '{names[0]}'",
                where=f"{self.name}, row 1",
                why=f"Columns found: {', '.join(self.headings)[:200] or 'none'}",
                next_step=f"Name one column {' or '.join(repr(name) for name in names)}",
            )
        return found

    def numbered(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Each row with its number as a spreadsheet counts (the headings are row 1)."""
        return enumerate(self.rows, start=2)

    def place(self, row: int, column: int) -> str:
        """File, row and column, for an error."""
        return f"{self.name}, row {row}, column '{self.headings[column]}'"


def read_csv(path: Path) -> PlainCsv:
    """Read a csv file: UTF-8 (with or without its mark) or Windows-1252; comma, semicolon or tab.

    Raises BadInput when it is no file, too large, no text, empty, or a row has more cells than there are headings.
    """
    name = path.name
    if not path.is_file():
        raise BadInput(Code.NOT_A_FILE, "There is no such file", where=name, next_step="Check the path")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(Code.UNSAFE_FILE, "The file is larger than 500 MB", where=name)
        raw = path.read_bytes()
    except OSError as fault:
        raise BadInput(Code.UNREADABLE_FILE, "The file cannot be read", where=name) from fault
    if b"\x00" in raw[:4096] or raw[:4] == b"PK\x03\x04":
        raise BadInput(
            Code.WRONG_KIND_OF_FILE,
            "This is not a csv file",
            where=name,
            next_step="In Excel choose Save as, CSV UTF-8",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    separator = max(",;\t", key=first.count)
    csv.field_size_limit(LARGEST_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as fault:
        raise BadInput(
            Code.UNREADABLE_FILE, "The file is not a well-formed csv file", where=name, why=str(fault)
        ) from fault
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise BadInput(Code.UNREADABLE_FILE, "The file is empty", where=name)
    headings = tuple(clean_line(cell) for cell in rows[0])
    width = len(headings)
    keys = [_key(heading) for heading in headings if heading]
    if len(set(keys)) != len(keys):
        raise BadInput(Code.CONFLICT, "Two columns have the same name", where=f"{name}, row 1")
    out = []
    for number, row in enumerate(rows[1:], start=2):
        if len(row) > width:
            raise BadInput(
                Code.BAD_VALUE, "A row has more cells than there are headings", where=f"{name}, row {number}"
            )
        cells = tuple(_cell(cell) for cell in row)
        out.append(cells + ("",) * (width - len(cells)))
    return PlainCsv(name, headings, tuple(out))


def grade_at(table: PlainCsv, row: int, column: int, text: str) -> Grade | None:
    """The grade in a cell, None when it is empty; a refusal naming the place when it is no grade."""
    if not text:
        return None
    grade = parse_grade(text)
    if grade is None:
        raise BadInput(
            Code.BAD_VALUE,
            "This is not one of the four grades",
            where=table.place(row, column),
            next_step="Write Outstanding, Good, Requires improvement to be good or Inadequate (or 1 to 4)",
        )
    return grade


def whole_at(table: PlainCsv, row: int, column: int, text: str) -> int:
    """The whole number in a cell."""
    if not text.isdecimal() or len(text) > 12:
        raise BadInput(
            Code.BAD_VALUE, "A whole number that is not negative is needed", where=table.place(row, column)
        )
    return int(text)


def yes_at(table: PlainCsv, row: int, column: int, text: str) -> bool:
    """Yes or no (open or closed) in a cell; empty is no."""
    word = text.casefold()
    if word not in _YES | _NO:
        raise BadInput(Code.BAD_VALUE, "Yes or no is needed", where=table.place(row, column))
    return word in _YES


def date_at(table: PlainCsv, row: int, column: int, text: str) -> date | None:
    """The date in a cell (YYYY-MM-DD or DD/MM/YYYY), None when it is empty."""
    if not text:
        return None
    try:
        if "/" in text:
            day, month, year = (int(part) for part in text.split("/"))
            return date(year, month, day)
        return date.fromisoformat(text[:10])
    except ValueError as fault:
        raise BadInput(
            Code.BAD_VALUE,
            "This is not a date",
            where=table.place(row, column),
            next_step="Write YYYY-MM-DD or DD/MM/YYYY",
        ) from fault


def read_settings(path: Path) -> Mapping[str, object]:
    """A small settings file, JSON or YAML; in YAML every value is text (no type is ever guessed)."""
    import json

    import yaml

    if not path.is_file() or path.stat().st_size > LARGEST_SETTINGS:
        raise BadInput(Code.NOT_A_FILE, "There is no such file, or it is too large", where=path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
        # this loader builds text, lists and mappings and nothing else
        found = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (ValueError, RecursionError, OSError, yaml.YAMLError) as fault:
        raise BadInput(
            Code.UNREADABLE_FILE, "The file is neither well-formed JSON nor YAML", where=path.name
        ) from fault
    if not isinstance(found, Mapping):
        raise BadInput(Code.UNREADABLE_FILE, "The file holds no settings", where=path.name)
    return found


def percent(value: float | None) -> str:
    """A proportion as a percentage, a dash when it is undefined."""
    return "–" if value is None else f"{value:.0%}"


def between(ci: Sequence[float] | None, form: str = "{:.0%}") -> str:
    """An interval in words, nothing when there is none."""
    return f"{form.format(ci[0])} to {form.format(ci[1])}" if ci else ""


def _key(heading: str) -> str:
    return heading.strip().casefold().replace(" ", "_").replace("-", "_")


def _cell(cell: str) -> str:
    return cell if cell.isascii() and cell.isalnum() else clean_line(cell)
