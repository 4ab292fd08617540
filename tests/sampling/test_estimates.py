"""Estimates back to the cohort: unbiased over every possible sample, and careful at the ends."""

from __future__ import annotations

import itertools
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput
from qa_audit.sampling.estimate import (
    horvitz_thompson_total,
    stratified_mean,
    stratified_proportion,
    stratified_total,
)

A, B = [3.0, 5.0, 9.0, 1.0], [2.0, 8.0, 4.0]
POPULATION = {"a": 4, "b": 3}
STRATUM = ["a", "a", "b", "b"]


def every_sample() -> list[list[float]]:
    return [[*x, *y] for x in itertools.combinations(A, 2) for y in itertools.combinations(B, 2)]


def test_total_and_its_variance_are_unbiased_over_all_samples() -> None:
    found = [stratified_total(y, STRATUM, POPULATION) for y in every_sample()]
    estimates = [f.est for f in found if f.est is not None]
    assert statistics.fmean(estimates) == pytest.approx(sum(A) + sum(B))
    variances = [f.se**2 for f in found if f.se is not None]
    assert statistics.fmean(variances) == pytest.approx(statistics.pvariance(estimates))


def test_domain_total_is_unbiased_and_its_mean_is_a_ratio() -> None:
    inside = {3.0, 5.0, 8.0}
    totals, means = [], []
    for y in every_sample():
        domain = [v in inside for v in y]
        totals.append(stratified_total(y, STRATUM, POPULATION, in_domain=domain).est)
        mean = stratified_mean(y, STRATUM, POPULATION, in_domain=domain)
        if not any(domain):
            assert mean.est is None
            assert "no sampled case" in mean.reason
        else:
            means.append(mean.est)
    assert statistics.fmean(t for t in totals if t is not None) == pytest.approx(sum(inside))
    assert all(m is not None and 3 <= m <= 8 for m in means)


def test_a_stratum_as_a_domain_has_its_own_mean_and_error() -> None:
    y = [3.0, 9.0, 8.0, 2.0]
    found = stratified_mean(y, STRATUM, POPULATION, in_domain=[True, True, False, False])
    alone = stratified_mean(y[:2], ["a", "a"], {"a": 4})
    assert found.est == alone.est
    assert found.se == pytest.approx(alone.se)


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_proportion_is_the_mean_of_yes_and_no(answers: list[bool]) -> None:
    mean = stratified_mean([float(a) for a in answers], STRATUM, POPULATION)
    share = stratified_proportion([4, 3], [2, 2], [sum(answers[:2]), sum(answers[2:])])
    assert share.est == pytest.approx(mean.est)
    assert share.se == pytest.approx(mean.se, abs=1e-12)


@given(
    st.lists(st.tuples(st.integers(2, 30), st.integers(2, 30), st.integers(0, 30)), min_size=1, max_size=4)
)
@settings(max_examples=80, deadline=None)
def test_intervals_stay_inside_and_hold_the_estimate(strata: list[tuple[int, int, int]]) -> None:
    sample = [n for n, _, _ in strata]
    population = [n + more for n, more, _ in strata]
    successes = [min(x, n) for n, _, x in strata]
    found = stratified_proportion(population, sample, successes)
    for ci in (found.ci_logit, found.ci_beta):
        if ci is None:
            assert found.reason
        else:
            assert 0 <= ci[0] <= found.est + 1e-9
            assert found.est - 1e-9 <= ci[1] <= 1


def test_edges_are_honest() -> None:
    census = stratified_proportion([5, 4], [5, 4], [2, 3])
    assert census.se == 0
    assert census.ci_logit == (census.est, census.est)
    lone = stratified_proportion([50, 40], [1, 10], [1, 3])
    assert lone.se is None
    assert lone.ci_logit is None
    assert lone.reason
    one_answer_each = stratified_proportion([50, 40], [5, 5], [5, 0])
    assert one_answer_each.ci_logit is None
    assert one_answer_each.reason
    assert stratified_mean([1.0, 2.0], ["a", "b"], {"a": 5, "b": 1}).se is None
    whole = stratified_mean([1.0, 3.0], ["a", "a"], {"a": 2})
    assert (whole.est, whole.se) == (2.0, 0.0)


def test_nobody_drawn_from_a_stratum_is_refused() -> None:
    with pytest.raises(BadInput):
        stratified_proportion([50, 40], [0, 10], [0, 3])
    with pytest.raises(BadInput):
        stratified_mean([1.0], ["a"], {"a": 5, "b": 6})
    with pytest.raises(BadInput):
        stratified_mean([1.0], ["c"], {"a": 5})


def test_unequal_chances() -> None:
    stream = np.random.default_rng(5)
    y = stream.integers(0, 2, 60).astype(float)
    chance = np.clip(stream.random(60), 0.2, 1)
    totals = []
    for _ in range(3000):
        drawn = stream.random(60) < chance
        found = horvitz_thompson_total(y[drawn].tolist(), chance[drawn].tolist())
        totals.append(found.est or 0.0)
    assert statistics.fmean(totals) == pytest.approx(float(y.sum()), rel=0.02)
    assert horvitz_thompson_total([], []).est is None
    assert horvitz_thompson_total([1.0], [0.5]).se is None
    for bad in ([0.0], [1.2]):
        with pytest.raises(BadInput):
            horvitz_thompson_total([1.0], bad)
