"""An action in words: how late, whose, what shows that it helped. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from textual.content import Content

from qa_audit.reports.words import ACTION_KINDS as TYPES
from qa_audit.reports.words import PRIORITIES, PURPOSES
from qa_audit.tui.listing import Cell
from qa_audit.tui.text import ACCENT, BAD, MUTED, OK, STRONG, WARN, join, lines, say, short_day, wrap

if TYPE_CHECKING:
    from qa_audit.improvement.service import ActionRow

OPEN, DONE, VERIFIED = "open", "done", "verified"
STATES = {OPEN: "Open", DONE: "Done, to be verified", VERIFIED: "Verified"}
AGES = (
    (0, "not yet due"),
    (7, "1-7 days late"),
    (30, "8-30 days late"),
    (90, "31-90 days late"),
    (10**6, "over 90 days late"),
)


def due_cell(row: ActionRow, today: date) -> Cell:
    """When it is due, or how late it is, or that it is over."""
    if row.state == VERIFIED:
        return Cell("verified", OK)
    if row.state == DONE:
        return Cell("to verify", WARN)
    if not row.due:
        return Cell("no due date", WARN)
    if row.overdue_days:
        return Cell(f"{row.overdue_days} day{'s' * (row.overdue_days != 1)} late", BAD)
    left = (date.fromisoformat(row.due[:10]) - today).days
    return Cell(
        "due today" if left == 0 else f"due in {left} day{'s' * (left != 1)}", WARN if left <= 2 else ""
    )


def ageing_line(rows: Iterable[ActionRow]) -> Content:
    """Open actions by how late they are, in one line."""
    found: Counter[str] = Counter()
    for row in rows:
        if row.state == OPEN:
            found[next(words for most, words in AGES if row.overdue_days <= most)] += 1
    if not found:
        return say("No action is open.", MUTED)
    pieces = [
        join((f"{found[words]} ", BAD if most else STRONG), (words, "" if most else MUTED))
        for most, words in AGES
        if found[words]
    ]
    return join(("Open: ", MUTED), *pieces, gap="   ")


def about(row: ActionRow, width: int) -> Content:
    """Everything about one action."""
    head = join(
        (row.ref, f"{STRONG} {ACCENT}"),
        (f"   {STATES.get(row.state, row.state)}", STRONG),
        (
            f"   {PRIORITIES.get(row.priority, row.priority)} priority" if row.priority != "normal" else "",
            WARN,
        ),
    )
    rows = [head, *wrap(row.what, width)]
    who = [
        TYPES.get(row.type, row.type),
        PURPOSES.get(row.purpose, row.purpose).lower(),
        f"owner: {row.owner_role}",
    ]
    place = [
        f"audit {row.audit_ref}" if row.audit_ref else "",
        f"case {row.case_ref}" if row.case_ref else "",
        f"team {row.team}" if row.team else "",
        f"section {row.section}" if row.section else "",
    ]
    rows += wrap(say(" · ".join(part for part in (*who, *place) if part), MUTED), width)
    rows += wrap(join(("How we will know: ", MUTED), row.success or "not said"), width, indent=2, first=0)
    if row.due:
        rows.append(join(("Due: ", MUTED), short_day(date.fromisoformat(row.due[:10]))))
    if row.done_at:
        rows += wrap(join((f"Done {_day(row.done_at)}: ", MUTED), row.done_note), width, indent=2, first=0)
    if row.verified_note:
        words = f"Verified {_day(row.verified_at)}: " if row.verified_at else "Opened again: "
        rows += wrap(join((words, MUTED), row.verified_note), width, indent=2, first=0)
    taken = (
        f"taken into supervision {_day(row.in_supervision_on)}"
        if row.in_supervision_on
        else "not yet taken into supervision"
    )
    rows.append(say(taken[:1].upper() + taken[1:], MUTED if row.in_supervision_on else WARN))
    return lines(rows)


def _day(stamp: str) -> str:
    return short_day(date.fromisoformat(stamp[:10]))
