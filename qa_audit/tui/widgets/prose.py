"""Text that people read at length: what does not fit on a line goes on under where its words begin."""

from __future__ import annotations

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import Static

from qa_audit.tui.text import hang, say


class Hanging(Visual):
    """`text.hang` at whatever width there is."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self._wrapped: tuple[int, Content] | None = None

    def _at(self, width: int) -> Content:
        if self._wrapped is None or self._wrapped[0] != width:
            self._wrapped = (width, hang(self.content, width))
        return self._wrapped[1]

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """The wrapped lines."""
        return self._at(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """As wide as its longest line."""
        return self.content.get_optimal_width(rules, container_width)

    def get_minimal_width(self, rules: RulesMap) -> int:
        """As wide as its longest word."""
        return self.content.get_minimal_width(rules)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Lines after wrapping."""
        return self._at(width).get_height(rules, width) if width else 0


class Prose(Static):
    """A `Static` whose lines hang; give it what `text.say`, `join` or `lines` made."""

    def __init__(
        self, content: Content | str = "", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(Hanging(say(content)), markup=False, id=id, classes=classes)

    def say(self, content: Content | str) -> None:
        """Other words."""
        self.update(Hanging(say(content)))
