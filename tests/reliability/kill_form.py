"""Kill the app while somebody answers: what the screen called saved must be in the workspace.

    python tests/reliability/kill_form.py [--kills N] [--hang-ups N] [--seed N]

The real program runs in a real pty on a real workspace, opened on an audit form. Answers are given at random
(choices by digit, evidence by typing, other questions, other sections) and the program is ended by SIGKILL at a
random moment, mid-letter or mid-commit. Then:

- every answer that stood on the screen under a *saved* mark for a tenth of a second is in the database, or a
  later answer to the same question is; what is stored was really given (a text is stored as some beginning of it);
- every stored answer has its event, as many as it has versions, the last with the same value;
- SQLite finds the file whole, no foreign key hangs;
- the form opens again at the question it was left at (or one left less than six seconds before).

A hang-up closes the pty instead, as a closed window or a dropped line does: everything that was on the screen
for longer than the typing pause must be stored, and the program must be gone within five seconds.

Zero failures in N kills bound the rate of failure at about 3/N (95 %). Ends with 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import numpy as np  # noqa: E402
from terminal import Terminal, WarmStart, arguments, private_home  # noqa: E402

STOOD = 0.1
"""Seconds a value must have stood under its mark: a frame painted between two messages promises nothing."""
TYPING_PAUSE = 0.4
PLACE_AGE = 6.0
"""Seconds after which a reading position must have been stored (at most five of typing without a pause, and the write)."""
CHOICES = ("yes", "partly", "no", "na")
WORDS = [
    "plan",
    "visit",
    "seen",
    "alone",
    "wishes",
    "record",
    "manager",
    "review",
    "chronology",
    "health",
    "school",
    "risk",
    "safe",
    "father",
    "team",
]
SAVED = re.compile(r"saved \d\d:\d\d:\d\d\s*$")
HEAD = re.compile(r"▌([A-Z]{2}\d*)\s")
OTHER_FIELD = re.compile(r"^\s*› \w", re.MULTILINE)
"""The cursor stands at a written field, where a digit is a letter like any other."""
CHOSEN = re.compile(r"✓\s?(\d) ")


@dataclass(frozen=True)
class Look:
    """What the screen says of the question in focus."""

    item: str
    choices: bool
    """Yes, Partly, No, Not applicable can be chosen by digit now."""
    chosen: str
    evidence: str
    editing: bool
    saved: bool
    """The last line says saved, and nothing is on its way."""


def look(lines: list[str]) -> Look | None:
    """Read the focused question, None when none is wholly in sight."""
    block: list[str] = []
    column, item = -1, ""
    for line in lines[1:-1]:
        if column < 0:
            if found := HEAD.search(line):
                column, item = found.start(), found.group(1)
                block.append(line[column + 1 :])
        elif line[column : column + 1] == "▌":
            block.append(line[column + 1 :])
        else:
            break
    if not item:
        return None
    text = "\n".join(block)
    written = next((line for line in block if re.match(r"[\s›]*Evidence  ", line)), "")
    words = written.partition("Evidence  ")[2]
    editing = words.lstrip().startswith("▌")
    shown = words.lstrip("▌ ").rstrip(" ▁▂▃▄▅▆▇█")
    chosen = CHOSEN.search(text)
    return Look(
        item,
        "2 Partly" in text
        and "1 Yes" in text
        and "4 Not applicable" in text
        and not OTHER_FIELD.search(text),
        CHOICES[int(chosen.group(1)) - 1] if chosen else "",
        "" if shown in ("", "—") or shown.startswith("Enter to write") else shown,
        editing,
        bool(SAVED.search(lines[-1])),
    )


Key = tuple[str, str]


@dataclass
class Given:
    """What was given to one part of one question, in order, and how much of it the screen called saved."""

    values: list[str] = field(default_factory=list)
    promised: int = -1
    """Index of the newest value that stood under a saved mark."""
    letters: int = 0
    """Of that value, for a text: how many of its letters stood."""


class Over(Exception):
    """The session's time is up, whatever it was doing."""


