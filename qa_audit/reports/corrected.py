"""The share of Good or better of a round's audits, corrected for what blind moderation found, or why it cannot be.

The double-sampling difference estimate of `moderation.adjusted`: the auditors' own share of all finished audits plus
what the moderators' blind grades changed on average, each chance of moderation taken by itself. It speaks of the audits
that were done, so its uncertainty is that of moderation alone; children who were not audited are not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa_audit.grades import Grade
from qa_audit.reports.facts import AuditFacts, RoundFacts
from qa_audit.reports.figures import done, percent


@dataclass(frozen=True, slots=True)
class Corrected:
    """Shares are 0-1 and the interval is cut at both. `est` None: not shown, and `reason` says why."""

    n: int
    """Finished audits that the figure speaks of."""
    second: int
    """How many of them a moderator graded blind."""
    auditors: float | None = None
    """Good or better by the auditors' own first grades."""
    est: float | None = None
    ci: tuple[float, float] | None = None
    """95%; None when every audit was moderated: then there is nothing to estimate."""
    reason: str = ""

    @property
    def figure(self) -> str:
        """The figure in words."""
        return "not shown" if self.est is None else _whole(self.est)

    @property
    def words(self) -> str:
        """One line on what it rests on, or why there is none."""
        if self.est is None or self.auditors is None:
            return self.reason[:1].upper() + self.reason[1:]
        own = f"auditors alone {_whole(self.auditors)}"
        if self.ci is None:
            return f"For what moderation found; every one of {self.n} was moderated blind; {own}"
        low, high = self.ci
        return (
            f"For what moderation found; 95% {_whole(low)} to {_whole(high)}; {own}; "
            f"{self.second} of {self.n} moderated blind"
        )


def corrected(facts: RoundFacts) -> Corrected:
    """The corrected share of the round, where the way audits came to moderation makes it valid."""
    audits = done(facts)
    second = [audit for audit in audits if audit.overall.blind]
    why = _why_not(facts, audits, second)
    if why:
        return Corrected(len(audits), len(second), reason=why)
    from qa_audit.moderation.adjusted import groups_by_chance, moderation_adjusted_by_group

    chances = [audit.moderation_chance or 0.0 for audit in audits]
    groups = groups_by_chance(
        chances,
        [_good(audit.first_grade) for audit in audits],
        [None if audit.overall.blind is None else _good(audit.overall.blind) for audit in audits],
    )
    for chance, group in zip(sorted(set(chances)), groups, strict=True):
        if not group.moderated.m:
            return Corrected(
                len(audits), len(second),
                reason=f"none of the {_count(group.audited)} with a chance of moderation of {_whole(chance)} came up, so nothing corrects them",
            )  # fmt: skip
        if group.moderated.m == 1 < group.audited:
            return Corrected(
                len(audits), len(second),
                reason=f"only 1 of the {_count(group.audited)} with a chance of moderation of {_whole(chance)} came up: two are needed",
            )  # fmt: skip
    found = moderation_adjusted_by_group(len(audits), groups)
    auditors = sum(group.auditor_successes for group in groups) / len(audits)
    everything = len(second) == len(audits)
    if found.est is None or (found.ci is None and not everything):
        return Corrected(
            len(audits), len(second),
            reason=f"the audits chosen at random all moved alike ({len(second)} moderated), so how far the rest would move cannot be judged",
        )  # fmt: skip
    return Corrected(
        len(audits), len(second), auditors, _cut(found.est),
        None if everything or found.ci is None else (_cut(found.ci[0]), _cut(found.ci[1])),
    )  # fmt: skip


def _why_not(facts: RoundFacts, finished: Sequence[AuditFacts], second: Sequence[AuditFacts]) -> str:
    """Why no corrected share may be shown; "" when it may."""
    if not finished:
        return "no audit is done yet"
    moderations = [m for m in facts.moderations if m.outcome != "returned"]
    seen = {m.audit_ref for m in moderations if not m.blind and m.completed_on}
    # A chosen audit without its second grade would leave its group to those that were quick.
    waiting = {m.audit_ref for m in moderations if not m.completed_on}
    waiting |= {audit.ref for audit in finished if audit.overall.auditor is None}
    waiting |= {audit.ref for audit in facts.audits if audit.status == "returned"}
    unknown = [audit for audit in finished if audit.moderation_chance is None or audit.first_grade is None]
    if not second and not waiting:
        return "no audit has a blind second grade" if moderations else "no audit was moderated"
    if waiting:
        return f"{_count(len(waiting))} still to be moderated or handed in again"
    if seen or any(audit.overall.moderated and not audit.overall.blind for audit in finished):
        return "not every moderation ended with a blind second grade; a grade given in sight of the first corrects too little"
    if unknown:
        return f"the chance of being moderated is not known for {_count(len(unknown))}"
    if any(not audit.moderation_chance and audit.overall.blind is None for audit in finished):
        return "some audits had no chance of being moderated, so nothing corrects their grades"
    if any((audit.moderation_chance or 0) >= 1 and audit.overall.blind is None for audit in finished):
        return "some audits that a rule sends to moderation have no second grade"
    if len(second) < facts.indicative_from:
        return f"only {_count(len(second))} moderated blind; shown from {facts.indicative_from}"
    return ""


def _good(grade: Grade | None) -> bool:
    return grade is not None and grade <= Grade.GOOD


def _count(n: int) -> str:
    return f"{n} audit{'s' if n != 1 else ''}"


def _cut(value: float) -> float:
    return min(1.0, max(0.0, value))


def _whole(value: float) -> str:
    return percent(round(value * 10_000), 10_000)
