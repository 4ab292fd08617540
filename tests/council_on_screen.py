"""Driving the app on a small council by keyboard: `async with on_screen(world, "MO1", "moderation") as at:`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from qa_audit.tui.backend import Backend
from qa_audit.tui.compat import screen_text
from qa_audit.tui.council_app import CouncilApp


@dataclass
class At:
    """The app as a person sees it."""

    app: CouncilApp
    pilot: Pilot[Any]

    async def settle(self) -> None:
        """Until every service has answered and the screen is drawn."""
        for _ in range(4):
            await self.app.workers.wait_for_complete()
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Keys, one after the other, each with its consequences."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, words: str) -> None:
        """Letters into whatever is being written."""
        for letter in words:
            await self.pilot.press("space" if letter == " " else letter)
        await self.settle()

    @property
    def text(self) -> str:
        """The screen as lines."""
        return screen_text(self.app)

    @property
    def words(self) -> str:
        """The screen's words in one run, whatever was wrapped."""
        return " ".join(self.text.replace("│", " ").split())

    @property
    def screen(self) -> Screen[Any]:
        """The screen on top."""
        return self.app.screen


@asynccontextmanager
async def on_screen(world: Any, who: str, place: str, size: tuple[int, int] = (120, 40)) -> AsyncIterator[At]:
    """The app with somebody acting, at a place."""
    app = CouncilApp(Backend(world.workspace.folder, who, clock=world.clock))
    async with app.run_test(size=size) as pilot:
        at = At(app, pilot)
        await at.settle()
        app.open_place(place)
        await at.settle()
        yield at
