"""What every screen stands on: three zones, one place in the registry, one way back.

::

    class RoundsScreen(QaScreen[None]):
        PLACE = "rounds"                       # its actions in tui.actions
        BINDINGS = actions.bindings("rounds")
        HELP_TEXT = "A round is one planned set of audits."   # plain text, top of the help page

        def body(self) -> ComposeResult:       # what stands between header and status bar
            yield SqlList(...)

        def on_mount(self) -> None:
            self.show_where("Rounds", right="12 open")

The body is centred and at most `BODY_WIDTH` cells wide (None = the whole width, for lists and boards).
`show_saved` sets the right end of the status bar; `show_hint` puts the focused widget's own keys there
(a widget with a `KEY_HINT` string gets that by itself when it is focused).
Modals derive from `QaModal[Result]`: a framed box with its title and its keys on the frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.statusbar import HeaderLine, SaveWords, StatusBar
from qa_audit.tui.text import MUTED, STRONG, join, say

if TYPE_CHECKING:
    from textual import events

Result = TypeVar("Result")

BREAKPOINTS = [(0, "-narrow"), (80, "-medium"), (100, "-wide"), (120, "-very-wide")]
"""Classes on a screen by its width: below 80, from 80, from 100, from 120 columns."""
HEIGHTS = [(0, "-short"), (34, "-tall")]
"""The same by its height: a dialog keeps its last line, with its keys, in sight."""


class Body(Container, can_focus=False):
    """Between header and status bar: centres its one child column."""

    DEFAULT_CSS = """
    Body { height: 1fr; width: 100%; align-horizontal: center; }
    Body > .column { width: 100%; height: 100%; padding: 0 1; }
    """


class QaScreen(Screen[Result]):
    """A screen of three zones. See the module's words for how to build one."""

    PLACE: ClassVar[str] = ""
    """Which actions of the registry belong here."""
    HELP_TEXT: ClassVar[str] = ""
    """Plain words at the top of the help page."""
    BODY_WIDTH: ClassVar[int | None] = 100
    """Widest body in cells; None = as wide as the terminal."""
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = []
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As in Textual, but without drawing the whole screen again at each step: widgets draw their own focus."""

    def compose(self) -> ComposeResult:
        """Header, body, status bar."""
        yield HeaderLine()
        with Body(), Container(classes="column") as column:
            column.styles.max_width = self.BODY_WIDTH
            yield from self.body()
        yield StatusBar()

    def body(self) -> ComposeResult:
        """The widgets between header and status bar; override."""
        yield Static(markup=False)

    def _on_mount(self, event: events.Mount) -> None:
        super()._on_mount(event)
        self.refresh_keys()
        self.watch(self, "focused", self._focus_moved, init=False)

    def _focus_moved(self, focused: Widget | None) -> None:
        self.show_hint(getattr(focused, "KEY_HINT", ""))

    # -- what a screen says ------------------------------------------------------------------

    def show_where(self, *crumbs: str, right: str | Content = "") -> None:
        """The header: where am I, and a short note at the right."""
        self.query_one(HeaderLine).show(crumbs, right)

    def show_saved(self, words: SaveWords) -> None:
        """The save state at the right end of the status bar."""
        self.query_one(StatusBar).show_saved(words)

    def show_hint(self, hint: str) -> None:
        """Keys of what has the focus."""
        for bar in self.query(StatusBar):
            bar.show_hint(hint)

    def refresh_keys(self) -> None:
        """Work out the status bar's keys again (after `check_action` changed its mind)."""
        for bar in self.query(StatusBar):
            bar.show_actions(self.bar_actions())

    def bar_actions(self) -> tuple[actions.Action, ...]:
        """The actions offered on the status bar here, in order."""
        offered = [a for a in self.known_actions() if a.bar and self.check_action(a.action, ()) is not False]
        return tuple(sorted(offered, key=lambda action: action.bar))

    def known_actions(self) -> tuple[actions.Action, ...]:
        """Everything that can be done here: the place's own actions, then those of everywhere."""
        own = actions.at(self.PLACE) if self.PLACE else ()
        return own + actions.at(actions.EVERYWHERE)

    # -- the way back -------------------------------------------------------------------------

    def go_back(self) -> None:
        """Escape: leave this screen, if there is one beneath. Override to close a pane first."""
        if len(self.app.screen_stack) > 1:
            self.dismiss()

    def flush(self, timeout: float) -> bool:
        """Save what is waiting, within `timeout` seconds; True when nothing is left. Override when there is."""
        return True


class QaModal(ModalScreen[Result]):
    """A framed box over a dimmed screen. Escape leaves with None; compose the inside in `inside`."""

    PLACE: ClassVar[str] = "modal"
    TITLE_WORDS: ClassVar[str] = ""
    KEYS: ClassVar[str] = "Esc  close"
    HELP_TEXT: ClassVar[str] = ""
    WIDTH: ClassVar[int] = 76
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    VERTICAL_BREAKPOINTS = HEIGHTS

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "leave", "Close")]

    DEFAULT_CSS = """
    QaModal { align: center middle; background: $background 60%; }
    QaModal > .box {
        width: 76; max-width: 96%; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    QaModal OptionList, QaModal VerticalScroll { height: auto; max-height: 20; }
    QaModal.-short OptionList, QaModal.-short VerticalScroll { max-height: 11; }
    QaModal .box-title { height: auto; text-style: bold; margin-bottom: 1; }
    QaModal .box-keys { height: 1; color: $text-muted; margin-top: 1; }
    """

    def compose(self) -> ComposeResult:
        """Title, inside, keys."""
        with Container(classes="box") as box:
            box.styles.width = self.WIDTH
            if title := self.title_words():
                yield Static(say(title, STRONG), classes="box-title", markup=False)
            yield from self.inside()
            yield Static(say(self.keys_words(), MUTED), classes="box-keys", markup=False)

    def keys_words(self) -> str:
        """The keys, on the last line."""
        return self.KEYS

    def title_words(self) -> str:
        """The heading; shown literally."""
        return self.TITLE_WORDS

    def inside(self) -> ComposeResult:
        """The widgets between title and keys; override."""
        yield Static(join(""), markup=False)

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)

    def flush(self, timeout: float) -> bool:
        """Nothing waits in a dialog unless a subclass says so."""
        return True
