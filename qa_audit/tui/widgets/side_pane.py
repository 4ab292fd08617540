"""What can lie beside a form: what each grade looks like here, and what was found last time.

The pane is always whole: it stands beside the form where there is room and lies over it where there is
not, it scrolls by itself and never with the form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.grades import Grade
from qa_audit.tui.text import ACCENT, GRADE_STYLES, MUTED, STRONG, join, lines, say

WIDE = 100
"""Columns from which the ceiling is told at length."""
GOOD_FIRST = (Grade.GOOD, Grade.OUTSTANDING, Grade.REQUIRES_IMPROVEMENT, Grade.INADEQUATE)
"""Good is the benchmark: what a child should get. It is written and read first."""


@dataclass(frozen=True, slots=True)
class PreviousGrade:
    """What an earlier audit found in a section."""

    grade: Grade | None
    rationale: str
    when: str
    """In words: "full case audit, March 2026"."""
    better: str = ""


def descriptors_content(
    title: str, descriptors: Sequence[tuple[Grade, str]], chosen: Grade | None
) -> Content:
    """The grades in words, Good first, the chosen one marked."""
    words = dict(descriptors)
    rows: list[Content] = [
        say(title, STRONG),
        say("What each grade looks like here · Esc closes", MUTED),
        Content(""),
    ]
    for grade in GOOD_FIRST:
        if not words.get(grade):
            continue
        mark = "✓ " if grade is chosen else ""
        note = "  your grade" if grade is chosen else ""
        rows += [
            join((f"{mark}{grade.words}", f"bold {GRADE_STYLES[grade]}"), (note, MUTED)),
            say(words[grade]),
        ]
        rows.append(Content(""))
    if len(rows) == 3:
        rows.append(say("This section is not graded, so there is nothing to compare.", MUTED))
    return lines(rows)


def previous_content(title: str, previous: Sequence[PreviousGrade]) -> Content:
    """Earlier findings in this section, newest first."""
    rows: list[Content] = [say(title, STRONG), say("What was found before · Esc closes", MUTED), Content("")]
    for each in previous:
        grade = say("not graded", MUTED)
        if each.grade is not None:
            grade = say(each.grade.words, f"bold {GRADE_STYLES[each.grade]}")
        rows += [grade, say(each.when, MUTED), say(each.rationale or "No reason was written.")]
        if each.better:
            rows += [say("Would have made it one better", MUTED), say(each.better)]
        rows.append(Content(""))
    if not previous:
        rows.append(say("No earlier audit of this section for this child.", MUTED))
    return lines(rows)


class SidePane(VerticalScroll, can_focus=False):
    """The pane itself: hidden until something is shown in it."""

    DEFAULT_CSS = """
    SidePane { display: none; width: 44; height: 100%; padding: 0 1; background: $surface;
        border-left: solid $quiet; }
    SidePane.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.showing = ""
        """Which of its contents is shown, "" when it is closed."""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(markup=False)

    def show(self, name: str, content: Content) -> None:
        """Open with this content, or renew it."""
        changed = name != self.showing
        self.showing = name
        self.query_one(Static).update(content)
        self.set_class(True, "-open")
        if changed:
            self.scroll_home(animate=False)

    def close(self) -> None:
        """Put it away."""
        self.showing = ""
        self.set_class(False, "-open")


class GuidanceStrip(Static):
    """What to look for in the question in focus: always in the same place, so that the form does not move."""

    DEFAULT_CSS = """
    GuidanceStrip { height: 4; padding: 0 1; color: $text-muted; background: $surface; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.words = ""

    def show(self, words: str) -> None:
        """The guidance of a question, or nothing."""
        if words != self.words:
            self.words = words
            self.update(
                join(("What to look for  ", f"bold {ACCENT}"), words) if words else Content(""), layout=False
            )


class CeilingBar(Static):
    """The best grade the case can have, and why, in one or two lines; F7 has all of it."""

    DEFAULT_CSS = """
    CeilingBar { height: 1; padding: 0 1; background: $surface; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.words = ""

    def show(self, grade: Grade | None, reasons: Sequence[str], notes: Sequence[str] = ()) -> None:
        """The ceiling as it now is; `reasons` starts with the sentence that binds."""
        more = len(reasons) - 1 + len(notes)
        long = self.app.size.width >= WIDE
        tail = ("", "") if more <= 0 else (f"  (F7: {more} more)" if long else "  F7", MUTED)
        if grade is None:
            content = join((reasons[0] if reasons else "No overall grade yet", MUTED), tail)
        else:
            _, because, why = (reasons[0] if reasons else "").partition("because ")
            content = join(
                ("Best overall grade open: ", MUTED),
                (grade.words if long else grade.short, f"bold {GRADE_STYLES[grade]}"),
                f", {because}{why}" if why else "",
                tail,
            )
        if content.plain != self.words:
            self.words = content.plain
            self.update(content, layout=False)
