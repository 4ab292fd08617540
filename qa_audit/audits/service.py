"""The audit as its auditor works on it: my work, open, save, remember, submit, read when it is finished.

Every save is one short transaction that carries its event. The policy and the separation of duties are
asked here, at opening and again at submission. What a person may not see yet (an audit they are to
moderate blind) is masked here, in the query, and so everywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from qa_audit.access.models import Person
from qa_audit.access.policy import Actor, CaseTies, require, require_untied
from qa_audit.audits.answer_rows import write_answers
from qa_audit.audits.answers import OVERALL, check_value
from qa_audit.audits.forms_kept import kept_forms
from qa_audit.audits.judgement import Ceiling
from qa_audit.audits.judging import (
    ceiling_of,
    clock_flags,
    gaps_of,
    prefill,
    section_grades,
    theme_keys,
    theme_options,
)
from qa_audit.audits.models import Answer, Audit, AuditGrade, Position, StandingGrade, Submission
from qa_audit.audits.records import WRITABLE, AuditRow, OpenAudit, PreviousAudit, Saved, Submitted
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.frame.words import plain
from qa_audit.grades import Grade
from qa_audit.library.case import CaseContext
from qa_audit.sampling.models import Round
from qa_audit.store.clock import day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean_line

_audit = Audit.__table__  # type: ignore[attr-defined]
_answer = Answer.__table__  # type: ignore[attr-defined]
_grade = AuditGrade.__table__  # type: ignore[attr-defined]
_standing = StandingGrade.__table__  # type: ignore[attr-defined]
_position = Position.__table__  # type: ignore[attr-defined]
_submission = Submission.__table__  # type: ignore[attr-defined]
_round = Round.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

FINISHED = ("final", "shared")


class Incomplete(BadInput):
    """Submission refused: every gap, each with its section, item and part."""

    def __init__(self, ref: str, gaps: tuple[Any, ...]) -> None:
        """`gaps` as the library's completeness check gives them."""
        super().__init__(
            Code.INCOMPLETE,
            f"The audit cannot be submitted yet: {len(gaps)} thing{'s are' if len(gaps) != 1 else ' is'} missing",
            where=ref,
            next_step="Fill each gap; nothing that was typed is lost",
        )
        self.gaps = gaps


@dataclass(frozen=True, slots=True)
class SubmittedAudit:
    """What the stage that follows submission is given."""

    row: Any
    revision: int
    grades: Mapping[str, Grade]
    ceiling: Ceiling
    answers: Mapping[tuple[str, str], str]


def case_of(row: Any) -> CaseContext:
    """The child's context from an audit's row."""
    return CaseContext(
        cohorts=frozenset(row.cohorts),
        primary=row.cohort,
        age=row.age,
        facts=row.facts,
        as_at=date.fromisoformat(row.as_at),
    )


def ties_of(row: Any, decided_by: frozenset[str] = frozenset()) -> CaseTies:
    """What ties people to an audit's case."""
    auditors = frozenset({row.auditor_id} if row.auditor_id else ())
    return CaseTies(row.team, row.worker, row.child_key, row.case_ref, auditors, decided_by)


def my_work(workspace: Workspace, actor: Actor) -> tuple[AuditRow, ...]:
    """The actor's own audits that still need them, the earliest due first, then those under way elsewhere."""
    require(actor, "audit.work")
    return list_audits(workspace, actor, mine=True)


