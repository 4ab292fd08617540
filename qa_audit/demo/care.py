"""Lists 6, 7 and 8: one row per child, read off the child table and its episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qa_audit.demo.episodes import Episodes
from qa_audit.demo.events import Rows, yes_no
from qa_audit.demo.population import (
    ASSESSMENT,
    CLOSED,
    IN_CARE,
    PLAN,
    PROTECTION,
    YEAR,
    Children,
    codes,
    label_array,
)
from qa_audit.demo.rolls import BLANK, Flags, Ints, banded, between, on_weekday, pick, pick_label
from qa_audit.demo.volumes import Volumes

if TYPE_CHECKING:
    import numpy as np

_SEEN_DAYS = ((0, 10, 52), (11, 20, 30), (21, 35, 11), (36, 70, 5), (71, 140, 2))
_CP_VISIT_DAYS = ((0, 7, 48), (8, 14, 35), (15, 21, 10), (22, 42, 5), (43, 75, 2))
_CARE_VISIT_DAYS = ((0, 20, 48), (21, 42, 38), (43, 56, 8), (57, 91, 4), (92, 160, 2))
_CLOSURE = {
    "RC1": 0.7,
    "RC2": 0.27,
    "RC3": 0.19,
    "RC4": 0.75,
    "RC5": 3.79,
    "RC6": 0.71,
    "RC7": 70.5,
    "RC8": 23.1,
}
_CATEGORY = {"neglect": 50.8, "physical": 6.87, "sexual": 3.53, "emotional": 36.93, "multiple": 1.86}
_PROVIDER = {"PR1": 46, "PR2": 2, "PR3": 1, "PR4": 43, "PR5": 8}


def children_in_need(rng: np.random.Generator, children: Children, e: Episodes) -> Rows:
    """List 6. Case status takes the first of in care, plan, child in need plan, open assessment, closed."""
    import numpy as np

    child = e.list_6()
    as_at = children.as_at
    kind = children.kind[child]
    status, at = label_array("case_status")
    keys = {
        IN_CARE: "in_care",
        PROTECTION: "protection",
        PLAN: "plan",
        ASSESSMENT: "assessment",
        CLOSED: "closed",
    }
    coded = np.zeros(len(child), dtype=np.int64)
    for number, key in keys.items():
        coded[kind == number] = at[key]
    closed = e.cin_closed[child]
    last = np.where(closed != BLANK, closed, as_at)
    groups = int(children.family.max(initial=-1)) + 1
    ago = banded(rng, groups, _SEEN_DAYS)[children.family[child]]
    born = children.dob[child] <= last - 2
    seen = np.maximum(last - ago, np.maximum(e.cin_start[child], children.dob[child]))
    # Some newly referred children have not been seen yet; an unborn child cannot be.
    unseen = ~born | ((last - e.cin_start[child] < 8) & (rng.random(len(child)) < 0.4))
    reason = pick_label(rng, groups, _CLOSURE, codes()["closure_reason"])[children.family[child]]
    labels = codes()["closure_reason"]
    reason[e.adopted[child]] = labels["RC1"]
    reason[e.of_age[child]] = labels["RC7"]
    reason = np.where(closed == BLANK, np.array(None, dtype=object), reason)
    need, _ = label_array("primary_need")
    columns = {
        "cin_start": e.cin_start[child],
        "primary_need": need[children.need[child]],
        "last_seen": np.where(unseen, BLANK, np.minimum(seen, last)),
        "cin_closed": closed,
        "closure_reason": reason,
        "case_status": status[coded],
    }
    return Rows(child, columns)


def child_protection(rng: np.random.Generator, area: Volumes, children: Children, e: Episodes) -> Rows:
    """List 7. Visits are mostly within ten working days, reviews mostly at three and then six months."""
    import numpy as np

    child = e.list_7()
    as_at = children.as_at
    m, groups = len(child), int(children.family.max(initial=-1)) + 1
    family = children.family[child]
    start, end = e.plan_start[child], e.plan_end[child]
    last = np.where(end != BLANK, end, as_at)
    category, _ = label_array("cp_category")
    first = pick(rng, groups, tuple(_CATEGORY.values()))[family]
    latest = np.where(
        rng.random(groups)[family] < 0.08, pick(rng, groups, tuple(_CATEGORY.values()))[family], first
    )
    visit = on_weekday(last - banded(rng, groups, _CP_VISIT_DAYS)[family])
    born = children.dob[child] <= last
    visited = (visit > start) & born
    late = rng.random(groups)[family] < 1 - (0.835 if area.name == "Southampton" else 0.898)
    review = _latest_review(rng, start, last, late, (91, 182), groups, family)
    age = (last - children.dob[child]) / YEAR
    alone = np.where(age < 2, 1, np.where(rng.random(m) < np.clip(0.35 + age * 0.07, 0, 0.86), 0, 1))
    alone = np.where(rng.random(m) < 0.02, 2, alone)
    labels, _ = label_array("yes_no")
    previous = rng.random(groups)[family] < area.second_plan_pct / 100
    columns = {
        "plan_start": start,
        "initial_category": category[first],
        "latest_category": category[latest],
        "last_statutory_visit": np.where(visited, visit, BLANK),
        "seen_alone": np.where(visited, labels[alone], np.array(None, dtype=object)),
        "last_review_conference": review,
        "plan_end": end,
        "emergency_protection_6m": yes_no(rng.random(groups)[family] < 0.03),
        "previous_cp_plans": np.where(
            previous & (age > 0.8), 1 + (rng.random(groups)[family] < 0.22), 0
        ).astype(np.int64),
    }
    return Rows(child, columns)


def _latest_review(
    rng: np.random.Generator,
    start: Ints,
    last: Ints,
    late: Flags,
    intervals: tuple[int, int],
    groups: int,
    family: Ints,
    opening: int = 0,
) -> Ints:
    """The newest review held: first after `intervals[0]` days, then every `intervals[1]`; the late miss one.

    `opening` is an earlier first review (in care: 20 working days, here 28 days).
    """
    import numpy as np

    open_for = last - start - banded(rng, groups, ((0, 6, 1),))[family]
    rounds = np.floor((open_for - intervals[0]) / intervals[1])
    rounds = np.where(late, rounds - 1, rounds)
    day = start + intervals[0] + rounds * intervals[1] - banded(rng, groups, ((0, 5, 1),))[family]
    held = rounds >= 0
    if opening:
        early = ~held & (open_for >= opening) & ~(late & (open_for < intervals[0]))
        day = np.where(early, start + opening - 2, day)
        held = held | early
    day = on_weekday(day.astype(np.int64))
    return np.where(held & (day > start), day, BLANK)


def children_in_care(rng: np.random.Generator, area: Volumes, children: Children, e: Episodes) -> Rows:
    """List 8. Legal status, home and permanence plan follow from age, time in care and each other."""
    import numpy as np

    child = e.list_8()
    as_at = children.as_at
    m, groups = len(child), int(children.family.max(initial=-1)) + 1
    family = children.family[child]
    start, ceased = e.care_start[child], e.care_ceased[child]
    last = np.where(ceased != BLANK, ceased, as_at)
    age = (last - children.dob[child]) / YEAR
    length = last - start
    uasc = children.uasc[child]
    adopted = e.adopted[child]
    legal, order_start = _legal(rng, age, length, start, uasc, adopted)
    place = _placements(rng, legal, age, uasc, adopted)
    kinds, _ = label_array("placement_type")
    type_keys = [*codes()["placement_type"]]
    place_index = np.array([type_keys.index(k) for k in place], dtype=np.int64)
    moves = np.where(
        length < 20,
        1,
        1 + pick(rng, m, (72, 18, 6, 3, 1)) + (area.name == "Southampton") * (rng.random(m) < 0.05),
    )
    moved = np.where(moves > 1, last - between(rng, 2, 300, m), start + between(rng, 0, 500, m))
    placed = np.minimum(np.maximum(moved, start), last)
    first_order = np.isin(place, ("P1",))
    provider = pick_label(rng, m, _PROVIDER, codes()["placement_provider"])
    provider = np.where(first_order, codes()["placement_provider"]["PR0"], provider)
    provider = np.where(np.isin(place, ("U1", "U2", "U3")), codes()["placement_provider"]["PR1"], provider)
    p_in = np.where(
        np.isin(place, ("K1", "K2", "R1", "S1")), 0.33, np.where(np.isin(place, ("P1", "H5")), 0.8, 0.577)
    )
    inside = rng.random(m) < p_in
    where, _ = label_array("placement_location")
    missing = np.where((age > 11) & (rng.random(m) < 0.14), 1 + pick(rng, m, (55, 20, 10, 8, 4, 3)), 0)
    absent = np.where((age > 11) & (rng.random(m) < 0.05), 1 + pick(rng, m, (70, 20, 10)), 0)
    offered = rng.random(m) < 0.9
    accepted = rng.random(m) < 0.66
    blank = np.array(None, dtype=object)
    late = rng.random(groups)[family] < 0.09
    reason = _ceased_reason(rng, e.of_age[child], adopted, age)
    permanence = _permanence(rng, place, legal, age, length, uasc)
    labels, legal_at = label_array("legal_status")
    need, _ = label_array("category_of_need")
    visit = on_weekday(last - banded(rng, groups, _CARE_VISIT_DAYS)[family])
    iro = on_weekday(last - banded(rng, m, ((0, 60, 38), (61, 120, 36), (121, 182, 19), (183, 300, 7))))
    health = _check(
        rng, last, start, m, ((10, 180, 46), (181, 360, 44), (361, 520, 10)), children.dob[child], 25
    )
    teeth = _check(
        rng, last, start, m, ((10, 180, 52), (181, 360, 29), (361, 600, 19)), children.dob[child], 60
    )
    need_index = np.minimum(children.need[child], len(need) - 1)
    columns = {
        "unaccompanied": yes_no(uasc & (length < 365)),
        "care_start": start,
        "category_of_need": need[need_index],
        "second_period_12m": yes_no((rng.random(groups)[family] < 0.03) & (length < 300)),
        "legal_status_start": order_start,
        "legal_status": labels[np.array([legal_at[k] for k in legal], dtype=np.int64)],
        "last_review": _latest_review(rng, start, last, late, (112, 182), groups, family, opening=28),
        "last_visit": np.where(visit >= start, visit, BLANK),
        "permanence_plan": permanence,
        "last_iro_contact": np.where(iro >= start, iro, BLANK),
        "last_health_assessment": health,
        "last_dental_check": teeth,
        "placements_12m": moves.astype(np.int64),
        "care_ceased": ceased,
        "care_ceased_reason": np.where(ceased == BLANK, blank, reason),
        "placement_start": placed,
        "placement_type": kinds[place_index],
        "placement_provider": provider,
        "placement_postcode": _postcodes(rng, m, inside),
        "placement_urn": _urns(rng, place),
        "placement_location": where[np.where(inside, 0, 1)],
        "placement_authority": _authorities(rng, area, inside),
        "missing_episodes": missing.astype(np.int64),
        "absent_episodes": absent.astype(np.int64),
        "return_interview_offered": np.where(missing > 0, yes_no(offered), blank),
        "return_interview_accepted": np.where((missing > 0) & offered, yes_no(accepted), blank),
    }
    return Rows(child, columns)


def _legal(
    rng: np.random.Generator, age: Any, length: Ints, start: Ints, uasc: Flags, adopted: Flags
) -> tuple[Any, Ints]:
    import numpy as np

    m = len(length)
    roll = rng.random(m)
    legal = np.full(m, "C2", dtype="U2")
    legal[roll < 0.13] = "V2"
    young = (age < 8) & (length > 190) & ~np.isin(legal, ("V2",))
    legal[young & (rng.random(m) < 0.27)] = "E1"
    recent = (legal == "C2") & (length < 280)
    legal[recent] = "C1"
    legal[(length < 9) & (rng.random(m) < 0.15)] = "L1"
    legal[(age > 14) & (rng.random(m) < 0.006)] = "J1"
    legal[uasc] = "V2"
    legal[adopted] = "E1"
    # Care proceedings end at about 26 weeks: the order is as old as that lets it be.
    wait = np.where(np.isin(legal, ("C2", "E1")), np.minimum(between(rng, 150, 320, m), length // 2 + 1), 0)
    return legal, np.asarray(start + wait, dtype=np.int64)


def _placements(rng: np.random.Generator, legal: Any, age: Any, uasc: Flags, adopted: Flags) -> Any:
    import numpy as np

    m = len(legal)
    foster = ("U1", "U3", "U4", "U6", "P1", "K2", "Z1", "R3")
    young = (11, 9, 27, 36, 8, 3.5, 2.5, 1)
    older = (10, 5, 27, 25, 7, 22, 3, 0.0)
    teen = (6, 3, 17, 15, 6, 24, 3, 0.0)
    place = np.array(foster, dtype="U2")[pick(rng, m, young)]
    place = np.where(age >= 10, np.array(foster, dtype="U2")[pick(rng, m, older)], place)
    place = np.where(age >= 16, np.array(foster, dtype="U2")[pick(rng, m, teen)], place)
    supported = (age >= 16) & (rng.random(m) < np.where(uasc, 0.6, 0.26))
    place[supported] = "H5"
    rare = np.array(("K1", "R1", "R2", "R5", "S1"), dtype="U2")[pick(rng, m, (13, 50, 16, 16, 10))]
    place = np.where((age >= 12) & (rng.random(m) < 0.02), rare, place)
    place = np.where((place == "P1") & ~np.isin(legal, ("C1", "C2")), "U6", place)
    waiting = np.array(("U5", "U6", "A5", "A6"), dtype="U2")[pick(rng, m, (15, 45, 8, 32))]
    place = np.where(legal == "E1", waiting, place)
    return np.where(adopted, np.where(rng.random(m) < 0.2, "A5", "A6"), place)


def _permanence(rng: np.random.Generator, place: Any, legal: Any, age: Any, length: Ints, uasc: Flags) -> Any:
    import numpy as np

    labels = codes()["permanence_plan"]
    m = len(place)
    weights = {"return": 14, "guardianship": 12, "fostering": 62, "other": 12}
    plan = pick_label(rng, m, weights, labels)
    plan = np.where(np.isin(place, ("U1", "U4")), labels["fostering"], plan)
    plan = np.where(np.isin(place, ("K2", "R1", "S1")) & (rng.random(m) < 0.7), labels["residential"], plan)
    plan = np.where(np.isin(place, ("H5",)) | uasc, labels["community"], plan)
    plan = np.where((place == "P1") | ((length < 200) & (rng.random(m) < 0.3)), labels["return"], plan)
    plan = np.where(legal == "E1", labels["adoption"], plan)
    # Permanence is agreed by the second review, four months in; some are late.
    undecided = (length < 120) & (rng.random(m) < 0.65) | (rng.random(m) < 0.03)
    return np.where(undecided, np.array(None, dtype=object), plan)


def _ceased_reason(rng: np.random.Generator, of_age: Flags, adopted: Flags, age: Any) -> Any:
    import numpy as np

    labels = codes()["care_ceased_reason"]
    m = len(age)
    home = {
        "E4A": 44,
        "E4B": 9,
        "E45": 18,
        "E47": 8,
        "E46": 3,
        "E41": 8,
        "E8": 6,
        "E3": 2,
        "E16": 1,
        "E13": 1,
    }
    reason = pick_label(rng, m, home, labels)
    grown = pick_label(rng, m, {"E5": 62, "E6": 12, "E7": 8, "E9": 2, "E8": 16}, labels)
    reason = np.where(of_age, grown, reason)
    return np.where(adopted, pick_label(rng, m, {"E11": 30, "E12": 70}, labels), reason)


def _check(
    rng: np.random.Generator,
    last: Ints,
    start: Ints,
    m: int,
    bands: tuple[tuple[int, int, float], ...],
    dob: Ints,
    settle: int,
) -> Ints:
    """The last health or dental check: none in the first weeks of care, and none before birth."""
    import numpy as np

    day = last - banded(rng, m, bands)
    earliest = np.maximum(start, dob) + 5
    day = np.where((day < earliest) & (last - earliest > settle), earliest + settle // 2, day)
    day = on_weekday(day)
    return np.where(day >= earliest, day, BLANK)


def _postcodes(rng: np.random.Generator, m: int, inside: Flags) -> Any:
    """Postcodes that cannot exist: no British postcode area is called ZZ or QX."""
    import numpy as np

    letters = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))
    parts = rng.integers(0, 20, (m, 2))
    digits = rng.integers(1, 10, (m, 2))
    areas = np.where(inside, "ZZ", "QX")
    return np.array(
        [
            f"{a}{d[0]} {d[1]}{letters[p[0]]}{letters[p[1]]}"
            for a, d, p in zip(areas, digits, parts, strict=True)
        ],
        dtype=object,
    )


def _urns(rng: np.random.Generator, place: Any) -> Any:
    """A registration number for children's homes; foster homes have none of their own."""
    import numpy as np

    numbers = rng.integers(9_000_000, 9_999_999, len(place))
    return np.array(
        [f"SC{n}" if p in ("K1", "K2", "R1") else None for n, p in zip(numbers, place, strict=True)],
        dtype=object,
    )


def _authorities(rng: np.random.Generator, area: Volumes, inside: Flags) -> Any:
    """Inside: this authority. Outside: mostly a neighbour in the region, now and then any other."""
    import numpy as np

    from qa_audit.demo.volumes import authority_names, find_area

    near = [a.name for a in find_area(area.region).authorities if a.name != area.name] or [area.name]
    far = [name for name in authority_names() if name != area.name]
    m = len(inside)
    close = np.array(near, dtype=object)[rng.integers(0, len(near), m)]
    distant = np.array(far, dtype=object)[rng.integers(0, len(far), m)]
    outside = np.where(rng.random(m) < 0.8, close, distant)
    return np.where(inside, np.array(area.name, dtype=object), outside)
