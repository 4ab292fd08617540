"""One line that does something on Enter or a click: add another, next section."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from qa_audit.tui.text import ACCENT, MUTED, join, sides


class ActionLine(Widget, can_focus=True):
    """Draws its words; the bar on the left shows the focus."""

    KEY_HINT: ClassVar[str] = "Enter do it"

    DEFAULT_CSS = """
    ActionLine { height: 1; width: 100%; margin-bottom: 1; }
    """

    class Pressed(Message):
        """Enter, Space or a click."""

        def __init__(self, line: ActionLine) -> None:
            super().__init__()
            self.line = line

    def __init__(self, name: str, words: str, note: str = "", *, id: str | None = None) -> None:
        """`name` says which line it is; `words` are drawn, `note` stands beside them."""
        super().__init__(name=name, id=id)
        self._words = words
        self._note = note

    def say(self, words: str, note: str = "") -> None:
        """Change the words."""
        if (words, note) != (self._words, self._note):
            self._words, self._note = words, note
            self.refresh()

    def render(self) -> Content:
        """One line."""
        bar = ("▌ ", ACCENT) if self.has_focus else ("  ", "")
        style = f"bold {ACCENT}" if self.has_focus else ACCENT
        return sides(
            join(bar, (self._words, style), (f"   {self._note}", MUTED)), Content(""), self.size.width
        )

    def on_focus(self) -> None:
        """Show the bar."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide it."""
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Enter and Space do it, arrows go on."""
        if event.key in ("enter", "space"):
            self.post_message(self.Pressed(self))
        elif event.key == "up":
            self.screen.focus_previous()
        elif event.key == "down":
            self.screen.focus_next()
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self) -> None:
        """The mouse does it too."""
        self.post_message(self.Pressed(self))
