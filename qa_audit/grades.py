"""The four-point scale: its words, its order, its marks. Grades are ordered, never averaged."""

from __future__ import annotations

from enum import IntEnum


class Grade(IntEnum):
    """One of the four ILACS grades; a smaller number is the better grade.

    The order Outstanding, Good, Requires improvement, Inadequate is the order of every table,
    matrix and chart. Arithmetic on the numbers is only for signed shifts (moderator - auditor).
    """

    OUTSTANDING = 1
    GOOD = 2
    REQUIRES_IMPROVEMENT = 3
    INADEQUATE = 4

    @property
    def words(self) -> str:
        """The grade's full official words."""
        return WORDS[self - 1]

    @property
    def short(self) -> str:
        """Short words for narrow columns: Outstanding, Good, RI, Inadequate."""
        return SHORT[self - 1]

    @property
    def letter(self) -> str:
        """One letter, so that colour is never the only signal: O, G, R, I."""
        return "OGRI"[self - 1]

    @property
    def key(self) -> str:
        """The name used in forms, rules and stored answers: outstanding, good, ri, inadequate."""
        return KEYS[self - 1]


WORDS = ("Outstanding", "Good", "Requires improvement to be good", "Inadequate")
SHORT = ("Outstanding", "Good", "RI", "Inadequate")
KEYS = ("outstanding", "good", "ri", "inadequate")

_SPELLINGS = {
    **{w.casefold(): Grade(i + 1) for i, w in enumerate(WORDS)},
    **{w.casefold(): Grade(i + 1) for i, w in enumerate(KEYS)},
    **{letter.casefold(): Grade(i + 1) for i, letter in enumerate("OGRI")},
    **{str(i + 1): Grade(i + 1) for i in range(4)},
    "requires improvement": Grade.REQUIRES_IMPROVEMENT,
    "rig": Grade.REQUIRES_IMPROVEMENT,
}


def parse_grade(text: str) -> Grade | None:
    """Read a grade from its words, key, letter or number (1 = Outstanding); None when it is not one.

    Ofsted prints "Requires improvement to be good"; scrapers and councils shorten it.
    """
    return _SPELLINGS.get(" ".join(text.split()).casefold())
