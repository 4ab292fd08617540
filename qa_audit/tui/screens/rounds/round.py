"""One round: its plan, what it would draw or has drawn, how far its audits are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.screens.rounds.facts import RoundFacts, reader
from qa_audit.tui.screens.rounds.screen import STATUS
from qa_audit.tui.service_screen import PlaceScreen, refusal_content
from qa_audit.tui.text import MUTED, say
from qa_audit.tui.widgets.dialogs import Ask, Confirm, FormModal
from qa_audit.tui.widgets.fields import FieldSpec
from qa_audit.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.sampling.certificate import Difference
    from qa_audit.sampling.stratified import Draw
    from qa_audit.store.workspace import Workspace

actions.place("round", "One round")
actions.register(
    Action("round.draw", "d", "Draw", "Draw the sample in the open, step by step.", "round", bar=1),
    Action("round.plan", "e", "Change the plan", "Change the sampling plan while it has not been drawn.", "round", bar=2),
    Action("round.newest", "u", "Newest list", "Take the newest list of children for this round.", "round", bar=3),
    Action("round.allocate", "a", "Allocate", "Give the drawn cases to auditors who have no tie to them.", "round", bar=1),
    Action("round.audits", "l", "Audits", "The round's audits: who has them, how far they are.", "round", bar=2),
    Action("round.cases", "c", "Cases", "The drawn cases, the replaced ones and the reserves.", "round", bar=3),
    Action("round.certificate", "k", "Certificate", "Read the certificate of the draw and save it to a file.", "round", bar=4),
    Action("round.verify", "v", "Verify", "Make the draw again from the frozen list and compare.", "round", bar=5),
    Action("round.extend", "m", "Draw more", "Let the next tickets join; what was drawn stays.", "round"),
    Action("round.again", "g", "Draw again", "Draw afresh with another seed and a reason; the first draw stays on record.", "round"),
    Action("round.close", "x", "Close the round", "No more draws or allocations; what was done stays.", "round"),
)  # fmt: skip


class RoundScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "round"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("round")
    BODY_WIDTH = 100
    CSS_PATH = Path(__file__).with_name("rounds.tcss")
    HELP_TEXT = (
        "A round goes from its plan to a draw, to audits given to auditors, to moderation. The draw is made with dice "
        "rolled in the meeting, so anybody can check it. Only the steps that make sense now are offered."
    )

    def __init__(self, backend: Backend, ref: str) -> None:
        super().__init__(backend)
        self._ref = ref
        self._facts: RoundFacts | None = None

    def body(self) -> ComposeResult:
        """One page that scrolls."""
        with VerticalScroll(id="round"):
            yield Prose(say("Reading the round…", MUTED))

    def on_mount(self) -> None:
        """The frame first."""
        self.show_where("Home", "Rounds", self._ref)
        self.query_one("#round").focus()

    def load(self) -> None:
        """The round as it is now."""
        self.ask(reader(self._ref), self._show, failed=self._not_read)

    def _not_read(self, error: QaError) -> None:
        self.query_one(Prose).say(refusal_content(error))

    def _show(self, facts: RoundFacts) -> None:
        from qa_audit.tui.screens.rounds.words import page

        self._facts = facts
        self.show_where(
            "Home", "Rounds", f"{self._ref} {facts.round.title}", right=STATUS.get(facts.round.status, "")
        )
        self.query_one("#round Prose", Prose).say(page(facts))
        self.refresh_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the steps that make sense now, and only for who may take them."""
        needs = {"draw": "sample.draw", "plan": "round.plan", "newest": "round.plan", "allocate": "allocate",
                 "cases": "sample.draw", "certificate": "sample.draw", "verify": "sample.draw", "extend": "sample.draw",
                 "again": "sample.draw", "close": "round.plan", "audits": "round.read"}  # fmt: skip
        if action not in needs:
            return super().check_action(action, parameters)
        facts = self._facts
        if facts is None or not self.backend.may(needs[action]) or facts.round.status == "closed":
            return facts is not None and self.backend.may(needs[action]) and action in ("certificate", "verify", "cases", "audits") and bool(facts.round.drawn)  # fmt: skip
        drawn = bool(facts.round.drawn)
        if action in ("draw", "plan", "newest"):
            return not drawn
        if action == "close":
            return True
        return (
            drawn
            and (action != "audits" or bool(facts.audits))
            and (action != "allocate" or facts.without_audit > 0)
        )

    # -- before the draw ----------------------------------------------------------------------------

    def action_draw(self) -> None:
        """D."""
        from qa_audit.tui.screens.draw.screen import DrawScreen

        if self._facts is not None:
            self.app.push_screen(DrawScreen(self.backend, self._facts))

    def action_plan(self) -> None:
        """E."""
        from qa_audit.tui.screens.rounds.changing import change_form, changed_plan

        facts = self._facts
        if facts is None:
            return

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                plan = changed_plan(facts.round.plan, values)

                def work(workspace: Workspace, actor: Actor) -> None:
                    from qa_audit.sampling.service import change_plan

                    change_plan(workspace, actor, self._ref, plan)

                self.do(work)

        self.app.push_screen(change_form(facts.round, self.backend.today()), written)

    def action_newest(self) -> None:
        """U."""

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.sampling.service import use_frame

            use_frame(workspace, actor, self._ref)

        self.do(work, lambda _: self.council.tell("The round now uses the newest list of children."))

    # -- after the draw -----------------------------------------------------------------------------

    def action_allocate(self) -> None:
        """A."""
        from qa_audit.tui.screens.allocation.screen import AllocationScreen

        if self._facts is not None:
            self.app.push_screen(AllocationScreen(self.backend, self._ref, self._facts.without_audit))

    def action_audits(self) -> None:
        """L."""
        from qa_audit.tui.screens.allocation.audits import RoundAuditsScreen

        self.app.push_screen(RoundAuditsScreen(self.backend, self._ref))

    def action_cases(self) -> None:
        """C."""
        from qa_audit.tui.screens.draw.cases import CasesScreen

        self.app.push_screen(CasesScreen(self.backend, self._ref))

    def action_certificate(self) -> None:
        """K."""
        from qa_audit.tui.screens.draw.certificate import CertificateScreen

        self.app.push_screen(CertificateScreen(self.backend, self._ref))

    def action_verify(self) -> None:
        """V."""

        def work(workspace: Workspace, actor: Actor) -> list[Difference]:
            from qa_audit.sampling.service import verify_draw

            return verify_draw(workspace, actor, self._ref)

        self.ask(work, self._verified, group="verify")

    def _verified(self, differences: list[Difference]) -> None:
        from qa_audit.tui.screens.draw.certificate import verified_modal

        self.app.push_screen(verified_modal(self._ref, differences))

    def action_extend(self) -> None:
        """M."""
        facts = self._facts
        if facts is None:
            return

        def work_of(size: int) -> None:
            def work(workspace: Workspace, actor: Actor) -> Draw:
                from qa_audit.sampling.service import extend_draw

                return extend_draw(workspace, actor, self._ref, size)

            self.do(
                work, lambda made: self.council.tell(f"{len(made.selected)} cases stand in the sample now.")
            )

        modal = Ask(
            "Draw more",
            f"The plan asks for {facts.round.target} cases besides the risk lists. How many shall it be? "
            "The same seed is used: what was drawn stays and the next tickets join.",
            check=lambda typed: "" if typed.strip().isdigit() and int(typed) > 0 else "Write a whole number.",
        )
        self.app.push_screen(modal, lambda typed: work_of(int(typed)) if typed else None)

    def action_again(self) -> None:
        """G."""
        from qa_audit.tui.screens.draw.screen import DrawScreen

        facts = self._facts
        if facts is None:
            return
        modal = FormModal(
            "Draw this round again",
            [FieldSpec("reason", "text", "Why a second draw is needed")],
            today=self.backend.today(),
            words="The first draw and its certificate stay on record beside the second. A second draw could be a choice "
            "in disguise, so its reason is printed on the certificate.",
            save="Go on to the draw",
        )  # fmt: skip

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                self.app.push_screen(DrawScreen(self.backend, facts, values["reason"]))

        self.app.push_screen(modal, written)

    def action_close(self) -> None:
        """X."""
        facts = self._facts
        if facts is None:
            return
        undone = sum(
            one.status in ("planned", "allocated", "in_progress", "returned") for one in facts.audits
        )
        words = "No more draws or allocations; everything that was done stays and can be read and reported."
        if undone:
            words = f"{undone} audits are not handed in yet. " + words

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.sampling.service import close_round

            close_round(workspace, actor, self._ref)

        def answered(yes: bool | None) -> None:
            if yes:
                self.do(work)

        question = Confirm(f"Close {self._ref}?", words, yes="Close the round", no="Keep it open", risky=True)
        self.app.push_screen(question, answered)
