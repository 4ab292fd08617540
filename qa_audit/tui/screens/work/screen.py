"""My audits: what I have to do, what I have done, what moderation said of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from qa_audit.audits.records import STATUS_WORDS, WRITABLE, AuditRow
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import cohort_words
from qa_audit.tui.listing import Cell, Column, Row, Rows
from qa_audit.tui.screens.home.gather import due_in_words
from qa_audit.tui.screens.work.my_form import MyFormScreen
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import BAD, MUTED, OK, STRONG, WARN, count, join, say
from qa_audit.tui.widgets.sql_list import SqlList

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.feedback import FeedbackRow
    from qa_audit.store.workspace import Workspace

actions.place("work", "My audits")
actions.register(
    Action("work.open", "o", "Open", "Open the audit: to fill it in, or to read it.", "work"),
    Action("work.feedback", "f", "Feedback", "Read what the moderator found, and accept or dispute it.", "work", bar=2),
    Action("work.conflict", "c", "Declare a conflict",
           "Say that you must not audit the cases of a child, a worker or a team.", "work", bar=3),
)  # fmt: skip

COLUMNS = (
    Column("ref", "Audit", 7),
    Column("case", "Case", 12),
    Column("cohort", "Cohort", 22, least=96),
    Column("team", "Team", 0, least=110),
    Column("due", "Due", 16),
    Column("answered", "Answers", 7, right=True),
    Column("state", "State", 0),
)


class WorkScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "work"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("work")
    BODY_WIDTH = None
    HELP_TEXT = (
        "Your audits, those you have to do first. Enter opens the form where you left it; everything is saved as "
        "you go. Submitted audits open for reading. F in this list shows the moderator's feedback on an audit."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._rows: dict[str, AuditRow] = {}
        self._feedback: dict[str, FeedbackRow] = {}

    def body(self) -> ComposeResult:
        """Numbers, then the list."""
        yield Static(markup=False, id="numbers")
        yield SqlList(
            Rows(COLUMNS, ()),
            empty="You have no audits. The QA unit gives them to you when a round is allocated.",
            noun="audit",
        )

    def on_mount(self) -> None:
        """The frame first."""
        self.show_where("Home", "My audits")
        self.query_one("#numbers").styles.height = 2
        self.query_one(SqlList).focus()

    def load(self) -> None:
        """My audits and what moderation said."""
        self.ask(_read, self._show)

    def _show(self, found: tuple[tuple[AuditRow, ...], tuple[FeedbackRow, ...]]) -> None:
        audits, feedback = found
        self._rows = {row.ref: row for row in audits}
        self._feedback = {}
        for one in feedback:
            self._feedback.setdefault(one.audit_ref, one)
        self.query_one("#numbers", Static).update(self._numbers(audits))
        today = self.backend.today()
        ordered = sorted(audits, key=self._urgency)
        self.query_one(SqlList).show(Rows(COLUMNS, [self._line(row, today) for row in ordered]))

    def _urgency(self, row: AuditRow) -> int:
        if row.status in WRITABLE:
            return 0
        one = self._feedback.get(row.ref)
        return 1 if one and one.awaits_answer else 2

    def _numbers(self, audits: tuple[AuditRow, ...]) -> Content:
        todo = [row for row in audits if row.status in WRITABLE]
        late = sum(row.overdue_days > 0 for row in todo)
        answers = sum(one.awaits_answer for one in self._feedback.values())
        parts = [say(f"{count(len(todo), 'audit')} to do", STRONG)]
        if late:
            parts.append(say(f"! {late} overdue", BAD))
        if answers:
            parts.append(
                say(
                    f"{count(answers, 'moderated audit waits', 'moderated audits wait')} for your answer",
                    WARN,
                )
            )
        parts.append(say(f"{len(audits) - len(todo)} handed in", MUTED))
        return join(" ", join(*parts, gap="   "))

    def _line(self, row: AuditRow, today: date) -> Row:
        open_still = row.status in WRITABLE
        days = (date.fromisoformat(row.due[:10]) - today).days
        due: str | Cell = ""
        if open_still:
            words = due_in_words(days)
            due = Cell(f"! {words}" if days < 0 else words, BAD if days < 0 else WARN if days <= 2 else "")
        one = self._feedback.get(row.ref)
        state: str | Cell = row.status_words
        if one and one.awaits_answer:
            state = Cell("Your answer is wanted (F)", WARN)
        elif row.status == "returned":
            state = Cell("Returned: F says what", WARN)
        elif row.final_grade is not None:
            state = Cell(f"{row.status_words}: {row.final_grade.short}", OK)
        elif row.own_grade is not None:
            state = f"{row.status_words}; your grade {row.own_grade.short}"
        return Row(
            row.ref,
            (row.ref, row.case_ref or row.child_key, cohort_words(row.cohort), row.team, due,
             str(row.answered or ""), state),
        )  # fmt: skip

    # -- doing --------------------------------------------------------------------------------------

    def on_sql_list_chosen(self, message: SqlList.Chosen) -> None:
        """Enter."""
        self._open(message.key)

    def action_open(self) -> None:
        """O."""
        if (row := self.query_one(SqlList).current) is not None:
            self._open(row.key)

    def _open(self, ref: str) -> None:
        self.app.push_screen(MyFormScreen(self.backend, ref))

    def action_feedback(self) -> None:
        """F: of the audit under the cursor."""
        row = self.query_one(SqlList).current
        if row is None:
            return
        if row.key not in self._feedback:
            status = STATUS_WORDS.get(self._rows[row.key].status, "")
            self.council.tell(f"There is no feedback on {row.key} ({status.lower()}).")
            return
        from qa_audit.tui.screens.work.feedback import FeedbackScreen

        self.app.push_screen(FeedbackScreen(self.backend, row.key))

    def action_conflict(self) -> None:
        """C: a tie that allocation must know."""
        from qa_audit.tui.screens.work.conflict import conflict_form

        self.app.push_screen(conflict_form(self.backend.today()), self._declare)

    def _declare(self, values: dict[str, str] | None) -> None:
        if values is None:
            return

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.access.service import declare_conflict

            declare_conflict(workspace, actor, values["kind"], values["key"], values["reason"])
            self.backend.renew_actor()
            return values["key"]

        self.do(work, lambda key: self.council.tell(f"Noted: no cases of {key} will be given to you."))


def _read(workspace: Workspace, actor: Actor) -> tuple[tuple[AuditRow, ...], tuple[FeedbackRow, ...]]:
    from qa_audit.audits.service import my_work
    from qa_audit.moderation.feedback import my_feedback

    return my_work(workspace, actor), my_feedback(workspace, actor)
