"""Calibration cases: synthetic records that everybody grades, with a reference grade and the reasons for it.

A case is one file in `schemas/calibration/`. It holds the extract of a record, and apart from it the reference:
a grade for each section with its reason and a tolerance in grade steps. Who is to grade a case is only ever
handed its `blind` side, which has no reference in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, StringConstraints, ValidationError, model_validator
from pydantic import Field as Key

from qa_audit.errors import BadInput, Code
from qa_audit.grades import Grade, parse_grade
from qa_audit.library.conditions import Cohort, Frozen, Groups
from qa_audit.library.forms import Change, FormId, Line, Version
from qa_audit.library.loader import read_file
from qa_audit.library.place import schemas_folder
from qa_audit.library.problems import Problem, nearest, problems_of, refuse
from qa_audit.library.yaml_text import read_document

OVERALL = "OV"
FOLDER = "calibration"

Extract = Annotated[str, StringConstraints(min_length=1, max_length=6000)]
CaseId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,59}$")]


def _grade(value: object) -> object:
    """A grade by any of its names, kept by its key."""
    found = parse_grade(value) if isinstance(value, str) else None
    return found.key if found is not None else value


GradeKey = Annotated[Literal["outstanding", "good", "ri", "inadequate"], BeforeValidator(_grade)]


class Entry(Frozen):
    """One dated line of a record."""

    date: date
    text: Extract


class RecordPart(Frozen):
    """One part of the record: a chronology of dated entries, or text as it stands on file."""

    heading: Line
    text: Annotated[str, StringConstraints(max_length=6000)] = ""
    entries: tuple[Entry, ...] = ()

    @model_validator(mode="after")
    def _holds_something(self) -> Self:
        if not self.text and not self.entries:
            raise ValueError("a part of the record needs text or entries")
        days = [entry.date for entry in self.entries]
        if days != sorted(days):
            raise ValueError("the entries are not in the order of their dates")
        return self


class ReferenceGrade(Frozen):
    """The grade of one section that the panel settled on, why, and how far off still counts as near enough."""

    section: FormId
    grade: GradeKey
    tolerance: Annotated[int, Key(ge=0, le=1)] = 0
    """Grade steps either side that the reasons allow: 0, or 1 where the panel itself saw a case for the next grade."""
    why: Extract

    @property
    def value(self) -> Grade:
        """The grade itself."""
        found = parse_grade(self.grade)
        assert found is not None
        return found


class ReferenceSet(Frozen):
    """The reference: who set it and when, and a grade for every section and for the whole case."""

    set_by: Line
    set_on: date
    grades: Annotated[tuple[ReferenceGrade, ...], Key(min_length=2)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        codes = [one.section for one in self.grades]
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice:
            raise ValueError(f"section {twice} is graded twice")
        if codes[-1] != OVERALL:
            raise ValueError(f"the last grade is that of the whole case | Add section: {OVERALL} at the end.")
        return self


@dataclass(frozen=True, slots=True)
class BlindPart:
    """One part of the record: heading, text, dated lines (ISO date, text)."""

    heading: str
    text: str
    entries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BlindCase:
    """A case as it is graded: the record and which sections to grade. No reference is in this record at all."""

    case_id: str
    version: str
    title: str
    cohort: str
    age: int | None
    as_at: str
    look_for: str
    record: tuple[BlindPart, ...]
    sections: tuple[str, ...]
    """Section codes in order; the last is OV, the whole case."""


class CalibrationCase(Frozen):
    """One calibration case, as its file holds it."""

    kind: Literal["calibration_case"]
    id: CaseId
    version: Version
    title: Line
    """Says which kind of case it is and nothing of how good the work was."""
    cohort: Cohort
    flags: Groups = ()
    age: Annotated[int, Key(ge=0, le=25)] | None = None
    as_at: date
    """The day on which the record is read."""
    look_for: Line = "Grade each section from this extract alone, as if you had the file before you."
    changes: Annotated[tuple[Change, ...], Key(min_length=1)]
    record: Annotated[tuple[RecordPart, ...], Key(min_length=3)]
    reference: ReferenceSet

    @model_validator(mode="after")
    def _nothing_after_the_day(self) -> Self:
        late = [entry.date for part in self.record for entry in part.entries if entry.date > self.as_at]
        if late:
            raise ValueError(f"an entry of {late[0]} is later than the day the record is read (as_at)")
        return self

    @property
    def sections(self) -> tuple[str, ...]:
        """The codes of what is graded, the whole case last."""
        return tuple(one.section for one in self.reference.grades)

    def blind(self) -> BlindCase:
        """The side of the case that is handed to whoever grades it."""
        parts = tuple(
            BlindPart(
                part.heading,
                part.text,
                tuple((entry.date.isoformat(), entry.text) for entry in part.entries),
            )
            for part in self.record
        )
        return BlindCase(
            self.id, self.version, self.title, self.cohort, self.age, self.as_at.isoformat(), self.look_for, parts, self.sections
        )  # fmt: skip


def parse_case(raw: bytes | str, file: str) -> tuple[CalibrationCase | None, list[Problem]]:
    """Read and check one case file's content: the case, or every problem with its line."""
    document = read_document(raw, file)
    if document.data is None:
        return None, document.problems
    if not isinstance(document.data, dict):
        return None, [*document.problems, Problem(file, 1, "", "the file is a mapping: key: value")]
    try:
        checked = CalibrationCase.model_validate(document.data)
    except ValidationError as error:
        return None, [*document.problems, *problems_of(error, CalibrationCase, file, document.lines)]
    return (None if document.problems else checked), document.problems


def case_files(folder: Path | None = None) -> tuple[Path, ...]:
    """The case files of a schemas folder."""
    return tuple(sorted(((folder or schemas_folder()) / FOLDER).glob("*.yaml")))


def load_cases(folder: Path | None = None) -> tuple[CalibrationCase, ...]:
    """Every calibration case, by id. Raises SchemaProblems with every fault of every file."""
    found: list[CalibrationCase] = []
    problems: list[Problem] = []
    for path in case_files(folder):
        case, faults = parse_case(read_file(path), path.name)
        problems += faults
        if case is not None:
            found.append(case)
    if problems:
        raise refuse(problems, "The calibration cases cannot be used")
    return tuple(sorted(found, key=lambda case: case.id))


def load_case(case_id: str, folder: Path | None = None) -> CalibrationCase:
    """One case by id; an unknown one is refused with the nearest."""
    known = load_cases(folder)
    for case in known:
        if case.id == case_id.strip().casefold():
            return case
    raise BadInput(
        Code.NOT_FOUND,
        "There is no calibration case with that name",
        where=case_id[:60],
        why=nearest(case_id, [case.id for case in known]),
        next_step="List them with 'qa-audit calibrate cases'",
    )
