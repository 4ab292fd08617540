"""A workspace: made once, opened safely, written by one hand at a time, and honest when the store fails."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from qa_audit.access.service import FirstHand
from qa_audit.errors import BadInput, Code, QaError, StorageFault
from qa_audit.store import trail
from qa_audit.store.clock import day, seeded_ids, stamp, typed_day
from qa_audit.store.engine import place_kind, sqlite_engine
from qa_audit.store.workspace import FILE_NAME, Workspace, table

ME = FirstHand()


def code_of(call, *arguments) -> Code:
    with pytest.raises(QaError) as refused:
        call(*arguments)
    assert refused.value.next_step
    return refused.value.code


def test_a_workspace_is_made_once_opened_often_and_closed_twice(place):
    with Workspace.create(place) as made:
        assert made.workspace_id
        made.set_setting(ME, "words", {"cared_for": "Children we care for"})
    made.close()
    assert code_of(Workspace.create, place) is Code.CONFLICT
    with Workspace(place) as again:
        assert again.workspace_id == made.workspace_id
        assert again.setting("words") == {"cared_for": "Children we care for"}
        assert again.setting("nothing", "so") == "so"


def test_a_newer_layout_is_refused_and_left_as_it_is(place):
    made = Workspace.create(place)
    meta = table("Meta", "store")
    with made.write(ME) as unit:
        unit.conn.execute(update(meta).where(meta.c.key == "schema_version").values(value="99"))
    made.close()
    assert code_of(Workspace, place) is Code.STORE_NEWER


def test_nothing_there_is_said_to_be_nothing_there(place, tmp_path):
    assert code_of(Workspace, place) is Code.NO_WORKSPACE
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / FILE_NAME).touch()
    assert code_of(Workspace, tmp_path / "empty") is Code.NO_WORKSPACE


def test_every_new_connection_has_its_pragmas(tmp_path):
    with Workspace.create(tmp_path / "w") as made:
        file = made.folder / FILE_NAME
        for engine, query_only in (
            (sqlite_engine(file, write=True), 0),
            (sqlite_engine(file, write=False), 1),
        ):
            opened = [engine.connect() for _ in range(1 if not query_only else 3)]
            for conn in opened:
                read = {
                    name: conn.execute(text(f"pragma {name}")).scalar()
                    for name in ("journal_mode", "query_only", "foreign_keys", "trusted_schema", "secure_delete", "temp_store", "busy_timeout")
                }  # fmt: skip
                assert read == {
                    "journal_mode": "wal", "query_only": query_only, "foreign_keys": 1, "trusted_schema": 0, "secure_delete": 1,
                    "temp_store": 2, "busy_timeout": 5000,
                }  # fmt: skip
                if not query_only:
                    assert conn.execute(text("pragma synchronous")).scalar() == 2  # FULL
                conn.close()
            engine.dispose()


def test_a_network_place_gets_no_wal(tmp_path, monkeypatch):
    monkeypatch.setattr("qa_audit.store.engine.place_kind", lambda _folder: "network")
    with Workspace.create(tmp_path / "w") as made, made.write(ME) as unit:
        assert unit.conn.execute(text("pragma journal_mode")).scalar() == "truncate"
        assert unit.conn.execute(text("pragma synchronous")).scalar() == 3  # EXTRA


def test_the_mount_table_says_what_kind_of_place_it_is(tmp_path):
    assert place_kind(tmp_path) in {"local", "network", "unsure"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights in lists, not in modes")
def test_only_the_owner_may_read_the_files(tmp_path):
    with Workspace.create(tmp_path / "w") as made:
        made.set_setting(ME, "a", 1)
        assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in made.folder.iterdir()} == {0o600}


def test_a_folder_with_odd_letters_is_a_folder(tmp_path):
    for name in ("a?b#c", "50%20 é", "it's"):
        if sys.platform == "win32" and "?" in name:
            continue
        with Workspace.create(tmp_path / name) as made:
            assert made.setting("x") is None
        assert (tmp_path / name / FILE_NAME).is_file()


def test_many_threads_write_and_nothing_is_lost(place):
    made = Workspace.create(place)
    wrong: list[Exception] = []

    def write(name: int) -> None:
        try:
            for number in range(50):
                with made.write(ME) as unit:
                    unit.event("test.write", "thread", f"{name}", field=f"{number}")
        except Exception as error:  # pragma: no cover - only when it fails
            wrong.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not wrong
    found = trail.events(made, action="test.write", limit=1000)
    assert len({(one.subject_id, one.field) for one in found}) == len(found) == 200
    assert trail.count_events(made, action="test.write") == 200
    made.close()


def test_two_programs_take_turns(place):
    """Each counts the events and then writes: without turns two would count the same number."""
    Workspace.create(place).close()
    two = [Workspace(place), Workspace(place)]
    event = table("Event", "store")

    def count_and_write(workspace: Workspace) -> None:
        for _ in range(15):
            with workspace.write(ME) as unit:
                seen = unit.conn.execute(select(func.count()).select_from(event)).scalar()
                unit.event("test.turn", "turn", str(seen))

    threads = [threading.Thread(target=count_and_write, args=(one,)) for one in two]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(int(one.subject_id) for one in trail.events(two[0], limit=100)) == list(range(30))
    for one in two:
        one.close()


def test_a_write_that_fails_leaves_neither_row_nor_event(place):
    with Workspace.create(place) as made:
        made.set_setting(ME, "kept", 1)
        before = trail.count_events(made)

        def break_off() -> None:
            with made.write(ME) as unit:
                unit.conn.execute(table("Setting", "store").insert().values(key="lost", value="1"))
                unit.event("test.lost", "setting", "lost")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            break_off()
        assert made.setting("lost") is None
        assert trail.count_events(made) == before


def test_readers_cannot_write(place):
    with Workspace.create(place) as made:
        settings = table("Setting", "store")
        with pytest.raises(StorageFault) as refused, made.read() as conn:
            conn.execute(settings.insert().values(key="a", value="1"))
        assert refused.value.code is Code.STORE_READ_ONLY


def test_a_setting_and_its_event_are_one_write(place):
    with Workspace.create(place) as made:
        made.set_setting(ME, "threshold", 5)
        made.set_setting(ME, "threshold", 6)
        last, first = trail.events(made, subject="setting")
        assert (first.old, first.new, last.old, last.new) == (None, "5", "5", "6")
        assert (last.person_id, last.role, last.action, last.subject_id) == (
            "first",
            "set-up",
            "setting.changed",
            "threshold",
        )


def test_pseudonyms_are_the_same_here_and_different_elsewhere(tmp_path):
    one = Workspace.create(tmp_path / "one")
    two = Workspace.create(tmp_path / "two")
    assert one.pseudonym("child", "a", "1") == one.pseudonym("child", "a", "1")
    assert re.fullmatch(r"[A-Z2-7]{13}", one.pseudonym("child", "a", "1"))
    assert one.pseudonym("child", "a", "1") != two.pseudonym("child", "a", "1")
    assert one.pseudonym("child", "a1", "") != one.pseudonym("child", "a", "1")
    assert one.pseudonym("worker", "a", "1") != one.pseudonym("child", "a", "1")
    one.close()
    with Workspace(tmp_path / "one") as again:
        assert again.pseudonym("child", "a", "1") == one.pseudonym("child", "a", "1")
    two.close()


def child_process(body: str, *arguments: str) -> str:
    """Run Python text in a process of its own and return what it printed."""
    script = "import sys\nfrom pathlib import Path\n" + textwrap.dedent(body)
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=Path(__file__).parents[2]
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


AS_NOBODY = """
    import os
    from qa_audit.access.service import FirstHand
    from qa_audit.errors import QaError
    from qa_audit.store.workspace import FILE_NAME, Workspace
    folder = Path(sys.argv[1])
    Workspace.create(folder).close()
    root = os.geteuid() == 0
    for modes in ((0o555, 0o444), (0o755, 0o444), (0o000, 0o600), (0o755, 0o666)):
        (folder / FILE_NAME).chmod(modes[1])
        folder.chmod(modes[0] | (0o022 if modes[1] == 0o666 else 0))
        if root:
            os.seteuid(65534)
        try:
            with Workspace(folder) as made:
                made.set_setting(FirstHand(), "a", 1)
            print("written")
        except QaError as error:
            print(error.code)
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights in lists, not in modes")
def test_what_may_only_be_read_is_said_to_be_so(tmp_path):
    """A folder and a file without rights, a file without, a folder out of reach, and then with all rights."""
    import tempfile

    with tempfile.TemporaryDirectory() as outside:
        Path(outside).chmod(0o755)
        said = child_process(AS_NOBODY, f"{outside}/w").splitlines()
    assert said[0] in {Code.STORE_READ_ONLY, Code.STORE_UNREACHABLE}
    assert said[1:] == [Code.STORE_READ_ONLY, Code.STORE_UNREACHABLE, "written"]


