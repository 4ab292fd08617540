"""From a section of the library to the questions on screen. Pure: records in, records out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from qa_audit.grades import Grade
from qa_audit.library.answers import instances, lacks_evidence, missing_parts, touched, visible_fields
from qa_audit.library.case import Answers, CaseContext
from qa_audit.library.completeness import Gap, visible_items
from qa_audit.library.forms import INSTANCE, Field, Item, Section, instance_id
from qa_audit.tui.screens.form.source import AuditView
from qa_audit.tui.widgets.fields import Choice, FieldSpec
from qa_audit.tui.widgets.question_lines import QuestionSpec

SHORT_TEXT = 400
"""A text of at most this many characters is written on one line."""

EVIDENCE_FIELDS = (
    FieldSpec(
        "evidence", "text", "Evidence", quiet=True, optional=True, help="Enter to write what the record shows"
    ),
    FieldSpec("pointer", "line", "Where", quiet=True, optional=True, help="Where in the record"),
    FieldSpec("evidence_date", "date", "Dated", quiet=True, optional=True, help="Date of that entry"),
)
_BETTER = "What would have made it one better"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to mount."""

    spec: QuestionSpec
    values: dict[str, str] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)
    flag: str = ""
    late: bool = False
    answered: bool = False
    gaps: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class More:
    """Room for another instance of a repeating item."""

    item: str
    following: str
    """The id of the next instance."""
    words: str


@dataclass(frozen=True, slots=True)
class Page:
    """A section as it is to be on screen."""

    section: Section
    asked: tuple[Asked, ...]
    more: tuple[More, ...] = ()


def page(
    view: AuditView, section: Section, answers: Answers, added: Iterable[str] = (), gaps: Iterable[Gap] = ()
) -> Page:
    """The questions of a section with these answers. `added` are instances opened and still empty."""
    told: dict[str, list[str]] = {}
    for gap in gaps:
        if gap.section == section.code:
            told.setdefault(gap.item, []).append(gap.message)
    asked: list[Asked] = []
    more: list[More] = []
    opened = set(added)
    for item in visible_items(section, answers, view.case):
        ids = _ids(item, answers, opened)
        asked += [_asked(view, section, item, each, answers, tuple(told.get(each, ()))) for each in ids]
        if item.repeat > 1 and len(ids) < item.repeat and not view.read_only:
            number = max((int(each.partition(INSTANCE)[2]) for each in ids), default=0) + 1
            if number <= item.repeat:
                noun = {"actions": "action", "feedback": "person's view", "strengths": "strength"}.get(
                    section.role, ""
                )
                more.append(More(item.id, instance_id(item.id, number), f"Add another {noun or 'entry'}"))
    if section.graded:
        asked.append(_judgement(section, answers, view.case, tuple(told.get(section.code, ()))))
    return Page(section, tuple(asked), tuple(more))


def _ids(item: Item, answers: Answers, opened: set[str]) -> tuple[str, ...]:
    if item.repeat == 1:
        return (item.id,)
    known = set(instances(item, answers)) | {each for each in opened if each.startswith(item.id + INSTANCE)}
    return tuple(sorted(known, key=lambda each: int(each.partition(INSTANCE)[2]))) or (
        instance_id(item.id, 1),
    )


def _asked(
    view: AuditView, section: Section, item: Item, item_id: str, answers: Answers, gaps: tuple[str, ...]
) -> Asked:
    practice = section.role == "practice"
    fields = [_field(each, item, section, view) for each in visible_fields(item, answers, view.case, item_id)]
    if item.id == section.code and section.role == "overall" and section.grades is not None:
        notes = descriptor_notes(section)
        fields = [each if each.type != "grade" else _with_notes(each, notes) for each in fields]
    taken = {each.part for each in fields}
    if practice:
        fields += [each for each in EVIDENCE_FIELDS if each.part not in taken]
    flag = view.flags.get(item.id)
    missing = missing_parts(item, answers, view.case, item_id)
    hint = "say in a few words what you found" if lacks_evidence(item, answers, item_id) else ""
    spec = QuestionSpec(
        item_id,
        item_id.replace(INSTANCE, "."),
        item.text,
        tuple(fields),
        guidance=item.guidance,
        critical=item.critical,
        required=item.required,
    )
    return Asked(
        spec,
        _values(item_id, answers),
        {part: value for (each, part), value in view.offered.items() if each == item_id},
        flag.words if flag else "",
        flag.late if flag else False,
        answered=not missing and (item.required or touched(item, answers, item_id)),
        gaps=gaps,
        hint=hint,
    )


def _field(each: Field, item: Item, section: Section, view: AuditView) -> FieldSpec:
    options = tuple(Choice(option.key, option.label) for option in each.options)
    if each.options_from == "sections":
        options = tuple(Choice(one.code, one.name) for one in view.form.graded)
    elif each.options_from is not None:
        options = tuple(Choice(key, words) for key, words in view.lists.get(each.options_from, ()))
    short = each.type == "text" and each.max_length is not None and each.max_length <= SHORT_TEXT
    only = len(item.fields) == 1 and each.type in ("yes_no", "yes_partly_no", "grade", "choice")
    return FieldSpec(
        each.part,
        "line" if short else each.type,
        "" if only else each.label,
        options,
        optional=each.optional,
        na=item.na and each.type in ("yes_partly_no", "yes_no", "grade"),
        minimum=each.minimum,
        maximum=each.maximum,
        unit=each.unit,
        max_length=each.max_length,
    )


def _with_notes(each: FieldSpec, notes: tuple[tuple[str, str], ...]) -> FieldSpec:
    return FieldSpec(each.part, each.type, each.label, optional=each.optional, na=each.na, notes=notes)


def descriptors(section: Section) -> tuple[tuple[Grade, str], ...]:
    """What each grade looks like in a section; () when it has no descriptors."""
    if section.grades is None:
        return ()
    words = section.grades
    return (
        (Grade.GOOD, words.good),
        (Grade.OUTSTANDING, words.outstanding),
        (Grade.REQUIRES_IMPROVEMENT, words.ri),
        (Grade.INADEQUATE, words.inadequate),
    )


def descriptor_notes(section: Section) -> tuple[tuple[str, str], ...]:
    """The same by the stored key, for the grade under the cursor."""
    return tuple((grade.key, words) for grade, words in descriptors(section))


def _judgement(section: Section, answers: Answers, case: CaseContext, gaps: tuple[str, ...]) -> Asked:
    """The section's own grade, why, and what would have made it one better."""
    code = section.code
    notes = descriptor_notes(section)
    if not section.required:
        notes += (("na", "Leave this section out: say why it does not apply to this child."),)
    values = _values(code, answers)
    spec = QuestionSpec(
        code,
        code,
        "Your grade for this section",
        (
            FieldSpec("grade", "grade", "Grade", na=not section.required, notes=notes),
            FieldSpec("rationale", "text", "Why this grade", help="Enter to write"),
            FieldSpec("better", "text", _BETTER, optional=True, help="Enter to write"),
        ),
        guidance="F2 shows what each grade looks like. Weigh what the work did for the child, not only the steps.",
        heading=True,
    )
    done = bool(values.get("grade")) and bool(values.get("rationale", "").strip())
    return Asked(spec, values, answered=done, gaps=gaps)


def _values(item_id: str, answers: Answers) -> dict[str, str]:
    return {part: value for (each, part), value in answers.items() if each == item_id and value}
