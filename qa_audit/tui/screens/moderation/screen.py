"""Moderation: my queue, everybody's for the QA unit, panels, and what has been decided.

While a second grade is still to come a row holds no grade and no reason why it was chosen; the service hands
out neither, so there is nothing here to hide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from qa_audit.moderation.records import OUTCOMES, PanelRow, QueueRow
from qa_audit.tui import actions
from qa_audit.tui.listing import Cell, Column, Row, Rows
from qa_audit.tui.screens.moderation import keys
from qa_audit.tui.screens.moderation.words import OPEN_STATES, cohort_words, due_cell, said_date, state_words
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import GRADE_STYLES, MUTED, WARN, count, short_day
from qa_audit.tui.widgets.sql_list import SqlList
from qa_audit.tui.widgets.view_strip import View, ViewStrip

if TYPE_CHECKING:
    from datetime import date

    from qa_audit.access.policy import Actor
    from qa_audit.grades import Grade
    from qa_audit.moderation.records import Candidate
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

MINE, EVERYONE, PANELS, DECIDED = "mine", "everyone", "panels", "decided"
TITLES = {MINE: "Mine", EVERYONE: "Everybody's", PANELS: "Panels", DECIDED: "Decided"}
EMPTY = {
    MINE: "Nothing waits for your second grade.",
    EVERYONE: "No audit is waiting for moderation.",
    PANELS: "No panel is waiting.",
    DECIDED: "Nothing has been decided yet.",
}
_AUDIT = Column("audit", "Audit", 8)
_CASE = Column("case", "Case", 12)
MINE_COLUMNS = (
    _AUDIT, _CASE, Column("cohort", "Cohort", 16), Column("round", "Round", least=92), Column("state", "State", 12),
    Column("due", "Due", 15),
)  # fmt: skip
EVERYONE_COLUMNS = (
    _AUDIT, Column("case", "Case", 14, least=92), Column("cohort", "Cohort", 17, least=108), Column("team", "Team", least=108),
    Column("auditor", "Auditor", 8), Column("moderator", "Moderator", 10), Column("state", "State", 12), Column("due", "Due", 15),
)  # fmt: skip
DECIDED_COLUMNS = (
    _AUDIT, _CASE, Column("round", "Round", least=108), Column("auditor", "Auditor", 8), Column("moderator", "Moderator", 10),
    Column("first", "Auditor's", 11), Column("own", "Second", 11), Column("outcome", "Outcome", 24, least=92),
)  # fmt: skip
PANEL_COLUMNS = (
    _AUDIT, _CASE, Column("why", "Why"), Column("first", "Auditor's", 11), Column("own", "Moderated", 11),
    Column("since", "Since", 10, least=92), Column("panel", "Panel's", 11, least=92),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything this place shows, read in one go."""

    mine: tuple[QueueRow, ...]
    everyone: tuple[QueueRow, ...]
    panels: tuple[PanelRow, ...]


class ModerationScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = keys.QUEUE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.QUEUE)
    BODY_WIDTH = 150
    CSS_PATH = Path(__file__).with_name("moderation.tcss")
    HELP_TEXT = (
        "Audits that get a second grade. Enter opens one: you grade it blind from the evidence, lock your grades, "
        "then see the auditor's, compare and decide. Large moves, and disputes, go to a panel."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._desk = Desk((), (), ())
        self._view = ""
        self._waiting = True

    def body(self) -> ComposeResult:
        """Views and the list."""
        yield ViewStrip()
        yield SqlList(Rows(MINE_COLUMNS, ()), empty="Reading the queue…", noun="moderation")

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Moderation", right="reading…")
        self.query_one(SqlList).focus()

    # -- reading ------------------------------------------------------------------------------------

    def load(self) -> None:
        """The queue as it is now."""

        def work(workspace: Workspace, actor: Actor) -> Desk:
            from qa_audit.moderation import deciding, service

            return Desk(
                service.queue(workspace, actor, open_only=False) if actor.may("moderation.work") else (),
                service.queue(workspace, actor, everyone=True, open_only=False)
                if actor.may("moderation.manage")
                else (),
                deciding.panels(workspace, actor, open_only=False) if actor.may("panel.decide") else (),
            )

        self.ask(work, self._show)

    def _show(self, desk: Desk) -> None:
        first = not self._view
        self._desk, self._waiting = desk, False
        if first:
            offered = self._offered()
            mine_open = any(row.state in OPEN_STATES for row in desk.mine)
            self._view = MINE if MINE in offered and (mine_open or EVERYONE not in offered) else EVERYONE
            if self._view not in offered:
                self._view = offered[0] if offered else PANELS
        self._draw()

    def _offered(self) -> list[str]:
        may = self.backend.may
        found = [MINE] if may("moderation.work") else []
        if may("moderation.manage"):
            found.append(EVERYONE)
        if may("panel.decide"):
            found.append(PANELS)
        return [*found, DECIDED] if may("moderation.work") or may("moderation.manage") else found

    def _rows_of(self, view: str) -> tuple[QueueRow, ...]:
        if view == DECIDED:
            every = self._desk.everyone or self._desk.mine
            return tuple(row for row in reversed(every) if row.state not in OPEN_STATES)
        found = self._desk.mine if view == MINE else self._desk.everyone
        return tuple(row for row in found if row.state in OPEN_STATES)

    def _open_panels(self) -> tuple[PanelRow, ...]:
        waiting = [row for row in self._desk.panels if row.state == "convened"]
        return (*waiting, *(row for row in self._desk.panels if row.state != "convened"))

    def _views(self) -> list[View]:
        found = []
        for key in self._offered():
            if key == PANELS:
                found.append(
                    View(key, TITLES[key], sum(row.state == "convened" for row in self._desk.panels))
                )
            else:
                rows = self._rows_of(key)
                late = sum(row.late_days > 0 for row in rows) if key != DECIDED else 0
                found.append(View(key, TITLES[key], len(rows), late))
        return found

    def _draw(self) -> None:
        today = self.backend.today()
        listing = self.query_one(SqlList)
        listing.window.empty = EMPTY.get(self._view, "")
        if self._view == PANELS:
            source = Rows(PANEL_COLUMNS, [_panel_row(row) for row in self._open_panels()])
        elif self._view == EVERYONE:
            source = Rows(EVERYONE_COLUMNS, [_everyone_row(row, today) for row in self._rows_of(EVERYONE)])
        elif self._view == DECIDED:
            source = Rows(DECIDED_COLUMNS, [_decided_row(row) for row in self._rows_of(DECIDED)])
        else:
            source = Rows(MINE_COLUMNS, [_mine_row(row, today) for row in self._rows_of(MINE)])
        listing.show(source)
        self.query_one(ViewStrip).show(self._views(), self._view)
        self.show_where("Moderation", right=self._summary())
        self.refresh_keys()

    def _summary(self) -> str:
        mine = self._rows_of(MINE)
        late = sum(row.late_days > 0 for row in mine)
        words = f"{count(len(mine), 'moderation')} of yours"
        if late:
            words += f" · {late} late"
        loose = sum(not row.moderator for row in self._rows_of(EVERYONE))
        return f"{words} · {loose} without a moderator" if loose else words

    # -- views ----------------------------------------------------------------------------------------

    def _show_view(self, key: str) -> None:
        if key and key != self._view and not self._waiting:
            self._view = key
            self.query_one(SqlList).window.sort = None
            self.query_one(SqlList).window.cursor = 0
            self._draw()
            self.query_one(SqlList).focus()

    def on_view_strip_chosen(self, message: ViewStrip.Chosen) -> None:
        """A click."""
        self._show_view(message.key)

    def on_key(self, event: events.Key) -> None:
        """Digits."""
        if event.character and event.character.isdigit():
            self._show_view(self.query_one(ViewStrip).at(int(event.character)))

    def action_next_view(self) -> None:
        """Ctrl+N."""
        self._show_view(self.query_one(ViewStrip).beside(1))

    def action_previous_view(self) -> None:
        """Ctrl+B."""
        self._show_view(self.query_one(ViewStrip).beside(-1))

    # -- opening --------------------------------------------------------------------------------------

    def _current(self) -> QueueRow | None:
        row = self.query_one(SqlList).current
        if row is None or self._view == PANELS:
            return None
        return next((one for one in self._rows_of(self._view) if one.moderation_id == row.key), None)

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter: the work that is next for this row."""
        if self._view == PANELS:
            from qa_audit.tui.screens.moderation.panel import PanelScreen

            panel = next((row for row in self._desk.panels if row.panel_id == message.key), None)
            if panel is not None:
                self.app.push_screen(PanelScreen(self.backend, panel))
            return
        row = self._current()
        if row is not None:
            self._work_on(row)

    def _work_on(self, row: QueueRow) -> None:
        from qa_audit.tui.screens.moderation.blind import BlindScreen
        from qa_audit.tui.screens.moderation.decide import DecideScreen

        mine = any(one.moderation_id == row.moderation_id for one in self._desk.mine)
        if row.state not in OPEN_STATES:
            self.action_feedback()
        elif not mine:
            who = row.moderator or "nobody yet: a gives it to somebody"
            hidden = "" if row.state == "graded" else " Its grades stay hidden until they are locked."
            self.council.tell(f"{row.audit_ref} is with {who}.{hidden}")
        elif row.state == "graded":
            self.app.push_screen(DecideScreen(self.backend, row.audit_ref))
        else:
            self.app.push_screen(BlindScreen(self.backend, row.audit_ref))

    def action_feedback(self) -> None:
        """f: the sheet the auditor is sent."""
        from qa_audit.tui.screens.moderation.sheet import SheetScreen

        row = self._current()
        if row is None:
            return
        if row.state in OPEN_STATES or row.state == "returned":
            words = {
                "returned": f"{row.audit_ref} went back to its auditor for more evidence.",
            }.get(row.state, "There is feedback once the moderation is decided.")
            self.council.tell(words)
            return
        self.app.push_screen(SheetScreen(self.backend, row.audit_ref))

    # -- allocating -----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what this person and this view can do."""
        if action in ("allocate", "allocate_named", "allocate_all"):
            return self._view == EVERYONE and self.backend.may("moderation.manage")
        if action == "let_stand":
            return self._view == DECIDED and self.backend.may("moderation.manage")
        if action == "feedback":
            return self._view == DECIDED
        return super().check_action(action, parameters)

    def _to_allocate(self) -> QueueRow | None:
        row = self._current()
        if row is not None and row.state != "queued":
            self.council.tell(f"{row.audit_ref} has been begun, so it stays with {row.moderator}.")
            return None
        return row

    def action_allocate(self) -> None:
        """a: to the least loaded who is not tied to the case."""
        row = self._to_allocate()
        if row is not None:
            self._give(row.audit_ref, None)

    def _give(self, ref: str, to: str | None) -> None:
        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.moderation import service

            return service.allocate(workspace, actor, ref, to)

        self.do(work, lambda code: self.council.tell(f"{ref} is with {code}."), group="allocate")

    def action_allocate_named(self) -> None:
        """n: choose who."""
        row = self._to_allocate()
        if row is None:
            return
        ref = row.audit_ref

        def work(workspace: Workspace, actor: Actor) -> tuple[Candidate, ...]:
            from qa_audit.moderation import service

            return service.possible_moderators(workspace, actor, ref)

        self.ask(work, lambda found: self._pick(ref, found), group="candidates")

    def _pick(self, ref: str, found: tuple[Candidate, ...]) -> None:
        from qa_audit.tui.widgets.dialogs import PickModal
        from qa_audit.tui.widgets.fields import Choice, FieldSpec

        if not found:
            self.council.tell(
                "Nobody may moderate this audit: everyone with the role is tied to the case.",
                severity="warning",
            )
            return
        choices = tuple(
            Choice(one.code, f"{one.code}  {one.display} · {count(one.load, 'moderation')} open")
            for one in found
        )

        def picked(code: str | None) -> None:
            if code:
                self._give(ref, code)

        self.app.push_screen(
            PickModal(FieldSpec("to", "choice", f"Who moderates {ref}", choices), ""), picked
        )

    def action_allocate_all(self) -> None:
        """A: everything without a moderator."""
        refs = [
            row.audit_ref for row in self._rows_of(EVERYONE) if row.state == "queued" and not row.moderator
        ]
        if not refs:
            self.council.tell("Every moderation has a moderator.")
            return

        def work(workspace: Workspace, actor: Actor) -> int:
            from qa_audit.moderation import service

            for ref in refs:
                service.allocate(workspace, actor, ref)
            return len(refs)

        self.do(work, lambda n: self.council.tell(f"{count(n, 'moderation')} given out."), group="allocate")

    def action_let_stand(self) -> None:
        """t: no answer in five working days, so the moderated grades stand."""
        row = self._current()
        if row is None:
            return
        ref = row.audit_ref

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.improvement import finishing

            return finishing.let_stand(workspace, actor, ref)

        self.do(work, lambda words: self.council.tell(f"{ref}: {said_date(words).lower()}."), group="stand")


def _mine_row(row: QueueRow, today: date) -> Row:
    cells = (
        row.audit_ref, row.case_ref, cohort_words(row.cohort), row.round_title, _state_cell(row),
        due_cell(row.due, row.late_days, row.state, today),
    )  # fmt: skip
    return Row(row.moderation_id, cells)


def _everyone_row(row: QueueRow, today: date) -> Row:
    cells: Sequence[str | Cell] = (
        row.audit_ref, row.case_ref, cohort_words(row.cohort), row.team, row.auditor,
        row.moderator or Cell("nobody", WARN), _state_cell(row), due_cell(row.due, row.late_days, row.state, today),
    )  # fmt: skip
    return Row(row.moderation_id, tuple(cells))


def _decided_row(row: QueueRow) -> Row:
    outcome = "At panel" if row.state == "panel" else OUTCOMES.get(row.outcome, state_words(row.state))
    cells = (
        row.audit_ref, row.case_ref, row.round_title, row.auditor, row.moderator, _grade_cell(row.auditor_grade),
        _grade_cell(row.own_grade), outcome,
    )  # fmt: skip
    return Row(row.moderation_id, cells)


def _panel_row(row: PanelRow) -> Row:
    since = row.convened_at[:10]
    cells = (
        row.audit_ref, row.case_ref, row.why[:1].upper() + row.why[1:], _grade_cell(row.auditor_grade),
        _grade_cell(row.moderated_grade), _day(since),
        _grade_cell(row.panel_grade) if row.panel_grade else Cell("to decide", WARN),
    )  # fmt: skip
    return Row(row.panel_id, cells)


def _state_cell(row: QueueRow) -> Cell:
    return Cell(state_words(row.state), WARN if row.state == "graded" else "")


def _grade_cell(grade: Grade | None) -> Cell:
    return Cell("-", MUTED) if grade is None else Cell(grade.short, f"bold {GRADE_STYLES[grade]}")


def _day(iso: str) -> str:
    from datetime import date

    return short_day(date.fromisoformat(iso))
