"""Coding one audit: strengths and gaps from the controlled list, each with one line that names nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.listing import Cell, Column, Row, Rows
from qa_audit.tui.screens.themes import keys
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import MUTED, OK, WARN, count, say
from qa_audit.tui.widgets.sql_list import SqlList

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.improvement.service import ThemeRow
    from qa_audit.library.themes import Themes
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

STRENGTH, GAP = "strength", "gap"
LONGEST = 200
COLUMNS = (
    Column("side", "Side", 12),
    Column("theme", "Theme", 30),
    Column("line", "One line that names nobody"),
)


class CodingScreen(PlaceScreen[None]):
    """`CodingScreen(backend, audit_ref)`. Every change is kept at once."""

    PLACE = keys.CODING
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.CODING)
    BODY_WIDTH = 150
    HELP_TEXT = (
        "Themes are counted over many audits, so they come from one list. The line says what it looked like here; "
        "it goes into papers, so it holds no name, date or place."
    )

    def __init__(self, backend: Backend, audit_ref: str) -> None:
        super().__init__(backend)
        self.audit_ref = audit_ref
        self._tags: tuple[ThemeRow, ...] = ()
        self._themes: Themes | None = None

    def body(self) -> ComposeResult:
        """A reminder and the list."""
        words = "One line each, for papers: no name, no date, no place that could tell who it is."
        yield Static(say(words, MUTED), markup=False)
        yield SqlList(Rows(COLUMNS, ()), empty="No theme yet. + adds a strength, - a gap.", noun="theme")

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Themes", self.audit_ref, right="reading…")
        self.query_one(SqlList).focus()

    def load(self) -> None:
        """The themes as they are coded now."""
        ref = self.audit_ref

        def work(workspace: Workspace, actor: Actor) -> tuple[tuple[ThemeRow, ...], Themes]:
            from qa_audit.improvement import service
            from qa_audit.library.practice import load_themes

            return service.themes_of(workspace, actor, audit_ref=ref), load_themes()

        self.ask(work, self._arrived)

    def _arrived(self, found: tuple[tuple[ThemeRow, ...], Themes]) -> None:
        self._tags, self._themes = (
            tuple(sorted(found[0], key=lambda t: (t.polarity != STRENGTH, t.theme))),
            found[1],
        )
        self.query_one(SqlList).show(Rows(COLUMNS, [self._row(tag) for tag in self._tags]))
        self.show_where("Themes", self.audit_ref, right=count(len(self._tags), "theme"))

    def _row(self, tag: ThemeRow) -> Row:
        side = Cell("+ Strength", OK) if tag.polarity == STRENGTH else Cell("- Gap", WARN)
        line = tag.line or Cell("no line yet: Enter writes it", WARN)
        return Row(f"{tag.polarity}/{tag.theme}", (side, self._title(tag.theme), line))

    def _title(self, theme: str) -> str:
        known = self._themes.themes if self._themes is not None else ()
        return next((one.title for one in known if one.id == theme), theme)

    @property
    def current(self) -> ThemeRow | None:
        """The theme under the cursor."""
        row = self.query_one(SqlList).current
        return next((t for t in self._tags if row is not None and f"{t.polarity}/{t.theme}" == row.key), None)

    # -- changing -----------------------------------------------------------------------------------

    def action_strength(self) -> None:
        """+."""
        self._add(STRENGTH)

    def action_gap(self) -> None:
        """-."""
        self._add(GAP)

    def _add(self, polarity: str) -> None:
        from qa_audit.tui.widgets.dialogs import PickModal
        from qa_audit.tui.widgets.fields import Choice, FieldSpec

        themes = self._themes
        if themes is None:
            return
        coded = {tag.theme for tag in self._tags if tag.polarity == polarity}
        offered = themes.side("strengths" if polarity == STRENGTH else "gaps")
        choices = tuple(
            Choice(one.id, f"{one.title}: {one.strength if polarity == STRENGTH else one.gap}")
            for one in offered
            if one.id not in coded
        )

        def picked(theme: str | None) -> None:
            if theme:
                self._write(theme, polarity, "")

        self.app.push_screen(
            PickModal(FieldSpec("theme", "choice", f"Which {polarity}", choices), ""), picked
        )

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter: the line."""
        tag = self.current
        if tag is not None:
            self._write(tag.theme, tag.polarity, tag.line)

    def _write(self, theme: str, polarity: str, line: str) -> None:
        from qa_audit.improvement.service import ThemeRow
        from qa_audit.tui.widgets.dialogs import FormModal
        from qa_audit.tui.widgets.fields import FieldSpec

        before = next((t for t in self._tags if (t.theme, t.polarity) == (theme, polarity)), None)

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                new = ThemeRow(
                    self.audit_ref, theme, polarity, before.section if before else "", values["line"]
                )
                rest = [tag for tag in self._tags if (tag.theme, tag.polarity) != (theme, polarity)]
                self._keep([*rest, new])

        field = FieldSpec(
            "line", "line", "What it looked like", max_length=LONGEST, help="No name, date or place"
        )
        modal = FormModal(
            self._title(theme), [field], today=self.backend.today(), values={"line": line}, save="Keep it"
        )
        self.app.push_screen(modal, written)

    def action_drop(self) -> None:
        """Delete."""
        tag = self.current
        if tag is not None:
            self._keep([one for one in self._tags if one is not tag])

    def _keep(self, tags: list[ThemeRow]) -> None:
        ref = self.audit_ref

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.improvement import service

            service.code_themes(workspace, actor, ref, tags)

        self.do(work, group="themes")

    def action_audit(self) -> None:
        """a."""
        from qa_audit.tui.screens.results.final import FinalScreen

        self.app.push_screen(FinalScreen(self.backend, self.audit_ref))
