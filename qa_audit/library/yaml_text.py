"""YAML read as text: every plain value stays the words its author typed.

Ordinary YAML loaders turn `no` into False, `1.10` into 1.1 and `0123` into 83, keep the last of two
equal keys, and expand aliases without end. Here the composer's nodes are read directly: strings,
lists and mappings only, and everything else is a problem with a line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qa_audit.library.problems import Path, Problem, dotted
from qa_audit.text import clean

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 512 * 1024
MAX_DEPTH = 24
MAX_NODES = 40_000
MAX_PROBLEMS = 200


@dataclass(slots=True)
class Document:
    """A file's content (text, lists, mappings), the line of every key, and what was refused."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_document(raw: bytes | str, file: str) -> Document:
    """Read one YAML document. Never raises for what the file holds: faults are in `problems`."""
    document = Document()
    if len(raw) > MAX_BYTES:
        document.problems.append(
            Problem(file, 0, "", f"the file is larger than {MAX_BYTES // 1024} kB", "Split it into two.")
        )
        return document
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1 if isinstance(raw, bytes) else 0
        document.problems.append(Problem(file, line, "", "the file is not UTF-8 text", "Save it as UTF-8."))
        return document
    refused = _refuse_events(text, file)
    if refused:
        document.problems.extend(refused)
        return document
    root = _loader(text).get_single_node()
    if root is None:
        document.problems.append(Problem(file, 1, "", "the file is empty"))
        return document
    document.data = _plain(root, (), document, file)
    return document


def _loader(text: str) -> Any:
    import yaml

    base: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return base(text)


def _refuse_events(text: str, file: str) -> list[Problem]:
    """A first, flat pass over the events: what would cost memory or recursion is refused before composing."""
    import yaml

    found: list[Problem] = []
    depth = nodes = documents = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
            line = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.AliasEvent):
                found.append(Problem(file, line, "", "an alias (*name) is not allowed", "Write it out."))
            elif isinstance(event, yaml.NodeEvent):
                nodes += 1
                if event.anchor is not None:
                    found.append(Problem(file, line, "", "an anchor (&name) is not allowed", "Leave it out."))
                if getattr(event, "tag", None) is not None:
                    found.append(Problem(file, line, "", "a tag (!name) is not allowed", "Leave it out."))
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
            if depth > MAX_DEPTH or nodes > MAX_NODES or documents > 1:
                why = (
                    f"lists and mappings lie more than {MAX_DEPTH} deep"
                    if depth > MAX_DEPTH
                    else "the file holds too many values"
                    if nodes > MAX_NODES
                    else "the file holds more than one document (---)"
                )
                return [*found, Problem(file, line, "", why)]
            if len(found) >= MAX_PROBLEMS:
                return found
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = str(getattr(error, "problem", "") or "a character that YAML does not allow")
        found.append(
            Problem(
                file,
                mark.line + 1 if mark else 0,
                "",
                f"this is not YAML: {clean(said)}",
                "Look at the indent, the colons and the quotes of this line and the one above.",
            )
        )
    return found


def _plain(node: yaml.Node, path: Path, document: Document, file: str) -> Any:
    import yaml

    document.lines.setdefault(path, node.start_mark.line + 1 if node.start_mark else 0)
    if isinstance(node, yaml.ScalarNode):
        return clean(node.value).strip()
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, i), document, file) for i, child in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            document.problems.append(Problem(file, line, dotted(path), "a key must be plain text"))
            continue
        key = clean(key_node.value).strip()
        inner = (*path, key)
        if key in found:
            first = document.lines[inner]
            document.problems.append(
                Problem(
                    file, line, dotted(inner), "this key is given twice", f"It stands on line {first} too."
                )
            )
            continue
        document.lines[inner] = line
        found[key] = _plain(value_node, inner, document, file)
    return found
