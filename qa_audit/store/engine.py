"""The two engines behind one door: SQLite (the SQLCipher build, keyed or not) and PostgreSQL.

The bundled SQLite is free of the WAL-reset fault of 3.7.0-3.51.2, so WAL with synchronous=FULL is
durable here: an acknowledged commit survives a power cut. Where the engine is older or the place
is not surely a local disk, the journal is TRUNCATE with synchronous=EXTRA.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine

WAL_IS_SAFE_FROM = (3, 51, 3)
BUSY_MS = 5000
_TURN = 0x5141  # the first half of the advisory lock's key, so that no other program's lock is waited for
_NETWORK_KINDS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "afpfs",
    "fuse.sshfs",
    "9p",
    "ncpfs",
    "davfs",
    "fuse.rclone",
}


def sqlite_module() -> Any:
    """The DB-API module of the bundled engine."""
    import sqlcipher3.dbapi2 as module

    return module


def place_kind(folder: Path) -> str:
    """'local', 'network' or 'unsure': where a folder physically lies, as far as the system tells.

    Windows: the drive type and UNC paths. Linux: the mount table. Elsewhere 'unsure' unless under home.
    """
    folder = Path(os.path.abspath(folder))
    if sys.platform == "win32":  # pragma: no cover - no Windows in the test runs
        import ctypes

        root = folder.anchor
        if root.startswith("\\\\"):
            return "network"
        return {3: "local", 4: "network"}.get(ctypes.windll.kernel32.GetDriveTypeW(root), "unsure")
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unsure"
    best, kind = "", "unsure"
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        if (point == "/" or str(folder) == point or str(folder).startswith(point + "/")) and len(
            point
        ) >= len(best):
            best, kind = point, fields[2]
    return "network" if kind in _NETWORK_KINDS else "local"


def sqlite_engine(file: Path, *, write: bool, read_only: bool = False) -> Engine:
    """An engine on one SQLite file: a single writer whose every transaction is immediate, or readers.

    The caller keeps exactly one writing engine per process. Readers cannot write (query_only).
    """
    from sqlalchemy import URL, create_engine, event
    from sqlalchemy.pool import QueuePool

    module = sqlite_module()
    safe = tuple(int(part) for part in module.sqlite_version.split(".")[:3]) >= WAL_IS_SAFE_FROM
    wal = safe and place_kind(file.parent) == "local"
    engine = create_engine(
        URL.create("sqlite", database=str(file)),
        module=module,
        poolclass=QueuePool,
        pool_size=1 if write else 4,
        max_overflow=0 if write else 8,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA cipher_log_level=NONE")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        if write and not read_only:
            cursor.execute(f"PRAGMA journal_mode={'WAL' if wal else 'TRUNCATE'}")
            cursor.execute(f"PRAGMA synchronous={'FULL' if wal else 'EXTRA'}")
        else:
            cursor.execute("PRAGMA query_only=ON")
        for pragma in (
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write and not read_only else "BEGIN")

    return engine


def postgres_engine(url: str, *, write: bool) -> Engine:
    """An engine on PostgreSQL through psycopg 3; readers open read-only transactions.

    Writers of all processes take turns, as they do on SQLite: each write holds the workspace's advisory
    lock until it ends, so that what it read is still so when it commits.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.engine import make_url

    parsed = make_url(url)
    options: dict[str, Any] = {"pool_pre_ping": True, "pool_size": 4, "max_overflow": 8}
    if not write:
        options["execution_options"] = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    engine = create_engine(parsed.set(drivername="postgresql+psycopg"), **options)
    if write:

        @event.listens_for(engine, "begin")
        def _take_turns(connection: Any) -> None:
            connection.exec_driver_sql(f"set local lock_timeout = {BUSY_MS}")
            connection.exec_driver_sql(f"select pg_advisory_xact_lock({_TURN}, hashtext(current_schema()))")

    return engine
