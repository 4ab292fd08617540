"""The pages about the work itself: coverage, people and time, actions, alerts. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content

from qa_audit.tui.listing import Cell
from qa_audit.tui.screens.dashboard import pictures
from qa_audit.tui.screens.dashboard.page import Figure, Page, refs, table, words
from qa_audit.tui.text import BAD, STRONG, say

if TYPE_CHECKING:
    from qa_audit.reports.facts import AuditFacts, RoundFacts


def coverage_page(facts: RoundFacts) -> Page:
    """What was planned and done, by team and by cohort."""
    from qa_audit.reports import figures
    from qa_audit.reports.sheets import coverage

    sheet = coverage.planned_and_done(facts)
    teams, cohorts = table(sheet, "PlanByTeam"), table(sheet, "PlanByCohort")
    assert teams is not None
    assert cohorts is not None
    found = []
    for service, team, planned, finished, share, overdue, hand, exempt, _ in teams.rows:
        here = [
            a
            for a in facts.audits
            if (a.team or figures.NOT_RECORDED) == team and (a.service or figures.NOT_RECORDED) == service
        ]
        says = (
            f"{finished} done ({words(share, 'percent')}), {overdue} overdue, {hand} in hand, {exempt} exempt"
        )
        found.append(Figure(str(team), words(planned), Cell(says, BAD if overdue else ""), refs(here)))
    for name, key, planned, finished, share in cohorts.rows:
        here = [a for a in facts.audits if a.cohort == key]
        found.append(
            Figure(
                Cell(str(name), STRONG),
                words(planned),
                f"{finished} done ({words(share, 'percent')})",
                refs(here),
            )
        )
    names = {str(row[1]): str(row[0]) for row in cohorts.rows}
    keys = sorted({(a.team or figures.NOT_RECORDED) for a in facts.audits})
    grid = {
        (team, cohort): [
            a for a in facts.audits if (a.team or figures.NOT_RECORDED) == team and a.cohort == cohort
        ]
        for team in keys
        for cohort in names
    }
    done = {
        place: sum(figures.standing(a, facts.as_at) == "done" for a in audits)
        for place, audits in grid.items()
    }
    planned_ = {place: len(audits) for place, audits in grid.items()}
    return Page(
        "coverage", "Coverage", tuple(found), lambda width: pictures.coverage(keys, names, done, planned_, width),
        "Audits done of those planned, by team and cohort.",
        "Planned",
    )  # fmt: skip


def together_page(facts: RoundFacts) -> Page:
    """Worker and family in the audits, and how long each step took."""
    from qa_audit.reports import figures
    from qa_audit.reports.sheets import coverage

    finished = figures.done(facts)
    found = []
    block = table(coverage.collaboration(facts), "Collaboration")
    tests: dict[str, Callable[[AuditFacts], bool]] = {
        "Conversation held with the worker": lambda a: a.conversation_held is True,
        "Worker graded their own work first": lambda a: a.worker_grade is not None,
        "View of the child, family or carer obtained": lambda a: figures.feedback_obtained(a) is True,
        "Findings discussed in supervision": lambda a: a.in_supervision is True,
        "Shared with worker and manager": lambda a: a.shared_on is not None,
    }
    for what, yes, no, unknown, whole, share in block.rows if block is not None else ():
        says = f"{words(share, 'percent')}: {yes} yes, {no} no, {unknown} not recorded"
        test = tests.get(str(what))
        found.append(Figure(str(what), words(whole), says, refs([a for a in finished if test and test(a)])))
    steps = table(coverage.timeliness(facts), "Timeliness")
    for step, n, median, longest, rule in steps.rows if steps is not None else ():
        says = f"median {words(median)} days, longest {words(longest)}" if n else "none yet"
        found.append(Figure(str(step), words(n), says + (f"; standard {rule}" if rule else "")))
    return Page(
        "together",
        "People and time",
        tuple(found),
        note="Days are calendar days; standards are in working days.",
    )


def actions_page(facts: RoundFacts) -> Page:
    """Open actions by age, and every action by where it stands."""
    from qa_audit.reports import figures
    from qa_audit.reports import words as say_words

    ages = figures.action_ages(facts.actions, facts.as_at)
    stands = [(a, figures.action_standing(a, facts.as_at)) for a in facts.actions]
    found = []
    for age, n in ages:
        here = {a.audit_ref for a, _ in stands if dict(figures.action_ages([a], facts.as_at)).get(age)}
        found.append(
            Figure(
                Cell(age, BAD if n and "overdue" in age else ""), str(n), "open actions", tuple(sorted(here))
            )
        )
    for key, name in say_words.ACTION_STANDINGS.items():
        here = {a.audit_ref for a, stand in stands if stand == key}
        n = sum(stand == key for _, stand in stands)
        share = figures.percent(n, len(stands)) if stands else "none"
        found.append(
            Figure(Cell(name, STRONG), str(n), f"{share} of {len(stands)} raised", tuple(sorted(here)))
        )
    return Page(
        "actions",
        "Actions",
        tuple(found),
        lambda width: pictures.ageing(ages, width),
        "Open actions by how late they are. The place Actions lists each.",
        "Actions",
    )


def alerts_page(facts: RoundFacts) -> Page:
    """Alerts with how fast they were acknowledged, and the Inadequate cases."""
    from qa_audit.reports.figures import hours_words
    from qa_audit.reports.summary import alert_words, inadequate, inadequate_words

    found = []
    for audit in facts.audits:
        for alert in audit.alerts:
            waited = "NOT YET ACKNOWLEDGED"
            if alert.acknowledged_at:
                waited = f"acknowledged in {hours_words(alert.raised_at, alert.acknowledged_at)}"
            closed = "closed" if alert.closed_at else "open"
            found.append(
                Figure(
                    f"Alert {alert.ref}",
                    audit.ref,
                    Cell(
                        f"Raised {alert.raised_at:%d/%m/%Y %H:%M}, {waited}, {closed}",
                        "" if alert.acknowledged_at else BAD,
                    ),
                    (audit.ref,),
                )
            )
    for audit in inadequate(facts):
        plan = (
            f"recovery plan on file {audit.recovery_plan_on:%d/%m/%Y}"
            if audit.recovery_plan_on
            else "WITHOUT a recovery plan on file"
        )
        found.append(
            Figure("Inadequate", audit.ref, Cell(plan, "" if audit.recovery_plan_on else BAD), (audit.ref,))
        )

    def draw(width: int) -> list[Content]:
        both = (alert_words(facts), inadequate_words(facts))
        return [say(text[:1].upper() + text[1:] + ".", STRONG) for text in both]

    return Page("alerts", "Alerts", tuple(found), draw, counted="Audit")
