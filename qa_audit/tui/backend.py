"""What the screens stand on: the open workspace and the person acting in it.

The app makes one `Backend` before anything is opened and hands it to every screen. `open` runs in a
thread: it is where the database is first imported. Screens reach services through
`PlaceScreen.ask` and `PlaceScreen.do`, never directly.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_audit.errors import BadInput, Code
from qa_audit.store.clock import Clock, system_clock

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.access.service import PersonRecord
    from qa_audit.store.workspace import Workspace


class Backend:
    """See the module's words. `place` is a folder or a postgresql:// URL."""

    def __init__(self, place: Path | str, acting: str | None = None, *, clock: Clock = system_clock) -> None:
        self.place = place
        self.acting = acting
        self._clock = clock
        self._workspace: Workspace | None = None
        self._actor: Actor | None = None
        self.can_change_person = False
        """Acting as somebody else is for the demo and for a workspace of one owner, never for a service's own."""

    # -- time -------------------------------------------------------------------------------------

    def clock(self) -> datetime:
        """The present moment, in local time."""
        return self._clock().astimezone()

    def today(self) -> date:
        """The workspace's day, as services count due dates."""
        return self._clock().date()

    # -- what is open -----------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """A workspace is open and somebody acts in it."""
        return self._workspace is not None and self._actor is not None

    @property
    def workspace(self) -> Workspace:
        """The open workspace."""
        if self._workspace is None:
            raise BadInput(
                Code.NO_WORKSPACE, "No workspace is open", next_step="Open one from the start screen"
            )
        return self._workspace

    @property
    def actor(self) -> Actor:
        """Who acts."""
        if self._actor is None:
            raise BadInput(
                Code.NOT_FOUND, "You have not said who you are", next_step="Choose yourself from the list"
            )
        return self._actor

    def may(self, action: str) -> bool:
        """Whether to offer something; the service decides."""
        return self._actor is not None and self._actor.may(action)

    def open(self) -> tuple[PersonRecord, ...]:
        """Open the workspace and find out who acts. Blocking.

        Returns () when that is clear, else the active people to choose from. Raises QaError (NO_WORKSPACE
        when there is none).
        """
        from qa_audit.access.service import OWNER_CODE, load_actor, people
        from qa_audit.access.settings import council_settings
        from qa_audit.store.workspace import Workspace
        from qa_audit.tui import cohorts

        self.close()
        workspace = Workspace(self.place, clock=self._clock)
        try:
            everyone = tuple(person for person in people(workspace) if person.active)
            owner = any(person.code == OWNER_CODE for person in everyone)
            self.can_change_person = owner or workspace.setting("demo", False) is True
            cohorts.use(council_settings(workspace))
            if self.acting or owner or len(everyone) == 1:
                self._actor = load_actor(workspace, self.acting)
                everyone = ()
        except BaseException:
            workspace.close()
            raise
        self._workspace = workspace
        return everyone

    def create(self, display: str = "Me") -> None:
        """Make a workspace for one person at `place`, and open it. Blocking."""
        from qa_audit.access.service import add_owner
        from qa_audit.store.workspace import Workspace

        self.close()
        workspace = Workspace.create(self.place, clock=self._clock)
        self._actor = add_owner(workspace, display)
        self._workspace = workspace
        self.can_change_person = True

    def act_as(self, ref: str) -> None:
        """Act as another person of the workspace. Blocking."""
        from qa_audit.access.service import load_actor

        self._actor = load_actor(self.workspace, ref)

    def renew_actor(self) -> None:
        """Read the acting person again, after their roles or conflicts changed. Blocking."""
        self.act_as(self.actor.person_id)

    def everybody(self) -> tuple[PersonRecord, ...]:
        """Every active person, for choosing whom to act as. Blocking."""
        from qa_audit.access.service import people

        return tuple(person for person in people(self.workspace) if person.active)

    def setting(self, key: str, default: Any = None) -> Any:
        """One setting of the council. Blocking."""
        return self.workspace.setting(key, default)

    def call(self, work: Callable[[Workspace, Actor], Any]) -> Any:
        """Run a service with the workspace and the person. Blocking: in a thread only."""
        return work(self.workspace, self.actor)

    def close(self) -> None:
        """Give the workspace back. Safe to call twice."""
        workspace, self._workspace, self._actor = self._workspace, None, None
        if workspace is not None:
            workspace.close()
