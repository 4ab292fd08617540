"""Agreement on data that no reference file holds: random tables against a second implementation and formulas written
out here by cases, and small examples from books worked again by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

import krippendorff
import numpy as np
import pytest
from scipy.stats import binom, norm, t

from qa_audit.moderation.agreement import (
    adjacent_agreement,
    agreement_summary,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    interval_too_short,
    krippendorff_alpha,
    percent_agreement,
)
from qa_audit.moderation.drift import direction_sign_test, good_or_better_change, mean_signed_shift
from qa_audit.moderation.gradings import table_of

Pairs = list[tuple[int, int]]
SEEDS = range(12)


def random_pairs(seed: int, n: int | None = None) -> Pairs:
    """Gradings of a random mix and a random leaning, some tables sparse and some full."""
    dice = np.random.default_rng([977, seed])
    size = n or int(dice.integers(8, 90))
    mix = dice.dirichlet([0.8, 2, 2, 0.8])
    first = dice.choice(4, size, p=mix) + 1
    second = np.clip(first + dice.choice([-2, -1, 0, 1, 2], size, p=[0.03, 0.12, 0.6, 0.2, 0.05]), 1, 4)
    return [(int(a), int(b)) for a, b in zip(first, second, strict=True)]


# Formulas by hand: over cases, in fractions, with no matrix algebra


def weight(a: int, b: int) -> Fraction:
    return 1 - Fraction((a - b) ** 2, 9)


def kappa_by_hand(pairs: Pairs) -> Fraction:
    n = len(pairs)
    seen = sum(weight(a, b) for a, b in pairs) / n
    by_chance = sum(weight(a, b) for (a, _), (_, b) in product(pairs, pairs)) / Fraction(n * n)
    return (seen - by_chance) / (1 - by_chance)


def ac2_by_hand(pairs: Pairs) -> Fraction:
    n = len(pairs)
    every = [g for pair in pairs for g in pair]
    share = {g: Fraction(every.count(g), 2 * n) for g in range(1, 5)}
    scale = sum(weight(a, b) for a, b in product(range(1, 5), repeat=2)) / Fraction(12)
    by_chance = scale * sum(p * (1 - p) for p in share.values())
    seen = sum(weight(a, b) for a, b in pairs) / n
    return (seen - by_chance) / (1 - by_chance)


def kappa_error_by_hand(pairs: Pairs) -> float:
    """Fleiss, Cohen and Everitt (1969), equation for weighted kappa, cell by cell."""
    n, k = len(pairs), float(kappa_by_hand(pairs))
    cell = {(i, j): pairs.count((i, j)) / n for i, j in product(range(1, 5), repeat=2)}
    row = {i: sum(cell[i, j] for j in range(1, 5)) for i in range(1, 5)}
    column = {j: sum(cell[i, j] for i in range(1, 5)) for j in range(1, 5)}
    w = {ij: float(weight(*ij)) for ij in cell}
    chance = sum(w[i, j] * row[i] * column[j] for i, j in cell)
    mean_row = {i: sum(column[j] * w[i, j] for j in range(1, 5)) for i in range(1, 5)}
    mean_column = {j: sum(row[i] * w[i, j] for i in range(1, 5)) for j in range(1, 5)}
    inner = sum(p * (w[i, j] - (mean_row[i] + mean_column[j]) * (1 - k)) ** 2 for (i, j), p in cell.items())
    return math.sqrt((inner - (k - chance * (1 - k)) ** 2) / (n * (1 - chance) ** 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_kappa_and_ac2_are_those_of_the_formulas_in_fractions(seed: int) -> None:
    pairs = random_pairs(seed)
    kappa = cohen_kappa(table_of(pairs))
    assert kappa.est == pytest.approx(float(kappa_by_hand(pairs)), abs=1e-12)
    assert kappa.se == pytest.approx(kappa_error_by_hand(pairs), abs=1e-10)
    assert gwet_ac(pairs).est == pytest.approx(float(ac2_by_hand(pairs)), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_interval_of_kappa_is_fishers_z_with_t(seed: int) -> None:
    pairs = random_pairs(seed)
    found = cohen_kappa(table_of(pairs))
    assert found.est is not None
    assert found.se
    assert found.ci is not None
    half = t.ppf(0.975, len(pairs) - 1) * found.se / (1 - found.est**2)
    z = [0.5 * math.log((1 + end) / (1 - end)) for end in (found.ci[0], found.est, found.ci[1])]
    assert z[1] - z[0] == pytest.approx(half)
    assert z[2] - z[1] == pytest.approx(half)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("seed", SEEDS)
def test_alpha_with_three_to_five_raters_and_gaps(seed: int, level: str) -> None:
    dice = np.random.default_rng([401, seed])
    cases, raters = int(dice.integers(6, 60)), int(dice.integers(3, 6))
    true = dice.integers(1, 5, (cases, 1))
    grades = np.clip(true + dice.integers(-1, 2, (cases, raters)), 1, 4)
    grades[dice.random(grades.shape) < 0.4] = 0
    raw = np.where(grades == 0, np.nan, grades).T
    theirs = krippendorff.alpha(raw, value_domain=[1, 2, 3, 4], level_of_measurement=level)
    ours = krippendorff_alpha(grades, level).est  # type: ignore[arg-type]
    assert ours == pytest.approx(theirs, abs=1e-10)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_error_of_alpha_leaves_out_one_case_at_a_time(seed: int) -> None:
    pairs = random_pairs(seed, 14)
    values = [
        krippendorff.alpha(
            np.array(pairs[:i] + pairs[i + 1 :], dtype=float).T,
            value_domain=[1, 2, 3, 4], level_of_measurement="ordinal",
        )
        for i in range(14)
    ]  # fmt: skip
    by_hand = math.sqrt(13 / 14 * sum((v - sum(values) / 14) ** 2 for v in values))
    assert krippendorff_alpha(pairs).se == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_shares_direction_and_shift_by_counting(seed: int) -> None:
    pairs = random_pairs(seed)
    n, table = len(pairs), table_of(pairs)
    steps = [b - a for a, b in pairs]
    assert percent_agreement(table).est == steps.count(0) / n
    assert adjacent_agreement(table).est == sum(abs(s) <= 1 for s in steps) / n
    sign = direction_sign_test(table)
    up, down = sum(s > 0 for s in steps), sum(s < 0 for s in steps)
    assert (sign.n_generous, sign.n_harsh) == (up, down)
    if up + down:
        assert sign.p_value == pytest.approx(min(1.0, 2 * binom.cdf(min(up, down), up + down, 0.5)))
    moved = mean_signed_shift(table)
    assert moved.est == pytest.approx(np.mean(steps))
    assert moved.se == pytest.approx(np.std(steps, ddof=1) / math.sqrt(n))
    change = [(b <= 2) - (a <= 2) for a, b in pairs]
    assert good_or_better_change(table).est == pytest.approx(np.mean(change))


@pytest.mark.parametrize("seed", SEEDS)
def test_wilsons_limits_are_where_the_score_test_just_says_no(seed: int) -> None:
    pairs = random_pairs(seed)
    found = percent_agreement(table_of(pairs))
    assert found.ci is not None
    assert found.est is not None
    for end in found.ci:
        if 0 < end < 1:
            score = abs(found.est - end) / math.sqrt(end * (1 - end) / found.n)
            assert score == pytest.approx(norm.ppf(0.975))


# Published small examples, recomputed


def spread(table: Sequence[Sequence[int]]) -> Pairs:
    return [
        (i + 1, j + 1) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)
    ]


def test_two_readers_of_fifty_grants() -> None:
    """The 2 x 2 table with which kappa is usually explained: .70 seen, .50 by chance, kappa .40."""
    found = cohen_kappa([[20, 5], [10, 15]], "identity")
    assert found.observed_agreement == pytest.approx(0.7)
    assert found.chance_agreement == pytest.approx(0.5)
    assert found.est == pytest.approx(0.4)


def test_the_same_agreement_with_two_kappas() -> None:
    """Two tables of 100 that agree on 60: kappa .1304 where the readers' mixes are alike, .2593 where they are not."""
    assert cohen_kappa([[45, 15], [25, 15]], "identity").est == pytest.approx(0.1304, abs=5e-5)
    assert cohen_kappa([[25, 35], [5, 35]], "identity").est == pytest.approx(0.2593, abs=5e-5)


