"""Can the grades be trusted: the matrix, agreement, drift, and who grades how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from qa_audit.grades import WORDS, Grade
from qa_audit.reports import words as say
from qa_audit.reports.document import Block, Chart, Charts, Column, Sheet, Table, Text, Value
from qa_audit.reports.facts import RoundFacts
from qa_audit.reports.figures import (
    SMALL,
    agreement,
    auditor_lines,
    band,
    done,
    drift,
    fair_share,
    good_or_better,
    grade_counts,
    graded,
    last_months,
    month_words,
    pairs,
    ranked,
)
from qa_audit.reports.words import words


def drift_chart() -> Chart:
    """Run chart of the mean signed shift by month."""
    return Chart(
        "line",
        "Drift: second opinion minus auditor, by month",
        "DriftByMonth",
        "Month and n",
        ("Mean shift",),
        y_title="Grade steps (+ generous)",
        alt="Mean signed shift in each of the last six months; the figures are in table DriftByMonth.",
    )


def moderation_matrix(facts: RoundFacts) -> Sheet:
    """Table 3: auditor against second opinion, agreement with intervals, direction, drift by month."""
    found = pairs(done(facts))
    cells = Counter(found)
    rows: list[tuple[Value, ...]] = [
        (grade, *(cells[grade, other] for other in Grade), sum(cells[grade, other] for other in Grade))
        for grade in Grade
    ]
    columns = tuple(sum(cells[grade, other] for grade in Grade) for other in Grade)
    figures = agreement(found)
    return Sheet(
        "Moderation matrix",
        (
            *_standing_of_the_figures(facts, len(found)),
            Table(
                "ModerationMatrix",
                (
                    Column("Auditor's grade", "grade", 32),
                    *(Column(f"Second: {name}", "int", 16) for name in WORDS),
                    Column("All", "int", 14),
                ),
                rows,
                caption="Auditor's grade (rows) against the second opinion (columns), audits",
                totals=(("All", *columns, len(found)),),
            ),
            _shares(facts, found, figures),
            _direction(found, figures),
            *_coefficients(facts, found, figures),
            Charts((drift_chart(),)),
            _drift_by_month(facts),
            *_outcomes(facts),
        ),
    )


def _standing_of_the_figures(facts: RoundFacts, n: int) -> tuple[Block, ...]:
    finished = [m for m in facts.moderations if m.completed_on]
    blind = sum(m.blind for m in finished)
    chosen = sum(m.random for m in finished)
    lines: list[Block] = [
        Text(
            f"{n} audits have two grades. Of {len(finished)} finished moderations {blind} were blind and {chosen} "
            "were picked at random.",
            "note",
        )
    ]
    if finished and blind < len(finished):
        lines.append(
            Text(
                f"{len(finished) - blind} moderations were not blind: the moderator had seen the auditor's grade. "
                "That makes agreement look better than it is.",
                "warning",
            )
        )
    if finished and chosen < len(finished):
        words_ = "None was" if not chosen else f"Only {chosen} of {len(finished)} were"
        lines.append(
            Text(
                f"{words_} picked at random, so these figures describe the moderated audits and not the whole round.",
                "note",
            )
        )
    lines.append(Text(""))
    return tuple(lines)


def _est(figures: Mapping[str, Any], name: str) -> tuple[float | None, float | None, float | None, str]:
    """Estimate, lower and upper end, and the reason when there is no estimate."""
    found = figures.get(name)
    if not isinstance(found, Mapping):
        return None, None, None, str(figures.get("reason") or "Not defined for these grades")
    low, high = found.get("ci") or (None, None)
    reason = str(found.get("reason") or "")
    if found.get("est") is None:
        return None, None, None, reason or "Not defined for these grades"
    return float(found["est"]), low, high, reason


def _shares(facts: RoundFacts, found: tuple[tuple[Grade, Grade], ...], figures: Mapping[str, Any]) -> Table:
    n = len(found)
    moved = drift(found)
    close = sum(abs(int(a) - int(b)) <= 1 for a, b in found)
    rows: list[tuple[Value, ...]] = []
    for name, key, count, reading in (
        ("Exact agreement", "exact", moved.exact, band(moved.exact, n, facts)),
        ("Within one grade", "adjacent", close, ""),
    ):
        _, low, high, _ = _est(figures, key) if n else (None, None, None, "")
        rows.append((name, count, n, count / n if n else "none yet", low, high, reading))
    return Table(
        "AgreementShares",
        (
            Column("Agreement", width=32),
            Column("Audits", "int"),
            Column("Double-graded", "int"),
            Column("Share", "percent"),
            Column("95% from", "percent"),
            Column("95% to", "percent"),
            Column("Reading", width=40),
        ),
        rows,
        caption="Agreement (95% interval: Wilson)",
    )


def _direction(found: tuple[tuple[Grade, Grade], ...], figures: Mapping[str, Any]) -> Table:
    moved = drift(found)
    tested = figures.get("direction")
    p = tested.get("p_value") if isinstance(tested, Mapping) else None
    if not moved.n:
        reading = ""
    elif moved.generous + moved.harsh == 0:
        reading = "No audit was graded differently"
    elif p is None:
        reading = ""
    else:
        lean = "more generous" if moved.generous > moved.harsh else "harsher"
        p_words = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
        clear = (
            f"Auditors were {lean} more often than chance explains"
            if p < 0.05
            else "No clear lean either way"
        )
        reading = f"{clear} (exact sign test, {p_words})"
    n = moved.n
    return Table(
        "Direction",
        (
            Column("Direction", width=32),
            Column("Audits", "int"),
            Column("Double-graded", "int"),
            Column("Share", "percent"),
        ),
        [
            ("Auditor more generous", moved.generous, n, fair_share(moved.generous, n)),
            ("Same grade", moved.exact, n, fair_share(moved.exact, n)),
            ("Auditor harsher", moved.harsh, n, fair_share(moved.harsh, n)),
        ],
        caption=f"Direction. {reading}" if reading else "Direction",
    )


def _coefficients(
    facts: RoundFacts, found: tuple[tuple[Grade, Grade], ...], figures: Mapping[str, Any]
) -> tuple[Block, ...]:
    from qa_audit.moderation.agreement import interval_too_short

    n = len(found)
    rows: list[tuple[Value, ...]] = []
    for name, key in (
        ("Mean shift, grade steps", "mean_signed_shift"),
        ("Good or better, change (0-1)", "good_or_better_change"),
        ("Kappa, quadratic weights", "cohen_kappa"),
        ("Gwet AC2, quadratic weights", "gwet_ac2"),
        ("Krippendorff alpha, ordinal", "krippendorff_alpha_ordinal"),
    ):
        if n < facts.indicative_from:
            rows.append(
                (
                    name,
                    "withheld",
                    None,
                    None,
                    n,
                    "Withheld",
                    f"Shown from {facts.indicative_from} double-graded",
                )
            )
            continue
        value, low, high, reason = _est(figures, key)
        if value is None:
            rows.append((name, "undefined", None, None, n, "Undefined", reason))
            continue
        if low is not None and (short := interval_too_short(key, n, figures.get("grade_mix"))):
            low, high, reason = None, None, short
        rows.append(
            (name, value, low, high, n, "Indicative" if n < facts.figures_from else "In full", reason)
        )
    notes = [str(warning) for warning in figures.get("warnings") or ()] if n >= facts.indicative_from else []
    return (
        Table(
            "AgreementFigures",
            (
                Column("Figure", width=32),
                Column("Value", "number"),
                Column("95% from", "number"),
                Column("95% to", "number"),
                Column("Double-graded", "int"),
                Column("Shown", width=14),
                Column("Remark", width=40),
            ),
            rows,
            caption="Drift and coefficients",
        ),
        Text(
            "Mean shift: second opinion minus auditor; positive = the auditor was more generous. Read no coefficient "
            f"alone; for a headline have {facts.headline_from} double-graded audits.",
            "note",
        ),
        *(Text(note, "note") for note in notes),
        Text(""),
    )


def _drift_by_month(facts: RoundFacts) -> Table:
    rows: list[tuple[Value, ...]] = []
    every = graded(facts)
    for month in last_months(facts.as_at):
        moved = drift(pair for one in every if one.month == month and (pair := one.trail.pair))
        remark = (
            ""
            if moved.n >= facts.indicative_from
            else "Few: read as a hint"
            if moved.n
            else "None double-graded"
        )
        name = f"{month_words(month)} (n={moved.n})"
        rows.append((name, month, moved.n, moved.generous, moved.harsh, moved.mean, remark))
    return Table(
        "DriftByMonth",
        (
            Column("Month and n", width=32),
            Column("Month"),
            Column("Double-graded", "int"),
            Column("Auditor more generous", "int"),
            Column("Auditor harsher", "int"),
            Column("Mean shift", "shift"),
            Column("Remark", width=30),
        ),
        rows,
        caption="Drift by the month the audit was submitted",
    )


def _outcomes(facts: RoundFacts) -> tuple[Block, ...]:
    outcomes = Counter(m.outcome for m in facts.moderations)
    reasons = Counter(m.reason for m in facts.moderations if m.outcome in ("changed_up", "changed_down"))
    why = Counter(m.selected_by or "Not recorded" for m in facts.moderations)
    quality = grade_counts(m.audit_quality for m in facts.moderations)
    total = len(facts.moderations)
    return (
        Table(
            "ModerationOutcomes",
            (Column("Outcome", width=32), Column("Audits", "int"), Column("Share", "percent")),
            [(name, outcomes[key], fair_share(outcomes[key], total)) for key, name in say.OUTCOMES.items()],
            caption=f"What moderation led to. Disputed: {sum(m.disputed for m in facts.moderations)}; "
            f"to panel: {sum(m.panel_on is not None for m in facts.moderations)}",
        ),
        Table(
            "ChangeReasons",
            (Column("Reason for a change", width=32), Column("Audits", "int")),
            [(words(say.CHANGE_REASONS, key or "not_recorded"), n) for key, n in ranked(reasons)],
            caption="Why grades were changed",
            empty="No grade was changed",
        ),
        Table(
            "AuditQuality",
            (
                Column("Quality of the audit", "grade", 32),
                Column("Audits", "int"),
                Column("Share", "percent"),
            ),
            [(grade, quality[grade - 1], fair_share(quality[grade - 1], sum(quality))) for grade in Grade],
            caption="How good the audits themselves are; a different question from the grade of practice",
        ),
        Table(
            "ModerationSelection",
            (Column("Why it was moderated", width=32), Column("Audits", "int")),
            list(ranked(why)),
            caption="How audits came to moderation",
            empty="No audit was moderated",
        ),
    )


def auditors(facts: RoundFacts) -> Sheet:
    """Auditors under their codes; for the QA unit alone."""
    rows: list[tuple[Value, ...]] = []
    for line in auditor_lines(facts):
        moved, plan = line.drift, line.plan
        few = (
            "none yet"
            if not moved.n
            else ""
            if moved.n >= facts.indicative_from
            else f"Only {moved.n} double-graded"
        )
        rows.append(
            (
                line.code,
                plan.planned,
                plan.done,
                plan.overdue,
                *line.counts,
                fair_share(good_or_better(line.counts), sum(line.counts)),
                moved.n,
                moved.exact,
                moved.generous,
                moved.harsh,
                moved.mean if moved.n >= SMALL else None,
                line.overrides,
                few,
            )
        )
    return Sheet(
        "Auditors (QA only)",
        (
            Text(
                "QA unit only. For support and calibration, not for ranking or for performance management.",
                "warning",
            ),
            Text(
                "Auditors stand under their codes. Differences between few audits are mostly chance: look at "
                f"direction over several rounds, and at the mean shift only with {facts.indicative_from} double-graded audits or more.",
                "note",
            ),
            Text(""),
            Table(
                "Auditors",
                (
                    Column("Auditor", width=14),
                    Column("Planned", "int", 9.5),
                    Column("Done", "int", 8),
                    Column("Overdue", "int", 9.5),
                    *(Column(name, "int", 13) for name in WORDS),
                    Column("Good or better", "percent", 10),
                    Column("Double-graded", "int", 10),
                    Column("Same grade", "int", 9.5),
                    Column("More generous", "int", 11),
                    Column("Harsher", "int", 10.5),
                    Column("Mean shift", "shift", 10.5),
                    Column("Above the ceiling", "int", 10),
                    Column("Remark", width=22),
                ),
                rows,
                empty="No audit has been allocated",
            ),
        ),
    )
