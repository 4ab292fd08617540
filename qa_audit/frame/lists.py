"""The lists as data: which columns each has, what they are called in each dialect, where values go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from qa_audit.errors import BadInput, Code

FieldType = Literal["id", "date", "age", "number", "category", "text"]
DIALECTS = ("ofsted", "liia", "tabs", "ssd")
_TYPES = ("id", "date", "age", "number", "category", "text")
_UNITS = ("event", "child", "adult")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One column of a list."""

    name: str
    heading: str
    type: FieldType
    blank: bool
    wordings: Mapping[str, str]
    also: tuple[str, ...] = ()
    drop: bool = False
    planned: bool = False
    optional: bool = False
    since: str = ""
    position: str = ""
    role: str = ""
    fact: str = ""
    number: str = ""
    code: str = ""
    flag: str = ""
    maps: str = ""
    generic: str = ""

    def wording(self, dialect: str) -> str | None:
        """The heading this column has in a dialect; None when that dialect lacks the column."""
        if dialect == "ssd":
            return self.wordings.get("ssd")
        return self.wordings.get(dialect, self.heading)


@dataclass(frozen=True, slots=True)
class ListSpec:
    """One list: its number, unit, cohort and columns."""

    no: str
    name: str
    unit: str
    cohort: str
    tab: str
    ssd: str
    known_by: tuple[str, ...]
    identity: tuple[str, ...]
    latest: str
    fields: tuple[FieldSpec, ...]
    flag: str = ""
    closed_when: tuple[int, ...] | None = None
    finished_when: tuple[int, ...] = ()
    status: int | None = None
    current: bool = False
    must_begin: bool = False
    addon: bool = False
    kinds: tuple[str, ...] = ()
    index: Mapping[str, int] = field(default_factory=dict)

    def field_at(self, name: str) -> FieldSpec:
        """The column with this name of ours."""
        return self.fields[self.index[name]]


def load_lists(name: str = "annex_a") -> tuple[ListSpec, ...]:
    """Read `schemas/lists/<name>.yaml`. A fault in the file is a BAD_SCHEMA error with its line or key."""
    return _load(name)


@cache
def _load(name: str) -> tuple[ListSpec, ...]:
    from qa_audit.library.place import schemas_folder
    from qa_audit.library.yaml_text import read_document

    path = schemas_folder() / "lists" / f"{name}.yaml"
    if not path.is_file():
        raise BadInput(
            Code.BAD_SCHEMA,
            "The description of the lists is not there",
            where=str(path),
            next_step="Reinstall qa-audit, or restore the file",
        )
    document = read_document(path.read_bytes(), path.name)
    if document.problems:
        problem = document.problems[0]
        raise _broken(path.name, str(problem))
    try:
        return tuple(_list(raw) for raw in document.data["lists"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _broken(path.name, f"The key {error} is missing or of the wrong kind") from error


def _broken(file: str, why: str) -> BadInput:
    return BadInput(
        Code.BAD_SCHEMA,
        "The description of the lists cannot be read",
        where=f"lists/{file}",
        why=why,
        next_step="Correct the file, or restore the one that came with qa-audit",
    )


def _list(raw: dict[str, Any]) -> ListSpec:
    fields = tuple(_field(item) for item in raw["fields"])
    index = {item.name: place for place, item in enumerate(fields)}
    if len(index) != len(fields):
        raise ValueError(f"'{raw['list']}' (a field name twice)")
    names = (*raw["known_by"], *raw["identity"], *([raw["latest"]] if raw.get("latest") else []))
    for name in names:
        if name not in index:
            raise ValueError(f"'{name}' (not a field of list {raw['list']})")
    if raw["unit"] not in _UNITS:
        raise ValueError(f"'unit' ({raw['unit']})")
    return ListSpec(
        no=raw["list"],
        name=raw["name"],
        unit=raw["unit"],
        cohort=raw.get("cohort", ""),
        tab=raw["tab"],
        ssd=raw.get("ssd", ""),
        known_by=tuple(raw["known_by"]),
        identity=tuple(raw["identity"]),
        latest=raw.get("latest", ""),
        fields=fields,
        flag=raw.get("flag", ""),
        closed_when=tuple(index[name] for name in raw["closed_when"]) if "closed_when" in raw else None,
        finished_when=tuple(index[name] for name in raw.get("finished_when", ())),
        status=index[raw["status"]] if "status" in raw else None,
        current=raw.get("current") == "true",
        must_begin=raw.get("must_begin") == "true",
        addon=raw.get("addon") == "true",
        kinds=tuple(raw.get("kinds", ())),
        index=index,
    )


def _field(raw: dict[str, Any]) -> FieldSpec:
    if raw["type"] not in _TYPES:
        raise ValueError(f"'type' ({raw['type']})")
    return FieldSpec(
        name=raw["name"],
        heading=raw["heading"],
        type=raw["type"],
        blank=raw["blank"] == "true",
        wordings={dialect: raw[dialect] for dialect in ("liia", "tabs", "ssd") if dialect in raw},
        also=tuple(raw.get("also", ())),
        drop=raw.get("drop") == "true",
        planned=raw.get("planned") == "true",
        optional=raw.get("optional") == "true",
        since=raw.get("since", ""),
        position=raw.get("position", ""),
        role=raw.get("role", ""),
        fact=raw.get("fact", ""),
        number=raw.get("number", ""),
        code=raw.get("code", ""),
        flag=raw.get("flag", ""),
        maps=raw.get("maps", ""),
        generic=raw.get("generic", ""),
    )
