"""`qa-audit export`: the list, and what is refused before a workspace is opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa_audit.cli.main import main


def test_the_list_in_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "list", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    found = {profile["id"]: profile for profile in said["profiles"]}
    assert found["moderation-summary"]["marking"] == "OFFICIAL-SENSITIVE"
    assert "summary" in found["moderation-summary"]["sheets"]


def test_the_list_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "list"]) == 0
    assert "moderation-summary" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "moderation-summary"], "Which round?"),
        (["export", "moderation-summary", "--round", "R1", "--out", "paper.csv"], ".xlsx"),
        (["export", "moderation-sumary", "--round", "R1"], "Did you mean 'moderation-summary'"),
    ],
)
def test_bad_use_is_said_in_words_with_status_2(
    arguments: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert not list(tmp_path.iterdir())


def test_an_empty_folder_of_profiles(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QA_AUDIT_EXPORTS", str(tmp_path))
    assert main(["export", "list"]) == 0
    assert "no export profile" in capsys.readouterr().out


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--help"]) == 0
    assert "qa-audit export moderation-summary --round" in capsys.readouterr().out
