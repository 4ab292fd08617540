"""The first and the last line of every screen: where am I, and what can I do; was it saved.

Both are single widgets that draw one line. Textual's own `Footer` is rebuilt on every change of focus
and costs more than the form it stands under.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.widget import Widget

from qa_audit.tui.actions import EVERYWHERE, Action
from qa_audit.tui.text import ACCENT, BAD, MUTED, OK, STRONG, clock_time, join, say, sides


@dataclass(frozen=True, slots=True)
class SaveWords:
    """What the right end of the status bar says about saving."""

    state: str = ""
    """"", saving, saved or failed."""
    at: datetime | None = None
    why: str = ""

    def content(self) -> Content:
        """The words, styled; empty when there is nothing to say yet."""
        match self.state:
            case "saving":
                return say("saving…", MUTED)
            case "saved":
                return say(f"saved {clock_time(self.at)}" if self.at else "saved", OK)
            case "failed":
                return say(f"NOT SAVED: {self.why}" if self.why else "NOT SAVED", BAD)
            case _:
                return Content("")


class HeaderLine(Widget, can_focus=False):
    """One line: crumbs on the left (the last one strong), a note on the right."""

    DEFAULT_CSS = """
    HeaderLine { dock: top; height: 1; padding: 0 1; background: $panel; color: $text; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._left = Content("")
        self._right = Content("")

    def show(self, crumbs: tuple[str, ...], right: str | Content = "") -> None:
        """Set the crumbs (data is fine: shown literally) and the note."""
        *path, last = crumbs or ("",)
        parts: list[Content] = [say(f"{crumb}  ›  ", MUTED) for crumb in path]
        self._left = join(*parts, say(last, STRONG))
        self._right = say(right, MUTED) if isinstance(right, str) else right
        self.refresh()

    def render(self) -> Content:
        """The line at the present width."""
        return sides(self._left, self._right, self.content_size.width)


class StatusBar(Widget, can_focus=False):
    """One line: the keys that act here on the left, the save state on the right. Keys can be clicked."""

    DEFAULT_CSS = """
    StatusBar { dock: bottom; height: 1; padding: 0 1; background: $panel; color: $text; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._actions: tuple[Action, ...] = ()
        self._saved = SaveWords()
        self._hint = ""
        self._zones: list[tuple[int, int, Action]] = []

    def show_actions(self, actions: tuple[Action, ...]) -> None:
        """The actions to offer, most useful first: what does not fit is left out from the end."""
        if actions != self._actions:
            self._actions = actions
            self.refresh()

    def show_hint(self, hint: str) -> None:
        """Keys of the widget that has the focus, before the screen's own; "" for none."""
        if hint != self._hint:
            self._hint = hint
            self.refresh()

    def show_saved(self, words: SaveWords) -> None:
        """Set the save state."""
        if words != self._saved:
            self._saved = words
            self.refresh()

    @property
    def saved(self) -> SaveWords:
        """The save state as shown."""
        return self._saved

    def render(self) -> Content:
        """The line at the present width: the save state is always whole, keys fill what is left."""
        width = self.content_size.width
        right = self._saved.content()
        if right.cell_length > width // 2 and width < 100:
            right = right.truncate(max(24, width // 2), ellipsis=True)
        room = width - right.cell_length - 2
        parts: list[Content] = []
        used = 0
        self._zones = []
        if self._hint:
            hint = say(self._hint + "   ", MUTED)
            if hint.cell_length <= room:
                parts.append(hint)
                used = hint.cell_length
        # Help stays whatever else must go
        fixed = [action for action in self._actions if action.id == "app.help"]
        spare = sum(cell_len(f"{a.shown_key} {a.label}") for a in fixed)
        for action in self._actions:
            if action.id == "app.back" and "Esc" in self._hint:
                continue
            size = cell_len(f"{action.shown_key} {action.label}") + 2
            if action in fixed:
                spare = 0
            elif used + size + spare > room:
                continue
            if used + size - 2 > room:
                break
            self._zones.append((used, used + size - 2, action))
            parts.append(join((action.shown_key, ACCENT), (f" {action.label}  ", "")))
            used += size
        return sides(Content.assemble(*parts).rstrip(), right, width)

    async def on_click(self, event: events.Click) -> None:
        """Run the action whose words were clicked."""
        x = event.x - self.gutter.left
        for start, end, action in self._zones:
            if start <= x < end:
                target = self.app if action.where == EVERYWHERE else self.screen
                await self.app.run_action(action.action, target)
                return
