"""The keys of finished audits and of papers, in the registry."""

from __future__ import annotations

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

PAPERS, FINAL = "results", "final_audit"

actions.place(PAPERS, "Results and papers")
actions.place(FINAL, "A finished audit")
actions.register(
    Action("results.next_view", "ctrl+n", "Next view", "Papers, or finished audits; digits and a click do the same.", PAPERS, bar=2),
    Action("results.choose_round", "r", "Round", "Choose the round.", PAPERS, bar=1),
    Action("results.export", "f6", "Export", "Write the paper under the cursor for this round.", PAPERS, bar=3, priority=True),
    Action("final.next_section", "ctrl+n", "Next section", "Go to the next section.", FINAL, bar=1),
    Action("final.previous_section", "ctrl+b", "Section before", "Go to the section before.", FINAL),
    Action("final.read_on", "pagedown,space", "Read on", "Scroll down.", FINAL, bar=2),
    Action("final.read_back", "pageup", "Read back", "Scroll up.", FINAL),
    Action("final.sections", "f5", "Sections", "Choose a section from the list.", FINAL),
    Action("final.share", "s", "Share", "Share the audit with the worker and their manager.", FINAL, bar=3),
    Action("final.respond", "c", "Comment", "Write the worker's comment, or challenge a fact.", FINAL, bar=4),
    Action("final.themes", "t", "Themes", "Code the strengths and gaps of this audit from the controlled list.", FINAL, bar=5),
    Action("final.actions", "a", "Actions", "The actions that this audit led to.", FINAL, bar=6),
)  # fmt: skip
