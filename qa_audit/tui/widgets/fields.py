"""What can be answered, apart from how it is drawn: the kinds of field, their choices, and reading what was typed.

Stored values are text: yes|partly|no|na, ISO dates, plain numbers, a choice's key, a JSON list of keys, a
grade's key. `read_value` goes from typed words to the stored value, `shown_value` back to words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from qa_audit.grades import Grade
from qa_audit.text import clean, clean_line
from qa_audit.tui.dates import read_day
from qa_audit.tui.text import day

FieldType = Literal[
    "yes_partly_no",
    "yes_no",
    "date",
    "number",
    "choice",
    "choices",
    "grade",
    "text",
    "line",
    "scale",
    "secret",
]
"""`line` is a text of one line and `secret` one that is not shown; the others are the form language's own."""

LONGEST_LINE = 9
"""Choices drawn side by side at most; more open as a list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that can be picked."""

    key: str
    words: str
    letter: str = ""
    """A letter that picks it, beside its digit."""


_YES = Choice("yes", "Yes", "y")
_PARTLY = Choice("partly", "Partly", "p")
_NO = Choice("no", "No", "n")
_NA = Choice("na", "Not applicable", "a")
GRADE_CHOICES = tuple(Choice(g.key, g.short if g is not Grade.REQUIRES_IMPROVEMENT else "Requires improvement",
                             g.letter.lower()) for g in Grade)  # fmt: skip
_SCALE = tuple(Choice(str(n), str(n)) for n in range(11))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: its part name, kind, words and limits."""

    part: str
    type: FieldType = "yes_partly_no"
    label: str = ""
    options: tuple[Choice, ...] = ()
    optional: bool = False
    na: bool = False
    """ "Not applicable" may be picked (yes_partly_no, yes_no, grade)."""
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    max_length: int | None = None
    help: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    """(choice key, words): shown while that choice is under the cursor, as the descriptors of a grade."""
    quiet: bool = False
    """Drawn small and only when filled or in focus: evidence, where in the record."""

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be picked; empty for fields that are typed."""
        match self.type:
            case "yes_partly_no":
                return (_YES, _PARTLY, _NO, _NA) if self.na else (_YES, _PARTLY, _NO)
            case "yes_no":
                return (_YES, _NO, _NA) if self.na else (_YES, _NO)
            case "grade":
                return (*GRADE_CHOICES, _NA) if self.na else GRADE_CHOICES
            case "scale":
                return _SCALE
            case "choice" | "choices":
                return self.options
            case _:
                return ()

    @property
    def listed(self) -> bool:
        """Too many choices to draw in a line: they are picked from a list that opens."""
        return self.type in ("choice", "choices") and len(self.options) > LONGEST_LINE

    @property
    def typed(self) -> bool:
        """Whether the value is written rather than picked."""
        return self.type in ("text", "line", "date", "number", "secret")

    @property
    def one_line(self) -> bool:
        """Enter finishes the writing."""
        return self.type != "text"

    @property
    def by_digit(self) -> bool:
        """Whether digits pick a choice by its place (a scale's digits are its values)."""
        return self.type != "scale"

    def choice_at_key(self, key: str) -> int | None:
        """Index of the choice that a key picks: its digit, its value on a scale, or its letter."""
        choices = self.choices
        if len(key) == 1 and key.isdigit():
            index = int(key) - (1 if self.by_digit else 0)
            return index if 0 <= index < len(choices) else None
        for index, choice in enumerate(choices):
            if choice.letter and choice.letter == key.casefold():
                return index
        return None


@dataclass(frozen=True, slots=True)
class ValueRead:
    """A stored value, or the words that say what is wrong with what was typed."""

    value: str = ""
    problem: str = ""


_NUMBER = re.compile(r"[+-]?\d{1,12}([.,]\d{1,6})?")


def read_value(spec: FieldSpec, typed: str, today: date) -> ValueRead:
    """From what was typed to what is stored. Empty is always allowed: it means not answered."""
    match spec.type:
        case "text":
            return _sized(spec, clean(typed).strip("\n"))
        case "line":
            return _sized(spec, clean_line(typed))
        case "secret":
            return ValueRead(typed)
        case "date":
            read = read_day(clean_line(typed), today)
            return ValueRead(read.day.isoformat() if read.day else "", read.problem)
        case "number" | "scale":
            return _number(spec, clean_line(typed))
        case "choices":
            keys = {choice.key for choice in spec.choices}
            return ValueRead(pack_keys([key for key in unpack_keys(typed) if key in keys]))
        case _:
            known = any(choice.key == typed for choice in spec.choices)
            return ValueRead(typed if known else "", "" if known or not typed else "Pick one of the choices.")


def _sized(spec: FieldSpec, text: str) -> ValueRead:
    if spec.max_length is not None and len(text) > spec.max_length:
        over = len(text) - spec.max_length
        return ValueRead(problem=f"{over:,} characters too long (at most {spec.max_length:,}).")
    return ValueRead(text)


def _number(spec: FieldSpec, text: str) -> ValueRead:
    bare = text.replace(" ", "").removesuffix("%").removesuffix(spec.unit.replace(" ", "") or "\0")
    if not bare:
        return ValueRead()
    if not _NUMBER.fullmatch(bare):
        return ValueRead(problem="This is not a number. Write digits only, such as 12.")
    number = float(bare.replace(",", "."))
    low, high = spec.minimum, spec.maximum
    if spec.type == "scale":
        low, high = 0, 10
    if low is not None and number < low:
        return ValueRead(problem=f"At least {low:g}, please.")
    if high is not None and number > high:
        return ValueRead(problem=f"At most {high:g}, please.")
    return ValueRead(f"{number:g}" if abs(number) < 1e6 else bare)


def shown_value(spec: FieldSpec, value: str) -> str:
    """A stored value in words; "" when there is none. A value of another form version is shown as it is."""
    if not value:
        return ""
    if spec.type == "date":
        try:
            return day(date.fromisoformat(value[:10]))
        except ValueError:
            return value
    if spec.type == "secret":
        return "•" * min(len(value), 12)
    if spec.type == "number" and spec.unit:
        return f"{value} {spec.unit}"
    words = {choice.key: choice.words for choice in spec.choices}
    if spec.type == "choices":
        return ", ".join(words.get(key, key) for key in unpack_keys(value))
    return words.get(value, value)


def editable_value(spec: FieldSpec, value: str) -> str:
    """A stored value as a person would type it: dates as dd/mm/yyyy."""
    if spec.type == "date" and value:
        try:
            return f"{date.fromisoformat(value[:10]):%d/%m/%Y}"
        except ValueError:
            return value
    return value


def unpack_keys(value: str) -> list[str]:
    """The keys of a `choices` value; anything else than a JSON list of texts gives none."""
    try:
        found = json.loads(value) if value else []
    except ValueError:
        return []
    return [key for key in found if isinstance(key, str)] if isinstance(found, list) else []


def pack_keys(keys: Sequence[str]) -> str:
    """Keys as a `choices` value; "" when none."""
    return json.dumps(list(keys), ensure_ascii=False) if keys else ""


def toggled(spec: FieldSpec, value: str, key: str) -> str:
    """A `choices` value with one key switched, in the order of the form."""
    chosen = set(unpack_keys(value)) ^ {key}
    return pack_keys([choice.key for choice in spec.choices if choice.key in chosen])
