"""`allocate`: give drawn cases to auditors; reallocate, exempt, withdraw; declare conflicts."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "allocate",
        help="give drawn cases to auditors; reallocate; declare conflicts",
        description="Allocation of audits.",
        epilog="Example: qa-audit allocate run R-2026-11",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text.capitalize() + ".",
            epilog=f"Example: qa-audit allocate {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    run = verb(
        "run", "give every drawn case of a round to an auditor tied to none of them", _run, "run R-2026-11"
    )
    run.add_argument("round")
    run.add_argument(
        "--auditor",
        action="append",
        default=[],
        metavar="CODE",
        help="only these auditors; may be given again",
    )
    move = verb("move", "give one audit to somebody else", _move, "move A-0007 PM3 --reason 'annual leave'")
    move.add_argument("audit")
    move.add_argument("to", metavar="CODE")
    move.add_argument("--reason", required=True)
    back = verb("back", "hand back one of your own audits", _back, "back A-0007 --reason 'I know the family'")
    back.add_argument("audit")
    back.add_argument("--reason", required=True)
    exempt = verb(
        "exempt",
        "exempt an audit, with the director's reason",
        _exempt,
        "exempt A-0007 --reason 'serious incident review under way'",
    )
    exempt.add_argument("audit")
    exempt.add_argument("--reason", required=True)
    out = verb(
        "withdraw",
        "take a case out; the next ticket of its stratum comes in",
        _withdraw,
        "withdraw A-0007 --because transferred",
    )
    out.add_argument("audit")
    out.add_argument(
        "--because",
        required=True,
        help="case_closed, transferred, conflict, record_restricted, duplicate, worker_repeat, other",
    )
    out.add_argument("--note", default="")
    conflict = verb(
        "conflict",
        "declare a conflict of your own",
        _conflict,
        "conflict --with team --key 'Assessment Team 2' --reason 'managed it until August'",
    )
    conflict.add_argument("--with", dest="kind", choices=("child", "worker", "team"), required=True)
    conflict.add_argument(
        "--key", required=True, help="the case reference, the worker's name or the team's name"
    )
    conflict.add_argument("--reason", required=True)


def _run(args: argparse.Namespace) -> int:
    from qa_audit.audits.allocation_service import allocate

    with opened(args) as (workspace, actor):
        done = allocate(workspace, actor, args.round, auditors=tuple(args.auditor))
    if args.json:
        say_json(done)
    else:
        say_table(
            ("Audit", "Case", "Team", "Cohort", "Auditor", "Note"),
            [
                (one.ref, one.case_ref, one.team, one.cohort, one.auditor, ", ".join(one.warnings))
                for one in done.given
            ],
        )
        for ref, why in done.not_given:
            say(f"Not given: {ref}: {why}")
        say(
            f"{len(done.given)} given, {len(done.not_given)} not. Load: "
            + ", ".join(f"{code} {count}" for code, count in done.load if count)
        )
    return 1 if done.not_given else 0


def _told(args: argparse.Namespace, words: str) -> int:
    if args.json:
        say_json({"audit": getattr(args, "audit", None), "said": words})
    else:
        say(words)
    return 0


def _move(args: argparse.Namespace) -> int:
    from qa_audit.audits.allocation_service import reallocate

    with opened(args) as (workspace, actor):
        reallocate(workspace, actor, args.audit, args.to, args.reason)
    return _told(args, f"{args.audit} is with {args.to} now; what was typed went with it.")


def _back(args: argparse.Namespace) -> int:
    from qa_audit.audits.allocation_service import hand_back

    with opened(args) as (workspace, actor):
        hand_back(workspace, actor, args.audit, args.reason)
    return _told(args, f"{args.audit} is handed back; the QA unit gives it to somebody else.")


def _exempt(args: argparse.Namespace) -> int:
    from qa_audit.audits.allocation_service import exempt

    with opened(args) as (workspace, actor):
        exempt(workspace, actor, args.audit, args.reason)
    return _told(args, f"{args.audit} is exempted; it is counted apart.")


def _withdraw(args: argparse.Namespace) -> int:
    from qa_audit.audits.allocation_service import withdraw

    with opened(args) as (workspace, actor):
        came_in = withdraw(workspace, actor, args.audit, args.because, args.note)
    return _told(
        args,
        f"{args.audit} is withdrawn"
        + (f"; {came_in} came in. Allocate it with 'qa-audit allocate run'." if came_in else "."),
    )


def _conflict(args: argparse.Namespace) -> int:
    from qa_audit.access.service import declare_conflict

    with opened(args) as (workspace, actor):
        declare_conflict(workspace, actor, args.kind, args.key, args.reason)
    return _told(
        args,
        "Declared. You will not be given these cases; hand back any you hold with 'qa-audit allocate back'.",
    )
