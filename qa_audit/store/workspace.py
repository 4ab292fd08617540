"""A workspace: the one place where a service's facts are kept, and the only door to them.

One writer owns the write connection; every write is one short immediate transaction that carries
its events. Readers open, read, convert to records and close. Nothing else opens the file.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import importlib.util
import json
import os
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from qa_audit.errors import BadInput, Code, StorageFault
from qa_audit.store.clock import Clock, Ids, Stamp, random_ids, stamp, system_clock
from qa_audit.store.faults import in_words

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCHEMA_VERSION = 1
FILE_NAME = "qa-audit.db"
_STAGES = ("store", "access", "library", "frame", "sampling", "audits", "moderation", "improvement")


class Acting(Protocol):
    """Who acts: what the trail needs to know of them."""

    @property
    def person_id(self) -> str:
        """The person's identity."""

    @property
    def acting_role(self) -> str:
        """The role they act in, for the trail."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One write: a connection inside an immediate transaction, its moment, and its trail."""

    conn: Connection
    actor: Acting
    now: Stamp
    ids: Ids

    def event(
        self,
        action: str,
        subject: str,
        subject_id: str,
        *,
        field: str | None = None,
        old: Any = None,
        new: Any = None,
        reason: str | None = None,
    ) -> None:
        """Write one change to the trail, in this transaction."""
        self.events(action, subject, subject_id, [{"field": field, "old": old, "new": new, "reason": reason}])

    def events(
        self, action: str, subject: str, subject_id: str, changes: Sequence[Mapping[str, Any]]
    ) -> None:
        """Write several changes of one subject: each with field, old, new and, where there is one, reason."""
        if changes:
            common = {
                "at": self.now, "person_id": self.actor.person_id, "role": self.actor.acting_role, "action": action,
                "subject": subject, "subject_id": subject_id,
            }  # fmt: skip
            rows = [
                common
                | {
                    "field": one.get("field"),
                    "old": _as_text(one.get("old")),
                    "new": _as_text(one.get("new")),
                    "reason": one.get("reason"),
                }
                for one in changes
            ]
            self.conn.execute(_add_event(), rows)


@cache
def _add_event() -> Any:
    from sqlalchemy import insert

    return insert(table("Event", "store"))


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def table(name: str, stage: str) -> Any:
    """The Core table of a model, for the bulk and upsert paths."""
    return getattr(importlib.import_module(f"qa_audit.{stage}.models"), name).__table__


def layout_of(metadata: Any) -> str:
    """A fingerprint of every table and column, so that a workspace of another layout is known at the door."""
    names = [f"{one.name}.{column.name}" for one in metadata.sorted_tables for column in one.columns]
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]


def load_tables() -> Any:
    """The metadata with every stage's tables in it."""
    from sqlmodel import SQLModel

    for stage in _STAGES:
        importlib.import_module(f"qa_audit.{stage}.models")
    return SQLModel.metadata


