"""Where a person can go: one table from which home, the palette and the keys are made.

To plug a place in, add one `Destination` to `DESTINATIONS` (or call `register` before the app starts):

* `key` is the name used in code: `app.open_place("moderation")` goes there from any screen.
* `letter` is the key that opens it on the home screen; it must not be taken.
* `needs` is the policy action without which the place is not offered ("" = offered to everybody); any of
  several when they are given as a tuple. The services ask the policy again, whatever is offered here.
* `factory` names a callable as "package.module:Name". It is imported when the place is first opened and
  called with the `Backend` alone; it returns a `QaScreen`, usually a `PlaceScreen`
  (`qa_audit.tui.service_screen`), whose `ask` and `do` run services in threads.
* A place whose module is not installed is not offered.

A place that opens another screen of its own pushes it with `self.app.push_screen(...)`; one that leads to
another place calls `self.app.open_place(key)`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from qa_audit.tui import actions
from qa_audit.tui.actions import Action

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.base import QaScreen


@dataclass(frozen=True, slots=True)
class Destination:
    """One place."""

    key: str
    title: str
    letter: str
    needs: tuple[str, ...]
    """Policy actions, one of which is enough; empty = everybody."""
    factory: str
    help: str
    """One sentence for the palette, the help page and the documentation."""

    def offered(self, actor: Actor) -> bool:
        """Whether this person is offered the place."""
        return (not self.needs or any(actor.may(action) for action in self.needs)) and self.installed

    @property
    def installed(self) -> bool:
        """Whether its module is there."""
        module = self.factory.partition(":")[0]
        try:
            return importlib.util.find_spec(module) is not None
        except ModuleNotFoundError:
            return False

    def make(self, backend: Backend) -> QaScreen[Any]:
        """The place itself; its module is imported now."""
        module, _, name = self.factory.partition(":")
        factory: Callable[[Any], Any] = getattr(importlib.import_module(module), name)
        return cast("QaScreen[Any]", factory(backend))


_SCREENS = "qa_audit.tui.screens"

DESTINATIONS: dict[str, Destination] = {}
"""By key, in the order in which home shows them: the order of the audit cycle."""


def register(*new: Destination) -> None:
    """Add places. A key or a letter that is taken is a mistake and is refused."""
    for one in new:
        for other in DESTINATIONS.values():
            if one != other and (one.key == other.key or one.letter == other.letter):
                raise ValueError(f"{one.key} and {other.key} want the same key or letter")
        DESTINATIONS[one.key] = one
        go = f"go('{one.key}')"
        actions.register(
            Action(f"go.{one.key}", "", f"Go to {one.title[:1].lower()}{one.title[1:]}", one.help, method=go),
            Action(f"home.{one.key}", one.letter, one.title, one.help, "home", method=go, palette=False),
        )


actions.place("home", "Home")
register(
    Destination("work", "My audits", "w", ("audit.work",), f"{_SCREENS}.work.screen:WorkScreen",
                "Fill in your audits, see what became of them."),
    Destination("frame", "Lists of children", "l", ("frame.read", "frame.import"), f"{_SCREENS}.frame.screen:FrameScreen",
                "The council's lists; bring in new ones."),
    Destination("rounds", "Rounds of audits", "r", ("round.read",), f"{_SCREENS}.rounds.screen:RoundsScreen",
                "Plan, draw, allocate and follow a round."),
    Destination("moderation", "Moderation", "m", ("moderation.work", "panel.decide"),
                f"{_SCREENS}.moderation.screen:ModerationScreen",
                "Grade blind, compare, decide; panels."),
    Destination("calibration", "Calibration", "c", ("calibration.take", "calibration.manage"),
                f"{_SCREENS}.calibration.screen:CalibrationScreen",
                "The same cases graded blind by everybody."),
    Destination("alerts", "Safeguarding alerts", "s", ("alert.read",), f"{_SCREENS}.alerts.screen:AlertsScreen",
                "Children who may be at risk; what was done."),
    Destination("actions", "Actions", "a", ("action.read",), f"{_SCREENS}.actions.screen:ActionsScreen",
                "What audits asked to change; done, verified."),
    Destination("themes", "Themes", "h", ("theme.code", "report.read"), f"{_SCREENS}.themes.screen:ThemesScreen",
                "Strengths and gaps, coded from one list."),
    Destination("dashboard", "Dashboard", "d", ("report.read",), f"{_SCREENS}.dashboard.screen:DashboardScreen",
                "Grades, agreement, drift and timeliness."),
    Destination("results", "Results and papers", "x", ("report.read",), f"{_SCREENS}.results.screen:ResultsScreen",
                "The moderation summary and other papers."),
    Destination("forms", "Audit forms", "f", (), f"{_SCREENS}.forms.screen:FormsScreen",
                "Every form: standards, guidance, grade words."),
    Destination("people", "People and roles", "p", ("people.read",), f"{_SCREENS}.people.screen:PeopleScreen",
                "Who works here and what each may do."),
    Destination("trail", "Trail of changes", "t", ("trail.read",), f"{_SCREENS}.trail.screen:TrailScreen",
                "Who changed what, when and why."),
    Destination("settings", "Settings", "e", (), f"{_SCREENS}.settings.screen:SettingsScreen",
                "Colours, spacing, the council's own words."),
)  # fmt: skip
