"""Who are you: the people of the workspace with their roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from qa_audit.access.policy import ROLES
from qa_audit.tui.base import QaModal
from qa_audit.tui.text import MUTED, STRONG, fit, join

if TYPE_CHECKING:
    from qa_audit.access.service import PersonRecord


def short_role(role: str) -> str:
    """A role in a word or two: what stands before the brackets of its full words."""
    return ROLES.get(role, role).partition(" (")[0].partition(",")[0]


def short_roles(roles: Sequence[str]) -> str:
    """Roles in a few words."""
    if len(roles) == len(ROLES):
        return "every role"
    return ", ".join(short_role(role) for role in ROLES if role in roles) or "no role"


class WhoModal(QaModal[str]):
    """Gives the code of the person chosen."""

    TITLE_WORDS = "Who are you?"
    KEYS = "Type to find   ↑ ↓ Enter  choose   Esc  leave"
    WIDTH = 84
    DEFAULT_CSS = """
    WhoModal OptionList { height: auto; max-height: 15; margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, people: Sequence[PersonRecord]) -> None:
        super().__init__()
        self._people = tuple(people)

    def inside(self) -> ComposeResult:
        """A line to find by, and the people."""
        yield Input(placeholder="Type part of a code, a name, a team or a role")
        yield OptionList(markup=False)

    def on_mount(self) -> None:
        """All of them."""
        self._fill("")
        self.query_one(Input).focus()

    def _fill(self, wanted: str) -> None:
        shown = self.query_one(OptionList)
        shown.clear_options()
        for person in self._people:
            roles = short_roles(person.roles)
            words = f"{person.code} {person.display} {person.team} {roles}".casefold()
            if wanted.casefold() in words:
                line = join(
                    (fit(person.code, 8), STRONG), " ", fit(person.display, 20), " ", (fit(person.team, 18), MUTED),
                    " ", (roles, MUTED),
                )  # fmt: skip
                shown.add_option(Option(line, id=person.code))
        if shown.option_count:
            shown.highlighted = 0

    @on(Input.Changed)
    def _find(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    def on_key(self, event: events.Key) -> None:
        """Arrows move in the list while the line keeps the focus."""
        if event.key in ("up", "down"):
            event.stop()
            event.prevent_default()
            shown = self.query_one(OptionList)
            (shown.action_cursor_up if event.key == "up" else shown.action_cursor_down)()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        shown = self.query_one(OptionList)
        if shown.highlighted is not None:
            self.dismiss(shown.get_option_at_index(shown.highlighted).id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)
