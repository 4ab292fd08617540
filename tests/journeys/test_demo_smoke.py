"""What `make run` does where there is no terminal: the demo runs, and its last line is the paper."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

pytestmark = pytest.mark.journey


def test_without_a_terminal_the_demo_writes_the_workbook(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    shutil.copytree(Path(__file__).parents[2] / "exports", exports, ignore=shutil.ignore_patterns("out"))
    done = subprocess.run(
        [sys.executable, "-m", "qa_audit"], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8",
        timeout=280, check=False,
        env={**os.environ, "QA_AUDIT_EXPORTS": str(exports), "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"),
             "LOCALAPPDATA": str(tmp_path / "data"), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "No terminal here" in done.stderr
    assert "Traceback" not in done.stderr
    last = Path(done.stdout.strip().splitlines()[-1])
    paper = last if last.is_absolute() else tmp_path / last
    assert paper.suffix == ".xlsx"
    book = CalamineWorkbook.from_path(str(paper))
    assert book.sheet_names[0] == "Summary"
    assert len(book.sheet_names) >= 12
