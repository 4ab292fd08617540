"""What the moderator found in one of my audits, and my answer to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from qa_audit.audits.answers import OVERALL
from qa_audit.grades import Grade
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import GRADE_STYLES, MUTED, STRONG, WARN, count, join, lines, say
from qa_audit.tui.widgets.dialogs import Ask, Confirm
from qa_audit.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.records import FeedbackSheet, SectionComparison
    from qa_audit.store.workspace import Workspace

actions.place("feedback", "Feedback from moderation")
actions.register(
    Action("feedback.accept", "a", "Accept", "Accept the moderated grades; the audit is final.", "feedback", bar=1),
    Action("feedback.dispute", "d", "Dispute", "Say which evidence should count; a panel decides.", "feedback", bar=2),
)  # fmt: skip


class FeedbackScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "feedback"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("feedback")
    BODY_WIDTH = 92
    HELP_TEXT = (
        "The moderator graded the same record without seeing your grades, then compared. Where a grade was changed "
        "the reason stands beside it. You have five working days to accept or to dispute; a dispute goes to a panel."
    )

    def __init__(self, backend: Backend, ref: str) -> None:
        super().__init__(backend)
        self._ref = ref
        self._sheet: FeedbackSheet | None = None

    @property
    def audit_ref(self) -> str:
        """For the alert key."""
        return self._ref

    def body(self) -> ComposeResult:
        """One sheet that scrolls."""
        with VerticalScroll():
            yield Prose()

    def on_mount(self) -> None:
        """The frame first."""
        self.show_where("Home", "My audits", f"Feedback on {self._ref}")
        self.query_one(VerticalScroll).focus()

    def load(self) -> None:
        """The sheet."""
        ref = self._ref

        def work(workspace: Workspace, actor: Actor) -> FeedbackSheet:
            from qa_audit.moderation.deciding import feedback_sheet

            return feedback_sheet(workspace, actor, ref)

        self.ask(work, self._show)

    def _show(self, sheet: FeedbackSheet) -> None:
        self._sheet = sheet
        self.query_one(Prose).say(sheet_content(sheet))
        self.refresh_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Accept and dispute only while an answer is wanted."""
        if action in ("accept", "dispute"):
            return self._sheet is not None and self._sheet.can_respond
        return super().check_action(action, parameters)

    def action_accept(self) -> None:
        """A: after a question."""
        words = (
            "The moderated grades stand and the audit is final. Your own grades stay in the record as yours."
        )
        self.app.push_screen(
            Confirm("Accept the moderated grades?", words, yes="Accept", no="Not yet"),
            lambda yes: self._answer(True, "") if yes else None,
        )

    def action_dispute(self) -> None:
        """D: with the grounds."""
        modal = Ask(
            "Dispute the moderated grades",
            "Which evidence should the moderator have weighed? Neither of you decides: a panel reads both.",
            check=lambda words: "" if words.strip() else "A dispute needs its grounds.",
        )
        self.app.push_screen(modal, lambda words: self._answer(False, words) if words else None)

    def _answer(self, accept: bool, words: str) -> None:
        ref = self._ref

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.improvement.finishing import respond

            return respond(workspace, actor, ref, accept=accept, words=words)

        self.do(work, lambda said: self.council.tell(f"{said}."))


def sheet_content(sheet: FeedbackSheet) -> Content:
    """The whole sheet as it is read."""
    how = "graded without sight of your grades" if sheet.blind else "graded with your grades in sight"
    rows = [
        join(
            (sheet.round_title, STRONG),
            (f"  ·  {headline(sheet)}", ""),
        ),
        say(f"The moderator {how}. {sheet.reading}.", MUTED),
        Content(""),
    ]
    if sheet.can_respond:
        rows += [say("Your answer is wanted: A accepts, D disputes.", WARN), Content("")]
    elif sheet.response:
        rows += [
            say(f"You {sheet.response}." + (f" {sheet.response_text}" if sheet.response_text else "")),
            Content(""),
        ]
    if sheet.audit_quality is not None:
        rows += [join("Quality of the audit itself: ", _grade(sheet.audit_quality)), Content("")]
    if sheet.reason:
        rows += [say("In the moderator's words", STRONG), say(sheet.reason), Content("")]
    rows.append(say("Section by section", STRONG))
    for one in sheet.comparison:
        rows += _section(one)
    if sheet.check:
        rows += [Content(""), say("How good the audit was", STRONG)]
        rows += [join(f"{words}  ", (value, STRONG)) for _, words, value in sheet.check]
    return lines(rows)


def headline(sheet: FeedbackSheet) -> str:
    """What became of the grades: the outcome is that of the overall grade, so sections that changed are counted."""
    from qa_audit.moderation.records import OUTCOMES

    words = OUTCOMES.get(sheet.outcome, sheet.outcome or "Decided")
    if sheet.outcome in ("agreed", "changed", "changed_up", "changed_down"):
        changed = sum(_changed(one) for one in sheet.comparison if one.section != OVERALL)
        also = f"{count(changed, 'section')} changed" if changed else "no section changed"
        return f"Overall case grade {words[:1].lower()}{words[1:]}; {also}"
    return words


def _changed(one: SectionComparison) -> bool:
    stands = one.panel or one.moderated or one.auditor
    return stands is not None and stands != one.auditor


def _section(one: SectionComparison) -> list[Content]:
    from qa_audit.moderation.records import REASONS

    stands = one.panel or one.moderated or one.auditor
    line = join(
        (f"{one.title}: ", STRONG),
        "you ",
        _grade(one.auditor),
        ", moderator ",
        _grade(one.blind or one.moderated),
    )
    tail = join(", stands at ", _grade(stands)) if _changed(one) else say(", unchanged", MUTED)
    found = [join(line, tail)]
    why = " ".join(
        part
        for part in (f"{REASONS[one.reason_code]}." if one.reason_code in REASONS else "", one.reason)
        if part
    )
    if why:
        found.append(join("   ", why))
    if one.moderator_note:
        found.append(join(("   Moderator's note: ", MUTED), one.moderator_note))
    return found


def _grade(grade: Grade | None) -> Content:
    return say(grade.short if grade else "no grade", f"bold {GRADE_STYLES[grade]}" if grade else MUTED)
