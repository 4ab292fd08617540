"""The files: four dialects as real exports have them, and dirt that is counted to the cell."""

import csv
import json
from datetime import date, datetime
from functools import cache

import pytest
from openpyxl import load_workbook

from qa_audit.cli.main import main
from qa_audit.demo.council import generate
from qa_audit.demo.writing import columns_of, sheet_name, write
from qa_audit.errors import StorageFault
from qa_audit.frame.check import check

AS_AT = date(2026, 11, 16)


@cache
def made(dirt=0, name="Rutland", scale=1.0):
    return next(generate(name, seed=5, as_at=AS_AT, dirt=dirt, scale=scale))


def sheets(path):
    return {s.title: list(s.iter_rows(values_only=True)) for s in load_workbook(path).worksheets}


def test_the_template_has_instruction_sheets_a_title_and_headings_in_row_two(tmp_path):
    out = tmp_path / "lists.xlsx"
    write([made()], out, dialect="ofsted")
    book = load_workbook(out)
    assert book.sheetnames == [
        "Front_Sheet",
        "FAQ_and_changes",
        "Guidance",
        "Codes_used",
        *(f"List_{n}" for n in range(1, 12)),
        "Add-on lists",
    ]
    sheet = book["List_8"]
    assert sheet["A1"].value == "List 8: Children in care"
    assert [str(r) for r in sheet.merged_cells.ranges] == ["A1:AH1"]
    headings = [c.value for c in sheet[2]]
    assert len(headings) == 34
    assert "Date Ceased to be Looked After " in headings, "the template's own trailing space"
    assert any("‘Missing’" in h for h in headings)
    assert isinstance(sheet["A3"].value, str), "ids are text"
    assert isinstance(sheet["H3"].value, datetime)
    assert sheet["H3"].number_format == "dd/mm/yyyy"
    assert [len(rows) - 2 for n, rows in sheets(out).items() if n.startswith("List_")] == [
        *made().row_counts.values()
    ]
    for rows in sheets(out).values():
        assert not [v for row in rows for v in row if isinstance(v, str) and v.startswith("=")], "no formula"


@pytest.mark.parametrize(
    ("dialect", "sheet", "headings", "width"),
    [
        ("liia", "List 3", {"Date of Referral", "Age"}, 11),
        ("liia", "List 9", {"LA in Touch", "Latest Date of Contact"}, 17),
        (
            "liia",
            "List 8",
            {"Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months"},
            34,
        ),
        ("tabs", "Contacts", {"date of Contact"}, 7),
        ("tabs", "Care Leavers", {"Activity Status"}, 13),
        ("tabs", "Sec47 and ICPC", {"Child Unique ID"}, 14),
    ],
)
def test_other_workbooks_have_headings_in_row_one(tmp_path, dialect, sheet, headings, width):
    out = tmp_path / "lists.xlsx"
    write([made()], out, dialect=dialect)
    found = sheets(out)
    assert len(found) == 12, "eleven lists and the add-on lists"
    assert headings <= set(found[sheet][0])
    assert len(found[sheet][0]) == width


