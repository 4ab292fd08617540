"""The lists behind the figures: every audit, every section grade, every text, and the method."""

from __future__ import annotations

from datetime import date

from qa_audit.reports import words as say
from qa_audit.reports.corrected import corrected
from qa_audit.reports.document import Block, Column, Sheet, Table, Text, Value, split_text
from qa_audit.reports.facts import RoundFacts
from qa_audit.reports.figures import (
    NOT_RECORDED,
    SMALL,
    bands_words,
    done,
    feedback_obtained,
    standing,
)
from qa_audit.reports.words import words


def _yes_no(answer: bool | None) -> str:
    return NOT_RECORDED if answer is None else "Yes" if answer else "No"


def audits(facts: RoundFacts) -> Sheet:
    """One row per planned audit, whatever became of it."""
    cohort_words = {**say.COHORTS, **dict(facts.cohort_words)}
    moderated = {m.audit_ref: m for m in facts.moderations}
    rows: list[tuple[Value, ...]] = []
    for a in sorted(facts.audits, key=lambda audit: audit.ref):
        m = moderated.get(a.ref)
        rows.append(
            (
                a.ref,
                a.child_key,
                words(cohort_words, a.cohort),
                a.service,
                a.team,
                a.auditor_code,
                words(say.STATUSES, a.status),
                say.STANDINGS[standing(a, facts.as_at)],
                a.selected_by,
                a.form,
                a.planned_on,
                a.allocated_on,
                a.due_on,
                a.submitted_on,
                a.moderated_on,
                a.final_on,
                a.shared_on,
                a.overall.auditor,
                a.overall.blind,
                a.overall.moderated,
                a.overall.panel,
                a.overall.final,
                a.worker_grade,
                a.ceiling,
                "Yes" if a.override_reason else "No",
                "Yes" if m and m.blind else "No" if m and m.completed_on else "",
                m.audit_quality if m else None,
                _yes_no(a.conversation_held),
                _yes_no(feedback_obtained(a)),
                _yes_no(a.in_supervision),
                len(a.alerts),
                a.recovery_plan_on,
                a.reaudit_due,
                a.exempt_reason,
            )
        )
    dates = tuple(
        Column(name, "date", 12)
        for name in ("Planned", "Allocated", "Due", "Submitted", "Moderated", "Final on", "Shared")
    )
    grades_ = tuple(
        Column(name, "grade", 22)
        for name in (
            "Auditor's grade",
            "Blind grade",
            "Moderated grade",
            "Panel grade",
            "Final grade",
            "Worker's own grade",
            "Ceiling",
        )
    )
    return Sheet(
        "Audits",
        (
            Table(
                "Audits",
                (
                    Column("Audit", width=14),
                    Column("Child key", width=16),
                    Column("Cohort", width=18),
                    Column("Service", width=20),
                    Column("Team", width=20),
                    Column("Auditor", width=11),
                    Column("Status", width=18),
                    Column("Standing", width=12),
                    Column("Selected by", width=22),
                    Column("Form", width=22),
                    *dates,
                    *grades_,
                    Column("Graded above ceiling", width=11),
                    Column("Moderated blind", width=11),
                    Column("Audit quality", "grade", 22),
                    Column("Conversation held", width=13),
                    Column("Family view obtained", width=13),
                    Column("Discussed in supervision", width=13),
                    Column("Alerts", "int", 9),
                    Column("Recovery plan on file", "date", 13),
                    Column("Re-audit due", "date", 12),
                    Column("Why left out", width=24),
                ),
                rows,
                empty="No audit is planned in this round",
            ),
        ),
    )


def section_grades(facts: RoundFacts) -> Sheet:
    """One row per graded section of a finished audit: all grades side by side."""
    rows: list[tuple[Value, ...]] = [
        (
            a.ref,
            s.code,
            s.title,
            s.grades.auditor,
            s.grades.blind,
            s.grades.moderated,
            s.grades.panel,
            s.grades.final,
        )
        for a in sorted(done(facts), key=lambda audit: audit.ref)
        for s in a.sections
    ]
    return Sheet(
        "Section grades",
        (
            Table(
                "SectionGrades",
                (
                    Column("Audit", width=14),
                    Column("Section", width=10),
                    Column("Practice area", width=40),
                    Column("Auditor's grade", "grade", 22),
                    Column("Blind grade", "grade", 22),
                    Column("Moderated grade", "grade", 22),
                    Column("Panel grade", "grade", 22),
                    Column("Final grade", "grade", 22),
                ),
                rows,
                empty="No section has been graded in this round",
            ),
        ),
    )


