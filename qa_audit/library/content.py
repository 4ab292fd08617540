"""A form version as text that can be kept for ever: its canonical content and its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qa_audit.errors import BadInput, Code
from qa_audit.library.forms import (
    KINDS,
    Descriptors,
    FormVersion,
    ModerationVersion,
    SetVersion,
    ToolVersion,
)

FORMAT = 1
MAX_STORED = 8 * 1024 * 1024


def plain(model: FormVersion | Descriptors) -> dict[str, Any]:
    """The model as JSON values without what is left at its default, so that later releases, which know
    more optional keys, still compute the same hash."""
    found: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return found


def canonical(value: Any) -> str:
    """JSON with sorted keys and no white space: equal content is equal text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def version_hash(model: FormVersion) -> str:
    """SHA-256 of one file's content. The change notes are left out: mending their words is no new version."""
    return _digest({key: value for key, value in plain(model).items() if key != "changes"})


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Bundle:
    """A form with every set it names: all that is needed to show an old audit as it was asked."""

    form: FormVersion
    sets: Mapping[str, SetVersion]
    universal: Descriptors | None
    text: str
    form_hash: str


def bundle(form: FormVersion, sets: Mapping[str, SetVersion], universal: Descriptors | None) -> Bundle:
    """Bind a form to the versions of its sets. `universal` fills in where a graded set has no descriptors."""
    needs = [form, *sets.values()]
    lacks = any(isinstance(one, SetVersion) and one.graded and one.grades is None for one in needs)
    document: dict[str, Any] = {
        "format": FORMAT,
        "form": plain(form),
        "sets": {code: plain(one) for code, one in sorted(sets.items())},
    }
    if lacks and universal is not None:
        document["universal"] = plain(universal)
    return Bundle(
        form, dict(sets), universal if lacks else None, canonical(document), _document_hash(document)
    )


def _document_hash(document: Mapping[str, Any]) -> str:
    def bare(one: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in one.items() if key != "changes"}

    return _digest(
        {
            **document,
            "form": bare(document["form"]),
            "sets": {code: bare(one) for code, one in document["sets"].items()},
        }
    )


def read_bundle(text: str) -> Bundle:
    """Read a stored form version back. Raises BadInput when the text is not one."""
    from pydantic import ValidationError

    try:
        document = json.loads(text[:MAX_STORED])
        document = {FORMAT: document}[document["format"]]  # any other format is a KeyError below
        form = _model(document["form"])
        sets = {code: SetVersion.model_validate(one) for code, one in document["sets"].items()}
        universal = Descriptors.model_validate(document["universal"]) if "universal" in document else None
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError, ValidationError) as error:
        raise BadInput(
            Code.BAD_SCHEMA,
            "A stored form version cannot be read",
            why=f"Its content is not a form of format {FORMAT} ({type(error).__name__})",
            next_step="Run 'qa-audit doctor'; the audits that used this version keep their answers",
        ) from None
    return Bundle(form, sets, universal, canonical(document), _document_hash(document))


def _model(value: Mapping[str, Any]) -> FormVersion:
    model: type[SetVersion] | type[ToolVersion] | type[ModerationVersion] = KINDS[value["kind"]]
    return model.model_validate(value)
