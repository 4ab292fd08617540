"""Which audits are moderated, and how a moderation ends: agreed, answered, disputed, at panel, left to stand."""

from __future__ import annotations

import pytest
from council_world import NOTHING, World
from sqlalchemy import select

from qa_audit.audits import alert_service, allocation_service
from qa_audit.audits.models import Audit, AuditGrade, StandingGrade
from qa_audit.errors import Code, QaError
from qa_audit.grades import Grade
from qa_audit.improvement import finishing
from qa_audit.improvement import service as improvement
from qa_audit.moderation import deciding, reading
from qa_audit.moderation import service as moderation
from qa_audit.moderation.models import BlindGrade, ModeratedGrade, Moderation, PanelGrade
from qa_audit.moderation.records import Decision
from qa_audit.store import trail

G = Grade


def refused(call, *arguments, **named) -> Code:
    with pytest.raises(QaError) as error:
        call(*arguments, **named)
    return error.value.code


def rows(world: World, model, **where):
    query = select(model.__table__)
    for name, value in where.items():
        query = query.where(model.__table__.c[name] == value)
    with world.workspace.read() as conn:
        return conn.execute(query).all()


def standing(world: World, audit: str) -> dict[str, tuple[Grade, str]]:
    audit_id = rows(world, Audit, ref=audit)[0].audit_id
    return {
        row.section: (Grade(row.grade), row.source) for row in rows(world, StandingGrade, audit_id=audit_id)
    }


def ready(world: World, grade: Grade = G.GOOD, **changes) -> tuple:
    """One audit whose second grade is in: (audit, auditor, moderator)."""
    audit, auditor = world.one(**changes)
    moderator = world.submitted(audit, auditor, grade)
    world.locked(audit, moderator, grade)
    return audit, auditor, moderator


# Choosing


@pytest.mark.parametrize(
    ("rules", "grade", "extra", "alert", "reason"),
    [
        (NOTHING, G.GOOD, {}, False, None),
        (NOTHING, G.INADEQUATE, {}, False, None),
        (NOTHING | {"grades": ["outstanding", "inadequate"]}, G.GOOD, {}, False, None),
        (NOTHING | {"grades": ["outstanding", "inadequate"]}, G.INADEQUATE, {}, False, "grade"),
        (NOTHING | {"grades": ["outstanding", "inadequate"]}, G.OUTSTANDING, {}, False, "grade"),
        (NOTHING | {"alerts": True}, G.GOOD, {}, False, None),
        (NOTHING | {"alerts": True}, G.GOOD, {}, True, "alert"),
        (NOTHING | {"ceiling_overrides": True}, G.REQUIRES_IMPROVEMENT, {}, False, None),
        (NOTHING | {"ceiling_overrides": True}, G.REQUIRES_IMPROVEMENT, {("OV", "grade"): "good"}, False, "ceiling_override"),
        (NOTHING | {"first_audits": 1}, G.GOOD, {}, False, "new_auditor"),
        (NOTHING | {"share": 1}, G.GOOD, {}, False, "every_audit"),
        ({"everything": True}, G.GOOD, {}, False, "every_audit"),
    ],
)  # fmt: skip
def test_the_rules_choose(world, rules, grade, extra, alert, reason):
    audit, auditor = world.one(moderation=rules)
    if alert:
        alert_service.raise_alert(
            world.workspace, auditor, concern="Seen with a bruise", told="Duty manager", audit_ref=audit
        )
    moderator = world.submitted(audit, auditor, grade, extra)
    found = rows(world, Moderation)
    if reason is None:
        assert (found, world.status(audit), moderator) == ([], "final", None)
        assert {source for _, source in standing(world, audit).values()} == {"auditor"}
        return
    assert (world.status(audit), moderator is not None) == ("in_moderation", True)
    assert reason in found[0].reasons
    assert found[0].inclusion_probability == 1.0


