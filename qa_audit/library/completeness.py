"""How far a form is filled in, what comes next, and what stands between it and submission."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qa_audit.grades import Grade, parse_grade
from qa_audit.library.answers import (
    NO,
    NOT_APPLICABLE,
    YES,
    evidence_of,
    instances,
    is_na,
    lacks_evidence,
    missing_parts,
    touched,
    words,
)
from qa_audit.library.case import Answers, CaseContext
from qa_audit.library.conditions import holds
from qa_audit.library.forms import Form, Item, Section, instance_id

RATIONALE_WORDS = 3
_SETTLED = ("conversation", "feedback", "safeguarding", "moderation")
"""Roles whose questions may not be left blank: each has a coded reason for "not done"."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a section's questions (its grade and rationale included) are answered, of how many."""

    answered: int
    needed: int

    @property
    def done(self) -> bool:
        """Nothing is left."""
        return self.answered >= self.needed

    def __add__(self, other: Progress) -> Progress:
        """Two sections together."""
        return Progress(self.answered + other.answered, self.needed + other.needed)


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands in the way: a code for machines, the place to jump to, and plain words."""

    code: str
    section: str
    item: str
    part: str
    message: str


@dataclass(frozen=True, slots=True)
class Mix:
    """Answered and applicable items by tag, as (answered, applicable)."""

    process: tuple[int, int]
    quality: tuple[int, int]
    impact: tuple[int, int]


def visible_items(section: Section, answers: Answers, case: CaseContext) -> tuple[Item, ...]:
    """The items to ask now: those whose conditions hold; none when the section itself does not apply."""
    if not holds(section.when, case, answers) or is_left_out(section, answers):
        return ()
    return tuple(item for item in section.items if holds(item.when, case, answers))


def is_left_out(section: Section, answers: Answers) -> bool:
    """Whether the auditor marked a graded section as not applicable to this child."""
    return (
        section.graded and not section.required and answers.get((section.code, "grade"), "") == NOT_APPLICABLE
    )


def section_grade(section: Section, answers: Answers) -> Grade | None:
    """The section's grade, None while it has none."""
    return parse_grade(answers.get((section.code, "grade"), "")) if section.graded else None


def section_grades(form: Form, answers: Answers, case: CaseContext) -> dict[str, Grade]:
    """Code to grade of every section that applies and is graded."""
    return {
        section.code: grade
        for section in form.graded
        if holds(section.when, case, answers) and (grade := section_grade(section, answers)) is not None
    }


def section_progress(section: Section, answers: Answers, case: CaseContext) -> Progress:
    """Answered and needed in one section. Optional items and unused repeats are not needed."""
    if not holds(section.when, case, answers):
        return Progress(0, 0)
    states = [missing == () for _, _, missing in _needed(section, answers, case)]
    return Progress(sum(states), len(states))


def form_progress(form: Form, answers: Answers, case: CaseContext) -> Progress:
    """The whole form."""
    total = Progress(0, 0)
    for section in form.sections:
        total += section_progress(section, answers, case)
    return total


def _needed(
    section: Section, answers: Answers, case: CaseContext
) -> Iterator[tuple[str, Item | None, tuple[str, ...]]]:
    """(id, item or None for the section's own judgement, missing parts) of all that is asked."""
    for item in visible_items(section, answers, case):
        ids = instances(item, answers)
        if not item.required and not any(touched(item, answers, item_id) for item_id in ids):
            continue
        if not ids and item.required and section.role == "feedback":
            ids = (instance_id(item.id, 1),)
        for item_id in ids:
            yield item_id, item, missing_parts(item, answers, case, item_id)
    if section.graded:
        grade = answers.get((section.code, "grade"), "")
        known = parse_grade(grade) is not None or is_left_out(section, answers)
        yield section.code, None, () if known else ("grade",)
        yield section.code, None, () if _rationale_given(section, answers) else ("rationale",)


def _rationale_given(section: Section, answers: Answers) -> bool:
    return words(answers.get((section.code, "rationale"), "")) >= RATIONALE_WORDS


def next_unanswered(
    form: Form, answers: Answers, case: CaseContext, after: tuple[str, str] | None = None
) -> tuple[str, str] | None:
    """(section code, item id) of the next open question after `after`, round to the start; None when done.

    A section's own judgement has the section's code as its item id.
    """
    places = [
        (section.code, item_id, bool(missing))
        for section in form.sections
        if holds(section.when, case, answers)
        for item_id, _, missing in _needed(section, answers, case)
    ]
    start = 0
    if after is not None:
        start = max((i for i, (code, item, _) in enumerate(places) if (code, item) == after), default=-1) + 1
    for code, item_id, is_open in places[start:] + places[:start]:
        if is_open:
            return code, item_id
    return None


