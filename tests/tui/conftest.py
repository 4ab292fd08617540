"""What terminal tests share: a fixed clock, no motion, and screens compared as lines of text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

SNAPSHOTS = Path(__file__).parent / "snapshots"
NOW = datetime(2026, 11, 20, 10, 42, 7, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/tui --snapshot-update` rewrites the pictures; read the difference before committing it."""
    parser.addoption(
        "--snapshot-update", action="store_true", default=False, help="rewrite the text snapshots"
    )


class FixedServices:
    """The least an app needs: a clock that stands still."""

    def clock(self) -> datetime:
        return NOW


@pytest.fixture
def services() -> FixedServices:
    return FixedServices()


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No animation, no blinking, no theme from the environment."""
    from textual import constants

    monkeypatch.setattr(constants, "TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`snapshot(name, text)`: compare with tests/tui/snapshots/name.txt, or write it when asked to."""
    update = request.config.getoption("--snapshot-update", default=False)

    def compare(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if update:
            path.write_text(text, encoding="utf-8", newline="\n")
            return
        assert path.exists(), f"no snapshot {path.name}: run with --snapshot-update and read it"
        assert text == path.read_text(encoding="utf-8")

    return compare
