"""Moderation: queue, grade blind, lock, compare, decide.

Blind means blind: until the moderator's own grades are locked, nothing this module hands out holds a
grade, a rationale, an action or a reason for selection of the audit. The masking is in the queries and
records here, so every screen, command, search and export that asks here is blind alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from qa_audit.access.models import Person
from qa_audit.access.policy import Actor, require, require_untied, tie_of
from qa_audit.access.service import actor_of, find_person, people
from qa_audit.audits.answer_rows import write_answers
from qa_audit.audits.answers import BLIND_SECTIONS, GRADE_REVEALING, OVERALL, check_value
from qa_audit.audits.forms_kept import current_library, kept_forms
from qa_audit.audits.models import Audit
from qa_audit.audits.records import WRITABLE, Saved
from qa_audit.audits.service import auditor_grades, case_of, header_of, read_answers, ties_of
from qa_audit.errors import BadInput, Code, NotAllowed, not_found
from qa_audit.grades import Grade, parse_grade
from qa_audit.library.clocks import add_working_days
from qa_audit.library.completeness import is_left_out
from qa_audit.library.forms import Form
from qa_audit.moderation.models import (
    BlindGrade,
    CalibrationExercise,
    ModeratedGrade,
    Moderation,
    ModeratorAnswer,
    Panel,
    PanelGrade,
)
from qa_audit.moderation.records import (
    REASONS,
    Candidate,
    ModerationView,
    QueueRow,
    SectionComparison,
)
from qa_audit.sampling.models import Round
from qa_audit.store.clock import day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean

_moderation = Moderation.__table__  # type: ignore[attr-defined]
_answer = ModeratorAnswer.__table__  # type: ignore[attr-defined]
_blind = BlindGrade.__table__  # type: ignore[attr-defined]
_moderated = ModeratedGrade.__table__  # type: ignore[attr-defined]
_panel = Panel.__table__  # type: ignore[attr-defined]
_panel_grade = PanelGrade.__table__  # type: ignore[attr-defined]
_exercise = CalibrationExercise.__table__  # type: ignore[attr-defined]
_audit = Audit.__table__  # type: ignore[attr-defined]
_round = Round.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]
_moderator = _person.alias("moderator")

CHECK_FORM = "moderation"
"""The audit of the audit: its form in the library."""
BLIND_STATES = ("queued", "grading")
UNSEEN_STATES = (*BLIND_STATES, "returned")
"""States in which nobody may see the auditor's grades: a returned audit is graded blind again."""
NOTE = "note"
STAND, WHY_CODE, WHY = "stand", "why_code", "why"
"""A decision in the making: kept as it is chosen, counted only when the moderation is decided."""


def queue(
    workspace: Workspace, actor: Actor, *, everyone: bool = False, open_only: bool = True
) -> tuple[QueueRow, ...]:
    """The actor's moderations, or with `everyone` the whole queue (QA unit); the earliest due first."""
    require(actor, "moderation.manage" if everyone else "moderation.work")
    query = (
        select(
            _moderation, _audit.c.ref, _audit.c.case_ref, _audit.c.cohort, _audit.c.team, _audit.c.submitted_at,
            _round.c.ref.label("round_ref"), _round.c.title, _person.c.code.label("auditor"), _moderator.c.code.label("moderator"),
        )
        .join(_audit, _audit.c.audit_id == _moderation.c.audit_id)
        .join(_round, _round.c.round_id == _moderation.c.round_id)
        .outerjoin(_person, _person.c.person_id == _audit.c.auditor_id)
        .outerjoin(_moderator, _moderator.c.person_id == _moderation.c.moderator_id)
        .order_by(_moderation.c.due, _audit.c.ref)
    )  # fmt: skip
    if not everyone:
        query = query.where(_moderation.c.moderator_id == actor.person_id)
    if open_only:
        query = query.where(_moderation.c.state.in_((*BLIND_STATES, "graded", "panel")))
    today = workspace.clock().date()
    with workspace.read() as conn:
        rows = conn.execute(query).all()
        seen = [row for row in rows if row.state not in UNSEEN_STATES]
        grades = {
            row.moderation_id: auditor_grades(conn, row.audit_id, row.revision).get(OVERALL) for row in seen
        }
    return tuple(
        QueueRow(
            row.moderation_id, row.ref, row.round_ref, row.title, row.case_ref, row.cohort, row.team, row.auditor or "",
            row.moderator or "", row.state, row.due, max(0, (today - day(row.due)).days) if row.decided_at is None else 0,
            row.submitted_at, tuple(row.reasons) if row.state not in UNSEEN_STATES else None, row.outcome,
            grades.get(row.moderation_id), Grade(row.practice_grade) if row.practice_grade and row.state not in UNSEEN_STATES else None,
        )
        for row in rows
    )  # fmt: skip


