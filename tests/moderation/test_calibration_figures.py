"""The figures of calibration, recomputed by hand."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from qa_audit.grades import Grade
from qa_audit.moderation.calibration import (
    NO_DIFFERENCE,
    Graded,
    Reference,
    TrendPoint,
    against,
    exercise_figures,
    shift_words,
    trend_words,
)

O, G, R, I = Grade  # noqa: E741


def graded(case: str, section: str, **by: Grade) -> list[Graded]:
    return [Graded(case, section, name, grade) for name, grade in by.items()]


REFERENCES = {
    ("one", "PL"): Reference(R),
    ("one", "VI"): Reference(G, 1),
    ("one", "OV"): Reference(R),
    ("two", "PL"): Reference(I),
    ("two", "OV"): Reference(I),
}
GRADES = [
    *graded("one", "PL", A=G, B=R, C=R),
    *graded("one", "VI", A=O, B=R, C=G),
    *graded("one", "OV", A=G, B=R, C=R),
    *graded("two", "PL", A=R, B=I),
    *graded("two", "OV", A=G, B=I),
]


def test_spread_of_each_section_by_hand():
    found = {(spot.case, spot.section): spot for spot in exercise_figures(GRADES, REFERENCES).spots}
    plan = found["one", "PL"]
    assert plan.counts == (0, 1, 2, 0)
    assert (plan.exact, plan.within_one, plan.within_tolerance) == (2, 3, 2)
    assert (plan.generous, plan.harsh) == (1, 0)
    assert (plan.pairs, plan.pairs_exact, plan.pairs_within_one) == (3, 1, 3)
    assert plan.words == "1 Good, 2 RI: one step apart"
    visits = found["one", "VI"]
    assert visits.counts == (1, 1, 1, 0)
    assert (visits.exact, visits.within_tolerance, visits.generous, visits.harsh) == (1, 3, 1, 1)
    # O-G, G-R are one apart, O-R is two
    assert (visits.pairs, visits.pairs_exact, visits.pairs_within_one, visits.steps_apart) == (3, 0, 2, 2)
    whole = found["two", "OV"]
    assert whole.words == "1 Good, 1 Inadequate: two steps apart"


def test_sections_and_whole_cases_are_counted_apart():
    found = exercise_figures(GRADES, REFERENCES)
    assert found.sections.n == 8
    assert found.overall.n == 5
    assert math.isclose(found.sections.exact.est or 0, 4 / 8)
    assert math.isclose(found.sections.within_one.est or 0, 8 / 8)
    assert math.isclose(found.overall.exact.est or 0, 3 / 5)
    assert (found.sections.direction.n_generous, found.sections.direction.n_harsh) == (3, 1)
    assert found.between.pairs == 3 + 3 + 1
    assert (found.between.exact, found.between.within_one) == (1, 3 + 2 + 1)
    assert found.between.coefficients is None
    assert "3 sections were graded by two or more" in found.between.reason


def test_positive_means_more_generous():
    generous = [Graded("x", str(n), "A", G) for n in range(12)]
    references = {("x", str(n)): Reference(R if n else I) for n in range(12)}
    found = against(generous, references)
    mean = (11 * 1 + 2) / 12
    assert found.shift.est is not None
    assert math.isclose(found.shift.est, mean)
    spread = math.sqrt((11 * (1 - mean) ** 2 + (2 - mean) ** 2) / 11 / 12)
    assert math.isclose(found.shift.se or 0, spread)
    assert "you were more generous in 12 and harsher in 0" in shift_words(found, "you")
    assert "more generous than the reference" in shift_words(found, "you")


def test_a_mean_shift_is_not_shown_below_ten_gradings():
    references = {("x", str(n)): Reference(R) for n in range(10)}
    nine = [Graded("x", str(n), "A", G if n else R) for n in range(9)]
    assert against(nine, references).shift.est is None
    assert "needs 10" in against(nine, references).shift.reason
    ten = [*nine, Graded("x", "9", "A", R)]
    assert against(ten, references).shift.est is not None


def test_bands_of_exact_agreement():
    references = {("x", str(n)): Reference(G) for n in range(20)}

    def exact(right: int) -> str:
        grades = [Graded("x", str(n), "A", G if n < right else R) for n in range(20)]
        return against(grades, references).band

    assert [exact(16), exact(15), exact(13), exact(12)] == ["green", "amber", "amber", "red"]
    assert against([], references).band == ""


def test_says_when_auditors_do_not_differ():
    references = {("x", str(n)): Reference((G, R)[n % 2]) for n in range(12)}
    same = [
        Graded("x", str(n), name, G)
        for n in range(12)
        for name in ("A", "B", "C")
    ]  # fmt: skip
    found = exercise_figures(same, references)
    assert found.difference == NO_DIFFERENCE
    assert all(one.stands_out == "" and one.relative is None for one in found.auditors)


def test_points_out_who_stands_out_and_nobody_else():
    references = {("x", str(n)): Reference(R) for n in range(14)}
    grades = []
    for n in range(14):
        wobble = R if n % 5 else G
        grades += [Graded("x", str(n), name, wobble) for name in ("A", "B", "C", "D", "E")]
        grades.append(Graded("x", str(n), "Z", O if n % 3 else G))
    found = {one.auditor: one for one in exercise_figures(grades, references).auditors}
    assert found["Z"].stands_out == "generous"
    assert [name for name, one in found.items() if one.stands_out == "generous"] == ["Z"]
    assert found["Z"].relative is not None
    assert found["Z"].relative > 0
    assert found["A"].stands_out in ("", "harsh")


def test_few_sections_point_out_nobody():
    references = {("x", str(n)): Reference(I) for n in range(6)}
    grades = [
        Graded("x", str(n), name, O if name == "Z" else (I if n else R)) for n in range(6) for name in "ABCZ"
    ]
    assert all(not one.stands_out for one in exercise_figures(grades, references).auditors)


def test_nothing_submitted():
    found = exercise_figures([], REFERENCES)
    assert found.auditors == ()
    assert found.sections.exact.est is None
    assert all(spot.words == "nobody graded it" for spot in found.spots)
    assert "Nobody has submitted" in found.warnings[0]


def test_what_has_no_reference_is_left_out():
    stray = [*GRADES, Graded("three", "PL", "A", O), Graded("one", "QQ", "A", O)]
    assert exercise_figures(stray, REFERENCES) == exercise_figures(GRADES, REFERENCES)


def point(ref: str, right: int, n: int) -> TrendPoint:
    references = {("x", str(i)): Reference(G) for i in range(n)}
    one = against([Graded("x", str(i), "A", G if i < right else R) for i in range(n)], references)
    figures = exercise_figures([], references)
    return TrendPoint(ref, ref, "2026-01-01", 3, one, one, figures.between)


def test_the_trend_says_what_may_be_chance():
    assert "needs two" in trend_words([point("C-001", 5, 10)])
    words = trend_words([point("C-001", 5, 10), point("C-002", 7, 10)])
    assert "50% in C-001, 70% in C-002" in words
    assert "may be chance" in words
    assert "more than chance alone would usually bring" in trend_words(
        [point("C-001", 20, 100), point("C-002", 80, 100)]
    )


GRADE = st.sampled_from(list(Grade))


@given(
    st.dictionaries(st.tuples(st.sampled_from("ABCD"), st.integers(0, 4)), GRADE, max_size=20),
    st.lists(GRADE, min_size=5, max_size=5),
)
def test_counts_always_add_up(given_grades, references):
    wanted = {("x", str(n)): Reference(grade, n % 2) for n, grade in enumerate(references)}
    grades = [Graded("x", str(n), name, grade) for (name, n), grade in given_grades.items()]
    found = exercise_figures(grades, wanted)
    assert sum(spot.n for spot in found.spots) == len(grades) == found.sections.n
    for spot in found.spots:
        assert spot.exact + spot.generous + spot.harsh == spot.n
        assert spot.exact <= spot.within_tolerance <= spot.within_one <= spot.n
        assert spot.pairs_exact <= spot.pairs_within_one <= spot.pairs
    assert sum(one.against.n for one in found.auditors) == len(grades)
    for one in found.auditors:
        assert not one.stands_out or one.against.n >= 10