def test_the_ssd_set_is_eleven_csv_files_with_their_own_faults(tmp_path):
    out = write([made()], tmp_path / "ssd", dialect="ssd")
    assert len(out.files) == 11
    with (tmp_path / "ssd" / "AA_8_children_in_care.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows[0]) == 32
    assert "LoookedAfterStartDate" in rows[0]
    assert {r["CeasedLookedAfterDate"] for r in rows} >= {"01/01/1900"}
    eleven = [c.heading for c in columns_of(11, "ssd")]
    assert eleven.index("DateOfBirth") == 3
    assert "FamilyID" not in eleven


def test_a_region_says_whose_row_it_is_and_ids_come_again(tmp_path):
    out = tmp_path / "east.xlsx"
    councils = list(generate("North East", seed=2, as_at=AS_AT, scale=0.02))
    result = write(councils, out, dialect="liia", several=True)
    rows = sheets(out)["List 6"]
    assert rows[0][-1] == "Local Authority"
    assert len(rows) - 1 == result.rows[6] == sum(c.row_counts[6] for c in councils)
    ids = [(r[0], r[-1]) for r in rows[1:]]
    assert len(set(ids)) == len(ids)
    assert len({child for child, _ in ids}) < len(ids)


def test_a_region_as_csv_has_a_folder_for_each_authority(tmp_path):
    write(
        generate("North East", seed=2, as_at=AS_AT, scale=0.02),
        tmp_path / "ne",
        dialect="ofsted",
        several=True,
    )
    assert (tmp_path / "ne" / "Darlington" / "List_8.csv").is_file()
    assert len([p for p in (tmp_path / "ne").iterdir() if p.is_dir()]) == 12


def test_above_the_sheet_limit_a_workbook_becomes_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("qa_audit.demo.writing.SHEET_LIMIT", 500)
    out = write([made()], tmp_path / "big.xlsx", dialect="ofsted")
    assert {p.suffix for p in out.files} == {".csv"}
    assert (tmp_path / "big" / "List_1.csv").is_file()


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageFault, match="could not be written"):
        write([made()], tmp_path / "file" / "lists.xlsx", dialect="liia")


def test_dirt_is_counted_to_the_cell():
    council = made(3, "Southampton", 0.3)
    report = council.dirt_report
    lists = council.lists
    assert 2 not in lists
    assert report.counts["list_absent"] == 1
    for mark in report.of("sentinel_date"):
        values = lists[mark.list_no].columns[mark.field].tolist()
        assert sum(v == date(1900, 1, 1) for v in values) == mark.count
    (serial,) = report.of("serial_date")
    days = [v for v in lists[7].columns["last_statutory_visit"].tolist() if isinstance(v, int)]
    assert len(days) == serial.count > 10
    assert all(45_000 < d < 47_000 for d in days)
    for mark in report.of("text_date"):
        assert (
            sum(isinstance(v, str) for v in lists[mark.list_no].columns[mark.field].tolist())
            == mark.count
            > 10
        )
    (decimal,) = report.of("decimal_age")
    assert sum(isinstance(v, float) for v in lists[7].columns["age"].tolist()) == decimal.count
    for mark in report.of("missing_on_whole_list"):
        assert set(lists[6].columns[mark.field].tolist()) == {None}
    for mark in report.of("unknown_value"):
        known = ("CS Assessment Updated", "PSRMEM - Support with memory and cognition")
        assert sum(v in known for v in lists[mark.list_no].columns[mark.field].tolist()) == mark.count
    assert {
        m.field for kind in ("extra_column", "name_column", "postcode_column") for m in report.of(kind)
    } == {
        "Data quality note",
        "Child Name",
        "Home postcode",
    }


@pytest.mark.parametrize("level", [1, 2, 3])
def test_duplicates_are_three_in_a_thousand_and_reported(level):
    clean, dirty = made(0, "Southampton", 0.5), made(level, "Southampton", 0.5)
    more = {n: t.rows - clean.lists[n].rows for n, t in dirty.lists.items()}
    told = dict.fromkeys(more, 0)
    for kind in ("duplicate_row", "duplicate_other_worker"):
        for mark in dirty.dirt_report.of(kind):
            told[mark.list_no] += mark.count
    assert more == told
    assert 0.002 < dirty.dirt_report.counts["duplicate_row"] / sum(clean.row_counts.values()) < 0.004
    assert bool(dirty.dirt_report.of("duplicate_other_worker")) == (level >= 2)


def test_worn_headings_blank_rows_and_title_rows_reach_the_file(tmp_path):
    out = tmp_path / "dirty.xlsx"
    report = write([made(2)], out, dialect="liia").reports["Rutland"]
    rows = sheets(out)["List 8"]
    assert rows[0][0] == "List 8: Children in care"
    assert any(h.endswith(" ") for h in rows[1])
    assert any("’" in h for h in rows[1])
    assert all(v is None for row in rows[-6:] for v in row)
    assert {m.list_no: m.count for m in report.of("blank_tail_row")}[8] == 6
    assert report.counts["title_row"] == 11
    clean = [c.heading for c in columns_of(8, "liia")]
    changed = sum(a != b for a, b in zip(clean, rows[1], strict=True))
    assert {m.list_no: m.count for m in report.of("worn_heading")}[8] == changed


