"""A calibration exercise from the invitation to the feedback, on both engines; and nothing of it before the reveal."""

from __future__ import annotations

import pytest

from qa_audit.errors import BadInput, Code, NotAllowed
from qa_audit.grades import Grade
from qa_audit.library.calibration_cases import load_case
from qa_audit.moderation import calibration_grading as grading
from qa_audit.moderation import calibration_reading as reading
from qa_audit.moderation import calibration_service as calibration
from qa_audit.moderation.service import hidden_in_trail
from qa_audit.store.trail import count_events, events

NEGLECT, DRIFT = "child-in-need-neglect", "child-protection-drift"
CANARY = "CANARYREASON"
WHO = ("AU1", "AU2", "AU3", "MO1", "MO2")


def opened(world, cases=(NEGLECT,), who=WHO, **more) -> str:
    return calibration.add_exercise(world.workspace, world.lead, "Autumn calibration", cases, who, **more)


def grades_all(world, code: str, ref: str, case_id: str, step: int = 0, *, submit: bool = True) -> None:
    """Grade every section as the reference says, moved by `step`, and submit."""
    case = load_case(case_id)
    values = {}
    for one in case.reference.grades:
        moved = Grade(min(4, max(1, one.value + step)))
        values[one.section, "grade"] = moved.key
        values[one.section, "rationale"] = f"{CANARY} {code} {one.section}"
    grading.save_grades(world.workspace, world[code], ref, case_id, values)
    if submit:
        grading.submit(world.workspace, world[code], ref, case_id)


def refused(code: Code):
    return pytest.raises((BadInput, NotAllowed), check=lambda error: error.code is code)


def test_a_whole_exercise(each_world):
    world = each_world
    ref = opened(world, (NEGLECT, DRIFT), workshop_on="2026-11-20", due="2026-11-13")
    assert ref == "C-001"
    for code, step in zip(WHO, (-1, 0, 0, 0, 1), strict=True):
        for case in (NEGLECT, DRIFT):
            grades_all(world, code, ref, case, step)
    calibration.record_attendance(world.workspace, world.lead, ref, {"AU1": "attended", "MO2": "apologies"})
    assert calibration.reveal(world.workspace, world.lead, ref) == 10
    found = reading.results(world.workspace, world.lead, ref)
    sections = len(load_case(NEGLECT).sections) + len(load_case(DRIFT).sections) - 2
    assert found.figures.sections.n == sections * 5
    assert found.figures.overall.n == 10
    by_code = {one.auditor: one.against for one in found.figures.auditors}
    assert by_code["AU2"].direction.n_generous == by_code["AU2"].direction.n_harsh == 0
    assert by_code["AU1"].direction.n_harsh == 0
    assert by_code["AU1"].direction.n_generous == sections  # nothing in these two is Outstanding
    assert (by_code["AU1"].shift.est or 0) == 1.0
    assert by_code["MO2"].direction.n_generous == 0
    assert {one.code: one.attended for one in found.invited} == {
        "AU1": "attended", "AU2": "", "AU3": "", "MO1": "", "MO2": "apologies",
    }  # fmt: skip
    sheet = reading.feedback(world.workspace, world["AU1"], ref)
    assert [case.case_id for case in sheet.cases] == [NEGLECT, DRIFT]
    overall = sheet.cases[0].lines[-1]
    assert (overall.own, overall.reference, overall.shift) == (Grade.GOOD, Grade.REQUIRES_IMPROVEMENT, 1)
    assert overall.others == (0, 1, 3, 1)
    assert overall.why.startswith("Warm, visible work")
    assert [point.ref for point in sheet.earlier] == [ref]
    assert [point.ref for point in reading.trend(world.workspace, world.lead)] == [ref]


