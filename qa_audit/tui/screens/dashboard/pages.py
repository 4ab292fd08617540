"""The pages of the dashboard: figures with the audits behind each, and how a page is drawn. Pure, no widget.

Every figure comes from the tables and functions of which the moderation summary is made (`reports.summary`,
`reports.sheets`, `reports.figures`), so the screen and the workbook cannot differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.tui.listing import Cell
from qa_audit.tui.screens.dashboard import pictures
from qa_audit.tui.screens.dashboard.page import Figure, Page, refs, table, words
from qa_audit.tui.screens.dashboard.pages_of_moderation import agreement_page, drift_page
from qa_audit.tui.screens.dashboard.pages_of_work import (
    actions_page,
    alerts_page,
    coverage_page,
    together_page,
)
from qa_audit.tui.text import BAD, STRONG, say

if TYPE_CHECKING:
    from qa_audit.reports.document import Value
    from qa_audit.reports.facts import RoundFacts


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
        _overview(facts), _grades(facts), _areas(facts), agreement_page(facts), drift_page(facts, auditors=auditors),
        coverage_page(facts), together_page(facts), actions_page(facts), alerts_page(facts),
    )  # fmt: skip
    out = "; ".join(f"{what}: {why}" for what, why in facts.method.left_out)
    return Dashboard(facts.ref, facts.title or facts.ref, headline(facts), out, pages, facts)


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
    return says if whole in (None, "") or str(whole) in re.findall(r"\d+", says) else f"{says} (of {whole})"


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
        "Good or better, corrected": refs([a for a in finished if a.overall.blind]),
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
