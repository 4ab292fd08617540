"""A real terminal of 120x40 for the real program: start it in a pty, read its screen, press keys, end it."""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

COLUMNS, LINES = 120, 40
# What pyte cannot read: keyboard protocols and other private sequences with < > = before their numbers.
_PRIVATE = re.compile(rb"\x1b\[[<>=][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*\$p")
_UNFINISHED = re.compile(rb"\x1b(?:\[[<>=?]?[0-9;]*\$?)?$")


TYPE = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Gone(Exception):
    """The program ended while its screen was being waited for."""


class Process(Protocol):
    """What is asked of a started program."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """The program's environment: its size is that of its terminal, whatever a test runner has set."""
    kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
    return {**kept, **TYPE, **more}


def _started(command: Sequence[str], slave: int, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    import fcntl
    import termios

    return subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=_environment(env),
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one system call
    )  # fmt: skip


@dataclass(frozen=True)
class Forked:
    """A program started by `WarmStart`, which leaves no status behind."""

    pid: int

    def poll(self) -> int | None:
        """None while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Until it is gone. Raises TimeoutError."""
        end = time.perf_counter() + (timeout or 3600)
        while self.poll() is None:
            if time.perf_counter() > end:
                raise TimeoutError("still running")
            time.sleep(0.005)
        return 0

    def send_signal(self, sig: int) -> None:
        """Nothing when it is gone already."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, sig)


class WarmStart:
    """Imports the program once and forks for every start: a start costs a tenth. Use as a context manager."""

    def __init__(self, env: Mapping[str, str]) -> None:
        script = Path(__file__).with_name("reliability") / "warm_start.py"
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env=_environment(env),
        )  # fmt: skip

    def fork(self, tty: str, arguments: Sequence[str]) -> Forked:
        """Start the program on a tty."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"tty": tty, "arguments": list(arguments)}) + "\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()))

    def __enter__(self) -> WarmStart:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.communicate()


