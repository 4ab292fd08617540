"""Draw every screen into docs/pictures: `python docs/pictures.py [NAME ...]`.

A demo council is built in a temporary folder, always for the same day and seed. The real app runs on a copy of
it without a terminal, as the right person, and is led to each screen by keys. Each screen is drawn at 80x24 and
120x40, without blinking, motion or anything from outside the file.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.records import ModerationView, QueueRow
    from qa_audit.store.workspace import Workspace

PICTURES = Path(__file__).resolve().parent / "pictures"
PLAYED = date(2026, 11, 20)
"""The last day of the play; the pictures are taken that evening."""
NOW = datetime(2026, 11, 20, 18, 12, 7, tzinfo=UTC)
SEED = 1
SIZES = ((80, 24), (120, 40))
CELL = 12.2
"""The width of one cell in the picture."""
FONT = "'DejaVu Sans Mono', 'Cascadia Mono', Consolas, Menlo, monospace"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the pictures are about: people's codes and the audits they open."""

    lead: str
    auditor: str
    audit: str
    blind: str
    blind_audit: str
    decider: str
    decide_audit: str
    feedback_auditor: str
    feedback_audit: str
    running: str
    planned: str
    drawn: str


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, who sits at the keyboard, and the keys from home on. `~words` types words."""

    name: str
    who: str
    keys: Callable[[Cast], tuple[str, ...]]


def pressed(*keys: str) -> Callable[[Cast], tuple[str, ...]]:
    """The same keys whoever plays."""
    return lambda _cast: keys


def found(*keys: str, ref: str, then: tuple[str, ...] = ("enter",)) -> Callable[[Cast], tuple[str, ...]]:
    """Go to a list, find a row by what `ref` names in the cast, then go on."""
    return lambda cast: (*keys, "slash", f"~{getattr(cast, ref)}", "enter", *then)


SHOTS = (
    Shot("start", "", pressed()),
    Shot("home-qa-lead", "lead", pressed()),
    Shot("home-auditor", "auditor", pressed()),
    Shot("who", "nobody", pressed()),
    Shot("help", "lead", pressed("f1")),
    Shot("commands", "lead", pressed("ctrl+p", "~mod")),
    Shot("work", "auditor", pressed("w")),
    Shot("form", "auditor", found("w", ref="audit", then=("enter", "ctrl+g"))),
    Shot("form-grades", "auditor", found("w", ref="audit", then=("enter", "ctrl+g", "f2"))),
    Shot("form-open", "auditor", found("w", ref="audit", then=("enter", "f4"))),
    Shot("form-ceiling", "auditor", found("w", ref="audit", then=("enter", "f7"))),
    Shot("alert", "auditor", found("w", ref="audit", then=("enter", "f9"))),
    Shot("feedback", "feedback_auditor", found("w", ref="feedback_audit", then=("f",))),
    Shot("lists", "lead", pressed("l")),
    Shot("children", "lead", pressed("l", "enter")),
    Shot("found", "lead", pressed("l", "p")),
    Shot("import", "lead", pressed("l", "n")),
    Shot("rounds", "lead", pressed("r")),
    Shot("planning", "lead", pressed("r", "n")),
    Shot("round", "lead", found("r", ref="planned")),
    Shot("draw", "lead", found("r", ref="planned", then=("enter", "d"))),
    Shot("certificate", "lead", found("r", ref="drawn", then=("enter", "k"))),
    Shot("allocation", "lead", found("r", ref="drawn", then=("enter", "a"))),
    Shot("cases", "lead", found("r", ref="running", then=("enter", "c"))),
    Shot("audits", "lead", found("r", ref="running", then=("enter", "l"))),
    Shot("moderation", "lead", pressed("m")),
    Shot("blind", "blind", found("m", ref="blind_audit")),
    Shot("decide", "decider", found("m", ref="decide_audit")),
    Shot("calibration", "lead", pressed("c")),
    Shot("alerts", "lead", pressed("s")),
    Shot("actions", "lead", pressed("a")),
    Shot("themes", "lead", pressed("h", "r", "down", "down", "enter")),
    Shot("dashboard", "lead", pressed("d")),
    Shot("results", "lead", pressed("x")),
    Shot("forms", "lead", pressed("f")),
    Shot("form-read", "lead", pressed("f", "enter")),
    Shot("people", "lead", pressed("p")),
    Shot("trail", "lead", pressed("t")),
    Shot("settings", "lead", pressed("e")),
)


# -- the council ----------------------------------------------------------------------------------------


def build(folder: Path) -> Cast:
    """The demo council on its day, with one moderation graded, an open alert and a round not drawn yet."""
    from qa_audit.access.service import load_actor, people
    from qa_audit.audits.alert_service import raise_alert
    from qa_audit.audits.records import WRITABLE
    from qa_audit.audits.service import list_audits
    from qa_audit.demo.cycle import DemoClock, build_demo
    from qa_audit.moderation.calibration_service import add_exercise
    from qa_audit.moderation.service import queue

    workspace, rounds = build_demo(folder, seed=SEED, today=PLAYED)
    with workspace:
        assert isinstance(workspace.clock, DemoClock)
        workspace.clock.moment = NOW
        lead = load_actor(workspace, "QA1")
        audits = list_audits(workspace, lead)
        waiting = [
            row for row in queue(workspace, lead, everyone=True) if row.state == "queued" and row.moderator
        ]
        second = max(waiting, key=lambda row: (row.moderator, row.audit_ref))
        first = min((row for row in waiting if row is not second), key=lambda row: row.audit_ref)
        grade_blind(workspace, second)
        begun = max(
            (row for row in audits if row.status in WRITABLE),
            key=lambda row: (row.status == "in_progress", row.answered, row.ref),
        )
        order = ("moderated", "final", "shared")
        answered = min(
            (row for row in audits if row.status in order), key=lambda row: (order.index(row.status), row.ref)
        )
        raise_alert(
            workspace, load_actor(workspace, begun.auditor), audit_ref=begun.ref, told="Duty manager, by phone",
            concern="Child said at the visit on Tuesday that they do not feel safe with a new adult in the home. "
            "I found no response on file and rang the duty manager.",
        )  # fmt: skip
        add_exercise(
            workspace, lead, "Winter calibration", ["child-in-need-neglect", "care-leaver-pathway"],
            [row.code for row in people(workspace) if "auditor" in row.roles], due="2026-12-04",
        )  # fmt: skip
        drawn = dip_sample(workspace, lead)
        planned = plan(workspace, lead)
    return Cast("QA1", begun.auditor, begun.ref, first.moderator, first.audit_ref, second.moderator, second.audit_ref,
                answered.auditor, answered.ref, rounds[-1], planned, drawn)  # fmt: skip


def grade_blind(workspace: Workspace, row: QueueRow) -> None:
    """Grade a moderation by turns, and lock it."""
    from qa_audit.access.service import load_actor
    from qa_audit.moderation.service import lock, open_moderation, save_all

    actor = load_actor(workspace, row.moderator)
    view: ModerationView = open_moderation(workspace, actor, row.audit_ref)
    turns = ("outstanding", "good", "outstanding", "outstanding")
    values = {}
    for number, code in enumerate(view.sections):
        values[code, "grade"] = "good" if code == "OV" else turns[number % len(turns)]
        values[code, "note"] = (
            "The record shows it; the difference for the child is clear in some places only."
        )
    save_all(workspace, actor, row.audit_ref, values)
    lock(workspace, actor, row.audit_ref)


def plan(workspace: Workspace, lead: Actor) -> str:
    """Next month's round, not drawn yet."""
    from qa_audit.moderation.planning import plan_round
    from qa_audit.sampling.service import NewRound

    return plan_round(
        workspace, lead,
        NewRound(
            "December 2026 case audits", "monthly", "full-case-audit", "2026-12-01", "2026-12-18", "2027-01-15", 12,
            plan={"strata": ["cohort"], "minimum": 1, "risks": [{"key": "second_plan", "rate": "0.5"}]},
        ),
    )  # fmt: skip