def test_high_agreement_and_a_kappa_below_nothing_which_ac1_survives() -> None:
    """118 of 125 alike, nobody twice negative: kappa is -.023 and AC1 .941 (Gwet's illustration of the paradox)."""
    table = [[118, 5], [2, 0]]
    assert cohen_kappa(table, "identity").est == pytest.approx(-0.0234, abs=5e-5)
    assert gwet_ac(table=table, weights="identity", categories=2).est == pytest.approx(0.9408, abs=5e-5)


def test_five_raters_on_three_cases_by_hand() -> None:
    """Fleiss: case agreements 1, .4, .6; shares 8/15, 5/15, 2/15; chance 93/225; kappa (2/3 - 93/225)/(1 - 93/225)."""
    counts = [[5, 0, 0], [2, 3, 0], [1, 2, 2]]
    agreed = [Fraction(sum(c * (c - 1) for c in row), 20) for row in counts]
    shares = [Fraction(sum(row[k] for row in counts), 15) for k in range(3)]
    chance = sum(p * p for p in shares)
    by_hand = (sum(agreed) / 3 - chance) / (1 - chance)
    assert fleiss_kappa(counts=counts, categories=3).est == pytest.approx(float(by_hand))


def test_the_case_that_alphabetical_order_gets_wrong() -> None:
    """Six cases in the order of the grades, not of their names."""
    pairs = [(1, 1), (2, 2), (2, 3), (3, 3), (4, 4), (3, 2)]
    assert cohen_kappa(table_of(pairs)).est == pytest.approx(float(kappa_by_hand(pairs)))
    shuffled = [({1: 3, 2: 1, 3: 4, 4: 2}[a], {1: 3, 2: 1, 3: 4, 4: 2}[b]) for a, b in pairs]
    assert cohen_kappa(table_of(shuffled)).est != pytest.approx(float(kappa_by_hand(pairs)), abs=0.05)


def test_the_summary_says_the_same_as_its_parts() -> None:
    pairs = random_pairs(3)
    found = agreement_summary(pairs)
    assert spread(found.matrix) == sorted(pairs)
    assert found.cohen_kappa.est == pytest.approx(float(kappa_by_hand(pairs)))
    assert found.gwet_ac2.est == pytest.approx(float(ac2_by_hand(pairs)))


@pytest.mark.parametrize(
    ("figure", "n", "share", "short"),
    [
        ("cohen_kappa", 99, 0.71, True),
        ("cohen_kappa", 100, 0.71, False),
        ("cohen_kappa", 10, 0.70, False),
        ("krippendorff_alpha_ordinal", 29, 0.9, True),
        ("krippendorff_alpha_ordinal", 30, 0.9, False),
        ("gwet_ac2", 10, 0.99, False),
        ("mean_signed_shift", 10, 0.99, False),
    ],
)
def test_where_one_grade_dominates_kappa_and_alpha_have_no_interval_to_print(
    figure: str, n: int, share: float, short: bool
) -> None:
    rest = (1 - share) / 3
    said = interval_too_short(figure, n, (rest, share, rest, rest))
    assert bool(said) is short
    assert not short or f"{share:.0%}" in said
