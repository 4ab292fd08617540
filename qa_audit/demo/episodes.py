"""The spine of every child's case: when need, plan and care began and ended (Lists 6, 7 and 8 agree)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa_audit.demo.population import (
    ASSESSMENT,
    CLOSED,
    IN_CARE,
    PLAN,
    PROTECTION,
    YEAR,
    Children,
)
from qa_audit.demo.rolls import BLANK, HALF_YEAR, Flags, Ints, banded, between, on_weekday
from qa_audit.demo.volumes import Volumes, list_rows

if TYPE_CHECKING:
    import numpy as np

_PLAN_OPEN = ((3, 91, 31.5), (92, 175, 25.5), (183, 365, 26.3), (366, 730, 14.35), (731, 1250, 2.3))
_PLAN_ENDED = ((20, 91, 14), (92, 182, 20), (183, 365, 42), (366, 730, 21), (731, 1100, 3))
_CARE_OPEN = (
    (2, 91, 9),
    (92, 182, 8),
    (183, 365, 13),
    (366, 730, 19),
    (731, 1826, 30),
    (1827, 4300, 21),
)
_CARE_ENDED = ((5, 60, 14), (61, 365, 20), (366, 1095, 36), (1096, 3000, 30))
_NEED_OPEN = ((5, 91, 12), (92, 182, 14), (183, 365, 24), (366, 730, 25), (731, 2200, 25))
_OTHER_OPEN = ((190, 365, 40), (366, 730, 30), (731, 2200, 30))


@dataclass(slots=True)
class Episodes:
    """Days by child (rows of the child table); BLANK where there is none."""

    cin_start: Ints
    cin_closed: Ints
    plan_start: Ints
    plan_end: Ints
    care_start: Ints
    care_ceased: Ints
    adopted: Flags
    of_age: Flags

    def list_6(self) -> Ints:
        """Rows of List 6: everyone with an episode of need."""
        import numpy as np

        return np.flatnonzero(self.cin_start != BLANK)

    def list_7(self) -> Ints:
        """Rows of List 7: on a plan now or in the six months before."""
        import numpy as np

        return np.flatnonzero(self.plan_start != BLANK)

    def list_8(self) -> Ints:
        """Rows of List 8: in care now or in the six months before."""
        import numpy as np

        return np.flatnonzero(self.care_start != BLANK)


def make_episodes(rng: np.random.Generator, area: Volumes, scale: float, children: Children) -> Episodes:
    """Dates of need, plan and care. Moves a birthday where an ended episode would come before it."""
    import numpy as np

    n, as_at = len(children), children.as_at
    blank = np.full(n, BLANK, dtype=np.int64)
    e = Episodes(
        cin_start=blank.copy(),
        cin_closed=blank.copy(),
        plan_start=blank.copy(),
        plan_end=blank.copy(),
        care_start=blank.copy(),
        care_ceased=blank.copy(),
        adopted=np.zeros(n, dtype=bool),
        of_age=np.zeros(n, dtype=bool),
    )
    groups = int(children.family.max(initial=-1)) + 1

    def shared(bands: tuple[tuple[int, int, float], ...]) -> Ints:
        """One draw a family, as an array by child."""
        return banded(rng, groups, bands)[children.family]

    rows = list_rows(area, scale)
    on_plan, ended_plan, ended_care = _members(children, rows)
    e.plan_start[on_plan] = as_at - shared(_PLAN_OPEN)[on_plan]
    ended_ago = shared(((1, HALF_YEAR - 2, 1),))
    e.plan_end[ended_plan] = (as_at - ended_ago)[ended_plan]
    e.plan_start[ended_plan] = e.plan_end[ended_plan] - shared(_PLAN_ENDED)[ended_plan]
    in_care = children.of(IN_CARE)
    # A child in care whose plan ended came into care on the day it ended.
    stepped_up = ended_plan[children.kind[ended_plan] == IN_CARE]
    e.care_start[in_care] = as_at - shared(_CARE_OPEN)[in_care]
    e.care_start[stepped_up] = e.plan_end[stepped_up]
    both = on_plan[children.kind[on_plan] == IN_CARE]
    e.care_start[both] = between(rng, e.plan_start[both], np.full(len(both), as_at - 3), len(both))
    e.care_ceased[ended_care] = (as_at - shared(((1, HALF_YEAR - 2, 1),)))[ended_care]
    e.care_start[ended_care] = e.care_ceased[ended_care] - shared(_CARE_ENDED)[ended_care]
    _settle_ends(rng, children, e, ended_care)
    _recent_plans(rng, children, e, rows[5])
    _bound_by_birth(rng, children, e)
    e.plan_start, e.plan_end = on_weekday(e.plan_start), on_weekday(e.plan_end)
    e.care_start[stepped_up] = e.plan_end[stepped_up]
    _need(rng, area, scale, children, e, rows[3])
    return e


def _members(children: Children, rows: dict[int, int]) -> tuple[Ints, Ints, Ints]:
    """Who is on a plan, whose plan ended, whose care ended; families together, never the same child twice."""
    import numpy as np

    care, plan = children.of(IN_CARE), children.of(PLAN)
    closed, protected = children.of(CLOSED), children.of(PROTECTION)
    ended_plans = max(0, min(rows[7] - len(protected), len(plan) + len(closed) + len(care)))
    both = min(round(0.0152 * len(protected)), ended_plans, len(care))
    ended_plans -= both
    ended_cares = max(0, rows[8] - len(care))
    # In care, the plan-enders need not be unaccompanied: the youngest half of the table is fine.
    local = care[~children.uasc[care]]
    parts = {"care": round(ended_plans * 0.10), "closed": round(ended_plans * 0.28)}
    from_care = local[: min(parts["care"], max(0, len(local) - both))]
    from_closed = closed[: min(parts["closed"], max(0, len(closed) - ended_cares))]
    from_plan = plan[: ended_plans - len(from_care) - len(from_closed)]
    short = ended_plans - len(from_care) - len(from_closed) - len(from_plan)
    if short > 0:
        from_closed = closed[: len(from_closed) + short]
    on_both = local[len(from_care) : len(from_care) + both]
    home = plan[len(from_plan) : len(from_plan) + round(ended_cares * 0.35)]
    left = closed[len(from_closed) : len(from_closed) + ended_cares - len(home)]
    return (
        np.concatenate([protected, on_both]),
        np.concatenate([from_plan, from_closed, from_care]),
        np.concatenate([home, left]),
    )


def _settle_ends(rng: np.random.Generator, children: Children, e: Episodes, ended: Ints) -> None:
    """Why care ended decides who the child is: about a third came of age, about an eighth were adopted."""
    import numpy as np

    left = ended[children.kind[ended] == CLOSED]
    roll = rng.random(len(left))
    e.of_age[left[roll < 0.42]] = True
    e.adopted[left[roll > 0.80]] = True
    adult, young = np.flatnonzero(e.of_age), np.flatnonzero(e.adopted)
    # Care ends on the eighteenth birthday.
    children.dob[adult] = e.care_ceased[adult] - round(18 * YEAR)
    e.care_start[adult] = np.minimum(e.care_start[adult], e.care_ceased[adult] - 200)
    children.dob[young] = e.care_ceased[young] - between(rng, 400, 2000, len(young))
    e.care_start[young] = np.maximum(e.care_start[young], children.dob[young] + 2)
    e.care_start[young] = np.minimum(e.care_start[young], e.care_ceased[young] - 330)


def _recent_plans(rng: np.random.Generator, children: Children, e: Episodes, enquiries: int) -> None:
    """No more plans may have begun in the window than the section 47 enquiries could have led to."""
    import numpy as np

    window = children.as_at - HALF_YEAR
    recent = np.flatnonzero(e.plan_start >= window)
    excess = len(recent) - round(enquiries * 0.5)
    if excess <= 0:
        return
    whole = recent[:excess]
    families = np.isin(children.family, children.family[whole])
    moved = np.flatnonzero((e.plan_start >= window) & families)
    e.plan_start[moved] -= HALF_YEAR + 10


def _bound_by_birth(rng: np.random.Generator, children: Children, e: Episodes) -> None:
    """Plans may begin up to two months before birth, care at birth; ended episodes happened in a life."""
    import numpy as np

    for end, least in ((e.plan_end, 40), (e.care_ceased, 60)):
        late = np.flatnonzero((end != BLANK) & (children.dob > end - least))
        children.dob[late] = end[late] - least - between(rng, 0, 300, len(late))
    pairs = ((e.plan_start, e.plan_end, 60), (e.care_start, e.care_ceased, 0))
    for start, end, before in pairs:
        has = start != BLANK
        start[has] = np.maximum(start[has], children.dob[has] - before)
        start[has] = np.minimum(start[has], children.as_at - 2)
        ended = has & (end != BLANK)
        start[ended] = np.minimum(start[ended], end[ended] - 15)
    asylum = np.flatnonzero(children.uasc & (children.kind == IN_CARE))
    e.care_start[asylum] = np.maximum(e.care_start[asylum], children.dob[asylum] + round(14.5 * YEAR))
    new = np.flatnonzero((e.plan_start != BLANK) & (e.plan_start > children.as_at - 2))
    e.plan_start[new] = children.as_at - 2


def _need(
    rng: np.random.Generator, area: Volumes, scale: float, children: Children, e: Episodes, referrals: int
) -> None:
    """When need began: before plan and care; in the window for about as many as were referred."""
    import numpy as np

    as_at, kind = children.as_at, children.kind
    window = as_at - HALF_YEAR
    n, groups = len(children), int(children.family.max(initial=-1)) + 1

    def shared(bands: tuple[tuple[int, int, float], ...]) -> Ints:
        return banded(rng, groups, bands)[children.family]

    begun = np.where(e.plan_start != BLANK, e.plan_start, 10**9)
    begun = np.minimum(begun, np.where(e.care_start != BLANK, e.care_start, 10**9))
    lead = shared(((18, 60, 62), (61, 200, 20), (201, 900, 18)))
    lead = np.where(children.uasc, between(rng, 0, 2, n), lead)
    e.cin_start = np.where(begun < 10**9, begun - lead, BLANK)
    plain = e.cin_start == BLANK
    plan = plain & (kind == PLAN)
    e.cin_start[plan] = (as_at - shared(_NEED_OPEN))[plan]
    waiting = plain & (kind == ASSESSMENT)
    closed = kind == CLOSED
    e.cin_closed[closed] = (as_at - shared(((1, HALF_YEAR - 2, 1),)))[closed]
    last = np.maximum(e.plan_end, e.care_ceased)
    e.cin_closed[closed] = np.clip(np.maximum(e.cin_closed, last)[closed], None, as_at)
    e.cin_closed[e.of_age | e.adopted] = e.care_ceased[e.of_age | e.adopted]
    shut = plain & closed
    # Not-NFA referrals become an episode: about 95% are a child's only one in the window.
    target = round(referrals * (1 - area.nfa_pct / 100) * 0.95)
    already = int((e.cin_start >= window).sum())
    share = float(np.clip((target - already) / max(int((waiting | shut).sum()), 1), 0.1, 0.97))
    fresh = (rng.random(max(groups, 1)) < share)[children.family] if n else np.zeros(0, dtype=bool)
    new, old = waiting & fresh, waiting & ~fresh
    e.cin_start[new] = (as_at - shared(((1, 63, 62), (64, HALF_YEAR - 1, 38))))[new]
    e.cin_start[old] = (as_at - shared(_OTHER_OPEN))[old]
    new, old = shut & fresh, shut & ~fresh
    e.cin_closed[new] = (as_at - shared(((1, HALF_YEAR - 25, 1),)))[new]
    room = e.cin_closed - window
    part = rng.random(max(groups, 1))[children.family] if n else np.zeros(0)
    e.cin_start[new] = (e.cin_closed - 8 - np.floor(np.maximum(room - 8, 0) * part))[new]
    e.cin_start[old] = (e.cin_closed - shared(((185, 365, 45), (366, 1200, 55))))[old]
    # An older brother's closed case cannot be a baby's: the baby was born before it closed.
    ended = np.flatnonzero(closed & (children.dob > e.cin_closed - 20))
    children.dob[ended] = e.cin_closed[ended] - 20 - between(rng, 0, 300, len(ended))
    children.dob_blank &= children.dob > as_at
    has = e.cin_start != BLANK
    e.cin_start[has] = np.maximum(e.cin_start[has], children.dob[has] - 170)
    e.cin_start = on_weekday(e.cin_start)
    office = closed & ~e.of_age & ~e.adopted
    e.cin_closed[office] = np.maximum(on_weekday(e.cin_closed), last)[office]
