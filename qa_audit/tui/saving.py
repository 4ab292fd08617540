"""Saving while a person works: one daemon thread, the newest value of each answer, nothing lost quietly.

`SaveQueue` takes values on the screen's thread and hands them one by one to a function that writes and
returns when the value is committed. Values for the same key coalesce, so a key is never written with an
older value after a newer one. A failed save keeps its value and is tried again; the report says so.

The queue knows nothing of screens: it calls `report` from its own thread, and a screen passes a function
that posts a message (posting is safe from any thread; calling into the app and waiting is not).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from qa_audit.errors import QaError, StorageFault

Key = TypeVar("Key", bound=Hashable)

TYPING_PAUSE = 0.4
"""Seconds after the last key before a text is saved."""
LONGEST_WAIT = 5.0
"""Seconds after which a text is saved even while the person keeps typing."""
FIRST_RETRY = 2.0
LAST_RETRY = 30.0
QUICK_RETRY = 0.2
"""Seconds between tries while somebody waits for the flush."""


class SaveState(StrEnum):
    """How things stand for one value."""

    SAVING = "saving"
    SAVED = "saved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SaveReport(Generic[Key]):
    """News about one key, or about none in particular."""

    key: Key
    state: SaveState
    at: datetime | None = None
    """When it was committed, for SAVED."""
    why: str = ""
    """What went wrong, for FAILED: the refusal's own words, or a general sentence; never an exception's text."""
    retrying: bool = False
    """FAILED, and tried again by itself."""
    waiting: int = 0
    """Values not yet saved, this one included unless it is SAVED."""


@dataclass(slots=True)
class _Waiting:
    value: str
    due: float
    since: float
    number: int
    tries: int = 0
    held: bool = False
    """Refused for a reason that waiting cannot cure: kept, tried again on request or on a new value."""


@dataclass(slots=True)
class _State(Generic[Key]):
    waiting: dict[Key, _Waiting] = field(default_factory=dict)
    writing: Key | None = None
    number: int = 0
    hurry: bool = False
    stopping: bool = False


class SaveQueue(Generic[Key]):
    """Values on their way to the store.

    `save(key, value)` blocks until the value is committed and returns when that was; it runs in this
    queue's thread only. `report` is called from that thread after every change of state.
    """

    def __init__(
        self,
        save: Callable[[Key, str], datetime],
        report: Callable[[SaveReport[Key]], None],
        *,
        first_retry: float = FIRST_RETRY,
        name: str = "saving",
    ) -> None:
        self._save = save
        self._report = report
        self._first_retry = first_retry
        self._name = name
        self._state: _State[Key] = _State()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, key: Key, value: str, *, delay: float = 0.0) -> None:
        """Queue a value; `delay` seconds of quiet are waited for first (0 = at once)."""
        with self._changed:
            if self._state.stopping:
                raise RuntimeError("this queue is closed")
            now = time.monotonic()
            earlier = self._state.waiting.get(key)
            since = earlier.since if earlier else now
            if earlier is None:
                self._state.number += 1
            number = earlier.number if earlier else self._state.number
            due = min(now + delay, since + LONGEST_WAIT) if delay else now
            self._state.waiting[key] = _Waiting(value, due, since, number)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def unsaved(self) -> dict[Key, str]:
        """Every value not yet committed, newest first come last."""
        with self._changed:
            ordered = sorted(self._state.waiting.items(), key=lambda pair: pair[1].number)
            return {key: waiting.value for key, waiting in ordered}

    def hurry(self) -> None:
        """Save everything now, without waiting for it: pauses end, refused values are tried again."""
        with self._changed:
            self._hurry()

    def flush(self, timeout: float = 5.0) -> bool:
        """Save everything now and wait for it; True when nothing is left unsaved.

        A store that is busy is tried again until the time is up; returns early when what is left was refused
        for a reason that waiting cannot cure.
        """
        end = time.monotonic() + timeout
        with self._changed:
            self._hurry()
            while self._state.waiting or self._state.writing is not None:
                waiting = self._state.waiting.values()
                if self._state.writing is None and all(each.held for each in waiting):
                    return False
                soon = time.monotonic() + QUICK_RETRY
                for each in waiting:
                    each.due = min(each.due, soon)
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, QUICK_RETRY))
        return True

    def close(self, timeout: float = 5.0) -> bool:
        """Flush and stop the thread; True when nothing was left unsaved. May be called twice."""
        done = self.flush(timeout)
        with self._changed:
            self._state.stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(0.5)
        return done

    def _hurry(self) -> None:
        now = time.monotonic()
        for waiting in self._state.waiting.values():
            waiting.due, waiting.tries, waiting.held = now, 0, False
        self._changed.notify_all()

    def _next(self) -> tuple[Key, _Waiting] | None:
        """The due value that was queued first; waits until there is one, None when stopping."""
        while not self._state.stopping:
            ready = [(w.number, key) for key, w in self._state.waiting.items() if not w.held]
            now = time.monotonic()
            due = [(number, key) for number, key in ready if self._state.waiting[key].due <= now]
            if due:
                _, key = min(due, key=lambda pair: pair[0])
                return key, self._state.waiting[key]
            soonest = min((self._state.waiting[key].due for _, key in ready), default=None)
            self._changed.wait(None if soonest is None else max(0.001, soonest - now))
        return None

    def _work(self) -> None:
        while True:
            with self._changed:
                found = self._next()
                if found is None:
                    return
                key, entry = found
                value = entry.value
                self._state.writing = key
                left = len(self._state.waiting)
            self._tell(SaveReport(key, SaveState.SAVING, waiting=left))
            at: datetime | None = None
            why, curable = "", True
            try:
                at = self._save(key, value)
            except QaError as refusal:
                why, curable = _reason(refusal), isinstance(refusal, StorageFault)
            except Exception:
                why = "the answer could not be written"
            with self._changed:
                self._state.writing = None
                newest = self._state.waiting.get(key)
                if newest is entry:
                    if at is not None:
                        del self._state.waiting[key]
                    else:
                        entry.tries += 1
                        entry.held = not curable
                        entry.due = time.monotonic() + min(
                            LAST_RETRY, self._first_retry * 2 ** min(entry.tries - 1, 6)
                        )
                left = len(self._state.waiting)
                self._changed.notify_all()
            if at is not None:
                self._tell(SaveReport(key, SaveState.SAVED, at=at, waiting=left))
            else:
                self._tell(SaveReport(key, SaveState.FAILED, why=why, retrying=curable, waiting=left))

    def _tell(self, report: SaveReport[Key]) -> None:
        # a screen that is closing must not stop the saving
        with suppress(Exception):
            self._report(report)


def _reason(refusal: QaError) -> str:
    """What and why in one short clause: no place, since it may be long."""
    return " - ".join(part.strip().rstrip(".") for part in (refusal.what, refusal.why) if part)
