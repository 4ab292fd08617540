"""A question as lines of text: pure, so that it can be read, tested and measured without a screen.

`draw(view, width)` gives the lines and where each field starts. Clickable places carry meta data in their
style: `{"field": part}` and, on a choice, `{"field": part, "pick": index}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
NUMBER_WIDTH = 6
LABEL_WIDTH = 26


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
    answered: bool = False
    focused: bool = False
    part: str = ""
    """The field with the sub-focus."""
    cursor: int = 0
    """The choice under the cursor in that field."""
    editing: str = ""
    """The part whose editor is open."""
    editor_height: int = 1
    guidance_shown: bool = True
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
    indent = NUMBER_WIDTH + 2 if spec.number else 2
    if width < 60 and spec.number:
        indent = NUMBER_WIDTH + 1
    rows: list[Content] = _title(view, width, indent)
    if view.focused and view.guidance_shown and spec.guidance:
        rows += wrap(say(spec.guidance, MUTED), width - 1, indent=indent)
    editor_line = editor_indent = 0
    label_width = _label_width(spec, width - indent)
    for each in spec.fields:
        if not _is_shown(view, each):
            continue
        if view.editing == each.part:
            label, editor_indent = _label(view, each, label_width, indent)
            editor_line = len(rows)
            if label.cell_length > editor_indent:  # a long label stands on its own line
                rows.append(label)
                editor_line += 1
                label = Content("")
                editor_indent = indent
            rows.append(label)
            rows += [Content("")] * (view.editor_height - 1)
        elif each.choices and not each.listed:
            rows += _choice_rows(view, each, label_width, indent, width)
        else:
            rows += _typed_rows(view, each, label_width, indent, width)
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
    if not spec.quiet:
        return True
    filled = bool(view.values.get(spec.part) or view.drafts.get(spec.part))
    return filled or (view.focused and not view.read_only)


def _title(view: QuestionView, width: int, indent: int) -> list[Content]:
    spec = view.spec
    if not spec.text:
        return []
    state = _state(view)
    number = f" {fit(spec.number, indent - 1)}" if spec.number else "  "
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
        return say("○ to answer", MUTED)
    return Content("")


def _label_width(spec: QuestionSpec, room: int) -> int:
    """One width for the labels of a question, so that values line up; long labels get their own line."""
    longest = max((len(each.label) for each in spec.fields if len(each.label) <= LABEL_WIDTH), default=0)
    return min(longest, room // 2)


def _label(view: QuestionView, spec: FieldSpec, width: int, indent: int) -> tuple[Content, int]:
    """The label with its place marked, and the column where the value starts."""
    here = (
        view.focused
        and view.part == spec.part
        and sum(_is_shown(view, each) for each in view.spec.fields) > 1
    )
    mark = say("› ", ACCENT) if here else say("  ")
    lead = Content.assemble(" " * (indent - 2), mark)
    if not spec.label:
        return lead, indent
    text = spec.label if len(spec.label) > width else fit(spec.label, width)
    style = ACCENT if here else MUTED
    return Content.assemble(lead, say(text, style), "  "), indent + width + 2


def _placed(label: Content, start: int, indent: int, body: list[Content]) -> list[Content]:
    """A label and the lines of its value: side by side, or the value beneath a long label."""
    if label.cell_length > start:
        return [label, *(Content.assemble(" " * indent, line) for line in body)]
    first, *rest = body or [Content("")]
    return [
        Content.assemble(label, first),
        *(Content.assemble(" " * start, line) for line in rest),
    ]


def _choice_rows(
    view: QuestionView, spec: FieldSpec, label_width: int, indent: int, width: int
) -> list[Content]:
    label, start = _label(view, spec, label_width, indent)
    room = width - (indent if label.cell_length > start else start) - 1
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
    return _placed(label, start, indent, lines)


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


def _typed_rows(
    view: QuestionView, spec: FieldSpec, label_width: int, indent: int, width: int
) -> list[Content]:
    label, start = _label(view, spec, label_width, indent)
    room = max(8, width - (indent if label.cell_length > start else start) - 1)
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
        words = spec.help if here and spec.help else asked if here else "—"
        if view.read_only:
            words = "—"
        elif not here and not spec.optional and not spec.quiet:
            words = "○ to write" if spec.type == "text" else "○ to fill in"
        body = say(words, MUTED).wrap(room)
    note = _value_note(view, spec)
    if note and body[-1].cell_length + note.cell_length + 2 <= room:
        body[-1] = Content.assemble(body[-1], "  ", note)
    elif note:
        body += note.wrap(room)
    rows = _placed(label, start, indent, list(body))
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
