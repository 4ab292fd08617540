"""Giving the drawn cases to auditors who have no tie to them, evenly by their capacity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.listing import Column, Row, Rows
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import ACCENT, MUTED, OK, STRONG, WARN, count, join, lines, say
from qa_audit.tui.widgets.prose import Prose
from qa_audit.tui.widgets.sql_list import SqlList

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.access.service import PersonRecord
    from qa_audit.audits.allocation_service import AllocationResult
    from qa_audit.store.workspace import Workspace

actions.place("allocation", "Allocation")
actions.register(
    Action("allocation.give", "f10", "Allocate", "Give every case that nobody has to an auditor.", "allocation", bar=1, priority=True),
    Action("allocation.audits", "l", "Audits", "The round's audits: who has them.", "allocation", bar=2),
)  # fmt: skip

COLUMNS = (
    Column("code", "Auditor", 10),
    Column("name", "Name", 20, least=80),
    Column("team", "Own team", 0),
    Column("capacity", "Capacity", 8, right=True),
    Column("open", "Open now", 8, right=True),
)


class AllocationScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "allocation"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("allocation")
    BODY_WIDTH = 100
    CSS_PATH = Path(__file__).with_name("allocation.tcss")
    HELP_TEXT = (
        "Nobody is given a case of their own team, a case they hold or decided on, or one with a declared conflict. "
        "Capacity is how many audits a person does in a round; it grows evenly when the round needs more. "
        "Tick auditors with Space to let only those take part; with none ticked, everybody does."
    )

    def __init__(self, backend: Backend, ref: str, waiting: int | None = None) -> None:
        super().__init__(backend)
        self._ref = ref
        self._waiting = waiting
        self._given = False

    def body(self) -> ComposeResult:
        """Who could take part; then what was given."""
        yield Static(markup=False, id="words")
        yield SqlList(Rows(COLUMNS, ()), empty="Nobody holds the auditor role. Add auditors under People and roles.",
                      noun="auditor", ticking=True)  # fmt: skip
        with VerticalScroll(id="result"):
            yield Prose()

    def on_mount(self) -> None:
        """The frame first."""
        self.show_where("Home", "Rounds", self._ref, "Allocate")
        self.query_one("#result").display = False
        waiting = count(self._waiting, "case") if self._waiting is not None else "The drawn cases"
        self.query_one("#words", Static).update(
            join(
                (f"{waiting} to give. ", STRONG),
                ("F10 gives them to the auditors ticked, or to all of them.", MUTED),
            )
        )
        self.query_one(SqlList).focus()

    def load(self) -> None:
        """The auditors and what they have already."""
        if not self._given:
            self.ask(_auditors, self._show)

    def _show(self, found: tuple[tuple[PersonRecord, int], ...]) -> None:
        rows = [
            Row(one.code, (one.code, one.display, one.team or "none", str(one.capacity), str(number or "")))
            for one, number in found
        ]
        self.query_one(SqlList).show(Rows(COLUMNS, rows))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Once; then the audits."""
        if action == "give":
            return not self._given and self.backend.may("allocate")
        if action == "audits":
            return self._given
        return super().check_action(action, parameters)

    def on_sql_list_chosen(self) -> None:
        """Enter explains what the list is for."""
        self.council.tell("Space ticks who takes part; F10 allocates.")

    def action_give(self) -> None:
        """F10."""
        chosen = tuple(sorted(self.query_one(SqlList).ticked))

        def work(workspace: Workspace, actor: Actor) -> AllocationResult:
            from qa_audit.audits.allocation_service import allocate

            return allocate(workspace, actor, self._ref, auditors=chosen)

        self.do(work, self._done, group="allocate")

    def _done(self, result: AllocationResult) -> None:
        self._given = True
        self.query_one(SqlList).display = False
        self.query_one("#words").display = False
        shown = self.query_one("#result")
        shown.display = True
        shown.query_one(Prose).say(result_content(result))
        shown.focus()
        self.refresh_keys()

    def action_audits(self) -> None:
        """L."""
        from qa_audit.tui.screens.allocation.audits import RoundAuditsScreen

        self.app.switch_screen(RoundAuditsScreen(self.backend, self._ref))


def _auditors(workspace: Workspace, actor: Actor) -> tuple[tuple[PersonRecord, int], ...]:
    from collections import Counter

    from qa_audit.access.service import people
    from qa_audit.audits.service import list_audits

    load = Counter(row.auditor for row in list_audits(workspace, actor, status="open"))
    return tuple((one, load[one.code]) for one in people(workspace, actor, role="auditor") if one.active)


def result_content(result: AllocationResult) -> Content:
    """What an allocation did: given, the load of each, and every case that nobody could be given, with why."""
    rows = [say(f"{count(len(result.given), 'audit')} given", STRONG), Content("")]
    most = max((number for _, number in result.load), default=1)
    rows.append(say("Open audits of each auditor", MUTED))
    for code, number in result.load:
        rows.append(join(f"  {code:<12} ", ("█" * round(28 * number / max(1, most)), ACCENT), f" {number}"))
    warned = [row for row in result.given if row.warnings]
    if warned:
        rows += [Content(""), say("Given, with something to look at", WARN)]
        rows += [say(f"  {row.ref} to {row.auditor}: {'; '.join(row.warnings)}") for row in warned]
    rows.append(Content(""))
    if result.not_given:
        rows.append(say(f"! {count(len(result.not_given), 'case')} could not be given", WARN))
        for ref, why in result.not_given:
            rows += [say(f"  {ref}", STRONG), say(f"    {why}", MUTED)]
        rows.append(
            say(
                "Give somebody of another service the auditor role, or raise a capacity, then allocate again."
            )
        )
    else:
        rows.append(say("✓ Every drawn case has an auditor without a tie to it.", OK))
    return lines(rows)
