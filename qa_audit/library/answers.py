"""Single answers: whether a value fits its field, and what an item's answers amount to."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date

from qa_audit.grades import KEYS
from qa_audit.library.case import Answers, CaseContext
from qa_audit.library.conditions import holds
from qa_audit.library.forms import INSTANCE, Field, Item, instance_id
from qa_audit.library.problems import nearest

YES, PARTLY, NO, NOT_APPLICABLE = "yes", "partly", "no", "na"
MAX_TEXT = 20_000
EVIDENCE_WORDS = 2  # "not recorded" is an honest finding
_DATE_WORDS = "Write the date as YYYY-MM-DD"


def value_problem(
    field: Field, value: str, *, na: bool = False, choices: Mapping[str, Sequence[str]] | None = None
) -> str | None:
    """Why a value does not fit its field, in plain words; None when it does. An empty value always fits.

    `na` says whether "not applicable" may be chosen; `choices` gives the keys behind `options_from`.
    """
    if value == "":
        return None
    match field.type:
        case "yes_partly_no" | "yes_no":
            allowed = [YES, PARTLY, NO] if field.type == "yes_partly_no" else [YES, NO]
            allowed += [NOT_APPLICABLE] if na else []
            return None if value in allowed else f"Choose one of: {', '.join(allowed)}"
        case "grade":
            allowed = [*KEYS, NOT_APPLICABLE] if na else [*KEYS]
            return None if value in allowed else f"Choose one of: {', '.join(allowed)}"
        case "date":
            return _date_problem(value)
        case "number" | "scale":
            return _number_problem(field, value)
        case "choice":
            return _choice_problem(field, value, choices, na)
        case "choices":
            try:
                chosen = json.loads(value)
            except (ValueError, RecursionError):
                chosen = None
            if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
                return "Choose from the list"
            if len(set(chosen)) != len(chosen):
                return "Something is chosen twice"
            return next((p for one in chosen if (p := _choice_problem(field, one, choices, na))), None)
    limit = field.max_length or MAX_TEXT
    return None if len(value) <= limit else f"Use at most {limit} characters"


def _date_problem(value: str) -> str | None:
    try:
        when = date.fromisoformat(value)
    except ValueError:
        return _DATE_WORDS
    if len(value) != 10:
        return _DATE_WORDS
    return None if 1900 <= when.year <= 2200 else "Look at the year"


def _number_problem(field: Field, value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "Write a number"
    if not math.isfinite(number):
        return "Write a number"
    low = 0.0 if field.type == "scale" and field.minimum is None else field.minimum
    high = 10.0 if field.type == "scale" and field.maximum is None else field.maximum
    if field.type == "scale" and number != int(number):
        return "Write a whole number"
    if low is not None and number < low:
        return f"The least is {low:g}"
    if high is not None and number > high:
        return f"The most is {high:g}"
    return None


def _choice_problem(
    field: Field, value: str, choices: Mapping[str, Sequence[str]] | None, na: bool
) -> str | None:
    if na and value == NOT_APPLICABLE:
        return None
    if field.options_from is not None:
        known: Sequence[str] | None = (choices or {}).get(field.options_from)
        if known is None or value in known:
            return None
    else:
        known = [option.key for option in field.options]
        if value in known:
            return None
    return f"Choose from the list. {nearest(value, known)}".strip()


def instances(item: Item, answers: Answers) -> tuple[str, ...]:
    """The ids under which an item is answered: its own, or AC1#1, AC1#2 ... in order for a repeating one."""
    if item.repeat == 1:
        return (item.id,)
    found = {
        int(number)
        for (item_id, _), value in answers.items()
        if value
        and item_id.startswith(item.id + INSTANCE)
        and (number := item_id[len(item.id) + 1 :]).isdigit()
    }
    return tuple(instance_id(item.id, number) for number in sorted(found) if 1 <= number <= item.repeat)


def visible_fields(item: Item, answers: Answers, case: CaseContext, within: str = "") -> tuple[Field, ...]:
    """The fields to ask now; `within` is the instance of a repeating item."""
    return tuple(field for field in item.fields if holds(field.when, case, answers, within or item.id))


def words(text: str) -> int:
    """How many words a text has."""
    return len(text.split())


def is_na(item: Item, answers: Answers, item_id: str = "") -> bool:
    """Whether the item was answered "not applicable" (in any field that takes it)."""
    at = item_id or item.id
    return any(answers.get((at, field.part), "") == NOT_APPLICABLE for field in item.fields)


def evidence_of(item: Item, answers: Answers, item_id: str = "") -> str:
    """All the evidence given for an item: what it shows, where in the record, and its own text fields."""
    at = item_id or item.id
    parts = ["evidence", "pointer", *(field.part for field in item.fields if field.type == "text")]
    return " ".join(text for part in dict.fromkeys(parts) if (text := answers.get((at, part), "").strip()))


def lacks_evidence(item: Item, answers: Answers, item_id: str = "") -> bool:
    """A "no" or "partly" on a practice standard without a few words on what was found."""
    at = item_id or item.id
    doubts = any(
        answers.get((at, field.part), "") in (NO, PARTLY)
        for field in item.fields
        if field.type in ("yes_partly_no", "yes_no")
    )
    return bool(item.tag) and doubts and words(evidence_of(item, answers, at)) < EVIDENCE_WORDS


def missing_parts(item: Item, answers: Answers, case: CaseContext, item_id: str = "") -> tuple[str, ...]:
    """The parts still to be given: the fields without a value, and the evidence a "no" or "partly" needs."""
    at = item_id or item.id
    if is_na(item, answers, at):
        return ()
    missing = [
        field.part
        for field in visible_fields(item, answers, case, at)
        if not field.optional and not answers.get((at, field.part), "").strip()
    ]
    if lacks_evidence(item, answers, at):
        missing.append("evidence")
    return tuple(missing)


def touched(item: Item, answers: Answers, item_id: str = "") -> bool:
    """Whether any field of the item has a value other than "not applicable"."""
    at = item_id or item.id
    return any(answers.get((at, field.part), "") not in ("", NOT_APPLICABLE) for field in item.fields)
