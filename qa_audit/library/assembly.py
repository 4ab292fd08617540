"""From a form version and a child to the form an auditor fills in."""

from __future__ import annotations

from collections.abc import Iterable

from qa_audit.library.case import CaseContext
from qa_audit.library.conditions import Condition, holds_for_case
from qa_audit.library.content import Bundle
from qa_audit.library.forms import (
    Descriptors,
    Form,
    Item,
    ModerationVersion,
    Section,
    SectionUse,
    SetVersion,
    Shape,
    ToolVersion,
)


def assemble(bundle: Bundle, case: CaseContext | None) -> Form:
    """The form for a case: sections and items that cannot apply to the child are left out.

    Conditions that depend on answers stay and are asked while the form is filled in. With no case every
    section is given, for reading and for printing.
    """
    form = bundle.form
    if isinstance(form, ToolVersion):
        sections = [
            section
            for use in form.sections
            if (section := _section(bundle.sets[use.set.casefold()], use, form.shape, bundle.universal, case))
        ]
        return Form(
            id=form.id,
            version=form.version,
            kind="tool",
            title=form.title,
            form_hash=bundle.form_hash,
            shape=form.shape,
            purpose=form.purpose or form.intro,
            look_back_months=form.look_back_months,
            judge_months=form.judge_months,
            minimum_graded=form.minimum_graded,
            choose=form.choose,
            sections=tuple(sections),
        )
    if isinstance(form, ModerationVersion):
        section = Section(
            code=form.code,
            version=form.version,
            title=form.title,
            area="moderation",
            role="moderation",
            graded=False,
            required=True,
            intro=form.intro,
            grades=form.grades,
            items=_items(form.items, case),
        )
    else:
        whole = SectionUse(set=form.id, required=True)
        section_or_none = _section(form, whole, "checklist", bundle.universal, case)
        if section_or_none is None:
            return Form(
                id=form.id, version=form.version, kind=form.kind, title=form.title, form_hash=bundle.form_hash
            )
        section = section_or_none
    return Form(
        id=form.id,
        version=form.version,
        kind=form.kind,
        title=form.title,
        form_hash=bundle.form_hash,
        purpose=form.purpose if isinstance(form, ModerationVersion) else "",
        sections=(section,),
    )


def _section(
    source: SetVersion, use: SectionUse, shape: Shape, universal: Descriptors | None, case: CaseContext | None
) -> Section | None:
    conditions = [one for one in (source.when, use.when) if one is not None]
    if case is not None:
        if source.applies_to and case.groups.isdisjoint(source.applies_to):
            return None
        verdicts = [(one, holds_for_case(one, case)) for one in conditions]
        if any(verdict is False for _, verdict in verdicts):
            return None
        conditions = [one for one, verdict in verdicts if verdict is None]
    one_grade = shape == "one_grade" and source.role == "practice" and source.graded
    items = _items(source.items, case)
    return Section(
        code=source.id,
        version=source.version,
        title=source.title,
        short=source.short,
        area=source.area,
        role=source.role,
        graded=source.graded,
        required=use.required,
        safety_critical=source.safety_critical,
        shape="one_grade" if one_grade else "checklist",
        intro=source.intro,
        prompts=source.prompts or (tuple(item.text for item in items) if one_grade else ()),
        grades=source.grades or (universal if source.graded else None),
        when=_both(conditions),
        items=() if one_grade else items,
    )


def _both(conditions: list[Condition]) -> Condition | None:
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else Condition(all_=tuple(conditions))


def _items(items: Iterable[Item], case: CaseContext | None) -> tuple[Item, ...]:
    if case is None:
        return tuple(items)
    kept = []
    for item in items:
        if holds_for_case(item.when, case) is False:
            continue
        fields = tuple(field for field in item.fields if holds_for_case(field.when, case) is not False)
        if fields:
            kept.append(
                item if len(fields) == len(item.fields) else item.model_copy(update={"fields": fields})
            )
    return tuple(kept)
