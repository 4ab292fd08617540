"""Deciding a moderation: agree or change, return, accept or dispute, the panel, the auditor's feedback sheet.

The auditor's, the moderator's and the panel's grades are three facts for ever; deciding writes a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, insert, select, update

from qa_audit.access.models import Person
from qa_audit.access.policy import Actor, require
from qa_audit.audits.answers import OVERALL
from qa_audit.audits.forms_kept import current_library, kept_forms
from qa_audit.audits.models import Audit
from qa_audit.audits.service import auditor_grades, case_of, finish, read_answers
from qa_audit.errors import BadInput, Code, NotAllowed, not_found
from qa_audit.grades import Grade
from qa_audit.library.clocks import add_working_days
from qa_audit.moderation.models import ModeratedGrade, Moderation, Panel, PanelGrade
from qa_audit.moderation.records import REASONS, Decision, FeedbackSheet, PanelRow
from qa_audit.moderation.service import BLIND_STATES, CHECK_FORM, compare, mine, moderation_query, own_answers
from qa_audit.store.clock import day
from qa_audit.store.workspace import Unit, Workspace
from qa_audit.text import clean, clean_line

_moderation = Moderation.__table__  # type: ignore[attr-defined]
_moderated = ModeratedGrade.__table__  # type: ignore[attr-defined]
_panel = Panel.__table__  # type: ignore[attr-defined]
_panel_grade = PanelGrade.__table__  # type: ignore[attr-defined]
_audit = Audit.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

RESPONSE_DAYS = 5

WhenFinal = Callable[[Unit, Any], None]
"""What the next stage does when an audit becomes final, in the same transaction."""


def decide(
    workspace: Workspace, actor: Actor, audit_ref: str, decisions: tuple[Decision, ...], *, audit_quality: Grade,
    reason: str = "", when_final: WhenFinal,
) -> str:  # fmt: skip
    """Decide every section: the grade that is to stand, with a coded reason and words wherever it differs.

    Returns what follows, in words: final at once when nothing changed, a panel when the overall case grade
    moves two steps or into or out of Inadequate, else the auditor's answer within five working days.
    """
    require(actor, "moderation.work")
    with workspace.write(actor) as unit:
        row = mine(unit.conn, actor, audit_ref, states=("graded",))
        auditor = auditor_grades(unit.conn, row.audit_id, row.revision)
        by_section = {one.section: one for one in decisions}
        if missing := sorted(set(auditor) - set(by_section)):
            raise BadInput(
                Code.INCOMPLETE,
                "Some sections have no decision",
                where=", ".join(missing),
                next_step="Agree or change each of them",
            )
        if len(by_section) < len(decisions) or set(by_section) - set(auditor):
            raise BadInput(
                Code.BAD_VALUE,
                "Each section of the audit is decided once",
                where=row.ref,
                next_step=f"Sections: {', '.join(auditor)}",
            )
        rows = [_decision_row(row.moderation_id, auditor, one) for one in decisions]
        unit.conn.execute(insert(_moderated), rows)
        overall = next((one for one in rows if one["section"] == OVERALL), None)
        outcome = (
            overall["outcome"]
            if overall
            else ("agreed" if all(one["outcome"] == "agreed" for one in rows) else "changed")
        )
        changed = any(one["outcome"] != "agreed" for one in rows)
        practice = Grade(overall["grade"]) if overall else None
        why = _panel_needed(auditor.get(OVERALL), practice)
        state = "panel" if why else "decided"
        unit.conn.execute(
            update(_moderation)
            .where(_moderation.c.moderation_id == row.moderation_id)
            .values(
                state=state, decided_at=unit.now, outcome=outcome, audit_quality=int(audit_quality), reason=clean(reason),
                reason_code=overall["reason_code"] if overall else "",
            )
        )  # fmt: skip
        unit.event(
            "moderation.decided", "moderation", row.moderation_id, old="graded", new=state, reason=outcome
        )
        if why:
            convene(unit, row, why)
            return f"It goes to a panel: {why}"
        if not changed:
            finish(
                unit,
                row,
                {code: (grade, "moderator") for code, grade in auditor.items()},
                how="agreed at moderation",
            )
            when_final(unit, row)
            return "Agreed: the audit is final"
        unit.conn.execute(update(_audit).where(_audit.c.audit_id == row.audit_id).values(status="moderated"))
        unit.event("audit.moderated", "audit", row.audit_id, old="in_moderation", new="moderated")
        until = add_working_days(day(unit.now), RESPONSE_DAYS)
        return f"The auditor accepts or disputes it by {until.isoformat()}"


def return_audit(workspace: Workspace, actor: Actor, audit_ref: str, reason: str) -> None:
    """Send the audit back for more evidence. Its next submission is moderated afresh."""
    require(actor, "moderation.work")
    reason = clean(reason).strip()
    if not reason:
        raise BadInput(
            Code.INCOMPLETE,
            "Say what evidence is missing",
            next_step="Name the sections and what you looked for",
        )
    with workspace.write(actor) as unit:
        row = mine(unit.conn, actor, audit_ref, states=(*BLIND_STATES, "graded"))
        unit.conn.execute(
            update(_moderation)
            .where(_moderation.c.moderation_id == row.moderation_id)
            .values(state="returned", decided_at=unit.now, outcome="returned", reason=reason)
        )
        unit.conn.execute(update(_audit).where(_audit.c.audit_id == row.audit_id).values(status="returned"))
        unit.event("audit.returned", "audit", row.audit_id, old=row.status, new="returned", reason=reason)


def convene(unit: Unit, row: Any, why: str) -> str:
    """Convene a panel on a moderation, inside a transaction; returns its id."""
    panel_id = unit.ids()
    unit.conn.execute(
        insert(_panel).values(
            panel_id=panel_id, moderation_id=row.moderation_id, audit_id=row.audit_id, why=why, convened_at=unit.now,
            convened_by=unit.actor.person_id, members=[], state="convened",
        )
    )  # fmt: skip
    unit.conn.execute(update(_audit).where(_audit.c.audit_id == row.audit_id).values(status="panel"))
    unit.event("panel.convened", "audit", row.audit_id, new="panel", reason=why)
    return panel_id


def _decision_row(moderation_id: str, auditor: Mapping[str, Grade], one: Decision) -> dict[str, Any]:
    first = auditor[one.section]
    outcome = "agreed" if one.grade == first else "changed_up" if one.grade < first else "changed_down"
    reason = clean(one.reason).strip()
    if outcome != "agreed" and (one.reason_code not in REASONS or not reason):
        raise BadInput(
            Code.INCOMPLETE, "A changed grade needs its reason, as a code and in words", where=one.section,
            next_step=f"Codes: {', '.join(REASONS)}",
        )  # fmt: skip
    return {
        "moderation_id": moderation_id, "section": one.section, "grade": int(one.grade), "outcome": outcome,
        "reason_code": one.reason_code if outcome != "agreed" else "", "reason": reason,
    }  # fmt: skip


def _panel_needed(auditor: Grade | None, moderated: Grade | None) -> str:
    """Two steps apart, or a move into or out of Inadequate, is never one person's to decide (practice.md 1.3)."""
    if auditor is None or moderated is None or auditor == moderated:
        return ""
    if abs(int(auditor) - int(moderated)) >= 2:
        return "the overall case grade moves two steps"
    if Grade.INADEQUATE in (auditor, moderated):
        return (
            "the overall case grade moves into Inadequate"
            if moderated is Grade.INADEQUATE
            else "the overall case grade moves out of Inadequate"
        )
    return ""


