"""Calibration: everybody grades the same cases blind; then the QA lead reveals the reference and the spread.

Until an exercise is revealed nothing this module hands out holds a reference grade, a reason of the panel or
anybody else's grade; the trail hides them too (`hidden_in_trail`). What is submitted is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from qa_audit.access.models import Person
from qa_audit.access.policy import ACTIONS, Actor, require
from qa_audit.access.service import find_person, people
from qa_audit.audits.forms_kept import current_library
from qa_audit.errors import BadInput, Code, NotAllowed, not_found
from qa_audit.grades import Grade, parse_grade
from qa_audit.library import calibration_cases as library
from qa_audit.library.calibration_cases import OVERALL, CalibrationCase
from qa_audit.moderation.calibration_records import (
    ATTENDED,
    CaseLine,
    CaseToGrade,
    ExerciseRow,
    ExerciseView,
    Invited,
    LibraryCase,
)
from qa_audit.moderation.models import (
    CalibrationAttendance,
    CalibrationExercise,
    CalibrationGrade,
    CalibrationSubmission,
)
from qa_audit.moderation.models import CalibrationCase as CaseRow
from qa_audit.store.clock import day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean, clean_line

_exercise = CalibrationExercise.__table__  # type: ignore[attr-defined]
_case = CaseRow.__table__  # type: ignore[attr-defined]
_attendance = CalibrationAttendance.__table__  # type: ignore[attr-defined]
_grade = CalibrationGrade.__table__  # type: ignore[attr-defined]
_submission = CalibrationSubmission.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

GRADE, RATIONALE = "grade", "rationale"
MOST_CASES = 12
LONGEST_RATIONALE = 4000
SUBJECT = "calibration"


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
) -> str:
    """Open an exercise with these cases and people; returns its reference. The cases are kept as they are now."""
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
        row = _found(unit.conn, ref)
        _must_be_open(row)
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
        row = _found(unit.conn, ref)
        _must_be_open(row)
        unit.conn.execute(
            update(_exercise)
            .where(_exercise.c.exercise_id == row.exercise_id)
            .values(state="withdrawn", reason=why)
        )
        unit.event("calibration.withdrawn", SUBJECT, row.exercise_id, old="open", new="withdrawn", reason=why)


def exercises(workspace: Workspace, actor: Actor) -> tuple[ExerciseRow, ...]:
    """The exercises a person runs or is invited to, the newest first."""
    _allow_any(actor)
    runs = actor.may("calibration.manage")
    with workspace.read() as conn:
        rows = conn.execute(select(_exercise).order_by(_exercise.c.ref.desc())).all()
        found = [_row(workspace, conn, actor, row) for row in rows]
    return tuple(one for one in found if runs or (one.mine and one.state != "withdrawn"))


def show(workspace: Workspace, actor: Actor, ref: str) -> ExerciseView:
    """One exercise: its cases and how far the person is; for who runs it also who has submitted (never grades)."""
    _allow_any(actor)
    with workspace.read() as conn:
        row = reachable(conn, actor, ref)
        own = _row(workspace, conn, actor, row)
        graded = _own_rows(conn, row.exercise_id, actor.person_id)
        sent = _sent(conn, row.exercise_id, actor.person_id)
        lines = tuple(
            CaseLine(
                case.id, case.title, case.cohort, case.sections,
                sum((case.id, code) in graded and graded[case.id, code].grade is not None for code in case.sections), sent.get(case.id),
            )
            for case in kept_cases(conn, row.exercise_id)
        )  # fmt: skip
        who = invited_of(conn, row.exercise_id) if actor.may("calibration.manage") else ()
    return ExerciseView(own, lines, who, row.reason)


def open_case(workspace: Workspace, actor: Actor, ref: str, case_id: str) -> CaseToGrade:
    """A case to grade, with the person's own grades and nothing else."""
    require(actor, "calibration.take")
    with workspace.read() as conn:
        row = _mine(conn, actor, ref)
        case = _case_of(conn, row, case_id)
        own: dict[tuple[str, str], str] = {}
        for (known, section), one in _own_rows(conn, row.exercise_id, actor.person_id).items():
            if known == case.id:
                if one.grade is not None:
                    own[section, GRADE] = Grade(one.grade).key
                if one.rationale:
                    own[section, RATIONALE] = one.rationale
        sent = _sent(conn, row.exercise_id, actor.person_id).get(case.id)
    return CaseToGrade(
        row.ref, row.title, case.blind(), section_titles(case.sections), own, sent, row.state == "open" and sent is None
    )  # fmt: skip


def save_grade(
    workspace: Workspace, actor: Actor, ref: str, case_id: str, section: str, part: str, value: str
) -> str:
    """Save one grade or rationale ("" takes it back); returns it as stored. Each save is an event."""
    return save_grades(workspace, actor, ref, case_id, {(section, part): value})[section.upper(), part]