def dip_sample(workspace: Workspace, lead: Actor) -> str:
    """A small round that is drawn and that nobody has yet."""
    from qa_audit.moderation.planning import plan_round
    from qa_audit.sampling.service import NewRound, draw

    ref = plan_round(
        workspace, lead,
        NewRound(
            "Visits to children on a plan", "dip_sample", "dip-sample", "2026-11-20", "2026-12-04", "2026-12-18", 8,
            cohorts=("child_protection", "child_in_need"), plan={}, ref="D-2026-11",
        ),
    )  # fmt: skip
    draw(workspace, lead, ref, "58209713640925718364")
    return ref


# -- the pictures ---------------------------------------------------------------------------------------


async def picture(shot: Shot, cast: Cast, council: Path, size: tuple[int, int]) -> str:
    """The app on a copy of the council, led to the screen; its picture as SVG."""
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.council_app import CouncilApp

    place = Path("casework")
    shutil.rmtree(place, ignore_errors=True)
    if shot.who:
        shutil.copytree(council, place)
    who = getattr(cast, shot.who, None) if shot.who else None
    app = CouncilApp(Backend(place, who, clock=lambda: NOW))
    async with app.run_test(size=size) as pilot:

        async def settle() -> None:
            for _ in range(4):
                await app.workers.wait_for_complete()
                await pilot.pause()

        await settle()
        for key in shot.keys(cast):
            if key.startswith("~"):
                for letter in key[1:]:
                    await pilot.press({" ": "space", "-": "minus"}.get(letter, letter))
            else:
                await pilot.press(key)
            await settle()
        return standing_alone(app.export_screenshot(title="qa-audit"))


