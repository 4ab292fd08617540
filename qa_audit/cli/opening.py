"""Which workspace and which person a command acts with."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.store.workspace import Workspace


def default_folder() -> Path:
    """The platform's user data folder for qa-audit."""
    from platformdirs import user_data_path

    return user_data_path("qa-audit", appauthor=False)


def place_of(workspace: str | None) -> Path | str:
    """A folder or URL named by --workspace, or the default folder."""
    if workspace and workspace.startswith(("postgresql://", "postgres://")):
        return workspace
    return Path(workspace).expanduser() if workspace else default_folder()


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[tuple[Workspace, Actor]]:
    """The workspace of the command and the person it acts as."""
    from qa_audit.access.service import load_actor
    from qa_audit.store.workspace import Workspace

    with Workspace(place_of(args.workspace)) as workspace:
        yield workspace, load_actor(workspace, args.acting)
