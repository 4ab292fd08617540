"""`calibrate`: exercises in which everybody grades the same cases blind, then sees the reference and the spread."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from qa_audit.cli.calibrate_words import (
    feedback_json,
    grade_words,
    left,
    point_json,
    results_json,
    say_case,
    say_feedback,
    say_results,
    say_view,
    share,
)
from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table

if TYPE_CHECKING:
    from pathlib import Path


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "calibrate",
        help="calibration exercises: the same cases graded blind by everybody",
        description="Calibration.",
        epilog="Example: qa-audit calibrate take C-001 child-in-need-neglect --as AU1",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)

    def verb(name: str, help_text: str, handler: Any, example: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = verbs.add_parser(
            name,
            help=help_text,
            description=help_text[:1].upper() + help_text[1:] + ".",
            epilog=f"Example: qa-audit calibrate {example}",
        )
        made.add_argument("--json", action="store_true", help="print one JSON document")
        made.set_defaults(handler=handler)
        return made

    verb("list", "the exercises you run or are invited to", _list, "list")
    verb("cases", "the library of synthetic cases, without their references", _cases, "cases")
    adding = verb("add", "open an exercise", _add,
                  "add 'Autumn calibration' --case child-in-need-neglect --case care-leaver-pathway --invite AU1,AU2,MO1")  # fmt: skip
    adding.add_argument("title")
    adding.add_argument("--case", action="append", required=True, metavar="ID", dest="cases")
    adding.add_argument(
        "--invite",
        action="append",
        metavar="CODES",
        default=[],
        help="codes, by commas; more than once is fine",
    )
    adding.add_argument("--everybody", action="store_true", help="invite everybody who may take part")
    adding.add_argument("--due", metavar="DATE", default="", help="by when to submit (YYYY-MM-DD)")
    adding.add_argument("--workshop", metavar="DATE", default="", help="the day it is talked through")
    adding.add_argument(
        "--again", action="store_true", help="although some have seen a case's reference before"
    )
    show = verb(
        "show",
        "one exercise: its cases and who has submitted; all figures once it is revealed",
        _show,
        "show C-001",
    )
    show.add_argument("exercise")
    inviting = verb("invite", "invite more people", _invite, "invite C-001 AU4 AU5")
    inviting.add_argument("exercise")
    inviting.add_argument("people", nargs="+", metavar="CODE")
    attend = verb(
        "attend", "record who came to the workshop", _attend, "attend C-001 AU1=attended AU2=apologies"
    )
    attend.add_argument("exercise")
    attend.add_argument("people", nargs="+", metavar="CODE=HOW", help="attended, apologies or absent")
    take = verb("take", "read a case, or grade one section of it", _take,
                "take C-001 child-in-need-neglect --section PL --grade RI --why 'no measures, no contingency'")  # fmt: skip
    take.add_argument("exercise")
    take.add_argument("case", help="its name, or its number in the exercise")
    take.add_argument("--section", metavar="CODE", help="a section code; OV is the whole case")
    take.add_argument("--grade", metavar="GRADE", help="Outstanding, Good, RI or Inadequate")
    take.add_argument("--why", metavar="WORDS", help="what decided it")
    submit = verb(
        "submit", "submit your grades of a case for good", _submit, "submit C-001 child-in-need-neglect"
    )
    submit.add_argument("exercise")
    submit.add_argument("case")
    reveal = verb(
        "reveal", "show reference and spread to everybody; nobody grades after it", _reveal, "reveal C-001"
    )
    reveal.add_argument("exercise")
    reveal.add_argument("--without-the-rest", action="store_true", help="although some have not submitted")
    feedback = verb(
        "feedback", "your feedback sheet, or anybody's for the QA unit", _feedback, "feedback C-001 --of AU2"
    )
    feedback.add_argument("exercise")
    feedback.add_argument("--of", metavar="CODE", help="somebody else (QA unit)")
    verb("trend", "from one exercise to the next", _trend, "trend")
    withdraw = verb(
        "withdraw",
        "take back an exercise that is not revealed",
        _withdraw,
        "withdraw C-001 --reason 'wrong cases'",
    )
    withdraw.add_argument("exercise")
    withdraw.add_argument("--reason", required=True)
    paper = verb(
        "export",
        "write the results as a workbook for the QA unit",
        _export,
        "export C-001 --out calibration.xlsx",
    )
    paper.add_argument("exercise")
    paper.add_argument("--out", metavar="FILE", help="where to write it (exports/out)")


def _list(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_service import exercises

    with opened(args) as (workspace, actor):
        found = exercises(workspace, actor)
    if args.json:
        say_json(found)
        return 0
    if not found:
        say("No calibration exercise yet.")
        return 0
    say_table(
        ("Exercise", "Title", "State", "Cases", "Yours submitted", "All submitted", "Invited", "Due"),
        [
            (one.ref, one.title, one.state_words, one.cases, one.my_submitted if one.mine else "", one.submitted, one.invited or "", one.due)
            for one in found
        ],
    )  # fmt: skip
    return 0


def _cases(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_service import library_cases

    with opened(args) as (workspace, actor):
        found = library_cases(workspace, actor)
    if args.json:
        say_json(found)
        return 0
    say_table(
        ("Case", "Version", "What it is", "Cohort", "Graded"),
        [(one.case_id, one.version, one.title, one.cohort, " ".join(one.sections)) for one in found],
    )
    return 0


def _add(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_service import add_exercise, possible_people

    with opened(args) as (workspace, actor):
        who = [code for text in args.invite for code in text.split(",")]
        if args.everybody:
            who += [code for code, _ in possible_people(workspace, actor)]
        ref = add_exercise(
            workspace, actor, args.title, args.cases, who, due=args.due, workshop_on=args.workshop, again=args.again
        )  # fmt: skip
    return _told(args, ref, f"{ref} is open: {args.title}")


def _show(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_reading import results
    from qa_audit.moderation.calibration_service import show

    with opened(args) as (workspace, actor):
        view = show(workspace, actor, args.exercise)
        full = None
        if view.row.state == "revealed" and actor.may("calibration.manage"):
            full = results(workspace, actor, args.exercise)
    if args.json:
        say_json(results_json(full) if full is not None else view)
        return 0
    if full is not None:
        say_results(full)
    else:
        say_view(view)
    return 0


def _invite(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_service import invite

    with opened(args) as (workspace, actor):
        fresh = invite(workspace, actor, args.exercise, args.people)
    return _told(args, args.exercise, f"{fresh} invited.")


def _attend(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_service import record_attendance

    given = {code: how for code, _, how in (text.partition("=") for text in args.people)}
    with opened(args) as (workspace, actor):
        record_attendance(workspace, actor, args.exercise, given)
    return _told(args, args.exercise, f"Attendance of {len(given)} recorded.")


def _take(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_grading import open_case, save_grades

    values = {}
    with opened(args) as (workspace, actor):
        for part, value in (("grade", args.grade), ("rationale", args.why)):
            if value is not None:
                if not args.section:
                    from qa_audit.errors import BadInput, Code

                    raise BadInput(
                        Code.INCOMPLETE,
                        "Which section?",
                        where="--section",
                        next_step="Give its code, such as --section PL; OV is the whole case",
                    )
                values[args.section.upper(), part] = value
        if values:
            save_grades(workspace, actor, args.exercise, args.case, values)
        found = open_case(workspace, actor, args.exercise, args.case)
    if args.json:
        say_json(
            {
                "exercise": found.exercise_ref,
                "case": found.case,
                "submitted_at": found.submitted_at,
                "own": [{"section": code, "part": part, "value": value} for (code, part), value in sorted(found.own.items())],
            }
        )  # fmt: skip
    elif values:
        kept = grade_words(found.own.get((args.section.upper(), "grade"), ""))
        say(f"Saved {args.section.upper()}: {kept}. {left(found)}")
    else:
        say_case(found)
    return 0


def _submit(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_grading import submit

    with opened(args) as (workspace, actor):
        cases_left = submit(workspace, actor, args.exercise, args.case)
    more = (
        f"{cases_left} more to grade."
        if cases_left
        else "That was the last; you see the reference when it is revealed."
    )
    return _told(args, args.exercise, f"Submitted. {more}")


def _reveal(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_service import reveal

    with opened(args) as (workspace, actor):
        sent = reveal(workspace, actor, args.exercise, without_the_rest=args.without_the_rest)
    return _told(args, args.exercise, f"Revealed, with {sent} graded case{'s' * (sent != 1)}.")


def _feedback(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_reading import feedback

    with opened(args) as (workspace, actor):
        found = feedback(workspace, actor, args.exercise, args.of)
    if args.json:
        say_json(feedback_json(found))
        return 0
    say_feedback(found)
    return 0


def _trend(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration import trend_words
    from qa_audit.moderation.calibration_reading import trend

    with opened(args) as (workspace, actor):
        found = trend(workspace, actor)
    if args.json:
        say_json({"points": [point_json(point) for point in found], "reading": trend_words(found)})
        return 0
    say_table(
        ("Exercise", "Title", "When", "People", "Same as reference", "Within one", "Mean shift", "Pairs of auditors the same"),
        [
            (
                one.ref, one.title, one.when, one.auditors, *(share(each) for each in (one.sections.exact, one.sections.within_one)),
                "too few" if one.sections.shift.est is None else f"{one.sections.shift.est:+.2f}", f"{one.between.exact} of {one.between.pairs}",
            )
            for one in found
        ],
    )  # fmt: skip
    say(trend_words(found))
    return 0


def _withdraw(args: argparse.Namespace) -> int:
    from qa_audit.moderation.calibration_service import withdraw

    with opened(args) as (workspace, actor):
        withdraw(workspace, actor, args.exercise, args.reason)
    return _told(args, args.exercise, "Withdrawn.")


def _export(args: argparse.Namespace) -> int:
    from pathlib import Path

    from qa_audit.reports.calibration import export_calibration

    out: Path | None = Path(args.out) if args.out else None
    with opened(args) as (workspace, actor):
        made = export_calibration(workspace, actor, args.exercise, out)
    if args.json:
        say_json({"exercise": args.exercise, "path": str(made.path), "sheets": made.sheets, "rows": made.rows, "sha256": made.sha256, "marking": made.marking})  # fmt: skip
        return 0
    say(f"Written: {made.path}")
    say(f"  {made.marking}, {len(made.sheets)} sheets, {made.rows:,} rows, read back and checked")
    return 0


def _told(args: argparse.Namespace, ref: str, words: str) -> int:
    if args.json:
        say_json({"exercise": ref, "said": words})
    else:
        say(words)
    return 0
