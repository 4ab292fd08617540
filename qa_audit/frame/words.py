"""Labels as people read them: "b) Female" is stored, "Female" is shown."""

from __future__ import annotations

import re

# The place in a printed list ("a) ", "zz) ", "p1) ") and an official code before a colon ("C2: ", "N1 - ").
_LIST_PLACE = re.compile(r"^[a-z]{1,2}\d?\)\s*(?=\S)")
_CODE = re.compile(r"^[A-Z]{1,2}\d{0,2}[A-Z]?\s*(?::|-(?=\s))\s*(?=\S)")
_TRUTH = {"True": "Yes", "False": "No", "unknown": "Not known"}


def plain(label: str) -> str:
    """The label without the letter and the code that lists print before it; what is only a code stays as it is."""
    text = _LIST_PLACE.sub("", label.strip())
    text = _CODE.sub("", text) or text
    return _TRUTH.get(text, text)
