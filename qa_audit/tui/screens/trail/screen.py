"""The trail: who changed what, when, from what to what, and why. Read a window at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.errors import QaError
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row, Sort
from qa_audit.tui.text import MUTED, STRONG, join, lines, say
from qa_audit.tui.widgets.dialogs import PickModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.store.trail import EventRow
    from qa_audit.store.workspace import Workspace

actions.place("trail", "Trail of changes")
actions.register(
    Action("trail.person", "p", "One person", "Show only what one person changed.", "trail", bar=1),
    Action("trail.kind", "a", "One kind", "Show only one kind of change: draws, answers, alerts.", "trail", bar=2),
    Action("trail.everything", "e", "Everything", "Show everything again.", "trail", bar=3),
)  # fmt: skip

COLUMNS = (
    Column("at", "When", 16, sortable=False),
    Column("who", "Who", 8, sortable=False),
    Column("what", "What", 20, sortable=False),
    Column("field", "Field", 14, sortable=False, least=100),
    Column("old", "From", 0, sortable=False, least=110),
    Column("new", "To", 0, sortable=False),
    Column("reason", "Why", 0, sortable=False, least=90),
)

KINDS = {
    "frame": "Lists of children",
    "round": "Rounds",
    "sample": "Draws",
    "audit": "Audits",
    "answer": "Answers",
    "moderation": "Moderation",
    "panel": "Panels",
    "alert": "Safeguarding alerts",
    "action": "Actions",
    "themes": "Themes",
    "person": "People and roles",
    "conflict": "Conflicts",
    "setting": "Settings",
    "form": "Forms",
}


@dataclass(frozen=True, slots=True)
class _Facts:
    codes: Mapping[str, str]
    hidden: frozenset[str]
    total: int


class TrailSource:
    """A window onto the trail. Values of audits that somebody may still have to moderate blind are hidden."""

    columns = COLUMNS

    def __init__(self, backend: Backend, facts: _Facts, person: str, kind: str) -> None:
        self._backend, self._facts, self._person, self._kind = backend, facts, person, kind
        self.shown: dict[str, EventRow] = {}

    def count(self, wanted: str) -> int:
        """How many changes."""
        from qa_audit.store.trail import count_events

        try:
            return count_events(
                self._backend.workspace, person=self._person or None, action=self._kind or None, contains=wanted,
                hidden=self._facts.hidden,
            )  # fmt: skip
        except QaError:
            return 0

    def rows(self, offset: int, limit: int, sort: Sort | None, wanted: str) -> Sequence[Row]:
        """A page, the newest first."""
        from qa_audit.store.trail import events

        try:
            found = events(
                self._backend.workspace, person=self._person or None, action=self._kind or None, contains=wanted,
                hidden=self._facts.hidden, limit=limit, offset=offset,
            )  # fmt: skip
        except QaError:
            return ()
        rows = []
        for one in found:
            self.shown[str(one.seq)] = one
            who = self._facts.codes.get(one.person_id, one.person_id[:8])
            rows.append(
                Row(
                    str(one.seq),
                    (_moment(one.at), who, one.action, one.field or "", Cell(value_words(one.old), MUTED), value_words(one.new),
                     Cell(one.reason or "", MUTED)),
                )
            )  # fmt: skip
        return rows


class TrailScreen(ListScreen):
    """See the module's words."""

    PLACE = "trail"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("trail")
    CRUMBS = ("Trail of changes",)
    ABOUT = True
    NOUN = "change"
    EMPTY = "No such change. E shows everything."
    COLUMNS = COLUMNS
    HELP_TEXT = (
        "Every change with who, when, from what to what, and why; nothing is ever taken out. / finds words in it. "
        "What an auditor wrote stays hidden until the second grade is in, so that moderation stays blind."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._person = ""
        self._kind = ""
        self._codes: Mapping[str, str] = {}

    def load(self) -> None:
        """Who is who, and what must stay hidden."""
        self.ask(_facts, self._show)

    def _show(self, facts: _Facts) -> None:
        self._codes = facts.codes
        words = [say(f"{facts.total:,} changes in all", STRONG)]
        if self._person:
            words.append(say(f"only {self._codes.get(self._person, self._person)}"))
        if self._kind:
            words.append(say(f"only {KINDS.get(self._kind, self._kind).lower()}"))
        self.fill(join(*words, gap="   "), TrailSource(self.backend, facts, self._person, self._kind))

    def about(self, key: str) -> Content | None:
        """All of one change."""
        source = self.listing.source
        one = source.shown.get(key) if isinstance(source, TrailSource) else None
        if one is None:
            return None
        who = self._codes.get(one.person_id, one.person_id)
        rows = [
            join(
                (f"{one.action}  ", STRONG),
                (f"{_moment(one.at, seconds=True)} by {who} as {one.role}", MUTED),
            ),
            join((f"{one.subject} ", MUTED), one.subject_id, (f"  {one.field}" if one.field else "", MUTED)),
        ]
        rows += [
            join((f"{label} ", MUTED), words)
            for label, words in (
                ("From", value_words(one.old)),
                ("To", value_words(one.new)),
                ("Why", one.reason),
            )
            if words
        ]
        return lines(rows)

    def action_person(self) -> None:
        """P."""
        choices = tuple(
            Choice(person, code) for person, code in sorted(self._codes.items(), key=lambda pair: pair[1])
        )
        self.app.push_screen(
            PickModal(FieldSpec("person", "choice", "Whose changes", choices), self._person), self._of
        )

    def _of(self, person: str | None) -> None:
        if person:
            self._person = person
            self.load()

    def action_kind(self) -> None:
        """A."""
        choices = tuple(Choice(key, words) for key, words in KINDS.items())
        self.app.push_screen(
            PickModal(FieldSpec("kind", "choice", "Which changes", choices), self._kind), self._only
        )

    def _only(self, kind: str | None) -> None:
        if kind:
            self._kind = kind
            self.load()

    def action_everything(self) -> None:
        """E."""
        self._person = self._kind = ""
        self.load()


def _facts(workspace: Workspace, actor: Actor) -> _Facts:
    from qa_audit.access.policy import require
    from qa_audit.access.service import people
    from qa_audit.moderation.service import hidden_in_trail
    from qa_audit.store.trail import count_events

    require(actor, "trail.read")
    codes = {person.person_id: person.code for person in people(workspace)}
    with workspace.read() as conn:
        hidden = hidden_in_trail(conn)
    return _Facts(codes, hidden, count_events(workspace))


def value_words(value: str | None) -> str:
    """A value of the trail as people read it: `{"kind": "monthly", "target": 12}` is "kind: monthly; target: 12"."""
    if not value or value[0] not in '{["':
        return value or ""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return _plain(found)


def _plain(value: object, depth: int = 0) -> str:
    if isinstance(value, Mapping):
        words = "; ".join(
            f"{str(key).replace('_', ' ')}: {_plain(one, depth + 1)}" for key, one in value.items() if one not in (None, "", [], {})
        )  # fmt: skip
        return f"({words})" if depth else words
    if isinstance(value, list):
        return ", ".join(_plain(one, depth + 1) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _moment(stamp: str, *, seconds: bool = False) -> str:
    try:
        at = datetime.fromisoformat(stamp).astimezone()
    except ValueError:
        return stamp
    return f"{at:%d/%m/%Y %H:%M:%S}" if seconds else f"{at:%d/%m/%Y %H:%M}"
