"""The child a form is assembled for: groups, age and dates; never a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Answers = Mapping[tuple[str, str], str]
"""Answers by (item, part); a repeating item's instances are AC1#1, AC1#2 and so on."""


@dataclass(frozen=True, slots=True)
class CaseContext:
    """What routing, conditions and clocks may ask about a child.

    `cohorts` holds every cohort and flag of the child, `primary` the one cohort its grades count
    under, `age` completed years (-1 before birth, None unknown), `facts` ISO dates, numbers and codes by
    name, `as_at` the day the audit looks from.
    """

    cohorts: frozenset[str] = frozenset()
    primary: str = ""
    age: int | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    as_at: date = date.min

    @property
    def groups(self) -> frozenset[str]:
        """Every cohort and flag, the primary cohort included."""
        return self.cohorts | {self.primary} if self.primary else self.cohorts

    def fact_date(self, name: str) -> date | None:
        """A date fact, or None when it is missing or not an ISO date."""
        try:
            return date.fromisoformat(self.facts.get(name, "")[:10])
        except ValueError:
            return None
