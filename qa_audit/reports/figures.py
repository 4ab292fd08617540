"""The figures of a round, counted from its facts: exact counts, shares and medians, nothing weighted.

Grades are ordered and never averaged; the one arithmetic on them is the signed shift (second
opinion minus auditor, in grade steps, positive = the auditor was more generous). Shares under five
cases are said as "3 of 4"; that is a courtesy to readers, not disclosure control.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any, Literal

from qa_audit.grades import Grade
from qa_audit.reports.facts import (
    DONE_STATES,
    EXEMPT_STATES,
    ActionFacts,
    AuditFacts,
    EarlierAuditFacts,
    GradeTrail,
    RoundFacts,
    SectionFacts,
)

SMALL = 5
"""Below this many cases a row is flagged small and no percentage is printed."""
NOT_RECORDED = "Not recorded"

Standing = Literal["done", "exempt", "overdue", "in_hand"]


def standing(audit: AuditFacts, as_at: date) -> Standing:
    """Where an audit stands on the day: done, out of the plan, overdue, or still in hand.

    Every planned audit has exactly one standing, so the four always add up to the plan.
    """
    if audit.status in EXEMPT_STATES:
        return "exempt"
    if audit.status in DONE_STATES:
        return "done"
    if audit.status == "lapsed" or (audit.due_on is not None and audit.due_on < as_at):
        return "overdue"
    return "in_hand"


def done(facts: RoundFacts) -> tuple[AuditFacts, ...]:
    """The audits whose auditor has finished."""
    return tuple(audit for audit in facts.audits if audit.status in DONE_STATES)


def share(part: int, whole: int) -> float | None:
    """A share 0-1; None of nothing."""
    return part / whole if whole else None


def percent(part: int, whole: int) -> str:
    """A share in words, whole percent, five up: '89%'; 'none' of nothing."""
    return f"{(200 * part + whole) // (2 * whole)}%" if whole else "none"


def fair_share(part: int, whole: int) -> float | str | None:
    """A share for a table: a figure from five cases on, '3 of 4' below, empty of nothing."""
    if not whole:
        return None
    return part / whole if whole >= SMALL else f"{part} of {whole}"


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Planned = done + exempt + overdue + in hand."""

    service: str
    team: str
    planned: int
    done: int
    exempt: int
    overdue: int
    in_hand: int


