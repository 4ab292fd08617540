"""The app a council works in: opens a workspace, knows who acts, leads to every place.

It paints first. The workspace is opened in a thread, which is where the database is imported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import work
from textual.message import Message
from textual.screen import ModalScreen, Screen

from qa_audit.errors import QaError
from qa_audit.tui import actions, crash, preferences
from qa_audit.tui.actions import Action
from qa_audit.tui.app import FLUSH_LIMIT, QaApp
from qa_audit.tui.destinations import DESTINATIONS
from qa_audit.tui.service_screen import fault
from qa_audit.tui.text import harmless

if TYPE_CHECKING:
    from qa_audit.access.service import PersonRecord
    from qa_audit.tui.backend import Backend

actions.register(
    Action("app.act_as", "", "Act as somebody else",
           "Change who you are, in the demo or in a workspace of your own.", method="act_as"),
    Action("app.home", "", "Go home", "Back to what needs you now.", method="home"),
)  # fmt: skip


class Opened(Message):
    """The workspace is open; `people` to choose oneself from, empty when it is clear who acts."""

    def __init__(self, people: tuple[PersonRecord, ...]) -> None:
        super().__init__()
        self.people = people


class NotOpened(Message):
    """The workspace could not be opened."""

    def __init__(self, error: QaError) -> None:
        super().__init__()
        self.error = error


class CouncilApp(QaApp):
    """See the module's words."""

    DEFAULT_CSS = """
    .-compact Question { margin-bottom: 0; }
    .-compact ActionLine { margin-bottom: 0; }
    """

    def __init__(self, backend: Backend, **more: Any) -> None:
        chosen = preferences.load()
        super().__init__(backend, chosen_theme=chosen.theme, **more)
        self.backend = backend
        self.preferences = chosen
        self.set_class(chosen.compact, "-compact")

    # -- the start ----------------------------------------------------------------------------------

    def first_screen(self) -> Screen[Any]:
        """The start screen, which says that the workspace is being opened."""
        from qa_audit.tui.screens.start.screen import StartScreen

        return StartScreen(self.backend)

    def on_ready(self) -> None:
        """Painted: now open the workspace."""
        self.open_workspace()

    @work(thread=True, exclusive=True, group="opening", exit_on_error=False)
    def open_workspace(self) -> None:
        """Open what `backend.place` names, in a thread; `Opened` or `NotOpened` follows."""
        try:
            self.post_message(Opened(self.backend.open()))
        except QaError as error:
            self.post_message(NotOpened(error))
        except Exception as error:  # noqa: BLE001,RUF100 - said in words on the start screen
            self.post_message(NotOpened(self.fault_in_words(error)))

    def on_opened(self, message: Opened) -> None:
        """Straight home, or first ask who this is."""
        if message.people:
            from qa_audit.tui.screens.start.who import WhoModal

            self.push_screen(WhoModal(message.people), self._chosen_person)
        else:
            self.show_home()

    def on_not_opened(self, message: NotOpened) -> None:
        """Say so on the start screen, with what can be done."""
        from qa_audit.tui.screens.start.screen import StartScreen

        for screen in self.screen_stack:
            if isinstance(screen, StartScreen):
                screen.not_opened(message.error)
                return
        self.say_refusal(message.error)

    def show_home(self) -> None:
        """Home, alone on the stack."""
        from qa_audit.tui.screens.home.screen import HomeScreen

        self._leave_for(HomeScreen(self.backend))

    def show_start(self) -> None:
        """The start screen again, to open another workspace."""
        from qa_audit.tui.screens.start.screen import StartScreen

        self._leave_for(StartScreen(self.backend, choosing=True))

    def _leave_for(self, screen: Screen[Any]) -> None:
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if len(self.screen_stack) > 1:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)

    # -- who acts -----------------------------------------------------------------------------------

    def action_act_as(self) -> None:
        """Offer the people of the workspace."""
        if self.backend.is_open and self.backend.can_change_person:
            self._ask_who()

    @work(thread=True, exclusive=True, group="who", exit_on_error=False)
    def _ask_who(self) -> None:
        try:
            self.post_message(Opened(self.backend.everybody()))
        except QaError as error:
            self.call_from_thread(self.say_refusal, error)

    def _chosen_person(self, code: str | None) -> None:
        if code:
            self._become(code)
        elif not self.backend.is_open:
            self.show_start()

    @work(thread=True, exclusive=True, group="who", exit_on_error=False)
    def _become(self, code: str) -> None:
        try:
            self.backend.act_as(code)
            self.post_message(Opened(()))
        except QaError as error:
            self.post_message(NotOpened(error))

    # -- going about --------------------------------------------------------------------------------

    def action_home(self) -> None:
        """Back to home, through whatever is open."""
        if self.backend.is_open and self._saved():
            while len(self.screen_stack) > 2:
                self.pop_screen()

    def action_go(self, key: str) -> None:
        """Go to a place."""
        self.open_place(key)

    def open_place(self, key: str, *more: Screen[Any]) -> None:
        """Go to a place from wherever one is; `more` screens are opened on top of it."""
        found = DESTINATIONS.get(key)
        if found is None or not self.backend.is_open:
            return
        if not found.offered(self.backend.actor):
            self.tell("Your role does not include that. The QA lead can change it.", severity="warning")
            return
        if not self._saved():
            self.tell("Some answers are not saved yet, so this stays open.", severity="error")
            return
        while len(self.screen_stack) > 2:
            self.pop_screen()
        self.push_screen(found.make(self.backend))
        for screen in more:
            self.push_screen(screen)

    def _saved(self) -> bool:
        return not isinstance(self.screen, ModalScreen) and self.flush_screens(1.0)

    def visible_actions(self, screen: Screen[Any]) -> tuple[Action, ...]:
        """Only the places this person is offered."""
        return tuple(one for one in super().visible_actions(screen) if self._offered(one))

    def _offered(self, action: Action) -> bool:
        if action.id == "app.act_as":
            return self.backend.is_open and self.backend.can_change_person
        if action.id == "app.home":
            return self.backend.is_open
        if action.id.startswith(("go.", "home.")):
            place = DESTINATIONS.get(action.id.partition(".")[2])
            return self.backend.is_open and (place is None or place.offered(self.backend.actor))
        return True

    # -- alerts -------------------------------------------------------------------------------------

    def raise_alert(self, screen: Screen[Any]) -> None:
        """F9 from any screen: linked to the audit that is open there, if one is."""
        if not self.backend.is_open:
            self.tell("Open a workspace first. If a child may be at risk now, ring the duty service.",
                      severity="warning")  # fmt: skip
            return
        from qa_audit.tui.screens.alerts.raising import RaiseAlert

        if not isinstance(self.screen, RaiseAlert):
            modal = RaiseAlert(
                self.backend, getattr(screen, "audit_ref", ""), getattr(screen, "case_ref", "")
            )
            self.push_screen(modal, self._alert_written)

    def _alert_written(self, values: dict[str, str] | None) -> None:
        if values is not None:
            self._send_alert(values)

    @work(thread=True, group="alert", exit_on_error=False)
    def _send_alert(self, values: dict[str, str]) -> None:
        from qa_audit.tui.screens.alerts.raising import send

        try:
            words = send(self.backend, values)
        except QaError as error:
            self.call_from_thread(self._alert_not_sent, values, error)
        except Exception as error:  # noqa: BLE001,RUF100 - said in words; the alert is not lost unseen
            self.call_from_thread(self._alert_not_sent, values, self.fault_in_words(error))
        else:
            self.call_from_thread(self._alert_sent, words)

    def _alert_not_sent(self, values: dict[str, str], error: QaError) -> None:
        """What was written comes back, under the reason why it was not sent."""
        from qa_audit.tui.screens.alerts.raising import RaiseAlert

        modal = RaiseAlert(self.backend, values.get("audit", ""), values.get("case_ref", ""), values)
        self.push_screen(modal, self._alert_written)
        self.say_refusal(error)

    def _alert_sent(self, words: str) -> None:
        self.notify(harmless(words), markup=False, timeout=12)
        load = getattr(self.screen, "load", None)
        if callable(load):
            load()

    # -- words --------------------------------------------------------------------------------------

    def say_refusal(self, error: QaError) -> None:
        """A refusal in a dialog that stays until it is read."""
        from qa_audit.tui.screens.start.telling import Tell

        self.push_screen(Tell(error))

    def fault_in_words(self, error: BaseException) -> QaError:
        """Keep where it happened; the words quote nothing of it. Safe from any thread."""
        at = self.backend.clock()
        report = crash.describe(error, at, self._version)
        crash.keep(report, self.crash_folder, at)
        return fault(f"Code {report.code}")

    def action_next_theme(self) -> None:
        """Ctrl+T, remembered for this person."""
        super().action_next_theme()
        self.prefer(theme=self.theme)

    def prefer(self, *, theme: str | None = None, compact: bool | None = None) -> None:
        """Change how the app looks and remember it on this machine."""
        if theme is not None:
            self.theme = theme
            self.preferences = replace(self.preferences, theme=theme)
        if compact is not None:
            self.set_class(compact, "-compact")
            self.preferences = replace(self.preferences, compact=compact)
        preferences.keep(self.preferences)

    def on_unmount(self) -> None:
        """Nothing may be waiting; then give the workspace back."""
        self.flush_screens(FLUSH_LIMIT)
        self.backend.close()
