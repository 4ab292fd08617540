"""What is wrong with a schema file, all of it at once, in words its author can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from qa_audit.errors import BadInput, Code

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

Path = tuple[str | int, ...]
SHOWN = 12


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault: the file, its line (1 is the first), the key, what is wrong, and the way out."""

    file: str
    line: int
    key: str
    message: str
    advice: str = ""

    def __str__(self) -> str:
        """`PL.yaml, line 12, items.3.tag: 'proces' is not known. Did you mean 'process'?`"""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        if self.key:
            place += f", {self.key}"
        return f"{place}: {self.message}." + (f" {self.advice}" if self.advice else "")


def nearest(value: str, known: Iterable[str]) -> str:
    """`Did you mean 'yes_partly_no'?`, or an empty text when nothing known looks alike."""
    by_fold = {name.casefold(): name for name in known}
    wanted = value.casefold()
    close = difflib.get_close_matches(wanted, by_fold, n=1, cutoff=0.6)
    if not close:  # initials ("ypn"), or the right words in another order ("partly_yes")
        close = [name for name in by_fold if "".join(word[:1] for word in name.split("_")) == wanted][:1]
    if not close:
        parts = set(wanted.replace("-", "_").split("_")) - {""}
        scored = [(len(parts & set(name.split("_"))), name) for name in by_fold]
        best = max(scored, default=(0, ""))
        close = [best[1]] if best[0] else []
    return f"Did you mean '{by_fold[close[0]]}'?" if close else ""


def dotted(path: Path) -> str:
    """A key path for people: list positions count from 1, as a person counts."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def line_of(path: Path, lines: Mapping[Path, int]) -> int:
    """The line of the key, or of the nearest key above it that the file has."""
    for length in range(len(path), -1, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0


def problems_of(
    error: ValidationError, model: type[BaseModel], file: str, lines: Mapping[Path, int]
) -> list[Problem]:
    """Every fault of a pydantic refusal as problems with lines and nearest values."""
    found: list[Problem] = []
    faults = error.errors(include_url=False)
    for one in faults:
        path: Path = tuple(one["loc"])
        if one["type"] == "too_short" and any(
            len(other["loc"]) > len(path) and other["loc"][: len(path)] == path for other in faults
        ):
            continue  # the list only looks empty because what is in it is wrong
        message, advice = _words(one["type"], one, path, model)
        found.append(Problem(file, line_of(path, lines), dotted(path), message, advice))
    return sorted(set(found))


def _words(kind: str, one: Mapping[str, Any], path: Path, model: type[BaseModel]) -> tuple[str, str]:
    value = one.get("input")
    shown = f"'{value[:60]}'" if isinstance(value, str) else ""
    context: Mapping[str, Any] = one.get("ctx") or {}
    match kind:
        case "missing":
            return "this key is needed and is missing", ""
        case "extra_forbidden":
            known = _keys(model, path[:-1])
            advice = nearest(str(path[-1]), known) or (f"Known keys: {', '.join(known)}." if known else "")
            return "this key is not known here", advice
        case "literal_error" | "enum":
            known = [word.strip().strip("'") for word in _split(str(context.get("expected", "")))]
            return f"{shown or 'the value'} is not known", nearest(str(value), known) or (
                f"Known values: {', '.join(known)}."
            )
        case "bool_parsing" | "bool_type":
            return f"{shown or 'the value'} is neither true nor false", "Write true or false."
        case "int_parsing" | "int_type" | "int_from_float" | "float_parsing" | "float_type":
            return f"{shown or 'the value'} is not a number", ""
        case "string_pattern_mismatch":
            return f"{shown} is not written as it must be", f"The pattern is {context.get('pattern')}."
        case "value_error" | "assertion_error":
            text, _, advice = str(context.get("error", one.get("msg", ""))).partition(" | ")
            return text, advice
        case _ if kind.startswith("date"):
            return f"{shown or 'the value'} is not a date", "Write it as YYYY-MM-DD."
        case _:
            return str(one.get("msg", "is not valid")).lower(), ""


def _split(expected: str) -> list[str]:
    return expected.replace(" or ", ", ").split(",")


def _keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the model allows at a path, following lists and nested models."""
    from pydantic import BaseModel

    here: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        fields = getattr(here, "model_fields", {})
        found = next((f for name, f in fields.items() if part in (name, f.alias)), None)
        if found is None:
            return []
        here = _model_in(found.annotation)
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return []
    return [f.alias or name for name, f in here.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    from pydantic import BaseModel

    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


def refuse(problems: Sequence[Problem], what: str) -> BadInput:
    """One error that carries every problem (in `problems`); its words show the first dozen."""
    shown = [str(problem) for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        shown.append(f"... and {len(problems) - SHOWN} more")
    error = SchemaProblems(
        Code.BAD_SCHEMA,
        what,
        where=problems[0].file if problems else "",
        why="\n".join(shown),
        next_step="Run 'qa-audit form check' to see every problem with its file and line",
    )
    error.problems = tuple(problems)
    return error


class SchemaProblems(BadInput):
    """A schema file that cannot be used, with all its problems."""

    problems: tuple[Problem, ...] = ()
