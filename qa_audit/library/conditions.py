"""Conditions as data: when a section, an item, a field or a clock applies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic import Field as Key

from qa_audit.library.case import Answers, CaseContext
from qa_audit.library.problems import nearest
from qa_audit.library.vocabulary import COHORTS, FACTS, FLAGS


class Frozen(BaseModel):
    """Base of every schema model: nothing unknown goes in, nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def as_list(value: Any) -> Any:
    """One value where a list is expected counts as a list of one."""
    return [value] if isinstance(value, str | int | bool) else value


def known_cohort(name: str) -> str:
    """The name of a cohort, or a refusal that offers the nearest."""
    if name not in COHORTS:
        raise ValueError(f"'{name}' is not a cohort | {nearest(name, COHORTS)}")
    return name


def known_group(name: str) -> str:
    """The name of a cohort or a flag, or a refusal that offers the nearest."""
    if name not in COHORTS and name not in FLAGS:
        raise ValueError(f"'{name}' is neither a cohort nor a flag | {nearest(name, [*FLAGS, *COHORTS])}")
    return name


def known_fact(name: str) -> str:
    """The name of a fact that a frame keeps, or a refusal that offers the nearest."""
    if name and name not in FACTS:
        raise ValueError(f"'{name}' is not a fact that a frame keeps | {nearest(name, FACTS)}")
    return name


Names = Annotated[tuple[str, ...], BeforeValidator(as_list, json_schema_input_type=str | list[str])]
Cohort = Annotated[str, AfterValidator(known_cohort), Key(json_schema_extra={"enum": [*COHORTS]})]
Cohorts = Annotated[
    tuple[Cohort, ...], BeforeValidator(as_list, json_schema_input_type=Cohort | list[Cohort])
]
Group = Annotated[str, AfterValidator(known_group), Key(json_schema_extra={"enum": [*COHORTS, *FLAGS]})]
Groups = Annotated[tuple[Group, ...], BeforeValidator(as_list, json_schema_input_type=Group | list[Group])]
Fact = Annotated[str, AfterValidator(known_fact)]


class Condition(Frozen):
    """True when every key given holds. An unknown age, fact or answer holds nothing.

    `cohort` and `flag` ask whether the child is in any of the groups; `primary` asks for the one cohort
    the child counts under; `item` and `fact` need `is`; `all`, `any` and `not` combine.
    """

    cohort: Cohorts = ()
    primary: Cohorts = ()
    flag: Groups = ()
    age_under: int | None = None
    age_from: int | None = None
    item: str = ""
    part: str = "answer"
    fact: Fact = ""
    is_: Names = Key(default=(), alias="is")
    all_: tuple[Condition, ...] = Key(default=(), alias="all")
    any_: tuple[Condition, ...] = Key(default=(), alias="any")
    not_: Condition | None = Key(default=None, alias="not")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.item and self.fact:
            raise ValueError(
                "one condition asks either for an item or for a fact | Use all: with two conditions."
            )
        if (self.item or self.fact) and not self.is_:
            raise ValueError(
                "an item or a fact needs 'is' with the values that count | For example is: [yes]."
            )
        if self.is_ and not (self.item or self.fact):
            raise ValueError("'is' needs an item or a fact beside it | For example item: AS7.")
        if not (self.model_fields_set - {"part"}):
            raise ValueError("the condition is empty | Leave 'when' out if it always applies.")
        return self

    def items(self) -> Iterator[Condition]:
        """Every condition on an answer, at any depth."""
        if self.item:
            yield self
        for inner in (*self.all_, *self.any_, *((self.not_,) if self.not_ else ())):
            yield from inner.items()


def holds(condition: Condition | None, case: CaseContext, answers: Answers, within: str = "") -> bool:
    """Whether the condition holds for the case with these answers; no condition always holds.

    `within` is the instance being asked (`FB1#2`): a condition on FB1 then means that instance.
    """
    return _value(condition, case, answers, within) is True


def holds_for_case(condition: Condition | None, case: CaseContext) -> bool | None:
    """The same on the case alone: None where an answer decides."""
    return _value(condition, case, None)


def _value(
    condition: Condition | None, case: CaseContext, answers: Answers | None, within: str = ""
) -> bool | None:
    if condition is None:
        return True
    groups = case.groups
    parts: list[bool | None] = []
    if condition.cohort:
        parts.append(not groups.isdisjoint(condition.cohort))
    if condition.primary:
        parts.append(case.primary in condition.primary)
    if condition.flag:
        parts.append(not groups.isdisjoint(condition.flag))
    if condition.age_under is not None:
        parts.append(case.age is not None and case.age < condition.age_under)
    if condition.age_from is not None:
        parts.append(case.age is not None and case.age >= condition.age_from)
    if condition.fact:
        parts.append(_same(case.facts.get(condition.fact, ""), condition.is_))
    if condition.item:
        parts.append(None if answers is None else _answered(condition, answers, within))
    parts += [_value(inner, case, answers, within) for inner in condition.all_]
    if condition.any_:
        inner_values = [_value(inner, case, answers, within) for inner in condition.any_]
        parts.append(True if True in inner_values else None if None in inner_values else False)
    if condition.not_ is not None:
        negated = _value(condition.not_, case, answers, within)
        parts.append(None if negated is None else not negated)
    return False if False in parts else None if None in parts else True


def _answered(condition: Condition, answers: Answers, within: str) -> bool:
    asked = within if within.partition("#")[0] == condition.item else condition.item
    value = answers.get((asked, condition.part), "")
    if value.startswith("["):
        try:
            chosen = json.loads(value)
        except ValueError:
            chosen = []
        return any(_same(str(one), condition.is_) for one in chosen)
    return _same(value, condition.is_)


def _same(value: str, wanted: tuple[str, ...]) -> bool:
    return bool(value) and value.casefold() in {one.casefold() for one in wanted}
