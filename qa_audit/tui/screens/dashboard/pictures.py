"""How each page of the dashboard is drawn: from figures to lines, with the figure and its words always beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.tui.listing import Cell
from qa_audit.tui.text import GRADE_STYLES, MUTED, STRONG, WARN, fit, join, say, wrap
from qa_audit.tui.widgets import drawing
from qa_audit.tui.widgets.drawing import Bar

if TYPE_CHECKING:
    from qa_audit.reports.document import Sheet, Table
    from qa_audit.reports.facts import RoundFacts
    from qa_audit.reports.figures import AreaLine

LONGEST_LABEL = 44
SHORT = tuple(grade.short for grade in Grade)


def percent_words(share: float) -> str:
    """A share 0-1 in whole percent, five up."""
    return f"{int(share * 100 + 0.5)}%"


def grade_cell(grade: Grade | None, missing: str = "-") -> Cell:
    """A grade for a list."""
    return Cell(missing, MUTED) if grade is None else Cell(grade.short, f"bold {GRADE_STYLES[grade]}")


def grades_by_month(bars: Sequence[tuple[str, Sequence[int]]], width: int) -> list[Content]:
    """Stacked bars of 100%, a month to a line; a month without audits says so."""
    rows = [(name, counts) for name, counts in bars if sum(counts)]
    if not rows:
        return [say("No audit has been graded yet.", MUTED)]
    return drawing.stacked_bars(rows, min(width, 110))


def area_heat(lines: Sequence[AreaLine], width: int) -> list[Content]:
    """Practice areas by grade: the share as a shade, the count in the cell, n beside the name."""
    if not lines:
        return [say("No section has been graded yet.", MUTED)]
    label = min(LONGEST_LABEL, max(18, width - 4 * 10 - 4))
    names = [f"{fit(line.title, label - 7).rstrip()} (n={line.n})" for line in lines]
    values = [[n / line.n if line.n else None for n in line.counts] for line in lines]
    said = [[f"{n}" for n in line.counts] for line in lines]
    heading = say("Audits in each final grade, by practice area; the shade is the share", STRONG)
    return [
        heading,
        *drawing.heat_map(values, names, ("Outst.", "Good", "RI", "Inadeq."), words=said, cell=9),
    ]


def place_heat(rows: Sequence[tuple[Any, ...]], headings: Sequence[str], width: int) -> list[Content]:
    """Share graded Good or better by place; under five audits the words alone."""
    label = min(LONGEST_LABEL, max(18, width // 3))
    cell = max(8, min(16, (width - label - 2) // max(1, len(headings))))
    kept = max(1, (width - label - 2) // cell)
    names = [fit(str(row[0]), label).rstrip() for row in rows]
    values = [[_share(value) for value in row[2 : 2 + kept]] for row in rows]
    said = [
        [percent_words(v) if isinstance(v, float) else str(v or "-") for v in row[2 : 2 + kept]]
        for row in rows
    ]
    drawn = drawing.heat_map(values, names, [str(h) for h in headings[:kept]], words=said, cell=cell)
    if kept < len(headings):
        drawn.append(
            say(f"{len(headings) - kept} more places are in the workbook, and here in a wider window.", MUTED)
        )
    return drawn


def _share(value: Any) -> float | None:
    if isinstance(value, float):
        return value
    if isinstance(value, str) and " of " in value:
        part, _, whole = value.partition(" of ")
        return int(part) / int(whole) if whole.isdigit() and part.isdigit() and int(whole) else None
    return None


def reading_of(same: int, generous: int, harsh: int) -> str:
    """Agreement in a sentence that needs no statistics."""
    n = same + generous + harsh
    if not n:
        return "Nothing has been graded twice yet."
    words = f"{same} of {n} the same"
    differ = generous + harsh
    if not differ:
        return f"{words}."
    if generous and harsh:
        lean = f"the auditor was more generous in {generous} and harsher in {harsh}"
    else:
        way = "more generous" if generous else "harsher"
        lean = (
            f"the auditor was {way} {differ} times out of {differ}"
            if differ > 1
            else f"the auditor was {way}"
        )
    return f"{words}; where they differ {lean}."


def agreement(facts: RoundFacts, sheet: Sheet, counts: Sequence[Sequence[int]], width: int) -> list[Content]:
    """The sentence, the matrix, the shares with their intervals, and coefficients only where they may be shown."""
    from qa_audit.reports import figures

    moved = figures.drift(figures.pairs(figures.done(facts)))
    rows = wrap(say(reading_of(moved.exact, moved.generous, moved.harsh), STRONG), width)
    if not moved.n:
        return rows
    rows.append(Content(""))
    names = SHORT if width >= 76 else tuple(name[:6] for name in SHORT)
    rows += drawing.matrix(counts, SHORT, names, row_title="Auditor", column_title="Second opinion")
    rows.append(say("[ ] the same grade   ! two grades apart or more", MUTED))
    rows.append(Content(""))
    shares, direction, coefficients = (
        _table(sheet, name) for name in ("AgreementShares", "Direction", "AgreementFigures")
    )
    for name, k, n, share, low, high, band in shares.rows if shares else ():
        interval = (
            f" (95% interval {percent_words(low)} to {percent_words(high)})"
            if isinstance(low, float) and isinstance(high, float)
            else ""
        )
        figure = percent_words(share) if isinstance(share, float) else str(share)
        rows += wrap(
            join(
                (f"{name}: ", MUTED),
                (f"{k} of {n}, {figure}", STRONG),
                interval,
                (f" · {band}" if band else "", MUTED),
            ),
            width,
            indent=2,
            first=0,
        )
    if direction is not None:
        rows += wrap(say(direction.caption, MUTED), width)
    rows += _coefficients(coefficients, width)
    return rows


def _coefficients(found: Table | None, width: int) -> list[Content]:
    rows: list[Content] = []
    if found is None:
        return rows
    withheld = [str(row[0]) for row in found.rows if row[5] == "Withheld"]
    if withheld:
        remark = next((str(row[6]) for row in found.rows if row[5] == "Withheld"), "")
        return wrap(
            say(f"Coefficients are not shown: {remark[:1].lower()}{remark[1:]} audits.", MUTED), width
        )
    for name, value, low, high, _, shown, note in found.rows:
        figure = (
            f"{value:+.2f}"
            if isinstance(value, float) and "shift" in str(name)
            else f"{value:.2f}"
            if isinstance(value, float)
            else str(value)
        )
        interval = f" ({low:.2f} to {high:.2f})" if isinstance(low, float) and isinstance(high, float) else ""
        tail = " · ".join(str(part) for part in (shown if shown != "In full" else "", note) if part)
        rows += wrap(
            join(
                (f"{name}: ", MUTED),
                (figure, STRONG),
                interval,
                (f" · {tail}" if tail else "", WARN if shown == "Indicative" else MUTED),
            ),
            width,
            indent=2,
            first=0,
        )
    return rows


def _table(sheet: Sheet, name: str) -> Any:
    return next((block for block in sheet.blocks if getattr(block, "name", "") == name), None)


def drift(points: Sequence[tuple[str, int, float | None]], width: int) -> list[Content]:
    """A run of months, oldest first: to the left the auditors were harsher, to the right more generous."""
    label, tail = 9, 22
    half = max(6, min(30, (width - label - tail - 3) // 2))
    top = max([abs(mean) for _, _, mean in points if mean is not None] + [0.5])
    head = fit("harsher", half, right=True) + " │ " + fit("more generous", half)
    rows = [
        say("Drift of the auditors by month, in grade steps", STRONG),
        say(" " * (label + 1) + head, MUTED),
    ]
    for name, n, mean in points:
        if mean is None:
            left, right, words = " " * half, " " * half, "nothing graded twice"
        else:
            drawn = drawing.bar(abs(mean), top, half)
            left = (
                fit(drawing.FULL * round(abs(mean) / top * half), half, right=True)
                if mean < 0
                else " " * half
            )
            right = fit(drawn, half) if mean > 0 else " " * half
            words = f"{mean:+.2f} (n={n})" + (" hint" if n < 10 else "")
        style = "$primary" if n >= 10 else MUTED
        rows.append(
            join(fit(name, label) + " ", (left, style), " │ ", (right, style), " " + words.replace("-", "−"))
        )
    return rows


def coverage(
    teams: Sequence[str], cohorts: Mapping[str, str], done: Mapping[tuple[str, str], int],
    planned: Mapping[tuple[str, str], int], width: int,
) -> list[Content]:  # fmt: skip
    """Teams by cohort: done of planned in words, the share as a shade; "-" where nothing was planned."""
    if not teams:
        return [say("No audit is planned in this round.", MUTED)]
    label = min(28, max(12, width // 4))
    kept = list(cohorts)[: max(1, (width - label - 2) // 10)]
    cell = max(10, min(16, (width - label - 2) // max(1, len(kept))))
    values = [
        [done[team, c] / planned[team, c] if planned[team, c] else None for c in kept] for team in teams
    ]
    said = [[f"{done[team, c]} of {planned[team, c]}" for c in kept] for team in teams]
    names = [fit(team, label).rstrip() for team in teams]
    return drawing.heat_map(values, names, [cohorts[c] for c in kept], words=said, cell=cell)


def ageing(ages: Sequence[tuple[str, int]], width: int) -> list[Content]:
    """Open actions by age."""
    styles = ("$primary", "$grade-ri", "$grade-ri", "$grade-inadequate", "$grade-inadequate", "$primary")
    if not sum(n for _, n in ages):
        return [say("No action is open.", MUTED)]
    return drawing.block_bars(
        [Bar(age, n, str(n), style) for (age, n), style in zip(ages, styles, strict=True)], min(width, 100)
    )
