"""The dirt dial: the faults of real exports, put in on purpose and counted, so that a reader can be held to them.

0 clean; 1 a tidy export; 2 an ordinary one; 3 a bad one. Every fault is a `Mark` in the report.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from qa_audit.demo.council import GeneratedCouncil, ListTable
from qa_audit.demo.rolls import stream
from qa_audit.demo.volumes import DATA

if TYPE_CHECKING:
    import numpy as np

SENTINEL = date(1900, 1, 1)
_EXCEL_EPOCH = date(1899, 12, 30)
# What a field's values are called in codes.json, where the field has no entry of its own.
_CODED_AS = {
    "contact_source": "source",
    "referral_source": "source",
    "assessment_child_seen": "yes_no",
    "support_required": "yes_no",
    "icpc_unnecessary": "yes_no",
    "icpc_led_to_plan": "yes_no",
    "seen_alone": "yes_no",
    "emergency_protection_6m": "yes_no",
    "unaccompanied": "yes_no",
    "second_period_12m": "yes_no",
    "initial_category": "cp_category",
    "latest_category": "cp_category",
}
_LABELLED_AS = {"referral_nfa": "yes_no", "disability": "yes_no"}
_FIRST_NAMES = ("Pebble", "Acorn", "Conker", "Clover", "Bracken", "Flint", "Jasper", "Tansy")
_REVIEW_NOTES = ("checked", "see file note", "moved team in spring", "query with panel", "")


@dataclass(frozen=True, slots=True)
class Mark:
    """One kind of fault in one place. `count` is cells, rows or headings; list 0 is the whole workbook."""

    kind: str
    list_no: int
    field: str
    count: int


@dataclass(frozen=True, slots=True)
class DirtReport:
    """Everything that was soiled, for the whole dial setting."""

    level: int
    marks: tuple[Mark, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Total by kind."""
        totals: dict[str, int] = {}
        for mark in self.marks:
            totals[mark.kind] = totals.get(mark.kind, 0) + mark.count
        return totals

    def of(self, kind: str) -> tuple[Mark, ...]:
        """The marks of one kind."""
        return tuple(mark for mark in self.marks if mark.kind == kind)

    def as_json(self) -> dict[str, Any]:
        """The sidecar record beside a soiled file."""
        return {
            "level": self.level,
            "counts": self.counts,
            "marks": [
                {"kind": m.kind, "list": m.list_no, "field": m.field, "count": m.count} for m in self.marks
            ],
        }


class _Ledger:
    """What was soiled so far. Cells are kept as places, so that repeating a row repeats its faults too."""

    def __init__(self) -> None:
        self._plain: list[Mark] = []
        self._cells: dict[tuple[str, int, str], Any] = {}

    def note(self, kind: str, list_no: int, field: str, count: int) -> None:
        """A fault that is no cell: a column, a list, repeated rows."""
        self._plain.append(Mark(kind, list_no, field, count))

    def cells(self, kind: str, table: ListTable, field: str, places: Any) -> None:
        """Soiled cells of one column, by row."""
        import numpy as np

        hit = np.zeros(table.rows, dtype=bool)
        hit[places] = True
        self._cells[kind, table.number, field] = hit

    def repeat(self, list_no: int, order: Any) -> None:
        """The rows of a list were put into this order, some of them twice."""
        for (kind, number, field), hit in self._cells.items():
            if number == list_no:
                self._cells[kind, number, field] = hit[order]

    def marks(self) -> tuple[Mark, ...]:
        """Everything that happened at least once."""
        cells = [Mark(kind, no, field, int(hit.sum())) for (kind, no, field), hit in self._cells.items()]
        return tuple(mark for mark in (*self._plain, *cells) if mark.count)


@cache
def _spellings() -> dict[str, dict[str, list[str]]]:
    """For each field: official label -> other spellings seen in exports."""
    content = json.loads((DATA / "codes.json").read_text(encoding="utf-8"))
    labels, other = content["labels"], content["spellings"]
    return {
        name: {labels[_LABELLED_AS.get(name, name)][key]: words for key, words in by_key.items()}
        for name, by_key in other.items()
    }


