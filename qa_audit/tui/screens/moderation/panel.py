"""A panel: why it meets, three columns of grades, and its decision with reasons and members."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from qa_audit.grades import Grade
from qa_audit.tui import actions
from qa_audit.tui.screens.moderation import keys
from qa_audit.tui.screens.moderation.comparison import GradeTable
from qa_audit.tui.screens.moderation.side_by_side import HEADINGS, detail, row_of
from qa_audit.tui.screens.moderation.words import OVERALL
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import MUTED, STRONG, WARN, join, lines, say, wrap

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.moderation.records import FeedbackSheet, PanelRow, SectionComparison
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend


class PanelScreen(PlaceScreen[None]):
    """See the module's words. Neither the auditor nor the moderator of the audit may write the decision."""

    PLACE = keys.PANEL
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.PANEL)
    BODY_WIDTH = 150
    CSS_PATH = Path(__file__).with_name("moderation.tcss")
    HELP_TEXT = (
        "A panel decides where one person should not: two steps apart, into or out of Inadequate, or disputed. "
        "1 to 4 give the panel's grade of a section; the others keep the moderated grade. F10 writes the decision."
    )

    def __init__(self, backend: Backend, panel: PanelRow) -> None:
        super().__init__(backend)
        self.audit_ref, self.case_ref = panel.audit_ref, panel.case_ref
        self._panel = panel
        self._sheet: FeedbackSheet | None = None
        self._involved = ""
        self._grades: dict[str, Grade] = {}

    def body(self) -> ComposeResult:
        """Why; the grades; the words behind them."""
        yield Static("", id="banner", markup=False)
        yield GradeTable(HEADINGS, hint="1-4 panel's grade")
        with VerticalScroll(id="detail", can_focus=False):
            yield Static("", markup=False)

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Moderation", "Panel", self.case_ref or self.audit_ref, right="reading…")

    def load(self) -> None:
        """Read once: what is typed here is newer."""
        if self._sheet is not None:
            return
        ref = self.audit_ref

        def work(workspace: Workspace, actor: Actor) -> tuple[FeedbackSheet, str]:
            from qa_audit.moderation import deciding

            return deciding.feedback_sheet(workspace, actor, ref), deciding.involved_in(workspace, actor, ref)

        self.ask(work, self._arrived)

    def _arrived(self, found: tuple[FeedbackSheet, str]) -> None:
        self._sheet, self._involved = found
        self.query_one(GradeTable).focus()
        self.refresh_keys()
        self._renew()

    @property
    def open(self) -> bool:
        """Still to be decided, and by somebody who may."""
        return self._panel.state == "convened" and not self._involved and self._sheet is not None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Writing is offered only to those who may."""
        if action in ("write", "grade"):
            return self.open
        return super().check_action(action, parameters)

    def _one(self, code: str) -> SectionComparison | None:
        rows = self._sheet.comparison if self._sheet is not None else ()
        return next((one for one in rows if one.section == code), None)

    def _panel_grade(self, one: SectionComparison) -> Grade | None:
        return one.panel or self._grades.get(one.section)

    def _renew(self) -> None:
        sheet = self._sheet
        if sheet is None:
            return
        width = self.size.width
        rows = []
        for one in sheet.comparison:
            grade = self._panel_grade(one)
            keeps = (one.moderated.short.lower() + " kept", MUTED) if one.moderated else ("-", MUTED)
            if grade is None and one.section == OVERALL and self.open:
                keeps = ("! choose", WARN)
            rows.append(row_of(one, grade or keeps, width))
        self.query_one(GradeTable).show(rows)
        self.query_one("#banner", Static).update(self._banner())
        self._show_detail()
        state = "to decide" if self._panel.state == "convened" else "decided"
        self.show_where("Moderation", "Panel", self.case_ref or self.audit_ref, right=state)

    def _banner(self) -> Content:
        assert self._sheet is not None
        why = self._panel.why
        rows = [join(("Why a panel: ", MUTED), (why[:1].upper() + why[1:] + ".", STRONG))]
        if self._sheet.response == "disputed" and self._sheet.response_text:
            rows += wrap(
                join(("The auditor says: ", MUTED), self._sheet.response_text), max(40, self.size.width - 6)
            )
        if self._panel.state != "convened" and self._panel.rationale:
            rows += wrap(
                join(("The panel's reasons: ", MUTED), self._panel.rationale), max(40, self.size.width - 6)
            )
        elif self._involved:
            rows.append(say(f"! {self._involved}, so somebody uninvolved decides. You can read.", WARN))
        return lines(rows)

    def _show_detail(self) -> None:
        one = self._one(self.query_one(GradeTable).current)
        if one is not None:
            width = max(30, min(110, self.query_one("#detail").size.width - 3))
            self.query_one("#detail Static", Static).update(detail(one, self._panel_grade(one), width))

    def on_grade_table_moved(self, message: GradeTable.Moved) -> None:
        """The words of another section."""
        self._show_detail()

    def on_grade_table_picked(self, message: GradeTable.Picked) -> None:
        """1 to 4."""
        if self.open:
            self._grades[message.key] = message.grade
            self._renew()
        elif self._involved:
            self.council.tell(f"{self._involved}, so somebody uninvolved decides.", severity="warning")

    def on_grade_table_opened(self, message: GradeTable.Opened) -> None:
        """Enter: choose from a list."""
        self.action_grade()

    def action_grade(self) -> None:
        """The panel's grade of the section under the cursor."""
        from qa_audit.tui.widgets.dialogs import PickModal
        from qa_audit.tui.widgets.fields import Choice, FieldSpec

        one = self._one(self.query_one(GradeTable).current)
        if one is None or not self.open:
            return
        choices = tuple(Choice(grade.key, grade.words) for grade in Grade)

        def picked(key: str | None) -> None:
            found = next((grade for grade in Grade if grade.key == key), None)
            if found is not None:
                self._grades[one.section] = found
                self._renew()

        self.app.push_screen(
            PickModal(FieldSpec("grade", "choice", f"The panel's grade: {one.title}", choices), ""), picked
        )

    def on_resize(self) -> None:
        """Words follow the width."""
        self.call_after_refresh(self._renew)

    # -- deciding --------------------------------------------------------------------------------------

    def action_write(self) -> None:
        """F10: reasons and members, then it is final."""
        from qa_audit.tui.widgets.dialogs import FormModal
        from qa_audit.tui.widgets.fields import FieldSpec

        if not self.open:
            return
        whole = self._grades.get(OVERALL)
        if whole is None:
            self.council.tell(
                "First give the panel's overall case grade: move to it and press 1 to 4.", severity="warning"
            )
            self.query_one(GradeTable).reach(OVERALL)
            return
        fields = [
            FieldSpec("rationale", "text", "Reasons", help="What the panel weighed"),
            FieldSpec("members", "line", "Members", help="Codes or roles, with commas between"),
        ]
        words = f"Overall case grade: {whole.words}. The audit becomes final; the three grades stay as they are, for ever."
        self.app.push_screen(
            FormModal(
                "The panel's decision", fields, today=self.backend.today(), words=words, save="Make it final"
            ),
            self._written,
        )

    def _written(self, values: dict[str, str] | None) -> None:
        if values is None:
            return
        ref, grades = self.audit_ref, dict(self._grades)
        members = tuple(one.strip() for one in values["members"].split(",") if one.strip())

        def work(workspace: Workspace, actor: Actor) -> str:
            from qa_audit.improvement import finishing

            return finishing.decide_panel(workspace, actor, ref, grades, values["rationale"], members=members)

        self.do(work, self._decided, group="panel")

    def _decided(self, words: str) -> None:
        from qa_audit.tui.screens.moderation.missing import Told

        self._grades.clear()
        self.app.push_screen(Told("Decided", f"{words}."), lambda _: self.dismiss(None))

    def go_back(self) -> None:
        """Escape: grades that are not written are given up knowingly."""
        from qa_audit.tui.widgets.dialogs import Confirm

        if not self._grades:
            super().go_back()
            return

        def answered(leave: bool | None) -> None:
            if leave:
                self.dismiss(None)

        words = "The panel's grades are kept only when the decision is written with F10."
        self.app.push_screen(
            Confirm("Leave without the decision?", words, yes="Leave", no="Stay", risky=True), answered
        )
