"""The lists of children as they were imported: one line per import, the newest first."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import cohort_words
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.text import MUTED, STRONG, WARN, count, join, lines, say, short_day

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.frame.rows import FrameSummary
    from qa_audit.store.workspace import Workspace

actions.place("frame", "Lists of children")
actions.register(
    Action("frame.bring_in", "n", "Import lists", "Check the council's lists and bring them in.", "frame", bar=1),
    Action("frame.problems", "p", "What was found", "What was wrong with the lists, by sheet, row and column.", "frame", bar=2),
    Action("frame.teams", "t", "Teams", "How many children each team holds.", "frame", bar=3),
)  # fmt: skip

STATUS_WORDS = {"open": "open cases", "closed": "closed cases", "both": "open and closed cases"}


class FrameScreen(ListScreen):
    """See the module's words."""

    PLACE = "frame"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("frame")
    CRUMBS = ("Lists of children",)
    ABOUT = True
    NOUN = "import"
    EMPTY = "No list of children yet. N imports the council's ILACS lists (Annex A, CSV files, a census)."
    COLUMNS = (
        Column("as_at", "As at", 10),
        Column("authority", "Authority", 0),
        Column("children", "Children", 9, right=True),
        Column("status", "Cases", 22, least=84),
        Column("problems", "Found", 7, right=True),
        Column("id", "Import", 8, least=100),
    )
    HELP_TEXT = (
        "A list of children is frozen when it is imported: a round is drawn from it and can be drawn again to prove "
        "it. Names, postcodes and birth dates are never kept. Enter shows the children, P what was wrong with the lists."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._found: dict[str, FrameSummary] = {}

    def load(self) -> None:
        """Every import."""

        def work(workspace: Workspace, actor: Actor) -> tuple[FrameSummary, ...]:
            from qa_audit.frame.service import frames

            return frames(workspace, actor)

        self.ask(work, self._show)

    def _show(self, found: tuple[FrameSummary, ...]) -> None:
        self._found = {one.frame_id: one for one in found}
        numbers = say("No list of children yet", STRONG)
        if found:
            newest = found[0]
            numbers = join(
                (f"{newest.children:,} children", STRONG),
                (f"in the newest list: {newest.authority}, {_day(newest.as_at)}", ""),
                gap=" ",
            )
        self.fill(numbers, [_line(one) for one in found])

    def about(self, key: str) -> Content | None:
        """The cohorts of the import under the cursor."""
        one = self._found.get(key)
        return summary_content(one) if one else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Importing is for who may; problems and teams need an import."""
        if action == "bring_in":
            return self.backend.may("frame.import")
        if action in ("problems", "teams"):
            return bool(self._found)
        return super().check_action(action, parameters)

    def opened(self, key: str) -> None:
        """Enter: the children."""
        from qa_audit.tui.screens.frame.children import ChildrenScreen

        self.app.push_screen(ChildrenScreen(self.backend, self._found[key]))

    def action_bring_in(self) -> None:
        """N."""
        from qa_audit.tui.screens.frame.bringing_in import ImportScreen

        authority = next(iter(self._found.values())).authority if self._found else ""
        self.app.push_screen(ImportScreen(self.backend, authority))

    def action_problems(self) -> None:
        """P."""
        from qa_audit.tui.screens.frame.problems import ProblemsScreen

        if self.key:
            self.app.push_screen(ProblemsScreen(self.backend, self._found[self.key]))

    def action_teams(self) -> None:
        """T."""
        from qa_audit.tui.screens.start.telling import Read

        if self.key:
            one = self._found[self.key]
            rows = [
                join(f"{number:>6,}  ", team or "no team recorded")
                for team, number in sorted(one.teams.items(), key=lambda pair: -pair[1])
            ]
            self.app.push_screen(Read(f"Teams: {one.authority}, {_day(one.as_at)}", lines(rows)))


def _line(one: FrameSummary) -> Row:
    return Row(
        one.frame_id,
        (_day(one.as_at), one.authority, f"{one.children:,}", STATUS_WORDS.get(one.status_choice, one.status_choice),
         Cell(f"{one.problems:,}", WARN if one.problems else ""), Cell(one.frame_id[:8], MUTED)),
    )  # fmt: skip


def summary_content(one: FrameSummary) -> Content:
    """One import in a few lines, its cohorts with bars."""
    from qa_audit.frame.report import DIALECT_WORDS, KIND_WORDS

    kind = KIND_WORDS.get(one.kind, one.kind)
    most = max(one.cohorts.values(), default=1)
    rows = [
        join((f"{kind}  ", STRONG), (DIALECT_WORDS.get(one.dialect, ""), MUTED)),
        say(f"From {', '.join(one.sources)}; {count(one.events, 'row')}", MUTED),
    ]
    for name, number in sorted(one.cohorts.items(), key=lambda pair: -pair[1]):
        words = cohort_words(name, "No cohort")
        rows.append(
            join(f"{words:<24} ", ("█" * max(1, round(24 * number / most)), "$accent"), f" {number:,}")
        )
    return lines(rows)


def _day(iso: str) -> str:
    return short_day(date.fromisoformat(iso[:10]))


def problem_cells(one: Any) -> tuple[str | Cell, ...]:
    """Severity, sheet, row, column, value, what: of a stored problem or of one just read."""
    from qa_audit.frame.report import SEVERITY_WORDS

    get = one.get if isinstance(one, dict) else lambda name: getattr(one, name)
    severity = str(get("severity"))
    style = {"error": "bold $text-error", "warning": WARN}.get(severity, MUTED)
    return (
        Cell(SEVERITY_WORDS.get(severity, severity), style), str(get("sheet") or get("file") or ""), str(get("row") or ""),
        str(get("column") or ""), str(get("value") or ""), str(get("message") or ""),
    )  # fmt: skip


PROBLEM_COLUMNS = (
    Column("severity", "", 8),
    Column("sheet", "Sheet", 14),
    Column("row", "Row", 6, right=True),
    Column("column", "Column", 20, least=90),
    Column("value", "Value", 14, least=110),
    Column("message", "What", 0),
)
