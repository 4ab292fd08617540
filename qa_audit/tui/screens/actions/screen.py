"""Actions: what audits asked to change, by state, with how late they are; done by one, verified by another."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from qa_audit.reports.words import ACTION_KINDS, PRIORITIES
from qa_audit.tui import actions
from qa_audit.tui.listing import Cell, Column, Row, Rows
from qa_audit.tui.screens.actions import keys
from qa_audit.tui.screens.actions.words import (
    DONE,
    OPEN,
    VERIFIED,
    about,
    ageing_line,
    due_cell,
)
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import BAD, MUTED, count
from qa_audit.tui.widgets.fields import FieldSpec
from qa_audit.tui.widgets.sql_list import SqlList
from qa_audit.tui.widgets.view_strip import View, ViewStrip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qa_audit.access.policy import Actor
    from qa_audit.improvement.service import ActionRow
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

OVERDUE, EVERY = "overdue", "every"
VIEWS = {OVERDUE: "Overdue", OPEN: "Open", DONE: "To verify", VERIFIED: "Verified", EVERY: "All"}
COLUMNS = (
    Column("ref", "Action", 9), Column("due", "Due", 13), Column("what", "What"), Column("owner", "Owner", 22, least=110),
    Column("who", "Changes", 13, least=126), Column("team", "Team", 20, least=140), Column("audit", "Audit", 8, least=92),
    Column("priority", "Priority", 12, least=100), Column("supervision", "Supervision", 11),
)  # fmt: skip


class ActionsScreen(PlaceScreen[None]):
    """`ActionsScreen(backend)`, or of one audit: `ActionsScreen(backend, audit_ref)`."""

    PLACE = keys.PLACE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.PLACE)
    BODY_WIDTH = None
    CSS_PATH = Path(__file__).with_name("actions.tcss")
    HELP_TEXT = (
        "An action closes twice: done by its owner, then verified by somebody else with what shows that the child's "
        "experience has changed. Each is taken into supervision; the date says when. / finds by any word."
    )

    def __init__(self, backend: Backend, audit_ref: str = "") -> None:
        super().__init__(backend)
        self.audit_ref = audit_ref
        self._rows: tuple[ActionRow, ...] = ()
        self._view = ""

    def body(self) -> ComposeResult:
        """Views, ageing, list, the whole action."""
        yield ViewStrip()
        yield Static("", id="ageing", markup=False)
        yield SqlList(Rows(COLUMNS, ()), empty="Reading the actions…", noun="action")
        with VerticalScroll(id="about", can_focus=False):
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Actions", *([self.audit_ref] if self.audit_ref else []), right="reading…")
        self.query_one(SqlList).focus()

    def load(self) -> None:
        """The actions as they are now."""
        ref = self.audit_ref or None

        def work(workspace: Workspace, actor: Actor) -> tuple[ActionRow, ...]:
            from qa_audit.improvement import service

            return service.actions(workspace, actor, audit_ref=ref)

        self.ask(work, self._arrived)

    def _arrived(self, rows: tuple[ActionRow, ...]) -> None:
        self._rows = rows
        if not self._view:
            self._view = EVERY if self.audit_ref else OVERDUE if self._of(OVERDUE) else OPEN
        self._draw()

    def _of(self, view: str) -> tuple[ActionRow, ...]:
        if view == EVERY:
            return self._rows
        if view == OVERDUE:
            late = (row for row in self._rows if row.overdue_days)
            return tuple(sorted(late, key=lambda row: -row.overdue_days))
        return tuple(row for row in self._rows if row.state == view)

    def _draw(self) -> None:
        today = self.backend.today()
        rows = self._of(self._view)
        listing = self.query_one(SqlList)
        listing.window.empty = {
            OVERDUE: "Nothing is overdue.", OPEN: "No action is open.", DONE: "Nothing waits to be verified.",
        }.get(self._view, "No action has been raised in what you can see.")  # fmt: skip
        listing.show(Rows(COLUMNS, [_row(row, today) for row in rows]))
        views = [View(key, title, len(self._of(key))) for key, title in VIEWS.items()]
        self.query_one(ViewStrip).show(views, self._view)
        self.query_one("#ageing", Static).update(ageing_line(self._rows))
        late = len(self._of(OVERDUE))
        words = f"{count(len(self._rows), 'action')}" + (f" · {late} overdue" if late else "")
        self.show_where("Actions", *([self.audit_ref] if self.audit_ref else []), right=words)
        self._show_about()

    @property
    def current(self) -> ActionRow | None:
        """The action under the cursor."""
        row = self.query_one(SqlList).current
        return next((one for one in self._rows if row is not None and one.ref == row.key), None)

    def _show_about(self) -> None:
        row = self.current
        pane = self.query_one("#about")
        pane.display = row is not None
        if row is not None:
            width = max(30, min(110, self.size.width - 6))
            self.query_one("#about Static", Static).update(about(row, width))
        self.refresh_keys()

    def on_sql_list_moved(self, message: SqlList.Moved) -> None:
        """Another action."""
        self._show_about()

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter: the next step of this action."""
        row = self.current
        if row is not None and row.state == OPEN:
            self.action_done()
        elif row is not None and row.state == DONE:
            self.action_verify()

    def on_resize(self) -> None:
        """Words follow the width."""
        self.call_after_refresh(self._show_about)

    # -- views ----------------------------------------------------------------------------------------

    def _show_view(self, key: str) -> None:
        if key and key != self._view:
            self._view = key
            self.query_one(SqlList).window.cursor = 0
            self._draw()

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

    # -- steps ------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the steps that this action and this person can take."""
        if action in ("done", "verify", "reopen", "supervision", "move", "audit"):
            row = self.current if self.is_mounted else None
            if row is None:
                return False
            may = self.backend.may
            allowed = {
                "done": row.state == OPEN and may("action.update"),
                "move": row.state == OPEN and may("action.update"),
                "supervision": may("action.update"),
                "verify": row.state == DONE and may("action.verify"),
                "reopen": row.state == DONE and may("action.verify"),
                "audit": bool(row.audit_ref) and may("audit.read_final") and not self.audit_ref,
            }
            return allowed[action]
        return super().check_action(action, parameters)

    def _step(
        self, title: str, fields: Sequence[FieldSpec], save: str, work: Callable[[Workspace, Actor, str, dict[str, str]], None],
        told: str,
    ) -> None:  # fmt: skip
        from qa_audit.tui.widgets.dialogs import FormModal

        row = self.current
        if row is None:
            return
        ref = row.ref

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                self.do(
                    lambda w, a: work(w, a, ref, values),
                    lambda _: self.council.tell(f"{ref}: {told}"),
                    group="step",
                )

        modal = FormModal(
            f"{title}: {ref}", fields, today=self.backend.today(), words=row.what[:200], save=save
        )
        self.app.push_screen(modal, written)

    def action_done(self) -> None:
        """d."""

        def work(workspace: Workspace, actor: Actor, ref: str, values: dict[str, str]) -> None:
            from qa_audit.improvement import service

            service.mark_done(workspace, actor, ref, values["note"])

        self._step(
            "Done",
            [FieldSpec("note", "text", "What was done")],
            "It is done",
            work,
            "done; somebody else verifies it.",
        )

    def action_verify(self) -> None:
        """v."""

        def work(workspace: Workspace, actor: Actor, ref: str, values: dict[str, str]) -> None:
            from qa_audit.improvement import service

            service.verify(workspace, actor, ref, values["note"], helped=True)

        field = FieldSpec(
            "note", "text", "What shows it", help="What shows that the child's experience has changed"
        )
        self._step("Verify", [field], "It helped", work, "verified.")

    def action_reopen(self) -> None:
        """o."""

        def work(workspace: Workspace, actor: Actor, ref: str, values: dict[str, str]) -> None:
            from qa_audit.improvement import service

            service.verify(workspace, actor, ref, values["note"], helped=False)

        field = FieldSpec("note", "text", "What is missing", help="What has not changed for the child")
        self._step("Open again", [field], "Open it again", work, "open again.")

    def action_supervision(self) -> None:
        """u."""

        def work(workspace: Workspace, actor: Actor, ref: str, values: dict[str, str]) -> None:
            from qa_audit.improvement import service

            service.in_supervision(workspace, actor, ref, values["on"])

        self._step(
            "Taken into supervision",
            [FieldSpec("on", "date", "On")],
            "Keep the date",
            work,
            "the date is kept.",
        )

    def action_move(self) -> None:
        """m."""

        def work(workspace: Workspace, actor: Actor, ref: str, values: dict[str, str]) -> None:
            from qa_audit.improvement import service

            service.change_due(workspace, actor, ref, values["due"], values["reason"])

        fields = [FieldSpec("due", "date", "New date"), FieldSpec("reason", "text", "Why it moves")]
        self._step(
            "Move the due date", fields, "Move it", work, "moved; the earlier date stays in the trail."
        )

    def action_audit(self) -> None:
        """a."""
        from qa_audit.tui.screens.results.final import FinalScreen

        row = self.current
        if row is not None and row.audit_ref:
            self.app.push_screen(FinalScreen(self.backend, row.audit_ref))


def _row(row: ActionRow, today: date) -> Row:
    supervision = (
        f"{date.fromisoformat(row.in_supervision_on[:10]):%d/%m/%y}"
        if row.in_supervision_on
        else Cell("not yet", MUTED)
    )
    urgent = row.priority == "safeguarding"
    cells = (
        row.ref, due_cell(row, today), row.what, row.owner_role, ACTION_KINDS.get(row.type, row.type), row.team, row.audit_ref,
        Cell(PRIORITIES.get(row.priority, row.priority), BAD if urgent else ""), supervision,
    )  # fmt: skip
    return Row(row.ref, cells)