def pending_blind(conn: Connection, actor: Actor | None = None) -> frozenset[str]:
    """Audit ids whose second grade is still to come (for one moderator, or for anyone): masked everywhere."""
    query = select(_moderation.c.audit_id).where(
        _moderation.c.state.in_(BLIND_STATES), _moderation.c.blind.is_(True)
    )
    if actor is not None:
        query = query.where(_moderation.c.moderator_id == actor.person_id)
    return frozenset(conn.execute(query).scalars())


def hidden_in_trail(conn: Connection) -> frozenset[str]:
    """Subjects whose values the trail hides: audits still being written or still blind, those moderations, and
    calibration exercises not yet revealed.

    Anyone who reads the trail may be asked to moderate, so an audit's values show only when its second
    grade is in, or when it is final without one.
    """
    unwritten = select(_audit.c.audit_id).where(
        _audit.c.status.in_(("planned", "submitted", *sorted(WRITABLE)))
    )
    blind = select(_moderation.c.audit_id).where(_moderation.c.state.in_(BLIND_STATES))
    hidden = frozenset(conn.execute(unwritten).scalars()) | frozenset(conn.execute(blind).scalars())
    theirs = select(_moderation.c.moderation_id).where(_moderation.c.audit_id.in_(sorted(hidden)))
    unrevealed = select(_exercise.c.exercise_id).where(_exercise.c.state != "revealed")
    return hidden | frozenset(conn.execute(theirs).scalars()) | frozenset(conn.execute(unrevealed).scalars())


def enqueue(
    unit: Unit,
    audit: Any,
    revision: int,
    *,
    reasons: tuple[str, ...],
    random: bool,
    probability: float,
    blind: bool,
) -> str:
    """Put a submitted audit into the queue, in the transaction of its submission; returns the moderation's id."""
    moderation_id = unit.ids()
    days = 5
    unit.conn.execute(
        insert(_moderation).values(
            moderation_id=moderation_id, audit_id=audit.audit_id, revision=revision, round_id=audit.round_id, reasons=list(reasons),
            random=random, inclusion_probability=probability, blind=blind, state="queued", selected_at=unit.now,
            due=add_working_days(day(unit.now), days).isoformat(),
        )
    )  # fmt: skip
    unit.conn.execute(
        update(_audit).where(_audit.c.audit_id == audit.audit_id).values(status="in_moderation")
    )
    unit.event("moderation.selected", "audit", audit.audit_id, old="submitted", new="in_moderation")
    return moderation_id


def candidates(workspace: Workspace, audit: Any) -> list[tuple[int, str]]:
    """(open moderations, person id) of everyone who may moderate this audit, the least loaded first."""
    ties = ties_of(audit)
    able = [
        record for record in people(workspace)
        if record.active and set(record.roles) & {"moderator", "qa_lead"} and tie_of(actor_of(workspace, record), ties, moderating=True) is None
    ]  # fmt: skip
    with workspace.read() as conn:
        load = {
            row.moderator_id: row.n
            for row in conn.execute(
                select(_moderation.c.moderator_id, func.count().label("n"))
                .where(_moderation.c.state.in_((*BLIND_STATES, "graded")))
                .group_by(_moderation.c.moderator_id)
            )
        }
    dedicated = [record for record in able if "moderator" in record.roles] or able
    return sorted((load.get(record.person_id, 0), record.person_id) for record in dedicated)


def possible_moderators(workspace: Workspace, actor: Actor, audit_ref: str) -> tuple[Candidate, ...]:
    """Who may moderate an audit, the least loaded first: for choosing one by name."""
    require(actor, "moderation.manage")
    with workspace.read() as conn:
        row = _by_audit(conn, audit_ref)
    known = {record.person_id: record for record in people(workspace)}
    return tuple(
        Candidate(known[person_id].code, known[person_id].display, load)
        for load, person_id in candidates(workspace, row)
    )