def list_audits(
    workspace: Workspace,
    actor: Actor,
    *,
    round_ref: str | None = None,
    mine: bool = False,
    status: str | None = None,
    contains: str = "",
    sort: str = "due",
    limit: int | None = None,
    offset: int = 0,
) -> tuple[AuditRow, ...]:
    """Audits in the actor's sight. Grades show only where the actor may see them."""
    query = _list_query(actor, round_ref=round_ref, mine=mine, status=status, contains=contains)
    columns = {
        "due": _audit.c.due,
        "ref": _audit.c.ref,
        "status": _audit.c.status,
        "team": _audit.c.team,
        "cohort": _audit.c.cohort,
    }
    descending = sort.startswith("-")
    column = columns.get(sort.lstrip("-"), _audit.c.due)
    query = query.order_by(column.desc() if descending else column, _audit.c.ref)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    today = workspace.clock().date()
    with workspace.read() as conn:
        rows = conn.execute(query).all()
        finals = standing_grades(conn, [row.audit_id for row in rows if row.status in FINISHED])
        own = _own_grades(conn, actor, list(rows))
    return tuple(_row(row, today, own.get(row.audit_id), finals.get(row.audit_id)) for row in rows)


def count_audits(workspace: Workspace, actor: Actor, **filters: Any) -> int:
    """How many audits `list_audits` would give with the same filters."""
    query = _list_query(actor, **filters)
    with workspace.read() as conn:
        return int(conn.execute(select(func.count()).select_from(query.subquery())).scalar() or 0)


def _list_query(
    actor: Actor,
    *,
    round_ref: str | None = None,
    mine: bool = False,
    status: str | None = None,
    contains: str = "",
) -> Any:
    if not actor.may("round.read"):
        require(actor, "audit.read_final")
    answered = (
        select(func.count())
        .where(_answer.c.audit_id == _audit.c.audit_id, _answer.c.value != "")
        .scalar_subquery()
    )
    query = (
        select(_audit, _round.c.ref.label("round_ref"), _round.c.title.label("round_title"), _person.c.code.label("auditor_code"),
               _person.c.display.label("auditor_name"), answered.label("answered"))
        .join(_round, _round.c.round_id == _audit.c.round_id)
        .outerjoin(_person, _person.c.person_id == _audit.c.auditor_id)
    )  # fmt: skip
    if mine:
        query = query.where(_audit.c.auditor_id == actor.person_id)
    elif not actor.may("audit.list_all"):
        query = query.where(or_(_audit.c.auditor_id == actor.person_id, readable(actor)))
    if round_ref:
        query = query.where(func.lower(_round.c.ref) == round_ref.lower())
    if status == "open":
        query = query.where(_audit.c.status.in_(sorted(WRITABLE)))
    elif status:
        query = query.where(_audit.c.status == status)
    if words := contains.strip():
        like = f"%{words.lower().replace('%', '').replace('_', '')}%"
        query = query.where(
            or_(
                *(
                    func.lower(column).like(like)
                    for column in (
                        _audit.c.ref,
                        _audit.c.case_ref,
                        _audit.c.team,
                        _audit.c.cohort,
                        _audit.c.worker,
                        _person.c.code,
                    )
                )
            )
        )
    return query


def readable(actor: Actor) -> Any:
    """The finished audits of others that a person may read: QA and heads all, a manager their teams', a worker their own."""
    if actor.roles & {"qa_lead", "head_of_service"}:
        return _audit.c.status.in_(FINISHED)
    own: Any = func.lower(_audit.c.worker).in_([actor.display.lower(), actor.code.lower()])
    if "manager" in actor.roles:
        own = or_(own, _audit.c.team.in_(sorted(actor.own_teams)))
    return and_(_audit.c.status.in_(FINISHED), own)


def open_audit(workspace: Workspace, actor: Actor, ref: str) -> OpenAudit:
    """Everything the form shows, with the dates the list offers; the auditor confirms them, they are no findings."""
    require(actor, "audit.work")
    with workspace.read() as conn:
        row = _own(conn, actor, ref)
        require_untied(actor, ties_of(row))
        case = case_of(row)
        form = kept_forms(workspace).assembled(row, case, conn)
        stored = conn.execute(select(_answer).where(_answer.c.audit_id == row.audit_id)).all()
        position = conn.execute(
            select(_position).where(
                _position.c.audit_id == row.audit_id, _position.c.person_id == actor.person_id
            )
        ).first()
        previous = _previous(conn, row)
    answers = {(one.item, one.part): one.value for one in stored if one.value}
    return OpenAudit(
        ref=row.ref, round_title=row.round_title, lines_of_enquiry=tuple(row.lines_of_enquiry), status=row.status,
        due=row.due, form=form, case=case, case_ref=row.case_ref, child_key=row.child_key, header=header_of(row),
        answers=answers, offered=prefill(form, case),
        flags=clock_flags(form, case), previous=previous,
        position=(position.section, position.item) if position else ("", ""),
        writable=row.status in WRITABLE, options=theme_options(),
    )  # fmt: skip


