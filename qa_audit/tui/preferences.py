"""What one person likes on this machine: colours and spacing. Kept in their own folder, never in a workspace."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Preferences:
    """How the app looks for this person."""

    theme: str = ""
    """Name of the colours; "" = the usual ones."""
    compact: bool = False
    """Fewer blank lines."""


def place() -> Path:
    """The file, in the platform's folder for settings."""
    from platformdirs import user_config_path

    return user_config_path("qa-audit", appauthor=False) / "screen.json"


def load() -> Preferences:
    """What was chosen; the usual look when there is nothing or it cannot be read."""
    try:
        raw = json.loads(place().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Preferences()
    if not isinstance(raw, dict):
        return Preferences()
    known = {
        one.name: raw[one.name]
        for one in fields(Preferences)
        if isinstance(raw.get(one.name), type(getattr(Preferences(), one.name)))
    }
    return Preferences(**known)


def keep(chosen: Preferences) -> None:
    """Write it, whole or not at all; a folder that cannot be written only means asking again next time."""
    path = place()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(chosen)) + "\n", encoding="utf-8", newline="\n")
        os.replace(fresh, path)
