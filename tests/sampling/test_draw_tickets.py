"""Tickets and draws: equal to the package a third party would use, nested, and indifferent to order."""

from __future__ import annotations

import hashlib

import pytest
from consistent_sampler import sampler
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.draw import (
    canonical_frame,
    consistent_sample,
    frame_hash,
    pareto_sample,
    sequential_poisson_sample,
    smallest_tickets,
    systematic_sample,
    systematic_start,
    ticket_number,
    tickets,
)

IDS = st.lists(
    st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=8), unique=True, max_size=40
)
SEEDS = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30)


@given(IDS, SEEDS, st.integers(0, 12), st.integers(0, 5))
def test_same_as_the_public_package(ids: list[str], seed: str, take: int, drop: int) -> None:
    ours = consistent_sample(ids, seed, take, drop, digits=9)
    assert [tuple(t) for t in ours] == list(sampler(ids, seed, take=take, drop=drop))


@given(IDS.filter(bool), SEEDS, st.integers(0, 40), st.integers(0, 5))
@settings(max_examples=40)
def test_with_replacement_same_as_the_public_package(ids: list[str], seed: str, take: int, drop: int) -> None:
    ours = consistent_sample(ids, seed, take, drop, with_replacement=True, digits=9)
    theirs = list(sampler(ids, seed, with_replacement=True, take=take, drop=drop)) if take else []
    assert [tuple(t) for t in ours] == theirs


@given(IDS, SEEDS, st.randoms(use_true_random=False))
def test_order_of_the_rows_never_matters(ids: list[str], seed: str, shuffler: object) -> None:
    before = consistent_sample(ids, seed, 5)
    shuffled = list(ids)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert consistent_sample(shuffled, seed, 5) == before


@given(IDS, SEEDS, st.integers(0, 20), st.integers(0, 20))
def test_a_larger_draw_keeps_the_smaller_one(ids: list[str], seed: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert consistent_sample(ids, seed, large)[:small] == consistent_sample(ids, seed, small)


@given(IDS.filter(lambda ids: len(ids) > 1), SEEDS)
def test_a_removed_case_moves_no_other(ids: list[str], seed: str) -> None:
    whole = consistent_sample(ids, seed)
    without = consistent_sample(ids[1:], seed)
    assert [t for t in whole if t.id != ids[0]] == without


def test_many_tickets_are_the_single_ones() -> None:
    ids = [f"C-{i}" for i in range(200)]
    assert tickets(ids, "41") == [ticket_number("41", i) for i in ids]


@pytest.mark.parametrize("ids", [["a", "a"], ["a", ""], [7, 8]])
def test_refuses_ids_that_cannot_be_told_apart(ids: list[str]) -> None:
    with pytest.raises(BadInput) as fault:
        consistent_sample(ids, "1", 1)
    assert fault.value.code in {Code.CONFLICT, Code.BAD_VALUE}
    assert "'a'" not in str(fault.value)


@pytest.mark.parametrize("k", [0, 1, 7, 40, 300, 3000])
def test_the_short_cut_for_many_ids_finds_the_same_tickets(k: int) -> None:
    ids = [f"C-{i}" for i in range(6000)]
    for seed in ("1", "2", "3"):
        assert smallest_tickets(ids, seed, k) == sorted(zip(tickets(ids, seed), ids, strict=True))[:k]


def test_the_short_cut_falls_back_when_no_ticket_begins_with_a_zero() -> None:
    ids = [i for i in (f"C-{n}" for n in range(3000)) if not ticket_number("1", i).startswith("0.0")]
    assert smallest_tickets(ids, "1", 5) == sorted(zip(tickets(ids, "1"), ids, strict=True))[:5]


def test_refuses_an_empty_seed_and_an_endless_draw() -> None:
    with pytest.raises(BadInput):
        consistent_sample(["a"], "", 1)
    with pytest.raises(BadInput):
        consistent_sample(["a"], "1", with_replacement=True)


def test_frame_hash_is_canonical_and_salted() -> None:
    rows = [("b", "x"), ("a", 'y, "z"')]
    text = 'case_id,stratum\na,"y, ""z"""\nb,x\n'
    assert canonical_frame(rows) == text
    assert frame_hash(rows) == hashlib.sha256(text.encode()).hexdigest() == frame_hash(rows[::-1])
    assert frame_hash(rows, salt="s") != frame_hash(rows)
    assert canonical_frame(rows, salt="s").startswith('case_id,stratum\nsa,"y')
    assert frame_hash([("e\u0301 ", "x")]) == frame_hash([("\u00e9", "x")])


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.data())
def test_unequal_samples_have_their_exact_size(size: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, sum(1 for x in size if x)))
    numbers = tickets((str(i) for i in range(len(size))), "77")
    for draw in (pareto_sample, sequential_poisson_sample):
        sample = draw(size, n, numbers)
        assert len(sample.selected) == len(set(sample.selected)) == n
        assert all(size[i - 1] > 0 for i in sample.selected)
        assert all(w >= 1 for w in sample.weight)


@given(st.integers(1, 500), st.data())
def test_systematic_sample_is_spread_and_in_range(population: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, population))
    chosen = systematic_sample(population, n, systematic_start("9", population, n))
    assert len(set(chosen)) == n
    assert chosen[0] >= 1
    assert chosen[-1] <= population
