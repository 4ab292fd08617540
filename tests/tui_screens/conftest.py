"""A small council in a real workspace, copied fresh for every test, and the app driven by keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

SNAPSHOTS = Path(__file__).parent / "snapshots"
NOW = datetime(2026, 11, 19, 10, 42, 7, tzinfo=UTC)
"""A Thursday morning."""
TODAY = NOW.date()


def clock() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No animation, no settings of the person who runs the tests."""
    from textual import constants

    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    for name in ("NO_COLOR", "TEXTUAL_THEME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture(scope="session")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Invented lists of a very small council."""
    from qa_audit.demo.council import generate
    from qa_audit.demo.writing import write

    out = tmp_path_factory.mktemp("lists") / "Annex A.xlsx"
    write(generate("Southampton", scale=0.02, seed=3, as_at=TODAY), out, dialect="ofsted")
    return out


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, lists: Path) -> Path:
    """A workspace with people, a list, one round drawn and allocated, one planned."""
    from qa_audit.access import service as access
    from qa_audit.audits import allocation_service
    from qa_audit.audits.forms_kept import keep_form
    from qa_audit.frame.service import import_frame
    from qa_audit.sampling import service as sampling
    from qa_audit.sampling.records import NewRound
    from qa_audit.store.clock import seeded_ids
    from qa_audit.store.workspace import Workspace

    folder = tmp_path_factory.mktemp("built") / "casework"
    person = access.NewPerson
    with Workspace.create(folder, clock=clock, ids=seeded_ids("screens"), secret="5" * 64) as workspace:
        access.add_first_people(
            workspace,
            [
                person("QA1", "R. Hazel", ("qa_lead", "moderator")),
                person("PM1", "T. Flint", ("auditor", "manager"), team="North", capacity=4),
                person("PM2", "S. Onyx [bold]", ("auditor",), team="South", capacity=4),
                person("MO1", "L. Fern", ("moderator",)),
                person("SA1", "J. Slate", ("system_admin",)),
            ],
        )
        lead = access.load_actor(workspace, "QA1")
        import_frame(
            workspace, lead, [lists], authority="Southampton", as_at=TODAY, status="open", salt="7" * 32
        )
        with workspace.write(lead) as unit:
            kept = keep_form(unit, "full-case-audit")

        def plan(title: str, target: int) -> str:
            new = NewRound(
                title, "monthly", "full-case-audit", "2026-11-02", "2026-11-18", "2026-12-10", target,
                cohorts=("child_in_care", "child_protection", "child_in_need"),
                plan={"strata": ["cohort"], "minimum": 1, "risks": ["second_plan"]},
            )  # fmt: skip
            return sampling.create_round(workspace, lead, new, kept=kept, framework="ilacs-2026")

        ref = plan("November case audits", 4)
        sampling.draw(workspace, lead, ref, "31415926535897932384")
        allocation_service.allocate(workspace, lead, ref)
        plan("December [/nope] audits", 5)
    return folder


@pytest.fixture
def council(built: Path, tmp_path: Path) -> Path:
    """A copy of the workspace for one test."""
    return Path(shutil.copytree(built, tmp_path / "casework"))


Driving = Callable[..., AbstractAsyncContextManager["Driver"]]


class Driver:
    """The app with its pilot: presses keys and waits until every thread has answered."""

    def __init__(self, app, pilot) -> None:
        self.app, self.pilot = app, pilot

    async def settle(self) -> None:
        for _ in range(3):
            await self.pilot.pause()
            await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, words: str) -> None:
        names = {" ": "space", "/": "slash", ".": "full_stop", "-": "minus", ":": "colon", "_": "underscore",
                 ",": "comma", ";": "semicolon"}  # fmt: skip
        for sign in words:
            await self.pilot.press(names.get(sign, sign))
        await self.settle()

    @property
    def text(self) -> str:
        from qa_audit.tui.compat import screen_text

        return screen_text(self.app)

    @property
    def screen(self) -> str:
        return type(self.app.screen).__name__


@pytest.fixture
def drive() -> Driving:
    """`async with drive(folder, "PM1", size=(80, 24)) as app:`"""
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.council_app import CouncilApp

    @asynccontextmanager
    async def start(
        folder: Path, who: str | None = None, size: tuple[int, int] = (100, 30)
    ) -> AsyncIterator[Driver]:
        app = CouncilApp(Backend(folder, who, clock=clock))
        async with app.run_test(size=size, notifications=True) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            yield driver

    return start


@pytest.fixture
def snapshot() -> Callable[[str, str], None]:
    """Compare a screen with its picture; `QA_AUDIT_SNAPSHOTS=update` rewrites the pictures."""

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if os.environ.get("QA_AUDIT_SNAPSHOTS") == "update":
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        assert path.exists(), f"no snapshot {path.name}: run with QA_AUDIT_SNAPSHOTS=update and read it"
        assert text == path.read_text(encoding="utf-8")

    return compare


__all__ = ["NOW", "TODAY", "Driver", "Driving", "date"]
