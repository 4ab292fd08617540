"""From section grades to the overall case grade: limits with reasons, never an average.

The rules are data (`schemas/ceilings.yaml`); this module applies them and says why in plain words. It
mirrors how inspection judgements combine: widespread or serious failure limits the whole, one weaker
strand need not, and nothing is ever outvoted by the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qa_audit.grades import Grade, parse_grade
from qa_audit.library.answers import YES, instances, words
from qa_audit.library.case import Answers, CaseContext
from qa_audit.library.ceilings import Ceilings, Requirement
from qa_audit.library.completeness import (
    RATIONALE_WORDS,
    Gap,
    gaps,
    section_grades,
    unremedied_critical,
)
from qa_audit.library.conditions import holds
from qa_audit.library.forms import Form

NOT_ENOUGH = "Not enough evidence to grade overall"


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """What the rules ask besides grades. None means that it was not asked, and then no rule speaks of it."""

    child_unsafe: bool = False
    conversation_held: bool | None = None
    feedback_attempted: bool | None = None
    feedback_obtained: bool | None = None
    moderated: bool | None = None

    def holds(self, name: str) -> bool:
        """Whether a rule's fact holds."""
        return {
            "child_unsafe": self.child_unsafe,
            "conversation_not_held": self.conversation_held is False,
            "feedback_not_attempted": self.feedback_attempted is False,
            "feedback_not_obtained": self.feedback_obtained is False,
            "not_moderated": self.moderated is False,
        }[name]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The best overall case grade that is open, and why.

    `grade` is None when too few sections are graded. `reasons` starts with the sentence that binds; `fired`
    names the rules in the table's order. `needs_reason`: the grades in `reason_for` need a written reason,
    asked for by `reason_prompts`. `outstanding_blocked_by` says in words what stands against Outstanding;
    `notes` what has still to happen.
    """

    grade: Grade | None
    reasons: tuple[str, ...]
    needs_reason: bool = False
    outstanding_blocked_by: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()
    reason_for: tuple[Grade, ...] = ()
    reason_prompts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    graded: int = 0

    @property
    def enough(self) -> bool:
        """Whether enough sections are graded for an overall grade."""
        return self.grade is not None

    def wants_reason(self, chosen: Grade) -> bool:
        """Whether choosing this grade needs a written reason."""
        return any(chosen <= wanted for wanted in self.reason_for)


@dataclass(frozen=True, slots=True)
class OverallCheck:
    """What choosing an overall grade means: `flags` are counted in the reports and choose it for moderation."""

    above_ceiling: bool
    override_reason_missing: bool
    reason_missing: bool
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What made a rule apply: sections with their grades, items, or a count."""

    sections: tuple[tuple[str, Grade], ...] = ()
    items: tuple[str, ...] = ()
    count: str = ""


@dataclass(frozen=True, slots=True)
class _View:
    """All that the rules look at."""

    grades: Mapping[str, Grade]
    safety_critical: frozenset[str]
    failed_critical: tuple[str, ...]
    facts: AuditFacts
    asked: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)


def judge(
    grades: Mapping[str, Grade],
    rules: Ceilings,
    *,
    names: Mapping[str, str] | None = None,
    safety_critical: frozenset[str] = frozenset(),
    failed_critical: Sequence[str] = (),
    facts: AuditFacts | None = None,
    asked: frozenset[str] | None = None,
    minimum_graded: int | None = None,
) -> Ceiling:
    """The ceiling for these section grades (code to grade; sections marked not applicable are left out).

    `failed_critical` are critical items not met and not put right the same day, `asked` the codes of all
    graded sections of the form (so that a missing one is noticed), `names` words for sections and items.
    """
    view = _View(
        dict(grades),
        safety_critical,
        tuple(sorted(failed_critical)),
        facts or AuditFacts(),
        frozenset(grades) | (asked or frozenset()),
        names or {},
    )
    applied = [(rule, found) for rule in rules.rules if (found := _applies(rule, view))]
    limits = [
        (limit, _words(limit, found, view))
        for limit in rules.outstanding
        if not (limit.final and view.facts.moderated is None) and (found := _applies(limit, view))
    ]
    notes = ["Outstanding becomes final only once it has been moderated"] if _awaits(rules, view) else []
    best = max([_grade(rule.ceiling) for rule, _ in applied], default=Grade.OUTSTANDING)
    if limits:
        best = max(best, Grade.GOOD)
    wanted = tuple(
        (_grade(rule.reason_for), _fill(rule.reason, found, view))
        for rule, found in applied
        if rule.reason_for and _grade(rule.reason_for) >= best
    )
    fired = tuple([rule.id for rule, _ in applied] + [limit.id for limit, _ in limits])
    blocked = tuple(dict.fromkeys(text for _, text in limits))
    need = minimum_graded or rules.minimum_graded
    why = [(_grade(rule.ceiling), _words(rule, found, view)) for rule, found in applied]
    if len(grades) < need:
        first = f"{NOT_ENOUGH}: {_count(len(grades))} graded, {need} are needed"
        return Ceiling(
            None, (first, *_reasons(best, why, blocked)), False, blocked, fired, graded=len(grades)
        )
    return Ceiling(
        grade=best,
        reasons=_reasons(best, why, blocked),
        needs_reason=bool(wanted),
        outstanding_blocked_by=blocked,
        fired=fired,
        reason_for=tuple(dict.fromkeys(grade for grade, _ in wanted)),
        reason_prompts=tuple(dict.fromkeys(text for _, text in wanted if text)),
        notes=tuple(notes if best is Grade.OUTSTANDING else []),
        graded=len(grades),
    )


