"""`qa-audit` without a command: the app in this terminal."""

from __future__ import annotations

import os
from pathlib import Path


def launch(workspace: str | None, acting: str | None) -> int:
    """Open the app on a workspace (a folder, a postgresql:// URL, or None for the usual folder).

    `acting` is the person's code; without it a workspace of several people asks. Returns the exit status.
    """
    import gc

    # Start-up makes hundreds of thousands of objects that stay: going through them again and again finds nothing.
    gc.set_threshold(50_000, 20, 20)
    from qa_audit.tui.app import run
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.council_app import CouncilApp

    return run(CouncilApp(Backend(place_named(workspace), acting), version=_version()))


def place_named(workspace: str | None) -> Path | str:
    """The folder or URL named, or the platform's folder for this program's data."""
    if workspace and workspace.startswith(("postgresql://", "postgres://")):
        return workspace
    return Path(os.path.expanduser(workspace)) if workspace else usual_folder()


def usual_folder() -> Path:
    """Where a person's own workspace is kept."""
    from platformdirs import user_data_path

    return user_data_path("qa-audit", appauthor=False)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("qa-audit")
    except PackageNotFoundError:
        return ""
