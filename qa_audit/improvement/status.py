"""What is waiting for a person: the lines of `qa-audit status` and of the app's home."""

from __future__ import annotations

from dataclasses import dataclass

from qa_audit.access.policy import Actor
from qa_audit.audits import alert_service
from qa_audit.audits import service as audits
from qa_audit.audits.records import WRITABLE
from qa_audit.improvement.recovery import recoveries
from qa_audit.improvement.service import actions
from qa_audit.moderation import calibration_service, deciding
from qa_audit.moderation import service as moderation
from qa_audit.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One kind of thing that waits: how many, how many of them late, and in words."""

    key: str
    count: int
    late: int
    words: str


def status_of(workspace: Workspace, actor: Actor) -> tuple[StatusLine, ...]:
    """Everything that waits for the actor, the most urgent first; kinds with nothing are left out."""
    found: list[StatusLine] = []
    if actor.may("alert.read"):
        open_alerts = alert_service.alerts(workspace, actor, open_only=True)
        late = sum(one.late and one.state == "raised" for one in open_alerts)
        found.append(
            StatusLine(
                "alerts",
                len(open_alerts),
                late,
                _count(len(open_alerts), "safeguarding alert open", "safeguarding alerts open"),
            )
        )
    if actor.may("audit.work"):
        mine = audits.my_work(workspace, actor)
        todo = [one for one in mine if one.status in WRITABLE]
        late = sum(one.overdue_days > 0 for one in todo)
        found.append(StatusLine("audits", len(todo), late, _count(len(todo), "audit to do", "audits to do")))
        answer = sum(one.status == "moderated" for one in mine)
        found.append(
            StatusLine(
                "answers",
                answer,
                0,
                _count(
                    answer, "moderated audit waits for your answer", "moderated audits wait for your answer"
                ),
            )
        )
    if actor.may("moderation.work"):
        queue = moderation.queue(workspace, actor)
        waiting = [one for one in queue if one.state in {"queued", "grading", "graded"}]
        found.append(
            StatusLine(
                "moderation",
                len(waiting),
                sum(one.late_days > 0 for one in waiting),
                _count(len(waiting), "audit to moderate", "audits to moderate"),
            )
        )
    if actor.may("moderation.manage"):
        unallocated = sum(not one.moderator for one in moderation.queue(workspace, actor, everyone=True))
        found.append(
            StatusLine(
                "unallocated",
                unallocated,
                0,
                _count(unallocated, "moderation has no moderator", "moderations have no moderator"),
            )
        )
    if actor.may("calibration.take"):
        blind, late = calibration_service.cases_waiting(workspace, actor)
        words = _count(blind, "calibration case to grade", "calibration cases to grade")
        found.append(StatusLine("calibration", blind, late, words))
    if actor.may("panel.decide"):
        waiting_panels = len(deciding.panels(workspace, actor))
        found.append(
            StatusLine("panels", waiting_panels, 0, _count(waiting_panels, "panel to hold", "panels to hold"))
        )
    if actor.may("recovery.record"):
        without = recoveries(workspace, actor)
        late = sum(one.overdue_days > 0 for one in without)
        words = _count(
            len(without),
            "Inadequate case without a recovery plan",
            "Inadequate cases without a recovery plan",
        )
        found.append(StatusLine("recovery", len(without), late, words))
    if actor.may("action.read"):
        open_actions = [one for one in actions(workspace, actor, open_only=True) if one.state == "open"]
        overdue = sum(one.overdue_days > 0 for one in open_actions)
        found.append(
            StatusLine(
                "actions",
                len(open_actions),
                overdue,
                _count(len(open_actions), "action open", "actions open"),
            )
        )
    return tuple(line for line in found if line.count)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
