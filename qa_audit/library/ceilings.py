"""The rule table behind the overall case grade, as data (`schemas/ceilings.yaml`)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Key

from qa_audit.library.conditions import Frozen
from qa_audit.library.forms import FormId, Line, Version

GradeKey = Literal["outstanding", "good", "ri", "inadequate"]
Fact = Literal[
    "child_unsafe",
    "feedback_not_attempted",
    "feedback_not_obtained",
    "conversation_not_held",
    "not_moderated",
]


def _sections(value: object) -> object:
    return [value] if isinstance(value, str) else value


RuleId = Annotated[str, Key(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class Requirement(Frozen):
    """When a rule applies: every key given must hold.

    `sections` at or worse than a grade (`at_least` how many), `missing` when none of them is graded though
    the form asks for it, a `fact` about the audit, a failed critical item, or too small a share of
    Outstanding. There is no way to write "better than", so a worse grade can never lift a limit.
    """

    id: RuleId
    sections: Annotated[
        tuple[FormId | Literal["any", "safety_critical"], ...],
        BeforeValidator(_sections, json_schema_input_type=str | list[str]),
    ] = ()
    at_or_worse: Literal["good", "ri", "inadequate"] | None = None
    at_least: Annotated[int, Key(ge=1, le=50)] = 1
    missing: bool = False
    fact: Fact | None = None
    critical_item_failed: bool = False
    share_outstanding_below: Annotated[float, Key(gt=0, le=1)] | None = None
    because: Line
    because_many: str = ""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.sections and not self.missing and self.at_or_worse is None:
            raise ValueError("'sections' needs at_or_worse with a grade, or missing: true")
        if (self.at_or_worse or self.missing) and not self.sections:
            raise ValueError("at_or_worse and missing need 'sections' | Name codes, any, or safety_critical.")
        if self.missing and self.at_or_worse:
            raise ValueError("a rule is either about missing sections or about their grades")
        if not (self.sections or self.fact or self.critical_item_failed or self.share_outstanding_below):
            raise ValueError("the rule never says when it applies")
        return self


class Rule(Requirement):
    """A requirement with its result: the ceiling, and for which grade a written reason is wanted."""

    ceiling: GradeKey
    reason_for: GradeKey | None = None
    reason: str = ""


class Limit(Requirement):
    """What blocks Outstanding. `final: true` is asked only when the grade becomes final."""

    final: bool = False


class Ceilings(Frozen):
    """The file of rules."""

    kind: Literal["ceilings"]
    version: Version
    title: Line
    minimum_graded: Annotated[int, Key(ge=1, le=50)]
    rules: Annotated[tuple[Rule, ...], Key(min_length=1)]
    outstanding: tuple[Limit, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [one.id for one in (*self.rules, *self.outstanding)]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice:
            raise ValueError(f"rule '{twice}' is given twice")
        return self


__all__ = ["Ceilings", "Limit", "Requirement", "Rule"]