def evidence(facts: RoundFacts) -> Sheet:
    """Every stored text, whole: a text too long for one cell runs over several rows, numbered."""
    rows: list[tuple[Value, ...]] = []
    for one in sorted(facts.texts, key=lambda t: (t.audit_ref, t.section, t.item, t.kind, t.on or date.min)):
        parts = split_text(one.text)
        for number, part in enumerate(parts, 1):
            rows.append(
                (
                    one.audit_ref,
                    one.section,
                    one.item,
                    words(say.TEXT_KINDS, one.kind),
                    part,
                    f"{number} of {len(parts)}" if len(parts) > 1 else "",
                    one.question,
                    one.by_role,
                    one.on,
                )
            )
    return Sheet(
        "Evidence and narratives",
        (
            Text(
                "QA unit only. These texts describe children and families: do not copy them into other papers.",
                "warning",
            ),
            Table(
                "Evidence",
                (
                    Column("Audit", width=14),
                    Column("Section", width=9),
                    Column("Item", width=10),
                    Column("Kind", width=30),
                    Column("Text", width=80),
                    Column("Part", width=8),
                    Column("Question", width=40),
                    Column("By (role)", width=18),
                    Column("Date", "date", 12),
                ),
                rows,
                empty="No text is stored for this round",
            ),
        ),
    )


def method_and_notes(facts: RoundFacts, left_out: tuple[tuple[str, str], ...] = ()) -> Sheet:
    """How the figures came to be, what was left out and why, and how to read them."""
    method = facts.method
    finished = [m for m in facts.moderations if m.completed_on]
    notes: list[tuple[str, str]] = [
        ("Round", f"{facts.title} ({facts.ref}), {facts.audit_type}".rstrip(", ")),
        (
            "Period",
            f"{_day(facts.period_start)} to {_day(facts.period_end)}; figures as at {_day(facts.as_at)}",
        ),
        ("Theme", facts.theme),
        *(("Key line of enquiry", question) for question in facts.questions),
        ("Report to", facts.report_to),
        ("How audits were selected", method.selection),
        (
            "List of children",
            method.frame + (f", {method.frame_size:,} children" if method.frame_size else ""),
        ),
        ("Draw", "; ".join(x for x in (method.algorithm, f"seed {method.seed}" if method.seed else "") if x)),
        ("Fingerprint of the list", method.frame_hash),
        ("Audits", f"{len(facts.audits)} planned, {len(done(facts))} done"),
        ("How audits were moderated", method.moderation_rule),
        (
            "Blind or not",
            f"{sum(m.blind for m in finished)} of {len(finished)} finished moderations were blind"
            if finished
            else "None finished",
        ),
        ("Framework", method.framework_version),
        *(("Form version", version) for version in method.form_versions),
        (
            "Grade that stands",
            "The panel's if there was a panel, otherwise the moderator's, otherwise the auditor's",
        ),
        (
            "Grades",
            "Four ordered words. They are counted and never averaged; drift is the mean of signed steps",
        ),
        (
            "Drift",
            "Second opinion minus auditor in grade steps; positive means the auditor was more generous",
        ),
        (
            "Bands of exact agreement",
            "{} strong, {} watch, {} act".format(*bands_words(facts))
            + f"; from {facts.indicative_from} double-graded audits. The council's settings",
        ),
        (
            "Thresholds",
            f"No share under {SMALL} cases; coefficients and drift from {facts.indicative_from} double-graded audits, "
            f"marked indicative under {facts.figures_from}; a headline needs {facts.headline_from}. The council's settings",
        ),
        ("Good or better, corrected", _corrected(facts)),
        ("Intervals", "95%: Wilson for shares, t for the mean shift, Fisher-z t for coefficients"),
        (
            "People",
            "Children stand under a pseudonymous key, auditors under a code, owners of actions under a role",
        ),
        *(("Note", note) for note in method.notes),
    ]
    gone = [*method.left_out, *left_out]
    return Sheet(
        "Method and notes",
        (
            Table(
                "MethodNotes",
                (Column("Subject", width=30), Column("Note", width=76)),
                [pair for pair in notes if pair[1].strip()],
            ),
            *_strata(facts),
            Table(
                "LeftOut",
                (Column("Left out", width=30), Column("Why", width=76)),
                gone,
                caption="What was left out and why",
                empty="Nothing was left out",
            ),
            Text(
                f"Made {_day(facts.made_at.date())}, {facts.made_at.strftime('%H:%M')}, by {facts.made_by_role}, with qa-audit.",
                "note",
            ),
        ),
        landscape=False,
    )


def _corrected(facts: RoundFacts) -> str:
    found = corrected(facts)
    if found.est is None:
        return f"Not shown: {found.reason}"
    return (
        f"{found.figure} of {found.n} audits done. {found.words}. The auditors' share of all audits done plus what the moderators' "
        "blind grades changed on average, each chance of moderation by itself (difference estimate of double sampling, t "
        "interval); children who were not audited are not in it"
    )


def _strata(facts: RoundFacts) -> tuple[Block, ...]:
    if not facts.method.strata:
        return ()
    rows = [
        (s.name, f"{s.drawn:,} drawn of {s.population:,} children", s.population, s.drawn)
        for s in facts.method.strata
    ]
    return (
        Table(
            "Strata",
            (
                Column("Stratum", width=30),
                Column("In words", width=76),
                Column("Children", "int", 11),
                Column("Drawn", "int", 11),
            ),
            rows,
            caption="The draw, stratum by stratum",
        ),
    )


def _day(day: date) -> str:
    return f"{day.day} {day.strftime('%B %Y')}"
