"""Storage errors in words: what the engine said, turned into what the user can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qa_audit.errors import Code, StorageFault

_SAYINGS = (
    (("no such table: meta", 'relation "meta" does not exist'), Code.NO_WORKSPACE, "There is no workspace here", "Make one with 'qa-audit init', or choose another place"),
    (("locked", "busy", "lock timeout"), Code.STORE_LOCKED, "Another program is writing to the workspace", "Try again in a moment; close other copies of qa-audit"),
    (("disk is full", "no space", "disk full", "database or disk is full"), Code.STORE_FULL, "The disk is full", "Make room on the disk; what was saved before is safe"),
    (("readonly", "read-only", "read only"), Code.STORE_READ_ONLY, "The workspace can be read but not written", "Check the rights on the workspace's folder"),
    (("disk i/o error", "file too large", "quota exceeded"), Code.STORE_FULL, "The disk is full or cannot be written", "Make room or reconnect the disk; what was saved before is safe"),
    (("malformed", "not a database", "file is encrypted", "disk image"), Code.STORE_DAMAGED, "The workspace's file is damaged or is not a qa-audit workspace", "Keep the file as it is and restore the last backup"),
    (("unable to open", "no such file", "permission denied"), Code.STORE_UNREACHABLE, "The workspace's file cannot be opened", "Check that the folder exists and is yours to write"),
    (("connection", "server closed", "could not connect", "terminating"), Code.STORE_UNREACHABLE, "The database server cannot be reached", "Check the network; what was typed is kept here and sent again"),
)  # fmt: skip


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """Turn an engine's error into a `StorageFault`; `where` names the workspace, never a value."""
    try:
        yield
    except Exception as error:
        from sqlalchemy.exc import DBAPIError, OperationalError

        if isinstance(error, DBAPIError) and error.orig is not None:
            raise _fault(str(error.orig), where, expected=isinstance(error, OperationalError)) from error
        if isinstance(error, OSError):
            raise _fault(str(error.strerror or error), where, expected=True) from error
        raise


def _fault(said: str, where: str, *, expected: bool) -> StorageFault:
    low = said.casefold()
    for words, code, what, next_step in _SAYINGS:
        if any(word in low for word in words):
            return StorageFault(code, what, where=where, next_step=next_step)
    return StorageFault(
        Code.STORE_FAULT,
        "The workspace refused a change" if not expected else "The workspace could not be used",
        where=where,
        why="The engine reported a fault",
        next_step="Run 'qa-audit doctor'; nothing was half written",
    )
