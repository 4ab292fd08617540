"""Feedback for auditors: which of one's own audits have been moderated, and how that ended."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from qa_audit.access.policy import Actor, require
from qa_audit.audits.models import Audit
from qa_audit.grades import Grade
from qa_audit.moderation.models import Moderation
from qa_audit.moderation.service import BLIND_STATES
from qa_audit.sampling.models import Round
from qa_audit.store.workspace import Workspace

_moderation = Moderation.__table__  # type: ignore[attr-defined]
_audit = Audit.__table__  # type: ignore[attr-defined]
_round = Round.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """One moderation of one's own audit that has been decided or returned."""

    audit_ref: str
    round_title: str
    case_ref: str
    decided_at: str | None
    outcome: str
    audit_quality: Grade | None
    audit_status: str
    response: str
    reason: str

    @property
    def awaits_answer(self) -> bool:
        """The auditor is asked to accept or dispute."""
        return self.audit_status == "moderated" and not self.response


def my_feedback(workspace: Workspace, actor: Actor) -> tuple[FeedbackRow, ...]:
    """Decided moderations of the actor's own audits: those that await an answer first, then the newest first."""
    require(actor, "audit.work")
    query = (
        select(_moderation, _audit.c.ref, _audit.c.case_ref, _audit.c.status.label("audit_status"), _round.c.title)
        .join(_audit, _audit.c.audit_id == _moderation.c.audit_id)
        .join(_round, _round.c.round_id == _moderation.c.round_id)
        .where(
            _audit.c.auditor_id == actor.person_id, _moderation.c.state.not_in((*BLIND_STATES, "graded"))
        )
        .order_by(_moderation.c.decided_at.desc(), _audit.c.ref)
    )  # fmt: skip
    with workspace.read() as conn:
        rows = tuple(
            FeedbackRow(
                row.ref, row.title, row.case_ref, row.decided_at, row.outcome or row.state,
                Grade(row.audit_quality) if row.audit_quality else None, row.audit_status, row.response, row.reason,
            )
            for row in conn.execute(query)
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: not row.awaits_answer))
