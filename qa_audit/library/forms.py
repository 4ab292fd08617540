"""Audit forms as frozen models: what a form file may hold, and the form a screen is given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, StringConstraints, model_validator
from pydantic import Field as Key

from qa_audit.library.conditions import Condition, Fact, Frozen, Groups, as_list

FieldType = Literal[
    "yes_partly_no", "yes_no", "date", "number", "choice", "choices", "grade", "text", "scale"
]
Tag = Literal["process", "quality", "impact"]
Role = Literal[
    "practice",
    "conversation",
    "feedback",
    "strengths",
    "actions",
    "safeguarding",
    "overall",
    "moderation",
]
Shape = Literal["checklist", "one_grade"]
Source = Literal["themes", "strengths", "gaps", "sections"]

FormId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,39}$")]
ItemId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]{0,15}$")]
PartId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Version = Annotated[
    str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})$")
]
Line = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Words = Annotated[str, StringConstraints(max_length=4000)]

ANSWER = "answer"
EVIDENCE_PARTS = ("evidence", "pointer", "evidence_date")
"""What every item may also carry: what it shows, where in the record, and of which date."""
JUDGEMENT_PARTS = ("grade", "rationale", "better")
"""What every graded section carries under its own code."""
INSTANCE = "#"


class Option(Frozen):
    """One value of a pick-list: the key that is stored and the words that are shown."""

    key: PartId
    label: Line


def _options(value: Any) -> Any:
    """Options may be written as a mapping key: label, as a list of keys, or in full."""
    if isinstance(value, dict):
        return [{"key": key, "label": label} for key, label in value.items()]
    if isinstance(value, list | tuple):
        return [_keyed(one) if isinstance(one, str) else one for one in value]
    return value


def _keyed(word: str) -> dict[str, str]:
    label = word.replace("_", " ")
    return {"key": word, "label": label[:1].upper() + label[1:]}


class Field(Frozen):
    """One thing that is answered: its part name, its type and what its values may be."""

    part: PartId = ANSWER
    type: FieldType = "yes_partly_no"
    label: Words = ""
    optional: bool = False
    options: Annotated[
        tuple[Option, ...],
        BeforeValidator(_options, json_schema_input_type=dict[str, str] | list[str] | list[Option]),
    ] = ()
    options_from: Source | None = None
    minimum: float | None = None
    maximum: float | None = None
    unit: Words = ""
    max_length: int | None = None
    when: Condition | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        picks = self.type in ("choice", "choices")
        if picks and not self.options and self.options_from is None:
            raise ValueError(
                "a choice needs its options | Add options: {key: Label} or options_from: themes."
            )
        if not picks and (self.options or self.options_from):
            raise ValueError(f"a {self.type} field has no options | Make its type choice, or leave them out.")
        keys = [option.key for option in self.options]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice:
            raise ValueError(f"option '{twice}' is given twice")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("the minimum is greater than the maximum")
        return self


def _auto(value: Any) -> Any:
    """A fact, or a list of facts of which the first that the child has is taken."""
    if isinstance(value, list | tuple) and value:
        return {"fact": value[0], "or_facts": list(value[1:])}
    return {"fact": value} if isinstance(value, str) else value


class Auto(Frozen):
    """What an item takes from the frame: a fact (its date field is prefilled) or a clock (it is flagged)."""

    fact: Fact = ""
    clock: str = ""
    part: str = ""
    or_facts: tuple[Fact, ...] = ()

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts in order: the first that the child has is taken."""
        return (self.fact, *self.or_facts) if self.fact else ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        if bool(self.fact) == bool(self.clock):
            raise ValueError("'auto' names either a fact or a clock | For example auto: plan_start.")
        return self


_ONE_FIELD = (Field(),)


