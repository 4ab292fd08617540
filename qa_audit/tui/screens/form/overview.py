"""F4: everything that is still open, with a jump to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from qa_audit.tui.base import QaModal
from qa_audit.tui.text import MUTED, OK, STRONG, WARN, count, lines, say, wrap

if TYPE_CHECKING:
    from qa_audit.library.completeness import Gap


class OverviewModal(QaModal["Gap"]):
    """What blocks submission first, then what is simply not answered yet. Gives the gap to jump to."""

    WIDTH = 96
    KEYS = "↑ ↓  move   Enter  go there   Esc  back to the form"
    BINDINGS: ClassVar[list[BindingType]] = [("f4", "leave", "Close")]

    DEFAULT_CSS = """
    OverviewModal .words { height: auto; margin-bottom: 1; }
    """

    def __init__(
        self, blocking: Sequence[Gap], unanswered: Sequence[Gap], *, after_submit: bool = False
    ) -> None:
        super().__init__()
        places = {(gap.item, gap.part) for gap in blocking}
        self._blocking = list(blocking)
        self._open = [gap for gap in unanswered if (gap.item, gap.part) not in places]
        self._after = after_submit

    def title_words(self) -> str:
        """How much is left."""
        if self._after:
            return f"Not submitted yet: {count(len(self._blocking), 'gap')} to close first"
        return "What is still open"

    def inside(self) -> ComposeResult:
        """One line in words, then the list."""
        if not self._blocking and not self._open:
            yield Static(say("Nothing is open. F10 submits the audit.", OK), markup=False, classes="words")
            return
        if not self._after:
            must = count(len(self._blocking), "gap") + " to close before submission"
            rest = f", {count(len(self._open), 'more question')} not answered yet" if self._open else ""
            yield Static(say(must + rest + ".", MUTED), markup=False, classes="words")
        shown = OptionList(markup=False)
        for title, gaps, style in (
            ("To close before submission", self._blocking, WARN),
            ("Not answered yet", self._open, MUTED),
        ):
            if gaps:
                shown.add_option(Option(say(title, STRONG), disabled=True))
            for index, gap in enumerate(gaps):
                mark = "!" if gaps is self._blocking else "○"
                words = wrap(
                    gap.message.replace("#", "."), min(self.WIDTH, self.app.size.width - 4) - 6, indent=9
                )
                first = Content.assemble(
                    say(f"{mark} ", style), say(f"{gap.item.replace('#', '.'):<7}", MUTED)
                )
                line = lines([Content.assemble(first, words[0][9:]), *words[1:]])
                shown.add_option(Option(line, id=f"{'b' if gaps is self._blocking else 'o'}{index}"))
        yield shown

    def on_mount(self) -> None:
        """The first gap under the cursor."""
        for shown in self.query(OptionList):
            shown.focus()
            shown.highlighted = 1

    @on(OptionList.OptionSelected)
    def _go(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        name = event.option.id or ""
        if name:
            self.dismiss((self._blocking if name[0] == "b" else self._open)[int(name[1:])])
