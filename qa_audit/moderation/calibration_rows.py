"""Rows of calibration: an exercise, its cases, who is invited, what a person has graded. Shared by its services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from qa_audit.access.models import Person
from qa_audit.access.policy import Actor, require
from qa_audit.audits.forms_kept import current_library
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.library.calibration_cases import OVERALL, CalibrationCase
from qa_audit.moderation.calibration_records import ExerciseRow, Invited
from qa_audit.moderation.models import (
    CalibrationAttendance,
    CalibrationExercise,
    CalibrationGrade,
    CalibrationSubmission,
)
from qa_audit.moderation.models import CalibrationCase as CaseRow
from qa_audit.store.clock import day
from qa_audit.store.workspace import Workspace

_exercise = CalibrationExercise.__table__  # type: ignore[attr-defined]
_case = CaseRow.__table__  # type: ignore[attr-defined]
_attendance = CalibrationAttendance.__table__  # type: ignore[attr-defined]
_grade = CalibrationGrade.__table__  # type: ignore[attr-defined]
_submission = CalibrationSubmission.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

SUBJECT = "calibration"


def reachable(conn: Connection, actor: Actor, ref: str) -> Any:
    """An exercise the person runs or is invited to; unknown and out of reach look the same."""
    row = found_exercise(conn, ref)
    if not actor.may("calibration.manage") and (
        not is_invited(conn, row.exercise_id, actor.person_id) or row.state == "withdrawn"
    ):
        raise not_found("calibrate", ref)
    return row


def kept_cases(conn: Connection, exercise_id: str) -> tuple[CalibrationCase, ...]:
    """The cases of an exercise as they were when it was opened. Holds the reference: never hand one out."""
    query = (
        select(_case.c.content)
        .where(_case.c.exercise_id == exercise_id)
        .order_by(_case.c.position, _case.c.case_id)
    )
    return tuple(CalibrationCase.model_validate_json(text) for text in conn.execute(query).scalars())


def invited_of(conn: Connection, exercise_id: str) -> tuple[Invited, ...]:
    """Everybody invited, by code, with how many cases they submitted."""
    sent = (
        select(_submission.c.person_id, func.count().label("n"))
        .where(_submission.c.exercise_id == exercise_id)
        .group_by(_submission.c.person_id)
        .subquery()
    )
    query = (
        select(_person.c.code, _person.c.display, _attendance.c.attended, sent.c.n)
        .join(_person, _person.c.person_id == _attendance.c.person_id)
        .outerjoin(sent, sent.c.person_id == _attendance.c.person_id)
        .where(_attendance.c.exercise_id == exercise_id)
        .order_by(_person.c.code)
    )
    return tuple(Invited(one.code, one.display, one.n or 0, one.attended) for one in conn.execute(query))


def section_titles(sections: Iterable[str]) -> dict[str, str]:
    """The titles of sections from the bank; a section the council has taken away keeps its code."""
    known = {code.casefold() for code in current_library().ids()}
    return {
        code: "The whole case"
        if code == OVERALL
        else current_library().version(code).title
        if code.casefold() in known
        else code
        for code in sections
    }


def exercise_row(workspace: Workspace, conn: Connection, actor: Actor, row: Any) -> ExerciseRow:
    """The line of an exercise for a person."""
    runs = actor.may("calibration.manage")
    counts = {
        table.name: conn.execute(
            select(func.count()).select_from(table).where(table.c.exercise_id == row.exercise_id)
        ).scalar()
        or 0
        for table in (_case, _attendance, _submission)
    }
    mine = is_invited(conn, row.exercise_id, actor.person_id)
    sent = len(sent_by(conn, row.exercise_id, actor.person_id)) if mine else 0
    late = 0
    if row.due and row.state == "open":
        late = max(0, (workspace.clock().date() - day(row.due)).days)
    return ExerciseRow(
        row.exercise_id, row.ref, row.title, row.state, row.due, row.workshop_on, counts[_case.name],
        counts[_attendance.name] if runs else 0, counts[_submission.name] if runs else sent, mine, sent, late,
    )  # fmt: skip


def found_exercise(conn: Connection, ref: str) -> Any:
    """An exercise by reference, whatever the case of its letters."""
    row = conn.execute(select(_exercise).where(func.lower(_exercise.c.ref) == ref.strip().lower())).first()
    if row is None:
        raise not_found("calibrate", ref)
    return row


def is_invited(conn: Connection, exercise_id: str, person_id: str) -> bool:
    """Whether the person is invited to the exercise."""
    query = select(_attendance.c.person_id).where(
        _attendance.c.exercise_id == exercise_id, _attendance.c.person_id == person_id
    )
    return conn.execute(query).first() is not None


def own_rows(conn: Connection, exercise_id: str, person_id: str) -> dict[tuple[str, str], Any]:
    """A person's own grades by (case id, section)."""
    query = select(_grade).where(_grade.c.exercise_id == exercise_id, _grade.c.person_id == person_id)
    return {(one.case_id, one.section): one for one in conn.execute(query)}


def sent_by(conn: Connection, exercise_id: str, person_id: str) -> dict[str, str]:
    """The cases a person has submitted, with the moment."""
    query = select(_submission).where(
        _submission.c.exercise_id == exercise_id, _submission.c.person_id == person_id
    )
    return {one.case_id: one.submitted_at for one in conn.execute(query)}


def must_be_open(row: Any) -> None:
    """Refuse when the exercise is revealed or withdrawn."""
    if row.state == "withdrawn":
        raise withdrawn(row.ref)
    if row.state != "open":
        raise BadInput(
            Code.WRONG_STATE,
            "This exercise is revealed, so its grades stay as they are",
            where=row.ref,
            next_step="Read the feedback",
        )


def withdrawn(ref: str) -> BadInput:
    """The refusal of an exercise that was taken back."""
    return BadInput(
        Code.WRONG_STATE, "This exercise was withdrawn", where=ref, next_step="Open another exercise"
    )


def allow_any(actor: Actor) -> None:
    """Refuse who neither runs exercises nor may take part."""
    if not actor.may("calibration.manage"):
        require(actor, "calibration.take")
