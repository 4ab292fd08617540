"""The children of one import: a window of any length, by cohort, open or closed, found by case number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.errors import QaError
from qa_audit.frame.words import plain
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import cohort_words
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Column, Row, Sort
from qa_audit.tui.text import MUTED, STRONG, join, lines, say
from qa_audit.tui.widgets.dialogs import PickModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.frame.rows import ChildRow, EventRow, FrameSummary
    from qa_audit.store.workspace import Workspace

actions.place("children", "The children of a list")
actions.register(
    Action("children.cohort", "c", "One cohort", "Show the children of one cohort only.", "children", bar=1),
    Action("children.team", "t", "One team", "Show the children of one team only.", "children", bar=2),
    Action("children.state", "o", "Open or closed", "Open cases, closed cases, both.", "children", bar=3),
    Action("children.everyone", "e", "Everybody", "Show every child again.", "children", bar=4),
)  # fmt: skip

COLUMNS = (
    Column("case", "Case", 14, sortable=False),
    Column("cohort", "Cohort", 22, sortable=False),
    Column("age", "Age", 7, sortable=False),
    Column("team", "Team", 0, sortable=False),
    Column("worker", "Worker", 18, sortable=False, least=100),
    Column("flags", "Also", 24, sortable=False, least=120),
    Column("state", "", 6, sortable=False),
)


class ChildrenSource:
    """A window onto the children of one import, in order of case number."""

    columns = COLUMNS

    def __init__(self, backend: Backend, frame_id: str, cohort: str, team: str, is_open: bool | None) -> None:
        self._backend, self._frame_id = backend, frame_id
        self._cohort, self._team, self._is_open = cohort, team, is_open

    def _page(self, wanted: str, offset: int, limit: int) -> tuple[int, tuple[ChildRow, ...]]:
        from qa_audit.frame.service import children

        try:
            return children(
                self._backend.workspace, self._backend.actor, self._frame_id, cohort=self._cohort, team=self._team,
                search=wanted, is_open=self._is_open, offset=offset, limit=limit,
            )  # fmt: skip
        except QaError:
            return 0, ()

    def count(self, wanted: str) -> int:
        """How many children begin so."""
        return self._page(wanted, 0, 1)[0]

    def rows(self, offset: int, limit: int, sort: Sort | None, wanted: str) -> Sequence[Row]:
        """A page of them."""
        return [_line(one) for one in self._page(wanted, offset, limit)[1]]


class ChildrenScreen(ListScreen):
    """See the module's words."""

    PLACE = "children"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("children")
    CRUMBS = ("Lists of children", "Children")
    NOUN, NOUNS = "child", "children"
    EMPTY = "No child like that. E shows everybody."
    COLUMNS = COLUMNS
    HELP_TEXT = (
        "One line per child, not per row of the lists. / finds a case by the beginning of its number. "
        "Enter shows the dates and facts that were kept; there are no names here."
    )

    def __init__(self, backend: Backend, frame: FrameSummary) -> None:
        super().__init__(backend)
        self._frame = frame
        self._cohort = self._team = ""
        self._is_open: bool | None = None

    def load(self) -> None:
        """The window, with what it is narrowed to."""
        words = [say(f"{self._frame.authority}, as at {self._frame.as_at}", STRONG)]
        if self._cohort:
            words.append(say(f"only {cohort_words(self._cohort).lower()}"))
        if self._team:
            words.append(say(f"only {self._team}"))
        if self._is_open is not None:
            words.append(say("only open cases" if self._is_open else "only closed cases"))
        source = ChildrenSource(self.backend, self._frame.frame_id, self._cohort, self._team, self._is_open)
        self.fill(join(*words, gap="   "), source)

    def opened(self, key: str) -> None:
        """Enter: everything kept of this child."""
        frame_id = self._frame.frame_id

        def work(workspace: Workspace, actor: Actor) -> tuple[ChildRow, tuple[EventRow, ...]]:
            from qa_audit.frame.service import child

            return child(workspace, actor, frame_id, key)

        self.ask(work, self._show_child, group="child")

    def _show_child(self, found: tuple[ChildRow, tuple[EventRow, ...]]) -> None:
        from qa_audit.tui.screens.start.telling import Read

        one, events = found
        self.app.push_screen(Read(f"Case {one.case_ref or one.child_key}", child_content(one, events)))

    def action_cohort(self) -> None:
        """C."""
        choices = tuple(
            Choice(key, f"{cohort_words(key, 'No cohort')}  ({number:,})")
            for key, number in self._frame.cohorts.items()
        )
        self.app.push_screen(
            PickModal(FieldSpec("cohort", "choice", "Which cohort", choices), self._cohort), self._of_cohort
        )

    def _of_cohort(self, cohort: str | None) -> None:
        if cohort:
            self._cohort = cohort
            self.load()

    def action_team(self) -> None:
        """T."""
        choices = tuple(
            Choice(team, f"{team}  ({number:,})") for team, number in self._frame.teams.items() if team
        )
        self.app.push_screen(
            PickModal(FieldSpec("team", "choice", "Which team", choices), self._team), self._of_team
        )

    def _of_team(self, team: str | None) -> None:
        if team:
            self._team = team
            self.load()

    def action_state(self) -> None:
        """O: round the three."""
        self._is_open = {None: True, True: False, False: None}[self._is_open]
        self.load()

    def action_everyone(self) -> None:
        """E."""
        self._cohort = self._team = ""
        self._is_open = None
        self.load()


def _line(one: ChildRow) -> Row:
    flags = ", ".join(cohort_words(flag) for flag in one.flags)
    return Row(
        one.child_key,
        (one.case_ref or one.child_key, cohort_words(one.primary_cohort, "No cohort"), _age(one.age), one.team, one.worker,
         flags, "" if one.is_open else "closed"),
    )  # fmt: skip


def _age(age: int | None) -> str:
    return "" if age is None else "unborn" if age < 0 else str(age)


def child_content(one: ChildRow, events: Sequence[EventRow]) -> Content:
    """Everything that was kept of a child."""
    groups = [cohort_words(name) for name in (*one.cohorts, *one.flags)]
    rows = [
        say(", ".join(groups) or "No cohort", STRONG),
        say(
            f"Age {_age(one.age) or 'not known'}, {plain(one.sex) or 'sex not known'}, "
            f"{plain(one.ethnicity) or 'ethnicity not known'}"
        ),
        say(f"{one.team or 'No team'}; worker {one.worker or 'not recorded'}"),
        join(("Pseudonym ", MUTED), (one.child_key, MUTED)),
        Content(""),
    ]
    for title, facts in (("Dates", one.facts), ("Counts", one.numbers), ("Codes", one.codes)):
        if facts:
            rows.append(say(title, STRONG))
            rows += [
                join((f"  {name.replace('_', ' '):<28} ", MUTED), plain(str(value)))
                for name, value in sorted(facts.items())
            ]
    if events:
        rows.append(say("Rows of the lists", STRONG))
        rows += [
            join(f"  List {event.list_no:<3} ", (event.event_date or "no date", MUTED)) for event in events
        ]
    return lines(rows)
