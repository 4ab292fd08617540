"""How much work each authority has: published base volumes, and the rows per list that follow from them."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from qa_audit.errors import BadInput, Code

DATA = Path(__file__).parent / "data"
LISTS = tuple(range(1, 12))
_RATES = ("rereferral_pct", "nfa_pct", "second_plan_pct")


@dataclass(frozen=True, slots=True)
class Volumes:
    """One authority's published volumes: children at 31 March, events in a year, percentages 0-100."""

    name: str
    region: str
    code: str
    population: float
    referrals: float
    rereferral_pct: float
    nfa_pct: float
    assessments: float
    section47: float
    icpc: float
    cin: float
    cin_ended: float
    cin_plans: float
    cpp: float
    cpp_ended: float
    second_plan_pct: float
    cla: float
    cla_ceased: float
    leavers_17_18: float
    leavers_19_21: float


_FIGURES = tuple(f.name for f in fields(Volumes))[3:]


@dataclass(frozen=True, slots=True)
class Area:
    """What was asked for: one authority, or a region or England as the authorities in it."""

    name: str
    authorities: tuple[Volumes, ...]

    @property
    def single(self) -> bool:
        """Whether this is one authority: its children's ids are then unique."""
        return len(self.authorities) == 1


def find_area(name: str) -> Area:
    """The authority, region or nation of that name (any case); London is Inner and Outer London together.

    An unknown name is refused with the nearest known names.
    """
    authorities, regions = _published()
    asked = " ".join(name.split()).casefold()
    by_name = {a.name.casefold(): a for a in authorities}
    if asked in by_name:
        return Area(by_name[asked].name, (by_name[asked],))
    if asked == "england":
        return Area("England", authorities)
    for region in ("London", *regions):
        if asked in (region.casefold(), f"{region} region".casefold()):
            inside = ("Inner London", "Outer London") if region == "London" else (region,)
            return Area(region, tuple(a for a in authorities if a.region in inside))
    from difflib import get_close_matches

    known = {n.casefold(): n for n in (*(a.name for a in authorities), "England", "London", *regions)}
    near = [known[n] for n in get_close_matches(asked, known, n=3, cutoff=0.6)]
    raise BadInput(
        Code.NOT_FOUND,
        "There is no authority or region with that name in the published volumes",
        where=name[:60],
        why="Names are spelt as the Department for Education prints them",
        next_step=f"Did you mean {', '.join(near)}?" if near else "Try Southampton, South East or England",
    )


def authority_names() -> tuple[str, ...]:
    """Every authority that can be generated, in the published order."""
    return tuple(a.name for a in _published()[0])


def list_rows(area: Volumes, scale: float) -> dict[int, int]:
    """Rows of each of the eleven lists at `scale` (1 = the real council).

    Contacts: 3,001,339 in England for 12,183,016 children (ADCS Safeguarding Pressures 9), half a year.
    Early help: 260 assessments per 10,000 children a year, with 60% more still open [assumption].
    Assessments stay open for a median of 34 days. Care leavers 17-21 are published: scaled to 17-25.
    Adoption and adopters: shares of children in care [assumption].
    """
    exact = (
        area.population * 0.24636 / 2,
        area.population * 0.0260 / 2 * 1.6,
        area.referrals / 2,
        area.assessments / 2 + area.assessments * 34 / 365,
        area.section47 / 2 * 1.04,
        area.cin + area.cin_ended / 2,
        area.cpp + area.cpp_ended / 2,
        area.cla + area.cla_ceased / 2,
        (area.leavers_17_18 + area.leavers_19_21) * 70_991 / 52_940,
        area.cla * 0.092,
        area.cla * 0.06,
    )
    return {number: round(rows * scale) for number, rows in zip(LISTS, exact, strict=True)}


@cache
def _published() -> tuple[tuple[Volumes, ...], tuple[str, ...]]:
    content = json.loads((DATA / "volumes.json").read_text(encoding="utf-8"))
    rows = [dict(zip(content["columns"], row, strict=True)) for row in content["areas"]]
    regions = {row["name"]: row for row in rows if row["level"] == "region"}
    authorities = [row for row in rows if row["level"] == "authority"]
    for region, total in regions.items():
        _fill([row for row in authorities if row["region"] == region], total)
    found = tuple(
        Volumes(row["name"], row["region"], row["code"], *(float(row[f]) for f in _FIGURES))
        for row in authorities
    )
    return found, tuple(name for name in regions if name != "London")


def _fill(authorities: list[dict[str, float]], region: dict[str, float]) -> None:
    """Withheld figures: the region's rate, or what the region's total leaves, shared by population.

    Regional totals are rounded, so a remainder under twenty says nothing: then the figure is nought.
    """
    for figure in _FIGURES:
        blank = [row for row in authorities if row[figure] is None]
        if not blank:
            continue
        rest = region[figure] - sum(row[figure] or 0 for row in authorities)
        rest = rest if rest >= 20 else 0.0
        people = sum(row["population"] for row in blank)
        for row in blank:
            row[figure] = region[figure] if figure in _RATES else rest * row["population"] / max(people, 1)
