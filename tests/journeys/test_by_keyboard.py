"""A round in the real app with keys alone: lists, plan, dice, allocation, the audit, moderation, the answer, the paper."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

NOW = datetime(2026, 11, 19, 10, 42, 7, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
DICE = "27182 81828 45904 52353"
PEOPLE = (
    ("QA1", "R. Hazel", ("qa_lead",)),
    ("PM1", "T. Flint", ("auditor",)),
    ("MO1", "L. Fern", ("moderator",)),
)
NAMES = {
    " ": "space",
    "/": "slash",
    ".": "full_stop",
    "-": "minus",
    ":": "colon",
    "_": "underscore",
    ",": "comma",
}


class Hands:
    """Presses keys, waits until everything has answered, reads the screen."""

    def __init__(self, app: Any, pilot: Any) -> None:
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
        for sign in words:
            await self.pilot.press(NAMES.get(sign, sign))
        await self.settle()

    @property
    def text(self) -> str:
        from qa_audit.tui.compat import screen_text

        return " ".join(screen_text(self.app).replace("│", " ").split())

    @property
    def screen(self) -> str:
        return type(self.app.screen).__name__


@asynccontextmanager
async def sitting(folder: Path, who: str, size: tuple[int, int] = (110, 40)) -> AsyncIterator[Hands]:
    """One person at the app that `qa-audit` starts."""
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.council_app import CouncilApp

    app = CouncilApp(Backend(folder, who, clock=lambda: NOW))
    async with app.run_test(size=size, notifications=True) as pilot:
        hands = Hands(app, pilot)
        await hands.settle()
        yield hands


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No animation, and nobody's own settings or papers."""
    import shutil

    from textual import constants

    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    exports = tmp_path / "exports"
    shutil.copytree(Path(__file__).parents[2] / "exports", exports, ignore=shutil.ignore_patterns("out"))
    monkeypatch.setenv("QA_AUDIT_EXPORTS", str(exports))
    monkeypatch.setenv("TZ", "UTC")


def make_workspace(folder: Path) -> Path:
    from qa_audit.access import service as access
    from qa_audit.store.workspace import Workspace

    with Workspace.create(folder, clock=lambda: NOW) as workspace:
        access.add_first_people(
            workspace, [access.NewPerson(code, name, roles, capacity=20) for code, name, roles in PEOPLE]
        )
    return folder


async def import_lists(hands: Hands, source: Path, as_at: str) -> None:
    """The wizard: file, council, day, which cases; look first, then bring in."""
    await hands.press("l", "n")
    assert hands.screen == "ImportScreen"
    await hands.type(str(source))
    await hands.press("f2")
    assert "Still to say" in hands.text
    for words in ("Somewhere", as_at):
        if not hasattr(hands.app.screen.focused, "insert"):  # nothing is being written yet
            await hands.press("enter")
        await hands.type(words)
        await hands.press("enter")
    await hands.press("3", "f2")
    await hands.settle()
    assert "Import " in hands.text, hands.text
    await hands.press("f10")
    await hands.settle()
    assert hands.screen == "FrameScreen", hands.text


async def plan_draw_allocate(hands: Hands) -> str:
    """One page for the plan, dice typed twice, the proof, and who audits."""
    await hands.press("escape", "r", "n")
    assert hands.screen == "PlanningScreen", hands.text
    await hands.press("enter")
    await hands.type("Dip sample of visits")
    await hands.press("enter", "3", "down", "down", "down", "1", "ctrl+s")
    assert hands.screen == "RoundScreen", hands.text
    ref = str(hands.app.screen._ref)
    await hands.press("d")
    assert hands.screen == "DrawScreen", hands.text
    await hands.type(DICE)
    await hands.press("enter")
    await hands.type(DICE[:-1] + "4")
    await hands.press("f10")
    assert hands.screen == "DrawScreen"  # a slip of the finger draws nothing
    await hands.press("backspace")
    await hands.type(DICE[-1])
    await hands.press("f10")
    assert hands.screen == "CertificateScreen", hands.text
    await hands.press("v")
    assert "The draw stands" in hands.text
    await hands.press("enter", "a")
    assert hands.screen == "AllocationScreen", hands.text
    await hands.press("f10")
    return ref


WORDS = "Seen in the record of Monday, and it held for the child."


async def fill_the_form(hands: Hands) -> int:
    """F10 names what is open, Enter goes there, keys answer; until F10 asks whether to submit."""
    for closed in range(60):
        await hands.press("f10")
        if hands.screen == "Confirm":
            return closed
        assert hands.screen == "OverviewModal", hands.text
        await hands.press("enter")
        question = hands.app.screen.focused
        each = question._field
        if each.type == "grade":
            await hands.press("2")
        elif each.choices:
            await hands.press("n" if question.item == "SG1" else "1")
        else:
            await hands.press("enter")
            await hands.type("20/12/2026" if each.type == "date" else "3" if each.type == "number" else WORDS)
            await hands.press("escape")
        if closed == 2:
            await wrong_turns(hands)
    raise AssertionError(hands.text)


