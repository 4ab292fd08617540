"""Allocation: nobody audits what they are part of, the load is even, and the same seed gives the same match."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput
from qa_audit.sampling.assignment import WORDS, Auditor, Bar, OpenCase, assign, bars

SEED = "27182818284590452353"
PEOPLE = [
    Auditor("hazel", "north", "fieldwork", 3, manages=frozenset({"north"})),
    Auditor("flint", "south", "fieldwork", 3),
    Auditor("rowan", "care", "care", 3, open_work=1),
    Auditor("slate", "care", "care", 2, recent_workers=frozenset({"w2"})),
]


@st.composite
def cases(draw: st.DrawFn) -> list[OpenCase]:
    n = draw(st.integers(0, 14))
    team = st.sampled_from(["north", "south", "care", ""])
    people = st.frozensets(st.sampled_from([p.id for p in PEOPLE]), max_size=2)
    return [
        OpenCase(
            f"c{i}",
            draw(people),
            draw(team),
            draw(st.sampled_from(["fieldwork", "care"])),
            decided_by=draw(people),
            conflicts=draw(people),
        )
        for i in range(n)
    ]


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_hard_rules_hold_and_order_never_matters(waiting: list[OpenCase], shuffler: object) -> None:
    result = assign(waiting, PEOPLE, SEED)
    people = {p.id: p for p in PEOPLE}
    for given_case in result.assigned:
        case = next(c for c in waiting if c.id == given_case.case_id)
        assert not bars(case, people[given_case.auditor_id])
    for person, load in result.load:
        assert load <= max(people[person].capacity, people[person].open_work)
    assert len(result.assigned) + len(result.not_assigned) == len(waiting)
    for missed in result.not_assigned:
        assert len(missed.reasons) == len(PEOPLE)
        assert all(reasons for _, reasons in missed.reasons)
    shuffled = list(waiting)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    again = assign(shuffled, PEOPLE[::-1], SEED)
    assert {(a.case_id, a.auditor_id) for a in again.assigned} == {
        (a.case_id, a.auditor_id) for a in result.assigned
    }


def test_load_is_even_against_capacity_and_open_work() -> None:
    people = [Auditor("a", capacity=4), Auditor("b", capacity=4, open_work=2), Auditor("c", capacity=2)]
    result = assign([OpenCase(str(i)) for i in range(5)], people, SEED)
    assert dict(result.load) == {"a": 3, "b": 3, "c": 1}


def test_as_many_cases_as_possible_are_given() -> None:
    people = [Auditor("a", "x"), Auditor("b", "y")]
    waiting = [OpenCase("any"), OpenCase("only-b", team="x")]
    result = assign(waiting, people, SEED)
    assert {a.case_id: a.auditor_id for a in result.assigned} == {"any": "a", "only-b": "b"}


def test_wishes_give_way_only_when_they_must() -> None:
    people = [Auditor("a", service="s", capacity=2), Auditor("b", service="t", capacity=1)]
    waiting = [OpenCase("1", service="s"), OpenCase("2", service="s")]
    result = assign(waiting, people, SEED)
    assert sorted(a.warnings for a in result.assigned) == [(), ("same_service",)]


def test_each_rule_is_named() -> None:
    person = Auditor("p", "t", manages=frozenset({"u"}))
    case = OpenCase(
        "c", frozenset({"p"}), "t", "", frozenset({"p"}), frozenset({"p"}), frozenset({"p"}), frozenset({"p"})
    )
    assert set(bars(case, person)) == set(Bar) - {Bar.NO_CAPACITY}
    assert bars(OpenCase("c", team="u"), person) == (Bar.LINE_MANAGEMENT,)
    assert set(WORDS) == set(Bar)
    result = assign([case], [person, replace(person, id="q", team="z", capacity=0)], SEED)
    assert dict(result.not_assigned[0].reasons)["q"] == (Bar.NO_CAPACITY,)


def test_another_seed_matches_differently_and_duplicates_are_refused() -> None:
    people = [Auditor(str(i), capacity=2) for i in range(10)]
    waiting = [OpenCase(f"c{i}") for i in range(20)]
    assert assign(waiting, people, "1").assigned != assign(waiting, people, "2").assigned
    with pytest.raises(BadInput):
        assign([OpenCase("c"), OpenCase("c")], people, SEED)
    assert assign([OpenCase("c")], [], SEED).not_assigned[0].reasons == ()
