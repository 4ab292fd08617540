"""Lists 1 to 5: contacts, early help, referrals, assessments and section 47 enquiries, from the child table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa_audit.demo.episodes import Episodes
from qa_audit.demo.population import ASSESSMENT, CLOSED, CONTACT, EARLY, NFA, Children, codes, label_array
from qa_audit.demo.rolls import BLANK, HALF_YEAR, Flags, Ints, banded, between, on_weekday, pick, pick_label
from qa_audit.demo.volumes import Volumes

if TYPE_CHECKING:
    import numpy as np

_SOURCE = {
    "1A": 4.2, "1B": 1.6, "1C": 1.2, "1D": 1.0, "2A": 20.34, "2B": 1.66, "3A": 2.4, "3B": 2.3, "3C": 1.9,
    "3D": 2.6, "3E": 3.0, "3F": 2.5, "4": 1.24, "5A": 6.0, "5B": 5.0, "5C": 3.15, "6": 28.5, "7": 4.44,
    "8": 4.2, "9": 1.61, "10": 1.16,
}  # fmt: skip
_ASSESSMENT_DAYS = (
    (1, 14, 12.9),  # working-day bands of the published durations, as calendar days
    (15, 28, 17.2),
    (29, 42, 16.0),
    (43, 56, 20.2),
    (57, 63, 18.1),
    (64, 70, 6.0),
    (71, 84, 4.6),
    (85, 120, 5.0),
)
_TO_CONFERENCE = ((5, 14, 9.4), (15, 21, 70.3), (22, 28, 8.7), (29, 45, 11.6))
_ORGANISATIONS = (
    "Early Help Locality 1",
    "Early Help Locality 2",
    "Early Help Locality 3",
    "Primary school",
    "Secondary school",
    "Health visiting service",
    "School nursing service",
    "Family hub",
    "Youth service",
    "Housing support service",
)


@dataclass(slots=True)
class Rows:
    """One list: the child of every row and the columns of this list alone (dates as days, labels, counts)."""

    child: Ints
    columns: dict[str, Any]

    def take(self, order: Ints) -> Rows:
        """The rows in another order, or some of them."""
        return Rows(self.child[order], {name: values[order] for name, values in self.columns.items()})


def yes_no(flags: Flags) -> Any:
    """The official Yes and No for an array of flags (object array)."""
    import numpy as np

    labels = codes()["yes_no"]
    return np.where(flags, np.array(labels["yes"], dtype=object), np.array(labels["no"], dtype=object))


def referrals(rng: np.random.Generator, area: Volumes, children: Children, e: Episodes, n: int) -> Rows:
    """List 3. An episode of need that began in the window began with a referral; the NFA children had one."""
    import numpy as np

    as_at = children.as_at
    window = as_at - HALF_YEAR
    nfa_rows = round(n * area.nfa_pct / 100)
    started = np.flatnonzero(e.cin_start >= window)
    firsts = _some(rng, started, n - nfa_rows)
    again = n - nfa_rows - len(firsts)
    # The rest came back: an earlier referral of a child whose case is now closed or being assessed.
    pool = np.flatnonzero((e.cin_start > window + 25) & np.isin(children.kind, (CLOSED, ASSESSMENT)))
    pool = pool if len(pool) >= again else np.concatenate([pool, children.of(ASSESSMENT, CLOSED), started])
    back = rng.choice(pool, again, replace=again > len(pool)) if len(pool) and again else pool[:0]
    early = between(rng, np.full(len(back), window), np.minimum(e.cin_start[back] - 10, as_at - 5), len(back))
    closed = children.of(NFA)
    no_further = closed[np.arange(nfa_rows) % max(len(closed), 1)] if len(closed) else closed
    groups = int(children.family.max(initial=-1)) + 1
    family_day = between(rng, window, as_at - 1, groups)
    nfa_day = np.where(
        np.arange(len(no_further)) < len(closed),
        family_day[children.family[no_further]] if len(no_further) else 0,
        between(rng, window, as_at - 1, len(no_further)),
    )
    child = np.concatenate([firsts, back, no_further]).astype(np.int64)
    day = np.concatenate([e.cin_start[firsts], np.maximum(early, window), nfa_day]).astype(np.int64)
    day = _apart(child, day, window, as_at)
    nfa = np.arange(len(child)) >= len(firsts) + len(back)
    source = pick_label(rng, groups, _SOURCE, codes()["source"])[children.family[child]]
    source = np.where(
        rng.random(len(child)) < 0.06, pick_label(rng, len(child), _SOURCE, codes()["source"]), source
    )
    count = _count_12m(rng, children, child, area.rereferral_pct)
    columns = {
        "referral_date": day,
        "referral_source": source,
        "referral_nfa": yes_no(nfa),
        "referrals_12m": count,
    }
    return _by_day(Rows(child, columns), "referral_date")


def contacts(rng: np.random.Generator, children: Children, referred: Rows, e: Episodes, n: int) -> Rows:
    """List 1. Every referral was a contact first; most contacts go no further, some children have several."""
    import numpy as np

    as_at = children.as_at
    window = as_at - HALF_YEAR
    first = min(n, len(referred.child))
    rest = n - first
    only = children.of(CONTACT)
    known = np.flatnonzero(e.cin_start != BLANK)
    about_known = min(round(rest * 0.08), rest) if len(known) else 0
    about_only = rest - about_known
    base = only[: min(len(only), about_only)]
    extra = rng.choice(only, about_only - len(base)) if len(only) and about_only > len(base) else only[:0]
    open_again = rng.choice(known, about_known) if about_known else known[:0]
    child = np.concatenate([referred.child[:first], base, extra, open_again]).astype(np.int64)
    groups = int(children.family.max(initial=-1)) + 1
    family_day = between(rng, window, as_at - 1, groups)
    alone = between(rng, window, as_at - 1, len(extra) + len(open_again))
    before = referred.columns["referral_date"][:first] - banded(
        rng, first, ((0, 0, 70), (1, 1, 22), (2, 3, 8))
    )
    day = np.concatenate([np.maximum(before, window), family_day[children.family[base]], alone])
    day = _apart(child, day.astype(np.int64), window, as_at)
    source = pick_label(rng, len(child), _SOURCE, codes()["source"])
    same = pick_label(rng, groups, _SOURCE, codes()["source"])[children.family[base]]
    source[first : first + len(base)] = same
    source[:first] = referred.columns["referral_source"][:first]
    return _by_day(Rows(child, {"contact_date": day, "contact_source": source}), "contact_date")


def early_help(rng: np.random.Generator, children: Children, n: int) -> Rows:
    """List 2. New children, contacts passed on, and children stepped down; 38% are still open [assumption]."""
    import numpy as np

    as_at = children.as_at
    own = children.of(EARLY)[:n]
    others = np.concatenate([children.of(CONTACT), children.of(CLOSED)])
    others = others[children.dob[others] <= as_at]
    more = rng.choice(others, n - len(own), replace=n - len(own) > len(others)) if n > len(own) else own[:0]
    child = np.concatenate([own, more]).astype(np.int64)
    groups = int(children.family.max(initial=-1)) + 1
    start = (
        as_at - banded(rng, groups, ((2, HALF_YEAR, 75), (HALF_YEAR + 1, 420, 25)))[children.family[child]]
    )
    start = np.maximum(start, np.minimum(children.dob[child] + 10, as_at - 1))
    done = start + banded(rng, groups, ((5, 20, 25), (21, 45, 60), (46, 90, 15)))[children.family[child]]
    done = np.where(done > as_at, BLANK, done)
    where = np.array(_ORGANISATIONS, dtype=object)[
        pick(rng, groups, (16, 16, 14, 15, 10, 10, 5, 8, 3, 3))[children.family[child]]
    ]
    columns = {"early_help_start": start, "early_help_completed": done, "assessing_organisation": where}
    return _by_day(Rows(child, columns), "early_help_start")


def assessments(
    rng: np.random.Generator, area: Volumes, scale: float, children: Children, e: Episodes, n: int
) -> Rows:
    """List 4. Open ones are the newest referrals; the others ended in the window; then re-assessments."""
    import numpy as np

    as_at = children.as_at
    window = as_at - HALF_YEAR
    groups = int(children.family.max(initial=-1)) + 1
    waiting = children.of(ASSESSMENT)
    waiting = waiting[np.argsort(-e.cin_start[waiting], kind="stable")]
    is_open = waiting[: min(n, round(area.assessments * scale * 34 / 365), len(waiting))]
    is_open = is_open[e.cin_start[is_open] >= as_at - 130]
    took = banded(rng, groups, _ASSESSMENT_DAYS)[children.family]
    start = (
        np.maximum(e.cin_start, children.dob - 160)
        + banded(rng, groups, ((0, 0, 60), (1, 2, 40)))[children.family]
    )
    start = np.minimum(start, as_at)
    done = np.flatnonzero((e.cin_start >= window) & ~np.isin(np.arange(len(children)), is_open))
    done = _some(rng, done, n - len(is_open))
    more = n - len(is_open) - len(done)
    older = np.flatnonzero((e.cin_start != BLANK) & (e.cin_start < window) & ~e.of_age & ~e.adopted)
    older = older if len(older) else np.flatnonzero(e.cin_start != BLANK)
    again = rng.choice(older, more, replace=more > len(older)) if len(older) and more > 0 else older[:0]
    child = np.concatenate([is_open, done, again]).astype(np.int64)
    end_done = np.minimum(start[done] + took[done], as_at)
    shut = e.cin_closed[done]
    end_done = np.where(shut != BLANK, np.minimum(end_done, np.maximum(shut, start[done])), end_done)
    last_day = np.where(e.cin_closed[again] != BLANK, e.cin_closed[again], as_at)
    end_again = between(rng, np.full(len(again), window), last_day, len(again))
    begin_again = end_again - banded(rng, len(again), _ASSESSMENT_DAYS)
    begin = np.concatenate([start[is_open], start[done], begin_again]).astype(np.int64)
    end = np.concatenate([np.full(len(is_open), BLANK), end_done, end_again]).astype(np.int64)
    end = np.where(end == BLANK, BLANK, np.maximum(on_weekday(end), begin))
    labels = codes()["yes_no"]
    born = children.dob[child] < np.where(end == BLANK, as_at, end) - 5
    seen = np.where(born & (rng.random(len(child)) < np.where(end == BLANK, 0.82, 0.97)), 0, 1)
    seen = np.where(rng.random(len(child)) < 0.01, 2, seen)
    closed_after = (e.cin_closed[child] != BLANK) & (e.cin_closed[child] - end < 45)
    need = rng.random(len(child)) < np.where(closed_after, 0.25, 0.93)
    support = np.where(end == BLANK, np.array(None, dtype=object), yes_no(need))
    columns = {
        "assessment_start": begin,
        "assessment_child_seen": np.array([*labels.values()], dtype=object)[seen],
        "assessment_authorised": end,
        "support_required": support,
    }
    return _by_day(Rows(child, columns), "assessment_start")


def enquiries(rng: np.random.Generator, children: Children, e: Episodes, n: int) -> Rows:
    """List 5. A plan that began in the window began at a conference that day; about a third led to one."""
    import numpy as np

    as_at = children.as_at
    window = as_at - HALF_YEAR
    groups = int(children.family.max(initial=-1)) + 1
    planned = np.flatnonzero(e.plan_start >= window)[:n]
    conferences = max(len(planned), min(round(n * 0.322), n))
    cases = np.flatnonzero((e.cin_start != BLANK) & ~e.of_age & ~e.adopted & (children.dob <= as_at))
    other = cases[~np.isin(cases, planned)]
    other = other if len(other) else cases
    wanted = n - len(planned)
    others = rng.choice(other, wanted, replace=wanted > len(other)) if len(other) else other[:0]
    child = np.concatenate([planned, others]).astype(np.int64)
    rank = np.arange(len(child))
    to_plan, conferred = rank < len(planned), rank < conferences
    gap = banded(rng, groups, _TO_CONFERENCE)[children.family[child]]
    free = between(rng, window, as_at - 1, groups)[children.family[child]]
    closed = e.cin_closed[child]
    free = np.where((closed != BLANK) & (free > closed), np.maximum(closed - 20, window), free)
    talk = np.where(to_plan, np.maximum(e.plan_start[child] - gap, window), free)
    talk = np.maximum(on_weekday(talk.astype(np.int64)), window)
    day = np.where(to_plan, e.plan_start[child], on_weekday(talk + gap))
    ongoing = ~to_plan & (talk > as_at - 16) & (rng.random(len(child)) < 0.5)
    conferred &= ~ongoing & (day <= as_at)
    labels, _ = label_array("yes_no")
    blank = np.array(None, dtype=object)
    columns = {
        "strategy_discussion": talk.astype(np.int64),
        "icpc_unnecessary": np.where(ongoing, blank, np.where(conferred, labels[1], labels[0])),
        "icpc": np.where(conferred, day, BLANK).astype(np.int64),
        "icpc_led_to_plan": np.where(conferred, np.where(to_plan, labels[0], labels[1]), blank),
        "section_47s_12m": _count_12m(rng, children, child, 14),
    }
    columns["icpcs_12m"] = (
        np.bincount(child[conferred], minlength=len(children))[child]
        + ((rng.random(len(children)) < 0.04)[child])
    )
    return _by_day(Rows(child, columns), "strategy_discussion")


def _apart(child: Ints, day: Ints, window: int, as_at: int) -> Ints:
    """The same days, but no child twice on one day: the later row of two moves on within the window."""
    import numpy as np

    day = day.copy()
    for _ in range(6):
        _, first = np.unique(child * 1_000_000 + day, return_index=True)
        again = np.setdiff1d(np.arange(len(day)), first)
        if not len(again):
            break
        day[again] = window + (day[again] - window + 17) % (as_at - window)
    return day


def _count_12m(rng: np.random.Generator, children: Children, child: Ints, repeat_pct: float) -> Ints:
    """Events in twelve months: those of the window and, for some, one or two before; the same on every row."""
    import numpy as np

    before = np.where(rng.random(len(children)) < repeat_pct / 100, 1 + (rng.random(len(children)) < 0.2), 0)
    total: Ints = np.bincount(child, minlength=len(children))[child] + before[child]
    return total


def _some(rng: np.random.Generator, rows: Ints, most: int) -> Ints:
    """At most so many of the rows, in their order."""
    import numpy as np

    if len(rows) <= max(most, 0):
        return rows
    return np.sort(rng.choice(rows, max(most, 0), replace=False))


def _by_day(rows: Rows, column: str) -> Rows:
    import numpy as np

    return rows.take(np.argsort(rows.columns[column], kind="stable"))
