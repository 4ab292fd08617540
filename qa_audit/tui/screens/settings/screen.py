"""Settings: how the app looks for me, and what the council says and expects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from qa_audit.tui import actions, theme
from qa_audit.tui.backend import Backend
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import MUTED, STRONG, fit, join, say
from qa_audit.tui.widgets.dialogs import Ask, PickModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec
from qa_audit.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.store.workspace import Workspace

actions.place("settings", "Settings")

WIDEST = 46
"""Cells of the longest title of a setting."""
FACT_WORDS = {
    "engine": "Kept in",
    "version": "Database engine",
    "journal": "Way of writing",
    "integrity": "Check of the file",
}
"""What a workspace says of itself, in words."""


class SettingsScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "settings"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("settings")
    BODY_WIDTH = 100
    CSS_PATH = Path(__file__).with_name("settings.tcss")
    HELP_TEXT = (
        "Colours and spacing are yours, on this machine. The council's settings are for everybody who uses the "
        "workspace; the QA lead and the system administrator change them, and the trail keeps who did."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._values: dict[str, str | int] = {}
        self._facts: dict[str, str] = {}
        self._notes: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """One list."""
        yield OptionList(markup=False, id="settings")
        yield Prose(id="note")

    def on_mount(self) -> None:
        """Mine are known at once."""
        self.show_where("Home", "Settings")
        self._fill()
        self.query_one(OptionList).focus()

    def load(self) -> None:
        """The council's, and where the workspace is."""

        def work(workspace: Workspace, actor: Actor) -> tuple[dict[str, str | int], dict[str, str]]:
            from qa_audit.access.settings import council_settings

            return council_settings(workspace), {"workspace": workspace.where, **workspace.facts()}

        self.ask(work, self._show)

    def _show(self, found: tuple[dict[str, str | int], dict[str, str]]) -> None:
        from qa_audit.tui import cohorts

        self._values, self._facts = found
        cohorts.use(self._values)
        self._fill()

    def _fill(self) -> None:
        from qa_audit.access.settings import SETTINGS

        shown = self.query_one(OptionList)
        at = shown.highlighted
        mine = self.council.preferences
        may = self.backend.may("settings.change")
        self._notes = {
            "colours": "Enter goes round the three; Ctrl+T does it anywhere.",
            "spacing": "Compact: fewer blank lines in forms.",
        } | {f"set {key}": known.help for key, known in SETTINGS.items()}
        look = theme.LABELS.get(self.council.theme, self.council.theme)
        shown.clear_options()
        shown.add_options(
            [
                Option(say("Mine, on this machine", STRONG), disabled=True),
                Option(_line("Colours", look), id="colours"),
                Option(_line("Spacing", "Compact" if mine.compact else "Roomy"), id="spacing"),
                Option(Content(" "), disabled=True),
                Option(
                    say("The council's" + ("" if may else " (the QA lead changes these)"), STRONG),
                    disabled=True,
                ),
                *(
                    Option(_line(known.title, str(self._values.get(key, "…"))), id=f"set {key}")
                    for key, known in SETTINGS.items()
                ),
                Option(Content(" "), disabled=True),
                Option(say("This workspace", STRONG), disabled=True),
                *(
                    Option(
                        join((f"  {fit(FACT_WORDS.get(name, name.capitalize()), WIDEST)}", MUTED), value),
                        disabled=True,
                    )
                    for name, value in self._facts.items()
                ),
            ]
        )
        shown.highlighted = at if at is not None else 1

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        """What the line under the cursor means, in full."""
        self.query_one("#note", Prose).say(say(self._notes.get(event.option.id or "", ""), MUTED))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        what = event.option.id or ""
        if what == "colours":
            self.council.action_next_theme()
            self._fill()
        elif what == "spacing":
            self.council.prefer(compact=not self.council.preferences.compact)
            self._fill()
        elif what.startswith("set "):
            if self.backend.may("settings.change"):
                self._change(what.removeprefix("set "))
            else:
                self.council.tell("The QA lead and the system administrator change the council's settings.")

    def _change(self, key: str) -> None:
        from qa_audit.access.settings import SETTINGS

        known = SETTINGS[key]
        value = str(self._values.get(key, known.standard))
        if known.choices:
            choices = tuple(Choice(one, one) for one in dict.fromkeys((*known.choices, value)))
            self.app.push_screen(
                PickModal(FieldSpec(key, "choice", known.title, choices), value), lambda v: self._set(key, v)
            )
        else:
            self.app.push_screen(Ask(known.title, known.help, value=value), lambda v: self._set(key, v))

    def _set(self, key: str, value: str | None) -> None:
        if value is None:
            return

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.access.settings import change_setting

            change_setting(workspace, actor, key, value)

        self.do(work)


def _line(title: str, value: str) -> Content:
    return join(f"  {fit(title, WIDEST)}", (fit(value, 26), STRONG))
