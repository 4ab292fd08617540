"""Read a council's lists and say what was understood. Touches files, never a workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from qa_audit.errors import AnswerNo, BadInput, Code, QaError
from qa_audit.frame.findings import Findings
from qa_audit.frame.gathering import Children, Gathering
from qa_audit.frame.headings import HEADER_SEARCH_ROWS, Recognition, is_send, recognise
from qa_audit.frame.intake import Intake
from qa_audit.frame.lists import load_lists
from qa_audit.frame.records import FrameReading, ListReading
from qa_audit.frame.safety import Checked, check_file, damaged, wrong_kind
from qa_audit.frame.workbook import Chunk, Note, Reading, Restart, Rows, Sheet, read_workbook

Progress = Callable[[int], None]
Cancelled = Callable[[], bool]
FAMILIES = ("annex_a", "ssda903")
_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".tsv", ".txt", ".xml"})
_STAYS_AN_ERROR = frozenset({Code.CANCELLED, Code.NOT_A_FILE, Code.BAD_SCHEMA})
_WORDS = {"annex_a": "ILACS lists (Annex A)", "ssda903": "SSDA903 files", "cin_census": "a CIN census"}
_SEND_WORDS = "an Annex A of an area SEND inspection (education, health and care plans)"


@dataclass(slots=True)
class _Sheet:
    """One sheet while it is read."""

    name: str
    head: list[tuple[int, Sequence[object]]] = field(default_factory=list)
    decided: bool = False
    intake: Intake | None = None
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _State:
    """What has been understood so far, over all files."""

    as_at: date
    authority: str
    findings: Findings
    gatherings: dict[str, Gathering] = field(default_factory=dict)
    read: list[tuple[str, str, _Sheet, Recognition]] = field(default_factory=list)
    others: list[tuple[str, str, Recognition, int]] = field(default_factory=list)
    send: list[str] = field(default_factory=list)
    ssd_tables: list[str] = field(default_factory=list)
    rows: int = 0
    progress: Progress | None = None
    careful: Mapping[Path, str] = field(default_factory=dict)

    def gathering(self, family: str) -> Gathering:
        if family not in self.gatherings:
            self.gatherings[family] = Gathering(load_lists(family), self.as_at, self.findings)
        return self.gatherings[family]


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
        return _refused(_State(as_at, "", found), (), error)
    refusals: dict[Path, QaError] = {}
    careful: dict[Path, str] = {}
    begun = False
    while not begun:
        state = _State(as_at, (authority or "").strip(), Findings(found), progress=progress, careful=careful)
        begun = all(_tried(state, path, refusals, careful, cancelled) for path in files)
    for path, refusal in refusals.items():
        state.findings.say("error", refusal.code.value, str(refusal), file=path.name)
    return _conclude(state, files, tuple(refusals.values()))


def _tried(
    state: _State, path: Path, refusals: dict[Path, QaError], careful: dict[Path, str], cancelled: Cancelled | None
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
        inside = sorted(
            item for item in path.iterdir() if item.is_file() and not item.name.startswith((".", "~$"))
        )
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


def _read_file(state: _State, path: Path, cancelled: Cancelled | None) -> None:
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


def _take(state: _State, path: Path, readings: Iterator[Reading], families: tuple[str, ...]) -> None:
    file = path.name
    sheet: _Sheet | None = None
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
            sheet = _Sheet(reading.name)
            if not reading.visible:
                state.findings.say(
                    "info", "sheet-hidden", "The sheet is hidden in the workbook; it was read all the same",
                    file=file, sheet=reading.name,
                )  # fmt: skip
        elif sheet is not None:
            _feed(state, file, sheet, reading, families)
    _close(state, file, sheet, families)


def _feed(state: _State, file: str, sheet: _Sheet, chunk: Chunk, families: tuple[str, ...]) -> None:
    rows: Rows = chunk.rows
    if not sheet.decided:
        sheet.head.extend(rows)
        if len(sheet.head) < HEADER_SEARCH_ROWS:
            return
        rows = sheet.head
        _decide(state, file, sheet, families)
    if sheet.intake is not None:
        sheet.intake.add(rows)
        state.rows += len(rows)
        if state.progress is not None:
            state.progress(state.rows)


def _decide(state: _State, file: str, sheet: _Sheet, families: tuple[str, ...]) -> None:
    sheet.decided = True
    other: Recognition | None = None
    for family in families:
        found = recognise(sheet.head, family)
        if found is None:
            continue
        if found.spec is None:
            other = other or found
            continue
        gathering = state.gathering(family)
        sink = gathering.sink(found.spec, file, sheet.name, sheet.counts)
        sheet.intake = Intake(
            found, file=file, sheet=sheet.name, as_at=state.as_at, findings=state.findings, sink=sink,
            authority=state.authority,
        )  # fmt: skip
        state.read.append((file, family, sheet, found))
        return
    heads = [
        str(cell) for _, cells in sheet.head[:HEADER_SEARCH_ROWS] for cell in cells if isinstance(cell, str)
    ]
    if is_send(text for text in heads if len(text) < 120):
        state.send.append(sheet.name)
    elif any(
        text.startswith(("pers_", "cont_", "cine_", "clae_", "cppl_", "clea_", "invo_")) for text in heads
    ):
        state.ssd_tables.append(sheet.name)
    elif other is not None:
        rows = sum(1 for number, _ in sheet.head if number > other.header_row)
        state.others.append((file, sheet.name, other, rows))
    elif sheet.head:
        state.findings.say(
            "info", "sheet-ignored", "No headings of a list were found; the sheet was passed over", file=file,
            sheet=sheet.name,
        )  # fmt: skip


def _close(state: _State, file: str, sheet: _Sheet | None, families: tuple[str, ...]) -> None:
    if sheet is None:
        return
    if not sheet.decided:
        _decide(state, file, sheet, families)
        if sheet.intake is not None:
            sheet.intake.add(sheet.head)
            state.rows += len(sheet.head)
    sheet.head = []
    if sheet.intake is not None:
        sheet.intake.finish()
        if state.progress is not None:
            state.progress(state.rows)


def _read_xml(state: _State, checked: Checked, cancelled: Cancelled | None) -> None:
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


def _conclude(state: _State, files: Sequence[Path], refusals: Sequence[QaError]) -> FrameReading:
    names = tuple(path.name for path in files)
    families = [family for family in ("annex_a", "ssda903", "cin_census") if family in state.gatherings]
    if not families:
        return _nothing(state, names, refusals)
    if len(families) > 1:
        error = AnswerNo(
            Code.WRONG_KIND_OF_FILE,
            "These files are of two kinds: " + " and ".join(_WORDS[family] for family in families),
            why="One frame is made from one kind, or children would be counted twice",
            next_step="Give one kind at a time",
        )
        return _refused(state, names, error)
    family = families[0]
    gathering = state.gatherings[family]
    _about_sheets(state)
    lists = _lists(state)
    sheets = {
        next(i for i, spec in enumerate(gathering.specs) if spec.no == entry.list_no): (
            entry.file,
            entry.sheet,
        )
        for entry in reversed(lists)
        if entry.list_no != "other"
    }
    children = gathering.finish(sheets)
    recorded = {spec.no for spec in gathering.specs if spec.closed_when is not None or spec.current}
    lists = tuple(
        replace(entry, open_children=children.open_on.get(entry.list_no, 0))
        if entry.list_no in recorded
        else entry
        for entry in lists
    )
    if family == "ssda903":
        _about_episodes(state, gathering)
    dialect = _dialect(family, lists, state)
    reading = FrameReading(
        kind=family, dialect=dialect, as_at=state.as_at, lists=lists, children=children, events=gathering.events,
        problems=(), usable=True, adults=len(gathering.adults), open_children=children.open, files=names,
        cohorts=children.cohorts,
    )  # fmt: skip
    if not len(children) and not gathering.adults:
        reason = (
            "The headings are right but no list has a row: this is an empty template. "
            "Expected at least one list with children. Choose the file that was filled in"
        )
        return replace(
            reading, usable=False, reason=reason, reason_code=Code.WRONG_KIND_OF_FILE.value,
            problems=state.findings.problems(),
        )  # fmt: skip
    if not len(children):
        return replace(
            reading, usable=False, reason="There are adopters (List 11) here but no children to audit",
            reason_code=Code.WRONG_KIND_OF_FILE.value, problems=state.findings.problems(),
        )  # fmt: skip
    return replace(reading, problems=state.findings.problems())


def _about_sheets(state: _State) -> None:
    say = state.findings.say
    seen: dict[str, str] = {}
    for file, _, sheet, found in state.read:
        spec = found.spec
        assert spec is not None
        place = {"file": file, "sheet": sheet.name}
        before = seen.setdefault(spec.no, sheet.name)
        if before != sheet.name:
            say(
                "info",
                "list-merged",
                f"List {spec.no} is here more than once; its sheets were read as one",
                **place,
            )
        for heading in found.missing:
            critical = heading == spec.fields[0].heading
            say(
                "error" if critical else "warning", "column-missing",
                "The column is not there" + (", so no row of this list could be used" if critical else ""),
                column=heading, row=found.header_row, **place,
            )  # fmt: skip
        for number in found.unknown:
            say(
                "info", "column-unknown", "This column is not in the list's specification; it is kept as extra information",
                column=found.headings[number][:80], row=found.header_row, **place,
            )  # fmt: skip
        dropped = [found.headings[number] for number in found.dropped]
        dropped += [item.heading for item in found.columns if item is not None and item.drop]
        for heading in dropped:
            say(
                "info", "column-dropped", "The column could identify a person; it was not read in",
                column=heading[:80], row=found.header_row, **place,
            )  # fmt: skip
        for heading in found.twice:
            say("warning", "column-twice", "The column is there twice; the first was read", column=heading[:80],
                row=found.header_row, **place)  # fmt: skip
        if sheet.counts.get("duplicates"):
            say("info", "rows-repeated", f"{sheet.counts['duplicates']} exact repeats were left out", **place)
        if sheet.counts.get("not_begun"):
            say("warning", "row-without-start", f"{sheet.counts['not_begun']} rows have no start on or before the as-at date "
                "and were left out", **place)  # fmt: skip
    for file, name, found, _ in state.others:
        say(
            "warning", "other-list",
            "This looks like a list of children, but not one of the eleven; it was not read in. Its columns: "
            + ", ".join(heading for i, heading in enumerate(found.headings) if heading and i not in found.dropped)[:300],
            file=file, sheet=name, row=found.header_row,
        )  # fmt: skip
    for name in state.send:
        say("warning", "send-list", f"This sheet belongs to {_SEND_WORDS}; it was passed over", sheet=name)


def _lists(state: _State) -> tuple[ListReading, ...]:
    found = []
    for file, family, sheet, seen in state.read:
        assert seen.spec is not None
        assert sheet.intake is not None
        found.append(
            ListReading(
                list_no=seen.spec.no, name=seen.spec.name, sheet=sheet.name, file=file, header_row=seen.header_row,
                rows=sheet.intake.rows, dialect=seen.dialect if family == "annex_a" else family,
                unknown_columns=tuple(seen.headings[i] for i in seen.unknown),
                dropped_columns=tuple(
                    [seen.headings[i] for i in seen.dropped]
                    + [item.heading for item in seen.columns if item is not None and item.drop]
                ),
                missing_columns=seen.missing, duplicates=sheet.counts.get("duplicates", 0),
                children=sheet.counts.get("children", 0),
            )
        )  # fmt: skip
    for file, name, seen, rows in state.others:
        found.append(ListReading("other", name, name, file, seen.header_row, rows, ""))
    order = {spec.no: i for family in FAMILIES for i, spec in enumerate(load_lists(family))}
    return tuple(sorted(found, key=lambda entry: order.get(entry.list_no, 99)))


def _about_episodes(state: _State, gathering: Gathering) -> None:
    place = next(i for i, spec in enumerate(gathering.specs) if spec.no == "episodes")
    spec = gathering.specs[place]
    end = spec.index["episode_end"]
    several = bare = 0
    for rows in gathering.rows.values():
        running = [row for row in rows if row[0] == place and row[2][end] is None]
        several += len(running) > 1
        bare += not any(row[0] == place for row in rows)
    if several:
        state.findings.say(
            "warning", "episodes-open-twice",
            f"{several} children have more than one open episode; the one that started last is used", sheet="episodes",
        )  # fmt: skip
    if bare:
        state.findings.say(
            "info",
            "child-without-episode",
            f"{bare} children have no episode; they are kept, and count as closed unless they are care leavers",
        )


def _dialect(family: str, lists: Sequence[ListReading], state: _State) -> str:
    if family != "annex_a":
        return family
    votes = [entry.dialect for entry in lists if entry.dialect]
    if votes.count("ssd") * 2 >= len([entry for entry in lists if entry.list_no != "other"]):
        return "ssd"
    tabs = {spec.tab.casefold() for spec in load_lists(family)}
    if sum(entry.sheet.strip().casefold() in tabs for entry in lists) * 2 > len(lists) or "tabs" in votes:
        return "tabs"
    if "liia" in votes:
        return "liia"
    return "ofsted"


def _nothing(state: _State, names: tuple[str, ...], refusals: Sequence[QaError]) -> FrameReading:
    if state.send:
        return _refused(state, names, _other_kind(_SEND_WORDS, "Choose the Annex A of the ILACS inspection"))
    if state.ssd_tables:
        error = _other_kind(
            "the tables of the Standard Safeguarding Dataset",
            "Run its Annex A query and give the AA_1 to AA_11 results",
        )
        return replace(_refused(state, names, error), kind="ssd")
    if refusals:
        return _refused(state, names, refusals[0])
    _about_sheets(state)
    if state.others:
        return _refused(
            state, names,
            _other_kind("a list of children with headings that fit none of the eleven lists",
                        "Rename its headings to those of the list it is, then try again"),
        )  # fmt: skip
    return _refused(
        state, names,
        _other_kind("a file without the headings of any list", "Choose the file that your case system exported"),
    )  # fmt: skip


def _other_kind(what: str, next_step: str) -> AnswerNo:
    return AnswerNo(
        Code.WRONG_KIND_OF_FILE,
        f"This is {what}",
        why="Expected ILACS lists (Annex A) as .xlsx, .xls or .csv, SSDA903 files as .csv, or a CIN census as .xml",
        next_step=next_step,
    )


def _refused(state: _State, names: tuple[str, ...], error: QaError) -> FrameReading:
    return FrameReading(
        kind="unknown", dialect="", as_at=state.as_at, lists=(), children=Children((), state.as_at, {}, {}), events=0,
        problems=state.findings.problems(), usable=False, reason=str(error), reason_code=error.code.value, files=names,
    )  # fmt: skip
