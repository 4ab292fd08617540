"""A question as lines of text: pure, so that it can be read, tested and measured without a screen.

`draw(view, width)` gives the lines and where each field starts. Clickable places carry meta data in their
style: `{"field": part}` and, on a choice, `{"field": part, "pick": index}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style

from qa_audit.grades import parse_grade
from qa_audit.tui.statusbar import SaveWords
from qa_audit.tui.text import (
    ACCENT,
    BAD,
    CHOSEN,
    GRADE_STYLES,
    MUTED,
    STRONG,
    WARN,
    fit,
    join,
    say,
    sides,
    wrap,
)
from qa_audit.tui.widgets.fields import FieldSpec, shown_value, unpack_keys

BAR = "▌"
EVIDENCE = "evidence"
NUMBER_WIDTH = 6
LABEL_WIDTH = 52
GAP = 2
QUIET_ALIGN = 20
SHORT_LABEL = 26


@dataclass(frozen=True, slots=True)
class QuestionSpec:
    """What is asked: never changes while the question is on screen, except through conditions."""

    item: str
    """The item (or instance) id that answers are stored under."""
    number: str
    """What is shown as its number; may be empty."""
    text: str
    fields: tuple[FieldSpec, ...] = ()
    guidance: str = ""
    critical: bool = False
    required: bool = True
    heading: bool = False
    """Drawn as the heading of a block, for a section's own judgement."""


@dataclass(slots=True)
class QuestionView:
    """Everything that is drawn."""

    spec: QuestionSpec
    values: Mapping[str, str] = field(default_factory=dict)
    drafts: Mapping[str, str] = field(default_factory=dict)
    """Typed and not understood yet, by part."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with a draft, by part."""
    marks: Mapping[str, SaveWords] = field(default_factory=dict)
    offered: Mapping[str, str] = field(default_factory=dict)
    """Values the case list holds, by part: shown and taken with Space, never taken by themselves."""
    flag: str = ""
    """The clock's words: last visit 71 days ago; standard 42."""
    late: bool = False
    gaps: tuple[str, ...] = ()
    """Why the question counts as a gap, in words; () when it does not."""
    hint: str = ""
    """What is still to do before the answer is complete, said quietly."""
    answered: bool = False
    focused: bool = False
    part: str = ""
    """The field with the sub-focus."""
    cursor: int = 0
    """The choice under the cursor in that field."""
    editing: str = ""
    """The part whose editor is open."""
    editor_height: int = 1
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """The lines, and where the open editor goes."""

    lines: tuple[Content, ...]
    editor_line: int = 0
    editor_indent: int = 0


def draw(view: QuestionView, width: int) -> Drawing:
    """The question in `width` cells."""
    spec = view.spec
    indent = NUMBER_WIDTH + 2 if spec.number else 3
    if width < 60 and spec.number:
        indent = NUMBER_WIDTH + 1
    rows: list[Content] = _title(view, width, indent)
    editor_line = editor_indent = 0
    columns = _columns(view, indent, width)
    for each in spec.fields:
        if not _is_shown(view, each):
            continue
        if view.editing == each.part:
            label, start = _label(view, each, columns)
            empty = [Content("")] * view.editor_height
            placed = _placed(label, start, columns, empty)
            editor_line = len(rows) + len(placed) - len(empty)
            editor_indent = start or indent
            rows += placed
        elif each.choices and not each.listed:
            rows += _choice_rows(view, each, columns)
        else:
            rows += _typed_rows(view, each, columns)
        rows += _notes(view, each, indent, width)
    if view.flag:
        rows += wrap(say(view.flag, WARN if view.late else MUTED), width - 1, indent=indent)
    for gap in view.gaps:
        rows += wrap(say(f"! {gap}", WARN), width - 1, indent=indent)
    bar = say(BAR, ACCENT) if view.focused else Content(" ")
    return Drawing(
        tuple(Content.assemble(bar, row[1:] if row.plain[:1] == " " else row) for row in rows),
        editor_line,
        editor_indent,
    )


def _is_shown(view: QuestionView, spec: FieldSpec) -> bool:
    """Evidence always has its line, so that the page does not move under the reader; what belongs to it
    (where, dated) shows when it is filled or while the person is there."""
    if not spec.quiet or spec.part == EVIDENCE:
        return not (spec.quiet and view.read_only and not view.values.get(spec.part))
    if view.values.get(spec.part) or view.drafts.get(spec.part):
        return True
    there = any(each.quiet and each.part == view.part for each in view.spec.fields)
    return view.focused and there and not view.read_only


