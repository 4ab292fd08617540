"""How a moderator of the synthetic council sees an audit: blind grades, reasons, and the audit's own grade."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_audit.demo import narratives
from qa_audit.demo.auditing import ANSWERS
from qa_audit.demo.grading import leaned, weigh
from qa_audit.demo.narratives import roll
from qa_audit.demo.staff import Temperament
from qa_audit.grades import Grade, parse_grade

if TYPE_CHECKING:
    from qa_audit.library.case import Answers, CaseContext

_LEANING = (0.01, 0.015)


@dataclass(frozen=True, slots=True)
class ModeratorView:
    """A moderator's blind view: grade and reason by section, the overall grade, and the audit's own grade.

    `answers` holds the moderation form's items (MA1...), `outcome` agreed, changed_up, changed_down or returned.
    """

    grades: Mapping[str, Grade]
    rationales: Mapping[str, str]
    overall: Grade
    overall_rationale: str
    outcome: str
    audit_quality: Grade
    answers: Mapping[tuple[str, str], str]


def moderator_view(
    case: CaseContext,
    quality: Mapping[str, Grade],
    audited: Answers,
    temperament: Temperament | None,
    key: str,
    *,
    ceiling: Callable[[Mapping[str, Grade]], Grade | None] | None = None,
) -> ModeratorView:
    """The moderator's view of an audit of work of this `quality`; `key` names case and moderator.

    The moderator sees nearly what is true. So the generous are moved down most often and the harsh up,
    mostly by one step. `ceiling` gives the best overall grade these section grades allow.
    """
    grades = {code: leaned(grade, *_LEANING, key, code) for code, grade in quality.items()}
    limit = ceiling(grades) if ceiling else None
    overall = max(weigh(grades), limit or Grade.OUTSTANDING)
    theirs = parse_grade(audited.get(("OV", "grade"), "")) or overall
    # A moderator reads the descriptors beside the auditor's reasons: a near miss is often let stand.
    if abs(theirs - overall) == 1 and roll(key, "near") < 0.05:
        overall = theirs
    rationales = {}
    for code, grade in grades.items():
        given = parse_grade(audited.get((code, "grade"), "")) or grade
        rationales[code] = narratives.moderator_words(grade - given, case.facts, key + code)
    shift = int(overall) - int(theirs)
    outcome = "agreed" if shift == 0 else "changed_down" if shift > 0 else "changed_up"
    standard = _audit_quality(temperament, abs(shift), key)
    answers = _moderation_answers(audited, standard, shift, outcome, overall, case, key)
    return ModeratorView(
        grades=grades,
        rationales=rationales,
        overall=overall,
        overall_rationale=narratives.moderator_words(shift, case.facts, key),
        outcome=outcome,
        audit_quality=standard,
        answers=answers,
    )


def _audit_quality(temperament: Temperament | None, distance: int, key: str) -> Grade:
    """How good the audit is: a fact of its own, worse for terse auditors and for grades that did not stand."""
    start = {Temperament.THOROUGH: 1, Temperament.TERSE: 3}.get(temperament or Temperament.CALIBRATED, 2)
    chance = roll(key, "audit quality")
    step = -1 if chance < 0.1 else 1 if chance > 0.88 else 0
    return Grade(min(max(start + step + (distance > 0) * (chance > 0.4) + (distance > 1), 1), 4))


def _moderation_answers(
    audited: Answers,
    standard: Grade,
    shift: int,
    outcome: str,
    overall: Grade,
    case: CaseContext,
    key: str,
) -> dict[tuple[str, str], str]:
    """The items of the moderation form (MA1 to MA12)."""
    put: dict[tuple[str, str], str] = {}
    for number in range(1, 11):
        item = f"MA{number}"
        yes, partly, _ = ANSWERS[standard - 1]
        chance = roll(key, item)
        put[item, "answer"] = "yes" if chance < yes else "partly" if chance < yes + partly else "no"
    put["MA4", "answer"] = "yes" if audited.get(("CV1", "held")) == "yes" else "no"
    heard = any(part == "obtained" and value == "yes" for (_, part), value in audited.items())
    tried = any(part == "not_obtained" and value != "not_attempted" for (_, part), value in audited.items())
    put["MA5", "answer"] = "yes" if heard else "partly" if tried else "no"
    put["MA6", "answer"] = "yes" if shift == 0 else "partly" if abs(shift) == 1 else "no"
    put["MA9", "answer"] = "partly" if shift > 1 else "yes"
    for number in range(1, 11):
        item = f"MA{number}"
        if put[item, "answer"] != "yes":
            put[item, "evidence"] = narratives.audit_quality_words(
                max(standard, Grade.REQUIRES_IMPROVEMENT), case.facts, key + item
            )
    put["MA11", "outcome"] = outcome
    put["MA11", "grade"] = overall.key
    if shift:
        down = (
            "risk_under_weighted",
            "compliance_rewarded",
            "evidence_not_found",
            "impact_not_shown",
            "history_ignored",
        )
        put["MA11", "reason"] = narratives.choose(down, key, "reason") if shift > 0 else "too_harsh"
        put["MA11", "text"] = narratives.moderator_words(shift, case.facts, key)
    put["MA12", "grade"] = standard.key
    put["MA12", "text"] = narratives.audit_quality_words(standard, case.facts, key)
    return put
