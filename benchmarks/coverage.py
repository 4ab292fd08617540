"""Do the intervals hold what they say? Coverage of every 95% interval that papers print, beside a percentile bootstrap.

Run: `python -m benchmarks coverage [--full]` for the claims, or `python -m benchmarks.coverage [--full] [--exercises N]` for the whole table.
An exercise is a simulated round: each case has a true grade, the auditor and the moderator see it with errors of their own,
and the truth of a coefficient is its value over the whole joint distribution. Coverage counts the exercises whose interval
holds the truth among those that have an interval; `none` is the share of exercises for which the product shows no interval and says
why. The bootstrap resamples the cases 200 times and counts in the same exercises. The band looked for is 93-98%.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.claim import Claim
from qa_audit.moderation.adjusted import Moderated, ModerationGroup, moderation_adjusted_by_group
from qa_audit.moderation.agreement import (
    adjacent_agreement,
    cohen_kappa,
    gwet_ac,
    interval_too_short,
    krippendorff_alpha,
    percent_agreement,
)
from qa_audit.moderation.drift import mean_signed_shift

MIXES: Mapping[str, tuple[float, ...]] = {
    "typical": (0.06, 0.48, 0.36, 0.10),
    "skewed": (0.02, 0.87, 0.09, 0.02),
    "two-humped": (0.35, 0.15, 0.15, 0.35),
}
"""Shares of true grades, Outstanding first."""
LEVELS: Mapping[str, float] = {"high": 0.95, "middle": 0.85, "low": 0.65}
"""Chance that one grader gives the true grade; an error is mostly one step."""
SHOWN_FROM = 10
LOW, HIGH = 0.93, 0.98
REPLICATES = 200
POOL = 5
"""Audits for each moderated one in the exercises of the adjusted share."""

Point = Callable[[Any], float | None]


@dataclass
class Tally:
    """What became of one interval over the exercises."""

    held: int = 0
    with_interval: int = 0
    exercises: int = 0
    boot_held: int = 0
    boot: int = 0
    width: float = 0.0

    @property
    def coverage(self) -> float:
        return self.held / self.with_interval if self.with_interval else math.nan

    @property
    def bootstrap(self) -> float:
        return self.boot_held / self.boot if self.boot else math.nan

    @property
    def none(self) -> float:
        return 1 - self.with_interval / self.exercises if self.exercises else math.nan


def joint(mix: tuple[float, ...], right: float) -> Any:
    """P(auditor's grade, moderator's grade): independent errors about the true grade, the auditor's a little generous."""

    def seen(lean: float) -> Any:
        rows = np.zeros((4, 4))
        for true in range(4):
            for step, chance in ((-1, lean), (1, 0.9 - lean), (-2, 0.05), (2, 0.05)):
                rows[true, min(3, max(0, true + step))] += (1 - right) * chance
            rows[true, true] += right
        return rows

    return np.einsum("t,ta,tm->am", np.asarray(mix), seen(0.55), seen(0.45))


def figures(table: Any) -> dict[str, tuple[float, float] | None]:
    """The intervals of one exercise, by name, as the product prints them."""
    n = int(table.sum())
    mix = tuple((table.sum(axis=0) + table.sum(axis=1)) / (2 * n))
    kappa_short = interval_too_short("cohen_kappa", n, mix)
    alpha_short = interval_too_short("krippendorff_alpha_ordinal", n, mix)
    return {
        "exact % (Wilson)": percent_agreement(table).ci,
        "adjacent % (Wilson)": adjacent_agreement(table).ci,
        "kappa (Fisher-z t)": None if kappa_short else cohen_kappa(table).ci,
        "AC2 (Fisher-z t)": gwet_ac(table=table).ci,
        "alpha (Fisher-z t)": None if alpha_short else krippendorff_alpha(table=table).ci,
        "mean shift (t)": mean_signed_shift(table).ci,
    }


