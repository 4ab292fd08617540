"""The save queue: newest value, right order, nothing lost quietly."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

import pytest

from qa_audit.errors import BadInput, Code, StorageFault
from qa_audit.tui.saving import SaveQueue, SaveReport, SaveState

NOW = datetime(2026, 11, 20, 10, 42, 7, tzinfo=UTC)


class Store:
    """Writes what it is told; can be slow, or refuse."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str]] = []
        self.refusals: list[Exception] = []
        self.gate = threading.Event()
        self.gate.set()

    def save(self, key: str, value: str) -> datetime:
        self.gate.wait(5)
        if self.refusals:
            raise self.refusals.pop(0)
        self.written.append((key, value))
        return NOW


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def news() -> list[SaveReport[str]]:
    return []


@pytest.fixture
def queue(store: Store, news: list[SaveReport[str]]):
    made: SaveQueue[str] = SaveQueue(store.save, news.append, first_retry=0.02)
    yield made
    store.gate.set()
    made.close(1)


def test_values_of_one_key_coalesce_and_keep_their_order(queue, store) -> None:
    store.gate.clear()
    queue.put("a", "1")
    time.sleep(0.05)  # the thread is now inside the first save
    for value in "234":
        queue.put("a", value)
    queue.put("b", "x")
    store.gate.set()
    assert queue.flush(2)
    assert store.written == [("a", "1"), ("a", "4"), ("b", "x")]


def test_typing_waits_for_a_pause_and_flush_does_not(queue, store) -> None:
    queue.put("a", "h", delay=30)
    queue.put("a", "hello", delay=30)
    time.sleep(0.05)
    assert store.written == []
    assert queue.unsaved() == {"a": "hello"}
    assert queue.flush(2)
    assert store.written == [("a", "hello")]


def test_a_failure_is_told_and_tried_again_until_it_works(queue, store, news) -> None:
    store.refusals = [StorageFault(Code.STORE_LOCKED, "the file is locked"), RuntimeError("child's name")]
    queue.put("a", "kept")
    deadline = time.monotonic() + 3
    while not store.written and time.monotonic() < deadline:
        time.sleep(0.01)
    assert store.written == [("a", "kept")]
    assert queue.flush(1)
    states = [report.state for report in news]
    assert states[-1] is SaveState.SAVED
    failures = [report for report in news if report.state is SaveState.FAILED]
    assert failures[0].why == "the file is locked"
    assert failures[0].retrying
    assert all("name" not in report.why for report in failures)


def test_a_refusal_is_kept_and_not_repeated_by_itself(queue, store, news) -> None:
    store.refusals = [BadInput(Code.WRONG_STATE, "the audit is submitted")]
    queue.put("a", "late")
    assert not queue.flush(0.3) or store.written
    time.sleep(0.1)
    held = queue.unsaved()
    assert held in ({}, {"a": "late"})
    if held:
        assert news[-1].state is SaveState.FAILED
        assert not news[-1].retrying
        assert queue.flush(1)  # asked again, it works now
    assert store.written == [("a", "late")]


def test_flush_gives_up_in_time_and_says_so(queue, store) -> None:
    store.gate.clear()
    queue.put("a", "1")
    began = time.monotonic()
    assert not queue.flush(0.2)
    assert time.monotonic() - began < 1
    assert queue.unsaved() == {"a": "1"}


def test_a_newer_value_during_a_failing_save_is_the_one_that_is_kept(queue, store) -> None:
    store.gate.clear()
    store.refusals = [StorageFault(Code.STORE_FULL, "the disk is full")]
    queue.put("a", "old")
    time.sleep(0.05)
    queue.put("a", "new")
    store.gate.set()
    assert queue.flush(2)
    assert store.written == [("a", "new")]


def test_close_saves_stops_and_may_be_called_twice(store, news) -> None:
    queue: SaveQueue[str] = SaveQueue(store.save, news.append)
    queue.put("a", "1", delay=30)
    assert queue.close(2)
    assert queue.close(2)
    assert store.written == [("a", "1")]
    with pytest.raises(RuntimeError):
        queue.put("a", "2")


def test_a_screen_that_is_gone_does_not_stop_the_saving(store) -> None:
    def broken(report: object) -> None:
        raise RuntimeError("no screen")

    queue: SaveQueue[str] = SaveQueue(store.save, broken)
    queue.put("a", "1")
    assert queue.close(2)
    assert store.written == [("a", "1")]


def test_someone_who_never_stops_typing_is_saved_all_the_same(store, news, monkeypatch) -> None:
    monkeypatch.setattr("qa_audit.tui.saving.LONGEST_WAIT", 0.1)
    queue: SaveQueue[str] = SaveQueue(store.save, news.append)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        queue.put("a", str(time.monotonic()), delay=0.2)
        time.sleep(0.01)
    assert store.written
    queue.close(1)
