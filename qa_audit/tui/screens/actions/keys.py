"""The keys of actions, in the registry."""

from __future__ import annotations

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

PLACE = "actions"

actions.place(PLACE, "Actions")
actions.register(
    Action("actions.next_view", "ctrl+n", "Next view", "Show another state; digits and a click do the same.", PLACE, bar=6),
    Action("actions.previous_view", "ctrl+b", "View before", "The view before.", PLACE),
    Action("actions.done", "d", "Done", "Say that the action is done, and what was done.", PLACE, bar=1),
    Action("actions.verify", "v", "Verify", "Confirm that the child's experience has changed; never by who did it.", PLACE, bar=2),
    Action("actions.reopen", "o", "Reopen", "Open it again: it was done and changed nothing.", PLACE, bar=3),
    Action("actions.supervision", "u", "Supervision", "Record the day on which it was taken into supervision.", PLACE, bar=4),
    Action("actions.move", "m", "Move due", "Move the due date, with the reason.", PLACE, bar=5),
    Action("actions.audit", "a", "Audit", "Open the audit that asked for it.", PLACE),
)  # fmt: skip