def allocate(workspace: Workspace, actor: Actor, audit_ref: str, moderator: str | None = None) -> str:
    """Give a queued moderation to a named moderator, or to the least loaded who is not tied to the case.

    Returns the moderator's code. Once the second grade has begun it moves only with its work undone.
    """
    require(actor, "moderation.manage")
    with workspace.read() as conn:
        row = _by_audit(conn, audit_ref)
    if row.state != "queued":
        raise _begun(audit_ref)
    able = candidates(workspace, row)
    if moderator is None:
        if not able:
            raise BadInput(
                Code.NO_AUDITOR_LEFT,
                "Nobody may moderate this audit",
                where=audit_ref,
                why="Everyone with the role audited it, works in its team or declared a conflict",
                next_step="Give somebody of another service the moderator role",
            )
    else:
        record = find_person(workspace, moderator)
        require_untied(
            actor_of(workspace, record),
            ties_of(row),
            moderating=True,
        )
        if not record.active or not set(record.roles) & {"moderator", "qa_lead"}:
            raise NotAllowed(
                Code.NOT_ALLOWED, "That person does not hold the moderator role", where=record.code
            )
        able = [(0, record.person_id)]
    with workspace.write(actor) as unit:
        now = _by_audit(unit.conn, audit_ref)
        if now.moderation_id != row.moderation_id or now.state != "queued":
            raise _begun(audit_ref)
        chosen = give(unit, row.audit_id, row.moderation_id, able, old=row.moderator_id)
    return find_person(workspace, chosen).code


def move(workspace: Workspace, actor: Actor, audit_ref: str, moderator: str, reason: str) -> str:
    """Move a moderation that has begun to somebody else (illness, a leaver); returns who has it.

    The second grade starts afresh: what the first moderator wrote leaves the form and stays in the trail.
    """
    require(actor, "moderation.manage")
    reason = clean(reason).strip()
    if not reason:
        raise BadInput(Code.INCOMPLETE, "Say why it moves", next_step="For example: left the council")
    with workspace.write(actor) as unit:
        row = _by_audit(unit.conn, audit_ref)
        if row.state not in BLIND_STATES:
            raise BadInput(
                Code.WRONG_STATE,
                "This moderation can no longer move",
                where=audit_ref,
                why="Its second grade is locked",
                next_step="Let its moderator decide, or convene the panel",
            )
        unit.conn.execute(delete(_answer).where(_answer.c.moderation_id == row.moderation_id))
        unit.conn.execute(
            update(_moderation)
            .where(_moderation.c.moderation_id == row.moderation_id)
            .values(state="queued", moderator_id=None)
        )
        unit.event("moderation.moved", "moderation", row.moderation_id, old=row.moderator_id, reason=reason)
    return allocate(workspace, actor, audit_ref, moderator)


def give(
    unit: Unit, audit_id: str, moderation_id: str, able: list[tuple[int, str]], *, old: str | None = None
) -> str:
    """Give a moderation to the first of these who has not yet seen grades of this audit; returns who has it.

    Where everyone has (it was returned after their second grade), the moderation is recorded as not blind.
    """
    seen = set(
        unit.conn.execute(
            select(_moderation.c.moderator_id).where(
                _moderation.c.audit_id == audit_id, _moderation.c.graded_at.is_not(None)
            )
        ).scalars()
    )
    chosen = next((person for _, person in able if person not in seen), able[0][1])
    values: dict[str, Any] = {"moderator_id": chosen, "allocated_at": unit.now}
    if chosen in seen:
        values["blind"] = False
    unit.conn.execute(
        update(_moderation).where(_moderation.c.moderation_id == moderation_id).values(**values)
    )
    unit.event("moderation.allocated", "moderation", moderation_id, old=old, new=chosen)
    return chosen


def _begun(audit_ref: str) -> BadInput:
    return BadInput(
        Code.WRONG_STATE,
        "This moderation has begun",
        where=audit_ref,
        next_step="Let the moderator finish, or have it returned",
    )


def open_moderation(workspace: Workspace, actor: Actor, audit_ref: str) -> ModerationView:
    """A moderation as its moderator sees it: blind until locked, then side by side."""
    require(actor, "moderation.work")
    with workspace.read() as conn:
        row = mine(conn, actor, audit_ref)
        case = case_of(row)
        form = kept_forms(workspace).assembled(row, case, conn)
        answers = read_answers(conn, row.audit_id)
        own = own_answers(conn, row.moderation_id)
        still_blind = row.state in UNSEEN_STATES and bool(row.blind)
        sections = tuple(code for code in _graded_codes(form, answers))
        comparison = () if still_blind else compare(conn, row, form, answers, own)
    return ModerationView(
        row.moderation_id, row.ref, row.title, row.state, still_blind, row.moderation_due, form, current_library().form(CHECK_FORM), case,
        header_of(row), sections, masked(form, answers) if still_blind else answers, own, comparison,
        () if still_blind else tuple(row.reasons), row.state in (*BLIND_STATES, "graded"),
    )  # fmt: skip


