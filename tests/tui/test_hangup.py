"""The terminal window is closed in the middle of a word: what was typed is stored."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="no pseudo terminals on this system")
ROOT = Path(__file__).parents[2]

PROGRAM = """
import json, pathlib, sys
from tui.form_source import FormApp, MemoryAudit, NOW, _Clock
from qa_audit.tui.app import run

class FileAudit(MemoryAudit):
    def save(self, item, part, value):
        super().save(item, part, value)
        pathlib.Path(sys.argv[1]).write_text(json.dumps([[*k, v] for k, v in self.stored.items()]), encoding="utf-8")
        return NOW

sys.exit(run(FormApp(FileAudit(position=("PL", "PL2")), _Clock(), crash_folder=pathlib.Path(sys.argv[1]).parent)))
"""


def read_until(terminal: int, words: bytes, seconds: float = 30.0) -> bytes:
    seen, end = b"", time.monotonic() + seconds
    while words not in seen:
        assert time.monotonic() < end, seen[-400:]
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536)
    return seen


@pytest.mark.parametrize("how", ["window closed", "SIGTERM", "SIGHUP"])
def test_what_was_typed_is_stored_whatever_ends_the_program(tmp_path: Path, how: str) -> None:
    stored = tmp_path / "stored.json"
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "TERM": "xterm-256color",
                   "COLUMNS": "100", "LINES": "30"}  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(stored)],
        stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True, cwd=tmp_path,
        # a controlling terminal, so that closing it is felt as a hang-up
        preexec_fn=lambda: __import__("fcntl").ioctl(slave, __import__("termios").TIOCSCTTY, 0),  # noqa: PLW1509 - no threads here
    )  # fmt: skip
    os.close(slave)
    try:
        read_until(master, b"PL2")
        os.write(master, b"3\r")
        time.sleep(0.5)
        os.write(master, b"half a wor")
        read_until(master, b"r")
        time.sleep(0.15)  # less than the pause after which a text is saved by itself
        if how == "window closed":
            os.close(master)
        else:
            process.send_signal(getattr(signal, how))
            with contextlib.suppress(OSError):
                end = time.monotonic() + 10
                while process.poll() is None and time.monotonic() < end:
                    if select.select([master], [], [], 0.1)[0]:
                        os.read(master, 65536)
        process.wait(15)
    finally:
        if process.poll() is None:
            process.kill()
        if how != "window closed":
            os.close(master)
    answers = {(item, part): value for item, part, value in json.loads(stored.read_text(encoding="utf-8"))}
    assert answers["PL2", "answer"] == "no"
    assert answers["PL2", "evidence"].startswith("half")
    assert not list(tmp_path.glob("crash-*"))