@dataclass
class Session:
    """One start of the program, driven until it is ended."""

    terminal: Terminal
    stream: np.random.Generator
    given: dict[Key, Given]
    places: list[tuple[float, str]] = field(default_factory=list)
    until: float = 0.0
    """The moment at which `watch` raises Over; 0 = never."""
    _standing: dict[Key, tuple[str, float]] = field(default_factory=dict)

    def open_form(self, ref: str) -> Look:
        """From the first paint through home and my audits into the form; what has the focus there."""
        at = self.terminal
        at.wait("Needs you now")
        at.press("w")
        at.wait(ref)
        at.press("enter")
        at.wait(lambda t: "Ctrl+N" in t.status and look(t.lines) is not None)
        at.rest(0.1, 3.0)
        found = look(at.lines)
        assert found is not None, at.text
        self.watch()
        return found

    def watch(self, seconds: float = 0.0) -> Look | None:
        """Look at the screen for so long; take note of what is called saved and where the focus is."""
        end = time.perf_counter() + seconds
        while True:
            self.terminal.pump(0.01)
            found = look(self.terminal.lines)
            now = time.perf_counter()
            if found is not None:
                if not self.places or self.places[-1][1] != found.item:
                    self.places.append((now, found.item))
                self._note((found.item, "answer"), found.chosen, found.saved, now)
                self._note((found.item, "evidence"), found.evidence, found.saved, now)
            if self.until and now >= self.until:
                raise Over
            if now >= end:
                return found

    def watch_for(self, wanted: Callable[[Look], bool], seconds: float = 3.0) -> Look | None:
        """Watch until the screen says so, or the time is up."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            found = self.watch()
            if found is not None and wanted(found):
                return found
        return self.watch()

    def _note(self, key: Key, shown: str, saved: bool, now: float) -> None:
        given = self.given.get(key)
        if given is None or not shown or not saved:
            self._standing.pop(key, None)
            return
        value, since = self._standing.get(key, ("", 0.0))
        if value != shown:
            self._standing[key] = (shown, now)
        elif now - since >= STOOD:
            text = key[1] == "evidence"
            for index in range(len(given.values) - 1, max(given.promised, 0) - 1, -1):
                if given.values[index] == shown or (text and given.values[index].startswith(shown)):
                    if index > given.promised or len(shown) > given.letters:
                        given.promised, given.letters = index, len(shown)
                    break

    def give(self, key: Key, value: str) -> None:
        """Note what is about to be given."""
        self.given.setdefault(key, Given()).values.append(value)

    def move(self, key: str) -> Look | None:
        """To another question; the next key is pressed when the screen has followed."""
        before = self.watch()
        self.terminal.press(key)
        return self.watch_for(
            lambda found: before is None or (found.item, found.editing) != (before.item, before.editing), 1.0
        )

    def something(self) -> None:
        """One thing a person does."""
        dice = self.stream
        now = self.watch()
        what = dice.random()
        if now is None or (what < 0.25 and not now.editing):
            now = self.move("tab")
        elif now.editing:
            if what < 0.6:
                self.move("escape" if what < 0.4 else "tab")
            else:
                self.write(now)
        elif what < 0.35:
            self.move("ctrl+n" if what < 0.3 else "ctrl+b")
        elif now.choices and what < 0.7:
            digit = int(dice.integers(1, 5))
            self.give((now.item, "answer"), CHOICES[digit - 1])
            self.terminal.press(str(digit))
        elif now.choices:
            self.write(now)
        else:
            self.move("tab" if what < 0.9 else "up")
        self.watch(float(dice.exponential(0.15)))

    def write(self, now: Look) -> None:
        """Write evidence, or go on writing."""
        dice = self.stream
        more = " ".join(
            WORDS[int(number)] for number in dice.integers(len(WORDS), size=int(dice.integers(1, 4)))
        )
        if len(now.evidence) + len(more) > 38:
            return
        if not now.editing:
            self.terminal.press("enter")
            begun = self.watch_for(lambda found: found.editing and found.item == now.item)
            if begun is None or not begun.editing:
                return
        before = self.given[now.item, "evidence"].values[-1] if now.evidence else ""
        text = f"{before} {more}" if before else more
        self.give((now.item, "evidence"), text)
        for letter in text[len(before) :]:
            self.terminal.press(letter)
            self.watch(float(dice.exponential(0.02)))


@dataclass
class Campaign:
    """A workspace, what was given to it so far, and what was found wrong."""

    folder: Path
    ref: str
    acting: str
    stream: np.random.Generator
    warm: WarmStart
    given: dict[Key, Given] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    kills: int = 0
    hang_ups: int = 0
    promises: int = 0
    place: str = ""
    """Where the form must open next time."""

    def start(self) -> Terminal:
        """The program on the workspace."""
        return Terminal(arguments(self.folder / "w", self.acting), warm=self.warm)

    def kill_once(self) -> None:
        """Open the form, work for a random time, kill, look."""
        with self.start() as terminal:
            session = Session(terminal, self.stream, self.given)
            self._reopened(session.open_form(self.ref))
            session.until = time.perf_counter() + float(self.stream.uniform(0.0, 2.0))
            with suppress(Over):
                while True:
                    session.something()
            terminal.kill()
        self.kills += 1
        self._check(session, f"kill {self.kills}")

    def hang_up_once(self) -> None:
        """Open the form, write, close the window in mid-word, look."""
        with self.start() as terminal:
            session = Session(terminal, self.stream, self.given)
            now: Look | None = session.open_form(self.ref)
            self._reopened(now)
            for number in range(1, 200):
                if now and now.choices and len(now.evidence) < 8:
                    break
                now = session.move("ctrl+n" if number % 15 == 0 else "tab")
            assert now is not None, terminal.text
            terminal.press("enter")
            terminal.wait(lambda t: (found := look(t.lines)) is not None and found.editing)
            start = now.evidence + (" " if now.evidence else "")
            text = (
                start
                + "".join(WORDS[int(i)] for i in self.stream.integers(len(WORDS), size=4))[: 36 - len(start)]
            )
            session.give((now.item, "evidence"), text)
            seen: list[tuple[float, int]] = []
            typing = int(self.stream.integers(4, len(text) - len(start) + 1))
            for letter in text[len(now.evidence) : len(start) + typing]:
                terminal.press(letter)
                found = session.watch(float(self.stream.exponential(0.06)))
                if found and text.startswith(found.evidence):
                    seen.append((time.perf_counter(), len(found.evidence)))
            closed = time.perf_counter()
            terminal.hang_up()
            try:
                terminal.process.wait(5)
            except TimeoutError:  # it must not hang about without a window
                self.failures.append(f"hang-up {self.hang_ups + 1}: still running five seconds later")
        self.hang_ups += 1
        name = f"hang-up {self.hang_ups}"
        due = max((length for at, length in seen if closed - at >= TYPING_PAUSE), default=0)
        stored = self._check(session, name).get((now.item, "evidence"), "")
        self.promises += 1
        if len(stored) < due:
            self.failures.append(f"{name}: {due} letters were on the screen, {len(stored)} are stored")

    def _reopened(self, found: Look | None) -> None:
        if self.place and (found is None or found.item != self.place):
            self.failures.append(
                f"reopened at {found.item if found else 'nothing'}, was left at {self.place}"
            )

    def _check(self, session: Session, name: str) -> dict[Key, str]:
        """Look into the file that was left behind."""
        import sqlcipher3.dbapi2 as engine

        ended = time.perf_counter()
        db = engine.connect(str(self.folder / "w" / "qa-audit.db"))
        try:
            if (said := db.execute("pragma integrity_check").fetchone()[0]) != "ok":
                self.failures.append(f"{name}: {said}")
            if db.execute("pragma foreign_key_check").fetchone():
                self.failures.append(f"{name}: a foreign key hangs")
            audit, started = db.execute(
                "select audit_id, started_at from audit where ref = ?", (self.ref,)
            ).fetchone()
            rows = db.execute(
                "select item, part, value, version from answer where audit_id = ?", (audit,)
            ).fetchall()
            events: dict[str, list[str]] = {}
            for what, new in db.execute(
                "select field, new from event where subject_id = ? and action = 'answer.saved' order by seq",
                (audit,),
            ):
                events.setdefault(what, []).append(new)
            place = db.execute("select section, item from position where audit_id = ?", (audit,)).fetchone()
        finally:
            db.close()
        stored = {(item, part): value for item, part, value, _ in rows}
        for item, part, value, version in rows:
            told = events.pop(f"{item}.{part}", [])
            if len(told) != version or told[-1:] != [value]:
                self.failures.append(f"{name}: {item}.{part} version {version}, {len(told)} events")
        if events:
            self.failures.append(f"{name}: events without an answer for {', '.join(events)}")
        if rows and not started:
            self.failures.append(f"{name}: answers in an audit that was never started")
        for key, given in self.given.items():
            self._check_one(name, key, given, stored.get(key, ""))
        self.place = place[1].partition("#")[0] if place else ""  # the first of several looks like the others
        left = [at for at, _ in session.places[1:]] + [ended]
        lately = {item for (_, item), at in zip(session.places, left, strict=False) if ended - at < PLACE_AGE}
        if self.place and lately and self.place not in lately:
            self.failures.append(
                f"{name}: the stored place {self.place} is none of {', '.join(sorted(lately))}"
            )
        return stored

    def _check_one(self, name: str, key: Key, given: Given, stored: str) -> None:
        """Promised values are there or a later one is; then what is stored is where the next session begins."""
        where = ".".join(key)
        text = key[1] == "evidence"
        allowed = given.values[max(given.promised, 0) :]
        if given.promised >= 0:
            self.promises += 1
        if stored:
            fits = [one for one in allowed if one == stored or (text and one.startswith(stored))]
            if not fits:
                late = "was replaced by an older answer" if stored in given.values else "was never given"
                self.failures.append(
                    f"{name}: what is stored for {where} {late}: {stored!r}, given {given.values!r}"
                )
            elif text and given.promised >= 0 and len(stored) < given.letters:
                self.failures.append(
                    f"{name}: {where} has {len(stored)} letters of {given.letters} called saved"
                )
        elif given.promised >= 0:
            self.failures.append(f"{name}: {where} was called saved and is not stored")
        given.values[:] = [stored] if stored else []
        given.promised, given.letters = (0, len(stored)) if stored else (-1, 0)

    @property
    def report(self) -> str:
        """The figures in words."""
        ends = " and ".join(
            words
            for number, words in (
                (self.kills, f"{self.kills} kills"),
                (self.hang_ups, f"{self.hang_ups} hang-ups"),
            )
            if number
        )
        lost = "0 lost, 0 torn, file whole each time" if not self.failures else "\n".join(self.failures)
        return f"{ends}: {self.promises} times an answer called saved was looked for; {lost}"


@contextmanager
def campaign_in(folder: Path, seed: int) -> Iterator[Campaign]:
    """A small council with one allocated audit, made by the services everybody uses."""
    from council_world import Ticker, World

    from qa_audit.store.workspace import Workspace

    clock = Ticker(datetime.now(UTC))  # noqa: TID251 - the program that is driven has the machine's clock
    world = World(Workspace.create(folder / "w", clock=clock), clock).fill(6)
    ref, auditor = world.one()
    world.workspace.close()
    with WarmStart(private_home(folder / "home")) as warm:
        yield Campaign(folder, ref, auditor.code, np.random.default_rng(seed), warm)


def main() -> int:
    """The campaign from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--hang-ups", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if sys.platform == "win32":
        print("This needs a pty, which Windows has not.")
        return 2
    with (
        tempfile.TemporaryDirectory(prefix="qa-audit-kill-") as folder,
        campaign_in(Path(folder), chosen.seed) as campaign,
    ):
        began = time.perf_counter()
        for number in range(chosen.kills + chosen.hang_ups):
            (campaign.kill_once if number < chosen.kills else campaign.hang_up_once)()
            if (number + 1) % 25 == 0:
                print(f"  {time.perf_counter() - began:6.0f} s  {campaign.report}", flush=True)
    print(campaign.report)
    return 1 if campaign.failures else 0


if __name__ == "__main__":
    sys.exit(main())
