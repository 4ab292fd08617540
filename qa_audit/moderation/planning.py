"""Planning a round: its form kept for ever, the judgement set in force, its moderation rules checked before any audit."""

from __future__ import annotations

from dataclasses import replace

from qa_audit.access.policy import Actor, require
from qa_audit.audits.forms_kept import current_library, keep_form
from qa_audit.errors import BadInput, Code
from qa_audit.library.frameworks import framework_on
from qa_audit.library.practice import load_frameworks
from qa_audit.library.problems import nearest
from qa_audit.moderation.selection import rules_from_settings, settings_of
from qa_audit.sampling.records import NewRound
from qa_audit.sampling.service import create_round
from qa_audit.store.clock import typed_day
from qa_audit.store.workspace import Workspace


def plan_round(workspace: Workspace, actor: Actor, new: NewRound) -> str:
    """Plan a round; returns its reference. The form's version is stored with the workspace."""
    require(actor, "round.plan")
    rules = settings_of(rules_from_settings(new.moderation))
    framework = framework_on(load_frameworks(), typed_day(new.starts, "starts"))
    _check_sections(new)
    with workspace.write(actor) as unit:
        kept = keep_form(unit, new.form_id)
    return create_round(workspace, actor, replace(new, moderation=rules), kept=kept, framework=framework.id)


def _check_sections(new: NewRound) -> None:
    """A round may pick sections only of a form that lets it, and only those the form has."""
    form = current_library().form(new.form_id)
    if new.sections and not form.choose:
        raise BadInput(
            Code.BAD_VALUE,
            "This form asks all its sections",
            where=new.form_id,
            next_step="Use the thematic form to pick sections",
        )
    for code in new.sections:
        if form.section(code) is None:
            raise BadInput(
                Code.BAD_VALUE,
                "The form has no such section",
                where=code[:20],
                next_step=nearest(code, [one.code for one in form.graded]),
            )
