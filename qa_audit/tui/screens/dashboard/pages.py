"""The pages of the dashboard: figures with the audits behind each, and how a page is drawn. Pure, no widget.

Every figure comes from the tables and functions of which the moderation summary is made (`reports.summary`,
`reports.sheets`, `reports.figures`), so the screen and the workbook cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.tui.listing import Cell
from qa_audit.tui.screens.dashboard import pictures
from qa_audit.tui.text import BAD, STRONG, WARN, count, say

if TYPE_CHECKING:
    from qa_audit.reports.document import Sheet, Table, Value
    from qa_audit.reports.facts import AuditFacts, RoundFacts

Draw = Callable[[int], list[Content]]
"""From a width in cells to the lines of a picture."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a page: what it is, how many audits it rests on, what it says, and which audits those are."""

    what: str | Cell
    n: str
    says: str | Cell
    refs: tuple[str, ...] = ()
    section: str = ""
    """Section whose grades the audits behind it are listed with."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    draw: Draw = field(default=lambda _width: [])
    note: str = ""
    counted: str = "Audits"
    """Heading of the column of numbers."""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A round as the dashboard shows it."""

    ref: str
    title: str
    headline: str
    left_out: str
    """What is not in the figures and why; "" when nothing is."""
    pages: tuple[Page, ...]
    facts: RoundFacts


def build(facts: RoundFacts, *, auditors: bool) -> Dashboard:
    """Every page of a round. `auditors` adds the lines about single auditors, for the QA unit alone."""
    from qa_audit.reports.summary import headline

    pages = (
        _overview(facts), _grades(facts), _areas(facts), _agreement(facts), _drift(facts, auditors=auditors),
        _coverage(facts), _together(facts), _actions(facts), _alerts(facts),
    )  # fmt: skip
    out = "; ".join(f"{what}: {why}" for what, why in facts.method.left_out)
    return Dashboard(facts.ref, facts.title or facts.ref, headline(facts), out, pages, facts)


def table(sheet: Sheet, name: str) -> Table | None:
    """A table of a sheet by its name."""
    return next((block for block in sheet.blocks if getattr(block, "name", "") == name), None)  # type: ignore[return-value]


def words(value: Value, kind: str = "text") -> str:
    """A cell of a paper as it is said on screen."""
    if value is None:
        return "-"
    if isinstance(value, Grade):
        return value.words
    if isinstance(value, float):
        return (
            pictures.percent_words(value)
            if kind == "percent"
            else f"{value:+.2f}"
            if kind == "shift"
            else f"{value:g}"
        )
    return str(value)


def refs(audits: Sequence[AuditFacts]) -> tuple[str, ...]:
    """Their references."""
    return tuple(audit.ref for audit in audits)


def _overview(facts: RoundFacts) -> Page:
    from qa_audit.reports.summary import key_figures

    behind = _behind(facts)
    found = []
    for name, figure, whole, says in key_figures(facts):
        bad = (name == "Overdue audits" and figure != "0") or "NOT YET" in str(says) or "WITHOUT" in str(says)
        found.append(
            Figure(
                Cell(str(name), STRONG),
                str(figure),
                Cell(_overview_words(str(says), whole), BAD if bad else ""),
                behind.get(str(name), ()),
            )
        )
    return Page("overview", "Overview", tuple(found), counted="Figure")


def _overview_words(says: str, whole: Value) -> str:
    """What a key figure says, with what it is out of where the words do not say so."""
    return (
        says
        if whole in (None, "") or str(whole) in says.replace(",", " ").split()
        else f"{says} (of {whole})"
    )


