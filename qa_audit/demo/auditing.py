"""How the auditors of a synthetic council fill in a form: complete, consistent, in character.

Everything follows from a `key` (the case, and for an auditor also who audits), so a cycle can be replayed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from qa_audit.demo import narratives
from qa_audit.demo.grading import auditor_grades, leaned, weigh
from qa_audit.demo.narratives import roll
from qa_audit.demo.staff import Temperament
from qa_audit.grades import Grade

if TYPE_CHECKING:
    from qa_audit.library.case import CaseContext
    from qa_audit.library.forms import Field, Form, Item, Section
    from qa_audit.library.themes import Themes

Limit = Callable[[Mapping[tuple[str, str], str]], Grade | None]
"""The best overall grade that the answers so far allow, None when it must stay blank."""

_MAX_ACTIONS = 12
# Yes, partly, no on a standard, by the section's grade.
ANSWERS = ((0.95, 0.05, 0.0), (0.82, 0.16, 0.02), (0.46, 0.40, 0.14), (0.24, 0.36, 0.40))
_EVIDENCE_SHARE = {Temperament.THOROUGH: 0.85, Temperament.TERSE: 0.12}
_CARE_LEAVER = "care_leaver"


def audit_answers(
    form: Form,
    case: CaseContext,
    temperament: Temperament | None,
    quality: Mapping[str, Grade],
    key: str,
    *,
    limit: Limit | None = None,
    themes: Themes | None = None,
) -> dict[tuple[str, str], str]:
    """A complete set of answers to the form for this case, consistent with the auditor's grades.

    `quality` is what the work deserves (`true_quality`); `key` names case and auditor. `limit` gives the
    best overall grade the answers allow (from the ceilings); without it the sections' weight alone decides.
    """
    grades = auditor_grades(quality, temperament, key)
    weak = [code for code, grade in grades.items() if grade >= Grade.REQUIRES_IMPROVEMENT]
    for code in weak[_MAX_ACTIONS:]:
        grades[code] = Grade.GOOD
    filler = _Filler(form, case, temperament or Temperament.CALIBRATED, grades, key, themes)
    for section in form.sections:
        filler.fill(section)
    answers = filler.answers
    if any(section.role == "overall" for section in form.sections):
        best = limit(answers) if limit else Grade.OUTSTANDING
        if best is not None:
            overall = max(weigh(grades), best)
            answers["OV", "grade"] = overall.key
            answers["OV", "rationale"] = narratives.overall_rationale(overall, case.facts, key)
            if overall <= Grade.GOOD and weak:
                answers["OV", "credible_because"] = narratives.credible_because(case.facts, key)
    return answers


class _Filler:
    """Fills a form section by section; holds the answers given so far, because questions depend on them."""

    def __init__(
        self,
        form: Form,
        case: CaseContext,
        temperament: Temperament,
        grades: Mapping[str, Grade],
        key: str,
        themes: Themes | None,
    ) -> None:
        self.form, self.case, self.temperament = form, case, temperament
        self.grades, self.key, self.themes = grades, key, themes
        self.answers: dict[tuple[str, str], str] = {}
        self.facts = case.facts
        self.case_grade = weigh(grades)

    def fill(self, section: Section) -> None:
        """One section, by its role."""
        match section.role:
            case "conversation":
                self._conversation()
            case "feedback":
                self._feedback()
            case "strengths":
                self._strengths()
            case "actions":
                self._actions()
            case "safeguarding":
                self._safeguarding()
            case "overall":
                pass  # decided by `audit_answers`, when everything else is known
            case _:
                self._practice(section)

    def _practice(self, section: Section) -> None:
        from qa_audit.library.completeness import visible_items

        code = section.code
        grade = self.grades.get(code, self.case_grade)
        done: set[str] = set()
        # Some items are asked only after others were answered: look again until nothing is new.
        while new := [i for i in visible_items(section, self.answers, self.case) if i.id not in done]:
            for item in new:
                done.add(item.id)
                self._item(code, item, grade)
        if not section.graded:
            return
        self.answers[code, "grade"] = grade.key
        terse = self.temperament is Temperament.TERSE
        self.answers[code, "rationale"] = narratives.rationale(code, grade, self.facts, self.key, terse=terse)
        if not terse or grade is Grade.INADEQUATE:
            self.answers[code, "better"] = narratives.better(code, grade, self.facts, self.key)
        if not section.items:
            self.answers[code, "evidence"] = narratives.claim(code, grade, self.facts, self.key)

    def _item(self, code: str, item: Item, grade: Grade) -> None:
        from qa_audit.library.answers import visible_fields

        if self._not_applicable(code, item):
            asks = item.asks_yes
            self.answers[item.id, asks.part if asks else item.fields[0].part] = "na"
            return
        given = self._yes_partly_no(code, item, grade)
        filled: set[str] = set()
        while new := [f for f in visible_fields(item, self.answers, self.case) if f.part not in filled]:
            for field in new:
                filled.add(field.part)
                value = self._value(code, item, field, grade, given)
                if value:
                    self.answers[item.id, field.part] = value
        share = _EVIDENCE_SHARE.get(self.temperament, 0.45)
        first = not any(one.startswith(code) and part == "evidence" for one, part in self.answers)
        doubts = any(self.answers.get((item.id, f.part)) in ("no", "partly") for f in item.fields)
        if doubts or first or roll(self.key, item.id, "evidence?") < share:
            words = given
            if doubts and given == "yes":
                words = "partly"
            text = narratives.evidence(code, item.id, words, grade, self.facts, self.key)
            self.answers[item.id, "evidence"] = text
            if self.temperament is Temperament.THOROUGH or roll(self.key, item.id, "pointer?") < 0.25:
                self.answers[item.id, "pointer"] = narratives.pointer(code, item.id, self.facts, self.key)

    def _not_applicable(self, code: str, item: Item) -> bool:
        """Now and then a standard does not apply: never a critical one, never one about impact."""
        if not item.na or item.critical or "impact" in item.tag or item.asks_yes is None:
            return False
        young = {"VC9": (self.case.age or 0) >= 5, "VC3": (self.case.age or 0) < 1}
        return young.get(item.id, False) or roll(self.key, code, item.id, "na") < 0.05

    def _yes_partly_no(self, code: str, item: Item, grade: Grade) -> str:
        yes, partly, _ = ANSWERS[grade - 1]
        chance = roll(self.key, code, item.id, "answer")
        given = "yes" if chance < yes else "partly" if chance < yes + partly else "no"
        if item.critical and given == "no" and grade is not Grade.INADEQUATE:
            return "partly"
        return given

    def _value(self, code: str, item: Item, field: Field, grade: Grade, given: str) -> str:
        """A value that fits the field, in line with the section's grade."""
        chance = roll(self.key, item.id, field.part)
        match field.type:
            case "yes_partly_no":
                own = given
                if field.part != "answer" and chance < 0.3:
                    own = self._yes_partly_no(
                        code, item.model_copy(update={"id": item.id + field.part}), grade
                    )
                return own
            case "yes_no":
                return "no" if given == "no" else "yes"
            case "grade":
                return grade.key
            case "date":
                return "" if field.optional and chance < 0.4 else self._date(item, chance)
            case "number":
                return "" if field.optional and chance < 0.5 else self._number(field, grade, chance)
            case "scale":
                low = 2 if field.part.endswith("_then") else (8, 7, 5, 2)[grade - 1]
                return str(min(10, low + int(chance * 3)))
            case "choice":
                return self._choice(field, grade, chance)
            case "choices":
                return self._choices(item, field, grade)
        if field.optional and chance < 0.6:
            return ""
        who = {"child": "child", "parent": "mother"}.get(field.part)
        if who and code == "IM":
            return narratives.family_words(who, grade, self.facts, self.key)
        if field.part in ("carer", "partner"):
            return narratives.family_words("carer", grade, self.facts, self.key + field.part)
        return narratives.evidence(code, item.id, given, grade, self.facts, self.key + field.part)

    def _date(self, item: Item, chance: float) -> str:
        known = (
            next((on for name in item.auto.facts if (on := self.case.fact_date(name))), None)
            if item.auto
            else None
        )
        return (known or self.case.as_at - timedelta(days=3 + int(chance * 150))).isoformat()

    def _number(self, field: Field, grade: Grade, chance: float) -> str:
        low = field.minimum if field.minimum is not None else 0
        high = field.maximum if field.maximum is not None else 60
        if "days" in field.part:
            value = (14, 24, 38, 62)[grade - 1] + chance * 14
        elif field.part == "in_date_percent":
            value = (95, 84, 58, 30)[grade - 1] + chance * 5
        elif field.part == "scale":
            value = (8, 6, 4, 2)[grade - 1] + chance * 2
        elif field.part in ("workers", "moves", "referrals", "episodes", "children", "contacts", "visits"):
            value = 1 + chance * grade
        else:
            value = low + chance * min(high - low, 20)
        return str(int(min(max(value, low), high)))

    def _choice(self, field: Field, grade: Grade, chance: float) -> str:
        if field.options_from is not None:
            return ""
        keys = [option.key for option in field.options]
        first = {
            "sooner": (
                "no",
                "no",
                "weeks" if chance < 0.5 else "months",
                "months" if chance < 0.6 else "not_yet",
            ),
            "quorate": ("quorate", "quorate", "quorate", "not_quorate_reason"),
            "held": ("face_to_face", "face_to_face", "hybrid", "video"),
        }.get(field.part)
        if first and first[grade - 1] in keys:
            return first[grade - 1]
        if field.part == "home":
            return "supported" if "supported" in keys else keys[0]
        known = [one for one in keys if one not in ("other", "none", "not_known")] or keys
        return known[int(chance * len(known))]

    def _choices(self, item: Item, field: Field, grade: Grade) -> str:
        keys = [option.key for option in field.options if option.key not in ("none", "other")]
        share = (0.75, 0.62, 0.42, 0.25)[grade - 1]
        chosen = [one for one in keys if roll(self.key, item.id, field.part, one) < share]
        return json.dumps(chosen or keys[:1])

    def _conversation(self) -> None:
        put = self.answers
        key, day = self.key, self.case.as_at - timedelta(days=1 + int(roll(self.key, "cv day") * 12))
        held = roll(key, "cv") < (0.97 if self.temperament is Temperament.THOROUGH else 0.9)
        put["CV1", "held"] = "yes" if held else "no"
        if not held:
            reasons = ("worker_left", "worker_absent", "worker_absent", "not_attempted")
            put["CV6", "reason"] = narratives.choose(reasons, key, "cv reason")
            return
        worker = "Personal adviser" if self.case.primary == _CARE_LEAVER else "Social worker"
        put["CV2", "date"] = day.isoformat()
        put["CV2", "who"] = worker if roll(key, "cv who") < 0.5 else f"{worker} and team manager"
        put["CV2", "how"] = narratives.choose(
            ("face_to_face", "face_to_face", "video", "phone"), key, "cv how"
        )
        own = leaned(self.case_grade, 0.22, 0.10, key, "worker")
        put["CV3", "worker_grade"] = own.key
        put["CV4", "reflection"] = narratives.reflection(self.case_grade, self.facts, key)
        put["CV5", "learning"] = narratives.learning(self.facts, key)

    def _feedback(self) -> None:
        key, put = self.key, self.answers
        wish = {Temperament.THOROUGH: 0.92, Temperament.TERSE: 0.42}.get(self.temperament, 0.68)
        age = self.case.age if self.case.age is not None else 10
        child = "young_person" if age >= 13 else "child"
        in_care = "child_in_care" in self.case.groups
        others = ("carer", "mother") if in_care else ("mother", "father")
        asked = (others[0],) if age < 5 else (child, others[int(roll(key, "fb other") * 2)])
        if self.case.primary == _CARE_LEAVER:
            asked = ("young_person",)
        for number, who in enumerate(asked, 1):
            at = f"FB1#{number}"
            put[at, "who"] = who
            if roll(key, at, "obtained") < wish:
                good = self.case_grade <= Grade.GOOD
                day = self.case.as_at - timedelta(days=2 + int(roll(key, at, "day") * 14))
                put[at, "obtained"] = "yes"
                put[at, "route"] = narratives.choose(
                    ("call", "call", "visit", "meeting", "survey"), key, at, "route"
                )
                put[at, "date"] = day.isoformat()
                put[at, "words"] = narratives.family_words(who, self.case_grade, self.facts, key)
                for part in ("listened", "understood", "better"):
                    put[at, part] = str((7 if good else 3) + int(roll(key, at, part) * 4))
            else:
                put[at, "obtained"] = "no"
                reasons = (
                    "declined",
                    "not_contactable",
                    "not_contactable",
                    "not_appropriate",
                    "not_attempted",
                )
                put[at, "not_obtained"] = narratives.choose(reasons, key, at, "why")
                put[at, "attempts"] = str(
                    0
                    if put[at, "not_obtained"] in ("not_attempted", "not_appropriate")
                    else 1 + int(roll(key, at) * 3)
                )

    def _strengths(self) -> None:
        best = sorted(self.grades, key=lambda code: (self.grades[code], roll(self.key, code, "st")))
        worthy = [code for code in best if self.grades[code] <= Grade.GOOD]
        number = {Temperament.THOROUGH: 3, Temperament.TERSE: 1}.get(self.temperament, 2)
        for place, code in enumerate((worthy or best)[:number], 1):
            at = f"ST1#{place}"
            self.answers[at, "text"] = narratives.strength(code, self.facts, self.key)
            self.answers[at, "share"] = "yes" if self.grades[code] is Grade.OUTSTANDING else "no"
            theme = self.themes.suggested(code) if self.themes else ()
            if theme:
                self.answers[at, "theme"] = theme[int(roll(self.key, code, "theme") * len(theme))].id

    def _actions(self) -> None:
        codes = [code for code, grade in self.grades.items() if grade >= Grade.REQUIRES_IMPROVEMENT]
        if not codes:
            codes = [max(self.grades, key=lambda code: self.grades[code])] if self.grades else []
        for place, code in enumerate(codes[:_MAX_ACTIONS], 1):
            self._action(f"AC1#{place}", code)

    def _action(self, at: str, code: str) -> None:
        put, grade = self.answers, self.grades[code]
        urgent = grade is Grade.INADEQUATE
        put[at, "what"], put[at, "success"] = narratives.action(code, self.facts, self.key)
        for_child = roll(self.key, code, "purpose") < 0.7
        put[at, "type"] = (
            "child" if for_child else narratives.choose(("worker", "team", "team"), self.key, code, "type")
        )
        put[at, "purpose"] = "for_the_child" if for_child else "for_practice"
        worker = "Personal adviser" if self.case.primary == _CARE_LEAVER else "Social worker"
        put[at, "owner_role"] = "Team manager" if code in ("SV", "RC") or urgent else worker
        put[at, "due"] = (self.case.as_at + timedelta(days=7 if urgent else 28)).isoformat()
        put[at, "priority"] = "high" if urgent else "normal"
        put[at, "section"] = code

    def _safeguarding(self) -> None:
        from qa_audit.library.completeness import failed_critical

        failed = bool(failed_critical(self.form, self.answers, self.case))
        poor = self.case_grade is Grade.INADEQUATE
        worried = (failed or poor) and roll(self.key, "worried") < (0.55 if failed else 0.25)
        self.answers["SG1", "answer"] = "yes" if worried else "no"
        if worried or failed:
            self.answers["SG1", "text"] = narratives.safeguarding_words(worried, self.facts, self.key)
        if failed:
            self.answers["SG2", "answer"] = "no" if worried or roll(self.key, "remedy") < 0.4 else "yes"
