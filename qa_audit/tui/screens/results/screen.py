"""Results and papers of a round: the papers that can be written, and the finished audits to be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.listing import Cell, Column, Row, Rows
from qa_audit.tui.screens.dashboard.pictures import grade_cell
from qa_audit.tui.screens.results import keys
from qa_audit.tui.screens.results.rounds import RoundScreen
from qa_audit.tui.text import MUTED, STRONG, WARN, join, lines, say, wrap
from qa_audit.tui.widgets.sql_list import SqlList
from qa_audit.tui.widgets.view_strip import View, ViewStrip

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.reports.facts import RoundFacts
    from qa_audit.reports.profiles import Profile
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

PAPERS, FINISHED = "papers", "finished"
PAPER_COLUMNS = (
    Column("title", "Paper", 40),
    Column("for", "For", 24, least=92),
    Column("marking", "Marking"),
)
AUDIT_COLUMNS = (
    Column("ref", "Audit", 9), Column("cohort", "Cohort", 17), Column("team", "Team", least=92), Column("auditor", "Auditor", 8),
    Column("own", "Auditor's", 11), Column("second", "Second", 11), Column("final", "Final", 11), Column("shared", "Shared", 10),
)  # fmt: skip


class ResultsScreen(RoundScreen):
    """See the module's words."""

    PLACE = keys.PAPERS
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.PAPERS)
    CSS_PATH = Path(__file__).with_name("results.tcss")
    HELP_TEXT = (
        "Papers are written to an Excel file from the figures of the round; their profile says who they are for, how "
        "they are marked and what may leave. Finished audits can be read whole, shared, and coded for themes."
    )
    PLACE_TITLE = "Results and papers"

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._view = PAPERS
        self._profiles: tuple[Profile, ...] = ()

    def body(self) -> ComposeResult:
        """Views, list, what the paper is."""
        yield ViewStrip()
        yield SqlList(Rows(PAPER_COLUMNS, ()), empty="Reading…", noun="line")
        with VerticalScroll(id="about", can_focus=False):
            yield Static("", markup=False)

    def load(self) -> None:
        """The round, and the profiles in the exports folder."""
        super().load()

        def work(workspace: Workspace, actor: Actor) -> tuple[Profile, ...]:
            from qa_audit.reports.profiles import OF_ROUNDS, list_profiles

            return tuple(one for one in list_profiles() if one.paper in OF_ROUNDS)

        self.ask(work, self._got_profiles, group="profiles")

    def _got_profiles(self, found: tuple[Profile, ...]) -> None:
        self._profiles = found
        self._draw()

    def arrived(self, facts: RoundFacts | None) -> None:
        """The round."""
        self._draw()

    def _finished(self) -> list[Row]:
        facts = self.facts
        if facts is None:
            return []
        words = dict(facts.cohort_words)
        rows = []
        for audit in facts.audits:
            if audit.status not in ("final", "shared"):
                continue
            shared = f"{audit.shared_on:%d/%m/%y}" if audit.shared_on else Cell("not yet", WARN)
            grades = audit.overall
            rows.append(
                Row(
                    audit.ref,
                    (
                        audit.ref, words.get(audit.cohort, audit.cohort), audit.team, audit.auditor_code,
                        grade_cell(grades.auditor), grade_cell(grades.second), grade_cell(grades.final), shared,
                    ),
                )
            )  # fmt: skip
        return rows

    def _draw(self) -> None:
        facts, listing = self.facts, self.query_one(SqlList)
        finished = self._finished()
        if self._view == PAPERS:
            listing.window.empty = "No export profile was found in the exports folder."
            rows = [
                Row(one.id, (one.title, one.audience.replace("_", " "), one.marking))
                for one in self._profiles
            ]
            listing.show(Rows(PAPER_COLUMNS, rows))
        else:
            listing.window.empty = "No audit of this round is final yet."
            listing.show(Rows(AUDIT_COLUMNS, finished))
        views = [
            View(PAPERS, "Papers", len(self._profiles)),
            View(FINISHED, "Finished audits", len(finished)),
        ]
        self.query_one(ViewStrip).show(views, self._view)
        if facts is not None:
            self.show_where(
                "Results and papers", facts.title or facts.ref, right=f"as at {facts.as_at:%d/%m/%Y}"
            )
        self._about()
        self.refresh_keys()

    def _about(self) -> None:
        pane, facts = self.query_one("#about"), self.facts
        row = self.query_one(SqlList).current
        profile = next((one for one in self._profiles if row is not None and one.id == row.key), None)
        pane.display = self._view == PAPERS and profile is not None and facts is not None
        if profile is None or facts is None:
            return
        from qa_audit.reports.summary import headline

        width = max(30, min(110, self.size.width - 6))
        sheets = ", ".join(choice.id.replace("_", " ") for choice in profile.sheets)
        rows = [
            join((profile.title, STRONG), (f"   of {facts.title or facts.ref}", MUTED)),
            *wrap(headline(facts), width),
        ]
        rows += wrap(join(("Sheets: ", MUTED), sheets), width)
        if facts.method.left_out:
            out = "; ".join(f"{what}: {why}" for what, why in facts.method.left_out)
            rows += wrap(say(f"Left out - {out}.", MUTED), width)
        if self.backend.may("report.export"):
            rows.append(say("Enter or F6 writes it.", MUTED))
        self.query_one("#about Static", Static).update(lines(rows))

    def on_sql_list_moved(self, message: SqlList.Moved) -> None:
        """Another paper."""
        self._about()

    def on_resize(self) -> None:
        """Words follow the width."""
        self.call_after_refresh(self._about)

    # -- views ----------------------------------------------------------------------------------------

    def _show_view(self, key: str) -> None:
        if key:
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

    # -- opening and writing ----------------------------------------------------------------------------

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter."""
        from qa_audit.tui.screens.results.final import FinalScreen

        if self._view == FINISHED:
            self.app.push_screen(FinalScreen(self.backend, message.key))
        else:
            self.action_export()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only who may."""
        if action == "export":
            return self._view == PAPERS and self.backend.may("report.export")
        return super().check_action(action, parameters)

    def action_export(self) -> None:
        """F6."""
        from qa_audit.tui.screens.results.exporting import ExportModal

        row = self.query_one(SqlList).current
        profile = next((one for one in self._profiles if row is not None and one.id == row.key), None)
        if not self.backend.may("report.export"):
            self.council.tell("Exporting is for the QA unit and heads of service.")
        elif profile is not None and self.round_ref:
            self.app.push_screen(ExportModal(self.backend, self.round_ref, profile.id, profile.title))
