"""The library: every audit form, moderation form and set of standards there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from qa_audit.tui import actions
from qa_audit.tui.backend import Backend
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.text import MUTED, STRONG, count, join

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.library.loader import FormInfo
    from qa_audit.store.workspace import Workspace

actions.place("forms", "Audit forms")

KINDS = {"tool": "Audit form", "moderation": "Audit of the audit", "set": "Section"}


class FormsScreen(ListScreen):
    """See the module's words."""

    PLACE = "forms"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("forms")
    CRUMBS = ("Audit forms",)
    NOUN = "form"
    EMPTY = "The folder of forms is empty. Run 'qa-audit form check' to see why."
    COLUMNS = (
        Column("kind", "Kind", 18),
        Column("id", "Name", 16),
        Column("title", "Title", 0),
        Column("version", "Version", 8, least=90),
        Column("items", "Holds", 12),
        Column("graded", "", 10, least=90),
    )
    HELP_TEXT = (
        "Audit forms are put together from sections; each section is a set of standards with guidance and, where it is "
        "graded, words for each grade. Enter reads one. An audit keeps the version it was done with."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._found: tuple[FormInfo, ...] = ()

    def load(self) -> None:
        """The current forms."""

        def work(workspace: Workspace, actor: Actor) -> tuple[FormInfo, ...]:
            from qa_audit.audits.forms_kept import current_library

            return current_library().forms()

        self.ask(work, self._show)

    def _show(self, found: tuple[FormInfo, ...]) -> None:
        self._found = found
        tools = sum(one.kind == "tool" for one in found)
        sets = sum(one.kind == "set" for one in found)
        numbers = join(
            (count(tools, "audit form"), STRONG), (f"put together from {sets} sections", MUTED), gap=" "
        )
        self.fill(numbers, [_line(one) for one in found])

    def opened(self, key: str) -> None:
        """Enter."""
        from qa_audit.tui.screens.forms.reading import FormReadScreen

        self.app.push_screen(FormReadScreen(self.backend, key))


def _line(one: FormInfo) -> Row:
    holds = count(len(one.sections), "section") if one.sections else count(one.items, "standard")
    style = "" if one.kind == "tool" else MUTED
    return Row(
        one.id,
        (
            Cell(KINDS.get(one.kind, one.kind), style),
            one.id,
            one.title,
            one.version,
            holds,
            "graded" if one.graded else "",
        ),
    )
