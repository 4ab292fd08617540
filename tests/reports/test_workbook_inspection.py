"""The second reader finds what should not leave: each leak is sown into a good file and must be found."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from qa_audit.grades import Grade
from qa_audit.reports.document import Chart, Charts, Column, Properties, Sheet, Table, Text, Workbook
from qa_audit.reports.inspection import inspect
from qa_audit.reports.workbook import to_bytes

ABOUT = Properties(
    "Title", "OFFICIAL", "Amberley", "R9", "September 2026", datetime(2026, 10, 1, 9, 30), "QA lead"
)
PAPER = Workbook(
    ABOUT,
    (
        Sheet(
            "One",
            (
                Text("A note", "note"),
                Charts((Chart("bar", "Picture", "Rows", "Text", ("n",)),)),
                Table(
                    "Rows",
                    (Column("Text"), Column("n", "int"), Column("Grade", "grade")),
                    [("a", 1, Grade.GOOD)],
                ),
            ),
        ),
        Sheet("Two", (Table("List", (Column("Text"),), [("b",), ("c",)]),)),
    ),
)
SHEET = "xl/worksheets/sheet1.xml"
BOOK = "xl/workbook.xml"
STYLES = "xl/styles.xml"
Parts = dict[str, bytes]


def swap(part: str, old: str, new: str) -> Callable[[Parts], None]:
    def sow(parts: Parts) -> None:
        text = parts[part].decode()
        assert re.search(old, text), f"{part} has no {old}"
        parts[part] = re.sub(old, new, text, count=1).encode()

    return sow


def add(part: str, content: bytes = b"<x/>") -> Callable[[Parts], None]:
    def sow(parts: Parts) -> None:
        parts[part] = content

    return sow


LEAKS: dict[str, Callable[[Parts], None]] = {
    "a hidden sheet": swap(BOOK, r'<sheet ', '<sheet state="hidden" '),
    "a very hidden sheet": swap(BOOK, r'<sheet ', '<sheet state="veryHidden" '),
    "one more sheet": swap(BOOK, r"</sheets>", '<sheet name="Secret" sheetId="9" r:id="rId1" xmlns:r="x"/></sheets>'),
    "a renamed sheet": swap(BOOK, r'name="Two"', 'name="Three"'),
    "a defined name": swap(BOOK, r"</definedNames>", '<definedName name="who">"A name"</definedName></definedNames>'),
    "a hidden print title": swap(BOOK, r"<definedName ", '<definedName hidden="1" '),
    "a link to another file": swap(BOOK, r"</workbook>", "<externalReferences/></workbook>"),
    "a pivot cache": swap(BOOK, r"</workbook>", "<pivotCaches/></workbook>"),
    "a hidden window": swap(
        BOOK, r'visibility="visible"', 'visibility="hidden"'
    ),
    "a hidden row": swap(SHEET, r'<row r="4"', '<row hidden="1" r="4"'),
    "a row of no height": swap(SHEET, r'<row r="1" ht="26"', '<row r="1" ht="0.5"'),
    "a hidden column": swap(SHEET, r"<col ", '<col hidden="1" '),
    "a column of no width": swap(SHEET, r'<col width="[0-9.]+"', '<col width="0.1"'),
    "a formula": swap(SHEET, r"<v>1</v>", "<f>1+0</f><v>1</v>"),
    "another number": swap(SHEET, r"<v>1</v>", "<v>2</v>"),
    "another text": swap(SHEET, r"<t>a</t>", "<t>b</t>"),
    "rich text": swap(SHEET, r"<t>a</t>", "<t>a</t><r><t>more</t></r>"),
    "an error cell": swap(SHEET, r' t="inlineStr"><is><t>a</t></is>', ' t="e"><v>#REF!</v>'),
    "a shared string": swap(SHEET, r' t="inlineStr"><is><t>a</t></is>', ' t="s"><v>0</v>'),
    "a far-off cell": swap(
        SHEET, r"</sheetData>", '<row r="60000"><c r="ZZ60000" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
    ),
    "a missing row": swap(SHEET, r'<row r="1".*?</row>', ""),
    "a merge over data": swap(SHEET, r"<mergeCell ref=\"[^\"]+\"", '<mergeCell ref="A23:C24"'),
    "a comment": swap(SHEET, r"</worksheet>", '<legacyDrawing xmlns:r="x" r:id="rId9"/></worksheet>'),
    "a hyperlink": swap(SHEET, r"<pageMargins", '<hyperlinks><hyperlink ref="A1"/></hyperlinks><pageMargins'),
    "a data validation": swap(SHEET, r"<pageMargins", "<dataValidations/><pageMargins"),
    "an extension": swap(SHEET, r"</worksheet>", "<extLst/></worksheet>"),
    "a rule that computes": swap(SHEET, r'<formula>"Good"</formula>', "<formula>LEN(A1)</formula>"),
    "words in the footer": swap(SHEET, r"<oddFooter>", "<oddFooter>&amp;CA name"),
    "a first-page header": swap(SHEET, r"<firstHeader ?/>", "<firstHeader>&amp;CA name</firstHeader>"),
    "white text": swap(STYLES, r'rgb="00?5F6B76"', 'rgb="00FFFFFF"'),
    "tiny text": swap(STYLES, r'<sz val="9.5" ?/>', '<sz val="1"/>'),
    "a format that hides": swap(STYLES, r'formatCode="d mmm yyyy"', 'formatCode=";;;"'),
    "an author": swap("docProps/core.xml", r">qa-audit<", ">R. Hazel<"),
    "a company": swap("docProps/app.xml", r"</Properties>", "<Company>x</Company></Properties>"),
    "a custom property": swap("docProps/custom.xml", r">QA lead<", ">R. Hazel<"),
    "a macro": add("xl/vbaProject.bin"),
    "custom XML": add("customXml/item1.xml"),
    "an embedded file": add("xl/embeddings/oleObject1.bin"),
    "printer settings": add("xl/printerSettings/printerSettings1.bin"),
    "shared strings": add("xl/sharedStrings.xml", b"<sst/>"),
    "a link out": swap("xl/_rels/workbook.xml.rels", r"<Relationship ", '<Relationship TargetMode="External" '),
    "a chart of other cells": swap("xl/charts/chart1.xml", r"\$B\$\d+</", "$C$9</"),
    "a chart with a memory": swap("xl/charts/chart1.xml", r"</numRef>", "<numCache><pt><v>5</v></pt></numCache></numRef>"),
    "another chart title": swap("xl/charts/chart1.xml", r">Picture<", ">A name<"),
    "words on a drawing": swap("xl/drawings/drawing1.xml", r'descr="Picture"', 'descr="A name"'),
    "another table name": swap("xl/tables/table1.xml", r'displayName="Rows"', 'displayName="Secret"'),
    "a computed column": swap(
        "xl/tables/table1.xml", r'<tableColumn id="1" name="Text" ?/>',
        '<tableColumn id="1" name="Text"><calculatedColumnFormula>1</calculatedColumnFormula></tableColumn>',
    ),
    "a filtered table": swap(
        "xl/tables/table1.xml", r"<autoFilter ref=\"([^\"]+)\" ?/>",
        r'<autoFilter ref="\1"><filterColumn colId="0"/></autoFilter>',
    ),
    "a part that is gone": lambda parts: parts.pop("xl/tables/table2.xml") and None,
    "a broken part": add(SHEET, b"<worksheet>"),
    "an entity": add(SHEET, b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'),
}  # fmt: skip


def pack(path: Path, parts: Parts) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    path.write_bytes(to_bytes(PAPER))
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_good_file_has_no_finding(tmp_path: Path, good: Parts) -> None:
    pack(tmp_path / "good.xlsx", good)
    assert inspect(tmp_path / "good.xlsx", PAPER) == ()


@pytest.mark.parametrize("leak", LEAKS, ids=lambda name: name.replace(" ", "-"))
def test_each_leak_is_found(tmp_path: Path, good: Parts, leak: str) -> None:
    parts = dict(good)
    LEAKS[leak](parts)
    assert parts != good, "the leak was not sown"
    path = tmp_path / "leak.xlsx"
    pack(path, parts)
    findings = inspect(path, PAPER)
    assert findings, leak
    assert not any("R. Hazel" in finding or "A name" in finding for finding in findings)


def test_at_least_thirty_leaks_are_sown() -> None:
    assert len(LEAKS) >= 30


def test_a_comment_of_the_package_and_a_part_twice(tmp_path: Path, good: Parts) -> None:
    path = tmp_path / "comment.xlsx"
    pack(path, good)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"made by R. Hazel"
    assert inspect(path, PAPER)
    twice = tmp_path / "twice.xlsx"
    pack(twice, good)
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, good[SHEET])
    assert inspect(twice, PAPER)


def test_something_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"not a zip")
    assert inspect(path, PAPER)
