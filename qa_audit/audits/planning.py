"""Planning a round from the library: its form kept for ever, the judgement set in force on its first day."""

from __future__ import annotations

from qa_audit.access.policy import Actor, require
from qa_audit.audits.forms_kept import keep_form
from qa_audit.library.frameworks import framework_on
from qa_audit.library.practice import load_frameworks
from qa_audit.sampling.service import NewRound, create_round
from qa_audit.store.clock import day
from qa_audit.store.workspace import Workspace


def plan_round(workspace: Workspace, actor: Actor, new: NewRound) -> str:
    """Plan a round; returns its reference. The form's version is stored with the workspace."""
    require(actor, "round.plan")
    with workspace.write(actor) as unit:
        kept = keep_form(unit, new.form_id)
    framework = framework_on(load_frameworks(), day(new.starts))
    return create_round(workspace, actor, new, kept=kept, framework=framework.id)
