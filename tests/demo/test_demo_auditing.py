"""Auditors and moderators of the synthetic council: complete forms, words without names, believable grades."""

import re
from collections import Counter
from datetime import date
from functools import cache

import pytest

from qa_audit.audits.judgement import facts_of, judge, judge_form, submit_gaps
from qa_audit.demo import narratives
from qa_audit.demo.auditing import audit_answers
from qa_audit.demo.grading import days_late, true_quality
from qa_audit.demo.moderating import moderator_view
from qa_audit.demo.staff import SURNAMES, Temperament
from qa_audit.grades import Grade, parse_grade
from qa_audit.library.answers import value_problem
from qa_audit.library.case import CaseContext
from qa_audit.library.completeness import unanswered, unremedied_critical
from qa_audit.library.loader import load_library
from qa_audit.library.practice import load_ceilings, load_themes

AS_AT = date(2026, 11, 16)
CASES = {
    "protection": CaseContext(
        frozenset({"child_in_need", "child_protection", "assessment"}),
        "child_protection",
        7,
        {"plan_start": "2026-05-01", "last_statutory_visit": "2026-11-06", "cin_start": "2026-03-01"},
        AS_AT,
    ),
    "care": CaseContext(
        frozenset({"child_in_need", "child_in_care", "unaccompanied_child", "adoption"}),
        "child_in_care",
        3,
        {"care_start": "2025-05-01", "placement_type": "f) U6: Foster placement - not FFA"},
        AS_AT,
    ),
    "leaver": CaseContext(
        frozenset({"care_leaver"}),
        "care_leaver",
        19,
        {"eligibility": "former", "pathway_plan_review": "2026-06-01"},
        AS_AT,
    ),
    "need": CaseContext(
        frozenset({"child_in_need", "disabled_child", "pre_proceedings", "home_educated"}),
        "child_in_need",
        12,
        {"cin_start": "2026-01-01"},
        AS_AT,
    ),
}
TEMPERS = (*[Temperament.CALIBRATED] * 6, *[Temperament.GENEROUS] * 2, "thorough", "terse", "late", "harsh")


@cache
def library():
    return load_library(), load_ceilings(), load_themes()


@cache
def form(name, tool="full-case-audit"):
    return library()[0].assemble(tool, CASES[name])


def audited(name, key, temper=Temperament.CALIBRATED):
    rules, themes = library()[1:]
    quality = true_quality(form(name), CASES[name], key)
    answers = audit_answers(
        form(name),
        CASES[name],
        Temperament(temper),
        quality,
        f"{key}/auditor",
        limit=lambda a: judge_form(form(name), a, CASES[name], rules).grade,
        themes=themes,
    )
    return quality, answers


