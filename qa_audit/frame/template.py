"""The workbook to fill in for add-on lists: headings, one sheet of instructions, and no data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from qa_audit.errors import Code, StorageFault
from qa_audit.frame.addons import COMBINED, FAMILY
from qa_audit.frame.lists import FieldSpec, load_lists

_INSTRUCTIONS = (
    "Add-on lists for audit",
    "",
    "Auditors need some dates that the eleven ILACS lists do not hold. Each sheet here is one small list.",
    "Fill in the lists you have; leave the others as they are. They may also be kept as CSV files with these headings.",
    "Instead of one sheet for each list, all rows may stand in the last sheet: its second column says which list",
    "a row belongs to (its name as on the sheet's tab), and its dates mean what that list's dates mean.",
    "",
    "Use the child's ID of your case system, as it is on the other lists: rows are joined by it.",
    "Enter dates as day, month, year (30/09/2026). Leave a date blank when it has not happened.",
    "A row with an end date no longer counts as being on the list.",
    "Enter no names, addresses, postcodes or dates of birth.",
    "",
    "Check the filled workbook together with your lists:",
    "qa-audit frame check LISTS.xlsx ADD-ONS.xlsx",
)


def write_template(out: Path) -> Path:
    """Write the template to `out` (.xlsx). A StorageFault when it cannot be written."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.worksheets[0])
    first = book.create_sheet("Instructions")
    first.column_dimensions["A"].width = 110
    for line in _INSTRUCTIONS:
        first.append([line])
    first["A1"].font = Font(bold=True)
    first.append([])
    _columns(first)
    for spec in load_lists(FAMILY):
        sheet = book.create_sheet(spec.tab)
        sheet.append([item.heading for item in spec.fields])
        for place, item in enumerate(spec.fields, start=1):
            cell = sheet.cell(1, place)
            cell.font = Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = max(16, len(item.heading) + 3)
            if item.type == "date":
                sheet.column_dimensions[cell.column_letter].number_format = "dd/mm/yyyy"
        sheet.freeze_panes = "A2"
    book.properties.title = "Add-on lists for audit"
    book.properties.creator = "qa-audit"
    book.properties.created = book.properties.modified = datetime(2026, 1, 1)  # noqa: DTZ001 - the same file each time
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        book.save(out)
    except OSError as error:
        raise StorageFault(
            Code.WRITE_FAILED, "The template could not be written", where=out.name, why=error.strerror or "",
            next_step="Close it in Excel, or choose another folder",
        ) from error  # fmt: skip
    return out


def _columns(sheet: Any) -> None:
    """What each list asks for, one line a list."""
    for spec in load_lists(FAMILY):
        asked = "; ".join(_asked(item) for item in spec.fields)
        sheet.append([f"{spec.tab}: {asked}"])
        if spec.no == COMBINED:
            named = ", ".join(one.tab for one in load_lists(FAMILY) if one.no != COMBINED)
            sheet.append([f"{spec.fields[1].heading} is one of: {named}"])


def _asked(item: FieldSpec) -> str:
    return f"{item.heading} (may be blank)" if item.blank else item.heading
