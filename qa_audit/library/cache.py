"""A cache of checked models, keyed by the SHA-256 of the file and of the rules that checked it.

It only saves time: every fault while reading or writing it is ignored, and deleting it costs a second.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path


def default_folder() -> Path | None:
    """The platform's cache folder for forms; None when the platform names none."""
    try:
        from platformdirs import user_cache_path

        return user_cache_path("qa-audit", appauthor=False) / "forms"
    except (OSError, RuntimeError):
        return None


@cache
def _rules() -> bytes:
    """A digest of the modules that check files, so that a new release never reads an old release's models."""
    digest = hashlib.sha256()
    for name in ("forms.py", "conditions.py", "vocabulary.py", "yaml_text.py"):
        try:
            digest.update((Path(__file__).parent / name).read_bytes())
        except OSError:  # inside an archive: the package version has to do
            from qa_audit.library import vocabulary

            digest.update(repr(vocabulary.__doc__).encode())
    return digest.digest()


KEPT = 400


def _prune(folder: Path) -> None:
    """Forget the oldest entries: each edit of a form and each release leaves one behind."""
    entries = list(folder.glob("*.json"))
    if len(entries) <= KEPT:
        return
    aged = sorted(entries, key=lambda path: path.stat().st_mtime)
    for path in aged[: len(entries) - KEPT // 2]:
        with contextlib.suppress(OSError):
            path.unlink()


def key_of(raw: bytes) -> str:
    """The cache key of a file's bytes under the rules in force."""
    return hashlib.sha256(_rules() + raw).hexdigest()


def read(folder: Path | None, key: str) -> bytes | None:
    """The stored model as JSON, or None."""
    if folder is None:
        return None
    try:
        return (folder / f"{key}.json").read_bytes()
    except OSError:
        return None


def write(folder: Path | None, key: str, content: str) -> None:
    """Store a model; whole or not at all."""
    if folder is None:
        return
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(content)
            os.replace(name, folder / f"{key}.json")
            _prune(folder)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name)
