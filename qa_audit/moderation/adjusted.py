"""The share of good work once moderation has taken the auditors' generosity out: a double-sampling estimate.

Sources: Cochran (1977) 12.2-12.6 and Särndal, Swensson and Wretman (1992) ch. 9, the difference estimator. Only cases
that were chosen for moderation at random, with a known chance, may feed it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.figures import Interval, check_conf_level


@dataclass(frozen=True, slots=True)
class Moderated:
    """Moderated cases by who called them a success (for instance Good or better)."""

    both_success: int
    auditor_only: int
    moderator_only: int
    neither: int

    @property
    def m(self) -> int:
        """How many were moderated."""
        return self.both_success + self.auditor_only + self.moderator_only + self.neither


@dataclass(frozen=True, slots=True)
class ModerationGroup:
    """Audits that had the same known chance of being moderated (1 = all of them were to be)."""

    audited: int
    auditor_successes: int
    moderated: Moderated


@dataclass(frozen=True, slots=True)
class AdjustedProportion:
    """The adjusted proportion (0-1, its interval not cut at 0 and 1) and what moderation changed."""

    est: float | None
    se: float | None
    ci: Interval | None
    adjustment: float | None
    """Adjusted minus the auditors' own share; negative = the auditors were generous."""
    df: int | None
    reason: str = ""


def moderation_adjusted_proportion(
    population: int,
    audited: int,
    auditor_successes: int,
    moderated: Moderated | Mapping[str, int],
    conf_level: float = 0.95,
) -> AdjustedProportion:
    """p = auditors' share of all audited + mean(moderator - auditor) over a random moderated subsample.

    se^2 = (1 - m/n) s_d^2 / m + (1 - n/N) s_y^2 / n with n - 1 divisors, s_y^2 of the moderator's verdicts; t with m - 1 df.
    """
    found = moderated if isinstance(moderated, Moderated) else Moderated(**moderated)
    return moderation_adjusted_by_group(
        population, [ModerationGroup(audited, auditor_successes, found)], conf_level
    )


def moderation_adjusted_by_group(
    population: int, groups: Sequence[ModerationGroup], conf_level: float = 0.95
) -> AdjustedProportion:
    """The same with known unequal chances of moderation: one group for each chance, weighted by what was audited.

    Groups whose audits were all moderated add their exact difference and no variance; df = sum of (m - 1) over the
    others. A group with audits and nothing moderated leaves the estimate undefined: nothing is known about it.
    """
    from scipy.stats import t

    check_conf_level(conf_level)
    used = [g for g in groups if g.audited]
    for g in used:
        _check(g)
    n = sum(g.audited for g in used)
    if n == 0 or n > population:
        if n:
            raise BadInput(Code.BAD_VALUE, "More cases were audited than the frame holds", where="population")
        return AdjustedProportion(None, None, None, None, None, "nothing was audited")
    if any(g.moderated.m == 0 for g in used):
        return AdjustedProportion(
            None,
            None,
            None,
            None,
            None,
            "some audits had no chance of moderation, so nothing corrects their grades",
        )
    adjustment = math.fsum(g.audited / n * _difference(g) for g in used)
    est = math.fsum(g.auditor_successes for g in used) / n + adjustment
    partly = [g for g in used if g.moderated.m < g.audited]
    if any(g.moderated.m < 2 for g in partly) or (not partly and n < 2):
        return AdjustedProportion(
            est, None, None, adjustment, None, "a standard error needs two moderated cases"
        )
    second_phase = math.fsum(
        (g.audited / n) ** 2 * (1 - g.moderated.m / g.audited) * _spread(g) / g.moderated.m for g in partly
    )
    first_phase = (1 - n / population) * _verdict_variance(used, n) / n
    se = math.sqrt(second_phase + first_phase)
    df = sum(g.moderated.m - 1 for g in partly) or n - 1
    if not se:
        return AdjustedProportion(
            est, 0.0, None, adjustment, df, "all verdicts agree, so the spread cannot be judged"
        )
    half = float(t.ppf(0.5 + conf_level / 2, df)) * se
    return AdjustedProportion(est, se, (est - half, est + half), adjustment, df)


def groups_by_chance(
    chance: Sequence[float], auditor_success: Sequence[bool], moderator_success: Sequence[bool | None]
) -> list[ModerationGroup]:
    """One group for each chance of moderation, from one entry per audit; None = not moderated.

    The chances are those the selection recorded (`selection.Selection.inclusion_probability`).
    """
    groups = []
    for level in sorted(set(chance)):
        pairs = [
            (a, m) for c, a, m in zip(chance, auditor_success, moderator_success, strict=True) if c == level
        ]
        seen = [(a, m) for a, m in pairs if m is not None]
        found = Moderated(
            sum(a and m for a, m in seen),
            sum(a and not m for a, m in seen),
            sum(m and not a for a, m in seen),
            sum(not a and not m for a, m in seen),
        )
        groups.append(ModerationGroup(len(pairs), sum(a for a, _ in pairs), found))
    return groups


def _check(group: ModerationGroup) -> None:
    found = group.moderated
    counts = (found.both_success, found.auditor_only, found.moderator_only, found.neither)
    auditor_yes = found.both_success + found.auditor_only
    if (
        min(counts) < 0
        or found.m > group.audited
        or not auditor_yes <= group.auditor_successes <= group.audited - (found.m - auditor_yes)
    ):
        raise BadInput(
            Code.BAD_VALUE,
            "The moderated cases must be part of the audited ones",
            where="audited, auditor_successes, moderated",
        )


def _difference(group: ModerationGroup) -> float:
    """Mean of moderator - auditor over the moderated cases."""
    return (group.moderated.moderator_only - group.moderated.auditor_only) / group.moderated.m


def _spread(group: ModerationGroup) -> float:
    """Variance (m - 1) of moderator - auditor."""
    m, d = group.moderated.m, _difference(group)
    return (group.moderated.auditor_only + group.moderated.moderator_only - m * d * d) / (m - 1)


def _verdict_variance(groups: Sequence[ModerationGroup], n: int) -> float:
    """Variance of the moderator's verdict among the audited, each group standing for all of its audits."""
    share = math.fsum(
        g.audited / n * (g.moderated.both_success + g.moderated.moderator_only) / g.moderated.m
        for g in groups
    )
    m = sum(g.moderated.m for g in groups)
    return share * (1 - share) * m / (m - 1) if m > 1 else 0.0
