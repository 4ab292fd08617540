"""An audit is submitted from its form, moderated, and the auditor reads and answers the feedback."""

from __future__ import annotations

from pathlib import Path

import pytest
from council_world import complete

from qa_audit.access.service import load_actor
from qa_audit.audits.service import my_work, open_audit, save_answers
from qa_audit.grades import Grade
from qa_audit.improvement import finishing
from qa_audit.moderation import service as moderation
from qa_audit.moderation.feedback import my_feedback
from qa_audit.moderation.records import Decision
from qa_audit.store.workspace import Workspace


def _fill(folder: Path) -> str:
    """Answer everything in the first audit of PM1; gives its reference."""
    with Workspace(folder) as workspace:
        actor = load_actor(workspace, "PM1")
        ref = my_work(workspace, actor)[0].ref
        found = open_audit(workspace, actor, ref)
        save_answers(workspace, actor, ref, complete(found.form, found.case, Grade.GOOD, {}))
    return ref


def _moderate(folder: Path, ref: str) -> None:
    """Grade blind one step below in one section, and decide so."""
    with Workspace(folder) as workspace:
        moderation.allocate(workspace, load_actor(workspace, "QA1"), ref, "MO1")
        actor = load_actor(workspace, "MO1")
        view = moderation.open_moderation(workspace, actor, ref)
        lower = next(code for code in view.sections if code != "OV")
        for code in view.sections:
            moderation.save(workspace, actor, ref, code, "grade", "ri" if code == lower else "good")
            moderation.save(workspace, actor, ref, code, "note", "From the [record] alone.")
        view = moderation.lock(workspace, actor, ref)
        for section in view.check.sections:
            for item in section.items:
                for field in item.fields:
                    if field.part == "answer":
                        moderation.save(workspace, actor, ref, item.id, field.part, "yes")
        decisions = tuple(
            Decision(
                one.section,
                Grade.REQUIRES_IMPROVEMENT,
                "impact_not_shown",
                "What changed for the child is not said.",
            )
            if one.section == lower
            else Decision(one.section, one.auditor)
            for one in view.comparison
            if one.auditor is not None
        )
        finishing.decide(
            workspace, actor, ref, decisions, audit_quality=Grade.GOOD, reason="A careful audit."
        )


@pytest.fixture
def submitted(council: Path) -> tuple[Path, str]:
    ref = _fill(council)
    with Workspace(council) as workspace:
        finishing.submit(workspace, load_actor(workspace, "PM1"), ref)
    _moderate(council, ref)
    return council, ref


async def test_a_complete_audit_is_submitted_from_its_form(drive, council: Path) -> None:
    ref = _fill(council)
    async with drive(council, "PM1", size=(100, 40)) as app:
        await app.press("w", "enter", "f10")
        assert "Submit this audit?" in app.text, app.text
        await app.press("enter")
        assert app.screen == "WorkScreen"
        assert "moderation" in app.text.lower()
        await app.press("end", "f")
        assert "no feedback" in app.text.lower()
    with Workspace(council) as workspace:
        row = next(one for one in my_work(workspace, load_actor(workspace, "PM1")) if one.ref == ref)
    assert row.status == "in_moderation"


async def test_moderated_grades_are_read_and_accepted(drive, submitted: tuple[Path, str]) -> None:
    folder, ref = submitted
    async with drive(folder, "PM1", size=(100, 60)) as app:
        assert "waits for your answer" in app.text
        await app.press("w")
        assert "Your answer is wanted" in app.text
        await app.press("slash")
        await app.type(ref)
        await app.press("enter", "f")
        assert app.screen == "FeedbackScreen"
        assert "From the [record] alone." in app.text
        assert "stands at RI" in app.text
        assert "What changed for the child is not said." in app.text
        await app.press("a", "enter")
        assert "You accepted" in app.text
        assert "a Accept" not in app.text
    with Workspace(folder) as workspace:
        actor = load_actor(workspace, "PM1")
        assert next(one for one in my_work(workspace, actor) if one.ref == ref).status in ("final", "shared")
        (row,) = my_feedback(workspace, actor)
        assert row.response == "accepted"
        assert not row.awaits_answer


async def test_a_dispute_needs_its_grounds_and_goes_to_a_panel(drive, submitted: tuple[Path, str]) -> None:
    folder, ref = submitted
    async with drive(folder, "PM1", size=(100, 60)) as app:
        await app.press("w", "slash")
        await app.type(ref)
        await app.press("enter", "f", "d", "enter")
        assert "needs its grounds" in app.text
        await app.type("The visit of 3 November shows it")
        await app.press("enter")
        assert app.screen == "FeedbackScreen"
    with Workspace(folder) as workspace:
        row = next(one for one in my_work(workspace, load_actor(workspace, "PM1")) if one.ref == ref)
    assert row.status in ("disputed", "panel")