def save_answer(workspace: Workspace, actor: Actor, ref: str, item: str, part: str, value: str) -> Saved:
    """Commit one part of one answer, with its event; an empty value clears it (the old one stays in the trail)."""
    return save_answers(workspace, actor, ref, {(item, part): value})[0]


def save_answers(
    workspace: Workspace, actor: Actor, ref: str, values: Mapping[tuple[str, str], str]
) -> tuple[Saved, ...]:
    """Commit several parts in one transaction: all of them or none."""
    require(actor, "audit.work")
    with workspace.write(actor) as unit:
        row = _own(unit.conn, actor, ref, whole=False)
        if row.status not in WRITABLE:
            raise BadInput(
                Code.WRONG_STATE, "This audit can no longer be changed", where=row.ref,
                why=f"It is {row.status.replace('_', ' ')}", next_step="Ask the QA lead to return it if something is wrong",
            )  # fmt: skip
        form = kept_forms(workspace).remembered(row.audit_id, row.form_hash)
        if form is None:
            whole = _own(unit.conn, actor, ref)
            form = kept_forms(workspace).assembled(whole, case_of(whole), unit.conn)
        keys = theme_keys()
        checked = {
            (item, part): check_value(form, item, part, raw, keys) for (item, part), raw in values.items()
        }
        if row.status == "allocated":
            unit.conn.execute(
                update(_audit)
                .where(_audit.c.audit_id == row.audit_id)
                .values(status="in_progress", started_at=unit.now)
            )
            unit.event("audit.started", "audit", row.audit_id, old="allocated", new="in_progress")
        return write_answers(
            unit, _answer, "audit_id", row.audit_id, checked, action="answer.saved", subject="audit"
        )


def remember(workspace: Workspace, actor: Actor, ref: str, section: str, item: str) -> None:
    """Remember where the person is in the form. A convenience, so it writes no event."""
    section, item = clean_line(section)[:40], clean_line(item)[:40]
    with workspace.write(actor) as unit:
        row = _own(unit.conn, actor, ref, whole=False)
        match = and_(_position.c.audit_id == row.audit_id, _position.c.person_id == actor.person_id)
        done = unit.conn.execute(
            update(_position).where(match).values(section=section, item=item, at=unit.now)
        )
        if not done.rowcount:
            unit.conn.execute(
                insert(_position).values(
                    audit_id=row.audit_id, person_id=actor.person_id, section=section, item=item, at=unit.now
                )
            )