def standing_alone(svg: str) -> str:
    """The picture without fonts from elsewhere: the reader's own monospaced font is used."""
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family:\s*(?:Fira Code|arial)[^;]*;", f"font-family: {FONT};", svg)
    svg = re.sub(
        r'<text class="(\S+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+" ([^>]*)>(.*?)</text>',
        _words,
        svg,
        flags=re.DOTALL,
    )
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def _words(found: re.Match[str]) -> str:
    """A run of letters without the blanks around it: readers differ in what they do with blanks."""
    look, x, y, rest, words = found.groups()
    letters = words.replace("&#160;", "\u00a0").strip("\n")
    inside = letters.strip("\u00a0")
    if not inside:
        return ""
    start = float(x) + (len(letters) - len(letters.lstrip("\u00a0"))) * CELL
    length = cell_len(html.unescape(inside)) * CELL
    text = inside.replace("\u00a0", "&#160;")
    return f'<text class="{look}" x="{start:.1f}" y="{y}" textLength="{length:.1f}" {rest}>{text}</text>'


def main(names: list[str]) -> int:
    """Draw all of them, or those that are named."""
    os.environ.update(TEXTUAL_ANIMATIONS="none", NO_COLOR="", TZ="UTC")
    os.environ.pop("NO_COLOR")
    os.environ.pop("TEXTUAL_THEME", None)
    from qa_audit.tui import preferences

    preferences.place = lambda: Path("screen.json")
    chosen = [shot for shot in SHOTS if not names or shot.name in names]
    PICTURES.mkdir(exist_ok=True)
    home = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="qa-audit-pictures-") as scratch:
        os.chdir(scratch)
        try:
            cast = build(Path("council"))
            for shot in chosen:
                for width, height in SIZES:
                    svg = asyncio.run(picture(shot, cast, Path("council"), (width, height)))
                    path = PICTURES / f"{shot.name}-{width}x{height}.svg"
                    path.write_text(svg, encoding="utf-8", newline="\n")
                    sys.stdout.write(f"{path.name}  {len(svg) // 1024} kB\n")
        finally:
            os.chdir(home)
    if not names:
        known = {f"{shot.name}-{width}x{height}.svg" for shot in SHOTS for width, height in SIZES}
        for path in PICTURES.glob("*.svg"):
            if path.name not in known:
                path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
