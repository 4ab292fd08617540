"""Every claim of speed, measured again: `python -m benchmarks [NAME...] [--full]`.

Runs the benchmarks one after the other, each in a process of its own, and prints one table. A ratio compares two
figures of the same run, so it holds on any machine; milliseconds are this machine's. These are measurements and
no tests: nothing fails on a busy machine. Ends with 1 when a bar was missed, so that a nightly job can tell.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from dataclasses import asdict

from benchmarks.claim import ROOT, Claim

ORDER = ("start", "help", "form", "listing", "save", "frame", "draw", "agreement", "coverage", "workbook")
NAMES = tuple(name for name in ORDER if (ROOT / "benchmarks" / f"{name}.py").is_file())


def measured(name: str, full: bool) -> list[Claim]:
    """One benchmark in a process of its own."""
    command = [sys.executable, "-m", "benchmarks", name, "--here", *(["--full"] if full else [])]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(f"{name} could not be measured (its own words are above)")
    return [Claim(**one) for one in json.loads(done.stdout.splitlines()[-1])]


def row(claim: Claim) -> tuple[str, ...]:
    """One claim in words."""
    ratio, bar = claim.ratio, claim.at_most
    ours = f"{claim.ours:,.2f} {claim.unit}" if claim.ours < 10 else f"{claim.ours:,.0f} {claim.unit}"
    other = (
        f"{claim.against}: {claim.other:,.{2 if claim.other < 10 else 0}f}" if claim.other else claim.against
    )
    words = "" if bar is None else f"≤ {bar:.3g}" + ("×" if ratio is not None else f" {claim.unit}")
    if bar is not None and bar < 0.5 and ratio is not None:
        words = f"≤ 1/{1 / bar:.0f}"
    shown = "" if ratio is None else f"{ratio:.2f}×" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"
    return claim.what, ours, other, shown, words, {True: "yes", False: "NO", None: ""}[claim.met]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which ones (all of them: {', '.join(NAMES)})"
    )
    parser.add_argument(
        "--full", action="store_true", help="more runs, and alternatives in full instead of scaled"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in NAMES]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if chosen.here:
        found = [
            one
            for name in chosen.names
            for one in importlib.import_module(f"benchmarks.{name}").claims(chosen.full)
        ]
        print(json.dumps([asdict(one) for one in found]))
        return 0
    found = []
    for name in chosen.names or NAMES:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        found += measured(name, chosen.full)
    if chosen.json:
        print(json.dumps([asdict(one) | {"ratio": one.ratio, "met": one.met} for one in found], indent=2))
    else:
        _print(found)
    return 1 if any(one.met is False for one in found) else 0


def _print(found: list[Claim]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("claim", "measured", "against", "ratio", "target", "met", box=box.SIMPLE_HEAD)
    for claim in found:
        table.add_row(*row(claim))
    console = Console()
    if not console.is_terminal:
        console.width = 150
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
