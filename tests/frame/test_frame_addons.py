"""Add-on lists: recognised, joined by the child's ID, their flags and facts; the template to fill in."""

from datetime import date

import pytest
from frame.frame_files import AS_AT, codes, csv_text, row_of, table, workbook

from qa_audit.cli.main import main
from qa_audit.errors import StorageFault
from qa_audit.frame.check import check
from qa_audit.frame.lists import load_lists
from qa_audit.frame.template import write_template

SPECS = {spec.no: spec for spec in load_lists("addons")}
DAY = date(2026, 9, 1)
TOLD = {
    "pre-proceedings": ("pre_proceedings", "pre_proceedings_start", "child_in_need"),
    "unregistered": ("unregistered_home", "panel_last", "child_in_care"),
    "with-parents": ("placed_with_parents", "", "child_in_care"),
    "connected-carers": ("connected_carer", "reg24_start", "child_in_care"),
    "home-education": ("home_educated", "ehe_review", "early_help"),
    "supervision": ("", "supervision_last", "child_in_need"),
    "private-fostering": ("private_fostering", "", "child_in_need"),
    "disabled-children": ("disabled_child", "", "child_in_need"),
}


def small(no, *children, **changes):
    """A filled add-on list: every date is DAY, none has ended."""
    items = SPECS[no].fields
    rows = [
        [child if item.type == "id" else changes.get(item.name, None if item.name == "ended" else DAY) for item in items]
        for child in children
    ]  # fmt: skip
    return [[item.heading for item in items], *rows]


def test_all_are_tested():
    assert set(TOLD) | {"combined"} == set(SPECS)


@pytest.mark.parametrize("no", sorted(TOLD))
def test_beside_list_6_each_sets_its_flag_and_fact(tmp_path, no):
    flag, fact, _ = TOLD[no]
    path = workbook(
        tmp_path / "x.xlsx", {"6": table("6", [row_of("6", 1), row_of("6", 2)]), "S": small(no, 1)}
    )
    reading = check([path], as_at=AS_AT)
    one, two = reading.children
    assert (reading.kind, reading.dialect) == ("annex_a", "ofsted")
    assert [entry.list_no for entry in reading.lists] == ["6", no]
    assert one.primary == two.primary == "child_in_need"
    assert one.cohorts == ("child_in_need",)
    assert set(one.flags) == ({flag} if flag else set())
    assert two.flags == ()
    if fact:
        assert one.facts[fact] == DAY.isoformat()
    assert not [p for p in reading.problems if p.severity != "info"]


@pytest.mark.parametrize("no", sorted(TOLD))
def test_alone_a_child_has_the_nearest_cohort(tmp_path, no):
    (tmp_path / "small.csv").write_text(csv_text(small(no, "12345")), encoding="utf-8")
    reading = check([tmp_path], as_at=AS_AT)
    assert reading.usable
    assert reading.children[0].primary == TOLD[no][2]
    assert reading.children[0].is_open


def test_two_columns_are_enough(tmp_path):
    for path, cells in (("a.csv", [["Child ID", "Last Supervision"], ["1", "01/09/2026"]]),
                        ("b.csv", [["Child Unique ID", "EHE Review Date"], ["1", "02/09/2026"]])):  # fmt: skip
        (tmp_path / path).write_text(csv_text(cells), encoding="utf-8")
    reading = check([tmp_path], as_at=AS_AT)
    assert dict(reading.children[0].facts) == {"supervision_last": "2026-09-01", "ehe_review": "2026-09-02"}
    assert not codes(reading, "column-missing")


def test_what_has_ended_is_no_flag(tmp_path):
    path = workbook(tmp_path / "x.xlsx", {
        "6": table("6", [row_of("6", 1)]), "S": small("pre-proceedings", 1, ended=date(2026, 9, 20)),
    })  # fmt: skip
    child = check([path], as_at=AS_AT).children[0]
    assert child.flags == ()
    assert "pre_proceedings_start" not in child.facts
    assert child.is_open
    assert len(child.events) == 2


def test_a_closed_case_is_not_opened_by_an_add_on(tmp_path):
    closed = row_of("6", 1, cin_closed=date(2026, 7, 1), case_status="e) Closed episode")
    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [closed]), "S": small("supervision", 1)})
    assert not check([path], as_at=AS_AT).children[0].is_open


def test_an_approval_may_run_out_later(tmp_path):
    path = workbook(tmp_path / "x.xlsx", {"S": small("connected-carers", 1, reg24_expiry=date(2027, 1, 1))})
    reading = check([path], as_at=AS_AT)
    assert reading.children[0].events[0].values["reg24_expiry"] == "2027-01-01"
    assert not codes(reading, "date-in-future")


def test_all_in_one_sheet(tmp_path):
    cells = [
        [
            "Child Unique ID",
            "Add-on List",
            "Date Started",
            "Date of Latest Event",
            "Date Expires",
            "Date Ended",
        ],
        [1, "PLO", date(2026, 5, 1), date(2026, 8, 1), None, None],
        [1, "Supervision", None, DAY, None, None],
        [2, "EHE", None, DAY, None, None],
        [3, "reg 24", DAY, None, date(2027, 1, 1), None],
        [3, "Something else", DAY, None, None, None],
    ]
    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [row_of("6", 1)]), "Add-ons": cells})
    reading = check([path], as_at=AS_AT)
    found = {child.child_id: child for child in reading.children}
    assert {key: child.flags for key, child in found.items()} == {
        "1": ("pre_proceedings",), "2": ("home_educated",), "3": ("connected_carer",),
    }  # fmt: skip
    assert found["1"].facts["pre_proceedings_start"] == "2026-05-01"
    assert found["1"].facts["supervision_last"] == "2026-09-01"
    assert found["3"].facts == {"reg24_start": "2026-09-01"}
    assert [(p.row, p.value) for p in codes(reading, "addon-unknown")] == [(6, "Something else")]
    assert reading.events == 5


def test_the_template_is_empty_until_filled(tmp_path):
    from openpyxl import load_workbook

    path = write_template(tmp_path / "add-ons.xlsx")
    reading = check([path], as_at=AS_AT)
    assert "empty template" in reading.reason
    assert [entry.list_no for entry in reading.lists] == list(SPECS)
    assert not [p for p in reading.problems if p.severity != "info"]
    book = load_workbook(path)
    book[SPECS["home-education"].tab].append([7, DAY, DAY])
    book.save(path)
    assert check([path], as_at=AS_AT).children[0].flags == ("home_educated",)


def test_the_command(tmp_path, capsys):
    out = tmp_path / "t.xlsx"
    assert main(["frame", "template", "--out", str(out)]) == 0
    assert "t.xlsx" in capsys.readouterr().out
    assert out.is_file()


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StorageFault):
        write_template(tmp_path / "file" / "t.xlsx")
