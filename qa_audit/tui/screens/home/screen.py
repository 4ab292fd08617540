"""Home: what needs me now, then where I can go."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from qa_audit.errors import QaError
from qa_audit.tui import actions
from qa_audit.tui.backend import Backend
from qa_audit.tui.destinations import DESTINATIONS
from qa_audit.tui.screens.home.gather import HomeFacts, Need, Step, gather
from qa_audit.tui.screens.start.who import short_roles
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import ACCENT, BAD, MUTED, OK, STRONG, fit, join, say, sides


class HomeScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "home"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("home")
    BODY_WIDTH = 100
    CSS_PATH = Path(__file__).with_name("home.tcss")
    HELP_TEXT = (
        "Home shows what needs you now, the most urgent first, and every place you can go to. "
        "Arrows choose a line and Enter opens it; the letter before a place opens it at once."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._facts: HomeFacts | None = None
        self._unread = ""

    def body(self) -> ComposeResult:
        """One list of lines."""
        yield OptionList(markup=False, id="home")

    def on_mount(self) -> None:
        """The places are known at once; what needs me comes from the store."""
        actor = self.backend.actor
        self.show_where("Home", right=f"{actor.display} · {short_roles(tuple(actor.roles))}")
        self._fill()
        self.query_one(OptionList).focus()
        self.keep_fresh()

    def load(self) -> None:
        """What needs me now."""
        self.ask(gather, self._show, failed=self._not_read)

    def _not_read(self, error: QaError) -> None:
        self._unread = error.what
        self._fill()
        self.refused(error)

    def _show(self, facts: HomeFacts) -> None:
        if facts != self._facts or self._unread:
            self._unread = ""
            self._facts = facts
            self._fill()

    def on_resize(self, _event: events.Resize) -> None:
        """Lines follow the width."""
        self.call_after_refresh(self._fill)

    # -- lines --------------------------------------------------------------------------------------

    def _fill(self) -> None:
        shown = self.query_one(OptionList)
        width = max(40, min(self.BODY_WIDTH or 100, self.size.width) - 6)
        kept = shown.get_option_at_index(shown.highlighted).id if shown.highlighted is not None else None
        shown.clear_options()
        options: list[Option] = []
        facts = self._facts
        if facts is None:
            words = (
                f"What needs you could not be read: {self._unread.lower()}."
                if self._unread
                else "Looking what needs you…"
            )
            options.append(_heading(words))
        else:
            if facts.needs:
                options.append(_heading("Needs you now"))
                options += [
                    Option(_need(need, width), id=f"need {number}") for number, need in enumerate(facts.needs)
                ]
            else:
                options.append(_heading("Nothing is waiting for you."))
            if facts.steps:
                options += [_gap(), _heading("The way of a round: Enter opens the next step")]
                options += [
                    Option(_step(step, number, facts.steps, width), id=f"step {number}")
                    for number, step in enumerate(facts.steps)
                ]
        options += [_gap(), _heading("Where to")]
        options += [
            Option(_place(place.letter, place.title, place.help, width), id=f"go {place.key}")
            for place in DESTINATIONS.values()
            if place.offered(self.backend.actor)
        ]
        shown.add_options(options)
        self._highlight(kept)

    def _highlight(self, kept: str | None) -> None:
        shown = self.query_one(OptionList)
        ids = [option.id for option in shown.options]
        facts = self._facts
        first: str | None = None
        if facts is not None and facts.steps and not facts.needs:
            ahead = next((number for number, step in enumerate(facts.steps) if not step.done), 0)
            first = f"step {ahead}"
        elif facts is not None and facts.needs:
            first = "need 0"
        for wanted in (kept if kept and not kept.startswith("go ") else None, first, kept):
            if wanted is not None and wanted in ids:
                shown.highlighted = ids.index(wanted)
                return
        shown.action_first()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        kind, _, what = (event.option.id or "").partition(" ")
        if kind == "go":
            self.council.open_place(what)
        elif self._facts is not None and kind == "step":
            self.council.open_place(self._facts.steps[int(what)].place)
        elif self._facts is not None and kind == "need":
            need = self._facts.needs[int(what)]
            if need.audit:
                self._open_audit(need)
            else:
                self.council.open_place(need.place)

    def _open_audit(self, need: Need) -> None:
        from qa_audit.tui.screens.work.my_form import MyFormScreen

        self.council.open_place("work", MyFormScreen(self.backend, need.audit))

    def action_go(self, key: str) -> None:
        """A place's letter."""
        self.council.open_place(key)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters of places that this person is not offered do nothing and are not shown."""
        if action == "back":
            return False
        key = parameters[0] if action == "go" and parameters else action.partition("'")[2].rstrip("')")
        if action.startswith("go") and key in DESTINATIONS and self.backend.is_open:
            return DESTINATIONS[str(key)].offered(self.backend.actor)
        return super().check_action(action, parameters)

    def go_back(self) -> None:
        """Home is the ground floor."""
        self.council.tell("This is home. Ctrl+Q leaves the program; everything is saved.")


def _heading(words: str) -> Option:
    return Option(say(words, STRONG), disabled=True)


def _gap() -> Option:
    return Option(Content(" "), disabled=True)


def _need(need: Need, width: int) -> Content:
    style = BAD if need.late else STRONG
    number = (f"{need.number:>4}" if need.number else "    ", style)
    note = say(f"! {need.note}" if need.late else need.note, BAD if need.late else MUTED)
    indent = "  " if need.number else "    "
    return sides(join(number, indent, need.words), note, width)


def _step(step: Step, number: int, steps: tuple[Step, ...], width: int) -> Content:
    ahead = next((i for i, one in enumerate(steps) if not one.done), -1)
    note: Any = say("✓ done", OK) if step.done else say("next" if number == ahead else "", ACCENT)
    words = (step.words, MUTED if step.done else STRONG if number == ahead else "")
    return sides(join(f"{number + 1:>4}  ", words), note, width)


def _place(letter: str, title: str, help_words: str, width: int) -> Content:
    line = join((f"{letter:>4}", ACCENT), "  ", fit(title, 21))
    return join(line, (fit(help_words, max(0, width - 29)), MUTED)) if width > 60 else line
