"""Read a council's lists and say what was understood. Touches files, never a workspace."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from qa_audit.errors import BadInput, Code, QaError
from qa_audit.frame.conclusion import FAMILIES, conclude, refused
from qa_audit.frame.findings import Findings
from qa_audit.frame.headings import HEADER_SEARCH_ROWS, Recognition, is_send, recognise
from qa_audit.frame.intake import Intake
from qa_audit.frame.reading import Cancelled, Progress, SheetState, State
from qa_audit.frame.records import FrameReading
from qa_audit.frame.safety import Checked, check_file, damaged, wrong_kind
from qa_audit.frame.workbook import Chunk, Note, Reading, Restart, Sheet, read_workbook

_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt", ".xml"})
_STAYS_AN_ERROR = frozenset({Code.CANCELLED, Code.NOT_A_FILE, Code.BAD_SCHEMA})


def check(
    paths: Iterable[Path | str],
    *,
    as_at: date,
    authority: str | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> FrameReading:
    """Read workbooks, CSV files, a census XML, or folders of them, and say what they are.

    `as_at` is the day the lists describe; `authority` names whose children they are where the lists do not.
    `progress` is told the rows read so far; reading stops with CANCELLED when `cancelled()` is true.
    A file that is not a list of children gives `usable=False` and a reason; only a missing file, a stop and a
    broken description of the lists raise.
    """
    named = [Path(path) for path in paths]
    found = Findings()
    try:
        files = _files(named, found)
    except QaError as error:
        if error.code in _STAYS_AN_ERROR:
            raise
        return refused(State(as_at, "", found), (), error)
    refusals: dict[Path, QaError] = {}
    careful: dict[Path, str] = {}
    begun = False
    with _without_collecting():
        while not begun:
            state = State(
                as_at, (authority or "").strip(), Findings(found), progress=progress, careful=careful
            )
            begun = all(_tried(state, path, refusals, careful, cancelled) for path in files)
        for path, refusal in refusals.items():
            state.findings.say("error", refusal.code.value, str(refusal), file=path.name)
        return conclude(state, files, tuple(refusals.values()))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Rows hold no circles; looking for some in them, again and again, took a fifth of the time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _tried(
    state: State, path: Path, refusals: dict[Path, QaError], careful: dict[Path, str], cancelled: Cancelled | None
) -> bool:  # fmt: skip
    """Read one file. False when it broke off after some of its rows were taken in: all begins again without them."""
    if path in refusals:
        return True
    try:
        _read_file(state, path, cancelled)
    except _BeginAgainError as again:
        careful[path] = again.words
        return False
    except QaError as error:
        if error.code in _STAYS_AN_ERROR:
            raise
        refusals[path] = error
        return all(entry[0] != path.name for entry in state.read)
    return True


class _BeginAgainError(Exception):
    """The fast reader broke off: the file is read again, from its first row, by the careful one."""

    def __init__(self, path: Path, words: str) -> None:
        super().__init__(words)
        self.path, self.words = path, words


def _files(named: Sequence[Path], findings: Findings) -> tuple[Path, ...]:
    if not named:
        raise BadInput(
            Code.NOT_A_FILE, "No file was named", next_step="Name the workbook, the CSV files or their folder"
        )
    found: list[Path] = []
    for path in named:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [item for place in (path, *_folders_of(path)) for item in _files_of(place)]
        useful = [item for item in inside if item.suffix.casefold() in _SUFFIXES and item.stem.casefold() != "readme"
                  and not item.name.casefold().startswith("licen")]  # fmt: skip
        if not useful:
            raise wrong_kind(
                path, "a folder without workbooks or CSV files", "Name the folder that holds the lists"
            )
        for item in inside:
            if item not in useful:
                findings.say(
                    "info", "file-passed-over", "This file in the folder was passed over", file=item.name
                )
        found.extend(useful)
    return tuple(dict.fromkeys(found))


def _files_of(folder: Path) -> list[Path]:
    return sorted(
        item for item in folder.iterdir() if item.is_file() and not item.name.startswith((".", "~$"))
    )


def _folders_of(folder: Path) -> list[Path]:
    """One level down: a region's lists may lie in a folder for each authority."""
    return sorted(item for item in folder.iterdir() if item.is_dir() and not item.name.startswith("."))


def _read_file(state: State, path: Path, cancelled: Cancelled | None) -> None:
    checked = check_file(path)
    if checked.kind == "xml":
        _read_xml(state, checked, cancelled)
        return
    if checked.kind == "csv":
        from qa_audit.frame.textfile import read_csv

        _take(state, path, read_csv(path, cancelled), FAMILIES)
        return
    if path in state.careful:
        state.findings.say("warning", "reader-fell-back", state.careful[path], file=path.name)
        checked = replace(checked, oversized=True)
    _take(state, path, read_workbook(checked, cancelled), FAMILIES)


