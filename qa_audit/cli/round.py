"""`round`: plan a round of audits, see its strata, draw its sample, follow it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser("round", help="plan a round of audits, draw its sample, follow it", description="Rounds of audits.",
                               epilog="Example: qa-audit round draw R-2026-11 --seed 31415926535897932384")  # fmt: skip
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text.capitalize() + ".",
            epilog=f"Example: qa-audit round {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    verb("list", "every round", _list, "list")
    show = verb("show", "a round with its strata, risk lists and progress", _show, "show R-2026-11")
    show.add_argument("round")
    new = verb(
        "add",
        "plan a round",
        _add,
        "add --title 'November case audits' --form full-case-audit --starts 2026-11-01 --due 2026-11-28 --target 12 --strata cohort",
    )
    new.add_argument("--title", required=True)
    new.add_argument(
        "--kind",
        default="monthly",
        help="monthly, thematic, dip_sample, closing_the_loop, peer, practice_week, calibration",
    )
    new.add_argument("--form", default="full-case-audit", help="the form's id ('qa-audit form list')")
    new.add_argument(
        "--section",
        action="append",
        default=[],
        metavar="CODE",
        help="only these sections, for the thematic form; may be given again",
    )
    new.add_argument("--starts", required=True, help="YYYY-MM-DD")
    new.add_argument("--due", required=True, help="YYYY-MM-DD")
    new.add_argument("--closes", help="YYYY-MM-DD; two weeks after it is due when left out")
    new.add_argument("--target", type=int, required=True, help="cases to audit")
    new.add_argument("--theme", default="")
    new.add_argument(
        "--enquiry", action="append", default=[], metavar="TEXT", help="a line of enquiry; may be given again"
    )
    new.add_argument("--cohort", action="append", default=[], help="only these cohorts; may be given again")
    new.add_argument("--cases", choices=("open", "closed", "both"), default="open")
    new.add_argument(
        "--strata",
        action="append",
        default=[],
        metavar="COLUMN",
        help="cohort, team, age_band ...; may be given again",
    )
    new.add_argument("--minimum", type=int, default=0, help="at least this many from each stratum")
    new.add_argument(
        "--risk",
        action="append",
        default=[],
        metavar="LIST[=RATE]",
        help="a risk list with its own rate, e.g. second_plan=0.5",
    )
    new.add_argument("--not-audited-months", type=int, default=0)
    new.add_argument("--worker-once", action="store_true", help="no worker sampled twice in a quarter")
    new.add_argument(
        "--moderate",
        default="",
        metavar="SHARE",
        help="random share of the rest that is moderated: 20%%, or all",
    )
    new.add_argument(
        "--not-blind",
        action="store_true",
        help="moderators see the auditor's grades first (agreement then means little)",
    )
    draw = verb(
        "draw",
        "draw the sample with a seed made in the open",
        _draw,
        "draw R-2026-11 --seed 31415926535897932384 --certificate draw.json",
    )
    draw.add_argument("round")
    draw.add_argument("--seed", required=True, help="digits from dice, 20 or more")
    draw.add_argument(
        "--pick",
        action="append",
        default=[],
        metavar="KEY=WHY",
        help="a case chosen by judgement; in no estimate",
    )
    draw.add_argument("--reason", default="", help="why it is drawn again")
    draw.add_argument("--certificate", type=Path, help="write the certificate (.json, or .txt for the page)")
    extend = verb("extend", "draw more with the same seed", _extend, "extend R-2026-11 --target 15")
    extend.add_argument("round")
    extend.add_argument("--target", type=int, required=True)
    certificate = verb("certificate", "the certificate of the draw", _certificate, "certificate R-2026-11")
    certificate.add_argument("round")
    check = verb(
        "verify", "make the draw again from its frozen list and compare", _verify, "verify R-2026-11"
    )
    check.add_argument("round")
    ids = verb(
        "ids",
        "the cases the sample was drawn from, so that somebody else can check the certificate",
        _ids,
        "ids R-2026-11 --out ids.csv",
    )
    ids.add_argument("round")
    ids.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    close = verb("close", "close a round", _close, "close R-2026-11")
    close.add_argument("round")


def _list(args: argparse.Namespace) -> int:
    from qa_audit.sampling.records import KINDS
    from qa_audit.sampling.service import rounds

    with opened(args) as (workspace, actor):
        found = rounds(workspace, actor)
    if args.json:
        say_json(found)
        return 0
    if not found:
        say("No rounds yet. Plan one with 'qa-audit round add'.")
        return 0
    say_table(
        ("Round", "Title", "Kind", "Due", "Target", "Drawn", "State"),
        [(one.ref, one.title, KINDS[one.kind], one.due, one.target, one.drawn, one.status) for one in found],
    )
    return 0


def _show(args: argparse.Namespace) -> int:
    from collections import Counter

    from qa_audit.audits.records import STATUS_WORDS
    from qa_audit.audits.service import list_audits
    from qa_audit.sampling.service import preview, round_of

    with opened(args) as (workspace, actor):
        one = round_of(workspace, actor, args.round)
        seen = preview(workspace, actor, one.ref) if actor.may("sample.draw") and one.frame_id else None
        states = Counter(audit.status for audit in list_audits(workspace, actor, round_ref=one.ref))
    if args.json:
        say_json({"round": one, "preview": seen, "audits": dict(states)})
        return 0
    say(
        f"{one.ref}  {one.title}  ({one.status}; due {one.due}; target {one.target}; form {one.form_id} {one.form_version})"
    )
    for line in one.lines_of_enquiry:
        say(f"  Enquiry: {line}")
    if seen is not None:
        say(
            f"From {seen.frame}, {seen.as_at}: {seen.children} children, {seen.eligible} may be drawn"
            + "".join(f"; {count} left out: {why}" for why, count in seen.left_out.items())
        )
        say_table(
            ("Stratum", "Children", "To draw"),
            [(stratum.title, stratum.population, stratum.allocated) for stratum in seen.strata],
            title="Strata",
        )
        say_table(
            ("Risk list", "Children"), [(words, count) for _, words, count in seen.risks], title="Risk lists"
        )
    if states:
        say_table(
            ("Audits", "Number"),
            [(STATUS_WORDS.get(state, state), count) for state, count in states.items()],
            title="Progress",
        )
    return 0


def _add(args: argparse.Namespace) -> int:
    from qa_audit.moderation.planning import plan_round
    from qa_audit.sampling.records import NewRound
    from qa_audit.store.clock import day

    risks = [
        {"key": key, "rate": rate or "1"} for key, _, rate in (text.partition("=") for text in args.risk)
    ]
    closes = args.closes or day(args.due).fromordinal(day(args.due).toordinal() + 14).isoformat()
    moderation = (
        {}
        if not args.moderate
        else {"everything": "yes"}
        if args.moderate == "all"
        else {"share": args.moderate}
    )
    new = NewRound(
        title=args.title, kind=args.kind, form_id=args.form, starts=args.starts, due=args.due, closes=closes, target=args.target,
        theme=args.theme, lines_of_enquiry=tuple(args.enquiry), cohorts=tuple(args.cohort), open_state=args.cases,
        plan={"strata": args.strata, "minimum": args.minimum, "risks": risks, "not_audited_months": args.not_audited_months, "worker_once": args.worker_once},
        moderation=moderation, blind=not args.not_blind, sections=tuple(code.upper() for code in args.section),
    )  # fmt: skip
    with opened(args) as (workspace, actor):
        ref = plan_round(workspace, actor, new)
    if args.json:
        say_json({"round": ref})
    else:
        say(f"Planned {ref}. Next: qa-audit round show {ref}, then qa-audit round draw {ref} --seed DIGITS")
    return 0


def _draw(args: argparse.Namespace) -> int:
    from qa_audit.sampling.service import draw, draw_certificate

    picks = {key: why for key, _, why in (text.partition("=") for text in args.pick)}
    with opened(args) as (workspace, actor):
        draw(workspace, actor, args.round, args.seed, picks=picks, reason=args.reason)
        document, page = draw_certificate(workspace, actor, args.round)
    if args.certificate:
        import json

        text = (
            page if args.certificate.suffix == ".txt" else json.dumps(document, ensure_ascii=False, indent=1)
        )
        args.certificate.write_text(text, encoding="utf-8", newline="\n")
    if args.json:
        say_json(document)
    else:
        say(page)
        say(f"Next: qa-audit allocate run {args.round}")
    return 0


def _extend(args: argparse.Namespace) -> int:
    from qa_audit.sampling.service import extend_draw

    with opened(args) as (workspace, actor):
        larger = extend_draw(workspace, actor, args.round, args.target)
    if args.json:
        say_json({"selected": len(larger.selected)})
    else:
        say(f"{len(larger.selected)} cases are drawn now; those drawn before stay.")
    return 0


def _certificate(args: argparse.Namespace) -> int:
    from qa_audit.sampling.service import draw_certificate

    with opened(args) as (workspace, actor):
        document, page = draw_certificate(workspace, actor, args.round)
    if args.json:
        say_json(document)
    else:
        say(page)
    return 0


def _verify(args: argparse.Namespace) -> int:
    from qa_audit.sampling.service import verify_draw

    with opened(args) as (workspace, actor):
        differences = verify_draw(workspace, actor, args.round)
    if args.json:
        say_json({"verified": not differences, "differences": [one.as_json() for one in differences]})
    else:
        say(
            "The draw stands: the same list, seed and plan give the same cases."
            if not differences
            else "The draw does not stand:"
        )
        for one in differences:
            say(f"  {one.where}: {one.message}")
    return 1 if differences else 0


def _ids(args: argparse.Namespace) -> int:
    import csv

    from qa_audit.sampling.service import draw_list

    with opened(args) as (workspace, actor):
        cases, salt = draw_list(workspace, actor, args.round)
    with args.out.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("case_id", "stratum"))
        rows.writerows(cases)
    if args.json:
        say_json({"round": args.round, "path": str(args.out), "cases": len(cases), "salt": salt})
    else:
        say(
            f"{len(cases)} cases written to {args.out}: keys and strata, no names and no numbers of the council."
        )
        say(f"Next: qa-audit sample verify CERTIFICATE.json --ids {args.out} --salt {salt}")
    return 0


def _close(args: argparse.Namespace) -> int:
    from qa_audit.sampling.service import close_round

    with opened(args) as (workspace, actor):
        close_round(workspace, actor, args.round)
    if args.json:
        say_json({"round": args.round, "status": "closed"})
    else:
        say(f"{args.round} is closed.")
    return 0
