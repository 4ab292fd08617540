"""Pictures out of block characters: pure functions from figures to lines of text.

Every picture carries its figures and words, so that nothing is said by colour or length alone, and what is
shown can be read out, copied and compared in a test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.tui.text import GRADE_STYLES, MUTED, STRONG, fit, join, say

FULL = "█"
EIGHTHS = " ▏▎▍▌▋▊▉"
RISING = "▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
PATTERNS = "█▓▒░"
"""Fills that stay apart without colour."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, its value (None = not known), the words at its end, and a second mark."""

    label: str
    value: float | None
    words: str = ""
    """What stands at the end; by default the value."""
    style: str = "$primary"
    mark: float | None = None
    """A line to compare with: a target, last round."""


def bar(value: float, top: float, width: int) -> str:
    """A bar of `width` cells at most, to an eighth of a cell; something is seen of anything above nothing."""
    if top <= 0 or value <= 0 or width <= 0:
        return ""
    eighths = max(1, round(min(value / top, 1.0) * width * 8))
    full, rest = divmod(eighths, 8)
    return FULL * full + (EIGHTHS[rest] if rest else "")


def block_bars(bars: Sequence[Bar], width: int, *, top: float | None = None) -> list[Content]:
    """One line per bar: label, bar, words. `top` is the value of a full bar (by default the greatest)."""
    if not bars:
        return []
    words = [each.words or ("not known" if each.value is None else f"{each.value:g}") for each in bars]
    label = min(max(cell_len(each.label) for each in bars), max(8, width // 3))
    tail = max(cell_len(each) for each in words)
    room = max(4, width - label - tail - 4)
    highest = top if top is not None else max((each.value or 0 for each in bars), default=0)
    rows = []
    for each, said in zip(bars, words, strict=True):
        drawn = bar(each.value or 0, highest, room)
        ground = drawn + " " * (room - cell_len(drawn))
        pieces: list[Content] = [say(ground, each.style)]
        if each.mark is not None and highest > 0:
            at = min(room - 1, max(0, round(each.mark / highest * room) - 1))
            pieces = [say(ground[:at], each.style), say("│", STRONG), say(ground[at + 1 :], each.style)]
        rows.append(
            join(
                fit(each.label, label),
                "  ",
                *pieces,
                "  ",
                say(said, "" if each.value is not None else MUTED),
            )
        )
    return rows


def stacked_bar(parts: Sequence[float], width: int) -> list[int]:
    """Cells for each part so that they fill `width` exactly: largest remainders, and at least one cell each."""
    total = sum(parts)
    if total <= 0 or width <= 0:
        return [0] * len(parts)
    exact = [part / total * width for part in parts]
    cells = [max(1, int(share)) if part > 0 else 0 for part, share in zip(parts, exact, strict=True)]
    present = [index for index, part in enumerate(parts) if part > 0]
    while sum(cells) < width:
        cells[max(present, key=lambda i: (exact[i] - cells[i], -i))] += 1
    while sum(cells) > width:
        cells[max(present, key=lambda i: (cells[i] - exact[i] if cells[i] > 1 else -width, cells[i]))] -= 1
    return cells


def stacked_bars(
    rows: Sequence[tuple[str, Sequence[int]]],
    width: int,
    *,
    key: Sequence[tuple[str, str, str]] | None = None,
) -> list[Content]:
    """Grades (or other parts) side by side in one bar per row, with the counts in the bar where they fit and after it.

    `key`: (letter, words, style) per part; by default the four grades. The last line is the key.
    """
    parts = key or [(grade.letter, grade.short, GRADE_STYLES[grade]) for grade in Grade]
    label = min(max((cell_len(name) for name, _ in rows), default=0), max(8, width // 3))
    counts = [
        "  ".join(f"{part[0]} {n}" for part, n in zip(parts, numbers, strict=True)) for _, numbers in rows
    ]
    tail = max((cell_len(each) for each in counts), default=0)
    room = max(8, width - label - tail - 4)
    drawn = []
    for (name, numbers), said in zip(rows, counts, strict=True):
        cells = stacked_bar(numbers, room)
        pieces = [
            say(PATTERNS[index % 4] * size, part[2])
            for index, (part, size) in enumerate(zip(parts, cells, strict=True))
        ]
        body = join(*pieces) if sum(numbers) else say(fit("nothing to show yet", room), MUTED)
        drawn.append(join(fit(name, label), "  ", body, "  ", (said, MUTED)))
    drawn.append(
        join(
            *[(f"{PATTERNS[i % 4]} {part[1]} ({part[0]})", part[2]) for i, part in enumerate(parts)],
            gap="   ",
        )
    )
    return drawn


def matrix(
    counts: Sequence[Sequence[int]],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    row_title: str,
    column_title: str,
    diagonal: bool = True,
) -> list[Content]:
    """A table of counts, rows by columns, with totals; agreement (the diagonal) is strong and in brackets."""
    size = max(6, *(cell_len(name) + 1 for name in columns)) if columns else 6
    label = max([cell_len(name) for name in (*rows, row_title, "All")] or [4])
    drawn = [
        join((" " * (label + 2), ""), (column_title, MUTED)),
        join(
            (fit(row_title, label) + "  ", MUTED),
            *[say(fit(name, size, right=True), STRONG) for name in columns],
            say(fit("All", size, right=True), MUTED),
        ),
    ]
    for r, name in enumerate(rows):
        cells = []
        for c in range(len(columns)):
            number = counts[r][c]
            text = f"[{number}]" if diagonal and r == c else f"{number} " if number else "· "
            style = STRONG if diagonal and r == c else "" if number else MUTED
            if diagonal and number and abs(r - c) > 1:
                text, style = f"{number}!", "bold $text-warning"
            cells.append(say(fit(text, size, right=True), style))
        total = say(fit(f"{sum(counts[r])} ", size, right=True), MUTED)
        drawn.append(join(say(fit(name, label) + "  ", STRONG), *cells, total))
    sums = [sum(counts[r][c] for r in range(len(rows))) for c in range(len(columns))]
    drawn.append(
        join(
            (fit("All", label) + "  ", MUTED),
            *[say(fit(f"{number} ", size, right=True), MUTED) for number in sums],
            say(fit(f"{sum(sums)} ", size, right=True), MUTED),
        )
    )
    return drawn


def heat_map(
    values: Sequence[Sequence[float | None]],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    words: Sequence[Sequence[str]] | None = None,
    top: float = 1.0,
    cell: int = 8,
) -> list[Content]:
    """A grid of shares from 0 to `top`: a shade and the figure in every cell; "-" where nothing is known."""
    label = max((cell_len(name) for name in rows), default=0)
    drawn = [join(" " * (label + 2), *[say(fit(name, cell - 1) + " ", MUTED) for name in columns])]
    for r, name in enumerate(rows):
        cells = []
        for c in range(len(columns)):
            value = values[r][c]
            if value is None:
                cells.append(say(fit("-", cell), MUTED))
                continue
            said = words[r][c] if words is not None else f"{value:.0%}"
            share = 0.0 if top <= 0 else min(1.0, max(0.0, value / top))
            shade = SHADES[round(share * (len(SHADES) - 1))]
            cells.append(
                join((shade * 2, "$primary"), (" " + fit(said, cell - 3), STRONG if share >= 0.75 else ""))
            )
        drawn.append(join(fit(name, label) + "  ", *cells))
    return drawn


@dataclass(frozen=True, slots=True)
class Point:
    """One moment of a run: its label, its value (None = no figure), and its words."""

    label: str
    value: float | None
    words: str = ""


def run_chart(
    points: Sequence[Point], width: int, height: int = 6, *, middle: float | None = None
) -> list[Content]:
    """Values over time as columns, the scale at the left, `middle` (a median, a target) as a line, words beneath."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return [say("Nothing to show yet.", MUTED)]
    top = max([*known, middle or 0.0]) or 1.0
    scale = max(len(f"{top:.3g}"), 3)
    step = max(2, min(12, (width - scale - 2) // max(1, len(points))))
    shown = list(points)[-max(1, (width - scale - 2) // step) :]
    rows: list[Content] = []
    line = None if middle is None else min(height - 1, max(0, round((1 - middle / top) * height - 0.5)))
    for y in range(height):
        low, high = (height - y - 1) / height * top, (height - y) / height * top
        said = f"{top:.3g}" if y == 0 else "0" if y == height - 1 else ""
        if line == y and middle is not None:
            said = f"{middle:.3g}"
        cells = [say(fit(said, scale, right=True) + " ", MUTED)]
        for point in shown:
            value = point.value
            body = " "
            if value is not None and value > low:
                share = min(1.0, (value - low) / (high - low))
                body = RISING[min(7, max(0, round(share * 8) - 1))]
            ground = "╌" if line == y else " "
            wide = max(1, step - 1)
            cells.append(say(body * wide, "$primary") if body != " " else say(ground * wide, MUTED))
            cells.append(say(ground, MUTED))
        rows.append(join(*cells))
    lead = " " * (scale + 1)
    rows.append(join(lead, *[say(fit(point.label, step - 1) + " ", MUTED) for point in shown]))
    figures = [point.words or ("-" if point.value is None else f"{point.value:.3g}") for point in shown]
    rows.append(join(lead, *[fit(each, step - 1) + " " for each in figures]))
    return rows
