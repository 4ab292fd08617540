"""What was planned, what was done, with whom and how fast."""

from __future__ import annotations

from collections import Counter

from qa_audit.reports import words as say
from qa_audit.reports.document import Column, Sheet, Table, Text, Value
from qa_audit.reports.facts import EXEMPT_STATES, RoundFacts
from qa_audit.reports.figures import (
    NOT_RECORDED,
    SMALL,
    days,
    done,
    fair_share,
    feedback_obtained,
    middle,
    plan_lines,
    ranked,
    share,
)
from qa_audit.reports.words import words


def planned_and_done(facts: RoundFacts) -> Sheet:
    """Table 1: planned, done, exempt, overdue by service and team."""
    lines = plan_lines(facts.audits, facts.as_at)
    rows: list[tuple[Value, ...]] = [
        (
            line.service,
            line.team,
            line.planned,
            line.done,
            fair_share(line.done, line.planned),
            line.overdue,
            line.in_hand,
            line.exempt,
            "Small numbers" if line.planned < SMALL else "",
        )
        for line in lines
    ]
    planned, finished = sum(x.planned for x in lines), sum(x.done for x in lines)
    total = ("All services", "", planned, finished, share(finished, planned), sum(x.overdue for x in lines))
    left = Counter(
        (audit.exempt_reason or NOT_RECORDED, words(say.STATUSES, audit.status))
        for audit in facts.audits
        if audit.status in EXEMPT_STATES
    )
    by_cohort = dict(facts.cohort_words)
    cohorts = Counter(audit.cohort for audit in facts.audits)
    finished_by = Counter(audit.cohort for audit in done(facts))
    return Sheet(
        "Planned and done",
        (
            Text(
                f"As at {facts.as_at.strftime('%d %B %Y').lstrip('0')}. Planned is the sum of done, overdue, "
                "in hand (not yet due) and exempt or withdrawn.",
                "note",
            ),
            Text(""),
            Table(
                "PlanByTeam",
                (
                    Column("Service", width=26),
                    Column("Team", width=26),
                    Column("Planned", "int", 10),
                    Column("Done", "int", 10),
                    Column("Done, share", "percent", 11),
                    Column("Overdue", "int", 10),
                    Column("In hand", "int", 10),
                    Column("Exempt or withdrawn", "int", 12),
                    Column("Remark", width=16),
                ),
                rows,
                caption="By service and team",
                totals=((*total, sum(x.in_hand for x in lines), sum(x.exempt for x in lines), ""),)
                if lines
                else (),
                empty="No audit is planned in this round",
            ),
            Table(
                "PlanByCohort",
                (
                    Column("Cohort", width=26),
                    Column("Cohort key", width=26),
                    Column("Planned", "int"),
                    Column("Done", "int"),
                    Column("Done, share", "percent"),
                ),
                [
                    (
                        by_cohort.get(key) or words(say.COHORTS, key),
                        key,
                        n,
                        finished_by[key],
                        fair_share(finished_by[key], n),
                    )
                    for key, n in sorted(cohorts.items())
                ],
                caption="By cohort",
            ),
            Table(
                "LeftTheRound",
                (Column("Reason", width=26), Column("Kind", width=26), Column("Audits", "int")),
                [(why, kind, n) for (why, kind), n in sorted(left.items(), key=lambda p: (-p[1], p[0]))],
                caption="Why audits left the round",
                empty="No audit left the round",
            ),
        ),
    )


