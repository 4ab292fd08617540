"""One calibration exercise: its cases, who has submitted, and for who runs it the invitation, attendance and reveal."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.tui import actions
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import cohort_words
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.screens.calibration import keys
from qa_audit.tui.text import MUTED, OK, STRONG, WARN, count, fit, join, lines, say
from qa_audit.tui.widgets.fields import Choice, FieldSpec, unpack_keys

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.moderation.calibration_records import ExerciseView
    from qa_audit.store.workspace import Workspace

MANAGE = "calibration.manage"


class ExerciseScreen(ListScreen):
    """See the module's words."""

    PLACE = keys.EXERCISE
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.EXERCISE)
    CRUMBS = ("Calibration",)
    NOUN = "case"
    EMPTY = "This exercise has no cases."
    ABOUT = True
    COLUMNS = (
        Column("number", "", 3, right=True),
        Column("title", "Case"),
        Column("cohort", "Cohort", 18, least=92),
        Column("graded", "You", 18),
        Column("submitted", "", 12),
    )
    HELP_TEXT = (
        "Enter opens a case: grade it while the exercise is open, read your feedback once it is revealed. Nobody, the QA "
        "lead included, sees anybody's grades or the reference before that."
    )

    def __init__(self, backend: Backend, ref: str) -> None:
        super().__init__(backend)
        self._ref = ref
        self._found: ExerciseView | None = None

    def load(self) -> None:
        """The exercise as it is now."""
        ref = self._ref

        def work(workspace: Workspace, actor: Actor) -> ExerciseView:
            from qa_audit.moderation import calibration_service

            return calibration_service.show(workspace, actor, ref)

        self.ask(work, self._show)

    def _show(self, found: ExerciseView) -> None:
        self._found = found
        row = found.row
        self.show_where("Home", "Calibration", row.title, right=f"{row.ref} · {row.state_words.lower()}")
        if row.state == "open":
            blind = "Blind until the QA lead reveals it."
            words = join(("▲ ", WARN), (blind, STRONG), (f"   {count(row.cases, 'case')}", MUTED))
        elif row.state == "revealed":
            words = join(
                ("Revealed. ", OK), ("f shows your feedback." if row.mine else "r shows the results.", MUTED)
            )
        else:
            words = join(("Withdrawn. ", WARN), (found.reason, MUTED))
        self.fill(
            words,
            [
                Row(
                    one.case_id,
                    (
                        str(number), one.title, cohort_words(one.cohort), self._graded(one.graded, len(one.sections)),
                        Cell("submitted", OK) if one.submitted_at else "",
                    ),
                )
                for number, one in enumerate(found.cases, 1)
            ],
        )  # fmt: skip
        self.refresh_keys()

    def _graded(self, done: int, of: int) -> Cell:
        if self._found is None or not self._found.row.mine:
            return Cell("not invited", MUTED)
        return Cell(
            f"{done} of {of} graded", MUTED if done == of or self._found.row.state != "open" else WARN
        )

    def about(self, key: str) -> Content | None:
        """Who is invited and how far they are: for who runs the exercise."""
        from qa_audit.moderation.calibration_records import ATTENDED

        if self._found is None or not self._found.invited:
            return None
        of = self._found.row.cases
        rows: list[Content] = [say("People", STRONG)]
        for one in self._found.invited:
            done = one.submitted == of
            rows.append(
                join(
                    fit(one.code, 8), fit(one.display, 22), (f"{one.submitted} of {of} submitted", MUTED if done else WARN),
                    (f"   workshop: {ATTENDED[one.attended].lower()}", MUTED),
                )
            )  # fmt: skip
        return lines(rows)

    def opened(self, key: str) -> None:
        """Enter: grade, or read what came of it."""
        if self._found is None:
            return
        row = self._found.row
        if row.state == "revealed":
            self.action_feedback() if row.mine else self.action_results()
        elif row.state == "withdrawn":
            self.council.tell("This exercise was withdrawn.")
        elif not row.mine:
            self.council.tell(
                "You are not invited to grade it. The record and the reference show once it is revealed."
            )
        else:
            from qa_audit.tui.screens.calibration.take import TakeScreen

            self.app.push_screen(TakeScreen(self.backend, self._ref, key))

    # -- what may be done -----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what this state and this person allow."""
        state = self._found.row.state if self._found is not None else ""
        runs = self.backend.may(MANAGE)
        if action == "results":
            return runs and state == "revealed"
        if action == "feedback":
            return state == "revealed" and self._found is not None and self._found.row.mine
        if action in ("reveal", "invite", "withdraw"):
            return runs and state == "open"
        if action == "attendance":
            return runs and state in ("open", "revealed")
        return super().check_action(action, parameters)

    def action_results(self) -> None:
        """r."""
        from qa_audit.tui.screens.calibration.results import ResultsScreen

        self.app.push_screen(ResultsScreen(self.backend, self._ref))

    def action_feedback(self) -> None:
        """f."""
        from qa_audit.tui.screens.calibration.results import FeedbackScreen

        self.app.push_screen(FeedbackScreen(self.backend, self._ref))

    def action_reveal(self) -> None:
        """v."""
        from qa_audit.tui.widgets.dialogs import Confirm

        if self._found is None:
            return
        of = self._found.row.cases
        waiting = [one.code for one in self._found.invited if one.submitted < of]
        words = "Everybody sees the reference and the spread, and nobody grades after that."
        if waiting:
            words = (
                f"Not all in yet: {', '.join(waiting)}. What they have not submitted will not count. {words}"
            )
        self.app.push_screen(
            Confirm("Reveal this exercise?", words, yes="Reveal it", no="Not yet", risky=bool(waiting)),
            self._reveal,
        )

    def _reveal(self, yes: bool | None) -> None:
        if not yes:
            return
        ref = self._ref

        def work(workspace: Workspace, actor: Actor) -> int:
            from qa_audit.moderation import calibration_service

            return calibration_service.reveal(workspace, actor, ref, without_the_rest=True)

        self.do(
            work, lambda n: self.council.tell(f"Revealed, with {count(n, 'graded case')}."), group="reveal"
        )

    def action_invite(self) -> None:
        """i."""

        def work(workspace: Workspace, actor: Actor) -> tuple[tuple[str, str], ...]:
            from qa_audit.moderation import calibration_service

            return calibration_service.possible_people(workspace, actor)

        self.ask(work, self._ask_invite, group="people")

    def _ask_invite(self, who: tuple[tuple[str, str], ...]) -> None:
        from qa_audit.tui.widgets.dialogs import PickModal

        known = {one.code for one in self._found.invited} if self._found is not None else set()
        choices = tuple(Choice(code, f"{code}  {name}") for code, name in who if code not in known)
        if not choices:
            self.council.tell("Everybody who may take part is invited.")
            return
        self.app.push_screen(PickModal(FieldSpec("to", "choices", "Invite", choices), ""), self._invite)

    def _invite(self, picked: str | None) -> None:
        codes = unpack_keys(picked or "")
        if not codes:
            return
        ref = self._ref

        def work(workspace: Workspace, actor: Actor) -> int:
            from qa_audit.moderation import calibration_service

            return calibration_service.invite(workspace, actor, ref, codes)

        self.do(work, lambda n: self.council.tell(f"{count(n, 'person', 'people')} invited."), group="invite")

    def action_attendance(self) -> None:
        """a."""
        from qa_audit.moderation.calibration_records import ATTENDED
        from qa_audit.tui.widgets.dialogs import FormModal

        if self._found is None:
            return
        options = tuple(Choice(key, words) for key, words in ATTENDED.items() if key)
        fields = [
            FieldSpec(one.code, "choice", f"{one.code}  {one.display}", options, optional=True)
            for one in self._found.invited
        ]
        values = {one.code: one.attended for one in self._found.invited if one.attended}
        self.app.push_screen(
            FormModal("Who came to the workshop", fields, today=self.backend.today(), values=values),
            self._attend,
        )

    def _attend(self, values: dict[str, str] | None) -> None:
        if values is None or self._found is None:
            return
        ref = self._ref
        given = {one.code: values.get(one.code, "") for one in self._found.invited}

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.moderation import calibration_service

            calibration_service.record_attendance(workspace, actor, ref, given)

        self.do(work, lambda _: self.council.tell("Attendance is recorded."), group="attend")

    def action_withdraw(self) -> None:
        """w."""
        from qa_audit.tui.widgets.dialogs import FormModal

        field = FieldSpec("reason", "line", "Why")
        words = "Nobody grades it any more, and nothing of it is shown."
        self.app.push_screen(
            FormModal(
                "Withdraw this exercise", [field], today=self.backend.today(), words=words, save="Withdraw"
            ),
            self._withdraw,
        )

    def _withdraw(self, values: dict[str, str] | None) -> None:
        if values is None:
            return
        ref, reason = self._ref, values["reason"]

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.moderation import calibration_service

            calibration_service.withdraw(workspace, actor, ref, reason)

        self.do(work, lambda _: self.council.tell(f"{ref} is withdrawn."), group="withdraw")

    def refused(self, error: QaError) -> None:
        """An exercise that is not there: say so and leave."""
        super().refused(error)
        if self._found is None:
            self.dismiss(None)
