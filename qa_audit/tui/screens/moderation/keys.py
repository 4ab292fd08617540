"""The keys of moderation, in the registry."""

from __future__ import annotations

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

QUEUE, BLIND, DECIDE, PANEL, SHEET = (
    "moderation",
    "moderation_blind",
    "moderation_decide",
    "moderation_panel",
    "moderation_sheet",
)

actions.place(QUEUE, "Moderation")
actions.place(BLIND, "Grading a case again")
actions.place(DECIDE, "Compare and decide")
actions.place(PANEL, "A panel")
actions.place(SHEET, "What moderation found")
_VIEW = "Show another view of this place; the digits and a click do the same."
actions.register(
    Action("moderation.next_view", "ctrl+n", "Next view", _VIEW, QUEUE, bar=9),
    Action("moderation.previous_view", "ctrl+b", "View before", _VIEW, QUEUE),
    Action("moderation.allocate", "a", "Allocate", "Give this moderation to whoever is untied to the case and has least to do.", QUEUE, bar=2),
    Action("moderation.allocate_named", "n", "To a person", "Give this moderation to somebody you choose.", QUEUE, bar=3),
    Action("moderation.allocate_all", "A", "Allocate all", "Give every moderation without a moderator to somebody.", QUEUE),
    Action("moderation.let_stand", "t", "Let it stand",
           "Make moderated grades final when the auditor has not answered in five working days.", QUEUE),
    Action("moderation.feedback", "f", "Feedback", "Read what moderation found, as the auditor is sent it.", QUEUE, bar=4),

    Action("blind.next_section", "ctrl+n", "Next section", "Go to the next section.", BLIND, bar=2, priority=True),
    Action("blind.previous_section", "ctrl+b", "Section before", "Go to the section before.", BLIND, priority=True),
    Action("blind.next_open", "ctrl+g", "Next open", "Go to the next section without a grade of yours.", BLIND, bar=3,
           priority=True),
    Action("blind.descriptors", "f2", "Grades", "Show what each grade looks like in this section.", BLIND, bar=4, priority=True),
    Action("blind.case", "f3", "Case", "Show the child's age, cohort and dates; never a name.", BLIND, bar=7, priority=True),
    Action("blind.overview", "f4", "Open", "List the sections that still need a grade of yours.", BLIND, priority=True),
    Action("blind.sections", "f5", "Sections", "Choose a section from the list.", BLIND, priority=True),
    Action("blind.read_on", "pagedown", "Read on", "Scroll the evidence down.", BLIND, bar=5),
    Action("blind.read_back", "pageup", "Read back", "Scroll the evidence up.", BLIND),
    Action("blind.send_back", "f8", "Return", "Send the audit back to its auditor for more evidence, with the reason.", BLIND, bar=6,
           priority=True),
    Action("blind.save_now", "ctrl+s", "Save now", "Save at once. Everything is saved as you go.", BLIND, priority=True),
    Action("blind.lock", "f10", "Lock", "Lock your grades for ever and see the auditor's.", BLIND, bar=1, priority=True),

    Action("decide.next_page", "ctrl+n", "Other page", "The grades of practice, and the quality of the audit: two questions.",
           DECIDE, bar=2, priority=True),
    Action("decide.previous_page", "ctrl+b", "Page before", "The page before.", DECIDE, priority=True),
    Action("decide.agree", "a", "Agree", "The auditor's grade is to stand.", DECIDE, bar=3),
    Action("decide.keep", "m", "Keep mine", "Your own grade is to stand.", DECIDE, bar=4),
    Action("decide.agree_rest", "A", "Agree with the rest", "The auditor's grade is to stand wherever you have not chosen.", DECIDE),
    Action("decide.descriptors", "f2", "Grades", "Show what each grade looks like in this section.", DECIDE, bar=6, priority=True),
    Action("decide.evidence", "f3", "Evidence", "Show what the auditor recorded in this section; beside the audit, its conversation, views, strengths and actions.", DECIDE, bar=5, priority=True),
    Action("decide.overview", "f4", "Open", "List what is still missing before you can decide.", DECIDE, priority=True),
    Action("decide.send_back", "f8", "Return", "Send the audit back to its auditor for more evidence, with the reason.", DECIDE,
           priority=True),
    Action("decide.save_now", "ctrl+s", "Save now", "Save at once. Everything is saved as you go.", DECIDE, priority=True),
    Action("decide.decide", "f10", "Decide", "Check that nothing is missing, and decide.", DECIDE, bar=1, priority=True),

    Action("panel.grade", "enter", "Change", "Change the panel's grade of this section.", PANEL),
    Action("panel.write", "f10", "Write the decision", "Write the panel's reasons and members, and make the audit final.", PANEL,
           bar=1, priority=True),
    Action("sheet.accept", "a", "Accept", "Accept the moderated grades: the audit becomes final.", SHEET, bar=1),
    Action("sheet.dispute", "d", "Dispute", "Dispute the moderated grades, with your grounds: a panel decides.", SHEET, bar=2),
)  # fmt: skip
