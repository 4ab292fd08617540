"""Grading a case again, blind: the auditor's evidence in the middle, the moderator's own grade under it.

What this screen shows comes from `ModerationView.answers`, which the service has already masked: while the
moderation is blind there is no grade, rationale or action of the auditor's in this process to be shown.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.grades import Grade, parse_grade
from qa_audit.tui import actions
from qa_audit.tui.screens.moderation import keys
from qa_audit.tui.screens.moderation.answering import AnsweringScreen
from qa_audit.tui.screens.moderation.words import (
    BLIND_NOW,
    NOT_BLIND,
    OVERALL,
    cohort_words,
    due_cell,
)
from qa_audit.tui.text import ACCENT, GRADE_STYLES, MUTED, STRONG, WARN, join, lines, say, wrap
from qa_audit.tui.widgets.fields import FieldSpec
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.question_lines import QuestionSpec
from qa_audit.tui.widgets.section_list import SectionList, SectionState
from qa_audit.tui.widgets.side_pane import SidePane, descriptors_content

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.library.forms import Section
    from qa_audit.moderation.records import ModerationView
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

OVERALL_TITLE = "The whole case"


class BlindScreen(AnsweringScreen):
    """See the module's words."""

    PLACE = keys.BLIND
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.BLIND)
    BODY_WIDTH = 150
    CSS_PATH = Path(__file__).with_name("moderation.tcss")
    HELP_TEXT = (
        "Read the evidence, then give your own grade with 1 to 4 (or o, g, r, i) and a note with Enter. "
        "The auditor's grades, reasons and actions are hidden until you lock yours with F10. "
        "Everything is saved as you give it. PgUp and PgDn scroll the evidence."
    )

    def __init__(self, backend: Backend, audit_ref: str) -> None:
        super().__init__(backend, audit_ref)
        self._section = ""
        self._pages: tuple[Section, ...] = ()

    def body(self) -> ComposeResult:
        """Banner; sections, evidence over the own grade, pane."""
        with Vertical(id="grading"):
            yield Static("", id="banner", markup=False)
            with Horizontal(id="across"):
                yield SectionList()
                with Vertical(id="middle"):
                    with VerticalScroll(id="reading", can_focus=False):
                        yield Static("", markup=False)
                    yield Container(id="own")
                yield SidePane()

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Moderation", self.audit_ref, right="opening…")

    # -- opening ------------------------------------------------------------------------------------

    def opened(self, view: ModerationView) -> None:
        """At the first section without a grade of the moderator's."""
        from qa_audit.tui.screens.moderation.decide import DecideScreen
        from qa_audit.tui.screens.moderation.evidence import pages

        if view.state not in ("queued", "grading"):
            self.app.switch_screen(DecideScreen(self.backend, self.audit_ref))
            return
        self._pages = tuple(pages(view.form, view.sections, view.answers))
        banner = join(("▲ ", WARN), (BLIND_NOW if view.blind else NOT_BLIND, STRONG))
        self.query_one("#banner", Static).update(banner)
        self.refresh_keys()
        codes = self._codes()
        self._show_section(
            next((code for code in codes if self._needs(code)), codes[0] if codes else OVERALL)
        )

    def _codes(self) -> list[str]:
        found = [section.code for section in self._pages]
        if self.view is not None and OVERALL in self.view.sections:
            found.append(OVERALL)
        return found

    def _graded(self, code: str) -> bool:
        return self.view is not None and code in self.view.sections

    def _needs(self, code: str) -> bool:
        return self._graded(code) and parse_grade(self.own.get((code, "grade"), "")) is None

    def _title(self, code: str) -> str:
        if code == OVERALL:
            return OVERALL_TITLE
        return next((section.title for section in self._pages if section.code == code), code)

    # -- showing -------------------------------------------------------------------------------------

    def _show_section(self, code: str) -> None:
        self.settle()
        self._section = code
        own = self.query_one("#own")
        own.remove_children()
        if self._graded(code):
            question = self._question(code)
            own.mount(question)
            question.focus()
        else:
            words = "Nothing to grade here: read it, then go on with Ctrl+N."
            own.mount(Static(say(words, MUTED), markup=False))
            self.set_focus(None)
        self._draw_evidence()
        self.query_one("#reading").scroll_home(animate=False)
        self._renew()
        pane = self.query_one(SidePane)
        if pane.showing:
            self._fill_pane(pane.showing)

    def _question(self, code: str) -> Question:
        whole = code == OVERALL
        spec = QuestionSpec(
            code,
            "" if whole else code,
            "Your grade for the whole case" if whole else f"Your grade: {self._title(code)}",
            (
                FieldSpec("grade", "grade"),
                FieldSpec(
                    "note",
                    "text",
                    "Your note",
                    optional=True,
                    help="Why, in a few words; the auditor reads it later",
                ),
            ),
            heading=True,
        )
        values = {part: value for (item, part), value in self.own.items() if item == code}
        return Question(spec, values, today=self.today, answered=not self._needs(code))

    def _draw_evidence(self) -> None:
        from qa_audit.tui.screens.moderation.evidence import evidence_content

        if self.view is None:
            return
        width = max(30, min(100, self.query_one("#reading").size.width - 3))
        section = next((each for each in self._pages if each.code == self._section), None)
        if section is not None:
            content = evidence_content(section, self.view.answers, self.view.case, width)
            if not self.view.blind and self._graded(section.code):
                content = lines([content, self._first_opinion(section.code, width)])
        else:
            content = self._overview(width)
        self.query_one("#reading Static", Static).update(content)

    def _first_opinion(self, code: str, width: int) -> Content:
        """Only in a round that is not blind: the auditor's grade and why."""
        assert self.view is not None
        one = next((each for each in self.view.comparison if each.section == code), None)
        if one is None or one.auditor is None:
            return Content("")
        head = join(
            ("The auditor's grade: ", MUTED), (one.auditor.words, f"bold {GRADE_STYLES[one.auditor]}")
        )
        return lines([head, *wrap(one.auditor_rationale or "No reason was written.", width)])

    def _overview(self, width: int) -> Content:
        """The whole case: who the child is, and the moderator's own grades so far."""
        from qa_audit.tui.screens.moderation.evidence import case_content, tally

        assert self.view is not None
        rows = [say(OVERALL_TITLE, f"{STRONG} {ACCENT}"), case_content(self.view.header, width), Content("")]
        rows.append(say("Your grades so far", STRONG))
        for section in self._pages:
            if not self._graded(section.code):
                continue
            grade = parse_grade(self.own.get((section.code, "grade"), ""))
            words = join(
                (f"  {section.code:<4}", MUTED),
                (grade.words, f"bold {GRADE_STYLES[grade]}") if grade else ("not graded yet", WARN),
                (f"   {section.title} · {tally(section, self.view.answers).words()}", MUTED),
            )
            rows += wrap(words, width, indent=6, first=0)
        if not self.view.blind:
            rows += [Content(""), self._first_opinion(OVERALL, width)]
        return lines(rows)

    def on_resize(self) -> None:
        """Evidence follows the width."""
        self.call_after_refresh(self._draw_evidence)

    def _renew(self) -> None:
        """The list and the header."""
        view = self.view
        if view is None:
            return
        states = []
        for code in self._codes():
            grade = parse_grade(self.own.get((code, "grade"), ""))
            needed = int(self._graded(code))
            note = (grade.short if grade else "to grade") if needed else "to read"
            states.append(
                SectionState(code, self._title(code), int(grade is not None and needed), needed, note=note)
            )
        self.query_one(SectionList).show(tuple(states), self._section)
        done = len(view.sections) - len(self._missing())
        due = due_cell(view.due, max(0, (self.today - _date(view.due)).days), view.state, self.today)
        self.show_where(
            "Moderation", view.round_title, self.case_ref or self.audit_ref,
            cohort_words(view.case.primary),
            right=join((f"{done} of {len(view.sections)} graded · ", MUTED), (due.text, due.style or MUTED)),
        )  # fmt: skip

    def written(self, item: str, part: str, value: str) -> None:
        """The list follows each grade."""
        if part == "grade":
            for question in self.query(Question):
                if question.item == item:
                    question.update(answered=not self._needs(item))
        self._renew()

    # -- going about -----------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        codes = self._codes()
        if self._section in codes:
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
        """Arrows beyond the question scroll what is read."""
        (self.action_read_on if message.step > 0 else self.action_read_back)()

    def action_next_open(self) -> None:
        """Ctrl+G: round to the start."""
        codes = self._codes()
        at = codes.index(self._section) + 1 if self._section in codes else 0
        found = next((code for code in (*codes[at:], *codes[:at]) if self._needs(code)), None)
        if found is None:
            self.app.notify("Every section has a grade of yours. F10 locks them.", markup=False)
        else:
            self._show_section(found)

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

    # -- the pane ----------------------------------------------------------------------------------------

    def _fill_pane(self, name: str) -> None:
        from qa_audit.tui.screens.form.questions import descriptors
        from qa_audit.tui.screens.moderation.evidence import case_content

        if self.view is None:
            return
        pane = self.query_one(SidePane)
        if name == "case":
            rows = [say("The case", STRONG), say("Never a child's name · Esc closes", MUTED), Content("")]
            pane.show(name, lines([*rows, case_content(self.view.header, 40)]))
            return
        section = self.view.form.section(self._section)
        chosen = parse_grade(self.own.get((self._section, "grade"), ""))
        known: tuple[tuple[Grade, str], ...] = descriptors(section) if section is not None else ()
        pane.show(name, descriptors_content(self._title(self._section), known, chosen))

    def _toggle(self, name: str) -> None:
        pane = self.query_one(SidePane)
        if pane.showing == name:
            pane.close()
        else:
            self._fill_pane(name)

    def action_descriptors(self) -> None:
        """F2."""
        self._toggle("grades")

    def action_case(self) -> None:
        """F3."""
        self._toggle("case")

    def go_back(self) -> None:
        """Escape: first the pane, then the screen."""
        pane = self.query_one(SidePane)
        if pane.showing:
            pane.close()
        else:
            self.leave()

    # -- locking ---------------------------------------------------------------------------------------------

    def _missing(self) -> list[tuple[str, str]]:
        return [
            (code, f"{self._title(code)}: no grade of yours yet")
            for code in self._codes()
            if self._needs(code)
        ]

    def action_overview(self) -> None:
        """F4: what is still to be graded."""
        self._show_missing("Sections that still need your grade", "")

    def _show_missing(self, title: str, words: str) -> None:
        from qa_audit.tui.screens.moderation.missing import MissingModal

        def chosen(code: str | None) -> None:
            if code:
                self._show_section(code)

        self.app.push_screen(MissingModal(title, words, self._missing()), chosen)

    def action_lock(self) -> None:
        """F10: list what is missing, or ask and lock."""
        from qa_audit.tui.widgets.dialogs import Confirm

        if self.view is None or not self.all_saved():
            return
        if self._missing():
            self._show_missing("Not locked yet", "Every section needs a grade of yours first.")
            return
        whole = parse_grade(self.own.get((OVERALL, "grade"), ""))
        words = "Your grades can never be changed after this. Then you see the auditor's beside them."
        if whole is not None:
            words = f"The whole case: {whole.words}. {words}"
        self.app.push_screen(
            Confirm("Lock your grades?", words, yes="Lock them", no="Go on grading"), self._lock
        )

    def _lock(self, yes: bool | None) -> None:
        if not yes:
            return
        ref = self.audit_ref

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.moderation import service

            service.lock(workspace, actor, ref)

        self.do(work, lambda _: self._locked(), group="lock")

    def _locked(self) -> None:
        from qa_audit.tui.screens.moderation.decide import DecideScreen

        self.council.tell("Locked. Now compare, and decide what is to stand.")
        self.app.switch_screen(DecideScreen(self.backend, self.audit_ref))


def _date(text: str) -> date:
    return date.fromisoformat(text[:10])