def save_grades(
    workspace: Workspace, actor: Actor, ref: str, case_id: str, values: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], str]:
    """Save several grades and rationales of one case in one transaction: all of them or none."""
    require(actor, "calibration.take")
    with workspace.write(actor) as unit:
        row = _mine(unit.conn, actor, ref)
        _must_be_open(row)
        case = _case_of(unit.conn, row, case_id)
        if case.id in _sent(unit.conn, row.exercise_id, actor.person_id):
            raise BadInput(
                Code.WRONG_STATE, "You have submitted this case, so its grades stay as you gave them", where=f"{row.ref} {case.id}",
                next_step="Go on with the next case",
            )  # fmt: skip
        checked = {
            (section.upper(), part): _checked(case, section.upper(), part, value)
            for (section, part), value in values.items()
        }
        known = {
            section: one
            for (of, section), one in _own_rows(unit.conn, row.exercise_id, actor.person_id).items()
            if of == case.id
        }
        for section in dict.fromkeys(section for section, _ in checked):
            _write(unit, row.exercise_id, case.id, actor.person_id, section, known.get(section), checked)
        return checked


def submit(workspace: Workspace, actor: Actor, ref: str, case_id: str) -> int:
    """Submit one case: every section needs a grade and the whole case a reason; returns how many cases are left."""
    require(actor, "calibration.take")
    with workspace.write(actor) as unit:
        row = _mine(unit.conn, actor, ref)
        _must_be_open(row)
        case = _case_of(unit.conn, row, case_id)
        sent = _sent(unit.conn, row.exercise_id, actor.person_id)
        if case.id in sent:
            raise BadInput(
                Code.WRONG_STATE, "You have submitted this case already", where=f"{row.ref} {case.id}"
            )
        own = _own_rows(unit.conn, row.exercise_id, actor.person_id)
        missing = [code for code in case.sections if (case.id, code) not in own or own[case.id, code].grade is None]  # fmt: skip
        if missing:
            raise BadInput(
                Code.INCOMPLETE, f"{len(missing)} section{'s have' if len(missing) != 1 else ' has'} no grade yet",
                where=", ".join(missing), next_step="Grade each from the extract, then submit",
            )  # fmt: skip
        if not own[case.id, OVERALL].rationale.strip():
            raise BadInput(
                Code.INCOMPLETE, "The grade of the whole case needs its reason", where=OVERALL,
                next_step="Say in a sentence or two what decided it",
            )  # fmt: skip
        unit.conn.execute(
            insert(_submission).values(
                exercise_id=row.exercise_id,
                case_id=case.id,
                person_id=actor.person_id,
                submitted_at=unit.now,
            )
        )
        unit.event("calibration.submitted", SUBJECT, row.exercise_id, field=case.id, new="submitted")
        return len(kept_cases(unit.conn, row.exercise_id)) - len(sent) - 1


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
        row = _found(unit.conn, ref)
        if row.state == "withdrawn":
            raise _withdrawn(row.ref)
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
        row = _found(unit.conn, ref)
        _must_be_open(row)
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


# -- what reading shares with `calibration_reading` ------------------------------------------------------


