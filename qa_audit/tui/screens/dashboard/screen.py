"""Results of a round: the headline, pages of pictures and figures, and the audits behind each figure.

Figures are computed in a thread from the same functions as the workbook. What is still blind is left out of
them, for everybody, and the headline says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.listing import Column, Row, Rows
from qa_audit.tui.screens.dashboard import keys
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import MUTED, STRONG, lines, say
from qa_audit.tui.widgets.charts import Picture
from qa_audit.tui.widgets.sql_list import SqlList
from qa_audit.tui.widgets.view_strip import View, ViewStrip

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.sampling.records import RoundRow
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.screens.dashboard.page import Draw, Page
    from qa_audit.tui.screens.dashboard.pages import Dashboard


LOW = 34
"""Terminal lines below which the headline gives its place to the picture on all pages but the first."""


def columns(counted: str = "Audits", *, narrow: bool = False) -> tuple[Column, ...]:
    """The three columns of every page; the middle one says what it counts."""
    return (
        Column("what", "What", 27 if narrow else 38, sortable=False),
        Column("n", counted, 9, right=True, sortable=False),
        Column("says", "What it says", sortable=False),
    )


COLUMNS = columns()


class Canvas(Picture):
    """One page's picture."""

    def __init__(self) -> None:
        super().__init__()
        self._draw: Draw = lambda _width: []

    def show(self, draw: Draw, note: str) -> None:
        """Another picture, and the sentence beneath it."""
        self._draw, self.note = draw, note
        self.refresh(layout=True)

    def drawn(self, width: int) -> list[Content]:
        """The lines."""
        return self._draw(width) or [Content("")]


class DashboardScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = keys.PLACE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.PLACE)
    BODY_WIDTH = 160
    CSS_PATH = Path(__file__).with_name("dashboard.tcss")
    HELP_TEXT = (
        "Each page shows a picture and the figures it is made of. Enter on a figure lists the audits behind it; "
        "Enter there opens a finished audit. F6 writes the same figures to an Excel file. "
        "Audits whose second grade is still to come are left out of every figure about grades."
    )

    def __init__(self, backend: Backend, round_ref: str = "") -> None:
        super().__init__(backend)
        self._round = round_ref
        self._rounds: tuple[RoundRow, ...] = ()
        self._board: Dashboard | None = None
        self._page = "overview"
        self._early = 0
        """The page asked for before the figures were there."""

    def body(self) -> ComposeResult:
        """Headline, pages, picture, figures."""
        yield Static("", id="headline", markup=False)
        yield ViewStrip()
        with VerticalScroll(id="picture", can_focus=False):
            yield Canvas()
        yield SqlList(Rows(COLUMNS, ()), empty="Reading the figures…", noun="figure")
        yield Static("", id="says", markup=False)

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.set_class(True, "-plain")
        self.show_where("Dashboard", right="counting…")
        self.query_one(SqlList).focus()

    # -- reading ------------------------------------------------------------------------------------

    def load(self) -> None:
        """Count once; F5 counts again."""
        if self._board is None:
            self._count()

    def _count(self) -> None:
        wanted = self._round

        def work(workspace: Workspace, actor: Actor) -> tuple[tuple[RoundRow, ...], Dashboard | None]:
            from qa_audit.reports import service as reports
            from qa_audit.sampling import service as sampling
            from qa_audit.tui.screens.dashboard.pages import build
            from qa_audit.tui.screens.results.rounds import latest

            rounds = sampling.rounds(workspace, actor)
            ref = wanted or latest(rounds, workspace.now()[:10])
            if not ref:
                return rounds, None
            facts = reports.round_facts(workspace, actor, ref)
            return rounds, build(facts, auditors="qa_lead" in actor.roles)

        self.ask(work, self._arrived, failed=self._failed)

    def _failed(self, error: QaError) -> None:
        self.query_one(SqlList).window.empty = "The figures could not be counted. F5 tries again."
        self.query_one(SqlList).show(Rows(COLUMNS, ()))
        self.show_where("Dashboard", right="not counted")
        self.refused(error)

    def _arrived(self, found: tuple[tuple[RoundRow, ...], Dashboard | None]) -> None:
        self._rounds, board = found
        listing = self.query_one(SqlList)
        if board is None:
            listing.window.empty = "No round yet. The place Rounds of audits plans one."
            listing.show(Rows(COLUMNS, ()))
            self.show_where("Dashboard", right="no round")
            return
        if self._board is None and 0 < self._early <= len(board.pages):
            self._page = board.pages[self._early - 1].key
        self._board, self._round = board, board.ref
        self._show_page(self._page)

    def _show_headline(self) -> None:
        board = self._board
        if board is None:
            return
        rows = [say(board.headline, STRONG)] if self._page == "overview" or self.size.height >= LOW else []
        if board.left_out:
            rows.append(say(f"Left out - {board.left_out}.", MUTED))
        headline = self.query_one("#headline", Static)
        headline.update(lines(rows))
        headline.display = bool(rows)

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        pages = self._board.pages if self._board is not None else ()
        return next((page for page in pages if page.key == self._page), None)

    def _show_page(self, key: str) -> None:
        board = self._board
        if board is None or not key:
            return
        moved, self._page = key != self._page, key
        page = self.page
        if page is None:
            return
        facts = board.facts
        self._show_headline()
        has_picture = bool(page.draw(80))
        self.set_class(not has_picture and not page.note, "-plain")
        if not has_picture:
            self.set_class(False, "-whole")
        self.query_one(Canvas).show(page.draw, page.note)
        self.query_one("#picture").scroll_home(animate=False)
        self.query_one(ViewStrip).show([View(each.key, each.title) for each in board.pages], key)
        listing = self.query_one(SqlList)
        if moved:
            listing.window.cursor = 0
        listing.window.empty = "Nothing to count here in this round."
        listing.show(
            Rows(
                columns(page.counted, narrow=self.size.width < 110),
                [Row(str(i), (figure.what, figure.n, figure.says)) for i, figure in enumerate(page.figures)],
            )
        )
        self.show_where("Dashboard", board.title, right=f"as at {facts.as_at:%d/%m/%Y}")
        self.refresh_keys()

    def on_sql_list_moved(self, message: SqlList.Moved) -> None:
        """The whole of a figure's words, which a column may have cut."""
        page, words = self.page, ""
        if page is not None and message.row is not None:
            says = page.figures[int(message.row.key)].says
            words = says if isinstance(says, str) else says.text
        self.query_one("#says", Static).update(say(words, MUTED))

    def on_resize(self) -> None:
        """Columns and headline follow the size."""
        if self._board is not None:
            self.call_after_refresh(self._show_page, self._page)

    # -- going about --------------------------------------------------------------------------------

    def on_view_strip_chosen(self, message: ViewStrip.Chosen) -> None:
        """A click."""
        self._show_page(message.key)

    def on_key(self, event: events.Key) -> None:
        """Digits; PgUp and PgDn move the picture while it has the page."""
        if event.character and event.character.isdigit():
            self._early = int(event.character)
            self._show_page(self.query_one(ViewStrip).at(self._early))
        elif self.has_class("-whole") and event.key in ("pagedown", "pageup", "down", "up"):
            down = event.key in ("pagedown", "down")
            pane = self.query_one("#picture")
            (pane.scroll_page_down if down else pane.scroll_page_up)(animate=False)

    def action_next_page(self) -> None:
        """Ctrl+N."""
        self._show_page(self.query_one(ViewStrip).beside(1))

    def action_previous_page(self) -> None:
        """Ctrl+B."""
        self._show_page(self.query_one(ViewStrip).beside(-1))

    def action_whole(self) -> None:
        """p: the picture alone, to scroll in it."""
        if not self.has_class("-plain"):
            whole = not self.has_class("-whole")
            self.set_class(whole, "-whole")
            if whole:
                self.set_focus(None)
            else:
                self.query_one(SqlList).focus()

    def action_renew(self) -> None:
        """F5."""
        self.show_where("Dashboard", right="counting…")
        self._count()

    def action_choose_round(self) -> None:
        """r."""
        from qa_audit.tui.widgets.dialogs import PickModal
        from qa_audit.tui.widgets.fields import Choice, FieldSpec

        choices = tuple(Choice(one.ref, f"{one.ref}  {one.title}") for one in self._rounds)
        if not choices:
            return

        def picked(ref: str | None) -> None:
            if ref and ref != self._round:
                self._round = ref
                self.action_renew()

        self.app.push_screen(
            PickModal(FieldSpec("round", "choice", "Which round", choices), self._round), picked
        )

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter: the audits behind a figure."""
        self.action_behind()

    def action_behind(self) -> None:
        """The audits that the figure under the cursor counts."""
        from qa_audit.tui.screens.results.audits import AuditsScreen

        page, row = self.page, self.query_one(SqlList).current
        if page is None or row is None or self._board is None:
            return
        figure = page.figures[int(row.key)]
        if not figure.refs:
            self.council.tell("No audit stands behind this figure.")
            return
        what = figure.what if isinstance(figure.what, str) else figure.what.text
        self.app.push_screen(
            AuditsScreen(
                self.backend,
                self._board.facts,
                figure.refs,
                (self._board.title, what),
                section=figure.section,
            )
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done."""
        if action == "export":
            return self._board is not None and self.backend.may("report.export")
        if action == "whole":
            return not self.has_class("-plain")
        return super().check_action(action, parameters)

    def action_export(self) -> None:
        """F6."""
        from qa_audit.tui.screens.results.exporting import ExportModal

        if self._round:
            self.app.push_screen(ExportModal(self.backend, self._round))

    def go_back(self) -> None:
        """Escape: first the figures again."""
        if self.has_class("-whole"):
            self.action_whole()
        else:
            super().go_back()
