"""Add-on lists: what the council's own small lists add to a child; rows of the combined list find their own."""

from __future__ import annotations

from functools import cache

from qa_audit.frame.collapse import Row
from qa_audit.frame.findings import Findings
from qa_audit.frame.gathering import Gathering
from qa_audit.frame.headings import squash
from qa_audit.frame.lists import ListSpec, load_lists

FAMILY = "addons"
COMBINED = "combined"


@cache
def kinds() -> dict[str, int]:
    """The words that mean an add-on list, squashed -> the list's place among them."""
    return {
        squash(word): place
        for place, spec in enumerate(load_lists(FAMILY))
        for word in (spec.no, spec.name, *spec.kinds)
        if spec.no != COMBINED
    }


def take_apart(gathering: Gathering, findings: Findings, file: str, sheet: str) -> None:
    """Turn rows of the combined list into rows of the lists they name; those that name none are said and left out."""
    specs = gathering.specs
    combined = next(place for place, spec in enumerate(specs) if spec.no == COMBINED)
    for key in [*gathering.rows]:
        rows: list[Row] = []
        for row in gathering.rows[key]:
            if row[0] != combined:
                rows.append(row)
                continue
            said = str(row[2][specs[combined].index["kind"]] or "")
            place = kinds().get(squash(said))
            if place is None:
                gathering.events -= 1
                findings.each(
                    "warning", "addon-unknown", "No add-on list is called that, so the row was left out", file=file,
                    sheet=sheet, row=row[1], column=specs[combined].field_at("kind").heading, value=said,
                )  # fmt: skip
            else:
                rows.append((place, row[1], _as_own(specs[combined], specs[place], row)))
        if rows:
            gathering.rows[key] = rows
        else:
            del gathering.rows[key]


def _as_own(combined: ListSpec, spec: ListSpec, row: Row) -> tuple[object, ...]:
    """The row as the list it names would hold it. A lone date is that list's telling one, wherever it was put."""
    given = {name: row[2][slot] for name, slot in combined.index.items()}
    values = [given.get(item.generic) if item.generic else None for item in spec.fields]
    telling = spec.index[spec.latest]
    if values[telling] is None:
        values[telling] = given["last"] if spec.fields[telling].generic == "start" else given["start"]
    return (*values, row[2][-1])