def _awaits(rules: Ceilings, view: _View) -> bool:
    return view.facts.moderated is None and any(limit.final for limit in rules.outstanding)


def _applies(rule: Requirement, view: _View) -> _Found | None:
    """What made the rule apply, or None. Every key of the rule must hold."""
    found = _Found()
    if rule.critical_item_failed:
        if not view.failed_critical:
            return None
        found = _Found(items=view.failed_critical)
    if rule.fact is not None and not view.facts.holds(rule.fact):
        return None
    if rule.share_outstanding_below is not None:
        top = sum(grade is Grade.OUTSTANDING for grade in view.grades.values())
        if not view.grades or top >= rule.share_outstanding_below * len(view.grades):
            return None
        found = _Found(count=f"{top} of {len(view.grades)}")
    if not rule.sections:
        return found
    codes = _codes(rule, view)
    if rule.missing:
        return found if (codes & view.asked) and not any(code in view.grades for code in codes) else None
    assert rule.at_or_worse is not None
    limit = _grade(rule.at_or_worse)
    hit = tuple(sorted((code, view.grades[code]) for code in codes if view.grades.get(code, 0) >= limit))
    return _Found(sections=hit) if len(hit) >= rule.at_least else None


def _codes(rule: Requirement, view: _View) -> frozenset[str]:
    codes: set[str] = set()
    for name in rule.sections:
        if name == "any":
            codes |= set(view.grades)
        elif name == "safety_critical":
            codes |= view.safety_critical
        else:
            codes.add(name)
    return frozenset(codes)


def _grade(key: str) -> Grade:
    grade = parse_grade(key)
    assert grade is not None
    return grade


def _reasons(best: Grade, why: Sequence[tuple[Grade, str]], blocked: Sequence[str]) -> tuple[str, ...]:
    binding = list(dict.fromkeys(text for grade, text in why if grade is best))
    if best is Grade.GOOD:
        binding = list(dict.fromkeys([*binding, *blocked]))
    if not binding:
        return ("No ceiling: every grade is open",)
    others = dict.fromkeys((grade, text) for grade, text in why if grade < best and text not in binding)
    return (
        f"Ceiling: {_said(best)}, because {'; and because '.join(binding)}",
        *(f"Also limited to {_said(grade)}, because {text}" for grade, text in others),
    )


def _words(rule: Requirement, found: _Found, view: _View) -> str:
    many = len(found.sections) > 1 or len(found.items) > 1
    return _fill(rule.because_many if many and rule.because_many else rule.because, found, view)


def _fill(template: str, found: _Found, view: _View) -> str:
    """Put what was found into the words. Plain replacement: a template cannot reach anything else."""
    items = _joined([view.names.get(item, item) for item in found.items])
    text = template.replace("{sections}", _sections_said(found.sections, view))
    return text.replace("{items}", items).replace("{count}", found.count)


def _sections_said(sections: Sequence[tuple[str, Grade]], view: _View) -> str:
    """`Plans and Supervision are both requires improvement`; worst grades first."""
    parts = []
    for grade in sorted({grade for _, grade in sections}, reverse=True):
        named = [view.names.get(code, code) for code, at in sections if at is grade]
        verb = "is" if len(named) == 1 else "are both" if len(named) == 2 else "are all"
        parts.append(f"{_joined(named)} {verb} {_said(grade)}")
    return _joined(parts)


