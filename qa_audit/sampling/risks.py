"""Risk strata: the purposive lists that are always shown with counts and drawn at their own rate. Pure.

The list is practice.md 1.2 step 3. Each rule reads only what the frame keeps of a child: flags, codes,
numbers and dates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What the rules may ask about a child of the frame."""

    flags: frozenset[str]
    cohorts: frozenset[str]
    is_open: bool
    codes: Mapping[str, str]
    numbers: Mapping[str, int]
    facts: Mapping[str, str]
    as_at: date

    def days_since(self, fact: str) -> int | None:
        """Whole days from a date fact to the frame's day; None when the date is missing."""
        try:
            return (self.as_at - date.fromisoformat(self.facts.get(fact, "")[:10])).days
        except ValueError:
            return None

    def longer_than(self, fact: str, days: int) -> bool:
        """True when the date is known and lies more than `days` back."""
        since = self.days_since(fact)
        return since is not None and since > days

    def within(self, fact: str, days: int) -> bool:
        """True when the date is known and lies in the last `days`."""
        since = self.days_since(fact)
        return since is not None and 0 <= since <= days


Rule = Callable[[RiskFacts], bool]

MONTH = 30.4375

RISKS: dict[str, tuple[str, Rule]] = {
    "unregistered_home": ("In an unregistered home", lambda c: "unregistered_home" in c.flags),
    "placed_with_parents": (
        "At home on a care order",
        lambda c: "placed_with_parents" in c.flags or c.codes.get("placement_type", "").startswith("P1"),
    ),
    "connected_carer": ("With connected carers, temporary approval", lambda c: "connected_carer" in c.flags),
    "not_in_touch": (
        "Care leaver not in touch",
        lambda c: "care_leaver" in c.cohorts and c.codes.get("in_touch", "").casefold() in {"no", "b) no"},
    ),
    "pre_proceedings_long": (
        "Pre-proceedings over 16 weeks",
        lambda c: "pre_proceedings" in c.flags and c.longer_than("pre_proceedings_start", 16 * 7),
    ),
    "second_plan": (
        "Second or subsequent child protection plan",
        lambda c: "child_protection" in c.cohorts and c.numbers.get("previous_cp_plans", 0) > 0,
    ),
    "plan_over_15_months": (
        "Child protection plan over 15 months",
        lambda c: "child_protection" in c.cohorts and "plan_end" not in c.facts and c.longer_than("plan_start", int(15 * MONTH)),
    ),
    "cin_over_9_months": (
        "Child in need over 9 months",
        lambda c: c.is_open
        and "child_in_need" in c.cohorts
        and not c.cohorts & {"child_in_care", "child_protection"}
        and c.longer_than("cin_start", int(9 * MONTH)),
    ),
    "disabled_child": ("Disabled child", lambda c: "disabled_child" in c.flags),
    "home_educated": (
        "Home educated and open to social care",
        lambda c: "home_educated" in c.flags and c.is_open,
    ),
    "recent_step_down": (
        "Stepped down from a plan in the last 3 months",
        lambda c: c.is_open and c.within("plan_end", int(3 * MONTH)),
    ),
    "recent_closure": ("Closed in the last 3 months", lambda c: not c.is_open and c.within("cin_closed", int(3 * MONTH))),
    "re_referral": ("Re-referred within 12 months", lambda c: c.numbers.get("referrals_12m", 0) > 1),
    "last_visit_late": (
        "Last visit over 8 weeks ago",
        lambda c: c.is_open and any(c.longer_than(fact, 56) for fact in ("last_visit", "last_statutory_visit")),
    ),
}  # fmt: skip
"""Key: words shown, and the rule. A child may meet several."""


def risks_of(child: RiskFacts) -> frozenset[str]:
    """Every risk list the child is on."""
    return frozenset(key for key, (_, rule) in RISKS.items() if rule(child))


def three_months_before(day: date) -> date:
    """The day a quarter ago, for 'no worker sampled twice in a quarter'."""
    return day - timedelta(days=91)
