"""Which list is this? Decided by its headings alone, never by the sheet's name or place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from qa_audit.frame.lists import DIALECTS, FieldSpec, ListSpec, load_lists
from qa_audit.text import clean_line

HEADER_SEARCH_ROWS = 30
FEWEST_COLUMNS = 3  # that a list must show of itself
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

# Words that mark a column as a direct identifier: it is dropped at the door, known list or not.
_NAMING = re.compile(
    r"\b(?:forename|forenames|surname|first ?name|last ?name|middle ?name|full ?name|known as|alias|address|"
    r"post ?code|post|postal|nhs|upn|email|e mail|phone|telephone|mobile|dob|birth|birthdate|"
    r"passport|national insurance|nino|uln|name|names|mother|father)\b"
)
_NAMES_OF_PLACES = re.compile(r"\b(?:team|service|list|organisation|agency|plan|list) name\b")
# Columns that say whose child this is, in regional and national files.
_AUTHORITY = frozenset(
    {
        "la",
        "lea",
        "localauthority",
        "authority",
        "laname",
        "authorityname",
        "localauthorityname",
        "lacode",
        "council",
    }
)
_SEND = re.compile(
    r"\behcp?s?\b|education health and care|\bsen\b|\bsend\b|special educational need|\bsenco\b|sen ?support"
)


def squash(heading: str) -> str:
    """A heading reduced to its letters and digits, so that case, spaces, quotes, brackets and `?` never matter."""
    return _NOT_LETTERS.sub("", heading.casefold())


def words(heading: str) -> str:
    """A heading as plain lower-case words: CamelCase and under_scores are taken apart."""
    return _NOT_LETTERS.sub(" ", _CAMEL.sub(" ", heading).casefold()).strip()


def names_a_person(heading: str) -> bool:
    """True when a column would hold a name, address, postcode, number or birth date of a person."""
    text = _NAMES_OF_PLACES.sub(" ", words(heading))
    return bool(_NAMING.search(text))


def is_authority(heading: str) -> bool:
    """True for a column that names the local authority."""
    return squash(heading) in _AUTHORITY


def is_send(headings: Iterable[str]) -> bool:
    """True when headings belong to an area SEND inspection (a different "Annex A" with the same sheet names)."""
    return sum(1 for heading in headings if _SEND.search(words(heading))) >= 1


@dataclass(frozen=True, slots=True)
class Recognition:
    """A header row and what it is. `columns[i]` is the field at sheet column i, or None."""

    spec: ListSpec | None
    header_row: int
    columns: tuple[FieldSpec | None, ...]
    headings: tuple[str, ...]
    dialect: str
    unknown: tuple[int, ...]
    dropped: tuple[int, ...]
    twice: tuple[str, ...]
    authority: int | None
    missing: tuple[str, ...]

    def place(self, name: str) -> int | None:
        """The sheet column of a field by our name."""
        for place, spec in enumerate(self.columns):
            if spec is not None and spec.name == name:
                return place
        return None


@cache
def _index(family: str) -> dict[str, dict[str, tuple[FieldSpec, str]]]:
    """For each list: squashed heading -> (field, dialect that words it so; "" when several do)."""
    found: dict[str, dict[str, tuple[FieldSpec, str]]] = {}
    for spec in load_lists(family):
        table: dict[str, tuple[FieldSpec, str]] = {}
        for item in spec.fields:
            for dialect in ("ssd", "liia", "tabs"):
                if dialect in item.wordings:
                    table.setdefault(squash(item.wordings[dialect]), (item, dialect))
            table[squash(item.heading)] = (item, "")
        for item in spec.fields:
            for other in item.also:
                table.setdefault(squash(other), (item, ""))
        found[spec.no] = table
    return found


def recognise(rows: Sequence[tuple[int, Sequence[object]]], family: str = "annex_a") -> Recognition | None:
    """Find the header row among the first rows of a sheet, and the list it heads.

    `rows` are (row number, cells). Returns None when no row looks like the head of a list of children;
    a Recognition without a spec when the headings are a list's, but none that is known.
    """
    best: tuple[int, Recognition] | None = None
    for number, cells in rows[:HEADER_SEARCH_ROWS]:
        headings = tuple(clean_line(cell)[:300] if isinstance(cell, str) else "" for cell in cells)
        if sum(1 for heading in headings if heading) < 2:
            continue
        keys = tuple(squash(heading) for heading in headings)
        for spec in load_lists(family):
            score, found = _match(spec, family, number, headings, keys)
            if found is not None and (best is None or score > best[0]):
                best = (score, found)
    if best is not None:
        return best[1]
    return _other_list(rows)


def _match(
    spec: ListSpec, family: str, number: int, headings: tuple[str, ...], keys: tuple[str, ...]
) -> tuple[int, Recognition | None]:
    table = _index(family)[spec.no]
    fewest = 2 if spec.addon else FEWEST_COLUMNS
    if sum(1 for key in keys if key in table) < fewest:
        return 0, None
    columns: list[FieldSpec | None] = []
    seen: set[str] = set()
    twice: list[str] = []
    for heading, key in zip(headings, keys, strict=True):
        hit = table.get(key) if heading else None
        item = hit[0] if hit else None
        if item is not None and item.name in seen:
            twice.append(heading)
            item = None
        elif item is not None:
            seen.add(item.name)
        columns.append(item)
    telling = sum(1 for name in spec.known_by if name in seen)
    enough = telling >= 2 or (telling == 1 and len(seen) * 10 >= len(spec.fields) * 6)
    if spec.addon:  # small lists of the council's own: an ID and a heading that only they have
        enough = telling >= 1 and spec.fields[0].name in seen
    if not enough or len(seen) < fewest:
        return 0, None
    left = [i for i, item in enumerate(columns) if item is None and headings[i] and headings[i] not in twice]
    if spec.fields[0].name not in seen and len(left) * 2 > len(seen):
        return 0, None  # a sheet of codes carries many lists' headings, but no child
    authority = next((i for i in left if is_authority(headings[i])), None)
    dropped = tuple(i for i in left if i != authority and names_a_person(headings[i]))
    unknown = tuple(i for i in left if i != authority and i not in dropped)
    missing = tuple(
        item.heading for item in spec.fields if item.name not in seen and not (item.since or item.optional)
    )
    return telling * 10 + len(seen) - len(unknown), Recognition(
        spec, number, tuple(columns), headings, dialect_of(headings, columns), unknown, dropped, tuple(twice),
        authority, missing,
    )  # fmt: skip


_ID_WORDS = re.compile(r"\b(?:child|unique|person|case|client|mosaic|ics)\b.*\b(?:id|identifier|number)\b")
_CHILD_LIKE = frozenset(
    {"childuniqueid", "childid", "childuniqueidentifier", "childidentifier", "gender", "sex", "ethnicity",
     "dateofbirth", "dob", "ageofchildyears", "age", "allocatedteam", "allocatedworker"}
)  # fmt: skip


def _other_list(rows: Sequence[tuple[int, Sequence[object]]]) -> Recognition | None:
    for number, cells in rows[:HEADER_SEARCH_ROWS]:
        headings = tuple(clean_line(cell)[:300] if isinstance(cell, str) else "" for cell in cells)
        keys = {squash(heading) for heading in headings if heading}
        short = [heading for heading in headings if 0 < len(heading) <= 60]
        has_id = any(_ID_WORDS.search(words(heading)) for heading in short)
        if has_id and len(keys & _CHILD_LIKE) >= 2:
            dropped = tuple(i for i, h in enumerate(headings) if h and names_a_person(h))
            return Recognition(
                None, number, tuple(None for _ in headings), headings, "", (), dropped, (), None, ()
            )
    return None


def dialect_of(headings: Sequence[str], columns: Sequence[FieldSpec | None]) -> str:
    """The dialect most of the headings are worded in; "" when they are common to several."""
    votes = dict.fromkeys(DIALECTS, 0)
    for heading, item in zip(headings, columns, strict=True):
        if item is None:
            continue
        run_together = " " not in heading and (_CAMEL.search(heading) or "_" in heading)
        if run_together and heading not in (item.heading, item.wordings.get("liia")):
            votes["ssd"] += 2
            continue
        for dialect in ("liia", "tabs"):
            if heading == item.wordings.get(dialect, item.heading) != item.heading:
                votes[dialect] += 1
    if votes["ssd"]:
        return "ssd"
    leader = max(votes, key=lambda dialect: votes[dialect])
    return leader if votes[leader] else ""
