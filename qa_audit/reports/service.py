"""Papers: who may make one, what it is made from, where it lands. Every export is an event of the trail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qa_audit.access.policy import ROLES, Actor, require
from qa_audit.errors import BadInput, Code
from qa_audit.reports import profiles, summary, workbook
from qa_audit.reports.facts import RoundFacts
from qa_audit.reports.gather import gather
from qa_audit.reports.profiles import Profile, load_profile
from qa_audit.store.workspace import Workspace

Progress = Callable[[str, int, int], None]

PAPERS = {"moderation-summary": summary.build}
"""Kind of paper to the function that builds its workbook from the facts."""


@dataclass(frozen=True, slots=True)
class ExportResult:
    """A written paper."""

    path: Path
    sheets: tuple[str, ...]
    rows: int
    sha256: str
    marking: str


def round_facts(workspace: Workspace, actor: Actor, round_ref: str) -> RoundFacts:
    """The facts of a round for a screen."""
    require(actor, "report.read")
    return gather(workspace, round_ref, made_by_role=role_words(actor))


def export(
    workspace: Workspace, actor: Actor, profile: str | Profile, round_ref: str, out: Path | None = None, progress: Progress | None = None
) -> ExportResult:  # fmt: skip
    """Write a paper from an export profile; returns where it is. The file appears whole or not at all."""
    require(actor, "report.export")
    chosen = load_profile(profile) if isinstance(profile, str) else profile
    profiles.require_suppression(chosen)
    if chosen.paper == "calibration":
        raise BadInput(
            Code.BAD_VALUE,
            "This paper is of a calibration exercise and not of a round",
            where=f"profile '{chosen.id}'",
            next_step="Make it with 'qa-audit calibrate export C-001', or from Calibration on screen",
        )
    if chosen.paper not in PAPERS:
        raise BadInput(
            Code.BAD_SCHEMA,
            "The profile names a paper that is not made here",
            where=f"{chosen.id}: {chosen.paper}",
            next_step=f"Papers: {', '.join(PAPERS)}",
        )
    facts = gather(workspace, round_ref, made_by_role=role_words(actor))
    if not facts.audits:
        raise BadInput(
            Code.NOTHING_TO_REPORT,
            "The round has no audits yet",
            where=facts.ref,
            next_step="Draw and allocate it first",
        )
    document = PAPERS[chosen.paper](facts, chosen)
    path = _place(workspace, chosen, facts, out)
    rows = workbook.write(document, path, progress=progress)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with workspace.write(actor) as unit:
        unit.event(
            "report.exported",
            "round",
            facts.ref,
            new={
                "profile": chosen.id,
                "version": chosen.version,
                "sha256": digest,
                "audience": chosen.audience,
            },
        )
    return ExportResult(path, tuple(sheet.name for sheet in document.sheets), rows, digest, chosen.marking)


def role_words(actor: Actor) -> str:
    """The acting person's first role in words: papers say the role, never the name."""
    return next((words for role, words in ROLES.items() if role in actor.roles), "No role")


def _place(workspace: Workspace, chosen: Profile, facts: RoundFacts, out: Path | None) -> Path:
    name = profiles.file_name(
        chosen,
        round_ref=facts.ref,
        council=facts.council,
        period=f"{facts.period_start:%Y-%m}",
        made_on=facts.made_at.date(),
    )
    if out is None:
        folder = profiles.default_out(profiles.exports_folder(), workspace.folder)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name
    if out.is_dir() or (out.suffix == "" and not out.exists()):
        out.mkdir(parents=True, exist_ok=True)
        return out / name
    out.parent.mkdir(parents=True, exist_ok=True)
    return out
