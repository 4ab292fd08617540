"""Routing, conditions, progress and the gaps that block submission."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from qa_audit.grades import Grade
from qa_audit.library.answers import instances, value_problem, visible_fields
from qa_audit.library.case import CaseContext
from qa_audit.library.completeness import (
    Progress,
    failed_critical,
    form_progress,
    gaps,
    mix,
    next_unanswered,
    section_grades,
    section_limit,
    section_progress,
    smart_score,
    unanswered,
    visible_items,
)
from qa_audit.library.conditions import Condition, holds, holds_for_case
from qa_audit.library.forms import Field
from qa_audit.library.loader import Library, load_library
from qa_audit.library.prefill import prefill

SCHEMAS = Path(__file__).parents[2] / "schemas"
CASE = CaseContext(
    frozenset({"child_in_need"}), "child_in_need", 4, {"plan_start": "2026-05-01"}, date(2026, 11, 21)
)

CHANGES = "changes: [{version: 1.0.0, date: 2026-11-21, note: First version.}]"
PLAN = f"""kind: set
id: P
version: 1.0.0
title: Plan
area: plans
grades: {{good: g, outstanding: o, ri: r, inadequate: i}}
prompts: [What changed for the child?]
{CHANGES}
items:
  - id: P1
    text: On file
    tag: process
    auto: plan_start
    fields: [{{part: answer, type: yes_partly_no}}, {{part: date, type: date, optional: true}}]
  - {{id: P2, text: Specific, tag: quality, series: smart}}
  - {{id: P3, text: It helped, tag: impact}}
  - {{id: P4, text: Seen, tag: process, critical: true}}
  - {{id: P5, text: Why not, tag: quality, when: {{item: P2, is: [no]}}}}
  - {{id: P6, text: For the grown, tag: quality, when: {{age_from: 16}}}}
