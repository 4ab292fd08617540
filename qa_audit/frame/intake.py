"""Rows of one recognised sheet, turned into clean values, with everything that had to be said about them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress

from qa_audit.frame.cells import Cell, Label, is_blank, read_age, read_date, read_id, read_number, read_text
from qa_audit.frame.findings import Findings, Tally
from qa_audit.frame.headings import Recognition, squash
from qa_audit.frame.lists import FieldSpec, ListSpec
from qa_audit.frame.memory import Memo, Memory, unmarked
from qa_audit.frame.records import Severity
from qa_audit.frame.values import map_value, official_code
from qa_audit.frame.workbook import Chunk
from qa_audit.text import clean_line

Values = tuple[object, ...]
Sink = Callable[[Sequence[str], Sequence[Values], Sequence[int | None], Sequence[int]], None]
JOIN = "\x1f"  # between authority and ID in the key of a child; no clean text holds it
UNKNOWN = "unknown"
_YES_NO = {"True": "Yes", "False": "No"}

_WORDS: Mapping[str, tuple[str, str]] = {
    "date-serial": ("info", "Excel numbers were read as dates"),
    "date-sentinel": ("info", "Stand-in dates of 1900 were read as blank"),
    "date-two-digit-year": ("error", "The year has two digits, so the date was not read"),
    "date-impossible": ("error", "There is no such date, so it was not read"),
    "date-unreadable": ("error", "This is not a date"),
    "age-impossible": ("warning", "This is not an age"),
    "number-impossible": ("warning", "This is not a whole number of 0 or more"),
    "value-unknown": ("warning", "This value is not in the code list; it is kept as unknown"),
}
_ONCE = frozenset({"date-serial", "date-sentinel", "value-unknown"})
_READERS: Mapping[str, Callable[[object], Cell]] = {
    "date": read_date,
    "age": read_age,
    "number": read_number,
    "text": read_text,
    "id": read_id,
}


@dataclass(slots=True)
class _Column:
    place: int
    slot: int
    spec: FieldSpec
    memo: Memo | None  # None for IDs: each is its own
    blanks: int = 0
    first_blank: int = 0


@dataclass(slots=True)
class _Batch:
    """The rows of a chunk below the headings, column by column. `said` counts, by row, the cells that hold
    something but gave no value."""

    numbers: Sequence[int]
    values: list[Sequence[object]]
    births: Sequence[int | None]
    said: dict[int, int] = field(default_factory=dict)
    late: list[tuple[_Column, int, date]] = field(default_factory=list)


class Intake:
    """Reads the rows under one header. Call `add` with chunks, then `finish`."""

    def __init__(
        self, found: Recognition, *, file: str, sheet: str, as_at: date, findings: Findings, sink: Sink,
        authority: str = "", memory: Memory | None = None,
    ) -> None:  # fmt: skip
        """`sink` gets, for the rows kept, keys (authority, JOIN, child ID), values by field, births and row numbers.

        A birth is the ordinal of the birth date, or None.
        """
        assert found.spec is not None
        self.spec: ListSpec = found.spec
        self.found = found
        self.file, self.sheet = file, sheet
        self.rows = 0
        self._as_at = as_at
        self._findings = findings
        self._sink = sink
        self._memory = memory or Memory(as_at)
        self._authority = self._memory.authority(authority) if authority else ""
        self._columns = [
            _Column(place, self.spec.index[item.name], item, self._memo(item))
            for place, item in enumerate(found.columns)
            if item is not None
            and not item.drop
            and not (self.spec.unit == "adult" and item.name == "date_of_birth")
        ]
        self._required = [column for column in self._columns if not column.spec.blank and column.slot]
        self._extras = [(place, Memo(self._extra(found.headings[place]))) for place in found.unknown]
        self._id_heading = squash(self.spec.fields[0].heading)
        self._width = len(self.spec.fields)
        self._whose = Memo(self._authority_of)
        self._unnamed = 0
        self._said: dict[tuple[str, object], Tally] = {}

    def _memo(self, item: FieldSpec) -> Memo | None:
        if item.type == "id":
            return None
        if item.type != "date":
            return Memo(_reader(self.spec, item))
        if item.role == "date_of_birth":
            return self._memory.births
        return self._memory.planned if item.planned else self._memory.days

    @staticmethod
    def _extra(heading: str) -> Callable[[object], Cell]:
        title = clean_line(heading)[:80]

        def read(raw: object) -> Cell:
            text = read_text(raw).value
            return Cell((title, text[:200]) if isinstance(text, str) else None)

        return read

    def _authority_of(self, raw: object) -> Cell:
        name = read_text(raw).value
        return Cell(self._memory.authority(str(name)) + JOIN if name else None)

    def add(self, chunk: Chunk) -> None:
        """Take in rows; blank ones, footnotes and repeated headings are passed over."""
        start = bisect_right(chunk.numbers, self.found.header_row)
        numbers = chunk.numbers[start:]
        if not numbers:
            return
        columns = [cells[start:] for cells in chunk.columns] if start else chunk.columns
        nothing: list[None] = [None] * len(numbers)
        batch = _Batch(numbers, [nothing for _ in range(self._width + 1)], nothing)
        ids: Sequence[str | None] = nothing
        for column in self._columns:
            raw = columns[column.place] if column.place < len(columns) else nothing
            if column.slot == 0:
                ids = _ids(raw)
            else:
                self._read(column, raw, batch)
        if self._extras:
            batch.values[-1] = self._kept(columns, nothing)
        rows = list(zip(*batch.values, strict=True))
        left_out = self._left_out(rows, ids, batch)
        keys, births = self._keys(columns, ids), batch.births
        if left_out:
            kept = [place not in left_out for place in range(len(rows))]
            rows, keys, births = (
                list(compress(rows, kept)),
                list(compress(keys, kept)),
                list(compress(births, kept)),
            )
            numbers = list(compress(numbers, kept))
        self._blanks(batch, left_out)
        for late, place, found in batch.late:
            if place not in left_out:
                self._tell_late(late, batch.numbers[place], found)
        self.rows += len(rows)
        self._sink(keys, rows, births, numbers)

    def _read(self, column: _Column, raw: Sequence[object], batch: _Batch) -> None:
        """One column: every cell through its memo, then what has to be said about single cells."""
        memo, said = column.memo, batch.said
        if memo is None:
            batch.values[column.slot] = _ids(raw)
            return
        memo.trim()
        values = [*map(memo.__getitem__, raw)]
        if column.spec.role == "date_of_birth":
            batch.births = [day.toordinal() if isinstance(day, date) else None for day in values]
        else:
            batch.values[column.slot] = values
        if memo.noted and not memo.noted.keys().isdisjoint(raw):
            for place, cell in enumerate(raw):
                if note := memo.noted.get(cell):
                    said[place] = said.get(place, 0) + 1
                    self._tell(note, column.spec, batch.numbers[place], cell)
        if memo.late and not memo.late.keys().isdisjoint(raw):
            for place, cell in enumerate(raw):
                if late := memo.late.get(cell):
                    said[place] = said.get(place, 0) + 1
                    batch.late.append((column, place, late))

    def _left_out(self, rows: Sequence[Values], ids: Sequence[str | None], batch: _Batch) -> set[int]:
        """Rows that are no child's: blank, a note in the first column, the headings again, no ID."""
        heading, longest = self._id_heading, len(self._id_heading)
        found: set[int] = set()
        nobody: list[int] = []
        for place, identity in enumerate(ids):
            if identity is None:
                nobody.append(place)
            elif len(identity) >= longest and squash(identity) == heading:
                self._findings.once(
                    "info", "heading-repeated", "The headings are repeated; the row was passed over",
                    file=self.file, sheet=self.sheet, row=batch.numbers[place], column="",
                )  # fmt: skip
                found.add(place)
        full = any(
            None not in values for values in batch.values
        )  # a column every row fills: then none is bare
        for place, row in enumerate(() if full else rows):
            if row.count(None) < self._width or place in found:
                continue
            filled = sum(value is not None for value in row[:-1]) + batch.said.get(place, 0)
            filled += (ids[place] is not None) + (batch.births[place] is not None)
            if not filled or (filled == 1 and ids[place] is not None and self._is_note(batch, place)):
                found.add(place)
        for place in nobody:
            if place not in found:
                words = "The row has no ID, so it was left out"
                self._say_each("error", "id-missing", words, batch.numbers[place])
                found.add(place)
        return found

    def _is_note(self, batch: _Batch, place: int) -> bool:
        if len(self._columns) < 5:
            return False
        self._findings.once(
            "info", "row-not-a-child", "Only the first column is filled; the row was passed over as a note",
            file=self.file, sheet=self.sheet, row=batch.numbers[place], column=self.spec.fields[0].heading,
        )  # fmt: skip
        return True

    def _blanks(self, batch: _Batch, left_out: set[int]) -> None:
        late = {(column.slot, place) for column, place, _ in batch.late}
        for column in self._required:
            values = batch.births if column.spec.role == "date_of_birth" else batch.values[column.slot]
            if not left_out and not late and None not in values:
                continue
            blank = [
                place
                for place, value in enumerate(values)
                if value is None and place not in left_out and (column.slot, place) not in late
            ]
            if blank:
                column.blanks += len(blank)
                column.first_blank = column.first_blank or batch.numbers[blank[0]]

    def _keys(self, columns: Sequence[Sequence[object]], ids: Sequence[str | None]) -> list[str]:
        """The key of every row's child; of a row without an ID, any text."""
        own = self._authority + JOIN
        place = self.found.authority
        if place is None or place >= len(columns):
            return [f"{own}{identity}" for identity in ids]
        self._whose.trim()
        whose = [*map(self._whose.__getitem__, columns[place])]
        self._unnamed += (
            sum(whose[row] is None and ids[row] is not None for row in range(len(ids)))
            if None in whose
            else 0
        )
        return [f"{name or own}{identity}" for name, identity in zip(whose, ids, strict=True)]

    def _kept(
        self, columns: Sequence[Sequence[object]], nothing: Sequence[object]
    ) -> list[tuple[object, ...] | None]:
        """What columns nobody knows hold, row by row: (heading, text) pairs, or None."""
        found = []
        for place, memo in self._extras:
            memo.trim()
            found.append([*map(memo.__getitem__, columns[place] if place < len(columns) else nothing)])
        return [tuple(pair for pair in pairs if pair) or None for pairs in zip(*found, strict=True)]

    def _tell_late(self, column: _Column, number: int, found: date) -> None:
        """A day that has not happened yet was put aside."""
        if column.spec.role == "date_of_birth":
            words = "The birth date is too far ahead for an unborn child"
            self._say_each("warning", "birth-far-ahead", words, number, column.spec.heading)
        elif (
            self.spec.cohort or column.spec.name != self.spec.latest
        ):  # else a planned review: counted as not begun
            words = f"The date is after {self._as_at.isoformat()}, so it was not used"
            self._say_each("warning", "date-in-future", words, number, column.spec.heading, found.isoformat())

    def _say_each(
        self, severity: Severity, code: str, words: str, number: int, column: str = "", value: str = ""
    ) -> None:
        self._findings.each(
            severity, code, words, file=self.file, sheet=self.sheet, row=number,
            column=column or self.spec.fields[0].heading, value=value,
        )  # fmt: skip

    def _tell(self, note: str, spec: FieldSpec, number: int, raw: object) -> None:
        tally = self._said.get((spec.name, raw))
        if tally is not None:
            tally.count += 1
            return
        severity, words = _WORDS[note]
        if note.startswith("date-") and severity == "error" and spec.blank:
            severity = "warning"
        shown = "" if spec.role in {"date_of_birth", "child_id"} else clean_line(str(unmarked(raw)))
        place = {"file": self.file, "sheet": self.sheet, "row": number, "column": spec.heading}
        if note in _ONCE:
            value = shown if note == "value-unknown" else ""
            self._said[spec.name, raw] = self._findings.once(severity, note, words, value=value, **place)  # type: ignore[arg-type]
        else:
            self._findings.each(severity, note, words, value=shown, **place)  # type: ignore[arg-type]

    def finish(self) -> None:
        """Say what was blank that the specification does not allow to be."""
        if self._unnamed:
            assert self.found.authority is not None
            self._findings.say(
                "warning", "authority-missing",
                f"{self._unnamed} of {self.rows} rows do not say whose child it is; they were taken as "
                f"{self._authority or 'of no authority'}",
                file=self.file, sheet=self.sheet, column=self.found.headings[self.found.authority],
            )  # fmt: skip
        for column in self._columns:
            if not column.blanks:
                continue
            if column.blanks == self.rows > 1:
                words = f"The column is empty in all {self.rows} rows"
            else:
                words = (
                    f"{column.blanks} of {self.rows} rows are blank here; the specification asks for a value"
                )
            self._findings.say(
                "info" if column.spec.role in {"team", "worker", "personal_adviser"} else "warning",
                "value-missing", words, file=self.file, sheet=self.sheet, row=column.first_blank,
                column=column.spec.heading,
            )  # fmt: skip


def _ids(raw: Sequence[object]) -> list[str | None]:
    """IDs as text. Plain ones, nearly all, are taken as they stand."""
    return [
        cell
        if type(cell) is str and 4 < len(cell) < 100 and cell.isalnum() and cell.isascii()
        else read_id(unmarked(cell)).value  # type: ignore[misc]
        for cell in raw
    ]


def _reader(spec: ListSpec, item: FieldSpec) -> Callable[[object], Cell]:
    if item.type != "category":
        return _READERS[item.type]
    list_no, heading = item.maps.split("/", 1) if item.maps else (spec.no, item.heading)

    def read_category(raw: object) -> Cell:
        label = map_value(list_no, heading, raw if isinstance(raw, str | int | float) else str(raw))
        if label is not None:
            return Cell(Label(_YES_NO.get(label, label), official_code(list_no, heading, raw) or ""))
        return Cell(None) if is_blank(raw) else Cell(UNKNOWN, "value-unknown")

    return read_category
