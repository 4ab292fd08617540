"""What the frame already knows: values offered to an item, never findings of their own."""

from __future__ import annotations

from collections.abc import Mapping

from qa_audit.library.forms import Field, Item
from qa_audit.library.vocabulary import DATE_FACTS


def date_field(item: Item) -> Field | None:
    """The field that a date fact prefills: the one `auto` names, else the item's first date field."""
    if item.auto is not None and item.auto.part:
        return item.field(item.auto.part)
    return next((field for field in item.fields if field.type == "date"), None)


def prefill(item: Item, facts: Mapping[str, str]) -> tuple[str, str] | None:
    """(part, value) to offer from the frame's facts, or None. The auditor confirms it; it is never a finding."""
    fact = next((name for name in item.auto.facts if facts.get(name)), "") if item.auto else ""
    if not fact:
        return None
    if fact in DATE_FACTS:
        field = date_field(item)
    else:
        field = next((f for f in item.fields if f.type in ("number", "text", "choice")), None)
    return None if field is None else (field.part, facts[fact])
