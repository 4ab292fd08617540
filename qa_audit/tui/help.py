"""F1: what every key does here, from the registry, in the user's words."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.base import QaModal
from qa_audit.tui.text import ACCENT, MUTED, STRONG, join, lines, say
from qa_audit.tui.widgets.prose import Prose


def help_content(words: str, offered: tuple[Action, ...], focused_keys: str = "") -> Content:
    """The help page: the screen's own words, the focused widget's keys, then one block per place."""
    rows: list[Content] = []
    if words:
        rows += [say(words), Content("")]
    if focused_keys:
        rows += [say("Where you are", STRONG), say(focused_keys), Content("")]
    widest = max((len(action.shown_key) for action in offered), default=0)
    for where in dict.fromkeys(action.where for action in offered):
        rows.append(say(actions.PLACES.get(where, where), STRONG))
        rows += [
            join((f"{action.shown_key:<{widest}}  ", ACCENT), f"{action.label}. ", (action.help, MUTED))
            for action in offered
            if action.where == where
        ]
        rows.append(Content(""))
    return lines(rows[:-1])


class HelpModal(QaModal[None]):
    """The help page over the screen it is about."""

    TITLE_WORDS = "Help"
    KEYS = "↑ ↓  scroll   Esc  close"
    WIDTH = 92
    BINDINGS: ClassVar[list[BindingType]] = [("f1,question_mark", "leave", "Close")]

    def __init__(self, screen: Screen[Any], offered: tuple[Action, ...]) -> None:
        super().__init__()
        focused = screen.focused
        keys = getattr(focused, "KEY_HELP", "") or getattr(focused, "KEY_HINT", "")
        self._content = help_content(getattr(screen, "HELP_TEXT", ""), offered, keys)

    def inside(self) -> ComposeResult:
        """The page, scrolling when it is long."""
        with VerticalScroll():
            yield Prose(self._content)