def soil(council: GeneratedCouncil, level: int) -> GeneratedCouncil:
    """A soiled copy of a clean council. Faults of headings and sheets are made by the writer and added there.

    1: mixed spellings 4%, exact duplicates 0.3%.
    2: also ages as decimals, one date column as text and one as serial numbers, no worker on List 6,
       an extra column, a names column, rows that differ in the worker alone.
    3: also 12% spellings, 1900 sentinels for blank dates, empty marks, unknown values, a postcode column,
       List 2 absent.
    """
    rng = stream(council.seed, f"{council.authority}/dirt/{level}")
    lists = {
        n: ListTable(n, t.rows, {k: v.copy() for k, v in t.columns.items()}) for n, t in council.lists.items()
    }
    ledger = _Ledger()
    if level >= 3 and 2 in lists:
        ledger.note("list_absent", 2, "", 1)
        del lists[2]
    if level >= 2:
        _no_worker(lists, 6, ledger)
    for table in lists.values():
        _spell(rng, table, 0.12 if level >= 3 else 0.04, ledger)
        if level >= 3:
            _sentinels(rng, table, ledger)
            _empty_marks(rng, table, ledger)
    if level >= 3:
        _unknown_values(rng, lists, ledger)
    if level >= 2:
        _decimal_ages(lists, council.as_at, ledger)
        _text_dates(lists, ledger)
        _serial_dates(lists, ledger)
        _add_columns(rng, lists, level, ledger)
    # Last, so that a repeated row is repeated to the letter.
    for number, table in tuple(lists.items()):
        lists[number] = _duplicate(rng, table, ledger, other_worker=level >= 2)
    return replace_council(council, lists, DirtReport(level, ledger.marks()))


def replace_council(
    council: GeneratedCouncil, lists: dict[int, ListTable], report: DirtReport
) -> GeneratedCouncil:
    """The same council with other lists and report."""
    return replace(council, lists=lists, dirt_report=report)


def _duplicate(
    rng: np.random.Generator, table: ListTable, ledger: _Ledger, *, other_worker: bool
) -> ListTable:
    """0.3% exact duplicates right after their row; from level 2 a third of as many differ in the worker."""
    import numpy as np

    exact = round(table.rows * 0.003)
    swapped = round(exact / 3) if other_worker and "worker" in table.columns else 0
    if not exact:
        return table
    chosen = rng.choice(table.rows, min(exact + swapped, table.rows), replace=False)
    order = np.sort(np.concatenate([np.arange(table.rows), chosen]))
    columns = {name: values[order] for name, values in table.columns.items()}
    changed = set(chosen[exact:].tolist())
    done = 0
    if changed:
        workers = [w for w in dict.fromkeys(columns["worker"].tolist()) if w is not None]
        second = np.r_[False, order[1:] == order[:-1]]
        for place in np.flatnonzero(second):
            if int(order[place]) in changed and len(workers) > 1:
                now = columns["worker"][place]
                columns["worker"][place] = next(w for w in workers if w != now)
                done += 1
    ledger.repeat(table.number, order)
    ledger.note("duplicate_row", table.number, "", len(chosen) - done)
    ledger.note("duplicate_other_worker", table.number, "worker", done)
    return ListTable(table.number, len(order), columns)


def _spell(rng: np.random.Generator, table: ListTable, share: float, ledger: _Ledger) -> None:
    """Some values in another spelling that real exports use for them."""
    import numpy as np

    for name, values in table.columns.items():
        known = _spellings().get(name) or _spellings().get(_CODED_AS.get(name, ""))
        if not known:
            continue
        changed = []
        for place in np.flatnonzero(rng.random(table.rows) < share):
            words = known.get(values[place])
            if words:
                values[place] = words[int(rng.integers(len(words)))]
                changed.append(place)
        ledger.cells("other_spelling", table, name, changed)


def _sentinels(rng: np.random.Generator, table: ListTable, ledger: _Ledger) -> None:
    """Half of the blank dates say 1 January 1900, as queries that fill gaps do."""
    import numpy as np

    for name in date_fields(table.number):
        values = table.columns[name]
        blank = np.flatnonzero(np.array([v is None for v in values.tolist()], dtype=bool))
        chosen = blank[rng.random(len(blank)) < 0.5]
        values[chosen] = SENTINEL
        ledger.cells("sentinel_date", table, name, chosen)


