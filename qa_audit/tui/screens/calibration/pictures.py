"""What calibration draws: dots under four grades, a line for who leans which way. Pure; every picture says its figures."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.moderation.calibration import AuditorFigures, SpotFigures
from qa_audit.moderation.calibration_records import FeedbackLine
from qa_audit.tui.text import ACCENT, GRADE_STYLES, MUTED, STRONG, WARN, fit, join, say

DOT, OWN = "●", "◆"
TITLE = 30
GAP = 2


def widths(width: int) -> tuple[int, int]:
    """Cells for the title and for one grade in `width` cells."""
    title = min(TITLE, max(14, width // 4))
    return title, max(7, min(15, (width - title - 26) // 4))


def grade_heading(width: int) -> Content:
    """The four grades over their columns."""
    title, cell = widths(width)
    short = [
        grade.short if cell > len(grade.short) + 1 else ("RI" if grade.letter == "R" else grade.letter)
        for grade in Grade
    ]
    names = [
        say(fit(f" {name}", cell), GRADE_STYLES[grade]) for name, grade in zip(short, Grade, strict=True)
    ]
    return join(" " * (title + GAP), *names)


def dots(count: int, cell: int, *, own: bool = False, reference: bool = False) -> str:
    """The gradings of one grade as dots, in exactly `cell` cells: the reference in brackets, one's own as a diamond."""
    room = cell - 3
    mark = OWN if own else ""
    plain = count - (1 if own and count else 0)
    drawn = mark + DOT * plain
    if cell_len(drawn) > room:
        drawn = f"{mark}{DOT}×{plain}"
    if not drawn:
        drawn = " " if reference else "·"
    return fit(f"[{drawn}]" if reference else f" {drawn}", cell)


def spread_line(title: str, spot: SpotFigures, width: int) -> list[Content]:
    """One section: dots under the grades, the reference in brackets, and the spread in words."""
    name, cell = widths(width)
    cells = [
        say(dots(count, cell, reference=grade is spot.reference), GRADE_STYLES[grade])
        for grade, count in zip(Grade, spot.counts, strict=True)
    ]
    said = f"{spot.exact} of {spot.n} the same" if spot.n else "not graded"
    if spot.tolerance and spot.n:
        said += f", {spot.within_tolerance} near enough"
    words = say(said, MUTED)
    if (apart := spot.steps_apart or 0) > 1:
        words = join(words, (f"  ! {'three' if apart > 2 else 'two'} steps apart", WARN))
    return _with_words(join(fit(title, name), " " * GAP, *cells), words, width)


def _with_words(row: Content, words: Content, width: int) -> list[Content]:
    """The words at the end of the line where they fit, else under it."""
    if row.cell_length + words.cell_length <= width:
        return [join(row, words)]
    return [row, join("    ", words)]


def own_line(line: FeedbackLine, width: int) -> list[Content]:
    """One section of a feedback sheet: one's own grade as a diamond among the others, the reference in brackets."""
    name, cell = widths(width)
    counts = line.others or tuple(int(line.own is grade) for grade in Grade)
    cells = [
        say(dots(count, cell, own=line.own is grade, reference=line.reference is grade), GRADE_STYLES[grade])
        for grade, count in zip(Grade, counts, strict=True)
    ]
    row = join((fit(f"{line.section} {line.title}", name), STRONG), " " * GAP, *cells)
    return _with_words(row, say(own_words(line), _style(line)), width)


def own_words(line: FeedbackLine) -> str:
    """The same in words: "one step more generous", "the same"."""
    if line.shift is None:
        return "you did not grade it"
    if not line.shift:
        return "the same"
    steps = {1: "one step", 2: "two steps", 3: "three steps"}[abs(line.shift)]
    words = f"{steps} {'more generous' if line.shift > 0 else 'harsher'}"
    return f"{words}: near enough" if line.near_enough else words


def _style(line: FeedbackLine) -> str:
    return MUTED if not line.shift or line.near_enough else WARN


def lean_line(one: AuditorFigures, width: int, attended: str = "") -> Content:
    """One person: counts, and where they stand between harsher and more generous than the others, when it may be shown."""
    own = one.against
    same = own.n - own.direction.n_generous - own.direction.n_harsh
    counts = f"{same:>3} of {own.n:<3} same   {own.direction.n_generous:>2} generous   {own.direction.n_harsh:>2} harsher"
    mean = "mean too few" if own.shift.est is None else f"mean {own.shift.est:+.2f}   "
    pieces: list[Content | tuple[str, str] | str] = [
        (fit(one.auditor, 8), STRONG),
        counts,
        (f"   {mean}", MUTED),
    ]
    if one.relative is not None and one.relative_ci is not None and width >= 96:
        style = WARN if one.stands_out else MUTED
        pieces.append((f" {lean_picture(one.relative, one.relative_ci)} ", style))
    words = {"generous": "more generous than the others", "harsh": "harsher than the others"}.get(
        one.stands_out, ""
    )
    if words:
        pieces.append((f" ! {words}", WARN))
    elif attended:
        pieces.append((f" {attended.lower()}", MUTED))
    return join(*pieces)


def lean_picture(mean: float, ci: tuple[float, float], cells: int = 21, reach: float = 1.5) -> str:
    """A line from harsher to more generous: │ at no difference, ─ over the interval, ● at the figure."""

    def place(value: float) -> int:
        return round((min(reach, max(-reach, value)) + reach) / (2 * reach) * (cells - 1))

    drawn = [" "] * cells
    for at in range(place(ci[0]), place(ci[1]) + 1):
        drawn[at] = "─"
    drawn[place(0.0)] = "│"
    drawn[place(mean)] = DOT
    return "".join(drawn)


def lean_heading() -> Content:
    """What the line means."""
    return say("harsher ← │ → more generous than the others; ● is the figure, ─ its 95% interval", MUTED)


def key_words(own: bool = False) -> Content:
    """How to read the dots."""
    return join(
        (f"{DOT} ", ACCENT), "one person", ("   [ ] ", ACCENT), "the reference", *((("   ◆ ", ACCENT), "you") if own else ())
    )  # fmt: skip
