"""Time and identity, handed in so that every test and every demo is repeatable."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NewType

from qa_audit.errors import BadInput, Code

Stamp = NewType("Stamp", str)
"""A moment: UTC ISO 8601 text with microseconds, which sorts as time."""

Clock = Callable[[], datetime]
"""Returns the present moment, with its zone."""

Ids = Callable[[], str]
"""Returns a new identity, 32 hexadecimal characters."""


def system_clock() -> datetime:
    """The machine's clock in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock


def random_ids() -> str:
    """A random identity."""
    return uuid.uuid4().hex


def stamp(moment: datetime) -> Stamp:
    """A moment as text that sorts as time."""
    return Stamp(moment.astimezone(UTC).isoformat(timespec="microseconds"))


def day(text: str) -> date:
    """The date in a stamp or ISO date."""
    return date.fromisoformat(text[:10])


def typed_day(text: str, where: str) -> date:
    """The date somebody typed, or a refusal that names the place and not the value."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(
            Code.BAD_VALUE, "That is not a date", where=where, next_step="Write it as YYYY-MM-DD"
        ) from None


def seeded_ids(seed: str) -> Ids:
    """Identities that repeat with their seed, for the demo and for tests."""
    count = 0

    def next_id() -> str:
        nonlocal count
        count += 1
        return hashlib.sha256(f"{seed}/{count}".encode()).hexdigest()[:32]

    return next_id
