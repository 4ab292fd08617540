"""Workbooks, read in a child process: the fast reader first, the careful one when it cannot."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import IO

from qa_audit.errors import BadInput, Code
from qa_audit.frame.reader_child import NUMBER
from qa_audit.frame.safety import Checked, damaged, password_needed

WALL_SECONDS, WALL_SECONDS_A_MEGABYTE = 180, 6
_OUT_OF_MEMORY = 77


@dataclass(frozen=True, slots=True)
class Sheet:
    """A new sheet begins."""

    name: str
    visible: bool = True


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of the sheet, turned: the spreadsheet's own row numbers, rising, and every column's cells."""

    numbers: Sequence[int]
    columns: Sequence[Sequence[object]]

    @classmethod
    def of(cls, rows: Sequence[tuple[int, Sequence[object]]]) -> Chunk:
        """Rows of any length; what a row lacks at its end is None."""
        return cls([number for number, _ in rows], tuple(zip_longest(*(cells for _, cells in rows))))

    def rows(self) -> Iterator[tuple[int, tuple[object, ...]]]:
        """The rows as they stand in the sheet."""
        return zip(self.numbers, zip(*self.columns, strict=True), strict=True)


@dataclass(frozen=True, slots=True)
class Note:
    """Something to be told about the reading itself."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The fast reader broke off: forget what it gave and read again with `oversized` set. Nothing follows it."""

    words: str


Reading = Sheet | Chunk | Note | Restart


def cancelled_error() -> BadInput:
    """What a person gets who asked to stop."""
    return BadInput(Code.CANCELLED, "Stopped before it was finished", why="Nothing was changed")


def read_workbook(checked: Checked, cancelled: Callable[[], bool] | None = None) -> Iterator[Reading]:
    """The sheets and rows of a workbook that passed `check_file`.

    `oversized` chooses the careful reader. Raises UNREADABLE_FILE or PASSWORD_PROTECTED in words.
    """
    for words in checked.notes:
        yield Note("sheet-too-large", words)
    try:
        yield from _run(checked, "careful" if checked.oversized else "fast", cancelled)
    except _ReaderBrokeError as broke:
        if checked.kind == "xls" or checked.oversized:
            raise damaged(checked.path, broke.words) from broke
        yield Restart(f"The fast reader could not read the file ({broke.words}); the careful one did")


class _ReaderBrokeError(Exception):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def _run(checked: Checked, mode: str, cancelled: Callable[[], bool] | None) -> Iterator[Reading]:
    seconds = WALL_SECONDS + WALL_SECONDS_A_MEGABYTE * (checked.path.stat().st_size // 2**20)
    process = subprocess.Popen(  # noqa: S603 - our own module in our own interpreter, the file as one argument
        [sys.executable, "-m", "qa_audit.frame.reader_child", mode, os.fspath(checked.path.resolve())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    watch = _Watch(process, seconds, cancelled)
    ended = False
    try:
        assert process.stdout is not None
        values: list[object] = []
        while line := process.stdout.readline():
            if cancelled is not None and cancelled():
                raise cancelled_error()
            event = json.loads(line)
            kind = event[0]
            if kind == "rows":
                if event[2]:
                    values = []
                values.extend(event[3])
                yield _chunk(process.stdout, event[1], event[4], values)
            elif kind == "sheet":
                yield Sheet(event[1], event[2])
            elif kind == "note":
                yield Note(event[1], event[2])
            elif kind == "fail":
                if event[1] == "password":
                    raise password_needed(checked.path)
                raise _ReaderBrokeError(f"it is not a workbook it understands: {event[2]}")
            elif kind == "end":
                ended = True
    except json.JSONDecodeError as error:
        raise _ReaderBrokeError("it broke off") from error
    finally:
        watch.stop()
        if process.poll() is None and not ended:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
    if watch.cancelled:
        raise cancelled_error()
    if not ended:
        if watch.late:
            raise _ReaderBrokeError(f"it took longer than {seconds} seconds")
        raise _ReaderBrokeError(
            "it needed too much memory" if process.returncode == _OUT_OF_MEMORY else "it broke off"
        )


def _chunk(stream: IO[bytes], rows: int, plain: list[list[object] | None], values: list[object]) -> Chunk:
    """The rows behind a line. `values` are those that crossed; a plain column brings its own."""
    numbers = _numbers(stream, rows)
    columns = []
    for cells in plain:
        try:
            found = cells or [*map(values.__getitem__, _numbers(stream, rows))]
        except IndexError as error:
            raise _ReaderBrokeError("it broke off") from error
        if len(found) != rows:
            raise _ReaderBrokeError("it broke off")
        columns.append(found)
    return Chunk(numbers, columns)


def _numbers(stream: IO[bytes], count: int) -> array[int]:
    found: array[int] = array(NUMBER)
    raw = stream.read(count * found.itemsize)
    if len(raw) != count * found.itemsize:
        raise _ReaderBrokeError("it broke off")
    found.frombytes(raw)
    return found


class _Watch:
    """Ends the child when the person asks to stop, or when it takes too long."""

    def __init__(
        self, process: subprocess.Popen[bytes], seconds: float, cancelled: Callable[[], bool] | None
    ) -> None:
        self.cancelled = False
        self.late = False
        self._done = threading.Event()
        self._process = process
        self._ask = cancelled
        self._seconds = seconds
        self._thread = threading.Thread(target=self._look, name="frame-reader-watch", daemon=True)
        self._thread.start()

    def _look(self) -> None:
        waited = 0.0
        while not self._done.wait(0.1):
            waited += 0.1
            self.cancelled = self._ask is not None and self._ask()
            self.late = waited > self._seconds
            if self.cancelled or self.late:
                self._process.kill()
                return

    def stop(self) -> None:
        """The child has ended."""
        self._done.set()
        self._thread.join(timeout=2)
