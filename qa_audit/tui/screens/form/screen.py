"""The audit form: one section at a time, saved as it is answered, nothing in the way of reading and judging.

`app.push_screen(AuditFormScreen(source, today=...), callback)`; the callback gets "submitted" or None.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from qa_audit.tui import actions
from qa_audit.tui.screens.form import keys
from qa_audit.tui.screens.form.asking import AskingScreen
from qa_audit.tui.screens.form.keeping import Keeping
from qa_audit.tui.screens.form.messages import Done, Loaded, Refused, SaveNews
from qa_audit.tui.screens.form.page import MORE, SectionPage
from qa_audit.tui.screens.form.source import AuditSource, AuditView
from qa_audit.tui.text import BAD, STRONG, clock_time, say
from qa_audit.tui.widgets.action_line import ActionLine
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.section_list import SectionList
from qa_audit.tui.widgets.side_pane import (
    CeilingBar,
    GuidanceStrip,
    SidePane,
)

if TYPE_CHECKING:
    from qa_audit.library.completeness import Gap
    from qa_audit.library.forms import Section
    from qa_audit.tui.screens.form.questions import Page

THINKING_PAUSE = 0.15
"""Seconds of quiet before the ceiling and the progress are worked out again."""
BESIDE, ROOM_FOR_ALL = 120, 150
"""Columns from which the pane stands beside the form, and from which the section list stays as well."""
LEAVING = 3.0
"""Seconds that leaving waits for the store."""


class AuditFormScreen(AskingScreen):
    """See the module's words."""

    PLACE = keys.PLACE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.PLACE)
    BODY_WIDTH = 150
    CSS_PATH = Path(__file__).with_name("form.tcss")
    HELP_TEXT = (
        "Answer with digits or letters, write evidence with Enter, go on with Tab. "
        "Every answer is saved as you give it; the right end of the last line says so. "
        "When you come back, the form opens where you left it."
    )

    def __init__(self, source: AuditSource, *, today: date) -> None:
        super().__init__(source)
        self._today = today
        self._view: AuditView | None = None
        self._section = ""
        self._item = ""
        self._added: set[str] = set()
        self._gaps: tuple[Gap, ...] = ()
        self._thinking = False
        self._warned: set[str] = set()
        self._keeping = Keeping(source, lambda report: self._post(SaveNews(report)))

    # -- what stands where -----------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """Sections, questions, pane; the ceiling under them."""
        with Vertical(id="form"):
            with Horizontal(id="across"):
                yield SectionList()
                yield SectionPage(today=self._today)
                yield SidePane()
            yield GuidanceStrip()
            yield CeilingBar()

    def on_mount(self) -> None:
        """The frame is painted; now read the audit."""
        self.show_where("Audit", right="opening…")
        self.ask_load()

    @property
    def sections(self) -> SectionList:
        """The list (or strip) of sections."""
        return self.query_one(SectionList)

    @property
    def page(self) -> SectionPage:
        """The section on screen."""
        return self.query_one(SectionPage)

    @property
    def answers(self) -> dict[tuple[str, str], str]:
        """The answers as they stand on screen."""
        return self._keeping.answers

    # -- opening -----------------------------------------------------------------------------------

    async def on_loaded(self, message: Loaded) -> None:
        """Show the audit where it was left."""
        self._view = view = message.view
        self._keeping.begin(dict(view.answers))
        shown = [section.code for section in self._shown_sections()]
        code, item = view.position or ("", "")
        if code in shown:
            await self._open(code, item)
        elif shown:
            await self._open(shown[0])

    def on_refused(self, message: Refused) -> None:
        """Say what was refused."""
        if message.what == "load":
            self.page.say(
                say("The audit could not be opened.", STRONG), say(message.words, BAD), say("Esc goes back.")
            )
            self.show_where("Audit", right="not opened")
        else:
            self.app.notify(message.words, severity="error", markup=False, timeout=15)

    def on_done(self, message: Done) -> None:
        """Submitted, or the alert is out."""
        self.app.notify(message.words, markup=False, timeout=10)
        if message.what == "submit":
            self.dismiss("submitted")

    # -- sections ----------------------------------------------------------------------------------

    def _shown_sections(self) -> list[Section]:
        from qa_audit.tui.screens.form.outline import shown_sections

        return shown_sections(self._view, self.answers) if self._view else []

    def _section_now(self) -> Section | None:
        return self._view.form.section(self._section) if self._view else None

    def _page_now(self) -> Page | None:
        from qa_audit.tui.screens.form.questions import page

        section = self._section_now()
        if self._view is None or section is None:
            return None
        return page(self._view, section, self.answers, self._added, self._gaps)

    async def _open(self, code: str, item: str = "", part: str = "") -> None:
        """Mount a section and go to an item in it."""
        self.page.settle()
        self._section = code
        page, view = self._page_now(), self._view
        if page is None or view is None:
            return
        following = self._neighbour(1)
        onward = ("", "", "")
        if following is not None:
            onward = ("next", f"Next section: {following.title}", "Ctrl+N")
        elif not view.read_only:
            onward = ("submit", "Check and submit", "F10")
        notices = (view.notice, view.notices.get(code, ""))
        self._think_now()
        await self.page.open(
            page, notices=notices, onward=onward, read_only=view.read_only, item=item, part=part
        )
        self._show_pane()

    def _neighbour(self, step: int) -> Section | None:
        shown = self._shown_sections()
        at = next((i for i, section in enumerate(shown) if section.code == self._section), 0) + step
        return shown[at] if 0 <= at < len(shown) else None

    def _sync(self) -> None:
        page = self._page_now()
        if page is not None:
            self.page.sync(page)

    async def _go(self, section: str, item: str, part: str = "") -> None:
        """To a question anywhere in the form; an instance that is not there yet is opened."""
        if "#" in item:
            self._added.add(item)
        if section != self._section:
            await self._open(section, item, part)
        else:
            self._sync()
            self.call_after_refresh(self.page.reach, item, part)

    # -- answers -----------------------------------------------------------------------------------

    def on_question_changed(self, message: Question.Changed) -> None:
        """Keep it, save it, and think again once the person pauses."""
        self._keeping.answer(message.item, message.part, message.value, final=message.final)
        self.show_saved(self._keeping.words())
        if message.final:
            self._offer_alert(message.question, message.part, message.value)
        if not self._thinking:
            self._thinking = True
            self.set_timer(THINKING_PAUSE, self._think)

    def _offer_alert(self, question: Question, part: str, value: str) -> None:
        """A critical standard not met is about this child today, not about the grade."""
        failed = question.spec.critical and value in ("no", "inadequate")
        worried = question.item == "SG1" and part == "answer" and value == "yes"
        if (failed or worried) and question.item not in self._warned:
            self._warned.add(question.item)
            words = (
                "You are worried about this child now. Speak to the team manager today; F9 raises an alert."
                if worried
                else f"{question.spec.number} is a critical standard. If the child may be at risk now, press F9."
            )
            self.app.notify(words, severity="warning", markup=False, timeout=12)

    def on_question_moved(self, message: Question.Moved) -> None:
        """Where to reopen; and all of the question in sight."""
        self._item = message.question.item
        self.query_one(GuidanceStrip).show(message.question.spec.guidance)
        if self._view is not None and not self._view.read_only:
            self._keeping.at(self._section, self._item)
        self.call_after_refresh(self.page.bring_into_sight, message.question)

    def on_question_stepped(self, message: Question.Stepped) -> None:
        """On to the next question, or back."""
        (self.focus_next if message.step > 0 else self.focus_previous)()

    async def on_action_line_pressed(self, message: ActionLine.Pressed) -> None:
        """Add another, next section, submit."""
        name = message.line.name or ""
        if name == "next":
            await self.action_next_section()
        elif name == "submit":
            self.action_submit()
        elif name.startswith(MORE):
            await self._go(self._section, name.removeprefix(MORE))

    def on_save_news(self, message: SaveNews) -> None:
        """The field and the status bar say how saving stands."""
        words = self._keeping.news(message.report)
        if words is not None:
            item, part = message.report.key
            question = self.page.question(item)
            if question is not None:
                question.mark(part, words)
            self.show_saved(self._keeping.words())

    # -- progress and ceiling ----------------------------------------------------------------------

    def _think(self) -> None:
        self._thinking = False
        self._sync()
        self._think_now()

    def _think_now(self) -> None:
        """Progress, header and ceiling from the answers as they are."""
        from qa_audit.tui.screens.form.outline import outline

        view = self._view
        if view is None:
            return
        if self._gaps:
            self._gaps = self._source.gaps(self.answers)
        now = outline(view, self.answers, self._gaps)
        self.sections.show(now.states, self._section)
        summary = [view.summary] if view.summary and self.size.width >= 110 else []
        mode = "read only · " if view.read_only else ""
        self.show_where(*view.crumbs, *summary, right=mode + now.words(self._section))
        ceiling = self._source.ceiling(self.answers)
        self.query_one(CeilingBar).show(ceiling.grade, ceiling.reasons, ceiling.notes)

    # -- the pane ----------------------------------------------------------------------------------

    def _show_pane(self, name: str = "") -> None:
        """Open the pane, or renew what it shows for the section that is open now."""
        pane, section = self.query_one(SidePane), self._section_now()
        name = name or pane.showing
        if name and section is not None and self._view is not None:
            from qa_audit.tui.screens.form.pane import pane_content

            ceiling = self._source.ceiling(self.answers)
            pane.show(name, pane_content(name, section, self._view, self.answers, ceiling))
        self._share_width()

    def _share_width(self) -> None:
        """With a pane beside it, the form needs the section list's columns more than the list does."""
        beside = BESIDE <= self.size.width < ROOM_FOR_ALL
        self.sections.display = not (beside and self.query_one(SidePane).showing)

    def on_resize(self) -> None:
        """The terminal's width decides what stands beside what."""
        self._share_width()

    def _toggle_pane(self, name: str) -> None:
        pane = self.query_one(SidePane)
        if pane.showing == name:
            pane.close()
            self._share_width()
        else:
            self._show_pane(name)

    def action_pane(self, name: str) -> None:
        """F2, F3, F7: grades, before, ceiling; the same key puts it away."""
        self._toggle_pane(name)

    # -- going about -------------------------------------------------------------------------------

    async def action_next_section(self) -> None:
        """Ctrl+N."""
        if (section := self._neighbour(1)) is not None:
            await self._open(section.code)

    async def action_previous_section(self) -> None:
        """Ctrl+B."""
        if (section := self._neighbour(-1)) is not None:
            await self._open(section.code)

    async def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """From the list or the strip."""
        await self._open(message.code)

    async def action_next_open(self) -> None:
        """Ctrl+G: the next question without an answer, round to the start."""
        from qa_audit.library.completeness import next_unanswered

        if self._view is None:
            return
        self.page.settle()
        after = (self._section, self._item) if self._item else None
        found = next_unanswered(self._view.form, self.answers, self._view.case, after)
        if found is None:
            self.app.notify("Everything is answered. F10 submits the audit.", markup=False)
        else:
            await self._go(*found)

    def action_sections(self) -> None:
        """F5."""
        self.sections.take_focus()

    def action_guidance(self) -> None:
        """F6."""
        strip = self.query_one(GuidanceStrip)
        strip.display = not strip.display

    def action_overview(self) -> None:
        """F4."""
        if self._view is not None:
            self.page.settle()
            self.open_overview(self._view, self.answers, self._go)

    # -- saving, submitting, leaving ---------------------------------------------------------------

    def action_save_now(self) -> None:
        """Ctrl+S: nothing waits after this."""
        self.page.settle()
        if self._keeping.flush(1.0):
            at = self._keeping.words().at
            self.app.notify(f"Everything is saved{f' ({clock_time(at)})' if at else ''}.", timeout=3)
        self.show_saved(self._keeping.words())

    def action_submit(self) -> None:
        """F10: show every gap, or ask and submit."""
        if self._view is None or self._view.read_only:
            return
        self.page.settle()
        if not self._keeping.flush(LEAVING):
            self.show_saved(self._keeping.words())
            self.app.notify("Not submitted: some answers are not saved yet.", severity="error")
            return
        self._gaps = self._source.gaps(self.answers)
        self._sync()
        self._think_now()
        if self._gaps:
            self.open_overview(self._view, self.answers, self._go, after_submit=True)
        else:
            self.confirm_submit()

    def raise_alert(self) -> None:
        """F9: say what worries you; the source tells those who must know."""
        if self._view is not None:
            self.open_alert(self._view, self._item, self._today)

    def go_back(self) -> None:
        """Escape: first the pane, then the form; never with something unsaved behind the person's back."""
        pane = self.query_one(SidePane)
        if pane.showing:
            pane.close()
            self._share_width()
            return
        self.page.settle()
        if self._keeping.flush(LEAVING):
            self.dismiss(None)
        else:
            self.confirm_leaving()

    def flush(self, timeout: float) -> bool:
        """What is being typed is already queued, key by key; see it through."""
        return self._keeping.flush(timeout)

    def on_unmount(self) -> None:
        """The last of it."""
        self._keeping.close(LEAVING)
