"""A date as a person types it. Kind to spelling, strict about what cannot be a date.

Understood: today, yesterday, tomorrow; 3/11/2026, 3.11.26, 3-11-2026, 2026-11-03; 3 nov, 3rd November 2025,
nov 2026 is refused (which day?); 3 weeks ago, in 14 days, +14, -7. Day comes before month, as here.
Without a year, the year is the one that puts the day nearest to today.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = {"today": 0, "now": 0, "yesterday": -1, "tomorrow": 1}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})(?:\s*[/.\- ]\s*(\d{4}|\d{2}))?")
_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?([a-z]{3,9})\.?,?(?:\s+(\d{4}|\d{2}))?")
_DISTANCE = re.compile(r"(in\s+)?(\d{1,3})\s*(day|week|month|year)s?(\s+ago)?")
_SIGNED = re.compile(r"([+-])\s*(\d{1,3})")

HINT = "Try 3 nov, 03/11/2026, today or 2 weeks ago"
EARLIEST, LATEST = 1900, 2199


@dataclass(frozen=True, slots=True)
class DayRead:
    """A day, or the words that say why there is none."""

    day: date | None = None
    problem: str = ""


def read_day(typed: str, today: date) -> DayRead:
    """Read a typed date; empty text gives neither a day nor a problem."""
    text = " ".join(typed.casefold().split())
    if not text:
        return DayRead()
    if text in _WORDS:
        return DayRead(today + timedelta(days=_WORDS[text]))
    if match := _SIGNED.fullmatch(text):
        return DayRead(today + timedelta(days=int(match[1] + match[2])))
    if match := _DISTANCE.fullmatch(text):
        return _distance(match, today)
    if match := _ISO.fullmatch(text):
        return _made(int(match[3]), int(match[2]), int(match[1]))
    if match := _NUMBERS.fullmatch(text):
        return _with_year(int(match[1]), int(match[2]), match[3], today)
    if match := _NAMED.fullmatch(text):
        month = _month(match[2])
        if month:
            return _with_year(int(match[1]), month, match[3], today)
    return DayRead(problem=f"This is not a date I can read. {HINT}.")


def _month(word: str) -> int:
    full = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
            "october", "november", "december")  # fmt: skip
    found = [
        number for number, name in enumerate(full, 1) if name.startswith(word) or word == "sept" == name[:4]
    ]
    return found[0] if len(found) == 1 else 0


def _distance(match: re.Match[str], today: date) -> DayRead:
    ahead, number, unit, ago = match[1], int(match[2]), match[3], match[4]
    if bool(ahead) == bool(ago):
        return DayRead(
            problem=f"Before or after today? Write 'in {match[2]} {unit}s' or '{match[2]} {unit}s ago'."
        )
    sign = 1 if ahead else -1
    if unit in ("day", "week"):
        return DayRead(today + sign * timedelta(days=number * (7 if unit == "week" else 1)))
    months = today.year * 12 + today.month - 1 + sign * number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return _made(min(today.day, last), month + 1, year)


def _with_year(number: int, month: int, year: str | None, today: date) -> DayRead:
    if year is not None:
        whole = int(year)
        if len(year) == 2:
            whole += 2000 if whole <= today.year % 100 + 20 else 1900
        return _made(number, month, whole)
    near = [
        read.day
        for y in (today.year - 1, today.year, today.year + 1)
        if (read := _made(number, month, y)).day
    ]
    if not near:
        return _made(number, month, today.year)
    return DayRead(min(near, key=lambda day: abs(day - today)))


def _made(number: int, month: int, year: int) -> DayRead:
    if not 1 <= month <= 12:
        return DayRead(problem=f"There is no month {month}. The day comes first: 31/12/2026.")
    if not EARLIEST <= year <= LATEST:
        return DayRead(problem=f"The year {year} cannot be right here.")
    try:
        return DayRead(date(year, month, number))
    except ValueError:
        return DayRead(problem=f"{_MONTHS[month - 1].capitalize()} {year} has no day {number}.")
