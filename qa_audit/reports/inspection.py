"""The second reader: opens a finished workbook with nothing but zip and XML and compares.

It does not know the library that wrote the file. Every part must be one we expect, every cell
must be the cell the document asks for and there may be no other; sheets, rows and columns are all
visible; there are no comments, names, links, macros, formulas, validations or hidden looks. What
the file says about itself must be what the document says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from qa_audit.reports import look
from qa_audit.reports.cells_back import SheetReader
from qa_audit.reports.document import Chart, Charts, Properties, Workbook, tables
from qa_audit.reports.layout import (
    Plan,
    chart_refs,
    chart_sources,
    column_letters,
    plans,
    print_titles,
    table_places,
)
from qa_audit.text import clean

APP_PROPERTIES = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    b"<Application>qa-audit</Application><DocSecurity>0</DocSecurity></Properties>"
)
"""The fixed template of docProps/app.xml: no company, no manager, no user, no path."""

_CHART_REFUSED = frozenset(
    {"externalData", "userShapes", "pivotSource", "numCache", "strCache", "hlinkClick"}
)


def custom_properties(properties: Properties) -> tuple[tuple[str, str], ...]:
    """What docProps/custom.xml says, in order: marking, round, period, council, made at, by whom."""
    return (
        ("Marking", clean(properties.marking)),
        ("Round", clean(properties.round)),
        ("Period", clean(properties.period)),
        ("Council", clean(properties.council)),
        ("Made at", properties.made_at.isoformat(timespec="seconds")),
        ("Made by role", clean(properties.made_by_role)),
        ("Form versions", clean("; ".join(properties.form_versions))),
        ("Export profile", clean(properties.profile)),
    )


def inspect(path: Path, workbook: Workbook) -> tuple[str, ...]:
    """Everything in the file that the document does not ask for; empty when the file is good.

    Findings name parts, sheets and cells and never the text in them.
    """
    return tuple(_Inspection(path, workbook).findings())


class _Inspection:
    def __init__(self, path: Path, workbook: Workbook) -> None:
        self._path = path
        self._workbook = workbook
        self._plans = plans(workbook)

    def findings(self) -> Iterator[str]:
        from xml.etree.ElementTree import ParseError

        from defusedxml import DefusedXmlException

        try:
            with ZipFile(self._path) as archive:
                self._archive = archive
                yield from self._parts()
                yield from self._properties()
                yield from self._book()
                yield from self._styles()
                for number, plan_ in enumerate(self._plans, 1):
                    yield from self._sheet(number, plan_)
                yield from self._tables()
                yield from self._charts()
        except (BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError) as error:
            yield f"the package cannot be read back ({type(error).__name__})"

    def _open(self, name: str) -> IO[bytes]:
        return self._archive.open(name)

    def _tree(self, name: str) -> Any:
        from defusedxml.ElementTree import parse

        with self._open(name) as part:
            return parse(part, forbid_dtd=True).getroot()

    def _charted(self) -> list[list[Chart]]:
        return [
            [
                chart
                for place in plan_.places
                if isinstance(place.block, Charts)
                for chart in place.block.items
            ]
            for plan_ in self._plans
        ]

    def _parts(self) -> Iterator[str]:
        names = self._archive.namelist()
        charted = self._charted()
        drawings = sum(bool(charts) for charts in charted)
        expected = {"[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml"}
        expected |= {"docProps/custom.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
        expected |= {"xl/theme/theme1.xml"}
        expected |= {f"xl/worksheets/sheet{n}.xml" for n in range(1, len(self._plans) + 1)}
        for number, (plan_, charts) in enumerate(zip(self._plans, charted, strict=True), 1):
            if charts or any(table_places(plan_)):
                expected.add(f"xl/worksheets/_rels/sheet{number}.xml.rels")
        expected |= {f"xl/tables/table{n}.xml" for n in range(1, len(list(tables(self._workbook))) + 1)}
        expected |= {f"xl/charts/chart{n}.xml" for n in range(1, sum(map(len, charted)) + 1)}
        expected |= {f"xl/drawings/drawing{n}.xml" for n in range(1, drawings + 1)}
        expected |= {f"xl/drawings/_rels/drawing{n}.xml.rels" for n in range(1, drawings + 1)}
        for name in sorted(set(names) - expected):
            yield f"an unexpected part {name}"
        for name in sorted(expected - set(names)):
            yield f"a missing part {name}"
        if len(names) != len(set(names)):
            yield "a part is there twice"
        if self._archive.comment or any(info.comment or info.extra for info in self._archive.infolist()):
            yield "the package carries a comment"
        for name in names:
            if name.endswith(".rels") and any(rel.get("TargetMode") for rel in self._tree(name)):
                yield f"a link out of the file in {name}"

    def _properties(self) -> Iterator[str]:
        if self._archive.read("docProps/app.xml") != APP_PROPERTIES:
            yield "file properties (app) differ from the template"
        said = self._workbook.properties
        stamp = said.made_at.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
        core = {
            "creator": "qa-audit",
            "lastModifiedBy": "qa-audit",
            "title": clean(said.title),
            "subject": clean(said.round),
            "category": clean(said.marking),
            "created": stamp,
            "modified": stamp,
        }
        found = {_local(node.tag): node.text or "" for node in self._tree("docProps/core.xml")}
        if found != {key: value for key, value in core.items() if value or key in found}:
            yield "file properties (core) differ from the paper"
        custom = [(n.get("name"), "".join(n.itertext())) for n in self._tree("docProps/custom.xml")]
        if custom != list(custom_properties(said)):
            yield "file properties (custom) differ from the paper"

    def _book(self) -> Iterator[str]:
        root = self._tree("xl/workbook.xml")
        allowed = {"workbookPr", "workbookProtection", "bookViews", "sheets", "definedNames", "calcPr"}
        for node in root:
            if _local(node.tag) not in allowed:
                yield f"the workbook carries {_local(node.tag)}"
        sheets = [node for node in root.iter() if _local(node.tag) == "sheet"]
        if [node.get("name") for node in sheets] != [plan_.sheet.name for plan_ in self._plans]:
            yield "the sheets are not those of the paper"
        if any(node.get("state", "visible") != "visible" for node in sheets):
            yield "a sheet is hidden"
        if any(
            _local(n.tag) == "workbookView" and n.get("visibility", "visible") != "visible"
            for n in root.iter()
        ):
            yield "the window is hidden"
        expected = {(str(number), print_titles(plan_)) for number, plan_ in enumerate(self._plans)}
        for node in root.iter():
            if _local(node.tag) == "definedName":
                ours = (node.get("localSheetId"), node.text) in expected
                if not ours or node.get("name") != "_xlnm.Print_Titles" or node.get("hidden", "0") not in "0":
                    yield "a defined name that is not a repeated heading"

    def _styles(self) -> Iterator[str]:
        root = self._tree("xl/styles.xml")
        fonts = [n for n in root.iter() if _local(n.tag) == "font"]
        for node in fonts:
            for part in node:
                tag = _local(part.tag)
                colour = part.get("rgb", "")[-6:].upper() if tag == "color" else ""
                if colour and colour not in look.PALETTE:
                    yield "text in a colour that is not ours"
                if tag == "color" and part.get("theme") not in (None, "1"):
                    yield "text in a colour that is not ours"
                if tag == "sz" and float(part.get("val", "11")) < 8:
                    yield "text too small to read"
        for node in root.iter():
            if _local(node.tag) == "numFmt" and node.get("formatCode") not in look.FORMATS.values():
                yield "a number format that is not ours"
            if _local(node.tag) == "protection" and node.get("hidden", "0") not in ("0", "false"):
                yield "a cell style that hides its content"

    def _sheet(self, number: int, plan_: Plan) -> Iterator[str]:
        reader = SheetReader(plan_, self._workbook.properties)
        with self._open(f"xl/worksheets/sheet{number}.xml") as part:
            reader.read(part)
        for finding in reader.findings:
            yield f"sheet '{plan_.sheet.name}': {finding}"

    def _tables(self) -> Iterator[str]:
        number = 0
        for plan_ in self._plans:
            for table, place in table_places(plan_):
                number += 1
                root = self._tree(f"xl/tables/table{number}.xml")
                ref = f"A{place.heading_row}:{column_letters(len(table.columns))}{place.last_row}"
                columns = [n for n in root.iter() if _local(n.tag) == "tableColumn"]
                names = [n.get("name") for n in columns]
                same = root.get("displayName") == table.name and root.get("ref") == ref
                if not same or names != [clean(column.heading) for column in table.columns]:
                    yield f"table {table.name} is not the one of the paper"
                filters = {_local(n.tag) for n in root.iter()}
                if not filters <= {"table", "autoFilter", "tableColumns", "tableColumn", "tableStyleInfo"}:
                    yield f"table {table.name} filters, sorts or computes"

    def _charts(self) -> Iterator[str]:
        sources = chart_sources(self._workbook)
        charted = self._charted()
        for number, chart in enumerate((chart for charts in charted for chart in charts), 1):
            refs = chart_refs(chart, sources)
            words = {clean(chart.title), clean(chart.y_title)}
            for node in self._tree(f"xl/charts/chart{number}.xml").iter():
                tag = _local(node.tag)
                text = (node.text or "").strip()
                if tag in _CHART_REFUSED or (tag == "f" and text not in refs):
                    yield f"chart {number} reads what it should not"
                elif text and tag not in ("f", "t"):
                    yield f"chart {number} carries text"
                elif tag == "t" and text not in words:
                    yield f"chart {number} carries words that are not the paper's"
        alts = [[clean(chart.alt or chart.title) for chart in charts] for charts in charted if charts]
        for number, expected in enumerate(alts, 1):
            nodes = [
                n for n in self._tree(f"xl/drawings/drawing{number}.xml").iter() if _local(n.tag) == "cNvPr"
            ]
            if [n.get("descr") for n in nodes] != expected or any(n.get("hidden") for n in nodes):
                yield f"drawing {number} is not the one of the paper"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