def _said(grade: Grade) -> str:
    return "requires improvement" if grade is Grade.REQUIRES_IMPROVEMENT else grade.words.lower()


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def _count(number: int) -> str:
    return "1 section is" if number == 1 else f"{number} sections are"


def check_overall(
    ceiling: Ceiling, chosen: Grade, *, override_reason: str = "", credible_because: str = ""
) -> OverallCheck:
    """What choosing `chosen` means. Above the ceiling it needs an override reason and goes to moderation."""
    above = ceiling.grade is None or chosen < ceiling.grade
    wants = not above and ceiling.wants_reason(chosen)
    flags = []
    if above:
        flags += ["ceiling-override", "moderate-always"]
    return OverallCheck(
        above_ceiling=above,
        override_reason_missing=above and words(override_reason) < RATIONALE_WORDS,
        reason_missing=wants and words(credible_because) < RATIONALE_WORDS,
        flags=tuple(flags),
    )


def facts_of(form: Form, answers: Answers, case: CaseContext, *, moderated: bool | None = None) -> AuditFacts:
    """The facts the rules ask for, read from the form's conversation, feedback and safeguarding sections."""
    conversation = form.role("conversation")
    feedback = form.role("feedback")
    held = answers.get(("CV1", "held"), "")
    attempted: bool | None = None
    obtained: bool | None = None
    if feedback is not None and holds(feedback.when, case, answers) and feedback.items:
        ids = instances(feedback.items[0], answers)
        obtained = any(answers.get((one, "obtained"), "") == YES for one in ids)
        reasons = [answers.get((one, "not_obtained"), "") for one in ids]
        attempted = obtained or any(reason not in ("", "not_attempted") for reason in reasons)
    return AuditFacts(
        child_unsafe=answers.get(("SG1", "answer"), "") == YES,
        conversation_held=None if conversation is None else held == YES,
        feedback_attempted=attempted,
        feedback_obtained=obtained,
        moderated=moderated,
    )


def judge_form(
    form: Form, answers: Answers, case: CaseContext, rules: Ceilings, *, moderated: bool | None = None
) -> Ceiling:
    """The ceiling for a form as it is filled in now."""
    names = {section.code: section.name for section in form.sections}
    return judge(
        section_grades(form, answers, case),
        rules,
        names=names,
        safety_critical=form.safety_critical,
        failed_critical=[item for _, item in unremedied_critical(form, answers, case)],
        facts=facts_of(form, answers, case, moderated=moderated),
        asked=frozenset(section.code for section in form.graded if holds(section.when, case, answers)),
        minimum_graded=form.minimum_graded,
    )


def submit_gaps(form: Form, answers: Answers, case: CaseContext, rules: Ceilings) -> tuple[Gap, ...]:
    """Everything that blocks submission, the overall case grade's rules included. Empty: it may be submitted."""
    return (*gaps(form, answers, case), *_overall_gaps(form, answers, case, rules))


def _overall_gaps(form: Form, answers: Answers, case: CaseContext, rules: Ceilings) -> tuple[Gap, ...]:
    overall = form.role("overall")
    if overall is None:
        return ()
    code = overall.code

    def gap(kind: str, part: str, message: str) -> Gap:
        return Gap(kind, code, code, part, message)

    ceiling = judge_form(form, answers, case, rules)
    chosen = parse_grade(answers.get((code, "grade"), ""))
    found: list[Gap] = []
    if chosen is None:
        if ceiling.enough:
            found.append(gap("no-overall", "grade", "Give the overall case grade"))
        return tuple(found)
    if not ceiling.enough:
        found.append(gap("not-enough", "grade", f"{ceiling.reasons[0]}: leave the overall case grade blank"))
        return tuple(found)
    check = check_overall(
        ceiling,
        chosen,
        override_reason=answers.get((code, "override_reason"), ""),
        credible_because=answers.get((code, "credible_because"), ""),
    )
    if words(answers.get((code, "rationale"), "")) < RATIONALE_WORDS:
        found.append(gap("no-rationale", "rationale", "Write why this is the overall case grade"))
    if check.override_reason_missing:
        text = f"{ceiling.reasons[0]}. {chosen.words} is above it: give the reason"
        found.append(gap("above-ceiling", "override_reason", text))
    if check.reason_missing:
        prompt = "; ".join(ceiling.reason_prompts) or "Give the reason for this grade"
        found.append(gap("reason-missing", "credible_because", prompt))
    return tuple(found)
