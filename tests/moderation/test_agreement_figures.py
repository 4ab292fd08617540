"""Agreement: what must hold for any gradings, against a second implementation, and at the edges."""

from __future__ import annotations

import math

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput
from qa_audit.moderation.agreement import (
    agreement_by_group,
    agreement_interval,
    agreement_summary,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
)
from qa_audit.moderation.coefficients import Coefficient
from qa_audit.moderation.gradings import BOUNDARY_POSITIONS, agreement_weights, patterns_of, table_of

Grade = st.one_of(st.none(), st.integers(1, 4))
PAIRS = st.lists(st.lists(Grade, min_size=2, max_size=2), max_size=40)
MANY = st.lists(st.lists(Grade, min_size=4, max_size=4), max_size=30)
TWO = [[1, 1], [2, 2], [2, 3], [3, 3], [3, 4], [2, 2], [4, 4], [1, 2], [3, 2], [2, 2], [3, 3], [2, 3]]


def coefficients(ratings: list[list[int | None]]) -> list[Coefficient]:
    return [
        gwet_ac(ratings),
        gwet_ac(ratings, singly_rated="include"),
        gwet_ac(ratings, weights="boundary"),
        fleiss_kappa(ratings),
        krippendorff_alpha(ratings),
        krippendorff_alpha(ratings, "nominal"),
        cohen_kappa(table_of(ratings)),
    ]


@given(st.one_of(PAIRS, MANY))
@settings(max_examples=150, deadline=None)
def test_no_figure_is_nan_and_no_interval_passes_one(ratings: list[list[int | None]]) -> None:
    for found in coefficients(ratings):
        for value in (found.est, found.se, *(found.ci or ()), *(found.ci_wald or ())):
            assert value is None or math.isfinite(value)
        for low, high in (ci for ci in (found.ci, found.ci_wald) if ci):
            assert -1 <= low <= high <= 1
        assert found.est is None or found.est <= 1
        assert bool(found.reason) == (found.est is None or found.se is None or found.ci is None)


@given(MANY)
@settings(max_examples=80, deadline=None)
def test_alpha_is_that_of_a_second_implementation(ratings: list[list[int | None]]) -> None:
    for level in ("nominal", "ordinal", "interval", "ratio"):
        ours = krippendorff_alpha(ratings, level)  # type: ignore[arg-type]
        used = {v for row in ratings if sum(v is not None for v in row) > 1 for v in row if v}
        assert (ours.est is None) == (len(used) < 2)
        if ours.est is not None:
            data = np.array([[np.nan if v is None else v for v in row] for row in ratings]).T
            theirs = krippendorff.alpha(data, value_domain=[1, 2, 3, 4], level_of_measurement=level)
            assert ours.est == pytest.approx(theirs, abs=1e-9)


@given(st.lists(st.integers(1, 4), min_size=2, max_size=30))
def test_perfect_agreement_on_varied_grades_is_one(grades: list[int]) -> None:
    assume(len(set(grades)) > 1)
    for found in coefficients([[g, g] for g in grades]):
        assert found.est == pytest.approx(1)
        assert found.se == pytest.approx(0, abs=1e-9)
        assert found.ci is None


@given(st.integers(1, 4), st.integers(1, 20))
def test_one_grade_alone_leaves_kappa_and_alpha_undefined(grade: int, n: int) -> None:
    ratings = [[grade, grade]] * n
    assert gwet_ac(ratings).est == 1
    for found in (fleiss_kappa(ratings), krippendorff_alpha(ratings), cohen_kappa(table_of(ratings))):
        assert found.est is None
        assert "one and the same grade" in found.reason


@given(MANY, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_shuffled_cases_change_nothing(ratings: list[list[int | None]], shuffler: object) -> None:
    shuffled = list(ratings)
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]
    assert agreement_summary(shuffled) == agreement_summary(ratings)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_swapped_raters_keep_symmetric_figures_and_turn_the_direction(
    ratings: list[list[int | None]],
) -> None:
    one, two = agreement_summary(ratings), agreement_summary([row[::-1] for row in ratings])
    assert two.exact == one.exact
    assert two.gwet_ac2 == one.gwet_ac2
    assert (two.direction.n_generous, two.direction.n_harsh) == (
        one.direction.n_harsh,
        one.direction.n_generous,
    )
    if one.mean_signed_shift.est is not None:
        assert two.mean_signed_shift.est == pytest.approx(-one.mean_signed_shift.est)
    if one.cohen_kappa.est is not None:
        assert two.cohen_kappa.est == pytest.approx(one.cohen_kappa.est)


@given(PAIRS)
@settings(max_examples=50, deadline=None)
def test_the_scale_read_backwards_keeps_every_coefficient(ratings: list[list[int | None]]) -> None:
    turned = [[None if v is None else 5 - v for v in row] for row in ratings]
    for level in ("ordinal", "nominal", "interval"):
        one, two = krippendorff_alpha(ratings, level), krippendorff_alpha(turned, level)  # type: ignore[arg-type]
        assert (one.est is None) == (two.est is None)
        assert one.est is None or two.est == pytest.approx(one.est)
    assert gwet_ac(turned).est == pytest.approx(gwet_ac(ratings).est)