def _behind(facts: RoundFacts) -> dict[str, tuple[str, ...]]:
    """The audits that each key figure counts."""
    from qa_audit.reports import figures
    from qa_audit.reports.summary import inadequate

    finished = figures.done(facts)
    where = {
        kind: [a for a in facts.audits if figures.standing(a, facts.as_at) == kind]
        for kind in ("overdue", "in_hand", "exempt")
    }
    verified = {a.audit_ref for a in facts.actions if a.verified_on}
    acted = {a.audit_ref for a in facts.actions}
    twice = [a for a in finished if a.overall.pair]
    return {
        "Audits done": refs(finished),
        "Overdue audits": refs(where["overdue"]),
        "Audits in hand": refs(where["in_hand"]),
        "Exempt or withdrawn": refs(where["exempt"]),
        "Audits moderated": refs([a for a in finished if a.overall.second is not None]),
        "Exact agreement": refs(twice),
        "Net drift": refs(twice),
        "Good or better": refs(
            [a for a in finished if a.overall.final is not None and a.overall.final <= Grade.GOOD]
        ),
        "Inadequate": refs(inadequate(facts)),
        "Safeguarding alerts": refs([a for a in facts.audits if a.alerts]),
        "Conversation held": refs([a for a in finished if a.conversation_held]),
        "Family view obtained": refs([a for a in finished if figures.feedback_obtained(a)]),
        "Actions verified": tuple(sorted(verified)),
        "Audits with every action verified": tuple(sorted(acted)),
        "Median days to moderation": refs([a for a in finished if a.submitted_on and a.moderated_on]),
    }


def _grades(facts: RoundFacts) -> Page:
    from qa_audit.reports import figures
    from qa_audit.reports.sheets import grading

    sheet = grading.grades(facts)
    mix, months = table(sheet, "GradeMix"), table(sheet, "GradesByMonth")
    assert mix is not None
    assert months is not None
    finished = figures.done(facts)
    found = []
    for grade, own, own_share, second, _, final, final_share in mix.rows:
        assert isinstance(grade, Grade)
        says = f"{words(final_share, 'percent')} of those graded; auditors said {own} ({words(own_share, 'percent')}), second graders {second}"
        audits = [a for a in finished if a.overall.final is grade]
        found.append(Figure(pictures.grade_cell(grade, grade.words), words(final), says, refs(audits)))
    bars: list[tuple[str, tuple[int, ...]]] = []
    for month, name, o, g, r, i, n, better, own in months.rows:
        bars.append((str(name), tuple(int(str(v)) for v in (o, g, r, i))))
        says = (
            f"{words(better, 'percent')} Good or better; auditors said {words(own, 'percent')}"
            if n
            else "No audit was graded"
        )
        audits = [a for a in finished if a.submitted_on and figures.month_of(a.submitted_on) == month]
        earlier = [e.ref for e in facts.earlier if figures.month_of(e.submitted_on) == month]
        found.append(Figure(figures.month_words(str(month)), words(n), says, (*refs(audits), *earlier)))
    return Page(
        "grades", "Grades", tuple(found), lambda width: pictures.grades_by_month(bars, width),
        "Final grades by the month of submission. The panel's grade stands, else the moderator's, else the auditor's.",
    )  # fmt: skip


def _areas(facts: RoundFacts) -> Page:
    from qa_audit.reports import figures
    from qa_audit.reports.sheets import grading

    sheet = grading.practice_areas(facts)
    areas, places = table(sheet, "PracticeAreas"), table(sheet, "AreaHeatMap")
    assert areas is not None
    finished = figures.done(facts)
    found = []
    for title, code, n, _o, _g, _r, _i, better, before, before_n, change, twice, same in areas.rows:
        says = f"{words(better, 'percent')} Good or better"
        if isinstance(change, int):
            says += f"; quarter before {words(before, 'percent')} (n={before_n}), {change:+d} points"
        if twice:
            says += f"; both graders the same in {same} of {twice}"
        audits = [a for a in finished if any(s.code == code for s in a.sections)]
        found.append(Figure(str(title), words(n), says, refs(audits), str(code)))
    lines = figures.area_lines(facts)
    place_rows = [tuple(row) for row in places.rows] if places is not None else []
    headings = [column.heading for column in places.columns[2:]] if places is not None else []
    caption = places.caption if places is not None else ""

    def draw(width: int) -> list[Content]:
        drawn = pictures.area_heat(lines, width)
        if place_rows and headings:
            drawn += [Content(""), say(caption, STRONG)]
            drawn += pictures.place_heat(place_rows, headings, width)
        return drawn

    return Page("areas", "Areas", tuple(found), draw)


