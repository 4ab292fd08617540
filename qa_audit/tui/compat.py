"""The only module that leans on Textual's inside; a test fails if a future Textual renames any of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

PRIVATE_NAMES = (
    (App, "_fatal_error"),
    (App, "_exit_renderables"),
    (App, "_close_messages_no_wait"),
    (App, "_exception"),
)
"""What is used here and is not public; `_exit_renderables` and `_exception` live on instances."""


class QuietCrash(App[Any]):
    """An app whose unhandled errors reach `report_crash` and nothing else.

    Textual prints every frame's local variables into the terminal's scrollback; in a case audit those
    are children's names.
    """

    def report_crash(self, error: BaseException | None) -> RenderableType:
        """What to print for the person at the keyboard. Subclasses keep the stack somewhere."""
        raise NotImplementedError

    def _fatal_error(self) -> None:
        self._end_quietly(sys.exc_info()[1] or self._exception)

    def panic(self, *renderables: Any) -> None:
        """Errors that know how to draw themselves may quote data, so they are reported like all others."""
        found = next((item for item in renderables if isinstance(item, BaseException)), None)
        self._end_quietly(found or self._exception)

    def _end_quietly(self, error: BaseException | None) -> None:
        # one report for one crash: what fails while closing down says nothing new
        if not self._exit_renderables:
            self._exit_renderables.append(self.report_crash(error))
        self._close_messages_no_wait()


def screen_strips(screen: Screen[Any]) -> list[Strip]:
    """The screen as it is drawn, one strip per line."""
    return screen._compositor.render_strips()


def screen_text(app: App[Any]) -> str:
    """The visible screen as lines of text, right-stripped: what snapshots compare."""
    return "\n".join(strip.text.rstrip() for strip in screen_strips(app.screen)) + "\n"


def on_console_close(flush: Callable[[], None]) -> None:
    """Windows: run `flush` when the console window is closed. Elsewhere signals do this."""
    if sys.platform == "win32":
        import ctypes

        handler_type = ctypes.WINFUNCTYPE(ctypes.c_bool, ctypes.c_uint)

        def handler(event: int) -> bool:
            if event in (2, 5, 6):  # close, log off, shut down
                flush()
            return False

        _KEPT.append(handler_type(handler))
        ctypes.windll.kernel32.SetConsoleCtrlHandler(_KEPT[-1], True)


_KEPT: list[Any] = []
"""Callbacks handed to the system must outlive the call."""
