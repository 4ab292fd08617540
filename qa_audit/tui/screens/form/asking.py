"""What the form asks of its source in worker threads, and of the person in dialogs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from qa_audit.errors import QaError
from qa_audit.tui.base import QaScreen
from qa_audit.tui.screens.form.messages import Done, Loaded, Refused
from qa_audit.tui.screens.form.source import AuditSource, AuditView

if TYPE_CHECKING:
    from qa_audit.library.case import Answers
    from qa_audit.library.completeness import Gap


class AskingScreen(QaScreen[str]):
    """A screen over one `AuditSource`. Threads post messages and touch nothing else."""

    def __init__(self, source: AuditSource) -> None:
        super().__init__()
        self._source = source

    def _post(self, message: Message) -> None:
        self.post_message(message)

    @work(thread=True, exclusive=True, group="load", exit_on_error=False)
    def ask_load(self) -> None:
        """Read the audit; `Loaded` or `Refused` follows."""
        self._ask("load", lambda: Loaded(self._source.load()))

    @work(thread=True, exclusive=True, group="submit", exit_on_error=False)
    def ask_submit(self) -> None:
        """Submit; `Done` or `Refused` follows."""
        self._ask("submit", lambda: Done("submit", self._source.submit()))

    @work(thread=True, group="alert", exit_on_error=False)
    def ask_alert(self, item: str, words: str) -> None:
        """Raise an alert; `Done` or `Refused` follows."""
        self._ask("alert", lambda: Done("alert", self._source.raise_alert(item, words)))

    def _ask(self, what: str, act: Callable[[], Message]) -> None:
        try:
            self._post(act())
        except QaError as refusal:
            self._post(Refused(what, str(refusal)))
        except Exception:
            # a fault of the store must not take the form, and the text in it, away
            self._post(
                Refused(what, "Something went wrong in the program. Nothing was lost; please try again.")
            )

    def open_overview(
        self,
        view: AuditView,
        answers: Answers,
        go: Callable[[str, str, str], Awaitable[None]],
        *,
        after_submit: bool = False,
    ) -> None:
        """Everything that is open; `go` jumps to the one that was chosen."""
        from qa_audit.library.completeness import unanswered
        from qa_audit.tui.screens.form.overview import OverviewModal

        async def chosen(gap: Gap | None) -> None:
            if gap is not None:
                await go(gap.section, gap.item, gap.part)

        still = unanswered(view.form, answers, view.case)
        self.app.push_screen(
            OverviewModal(self._source.gaps(answers), still, after_submit=after_submit), chosen
        )

    def confirm_submit(self) -> None:
        """The last question before the answers are closed."""
        from qa_audit.tui.widgets.dialogs import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self.ask_submit()

        words = "After this the answers can be read and no longer changed, unless a manager returns the audit to you."
        self.app.push_screen(
            Confirm("Submit this audit?", words, yes="Submit", no="Go on auditing"), answered
        )

    def confirm_leaving(self) -> None:
        """Something is not saved: stay, or lose it knowingly."""
        from qa_audit.tui.widgets.dialogs import Confirm

        def answered(leave: bool | None) -> None:
            if leave:
                self.dismiss(None)

        words = "The store did not take them yet. Staying keeps trying; leaving loses what is not saved."
        modal = Confirm("Some answers are NOT SAVED", words, yes="Leave and lose them", no="Stay", risky=True)
        self.app.push_screen(modal, answered)

    def open_alert(self, view: AuditView, item: str, today: date) -> None:
        """What worries the person, in their words."""
        from qa_audit.tui.widgets.dialogs import FormModal
        from qa_audit.tui.widgets.fields import FieldSpec

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                self.ask_alert(item, values["words"])

        modal = FormModal(
            f"Raise an alert: {view.crumbs[-1] if view.crumbs else view.audit}",
            [FieldSpec("words", "text", "What worries you", help="What you saw, where, and since when")],
            today=today,
            words="Is this child at risk now? If so, ring the team manager or the duty service first.",
            save="Raise the alert",
        )
        self.app.push_screen(modal, written)
