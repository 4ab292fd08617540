"""Dialogs: the safe answer has the focus, nothing is lost, everything works by keyboard."""

from __future__ import annotations

import json

import pytest
from tui.conftest import NOW

from qa_audit.tui.app import QaApp
from qa_audit.tui.base import QaScreen
from qa_audit.tui.compat import screen_text
from qa_audit.tui.widgets.dialogs import Ask, Confirm, FormModal, PickModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec, read_value, shown_value

TODAY = NOW.date()
FIELDS = (
    FieldSpec("name", "line", "Name", help="What people will call it"),
    FieldSpec("from", "date", "From"),
    FieldSpec("kind", "choice", "Kind", (Choice("full", "Full audit"), Choice("dip", "Dip sample"))),
    FieldSpec("size", "number", "Cases", minimum=1, maximum=50, optional=True),
    FieldSpec("note", "text", "Note", optional=True),
)


class Plain(QaApp):
    def first_screen(self):
        return QaScreen()


@pytest.fixture
def app(services) -> Plain:
    return Plain(services)


async def ask(app: Plain, modal, *keys: str, size=(80, 24)):
    got: list[object] = []
    async with app.run_test(size=size) as pilot:
        app.push_screen(modal, got.append)
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        text = screen_text(app)
    return (got[0] if got else "still open"), text


async def test_confirm(app) -> None:
    assert (await ask(app, Confirm("Draw the sample?", yes="Draw"), "enter"))[0] is True


async def test_confirm_risky_starts_on_no(app) -> None:
    assert (await ask(app, Confirm("Withdraw it?", risky=True), "enter"))[0] is False


async def test_escape_is_no_answer(app) -> None:
    assert (await ask(app, Confirm("Draw?"), "escape"))[0] is None


async def test_ask_checks_before_it_closes(app) -> None:
    modal = Ask("Seed", check=lambda value: "" if value.isdigit() else "Digits only, please.")
    result, text = await ask(app, modal, "x", "enter")
    assert result == "still open"
    assert "Digits only" in text


async def test_a_short_form_by_keyboard(app, snapshot) -> None:
    modal = FormModal("New round", FIELDS, today=TODAY)
    keys = (
        *"Autumn",
        "enter",
        *"3nov",
        "backspace",
        "backspace",
        "backspace",
        "space",
        *"nov",
        "enter",
        "2",
        "down",
    )
    result, _ = await ask(app, modal, *keys, *"12", "enter", "ctrl+s")
    assert result == {"name": "Autumn", "from": "2026-11-03", "kind": "dip", "size": "12"}


async def test_a_short_form_says_what_is_missing(app, snapshot) -> None:
    result, text = await ask(app, FormModal("New round", FIELDS, today=TODAY), "ctrl+s")
    assert result == "still open"
    assert "Name: is still to be given" in text
    snapshot("form_modal_80x24", text)


async def test_picking_one_of_many(app) -> None:
    spec = FieldSpec(
        "theme", "choice", "Theme", tuple(Choice(f"t{i}", f"Theme number {i}") for i in range(30))
    )
    assert (await ask(app, PickModal(spec, ""), *"number", "space", *"17", "enter"))[0] == "t17"


async def test_picking_several_of_many(app) -> None:
    spec = FieldSpec("theme", "choices", "Themes", tuple(Choice(f"t{i}", f"Theme {i}") for i in range(30)))
    result, _ = await ask(app, PickModal(spec, ""), "enter", "down", "enter", "escape")
    assert json.loads(result) == ["t0", "t1"]


@pytest.mark.parametrize(
    ("type_", "typed", "value", "problem"),
    [
        ("number", "12 %", "12", ""), ("number", "1,5", "1.5", ""), ("number", "a few", "", "not a number"),
        ("number", "60", "", "At most 50"), ("scale", "11", "", "At most 10"), ("line", "  two   words ", "two words", ""),
        ("text", "a\x1b[2Jb\u202e\n", "a[2Jb", ""), ("date", "today", "2026-11-20", ""), ("grade", "great", "", "Pick one"),
        ("choices", '["x", 3, "full"]', '["full"]', ""), ("choices", "{", "", ""),
    ],
)  # fmt: skip
def test_reading(type_, typed, value, problem) -> None:
    options = (Choice("full", "Full"),)
    read = read_value(FieldSpec("p", type_, options=options, minimum=1, maximum=50), typed, TODAY)
    assert read.value == value
    assert problem in read.problem
    assert bool(read.problem) == bool(problem)


def test_a_value_of_another_version_is_shown_as_it_is() -> None:
    assert shown_value(FieldSpec("p", "date"), "soon") == "soon"
    assert shown_value(FieldSpec("p", "choice"), "gone") == "gone"
