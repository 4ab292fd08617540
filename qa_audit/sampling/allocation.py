"""How a sample is shared between strata, and how probable each case is under risk weights."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.figures import rational


def allocate_proportional(
    n: int,
    population: Sequence[int],
    minimum: int | Sequence[int] = 0,
    maximum: int | Sequence[int] | None = None,
) -> list[int]:
    """Share `n` cases between strata in proportion to their size; cases per stratum, summing to `n`.

    Every stratum first gets its minimum (never more than it holds), counted inside the
    apportionment; the rest goes by highest averages (Webster, Sainte-Laguë: N_h / (2k + 1)), capped
    at `maximum` and at the stratum's size. A larger `n` never takes a case away from a stratum, so
    an extended draw keeps what was drawn. Source: Balinski and Young (2001) Fair Representation; the same
    convention as R sps and SAS SURVEYSELECT. Raises BadInput when `n` does not fit.
    """
    floors, caps = _bounds(n, population, minimum, maximum)
    return _by_priority(n, floors, caps, lambda h, k: Fraction(population[h], 2 * k + 1))


def allocate_neyman(
    n: int,
    population: Sequence[int],
    stdev: Sequence[float],
    minimum: int | Sequence[int] = 2,
    maximum: int | Sequence[int] | None = None,
) -> list[int]:
    """Share `n` cases so that the stratified mean varies least: the exact whole-number optimum.

    `stdev` is the spread of the measure in each stratum, in any one unit. Priority values
    N_h S_h / sqrt(k (k + 1)), compared as exact squares. Source: Wright (2012, 2017), Friedrich et al. (2015).
    The minimum of 2 keeps a standard error possible in every stratum.
    """
    if len(stdev) != len(population) or any(not math.isfinite(s) or s < 0 for s in stdev):
        raise BadInput(
            Code.BAD_VALUE, "Every stratum needs one spread, a number that is not negative", where="stdev"
        )
    floors, caps = _bounds(n, population, minimum, maximum)
    spread = [(size * rational(s)) ** 2 for size, s in zip(population, stdev, strict=True)]

    def priority(h: int, k: int) -> Fraction:
        # the first case of a stratum comes before any second one: the variance is infinite without it
        return spread[h] / (k * (k + 1)) if k else (spread[h] + 1) * 10**30

    return _by_priority(n, floors, caps, priority)


def inclusion_probabilities(size: Sequence[float], n: int) -> list[float]:
    """The chance of each case when `n` are drawn with probability proportional to `size`; sums to `n`.

    pi_i = n x_i / sum(x); cases that reach 1 are taken for certain and the rest is worked out again.
    A size of 0 is never drawn. Source: Särndal, Swensson, Wretman (1992) 3.6; R sampling::inclusionprobabilities.
    """
    if any(not math.isfinite(x) or x < 0 for x in size):
        raise BadInput(Code.BAD_VALUE, "Every size must be a number that is not negative", where="size")
    free = {i for i, x in enumerate(size) if x > 0}
    if not 0 <= n <= len(free):
        raise BadInput(
            Code.NOTHING_TO_DRAW,
            f"{n} cannot be drawn from {len(free)} cases with a size above 0",
            where="n",
            next_step="Ask for fewer cases",
        )
    pi = [0.0] * len(size)
    left = n
    while free:
        total = math.fsum(size[i] for i in free)
        certain = {i for i in free if left * size[i] >= total}
        if not certain:
            for i in free:
                pi[i] = left * size[i] / total
            break
        for i in certain:
            pi[i] = 1.0
        free -= certain
        left -= len(certain)
        if left <= 0:
            break
    return pi


def _bounds(
    n: int, population: Sequence[int], minimum: int | Sequence[int], maximum: int | Sequence[int] | None
) -> tuple[list[int], list[int]]:
    """The least and the most each stratum may get, or a refusal that gives the figures."""
    strata = len(population)
    low = [minimum] * strata if isinstance(minimum, int) else list(minimum)
    high = (
        list(population)
        if maximum is None
        else [maximum] * strata
        if isinstance(maximum, int)
        else list(maximum)
    )
    if len(low) != strata or len(high) != strata or any(v < 0 for v in (*population, *low, *high)) or n < 0:
        raise BadInput(
            Code.BAD_VALUE,
            "Sizes, minimums and maximums must be whole numbers, one for each stratum",
            where="population, minimum, maximum",
        )
    caps = [min(c, size) for c, size in zip(high, population, strict=True)]
    floors = [min(f, c) for f, c in zip(low, caps, strict=True)]
    if not sum(floors) <= n <= sum(caps):
        raise BadInput(
            Code.NOTHING_TO_DRAW,
            f"A sample of {n} does not fit: the minimums need {sum(floors)}, the strata can give {sum(caps)}",
            where="n",
            next_step="Change the size, the minimum or the maximum",
        )
    return floors, caps


def _by_priority(
    n: int, floors: list[int], caps: list[int], priority: Callable[[int, int], Fraction]
) -> list[int]:
    """Give out one case at a time to the highest priority; ties go to the earlier stratum."""
    out = list(floors)
    heap = [(-priority(h, k), h) for h, k in enumerate(out) if k < caps[h]]
    heapq.heapify(heap)
    for _ in range(n - sum(out)):
        _, h = heapq.heappop(heap)
        out[h] += 1
        if out[h] < caps[h]:
            heapq.heappush(heap, (-priority(h, out[h]), h))
    return out
