"""Codes as people read them, and "none" as an answer."""

import pytest
from frame.frame_files import AS_AT, row_of, table, workbook
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.frame.check import check
from qa_audit.frame.values import labels
from qa_audit.frame.words import plain


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("b) Female", "Female"),
        ("N1 - Abuse or neglect", "Abuse or neglect"),
        ("a) N1: Abuse or neglect", "Abuse or neglect"),
        ("zz) Other", "Other"),
        ("WBRI", "WBRI"),
        ("a) WBRI", "WBRI"),
        ("Yes", "Yes"),
        ("True", "Yes"),
        ("unknown", "Not known"),
        ("Long-term fostering", "Long-term fostering"),
        ("", ""),
    ],
)
def test_what_people_read(label, shown):
    assert plain(label) == shown


@given(st.text(max_size=40))
def test_it_never_takes_everything_away(text):
    assert bool(plain(text)) == bool(text.strip())


@pytest.mark.parametrize("column", ["Gender", "Ethnicity", "Primary Need Code", "Case Status"])
def test_no_two_labels_of_a_column_read_the_same(column):
    shown = [plain(label) for label in labels("6", column)]
    assert shown
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize("raw", ["NONE", "None", "none", " NONE "])
def test_none_is_no_disability(tmp_path, raw):
    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [row_of("6", 1, disability=raw)])})
    reading = check([path], as_at=AS_AT)
    assert reading.children[0].disability == "No"
    assert "disabled_child" not in reading.children[0].flags
    assert not [problem for problem in reading.problems if "Disability" in problem.column]
