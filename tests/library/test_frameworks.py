"""Judgement sets by date, the map from sections to headings, themes, and the command."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from qa_audit.library.frameworks import (
    Framework,
    framework_on,
    heading_for,
    informs,
    self_evaluation_parts,
)
from qa_audit.library.loader import load_library
from qa_audit.library.practice import (
    load_frameworks,
    load_mapping,
    load_national_framework,
    load_themes,
    parse_practice,
)

SCHEMAS = Path(__file__).parents[2] / "schemas"
FRAMEWORKS = load_frameworks(SCHEMAS)
MAPPING = load_mapping(SCHEMAS)
NOW = framework_on(FRAMEWORKS, date(2026, 11, 21))
BEFORE = framework_on(FRAMEWORKS, date(2020, 1, 1))


@pytest.mark.parametrize(
    ("day", "name", "count", "overall"),
    [
        (date(2015, 1, 1), "ilacs-2018", 4, True),
        (date(2022, 12, 31), "ilacs-2018", 4, True),
        (date(2023, 1, 1), "ilacs-2023", 5, True),
        (date(2026, 3, 31), "ilacs-2023", 5, True),
        (date(2026, 4, 1), "ilacs-2026", 4, False),
        (date(2031, 1, 1), "ilacs-2026", 4, False),
    ],
)
def test_the_framework_in_force(day: date, name: str, count: int, overall: bool) -> None:
    found = framework_on(FRAMEWORKS, day)
    assert (found.id, len(found.judgements), found.overall is not None) == (name, count, overall)


def test_the_headings_are_exact() -> None:
    assert [heading.title for heading in NOW.judgements] == [
        "The impact of leaders on social work practice with children and families",
        "The experiences and progress of children who need help and protection",
        "The experiences and progress of children in care",
        "The experiences and progress of care leavers",
    ]
    assert BEFORE.judgements[2].title == "The experiences and progress of children in care and care leavers"
    assert all("verall effectiveness" not in heading.title for heading in NOW.judgements)


def test_a_local_framework_wins_from_its_day() -> None:
    local = NOW.model_copy(update={"id": "our-own", "local": True, "starts": date(2026, 9, 1)})
    both = (*FRAMEWORKS, local)
    assert framework_on(both, date(2026, 8, 31)).id == "ilacs-2026"
    assert framework_on(both, date(2026, 9, 1)).id == "our-own"


@pytest.mark.parametrize(
    ("section", "primary", "key"),
    [
        ("PL", "child_in_need", "help_and_protection"),
        ("PL", "child_in_care", "in_care"),
        ("PL", "care_leaver", "care_leavers"),
        ("TH", "child_in_care", "help_and_protection"),
        ("CC", "care_leaver", "in_care"),
        ("CL", "child_in_care", "care_leavers"),
        ("SV", "child_in_need", "leaders"),
        ("EH", "referral", "help_and_protection"),
        ("DC", "child_in_care", "in_care"),
        ("UR", "child_in_care", "in_care"),
    ],
)
def test_a_grade_counts_under_the_childs_heading(section: str, primary: str, key: str) -> None:
    heading = heading_for(section, primary, NOW, MAPPING)
    assert heading is not None
    assert heading.key == key


def test_headings_follow_the_framework_of_the_day() -> None:
    heading = heading_for("CL", "care_leaver", BEFORE, MAPPING)
    assert heading is not None
    assert heading.key == "in_care_and_care_leavers"
    assert heading_for("AC", "care_leaver", NOW, MAPPING) is None


def test_open_dots_inform() -> None:
    assert [one.key for one in informs("SV", "child_in_care", NOW, MAPPING)] == ["in_care"]
    assert [one.key for one in informs("CC", "care_leaver", NOW, MAPPING)] == ["care_leavers"]
    assert informs("TH", "referral", NOW, MAPPING) == ()


def test_self_evaluation_parts_are_routed_by_cohort() -> None:
    assert [one.key for one in self_evaluation_parts("PL", "child_in_need", MAPPING)] == [
        "help_and_protection"
    ]
    assert [one.key for one in self_evaluation_parts("PL", "child_in_care", MAPPING)] == [
        "in_care_and_care_leavers"
    ]
    assert [one.title for one in self_evaluation_parts("EH", "referral", MAPPING)] == [
        "Education and Early Years"
    ]
    assert [one.key for one in self_evaluation_parts("SV", "referral", MAPPING)] == ["leadership"]
    assert self_evaluation_parts("ZZ", "referral", MAPPING) == ()


def test_the_national_framework_is_whole_and_the_map_uses_its_keys() -> None:
    national = load_national_framework(SCHEMAS)
    assert [one.number for one in national.outcomes] == [1, 2, 3, 4]
    assert [one.number for one in national.enablers] == [1, 2, 3]
    outcomes = {one.key for one in national.outcomes}
    enablers = {one.key for one in national.enablers}
    for place in MAPPING.sections:
        assert set(place.outcomes) <= outcomes
        assert set(place.enablers) <= enablers
        assert place.outcomes or place.enablers


def test_themes_serve_both_sides_and_name_sections_that_exist() -> None:
    themes = load_themes(SCHEMAS)
    assert 38 <= len(themes.themes) <= 50
    assert len(themes.side("strengths")) == len(themes.side("gaps")) == len(themes.themes)
    library = load_library(SCHEMAS, use_cache=False)
    codes = {one.id for one in library.sets()} | {"MA"}
    assert {code for theme in themes.themes for code in theme.sections} <= codes
    graded = {one.id for one in library.sets() if one.graded}
    assert "plans_smart" in [theme.id for theme in themes.suggested("PL")]
    assert len([code for code in graded if themes.suggested(code)]) >= len(graded) * 2 // 3


def test_a_framework_file_with_two_headings_for_one_strand_is_refused() -> None:
    text = (SCHEMAS / "frameworks" / "ilacs-2026.yaml").read_text(encoding="utf-8")
    _, problems = parse_practice(text.replace("[care_leavers]", "[in_care]"), "x.yaml", Framework)
    assert any("two headings" in problem.message for problem in problems)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa_audit.library.cache.default_folder", lambda: tmp_path / "cache")


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    from qa_audit.cli.main import main

    status = main(["form", *argv])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_form_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, _ = run(capsys, "list", "--json")
    assert status == 0
    assert {"PL", "full-case-audit", "moderation"} <= {one["id"] for one in json.loads(out)["forms"]}
    status, out, _ = run(capsys, "show", "PL")
    assert status == 0
    assert out.index("Good:") < out.index("Outstanding:")
    status, out, _ = run(
        capsys, "preview", "full-case-audit", "--cohort", "care_leaver", "--age", "19", "--json"
    )
    assert "CL" in [section["code"] for section in json.loads(out)["sections"]]
    status, _, err = run(capsys, "show", "PLL")
    assert (status, "PL" in err) == (2, True)
    status, _, err = run(capsys, "preview", "PL", "--cohort", "child_in_ned")
    assert (status, "child_in_need" in err) == (2, True)
    bad = tmp_path / "QQ.yaml"
    bad.write_text("kind: set\nid: QQ\nversion: one\n", encoding="utf-8")
    status, out, _ = run(capsys, "check", str(bad))
    assert status == 1
    assert "QQ.yaml, line 3, version" in out
    assert out.count("QQ.yaml, line") >= 4
    status, out, _ = run(capsys, "check", str(bad), "--json")
    assert (status, json.loads(out)["usable"]) == (1, False)
    assert run(capsys, "check")[0] == 0
