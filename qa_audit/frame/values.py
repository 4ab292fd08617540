"""The clean label of a raw value in a category column of the lists, or None when it is not known.

The labels are those of the regional London specification of the lists (MIT, Social Finance); the words that
lead to them are our own files in `schemas/lists/values`. The same raw value means different things in
different columns (`1` is Male, Yes or Suitable), so nothing here is shared between columns, and an
unknown value stays unknown: a wrong category is worse than a gap somebody can see.
"""

from __future__ import annotations

import re
from typing import Final

from qa_audit.frame import value_lexicon as lexicon
from qa_audit.frame.value_rules import LONGEST_VALUE, ColumnRule

_REMEMBERED: Final = 100_000  # spellings kept; real files have a few thousand
_memo: dict[tuple[str, str], str | None] = {}  # the lists share their columns
_rules: dict[tuple[str | int, str], ColumnRule | None] = {}
_LIST_NUMBER = re.compile(r"\s*(?:list)?[\s_]*0*(\d{1,2})\s*", re.IGNORECASE)


def map_value(list_no: str | int, heading: str, raw: object) -> str | None:
    """The label of `raw` in the column, exactly as the specification writes it; None when not known.

    `raw` is a cell: text, a number (`1.0` reads as `1`), a truth value or nothing. No cell makes it
    raise; a schemas folder with broken words is a BadInput, once, on the column's first use.
    """
    if type(raw) is not str:
        text = _as_text(raw)
        if text is None:
            return None
        raw = text
    if len(raw) > LONGEST_VALUE:
        return None
    rule = _rule(list_no, heading)
    if rule is None:
        return None
    key = (rule.name, raw)
    try:
        return _memo[key]
    except KeyError:
        pass
    label = rule.read(raw)
    if len(_memo) >= _REMEMBERED:
        _memo.clear()
    _memo[key] = label
    return label


def known_column(list_no: str | int, heading: str) -> bool:
    """Whether the heading of that list is a category column, in any of the dialects met so far."""
    return _rule(list_no, heading) is not None


def labels(list_no: str | int, heading: str) -> tuple[str, ...]:
    """The column's labels in official order; empty for a column that is not a category."""
    rule = _rule(list_no, heading)
    return rule.labels if rule is not None else ()


def code_of(label: str, list_no: str | int | None = None, heading: str | None = None) -> str | None:
    """The short official code of a label (`b) Full care orders` -> `C2`), where it has exactly one.

    Some labels occur in several columns (`b) Died`): name the column to settle it; without it the
    answer is None unless all columns agree.
    """
    if list_no is not None and heading is not None:
        rule = _rule(list_no, heading)
        rules = [rule] if rule is not None else []
    else:
        rules = [lexicon.column(name) for name in sorted(set(lexicon.headings().values()))]
    found = {one.code for rule in rules for one in rule.rules if one.label == label}
    return found.pop() if len(found) == 1 else None


def official_code(list_no: str | int, heading: str, raw: object) -> str | None:
    """The finest official code `raw` carries: the one written in it (`U6`), else the code of its label."""
    text = raw if isinstance(raw, str) else _as_text(raw)
    rule = _rule(list_no, heading)
    if text is None or rule is None:
        return None
    label = map_value(list_no, heading, text)
    if label is None:
        return None
    return rule.code_in(text) or code_of(label, list_no, heading)


def _as_text(raw: object) -> str | None:
    if isinstance(raw, bool):
        return "True" if raw else "False"
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**12 else None
    if isinstance(raw, float):
        return str(int(raw)) if abs(raw) < 10**12 and raw == int(raw) else None
    return str(raw) if isinstance(raw, str) else None


def _rule(list_no: str | int, heading: str) -> ColumnRule | None:
    key = (list_no, heading)
    try:
        return _rules[key]
    except KeyError:
        pass
    name = _column_name(str(list_no), heading)
    rule = lexicon.column(name) if name is not None else None
    if len(_rules) >= 1_000:
        _rules.clear()
    _rules[key] = rule
    return rule


def _column_name(list_no: str, heading: str) -> str | None:
    number = _LIST_NUMBER.fullmatch(list_no)
    if number is None:
        return None
    wanted = lexicon.heading_key(heading)
    name = lexicon.headings().get((number.group(1), wanted))
    if name is not None:
        return name
    found = {
        column
        for lists, words, column in lexicon.heading_patterns()
        if number.group(1) in lists and words in wanted
    }
    return found.pop() if len(found) == 1 else None
