"""What a page of the dashboard is made of: figures, each with the audits behind it, and a drawing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.content import Content

from qa_audit.grades import Grade
from qa_audit.tui.listing import Cell
from qa_audit.tui.screens.dashboard.pictures import percent_words

if TYPE_CHECKING:
    from qa_audit.reports.document import Sheet, Table, Value
    from qa_audit.reports.facts import AuditFacts

Draw = Callable[[int], list[Content]]
"""From a width in cells to the lines of a picture."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a page: what it is, how many audits it rests on, what it says, and which audits those are."""

    what: str | Cell
    n: str
    says: str | Cell
    refs: tuple[str, ...] = ()
    section: str = ""
    """Section whose grades the audits behind it are listed with."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    draw: Draw = field(default=lambda _width: [])
    note: str = ""
    counted: str = "Audits"
    """Heading of the column of numbers."""


def table(sheet: Sheet, name: str) -> Table | None:
    """A table of a sheet by its name."""
    return next((block for block in sheet.blocks if getattr(block, "name", "") == name), None)  # type: ignore[return-value]


def words(value: Value, kind: str = "text") -> str:
    """A cell of a paper as it is said on screen."""
    if value is None:
        return "-"
    if isinstance(value, Grade):
        return value.words
    if isinstance(value, float):
        return (
            percent_words(value)
            if kind == "percent"
            else f"{value:+.2f}"
            if kind == "shift"
            else f"{value:g}"
        )
    return str(value)


def refs(audits: Sequence[AuditFacts]) -> tuple[str, ...]:
    """Their references."""
    return tuple(audit.ref for audit in audits)
