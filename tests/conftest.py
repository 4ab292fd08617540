"""What service tests share: a workspace on each engine, and a small council built once and copied for every test."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

POSTGRES = os.environ.get("QA_AUDIT_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
SECRET = "5c" * 32


def _connect():
    import psycopg

    return psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)


@pytest.fixture(scope="session")
def postgres() -> None:
    """Skips, with the reason, where no test server can be reached."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    try:
        _connect().close()
    except Exception as error:
        pytest.skip(f"no PostgreSQL to test on ({type(error).__name__})")


@contextlib.contextmanager
def schema() -> Iterator[str]:
    """A schema of its own in the test database, dropped at the end; yields the URL of a workspace in it."""
    name = f"qa_audit_test_{secrets.token_hex(6)}"
    with _connect() as conn:
        conn.execute(f'create schema "{name}"')
    try:
        yield f"{POSTGRES}?options=-csearch_path%3D{name}"
    finally:
        with _connect() as conn:
            conn.execute(f'drop schema "{name}" cascade')


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """An empty place for a workspace, on each engine."""
    if request.param == "sqlite":
        yield tmp_path / "workspace"
        return
    request.getfixturevalue("postgres")
    with schema() as url:
        yield url


def _open(place: Path | str):
    from council_world import Ticker, World

    from qa_audit.store.clock import seeded_ids
    from qa_audit.store.workspace import Workspace

    clock = Ticker()
    clock.forward(minutes=30)  # later than what the council already holds
    return World(Workspace(place, clock=clock, ids=seeded_ids("later")), clock)


def _make(place: Path | str):
    from council_world import Ticker, World

    from qa_audit.store.clock import seeded_ids
    from qa_audit.store.workspace import Workspace

    clock = Ticker()
    return World(Workspace.create(place, clock=clock, ids=seeded_ids("council"), secret=SECRET), clock).fill()


@pytest.fixture(scope="session")
def council_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The council on SQLite, to be copied and never opened."""
    folder = tmp_path_factory.mktemp("council") / "w"
    _make(folder).workspace.close()
    return folder


@pytest.fixture
def new_world(council_folder: Path, tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Makes one more council on SQLite, the same each time."""
    made = []

    def make():
        folder = tmp_path / f"council{len(made)}"
        shutil.copytree(council_folder, folder)
        made.append(_open(folder))
        return made[-1]

    yield make
    for world in made:
        world.workspace.close()


@pytest.fixture
def world(new_world: Callable[[], object]):
    """The council on SQLite."""
    return new_world()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_world(request: pytest.FixtureRequest):
    """The council on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("world")
        return
    request.getfixturevalue("postgres")
    with schema() as url:
        world = _make(url)
        yield world
        world.workspace.close()
