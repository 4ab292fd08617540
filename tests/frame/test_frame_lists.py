"""The lists as data, and their headings in every dialect."""

from collections import Counter

import pytest

from qa_audit.errors import BadInput
from qa_audit.frame.headings import is_send, names_a_person, recognise, squash
from qa_audit.frame.lists import DIALECTS, load_lists

SIZES = {"1": 7, "2": 8, "3": 11, "4": 12, "5": 14, "6": 14, "7": 17, "8": 34, "9": 17, "10": 16, "11": 19}
FACTS = {
    "contact_date",
    "referral_date",
    "assessment_start",
    "assessment_authorised",
    "strategy_discussion",
    "icpc",
    "cin_start",
    "last_seen",
    "cin_closed",
    "plan_start",
    "plan_end",
    "last_statutory_visit",
    "last_review_conference",
    "care_start",
    "legal_status_start",
    "last_review",
    "last_visit",
    "last_iro_contact",
    "last_health_assessment",
    "last_dental_check",
    "care_ceased",
    "placement_start",
    "pathway_plan_review",
    "last_contact",
    "adoption_decision",
    "early_help_start",
    "early_help_completed",
}


def test_every_list_has_its_columns():
    assert {spec.no: len(spec.fields) for spec in load_lists()} == SIZES


def test_list_9_had_13_columns_before_2024():
    nine = load_lists()[8]
    assert sum(not item.since for item in nine.fields) == 13


def test_every_fact_of_the_child_has_a_column():
    found = {item.fact for spec in load_lists() for item in spec.fields if item.fact}
    assert found == FACTS


def test_a_heading_means_one_column_within_a_list():
    for family in ("annex_a", "ssda903", "cin_census"):
        for spec in load_lists(family):
            names = Counter()
            for item in spec.fields:
                for key in {squash(text) for text in (item.heading, *item.wordings.values(), *item.also)}:
                    names[key] += 1
            assert [key for key, count in names.items() if count > 1] == [], (family, spec.no)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("spec", load_lists(), ids=lambda spec: spec.no)
def test_every_list_is_known_in_every_dialect(spec, dialect):
    headings = [text for item in spec.fields if (text := item.wording(dialect))]
    found = recognise([(3, ["Some title"]), (4, headings)])
    assert found is not None
    assert found.spec is not None
    assert (found.spec.no, found.header_row) == (spec.no, 4)
    assert not found.unknown
    if dialect == "ssd":
        assert found.dialect == "ssd"


def shout(heading):
    return heading.upper().replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").replace("(Y/N)", "(Y/N))")


@pytest.mark.parametrize("spec", load_lists(), ids=lambda spec: spec.no)
def test_dirty_headings_are_the_same_headings(spec):
    dirty = [f"  {shout(item.heading)}? " for item in reversed(spec.fields)]
    found = recognise([(1, dirty)])
    assert found is not None
    assert found.spec is not None
    assert found.spec.no == spec.no
    assert not found.missing


def test_the_older_list_9_is_whole_without_the_columns_of_2024():
    nine = load_lists()[8]
    found = recognise([(1, [item.heading for item in nine.fields if not item.since])])
    assert found is not None
    assert found.spec is nine
    assert found.missing == ()


def test_positions_do_not_matter_and_extra_columns_are_kept():
    six = load_lists()[5]
    headings = ["Family hub", *[item.heading for item in reversed(six.fields)], "Child name", "Home Postcode"]
    found = recognise([(1, headings)])
    assert found is not None
    assert [found.headings[i] for i in found.unknown] == ["Family hub"]
    assert [found.headings[i] for i in found.dropped] == ["Child name", "Home Postcode"]


@pytest.mark.parametrize(
    "heading",
    ["Child Name", "Forename", "SURNAME", "ChildFirstName", "home_address", "Post Code", "NHS Number", "UPN", "E-mail",
     "Mobile phone", "Telephone No", "DOB of mother", "Mother", "National Insurance Number", "HOME_POST"],
)  # fmt: skip
def test_columns_that_name_a_person(heading):
    assert names_a_person(heading)


@pytest.mark.parametrize(
    "heading",
    ["Allocated Team", "Team Name", "Ward", "Risk of exploitation", "School type"],
)
def test_columns_that_do_not(heading):
    assert not names_a_person(heading)


def test_send_headings():
    assert is_send(["Child Unique ID", "Date EHC plan issued", "EHCP status"])
    assert is_send(["SEN Support", "Primary SEN need"])
    assert not is_send([item.heading for spec in load_lists() for item in spec.fields])


def test_a_broken_description_is_named(tmp_path, monkeypatch):
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "broken.yaml").write_text("kind: lists\nlists:\n  - {list: '1', name: X}\n", encoding="utf-8")
    monkeypatch.setenv("QA_AUDIT_SCHEMAS", str(tmp_path))
    with pytest.raises(BadInput) as caught:
        load_lists("broken")
    assert caught.value.code == "bad-schema"
    assert "broken.yaml" in caught.value.where