def test_a_file_that_another_program_holds_is_locked(tmp_path, monkeypatch):
    monkeypatch.setattr("qa_audit.store.engine.BUSY_MS", 50)
    made = Workspace.create(tmp_path / "w")
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\nc.execute('begin immediate')\nprint('held',flush=True)\nsys.stdin.read()", str(made.folder / FILE_NAME)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert holder.stdout.readline().strip() == "held"
        assert code_of(made.set_setting, ME, "a", 1) is Code.STORE_LOCKED
        assert made.setting("a") is None  # readers are not in the way
    finally:
        holder.communicate("")
    made.set_setting(ME, "a", 1)
    assert made.setting("a") == 1
    made.close()


def test_a_held_postgres_workspace_is_locked(postgres, request, monkeypatch):
    monkeypatch.setattr("qa_audit.store.engine.BUSY_MS", 50)
    from conftest import schema

    with schema() as url:
        Workspace.create(url).close()
        with Workspace(url) as one, Workspace(url) as two, one.write(ME) as unit:
            unit.event("test.held", "a", "b")
            assert code_of(two.set_setting, ME, "a", 1) is Code.STORE_LOCKED


def test_a_damaged_file_is_said_to_be_damaged(tmp_path):
    made = Workspace.create(tmp_path / "w")
    made.close()
    file = tmp_path / "w" / FILE_NAME
    whole = file.read_bytes()
    file.write_bytes(b"This is not a workspace at all. " * 200)
    assert code_of(Workspace, tmp_path / "w") is Code.STORE_DAMAGED
    file.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    with pytest.raises(StorageFault) as refused, Workspace(tmp_path / "w") as broken:
        broken.set_setting(ME, "a", 1)
    assert refused.value.code is Code.STORE_DAMAGED


