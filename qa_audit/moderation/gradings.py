"""Gradings in the forms that figures are worked out from: a table of two raters, or patterns of many.

Grades are category numbers 1..q in rank order (1 = Outstanding, 4 = Inadequate); None, 0 or NaN = not graded.
A pattern is how many gradings a case has in each category; a million cases share at most 126 patterns of
five raters and four grades, and every coefficient is worked out on those alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from qa_audit.errors import BadInput, Code

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Ratings: TypeAlias = "Sequence[Sequence[int | None]] | NDArray[Any]"
Table: TypeAlias = "Sequence[Sequence[float]] | NDArray[Any]"
Weights: TypeAlias = "Literal['identity', 'linear', 'quadratic', 'boundary'] | Sequence[Sequence[float]]"
SinglyRated = Literal["exclude", "include"]

BOUNDARY_POSITIONS = (0.0, 1.0, 3.0, 5.0)
"""Where the four grades stand when a step over a boundary that matters counts double: from Good to
Requires improvement, and into Inadequate (the steps that always go to a panel)."""

_MOST_CODES = 4_000_000


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct patterns: `counts` is patterns x categories (gradings), `times` how many cases show each."""

    counts: NDArray[np.float64]
    times: NDArray[np.float64]

    @property
    def n(self) -> int:
        """Cases with at least one grading."""
        return int(self.times.sum())

    def graded(self, at_least: int) -> Patterns:
        """Only the cases with that many gradings or more."""
        keep = self.counts.sum(axis=1) >= at_least
        return Patterns(self.counts[keep], self.times[keep])


def as_table(table: Table) -> NDArray[np.float64]:
    """A square table of counts: rows = first rater (the auditor), columns = second rater (the moderator)."""
    import numpy as np

    out = np.asarray(table, dtype=np.float64)
    if (
        out.ndim != 2
        or out.shape[0] != out.shape[1]
        or out.size == 0
        or not np.isfinite(out).all()
        or (out < 0).any()
    ):
        raise BadInput(
            Code.BAD_VALUE,
            "A table of two raters has as many rows as columns, and counts that are not negative",
            where="table",
        )
    return out


def as_ratings(ratings: Ratings, categories: int) -> NDArray[np.int64]:
    """Cases x raters as whole numbers, 0 = not graded. Raises BadInput naming the first row that cannot be read."""
    import numpy as np

    if categories < 2:
        raise BadInput(Code.BAD_VALUE, "There must be at least two categories", where="categories")
    raw: NDArray[Any]
    if isinstance(ratings, np.ndarray):
        raw = np.nan_to_num(ratings, nan=0.0) if ratings.dtype.kind == "f" else ratings
    else:
        width = {len(row) for row in ratings}
        if len(width) > 1:
            raise BadInput(Code.BAD_VALUE, "Every case needs one place for each rater", where="ratings")
        raw = np.array(
            [[0 if v is None or v != v else v for v in row] for row in ratings],  # noqa: PLR0124 - NaN
            dtype=np.float64,
        ).reshape(len(ratings), width.pop() if width else 2)
    if raw.ndim != 2:
        raise BadInput(Code.BAD_VALUE, "Gradings are cases in rows and raters in columns", where="ratings")
    out = raw.astype(np.int64, copy=False)
    wrong = (out < 0) | (out > categories)
    if raw.dtype.kind == "f":
        wrong |= out != raw
    if wrong.any():
        row = int(np.argmax(wrong.any(axis=1)))
        raise BadInput(
            Code.BAD_VALUE,
            f"A grade must be a whole number from 1 to {categories}",
            where=f"ratings, row {row + 1}",
        )
    return out


