"""A safeguarding alert: raised by anyone, never closed by who raised it, late after four working hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from council_world import World
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.audits import alert_service as alerts
from qa_audit.audits.alert_service import office_time, working_hours
from qa_audit.errors import Code, QaError


def refused(call, *arguments, **named) -> Code:
    with pytest.raises(QaError) as error:
        call(*arguments, **named)
    return error.value.code


def raised(world: World, by: str = "TM1", **named) -> str:
    values = {"concern": "He was left alone overnight", "told": "Duty manager"} | named
    return alerts.raise_alert(world.workspace, world[by], **values)


def one(world: World, code: str = "QA1") -> alerts.AlertRow:
    return alerts.alerts(world.workspace, world[code])[0]


def test_raised_acknowledged_acted_on_closed(each_world):
    world = each_world
    audit, auditor = world.one()
    ref = alerts.raise_alert(
        world.workspace, auditor, concern="A bruise", told="Team manager", audit_ref=audit.lower()
    )
    lead, head = world.lead, world["HS1"]
    assert (one(world).state, one(world).audit_ref, one(world).raised_by) == ("raised", audit, auditor.code)
    assert refused(alerts.act, world.workspace, lead, ref, "Seen") is Code.WRONG_STATE
    assert refused(alerts.close, world.workspace, lead, ref, "Safe") is Code.WRONG_STATE
    alerts.acknowledge(world.workspace, lead, ref.lower())
    assert refused(alerts.acknowledge, world.workspace, lead, ref) is Code.WRONG_STATE
    assert refused(alerts.act, world.workspace, lead, ref, " ") is Code.INCOMPLETE
    alerts.act(world.workspace, lead, ref, "The child was seen")
    alerts.act(world.workspace, head, ref, "The child was seen twice")
    assert refused(alerts.close, world.workspace, lead, ref, " ") is Code.INCOMPLETE
    alerts.close(world.workspace, head, ref, "Safe with her aunt")
    row = one(world)
    assert (row.state, row.acknowledged_by, row.action_taken, row.closing_note) == (
        "closed",
        "QA1",
        "The child was seen twice",
        "Safe with her aunt",
    )
    assert alerts.alerts(world.workspace, lead, open_only=True) == ()


def test_never_by_the_raiser(world):
    ref = raised(world, "QA1")
    assert refused(alerts.acknowledge, world.workspace, world.lead, ref) is Code.NOT_ALLOWED
    alerts.acknowledge(world.workspace, world["HS1"], ref)
    alerts.act(world.workspace, world.lead, ref, "Seen today")
    assert refused(alerts.close, world.workspace, world.lead, ref, "Safe") is Code.NOT_ALLOWED
    assert one(world).state == "acted"


def test_only_those_concerned_see_it(world):
    ref = raised(world, "TM1")
    seen = {
        code
        for code in ("QA1", "HS1", "TM1", "AU1", "AU2", "AU3", "MO1")
        if alerts.alerts(world.workspace, world[code])
    }
    assert seen == {"QA1", "HS1", "TM1", "AU1"}  # TM1 and AU1 are of the team
    for code in ("WK1", "DS1", "BR1", "SA1"):
        assert refused(alerts.alerts, world.workspace, world[code]) is Code.NOT_ALLOWED
    from qa_audit.access import service as access

    access.add_person(
        world.workspace, world.lead, access.NewPerson("TM2", "H. Basalt", ("manager",), manages=("Orchard",))
    )
    assert refused(alerts.acknowledge, world.workspace, world["TM2"], ref) is Code.NOT_FOUND
    assert refused(alerts.acknowledge, world.workspace, world["TM2"], "SG-999") is Code.NOT_FOUND


def test_an_alert_says_what_and_who_was_told(world):
    for values in ({"concern": " "}, {"told": ""}):
        assert refused(raised, world, **values) is Code.INCOMPLETE
    assert refused(raised, world, told_at="just now") is Code.BAD_VALUE
    _audit, _ = world.one()
    assert refused(raised, world, "WK1", audit_ref="A-9999") is Code.NOT_FOUND
    raised(world, told_at="2026-11-02 09:15")
    assert one(world).told_at == "2026-11-02T09:15:00.000000+00:00"


def test_the_clock_is_late_after_four_working_hours(world):
    raised(world)  # Monday, half past ten or so
    assert not one(world).late
    world.clock.forward(hours=3, minutes=59)
    assert (one(world).late, one(world).clock[:7]) == (False, "waiting")
    world.clock.forward(minutes=2)
    assert one(world).late
    assert "service manager" in one(world).clock
    alerts.acknowledge(world.workspace, world.lead, one(world).ref)
    assert "acknowledged after 4 h 01" in one(world).clock


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-02T10:00", "2026-11-02T12:30", 2.5),
        ("2026-11-02T16:00", "2026-11-03T10:00", 2),  # over the night
        ("2026-11-06T16:00", "2026-11-09T10:00", 2),  # over the weekend
        ("2026-12-24T16:00", "2026-12-29T10:00", 2),  # Christmas Day, Boxing Day kept on the Monday
        ("2026-07-01T08:00", "2026-07-01T16:00", 8),  # summer: the office opens at eight by UTC
        ("2026-07-01T16:00", "2026-07-01T18:00", 0),
        ("2026-11-07T10:00", "2026-11-08T10:00", 0),
        ("2026-11-02T12:00", "2026-11-02T10:00", 0),
    ],
)
def test_working_hours(start, end, hours):
    assert working_hours(at(start), at(end)) == pytest.approx(hours)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_office_time_is_that_of_london(moment):
    zones = pytest.importorskip("zoneinfo")
    try:
        london = zones.ZoneInfo("Europe/London")
    except zones.ZoneInfoNotFoundError:  # pragma: no cover - a system without zone tables
        pytest.skip("no zone tables on this system")
    if moment.year > 2037:
        return
    assert office_time(moment) - moment == moment.astimezone(london).utcoffset() or office_time(
        moment
    ).replace(tzinfo=None) == moment.astimezone(london).replace(tzinfo=None)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 200),
    st.integers(0, 200),
)
def test_working_hours_add_up(start, first, second):
    middle, end = start + timedelta(hours=first), start + timedelta(hours=first + second)
    assert working_hours(start, middle) + working_hours(middle, end) == pytest.approx(
        working_hours(start, end)
    )
    assert 0 <= working_hours(start, end) <= (end - start).total_seconds() / 3600 + 1e-9
