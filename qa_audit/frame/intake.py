"""Rows of one recognised sheet, turned into clean values, with everything that had to be said about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qa_audit.frame.cells import Cell, Label, is_blank, read_age, read_date, read_id, read_number, read_text
from qa_audit.frame.findings import Findings, Tally
from qa_audit.frame.headings import Recognition, squash
from qa_audit.frame.lists import FieldSpec, ListSpec
from qa_audit.frame.reader_child import DATE_MARK
from qa_audit.frame.values import map_value, official_code
from qa_audit.text import clean_line

Values = tuple[object, ...]
_Cache = dict[object, tuple[object, str]]
Sink = Callable[[str, str, Values, date | None, int], None]
UNKNOWN = "unknown"
_REMEMBERED = 50_000
_YES_NO = {"True": "Yes", "False": "No"}
# An expected birth more than this ahead is a typing error, not an unborn child.
LONGEST_WAIT = timedelta(days=310)

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
    read: Callable[[object], Cell]
    blanks: int = 0
    first_blank: int = 0


class Intake:
    """Reads the rows under one header. Call `add` with chunks, then `finish`."""

    def __init__(
        self, found: Recognition, *, file: str, sheet: str, as_at: date, findings: Findings, sink: Sink,
        authority: str = "",
    ) -> None:  # fmt: skip
        """`sink` gets (authority, child ID, values by field, birth date, row number) for every row kept."""
        assert found.spec is not None
        self.spec: ListSpec = found.spec
        self.found = found
        self.file, self.sheet = file, sheet
        self.rows = 0
        self._as_at = as_at
        self._findings = findings
        self._sink = sink
        self._authority = authority
        self._columns = [
            _Column(place, self.spec.index[item.name], item, _reader(self.spec, item))
            for place, item in enumerate(found.columns)
            if item is not None
            and not item.drop
            and not (self.spec.unit == "adult" and item.name == "date_of_birth")
        ]
        self._plan: list[tuple[int, int, _Cache | None, _Column]] = [
            (c.place, c.slot, None if c.spec.type == "id" else {}, c) for c in self._columns
        ]
        self._required = [column for column in self._columns if not column.spec.blank]
        self._date_columns = [column for column in self._columns if column.spec.type == "date"]
        self._extras = tuple((place, found.headings[place]) for place in found.unknown)
        self._id_slot = 0
        self._id_heading = squash(self.spec.fields[0].heading)
        born = next((c for c in self._columns if c.spec.role == "date_of_birth"), None)
        self._born_slot = born.slot if born else None
        self._width = len(self.spec.fields)
        self._authorities: dict[object, str] = {}
        self._said: dict[tuple[str, object], Tally] = {}

    def add(self, rows: Sequence[tuple[int, Sequence[object]]]) -> None:
        """Take in rows; blank ones, footnotes and repeated headings are passed over."""
        for number, cells in rows:
            if number > self.found.header_row:
                self._row(number, cells)

    def _row(self, number: int, cells: Sequence[object]) -> None:
        values: list[object] = [None] * (self._width + 1)
        width = len(cells)
        filled = 0
        for place, slot, cache, column in self._plan:
            raw = cells[place] if place < width else None
            if raw is None or raw == "":
                continue
            if cache is None:
                value, note = known_id(raw)
            else:
                known = cache.get(raw)
                value, note = known if known is not None else self._remember(cache, raw, column)
            if value is not None:
                filled += 1
                values[slot] = value
            if note:
                filled += 1
                self._tell(note, column.spec, number, raw)
        if not filled or self._not_a_row(values, number, filled):
            return
        identity = values[self._id_slot]
        if identity is None:
            self._findings.each(
                "error", "id-missing", "The row has no ID, so it was left out", file=self.file, sheet=self.sheet,
                row=number, column=self.spec.fields[0].heading,
            )  # fmt: skip
            return
        self._blanks(values, number)
        values[self._id_slot] = None
        born = self._dates(values, number)
        if self._extras:
            values[self._width] = self._kept(cells, width)
        self.rows += 1
        self._sink(self._whose(cells, width), str(identity), tuple(values), born, number)

    def _remember(self, cache: _Cache, raw: object, column: _Column) -> tuple[object, str]:
        if len(cache) >= _REMEMBERED:
            cache.clear()
        cell = column.read(unmarked(raw))
        known = cache[raw] = (cell.value, cell.note)
        return known

    def _not_a_row(self, values: list[object], number: int, filled: int) -> bool:
        identity = values[self._id_slot]
        if isinstance(identity, str) and squash(identity) == self._id_heading:
            self._findings.once(
                "info", "heading-repeated", "The headings are repeated; the row was passed over",
                file=self.file, sheet=self.sheet, row=number, column="",
            )  # fmt: skip
            return True
        if filled == 1 and identity is not None and len(self._columns) >= 5:
            self._findings.once(
                "info", "row-not-a-child", "Only the first column is filled; the row was passed over as a note",
                file=self.file, sheet=self.sheet, row=number, column=self.spec.fields[0].heading,
            )  # fmt: skip
            return True
        return False

    def _blanks(self, values: list[object], number: int) -> None:
        for column in self._required:
            if values[column.slot] is None:
                column.blanks += 1
                column.first_blank = column.first_blank or number

    def _dates(self, values: list[object], number: int) -> date | None:
        """Take the birth date out of the row, and put aside dates that have not happened yet."""
        born: date | None = None
        for column in self._date_columns:
            found = values[column.slot]
            if not isinstance(found, date):
                continue
            if column.slot == self._born_slot:
                values[column.slot] = None
                if found > self._as_at + LONGEST_WAIT:
                    self._tell_date(
                        "birth-far-ahead",
                        "The birth date is too far ahead for an unborn child",
                        column,
                        number,
                    )
                else:
                    born = found
            elif found > self._as_at:
                values[column.slot] = None
                if not self.spec.cohort and column.spec.name == self.spec.latest:
                    continue  # a planned review: the row is counted and left out
                self._tell_date(
                    "date-in-future", f"The date is after {self._as_at.isoformat()}, so it was not used", column, number,
                    found.isoformat(),
                )  # fmt: skip
        return born

    def _tell_date(self, code: str, words: str, column: _Column, number: int, value: str = "") -> None:
        self._findings.each(
            "warning",
            code,
            words,
            file=self.file,
            sheet=self.sheet,
            row=number,
            column=column.spec.heading,
            value=value,
        )

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

    def _kept(self, cells: Sequence[object], width: int) -> tuple[tuple[str, str], ...] | None:
        found = []
        for place, heading in self._extras:
            raw = cells[place] if place < width else None
            if raw is None or raw == "":
                continue
            text = read_text(unmarked(raw)).value
            if isinstance(text, str):
                found.append((clean_line(heading)[:80], text[:200]))
        return tuple(found) or None

    def _whose(self, cells: Sequence[object], width: int) -> str:
        place = self.found.authority
        raw = cells[place] if place is not None and place < width else None
        if raw is None or raw == "":
            return self._authority
        known = self._authorities.get(str(raw))
        if known is None:
            known = self._authorities[str(raw)] = str(read_text(unmarked(raw)).value or self._authority)
        return known

    def finish(self) -> None:
        """Say what was blank that the specification does not allow to be."""
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


def known_id(raw: object) -> tuple[object, str]:
    """An ID as text; it has nothing to remember, each being its own."""
    return read_id(raw).value, ""


def unmarked(raw: object) -> object:
    """A cell as a value: what the workbook reader marked as a date becomes one."""
    if isinstance(raw, str) and raw[:1] == DATE_MARK:
        text = raw[1:]
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            return text
    return raw


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
