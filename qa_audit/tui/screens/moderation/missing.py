"""What is still to be done before grades are locked or a moderation is decided, with a jump to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from qa_audit.tui.base import QaModal
from qa_audit.tui.text import OK, WARN, join, say


class MissingModal(QaModal[str]):
    """Gives the key of the point to jump to."""

    WIDTH = 84
    KEYS = "↑ ↓  move   Enter  go there   Esc  close"
    BINDINGS: ClassVar[list[BindingType]] = [("f4", "leave", "Close")]

    DEFAULT_CSS = """
    MissingModal OptionList { max-height: 16; }
    MissingModal .words { height: auto; margin-bottom: 1; }
    """

    def __init__(self, title: str, words: str, points: Sequence[tuple[str, str]]) -> None:
        """`points` are (key, words)."""
        super().__init__()
        self._title, self._words, self._points = title, words, tuple(points)

    def title_words(self) -> str:
        """What is missing for."""
        return self._title

    def inside(self) -> ComposeResult:
        """The words and the list."""
        if self._words:
            yield Static(say(self._words), classes="words", markup=False)
        if not self._points:
            yield Static(say("Nothing is missing.", OK), markup=False)
            return
        yield OptionList(
            *(
                Option(join(("! ", WARN), words), id=str(number))
                for number, (_, words) in enumerate(self._points)
            ),
            markup=False,
        )

    def on_mount(self) -> None:
        """At the first point."""
        for shown in self.query(OptionList):
            shown.focus()
            shown.highlighted = 0

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._points[int(event.option.id or 0)][0])


class Told(QaModal[bool]):
    """Something was done: what follows, until it is read."""

    KEYS = "Enter  go on"
    BINDINGS: ClassVar[list[BindingType]] = [("enter,space", "leave", "Go on")]

    def __init__(self, title: str, words: str) -> None:
        super().__init__()
        self._title, self._words = title, words

    def title_words(self) -> str:
        """What was done."""
        return self._title

    def inside(self) -> ComposeResult:
        """What follows."""
        yield Static(say(self._words), markup=False)
