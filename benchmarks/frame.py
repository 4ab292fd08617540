"""Reading lists: a whole check of a workbook against python-calamine alone, and memory, in one run.

Run: `python -m benchmarks frame`, or with memory `python -m benchmarks.frame [--full]`. Synthetic lists of a council are written into a temporary folder once:
about 50,000 rows, or about 500,000 with `--full` (minutes). CPU seconds are those of this process and its children,
user and system together; each figure is the least of `--times` runs that take turns, so that a busy machine weighs on all
alike. "first" is the first check in the process, which also reads the descriptions of the lists and the code words.
Peak memory is measured in fresh processes: the one that checks, and the reader it starts.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.claim import Claim, alternately

AS_AT = date(2026, 9, 30)
_PEAK = """
import resource, sys
from datetime import date
from pathlib import Path
from qa_audit.frame.check import check
path = Path(sys.argv[1])
reading = check(sorted(path.rglob('*.csv')) if path.is_dir() else [path], as_at=date(2026, 9, 30))
unit = 1024 if sys.platform != "darwin" else 1
own, child = (resource.getrusage(who).ru_maxrss * unit // 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
status = Path("/proc/self/status")  # what getrusage says there is never less than the process this one came from
if status.exists():
    own = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) // 1024
print(len(reading.children), own, child)
"""


def cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    started = cpu()
    work()
    return cpu() - started


def calamine_alone(path: Path) -> None:
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(str(path)) as book:
        for name in book.sheet_names:
            for _ in book.get_sheet_by_name(name).iter_rows():
                pass


def csv_alone(folder: Path) -> None:
    import csv

    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for _ in csv.reader(stream):
                pass


def whole(path: Path) -> None:
    from qa_audit.frame.check import check

    files = sorted(path.rglob("*.csv")) if path.is_dir() else [path]
    assert check(files, as_at=AS_AT).usable


def transport(path: Path) -> None:
    from qa_audit.frame.safety import check_file
    from qa_audit.frame.workbook import read_workbook

    for _ in read_workbook(check_file(path)):
        pass


def made(folder: Path, area: str, scale: float) -> tuple[Path, Path, int]:
    from qa_audit.demo.council import generate
    from qa_audit.demo.writing import write

    book, texts = folder / "lists.xlsx", folder / "csv"
    for out in (book, texts):
        councils = generate(area, scale=scale, seed=1, as_at=AS_AT)
        rows = sum(write(councils, out, dialect="ofsted", several=area == "South East").rows.values())
    return book, texts, rows


def peak(path: Path) -> str:
    if sys.platform == "win32":
        return "not measured on Windows"
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(path)], capture_output=True, text=True, check=True
    )
    children, own, child = done.stdout.split()
    return f"{own} MB here, {child} MB in the reader ({int(children):,} children)"


def claims(full: bool = False) -> list[Claim]:
    """A council's lists checked whole, beside the reader alone, which understands nothing of them."""
    with tempfile.TemporaryDirectory() as folder:
        book, texts, rows = made(Path(folder), *(("South East", 0.9) if full else ("Hampshire", 0.47)))
        whole(book)  # the descriptions of the lists and the code words are read once
        works = (
            lambda: whole(book),
            lambda: calamine_alone(book),
            lambda: whole(texts),
            lambda: csv_alone(texts),
        )
        checked, alone, checked_csv, csv_only = (
            1000 * one for one in alternately([lambda w=w: seconds(w) for w in works], 3)
        )
    return [
        Claim(
            f"{rows:,} rows of lists read and checked, workbook",
            checked,
            against="python-calamine, reading alone",
            other=alone,
        ),
        Claim("... the same as csv", checked_csv, against="csv module, reading alone", other=csv_only),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="about 500,000 rows")
    parser.add_argument("--times", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        book, texts, rows = made(Path(folder), *(("South East", 0.9) if chosen.full else ("Hampshire", 0.47)))
        print(f"{rows:,} rows, {book.stat().st_size / 2**20:.1f} MB")
        first = seconds(lambda: whole(book))
        works: dict[str, Callable[[], object]] = {
            "python-calamine alone": lambda: calamine_alone(book),
            "read through the other process": lambda: transport(book),
            "whole check, workbook": lambda: whole(book),
            "csv module alone": lambda: csv_alone(texts),
            "whole check, csv": lambda: whole(texts),
        }
        best = dict.fromkeys(works, float("inf"))
        for _ in range(chosen.times):
            for name, work in works.items():
                best[name] = min(best[name], seconds(work))
        alone = best["python-calamine alone"]
        print(
            f"{'first check in the process':<34}{first:8.2f} s  {first / alone:5.2f} x python-calamine alone"
        )
        for name, spent in best.items():
            print(f"{name:<34}{spent:8.2f} s  {spent / alone:5.2f} x python-calamine alone")
        for name, path in (("workbook", book), ("csv", texts)):
            print(f"peak memory, {name}: {peak(path)}")


if __name__ == "__main__":
    main()
