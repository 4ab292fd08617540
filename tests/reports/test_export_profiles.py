"""Export profiles: what a QA manager may change, and what is refused with a line and a way out."""

from __future__ import annotations

import subprocess
import sys
import types
from datetime import date
from pathlib import Path

import pytest
from reports.invented_round import invented_round

from qa_audit.errors import BadInput, Code
from qa_audit.reports import profiles
from qa_audit.reports.document import Charts, tables
from qa_audit.reports.profiles import (
    default_out,
    exports_folder,
    file_name,
    list_profiles,
    load_profile,
    read_profile,
    require_suppression,
)
from qa_audit.reports.summary import build

REPOSITORY = Path(__file__).parents[2]
SHORT = """
kind: export-profile
id: short-paper
version: 1.0.0
title: Short paper
paper: moderation-summary
audience: Service managers
marking: OFFICIAL
sheets:
  - {id: summary, title: At a glance}
  - id: planned
    tables:
      PlanByTeam:
        - {column: Team, heading: Locality}
        - Planned
        - Done
  - {id: method}
"""


def write_profile(folder: Path, text: str, name: str = "short.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_profiles_all_load() -> None:
    found = list_profiles(REPOSITORY / "exports")
    assert "moderation-summary" in [profile.id for profile in found]


def test_a_sheet_dropped_a_heading_renamed_a_marking_changed(tmp_path: Path) -> None:
    profile = read_profile(write_profile(tmp_path, SHORT))
    document = build(invented_round(20), profile)
    assert [sheet.name for sheet in document.sheets] == [
        "At a glance",
        "Planned and done",
        "Method and notes",
    ]
    assert document.properties.marking == "OFFICIAL"
    plan = next(table for _, table in tables(document) if table.name == "PlanByTeam")
    assert [column.heading for column in plan.columns] == ["Locality", "Planned", "Done"]
    assert all(len(row) == 3 for row in (*plan.rows, *plan.totals))
    gone = next(table for _, table in tables(document) if table.name == "LeftOut")
    assert any("Evidence" in str(row[0]) for row in gone.rows)


def test_a_chart_leaves_with_its_table(tmp_path: Path) -> None:
    document = build(invented_round(20), read_profile(write_profile(tmp_path, SHORT)))
    assert not [block for sheet in document.sheets for block in sheet.blocks if isinstance(block, Charts)]
    with_grades = SHORT.replace("  - {id: method}", "  - {id: grades}\n  - {id: method}")
    document = build(invented_round(20), read_profile(write_profile(tmp_path, with_grades)))
    charts = [c.title for s in document.sheets for b in s.blocks if isinstance(b, Charts) for c in b.items]
    assert charts == ["Final grades by month", "Final grades by month"]


def test_a_renamed_heading_takes_its_chart_along(tmp_path: Path) -> None:
    text = SHORT.replace(
        "  - {id: method}",
        "  - id: actions\n    tables:\n      ActionAgeing:\n        - {column: Age, heading: How late}\n        - Open actions\n",
    )
    document = build(invented_round(20), read_profile(write_profile(tmp_path, text)))
    chart = next(
        c
        for s in document.sheets
        for b in s.blocks
        if isinstance(b, Charts)
        for c in b.items
        if c.kind == "bar"
    )
    assert chart.category == "How late"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: planned", "id: plannde", "Did you mean 'planned'"),
        ("id: planned", "id: summary", "listed twice"),
        ("id: planned", "id: evidence", "internal: true"),
        ("marking: OFFICIAL\n", "", "marking"),
        ("marking: OFFICIAL\n", "marking: OFFICIAL\nmarkings: x\n", "markings"),
        ("kind: export-profile", "kind: form", "kind"),
        ("version: 1.0.0", "version: '1'", "version"),
        ("paper: moderation-summary", "paper: moderation-sumary", "Did you mean 'moderation-summary'"),
        ("marking: OFFICIAL\n", "marking: OFFICIAL\nsuppress: maybe\n", "suppress"),
        ("marking: OFFICIAL\n", "marking: OFFICIAL\nsuppress: public\ninternal: true\n", "not a public paper"),
        ("marking: OFFICIAL\n", "marking: OFFICIAL\nfile_name: '../x.xlsx'\n", "file name"),
        ("marking: OFFICIAL\n", "marking: OFFICIAL\nfile_name: '{who}.xlsx'\n", "braces"),
        ("marking: OFFICIAL\n", "marking: OFFICIAL\nmarking: PUBLIC\n", "twice"),
    ],
)  # fmt: skip
def test_a_profile_that_cannot_be_used_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in SHORT
    with pytest.raises(BadInput) as refused:
        read_profile(write_profile(tmp_path, SHORT.replace(old, new, 1)))
    assert refused.value.code is Code.BAD_SCHEMA
    assert said.casefold() in str(refused.value).casefold()
    assert "short.yaml, line" in refused.value.why


