"""A form of 60 questions: our one-widget-per-question form against RadioSet + TextArea for every question.

Both are measured in one run, so the ratios hold on any machine. Prints CPU milliseconds (best of three).

    python -m benchmarks form
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Footer, Header, Label, RadioButton, RadioSet, TextArea

from benchmarks.claim import Claim
from qa_audit.library.case import CaseContext
from qa_audit.library.forms import Form, Item, Section
from qa_audit.tui.app import QaApp
from qa_audit.tui.screens.form.screen import AuditFormScreen
from qa_audit.tui.screens.form.source import AuditView

SECTIONS, EACH = 6, 10
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 42, tzinfo=UTC)
CHOICES = ("Yes", "Partly", "No", "Not applicable")


class Source:
    """A form of 60 items, kept nowhere."""

    def load(self) -> AuditView:
        sections = tuple(
            Section(
                code=f"S{s}", version="1.0.0", title=f"Section {s}", area="plans",
                items=tuple(
                    Item(id=f"S{s}Q{q}", text=f"Question {q} of section {s} is met for this child", guidance="Look for it.")
                    for q in range(1, EACH + 1)
                ),
            )
            for s in range(1, SECTIONS + 1)
        )  # fmt: skip
        form = Form(id="bench", version="1.0.0", kind="tool", title="Bench", form_hash="0", sections=sections)
        return AuditView("A", form, CaseContext(as_at=TODAY), ("Bench",))

    def save(self, item: str, part: str, value: str) -> datetime:
        return NOW

    def remember(self, section: str, item: str) -> None:
        pass

    def ceiling(self, answers):
        return self

    grade, reasons, notes = None, ("Nothing graded",), ()

    def gaps(self, answers):
        return ()


class Clock:
    def clock(self) -> datetime:
        return NOW


def ours() -> Screen:
    """Our form."""
    return AuditFormScreen(Source(), today=TODAY)


class Usual(Screen[None]):
    """What one builds first: every question mounted, with its help, its choices and its comment."""

    DEFAULT_CSS = "Usual TextArea { height: 4; } Usual Vertical { height: auto; }"

    def compose(self) -> ComposeResult:
        yield Header()
        with VerticalScroll():
            for number in range(SECTIONS * EACH):
                with Vertical():
                    yield Label(f"{number}. Question {number} is met for this child")
                    yield Label("Look for it.")
                    yield RadioSet(*(RadioButton(words) for words in CHOICES))
                    yield TextArea()
        yield Footer()


async def cpu(act: Callable[[], Awaitable[object]]) -> float:
    began = time.process_time()
    await act()
    return 1000 * (time.process_time() - began)


async def once(make: Callable[[], Screen]) -> dict[str, float]:
    """Step -> CPU milliseconds, in an app that is already running."""
    found: dict[str, float] = {}
    app = QaApp(Clock())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = make()
        gc.collect()  # what earlier runs left behind belongs to neither

        async def show() -> None:
            await app.push_screen(screen)
            while not screen.query("Question, RadioSet"):
                await pilot.pause(0)
            await pilot.pause()

        found["first layout"] = await cpu(show)
        found["widgets"] = len(list(screen.walk_children()))
        await pilot.press("tab")
        found["Tab"] = min([await cpu(lambda: pilot.press("tab")) for _ in range(6)])
        if isinstance(screen, AuditFormScreen):
            found["answer"] = min([await cpu(lambda: pilot.press("1")) for _ in range(3)])
            found["next section"] = min([await cpu(lambda: pilot.press("ctrl+n")) for _ in range(3)])
    return found


def best(make: Callable[[], Screen], times: int) -> dict[str, float]:
    """The least of some runs."""
    runs = [asyncio.run(once(make)) for _ in range(times)]
    return {step: min(run[step] for run in runs) for step in runs[0]}


def claims(full: bool = False) -> list[Claim]:
    """The form on screen, and the keys of a working day; milliseconds of CPU in an app that is running."""
    asyncio.run(once(ours))  # imports and caches
    runs = [(best(ours, 2), best(Usual, 1)) for _ in range(3 if full else 2)]
    mine, usual = ({step: min(run[side][step] for run in runs) for step in runs[0][side]} for side in (0, 1))
    against = "RadioSet + TextArea for each"
    return [
        Claim(
            "form of 60 items on screen",
            mine["first layout"],
            against=against,
            other=usual["first layout"],
            at_most=1 / 20,
        ),
        Claim("Tab to the next item", mine["Tab"], against=against, other=usual["Tab"], at_most=1 / 10),
        Claim("a key that answers", mine["answer"]),
        Claim("the next section", mine["next section"]),
    ]


def main() -> None:
    """Both in one run."""
    asyncio.run(once(ours))  # imports and caches
    mine, usual = best(ours, 3), best(Usual, 1)
    print("60 questions, 120x40; CPU milliseconds in a running app")
    print(f"  {'':<14}{'usual':>10}{'ours':>10}{'ratio':>8}")
    for step in ("widgets", "first layout", "Tab"):
        print(f"  {step:<14}{usual[step]:>10.1f}{mine[step]:>10.1f}{usual[step] / mine[step]:>7.1f}x")
    for step in ("answer", "next section"):
        print(f"  {step:<14}{'':>10}{mine[step]:>10.1f}")


if __name__ == "__main__":
    main()
