"""Writing a council's lists as files: four dialects, one workbook or a folder of CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from qa_audit.demo.council import SSD_ADOPTER_FIELDS, GeneratedCouncil, ListTable
from qa_audit.demo.dirt import DirtReport, Mark
from qa_audit.errors import BadInput, Code, StorageFault

DIALECTS = ("ofsted", "liia", "tabs", "ssd")
SHEET_LIMIT = 1_048_576
AUTHORITY_COLUMN = "Local Authority"
_SENTINEL = date(1900, 1, 1)
# The named-tab workbooks are older: List 9 as it was in 2019.
_BEFORE_2024 = ("tabs",)
_TEXT_TYPES = ("id", "text", "category")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file: its heading there, the field it shows, the field's type."""

    heading: str
    field: str
    kind: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: files, rows by list over all authorities, and the dirt of each authority."""

    files: tuple[Path, ...]
    rows: dict[int, int]
    reports: dict[str, DirtReport]


def columns_of(
    number: int, dialect: str, table: ListTable | None = None, *, dirt: int = 0
) -> tuple[Column, ...]:
    """The columns of a list in a dialect, in the order of that dialect's file.

    The Ofsted template of 2019 carries a trailing space on some headings and curly quotes; from dirt 1
    other dialects catch both. SSD lacks the columns its query does not return.
    """
    from qa_audit.frame.lists import load_lists

    spec = load_lists()[number - 1]
    later = [f for f in spec.fields if f.since]
    chosen = [f for f in spec.fields if not f.since]
    if dialect not in _BEFORE_2024:
        for f in sorted(later, key=lambda f: int(f.position)):
            chosen.insert(int(f.position) - 1, f)
    found = [Column(w, f.name, f.type) for f in chosen if (w := f.wording(dialect)) is not None]
    if dialect == "ssd" and number == 11:
        shared = load_lists()[0]
        for place, name in enumerate(SSD_ADOPTER_FIELDS, 3):
            field = shared.field_at(name)
            found.insert(place, Column(field.wordings["ssd"], name, field.type))
    if dialect == "ofsted":
        found = [replace(c, heading=f"{c.heading} ") if c.field in _TRAILING else c for c in found]
    elif dirt and dialect != "ssd":
        found = [replace(c, heading=_worn(c.heading)) for c in found]
    for name in table.columns if table else ():
        if name.startswith("+"):
            found.append(Column(name[1:], name, "text"))
    return tuple(found)


# As printed in the template itself.
_TRAILING = ("in_touch", "care_ceased", "adoption_order_date")


def _worn(heading: str) -> str:
    """A heading as it looks after a few years of copying: curly quotes, a space at the end of some."""
    curly = heading.replace("'s ", "’s ")
    return f"{curly} " if len(heading) % 4 == 0 else curly


def sheet_name(number: int, dialect: str) -> str:
    """What the sheet (or the CSV file) of a list is called."""
    from qa_audit.frame.lists import load_lists

    spec = load_lists()[number - 1]
    return {"ofsted": f"List_{number}", "liia": f"List {number}", "tabs": spec.tab, "ssd": spec.ssd}[dialect]


def write(
    councils: Iterable[GeneratedCouncil], out: Path, *, dialect: str, several: bool = False, largest: int = 0
) -> Written:
    """Write one council, or the councils of a region (`several`).

    A path that ends in .xlsx becomes one workbook; with several authorities a last column says whose
    row it is, because child ids are unique only inside one authority. When a list would pass the sheet
    limit of 1,048,576 rows, or for any other path, a folder of CSV files is made, with a folder in it
    for each authority when there are several. The SSD query returns eleven results: always CSV.
    `largest`, the expected rows of the longest list, lets a country go to CSV without standing in memory.
    """
    if dialect not in DIALECTS:
        raise BadInput(
            Code.BAD_VALUE,
            "There is no such dialect",
            where=dialect[:20],
            next_step=f"One of {', '.join(DIALECTS)}",
        )
    try:
        if out.suffix.lower() == ".xlsx" and dialect != "ssd" and largest + 12 <= SHEET_LIMIT:
            return _workbook(councils, out, dialect, several)
        folder = out.with_suffix("") if out.suffix.lower() in (".xlsx", ".csv") else out
        return _folders(councils, folder, dialect, several)
    except OSError as error:
        raise StorageFault(
            Code.WRITE_FAILED,
            "The lists could not be written",
            where=str(out),
            why=error.strerror or "",
            next_step="Choose a folder you may write to, with room in it",
        ) from error


def _cells(table: ListTable, columns: tuple[Column, ...], dialect: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a list. SSD fills dates that are not there with 1 January 1900."""
    picked = []
    for column in columns:
        values = table.columns[column.field].tolist()
        if dialect == "ssd" and column.kind == "date":
            values = [_SENTINEL if v is None else v for v in values]
        picked.append(values)
    return zip(*picked, strict=True) if picked else iter(())


