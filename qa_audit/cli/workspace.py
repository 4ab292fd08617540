"""`init`, `status`, `doctor`: make a workspace, see what is due, check that it is sound."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened, place_of
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the three commands."""
    init = commands.add_parser(
        "init", help="make a workspace", description="Make a workspace: a folder with its database.",
        epilog="Example: qa-audit init --workspace ./casework",
    )  # fmt: skip
    init.add_argument("--name", default="Me", help="how you are shown in the workspace")
    init.add_argument("--json", action="store_true", help="print one JSON document")
    init.set_defaults(handler=_init)
    status = commands.add_parser(
        "status",
        help="what is due and overdue",
        description="What is due and overdue for you.",
        epilog="Example: qa-audit status --as PM1",
    )
    status.add_argument("--json", action="store_true", help="print one JSON document")
    status.set_defaults(handler=_status)
    doctor = commands.add_parser(
        "doctor", help="check the workspace and say how to mend it", description="Check the workspace, its forms and its engine.",
        epilog="Example: qa-audit doctor --workspace ./casework",
    )  # fmt: skip
    doctor.add_argument("--json", action="store_true", help="print one JSON document")
    doctor.set_defaults(handler=_doctor)


def _init(args: argparse.Namespace) -> int:
    from qa_audit.access.service import add_owner
    from qa_audit.store.workspace import Workspace

    with Workspace.create(place_of(args.workspace)) as workspace:
        owner = add_owner(workspace, args.name)
        if args.json:
            say_json({"workspace": workspace.where, "person": owner.code})
        else:
            say(f"Workspace made: {workspace.where}")
            say("Next: qa-audit frame import LISTS.xlsx --authority NAME --as-at DATE --open")
    return 0


def _status(args: argparse.Namespace) -> int:
    from qa_audit.improvement.status import status_of

    with opened(args) as (workspace, actor):
        found = status_of(workspace, actor)
    if args.json:
        say_json(
            {
                "lines": [
                    {"key": line.key, "count": line.count, "late": line.late, "words": line.words}
                    for line in found
                ]
            }
        )
        return 0
    if not found:
        say("Nothing is waiting for you.")
    for line in found:
        say(f"{line.words}" + (f"  ({line.late} late)" if line.late else ""))
    return 0


def _doctor(args: argparse.Namespace) -> int:
    from qa_audit.audits.forms_kept import current_library
    from qa_audit.store.engine import place_kind

    checks: list[tuple[str, bool, str]] = []
    with opened(args) as (workspace, _actor):
        facts = workspace.facts()
        checks.append(("engine", True, ", ".join(f"{key} {value}" for key, value in facts.items())))
        checks.append(
            (
                "integrity",
                facts.get("integrity", "ok") == "ok",
                "the file is whole"
                if facts.get("integrity", "ok") == "ok"
                else "damaged: keep the file and restore the last backup",
            )
        )
        if workspace.folder is not None:
            kind = place_kind(workspace.folder)
            words = {
                "local": "a local disk",
                "network": "a network share: move the workspace to a local disk or use PostgreSQL",
                "unsure": "the system does not say what kind of disk this is; the careful settings are used",
            }[kind]
            checks.append(("place", kind != "network", words))
        checks.append(("forms", True, f"{len(current_library().ids())} forms in the library"))
    sound = all(ok for _, ok, _ in checks)
    if args.json:
        say_json(
            {
                "sound": sound,
                "checks": [{"check": name, "ok": ok, "words": words} for name, ok, words in checks],
            }
        )
    else:
        say_table(
            ("Check", "", "What"), [(name, "ok" if ok else "MEND", words) for name, ok, words in checks]
        )
    return 0 if sound else 1