async def wrong_turns(hands: Hands) -> None:
    """A small terminal, Ctrl+C, out by Esc and in again: nothing is lost."""
    said = dict(hands.app.screen.answers)
    await hands.pilot.resize_terminal(80, 24)
    await hands.settle()
    await hands.press("ctrl+c")
    for _ in range(3):
        if hands.screen != "MyFormScreen":
            await hands.press("escape")
    if hands.screen == "MyFormScreen":
        await hands.press("escape")
    assert hands.screen == "WorkScreen", hands.text
    await hands.press("enter")
    assert hands.screen == "MyFormScreen", hands.text
    assert dict(hands.app.screen.answers) == said
    await hands.pilot.resize_terminal(110, 40)
    await hands.settle()


async def moderate(hands: Hands) -> None:
    """Blind grades by digits, the lock, agreement, the audit of the audit, the decision."""
    await hands.press("m" if hands.screen == "HomeScreen" else "escape")
    if "moderation" not in type(hands.app.screen).__module__:
        hands.app.open_place("moderation")
        await hands.settle()
    await hands.press("enter")
    assert hands.screen == "BlindScreen", hands.text
    assert WORDS[:20] not in hands.text
    for _ in range(40):
        if not hands.app.screen._missing():
            break
        await hands.press("3", "ctrl+g")
    await hands.press("f10", "enter")
    assert hands.screen == "DecideScreen", hands.text
    await hands.press("A", "end", "m")
    assert "Why Requires improvement to be good?" in hands.text, hands.text
    await hands.press("1", "down", "enter")
    await hands.type("Risk was there")
    await hands.press("escape", "ctrl+s", "ctrl+n")
    for _ in range(40):
        left = hands.app.screen._check_left()
        if not left:
            break
        for question in hands.app.screen.query("Question"):
            if question.item == left[0][0]:
                question.focus()
        await hands.press("2" if left[0][0] == "MA12" else "1")
    await hands.press("f10")
    assert "Decide this moderation?" in hands.text, hands.text
    await hands.press("enter", "enter")


async def a_round_by_keyboard(tmp_path: Path, source: Path, as_at: str) -> None:
    folder = make_workspace(tmp_path / "casework")
    async with sitting(folder, "QA1") as lead:
        await import_lists(lead, source, as_at)
        ref = await plan_draw_allocate(lead)
    async with sitting(folder, "PM1") as auditor:
        await auditor.press("w", "enter")
        assert auditor.screen == "MyFormScreen", auditor.text
        audit = auditor.app.screen.audit_ref
        assert await fill_the_form(auditor) > 4
        await auditor.press("enter")
        assert auditor.screen == "WorkScreen", auditor.text
    async with sitting(folder, "MO1") as moderator:
        await moderate(moderator)
    async with sitting(folder, "PM1") as auditor:
        from qa_audit.tui.screens.moderation.sheet import SheetScreen

        auditor.app.push_screen(SheetScreen(auditor.app.backend, audit))
        await auditor.settle()
        assert "Your answer is awaited" in auditor.text, auditor.text
        await auditor.press("a", "enter")
        assert "Your answer is kept" in auditor.text
    async with sitting(folder, "QA1", (130, 40)) as lead:
        lead.app.open_place("results")
        await lead.settle()
        await lead.press("f6")
        await lead.press("enter")
        for _ in range(40):
            if list((tmp_path / "exports").rglob("*.xlsx")):
                break
            await lead.pilot.pause(0.25)
        await lead.settle()
    check(tmp_path, folder, ref, audit)


def check(tmp_path: Path, folder: Path, ref: str, audit: str) -> None:
    """What the keys did is in the workspace and in the paper."""
    from python_calamine import CalamineWorkbook

    from qa_audit.access.service import load_actor
    from qa_audit.audits.service import list_audits
    from qa_audit.sampling.service import verify_draw
    from qa_audit.store.workspace import Workspace

    with Workspace(folder, clock=lambda: NOW) as workspace:
        lead = load_actor(workspace, "QA1")
        assert verify_draw(workspace, lead, ref) == []
        states = {one.ref: one.status for one in list_audits(workspace, lead, round_ref=ref)}
    assert states[audit] == "final"
    (paper,) = (tmp_path / "exports").rglob("*.xlsx")
    book = CalamineWorkbook.from_path(str(paper), load_tables=True)
    evidence = book.get_table_by_name("Evidence").to_python()
    for words in (WORDS, "Risk was there"):
        assert any(words in str(cell) for row in evidence for cell in row)


async def test_a_generated_council(tmp_path: Path) -> None:
    from qa_audit.demo.council import generate
    from qa_audit.demo.writing import write

    source = tmp_path / "lists.xlsx"
    write(generate("Southampton", scale=0.02, seed=3, as_at=NOW.date()), source, dialect="liia")
    await a_round_by_keyboard(tmp_path, source, "19/11/2026")


@pytest.mark.parametrize(
    ("source", "as_at"),
    [("ssda903-d2i-single-la", "31/03/2019"), ("cin-d2i/fake_CIN_data.xml", "21/07/2022")],
    ids=["ssda903", "cin census"],
)
async def test_other_lists_to_the_draw(tmp_path: Path, source: str, as_at: str) -> None:
    """The children in care return and the census: from the wizard to who audits."""
    if not (SHARED / source).exists():
        pytest.skip("../shared is not here")
    folder = make_workspace(tmp_path / "casework")
    async with sitting(folder, "QA1") as lead:
        await import_lists(lead, SHARED / source, as_at)
        await plan_draw_allocate(lead)
