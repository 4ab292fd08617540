"""Whole files in every dialect and shape, and the traps of real exports."""

from datetime import date

import pytest
from frame.frame_files import AS_AT, codes, csv_text, old_workbook, row_of, spec_of, table, workbook

from qa_audit.frame.check import check
from qa_audit.frame.lists import DIALECTS, load_lists

NUMBERS = [str(n) for n in range(1, 12)]


def sheet_name(no, dialect):
    spec = spec_of(no)
    return {"ofsted": f"List_{no}", "liia": f"List {no}", "tabs": spec.tab, "ssd": spec.ssd}[dialect][:31]


def sheets(dialect):
    return {
        sheet_name(no, dialect): table(no, [row_of(no, 1000 + i) for i in range(3)], dialect)
        for no in NUMBERS
    }


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_workbook_in_every_dialect(tmp_path, dialect):
    path = workbook(tmp_path / "lists.xlsx", sheets(dialect), title=dialect == "ofsted")
    reading = check([path], as_at=AS_AT)
    assert (reading.kind, reading.dialect, reading.usable) == ("annex_a", dialect, True)
    assert [entry.list_no for entry in reading.lists] == NUMBERS
    assert len(reading.children) == 3
    assert reading.adults == 3
    assert reading.children[0].primary == "child_in_care"
    assert not [p for p in reading.problems if p.severity == "error"]


def test_an_old_workbook(tmp_path):
    reading = check([old_workbook(tmp_path / "lists.xls", sheets("liia"))], as_at=AS_AT)
    assert [entry.list_no for entry in reading.lists] == NUMBERS
    assert reading.children[0].facts["care_start"] == "2026-08-03"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_folder_of_csv_in_any_encoding(tmp_path, encoding, delimiter):
    for no in NUMBERS:
        text = csv_text(
            table(no, [row_of(no, "00123", **({"team": "Café Team"} if no == "6" else {}))], "ssd"), delimiter
        )
        (tmp_path / f"{spec_of(no).ssd}.csv").write_bytes(text.encode(encoding))
    (tmp_path / "notes.docx").write_bytes(b"PK")
    reading = check([tmp_path], as_at=AS_AT)
    assert reading.dialect == "ssd"
    assert len(reading.lists) == 11
    child = reading.children[0]
    assert child.child_id == "00123"
    assert len(codes(reading, "file-passed-over")) == 1
    six = next(event for event in child.events if event.list_no == "6")
    assert six.values["team"] == "Café Team"


def test_the_sheets_name_and_place_mean_nothing(tmp_path):
    path = workbook(tmp_path / "x.xlsx", {
        "List_1": table("8", [row_of("8", 1)]),
        "List_8": table("1", [row_of("1", 2)]),
        "Sheet3": [["Notes"], [], ["as at", "30 September"], *table("7", [row_of("7", 3)])],
    })  # fmt: skip
    reading = check([path], as_at=AS_AT)
    assert [(e.list_no, e.sheet, e.header_row) for e in reading.lists] == [
        ("1", "List_8", 1),
        ("7", "Sheet3", 4),
        ("8", "List_1", 1),
    ]


def test_a_sheet_that_starts_low_keeps_the_spreadsheets_own_row_numbers(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for r, row in enumerate(table("6", [row_of("6", 1, cin_start="31/02/2026")]), start=7):
        for c, value in enumerate(row, start=4):
            sheet.cell(r, c, value)
    book.save(tmp_path / "low.xlsx")
    reading = check([tmp_path / "low.xlsx"], as_at=AS_AT)
    assert reading.lists[0].header_row == 7
    assert [(p.row, p.column, p.value) for p in codes(reading, "date-impossible")] == [
        (8, "CIN Start Date", "31/02/2026")
    ]


def test_list_9_in_both_shapes(tmp_path):
    new = {item.name for item in spec_of("9").fields if item.since}
    for without in ((), new):
        path = workbook(tmp_path / "nine.xlsx", {"Nine": table("9", [row_of("9", 5)], without=without)})
        reading = check([path], as_at=AS_AT)
        assert reading.lists[0].missing_columns == ()
        assert reading.children[0].primary == "care_leaver"
        assert reading.children[0].personal_adviser == ("" if without else "T. Flint")


def test_unknown_columns_are_kept_and_naming_ones_are_not(tmp_path):
    extra = (
        ("Family hub", "North"),
        ("Child Name", "CANARY ROWAN"),
        ("Home Postcode", "CANARY1"),
        ("NHS No", "CANARY2"),
    )
    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [row_of("6", 1)], extra=extra)})
    reading = check([path], as_at=AS_AT)
    assert reading.lists[0].unknown_columns == ("Family hub",)
    assert reading.lists[0].dropped_columns == ("Child Name", "Home Postcode", "NHS No")
    assert reading.children[0].extras == {"Family hub": "North"}
    assert "CANARY" not in repr((reading, list(reading.children)))