def moderated(name, key, quality, answers, temper):
    rules = library()[1]

    def ceiling(grades):
        return judge(
            grades,
            rules,
            safety_critical=form(name).safety_critical,
            failed_critical=[item for _, item in unremedied_critical(form(name), answers, CASES[name])],
            facts=facts_of(form(name), answers, CASES[name]),
        ).grade

    return moderator_view(
        CASES[name], quality, answers, Temperament(temper), f"{key}/moderator", ceiling=ceiling
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("temper", list(Temperament))
def test_every_audit_is_complete_and_may_be_submitted(name, temper):
    rules, themes = library()[1:]
    choices = {"themes": [t.id for t in themes.themes], "strengths": [t.id for t in themes.side("strengths")]}
    choices["sections"] = [s.code for s in form(name).sections]
    for number in range(6):
        _, answers = audited(name, f"case{number}", temper)
        assert unanswered(form(name), answers, CASES[name]) == ()
        assert submit_gaps(form(name), answers, CASES[name], rules) == ()
        for section in form(name).sections:
            for (item_id, part), value in answers.items():
                item = section.item(item_id)
                field = item.field(part) if item else None
                if field:
                    assert value_problem(field, value, na=item.na, choices=choices) is None, (
                        item_id,
                        part,
                        value,
                    )


def test_the_same_key_gives_the_same_audit():
    assert audited("protection", "case1") == audited("protection", "case1")
    assert audited("protection", "case1") != audited("protection", "case2")


def test_answers_follow_the_grade():
    share = {}
    for number in range(40):
        _, answers = audited("protection", f"follow{number}")
        for section in form("protection").graded:
            grade = parse_grade(answers[section.code, "grade"])
            found = [answers.get((i.id, "answer")) for i in section.items]
            share.setdefault(grade, []).extend(a == "yes" for a in found if a in ("yes", "partly", "no"))
    means = [sum(share[g]) / len(share[g]) for g in Grade]
    assert means == sorted(means, reverse=True)
    assert means[0] > 0.9
    assert means[3] < 0.4


def test_moderation_agrees_with_about_three_in_four_and_moves_the_generous_down():
    shifts = Counter()
    by_temper = {}
    overall = Counter()
    for number in range(480):
        name = list(CASES)[number % 4]
        temper = TEMPERS[(number // 4) % 12]
        quality, answers = audited(name, f"c{number}", temper)
        view = moderated(name, f"c{number}", quality, answers, temper)
        shift = view.overall - parse_grade(answers["OV", "grade"])
        assert view.outcome == ("agreed" if shift == 0 else "changed_down" if shift > 0 else "changed_up")
        shifts[shift] += 1
        by_temper.setdefault(str(temper), Counter())[shift] += 1
        overall[view.overall] += 1
    assert 0.68 < shifts[0] / 480 < 0.83
    assert sum(n for s, n in shifts.items() if abs(s) > 1) / 480 < 0.05, "mostly one step"
    down = {t: sum(n for s, n in c.items() if s > 0) / sum(c.values()) for t, c in by_temper.items()}
    up = {t: sum(n for s, n in c.items() if s < 0) / sum(c.values()) for t, c in by_temper.items()}
    assert down["generous"] == max(down.values()) > 0.25
    assert up["harsh"] == max(up.values()) > 0.12
    assert down["thorough"] < down["generous"] / 2
    assert all(overall[g] > 15 for g in Grade)
    assert overall[Grade.GOOD] > overall[Grade.OUTSTANDING]
    assert overall[Grade.REQUIRES_IMPROVEMENT] > overall[Grade.INADEQUATE]


def test_the_moderators_form_is_complete():
    item_form = library()[0].form("moderation")
    quality, answers = audited("care", "m1", "generous")
    view = moderated("care", "m1", quality, answers, "generous")
    section = item_form.sections[0]
    assert set(view.grades) == set(view.rationales) == set(quality)
    for item in section.items:
        for field in item.fields:
            value = view.answers.get((item.id, field.part), "")
            assert value or field.optional or field.when, (item.id, field.part)
            assert value_problem(field, value) is None


FACTS = CASES["protection"].facts
# Words that would betray a person, a template or a machine.
PLACEHOLDER = re.compile(r"[{}]|\b(nan|lorem|ipsum|TODO|TBC|XX+)\b|\bstandard standard\b")
NAMED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\b|\b[A-Z]\. [A-Z][a-z]+")
CAPITAL = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+\b")
KNOWN_CAPITALS = {
    "Child", "Thursday", "National", "Insurance", "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December", "English",
}  # fmt: skip


def checked(text):
    assert text.strip()
    assert not PLACEHOLDER.search(text), text
    assert not NAMED.search(text), text
    assert set(CAPITAL.findall(text)) <= KNOWN_CAPITALS, text
    assert not {w for w in re.findall(r"[A-Za-z]+", text) if w in SURNAMES and w not in ("Child",)}, text
    assert not re.search(r"\bthe the\b", text)
    return text


def every_text(section, grade, facts, key):
    yield narratives.rationale(section, grade, facts, key)
    yield narratives.rationale(section, grade, facts, key, terse=True)
    yield narratives.better(section, grade, facts, key)
    yield narratives.overall_rationale(grade, facts, key)
    yield narratives.reflection(grade, facts, key)
    yield narratives.learning(facts, key)
    yield narratives.strength(section, facts, key)
    yield from narratives.action(section, facts, key)
    yield narratives.credible_because(facts, key)
    yield narratives.audit_quality_words(grade, facts, key)
    for answer in ("yes", "partly", "no"):
        yield narratives.evidence(section, f"{section}1", answer, grade, facts, key)
    yield narratives.pointer(section, f"{section}1", facts, key)
    for who in ("child", "mother"):
        yield narratives.family_words(who, grade, facts, key)
    for flag in (True, False):
        yield narratives.safeguarding_words(flag, facts, key)
    for direction in (-1, 0, 1):
        yield narratives.moderator_words(direction, facts, key)
    yield narratives.not_applicable(facts, key)


@pytest.mark.parametrize("section", [*narratives.COMMON_SECTIONS, "SU", "UR", "IR", "PC", "UA", "EHLP"])
def test_every_text_is_whole_and_names_nobody(section):
    for grade in Grade:
        for case in CASES.values():
            for number in range(20):
                for text in every_text(section, grade, case.facts, f"k{number}"):
                    checked(text)


@pytest.mark.parametrize("section", narratives.COMMON_SECTIONS)
@pytest.mark.parametrize("grade", list(Grade))
def test_common_sections_have_at_least_six_variants_for_every_grade(section, grade):
    keys = [f"v{n}" for n in range(150)]
    assert len({narratives.rationale(section, grade, FACTS, key) for key in keys}) >= 12
    assert len({narratives.better(section, grade, FACTS, key) for key in keys}) >= 6
    assert (
        len({narratives.evidence(section, f"{section}1", "partly", grade, FACTS, key) for key in keys}) >= 6
    )


def test_every_item_of_a_common_section_has_a_topic_of_its_own():
    for info in library()[0].sets():
        if info.id in narratives.COMMON_SECTIONS:
            topics = [narratives.topic_of(info.id, item.id) for item in info.items]
            assert "this standard" not in topics, info.id
            assert len(set(topics)) == len(topics)


def test_texts_of_whole_audits_name_nobody():
    for name in CASES:
        for number in range(8):
            quality, answers = audited(name, f"texts{number}", list(Temperament)[number % 6])
            view = moderated(name, f"texts{number}", quality, answers, "calibrated")
            for text in [*answers.values(), *view.rationales.values(), *view.answers.values()]:
                if " " in text and not text.startswith("["):
                    checked(text)


def test_a_care_leaver_is_a_young_person_and_a_child_in_care_has_a_carer():
    leaver = [narratives.rationale("VC", Grade.GOOD, CASES["leaver"].facts, f"k{n}") for n in range(40)]
    assert not [t for t in leaver if re.search(r"\bChild\b", t)]
    assert narratives.carer_of(CASES["care"].facts, "k") == "the foster carer"
    assert narratives.plan_of(CASES["protection"].facts) == "child protection plan"


def test_the_late_are_late_and_the_others_mostly_in_time():
    late = [days_late(Temperament.LATE, f"k{n}") for n in range(200)]
    fine = [days_late(Temperament.CALIBRATED, f"k{n}") for n in range(200)]
    assert min(late) >= 2
    assert sum(d <= 0 for d in fine) / 200 > 0.8
