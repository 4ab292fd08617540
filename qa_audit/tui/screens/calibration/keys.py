"""The keys of calibration, in the registry."""

from __future__ import annotations

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

LIST, EXERCISE, TAKE, RESULTS, FEEDBACK = (
    "calibration",
    "calibration_exercise",
    "calibration_take",
    "calibration_results",
    "calibration_feedback",
)

actions.place(LIST, "Calibration")
actions.place(EXERCISE, "A calibration exercise")
actions.place(TAKE, "Grading a calibration case")
actions.place(RESULTS, "Results of a calibration exercise")
actions.place(FEEDBACK, "Your calibration feedback")
actions.register(
    Action("calibration.new", "n", "New exercise", "Choose cases and people for a new calibration exercise.", LIST, bar=1),
    Action("calibration.trend", "t", "Trend", "How agreement has moved from one exercise to the next.", LIST, bar=2),

    Action("calibration_exercise.results", "r", "Results", "The spread of everybody's grades, once the exercise is revealed.", EXERCISE, bar=1),
    Action("calibration_exercise.feedback", "f", "Feedback", "Your own grades beside the reference, once the exercise is revealed.", EXERCISE, bar=2),
    Action("calibration_exercise.reveal", "v", "Reveal", "Show the reference and the spread to everybody; nobody grades after that.", EXERCISE, bar=3),
    Action("calibration_exercise.invite", "i", "Invite", "Invite more people.", EXERCISE, bar=4),
    Action("calibration_exercise.attendance", "a", "Attendance", "Record who came to the workshop.", EXERCISE, bar=5),
    Action("calibration_exercise.withdraw", "w", "Withdraw", "Take the exercise back before it is revealed, with the reason.", EXERCISE),

    Action("calibration_take.next_section", "ctrl+n", "Next section", "Go to the next section.", TAKE, bar=2, priority=True),
    Action("calibration_take.previous_section", "ctrl+b", "Section before", "Go to the section before.", TAKE, priority=True),
    Action("calibration_take.next_open", "ctrl+g", "Next open", "Go to the next section without a grade of yours.", TAKE, bar=3, priority=True),
    Action("calibration_take.descriptors", "f2", "Grades", "Show what each grade looks like in this section.", TAKE, bar=4, priority=True),
    Action("calibration_take.overview", "f4", "Open", "List what is still missing before you can submit.", TAKE, priority=True),
    Action("calibration_take.sections", "f5", "Sections", "Choose a section from the list.", TAKE, priority=True),
    Action("calibration_take.read_on", "pagedown", "Read on", "Scroll the record down.", TAKE, bar=5, priority=True),
    Action("calibration_take.read_back", "pageup", "Read back", "Scroll the record up.", TAKE, priority=True),
    Action("calibration_take.save_now", "ctrl+s", "Save now", "Save at once. Everything is saved as you go.", TAKE, priority=True),
    Action("calibration_take.submit", "f10", "Submit", "Submit your grades of this case for good.", TAKE, bar=1, priority=True),

    Action("calibration_results.person", "f", "Feedback of", "Read the feedback sheet of one person.", RESULTS, bar=1),
    Action("calibration_results.paper", "f6", "Export", "Write the results as a workbook for the QA unit.", RESULTS, bar=2, priority=True),
)  # fmt: skip
