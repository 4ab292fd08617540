"""The audits of a round: who has them, how far they are; give to somebody else, exempt, withdraw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.audits.records import STATUS_WORDS, WRITABLE, AuditRow
from qa_audit.errors import QaError
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import cohort_words
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row, Sort
from qa_audit.tui.screens.draw.cases import reason_fields
from qa_audit.tui.text import BAD, GRADE_STYLES, MUTED, STRONG, count, join, lines, say
from qa_audit.tui.widgets.dialogs import Ask, FormModal, PickModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.access.service import PersonRecord
    from qa_audit.store.workspace import Workspace

actions.place("round_audits", "The audits of a round")
actions.register(
    Action("round_audits.reallocate", "r", "Give to somebody else", "Move an open audit, with the reason.", "round_audits", bar=1),
    Action("round_audits.exempt", "e", "Exempt", "The director's decision not to audit this case, with the reason.", "round_audits", bar=2),
    Action("round_audits.withdraw", "w", "Withdraw", "The case cannot be audited: the next ticket takes its place.", "round_audits", bar=3),
    Action("round_audits.late", "o", "Open or all", "Show only audits that are still open, or all.", "round_audits", bar=4),
)  # fmt: skip

COLUMNS = (
    Column("ref", "Audit", 6),
    Column("case", "Case", 10, sortable=False),
    Column("cohort", "Cohort", 22, least=100),
    Column("team", "Team", 0),
    Column("auditor", "Auditor", 7, sortable=False),
    Column("due", "Due", 11),
    Column("answered", "Answers", 7, right=True, sortable=False, least=90),
    Column("status", "State", 15),
)
STATE_SHORT = {"planned": "No auditor", "returned": "Returned"}
"""For a column; the words in full stand under the list."""
MOVABLE = ("planned", *sorted(WRITABLE))


class AuditsSource:
    """A window onto the audits of a round."""

    columns = COLUMNS

    def __init__(self, backend: Backend, ref: str, status: str | None) -> None:
        self._backend, self._ref, self._status = backend, ref, status
        self.shown: dict[str, AuditRow] = {}

    def count(self, wanted: str) -> int:
        """How many hold these words."""
        from qa_audit.audits.service import count_audits

        try:
            return count_audits(
                self._backend.workspace,
                self._backend.actor,
                round_ref=self._ref,
                status=self._status,
                contains=wanted,
            )
        except QaError:
            return 0

    def rows(self, offset: int, limit: int, sort: Sort | None, wanted: str) -> Sequence[Row]:
        """A page of them."""
        from qa_audit.audits.service import list_audits

        order = f"{'-' if sort.descending else ''}{sort.column}" if sort else "due"
        try:
            found = list_audits(
                self._backend.workspace, self._backend.actor, round_ref=self._ref, status=self._status, contains=wanted,
                sort=order, limit=limit, offset=offset,
            )  # fmt: skip
        except QaError:
            return ()
        self.shown |= {row.ref: row for row in found}
        return [_line(row) for row in found]


class RoundAuditsScreen(ListScreen):
    """See the module's words."""

    PLACE = "round_audits"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("round_audits")
    ABOUT = True
    NOUN = "audit"
    EMPTY = "No audits. A on the round's page gives the drawn cases to auditors."
    COLUMNS = COLUMNS
    HELP_TEXT = (
        "Only open audits can move or be taken out: what was submitted stays. Exempting is counted apart from what was "
        "done; withdrawing lets the next ticket of the stratum take the place, so the sample stays random."
    )

    def __init__(self, backend: Backend, ref: str) -> None:
        super().__init__(backend)
        self._ref = ref
        self._status: str | None = None

    def crumbs(self) -> tuple[str, ...]:
        """With the round's reference."""
        return ("Rounds", self._ref, "Audits")

    def load(self) -> None:
        """How they stand in all."""

        def work(workspace: Workspace, actor: Actor) -> tuple[AuditRow, ...]:
            from qa_audit.audits.service import list_audits

            return list_audits(workspace, actor, round_ref=self._ref)

        self.ask(work, self._show)

    def _show(self, found: tuple[AuditRow, ...]) -> None:
        done = sum(row.status not in MOVABLE for row in found)
        late = sum(row.overdue_days > 0 for row in found)
        numbers = [say(f"{done} of {count(len(found), 'audit')} handed in", STRONG)]
        if late:
            numbers.append(say(f"! {late} overdue", BAD))
        if nobody := sum(row.status == "planned" for row in found):
            numbers.append(say(f"{nobody} without an auditor"))
        if self._status:
            numbers.append(say("only open ones are shown", MUTED))
        self.fill(join(*numbers, gap="   "), AuditsSource(self.backend, self._ref, self._status))
        self.refresh_keys()

    def _row(self) -> AuditRow | None:
        source = self.listing.source
        return source.shown.get(self.key) if isinstance(source, AuditsSource) else None

    def about(self, key: str) -> Content | None:
        """More of the audit under the cursor."""
        row = self._row()
        if row is None:
            return None
        grade = row.final_grade
        rows = [
            join((f"{row.ref}  case {row.case_ref or row.child_key}  ", STRONG), (f"{cohort_words(row.cohort)}; {row.team or 'no team'}", MUTED)),
            join(("Auditor ", MUTED), f"{row.auditor or 'nobody yet'} {row.auditor_name}", ("   drawn: ", MUTED), row.selection.replace("_", " "),
                 ("   ", MUTED), STATUS_WORDS.get(row.status, row.status),
                 f", {count(row.overdue_days, 'day')} late" if row.overdue_days else ""),
        ]  # fmt: skip
        if grade is not None:
            rows.append(join(("Grade that stands ", MUTED), (grade.words, f"bold {GRADE_STYLES[grade]}")))
        return lines(rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only open audits move, and only by who may move them."""
        needs = {"reallocate": "allocate", "exempt": "audit.exempt", "withdraw": "allocate"}
        if action in needs:
            row = self._row() if self.is_mounted else None
            return self.backend.may(needs[action]) and row is not None and row.status in MOVABLE
        return super().check_action(action, parameters)

    def opened(self, key: str) -> None:
        """Enter: one's own audit opens, another's is moved."""
        row = self._row()
        if row is not None and row.auditor == self.backend.actor.code:
            from qa_audit.tui.screens.work.my_form import MyFormScreen

            self.app.push_screen(MyFormScreen(self.backend, row.ref))
        elif self.check_action("reallocate", ()):
            self.action_reallocate()
        else:
            super().opened(key)

    def action_late(self) -> None:
        """O."""
        self._status = None if self._status else "open"
        self.load()

    def action_reallocate(self) -> None:
        """R: first to whom."""
        if (row := self._row()) is None:
            return

        def work(workspace: Workspace, actor: Actor) -> tuple[PersonRecord, ...]:
            from qa_audit.access.service import people

            return tuple(
                one for one in people(workspace, role="auditor") if one.active and one.code != row.auditor
            )

        self.ask(work, lambda found: self._pick(row.ref, found), group="auditors")

    def _pick(self, ref: str, found: tuple[PersonRecord, ...]) -> None:
        choices = tuple(Choice(one.code, f"{one.code}  {one.display}  {one.team}") for one in found)
        modal = PickModal(FieldSpec("auditor", "choice", f"Give {ref} to", choices), "")
        self.app.push_screen(modal, lambda code: self._why(ref, code) if code else None)

    def _why(self, ref: str, code: str) -> None:
        def move(reason: str | None) -> None:
            if reason:

                def work(workspace: Workspace, actor: Actor) -> None:
                    from qa_audit.audits.allocation_service import reallocate

                    reallocate(workspace, actor, ref, code, reason)

                self.do(
                    work,
                    lambda _: self.council.tell(f"{code} has {ref} now; what was written stays with it."),
                )

        self.app.push_screen(Ask(f"Give {ref} to {code}", "Why does it move?", check=_said), move)

    def action_exempt(self) -> None:
        """E."""
        if (row := self._row()) is None:
            return

        def end(reason: str | None) -> None:
            if reason:

                def work(workspace: Workspace, actor: Actor) -> None:
                    from qa_audit.audits.allocation_service import exempt

                    exempt(workspace, actor, row.ref, reason)

                self.do(work)

        words = "The case is not audited by the director's decision; the summary counts it apart. Why?"
        self.app.push_screen(Ask(f"Exempt {row.ref}?", words, check=_said), end)

    def action_withdraw(self) -> None:
        """W."""
        if (row := self._row()) is None:
            return
        modal = FormModal(
            f"Withdraw {row.ref}", reason_fields(), today=self.backend.today(),
            words="The next ticket of the stratum takes its place and waits for an auditor.", save="Withdraw",
        )  # fmt: skip
        self.app.push_screen(modal, lambda values: self._withdraw(row.ref, values))

    def _withdraw(self, ref: str, values: dict[str, str] | None) -> None:
        if values is None:
            return

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.audits.allocation_service import withdraw

            return withdraw(workspace, actor, ref, values["code"], values.get("note", ""))

        self.do(
            work,
            lambda came: self.council.tell(
                f"{came} came in its place; allocate it." if came else "Withdrawn."
            ),
        )


def _said(words: str) -> str:
    return "" if words.strip() else "Say why in a few words."


def _line(row: AuditRow) -> Row:
    from datetime import date

    from qa_audit.tui.text import short_day

    due: str | Cell = short_day(date.fromisoformat(row.due[:10]))
    if row.overdue_days:
        due = Cell(f"! {row.overdue_days} d late", BAD)
    state = STATE_SHORT.get(row.status) or STATUS_WORDS.get(row.status, row.status)
    if row.final_grade is not None:
        state = f"{state}: {row.final_grade.short}"
    return Row(
        row.ref,
        (row.ref, row.case_ref or row.child_key, cohort_words(row.cohort), row.team, row.auditor or "-", due,
         str(row.answered or ""), state),
    )  # fmt: skip
