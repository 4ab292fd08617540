"""The keys of themes, in the registry."""

from __future__ import annotations

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

PLACE, CODING = "themes", "coding"

actions.place(PLACE, "Themes")
actions.place(CODING, "Coding an audit")
actions.register(
    Action("themes.next_view", "ctrl+n", "Next view", "Strengths and gaps, or the audits to code; digits do the same.", PLACE, bar=2),
    Action("themes.choose_round", "r", "Round", "Choose the round.", PLACE, bar=1),
    Action("coding.strength", "plus", "Add a strength", "Choose a strength from the controlled list.", CODING, bar=1),
    Action("coding.gap", "minus", "Add a gap", "Choose a gap from the controlled list.", CODING, bar=2),
    Action("coding.drop", "x,delete", "Remove", "Take the theme under the cursor away.", CODING, bar=3),
    Action("coding.audit", "a", "Audit", "Read the audit.", CODING, bar=4),
)  # fmt: skip
