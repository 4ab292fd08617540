"""Everything a round's page shows, read in one go in a thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qa_audit.errors import QaError
from qa_audit.tui.service_screen import screen_words

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.audits.records import AuditRow
    from qa_audit.sampling.records import DrawnRow, Preview, RoundRow
    from qa_audit.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """One round as its page shows it."""

    round: RoundRow
    preview: Preview | None = None
    """What the plan would draw; None when it has been drawn, or cannot be worked out."""
    no_preview: str = ""
    """Why there is no preview."""
    cases: tuple[DrawnRow, ...] = ()
    audits: tuple[AuditRow, ...] = field(default=())

    @property
    def selected(self) -> tuple[DrawnRow, ...]:
        """The cases that stand in the sample."""
        return tuple(one for one in self.cases if one.state == "selected")

    @property
    def without_audit(self) -> int:
        """Drawn cases that have no audit yet, and audits that nobody has."""
        waiting = sum(one.status == "planned" for one in self.audits)
        return max(0, len(self.selected) - sum(one.status != "withdrawn" for one in self.audits)) + waiting


def reader(ref: str) -> Callable[[Workspace, Actor], RoundFacts]:
    """The work that reads a round's page."""

    def read(workspace: Workspace, actor: Actor) -> RoundFacts:
        from qa_audit.audits.service import list_audits
        from qa_audit.sampling.service import drawn_cases, preview, round_of

        row = round_of(workspace, actor, ref)
        if row.drawn:
            cases = drawn_cases(workspace, actor, ref) if actor.may("sample.draw") else ()
            return RoundFacts(row, cases=cases, audits=list_audits(workspace, actor, round_ref=ref))
        if not actor.may("sample.draw"):
            return RoundFacts(row, no_preview="The round has not been drawn yet.")
        try:
            return RoundFacts(row, preview(workspace, actor, ref))
        except QaError as refusal:
            # the place is a name inside the plan here: the other parts say it all
            parts = (refusal.what, refusal.why, screen_words(refusal.next_step))
            return RoundFacts(row, no_preview=" ".join(one.rstrip(".") + "." for one in parts if one))

    return read
