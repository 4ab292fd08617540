"""The moderation summary of a round: facts and an export profile in, a whole workbook out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from qa_audit.grades import Grade
from qa_audit.reports import words as say
from qa_audit.reports.corrected import corrected
from qa_audit.reports.document import (
    Charts,
    Column,
    KeyFigure,
    KeyFigures,
    Properties,
    Sheet,
    Table,
    Text,
    Value,
    Workbook,
)
from qa_audit.reports.facts import AuditFacts, RoundFacts
from qa_audit.reports.figures import (
    Drift,
    action_standing,
    all_verified,
    band,
    days,
    done,
    drift,
    feedback_obtained,
    good_or_better,
    grade_counts,
    hours_words,
    middle,
    pairs,
    percent,
    standing,
)
from qa_audit.reports.sheets import coverage, grading, learning, lists, moderation

if TYPE_CHECKING:
    from qa_audit.reports.profiles import Profile

SHEETS: Mapping[str, Callable[[RoundFacts], Sheet]] = {
    "planned": coverage.planned_and_done,
    "grades": grading.grades,
    "matrix": moderation.moderation_matrix,
    "areas": grading.practice_areas,
    "auditors": moderation.auditors,
    "collaboration": coverage.collaboration,
    "timeliness": coverage.timeliness,
    "actions": learning.actions,
    "themes": learning.themes,
    "audits": lists.audits,
    "sections": lists.section_grades,
    "action_list": learning.action_list,
    "evidence": lists.evidence,
}
"""Sheet ids of the paper, apart from `summary` and `method` which need to know what else is there."""
SHEET_IDS = ("summary", *SHEETS, "method")
INTERNAL = frozenset({"auditors", "evidence", "audits", "sections", "action_list"})
"""Sheets with rows about single cases or single auditors; only papers for the QA unit may have them."""


def build(facts: RoundFacts, profile: Profile) -> Workbook:
    """The paper as the profile wants it. Pure: the same facts and profile give the same document."""
    from qa_audit.reports.profiles import arrange

    wanted = [choice.id for choice in profile.sheets]
    made = {key: SHEETS[key](facts) for key in wanted if key in SHEETS}
    if "summary" in wanted:
        made["summary"] = summary(facts)
    if "method" in wanted:
        gone = [key for key in SHEET_IDS if key not in wanted]
        made["method"] = lists.method_and_notes(
            facts, tuple((f"Sheet '{_title(key)}'", f"Not in the profile '{profile.id}'") for key in gone)
        )
    return arrange(made, profile, properties(facts, profile))


def _title(key: str) -> str:
    return key.replace("_", " ").capitalize()


def properties(facts: RoundFacts, profile: Profile) -> Properties:
    """What the file says about itself."""
    period = f"{facts.period_start.strftime('%b %Y')} to {facts.period_end.strftime('%b %Y')}"
    if (facts.period_start.year, facts.period_start.month) == (facts.period_end.year, facts.period_end.month):
        period = facts.period_start.strftime("%B %Y")
    return Properties(
        title=profile.title,
        marking=profile.marking,
        council=facts.council,
        round=facts.title or facts.ref,
        period=period,
        made_at=facts.made_at,
        made_by_role=facts.made_by_role,
        form_versions=facts.method.form_versions,
        profile=f"{profile.id} {profile.version}",
    )


def headline(facts: RoundFacts) -> str:
    """The round in one line: plan, moderation, agreement, alerts, Inadequate."""
    counts = _counts(facts)
    found = pairs(done(facts))
    moved = drift(found)
    n_done = counts["done"]
    parts = [f"{len(facts.audits)} planned", f"{n_done} done ({percent(n_done, len(facts.audits))})"]
    if not facts.audits:
        return "No audit is planned in this round"
    parts.append(f"{counts['overdue']} overdue")
    if counts["in_hand"]:
        parts.append(f"{counts['in_hand']} in hand")
    if counts["exempt"]:
        parts.append(f"{counts['exempt']} exempt or withdrawn")
    moderated = sum(audit.overall.second is not None for audit in done(facts))
    if n_done:
        parts.append(f"{moderated} moderated ({percent(moderated, n_done)})")
    if moved.n:
        parts.append(
            f"agreement {percent(moved.exact, moved.n)} ({moved.exact}/{moved.n}), {drift_words(facts)}"
        )
    parts.append(alert_words(facts))
    parts.append(inadequate_words(facts))
    return " · ".join(parts)


def _counts(facts: RoundFacts) -> dict[str, int]:
    found = dict.fromkeys(("done", "exempt", "overdue", "in_hand"), 0)
    for audit in facts.audits:
        found[standing(audit, facts.as_at)] += 1
    return found


def drift_words(facts: RoundFacts) -> str:
    """Net drift in words; only the direction in counts when few audits were double-graded."""
    moved = drift(pairs(done(facts)))
    if moved.mean is None:
        return "nothing double-graded yet"
    if moved.n < facts.indicative_from:
        return f"auditors more generous on {moved.generous}, harsher on {moved.harsh}"
    lean = "auditors more generous" if moved.mean > 0 else "auditors harsher" if moved.mean < 0 else "no lean"
    return f"net drift {moved.mean:+.2f} ({lean})".replace("-", "−")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lean(moved: Drift) -> str:
    words = f"Auditors more generous on {moved.generous}, harsher on {moved.harsh}"
    return words if moved.n else "Nothing double-graded yet"


def alert_words(facts: RoundFacts) -> str:
    """'1 alert, acknowledged in 2 h'; what is still open is said first."""
    alerts = [alert for audit in facts.audits for alert in audit.alerts]
    if not alerts:
        return "no alert"
    name = "1 alert" if len(alerts) == 1 else f"{len(alerts)} alerts"
    waiting = sum(alert.acknowledged_at is None for alert in alerts)
    if waiting:
        return f"{name}, {waiting} NOT YET ACKNOWLEDGED"
    raised, taken = max(
        ((a.raised_at, a.acknowledged_at) for a in alerts if a.acknowledged_at),
        key=lambda pair: pair[1] - pair[0],
    )
    slowest = hours_words(raised, taken)
    return (
        f"{name}, acknowledged in {slowest}"
        if len(alerts) == 1
        else f"{name}, all acknowledged within {slowest}"
    )


def inadequate(facts: RoundFacts) -> tuple[AuditFacts, ...]:
    """Finished audits whose grade that stands is Inadequate."""
    return tuple(audit for audit in done(facts) if audit.overall.final is Grade.INADEQUATE)


def inadequate_words(facts: RoundFacts) -> str:
    """'1 Inadequate, recovery plan on file'."""
    found = inadequate(facts)
    if not found:
        return "none Inadequate"
    planned = sum(audit.recovery_plan_on is not None for audit in found)
    if planned == len(found):
        return f"{len(found)} Inadequate, recovery plan{'s' if planned > 1 else ''} on file"
    return f"{len(found)} Inadequate, {len(found) - planned} WITHOUT a recovery plan on file"


def summary(facts: RoundFacts) -> Sheet:
    """The first sheet: headline, tiles, two charts, key figures, top themes."""
    rows = key_figures(facts)
    tiles = {row[0]: KeyFigure(str(row[0]), str(row[1]), str(row[3])) for row in rows}
    shown = (
        "Audits done",
        "Good or better",
        "Exact agreement",
        "Actions verified",
        "Overdue audits",
        "Inadequate",
        "Family view obtained",
        "Safeguarding alerts",
    )
    second = moderation.drift_chart() if pairs(done(facts)) else learning.actions_chart()
    top: list[tuple[Value, ...]] = []
    for polarity in say.POLARITIES:
        here = sorted(
            (t for t in facts.themes if t.polarity == polarity),
            key=lambda t: (-len(set(t.audit_refs)), t.title),
        )
        top += [(say.POLARITIES[polarity], t.title, t.line, len(set(t.audit_refs))) for t in here[:5]]
    return Sheet(
        "Summary",
        (
            Text(headline(facts), "lead"),
            KeyFigures(tuple(tiles[name] for name in shown)),
            Charts((grading.grades_chart(), second)),
            Table(
                "KeyFigures",
                (Column("Measure"), Column("Figure"), Column("What it says"), Column("Out of", "int")),
                [(name, figure, says, whole) for name, figure, whole, says in rows],
                caption="Key figures",
            ),
            Table(
                "TopThemes",
                (
                    Column("Strength or gap"),
                    Column("Theme"),
                    Column("What it looked like"),
                    Column("Audits", "int"),
                ),
                top,
                caption="Five strengths and five gaps seen most often",
                empty="No theme has been coded yet",
            ),
        ),
        title=f"Moderation summary: {facts.title or facts.ref}",
        widths=(35, 37, 46, 24),
    )


def key_figures(facts: RoundFacts) -> list[tuple[Value, ...]]:
    """Measure, figure in words, what it is out of, and one line that says what it rests on."""
    finished = done(facts)
    counts = _counts(facts)
    n = len(finished)
    final = grade_counts(audit.overall.final for audit in finished)
    own = grade_counts(audit.overall.auditor for audit in finished)
    moved = drift(pairs(finished))
    moderated = sum(audit.overall.second is not None for audit in finished)
    verified, with_actions = all_verified(facts)
    stands = [action_standing(action, facts.as_at) for action in facts.actions]
    raised = len(stands) - stands.count("withdrawn")
    heard = sum(feedback_obtained(audit) is True for audit in finished)
    held = sum(audit.conversation_held is True for audit in finished)
    alerts = [alert for audit in facts.audits for alert in audit.alerts]
    took = middle(days((audit.submitted_on, audit.moderated_on) for audit in finished))
    better = good_or_better(final)
    right = corrected(facts)
    return [
        ("Audits done", str(n), len(facts.audits), f"{percent(n, len(facts.audits))} of {len(facts.audits)} planned"),
        ("Overdue audits", str(counts["overdue"]), len(facts.audits), "Due before the day of the figures"),
        ("Audits in hand", str(counts["in_hand"]), len(facts.audits), "Not done and not yet due"),
        ("Exempt or withdrawn", str(counts["exempt"]), len(facts.audits), "With a reason, on 'Planned and done'"),
        ("Audits moderated", str(moderated), n, f"{percent(moderated, n)} of those done"),
        (
            "Exact agreement",
            percent(moved.exact, moved.n) if moved.n else "none yet",
            moved.n,
            f"{moved.exact} of {moved.n}. {band(moved.exact, moved.n, facts)}" if moved.n else "Nothing is double-graded",
        ),
        ("Net drift", f"{moved.mean:+.2f}" if moved.mean is not None and moved.n >= facts.indicative_from else "too few", moved.n, _lean(moved)),
        (
            "Good or better",
            percent(better, sum(final)) if sum(final) else "none yet",
            sum(final),
            f"{better} of {sum(final)} by the grade that stands; {good_or_better(own)} by the auditor's",
        ),
        ("Good or better, corrected", right.figure, right.n, right.words),
        ("Inadequate", str(len(inadequate(facts))), n, _sentence(inadequate_words(facts)) if inadequate(facts) else "None"),
        ("Safeguarding alerts", str(len(alerts)), len(facts.audits), _sentence(alert_words(facts)) if alerts else "None raised"),
        ("Conversation held", percent(held, n), n, f"{held} of {n} with the worker"),
        ("Family view obtained", percent(heard, n), n, f"{heard} of {n}: child, family or carer"),
        ("Actions verified", percent(stands.count("verified"), raised), raised, f"{stands.count('verified')} of {raised}; {stands.count('overdue')} open and overdue"),
        ("Audits with every action verified", str(verified), with_actions, "Of audits that have actions"),
        ("Median days to moderation", "none yet" if took is None else f"{took:g}", moderated, f"Standard: {facts.moderation_days} working days"),
    ]  # fmt: skip
