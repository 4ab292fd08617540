"""Grading a calibration case: the record at the left, the sections with grade and reason at the right.

The case arrives without its reference (`CaseToGrade`), so there is nothing in this process to be shown too early.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.grades import Grade, parse_grade
from qa_audit.tui import actions
from qa_audit.tui.screens.calibration import keys
from qa_audit.tui.screens.moderation.answering import AnsweringScreen
from qa_audit.tui.text import ACCENT, MUTED, STRONG, WARN, day, join, lines, say, wrap
from qa_audit.tui.widgets.fields import FieldSpec
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.question_lines import QuestionSpec
from qa_audit.tui.widgets.section_list import SectionList, SectionState
from qa_audit.tui.widgets.side_pane import SidePane, descriptors_content

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.calibration_records import CaseToGrade
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

OVERALL = "OV"
GRADE, RATIONALE = "grade", "rationale"
BLIND = "Blind: the reference and everybody's grades are hidden until the QA lead reveals the exercise."
Descriptors = dict[str, tuple[tuple[Grade, str], ...]]


class _CaseRoad:
    """From the queue of answers to the service; runs in the saving thread."""

    def __init__(self, backend: Backend, ref: str, case_id: str) -> None:
        self._backend, self._ref, self._case_id = backend, ref, case_id

    def save(self, item: str, part: str, value: str) -> datetime:
        """Commit one part; when it was committed."""

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.moderation import calibration_grading

            calibration_grading.save_grade(workspace, actor, self._ref, self._case_id, item, part, value)

        self._backend.call(work)
        return self._backend.clock()

    def remember(self, section: str, item: str) -> None:
        """The reading position is not kept."""


class TakeScreen(AnsweringScreen):
    """See the module's words."""

    PLACE = keys.TAKE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.TAKE)
    BODY_WIDTH = 170
    CSS_PATH = Path(__file__).with_name("calibration.tcss")
    HELP_TEXT = (
        "Read the record at the left (PgUp and PgDn), then grade each section with 1 to 4 (or o, g, r, i); Enter writes "
        "why. F2 shows what each grade looks like. Everything is saved as you give it; F10 submits the case for good. "
        "Nobody sees anybody's grades, nor the reference, before the QA lead reveals the exercise."
    )

    def __init__(self, backend: Backend, ref: str, case_id: str) -> None:
        super().__init__(backend, ref, road=_CaseRoad(backend, ref, case_id))
        self._case_id = case_id
        self._found: CaseToGrade | None = None
        self._descriptors: Descriptors = {}
        self._section = ""

    def body(self) -> ComposeResult:
        """Banner; the record beside the sections; the pane."""
        with Vertical(id="taking"):
            yield Static("", id="banner", markup=False)
            with Horizontal(id="across"):
                with VerticalScroll(id="reading", can_focus=False):
                    yield Static("", markup=False)
                with Vertical(id="grading"):
                    yield SectionList()
                    with VerticalScroll(id="own", can_focus=False):
                        yield Container()
                yield SidePane()

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Calibration", self.audit_ref, right="opening…")

    # -- opening ------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read once; what is on screen is newer than the store from then on."""
        if self._found is not None:
            return
        ref, case_id = self.audit_ref, self._case_id

        def work(workspace: Workspace, actor: Actor) -> tuple[CaseToGrade, Descriptors]:
            from qa_audit.audits.forms_kept import current_library
            from qa_audit.moderation import calibration_grading
            from qa_audit.tui.screens.form.questions import descriptors

            found = calibration_grading.open_case(workspace, actor, ref, case_id)
            known = {code.casefold() for code in current_library().ids()}
            words: Descriptors = {}
            for code in found.case.sections:
                if code.casefold() in known:
                    for section in current_library().form(code).sections:
                        words[code] = descriptors(section)
            return found, words

        self.ask(work, self._opened, failed=self.not_opened)

    def _opened(self, answer: tuple[CaseToGrade, Descriptors]) -> None:
        if self._found is not None:
            return
        self._found, self._descriptors = answer
        own = dict(self._found.own)
        self._keeping.begin(own)
        words = BLIND if self._found.writable else "Submitted: your grades stay as you gave them."
        self.query_one("#banner", Static).update(join(("▲ ", WARN), (words, STRONG)))
        self.refresh_keys()
        sections = self._found.case.sections
        self._draw_record()
        self._show_section(next((code for code in sections if self._needs(code)), sections[0]))

    def _needs(self, code: str) -> bool:
        return parse_grade(self.own.get((code, GRADE), "")) is None

    def _title(self, code: str) -> str:
        return self._found.titles.get(code, code) if self._found is not None else code

    # -- showing ------------------------------------------------------------------------------------

    def _draw_record(self) -> None:
        if self._found is None:
            return
        width = max(30, min(100, self.query_one("#reading").size.width - 3))
        self.query_one("#reading Static", Static).update(record_content(self._found, width))

    def _show_section(self, code: str) -> None:
        self.settle()
        self._section = code
        holder = self.query_one("#own Container")
        holder.remove_children()
        whole = code == OVERALL
        spec = QuestionSpec(
            code,
            "" if whole else code,
            "Your grade for the whole case" if whole else self._title(code),
            (
                FieldSpec(GRADE, "grade"),
                FieldSpec(
                    RATIONALE,
                    "text",
                    "Why this grade",
                    optional=not whole,
                    help="What in the record decided it",
                    max_length=4000,
                ),
            ),
            heading=True,
        )
        values = {part: value for (item, part), value in self.own.items() if item == code}
        read_only = self._found is not None and not self._found.writable
        question = Question(
            spec, values, today=self.today, answered=not self._needs(code), read_only=read_only
        )
        holder.mount(question)
        question.focus()
        self._renew()
        pane = self.query_one(SidePane)
        if pane.showing:
            self._fill_pane()

    def _renew(self) -> None:
        found = self._found
        if found is None:
            return
        states = []
        for code in found.case.sections:
            grade = parse_grade(self.own.get((code, GRADE), ""))
            states.append(
                SectionState(
                    code,
                    self._title(code),
                    int(grade is not None),
                    1,
                    note=grade.short if grade else "to grade",
                )
            )
        self.query_one(SectionList).show(tuple(states), self._section)
        done = sum(not self._needs(code) for code in found.case.sections)
        self.show_where(
            "Calibration", found.title, found.case.title, right=say(f"{done} of {len(states)} graded", MUTED)
        )

    def written(self, item: str, part: str, value: str) -> None:
        """The list follows each grade."""
        if part == GRADE:
            for question in self.query(Question):
                if question.item == item:
                    question.update(answered=not self._needs(item))
        self._renew()

    def on_resize(self) -> None:
        """The record follows the width."""
        self.call_after_refresh(self._draw_record)

    # -- going about --------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        if self._found is not None:
            codes = self._found.case.sections
            at = codes.index(self._section) + step
            if 0 <= at < len(codes):
                self._show_section(codes[at])

    def action_next_section(self) -> None:
        """Ctrl+N."""
        self._go(1)

    def action_previous_section(self) -> None:
        """Ctrl+B."""
        self._go(-1)

    def on_question_stepped(self, message: Question.Stepped) -> None:
        """Arrows beyond the question go to the next section, or the one before."""
        self._go(message.step)

    def action_next_open(self) -> None:
        """Ctrl+G: round to the start."""
        if self._found is None:
            return
        codes = self._found.case.sections
        at = codes.index(self._section) + 1
        after = next((code for code in (*codes[at:], *codes[:at]) if self._needs(code)), None)
        if after is None:
            self.app.notify("Every section has a grade of yours. F10 submits the case.", markup=False)
        else:
            self._show_section(after)

    def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """From the list or the strip."""
        self._show_section(message.code)

    def action_sections(self) -> None:
        """F5."""
        self.query_one(SectionList).take_focus()

    def action_read_on(self) -> None:
        """PgDn."""
        self.query_one("#reading").scroll_page_down(animate=False)

    def action_read_back(self) -> None:
        """PgUp."""
        self.query_one("#reading").scroll_page_up(animate=False)

    def _fill_pane(self) -> None:
        chosen = parse_grade(self.own.get((self._section, GRADE), ""))
        known = self._descriptors.get(self._section, ())
        self.query_one(SidePane).show(
            "grades", descriptors_content(self._title(self._section), known, chosen)
        )

    def action_descriptors(self) -> None:
        """F2."""
        pane = self.query_one(SidePane)
        if pane.showing:
            pane.close()
        else:
            self._fill_pane()

    def go_back(self) -> None:
        """Escape: first the pane, then the screen."""
        pane = self.query_one(SidePane)
        if pane.showing:
            pane.close()
        else:
            self.leave()

    # -- submitting ---------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is submitted twice."""
        if action in ("submit", "overview", "next_open"):
            return self._found is not None and self._found.writable
        return super().check_action(action, parameters)

    def _missing(self) -> list[tuple[str, str]]:
        if self._found is None:
            return []
        found = [
            (code, f"{self._title(code)}: no grade of yours yet")
            for code in self._found.case.sections
            if self._needs(code)
        ]
        if not self.own.get((OVERALL, RATIONALE), "").strip() and not self._needs(OVERALL):
            found.append((OVERALL, "The whole case: why this grade"))
        return found

    def action_overview(self) -> None:
        """F4."""
        self._show_missing("Before you can submit", "")

    def _show_missing(self, title: str, words: str) -> None:
        from qa_audit.tui.screens.moderation.missing import MissingModal

        def chosen(code: str | None) -> None:
            if code:
                self._show_section(code)

        self.app.push_screen(MissingModal(title, words, self._missing()), chosen)

    def action_submit(self) -> None:
        """F10: list what is missing, or ask and submit."""
        from qa_audit.tui.widgets.dialogs import Confirm

        if self._found is None or not self._found.writable or not self.all_saved():
            return
        if self._missing():
            self._show_missing(
                "Not submitted yet", "Every section needs a grade, and the whole case its reason."
            )
            return
        whole = parse_grade(self.own.get((OVERALL, GRADE), ""))
        words = "Your grades of this case can never be changed after this."
        if whole is not None:
            words = f"The whole case: {whole.words}. {words}"
        self.app.push_screen(
            Confirm("Submit this case?", words, yes="Submit it", no="Go on grading"), self._submit
        )

    def _submit(self, yes: bool | None) -> None:
        if not yes:
            return
        ref, case_id = self.audit_ref, self._case_id

        def work(workspace: Workspace, actor: Actor) -> int:
            from qa_audit.moderation import calibration_grading

            return calibration_grading.submit(workspace, actor, ref, case_id)

        self.do(work, self._submitted, group="submit")

    def _submitted(self, left: int) -> None:
        more = (
            f"{left} more to grade."
            if left
            else "That was the last. You see the reference once it is revealed."
        )
        self.council.tell(f"Submitted. {more}")
        self.dismiss(None)


def record_content(found: CaseToGrade, width: int) -> Content:
    """The record as it is read: part by part, dated lines with their dates."""
    case = found.case
    rows = [*wrap(say(case.title, f"{STRONG} {ACCENT}"), width)]
    rows += wrap(
        say(f"The record as on {day(date.fromisoformat(case.as_at))}. {case.look_for}", MUTED), width
    )
    for part in case.record:
        rows += [Content(""), *wrap(say(part.heading, STRONG), width)]
        for paragraph in part.text.split("\n"):
            rows += wrap(paragraph, width) if paragraph.strip() else [Content("")]
        for when, text in part.entries:
            first, *rest = say(text).wrap(max(20, width - 12))
            rows.append(join((f"{date.fromisoformat(when):%d/%m/%Y}  ", MUTED), first))
            rows += [join(" " * 12, line) for line in rest]
    return lines(rows)
