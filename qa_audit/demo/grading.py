"""What practice deserves and what an auditor of some temperament makes of it: grades and days, no words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from qa_audit.demo.narratives import roll
from qa_audit.demo.staff import Temperament
from qa_audit.grades import Grade

if TYPE_CHECKING:
    from qa_audit.library.case import CaseContext
    from qa_audit.library.forms import Form

# Chance that the whole audit leans one step better, or one step worse, than the work deserves.
_LEANING = {
    Temperament.CALIBRATED: (0.25, 0.11),
    Temperament.LATE: (0.25, 0.12),
    Temperament.TERSE: (0.30, 0.12),
    Temperament.THOROUGH: (0.08, 0.06),
    Temperament.GENEROUS: (0.70, 0.01),
    Temperament.HARSH: (0.02, 0.48),
}
_SECTION_NOISE = (0.03, 0.02)


def true_quality(form: Form, case: CaseContext, key: str) -> dict[str, Grade]:
    """What the practice deserves, by graded section: one level for the case, most sections at it.

    About 10% outstanding, 46% good, 37% requires improvement and 7% inadequate cases; a section stands one
    step off the case's level in about one of four.
    """
    level = roll(key, "level")
    base = 1 if level < 0.10 else 2 if level < 0.56 else 3 if level < 0.93 else 4
    grades = {}
    for section in form.sections:
        if section.graded:
            off = roll(key, section.code, "off")
            step = -1 if off < 0.14 else 1 if off > 0.90 else 0
            step = 0 if base == 2 and step == 1 and roll(key, section.code, "hold") < 0.3 else step
            grades[section.code] = Grade(min(max(base + step, 1), 4))
    if base == 3:  # such a case is safe: nothing that safety depends on is inadequate, and little else
        bad = [code for code, grade in grades.items() if grade is Grade.INADEQUATE]
        spared = {section.code for section in form.sections if section.safety_critical}
        kept = next((code for code in bad if code not in spared), "")
        grades |= {code: Grade.REQUIRES_IMPROVEMENT for code in bad if code != kept}
    if "IM" in grades:
        grades["IM"] = Grade(base)
    return grades


def auditor_grades(
    quality: Mapping[str, Grade], temperament: Temperament | None, key: str
) -> dict[str, Grade]:
    """The grades an auditor of this temperament gives for work of this quality; one step off, if off.

    A lean colours the whole audit (most sections move with it); beside it single sections differ by chance.
    A harsh view does not by itself call safe work inadequate.
    """
    better, worse = _LEANING[temperament or Temperament.CALIBRATED]
    chance = roll(key, "lean")
    lean = -1 if chance < better else 1 if chance > 1 - worse else 0
    grades = {}
    for code, grade in quality.items():
        given = leaned(grade, *_SECTION_NOISE, key, code)
        if lean and given == grade and roll(key, code, "with the lean") < 0.85:
            given = Grade(min(max(grade + lean, 1), 4))
        if given is Grade.INADEQUATE and grade < given and roll(key, code, "harsh") < 0.9:
            given = grade
        grades[code] = given
    return grades


def leaned(grade: Grade, better: float, worse: float, key: str, code: str) -> Grade:
    """The grade, or its neighbour with the chance `better` or `worse`."""
    chance = roll(key, code, "lean")
    step = -1 if chance < better else 1 if chance > 1 - worse else 0
    return Grade(min(max(grade + step, 1), 4))


def weigh(grades: Mapping[str, Grade]) -> Grade:
    """A whole view of section grades: the middle one, impact counted four times, the core sections twice."""
    weights = {"IM": 4, "PL": 2, "AS": 2, "SV": 2, "CL": 2, "CC": 2}
    ranked = sorted(grade for code, grade in grades.items() for _ in range(weights.get(code, 1)))
    return ranked[len(ranked) // 2] if ranked else Grade.GOOD


def days_late(temperament: Temperament | None, key: str) -> int:
    """Days after (or, negative, before) the due date on which this auditor submits."""
    chance = roll(key, "late")
    if temperament is Temperament.LATE:
        return 2 + int(chance * 12)
    return -9 + int(chance * 9) if chance < 0.88 else 1 + int(chance * 3)


def submitted_on(due: date, temperament: Temperament | None, key: str) -> date:
    """The day this auditor submits an audit due on `due`."""
    return due + timedelta(days=days_late(temperament, key))
