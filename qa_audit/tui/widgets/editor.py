"""The editor that exists only while something is being written."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input, TextArea

TALLEST = 10
"""Lines after which the editor scrolls."""


class Written(Message):
    """The text changed; it is not finished yet."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class WritingDone(Message):
    """The person finished (Escape, Enter on one line, or the focus went elsewhere)."""

    def __init__(self, text: str, step: int, *, left: bool) -> None:
        super().__init__()
        self.text = text
        self.step = step
        """1 = on to the next field, 0 = stay."""
        self.left = left
        """The focus has already gone elsewhere: do not take it back."""


class FieldEditor(TextArea):
    """A TextArea that grows with its text. Escape finishes; on a one-line field Enter finishes too."""

    KEY_HINT = "Esc done"

    DEFAULT_CSS = """
    FieldEditor, FieldEditor:focus {
        border: none; padding: 0; height: 1; min-height: 1; width: 1fr; background: $surface;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "done", "Done", show=False)]

    def __init__(self, text: str, *, one_line: bool, hint: str = "") -> None:
        super().__init__(
            text, soft_wrap=True, tab_behavior="focus", show_line_numbers=False, compact=True,
            highlight_cursor_line=False,
        )  # fmt: skip
        self.one_line = one_line
        self.placeholder = hint
        self._over = False

    def on_mount(self) -> None:
        """Cursor at the end, ready to go on writing."""
        self.cursor_blink = False
        self.move_cursor(self.document.end)
        self.focus(scroll_visible=True)

    async def _on_key(self, event: events.Key) -> None:
        if self.one_line and event.key == "enter":
            event.stop()
            event.prevent_default()
            self._finish(1, left=False)
            return
        await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        """What is pasted is cleaned at the door; on one line, line ends become spaces."""
        from qa_audit.text import clean, clean_line

        event.text = clean_line(event.text) if self.one_line else clean(event.text)
        await super()._on_paste(event)

    def _on_text_area_changed(self) -> None:
        self.post_message(Written(self.text))

    @property
    def wanted_height(self) -> int:
        """Lines the text needs, within limits; several-line fields show room for three."""
        least = 1 if self.one_line else 3
        return max(least, min(TALLEST, self.wrapped_document.height or 1))

    def action_done(self) -> None:
        """Finish and stay on the question."""
        self._finish(0, left=False)

    def _on_blur(self, event: events.Blur) -> None:
        super()._on_blur(event)
        # the terminal losing the focus is not the person leaving the text
        if self.app.app_focus:
            self._finish(0, left=True)

    def _finish(self, step: int, *, left: bool) -> None:
        if not self._over:
            self._over = True
            self.post_message(WritingDone(self.text, step, left=left))


class SecretEditor(Input):
    """One line that is not shown, for passphrases."""

    KEY_HINT = "Enter done"

    DEFAULT_CSS = """
    SecretEditor, SecretEditor:focus { border: none; padding: 0; height: 1; width: 1fr; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "done", "Done", show=False)]
    one_line = True
    wanted_height = 1

    def __init__(self, text: str) -> None:
        super().__init__(text, password=True, compact=True)
        self._over = False

    @property
    def text(self) -> str:
        """What was typed."""
        return self.value

    def on_mount(self) -> None:
        """Take the focus at once."""
        self.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter finishes."""
        event.stop()
        self._finish(1, left=False)

    def action_done(self) -> None:
        """Finish and stay."""
        self._finish(0, left=False)

    def on_blur(self) -> None:
        """Leaving finishes."""
        if self.app.app_focus:
            self._finish(0, left=True)

    def _finish(self, step: int, *, left: bool) -> None:
        if not self._over:
            self._over = True
            self.post_message(WritingDone(self.value, step, left=left))
