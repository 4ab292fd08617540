"""The audit of the audit: its items as questions, and which of them are answered. Pure but for the widget made."""

from __future__ import annotations

from datetime import date

from qa_audit.library.case import Answers
from qa_audit.library.forms import Form, Item
from qa_audit.tui.widgets.fields import Choice, FieldSpec
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.question_lines import QuestionSpec

QUALITY = "MA12"
"""The item that grades the audit itself."""
ASKED_BESIDE = ("MA11",)
"""Answered section by section beside the auditor's grades, so not asked again."""


def check_items(check: Form) -> list[Item]:
    """What is asked about the audit, in order."""
    return [item for _, item in check.items() if item.id not in ASKED_BESIDE]


def is_answered(check: Form, own: Answers, item_id: str) -> bool:
    """Whether everything an item needs is there; words are never needed."""
    found = check.find(item_id)
    return found is not None and all(
        own.get((item_id, field.part))
        for field in found[1].fields
        if field.type != "text" and not field.optional
    )


def question_of(check: Form, item: Item, own: Answers, *, today: date, read_only: bool) -> Question:
    """One item as the audit form would ask it."""
    fields = []
    for each in item.fields:
        options = tuple(Choice(option.key, option.label) for option in each.options)
        label = "" if len(item.fields) == 1 else each.label
        fields.append(
            FieldSpec(
                each.part, each.type, label, options, optional=each.optional or each.type == "text",
                na=item.na and each.type in ("yes_partly_no", "yes_no", "grade"),
            )
        )  # fmt: skip
    if all(each.part != "evidence" and each.type != "text" for each in item.fields):
        fields.append(
            FieldSpec(
                "evidence", "text", "Why", quiet=True, optional=True, help="Enter to write what you saw"
            )
        )
    spec = QuestionSpec(item.id, item.id, item.text, tuple(fields), item.guidance, item.critical)
    values = {part: value for (each, part), value in own.items() if each == item.id}
    return Question(spec, values, today=today, read_only=read_only, answered=is_answered(check, own, item.id))
