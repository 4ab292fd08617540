"""From rows to one child: cohorts, precedence, open or closed, flags and facts."""

from datetime import date

import pytest
from frame.frame_files import AS_AT, row_of, spec_of, table, workbook
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.frame.check import check
from qa_audit.frame.collapse import build, membership, standing
from qa_audit.frame.lists import load_lists
from qa_audit.frame.records import PRECEDENCE, age_band, chosen

SPECS = load_lists()
CLOSED = {
    "2": {"early_help_completed": date(2026, 7, 1)},
    "6": {"cin_closed": date(2026, 7, 1), "case_status": "e) Closed episode"},
    "7": {"plan_end": date(2026, 7, 1)},
    "8": {"care_ceased": date(2026, 7, 1)},
}


def rows(*entries):
    """(list no, changes) as rows that intake would give; labels as the tests' builder writes them."""
    found = []
    for number, (no, changes) in enumerate(entries, start=2):
        spec = spec_of(no)
        row = row_of(no, None, **changes)
        place = next(i for i, one in enumerate(SPECS) if one.no == no)
        found.append((place, number, (*(row[item.name] for item in spec.fields), None)))
    return found


def child(*entries, born=(11, 138)):
    return build(SPECS, "Testshire", "1", rows(*entries), born, AS_AT)


def test_list_6_with_list_8_is_one_child_in_care():
    found = child(("6", {"case_status": "a) Looked after child"}), ("8", {}))
    assert found.primary == "child_in_care"
    assert found.cohorts == ("child_in_care", "child_in_need")
    assert found.lists == ("6", "8")


def test_care_and_protection_at_once_keeps_both():
    found = child(("6", {"case_status": "a) Looked after child"}), ("7", {}), ("8", {}))
    assert found.primary == "child_in_care"
    assert set(found.cohorts) == {"child_in_care", "child_protection", "child_in_need"}


@pytest.mark.parametrize(
    ("status", "primary"),
    [
        ("a) Looked after child", "child_in_care"),
        ("b) Child Protection plan", "child_protection"),
        ("c) Child in need plan", "child_in_need"),
        ("d) Open assessment", "child_in_need"),
    ],
)
def test_list_6_alone_knows_by_its_status(status, primary):
    assert child(("6", {"case_status": status})).primary == primary


def test_what_is_open_outweighs_what_has_ended():
    found = child(("8", CLOSED["8"]), ("6", {}))
    assert found.primary == "child_in_need"
    assert found.is_open
    assert "child_in_care" in found.cohorts


@pytest.mark.parametrize("no", sorted(CLOSED))
def test_what_closes_a_case_on_each_list(no):
    assert child((no, {})).is_open
    found = child((no, CLOSED[no]))
    assert not found.is_open
    assert found.primary == spec_of(no).cohort


def test_a_closed_case_stays_closed_beside_an_old_contact():
    assert not child(("1", {}), ("6", CLOSED["6"])).is_open


@pytest.mark.parametrize("no", ["1", "3", "5", "9"])
def test_lists_that_record_no_closure_leave_the_child_open(no):
    assert child((no, {})).is_open


def test_a_care_leaver_is_one_only_when_nothing_else_is():
    assert child(("9", {})).primary == "care_leaver"
    assert child(("9", {}), ("7", {})).primary == "child_protection"
    assert child(("9", {}), ("8", CLOSED["8"])).primary == "care_leaver"


def test_the_newest_event_speaks():
    found = child(
        (
            "4",
            {"assessment_start": date(2026, 2, 1), "assessment_authorised": date(2026, 3, 1), "team": "Old"},
        ),
        (
            "4",
            {"assessment_start": date(2026, 5, 1), "assessment_authorised": date(2026, 6, 1), "team": "New"},
        ),
    )
    assert found.facts["assessment_start"] == "2026-05-01"
    assert found.facts["assessment_authorised"] == "2026-06-01"
    assert found.team == "New"
    assert len(found.events) == 2


def test_the_team_of_the_deciding_list_is_used():
    found = child(("3", {"team": "Duty", "worker": "A. Fern"}), ("8", {"team": "Care", "worker": "B. Oak"}))
    assert (found.team, found.worker) == ("Care", "B. Oak")


def test_flags():
    assert "unaccompanied_child" in child(("8", {"unaccompanied": "a) Yes"})).flags
    assert "unaccompanied_child" not in child(("8", {"unaccompanied": "b) No"})).flags
    assert "disabled_child" in child(("6", {"disability": "a) Yes"})).flags
    assert child(("6", {})).flags == ()


@pytest.mark.parametrize(
    ("placement", "flag"),
    [("k) P1: Placed with parents", "placed_with_parents"), ("U1", "connected_carer"), ("U4", "")],
)
def test_flags_of_placements(tmp_path, placement, flag):
    path = workbook(tmp_path / "x.xlsx", {"8": table("8", [row_of("8", 1, placement_type=placement)])})
    found = check([path], as_at=AS_AT).children[0]
    assert set(found.flags) == ({flag} if flag else set())


def test_choice_of_status():
    is_open, closed = child(("6", {})), child(("6", CLOSED["6"]))
    assert [chosen(c, s) for c in (is_open, closed) for s in ("open", "closed", "both")] == [
        True,
        False,
        True,
        False,
        True,
        True,
    ]


def test_months_are_kept_only_for_the_youngest():
    assert child(("6", {}), born=(1, 23)).age_months == 23
    assert child(("6", {}), born=(2, 24)).age_months is None


@pytest.mark.parametrize(
    ("age", "band"),
    [(-1, "Unborn"), (0, "Under 1"), (1, "1 to 4"), (4, "1 to 4"), (5, "5 to 9"), (10, "10 to 15"), (15, "10 to 15"),
     (16, "16 and 17"), (17, "16 and 17"), (18, "18 and over"), (None, "Not known")],
)  # fmt: skip
def test_age_bands(age, band):
    assert age_band(age) == band


ENTRY = st.tuples(st.sampled_from([str(n) for n in range(1, 11)]), st.booleans()).map(
    lambda one: (one[0], CLOSED.get(one[0], {}) if one[1] else {})
)


@given(st.lists(ENTRY, min_size=1, max_size=8))
def test_the_standing_of_any_child_is_consistent(entries):
    found = standing(SPECS, rows(*entries))
    assert found.primary in found.cohorts
    assert set(found.cohorts) == {spec_of(no).cohort for no, _ in entries}
    assert list(found.cohorts) == sorted(found.cohorts, key=PRECEDENCE.index)
    open_now = [membership(SPECS[row[0]], row[2]) for row in rows(*entries)]
    assert found.is_open == (True in open_now or False not in open_now)


@given(st.permutations([("6", {}), ("7", {}), ("8", CLOSED["8"]), ("3", {}), ("1", {})]))
def test_the_order_of_lists_does_not_matter(entries):
    found = child(*entries)
    assert found.primary == "child_protection"
    assert found.is_open