def unanswered(form: Form, answers: Answers, case: CaseContext) -> tuple[Gap, ...]:
    """Every open question, blocking or not, in the form's order."""
    return tuple(
        Gap(
            "unanswered", section.code, item_id, missing[0], f"{section.title}: {item_id} is not answered yet"
        )
        for section in form.sections
        if holds(section.when, case, answers)
        for item_id, _, missing in _needed(section, answers, case)
        if missing
    )


def mix(section: Section, answers: Answers, case: CaseContext) -> Mix:
    """The process, quality and impact mix of a section's answers. "Not applicable" counts nowhere."""
    counts = {"process": [0, 0], "quality": [0, 0], "impact": [0, 0]}
    for item in visible_items(section, answers, case):
        if is_na(item, answers):
            continue
        answered = touched(item, answers)
        for tag in item.tag:
            counts[tag][0] += answered
            counts[tag][1] += 1
    process, quality, impact = (tuple(counts[tag]) for tag in ("process", "quality", "impact"))
    return Mix((process[0], process[1]), (quality[0], quality[1]), (impact[0], impact[1]))


def section_limit(section: Section, answers: Answers, case: CaseContext) -> Grade:
    """The best grade the section may have: requires improvement while no impact item is answered."""
    answered, applicable = mix(section, answers, case).impact
    return Grade.REQUIRES_IMPROVEMENT if applicable and not answered else Grade.OUTSTANDING


def failed_critical(form: Form, answers: Answers, case: CaseContext) -> tuple[tuple[str, str], ...]:
    """(section, item) of every critical item answered "no" (or graded Inadequate): it opens the safeguarding question."""
    return tuple(
        (section.code, item_id)
        for section in form.sections
        for item in visible_items(section, answers, case)
        if item.critical
        for item_id in instances(item, answers)
        if _fails(item, answers, item_id)
    )


def _fails(item: Item, answers: Answers, item_id: str) -> bool:
    for field in item.fields:
        value = answers.get((item_id, field.part), "")
        if field.type in ("yes_partly_no", "yes_no") and value == NO:
            return True
        if field.type == "grade" and parse_grade(value) is Grade.INADEQUATE:
            return True
    return False


def unremedied_critical(form: Form, answers: Answers, case: CaseContext) -> tuple[tuple[str, str], ...]:
    """Failed critical items that were not put right the same day (part `remedied`, or SG2 for all of them)."""
    if answers.get(("SG2", "answer"), "") == YES:
        return ()
    return tuple(
        place
        for place in failed_critical(form, answers, case)
        if answers.get((place[1], "remedied"), "") != YES
    )


def gaps(form: Form, answers: Answers, case: CaseContext) -> tuple[Gap, ...]:
    """Everything that blocks submission, in the form's order, except the overall grade's own rules, which
    `qa_audit.audits.judgement.submit_gaps` adds. Empty means that the form may be submitted."""
    found: list[Gap] = []
    for section in form.sections:
        if not holds(section.when, case, answers):
            continue
        if section.graded:
            found += _graded_gaps(section, answers, case)
        found += _evidence_gaps(section, answers, case)
        if section.role in _SETTLED:
            found += _blank_gaps(section, answers, case)
        if section.role == "safeguarding":
            found += _safeguarding_gaps(section, form, answers, case)
        if section.role == "actions":
            found += _action_gaps(section, form, answers, case)
    return tuple(found)


def _graded_gaps(section: Section, answers: Answers, case: CaseContext) -> Iterator[Gap]:
    code, title = section.code, section.title
    if is_left_out(section, answers):
        if not _rationale_given(section, answers):
            yield Gap(
                "no-rationale", code, code, "rationale", f"{title}: say why it does not apply to this child"
            )
        return
    grade = section_grade(section, answers)
    if grade is None:
        left_out = "" if section.required else ", or mark it not applicable"
        yield Gap("no-grade", code, code, "grade", f"{title}: give a grade{left_out}")
        return
    if not _has_evidence(section, answers, case):
        items = visible_items(section, answers, case)
        place = (items[0].id, "evidence") if items else (code, "rationale")
        yield Gap(
            "no-evidence",
            code,
            *place,
            f"{title} is graded and holds no evidence: say what you saw and where",
        )
    if not _rationale_given(section, answers):
        yield Gap(
            "no-rationale", code, code, "rationale", f"{title}: write why this grade, in a few words at least"
        )
    if grade < section_limit(section, answers, case):
        place_id = next(
            (item.id for item in visible_items(section, answers, case) if "impact" in item.tag), code
        )
        yield Gap(
            "impact-unanswered",
            code,
            place_id,
            "answer",
            f"{title} cannot be better than requires improvement while nothing says what difference it made",
        )
    counts = mix(section, answers, case)
    deeper = counts.quality[1] + counts.impact[1]
    if counts.process[0] and deeper and not counts.quality[0] and not counts.impact[0]:
        yield Gap("process-only", code, code, "grade", f"{title} is graded on process answers alone")