def test_only_the_first_three_of_a_new_auditor(world):
    ref, _ = world.allocated(1, moderation=NOTHING | {"first_audits": 3}, plan={})
    from qa_audit.sampling import service as sampling

    sampling.extend_draw(world.workspace, world.lead, ref, 5)
    allocation_service.allocate(world.workspace, world.lead, ref, auditors=("AU3",))
    statuses = []
    for row in rows(world, Audit):
        if row.auditor_id == world["AU3"].person_id:
            world.submitted(row.ref, world["AU3"])
            statuses.append(world.status(row.ref))
    assert len(statuses) >= 4
    assert statuses == ["in_moderation"] * 3 + ["final"] * (len(statuses) - 3)


def test_a_share_chooses_the_same_whatever_the_order(new_world):
    chosen = []
    for step in (1, -1):
        world = new_world()
        _, given = world.allocated(9, moderation=NOTHING | {"share": 0.5})
        for audit, auditor in given[::step]:
            world.submitted(audit, auditor)
        chosen.append({row.ref for row in rows(world, Audit) if row.status == "in_moderation"})
        assert {
            (bool(row.random), row.inclusion_probability, tuple(row.reasons))
            for row in rows(world, Moderation)
        } == {(True, 0.5, ("random",))}
    assert chosen[0] == chosen[1]
    assert 0 < len(chosen[0]) < 9


def test_the_moderator_is_untied_and_the_least_loaded(world):
    _, given = world.allocated(4)
    found = [world.submitted(audit, auditor).code for audit, auditor in given]
    assert sorted(found) == ["MO1", "MO1", "MO2", "MO2"]
    audit = given[0][0]
    assert (
        refused(moderation.allocate, world.workspace, world.lead, audit, given[0][1].code) is Code.NOT_ALLOWED
    )
    assert refused(moderation.allocate, world.workspace, world.lead, audit, "DS1") is Code.NOT_ALLOWED
    other = next(code for code in ("MO1", "MO2") if code != found[0])
    assert [one.code for one in moderation.possible_moderators(world.workspace, world.lead, audit)] == sorted(
        ("MO1", "MO2"), key=lambda code: world[code].person_id
    )
    assert moderation.allocate(world.workspace, world.lead, audit, other) == other
    moderation.save(world.workspace, world[other], audit, "VC", "grade", "good")
    assert refused(moderation.allocate, world.workspace, world.lead, audit, found[0]) is Code.WRONG_STATE
    for code in ("QA1", "HS1", found[0]):
        assert refused(moderation.open_moderation, world.workspace, world[code], audit) in {
            Code.NOT_FOUND,
            Code.NOT_ALLOWED,
        }


# The lock


def test_the_lock_needs_every_section_and_holds(each_world):
    world = each_world
    audit, auditor = world.one()
    moderator = world.submitted(audit, auditor)
    view = moderation.open_moderation(world.workspace, moderator, audit)
    for section in view.sections[:-1]:
        moderation.save(world.workspace, moderator, audit, section, "grade", "RI")
    assert refused(moderation.lock, world.workspace, moderator, audit) is Code.INCOMPLETE
    assert rows(world, BlindGrade) == []
    assert (
        refused(moderation.save, world.workspace, moderator, audit, "VC", "grade", "fine") is Code.BAD_VALUE
    )
    assert (
        refused(moderation.save, world.workspace, moderator, audit, "VC", "stand", "good") is Code.WRONG_STATE
    )
    assert (
        refused(
            deciding.decide,
            world.workspace,
            moderator,
            audit,
            (),
            audit_quality=G.GOOD,
            when_final=lambda *_: None,
        )
        is Code.WRONG_STATE
    )
    world.locked(audit, moderator, G.REQUIRES_IMPROVEMENT)
    assert {row.grade for row in rows(world, BlindGrade)} == {3}
    assert {row.section for row in rows(world, BlindGrade)} == set(view.sections)
    for section in ("VC", "OV"):
        assert (
            refused(moderation.save, world.workspace, moderator, audit, section, "grade", "good")
            is Code.WRONG_STATE
        )
    assert refused(moderation.lock, world.workspace, moderator, audit) is Code.WRONG_STATE
    assert moderation.save(world.workspace, moderator, audit, "VC", "stand", "Good") == "good"
    assert moderation.save(world.workspace, moderator, audit, "MA1", "answer", "yes") == "yes"
    assert (
        refused(moderation.save, world.workspace, moderator, audit, "VC", "why_code", "mood")
        is Code.BAD_VALUE
    )


