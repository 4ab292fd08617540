"""Import: pseudonyms, all or nothing, and what is never stored."""

from datetime import UTC, date, datetime

import pytest
from frame.frame_files import AS_AT, row_of, table, workbook
from sqlalchemy import text

from qa_audit.access.policy import Actor
from qa_audit.access.service import add_owner
from qa_audit.errors import NotAllowed, QaError
from qa_audit.frame import service
from qa_audit.frame.check import check
from qa_audit.store.clock import seeded_ids
from qa_audit.store.workspace import Workspace


@pytest.fixture
def place(tmp_path):
    made = Workspace.create(
        tmp_path / "work",
        clock=lambda: datetime(2026, 10, 1, tzinfo=UTC),
        ids=seeded_ids("frame"),
        secret="ab" * 32,
    )
    with made:
        yield made, add_owner(made)


@pytest.fixture
def lists(tmp_path):
    six = [row_of("6", n) for n in range(1, 6)] + [
        row_of("6", 6, cin_closed=date(2026, 7, 1), case_status="e) Closed episode")
    ]
    extra = (("Family hub", "North"), ("Child Name", "CANARY ROWAN"))
    return workbook(tmp_path / "lists.xlsx", {
        "6": table("6", six, extra=extra),
        "8": table("8", [row_of("8", 1, placement_postcode="CANARY1")]),
        "3": table("3", [row_of("3", 2, referral_date="soon"), row_of("3", 2)]),
    })  # fmt: skip


def bring(place, lists, status="both", **more):
    workspace, actor = place
    return service.import_frame(
        workspace, actor, [lists], authority="Testshire", as_at=AS_AT, status=status, salt="5a", **more
    )


def rows_in(workspace):
    with workspace.read() as conn:
        return [
            conn.execute(text(f"select count(*) from {name}")).scalar()
            for name in ("frame", "frame_child", "frame_event", "frame_problem")
        ]


def test_an_import_and_its_records(place, lists):
    made = bring(place, lists)
    workspace, actor = place
    assert (made.children, made.left_out) == (6, 0)
    summary = service.frame(workspace, actor)
    assert (summary.children, summary.events, summary.kind) == (6, 9, "annex_a")
    assert summary.cohorts == {"child_in_care": 1, "child_in_need": 5}
    total, found = service.children(workspace, actor, summary.frame_id, cohort="child_in_need", limit=2)
    assert total == 5
    assert [one.case_ref for one in found] == ["2", "3"]
    one, events = service.child(workspace, actor, summary.frame_id, found[0].child_key)
    assert one.facts["cin_start"] == "2026-08-03"
    assert one.extras == {"Family hub": "North"}
    assert [event.list_no for event in events] == ["3", "3", "6"]
    assert {p["code"] for p in service.problems(workspace, actor, summary.frame_id)} >= {
        "date-unreadable",
        "column-dropped",
    }


@pytest.mark.parametrize(("status", "refs"), [("open", "12345"), ("closed", "6"), ("both", "123456")])
def test_open_closed_or_both(place, lists, status, refs):
    made = bring(place, lists, status)
    assert made.children == len(refs)
    _, found = service.children(*place, made.frame_id)
    assert "".join(one.case_ref for one in found) == refs


def test_nothing_that_names_a_child_is_in_the_file(place, lists):
    bring(place, lists)
    place[0].close()
    raw = b"".join(path.read_bytes() for path in place[0].folder.iterdir())
    for canary in (b"CANARY", b"2015-03-01", "CANARY".encode("utf-16-le")):
        assert canary not in raw


def test_the_pseudonym_is_stable_here_and_different_elsewhere(place, lists, tmp_path):
    first = bring(place, lists)
    again = bring(place, lists)
    workspace, actor = place
    keys = [
        {one.child_key for one in service.children(workspace, actor, made.frame_id)[1]}
        for made in (first, again)
    ]
    assert keys[0] == keys[1]
    assert first.frame_hash == again.frame_hash
    with Workspace.create(tmp_path / "other", secret="cd" * 32) as other:
        there = service.import_frame(
            other, add_owner(other), [lists], authority="Testshire", as_at=AS_AT, status="both"
        )
        elsewhere = {one.child_key for one in service.children(other, add_actor(other), there.frame_id)[1]}
    assert not keys[0] & elsewhere
    assert service.child_key(workspace, "Testshire", "1") != service.child_key(workspace, "Otherton", "1")


def add_actor(workspace):
    from qa_audit.access.service import load_actor

    return load_actor(workspace)


def test_the_fingerprint_is_of_the_salted_sorted_keys():
    import hashlib

    assert service.frame_digest(["B", "A"], "s") == hashlib.sha256(b"case_id\nsA\nsB\n").hexdigest()


def test_a_file_that_is_no_list_changes_nothing(place, tmp_path):
    before = rows_in(place[0])
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.4")
    with pytest.raises(QaError) as caught:
        bring(place, tmp_path / "x.pdf")
    assert (caught.value.code, caught.value.exit_status) == ("wrong-kind-of-file", 1)
    assert rows_in(place[0]) == before


def test_stopping_half_way_changes_nothing(place, tmp_path):
    path = workbook(tmp_path / "big.xlsx", {"6": table("6", [row_of("6", n) for n in range(1, 2600)])})
    reading = check([path], as_at=AS_AT)
    workspace, actor = place
    asked = iter([False, False, True])
    with pytest.raises(QaError) as caught:
        service.store_reading(
            workspace, actor, reading, authority="T", status="both", cancelled=lambda: next(asked)
        )
    assert caught.value.code == "cancelled"
    assert rows_in(workspace) == [0, 0, 0, 0]


def test_no_child_of_the_chosen_status(place, tmp_path):
    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [row_of("6", 1)])})
    with pytest.raises(QaError) as caught:
        bring(place, path, "closed")
    assert caught.value.code == "nothing-to-draw"
    assert rows_in(place[0]) == [0, 0, 0, 0]


def test_the_policy_is_asked(place, lists):
    auditor = Actor("p", "AU1", "An auditor", frozenset({"auditor"}))
    for act in (
        lambda: bring((place[0], auditor), lists),
        lambda: service.frames(place[0], auditor),
        lambda: service.children(place[0], auditor, "x"),
        lambda: service.child(place[0], auditor, "x", "y"),
        lambda: service.problems(place[0], auditor, "x"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_trail_tells_of_the_import(place, lists):
    made = bring(place, lists)
    with place[0].read() as conn:
        told = conn.execute(text("select new from event where action = 'frame.imported'")).scalars().all()
    assert len(told) == 1
    assert made.frame_hash in told[0]
    assert "CANARY" not in told[0]


def test_searching_is_by_the_start_and_never_by_pattern(place, lists):
    made = bring(place, lists)
    assert service.children(*place, made.frame_id, search="%")[0] == 0
    assert service.children(*place, made.frame_id, search="3")[0] >= 1
    with pytest.raises(QaError):
        service.frame(*place, "ffffffff")