def test_the_placement_postcode_and_birth_date_never_reach_a_record(tmp_path):
    path = workbook(tmp_path / "x.xlsx", {"8": table("8", [row_of("8", 1, placement_postcode="CANARY")])})
    reading = check([path], as_at=AS_AT)
    assert "CANARY" not in repr((reading, list(reading.children)))
    assert "2015-03-01" not in repr(list(reading.children))
    assert "datetime.date(2015, 3, 1)" not in repr(list(reading.children))
    assert reading.children[0].age == 11


def test_a_missing_column_is_named_and_a_missing_id_is_an_error(tmp_path):
    path = workbook(tmp_path / "x.xlsx", {"7": table("7", [row_of("7", 1)], without={"worker"}),
                                          "6": table("6", [row_of("6", 1)], without={"child_id"})})  # fmt: skip
    reading = check([path], as_at=AS_AT)
    found = {(p.severity, p.sheet, p.column) for p in codes(reading, "column-missing")}
    assert found == {("warning", "7", "Allocated Worker"), ("error", "6", "Child Unique ID")}
    assert reading.lists[1].missing_columns == ("Allocated Worker",)


def test_a_list_on_two_sheets_is_one_list(tmp_path):
    path = workbook(
        tmp_path / "x.xlsx", {"East": table("6", [row_of("6", 1)]), "West": table("6", [row_of("6", 2)])}
    )
    reading = check([path], as_at=AS_AT)
    assert len(reading.children) == 2
    assert len(codes(reading, "list-merged")) == 1


def test_exact_repeats_are_left_out_and_counted(tmp_path):
    rows = [row_of("3", 1), row_of("3", 1), row_of("3", 1, worker="T. Flint"), row_of("3", 2)]
    reading = check([workbook(tmp_path / "x.xlsx", {"3": table("3", rows)})], as_at=AS_AT)
    assert reading.lists[0].rows == 4
    assert reading.lists[0].duplicates == 1
    assert reading.events == 3
    assert "1 exact repeat" in codes(reading, "rows-repeated")[0].message


def test_a_child_twice_on_a_list_of_children(tmp_path):
    rows = [
        row_of("6", 1, cin_start=date(2026, 1, 5), team="Old"),
        row_of("6", 1, cin_start=date(2026, 6, 5), team="New"),
    ]
    reading = check([workbook(tmp_path / "x.xlsx", {"6": table("6", rows)})], as_at=AS_AT)
    assert len(reading.children) == 1
    assert reading.children[0].team == "New"
    assert codes(reading, "child-repeated")[0].row == 3


def test_footnotes_repeated_headings_and_blank_tails_are_not_children(tmp_path):
    cells = table("3", [row_of("3", 1), row_of("3", 2)])
    cells = [*cells, cells[0], [], ["Source: case system"], *[[None] * 11 for _ in range(50)]]
    reading = check([workbook(tmp_path / "x.xlsx", {"3": cells})], as_at=AS_AT)
    assert len(reading.children) == 2
    assert {p.code for p in reading.problems} >= {"heading-repeated", "row-not-a-child"}


def test_rows_without_an_id_are_errors_with_their_row(tmp_path):
    reading = check(
        [workbook(tmp_path / "x.xlsx", {"3": table("3", [row_of("3", 1), row_of("3", None)])})], as_at=AS_AT
    )
    assert [(p.severity, p.row) for p in codes(reading, "id-missing")] == [("error", 3)]


def test_unknown_values_are_reported_once_with_their_count(tmp_path):
    rows = [row_of("6", n, primary_need="PSRMEM - memory" if n > 1 else "N1") for n in range(1, 5)]
    reading = check([workbook(tmp_path / "x.xlsx", {"6": table("6", rows)})], as_at=AS_AT)
    (found,) = codes(reading, "value-unknown")
    assert (found.row, found.column, found.value) == (3, "Primary Need Code", "PSRMEM - memory")
    assert "3 rows" in found.message
    assert [child.codes["primary_need"] for child in reading.children][1:] == ["unknown"] * 3


def test_thousands_of_faults_stay_readable(tmp_path):
    rows = [row_of("6", n, cin_start="soon") for n in range(1, 400)]
    reading = check([workbook(tmp_path / "x.xlsx", {"6": table("6", rows)})], as_at=AS_AT)
    found = codes(reading, "date-unreadable")
    assert len(found) == 26
    assert any("374 more rows" in p.message for p in found)


