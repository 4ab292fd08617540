"""Good or better, corrected for what blind moderation found: worked by hand, and every reason why it is not shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from council_world import NOTHING, World
from reports.invented_round import invented_round
from scipy.stats import t
from sqlalchemy import select

from qa_audit.audits.models import Submission
from qa_audit.grades import Grade
from qa_audit.reports.corrected import corrected
from qa_audit.reports.facts import AuditFacts, GradeTrail, ModerationFacts, RoundFacts
from qa_audit.reports.gather import gather
from qa_audit.reports.sheets.lists import method_and_notes
from qa_audit.reports.summary import key_figures

GOOD, RI, INADEQUATE = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE


def round_of(*kinds: tuple[int, float | None, Grade, Grade | None]) -> RoundFacts:
    """Audits by (how many, chance, auditor's grade, moderator's blind grade or None)."""
    facts = invented_round(0)
    audits, moderations = [], []
    for count, chance, own, blind in kinds:
        for _ in range(count):
            ref = f"A{len(audits):03d}"
            audits.append(
                AuditFacts(ref, ref, "child_in_need", "T", "S", "A1", "final", submitted_on=facts.as_at, first_grade=own,
                           overall=GradeTrail(own, blind, None, blind), moderation_chance=chance)
            )  # fmt: skip
            if blind is not None:
                moderations.append(
                    ModerationFacts(
                        ref,
                        "M1",
                        True,
                        random=(chance or 0) < 1,
                        completed_on=facts.as_at,
                        outcome="agreed",
                    )
                )
    return replace(facts, audits=tuple(audits), moderations=tuple(moderations))


# 40 audits with chance 0.25, 26 of them Good by the auditor, 10 moderated: 6 stay Good, 2 fall, 2 stay below;
# 10 audits that a rule sends, all Inadequate by the auditor, all moderated, 1 of them raised to Good.
BY_HAND = (
    (18, 0.25, GOOD, None), (6, 0.25, GOOD, GOOD), (2, 0.25, GOOD, RI), (12, 0.25, RI, None), (2, 0.25, RI, RI),
    (9, 1.0, INADEQUATE, INADEQUATE), (1, 1.0, INADEQUATE, GOOD),
)  # fmt: skip


def test_the_estimate_and_its_interval_worked_by_hand() -> None:
    found = corrected(round_of(*BY_HAND))
    # Auditors 26/50 = .52. Random group: mean change -2/10, weight 40/50 -> -.16. Certain group: +1/10, weight 10/50 -> +.02.
    assert found.auditors == pytest.approx(0.52)
    assert found.est == pytest.approx(0.52 - 0.16 + 0.02)
    # Spread of the change in the random group: (2 - 10 * .04) / 9; the certain group adds none.
    se = 0.8 * ((1 - 10 / 40) * (1.6 / 9) / 10) ** 0.5
    assert found.ci == pytest.approx((0.38 - t.ppf(0.975, 9) * se, 0.38 + t.ppf(0.975, 9) * se))
    assert (found.n, found.second, found.reason) == (50, 20, "")
    assert found.figure == "38%"
    assert (
        found.words
        == "For what moderation found; 95% 17% to 59%; auditors alone 52%; 20 of 50 moderated blind"
    )


def test_taking_all_moderated_together_would_be_wrong() -> None:
    """The rule's audits are over-represented: pooling would say 26/50 + (1 - 2)/20 = .47, not .38."""
    found = corrected(round_of(*BY_HAND))
    assert found.est is not None
    assert abs(found.est - 0.47) > 0.05


def test_when_every_audit_is_moderated_it_is_a_count_and_no_estimate() -> None:
    found = corrected(round_of((7, 1.0, GOOD, GOOD), (3, 1.0, GOOD, RI)))
    assert found.est == pytest.approx(0.7)
    assert found.ci is None
    assert "every one of 10" in found.words


