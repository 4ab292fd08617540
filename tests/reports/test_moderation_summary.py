"""The whole paper: sheets, tables and charts of the contract, reconciled with the facts, in every reader."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import python_calamine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reports.invented_round import invented_round

from qa_audit.grades import WORDS, Grade
from qa_audit.reports.document import Charts, Table, Text, Workbook, tables
from qa_audit.reports.facts import AuditFacts, GradeTrail, ModerationFacts, RoundFacts, TextFacts
from qa_audit.reports.figures import done
from qa_audit.reports.profiles import load_profile
from qa_audit.reports.summary import build
from qa_audit.reports.workbook import write

REPOSITORY = Path(__file__).parents[2]
CONTRACT = (
    "Summary", "Planned and done", "Grades", "Moderation matrix", "Practice areas", "Auditors (QA only)",
    "Collaboration", "Timeliness", "Actions", "Themes", "Audits", "Method and notes",
)  # fmt: skip


def paper(facts: RoundFacts) -> Workbook:
    return build(facts, load_profile("moderation-summary", REPOSITORY / "exports"))


def table(document: Workbook, name: str) -> Table:
    return next(found for _, found in tables(document) if found.name == name)


def column(found: Table, heading: str) -> list[object]:
    index = [c.heading for c in found.columns].index(heading)
    return [row[index] for row in found.rows]


def test_the_sheets_of_the_contract_in_their_order() -> None:
    names = [sheet.name for sheet in paper(invented_round(28)).sheets]
    assert [name for name in names if name in CONTRACT] == list(CONTRACT)


def test_every_table_of_the_paper_is_documented() -> None:
    said = (REPOSITORY / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    for sheet, found in tables(paper(invented_round(28))):
        assert f"`{found.name}`" in said, found.name
        assert sheet.name in said
        for c in found.columns:
            if found.name != "AreaHeatMap":
                assert c.heading in said, (found.name, c.heading)


def test_the_four_pictures() -> None:
    document = paper(invented_round(40))
    kinds = {
        chart.title: chart.kind
        for s in document.sheets
        for b in s.blocks
        if isinstance(b, Charts)
        for chart in b.items
    }
    assert kinds["Final grades by month"] == "stacked"
    assert kinds["Open actions by age"] == "bar"
    assert kinds["Drift: second opinion minus auditor, by month"] == "line"
    assert table(document, "AreaHeatMap").shade


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(n=st.integers(0, 50), seed=st.integers(0, 9_999))
def test_any_round_makes_a_paper_that_adds_up(tmp_path: Path, n: int, seed: int) -> None:
    facts = invented_round(n, seed, texts_each=1)
    document = paper(facts)
    write(document, tmp_path / "paper.xlsx")
    matrix = table(document, "ModerationMatrix")
    both = sum(a.overall.pair is not None for a in done(facts))
    assert sum(v for row in matrix.rows for v in row[1:5] if isinstance(v, int)) == both
    assert matrix.totals[0][-1] == both
    plan = table(document, "PlanByTeam")
    for row in plan.rows:
        assert row[2] == row[3] + row[5] + row[6] + row[7]  # type: ignore[operator]
    assert sum(v for v in column(plan, "Planned") if isinstance(v, int)) == n
    kinds = table(document, "ActionsByKind")
    for row in (*kinds.rows, *kinds.totals):
        assert row[2] == sum(v for v in row[3:] if isinstance(v, int))
    assert kinds.totals[0][2] == len(facts.actions)
    assert len(table(document, "Audits").rows) == n
    assert len(table(document, "Evidence").rows) == len(facts.texts)
    direction = table(document, "Direction")
    assert sum(v for v in column(direction, "Audits") if isinstance(v, int)) == both


def moderated(n: int, second: Grade = Grade.GOOD) -> RoundFacts:
    facts = invented_round(0)
    day = facts.as_at
    audits = tuple(
        AuditFacts(f"A{i:03d}", f"k{i}", "child_in_need", "T", "S", "A1", "final", submitted_on=day,
                   overall=GradeTrail(Grade.GOOD, second, None, second))
        for i in range(n)
    )  # fmt: skip
    rows = tuple(
        ModerationFacts(a.ref, "M1", True, random=True, completed_on=day, outcome="agreed") for a in audits
    )
    return replace(facts, audits=audits, moderations=rows)


@pytest.mark.parametrize(("n", "shown"), [(9, "Withheld"), (10, "Undefined"), (19, "Undefined")])
def test_undefined_and_withheld_figures_say_why_and_are_never_zero(n: int, shown: str) -> None:
    found = table(paper(moderated(n)), "AgreementFigures")
    kappa = next(row for row in found.rows if str(row[0]).startswith("Kappa"))
    assert kappa[5] == shown
    assert kappa[1] in ("withheld", "undefined")
    assert kappa[6]


def test_coefficients_are_indicative_from_ten_and_full_from_twenty() -> None:
    def with_n(n: int) -> set[object]:
        facts = moderated(n)
        one = replace(
            facts.audits[0], overall=GradeTrail(Grade.GOOD, Grade.INADEQUATE, None, Grade.INADEQUATE)
        )
        two = replace(
            facts.audits[1], overall=GradeTrail(Grade.OUTSTANDING, Grade.OUTSTANDING, None, Grade.OUTSTANDING)
        )
        found = table(paper(replace(facts, audits=(one, two, *facts.audits[2:]))), "AgreementFigures")
        return {row[5] for row in found.rows}

    assert with_n(9) == {"Withheld"}
    assert with_n(10) == {"Indicative"}
    assert with_n(19) == {"Indicative"}
    assert with_n(20) == {"In full"}


def test_moderation_that_was_not_blind_is_said_loudly() -> None:
    facts = moderated(12)
    seen = replace(facts, moderations=tuple(replace(m, blind=False) for m in facts.moderations))
    sheet = next(s for s in paper(seen).sheets if s.name == "Moderation matrix")
    assert any(isinstance(b, Text) and b.tone == "warning" and "not blind" in b.text for b in sheet.blocks)
    quiet = next(s for s in paper(facts).sheets if s.name == "Moderation matrix")
    assert not any(isinstance(b, Text) and b.tone == "warning" for b in quiet.blocks)


def test_auditors_are_codes_and_the_sheet_says_for_whom() -> None:
    facts = invented_round(30)
    document = paper(facts)
    sheet = next(s for s in document.sheets if s.name == "Auditors (QA only)")
    assert any(isinstance(b, Text) and "QA unit only" in b.text for b in sheet.blocks)
    assert set(column(table(document, "Auditors"), "Auditor")) == {a.auditor_code for a in facts.audits}


def test_a_long_narrative_runs_over_rows_and_is_whole(tmp_path: Path) -> None:
    facts = invented_round(3, texts_each=0)
    story = "The worker kept going back. " * 3_000
    facts = replace(facts, texts=(TextFacts("R9-0001", "VC", "VC1", "evidence", story),))
    path = tmp_path / "long.xlsx"
    write(paper(facts), path)
    rows = [
        row
        for row in openpyxl.load_workbook(path)["Evidence and narratives"].iter_rows(values_only=True)
        if row[0] == "R9-0001"
    ]
    assert len(rows) == 3
    assert [row[5] for row in rows] == ["1 of 3", "2 of 3", "3 of 3"]
    assert "".join(str(row[4]) for row in rows) == story


def test_services_named_like_our_headings_do_not_break_the_heat_map(tmp_path: Path) -> None:
    facts = invented_round(40)
    names = ("code", "Code", "Practice area", "", "=1+1")
    audits = tuple(replace(a, service=names[i % 5]) for i, a in enumerate(facts.audits))
    document = paper(replace(facts, audits=audits))
    headings = [c.heading for c in table(document, "AreaHeatMap").columns]
    assert len({h.casefold() for h in headings}) == len(headings)
    write(document, tmp_path / "p.xlsx")


def test_every_reader_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "paper.xlsx"
    document = paper(invented_round(28))
    write(document, path)
    names = [sheet.name for sheet in document.sheets]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == names
    assert python_calamine.CalamineWorkbook.from_path(str(path)).sheet_names == names
    grades = {cell.value for cell in book["Audits"]["R"][4:] if cell.value}
    assert grades <= set(WORDS)
    for sheet in book.worksheets:
        assert sheet.tables, sheet.title
        assert sheet.freeze_panes, sheet.title
        for found in sheet.tables.values():
            heads = [cell.value for cell in sheet[found.ref][0]]
            assert heads == [c.name for c in found.tableColumns]


def test_readers_that_trust_the_dimension_see_every_row(tmp_path: Path) -> None:
    path = tmp_path / "paper.xlsx"
    document = paper(invented_round(28))
    write(document, path)
    whole, quick = openpyxl.load_workbook(path), openpyxl.load_workbook(path, read_only=True)
    for sheet in whole.worksheets:
        assert list(quick[sheet.title].iter_rows(values_only=True)) == list(sheet.iter_rows(values_only=True))
    quick.close()


def test_no_code_of_a_person_beyond_codes_leaves() -> None:
    facts = invented_round(10)
    audits = tuple(replace(a, auditor_id="person-4711") for a in facts.audits)
    document = paper(replace(facts, audits=audits))
    for _, found in tables(document):
        assert not any("4711" in str(value) for row in found.rows for value in row)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed here")
def test_libreoffice_renders_it(tmp_path: Path) -> None:
    path = tmp_path / "paper.xlsx"
    write(paper(invented_round(28)), path)
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/lo",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    assert (tmp_path / "paper.pdf").stat().st_size > 20_000
