"""The moderation summary of 10,000 audits: our writer against XlsxWriter writing the same cells.

    python -m benchmarks workbook, or with another number python -m benchmarks.workbook [AUDITS]

Both write the same rows with the same number of styles, tables and columns to a file, in one process, in turn,
the best of three. Ours also flushes to the disk and reads the whole file back to compare it cell by cell
with the document; that is timed apart and printed as well. Target: writing within twice XlsxWriter's time.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import xlsxwriter  # noqa: E402
from reports.invented_round import invented_round  # noqa: E402

from benchmarks.claim import Claim  # noqa: E402
from qa_audit.reports import look  # noqa: E402
from qa_audit.reports.document import Workbook  # noqa: E402
from qa_audit.reports.inspection import inspect  # noqa: E402
from qa_audit.reports.layout import plans, rows, table_places  # noqa: E402
from qa_audit.reports.profiles import load_profile  # noqa: E402
from qa_audit.reports.summary import build  # noqa: E402
from qa_audit.reports.workbook import _write_package, write  # noqa: E402


def best(work: Callable[[], object], times: int = 3) -> float:
    """CPU seconds of the fastest run."""
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def ours(document: Workbook, path: Path) -> None:
    """Our writer alone, without the inspection."""
    with path.open("wb") as out:
        _write_package(document, out, None)


def theirs(document: Workbook, path: Path) -> None:
    """The same cells, styles, widths and tables by XlsxWriter, strings never as formulas."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    formats = {
        name: book.add_format(
            {
                "font_name": look.FONT,
                "font_size": style.size,
                "bold": style.bold,
                "font_color": f"#{style.colour}",
                "num_format": style.format,
                "align": style.across,
                "text_wrap": style.wrap,
                **({"bg_color": f"#{style.fill}"} if style.fill else {}),
            }
        )
        for name, style in look.STYLES.items()
    }
    for plan in plans(document):
        sheet = book.add_worksheet(plan.sheet.name)
        for number, width in enumerate(plan.widths):
            sheet.set_column(number, number, width)
        for table, place in table_places(plan):
            options = {"name": table.name, "columns": [{"header": c.heading} for c in table.columns]}
            sheet.add_table(place.heading_row - 1, 0, place.last_row - 1, len(table.columns) - 1, options)
        for number, height, cells in rows(plan, document.properties):
            if height:
                sheet.set_row(number - 1, height)
            for column, value, style in cells:
                if value is None or value == "":
                    sheet.write_blank(number - 1, column - 1, None, formats[style])
                elif isinstance(value, str):
                    sheet.write_string(number - 1, column - 1, value, formats[style])
                elif isinstance(value, date):
                    sheet.write_datetime(number - 1, column - 1, value, formats[style])
                else:
                    sheet.write_number(number - 1, column - 1, value, formats[style])
    book.close()


def claims(full: bool = False) -> list[Claim]:
    """Writing alone against the same cells, and what a person waits for: written, flushed, read back, compared."""
    facts = invented_round(10_000)
    document = build(facts, load_profile("moderation-summary", ROOT / "exports"))
    times = 3 if full else 1
    with tempfile.TemporaryDirectory() as folder:
        path, their_path = Path(folder, "ours.xlsx"), Path(folder, "theirs.xlsx")
        mine, other = (
            best(lambda: ours(document, path), times),
            best(lambda: theirs(document, their_path), times),
        )
        whole = best(lambda: write(document, path), 1)
    against = "XlsxWriter, the same cells"
    return [
        Claim(
            "workbook of 10,000 audits written", 1000 * mine, against=against, other=1000 * other, at_most=2.0
        ),
        Claim(
            "... flushed, read back and compared cell by cell",
            1000 * whole,
            against=against,
            other=1000 * other,
        ),
    ]


def main(audits: int = 10_000) -> None:
    """Print the figures."""
    facts = invented_round(audits)
    profile = load_profile("moderation-summary", ROOT / "exports")
    start = time.process_time()
    document = build(facts, profile)
    built = time.process_time() - start
    cells = sum(len(found) for plan in plans(document) for _, _, found in rows(plan, document.properties))
    with tempfile.TemporaryDirectory() as folder:
        our_path, their_path = Path(folder, "ours.xlsx"), Path(folder, "theirs.xlsx")
        mine = best(lambda: ours(document, our_path))
        other = best(lambda: theirs(document, their_path))
        checked = best(lambda: inspect(our_path, document), 1)
        whole = best(lambda: write(document, our_path), 1)
        sizes = [path.stat().st_size / 1e6 for path in (our_path, their_path)]
    print(f"{audits:,} audits, {len(document.sheets)} sheets, {cells:,} cells; CPU seconds, best of 3")
    print(f"  facts to document       {built:6.2f}")
    print(f"  write, ours             {mine:6.2f}   {sizes[0]:.1f} MB")
    print(f"  write, XlsxWriter       {other:6.2f}   {sizes[1]:.1f} MB")
    print(f"  read back and compare   {checked:6.2f}")
    print(f"  write + flush + check   {whole:6.2f}")
    print(f"  ratio, writing          {mine / other:6.2f}   (target: under 2)")
    print(f"  ratio, with the check   {whole / other:6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