def points(p: Any) -> dict[str, Any]:
    """The same figures' values for tables of shares, stacked (one truth, or all bootstrap replicates at once)."""
    p = np.asarray(p, dtype=np.float64)
    place = np.arange(4)
    apart = np.abs(place[:, None] - place[None, :])
    w = 1 - (apart / 3.0) ** 2
    row, column = p.sum(axis=-1), p.sum(axis=-2)
    share = (row + column) / 2
    observed = (p * w).sum(axis=(-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.einsum("...a,ab,...b->...", row, w, column)
        gwet = w.sum() / 12 * (share * (1 - share)).sum(axis=-1)
        rank = np.cumsum(share, axis=-1) - share / 2
        metric = (rank[..., :, None] - rank[..., None, :]) ** 2
        expected = (share[..., :, None] * share[..., None, :] * metric).sum(axis=(-1, -2))
        return {
            "exact % (Wilson)": (p * (apart == 0)).sum(axis=(-1, -2)),
            "adjacent % (Wilson)": (p * (apart <= 1)).sum(axis=(-1, -2)),
            "kappa (Fisher-z t)": np.where(chance < 1 - 1e-12, (observed - chance) / (1 - chance), np.nan),
            "AC2 (Fisher-z t)": (observed - gwet) / (1 - gwet),
            "alpha (Fisher-z t)": np.where(
                expected > 1e-12, 1 - (p * metric).sum(axis=(-1, -2)) / expected, np.nan
            ),
            "mean shift (t)": (p * (place[None, :] - place[:, None])).sum(axis=(-1, -2)),
        }


def _count(tally: Tally, truth: float, ci: tuple[float, float] | None, replicates: Any) -> None:
    tally.exercises += 1
    if ci is None:
        return
    tally.with_interval += 1
    tally.width += ci[1] - ci[0]
    tally.held += ci[0] - 1e-9 <= truth <= ci[1] + 1e-9
    kept = replicates[~np.isnan(replicates)]
    if len(kept):
        low, high = np.quantile(kept, (0.025, 0.975))
        tally.boot += 1
        tally.boot_held += bool(low - 1e-9 <= truth <= high + 1e-9)


def exercise_grid(mix: str, level: str, n: int, exercises: int, seed: int = 2026) -> dict[str, Tally]:
    """Coverage of the agreement figures for one grade mix, level of agreement and number of double-graded cases."""
    p = joint(MIXES[mix], LEVELS[level])
    stream = np.random.default_rng([seed, n, *map(ord, mix + level)])
    truth = {name: float(value) for name, value in points(p).items()}
    found = {name: Tally() for name in truth}
    for table in stream.multinomial(n, p.ravel(), size=exercises):
        again = stream.multinomial(n, table / n, size=REPLICATES).reshape(-1, 4, 4) / n
        values = points(again)
        for name, ci in figures(table.reshape(4, 4)).items():
            _count(found[name], truth[name], ci, values[name])
    found["adjusted share (t)"] = adjusted(p, n, exercises, stream)
    return found


def adjusted(p: Any, m: int, exercises: int, stream: Any) -> Tally:
    """The share of Good or better among `POOL * m` audits, of which `m` at random were moderated."""
    audited, good = POOL * m, np.arange(4) < 2
    cells = np.array([p[np.ix_(a, b)].sum() for a in (good, ~good) for b in (good, ~good)])
    tally = Tally()
    for _ in range(exercises):
        every = stream.multinomial(audited, cells)
        truth = (every[0] + every[2]) / audited
        seen = stream.multivariate_hypergeometric(every, m)
        group = ModerationGroup(audited, int(every[0] + every[1]), Moderated(*(int(v) for v in seen)))
        again = stream.multinomial(m, seen / m, size=REPLICATES)
        replicates = (every[0] + every[1]) / audited + (again[:, 2] - again[:, 1]) / m
        _count(tally, truth, moderation_adjusted_by_group(audited, [group]).ci, replicates)
    return tally


def grid(full: bool) -> list[tuple[str, str, int]]:
    """The settings that are simulated."""
    sizes = (10, 20, 30, 50, 100) if full else (10, 30)
    levels = tuple(LEVELS) if full else ("middle",)
    return [(mix, level, n) for mix in MIXES for level in levels for n in sizes]


def claims(full: bool = False) -> list[Claim]:
    """For each interval how often it misses the truth at its worst, typical mix, beside the bootstrap in the same exercises."""
    exercises = 2000 if full else 300
    sizes = (10, 20, 30, 50, 100) if full else (10, 30)
    cells = [exercise_grid("typical", "middle", n, exercises) for n in sizes]
    found = []
    for name in cells[0]:
        worst = min(range(len(cells)), key=lambda i: cells[i][name].coverage)
        tally = cells[worst][name]
        found.append(
            Claim(
                f"missed by the 95% interval at its worst: {name}, n = {sizes[worst]}",
                100 * (1 - tally.coverage),
                unit="%",
                against="percentile bootstrap",
                other=100 * (1 - tally.bootstrap),
            )
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--full", action="store_true", help="n = 10, 20, 30, 50, 100 at three levels of agreement"
    )
    parser.add_argument("--exercises", type=int, default=0, help="simulated rounds for each row")
    chosen = parser.parse_args()
    exercises = chosen.exercises or (2000 if chosen.full else 300)
    noise = 1.96 * math.sqrt(0.95 * 0.05 / exercises)
    print(
        f"{exercises} exercises a row; a true 95% shows as 95% +/- {100 * noise:.1f} points by chance alone"
    )
    print(
        f"{'mix':<12}{'agreement':<11}{'n':>4}  {'interval':<22}{'coverage':>9}{'bootstrap':>11}{'width':>8}{'none':>7}  93-98%"
    )
    inside: dict[str, list[bool]] = {}
    for mix, level, n in grid(chosen.full):
        for name, tally in exercise_grid(mix, level, n, exercises).items():
            if not tally.with_interval:
                print(
                    f"{mix:<12}{level:<11}{n:>4}  {name:<22}{'-':>9}{'-':>11}{'-':>8}{'100%':>7}  shows none, says why"
                )
                continue
            good = LOW <= tally.coverage <= HIGH
            inside.setdefault(name, []).append(good)
            words = "yes" if good else "above: wide, careful" if tally.coverage > HIGH else "BELOW"
            print(
                f"{mix:<12}{level:<11}{n:>4}  {name:<22}{tally.coverage:>9.1%}{tally.bootstrap:>11.1%}"
                f"{tally.width / tally.with_interval:>8.2f}{tally.none:>7.0%}  {words}"
            )
    print()
    for name, found in inside.items():
        print(f"{name:<22} within 93-98% in {sum(found)} of {len(found)} rows")
    print(
        f"Papers print no coefficient and no shift under {SHOWN_FROM} double-graded cases; `none` above is where they then still print no interval."
    )


if __name__ == "__main__":
    main()
