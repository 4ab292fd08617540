"""What changes: actions and themes."""

from __future__ import annotations

from collections import Counter

from qa_audit.reports import words as say
from qa_audit.reports.document import Chart, Charts, Column, Sheet, Table, Text, Value
from qa_audit.reports.facts import RoundFacts
from qa_audit.reports.figures import (
    NOT_RECORDED,
    ActionStanding,
    action_ages,
    action_standing,
    done,
    fair_share,
)
from qa_audit.reports.words import words


def actions_chart() -> Chart:
    """Open actions by age."""
    return Chart(
        "bar",
        "Open actions by age",
        "ActionAgeing",
        "Age",
        ("Open actions",),
        y_title="Actions",
        alt="Open actions by how long they are overdue; the counts are in table ActionAgeing.",
    )


def actions(facts: RoundFacts) -> Sheet:
    """Table 7: raised, due, overdue, done, verified by kind; ageing; and every action."""
    found = [(action, action_standing(action, facts.as_at)) for action in facts.actions]
    order: tuple[ActionStanding, ...] = ("not_due", "overdue", "done", "verified", "withdrawn")
    rows: list[tuple[Value, ...]] = []
    for kind in say.ACTION_KINDS:
        for purpose in say.PURPOSES:
            c = Counter(s for action, s in found if (action.kind, action.purpose) == (kind, purpose))
            rows.append(
                (say.ACTION_KINDS[kind], say.PURPOSES[purpose], c.total(), *(c[name] for name in order))
            )
    odd = Counter(s for a, s in found if a.kind not in say.ACTION_KINDS or a.purpose not in say.PURPOSES)
    if odd:
        rows.append((NOT_RECORDED, NOT_RECORDED, odd.total(), *(odd[name] for name in order)))
    whole = Counter(s for _, s in found)
    return Sheet(
        "Actions",
        (
            Table(
                "ActionsByKind",
                (
                    Column("Who has to change", width=24),
                    Column("Purpose", width=20),
                    Column("Raised", "int", 14),
                    Column("Open, not yet due", "int", 14),
                    Column("Open, overdue", "int", 14),
                    Column("Done, to be verified", "int", 13),
                    Column("Verified", "int", 14),
                    Column("Withdrawn", "int", 14),
                ),
                rows,
                caption="Raised, due, done and verified",
                totals=(("All actions", "", len(found), *(whole[name] for name in order)),),
            ),
            Charts((actions_chart(),)),
            Table(
                "ActionAgeing",
                (Column("Age", width=24), Column("Open actions", "int")),
                list(action_ages(facts.actions, facts.as_at)),
                caption="Open actions by age",
            ),
        ),
    )


def action_list(facts: RoundFacts) -> Sheet:
    """Every action of the round, the earliest due date first."""
    found = [(action, action_standing(action, facts.as_at)) for action in facts.actions]
    listed: list[tuple[Value, ...]] = [
        (
            a.ref,
            a.audit_ref,
            a.what,
            words(say.ACTION_KINDS, a.kind),
            words(say.PURPOSES, a.purpose),
            words(say.PRIORITIES, a.priority),
            a.owner_role,
            a.service,
            a.team,
            a.section,
            a.raised_on,
            a.due_on,
            a.done_on,
            a.verified_on,
            say.ACTION_STANDINGS[where],
            a.success,
        )
        for a, where in sorted(found, key=lambda pair: (pair[0].due_on or facts.as_at, pair[0].ref))
    ]
    return Sheet(
        "Action list",
        (
            Table(
                "ActionList",
                (
                    Column("Action", width=18),
                    Column("Audit", width=18),
                    Column("What", width=40),
                    Column("Who has to change", width=14),
                    Column("Purpose", width=14),
                    Column("Priority", width=13),
                    Column("Owner (role)", width=20),
                    Column("Service", width=18),
                    Column("Team", width=18),
                    Column("Section", width=9),
                    Column("Raised", "date", 12),
                    Column("Due", "date", 12),
                    Column("Done", "date", 12),
                    Column("Verified", "date", 12),
                    Column("Standing", width=18),
                    Column("How we will know", width=40),
                ),
                listed,
                empty="No action was raised in this round",
            ),
        ),
    )


def themes(facts: RoundFacts) -> Sheet:
    """Table 8: strengths and gaps with counts and one de-identified line."""
    total = len(done(facts))
    rows: list[tuple[Value, ...]] = []
    for polarity in say.POLARITIES:
        here = sorted(
            (theme for theme in facts.themes if theme.polarity == polarity),
            key=lambda theme: (-len(set(theme.audit_refs)), theme.title),
        )
        for rank, theme in enumerate(here, 1):
            n = len(set(theme.audit_refs))
            rows.append(
                (say.POLARITIES[polarity], rank, theme.title, n, fair_share(n, total), theme.line, theme.key)
            )
    return Sheet(
        "Themes",
        (
            Text("Strengths first, then gaps; the five most frequent of each are on the Summary.", "note"),
            Text(""),
            Table(
                "Themes",
                (
                    Column("Strength or gap", width=14),
                    Column("Rank", "int", 8),
                    Column("Theme", width=38),
                    Column("Audits", "int", 10),
                    Column("Share of audits done", "percent", 12),
                    Column("What it looked like", width=58),
                    Column("Theme key", width=22),
                ),
                rows,
                empty="No theme has been coded yet",
            ),
        ),
    )
