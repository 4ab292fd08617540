"""Blind means blind: nothing that gives the auditor's grade away reaches anyone before the second grade is in."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import Any

import openpyxl
import pytest
from council_world import World
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qa_audit.access import service as access
from qa_audit.audits import alert_service
from qa_audit.audits import service as audits
from qa_audit.errors import QaError
from qa_audit.grades import Grade
from qa_audit.improvement import service as improvement
from qa_audit.improvement.status import status_of
from qa_audit.moderation import deciding, reading
from qa_audit.moderation import service as moderation
from qa_audit.reports import service as reports
from qa_audit.store import trail

READERS = ("MO1", "MO2", "QA1", "HS1", "AU9")
"""Who looks: both moderators, the QA lead, the head of service, and somebody who holds nearly every role."""

PLACES = {
    ("VC", "rationale"): "canary-rationale", ("VC", "better"): "canary-better", ("OV", "rationale"): "canary-overall",
    ("OV", "override_reason"): "canary-override", ("OV", "credible_because"): "canary-credible",
    ("AC1#1", "what"): "canary-action", ("AC1#1", "success"): "canary-success", ("AC1#1", "owner_role"): "canary-owner",
    ("SG1", "text"): "canary-safeguarding words", ("CV2", "who"): "canary-who", ("CV4", "reflection"): "canary-reflection",
    ("CV5", "learning"): "canary-learning", ("ST1#1", "text"): "canary-strength",
}  # fmt: skip
ACTION = {
    ("AC1#1", "type"): "child",
    ("AC1#1", "purpose"): "for_practice",
    ("AC1#1", "due"): "2026-12-01",
    ("AC1#1", "priority"): "high",
}
EVIDENCE = {
    ("VC1", "evidence"): "seen-evidence",
    ("VC1", "pointer"): "seen-pointer",
    ("FB1#1", "words"): "seen-words",
}
SAID = {
    **{place: f"{text} that nobody sees yet" for place, text in PLACES.items()}, **ACTION, **EVIDENCE,
    ("CV3", "worker_grade"): "outstanding", ("ST1#1", "share"): "yes",
}  # fmt: skip


def everything(world: World, code: str, audit: str, tmp_path: Any, round_ref: str) -> dict[str, str]:
    """All that one person can get of the audit through any service, as text by where it came from."""
    workspace, actor = world.workspace, world[code]
    asks = {
        "queue": lambda: moderation.queue(workspace, actor, open_only=False),
        "whole queue": lambda: moderation.queue(workspace, actor, everyone=True, open_only=False),
        "moderation": lambda: moderation.open_moderation(workspace, actor, audit),
        "audits": lambda: audits.list_audits(workspace, actor),
        "search": lambda: audits.list_audits(workspace, actor, contains="canary"),
        "work": lambda: audits.my_work(workspace, actor),
        "audit": lambda: audits.open_audit(workspace, actor, audit),
        "final": lambda: reading.read_final(workspace, actor, audit),
        "feedback": lambda: deciding.feedback_sheet(workspace, actor, audit),
        "panels": lambda: deciding.panels(workspace, actor, open_only=False),
        "actions": lambda: improvement.actions(workspace, actor),
        "themes": lambda: improvement.themes_of(workspace, actor),
        "alerts": lambda: alert_service.alerts(workspace, actor),
        "status": lambda: status_of(workspace, actor),
        "facts": lambda: reports.round_facts(workspace, actor, round_ref),
        "export": lambda: _strings(reports.export(workspace, actor, "moderation-summary", round_ref, tmp_path / f"{code}.xlsx").path),
        "trail": lambda: _trail(world),
    }  # fmt: skip
    if code != "QA1":
        del asks["export"]  # the same paper for everyone who may have it, made from the same facts
    found = {}
    for name, ask in asks.items():
        with contextlib.suppress(QaError):
            got = ask()
            found[name] = repr(_without_forms(got))
    return found


def _without_forms(record: Any) -> Any:
    """A view's form holds every word of the form, so it is left out of what is searched."""
    if dataclasses.is_dataclass(record) and hasattr(record, "form"):
        return {
            field.name: getattr(record, field.name)
            for field in dataclasses.fields(record)
            if field.name not in {"form", "check"}
        }
    return record


def _strings(path: Any) -> list[str]:
    book = openpyxl.load_workbook(path)
    cells = [
        cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]
    return [str(value) for value in (*cells, *book.properties.__dict__.values())]