@pytest.mark.parametrize("change", [("- Planned\n", "- Plannd\n"), ("PlanByTeam:", "PlanByTaem:")])
def test_a_table_or_column_that_is_not_there(tmp_path: Path, change: tuple[str, str]) -> None:
    profile = read_profile(write_profile(tmp_path, SHORT.replace(*change)))
    with pytest.raises(BadInput) as refused:
        build(invented_round(5), profile)
    assert refused.value.code is Code.BAD_SCHEMA
    assert "sheet 'planned'" in refused.value.where


def test_a_public_paper_without_disclosure_control_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = read_profile(
        write_profile(tmp_path, SHORT.replace("OFFICIAL\n", "OFFICIAL\nsuppress: public\n"))
    )
    monkeypatch.setitem(sys.modules, "qa_audit.reports.suppression", None)
    with pytest.raises(BadInput, match="disclosure control"):
        build(invented_round(5), profile)
    unfinished = types.ModuleType("qa_audit.reports.suppression")
    monkeypatch.setitem(sys.modules, "qa_audit.reports.suppression", unfinished)
    with pytest.raises(BadInput, match="disclosure control"):
        build(invented_round(5), profile)
    seen = []
    unfinished.suppress_document = lambda document: seen.append(document) or document  # type: ignore[attr-defined]
    build(invented_round(5), profile)
    assert len(seen) == 1
    require_suppression(load_profile("moderation-summary", REPOSITORY / "exports"))


def test_where_profiles_are_looked_for(tmp_path: Path) -> None:
    assert exports_folder({"QA_AUDIT_EXPORTS": str(tmp_path)}) == tmp_path
    assert exports_folder({}).name in ("exports", "_exports")
    with pytest.raises(BadInput):
        exports_folder({"QA_AUDIT_EXPORTS": str(tmp_path / "none")})
    with pytest.raises(BadInput, match="no export profile"):
        load_profile("moderation-sumary", REPOSITORY / "exports")


def test_where_papers_land(tmp_path: Path) -> None:
    assert default_out(tmp_path / "exports", tmp_path) == tmp_path / "exports" / "out"
    assert default_out(Path("/x/qa_audit/_exports"), tmp_path) == tmp_path / "exports" / "out"


def test_file_names_are_safe() -> None:
    profile = load_profile("moderation-summary", REPOSITORY / "exports")
    made = file_name(
        profile, round_ref="../../R 9/é", council="A", period="2026-09", made_on=date(2026, 10, 1)
    )
    assert made == "R-9-e-moderation-summary-2026-10-01.xlsx"


def test_profiles_module_imports_nothing_heavy() -> None:
    code = (
        "import sys, qa_audit.reports.profiles, qa_audit.reports.summary, qa_audit.reports.workbook, qa_audit.cli.export;"
        "print(sorted(m for m in ('pydantic', 'openpyxl', 'numpy', 'sqlalchemy', 'yaml', 'textual') if m in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    assert profiles.PAPERS
