"""`qa-audit frame`: check, import, show; the contract's JSON and exit statuses."""

import json
import subprocess
import sys

import pytest
from frame.frame_files import row_of, table, workbook

from qa_audit.cli.main import main


@pytest.fixture
def lists(tmp_path):
    rows = [row_of("8", n, care_start="31/02/2026" if n == 2 else "2026-01-05") for n in (1, 2, 3)]
    return workbook(
        tmp_path / "lists.xlsx",
        {"List_8": table("8", rows, extra=(("Ward", "N"),), without={"worker"})},
        title=True,
    )


@pytest.fixture
def place(tmp_path):
    from qa_audit.access.service import add_owner
    from qa_audit.store.workspace import Workspace

    with Workspace.create(tmp_path / "work") as made:
        add_owner(made)
    return str(tmp_path / "work")


def test_check_prints_the_contracts_document(lists, capsys):
    assert main(["frame", "check", str(lists), "--as-at", "2026-09-30", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["kind"], document["usable"], document["children"]) == ("annex_a", True, 3)
    (entry,) = document["lists"]
    assert (entry["list"], entry["name"], entry["sheet"], entry["header_row"], entry["rows"]) == (
        "8", "Children in care", "List_8", 2, 3,
    )  # fmt: skip
    assert entry["unknown_columns"] == ["Ward"]
    assert entry["missing_columns"] == ["Allocated Worker"]
    found = [p for p in document["problems"] if p["code"] == "date-impossible"]
    assert [(p["severity"], p["sheet"], p["row"], p["column"], p["value"]) for p in found] == [
        ("error", "List_8", 4, "Date Started to be Looked After", "31/02/2026")
    ]
    assert all(
        p.keys() >= {"severity", "code", "sheet", "row", "column", "value", "message"}
        for p in document["problems"]
    )


def test_a_wrong_file_is_a_no_with_its_reason(tmp_path, capsys):
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4")
    assert main(["frame", "check", str(tmp_path / "x.pdf"), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["usable"] is False
    assert document["kind"] == "unknown"
    assert "PDF" in document["reason"]


def test_a_missing_file_is_bad_input(tmp_path, capsys):
    assert main(["frame", "check", str(tmp_path / "none.xlsx")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "none.xlsx" in said.err


def test_check_in_words(lists, capsys):
    assert main(["frame", "check", str(lists), "--as-at", "2026-09-30"]) == 0
    out = capsys.readouterr().out
    assert "3 children from 3 rows" in out
    assert "The unit is the child, not the row" in out
    assert "31/02/2026" in out


def test_a_wrong_date_is_usage(lists, capsys):
    assert main(["frame", "check", str(lists), "--as-at", "30/09/2026"]) == 2
    assert "2026-09-30" in capsys.readouterr().err


def test_import_and_show(lists, place, capsys):
    base = [
        "frame",
        "import",
        str(lists),
        "--authority",
        "Testshire",
        "--as-at",
        "2026-09-30",
        "--workspace",
        place,
    ]
    assert main([*base, "--open", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["children_imported"], made["status"]) == (3, "open")
    assert main(["frame", "show", "--json", "--problems", "--workspace", place]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["frames"][0]["frame_id"] == made["frame_id"]
    assert shown["problems"]
    assert main(["frame", "show", made["frame_id"][:8], "--workspace", place]) == 0
    assert "Child in care" in capsys.readouterr().out


def test_without_a_choice_both_are_taken_and_said(lists, place, capsys):
    assert (
        main(
            ["frame", "import", str(lists), "--authority", "T", "--as-at", "2026-09-30", "--workspace", place]
        )
        == 0
    )
    assert "both were taken" in capsys.readouterr().out


def test_open_and_closed_exclude_each_other(lists, capsys):
    assert (
        main(
            ["frame", "import", str(lists), "--authority", "T", "--as-at", "2026-09-30", "--open", "--closed"]
        )
        == 2
    )
    capsys.readouterr()


def test_show_before_any_import(place, capsys):
    assert main(["frame", "show", "--workspace", place]) == 0
    assert "frame import" in capsys.readouterr().out


def test_help_and_check_load_no_database(lists):
    code = (
        "import sys\nfrom qa_audit.cli.main import main\n"
        f"main(['frame', 'check', {str(lists)!r}, '--as-at', '2026-09-30', '--json'])\n"
        "heavy = {'sqlmodel', 'sqlalchemy', 'textual', 'openpyxl', 'pydantic', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
