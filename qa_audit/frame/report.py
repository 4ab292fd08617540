"""The reading of a council's lists as JSON for scripts and as words for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qa_audit.frame.records import COHORT_WORDS, SEVERITIES, FrameReading, Problem

if TYPE_CHECKING:
    from rich.console import Group

KIND_WORDS = {
    "annex_a": "ILACS child-level lists (Annex A)",
    "ssda903": "SSDA903 children looked after return",
    "cin_census": "CIN census",
    "ssd": "Standard Safeguarding Dataset tables",
    "unknown": "not a list of children",
}
DIALECT_WORDS = {
    "ofsted": "Ofsted's template",
    "liia": "regional (LIIA) headings",
    "tabs": "named tabs",
    "ssd": "SSD query results",
    "ssda903": "SSDA903 columns",
    "addons": "add-on lists alone",
    "cin_census": "census elements",
}
SEVERITY_WORDS = {"error": "Problem", "warning": "Check", "info": "Note"}
SHOWN = 60


def as_json(reading: FrameReading) -> dict[str, Any]:
    """The document of `frame check --json`. Rows are the spreadsheet's own row numbers; undefined is null."""
    return {
        "kind": reading.kind,
        "dialect": reading.dialect or None,
        "as_at": reading.as_at.isoformat(),
        "files": list(reading.files),
        "lists": [
            {
                "list": entry.list_no,
                "name": entry.name,
                "file": entry.file,
                "sheet": entry.sheet,
                "header_row": entry.header_row,
                "rows": entry.rows,
                "children": entry.children,
                "open_children": entry.open_children,
                "duplicates": entry.duplicates,
                "unknown_columns": list(entry.unknown_columns),
                "missing_columns": list(entry.missing_columns),
                "dropped_columns": list(entry.dropped_columns),
            }
            for entry in reading.lists
        ],
        "children": len(reading.children),
        "open_children": reading.open_children,
        "cohorts": dict(reading.cohorts),
        "events": reading.events,
        "adults": reading.adults,
        "problems": [_problem(problem) for problem in reading.problems],
        "usable": reading.usable,
        "reason": reading.reason or None,
        "reason_code": reading.reason_code or None,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "severity": problem.severity,
        "code": problem.code,
        "file": problem.file or None,
        "sheet": problem.sheet or None,
        "row": problem.row,
        "column": problem.column or None,
        "value": problem.value or None,
        "message": problem.message,
    }


def summary_lines(reading: FrameReading) -> list[str]:
    """What was understood, in a few plain lines."""
    if not reading.usable:
        return ["These files cannot be used as a list of children.", reading.reason]
    kind = KIND_WORDS[reading.kind]
    dialect = DIALECT_WORDS.get(reading.dialect, "")
    lines = [
        f"{kind}{', ' + dialect if dialect else ''}, as at {reading.as_at:%d %B %Y}.",
        f"{len(reading.children):,} children from {reading.events:,} rows; {reading.open_children:,} open and "
        f"{len(reading.children) - reading.open_children:,} closed. The unit is the child, not the row.",
    ]
    if reading.cohorts:
        parts = [
            f"{COHORT_WORDS.get(name, 'No cohort')} {count:,}" for name, count in reading.cohorts.items()
        ]
        lines.append("By the cohort that decides: " + "; ".join(parts) + ".")
    if reading.adults:
        lines.append(f"{reading.adults:,} adopters on List 11 were counted and are not part of the frame.")
    worst, checks, notes = (reading.count(severity) for severity in SEVERITIES)
    lines.append(f"{worst} problems, {checks} things to check, {notes} notes.")
    return lines


def list_rows(reading: FrameReading) -> list[tuple[str, ...]]:
    """List, name, sheet, heading row, rows, children, open; one tuple per list."""
    return [
        (
            entry.list_no, entry.name, entry.sheet, str(entry.header_row), f"{entry.rows:,}", f"{entry.children:,}",
            "" if entry.open_children is None else f"{entry.open_children:,}",
        )
        for entry in reading.lists
    ]  # fmt: skip


LIST_HEADINGS = ("List", "Name", "Sheet", "Headings in row", "Rows", "Children", "Open")
PROBLEM_HEADINGS = ("", "Sheet", "Row", "Column", "Value", "What")


def problem_rows(reading: FrameReading, limit: int = SHOWN) -> list[tuple[str, ...]]:
    """Severity in words, sheet, row, column, value, message; at most `limit`."""
    return [
        (
            SEVERITY_WORDS[problem.severity], problem.sheet or problem.file, str(problem.row or ""), problem.column,
            problem.value, problem.message,
        )
        for problem in reading.problems[:limit]
    ]  # fmt: skip


def as_rich(reading: FrameReading) -> Group:
    """The same as a Rich drawing, for terminals. Data is never read as markup."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parts: list[Any] = [Text(line) for line in summary_lines(reading)]
    for title, headings, rows in (
        ("Lists", LIST_HEADINGS, list_rows(reading)),
        ("What was found", PROBLEM_HEADINGS, problem_rows(reading)),
    ):
        if rows:
            table = Table(title=Text(title), title_justify="left", header_style="bold")
            for heading in headings:
                table.add_column(Text(heading))
            for row in rows:
                table.add_row(*(Text(cell) for cell in row))
            parts.append(table)
    if len(reading.problems) > SHOWN:
        parts.append(Text(f"{len(reading.problems) - SHOWN} more; --json prints them all."))
    return Group(*parts)
