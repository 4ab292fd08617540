"""A line of views over one place: mine, everybody's, panels. Digits or a click change the view.

The screen binds the digits; the strip draws, counts and posts `ViewStrip.Chosen`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from qa_audit.tui.text import CHOSEN, MUTED, WARN, join, say, sides


@dataclass(frozen=True, slots=True)
class View:
    """One view."""

    key: str
    title: str
    count: int | None = None
    late: int = 0


class ViewStrip(Widget, can_focus=False):
    """See the module's words."""

    DEFAULT_CSS = """
    ViewStrip { height: 1; width: 100%; margin-bottom: 1; }
    """

    class Chosen(Message):
        """Another view is wanted."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, numbered: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self._views: tuple[View, ...] = ()
        self._current = ""
        self._numbered = numbered
        self._note = ""

    def show(self, views: Sequence[View], current: str, note: str = "") -> None:
        """The views, which one is shown, and a quiet note at the right."""
        if (tuple(views), current, note) != (self._views, self._current, self._note):
            self._views, self._current, self._note = tuple(views), current, note
            self.refresh()

    @property
    def current(self) -> str:
        """The view that is shown."""
        return self._current

    def at(self, number: int) -> str:
        """The key of the view with that number (from 1); "" when there is none."""
        return self._views[number - 1].key if 0 < number <= len(self._views) else ""

    def beside(self, step: int) -> str:
        """The key of the next view or the one before, going round."""
        keys = [view.key for view in self._views]
        if self._current not in keys:
            return keys[0] if keys else ""
        return keys[(keys.index(self._current) + step) % len(keys)]

    def render(self) -> Content:
        """One line; counts go first when room is short, then the other titles shorten to their digits."""
        width = self.content_size.width
        note = say(self._note, MUTED)
        for depth in range(3):
            left = join(
                *(self._one(number, view, depth) for number, view in enumerate(self._views, 1)), gap=" "
            )
            if left.cell_length + (note.cell_length + 2 if note else 0) <= width:
                return sides(left, note, width)
            if left.cell_length <= width:
                return sides(left, Content(""), width)
        return left.truncate(width, ellipsis=True)

    def _one(self, number: int, view: View, depth: int) -> Content:
        here = view.key == self._current
        digit = f"{number} " if self._numbered else ""
        title = view.title if depth < 2 or here or not self._numbered else ""
        counted = f" {view.count}" if view.count is not None and depth < 1 else ""
        late = say(f" {view.late} late", CHOSEN if here else WARN) if view.late and depth < 1 else Content("")
        style = CHOSEN if here else MUTED
        words = join((f" {digit}{title}".rstrip() + counted, style), late, (" ", style))
        return words.stylize(Style.from_meta({"view": view.key}))

    def on_click(self, event: events.Click) -> None:
        """The view that was clicked."""
        key = event.style.meta.get("view")
        if isinstance(key, str):
            event.stop()
            self.post_message(self.Chosen(key))