def respond(
    workspace: Workspace,
    actor: Actor,
    audit_ref: str,
    *,
    accept: bool,
    words: str = "",
    when_final: WhenFinal,
) -> str:
    """The auditor accepts the moderated grades (the audit is final) or disputes them (a panel decides)."""
    require(actor, "audit.dispute")
    words = clean(words).strip()
    if not accept and not words:
        raise BadInput(
            Code.INCOMPLETE,
            "A dispute needs its grounds",
            next_step="Say which evidence the moderator should have weighed",
        )
    with workspace.write(actor) as unit:
        row = _decided(unit, audit_ref)
        if row.auditor_id != actor.person_id:
            raise not_found("audit", audit_ref)
        if row.status != "moderated":
            raise BadInput(
                Code.WRONG_STATE,
                "There is nothing to accept or dispute",
                where=row.ref,
                next_step="Only a changed grade that is not yet final can be answered",
            )
        unit.conn.execute(
            update(_moderation)
            .where(_moderation.c.moderation_id == row.moderation_id)
            .values(responded_at=unit.now, response="accepted" if accept else "disputed", response_text=words)
        )
        unit.event(
            "moderation.answered",
            "moderation",
            row.moderation_id,
            new="accepted" if accept else "disputed",
            reason=words or None,
        )
        if accept:
            _finish_moderated(unit, row, when_final, how="the auditor accepted the moderated grades")
            return "Accepted: the audit is final"
        unit.conn.execute(
            update(_moderation).where(_moderation.c.moderation_id == row.moderation_id).values(state="panel")
        )
        convene(unit, row, "the auditor disputes the moderated grade")
        return "Disputed: a panel decides"


