"""Importing lists: name the files, check them, read the report, then bring them in, all or nothing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual import work as worker
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, ProgressBar, Static

from qa_audit.errors import BadInput, Code, QaError
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.listing import Row, Rows
from qa_audit.tui.screens.frame.paths import PathSuggester, completions, paths_in
from qa_audit.tui.screens.frame.screen import PROBLEM_COLUMNS, STATUS_WORDS, problem_cells
from qa_audit.tui.service_screen import PlaceScreen, refusal_content
from qa_audit.tui.text import MUTED, STRONG, WARN, join, lines, say
from qa_audit.tui.widgets.action_line import ActionLine
from qa_audit.tui.widgets.fields import Choice, FieldSpec
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.question_lines import QuestionSpec
from qa_audit.tui.widgets.sql_list import SqlList

if TYPE_CHECKING:
    from datetime import date

    from qa_audit.frame.records import FrameReading
    from qa_audit.frame.service import Imported

actions.place("import", "Importing lists")
actions.register(
    Action("import.check", "f2", "Check", "Read the files and say what they are; nothing is stored.", "import", bar=1,
           priority=True),
    Action("import.bring_in", "f10", "Import", "Bring the checked lists in, all or nothing.", "import", bar=2,
           priority=True),
)  # fmt: skip

LEAST_BETWEEN = 2000
"""Rows between two news of the progress."""


class Step(Message):
    """Rows read so far; newer news replace older."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = rows

    def can_replace(self, message: Message) -> bool:
        """Only the newest matters."""
        return isinstance(message, Step)


class Checked(Message):
    """The files have been read, or not."""

    def __init__(self, reading: FrameReading | None, error: QaError | None) -> None:
        super().__init__()
        self.reading, self.error = reading, error


class BroughtIn(Message):
    """The lists are in, or not."""

    def __init__(self, made: Imported | None, error: QaError | None) -> None:
        super().__init__()
        self.made, self.error = made, error


class PathLine(Input):
    """Where the lists are. Tab takes the suggestion while there is one, and goes on when there is none."""

    KEY_HINT = "→ or Tab takes what is suggested"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False)]

    def action_complete(self) -> None:
        """Tab: complete the path, or go on."""
        found = completions(self.value)
        if found and found[0] != self.value and self.cursor_position == len(self.value):
            self.value = found[0]
            self.cursor_position = len(self.value)
        else:
            self.screen.focus_next()


class ImportScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "import"
    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings("import"),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]
    BODY_WIDTH = 120
    CSS_PATH = Path(__file__).with_name("bringing_in.tcss")
    HELP_TEXT = (
        "A workbook (.xlsx, .xls), CSV files, a CIN census (.xml), or a folder of them; several with ; between. "
        "Lists are known by their headings, whatever the sheets are called. Checking stores nothing. "
        "Names, postcodes and birth dates are never kept. Page Up and Page Down read the report."
    )

    def __init__(self, backend: Backend, authority: str = "") -> None:
        super().__init__(backend)
        fields = (
            FieldSpec("authority", "line", "Authority", help="Whose children these are"),
            FieldSpec("as_at", "date", "As at", help="The day the lists describe"),
            FieldSpec(
                "status", "choice", "Take",
                options=(Choice("open", "Open cases"), Choice("closed", "Closed cases"), Choice("both", "Both")),
            ),
        )  # fmt: skip
        values = {"authority": authority} if authority else {}
        self._question = Question(
            QuestionSpec("import", "", "", fields, required=False), values, today=backend.today()
        )
        self._stop = threading.Event()
        self._reading: FrameReading | None = None
        self._working = ""

    def body(self) -> ComposeResult:
        """The files, the three facts, the steps, the report."""
        with VerticalScroll(id="import", can_focus=False):
            yield Static(say("Where the lists are", STRONG), markup=False)
            yield PathLine(
                placeholder="A file or a folder; several with ; between",
                suggester=PathSuggester(),
                id="paths",
            )
            yield self._question
            yield ActionLine("check", "Check the lists", "nothing is stored yet", id="check")
            yield ProgressBar(show_eta=False, show_percentage=False, id="progress")
            yield Static(markup=False, id="report")
            yield ActionLine("bring_in", "Import them", id="bring_in")
            with Vertical(id="found"):
                yield SqlList(
                    Rows(PROBLEM_COLUMNS, ()), empty="Nothing was wrong with these lists.", noun="finding"
                )

    def on_mount(self) -> None:
        """Start at the path."""
        self.show_where("Home", "Lists of children", "Import")
        self._show_state()
        self.query_one("#paths").focus()

    def _show_state(self) -> None:
        usable = self._reading is not None and self._reading.usable
        self.query_one("#progress").display = bool(self._working)
        self.query_one("#check").display = not self._working
        self.query_one("#bring_in").display = usable and not self._working
        self.query_one("#found").display = self._reading is not None and bool(self._reading.problems)
        self.refresh_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One thing at a time; importing needs a usable check."""
        if action == "check":
            return not self._working
        if action == "bring_in":
            return not self._working and self._reading is not None and self._reading.usable
        return super().check_action(action, parameters)

    def action_page(self, step: int) -> None:
        """Page Up and Page Down read the report, wherever the focus is."""
        box = self.query_one("#import")
        (box.scroll_page_down if step > 0 else box.scroll_page_up)(animate=False)

    # -- what is typed ------------------------------------------------------------------------------

    def on_question_stepped(self, event: Question.Stepped) -> None:
        """Out of the three facts, up or down."""
        event.stop()
        self.query_one("#check" if event.step > 0 else "#paths").focus()

    def on_question_changed(self, event: Question.Changed) -> None:
        """Another day or authority asks for another check."""
        event.stop()
        if event.part in ("as_at", "authority"):
            self._forget()

    @on(Input.Changed, "#paths")
    def _path_changed(self) -> None:
        self._forget()

    @on(Input.Submitted, "#paths")
    def _path_done(self) -> None:
        self._question.focus()

    def _forget(self) -> None:
        if self._reading is not None and not self._working:
            self._reading = None
            self.query_one("#report", Static).update("")
            self._show_state()

    def on_action_line_pressed(self, message: ActionLine.Pressed) -> None:
        """Check, import."""
        (self.action_check if message.line.name == "check" else self.action_bring_in)()

    def _facts(self) -> dict[str, str] | None:
        """What was filled in, or None after saying what is missing."""
        self._question.finish()
        facts = dict(self._question.values)
        wrong = dict(self._question.problems)
        labels = {"authority": "whose children these are", "as_at": "the day they describe",
                  "status": "open cases, closed cases or both"}  # fmt: skip
        missing = [words for part, words in labels.items() if not facts.get(part)]
        if not paths_in(self.query_one("#paths", Input).value):
            missing.insert(0, "where the lists are")
        if missing or wrong:
            words = "; ".join(wrong.values()) or f"Still to say: {', '.join(missing)}."
            self.query_one("#report", Static).update(say(words, WARN))
            if "where the lists are" in missing:
                self.query_one("#paths").focus()
            else:
                self._question.reach(next(part for part in labels if not facts.get(part) or part in wrong))
                self._question.focus()
            return None
        return facts

    # -- checking -----------------------------------------------------------------------------------

    def action_check(self) -> None:
        """F2: read the files."""
        facts = None if self._working else self._facts()
        if facts is not None:
            from datetime import date

            self._begin("Reading the lists… Esc stops.")
            self._check(
                paths_in(self.query_one("#paths", Input).value),
                facts["authority"],
                date.fromisoformat(facts["as_at"]),
            )

    def _begin(self, words: str) -> None:
        self._working = words
        self._stop.clear()
        self.query_one("#progress", ProgressBar).update(total=None, progress=0)
        self.query_one("#report", Static).update(say(words, MUTED))
        self._show_state()

    def _progress(self, rows: int) -> None:
        if rows - self._told >= LEAST_BETWEEN:
            self._told = rows
            self.post_message(Step(rows))

    _told = 0

    @worker(thread=True, exclusive=True, group="import", exit_on_error=False)
    def _check(self, paths: list[Path], authority: str, as_at: date) -> None:
        self._told = 0
        reading, error = None, None
        try:
            from qa_audit.frame.check import check

            reading = check(
                paths, as_at=as_at, authority=authority, progress=self._progress, cancelled=self._stop.is_set
            )
        except QaError as refusal:
            error = refusal
        except Exception as fault:  # noqa: BLE001,RUF100 - said in words on this screen
            error = self.council.fault_in_words(fault)
        self.post_message(Checked(reading, error))

    def on_step(self, message: Step) -> None:
        """So many rows."""
        self.query_one("#report", Static).update(say(f"{self._working} {message.rows:,} rows so far", MUTED))

    def on_checked(self, message: Checked) -> None:
        """The report."""
        from qa_audit.frame import report

        self._working = ""
        shown = self.query_one("#report", Static)
        reading = self._reading = message.reading
        if message.error is not None:
            stopped = message.error.code is Code.CANCELLED
            shown.update(say("Stopped. Nothing was stored.") if stopped else refusal_content(message.error))
        elif reading is not None:
            rows = [Content(""), *(say(line) for line in report.summary_lines(reading)), Content("")]
            widths = (4, 24, 14, 0, 7, 8, 7)
            for number, cells in enumerate(
                [report.LIST_HEADINGS, *report.list_rows(reading)] if reading.lists else []
            ):
                line = " ".join(
                    f"{cell[:width]:>{width}}" if at > 3 else f"{cell[:width]:<{width}}"
                    for at, (cell, width) in enumerate(zip(cells, widths, strict=False))
                    if at != 3
                )
                rows.append(say(line, MUTED if number == 0 else ""))
            shown.update(lines(rows))
            self.query_one(SqlList).show(
                Rows(
                    PROBLEM_COLUMNS,
                    [Row(str(at), problem_cells(one)) for at, one in enumerate(reading.problems)],
                )
            )
            status = self._question.values.get("status", "both")
            held = {"open": reading.open_children, "closed": len(reading.children) - reading.open_children}
            number = held.get(status, len(reading.children))
            self.query_one("#bring_in", ActionLine).say(
                f"Import {number:,} children", STATUS_WORDS.get(status, "")
            )
        self._show_state()
        if reading is not None and reading.usable:
            self.call_after_refresh(self.call_after_refresh, self._offer_import)

    def _offer_import(self) -> None:
        """The next step has the focus and is in sight, once the report has its height."""
        line = self.query_one("#bring_in")
        line.focus()
        line.scroll_visible(animate=False)

    # -- importing ----------------------------------------------------------------------------------

    def action_bring_in(self) -> None:
        """F10: all or nothing."""
        facts = self._facts()
        if facts is not None and self._reading is not None and not self._working:
            self._begin("Bringing the children in under pseudonyms… Esc stops and leaves nothing.")
            self._store(self._reading, facts["authority"], facts["status"])

    @worker(thread=True, exclusive=True, group="import", exit_on_error=False)
    def _store(self, reading: FrameReading, authority: str, status: str) -> None:
        self._told = 0
        made, error = None, None
        try:
            from qa_audit.frame.records import Status
            from qa_audit.frame.service import store_reading

            chosen: Status = "open" if status == "open" else "closed" if status == "closed" else "both"
            made = store_reading(
                self.backend.workspace, self.backend.actor, reading, authority=authority, status=chosen,
                progress=self._progress, cancelled=self._stop.is_set,
            )  # fmt: skip
        except QaError as refusal:
            error = refusal
        except Exception as fault:  # noqa: BLE001,RUF100 - said in words on this screen
            error = self.council.fault_in_words(fault)
        self.post_message(BroughtIn(made, error))

    def on_brought_in(self, message: BroughtIn) -> None:
        """In: back to the lists. Refused: say why."""
        self._working = ""
        if message.made is not None:
            self.app.notify(
                f"{message.made.children:,} children are in; {message.made.left_out:,} were left out by your choice of cases.",
                markup=False, timeout=8,
            )  # fmt: skip
            self.dismiss(None)
            return
        error = message.error or BadInput(Code.CANCELLED, "Stopped")
        stopped = error.code is Code.CANCELLED
        said = join("Stopped. Nothing was stored.") if stopped else refusal_content(error)
        self.query_one("#report", Static).update(said)
        self._show_state()

    def go_back(self) -> None:
        """Escape stops what runs; then leaves."""
        if self._working:
            self._stop.set()
        else:
            super().go_back()

    def on_unmount(self) -> None:
        """Nothing goes on behind a closed screen."""
        self._stop.set()
