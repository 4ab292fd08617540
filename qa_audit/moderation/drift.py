"""Direction of disagreement between two raters, and where to find the figures on single auditors.

Tables have the first rater (the auditor) in rows and the second (the moderator) in columns, grades 1 = Outstanding ..
4 = Inadequate. Shift = column - row in grade steps: positive = the first rater was more generous.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qa_audit.moderation.adjusted import (
    AdjustedProportion,
    Moderated,
    ModerationGroup,
    groups_by_chance,
    moderation_adjusted_by_group,
    moderation_adjusted_proportion,
)
from qa_audit.moderation.gradings import Table, as_table
from qa_audit.moderation.severity import (
    OrdinalSeverity,
    Severity,
    severity_ordinal,
    severity_shrinkage,
)
from qa_audit.sampling.figures import Est, check_conf_level

__all__ = [
    "AdjustedProportion",
    "MarginTest",
    "Moderated",
    "ModerationGroup",
    "OrdinalSeverity",
    "Severity",
    "SignTest",
    "bhapkar",
    "direction_sign_test",
    "good_or_better_change",
    "groups_by_chance",
    "mean_signed_shift",
    "moderation_adjusted_by_group",
    "moderation_adjusted_proportion",
    "severity_ordinal",
    "severity_shrinkage",
    "stuart_maxwell",
]

FEWEST_DISCORDANT = 10
"""Below this many differing pairs the chi-squared p-value of a margin test is not trustworthy."""
NOTHING_TWICE = "no case was graded twice"
NO_DIFFERENCE = "no case was graded differently"


@dataclass(frozen=True, slots=True)
class SignTest:
    """Of the cases graded differently, how many the first rater graded better and worse."""

    n_generous: int
    n_harsh: int
    p_value: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MarginTest:
    """A chi-squared test of equal margins. `p_value` is None below ten differing pairs."""

    statistic: float | None
    df: int | None
    p_value: float | None
    reason: str = ""

    def as_json(self) -> dict[str, object]:
        """`{"statistic", "df", "p_value"}`, and `reason` beside a null."""
        out: dict[str, object] = {"statistic": self.statistic, "df": self.df, "p_value": self.p_value}
        return out | {"reason": self.reason} if self.reason else out


def direction_sign_test(table: Table) -> SignTest:
    """Exact two-sided sign test on the cases graded differently (McNemar's test of overall bias).

    Conover (1999) 3.4: binomial with 1/2. Needs no minimum size and takes no account of how many steps apart.
    """
    import numpy as np
    from scipy.stats import binomtest

    counts = as_table(table)
    generous = round(float(np.triu(counts, 1).sum()))
    harsh = round(float(np.tril(counts, -1).sum()))
    if not generous + harsh:
        return SignTest(0, 0, None, NO_DIFFERENCE if counts.any() else NOTHING_TWICE)
    return SignTest(generous, harsh, float(binomtest(generous, generous + harsh).pvalue))


def mean_signed_shift(table: Table, conf_level: float = 0.95) -> Est:
    """Mean of (second - first grade) in grade steps with a t(n - 1) interval; positive = first more generous.

    Show from ten cases; with no spread the interval is None: give the sign test's counts instead.
    """
    import numpy as np

    counts = as_table(table)
    place = np.arange(len(counts))
    return _mean(counts, place[None, :] - place[:, None], conf_level)


def good_or_better_change(table: Table, conf_level: float = 0.95) -> Est:
    """Change in the share graded Good or better, second rater minus first (0-1), paired, t(n - 1) interval.

    Negative = moderation lowers the share. Good or better = the first two categories.
    """
    import numpy as np

    counts = as_table(table)
    good = np.arange(len(counts)) < 2
    return _mean(counts, good[None, :].astype(int) - good[:, None].astype(int), conf_level)


def stuart_maxwell(table: Table) -> MarginTest:
    """Stuart-Maxwell test that both raters use the grades equally often.

    Stuart (1955), Maxwell (1970); by the pseudo-inverse with df = its rank, so a grade nobody disputes takes away one df
    and no category is dropped. p only from ten differing pairs.
    """
    import numpy as np
    from scipy.stats import chi2

    counts = as_table(table)
    off = counts - np.diag(np.diag(counts))
    discordant = float(off.sum())
    if not discordant:
        return MarginTest(None, None, None, NO_DIFFERENCE if counts.any() else NOTHING_TWICE)
    difference = off.sum(axis=1) - off.sum(axis=0)
    spread = np.diag(off.sum(axis=1) + off.sum(axis=0)) - off - off.T
    df = int(np.linalg.matrix_rank(spread, hermitian=True))
    statistic = float(difference @ np.linalg.pinv(spread, hermitian=True) @ difference)
    if discordant < FEWEST_DISCORDANT:
        return MarginTest(
            statistic, df, None, f"fewer than {FEWEST_DISCORDANT} cases were graded differently"
        )
    return MarginTest(statistic, df, float(chi2.sf(statistic, df)))


def bhapkar(table: Table) -> MarginTest:
    """Bhapkar's (1966) test of equal margins: SM / (1 - SM / n), n all double-graded cases; same df."""
    from scipy.stats import chi2

    counts = as_table(table)
    first = stuart_maxwell(table)
    n = float(counts.sum())
    if first.statistic is None or first.df is None:
        return first
    if first.statistic >= n * (1 - 1e-12):
        return MarginTest(
            None, first.df, None, "every case moved the same way, so the statistic has no bound"
        )
    statistic = first.statistic / (1 - first.statistic / n)
    p = None if first.p_value is None else float(chi2.sf(statistic, first.df))
    return MarginTest(statistic, first.df, p, first.reason)


def _mean(counts: object, value: object, conf_level: float) -> Est:
    """Mean of a value per cell over the cases of a table, with its t interval."""
    import numpy as np
    from scipy.stats import t

    check_conf_level(conf_level)
    times, v = np.asarray(counts, dtype=np.float64), np.asarray(value, dtype=np.float64)
    n = round(float(times.sum()))
    if not n:
        return Est(0, None, reason=NOTHING_TWICE)
    mean = float((times * v).sum() / n)
    if n < 2:
        return Est(n, mean, reason="a standard error needs at least two cases")
    squares = float((times * (v - mean) ** 2).sum())
    se = math.sqrt(squares / (n - 1) / n)
    if se < 1e-12:
        return Est(n, mean, 0.0, None, "every case shows the same shift, so its spread cannot be judged")
    half = float(t.ppf(0.5 + conf_level / 2, n - 1)) * se
    return Est(n, mean, se, (mean - half, mean + half))
