"""Rounds and draws as the services keep them: planned, drawn in the open, extended, mended, and proved for ever."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from council_world import SEED, World, child
from sqlalchemy import select

from qa_audit.errors import Code, QaError
from qa_audit.sampling import service as sampling
from qa_audit.sampling.models import Draw
from qa_audit.sampling.risks import RISKS, RiskFacts, risks_of, three_months_before
from qa_audit.store import trail

BY_TEAM = {"strata": ["team"], "minimum": 1, "reserves": 3}


def refused(call, *arguments, **named) -> Code:
    with pytest.raises(QaError) as error:
        call(*arguments, **named)
    return error.value.code


def keys(world: World, ref: str, state: str = "selected") -> list[str]:
    return [
        one.child_key for one in sampling.drawn_cases(world.workspace, world.lead, ref) if one.state == state
    ]


def verified(world: World, *refs: str) -> bool:
    return all(sampling.verify_draw(world.workspace, world.lead, ref) == [] for ref in refs)


def test_plan_preview_draw_certificate_verify(each_world):
    world = each_world
    ref = world.plan(6, plan=BY_TEAM)
    seen = sampling.preview(world.workspace, world.lead, ref)
    assert (seen.children, seen.eligible, seen.to_draw) == (36, 36, 6)
    assert [(one.stratum, one.population, one.allocated) for one in seen.strata] == [
        (team, 12, 2) for team in ("Harbour", "Meadow", "Orchard")
    ]
    made = sampling.draw(world.workspace, world.lead, ref, SEED)
    assert keys(world, ref) == [one.id for one in made.selected]
    assert {one.weight for one in made.selected} == {6.0}
    document, page = sampling.draw_certificate(world.workspace, world.lead, ref)
    assert (document["seed"], document["population"], len(document["reserves"])) == (SEED, 36, 9)
    assert ref in page
    assert SEED in page
    assert "draw 1" in page
    assert verified(world, ref)
    row = sampling.round_of(world.workspace, world.lead, ref.lower())
    assert (row.status, row.drawn) == ("open", 6)


def test_a_tampered_certificate_does_not_stand(world):
    ref = world.drawn(4)
    draws = Draw.__table__
    with world.workspace.write(world.lead) as unit:
        row = unit.conn.execute(select(draws)).one()
        changed = {
            **row.certificate,
            "selected": [
                {**row.certificate["selected"][0], "id": "SOMEBODYELSE"},
                *row.certificate["selected"][1:],
            ],
        }
        unit.conn.execute(draws.update().values(certificate=changed))
    assert sampling.verify_draw(world.workspace, world.lead, ref)


def test_an_extension_keeps_what_was_drawn(each_world):
    world = each_world
    ref = world.drawn(3, plan=BY_TEAM)
    first = set(keys(world, ref))
    sampling.extend_draw(world.workspace, world.lead, ref, 9)
    assert first < set(keys(world, ref))
    assert len(keys(world, ref)) == 9
    assert sampling.round_of(world.workspace, world.lead, ref).target == 9
    assert verified(world, ref)
    assert refused(sampling.extend_draw, world.workspace, world.lead, ref, 3) is Code.CONFLICT
    assert len(keys(world, ref)) == 9


def test_a_replacement_takes_the_next_ticket_with_a_coded_reason(each_world):
    world = each_world
    ref = world.drawn(6, plan=BY_TEAM)
    gone = keys(world, ref)[0]
    stratum = next(
        one.stratum for one in sampling.drawn_cases(world.workspace, world.lead, ref) if one.child_key == gone
    )
    following = next(
        one.child_key
        for one in sorted(sampling.drawn_cases(world.workspace, world.lead, ref), key=lambda one: one.ticket)
        if one.state == "reserve" and one.stratum == stratum
    )
    assert (
        refused(sampling.replace_drawn, world.workspace, world.lead, ref, gone, "because") is Code.BAD_VALUE
    )
    assert (
        sampling.replace_drawn(world.workspace, world.lead, ref, gone, "transferred", "Moved away")
        == following
    )
    assert following in keys(world, ref)
    assert keys(world, ref, "replaced") == [gone]
    assert verified(world, ref)
    again = sampling.replace_drawn(world.workspace, world.lead, ref, following, "duplicate")
    assert again in keys(world, ref)
    sampling.extend_draw(world.workspace, world.lead, ref, 9)
    assert {gone, following} & set(keys(world, ref)) == set()
    assert verified(world, ref)
    assert (
        refused(sampling.replace_drawn, world.workspace, world.lead, ref, "NOBODY", "other") is Code.NOT_FOUND
    )


def test_drawing_again_needs_a_reason_and_keeps_the_first(world):
    plan = {**BY_TEAM, "worker_once": True, "not_audited_months": 12}
    ref = world.drawn(6, plan=plan)
    first = keys(world, ref)
    assert refused(sampling.draw, world.workspace, world.lead, ref, "98765432109876543210") is Code.CONFLICT
    sampling.draw(
        world.workspace, world.lead, ref, "98765432109876543210", reason="The list was not complete"
    )
    assert keys(world, ref) != first
    assert verified(world, ref)  # its own first draw keeps nobody out
    with world.workspace.read() as conn:
        kept = conn.execute(select(Draw.__table__).order_by(Draw.__table__.c.number)).all()
    assert [(one.number, bool(one.superseded), one.reason) for one in kept] == [
        (1, True, ""),
        (2, False, "The list was not complete"),
    ]
    assert [one["id"] for one in kept[0].certificate["selected"]] == first
    assert "The list was not complete" in sampling.draw_certificate(world.workspace, world.lead, ref)[1]


def test_a_closed_round_refuses_everything(world):
    ref = world.drawn(3)
    sampling.close_round(world.workspace, world.lead, ref)
    calls = (
        (sampling.draw, (SEED,), {"reason": "again"}), (sampling.extend_draw, (9,), {}), (sampling.close_round, (), {}),
        (sampling.replace_drawn, (keys(world, ref)[0], "other"), {}), (sampling.change_plan, ({},), {}), (sampling.use_frame, (), {}),
    )  # fmt: skip
    for call, arguments, named in calls:
        assert refused(call, world.workspace, world.lead, ref, *arguments, **named) is Code.WRONG_STATE, call
    assert verified(world, ref)


def test_later_rounds_leave_out_recent_children_and_busy_workers(world):
    plan = {**BY_TEAM, "worker_once": True, "not_audited_months": 12}
    first = world.drawn(3, plan=plan)
    cases = [
        one for one in sampling.drawn_cases(world.workspace, world.lead, first) if one.state == "selected"
    ]
    world.clock.forward(days=7)
    second = world.plan(3, plan=plan, title="Second")
    seen = sampling.preview(world.workspace, world.lead, second)
    assert seen.left_out["audited recently"] == 3
    busy = {one.worker for one in cases}
    held = sum(f"W{number % 11}" in busy for number in range(36))
    assert seen.left_out["worker already sampled"] == held - 3
    sampling.draw(world.workspace, world.lead, second, SEED)
    drawn = [
        one for one in sampling.drawn_cases(world.workspace, world.lead, second) if one.state == "selected"
    ]
    assert not {one.child_key for one in drawn} & {one.child_key for one in cases}
    assert not {one.worker for one in drawn} & busy

    # What happens to the first round later changes nothing that was proved of the second.
    world.clock.forward(days=1)
    sampling.replace_drawn(world.workspace, world.lead, first, cases[0].child_key, "case_closed")
    sampling.extend_draw(world.workspace, world.lead, first, 6)
    assert verified(world, first, second)
    sampling.replace_drawn(world.workspace, world.lead, second, drawn[0].child_key, "case_closed")
    sampling.draw(world.workspace, world.lead, first, "55512358132134558914", reason="Again")
    sampling.extend_draw(world.workspace, world.lead, second, 6)
    assert verified(world, first, second)


def test_a_year_and_a_quarter_later_they_may_be_drawn_again(world):
    plan = {**BY_TEAM, "worker_once": True, "not_audited_months": 12}
    world.drawn(3, plan=plan)
    for days, wanted in ((92, {"audited recently": 3}), (274, {})):
        world.clock.forward(days=days)
        today = world.clock.moment.date()
        world.frame(tuple(child(number) for number in range(36)), today)
        seen = sampling.preview(world.workspace, world.lead, world.plan(3, plan=plan))
        assert seen.left_out == wanted


def test_a_newer_list_never_moves_a_drawn_round(world):
    ref = world.drawn(4)
    before = keys(world, ref)
    world.frame(tuple(child(number) for number in range(50)), date(2026, 12, 1))
    assert refused(sampling.use_frame, world.workspace, world.lead, ref) is Code.WRONG_STATE
    assert verified(world, ref)
    sampling.extend_draw(world.workspace, world.lead, ref, 8)
    assert set(before) < set(keys(world, ref))


def test_judgement_picks_are_marked_and_weigh_nothing(world):
    ref = world.plan(3)
    picks = dict.fromkeys(_keys_of_frame(world)[:2], "A complaint")
    sampling.draw(world.workspace, world.lead, ref, SEED, picks=picks)
    rows = [one for one in sampling.drawn_cases(world.workspace, world.lead, ref) if one.kind == "judgement"]
    assert 1 <= len(rows) <= 2
    assert {(one.weight, one.inclusion_probability, one.reason) for one in rows} == {
        (None, None, "A complaint")
    }
    assert verified(world, ref)
    sampling.extend_draw(world.workspace, world.lead, ref, 5)
    assert {one.child_key for one in rows} <= set(keys(world, ref))


def _keys_of_frame(world: World) -> list[str]:
    from qa_audit.frame.service import children, frames

    frame = frames(world.workspace, world.lead)[0]
    return [one.child_key for one in children(world.workspace, world.lead, frame.frame_id)[1]]


def test_risk_lists_are_counted_and_drawn_at_their_own_rate(world):
    made = [child(number) for number in range(20)]
    made += [child(number, flags=("unregistered_home",)) for number in (20, 21, 22, 23)]
    world.frame(tuple(made), date(2026, 11, 2))
    ref = world.plan(4, plan={"risks": [{"key": "unregistered_home", "rate": 0.5}]})
    seen = sampling.preview(world.workspace, world.lead, ref)
    assert {key: number for key, _, number in seen.risks}["unregistered_home"] == 4
    assert {one.stratum: (one.population, one.allocated, one.kind) for one in seen.strata} == {
        "risk: unregistered_home": (4, 2, "risk"), "all cases": (20, 4, "random"),
    }  # fmt: skip
    sampling.draw(world.workspace, world.lead, ref, SEED)
    risky = [
        one
        for one in sampling.drawn_cases(world.workspace, world.lead, ref)
        if one.kind == "risk" and one.state == "selected"
    ]
    assert [one.weight for one in risky] == [2.0, 2.0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": " "}, Code.INCOMPLETE), ({"kind": "party"}, Code.BAD_VALUE), ({"starts": "2026-13-01"}, Code.BAD_VALUE),
        ({"due": "soon"}, Code.BAD_VALUE), ({"closes": "2026-01-01"}, Code.BAD_VALUE), ({"target": 0}, Code.BAD_VALUE),
        ({"cohorts": ("teenagers",)}, Code.BAD_VALUE), ({"open_state": "ajar"}, Code.BAD_VALUE), ({"form_id": "no-form"}, None),
        ({"plan": {"strata": ["shoe_size"]}}, Code.BAD_VALUE), ({"plan": {"risks": ["haunted"]}}, Code.BAD_VALUE),
        ({"plan": {"sice": 4}}, Code.BAD_VALUE), ({"moderation": {"share": 3}}, Code.BAD_VALUE),
    ],
)  # fmt: skip
def test_a_round_that_cannot_be_is_not_planned(world, change, code):
    before = trail.count_events(world.workspace, action="round.planned")
    found = refused(world.plan, **change)
    assert code is None or found is code
    assert sampling.rounds(world.workspace, world.lead) == ()
    assert trail.count_events(world.workspace, action="round.planned") == before


def test_references_never_meet(world):
    assert world.plan() == "R-2026-11"
    assert world.plan(ref="R-2026-11-2") == "R-2026-11-2"
    assert world.plan() == "R-2026-11-3"
    assert refused(world.plan, ref="r-2026-11") is Code.CONFLICT
    assert world.plan(ref="Autumn") == "Autumn"


def test_a_plan_changes_until_the_draw(world):
    ref = world.plan(4)
    sampling.change_plan(world.workspace, world.lead, ref, BY_TEAM)
    assert sampling.round_of(world.workspace, world.lead, ref).plan["strata"] == ["team"]
    sampling.draw(world.workspace, world.lead, ref, SEED)
    assert refused(sampling.change_plan, world.workspace, world.lead, ref, {}) is Code.WRONG_STATE
    assert refused(sampling.draw, world.workspace, world.lead, ref, "  ") is Code.INCOMPLETE
    assert refused(sampling.draw_certificate, world.workspace, world.lead, "nothing") is Code.NOT_FOUND
    assert refused(sampling.verify_draw, world.workspace, world.lead, world.plan(2)) is Code.WRONG_STATE


TODAY = date(2026, 11, 2)


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def facts(**changes) -> RiskFacts:
    values = {
        "flags": frozenset(),
        "cohorts": frozenset(),
        "is_open": True,
        "codes": {},
        "numbers": {},
        "facts": {},
        "as_at": TODAY,
    }
    return RiskFacts(**{**values, **changes})


CP, CIN = frozenset({"child_protection"}), frozenset({"child_in_need"})
JUST = {
    "unregistered_home": ({"flags": frozenset({"unregistered_home"})}, {"flags": frozenset({"home_educated"})}),
    "placed_with_parents": ({"codes": {"placement_type": "P1: Placed with own parents"}}, {"codes": {"placement_type": "P2"}}),
    "connected_carer": ({"flags": frozenset({"connected_carer"})}, {}),
    "not_in_touch": (
        {"cohorts": frozenset({"care_leaver"}), "codes": {"in_touch": "b) No"}}, {"cohorts": frozenset({"care_leaver"}), "codes": {"in_touch": "a) Yes"}},
    ),
    "pre_proceedings_long": (
        {"flags": frozenset({"pre_proceedings"}), "facts": {"pre_proceedings_start": ago(113)}},
        {"flags": frozenset({"pre_proceedings"}), "facts": {"pre_proceedings_start": ago(112)}},
    ),
    "second_plan": ({"cohorts": CP, "numbers": {"previous_cp_plans": 1}}, {"cohorts": CIN, "numbers": {"previous_cp_plans": 1}}),
    "plan_over_15_months": ({"cohorts": CP, "facts": {"plan_start": ago(457)}}, {"cohorts": CP, "facts": {"plan_start": ago(456)}}),
    "cin_over_9_months": (
        {"cohorts": CIN, "facts": {"cin_start": ago(274)}}, {"cohorts": CIN | CP, "facts": {"cin_start": ago(274)}},
    ),
    "disabled_child": ({"flags": frozenset({"disabled_child"})}, {}),
    "home_educated": ({"flags": frozenset({"home_educated"})}, {"flags": frozenset({"home_educated"}), "is_open": False}),
    "recent_step_down": ({"facts": {"plan_end": ago(91)}}, {"facts": {"plan_end": ago(92)}}),
    "recent_closure": ({"is_open": False, "facts": {"cin_closed": ago(1)}}, {"facts": {"cin_closed": ago(1)}}),
    "re_referral": ({"numbers": {"referrals_12m": 2}}, {"numbers": {"referrals_12m": 1}}),
    "last_visit_late": ({"facts": {"last_visit": ago(57)}}, {"facts": {"last_visit": ago(56)}}),
}  # fmt: skip


def test_every_risk_list_has_an_edge():
    assert set(JUST) == set(RISKS)


@pytest.mark.parametrize("key", sorted(RISKS))
def test_a_risk_list_begins_exactly_where_it_says(key):
    inside, outside = JUST[key]
    assert key in risks_of(facts(**inside))
    assert key not in risks_of(facts(**outside))
    assert key not in risks_of(facts())


def test_what_is_missing_or_odd_is_no_risk():
    odd = facts(
        cohorts=CP | CIN,
        facts={"plan_start": "", "cin_start": "soon", "last_visit": ago(-5), "plan_end": ago(-5)},
    )
    assert risks_of(odd) == frozenset()
    assert three_months_before(TODAY) == date(2026, 8, 3)