def submit(
    workspace: Workspace, actor: Actor, ref: str, *, then: Callable[[Unit, SubmittedAudit], str]
) -> Submitted:
    """Freeze the auditor's judgement: grades, ceiling, override, and a hash of every answer.

    `then` is what the next stage does in the same transaction (choose it for moderation, or make it
    final); it returns the words for the auditor. Raises Incomplete with every gap. Separation of duties
    is asked again, since a case may have moved.
    """
    require(actor, "audit.work")
    with workspace.write(actor) as unit:
        row = _own(unit.conn, actor, ref)
        require_untied(actor, ties_of(row))
        if row.status not in {"in_progress", "returned"}:
            raise BadInput(
                Code.WRONG_STATE,
                "This audit cannot be submitted",
                where=row.ref,
                why=f"It is {row.status.replace('_', ' ')}",
                next_step="Open it and answer the form first",
            )
        case = case_of(row)
        form = kept_forms(workspace).assembled(row, case, unit.conn)
        answers = read_answers(unit.conn, row.audit_id)
        if gaps := gaps_of(form, answers, case):
            raise Incomplete(row.ref, gaps)
        ceiling = ceiling_of(form, answers, case)
        revision = row.revision + 1
        grades = section_grades(form, answers, case)
        _freeze(unit, row, revision, answers, grades, ceiling)
        unit.conn.execute(
            update(_audit)
            .where(_audit.c.audit_id == row.audit_id)
            .values(status="submitted", submitted_at=unit.now, revision=revision)
        )
        unit.event("audit.submitted", "audit", row.audit_id, old=row.status, new="submitted")
        said = then(unit, SubmittedAudit(row, revision, grades, ceiling, answers))
    return Submitted(row.ref, grades.get(OVERALL), ceiling, said)


def _freeze(
    unit: Unit,
    row: Any,
    revision: int,
    answers: Mapping[tuple[str, str], str],
    grades: Mapping[str, Grade],
    ceiling: Any,
) -> None:
    unit.conn.execute(
        insert(_submission).values(
            audit_id=row.audit_id, revision=revision, submitted_at=unit.now, submitted_by=unit.actor.person_id,
            answers_hash=answers_hash(answers), ceiling=int(ceiling.grade) if ceiling.grade else None,
            ceiling_reasons=list(ceiling.reasons), override_reason=answers.get((OVERALL, "override_reason"), ""),
            rules_version=getattr(ceiling, "rules_version", ""),
        )
    )  # fmt: skip
    if grades:
        unit.conn.execute(
            insert(_grade),
            [
                {"audit_id": row.audit_id, "revision": revision, "section": code, "grade": int(grade)}
                for code, grade in grades.items()
            ],
        )


