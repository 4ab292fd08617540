"""`action`: actions from audits: list, done, verified, taken into supervision."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "action",
        help="actions: list, done, verified",
        description="Actions.",
        epilog="Example: qa-audit action done ACT-0003 --note 'plan rewritten with the family'",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text.capitalize() + ".",
            epilog=f"Example: qa-audit action {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    listing = verb("list", "actions in your sight, the longest overdue first", _list, "list --open")
    listing.add_argument("--open", action="store_true", dest="open_only")
    listing.add_argument("--audit")
    done = verb(
        "done", "the owner says it is done", _done, "done ACT-0003 --note 'plan rewritten with the family'"
    )
    done.add_argument("action_ref", metavar="ACTION")
    done.add_argument("--note", required=True)
    verify = verb(
        "verify",
        "somebody else confirms that it helped, or opens it again",
        _verify,
        "verify ACT-0003 --note 'attendance is 96% since'",
    )
    verify.add_argument("action_ref", metavar="ACTION")
    verify.add_argument("--note", required=True)
    verify.add_argument("--no-effect", action="store_true", help="it made no difference: open it again")
    talked = verb(
        "supervision",
        "it was taken into the worker's supervision",
        _supervision,
        "supervision ACT-0003 --on 2026-12-02",
    )
    talked.add_argument("action_ref", metavar="ACTION")
    talked.add_argument("--on", required=True, help="YYYY-MM-DD")
    move = verb(
        "due",
        "move the due date, with the reason",
        _due,
        "due ACT-0003 --to 2026-12-18 --reason 'school holidays'",
    )
    move.add_argument("action_ref", metavar="ACTION")
    move.add_argument("--to", required=True, help="YYYY-MM-DD")
    move.add_argument("--reason", required=True)


def _list(args: argparse.Namespace) -> int:
    from qa_audit.improvement.service import actions

    with opened(args) as (workspace, actor):
        found = actions(workspace, actor, audit_ref=args.audit, open_only=args.open_only)
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("Action", "Audit", "Type", "Owner", "Due", "Overdue", "State", "What"),
        [
            (
                one.ref,
                one.audit_ref,
                one.type,
                one.owner_role,
                one.due,
                one.overdue_days or "",
                one.state,
                one.what,
            )
            for one in found
        ],
    )
    return 0


def _done(args: argparse.Namespace) -> int:
    from qa_audit.improvement.service import mark_done

    with opened(args) as (workspace, actor):
        mark_done(workspace, actor, args.action_ref, args.note)
    return _told(args, "is done; somebody else verifies that it helped.")


def _verify(args: argparse.Namespace) -> int:
    from qa_audit.improvement.service import verify

    with opened(args) as (workspace, actor):
        verify(workspace, actor, args.action_ref, args.note, helped=not args.no_effect)
    return _told(args, "is open again." if args.no_effect else "is verified.")


def _supervision(args: argparse.Namespace) -> int:
    from qa_audit.improvement.service import in_supervision

    with opened(args) as (workspace, actor):
        in_supervision(workspace, actor, args.action_ref, args.on)
    return _told(args, f"was taken into supervision on {args.on}.")


def _due(args: argparse.Namespace) -> int:
    from qa_audit.improvement.service import change_due

    with opened(args) as (workspace, actor):
        change_due(workspace, actor, args.action_ref, args.to, args.reason)
    return _told(args, f"is due on {args.to} now.")


def _told(args: argparse.Namespace, words: str) -> int:
    if args.json:
        say_json({"action": args.action_ref, "said": words})
    else:
        say(f"{args.action_ref} {words}")
    return 0
