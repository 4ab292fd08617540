"""What a revealed exercise found: the spread of everybody's grades for the QA unit, and each person's own feedback."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.backend import Backend
from qa_audit.tui.screens.calibration import keys
from qa_audit.tui.screens.calibration.reading import feedback_content, results_content
from qa_audit.tui.service_screen import PlaceScreen, refusal_content
from qa_audit.tui.text import MUTED, say
from qa_audit.tui.widgets.fields import Choice, FieldSpec

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.moderation.calibration_records import CalibrationFeedback, Results
    from qa_audit.reports.service import ExportResult
    from qa_audit.store.workspace import Workspace


class CalibrationPage(PlaceScreen[None]):
    """A page of calibration to be read: one text that scrolls, drawn again to the width there is."""

    BODY_WIDTH = 150
    CSS_PATH = Path(__file__).with_name("calibration.tcss")

    def body(self) -> ComposeResult:
        """One text."""
        with VerticalScroll():
            yield Static(say("Reading…", MUTED), markup=False)

    def on_mount(self) -> None:
        """Arrows scroll at once."""
        self.query_one(VerticalScroll).focus()

    def content(self, width: int) -> Content | None:
        """What is read; override."""
        return None

    def draw(self) -> None:
        """To the width there is."""
        found = self.content(max(40, self.query_one(VerticalScroll).size.width - 3))
        if found is not None:
            self.query_one("VerticalScroll Static", Static).update(found)

    def on_resize(self) -> None:
        """Another width."""
        self.call_after_refresh(self.draw)

    def not_read(self, error: QaError) -> None:
        """Why it cannot be read."""
        self.query_one("VerticalScroll Static", Static).update(refusal_content(error))


class ResultsScreen(CalibrationPage):
    """Everything on an exercise, people by code: for the QA unit."""

    PLACE = keys.RESULTS
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.RESULTS)
    HELP_TEXT = (
        "Each dot is one person's grade; the reference stands in brackets. Who leans which way is said by code, and only "
        "pointed out where chance would hardly bring it. f reads one person's feedback, F6 writes the paper."
    )

    def __init__(self, backend: Backend, ref: str) -> None:
        super().__init__(backend)
        self._ref = ref
        self._found: Results | None = None

    def load(self) -> None:
        """The results."""
        ref = self._ref

        def work(workspace: Workspace, actor: Actor) -> Results:
            from qa_audit.moderation import calibration_reading

            return calibration_reading.results(workspace, actor, ref)

        self.ask(work, self._show, failed=self.not_read)

    def _show(self, found: Results) -> None:
        self._found = found
        self.show_where("Calibration", found.row.title, "Results", right="QA unit only")
        self.draw()

    def content(self, width: int) -> Content | None:
        """Pictures and words."""
        return None if self._found is None else results_content(self._found, width)

    def action_person(self) -> None:
        """f: whose feedback."""
        from qa_audit.tui.widgets.dialogs import PickModal

        if self._found is None:
            return
        choices = tuple(Choice(one.code, f"{one.code}  {one.display}") for one in self._found.invited)

        def picked(code: str | None) -> None:
            if code:
                self.app.push_screen(FeedbackScreen(self.backend, self._ref, code))

        self.app.push_screen(PickModal(FieldSpec("of", "choice", "Whose feedback", choices), ""), picked)

    def action_paper(self) -> None:
        """F6."""
        ref = self._ref

        def work(workspace: Workspace, actor: Actor) -> ExportResult:
            from qa_audit.reports.calibration import export_calibration

            return export_calibration(workspace, actor, ref)

        self.council.tell("Writing the paper…")
        self.do(
            work, lambda made: self.council.tell(f"Written: {made.path} ({made.marking})."), group="paper"
        )


class FeedbackScreen(CalibrationPage):
    """One person's feedback: their grades beside the reference, the panel's reasons, how they have moved."""

    PLACE = keys.FEEDBACK
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.FEEDBACK)
    HELP_TEXT = (
        "Your grade is the diamond, the reference stands in brackets, and where enough people graded the dots show the "
        "others, without names. Under each section are the panel's reasons: read those where you differ first."
    )

    def __init__(self, backend: Backend, ref: str, code: str | None = None) -> None:
        super().__init__(backend)
        self._ref, self._code = ref, code
        self._found: CalibrationFeedback | None = None

    def load(self) -> None:
        """The sheet."""
        ref, code = self._ref, self._code

        def work(workspace: Workspace, actor: Actor) -> CalibrationFeedback:
            from qa_audit.moderation import calibration_reading

            return calibration_reading.feedback(workspace, actor, ref, code)

        self.ask(work, self._show, failed=self.not_read)

    def _show(self, found: CalibrationFeedback) -> None:
        self._found = found
        self.show_where("Calibration", found.title, f"Feedback for {found.code}")
        self.draw()

    def content(self, width: int) -> Content | None:
        """Pictures and words."""
        if self._found is None:
            return None
        yours = self._code is None or self._code.casefold() == self.backend.actor.code.casefold()
        return feedback_content(self._found, width, yours=yours)
