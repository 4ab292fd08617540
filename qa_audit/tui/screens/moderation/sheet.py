"""What moderation found, as the auditor is sent it: where the grades differ, why, and how good the audit was.

`SheetScreen(backend, audit_ref)`. The auditor accepts or disputes here; everybody else reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.moderation.records import OUTCOMES
from qa_audit.tui import actions
from qa_audit.tui.screens.moderation import keys
from qa_audit.tui.screens.moderation.comparison import GradeTable
from qa_audit.tui.screens.moderation.side_by_side import HEADINGS, check_lines, detail, row_of
from qa_audit.tui.screens.moderation.words import said_date
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import MUTED, STRONG, WARN, join, lines, say, wrap

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.records import FeedbackSheet
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend


class SheetScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = keys.SHEET
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.SHEET)
    BODY_WIDTH = 150
    CSS_PATH = Path(__file__).with_name("moderation.tcss")
    HELP_TEXT = (
        "Each section with the auditor's and the moderated grade, and the reason where they differ. "
        "The auditor accepts, or disputes with grounds within five working days."
    )

    def __init__(self, backend: Backend, audit_ref: str) -> None:
        super().__init__(backend)
        self.audit_ref = audit_ref
        self._sheet: FeedbackSheet | None = None

    def body(self) -> ComposeResult:
        """The sentence; the grades; the words behind them."""
        yield Static("", id="banner", markup=False)
        yield GradeTable(HEADINGS, picking=False)
        with VerticalScroll(id="detail", can_focus=False):
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Moderation", "Feedback", self.audit_ref, right="reading…")
        self.query_one(GradeTable).focus()

    def load(self) -> None:
        """The sheet as it is now."""
        ref = self.audit_ref

        def work(workspace: Workspace, actor: Actor) -> FeedbackSheet:
            from qa_audit.moderation import deciding

            return deciding.feedback_sheet(workspace, actor, ref)

        self.ask(work, self._arrived)

    def _arrived(self, sheet: FeedbackSheet) -> None:
        self._sheet = sheet
        self.refresh_keys()
        self._renew()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only while there is something to answer, and only for the auditor."""
        if action in ("accept", "dispute"):
            return self._sheet is not None and self._sheet.can_respond
        return super().check_action(action, parameters)

    def _renew(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        width = self.size.width
        rows = [row_of(one, one.panel, width) for one in sheet.comparison]
        self.query_one(GradeTable).show(rows)
        self.query_one("#banner", Static).update(self._banner(sheet))
        self._show_detail()
        self.show_where(
            "Moderation", sheet.round_title, self.audit_ref, right=OUTCOMES.get(sheet.outcome, "")
        )

    def _banner(self, sheet: FeedbackSheet) -> Content:
        reading = sheet.reading if sheet.can_respond else sheet.reading.replace("you were", "the auditor was")
        rows = [
            join(
                (OUTCOMES.get(sheet.outcome, sheet.outcome), STRONG), f". {reading[:1].upper()}{reading[1:]}."
            )
        ]
        if not sheet.blind:
            rows.append(say("This moderation was not blind.", MUTED))
        if sheet.can_respond:
            rows.append(say("! Your answer is awaited: a accepts, d disputes with your grounds.", WARN))
        elif sheet.response:
            words = f"The auditor {sheet.response} it. {sheet.response_text}"
            rows += wrap(say(words, MUTED), max(40, self.size.width - 6))
        return lines(rows)

    def _show_detail(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        key = self.query_one(GradeTable).current
        one = next((each for each in sheet.comparison if each.section == key), None)
        width = max(30, min(110, self.query_one("#detail").size.width - 3))
        if one is not None:
            words = [detail(one, one.panel, width, to_auditor=sheet.can_respond), *check_lines(sheet, width)]
            self.query_one("#detail Static", Static).update(lines(words))

    def on_grade_table_moved(self, message: GradeTable.Moved) -> None:
        """The words of another section."""
        self._show_detail()

    def on_resize(self) -> None:
        """Words follow the width."""
        self.call_after_refresh(self._renew)

    # -- answering ------------------------------------------------------------------------------------

    def action_accept(self) -> None:
        """a."""
        from qa_audit.tui.widgets.dialogs import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self._answer(accept=True, words="")

        words = "The moderated grades stand and the audit is final. Your own grades are kept beside them."
        self.app.push_screen(
            Confirm("Accept the moderated grades?", words, yes="Accept", no="Not yet"), answered
        )

    def action_dispute(self) -> None:
        """d."""
        from qa_audit.tui.widgets.dialogs import FormModal
        from qa_audit.tui.widgets.fields import FieldSpec

        def written(values: dict[str, str] | None) -> None:
            if values is not None:
                self._answer(accept=False, words=values["words"])

        field = FieldSpec(
            "words", "text", "Your grounds", help="Which evidence the moderator should have weighed"
        )
        self.app.push_screen(
            FormModal(
                "Dispute the moderated grades",
                [field],
                today=self.backend.today(),
                words="A panel decides.",
                save="Dispute",
            ),
            written,
        )

    def _answer(self, *, accept: bool, words: str) -> None:
        ref = self.audit_ref

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.improvement import finishing

            return finishing.respond(workspace, actor, ref, accept=accept, words=words)

        self.do(work, self._answered_words, group="respond")

    def _answered_words(self, words: str) -> None:
        from qa_audit.tui.screens.moderation.missing import Told

        self.app.push_screen(Told("Your answer is kept", f"{said_date(words)}."), lambda _: None)
