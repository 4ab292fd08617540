"""The practice files beside the forms: ceilings, clocks, themes, frameworks and their map."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from qa_audit.library.ceilings import Ceilings
from qa_audit.library.clocks import Clocks
from qa_audit.library.frameworks import Framework, Mapping, NationalFramework
from qa_audit.library.loader import read_file
from qa_audit.library.place import schemas_folder
from qa_audit.library.problems import Problem, problems_of, refuse
from qa_audit.library.themes import Themes
from qa_audit.library.yaml_text import read_document

Model = TypeVar("Model", bound=BaseModel)

SINGLE: dict[str, type[BaseModel]] = {
    "ceilings.yaml": Ceilings,
    "clocks.yaml": Clocks,
    "themes.yaml": Themes,
    "frameworks/mapping.yaml": Mapping,
    "frameworks/national-framework.yaml": NationalFramework,
}
"""Files of which a schemas folder has exactly one; every other file in frameworks/ is a judgement set."""


def parse_practice(raw: bytes | str, file: str, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """Read and check one practice file's content: the model, or every problem with its line."""
    document = read_document(raw, file)
    if document.data is None:
        return None, document.problems
    if not isinstance(document.data, dict):
        return None, [*document.problems, Problem(file, 1, "", "the file is a mapping: key: value")]
    try:
        checked = model.model_validate(document.data)
    except ValidationError as error:
        return None, [*document.problems, *problems_of(error, model, file, document.lines)]
    return (None if document.problems else checked), document.problems


def _load(name: str, model: type[Model], folder: Path | None) -> Model:
    path = (folder or schemas_folder()) / name
    found, problems = parse_practice(read_file(path), name, model)
    if found is None:
        raise refuse(problems, f"The practice file {name} cannot be used")
    return found


def load_ceilings(folder: Path | None = None) -> Ceilings:
    """The rules behind the overall case grade."""
    return _load("ceilings.yaml", Ceilings, folder)


def load_clocks(folder: Path | None = None) -> Clocks:
    """The clocks."""
    return _load("clocks.yaml", Clocks, folder)


def load_themes(folder: Path | None = None) -> Themes:
    """The controlled list of themes."""
    return _load("themes.yaml", Themes, folder)


def load_mapping(folder: Path | None = None) -> Mapping:
    """The map from sections to headings, self-evaluation parts and the National Framework."""
    return _load("frameworks/mapping.yaml", Mapping, folder)


def load_national_framework(folder: Path | None = None) -> NationalFramework:
    """The outcomes and enablers."""
    return _load("frameworks/national-framework.yaml", NationalFramework, folder)


def framework_files(folder: Path) -> tuple[Path, ...]:
    """The judgement sets of a schemas folder."""
    single = {name.rpartition("/")[2] for name in SINGLE}
    return tuple(path for path in sorted((folder / "frameworks").glob("*.yaml")) if path.name not in single)


def load_frameworks(folder: Path | None = None) -> tuple[Framework, ...]:
    """Every judgement set, oldest first."""
    where = folder or schemas_folder()
    found = [_load(f"frameworks/{path.name}", Framework, where) for path in framework_files(where)]
    return tuple(sorted(found, key=lambda one: (one.starts, one.id)))
