"""`agreement` and `severity` on plain csv files."""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa_audit.cli import agreement, severity
from qa_audit.errors import BadInput, Code
from qa_audit.grades import WORDS

PAIRS = [(1, 1), (2, 2), (2, 3), (3, 3), (3, 4), (2, 2), (4, 4), (1, 2), (3, 2), (2, 2), (3, 3), (2, 3)]
KEYS = {
    "n_cases", "n_double_graded", "matrix", "exact", "adjacent", "direction", "mean_signed_shift", "cohen_kappa",
    "gwet_ac2", "krippendorff_alpha_ordinal", "stuart_maxwell", "warnings",
}  # fmt: skip


def run(module: Any, *words: str) -> int:
    parser = argparse.ArgumentParser()
    module.add(parser.add_subparsers())
    args = parser.parse_args([module.__name__.rsplit(".", 1)[-1], *words])
    status: int = args.handler(args)
    return status


def long_rows(first: str = "auditor", second: str = "moderator") -> list[str]:
    return [
        f"c{i},{who},{WORDS[g - 1]}"
        for i, pair in enumerate(PAIRS)
        for who, g in zip((first, second), pair, strict=True)
    ]


def write(path: Path, heading: str, rows: list[str]) -> Path:
    path.write_text(heading + "\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def found(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_agreement_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.csv", "case,rater,grade", long_rows())
    assert run(agreement, str(path), "--json") == 0
    document = found(capsys)
    assert set(document) >= KEYS
    assert document["matrix"][1][2] == 2
    assert document["direction"]["n_generous"] == 4
    assert document["mean_signed_shift"]["est"] == pytest.approx(3 / 12)
    for key in ("exact", "cohen_kappa", "gwet_ac2", "krippendorff_alpha_ordinal"):
        assert set(document[key]) >= {"n", "est", "se", "ci"}


def test_order_of_rows_and_the_form_of_the_file_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = []
    wide = [f"c{i},{a},{m}" for i, (a, m) in enumerate(PAIRS)]
    files = [
        write(tmp_path / "1.csv", "case,rater,grade", long_rows()),
        write(tmp_path / "2.csv", "case,rater,grade", long_rows()[::-1]),
        write(
            tmp_path / "3.csv",
            "Case;Rater;Grade",
            [r.replace(",", ";") for r in long_rows("Auditor 1", "Moderator 9")],
        ),
        write(tmp_path / "4.csv", "case,auditor_grade,moderator_grade", wide),
    ]
    for path in files:
        run(agreement, str(path), "--json")
        documents.append(found(capsys))
    for one, other in itertools.pairwise(documents):
        assert one == other


def test_who_is_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.csv", "case,rater,grade", long_rows("T. Flint", "R. Hazel")[::-1])
    run(agreement, str(path), "--json")
    document = found(capsys)
    assert document["direction"]["n_generous"] == 1
    assert "First rater: R. Hazel" in document["warnings"][-1]
    run(agreement, str(path), "--first", "T. Flint", "--json")
    assert found(capsys)["direction"]["n_generous"] == 4
    with pytest.raises(BadInput):
        run(agreement, str(path), "--first", "nobody")


def test_repeats_singles_and_groups(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{row},{'x' if i % 4 < 2 else 'y'}" for i, row in enumerate(long_rows())]
    extra = [rows[0], "c90,auditor,Good,x", "c91,auditor,,x"]
    path = write(tmp_path / "a.csv", "case,rater,grade,cohort", [*rows, *extra])
    run(agreement, str(path), "--by", "cohort", "--json")
    document = found(capsys)
    assert document["n_cases"] == 14
    assert document["n_double_graded"] == 12
    assert document["by_group"]["x"]["n_double_graded"] == 6
    assert any("counted once" in w for w in document["warnings"])
    assert run(agreement, str(path), "--by", "cohort") == 0
    assert "Same grade" in capsys.readouterr().out


def test_more_than_two_raters_without_roles_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"c{i},r{(i + j) % 3},{g}" for i, pair in enumerate(PAIRS) for j, g in enumerate(pair)]
    path = write(tmp_path / "a.csv", "case,rater,grade", rows)
    run(agreement, str(path), "--json")
    document = found(capsys)
    assert document["direction"]["n_generous"] == 4
    assert any("first row of each case" in w for w in document["warnings"])


def test_nothing_twice_is_null_with_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.csv", "case,rater,grade", ["c1,auditor,Good", "c2,moderator,Good"])
    assert run(agreement, str(path), "--json") == 0
    document = found(capsys)
    assert document["exact"]["est"] is None
    assert document["exact"]["reason"] == "no case was graded twice"
    assert run(agreement, str(path)) == 0


@pytest.mark.parametrize(
    ("rows", "code", "where"),
    [
        (["c1,auditor,Splendid"], Code.BAD_VALUE, "a.csv, row 2, column 'grade'"),
        (["c1,auditor,Good", "c1,auditor,Inadequate"], Code.CONFLICT, "a.csv, row 3, column 'grade'"),
        ([",auditor,Good"], Code.INCOMPLETE, "a.csv, row 2, column 'case'"),
        (["c1,,Good"], Code.INCOMPLETE, "a.csv, row 2, column 'rater'"),
    ],
)
def test_refusals_name_the_place(tmp_path: Path, rows: list[str], code: Code, where: str) -> None:
    path = write(tmp_path / "a.csv", "case,rater,grade", rows)
    with pytest.raises(BadInput) as fault:
        run(agreement, str(path))
    assert fault.value.code is code
    assert fault.value.where == where
    assert "Splendid" not in str(fault.value)


def test_severity_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"c{i},{'hazel' if i % 2 else 'flint'},{2},{(3 if i % 2 and i % 5 else 2)}" for i in range(40)]
    path = write(tmp_path / "s.csv", "case,auditor,auditor_grade,moderator_grade", [*rows, "c99,hazel,Good,"])
    assert run(severity, str(path), "--json", "--model") == 0
    document = found(capsys)
    assert document["n_double_graded"] == 40
    assert document["n_graded_once"] == 1
    by_name = {a["auditor"]: a for a in document["auditors"]}
    assert by_name["hazel"]["est"] > 0 > by_name["flint"]["est"]
    assert "needs 100" in document["model"]["reason"]
    assert run(severity, str(path)) == 0
    assert "pulled to average" in capsys.readouterr().out
    one = write(
        tmp_path / "one.csv", "case,auditor,auditor_grade,moderator_grade", ["c1,hazel,1,2", "c2,hazel,2,2"]
    )
    run(severity, str(one), "--json")
    document = found(capsys)
    assert document["sd_between"] is None
    assert "one auditor" in document["reason"]
    double = write(tmp_path / "d.csv", "case,auditor,auditor_grade,moderator_grade", ["c,h,1,2", "c,h,1,2"])
    with pytest.raises(BadInput):
        run(severity, str(double))


def test_registering_the_commands_imports_nothing_heavy() -> None:
    code = (
        "import argparse, sys; from qa_audit.cli import agreement, severity, sample_engine; "
        "s = argparse.ArgumentParser().add_subparsers(); [m.add(s) for m in (agreement, severity, sample_engine)]; "
        "print([m for m in ('numpy', 'scipy', 'yaml', 'rich', 'sqlalchemy', 'pydantic', 'textual') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