def test_an_audit_that_came_back_counts_with_its_first_grade() -> None:
    """What was changed on a moderator's word would otherwise be corrected twice."""
    facts = round_of((8, 0.5, GOOD, None), (8, 0.5, GOOD, GOOD), (2, 0.5, RI, RI))
    back = tuple(replace(a, first_grade=GOOD) if a.overall.blind is RI else a for a in facts.audits)
    found = corrected(replace(facts, audits=back))
    assert found.auditors == 1
    assert found.est == pytest.approx(1 - 2 / 10)


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        ((), "no audit is done"),
        (((12, 0.5, GOOD, None),), "no audit was moderated"),
        (((6, 0.5, GOOD, GOOD), (3, 0.5, GOOD, RI), (9, 0.5, GOOD, None)), "only 9 audits"),
        (((12, None, GOOD, GOOD), (9, 0.5, GOOD, None)), "not known for 12 audits"),
        (((12, 0.5, GOOD, GOOD), (9, 0.0, GOOD, None)), "no chance"),
        (((12, 0.5, GOOD, GOOD), (1, 1.0, GOOD, None)), "no second grade"),
        (((12, 0.5, GOOD, GOOD), (6, 0.2, GOOD, None)), "none of the 6 audits with a chance of moderation of 20%"),
        (((12, 0.5, GOOD, GOOD), (6, 0.2, GOOD, None), (1, 0.2, GOOD, RI)), "only 1 of the 7 audits"),
        (((12, 0.5, GOOD, GOOD), (12, 0.5, GOOD, None)), "moved alike"),
    ],
)  # fmt: skip
def test_where_it_is_not_valid_it_says_why_and_nothing_else(kinds, why: str) -> None:
    found = corrected(round_of(*kinds))
    assert found.est is None
    assert found.ci is None
    assert why in found.reason
    assert found.figure == "not shown"


def test_it_waits_for_every_second_grade_and_refuses_one_given_in_sight_of_the_first() -> None:
    facts = round_of(*BY_HAND)
    last = facts.moderations[-1]
    waiting = replace(facts, moderations=(*facts.moderations[:-1], replace(last, completed_on=None)))
    assert "still to be moderated" in corrected(waiting).reason
    seen = replace(facts, moderations=(*facts.moderations[:-1], replace(last, blind=False)))
    assert "blind second grade" in corrected(seen).reason
    back = replace(facts, audits=(*facts.audits, replace(facts.audits[0], ref="R", status="returned")))
    assert "handed in again" in corrected(back).reason


def test_the_paper_says_it_on_the_first_sheet_and_in_the_method() -> None:
    facts = round_of(*BY_HAND)
    row = next(row for row in key_figures(facts) if row[0] == "Good or better, corrected")
    assert row[1:3] == ("38%", 50)
    method = next(b for b in method_and_notes(facts).blocks if getattr(b, "name", "") == "MethodNotes")
    said = dict(method.rows)["Good or better, corrected"]
    assert said.startswith("38% of 50 audits done")
    bare = method_and_notes(round_of((12, 0.5, GOOD, None)))
    assert any("Not shown: no audit was moderated" in str(getattr(b, "rows", "")) for b in bare.blocks)


def test_the_chance_is_kept_for_what_was_not_moderated_and_hidden_while_it_would_tell_the_grade(
    world: World,
) -> None:
    rules = {**NOTHING, "share": 0.0001, "grades": ["inadequate"]}
    ref, ((first, one), (second, two)) = world.allocated(2, moderation=rules)
    assert world.submitted(first, one, GOOD) is None
    moderator = world.submitted(second, two, INADEQUATE)
    with world.workspace.read() as conn:
        kept = {
            row.audit_id: row.moderation_chance for row in conn.execute(select(Submission.__table__)).all()
        }
    assert sorted(kept.values()) == [0.0001, 1.0]

    def told() -> dict[str, AuditFacts]:
        return {a.ref: a for a in gather(world.workspace, ref, made_by_role="QA lead").audits}

    assert told()[first].moderation_chance == 0.0001
    assert told()[first].first_grade is GOOD
    assert told()[second].moderation_chance is None
    assert told()[second].first_grade is None
    assert moderator is not None
    world.locked(second, moderator, INADEQUATE)
    world.decided(second, moderator)
    assert told()[second].moderation_chance == 1
    assert told()[second].first_grade is INADEQUATE