class Workspace:
    """An open workspace. `close` is idempotent; use as a context manager."""

    def __init__(self, place: Path | str, *, clock: Clock = system_clock, ids: Ids = random_ids) -> None:
        """Open an existing workspace: a folder, or a postgresql:// URL. Refuses one made by a newer version."""
        self.url = str(place) if _is_url(place) else None
        self.folder = None if self.url else Path(place)
        self.clock = clock
        self.ids = ids
        self._lock = threading.RLock()
        self._closed = False
        self.shared: dict[str, object] = {}
        """What a stage keeps in memory for as long as the workspace is open."""
        with in_words(self.where):
            there = self.folder is None or (self.folder / FILE_NAME).is_file()
        if not there:
            raise BadInput(
                Code.NO_WORKSPACE,
                "There is no workspace here",
                where=str(self.folder),
                next_step="Make one with 'qa-audit init', or try the synthetic council with 'qa-audit demo'",
            )
        with in_words(self.where):
            self._reader, self._writer = self._engines()
            try:
                self._meta = self._read_meta()
            except BaseException:
                self.close()
                raise

    @classmethod
    def create(
        cls,
        place: Path | str,
        *,
        clock: Clock = system_clock,
        ids: Ids = random_ids,
        secret: str | None = None,
    ) -> Workspace:
        """Make a new workspace and open it. Refuses a place that already holds one.

        `secret` is the key of the pseudonyms (64 hexadecimal characters); random unless a test or the
        demo hands one in.
        """
        where = _masked(str(place))
        with in_words(where):
            if not _is_url(place):
                folder = Path(place)
                if (folder / FILE_NAME).exists():
                    raise BadInput(
                        Code.CONFLICT,
                        "A workspace is already there",
                        where=where,
                        next_step="Open it, or choose another folder",
                    )
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                descriptor = os.open(folder / FILE_NAME, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
                os.close(descriptor)
            engine = _engine(place, write=True)
            made = False
            try:
                metadata = load_tables()
                with engine.begin() as conn:
                    if _is_url(place):
                        from sqlalchemy import inspect

                        if inspect(conn).has_table("meta"):
                            raise BadInput(
                                Code.CONFLICT,
                                "A workspace is already there",
                                where=where,
                                next_step="Open it, or choose another database",
                            )
                    metadata.create_all(conn)
                    from sqlalchemy import insert

                    conn.execute(
                        insert(table("Meta", "store")),
                        [
                            {"key": "schema_version", "value": str(SCHEMA_VERSION)},
                            {"key": "workspace_id", "value": ids()},
                            {"key": "pseudonym_key", "value": secret or secrets.token_hex(32)},
                            {"key": "created_at", "value": stamp(clock())},
                            {"key": "layout", "value": layout_of(metadata)},
                        ],
                    )
                made = True
            finally:
                engine.dispose()
                if not made and not _is_url(place):
                    _remove(Path(place))
        return cls(place, clock=clock, ids=ids)

    @property
    def where(self) -> str:
        """The place in words for messages; a URL without its password."""
        return _masked(self.url or str(self.folder))

    @property
    def workspace_id(self) -> str:
        """The identity of this workspace."""
        return self._meta["workspace_id"]

    def now(self) -> Stamp:
        """The present moment as the workspace's clock tells it."""
        return stamp(self.clock())

    def pseudonym(self, kind: str, *parts: str) -> str:
        """A keyed pseudonym (HMAC-SHA256, 13 base-32 characters) of an identity; the same parts give the same one."""
        import base64

        message = "\x1f".join((kind, *parts)).encode()
        digest = hmac.new(bytes.fromhex(self._meta["pseudonym_key"]), message, hashlib.sha256).digest()
        return base64.b32encode(digest)[:13].decode("ascii")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A short read transaction: one state of the facts, seen whole."""
        with in_words(self.where), self._reader.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def write(self, actor: Acting) -> Iterator[Unit]:
        """One immediate transaction by one person; commits at the end, or leaves nothing."""
        with self._lock, in_words(self.where), self._writer.connect() as conn, conn.begin():
            yield Unit(conn, actor, self.now(), self.ids)

    def setting(self, key: str, default: Any = None) -> Any:
        """One setting of the council (JSON), or the default."""
        from sqlalchemy import select

        settings = table("Setting", "store")
        with self.read() as conn:
            found = conn.execute(select(settings.c.value).where(settings.c.key == key)).scalar()
        return default if found is None else json.loads(found)

    def set_setting(self, actor: Acting, key: str, value: Any) -> None:
        """Change one setting, with its event."""
        from sqlalchemy import delete, insert, select

        settings = table("Setting", "store")
        with self.write(actor) as unit:
            old = unit.conn.execute(select(settings.c.value).where(settings.c.key == key)).scalar()
            unit.conn.execute(delete(settings).where(settings.c.key == key))
            unit.conn.execute(insert(settings).values(key=key, value=json.dumps(value)))
            unit.event("setting.changed", "setting", key, old=old, new=value)

    def facts(self) -> Mapping[str, str]:
        """What 'doctor' prints: engine, version, journal, place."""
        from sqlalchemy import text

        with self.read() as conn:
            if self.url:
                return {
                    "engine": "PostgreSQL",
                    "version": str(conn.execute(text("show server_version")).scalar()),
                }
            return {
                "engine": "SQLite (SQLCipher build)",
                "version": str(conn.execute(text("select sqlite_version()")).scalar()),
                "journal": str(conn.execute(text("pragma journal_mode")).scalar()),
                "integrity": str(conn.execute(text("pragma quick_check")).scalar()),
            }

    def close(self) -> None:
        """Give every connection back. Safe to call twice."""
        if not self._closed:
            self._closed = True
            self._reader.dispose()
            self._writer.dispose()

    def __enter__(self) -> Workspace:
        """The open workspace itself."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close."""
        self.close()

    def _engines(self) -> tuple[Engine, Engine]:
        place = self.url or self.folder
        assert place is not None
        return _engine(place, write=False), _engine(place, write=True)

    def _read_meta(self) -> dict[str, str]:
        from sqlalchemy import select

        meta = table("Meta", "store")
        with self._reader.connect() as conn, conn.begin():
            found: dict[str, str] = {row.key: row.value for row in conn.execute(select(meta))}
        version = int(found.get("schema_version", "0"))
        if version > SCHEMA_VERSION:
            raise StorageFault(
                Code.STORE_NEWER,
                "This workspace was made by a newer qa-audit",
                where=self.where,
                why=f"Its layout is version {version}; this program knows {SCHEMA_VERSION}",
                next_step="Update qa-audit on this machine; the file was not touched",
            )
        if found.get("layout", "") != layout_of(load_tables()):
            raise StorageFault(
                Code.STORE_NEWER,
                "This workspace was made by another version of qa-audit",
                where=self.where,
                why="Its tables are not those of this program",
                next_step="Use the version that made it, or make a new workspace; the file was not touched",
            )
        return found


def _is_url(place: Path | str) -> bool:
    return isinstance(place, str) and place.startswith(("postgresql://", "postgres://"))


def _remove(folder: Path) -> None:
    """Take away the file of a workspace that could not be made, so that it can be tried again."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)


def _masked(place: str) -> str:
    if "://" not in place:
        return place
    from sqlalchemy.engine import make_url

    return make_url(place.replace("postgres://", "postgresql://", 1)).render_as_string(hide_password=True)


def _engine(place: Path | str, *, write: bool) -> Engine:
    from qa_audit.store.engine import postgres_engine, sqlite_engine

    if _is_url(place):
        if importlib.util.find_spec("psycopg") is None:
            raise BadInput(
                Code.STORE_UNREACHABLE,
                "The PostgreSQL driver is not installed",
                where=_masked(str(place)),
                next_step="Install qa-audit with its 'postgres' extra",
            )
        return postgres_engine(str(place).replace("postgres://", "postgresql://", 1), write=write)
    return sqlite_engine(Path(place) / FILE_NAME, write=write)
