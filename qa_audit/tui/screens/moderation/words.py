"""What moderation says: due dates, steps between grades, why an audit was chosen, what follows. Pure."""

from __future__ import annotations

from datetime import date

from qa_audit.grades import Grade
from qa_audit.moderation.records import Decision, SectionComparison
from qa_audit.tui.listing import Cell
from qa_audit.tui.text import BAD, MUTED, WARN, day, listed

OVERALL = "OV"
BLIND_NOW = "Blind: the auditor's grades are hidden until yours are locked."
NOT_BLIND = "Not blind: this round shows the auditor's grades. That makes agreement look better than it is."
_NUMBERS = ("no", "one", "two", "three")
COHORTS = {
    "contact": "Contact", "early_help": "Early help", "referral": "Referral", "assessment": "Assessment",
    "section_47": "Section 47", "child_in_need": "Child in need", "child_protection": "Child protection",
    "child_in_care": "Child in care", "care_leaver": "Care leaver", "adoption": "Adoption",
}  # fmt: skip
OPEN_STATES = ("queued", "grading", "graded")
_STATES = {
    "queued": "To grade",
    "grading": "Being graded",
    "graded": "To decide",
    "decided": "Decided",
    "returned": "Returned",
    "panel": "At panel",
    "closed": "Closed",
}


def state_words(state: str) -> str:
    """The state of a moderation in two words."""
    return _STATES.get(state, state)


def cohort_words(key: str) -> str:
    """A cohort in words; an unknown one as it is."""
    return COHORTS.get(key, key.replace("_", " ").capitalize())


def due_cell(due: str, late_days: int, state: str, today: date) -> Cell:
    """When it is due, the worst news in words first."""
    when = date.fromisoformat(due[:10])
    if state not in OPEN_STATES:
        return Cell(f"was {when:%d/%m/%Y}", MUTED)
    if late_days:
        return Cell(f"{late_days} day{'s' * (late_days != 1)} late", BAD)
    left = (when - today).days
    if left == 0:
        return Cell("due today", WARN)
    if left == 1:
        return Cell("due tomorrow", WARN)
    return Cell(f"due in {left} days", "" if left > 2 else WARN)


def shift_words(shift: int | None) -> str:
    """The auditor against the second grade: "one step more generous", "two steps harsher", "the same"."""
    if shift is None:
        return "not comparable"
    if shift == 0:
        return "the same"
    steps = abs(shift)
    return f"{_NUMBERS[min(steps, 3)]} step{'s' * (steps != 1)} {'more generous' if shift > 0 else 'harsher'}"


def short_shift(shift: int | None) -> str:
    """The same in a narrow column."""
    if shift is None:
        return "-"
    return "same" if shift == 0 else f"{abs(shift)} {'generous' if shift > 0 else 'harsher'}"


def reading(comparison: tuple[SectionComparison, ...]) -> str:
    """How the two graders compare, in a sentence that needs no statistics."""
    both = [one for one in comparison if one.auditor is not None and one.blind is not None]
    if not both:
        return "There is nothing to compare yet."
    shifts = [int(one.blind or 0) - int(one.auditor or 0) for one in both]
    same, generous, harsh = shifts.count(0), sum(s > 0 for s in shifts), sum(s < 0 for s in shifts)
    words = f"{same} of {len(both)} the same"
    differ = generous + harsh
    if not differ:
        return f"{words}."
    if generous and harsh:
        return f"{words}; where you differ the auditor was more generous {_times(generous)} and harsher {_times(harsh)}."
    many = f"{differ} times out of {differ}" if differ > 1 else "that one time"
    return f"{words}; where you differ the auditor was {'more generous' if generous else 'harsher'} {many}."


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def follows_words(auditor: Grade | None, standing: Grade | None, changed: int) -> str:
    """What deciding will lead to, said before it is done (practice.md 1.3)."""
    if auditor is not None and standing is not None and auditor is not standing:
        if abs(int(auditor) - int(standing)) >= 2:
            return "The overall case grade moves two steps, so a panel decides."
        if Grade.INADEQUATE in (auditor, standing):
            way = "into" if standing is Grade.INADEQUATE else "out of"
            return f"The overall case grade moves {way} Inadequate, so a panel decides."
    if not changed:
        return "Nothing changes, so the audit becomes final at once."
    return "Grades change, so the auditor has five working days to accept or dispute."


def said_date(words: str) -> str:
    """A sentence of a service with its ISO date as people write dates."""
    parts = words.split(" ")
    for at, part in enumerate(parts):
        bare = part.rstrip(".,;")
        if len(bare) == 10 and bare[4:5] == "-":
            try:
                parts[at] = part.replace(bare, day(date.fromisoformat(bare)))
            except ValueError:
                continue
    return " ".join(parts)


def stand_of(own: dict[tuple[str, str], str], one: SectionComparison) -> Grade | None:
    """The grade that is to stand: as chosen; by itself only where both graders agree."""
    from qa_audit.grades import parse_grade

    chosen = parse_grade(own.get((one.section, "stand"), ""))
    if chosen is not None:
        return chosen
    return one.auditor if one.auditor is not None and one.auditor == one.blind else None


def reason_of(own: dict[tuple[str, str], str], section: str) -> tuple[str, str]:
    """Reason code and words written for a section."""
    return own.get((section, "why_code"), ""), own.get((section, "why"), "").strip()


def open_points(
    own: dict[tuple[str, str], str], comparison: tuple[SectionComparison, ...]
) -> list[tuple[str, str]]:
    """(section, what is still missing) before a moderation can be decided."""
    found = []
    for one in comparison:
        if one.auditor is None:
            continue
        stand = stand_of(own, one)
        if stand is None:
            found.append((one.section, f"{one.title}: which grade is to stand?"))
        elif stand is not one.auditor and not all(reason_of(own, one.section)):
            found.append((one.section, f"{one.title}: the reason for the change, as a code and in words"))
    return found


def decisions(
    own: dict[tuple[str, str], str], comparison: tuple[SectionComparison, ...]
) -> tuple[Decision, ...]:
    """Every section as it is decided. Ask `open_points` first."""
    found = []
    for one in comparison:
        stand = stand_of(own, one)
        if one.auditor is None or stand is None:
            continue
        code, why = reason_of(own, one.section) if stand is not one.auditor else ("", "")
        found.append(Decision(one.section, stand, code, why))
    return tuple(found)


def changes_words(found: tuple[Decision, ...], comparison: tuple[SectionComparison, ...]) -> str:
    """Which sections change, in a sentence."""
    first = {one.section: one for one in comparison}
    changed = [first[d.section] for d in found if d.grade is not first[d.section].auditor]
    if not changed:
        return "You agree with every grade."
    names = [one.title for one in changed[:4]]
    if len(changed) > 4:
        names.append(f"{len(changed) - 4} more")
    return f"{len(changed)} of {len(found)} grades change: {listed(names)}."