class Item(Frozen):
    """One standard of the bank, as the auditor reads it, and the fields that answer it."""

    id: ItemId
    text: Line
    tag: Annotated[tuple[Tag, ...], BeforeValidator(as_list, json_schema_input_type=Tag | list[Tag])] = ()
    critical: bool = False
    fields: tuple[Field, ...] = _ONE_FIELD
    na: bool = True
    auto: Annotated[
        Auto | None, BeforeValidator(_auto, json_schema_input_type=str | list[str] | Auto | None)
    ] = None
    clock: PartId | tuple[PartId, ...] | None = None
    when: Condition | None = None
    guidance: Words = ""
    repeat: Annotated[int, Key(ge=1, le=50)] = 1
    required: bool = True
    series: PartId | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        parts = [field.part for field in self.fields]
        if not parts:
            raise ValueError("an item needs at least one field | Leave 'fields' out for yes, partly, no.")
        twice = next((part for part in parts if parts.count(part) > 1), None)
        if twice:
            raise ValueError(f"two fields of this item are called '{twice}' | Give each its own part.")
        taken = next((part for part in parts if part in ("pointer", "evidence_date")), None)
        if taken:
            raise ValueError(f"'{taken}' is kept for evidence, every item has it | Choose another part name.")
        if self.critical and not any(f.type in ("yes_partly_no", "yes_no", "grade") for f in self.fields):
            raise ValueError(
                "a critical item needs a yes/no or graded answer to fail on | Add one, or critical: false."
            )
        if len(set(self.tag)) != len(self.tag):
            raise ValueError("a tag is given twice")
        return self

    def field(self, part: str) -> Field | None:
        """The field with this part name."""
        return next((field for field in self.fields if field.part == part), None)

    @property
    def asks_yes(self) -> Field | None:
        """The yes/partly/no (or yes/no) field, where the item has one."""
        return next((f for f in self.fields if f.type in ("yes_partly_no", "yes_no")), None)

    @property
    def clock_keys(self) -> tuple[str, ...]:
        """The clocks shown beside the item, in order: the first that concerns the child speaks."""
        if isinstance(self.clock, tuple):
            return self.clock
        key = self.clock or (self.auto.clock if self.auto else "")
        return (key,) if key else ()


class Descriptors(Frozen):
    """What each grade looks like here. Good is the benchmark, so it is written and shown first."""

    good: Words
    outstanding: Words
    ri: Words
    inadequate: Words


class Change(Frozen):
    """One line of a form's history."""

    version: Version
    date: date
    note: Line


