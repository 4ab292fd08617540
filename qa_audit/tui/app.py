"""The application every screen runs in: safe output, quiet crashes, orderly leaving.

`QaApp(services)` paints at once and imports no database and no spreadsheet library; screens are imported
when they are first opened. `run(app)` runs it and returns the exit status.

What a subclass may override: `first_screen` (the screen shown at the start), `raise_alert` (F9),
`visible_actions` (what this person is offered). `tell` is the safe `notify`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from rich.console import RenderableType
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen

from qa_audit.tui import actions, crash, theme
from qa_audit.tui.base import BREAKPOINTS, QaModal, QaScreen
from qa_audit.tui.compat import QuietCrash, on_console_close
from qa_audit.tui.palette import RegistryCommands
from qa_audit.tui.text import HarmlessOutput, harmless

FLUSH_LIMIT = 3.0
"""Seconds the program waits for unsaved answers when it is told to end."""


class Services(Protocol):
    """What the app itself needs; the use cases are whatever the screens ask of the same object."""

    def clock(self) -> datetime:
        """The present moment, in local time with its zone."""


class AlertRaised(Message):
    """The person pressed the alert key: somebody may be at risk now."""

    def __init__(self, screen: Screen[object]) -> None:
        super().__init__()
        self.screen = screen
        """Where they were; a form screen knows which audit."""


class QaApp(QuietCrash):
    """The base of the terminal app."""

    TITLE = "qa-audit"
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {RegistryCommands}  # noqa: RUF012 - Textual's own way
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(actions.EVERYWHERE)
    CSS_PATH = Path(__file__).with_name("app.tcss")  # absolute: subclasses live elsewhere

    def __init__(
        self,
        services: Services,
        *,
        crash_folder: Path | None = None,
        version: str = "",
        chosen_theme: str = "",
    ) -> None:
        self._harmless = HarmlessOutput()
        super().__init__()
        self.services = services
        self._crash_folder = crash_folder
        self._version = version
        self._ending = False
        for each in theme.THEMES:
            self.register_theme(each)
        if chosen_theme in self.available_themes:
            self.theme = chosen_theme
        elif not os.environ.get("TEXTUAL_THEME"):
            self.theme = theme.THEMES[0].name

    # -- output ---------------------------------------------------------------------------------

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters and, last, the one that lets nothing harmful through."""
        return [*super().get_line_filters(), self._harmless]

    def tell(
        self,
        words: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
    ) -> None:
        """A passing notice; data is fine, it is shown literally. What must last belongs in the status bar."""
        self.notify(harmless(words), title=harmless(title), severity=severity, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Off: the terminal's clipboard sequence would carry case text out of the program unasked."""
        self.tell(
            "Copying is off, so that case text stays in the program. Shift-drag selects text on screen."
        )

    # -- start and end ----------------------------------------------------------------------------

    def first_screen(self) -> Screen[object] | None:
        """The screen shown at the start; None leaves Textual's empty one."""
        return None

    async def on_mount(self) -> None:
        """Handlers first, then the first screen."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._late_failure)
        if sys.platform != "win32":
            for name in ("SIGTERM", "SIGHUP"):
                # not the main thread (tests, a server): then the process belongs to somebody else
                with suppress(ValueError, RuntimeError, NotImplementedError):
                    loop.add_signal_handler(getattr(signal, name), self.end_now)
        on_console_close(self._save_all)
        self.app_suspend_signal.subscribe(self, lambda _: self._save_all())
        screen = self.first_screen()
        if screen is not None:
            await self.push_screen(screen)

    def end_now(self) -> None:
        """The window was closed or the system asks us to go: save, then leave in order."""
        if not self._ending:
            self._ending = True
            self.flush_screens(FLUSH_LIMIT)
            self.exit(return_code=0)

    def on_unmount(self) -> None:
        """Whatever the way out, nothing may be waiting."""
        self.flush_screens(FLUSH_LIMIT)

    def on_app_blur(self) -> None:
        """The person turned to another window: a good moment to save, without waiting."""
        self.flush_screens(0.0)

    def flush_screens(self, timeout: float) -> bool:
        """Ask every open screen to save what waits; True when nothing is left."""
        done = True
        for screen in list(self._open_screens()):
            if isinstance(screen, QaScreen | QaModal):
                done = screen.flush(timeout) and done
        return done

    def _save_all(self) -> None:
        self.flush_screens(FLUSH_LIMIT)

    def _open_screens(self) -> Iterable[Screen[object]]:
        with suppress(Exception):  # before the first screen there is no stack
            yield from self.screen_stack

    # -- failures -----------------------------------------------------------------------------------

    @property
    def crash_folder(self) -> Path:
        """Where crash reports are kept."""
        if self._crash_folder is None:
            from platformdirs import user_log_path

            self._crash_folder = user_log_path("qa-audit", appauthor=False)
        return self._crash_folder

    def report_crash(self, error: BaseException | None) -> RenderableType:
        """Keep the stack in a private file and say what happened without a word of a case."""
        from rich.text import Text

        self.flush_screens(FLUSH_LIMIT)
        at = self.services.clock()
        report = crash.describe(error, at, self._version)
        return Text(crash.words(report, crash.keep(report, self.crash_folder, at)))

    def _late_failure(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """A task nobody waited for failed: asyncio would print its message to the terminal."""
        error = context.get("exception")
        if isinstance(error, Exception):
            at = self.services.clock()
            crash.keep(crash.describe(error, at, self._version), self.crash_folder, at)

    # -- commands -------------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: no screenshot (it writes the case to a file); ours come from the registry."""
        return ()

    def visible_actions(self, screen: Screen[object]) -> tuple[actions.Action, ...]:
        """What the palette and the help page offer on this screen."""
        if isinstance(screen, QaScreen):
            return tuple(a for a in screen.known_actions() if screen.check_action(a.action, ()) is not False)
        return actions.at(actions.EVERYWHERE)

    async def run_registered(self, action: actions.Action) -> None:
        """Do what an action says: on the screen when it is the screen's, else on the app."""
        target = self if action.where == actions.EVERYWHERE else self.screen
        await self.run_action(action.action, default_namespace=target)

    async def action_back(self) -> None:
        """Escape, on any screen of ours."""
        if isinstance(self.screen, QaScreen):
            self.screen.go_back()

    def action_next_theme(self) -> None:
        """Ctrl+T: the next of the three looks."""
        self.theme = theme.following(self.theme)
        self.tell(f"Colours: {theme.LABELS[self.theme]}")

    def action_help(self) -> None:
        """F1 or ?: what every key does here."""
        from qa_audit.tui.help import HelpModal

        if not isinstance(self.screen, HelpModal):
            self.push_screen(HelpModal(self.screen, self.visible_actions(self.screen)))

    def action_jump(self) -> None:
        """Ctrl+O: letters on everything that can be reached."""
        from qa_audit.tui.jump import JumpModal, targets

        if isinstance(self.screen, QaScreen) and (found := targets(self.screen)):
            self.push_screen(JumpModal(found), lambda widget: widget and widget.focus())

    def action_raise_alert(self) -> None:
        """F9: tell the app; `raise_alert` does the rest."""
        self.post_message(AlertRaised(self.screen))

    def on_alert_raised(self, message: AlertRaised) -> None:
        """Hand the alert to the screen that knows the case, if there is one."""
        self.raise_alert(message.screen)

    def raise_alert(self, screen: Screen[object]) -> None:
        """Open the alert dialog; the app with the alert service overrides this."""
        handler = getattr(screen, "raise_alert", None)
        if callable(handler):
            handler()
        else:
            self.tell("Open the audit of the child you are worried about, then press F9.", severity="warning")


def run(app: QaApp) -> int:
    """Run the app in this terminal; the exit status (0 = left in order)."""
    app.run()
    return app.return_code or 0
