"""The check of a whole schemas folder: each file alone, then what the files say of each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel

from qa_audit.library.calibration_cases import FOLDER as CALIBRATION
from qa_audit.library.calibration_cases import OVERALL, case_files, parse_case
from qa_audit.library.clocks import Clocks
from qa_audit.library.conditions import Condition
from qa_audit.library.content import version_hash
from qa_audit.library.forms import FormVersion, Item, ModerationVersion, SetVersion, ToolVersion
from qa_audit.library.frameworks import Framework, Mapping
from qa_audit.library.loader import parse_form, read_file
from qa_audit.library.practice import SINGLE, framework_files, parse_practice
from qa_audit.library.problems import Problem, nearest

LOCK = "versions.lock"
_LOCK_LINE = re.compile(r"^(\S+) (\S+) ([0-9a-f]{64})$")


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome: files read, forms that can be used, every problem, and versions not yet recorded."""

    files: int
    forms: tuple[FormVersion, ...]
    problems: tuple[Problem, ...]
    unrecorded: tuple[tuple[str, str, str], ...]
    """(id, version, hash) of versions that the lock does not have."""

    @property
    def usable(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check_folder(folder: Path) -> Checked:
    """Check every file of a schemas folder. Nothing is raised for what the files hold."""
    problems: list[Problem] = []
    paths = sorted((folder / "forms").glob("*.yaml"))
    models: dict[Path, FormVersion] = {}
    for path in paths:
        model, found = parse_form(read_file(path), path.name)
        problems += found
        if model is not None:
            models[path] = model
            problems += _name_problems(path, model)
    practice, count, found = _practice(folder)
    problems += found
    clocks = practice.get("clocks.yaml")
    mapping = practice.get("frameworks/mapping.yaml")
    problems += _between(models, clocks if isinstance(clocks, Clocks) else None, len(models) == len(paths))
    if isinstance(mapping, Mapping) and len(models) == len(paths):
        problems += _mapping_problems(mapping, models.values())
    cases = case_files(folder)
    for path in cases:
        problems += _case_problems(path, models.values(), len(models) == len(paths))
    locked, found = read_lock(folder / "forms" / LOCK)
    problems += found
    unrecorded, found = _lock_problems(models, locked)
    problems = _located([*problems, *found], paths)
    return Checked(
        len(paths) + count + len(cases),
        tuple(models.values()),
        tuple(sorted(set(problems))),
        tuple(sorted(unrecorded)),
    )


def check_files(paths: Sequence[Path], folder: Path) -> Checked:
    """Check single form files, together with the folder that they will live in (their own place is taken)."""
    problems: list[Problem] = []
    models: dict[Path, FormVersion] = {}
    for path in paths:
        model, found = parse_form(read_file(path), path.name)
        problems += found
        if model is not None:
            models[path] = model
            problems += _name_problems(path, model)
    given = {path.name.casefold() for path in paths}
    around: dict[Path, FormVersion] = {}
    for path in sorted((folder / "forms").glob("*.yaml")):
        if path.name.casefold() not in given:
            model, _ = parse_form(read_file(path), path.name)
            if model is not None:
                around[path] = model
    clocks, _ = _one(folder, "clocks.yaml", Clocks)
    names = {path.name for path in models}
    between = _between({**around, **models}, clocks if isinstance(clocks, Clocks) else None, True)
    problems += [problem for problem in between if problem.file in names]
    locked, _ = read_lock(folder / "forms" / LOCK)
    unrecorded, found = _lock_problems(models, locked)
    problems = _located([*problems, *found], paths)
    return Checked(
        len(paths), tuple(models.values()), tuple(sorted(set(problems))), tuple(sorted(unrecorded))
    )


def _practice(folder: Path) -> tuple[dict[str, BaseModel], int, list[Problem]]:
    wanted: dict[str, type[BaseModel]] = dict(SINGLE)
    wanted |= {f"frameworks/{path.name}": Framework for path in framework_files(folder)}
    found: dict[str, BaseModel] = {}
    problems: list[Problem] = []
    for name, kind in wanted.items():
        model, faults = _one(folder, name, kind)
        problems += faults
        if model is not None:
            found[name] = model
    return found, len(wanted), problems


def _one(folder: Path, name: str, kind: type[BaseModel]) -> tuple[BaseModel | None, list[Problem]]:
    if not (folder / name).is_file():
        return None, [Problem(name, 0, "", "the file is missing", "Copy it from the installed schemas.")]
    return parse_practice(read_file(folder / name), name, kind)


def _name_problems(path: Path, model: FormVersion) -> Iterator[Problem]:
    stem, at, version = path.stem.partition("@")
    if stem.casefold() != model.id.casefold():
        yield Problem(
            path.name,
            0,
            "id",
            f"the file is named {stem} and its id is {model.id}",
            f"Name the file {model.id}.yaml, so that it can be found.",
        )
    if at and version != model.version:
        yield Problem(
            path.name, 0, "version", f"the file is kept as version {version} and says {model.version}"
        )


def _located(problems: Sequence[Problem], paths: Sequence[Path]) -> list[Problem]:
    """Give the faults found between files (line 0) the line of the item, the section or the key they name."""
    by_name = {path.name: path for path in paths}
    found = []
    for problem in problems:
        path = by_name.get(problem.file)
        if problem.line == 0 and path is not None and problem.key:
            first, _, rest = problem.key.partition(".")
            mark = {"items": "id", "sections": "set"}.get(first)
            wanted = rf"\b{mark}: *{re.escape(rest.split('.')[0])}\b" if mark and rest else rf"^{first}:"
            lines = read_file(path).decode("utf-8", "replace").splitlines()
            line = next((n for n, text in enumerate(lines, 1) if re.search(wanted, text)), 1)
            found.append(replace(problem, line=line))
        else:
            found.append(problem)
    return found


def _items(model: FormVersion) -> tuple[Item, ...]:
    return () if isinstance(model, ToolVersion) else model.items


def _between(models: dict[Path, FormVersion], clocks: Clocks | None, whole: bool) -> Iterator[Problem]:
    """Faults that only show when files are read together."""
    current = {path: model for path, model in models.items() if "@" not in path.stem}
    owner: dict[str, Path] = {}
    parts: dict[str, dict[str, frozenset[str] | None]] = {}
    for path, model in current.items():
        for item in _items(model):
            if item.id in owner:
                message = f"item {item.id} is also in {owner[item.id].name}"
                yield Problem(path.name, 0, f"items.{item.id}", message, "Answers are kept by item id.")
            owner[item.id] = path
            parts[item.id] = {field.part: _values(item, field.part) for field in item.fields}
    sets = {model.id.casefold(): model for model in current.values() if isinstance(model, SetVersion)}
    for path, model in models.items():
        yield from _clock_problems(path, model, clocks)
        yield from _condition_problems(path, model, parts, whole)
        if isinstance(model, ToolVersion):
            for use in model.sections:
                if whole and use.set.casefold() not in sets:
                    advice = nearest(use.set, [one.id for one in sets.values()])
                    yield Problem(path.name, 0, f"sections.{use.set}", f"there is no set {use.set}", advice)


def _clock_problems(path: Path, model: FormVersion, clocks: Clocks | None) -> Iterator[Problem]:
    if clocks is None:
        return
    known = [clock.key for clock in clocks.clocks]
    for item in _items(model):
        for key in item.clock_keys:
            if key not in known:
                message = f"there is no clock '{key}'"
                yield Problem(path.name, 0, f"items.{item.id}.clock", message, nearest(key, known))


def _condition_problems(
    path: Path, model: FormVersion, parts: dict[str, dict[str, frozenset[str] | None]], whole: bool
) -> Iterator[Problem]:
    for where, condition in _conditions(model):
        for one in condition.items():
            if one.item not in parts:
                if whole:
                    yield Problem(
                        path.name, 0, where, f"there is no item {one.item}", nearest(one.item, parts)
                    )
                continue
            if one.part not in parts[one.item]:
                advice = nearest(one.part, parts[one.item]) or f"It has: {', '.join(parts[one.item])}."
                yield Problem(path.name, 0, where, f"item {one.item} has no part '{one.part}'", advice)
                continue
            values = parts[one.item][one.part]
            for value in one.is_:
                if values is not None and value not in values:
                    message = f"{one.item} {one.part} can never be '{value}'"
                    yield Problem(path.name, 0, where, message, nearest(value, values))


def _conditions(model: FormVersion) -> Iterator[tuple[str, Condition]]:
    if isinstance(model, SetVersion) and model.when is not None:
        yield "when", model.when
    if isinstance(model, ToolVersion):
        for use in model.sections:
            if use.when is not None:
                yield f"sections.{use.set}.when", use.when
    for item in _items(model):
        if item.when is not None:
            yield f"items.{item.id}.when", item.when
        for field in item.fields:
            if field.when is not None:
                yield f"items.{item.id}.{field.part}.when", field.when


def _values(item: Item, part: str) -> frozenset[str] | None:
    """The values a part can take, None when they are open."""
    field = item.field(part)
    if field is None:
        return None
    na = frozenset({"na"}) if item.na else frozenset()
    match field.type:
        case "yes_partly_no":
            return na | {"yes", "partly", "no"}
        case "yes_no":
            return na | {"yes", "no"}
        case "grade":
            return frozenset({"outstanding", "good", "ri", "inadequate", "na"})
        case "choice" | "choices" if field.options_from is None:
            return na | {option.key for option in field.options}
    return None


def _mapping_problems(mapping: Mapping, models: Iterable[FormVersion]) -> Iterator[Problem]:
    codes = {model.id for model in models if isinstance(model, SetVersion)}
    codes |= {model.code for model in models if isinstance(model, ModerationVersion)}
    for place in mapping.sections:
        for code in place.sections:
            if code not in codes:
                yield Problem(
                    "frameworks/mapping.yaml", 0, "sections", f"there is no set {code}", nearest(code, codes)
                )
    placed = {code for place in mapping.sections for code in place.sections}
    for model in models:
        if isinstance(model, SetVersion) and model.graded and model.id not in placed:
            yield Problem(
                "frameworks/mapping.yaml",
                0,
                "sections",
                f"the graded set {model.id} has no place",
                "Add it under 'sections', so that its grade counts under a heading.",
            )


def _case_problems(path: Path, models: Iterable[FormVersion], whole: bool) -> Iterator[Problem]:
    """A calibration case: its own faults, its name, and sections that the bank must have and grade."""
    name = f"{CALIBRATION}/{path.name}"
    case, found = parse_case(read_file(path), name)
    yield from found
    if case is None:
        return
    if path.stem != case.id:
        yield Problem(
            name, 0, "id", f"the file is named {path.stem} and its id is {case.id}", f"Name the file {case.id}.yaml."
        )  # fmt: skip
    graded = {model.id for model in models if isinstance(model, SetVersion) and model.graded}
    for code in case.sections:
        if whole and code != OVERALL and code not in graded:
            yield Problem(
                name, 0, f"reference.grades.{code}", f"there is no graded set {code}", nearest(code, graded)
            )  # fmt: skip


def read_lock(path: Path) -> tuple[dict[tuple[str, str], str], list[Problem]]:
    """The recorded versions: (id, version) to hash. A missing lock records nothing."""
    if not path.is_file():
        return {}, []
    found: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(read_file(path).decode("utf-8", "replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LOCK_LINE.match(line.strip())
        if match is None:
            problems.append(Problem(path.name, number, "", "the line is not 'id version hash'"))
            continue
        key = (match[1], match[2])
        if found.setdefault(key, match[3]) != match[3]:
            problems.append(Problem(path.name, number, match[1], f"version {match[2]} is recorded twice"))
    return found, problems


def _lock_problems(
    models: dict[Path, FormVersion], locked: dict[tuple[str, str], str]
) -> tuple[list[tuple[str, str, str]], list[Problem]]:
    unrecorded: list[tuple[str, str, str]] = []
    problems: list[Problem] = []
    for path, model in models.items():
        digest = version_hash(model)
        known = locked.get((model.id, model.version))
        if known is None:
            unrecorded.append((model.id, model.version, digest))
        elif known != digest:
            problems.append(
                Problem(
                    path.name,
                    0,
                    "version",
                    f"the form was edited and still says version {model.version}, which audits may have used",
                    f"Raise the version (to {_next(model.version)}, say), add a line under 'changes', and keep "
                    f"the old text as {model.id}@{model.version}.yaml. Or undo the edit.",
                )
            )
    return unrecorded, problems


def _next(version: str) -> str:
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


def record(folder: Path, new: Iterable[tuple[str, str, str]]) -> int:
    """Add versions to the lock; what is recorded already is never changed. Returns how many were added."""
    path = folder / "forms" / LOCK
    locked, _ = read_lock(path)
    fresh = {
        (form_id, version): digest for form_id, version, digest in new if (form_id, version) not in locked
    }
    lines = [
        "# Versions of forms that are in use, with the hash of their content. Lines are added, never changed:",
        "# 'qa-audit form check' tells when a form was edited without a new version.",
        *(
            f"{form_id} {version} {digest}"
            for (form_id, version), digest in sorted({**locked, **fresh}.items())
        ),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return len(fresh)
