"""What reading a council's lists gives: problems, lists, children, and the whole reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Severity = Literal["error", "warning", "info"]
Status = Literal["open", "closed", "both"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

# The first of these that a child is in now decides who they are for the audit.
PRECEDENCE = (
    "child_in_care",
    "child_protection",
    "child_in_need",
    "care_leaver",  # an allocated young person stays one whatever contact or referral came in
    "assessment",
    "section_47",
    "referral",
    "early_help",
    "contact",
    "adoption",
)

COHORT_WORDS: Mapping[str, str] = {
    "contact": "Contact",
    "early_help": "Early help",
    "referral": "Referral",
    "assessment": "Assessment",
    "section_47": "Section 47 enquiry",
    "child_in_need": "Child in need",
    "child_protection": "Child protection",
    "child_in_care": "Child in care",
    "care_leaver": "Care leaver",
    "adoption": "Adoption",
}

AGE_BANDS = (
    "Unborn", "Under 1", "1 to 4", "5 to 9", "10 to 15", "16 and 17", "18 and over", "Not known",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing found in the lists. `row` is the spreadsheet's own row number; no child is ever named."""

    severity: Severity
    code: str
    message: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class ListReading:
    """One list as it was understood. `duplicates` are exact repeats that were left
    out; `open_children` is None where the list does not record who is open."""

    list_no: str
    name: str
    sheet: str
    file: str
    header_row: int
    rows: int
    dialect: str
    unknown_columns: tuple[str, ...] = ()
    dropped_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    duplicates: int = 0
    children: int = 0
    open_children: int | None = None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One row of one list about a child. `when` is the list's own date; `values` holds clean values by field."""

    list_no: str
    cohort: str
    when: date | None
    is_open: bool | None
    values: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class ChildRecord:
    """One child of the frame, with the facts the audit needs and none that name them.

    `facts` are ISO dates by fact name, `numbers` whole numbers, `codes` clean labels ("unknown" when a
    value was not understood). `age` is in completed years on the as-at date, -1 for an unborn child.
    """

    authority: str
    child_id: str
    primary: str
    cohorts: tuple[str, ...]
    flags: tuple[str, ...]
    lists: tuple[str, ...]
    is_open: bool
    age: int | None
    age_months: int | None
    age_band: str
    sex: str
    ethnicity: str
    disability: str
    team: str
    worker: str
    personal_adviser: str
    codes: Mapping[str, str]
    facts: Mapping[str, str]
    numbers: Mapping[str, int]
    extras: Mapping[str, str]
    events: tuple[EventRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameReading:
    """What was understood from the files. Children are made as they are asked for, so a region fits in memory."""

    kind: str
    dialect: str
    as_at: date
    lists: tuple[ListReading, ...]
    children: Sequence[ChildRecord]
    events: int
    problems: tuple[Problem, ...]
    usable: bool
    reason: str = ""
    reason_code: str = ""
    adults: int = 0
    open_children: int = 0
    files: tuple[str, ...] = ()
    cohorts: Mapping[str, int] = field(default_factory=dict)

    def count(self, severity: Severity) -> int:
        """How many problems of one severity."""
        return sum(1 for problem in self.problems if problem.severity == severity)


def age_band(age: int | None) -> str:
    """The band of an age in completed years (-1 unborn), in the bands of the national statistics."""
    if age is None:
        return AGE_BANDS[7]
    for ceiling, band in ((-1, 0), (0, 1), (4, 2), (9, 3), (15, 4), (17, 5)):
        if age <= ceiling:
            return AGE_BANDS[band]
    return AGE_BANDS[6]


def chosen(child: ChildRecord, status: Status) -> bool:
    """True when the child belongs to the caller's choice of open, closed or both."""
    return status == "both" or child.is_open == (status == "open")
