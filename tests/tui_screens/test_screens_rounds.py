"""The QA unit's way by keyboard: import lists, plan a round, draw it with dice, prove it, allocate, mend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa_audit.access.service import load_actor
from qa_audit.audits.service import list_audits
from qa_audit.frame.service import frames
from qa_audit.sampling.service import drawn_cases, rounds, verify_draw
from qa_audit.store.workspace import Workspace
from qa_audit.tui.screens.draw.seed import digits, grouped, seed_problem

DICE = "27182 81828 45904 52353"


async def test_a_planned_round_is_drawn_proved_and_allocated_by_keyboard(
    drive, council: Path, tmp_path: Path
) -> None:
    async with drive(council, "QA1", size=(100, 40)) as app:
        await app.press("r")
        assert "December [/nope] audits" in app.text
        await app.press("down", "enter")
        if "has been drawn" not in app.text and "What this plan would draw" not in app.text:
            await app.press("escape", "up", "enter")
        assert "What this plan would draw" in app.text
        assert "Second or subsequent child protection plan" in app.text
        ref = app.app.screen._ref
        await app.press("d")
        assert app.screen == "DrawScreen"
        await app.type("123")
        assert "3 digits so far" in app.text
        await app.press(*["backspace"] * 3)
        await app.type(DICE)
        await app.press("enter")
        await app.type(DICE[:-1] + "4")
        assert "differ from digit 20" in app.text
        await app.press("f10")
        assert app.screen == "DrawScreen"
        await app.press("backspace")
        await app.type(DICE[-1])
        assert "Both lines agree" in app.text
        await app.press("f10")
        assert app.screen == "CertificateScreen"
        await app.press("v")
        assert "The draw stands" in app.text
        await app.press("enter", "w")
        app.app.screen.query_one("Input").value = str(tmp_path / "proof" / "draw.json")
        await app.press("enter")
        await app.press("a")
        assert app.screen == "AllocationScreen"
        assert "PM1" in app.text
        await app.press("f10")
        assert "Every drawn case has an auditor" in app.text or "could not be given" in app.text
        await app.press("l")
        assert app.screen == "RoundAuditsScreen"
    figures = json.loads((tmp_path / "proof" / "draw.json").read_text(encoding="utf-8"))
    assert figures["seed"] == digits(DICE)
    assert (tmp_path / "proof" / "draw.txt").is_file()
    with Workspace(council) as workspace:
        lead = load_actor(workspace, "QA1")
        assert verify_draw(workspace, lead, ref) == []
        assert list_audits(workspace, lead, round_ref=ref)


async def test_a_round_is_planned_on_one_page(drive, council: Path) -> None:
    async with drive(council, "QA1", size=(100, 40)) as app:
        await app.press("r", "n")
        assert app.screen == "PlanningScreen"
        await app.press("ctrl+s")
        assert "Still to say: its title, which form." in app.text
        await app.press("enter")
        await app.type("Dip sample of visits")
        await app.press("enter", "3", "down", "down", "down", "1", "ctrl+s")
        assert app.screen == "RoundScreen", app.text
        assert "What this plan would draw" in app.text
    with Workspace(council) as workspace:
        made = next(
            one
            for one in rounds(workspace, load_actor(workspace, "QA1"))
            if one.title == "Dip sample of visits"
        )
    assert made.kind == "dip_sample"
    assert made.plan["not_audited_months"] == 12
    assert made.moderation["share"] == 0.2
    assert made.blind
    assert made.framework == "ilacs-2023" or made.framework.startswith("ilacs")


async def test_a_plan_is_changed_with_a_rate_for_a_risk_list(drive, council: Path) -> None:
    async with drive(council, "QA1", size=(100, 40)) as app:
        await app.press("r", "down", "enter")
        if not app.app.screen.check_action("plan", ()):
            await app.press("escape", "up", "enter")
        ref = app.app.screen._ref
        await app.press("e", "enter", "backspace")
        await app.type("7")
        await app.press("enter", "ctrl+s")
        assert app.screen == "RoundScreen"
        assert "7 cases" in app.text
    with Workspace(council) as workspace:
        made = next(one for one in rounds(workspace, load_actor(workspace, "QA1")) if one.ref == ref)
    assert made.plan["size"] == 7
    assert [one["key"] for one in made.plan["risks"]] == ["second_plan"]


async def test_a_drawn_case_is_replaced_and_an_audit_moved_and_withdrawn(drive, council: Path) -> None:
    with Workspace(council) as workspace:
        lead = load_actor(workspace, "QA1")
        ref = next(one.ref for one in rounds(workspace, lead) if one.drawn)
        before = {one.ref: one for one in list_audits(workspace, lead, round_ref=ref)}
    async with drive(council, "QA1", size=(110, 34)) as app:
        await app.press("r", "down", "enter")
        if not app.app.screen.check_action("audits", ()):
            await app.press("escape", "up", "enter")
        await app.press("l")
        moved = app.app.screen.key
        await app.press("r", "enter")
        await app.type("On leave until May")
        await app.press("enter")
        gone = app.app.screen.key
        await app.press("e")
        await app.type("Court asked us to wait")
        await app.press("enter")
        assert app.screen == "RoundAuditsScreen"
        assert "Exempted" in app.text
    with Workspace(council) as workspace:
        lead = load_actor(workspace, "QA1")
        after = {one.ref: one for one in list_audits(workspace, lead, round_ref=ref)}
        assert after[moved].auditor != before[moved].auditor
        assert after[gone].status == "exempted"
        assert any(one.state == "selected" for one in drawn_cases(workspace, lead, ref))


async def test_an_auditor_sees_rounds_and_may_not_draw(drive, council: Path) -> None:
    async with drive(council, "PM1") as app:
        await app.press("r", "n")
        assert app.screen == "RoundsScreen"
        await app.press("enter", "d")
        assert app.screen == "RoundScreen"
        assert "d Draw" not in app.text


async def test_lists_are_checked_first_and_then_imported(drive, council: Path, lists: Path) -> None:
    async with drive(council, "QA1", size=(100, 40)) as app:
        await app.press("l", "n")
        assert app.screen == "ImportScreen"
        await app.type(str(lists.parent) + "/ann")
        await app.press("tab")
        path = app.app.screen.query_one("#paths").value
        assert path.casefold() == str(lists).casefold()
        app.app.screen.query_one("#paths").value = str(lists)
        await app.press("f2")
        assert "Still to say" in app.text
        await app.press("enter")
        await app.type("19/11/2026")
        await app.press("enter", "3", "f2")
        await app.settle()
        assert "children from" in app.text
        assert "Import " in app.text
        with Workspace(council) as workspace:
            assert len(frames(workspace, load_actor(workspace, "QA1"))) == 1
        await app.press("f10")
        await app.settle()
        assert app.screen == "FrameScreen", app.text
    with Workspace(council) as workspace:
        held = {one.status_choice: one.children for one in frames(workspace, load_actor(workspace, "QA1"))}
    assert held["both"] > held["open"]


async def test_a_file_that_is_not_there_is_said_in_words(drive, council: Path, tmp_path: Path) -> None:
    async with drive(council, "QA1", size=(100, 40)) as app:
        await app.press("l", "n")
        app.app.screen.query_one("#paths").value = str(tmp_path / "missing.xlsx")
        await app.press("enter", "down", "enter")
        await app.type("today")
        await app.press("enter", "1", "f2")
        await app.settle()
        assert app.screen == "ImportScreen"
        assert "missing.xlsx" in app.text
        await app.press("f10")
        assert app.screen == "ImportScreen"


async def test_children_are_found_by_case_number_and_cohort(drive, council: Path) -> None:
    async with drive(council, "QA1") as app:
        await app.press("l", "enter")
        assert app.screen == "ChildrenScreen"
        first = app.app.screen.key
        await app.press("slash")
        await app.type("zzz")
        assert "Nothing with 'zzz'" in app.text
        await app.press("escape")
        await app.press("enter")
        assert app.screen == "Read"
        assert first in app.text
        await app.press("enter", "c", "enter")
        assert "only " in app.text


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "Roll the dice"),
        ("12a45", "Only digits"),
        ("1234", "4 digits so far"),
        ("1" * 24, "same digit"),
        ("٣" * 24, "Only digits"),
        ("31415 92653 58979 32384", ""),
    ],
)
def test_the_dice_are_checked_in_words(typed: str, part: str) -> None:
    problem = seed_problem(typed)
    assert problem.find(part) >= 0
    assert bool(problem) == bool(part)


def test_digits_are_read_out_in_fives() -> None:
    assert grouped(digits("31415-92653 58")) == "31415 92653 58"
