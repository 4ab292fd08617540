"""A plan applied to a frame: strata, filters, risk lists, replacements, extension, certificate."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import date

import pytest
from consistent_sampler import sampler
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.certificate import certificate, certificate_text, draw_from_certificate, verify
from qa_audit.sampling.plan import (
    FrameRow,
    Plan,
    RiskStratum,
    eligible,
    months_before,
    plan_from_json,
    plan_json,
    stratum_of,
)
from qa_audit.sampling.stratified import Reason, draw_plan, extend, replace_case

SEED = "31415926535897932384"
COHORTS = ["child_in_need", "child_protection", "child_in_care"]


def rows(n: int = 90) -> list[FrameRow]:
    return [
        FrameRow(
            f"C-{i:03d}",
            {"cohort": COHORTS[i % 7 % 3], "team": "North" if i % 5 else "South"},
            worker=f"w{i % 11}",
            risks=frozenset({"unregistered_home"}) if i % 30 == 0 else frozenset(),
        )
        for i in range(n)
    ]


PLAN = Plan("Autumn", 18, ("cohort", "team"), minimum=2, reserves=2)


def frame_pairs(plan: Plan, cases: list[FrameRow]) -> list[tuple[str, str]]:
    return [(row.id, stratum_of(plan, row)) for row in eligible(plan, cases)[0]]


def test_each_stratum_is_what_the_public_package_draws() -> None:
    draw = draw_plan(PLAN, rows(), SEED)
    pairs = frame_pairs(PLAN, rows())
    for stratum in draw.strata:
        ids = [i for i, label in pairs if label == stratum.stratum]
        theirs = list(sampler(ids, SEED, take=stratum.allocated, output="id"))
        assert [c.id for c in draw.selected if c.stratum == stratum.stratum] == theirs
    assert sum(s.allocated for s in draw.strata) == len(draw.selected) == 18
    assert sum(c.weight or 0 for c in draw.selected) == pytest.approx(draw.population)


@given(st.integers(6, 60), st.integers(0, 3), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_sizes_are_exact_and_row_order_never_matters(size: int, minimum: int, shuffler: object) -> None:
    plan = replace(PLAN, size=max(size, 6 * minimum), minimum=minimum)
    cases = rows()
    draw = draw_plan(plan, cases, SEED)
    shuffler.shuffle(cases)  # type: ignore[attr-defined]
    assert draw_plan(plan, cases, SEED) == draw
    for s in draw.strata:
        mine = [c for c in draw.selected if c.stratum == s.stratum]
        assert len(mine) == s.drawn == s.allocated >= min(minimum, s.population)
        assert [c.order for c in mine] == list(range(1, s.allocated + 1))


@given(st.integers(6, 40), st.integers(0, 30))
@settings(max_examples=30)
def test_extension_keeps_what_was_drawn(size: int, more: int) -> None:
    plan = replace(PLAN, size=size, minimum=1)
    first = draw_plan(plan, rows(), SEED)
    larger = extend(first, rows(), size + more)
    assert {c.id for c in first.selected} <= {c.id for c in larger.selected}
    assert {(c.id, c.order) for c in first.selected} <= {(c.id, c.order) for c in larger.selected}


def test_extension_refuses_another_frame_and_a_smaller_plan() -> None:
    first = draw_plan(PLAN, rows(), SEED)
    for cases, size in ((rows()[1:], 20), (rows(), 12)):
        with pytest.raises(BadInput) as fault:
            extend(first, cases, size)
        assert fault.value.code is Code.CONFLICT


def test_risk_lists_have_their_own_rate_and_are_always_counted() -> None:
    plan = replace(PLAN, risks=(RiskStratum("unregistered_home", rate=0.5), RiskStratum("step_down")))
    draw = draw_plan(plan, rows(), SEED)
    at_home, stepped = draw.strata[0], draw.strata[1]
    assert (at_home.stratum, at_home.population, at_home.drawn) == ("risk: unregistered_home", 3, 2)
    assert (stepped.population, stepped.drawn) == (0, 0)
    assert {c.weight for c in draw.selected if c.kind == "risk"} == {1.5}
    assert sum(s.population for s in draw.strata) == draw.population == 90


def test_filters_say_who_was_kept_out() -> None:
    day = date(2026, 11, 21)
    cases = [
        FrameRow("a", closed=True),
        FrameRow("b", opened=date(2026, 11, 1)),
        FrameRow("c", last_audited=date(2026, 1, 1)),
        FrameRow("d", worker="w1"),
        FrameRow("e", opened=date(2026, 1, 1), last_audited=date(2025, 11, 21), worker="w2"),
    ]
    plan = Plan("x", 1, status="open", open_weeks=6, not_audited_months=12, worker_once=True, as_at=day)
    kept, out = eligible(plan, cases, {"w1"})
    assert [row.id for row in kept] == ["e"]
    assert out == {
        "audited recently": 1,
        "closed": 1,
        "open too short a time": 1,
        "worker already sampled": 1,
    }
    assert eligible(replace(plan, status="closed"), cases, {"w1"})[1]["open"] == 4
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)


def test_replacement_takes_the_next_ticket_of_the_stratum_and_survives_extension() -> None:
    draw = draw_plan(PLAN, rows(), SEED)
    gone = draw.selected[0]
    expected = next(c for c in draw.reserves if c.stratum == gone.stratum)
    mended = replace_case(draw, gone.id, Reason.CONFLICT)
    assert mended.replaced[0].by == expected.id
    assert len(mended.selected) == len(draw.selected)
    incoming = next(c for c in mended.selected if c.id == expected.id)
    assert incoming.weight == gone.weight
    again = draw_plan(PLAN, rows(), SEED, replaced=mended.replaced)
    assert {c.id for c in again.selected} == {c.id for c in mended.selected}
    assert {c.id for c in mended.selected} <= {c.id for c in extend(mended, rows(), 24).selected}
    assert verify(certificate(mended), frame_pairs(PLAN, rows())) == []
    with pytest.raises(BadInput):
        replace_case(mended, gone.id, Reason.OTHER)


def test_judgement_picks_are_marked_and_weigh_nothing() -> None:
    random_ids = {c.id for c in draw_plan(PLAN, rows(), SEED).selected}
    other = next(r.id for r in rows() if r.id not in random_ids)
    draw = draw_plan(PLAN, rows(), SEED, picks={other: "asked for", min(random_ids): "asked for"})
    picked = [c for c in draw.selected if c.kind == "judgement"]
    assert [(c.id, c.weight, c.inclusion_probability) for c in picked] == [(other, None, None)]
    assert {c.id for c in draw.selected if c.kind != "judgement"} == random_ids
    # a pick whose ticket would come next is in the sample already: the ticket after it comes in
    following = draw.reserves[0]
    asked = draw_plan(PLAN, rows(), SEED, picks={following.id: "asked for"})
    assert following.id not in {c.id for c in asked.reserves}
    gone = next(c for c in asked.selected if c.stratum == following.stratum)
    mended = replace_case(asked, gone.id, Reason.DUPLICATE)
    again = draw_plan(PLAN, rows(), SEED, picks={following.id: "asked for"}, replaced=mended.replaced)
    assert again.selected == mended.selected
    every = [c.id for c in (*again.selected, *again.reserves)]
    assert len(set(every)) == len(every)
    assert {c.id for c in mended.selected} <= {c.id for c in extend(mended, rows(), 30).selected}
    assert verify(certificate(mended), frame_pairs(PLAN, rows())) == []
    assert verify(certificate(draw), frame_pairs(PLAN, rows())) == []


def test_certificate_survives_json_and_verifies_with_the_salt_only() -> None:
    draw = draw_plan(PLAN, rows(), SEED, salt="pepper")
    document = json.loads(json.dumps(certificate(draw)))
    pairs = frame_pairs(PLAN, rows())
    assert verify(document, pairs, "pepper") == []
    assert [d.code for d in verify(document, pairs)] == ["salt"]
    assert [d.code for d in verify(document, pairs, "salt")] == ["frame_hash"]
    assert draw_from_certificate(document) == draw
    page = certificate_text(draw, "Autumn round")
    assert SEED in page
    assert all(c.id in page for c in draw.selected)


def test_the_page_says_strata_in_the_words_it_is_given() -> None:
    draw = draw_plan(PLAN, rows(), SEED)
    titles = {one.stratum: f"Words of {number}" for number, one in enumerate(draw.strata)}
    page = certificate_text(draw, titles=titles)
    assert all(words in page for words in titles.values())
    assert not any(one.stratum in page for one in draw.strata)


def tampered(change: str, document: dict[str, object]) -> None:
    first = document["selected"][0]  # type: ignore[index]
    stratum = document["strata"][0]  # type: ignore[index]
    if change == "selection":
        spare = next(c for c in document["reserves"] if c["stratum"] == first["stratum"])  # type: ignore[attr-defined]
        first["id"], first["ticket"] = spare["id"], spare["ticket"]
    elif change == "reserves":
        document["reserves"][0], document["reserves"][1] = document["reserves"][1], document["reserves"][0]  # type: ignore[index]
    elif change == "replaced":
        document["replaced"] = [{"id": first["id"], "stratum": first["stratum"], "reason": "other"}]
    elif change == "ticket":
        first["ticket"] = "0.1"
    elif change == "weight":
        first["weight"] = 1.0
    elif change == "population":
        stratum["population"] += 1
    elif change == "allocated":
        stratum["allocated"] += 1
    elif change == "seed":
        document["seed"] = "1"
    elif change == "drawn":
        document["selected"].pop(0)  # type: ignore[attr-defined]
    elif change == "algorithm":
        document["algorithm"] = "random.sample"


@pytest.mark.parametrize(
    "change",
    [
        "selection",
        "reserves",
        "replaced",
        "ticket",
        "weight",
        "population",
        "allocated",
        "seed",
        "drawn",
        "algorithm",
    ],
)
def test_every_change_to_a_certificate_is_found(change: str) -> None:
    document = certificate(draw_plan(PLAN, rows(), SEED))
    changed = copy.deepcopy(document)
    tampered(change, changed)
    assert verify(document, frame_pairs(PLAN, rows())) == []
    found = verify(changed, frame_pairs(PLAN, rows()))
    assert found
    assert "C-" not in " ".join(d.message + d.where for d in found)


def test_another_frame_is_found() -> None:
    document = certificate(draw_plan(PLAN, rows(), SEED))
    codes = {d.code for d in verify(document, frame_pairs(PLAN, rows())[1:])}
    assert {"population", "frame_hash"} <= codes


def test_plan_reads_back_from_json_and_from_text_values() -> None:
    plan = replace(PLAN, risks=(RiskStratum("a", "A", 0.5, 3),), as_at=date(2026, 1, 2), sizes={"x": 2})
    assert plan_from_json(plan_json(plan)) == plan
    text = {"name": "n", "size": "12", "strata": ["cohort"], "minimum": "2", "worker_once": "true"}
    assert plan_from_json(text) == Plan("n", 12, ("cohort",), minimum=2, worker_once=True)
    for bad in ({"size": "many"}, {"as_at": "soon"}, {"siz": 3}, {"status": "half"}):
        with pytest.raises(BadInput):
            plan_from_json(bad)


def test_refusals_name_the_place() -> None:
    for plan, code in (
        (replace(PLAN, strata=("ward",)), Code.BAD_VALUE),
        (replace(PLAN, status="closed"), Code.NOTHING_TO_DRAW),
        (replace(PLAN, sizes={"nowhere": 1}), Code.NOTHING_TO_DRAW),
        (replace(PLAN, not_audited_months=12), Code.BAD_VALUE),
        (replace(PLAN, minimum=9), Code.NOTHING_TO_DRAW),
    ):
        with pytest.raises(BadInput) as fault:
            draw_plan(plan, rows(), SEED)
        assert fault.value.code is code


def test_a_weak_seed_is_said_aloud() -> None:
    assert any("20 decimal digits" in w for w in draw_plan(PLAN, rows(), "7").warnings)
    assert not draw_plan(PLAN, rows(), SEED).warnings


@given(st.lists(st.integers(0, 17), max_size=6), st.sets(st.integers(0, 89), max_size=4), st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_replacements_picks_and_extension_together(gone: list[int], asked: set[int], more: int) -> None:
    picks = {f"C-{i:03d}": "asked for" for i in asked}
    draw = draw_plan(replace(PLAN, reserves=9), rows(), SEED, picks=picks)
    for i in gone:
        random_cases = [c for c in draw.selected if c.kind != "judgement"]
        leaving = random_cases[i]
        if not any(c.stratum == leaving.stratum for c in draw.reserves):
            with pytest.raises(BadInput) as refused:
                replace_case(draw, leaving.id, Reason.OTHER)
            assert refused.value.code is Code.NOTHING_TO_DRAW
            continue
        draw = replace_case(draw, leaving.id, Reason.OTHER)
    assert verify(certificate(draw), frame_pairs(PLAN, rows())) == []
    again = draw_plan(draw.plan, rows(), SEED, picks=picks, replaced=draw.replaced)
    assert again.selected == draw.selected
    every = [c.id for c in (*draw.selected, *draw.reserves)]
    assert len(set(every)) == len(every)
    assert not set(every) & {r.id for r in draw.replaced}
    larger = extend(draw, rows(), 18 + more)
    assert {c.id for c in draw.selected} <= {c.id for c in larger.selected}
    assert verify(certificate(larger), frame_pairs(PLAN, rows())) == []
