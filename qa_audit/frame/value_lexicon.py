"""The words of the category columns, read once from `schemas/lists/values/*.yaml`.

`columns.yaml` says which heading of which list is which column; each column has a file of its own,
read when the column is first asked for. Every scalar is read as text, so that `No` stays a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from qa_audit.errors import BadInput, Code
from qa_audit.frame.value_rules import ColumnRule, LabelRule
from qa_audit.library.place import schemas_folder
from qa_audit.library.yaml_text import read_document

_NAME = re.compile(r"[a-z0-9_]+")


def _read(name: str) -> Any:
    """The content of one file; a fault in it is a BadInput that names file, line and entry."""
    file = f"lists/values/{name}.yaml"
    path = schemas_folder() / "lists" / "values" / f"{name}.yaml"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(
            Code.NOT_FOUND,
            "The words of a list column cannot be read",
            where=file,
            why=error.strerror or type(error).__name__,
            next_step="Reinstall qa-audit, or put the file back into your own schemas folder",
        ) from error
    document = read_document(raw, file)
    if document.problems:
        raise _bad(file, document.problems[0].message, document.problems[0].line)
    return document.data


def _bad(file: str, why: str, line: int = 0) -> BadInput:
    return BadInput(
        Code.BAD_SCHEMA,
        "The words of a list column are not as they should be",
        where=f"{file}, line {line}" if line else file,
        why=why,
        next_step="Correct the file, or take the one that came with qa-audit",
    )


@cache
def headings() -> Mapping[tuple[str, str], str]:
    """(list number, heading key) -> column name."""
    found: dict[tuple[str, str], str] = {}
    for entry in _read("columns")["columns"]:
        for number in entry["lists"].split():
            for heading in entry["headings"]:
                found[number, heading_key(heading)] = entry["column"]
    return found


@cache
def heading_patterns() -> tuple[tuple[frozenset[str], str, str], ...]:
    """(list numbers, words that must all be in the heading, column name) for retitled headings."""
    return tuple(
        (frozenset(entry["lists"].split()), heading_key(words), entry["column"])
        for entry in _read("columns")["columns"]
        for words in entry.get("contains", ())
    )


_PAREN_YN = re.compile(r"\(\s*y\s*/\s*n\s*\)+", re.IGNORECASE)
_NOT_LETTER = re.compile(r"[^a-z0-9]+")


def heading_key(heading: str) -> str:
    """Letters and digits only, so that dialects, quotes, spaces and CamelCase agree."""
    return _NOT_LETTER.sub("", _PAREN_YN.sub("", heading).casefold())


@cache
def column(name: str) -> ColumnRule:
    """The rules of a column."""
    if not _NAME.fullmatch(name):
        raise KeyError(name)
    data = _read(name)
    try:
        rule = ColumnRule(
            name=name,
            rules=tuple(_label(entry) for entry in data["labels"]),
            unsure=tuple(data.get("unsure", ())),
            cut=tuple(data.get("cut", ())),
            code_wins=data.get("code_wins") == "yes",
            spelling={**_spelling(), **data.get("spelling", {})},
        )
        rule.check()
    except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
        raise _bad(f"lists/values/{name}.yaml", f"{type(error).__name__}: {error}") from error
    return rule


def _label(entry: Mapping[str, Any]) -> LabelRule:
    return LabelRule(
        label=entry["label"],
        code=entry.get("code"),
        codes=tuple(entry.get("codes", "").split()),
        weak=tuple(entry.get("weak", "").split()),
        same=_items(entry.get("same", "")),
        words={int(rank): _items(text) for rank, text in entry.get("words", {}).items()},
    )


@cache
def _spelling() -> dict[str, str]:
    return dict(_read("spelling")["words"])


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(";") if item.strip())
