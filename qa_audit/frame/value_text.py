"""Words of a raw value: folded, split and put into one spelling, so that rules can be short.

Two councils write "Childrens' Home", "CHILDREN’S HOMES" and "Childrenâ€™s homes"; all three become
the words `children home`. Pure: text in, words out.
"""

from __future__ import annotations

import re
import unicodedata

# UTF-8 read as Windows-1252, once or twice over; "??" is what older exports made of a curly quote.
_BROKEN_QUOTE = re.compile("Ã¢â‚¬(?:â„¢|˜|œ)|â€(?:™|˜|œ|\u009d)|(?<=[a-z])\\?{1,3}(?=[a-z])", re.IGNORECASE)
_BROKEN_DASH = re.compile("Ã¢â‚¬â€œ|â€[“”]")
_APOSTROPHES = re.compile("['‘’‛`´ʼ\"“”„]")
_AND = re.compile(r"\s*[&+]\s*(?=\w)|(?<=\w)\s*&\s*")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}[a-z]?\b\.?")
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
# "a) Yes", "zz) T4: ...", "p1) 5D: ...", "a. Yes": the place in a list, never evidence of a meaning.
_LIST_PLACE = re.compile(r"^(?:[a-z]{1,2}\d?\)|[a-z]\.(?=\s))\s*(?=\S)")
_LONG = 9  # from here on a changed letter is more likely a slip than another word
_KEEP_S = ("ss", "us", "is")


def fold(raw: str) -> str:
    """Lower case, one kind of quote and dash, no accents, single spaces."""
    text = _BROKEN_DASH.sub("-", _BROKEN_QUOTE.sub("'", raw))
    text = unicodedata.normalize("NFKD", text).casefold()
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = _APOSTROPHES.sub("", text)
    return " ".join(text.split())


def without_list_place(folded: str) -> str:
    """The value without the letter of its place in a list."""
    return _LIST_PLACE.sub("", folded)


def split(folded: str) -> list[str]:
    """Runs of letters and digits; "&" and "+" between words are read as "and"."""
    text = _INITIALS.sub(lambda found: found.group().replace(".", "") + " ", folded)
    return [word for word in _NOT_WORD.split(_AND.sub(" and ", text)) if word]


def singular(word: str) -> str:
    """The word without a plural s ("services" -> "service", "childs" -> "child", "address" stays)."""
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(_KEEP_S):
        return word[:-1]
    return word


def bracketed(folded: str) -> list[str]:
    """Words of every bracket that is short enough to hold a code: "(CIN RC1)", "[U1a]"."""
    found: list[str] = []
    for inside in _BRACKETS.findall(folded):
        words = split(inside)
        if len(words) <= 3:
            found.extend(words)
    return found


def one_slip_apart(left: str, right: str) -> bool:
    """Whether one letter added, dropped or swapped, or changed in a long word, explains the difference."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return left == right
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    if len(left) == len(right):
        if left[start + 1 :] == right[start + 1 :]:
            return len(left) >= _LONG  # "stronger" is not "stranger"
        swapped = left[start + 1 : start + 2] + left[start : start + 1]
        return swapped == right[start : start + 2] and left[start + 2 :] == right[start + 2 :]
    longer, shorter = (left, right) if len(left) > len(right) else (right, left)
    return longer[start + 1 :] == shorter[start:]