def answers_hash(answers: Mapping[tuple[str, str], str]) -> str:
    """SHA-256 of every answer in order: what the submission rests on."""
    ordered = [[item, part, value] for (item, part), value in sorted(answers.items()) if value]
    return hashlib.sha256(json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def read_answers(conn: Connection, audit_id: str) -> dict[tuple[str, str], str]:
    """Every answer of an audit as it stands."""
    query = select(_answer.c.item, _answer.c.part, _answer.c.value).where(
        _answer.c.audit_id == audit_id, _answer.c.value != ""
    )
    return {(row.item, row.part): row.value for row in conn.execute(query)}


def auditor_grades(conn: Connection, audit_id: str, revision: int) -> dict[str, Grade]:
    """The auditor's frozen grades of one submission, by section."""
    query = select(_grade.c.section, _grade.c.grade).where(
        _grade.c.audit_id == audit_id, _grade.c.revision == revision
    )
    return {row.section: Grade(row.grade) for row in conn.execute(query)}


def standing_grades(conn: Connection, audit_ids: list[str]) -> dict[str, Grade]:
    """The overall case grade that stands, for those of these audits that are final."""
    if not audit_ids:
        return {}
    query = select(_standing).where(_standing.c.section == OVERALL, _standing.c.audit_id.in_(audit_ids))
    return {row.audit_id: Grade(row.grade) for row in conn.execute(query)}


def finish(unit: Unit, audit: Any, grades: Mapping[str, tuple[Grade, str]], *, how: str) -> None:
    """Make an audit final: `grades` gives, by section, the grade that stands and whose it is.

    Called by the stage that decided (no moderation, the moderator, the panel), in its transaction.
    """
    if grades:
        unit.conn.execute(
            insert(_standing),
            [
                {"audit_id": audit.audit_id, "section": code, "grade": int(grade), "source": source}
                for code, (grade, source) in grades.items()
            ],
        )
    unit.conn.execute(
        update(_audit).where(_audit.c.audit_id == audit.audit_id).values(status="final", final_at=unit.now)
    )
    unit.event("audit.final", "audit", audit.audit_id, old=audit.status, new="final", reason=how)


# Built once, so that each save finds its compiled statement; by the reference as it is kept, so that the
# unique index finds the audit among a hundred thousand.
_BY_REF = or_(_audit.c.ref == bindparam("ref"), _audit.c.ref == bindparam("capitals"))
_WHOLE_AUDIT = (
    select(_audit, _round.c.title.label("round_title"), _round.c.lines_of_enquiry)
    .join(_round, _round.c.round_id == _audit.c.round_id)
    .where(_BY_REF)
)
_STATE_OF_AUDIT = select(
    _audit.c.audit_id,
    _audit.c.ref,
    _audit.c.status,
    _audit.c.auditor_id,
    _audit.c.form_id,
    _audit.c.form_hash,
).where(_BY_REF)


def _own(conn: Connection, actor: Actor, ref: str, *, whole: bool = True) -> Any:
    """The actor's own audit: with its case and its round, or what a save must know of it."""
    query = _WHOLE_AUDIT if whole else _STATE_OF_AUDIT
    row = conn.execute(query, {"ref": ref, "capitals": ref.upper()}).first()
    if row is None or row.auditor_id != actor.person_id:
        raise not_found("audit", ref)
    return row


def _previous(conn: Connection, row: Any) -> PreviousAudit | None:
    earlier = conn.execute(
        select(_audit)
        .where(
            _audit.c.child_key == row.child_key,
            _audit.c.audit_id != row.audit_id,
            _audit.c.status.in_(FINISHED),
        )
        .order_by(_audit.c.final_at.desc())
        .limit(1)
    ).first()
    if earlier is None:
        return None
    answers = read_answers(conn, earlier.audit_id)
    stood = conn.execute(
        select(_standing.c.section, _standing.c.grade).where(_standing.c.audit_id == earlier.audit_id)
    )
    return PreviousAudit(
        earlier.ref, day(earlier.final_at).isoformat(), {row.section: Grade(row.grade) for row in stood},
        {item: value for (item, part), value in answers.items() if part == "rationale"},
        {item: value for (item, part), value in answers.items() if part == "better"},
    )  # fmt: skip


def _own_grades(conn: Connection, actor: Actor, rows: list[Any]) -> dict[str, Grade]:
    mine = [row.audit_id for row in rows if row.auditor_id == actor.person_id]
    if not mine:
        return {}
    query = (
        select(_grade.c.audit_id, _grade.c.grade)
        .where(_grade.c.audit_id.in_(mine), _grade.c.section == OVERALL)
        .order_by(_grade.c.revision)
    )
    return {row.audit_id: Grade(row.grade) for row in conn.execute(query)}


def _row(row: Any, today: date, own: Grade | None, final: Grade | None) -> AuditRow:
    late = (today - day(row.due)).days if row.status in WRITABLE else 0
    return AuditRow(
        row.ref, row.round_ref, row.round_title, row.case_ref, row.child_key, row.cohort, row.age, row.team, row.worker,
        row.auditor_code or "", row.auditor_name or "", row.status, row.due, row.submitted_at, row.answered, row.selection,
        max(0, late), own, final,
    )  # fmt: skip


def header_of(row: Any) -> tuple[tuple[str, str], ...]:
    """What the header of a form says of the case: (label, words), never a name of a child."""
    pairs = (
        ("Case", row.case_ref or row.child_key), ("Age", _age_words(row.age)), ("Sex", plain(row.sex or "")), ("Ethnicity", plain(row.ethnicity or "")),
        ("Disability", plain(row.disability or "")), ("Team", row.team), ("Worker", row.worker), ("Due", row.due), ("Selected", row.selection),
    )  # fmt: skip
    return tuple((name, str(value)) for name, value in pairs if value not in (None, ""))


def _age_words(age: int | None) -> str:
    if age is None:
        return ""
    return "unborn" if age < 0 else str(age)