FULL = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    from qa_audit.access.service import FirstHand
    from qa_audit.errors import StorageFault
    from qa_audit.store.workspace import Workspace
    made = Workspace(sys.argv[1])
    made.set_setting(FirstHand(), "before", 1)
    largest = max(file.stat().st_size for file in Path(sys.argv[1]).iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 20000, resource.RLIM_INFINITY))
    try:
        made.set_setting(FirstHand(), "after", "x" * 400_000)
    except StorageFault as error:
        print(error.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    made.set_setting(FirstHand(), "again", 2)
    print(made.setting("before"), made.setting("after"), made.setting("again"))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size to set")
def test_a_full_disk_loses_nothing_and_can_go_on(tmp_path):
    Workspace.create(tmp_path / "w").close()
    assert child_process(FULL, str(tmp_path / "w")).splitlines() == [str(Code.STORE_FULL), "1 None 2"]


NO_ROOM = """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    from qa_audit.errors import StorageFault
    from qa_audit.store.workspace import Workspace
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    try:
        Workspace.create(sys.argv[1])
    except StorageFault as error:
        print(error.code)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    Workspace.create(sys.argv[1]).close()
    print("made")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a file's size to set")
def test_a_workspace_that_could_not_be_made_can_be_made_later(tmp_path):
    assert child_process(NO_ROOM, str(tmp_path / "w")).splitlines() == [str(Code.STORE_FULL), "made"]


def test_a_server_out_of_reach_is_named_without_its_password():
    with pytest.raises(StorageFault) as refused:
        Workspace("postgresql://someone:hidden-word@127.0.0.1:1/none")
    assert refused.value.code is Code.STORE_UNREACHABLE
    assert "hidden-word" not in str(refused.value)
    assert "127.0.0.1:1" in refused.value.where


def test_a_missing_driver_is_said_in_words(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert code_of(Workspace, "postgresql://127.0.0.1/none") is Code.STORE_UNREACHABLE


def test_the_doctor_s_facts(place):
    with Workspace.create(place) as made:
        facts = made.facts()
        assert facts["version"]
        if made.folder:
            assert (facts["journal"], facts["integrity"]) == ("wal", "ok")
            assert sqlite3.connect(f"file:{made.folder / FILE_NAME}?mode=ro", uri=True).execute(
                "select count(*) from meta"
            ).fetchone() == (5,)


def test_the_trail_hides_what_is_hidden_also_from_its_search(place):
    with Workspace.create(place) as made:
        for audit in ("a1", "a2"):
            with made.write(ME) as unit:
                unit.event(
                    "answer.saved",
                    "audit",
                    audit,
                    field="OV.grade",
                    old="good",
                    new="inadequate",
                    reason="canary",
                )
        found = {one.subject_id: one for one in trail.events(made, hidden={"a1"})}
        assert {found["a1"].field, found["a1"].old, found["a1"].new, found["a1"].reason} == {trail.BLIND}
        assert (found["a2"].field, found["a2"].new) == ("OV.grade", "inadequate")
        for words in ("inadequate", "canary", "OV.grade", "INADEQ"):
            assert [one.subject_id for one in trail.events(made, contains=words, hidden={"a1"})] == ["a2"]
            assert trail.count_events(made, contains=words, hidden={"a1"}) == 1
        assert trail.count_events(made, contains="answer", hidden={"a1"}) == 2
        assert trail.events(made, person="nobody") == ()
        assert trail.events(made, since="2999-01-01") == ()


def test_days_and_stamps():
    from datetime import UTC, datetime

    assert stamp(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) == "2026-07-01T09:00:00.000000+00:00"
    assert day("2026-07-01T09:00:00.000000+00:00").isoformat() == "2026-07-01"
    assert typed_day(" 2026-07-01 ", "due").isoformat() == "2026-07-01"
    for wrong in ("2026-13-01", "tomorrow", "", "2026-07-01 and more"):
        assert code_of(typed_day, wrong, "due") is Code.BAD_VALUE
    one, two = seeded_ids("a"), seeded_ids("a")
    assert [one() for _ in range(3)] == [two() for _ in range(3)]
    assert seeded_ids("b")() != seeded_ids("a")()


def test_a_bad_input_is_not_turned_into_a_fault(place):
    with Workspace.create(place) as made, pytest.raises(BadInput), made.write(ME):
        raise BadInput(Code.BAD_VALUE, "no")


def test_a_workspace_of_another_layout_is_refused_in_words_and_left_alone(tmp_path):
    place = tmp_path / "made elsewhere"
    Workspace.create(place).close()
    import sqlcipher3.dbapi2 as engine

    conn = engine.connect(str(place / "qa-audit.db"))
    conn.execute("update meta set value = 'something else' where key = 'layout'")
    conn.commit()
    conn.close()
    before = (place / "qa-audit.db").read_bytes()
    with pytest.raises(StorageFault) as refused:
        Workspace(place)
    assert refused.value.code is Code.STORE_NEWER
    assert "another version" in refused.value.what
    assert (place / "qa-audit.db").read_bytes() == before
