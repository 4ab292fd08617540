"""The audit form, by keyboard only."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest
from tui.form_source import FormApp, MemoryAudit

from qa_audit.tui.compat import screen_text
from qa_audit.tui.screens.form.overview import OverviewModal
from qa_audit.tui.screens.form.screen import AuditFormScreen
from qa_audit.tui.statusbar import StatusBar
from qa_audit.tui.widgets.dialogs import Confirm, FormModal
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.side_pane import CeilingBar, SidePane

BUDGET = 40
"""Mounted widgets on the screen, whatever the section."""


@asynccontextmanager
async def opened(source: MemoryAudit, services, size=(120, 40)):
    app = FormApp(source, services)
    async with app.run_test(size=size, notifications=True) as pilot:
        await app.workers.wait_for_complete()
        await until(pilot, lambda: bool(app.screen.query(Question)))
        await pilot.pause()
        yield app, pilot


async def until(pilot, holds: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)
        await pilot.pause(0)


async def keys(pilot, *pressed: str) -> None:
    for key in pressed:
        await pilot.press(key)


def here(app: FormApp) -> str:
    focused = app.screen.focused
    return focused.item if isinstance(focused, Question) else type(focused).__name__


async def test_a_digit_answers_and_is_stored_at_once(services) -> None:
    source = MemoryAudit(position=("PL", "PL1"))
    async with opened(source, services) as (app, pilot):
        assert here(app) == "PL1"
        await keys(pilot, "1")
        await until(pilot, lambda: source.stored.get(("PL1", "answer")) == "yes")
        await keys(pilot, "p")
        await until(pilot, lambda: source.stored.get(("PL1", "answer")) == "partly")
        await until(pilot, lambda: app.screen.query_one(StatusBar).saved.state == "saved")
        assert "saved 10:42:07" in screen_text(app)


async def test_opening_a_form_saves_nothing(services) -> None:
    source = MemoryAudit(answers={("AS1", "answer"): "yes"})
    async with opened(source, services) as (_, pilot):
        await keys(pilot, "tab", "tab", "shift+tab", "ctrl+n", "ctrl+b", "f2", "f2")
        await pilot.pause(0.05)
        assert source.calls == []


async def test_evidence_is_written_in_place_and_saved_while_typing(services) -> None:
    source = MemoryAudit(position=("PL", "PL2"))
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "3", "enter", *"Not seen", "escape")
        assert here(app) == "PL2"
        await until(pilot, lambda: source.stored.get(("PL2", "evidence")) == "Not seen")
        assert "Not seen" in screen_text(app)
        await keys(pilot, "enter", *" yet")
        await until(pilot, lambda: source.stored.get(("PL2", "evidence")) == "Not seen yet")


async def test_leaving_a_section_in_the_middle_of_a_word_loses_nothing(services) -> None:
    source = MemoryAudit(position=("PL", "PL2"))
    async with opened(source, services) as (_, pilot):
        await keys(pilot, "1", "enter", *"half a wor", "ctrl+n")
        await until(pilot, lambda: source.stored.get(("PL2", "evidence")) == "half a wor")


async def test_a_hang_up_in_the_middle_of_a_word_loses_nothing(services) -> None:
    source = MemoryAudit(position=("PL", "PL2"))
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "1", "enter", *"so far")
        app.end_now()
        assert source.stored["PL2", "evidence"] == "so far"


async def test_dates_are_read_kindly_and_refused_in_words(services) -> None:
    source = MemoryAudit(position=("PL", "PL11"))
    async with opened(source, services) as (app, pilot):
        question = app.screen.page.question("PL11")
        question.reach("date")
        await keys(pilot, "3", "space", "n", "o", "v", "enter")
        await until(pilot, lambda: source.stored.get(("PL11", "date")) == "2026-11-03")
        assert "3 November 2026" in screen_text(app)
        question.reach("date")
        await keys(pilot, *"31feb", "enter")
        await pilot.pause()
        assert "NOT SAVED" in screen_text(app)
        assert source.stored["PL11", "date"] == "2026-11-03"


async def test_what_the_case_list_offers_is_taken_only_when_confirmed(services) -> None:
    source = MemoryAudit(position=("PL", "PL1"))
    async with opened(source, services) as (app, pilot):
        assert "12 October 2026  from the case list" in screen_text(app)
        await keys(pilot, "down")
        assert source.calls == []
        await keys(pilot, "space")
        await until(pilot, lambda: source.stored.get(("PL1", "date")) == "2026-10-12")
        assert "as in the case list" in screen_text(app)


async def test_reopens_where_it_was_left(services) -> None:
    source = MemoryAudit()
    async with opened(source, services) as (_, pilot):
        await keys(pilot, "ctrl+n", "tab", "tab")
    assert source.position == ("PL", "PL3")
    async with opened(source, services) as (app, _):
        assert here(app) == "PL3"


async def test_next_open_question_and_round_to_the_start(services) -> None:
    source = MemoryAudit(position=("AS", "AS1"))
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "1", "ctrl+g")
        await until(pilot, lambda: here(app) == "AS2")
        source2 = app.screen.answers
        assert source2["AS1", "answer"] == "yes"


async def test_a_failed_save_is_told_kept_and_tried_again(services) -> None:
    source = MemoryAudit(position=("PL", "PL1"))
    source.fail = 1
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "1")
        await until(pilot, lambda: "NOT SAVED: the file is locked" in screen_text(app))
        await keys(pilot, "ctrl+s")
        await until(pilot, lambda: source.stored.get(("PL1", "answer")) == "yes")
        await until(pilot, lambda: "NOT SAVED" not in screen_text(app))


async def test_leaving_with_something_unsaved_asks(services, monkeypatch) -> None:
    monkeypatch.setattr("qa_audit.tui.screens.form.screen.LEAVING", 0.1)
    source = MemoryAudit(position=("PL", "PL1"))
    source.fail = 10_000
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "1", "escape")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        assert app.screen.focused.id == "no"
        source.fail = 0
        await keys(pilot, "enter")
        assert isinstance(app.screen, AuditFormScreen)


async def test_submit_lists_every_gap_and_jumps(services, snapshot) -> None:
    source = MemoryAudit()
    async with opened(source, services, (100, 30)) as (app, pilot):
        await keys(pilot, "f10")
        assert isinstance(app.screen, OverviewModal)
        snapshot("form_gaps_100x30", screen_text(app))
        await keys(pilot, "down", "down", "enter")
        await until(pilot, lambda: isinstance(app.screen, AuditFormScreen))
        await until(pilot, lambda: here(app) == "CF")
        assert "! missing" in screen_text(app)
        assert not source.submitted


async def test_a_complete_form_is_submitted(services, monkeypatch) -> None:
    source = MemoryAudit()
    monkeypatch.setattr(source, "gaps", lambda answers: ())
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "f10")
        assert isinstance(app.screen, Confirm)
        await keys(pilot, "enter")
        await until(pilot, lambda: source.submitted)


async def test_conditions_show_and_hide_questions_as_answers_change(services) -> None:
    source = MemoryAudit(position=("CV", "CV1"))
    async with opened(source, services) as (app, pilot):
        page = app.screen.page
        assert page.question("CV3") is None
        await keys(pilot, "1")
        await until(pilot, lambda: page.question("CV3") is not None)
        order = [question.item for question in page.questions()]
        assert order == sorted(order)
        await keys(pilot, "2")
        await until(pilot, lambda: page.question("CV3") is None and page.question("CV6") is not None)
        assert here(app) == "CV1"


async def test_add_another(services) -> None:
    source = MemoryAudit(position=("AC", "AC1#1"))
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "R", "escape", "tab", "enter")
        await until(pilot, lambda: here(app) == "AC1#2")
        await keys(pilot, "S", "escape")
        await until(pilot, lambda: source.stored.get(("AC1#2", "what")) == "S")


async def test_descriptors_good_first_and_previous_audit(services) -> None:
    source = MemoryAudit(position=("PL", "PL1"))
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "f2")
        text = screen_text(app)
        assert "What each grade looks like" in text
        pane = app.screen.query_one(SidePane)
        words = str(pane.query_one("Static").content)
        assert words.index("Good") < words.index("Outstanding") < words.index("Inadequate")
        await keys(pilot, "f3")
        assert "Full case audit, March 2026" in screen_text(app)
        await keys(pilot, "escape")
        assert not pane.showing
        assert isinstance(app.screen, AuditFormScreen)


async def test_the_ceiling_follows_the_grades(services) -> None:
    source = MemoryAudit(position=("VC", "VC"))
    async with opened(source, services) as (app, pilot):
        for code in ("AS", "PL", "VI", "EQ"):
            app.screen._keeping.answer(code, "grade", "good", final=True)
        await keys(pilot, "i")
        bar = app.screen.query_one(CeilingBar)
        await until(pilot, lambda: "Requires improvement to be good, because Voice" in bar.words)
        assert source.stored["VC", "grade"] == "inadequate"


async def test_a_critical_no_offers_the_alert_and_f9_sends_it(services) -> None:
    source = MemoryAudit()
    critical = next((s.code, i) for s in source.form.sections for i in s.items if i.critical and i.asks_yes)
    source.position = (critical[0], critical[1].id)
    async with opened(source, services) as (app, pilot):
        app.screen.page.question(critical[1].id).reach(critical[1].asks_yes.part)
        await keys(pilot, "n")
        await until(pilot, lambda: "critical standard" in screen_text(app))
        await keys(pilot, "f9")
        await until(pilot, lambda: isinstance(app.screen, FormModal))
        await keys(pilot, *"at risk", "escape", "ctrl+s")
        await until(pilot, lambda: source.alerts == [(critical[1].id, "at risk")])


async def test_read_only_shows_and_changes_nothing(services) -> None:
    source = MemoryAudit(answers={("PL1", "answer"): "no"}, position=("PL", "PL1"), read_only=True)
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "1", "enter", "x", "delete", "f10")
        await pilot.pause(0.05)
        assert source.calls == []
        assert source.stored == {("PL1", "answer"): "no"}
        assert "read only" in screen_text(app)


async def test_every_section_stays_within_the_budget_of_widgets(services) -> None:
    source = MemoryAudit()
    async with opened(source, services, (80, 24)) as (app, pilot):
        for section in source.form.sections:
            await pilot.pause()
            mounted = len(list(app.screen.walk_children()))
            assert mounted <= BUDGET, (section.code, mounted)
            await keys(pilot, "ctrl+n")


async def test_a_fault_while_opening_is_told_in_words(services) -> None:
    class Broken(MemoryAudit):
        def load(self):
            raise RuntimeError("the child's name")

    app = FormApp(Broken(), services)
    async with app.run_test(size=(100, 30)) as pilot:
        await app.workers.wait_for_complete()
        await until(pilot, lambda: "could not be opened" in screen_text(app))
        assert "child's name" not in screen_text(app)


@pytest.mark.parametrize("payload", ["A[/nope]", "[@click=app.quit]x[/]", "\x1b[2Jx", "a\u202eb", "see [b"])
async def test_answers_are_shown_literally_and_harmlessly(services, payload: str) -> None:
    source = MemoryAudit(
        answers={
            ("PL2", "evidence"): payload, ("PL", "rationale"): payload, ("FB1#1", "words"): payload,
            ("FB1#1", "obtained"): "yes", ("ST1#1", "theme"): payload, ("PL1", "date"): payload,
            ("PL14", "scale"): payload, ("CV6", "reason"): json.dumps([payload]),
        },
        position=("PL", "PL2"),
    )  # fmt: skip
    async with opened(source, services) as (app, pilot):
        drawn = screen_text(app)
        assert "\x1b" not in drawn
        assert "\u202e" not in drawn
        if "\x1b" not in payload and "\u202e" not in payload:
            assert payload in drawn
        for _ in range(14):
            await keys(pilot, "ctrl+n")
        await keys(pilot, "f4", "escape")


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
async def test_pictures(services, snapshot, width: int, height: int) -> None:
    source = MemoryAudit(
        answers={
            ("PL1", "answer"): "yes",
            ("PL2", "answer"): "no",
            ("PL2", "evidence"): "No outcome for the drinking.",
        },
        position=("PL", "PL2"),
    )
    async with opened(source, services, (width, height)) as (app, pilot):
        snapshot(f"form_{width}x{height}", screen_text(app))
        await keys(pilot, "f2")
        await pilot.pause()
        snapshot(f"form_grades_{width}x{height}", screen_text(app))
        await keys(pilot, "f2", "ctrl+b")
        await app.screen._go("PL", "PL", "grade")
        await pilot.pause(0.3)
        snapshot(f"form_judgement_{width}x{height}", screen_text(app))


async def test_the_mouse_picks_an_answer_opens_a_field_and_a_section(services) -> None:
    source = MemoryAudit(position=("PL", "PL1"))
    async with opened(source, services) as (app, pilot):
        question = app.screen.page.question("PL1")
        rows = question.render().plain.splitlines()
        line = next(i for i, row in enumerate(rows) if "3 No" in row)
        await pilot.click(question, offset=(rows[line].index("No"), line))
        await until(pilot, lambda: source.stored.get(("PL1", "answer")) == "no")
        line = next(i for i, row in enumerate(rows) if "Evidence" in row)
        await pilot.click(question, offset=(rows[line].index("Evidence"), line))
        assert question.editing == "evidence"
        await keys(pilot, *"seen")
        await pilot.click("SectionList", offset=(5, 3))
        await until(pilot, lambda: here(app) == "VI1")
        await until(pilot, lambda: source.stored.get(("PL1", "evidence")) == "seen")


async def test_sections_by_keyboard_jump_letters_and_the_palette(services) -> None:
    source = MemoryAudit()
    async with opened(source, services) as (app, pilot):
        await keys(pilot, "f5", "down", "down", "enter")
        await until(pilot, lambda: here(app) == "CF1")
        await keys(pilot, "ctrl+o", "s")
        await until(pilot, lambda: here(app) == "CF2")
        await keys(pilot, "ctrl+p", *"next section")
        await until(pilot, lambda: "Go to the next section" in screen_text(app))
        await keys(pilot, "enter")
        await until(pilot, lambda: here(app) == "VI1")


async def test_the_clock_speaks_beside_its_question(services) -> None:
    source = MemoryAudit(position=("VI", "VI1"))
    async with opened(source, services) as (app, _):
        assert "Last visit 71 days ago; standard 10 working days" in screen_text(app)


async def test_without_colour_everything_is_still_said(services, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    source = MemoryAudit(answers={("PL1", "answer"): "no"}, position=("PL", "PL1"))
    async with opened(source, services) as (app, _):
        assert "✓3 No" in screen_text(app)
        colours = {
            segment.style.color.triplet
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.color and segment.style.color.triplet
        }
        assert all(red == green == blue for red, green, blue in colours)