# Deciding


def test_agreed_is_final_with_its_actions(each_world):
    world = each_world
    audit, _, moderator = ready(world, G.REQUIRES_IMPROVEMENT)
    assert "final" in world.decided(audit, moderator)
    assert world.status(audit) == "final"
    assert set(standing(world, audit).values()) == {(G.REQUIRES_IMPROVEMENT, "moderator")}
    assert (
        len(improvement.actions(world.workspace, world.lead, audit_ref=audit))
        == len(standing(world, audit)) - 1
    )
    assert refused(world.decided, audit, moderator) is Code.WRONG_STATE


def test_every_section_is_decided_once_and_a_change_has_its_reason(world):
    audit, _, moderator = ready(world)
    view = moderation.open_moderation(world.workspace, moderator, audit)
    agreed = [Decision(one.section, one.auditor) for one in view.comparison]

    def decide(made) -> Code:
        return refused(finishing.decide, world.workspace, moderator, audit, tuple(made), audit_quality=G.GOOD)

    assert decide(agreed[:-1]) is Code.INCOMPLETE
    assert decide([*agreed, agreed[0]]) is Code.BAD_VALUE
    assert decide([*agreed, Decision("ZZ", G.GOOD)]) is Code.BAD_VALUE
    for reason_code, reason in (("", "Because"), ("mood", "Because"), ("too_harsh", " ")):
        assert (
            decide([*agreed[:-1], Decision(agreed[-1].section, G.INADEQUATE, reason_code, reason)])
            is Code.INCOMPLETE
        )
    assert (rows(world, ModeratedGrade), world.status(audit)) == ([], "in_moderation")


def test_changed_and_accepted_keeps_all_three_facts(each_world):
    world = each_world
    audit, auditor, moderator = ready(world)
    said = world.decided(audit, moderator, {"VC": G.REQUIRES_IMPROVEMENT, "OV": G.REQUIRES_IMPROVEMENT})
    assert "2026-11-09" in said
    assert world.status(audit) == "moderated"
    assert improvement.actions(world.workspace, world.lead) == ()
    sheet = deciding.feedback_sheet(world.workspace, auditor, audit)
    assert (sheet.outcome, sheet.can_respond) == ("changed_down", True)
    changed = next(one for one in sheet.comparison if one.section == "VC")
    assert (changed.auditor, changed.blind, changed.moderated, changed.reason) == (
        G.GOOD,
        G.GOOD,
        G.REQUIRES_IMPROVEMENT,
        "The plan had drifted",
    )
    for code in {"AU1", "AU2", "AU3"} - {auditor.code}:
        assert refused(finishing.respond, world.workspace, world[code], audit, accept=True) is Code.NOT_FOUND
        assert refused(deciding.feedback_sheet, world.workspace, world[code], audit) is Code.NOT_FOUND
    finishing.respond(world.workspace, auditor, audit, accept=True)
    found = standing(world, audit)
    assert (found["VC"], found["OV"], found["IM"]) == (
        (G.REQUIRES_IMPROVEMENT, "moderator"),
        (G.REQUIRES_IMPROVEMENT, "moderator"),
        (G.GOOD, "moderator"),
    )
    final = reading.read_final(world.workspace, auditor, audit)
    assert (final.auditor["VC"], final.moderated["VC"], final.final("VC")) == (
        G.GOOD,
        G.REQUIRES_IMPROVEMENT,
        G.REQUIRES_IMPROVEMENT,
    )
    assert {row.grade for row in rows(world, AuditGrade)} == {2}
    assert refused(finishing.respond, world.workspace, auditor, audit, accept=True) is Code.WRONG_STATE