class Terminal:
    """One program in a pty, with the screen as a person would see it.

    The program is a session leader with this pty as its controlling terminal, so that closing the pty hangs it
    up as closing a window does. POSIX only.
    """

    def __init__(
        self, command: Sequence[str], env: Mapping[str, str] | None = None, *, warm: WarmStart | None = None
    ) -> None:
        """`command` is a whole command line; with `warm` it is the arguments of the program alone."""
        import fcntl
        import termios

        import pyte

        self.screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""
        self.first_byte = self.last_byte = 0.0
        self.master: int | None
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.started = time.perf_counter()
        self.process = warm.fork(os.ttyname(slave), command) if warm else _started(command, slave, env or {})
        os.close(slave)
        os.set_blocking(self.master, False)

    # -- reading ------------------------------------------------------------------------------------

    def pump(self, seconds: float = 0.0) -> bytes:
        """Read what the program writes for so long; returns the bytes of the last chunk, b"" when there were none."""
        import select

        end = time.perf_counter() + seconds
        chunk = b""
        while self.master is not None:
            left = max(0.0, end - time.perf_counter())
            ready, _, _ = select.select([self.master], [], [], left)
            if not ready:
                break
            try:
                chunk = os.read(self.master, 1 << 16)
            except OSError:  # EIO: the program has closed its side
                break
            if not chunk:
                break
            self.last_byte = time.perf_counter()
            self.first_byte = self.first_byte or self.last_byte
            self._feed(chunk)
            if not seconds:
                continue
        return chunk

    def _feed(self, chunk: bytes) -> None:
        data = self._rest + chunk
        unfinished = _UNFINISHED.search(data)
        self._rest = data[unfinished.start() :] if unfinished else b""
        data = data[: unfinished.start()] if unfinished else data
        self._stream.feed(_PRIVATE.sub(b"", data))

    @property
    def lines(self) -> list[str]:
        """The screen as lines of text."""
        return list(self.screen.display)

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def status(self) -> str:
        """The last line: keys, and how saving stands."""
        return str(self.screen.display[-1])

    def wait(self, seen: Callable[[Terminal], bool] | str, seconds: float = 30.0) -> None:
        """Read until something is on the screen. Raises Gone or TimeoutError with the screen."""
        found = (lambda at: seen in at.text) if isinstance(seen, str) else seen
        end = time.perf_counter() + seconds
        while True:
            self.pump(0.02)
            if found(self):
                return
            if self.process.poll() is not None:
                raise Gone(f"the program ended: {self.process.poll()}\n{self.text}")
            if time.perf_counter() > end:
                raise TimeoutError(f"not on the screen in {seconds} s: {seen}\n{self.text}")

    def until(self, words: bytes, seconds: float = 30.0) -> tuple[float, float]:
        """(CPU ms, wall ms) of the program at the moment these bytes came; the screen is not kept meanwhile."""
        import select

        assert self.master is not None
        kept = b""
        while time.perf_counter() - self.started < seconds:
            if select.select([self.master], [], [], 1.0)[0]:
                kept = kept[-len(words) :] + os.read(self.master, 1 << 16)
                if words in kept:
                    return self.cpu(), 1000 * (time.perf_counter() - self.started)
        raise TimeoutError(f"{words!r} did not come in {seconds} s")

    def rest(self, quiet: float = 0.15, seconds: float = 10.0) -> None:
        """Read until nothing has been written for a while."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end and self.pump(quiet):
            pass

    # -- doing --------------------------------------------------------------------------------------

    def press(self, *keys: str | bytes) -> None:
        """Send keys: names of `KEYS`, or text as it is typed."""
        for key in keys:
            assert self.master is not None
            data = key if isinstance(key, bytes) else KEYS.get(key, key.encode())
            while data:
                try:
                    data = data[os.write(self.master, data) :]
                except BlockingIOError:
                    self.pump(0.01)

    def kill(self) -> None:
        """SIGKILL: no handler, no farewell."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def hang_up(self) -> None:
        """Close the pty, as when a window is closed or a line drops: the kernel sends SIGHUP."""
        if self.master is not None:
            os.close(self.master)
            self.master = None

    def close(self) -> None:
        """End the program if it still runs and give the pty back."""
        if self.process.poll() is None:
            self.kill()
        self.hang_up()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    # -- measuring ----------------------------------------------------------------------------------

    def cpu(self) -> float:
        """CPU milliseconds of all threads so far (Linux; nanoseconds from the scheduler)."""
        total = 0
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
            except OSError:  # that thread has just ended
                continue
        return total / 1e6


KEYS = {
    "enter": b"\r", "escape": b"\x1b", "tab": b"\t", "shift+tab": b"\x1b[Z", "up": b"\x1b[A", "down": b"\x1b[B",
    "right": b"\x1b[C", "left": b"\x1b[D", "backspace": b"\x7f", "space": b" ", "ctrl+n": b"\x0e", "ctrl+b": b"\x02",
    "ctrl+g": b"\x07", "ctrl+q": b"\x11", "ctrl+s": b"\x13", "f1": b"\x1bOP", "f4": b"\x1bOS",
}  # fmt: skip


def arguments(workspace: Path, acting: str = "") -> list[str]:
    """The arguments that open the app on a workspace."""
    return ["--workspace", str(workspace), *(["--as", acting] if acting else [])]


def qa_audit(workspace: Path, acting: str = "") -> list[str]:
    """The whole command line of the same."""
    return [sys.executable, "-m", "qa_audit", *arguments(workspace, acting)]


def private_home(folder: Path) -> dict[str, str]:
    """An environment in which the program's settings, logs and data go to this folder."""
    return {
        "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state"),
        "XDG_DATA_HOME": str(folder / "data"), "XDG_CACHE_HOME": str(folder / "cache"), "TEXTUAL_ANIMATIONS": "none",
    }  # fmt: skip
