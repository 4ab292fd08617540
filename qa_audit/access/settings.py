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
        Known(
            "figures.indicative_from",
            "Coefficients shown from, double-graded audits",
            "Below it papers print counts and shares alone. From there on figures are marked indicative.",
            10,
            10,
            200,
        ),
        Known(
            "figures.from",
            "Coefficients shown in full from",
            "Double-graded audits from which the word indicative goes.",
            20,
            10,
            500,
        ),
        Known(
            "figures.headline_from",
            "Double-graded audits for a headline",
            "Said in papers beside every coefficient.",
            30,
            10,
            1000,
        ),
        Known(
            "bands.green",
            "Exact agreement is strong from, per cent",
            "The upper of the two bounds of the bands in papers.",
            80,
            1,
            100,
        ),
        Known(
            "bands.amber",
            "Exact agreement to be watched from, per cent",
            "Below it papers say act.",
            65,
            0,
            99,
        ),
    )
}

ASCENDING: tuple[tuple[str, ...], ...] = (
    ("figures.indicative_from", "figures.from", "figures.headline_from"),
    ("bands.amber", "bands.green"),
)
"""Settings of which none may be above the next."""


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
        _check_order(workspace, key, int(text))
    else:
        stored = clean_line(str(value))[:60]
        if not stored:
            raise BadInput(Code.BAD_VALUE, f"{known.title}: the words are missing", where=key)
    workspace.set_setting(actor, key, stored)


def _check_order(workspace: Workspace, key: str, value: int) -> None:
    """Bounds that belong together stay in order, whichever is changed."""
    for keys in ASCENDING:
        if key not in keys:
            continue
        at = keys.index(key)
        for other, wrong in (
            *((keys[i], "below") for i in range(at)),
            *((keys[i], "above") for i in range(at + 1, len(keys))),
        ):
            bound = int(workspace.setting(other, SETTINGS[other].standard))
            if (wrong == "below" and value < bound) or (wrong == "above" and value > bound):
                raise BadInput(
                    Code.BAD_VALUE,
                    f"{SETTINGS[key].title}: {value} is {wrong} '{SETTINGS[other].title}', which is {bound}",
                    where=key,
                    next_step="Change that one first",
                )