def test_nothing_of_the_reference_or_of_others_before_the_reveal(each_world):
    world = each_world
    ref = opened(world, who=("AU1", "AU2", "QA1"))
    grades_all(world, "AU1", ref, NEGLECT, -1)
    case = load_case(NEGLECT)
    whys = [one.why[:40] for one in case.reference.grades]
    for code in ("AU2", "QA1"):
        actor = world[code]
        seen = [
            repr(grading.open_case(world.workspace, actor, ref, NEGLECT)),
            repr(calibration.show(world.workspace, actor, ref)),
            repr(calibration.exercises(world.workspace, actor)),
        ]
        if code == "QA1":
            seen.append(repr(calibration.library_cases(world.workspace, actor)))
        everything = "\n".join(seen)
        assert CANARY not in everything
        assert not any(why in everything for why in whys)
        assert "reference" not in everything.casefold()
        assert grading.open_case(world.workspace, actor, ref, NEGLECT).own == {}
        for ask in (
            lambda actor=actor: reading.feedback(world.workspace, actor, ref),
            lambda actor=actor: reading.feedback(world.workspace, actor, ref, "AU1"),
        ):
            with pytest.raises(NotAllowed):
                ask()
    with refused(Code.STILL_BLIND):
        reading.results(world.workspace, world.lead, ref)
    with world.workspace.read() as conn:
        hidden = hidden_in_trail(conn)
    told = "\n".join(
        repr(row) for row in events(world.workspace, action="calibration", hidden=hidden, limit=500)
    )
    assert "calibration.saved" in told
    assert CANARY not in told
    assert not any(grade.key in told for grade in (Grade.GOOD, Grade.OUTSTANDING))
    assert count_events(world.workspace, contains=CANARY, hidden=hidden) == 0
    assert count_events(world.workspace, contains=CANARY) > 0  # it is there, and hidden
    assert reading.trend(world.workspace, world.lead) == ()


def test_an_auditor_sees_their_own_sheet_only(world):
    ref = opened(world, who=("AU1", "AU2", "AU3"))
    for code in ("AU1", "AU2", "AU3"):
        grades_all(world, code, ref, NEGLECT)
    calibration.reveal(world.workspace, world.lead, ref)
    with refused(Code.NOT_ALLOWED):
        reading.feedback(world.workspace, world["AU1"], ref, "AU2")
    with refused(Code.NOT_ALLOWED):
        reading.results(world.workspace, world["AU1"], ref)
    with refused(Code.NOT_ALLOWED):
        reading.trend(world.workspace, world["MO1"])
    sheet = repr(reading.feedback(world.workspace, world["AU1"], ref))
    assert "AU2" not in sheet
    assert "CANARYREASON AU1" in sheet
    assert "others=None" in sheet  # three gradings are too few to show without saying who
    assert reading.feedback(world.workspace, world.lead, ref, "au2").code == "AU2"
    with refused(Code.NOT_FOUND):
        reading.feedback(world.workspace, world["MO1"], ref)


def test_drafts_count_for_nothing(world):
    ref = opened(world, who=("AU1", "AU2"))
    grades_all(world, "AU1", ref, NEGLECT)
    grades_all(world, "AU2", ref, NEGLECT, 1, submit=False)
    with refused(Code.WRONG_STATE):
        calibration.reveal(world.workspace, world.lead, ref)
    assert calibration.reveal(world.workspace, world.lead, ref, without_the_rest=True) == 1
    found = reading.results(world.workspace, world.lead, ref)
    assert [one.auditor for one in found.figures.auditors] == ["AU1"]
    assert "AU2" not in repr(found.said)
    with refused(Code.WRONG_STATE):
        grading.submit(world.workspace, world["AU2"], ref, NEGLECT)
    assert reading.feedback(world.workspace, world["AU2"], ref).cases[0].submitted is False


def test_submitting_needs_every_grade_and_the_reason_of_the_whole(world):
    ref = opened(world, who=("AU1",))
    actor = world["AU1"]
    with refused(Code.INCOMPLETE):
        grading.submit(world.workspace, actor, ref, NEGLECT)
    for code in load_case(NEGLECT).sections:
        grading.save_grade(world.workspace, actor, ref, NEGLECT, code, "grade", "RI")
    with refused(Code.INCOMPLETE):
        grading.submit(world.workspace, actor, ref, "1")
    assert (
        grading.save_grade(world.workspace, actor, ref, NEGLECT, "ov", "rationale", " History \u202e")
        == "History"
    )
    assert grading.submit(world.workspace, actor, ref, NEGLECT) == 0
    with refused(Code.WRONG_STATE):
        grading.save_grade(world.workspace, actor, ref, NEGLECT, "PL", "grade", "Good")
    assert not grading.open_case(world.workspace, actor, ref, NEGLECT).writable


@pytest.mark.parametrize(
    ("section", "part", "value"),
    [
        ("PL", "grade", "fine"),
        ("QQ", "grade", "good"),
        ("PL", "mood", "good"),
        ("PL", "rationale", "x" * 4001),
    ],
)
def test_refuses_what_is_no_grade(world, section, part, value):
    ref = opened(world, who=("AU1",))
    with refused(Code.BAD_VALUE):
        grading.save_grade(world.workspace, world["AU1"], ref, NEGLECT, section, part, value)


