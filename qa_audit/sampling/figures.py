"""One shape for every estimate: n, estimate, standard error, interval, and the reason when there is none.

A figure that cannot be worked out is None with a reason beside it; it is never 1, 0 or NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from qa_audit.errors import BadInput, Code

Interval: TypeAlias = tuple[float, float]
Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Est:
    """An estimate from `n` cases, in the unit its function states."""

    n: int
    est: float | None
    se: float | None = None
    ci: Interval | None = None
    reason: str = ""
    """Why `est`, `se` or `ci` is None; empty when all three are there."""

    def as_json(self) -> Json:
        """`{"n", "est", "se", "ci"}`, and `reason` beside a null."""
        out: Json = {"n": self.n, "est": self.est, "se": self.se, "ci": list(self.ci) if self.ci else None}
        if self.reason:
            out["reason"] = self.reason
        return out


def rational(value: float | str | Fraction) -> Fraction:
    """The number a person typed, exactly: 0.035 is 35/1000 and not its nearest binary fraction."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def check_conf_level(conf_level: float) -> float:
    """A confidence level strictly between 0 and 1, or a refusal."""
    if not 0 < conf_level < 1:
        raise BadInput(
            Code.BAD_VALUE,
            "The confidence level must lie between 0 and 1",
            where="conf_level",
            next_step="Give a proportion such as 0.95",
        )
    return conf_level


def check_counts(n: int, x: int) -> None:
    """0 <= x <= n, both whole."""
    if n < 0 or x < 0 or x > n or n != int(n) or x != int(x):
        raise BadInput(
            Code.BAD_VALUE,
            "The number found must be a whole number between 0 and the number looked at",
            where="x, n",
        )
