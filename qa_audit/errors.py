"""One family of errors: what went wrong, where, why, and what to do next.

Every refusal a user can meet is a `QaError` with a code from the catalogue. Tests assert the code;
the words name places (file, sheet, row, column, key) and never a person or the text of a case.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The catalogue. The first letter is the family: it decides the exit status."""

    # the answer is no: exit 1
    CHECK_FAILED = "check-failed"
    WRONG_KIND_OF_FILE = "wrong-kind-of-file"
    # bad input or usage: exit 2
    BAD_VALUE = "bad-value"
    NOT_FOUND = "not-found"
    NOT_A_FILE = "not-a-file"
    UNREADABLE_FILE = "unreadable-file"
    UNSAFE_FILE = "unsafe-file"
    PASSWORD_PROTECTED = "password-protected"  # noqa: S105 - the name of an error, no secret
    BAD_SCHEMA = "bad-schema"
    INCOMPLETE = "incomplete"
    WRONG_STATE = "wrong-state"
    CONFLICT = "conflict"
    CANCELLED = "cancelled"
    NO_SUCH_FORM = "no-such-form"
    NOTHING_TO_DRAW = "nothing-to-draw"
    NOTHING_TO_REPORT = "nothing-to-report"
    NO_AUDITOR_LEFT = "no-auditor-left"
    # not allowed: exit 3
    NOT_ALLOWED = "not-allowed"
    STILL_BLIND = "still-blind"
    # storage: exit 4
    STORE_LOCKED = "store-locked"
    STORE_FULL = "store-full"
    STORE_READ_ONLY = "store-read-only"
    STORE_DAMAGED = "store-damaged"
    STORE_NEWER = "store-newer"
    STORE_UNREACHABLE = "store-unreachable"
    STORE_FAULT = "store-fault"
    NO_WORKSPACE = "no-workspace"
    WRITE_FAILED = "write-failed"


class QaError(Exception):
    """A refusal in words. `code` is for machines, the four parts are for the person reading."""

    exit_status = 2

    def __init__(self, code: Code, what: str, *, where: str = "", why: str = "", next_step: str = "") -> None:
        """`what` happened, `where` (place, never a value of a case), `why`, and the `next_step`."""
        super().__init__(what)
        self.code = code
        self.what = what
        self.where = where
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        """All four parts on one line."""
        parts = [self.what, f"Where: {self.where}" if self.where else "", self.why, self.next_step]
        return " ".join(part.rstrip(".") + "." for part in parts if part)


class AnswerNo(QaError):
    """A check was made and the answer is no (a wrong kind of file, a failed verification)."""

    exit_status = 1


class BadInput(QaError):
    """The input or the command cannot be used as given."""

    exit_status = 2


class NotAllowed(QaError):
    """The policy refuses this person this act. Says no more than it must."""

    exit_status = 3


class StorageFault(QaError):
    """The workspace cannot be read or written; nothing that was acknowledged is lost."""

    exit_status = 4


def not_found(kind: str, ref: str) -> BadInput:
    """Unknown and out of reach look the same, so that guessing ids tells nothing."""
    return BadInput(
        Code.NOT_FOUND,
        f"There is no {kind} with that reference here",
        where=ref[:40],
        next_step=f"List what you can see with 'qa-audit {kind} list'",
    )
