"""The words of the category columns, read once from `schemas/lists/values/*.yaml`.

`columns.yaml` says which heading of which list is which column; each column has a file of its own,
read when the column is first asked for. Every scalar is read as text, so that `No` stays a word.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from qa_audit.errors import Code, QaError
from qa_audit.frame.value_rules import ColumnRule, LabelRule

_NAME = re.compile(r"[a-z0-9_]+")


def _folder() -> Path:
    """`lists/values` of the schemas in use: a council's own, the packaged ones, or the source tree's."""
    own = os.environ.get("QA_AUDIT_SCHEMAS")
    if own:
        return Path(own) / "lists" / "values"
    package = Path(__file__).resolve().parents[1]
    packaged = package / "_schemas"
    return (packaged if packaged.is_dir() else package.parent / "schemas") / "lists" / "values"


def _read(name: str) -> Any:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    with (_folder() / f"{name}.yaml").open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=loader)  # a base loader builds text, lists and maps only


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
    rules = tuple(
        LabelRule(
            label=entry["label"],
            code=entry.get("code"),
            codes=tuple(entry.get("codes", "").split()),
            weak=tuple(entry.get("weak", "").split()),
            same=_items(entry.get("same", "")),
            words={int(rank): _items(text) for rank, text in entry.get("words", {}).items()},
        )
        for entry in data["labels"]
    )
    return ColumnRule(
        name=name,
        rules=rules,
        unsure=_items(data.get("unsure", "")),
        cut=tuple(data.get("cut", ())),
        code_wins=data.get("code_wins") == "yes",
        spelling={**_spelling(), **data.get("spelling", {})},
    )


@cache
def _spelling() -> dict[str, str]:
    return dict(_read("spelling")["words"])


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(";") if item.strip())
