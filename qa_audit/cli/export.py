"""`qa-audit export`: a paper from an export profile, checked before it is put in place."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from qa_audit.errors import BadInput, Code

_EXAMPLES = """examples:
  qa-audit export list
  qa-audit export moderation-summary --round 2026-09 --out september.xlsx
  qa-audit export ./our-summary.yaml --round 2026-09

A profile says who a paper is for, how it is marked and which sheets and columns may leave; it is a YAML
file in exports/ (or in the folder that QA_AUDIT_EXPORTS names). Without --out the paper goes to exports/out
under the name that the profile gives it."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "export",
        help="a paper from an export profile",
        description="Write a paper of a round as an Excel workbook, or list the papers there are.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("profile", metavar="PROFILE", help="a profile's name or file; 'list' shows them all")
    parser.add_argument("--round", metavar="R", help="the round's reference")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it (exports/out)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(handler=_export)


def _export(args: argparse.Namespace) -> int:
    if args.profile == "list":
        return _list(args)
    if not args.round:
        raise BadInput(
            Code.BAD_VALUE,
            "Which round?",
            where="--round",
            next_step=f"For example: qa-audit export {args.profile} --round 2026-09; 'qa-audit round list' shows them",
        )
    if args.out is not None and args.out.suffix.lower() != ".xlsx":
        raise BadInput(
            Code.BAD_VALUE,
            "The paper is an Excel workbook",
            where="--out",
            next_step="Give a file name that ends in .xlsx",
        )
    from qa_audit.cli.opening import opened
    from qa_audit.cli.saying import progress, say, say_json
    from qa_audit.reports.profiles import load_profile
    from qa_audit.reports.service import export

    profile = load_profile(args.profile)
    with opened(args) as (workspace, actor), progress(f"Writing {profile.title}") as step:
        result = export(
            workspace, actor, profile, args.round, args.out, lambda _sheet, done, of: step(done, of)
        )
    if args.json:
        say_json(
            {
                "profile": profile.id,
                "round": args.round,
                "path": str(result.path),
                "sheets": result.sheets,
                "rows": result.rows,
                "sha256": result.sha256,
                "marking": profile.marking,
            }
        )
        return 0
    say(f"Written: {result.path}")
    say(f"  {profile.marking}, for {profile.audience}")
    say(f"  {len(result.sheets)} sheets, {result.rows:,} rows, read back and checked")
    say(f"  SHA-256 {result.sha256}")
    return 0


def _list(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say, say_json, say_table
    from qa_audit.reports.profiles import exports_folder, list_profiles

    folder = exports_folder()
    profiles = list_profiles(folder)
    if args.json:
        say_json(
            {
                "folder": str(folder),
                "profiles": [
                    {
                        "id": p.id,
                        "version": p.version,
                        "title": p.title,
                        "audience": p.audience,
                        "marking": p.marking,
                        "internal": p.internal,
                        "suppress": p.suppress,
                        "sheets": [sheet.id for sheet in p.sheets],
                    }
                    for p in profiles
                ],
            }
        )
        return 0
    if not profiles:
        say(f"There is no export profile in {folder}")
        return 0
    say_table(
        ("Profile", "Paper", "For", "Marking", "Sheets"),
        [(p.id, p.title, p.audience, p.marking, len(p.sheets)) for p in profiles],
    )
    return 0
