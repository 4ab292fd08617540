"""The steps that can make an audit final, each with what follows: its actions and strengths become tracked.

Screens and commands call these rather than the earlier stages' functions, so that an audit can never be
final without its actions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qa_audit.access.policy import Actor
from qa_audit.audits import service as audits
from qa_audit.audits.records import Submitted
from qa_audit.audits.service import SubmittedAudit, read_answers
from qa_audit.grades import Grade
from qa_audit.improvement.recovery import open_recovery
from qa_audit.improvement.service import raise_from_audit
from qa_audit.moderation import choosing, deciding
from qa_audit.moderation.records import Decision
from qa_audit.store.workspace import Unit, Workspace


def submit(workspace: Workspace, actor: Actor, ref: str) -> Submitted:
    """Submit an audit. It is chosen for moderation by the round's rules, or becomes final with its actions."""

    def follow(unit: Unit, submitted: SubmittedAudit) -> str:
        return choosing.choose(workspace, unit, submitted, when_final=_raise)

    return audits.submit(workspace, actor, ref, then=follow)


def decide(
    workspace: Workspace,
    actor: Actor,
    audit_ref: str,
    decisions: tuple[Decision, ...],
    *,
    audit_quality: Grade,
    reason: str = "",
) -> str:
    """The moderator's decision; see `moderation.deciding.decide`."""
    return deciding.decide(
        workspace, actor, audit_ref, decisions, audit_quality=audit_quality, reason=reason, when_final=_raise
    )


def respond(workspace: Workspace, actor: Actor, audit_ref: str, *, accept: bool, words: str = "") -> str:
    """The auditor's answer; see `moderation.deciding.respond`."""
    return deciding.respond(workspace, actor, audit_ref, accept=accept, words=words, when_final=_raise)


def let_stand(workspace: Workspace, actor: Actor, audit_ref: str) -> str:
    """The moderated grades stand; see `moderation.deciding.let_stand`."""
    return deciding.let_stand(workspace, actor, audit_ref, when_final=_raise)


def decide_panel(
    workspace: Workspace,
    actor: Actor,
    audit_ref: str,
    grades: Mapping[str, Grade],
    rationale: str,
    *,
    members: tuple[str, ...] = (),
) -> str:
    """The panel's decision; see `moderation.deciding.decide_panel`."""
    return deciding.decide_panel(
        workspace, actor, audit_ref, grades, rationale, members=members, when_final=_raise
    )


def _raise(unit: Unit, audit: Any) -> None:
    raise_from_audit(unit, audit, read_answers(unit.conn, audit.audit_id))
    open_recovery(unit, audit)
