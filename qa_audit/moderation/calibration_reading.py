"""Reading what a revealed calibration exercise found: results for the QA unit, feedback for each person, the trend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from qa_audit.access.models import Person
from qa_audit.access.policy import Actor, require
from qa_audit.access.service import find_person
from qa_audit.errors import Code, NotAllowed, not_found
from qa_audit.grades import Grade
from qa_audit.library.calibration_cases import OVERALL, CalibrationCase
from qa_audit.moderation.calibration import (
    FEWEST_IN_PICTURE,
    Graded,
    Reference,
    Spot,
    TrendPoint,
    against,
    exercise_figures,
)
from qa_audit.moderation.calibration_records import (
    CalibrationFeedback,
    CaseFeedback,
    FeedbackLine,
    ResultCase,
    Results,
    Said,
)
from qa_audit.moderation.calibration_rows import (
    exercise_row,
    invited_of,
    kept_cases,
    reachable,
    section_titles,
)
from qa_audit.moderation.models import (
    CalibrationAttendance,
    CalibrationExercise,
    CalibrationGrade,
    CalibrationSubmission,
)
from qa_audit.store.workspace import Workspace

_exercise = CalibrationExercise.__table__  # type: ignore[attr-defined]
_attendance = CalibrationAttendance.__table__  # type: ignore[attr-defined]
_grade = CalibrationGrade.__table__  # type: ignore[attr-defined]
_submission = CalibrationSubmission.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]


def results(workspace: Workspace, actor: Actor, ref: str) -> Results:
    """Everything on a revealed exercise, with auditors by code: for the QA unit alone."""
    require(actor, "calibration.manage")
    with workspace.read() as conn:
        row = reachable(conn, actor, ref)
        _must_be_revealed(row)
        cases = kept_cases(conn, row.exercise_id)
        rows = _submitted(conn, row.exercise_id)
        line = exercise_row(workspace, conn, actor, row)
        who = invited_of(conn, row.exercise_id)
    titles = section_titles({code for case in cases for code in case.sections})
    shown = tuple(
        ResultCase(
            case.id, case.title, case.reference.set_by,
            tuple((one.section, titles[one.section], one.value, one.tolerance, one.why) for one in case.reference.grades),
        )
        for case in cases
    )  # fmt: skip
    said = tuple(
        Said(one.case_id, one.section, one.code, Grade(one.grade), one.rationale)
        for one in rows
        if one.rationale
    )
    return Results(line, shown, exercise_figures(_graded(rows), _references(cases)), who, said)


def feedback(workspace: Workspace, actor: Actor, ref: str, code: str | None = None) -> CalibrationFeedback:
    """One person's feedback sheet. Their own; the QA unit may ask for anybody's by code."""
    person_id, shown_code = actor.person_id, actor.code
    if code is not None and code.strip().casefold() != actor.code.casefold():
        require(actor, "calibration.manage")
        found = find_person(workspace, code)
        person_id, shown_code = found.person_id, found.code
    elif not actor.may("calibration.manage"):
        require(actor, "calibration.take")
    with workspace.read() as conn:
        row = reachable(conn, actor, ref)
        _must_be_revealed(row)
        query = select(_attendance.c.attended).where(
            _attendance.c.exercise_id == row.exercise_id, _attendance.c.person_id == person_id
        )
        invited = conn.execute(query).first()
        if invited is None:
            raise not_found("calibrate", ref)
        cases = kept_cases(conn, row.exercise_id)
        rows = _submitted(conn, row.exercise_id)
        points = _points(conn, person_id)
    own = [one for one in rows if one.person_id == person_id]
    references = _references(cases)
    titles = section_titles({section for case in cases for section in case.sections})
    here = next((at for at, point in enumerate(points) if point.ref == row.ref), len(points) - 1)
    return CalibrationFeedback(
        row.ref,
        row.title,
        shown_code,
        invited.attended,
        tuple(_case_feedback(case, own, rows, titles) for case in cases),
        against([one for one in _graded(own) if one.section != OVERALL], references),
        against([one for one in _graded(own) if one.section == OVERALL], references),
        points[: here + 1],
    )


def trend(workspace: Workspace, actor: Actor) -> tuple[TrendPoint, ...]:
    """Every revealed exercise, the earliest first: agreement, direction and spread of all auditors together."""
    require(actor, "calibration.manage")
    with workspace.read() as conn:
        return _points(conn)


def _points(conn: Connection, person_id: str | None = None) -> tuple[TrendPoint, ...]:
    query = (
        select(_exercise)
        .where(_exercise.c.state == "revealed")
        .order_by(_exercise.c.revealed_at, _exercise.c.ref)
    )
    found = []
    for row in conn.execute(query).all():
        rows = [
            one for one in _submitted(conn, row.exercise_id) if person_id is None or one.person_id == person_id
        ]  # fmt: skip
        if not rows:
            continue
        figures = exercise_figures(_graded(rows), _references(kept_cases(conn, row.exercise_id)))
        found.append(
            TrendPoint(
                row.ref, row.title, (row.workshop_on or row.revealed_at)[:10], len(figures.auditors), figures.sections, figures.overall,
                figures.between,
            )
        )  # fmt: skip
    return tuple(found)


def _submitted(conn: Connection, exercise_id: str) -> Sequence[Any]:
    """Grades of submitted cases alone: a draft counts for nothing and is shown to nobody."""
    query = (
        select(_grade, _person.c.code)
        .join(
            _submission,
            (_submission.c.exercise_id == _grade.c.exercise_id)
            & (_submission.c.case_id == _grade.c.case_id)
            & (_submission.c.person_id == _grade.c.person_id),
        )
        .join(_person, _person.c.person_id == _grade.c.person_id)
        .where(_grade.c.exercise_id == exercise_id, _grade.c.grade.is_not(None))
        .order_by(_grade.c.case_id, _grade.c.section, _person.c.code)
    )
    return conn.execute(query).all()


def _graded(rows: Sequence[Any]) -> list[Graded]:
    return [Graded(one.case_id, one.section, one.code, Grade(one.grade)) for one in rows]


def _references(cases: Sequence[CalibrationCase]) -> dict[Spot, Reference]:
    return {
        (case.id, one.section): Reference(one.value, one.tolerance)
        for case in cases
        for one in case.reference.grades
    }


def _case_feedback(
    case: CalibrationCase, own: Sequence[Any], rows: Sequence[Any], titles: dict[str, str]
) -> CaseFeedback:
    mine = {one.section: one for one in own if one.case_id == case.id}
    lines = []
    for one in case.reference.grades:
        given = [
            Grade(row.grade) for row in rows if row.case_id == case.id and row.section == one.section
        ]  # fmt: skip
        counts = (given.count(Grade(1)), given.count(Grade(2)), given.count(Grade(3)), given.count(Grade(4)))
        row = mine.get(one.section)
        lines.append(
            FeedbackLine(
                one.section, titles[one.section], Grade(row.grade) if row is not None else None, row.rationale if row is not None else "",
                one.value, one.tolerance, one.why, counts if len(given) >= FEWEST_IN_PICTURE else None,
            )
        )  # fmt: skip
    return CaseFeedback(case.id, case.title, bool(mine), case.reference.set_by, tuple(lines))


def _must_be_revealed(row: Any) -> None:
    if row.state != "revealed":
        raise NotAllowed(
            Code.STILL_BLIND,
            "This exercise is still blind",
            where=row.ref,
            why="The reference and the grades are shown to everybody at the same moment",
            next_step="The QA lead reveals it when everybody has submitted",
        )
