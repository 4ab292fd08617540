"""One cell at a time: dates, ages, counts and IDs as councils write them, read or refused, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from qa_audit.text import clean_line

EXCEL_EPOCH = date(1899, 12, 30)
SERIAL_FROM, SERIAL_TO = 20_000, 60_000
_EMPTY = frozenset(
    {"", "-", "--", ".", "..", "n/a", "na", "null", "none", "<blank>", "(blank)", "nan", "nat"}
)
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)?$"
)
_BRITISH = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})(?:[T ]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?$")
_TWO_DIGITS = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}(?:\s.*)?$")
_NAMED = re.compile(r"(\d{1,2})[ \-]([A-Za-z]{3,9})[ \-,]+(\d{4})$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?$")
_SENTINELS = frozenset(
    {date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1900, 1, 2), date(1753, 1, 1)}
)
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$|[+-]?\d+(?:\.\d+)?$")
_MONTHS_OLD = re.compile(r"(\d{1,2})\s*(?:m|mth|mths|month|months)\.?(?:\s*old)?$", re.IGNORECASE)
_WEEKS_OLD = re.compile(r"(\d{1,3})\s*(?:w|wk|wks|week|weeks|d|day|days)\.?(?:\s*old)?$", re.IGNORECASE)
_YEARS_OLD = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:y|yr|yrs|year|years)?\.?(?:\s*old)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value that was read, and what has to be said about it: `note` is a problem code, "" when nothing."""

    value: date | int | str | tuple[str, str] | None
    note: str = ""


class Label(str):
    """A clean category label that remembers the finest official code it was read from."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, text: str, code: str = "") -> Label:
        """The label `text`, read from `code`."""
        made = super().__new__(cls, text)
        made.code = code
        return made


BLANK = Cell(None)


def is_blank(raw: object) -> bool:
    """True for an empty cell and for the marks people type instead of leaving one empty."""
    return raw is None or (isinstance(raw, str) and raw.strip().casefold() in _EMPTY)


def read_date(raw: object) -> Cell:
    """A date from a real date, ISO or British text, or a plausible Excel serial.

    Notes: date-serial (converted), date-sentinel (1900 and other stand-ins: read as blank),
    date-two-digit-year, date-impossible, date-unreadable (all three: no value).
    """
    if is_blank(raw):
        return BLANK
    if isinstance(raw, date):
        return _known(date(raw.year, raw.month, raw.day))
    if isinstance(raw, bool):
        return Cell(None, "date-unreadable")
    if isinstance(raw, int | float):
        return _from_number(_finite(raw))
    text = clean_line(str(raw))
    if is_blank(text):
        return BLANK
    if found := _ISO.match(text):
        return _from_parts(int(found[1]), int(found[2]), int(found[3]))
    if found := _BRITISH.match(text):
        return _from_parts(int(found[3]), int(found[2]), int(found[1]))
    if found := _NAMED.match(text):
        month = found[2].casefold()[:3]
        if month in _MONTHS:
            return _from_parts(int(found[3]), _MONTHS.index(month) + 1, int(found[1]))
    if _SERIAL.match(text):
        return _from_number(float(text))
    if text in {"0", "1", "2"}:
        return Cell(None, "date-sentinel")
    return Cell(None, "date-two-digit-year" if _TWO_DIGITS.match(text) else "date-unreadable")


def _from_number(serial: float) -> Cell:
    if 0 <= serial < 3:
        return Cell(None, "date-sentinel")
    if SERIAL_FROM <= serial < SERIAL_TO + 1:
        return Cell(EXCEL_EPOCH + timedelta(days=int(serial)), "date-serial")
    return Cell(None, "date-impossible")


def _from_parts(year: int, month: int, day: int) -> Cell:
    try:
        return _known(date(year, month, day))
    except ValueError:
        return Cell(None, "date-impossible")


def _known(found: date) -> Cell:
    if found in _SENTINELS:
        return Cell(None, "date-sentinel")
    if not 1901 <= found.year <= 2199:
        return Cell(None, "date-impossible")
    return Cell(found)


def _finite(raw: float) -> float:
    """The number, or one that no reader accepts when it is too large to be one."""
    return float(raw) if abs(raw) < 1e300 else -1e300


def read_age(raw: object) -> Cell:
    """Completed years: 7, 7.9 (7), "<1" (0), "6m" (0), "unborn" and -1 (-1). Note: age-impossible."""
    if is_blank(raw):
        return BLANK
    if isinstance(raw, bool):
        return Cell(None, "age-impossible")
    if isinstance(raw, int | float):
        return _from_years(_finite(raw))
    text = clean_line(str(raw)).casefold()
    if is_blank(text):
        return BLANK
    if text in {"unborn", "ub", "expected"} or text.startswith("unborn"):
        return Cell(-1)
    if text.replace(" ", "") in {"<1", "under1", "lessthan1", "<1year"}:
        return Cell(0)
    if found := _MONTHS_OLD.match(text):
        return Cell(int(found[1]) // 12)
    if _WEEKS_OLD.match(text):
        return Cell(0)
    if text.startswith("-") and _NUMBER.match(text):
        return _from_years(float(text))
    if found := _YEARS_OLD.match(text):
        return _from_years(float(found[1]))
    return Cell(None, "age-impossible")


def _from_years(years: float) -> Cell:
    if years < 0:
        return Cell(-1) if years >= -1 else Cell(None, "age-impossible")
    return Cell(int(years)) if years < 120 else Cell(None, "age-impossible")


def read_number(raw: object) -> Cell:
    """A whole number of things, 0 or more. Note: number-impossible."""
    if is_blank(raw):
        return BLANK
    if isinstance(raw, bool):
        return Cell(int(raw))
    if isinstance(raw, int | float):
        number = _finite(raw)
    else:
        text = clean_line(str(raw))
        if is_blank(text):
            return BLANK
        if not _NUMBER.match(text):
            return Cell(None, "number-impossible")
        number = float(text.replace(",", ""))
    if not 0 <= number < 10_000 or number != int(number):
        return Cell(None, "number-impossible")
    return Cell(int(number))


def read_text(raw: object) -> Cell:
    """One clean line of text; whole floats lose their ".0", dates become ISO."""
    if raw is None:
        return BLANK
    if isinstance(raw, float):
        raw = int(raw) if raw.is_integer() else raw
    elif isinstance(raw, date):
        raw = raw.isoformat()
    elif isinstance(raw, bool):
        raw = "Yes" if raw else "No"
    text = clean_line(str(raw))[:500]
    return Cell(text) if text else BLANK


def read_id(raw: object) -> Cell:
    """An ID as text: 9212044.0 is "9212044", "00123" keeps its zeros."""
    if isinstance(raw, float) and raw.is_integer():
        return Cell(str(int(raw)))
    if isinstance(raw, str) and raw.isascii() and raw.isalnum() and len(raw) < 100:
        return BLANK if raw.casefold() in _EMPTY else Cell(raw)
    found = read_text(raw)
    return BLANK if is_blank(found.value) else found


def age_on(born: date, as_at: date) -> tuple[int, int]:
    """(completed years, completed months) on a day; (-1, -1) before birth."""
    if born > as_at:
        return -1, -1
    months = (as_at.year - born.year) * 12 + as_at.month - born.month - (as_at.day < born.day)
    return months // 12, months