def _take(state: State, path: Path, readings: Iterator[Reading], families: tuple[str, ...]) -> None:
    file = path.name
    sheet: SheetState | None = None
    for reading in readings:
        if isinstance(reading, Restart):
            raise _BeginAgainError(path, reading.words)
        if isinstance(reading, Note):
            state.findings.say(
                "warning" if reading.code == "rows-not-read" else "info",
                reading.code,
                reading.words,
                file=file,
            )
        elif isinstance(reading, Sheet):
            _close(state, file, sheet, families)
            sheet = SheetState(reading.name)
            if not reading.visible:
                state.findings.say(
                    "info", "sheet-hidden", "The sheet is hidden in the workbook; it was read all the same",
                    file=file, sheet=reading.name,
                )  # fmt: skip
        elif sheet is not None:
            _feed(state, file, sheet, reading, families)
    _close(state, file, sheet, families)


def _feed(state: State, file: str, sheet: SheetState, chunk: Chunk, families: tuple[str, ...]) -> None:
    if sheet.decided:
        _take_in(state, sheet, chunk)
        return
    sheet.head.append(chunk)
    if sum(len(one.numbers) for one in sheet.head) >= HEADER_SEARCH_ROWS:
        _decide(state, file, sheet, families)
        _take_in(state, sheet, *sheet.head)


def _take_in(state: State, sheet: SheetState, *chunks: Chunk) -> None:
    if sheet.intake is None:
        return
    for chunk in chunks:
        sheet.intake.add(chunk)
        state.rows += len(chunk.numbers)
    if state.progress is not None:
        state.progress(state.rows)


def _decide(state: State, file: str, sheet: SheetState, families: tuple[str, ...]) -> None:
    sheet.decided = True
    head = list(islice((row for chunk in sheet.head for row in chunk.rows()), HEADER_SEARCH_ROWS))
    other: Recognition | None = None
    for family in families:
        found = recognise(head, family)
        if found is None:
            continue
        if found.spec is None:
            other = other or found
            continue
        gathering = state.gathering(family)
        sink = gathering.sink(found.spec, file, sheet.name, sheet.counts)
        sheet.intake = Intake(
            found, file=file, sheet=sheet.name, as_at=state.as_at, findings=state.findings, sink=sink,
            authority=state.authority, memory=state.memory,
        )  # fmt: skip
        state.read.append((file, family, sheet, found))
        return
    texts = [cell for _, cells in head for cell in cells if isinstance(cell, str)]
    if is_send(text for text in texts if len(text) < 120):
        state.send.append(sheet.name)
    elif any(
        text.startswith(("pers_", "cont_", "cine_", "clae_", "cppl_", "clea_", "invo_")) for text in texts
    ):
        state.ssd_tables.append(sheet.name)
    elif other is not None:
        rows = sum(number > other.header_row for chunk in sheet.head for number in chunk.numbers)
        state.others.append((file, sheet.name, other, rows))
    elif sheet.head:
        state.findings.say(
            "info", "sheet-ignored", "No headings of a list were found; the sheet was passed over", file=file,
            sheet=sheet.name,
        )  # fmt: skip


def _close(state: State, file: str, sheet: SheetState | None, families: tuple[str, ...]) -> None:
    if sheet is None:
        return
    if not sheet.decided:
        _decide(state, file, sheet, families)
        _take_in(state, sheet, *sheet.head)
    sheet.head = []
    if sheet.intake is not None:
        sheet.intake.finish()
        if state.progress is not None:
            state.progress(state.rows)


def _read_xml(state: State, checked: Checked, cancelled: Cancelled | None) -> None:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException

    from qa_audit.frame.cin_census import NotACensusError, read_census

    path = checked.path
    try:
        _take(state, path, read_census(path, cancelled), ("cin_census",))
    except NotACensusError as error:
        raise wrong_kind(path, f"an XML file of another kind (it begins with <{error}>)") from error
    except DefusedXmlException as error:
        raise BadInput(
            Code.UNSAFE_FILE, "This file was not opened, for safety", where=path.name,
            why="It declares entities, which a census never does", next_step="Export the census again",
        ) from error  # fmt: skip
    except (ParseError, UnicodeDecodeError, ValueError, LookupError) as error:
        raise damaged(path, "Its XML is broken") from error
