"""The drawn cases, the replaced ones and the reserves; replacing a case with a coded reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import cohort_words, stratum_words
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.text import MUTED, STRONG, WARN, count, join, lines
from qa_audit.tui.widgets.dialogs import FormModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.sampling.records import DrawnRow
    from qa_audit.store.workspace import Workspace

actions.place("cases", "The cases of a draw")
actions.register(
    Action("cases.replace", "r", "Replace", "Take a case out for a coded reason; the next ticket comes in.", "cases", bar=1),
)  # fmt: skip

REASONS = {
    "case_closed": "The case has closed",
    "transferred": "It moved to another authority or service",
    "conflict": "Nobody without a tie can audit it",
    "record_restricted": "The record is restricted",
    "duplicate": "It is the same child or family as another case",
    "worker_repeat": "Its worker is sampled already",
    "other": "Another reason (write it)",
}
STATES = {"selected": "Drawn", "replaced": "Replaced", "reserve": "Reserve"}


def reason_fields(label: str = "Why") -> list[FieldSpec]:
    """A coded reason and its words."""
    return [
        FieldSpec("code", "choice", label, tuple(Choice(key, words) for key, words in REASONS.items())),
        FieldSpec("note", "line", "In words", optional=True, help="Without names"),
    ]


class CasesScreen(ListScreen):
    """See the module's words."""

    PLACE = "cases"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("cases")
    ABOUT = True
    NOUN = "case"
    EMPTY = "No cases: the round has not been drawn."
    COLUMNS = (
        Column("state", "", 9),
        Column("case", "Case", 13),
        Column("cohort", "Cohort", 22, least=90),
        Column("team", "Team", 0),
        Column("stratum", "Stratum", 0, least=80),
        Column("order", "Ticket", 6, right=True),
        Column("weight", "Weight", 7, right=True, least=100),
    )
    HELP_TEXT = (
        "A case that cannot be audited is replaced by the next ticket of its stratum, so the sample stays a random one. "
        "The reason is coded and printed on the certificate. Once audits exist, withdraw the audit instead."
    )

    def __init__(self, backend: Backend, ref: str) -> None:
        super().__init__(backend)
        self._ref = ref
        self._found: dict[str, DrawnRow] = {}

    def crumbs(self) -> tuple[str, ...]:
        """With the round's reference."""
        return ("Rounds", self._ref, "Cases drawn")

    def load(self) -> None:
        """Every case of the current draw."""

        def work(workspace: Workspace, actor: Actor) -> tuple[DrawnRow, ...]:
            from qa_audit.sampling.service import drawn_cases

            return drawn_cases(workspace, actor, self._ref)

        self.ask(work, self._show)

    def _show(self, found: tuple[DrawnRow, ...]) -> None:
        order = {"selected": 0, "replaced": 1, "reserve": 2}
        ordered = sorted(found, key=lambda one: order.get(one.state, 3))
        self._found = {one.child_key: one for one in ordered}
        tally = {state: sum(one.state == state for one in found) for state in STATES}
        numbers = join(
            (f"{count(tally['selected'], 'case')} drawn", STRONG), f"{tally['replaced']} replaced",
            (f"{tally['reserve']} in reserve", MUTED), gap="   ",
        )  # fmt: skip
        rows = [
            Row(
                one.child_key,
                (Cell(STATES.get(one.state, one.state), {"replaced": WARN, "reserve": MUTED}.get(one.state, "")),
                 one.case_ref or one.child_key, cohort_words(one.cohort), one.team, stratum_words(one.stratum),
                 str(one.order or ""), f"{one.weight:.2f}" if one.weight else ""),
            )
            for one in ordered
        ]  # fmt: skip
        self.fill(numbers, rows)
        self.refresh_keys()

    def about(self, key: str) -> Content | None:
        """How this case came in, and its weight."""
        one = self._found.get(key)
        if one is None:
            return None
        rows = [
            join(
                (f"Case {one.case_ref or one.child_key}  ", STRONG),
                (f"worker {one.worker or 'not recorded'}", MUTED),
            )
        ]
        if one.ticket:
            chance = (
                f"; its chance was {one.inclusion_probability:.1%}"
                if one.inclusion_probability
                else "; chosen by judgement"
            )
            rows.append(
                join(
                    ("Ticket ", MUTED),
                    one.ticket[:24],
                    (f", number {one.order} of its stratum{chance}", MUTED),
                )
            )
        if one.reason:
            rows.append(join(("Note ", MUTED), one.reason))
        return lines(rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only drawn cases can be replaced."""
        if action == "replace":
            one = self._found.get(self.key) if self.is_mounted else None
            return one is not None and one.state == "selected" and self.backend.may("sample.draw")
        return super().check_action(action, parameters)

    def opened(self, key: str) -> None:
        """Enter replaces."""
        if self.check_action("replace", ()):
            self.action_replace()

    def action_replace(self) -> None:
        """R."""
        one = self._found.get(self.key)
        if one is None:
            return
        modal = FormModal(
            f"Replace case {one.case_ref or one.child_key}", reason_fields(), today=self.backend.today(),
            words="The next ticket of its stratum comes in. Both are printed on the certificate.", save="Replace",
        )  # fmt: skip
        self.app.push_screen(modal, lambda values: self._replace(one.child_key, values))

    def _replace(self, child_key: str, values: dict[str, str] | None) -> None:
        if values is None:
            return

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.sampling.service import replace_drawn

            return replace_drawn(
                workspace, actor, self._ref, child_key, values["code"], values.get("note", "")
            )

        self.do(work, self._replaced)

    def _replaced(self, came_in: str) -> None:
        words = (
            "The next ticket came in."
            if came_in
            else "Nobody was left in that stratum, so the sample is one smaller."
        )
        self.council.tell(words)
