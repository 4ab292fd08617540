"""What the tests of moderation and of results share: no motion, the app on a small council, text snapshots."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No animation, nothing of this machine."""
    from textual import constants

    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`picture(name, text)`: compare with snapshots/name.txt; QA_AUDIT_SNAPSHOT_UPDATE=1 rewrites it."""
    update = bool(os.environ.get("QA_AUDIT_SNAPSHOT_UPDATE")) or request.config.getoption(
        "--snapshot-update", default=False
    )

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if update:
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        assert path.exists(), f"no snapshot {path.name}: set QA_AUDIT_SNAPSHOT_UPDATE=1, run, and read it"
        assert text == path.read_text(encoding="utf-8")

    return compare
