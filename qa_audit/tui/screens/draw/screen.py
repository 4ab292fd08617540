"""The draw, step by step, as it is done in a meeting: list frozen, plan shown, dice rolled, drawn, proved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.screens.draw.seed import DICE_SIDES, ENOUGH, digits, grouped, seed_problem
from qa_audit.tui.screens.rounds.facts import RoundFacts
from qa_audit.tui.service_screen import PlaceScreen, refusal_content
from qa_audit.tui.text import ACCENT, OK, STRONG, WARN, count, join, lines, say
from qa_audit.tui.widgets.action_line import ActionLine
from qa_audit.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.sampling.records import Preview
    from qa_audit.sampling.stratified import Draw
    from qa_audit.store.workspace import Workspace

actions.place("draw", "The draw")
actions.register(
    Action("draw.draw_now", "f10", "Draw", "Draw with the digits typed, once both lines agree.", "draw", bar=1, priority=True),
)  # fmt: skip

STEPS = ("The list is frozen", "The plan", "The dice", "The draw", "The certificate")


class DrawScreen(PlaceScreen[None]):
    """See the module's words. `reason` is given for a second draw."""

    PLACE = "draw"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("draw")
    BODY_WIDTH = 92
    CSS_PATH = Path(__file__).with_name("draw.tcss")
    HELP_TEXT = (
        "The list and the plan stand before the dice are rolled, so nobody can choose the children. From the digits and "
        "each child's pseudonym a ticket is worked out; the lowest tickets are drawn. Anybody with the list and the "
        "certificate can make the same draw again and check it."
    )

    def __init__(self, backend: Backend, facts: RoundFacts, reason: str = "") -> None:
        super().__init__(backend)
        self._round = facts.round
        self._reason = reason
        self._drawn = False

    def body(self) -> ComposeResult:
        """The steps, one under the other."""
        with VerticalScroll(id="draw", can_focus=False):
            yield Prose(id="before")
            yield Prose(self._dice_words(), id="dice")
            yield Input(placeholder="The digits as they were rolled", id="first")
            yield Input(placeholder="The same digits again, read out by somebody else", id="second")
            yield Static(markup=False, id="check")
            yield ActionLine("draw", "Draw now", "F10", id="now")

    def _dice_words(self) -> Content:
        return lines(
            [
                join(("3  ", ACCENT), (STEPS[2], STRONG)),
                say(f"   Roll {DICE_SIDES}, where everybody sees them."),
                say(f"   At least {ENOUGH} digits, typed twice so that a slip changes nothing."),
            ]
        )

    def on_mount(self) -> None:
        """Show the plan first."""
        self.show_where("Home", "Rounds", f"{self._round.ref} {self._round.title}", "Draw")
        self.query_one("#now").display = False
        self.query_one("#first").focus()

    def load(self) -> None:
        """What will be drawn from."""
        ref = self._round.ref
        if not self._drawn:

            def work(workspace: Workspace, actor: Actor) -> Preview:
                from qa_audit.sampling.service import preview

                return preview(workspace, actor, ref)

            self.ask(work, self._show, failed=self._cannot)

    def _cannot(self, error: QaError) -> None:
        self.query_one("#before", Prose).say(refusal_content(error))
        for name in ("#dice", "#first", "#second", "#check"):
            self.query_one(name).display = False

    def _show(self, preview: Preview) -> None:
        from qa_audit.tui.screens.rounds.words import plan_words

        rows = []
        if self._reason:
            rows += [join(("Drawn again because: ", WARN), self._reason), Content("")]
        rows += [
            join(("1  ", ACCENT), (STEPS[0], STRONG)),
            say(
                f"   {preview.frame}, as at {preview.as_at}: {preview.children:,} children of this round's cohorts,"
            ),
            say(f"   {preview.eligible:,} of them can be drawn. The list cannot change any more."),
            Content(""),
            join(("2  ", ACCENT), (STEPS[1], STRONG)),
            join("   ", plan_words(self._round)),
            say(
                f"   {count(preview.to_draw, 'case')} will be drawn from {count(len(preview.strata), 'stratum', 'strata')}:"
            ),
        ]
        rows += [
            join("   ", (f"{one.allocated:>4}", STRONG), f" of {one.population:<6,} ", one.title)
            for one in preview.strata
            if one.population
        ]
        self.query_one("#before", Prose).say(lines([*rows, Content("")]))

    # -- the dice -----------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self) -> None:
        words, good = self._state()
        self.query_one("#check", Static).update(say(f"   {words}", OK if good else WARN))
        self.query_one("#now").display = good
        self.refresh_keys()
        self.call_after_refresh(self._in_sight)

    def _in_sight(self) -> None:
        """What the digits amount to stays visible on a small screen."""
        self.query_one("#draw").scroll_end(animate=False)

    def _state(self) -> tuple[str, bool]:
        first, second = (self.query_one(name, Input).value for name in ("#first", "#second"))
        if problem := seed_problem(first):
            return problem, False
        if not second:
            return f"{len(digits(first))} digits: {grouped(digits(first))}. Now once more below.", False
        if digits(first) != digits(second):
            at = next(
                (i for i, (a, b) in enumerate(zip(digits(first), digits(second), strict=False)) if a != b),
                min(len(digits(first)), len(digits(second))),
            )
            return f"The two lines differ from digit {at + 1} on.", False
        return f"Both lines agree: {grouped(digits(first))}", True

    @on(Input.Submitted, "#first")
    def _first_done(self) -> None:
        self.query_one("#second").focus()

    @on(Input.Submitted, "#second")
    def _second_done(self) -> None:
        if self._state()[1]:
            self.query_one("#now").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Draw only when the digits stand, and once."""
        if action == "draw_now":
            return (
                self.is_mounted
                and not self._drawn
                and not self.busy
                and bool(self.query("#first"))
                and self._state()[1]
            )
        return super().check_action(action, parameters)

    def on_action_line_pressed(self) -> None:
        """The line under the dice."""
        self.action_draw_now()

    def action_draw_now(self) -> None:
        """F10."""
        if self._drawn or not self._state()[1]:
            return
        seed, ref, reason = digits(self.query_one("#first", Input).value), self._round.ref, self._reason

        def work(workspace: Workspace, actor: Actor) -> Draw:
            from qa_audit.sampling.service import draw

            return draw(workspace, actor, ref, seed, reason=reason)

        self.do(work, self._made, group="draw")

    def _made(self, made: Draw) -> None:
        """Drawn: on to the certificate, which takes this screen's place."""
        from qa_audit.tui.screens.draw.certificate import CertificateScreen

        self._drawn = True
        self.app.notify(f"{count(len(made.selected), 'case')} drawn.", markup=False, timeout=6)
        for words in made.warnings:
            self.app.notify(words, markup=False, severity="warning", timeout=12)
        self.app.switch_screen(CertificateScreen(self.backend, self._round.ref, fresh=True))
