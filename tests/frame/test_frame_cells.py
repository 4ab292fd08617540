"""Cells as councils write them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.frame.cells import age_on, read_age, read_date, read_id, read_number, read_text

DAYS = st.dates(date(1901, 1, 1), date(2199, 12, 31))


@given(DAYS)
def test_every_way_of_writing_a_day_reads_as_that_day(day):
    for raw in (
        day,
        datetime(day.year, day.month, day.day, 13, 5),
        day.isoformat(),
        f"{day.isoformat()} 00:00:00",
        f"{day.isoformat()}T10:20:30Z",
        f"{day:%d/%m/%Y}",
        f" {day:%d/%m/%Y} 23:59 ",
        f"{day:%d-%m-%Y}",
        f"{day:%d.%m.%Y}",
        f"{day.day} {day:%b} {day.year}",
    ):
        assert read_date(raw) == read_date(day)
        assert read_date(raw).value == day


@given(st.integers(20_000, 60_000))
def test_serials_are_converted_and_said(serial):
    expected = date(1899, 12, 30) + timedelta(days=serial)
    for raw in (serial, float(serial), serial + 0.5, str(serial)):
        cell = read_date(raw)
        assert (cell.value, cell.note) == (expected, "date-serial")


@given(st.text(max_size=30) | st.floats() | st.integers() | st.booleans() | st.none())
def test_no_cell_breaks_a_reader(raw):
    for read in (read_date, read_age, read_number, read_text, read_id):
        cell = read(raw)
        assert cell.value is None or not cell.note or cell.note == "date-serial"


@pytest.mark.parametrize("raw", ["01/01/1900", date(1900, 1, 1), 0, 1, 2.0, "0", "1899-12-30", "01/01/1753"])
def test_stand_in_dates_are_blank(raw):
    assert read_date(raw).value is None
    assert read_date(raw).note == "date-sentinel"


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        ("31/02/2025", "date-impossible"),
        ("2025-13-01", "date-impossible"),
        ("01/02/25", "date-two-digit-year"),
        ("1-2-99", "date-two-digit-year"),
        ("soon", "date-unreadable"),
        (True, "date-unreadable"),
        (99, "date-impossible"),
        ("12345678", "date-unreadable"),
        (float("inf"), "date-impossible"),
    ],
)
def test_what_is_no_date_is_refused_not_guessed(raw, note):
    assert read_date(raw).value is None
    assert read_date(raw).note == note


@pytest.mark.parametrize("raw", [None, "", " ", "-", "..", "<blank>", "N/A", "NULL"])
def test_marks_for_nothing_are_blank(raw):
    for read in (read_date, read_age, read_number):
        assert read(raw).value is None
        assert read(raw).note == ""


@pytest.mark.parametrize(
    ("raw", "age"),
    [(7, 7), (6.138261464750171, 6), ("15.9", 15), ("<1", 0), ("6m", 0), ("18 months", 1), ("3 weeks", 0), (-1, -1),
     ("-1", -1), ("Unborn", -1), ("7 yrs", 7), (0.2, 0)],
)  # fmt: skip
def test_ages(raw, age):
    assert read_age(raw).value == age


@pytest.mark.parametrize("raw", ["old", 400, -7, True])
def test_impossible_ages(raw):
    assert read_age(raw).value is None
    assert read_age(raw).note == "age-impossible"


@pytest.mark.parametrize(("raw", "number"), [(0.0, 0), ("1,234", 1234), ("3", 3), (2.0, 2)])
def test_counts(raw, number):
    assert read_number(raw).value == number


@pytest.mark.parametrize("raw", [-1, 1.5, "two", "1e3"])
def test_impossible_counts(raw):
    assert read_number(raw).note == "number-impossible"


def test_ids_keep_zeros_and_lose_float_tails():
    assert read_id("00123").value == "00123"
    assert read_id(9212044.0).value == "9212044"
    assert read_id(" A 12\u202e ").value == "A 12"
    assert read_id("-").value is None


@given(DAYS, DAYS)
def test_age_never_decreases_with_the_day(born, day):
    years, months = age_on(born, day)
    later = age_on(born, min(day + timedelta(days=40), date.max))
    assert later >= (years, months)
    assert (years == -1) == (born > day)


def test_age_turns_on_the_birthday():
    assert age_on(date(2010, 6, 15), date(2025, 6, 14))[0] == 14
    assert age_on(date(2010, 6, 15), date(2025, 6, 15)) == (15, 180)
    assert age_on(date(2012, 2, 29), date(2025, 2, 28))[0] == 12
