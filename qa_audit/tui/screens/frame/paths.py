"""Typing a path: what comes next is suggested, folders first shown with their stroke."""

from __future__ import annotations

import os
from pathlib import Path

from textual.suggester import Suggester

READABLE = (".xlsx", ".xlsm", ".xls", ".csv", ".txt", ".tsv", ".xml")
SEPARATOR = ";"


class PathSuggester(Suggester):
    """Suggests the first folder or readable file that goes on as typed; several paths stand with ; between."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The whole value with its last path completed, or None."""
        found = next(iter(completions(value)), None)
        return found if found != value else None


def completions(value: str) -> list[str]:
    """Every way to go on with the last path of `value`, folders ending in a stroke."""
    before, mark, last = value.rpartition(SEPARATOR)
    blank = last[: len(last) - len(last.lstrip())]
    typed = last.lstrip()
    if not typed:
        return []
    folder, stroke, start = _split(typed)
    try:
        entries = sorted(os.scandir(_home(folder or ".")), key=lambda one: one.name.casefold())
    except OSError:
        return []
    found = []
    for entry in entries:
        if not entry.name.casefold().startswith(start.casefold()) or (
            entry.name.startswith(".") and not start
        ):
            continue
        folder_entry = entry.is_dir()
        if folder_entry or entry.name.casefold().endswith(READABLE):
            # as typed so far, so that the suggestion goes on from it
            name = start + entry.name[len(start) :]
            found.append(before + mark + blank + folder + stroke + name + (os.sep if folder_entry else ""))
    return found


def _split(typed: str) -> tuple[str, str, str]:
    """Folder, stroke, the beginning of a name."""
    at = max(typed.rfind("/"), typed.rfind("\\") if os.sep == "\\" else -1)
    if at < 0:
        return "", "", typed
    return (typed[:at] or ("/" if at == 0 else "")), "" if at == 0 else typed[at], typed[at + 1 :]


def _home(folder: str) -> str:
    return os.path.expanduser(folder + (os.sep if folder.endswith(":") else ""))


def path_typed(typed: str) -> Path:
    """A path as typed or pasted: quotation marks off, the home folder filled in where there is one."""
    return Path(os.path.expanduser(typed.strip().strip("\"'")))


def paths_in(value: str) -> list[Path]:
    """The paths typed, with quotation marks taken off and the home folder filled in."""
    return [path_typed(part) for part in value.split(SEPARATOR) if part.strip().strip("\"'")]
