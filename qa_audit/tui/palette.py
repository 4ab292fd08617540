"""The command palette's only provider: the registry of actions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from qa_audit.tui.actions import Action

if TYPE_CHECKING:
    from qa_audit.tui.app import QaApp


class RegistryCommands(Provider):
    """Everything that can be done on the screen beneath, by its label and its help."""

    @property
    def _qa_app(self) -> QaApp:
        return cast("QaApp", self.app)

    def _offered(self) -> tuple[Action, ...]:
        return tuple(action for action in self._qa_app.visible_actions(self.screen) if action.palette)

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for action in self._offered():
            yield DiscoveryHit(Content(_name(action)), partial(self._run, action), action.label, action.help)

    async def search(self, query: str) -> Hits:
        """Those whose label or help matches."""
        matcher = self.matcher(query)
        for action in self._offered():
            name = _name(action)
            score = max(matcher.match(name), 0.6 * matcher.match(action.help))
            if score > 0:
                yield Hit(
                    score, matcher.highlight(name), partial(self._run, action), action.label, action.help
                )

    async def _run(self, action: Action) -> None:
        await self._qa_app.run_registered(action)


def _name(action: Action) -> str:
    return f"{action.label}  ({action.shown_key})" if action.key else action.label
