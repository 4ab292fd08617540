"""The keys of the dashboard, in the registry."""

from __future__ import annotations

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

PLACE = "dashboard"

actions.place(PLACE, "Dashboard")
actions.register(
    Action("dashboard.next_page", "ctrl+n", "Next page", "Show the next page; digits and a click do the same.", PLACE, bar=2),
    Action("dashboard.previous_page", "ctrl+b", "Page before", "Show the page before.", PLACE),
    Action("dashboard.choose_round", "r", "Round", "Choose the round that is shown.", PLACE, bar=1),
    Action("dashboard.behind", "", "Audits behind", "List the audits behind the figure under the cursor (Enter).", PLACE),
    Action("dashboard.whole", "p", "Picture", "Give the picture the whole page, or the figures again.", PLACE, bar=3),
    Action("dashboard.export", "f6", "Export", "Write the moderation summary of this round to an Excel file.", PLACE, bar=4,
           priority=True),
    Action("dashboard.renew", "f5", "Read again", "Read the figures again.", PLACE),
)  # fmt: skip
