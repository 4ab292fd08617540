"""Compare and decide: the auditor's grades beside the moderator's own, and the audit of the audit.

Two separate questions (practice.md 1.3): which grade of the practice is to stand, section by section, and how
good the audit is. Choices are saved as they are made; deciding writes them as the moderated grades.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.grades import Grade, parse_grade
from qa_audit.moderation.records import REASONS
from qa_audit.tui import actions
from qa_audit.tui.screens.moderation import keys
from qa_audit.tui.screens.moderation.answering import AnsweringScreen
from qa_audit.tui.screens.moderation.checking import QUALITY, check_items, is_answered, question_of
from qa_audit.tui.screens.moderation.comparison import GradeTable
from qa_audit.tui.screens.moderation.decision_lines import HEADINGS, decision_detail, decision_line, standing
from qa_audit.tui.screens.moderation.words import (
    OVERALL,
    changes_words,
    decisions,
    follows_words,
    open_points,
    reason_of,
    said_date,
    stand_of,
    state_words,
)
from qa_audit.tui.text import MUTED, STRONG, WARN, join, lines, say
from qa_audit.tui.widgets.fields import Choice, FieldSpec
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.side_pane import SidePane, descriptors_content
from qa_audit.tui.widgets.view_strip import View, ViewStrip

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.records import ModerationView, SectionComparison
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend


class DecideScreen(AnsweringScreen):
    """See the module's words. After the decision the same page can be read and not written."""

    PLACE = keys.DECIDE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.DECIDE)
    BODY_WIDTH = 160
    CSS_PATH = Path(__file__).with_name("moderation.tcss")
    HELP_TEXT = (
        "For each section say which grade is to stand: a agrees with the auditor, m keeps yours, 1 to 4 choose "
        "another. Where it differs from the auditor's, Enter writes the reason as a code and in words. "
        "Then judge the audit itself on the other page, and decide with F10."
    )

    def __init__(self, backend: Backend, audit_ref: str) -> None:
        super().__init__(backend, audit_ref)
        self._page = "practice"

    def body(self) -> ComposeResult:
        """Two pages and a pane."""
        with Vertical(id="deciding"):
            yield ViewStrip(numbered=False)
            with Horizontal(id="across"):
                with Vertical(id="practice"):
                    yield GradeTable(HEADINGS, hint="1-4 choose  Enter reason")
                    with VerticalScroll(id="detail", can_focus=False):
                        yield Static("", markup=False)
                yield VerticalScroll(id="check", can_focus=False)
                yield SidePane()

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Moderation", self.audit_ref, right="opening…")

    def opened(self, view: ModerationView) -> None:
        """Side by side."""
        self.query_one("#check").mount_all(self._questions())
        self._show_page("practice")
        self.refresh_keys()
        self._renew()

    @property
    def writable(self) -> bool:
        """Still to be decided."""
        return self.view is not None and self.view.state == "graded"

    @property
    def _deciding(self) -> dict[tuple[str, str], str] | None:
        return self.own if self.writable else None

    @property
    def table(self) -> GradeTable:
        """The grades side by side."""
        return self.query_one(GradeTable)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is offered that cannot be done any more."""
        if action in ("agree", "keep", "agree_rest", "decide", "send_back", "overview"):
            if not self.writable:
                return False
            if action in ("agree", "keep", "agree_rest"):
                return self._page == "practice"
        return super().check_action(action, parameters)

    # -- the table -----------------------------------------------------------------------------------

    def _one(self, code: str) -> SectionComparison | None:
        found = self.view.comparison if self.view is not None else ()
        return next((one for one in found if one.section == code), None)

    def _renew(self) -> None:
        """Table, detail, pages, header."""
        view = self.view
        if view is None:
            return
        self.table.show([decision_line(self._deciding, one, self.size.width) for one in view.comparison])
        self._show_detail()
        points = open_points(self.own, view.comparison) if self.writable else []
        left = self._check_left() if self.writable else []
        self.query_one(ViewStrip).show(
            [
                View("practice", "The grade of practice" + (f" · {len(points)} to decide" if points else "")),
                View("check", "The quality of the audit" + (f" · {len(left)} open" if left else "")),
            ],
            self._page,
        )
        if self.writable:
            note = f"{len(points)} to decide" if points else "every section decided"
            right = join((note, MUTED if not points else WARN))
        else:
            right = join((state_words(view.state), STRONG), (" · read only", MUTED))
        self.show_where("Moderation", view.round_title, self.case_ref or self.audit_ref, right=right)
        self.refresh_keys()

    def _show_detail(self) -> None:
        one = self._one(self.table.current)
        if one is None or self.view is None:
            return
        width = max(30, min(110, self.query_one("#detail").size.width - 3))
        content = decision_detail(self._deciding, one, self.view.comparison, width)
        self.query_one("#detail Static", Static).update(content)

    def on_grade_table_moved(self, message: GradeTable.Moved) -> None:
        """The words of another section."""
        self._show_detail()
        pane = self.query_one(SidePane)
        if pane.showing:
            self._fill_pane(pane.showing)

    def on_grade_table_picked(self, message: GradeTable.Picked) -> None:
        """1 to 4."""
        self._choose(message.key, message.grade)

    def on_grade_table_opened(self, message: GradeTable.Opened) -> None:
        """Enter: the reason, where there is one to give."""
        one = self._one(message.key)
        if one is None or not self.writable:
            return
        stand = stand_of(self.own, one)
        if stand is None:
            self.council.tell("First say which grade is to stand: a, m, or 1 to 4.")
        elif stand is one.auditor:
            self.council.tell("You agree with the auditor here, so no reason is needed.")
        else:
            self._ask_reason(one, stand)

    def _choose(self, code: str, grade: Grade) -> None:
        one = self._one(code)
        if one is None or not self.writable or one.auditor is None:
            return
        self.write(code, "stand", grade.key)
        self._renew()
        if grade is not one.auditor and not all(reason_of(self.own, code)):
            self._ask_reason(one, grade)

    def action_agree(self) -> None:
        """a: the auditor's grade stands."""
        one = self._one(self.table.current)
        if one is not None and one.auditor is not None:
            self._choose(one.section, one.auditor)

    def action_keep(self) -> None:
        """m: the moderator's own grade stands."""
        one = self._one(self.table.current)
        if one is not None and one.blind is not None:
            self._choose(one.section, one.blind)

    def action_agree_rest(self) -> None:
        """A: wherever nothing is chosen yet."""
        for one in self.view.comparison if self.view is not None and self.writable else ():
            if one.auditor is not None and stand_of(self.own, one) is None:
                self.write(one.section, "stand", one.auditor.key)
        self._renew()

    def _ask_reason(self, one: SectionComparison, grade: Grade) -> None:
        from qa_audit.tui.widgets.dialogs import FormModal

        code, why = reason_of(self.own, one.section)

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                self.write(one.section, "why_code", values.get("why_code", ""))
                self.write(one.section, "why", values.get("why", ""))
            self._renew()

        was = one.auditor.words if one.auditor is not None else "not graded"
        fields = [
            FieldSpec(
                "why_code", "choice", "Reason", tuple(Choice(key, words) for key, words in REASONS.items())
            ),
            FieldSpec("why", "text", "In words", help="What the evidence shows; the auditor reads this"),
        ]
        self.app.push_screen(
            FormModal(
                f"Why {grade.words}?", fields, today=self.today, values={"why_code": code, "why": why or self.own.get((one.section, "note"), "")},
                words=f"{one.title}: the auditor graded {was}.", save="Keep the reason",
            ),
            written,
        )  # fmt: skip

    # -- the audit of the audit ------------------------------------------------------------------------

    def _questions(self) -> list[Question | Static]:
        view = self.view
        if view is None:
            return []
        words = (
            "The quality of the audit, apart from the grade of practice: a fine audit can find poor practice."
        )
        head = Static(lines([say(words, MUTED), Content("")]), markup=False)
        own, today = self.own, self.today
        asked = check_items(view.check)
        made = (
            question_of(view.check, item, own, today=today, read_only=not self.writable) for item in asked
        )
        return [head, *made]

    def _is_answered(self, item_id: str) -> bool:
        return self.view is not None and is_answered(self.view.check, self.own, item_id)

    def _check_left(self) -> list[tuple[str, str]]:
        found = check_items(self.view.check) if self.view is not None else []
        return [(item.id, item.text) for item in found if not self._is_answered(item.id)]

    def written(self, item: str, part: str, value: str) -> None:
        """The question shows that it is answered; the counts follow."""
        for question in self.query(Question):
            if question.item == item:
                question.update(answered=self._is_answered(item))
        if item == "MA9" and value == "no":
            words = "A child may have been left at risk. Speak to the team manager today; F9 raises an alert."
            self.app.notify(words, severity="warning", markup=False, timeout=12)
        if item.startswith("MA"):
            self._renew()

    def on_question_stepped(self, message: Question.Stepped) -> None:
        """On to the next question, or back."""
        (self.focus_next if message.step > 0 else self.focus_previous)()

    # -- pages and pane ------------------------------------------------------------------------------------

    def _show_page(self, page: str) -> None:
        self.settle()
        self._page = page
        self.set_class(page == "check", "-check")
        if page == "check":
            asked = list(self.query(Question))
            target = next(
                (one for one in asked if not self._is_answered(one.item)), asked[0] if asked else None
            )
            if target is not None:
                self.call_after_refresh(self._focus_question, target, target is asked[0])
        else:
            self.table.focus()
        self._renew()

    def _focus_question(self, question: Question, first: bool) -> None:
        question.focus(scroll_visible=not first)
        if first:
            self.query_one("#check").scroll_home(animate=False)

    def action_next_page(self) -> None:
        """Ctrl+N."""
        if self.view is not None:
            self._show_page("check" if self._page == "practice" else "practice")

    action_previous_page = action_next_page

    def on_view_strip_chosen(self, message: ViewStrip.Chosen) -> None:
        """A click on a page."""
        if self.view is not None:
            self._show_page(message.key)

    def _fill_pane(self, name: str) -> None:
        from qa_audit.tui.screens.form.questions import descriptors
        from qa_audit.tui.screens.moderation.evidence import evidence_content

        view, pane, code = self.view, self.query_one(SidePane), self.table.current
        if view is None:
            return
        section = view.form.section(code)
        if self._page == "check" and name == "evidence":
            # what a judgement of the audit itself rests on: worker, family, strengths, actions, safeguarding
            asked = [one for one in view.form.sections if one.role not in ("practice", "overall")]
            pane.show(name, lines([evidence_content(one, view.answers, None, 38) for one in asked]))
        elif self._page == "check":
            check = view.check.sections[0] if view.check.sections else None
            known = descriptors(check) if check is not None else ()
            quality = parse_grade(self.own.get((QUALITY, "grade"), ""))
            pane.show(name, descriptors_content("How good is the audit?", known, quality))
        elif name == "grades":
            one = self._one(code)
            known = descriptors(section) if section is not None else ()
            pane.show(
                name,
                descriptors_content(
                    one.title if one else code, known, standing(self._deciding, one) if one else None
                ),
            )
        elif section is not None:
            pane.show(name, evidence_content(section, view.answers, view.case, 38))
        else:
            pane.show(name, say("The whole case has no evidence of its own: read the sections.", MUTED))

    def _toggle(self, name: str) -> None:
        pane = self.query_one(SidePane)
        if pane.showing == name:
            pane.close()
        else:
            self._fill_pane(name)

    def action_descriptors(self) -> None:
        """F2."""
        self._toggle("grades")

    def action_evidence(self) -> None:
        """F3."""
        self._toggle("evidence")

    def on_resize(self) -> None:
        """Words follow the width."""
        self.call_after_refresh(self._renew)

    def go_back(self) -> None:
        """Escape: first the pane, then the screen."""
        pane = self.query_one(SidePane)
        if pane.showing:
            pane.close()
        else:
            self.leave()

    # -- deciding ------------------------------------------------------------------------------------------

    def _points(self) -> list[tuple[str, str]]:
        if self.view is None:
            return []
        audit = [(item, f"The audit: {words}") for item, words in self._check_left()]
        return open_points(self.own, self.view.comparison) + audit

    def action_overview(self) -> None:
        """F4."""
        self._show_points("Still open before you can decide")

    def _show_points(self, title: str) -> None:
        from qa_audit.tui.screens.moderation.missing import MissingModal

        def chosen(key: str | None) -> None:
            if key and key.startswith("MA"):
                self._show_page("check")
                self.call_after_refresh(self._reach_question, key)
            elif key:
                self._show_page("practice")
                self.table.reach(key)

        self.app.push_screen(MissingModal(title, "", self._points()), chosen)

    def _reach_question(self, item: str) -> None:
        for question in self.query(Question):
            if question.item == item:
                question.focus()

    def action_decide(self) -> None:
        """F10: what is missing first; else say what follows, ask, decide."""
        from qa_audit.tui.widgets.dialogs import Confirm

        view = self.view
        if view is None or not self.writable or not self.all_saved():
            return
        if self._points():
            self._show_points("Not decided yet")
            return
        found = decisions(self.own, view.comparison)
        whole = self._one(OVERALL)
        stand = stand_of(self.own, whole) if whole is not None else None
        quality = parse_grade(self.own.get((QUALITY, "grade"), ""))
        first = {one.section: one.auditor for one in view.comparison}
        changed = sum(one.grade is not first[one.section] for one in found)
        words = [
            changes_words(found, view.comparison),
            f"Overall case grade: {stand.words}." if stand else "",
            f"Quality of the audit: {quality.words}." if quality else "",
            follows_words(whole.auditor if whole else None, stand, changed),
        ]
        self.app.push_screen(
            Confirm("Decide this moderation?", " ".join(w for w in words if w), yes="Decide", no="Not yet"),
            self._decide,
        )

    def _decide(self, yes: bool | None) -> None:
        view = self.view
        quality = parse_grade(self.own.get((QUALITY, "grade"), ""))
        if not yes or view is None or quality is None:
            return
        ref, found = self.audit_ref, decisions(self.own, view.comparison)
        reason = self.own.get((OVERALL, "why"), "")

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.improvement import finishing

            return finishing.decide(workspace, actor, ref, found, audit_quality=quality, reason=reason)

        self.do(work, self._decided, group="decide")

    def _decided(self, words: str) -> None:
        from qa_audit.tui.screens.moderation.missing import Told

        def read(_: bool | None) -> None:
            self.dismiss(None)

        self.app.push_screen(Told("Decided", f"{said_date(words)}."), read)
