"""The app's promises: safe output, quiet crashes, light imports, one registry, three zones."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.app import ComposeResult
from textual.color import Color
from textual.widgets import Input, Static

from qa_audit.tui import actions, compat, theme
from qa_audit.tui.app import QaApp
from qa_audit.tui.base import QaScreen
from qa_audit.tui.compat import screen_text
from qa_audit.tui.statusbar import SaveWords, StatusBar
from qa_audit.tui.text import HarmlessOutput, fit, harmless, say, sides, wrap

CANARY = "CANARY-CHILD-7F3"
PAYLOADS = (
    "A[/nope]",
    "see [/path] and [b",
    "[@click=app.quit]press[/]",
    "\x1b]0;owned\x07title",
    "\x1b]52;c;aGk=\x07",
    "\x1b[41;5m\x1b[2J",
    "\x9d0;c1\x9c",
    "abc\u202edef\u2066x",
    "zero\u200bwidth\ufeff\u2060",
    "nul\x00 tab\t end",
)


class OneScreen(QaScreen[None]):
    """A screen whose header and body hold whatever it is given."""

    HELP_TEXT = "This screen shows one text."

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def body(self) -> ComposeResult:
        yield Static(say(self.words), markup=False)
        yield Input()

    def known_actions(self) -> tuple[actions.Action, ...]:
        """Without the places that another test's import may have registered in this process."""
        return tuple(one for one in super().known_actions() if one.key)

    def on_mount(self) -> None:
        self.show_where("Rounds", self.words, right="3 open")


class OneApp(QaApp):
    words = "hello"

    def first_screen(self) -> OneScreen:
        return OneScreen(self.words)


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_no_payload_reaches_the_terminal_or_the_markup_parser(services, payload: str) -> None:
    app = OneApp(services)
    app.words = payload
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.tell(payload, title=payload)
        app.screen.query_one(Input).value = payload
        app.screen.query_one(StatusBar).show_saved(SaveWords("failed", why=payload))
        await pilot.pause()
        drawn = "".join(s.text for strip in compat.screen_strips(app.screen) for s in strip)
        assert harmless(drawn) == drawn
        assert not set(drawn) & set("\x1b\x07\x9d\x00\u202e\u200b")
        if "[" in payload and "\x1b" not in payload:
            assert payload in drawn


def test_the_filter_keeps_joined_scripts_and_drops_the_rest() -> None:
    joined = "\u0915\u094d\u200d\u0937 Siân ŵ"
    out = HarmlessOutput().apply([Segment(joined + "\x1b[2J\ud800")], Color(0, 0, 0))
    assert out[0].text == joined + "[2J\ufffd"


@pytest.mark.parametrize("where", ["timer", "key"])
async def test_a_crash_says_a_code_and_nothing_of_the_case(services, tmp_path: Path, where: str) -> None:
    class Crashing(OneApp):
        def boom(self) -> None:
            child = CANARY
            raise ValueError(f"bad value {child}")

        def on_key(self) -> None:
            if where == "key":
                self.boom()

    app = Crashing(services, crash_folder=tmp_path / "crash")
    with pytest.raises(ValueError, match=CANARY):  # noqa: PT012 - the pilot hands the original on
        async with app.run_test() as pilot:
            if where == "timer":
                app.set_timer(0.001, app.boom)
                await pilot.pause(0.1)
            else:
                await pilot.press("f12")
                await pilot.pause(0.05)
    assert app.return_code == 1
    (report,) = (tmp_path / "crash").iterdir()
    text = report.read_text(encoding="utf-8")
    assert CANARY not in text
    assert "in boom" in text
    if os.name == "posix":
        assert stat.S_IMODE(report.stat().st_mode) == 0o600


