"""Starts the program many times quickly: imports it once, then forks for every start.

Run by `terminal.WarmStart`. Reads one line of JSON per start ({"tty": ..., "arguments": [...]}), answers with the
process id. The fork becomes the leader of a session of its own on that tty and runs the program's own entry; it
shares nothing with other starts but the modules that were imported. POSIX only.
"""

from __future__ import annotations

import fcntl
import gc
import importlib
import json
import os
import signal
import sys
import termios

MODULES = (
    "qa_audit.cli.main", "qa_audit.tui.launch", "qa_audit.tui.council_app", "qa_audit.access.service",
    "qa_audit.audits.service", "qa_audit.moderation.feedback", "qa_audit.tui.screens.start.screen",
    "qa_audit.tui.screens.home.screen", "qa_audit.tui.screens.work.screen", "sqlalchemy.dialects.sqlite",
)  # fmt: skip


def run(tty: str, arguments: list[str]) -> None:
    """In the fork: never returns."""
    os.setsid()
    terminal = os.open(tty, os.O_RDWR)
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(terminal, number)
    os.close(terminal)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115 - for the rest of its life
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    from qa_audit.cli.main import main

    os._exit(main(arguments))


def serve() -> None:
    """Fork for every line, until the other side closes."""
    for name in MODULES:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        wanted = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run(wanted["tty"], wanted["arguments"])
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
