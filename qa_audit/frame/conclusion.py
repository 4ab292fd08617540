"""What a reading comes to: the lists that were understood, what has to be said, usable or not and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qa_audit.errors import AnswerNo, Code, QaError
from qa_audit.frame.addons import COMBINED, FAMILY, take_apart
from qa_audit.frame.gathering import Children, Gathering
from qa_audit.frame.lists import load_lists
from qa_audit.frame.reading import State
from qa_audit.frame.records import FrameReading, ListReading

FAMILIES = ("annex_a", "ssda903", FAMILY)
_WORDS = {"annex_a": "ILACS lists (Annex A)", "ssda903": "SSDA903 files", "cin_census": "a CIN census"}
_SEND_WORDS = "an Annex A of an area SEND inspection (education, health and care plans)"


def conclude(state: State, files: Sequence[Path], refusals: Sequence[QaError]) -> FrameReading:
    """The reading, once every file was tried. `refusals` are the files that could not be used."""
    names = tuple(path.name for path in files)
    families = [family for family in ("annex_a", "ssda903", "cin_census") if family in state.gatherings]
    if FAMILY in state.gatherings and not families:
        state.gathering("annex_a")
        families = ["annex_a"]
    if not families:
        return _nothing(state, names, refusals)
    if len(families) > 1:
        error = AnswerNo(
            Code.WRONG_KIND_OF_FILE,
            "These files are of two kinds: " + " and ".join(_WORDS[family] for family in families),
            why="One frame is made from one kind, or children would be counted twice",
            next_step="Give one kind at a time",
        )
        return refused(state, names, error)
    family = families[0]
    gathering = state.gatherings[family]
    _about_sheets(state)
    lists = _lists(state)
    if FAMILY in state.gatherings:
        addons = state.gatherings[FAMILY]
        for entry in lists:
            if entry.list_no == COMBINED:
                take_apart(addons, state.findings, entry.file, entry.sheet)
                break
        gathering.join(addons)
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


def _about_sheets(state: State) -> None:
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


def _lists(state: State) -> tuple[ListReading, ...]:
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
    order = {spec.no: i for i, spec in enumerate(spec for family in FAMILIES for spec in load_lists(family))}
    return tuple(sorted(found, key=lambda entry: order.get(entry.list_no, 99)))


def _about_episodes(state: State, gathering: Gathering) -> None:
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


def _dialect(family: str, lists: Sequence[ListReading], state: State) -> str:
    if family != "annex_a":
        return family
    small = {spec.no for spec in load_lists(FAMILY)}
    lists = [entry for entry in lists if entry.list_no not in small]
    if not lists:
        return FAMILY
    votes = [entry.dialect for entry in lists if entry.dialect]
    if votes.count("ssd") * 2 >= len([entry for entry in lists if entry.list_no != "other"]):
        return "ssd"
    tabs = {spec.tab.casefold() for spec in load_lists(family)}
    if sum(entry.sheet.strip().casefold() in tabs for entry in lists) * 2 > len(lists) or "tabs" in votes:
        return "tabs"
    if "liia" in votes:
        return "liia"
    return "ofsted"


def _nothing(state: State, names: tuple[str, ...], refusals: Sequence[QaError]) -> FrameReading:
    if state.send:
        return refused(state, names, _other_kind(_SEND_WORDS, "Choose the Annex A of the ILACS inspection"))
    if state.ssd_tables:
        error = _other_kind(
            "the tables of the Standard Safeguarding Dataset",
            "Run its Annex A query and give the AA_1 to AA_11 results",
        )
        return replace(refused(state, names, error), kind="ssd")
    if refusals:
        return refused(state, names, refusals[0])
    _about_sheets(state)
    if state.others:
        return refused(
            state, names,
            _other_kind("a list of children with headings that fit none of the eleven lists",
                        "Rename its headings to those of the list it is, then try again"),
        )  # fmt: skip
    return refused(
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


def refused(state: State, names: tuple[str, ...], error: QaError) -> FrameReading:
    """A reading that cannot be used, with its reason in words."""
    return FrameReading(
        kind="unknown", dialect="", as_at=state.as_at, lists=(), children=Children((), state.as_at, {}, {}), events=0,
        problems=state.findings.problems(), usable=False, reason=str(error), reason_code=error.code.value, files=names,
    )  # fmt: skip