def let_stand(workspace: Workspace, actor: Actor, audit_ref: str, *, when_final: WhenFinal) -> str:
    """Make a moderated audit final when the auditor's five working days have passed without an answer."""
    require(actor, "moderation.manage")
    with workspace.write(actor) as unit:
        row = _decided(unit, audit_ref)
        until = add_working_days(day(row.decided_at), RESPONSE_DAYS)
        if row.status != "moderated" or day(unit.now) <= until:
            raise BadInput(
                Code.WRONG_STATE,
                "The auditor still has time to answer",
                where=row.ref,
                why=f"Until {until.isoformat()}",
                next_step="Wait, or ask the auditor to accept it",
            )
        _finish_moderated(unit, row, when_final, how="not answered within five working days")
    return "The moderated grades stand"


def panels(workspace: Workspace, actor: Actor, *, open_only: bool = True) -> tuple[PanelRow, ...]:
    """Panels to be held, or all of them."""
    require(actor, "panel.decide")
    query = (
        select(_panel, _audit.c.ref, _audit.c.case_ref, _audit.c.revision)
        .join(_audit, _audit.c.audit_id == _panel.c.audit_id)
        .order_by(_panel.c.convened_at)
    )
    if open_only:
        query = query.where(_panel.c.state == "convened")
    with workspace.read() as conn:
        found = []
        for row in conn.execute(query).all():
            moderated = conn.execute(
                select(_moderated.c.grade).where(
                    _moderated.c.moderation_id == row.moderation_id, _moderated.c.section == OVERALL
                )
            ).scalar()
            decided = conn.execute(
                select(_panel_grade.c.grade).where(
                    _panel_grade.c.panel_id == row.panel_id, _panel_grade.c.section == OVERALL
                )
            ).scalar()
            found.append(
                PanelRow(
                    row.panel_id, row.ref, row.case_ref, row.why, row.state, row.convened_at,
                    auditor_grades(conn, row.audit_id, row.revision).get(OVERALL), Grade(moderated) if moderated else None,
                    Grade(decided) if decided else None, row.rationale,
                )
            )  # fmt: skip
    return tuple(found)


def involved_in(workspace: Workspace, actor: Actor, audit_ref: str) -> str:
    """Why this person must not decide the panel on an audit; "" when nothing speaks against it."""
    require(actor, "panel.decide")
    with workspace.read() as conn:
        row = conn.execute(
            moderation_query()
            .where(func.lower(_audit.c.ref) == audit_ref.lower(), _moderation.c.decided_at.is_not(None))
            .order_by(_moderation.c.selected_at.desc())
        ).first()
    if row is None:
        raise not_found("moderate", audit_ref)
    if actor.person_id == row.auditor_id:
        return "You audited this case"
    return "You moderated this audit" if actor.person_id == row.moderator_id else ""