def patterns_of(
    ratings: Ratings | None = None,
    *,
    table: Table | None = None,
    counts: Table | None = None,
    categories: int = 4,
) -> Patterns:
    """Patterns from exactly one of: gradings (cases x raters), a table of two raters, or counts (cases x categories)."""
    import numpy as np

    if sum(form is not None for form in (ratings, table, counts)) != 1:
        raise BadInput(
            Code.BAD_VALUE, "Give the gradings in exactly one form", where="ratings, table, counts"
        )
    if table is not None:
        cells = as_table(table)
        i, j = np.nonzero(cells)
        each = np.eye(len(cells))
        return Patterns(each[i] + each[j], cells[i, j])
    if counts is not None:
        by_case = np.asarray(counts, dtype=np.float64)
        if by_case.ndim != 2 or (by_case < 0).any() or (by_case != np.floor(by_case)).any():
            raise BadInput(Code.BAD_VALUE, "Counts are cases in rows, categories in columns", where="counts")
        kept = by_case[by_case.sum(axis=1) > 0]
        distinct, times = np.unique(kept, axis=0, return_counts=True)
        return Patterns(distinct.reshape(-1, by_case.shape[1]), times.astype(np.float64))
    assert ratings is not None
    return _patterns(as_ratings(ratings, categories), categories)


def table_of(ratings: Ratings, categories: int = 4) -> NDArray[np.float64]:
    """The table of the first two gradings of each case, in the order of the columns (auditor, moderator)."""
    import numpy as np

    grades = as_ratings(ratings, categories)
    first = np.zeros(len(grades), dtype=np.int64)
    second = np.zeros(len(grades), dtype=np.int64)
    for rater in range(grades.shape[1]):
        grade = grades[:, rater]
        np.copyto(second, grade, where=(second == 0) & (first > 0))
        np.copyto(first, grade, where=first == 0)
    both = second > 0
    cells = (first[both] - 1) * categories + second[both] - 1
    out: NDArray[np.float64] = np.bincount(cells, minlength=categories**2).astype(np.float64)
    return out.reshape(categories, categories)


def agreement_weights(weights: Weights, categories: int) -> NDArray[np.float64]:
    """How far two grades agree, 1 = fully, 0 = not at all; categories x categories.

    identity 1 or 0; linear 1 - |i - j| / (q - 1); quadratic 1 - ((i - j) / (q - 1))^2 (Fleiss and Cohen 1973);
    boundary: quadratic over BOUNDARY_POSITIONS, for four grades only; or a symmetric matrix of one's own with
    ones on the diagonal. None of these is Krippendorff's ordinal metric.
    """
    import numpy as np

    place = np.arange(categories, dtype=np.float64)
    if isinstance(weights, str):
        if weights == "identity":
            return np.eye(categories)
        if weights == "boundary" and categories == len(BOUNDARY_POSITIONS):
            place = np.array(BOUNDARY_POSITIONS)
        elif weights not in {"linear", "quadratic"}:
            raise BadInput(
                Code.BAD_VALUE,
                "Weights are identity, linear, quadratic, or boundary (for four grades)",
                where="weights",
            )
        apart = np.abs(place[:, None] - place[None, :]) / (place[-1] - place[0])
        near: NDArray[np.float64] = 1 - (apart if weights == "linear" else apart**2)
        return near
    own = np.asarray(weights, dtype=np.float64)
    if own.shape != (categories, categories) or not np.array_equal(own, own.T) or (np.diag(own) != 1).any():
        raise BadInput(
            Code.BAD_VALUE,
            "Weights of one's own are a symmetric matrix with ones on the diagonal",
            where="weights",
        )
    return own


def _patterns(grades: NDArray[np.int64], categories: int) -> Patterns:
    """Each case's counts as one whole number, counted, and read back."""
    import numpy as np

    base = grades.shape[1] + 1
    if base**categories > _MOST_CODES:
        by_case = np.stack([(grades == c + 1).sum(axis=1) for c in range(categories)], axis=1)
        distinct, many = np.unique(by_case[by_case.sum(axis=1) > 0], axis=0, return_counts=True)
        return Patterns(distinct.reshape(-1, categories).astype(np.float64), many.astype(np.float64))
    worth = np.concatenate([[0], base ** np.arange(categories, dtype=np.int64)])
    codes = np.zeros(len(grades), dtype=np.int64)
    for rater in range(grades.shape[1]):
        codes += worth[grades[:, rater]]
    times = np.bincount(codes) if len(codes) else np.zeros(1, dtype=np.int64)
    times[0] = 0  # nobody graded these
    seen = np.nonzero(times)[0]
    counts = (seen[:, None] // base ** np.arange(categories)[None, :]) % base
    return Patterns(counts.astype(np.float64), times[seen].astype(np.float64))
