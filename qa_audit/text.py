"""The one gate for text that comes in: typed, pasted or read from a file.

Control characters can drive a terminal, bidirectional marks can hide what a file says, and
zero-width characters make two equal-looking names differ. They are taken out at the door; every
other character of every language stays as it was typed.
"""

from __future__ import annotations

import re
import unicodedata

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ZERO_WIDTH = "\u200b\u2060-\u2065\ufeff\u180e"  # ZWNJ and ZWJ stay: scripts need them
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029"
_BROKEN = "\ud800-\udfff\ufffe\uffff\ufff9-\ufffb\U000e0000-\U000e007f"
_UNWANTED = re.compile(f"[{_CONTROLS}{_BIDI}{_ZERO_WIDTH}{_BROKEN}]")
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")


def clean_text(raw: str) -> tuple[str, int]:
    """Text safe to store and show, and how many characters were dropped.

    Newlines and tabs are kept, other line ends become a newline, composition is NFC.
    """
    text = _LINE_ENDS.sub("\n", raw)
    kept, dropped = _UNWANTED.subn("", text)
    return unicodedata.normalize("NFC", kept), dropped


def clean(raw: str) -> str:
    """`clean_text` without the count."""
    return clean_text(raw)[0]


def clean_line(raw: str) -> str:
    """One line: cleaned, with every run of white space folded to a single space and the ends trimmed."""
    return " ".join(clean(raw).split())
