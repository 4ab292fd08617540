"""Calibration by keyboard: opened, graded blind, submitted, revealed, read; and nothing of it too early."""

from __future__ import annotations

import pytest
from council_on_screen import At, on_screen

from qa_audit.grades import Grade
from qa_audit.library.calibration_cases import load_case
from qa_audit.moderation import calibration_grading as grading
from qa_audit.moderation import calibration_service as calibration
from qa_audit.moderation.calibration import Graded, Reference, exercise_figures
from qa_audit.tui.screens.calibration.exercise import ExerciseScreen
from qa_audit.tui.screens.calibration.pictures import dots, lean_picture, spread_line
from qa_audit.tui.screens.calibration.results import FeedbackScreen, ResultsScreen
from qa_audit.tui.screens.calibration.take import TakeScreen

CASE = "child-in-need-neglect"
CANARY = "CANARYREASON"
WHO = ("AU1", "AU2", "AU3", "MO1", "MO2")


def opened(world, who=WHO, cases=(CASE,)) -> str:
    return calibration.add_exercise(world.workspace, world.lead, "Autumn calibration", cases, who)


def graded(world, code: str, ref: str, step: int = 0, case_id: str = CASE) -> None:
    values = {}
    for one in load_case(case_id).reference.grades:
        values[one.section, "grade"] = Grade(min(4, max(1, one.value + step))).key
        values[one.section, "rationale"] = f"{CANARY} {code}"
    grading.save_grades(world.workspace, world[code], ref, case_id, values)
    grading.submit(world.workspace, world[code], ref, case_id)


async def grade_all(at: At, digit: str) -> None:
    assert isinstance(at.screen, TakeScreen)
    for _ in range(20):
        if not [code for code, words in at.screen._missing() if "no grade" in words]:
            return
        await at.press(digit, "ctrl+g")
    raise AssertionError("some section never took a grade")


async def test_a_case_is_graded_by_keyboard(world):
    ref = opened(world, ("AU1", "AU2"))
    async with on_screen(world, "AU1", "calibration") as at:
        assert "1 case for you to grade" in at.words
        await at.press("enter")
        assert isinstance(at.screen, ExerciseScreen)
        assert "Blind until the QA lead reveals it" in at.words
        assert "AU2" not in at.words
        await at.press("enter")
        assert isinstance(at.screen, TakeScreen)
        assert "Referral from health visitor" in at.words
        await at.press("f10")
        assert "Not submitted yet" in at.words
        await at.press("escape", "f2")
        assert "What each grade looks like here" in at.words
        await at.press("escape")
        await grade_all(at, "3")
        await at.press("f10")
        assert "why this grade" in at.words
        await at.press("enter", "enter")
        await at.type("No plan to speak of")
        await at.press("escape", "f10")
        assert "Submit this case?" in at.words
        assert "Requires improvement to be good" in at.words
        await at.press("enter")
        assert isinstance(at.screen, ExerciseScreen)
        assert "submitted" in at.words
        await at.press("enter")
        assert "your grades stay as you gave them" in at.words
        await at.press("1")
    own = grading.open_case(world.workspace, world["AU1"], ref, CASE).own
    assert {value for (_, part), value in own.items() if part == "grade"} == {"ri"}
    assert own["OV", "rationale"] == "No plan to speak of"


async def test_nothing_of_others_or_the_reference_on_screen_while_blind(world):
    ref = opened(world)
    graded(world, "AU2", ref, -1)
    whys = [one.why[:24] for one in load_case(CASE).reference.grades]
    seen = []
    for who in ("AU1", "QA1"):
        async with on_screen(world, who, "calibration", (170, 60)) as at:
            seen.append(at.text)
            await at.press("enter")
            seen.append(at.text)
            await at.press("r", "f", "enter")
            seen.append(at.text)
            if who == "AU1":
                screen = at.screen
                assert isinstance(screen, TakeScreen)
                for code in load_case(CASE).sections:
                    screen._show_section(code)
                    await at.settle()
                    seen.append(at.text)
                    await at.press("pagedown")
    everything = "\n".join(seen)
    assert "Girl of six" in everything
    assert CANARY not in everything
    assert not any(why in everything for why in whys)


