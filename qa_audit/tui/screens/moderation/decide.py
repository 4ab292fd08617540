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
from qa_audit.moderation.records import OUTCOMES, REASONS
from qa_audit.tui import actions
from qa_audit.tui.screens.moderation import keys
from qa_audit.tui.screens.moderation.answering import AnsweringScreen
from qa_audit.tui.screens.moderation.comparison import GradeTable, Heading, Line
from qa_audit.tui.screens.moderation.words import (
    OVERALL,
    changes_words,
    decisions,
    follows_words,
    open_points,
    reading,
    reason_of,
    said_date,
    shift_words,
    short_shift,
    stand_of,
    state_words,
)
from qa_audit.tui.text import ACCENT, GRADE_STYLES, MUTED, STRONG, WARN, join, lines, say, wrap
from qa_audit.tui.widgets.fields import Choice, FieldSpec
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.question_lines import QuestionSpec
from qa_audit.tui.widgets.side_pane import SidePane, descriptors_content
from qa_audit.tui.widgets.view_strip import View, ViewStrip

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.library.forms import Item
    from qa_audit.moderation.records import ModerationView, SectionComparison
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend

QUALITY = "MA12"
"""The item that grades the audit itself."""
ASKED_BESIDE = ("MA11",)
"""Answered section by section in the table, so not asked again."""
HEADINGS = (
    Heading("Auditor", 11, 12),
    Heading("Yours", 11, 12),
    Heading("Auditor was", 11, 22),
    Heading("To stand", 13, 16),
    Heading("Reason", 30, 30, least=126),
)


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

    def _stand(self, one: SectionComparison) -> Grade | None:
        if not self.writable:
            return one.panel or one.moderated
        return stand_of(self.own, one)

    def _line(self, one: SectionComparison) -> Line:
        stand = self._stand(one)
        standing: Grade | tuple[str, str]
        if stand is None:
            standing = ("! choose", WARN) if self.writable else ("-", MUTED)
        elif self.writable and stand is not one.auditor and not all(reason_of(self.own, one.section)):
            standing = (f"{stand.short} !", f"bold {GRADE_STYLES[stand]}")
        else:
            standing = stand
        code = reason_of(self.own, one.section)[0] if self.writable else one.reason_code
        differs = stand is not None and stand is not one.auditor
        because = (
            (REASONS.get(code, code), "")
            if differs and code
            else ("! reason missing", WARN)
            if differs and self.writable
            else ("", "")
        )
        shift = one.shift
        words = shift_words(shift) if self.size.width >= 104 else short_shift(shift)
        return Line(
            one.section,
            one.title,
            (one.auditor, one.blind, (words, "" if shift else MUTED), standing, because),
        )

    def _renew(self) -> None:
        """Table, detail, pages, header."""
        view = self.view
        if view is None:
            return
        self.table.show([self._line(one) for one in view.comparison])
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
        own_note = self.own.get((one.section, "note"), one.moderator_note)
        rows = [join((one.title, f"{STRONG} {ACCENT}"), (f"   {_shift_sentence(one)}", MUTED))]
        rows += _opinion("Auditor", one.auditor, one.auditor_rationale or "No reason was written.", width)
        rows += _opinion(
            "You" if self.writable else "Moderator, blind", one.blind, own_note or "You wrote no note.", width
        )
        rows += self._standing_lines(one, width)
        rows += [Content(""), *wrap(say(reading(self.view.comparison), MUTED), width)]
        self.query_one("#detail Static", Static).update(lines(rows))

    def _standing_lines(self, one: SectionComparison, width: int) -> list[Content]:
        stand = self._stand(one)
        if stand is None:
            return wrap(say("! Which grade is to stand? a agrees with the auditor, m keeps yours, 1-4 choose.", WARN), width) \
                if self.writable else []  # fmt: skip
        head = join(
            ("To stand: " if self.writable else "Moderated: ", MUTED),
            (stand.words, f"bold {GRADE_STYLES[stand]}"),
        )
        if stand is one.auditor:
            return [join(head, ("   as the auditor graded it", MUTED))]
        code, why = reason_of(self.own, one.section) if self.writable else (one.reason_code, one.reason)
        rows = [
            join(
                head,
                (
                    f"   {OUTCOMES['changed_up' if one.auditor and stand < one.auditor else 'changed_down'].lower()}",
                    MUTED,
                ),
            )
        ]
        if code or why:
            rows += wrap(
                join((REASONS.get(code, code) or "No code", STRONG), f". {why}" if why else ""), width
            )
        if self.writable and not (code and why):
            rows.append(say("! Enter writes the reason, as a code and in words.", WARN))
        return rows

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
        return [head, *(self._question_of(item) for item in self._items())]

    def _items(self) -> list[Item]:
        view = self.view
        return (
            [item for _, item in view.check.items() if item.id not in ASKED_BESIDE]
            if view is not None
            else []
        )

    def _question_of(self, item: Item) -> Question:
        fields = []
        for each in item.fields:
            options = tuple(Choice(option.key, option.label) for option in each.options)
            label = "" if len(item.fields) == 1 else each.label
            fields.append(
                FieldSpec(
                    each.part, each.type, label, options, optional=each.optional or each.type == "text",
                    na=item.na and each.type in ("yes_partly_no", "yes_no", "grade"),
                )
            )  # fmt: skip
        if all(each.part != "evidence" and each.type != "text" for each in item.fields):
            fields.append(
                FieldSpec(
                    "evidence", "text", "Why", quiet=True, optional=True, help="Enter to write what you saw"
                )
            )
        spec = QuestionSpec(item.id, item.id, item.text, tuple(fields), item.guidance, item.critical)
        values = {part: value for (each, part), value in self.own.items() if each == item.id}
        return Question(
            spec, values, today=self.today, read_only=not self.writable, answered=self._is_answered(item.id)
        )

    def _is_answered(self, item_id: str) -> bool:
        found = self.view.check.find(item_id) if self.view is not None else None
        return found is not None and all(
            self.own.get((item_id, field.part))
            for field in found[1].fields
            if field.type != "text" and not field.optional
        )

    def _check_left(self) -> list[tuple[str, str]]:
        return [(item.id, item.text) for item in self._items() if not self._is_answered(item.id)]

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
        if self._page == "check":
            words = view.check.sections[0] if view.check.sections else None
            known = descriptors(words) if words is not None else ()
            pane.show(
                name,
                descriptors_content(
                    "How good is the audit?", known, parse_grade(self.own.get((QUALITY, "grade"), ""))
                ),
            )
        elif name == "grades":
            one = self._one(code)
            known = descriptors(section) if section is not None else ()
            pane.show(
                name,
                descriptors_content(one.title if one else code, known, self._stand(one) if one else None),
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


def _opinion(who: str, grade: Grade | None, words: str, width: int) -> list[Content]:
    head = join(
        (f"{who}: ", MUTED), (grade.words, f"bold {GRADE_STYLES[grade]}") if grade else ("not graded", MUTED)
    )
    return [head, *wrap(words, width, indent=2)]


def _shift_sentence(one: SectionComparison) -> str:
    words = shift_words(one.shift)
    if one.shift is None or one.shift == 0:
        return f"the grades are {words}" if one.shift == 0 else words
    return f"the auditor was {words}"
