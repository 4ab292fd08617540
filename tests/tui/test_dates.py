"""Dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.tui.dates import read_day

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", date(2026, 11, 20)), ("Yesterday", date(2026, 11, 19)), ("3 nov", date(2026, 11, 3)),
        ("3rd November 2025", date(2025, 11, 3)), ("03/11/2026", date(2026, 11, 3)), ("3.11.26", date(2026, 11, 3)),
        ("2026-11-03", date(2026, 11, 3)), ("3 sept", date(2026, 9, 3)), ("2 jan", date(2027, 1, 2)),
        ("20 dec", date(2026, 12, 20)), ("1/2", date(2027, 2, 1)), ("2 weeks ago", date(2026, 11, 6)),
        ("in 14 days", date(2026, 12, 4)), ("+14", date(2026, 12, 4)), ("-1", date(2026, 11, 19)),
        ("3 months ago", date(2026, 8, 20)), ("1/1/99", date(1999, 1, 1)), ("29 feb 2024", date(2024, 2, 29)),
    ],
)  # fmt: skip
def test_understood(typed: str, day: date) -> None:
    assert read_day(typed, TODAY).day == day


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("31 feb", "Feb 2026 has no day 31"), ("13/13/2026", "no month 13"), ("soon", "not a date"),
        ("2 weeks", "Before or after"), ("1/1/0001", "cannot be right"), ("3 ju", "not a date"), ("nov 2026", "not a date"),
    ],
)  # fmt: skip
def test_refused_in_words(typed: str, words: str) -> None:
    read = read_day(typed, TODAY)
    assert read.day is None
    assert words in read.problem


def test_nothing_typed_is_no_problem() -> None:
    assert read_day("  ", TODAY).day is None
    assert read_day("  ", TODAY).problem == ""


@given(st.text(max_size=30))
def test_never_raises(typed: str) -> None:
    read = read_day(typed, TODAY)
    assert not (read.day and read.problem)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_its_own_writing_comes_back(day: date) -> None:
    assert read_day(f"{day:%d/%m/%Y}", TODAY).day == day
    assert read_day(day.isoformat(), TODAY).day == day