def test_only_those_invited_and_only_the_lead(world):
    ref = opened(world, who=("AU1",))
    assert calibration.exercises(world.workspace, world["AU2"]) == ()
    with refused(Code.NOT_FOUND):
        calibration.show(world.workspace, world["AU2"], ref)
    with refused(Code.NOT_FOUND):
        grading.open_case(world.workspace, world["AU2"], ref, NEGLECT)
    with refused(Code.NOT_ALLOWED):
        calibration.exercises(world.workspace, world["BR1"])
    with refused(Code.NOT_ALLOWED):
        calibration.reveal(world.workspace, world["AU1"], ref)
    with refused(Code.NOT_ALLOWED):
        calibration.add_exercise(world.workspace, world["MO1"], "Mine", [NEGLECT], ["MO1"])
    with refused(Code.NOT_ALLOWED):
        opened(world, who=("BR1",))


def test_a_case_once_revealed_is_not_blind_again(world):
    ref = opened(world, who=("AU1", "AU2"))
    grades_all(world, "AU1", ref, NEGLECT)
    calibration.reveal(world.workspace, world.lead, ref, without_the_rest=True)
    with refused(Code.CONFLICT):
        opened(world, (NEGLECT, DRIFT), ("AU1",))
    assert opened(world, (NEGLECT,), ("AU3",)) == "C-002"
    assert opened(world, (NEGLECT,), ("AU1",), again=True) == "C-003"


def test_inviting_withdrawing_and_bad_input(world):
    ref = opened(world, who=("AU1",))
    assert calibration.invite(world.workspace, world.lead, ref, ["AU1", "AU2"]) == 1
    calibration.uninvite(world.workspace, world.lead, ref, "AU2")
    assert [one.code for one in calibration.show(world.workspace, world.lead, ref).invited] == ["AU1"]
    with refused(Code.NOTHING_TO_REPORT):
        calibration.reveal(world.workspace, world.lead, ref)
    with refused(Code.BAD_VALUE):
        calibration.record_attendance(world.workspace, world.lead, ref, {"AU1": "maybe"})
    with refused(Code.NOT_FOUND):
        calibration.record_attendance(world.workspace, world.lead, ref, {"AU3": "attended"})
    calibration.withdraw(world.workspace, world.lead, ref, "Wrong cases")
    assert calibration.exercises(world.workspace, world["AU1"]) == ()
    with refused(Code.WRONG_STATE):
        grading.save_grade(world.workspace, world["AU1"], ref, NEGLECT, "PL", "grade", "good")
    with refused(Code.NOT_FOUND):
        opened(world, ("no-such-case",))
    with refused(Code.BAD_VALUE):
        opened(world, due="next week")
    with refused(Code.INCOMPLETE):
        opened(world, who=())


def test_an_exercise_keeps_its_cases(world, tmp_path, monkeypatch):
    """An edit of the file afterwards changes nothing that was graded."""
    ref = opened(world, who=("AU1",))
    monkeypatch.setenv("QA_AUDIT_SCHEMAS", str(tmp_path))
    assert grading.open_case(world.workspace, world["AU1"], ref, NEGLECT).case.title.startswith("Girl of six")


def test_what_waits_is_on_the_list_of_the_day(each_world):
    from qa_audit.improvement.status import status_of

    world = each_world
    ref = opened(world, (NEGLECT, DRIFT), ("AU1", "AU2"), due="2026-11-02")
    opened(world, (NEGLECT,), ("AU2",))

    def waiting(code: str) -> list[tuple[int, int, str]]:
        return [
            (one.count, one.late, one.words)
            for one in status_of(world.workspace, world[code])
            if one.key == "calibration"
        ]

    assert waiting("AU1") == [(2, 0, "2 calibration cases to grade")]
    assert waiting("AU2") == [(3, 0, "3 calibration cases to grade")]
    assert waiting("QA1") == []
    world.clock.forward(days=1)
    grades_all(world, "AU1", ref, NEGLECT)
    assert waiting("AU1") == [(1, 1, "1 calibration case to grade")]
    grades_all(world, "AU1", ref, DRIFT)
    assert waiting("AU1") == []
    calibration.reveal(world.workspace, world.lead, ref, without_the_rest=True)
    assert waiting("AU2") == [(1, 0, "1 calibration case to grade")]
