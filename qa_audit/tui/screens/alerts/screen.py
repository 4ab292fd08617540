"""Safeguarding alerts: children who may be at risk now, the late ones first, each with its clock."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.text import BAD, MUTED, OK, STRONG, WARN, count, join, lines, say
from qa_audit.tui.widgets.dialogs import FormModal
from qa_audit.tui.widgets.fields import FieldSpec

if TYPE_CHECKING:
    from collections.abc import Callable

    from qa_audit.access.policy import Actor
    from qa_audit.audits.alert_service import AlertRow
    from qa_audit.store.workspace import Workspace

actions.place("alerts", "Safeguarding alerts")
actions.register(
    Action("alerts.acknowledge", "k", "Acknowledge", "Say that you have taken the alert on.", "alerts", bar=1),
    Action("alerts.act", "t", "Action taken", "Write down what was done to make the child safe.", "alerts", bar=2),
    Action("alerts.close", "c", "Close", "Close the alert: how you know that the child is safe now.", "alerts", bar=3),
    Action("alerts.closed", "o", "Open or all", "Show only open alerts, or all of them.", "alerts", bar=4),
)  # fmt: skip

STATES = {"raised": "Raised", "acknowledged": "Acknowledged", "acted": "Acted on", "closed": "Closed"}
_ORDER = {"raised": 0, "acknowledged": 1, "acted": 2, "closed": 3}


class AlertsScreen(ListScreen):
    """See the module's words."""

    PLACE = "alerts"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("alerts")
    CRUMBS = ("Safeguarding alerts",)
    ABOUT = True
    NOUN = "alert"
    EMPTY = "No alerts. F9 raises one, from here or from an open audit."
    COLUMNS = (
        Column("state", "State", 14),
        Column("ref", "Alert", 7),
        Column("case", "Case", 12),
        Column("team", "Team", 20, least=100),
        Column("clock", "Clock", 0),
        Column("told", "Told", 18, least=90),
    )
    HELP_TEXT = (
        "A child may be at risk now, whatever the grade. An alert is acknowledged within four working hours, then "
        "acted on, then closed by somebody other than who raised it. Late alerts stand first and say LATE."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._found: dict[str, AlertRow] = {}
        self._all = False

    def on_mount(self) -> None:
        """Read again each minute: the clocks go on."""
        self.keep_fresh()

    def load(self) -> None:
        """The alerts in this person's sight."""
        open_only = not self._all

        def work(workspace: Workspace, actor: Actor) -> tuple[AlertRow, ...]:
            from qa_audit.audits.alert_service import alerts

            return alerts(workspace, actor, open_only=open_only)

        self.ask(work, self._show)

    def _show(self, found: tuple[AlertRow, ...]) -> None:
        ordered = sorted(found, key=lambda row: (_ORDER.get(row.state, 9), not row.late, row.raised_at))
        self._found = {row.ref: row for row in ordered}
        late = sum(row.late and row.state == "raised" for row in ordered)
        open_now = sum(row.state != "closed" for row in ordered)
        numbers = [say(f"{count(open_now, 'alert')} open", STRONG)]
        if late:
            numbers.append(say(f"! {late} LATE: not acknowledged in time, tell the service manager", BAD))
        if self._all:
            numbers.append(say("closed ones are shown too", MUTED))
        self.fill(join(*numbers, gap="   "), [_line(row) for row in ordered])
        self.refresh_keys()

    def about(self, key: str) -> Content | None:
        """The whole alert."""
        row = self._found.get(key)
        return alert_content(row) if row else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the step that comes next, and only for who may act."""
        if action in ("acknowledge", "act", "close"):
            row = self._found.get(self.key) if self.is_mounted else None
            wanted = {"acknowledge": ("raised",), "act": ("acknowledged", "acted"), "close": ("acted",)}[
                action
            ]
            return self.backend.may("alert.act") and row is not None and row.state in wanted
        return super().check_action(action, parameters)

    def action_closed(self) -> None:
        """O: with or without the closed ones."""
        self._all = not self._all
        self.load()

    def action_acknowledge(self) -> None:
        """K."""
        self._ask_words(
            "Acknowledge",
            "You take this on: you know of it and will see to it that the child is safe.",
            FieldSpec("words", "line", "Note", optional=True, help="Who does what next"),
            _acknowledge,
        )

    def action_act(self) -> None:
        """T."""
        self._ask_words(
            "Action taken",
            "What was done to make the child safe, by whom and when.",
            FieldSpec("words", "text", "What was done"),
            _act,
        )

    def action_close(self) -> None:
        """C."""
        self._ask_words(
            "Close",
            "An alert is closed when the child is known to be safe, not when the paperwork is done.",
            FieldSpec("words", "text", "How you know", help="What shows that the child is safe now"),
            _close,
        )

    def opened(self, key: str) -> None:
        """Enter does the step that comes next."""
        for action in ("acknowledge", "act", "close"):
            if self.check_action(action, ()):
                getattr(self, f"action_{action}")()
                return
        self.council.tell("There is nothing for you to do on this alert.")

    def _ask_words(
        self, title: str, words: str, field: FieldSpec, work: Callable[[Workspace, Actor, str, str], None]
    ) -> None:
        ref = self.key
        if not ref or not self.check_action(
            {"Acknowledge": "acknowledge", "Close": "close"}.get(title, "act"), ()
        ):
            return

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                said = values.get("words", "")
                self.do(lambda workspace, actor: work(workspace, actor, ref, said))

        modal = FormModal(f"{title}: {ref}", [field], today=self.backend.today(), words=words, save=title)
        self.app.push_screen(modal, written)


def _acknowledge(workspace: Workspace, actor: Actor, ref: str, words: str) -> None:
    from qa_audit.audits.alert_service import acknowledge

    acknowledge(workspace, actor, ref, words)


def _act(workspace: Workspace, actor: Actor, ref: str, words: str) -> None:
    from qa_audit.audits.alert_service import act

    act(workspace, actor, ref, words)


def _close(workspace: Workspace, actor: Actor, ref: str, words: str) -> None:
    from qa_audit.audits.alert_service import close

    close(workspace, actor, ref, words)


def _line(row: AlertRow) -> Row:
    late = row.late and row.state == "raised"
    style = BAD if late else WARN if row.state == "raised" else OK if row.state == "closed" else ""
    state = Cell("! LATE" if late else STATES.get(row.state, row.state), style)
    return Row(
        row.ref,
        (
            state,
            row.ref,
            row.case_ref or "not named",
            row.team,
            Cell(row.clock, BAD if late else ""),
            row.told,
        ),
    )


def alert_content(row: AlertRow) -> Content:
    """Everything that is known of an alert, in the order in which it happened."""
    found = [
        join((f"{row.ref}  ", STRONG), f"case {row.case_ref or 'not named'}", (f"  audit {row.audit_ref}" if row.audit_ref else "", MUTED)),
        say(row.concern),
        join(("Told ", MUTED), row.told, (f", {_moment(row.told_at)}", MUTED)),
        join(("Raised ", MUTED), _moment(row.raised_at), (f" by {row.raised_by}" if row.raised_by else "", MUTED)),
    ]  # fmt: skip
    if row.acknowledged_at:
        found.append(
            join(("Acknowledged ", MUTED), _moment(row.acknowledged_at), f" by {row.acknowledged_by or '?'}")
        )
    if row.acted_at:
        found.append(join(("Acted on ", MUTED), _moment(row.acted_at), f": {row.action_taken}"))
    if row.closed_at:
        found.append(join(("Closed ", MUTED), _moment(row.closed_at), f": {row.closing_note}"))
    return lines(found)


def _moment(stamp: str) -> str:
    """A stamp in local time: 18/11/2026 09:00."""
    try:
        return f"{datetime.fromisoformat(stamp).astimezone():%d/%m/%Y %H:%M}"
    except ValueError:
        return stamp