def masked(form: Form, answers: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """The evidence alone: no grade, no rationale, no action, no overall judgement, no graded item."""
    graded_parts = {
        (item.id, field.part) for _, item in form.items() for field in item.fields if field.type == "grade"
    }
    hidden_items = {item.id for section, item in form.items() if section.code in BLIND_SECTIONS}
    kept = {}
    for (item, part), value in answers.items():
        base = item.partition("#")[0]
        judged = form.section(item) is not None or item == OVERALL
        if (
            (judged and part in GRADE_REVEALING)
            or (base, part) in graded_parts
            or base in hidden_items
            or item in BLIND_SECTIONS
        ):
            continue
        kept[item, part] = value
    return kept


def save(workspace: Workspace, actor: Actor, audit_ref: str, item: str, part: str, value: str) -> str:
    """Commit one part of the moderator's form; returns the value as stored.

    `item` is a section code (parts grade, note) or OV while blind, and after that an item of the audit of
    the audit. The blind grades cannot be changed once they are locked.
    """
    return save_all(workspace, actor, audit_ref, {(item, part): value})[0].value


def save_all(
    workspace: Workspace, actor: Actor, audit_ref: str, values: Mapping[tuple[str, str], str]
) -> tuple[Saved, ...]:
    """Commit several parts of the moderator's form in one transaction: all of them or none."""
    require(actor, "moderation.work")
    with workspace.write(actor) as unit:
        row = mine(unit.conn, actor, audit_ref, states=(*BLIND_STATES, "graded"))
        checked = {
            (item, part): _checked(workspace, unit.conn, row, item, part, value)
            for (item, part), value in values.items()
        }
        saved = write_answers(
            unit,
            _answer,
            "moderation_id",
            row.moderation_id,
            checked,
            action="moderation.saved",
            subject="moderation",
        )
        if row.state == "queued":
            unit.conn.execute(
                update(_moderation)
                .where(_moderation.c.moderation_id == row.moderation_id)
                .values(state="grading")
            )
    return saved


def lock(workspace: Workspace, actor: Actor, audit_ref: str) -> ModerationView:
    """Lock the blind grades and reveal the auditor's. Every graded section and the whole case need one."""
    require(actor, "moderation.work")
    with workspace.write(actor) as unit:
        row = mine(unit.conn, actor, audit_ref, states=BLIND_STATES)
        require_untied(actor, ties_of(row), moderating=True)
        form = kept_forms(workspace).assembled(row, case_of(row), unit.conn)
        own = own_answers(unit.conn, row.moderation_id)
        wanted = [*_graded_codes(form, read_answers(unit.conn, row.audit_id))]
        grades = {code: parse_grade(own.get((code, "grade"), "")) for code in wanted}
        if missing := [code for code, grade in grades.items() if grade is None]:
            raise BadInput(
                Code.INCOMPLETE, f"{len(missing)} section{'s have' if len(missing) != 1 else ' has'} no grade of yours yet",
                where=", ".join(missing), next_step="Grade each from the record and the evidence, then lock",
            )  # fmt: skip
        unit.conn.execute(
            insert(_blind),
            [
                {"moderation_id": row.moderation_id, "section": code, "grade": int(grade)}
                for code, grade in grades.items()
                if grade
            ],
        )
        overall = grades.get(OVERALL)
        unit.conn.execute(
            update(_moderation)
            .where(_moderation.c.moderation_id == row.moderation_id)
            .values(state="graded", graded_at=unit.now, practice_grade=int(overall) if overall else None)
        )
        unit.event("moderation.locked", "moderation", row.moderation_id, old=row.state, new="graded")
    return open_moderation(workspace, actor, audit_ref)


def compare(
    conn: Connection,
    row: Any,
    form: Form,
    answers: Mapping[tuple[str, str], str],
    own: Mapping[tuple[str, str], str],
) -> tuple[SectionComparison, ...]:
    """Section by section: the auditor's, the blind, the moderated and the panel's grade, with the reasons."""
    auditor = auditor_grades(conn, row.audit_id, row.revision)
    blind = {
        one.section: Grade(one.grade)
        for one in conn.execute(select(_blind).where(_blind.c.moderation_id == row.moderation_id))
    }
    moderated = {
        one.section: one
        for one in conn.execute(select(_moderated).where(_moderated.c.moderation_id == row.moderation_id))
    }
    panel_query = (
        select(_panel_grade)
        .join(_panel, _panel.c.panel_id == _panel_grade.c.panel_id)
        .where(_panel.c.moderation_id == row.moderation_id)
    )
    panel = {one.section: Grade(one.grade) for one in conn.execute(panel_query)}
    found = []
    for code in [*(section.code for section in form.graded), OVERALL]:
        if code not in auditor and code not in blind:
            continue
        section, decided = form.section(code), moderated.get(code)
        found.append(
            SectionComparison(
                code, "Overall case grade" if code == OVERALL or section is None else section.title, auditor.get(code), blind.get(code),
                Grade(decided.grade) if decided else None, panel.get(code), decided.outcome if decided else "",
                decided.reason_code if decided else "", decided.reason if decided else "", answers.get((code, "rationale"), ""),
                own.get((code, NOTE), ""),
            )
        )  # fmt: skip
    return tuple(found)


def _graded_codes(form: Form, answers: Mapping[tuple[str, str], str]) -> list[str]:
    codes = [
        section.code
        for section in form.graded
        if not is_left_out(section, answers) and (section.code, "grade") in answers
    ]
    return [*codes, OVERALL] if (OVERALL, "grade") in answers else codes


def _checked(workspace: Workspace, conn: Connection, row: Any, item: str, part: str, value: str) -> str:
    form = kept_forms(workspace).assembled(row, case_of(row), conn)
    if item == OVERALL or form.section(item) is not None:
        if part == NOTE:
            return clean(value)
        if part in (STAND, WHY_CODE, WHY):
            return _checked_decision(row, item, part, value)
        if part != "grade":
            raise BadInput(
                Code.BAD_VALUE,
                "A section takes a grade and a note",
                where=f"{item} {part}"[:40],
                next_step="Use the parts grade and note",
            )
        if row.state not in BLIND_STATES:
            raise BadInput(
                Code.WRONG_STATE,
                "Your grades are locked, so they stay as you gave them",
                where=item,
                next_step="Decide the section beside the auditor's grade",
            )
        grade = parse_grade(value)
        if value.strip() and grade is None:
            raise BadInput(
                Code.BAD_VALUE,
                "That is not one of the four grades",
                where=item,
                next_step="Outstanding, Good, RI or Inadequate",
            )
        return grade.key if grade else ""
    return check_value(current_library().form(CHECK_FORM), item, part, value)


def _checked_decision(row: Any, item: str, part: str, value: str) -> str:
    """A decision in the making: only once the blind grades are locked."""
    if row.state != "graded":
        raise BadInput(
            Code.WRONG_STATE,
            "A section is decided once your own grades are locked",
            where=item,
            next_step="Grade every section, then lock",
        )
    text = clean(value).strip()
    if part == WHY or not text:
        return text
    grade = parse_grade(text) if part == STAND else None
    known = grade.key if grade else ""
    if part == WHY_CODE and text in REASONS:
        known = text
    if not known:
        raise BadInput(
            Code.BAD_VALUE,
            "That is neither one of the four grades nor a known reason",
            where=f"{item} {part}"[:40],
            next_step=f"Reasons: {', '.join(REASONS)}",
        )
    return known


def own_answers(conn: Connection, moderation_id: str) -> dict[tuple[str, str], str]:
    """What the moderator has written, by (item, part)."""
    query = select(_answer.c.item, _answer.c.part, _answer.c.value).where(
        _answer.c.moderation_id == moderation_id, _answer.c.value != ""
    )
    return {(one.item, one.part): one.value for one in conn.execute(query)}


def moderation_query() -> Any:
    """A moderation with its audit and round."""
    return (
        select(_audit, _moderation, _round.c.title, _moderation.c.due.label("moderation_due"))
        .join(_moderation, _moderation.c.audit_id == _audit.c.audit_id)
        .join(_round, _round.c.round_id == _audit.c.round_id)
    )


def _by_audit(conn: Connection, audit_ref: str) -> Any:
    row = conn.execute(
        moderation_query()
        .where(func.lower(_audit.c.ref) == audit_ref.lower())
        .order_by(_moderation.c.selected_at.desc())
    ).first()
    if row is None:
        raise not_found("moderate", audit_ref)
    return row


def mine(conn: Connection, actor: Actor, audit_ref: str, *, states: tuple[str, ...] = ()) -> Any:
    """The actor's own moderation of an audit; unknown and somebody else's look the same."""
    row = _by_audit(conn, audit_ref)
    if row.moderator_id != actor.person_id:
        raise not_found("moderate", audit_ref)
    if states and row.state not in states:
        raise BadInput(
            Code.WRONG_STATE,
            f"This moderation is {row.state}",
            where=audit_ref,
            next_step=f"It must be {' or '.join(states)} for this",
        )
    return row
