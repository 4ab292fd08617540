"""What follows an audit: actions done by one and verified by another, and themes from the controlled list."""

from __future__ import annotations

import pytest
from council_world import NOTHING, World

from qa_audit.errors import Code, QaError
from qa_audit.grades import Grade
from qa_audit.improvement import service as improvement
from qa_audit.improvement.status import status_of
from qa_audit.store import trail

TWO = {
    ("AC1#1", "what"): "See the child alone", ("AC1#1", "type"): "child", ("AC1#1", "purpose"): "for_the_child", ("AC1#1", "owner_role"): "Social worker",
    ("AC1#1", "due"): "2026-11-10", ("AC1#1", "priority"): "high", ("AC1#1", "success"): "He says he is listened to", ("AC1#1", "section"): "VC",
    ("AC1#2", "what"): "Train the team", ("AC1#2", "type"): "team", ("AC1#2", "purpose"): "for_practice", ("AC1#2", "owner_role"): "Team manager",
    ("AC1#2", "due"): "2026-12-10", ("AC1#2", "priority"): "normal", ("AC1#2", "success"): "Plans have dates",
    ("ST1#1", "text"): "She stayed with him through three moves", ("ST1#1", "theme"): "direct_work",
}  # fmt: skip


def refused(call, *arguments, **named) -> Code:
    with pytest.raises(QaError) as error:
        call(*arguments, **named)
    return error.value.code


def finished(world: World, team: str = "Harbour") -> tuple[str, object]:
    """A final audit of a team's child with two actions and a strength."""
    _, given = world.allocated(3, plan={"strata": ["team"], "minimum": 1}, moderation=NOTHING)
    from qa_audit.audits.service import list_audits

    audit = next(row.ref for row in list_audits(world.workspace, world.lead) if row.team == team)
    auditor = next(actor for ref, actor in given if ref == audit)
    with_theme = (
        TWO
        if _knows(world, audit, auditor)
        else {key: value for key, value in TWO.items() if key[1] != "theme"}
    )
    world.submitted(audit, auditor, Grade.GOOD, with_theme)
    return audit, auditor


def _knows(world, audit, auditor) -> bool:
    from qa_audit.audits.service import open_audit

    return "direct_work" in dict(open_audit(world.workspace, auditor, audit).options["strengths"])


def test_actions_come_from_the_audit_s_answers(each_world):
    world = each_world
    audit, auditor = finished(world)
    first, second = improvement.actions(world.workspace, world.lead, audit_ref=audit.lower())
    assert (first.what, first.type, first.purpose, first.owner_role, first.due, first.priority, first.success, first.section, first.team, first.state) == (
        "See the child alone", "child", "for_the_child", "Social worker", "2026-11-10", "high", "He says he is listened to", "VC", "Harbour", "open",
    )  # fmt: skip
    assert (second.what, second.type, second.section) == ("Train the team", "team", "")
    seen = {
        code: len(improvement.actions(world.workspace, world[code]))
        for code in ("QA1", "HS1", "TM1", auditor.code, "MO1", "WK1")
    }
    assert seen == {"QA1": 2, "HS1": 2, "TM1": 2, auditor.code: 2, "MO1": 0, "WK1": 2}
    world.clock.forward(days=10)
    assert [row.overdue_days for row in improvement.actions(world.workspace, world.lead)] == [2, 0]
    assert next(line for line in status_of(world.workspace, world.lead) if line.key == "actions").late == 1


