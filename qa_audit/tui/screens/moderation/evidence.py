"""What the auditor recorded, as a moderator reads it: standards, answers, evidence, where and when.

Works on whatever the record holds; while a moderation is blind the record holds no grade, so none can be
drawn here. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from textual.content import Content

from qa_audit.frame.words import plain
from qa_audit.grades import parse_grade
from qa_audit.library.case import Answers, CaseContext
from qa_audit.library.forms import INSTANCE, Field, Form, Item, Section
from qa_audit.tui.text import ACCENT, BAD, MUTED, OK, STRONG, WARN, join, lines, say, short_day, wrap
from qa_audit.tui.widgets.fields import unpack_keys

INDENT = 7
ANSWERS = {
    "yes": ("✓ Yes", OK),
    "partly": ("◐ Partly", WARN),
    "no": ("✗ No", BAD),
    "na": ("– Not applicable", MUTED),
}
"""Answer to its words and style: the sign and the word say it, the colour only helps."""
READ_ALONE = ("FB",)
"""Ungraded sections whose evidence is read while blind."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the standards of a section were answered."""

    yes: int = 0
    partly: int = 0
    no: int = 0
    na: int = 0

    def words(self) -> str:
        """5 yes · 2 partly · 1 no."""
        parts = [
            f"{n} {name}"
            for n, name in (
                (self.yes, "yes"),
                (self.partly, "partly"),
                (self.no, "no"),
                (self.na, "not applicable"),
            )
            if n
        ]
        return " · ".join(parts) or "no standard answered"


def tally(section: Section, answers: Answers) -> Tally:
    """Count the answers of a section's standards."""
    found = [
        answers.get((item.id, item.asks_yes.part), "") for item in section.items if item.asks_yes is not None
    ]
    return Tally(*(found.count(key) for key in ("yes", "partly", "no", "na")))


def evidence_content(section: Section, answers: Answers, case: CaseContext | None, width: int) -> Content:
    """Everything recorded in a section, wrapped to `width`. Without a case only what was answered is shown."""
    from qa_audit.library.answers import instances
    from qa_audit.library.completeness import visible_items

    rows: list[Content] = [
        join((section.title, f"{STRONG} {ACCENT}"), (f"   {tally(section, answers).words()}", MUTED))
    ]
    if section.intro:
        rows += wrap(say(section.intro, MUTED), width)
    rows.append(Content(""))
    shown = visible_items(section, answers, case) if case is not None else _answered(section, answers)
    for item in shown:
        ids = instances(item, answers) if item.repeat > 1 else (item.id,)
        for item_id in ids or (item.id,):
            rows += _item(item, item_id, answers, width, practice=section.role == "practice")
    for part, label in (("evidence", "Evidence for the section"), ("pointer", "Where")):
        if words := answers.get((section.code, part), ""):
            rows += [say(label, MUTED), *wrap(words, width, indent=2), Content("")]
    return lines(rows)


def _answered(section: Section, answers: Answers) -> tuple[Item, ...]:
    known = {item.partition(INSTANCE)[0] for (item, _), value in answers.items() if value}
    return tuple(item for item in section.items if item.id in known)


def _item(item: Item, item_id: str, answers: Answers, width: int, *, practice: bool) -> list[Content]:
    got = {part: value for (each, part), value in answers.items() if each == item_id and value}
    number = item_id.replace(INSTANCE, ".")
    asked = item.asks_yes
    words, style = ANSWERS.get(got.get(asked.part, ""), ("", "")) if asked else ("", "")
    title = join((item.text, STRONG), ("  critical", WARN) if item.critical else "")
    rows = wrap(title, width - 1, indent=INDENT, first=0)
    rows[0] = Content.assemble(say(f"{number:<{INDENT}}", f"{STRONG} {ACCENT}"), rows[0])
    if words:
        rows.append(join(" " * INDENT, (words, f"{STRONG} {style}")))
    for field in item.fields:
        if field is asked or field.part == "evidence":
            continue
        if value := got.get(field.part, ""):
            label = f"{field.label or field.part.replace('_', ' ').capitalize()}: "
            rows += wrap(join((label, MUTED), field_words(field, value)), width - 1, indent=INDENT)
    if text := got.get("evidence", ""):
        rows += wrap(text, width - 1, indent=INDENT)
    if source := _where(got):
        rows += wrap(say(source, MUTED), width - 1, indent=INDENT)
    if not got:
        rows.append(say(" " * INDENT + "Not answered", MUTED))
    elif (
        practice
        and asked is not None
        and not got.get("evidence")
        and got.get(asked.part) in ("yes", "partly", "no")
    ):
        rows.append(say(" " * INDENT + "No evidence was written", MUTED))
    return [*rows, Content("")]


def _where(got: Mapping[str, str]) -> str:
    where, when = got.get("pointer", ""), got.get("evidence_date", "")
    if when:
        try:
            when = short_day(date.fromisoformat(when[:10]))
        except ValueError:
            when = when[:10]
    return " · ".join(
        part for part in (f"Where: {where}" if where else "", f"dated {when}" if when else "") if part
    )


def field_words(field: Field, value: str) -> str:
    """A stored value in the form's words."""
    if field.type == "date":
        try:
            return short_day(date.fromisoformat(value[:10]))
        except ValueError:
            return value
    if field.type == "grade":
        grade = parse_grade(value)
        return grade.words if grade else value
    if field.type in ("yes_partly_no", "yes_no"):
        return ANSWERS.get(value, (value, ""))[0]
    known = {option.key: option.label for option in field.options}
    if field.type == "choices":
        return ", ".join(known.get(key, key) for key in unpack_keys(value))
    if field.type == "scale":
        return f"{value} of 10"
    unit = f" {field.unit}" if field.unit else ""
    return known.get(value, value) + unit


def pages(form: Form, sections: tuple[str, ...], answers: Answers) -> Iterator[Section]:
    """The sections a moderator reads: those graded, and those whose evidence informs every grade."""
    for section in form.sections:
        if section.role == "overall":
            continue
        reads = section.code in READ_ALONE and any(
            item.partition(INSTANCE)[0] in {each.id for each in section.items} for item, _ in answers
        )
        if section.code in sections or reads:
            yield section


def case_content(header: tuple[tuple[str, str], ...], width: int) -> Content:
    """Who the child is, without a name: the header of the case as lines. The audit's own due date is no news here."""
    rows: list[Content] = []
    for label, value in header:
        if label != "Due":
            rows += wrap(join((f"{label:<12}", MUTED), _said(value)), width, indent=12, first=0)
    return lines(rows)


def _said(value: str) -> str:
    """A list's own code before a word ("a) Male") says nothing to a reader."""
    return plain(value).replace("_", " ")
