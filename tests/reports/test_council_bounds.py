"""When figures are shown, and the bands they fall in, are the council's settings; papers say which they used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from council_world import World
from reports.invented_round import invented_round

from qa_audit.access.settings import SETTINGS, change_setting
from qa_audit.errors import QaError
from qa_audit.grades import Grade
from qa_audit.reports.document import Table
from qa_audit.reports.facts import AuditFacts, GradeTrail, RoundFacts
from qa_audit.reports.figures import done, pairs
from qa_audit.reports.gather import BOUNDS, gather
from qa_audit.reports.sheets.lists import method_and_notes
from qa_audit.reports.sheets.moderation import moderation_matrix


def test_what_nobody_set_is_what_facts_suppose(world: World) -> None:
    facts = gather(world.workspace, world.plan(), made_by_role="QA lead")
    for name, key in BOUNDS.items():
        assert getattr(facts, name) == SETTINGS[key].standard == RoundFacts.__dataclass_fields__[name].default


def test_a_change_reaches_the_facts(world: World) -> None:
    ref = world.plan()
    change_setting(world.workspace, world.lead, "bands.green", "90")
    change_setting(world.workspace, world.lead, "figures.from", "25")
    facts = gather(world.workspace, ref, made_by_role="QA lead")
    assert (facts.green_from, facts.figures_from, facts.amber_from) == (90, 25, 65)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("figures.from", "31"),
        ("figures.from", "9"),
        ("figures.headline_from", "19"),
        ("figures.indicative_from", "21"),
        ("figures.indicative_from", "5"),
        ("bands.amber", "81"),
        ("bands.green", "64"),
    ],
)
def test_bounds_stay_in_order_and_coefficients_never_start_below_ten(
    world: World, key: str, value: str
) -> None:
    with pytest.raises(QaError):
        change_setting(world.workspace, world.lead, key, value)


def test_a_paper_prints_no_interval_of_kappa_where_one_grade_dominates() -> None:
    facts = invented_round(0)
    G, R = Grade.GOOD, Grade.REQUIRES_IMPROVEMENT

    def rows(pairs_: list[tuple[Grade, Grade]]) -> dict[object, tuple[object, ...]]:
        audits = tuple(
            AuditFacts(f"A{i}", f"k{i}", "child_in_need", "T", "S", "A1", "final", overall=GradeTrail(a, b, None, b))
            for i, (a, b) in enumerate(pairs_)
        )  # fmt: skip
        blocks = moderation_matrix(replace(facts, audits=audits)).blocks
        return {
            row[0]: row
            for b in blocks
            if isinstance(b, Table) and b.name == "AgreementFigures"
            for row in b.rows
        }

    one = rows([(G, G)] * 20 + [(R, R), (G, R), (R, G)])["Kappa, quadratic weights"]
    assert isinstance(one[1], float)
    assert one[2:4] == (None, None)
    assert "One grade holds" in str(one[6])
    even = rows([(G, G)] * 10 + [(R, R)] * 10 + [(G, R), (R, G)])["Kappa, quadratic weights"]
    assert isinstance(even[2], float)


def test_the_paper_holds_back_and_says_by_which_bounds() -> None:
    facts = invented_round(70)
    n = len(pairs(done(facts)))
    assert n >= 20

    def shown(changed: RoundFacts) -> set[object]:
        figures = next(
            b
            for b in moderation_matrix(changed).blocks
            if isinstance(b, Table) and b.name == "AgreementFigures"
        )
        return {row[5] for row in figures.rows}

    assert shown(facts) == {"In full"}
    assert shown(replace(facts, figures_from=n + 1, headline_from=n + 9)) == {"Indicative"}
    assert shown(replace(facts, indicative_from=n + 1)) == {"Withheld"}
    notes = next(
        b for b in method_and_notes(replace(facts, green_from=91, headline_from=47)).blocks
        if isinstance(b, Table) and b.name == "MethodNotes"
    )  # fmt: skip
    said = dict(notes.rows)
    assert "91% or more strong, 65% to 90% watch" in str(said["Bands of exact agreement"])
    assert "headline needs 47" in str(said["Thresholds"])
