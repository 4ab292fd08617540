"""A question as it looks: what is asked, the values it shows, and its drawing. `Question` adds keys and writing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from qa_audit.tui.statusbar import SaveWords
from qa_audit.tui.text import lines
from qa_audit.tui.widgets.editor import FieldEditor, SecretEditor
from qa_audit.tui.widgets.fields import FieldSpec
from qa_audit.tui.widgets.question_lines import Drawing, QuestionSpec, QuestionView, draw


class QuestionFace(Widget):
    """Holds a `QuestionView` and draws it; drawn again only when something differs."""

    DEFAULT_CSS = """
    QuestionFace { height: auto; width: 100%; margin-bottom: 1; layout: vertical; }
    """

    def __init__(
        self,
        spec: QuestionSpec,
        values: Mapping[str, str] | None = None,
        *,
        today: date,
        offered: Mapping[str, str] | None = None,
        flag: str = "",
        late: bool = False,
        gaps: tuple[str, ...] = (),
        hint: str = "",
        answered: bool = False,
        read_only: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._values = dict(values or {})
        self._drafts: dict[str, str] = {}
        self._problems: dict[str, str] = {}
        self._marks: dict[str, SaveWords] = {}
        self._today = today
        self._editor: FieldEditor | SecretEditor | None = None
        self._drawn: tuple[int, Drawing] | None = None
        self.view = QuestionView(
            spec,
            self._values,
            self._drafts,
            self._problems,
            self._marks,
            offered=dict(offered or {}),
            flag=flag,
            late=late,
            gaps=gaps,
            hint=hint,
            answered=answered,
            read_only=read_only,
        )
        self._reach(0)

    # -- what others ask and tell ---------------------------------------------------------------

    @property
    def item(self) -> str:
        """The item id the answers are stored under."""
        return self.view.spec.item

    @property
    def spec(self) -> QuestionSpec:
        """What is asked."""
        return self.view.spec

    @property
    def values(self) -> dict[str, str]:
        """The values as they stand, by part (a copy)."""
        return dict(self._values)

    @property
    def problems(self) -> dict[str, str]:
        """What was typed and is not understood, by part (a copy)."""
        return dict(self._problems)

    @property
    def editing(self) -> str:
        """The part whose editor is open, or ""."""
        return self.view.editing

    def update(
        self,
        *,
        spec: QuestionSpec | None = None,
        gaps: tuple[str, ...] | None = None,
        hint: str | None = None,
        answered: bool | None = None,
    ) -> None:
        """Change what is asked or said about it; drawn again only when something differs."""
        view = self.view
        before = (view.spec, view.gaps, view.hint, view.answered)
        if spec is not None:
            view.spec = spec
        if gaps is not None:
            view.gaps = gaps
        if hint is not None:
            view.hint = hint
        if answered is not None:
            view.answered = answered
        if before != (view.spec, view.gaps, view.hint, view.answered):
            if not any(each.part == view.part for each in view.spec.fields):
                self._reach(0)
            self._redraw()

    def mark(self, part: str, words: SaveWords) -> None:
        """Show how the saving of a part stands."""
        if self._marks.get(part) != words:
            self._marks[part] = words
            self._redraw()

    def put(self, part: str, value: str) -> None:
        """Set a value from outside, without a `Changed`."""
        self._values[part] = value
        self._drafts.pop(part, None)
        self._problems.pop(part, None)
        self._redraw()

    def expect_focus(self, part: str = "") -> None:
        """The focus comes with the mounting: be laid out for it at once."""
        self.view.focused = True
        if part:
            self.reach(part)

    def reach(self, part: str) -> None:
        """Move the sub-focus to a part; unknown parts leave it."""
        for index, each in enumerate(self._fields()):
            if each.part == part:
                self._reach(index)
                self._redraw()

    # -- drawing ----------------------------------------------------------------------------------

    def _drawing(self, width: int) -> Drawing:
        if self._drawn is None or self._drawn[0] != width:
            self._drawn = (width, draw(self.view, width))
        return self._drawn[1]

    def render(self) -> Content:
        """The lines at the present width."""
        return lines(self._drawing(self.size.width).lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as are drawn; the editor lies over lines kept free for it."""
        return len(self._drawing(width).lines)

    def _redraw(self) -> None:
        before = self._drawn
        self._drawn = None
        width = self.size.width
        if before is None or not width:
            self.refresh(layout=True)
            return
        now = self._drawing(width)
        if self._editor is not None:
            self._place_editor(now)
        self.refresh(layout=len(now.lines) != len(before[1].lines))

    def _place_editor(self, drawing: Drawing) -> None:
        if self._editor is not None:
            margin = (drawing.editor_line, 1, 0, drawing.editor_indent)
            if tuple(self._editor.styles.margin) != margin:
                self._editor.styles.margin = margin
            if (
                self._editor.styles.height is None
                or self._editor.styles.height.value != self.view.editor_height
            ):
                self._editor.styles.height = self.view.editor_height

    def _fields(self) -> tuple[FieldSpec, ...]:
        return self.view.spec.fields

    @property
    def _field(self) -> FieldSpec | None:
        return next((each for each in self._fields() if each.part == self.view.part), None)

    def _reach(self, index: int) -> None:
        fields = self._fields()
        if fields:
            each = fields[max(0, min(index, len(fields) - 1))]
            self.view.part = each.part
            keys = [choice.key for choice in each.choices]
            value = self._values.get(each.part, "")
            # Good is the benchmark: its description is the first to be read
            first = keys.index("good") if each.type == "grade" else 0
            self.view.cursor = keys.index(value) if value in keys else first
        else:
            self.view.part = ""