def test_the_command_writes_says_and_leaves_a_record(tmp_path, capsys):
    out = tmp_path / "r.xlsx"
    words = [
        "generate",
        "--authority",
        "rutland",
        "--dirt",
        "2",
        "--seed",
        "9",
        "--as-at",
        "2026-11-16",
        "--out",
        str(out),
    ]
    assert main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["rows"] == sum(x["rows"] for x in said["lists"]) > 1800
    record = json.loads((tmp_path / "r.xlsx.dirt.json").read_text(encoding="utf-8"))
    assert record == said["dirt_report"]
    assert main(words) == 0
    assert "List" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["--authority", "Atlantis"],
        ["--authority", "Rutland", "--rows-scale", "0"],
        ["--authority", "Rutland", "--rows-scale", "inf"],
        ["--authority", "Rutland", "--seed", "-1"],
    ],
)
def test_bad_input_is_refused_with_status_two(tmp_path, capsys, words):
    assert main(["generate", *words, "--out", str(tmp_path / "x.xlsx")]) == 2
    assert "next:" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_sheet_names_are_unique_in_every_dialect():
    for dialect in ("ofsted", "liia", "tabs", "ssd"):
        assert len({sheet_name(n, dialect) for n in range(1, 12)}) == 11


@pytest.mark.parametrize(("dialect", "level"), [("ofsted", 3), ("liia", 2), ("tabs", 3)])
def test_the_reader_finds_what_the_record_says(tmp_path, capsys, dialect, level):
    out = tmp_path / "lists.xlsx"
    report = write([made(level, "Southampton", 0.3)], out, dialect=dialect).reports["Southampton"]
    assert main(["frame", "check", str(out), "--as-at", "2026-11-16", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["kind"] == "annex_a"
    assert said["dialect"] == dialect
    repeats = {mark.list_no: mark.count for mark in report.of("duplicate_row")}
    assert {int(one["list"]): one["duplicates"] for one in said["lists"] if one["duplicates"]} == repeats
    assert {int(one["list"]) for one in said["lists"] if one["list"] != "combined"} == set(range(1, 12)) - (
        {2} if level == 3 else set()
    )
    found = {one["code"] for one in said["problems"]}
    assert {"column-dropped", "column-unknown", "rows-repeated", "date-serial"} <= found
    assert ("date-sentinel" in found) == (level == 3)
    assert ("value-unknown" in found) == (level == 3), "every other spelling is understood"


@pytest.mark.parametrize("dialect", ["ofsted", "liia", "tabs", "ssd"])
def test_the_reader_understands_clean_lists_of_every_dialect(tmp_path, capsys, dialect):
    out = tmp_path / ("lists" if dialect == "ssd" else "lists.xlsx")
    write([made()], out, dialect=dialect)
    assert main(["frame", "check", str(out), "--as-at", "2026-11-16", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["dialect"] == dialect
    assert {
        int(one["list"]): one["rows"] for one in said["lists"] if one["list"] != "combined"
    } == made().row_counts
    assert not [one for one in said["problems"] if one["severity"] == "error"]
    warned = [one["code"] for one in said["problems"] if one["severity"] == "warning"]
    assert set(warned) <= ({"column-missing"} if dialect == "ssd" else set())


def test_a_region_in_folders_keeps_children_of_different_authorities_apart(tmp_path):
    councils = list(generate("South West", scale=0.01, seed=3, as_at=date(2026, 9, 30)))
    written = write(iter(councils), tmp_path / "lists", dialect="ssd", several=True)
    assert written.rows[8] > 0
    reading = check([tmp_path / "lists"], as_at=date(2026, 9, 30))
    children = {(child.authority, child.child_id) for child in reading.children}
    expected = {
        (council.authority, str(child))
        for council in councils
        for number, table in council.lists.items()
        if number != 11
        for child in table.columns["child_id"].tolist()
    }
    assert reading.usable
    assert {one.casefold() for one, _ in children} == {one.casefold() for one, _ in expected}
    assert len(children) == len(expected)
