"""The child table of a synthetic council: who the children are, whose brothers and sisters, whose cases.

One table first, events afterwards: every list is read off this table, so that the lists agree.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from qa_audit.demo.rolls import Flags, Ints, banded, families, hand_out, pick
from qa_audit.demo.staff import TEAM_KINDS, Staff, make_staff, name_count
from qa_audit.demo.volumes import DATA, Volumes, list_rows

if TYPE_CHECKING:
    import numpy as np

YEAR = 365.25

IN_CARE, PROTECTION, PLAN, ASSESSMENT, CLOSED, NFA, CONTACT, EARLY, LEAVER, ADOPTED = range(10)
"""Why a child is in the table. The first four are open in List 6, CLOSED is its closed part."""

# Share with a brother or sister in the same position: 45% of children on a plan [assumption].
_SIBLINGS = (0.36, 0.45, 0.42, 0.42, 0.42, 0.40, 0.35, 0.30, 0.0, 0.0)

# Age in days at the as-at date: (low, high, share); negative = not born yet.
_Y = 365
_CARE_AGES = (
    (3, _Y, 4.4),
    (_Y + 1, 5 * _Y, 12.3),
    (5 * _Y + 2, 10 * _Y, 18.5),
    (10 * _Y + 3, 16 * _Y, 37.8),
    (16 * _Y + 5, 18 * _Y - 8, 27.0),
)
_PLAN_AGES = (
    (-54, -4, 2.6),  # a plan may begin up to two months before birth
    (3, _Y, 8.0),
    (_Y + 1, 5 * _Y, 22.2),
    (5 * _Y + 2, 10 * _Y, 28.2),
    (10 * _Y + 3, 16 * _Y, 33.3),
    (16 * _Y + 5, 18 * _Y - 8, 5.6),
)
# What remains of the children-in-need distribution once care and protection are taken out of it.
_NEED_AGES = (
    (-160, -4, 2.0),
    (3, _Y, 3.2),
    (_Y + 1, 5 * _Y, 13.2),
    (5 * _Y + 2, 10 * _Y, 20.8),
    (10 * _Y + 3, 16 * _Y, 30.4),
    (16 * _Y + 5, 18 * _Y - 8, 30.4),
)
_LEAVER_AGES = (
    (16 * _Y + 10, 17 * _Y, 2),
    (17 * _Y + 10, 18 * _Y, 5),
    (18 * _Y + 10, 22 * _Y, 63),
    (22 * _Y + 10, 25 * _Y, 30),
)
_ADOPTED_AGES = ((_Y, 7 * _Y, 1),)
_AGES = (
    _CARE_AGES,
    _PLAN_AGES,
    _NEED_AGES,
    _NEED_AGES,
    _NEED_AGES,
    _NEED_AGES,
    _NEED_AGES,
    _NEED_AGES[1:],
    _LEAVER_AGES,
    _ADOPTED_AGES,
)

_ETHNICITY = {
    "WBRI": 60.9, "WIRI": 0.24, "WIRT": 0.35, "WROM": 0.36, "WOTH": 4.65, "MWBC": 2.95, "MWBA": 1.14,
    "MWAS": 1.59, "MOTH": 3.5, "AIND": 1.03, "APKN": 2.51, "ABAN": 1.19, "CHNE": 0.18, "AOTH": 3.12,
    "BAFR": 5.41, "BCRB": 1.73, "BOTH": 1.87, "OOTH": 4.31, "REFU": 0.5, "NOBT": 2.48,
}  # fmt: skip
_ETHNICITY_UASC = {"BAFR": 38, "OOTH": 30, "AOTH": 17, "WOTH": 9, "MOTH": 3, "NOBT": 3}
# Need by family, without N8 (given to single older children) and N2 of care (few).
_NEED = {"N1": 61.5, "N2": 8.5, "N3": 2.2, "N4": 9.1, "N5": 12.7, "N6": 2.1, "N7": 0.3, "N9": 0.9, "N0": 2.7}
_NEED_CARE = {"N1": 73.1, "N2": 2.5, "N3": 2.6, "N4": 7.9, "N5": 12.8, "N6": 1.0, "N7": 0.1}
_N8_SHARE = {True: 0.0796, False: 0.048}


@cache
def codes() -> dict[str, dict[str, str]]:
    """Official labels of every coded field, by our short keys."""
    labels: dict[str, dict[str, str]] = json.loads((DATA / "codes.json").read_text(encoding="utf-8"))[
        "labels"
    ]
    return labels


def label_array(field: str) -> tuple[Any, dict[str, int]]:
    """The labels of a field as an object array, and the index of each key."""
    import numpy as np

    labels = codes()[field]
    return np.array([*labels.values()], dtype=object), {key: i for i, key in enumerate(labels)}


@dataclass(slots=True)
class Children:
    """The child table, one entry per child in every array; coded fields are indices into `label_array`."""

    as_at: int
    kind: Ints
    family: Ints
    dob: Ints
    sex: Ints
    ethnicity: Ints
    disability: Ints
    need: Ints
    uasc: Flags
    ids: Ints
    worker: Ints
    staff: Staff
    dob_blank: Flags

    def __len__(self) -> int:
        return len(self.kind)

    def of(self, *kinds: int) -> Ints:
        """Row numbers of the children of these kinds, in table order (families together)."""
        import numpy as np

        return np.flatnonzero(np.isin(self.kind, kinds))

    def age(self, rows: Ints) -> Ints:
        """Completed years at the as-at date; -1 for a child not born yet."""
        import numpy as np

        return np.where(self.dob[rows] > self.as_at, -1, completed_years(self.dob[rows], self.as_at)).astype(
            np.int64
        )


def completed_years(born: Ints, on: int) -> Ints:
    """Birthdays passed between the days `born` and the day `on`."""
    import numpy as np

    epoch = np.datetime64("1970-01-01")
    birth = epoch + born.astype("timedelta64[D]")
    day = epoch + np.timedelta64(on, "D")
    years = day.astype("datetime64[Y]").astype(int) - birth.astype("datetime64[Y]").astype(int)
    # Month and day as one number, so that leap years cannot shift a birthday.
    month = birth.astype("datetime64[M]")
    mark = (month.astype(int) % 12) * 32 + (birth - month.astype("datetime64[D]")).astype(int)
    today = day.astype("datetime64[M]")
    here = int(today.astype(int) % 12) * 32 + int((day - today.astype("datetime64[D]")).astype(int))
    return np.asarray(years - (mark > here), dtype=np.int64)


def kind_sizes(area: Volumes, scale: float) -> dict[int, int]:
    """Children by kind, so that Lists 6, 7, 8 and 9 get their published number of rows."""
    rows = list_rows(area, scale)
    in_care = min(round(area.cla * scale), rows[8])
    protected = min(round(area.cpp * scale), rows[7])
    both = round(0.015 * protected)  # on a plan and in care at once [assumption]
    open_cases = min(max(round(area.cin * scale), in_care + protected - both), rows[6])
    rest = max(0, open_cases - in_care - (protected - both))
    plans = min(round(area.cin_plans * scale), round(rest * 0.9))
    nfa = round(rows[3] * area.nfa_pct / 100)
    return {
        IN_CARE: in_care,
        PROTECTION: protected - both,
        PLAN: plans,
        ASSESSMENT: rest - plans,
        CLOSED: max(0, rows[6] - in_care - (protected - both) - rest),
        NFA: round(nfa * 0.9),
        CONTACT: round(max(0, rows[1] - rows[3]) * 0.72),
        EARLY: round(rows[2] * 0.62),
        LEAVER: rows[9],
        ADOPTED: round(rows[10] * 0.2),
    }


def make_children(rng: np.random.Generator, area: Volumes, scale: float, as_at: int) -> Children:
    """The child table of one authority at the day `as_at`."""
    import numpy as np

    sizes = kind_sizes(area, scale)
    kind = np.repeat(np.arange(10), [sizes[k] for k in range(10)])
    n = len(kind)
    family = np.zeros(n, dtype=np.int64)
    dob = np.zeros(n, dtype=np.int64)
    offset = 0
    for k in range(10):
        here = kind == k
        count = int(here.sum())
        if not count:
            continue
        family[here] = families(rng, count, _SIBLINGS[k]) + offset
        offset = int(family[here].max()) + 1
        dob[here] = as_at - banded(rng, count, _AGES[k])
    dob = _space_siblings(rng, family, dob, as_at, kind)
    sex, ethnicity, disability, need, uasc = _describe(rng, kind, family, dob, as_at)
    ids = np.sort(rng.choice(max(4 * n, 1), n, replace=False)) + 100_000
    staff, worker = _allocate(rng, area, scale, kind, family, need)
    return Children(
        as_at=as_at,
        kind=kind,
        family=family,
        dob=dob,
        sex=sex,
        ethnicity=ethnicity,
        disability=disability,
        need=need,
        uasc=uasc,
        ids=rng.permutation(ids),
        worker=worker,
        staff=staff,
        dob_blank=(dob > as_at) & (rng.random(n) < 0.35),
    )


def _space_siblings(rng: np.random.Generator, family: Ints, dob: Ints, as_at: int, kind: Ints) -> Ints:
    """Brothers and sisters are twins or at least ten months apart, and nobody turns 18 by it."""
    import numpy as np

    order = np.lexsort((-dob, family))
    fam, born = family[order], dob[order].copy()
    first = np.flatnonzero(np.r_[True, fam[1:] != fam[:-1]]) if len(fam) else np.zeros(0, dtype=np.int64)
    rank = np.arange(len(fam)) - np.repeat(first, np.diff(np.r_[first, len(fam)]))
    eldest = as_at - round(17.95 * YEAR)
    for place in range(1, int(rank.max(initial=0)) + 1):
        here = np.flatnonzero(rank == place)
        younger = born[here - 1]
        close = younger - born[here] < 300
        twin = close & ((rng.random(len(here)) < 0.12) | (younger - 300 - 200 < eldest))
        apart = close & ~twin
        born[here] = np.where(
            twin, younger, np.where(apart, younger - 300 - np.floor(rng.random(len(here)) * 200), born[here])
        )
    spaced = dob.copy()
    spaced[order] = born
    return np.where(kind >= LEAVER, dob, spaced).astype(np.int64)


def _describe(
    rng: np.random.Generator, kind: Ints, family: Ints, dob: Ints, as_at: int
) -> tuple[Ints, Ints, Ints, Ints, Flags]:
    """Sex, ethnicity, disability, need and UASC: N8 goes with age, sex and ethnicity, N2 with disability."""
    import numpy as np

    n = len(kind)
    groups = int(family.max(initial=-1)) + 1
    _, need_at = label_array("primary_need")
    _, eth_at = label_array("ethnicity")

    def by_family(weights: dict[str, float], at: dict[str, int]) -> Ints:
        chosen: Ints = np.array([at[k] for k in weights])[pick(rng, groups, tuple(weights.values()))][family]
        return chosen

    in_care = (kind == IN_CARE) | (kind == ADOPTED)
    need = np.where(in_care, by_family(_NEED_CARE, need_at), by_family(_NEED, need_at))
    years = (as_at - dob) / YEAR
    alone = np.bincount(family, minlength=max(groups, 1))[family] == 1
    eligible = alone & (years >= 15.5)
    absent = np.zeros(n, dtype=bool)
    for care in (True, False):
        part = (kind == IN_CARE) if care else np.isin(kind, (PLAN, ASSESSMENT, CLOSED))
        can = part & eligible
        p = _N8_SHARE[care] * part.sum() / max(int(can.sum()), 1)
        absent |= can & (rng.random(n) < p)
    need = np.where(absent, need_at["N8"], need)
    uasc = (absent & (kind == IN_CARE) & (rng.random(n) < 0.85)) | ((kind == LEAVER) & (rng.random(n) < 0.18))
    foreign = np.array([eth_at[k] for k in _ETHNICITY_UASC])[pick(rng, n, tuple(_ETHNICITY_UASC.values()))]
    from_abroad = uasc | (absent & (rng.random(n) < 0.7))
    ethnicity = np.where(from_abroad, foreign, by_family(_ETHNICITY, eth_at))
    roll = rng.random(n)
    sex = np.where(roll < np.where(absent | uasc, 0.88, 0.545), 0, 1)
    sex = np.where(rng.random(n) < 0.0025, 2, sex)
    sex = np.where(dob > as_at, 2, sex)
    disabled = (need == need_at["N2"]) | (rng.random(n) < 0.065)
    disability = np.where(disabled & (dob <= as_at), 0, np.where(rng.random(n) < 0.01, 2, 1))
    return sex, ethnicity, disability, need, uasc


def _allocate(
    rng: np.random.Generator, area: Volumes, scale: float, kind: Ints, family: Ints, need: Ints
) -> tuple[Staff, Ints]:
    """Teams big enough for the open cases, and a worker (index into the practitioners) for every child."""
    import numpy as np

    _, need_at = label_array("primary_need")
    n = len(kind)
    groups = int(family.max(initial=-1)) + 1
    coin = rng.random(max(groups, 1))[family] if n else np.zeros(0)
    disabled = (need == need_at["N2"]) & np.isin(kind, (PLAN, IN_CARE))
    where = np.full(n, "", dtype="U12")
    where[np.isin(kind, (ASSESSMENT,))] = "assessment"
    where[np.isin(kind, (PLAN, PROTECTION))] = "safeguarding"
    where[np.isin(kind, (IN_CARE, ADOPTED))] = "care"
    where[disabled] = "disabled"
    where[kind == CLOSED] = np.where(coin[kind == CLOSED] < 0.7, "assessment", "safeguarding")
    where[np.isin(kind, (NFA, CONTACT, EARLY))] = "front_door"
    where[kind == LEAVER] = "leaving"
    holds = ~np.isin(kind, (CLOSED, ADOPTED))
    counts: dict[str, int] = {}
    for team in TEAM_KINDS:
        cases = int(((where == team.key) & holds).sum())
        needed = round(cases / team.caseload) if team.caseload else round(area.referrals * scale / 250)
        counts[team.key] = max(1, needed) if (where == team.key).any() else 0
    staff = make_staff(counts, rng.permutation(name_count()).tolist())
    worker = np.full(n, -1, dtype=np.int64)
    start = 0
    for team in TEAM_KINDS:
        mine = where == team.key
        for part in (mine & holds, mine & ~holds):
            if part.any():
                worker[part] = start + hand_out(rng, family[part], counts[team.key])
        start += counts[team.key]
    return staff, worker
