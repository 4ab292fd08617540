"""The audit form of one of my audits, with what belongs to the audit rather than to the form: hand it back."""

from __future__ import annotations

from typing import ClassVar

from textual import work as worker
from textual.binding import BindingType

from qa_audit.errors import QaError
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.screens.form.messages import Done, Refused
from qa_audit.tui.screens.form.screen import AuditFormScreen
from qa_audit.tui.screens.work.audit_source import ServiceAudit
from qa_audit.tui.widgets.dialogs import Ask

actions.place("my_form", "This audit")
actions.register(
    Action("my_form.hand_back", "f8", "Hand back", "Give the audit back because you have a tie to the case.",
           "my_form", priority=True),
)  # fmt: skip


class MyFormScreen(AuditFormScreen):
    """See the module's words. The result is "submitted", "handed back" or None."""

    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("my_form")

    def __init__(self, backend: Backend, ref: str) -> None:
        self._audit = ServiceAudit(backend, ref)
        super().__init__(self._audit, today=backend.today())
        self.backend = backend

    @property
    def audit_ref(self) -> str:
        """For the alert key: which audit is open."""
        return self._audit.ref

    @property
    def case_ref(self) -> str:
        """For the alert key: which case."""
        return self._audit.case_ref

    def known_actions(self) -> tuple[actions.Action, ...]:
        """The form's and this audit's."""
        own = super().known_actions()
        return own[:1] + actions.at("my_form") + own[1:]

    def action_hand_back(self) -> None:
        """F8: with the reason."""
        self.app.push_screen(
            Ask(
                "Hand this audit back?",
                "For when you find that you know the family, worked on the case, or manage its worker. "
                "The QA unit gives it to somebody else; what you wrote stays with the audit. Why?",
                check=lambda words: "" if words.strip() else "Say why in a few words.",
            ),
            self._reason_given,
        )

    def _reason_given(self, reason: str | None) -> None:
        if reason:
            self.page.settle()
            self._hand_back(reason)

    @worker(thread=True, exclusive=True, group="hand-back", exit_on_error=False)
    def _hand_back(self, reason: str) -> None:
        from qa_audit.audits.allocation_service import hand_back

        try:
            self.flush(3.0)
            hand_back(self.backend.workspace, self.backend.actor, self._audit.ref, reason)
        except QaError as refusal:
            self.post_message(Refused("hand back", str(refusal)))
        else:
            self.post_message(Done("hand back", "Handed back. The QA unit has been given the reason."))

    def on_done(self, message: Done) -> None:
        """Submitted, handed back, or the alert is out."""
        if message.what == "hand back":
            message.prevent_default()
            self.app.notify(message.words, markup=False, timeout=10)
            self.dismiss("handed back")
