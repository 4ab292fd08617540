"""What may be stored as an answer: one value, resolved to the field that asks for it, and checked. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from qa_audit.errors import BadInput, Code
from qa_audit.grades import parse_grade
from qa_audit.library.answers import MAX_TEXT, NOT_APPLICABLE, value_problem
from qa_audit.library.forms import EVIDENCE_PARTS, INSTANCE, JUDGEMENT_PARTS, Field, Form, Item, base_id
from qa_audit.library.problems import nearest
from qa_audit.text import clean, clean_line

OVERALL = "OV"
OVERALL_PARTS = ("grade", "rationale", "override_reason", "credible_because")
GRADE_REVEALING = frozenset({*JUDGEMENT_PARTS, *OVERALL_PARTS})
"""Parts that show, or give away, the auditor's grade: hidden from a blind moderator."""
BLIND_SECTIONS = frozenset({"OV", "AC", "SG", "CV", "ST"})
"""Sections that lean on the grades (actions follow weak grades; the conversation holds the worker's own)."""

_GRADE = Field(part="grade", type="grade")


def check_value(
    form: Form, item: str, part: str, raw: str, choices: Mapping[str, Sequence[str]] | None = None
) -> str:
    """The value as it is stored; an empty text clears the answer. Raises BadInput saying what the field takes.

    `choices` gives the keys of lists that live outside the form (themes, strengths, gaps).
    """
    text = clean(raw)
    if not text.strip():
        return ""
    if len(text) > MAX_TEXT:
        raise _refused(
            f"The text is longer than {MAX_TEXT:,} characters",
            item,
            part,
            "Shorten it, or split it between two items",
        )
    section = form.section(item)
    judged = (
        OVERALL_PARTS
        if item == OVERALL and form.role("overall") is not None
        else JUDGEMENT_PARTS
        if section is not None and section.graded
        else ()
    )
    if part in judged:
        leave_out = section is not None and section.graded and not section.required
        return _checked(_GRADE, text, item, na=leave_out) if part == "grade" else text
    if section is not None and section.graded and part in EVIDENCE_PARTS:
        return _evidence(part, text, item)
    found = form.find(item)
    if found is None:
        raise _refused(
            "This form has no such item",
            item,
            part,
            nearest(base_id(item), [one.id for _, one in form.items()]),
        )
    asked = found[1]
    _check_instance(asked, item, part)
    field = asked.field(part)
    if field is None and part in EVIDENCE_PARTS:
        return _evidence(part, text, item)
    if field is None:
        raise _refused(
            "This item has no such part", item, part, nearest(part, [one.part for one in asked.fields])
        )
    known = dict(choices or {}) | {"sections": [one.code for one in form.sections]}
    return _checked(field, text, item, na=asked.na, choices=known)


def _checked(
    field: Field, text: str, item: str, *, na: bool, choices: Mapping[str, Sequence[str]] | None = None
) -> str:
    value = text if field.type == "text" else _tidied(field, text.strip(), na=na)
    problem = value_problem(field, value, na=na, choices=choices)
    if problem:
        raise _refused("The answer does not fit", item, field.part, problem)
    return value


def _tidied(field: Field, value: str, *, na: bool) -> str:
    """Kind to what people type: grades in words, choices in any case or separated by commas."""
    if na and value.casefold() in {NOT_APPLICABLE, "n/a", "not applicable"}:
        return NOT_APPLICABLE
    match field.type:
        case "grade":
            grade = parse_grade(value)
            return grade.key if grade else value
        case "yes_partly_no" | "yes_no":
            return {"y": "yes", "n": "no", "p": "partly", "partially": "partly"}.get(
                value.casefold(), value.casefold()
            )
        case "choices" if not value.startswith("["):
            return json.dumps(
                list(dict.fromkeys(word.strip() for word in re.split(r"[\n,;]", value) if word.strip()))
            )
        case _:
            return value


def _evidence(part: str, text: str, item: str) -> str:
    if part == "evidence_date":
        return _checked(Field(part=part, type="date"), text, item, na=False)
    return text if part == "evidence" else clean_line(text)


def _check_instance(asked: Item, item: str, part: str) -> None:
    number = item.partition(INSTANCE)[2]
    if asked.repeat == 1 and not number:
        return
    if asked.repeat == 1 or not number.isdecimal() or not 1 <= int(number) <= asked.repeat:
        room = f"Use {asked.id}#1 to {asked.id}#{asked.repeat}" if asked.repeat > 1 else f"Use {asked.id}"
        raise _refused("There is no such place in the form", item, part, room)


def _refused(what: str, item: str, part: str, next_step: str) -> BadInput:
    return BadInput(
        Code.BAD_VALUE, what, where=f"{clean_line(item)[:30]} {clean_line(part)[:30]}", next_step=next_step
    )