def _agreement(facts: RoundFacts) -> Page:
    from qa_audit.reports import figures
    from qa_audit.reports.sheets import moderation

    sheet = moderation.moderation_matrix(facts)
    finished = figures.done(facts)
    pairs = figures.pairs(finished)
    counts = [[sum(pair == (row, column) for pair in pairs) for column in Grade] for row in Grade]
    found = []
    for row in Grade:
        for column in Grade:
            n = counts[row - 1][column - 1]
            if not n:
                continue
            audits = [a for a in finished if a.overall.pair == (row, column)]
            gap = int(column) - int(row)
            says = (
                "the same"
                if not gap
                else f"{count(abs(gap), 'step')} {'more generous' if gap > 0 else 'harsher'}"
            )
            found.append(
                Figure(f"Auditor {row.short}, second {column.short}", str(n), Cell(f"Auditor {says}" if gap else "Both graders the same", WARN if abs(gap) > 1 else ""), refs(audits))
            )  # fmt: skip
    for name in ("ModerationOutcomes", "ChangeReasons"):
        for row_ in block.rows if (block := table(sheet, name)) is not None else ():
            key = str(row_[0])
            found.append(Figure(key, words(row_[1]), "", _moderated(facts, name, key)))
    notes = [
        str(getattr(block, "text", ""))
        for block in sheet.blocks
        if getattr(block, "tone", "") in ("note", "warning")
    ]
    return Page(
        "agreement", "Agreement", tuple(found), lambda width: pictures.agreement(facts, sheet, counts, width),
        " ".join(note for note in notes[:2] if note),
    )  # fmt: skip


def _moderated(facts: RoundFacts, name: str, key: str) -> tuple[str, ...]:
    from qa_audit.reports import words as say_words

    if name == "ModerationOutcomes":
        return tuple(m.audit_ref for m in facts.moderations if say_words.OUTCOMES.get(m.outcome) == key)
    return tuple(
        m.audit_ref
        for m in facts.moderations
        if m.outcome in ("changed_up", "changed_down") and say_words.words(say_words.CHANGE_REASONS, m.reason or "not_recorded") == key
    )  # fmt: skip


def _drift(facts: RoundFacts, *, auditors: bool) -> Page:
    from qa_audit.reports import figures
    from qa_audit.reports.sheets import moderation

    sheet = moderation.moderation_matrix(facts)
    months = table(sheet, "DriftByMonth")
    assert months is not None
    finished = figures.done(facts)
    found, points = [], []
    for name, month, n, generous, harsh, mean, remark in months.rows:
        points.append(
            (figures.month_words(str(month)), int(str(n)), mean if isinstance(mean, float) else None)
        )
        audits = [
            a
            for a in finished
            if a.submitted_on and figures.month_of(a.submitted_on) == month and a.overall.pair
        ]
        earlier = [
            e.ref for e in facts.earlier if figures.month_of(e.submitted_on) == month and e.overall.pair
        ]
        says = (
            "Nothing was graded twice"
            if not n
            else f"{words(mean, 'shift')} steps; auditors more generous on {generous}, harsher on {harsh}"
        )
        if remark and n:
            says += f". {remark}"
        found.append(Figure(str(name).partition(" (")[0], words(n), says, (*refs(audits), *earlier)))
    if auditors:
        for line in figures.auditor_lines(facts):
            moved = line.drift
            says = "nothing graded twice yet"
            if moved.n:
                says = f"{moved.exact} of {moved.n} the same; more generous on {moved.generous}, harsher on {moved.harsh}"
            mine = [a for a in facts.audits if a.auditor_code == line.code]
            found.append(Figure(f"Auditor {line.code}", str(line.plan.done), says, refs(mine)))
    note = "Second opinion minus auditor, in grade steps. Under ten double-graded audits a month is a hint, not a finding."
    if auditors:
        note += " Auditors: for the QA unit, for support and calibration, never for ranking."
    return Page("drift", "Drift", tuple(found), lambda width: pictures.drift(points, width), note)


def _coverage(facts: RoundFacts) -> Page:
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


def _together(facts: RoundFacts) -> Page:
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


def _actions(facts: RoundFacts) -> Page:
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


def _alerts(facts: RoundFacts) -> Page:
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