def reachable(conn: Connection, actor: Actor, ref: str) -> Any:
    """An exercise the person runs or is invited to; unknown and out of reach look the same."""
    row = _found(conn, ref)
    if not actor.may("calibration.manage") and (
        not _is_invited(conn, row.exercise_id, actor.person_id) or row.state == "withdrawn"
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
    return _row(workspace, conn, actor, row)


def _row(workspace: Workspace, conn: Connection, actor: Actor, row: Any) -> ExerciseRow:
    runs = actor.may("calibration.manage")
    counts = {
        table.name: conn.execute(
            select(func.count()).select_from(table).where(table.c.exercise_id == row.exercise_id)
        ).scalar()
        or 0
        for table in (_case, _attendance, _submission)
    }
    mine = _is_invited(conn, row.exercise_id, actor.person_id)
    sent = len(_sent(conn, row.exercise_id, actor.person_id)) if mine else 0
    late = 0
    if row.due and row.state == "open":
        late = max(0, (workspace.clock().date() - day(row.due)).days)
    return ExerciseRow(
        row.exercise_id, row.ref, row.title, row.state, row.due, row.workshop_on, counts[_case.name],
        counts[_attendance.name] if runs else 0, counts[_submission.name] if runs else sent, mine, sent, late,
    )  # fmt: skip


def _found(conn: Connection, ref: str) -> Any:
    row = conn.execute(select(_exercise).where(func.lower(_exercise.c.ref) == ref.strip().lower())).first()
    if row is None:
        raise not_found("calibrate", ref)
    return row


def _mine(conn: Connection, actor: Actor, ref: str) -> Any:
    row = _found(conn, ref)
    if not _is_invited(conn, row.exercise_id, actor.person_id):
        raise not_found("calibrate", ref)
    return row


def _is_invited(conn: Connection, exercise_id: str, person_id: str) -> bool:
    query = select(_attendance.c.person_id).where(
        _attendance.c.exercise_id == exercise_id, _attendance.c.person_id == person_id
    )
    return conn.execute(query).first() is not None


def _case_of(conn: Connection, row: Any, case_id: str) -> CalibrationCase:
    wanted = case_id.strip().casefold()
    known = kept_cases(conn, row.exercise_id)
    if wanted.isdigit() and 0 < int(wanted) <= len(known):
        return known[int(wanted) - 1]
    for case in known:
        if case.id == wanted:
            return case
    raise BadInput(
        Code.NOT_FOUND, "There is no such case in this exercise", where=f"{row.ref} {clean_line(case_id)[:40]}",
        next_step=f"Its cases: {', '.join(case.id for case in known)}",
    )  # fmt: skip


def _own_rows(conn: Connection, exercise_id: str, person_id: str) -> dict[tuple[str, str], Any]:
    query = select(_grade).where(_grade.c.exercise_id == exercise_id, _grade.c.person_id == person_id)
    return {(one.case_id, one.section): one for one in conn.execute(query)}


def _sent(conn: Connection, exercise_id: str, person_id: str) -> dict[str, str]:
    query = select(_submission).where(
        _submission.c.exercise_id == exercise_id, _submission.c.person_id == person_id
    )
    return {one.case_id: one.submitted_at for one in conn.execute(query)}


def _write(
    unit: Unit, exercise_id: str, case_id: str, person_id: str, section: str, old: Any, checked: Mapping[tuple[str, str], str]
) -> None:  # fmt: skip
    grade = Grade(old.grade).key if old is not None and old.grade is not None else ""
    before = {GRADE: grade, RATIONALE: old.rationale if old is not None else ""}
    after = {part: checked.get((section, part), before[part]) for part in before}
    if after == before:
        return
    found = parse_grade(after[GRADE])
    values = {
        "grade": int(found) if found else None,
        "rationale": after[RATIONALE],
        "saved_at": unit.now,
        "version": old.version + 1 if old is not None else 1,
    }
    key = {"exercise_id": exercise_id, "case_id": case_id, "person_id": person_id, "section": section}
    if old is None:
        unit.conn.execute(insert(_grade).values(**key, **values))
    else:
        unit.conn.execute(
            update(_grade).where(*(_grade.c[name] == value for name, value in key.items())).values(**values)
        )
    changes = [
        {"field": f"{case_id}.{section}.{part}", "old": before[part] or None, "new": after[part]}
        for part in before
        if before[part] != after[part]
    ]
    unit.events("calibration.saved", SUBJECT, exercise_id, changes)


def _checked(case: CalibrationCase, section: str, part: str, value: str) -> str:
    if section not in case.sections:
        raise BadInput(
            Code.BAD_VALUE, "That section is not graded in this case", where=clean_line(section)[:12],
            next_step=f"Sections: {', '.join(case.sections)}",
        )  # fmt: skip
    if part == RATIONALE:
        words = clean(value).strip()
        if len(words) > LONGEST_RATIONALE:
            raise BadInput(
                Code.BAD_VALUE, "The reason is too long", where=section, why=f"At most {LONGEST_RATIONALE:,} characters",
                next_step="Say what decided it",
            )  # fmt: skip
        return words
    if part != GRADE:
        raise BadInput(Code.BAD_VALUE, "A section takes a grade and a rationale", where=f"{section} {part}"[:40])  # fmt: skip
    grade = parse_grade(value)
    if grade is None and value.strip():
        raise BadInput(
            Code.BAD_VALUE,
            "That is not one of the four grades",
            where=section,
            next_step="Outstanding, Good, RI or Inadequate",
        )
    return grade.key if grade else ""


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
        row = _found(unit.conn, ref)
        _must_be_open(row)
        if not _is_invited(unit.conn, row.exercise_id, person_id):
            raise BadInput(
                Code.NOT_FOUND, "That person is not invited to this exercise", where=clean_line(code)[:20]
            )
        if _sent(unit.conn, row.exercise_id, person_id):
            raise BadInput(
                Code.WRONG_STATE, "They have submitted a case, so they stay", where=clean_line(code)[:20]
            )
        for table in (_grade, _attendance):
            unit.conn.execute(
                delete(table).where(table.c.exercise_id == row.exercise_id, table.c.person_id == person_id)
            )
        unit.event("calibration.uninvited", SUBJECT, row.exercise_id, new=person_id)


def _must_be_open(row: Any) -> None:
    if row.state == "withdrawn":
        raise _withdrawn(row.ref)
    if row.state != "open":
        raise BadInput(
            Code.WRONG_STATE,
            "This exercise is revealed, so its grades stay as they are",
            where=row.ref,
            next_step="Read the feedback",
        )


def _withdrawn(ref: str) -> BadInput:
    return BadInput(
        Code.WRONG_STATE, "This exercise was withdrawn", where=ref, next_step="Open another exercise"
    )


def _allow_any(actor: Actor) -> None:
    if not actor.may("calibration.manage"):
        require(actor, "calibration.take")


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
