"""What a benchmark says: one claim, its figure, what it was measured against in the same run, and the bar."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
if (tests := str(ROOT / "tests")) not in sys.path:
    sys.path[:0] = [str(ROOT), tests]  # the terminal and the small council that the tests use


@dataclass(frozen=True)
class Claim:
    """One line of the table. `ours` and `other` in `unit`; a target is a ratio to the other, or a limit of our own."""

    what: str
    ours: float
    unit: str = "ms CPU"
    against: str = ""
    """The alternative, named; "" when the bar is a figure of our own."""
    other: float | None = None
    at_most: float | None = None
    """The greatest ratio ours/other; without an alternative the greatest figure. None = nothing was promised."""

    @property
    def ratio(self) -> float | None:
        """Ours over the other: below 1 is faster."""
        return self.ours / self.other if self.other else None

    @property
    def met(self) -> bool | None:
        """Whether the bar was met; None when nothing was promised."""
        if self.at_most is None:
            return None
        return (self.ratio if self.ratio is not None else self.ours) <= self.at_most


def alternately(works: Sequence[Callable[[], float]], times: int) -> list[float]:
    """The median of what each work measured, the works taking turns so that a busy moment meets all of them."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(times):
        for each, work in zip(found, works, strict=True):
            each.append(work())
    return [statistics.median(each) for each in found]


def cpu_of(command: Sequence[str]) -> float:
    """CPU milliseconds of a whole process, user and system, its output thrown away. POSIX only."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    return 1000 * (used.ru_utime + used.ru_stime)


def cpu(work: Callable[[], object]) -> float:
    """CPU milliseconds of a call in this process."""
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def program() -> list[str]:
    """The installed command, as people start it."""
    script = Path(sys.executable).with_name("qa-audit")
    return [str(script)] if script.exists() else [sys.executable, "-m", "qa_audit"]
