"""A whole synthetic council: its children, its staff and the eleven lists, from a name, a scale and a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from qa_audit.demo.population import LEAVER
from qa_audit.demo.rolls import BLANK, stream
from qa_audit.demo.staff import Staff
from qa_audit.demo.volumes import Area, Volumes, find_area
from qa_audit.errors import BadInput, Code

if TYPE_CHECKING:
    import numpy as np

    from qa_audit.demo.addons import AddonRow
    from qa_audit.demo.dirt import DirtReport
    from qa_audit.demo.episodes import Episodes
    from qa_audit.demo.events import Rows
    from qa_audit.demo.population import Children

MAX_SCALE = 5.0
SSD_ADOPTER_FIELDS = {"date_of_birth": "date", "age": "age"}
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class ListTable:
    """One list as values: `columns` by field name (object arrays of equal length): text, int, date or None."""

    number: int
    rows: int
    columns: dict[str, Any]


@dataclass(slots=True)
class GeneratedCouncil:
    """One authority's lists and staff; `dirt_report` says what was soiled (None when clean)."""

    authority: str
    as_at: date
    seed: int
    scale: float
    lists: dict[int, ListTable]
    staff: Staff
    dirt_report: DirtReport | None = None
    addons: list[AddonRow] = field(default_factory=list)

    @property
    def row_counts(self) -> dict[int, int]:
        """Rows by list number."""
        return {number: table.rows for number, table in self.lists.items()}


def generate(
    name: str, *, scale: float = 1.0, seed: int = 1, as_at: date, dirt: int = 0
) -> Iterator[GeneratedCouncil]:
    """The council of that name, or every council of a region or of England, one after the other.

    `scale` multiplies all volumes; the same name, scale, seed, date and dirt give the same children.
    Refuses an unknown name, a scale outside 0-5 and a dirt outside 0-3.
    """
    area = find_area(name)
    _check(scale, seed, dirt)
    return _each(area, scale, seed, as_at, dirt)


def _each(area: Area, scale: float, seed: int, as_at: date, dirt: int) -> Iterator[GeneratedCouncil]:
    from qa_audit.demo.dirt import soil

    for authority in area.authorities:
        council = generate_council(authority, scale=scale, seed=seed, as_at=as_at)
        yield soil(council, dirt) if dirt else council


def _check(scale: float, seed: int, dirt: int) -> None:
    if not 0 < scale <= MAX_SCALE:
        raise BadInput(
            Code.BAD_VALUE,
            "The scale of the rows must be more than 0 and at most 5",
            where="--rows-scale",
            next_step="1 is the real council's size, 0.1 a tenth of it",
        )
    if dirt not in (0, 1, 2, 3):
        raise BadInput(
            Code.BAD_VALUE,
            "The dirt dial goes from 0 to 3",
            where="--dirt",
            next_step="0 is clean, 3 is the worst",
        )
    if seed < 0:
        raise BadInput(
            Code.BAD_VALUE,
            "The seed is a whole number from 0",
            where="--seed",
            next_step="For example --seed 7",
        )


def generate_council(authority: Volumes, *, scale: float, seed: int, as_at: date) -> GeneratedCouncil:
    """One authority, clean. Rows per list follow `volumes.list_rows`."""
    from qa_audit.demo import care, events, leaving
    from qa_audit.demo.addons import addons
    from qa_audit.demo.episodes import make_episodes
    from qa_audit.demo.population import make_children
    from qa_audit.demo.volumes import list_rows

    rng = stream(seed, authority.name)
    rows = list_rows(authority, scale)
    children = make_children(rng, authority, scale, as_at.toordinal() - _EPOCH)
    e = make_episodes(rng, authority, scale, children)
    _hand_over(rng, children, e)
    referred = events.referrals(rng, authority, children, e, rows[3])
    in_care = care.children_in_care(rng, authority, children, e)
    adopted = leaving.adoption(rng, children, e, in_care, rows[10])
    found = {
        1: events.contacts(rng, children, referred, e, rows[1]),
        2: events.early_help(rng, children, rows[2]),
        3: referred,
        4: events.assessments(rng, authority, scale, children, e, rows[4]),
        5: events.enquiries(rng, children, e, rows[5]),
        6: care.children_in_need(rng, children, e),
        7: care.child_protection(rng, authority, children, e),
        8: in_care,
        9: leaving.care_leavers(rng, children, e, rows[9]),
        10: adopted,
        11: leaving.adopters(rng, children, adopted, rows[11]),
    }
    lists = {number: _table(number, found[number], children) for number in found}
    extra = addons(seed, authority.name, as_at, lists)
    return GeneratedCouncil(authority.name, as_at, seed, scale, lists, children.staff, addons=extra)


def _hand_over(rng: np.random.Generator, children: Children, e: Episodes) -> None:
    """Whoever came of age in care is with the care leavers team now."""
    leavers = children.of(LEAVER)
    grown = e.of_age.nonzero()[0]
    if len(leavers) and len(grown):
        children.worker[grown] = rng.choice(children.worker[leavers], len(grown))


def _table(number: int, rows: Rows, children: Children) -> ListTable:
    """A list with the columns every list shares, in the field order of the schema."""
    import numpy as np

    from qa_audit.demo.population import label_array
    from qa_audit.frame.lists import load_lists

    spec = load_lists()[number - 1]
    child = rows.child
    made = dict(rows.columns)
    if number != 11:
        people = np.array(
            [*((w.display_name, w.team) for t in children.staff.teams for w in t.workers)], dtype=object
        )
        workers = children.worker[child]
        made |= {
            "child_id": children.ids[child],
            "sex": label_array("sex")[0][children.sex[child]],
            "ethnicity": label_array("ethnicity")[0][children.ethnicity[child]],
            "date_of_birth": np.where(children.dob_blank[child], BLANK, children.dob[child]),
            "age": children.age(child),
            "disability": label_array("yes_no")[0][children.disability[child]],
            "worker": people[workers, 0] if len(people) else np.full(len(child), None),
            "team": people[workers, 1] if len(people) else np.full(len(child), None),
        }
        if number == 9:
            made["personal_adviser"] = made["worker"]
    columns = {f.name: as_values(made[f.name], f.type) for f in spec.fields}
    if number == 11:  # the SSD query returns these of adopters too
        columns |= {name: as_values(made[name], kind) for name, kind in SSD_ADOPTER_FIELDS.items()}
    return ListTable(number, len(child), columns)


def as_values(column: Any, kind: str) -> Any:
    """An object array of plain values: dates for days, text for ids, int for counts, None for BLANK."""
    import numpy as np

    if column.dtype == object:
        return column
    blank = column == BLANK
    if kind == "date":
        safe = np.where(blank, 0, column)
        values = (
            (np.datetime64("1970-01-01") + safe.astype("timedelta64[D]"))
            .astype("datetime64[D]")
            .astype(object)
        )
    elif kind in ("id", "text"):
        values = np.array([*map(str, column.tolist())], dtype=object)
    else:
        values = column.astype(object)
    values[blank] = None
    return values
