"""`moderate`: the queue, blind grades, the lock, decisions, panels."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "moderate",
        help="the moderation queue, blind grades, decisions, panels",
        description="Moderation.",
        epilog="Example: qa-audit moderate list --as MO1",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text.capitalize() + ".",
            epilog=f"Example: qa-audit moderate {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    listing = verb("list", "your moderations, or everyone's", _list, "list --all")
    listing.add_argument("--all", action="store_true", dest="everyone", help="the whole queue (QA unit)")
    listing.add_argument("--done", action="store_true", help="with those decided")
    allocate = verb("allocate", "give a queued moderation to somebody", _allocate, "allocate A-0007 --to MO2")
    allocate.add_argument("audit")
    allocate.add_argument(
        "--to", metavar="CODE", help="without it: the least loaded who is not tied to the case"
    )
    move = verb(
        "move",
        "move a moderation that has begun to somebody else",
        _move,
        "move A-0007 --to MO2 --reason 'left the council'",
    )
    move.add_argument("audit")
    move.add_argument("--to", required=True, metavar="CODE")
    move.add_argument("--reason", required=True)
    show = verb("show", "one moderation: the evidence while blind, side by side after", _show, "show A-0007")
    show.add_argument("audit")
    grade = verb(
        "grade",
        "your own grade of a section, or of the whole case (OV)",
        _grade,
        "grade A-0007 PL RI --note 'measures are missing'",
    )
    grade.add_argument("audit")
    grade.add_argument("section")
    grade.add_argument("grade", help="Outstanding, Good, RI or Inadequate")
    grade.add_argument("--note")
    check = verb("check", "answer an item of the audit of the audit", _check, "check A-0007 MA1 answer yes")
    check.add_argument("audit")
    check.add_argument("item")
    check.add_argument("part")
    check.add_argument("value")
    lock = verb("lock", "lock your grades and see the auditor's", _lock, "lock A-0007")
    lock.add_argument("audit")
    decide = verb(
        "decide",
        "decide every section",
        _decide,
        "decide A-0007 --quality Good --change PL=RI:impact_not_shown:'no measure of change'",
    )
    decide.add_argument("audit")
    decide.add_argument("--quality", required=True, help="how good the audit itself is (not the practice)")
    decide.add_argument(
        "--change",
        action="append",
        default=[],
        metavar="SECTION=GRADE:CODE:WORDS",
        help="a section whose grade is to differ; the others are agreed",
    )
    decide.add_argument("--reason", default="", help="words on the whole")
    back = verb(
        "return",
        "return an audit for more evidence",
        _return,
        "return A-0007 --reason 'no evidence for VI and VC'",
    )
    back.add_argument("audit")
    back.add_argument("--reason", required=True)
    stand = verb(
        "stand",
        "let the moderated grades stand after five working days without an answer",
        _stand,
        "stand A-0007",
    )
    stand.add_argument("audit")
    panels = verb("panels", "panels to be held", _panels, "panels")
    panels.add_argument("--done", action="store_true")
    panel = verb(
        "panel", "write a panel's decision", _panel, "panel A-0007 --grade OV=Good --rationale '...'"
    )
    panel.add_argument("audit")
    panel.add_argument("--grade", action="append", default=[], metavar="SECTION=GRADE")
    panel.add_argument("--rationale", required=True)
    panel.add_argument("--member", action="append", default=[], metavar="ROLE")


def _list(args: argparse.Namespace) -> int:
    from qa_audit.moderation.service import queue

    with opened(args) as (workspace, actor):
        found = queue(workspace, actor, everyone=args.everyone, open_only=not args.done)
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("Audit", "Round", "Case", "Cohort", "Team", "Moderator", "Due", "Late", "State"),
        [
            (
                one.audit_ref,
                one.round_ref,
                one.case_ref,
                one.cohort,
                one.team,
                one.moderator or "(nobody)",
                one.due,
                one.late_days or "",
                one.state_words,
            )
            for one in found
        ],
    )
    return 0


def _allocate(args: argparse.Namespace) -> int:
    from qa_audit.moderation.service import allocate

    with opened(args) as (workspace, actor):
        code = allocate(workspace, actor, args.audit, args.to)
    return _told(args, f"{args.audit} is with {code}.")


def _move(args: argparse.Namespace) -> int:
    from qa_audit.moderation.service import move

    with opened(args) as (workspace, actor):
        code = move(workspace, actor, args.audit, args.to, args.reason)
    return _told(args, f"{args.audit} is with {code} now and starts afresh.")


def _show(args: argparse.Namespace) -> int:
    from qa_audit.moderation.service import open_moderation

    with opened(args) as (workspace, actor):
        view = open_moderation(workspace, actor, args.audit)
    return _view(args, view)


def _view(args: argparse.Namespace, view: Any) -> int:
    if args.json:
        say_json({
            "audit": view.audit_ref, "state": view.state, "blind": view.blind, "sections": list(view.sections), "reasons": list(view.reasons),
            "own": [{"item": item, "part": part, "value": value} for (item, part), value in sorted(view.own.items())],
            "evidence": [{"item": item, "part": part, "value": value} for (item, part), value in sorted(view.answers.items())],
            "comparison": [
                {"section": one.section, "auditor": one.auditor.words if one.auditor else None, "moderator": one.blind.words if one.blind else None, "shift": one.shift}
                for one in view.comparison
            ],
        })  # fmt: skip
        return 0
    say(
        f"{view.audit_ref}  {view.round_title}"
        + ("  Blind: the auditor's grades are hidden until yours are locked." if view.blind else "")
    )
    say("; ".join(f"{name}: {value}" for name, value in view.header))
    if view.blind:
        for section in view.form.sections:
            shown = [
                (item, part, value)
                for (item, part), value in sorted(view.answers.items())
                if any(one.id == item.partition("#")[0] for one in section.items)
            ]
            if shown or section.code in view.sections:
                own = view.own.get((section.code, "grade"), "")
                say(
                    f"\n{section.code}  {section.title}  {('your grade: ' + own) if own else 'no grade of yours yet' if section.code in view.sections else ''}"
                )
                for item, part, value in shown:
                    say(f"  {item} {part}: {value}")
        return 0
    say_table(
        ("Section", "Title", "Auditor", "You", "Steps", "Auditor's reasons"),
        [
            (
                one.section,
                one.title,
                one.auditor.short if one.auditor else "",
                one.blind.short if one.blind else "",
                "" if one.shift is None else f"{one.shift:+d}",
                one.auditor_rationale,
            )
            for one in view.comparison
        ],
    )
    return 0


def _grade(args: argparse.Namespace) -> int:
    from qa_audit.moderation.service import save

    with opened(args) as (workspace, actor):
        stored = save(workspace, actor, args.audit, args.section.upper(), "grade", args.grade)
        if args.note is not None:
            save(workspace, actor, args.audit, args.section.upper(), "note", args.note)
    return _told(args, f"Saved {args.section.upper()}: {stored}")


def _check(args: argparse.Namespace) -> int:
    from qa_audit.moderation.service import save

    with opened(args) as (workspace, actor):
        stored = save(workspace, actor, args.audit, args.item, args.part, args.value)
    return _told(args, f"Saved {args.item} {args.part}: {stored}")


def _lock(args: argparse.Namespace) -> int:
    from qa_audit.moderation.service import lock

    with opened(args) as (workspace, actor):
        view = lock(workspace, actor, args.audit)
    return _view(args, view)


def _decide(args: argparse.Namespace) -> int:
    from qa_audit.improvement.finishing import decide
    from qa_audit.moderation.records import Decision
    from qa_audit.moderation.service import open_moderation

    changes = {}
    for text in args.change:
        section, _, rest = text.partition("=")
        grade, _, why = rest.partition(":")
        code, _, words = why.partition(":")
        changes[section.upper()] = Decision(section.upper(), _parsed(grade), code, words)
    with opened(args) as (workspace, actor):
        view = open_moderation(workspace, actor, args.audit)
        decisions = tuple(
            changes.get(one.section) or Decision(one.section, one.auditor)
            for one in view.comparison
            if one.auditor is not None
        )
        said = decide(
            workspace, actor, args.audit, decisions, audit_quality=_parsed(args.quality), reason=args.reason
        )
    return _told(args, said)


def _return(args: argparse.Namespace) -> int:
    from qa_audit.moderation.deciding import return_audit

    with opened(args) as (workspace, actor):
        return_audit(workspace, actor, args.audit, args.reason)
    return _told(args, f"{args.audit} is back with its auditor.")


def _stand(args: argparse.Namespace) -> int:
    from qa_audit.improvement.finishing import let_stand

    with opened(args) as (workspace, actor):
        said = let_stand(workspace, actor, args.audit)
    return _told(args, said)


def _panels(args: argparse.Namespace) -> int:
    from qa_audit.moderation.deciding import panels

    with opened(args) as (workspace, actor):
        found = panels(workspace, actor, open_only=not args.done)
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("Audit", "Case", "Why", "State", "Auditor", "Moderated", "Panel"),
        [
            (
                one.audit_ref,
                one.case_ref,
                one.why,
                one.state,
                *(
                    grade.short if grade else ""
                    for grade in (one.auditor_grade, one.moderated_grade, one.panel_grade)
                ),
            )
            for one in found
        ],
    )
    return 0


def _panel(args: argparse.Namespace) -> int:
    from qa_audit.improvement.finishing import decide_panel

    grades = {
        section.upper(): _parsed(grade) for section, _, grade in (text.partition("=") for text in args.grade)
    }
    with opened(args) as (workspace, actor):
        said = decide_panel(workspace, actor, args.audit, grades, args.rationale, members=tuple(args.member))
    return _told(args, said)


def _parsed(text: str) -> Any:
    from qa_audit.errors import BadInput, Code
    from qa_audit.grades import parse_grade

    grade = parse_grade(text)
    if grade is None:
        raise BadInput(
            Code.BAD_VALUE,
            "That is not one of the four grades",
            where=text[:40],
            next_step="Outstanding, Good, RI or Inadequate",
        )
    return grade


def _told(args: argparse.Namespace, words: str) -> int:
    if args.json:
        say_json({"audit": args.audit, "said": words})
    else:
        say(words)
    return 0
