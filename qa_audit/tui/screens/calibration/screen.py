"""Calibration: the exercises there are, a new one, and the trend from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.tui import actions
from qa_audit.tui.backend import Backend
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.screens.calibration import keys
from qa_audit.tui.text import BAD, MUTED, STRONG, WARN, count, join, lines, say, short_day, wrap
from qa_audit.tui.widgets.fields import Choice, FieldSpec, unpack_keys

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.calibration import TrendPoint
    from qa_audit.moderation.calibration_records import ExerciseRow, LibraryCase
    from qa_audit.store.workspace import Workspace

MANAGE = "calibration.manage"


class CalibrationScreen(ListScreen):
    """See the module's words."""

    PLACE = keys.LIST
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.LIST)
    CRUMBS = ("Calibration",)
    NOUN = "exercise"
    EMPTY = (
        "No calibration exercise yet. The QA lead opens one: two or three cases that everybody grades blind."
    )
    COLUMNS = (
        Column("ref", "Exercise", 9),
        Column("title", "Title"),
        Column("state", "State", 12),
        Column("cases", "Cases", 6, right=True),
        Column("mine", "Yours", 14),
        Column("all", "Submitted", 14, least=92),
        Column("due", "Due", 14),
    )
    HELP_TEXT = (
        "In a calibration exercise everybody grades the same synthetic cases blind. When the QA lead reveals it, all see "
        "the reference with its reasons, and each their own feedback. Enter opens an exercise."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._found: tuple[ExerciseRow, ...] = ()

    def load(self) -> None:
        """The exercises as they are now."""

        def work(workspace: Workspace, actor: Actor) -> tuple[ExerciseRow, ...]:
            from qa_audit.moderation import calibration_service

            return calibration_service.exercises(workspace, actor)

        self.ask(work, self._show)

    def _show(self, found: tuple[ExerciseRow, ...]) -> None:
        self._found = found
        waiting = sum(one.cases - one.my_submitted for one in found if one.mine and one.state == "open")
        numbers = join(
            (count(waiting, "case") + " for you to grade", WARN if waiting else MUTED),
            (f"   {count(len(found), 'exercise')}", MUTED),
        )
        self.fill(numbers, [_line(one, runs=self.backend.may(MANAGE)) for one in found])
        self.refresh_keys()

    def opened(self, key: str) -> None:
        """Enter."""
        from qa_audit.tui.screens.calibration.exercise import ExerciseScreen

        self.app.push_screen(ExerciseScreen(self.backend, key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Opening an exercise and the trend are for who runs them."""
        if action in ("new", "trend"):
            return self.backend.may(MANAGE)
        return super().check_action(action, parameters)

    # -- a new exercise -------------------------------------------------------------------------------

    def action_new(self) -> None:
        """n."""

        def work(
            workspace: Workspace, actor: Actor
        ) -> tuple[tuple[LibraryCase, ...], tuple[tuple[str, str], ...]]:
            from qa_audit.moderation import calibration_service as service

            return service.library_cases(workspace, actor), service.possible_people(workspace, actor)

        self.ask(work, lambda found: self._ask_new(*found), group="choices")

    def _ask_new(self, cases: tuple[LibraryCase, ...], who: tuple[tuple[str, str], ...]) -> None:
        from qa_audit.tui.widgets.dialogs import FormModal

        fields = (
            FieldSpec("title", "line", "Title", max_length=120),
            FieldSpec(
                "cases",
                "choices",
                "Cases (two or three)",
                tuple(Choice(one.case_id, one.title) for one in cases),
            ),
            FieldSpec(
                "people",
                "choices",
                "Who grades them",
                tuple(Choice(code, f"{code}  {name}") for code, name in who),
            ),
            FieldSpec("due", "date", "To be submitted by", optional=True),
            FieldSpec("workshop", "date", "Workshop", optional=True),
        )
        self.app.push_screen(
            FormModal(
                "New calibration exercise", fields, today=self.backend.today(), save="Open the exercise"
            ),
            self._open_new,
        )

    def _open_new(self, values: dict[str, str] | None, *, again: bool = False) -> None:
        if values is None:
            return
        given: Mapping[str, str] = values

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.moderation import calibration_service

            return calibration_service.add_exercise(
                workspace, actor, given["title"], unpack_keys(given["cases"]), unpack_keys(given["people"]),
                due=given.get("due", ""), workshop_on=given.get("workshop", ""), again=again,
            )  # fmt: skip

        self.do(work, lambda ref: self.council.tell(f"{ref} is open for grading."), group="new")

    # -- the trend ------------------------------------------------------------------------------------

    def action_trend(self) -> None:
        """t."""

        def work(workspace: Workspace, actor: Actor) -> tuple[TrendPoint, ...]:
            from qa_audit.moderation import calibration_reading

            return calibration_reading.trend(workspace, actor)

        self.ask(work, self._show_trend, group="trend")

    def _show_trend(self, points: tuple[TrendPoint, ...]) -> None:
        from qa_audit.tui.screens.start.telling import Read

        width = max(40, min(88, self.size.width - 12))
        self.app.push_screen(Read("From one exercise to the next", trend_content(points, width)))


def trend_content(points: tuple[TrendPoint, ...], width: int) -> Content:
    """Agreement with the reference, exercise by exercise, as bars with their figures, and what may be said of it."""
    from qa_audit.moderation.calibration import trend_words
    from qa_audit.tui.widgets.drawing import Bar, block_bars

    if not points:
        return say("No exercise has been revealed yet.", MUTED)
    bars = []
    for one in points:
        found = one.sections.exact
        lean = "" if one.sections.shift.est is None else f", mean {one.sections.shift.est:+.2f}"
        words = "nothing graded" if found.est is None else f"{found.est:.0%} of {found.n}{lean}"
        bars.append(Bar(f"{one.ref} {one.title}", found.est, words, mark=0.8))
    rows: list[Content] = [say("Sections graded as the reference", STRONG)]
    rows += block_bars(bars, width, top=1.0)
    rows.append(say("│ marks 80%. Mean: grade steps, + more generous than the reference.", MUTED))
    return lines([*rows, Content(""), *wrap(trend_words(points), width)])


def _line(one: ExerciseRow, *, runs: bool) -> Row:
    mine = "not invited" if not one.mine else f"{one.my_submitted} of {one.cases} done"
    todo = one.mine and one.state == "open" and one.my_submitted < one.cases
    everybody = f"{one.submitted} of {one.cases * one.invited}" if runs else ""
    due: str | Cell = short_day(date.fromisoformat(one.due)) if one.due else ""
    if one.late_days:
        due = Cell(f"{count(one.late_days, 'day')} late", BAD)
    cells = (
        one.ref, one.title, Cell(one.state_words, "" if one.state == "open" else MUTED), str(one.cases), Cell(mine, WARN if todo else MUTED),
        everybody, due,
    )  # fmt: skip
    return Row(one.ref, cells)
