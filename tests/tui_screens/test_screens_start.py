"""Opening the app: what it imports, what it shows before and without a workspace, who acts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_launching_imports_no_database_and_no_spreadsheet_library() -> None:
    code = (
        "import sys, qa_audit.tui.launch, qa_audit.tui.council_app, qa_audit.tui.backend, "
        "qa_audit.tui.screens.start.screen\n"
        "heavy = {'sqlmodel', 'sqlalchemy', 'openpyxl', 'numpy', 'scipy', 'pydantic', 'yaml'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


async def test_a_first_start_makes_a_workspace_for_one_and_says_what_is_next(drive, tmp_path: Path) -> None:
    async with drive(tmp_path / "new") as app:
        assert app.screen == "StartScreen"
        assert "Try the demo council" in app.text
        await app.press("down", "enter")
        assert app.screen == "HomeScreen"
        assert (tmp_path / "new" / "qa-audit.db").is_file()
        assert "Import the council's lists of children" in app.text
        await app.press("enter")
        assert app.screen == "FrameScreen"
        await app.press("escape")
        assert app.screen == "HomeScreen"
        await app.press("escape")
        assert app.screen == "HomeScreen"


async def test_a_workspace_that_cannot_be_opened_says_why_and_what_to_do(drive, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "qa-audit.db").write_bytes(b"this is no database" * 100)
    async with drive(folder) as app:
        assert app.screen == "StartScreen"
        assert "could not be opened" in app.text
        assert "Try again" in app.text
        assert "Open another workspace" in app.text


async def test_several_people_are_asked_who_they_are(drive, council: Path) -> None:
    async with drive(council) as app:
        assert "Who are you?" in app.text
        assert "S. Onyx [bold]" in app.text
        await app.type("flint")
        await app.press("enter")
        assert app.screen == "HomeScreen"
        assert app.app.backend.actor.code == "PM1"
        assert "T. Flint" in app.text


async def test_nobody_may_change_who_they_are_in_a_workspace_of_several(drive, council: Path) -> None:
    async with drive(council, "PM1") as app:
        offered = {one.id for one in app.app.visible_actions(app.app.screen)}
        assert "app.act_as" not in offered
        app.app.action_act_as()
        await app.settle()
        assert app.screen == "HomeScreen"


async def test_in_the_demo_one_may_act_as_somebody_else(drive, council: Path) -> None:
    from qa_audit.access.service import load_actor
    from qa_audit.store.workspace import Workspace

    with Workspace(council) as workspace:
        workspace.set_setting(load_actor(workspace, "QA1"), "demo", True)
    async with drive(council, "PM1") as app:
        app.app.action_act_as()
        await app.settle()
        await app.type("qa1")
        await app.press("enter")
        assert app.app.backend.actor.code == "QA1"
        assert app.screen == "HomeScreen"


async def test_an_unknown_person_is_refused_in_words(drive, council: Path) -> None:
    async with drive(council, "NOBODY") as app:
        assert app.screen == "StartScreen"
        assert "could not be opened" in app.text


def test_the_demo_is_built_once_beside_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import date

    from qa_audit.demo import cycle
    from qa_audit.tui.screens.start import screen as start

    calls = []

    def build(folder: Path, *, seed: int, today: date, progress):
        from qa_audit.access.service import NewPerson, add_first_people
        from qa_audit.store.workspace import Workspace

        calls.append(seed)
        progress("Playing", 1, 2)
        workspace = Workspace.create(folder)
        add_first_people(workspace, [NewPerson("QA1", "R. Hazel", ("qa_lead",))])
        return workspace, ()

    monkeypatch.setattr(cycle, "build_demo", build)
    folder = start.demo_folder(tmp_path / "own")
    told: list[tuple[str, float | None]] = []
    for _ in range(2):
        start.build_demo(folder, 1, date(2026, 11, 19), lambda words, done: told.append((words, done)))
    assert calls == [1]
    assert told == [("Playing", 0.5)]
    assert folder.name == "own-demo"
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith("own")) == ["own-demo"]