def _has_evidence(section: Section, answers: Answers, case: CaseContext) -> bool:
    """Evidence on any item, or on the section itself; a one-grade section's rationale is its evidence."""
    if any(answers.get((section.code, part), "").strip() for part in ("evidence", "pointer")):
        return True
    if not section.items:
        return _rationale_given(section, answers)
    return any(
        evidence_of(item, answers, item_id)
        for item in visible_items(section, answers, case)
        for item_id in instances(item, answers)
    )


def _evidence_gaps(section: Section, answers: Answers, case: CaseContext) -> Iterator[Gap]:
    for item in visible_items(section, answers, case):
        for item_id in instances(item, answers):
            if not is_na(item, answers, item_id) and lacks_evidence(item, answers, item_id):
                yield Gap(
                    "no-evidence",
                    section.code,
                    item_id,
                    "evidence",
                    f"{section.title}: {item_id} is answered no or partly; say in a few words what you found",
                )


def _blank_gaps(section: Section, answers: Answers, case: CaseContext) -> Iterator[Gap]:
    asked = {
        "conversation": "the conversation with the worker: record it, or say why it was not held",
        "feedback": "feedback from the child, family or carer: record it, or say why there is none",
        "safeguarding": "the safeguarding question",
    }
    told = asked.get(section.role, section.title)
    for item_id, _, missing in _needed(section, answers, case):
        for part in missing:
            yield Gap(f"{section.role}-blank", section.code, item_id, part, f"{item_id} is open: {told}")


def _safeguarding_gaps(section: Section, form: Form, answers: Answers, case: CaseContext) -> Iterator[Gap]:
    worried = answers.get(("SG1", "answer"), "")
    said = words(answers.get(("SG1", "text"), ""))
    failed = failed_critical(form, answers, case)
    if worried == YES and said < RATIONALE_WORDS:
        yield Gap(
            "safeguarding-unexplained",
            section.code,
            "SG1",
            "text",
            "Say what worries you about this child now",
        )
    elif worried == NO and failed and said < RATIONALE_WORDS:
        named = ", ".join(item for _, item in failed)
        yield Gap(
            "safeguarding-unexplained",
            section.code,
            "SG1",
            "text",
            f"Critical standards were not met ({named}): say why the child is nevertheless not at risk now",
        )


def _action_gaps(section: Section, form: Form, answers: Answers, case: CaseContext) -> Iterator[Gap]:
    item = section.items[0] if section.items else None
    if item is None:
        return
    ids = instances(item, answers)
    for item_id in ids:
        for part in missing_parts(item, answers, case, item_id):
            yield Gap(
                "action-incomplete", section.code, item_id, part, f"Action {item_id}: {part} is missing"
            )
    covered = {answers.get((item_id, "section"), "").casefold() for item_id in ids}
    following = instance_id(item.id, len(ids) + 1)
    for code, grade in section_grades(form, answers, case).items():
        if grade >= Grade.REQUIRES_IMPROVEMENT and code.casefold() not in covered:
            graded = form.section(code)
            title = graded.title if graded else code
            yield Gap(
                "no-action",
                section.code,
                following,
                "section",
                f"{title} is graded {grade.short} and has no action: add one that names this section",
            )


def smart_score(section: Section, answers: Answers, series: str = "smart") -> tuple[int, int] | None:
    """("yes" answers, items) of a series, such as the five SMART items of a plan; None without any answer.

    "Not applicable" items are left out of both numbers.
    """
    asked = [item for item in section.items if item.series == series and not is_na(item, answers)]
    values = [answers.get((item.id, item.asks_yes.part), "") for item in asked if item.asks_yes]
    if not any(values):
        return None
    return sum(value == YES for value in values), len(asked)
