"""Reads one sheet of a finished workbook back, element by element, and compares it with the plan.

Part of the inspection. It sits on expat itself because a paper of ten thousand audits has over a
million cells; a document type declaration, and with it any entity, is refused outright.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import IO

from qa_audit.reports.document import Properties
from qa_audit.reports.layout import Plan, column_letters, margins, merged, rows

_SHEET_ELEMENTS = frozenset(
    [
        "worksheet",
        "sheetPr",
        "outlinePr",
        "pageSetUpPr",
        "dimension",
        "sheetViews",
        "sheetView",
        "pane",
        "selection",
        "sheetFormatPr",
        "cols",
        "col",
        "sheetData",
        "row",
        "c",
        "is",
        "t",
        "v",
        "mergeCells",
        "mergeCell",
        "conditionalFormatting",
        "cfRule",
        "formula",
        "colorScale",
        "cfvo",
        "color",
        "printOptions",
        "pageMargins",
        "pageSetup",
        "headerFooter",
        "oddHeader",
        "oddFooter",
        "drawing",
        "tableParts",
        "tablePart",
        "rowBreaks",
        "brk",
    ]
)
_MARGINS = frozenset({f"{page}{part}" for page in ("odd", "even", "first") for part in ("Header", "Footer")})
_ESCAPED = re.compile(r"_x005F_(?=x[0-9A-Fa-f]{4}_)")
_RULE = re.compile(r'"[A-Za-z ]+"')
_EPOCH = date(1899, 12, 30).toordinal()
_FIRST_DAY = date(1900, 3, 1)
_TEXTS = frozenset({"t", "v", "formula"}) | _MARGINS


class SheetReader:
    """One pass over one sheet; `findings` name cells and things, never the text in them."""

    def __init__(self, plan_: Plan, properties: Properties) -> None:
        self.findings: list[str] = []
        self._wanted = _wanted(plan_, properties)
        self._margins = margins(properties)
        self._merges = {f"A{row}:{column_letters(column)}{row}" for row, column in merged(plan_)}
        self._cell: dict[str, str] = {}
        self._kids: list[str] = []
        self._text: list[str] = []
        self._comparing = True

    def read(self, part: IO[bytes]) -> None:
        """Read the sheet to its end. Raises ValueError when it is not well-formed or declares a type."""
        from xml.parsers.expat import ExpatError, ParserCreate

        parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _refuse
        try:
            parser.ParseFile(part)
        except ExpatError as error:
            raise ValueError("not well-formed") from error
        left = next(self._wanted, None) if self._comparing else None
        if left is not None:
            self.findings.append(f"cell {left[0]} is missing")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._cell = attributes
            self._kids.clear()
        elif name in ("is", "t", "v"):
            self._kids.append(name)
            if name != "is":
                self._text.clear()
        elif name in _TEXTS:
            self._text.clear()
        elif name not in _SHEET_ELEMENTS:
            self.findings.append(f"it carries {name[:40]}")
            self._kids.append(name)
        elif name == "row":
            if _hidden(attributes) or float(attributes.get("ht", "15")) < 8:
                self.findings.append("a row is hidden")
        elif name == "col":
            if _hidden(attributes) or float(attributes.get("width", "10")) < 2:
                self.findings.append("a column is hidden")
        elif name == "mergeCell":
            if attributes.get("ref") not in self._merges:
                self.findings.append("cells are merged that should not be")
        elif name == "sheetView" and attributes.get("view", "normal") != "normal":
            self.findings.append("an unusual view")

    def _end(self, name: str) -> None:
        if name == "c":
            if self._kids and self._comparing:
                self._compare()
        elif name in _MARGINS:
            allowed = self._margins if name.startswith("odd") else ("",)
            if "".join(self._text) not in allowed:
                self.findings.append(f"{name} is not ours")
        elif name == "formula" and not _RULE.fullmatch("".join(self._text)):
            self.findings.append("a rule with a formula")

    def _compare(self) -> None:
        reference, found = self._cell.get("r", "?"), self._found()
        expected = next(self._wanted, None)
        if expected is None or expected[0] != reference or expected[1] != found:
            self._comparing = False
            self.findings.append(f"cell {reference[:12]} is not what the paper says")

    def _found(self) -> str | float | None:
        """The cell's value; None when it is anything but plain inline text or a number."""
        kind = self._cell.get("t", "n")
        if kind == "inlineStr" and self._kids == ["is", "t"]:
            text = "".join(self._text)
            return _ESCAPED.sub("_", text) if "_x005F_" in text else text
        if kind == "n" and self._kids == ["v"]:
            return float("".join(self._text))
        return None


def _refuse(*_: object) -> None:
    raise ValueError("a document type declaration")


def _hidden(attributes: dict[str, str]) -> bool:
    return bool(attributes.get("hidden") or attributes.get("collapsed"))


def _wanted(plan_: Plan, properties: Properties) -> Iterator[tuple[str, str | float]]:
    """Cell by cell what the sheet must hold: reference, and its text or its number."""
    letters = [column_letters(n) for n in range(plan_.columns + 1)]
    for number, _, cells in rows(plan_, properties):
        for column, value, _ in cells:
            if value is None or value == "":
                continue
            if isinstance(value, str):
                yield f"{letters[column]}{number}", value
            elif isinstance(value, date):
                stored = value.isoformat() if value < _FIRST_DAY else float(value.toordinal() - _EPOCH)
                yield f"{letters[column]}{number}", stored
            else:
                yield f"{letters[column]}{number}", float(value)