def test_dates_of_every_kind_and_what_is_said(tmp_path):
    rows = [
        row_of("6", 1, cin_start=45870),
        row_of("6", 2, cin_start="2025-08-01"),
        row_of("6", 3, cin_start="01/08/2025 00:00"),
        row_of("6", 4, cin_start="01-08-2025"),
        row_of("6", 5, cin_start="01/01/1900", cin_closed=0),
        row_of("6", 6, cin_start=date(2027, 1, 1)),
        row_of("6", 7, cin_start="1/8/25"),
    ]
    reading = check([workbook(tmp_path / "x.xlsx", {"6": table("6", rows)})], as_at=AS_AT)
    assert [c.facts.get("cin_start") for c in reading.children] == ["2025-08-01"] * 4 + [None] * 3
    assert reading.children[4].is_open
    assert codes(reading, "date-serial")[0].row == 2
    assert codes(reading, "date-in-future")[0].row == 7
    assert codes(reading, "date-two-digit-year")[0].row == 8
    assert {p.column for p in codes(reading, "date-sentinel")} == {"CIN Start Date", "CIN Closure Date"}


def test_the_unborn_are_children(tmp_path):
    rows = [
        row_of("7", 1, age=-1, date_of_birth=None, sex="c) Not stated/recorded"),
        row_of("7", 2, age=-1, date_of_birth=date(2026, 12, 1)),
        row_of("7", 3, age=None, date_of_birth=date(2029, 1, 1)),
    ]
    reading = check([workbook(tmp_path / "x.xlsx", {"7": table("7", rows)})], as_at=AS_AT)
    assert [(c.age, c.age_band) for c in reading.children] == [
        (-1, "Unborn"),
        (-1, "Unborn"),
        (None, "Not known"),
    ]
    assert not codes(reading, "date-in-future")
    assert codes(reading, "birth-far-ahead")[0].row == 4


def test_what_differs_between_lists_is_said(tmp_path):
    path = workbook(tmp_path / "x.xlsx", {
        "6": table("6", [row_of("6", 1), row_of("6", 2)]),
        "7": table("7", [row_of("7", 1, sex="a) Male", date_of_birth=date(2015, 4, 1), team="Oak Team"), row_of("7", 2, age=3)]),
    })  # fmt: skip
    reading = check([path], as_at=AS_AT)
    assert [(p.sheet, p.row) for p in codes(reading, "sex-differs")] == [("7", 2)]
    assert [(p.sheet, p.row) for p in codes(reading, "birth-dates-differ")] == [("7", 2)]
    assert codes(reading, "age-differs")[0].row == 3
    assert codes(reading, "team-differs")[0].message.startswith("1 children")


def test_one_id_in_two_authorities_is_two_children(tmp_path):
    cells = table("6", [row_of("6", 1), row_of("6", 1)], extra=(("LA", "x"),))
    cells[1][-1], cells[2][-1] = "Eastshire", "Westshire"
    reading = check([workbook(tmp_path / "x.xlsx", {"6": cells})], as_at=AS_AT)
    assert [(c.authority, c.child_id) for c in reading.children] == [("Eastshire", "1"), ("Westshire", "1")]


def test_any_subset_of_lists(tmp_path):
    for no in NUMBERS[:10]:
        reading = check(
            [workbook(tmp_path / f"{no}.xlsx", {"Data": table(no, [row_of(no, 1)])})], as_at=AS_AT
        )
        assert reading.usable
        assert reading.children[0].primary == spec_of(no).cohort


def test_a_list_of_children_that_fits_none_is_offered(tmp_path):
    cells = [
        ["Child Unique ID", "Gender", "Date of Birth", "Date supervision started"],
        [1, "M", date(2015, 1, 1), AS_AT],
    ]
    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [row_of("6", 9)]), "PLO": cells})
    reading = check([path], as_at=AS_AT)
    assert [entry.list_no for entry in reading.lists] == ["6", "other"]
    assert len(codes(reading, "other-list")) == 1
    assert len(reading.children) == 1


def test_text_passes_the_gate(tmp_path):
    path = workbook(
        tmp_path / "x.xlsx", {"6": table("6", [row_of("6", "7\u202e1", team="[red]\u200bOak\u2066")])}
    )
    child = check([path], as_at=AS_AT).children[0]
    assert child.child_id == "71"
    assert child.team == "[red]Oak"


def test_progress_and_stopping(tmp_path):
    from qa_audit.errors import QaError

    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [row_of("6", n) for n in range(1, 2000)])})
    seen = []
    check([path], as_at=AS_AT, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] >= 1999
    with pytest.raises(QaError) as caught:
        check([path], as_at=AS_AT, cancelled=lambda: True)
    assert caught.value.code == "cancelled"


def test_the_fields_and_the_builders_agree():
    assert all(spec.fields for spec in load_lists())