def collaboration(facts: RoundFacts) -> Sheet:
    """Table 5: conversation, the family's view, the worker's own grade, supervision; and reasons why not."""
    finished = done(facts)
    asked: dict[str, list[bool | None]] = {
        "Conversation held with the worker": [audit.conversation_held for audit in finished],
        "Worker graded their own work first": [
            audit.worker_graded or audit.worker_grade is not None for audit in finished
        ],
        "View of the child, family or carer obtained": [feedback_obtained(audit) for audit in finished],
        "Findings discussed in supervision": [audit.in_supervision for audit in finished],
        "Shared with worker and manager": [audit.shared_on is not None for audit in finished],
    }
    rows: list[tuple[Value, ...]] = []
    for name, answers in asked.items():
        yes, no = answers.count(True), answers.count(False)
        rows.append((name, yes, no, len(answers) - yes - no, len(answers), fair_share(yes, len(answers))))
    reasons: Counter[tuple[str, str]] = Counter()
    for audit in finished:
        if audit.conversation_held is False:
            reasons[("Conversation", words(say.NOT_HELD, audit.conversation_reason or "not_recorded"))] += 1
        for one in audit.feedback:
            if one.obtained is False:
                reasons[("Family view", words(say.NOT_OBTAINED, one.not_obtained or "not_recorded"))] += 1
    own = [(a.worker_grade, a.overall.auditor) for a in finished if a.worker_grade and a.overall.auditor]
    heard = Counter(one.who for audit in finished for one in audit.feedback if one.obtained)
    views = [one for audit in finished for one in audit.feedback]
    answers_by: dict[str, list[int | None]] = {
        "Listened to": [one.listened for one in views],
        "Understood the plan": [one.understood for one in views],
        "Things are better": [one.better for one in views],
    }
    scales: list[tuple[Value, ...]] = []
    for name, given in answers_by.items():
        scores = [score for score in given if score is not None]
        high = sum(score >= 7 for score in scores)
        enough = middle(scores) if len(scores) >= 10 else ("shown from 10" if scores else None)
        scales.append((name, len(scores), enough, high, fair_share(high, len(scores))))
    return Sheet(
        "Collaboration",
        (
            Text(
                "Of the audits that are done. 'Not attempted' is a failure to report, not a reason.", "note"
            ),
            Text(""),
            Table(
                "Collaboration",
                (
                    Column("What", width=44),
                    Column("Yes", "int", 16),
                    Column("No", "int", 16),
                    Column("Not recorded", "int", 16),
                    Column("Audits done", "int", 14),
                    Column("Share yes", "percent", 14),
                ),
                rows,
                caption="Done with people",
            ),
            Table(
                "ReasonsWhyNot",
                (Column("What", width=44), Column("Reason", width=16), Column("Times", "int")),
                [
                    (what, why, n)
                    for (what, why), n in sorted(reasons.items(), key=lambda p: (p[0][0], -p[1], p[0][1]))
                ],
                caption="Why not",
                empty="Held and obtained every time",
            ),
            Table(
                "OwnGrade",
                (
                    Column("The worker's own grade", width=44),
                    Column("Audits", "int"),
                    Column("Share", "percent"),
                ),
                [
                    (name, n, fair_share(n, len(own)))
                    for name, n in (
                        ("Same as the auditor's", sum(w == a for w, a in own)),
                        ("Better than the auditor's", sum(w < a for w, a in own)),
                        ("Lower than the auditor's", sum(w > a for w, a in own)),
                    )
                ],
                caption="The worker's own grade beside the auditor's",
            ),
            Table(
                "WhoWasHeard",
                (Column("Who", width=44), Column("Times heard", "int")),
                [(words(say.WHO, who), n) for who, n in ranked(heard)],
                caption="Whose view was obtained",
                empty="Nobody's view was obtained",
            ),
            Table(
                "FamilyScales",
                (
                    Column("Statement, 0 to 10", width=44),
                    Column("Answers", "int"),
                    Column("Median", "days"),
                    Column("Seven or more", "int"),
                    Column("Seven or more, share", "percent"),
                ),
                scales,
                caption="What children and families said",
            ),
        ),
    )


def timeliness(facts: RoundFacts) -> Sheet:
    """Table 6: median days of each step."""
    live = [audit for audit in facts.audits if audit.status not in ("exempted", "withdrawn")]
    steps = (
        ("Planned to allocated", days((a.planned_on, a.allocated_on) for a in live), ""),
        ("Allocated to submitted", days((a.allocated_on, a.submitted_on) for a in live), "10 working days"),
        (
            "Submitted to moderated",
            days((a.submitted_on, a.moderated_on) for a in live),
            f"{facts.moderation_days} working days",
        ),
        ("Moderated to final", days((a.moderated_on, a.final_on) for a in live), ""),
        ("Final to shared", days((a.final_on, a.shared_on) for a in live), "2 working days"),
    )
    late = [a for a in live if a.submitted_on and a.due_on]
    on_time = sum(a.submitted_on <= a.due_on for a in late if a.submitted_on and a.due_on)
    services = sorted({a.service or NOT_RECORDED for a in live})
    by_service: list[tuple[Value, ...]] = []
    for service in services:
        here = [a for a in live if (a.service or NOT_RECORDED) == service]
        first = days((a.allocated_on, a.submitted_on) for a in here)
        second = days((a.submitted_on, a.moderated_on) for a in here)
        by_service.append((service, len(first), middle(first), len(second), middle(second)))
    return Sheet(
        "Timeliness",
        (
            Text(
                f"Calendar days; the standards are in working days. Submitted by the due date: {on_time} of {len(late)}.",
                "note",
            ),
            Text(""),
            Table(
                "Timeliness",
                (
                    Column("Step", width=32),
                    Column("Audits", "int", 14),
                    Column("Median days", "days", 16),
                    Column("Longest, days", "int", 16),
                    Column("Standard", width=18),
                ),
                [
                    (name, len(found), middle(found), max(found, default=None), rule)
                    for name, found, rule in steps
                ],
                caption="Each step",
            ),
            Table(
                "TimelinessByService",
                (
                    Column("Service", width=32),
                    Column("Submitted", "int"),
                    Column("Allocated to submitted, median days", "days", 16),
                    Column("Moderated", "int"),
                    Column("Submitted to moderated, median days", "days", 18),
                ),
                by_service,
                caption="By service",
            ),
        ),
        landscape=False,
    )
