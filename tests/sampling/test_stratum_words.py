"""Strata in words: cohorts, risk lists and columns, with a council's own words."""

from __future__ import annotations

import pytest

from qa_audit.sampling.words import own_words, stratum_titles, stratum_words


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("care_leaver", "Care leaver"),
        ("risk: second_plan", "Second or subsequent child protection plan"),
        ("risk: list_of_ours", "list of ours"),
        ("child_in_need / b) Female", "Child in need / Female"),
        ("all cases", "all cases"),
        ("judgement", "Chosen by judgement"),
        ("North Team", "North Team"),
    ],
)
def test_labels_are_said_in_words(label: str, words: str) -> None:
    assert stratum_words(label) == words


def test_a_council_says_its_own_words() -> None:
    own = own_words({"words.child_in_care": "Child we care for", "round.days": 21})
    assert own == {"child_in_care": "Child we care for"}
    assert stratum_titles(["child_in_care / North"], own) == {
        "child_in_care / North": "Child we care for / North"
    }
