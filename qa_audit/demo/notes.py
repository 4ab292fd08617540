"""The four instruction sheets that stand before the lists in an inspectorate-style workbook, in our words."""

from __future__ import annotations

from datetime import date
from typing import Any

_FRONT = (
    "Child-level data: Lists 1 to 11",
    "",
    "Synthetic data. No row describes a real child, family or colleague.",
    "The number and shape of rows follow published statistics for the authority named below.",
    "",
    "Authority: {authority}",
    "Position at: {day}",
    "",
    "What the lists are for",
    "Whoever audits or inspects draws cases from them: codes are therefore given one by one, not in groups.",
    "Lists 1 to 5 hold events, so a child may stand in them several times. Lists 6 to 9 hold a child once.",
    "",
    "Contains public sector information licensed under the Open Government Licence v3.0",
    "(Ofsted; Department for Education; Office for National Statistics).",
)
_QUESTIONS = (
    ("Question", "Answer"),
    ("Which dates?", "Day, month, year. An open plan or episode has no end date."),
    ("Which age?", "Completed years at the date above; -1 for a child not born yet."),
    (
        "Why is a child in two lists?",
        "List 6 holds everyone in Lists 7 and 8 as well, with the first of four states.",
    ),
    ("Why do counts repeat?", "Counts over twelve months are the child's, shown on every row of that child."),
    ("May columns be blank?", "Unknown dates of birth and events that have not happened are blank."),
)


def write_notes(book: Any, authority: str, as_at: date) -> None:
    """Add Front_Sheet, FAQ_and_changes, Guidance and Codes_used to a write-only workbook."""
    from qa_audit.demo.population import codes
    from qa_audit.frame.lists import load_lists

    front = book.create_sheet("Front_Sheet")
    front.column_dimensions["A"].width = 100
    day = f"{as_at.day:02d}/{as_at.month:02d}/{as_at.year}"
    for line in _FRONT:
        front.append([line.format(authority=authority, day=day)])
    faq = book.create_sheet("FAQ_and_changes")
    faq.column_dimensions["A"].width, faq.column_dimensions["B"].width = 34, 90
    for row in _QUESTIONS:
        faq.append(row)
    guidance = book.create_sheet("Guidance")
    guidance.column_dimensions["B"].width = 70
    guidance.append(("List", "Column", "Kind", "May be blank"))
    for spec in load_lists():
        for f in spec.fields:
            guidance.append((f"{spec.no}: {spec.name}", f.heading, f.type, "yes" if f.blank else "no"))
    used = book.create_sheet("Codes_used")
    named = {f.name: f.heading for spec in load_lists() for f in spec.fields}
    fields = [
        (named.get(name, name.replace("_", " ").capitalize()), [*by.values()]) for name, by in codes().items()
    ]
    used.append([heading for heading, _ in fields])
    for place in range(max(len(labels) for _, labels in fields)):
        used.append([labels[place] if place < len(labels) else None for _, labels in fields])
