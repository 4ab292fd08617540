"""YAML as text: nothing is guessed, nothing expands, every fault has its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.library.yaml_text import MAX_BYTES, MAX_DEPTH, MAX_NODES, read_document


def test_plain_values_stay_the_words_typed() -> None:
    text = "a: no\nb: 1.10\nc: 0123\nd: 12:30\ne: [Yes, on, ~, null]\nf: 2026-11-21\n"
    document = read_document(text, "x.yaml")
    assert document.problems == []
    assert document.data == {
        "a": "no",
        "b": "1.10",
        "c": "0123",
        "d": "12:30",
        "e": ["Yes", "on", "~", "null"],
        "f": "2026-11-21",
    }


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "given twice"),
        ("a: &x 1\nb: 2\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tag"),
        ("a: !!str 1\n", 1, "tag"),
        ("a: 1\n---\nb: 2\n", 2, "more than one document"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("a:\n\t- b\n", 2, "not YAML"),
        ("", 1, "empty"),
        ("? [a, b]\n: c\n", 1, "plain text"),
    ],
)
def test_what_is_refused_has_its_line(text: str, line: int, said: str) -> None:
    problems = read_document(text, "x.yaml").problems
    assert problems
    assert said in problems[0].message
    assert problems[0].line >= 1
    if said != "not YAML":
        assert problems[0].line == line


def test_an_alias_bomb_costs_nothing() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    document = read_document(bomb, "x.yaml")
    assert document.data is None
    assert len(document.problems) > 3


def test_depth_size_and_number_are_capped() -> None:
    assert "deep" in read_document("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "x").problems[0].message
    assert "deep" in read_document("[" * 60_000, "x").problems[0].message
    assert "larger" in read_document(b"a" * (MAX_BYTES + 1), "x").problems[0].message
    assert "too many" in read_document("[" + "a," * (MAX_NODES + 1) + "]", "x").problems[0].message


def test_text_is_cleaned_and_bytes_must_be_utf8() -> None:
    assert read_document('a: "x\\u202Ey\\x1B[31m"\n', "x").data == {"a": "xy[31m"}
    assert read_document("a: é\n".encode("utf-8-sig"), "x").data == {"a": "é"}
    problem = read_document(b"a: 1\nb: \xff\n", "x").problems[0]
    assert (problem.line, "UTF-8" in problem.message) == (2, True)


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_file_can_raise(raw: bytes | str) -> None:
    document = read_document(raw, "x.yaml")
    assert document.data is not None or document.problems
