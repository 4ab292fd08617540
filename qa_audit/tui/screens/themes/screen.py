"""Themes of a round: strengths and gaps by how often they were seen, and the audits still to be coded."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType

from qa_audit.tui import actions
from qa_audit.tui.listing import Cell, Column, Row, Rows
from qa_audit.tui.screens.dashboard.pictures import grade_cell
from qa_audit.tui.screens.results.rounds import RoundScreen
from qa_audit.tui.screens.themes import keys
from qa_audit.tui.text import OK, WARN, count
from qa_audit.tui.widgets.sql_list import SqlList
from qa_audit.tui.widgets.view_strip import View, ViewStrip

if TYPE_CHECKING:
    from qa_audit.reports.facts import RoundFacts, ThemeFacts
    from qa_audit.tui.backend import Backend

COUNTED, TO_CODE = "counted", "to_code"
THEME_COLUMNS = (
    Column("side", "Side", 12), Column("theme", "Theme"), Column("n", "Audits", 7, right=True),
    Column("line", "What it looked like", least=92),
)  # fmt: skip
AUDIT_COLUMNS = (
    Column("ref", "Audit", 9), Column("cohort", "Cohort", 17), Column("team", "Team", least=92), Column("grade", "Final", 11),
    Column("strengths", "Strengths", 10, right=True), Column("gaps", "Gaps", 6, right=True),
)  # fmt: skip


class ThemesScreen(RoundScreen):
    """See the module's words."""

    PLACE = keys.PLACE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.PLACE)
    HELP_TEXT = (
        "Strengths and gaps are coded from one list, so that they can be counted over months. Enter on a theme lists "
        "its audits; on an audit it opens the coding."
    )
    PLACE_TITLE = "Themes"

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._view = COUNTED

    def body(self) -> ComposeResult:
        """Views and the list."""
        yield ViewStrip()
        yield SqlList(Rows(THEME_COLUMNS, ()), empty="Reading the themes…", noun="theme")

    def arrived(self, facts: RoundFacts | None) -> None:
        """The round's facts, or no round."""
        self._draw(facts)

    def _draw(self, facts: RoundFacts | None) -> None:
        listing = self.query_one(SqlList)
        if facts is None:
            listing.window.empty = "No round yet."
            listing.show(Rows(THEME_COLUMNS, ()))
            return
        coded = {ref for theme in facts.themes for ref in theme.audit_refs}
        finished = [audit for audit in facts.audits if audit.status in ("final", "shared")]
        open_ = [audit for audit in finished if audit.ref not in coded]
        if self._view == COUNTED:
            order = sorted(
                facts.themes, key=lambda t: (t.polarity != "strength", -len(set(t.audit_refs)), t.title)
            )
            listing.window.empty = (
                "No theme has been coded in this round yet. View 2 lists the audits to code."
            )
            listing.show(Rows(THEME_COLUMNS, [_theme_row(theme) for theme in order]))
        else:
            listing.window.empty = "No audit of this round is final yet."
            rows = []
            for audit in sorted(finished, key=lambda a: (a.ref in coded, a.ref)):
                mine = [theme for theme in facts.themes if audit.ref in theme.audit_refs]
                cohort = dict(facts.cohort_words).get(audit.cohort, audit.cohort)
                numbers = [str(sum(t.polarity == side for t in mine)) for side in ("strength", "gap")]
                rows.append(
                    Row(audit.ref, (audit.ref, cohort, audit.team, grade_cell(audit.overall.final), *numbers))
                )
            listing.show(Rows(AUDIT_COLUMNS, rows))
        views = [
            View(COUNTED, "Strengths and gaps", len(facts.themes)),
            View(TO_CODE, "Audits to code", len(open_)),
        ]
        self.query_one(ViewStrip).show(views, self._view)
        self.show_where(
            "Themes", facts.title or facts.ref, right=f"{count(len(open_), 'audit')} without a theme"
        )

    def _show_view(self, key: str) -> None:
        if key:
            self._view = key
            self.query_one(SqlList).window.cursor = 0
            self._draw(self.facts)

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

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter: the audits of a theme, or the coding of an audit."""
        from qa_audit.tui.screens.results.audits import AuditsScreen
        from qa_audit.tui.screens.themes.coding import CodingScreen

        facts = self.facts
        if facts is None:
            return
        if self._view == TO_CODE:
            if self.backend.may("theme.code"):
                self.app.push_screen(CodingScreen(self.backend, message.key))
            else:
                self.council.tell("Coding is for the QA unit and moderators.")
            return
        theme = next((t for t in facts.themes if f"{t.polarity}/{t.key}" == message.key), None)
        if theme is not None:
            crumbs = (facts.title or facts.ref, theme.title)
            self.app.push_screen(
                AuditsScreen(self.backend, facts, tuple(dict.fromkeys(theme.audit_refs)), crumbs)
            )


def _theme_row(theme: ThemeFacts) -> Row:
    side = Cell("+ Strength", OK) if theme.polarity == "strength" else Cell("- Gap", WARN)
    line = theme.line or Cell("no line yet", WARN)
    return Row(f"{theme.polarity}/{theme.key}", (side, theme.title, str(len(set(theme.audit_refs))), line))
