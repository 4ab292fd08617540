"""Direction, severity and the moderation-adjusted share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput
from qa_audit.moderation.drift import (
    Moderated,
    ModerationGroup,
    bhapkar,
    direction_sign_test,
    groups_by_chance,
    mean_signed_shift,
    moderation_adjusted_by_group,
    moderation_adjusted_proportion,
    severity_ordinal,
    severity_shrinkage,
    stuart_maxwell,
)

TABLE = [[3, 2, 0, 0], [1, 9, 6, 1], [0, 2, 8, 4], [0, 0, 1, 3]]


def shifts(auditors: int, each: int, spread: float) -> tuple[list[float], list[str]]:
    stream = np.random.default_rng(7)
    true = stream.normal(0, spread, auditors)
    value = [float(np.rint(t + stream.normal(0.2, 0.7))) for t in true for _ in range(each)]
    return value, [f"auditor-{i:02d}" for i in range(auditors) for _ in range(each)]


def test_generous_means_the_second_rater_was_harsher() -> None:
    found = direction_sign_test(TABLE)
    assert (found.n_generous, found.n_harsh) == (13, 4)
    assert found.p_value == pytest.approx(0.0490417, abs=1e-6)
    assert mean_signed_shift(TABLE).est == pytest.approx((12 + 2 - 4) / 40)


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=4))
@settings(max_examples=80, deadline=None)
def test_turning_the_table_turns_the_direction_and_keeps_the_margin_tests(table: list[list[int]]) -> None:
    turned = [list(row) for row in zip(*table, strict=True)]
    one, two = direction_sign_test(table), direction_sign_test(turned)
    assert (one.n_generous, one.n_harsh) == (two.n_harsh, two.n_generous)
    for test in (stuart_maxwell, bhapkar):
        a, b = test(table), test(turned)
        assert a.df == b.df
        assert (a.statistic is None) == (b.statistic is None)
        if a.statistic is not None:
            assert a.statistic == pytest.approx(b.statistic, abs=1e-6)
        assert a.reason or a.p_value is not None


def test_nothing_different_has_a_reason_and_no_p_value() -> None:
    same = [[2, 0], [0, 3]]
    assert direction_sign_test(same).p_value is None
    assert stuart_maxwell(same).reason == "no case was graded differently"
    assert mean_signed_shift(same).ci is None
    assert mean_signed_shift([[0, 0], [0, 0]]).est is None
    few = stuart_maxwell([[5, 3], [1, 5]])
    assert few.statistic == pytest.approx(1)
    assert few.p_value is None
    assert bhapkar([[0, 12], [0, 0]]).statistic is None


def test_shrinkage_pulls_to_the_average_and_more_with_fewer_cases() -> None:
    value, group = shifts(12, 9, 0.6)
    value, group = [*value, 2.0, 1.0], [*group, "newcomer", "newcomer"]
    found = severity_shrinkage(value, group)
    assert found.shrunken_effect is not None
    assert found.shrinkage is not None
    assert found.overall is not None
    assert found.levels == tuple(sorted(set(group)))
    for raw, effect, pulled in zip(found.raw_mean, found.shrunken_effect, found.shrinkage, strict=True):
        assert effect == pytest.approx((1 - pulled) * (raw - found.overall))
    assert found.shrinkage[-1] == max(found.shrinkage)


def test_no_evidence_of_a_difference_is_a_spread_of_nothing() -> None:
    found = severity_shrinkage([0, 1, -1, 0, 1, -1, 0, 1, -1], list("aaabbbccc"))
    assert found.sd_between == 0
    assert found.shrunken_effect == (0, 0, 0)
    assert found.shrinkage == (1, 1, 1)
    assert severity_shrinkage([0, 0, 0, 0], list("aabb")).sd_between == 0
    exact = severity_shrinkage([0, 0, 1, 1], list("aabb"))
    assert exact.shrunken_effect == (-0.5, 0.5)


def test_too_little_for_severity_says_so() -> None:
    assert severity_shrinkage([], []).reason == "nothing was moderated"
    assert severity_shrinkage([1, 0], ["a", "a"]).sd_between is None
    assert "one moderated case" in severity_shrinkage([1, 0], ["a", "b"]).reason
    assert severity_ordinal([1, 2], {}, ["a", "a"]).thresholds is None
    assert severity_ordinal([2, 2], {}, ["a", "b"]).reason == "one grade only was given"
    with pytest.raises(BadInput):
        severity_shrinkage([1], [])


def test_balanced_groups_agree_with_the_analysis_of_variance() -> None:
    value, group = shifts(10, 8, 0.7)
    found = severity_shrinkage(value, group)
    by_group = np.array(value).reshape(10, 8)
    within = by_group.var(axis=1, ddof=1).mean()
    between = max(0.0, (8 * by_group.mean(axis=1).var(ddof=1) - within) / 8)
    assert found.sd_within == pytest.approx(np.sqrt(within), rel=1e-5)
    assert found.sd_between == pytest.approx(np.sqrt(between), rel=1e-5)


def test_the_ordinal_model_finds_who_is_generous() -> None:
    stream = np.random.default_rng(3)
    lean = {f"a{i}": (i - 4) * 0.5 for i in range(9)}
    group = [name for name in lean for _ in range(60)]
    moderator = stream.integers(1, 5, len(group))
    grade = [
        int(np.clip(np.rint(m + lean[g] * 0.5 + stream.normal(0, 0.6)), 1, 4))
        for m, g in zip(moderator, group, strict=True)
    ]
    found = severity_ordinal(grade, {"moderator": moderator.tolist()}, group)
    assert found.random_modes is not None
    assert np.corrcoef(found.random_modes, list(lean.values()))[0, 1] > 0.95
    assert found.coef is not None
    assert found.coef[0] > 1
    order = np.argsort([f"{i}" for i in range(len(group))])
    again = severity_ordinal(
        [grade[i] for i in order],
        {"moderator": [int(moderator[i]) for i in order]},
        [group[i] for i in order],
    )
    assert again.random_modes == pytest.approx(found.random_modes, abs=1e-4)


def test_no_difference_between_auditors_settles_at_nothing_in_the_ordinal_model() -> None:
    found = severity_ordinal([1, 2, 3, 4] * 6, {}, [f"a{i // 4}" for i in range(24)])
    assert found.sd_random == pytest.approx(0, abs=1e-2)


def test_adjusted_share_takes_generosity_out() -> None:
    found = moderation_adjusted_proportion(800, 100, 61, Moderated(10, 4, 1, 5))
    assert found.est == pytest.approx(0.46)
    assert found.adjustment == pytest.approx(-0.15)


def test_unequal_chances_weigh_each_group_by_what_was_audited() -> None:
    always = ModerationGroup(20, 0, Moderated(0, 0, 2, 18))
    share = ModerationGroup(80, 60, Moderated(10, 5, 0, 5))
    found = moderation_adjusted_by_group(500, [always, share])
    assert found.est == pytest.approx(0.6 + 0.2 * (2 / 20) + 0.8 * (-5 / 20))
    assert found.df == 19
    whole = moderation_adjusted_by_group(500, [always, ModerationGroup(80, 60, Moderated(40, 20, 0, 20))])
    assert whole.se is not None
    assert found.se is not None
    assert whole.se < found.se


@given(st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_adjusted_share_is_unbiased_when_chances_are_unequal(seed: int) -> None:
    stream = np.random.default_rng(seed)
    estimates, truths = [], []
    for _ in range(150):
        truth = stream.random(150) < 0.5
        auditor = truth | (stream.random(150) < 0.3)
        chance = np.where(auditor, 0.4, 1.0)
        moderated = stream.random(150) < chance
        groups = groups_by_chance(
            chance.tolist(),
            auditor.tolist(),
            [bool(t) if m else None for t, m in zip(truth, moderated, strict=True)],
        )
        found = moderation_adjusted_by_group(100_000, groups)
        assert found.est is not None
        estimates.append(found.est)
        truths.append(truth.mean())
    assert np.mean(estimates) == pytest.approx(np.mean(truths), abs=0.02)


def test_adjusted_share_without_moderation_is_undefined() -> None:
    assert moderation_adjusted_proportion(10, 0, 0, Moderated(0, 0, 0, 0)).est is None
    assert "no chance" in moderation_adjusted_proportion(10, 5, 2, Moderated(0, 0, 0, 0)).reason
    assert moderation_adjusted_proportion(10, 5, 2, Moderated(1, 0, 0, 0)).se is None
    for audited, successes, moderated in ((5, 2, Moderated(3, 0, 0, 0)), (2, 1, Moderated(1, 1, 1, 1))):
        with pytest.raises(BadInput):
            moderation_adjusted_proportion(10, audited, successes, moderated)
    with pytest.raises(BadInput):
        moderation_adjusted_proportion(3, 5, 2, Moderated(1, 0, 0, 1))
