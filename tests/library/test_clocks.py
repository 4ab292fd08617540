"""Clocks: calendar days, working days of England, calendar months, and the words they say."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.errors import BadInput
from qa_audit.library.case import CaseContext
from qa_audit.library.clocks import (
    Clocks,
    add_months,
    add_working_days,
    bank_holidays,
    days_between,
    flag,
    flag_case,
)
from qa_audit.library.practice import load_clocks, parse_practice

CLOCKS = load_clocks(Path(__file__).parents[2] / "schemas")
TODAY = date(2026, 11, 21)


def case(
    primary: str = "child_in_care", flags: tuple[str, ...] = (), age: int | None = 9, **facts: str
) -> CaseContext:
    return CaseContext(frozenset({primary, *flags}), primary, age, facts, TODAY)


def test_the_words_of_a_late_visit() -> None:
    found = flag_case(CLOCKS.clock("cic_visit"), case(last_visit="2026-09-11", placement_start="2025-01-06"))
    assert found.words == "Last visit 71 days ago; standard 42 (late by 29)"
    assert (found.days, found.standard_days, found.late, found.late_by) == (71, 42, True, 29)
    assert found.due == date(2026, 10, 23)


def test_the_last_day_is_in_time() -> None:
    clock = CLOCKS.clock("cic_visit")
    assert not flag(clock, TODAY - timedelta(days=42), TODAY, case()).late
    assert flag(clock, TODAY - timedelta(days=43), TODAY, case()).late


def test_who_a_child_lives_with_decides_the_visits() -> None:
    clock = CLOCKS.clock("cic_visit")
    since = "2026-10-20"  # 32 days

    def days(**more: object) -> int | None:
        return flag_case(clock, case(last_visit=since, placement_start="2025-01-06", **more)).standard_days  # type: ignore[arg-type]

    assert days() == 42
    assert days(flags=("placed_with_parents",)) == 42
    assert days(flags=("placed_with_parents",), legal_status="C1") == 7
    assert (
        days(flags=("placed_with_parents",), legal_status="a) Interim care orders", last_review="2025-02-01")
        == 28
    )
    assert days(flags=("connected_carer",), last_review="2025-02-01") == 28
    assert days(flags=("unregistered_home",)) == 7
    assert days(permanence_plan="f) Long-term fostering") == 92
    young = case(last_visit=since, placement_start="2026-08-01", permanence_plan="f) Long-term fostering")
    assert flag_case(clock, young).standard_days == 42


def test_the_first_visit_runs_from_the_start() -> None:
    clock = CLOCKS.clock("cic_visit")
    found = flag_case(clock, case(placement_start="2026-11-01"))
    assert found.words == "No visit in the 20 days since the start; standard 1 week (late by 13)"
    old = flag_case(clock, case(placement_start="2026-11-01", last_visit="2026-10-01"))
    assert old.words == found.words, "a visit before this placement is no visit in it"


def test_once_clocks_stop_when_done_and_count_working_days() -> None:
    clock = CLOCKS.clock("assessment")
    done = flag_case(clock, case(assessment_start="2026-01-05", assessment_authorised="2026-03-20"))
    assert done.words == "Assessment authorised after 54 working days; standard 45 working days (late by 9)"
    running = flag_case(clock, case(assessment_start="2026-11-02"))
    assert running.words == "Assessment open for 14 working days; standard 45 working days"
    assert not running.late


def test_reviews_by_calendar_months_and_closer_at_the_start() -> None:
    clock = CLOCKS.clock("cic_review")
    later = flag_case(clock, case(care_start="2025-01-10", last_review="2026-05-31"))
    assert (later.due, later.late) == (date(2026, 11, 30), False)
    second = flag_case(clock, case(care_start="2026-07-01", last_review="2026-07-25"))
    assert (second.due, second.late) == (date(2026, 10, 25), True)


def test_age_decides_the_health_assessment() -> None:
    clock = CLOCKS.clock("health_assessment")
    facts = {"care_start": "2024-01-01", "last_health_assessment": "2026-03-01"}
    assert flag_case(clock, case(age=4, **facts)).late
    assert not flag_case(clock, case(age=5, **facts)).late
    unknown = flag_case(clock, case(age=None, **facts))
    assert (unknown.days, unknown.late) == (None, False)


def test_nothing_is_flagged_without_dates_or_for_another_cohort() -> None:
    assert flag_case(CLOCKS.clock("supervision"), case()).words == "No date recorded for supervision"
    assert not flag_case(CLOCKS.clock("cin_visit"), case("child_protection", last_seen="2020-01-01")).late
    future = flag(CLOCKS.clock("supervision"), TODAY + timedelta(days=3), TODAY, case())
    assert (future.late, future.days) == (False, None)


def test_local_standards_say_so() -> None:
    found = flag(CLOCKS.clock("supervision"), TODAY - timedelta(days=30), TODAY, case())
    assert found.words == "Last supervision 30 days ago; standard 4 weeks (late by 2), local"
    assert found.local


def test_working_days_leave_out_weekends_and_englands_bank_holidays() -> None:
    assert add_working_days(date(2026, 12, 24), 1) == date(
        2026, 12, 29
    )  # Boxing Day's substitute is the 28th
    assert add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert add_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)
    assert days_between(date(2026, 11, 21), date(2026, 11, 23), working=True) == 1
    assert date(2026, 4, 3) in bank_holidays(2026, 2026)
    assert date(2026, 3, 17) not in bank_holidays(2026, 2026)


@given(st.dates(date(1995, 1, 1), date(2080, 1, 1)), st.integers(1, 200))
def test_working_days_count_back_to_what_was_added(start: date, days: int) -> None:
    assert days_between(start, add_working_days(start, days), working=True) == days


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 12, date(2027, 11, 30)),
    ],
)
def test_months_are_calendar_months(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


@given(st.sampled_from([clock.key for clock in CLOCKS.clocks]), st.integers(0, 900), st.integers(0, 60))
def test_time_only_makes_a_clock_later(key: str, days: int, more: int) -> None:
    clock = CLOCKS.clock(key)
    since = date(2023, 3, 1)
    context = case(flags=("private_fostering",))
    sooner = flag(clock, since, since + timedelta(days=days), context)
    later = flag(clock, since, since + timedelta(days=days + more), context)
    assert later.late_by >= sooner.late_by
    assert sooner.late == (sooner.late_by > 0)


def test_an_unknown_clock_offers_the_nearest_and_a_bad_file_its_faults() -> None:
    with pytest.raises(BadInput, match="cp_visit"):
        CLOCKS.clock("cp_visits")
    text = (
        "kind: clocks\nversion: 1.0.0\ntitle: T\nclocks:\n"
        "  - {key: a, label: A, event: E, last: last_vist, standards: [{every: {within: 0, unit: fortnights}, source: S}]}\n"
    )
    _, problems = parse_practice(text, "clocks.yaml", Clocks)
    assert any("unit" in problem.key for problem in problems)
    assert [problem.line for problem in problems] == [5, 5]
