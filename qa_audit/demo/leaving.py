"""Lists 9, 10 and 11: care leavers, children with a plan for adoption, and adopters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qa_audit.demo.episodes import Episodes
from qa_audit.demo.events import Rows, yes_no
from qa_audit.demo.population import (
    ADOPTED,
    IN_CARE,
    LEAVER,
    YEAR,
    Children,
    codes,
    completed_years,
    label_array,
)
from qa_audit.demo.rolls import BLANK, Ints, banded, between, pick, pick_label

if TYPE_CHECKING:
    import numpy as np

_HOME = {
    "B": 11, "D": 19, "E": 4, "K": 3, "R": 2, "S": 1.2, "T": 6, "U": 37, "V": 0.8, "W": 0.3, "X": 3.2, "Y": 4.5,
    "Z": 8,
}  # fmt: skip
_DOING = {"F1": 6, "F2": 17, "P2": 4, "F3": 20, "P3": 7, "G4": 9, "G5": 27, "G6": 4, "P1": 0.4}


def care_leavers(rng: np.random.Generator, children: Children, e: Episodes, n: int) -> Rows:
    """List 9. Those who came of age in care in the last six months are in it, as former relevant children."""
    import numpy as np

    as_at = children.as_at
    just_left = np.flatnonzero(e.of_age)[:n]
    child = np.concatenate([just_left, children.of(LEAVER)[: n - len(just_left)]]).astype(np.int64)
    m = len(child)
    age = children.age(child)
    eligibility, at = label_array("eligibility")
    kind = np.where(age < 18, at["relevant"], np.where(rng.random(m) < 0.08, at["qualifying"], at["former"]))
    touch, touch_at = label_array("in_touch")
    state = np.array([touch_at[k] for k in ("yes", "no", "refu", "nreq", "rhom", "died")])[
        pick(rng, m, (92.5, 3.2, 1.6, 1.8, 0.7, 0.2))
    ]
    reached = state == touch_at["yes"]
    blank = np.array(None, dtype=object)
    home = pick_label(rng, m, _HOME, codes()["accommodation"])
    unfit = [codes()["accommodation"][k] for k in ("S", "V", "W", "X", "R")]
    poor = np.isin(home.astype(str), unfit) | (rng.random(m) < 0.02)
    suitable, _ = label_array("suitability")
    review = as_at - banded(rng, m, ((0, 91, 42), (92, 182, 43), (183, 270, 10), (271, 420, 5)))
    contact = as_at - banded(rng, m, ((0, 28, 46), (29, 56, 38), (57, 90, 11), (91, 200, 5)))
    lost = as_at - banded(rng, m, ((90, 180, 40), (181, 500, 60)))
    columns = {
        "eligibility": eligibility[kind],
        "in_touch": touch[state],
        "accommodation": np.where(reached, home, blank),
        "suitability": np.where(reached, suitable[np.where(poor, 1, 0)], blank),
        "activity": np.where(reached, pick_label(rng, m, _DOING, codes()["activity"]), blank),
        "unaccompanied": yes_no(children.uasc[child]),
        "pathway_plan_review": np.where(rng.random(m) < 0.03, BLANK, review),
        "last_contact": np.where(reached, contact, lost),
    }
    return Rows(child, columns)


def adoption(rng: np.random.Generator, children: Children, e: Episodes, in_care: Rows, n: int) -> Rows:
    """List 10. Placement orders, children placed or adopted in the year, and some reversed decisions."""
    import numpy as np

    as_at = children.as_at
    labels = codes()["legal_status"]
    ordered = in_care.child[in_care.columns["legal_status"] == labels["E1"]]
    done = np.flatnonzero(e.adopted)
    waiting = ordered[~np.isin(ordered, done)]
    earlier = children.of(ADOPTED)
    chosen = np.concatenate([done, earlier, waiting])[:n]
    if len(chosen) < n:
        young = children.of(IN_CARE)
        young = young[np.argsort(-children.dob[young], kind="stable")]
        extra = young[~np.isin(young, chosen)][: n - len(chosen)]
        chosen = np.concatenate([chosen, extra])
    child = chosen.astype(np.int64)
    m = len(child)
    finished = np.isin(child, done) | np.isin(child, earlier)
    order = np.where(np.isin(child, done), e.care_ceased[child], BLANK)
    past = np.isin(child, earlier)
    order[past] = as_at - between(rng, 183, 360, int(past.sum()))
    dob = children.dob[child]
    end = np.where(finished, order, as_at)
    entered = np.where(
        e.care_start[child] != BLANK,
        e.care_start[child],
        np.maximum(dob + 5, end - between(rng, 420, 1100, m)),
    )
    entered = np.minimum(entered, end - 120)
    span = np.maximum(end - entered, 100)
    # Decision, placement order, match, placement, adoption order, in the order of the law.
    decision = entered + (span * 0.30).astype(np.int64)
    placement_order = decision + (span * 0.12).astype(np.int64)
    matched = placement_order + (span * 0.22).astype(np.int64)
    placed = matched + np.minimum(np.maximum((span * 0.04).astype(np.int64), 7), 40)
    has_order = finished | np.isin(child, ordered)
    is_matched = finished | (has_order & (rng.random(m) < 0.45))
    is_placed = finished | (is_matched & (rng.random(m) < 0.8))
    reversed_ = ~finished & ~is_matched & (rng.random(m) < 0.15)
    fta = (rng.random(m) < 0.12) & has_order
    reasons = pick_label(
        rng, m, {"RD1": 40, "RD2": 20, "RD3": 30, "RD4": 10}, codes()["decision_reversed_reason"]
    )
    columns = {
        "family_id": np.where(is_matched, 700_000 + children.family[child] % 200_000, BLANK),
        "entered_care": entered,
        "adoption_decision": decision,
        "placement_order_date": np.where(has_order, placement_order, BLANK),
        "matched_date": np.where(is_matched, np.minimum(matched, as_at), BLANK),
        "placed_for_adoption": np.where(is_placed, np.minimum(placed, as_at), BLANK),
        "adoption_order_date": order,
        "decision_reversed": np.where(reversed_, as_at - between(rng, 5, 120, m), BLANK),
        "decision_reversed_reason": np.where(reversed_, reasons, np.array(None, dtype=object)),
        "fostering_to_adopt_placement": np.where(fta, decision + 10, BLANK),
    }
    return Rows(child, columns)


def adopters(rng: np.random.Generator, children: Children, adopted: Rows, n: int) -> Rows:
    """List 11: one row per adopter, a couple as two rows; `child` is not used. Families match List 10."""
    import numpy as np

    as_at = children.as_at
    families = np.unique(adopted.columns["family_id"][adopted.columns["family_id"] != BLANK])
    couple = rng.random(max(n, 1)) < 0.7
    household = (
        np.cumsum(np.r_[1, ~couple[:-1] | np.r_[False, couple[:-2]]])[:n] - 1 if n else np.zeros(0, int)
    )
    household = household.astype(np.int64)
    houses = int(household.max(initial=-1)) + 1
    matched_family = families[: min(len(families), houses * 2 // 3)]
    family = np.where(
        household < len(matched_family),
        np.r_[matched_family, np.zeros(1, dtype=np.int64)][np.minimum(household, len(matched_family))],
        900_000 + household,
    )
    stage = banded(rng, max(houses, 1), ((0, 5, 1),))[household]  # how far an unmatched household has come
    matched = household < len(matched_family)
    enquiry = as_at - banded(rng, max(houses, 1), ((40, 200, 40), (201, 360, 60)))[household]
    enquiry = np.where(matched, enquiry - 420, enquiry)

    def step(low: int, high: int) -> Ints:
        drawn: Ints = between(rng, low, high, max(houses, 1))[household]
        return drawn

    one, one_end = enquiry + step(10, 30), enquiry + step(75, 100)
    two, two_end = one_end + step(3, 25), one_end + step(110, 140)
    applied, approved = two_end - 20, two_end + step(5, 25)
    row_of = {int(f): i for i, f in enumerate(adopted.columns["family_id"])}
    known = np.array([row_of.get(int(f), -1) for f in family], dtype=np.int64)
    link = np.maximum(known, 0)

    def from_child(column: str) -> Ints:
        values = adopted.columns[column]
        return (
            np.where(known >= 0, values[link], BLANK).astype(np.int64) if len(values) else np.full(n, BLANK)
        )

    match_day = from_child("matched_date")
    approved = np.where(known >= 0, np.minimum(approved, match_day - 10), approved)
    left = ~matched & (rng.random(max(houses, 1)) < 0.12)[household]

    def reached(day: Ints, least: int) -> Ints:
        return np.where((matched | (stage >= least)) & (day <= as_at), day, BLANK).astype(np.int64)

    labels = codes()
    same = {"sex": [*labels["sex"].values()], "ethnicity": [*labels["ethnicity"].values()]}
    first = np.r_[True, household[1:] != household[:-1]] if n else np.zeros(0, dtype=bool)
    sex = np.array(same["sex"], dtype=object)[np.where(first, 1, np.where(rng.random(n) < 0.85, 0, 1))]
    ethnicity = np.array(same["ethnicity"], dtype=object)[
        pick(rng, max(houses, 1), (80, *[1] * 19))[household]
    ]
    counts = {int(f): int((adopted.columns["family_id"] == f).sum()) for f in families}
    placed = from_child("placed_for_adoption")
    born = as_at - between(rng, round(28 * YEAR), round(52 * YEAR), n)
    columns = {
        "date_of_birth": born,
        "age": completed_years(born, as_at),
        "adopter_id": 500_000 + rng.permutation(max(n * 3, 1))[:n],
        "family_id": family,
        "sex": sex,
        "ethnicity": ethnicity,
        "disability": yes_no(rng.random(n) < 0.04),
        "fostering_for_adoption": yes_no((rng.random(max(houses, 1)) < 0.15)[household]),
        "enquiry_date": np.where(known >= 0, np.minimum(enquiry, match_day - 260), enquiry),
        "stage_1_start": reached(np.where(known >= 0, np.minimum(one, match_day - 245), one), 1),
        "stage_1_end": reached(np.where(known >= 0, np.minimum(one_end, match_day - 180), one_end), 2),
        "stage_2_start": reached(np.where(known >= 0, np.minimum(two, match_day - 170), two), 3),
        "stage_2_end": reached(np.where(known >= 0, np.minimum(two_end, match_day - 40), two_end), 4),
        "application_date": reached(np.where(known >= 0, np.minimum(applied, match_day - 60), applied), 4),
        "approval_date": reached(approved, 5),
        "matched_date": match_day,
        "placed_date": placed,
        "children_placed": np.where(placed != BLANK, [counts.get(int(f), 1) for f in family], BLANK),
        "adoption_order_date": from_child("adoption_order_date"),
        "left_process_date": np.where(left, as_at - between(rng, 3, 30, n), BLANK),
        "left_process_reason": np.where(
            left,
            pick_label(rng, n, {"1": 70, "2": 20, "3": 10}, labels["left_process_reason"]),
            np.array(None, dtype=object),
        ),
    }
    return Rows(np.full(n, -1, dtype=np.int64), columns)