def _layout_marks(council: GeneratedCouncil, dialect: str) -> list[Mark]:
    """Faults of headings and sheets at the council's dial setting: counted, and made by the writer."""
    level = _level(council)
    if not level:
        return []
    marks = []
    for number, table in council.lists.items():
        clean = columns_of(number, dialect, table)
        worn = columns_of(number, dialect, table, dirt=level)
        changed = sum(a.heading != b.heading for a, b in zip(clean, worn, strict=True))
        marks.append(Mark("worn_heading", number, "", changed))
        if dialect != "ssd":
            marks.append(Mark("blank_tail_row", number, "", _tail(level)))
            if level >= 2 and dialect != "ofsted":
                marks.append(Mark("title_row", number, "", 1))
    return [m for m in marks if m.count]


def _tail(level: int) -> int:
    """Formatted but empty rows after the last one."""
    return 3 * level if level else 0


def _workbook(councils: Iterable[GeneratedCouncil], out: Path, dialect: str, several: bool) -> Written:
    from openpyxl import Workbook

    from qa_audit.demo.notes import write_notes

    made = list(councils)
    totals = _totals(made)
    if max(totals.values(), default=0) + 12 > SHEET_LIMIT:
        return _folders(made, out.with_suffix(""), dialect, several)
    out.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook(write_only=True)
    first = made[0]
    stamp = datetime(first.as_at.year, first.as_at.month, first.as_at.day)  # noqa: DTZ001 - a day, not a moment
    book.properties.created = book.properties.modified = stamp
    book.properties.title = "Synthetic ILACS child-level lists"
    book.properties.creator = "qa-audit generate"
    if dialect == "ofsted":
        write_notes(book, first.authority if len(made) == 1 else "several authorities", first.as_at)
    level = _level(first)
    for number in range(1, 12):
        tables = [(c.authority, c.lists[number]) for c in made if number in c.lists]
        if tables:
            _sheet(book, number, tables, dialect, level, several)
    if any(c.addons for c in made):
        _addon_sheet(book, made, several)
    book.save(out)
    return Written((out,), totals, _reports(made, dialect))


