"""Moderation by keyboard: blind, locked, compared, decided; and nothing of the auditor's before the lock."""

from __future__ import annotations

from council_on_screen import At, on_screen
from council_world import ACTION as COUNCIL_ACTION

from qa_audit.audits import service as audits
from qa_audit.grades import Grade
from qa_audit.moderation import deciding, service
from qa_audit.tui.screens.moderation.blind import BlindScreen
from qa_audit.tui.screens.moderation.decide import DecideScreen
from qa_audit.tui.screens.moderation.panel import PanelScreen
from qa_audit.tui.screens.moderation.sheet import SheetScreen

RATIONALE, BETTER, ACTION, OVERALL_WHY = "CANARYWHY", "CANARYBETTER", "CANARYACTION", "CANARYOVERALL"
LONGER = "the record of several weeks shows what this has meant for the child and for the family"
EVIDENCE = "Seen in the record of the visit on Monday"


def planted(form) -> dict[tuple[str, str], str]:
    found = {
        ("OV", "rationale"): f"{OVERALL_WHY} {LONGER}",
        ("OV", "credible_because"): f"{OVERALL_WHY} {LONGER}",
    }
    found |= {("AC1#1", part): value for part, value in COUNCIL_ACTION.items()} | {("AC1#1", "what"): ACTION}
    found["AC1#1", "section"] = form.graded[0].code
    for code in [section.code for section in form.graded]:
        found |= {(code, "rationale"): f"{RATIONALE} {LONGER}", (code, "better"): f"{BETTER} {LONGER}"}
    return found


def a_moderation(world, grade: Grade = Grade.GOOD) -> tuple[str, str]:
    """A submitted audit with canaries in it, and its moderator's code."""
    ref, auditor = world.one()
    form = audits.open_audit(world.workspace, auditor, ref).form
    moderator = world.submitted(ref, auditor, grade, planted(form))
    assert moderator is not None
    return ref, moderator.code


async def grade_all(at: At, digit: str) -> None:
    assert isinstance(at.screen, BlindScreen)
    for _ in range(40):
        if not at.screen._missing():
            return
        await at.press(digit, "ctrl+g")
    raise AssertionError("some section never took a grade")


async def judge_audit(at: At) -> None:
    """Every question on the audit: yes, and Good for its quality."""
    for _ in range(40):
        left = at.screen._check_left()
        if not left:
            return
        for question in at.screen.query("Question"):
            if question.item == left[0][0]:
                question.focus()
        await at.press("2" if left[0][0] == "MA12" else "1")
    raise AssertionError("a question on the audit never took an answer")


async def test_a_whole_moderation_by_keyboard(world):
    ref, moderator = a_moderation(world, Grade.GOOD)
    async with on_screen(world, moderator, "moderation") as at:
        assert ref in at.words
        assert "To grade" in at.words
        await at.press("enter")
        assert "Blind: the auditor's grades are hidden until yours are locked." in at.words
        await at.press("f10")
        assert "Not locked yet" in at.words
        await at.press("escape")
        await grade_all(at, "3")
        await at.press("f10", "enter")
        assert isinstance(at.screen, DecideScreen)
        assert "one step more generous" in at.words
        assert RATIONALE in at.words
        # agree with all but the whole case: nothing else may differ for a one-step change
        await at.press("A", "end", "m")
        assert "Why Requires improvement to be good?" in at.words
        await at.press("1", "down", "enter")
        await at.type("Risk was there")
        await at.press("escape", "ctrl+s")
        await at.press("ctrl+n")
        await judge_audit(at)
        await at.press("f10")
        assert "Decide this moderation?" in at.words
        assert "five working days" in at.words
        await at.press("enter")
        assert "accepts or disputes it by" in at.words
        await at.press("enter")
        assert "Nothing waits" in at.words
    sheet = deciding.feedback_sheet(world.workspace, world[moderator], ref)
    overall = next(one for one in sheet.comparison if one.section == "OV")
    assert (overall.auditor, overall.moderated) == (Grade.GOOD, Grade.REQUIRES_IMPROVEMENT)
    assert overall.reason == "Risk was there"
    assert sheet.audit_quality is Grade.GOOD


