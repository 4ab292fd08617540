"""The writer: what goes in comes out, as text, in every reader; nothing is cut; nothing half is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_audit.errors import AnswerNo, BadInput, Code, StorageFault
from qa_audit.grades import WORDS, Grade
from qa_audit.reports import workbook as writer
from qa_audit.reports.document import (
    CELL_LIMIT,
    Chart,
    Charts,
    Column,
    KeyFigure,
    KeyFigures,
    Properties,
    Sheet,
    Table,
    Text,
    Workbook,
    check,
    split_text,
    utf16_units,
)
from qa_audit.reports.workbook import to_bytes, write
from qa_audit.text import clean

MADE = datetime(2026, 10, 1, 9, 30)
ABOUT = Properties(
    "Moderation summary",
    "OFFICIAL-SENSITIVE",
    "Amberley & Sons",
    "R9",
    "September 2026",
    MADE,
    "QA lead",
    ("f 1.0.0",),
)


def paper(*blocks: object, name: str = "One", **more: object) -> Workbook:
    return Workbook(ABOUT, (Sheet(name, tuple(blocks), **more),))  # type: ignore[arg-type]


def texts_table(texts: list[str]) -> Table:
    return Table(
        "Texts", (Column("Text", width=40), Column("n", "int")), [(t, i) for i, t in enumerate(texts)]
    )


def read_column(path: Path, heading: str = "Text") -> list[object]:
    rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True))
    start = next(i for i, row in enumerate(rows) if row[0] == heading)
    return [row[0] for row in rows[start + 1 :]]


PAYLOADS = [
    f"{lead}{body}"
    for lead in ("", " ", "\t", "\n", "'", "\u00a0", "\x00", "\x1b", "\r\n", "\ufeff")
    for body in (
        "=1+1", "=cmd|'/c calc'!A0", '=HYPERLINK("http://x","y")', "+1+1", "-1+1", "@SUM(1)", "#REF!", "#N/A",
        "=IMPORTXML(1)", "{=1}", "=DDE(1)", "%0A=1", "|=1", "0123", "1E5", "TRUE", "2026-01-01", "1/2",
        "_x0041_", "<script>&amp;]]>", "a" * 300,
    )
]  # fmt: skip


def test_200_payloads_stay_text_in_every_reader(tmp_path: Path) -> None:
    assert len(PAYLOADS) >= 200
    path = tmp_path / "payloads.xlsx"
    write(paper(texts_table(PAYLOADS)), path)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in xml
    assert b"<f " not in xml
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=5)][: len(PAYLOADS)]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.data_type == "s" for cell, text in zip(cells, PAYLOADS, strict=True) if clean(text))
    assert all(cell.quotePrefix for cell in cells)
    found = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in found[4 : 4 + len(PAYLOADS)]] == [clean(text) for text in PAYLOADS]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60), min_size=1, max_size=20))
def test_any_text_comes_back_as_it_was_cleaned(tmp_path: Path, texts: list[str]) -> None:
    path = tmp_path / "any.xlsx"
    write(paper(texts_table(texts)), path)
    found = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    said = [str(row[0]) for row in found[4 : 4 + len(texts)]]
    assert said == [clean(text) for text in texts]


@pytest.mark.parametrize("length", [32_766, 32_767])
def test_the_longest_text_is_whole(tmp_path: Path, length: int) -> None:
    path = tmp_path / "long.xlsx"
    write(paper(texts_table(["x" * length])), path)
    assert read_column(path) == ["x" * length]


@pytest.mark.parametrize("text", ["x" * 32_768, "x" * 40_000, "\U0001f600" * 16_384])
def test_too_long_a_text_is_refused_and_never_cut(tmp_path: Path, text: str) -> None:
    path = tmp_path / "long.xlsx"
    with pytest.raises(BadInput) as refused:
        write(paper(texts_table([text])), path)
    assert refused.value.code is Code.BAD_VALUE
    assert "row 1" in refused.value.where
    assert "column 'Text'" in refused.value.where
    assert not list(tmp_path.iterdir())


@given(st.text(max_size=400), st.integers(2, 50))
def test_split_text_loses_nothing(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert "".join(parts) == text
    assert all(utf16_units(part) <= limit for part in parts)
    assert all(parts) or text == ""


def test_split_text_breaks_between_words() -> None:
    parts = split_text("word " * 10_000)
    assert len(parts) == 2
    assert parts[0].endswith(" ")
    assert utf16_units(parts[0]) > CELL_LIMIT * 0.85


def test_values_of_every_kind(tmp_path: Path) -> None:
    columns = (
        Column("Words"), Column("Whole", "int"), Column("Share", "percent"), Column("Day", "date"),
        Column("Grade", "grade"), Column("Figure", "number"), Column("Shift", "shift"),
    )  # fmt: skip
    row = ("words", 12, 0.25, date(2026, 9, 30), Grade.REQUIRES_IMPROVEMENT, 1.5, -0.25)
    empty = (None, None, "too few", None, None, "undefined", None)
    early = ("", 0, 1.0, date(1899, 1, 1), Grade.GOOD, 0.1, 0.0)
    path = tmp_path / "kinds.xlsx"
    assert write(paper(Table("Kinds", columns, [row, empty, early])), path) == 3
    sheet = openpyxl.load_workbook(path).worksheets[0]
    got = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=5)]
    assert got[0] == ["words", 12, 0.25, datetime(2026, 9, 30), WORDS[2], 1.5, -0.25]
    assert got[1] == [None, None, "too few", None, None, "undefined", None]
    assert got[2][3] == "1899-01-01"
    assert sheet["C5"].number_format == "0%"
    assert sheet["D5"].number_format == "d mmm yyyy"
    assert sheet["G5"].number_format.startswith("+0.00")


def test_figures_of_numpy_and_yes_or_no(tmp_path: Path) -> None:
    columns = (Column("Figure", "number"), Column("Count", "int"), Column("Held"))
    path = tmp_path / "np.xlsx"
    write(paper(Table("Rows", columns, [(np.float64(0.1), np.int64(3), True)])), path)  # type: ignore[arg-type]
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet[5]] == [0.1, 3, "Yes"]


def test_tables_filters_frozen_headings_and_print(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    rows = [(f"a{i}", i) for i in range(30)]
    table = Table("Rows", (Column("A", width=20), Column("B", "int", 300)), rows, totals=(("All", 435),))
    write(paper(table), path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    found = sheet.tables["Rows"]
    assert found.ref == "A4:B34"
    assert found.autoFilter.ref == "A4:B34"
    assert sheet["A35"].value == "All"
    assert sheet.freeze_panes == "A5"
    assert sheet.print_title_rows == "$4:$4"
    assert sheet.print_title_cols == "$A:$A"
    assert sheet.page_setup.fitToWidth == 2
    assert sheet.page_setup.fitToHeight == 0
    assert str(sheet.page_setup.paperSize) == "9"
    assert sheet.page_setup.orientation == "landscape"
    assert "OFFICIAL-SENSITIVE" in sheet.oddHeader.left.text
    assert "&P of &N" in sheet.oddFooter.right.text
    assert "Amberley && Sons" in sheet.oddFooter.left.text


def test_grades_are_coloured_and_always_in_words(tmp_path: Path) -> None:
    path = tmp_path / "g.xlsx"
    write(paper(Table("Grades", (Column("Grade", "grade"),), [(g,) for g in Grade])), path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [cell.value for cell in sheet["A"][4:]] == list(WORDS)
    rules = [rule for area in sheet.conditional_formatting for rule in area.rules]
    assert {rule.formula[0] for rule in rules} == {f'"{words}"' for words in WORDS}


def test_properties_are_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    write(paper(Text("hello")), path)
    book = openpyxl.load_workbook(path)
    assert (book.properties.title, book.properties.creator) == ("Moderation summary", "qa-audit")
    assert book.properties.created == book.properties.modified == MADE
    custom = {prop.name: prop.value for prop in book.custom_doc_props.props}
    assert custom["Marking"] == "OFFICIAL-SENSITIVE"
    assert custom["Round"] == "R9"
    assert custom["Made at"] == "2026-10-01T09:30:00"
    assert custom["Made by role"] == "QA lead"
    assert custom["Form versions"] == "f 1.0.0"
    raw = b"".join(zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist())
    for trace in (os.environ.get("USER", "no-such-user"), str(tmp_path), "openpyxl"):
        assert trace in ("root",) or trace.encode() not in raw


def test_the_same_document_gives_the_same_bytes() -> None:
    chart = Chart("bar", "T", "Texts", "Text", ("n",))
    document = paper(KeyFigures((KeyFigure("a", "1"),)), Charts((chart,)), texts_table(["a", "b"]))
    assert to_bytes(document) == to_bytes(document)


def test_native_charts_with_words_for_those_who_do_not_see(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    data = Table(
        "Data", (Column("Month"), Column("Good", "int"), Column("Inadequate", "int")), [("Sep", 3, 1)]
    )
    pictures = Charts(
        (
            Chart("stacked", "Grades", "Data", "Month", ("Good", "Inadequate"), alt="Grades in words"),
            Chart("line", "Drift", "Data", "Month", ("Good",), y_title="Steps"),
        )
    )
    write(paper(pictures, data, name="It's a sheet"), path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [type(chart).__name__ for chart in sheet._charts] == ["BarChart", "LineChart"]
    assert sheet._charts[0].grouping == "percentStacked"
    assert len(sheet._charts[0].series) == 2
    with zipfile.ZipFile(path) as archive:
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert 'descr="Grades in words"' in drawing


@pytest.mark.parametrize(
    "sheets",
    [
        (),
        (Sheet("a/b", (Text("x"),)),),
        (Sheet("x" * 32, (Text("x"),)),),
        (Sheet("One", (Text("x"),)), Sheet("ONE", (Text("x"),))),
        (Sheet("One", (Table("AB1", (Column("a"),), []),)),),
        (Sheet("One", (Table("Rows", (Column("a"), Column("A")), []),)),),
        (Sheet("One", (Table("Rows", (Column("a"),), [(1, 2)]),)),),
        (Sheet("One", (Table("Rows", (Column("a", "number"),), [(float("nan"),)]),)),),
        (
            Sheet("One", (Table("Rows", (Column("a"),), []),)),
            Sheet("Two", (Table("Rows", (Column("a"),), []),)),
        ),
        (Sheet("One", (Charts((Chart("bar", "t", "Nowhere", "a", ("b",)),)),)),),
    ],
)
def test_what_a_workbook_cannot_hold_is_refused(sheets: tuple[Sheet, ...]) -> None:
    with pytest.raises(BadInput):
        check(Workbook(ABOUT, sheets))


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    write(paper(Table("Rows", (Column("Text"), Column("n", "int")), [], empty="Nothing yet")), path)
    assert read_column(path) == ["Nothing yet"]


def test_a_failed_inspection_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.xlsx"
    path.write_bytes(b"old")
    monkeypatch.setattr(writer, "inspect", lambda *_: ("a hidden sheet",))
    with pytest.raises(AnswerNo) as refused:
        write(paper(Text("x")), path)
    assert refused.value.code is Code.CHECK_FAILED
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["old.xlsx"]


def test_a_disk_that_cannot_be_written_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer.os, "fsync", full)
    with pytest.raises(StorageFault) as refused:
        write(paper(Text("x")), tmp_path / "new.xlsx")
    assert refused.value.code is Code.WRITE_FAILED
    assert not list(tmp_path.iterdir())


LOOP = """
import sys
from datetime import datetime
from pathlib import Path
from qa_audit.reports.document import Column, Properties, Sheet, Table, Workbook
from qa_audit.reports.workbook import write

about = Properties("T", "M", "C", "R", "P", datetime(2026, 1, 1), "QA lead")
rows = [("a text of some length", number) for number in range(3000)]
paper = Workbook(about, (Sheet("One", (Table("Rows", (Column("Text"), Column("n", "int")), rows),)),))
print("ready", flush=True)
while True:
    write(paper, Path(sys.argv[1]))
"""


@pytest.mark.parametrize("wait", [0.02, 0.11, 0.23, 0.41, 0.62])
def test_a_killed_writer_leaves_the_old_file_or_the_new_one(tmp_path: Path, wait: float) -> None:
    path = tmp_path / "paper.xlsx"
    path.write_bytes(b"old")
    with subprocess.Popen([sys.executable, "-c", LOOP, str(path)], stdout=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stdout.readline().strip() == b"ready"
        time.sleep(wait)
        running.kill()
    if path.read_bytes() != b"old":
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
        assert len(read_column(path)) == 3000
