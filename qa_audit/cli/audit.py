"""`audit`: list audits, fill one in from the command line, submit, read what is finished."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table
from qa_audit.errors import BadInput, Code

LARGEST = 20_000_000


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "audit",
        help="list, fill in, submit and read audits",
        description="Audits.",
        epilog="Example: qa-audit audit list --mine",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text.capitalize() + ".",
            epilog=f"Example: qa-audit audit {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    listing = verb("list", "audits in your sight", _list, "list --mine --status open")
    listing.add_argument("--round")
    listing.add_argument("--mine", action="store_true")
    listing.add_argument("--status", help="open, or a state such as submitted")
    listing.add_argument("--find", default="", metavar="TEXT")
    show = verb(
        "show", "an audit you are working on: its questions and answers", _show, "show A-0007 --section PL"
    )
    show.add_argument("audit")
    show.add_argument("--section", default="")
    answer = verb(
        "answer",
        "save one part of one answer, or many from a file, all of them or none",
        _answer,
        "answer A-0007 PL1 answer partly",
    )
    answer.add_argument("audit")
    answer.add_argument("item", nargs="?", help="an item (PL1), a section (PL) or OV for the whole case")
    answer.add_argument(
        "part", nargs="?", help="answer, evidence, pointer, evidence_date, grade, rationale, better ..."
    )
    answer.add_argument("value", nargs="?", help="the value; an empty text clears it")
    answer.add_argument(
        "--from", dest="source", metavar="FILE.json",
        help="the answers as 'audit show --json' prints them: a list of item, part, value; '-' reads standard input",
    )  # fmt: skip
    gaps = verb("gaps", "what stands between an audit and its submission", _gaps, "gaps A-0007")
    gaps.add_argument("audit")
    submit = verb("submit", "submit an audit", _submit, "submit A-0007")
    submit.add_argument("audit")
    reply = verb(
        "reply", "accept or dispute the moderated grades of your audit", _reply, "reply A-0007 --accept"
    )
    reply.add_argument("audit")
    choice = reply.add_mutually_exclusive_group(required=True)
    choice.add_argument("--accept", action="store_true")
    choice.add_argument("--dispute", metavar="GROUNDS", default="")
    feedback = verb("feedback", "the moderator's feedback sheet on your audit", _feedback, "feedback A-0007")
    feedback.add_argument("audit")
    read = verb("read", "a finished audit with its three grades", _read, "read A-0007")
    read.add_argument("audit")
    recovery = verb(
        "recovery",
        "Inadequate cases without a recovery plan; with --on, record that the plan is on file",
        _recovery,
        "recovery A-0007 --on 2026-12-04 --note 'weekly visits, legal advice taken, reviewed by the head of service'",
    )
    recovery.add_argument("audit", nargs="?")
    recovery.add_argument("--on", metavar="DATE")
    recovery.add_argument("--note", default="")
    share = verb("share", "share a final audit with the worker and the manager", _share, "share A-0007")
    share.add_argument("audit")
    respond = verb(
        "respond",
        "the worker's comment on a shared audit, or a challenge to a fact",
        _respond,
        "respond A-0007 --kind comment --words '...'",
    )
    respond.add_argument("audit")
    respond.add_argument("--kind", choices=("comment", "fact"), required=True)
    respond.add_argument("--words", required=True)


def _list(args: argparse.Namespace) -> int:
    from qa_audit.audits.service import list_audits

    with opened(args) as (workspace, actor):
        found = list_audits(
            workspace, actor, round_ref=args.round, mine=args.mine, status=args.status, contains=args.find
        )
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("Audit", "Round", "Case", "Cohort", "Team", "Auditor", "Due", "State", "Late", "Own grade", "Final grade"),
        [(one.ref, one.round_ref, one.case_ref, one.cohort, one.team, one.auditor, one.due, one.status_words, one.overdue_days or "",
          one.own_grade.short if one.own_grade else "", one.final_grade.short if one.final_grade else "") for one in found],
    )  # fmt: skip
    return 0


def _show(args: argparse.Namespace) -> int:
    from qa_audit.audits.judging import ceiling_of
    from qa_audit.audits.service import open_audit
    from qa_audit.library.completeness import form_progress, visible_items

    with opened(args) as (workspace, actor):
        one = open_audit(workspace, actor, args.audit)
    ceiling = ceiling_of(one.form, one.answers, one.case)
    progress = form_progress(one.form, one.answers, one.case)
    if args.json:
        say_json({
            "audit": one.ref, "status": one.status, "answered": progress.answered, "needed": progress.needed,
            "answers": [{"item": item, "part": part, "value": value} for (item, part), value in sorted(one.answers.items())],
            "ceiling": {"grade": ceiling.grade.words if ceiling.grade else None, "reasons": list(ceiling.reasons)},
            "flags": {item: flag.words for item, flag in one.flags.items()},
        })  # fmt: skip
        return 0
    say(f"{one.ref}  {one.round_title}  {progress.answered} of {progress.needed} answered")
    say("; ".join(f"{name}: {value}" for name, value in one.header))
    for section in one.form.sections:
        if args.section and section.code.casefold() != args.section.casefold():
            continue
        say(f"\n{section.code}  {section.title}")
        for item in visible_items(section, one.answers, one.case):
            said = "; ".join(
                f"{part}: {value}"
                for (asked, part), value in sorted(one.answers.items())
                if asked.partition("#")[0] == item.id
            )
            say(f"  {item.id}  {item.text}")
            if item.id in one.flags:
                say(f"      {one.flags[item.id].words}")
            say(f"      {said or '-'}")
        judged = "; ".join(
            f"{part}: {value}"
            for (asked, part), value in sorted(one.answers.items())
            if asked == section.code
        )
        if judged:
            say(f"  {section.code}  {judged}")
    say("\n" + "\n".join(ceiling.reasons))
    return 0


def _answer(args: argparse.Namespace) -> int:
    from qa_audit.audits.service import save_answer, save_answers

    if (args.source is None) == (args.value is None):
        raise BadInput(
            Code.BAD_VALUE, "Say an item, its part and the value, or name a file of answers", where="audit answer",
            next_step=f"For example: qa-audit audit answer {args.audit} PL1 answer partly",
        )  # fmt: skip
    if args.source is not None:
        values = _many(args.source)
        with opened(args) as (workspace, actor):
            kept = save_answers(workspace, actor, args.audit, values)
        if args.json:
            say_json({"audit": args.audit, "saved": kept})
        else:
            say(f"Saved {len(kept)} answer{'s' if len(kept) != 1 else ''}.")
        return 0
    with opened(args) as (workspace, actor):
        saved = save_answer(workspace, actor, args.audit, args.item, args.part, args.value)
    if args.json:
        say_json(saved)
    else:
        say(f"Saved {saved.item} {saved.part}: {saved.value or '(cleared)'}")
    return 0


def _many(source: str) -> dict[tuple[str, str], str]:
    """Answers from a file or standard input: a JSON list of item, part, value, or a document with one."""
    import json
    import sys
    from pathlib import Path

    name = "standard input" if source == "-" else Path(source).name
    try:
        raw = sys.stdin.buffer.read(LARGEST) if source == "-" else Path(source).read_bytes()[:LARGEST]
        found = json.loads(raw.decode("utf-8-sig"))
    except OSError as fault:
        raise BadInput(
            Code.NOT_A_FILE, "The file of answers cannot be read", where=name, next_step="Check the path"
        ) from fault
    except (ValueError, RecursionError) as fault:
        raise BadInput(Code.UNREADABLE_FILE, "This is not a JSON file of answers", where=name) from fault
    rows = found.get("answers") if isinstance(found, dict) else found
    values: dict[tuple[str, str], str] = {}
    for number, row in enumerate(rows if isinstance(rows, list) else [None], 1):
        cells: list[Any] = (
            [row.get(key) for key in ("item", "part", "value")] if isinstance(row, dict) else []
        )
        if not cells or not all(isinstance(cell, str) for cell in cells):
            raise BadInput(
                Code.BAD_VALUE, "Each answer has an item, a part and a value, all of them text", where=f"{name}, answer {number}",
                next_step="'qa-audit audit show A-0007 --json' prints the shape",
            )  # fmt: skip
        values[cells[0], cells[1]] = cells[2]
    return values


def _gaps(args: argparse.Namespace) -> int:
    from qa_audit.audits.judging import gaps_of
    from qa_audit.audits.service import open_audit

    with opened(args) as (workspace, actor):
        one = open_audit(workspace, actor, args.audit)
    found = gaps_of(one.form, one.answers, one.case)
    if args.json:
        say_json({"audit": one.ref, "gaps": found})
    elif not found:
        say("Nothing is missing: it can be submitted.")
    else:
        say_table(
            ("Section", "Item", "Part", "What is missing"),
            [(gap.section, gap.item, gap.part, gap.message) for gap in found],
        )
    return 1 if found else 0


def _submit(args: argparse.Namespace) -> int:
    from qa_audit.audits.service import Incomplete
    from qa_audit.improvement.finishing import submit

    with opened(args) as (workspace, actor):
        try:
            done = submit(workspace, actor, args.audit)
        except Incomplete as missing:
            if args.json:
                say_json({"submitted": False, "gaps": missing.gaps})
                return 2
            say_table(
                ("Section", "Item", "Part", "What is missing"),
                [(gap.section, gap.item, gap.part, gap.message) for gap in missing.gaps],
            )
            raise
    if args.json:
        say_json(
            {
                "submitted": True,
                "audit": done.ref,
                "grade": done.grade.words if done.grade else None,
                "follows": done.follows,
            }
        )
    else:
        say(done.follows)
    return 0


def _reply(args: argparse.Namespace) -> int:
    from qa_audit.improvement.finishing import respond

    with opened(args) as (workspace, actor):
        said = respond(workspace, actor, args.audit, accept=args.accept, words=args.dispute)
    if args.json:
        say_json({"audit": args.audit, "said": said})
    else:
        say(said)
    return 0


def _feedback(args: argparse.Namespace) -> int:
    from qa_audit.moderation.deciding import feedback_sheet
    from qa_audit.moderation.records import OUTCOMES, REASONS

    with opened(args) as (workspace, actor):
        sheet = feedback_sheet(workspace, actor, args.audit)
    if args.json:
        say_json({"sheet": sheet, "reading": sheet.reading})
        return 0
    say(f"{sheet.audit_ref}  {sheet.round_title}  {OUTCOMES.get(sheet.outcome, sheet.outcome)}")
    say(sheet.reading + ("" if sheet.blind else " (not blind: read the agreement with care)"))
    rows = [
        (one.title, one.auditor.short if one.auditor else "", one.blind.short if one.blind else "", one.moderated.short if one.moderated else "",
         one.panel.short if one.panel else "", REASONS.get(one.reason_code, ""), one.reason) for one in sheet.comparison
    ]  # fmt: skip
    say_table(("Section", "Yours", "Moderator, blind", "Moderated", "Panel", "Reason", "In words"), rows)
    if sheet.audit_quality:
        say(f"The audit itself: {sheet.audit_quality.words}")
    for item, text, words in sheet.check:
        say(f"  {item}  {text}: {words}")
    if sheet.can_respond:
        say(f"Next: qa-audit audit reply {sheet.audit_ref} --accept, or --dispute 'GROUNDS'")
    return 0


def _read(args: argparse.Namespace) -> int:
    from qa_audit.moderation.reading import read_final

    with opened(args) as (workspace, actor):
        one = read_final(workspace, actor, args.audit)
    graded = [section for section in one.form.graded if section.code in one.auditor]
    if args.json:
        say_json({
            "audit": one.ref, "status": one.status, "overall_case_grade": one.standing.words if one.standing else None,
            "sections": [{"section": section.code, "auditor": one.auditor[section.code].words, "final": grade.words if (grade := one.final(section.code)) else None} for section in graded],
            "answers": [{"item": item, "part": part, "value": value} for (item, part), value in sorted(one.answers.items())],
        })  # fmt: skip
        return 0
    say(
        f"{one.ref}  {one.round_title}  overall case grade: {one.standing.words if one.standing else 'not graded'}"
    )
    say("; ".join(f"{name}: {value}" for name, value in one.header))
    rows = [
        (
            section.title,
            one.auditor[section.code].short,
            grade.short if (grade := one.final(section.code)) else "",
            one.answers.get((section.code, "rationale"), ""),
        )
        for section in graded
    ]
    say_table(("Section", "Auditor", "Final", "Why"), rows)
    for kind, words, at in one.responses:
        say(f"{kind} {at[:10]}: {words}")
    return 0


def _share(args: argparse.Namespace) -> int:
    from qa_audit.moderation.reading import share

    with opened(args) as (workspace, actor):
        share(workspace, actor, args.audit)
    if args.json:
        say_json({"audit": args.audit, "status": "shared"})
    else:
        say(f"{args.audit} is shared.")
    return 0


def _respond(args: argparse.Namespace) -> int:
    from qa_audit.moderation.reading import worker_answers

    with opened(args) as (workspace, actor):
        worker_answers(workspace, actor, args.audit, args.kind, args.words)
    if args.json:
        say_json({"audit": args.audit, "kind": args.kind})
    else:
        say("Written down; the QA unit sees it.")
    return 0


def _recovery(args: argparse.Namespace) -> int:
    from qa_audit.improvement.recovery import plan_on_file, recoveries

    record = bool(args.audit and args.on)
    with opened(args) as (workspace, actor):
        if record:
            plan_on_file(workspace, actor, args.audit, args.on, args.note)
        found = () if record else recoveries(workspace, actor)
    if args.json:
        say_json(found)
    elif record:
        say(f"{args.audit}: the recovery plan is on file.")
    else:
        say_table(
            ("Audit", "Case", "Team", "Plan due", "Late", "Re-audit due"),
            [
                (one.audit_ref, one.case_ref, one.team, one.plan_due, one.overdue_days or "", one.reaudit_due)
                for one in found
            ],
        )
    return 0
