"""`people`: who is in the workspace and which roles they hold."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "people",
        help="people and their roles",
        description="People and their roles.",
        epilog="Example: qa-audit people add PM7 --name 'G. Larch' --role auditor --team 'Assessment Team 2'",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text.capitalize() + ".",
            epilog=f"Example: qa-audit people {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    listing = verb("list", "everyone, or everyone with a role", _list, "list --role auditor")
    listing.add_argument("--role")
    new = verb(
        "add", "add a person", _add, "add PM7 --name 'G. Larch' --role auditor --team 'Assessment Team 2'"
    )
    new.add_argument("code", help="what reports print instead of a name")
    new.add_argument("--name", required=True)
    new.add_argument(
        "--role",
        action="append",
        default=[],
        required=True,
        help="may be given again; 'qa-audit people roles' lists them",
    )
    new.add_argument("--title", default="", help="job title")
    new.add_argument("--team", default="")
    new.add_argument("--service", default="")
    new.add_argument("--organisation", default="")
    new.add_argument("--manages", action="append", default=[], metavar="TEAM")
    new.add_argument("--capacity", type=int, default=1, help="audits at a time")
    roles = verb(
        "roles",
        "the roles, or give a person exactly these",
        _roles,
        "roles PM7 --role auditor --role moderator",
    )
    roles.add_argument("code", nargs="?")
    roles.add_argument("--role", action="append", default=[])
    leave = verb(
        "leave",
        "a person leaves; their work stays as history",
        _leave,
        "leave PM7 --reason 'left the council'",
    )
    leave.add_argument("code")
    leave.add_argument("--reason", required=True)
    back = verb("return", "a person is back", _back, "return PM7 --reason 'back from leave'")
    back.add_argument("code")
    back.add_argument("--reason", required=True)


def _list(args: argparse.Namespace) -> int:
    from qa_audit.access.service import people

    with opened(args) as (workspace, actor):
        found = people(workspace, actor, role=args.role)
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("Code", "Name", "Job", "Team", "Service", "Roles", "Capacity", "Active"),
        [
            (
                one.code,
                one.display,
                one.job_title,
                one.team,
                one.service,
                ", ".join(one.roles),
                one.capacity,
                "yes" if one.active else "no",
            )
            for one in found
        ],
    )
    return 0


def _add(args: argparse.Namespace) -> int:
    from qa_audit.access.service import NewPerson, add_person

    with opened(args) as (workspace, actor):
        add_person(
            workspace, actor,
            NewPerson(args.code, args.name, tuple(args.role), args.title, args.team, args.service, args.organisation, tuple(args.manages), args.capacity, workspace.now()[:10]),
        )  # fmt: skip
    return _told(args, f"{args.code} is added.")


def _roles(args: argparse.Namespace) -> int:
    from qa_audit.access.policy import ACTIONS, ROLES

    if not args.code:
        if args.json:
            say_json(
                {
                    role: {
                        "words": words,
                        "may": sorted(key for key, (_, held) in ACTIONS.items() if role in held),
                    }
                    for role, words in ROLES.items()
                }
            )
        else:
            say_table(
                ("Role", "Who", "May"),
                [
                    (role, words, "; ".join(told for told, held in ACTIONS.values() if role in held))
                    for role, words in ROLES.items()
                ],
            )
        return 0
    from qa_audit.access.service import set_roles

    with opened(args) as (workspace, actor):
        set_roles(workspace, actor, args.code, args.role)
    return _told(args, f"{args.code} holds: {', '.join(args.role) or 'no role'}.")


def _leave(args: argparse.Namespace) -> int:
    return _active(args, active=False)


def _back(args: argparse.Namespace) -> int:
    return _active(args, active=True)


def _active(args: argparse.Namespace, *, active: bool) -> int:
    from qa_audit.access.service import set_active

    with opened(args) as (workspace, actor):
        set_active(workspace, actor, args.code, active=active, reason=args.reason)
    return _told(args, f"{args.code} is {'back' if active else 'no longer active'}.")


def _told(args: argparse.Namespace, words: str) -> int:
    if args.json:
        say_json({"person": args.code, "said": words})
    else:
        say(words)
    return 0
