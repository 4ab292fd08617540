"""The council's settings: the few that exist, what each may be, and who may change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa_audit.access.policy import Actor, require
from qa_audit.errors import BadInput, Code
from qa_audit.store.workspace import Workspace
from qa_audit.text import clean_line


@dataclass(frozen=True, slots=True)
class Known:
    """One setting: what it is, what it is when nobody set it, and what it may be."""

    key: str
    title: str
    help: str
    standard: str | int
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()


SETTINGS: Mapping[str, Known] = {
    one.key: one
    for one in (
        Known(
            "words.child_in_care",
            "Words for a child in care",
            "How this council says it, on screen: in lists, forms' headers and rounds.",
            "Child in care",
            choices=("Child in care", "Child looked after", "Child we care for", "Cared for child"),
        ),
        Known(
            "words.care_leaver",
            "Words for a care leaver",
            "How this council says it, on screen.",
            "Care leaver",
            choices=("Care leaver", "Care experienced young person"),
        ),
        Known(
            "round.days",
            "Days to do an audit",
            "From the start of a round to the day its audits are due, filled in beforehand for a new round.",
            21,
            1,
            180,
        ),
        Known(
            "round.share",
            "Audits moderated at random, per cent",
            "Filled in beforehand for a new round; rules such as every Inadequate come on top.",
            20,
            0,
            100,
        ),
    )
}


def council_settings(workspace: Workspace) -> dict[str, str | int]:
    """Every setting as it is now."""
    return {key: workspace.setting(key, known.standard) for key, known in SETTINGS.items()}


def change_setting(workspace: Workspace, actor: Actor, key: str, value: Any) -> None:
    """Change one setting. Raises BadInput when it is none of them or may not be that."""
    require(actor, "settings.change")
    known = SETTINGS.get(key)
    if known is None:
        raise BadInput(Code.NOT_FOUND, "There is no such setting", where=clean_line(key)[:40],
                       next_step=f"Settings: {', '.join(SETTINGS)}")  # fmt: skip
    if isinstance(known.standard, int):
        text = clean_line(str(value))
        if not text.isdecimal() or not known.least <= int(text) <= known.most:
            raise BadInput(
                Code.BAD_VALUE, f"{known.title}: a whole number from {known.least} to {known.most}", where=key
            )
        stored: str | int = int(text)
    else:
        stored = clean_line(str(value))[:60]
        if not stored:
            raise BadInput(Code.BAD_VALUE, f"{known.title}: the words are missing", where=key)
    workspace.set_setting(actor, key, stored)