def test_disputed_goes_to_a_panel_of_others(each_world):
    world = each_world
    audit, auditor, moderator = ready(world)
    world.decided(audit, moderator, {"VC": G.REQUIRES_IMPROVEMENT, "OV": G.REQUIRES_IMPROVEMENT})
    assert refused(finishing.respond, world.workspace, auditor, audit, accept=False) is Code.INCOMPLETE
    finishing.respond(
        world.workspace, auditor, audit, accept=False, words="The core group minutes were not weighed"
    )
    assert world.status(audit) == "panel"
    panel = deciding.panels(world.workspace, world.lead)[0]
    assert (panel.audit_ref, panel.auditor_grade, panel.moderated_grade, panel.panel_grade) == (
        audit,
        G.GOOD,
        G.REQUIRES_IMPROVEMENT,
        None,
    )
    assert refused(deciding.panels, world.workspace, moderator) is Code.NOT_ALLOWED
    assert (
        refused(finishing.decide_panel, world.workspace, world.lead, audit, {"OV": G.GOOD}, " ")
        is Code.INCOMPLETE
    )
    assert (
        refused(finishing.decide_panel, world.workspace, world.lead, audit, {"ZZ": G.GOOD}, "Weighed")
        is Code.BAD_VALUE
    )
    assert "Good" in finishing.decide_panel(
        world.workspace, world["HS1"], audit, {"OV": G.GOOD}, "The minutes show the change"
    )
    found = standing(world, audit)
    assert (found["OV"], found["VC"]) == ((G.GOOD, "panel"), (G.REQUIRES_IMPROVEMENT, "panel"))
    final = reading.read_final(world.workspace, auditor, audit)
    assert (final.auditor["OV"], final.moderated["OV"], final.panel["OV"], final.standing) == (
        G.GOOD,
        G.REQUIRES_IMPROVEMENT,
        G.GOOD,
        G.GOOD,
    )
    assert len(rows(world, PanelGrade)) == len(found)
    assert deciding.panels(world.workspace, world.lead) == ()
    assert (
        refused(finishing.decide_panel, world.workspace, world.lead, audit, {}, "Again") is Code.WRONG_STATE
    )


def test_neither_auditor_nor_moderator_sits_on_the_panel(world):
    from qa_audit.access import service as access

    for code in ("AU1", "AU2", "AU3", "MO1", "MO2"):
        access.set_roles(world.workspace, world.lead, code, [*world[code].roles, "head_of_service"])
    world.actors.clear()
    audit, auditor, moderator = ready(world)
    world.decided(audit, moderator, {"OV": G.INADEQUATE})
    for actor in (auditor, moderator):
        assert (
            refused(finishing.decide_panel, world.workspace, actor, audit, {}, "We agree") is Code.NOT_ALLOWED
        )
    assert world.status(audit) == "panel"


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (G.GOOD, G.INADEQUATE, "two steps"), (G.OUTSTANDING, G.REQUIRES_IMPROVEMENT, "two steps"), (G.REQUIRES_IMPROVEMENT, G.INADEQUATE, "into Inadequate"),
        (G.INADEQUATE, G.REQUIRES_IMPROVEMENT, "out of Inadequate"), (G.GOOD, G.OUTSTANDING, None), (G.REQUIRES_IMPROVEMENT, G.GOOD, None),
    ],
)  # fmt: skip
def test_two_steps_or_inadequate_is_never_one_person_s_to_decide(world, first, second, why):
    audit, _, moderator = ready(world, first)
    said = world.decided(audit, moderator, {"OV": second})
    assert world.status(audit) == ("panel" if why else "moderated")
    assert why is None or why in said


def test_unanswered_grades_stand_only_after_five_working_days(world):
    audit, auditor, moderator = ready(world)  # on Monday 2 November
    world.decided(audit, moderator, {"OV": G.REQUIRES_IMPROVEMENT})
    for days in (0, 6, 1):
        world.clock.forward(days=days)  # Monday, Sunday, the fifth working day
        assert refused(finishing.let_stand, world.workspace, world.lead, audit) is Code.WRONG_STATE
    world.clock.forward(days=1)
    finishing.let_stand(world.workspace, world.lead, audit)
    assert standing(world, audit)["OV"] == (G.REQUIRES_IMPROVEMENT, "moderator")
    assert (
        refused(finishing.respond, world.workspace, auditor, audit, accept=False, words="Too late")
        is Code.WRONG_STATE
    )


