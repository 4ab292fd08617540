"""`qa-audit frame`: check a council's lists, import them, show what was imported."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

_EXAMPLES = """examples:
  qa-audit frame check "Annex A.xlsx"
  qa-audit frame check lists/ --as-at 2026-09-30 --json
  qa-audit frame import "Annex A.xlsx" --authority Southampton --as-at 2026-09-30 --open
  qa-audit frame show"""
_KINDS = """FILE is a workbook (.xlsx, .xls), CSV files, a CIN census (.xml), or a folder of them. Lists are known by
their headings, whatever the sheets are called. Names, postcodes and birth dates are never kept."""

_MAKEUP = {"sex": "Sex", "age_band": "Age", "ethnicity": "Ethnicity", "disability": "Disability"}


def add(commands: Any) -> None:
    """Add the command to the parser."""
    plain = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "frame", help="check and import the council's lists of children", epilog=_EXAMPLES, formatter_class=plain,
        description="Check and import the council's own lists of children.", allow_abbrev=False,
    )  # fmt: skip
    nouns = parser.add_subparsers(title="commands", metavar="COMMAND", dest="step", required=True)

    one = nouns.add_parser(
        "check", help="read lists and print every problem; touches no workspace", formatter_class=plain,
        description=_KINDS, epilog='example:\n  qa-audit frame check "Annex A.xlsx" --as-at 2026-09-30',
        allow_abbrev=False,
    )  # fmt: skip
    one.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a workbook, CSV files, XML or a folder"
    )
    one.add_argument("--as-at", type=_day, metavar="DATE", help="the day the lists describe (today)")
    one.add_argument("--json", action="store_true", help="one JSON document on stdout")
    one.set_defaults(handler=_check)

    two = nouns.add_parser(
        "import", help="bring checked lists into the workspace, all or nothing", formatter_class=plain,
        description=_KINDS, allow_abbrev=False,
        epilog='example:\n  qa-audit frame import "Annex A.xlsx" --authority Southampton --as-at 2026-09-30 --open',
    )  # fmt: skip
    two.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a workbook, CSV files, XML or a folder"
    )
    two.add_argument("--authority", required=True, metavar="NAME", help="whose children these are")
    two.add_argument("--as-at", type=_day, required=True, metavar="DATE", help="the day the lists describe")
    which = two.add_mutually_exclusive_group()
    for status, words in (
        ("open", "open cases only"),
        ("closed", "cases that closed in the period only"),
        ("both", "open and closed cases (taken, and said, when none is named)"),
    ):
        which.add_argument(f"--{status}", dest="status", action="store_const", const=status, help=words)
    two.add_argument("--json", action="store_true", help="one JSON document on stdout")
    two.set_defaults(handler=_import)

    four = nouns.add_parser(
        "template", help="a workbook to fill in with add-on lists", formatter_class=plain, allow_abbrev=False,
        description="Write the headings of the add-on lists (supervision, pre-proceedings, home education and others), "
        "with instructions and no data.",
        epilog="example:\n  qa-audit frame template --out add-ons.xlsx",
    )  # fmt: skip
    four.add_argument("--out", type=Path, required=True, metavar="FILE.xlsx", help="where to write it")
    four.add_argument("--json", action="store_true", help="one JSON document on stdout")
    four.set_defaults(handler=_template)

    three = nouns.add_parser(
        "show", help="what has been imported", formatter_class=plain, allow_abbrev=False,
        description="Show the frames of the workspace, or one of them.",
        epilog="examples:\n  qa-audit frame show\n  qa-audit frame show 3f2a9c --problems",
    )  # fmt: skip
    three.add_argument("frame", nargs="?", metavar="ID", help="a frame's id or the start of it (the newest)")
    three.add_argument("--problems", action="store_true", help="what was wrong with its lists")
    three.add_argument("--json", action="store_true", help="one JSON document on stdout")
    three.set_defaults(handler=_show)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-09-30") from None


def _check(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import progress, say_json
    from qa_audit.frame.check import check
    from qa_audit.frame.report import as_json
    from qa_audit.store.clock import system_clock

    as_at = args.as_at or system_clock().date()
    with progress("Reading rows") as step:
        reading = check(args.files, as_at=as_at, progress=lambda rows: step(rows, None))
    if args.json:
        say_json(as_json(reading))
    else:
        _print(reading)
    return 0 if reading.usable else 1


def _print(reading: Any) -> None:
    from qa_audit.cli.saying import say, say_table
    from qa_audit.frame import report

    for line in report.summary_lines(reading):
        say(line)
    lists, found = report.list_rows(reading), report.problem_rows(reading)
    if lists:
        say_table(report.LIST_HEADINGS, lists, title="Lists")
    if found:
        say_table(report.PROBLEM_HEADINGS, found, title="What was found")
    if len(reading.problems) > len(found):
        say(f"{len(reading.problems) - len(found)} more; --json prints them all.")


def _import(args: argparse.Namespace) -> int:
    from qa_audit.cli.opening import opened
    from qa_audit.cli.saying import progress, say, say_json
    from qa_audit.frame.records import Status
    from qa_audit.frame.report import as_json, summary_lines
    from qa_audit.frame.service import import_frame

    status: Status = args.status or "both"
    with opened(args) as (workspace, actor), progress("Reading and storing") as step:
        made = import_frame(
            workspace, actor, args.files, authority=args.authority, as_at=args.as_at, status=status,
            progress=lambda rows: step(rows, None),
        )  # fmt: skip
    if args.json:
        say_json(
            {
                "frame_id": made.frame_id,
                "authority": args.authority,
                "status": status,
                "children_imported": made.children,
                "children_left_out": made.left_out,
                "frame_hash": made.frame_hash,
                "check": as_json(made.reading),
            }
        )
        return 0
    for line in summary_lines(made.reading):
        say(line)
    chosen = {"open": "open cases", "closed": "closed cases", "both": "open and closed cases"}[status]
    if args.status is None:
        say("None of --open, --closed and --both was named, so both were taken; a round chooses again.")
    say(f"Imported {made.children:,} children ({chosen}); {made.left_out:,} left out. Frame {made.frame_id}")
    say(f"Fingerprint of the frame: {made.frame_hash}")
    return 0


def _template(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say, say_json
    from qa_audit.frame.template import write_template

    made = write_template(args.out)
    if args.json:
        say_json({"file": str(made)})
    else:
        say(f"Written: {made}")
        say(
            "Fill in the lists you have, then check them together with the others: qa-audit frame check FILE FILE"
        )
    return 0


def _show(args: argparse.Namespace) -> int:
    from qa_audit.cli.opening import opened
    from qa_audit.cli.saying import say, say_json, say_table
    from qa_audit.frame import service
    from qa_audit.frame.records import COHORT_WORDS
    from qa_audit.frame.words import plain

    with opened(args) as (workspace, actor):
        every = service.frames(workspace, actor)
        found = service.frame(workspace, actor, args.frame) if every or args.frame else None
        problems = service.problems(workspace, actor, found.frame_id) if found and args.problems else ()
        makeup = service.makeup(workspace, actor, found.frame_id) if found else {}
    if args.json:
        document: dict[str, Any] = {"frames": every if args.frame is None else [found]}
        if args.problems:
            document["problems"] = problems
        say_json(document)
        return 0
    if found is None:
        say("No list of children has been imported yet.")
        say("Import one with: qa-audit frame import FILE --authority NAME --as-at DATE --open")
        return 0
    say_table(
        ("Frame", "Authority", "As at", "Cases", "Children", "Events", "Notes"),
        [
            (
                one.frame_id[:8],
                one.authority,
                one.as_at,
                one.status_choice,
                one.children,
                one.events,
                one.problems,
            )
            for one in (every if args.frame is None else [found])
        ],
        title="Frames",
    )
    say_table(
        ("Cohort", "Children"),
        [(COHORT_WORDS.get(name, "No cohort"), count) for name, count in found.cohorts.items()],
        title=f"{found.authority}, {found.as_at}",
    )
    say_table(
        ("", "Who", "Children"),
        [
            (_MAKEUP[column], plain(label) or "Not known", count)
            for column, counts in makeup.items()
            for label, count in counts.items()
        ],
        title="Who they are",
    )
    if args.problems:
        say_table(
            ("Severity", "Sheet", "Row", "Column", "Value", "What"),
            [(p["severity"], p["sheet"], p["row"], p["column"], p["value"], p["message"]) for p in problems],
            title="What was wrong with the lists",
        )
    return 0
