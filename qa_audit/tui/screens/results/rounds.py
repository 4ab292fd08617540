"""A place that shows one round at a time: reads its facts, and lets the person choose another."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.widgets.sql_list import SqlList

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.reports.facts import RoundFacts
    from qa_audit.sampling.records import RoundRow
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend


class RoundScreen(PlaceScreen[None]):
    """Subclasses implement `arrived(facts)`; `facts` is None while there is no round."""

    BODY_WIDTH = 150
    PLACE_TITLE: ClassVar[str] = ""

    def __init__(self, backend: Backend, round_ref: str = "") -> None:
        super().__init__(backend)
        self.round_ref = round_ref
        self.rounds: tuple[RoundRow, ...] = ()
        self.facts: RoundFacts | None = None

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where(self.PLACE_TITLE, right="reading…")
        self.query_one(SqlList).focus()

    def load(self) -> None:
        """The round as it is now."""
        wanted = self.round_ref

        def work(workspace: Workspace, actor: Actor) -> tuple[tuple[RoundRow, ...], RoundFacts | None]:
            from qa_audit.reports import service as reports
            from qa_audit.sampling import service as sampling

            rounds = sampling.rounds(workspace, actor)
            ref = wanted or latest(rounds, workspace.now()[:10])
            return rounds, reports.round_facts(workspace, actor, ref) if ref else None

        self.ask(work, self._got)

    def _got(self, found: tuple[tuple[RoundRow, ...], RoundFacts | None]) -> None:
        self.rounds, self.facts = found
        if self.facts is not None:
            self.round_ref = self.facts.ref
        else:
            self.show_where(self.PLACE_TITLE, right="no round")
        self.arrived(self.facts)

    def arrived(self, facts: RoundFacts | None) -> None:
        """Show it; override."""

    def action_choose_round(self) -> None:
        """r."""
        from qa_audit.tui.widgets.dialogs import PickModal
        from qa_audit.tui.widgets.fields import Choice, FieldSpec

        choices = tuple(Choice(one.ref, f"{one.ref}  {one.title}") for one in self.rounds)

        def picked(ref: str | None) -> None:
            if ref and ref != self.round_ref:
                self.round_ref = ref
                self.load()

        if choices:
            self.app.push_screen(
                PickModal(FieldSpec("round", "choice", "Which round", choices), self.round_ref), picked
            )


def latest(rounds: tuple[RoundRow, ...], today: str) -> str:
    """The newest round that has begun; else the newest; "" when there is none."""
    begun = [one for one in rounds if one.starts <= today]
    return (begun or list(rounds))[0].ref if rounds else ""