def test_returned_needs_words_and_gives_a_new_moderation(world):
    audit, auditor, moderator = ready(world)
    assert refused(deciding.return_audit, world.workspace, moderator, audit, " ") is Code.INCOMPLETE
    deciding.return_audit(world.workspace, moderator, audit, "No evidence of visits")
    assert world.status(audit) == "returned"
    assert refused(moderation.lock, world.workspace, moderator, audit) is Code.WRONG_STATE
    again = world.submitted(audit, auditor)
    found = {row.revision: row for row in rows(world, Moderation)}
    assert (found[1].state, found[1].outcome, found[2].state) == ("returned", "returned", "queued")
    world.locked(audit, again)
    assert "final" in world.decided(audit, again)


def test_a_returned_audit_comes_back_even_when_no_rule_asks_for_it(world):
    audit, auditor = world.one(moderation=NOTHING | {"grades": ["inadequate"]})
    moderator = world.submitted(audit, auditor, G.INADEQUATE)
    deciding.return_audit(world.workspace, moderator, audit, "The grade is not evidenced")
    better = {(row[0], row[1]): "good" for row in _graded(world, audit, auditor)}
    world.submitted(audit, auditor, G.GOOD, better)
    found = next(row for row in rows(world, Moderation) if row.revision == 2)
    assert (found.reasons, found.random, found.inclusion_probability) == (["returned"], False, 1.0)


def _graded(world, audit, auditor):
    from qa_audit.audits.service import open_audit

    return [
        place
        for place, value in open_audit(world.workspace, auditor, audit).answers.items()
        if value == "inadequate"
    ]


def test_a_tool_without_an_overall_grade_can_be_disputed_and_decided(world):
    audit, auditor = world.one(form_id="dip-sample")
    moderator = world.submitted(audit, auditor)
    assert "OV" not in {row.section for row in rows(world, AuditGrade)}
    world.locked(audit, moderator)
    world.decided(audit, moderator, {"IM": G.REQUIRES_IMPROVEMENT})
    assert rows(world, Moderation)[0].outcome == "changed"
    finishing.respond(world.workspace, auditor, audit, accept=False, words="Not fair")
    finishing.decide_panel(world.workspace, world["HS1"], audit, {"IM": G.GOOD}, "The record shows it")
    assert standing(world, audit)["IM"] == (G.GOOD, "panel")


def test_the_trail_tells_the_whole_story(world):
    audit, _auditor, moderator = ready(world)
    world.decided(audit, moderator)
    wanted = [
        "moderation.selected",
        "moderation.allocated",
        "moderation.saved",
        "moderation.locked",
        "moderation.decided",
        "audit.final",
    ]
    found = [one.action for one in reversed(trail.events(world.workspace, limit=1000))]
    assert [one for one in dict.fromkeys(found) if one in wanted] == wanted


def test_a_moderation_that_has_begun_moves_and_starts_afresh(world):
    audit, auditor = world.one(moderation={"everything": "yes"})
    first = world.submitted(audit, auditor, G.GOOD)
    moderation.save(world.workspace, first, audit, "OV", "grade", "ri")
    assert refused(moderation.move, world.workspace, world.lead, audit, "MO2", " ") is Code.INCOMPLETE
    others = [code for code in ("MO1", "MO2", "QA1") if code != first.code]
    code = moderation.move(world.workspace, world.lead, audit, others[0], "left the council")
    assert code == others[0]
    assert refused(moderation.open_moderation, world.workspace, first, audit) is Code.NOT_FOUND
    view = moderation.open_moderation(world.workspace, world[code], audit)
    assert view.own == {}
    assert view.blind
    found = trail.events(world.workspace, action="moderation.")
    assert any(row.action == "moderation.moved" and row.reason == "left the council" for row in found)
    world.locked(audit, world[code], G.GOOD)
    assert (
        refused(moderation.move, world.workspace, world.lead, audit, first.code, "again") is Code.WRONG_STATE
    )
