"""The frames that others publish, with the counts that were counted in them by hand."""

from datetime import date
from pathlib import Path

import pytest

from qa_audit.frame.check import check

DATA = Path(__file__).parents[2] / "../shared/data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="../shared is not here")
TODAY = date(2026, 11, 21)


def rows_of(reading):
    return {entry.list_no: entry.rows for entry in reading.lists}


def test_the_regional_sample_has_eleven_lists_and_59_rows():
    reading = check([DATA / "annexa-liia-2019spec/Annex_A.xlsx"], as_at=date(2021, 3, 31))
    assert reading.usable
    assert (reading.kind, reading.dialect) == ("annex_a", "liia")
    assert [entry.list_no for entry in reading.lists] == [str(n) for n in range(1, 12)]
    assert sum(entry.rows for entry in reading.lists) == 59
    assert all(entry.header_row == 1 for entry in reading.lists)
    assert all(not entry.missing_columns and not entry.unknown_columns for entry in reading.lists)
    assert reading.adults == 5
    assert len(reading.children) == 48


def test_the_regional_sample_names_the_values_it_does_not_know():
    reading = check([DATA / "annexa-liia-2019spec/Annex_A.xlsx"], as_at=date(2021, 3, 31))
    unknown = {(p.sheet, p.column, p.value, p.row) for p in reading.problems if p.code == "value-unknown"}
    assert ("List 6", "Primary Need Code", "PSRMEM - Support with memory and cognition", 2) in unknown
    assert any(value == "CS Assessment Updated" for _, _, value, _ in unknown)
    assert not any("postcode" in p.value.casefold() or "nope" in p.value for p in reading.problems)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2015-01-sample.xlsx", {"3": 5}),
        ("example-B-2004.xlsx", {"1": 1, "2": 10}),
    ],
)
def test_the_official_template_is_read_below_its_title_row(name, expected):
    reading = check([DATA / "annexa-cscdp" / name], as_at=date(2021, 3, 31))
    assert reading.dialect == "ofsted"
    assert {no: rows for no, rows in rows_of(reading).items() if rows} == expected
    assert all(entry.header_row == 2 for entry in reading.lists)
    passed_over = {p.sheet for p in reading.problems if p.code == "sheet-ignored"}
    assert passed_over == {"Front_Sheet", "FAQ_and_changes", "Guidance", "Codes_used"}


def test_iso_text_beside_real_dates_is_read():
    reading = check([DATA / "annexa-cscdp/example-B-2004.xlsx"], as_at=date(2021, 3, 31))
    starts = {child.facts.get("early_help_start") for child in reading.children}
    assert "2010-01-01" in starts


def test_the_903_has_its_children_episodes_and_open_episodes():
    reading = check([DATA / "ssda903-d2i-single-la"], as_at=TODAY)
    assert reading.kind == reading.dialect == "ssda903"
    assert len(reading.children) == 2675
    by = {entry.list_no: entry for entry in reading.lists}
    assert by["episodes"].rows == 5050
    assert by["reviews"].rows == 12582
    assert by["oc3"].rows == 53
    assert by["episodes"].open_children == 1408
    twice = [p for p in reading.problems if p.code == "episodes-open-twice"]
    assert len(twice) == 1
    assert twice[0].message.startswith("5 children")


def test_the_903_gives_the_facts_of_a_child_in_care():
    reading = check([DATA / "ssda903-d2i-single-la"], as_at=TODAY)
    child = next(c for c in reading.children if c.is_open and c.primary == "child_in_care")
    assert {"care_start", "placement_start", "legal_status_start"} <= child.facts.keys()
    assert child.facts["care_start"] <= child.facts["placement_start"]
    assert child.numbers["placements_12m"] >= 1
    assert child.codes["legal_status"]
    leavers = [c for c in reading.children if "care_leaver" in c.cohorts]
    assert len(leavers) == 53
    assert sum(c.primary == "care_leaver" for c in leavers) == 32  # the other 21 are still in care


def test_an_episode_that_ends_after_the_as_at_date_is_open():
    early = check([DATA / "ssda903-d2i-single-la"], as_at=date(2018, 3, 31))
    by = {entry.list_no: entry for entry in early.lists}
    assert by["episodes"].open_children > 1408


def test_the_census_has_its_children_episodes_and_open_ones():
    reading = check([DATA / "cin-d2i/fake_CIN_data.xml"], as_at=TODAY)
    assert reading.kind == "cin_census"
    assert len(reading.children) == 332
    assert rows_of(reading)["cin"] == 402
    assert reading.open_children == 150


def test_the_2024_census_example_gives_plans_reviews_and_enquiries():
    reading = check([DATA / "cin-d2i/CIN_Census_2024.xml"], as_at=TODAY)
    assert len(reading.children) == 2
    child = reading.children[0]
    assert child.facts["plan_start"] == "2022-02-17"
    assert child.facts["last_review_conference"] == "2023-02-15"
    assert child.facts["strategy_discussion"] == "2022-06-02"
    assert child.numbers["previous_cp_plans"] == 10
    assert "disabled_child" in child.flags
    assert not child.is_open


def test_the_inspection_letter_is_not_a_list():
    reading = check([DATA / "ofsted-reports/slough-fv-2026.pdf"], as_at=TODAY)
    assert not reading.usable
    assert "PDF" in reading.reason
    assert reading.reason_code == "wrong-kind-of-file"


@pytest.mark.parametrize(
    "name", ["ofsted-outcomes/d2i_ofsted_csc_ilacs_overview_2026-06.xlsx", "dfe-la-volumes", "ofsted-text"]
)
def test_other_peoples_tables_are_not_lists(name):
    reading = check([DATA / name], as_at=TODAY)
    assert not reading.usable
    assert reading.reason


def test_no_record_holds_a_birth_date_or_postcode():
    reading = check([DATA / "annexa-liia-2019spec/Annex_A.xlsx"], as_at=date(2021, 3, 31))
    for child in reading.children:
        held = {*child.facts, *child.codes, *child.extras, *(k for e in child.events for k in e.values)}
        assert not {"date_of_birth", "placement_postcode"} & held
