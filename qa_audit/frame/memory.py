"""What has been read once in a reading and need not be read again: cells by their raw value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from qa_audit.frame.cells import Cell, read_date
from qa_audit.frame.reader_child import DATE_MARK

_REMEMBERED = 50_000
# An expected birth more than this ahead is a typing error, not an unborn child.
LONGEST_WAIT = timedelta(days=310)


class Memo(dict[object, object]):
    """Raw cell -> clean value, each read once. `noted` holds the raw cells something must be said about,
    `late` those that are days after the as-at date, which are read as None."""

    def __init__(self, read: Callable[[object], Cell], as_at: date | None = None) -> None:
        """With `as_at`, values are dates and later ones are put aside."""
        super().__init__()
        self.noted: dict[object, str] = {}
        self.late: dict[object, date] = {}
        self._read, self._as_at = read, as_at

    def __missing__(self, raw: object) -> object:
        if raw is None or raw == "":
            self[raw] = None
            return None
        cell = self._read(unmarked(raw))
        value: object = cell.value
        if cell.note:
            self.noted[raw] = cell.note
        if self._as_at is not None and isinstance(value, date) and value > self._as_at:
            self.late[raw] = value
            value = None
        self[raw] = value
        return value

    def trim(self) -> None:
        """Begin again when there is too much to remember. Not while a chunk is being read."""
        if len(self) > _REMEMBERED:
            self.clear()
            self.noted.clear()
            self.late.clear()


class Memory:
    """What all sheets of one reading share: days they have in common, and how authorities are spelled."""

    def __init__(self, as_at: date) -> None:
        """`as_at` is the day the lists describe."""
        self.days = Memo(read_date, as_at)
        self.planned = Memo(read_date)
        self.births = Memo(read_date, as_at + LONGEST_WAIT)
        self.authorities: dict[str, str] = {}

    def authority(self, name: str) -> str:
        """The spelling of an authority that came first: case and spaces make no other authority."""
        return self.authorities.setdefault(" ".join(name.casefold().split()), name)


def unmarked(raw: object) -> object:
    """A cell as a value: what the workbook reader marked as a date becomes one."""
    if isinstance(raw, str) and raw[:1] == DATE_MARK:
        text = raw[1:]
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            return text
    return raw
