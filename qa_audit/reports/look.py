"""How a paper looks, as plain data: one accent, four grade colours, few sizes.

The grade colours run from blue to brick through sand, so that they stay apart for colour-blind
readers and in grey; the words are always there as well. No text is ever white: white text is how
things hide, and the inspection of a finished file refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qa_audit.grades import WORDS

INK = "1F2933"
MUTED = "5F6B76"
ACCENT = "1F5F7A"
RULE = "D5DBE1"
PANEL = "F1F5F8"
WARNING = "8A3B12"
SHADE_LOW = "FFFFFF"
SHADE_HIGH = "8FBBD3"

GRADE_FILLS = dict(zip(WORDS, ("9CC3DD", "D3E6F1", "F6DDB0", "EDB3A2"), strict=True))
"""Behind the words of a grade; dark ink on each has a contrast above 7 to 1."""
GRADE_SERIES = dict(zip(WORDS, ("5B9DC4", "B4D5E6", "F2CF8E", "DB8068"), strict=True))
"""The same four in charts, a step stronger; dark labels stay readable on each."""

FONT = "Calibri"
DATE_FORMAT = "d mmm yyyy"
FORMATS = {
    "int": "#,##0",
    "number": "0.00",
    "days": "0.0",
    "percent": "0%",
    "date": DATE_FORMAT,
    "shift": "+0.00;-0.00;0.00",
}


@dataclass(frozen=True, slots=True)
class Style:
    """One look of a cell. `line` is its rule: below (thin, accent), above or beside it."""

    size: float = 10.5
    bold: bool = False
    colour: str = INK
    fill: str = ""
    format: str = "General"
    across: Literal["left", "right", "center"] = "left"
    up: Literal["top", "center", "bottom"] = "top"
    wrap: bool = False
    line: Literal["", "thin", "accent", "above", "beside"] = ""
    indent: int = 0
    text: bool = False
    """Marked as text (quote prefix), so that editing the cell cannot turn it into a formula."""


def _styles() -> dict[str, Style]:
    found = {
        "title": Style(size=16, bold=True, colour=ACCENT, up="center", text=True),
        "subtitle": Style(size=9.5, colour=MUTED, text=True),
        "lead": Style(size=13, bold=True, wrap=True, up="center", text=True),
        "body": Style(wrap=True, text=True),
        "note": Style(size=9.5, colour=MUTED, wrap=True, text=True),
        "heading": Style(size=12, bold=True, colour=ACCENT, up="bottom", text=True),
        "caption": Style(size=11, bold=True, colour=INK, up="bottom", text=True),
        "warning": Style(size=11, bold=True, colour=WARNING, fill=PANEL, wrap=True, up="center", text=True),
        "tile_label": Style(
            line="beside", indent=1, size=9.5, colour=MUTED, fill=PANEL, up="center", text=True
        ),
        "tile_figure": Style(
            line="beside", indent=1, size=17, bold=True, colour=ACCENT, fill=PANEL, up="center", text=True
        ),
        "tile_note": Style(line="beside", indent=1, size=9.5, colour=MUTED, fill=PANEL, wrap=True, text=True),
        "head": Style(
            indent=1, bold=True, colour=ACCENT, fill=PANEL, up="bottom", wrap=True, line="accent", text=True
        ),
        "head_right": Style(
            indent=1,
            bold=True,
            colour=ACCENT,
            fill=PANEL,
            up="bottom",
            wrap=True,
            line="accent",
            across="right",
            text=True,
        ),
        "text": Style(indent=1, up="center", wrap=True, line="thin", text=True),
        "grade": Style(indent=1, up="center", wrap=True, line="thin", text=True),
        "words": Style(
            up="center", colour=MUTED, line="thin", across="right", indent=1, wrap=True, text=True
        ),
        "total_text": Style(indent=1, up="center", bold=True, line="above", text=True),
        "total_grade": Style(indent=1, up="center", bold=True, line="above", text=True),
        "total_words": Style(up="center", colour=MUTED, line="above", across="right", indent=1, text=True),
    }
    for kind in (*FORMATS, "text", "grade", "words"):
        found[f"empty_{kind}"] = Style(indent=1, up="center", colour=MUTED, line="thin", text=True)
    for kind, code in FORMATS.items():
        found[kind] = Style(up="center", format=code, across="right", indent=1, line="thin")
        found[f"total_{kind}"] = Style(
            up="center", bold=True, format=code, across="right", indent=1, line="above"
        )
    return found


STYLES = _styles()
"""Every look a cell can have, by name."""

PALETTE = frozenset(
    {INK, MUTED, ACCENT, RULE, PANEL, WARNING, SHADE_HIGH, *GRADE_FILLS.values(), *GRADE_SERIES.values()}
)
"""Every colour a finished file may use for text, fills and rules (white only as the low end of a shade)."""