def _title(view: QuestionView, width: int, indent: int) -> list[Content]:
    spec = view.spec
    if not spec.text:
        return []
    state = _state(view)
    number = f" {fit(spec.number, indent - 1)}" if spec.number else " " * indent
    words = [say(spec.text, STRONG)]
    if spec.critical:
        words.append(say("  critical", WARN))
    room = width - indent - (state.cell_length + 2 if state else 0)
    body = Content.assemble(*words).wrap(max(12, room))
    rows: list[Content] = []
    for row, line in enumerate(body):
        start = say(number, f"{STRONG} {ACCENT}" if view.focused else STRONG) if row == 0 else " " * indent
        left = Content.assemble(start, line)
        rows.append(sides(left, state, width - 1) if row == 0 and state else left)
    return rows


def _state(view: QuestionView) -> Content:
    """The words at the right of the title: the worst news first."""
    marks = view.marks.values()
    for wanted in ("failed", "saving"):
        for mark in marks:
            if mark.state == wanted:
                return say("NOT SAVED", BAD) if wanted == "failed" else mark.content()
    if view.gaps:
        return say("! missing", WARN)
    if view.answered:
        return say("saved", MUTED) if any(mark.state == "saved" for mark in marks) else Content("")
    if view.spec.required and not view.read_only:
        return say("○ to finish" if any(view.values.values()) else "○ to answer", MUTED)
    return Content("")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where labels and values stand: labels of one question share a column, or all stand above their values."""

    indent: int
    label: int
    quiet: int
    width: int


def _columns(view: QuestionView, indent: int, width: int) -> _Columns:
    room = width - indent - 1
    shown = [each for each in view.spec.fields if _is_shown(view, each)]
    quiet = max((cell_len(each.label) for each in shown if each.quiet), default=0)
    loud = [each for each in shown if not each.quiet and each.label]
    sizes = [cell_len(each.label) for each in loud]
    longest = max(sizes, default=0)
    needed = max((_value_width(each) for each in loud), default=0)
    if longest + GAP + needed > room or longest > LABEL_WIDTH:
        # long labels stand above their values; when they are many, all do, so that the eye finds one pattern
        short = [size for size in sizes if size <= min(SHORT_LABEL, room - GAP - 16)]
        longest = max(short, default=0) if 2 * len(short) > len(sizes) else 0
    if longest and quiet and quiet <= longest <= QUIET_ALIGN:
        quiet = longest
    return _Columns(indent, longest, quiet, width)


def _value_width(spec: FieldSpec) -> int:
    """Cells a value asks for beside its label: all its choices, or enough to read a text."""
    if not spec.choices or spec.listed:
        return 24 if spec.type == "text" else 16
    tokens = (3 + cell_len(choice.words) + (0 if spec.type == "scale" else 2) for choice in spec.choices)
    return min(sum(tokens), 48)


def _label(view: QuestionView, spec: FieldSpec, columns: _Columns) -> tuple[Content, int]:
    """The label (empty when there is none), and the column where the value starts."""
    if not spec.label:
        return Content(" " * columns.indent), columns.indent
    column = columns.quiet if spec.quiet else columns.label
    here = view.focused and view.part == spec.part
    style = ACCENT if here else MUTED
    mark = say("› ", ACCENT) if here and not (spec.choices and not spec.listed) else Content("  ")
    lead = Content.assemble(" " * (columns.indent - 2), mark)
    if not column or cell_len(spec.label) > column:
        return Content.assemble(lead, say(spec.label, style)), 0
    return Content.assemble(
        lead, say(fit(spec.label, column), style), " " * GAP
    ), columns.indent + column + GAP


def _placed(label: Content, start: int, columns: _Columns, body: list[Content]) -> list[Content]:
    """A label and the lines of its value: side by side, or the value beneath its label."""
    if not start:
        rows = [row for line in label.wrap(columns.width - 1) for row in [line]]
        return [*rows, *(Content.assemble(" " * columns.indent, line) for line in body)]
    first, *rest = body or [Content("")]
    return [
        Content.assemble(label, first),
        *(Content.assemble(" " * start, line) for line in rest),
    ]


def _choice_rows(view: QuestionView, spec: FieldSpec, columns: _Columns) -> list[Content]:
    label, start = _label(view, spec, columns)
    room = columns.width - (start or columns.indent) - 1
    tokens = [_token(view, spec, index) for index in range(len(spec.choices))]
    lines: list[Content] = []
    line = Content("")
    for token in tokens:
        if line and line.cell_length + 1 + token.cell_length > room:
            lines.append(line)
            line = Content("")
        line = Content.assemble(line, " ", token) if line else token
    lines.append(line)
    tail = _value_note(view, spec)
    if tail:
        if lines[-1].cell_length + tail.cell_length + 2 <= room:
            lines[-1] = Content.assemble(lines[-1], "  ", tail)
        else:
            lines += tail.wrap(room)
    return _placed(label, start, columns, lines)


def _token(view: QuestionView, spec: FieldSpec, index: int) -> Content:
    """One choice: its key, its word; a tick and a ground when chosen, an arrow when under the cursor."""
    choice = spec.choices[index]
    value = view.values.get(spec.part, "")
    chosen = choice.key in unpack_keys(value) if spec.type == "choices" else choice.key == value
    here = view.focused and view.part == spec.part and view.cursor == index and not view.read_only
    lead = "✓" if chosen else "›" if here else " "
    if spec.type == "scale":
        key, words = "", f"{choice.words}"
    else:
        key, words = (f"{index + 1} " if index < 9 else ""), choice.words
    if chosen:
        text = say(f"{lead}{key}{words} ", CHOSEN if not here else f"{CHOSEN} underline")
    else:
        grade = parse_grade(choice.key) if spec.type == "grade" else None
        style = GRADE_STYLES[grade] if grade else ""
        text = join((lead, ACCENT), (key, MUTED), (words, f"{style} underline" if here else style), " ")
    meta: dict[str, object] = {"field": spec.part, "pick": index}
    return text.stylize(Style.from_meta(meta))


def _typed_rows(view: QuestionView, spec: FieldSpec, columns: _Columns) -> list[Content]:
    label, start = _label(view, spec, columns)
    room = max(8, columns.width - (start or columns.indent) - 1)
    draft = view.drafts.get(spec.part, "")
    value = draft or shown_value(spec, view.values.get(spec.part, ""))
    here = view.focused and view.part == spec.part
    offer = shown_value(spec, view.offered.get(spec.part, ""))
    if value:
        body = say(value, MUTED if spec.quiet and not here else "").wrap(room)
    elif offer:
        words = f"{offer}  from the case list" + (
            " · Space to confirm" if here and not view.read_only else ""
        )
        body = say(words, MUTED).wrap(room)
    else:
        asked = f"Enter to choose from {len(spec.options)}" if spec.listed else "Enter to write"
        beside = (
            view.focused
            and spec.part == EVIDENCE
            and not any(v.part == view.part and v.typed for v in view.spec.fields)
        )
        words = spec.help if spec.help and (here or beside) else asked if here else "—"
        if view.read_only:
            words = "—"
        elif spec.part == EVIDENCE and view.hint:
            words = f"○ {view.hint}"
        elif not here and not beside and not spec.optional and not spec.quiet:
            words = "○ to write" if spec.type == "text" else "○ to fill in"
        body = say(words, MUTED).wrap(room)
    note = _value_note(view, spec)
    if note and body[-1].cell_length + note.cell_length + 2 <= room:
        body[-1] = Content.assemble(body[-1], "  ", note)
    elif note:
        body += note.wrap(room)
    rows = _placed(label, start, columns, list(body))
    meta: dict[str, object] = {"field": spec.part}
    return [row.stylize(Style.from_meta(meta)) for row in rows]


def _value_note(view: QuestionView, spec: FieldSpec) -> Content:
    """What stands after a value: where it came from, what is wrong with it, why it is not saved."""
    mark = view.marks.get(spec.part)
    parts: list[Content] = []
    value = view.values.get(spec.part, "")
    if value and value == view.offered.get(spec.part):
        parts.append(say("as in the case list", MUTED))
    if problem := view.problems.get(spec.part):
        parts.append(say(f"NOT SAVED: {problem}", BAD))
    elif mark is not None and mark.state == "failed":
        parts.append(mark.content())
    return join(*parts, gap="  ")


def _notes(view: QuestionView, spec: FieldSpec, indent: int, width: int) -> list[Content]:
    """The words of the choice under the cursor (or chosen), padded so that moving does not shift the page."""
    if not spec.notes or not view.focused or view.part != spec.part:
        return []
    wrapped = {key: wrap(say(words, MUTED), width - 1, indent=indent) for key, words in spec.notes if words}
    tallest = max((len(lines) for lines in wrapped.values()), default=0)
    choice = spec.choices[view.cursor].key if view.cursor < len(spec.choices) else ""
    lines = wrapped.get(choice, [])
    return lines + [Content("")] * (tallest - len(lines))
