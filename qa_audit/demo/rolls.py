"""Drawing synthetic figures: seeded streams, banded draws, siblings. numpy is imported where it is used.

Days are whole numbers since 1970-01-01; BLANK stands for "no date".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
else:
    Ints = Flags = Floats = Any

BLANK = -(10**9)
HALF_YEAR = 182


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of one authority: PCG64, from the seed and the authority's name alone."""
    import zlib

    import numpy as np

    return np.random.Generator(np.random.PCG64([seed, zlib.crc32(name.encode("utf-8"))]))


def pick(rng: np.random.Generator, n: int, weights: Sequence[float]) -> Ints:
    """`n` indices drawn with these weights (any positive scale)."""
    import numpy as np

    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges / edges[-1], rng.random(n), side="right").astype(np.int64)


def pick_label(
    rng: np.random.Generator, n: int, weights: Mapping[str, float], labels: Mapping[str, str]
) -> Any:
    """`n` labels drawn by the weights of their keys (object array)."""
    import numpy as np

    named = np.array([labels[key] for key in weights], dtype=object)
    return named[pick(rng, n, tuple(weights.values()))]


def banded(rng: np.random.Generator, n: int, bands: Sequence[tuple[int, int, float]]) -> Ints:
    """`n` whole numbers: a band (low, high, weight) by weight, then evenly within it (both ends in)."""
    import numpy as np

    low, high = (np.array([band[i] for band in bands], dtype=np.int64) for i in (0, 1))
    chosen = pick(rng, n, [band[2] for band in bands])
    width = (high - low + 1)[chosen]
    return low[chosen] + np.floor(rng.random(n) * width).astype(np.int64)


def between(rng: np.random.Generator, low: Ints | int, high: Ints | int, n: int) -> Ints:
    """`n` days evenly between low and high (arrays allowed); where high < low, low."""
    import numpy as np

    span = np.maximum(np.asarray(high) - np.asarray(low), 0)
    drawn: Ints = np.asarray(low) + np.floor(rng.random(n) * (span + 1)).astype(np.int64)
    return drawn


def on_weekday(days: Ints) -> Ints:
    """Meetings, visits and checks of a weekend moved to the Friday before; BLANK stays."""
    import numpy as np

    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    return np.where(days == BLANK, BLANK, days - np.maximum(weekday - 4, 0)).astype(np.int64)


def families(rng: np.random.Generator, n: int, share_with_siblings: float) -> Ints:
    """Family numbers 0.. for n children in a row, so that this share of children has a sibling beside them.

    Each child joins the family before with probability p; a child is alone with (1-p)^2.
    """
    import numpy as np

    if n == 0:
        return np.zeros(0, dtype=np.int64)
    p = 1 - (1 - share_with_siblings) ** 0.5
    new = rng.random(n) >= p
    new[0] = True
    return (np.cumsum(new) - 1).astype(np.int64)


def hand_out(rng: np.random.Generator, family: Ints, workers: int) -> Ints:
    """A worker (0..workers-1) for every child: families stay whole, caseloads vary by about a tenth."""
    import numpy as np

    if len(family) == 0:
        return np.zeros(0, dtype=np.int64)
    numbers, where = np.unique(family, return_inverse=True)
    order = rng.permutation(len(numbers))
    sizes = np.bincount(where, minlength=len(numbers))[order]
    middle = np.cumsum(sizes) - sizes / 2
    load = np.cumsum(np.clip(rng.normal(1, 0.1, workers), 0.75, 1.25))
    worker_of = np.empty(len(numbers), dtype=np.int64)
    worker_of[order] = np.minimum(np.searchsorted(load / load[-1] * sizes.sum(), middle), workers - 1)
    return worker_of[where]
