"""Jump: a letter appears on everything that can take the focus; press it and you are there."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from qa_audit.tui.text import say

LETTERS = "asdfghjklqwertyuiopzxcvbnm"


def targets(screen: Screen[object]) -> dict[str, Widget]:
    """Letter -> widget, in reading order, for what is visible and can be focused."""
    shown = [
        w for w in screen.focus_chain if w.region.height and screen.region.contains_point(w.region.offset)
    ]
    shown.sort(key=lambda widget: (widget.region.y, widget.region.x))
    return dict(zip(LETTERS, shown, strict=False))


class JumpModal(ModalScreen[Widget | None]):
    """The letters, over the screen as it is."""

    DEFAULT_CSS = """
    JumpModal { background: transparent; }
    JumpModal Static { width: 3; height: 1; background: $chosen; color: $chosen-text; text-style: bold;
        position: absolute; }
    """

    def __init__(self, found: dict[str, Widget]) -> None:
        super().__init__()
        self._found = found

    def compose(self) -> ComposeResult:
        """One small label per target."""
        for letter, widget in self._found.items():
            label = Static(say(f" {letter} "), markup=False)
            label.styles.offset = Offset(widget.region.x, widget.region.y)
            yield label

    def on_key(self, event: events.Key) -> None:
        """A letter goes there, anything else goes back."""
        event.stop()
        self.dismiss(self._found.get(event.key))