def _trail(world: World) -> list[Any]:
    with world.workspace.read() as conn:
        hidden = moderation.hidden_in_trail(conn)
    searched = [
        trail.count_events(world.workspace, contains=words, hidden=hidden)
        for words in ("canary", "override", "inadequate", "CV3")
    ]
    return [*trail.events(world.workspace, hidden=hidden, limit=10_000), searched]


@pytest.fixture
def watched(world: World) -> World:
    """The council with somebody who holds nearly every role."""
    every = tuple(role for role in access.ROLES if role not in {"auditor", "peer_reviewer"})
    access.add_person(world.workspace, world.lead, access.NewPerson("AU9", "Q. Granite", every))
    return world


def leaks(found: dict[str, str], words: tuple[str, ...] = ("canary-",)) -> list[tuple[str, str]]:
    return [
        (place, text[max(0, text.index(word) - 60) : text.index(word) + 40])
        for place, text in found.items()
        for word in words
        if word in text
    ]


def test_no_canary_is_seen_before_the_lock_and_all_are_after(watched, tmp_path):
    world = watched
    round_ref, given = world.allocated(3)
    audit, auditor = given[0]
    said = world.answer(
        audit,
        auditor,
        Grade.REQUIRES_IMPROVEMENT,
        SAID | {("OV", "grade"): "good", ("AS14", "grade"): "inadequate"},
    )
    for code in READERS:  # while it is being written
        assert leaks(everything(world, code, audit, tmp_path, round_ref)) == []
    moderator = world.submitted(audit, auditor, Grade.REQUIRES_IMPROVEMENT, said)
    assert moderator is not None
    for code in READERS:  # waiting for its second grade
        found = everything(world, code, audit, tmp_path, round_ref)
        assert leaks(found) == []
        if "facts" in found:
            facts = reports.round_facts(world.workspace, world[code], round_ref)
            one = next(each for each in facts.audits if each.ref == audit)
            assert (one.ceiling, one.override_reason, one.worker_grade, one.sections) == (None, "", None, ())
            assert (one.overall.auditor, one.overall.final, one.practice_to_share) == (None, None, 0)
    view = moderation.open_moderation(world.workspace, moderator, audit)
    assert view.blind
    assert {view.answers[place] for place in EVIDENCE} == set(EVIDENCE.values())
    grades = set(Grade.__members__) | {"outstanding", "good", "ri", "inadequate"}
    assert not grades & set(view.answers.values())
    moderation.save(world.workspace, moderator, audit, "VC", "grade", "good")  # the second grade has begun
    assert leaks(everything(world, moderator.code, audit, tmp_path, round_ref)) == []
    for code in set(READERS) - {moderator.code}:
        assert leaks(everything(world, code, audit, tmp_path, round_ref)) == []

    opened = world.locked(audit, moderator)
    assert not opened.blind
    assert set(SAID.items()) <= set(opened.answers.items())
    assert {one.section: one.auditor for one in opened.comparison}["OV"] is Grade.GOOD
    assert opened.reasons
    shown = everything(world, "QA1", audit, tmp_path, round_ref)
    for text in PLACES.values():
        assert text in shown["facts"], text
        assert text in shown["export"], text
        assert text in shown["trail"], text
    facts = reports.round_facts(world.workspace, world.lead, round_ref)
    one = next(each for each in facts.audits if each.ref == audit)
    assert (one.worker_grade, one.overall.auditor, one.practice_to_share) == (
        Grade.OUTSTANDING,
        Grade.GOOD,
        1,
    )
    assert one.override_reason.startswith("canary-override")


def test_the_auditor_is_never_told_why_it_was_chosen(world):
    _, given = world.allocated(1, moderation={"share": 0})
    audit, auditor = given[0]
    world.submitted(audit, auditor, Grade.OUTSTANDING)
    mine = repr([audits.my_work(world.workspace, auditor), status_of(world.workspace, auditor)])
    moderator = world.moderator(audit)
    world.locked(audit, moderator, Grade.OUTSTANDING)
    world.decided(audit, moderator)
    mine += repr(deciding.feedback_sheet(world.workspace, auditor, audit)) + repr(
        audits.my_work(world.workspace, auditor)
    )
    for word in ("new_auditor", "every audit with this grade", "first audits", "ceiling"):
        assert word not in mine


