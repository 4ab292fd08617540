"""Agreement at scale: a million cases, five raters, half of the gradings missing, against krippendorff (PyPI).

Run: `python -m benchmarks agreement`, or with other numbers `python -m benchmarks.agreement [--cases N]`. CPU seconds of one run in one process; compare the ratios.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import krippendorff
import numpy as np

from benchmarks.claim import Claim
from qa_audit.moderation.agreement import agreement_summary, gwet_ac, krippendorff_alpha
from qa_audit.moderation.gradings import as_ratings, patterns_of


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def claims(full: bool = False) -> list[Claim]:
    """The whole summary, with errors and intervals, beside the package's one coefficient without."""
    cases = 1_000_000 if full else 200_000
    stream = np.random.default_rng(2026)
    true = stream.integers(1, 5, cases)[:, None]
    grades = np.clip(true + stream.integers(-1, 2, (cases, 5)), 1, 4)
    grades[stream.random(grades.shape) < 0.5] = 0
    agreement_summary(grades[:100])
    krippendorff.alpha(np.array([[1.0, 2, 1], [1, 2, 2]]), level_of_measurement="ordinal")
    raw = np.where(grades == 0, np.nan, grades).T
    alpha = seconds(lambda: krippendorff_alpha(grades))
    whole = seconds(lambda: agreement_summary(grades))
    theirs = seconds(
        lambda: krippendorff.alpha(raw, value_domain=[1, 2, 3, 4], level_of_measurement="ordinal")
    )
    against = "krippendorff, alpha without interval"
    return [
        Claim(
            f"alpha with its interval, {cases:,} cases, 5 raters",
            1000 * alpha,
            against=against,
            other=1000 * theirs,
            at_most=1.0,
        ),
        Claim("the whole summary of the same", 1000 * whole, against=against, other=1000 * theirs),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--raters", type=int, default=5)
    chosen = parser.parse_args()
    stream = np.random.default_rng(2026)
    true = stream.integers(1, 5, chosen.cases)[:, None]
    grades = np.clip(true + stream.integers(-1, 2, (chosen.cases, chosen.raters)), 1, 4)
    grades[stream.random(grades.shape) < 0.5] = 0
    agreement_summary(grades[:100])  # imports paid beforehand, on both sides
    krippendorff.alpha(np.array([[1.0, 2, 1], [1, 2, 2]]), level_of_measurement="ordinal")
    figures = {
        "patterns of all cases": seconds(lambda: patterns_of(grades)),
        "... of which reading and checking": seconds(lambda: as_ratings(grades, 4)),
        "Gwet AC2 with standard error": seconds(lambda: gwet_ac(grades)),
        "alpha, leave-one-out error and interval": seconds(lambda: krippendorff_alpha(grades)),
        "the whole summary": seconds(lambda: agreement_summary(grades)),
    }
    raw = np.where(grades == 0, np.nan, grades).T
    theirs = seconds(
        lambda: krippendorff.alpha(raw, value_domain=[1, 2, 3, 4], level_of_measurement="ordinal")
    )
    print(
        f"{chosen.cases:,} cases x {chosen.raters} raters, half missing; {len(patterns_of(grades).times)} patterns"
    )
    for name, cpu in figures.items():
        print(
            f"{name:<42}{cpu * 1000:>9.1f} ms   {theirs / cpu:>7.1f} times faster than krippendorff's alpha"
        )
    print(f"{'krippendorff (PyPI), alpha, no interval':<42}{theirs * 1000:>9.1f} ms")


if __name__ == "__main__":
    main()
