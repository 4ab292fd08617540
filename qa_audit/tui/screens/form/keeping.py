"""The answers of one audit on screen, and their way to the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from qa_audit.tui.saving import TYPING_PAUSE, SaveQueue, SaveReport, SaveState
from qa_audit.tui.screens.form.messages import Key
from qa_audit.tui.screens.form.source import AuditSource
from qa_audit.tui.statusbar import SaveWords

PLACE_KEY: Key = ("@place", "")
"""The reading position travels the same road, and last."""
PLACE_PAUSE = 1.0
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Keeping:
    """What the person sees as answered, what is stored, and what is on its way."""

    def __init__(self, source: AuditSource, report: Callable[[SaveReport[Key]], None]) -> None:
        self.answers: dict[Key, str] = {}
        self._stored: dict[Key, str] = {}
        self._failed: dict[Key, str] = {}
        self._source = source
        self._queue: SaveQueue[Key] = SaveQueue(self._write, report, name="audit-saving")
        self._last: datetime | None = None
        self._sent: set[Key] = set()

    def begin(self, answers: dict[Key, str]) -> None:
        """What was stored when the form opened."""
        self.answers = dict(answers)
        self._stored = dict(answers)

    def answer(self, item: str, part: str, value: str, *, final: bool) -> None:
        """Take a value; it is saved at once when final, else when the typing pauses."""
        key = (item, part)
        if value:
            self.answers[key] = value
        else:
            self.answers.pop(key, None)
        if key in self._sent or value != self._stored.get(key, ""):
            self._sent.add(key)
            self._queue.put(key, value, delay=0.0 if final else TYPING_PAUSE)

    def at(self, section: str, item: str) -> None:
        """Remember where the person is."""
        self._queue.put(PLACE_KEY, f"{section} {item}", delay=PLACE_PAUSE)

    def news(self, report: SaveReport[Key]) -> SaveWords | None:
        """Take a report; the words for its field, None when it is about no answer."""
        if report.key == PLACE_KEY:
            return None
        if report.state is SaveState.SAVED:
            self._failed.pop(report.key, None)
            self._last = report.at
            if report.key not in self._queue.unsaved():
                self._sent.discard(report.key)
                self._stored[report.key] = self.answers.get(report.key, "")
            return SaveWords("saved", at=report.at)
        if report.state is SaveState.FAILED:
            self._failed[report.key] = report.why
            again = "; trying again" if report.retrying else "; Ctrl+S tries again"
            return SaveWords("failed", why=report.why + again)
        return SaveWords("saving")

    def words(self) -> SaveWords:
        """The state of the whole audit for the status bar: bad news first."""
        if self._failed:
            return SaveWords("failed", why=next(reversed(self._failed.values())))
        if any(key != PLACE_KEY for key in self._queue.unsaved()):
            return SaveWords("saving")
        return SaveWords("saved", at=self._last) if self._last else SaveWords()

    def unsaved(self) -> list[Key]:
        """Answers not yet stored."""
        return [key for key in self._queue.unsaved() if key != PLACE_KEY]

    def flush(self, timeout: float) -> bool:
        """Save what waits; without waiting for it when `timeout` is 0."""
        if timeout <= 0:
            self._queue.hurry()
            return not self.unsaved()
        return self._queue.flush(timeout) or not self.unsaved()

    def close(self, timeout: float) -> bool:
        """Save what waits and end the thread."""
        return self._queue.close(timeout) or not self.unsaved()

    def _write(self, key: Key, value: str) -> datetime:
        """In the saving thread."""
        if key == PLACE_KEY:
            section, _, item = value.partition(" ")
            self._source.remember(section, item)
            return _LONG_AGO
        return self._source.save(key[0], key[1], value)
