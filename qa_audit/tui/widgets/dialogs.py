"""Small questions over a screen: yes or no, one line of words, one of many, a short form.

All derive from `QaModal` and are opened with `app.push_screen(modal, callback)`; the callback gets None when
the person leaves with Escape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from qa_audit.tui.base import QaModal
from qa_audit.tui.text import BAD, harmless_line, join, lines, say
from qa_audit.tui.widgets.fields import FieldSpec, toggled, unpack_keys
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.question_lines import QuestionSpec


class Confirm(QaModal[bool]):
    """Yes or no, in the words of what will happen. The safe answer has the focus."""

    KEYS = "← →  choose   Enter  do it   Esc  leave it"
    WIDTH = 68
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    DEFAULT_CSS = """
    Confirm Horizontal { height: 1; margin-top: 1; align-horizontal: right; }
    Confirm Button { margin-left: 2; }
    """

    def __init__(
        self, title: str, words: str = "", *, yes: str = "Yes", no: str = "No", risky: bool = False
    ) -> None:
        """`yes` and `no` are verbs ("Submit", "Go on auditing"); `risky` puts the focus on `no`."""
        super().__init__()
        self._title, self._words, self._yes, self._no, self._risky = title, words, yes, no, risky

    def title_words(self) -> str:
        """The question."""
        return self._title

    def inside(self) -> ComposeResult:
        """The words and the two buttons."""
        if self._words:
            yield Static(say(self._words), markup=False)
        with Horizontal():
            yield Button(say(self._no), id="no")
            yield Button(say(self._yes), id="yes", classes="-primary")

    def on_mount(self) -> None:
        """Focus on the safe side."""
        self.query_one("#no" if self._risky else "#yes").focus()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")


class Ask(QaModal[str]):
    """One line of words."""

    KEYS = "Enter  done   Esc  leave"
    WIDTH = 68

    def __init__(
        self,
        title: str,
        words: str = "",
        *,
        value: str = "",
        secret: bool = False,
        check: Callable[[str], str] | None = None,
    ) -> None:
        """`check` gives the words of what is wrong with a value, or ""."""
        super().__init__()
        self._title, self._words, self._value, self._secret, self._check = title, words, value, secret, check

    def title_words(self) -> str:
        """What is asked."""
        return self._title

    def inside(self) -> ComposeResult:
        """The words, the line, and room for what is wrong."""
        if self._words:
            yield Static(say(self._words), markup=False)
        yield Input(self._value, password=self._secret)
        yield Static("", markup=False, classes="problem")

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._check(event.value) if self._check else ""
        if problem:
            self.query_one(".problem", Static).update(say(problem, BAD))
        else:
            self.dismiss(event.value)


class PickModal(QaModal[str]):
    """One (or several) of many choices, found by typing part of the words."""

    WIDTH = 70
    DEFAULT_CSS = """
    PickModal OptionList { margin-top: 1; }
    """

    def __init__(self, spec: FieldSpec, value: str) -> None:
        super().__init__()
        self._spec = spec
        self._value = value
        self._several = spec.type == "choices"

    def keys_words(self) -> str:
        """Escape means something else when several may be ticked."""
        if self._several:
            return "Type to find   Enter  tick   Esc  done"
        return "Type to find   ↑ ↓ Enter  choose   Esc  leave"

    def title_words(self) -> str:
        """What is picked."""
        return self._spec.label or "Choose"

    def inside(self) -> ComposeResult:
        """The search line and the list."""
        yield Input(placeholder="Type part of a word")
        yield OptionList(markup=False)

    def on_mount(self) -> None:
        """All of them, the present one highlighted."""
        self._fill("")
        self.query_one(Input).focus()

    def _fill(self, wanted: str) -> None:
        shown = self.query_one(OptionList)
        chosen = set(unpack_keys(self._value)) if self._several else {self._value}
        shown.clear_options()
        for choice in self._spec.choices:
            if wanted.casefold() in choice.words.casefold():
                tick = "✓ " if choice.key in chosen else "  "
                shown.add_option(Option(join(tick, choice.words), id=choice.key))
        if shown.option_count:
            shown.highlighted = 0

    @on(Input.Changed)
    def _find(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    def on_key(self, event: events.Key) -> None:
        """Arrows move in the list while the search line keeps the focus."""
        shown = self.query_one(OptionList)
        if event.key in ("up", "down"):
            event.stop()
            event.prevent_default()
            (shown.action_cursor_up if event.key == "up" else shown.action_cursor_down)()

    @on(Input.Submitted)
    def _enter(self, event: Input.Submitted) -> None:
        event.stop()
        shown = self.query_one(OptionList)
        if shown.highlighted is not None:
            self._picked(shown.get_option_at_index(shown.highlighted).id or "")

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._picked(event.option.id or "")

    def _picked(self, key: str) -> None:
        if not self._several:
            self.dismiss(key)
            return
        self._value = toggled(self._spec, self._value, key)
        shown = self.query_one(OptionList)
        at = shown.highlighted
        self._fill(self.query_one(Input).value)
        shown.highlighted = at

    def action_leave(self) -> None:
        """Several: what is ticked counts. One: nothing changes."""
        self.dismiss(self._value if self._several else None)


class FormModal(QaModal[dict[str, str]]):
    """A short form from field specs, with the same editors as the audit form.

    `FormModal("New round", [FieldSpec("name", "line", "Name"), FieldSpec("from", "date", "From")], today=...)`
    gives `{"name": ..., "from": "2026-11-03"}`; required fields must be filled. `check(values)` may give
    `{part: what is wrong}`.
    """

    KEYS = "↑ ↓  fields   Enter  write   Ctrl+S  save   Esc  leave without saving"
    WIDTH = 80
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s", "save", show=False, priority=True)]

    DEFAULT_CSS = """
    FormModal Question { margin-bottom: 0; }
    FormModal .problem { height: auto; }
    FormModal Horizontal { height: 1; margin-top: 1; align-horizontal: right; }
    FormModal Button { margin-left: 2; }
    """

    def __init__(
        self,
        title: str,
        fields: Sequence[FieldSpec],
        *,
        today: date,
        values: Mapping[str, str] | None = None,
        words: str = "",
        save: str = "Save",
        check: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None,
    ) -> None:
        super().__init__()
        self._title, self._words, self._save, self._check = title, words, save, check
        self._fields = tuple(fields)
        spec = QuestionSpec("form", "", words, self._fields, required=False)
        self._question = Question(spec, values, today=today)

    def title_words(self) -> str:
        """What the form is for."""
        return self._title

    def inside(self) -> ComposeResult:
        """The fields, what is wrong, and the button."""
        with VerticalScroll(can_focus=False):
            yield self._question
        yield Static("", markup=False, classes="problem")
        with Horizontal():
            yield Button(say(self._save), id="save", classes="-primary")

    def on_mount(self) -> None:
        """Start at the first field."""
        self._question.focus()

    def on_question_stepped(self, event: Question.Stepped) -> None:
        """Down from the last field reaches the button."""
        event.stop()
        if event.step > 0:
            self.query_one("#save").focus()

    def on_key(self, event: events.Key) -> None:
        """Up from the button goes back to the fields."""
        if event.key == "up" and self.focused is not None and self.focused.id == "save":
            event.stop()
            self._question.focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_save()

    def action_save(self) -> None:
        """Give the values back when nothing is missing or wrong; else say what is."""
        self._question.finish()
        values = {part: value for part, value in self._question.values.items() if value}
        wrong: dict[str, str] = dict(self._question.problems)
        for each in self._fields:
            if not each.optional and not values.get(each.part) and each.part not in wrong:
                wrong[each.part] = "is still to be given"
        if not wrong and self._check is not None:
            wrong = dict(self._check(values))
        if not wrong:
            self.dismiss(values)
            return
        labels = {each.part: each.label or each.part for each in self._fields}
        told: list[Content] = [
            say(f"! {labels.get(part, part)}: {harmless_line(why)}", BAD) for part, why in wrong.items()
        ]
        self.query_one(".problem", Static).update(lines(told))
        self._question.reach(next(iter(wrong)))
        self._question.focus()
