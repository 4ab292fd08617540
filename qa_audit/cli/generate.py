"""`qa-audit generate`: synthetic ILACS lists of any authority, region or England."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from qa_audit.errors import BadInput, Code

_EXAMPLES = """examples:
  qa-audit generate --authority Southampton --out southampton.xlsx
  qa-audit generate --authority Birmingham --rows-scale 0.1 --dirt 2 --seed 7 --out lists.xlsx
  qa-audit generate --authority "South East" --dialect ssd --out south-east

The path decides the form: .xlsx one workbook, anything else a folder of CSV files (for a region, one
folder in it per authority). SSD results and lists above Excel's 1,048,576 rows are always CSV.
No row describes a real child. Volumes: DfE and ONS, Open Government Licence v3.0."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "generate",
        help="write synthetic ILACS lists",
        description="Write synthetic ILACS lists with the volumes of a real authority.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--authority", required=True, metavar="NAME", help="an authority, a region or England"
    )
    parser.add_argument(
        "--rows-scale", type=_number, default=1.0, metavar="X", help="size: 1 is the real one (1)"
    )
    parser.add_argument(
        "--dialect",
        choices=("ofsted", "liia", "tabs", "ssd"),
        default="ofsted",
        help="whose wording (ofsted)",
    )
    parser.add_argument(
        "--dirt", type=int, choices=(0, 1, 2, 3), default=0, help="faults of real exports (0)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same children (1)")
    parser.add_argument("--as-at", type=_day, metavar="DATE", help="the position date (today)")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="a workbook or a folder")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(handler=_generate)


def _number(text: str) -> float:
    return float(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-11-16") from None


def _generate(args: argparse.Namespace) -> int:
    import json

    from qa_audit.cli.saying import progress, say, say_json, say_table
    from qa_audit.demo.council import MAX_SCALE, generate
    from qa_audit.demo.volumes import find_area, list_rows
    from qa_audit.demo.writing import write
    from qa_audit.frame.lists import load_lists

    as_at = args.as_at or date.today()  # noqa: DTZ011 - the council's own calendar day
    if not 1990 <= as_at.year <= 2100:
        raise BadInput(
            Code.BAD_VALUE, "The position date is out of reach", where="--as-at", next_step="1990 to 2100"
        )
    area = find_area(args.authority)
    sizes = (
        [list_rows(a, args.rows_scale) for a in area.authorities]
        if 0 < args.rows_scale <= MAX_SCALE
        else [{1: 0}]
    )
    largest = max(sum(one[number] for one in sizes) for number in sizes[0])
    with progress(f"Writing {area.name}") as step:
        made = 0

        def counted() -> Any:
            nonlocal made
            for council in generate(
                area.name, scale=args.rows_scale, seed=args.seed, as_at=as_at, dirt=args.dirt
            ):
                yield council
                made += 1
                step(made, len(area.authorities))

        written = write(counted(), args.out, dialect=args.dialect, several=not area.single, largest=largest)
    files = [str(path) for path in written.files]
    if written.reports:
        sidecar = args.out.with_name(f"{args.out.name}.dirt.json")
        record = {name: report.as_json() for name, report in written.reports.items()}
        sidecar.write_text(
            json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n"
        )
        files.append(str(sidecar))
    if args.json:
        say_json(
            {
                "authority": area.name,
                "authorities": len(area.authorities),
                "as_at": as_at.isoformat(),
                "seed": args.seed,
                "rows_scale": args.rows_scale,
                "dialect": args.dialect,
                "dirt": args.dirt,
                "files": files,
                "lists": [{"list": str(n), "rows": rows} for n, rows in sorted(written.rows.items())],
                "rows": sum(written.rows.values()),
                "dirt_report": {name: report.as_json() for name, report in written.reports.items()} or None,
            }
        )
        return 0
    names = {int(spec.no): spec.name for spec in load_lists()}
    say_table(
        ("List", "Name", "Rows"),
        [(n, names[n], f"{rows:,}") for n, rows in sorted(written.rows.items())],
        title=f"{area.name}, position at {as_at:%d %B %Y}: synthetic, seed {args.seed}",
    )
    for path in files if len(files) <= 12 else [str(args.out)]:
        say(f"Wrote {path}")
    if len(files) > 12:
        say(f"Wrote {len(files)} files there")
    return 0
