"""Rounds: the programme of audits, one line per round."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import cohort_words
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.screens.home.gather import due_in_words
from qa_audit.tui.text import BAD, MUTED, STRONG, WARN, count, join, lines, short_day

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.sampling.records import RoundRow
    from qa_audit.store.workspace import Workspace

actions.place("rounds", "Rounds of audits")
actions.register(
    Action("rounds.new", "n", "New round", "Plan a new round of audits.", "rounds", bar=1),
)  # fmt: skip

STATUS = {"planned": "Planned, not drawn", "open": "Under way", "closed": "Closed"}


class RoundsScreen(ListScreen):
    """See the module's words."""

    PLACE = "rounds"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("rounds")
    CRUMBS = ("Rounds",)
    ABOUT = True
    NOUN = "round"
    EMPTY = "No rounds yet. N plans the first one; import the lists of children before you draw it."
    COLUMNS = (
        Column("ref", "Round", 11),
        Column("title", "Title", 0),
        Column("kind", "Kind", 20, least=100),
        Column("drawn", "Drawn", 7, right=True),
        Column("due", "Due", 14),
        Column("status", "State", 18, least=92),
    )
    HELP_TEXT = (
        "A round is one planned set of audits: which children, how many, with which form, by when. "
        "Enter opens it: its plan, its draw, who audits what, how far it is."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._found: dict[str, RoundRow] = {}

    def load(self) -> None:
        """Every round."""

        def work(workspace: Workspace, actor: Actor) -> tuple[RoundRow, ...]:
            from qa_audit.sampling.service import rounds

            return rounds(workspace, actor)

        self.ask(work, self._show)

    def _show(self, found: tuple[RoundRow, ...]) -> None:
        self._found = {one.ref: one for one in found}
        running = sum(one.status == "open" for one in found)
        planned = sum(one.status == "planned" for one in found)
        numbers = join(
            (f"{running} under way", STRONG),
            f"{planned} planned",
            (f"{count(len(found), 'round')} in all", MUTED),
            gap="   ",
        )
        today = self.backend.today()
        self.fill(numbers, [_line(one, today) for one in found])

    def about(self, key: str) -> Content | None:
        """What the round is about."""
        one = self._found.get(key)
        return round_words(one) if one else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Planning is for who may."""
        return self.backend.may("round.plan") if action == "new" else super().check_action(action, parameters)

    def opened(self, key: str) -> None:
        """Enter."""
        from qa_audit.tui.screens.rounds.round import RoundScreen

        self.app.push_screen(RoundScreen(self.backend, key))

    def action_new(self) -> None:
        """N."""
        from qa_audit.tui.screens.rounds.planning import PlanningScreen

        def planned(ref: str | None) -> None:
            if ref:
                self.opened(ref)

        self.app.push_screen(PlanningScreen(self.backend), planned)


def _line(one: RoundRow, today: date) -> Row:
    from qa_audit.sampling.records import KINDS

    days = (date.fromisoformat(one.due[:10]) - today).days
    due: str | Cell = short_day(date.fromisoformat(one.due[:10]))
    if one.status == "open" and days <= 14:
        due = Cell(due_in_words(days), BAD if days < 0 else WARN if days <= 2 else "")
    return Row(
        one.ref,
        (one.ref, one.title, KINDS.get(one.kind, one.kind), f"{one.drawn}" if one.drawn else f"of {one.target}", due,
         STATUS.get(one.status, one.status)),
    )  # fmt: skip


def round_words(one: RoundRow) -> Content:
    """A round's plan in a few lines."""
    from qa_audit.sampling.records import KINDS

    cohorts = ", ".join(cohort_words(name) for name in one.cohorts) or "every cohort"
    rows = [
        join(
            (f"{one.title}  ", STRONG),
            (f"{KINDS.get(one.kind, one.kind)}{': ' + one.theme if one.theme else ''}", MUTED),
        ),
        join(("Children    ", MUTED), f"{cohorts}; {OPEN_WORDS.get(one.open_state, one.open_state)}"),
        join(
            ("Form        ", MUTED),
            f"{one.form_id} {one.form_version}",
            (f"   framework {one.framework}", MUTED),
        ),
        join(
            ("Dates       ", MUTED),
            f"{_day(one.starts)} to {_day(one.closes)}; audits due {_day(one.due)}",
        ),
        join(("Moderation  ", MUTED), moderation_words(one)),
    ]
    if one.lines_of_enquiry:
        heads = ("Enquiry     ", *[" " * 12] * (len(one.lines_of_enquiry) - 1))
        rows[1:1] = [
            join((head, MUTED), line) for head, line in zip(heads, one.lines_of_enquiry, strict=True)
        ]
    return lines(rows)


OPEN_WORDS = {"open": "open cases", "closed": "closed cases", "both": "open and closed cases"}


def moderation_words(one: RoundRow) -> str:
    """Which audits are moderated, and whether blind."""
    share = float(one.moderation.get("share", 0.2) or 0)
    words = "every audit" if share >= 1 else f"{share:.0%} at random, and every audit that a rule demands"
    return f"{words}; " + ("blind" if one.blind else "with the auditor's grades in sight")


def _day(iso: str) -> str:
    return short_day(date.fromisoformat(iso[:10]))
