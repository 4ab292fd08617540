"""The pages that say whether the grades can be trusted: agreement and drift. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_audit.grades import Grade
from qa_audit.tui.listing import Cell
from qa_audit.tui.screens.dashboard import pictures
from qa_audit.tui.screens.dashboard.page import Figure, Page, refs, table, words
from qa_audit.tui.text import WARN, count

if TYPE_CHECKING:
    from qa_audit.reports.facts import RoundFacts


def agreement_page(facts: RoundFacts) -> Page:
    """The matrix, how far both graders agree, and what moderation led to."""
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


def drift_page(facts: RoundFacts, *, auditors: bool) -> Page:
    """Month by month, and for the QA unit by auditor, in which direction the auditors lean."""
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
    note = f"Second opinion minus auditor, in grade steps. Under {facts.indicative_from} double-graded audits a month is a hint, not a finding."
    if auditors:
        note += " Auditors: for the QA unit, for support and calibration, never for ranking."
    return Page("drift", "Drift", tuple(found), lambda width: pictures.drift(points, width), note)
