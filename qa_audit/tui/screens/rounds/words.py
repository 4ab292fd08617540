"""A round's page as text: its plan, what it would draw, what it drew, how far it is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from textual.content import Content

from qa_audit.audits.records import STATUS_WORDS
from qa_audit.tui.cohorts import stratum_words
from qa_audit.tui.screens.rounds.facts import RoundFacts
from qa_audit.tui.screens.rounds.screen import round_words
from qa_audit.tui.text import ACCENT, BAD, MUTED, OK, STRONG, WARN, count, fit, join, lines, say

if TYPE_CHECKING:
    from qa_audit.sampling.records import Preview, RoundRow


def page(facts: RoundFacts) -> Content:
    """All of it."""
    rows = [round_words(facts.round), plan_words(facts.round), Content("")]
    if facts.preview is not None:
        rows += [say("What this plan would draw", STRONG), *preview_lines(facts.preview), Content("")]
        rows.append(
            say("D draws it in the open. E changes the plan as long as it has not been drawn.", ACCENT)
        )
    elif facts.no_preview:
        rows.append(say(facts.no_preview, WARN))
        rows.append(say("E changes the plan; U takes the newest list of children.", ACCENT))
    else:
        rows += [*drawn_lines(facts), Content(""), *progress_lines(facts)]
    return lines(rows)


def plan_words(row: RoundRow) -> Content:
    """The sampling plan in one or two lines."""
    from qa_audit.sampling.records import STRATA_COLUMNS
    from qa_audit.sampling.risks import RISKS

    plan = row.plan
    strata = " and ".join(STRATA_COLUMNS.get(one, one).lower() for one in plan.get("strata") or ()) or "none"
    size = plan.get("size") or row.target
    parts = [f"{size} cases, no strata" if strata == "none" else f"{size} cases; strata by {strata}"]
    if plan.get("minimum"):
        parts.append(f"at least {plan['minimum']} from each")
    if plan.get("not_audited_months"):
        parts.append(f"nobody drawn in the last {plan['not_audited_months']} months")
    if plan.get("worker_once"):
        parts.append("one case of a worker a quarter")
    risks = [
        f"{RISKS[one['key']][0].lower() if one['key'] in RISKS else one['key']} "
        + (f"{one['size']} cases" if one.get("size") else f"{float(one.get('rate', 1)):.0%}")
        for one in plan.get("risks") or ()
    ]
    if risks:
        parts.append("on top " + ", ".join(risks))
    return join(("Sample      ", MUTED), "; ".join(parts))


def preview_lines(preview: Preview) -> list[Content]:
    """Strata with their counts, who is left out, every risk list."""
    rows = [
        join(
            f"{preview.eligible:,} of {preview.children:,} children can be drawn",
            (f"   list of {preview.frame}, {preview.as_at}", MUTED),
        )
    ]
    for reason, number in preview.left_out.items():
        rows.append(join(f"{number:>6,}  ", ("left out: ", MUTED), reason.replace("_", " ")))
    rows.append(join((f"  {'Stratum':<44} {'Children':>8} {'Drawn':>6}", MUTED)))
    for one in preview.strata:
        mark = "!" if one.kind == "risk" else " "
        rows.append(
            join(
                f"{mark} {fit(one.title, 44)} {one.population:>8,} ",
                (f"{one.allocated:>6,}", STRONG),
            )
        )
    rows.append(join(f"  {'In all':<44} {preview.eligible:>8,} ", (f"{preview.to_draw:>6,}", STRONG)))
    rows += [
        Content(""),
        join(
            ("Risk lists among these children", STRONG), ("   ! above: drawn at a rate of their own", MUTED)
        ),
    ]
    chosen = {one.stratum for one in preview.strata if one.kind == "risk"}
    for key, words, number in preview.risks:
        drawn = f"risk: {key}" in chosen
        note = ("in the plan", OK) if drawn else ("not in the plan", WARN if number else MUTED)
        rows.append(join(f"{number:>6,}  {fit(words, 44)}  ", note))
    return rows


def drawn_lines(facts: RoundFacts) -> list[Content]:
    """What was drawn, stratum by stratum."""
    if not facts.cases:
        return [say(f"{count(facts.round.drawn, 'case')} drawn", STRONG)]
    tally: dict[str, Counter[str]] = {}
    for one in facts.cases:
        tally.setdefault(one.stratum, Counter())[one.state] += 1
    rows = [
        say(f"{count(len(facts.selected), 'case')} drawn", STRONG),
        say(f"  {'Stratum':<44} {'Drawn':>6} {'Replaced':>9} {'In reserve':>11}", MUTED),
    ]
    for stratum, states in tally.items():
        rows.append(
            join(
                f"  {fit(stratum_words(stratum), 44)} ", (f"{states['selected']:>6,}", STRONG), f" {states['replaced'] or '':>9}",
                (f" {states['reserve'] or '':>11}", MUTED),
            )
        )  # fmt: skip
    return rows


STATES = ("planned", "allocated", "in_progress", "returned", "submitted", "in_moderation", "moderated", "disputed", "panel",
          "final", "shared", "withdrawn", "exempted", "lapsed")  # fmt: skip


def progress_lines(facts: RoundFacts) -> list[Content]:
    """How far the audits are, state by state."""
    if not facts.audits:
        return [say("No audits yet. A gives the drawn cases to auditors.", ACCENT)]
    states = Counter(one.status for one in facts.audits)
    rows = [say("Audits", STRONG)]
    most = max(states.values())
    for state in STATES:
        if states[state]:
            bar = "█" * max(1, round(30 * states[state] / most))
            rows.append(join(f"{states[state]:>6,}  {STATUS_WORDS.get(state, state):<28} ", (bar, ACCENT)))
    late = [one for one in facts.audits if one.overdue_days]
    if late:
        rows.append(
            say(
                f"{len(late):>6,}  ! overdue, the longest by {count(max(one.overdue_days for one in late), 'day')}",
                BAD,
            )
        )
    if facts.without_audit:
        rows.append(say(f"{count(facts.without_audit, 'case')} without an auditor: A allocates.", WARN))
    return rows
