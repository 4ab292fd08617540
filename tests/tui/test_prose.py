"""Lines that hang under where their words begin, and the trail's values in words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from qa_audit.tui.screens.trail.screen import value_words
from qa_audit.tui.text import hang, hanging, join, lines


def test_a_label_a_bullet_and_an_indent_hang() -> None:
    assert [hanging(line) for line in ("Sample      12 cases", "! late", "   note", "plain words", "")] == [
        12,
        2,
        3,
        0,
        0,
    ]


def test_what_does_not_fit_goes_on_under_its_words() -> None:
    page = lines([join(("Sample      ", "bold"), "one two three four five six seven eight"), "", "short"])
    assert hang(page, 36).plain.splitlines() == [
        "Sample      one two three four five",
        "            six seven eight",
        "",
        "short",
    ]


@given(st.text(alphabet=st.sampled_from("ab ·-!"), max_size=200), st.integers(20, 60))
def test_nothing_is_lost_and_nothing_is_too_wide(words: str, width: int) -> None:
    made = hang(words, width).plain
    assert made.split() == words.split() or "".join(made.split()) == "".join(words.split())
    assert all(cell_len(line.rstrip()) <= width for line in made.splitlines() if line != words)


def test_a_value_of_the_trail_is_read_in_words() -> None:
    assert (
        value_words('{"kind": "monthly", "ref": "R-1", "blind": true, "note": null}')
        == "kind: monthly; ref: R-1; blind: yes"
    )
    assert value_words('["care_leaver", "contact"]') == "care_leaver, contact"
    assert value_words('{"by_cohort": {"contact": 2}}') == "by cohort: (contact: 2)"
    assert value_words("{not json") == "{not json"
    assert value_words(None) == ""