class _Versioned(Frozen):
    id: FormId
    version: Version
    title: Line
    changes: Annotated[tuple[Change, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _history(self) -> Self:
        if self.version not in {change.version for change in self.changes}:
            raise ValueError(
                f"version {self.version} has no line under 'changes' | Say what changed: "
                f"{{version: {self.version}, date: YYYY-MM-DD, note: ...}}."
            )
        return self


class _WithItems(_Versioned):
    intro: Words = ""
    items: tuple[Item, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [item.id for item in self.items]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice:
            raise ValueError(f"item {twice} is given twice | Give each item its own id.")
        return self


class SetVersion(_WithItems):
    """One version of a set of the bank: one section of a form."""

    kind: Literal["set"]
    short: Annotated[str, StringConstraints(max_length=40)] = ""
    area: PartId
    role: Role = "practice"
    applies_to: Groups = ()
    when: Condition | None = None
    safety_critical: bool = False
    graded: bool = True
    prompts: tuple[Line, ...] = ()
    grades: Descriptors | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.graded and self.role != "practice":
            raise ValueError(f"a section with the role {self.role} is not graded | Add graded: false.")
        if self.graded and any(item.id == self.id for item in self.items):
            raise ValueError(
                f"an item may not have the section's own code {self.id} | Number it, as {self.id}1."
            )
        if not self.items and not self.prompts:
            raise ValueError("the section asks nothing | Add items, prompts or both.")
        return self


class SectionUse(Frozen):
    """A set's place in a tool. `version` pins one version of the set; without it the current one is used."""

    set: FormId
    version: Version | None = None
    when: Condition | None = None
    required: bool = False


class ToolVersion(_Versioned):
    """One version of a tool: which sets, in which order and shape."""

    kind: Literal["tool"]
    shape: Shape = "checklist"
    purpose: Words = ""
    intro: Words = ""
    look_back_months: Annotated[int, Key(ge=1, le=240)] = 12
    judge_months: Annotated[int, Key(ge=1, le=240)] | None = None
    minimum_graded: Annotated[int, Key(ge=1, le=20)] | None = None
    applies_to: Groups = ()
    choose: bool = False
    sections: Annotated[tuple[SectionUse, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [use.set.casefold() for use in self.sections]
        twice = next((one for one in codes if codes.count(one) > 1), None)
        if twice:
            raise ValueError(f"section {twice.upper()} is given twice | A form asks each section once.")
        return self


class ModerationVersion(_WithItems):
    """One version of the audit of the audit."""

    kind: Literal["moderation"]
    code: ItemId = "MA"
    purpose: Words = ""
    grades: Descriptors | None = None


FormVersion = SetVersion | ToolVersion | ModerationVersion
"""What one form file holds."""

KINDS: dict[str, type[SetVersion] | type[ToolVersion] | type[ModerationVersion]] = {
    "set": SetVersion,
    "tool": ToolVersion,
    "moderation": ModerationVersion,
}


class Section(Frozen):
    """A section of an assembled form. `code` names it in answers, rules, actions and reports."""

    code: str
    version: Version
    title: str
    short: str = ""
    area: str
    role: Role = "practice"
    graded: bool = True
    required: bool = False
    safety_critical: bool = False
    shape: Shape = "checklist"
    intro: str = ""
    prompts: tuple[str, ...] = ()
    grades: Descriptors | None = None
    when: Condition | None = None
    items: tuple[Item, ...] = ()

    @property
    def name(self) -> str:
        """A name short enough for a sentence: `Plans`, not `Plans, SMART planning and review`."""
        return self.short or (self.title if len(self.title) <= 24 else self.title.split(",")[0])

    def item(self, item_id: str) -> Item | None:
        """The item with this id; an instance (`AC1#2`) finds its item."""
        base = base_id(item_id)
        return next((item for item in self.items if item.id == base), None)

    @property
    def tags(self) -> frozenset[str]:
        """Which of process, quality and impact the section's items carry."""
        return frozenset(tag for item in self.items for tag in item.tag)


class Form(Frozen):
    """An assembled form: what an auditor fills in. `form_hash` names its content for ever."""

    id: str
    version: Version
    kind: Literal["set", "tool", "moderation"]
    title: str
    form_hash: str
    shape: Shape = "checklist"
    purpose: str = ""
    look_back_months: int = 12
    judge_months: int | None = None
    minimum_graded: int | None = None
    choose: bool = False
    sections: tuple[Section, ...] = ()

    def section(self, code: str) -> Section | None:
        """The section with this code."""
        return next((section for section in self.sections if section.code == code), None)

    def role(self, role: Role) -> Section | None:
        """The section with this role (conversation, feedback, actions ...)."""
        return next((section for section in self.sections if section.role == role), None)

    def items(self) -> Iterator[tuple[Section, Item]]:
        """Every item with its section, in order."""
        for section in self.sections:
            for item in section.items:
                yield section, item

    def find(self, item_id: str) -> tuple[Section, Item] | None:
        """An item and its section by the item's id (or that of an instance)."""
        base = base_id(item_id)
        return next((pair for pair in self.items() if pair[1].id == base), None)

    @property
    def graded(self) -> tuple[Section, ...]:
        """The sections that end with a grade."""
        return tuple(section for section in self.sections if section.graded)

    @property
    def safety_critical(self) -> frozenset[str]:
        """Codes of the sections where Inadequate caps the whole case."""
        return frozenset(section.code for section in self.sections if section.safety_critical)

    @property
    def versions(self) -> dict[str, str]:
        """Section code to the set's version: what an audit keeps beside its form's hash."""
        return {section.code: section.version for section in self.sections}


def base_id(item_id: str) -> str:
    """`AC1#2` -> `AC1`."""
    return item_id.partition(INSTANCE)[0]


def instance_id(item_id: str, number: int) -> str:
    """`AC1`, 2 -> `AC1#2`."""
    return f"{item_id}{INSTANCE}{number}"
