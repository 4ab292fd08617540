"""What was wrong with imported lists: sheet, row, column, value, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual.content import Content

from qa_audit.tui.backend import Backend
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Row
from qa_audit.tui.screens.frame.screen import PROBLEM_COLUMNS, problem_cells
from qa_audit.tui.text import MUTED, STRONG, join, lines, say

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.frame.rows import FrameSummary
    from qa_audit.store.workspace import Workspace


class ProblemsScreen(ListScreen):
    """See the module's words."""

    PLACE = ""
    CRUMBS = ("Lists of children", "What was found")
    ABOUT = True
    NOUN = "finding"
    EMPTY = "Nothing was wrong with these lists."
    COLUMNS = PROBLEM_COLUMNS
    HELP_TEXT = (
        "Problems were left out of the import, checks were kept and should be looked at, notes are for information. "
        "The row is the spreadsheet's own row number."
    )

    def __init__(self, backend: Backend, frame: FrameSummary) -> None:
        super().__init__(backend)
        self._frame = frame
        self._found: tuple[Mapping[str, Any], ...] = ()

    def load(self) -> None:
        """All of them."""
        frame_id = self._frame.frame_id

        def work(workspace: Workspace, actor: Actor) -> tuple[Mapping[str, Any], ...]:
            from qa_audit.frame.service import problems

            return problems(workspace, actor, frame_id)

        self.ask(work, self._show)

    def _show(self, found: tuple[Mapping[str, Any], ...]) -> None:
        self._found = found
        tally = {name: sum(one["severity"] == name for one in found) for name in ("error", "warning", "info")}
        words = f"{tally['error']:,} problems, {tally['warning']:,} to check, {tally['info']:,} notes"
        numbers = join((words, STRONG), (f"  {self._frame.authority}, as at {self._frame.as_at}", MUTED))
        self.fill(numbers, [Row(str(number), problem_cells(one)) for number, one in enumerate(found)])

    def about(self, key: str) -> Content | None:
        """The whole of one finding."""
        one = self._found[int(key)] if key.isdigit() and int(key) < len(self._found) else None
        if one is None:
            return None
        place = [f"{name} {one[name]}" for name in ("file", "sheet", "row", "column") if one.get(name)]
        rows = [say(str(one["message"])), say(", ".join(place), MUTED)]
        if one.get("value"):
            rows.append(join(("It says: ", MUTED), str(one["value"])))
        return lines(rows)
