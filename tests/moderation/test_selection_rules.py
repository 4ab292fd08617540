"""Which audits are moderated, why, and with which chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.errors import BadInput
from qa_audit.grades import Grade
from qa_audit.moderation.selection import (
    WORDS,
    SelectionRules,
    SubmittedAudit,
    Why,
    rules_from_settings,
    select,
    settings_of,
)
from qa_audit.sampling.draw import ticket_number

SEED = "16180339887498948482"
RULES = SelectionRules()


def plain(n: int, auditor: str = "flint") -> list[SubmittedAudit]:
    return [SubmittedAudit(f"{auditor}-{i}", auditor, Grade.GOOD) for i in range(n)]


def test_every_rule_moderates_for_certain_and_says_why() -> None:
    audits = [
        SubmittedAudit("1", "a", Grade.OUTSTANDING),
        SubmittedAudit("2", "a", Grade.INADEQUATE),
        SubmittedAudit("3", "a", Grade.GOOD, auditor_audit_number=3),
        SubmittedAudit("4", "a", Grade.GOOD, peer_review=True),
        SubmittedAudit("5", "a", Grade.GOOD, alert=True),
        SubmittedAudit("6", "a", Grade.GOOD, ceiling_override=True),
    ]
    found = select(audits, SEED, RULES)
    wanted = [Why.GRADE, Why.GRADE, Why.NEW_AUDITOR, Why.PEER_REVIEW, Why.ALERT, Why.CEILING_OVERRIDE]
    assert [s.reasons[0] for s in found] == wanted
    assert all(s.moderate and s.inclusion_probability == 1 for s in found)
    assert select([SubmittedAudit("7", "a", Grade.GOOD, 4)], SEED, SelectionRules(share=0))[0].reasons == ()
    assert set(WORDS) == set(Why)


def test_the_random_part_is_the_tickets_below_the_share() -> None:
    for decision in select(plain(400), SEED, RULES):
        below = float(ticket_number(SEED, decision.id)) < 0.2
        assert decision.moderate == decision.random == below
        assert decision.inclusion_probability == 0.2
        assert decision.reasons == ((Why.RANDOM,) if below else ())
    share = sum(s.moderate for s in select(plain(2000), SEED, RULES)) / 2000
    assert share == pytest.approx(0.2, abs=0.03)


def test_drift_out_of_tolerance_raises_the_share_and_keeps_the_rest() -> None:
    usual = {s.id for s in select(plain(300), SEED, RULES) if s.moderate}
    raised = select(plain(300), SEED, RULES, {"flint"})
    assert usual < {s.id for s in raised if s.moderate}
    assert {s.inclusion_probability for s in raised} == {0.5}
    assert {s.reasons for s in raised} == {(), (Why.RANDOM,), (Why.RANDOM_RAISED,)}
    assert {
        s.id for s in select(plain(300, "hazel"), SEED, RULES, {"flint"}) if Why.RANDOM_RAISED in s.reasons
    } == set()


def test_a_demanded_audit_may_also_be_random() -> None:
    found = select([SubmittedAudit(f"{i}", "a", Grade.INADEQUATE) for i in range(50)], SEED, RULES)
    both = [s for s in found if s.random]
    assert both
    assert all(s.reasons == (Why.GRADE, Why.RANDOM) and s.inclusion_probability == 1 for s in both)


def test_everything_is_one_setting() -> None:
    rules = rules_from_settings({"everything": "yes"})
    found = select(plain(20), SEED, rules)
    assert all(s.moderate and s.random and s.inclusion_probability == 1 for s in found)
    assert found[0].reasons == (Why.EVERY_AUDIT,)


@given(
    st.lists(st.text(min_size=1, max_size=6, alphabet="abc0-"), unique=True, max_size=20), st.integers(0, 19)
)
def test_neither_order_nor_company_changes_a_decision(ids: list[str], k: int) -> None:
    audits = [SubmittedAudit(i, "a", Grade.GOOD) for i in ids]
    whole = {s.id: s for s in select(audits, SEED, RULES)}
    assert {s.id: s for s in select(audits[::-1], SEED, RULES)} == whole
    assert all(whole[s.id] == s for s in select(audits[:k], SEED, RULES))


def test_settings_are_data() -> None:
    assert rules_from_settings({}) == RULES
    assert rules_from_settings(settings_of(RULES)) == RULES
    raw = {"share": "25%", "grades": "inadequate, ri", "first_audits": "0", "alerts": "no"}
    rules = rules_from_settings(raw)
    assert rules.share == 0.25
    assert rules.grades == {Grade.INADEQUATE, Grade.REQUIRES_IMPROVEMENT}
    assert rules_from_settings(settings_of(rules)) == rules
    for bad in (
        {"share": "2"},
        {"grades": ["fine"]},
        {"first_audits": "-1"},
        {"alerts": "maybe"},
        {"shares": 1},
    ):
        with pytest.raises(BadInput):
            rules_from_settings(bad)
