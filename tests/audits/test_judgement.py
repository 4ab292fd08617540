"""The overall case grade: limits with reasons, never an average."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.audits.judgement import AuditFacts, check_overall, facts_of, judge, judge_form, submit_gaps
from qa_audit.grades import Grade, parse_grade
from qa_audit.library.case import CaseContext
from qa_audit.library.ceilings import Ceilings
from qa_audit.library.loader import load_library
from qa_audit.library.practice import load_ceilings

SCHEMAS = Path(__file__).parents[2] / "schemas"
RULES = load_ceilings(SCHEMAS)
O, G, R, I = Grade.OUTSTANDING, Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE  # noqa: E741
CRITICAL = frozenset({"TH", "AS", "VI", "SV", "CF", "UR", "PP", "KC", "PC"})
CODES = ["TH", "AS", "PL", "SV", "VI", "VC", "LS", "RC", "IM"]
NAMES = {"PL": "Plans", "SV": "Supervision", "AS": "Assessment", "IM": "Impact", "VI": "Visits"}
DONE = AuditFacts(conversation_held=True, feedback_attempted=True, feedback_obtained=True, moderated=True)


def ceiling(facts: AuditFacts = DONE, failed: tuple[str, ...] = (), /, **grades: Grade):
    return judge(grades, RULES, names=NAMES, safety_critical=CRITICAL, failed_critical=failed, facts=facts)


def test_two_core_sections_at_ri_cap_at_ri_and_the_reason_says_so() -> None:
    found = ceiling(PL=R, SV=R, AS=G, VI=O, VC=O, IM=G)
    assert found.grade is R
    assert found.reasons[0] == (
        "Ceiling: requires improvement, because Plans and Supervision are both requires improvement"
    )
    assert "core-two-ri" in found.fired


def test_one_core_section_at_ri_caps_at_good_with_a_written_reason() -> None:
    found = ceiling(PL=R, SV=G, AS=G, IM=G)
    assert found.grade is G
    assert found.needs_reason
    assert found.wants_reason(G)
    assert not found.wants_reason(R)
    assert "Plans is requires improvement" in found.reasons[0]


def test_one_ri_section_elsewhere_does_not_cap_below_good() -> None:
    found = ceiling(PL=G, SV=G, AS=G, VC=R, IM=G)
    assert found.grade is G
    assert not found.needs_reason


@pytest.mark.parametrize("code", ["TH", "AS", "VI", "SV", "CF", "UR", "PC"])
def test_a_safety_critical_section_inadequate_caps_the_case(code: str) -> None:
    assert ceiling(**{"PL": O, "VC": O, "RC": O, "IM": O, code: I}).grade is I


def test_any_other_section_inadequate_caps_at_ri() -> None:
    assert ceiling(PL=G, AS=G, SV=G, IM=G, LS=I).grade is R


def test_a_failed_critical_item_caps_at_inadequate() -> None:
    found = ceiling(DONE, ("VI3",), PL=G, AS=G, SV=G, IM=G)
    assert found.grade is I
    assert "VI3, a critical standard, was not met" in found.reasons[0]
    two = ceiling(DONE, ("VI3", "VC1"), PL=G, AS=G, SV=G, IM=G)
    assert "critical standards were not met and not put right the same day (VC1 and VI3)" in two.reasons[0]


def test_impact_limits() -> None:
    assert ceiling(PL=G, AS=G, SV=G, IM=I).grade is R
    unsafe = AuditFacts(True, True, True, True, True)
    assert ceiling(unsafe, PL=G, AS=G, SV=G, IM=I).grade is I
    credible = ceiling(PL=G, AS=G, SV=G, IM=R)
    assert credible.grade is G
    assert any("Credibly on course" in prompt for prompt in credible.reason_prompts)
    missing = judge({"PL": G, "AS": G, "SV": G, "RC": G}, RULES, facts=DONE, asked=frozenset({"IM"}))
    assert missing.grade is R
    assert judge({"PL": G, "AS": G, "SV": G, "RC": G}, RULES, facts=DONE).grade is G


def test_outstanding_and_what_blocks_it() -> None:
    top = ceiling(PL=O, AS=O, SV=G, VI=G, IM=O)
    assert top.grade is O
    assert top.reasons == ("No ceiling: every grade is open",)
    for changed in (
        ceiling(PL=O, AS=O, SV=O, VC=R, IM=O),
        ceiling(PL=O, AS=O, SV=O, IM=G),
        ceiling(PL=O, AS=G, SV=G, VI=G, IM=O),
        ceiling(AuditFacts(False, True, True, False, True), PL=O, AS=O, SV=O, IM=O),
        ceiling(AuditFacts(False, True, True, True, False), PL=O, AS=O, SV=O, IM=O),
        ceiling(AuditFacts(False, False, True, True, True), PL=O, AS=O, SV=O, IM=O),
        ceiling(AuditFacts(False, True, False, False, True), PL=O, AS=O, SV=O, IM=O),
    ):
        assert changed.grade is G
        assert changed.outstanding_blocked_by or "conversation" in changed.reasons[0]
    assert "2 of 5 of the graded sections are outstanding" in " ".join(
        ceiling(PL=O, AS=G, SV=G, VI=G, IM=O).outstanding_blocked_by
    )
    waiting = ceiling(AuditFacts(False, True, True, True, None), PL=O, AS=O, SV=O, IM=O)
    assert waiting.grade is O
    assert waiting.notes == ("Outstanding becomes final only once it has been moderated",)


def test_fewer_than_four_graded_sections_are_not_enough() -> None:
    found = ceiling(PL=G, AS=I, SV=G)
    assert found.grade is None
    assert not found.enough
    assert found.reasons[0].startswith("Not enough evidence to grade overall: 3 sections are graded, 4")
    assert check_overall(found, G, override_reason="I think so anyway").above_ceiling


def test_a_grade_above_the_ceiling_needs_a_reason_and_is_always_moderated() -> None:
    found = ceiling(PL=R, SV=R, AS=G, IM=G)
    bare = check_overall(found, G)
    assert bare.above_ceiling
    assert bare.override_reason_missing
    assert "moderate-always" in bare.flags
    assert not check_overall(
        found, G, override_reason="The plan was renewed this week"
    ).override_reason_missing
    below = check_overall(found, I)
    assert (below.above_ceiling, below.flags) == (False, ())
    wanted = ceiling(PL=R, SV=G, AS=G, IM=G)
    assert check_overall(wanted, G).reason_missing
    assert not check_overall(wanted, G, credible_because="The new plan is already working").reason_missing
    assert not check_overall(wanted, R).reason_missing


grades_of = st.dictionaries(st.sampled_from(CODES), st.sampled_from(list(Grade)), min_size=4)
facts_any = st.builds(
    AuditFacts,
    st.booleans(),
    st.sampled_from([True, False, None]),
    st.sampled_from([True, False, None]),
    st.sampled_from([True, False, None]),
    st.sampled_from([True, False, None]),
)


@given(grades_of, facts_any, st.data())
def test_a_worse_section_grade_never_raises_the_ceiling(
    grades: dict[str, Grade], facts: AuditFacts, data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(sorted(grades)))
    worse = data.draw(st.sampled_from([grade for grade in Grade if grade >= grades[code]]))
    before = judge(grades, RULES, safety_critical=CRITICAL, facts=facts).grade
    after = judge({**grades, code: worse}, RULES, safety_critical=CRITICAL, facts=facts).grade
    assert before is not None
    assert after is not None
    assert after >= before


@given(grades_of, facts_any, st.data())
def test_the_order_of_sections_never_matters(
    grades: dict[str, Grade], facts: AuditFacts, data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(grades.items()))))
    assert judge(grades, RULES, names=NAMES, safety_critical=CRITICAL, facts=facts) == judge(
        shuffled, RULES, names=NAMES, safety_critical=CRITICAL, facts=facts
    )


@given(grades_of, facts_any)
def test_every_ceiling_below_outstanding_says_why(grades: dict[str, Grade], facts: AuditFacts) -> None:
    found = judge(grades, RULES, names=NAMES, safety_critical=CRITICAL, facts=facts)
    assert found.grade is not None
    if found.grade is not O:
        assert found.fired
        assert found.reasons[0].startswith("Ceiling: ")
    assert all(
        "{" not in text for text in (*found.reasons, *found.outstanding_blocked_by, *found.reason_prompts)
    )


rule_any = st.builds(
    lambda sections, limit, at_least, fact, ceiling: {
        "sections": sections,
        "at_or_worse": limit,
        "at_least": at_least,
        "fact": fact,
        "ceiling": ceiling,
        "because": "{sections}",
    },
    st.lists(st.sampled_from([*CODES, "any", "safety_critical"]), min_size=1, max_size=4),
    st.sampled_from(["good", "ri", "inadequate"]),
    st.integers(1, 3),
    st.sampled_from([None, "child_unsafe", "conversation_not_held"]),
    st.sampled_from(["good", "ri", "inadequate"]),
)


@given(st.lists(rule_any, min_size=1, max_size=5), grades_of, facts_any, st.data())
def test_no_table_that_can_be_written_lets_a_worse_grade_raise_the_ceiling(
    table: list[dict[str, object]], grades: dict[str, Grade], facts: AuditFacts, data: st.DataObject
) -> None:
    written = [{"id": f"r{number}", **rule} for number, rule in enumerate(table)]
    rules = Ceilings.model_validate(
        {"kind": "ceilings", "version": "1.0.0", "title": "T", "minimum_graded": 1, "rules": written}
    )
    code = data.draw(st.sampled_from(sorted(grades)))
    worse = data.draw(st.sampled_from([grade for grade in Grade if grade >= grades[code]]))
    before = judge(grades, rules, safety_critical=CRITICAL, facts=facts).grade
    after = judge({**grades, code: worse}, rules, safety_critical=CRITICAL, facts=facts).grade
    assert before is not None
    assert after is not None
    assert after >= before


@pytest.mark.parametrize("limit", ["good", "ri", "inadequate"])
@pytest.mark.parametrize("at_least", [1, 2])
def test_a_rule_fires_at_its_grade_and_at_every_worse_one(limit: str, at_least: int) -> None:
    rule = {"id": "r", "sections": ["PL", "SV"], "at_or_worse": limit, "at_least": at_least}
    rules = Ceilings.model_validate(
        {"kind": "ceilings", "version": "1.0.0", "title": "T", "minimum_graded": 1,
         "rules": [{**rule, "ceiling": "inadequate", "because": "{sections}"}]}
    )  # fmt: skip
    reached = parse_grade(limit)
    assert reached is not None
    for plans in Grade:
        for supervision in Grade:
            hits = (plans >= reached) + (supervision >= reached)
            found = judge({"PL": plans, "SV": supervision}, rules, facts=DONE)
            assert (found.grade is I) == (hits >= at_least)


@given(grades_of)
def test_good_needs_no_more_than_the_rules_say_and_a_mean_is_never_taken(grades: dict[str, Grade]) -> None:
    """One Inadequate in a safety-critical section decides, however many Outstanding stand beside it."""
    found = judge({**grades, "SV": I}, RULES, safety_critical=CRITICAL, facts=DONE)
    assert found.grade is I


CASE = CaseContext(frozenset({"child_protection"}), "child_protection", 7, {}, date(2026, 11, 21))
LIBRARY = load_library(SCHEMAS, use_cache=False)


def complete(form, grade: str = "good") -> dict[tuple[str, str], str]:
    """An audit with nothing missing, every section at one grade."""
    answers = {
        ("CV1", "held"): "yes",
        ("CV2", "date"): "2026-11-18",
        ("CV2", "who"): "social worker",
        ("CV2", "how"): "video",
        ("CV4", "reflection"): "We saw the change late",
        ("FB1#1", "obtained"): "yes",
        ("FB1#1", "who"): "child",
        ("FB1#1", "route"): "visit",
        ("FB1#1", "date"): "2026-11-17",
        ("FB1#1", "words"): "It is better now",
        ("SG1", "answer"): "no",
        ("OV", "grade"): grade,
        ("OV", "rationale"): "The work changed things",
    }
    for section in form.graded:
        answers[section.code, "grade"] = grade
        answers[section.code, "rationale"] = "Seen in the record"
        for item in section.items:
            answers[item.id, "evidence"] = "Case note of May"
            for field in item.fields:
                values = {"yes_partly_no": "yes", "yes_no": "yes", "date": "2026-10-01", "number": "1", "scale": "5",
                          "grade": grade, "text": "Words on this"}  # fmt: skip
                keys = [option.key for option in field.options]
                answers[item.id, field.part] = values.get(field.type) or keys[0]
    return answers


def test_a_complete_audit_has_no_gaps() -> None:
    form = LIBRARY.assemble("full-case-audit", CASE)
    answers = complete(form)
    assert submit_gaps(form, answers, CASE, RULES) == ()
    assert judge_form(form, answers, CASE, RULES).grade is G


def test_gaps_of_the_overall_grade() -> None:
    form = LIBRARY.assemble("full-case-audit", CASE)
    answers = complete(form)

    def codes(**changed: str) -> set[str]:
        more = {tuple(key.split("__")): value for key, value in changed.items()}
        return {gap.code for gap in submit_gaps(form, {**answers, **more}, CASE, RULES)}

    assert codes(OV__grade="") == {"no-overall"}
    assert codes(OV__grade="outstanding") == {"above-ceiling"}
    assert codes(OV__grade="outstanding", OV__override_reason="The child says so herself") == set()
    assert codes(OV__rationale="") == {"no-rationale"}
    assert codes(PL__grade="ri") == {"no-action", "reason-missing"}
    assert codes(OV__grade="ri") == set()


def test_facts_are_read_from_the_form() -> None:
    form = LIBRARY.assemble("full-case-audit", CASE)
    answers = complete(form)
    assert facts_of(form, answers, CASE) == AuditFacts(False, True, True, True, None)
    tried = {**answers, ("FB1#1", "obtained"): "no", ("FB1#1", "not_obtained"): "declined"}
    assert facts_of(form, tried, CASE).feedback_attempted is True
    assert facts_of(form, tried, CASE).feedback_obtained is False
    idle = {**tried, ("FB1#1", "not_obtained"): "not_attempted", ("CV1", "held"): "no"}
    assert facts_of(form, idle, CASE).feedback_attempted is False
    assert facts_of(form, idle, CASE).conversation_held is False
    bare = LIBRARY.assemble("dip-sample", CASE)
    assert facts_of(bare, {}, CASE) == AuditFacts()


def test_a_failed_critical_item_caps_unless_put_right_the_same_day() -> None:
    form = LIBRARY.assemble("full-case-audit", CASE)
    answers = complete(form)
    critical = next(item for _, item in form.items() if item.critical and item.asks_yes)
    failed = {**answers, (critical.id, critical.asks_yes.part): "no"}
    assert judge_form(form, failed, CASE, RULES).grade is I
    assert {gap.code for gap in submit_gaps(form, failed, CASE, RULES)} >= {
        "safeguarding-unexplained",
        "above-ceiling",
    }
    assert judge_form(form, {**failed, (critical.id, "remedied"): "yes"}, CASE, RULES).grade is G
    assert judge_form(form, {**failed, ("SG2", "answer"): "yes"}, CASE, RULES).grade is G