def test_a_returned_audit_is_blind_again_for_everyone(watched, tmp_path):
    world = watched
    round_ref, given = world.allocated(1)
    audit, auditor = given[0]
    first = world.submitted(audit, auditor, Grade.GOOD, SAID)
    deciding.return_audit(world.workspace, first, audit, "The visits are not evidenced")
    for code in READERS:
        assert leaks(everything(world, code, audit, tmp_path, round_ref)) == []
    sheet = deciding.feedback_sheet(world.workspace, auditor, audit)
    assert (sheet.reason, sheet.comparison) == ("The visits are not evidenced", ())
    second = world.submitted(audit, auditor, Grade.GOOD, SAID | {("VC1", "evidence"): "seen-evidence now"})
    for code in READERS:
        assert leaks(everything(world, code, audit, tmp_path, round_ref)) == []
    # Nobody had seen a grade, so the first moderator may do it again; who has locked may not while another can.
    seen = []
    for _ in range(3):
        assert moderation.open_moderation(world.workspace, second, audit).blind
        assert second.code not in seen
        seen.append(second.code)
        world.locked(audit, second)
        deciding.return_audit(world.workspace, second, audit, "Once more")
        second = world.submitted(audit, auditor, Grade.GOOD, SAID)
    assert sorted(seen) == ["AU9", "MO1", "MO2"]
    assert not moderation.open_moderation(
        world.workspace, second, audit
    ).blind  # everybody has seen it: said so


def test_a_round_that_is_not_blind_shows_everything(world):
    _, given = world.allocated(1, blind=False)
    audit, auditor = given[0]
    moderator = world.submitted(audit, auditor, Grade.GOOD, SAID)
    view = moderation.open_moderation(world.workspace, moderator, audit)
    assert not view.blind
    assert view.answers["VC", "rationale"] == SAID["VC", "rationale"]


def test_themes_wait_for_the_second_grade(world):
    _, given = world.allocated(1)
    audit, auditor = given[0]
    moderator = world.submitted(audit, auditor)
    tag = improvement.ThemeRow(audit, "drift", "gap", "PL", "Three months without a visit")
    with pytest.raises(QaError) as refused:
        improvement.code_themes(world.workspace, world.lead, audit, [tag])
    assert refused.value.code == "still-blind"
    world.locked(audit, moderator)
    improvement.code_themes(world.workspace, world.lead, audit, [tag])
    assert [one.theme for one in improvement.themes_of(world.workspace, world.lead)] == ["drift"]


def _blind_views(world: World, audit: str, moderator: Any) -> str:
    view = moderation.open_moderation(world.workspace, moderator, audit)
    record = {
        key: value for key, value in _without_forms(view).items() if key not in {"moderation_id", "case"}
    }
    rows = [
        dataclasses.asdict(row) | {"moderation_id": ""}
        for row in moderation.queue(world.workspace, world.lead, everyone=True)
    ]
    listed = [dataclasses.asdict(row) for row in audits.list_audits(world.workspace, world.lead)]
    facts = reports.round_facts(world.workspace, world.lead, "R-2026-11")
    text = repr([sorted(map(str, record["answers"].items())), {**record, "answers": ""}, rows, listed, facts])
    return json.dumps(text)


WORD = st.text("abcdefgh", min_size=3, max_size=12).map(lambda text: f"{text} {text} {text}")
PRIVATE = st.fixed_dictionaries(dict.fromkeys(PLACES, WORD))


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    left=st.tuples(st.sampled_from(list(Grade)[:3]), PRIVATE),
    right=st.tuples(st.sampled_from(list(Grade)[:3]), PRIVATE),
)
def test_two_councils_that_differ_only_in_the_grades_look_the_same(new_world, left, right):
    views = []
    for grade, words in (left, right):
        world = new_world()
        audit, auditor = world.one()
        opened = audits.open_audit(world.workspace, auditor, audit)
        same = {
            (item.id, field.part): "yes"
            for section in opened.form.graded
            for item in section.items
            for field in item.fields
            if field.type == "yes_partly_no"
        } | {
            (item.id, "evidence"): "Seen on the record"
            for section in opened.form.graded
            for item in section.items
        }
        said = {
            **SAID, **same, **words, ("OV", "grade"): grade.key, ("AC1#1", "section"): "VC",
            **{(f"AC1#{number + 2}", part): value for number, section in enumerate(opened.form.graded)
               for part, value in {"what": "Do it", "type": "child", "purpose": "for_the_child", "owner_role": "Manager", "due": "2026-12-01",
                                   "priority": "normal", "success": "It is better", "section": section.code}.items()},
            **{(item.id, field.part): grade.key for section in opened.form.graded for item in section.items
               for field in item.fields if field.type == "grade"},
        }  # fmt: skip
        moderator = world.submitted(audit, auditor, grade, said)
        views.append(_blind_views(world, audit, moderator))
    assert views[0] == views[1]