def _empty_marks(rng: np.random.Generator, table: ListTable, ledger: _Ledger) -> None:
    """Signs that mean "nothing" in columns of words."""
    import numpy as np

    signs = ("-", ".", "..", "<blank>")
    for name in ("closure_reason", "permanence_plan", "seen_alone"):
        if name not in table.columns:
            continue
        values = table.columns[name]
        blank = np.flatnonzero(np.array([v is None for v in values.tolist()], dtype=bool))
        chosen = blank[rng.random(len(blank)) < 0.2]
        for place in chosen:
            values[place] = signs[int(rng.integers(len(signs)))]
        ledger.cells("empty_mark", table, name, chosen)


def _unknown_values(rng: np.random.Generator, lists: dict[int, ListTable], ledger: _Ledger) -> None:
    """Values that no dictionary can know, as seen in published samples."""
    for number, name, word in (
        (6, "primary_need", "PSRMEM - Support with memory and cognition"),
        (4, "support_required", "CS Assessment Updated"),
    ):
        table = lists.get(number)
        if table is None or not table.rows:
            continue
        chosen = rng.choice(table.rows, min(table.rows, max(1, table.rows // 500)), replace=False)
        table.columns[name][chosen] = word
        ledger.cells("unknown_value", table, name, chosen)


def _no_worker(lists: dict[int, ListTable], number: int, ledger: _Ledger) -> None:
    """Team and worker empty on a whole list."""
    table = lists[number]
    for name in ("team", "worker"):
        table.columns[name][:] = None
        ledger.cells("missing_on_whole_list", table, name, slice(None))


def _decimal_ages(lists: dict[int, ListTable], as_at: date, ledger: _Ledger) -> None:
    """List 7 gives ages as decimals worked out from the birthday; an unborn child's is negative."""
    table = lists[7]
    ages, births = table.columns["age"], table.columns["date_of_birth"]
    changed = []
    for place, born in enumerate(births.tolist()):
        if isinstance(born, date) and born != SENTINEL and isinstance(ages[place], int):
            ages[place] = (as_at - born).days / 365.25
            changed.append(place)
    ledger.cells("decimal_age", table, "age", changed)


def _text_dates(lists: dict[int, ListTable], ledger: _Ledger) -> None:
    """List 3's referral dates as dd/mm/yyyy text and List 8's births as ISO text, beside real dates."""
    for number, name, pattern in ((3, "referral_date", "%d/%m/%Y"), (8, "date_of_birth", "%Y-%m-%d")):
        values = lists[number].columns[name]
        changed = []
        for place, day in enumerate(values.tolist()):
            if isinstance(day, date) and day != SENTINEL:
                values[place] = day.strftime(pattern)
                changed.append(place)
        ledger.cells("text_date", lists[number], name, changed)


def _serial_dates(lists: dict[int, ListTable], ledger: _Ledger) -> None:
    """List 7's statutory visits as bare serial numbers, as a column in General format shows them."""
    values = lists[7].columns["last_statutory_visit"]
    changed = []
    for place, day in enumerate(values.tolist()):
        if isinstance(day, date) and day != SENTINEL:
            values[place] = (day - _EXCEL_EPOCH) // timedelta(days=1)
            changed.append(place)
    ledger.cells("serial_date", lists[7], "last_statutory_visit", changed)


def _add_columns(rng: np.random.Generator, lists: dict[int, ListTable], level: int, ledger: _Ledger) -> None:
    """Columns nobody asked for: a note, a name and a postcode. The door must keep the first, drop the others."""
    import numpy as np

    def words(number: int, choices: tuple[str, ...]) -> Any:
        drawn = np.array(choices, dtype=object)[rng.integers(0, len(choices), lists[number].rows)]
        return np.where(drawn == "", np.array(None, dtype=object), drawn)

    lists[4].columns["+Data quality note"] = words(4, _REVIEW_NOTES)
    ledger.note("extra_column", 4, "Data quality note", 1)
    lists[6].columns["+Child Name"] = words(6, tuple(f"{first} Samplechild" for first in _FIRST_NAMES))
    ledger.note("name_column", 6, "Child Name", 1)
    if level >= 3:
        codes = tuple(f"ZZ{i} {j}AB" for i in (1, 2, 3) for j in (1, 4, 7))
        lists[7].columns["+Home postcode"] = words(7, codes)
        ledger.note("postcode_column", 7, "Home postcode", 1)


def date_fields(number: int) -> tuple[str, ...]:
    """The date columns of a list."""
    from qa_audit.frame.lists import load_lists

    return tuple(f.name for f in load_lists()[number - 1].fields if f.type == "date")