@given(st.permutations([1, 2, 3, 4]))
def test_relabelled_categories_keep_nominal_figures(order: list[int]) -> None:
    relabelled = [[order[v - 1] for v in row] for row in TWO]
    for weights in ("identity",):
        assert gwet_ac(relabelled, weights).est == pytest.approx(gwet_ac(TWO, weights).est)  # type: ignore[arg-type]
    assert krippendorff_alpha(relabelled, "nominal").est == pytest.approx(
        krippendorff_alpha(TWO, "nominal").est
    )


def test_one_missing_grade_takes_one_case_out() -> None:
    without = agreement_summary(TWO[:-1])
    missing = agreement_summary([*TWO[:-1], [2, None]])
    assert missing.n_cases == 12
    assert missing.n_double_graded == without.n_double_graded == 11
    assert missing.exact == without.exact
    assert missing.gwet_ac2 == without.gwet_ac2
    included = gwet_ac([*TWO[:-1], [2, None]], singly_rated="include")
    assert included.n == 12
    assert included.est != without.gwet_ac2.est


def test_every_form_of_the_same_gradings_gives_the_same_figures() -> None:
    table = table_of(TWO)
    counts = [[row.count(c) for c in (1, 2, 3, 4)] for row in TWO]
    ragged = np.array([[float(v) for v in row] for row in TWO])
    for function in (gwet_ac, fleiss_kappa, krippendorff_alpha):
        whole = function(TWO)
        forms = (function(table=table), function(counts=counts), function([[v, None, w] for v, w in TWO]))
        for other in (*forms, function(ragged)):
            assert other.n == whole.n
            assert (other.est, other.se) == pytest.approx((whole.est, whole.se), abs=1e-12)


def test_the_table_of_many_raters_holds_the_first_two_gradings() -> None:
    table = table_of([[None, 1, 2, 4], [3, None, 3, 1], [None, None, 4, None]])
    assert table[0, 1] == table[2, 2] == 1
    assert table.sum() == 2


def test_patterns_count_cases_however_they_are_encoded() -> None:
    wide = [[(i * j) % 3 + 1 if (i + j) % 4 else None for j in range(14)] for i in range(50)]
    found = patterns_of(wide, categories=9)
    assert found.n == 50
    by_hand = {tuple(row.count(c) for c in range(1, 10)) for row in wide}
    assert {tuple(int(v) for v in row) for row in found.counts} == by_hand


def test_leave_one_out_and_bootstrap_agree_on_the_error_of_alpha() -> None:
    ratings = TWO * 10
    jack, boot = krippendorff_alpha(ratings), krippendorff_alpha(ratings, resample="bootstrap")
    assert jack.se == pytest.approx(boot.se, rel=0.08)
    assert boot == krippendorff_alpha(ratings, resample="bootstrap")


def test_leave_one_out_is_what_leaving_each_case_out_gives() -> None:
    values = [krippendorff_alpha(TWO[:i] + TWO[i + 1 :]).est for i in range(len(TWO))]
    n = len(TWO)
    mean = sum(v for v in values if v is not None) / n
    by_hand = math.sqrt((n - 1) / n * sum((v - mean) ** 2 for v in values if v is not None))
    assert krippendorff_alpha(TWO).se == pytest.approx(by_hand)


def test_boundary_weights_count_a_crossed_line_double() -> None:
    w = agreement_weights("boundary", 4)
    assert w[0, 1] > w[1, 2] == w[2, 3]
    assert w[1, 2] == pytest.approx(1 - (2 / BOUNDARY_POSITIONS[-1]) ** 2)
    assert gwet_ac(TWO, "boundary").est != gwet_ac(TWO).est
    with pytest.raises(BadInput):
        agreement_weights("boundary", 3)


def test_what_may_be_shown_depends_on_how_many() -> None:
    assert agreement_summary([]).standing == "nothing"
    assert agreement_summary(TWO[:9]).standing == "counts"
    assert agreement_summary(TWO).standing == "indicative"
    assert agreement_summary(TWO * 2).standing == "full"
    assert any("kappa is unstable" in w for w in agreement_summary([[2, 2]] * 30 + [[2, 3]]).warnings)
    assert any("saw the auditor's grade" in w for w in agreement_summary(TWO, blind=False).warnings)


def test_by_group_is_each_group_alone() -> None:
    groups = ["b" if i % 2 else "a" for i in range(len(TWO))]
    found = agreement_by_group(TWO, groups)
    assert list(found) == ["a", "b"]
    assert found["a"] == agreement_summary(TWO[::2])


def test_matrix_has_the_first_rater_in_rows() -> None:
    found = agreement_summary([[2, 3], [2, 3], [3, 2]])
    assert found.matrix[1][2] == 2
    assert found.matrix[2][1] == 1
    assert (found.direction.n_generous, found.direction.n_harsh) == (2, 1)
    assert found.mean_signed_shift.est == pytest.approx(1 / 3)
    assert found.good_or_better_change.est == pytest.approx(-1 / 3)
    assert found.as_json()["matrix"] == [list(row) for row in found.matrix]


@pytest.mark.parametrize("ratings", [[[1, 5]], [[1, -1]], [[1.5, 2]], [[1, 2], [3]]])
def test_refuses_what_is_no_grade(ratings: list[list[int]]) -> None:
    with pytest.raises(BadInput):
        agreement_summary(ratings)


def test_refuses_a_table_that_is_none() -> None:
    for table in ([[1, 2]], [[1, -1], [0, 1]], [[float("nan"), 1], [1, 1]]):
        with pytest.raises(BadInput):
            percent_agreement(table)
    with pytest.raises(BadInput):
        agreement_interval(0.5, 0.1, 10, conf_level=1.0)
