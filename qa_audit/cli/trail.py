"""`trail`: the history of every change."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verb."""
    noun = commands.add_parser(
        "trail",
        help="the history of every change",
        description="Who changed what, when, from what to what, and why.",
        epilog="Example: qa-audit trail show --person PM1 --since 2026-11-01",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)
    show = verbs.add_parser(
        "show",
        help="changes, the newest first",
        description="Changes, the newest first.",
        epilog="Example: qa-audit trail show --action sample",
    )
    show.add_argument("--person", metavar="CODE")
    show.add_argument(
        "--action", metavar="START", help="actions that begin so: sample, answer, moderation ..."
    )
    show.add_argument("--since", metavar="DATE")
    show.add_argument("--find", default="", metavar="TEXT")
    show.add_argument("--limit", type=int, default=50)
    show.add_argument("--json", action="store_true", help="print one JSON document")
    show.set_defaults(handler=_show)


def _show(args: argparse.Namespace) -> int:
    from qa_audit.access.policy import require
    from qa_audit.access.service import find_person, people
    from qa_audit.moderation.service import hidden_in_trail
    from qa_audit.store.trail import events

    with opened(args) as (workspace, actor):
        require(actor, "trail.read")
        person = find_person(workspace, args.person).person_id if args.person else None
        codes = {one.person_id: one.code for one in people(workspace)}
        with workspace.read() as conn:
            hidden = hidden_in_trail(conn)
        found = events(
            workspace,
            person=person,
            action=args.action,
            since=args.since,
            contains=args.find,
            hidden=hidden,
            limit=args.limit,
        )
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("No.", "When", "Who", "Action", "On", "Field", "From", "To", "Why"),
        [
            (
                one.seq,
                one.at[:19],
                codes.get(one.person_id, one.person_id),
                one.action,
                f"{one.subject} {one.subject_id[:8]}",
                one.field or "",
                _short(one.old),
                _short(one.new),
                one.reason or "",
            )
            for one in found
        ],
    )
    return 0


def _short(value: str | None) -> str:
    return "" if value is None else value if len(value) <= 60 else value[:59] + "…"
