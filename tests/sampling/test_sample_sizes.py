"""Sample sizes, limits, intervals and allocations: definitions by brute force, and refusals."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput
from qa_audit.sampling.allocation import allocate_neyman, allocate_proportional, inclusion_probabilities
from qa_audit.sampling.size import (
    attribute_sample_size,
    attribute_two_stage_plan,
    attribute_upper_limit,
    precision_sample_size,
    proportion_interval,
)


def tail(c: int, n: int, bad: int, frame: int) -> Fraction:
    """P(at most c bad ones in n) by counting."""
    ways = sum(math.comb(bad, k) * math.comb(frame - bad, n - k) for k in range(min(c, n) + 1))
    return Fraction(ways, math.comb(frame, n))


@given(st.integers(5, 120), st.integers(1, 30), st.integers(0, 10), st.sampled_from([0.8, 0.9, 0.95]))
@settings(max_examples=60, deadline=None)
def test_hypergeometric_size_is_the_first_that_holds(
    frame: int, tolerable: int, expected: int, conf: float
) -> None:
    if expected >= tolerable:
        expected = 0
    bad = math.ceil(Fraction(tolerable, 100) * frame)
    risk = 1 - Fraction(str(conf))

    def holds(n: int) -> bool:
        return tail(math.ceil(Fraction(expected, 100) * n), n, bad, frame) < risk

    by_hand = next((n for n in range(1, frame + 1) if holds(n)), None)
    if by_hand is None:
        with pytest.raises(BadInput):
            attribute_sample_size(tolerable / 100, expected / 100, conf, "hypergeometric", frame)
    else:
        assert (
            attribute_sample_size(tolerable / 100, expected / 100, conf, "hypergeometric", frame).n == by_hand
        )


def test_expected_deviations_are_counted_exactly() -> None:
    # 0.035 * 400 is 14.000000000000002 in floating point, and 15 deviations would need 423 cases
    found = attribute_sample_size(0.06, 0.035, 0.90, "binomial")
    assert found.acceptable_deviations == math.ceil(Fraction(35, 1000) * found.n)


def test_a_known_frame_needs_fewer_cases() -> None:
    assert attribute_sample_size(0.05, 0.02, 0.95, "hypergeometric", 500).n == 139
    assert attribute_sample_size(0.05, 0.02, 0.95, "binomial").n == 181


@given(st.integers(2, 60), st.data())
@settings(max_examples=60, deadline=None)
def test_exact_interval_is_every_count_that_is_not_ruled_out(frame: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, frame))
    x = data.draw(st.integers(0, n))
    found = proportion_interval(x, n, "hypergeometric_exact", frame)
    possible = [
        k
        for k in range(x, frame - n + x + 1)
        if tail(x, n, k, frame) > Fraction(1, 40)
        and 1 - (tail(x - 1, n, k, frame) if x else 0) > Fraction(1, 40)
    ]
    assert found.count_ci == (possible[0], possible[-1])


@given(st.integers(1, 400), st.data(), st.sampled_from(["wilson", "clopper_pearson"]))
@settings(max_examples=80, deadline=None)
def test_intervals_hold_the_estimate_and_turn_with_it(n: int, data: st.DataObject, method: str) -> None:
    x = data.draw(st.integers(0, n))
    one, other = (proportion_interval(v, n, method) for v in (x, n - x))  # type: ignore[arg-type]
    assert one.ci is not None
    assert other.ci is not None
    assert 0 <= one.ci[0] <= x / n <= one.ci[1] <= 1
    assert one.ci[0] == pytest.approx(1 - other.ci[1], abs=1e-9)


def test_nothing_looked_at_is_undefined() -> None:
    found = proportion_interval(0, 0)
    assert found.est is None
    assert found.ci is None
    assert found.reason == "nothing was looked at"


@given(st.integers(1, 80), st.integers(0, 5))
@settings(deadline=None)
def test_upper_limit_and_size_say_the_same(n: int, deviations: int) -> None:
    deviations = min(deviations, n)
    limit = attribute_upper_limit(n, deviations, 0.95, "binomial").upper_limit
    assert 0 < limit <= 1
    if limit < 0.99:
        needed = attribute_sample_size(limit + 1e-6, 0, 0.95, "binomial", expected_deviations=deviations)
        assert needed.n <= n
    frame = n + 40
    count = attribute_upper_limit(n, deviations, 0.95, "hypergeometric", frame).upper_count
    assert count is not None
    assert tail(deviations, n, count, frame) > Fraction(1, 20)
    assert count == frame - n + deviations or tail(deviations, n, count + 1, frame) <= Fraction(1, 20)


def test_two_stages_hold_their_risk_in_a_known_frame() -> None:
    plan = attribute_two_stage_plan(0.05, 0.95, "hypergeometric", 400)
    assert plan.n_total == 2 * plan.n_per_stage
    assert plan.achieved_risk < 0.05
    assert plan.n_per_stage <= attribute_two_stage_plan(0.05, 0.95, "binomial").n_per_stage
    assert attribute_two_stage_plan(0.05, 0.95, "poisson").achieved_risk < 0.05


def test_precision_never_asks_for_more_than_the_frame() -> None:
    assert precision_sample_size(0.001, 0.5, 40) == 40
    assert precision_sample_size(0.1, 0.0) == 1


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
    st.integers(0, 4),
    st.integers(0, 120),
    st.integers(0, 40),
)
def test_proportional_shares_fit_and_grow(population: list[int], minimum: int, n: int, more: int) -> None:
    low = sum(min(minimum, size) for size in population)
    n = min(max(n, low), sum(population))
    shares = allocate_proportional(n, population, minimum)
    assert sum(shares) == n
    assert all(min(minimum, size) <= k <= size for k, size in zip(shares, population, strict=True))
    larger = allocate_proportional(min(n + more, sum(population)), population, minimum)
    assert all(a <= b for a, b in zip(shares, larger, strict=True))


@given(st.lists(st.tuples(st.integers(2, 7), st.integers(0, 9)), min_size=2, max_size=3), st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_neyman_is_the_best_of_all_allocations(strata: list[tuple[int, int]], n: int) -> None:
    population, stdev = [s[0] for s in strata], [s[1] / 10 for s in strata]
    n = min(max(n, len(strata)), sum(population))
    found = allocate_neyman(n, population, stdev, minimum=1)

    def variance(shares: tuple[int, ...]) -> Fraction:
        return sum(
            (
                Fraction(size * size * s * s) / k
                for size, (_, s), k in zip(population, strata, shares, strict=True)
            ),
            Fraction(0),
        )

    every = itertools.product(*(range(1, size + 1) for size in population))
    best = min(variance(shares) for shares in every if sum(shares) == n)
    assert sum(found) == n
    assert variance(tuple(found)) == best


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=30), st.data())
def test_inclusion_probabilities_sum_to_the_size(size: list[float], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, sum(1 for x in size if x > 0)))
    pi = inclusion_probabilities(size, n)
    assert sum(pi) == pytest.approx(n)
    assert all(0 <= p <= 1 for p in pi)
    assert all(p == 0 for p, x in zip(pi, size, strict=True) if x == 0)
    order = sorted(range(len(size)), key=lambda i: size[i])
    assert [pi[i] for i in order] == sorted(pi)


@pytest.mark.parametrize(
    "call",
    [
        lambda: attribute_sample_size(0.05, 0.05, 0.95, "binomial"),
        lambda: attribute_sample_size(0.05),
        lambda: attribute_sample_size(0.05, 0, 1.0, "binomial"),
        lambda: attribute_sample_size(0.05, 0, 0.95, "normal"),  # type: ignore[arg-type]
        lambda: attribute_upper_limit(0, 0, 0.95, "binomial"),
        lambda: attribute_upper_limit(5, 6, 0.95, "binomial"),
        lambda: proportion_interval(1, 10, "hypergeometric_exact"),
        lambda: proportion_interval(11, 10),
        lambda: precision_sample_size(0),
        lambda: allocate_proportional(5, [2, 2]),
        lambda: allocate_proportional(1, [5, 5], minimum=2),
        lambda: allocate_neyman(5, [5, 5], [1.0]),
        lambda: inclusion_probabilities([1, 0], 2),
    ],
)
def test_refusals(call: object) -> None:
    assert callable(call)
    with pytest.raises(BadInput):
        call()
