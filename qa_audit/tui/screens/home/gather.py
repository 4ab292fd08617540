"""What home shows: everything that needs this person now, and how far a new workspace is. Runs in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from qa_audit.tui.text import count

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.store.workspace import Workspace

NEAR_DAYS = 7
"""Audits due within these days stand on home one by one."""
NAMED_AUDITS = 4


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs this person. `place` is where Enter leads; `audit` a form to open at once."""

    number: int
    words: str
    place: str
    note: str = ""
    late: bool = False
    audit: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the cycle in a workspace that is still new."""

    words: str
    place: str
    done: bool


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """All of home."""

    needs: tuple[Need, ...]
    steps: tuple[Step, ...]
    """Empty once the first audit is finished, and for people who do not run the cycle."""
    where: str = ""


_PLACES = {
    "alerts": "alerts",
    "audits": "work",
    "answers": "work",
    "moderation": "moderation",
    "unallocated": "moderation",
    "panels": "moderation",
    "actions": "actions",
    "calibration": "calibration",
}
_LATE = {
    "alerts": "not acknowledged within four working hours",
    "audits": "overdue",
    "moderation": "late",
    "actions": "overdue",
}


def gather(workspace: Workspace, actor: Actor) -> HomeFacts:
    """The facts of home, in the order of urgency."""
    from qa_audit.improvement.status import status_of

    today = workspace.clock().date()
    needs: list[Need] = []
    for line in status_of(workspace, actor):
        note = f"{line.late} {_LATE.get(line.key, 'late')}" if line.late else ""
        words = line.words.partition(" ")[2]
        needs.append(Need(line.count, words, _PLACES.get(line.key, "work"), note, bool(line.late)))
        if line.key == "audits":
            needs += _named_audits(workspace, actor, today)
    needs += _running(workspace, actor)
    return HomeFacts(tuple(needs), _steps(workspace, actor), workspace.where)


def _named_audits(workspace: Workspace, actor: Actor, today: date) -> list[Need]:
    from qa_audit.audits.records import WRITABLE
    from qa_audit.audits.service import my_work
    from qa_audit.tui.cohorts import cohort_words

    found: list[Need] = []
    for row in my_work(workspace, actor):
        if row.status not in WRITABLE:
            continue
        days = (date.fromisoformat(row.due[:10]) - today).days
        if days > NEAR_DAYS or len(found) == NAMED_AUDITS:
            break
        words = f"{row.ref}  case {row.case_ref or row.child_key}, {cohort_words(row.cohort).lower()}"
        found.append(Need(0, words, "work", due_in_words(days), days < 0, row.ref))
    return found


def due_in_words(days: int) -> str:
    """Days until (negative: since) a due date, in words."""
    if days < 0:
        return f"{count(-days, 'day')} overdue"
    return ("due today", "due tomorrow")[days] if days < 2 else f"due in {days} days"


def _running(workspace: Workspace, actor: Actor) -> list[Need]:
    """What the QA unit keeps an eye on: late audits of everybody, audits nobody has, rounds not drawn."""
    if not actor.may("allocate"):
        return []
    from qa_audit.audits.service import count_audits, list_audits
    from qa_audit.sampling.service import rounds

    found = []
    late = [row for row in list_audits(workspace, actor, status="open") if row.overdue_days]
    if late:
        longest = max(row.overdue_days for row in late)
        found.append(
            Need(len(late), _words(len(late), "audit") + " overdue in all rounds", "rounds", f"the longest by {count(longest, 'day')}", True)
        )  # fmt: skip
    if waiting := count_audits(workspace, actor, status="planned"):
        found.append(Need(waiting, _words(waiting, "audit") + " that nobody has yet", "rounds", "allocate"))
    if planned := sum(row.status == "planned" for row in rounds(workspace, actor)):
        found.append(
            Need(planned, _words(planned, "round") + " planned and not drawn", "rounds", "draw the sample")
        )
    return found


def _words(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"


def _steps(workspace: Workspace, actor: Actor) -> tuple[Step, ...]:
    if not actor.may("round.plan"):
        return ()
    from qa_audit.audits.service import list_audits
    from qa_audit.sampling.service import rounds

    every = rounds(workspace, actor)
    audits = list_audits(workspace, actor) if any(row.drawn for row in every) else ()
    states = {row.status for row in audits}
    finished = bool(states & {"final", "shared"})
    if finished:
        return ()
    from qa_audit.frame.service import frames

    submitted = bool(states - {"planned", "allocated", "in_progress", "withdrawn", "exempted"})
    return (
        Step("Import the council's lists of children", "frame", bool(frames(workspace, actor))),
        Step("Plan a round of audits", "rounds", bool(every)),
        Step("Draw its sample in the open", "rounds", any(row.drawn for row in every)),
        Step("Give the cases to auditors", "rounds", bool(states - {"planned"})),
        Step("Audit: fill in the forms", "work", submitted),
        Step("Moderate the grades blind", "moderation", finished),
        Step("Write the moderation summary", "results", False),
    )
