"""What is kept of an unexpected failure: where in the program it happened, never what it held.

A crash report has the kinds of the errors and the stack (file, line, function). No local variable,
no message of an error and no argument is written: all three can quote a child's record.
"""

from __future__ import annotations

import hashlib
import os
import traceback
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qa_audit.errors import QaError


@dataclass(frozen=True, slots=True)
class CrashReport:
    """A failure reduced to what may be shared."""

    code: str
    """Eight characters: the same failure gives the same code, so that reports can be matched."""
    text: str
    """The stack, safe to send to the people who maintain the program."""


def describe(error: BaseException | None, at: datetime, version: str) -> CrashReport:
    """The report of an error; `at` and `version` go into the text, not into the code."""
    stack: list[str] = []
    seen: set[int] = set()
    current = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = f"{type(current).__module__}.{type(current).__qualname__}"
        if isinstance(current, QaError):
            kind += f" [{current.code.value}]"
        stack.append(kind)
        stack.extend(
            f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        )
        current = current.__cause__ or current.__context__
    body = "\n".join(stack) or "unknown"
    code = hashlib.blake2s(body.encode("utf-8"), digest_size=4).hexdigest().upper()
    return CrashReport(
        code, f"qa-audit {version}\n{at.isoformat(timespec='seconds')}\ncode {code}\n\n{body}\n"
    )


def _short(filename: str) -> str:
    """The last parts of a path: folders above may carry a person's log-in name."""
    parts = Path(filename).parts
    return "/".join(parts[-3:])


def keep(report: CrashReport, folder: Path, at: datetime) -> Path | None:
    """Write the report to a file only its owner can read; None when that is not possible."""
    path = folder / f"crash-{at:%Y%m%d-%H%M%S}-{report.code}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(report.text)
    except OSError:
        return None
    return path


def words(report: CrashReport, path: Path | None) -> str:
    """What the person at the keyboard reads."""
    said = [
        f"qa-audit had to stop because of a fault in the program (code {report.code}).",
        "Every answer that showed as saved is safe. Start it again to carry on where you were.",
    ]
    if path is not None:
        said.append(f"Where it happened is in {path} - no case details are in that file.")
    return "\n".join(said)
