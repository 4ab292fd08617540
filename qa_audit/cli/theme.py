"""`theme`: strengths and gaps coded from the controlled list."""

from __future__ import annotations

import argparse
from typing import Any

from qa_audit.cli.opening import opened
from qa_audit.cli.saying import say, say_json, say_table


def add(commands: Any) -> None:
    """Register the noun with its verbs."""
    noun = commands.add_parser(
        "theme",
        help="strengths and gaps coded from the controlled list",
        description="Themes.",
        epilog="Example: qa-audit theme list",
    )
    verbs = noun.add_subparsers(title="verbs", metavar="VERB", required=True)
    known = verbs.add_parser(
        "list",
        help="the controlled list, or the themes of a round's audits",
        description="The controlled list, or what was coded.",
        epilog="Example: qa-audit theme list --audit A-0007",
    )
    known.add_argument("--audit")
    known.add_argument("--coded", action="store_true", help="what was coded, over all audits")
    known.add_argument("--json", action="store_true", help="print one JSON document")
    known.set_defaults(handler=_list)
    code = verbs.add_parser(
        "code",
        help="set an audit's themes",
        description="Set an audit's themes to exactly these.",
        epilog="Example: qa-audit theme code A-0007 --gap smart_plans='dates slip without a reason' --strength direct_work",
    )
    code.add_argument("audit")
    code.add_argument("--strength", action="append", default=[], metavar="THEME[=LINE]")
    code.add_argument("--gap", action="append", default=[], metavar="THEME[=LINE]")
    code.add_argument("--json", action="store_true", help="print one JSON document")
    code.set_defaults(handler=_code)


def _list(args: argparse.Namespace) -> int:
    if args.audit or args.coded:
        from qa_audit.improvement.service import themes_of

        with opened(args) as (workspace, actor):
            found = themes_of(workspace, actor, audit_ref=args.audit)
        if args.json:
            say_json(found)
        else:
            say_table(
                ("Audit", "Side", "Theme", "Line"),
                [(one.audit_ref, one.polarity, one.theme, one.line) for one in found],
            )
        return 0
    from qa_audit.library.practice import load_themes

    themes = load_themes().themes
    if args.json:
        say_json(
            [{"id": one.id, "title": one.title, "strength": one.strength, "gap": one.gap} for one in themes]
        )
    else:
        say_table(
            ("Theme", "Title", "As a strength", "As a gap"),
            [(one.id, one.title, one.strength, one.gap) for one in themes],
        )
    return 0


def _code(args: argparse.Namespace) -> int:
    from qa_audit.improvement.service import ThemeRow, code_themes
    from qa_audit.library.practice import load_themes

    known = load_themes()
    tags = []
    for polarity, texts in (("strength", args.strength), ("gap", args.gap)):
        for text in texts:
            key, _, line = text.partition("=")
            tags.append(ThemeRow(args.audit, known.theme(key).id, polarity, "", line))
    with opened(args) as (workspace, actor):
        code_themes(workspace, actor, args.audit, tags)
    if args.json:
        say_json({"audit": args.audit, "themes": len(tags)})
    else:
        say(f"{args.audit}: {len(tags)} theme{'s' if len(tags) != 1 else ''} coded.")
    return 0
