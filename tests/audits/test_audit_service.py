"""The audit from allocation to submission: who gets it, who may open it, what is kept of it, what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from council_world import NOTHING, World
from sqlalchemy import select, text

from qa_audit.access import service as access
from qa_audit.access.policy import tie_of
from qa_audit.audits import allocation_service as allocation
from qa_audit.audits import forms_kept, judging
from qa_audit.audits import service as audits
from qa_audit.audits.models import Answer, Audit, AuditGrade, Submission
from qa_audit.errors import Code, NotAllowed, QaError
from qa_audit.grades import Grade
from qa_audit.improvement import finishing
from qa_audit.moderation import deciding, reading
from qa_audit.sampling import service as sampling
from qa_audit.store import trail


def refused(call, *arguments, **named) -> Code:
    with pytest.raises(QaError) as error:
        call(*arguments, **named)
    return error.value.code


def rows(world: World, model, **where):
    query = select(model.__table__)
    for name, value in where.items():
        query = query.where(model.__table__.c[name] == value)
    with world.workspace.read() as conn:
        return conn.execute(query).all()


# Allocation


def test_allocation_is_even_and_ties_nobody(each_world):
    world = each_world
    ref = world.drawn(9, plan={"strata": ["team"], "minimum": 1})
    made = allocation.allocate(world.workspace, world.lead, ref)
    assert len(made.given) == 9
    assert dict(made.load) == {"AU1": 3, "AU2": 3, "AU3": 3}
    for row in rows(world, Audit):
        record = next(one for one in access.people(world.workspace) if one.person_id == row.auditor_id)
        assert tie_of(access.actor_of(world.workspace, record), audits.ties_of(row)) is None
    assert allocation.allocate(world.workspace, world.lead, ref).given == ()
    assert allocation.plan_audits(world.workspace, world.lead, ref) == 0


def test_what_cannot_be_given_comes_with_every_reason(world):
    ref = world.drawn(9, plan={"strata": ["team"], "minimum": 1})
    made = allocation.allocate(world.workspace, world.lead, ref, auditors=("AU1",))
    assert len(made.given) == 6
    assert len(made.not_given) == 3
    assert {why for _, why in made.not_given} == {"AU1 belongs to the team that holds the case"}
    assert refused(allocation.allocate, world.workspace, world.lead, ref, auditors=("DS1",)) is Code.BAD_VALUE
    access.set_active(world.workspace, world.lead, "AU2", active=False, reason="Left")
    assert refused(allocation.allocate, world.workspace, world.lead, ref, auditors=("AU2",)) is Code.BAD_VALUE
    assert dict(allocation.allocate(world.workspace, world.lead, ref).load).keys() == {"AU1", "AU3"}


def test_a_conflict_written_in_any_way_is_kept_to(world):
    ref = world.drawn(6, plan={"strata": ["team"], "minimum": 1})
    cases = [one for one in sampling.drawn_cases(world.workspace, world.lead, ref) if one.state == "selected"]
    by_team = {one.team: one for one in cases}
    access.declare_conflict(
        world.workspace, world["AU3"], "child", by_team["Harbour"].case_ref, "A neighbour"
    )
    access.declare_conflict(
        world.workspace, world["AU3"], "worker", by_team["Orchard"].worker.lower(), "Family"
    )
    access.declare_conflict(world.workspace, world["AU3"], "team", " MEADOW ", "Managed it until May")
    made = allocation.allocate(world.workspace, world.lead, ref)
    mine = {row.case_ref for row in made.given if row.auditor == "AU3"}
    assert by_team["Harbour"].case_ref not in mine
    assert (
        not {one.case_ref for one in cases if one.team == "Meadow" or one.worker == by_team["Orchard"].worker}
        & mine
    )
    # A conflict declared after the audit was given is met at the door.
    audit, auditor = next((row.ref, row.auditor) for row in made.given if row.auditor != "AU3")
    case_ref = next(row.case_ref for row in made.given if row.ref == audit)
    access.declare_conflict(world.workspace, world[auditor], "child", case_ref, "I know them")
    world.actors.clear()
    assert refused(audits.open_audit, world.workspace, world[auditor], audit) is Code.NOT_ALLOWED


def test_reallocate_hand_back_and_never_back_to_the_same(world):
    audit, auditor = world.one()
    other = next(
        code
        for code in ("AU1", "AU2", "AU3")
        if code != auditor.code and tie_of(world[code], audits.ties_of(rows(world, Audit)[0])) is None
    )
    audits.save_answer(world.workspace, auditor, audit, "VC1", "evidence", "Typed before it moved")
    for wrong, code in (("DS1", Code.BAD_VALUE), ("nobody", Code.NOT_FOUND)):
        assert refused(allocation.reallocate, world.workspace, world.lead, audit, wrong, "Off sick") is code
    assert refused(allocation.reallocate, world.workspace, world.lead, audit, other, " ") is Code.INCOMPLETE
    allocation.reallocate(world.workspace, world.lead, audit, other, "Off sick")
    assert refused(audits.open_audit, world.workspace, auditor, audit) is Code.NOT_FOUND
    assert (
        audits.open_audit(world.workspace, world[other], audit).answers["VC1", "evidence"]
        == "Typed before it moved"
    )
    assert refused(allocation.hand_back, world.workspace, auditor, audit, "Not mine") is Code.NOT_FOUND
    allocation.hand_back(world.workspace, world[other], audit, "I taught her brother")
    assert world.status(audit) == "planned"
    given = allocation.allocate(world.workspace, world.lead, "R-2026-11").given
    assert other not in {row.auditor for row in given}
    assert auditor.code not in {row.auditor for row in given}
    moves = [
        one.reason
        for one in trail.events(
            world.workspace, action="audit.allocated", subject_id=rows(world, Audit)[0].audit_id
        )
    ]
    assert moves[-3:] == ["I taught her brother", "Off sick", "allocated"]


def test_an_inactive_or_tied_person_is_given_nothing(world):
    audit, auditor = world.one()
    team = rows(world, Audit)[0].team
    tied = {"Harbour": "AU1", "Orchard": "AU2"}.get(team)
    if tied:
        assert (
            refused(allocation.reallocate, world.workspace, world.lead, audit, tied, "Nearer")
            is Code.NOT_ALLOWED
        )
    gone = next(code for code in ("AU1", "AU2", "AU3") if code not in {tied, auditor.code})
    access.set_active(world.workspace, world.lead, gone, active=False, reason="Left")
    assert refused(allocation.reallocate, world.workspace, world.lead, audit, gone, "Free") is Code.BAD_VALUE


def test_exempt_and_withdraw(world):
    ref, given = world.allocated(3)
    (first, auditor), (second, _), (third, third_auditor) = given
    allocation.exempt(world.workspace, world["HS1"], first, "A serious incident review")
    assert world.status(first) == "exempted"
    assert (
        refused(audits.save_answer, world.workspace, auditor, first, "VC1", "evidence", "x")
        is Code.WRONG_STATE
    )
    assert refused(allocation.withdraw, world.workspace, world.lead, second, "because") is Code.BAD_VALUE
    assert world.status(second) == "allocated"
    came = allocation.withdraw(world.workspace, world.lead, second, "transferred", "Moved away")
    assert (world.status(second), world.status(came)) == ("withdrawn", "planned")
    assert rows(world, Audit, ref=second)[0].ended_reason == "transferred: Moved away"
    replaced = rows(world, Audit, ref=came)[0]
    assert replaced.child_key in {
        one.child_key
        for one in sampling.drawn_cases(world.workspace, world.lead, ref)
        if one.state == "selected"
    }
    assert sampling.verify_draw(world.workspace, world.lead, ref) == []
    world.submitted(third, third_auditor)
    assert refused(allocation.exempt, world.workspace, world.lead, third, "Too late") is Code.WRONG_STATE
    assert refused(allocation.withdraw, world.workspace, world.lead, third, "other") is Code.WRONG_STATE


def test_audits_follow_their_draw(world):
    ref, given = world.allocated(4, plan={"reserves": 6})
    begun, auditor = given[0]
    audits.save_answer(world.workspace, auditor, begun, "VC1", "evidence", "Begun")
    first = {row.ref: row.weight for row in rows(world, Audit)}
    assert set(first.values()) == {36 / 4}
    sampling.extend_draw(world.workspace, world.lead, ref, 9)
    allocation.allocate(world.workspace, world.lead, ref)
    assert {row.weight for row in rows(world, Audit)} == {36 / 9}
    # A redraw: whoever is not in it any more leaves, and what was begun stays without a weight.
    sampling.draw(world.workspace, world.lead, ref, "11235813213455891442", reason="The list was wrong")
    allocation.allocate(world.workspace, world.lead, ref)
    drawn = {
        one.child_key
        for one in sampling.drawn_cases(world.workspace, world.lead, ref)
        if one.state == "selected"
    }
    for row in rows(world, Audit):
        if row.child_key in drawn:
            assert (row.weight, row.status != "withdrawn") == (36 / 9, True)
        elif row.ref == begun:
            assert (row.status, row.weight) == ("in_progress", None)
        else:
            assert (row.status, row.weight) == ("withdrawn", None)
    assert drawn <= {row.child_key for row in rows(world, Audit)}


# Answers


def test_only_the_auditor_opens(world):
    audit, auditor = world.one()
    assert audits.open_audit(world.workspace, auditor, audit.lower()).writable
    for code in ("QA1", "HS1", "AU1", "AU2", "AU3", "MO1", "TM1", "WK1", "DS1", "SA1"):
        if code != auditor.code:
            assert refused(audits.open_audit, world.workspace, world[code], audit) in {
                Code.NOT_FOUND,
                Code.NOT_ALLOWED,
            }
            assert refused(
                audits.save_answer, world.workspace, world[code], audit, "VC1", "evidence", "x"
            ) in {Code.NOT_FOUND, Code.NOT_ALLOWED}
    assert refused(audits.open_audit, world.workspace, auditor, "A-9999") is Code.NOT_FOUND


def test_save_clear_version_and_the_event_from_old_to_new(each_world):
    world = each_world
    audit, auditor = world.one()
    saved = [
        audits.save_answer(world.workspace, auditor, audit, "VC1", "evidence", value)
        for value in ("One", "Two", "Two", "")
    ]
    assert [one.version for one in saved] == [1, 2, 2, 3]
    assert ("VC1", "evidence") not in audits.open_audit(world.workspace, auditor, audit).answers
    changes = [
        (one.old, one.new)
        for one in reversed(trail.events(world.workspace, action="answer.saved"))
        if one.field == "VC1.evidence"
    ]
    assert changes == [(None, "One"), ("One", "Two"), ("Two", "")]
    assert world.status(audit) == "in_progress"
    audits.remember(world.workspace, auditor, audit, "VC", "VC1")
    audits.remember(world.workspace, auditor, audit, "VC", "VC2")
    assert audits.open_audit(world.workspace, auditor, audit).position == ("VC", "VC2")


@pytest.mark.parametrize(
    ("item", "part", "value"),
    [
        ("VC1", "answer", "maybe"), ("VC1", "nonsense", "x"), ("XX1", "answer", "yes"), ("VC", "grade", "brilliant"), ("OV", "grade", "na"),
        ("VC1#2", "answer", "yes"), ("AC1#13", "what", "x"), ("AC1", "what", "x"), ("AC1#1", "due", "soon"), ("AC1#1", "type", "planet"),
        ("FB1#1", "listened", "11"), ("ST1#1", "theme", "unheard-of"), ("AC1#1", "section", "ZZ"), ("CV2", "date", "2026-02-30"),
        ("VC1", "evidence_date", "yesterday"), ("VC1", "evidence", "x" * 200_001), ("OV", "answer", "yes"), ("", "", "x"),
    ],
)  # fmt: skip
def test_what_the_field_does_not_take_is_refused_and_nothing_is_stored(world, item, part, value):
    audit, auditor = world.one()
    before = trail.count_events(world.workspace)
    assert refused(audits.save_answer, world.workspace, auditor, audit, item, part, value) is Code.BAD_VALUE
    good = {("VC1", "evidence"): "Fine", (item, part): value}
    assert refused(audits.save_answers, world.workspace, auditor, audit, good) is Code.BAD_VALUE
    assert rows(world, Answer) == []
    assert trail.count_events(world.workspace) == before
    assert world.status(audit) == "allocated"


# Submission


def test_a_submission_with_gaps_changes_nothing(world):
    audit, auditor = world.one()
    audits.save_answer(world.workspace, auditor, audit, "VC", "grade", "good")
    before = trail.count_events(world.workspace)
    with pytest.raises(audits.Incomplete) as incomplete:
        finishing.submit(world.workspace, auditor, audit)
    assert {"no-grade", "no-evidence", "safeguarding-blank"} <= {gap.code for gap in incomplete.value.gaps}
    assert (world.status(audit), trail.count_events(world.workspace)) == ("in_progress", before)
    assert rows(world, Submission) == rows(world, AuditGrade) == []


def test_a_submission_freezes_the_grades_and_the_hash_of_every_answer(each_world):
    world = each_world
    audit, auditor = world.one()
    world.submitted(audit, auditor)
    stored = sorted([row.item, row.part, row.value] for row in rows(world, Answer) if row.value)
    by_hand = hashlib.sha256(
        json.dumps(stored, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
    submission = rows(world, Submission)[0]
    assert (submission.answers_hash, submission.revision, submission.submitted_by) == (
        by_hand,
        1,
        auditor.person_id,
    )
    graded = {row.section: row.grade for row in rows(world, AuditGrade)}
    assert set(graded.values()) == {int(Grade.GOOD)}
    assert {"OV", "VC", "IM", "SV"} <= set(graded)
    for call in (audits.save_answer,):
        assert refused(call, world.workspace, auditor, audit, "VC1", "evidence", "Later") is Code.WRONG_STATE
    assert refused(finishing.submit, world.workspace, auditor, audit) is Code.WRONG_STATE
    assert not audits.open_audit(world.workspace, auditor, audit).writable


def test_a_returned_audit_is_changed_and_submitted_as_its_second_revision(world):
    audit, auditor = world.one()
    moderator = world.submitted(audit, auditor)
    deciding.return_audit(world.workspace, moderator, audit, "Say where the visits are recorded")
    assert world.status(audit) == "returned"
    audits.save_answer(world.workspace, auditor, audit, "VC", "grade", "ri")
    moderator = world.submitted(audit, auditor, extra={("VC", "grade"): "ri"})
    assert moderator is not None
    assert {row.revision for row in rows(world, Submission)} == {1, 2}
    by_revision = {(row.revision, row.section): row.grade for row in rows(world, AuditGrade)}
    assert (by_revision[1, "VC"], by_revision[2, "VC"]) == (2, 3)  # the first stays as a fact


def test_a_tie_found_after_opening_is_asked_again_at_submission(world):
    audit, auditor = world.one()
    world.answer(audit, auditor)
    access.declare_conflict(
        world.workspace, auditor, "child", rows(world, Audit)[0].child_key, "I know the family"
    )
    world.actors.clear()
    with pytest.raises(NotAllowed):
        finishing.submit(world.workspace, world[auditor.code], audit)
    assert world.status(audit) == "in_progress"


def test_the_form_stays_as_it_was_when_the_schema_changes(world, tmp_path, monkeypatch):
    audit, auditor = world.one()
    before = audits.open_audit(world.workspace, auditor, audit).form
    folder = tmp_path / "schemas"
    shutil.copytree(Path(__file__).parents[2] / "schemas", folder)
    file = folder / "forms" / "VC.yaml"
    words = file.read_text(encoding="utf-8")
    line = next(line for line in words.splitlines() if line.strip().startswith("text:"))
    file.write_text(
        words.replace(line, line.split("text:")[0] + "text: Quite another question")
        .replace("version: 1.0.0", "version: 2.0.0")
        .replace("title: ", "title: New ", 1),
        encoding="utf-8",
    )
    monkeypatch.setenv("QA_AUDIT_SCHEMAS", str(folder))
    forms_kept.current_library.cache_clear()
    world.workspace.shared.clear()
    try:
        assert forms_kept.current_library().form("VC").title.startswith("New ")
        after = audits.open_audit(world.workspace, auditor, audit).form
        assert after == before
        assert "Quite another question" not in after.model_dump_json()
        fresh = forms_kept.current_library().form("full-case-audit")
        assert "Quite another question" in fresh.model_dump_json()
    finally:
        monkeypatch.undo()
        forms_kept.current_library.cache_clear()


# Lists and reading


def test_lists_show_what_a_person_may_see(world):
    ref, given = world.allocated(6, plan={"strata": ["team"], "minimum": 1}, moderation=NOTHING)
    for audit, auditor in given:
        world.submitted(audit, auditor)
    every = audits.list_audits(world.workspace, world.lead)
    assert len(every) == audits.count_audits(world.workspace, world.lead) == 6
    assert {row.final_grade for row in every} == {Grade.GOOD}
    assert {row.own_grade for row in every} == {None}
    teams = {
        code: {row.team for row in audits.list_audits(world.workspace, world[code])}
        for code in ("TM1", "HS1", "DS1", "MO1")
    }
    assert teams == {"TM1": {"Harbour"}, "HS1": {"Harbour", "Orchard", "Meadow"}, "DS1": set(), "MO1": set()}
    mine = audits.my_work(world.workspace, world["AU1"])
    assert {row.auditor for row in mine} == {"AU1"}
    assert {row.own_grade for row in mine} == {Grade.GOOD}
    assert {
        row.team for row in audits.list_audits(world.workspace, world["AU1"], contains="harbour")
    } == set()  # no manager of it
    assert [
        row.ref for row in audits.list_audits(world.workspace, world.lead, sort="-ref", limit=2)
    ] == sorted((row.ref for row in every), reverse=True)[:2]
    assert audits.list_audits(world.workspace, world.lead, round_ref=ref.lower(), status="final") == every
    one = next(row for row in every if row.team == "Orchard")
    assert reading.read_final(world.workspace, world["HS1"], one.ref).standing is Grade.GOOD
    for code in ("TM1", "WK1", "MO1"):
        assert refused(reading.read_final, world.workspace, world[code], one.ref) is Code.NOT_FOUND


def test_the_worker_reads_and_answers_their_own(world):
    access.add_person(
        world.workspace, world.lead, access.NewPerson("W5", "N. Clover", ("worker",), team="Meadow")
    )
    _, given = world.allocated(36, moderation=NOTHING, plan={})
    row = next(row for row in rows(world, Audit) if row.worker == "W5")
    audit, auditor = next(one for one in given if one[0] == row.ref)
    worker = world["W5"]
    world.submitted(audit, auditor)
    assert [one.ref for one in audits.list_audits(world.workspace, worker)] == [audit]
    assert (
        refused(reading.worker_answers, world.workspace, worker, audit, "comment", "Fair") is Code.WRONG_STATE
    )
    reading.share(world.workspace, world.lead, audit)
    reading.worker_answers(world.workspace, worker, audit, "fact", "The visit was on the 3rd")
    assert refused(reading.worker_answers, world.workspace, worker, audit, "shout", "x") is Code.INCOMPLETE
    assert reading.read_final(world.workspace, worker, audit).responses[0][:2] == (
        "fact",
        "The visit was on the 3rd",
    )


def test_the_previous_audit_shows_the_grades_that_stand(world):
    first, auditor = world.one()
    moderator = world.submitted(first, auditor)
    world.locked(first, moderator)
    world.decided(first, moderator, {"OV": Grade.REQUIRES_IMPROVEMENT, "VC": Grade.REQUIRES_IMPROVEMENT})
    finishing.respond(world.workspace, auditor, first, accept=True)
    world.clock.forward(days=30)
    sampling_ref = world.drawn(36)
    allocation.allocate(world.workspace, world.lead, sampling_ref)
    child_key = rows(world, Audit, ref=first)[0].child_key
    again = next(row for row in rows(world, Audit, child_key=child_key) if row.ref != first)
    assert again.auditor_id != auditor.person_id
    record = next(one for one in access.people(world.workspace) if one.person_id == again.auditor_id)
    previous = audits.open_audit(world.workspace, world[record.code], again.ref).previous
    assert (previous.ref, previous.grades["OV"], previous.grades["IM"]) == (
        first,
        Grade.REQUIRES_IMPROVEMENT,
        Grade.GOOD,
    )


def test_every_audit_has_the_facts_of_its_day(world):
    _, given = world.allocated(2)
    opened = audits.open_audit(world.workspace, given[0][1], given[0][0])
    assert opened.case.facts["referral_date"] == "2026-08-01"
    assert dict(opened.header)["Case"] == opened.case_ref
    assert judging.prefill(opened.form, opened.case) == opened.offered
    with world.workspace.read() as conn:
        assert conn.execute(text("select count(*) from audit")).scalar() == 2


def test_a_form_without_an_overall_grade_takes_none(world):
    audit, auditor = world.one(form_id="dip-sample")
    assert (
        refused(audits.save_answer, world.workspace, auditor, audit, "OV", "grade", "good") is Code.BAD_VALUE
    )