"""
CARE = f"""kind: set
id: C
version: 1.0.0
title: Care
area: care
applies_to: [child_in_care]
graded: false
{CHANGES}
items: [{{id: C1, text: In care, tag: process}}]
"""
TOOL = f"""kind: tool
id: {{id}}
version: 1.0.0
title: Tool
shape: {{shape}}
{CHANGES}
sections: [{{{{set: P}}}}, {{{{set: C}}}}, {{{{set: FB}}}}, {{{{set: CV}}}}, {{{{set: AC}}}}, {{{{set: SG, required: true}}}}]
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    forms = tmp_path / "forms"
    forms.mkdir()
    texts = {"P": PLAN, "C": CARE}
    for name, shape in (("full", "checklist"), ("short", "one_grade")):
        texts[name] = (
            TOOL.replace("{id}", name).replace("{shape}", shape).replace("{{", "{").replace("}}", "}")
        )
    for name in ("FB", "CV", "AC", "SG", "OV"):
        texts[name] = (SCHEMAS / "forms" / f"{name}.yaml").read_text(encoding="utf-8")
    for name, text in texts.items():
        (forms / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Library(tmp_path)


def done(**more: str) -> dict[tuple[str, str], str]:
    answers = {
        ("P1", "answer"): "yes",
        ("P1", "evidence"): "Plan of 1 May",
        ("P2", "answer"): "yes",
        ("P3", "answer"): "yes",
        ("P4", "answer"): "yes",
        ("P", "grade"): "good",
        ("P", "rationale"): "Clear plan, and it worked",
        ("FB1#1", "obtained"): "no",
        ("FB1#1", "not_obtained"): "declined",
        ("CV1", "held"): "no",
        ("CV6", "reason"): "worker_left",
        ("SG1", "answer"): "no",
    }
    return {**answers, **{tuple(key.split("__")): value for key, value in more.items()}}


def codes(library: Library, **more: str) -> set[str]:
    return {gap.code for gap in gaps(library.assemble("full", CASE), done(**more), CASE)}


def test_sections_and_items_are_routed_by_cohort_and_age(library: Library) -> None:
    form = library.assemble("full", CASE)
    assert [section.code for section in form.sections] == ["P", "FB", "CV", "AC", "SG"]
    assert [item.id for item in form.sections[0].items] == ["P1", "P2", "P3", "P4", "P5"]
    older = CaseContext(frozenset({"child_in_care"}), "child_in_care", 17)
    routed = library.assemble("full", older)
    assert routed.section("C") is not None
    assert routed.sections[0].item("P6") is not None
    assert len(library.form("full").sections) == 6


def test_one_grade_asks_for_prompts_and_one_rationale(library: Library) -> None:
    section = library.assemble("short", CASE).sections[0]
    assert (section.shape, section.items) == ("one_grade", ())
    assert section.prompts == ("What changed for the child?",)
    assert section_progress(section, {}, CASE) == Progress(0, 2)
    answers = {("P", "grade"): "good", ("P", "rationale"): "Clear and it worked"}
    assert section_progress(section, answers, CASE).done
    assert library.assemble("short", CASE).section("FB").items  # the collaborative sections stay whole


def test_a_condition_on_an_answer_opens_an_item(library: Library) -> None:
    section = library.assemble("full", CASE).sections[0]
    assert "P5" not in [item.id for item in visible_items(section, {}, CASE)]
    assert "P5" in [item.id for item in visible_items(section, {("P2", "answer"): "no"}, CASE)]


def test_a_repeating_item_asks_each_instance_by_its_own_answers(library: Library) -> None:
    item = library.assemble("full", CASE).section("FB").items[0]
    answers = {("FB1#1", "obtained"): "yes", ("FB1#2", "obtained"): "no"}
    assert instances(item, answers) == ("FB1#1", "FB1#2")
    first = {field.part for field in visible_fields(item, answers, CASE, "FB1#1")}
    second = {field.part for field in visible_fields(item, answers, CASE, "FB1#2")}
    assert ("words" in first, "not_obtained" in first) == (True, False)
    assert ("words" in second, "not_obtained" in second) == (False, True)


def test_a_complete_audit_has_no_gaps_and_full_progress(library: Library) -> None:
    form = library.assemble("full", CASE)
    assert gaps(form, done(), CASE) == ()
    assert form_progress(form, done(), CASE).done
    assert next_unanswered(form, done(), CASE) is None
    assert section_grades(form, done(), CASE) == {"P": Grade.GOOD}


def test_each_gap_of_the_validator(library: Library) -> None:
    assert codes(library, P1__evidence="") == {"no-evidence"}
    assert codes(library, P__rationale="") == {"no-rationale"}
    assert codes(library, P__grade="") == {"no-grade"}
    assert codes(library, P__grade="ri") == {"no-action"}
    assert codes(library, CV6__reason="") == {"conversation-blank"}
    assert codes(library, CV1__held="", CV6__reason="") == {"conversation-blank"}
    assert codes(library, **{"FB1#1__obtained": "", "FB1#1__not_obtained": ""}) == {"feedback-blank"}
    assert codes(library, **{"FB1#1__not_obtained": ""}) == {"feedback-blank"}
    assert codes(library, SG1__answer="") == {"safeguarding-blank"}
    assert codes(library, SG1__answer="yes") == {"safeguarding-unexplained"}
    assert codes(library, P2__answer="partly") == {"no-evidence"}
    assert codes(library, P2__answer="partly", P2__evidence="two of five") == set()
    assert codes(library, P2__answer="na") == set()
    assert codes(library, P3__answer="") == {"impact-unanswered"}
    assert codes(library, P3__answer="", P__grade="inadequate") == {"no-action"}
    assert codes(library, P3__answer="na") == set()
    assert codes(library, P2__answer="", P3__answer="na") == {"process-only"}


def test_a_gap_says_where_to_jump(library: Library) -> None:
    form = library.assemble("full", CASE)
    found = gaps(form, done(P2__answer="no"), CASE)
    assert [(gap.section, gap.item, gap.part) for gap in found] == [("P", "P2", "evidence")]
    found = gaps(form, done(P__grade="ri"), CASE)
    assert [(gap.section, gap.item, gap.part) for gap in found] == [("AC", "AC1#1", "section")]


def test_an_action_for_the_section_closes_the_gap_and_must_be_whole(library: Library) -> None:
    action = {
        "AC1#1__what": "Renew the plan",
        "AC1#1__type": "child",
        "AC1#1__purpose": "for_the_child",
        "AC1#1__owner_role": "team manager",
        "AC1#1__due": "2026-12-01",
        "AC1#1__priority": "high",
        "AC1#1__success": "She sleeps at home",
        "AC1#1__section": "P",
    }
    assert codes(library, P__grade="ri", **action) == set()
    assert codes(library, P__grade="ri", **{**action, "AC1#1__due": ""}) == {"action-incomplete"}


def test_a_section_may_be_left_out_with_a_reason_but_not_a_required_one(library: Library) -> None:
    assert codes(library, P__grade="na", P__rationale="The child moved away") == set()
    assert codes(library, P__grade="na", P__rationale="") == {"no-rationale"}
    form = library.assemble("full", CASE)
    assert section_grades(form, done(P__grade="na"), CASE) == {}
    assert visible_items(form.sections[0], done(P__grade="na"), CASE) == ()


def test_a_failed_critical_item_wants_the_safeguarding_question_answered_in_words(library: Library) -> None:
    failed = {"P4__answer": "no", "P4__evidence": "not seen since May"}
    assert failed_critical(library.assemble("full", CASE), done(**failed), CASE) == (("P", "P4"),)
    assert codes(library, **failed) == {"safeguarding-unexplained"}
    assert codes(library, **failed, SG1__text="Seen today by duty, safe") == set()


def test_mix_limit_and_smart_score(library: Library) -> None:
    section = library.assemble("full", CASE).sections[0]
    answers = {("P1", "answer"): "yes", ("P4", "answer"): "na", ("P2", "answer"): "yes"}
    found = mix(section, answers, CASE)
    assert (found.process, found.quality, found.impact) == ((1, 1), (1, 1), (0, 1))
    assert section_limit(section, answers, CASE) is Grade.REQUIRES_IMPROVEMENT
    assert section_limit(section, {**answers, ("P3", "answer"): "no"}, CASE) is Grade.OUTSTANDING
    assert section_limit(section, {**answers, ("P3", "answer"): "na"}, CASE) is Grade.OUTSTANDING
    assert smart_score(section, answers) == (1, 1)
    assert smart_score(section, {}) is None


def test_next_unanswered_goes_on_from_here_and_round(library: Library) -> None:
    form = library.assemble("full", CASE)
    assert next_unanswered(form, {}, CASE) == ("P", "P1")
    assert next_unanswered(form, {}, CASE, ("P", "P1")) == ("P", "P2")
    answers = done(P2__answer="")
    assert next_unanswered(form, answers, CASE, ("SG", "SG1")) == ("P", "P2")
    assert [gap.item for gap in unanswered(form, answers, CASE)] == ["P2"]


def test_conditions_hold_nothing_on_what_is_not_known() -> None:
    nobody = CaseContext()
    for written in (
        {"age_under": 5},
        {"age_from": 0},
        {"cohort": ["child_in_care"]},
        {"fact": "legal_status", "is": ["C1"]},
        {"item": "X", "is": ["yes"]},
    ):
        condition = Condition.model_validate(written)
        assert not holds(condition, nobody, {})
    asked = Condition.model_validate({"any": [{"item": "X", "is": ["yes"]}, {"age_under": 5}]})
    assert holds_for_case(asked, nobody) is None
    assert holds_for_case(asked, CaseContext(age=2)) is True
    never = Condition.model_validate({"all": [{"item": "X", "is": ["yes"]}, {"age_under": 5}]})
    assert holds_for_case(never, nobody) is False
    unborn = CaseContext(age=-1)
    assert holds(Condition.model_validate({"age_under": 5}), unborn, {})
    chosen = Condition.model_validate({"item": "X", "part": "many", "is": ["b"]})
    assert holds(chosen, nobody, {("X", "many"): '["a", "b"]'})
    assert not holds(chosen, nobody, {("X", "many"): '["a"'})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("yes_partly_no", "partly", "maybe"),
        ("yes_no", "no", "partly"),
        ("date", "2026-02-28", "2026-02-30"),
        ("date", "2026-02-28", "20260228"),
        ("number", "1.5", "nan"),
        ("scale", "10", "11"),
        ("scale", "0", "4.5"),
        ("grade", "ri", "rather good"),
        ("text", "any words", "x" * 20_001),
    ],
)
def test_values_fit_their_field(kind: str, good: str, bad: str) -> None:
    field = Field.model_validate({"type": kind})
    assert value_problem(field, good) is None
    assert value_problem(field, "") is None
    assert value_problem(field, bad)


