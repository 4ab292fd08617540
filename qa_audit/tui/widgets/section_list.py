"""The sections of a form with how far each is: a list at the side, or a strip of tabs when there is little room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.style import Style
from textual.widget import Widget

from qa_audit.tui.text import ACCENT, CHOSEN, MUTED, OK, WARN, fit, join, lines, say, sides

STRIP_HEIGHT = 1


@dataclass(frozen=True, slots=True)
class SectionState:
    """One section as the list shows it."""

    code: str
    title: str
    answered: int
    needed: int
    gaps: int = 0
    """Gaps found at the last attempt to submit."""
    note: str = ""
    """A word instead of the count: "not needed", "optional"."""

    @property
    def symbol(self) -> str:
        """✓ done, ! gaps, ◐ begun, ○ not begun."""
        if self.gaps:
            return "!"
        if self.needed and self.answered >= self.needed:
            return "✓"
        return "◐" if self.answered else "○" if self.needed else "·"

    @property
    def words(self) -> str:
        """done, 2 gaps, 3 of 12, not begun."""
        if self.gaps:
            return f"{self.gaps} gap{'s' * (self.gaps != 1)}"
        if self.note:
            return self.note
        if not self.needed:
            return "optional"
        return "done" if self.answered >= self.needed else f"{self.answered} of {self.needed}"

    @property
    def style(self) -> str:
        """Colour of the symbol and the words."""
        return WARN if self.gaps else OK if self.symbol == "✓" else MUTED


class SectionList(Widget):
    """See the module's words. Out of the Tab round; `take_focus` lets the keyboard in until it leaves."""

    KEY_HINT: ClassVar[str] = "↑ ↓ section  Enter open"

    DEFAULT_CSS = """
    SectionList { width: 32; height: 100%; padding: 0 1 0 0; }
    """

    class Chosen(Message):
        """A section was opened."""

        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def __init__(self) -> None:
        super().__init__()
        self._states: tuple[SectionState, ...] = ()
        self._current = ""
        self._cursor = 0
        self._top = 0

    def show(self, states: tuple[SectionState, ...], current: str) -> None:
        """The sections and which one is open."""
        if (states, current) != (self._states, self._current):
            if current != self._current:
                self._cursor = next((i for i, state in enumerate(states) if state.code == current), 0)
            self._states, self._current = states, current
            self.refresh()

    @property
    def states(self) -> tuple[SectionState, ...]:
        """The sections as shown."""
        return self._states

    def render(self) -> Content:
        """A strip when one line high, else a list."""
        width, height = self.content_size
        if not self._states or not width:
            return Content("")
        return self._strip(width) if height <= STRIP_HEIGHT else self._list(width, height)

    def _list(self, width: int, height: int) -> Content:
        at = self._cursor if self.has_focus else self._index
        self._top = max(0, min(self._top, at, len(self._states) - height))
        if at >= self._top + height:
            self._top = at - height + 1
        rows = []
        for index, state in enumerate(self._states[self._top : self._top + height], self._top):
            right = say(state.words, state.style)
            room = max(1, width - right.cell_length - 5)
            title = fit(state.title, room)
            open_now = state.code == self._current
            cursor = self.has_focus and index == self._cursor
            left = join(
                ("▌" if open_now else "›" if cursor else " ", ACCENT),
                (f"{state.symbol} ", state.style),
                (title, "bold" if open_now else "underline" if cursor else ""),
            )
            rows.append(sides(left, right, width).stylize(Style.from_meta({"section": state.code})))
        return lines(rows)

    def _strip(self, width: int) -> Content:
        index = self._index
        now = self._states[index]
        words = say(f"{now.title}  {now.words}", MUTED) if width >= 60 else say(now.words, MUTED)
        tabs = [
            say(f" {state.symbol} {state.code} ", CHOSEN if i == index else state.style).stylize(
                Style.from_meta({"section": state.code})
            )
            for i, state in enumerate(self._states)
        ]
        room = width - words.cell_length - 2
        first = last = index
        used = tabs[index].cell_length
        while True:
            before = used
            if last + 1 < len(tabs) and used + tabs[last + 1].cell_length <= room - 4:
                last += 1
                used += tabs[last].cell_length
            if first > 0 and used + tabs[first - 1].cell_length <= room - 4:
                first -= 1
                used += tabs[first].cell_length
            if used == before:
                break
        left = Content.assemble(
            say("‹ " if first else "  ", MUTED),
            *tabs[first : last + 1],
            say(" ›" if last + 1 < len(tabs) else "", MUTED),
        )
        return sides(left, words, width)

    @property
    def _index(self) -> int:
        return next((i for i, state in enumerate(self._states) if state.code == self._current), 0)

    def take_focus(self) -> None:
        """Let the keyboard in."""
        self.can_focus = True
        self._cursor = self._index
        self.focus()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Out of the Tab round again."""
        self.can_focus = False
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """Up and down move, Enter opens."""
        if event.key in ("up", "down", "left", "right"):
            step = 1 if event.key in ("down", "right") else -1
            self._cursor = max(0, min(len(self._states) - 1, self._cursor + step))
            self.refresh()
        elif event.key == "enter" and self._states:
            self.post_message(self.Chosen(self._states[self._cursor].code))
        else:
            return
        event.stop()
        event.prevent_default()

    def on_click(self, event: events.Click) -> None:
        """Open the section that was clicked."""
        code = event.style.meta.get("section")
        if isinstance(code, str):
            event.stop()
            self.post_message(self.Chosen(code))
