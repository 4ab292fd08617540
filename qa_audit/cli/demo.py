"""`demo`: a synthetic council through whole rounds, unattended, and the papers it ends with."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from qa_audit.cli.saying import progress, say, say_json


def add(commands: Any) -> None:
    """Register the command."""
    demo = commands.add_parser(
        "demo", help="build a synthetic council and run a whole cycle; writes the workbook",
        description="Build a synthetic council, run whole rounds of audit through the same services as everybody, write the papers.",
        epilog="Example: qa-audit demo --out ./papers --seed 7 --council Portsmouth",
    )  # fmt: skip
    demo.add_argument("--out", type=Path, help="where the papers go (exports/out when left out)")
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--council", default="Southampton", help="any English authority or region")
    demo.add_argument("--scale", choices=("small", "council", "region"), default="small")
    demo.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="keep the workspace in this folder, to open it in the app afterwards",
    )
    demo.add_argument("--json", action="store_true", help="print one JSON document")
    demo.set_defaults(handler=_demo)


def _demo(args: argparse.Namespace) -> int:
    import tempfile

    from qa_audit.demo.cycle import run_demo
    from qa_audit.store.clock import system_clock

    today = system_clock().date()
    with progress("Demo") as step, tempfile.TemporaryDirectory(prefix="qa-audit-") as scratch:
        folder = args.keep or (Path(args.workspace) if args.workspace else Path(scratch) / "workspace")
        made = run_demo(
            folder,
            args.out,
            seed=args.seed,
            council=args.council,
            scale=args.scale,
            today=today,
            progress=lambda _label, done, of: step(done, of),
        )
    if args.json:
        say_json({
            "council": made.council, "rounds": list(made.rounds), "audits": made.audits,
            "files": [{"path": str(one.path), "sheets": list(one.sheets), "rows": one.rows, "sha256": one.sha256} for one in made.exports],
        })  # fmt: skip
        return 0
    say(
        f"A synthetic {made.council}: {made.audits} audits in {len(made.rounds)} rounds ({', '.join(made.rounds)}). Every child, colleague and word is invented."
    )
    for one in made.exports:
        say(str(one.path))
    if args.keep or args.workspace:
        say(f"Open it in the app: qa-audit --workspace {folder} --as QA1   (or --as TM1, an auditor)")
    return 0
