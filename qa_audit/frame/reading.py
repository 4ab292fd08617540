"""What has been understood while files are read, before anything is concluded from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from qa_audit.frame.findings import Findings
from qa_audit.frame.gathering import Gathering
from qa_audit.frame.headings import Recognition
from qa_audit.frame.intake import Intake
from qa_audit.frame.lists import load_lists
from qa_audit.frame.memory import Memory
from qa_audit.frame.workbook import Chunk

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]


@dataclass(slots=True)
class SheetState:
    """One sheet while it is read."""

    name: str
    head: list[Chunk] = field(default_factory=list)
    decided: bool = False
    intake: Intake | None = None
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """What has been understood so far, over all files."""

    as_at: date
    authority: str
    findings: Findings
    gatherings: dict[str, Gathering] = field(default_factory=dict)
    read: list[tuple[str, str, SheetState, Recognition]] = field(default_factory=list)
    others: list[tuple[str, str, Recognition, int]] = field(default_factory=list)
    send: list[str] = field(default_factory=list)
    ssd_tables: list[str] = field(default_factory=list)
    rows: int = 0
    progress: Progress | None = None
    careful: Mapping[Path, str] = field(default_factory=dict)
    memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        self.memory = Memory(self.as_at)

    def gathering(self, family: str) -> Gathering:
        """Where the rows of one family of lists come together."""
        if family not in self.gatherings:
            self.gatherings[family] = Gathering(load_lists(family), self.as_at, self.findings)
        return self.gatherings[family]
