"""Where the schemas live: a folder the council names, the installed package, or the repository."""

from __future__ import annotations

import os
from pathlib import Path

from qa_audit.errors import BadInput, Code

ENVIRONMENT = "QA_AUDIT_SCHEMAS"


def schemas_folder() -> Path:
    """The folder that holds forms/, frameworks/, ceilings.yaml, clocks.yaml and themes.yaml.

    First the folder in QA_AUDIT_SCHEMAS (a council's own practice), then the copy inside the installed
    package, then `schemas/` beside the package in a source tree. A named folder that is not there is an
    error, not a reason to fall back: an audit must never quietly run under other rules.
    """
    named = os.environ.get(ENVIRONMENT, "").strip()
    if named:
        folder = Path(named).expanduser()
        if not folder.is_dir():
            raise BadInput(
                Code.NOT_FOUND,
                "The folder of audit forms is not there",
                where=f"{ENVIRONMENT}={folder}",
                why="It was named by the environment, so no other folder is used in its place",
                next_step=f"Correct or unset {ENVIRONMENT}",
            )
        return folder
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_schemas", package.parent / "schemas"):
        if folder.is_dir():
            return folder
    raise BadInput(
        Code.NOT_FOUND,
        "The audit forms are not installed",
        where=str(package / "_schemas"),
        next_step=f"Reinstall qa-audit, or name a folder of forms in {ENVIRONMENT}",
    )
