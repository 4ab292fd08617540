"""The keys of the audit form, in the registry."""

from __future__ import annotations

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

PLACE = "form"

actions.place(PLACE, "The audit form")
actions.register(
    Action("form.next_section", "ctrl+n", "Next section", "Go to the next section.", PLACE, bar=2, priority=True),
    Action("form.previous_section", "ctrl+b", "Section before", "Go to the section before.", PLACE, priority=True),
    Action("form.next_open", "ctrl+g", "Next open", "Go to the next question without an answer.", PLACE, bar=1,
           priority=True),
    Action("form.descriptors", "f2", "Grades", "Show what each grade looks like in this section.", PLACE,
           "pane('grades')", bar=3, priority=True),
    Action("form.previous_audit", "f3", "Last time", "Show what the audit before this one found in this section.",
           PLACE, "pane('before')", bar=9, priority=True),
    Action("form.overview", "f4", "Open", "List everything that is still open, with a jump to each.", PLACE, bar=4,
           priority=True),
    Action("form.sections", "f5", "Sections", "Choose a section from the list.", PLACE, priority=True),
    Action("form.guidance", "f6", "Guidance", "Show or fold the guidance on the question in focus.", PLACE,
           priority=True),
    Action("form.ceiling", "f7", "Ceiling", "Show why the overall grade cannot be better.", PLACE,
           "pane('ceiling')", priority=True),
    Action("form.save_now", "ctrl+s", "Save now",
           "Save at once. Everything is saved as you go; this is for peace of mind.", PLACE, priority=True),
    Action("form.submit", "f10", "Submit", "Check the whole form and submit the audit.", PLACE, bar=5, priority=True),
)  # fmt: skip
