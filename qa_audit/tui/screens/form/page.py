"""One section on screen: its head, its questions, and the lines that add or go on. Nothing else is mounted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from qa_audit.tui.text import MUTED, STRONG, WARN, join, lines, say
from qa_audit.tui.widgets.action_line import ActionLine
from qa_audit.tui.widgets.prose import Prose
from qa_audit.tui.widgets.question import Question

if TYPE_CHECKING:
    from qa_audit.library.forms import Section
    from qa_audit.tui.screens.form.questions import Asked, Page

MORE = "more "


class SectionPage(VerticalScroll, can_focus=False):
    """What the questions of one section scroll in."""

    def __init__(self, *, today: date) -> None:
        super().__init__(id="questions")
        self._today = today
        self._read_only = False
        self._open_section = ""
        """The section whose questions are mounted; "" while they are being changed."""

    def say(self, *words: Content) -> None:
        """Words in place of a section: opening, not opened."""
        self.remove_children()
        self.mount(Static(lines(words), classes="head", markup=False))

    async def open(
        self,
        page: Page,
        *,
        notices: Iterable[str],
        onward: tuple[str, str, str],
        read_only: bool,
        item: str = "",
        part: str = "",
    ) -> None:
        """Mount a section in place of the one before, with the focus on an item (or the first).

        `onward` is (name, words, key) of the last line, or empty.
        """
        self._read_only = read_only
        questions = [self._question(asked) for asked in page.asked]
        widgets: list[Widget] = [
            Prose(_head(page.section, notices), classes="head"),
            *questions,
        ]
        widgets += [ActionLine(MORE + more.following, f"+ {more.words}") for more in page.more]
        if onward[0]:
            widgets.append(ActionLine(*onward))
        found = next((question for question in questions if question.item == item), None)
        target = found or (questions[0] if questions else None)
        if target is not None:
            target.expect_focus(part)
        self._open_section = ""
        async with self.batch():
            await self.remove_children()
            await self.mount_all(widgets)
            self.scroll_home(animate=False)
            (target or widgets[-1]).focus(scroll_visible=found is not None)
        self._open_section = page.section.code

    def questions(self) -> list[Question]:
        """The questions on screen, in order."""
        return list(self.query_children(Question))

    def question(self, item: str) -> Question | None:
        """The question of an item, if it is on screen."""
        return next((question for question in self.questions() if question.item == item), None)

    def settle(self) -> None:
        """What is being written counts as written."""
        for question in self.questions():
            question.settle()

    def reach(self, item: str, part: str = "") -> None:
        """Put the focus on a question (and field)."""
        question = self.question(item)
        if question is not None:
            if part:
                question.reach(part)
            question.focus()

    def bring_into_sight(self, question: Question) -> None:
        """All of a question, the guidance that has just opened under it included."""
        window, place = self.region, question.region
        if question.is_mounted and (place.y < window.y or place.bottom > window.bottom):
            question.scroll_visible(animate=False)

    def sync(self, page: Page) -> None:
        """Answers changed, so conditions may have: ask what is to be asked now, leave the rest alone."""
        if page.section.code != self._open_section:
            return
        mounted = {question.item: question for question in self.questions()}
        wanted = {asked.spec.item for asked in page.asked}
        for item, question in mounted.items():
            if item not in wanted:
                question.remove()
        before: Widget = self.query_one(".head")
        for asked in page.asked:
            present = mounted.get(asked.spec.item)
            if present is None:
                present = self._question(asked)
                self.mount(present, after=before)
            else:
                present.update(spec=asked.spec, gaps=asked.gaps, hint=asked.hint, answered=asked.answered)
            before = present
        more = {MORE + each.following: each for each in page.more}
        known = {line.name or "": line for line in self.query_children(ActionLine)}
        for name, line in known.items():
            if name.startswith(MORE) and name not in more:
                line.remove()
        for name, each in more.items():
            if name not in known:
                self.mount(ActionLine(name, f"+ {each.words}"), after=before)

    def _question(self, asked: Asked) -> Question:
        return Question(
            asked.spec,
            asked.values,
            today=self._today,
            offered=asked.offered,
            flag=asked.flag,
            late=asked.late,
            gaps=asked.gaps,
            hint=asked.hint,
            answered=asked.answered,
            read_only=self._read_only,
        )


def _head(section: Section, notices: Iterable[str]) -> Content:
    rows = [say(section.title, f"{STRONG} $text-accent")]
    if section.intro:
        rows.append(say(section.intro, MUTED))
    if section.prompts and (section.shape == "one_grade" or section.role != "practice"):
        rows += [say(f"· {prompt}", MUTED) for prompt in section.prompts]
    said = [line for notice in notices for line in notice.splitlines() if line]
    rows += [say(line) if line.startswith(" ") else join(("! ", WARN), line) for line in said]
    return lines(rows)
