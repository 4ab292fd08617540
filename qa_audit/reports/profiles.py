"""Export profiles: what goes to whom, as data in `exports/`.

A profile names a paper, its audience and marking, and lists the sheets and (for the lists) the
columns that may leave. What is not listed does not leave. A QA manager drops a sheet by deleting
its lines, renames a heading by giving `heading`, and changes the marking in one place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from qa_audit.errors import BadInput, Code
from qa_audit.reports.document import Block, Charts, Properties, Sheet, Table, Workbook

if TYPE_CHECKING:
    from qa_audit.library.problems import Problem

Suppress = Literal["none", "public"]


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column that may leave, and the heading it leaves under (its own when blank)."""

    column: str
    heading: str = ""


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """A sheet that may leave. `tables` lists the columns of a table; a table not listed leaves whole."""

    id: str
    title: str = ""
    tables: Mapping[str, tuple[ColumnChoice, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One export profile, checked."""

    id: str
    version: str
    title: str
    paper: str
    audience: str
    marking: str
    sheets: tuple[SheetChoice, ...]
    internal: bool = False
    """True: for the QA unit alone; only then may sheets about single cases or auditors leave."""
    suppress: Suppress = "none"
    file_name: str = "{round}-{profile}-{made}.xlsx"
    purpose: str = ""


PAPERS = {
    "moderation-summary": "qa_audit.reports.summary",
    "calibration": "qa_audit.reports.calibration",
}
"""The papers that exist, with the module that builds each and knows its sheets (SHEET_IDS, INTERNAL)."""
OF_ROUNDS = ("moderation-summary",)
"""Papers of a round; the others are made where their facts are."""
ENV = "QA_AUDIT_EXPORTS"
_FILE_FIELDS = {"round", "profile", "made", "council", "period"}


def exports_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Where profiles are read from: $QA_AUDIT_EXPORTS, else the packaged ones, else the repository's."""
    given = (os.environ if environ is None else environ).get(ENV, "").strip()
    if given:
        folder = Path(given)
        if not folder.is_dir():
            raise BadInput(
                Code.NOT_FOUND,
                "The folder of export profiles is not there",
                where=ENV,
                next_step="Correct the variable, or unset it to use the profiles that came with qa-audit",
            )
        return folder
    packaged = Path(__file__).parent.parent / "_exports"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "exports"


def list_profiles(folder: Path | None = None) -> tuple[Profile, ...]:
    """Every profile of the folder, by id. A broken file refuses the list, with its line."""
    where = folder or exports_folder()
    return tuple(sorted((read_profile(path) for path in where.glob("*.yaml")), key=lambda p: p.id))


def load_profile(profile_id: str, folder: Path | None = None) -> Profile:
    """The profile with this id, or the one in the file named; raises `BadInput` when there is none."""
    if profile_id.endswith((".yaml", ".yml")) and Path(profile_id).is_file():
        return read_profile(Path(profile_id))
    found = list_profiles(folder)
    for profile in found:
        if profile.id == profile_id:
            return profile
    from qa_audit.library.problems import nearest

    raise BadInput(
        Code.NOT_FOUND,
        "There is no export profile with that name",
        where=profile_id[:60],
        why=nearest(profile_id, [profile.id for profile in found]),
        next_step="List them with 'qa-audit export list'",
    )


def read_profile(path: Path) -> Profile:
    """Read and check one file; raises `BadInput` with every problem and its line."""
    from qa_audit.library.yaml_text import read_document

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(
            Code.UNREADABLE_FILE,
            "The export profile cannot be read",
            where=path.name,
            why=error.strerror or "",
        ) from error
    document = read_document(raw, path.name)
    if document.problems:
        raise _refusal(path.name, document.problems)
    return parse_profile(document.data, path.name, document.lines)


def _model() -> Any:
    """The profile's shape for pydantic, which is imported only when a profile is read."""
    from typing import Annotated

    from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

    Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
    Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,60}$")]

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid", frozen=True)

    class ColumnFile(Strict):
        column: Line
        heading: str = Field(default="", max_length=200)

    class SheetFile(Strict):
        id: Key
        title: str = Field(default="", max_length=31)
        tables: dict[str, tuple[ColumnFile, ...]] = Field(default_factory=dict)

        @field_validator("tables", mode="before")
        @classmethod
        def short_form(cls, value: Any) -> Any:
            """A column may be written as its bare heading."""
            if not isinstance(value, Mapping):
                return value
            return {
                name: [{"column": one} if isinstance(one, str) else one for one in columns]
                if isinstance(columns, list)
                else columns
                for name, columns in value.items()
            }

    class ProfileFile(Strict):
        kind: Literal["export-profile"]
        id: Key
        version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
        title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
        paper: Key
        audience: Line
        purpose: str = Field(default="", max_length=1000)
        marking: Annotated[str, StringConstraints(min_length=1, max_length=80)]
        internal: bool = False
        suppress: Suppress = "none"
        file_name: Line = "{round}-{profile}-{made}.xlsx"
        sheets: Annotated[tuple[SheetFile, ...], Field(min_length=1)]

    return ProfileFile


def parse_profile(data: Any, file: str, lines: Mapping[tuple[str | int, ...], int] | None = None) -> Profile:
    """Check the content of a profile; `file` and `lines` are for the words of a refusal."""
    from pydantic import ValidationError

    from qa_audit.library.problems import Problem, line_of, nearest, problems_of

    model = _model()
    known_lines = dict(lines or {})
    try:
        read = model.model_validate(data)
    except ValidationError as error:
        raise _refusal(file, problems_of(error, model, file, known_lines)) from error
    profile = Profile(
        read.id,
        read.version,
        read.title,
        read.paper,
        read.audience,
        read.marking,
        tuple(
            SheetChoice(
                sheet.id,
                sheet.title,
                {
                    name: tuple(ColumnChoice(c.column, c.heading) for c in cs)
                    for name, cs in sheet.tables.items()
                },
            )
            for sheet in read.sheets
        ),
        read.internal,
        read.suppress,
        read.file_name,
        read.purpose,
    )
    found: list[Problem] = []
    for key, message, advice in _faults(profile, nearest):
        found.append(Problem(file, line_of(key, known_lines), ".".join(map(str, key)), message, advice))
    if found:
        raise _refusal(file, found)
    return profile


def _faults(profile: Profile, nearest: Any) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    from importlib import import_module

    if profile.paper not in PAPERS:
        yield ("paper",), f"'{profile.paper}' is not a paper", nearest(profile.paper, PAPERS)
        return
    paper = import_module(PAPERS[profile.paper])
    seen: set[str] = set()
    for number, choice in enumerate(profile.sheets):
        key = ("sheets", number, "id")
        if choice.id not in paper.SHEET_IDS:
            yield key, f"'{choice.id}' is not a sheet of this paper", nearest(choice.id, paper.SHEET_IDS)
        elif choice.id in seen:
            yield key, f"'{choice.id}' is listed twice", "Leave one of them out"
        elif choice.id in paper.INTERNAL and not profile.internal:
            why = "it holds rows about single cases or single auditors"
            yield (
                key,
                f"'{choice.id}' may only leave in a paper with 'internal: true', because {why}",
                "Leave it out",
            )
        seen.add(choice.id)
    if profile.suppress == "public" and profile.internal:
        yield (
            ("suppress",),
            "a paper for the QA unit is not a public paper",
            "Choose 'none', or 'internal: false'",
        )
    fields = set(re.findall(r"\{(\w*)\}", profile.file_name))
    bare = re.sub(r"\{\w*\}", "", profile.file_name)
    if not fields <= _FILE_FIELDS:
        known = ", ".join(sorted(_FILE_FIELDS))
        yield ("file_name",), "a name in braces is not known", f"These are: {known}"
    if not profile.file_name.endswith(".xlsx") or re.search(r"[^A-Za-z0-9 ._-]", bare) or ".." in bare:
        yield (
            ("file_name",),
            "a file name ends in .xlsx and has letters, figures, spaces, . _ -",
            "Correct it",
        )


def _refusal(file: str, problems: list[Problem]) -> BadInput:
    shown = "; ".join(str(problem) for problem in problems[:8])
    return BadInput(
        Code.BAD_SCHEMA,
        "The export profile cannot be used",
        where=file,
        why=shown,
        next_step="Correct the lines named; docs/data-dictionary.md lists sheets, tables and columns",
    )


def require_suppression(profile: Profile) -> Callable[[Workbook], Workbook] | None:
    """The disclosure control of a public paper; None for the others.

    Refuses a public paper while `reports.suppression.suppress_document` is not there: nothing leaves
    under that word unsuppressed.
    """
    if profile.suppress != "public":
        return None
    from importlib import import_module

    apply: Callable[[Workbook], Workbook] | None = None
    with suppress(ImportError):
        apply = getattr(import_module("qa_audit.reports.suppression"), "suppress_document", None)
    if apply is None:
        raise BadInput(
            Code.BAD_SCHEMA,
            "This profile asks for a public paper, which needs disclosure control",
            where=f"profile '{profile.id}', suppress: public",
            why="Small numbers could identify a child, and this installation cannot suppress them",
            next_step="Use a profile with 'suppress: none' for readers inside the council",
        )
    return apply


def arrange(made: Mapping[str, Sheet], profile: Profile, properties: Properties) -> Workbook:
    """The sheets the profile lists, in its order, with its titles, columns and headings.

    A chart whose columns do not leave is left out with them. Raises `BadInput` when the profile
    names a table or column that the paper does not have.
    """
    control = require_suppression(profile)
    renamed: dict[str, dict[str, str]] = {}
    sheets: list[Sheet] = []
    for choice in profile.sheets:
        sheet = made[choice.id]
        wanted = dict(choice.tables or {})
        blocks: list[Block] = []
        for block in sheet.blocks:
            if isinstance(block, Table):
                narrowed = _narrow(block, wanted.pop(block.name, None), profile, choice)
                kept = narrowed[1]
                renamed[block.name] = kept
                blocks.append(narrowed[0])
            else:
                blocks.append(block)
        if wanted:
            raise _unknown(
                profile,
                choice,
                f"table '{next(iter(wanted))}'",
                [b.name for b in sheet.blocks if isinstance(b, Table)],
            )
        sheets.append(replace(sheet, name=choice.title or sheet.name, blocks=tuple(blocks)))
    document = Workbook(properties, tuple(_with_charts(sheet, renamed) for sheet in sheets))
    return control(document) if control else document


def _narrow(
    table: Table, choices: tuple[ColumnChoice, ...] | None, profile: Profile, sheet: SheetChoice
) -> tuple[Table, dict[str, str]]:
    number = {column.heading: index for index, column in enumerate(table.columns)}
    if not choices:
        return table, {heading: heading for heading in number}
    for choice in choices:
        if choice.column not in number:
            raise _unknown(profile, sheet, f"column '{choice.column}' in table '{table.name}'", list(number))
    picked = [number[choice.column] for choice in choices]
    names = {choice.column: choice.heading or choice.column for choice in choices}
    columns = tuple(replace(table.columns[i], heading=names[table.columns[i].heading]) for i in picked)
    cut = replace(
        table,
        columns=columns,
        rows=[tuple(row[i] for i in picked) for row in table.rows],
        totals=tuple(tuple(row[i] for i in picked) for row in table.totals),
        shade=tuple(names[heading] for heading in table.shade if heading in names),
    )
    return cut, names


def _with_charts(sheet: Sheet, renamed: Mapping[str, Mapping[str, str]]) -> Sheet:
    blocks: list[Block] = []
    for block in sheet.blocks:
        if isinstance(block, Charts):
            kept = []
            for chart in block.items:
                names = renamed.get(chart.table, {})
                if {chart.category, *chart.series} <= set(names):
                    series = tuple(names[heading] for heading in chart.series)
                    kept.append(replace(chart, category=names[chart.category], series=series))
            if kept:
                blocks.append(replace(block, items=tuple(kept)))
        else:
            blocks.append(block)
    return replace(sheet, blocks=tuple(blocks))


def _unknown(profile: Profile, sheet: SheetChoice, what: str, known: list[str]) -> BadInput:
    return BadInput(
        Code.BAD_SCHEMA,
        f"The export profile names a {what} that the paper does not have",
        where=f"profile '{profile.id}', sheet '{sheet.id}'",
        why=f"Known there: {', '.join(known[:40])}",
        next_step="Correct the profile; docs/data-dictionary.md lists every table and column",
    )


def file_name(profile: Profile, *, round_ref: str, council: str, period: str, made_on: date) -> str:
    """The profile's file name filled in; only letters, figures, dots, dashes and underscores."""
    values = {
        "round": round_ref,
        "profile": profile.id,
        "made": made_on.isoformat(),
        "council": council,
        "period": period,
    }
    filled = re.sub(r"\{(\w+)\}", lambda m: _safe(values[m[1]]), profile.file_name)
    return filled[-120:].lstrip(".-_ ") or "paper.xlsx"


def _safe(text: str) -> str:
    import unicodedata

    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")


def default_out(folder: Path, workspace: Path | None = None) -> Path:
    """Where papers land when nobody says: `out/` beside the profiles, or the workspace's `exports/out/`.

    Profiles that came inside the installed package have no place beside them for papers.
    """
    if folder.name != "_exports":
        return folder / "out"
    return (workspace or Path.cwd()) / "exports" / "out"