def plan_lines(audits: Iterable[AuditFacts], as_at: date) -> tuple[PlanLine, ...]:
    """One line per service and team, by name."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for audit in audits:
        key = (audit.service or NOT_RECORDED, audit.team or NOT_RECORDED)
        found.setdefault(key, Counter())[standing(audit, as_at)] += 1
    return tuple(
        PlanLine(*key, c.total(), c["done"], c["exempt"], c["overdue"], c["in_hand"])
        for key, c in sorted(found.items())
    )


def grade_counts(grades: Iterable[Grade | None]) -> tuple[int, int, int, int]:
    """How many of each grade, Outstanding first; ungraded are left out."""
    found = Counter(grade for grade in grades if grade)
    return (found[Grade(1)], found[Grade(2)], found[Grade(3)], found[Grade(4)])


def ranked(found: Mapping[str, int]) -> list[tuple[str, int]]:
    """The most frequent first, then by name."""
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def good_or_better(counts: Sequence[int]) -> int:
    """How many are Good or Outstanding."""
    return counts[0] + counts[1]


def month_of(day: date) -> str:
    """'2026-09', which sorts as it reads."""
    return f"{day.year:04d}-{day.month:02d}"


def month_words(month: str) -> str:
    """'2026-09' as 'Sep 2026'."""
    return date(int(month[:4]), int(month[5:]), 1).strftime("%b %Y")


def last_months(as_at: date, count: int = 6) -> tuple[str, ...]:
    """The months up to and with that of `as_at`, oldest first."""
    index = as_at.year * 12 + as_at.month - 1
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(index - count + 1, index + 1))


@dataclass(frozen=True, slots=True)
class Graded:
    """One graded audit of this round or an earlier one, reduced to what trends need."""

    month: str
    trail: GradeTrail
    sections: tuple[SectionFacts, ...]


def graded(facts: RoundFacts) -> tuple[Graded, ...]:
    """Every finished audit of this round and the earlier ones with the month of its submission."""
    rows: list[AuditFacts | EarlierAuditFacts] = [*done(facts), *facts.earlier]
    return tuple(
        Graded(month_of(row.submitted_on), row.overall, row.sections)
        for row in rows
        if row.submitted_on and row.submitted_on <= facts.as_at
    )


def shift(pair: tuple[Grade, Grade]) -> int:
    """Second opinion minus auditor in grade steps; positive = the auditor was more generous."""
    return int(pair[1]) - int(pair[0])


def pairs(audits: Iterable[AuditFacts]) -> tuple[tuple[Grade, Grade], ...]:
    """The double-graded overall grades: auditor first, second opinion second."""
    return tuple(pair for audit in audits if (pair := audit.overall.pair))


@dataclass(frozen=True, slots=True)
class Drift:
    """How double-graded audits moved. `mean` is None without any."""

    n: int
    exact: int
    generous: int
    harsh: int
    mean: float | None


def drift(found: Iterable[tuple[Grade, Grade]]) -> Drift:
    """Counts and the mean signed shift of pairs (auditor, second opinion)."""
    steps = [shift(pair) for pair in found]
    return Drift(
        len(steps),
        steps.count(0),
        sum(step > 0 for step in steps),
        sum(step < 0 for step in steps),
        sum(steps) / len(steps) if steps else None,
    )


def agreement(found: Sequence[tuple[Grade, Grade]]) -> Mapping[str, Any]:
    """The agreement figures by the contract's names; {} when nothing was double-graded."""
    if not found:
        return {}
    from qa_audit.moderation.agreement import agreement_summary

    return agreement_summary([(int(a), int(b)) for a, b in found]).as_json()


def band(exact: int, n: int, facts: RoundFacts) -> str:
    """The band of exact agreement in words, by the council's bounds; none below its number of double-graded audits."""
    if n < facts.indicative_from:
        return f"Too few to judge ({n} double-graded; bands start at {facts.indicative_from})"
    strong, watch, act = bands_words(facts)
    if 100 * exact >= facts.green_from * n:
        return f"Strong: {strong}"
    return f"Watch: {watch}" if 100 * exact >= facts.amber_from * n else f"Act: {act}"


def bands_words(facts: RoundFacts) -> tuple[str, str, str]:
    """The three bands of exact agreement: '80% or more', '65% to 79%', 'below 65%'."""
    green, amber = facts.green_from, facts.amber_from
    watch = f"{amber}%" if green - 1 == amber else f"{amber}% to {green - 1}%"
    return f"{green}% or more", watch if green > amber else "no band", f"below {amber}%"


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One practice area: final grades now, the share in the quarter before, and its double grades."""

    code: str
    title: str
    counts: tuple[int, int, int, int]
    before: tuple[int, int, int, int]
    drift: Drift

    @property
    def n(self) -> int:
        """Graded sections in this round."""
        return sum(self.counts)


def area_lines(facts: RoundFacts) -> tuple[AreaLine, ...]:
    """Each practice area graded in the round or the quarter before it, in the library's order."""
    now: dict[str, list[GradeTrail]] = {}
    before: dict[str, list[GradeTrail]] = {}
    titles = dict(facts.section_titles)
    first, last = quarter_before(facts.period_start)
    for audit in done(facts):
        for section in audit.sections:
            titles.setdefault(section.code, section.title)
            now.setdefault(section.code, []).append(section.grades)
    for earlier in facts.earlier:
        if first <= earlier.submitted_on <= last:
            for section in earlier.sections:
                titles.setdefault(section.code, section.title)
                before.setdefault(section.code, []).append(section.grades)
    order = {code: index for index, code in enumerate(titles)}
    return tuple(
        AreaLine(
            code,
            titles[code] or code,
            grade_counts(trail.final for trail in now.get(code, ())),
            grade_counts(trail.final for trail in before.get(code, ())),
            drift(pair for trail in now.get(code, ()) if (pair := trail.pair)),
        )
        for code in sorted({*now, *before}, key=lambda c: order[c])
    )


