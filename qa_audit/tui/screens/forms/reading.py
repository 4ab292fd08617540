"""Reading one form: its sections at the left, the standards, guidance and grade words of one at the right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from qa_audit.grades import Grade
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.service_screen import PlaceScreen, refusal_content
from qa_audit.tui.text import BAD, GRADE_STYLES, MUTED, STRONG, join, lines, say
from qa_audit.tui.widgets.side_pane import GOOD_FIRST

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.library.forms import Form, Section
    from qa_audit.store.workspace import Workspace

actions.place("form_read", "Reading a form")
actions.register(
    Action("form_read.side", "f5", "Sections", "Go between the list of sections and the text.", "form_read", bar=1),
)  # fmt: skip


class FormReadScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "form_read"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("form_read")
    BODY_WIDTH = 130
    CSS_PATH = Path(__file__).with_name("forms.tcss")
    HELP_TEXT = (
        "Choose a section with the arrows; Enter or F5 goes to its text, where the arrows scroll. Good is written first: "
        "it is the benchmark."
    )

    def __init__(self, backend: Backend, form_id: str) -> None:
        super().__init__(backend)
        self._form_id = form_id
        self._form: Form | None = None

    def body(self) -> ComposeResult:
        """Sections, text."""
        with Horizontal(id="reading"):
            yield OptionList(markup=False)
            with VerticalScroll():
                yield Static(markup=False)

    def on_mount(self) -> None:
        """The frame first."""
        self.show_where("Home", "Audit forms", self._form_id)
        self.query_one(OptionList).focus()

    def load(self) -> None:
        """The form, once."""
        if self._form is not None:
            return
        form_id = self._form_id

        def work(workspace: Workspace, actor: Actor) -> Form:
            from qa_audit.audits.forms_kept import current_library

            return current_library().form(form_id)

        self.ask(work, self._show, failed=self._not_read)

    def _not_read(self, error: QaError) -> None:
        self.query_one(Static).update(refusal_content(error))

    def _show(self, form: Form) -> None:
        self._form = form
        items = sum(len(section.items) for section in form.sections)
        self.show_where(
            "Home",
            "Audit forms",
            form.title,
            right=f"{form.version} · {len(form.sections)} sections, {items} standards",
        )
        shown = self.query_one(OptionList)
        shown.add_option(Option(say("About this form", STRONG), id=""))
        shown.add_options(
            [Option(join(section.short or section.title, ("  graded" if section.graded else "", MUTED)), id=section.code)
             for section in form.sections]
        )  # fmt: skip
        shown.highlighted = 0 if len(form.sections) > 1 else 1

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        form = self._form
        if form is not None:
            section = form.section(event.option.id or "")
            self.query_one("#reading Static", Static).update(
                section_content(section) if section else form_content(form)
            )
            self.query_one("#reading VerticalScroll").scroll_home(animate=False)

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.query_one("#reading VerticalScroll").focus()

    def action_side(self) -> None:
        """F5."""
        sections = self.query_one(OptionList)
        (self.query_one("#reading VerticalScroll") if sections.has_focus else sections).focus()

    def go_back(self) -> None:
        """From the text to the sections, then out."""
        sections = self.query_one(OptionList)
        if sections.has_focus:
            super().go_back()
        else:
            sections.focus()


def form_content(form: Form) -> Content:
    """What the form is for, and its sections."""
    rows = [say(form.title, STRONG), say(form.purpose), Content("")]
    rows.append(say(f"Looks back {form.look_back_months} months.", MUTED))
    for section in form.sections:
        notes = [
            word
            for word, true in (
                ("graded", section.graded),
                ("safety-critical", section.safety_critical),
                ("always asked", section.required),
            )
            if true
        ]
        rows.append(join(f"{section.code:<5} {section.title}", (f"  {', '.join(notes)}", MUTED)))
    return lines(rows)


def section_content(section: Section) -> Content:
    """A section as it is read: intro, standards with guidance, words for each grade."""
    rows = [join((section.title, STRONG), (f"   {section.code} {section.version}", MUTED))]
    if section.safety_critical:
        rows.append(say("Safety-critical: Inadequate here caps the whole case at Inadequate.", BAD))
    rows += [say(section.intro), Content("")]
    if section.prompts:
        rows += [
            say("What to think about", STRONG),
            *(say(f"- {prompt}") for prompt in section.prompts),
            Content(""),
        ]
    for item in section.items:
        marks = ", ".join((*item.tag, *(("critical",) if item.critical else ())))
        rows.append(
            join(
                (f"{item.id:<6} ", STRONG),
                item.text,
                (f"  {marks}" if marks else "", BAD if item.critical else MUTED),
            )
        )
        if item.guidance:
            rows.append(say(f"       {item.guidance}", MUTED))
    if section.grades is not None:
        rows += [Content(""), say("What each grade looks like", STRONG)]
        for grade in GOOD_FIRST:
            words = getattr(section.grades, grade.key, "")
            if words:
                rows += [say(grade.words, f"bold {GRADE_STYLES[grade]}"), say(words)]
    return lines(rows)


GRADES = tuple(Grade)
