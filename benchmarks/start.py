"""From the command to the first paint, in a real pty of 120x40, on a workspace that exists.

python -m benchmarks start

The paint counts when its words have come through the pty; the process's CPU is read from the scheduler at that
moment (Linux). Ours and a hello-world Textual app take turns; medians.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.claim import ROOT, Claim, program


def until_seen(command: Sequence[str], words: Sequence[str], home: Path) -> list[tuple[float, float]]:
    """(CPU ms, wall ms) at which each of the words was first on the screen."""
    from terminal import Terminal, private_home

    with Terminal(command, private_home(home)) as at:
        return [at.until(each.encode()) for each in words]


def claims(full: bool = False) -> list[Claim]:
    """First paint, and from there to the workspace being open."""
    from council_world import Ticker, World

    from qa_audit.store.workspace import Workspace

    with tempfile.TemporaryDirectory(prefix="qa-audit-bench-") as folder:
        place = Path(folder) / "w"
        clock = Ticker(datetime.now(UTC))  # noqa: TID251 - the program that is measured has the machine's clock
        world = World(Workspace.create(place, clock=clock), clock).fill(6)
        _, auditor = world.one()
        world.workspace.close()
        hello = [sys.executable, str(ROOT / "benchmarks" / "hello.py")]
        ours = [*program(), "--workspace", str(place), "--as", auditor.code]
        runs = [
            (until_seen(hello, ["Hello"], Path(folder)), until_seen(ours, ["Opening", "Needs"], Path(folder)))
            for _ in range(15 if full else 7)
        ]
    usual, mine, ready = (
        tuple(statistics.median(run[side][step][which] for run in runs) for which in (0, 1))
        for side, step in ((0, 0), (1, 0), (1, 1))
    )
    against = "hello-world Textual app"
    return [
        Claim("first paint", mine[0], against=against, other=usual[0], at_most=1.5),
        Claim("first paint, wall", mine[1], "ms", against, usual[1], 1.5),
        Claim("workspace open, home on screen, wall", ready[1], "ms", against, usual[1]),
    ]
