"""Grading a calibration case blind: open it, save as one goes, submit. Nobody else's grades and no reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, update

from qa_audit.access.policy import Actor, require
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.grades import Grade, parse_grade
from qa_audit.library.calibration_cases import OVERALL, CalibrationCase
from qa_audit.moderation.calibration_records import CaseToGrade
from qa_audit.moderation.calibration_rows import (
    SUBJECT,
    found_exercise,
    is_invited,
    kept_cases,
    must_be_open,
    own_rows,
    section_titles,
    sent_by,
)
from qa_audit.moderation.models import CalibrationGrade, CalibrationSubmission
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean, clean_line

_grade = CalibrationGrade.__table__  # type: ignore[attr-defined]
_submission = CalibrationSubmission.__table__  # type: ignore[attr-defined]

GRADE, RATIONALE = "grade", "rationale"
LONGEST_RATIONALE = 4000


def open_case(workspace: Workspace, actor: Actor, ref: str, case_id: str) -> CaseToGrade:
    """A case to grade, with the person's own grades and nothing else."""
    require(actor, "calibration.take")
    with workspace.read() as conn:
        row = _mine(conn, actor, ref)
        case = _case_of(conn, row, case_id)
        own: dict[tuple[str, str], str] = {}
        for (known, section), one in own_rows(conn, row.exercise_id, actor.person_id).items():
            if known == case.id:
                if one.grade is not None:
                    own[section, GRADE] = Grade(one.grade).key
                if one.rationale:
                    own[section, RATIONALE] = one.rationale
        sent = sent_by(conn, row.exercise_id, actor.person_id).get(case.id)
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
        must_be_open(row)
        case = _case_of(unit.conn, row, case_id)
        if case.id in sent_by(unit.conn, row.exercise_id, actor.person_id):
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
            for (of, section), one in own_rows(unit.conn, row.exercise_id, actor.person_id).items()
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
        must_be_open(row)
        case = _case_of(unit.conn, row, case_id)
        sent = sent_by(unit.conn, row.exercise_id, actor.person_id)
        if case.id in sent:
            raise BadInput(
                Code.WRONG_STATE, "You have submitted this case already", where=f"{row.ref} {case.id}"
            )
        own = own_rows(unit.conn, row.exercise_id, actor.person_id)
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


def _mine(conn: Connection, actor: Actor, ref: str) -> Any:
    row = found_exercise(conn, ref)
    if not is_invited(conn, row.exercise_id, actor.person_id):
        raise not_found("calibrate", ref)
    return row


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
