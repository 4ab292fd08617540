"""An import on each engine: whole, or not at all."""

from datetime import UTC, datetime

import pytest
from frame.frame_files import AS_AT, row_of, table, workbook
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from qa_audit.access.service import add_owner
from qa_audit.errors import QaError
from qa_audit.frame import service
from qa_audit.frame.check import check
from qa_audit.store.clock import seeded_ids
from qa_audit.store.workspace import Workspace


@pytest.fixture
def opened(place):
    made = Workspace.create(
        place, clock=lambda: datetime(2026, 10, 1, tzinfo=UTC), ids=seeded_ids("frame"), secret="ab" * 32
    )
    with made:
        yield made, add_owner(made)


@pytest.fixture
def reading(tmp_path):
    six = [row_of("6", n) for n in range(1, 2300)]
    eight = [row_of("8", n) for n in range(1, 40)]
    path = workbook(tmp_path / "lists.xlsx", {"6": table("6", six), "8": table("8", eight)})
    return check([path], as_at=AS_AT)


def counts(workspace):
    with workspace.read() as conn:
        return [
            conn.execute(text(f"select count(*) from {name}")).scalar()
            for name in ("frame", "frame_child", "frame_event", "frame_problem")
        ] + [conn.execute(text("select count(*) from event where action = 'frame.imported'")).scalar()]


def store(opened, reading, **more):
    workspace, actor = opened
    return service.store_reading(
        workspace, actor, reading, authority="Testshire", status="both", salt="5a", **more
    )


def test_an_import_is_whole(opened, reading):
    made = store(opened, reading)
    assert made.children == 2299
    assert counts(opened[0]) == [1, 2299, 2338, len(reading.problems), 1]
    summary = service.frame(*opened)
    assert summary.cohorts == {"child_in_care": 39, "child_in_need": 2260}
    total, found = service.children(*opened, summary.frame_id, cohort="child_in_care", limit=3)
    assert total == 39
    assert found[0].facts["care_start"] == "2026-08-03"


def test_stopping_half_way_leaves_nothing(opened, reading):
    asked = iter([False, False, True])
    with pytest.raises(QaError) as caught:
        store(opened, reading, cancelled=lambda: next(asked))
    assert caught.value.code == "cancelled"
    assert counts(opened[0]) == [0, 0, 0, 0, 0]
    assert store(opened, reading).children == 2299


def test_a_row_that_cannot_be_stored_leaves_nothing(opened, reading, monkeypatch):
    whole = service._child_values

    def failing(child, frame_id, key):
        values = whole(child, frame_id, key)
        if child.child_id == "2299":
            values["primary_cohort"] = None  # the column takes no NULL
        return values

    monkeypatch.setattr(service, "_child_values", failing)
    with pytest.raises((IntegrityError, QaError)):
        store(opened, reading)
    assert counts(opened[0]) == [0, 0, 0, 0, 0]
    monkeypatch.undo()
    assert store(opened, reading).children == 2299


def test_several_authorities_in_one_frame(opened, tmp_path):
    rows = [row_of("6", n) for n in (1, 2, 1, 3, 4)]
    cells = table("6", rows, extra=(("Local Authority", "x"),))
    for row, name in zip(cells[1:], ("Eastshire", "Eastshire", "Westshire", "westshire ", None), strict=True):
        row[-1] = name
    reading = check([workbook(tmp_path / "region.xlsx", {"6": cells})], as_at=AS_AT, authority="The Region")
    made = store(opened, reading)
    _, found = service.children(*opened, made.frame_id)
    assert sorted((one.authority, one.case_ref) for one in found) == [
        ("Eastshire", "1"),
        ("Eastshire", "2"),
        ("The Region", "4"),
        ("Westshire", "1"),
        ("Westshire", "3"),
    ]
    assert len({one.child_key for one in found}) == 5
    assert {p.code for p in reading.problems} >= {"authority-missing"}
