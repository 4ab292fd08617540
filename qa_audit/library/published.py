"""JSON Schemas of the practice files, generated from the models, for completion in editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter
from pydantic import Field as Key

from qa_audit.library.calibration_cases import CalibrationCase
from qa_audit.library.ceilings import Ceilings
from qa_audit.library.clocks import Clocks
from qa_audit.library.forms import ModerationVersion, SetVersion, ToolVersion
from qa_audit.library.frameworks import Framework, Mapping, NationalFramework
from qa_audit.library.themes import Themes

_FORM: TypeAdapter[Any] = TypeAdapter(
    Annotated[SetVersion | ToolVersion | ModerationVersion, Key(discriminator="kind")]
)
_MODELS: dict[str, type[BaseModel]] = {
    "ceilings": Ceilings,
    "clocks": Clocks,
    "themes": Themes,
    "framework": Framework,
    "national-framework": NationalFramework,
    "mapping": Mapping,
    "calibration-case": CalibrationCase,
}


def schemas() -> dict[str, str]:
    """File name to text of every JSON Schema."""
    found: dict[str, Any] = {"form": _FORM.json_schema(by_alias=True)}
    found |= {name: model.model_json_schema(by_alias=True) for name, model in _MODELS.items()}
    return {
        f"{name}.schema.json": json.dumps(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema},
            ensure_ascii=False,
            indent=1,
            sort_keys=True,
        )
        + "\n"
        for name, schema in found.items()
    }


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write the JSON Schemas into `json-schema/` of a schemas folder."""
    target = folder / "json-schema"
    target.mkdir(exist_ok=True)
    written = []
    for name, text in schemas().items():
        (target / name).write_text(text, encoding="utf-8", newline="")
        written.append(target / name)
    return tuple(written)
