"""Reading a finished audit: the three grades side by side, the words, the worker's answer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, or_, select, update

from qa_audit.access.policy import Actor, require
from qa_audit.audits.forms_kept import kept_forms
from qa_audit.audits.models import Audit, WorkerResponse
from qa_audit.audits.records import FinalAudit
from qa_audit.audits.service import (
    FINISHED,
    auditor_grades,
    case_of,
    header_of,
    read_answers,
    readable,
    standing_grades,
)
from qa_audit.errors import BadInput, Code, not_found
from qa_audit.grades import Grade
from qa_audit.moderation.models import ModeratedGrade, Moderation, Panel, PanelGrade
from qa_audit.sampling.models import Round
from qa_audit.store.workspace import Workspace
from qa_audit.text import clean

_audit = Audit.__table__  # type: ignore[attr-defined]
_round = Round.__table__  # type: ignore[attr-defined]
_moderation = Moderation.__table__  # type: ignore[attr-defined]
_moderated = ModeratedGrade.__table__  # type: ignore[attr-defined]
_panel = Panel.__table__  # type: ignore[attr-defined]
_panel_grade = PanelGrade.__table__  # type: ignore[attr-defined]
_response = WorkerResponse.__table__  # type: ignore[attr-defined]


def read_final(workspace: Workspace, actor: Actor, ref: str) -> FinalAudit:
    """A finished audit, for those who may read it: its auditor, the team's manager, QA and heads, its worker."""
    require(actor, "audit.read_final")
    with workspace.read() as conn:
        row = _finished(conn, actor, ref)
        form = kept_forms(workspace).assembled(row, case_of(row), conn)
        latest = (
            select(_moderation.c.moderation_id)
            .where(_moderation.c.audit_id == row.audit_id, _moderation.c.outcome != "returned")
            .order_by(_moderation.c.selected_at.desc())
            .limit(1)
        )
        moderation_id = conn.execute(latest).scalar()
        decided = conn.execute(select(_moderated).where(_moderated.c.moderation_id == moderation_id)).all()
        panel_query = (
            select(_panel_grade)
            .join(_panel, _panel.c.panel_id == _panel_grade.c.panel_id)
            .where(_panel.c.moderation_id == moderation_id)
        )
        panel = {one.section: Grade(one.grade) for one in conn.execute(panel_query)}
        panel_reasons = conn.execute(
            select(_panel.c.rationale).where(
                _panel.c.moderation_id == moderation_id, _panel.c.state == "decided"
            )
        ).scalar()
        responses = conn.execute(
            select(_response).where(_response.c.audit_id == row.audit_id).order_by(_response.c.at)
        ).all()
        return FinalAudit(
            ref=row.ref, round_title=row.title, status=row.status, header=header_of(row), form=form,
            answers=read_answers(conn, row.audit_id), auditor=auditor_grades(conn, row.audit_id, row.revision),
            moderated={one.section: Grade(one.grade) for one in decided},
            panel=panel, standing=standing_grades(conn, [row.audit_id]).get(row.audit_id),
            responses=tuple((one.kind, one.words, one.at) for one in responses),
            reasons={one.section: (one.reason_code, one.reason) for one in decided if one.reason_code or one.reason},
            panel_reasons=panel_reasons or "",
        )  # fmt: skip


def share(workspace: Workspace, actor: Actor, ref: str) -> None:
    """Share a final audit with the worker and their manager (within two working days)."""
    require(actor, "moderation.manage")
    with workspace.write(actor) as unit:
        row = _finished(unit.conn, actor, ref)
        if row.status == "shared":
            return
        unit.conn.execute(
            update(_audit)
            .where(_audit.c.audit_id == row.audit_id)
            .values(status="shared", shared_at=unit.now)
        )
        unit.event("audit.shared", "audit", row.audit_id, old="final", new="shared")


def worker_answers(workspace: Workspace, actor: Actor, ref: str, kind: str, words: str) -> None:
    """The worker (or the manager for them) comments on a shared audit, or challenges a fact in it."""
    require(actor, "audit.respond")
    words = clean(words).strip()
    if kind not in {"comment", "fact"} or not words:
        raise BadInput(
            Code.INCOMPLETE,
            "Say whether it is a comment or a challenge to a fact, and what it is",
            next_step="Kinds: comment, fact",
        )
    with workspace.write(actor) as unit:
        row = _finished(unit.conn, actor, ref)
        if row.status != "shared":
            raise BadInput(
                Code.WRONG_STATE,
                "The audit has not been shared yet",
                where=row.ref,
                next_step="The QA unit shares it when it is final",
            )
        response_id = unit.ids()
        unit.conn.execute(
            insert(_response).values(
                response_id=response_id,
                audit_id=row.audit_id,
                kind=kind,
                words=words,
                at=unit.now,
                by=actor.person_id,
            )
        )
        unit.event("audit.worker_answered", "audit", row.audit_id, field=kind, new=words)


def _finished(conn: Any, actor: Actor, ref: str) -> Any:
    row = conn.execute(
        select(_audit, _round.c.title)
        .join(_round, _round.c.round_id == _audit.c.round_id)
        .where(
            func.lower(_audit.c.ref) == ref.lower(),
            _audit.c.status.in_(FINISHED),
            or_(_audit.c.auditor_id == actor.person_id, readable(actor)),
        )
    ).first()
    if row is None:
        raise not_found("audit", ref)
    return row
