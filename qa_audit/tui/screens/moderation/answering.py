"""A moderation on screen whose words are saved as they are written; what grading and deciding share."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from textual.message import Message

from qa_audit.tui.saving import SaveReport
from qa_audit.tui.screens.form.keeping import Keeping
from qa_audit.tui.screens.form.messages import Key
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import clock_time
from qa_audit.tui.widgets.question import Question

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.moderation.records import ModerationView
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

LEAVING = 3.0
"""Seconds that leaving waits for the store."""


class SaveNews(Message):
    """The saving of one value moved on."""

    def __init__(self, report: SaveReport[Key]) -> None:
        super().__init__()
        self.report = report


class _Road:
    """From the queue of answers to the service; runs in the saving thread."""

    def __init__(self, backend: Backend, audit_ref: str) -> None:
        self._backend, self._ref = backend, audit_ref

    def save(self, item: str, part: str, value: str) -> datetime:
        """Commit one part; when it was committed."""

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.moderation import service

            service.save(workspace, actor, self._ref, item, part, value)

        self._backend.call(work)
        return self._backend.clock()

    def remember(self, section: str, item: str) -> None:
        """A moderator's reading position is not kept."""


class AnsweringScreen(PlaceScreen[None]):
    """One moderation. Subclasses implement `opened` and may look at `own`."""

    def __init__(self, backend: Backend, audit_ref: str, road: object | None = None) -> None:
        """`road` takes answers elsewhere than to the moderation of `audit_ref`; it has `_Road`'s methods."""
        super().__init__(backend)
        self.audit_ref = audit_ref
        self.case_ref = ""
        self.view: ModerationView | None = None
        self._keeping = Keeping(cast(Any, road or _Road(backend, audit_ref)), self._news)

    def _news(self, report: SaveReport[Key]) -> None:
        self.post_message(SaveNews(report))

    @property
    def today(self) -> date:
        """The workspace's day."""
        return self.backend.today()

    @property
    def own(self) -> dict[Key, str]:
        """What the moderator has written, as it stands on screen."""
        return self._keeping.answers

    def load(self) -> None:
        """Read once; what is on screen is newer than the store from then on."""
        if self.view is None:
            ref = self.audit_ref

            def work(workspace: Workspace, actor: Actor) -> ModerationView:
                from qa_audit.moderation import service

                return service.open_moderation(workspace, actor, ref)

            self.ask(work, self._arrived, failed=self.not_opened)

    def _arrived(self, view: ModerationView) -> None:
        if self.view is None:
            self.view = view
            self.case_ref = next((value for label, value in view.header if label == "Case"), "")
            self._keeping.begin(dict(view.own))
            self.opened(view)

    def opened(self, view: ModerationView) -> None:
        """The moderation is here; override."""

    def not_opened(self, error: QaError) -> None:
        """It cannot be opened: say why and leave."""
        self.dismiss(None)
        self.council.say_refusal(error)

    # -- saving -------------------------------------------------------------------------------------

    def on_question_changed(self, message: Question.Changed) -> None:
        """Keep it, save it."""
        self.write(message.item, message.part, message.value, final=message.final)

    def write(self, item: str, part: str, value: str, *, final: bool = True) -> None:
        """Take one value of the moderator's."""
        self._keeping.answer(item, part, value, final=final)
        self.show_saved(self._keeping.words())
        self.written(item, part, value)

    def written(self, item: str, part: str, value: str) -> None:
        """Something was written; override to redraw."""

    def on_save_news(self, message: SaveNews) -> None:
        """The field and the status bar say how saving stands."""
        words = self._keeping.news(message.report)
        if words is not None:
            item, part = message.report.key
            for question in self.query(Question):
                if question.item == item:
                    question.mark(part, words)
            self.show_saved(self._keeping.words())

    def settle(self) -> None:
        """What is being typed counts as typed."""
        for question in self.query(Question):
            question.settle()

    def all_saved(self) -> bool:
        """Nothing waits; if something does, say so."""
        self.settle()
        if self._keeping.flush(LEAVING):
            return True
        self.show_saved(self._keeping.words())
        self.council.tell("Something you wrote is not saved yet. Ctrl+S tries again.", severity="error")
        return False

    def action_save_now(self) -> None:
        """Ctrl+S."""
        if self.all_saved():
            at = self._keeping.words().at
            self.app.notify(f"Everything is saved{f' ({clock_time(at)})' if at else ''}.", timeout=3)
        self.show_saved(self._keeping.words())

    def flush(self, timeout: float) -> bool:
        """See what is typed through to the store."""
        return self._keeping.flush(timeout)

    def on_unmount(self) -> None:
        """The last of it."""
        self._keeping.close(LEAVING)

    def leave(self) -> None:
        """Escape, once nothing else is open: never with something unsaved behind the person's back."""
        from qa_audit.tui.widgets.dialogs import Confirm

        self.settle()
        if self._keeping.flush(LEAVING):
            self.dismiss(None)
            return

        def answered(leave: bool | None) -> None:
            if leave:
                self.dismiss(None)

        words = "The store did not take them yet. Staying keeps trying; leaving loses what is not saved."
        self.app.push_screen(
            Confirm("Some answers are NOT SAVED", words, yes="Leave and lose them", no="Stay", risky=True),
            answered,
        )

    # -- returning ------------------------------------------------------------------------------------

    def action_send_back(self) -> None:
        """F8: back to the auditor for more evidence."""
        from qa_audit.tui.widgets.dialogs import FormModal
        from qa_audit.tui.widgets.fields import FieldSpec

        if self.view is None or not self.view.writable or not self.all_saved():
            return
        ref = self.audit_ref

        def written(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def work(workspace: Workspace, actor: Actor) -> None:
                from qa_audit.moderation import deciding

                deciding.return_audit(workspace, actor, ref, values["reason"])

            self.do(work, lambda _: self._returned(), group="return")

        words = "The auditor gets it back with your words. The next submission is moderated afresh."
        field = FieldSpec(
            "reason", "text", "What evidence is missing", help="Name the sections and what you looked for"
        )
        self.app.push_screen(
            FormModal(
                "Return for more evidence", [field], today=self.today, words=words, save="Return the audit"
            ),
            written,
        )

    def _returned(self) -> None:
        self.council.tell(f"{self.audit_ref} is back with its auditor.")
        self.dismiss(None)
