"""One question: a focusable widget that draws itself, with an editor mounted only while something is written.

Keys: digits (and y, p, n, a; o, g, r, i) pick; ← → move over the choices and Space picks; ↑ ↓ move between the
fields of the question and on to the next question; Enter writes (the field under the cursor, or the evidence);
letters begin to write on a written field; Delete clears. The mouse picks by clicking a choice.

The widget holds the values it shows and posts `Question.Changed` for every change; whoever mounts it saves.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.message import Message
from textual.widget import Widget

from qa_audit.tui.widgets.editor import FieldEditor, SecretEditor, WritingDone, Written
from qa_audit.tui.widgets.fields import FieldSpec, editable_value, read_value, toggled
from qa_audit.tui.widgets.question_face import QuestionFace
from qa_audit.tui.widgets.question_lines import EVIDENCE


class Question(QuestionFace, can_focus=True):
    """See the module's words."""

    KEY_HINT: ClassVar[str] = ""
    KEY_HELP: ClassVar[str] = (
        "Digits pick an answer, also y, p, n, a for yes, partly, no, not applicable. ← → and Space pick too. "
        "↑ ↓ go from field to field. Enter writes the evidence or the text. Delete clears."
    )

    class Changed(Message):
        """A value changed. `final` is False while a text is still being typed."""

        def __init__(self, question: Question, part: str, value: str, *, final: bool) -> None:
            super().__init__()
            self.question = question
            self.item = question.item
            self.part = part
            self.value = value
            self.final = final

        @property
        def control(self) -> Question:
            """The question."""
            return self.question

    class Moved(Message):
        """The person is now in this question (and field): where to reopen."""

        def __init__(self, question: Question) -> None:
            super().__init__()
            self.question = question

    class Stepped(Message):
        """Down from the last field (1) or up from the first (-1)."""

        def __init__(self, question: Question, step: int) -> None:
            super().__init__()
            self.question = question
            self.step = step

    # -- focus and keys -----------------------------------------------------------------------------

    def on_focus(self) -> None:
        """Show where we are, and let the question before go in the same breath: one layout, not two."""
        parent = self.parent
        for other in parent.children if isinstance(parent, Widget) else ():
            if other is not self and isinstance(other, Question):
                other.let_go()
        if not self.view.focused:
            self.view.focused = True
            self._redraw()
        self.post_message(self.Moved(self))

    def on_blur(self) -> None:
        """The focus may have gone to something that is no question."""
        self.call_after_refresh(self.let_go)

    def let_go(self) -> None:
        """Fold up, unless the focus is here or in the editor inside."""
        if self.view.focused and not self.has_focus and self._editor is None:
            self.view.focused = False
            self._redraw()

    def on_key(self, event: events.Key) -> None:
        """The keys of a question; what is not one of them goes on to the screen."""
        if self._editor is None and self._key(event):
            event.stop()
            event.prevent_default()

    def _key(self, event: events.Key) -> bool:
        each = self._field
        key = event.key
        if each is None:
            return False
        if key in ("up", "down"):
            self._step(1 if key == "down" else -1)
            return True
        if self.view.read_only:
            return False
        if each.listed or not each.choices:
            return self._written_key(each, event)
        if key in ("left", "right"):
            self.view.cursor = (self.view.cursor + (1 if key == "right" else -1)) % len(each.choices)
            self._redraw()
            return True
        if key == "space":
            self._pick(each, self.view.cursor)
            return True
        if key == "enter":
            self.edit(self._text_part())
            return True
        if key in ("delete", "backspace"):
            self._set(each.part, "", final=True)
            return True
        return bool(event.is_printable and event.character and self._pick_by_key(each, event.character))

    def _written_key(self, each: FieldSpec, event: events.Key) -> bool:
        """Keys of a field that is written or picked from a list."""
        offer = self.view.offered.get(each.part, "")
        empty = not self._values.get(each.part)
        if event.key == "enter":
            self.edit(each.part)
        elif event.key == "delete":
            self._set(each.part, "", final=True)
        elif event.key == "space" and offer and empty:
            self._set(each.part, offer, final=True)
        elif event.is_printable and event.character and event.key != "space":
            self.edit(each.part, add=event.character)
        else:
            return False
        return True

    def _text_part(self) -> str:
        """What Enter writes when the cursor is on choices: the evidence, else the first written field."""
        parts = [each.part for each in self._fields() if each.type == "text"]
        return EVIDENCE if EVIDENCE in parts else parts[0] if parts else ""

    def _pick_by_key(self, each: FieldSpec, character: str) -> bool:
        current = self._values.get(each.part, "")
        if each.type == "scale" and character == "0" and current == "1":
            self._pick(each, 10)
            return True
        index = each.choice_at_key(character)
        if index is None:
            return False
        self._pick(each, index)
        return True

    def _pick(self, each: FieldSpec, index: int) -> None:
        choice = each.choices[index]
        self.view.cursor = index
        current = self._values.get(each.part, "")
        self._set(
            each.part,
            toggled(each, current, choice.key) if each.type == "choices" else choice.key,
            final=True,
        )

    def _step(self, step: int) -> None:
        fields = self._fields()
        at = next(index for index, each in enumerate(fields) if each.part == self.view.part)
        if 0 <= at + step < len(fields):
            self._reach(at + step)
            self._redraw()
            self.post_message(self.Moved(self))
        else:
            self.post_message(self.Stepped(self, step))

    def on_click(self, event: events.Click) -> None:
        """Pick the choice, or go to (and open) the field, that was clicked."""
        meta = event.style.meta
        part = meta.get("field")
        each = next((each for each in self._fields() if each.part == part), None)
        if each is None or self._editor is not None:
            return
        event.stop()
        self.reach(each.part)
        if self.view.read_only:
            return
        if "pick" in meta:
            self._pick(each, int(meta["pick"]))
        else:
            self.edit(each.part)

    # -- values -------------------------------------------------------------------------------------

    def _set(self, part: str, value: str, *, final: bool) -> None:
        self._drafts.pop(part, None)
        self._problems.pop(part, None)
        if value != self._values.get(part, ""):
            self._values[part] = value
            self.post_message(self.Changed(self, part, value, final=final))
        elif final:
            self.post_message(self.Changed(self, part, value, final=True))
        self._redraw()

    # -- writing --------------------------------------------------------------------------------------

    def edit(self, part: str, *, add: str = "") -> None:
        """Open the editor on a part, with `add` typed at its end."""
        each = next((each for each in self._fields() if each.part == part), None)
        if each is None or self._editor is not None or self.view.read_only:
            return
        self.reach(part)
        if each.listed:
            self._pick_from_list(each)
            return
        if not each.typed:
            return
        value = self._values.get(part) or self.view.offered.get(part, "")
        text = self._drafts.get(part) or editable_value(each, value)
        if add and each.one_line:
            text = add  # typing over a date or number replaces it, as in a spreadsheet cell
        else:
            text += add
        if each.type == "secret":
            self._editor = SecretEditor(text)
        else:
            self._editor = FieldEditor(text, one_line=each.one_line, hint=each.help)
        self.view.editing = part
        self.view.focused = True
        self.view.editor_height = 1 if each.one_line else 3
        self._redraw()
        self._place_editor(self._drawing(self.size.width or 80))
        self.mount(self._editor)
        if add and each.type != "secret":
            self.post_message(Written(text))

    def _pick_from_list(self, each: FieldSpec) -> None:
        from qa_audit.tui.widgets.dialogs import PickModal

        def picked(value: str | None) -> None:
            if value is not None:
                self._set(each.part, value, final=True)

        self.app.push_screen(PickModal(each, self._values.get(each.part, "")), picked)

    def on_written(self, message: Written) -> None:
        """Each key: values that are texts are passed on at once, dates and numbers when they are finished."""
        message.stop()
        each = self._field
        if each is None or self._editor is None:
            return
        if each.type in ("text", "line"):
            read = read_value(each, message.text, self._today)
            if read.problem:
                self._problems[each.part] = read.problem
            else:
                self._problems.pop(each.part, None)
                if read.value != self._values.get(each.part, ""):
                    self._values[each.part] = read.value
                    self.post_message(self.Changed(self, each.part, read.value, final=False))
        height = self._editor.wanted_height
        if height != self.view.editor_height:
            self.view.editor_height = height
            self._redraw()

    def on_writing_done(self, message: WritingDone) -> None:
        """Read what was typed; keep it and say why when it cannot be understood."""
        message.stop()
        self.finish(message.text, step=message.step, left=message.left)

    def finish(self, text: str | None = None, *, step: int = 0, left: bool = False) -> None:
        """Close the editor, taking what is in it (or `text`)."""
        editor, each = self._editor, self._field
        if editor is None or each is None:
            return
        typed = editor.text if text is None else text
        self._editor = None
        self.view.editing = ""
        editor.remove()
        read = read_value(each, typed, self._today)
        if read.problem:
            self._drafts[each.part] = typed
            self._problems[each.part] = read.problem
        else:
            self._set(each.part, read.value, final=True)
        self.view.focused = not left
        self._redraw()
        if not left:
            self.focus()
            if step and not read.problem:
                fields = self._fields()
                if fields[-1].part != each.part:
                    self._step(step)

    def settle(self) -> None:
        """Before the question is taken off the screen: what is being written counts as written."""
        if self._editor is not None:
            self.finish(left=True)
