"""A refusal said in a dialog that stays until it is read."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.errors import QaError
from qa_audit.tui.base import QaModal
from qa_audit.tui.service_screen import refusal_content
from qa_audit.tui.widgets.prose import Prose


class Tell(QaModal[None]):
    """What was refused, where, why, and the next step."""

    KEYS = "Enter  go on"
    WIDTH = 72
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", show=False)]

    def __init__(self, error: QaError) -> None:
        super().__init__()
        self.error = error

    def inside(self) -> ComposeResult:
        """The words."""
        yield Static(refusal_content(self.error), markup=False)


class Read(QaModal[None]):
    """Something to be read: a result, a certificate. Scrolls when it is long."""

    KEYS = "↑ ↓  scroll   Enter  close"
    WIDTH = 96
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "leave", show=False)]
    DEFAULT_CSS = """
    Read VerticalScroll { height: auto; max-height: 26; }
    """

    def __init__(self, title: str, content: Content) -> None:
        super().__init__()
        self._title, self._content = title, content

    def title_words(self) -> str:
        """What it is."""
        return self._title

    def inside(self) -> ComposeResult:
        """The words."""
        with VerticalScroll():
            yield Prose(self._content)

    def on_mount(self) -> None:
        """Arrows scroll at once."""
        self.query_one(VerticalScroll).focus()
