"""Writing a paper from the screen: in a thread, with progress and a way to stop it, and the path when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Button, ProgressBar, Static

from qa_audit.errors import QaError
from qa_audit.tui.base import QaModal
from qa_audit.tui.service_screen import fault, refusal_content
from qa_audit.tui.text import MUTED, OK, STRONG, count, join, lines, say

if TYPE_CHECKING:
    from qa_audit.reports.service import ExportResult
    from qa_audit.tui.backend import Backend

SUMMARY = "moderation-summary"


class Stopped(Exception):
    """The person stopped the export; nothing was written."""


class Stepped(Message):
    """A sheet was written."""

    def __init__(self, sheet: str, done: int, of: int) -> None:
        super().__init__()
        self.sheet, self.done, self.of = sheet, done, of

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Stepped)


class Written(Message):
    """The paper is there, or is not."""

    def __init__(self, result: ExportResult | None, error: QaError | None) -> None:
        super().__init__()
        self.result, self.error = result, error


class ExportModal(QaModal[str]):
    """`ExportModal(backend, round_ref)`; the result is the path, None when nothing was written."""

    WIDTH = 84
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "stop", "Stop")]
    HELP_TEXT = "The figures of the paper and of the dashboard come from the same functions."

    DEFAULT_CSS = """
    ExportModal ProgressBar { margin: 1 0; width: 100%; }
    ExportModal Bar { width: 1fr; }
    ExportModal Button { margin-top: 1; }
    """

    def __init__(
        self, backend: Backend, round_ref: str, profile: str = SUMMARY, title: str = "Moderation summary"
    ) -> None:
        super().__init__()
        self._backend, self._round, self._profile, self._title = backend, round_ref, profile, title
        self._stop = False
        self._done = False
        self._path = ""

    def title_words(self) -> str:
        """What is written."""
        return f"{self._title}: {self._round}"

    def keys_words(self) -> str:
        """One key, before and after."""
        return "Esc  stop, or close when it is done"

    def inside(self) -> ComposeResult:
        """Words, bar, button."""
        yield Static(say("Counting…", MUTED), id="words", markup=False)
        yield ProgressBar(total=None, show_eta=False)
        yield Button(say("Stop"), id="stop")

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#stop").focus()
        self._export()

    @work(thread=True, group="export", exclusive=True, exit_on_error=False)
    def _export(self) -> None:
        from qa_audit.tui.council_app import CouncilApp

        def step(sheet: str, done: int, of: int) -> None:
            if self._stop:
                raise Stopped
            self.post_message(Stepped(sheet, done, of))

        result, error = None, None
        try:
            from qa_audit.reports import service

            result = self._backend.call(
                lambda w, a: service.export(w, a, self._profile, self._round, None, step)
            )
        except Stopped:
            pass
        except QaError as refusal:
            error = refusal
        except Exception as unforeseen:  # noqa: BLE001,RUF100 - said in words, quoting nothing
            error = self.app.fault_in_words(unforeseen) if isinstance(self.app, CouncilApp) else fault("")
        self.post_message(Written(result, error))

    def on_stepped(self, message: Stepped) -> None:
        """A sheet more."""
        if not self._done:
            self.query_one(ProgressBar).update(total=message.of, progress=message.done)
            self.query_one("#words", Static).update(
                join(("Writing ", MUTED), message.sheet, (f" ({message.done} of {message.of})", MUTED))
            )

    def on_written(self, message: Written) -> None:
        """Done, refused or stopped."""
        self._done = True
        self.query_one(ProgressBar).display = False
        if message.error is not None:
            content = lines([say("The paper was not written.", STRONG), refusal_content(message.error)])
        elif message.result is None:
            content = say("Stopped. No file was written.", STRONG)
        else:
            found = message.result
            self._path = str(found.path)
            content = lines([
                say("✓ Written", OK), say(_shown(found.path), STRONG),
                say(f"{count(len(found.sheets), 'sheet')}, {count(found.rows, 'row')}. Marking: {found.marking or 'none'}.", MUTED),
                say("Its making is in the trail. Keep it where only those may read it whom its marking names.", MUTED),
            ])  # fmt: skip
        self.query_one("#words", Static).update(content)
        self.query_one("#stop", Button).label = say("Close")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_stop()

    def action_stop(self) -> None:
        """Escape or the button: stop while it is under way, close when it is over."""
        if self._done:
            self.dismiss(self._path or None)
        else:
            self._stop = True
            self.query_one("#words", Static).update(say("Stopping after this sheet…", MUTED))


def _shown(path: Path) -> str:
    """The whole path; it wraps where it is long."""
    return str(path)