def decide_panel(
    workspace: Workspace,
    actor: Actor,
    audit_ref: str,
    grades: Mapping[str, Grade],
    rationale: str,
    *,
    members: tuple[str, ...] = (),
    when_final: WhenFinal,
) -> str:
    """Write the panel's grades (sections it does not name keep the moderated grade) and make the audit final.

    Neither the auditor nor the moderator decides.
    """
    require(actor, "panel.decide")
    rationale = clean(rationale).strip()
    if not rationale:
        raise BadInput(
            Code.INCOMPLETE, "A panel's decision needs its reasons", next_step="Say what the panel weighed"
        )
    with workspace.write(actor) as unit:
        row = _decided(unit, audit_ref)
        panel = unit.conn.execute(
            select(_panel).where(_panel.c.moderation_id == row.moderation_id, _panel.c.state == "convened")
        ).first()
        if panel is None:
            raise BadInput(
                Code.WRONG_STATE,
                "No panel is waiting on this audit",
                where=row.ref,
                next_step="List them with 'qa-audit moderate panels'",
            )
        if actor.person_id in (row.auditor_id, row.moderator_id):
            raise NotAllowed(
                Code.NOT_ALLOWED,
                "The auditor and the moderator of an audit do not decide its panel",
                where=row.ref,
                next_step="Somebody uninvolved writes the decision",
            )
        standing = {
            one.section: Grade(one.grade)
            for one in unit.conn.execute(
                select(_moderated).where(_moderated.c.moderation_id == row.moderation_id)
            )
        }
        unknown = sorted(set(grades) - set(standing))
        if unknown:
            raise BadInput(
                Code.BAD_VALUE,
                "The panel grades sections of this audit",
                where=", ".join(clean_line(code)[:10] for code in unknown),
                next_step=f"Sections: {', '.join(standing)}",
            )
        final = {**standing, **grades}
        unit.conn.execute(
            insert(_panel_grade),
            [
                {"panel_id": panel.panel_id, "section": code, "grade": int(grade)}
                for code, grade in final.items()
            ],
        )
        unit.conn.execute(
            update(_panel)
            .where(_panel.c.panel_id == panel.panel_id)
            .values(
                state="decided",
                decided_at=unit.now,
                decided_by=actor.person_id,
                rationale=rationale,
                members=list(members),
            )
        )
        unit.conn.execute(
            update(_moderation)
            .where(_moderation.c.moderation_id == row.moderation_id)
            .values(state="decided")
        )
        unit.event(
            "panel.decided",
            "audit",
            row.audit_id,
            new={code: grade.key for code, grade in final.items()},
            reason=rationale,
        )
        finish(unit, row, {code: (grade, "panel") for code, grade in final.items()}, how="decided by panel")
        when_final(unit, row)
    overall = f"The panel's overall case grade is {final[OVERALL].words}" if OVERALL in final else "Decided"
    return f"{overall}: the audit is final"


def feedback_sheet(workspace: Workspace, actor: Actor, audit_ref: str) -> FeedbackSheet:
    """What the auditor is sent once the moderation is decided."""
    with workspace.read() as conn:
        row = conn.execute(
            moderation_query()
            .where(func.lower(_audit.c.ref) == audit_ref.lower())
            .order_by(_moderation.c.selected_at.desc())
        ).first()
        mine_or_qa = row is not None and (
            row.auditor_id == actor.person_id
            or row.moderator_id == actor.person_id
            or actor.may("report.read")
        )
        if row is None or not mine_or_qa or row.state in (*BLIND_STATES, "graded"):
            raise not_found("moderate", audit_ref)
        form = kept_forms(workspace).assembled(row, case_of(row), conn)
        own = own_answers(conn, row.moderation_id)
        returned = row.state == "returned"  # to be graded blind again, so no grade leaves the moderation
        comparison = () if returned else compare(conn, row, form, read_answers(conn, row.audit_id), own)
    check = tuple(
        (
            item.id,
            item.text,
            " ".join(own.get((item.id, field.part), "") for field in item.fields).strip()
            + (f" - {words}" if (words := own.get((item.id, "evidence"), "")) else ""),
        )
        for _, item in current_library().form(CHECK_FORM).items()
        if not returned and any(own.get((item.id, field.part)) for field in item.fields)
    )
    return FeedbackSheet(
        row.ref, row.title, row.outcome, comparison, Grade(row.audit_quality) if row.audit_quality else None, check, row.reason,
        bool(row.blind), row.status == "moderated" and row.auditor_id == actor.person_id, row.response, row.response_text,
    )  # fmt: skip


def _finish_moderated(unit: Unit, row: Any, when_final: WhenFinal, *, how: str) -> None:
    grades = {
        one.section: (Grade(one.grade), "moderator")
        for one in unit.conn.execute(
            select(_moderated).where(_moderated.c.moderation_id == row.moderation_id)
        )
    }
    finish(unit, row, grades, how=how)
    when_final(unit, row)


def _decided(unit: Unit, audit_ref: str) -> Any:
    row = unit.conn.execute(
        moderation_query()
        .where(func.lower(_audit.c.ref) == audit_ref.lower(), _moderation.c.decided_at.is_not(None))
        .order_by(_moderation.c.selected_at.desc())
    ).first()
    if row is None:
        raise not_found("moderate", audit_ref)
    return row
