"""People, trail, forms, settings, and what holds for every place at every size."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.access.service import load_actor, people
from qa_audit.store.workspace import Workspace
from qa_audit.tui import preferences
from qa_audit.tui.destinations import DESTINATIONS, Destination, register
from qa_audit.tui.screens.alerts.raising import told_at
from qa_audit.tui.screens.frame.paths import completions, paths_in

OWN = ("work", "frame", "rounds", "alerts", "forms", "people", "trail", "settings")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("key", OWN)
async def test_every_place_has_its_three_zones_at_every_size(drive, council: Path, key: str, size) -> None:
    async with drive(council, "QA1", size=size) as app:
        app.app.open_place(key)
        await app.settle()
        rows = app.text.splitlines()
        assert len(rows) == size[1]
        assert rows[0].startswith(" Home")
        assert "F1 Help" in rows[-1]
        assert all(len(row) <= size[0] for row in rows)
        await app.press("f1")
        assert app.screen == "HelpModal"
        await app.press("escape", "escape")
        assert app.screen == "HomeScreen"


@pytest.mark.parametrize(
    ("name", "who", "keys", "size"),
    [
        ("home-lead-80", "QA1", (), (80, 24)),
        ("home-auditor-120", "PM1", (), (120, 40)),
        ("work-80", "PM1", ("w",), (80, 24)),
        ("rounds-120", "QA1", ("r",), (120, 40)),
        ("people-80", "QA1", ("p",), (80, 24)),
        ("alerts-80", "QA1", ("s",), (80, 24)),
        ("alert-form-80", "QA1", ("f9",), (80, 24)),
        ("import-80", "QA1", ("l", "n"), (80, 24)),
    ],
)
async def test_pictures(drive, council: Path, snapshot, name: str, who: str, keys, size) -> None:
    async with drive(council, who, size=size) as app:
        await app.press(*keys)
        snapshot(name, app.text)


async def test_a_person_is_added_with_roles_and_can_leave(drive, council: Path) -> None:
    async with drive(council, "SA1", size=(100, 40)) as app:
        await app.press("p", "n", "enter")
        await app.type("PM9")
        await app.press("enter", "enter")
        await app.type("E. Yarrow")
        await app.press("enter", "enter")
        await app.type("auditor")
        await app.press("enter", "escape", "ctrl+s")
        assert app.screen == "PeopleScreen", app.text
        assert "PM9" in app.text
        await app.press("slash")
        await app.type("PM9")
        await app.press("enter", "d", "enter")
        await app.type("Moved on")
        await app.press("enter", "ctrl+s")
    with Workspace(council) as workspace:
        found = next(one for one in people(workspace) if one.code == "PM9")
    assert found.roles == ("auditor",)
    assert found.display == "E. Yarrow"
    assert not found.active


async def test_nobody_changes_their_own_roles(drive, council: Path) -> None:
    async with drive(council, "SA1") as app:
        await app.press("p", "end", "r", "ctrl+s")
        assert "Nobody changes their own roles" in app.text


async def test_an_auditor_is_not_offered_what_is_not_theirs(drive, council: Path) -> None:
    async with drive(council, "PM2") as app:
        assert "People and roles" not in app.text
        await app.press("p", "t")
        assert app.screen == "HomeScreen"
        app.app.open_place("trail")
        await app.settle()
        assert app.screen == "HomeScreen"


async def test_the_trail_hides_what_is_still_blind_and_finds_the_rest(drive, council: Path) -> None:
    from qa_audit.audits.service import my_work, open_audit, save_answer

    with Workspace(council) as workspace:
        actor = load_actor(workspace, "PM1")
        ref = my_work(workspace, actor)[0].ref
        item = next(
            one
            for _, one in open_audit(workspace, actor, ref).form.items()
            if one.asks_yes and one.repeat == 1
        )
        save_answer(workspace, actor, ref, item.id, "evidence", "PURPLE-ELEPHANT")
    async with drive(council, "QA1", size=(120, 30)) as app:
        await app.press("t")
        assert "answer.saved" in app.text
        assert "PURPLE" not in app.text
        await app.press("slash")
        await app.type("elephant")
        assert "Nothing with 'elephant'" in app.text
        await app.press("escape", "a")
        await app.type("draws")
        await app.press("enter")
        assert "sample.drawn" in app.text
        assert "answer.saved" not in app.text
        await app.press("e")
        assert "answer.saved" in app.text


async def test_a_form_is_read_section_by_section(drive, council: Path) -> None:
    async with drive(council, "PM1", size=(120, 40)) as app:
        await app.press("f")
        assert "full-case-audit" in app.text
        await app.press("down", "enter")
        assert app.screen == "FormReadScreen"
        await app.press("down")
        assert "What each grade looks like" in app.text or "What to think about" in app.text
        await app.press("enter", "escape")
        assert app.screen == "FormReadScreen"
        await app.press("escape")
        assert app.screen == "FormsScreen"


async def test_settings_are_kept_mine_here_and_the_councils_in_the_workspace(drive, council: Path) -> None:
    async with drive(council, "QA1") as app:
        await app.press("e", "enter", "down", "enter")
        assert preferences.load() == preferences.Preferences("calm-light", True)
        assert app.app.has_class("-compact")
        await app.press("down", "enter")
        await app.type("we care")
        await app.press("enter")
        assert "Child we care for" in app.text
        await app.press("escape", "l")
        assert "Child we care for" in app.text
    async with drive(council, "PM1") as app:
        assert app.app.theme == "calm-light"
        await app.press("e", "down", "down", "enter")
        assert app.screen == "SettingsScreen"
    from qa_audit.tui import cohorts

    cohorts.use({})


async def test_a_fault_of_the_program_is_said_without_a_value(drive, council: Path, monkeypatch) -> None:
    from qa_audit.sampling import service

    def broken(*_args: object) -> None:
        raise ValueError("CANARY-CHILD-7F3")

    monkeypatch.setattr(service, "rounds", broken)
    async with drive(council, "QA1") as app:
        await app.press("enter")
        await app.press("r")
        assert "Something went wrong in the program" in app.text
        assert "CANARY" not in app.text
        await app.press("enter")
        assert app.screen == "RoundsScreen"


def test_a_taken_letter_or_key_is_refused() -> None:
    taken = next(iter(DESTINATIONS.values()))
    with pytest.raises(ValueError, match="same key or letter"):
        register(Destination("elsewhere", "Elsewhere", taken.letter, (), "nowhere:Nobody", "Nothing."))
    assert not Destination("x", "X", "z", (), "no.such.module:X", "Nothing.").installed


@pytest.mark.parametrize(
    ("typed", "stamp", "wrong"),
    [
        ("", "", False),
        ("9:05", "2026-11-19T09:05:00.000000+00:00", False),
        ("9.05", "2026-11-19T09:05:00.000000+00:00", False),
        ("9am", "2026-11-19T09:00:00.000000+00:00", False),
        ("11:30", "", True),
        ("25:00", "", True),
        ("soon", "", True),
    ],
)
def test_when_somebody_was_told(typed: str, stamp: str, wrong: bool) -> None:
    found, problem = told_at(typed, datetime(2026, 11, 19, 10, 42, tzinfo=UTC))
    assert found == stamp
    assert bool(problem) == wrong


def test_paths_are_completed_folders_first_by_name(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists.xlsx").touch()
    (tmp_path / "lists.docx").touch()
    (tmp_path / ".lists").mkdir()
    found = completions(f"a.csv; {tmp_path}/li")
    assert [one.rpartition("/li")[2] for one in found if not one.endswith("lists/")] == ["sts.xlsx"]
    assert any(one.endswith("lists/") or one.endswith("lists\\") for one in found)
    assert all(one.startswith("a.csv; ") for one in found)
    assert completions("") == []
    assert completions(str(tmp_path / "nowhere" / "x")) == []


@given(st.text(alphabet=st.characters(exclude_characters="\0"), max_size=60))
def test_completing_never_fails_and_goes_on_from_what_was_typed(typed: str) -> None:
    for one in completions(typed)[:5]:
        assert one.startswith(typed.rstrip() if typed.strip() else typed)
    paths_in(typed)
