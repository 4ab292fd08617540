"""What journeys share: one demo council, built once and read by every test that asks for it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from journeys.round_by_sql import Council

TODAY = date(2026, 11, 21)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time: a folder can be made by one alone, on every system."""
    for _ in range(1200):
        try:
            lock.mkdir()
            break
        except FileExistsError:
            time.sleep(0.25)
    try:
        yield
    finally:
        lock.rmdir()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder: `workspace`, `out` with its papers and `made.json`. Shared by all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "journeys-demo"
    with _alone(shared / "journeys-demo.lock"):
        if not (folder / "made.json").exists():
            from qa_audit.demo.cycle import run_demo

            folder.mkdir()
            made = run_demo(folder / "workspace", folder / "out", today=TODAY)
            told = {"rounds": made.rounds, "files": [str(path) for path in made.files], "audits": made.audits}
            (folder / "made.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def councils(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Council]]:
    """The exported rounds by reference: a backup copy of the database, read by SQL, and the workbook."""
    made = json.loads((demo_folder / "made.json").read_text(encoding="utf-8"))
    copy = tmp_path_factory.mktemp("copy") / "copy.db"
    found = {
        ref: Council(demo_folder / "workspace" / "qa-audit.db", copy, Path(file), ref, TODAY)
        for ref, file in zip(made["rounds"][-2:], made["files"], strict=True)
    }
    yield found
    for one in found.values():
        one.close()


@pytest.fixture(params=("finished", "under way"))
def council(request: pytest.FixtureRequest, councils: dict[str, Council]) -> Council:
    """Each exported round: the last finished one, and the one under way."""
    return list(councils.values())[("finished", "under way").index(request.param)]
