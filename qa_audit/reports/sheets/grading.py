"""What was found: grades by month, practice areas, and where."""

from __future__ import annotations

from collections.abc import Iterable

from qa_audit.grades import WORDS, Grade
from qa_audit.reports.document import Block, Chart, Charts, Column, Sheet, Table, Text, Value
from qa_audit.reports.facts import RoundFacts
from qa_audit.reports.figures import (
    NOT_RECORDED,
    SMALL,
    AreaLine,
    area_lines,
    done,
    fair_share,
    good_or_better,
    grade_counts,
    graded,
    last_months,
    month_words,
    share,
)

GRADE_COLUMNS = tuple(Column(name, "int", 13) for name in WORDS)


def grades_chart() -> Chart:
    """Stacked 100% columns of final grades by month."""
    return Chart(
        "stacked",
        "Final grades by month",
        "GradesByMonth",
        "Month and n",
        WORDS,
        alt="Share of each final grade in each of the last six months; the counts are in table GradesByMonth.",
    )


def grades(facts: RoundFacts) -> Sheet:
    """Table 2: grade distribution, auditor against final, this round and by month."""
    finished = done(facts)
    auditor = grade_counts(audit.overall.auditor for audit in finished)
    final = grade_counts(audit.overall.final for audit in finished)
    second = grade_counts(audit.overall.second for audit in finished)
    mix: list[tuple[Value, ...]] = []
    for grade in Grade:
        i = grade - 1
        mix.append(
            (
                grade,
                auditor[i],
                share(auditor[i], sum(auditor)),
                second[i],
                share(second[i], sum(second)),
                final[i],
                share(final[i], sum(final)),
            )
        )
    total = ("All graded", sum(auditor), None, sum(second), None, sum(final), None)
    good: tuple[Value, ...] = (
        "Good or better",
        good_or_better(auditor),
        fair_share(good_or_better(auditor), sum(auditor)),
        good_or_better(second),
        fair_share(good_or_better(second), sum(second)),
        good_or_better(final),
        fair_share(good_or_better(final), sum(final)),
    )
    months: list[tuple[Value, ...]] = []
    found = graded(facts)
    for month in last_months(facts.as_at):
        here = [one for one in found if one.month == month]
        counts = grade_counts(one.trail.final for one in here)
        own = grade_counts(one.trail.auditor for one in here)
        months.append(
            (
                month,
                f"{month_words(month)} (n={sum(counts)})",
                *counts,
                sum(counts),
                fair_share(good_or_better(counts), sum(counts)),
                fair_share(good_or_better(own), sum(own)),
            )
        )
    return Sheet(
        "Grades",
        (
            Table(
                "GradeMix",
                (
                    Column("Grade", "grade", 33),
                    Column("Auditor", "int", 17),
                    Column("Auditor, share", "percent", 14),
                    Column("Second opinion", "int", 14),
                    Column("Second opinion, share", "percent", 17),
                    Column("Final", "int", 14),
                    Column("Final, share", "percent", 12),
                ),
                mix,
                caption="This round: the auditor's grade, the second opinion where there is one, and the grade that stands",
                totals=(total, good),
            ),
            Charts((grades_chart(),)),
            Table(
                "GradesByMonth",
                (
                    Column("Month", width=33),
                    Column("Month and n", width=17),
                    *GRADE_COLUMNS,
                    Column("Audits", "int", 12),
                    Column("Good or better, final", "percent", 13),
                    Column("Good or better, auditor", "percent", 13),
                ),
                months,
                caption="Final grades by the month the audit was submitted, last six months",
            ),
            Text(
                "The grade that stands is the panel's if there was a panel, otherwise the moderator's, otherwise "
                "the auditor's. Grades are ordered and never averaged.",
                "note",
            ),
        ),
    )


def practice_areas(facts: RoundFacts) -> Sheet:
    """Table 4 and the heat map: final grades per practice area, and by service."""
    lines = area_lines(facts)
    rows: list[tuple[Value, ...]] = []
    for line in lines:
        before = sum(line.before)
        change: Value = None
        if line.n >= SMALL and before >= SMALL:
            change = round(
                100 * (good_or_better(line.counts) / line.n - good_or_better(line.before) / before)
            )
        elif before:
            change = "too few"
        rows.append(
            (
                line.title,
                line.code,
                line.n,
                *line.counts,
                fair_share(good_or_better(line.counts), line.n),
                fair_share(good_or_better(line.before), before),
                before,
                change,
                line.drift.n,
                line.drift.exact,
            )
        )
    return Sheet(
        "Practice areas",
        (
            Text("Final grades of each section of the form, in the order of the form library.", "note"),
            Text(""),
            Table(
                "PracticeAreas",
                (
                    Column("Practice area", width=38),
                    Column("Code", width=9),
                    Column("Graded", "int", 11),
                    *(Column(name, "int", 12.5) for name in WORDS),
                    Column("Good or better", "percent", 12),
                    Column("Quarter before", "percent", 12),
                    Column("Quarter before, n", "int", 12),
                    Column("Change in points", "int", 12),
                    Column("Double-graded", "int", 12),
                    Column("Same grade", "int", 12),
                ),
                rows,
                caption="Each practice area",
                shade=("Good or better", "Quarter before"),
                empty="No section has been graded in this round",
            ),
            *_heat_map(facts, lines),
        ),
    )


def _heat_map(facts: RoundFacts, lines: tuple[AreaLine, ...]) -> tuple[Block, ...]:
    places = sorted({audit.service or NOT_RECORDED for audit in done(facts)})
    what = "service"
    if len(places) < 2:
        places, what = sorted({audit.team or NOT_RECORDED for audit in done(facts)}), "team"
    places = places[:12]
    counts: dict[tuple[str, str], list[Grade | None]] = {}
    for audit in done(facts):
        place = (audit.service if what == "service" else audit.team) or NOT_RECORDED
        for section in audit.sections:
            counts.setdefault((section.code, place), []).append(section.grades.final)
    rows: list[tuple[Value, ...]] = []
    for line in lines:
        cells: list[Value] = []
        for place in places:
            here = grade_counts(counts.get((line.code, place), ()))
            cells.append(fair_share(good_or_better(here), sum(here)))
        rows.append((line.title, line.code, *cells))
    if not rows or not places:
        return ()
    headings = unlike(places, ("Practice area", "Code"))
    return (
        Table(
            "AreaHeatMap",
            (
                Column("Practice area", width=38),
                Column("Code", width=9),
                *(Column(name, "percent", 12) for name in headings),
            ),
            rows,
            caption=f"Heat map: share graded Good or better, by {what} (darker is better)",
            shade=headings,
        ),
        Text(
            f"Under {SMALL} graded audits the cell says '3 of 4' and has no shade; empty: not graded there.",
            "note",
        ),
    )


def unlike(names: Iterable[str], taken: Iterable[str]) -> tuple[str, ...]:
    """Headings made from data, each different from the others and from those taken, whatever their case."""
    seen = {name.casefold() for name in taken}
    found: list[str] = []
    for name in names:
        heading = " ".join(name.split())[:60] or NOT_RECORDED
        number = 2
        unique = heading
        while unique.casefold() in seen:
            unique = f"{heading} ({number})"
            number += 1
        seen.add(unique.casefold())
        found.append(unique)
    return tuple(found)