def test_done_by_one_and_verified_by_another(each_world):
    world = each_world
    _, auditor = finished(world)
    ref = improvement.actions(world.workspace, world.lead)[0].ref
    manager = world["TM1"]
    assert refused(improvement.verify, world.workspace, world.lead, ref, "It helped") is Code.WRONG_STATE
    assert refused(improvement.mark_done, world.workspace, manager, ref, " ") is Code.INCOMPLETE
    improvement.mark_done(world.workspace, manager, ref.lower(), "She was seen on Tuesday")
    assert refused(improvement.verify, world.workspace, manager, ref, "It helped") is Code.NOT_ALLOWED
    improvement.verify(world.workspace, world.lead, ref, "He still says nobody asks him", helped=False)
    again = improvement.actions(world.workspace, world.lead)[0]
    assert (again.state, again.done_at, again.verified_at, again.verified_note) == (
        "open",
        None,
        None,
        "He still says nobody asks him",
    )
    improvement.mark_done(world.workspace, auditor, ref, "She sees him weekly")
    improvement.verify(world.workspace, manager, ref, "He says she listens")
    row = next(one for one in improvement.actions(world.workspace, world.lead) if one.ref == ref)
    assert (row.state, row.done_note, row.verified_note) == (
        "verified",
        "She sees him weekly",
        "He says she listens",
    )
    assert [one.ref for one in improvement.actions(world.workspace, world.lead, open_only=True)] != [ref]
    story = [
        one.action
        for one in reversed(trail.events(world.workspace, subject="action"))
        if one.action != "action.raised"
    ]
    assert story == ["action.done", "action.reopened", "action.done", "action.verified"]


def test_dates_move_with_a_reason_and_supervision_is_noted(world):
    finished(world)
    ref = improvement.actions(world.workspace, world.lead)[0].ref
    for due, reason, code in (
        ("soon", "Leave", Code.BAD_VALUE),
        ("2026-11-30", " ", Code.INCOMPLETE),
        ("2026-02-30", "Leave", Code.BAD_VALUE),
    ):
        assert refused(improvement.change_due, world.workspace, world.lead, ref, due, reason) is code
    improvement.change_due(world.workspace, world.lead, ref, "2026-11-30", "The worker is on leave")
    moved = trail.events(world.workspace, action="action.due")[0]
    assert (moved.old, moved.new, moved.reason) == ("2026-11-10", "2026-11-30", "The worker is on leave")
    assert (
        refused(improvement.in_supervision, world.workspace, world.lead, ref, "last week") is Code.BAD_VALUE
    )
    improvement.in_supervision(world.workspace, world.lead, ref, "2026-11-05")
    row = next(one for one in improvement.actions(world.workspace, world.lead) if one.ref == ref)
    assert (row.due, row.in_supervision_on) == ("2026-11-30", "2026-11-05")


def test_another_team_s_actions_are_out_of_reach(world):
    _, _auditor = finished(world, "Meadow")
    ref = improvement.actions(world.workspace, world.lead)[0].ref
    assert refused(improvement.mark_done, world.workspace, world["TM1"], ref, "Done") is Code.NOT_FOUND
    assert refused(improvement.mark_done, world.workspace, world["TM1"], "ACT-9999", "Done") is Code.NOT_FOUND
    assert improvement.actions(world.workspace, world["TM1"]) == ()


def test_themes_are_set_to_exactly_these(each_world):
    world = each_world
    audit, _ = finished(world)
    themes = improvement.themes_of(world.workspace, world.lead, audit_ref=audit)
    assert all(
        (one.polarity, one.line) == ("strength", "She stayed with him through three moves") for one in themes
    )
    row = improvement.ThemeRow
    improvement.code_themes(
        world.workspace,
        world.lead,
        audit,
        [
            row(audit, "drift", "gap", "PL", "Months  without\na visit"),
            row(audit, "drift", "strength", "PL", ""),
        ],
    )
    assert [(one.theme, one.polarity, one.line) for one in improvement.themes_of(world.workspace, world.lead)] == [
        ("drift", "gap", "Months without a visit"), ("drift", "strength", ""),
    ]  # fmt: skip
    with pytest.raises(QaError):
        improvement.code_themes(world.workspace, world.lead, audit, [row(audit, "drift", "meh", "PL", "")])
    assert len(improvement.themes_of(world.workspace, world.lead)) == 2
    assert refused(improvement.code_themes, world.workspace, world.lead, "A-9999", []) is Code.NOT_FOUND
    improvement.code_themes(world.workspace, world.lead, audit, [])
    assert improvement.themes_of(world.workspace, world.lead) == ()
