"""An auditor's day by keyboard: home, my audits, the form over the real services, alerts."""

from __future__ import annotations

from pathlib import Path

from qa_audit.access.service import load_actor
from qa_audit.audits.alert_service import alerts
from qa_audit.audits.service import my_work, open_audit
from qa_audit.store.workspace import Workspace


def _audits(folder: Path, who: str = "PM1"):
    with Workspace(folder) as workspace:
        return my_work(workspace, load_actor(workspace, who))


async def test_home_names_what_is_late_and_opens_the_audit_itself(drive, council: Path) -> None:
    late = _audits(council)[0]
    async with drive(council, "PM1") as app:
        assert "Needs you now" in app.text
        assert "1 day overdue" in app.text
        await app.press("down", "enter")
        assert app.screen == "MyFormScreen"
        assert app.app.screen.audit_ref == late.ref
        await app.press("escape")
        assert app.screen == "WorkScreen"
        await app.press("escape")
        assert app.screen == "HomeScreen"


async def test_an_answer_given_by_keyboard_is_in_the_store(drive, council: Path) -> None:
    late = _audits(council)[0]
    async with drive(council, "PM1") as app:
        await app.press("w", "enter")
        assert app.screen == "MyFormScreen"
        await app.press("1")
        assert app.app.screen.flush(5.0)
        await app.press("escape")
        assert app.screen == "WorkScreen"
        assert "In progress" in app.text
    with Workspace(council) as workspace:
        stored = open_audit(workspace, load_actor(workspace, "PM1"), late.ref)
    assert list(stored.answers.values()) == ["yes"]
    assert stored.position[1]


async def test_a_form_reopens_where_it_was_left(drive, council: Path) -> None:
    async with drive(council, "PM1") as app:
        await app.press("w", "enter", "tab", "tab", "tab")
        left = app.app.screen.focused.item
        await app.pilot.pause(1.1)
        await app.press("escape", "enter")
        assert app.app.screen.focused.item == left


async def test_an_audit_is_handed_back_with_a_reason(drive, council: Path) -> None:
    before = len(_audits(council))
    async with drive(council, "PM1") as app:
        await app.press("w", "enter", "f8", "enter")
        assert "Say why" in app.text
        await app.type("I worked with this family")
        await app.press("enter")
        assert app.screen == "WorkScreen"
    assert len(_audits(council)) == before - 1


async def test_submitting_too_early_lists_what_is_open(drive, council: Path) -> None:
    async with drive(council, "PM1") as app:
        await app.press("w", "enter", "f10")
        assert app.screen == "OverviewModal"
        await app.press("escape")
        assert app.screen == "MyFormScreen"


async def test_an_alert_from_the_form_is_linked_and_goes_its_way(drive, council: Path) -> None:
    late = _audits(council)[0]
    async with drive(council, "PM1") as app:
        await app.press("w", "enter", "f9")
        assert app.screen == "RaiseAlert"
        await app.press("enter")
        await app.type("Seen with a bruise")
        await app.press("escape", "down", "enter")
        await app.type("Team manager")
        await app.press("enter", "ctrl+s")
        assert app.screen == "MyFormScreen"
    with Workspace(council) as workspace:
        (raised,) = alerts(workspace, load_actor(workspace, "QA1"))
        assert (raised.audit_ref, raised.concern, raised.told, raised.state) == (
            late.ref, "Seen with a bruise", "Team manager", "raised",
        )  # fmt: skip
    async with drive(council, "QA1") as app:
        assert "safeguarding alert open" in app.text
        await app.press("enter")
        assert app.screen == "AlertsScreen"
        assert "Seen with a bruise" in app.text
        await app.press("k", "ctrl+s")
        assert "Acknowledged" in app.text
        await app.press("t", "enter")
        await app.type("Visited today")
        await app.press("escape", "ctrl+s")
        assert "Acted on" in app.text
        await app.press("c", "enter")
        await app.type("Safe with aunt")
        await app.press("escape", "ctrl+s")
        assert "No alerts" in app.text
        await app.press("o")
        assert "Closed" in app.text


async def test_nobody_acknowledges_their_own_alert_and_is_told_why(drive, council: Path) -> None:
    from qa_audit.audits.alert_service import raise_alert

    with Workspace(council) as workspace:
        lead = load_actor(workspace, "QA1")
        raise_alert(workspace, lead, concern="[red]Worried[/nope]", told="Duty manager", case_ref="77")
    async with drive(council, "QA1") as app:
        await app.press("s")
        assert "[red]Worried[/nope]" in app.text
        await app.press("k", "ctrl+s")
        assert "alert you raised yourself" in app.text
        await app.press("enter")
        assert app.screen == "AlertsScreen"


async def test_a_conflict_keeps_the_cases_away(drive, council: Path) -> None:
    async with drive(council, "PM2") as app:
        await app.press("w", "c", "3", "down", "enter")
        await app.type("East")
        await app.press("enter", "enter")
        await app.type("My partner works there")
        await app.press("enter", "ctrl+s")
        assert app.screen == "WorkScreen"
        assert ("team", "East") in app.app.backend.actor.conflicts


def test_a_late_audit_says_so_in_words() -> None:
    from qa_audit.tui.screens.home.gather import due_in_words

    said = [due_in_words(n) for n in (-2, -1, 0, 1, 5)]
    assert said == ["2 days overdue", "1 day overdue", "due today", "due tomorrow", "due in 5 days"]


async def test_an_alert_that_cannot_be_sent_is_not_lost(drive, council: Path, monkeypatch) -> None:
    from qa_audit.audits import alert_service
    from qa_audit.errors import Code, StorageFault

    def locked(*_args: object, **_more: object) -> str:
        raise StorageFault(Code.STORE_LOCKED, "The file is locked by another program")

    async with drive(council, "PM1") as app:
        monkeypatch.setattr(alert_service, "raise_alert", locked)
        await app.press("f9", "enter")
        await app.type("Seen with a bruise")
        await app.press("escape", "down", "enter")
        await app.type("Team manager")
        await app.press("enter", "down", "enter")
        await app.type("4711")
        await app.press("enter", "ctrl+s")
        assert "locked by another program" in app.text
        await app.press("enter")
        assert app.screen == "RaiseAlert"
        assert "Seen with a bruise" in app.text
        monkeypatch.undo()
        await app.press("ctrl+s")
        assert app.screen == "HomeScreen"
    with Workspace(council) as workspace:
        (raised,) = alerts(workspace, load_actor(workspace, "QA1"))
    assert raised.concern == "Seen with a bruise"