def test_choices_fit_their_lists() -> None:
    one = Field.model_validate({"type": "choice", "options": ["a", "b"]})
    many = Field.model_validate({"type": "choices", "options": {"a": "A", "b": "B"}})
    themed = Field.model_validate({"type": "choice", "options_from": "themes"})
    assert value_problem(one, "a") is None
    assert value_problem(one, "c")
    assert value_problem(many, '["a", "b"]') is None
    for bad in ('["c"]', '["a", "a"]', "a", '{"a": 1}', "[1]", "[" * 50):
        assert value_problem(many, bad)
    assert value_problem(themed, "impact", choices={"themes": ["impact"]}) is None
    assert value_problem(themed, "other", choices={"themes": ["impact"]})


def test_a_fact_prefills_its_date_field(library: Library) -> None:
    item = library.assemble("full", CASE).sections[0].items[0]
    assert prefill(item, CASE.facts) == ("date", "2026-05-01")
    assert prefill(item, {}) is None


def test_the_shipped_tools_ask_what_a_child_needs() -> None:
    library = load_library(SCHEMAS, use_cache=False)
    in_care = CaseContext(frozenset({"child_in_care", "unregistered_home"}), "child_in_care", 14)
    found = [section.code for section in library.assemble("full-case-audit", in_care).sections]
    assert {"CC", "UR", "IR", "ED", "LS", "IM", "SV"} <= set(found)
    assert not {"CL", "CF", "PC", "DC", "EH"} & set(found)
    leaver = CaseContext(frozenset({"care_leaver"}), "care_leaver", 19)
    assert "CL" in [section.code for section in library.assemble("full-case-audit", leaver).sections]
    for cohort in ("child_in_need", "child_protection", "child_in_care", "care_leaver", "assessment"):
        form = library.assemble("full-case-audit", CaseContext(frozenset({cohort}), cohort, 16))
        assert len(form.graded) >= 4, cohort
        assert form.role("overall") is not None


def test_a_round_may_choose_the_sections_of_a_thematic_audit() -> None:
    library = load_library(SCHEMAS, use_cache=False)
    case = CaseContext(frozenset({"child_protection"}), "child_protection", 6)
    whole = library.assemble("thematic", case)
    form = library.assemble("thematic", case, chosen=["PL", "CF"])
    assert [section.code for section in form.graded] == ["PL", "CF", "IM"]
    assert form.role("actions") is not None
    assert form.form_hash == whole.form_hash