def test_a_crash_in_a_real_process_prints_no_data_and_fails(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(
        "import sys, datetime, pathlib\n"
        "from qa_audit.tui.app import QaApp, run\n"
        "class S:\n"
        "    def clock(self): return datetime.datetime(2026, 1, 1)\n"
        "class A(QaApp):\n"
        "    def on_ready(self):\n"
        f"        child = '{CANARY}'\n"
        "        self.set_timer(0.01, lambda: int(child))\n"
        "app = A(S(), crash_folder=pathlib.Path(sys.argv[1]))\n"
        "app.run(headless=True)\n"
        "sys.exit(app.return_code or 0)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "crash")],
        capture_output=True, text=True, timeout=60, check=False,
        cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == 1
    assert CANARY not in done.stdout + done.stderr
    assert "code " in done.stdout + done.stderr


def test_the_private_names_are_still_there(services) -> None:
    app = OneApp(services)
    for owner, name in compat.PRIVATE_NAMES:
        assert hasattr(owner, name) or hasattr(app, name), name


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("qa_audit.tui.app", "sqlalchemy sqlmodel openpyxl numpy pydantic"),
        ("qa_audit.tui.screens.form.screen", "sqlalchemy sqlmodel openpyxl numpy"),
    ],
)
def test_light_imports(module: str, forbidden: str) -> None:
    code = f"import {module}, sys; print([m for m in {forbidden.split()!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_palette_has_no_screenshot_and_no_textual_command(services) -> None:
    app = OneApp(services)
    async with app.run_test() as pilot:
        assert list(app.get_system_commands(app.screen)) == []
        await pilot.press("ctrl+p")
        await pilot.pause(0.2)
        assert "Screenshot" not in screen_text(app)
        assert "Change colours" in screen_text(app)


async def test_help_lists_every_key_that_acts_here(services, snapshot) -> None:
    app = OneApp(services)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        text = screen_text(app)
        for action in app.screen_stack[-2].known_actions():
            assert action.label in text
        snapshot("help", text)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, OneScreen)


async def test_three_zones(services, snapshot) -> None:
    app = OneApp(services)
    async with app.run_test(size=(80, 12)) as pilot:
        app.screen.show_saved(SaveWords("saved", at=services.clock()))
        await pilot.pause()
        snapshot("three_zones", screen_text(app))


async def test_themes_go_round(services) -> None:
    app = OneApp(services)
    async with app.run_test() as pilot:
        seen = [app.theme]
        for _ in theme.THEMES:
            await pilot.press("ctrl+t")
            seen.append(app.theme)
        assert seen == ["calm-dark", "calm-light", "high-contrast", "calm-dark"]


@pytest.mark.parametrize("each", theme.THEMES, ids=lambda t: t.name)
def test_every_text_colour_can_be_read(each) -> None:
    least = 7.0 if each.name == "high-contrast" else 4.5
    names = ("text-muted", "text-accent", "text-warning", "text-error", "text-success", "grade-outstanding",
             "grade-good", "grade-ri", "grade-inadequate")  # fmt: skip
    for ground in (each.background, each.surface, each.panel):
        for name in names:
            assert _contrast(each.variables[name], ground) >= least, (name, ground)
    assert _contrast(each.variables["chosen-text"], each.variables["chosen"]) >= least


def _contrast(first: str, second: str) -> float:
    def light(name: str) -> float:
        parts = [c / 255 for c in Color.parse(name).rgb]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


async def test_leaving_by_signal_saves_first(services) -> None:
    flushed: list[float] = []

    class Saving(OneScreen):
        def flush(self, timeout: float) -> bool:
            flushed.append(timeout)
            return True

    class SavingApp(QaApp):
        def first_screen(self) -> OneScreen:
            return Saving("x")

    app = SavingApp(services)
    async with app.run_test() as pilot:
        app.end_now()
        await pilot.pause()
    assert flushed
    assert flushed[0] > 0


def test_two_actions_cannot_share_a_key_in_one_place() -> None:
    with pytest.raises(ValueError, match="both want"):
        actions.register(actions.Action("app.other", "f1", "Other", "Other.", where=actions.EVERYWHERE))


def test_fitting_counts_wide_characters() -> None:
    assert fit("日本語テキスト", 7) == "日本語…"
    assert fit("ab", 4) == "ab  "
    assert fit("ab", 4, right=True) == "  ab"
    assert sides(say("left"), say("right"), 12).plain == "left   right"
    assert [line.plain for line in wrap("one two three", 9, indent=2, first=0)] == ["one two", "  three"]


def test_clock_is_the_services_own(services) -> None:
    assert isinstance(services.clock(), datetime)
