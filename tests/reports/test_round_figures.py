"""Figures against plain arithmetic on a small round whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports.invented_round import invented_round

from qa_audit.grades import Grade
from qa_audit.reports import figures as f
from qa_audit.reports.facts import (
    DONE_STATES,
    ActionFacts,
    AlertFacts,
    AuditFacts,
    EarlierAuditFacts,
    GradeTrail,
    MethodFacts,
    ModerationFacts,
    RoundFacts,
    SectionFacts,
)
from qa_audit.reports.summary import headline, key_figures

O, G, R, I = Grade  # noqa: E741
AS_AT = date(2026, 9, 30)


def audit(number: int, status: str = "final", **more: object) -> AuditFacts:
    base: dict[str, object] = {
        "ref": f"A{number:02d}",
        "child_key": f"k{number}",
        "cohort": "child_in_need",
        "team": "Team one",
        "service": "Help",
        "auditor_code": "A1",
        "status": status,
        "due_on": date(2026, 9, 20),
    }
    return AuditFacts(**{**base, **more})  # type: ignore[arg-type]


def a_round(audits: tuple[AuditFacts, ...], **more: object) -> RoundFacts:
    base: dict[str, object] = {
        "ref": "R9",
        "title": "September",
        "council": "Amberley",
        "period_start": date(2026, 9, 1),
        "period_end": AS_AT,
        "as_at": AS_AT,
        "made_at": datetime(2026, 10, 1, 9, 0),
        "made_by_role": "QA lead",
        "audits": audits,
        "method": MethodFacts("Random"),
    }
    return RoundFacts(**{**base, **more})  # type: ignore[arg-type]


def practice_example() -> RoundFacts:
    """28 planned, 25 done, 3 overdue, 12 moderated, 9 agreed, 3 graded one step too well; 1 alert; 1 Inadequate."""
    audits = []
    told = datetime(2026, 9, 3, 10, 0)
    for i in range(25):
        blind = None
        own = I if i == 0 else G
        if i < 12:
            blind = R if 1 <= i <= 3 else own
        audits.append(
            audit(
                i,
                submitted_on=date(2026, 9, 15),
                moderated_on=date(2026, 9, 18) if blind else None,
                overall=GradeTrail(own, blind, None, blind),
                alerts=(AlertFacts("S1", told, told.replace(hour=12)),) if i == 0 else (),
                recovery_plan_on=date(2026, 9, 16) if i == 0 else None,
            )
        )
    audits += [audit(25 + i, "in_progress", due_on=date(2026, 9, 25)) for i in range(3)]
    moderations = tuple(ModerationFacts(f"A{i:02d}", "M1", True, completed_on=AS_AT) for i in range(12))
    return a_round(tuple(audits), moderations=moderations)


def test_the_headline_of_the_practice_example() -> None:
    assert headline(practice_example()) == (
        "28 planned · 25 done (89%) · 3 overdue · 12 moderated (48%) · agreement 75% (9/12), "
        "net drift +0.25 (auditors more generous) · 1 alert, acknowledged in 2 h · 1 Inadequate, recovery plan on file"
    )


def test_a_headline_with_little_says_little() -> None:
    assert headline(a_round(())) == "No audit is planned in this round"
    few = a_round(
        (audit(1, submitted_on=AS_AT, overall=GradeTrail(G, R, None, R)), audit(2, "planned", due_on=None))
    )
    words = headline(few)
    assert "1 in hand" in words
    assert "agreement 0% (0/1), auditors more generous on 1, harsher on 0" in words
    assert "net drift" not in words


def test_an_alert_nobody_acknowledged_and_a_missing_plan_are_loud() -> None:
    waiting = AlertFacts("S1", datetime(2026, 9, 3, 10, 0))
    facts = a_round((audit(1, submitted_on=AS_AT, overall=GradeTrail(I), alerts=(waiting,)),))
    assert "1 alert, 1 NOT YET ACKNOWLEDGED" in headline(facts)
    assert "1 Inadequate, 1 WITHOUT a recovery plan on file" in headline(facts)


@pytest.mark.parametrize(
    ("trail", "final", "second"),
    [
        (GradeTrail(), None, None),
        (GradeTrail(G), G, None),
        (GradeTrail(G, R), R, R),
        (GradeTrail(G, R, O), O, R),
        (GradeTrail(G, G, None, R), G, R),
        (GradeTrail(G, None, None, R), G, R),
    ],
)
def test_final_is_panel_then_moderator_then_auditor(
    trail: GradeTrail, final: Grade | None, second: Grade | None
) -> None:
    assert trail.final == final
    assert trail.second == second


@pytest.mark.parametrize(
    ("status", "due", "expected"),
    [
        ("final", date(2026, 9, 1), "done"),
        ("submitted", date(2026, 9, 1), "done"),
        ("returned", date(2026, 9, 29), "overdue"),
        ("returned", date(2026, 9, 30), "in_hand"),
        ("in_progress", None, "in_hand"),
        ("lapsed", None, "overdue"),
        ("withdrawn", date(2026, 9, 1), "exempt"),
        ("exempted", None, "exempt"),
    ],
)
def test_where_an_audit_stands(status: str, due: date | None, expected: str) -> None:
    assert f.standing(audit(1, status, due_on=due), AS_AT) == expected


def test_drift_is_the_mean_signed_step() -> None:
    moved = f.drift([(G, R), (G, G), (R, G), (O, I)])
    assert (moved.n, moved.exact, moved.generous, moved.harsh) == (4, 1, 2, 1)
    assert moved.mean == pytest.approx((1 + 0 - 1 + 3) / 4)
    assert f.drift([]).mean is None


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(25, 28, "89%"), (1, 8, "13%"), (1, 200, "1%"), (0, 5, "0%"), (5, 5, "100%"), (0, 0, "none")],
)
def test_percent_rounds_five_up(part: int, whole: int, words: str) -> None:
    assert f.percent(part, whole) == words


def test_bands_of_agreement() -> None:
    facts = invented_round(0)
    assert f.band(8, 10, facts) == "Strong: 80% or more"
    assert f.band(79, 100, facts) == "Watch: 65% to 79%"
    assert f.band(65, 100, facts).startswith("Watch")
    assert f.band(64, 100, facts) == "Act: below 65%"
    assert f.band(9, 9, facts).startswith("Too few")


def test_a_councils_own_bounds_are_the_ones_used() -> None:
    own = replace(invented_round(0), indicative_from=15, green_from=90, amber_from=70)
    assert f.band(14, 14, own) == "Too few to judge (14 double-graded; bands start at 15)"
    assert f.band(89, 100, own) == "Watch: 70% to 89%"
    assert f.band(69, 100, own) == "Act: below 70%"
    assert f.bands_words(replace(own, amber_from=89)) == ("90% or more", "89%", "below 89%")


def test_fair_share_says_small_numbers_in_words() -> None:
    assert f.fair_share(3, 4) == "3 of 4"
    assert f.fair_share(3, 5) == pytest.approx(0.6)
    assert f.fair_share(0, 0) is None


def test_practice_areas_and_the_quarter_before() -> None:
    now = audit(1, submitted_on=AS_AT, sections=(SectionFacts("PL", "Plans", GradeTrail(G, R, None, R)),))
    old = [
        EarlierAuditFacts(f"E{i}", day, GradeTrail(G), (SectionFacts("PL", "Plans", GradeTrail(grade)),))
        for i, (day, grade) in enumerate(
            [(date(2026, 5, 31), O), (date(2026, 6, 1), G), (date(2026, 8, 31), I), (date(2026, 9, 1), O)]
        )
    ]
    (line,) = f.area_lines(
        a_round((now,), earlier=tuple(old), section_titles=(("AS", "Assessment"), ("PL", "Plans")))
    )
    assert line.counts == (0, 0, 1, 0)
    assert line.before == (0, 1, 0, 1)
    assert line.drift.mean == 1.0


def test_months_run_over_the_new_year() -> None:
    assert f.last_months(date(2026, 2, 3)) == (
        "2025-09",
        "2025-10",
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    )
    assert f.quarter_before(date(2026, 2, 1)) == (date(2025, 11, 1), date(2026, 1, 31))


def action(number: int, **more: object) -> ActionFacts:
    base: dict[str, object] = {
        "ref": f"AC{number}", "audit_ref": "A1", "what": "w", "kind": "child", "purpose": "for_the_child",
        "owner_role": "Team manager", "priority": "normal", "raised_on": date(2026, 9, 1), "due_on": AS_AT,
    }  # fmt: skip
    return ActionFacts(**{**base, **more})  # type: ignore[arg-type]


def test_ages_of_actions() -> None:
    late = {0: 0, 1: 1, 7: 1, 8: 2, 30: 2, 31: 3, 90: 3, 91: 4}
    actions = [action(n, due_on=date.fromordinal(AS_AT.toordinal() - n)) for n in late]
    actions += [action(900, due_on=None), action(901, done_on=AS_AT), action(902, withdrawn_on=AS_AT)]
    counts = [n for _, n in f.action_ages(actions, AS_AT)]
    assert counts == [sum(v == k for v in late.values()) for k in range(5)] + [1]


def test_days_ignore_what_is_unknown_or_backwards() -> None:
    assert f.days([(date(2026, 1, 1), date(2026, 1, 4)), (None, AS_AT), (AS_AT, date(2026, 1, 1))]) == (3,)
    assert f.middle([4, 1, 3, 2]) == 2.5
    assert f.middle([]) is None


def test_audits_whose_actions_are_all_verified() -> None:
    actions = (
        action(1, audit_ref="A", verified_on=AS_AT),
        action(2, audit_ref="A", withdrawn_on=AS_AT),
        action(3, audit_ref="B", verified_on=AS_AT),
        action(4, audit_ref="B"),
    )
    assert f.all_verified(a_round((), actions=actions)) == (1, 2)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(0, 60), seed=st.integers(0, 10_000))
def test_everything_adds_up_in_any_round(n: int, seed: int) -> None:
    facts = invented_round(n, seed, texts_each=0)
    finished = [a for a in facts.audits if a.status in DONE_STATES]
    lines = f.plan_lines(facts.audits, facts.as_at)
    assert sum(line.planned for line in lines) == n
    for line in lines:
        assert line.planned == line.done + line.exempt + line.overdue + line.in_hand
    assert sum(line.done for line in lines) == len(finished) == len(f.done(facts))
    found = f.pairs(finished)
    moved = f.drift(found)
    assert moved.n == moved.exact + moved.generous + moved.harsh == len(found)
    if found:
        figures = f.agreement(found)
        assert sum(map(sum, figures["matrix"])) == len(found)
        assert figures["exact"]["est"] == pytest.approx(moved.exact / moved.n)
        assert figures["direction"]["n_generous"] == moved.generous
        if figures["mean_signed_shift"]["est"] is not None:
            assert figures["mean_signed_shift"]["est"] == pytest.approx(moved.mean)
    assert sum(f.grade_counts(a.overall.final for a in finished)) == len(finished)
    standings = [f.action_standing(a, facts.as_at) for a in facts.actions]
    open_ones = standings.count("not_due") + standings.count("overdue")
    assert sum(count for _, count in f.action_ages(facts.actions, facts.as_at)) == open_ones
    for line in f.area_lines(facts):
        graded = [s for a in finished for s in a.sections if s.code == line.code]
        assert line.n == len(graded)
        assert f.good_or_better(line.counts) == sum(s.grades.final in (O, G) for s in graded)
    assert sum(line.plan.planned for line in f.auditor_lines(facts)) == n
    assert key_figures(facts)[0][:3] == ("Audits done", str(len(finished)), n)