async def test_nothing_of_the_auditors_judgement_is_there_while_blind(world):
    ref, moderator = a_moderation(world, Grade.INADEQUATE)
    view = service.open_moderation(world.workspace, world[moderator], ref)
    record = repr(view)
    assert "CANARY" not in record
    for canary in (RATIONALE, BETTER, ACTION, OVERALL_WHY, "See the child alone"):
        assert canary not in record
    assert not [key for key in view.answers if key[1] == "grade"]
    assert view.comparison == ()
    assert view.reasons == ()
    seen = []
    async with on_screen(world, moderator, "moderation", (160, 50)) as at:
        seen.append(at.text)
        await at.press("enter")
        screen = at.screen
        assert isinstance(screen, BlindScreen)
        for code in screen._codes():
            screen._show_section(code)
            await at.settle()
            for _ in range(6):
                seen.append(at.text)
                await at.press("pagedown")
        await at.press("f2")
        seen.append(at.text)
        await at.press("f3")
        seen.append(at.text)
    everything = "\n".join(seen)
    assert EVIDENCE[:20] in everything  # it does show the evidence
    for canary in ("CANARY", "See the child alone", "Every Inadequate", "ceiling"):
        assert canary not in everything


async def test_grades_survive_the_screen(world):
    ref, moderator = a_moderation(world)
    async with on_screen(world, moderator, "moderation") as at:
        await at.press("enter", "2", "enter")
        await at.type("Half a thought")
        await at.press("escape", "escape")
    own = service.open_moderation(world.workspace, world[moderator], ref).own
    assert "good" in own.values()
    assert "Half a thought" in own.values()


async def test_a_large_move_goes_to_a_panel_that_neither_of_the_two_decides(world):
    ref, auditor = world.one()
    moderator = world.submitted(ref, auditor, Grade.GOOD)
    world.locked(ref, moderator, Grade.INADEQUATE)
    world.decided(ref, moderator, {"OV": Grade.INADEQUATE})
    async with on_screen(world, "HS1", "moderation") as at:
        assert "to decide" in at.words
        await at.press("enter")
        assert isinstance(at.screen, PanelScreen)
        assert "Two steps" in at.words or "two steps" in at.words
        await at.press("f10")
        assert "Reasons" not in at.words  # no decision without the panel's own grade
        await at.press("end", "3", "f10")
        await at.press("enter")
        await at.type("The history weighs most")
        await at.press("escape", "down")
        await at.type("HS1, SM2")
        await at.press("enter", "ctrl+s")
        assert "Requires improvement to be good: the audit is final" in at.words
    assert world.status(ref) == "final"


async def test_the_auditor_answers_the_feedback(world):
    ref, auditor = world.one()
    moderator = world.submitted(ref, auditor, Grade.GOOD)
    world.locked(ref, moderator, Grade.REQUIRES_IMPROVEMENT)
    world.decided(ref, moderator, {"OV": Grade.REQUIRES_IMPROVEMENT})
    async with on_screen(world, auditor.code, "work") as at:
        at.app.push_screen(SheetScreen(at.app.backend, ref))
        await at.settle()
        assert "Your answer is awaited" in at.words
        await at.press("a", "enter")
        assert "Your answer is kept" in at.words
    assert world.status(ref) == "final"


async def test_the_lead_allocates_and_never_sees_a_grade_of_what_is_blind(world):
    ref, moderator = a_moderation(world, Grade.INADEQUATE)
    async with on_screen(world, "QA1", "moderation", (140, 40)) as at:
        await at.press("2")
        assert ref in at.words
        assert "Inadequate" not in at.words
        await at.press("n")
        assert f"Who moderates {ref}" in at.words
        other = "MO2" if moderator == "MO1" else "MO1"
        await at.type(other)
        await at.press("enter")
        assert other in at.words
    rows = service.queue(world.workspace, world.lead, everyone=True)
    assert [row.moderator for row in rows] == [other]
    assert all(row.reasons is None and row.auditor_grade is None for row in rows)


async def test_returned_with_a_reason(world):
    ref, moderator = a_moderation(world)
    async with on_screen(world, moderator, "moderation") as at:
        await at.press("enter", "f8", "enter")
        await at.type("No plan was found")
        await at.press("escape", "ctrl+s")
        assert "Nothing waits" in at.words
    assert world.status(ref) == "returned"


async def test_pictures(world, picture):
    ref, moderator = a_moderation(world)
    for width, height in ((80, 24), (120, 40)):
        async with on_screen(world, moderator, "moderation", (width, height)) as at:
            picture(f"queue-{width}", at.text)
            await at.press("enter")
            picture(f"blind-{width}", at.text)
    world.locked(ref, world[moderator], Grade.REQUIRES_IMPROVEMENT)
    for width, height in ((80, 24), (120, 40)):
        async with on_screen(world, moderator, "moderation", (width, height)) as at:
            await at.press("enter")
            picture(f"decide-{width}", at.text)
            await at.press("ctrl+n")
            picture(f"audit-of-audit-{width}", at.text)
