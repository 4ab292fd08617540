"""`calibrate`, from the first case to the paper, by the command line alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from qa_audit.cli.main import main
from qa_audit.grades import WORDS
from qa_audit.library.calibration_cases import load_case
from qa_audit.reports.profiles import load_profile

CASE = "care-leaver-pathway"
SECTIONS = load_case(CASE).sections

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(world, capsys: pytest.CaptureFixture[str]) -> Run:
    def command(who: str, *words: str) -> tuple[int, str, str]:
        status = main(["--workspace", str(world.workspace.folder), "--as", who, "calibrate", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


def grade_all(run: Run, who: str, grade: str) -> None:
    for section in SECTIONS:
        assert (
            run(
                who, "take", "C-001", CASE, "--section", section, "--grade", grade, "--why", f"{who} because"
            )[0]
            == 0
        )


def test_a_whole_exercise_by_command(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("QA1", "cases", "--json")
    assert status == 0
    assert {one["case_id"] for one in json.loads(out)} >= {CASE, "child-in-need-neglect"}
    status, out, _ = run(
        "QA1", "add", "Autumn", "--case", CASE, "--invite", "AU1,AU2", "--workshop", "2026-11-20"
    )
    assert (status, "C-001 is open" in out) == (0, True)
    status, out, _ = run("AU1", "take", "C-001", "1")
    assert status == 0
    assert "Pathway plan (October 2026)" in out
    assert "4.80" in out
    assert load_case(CASE).reference.grades[0].why[:30] not in out
    status, _, err = run("AU1", "submit", "C-001", CASE)
    assert status == 2
    assert "no grade yet" in err
    grade_all(run, "AU1", "Good")
    grade_all(run, "AU2", "RI")
    assert "That was the last" in run("AU1", "submit", "C-001", CASE)[1]
    status, _, err = run("QA1", "reveal", "C-001")
    assert status == 2
    assert "AU2" in err
    status, _, err = run("AU1", "feedback", "C-001")
    assert (status, "still blind" in err) == (3, True)
    assert run("AU2", "submit", "C-001", CASE)[0] == 0
    assert run("QA1", "attend", "C-001", "AU1=attended")[0] == 0
    assert "2 graded cases" in run("QA1", "reveal", "C-001")[1]

    status, out, _ = run("AU1", "feedback", "C-001", "--json")
    sheet = json.loads(out)
    assert sheet["person"] == "AU1"
    assert sheet["sections"]["direction"] == {"n_generous": 4, "n_harsh": 0, "p_value": 0.125}
    assert sheet["cases"][0]["sections"][0]["reference"] in WORDS
    assert sheet["sections"]["mean_signed_shift"]["est"] is None
    status, out, _ = run("QA1", "show", "C-001", "--json")
    found = json.loads(out)
    assert found["overall"]["n"] == 2
    assert found["attendance"] == {"AU1": "attended", "AU2": None}
    status, out, _ = run("QA1", "show", "C-001")
    assert "1 Good, 1 RI: one step apart" in out
    assert run("QA1", "trend")[0] == 0
    assert run("AU1", "show", "C-001")[0] == 0
    assert run("AU1", "trend")[0] == 3
    assert "Autumn" in run("AU2", "list")[1]

    path = tmp_path / "calibration.xlsx"
    status, out, err = run("QA1", "export", "C-001", "--out", str(path))
    assert status == 0, err
    from openpyxl import load_workbook

    book = load_workbook(path)
    assert book.sheetnames[:2] == ["Agreement", "People (QA only)"]
    cells = [
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert "AU1" in cells
    assert "AU1 because" in cells
    assert not any(name in cell for cell in cells for name in ("T. Flint", "S. Onyx"))
    said = (Path(__file__).parents[2] / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    for sheet in book:
        for table in sheet.tables.values():
            assert f"`{table.name}`" in said
            headings = [cell.value for cell in sheet[table.ref][0]]
            assert all(str(heading) in said for heading in headings), table.name
    assert run("AU1", "export", "C-001", "--out", str(tmp_path / "no.xlsx"))[0] == 3
    assert not (tmp_path / "no.xlsx").exists()


def test_a_round_cannot_be_exported_as_a_calibration(
    world, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--workspace", str(world.workspace.folder), "--as", "QA1"]
    assert main([*common, "export", "calibration", "--round", "R", "--out", str(tmp_path / "x.xlsx")]) == 2
    assert "calibrate export" in capsys.readouterr().err


def test_people_sheets_leave_only_in_a_paper_for_the_qa_unit() -> None:
    profile = load_profile("calibration")
    assert profile.internal
    assert profile.audience == "QA unit only"
    from qa_audit.errors import BadInput
    from qa_audit.reports.profiles import parse_profile

    data = {
        "kind": "export-profile", "id": "wide", "version": "1.0.0", "title": "Wide", "paper": "calibration",
        "audience": "Everybody", "marking": "OFFICIAL", "sheets": [{"id": "agreement"}, {"id": "people"}],
    }  # fmt: skip
    with pytest.raises(BadInput, match="cannot be used"):
        parse_profile(data, "wide.yaml")
    data["sheets"] = [{"id": "agreement"}]
    assert parse_profile(data, "wide.yaml").paper == "calibration"


def test_help_is_light() -> None:
    import subprocess
    import sys

    words = "import sys; from qa_audit.cli.main import main; main(['calibrate', '--help']); print([m for m in ('sqlmodel','numpy','textual','pydantic','openpyxl') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip().endswith("[]")
