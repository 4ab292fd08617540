"""Calibration: everybody grades the same cases blind; then the QA lead reveals the reference and the spread.

Until an exercise is revealed nothing this module hands out holds a reference grade, a reason of the panel or
anybody else's grade; the trail hides them too (`hidden_in_trail`). What is submitted is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import delete, func, insert, select, update

from qa_audit.access.models import Person
from qa_audit.access.policy import ACTIONS, Actor, require
from qa_audit.access.service import find_person, people
from qa_audit.errors import BadInput, Code, NotAllowed
from qa_audit.library import calibration_cases as library
from qa_audit.library.calibration_cases import CalibrationCase
from qa_audit.moderation.calibration_records import (
    ATTENDED,
    CaseLine,
    ExerciseRow,
    ExerciseView,
    LibraryCase,
)
from qa_audit.moderation.calibration_rows import (
    SUBJECT,
    allow_any,
    exercise_row,
    found_exercise,
    invited_of,
    is_invited,
    kept_cases,
    must_be_open,
    own_rows,
    reachable,
    sent_by,
    withdrawn,
)
from qa_audit.moderation.models import (
    CalibrationAttendance,
    CalibrationExercise,
    CalibrationGrade,
    CalibrationSubmission,
)
from qa_audit.moderation.models import CalibrationCase as CaseRow
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean_line

_exercise = CalibrationExercise.__table__  # type: ignore[attr-defined]
_case = CaseRow.__table__  # type: ignore[attr-defined]
_attendance = CalibrationAttendance.__table__  # type: ignore[attr-defined]
_grade = CalibrationGrade.__table__  # type: ignore[attr-defined]
_submission = CalibrationSubmission.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

MOST_CASES = 12


def library_cases(workspace: Workspace, actor: Actor) -> tuple[LibraryCase, ...]:
    """The cases there are to choose from. Their references are not in these records."""
    require(actor, "calibration.manage")
    return tuple(
        LibraryCase(case.id, case.version, case.title, case.cohort, case.age, case.sections, len(case.record))
        for case in library.load_cases()
    )


def possible_people(workspace: Workspace, actor: Actor) -> tuple[tuple[str, str], ...]:
    """(code, name to show) of everybody active who may take part."""
    require(actor, "calibration.manage")
    return tuple((one.code, one.display) for one in people(workspace) if one.active and _may_take(one.roles))


def add_exercise(
    workspace: Workspace,
    actor: Actor,
    title: str,
    cases: Iterable[str],
    invited: Iterable[str],
    *,
    due: str = "",
    workshop_on: str = "",
    again: bool = False,
) -> str:
    """Open an exercise with these cases and people; returns its reference. The cases are kept as they are now.

    Somebody who has seen a case's reference cannot grade it blind, so such a case is refused unless `again`.
    """
    require(actor, "calibration.manage")
    words = clean_line(title)[:120]
    chosen = [library.load_case(case_id) for case_id in dict.fromkeys(one.strip() for one in cases)]
    if not words or not chosen:
        raise BadInput(
            Code.INCOMPLETE,
            "An exercise needs a title and at least one case",
            next_step="Two or three cases are usual; 'qa-audit calibrate cases' lists them",
        )
    if len(chosen) > MOST_CASES:
        raise BadInput(Code.BAD_VALUE, f"An exercise has at most {MOST_CASES} cases", where="cases")
    who = _invitable(workspace, invited)
    if not who:
        raise BadInput(
            Code.INCOMPLETE, "Nobody is invited yet", next_step="Name the people who are to grade the cases"
        )
    if not again:
        _refuse_known(workspace, chosen, who)
    dates = {"due": _day(due, "due"), "workshop_on": _day(workshop_on, "workshop_on")}
    with workspace.write(actor) as unit:
        exercise_id = unit.ids()
        number = int(unit.conn.execute(select(func.count()).select_from(_exercise)).scalar() or 0) + 1
        ref = f"C-{number:03d}"
        unit.conn.execute(
            insert(_exercise).values(
                exercise_id=exercise_id, ref=ref, title=words, state="open", created_at=unit.now, created_by=actor.person_id, **dates
            )
        )  # fmt: skip
        unit.conn.execute(
            insert(_case),
            [
                {"exercise_id": exercise_id, "case_id": case.id, "version": case.version, "position": place,
                 "content": case.model_dump_json()}
                for place, case in enumerate(chosen)
            ],
        )  # fmt: skip
        _invite(unit, exercise_id, who)
        unit.event(
            "calibration.added", SUBJECT, exercise_id, new={"ref": ref, "cases": [f"{case.id} {case.version}" for case in chosen]}
        )  # fmt: skip
    return ref


def invite(workspace: Workspace, actor: Actor, ref: str, codes: Iterable[str]) -> int:
    """Invite more people to an open exercise; returns how many were not yet."""
    require(actor, "calibration.manage")
    who = _invitable(workspace, codes)
    with workspace.write(actor) as unit:
        row = found_exercise(unit.conn, ref)
        must_be_open(row)
        known = set(
            unit.conn.execute(
                select(_attendance.c.person_id).where(_attendance.c.exercise_id == row.exercise_id)
            ).scalars()
        )
        fresh = [person_id for person_id in who if person_id not in known]
        _invite(unit, row.exercise_id, fresh)
        return len(fresh)


def withdraw(workspace: Workspace, actor: Actor, ref: str, reason: str) -> None:
    """Take back an exercise that is not revealed: nobody grades it any more, what was graded stays kept and hidden."""
    require(actor, "calibration.manage")
    why = clean_line(reason)
    if not why:
        raise BadInput(Code.INCOMPLETE, "This needs a reason", next_step="Say why in a few words")
    with workspace.write(actor) as unit:
        row = found_exercise(unit.conn, ref)
        must_be_open(row)
        unit.conn.execute(
            update(_exercise)
            .where(_exercise.c.exercise_id == row.exercise_id)
            .values(state="withdrawn", reason=why)
        )
        unit.event("calibration.withdrawn", SUBJECT, row.exercise_id, old="open", new="withdrawn", reason=why)


def exercises(workspace: Workspace, actor: Actor) -> tuple[ExerciseRow, ...]:
    """The exercises a person runs or is invited to, the newest first."""
    allow_any(actor)
    runs = actor.may("calibration.manage")
    with workspace.read() as conn:
        rows = conn.execute(select(_exercise).order_by(_exercise.c.ref.desc())).all()
        found = [exercise_row(workspace, conn, actor, row) for row in rows]
    return tuple(one for one in found if runs or (one.mine and one.state != "withdrawn"))


def cases_waiting(workspace: Workspace, actor: Actor) -> tuple[int, int]:
    """Cases that the person has still to grade in open exercises, and how many of them are past their day."""
    require(actor, "calibration.take")
    theirs = (_submission.c.exercise_id == _case.c.exercise_id) & (_submission.c.case_id == _case.c.case_id)
    query = (
        select(_exercise.c.due, func.count().label("n"))
        .join(_case, _case.c.exercise_id == _exercise.c.exercise_id)
        .join(_attendance, _attendance.c.exercise_id == _exercise.c.exercise_id)
        .outerjoin(_submission, theirs & (_submission.c.person_id == actor.person_id))
        .where(
            _exercise.c.state == "open",
            _attendance.c.person_id == actor.person_id,
            _submission.c.person_id.is_(None),
        )
        .group_by(_exercise.c.due)
    )
    today = workspace.clock().date().isoformat()
    with workspace.read() as conn:
        rows = conn.execute(query).all()
    return sum(row.n for row in rows), sum(row.n for row in rows if row.due and row.due < today)


def show(workspace: Workspace, actor: Actor, ref: str) -> ExerciseView:
    """One exercise: its cases and how far the person is; for who runs it also who has submitted (never grades)."""
    allow_any(actor)
    with workspace.read() as conn:
        row = reachable(conn, actor, ref)
        own = exercise_row(workspace, conn, actor, row)
        graded = own_rows(conn, row.exercise_id, actor.person_id)
        sent = sent_by(conn, row.exercise_id, actor.person_id)
        lines = tuple(
            CaseLine(
                case.id, case.title, case.cohort, case.sections,
                sum((case.id, code) in graded and graded[case.id, code].grade is not None for code in case.sections), sent.get(case.id),
            )
            for case in kept_cases(conn, row.exercise_id)
        )  # fmt: skip
        who = invited_of(conn, row.exercise_id) if actor.may("calibration.manage") else ()
    return ExerciseView(own, lines, who, row.reason)


def record_attendance(workspace: Workspace, actor: Actor, ref: str, attended: Mapping[str, str]) -> None:
    """Who came to the workshop: code to attended, apologies or absent ("" takes it back)."""
    require(actor, "calibration.manage")
    for value in attended.values():
        if value not in ATTENDED:
            known = ", ".join(key for key in ATTENDED if key)
            raise BadInput(
                Code.BAD_VALUE,
                "That is not a way of attending",
                where=clean_line(value)[:30],
                next_step=f"Say {known}",
            )
    who = {find_person(workspace, code).person_id: value for code, value in attended.items()}
    with workspace.write(actor) as unit:
        row = found_exercise(unit.conn, ref)
        if row.state == "withdrawn":
            raise withdrawn(row.ref)
        query = select(_attendance).where(_attendance.c.exercise_id == row.exercise_id)
        known_rows = {one.person_id: one for one in unit.conn.execute(query)}
        for code, person_id in zip(attended, who, strict=True):
            if person_id not in known_rows:
                raise BadInput(
                    Code.NOT_FOUND, "That person is not invited to this exercise", where=f"{row.ref} {clean_line(code)[:20]}",
                    next_step="Invite them first",
                )  # fmt: skip
        for person_id, value in who.items():
            old = known_rows[person_id].attended
            if old == value:
                continue
            unit.conn.execute(
                update(_attendance)
                .where(
                    _attendance.c.exercise_id == row.exercise_id,
                    _attendance.c.person_id == person_id,
                )
                .values(attended=value, recorded_at=unit.now, recorded_by=actor.person_id)
            )
            unit.event("calibration.attendance", SUBJECT, row.exercise_id, field=person_id, old=old, new=value)  # fmt: skip


def reveal(workspace: Workspace, actor: Actor, ref: str, *, without_the_rest: bool = False) -> int:
    """Show the reference and the spread to everybody invited; returns how many cases were submitted.

    Nobody grades any more after this, so it waits for everybody unless `without_the_rest`.
    """
    require(actor, "calibration.manage")
    with workspace.write(actor) as unit:
        row = found_exercise(unit.conn, ref)
        must_be_open(row)
        cases = len(kept_cases(unit.conn, row.exercise_id))
        who = invited_of(unit.conn, row.exercise_id)
        sent = sum(one.submitted for one in who)
        if not sent:
            raise BadInput(
                Code.NOTHING_TO_REPORT,
                "Nobody has submitted a case",
                where=row.ref,
                next_step="Wait for the first, or withdraw the exercise",
            )
        waiting = [one.code for one in who if one.submitted < cases]
        if waiting and not without_the_rest:
            raise BadInput(
                Code.WRONG_STATE, f"{len(waiting)} of {len(who)} people have cases still to submit", where=row.ref,
                why=f"Not all in: {', '.join(waiting)}. After the reveal they can no longer grade blind",
                next_step="Wait for them, or reveal without the rest",
            )  # fmt: skip
        unit.conn.execute(
            update(_exercise)
            .where(_exercise.c.exercise_id == row.exercise_id)
            .values(state="revealed", revealed_at=unit.now, revealed_by=actor.person_id)
        )
        unit.event("calibration.revealed", SUBJECT, row.exercise_id, old="open", new="revealed")
        return sent


def _may_take(roles: Iterable[str]) -> bool:
    return bool(set(roles) & ACTIONS["calibration.take"][1])


def _invitable(workspace: Workspace, codes: Iterable[str]) -> list[str]:
    found = []
    for code in dict.fromkeys(code.strip() for code in codes if code.strip()):
        record = find_person(workspace, code)
        if not record.active or not _may_take(record.roles):
            raise NotAllowed(
                Code.NOT_ALLOWED, "That person cannot take part in calibration", where=record.code,
                why="It is for active auditors, moderators, peer reviewers, managers and the QA unit",
            )  # fmt: skip
        found.append(record.person_id)
    return list(dict.fromkeys(found))


def _refuse_known(workspace: Workspace, cases: Iterable[CalibrationCase], who: Iterable[str]) -> None:
    """Refuse cases whose reference somebody invited has been shown."""
    query = (
        select(_case.c.case_id, func.count(_attendance.c.person_id.distinct()).label("n"))
        .join(_exercise, _exercise.c.exercise_id == _case.c.exercise_id)
        .join(_attendance, _attendance.c.exercise_id == _case.c.exercise_id)
        .where(
            _exercise.c.state == "revealed",
            _case.c.case_id.in_([case.id for case in cases]),
            _attendance.c.person_id.in_(list(who)),
        )
        .group_by(_case.c.case_id)
        .order_by(_case.c.case_id)
    )
    with workspace.read() as conn:
        seen = conn.execute(query).all()
    if seen:
        raise BadInput(
            Code.CONFLICT, "Some of these people have seen the reference of a case", where=", ".join(row.case_id for row in seen),
            why="An exercise with it was revealed to them, so they would not grade it blind",
            next_step="Choose other cases, invite other people, or say that it is to be graded again",
        )  # fmt: skip


def _invite(unit: Unit, exercise_id: str, who: Iterable[str]) -> None:
    rows = [{"exercise_id": exercise_id, "person_id": person_id, "attended": ""} for person_id in who]
    if rows:
        unit.conn.execute(insert(_attendance), rows)
        unit.event("calibration.invited", SUBJECT, exercise_id, new=sorted(row["person_id"] for row in rows))


def uninvite(workspace: Workspace, actor: Actor, ref: str, code: str) -> None:
    """Take somebody off an open exercise who has submitted nothing; their drafts go with them."""
    require(actor, "calibration.manage")
    person_id = find_person(workspace, code).person_id
    with workspace.write(actor) as unit:
        row = found_exercise(unit.conn, ref)
        must_be_open(row)
        if not is_invited(unit.conn, row.exercise_id, person_id):
            raise BadInput(
                Code.NOT_FOUND, "That person is not invited to this exercise", where=clean_line(code)[:20]
            )
        if sent_by(unit.conn, row.exercise_id, person_id):
            raise BadInput(
                Code.WRONG_STATE, "They have submitted a case, so they stay", where=clean_line(code)[:20]
            )
        for table in (_grade, _attendance):
            unit.conn.execute(
                delete(table).where(table.c.exercise_id == row.exercise_id, table.c.person_id == person_id)
            )
        unit.event("calibration.uninvited", SUBJECT, row.exercise_id, new=person_id)


def _day(text: str, name: str) -> str:
    words = clean_line(text)
    if not words:
        return ""
    try:
        return date.fromisoformat(words).isoformat()
    except ValueError:
        raise BadInput(
            Code.BAD_VALUE, "That is not a date", where=name, next_step="Write it as YYYY-MM-DD"
        ) from None