def quarter_before(start: date) -> tuple[date, date]:
    """First and last day of the three months before the day."""
    index = start.year * 12 + start.month - 1 - 3
    day = min(start.day, 28)
    return date(index // 12, index % 12 + 1, day), date.fromordinal(start.toordinal() - 1)


def days(pairs_of_days: Iterable[tuple[date | None, date | None]]) -> tuple[int, ...]:
    """Calendar days between two dates where both are known and in order."""
    return tuple((b - a).days for a, b in pairs_of_days if a and b and b >= a)


def middle(values: Sequence[float]) -> float | None:
    """The median, exact; None of nothing."""
    return float(median(values)) if values else None


def hours_words(start: datetime, end: datetime) -> str:
    """How long it took: '25 min', '2 h', '3 days'."""
    minutes = max(0, int((end - start).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


ActionStanding = Literal["not_due", "overdue", "done", "verified", "withdrawn"]


def action_standing(action: ActionFacts, as_at: date) -> ActionStanding:
    """Where an action stands: each has exactly one standing, so they add up to those raised."""
    if action.withdrawn_on:
        return "withdrawn"
    if action.verified_on:
        return "verified"
    if action.done_on:
        return "done"
    return "overdue" if action.due_on and action.due_on < as_at else "not_due"


AGES = (
    "Not yet due",
    "1-7 days overdue",
    "8-30 days overdue",
    "31-90 days overdue",
    "Over 90 days overdue",
    "No due date",
)


def action_ages(actions: Iterable[ActionFacts], as_at: date) -> tuple[tuple[str, int], ...]:
    """Open actions by age, in the order of `AGES`; they add up to not due + overdue."""
    found: Counter[str] = Counter()
    for action in actions:
        if action_standing(action, as_at) not in ("not_due", "overdue"):
            continue
        late = (as_at - action.due_on).days if action.due_on else None
        if late is None:
            found[AGES[5]] += 1
        else:
            found[
                AGES[0 if late <= 0 else 1 if late <= 7 else 2 if late <= 30 else 3 if late <= 90 else 4]
            ] += 1
    return tuple((age, found[age]) for age in AGES)


@dataclass(frozen=True, slots=True)
class AuditorLine:
    """One auditor, under a code."""

    code: str
    plan: PlanLine
    counts: tuple[int, int, int, int]
    """The auditor's own overall grades."""
    drift: Drift
    overrides: int


def auditor_lines(facts: RoundFacts) -> tuple[AuditorLine, ...]:
    """One line per auditor by code; two people who share a code stay two lines."""
    found: dict[tuple[str, str], list[AuditFacts]] = {}
    for audit in facts.audits:
        if audit.auditor_code or audit.auditor_id:
            found.setdefault((audit.auditor_code or NOT_RECORDED, audit.auditor_id), []).append(audit)
    lines = []
    for (code, _), audits in sorted(found.items()):
        c = Counter(standing(audit, facts.as_at) for audit in audits)
        plan = PlanLine("", "", c.total(), c["done"], c["exempt"], c["overdue"], c["in_hand"])
        finished = [audit for audit in audits if audit.status in DONE_STATES]
        lines.append(
            AuditorLine(
                code,
                plan,
                grade_counts(audit.overall.auditor for audit in finished),
                drift(pairs(finished)),
                sum(bool(audit.override_reason) for audit in finished),
            )
        )
    return tuple(lines)


def feedback_obtained(audit: AuditFacts) -> bool | None:
    """Was anybody's view obtained? None when nothing was recorded at all."""
    answers = [one.obtained for one in audit.feedback if one.obtained is not None]
    return any(answers) if answers else None


def all_verified(facts: RoundFacts) -> tuple[int, int]:
    """Audits whose actions are all verified, and audits that have actions (withdrawn ones left out)."""
    found: dict[str, list[bool]] = {}
    for action in facts.actions:
        if not action.withdrawn_on:
            found.setdefault(action.audit_ref, []).append(action.verified_on is not None)
    return sum(all(states) for states in found.values()), len(found)
