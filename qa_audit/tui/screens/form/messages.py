"""What the form's threads tell the form's screen."""

from __future__ import annotations

from textual.message import Message

from qa_audit.tui.saving import SaveReport
from qa_audit.tui.screens.form.source import AuditView

Key = tuple[str, str]
"""(item, part)."""


class Loaded(Message):
    """The audit is here."""

    def __init__(self, view: AuditView) -> None:
        super().__init__()
        self.view = view


class Refused(Message):
    """Something was asked of the source and refused, in words for the person."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__()
        self.what = what
        """load, submit or alert."""
        self.words = words


class Done(Message):
    """Something was asked of the source and done."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__()
        self.what = what
        self.words = words


class SaveNews(Message):
    """The saving of one value moved on."""

    def __init__(self, report: SaveReport[Key]) -> None:
        super().__init__()
        self.report = report