def _sheet(
    book: Any, number: int, tables: list[tuple[str, ListTable]], dialect: str, level: int, several: bool
) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    from qa_audit.frame.lists import load_lists

    sheet = book.create_sheet(sheet_name(number, dialect))
    columns = columns_of(number, dialect, tables[0][1], dirt=level)
    headings = [c.heading for c in columns] + ([AUTHORITY_COLUMN] if several else [])
    for place, heading in enumerate(headings, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(30, max(13, len(heading) // 2 + 4))
    title = f"List {number}: {load_lists()[number - 1].name}"
    head_row = 1
    bold = Font(bold=True)
    fill = PatternFill("solid", fgColor="DDE6EE")

    def worded(text: str | None, font: Font = bold) -> Any:
        cell = WriteOnlyCell(sheet, value=text)
        cell.font = font
        return cell

    if dialect == "ofsted" or level >= 2:
        sheet.append([worded(title, Font(bold=True, size=14))])
        sheet.merged_cells.add(f"A1:{get_column_letter(len(headings))}1")
        head_row = 2
    sheet.freeze_panes = f"B{head_row + 1}"
    heads = []
    for heading in headings:
        cell = worded(heading)
        cell.fill, cell.alignment = fill, Alignment(wrap_text=True, vertical="top")
        heads.append(cell)
    sheet.append(heads)
    # One cell per column, used again for every row: each append writes the row out at once.
    cells = []
    for column in columns:
        cell = WriteOnlyCell(sheet)
        if column.kind == "date":
            cell.number_format = "dd/mm/yyyy"
        elif column.kind in _TEXT_TYPES:
            cell.number_format = "@"
        cells.append(cell)
    styled = [(place, cell) for place, cell in enumerate(cells) if cell.number_format != "General"]
    for authority, table in tables:
        for values in _cells(table, columns, dialect):
            row: list[Any] = list(values)
            for place, cell in styled:
                value = row[place]
                if value is not None:
                    _put(cell, value, columns[place].kind)
                    row[place] = cell
            if several:
                row.append(authority)
            sheet.append(row)
    if level:
        thin = Side(style="thin", color="CCCCCC")
        empty = WriteOnlyCell(sheet)
        empty.border = Border(bottom=thin)
        for _ in range(_tail(level)):
            sheet.append([empty] * len(headings))


def addon_headings() -> tuple[str, list[str]]:
    """What the sheet (or CSV file) of add-on lists is called, and its headings."""
    from qa_audit.frame.lists import load_lists

    spec = load_lists("addons")[-1]
    return spec.tab, [item.heading for item in spec.fields]


def _addon_sheet(book: Any, councils: list[GeneratedCouncil], several: bool) -> None:
    from openpyxl.cell import WriteOnlyCell

    name, headings = addon_headings()
    sheet = book.create_sheet(name)
    sheet.append([*headings, AUTHORITY_COLUMN] if several else headings)
    cells = [WriteOnlyCell(sheet) for _ in headings]
    for council in councils:
        for values in council.addons:
            row: list[Any] = [*values]
            for place, value in enumerate(values):
                if isinstance(value, date):
                    _put(cells[place], value, "date")
                    row[place] = cells[place]
            sheet.append([*row, council.authority] if several else row)


def _addon_csv(place: Path, council: GeneratedCouncil) -> Path:
    name, headings = addon_headings()
    path = place / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows(
            [
                f"{v.day:02d}/{v.month:02d}/{v.year}" if isinstance(v, date) else "" if v is None else v
                for v in row
            ]
            for row in council.addons
        )
    return path


def _put(cell: Any, value: Any, kind: str) -> None:
    """Set a cell's value; a serial number in a date column stays a number in General format."""
    if kind == "date":
        cell.number_format = "dd/mm/yyyy" if isinstance(value, date) else "General"
    cell.value = value


def _folders(councils: Iterable[GeneratedCouncil], folder: Path, dialect: str, several: bool) -> Written:
    """CSV files, council by council as they come, so that a country never stands in memory."""
    files: list[Path] = []
    totals: dict[int, int] = {}
    reports: dict[str, DirtReport] = {}
    for council in councils:
        place = folder / council.authority if several else folder
        place.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            for number, table in council.lists.items():
                path = place / f"{sheet_name(number, dialect)}.csv"
                file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
                authority = council.authority if several else ""
                _csv(file, number, table, dialect, _level(council), authority)
                files.append(path)
                totals[number] = totals.get(number, 0) + table.rows
        if council.addons and dialect != "ssd":
            files.append(_addon_csv(place, council))
        reports |= _reports([council], dialect)
    return Written(tuple(files), totals, reports)


def _csv(file: Any, number: int, table: ListTable, dialect: str, level: int, authority: str = "") -> None:
    """One list. `authority`, in a region, is a last column: IDs are unique inside one authority only."""
    from qa_audit.frame.lists import load_lists

    columns = columns_of(number, dialect, table, dirt=level)
    writer = csv.writer(file)
    if dialect == "ofsted" or (level >= 2 and dialect != "ssd"):
        writer.writerow([f"List {number}: {load_lists()[number - 1].name}", *[""] * (len(columns) - 1)])
    last = [AUTHORITY_COLUMN] if authority else []
    writer.writerow([c.heading for c in columns] + last)
    days: dict[date, str] = {}

    def shown(value: Any) -> Any:
        if isinstance(value, date):
            text = days.get(value)
            if text is None:
                text = days[value] = f"{value.day:02d}/{value.month:02d}/{value.year}"
            return text
        return "" if value is None else value

    theirs = [authority] if authority else []
    writer.writerows([*map(shown, row), *theirs] for row in _cells(table, columns, dialect))
    if level and dialect != "ssd":
        writer.writerows([[""] * len(columns)] * _tail(level))


def _totals(councils: list[GeneratedCouncil]) -> dict[int, int]:
    totals: dict[int, int] = {}
    for council in councils:
        for number, rows in council.row_counts.items():
            totals[number] = totals.get(number, 0) + rows
    return totals


def _reports(councils: list[GeneratedCouncil], dialect: str) -> dict[str, DirtReport]:
    """The whole dirt of each council: its values' and, from the dialect, its headings' and sheets'."""
    return {
        c.authority: DirtReport(c.dirt_report.level, (*c.dirt_report.marks, *_layout_marks(c, dialect)))
        for c in councils
        if c.dirt_report is not None
    }


def _level(council: GeneratedCouncil) -> int:
    return council.dirt_report.level if council.dirt_report else 0