async def test_grades_survive_the_screen(world):
    ref = opened(world, ("AU1",))
    async with on_screen(world, "AU1", "calibration") as at:
        await at.press("enter", "enter", "2", "enter")
        await at.type("Half a thought")
        await at.press("escape", "escape")
    own = grading.open_case(world.workspace, world["AU1"], ref, CASE).own
    assert sorted(own.values()) == ["Half a thought", "good"]


async def test_the_lead_reveals_and_reads(world):
    ref = opened(world)
    for code, step in zip(WHO[:4], (-1, 0, 0, 1), strict=True):
        graded(world, code, ref, step)
    async with on_screen(world, "QA1", "calibration", (150, 60)) as at:
        await at.press("enter")
        assert "0 of 1 submitted" in at.words  # MO2
        await at.press("v")
        assert "MO2" in at.words
        await at.press("escape")
        assert calibration.show(world.workspace, world.lead, ref).row.state == "open"
        await at.press("v", "right", "enter")
        assert calibration.show(world.workspace, world.lead, ref).row.state == "revealed"
        await at.press("r")
        assert isinstance(at.screen, ResultsScreen)
        assert "Submitted nothing: MO2" in at.words
        assert "[●●]" in at.text
        assert "T. Flint" not in at.words
        await at.press("f", "enter")
        assert isinstance(at.screen, FeedbackScreen)
        assert "Feedback for AU1" in at.words


async def test_an_auditor_reads_their_feedback(world):
    ref = opened(world)
    for code, step in zip(WHO, (-1, 0, 0, 0, 1), strict=True):
        graded(world, code, ref, step)
    calibration.reveal(world.workspace, world.lead, ref)
    async with on_screen(world, "AU1", "calibration", (150, 70)) as at:
        await at.press("enter", "enter")
        assert isinstance(at.screen, FeedbackScreen)
        assert "you were more generous in 6 and harsher in 0" in at.words
        assert "one step more generous" in at.words
        assert "[●●●]" in at.text
        assert "◆" in at.text
        assert "CANARYREASON AU1" in at.words
        assert "CANARYREASON AU2" not in at.words
        assert "Panel, Requires improvement to be good" in at.words


async def test_the_lead_opens_an_exercise_by_keyboard(world):
    async with on_screen(world, "QA1", "calibration") as at:
        assert "No calibration exercise yet" in at.words
        await at.press("n", "enter")
        await at.type("Winter")
        await at.press("enter", "1", "3", "down", "1", "2", "ctrl+s")
        assert "Winter" in at.words
        await at.press("t")
        assert "No exercise has been revealed yet" in at.words
    row = calibration.exercises(world.workspace, world.lead)[0]
    assert (row.title, row.cases, row.invited) == ("Winter", 2, 2)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 50)])
async def test_it_fits(world, size):
    opened(world, ("AU1",))
    async with on_screen(world, "AU1", "calibration", size) as at:
        await at.press("enter", "enter")
        assert "Chronology" in at.words
        assert "Outstanding" in at.words
        assert all(len(line) <= size[0] for line in at.text.splitlines())


async def test_only_those_who_may_are_offered_the_place(world):
    async with on_screen(world, "DS1", "home") as at:
        assert "Calibration" not in at.words
    async with on_screen(world, "AU1", "home") as at:
        assert "Calibration" in at.words


def test_dots_say_what_they_show():
    assert dots(3, 9) == " ●●●     "
    assert dots(3, 9, reference=True) == "[●●●]    "
    assert dots(0, 9) == " ·       "
    assert dots(0, 9, reference=True) == "[ ]      "
    assert dots(2, 9, own=True) == " ◆●      "
    assert dots(14, 9) == " ●×14    "
    assert dots(1, 9, own=True, reference=True) == "[◆]      "


def test_the_line_of_leaning_has_its_middle_and_its_ends():
    drawn = lean_picture(0.5, (0.1, 0.9))
    assert len(drawn) == 21
    assert drawn[10] == "│"
    assert drawn.index("●") > 10
    assert drawn.strip().endswith("─")
    assert lean_picture(9.0, (8.0, 9.9))[-1] == "●"


def test_a_spread_of_two_steps_is_said():
    references = {("x", "PL"): Reference(Grade.GOOD)}
    grades = [Graded("x", "PL", "A", Grade.GOOD), Graded("x", "PL", "B", Grade.INADEQUATE)]
    line = spread_line("PL Plans", exercise_figures(grades, references).spots[0], 140)[0].plain
    assert "[●]" in line
    assert "1 of 2 the same" in line
    assert "two steps apart" in line
