"""At submission: is this audit moderated, by which rule, with what chance, and by whom?

Runs inside the transaction of the submission. The auditor is never told why an audit was chosen, since
the reason could give the grade away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select, update

from qa_audit.audits.answers import OVERALL
from qa_audit.audits.models import Alert, Audit, AuditGrade, Submission
from qa_audit.audits.service import SubmittedAudit, finish
from qa_audit.moderation.models import ModeratedGrade, Moderation
from qa_audit.moderation.selection import SubmittedAudit as Candidate
from qa_audit.moderation.selection import rules_from_settings
from qa_audit.moderation.selection import select as decide_which
from qa_audit.moderation.service import candidates, enqueue, give
from qa_audit.sampling.models import Round
from qa_audit.store.workspace import Unit, Workspace

_audit = Audit.__table__  # type: ignore[attr-defined]
_alert = Alert.__table__  # type: ignore[attr-defined]
_grade = AuditGrade.__table__  # type: ignore[attr-defined]
_submission = Submission.__table__  # type: ignore[attr-defined]
_moderation = Moderation.__table__  # type: ignore[attr-defined]
_moderated = ModeratedGrade.__table__  # type: ignore[attr-defined]
_round = Round.__table__  # type: ignore[attr-defined]

TOLERANCE = 0.5
"""Mean signed shift, in grade steps, beyond which an auditor's random share is raised."""
ENOUGH = 5
"""Moderated audits before an auditor's shift is looked at."""


def choose(
    workspace: Workspace, unit: Unit, submitted: SubmittedAudit, *, when_final: Callable[[Unit, Any], None]
) -> str:
    """Queue the audit for moderation by its round's rules, or make it final; returns words for the auditor."""
    row = submitted.row
    round_row = unit.conn.execute(select(_round).where(_round.c.round_id == row.round_id)).one()
    rules = rules_from_settings(round_row.moderation)
    candidate = Candidate(
        row.audit_id,
        row.auditor_id,
        submitted.grades.get(OVERALL),
        _submitted_before(unit, row.auditor_id),
        round_row.kind == "peer",
        bool(unit.conn.execute(select(_alert.c.alert_id).where(_alert.c.audit_id == row.audit_id)).first()),
        _above_ceiling(submitted),
    )
    drifting = frozenset({row.auditor_id}) if _out_of_tolerance(unit, row.auditor_id) else frozenset()
    decision = decide_which([candidate], f"moderation/{row.round_id}", rules, drifting)[0]
    unit.conn.execute(
        update(_submission)
        .where(_submission.c.audit_id == row.audit_id, _submission.c.revision == submitted.revision)
        .values(moderation_chance=decision.inclusion_probability)
    )
    again = unit.conn.execute(
        select(_moderation.c.moderation_id).where(_moderation.c.audit_id == row.audit_id)
    ).first()
    if not decision.moderate and again is None:
        unit.conn.execute(update(_audit).where(_audit.c.audit_id == row.audit_id).values(status="submitted"))
        finish(
            unit,
            row,
            {code: (grade, "auditor") for code, grade in submitted.grades.items()},
            how="not chosen for moderation",
        )
        when_final(unit, row)
        return "Submitted. It was not chosen for moderation, so it is final."
    reasons = tuple(why.value for why in decision.reasons) or ("returned",)
    moderation_id = enqueue(
        unit, row, submitted.revision, reasons=reasons, random=decision.random,
        # A returned audit comes back for certain: with a lower chance it would weigh more than one case.
        probability=decision.inclusion_probability if decision.moderate else 1.0,
        blind=bool(round_row.blind),
    )  # fmt: skip
    able = candidates(workspace, row)
    if able:
        give(unit, row.audit_id, moderation_id, able)
    return "Submitted. It goes to moderation; you will hear within five working days."


def _submitted_before(unit: Unit, auditor_id: str) -> int:
    """The how-manieth submitted audit of this auditor this is, counted over all rounds."""
    query = (
        select(func.count(func.distinct(_submission.c.audit_id)))
        .join(_audit, _audit.c.audit_id == _submission.c.audit_id)
        .where(_audit.c.auditor_id == auditor_id)
    )
    return int(unit.conn.execute(query).scalar() or 0)


def _above_ceiling(submitted: SubmittedAudit) -> bool:
    chosen = submitted.grades.get(OVERALL)
    return chosen is not None and submitted.ceiling.grade is not None and chosen < submitted.ceiling.grade


def _out_of_tolerance(unit: Unit, auditor_id: str) -> bool:
    query = (
        select(_moderated.c.grade, _grade.c.grade.label("first"))
        .join(_moderation, _moderation.c.moderation_id == _moderated.c.moderation_id)
        .join(_audit, _audit.c.audit_id == _moderation.c.audit_id)
        .join(
            _grade,
            (_grade.c.audit_id == _moderation.c.audit_id)
            & (_grade.c.revision == _moderation.c.revision)
            & (_grade.c.section == OVERALL),
        )
        .where(_audit.c.auditor_id == auditor_id, _moderated.c.section == OVERALL)
    )
    shifts = [row.grade - row.first for row in unit.conn.execute(query)]
    return len(shifts) >= ENOUGH and abs(sum(shifts) / len(shifts)) > TOLERANCE
