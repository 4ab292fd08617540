"""The audits behind a figure: their grades by auditor, second grader and panel; Enter opens a finished one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from qa_audit.tui.listing import Cell, Column, Row, Rows
from qa_audit.tui.screens.dashboard.pictures import grade_cell
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import MUTED, count
from qa_audit.tui.widgets.sql_list import SqlList

if TYPE_CHECKING:
    from qa_audit.reports.facts import AuditFacts, EarlierAuditFacts, GradeTrail, RoundFacts
    from qa_audit.tui.backend import Backend

OPEN_WHEN = ("final", "shared")
"""States in which every word of an audit may be read."""


class AuditsScreen(PlaceScreen[None]):
    """`AuditsScreen(backend, facts, refs, crumbs)`; with `section` the grades are those of that section."""

    BODY_WIDTH = 150
    HELP_TEXT = (
        "The audits that one figure counts. Grades of an audit whose second grade is still to come are not shown. "
        "Enter opens a finished audit."
    )

    def __init__(
        self,
        backend: Backend,
        facts: RoundFacts,
        refs: tuple[str, ...],
        crumbs: tuple[str, ...],
        *,
        section: str = "",
    ) -> None:
        super().__init__(backend)
        self._facts, self._refs, self._crumbs, self._section = facts, refs, crumbs, section

    def body(self) -> ComposeResult:
        """The list."""
        columns = (
            Column("ref", "Audit", 9), Column("cohort", "Cohort", 17), Column("team", "Team", least=92),
            Column("auditor", "Auditor", 8), Column("state", "State", 14, least=110), Column("own", "Auditor's", 11),
            Column("second", "Second", 11), Column("final", "Final", 11),
        )  # fmt: skip
        yield SqlList(Rows(columns, self._rows()), noun="audit", empty="No audit stands behind this figure.")

    def _rows(self) -> list[Row]:
        wanted = dict.fromkeys(self._refs)
        here = {audit.ref: audit for audit in self._facts.audits}
        earlier = {audit.ref: audit for audit in self._facts.earlier}
        found = []
        for ref in wanted:
            if ref in here:
                found.append(self._row(here[ref]))
            elif ref in earlier:
                found.append(self._earlier(earlier[ref]))
        return found

    def _trail(self, audit: AuditFacts | EarlierAuditFacts) -> GradeTrail:
        if self._section:
            return next((s.grades for s in audit.sections if s.code == self._section), audit.overall)
        return audit.overall

    def _row(self, audit: AuditFacts) -> Row:
        from qa_audit.reports.words import COHORTS, STATUSES
        from qa_audit.reports.words import words as say

        trail = self._trail(audit)
        cohort = dict(self._facts.cohort_words).get(audit.cohort) or say(COHORTS, audit.cohort)
        return Row(
            audit.ref,
            (
                audit.ref, cohort, audit.team, audit.auditor_code, say(STATUSES, audit.status),
                grade_cell(trail.auditor), grade_cell(trail.second), grade_cell(trail.final),
            ),
        )  # fmt: skip

    def _earlier(self, audit: EarlierAuditFacts) -> Row:
        trail = self._trail(audit)
        words = Cell("earlier round", MUTED)
        return Row(
            audit.ref,
            (
                audit.ref,
                words,
                "",
                "",
                words,
                grade_cell(trail.auditor),
                grade_cell(trail.second),
                grade_cell(trail.final),
            ),
        )

    def on_mount(self) -> None:
        """Where we are."""
        self.show_where("Dashboard", *self._crumbs, right=count(len(self._rows()), "audit"))
        self.query_one(SqlList).focus()

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter."""
        from qa_audit.tui.screens.results.final import FinalScreen

        audit = next((one for one in self._facts.audits if one.ref == message.key), None)
        if audit is not None and audit.status in ("moderated", "panel") and self.backend.may("report.read"):
            from qa_audit.tui.screens.moderation.sheet import SheetScreen

            self.app.push_screen(SheetScreen(self.backend, audit.ref))
            return
        if audit is not None and audit.status not in OPEN_WHEN:
            self.council.tell(f"{audit.ref} can be read when it is final.")
            return
        self.app.push_screen(FinalScreen(self.backend, message.key))
