"""`alert`: raise, acknowledge, act on and close safeguarding alerts."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "alert",
        help="safeguarding alerts: raise, acknowledge, act, close",
        description="Safeguarding alerts.",
        epilog="Example: qa-audit alert raise --audit A-0007 --told 'Duty manager' --concern '...'",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text.capitalize() + ".",
            epilog=f"Example: qa-audit alert {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    listing = verb("list", "alerts in your sight, the newest first", _list, "list --open")
    listing.add_argument("--open", action="store_true", dest="open_only")
    up = verb(
        "raise",
        "a child may be at risk now: speak to somebody, then write it down here",
        _raise,
        "raise --audit A-0007 --told 'Team manager' --concern '...'",
    )
    up.add_argument("--audit")
    up.add_argument("--case", default="", help="the case reference when no audit is open")
    up.add_argument("--concern", required=True)
    up.add_argument("--told", required=True, help="who was told, by role")
    take = verb("acknowledge", "take an alert on", _acknowledge, "acknowledge SG-001")
    take.add_argument("alert")
    take.add_argument("--note", default="")
    acted = verb(
        "act", "write down what was done", _act, "act SG-001 --taken 'strategy discussion held at 14:00'"
    )
    acted.add_argument("alert")
    acted.add_argument("--taken", required=True)
    shut = verb(
        "close",
        "close an alert that somebody else raised",
        _close,
        "close SG-001 --note 'child seen safe by the duty worker'",
    )
    shut.add_argument("alert")
    shut.add_argument("--note", required=True)


def _list(args: argparse.Namespace) -> int:
    from qa_audit.audits.alert_service import alerts

    with opened(args) as (workspace, actor):
        found = alerts(workspace, actor, open_only=args.open_only)
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("Alert", "Audit", "Team", "State", "Raised", "Told", "Clock", "Concern"),
        [
            (
                one.ref,
                one.audit_ref,
                one.team,
                one.state,
                one.raised_at[:16],
                one.told,
                one.clock,
                one.concern,
            )
            for one in found
        ],
    )
    return 0


def _raise(args: argparse.Namespace) -> int:
    from qa_audit.audits.alert_service import raise_alert

    with opened(args) as (workspace, actor):
        ref = raise_alert(
            workspace, actor, concern=args.concern, told=args.told, audit_ref=args.audit, case_ref=args.case
        )
    return _told(args, ref, f"{ref} is raised. It must be acknowledged within four working hours.")


def _acknowledge(args: argparse.Namespace) -> int:
    from qa_audit.audits.alert_service import acknowledge

    with opened(args) as (workspace, actor):
        acknowledge(workspace, actor, args.alert, args.note)
    return _told(args, args.alert, f"{args.alert} is acknowledged.")


def _act(args: argparse.Namespace) -> int:
    from qa_audit.audits.alert_service import act

    with opened(args) as (workspace, actor):
        act(workspace, actor, args.alert, args.taken)
    return _told(args, args.alert, f"{args.alert}: the action is written down.")


def _close(args: argparse.Namespace) -> int:
    from qa_audit.audits.alert_service import close

    with opened(args) as (workspace, actor):
        close(workspace, actor, args.alert, args.note)
    return _told(args, args.alert, f"{args.alert} is closed.")


def _told(args: argparse.Namespace, ref: str, words: str) -> int:
    if args.json:
        say_json({"alert": ref, "said": words})
    else:
        say(words)
    return 0
