"""The one place where data becomes something drawn.

Everything on a screen that came from a file, a form or a person goes through here and becomes
`Content`, which is never parsed as markup. Styles are named after what they mean, so that a theme
can change them all; no widget of ours writes a colour of its own.

Use `say("words")`, `say(value, MUTED)`, `join(...)`, `fit(value, width)`; give the result to
`Static.update`, `OptionList`, or draw it. Never pass a plain `str` that holds data to a label, a
border title, a tooltip or `notify` without `markup=False` (`QaApp.tell` does that for you).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter

from qa_audit.grades import Grade

PLAIN = ""
STRONG = "bold"
MUTED = "$text-muted"
ACCENT = "$text-accent"
WARN = "bold $text-warning"
BAD = "bold $text-error"
OK = "$text-success"
CHOSEN = "bold $chosen-text on $chosen"
CURSOR = "underline"

GRADE_STYLES = {
    Grade.OUTSTANDING: "$grade-outstanding",
    Grade.GOOD: "$grade-good",
    Grade.REQUIRES_IMPROVEMENT: "$grade-ri",
    Grade.INADEQUATE: "$grade-inadequate",
}
"""Colour of each grade; the word or letter is always beside it."""

_DROPPED = (
    {code: None for code in range(0x20) if code not in (0x09, 0x0A)}
    | dict.fromkeys(range(0x7F, 0xA0))
    | dict.fromkeys((0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF))
    | dict.fromkeys(range(0x202A, 0x202F))
    | dict.fromkeys(range(0x2060, 0x2070))
    | dict.fromkeys(range(0xFFF9, 0xFFFC))
)
_DROPPED_ON_SCREEN = _DROPPED | {0x09: " ", 0x0A: " "}
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BROKEN = re.compile("[\ud800-\udfff]")
_TAGS = re.compile("[\U000e0000-\U000e007f]")


def harmless(text: str) -> str:
    """`text` without what drives a terminal or hides what it says; newlines and tabs stay."""
    if not _UNSAFE.search(text):
        return text
    return _TAGS.sub("", _BROKEN.sub("\ufffd", text.translate(_DROPPED)))


def harmless_line(text: str) -> str:
    """`harmless`, with newlines and tabs turned into spaces."""
    if not _UNSAFE.search(text):
        return text
    return _TAGS.sub("", _BROKEN.sub("\ufffd", text.translate(_DROPPED_ON_SCREEN)))


class HarmlessOutput(LineFilter):
    """The last gate before the terminal: every segment of every widget passes it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments with control, direction and zero-width characters taken out."""
        if not any(_UNSAFE.search(segment.text) for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(harmless_line(segment.text), segment.style)
            for segment in segments
        ]


Piece = str | Content | tuple[str, str]


def say(value: object, style: str = PLAIN) -> Content:
    """One piece of text in one style; `value` is shown literally, whatever it holds."""
    if isinstance(value, Content):
        return value.stylize(style) if style else value
    return Content.styled(harmless(str(value)), style)


def join(*pieces: Piece, gap: str = "") -> Content:
    """Pieces after each other: strings (literal), contents, or (text, style) pairs."""
    parts: list[Content] = []
    for piece in pieces:
        part = say(*piece) if isinstance(piece, tuple) else say(piece)
        if part:
            if gap and parts:
                parts.append(Content(gap))
            parts.append(part)
    return Content.assemble(*parts)


def lines(rows: Iterable[Content | str]) -> Content:
    """Rows under each other."""
    return Content("\n").join([say(row) for row in rows])


def fit(value: str, width: int, *, right: bool = False) -> str:
    """`value` in exactly `width` cells, cut with an ellipsis when too long; wide characters count two."""
    text = harmless_line(value)
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…" if width > 1 else "…"
    blank = " " * (width - size)
    return blank + text if right else text + blank


def sides(left: Content, right: Content, width: int) -> Content:
    """`left` and `right` at the two ends of one line of `width` cells; the right end is kept, the left cut."""
    room = max(0, width - right.cell_length - (1 if right else 0))
    if left.cell_length > room:
        left = left.truncate(room, ellipsis=True)
    space = max(0, width - left.cell_length - right.cell_length)
    return Content.assemble(left, " " * space, right)


def wrap(text: Content | str, width: int, *, indent: int = 0, first: int | None = None) -> list[Content]:
    """Lines of at most `width` cells, each pushed right by `indent` (the first one by `first`)."""
    content = say(text)
    room = max(8, width - indent)
    pads = [" " * (indent if first is None else first)]
    return [
        Content.assemble(pads[0] if number == 0 else " " * indent, line)
        for number, line in enumerate(content.wrap(room))
    ]


_LABEL = re.compile(r" *(?:[·!✓○+-] +|\S(?:[^ ]| (?! ))* {2,})?")
_WIDEST_LABEL = 14


def hanging(line: str) -> int:
    """Where the words of a line begin: after its indent, its bullet, or its label and the gap behind that."""
    lead = len(line) - len(line.lstrip(" "))
    found = _LABEL.match(line)
    end = found.end() if found else lead
    return end if end - lead <= _WIDEST_LABEL else lead


def hang(text: Content | str, width: int) -> Content:
    """Every line of `text` wrapped to `width` cells, going on under where its words begin (`hanging`)."""
    rows: list[Content] = []
    for line in say(text).split("\n", allow_blank=True):
        indent = hanging(line.plain)
        if line.cell_length <= width or indent * 3 > width:
            rows.append(line)
            continue
        first, *rest = line[indent:].wrap(max(8, width - indent))
        rows.append(Content.assemble(line[:indent], first))
        rows += [Content.assemble(" " * indent, one) for one in rest]
    return Content("\n").join(rows)


def grade_words(grade: Grade | None, *, missing: str = "not graded") -> Content:
    """A grade as its short word in its colour."""
    return say(missing, MUTED) if grade is None else say(grade.short, f"bold {GRADE_STYLES[grade]}")


def day(value: date) -> str:
    """A date as people here write it: 3 November 2026."""
    return f"{value.day} {value:%B %Y}"


def short_day(value: date) -> str:
    """A date for a column: 03/11/2026."""
    return f"{value:%d/%m/%Y}"


def clock_time(moment: datetime) -> str:
    """10:42:07."""
    return f"{moment:%H:%M:%S}"


def count(number: int, one: str, many: str = "") -> str:
    """ "1 question", "2 questions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str], last: str = "and") -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}" if words else ""
