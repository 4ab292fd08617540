"""Writes a document as an Excel workbook: with `reports.charts` the one place that knows openpyxl.

openpyxl makes everything but the rows: styles, tables, charts, conditional formats, print set-up.
The rows are streamed into the package by us, from `layout.rows`: text is always written as text
(an inline string with the quote prefix), so no data can become a formula; nothing is cut; no
temporary file with case material is left in a shared folder; and it takes a third of the time.
The same document gives the same bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from qa_audit.errors import AnswerNo, Code, StorageFault
from qa_audit.grades import WORDS
from qa_audit.reports import look
from qa_audit.reports.charts import add_charts
from qa_audit.reports.document import Properties, Workbook, check, tables
from qa_audit.reports.inspection import APP_PROPERTIES, custom_properties, inspect
from qa_audit.reports.layout import (
    Plan,
    chart_sources,
    column_letters,
    margins,
    merged,
    page_breaks,
    pages_wide,
    plans,
    repeated_row,
    rows,
    table_places,
)
from qa_audit.text import clean

Book = Any
Worksheet = Any
"""openpyxl's objects: the published types know neither tables nor the package writer."""

Progress = Callable[[str, int, int], None]
"""Called with what is being written, how many sheets are done and how many there are."""


def write(workbook: Workbook, path: Path, *, progress: Progress | None = None) -> int:
    """Write the workbook to `path`, checked by an independent reader, all or nothing.

    The file is written beside its target, flushed to the disk, read back and compared cell by cell
    with the document, and only then put in place. Returns the number of rows of all tables. Raises `BadInput`
    for a document a workbook cannot hold, `AnswerNo` when the finished file fails the inspection,
    `StorageFault` when the folder cannot be written; in each case no file is left behind.
    """
    check(workbook)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as out:
            _write_package(workbook, out, progress)
            out.flush()
            os.fsync(out.fileno())
        findings = inspect(part, workbook)
        if findings:
            raise AnswerNo(
                Code.CHECK_FAILED,
                "The workbook did not pass its last check, so it was not written",
                where="; ".join(findings[:3]),
                why="The finished file holds something that the paper does not",
                next_step="Report this to whoever looks after qa-audit; nothing has left the building",
            )
        part.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise StorageFault(
            Code.WRITE_FAILED,
            "The workbook could not be written",
            where=path.name,
            why=error.strerror or type(error).__name__,
            next_step="Close it if it is open in Excel, check the folder and its free space, then try again",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return sum(len(table.rows) for _, table in tables(workbook))


def to_bytes(workbook: Workbook) -> bytes:
    """The workbook's bytes, without the inspection; for callers that keep the file in memory."""
    check(workbook)
    out = BytesIO()
    _write_package(workbook, out, None)
    return out.getvalue()


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open a folder; there the rename itself is enough
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_package(workbook: Workbook, out: Any, progress: Progress | None) -> None:
    from openpyxl import Workbook as NewBook

    book: Book = NewBook()
    book.remove(book.worksheets[0])
    _set_properties(book, workbook.properties)
    laid_out = plans(workbook)
    styles: Mapping[str, int] = {}
    for plan_ in laid_out:
        sheet = book.create_sheet(plan_.sheet.name)
        styles = styles or _style_ids(sheet)
        _dress(sheet, plan_, workbook.properties)
    sources = chart_sources(workbook)
    alts = [add_charts(book[plan_.sheet.name], plan_, sources) for plan_ in laid_out]
    archive = _Archive(out, workbook.properties.made_at)
    writer = _package_writer()(book, archive, laid_out, alts, styles, workbook.properties, progress)
    try:
        writer.save()
    except BaseException:
        # stopped or failed between two sheets: close while the file is still open, or the zip complains later
        with suppress(ValueError):
            archive.close()
        raise


class _Archive(ZipFile):
    """A zip whose entries carry the time of the paper and no trace of the machine."""

    def __init__(self, out: Any, made_at: datetime) -> None:
        super().__init__(out, "w", ZIP_DEFLATED, allowZip64=True)
        self._stamp = (max(1980, made_at.year), *made_at.timetuple()[1:6])

    def entry(self, name: str) -> ZipInfo:
        info = ZipInfo(name, self._stamp)
        info.compress_type = ZIP_DEFLATED
        info.create_system = 0
        info.external_attr = 0
        return info

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        name = str(zinfo_or_arcname)
        super().writestr(
            self.entry(name), APP_PROPERTIES if name == "docProps/app.xml" else data, ZIP_DEFLATED
        )


def _package_writer() -> Any:
    """openpyxl's package writer, with the rows streamed from the plan of each sheet."""
    from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class PackageWriter(ExcelWriter):
        def __init__(
            self,
            book: Book,
            archive: _Archive,
            laid_out: tuple[Plan, ...],
            alts: list[tuple[str, ...]],
            styles: Mapping[str, int],
            properties: Properties,
            progress: Progress | None,
        ) -> None:
            super().__init__(book, archive)
            self._archive: _Archive = archive
            self._plans, self._alts, self._styles = laid_out, alts, styles
            self._properties, self._progress = properties, progress

        def write_worksheet(self, ws: Worksheet) -> None:
            number: int = ws._id - 1
            if self._progress:
                self._progress(ws.title, number, len(self._plans))
            ws._drawing = _described(SpreadsheetDrawing(), self._alts[number])
            ws._drawing.charts = ws._charts
            around = BytesIO()
            frame: Any = WorksheetWriter(ws, around)
            frame.write()
            ws._rels = frame._rels
            head, tail = _SHEET_DATA.split(around.getvalue(), maxsplit=1)
            plan_ = self._plans[number]
            used = f'<dimension ref="A1:{column_letters(plan_.columns)}{plan_.last_row}"'
            head = _DIMENSION.sub(used.encode(), head, count=1)  # some readers stop where it says
            with self._archive.open(self._archive.entry(ws.path[1:]), "w", force_zip64=True) as part:
                part.write(head + b"<sheetData>")
                for chunk in _row_chunks(self._plans[number], self._properties, self._styles):
                    part.write(chunk.encode("utf-8"))
                part.write(b"</sheetData>" + tail)
            self.manifest.append(ws)

    return PackageWriter


def _described(drawing: Any, alts: tuple[str, ...]) -> Any:
    """The drawing, whose charts will carry a description for those who do not see them."""
    plain = drawing._chart_frame

    def frame(number: int) -> Any:
        made = plain(number)
        made.nvGraphicFramePr.cNvPr.descr = alts[number - 1]
        return made

    drawing._chart_frame = frame
    return drawing


_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')
_SHEET_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")
_EXCEL_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_EPOCH = date(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)


def _row_chunks(plan_: Plan, properties: Properties, styles: Mapping[str, int]) -> Iterator[str]:
    """The rows as XML, some hundred at a time."""
    letters = tuple(column_letters(n) for n in range(plan_.columns + 1))
    known: dict[str, str] = {}
    out: list[str] = []
    fixed = {place.row for place in plan_.places} | {1, 2}
    for number, height, cells in rows(plan_, properties):
        custom = ' customHeight="1"' if number in fixed or not cells else ""
        size = f' ht="{height:g}"{custom}' if height else ""
        out.append(f'<row r="{number}"{size}>')
        for column, value, style in cells:
            at = f'<c r="{letters[column]}{number}" s="{styles[style]}"'
            if value is None or value == "":
                out.append(f"{at}/>")
            elif isinstance(value, str):
                text = known.get(value)
                if text is None:
                    text = _text_xml(value)
                    if len(value) < 80 and len(known) < 50_000:
                        known[value] = text
                out.append(f'{at} t="inlineStr"><is>{text}</is></c>')
            elif isinstance(value, date):
                if value < _FIRST_DAY:
                    out.append(f'{at} t="inlineStr"><is><t>{value.isoformat()}</t></is></c>')
                else:
                    out.append(f"{at}><v>{value.toordinal() - _EPOCH.toordinal()}</v></c>")
            else:
                figure = value if type(value) in (int, float) else float(value)  # numpy's repr is no number
                out.append(f"{at}><v>{figure!r}</v></c>")
        out.append("</row>")
        if len(out) > 4_000:
            yield "".join(out)
            out.clear()
    yield "".join(out)


def _text_xml(text: str) -> str:
    """A text as an inline string. Excel reads _x0041_ in a string as 'A', so that is escaped too."""
    if "_x" in text:
        text = _EXCEL_ESCAPE.sub("_x005F_", text)
    keep = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "\t" in text else ""
    return f"<t{keep}>{escape(text)}</t>"


def _set_properties(book: Book, properties: Properties) -> None:
    from openpyxl.packaging.custom import StringProperty

    core = book.properties
    core.creator = core.lastModifiedBy = "qa-audit"
    core.title = clean(properties.title)
    core.subject = clean(properties.round)
    core.category = clean(properties.marking)
    core.created = core.modified = properties.made_at.replace(tzinfo=None, microsecond=0)
    for name, value in custom_properties(properties):
        book.custom_doc_props.append(StringProperty(name=name, value=value))


def _style_ids(sheet: Worksheet) -> dict[str, int]:
    """Each look as a style of the book; made once and used by number."""
    from openpyxl.cell import Cell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    rules = {
        "": Border(),
        "thin": Border(bottom=Side(style="thin", color=look.RULE)),
        "accent": Border(bottom=Side(style="medium", color=look.ACCENT)),
        "beside": Border(left=Side(style="medium", color=look.ACCENT)),
        "above": Border(top=Side(style="thin", color=look.ACCENT)),
    }
    found: dict[str, int] = {}
    for name, style in look.STYLES.items():
        cell = Cell(sheet, row=1, column=1)
        cell.font = Font(name=look.FONT, size=style.size, bold=style.bold, color=style.colour)
        if style.fill:
            cell.fill = PatternFill("solid", fgColor=style.fill)
        cell.alignment = Alignment(
            horizontal=style.across, vertical=style.up, wrap_text=style.wrap, indent=style.indent
        )
        cell.border = rules[style.line]
        cell.number_format = style.format
        cell.quotePrefix = style.text
        found[name] = cell.style_id
    return found


def _dress(sheet: Worksheet, plan_: Plan, properties: Properties) -> None:
    """Everything of a sheet but its rows and charts."""
    from openpyxl.worksheet.table import Table as ExcelTable
    from openpyxl.worksheet.table import TableStyleInfo

    for number, width in enumerate(plan_.widths, 1):
        sheet.column_dimensions[column_letters(number)].width = width
    for row, column in merged(plan_):
        sheet.merged_cells.add(f"A{row}:{column_letters(column)}{row}")
    for table, place in table_places(plan_):
        ref = f"A{place.heading_row}:{column_letters(len(table.columns))}{place.last_row}"
        excel_table: Any = ExcelTable(displayName=table.name, ref=ref)
        excel_table._initialise_columns()
        for column, ours in zip(excel_table.tableColumns, table.columns, strict=True):
            column.name = clean(ours.heading)
        excel_table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
        sheet.add_table(excel_table)
    _add_colours(sheet, plan_)
    _set_up_print(sheet, plan_, properties)


def _add_colours(sheet: Worksheet, plan_: Plan) -> None:
    from openpyxl.formatting import rule as rules
    from openpyxl.styles import Font, PatternFill

    made: Any = rules
    grades: list[str] = []
    shades: list[str] = []
    for table, place in table_places(plan_):
        for number, column in enumerate(table.columns, 1):
            letters = column_letters(number)
            area = f"{letters}{place.heading_row + 1}:{letters}{place.last_row}"
            if column.kind == "grade":
                grades.append(area)
            if column.heading in table.shade:
                shades.append(area)
    for words in WORDS if grades else ():
        fill = PatternFill("solid", bgColor=look.GRADE_FILLS[words])
        rule = made.CellIsRule(operator="equal", formula=[f'"{words}"'], fill=fill, font=Font(color=look.INK))
        sheet.conditional_formatting.add(" ".join(grades), rule)
    if shades:
        scale = made.ColorScaleRule(
            start_type="num",
            start_value=0,
            start_color=look.SHADE_LOW,
            end_type="num",
            end_value=1,
            end_color=look.SHADE_HIGH,
        )
        sheet.conditional_formatting.add(" ".join(shades), scale)


def _set_up_print(sheet: Worksheet, plan_: Plan, properties: Properties) -> None:
    from openpyxl.worksheet.pagebreak import Break

    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 100
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if plan_.sheet.landscape else "portrait"
    sheet.page_setup.fitToWidth = pages_wide(plan_)
    sheet.page_setup.pageOrder = "overThenDown"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    edges = sheet.page_margins
    edges.left = edges.right = 0.5
    edges.top, edges.bottom, edges.header, edges.footer = 0.75, 0.7, 0.35, 0.35
    for row in page_breaks(plan_, properties):
        sheet.row_breaks.append(Break(id=row))
    repeated = repeated_row(plan_)
    if repeated:
        sheet.print_title_rows = f"{repeated}:{repeated}"
        if pages_wide(plan_) > 1:
            sheet.print_title_cols = "A:A"
    sheet.freeze_panes = f"A{repeated + 1}" if repeated else "A3"
    for item, text in zip((sheet.oddHeader, sheet.oddFooter), margins(properties), strict=True):
        left, right = text.removeprefix("&L").split("&R&9 ")
        item.left.text, item.left.size = left.removeprefix("&9 "), 9
        item.right.text, item.right.size = right, 9
