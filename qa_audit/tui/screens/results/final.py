"""A finished audit: its three grades, every word, the worker's answer. `FinalScreen(backend, audit_ref)`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.screens.results import keys
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import GRADE_STYLES, MUTED, STRONG, WARN, join
from qa_audit.tui.widgets.section_list import SectionList, SectionState

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.audits.records import FinalAudit
    from qa_audit.errors import QaError
    from qa_audit.library.forms import Section
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend


class FinalScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = keys.FINAL
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings(keys.FINAL)
    BODY_WIDTH = 150
    CSS_PATH = Path(__file__).with_name("results.tcss")
    HELP_TEXT = (
        "A finished audit with its three grades: the auditor's, the moderated one, the panel's. None replaces another; "
        "the panel's stands if there is one, else the moderated one, else the auditor's."
    )

    def __init__(self, backend: Backend, audit_ref: str) -> None:
        super().__init__(backend)
        self.audit_ref, self.case_ref = audit_ref, ""
        self._audit: FinalAudit | None = None
        self._pages: tuple[Section, ...] = ()
        self._page = ""

    def body(self) -> ComposeResult:
        """The grade that stands; sections; words."""
        yield Static("", id="banner", markup=False)
        with Horizontal(id="across"):
            yield SectionList()
            with VerticalScroll(id="reading", can_focus=False):
                yield Static("", markup=False)

    def on_mount(self) -> None:
        """The frame is painted; `load` follows."""
        self.show_where("Audit", self.audit_ref, right="reading…")

    def load(self) -> None:
        """The audit as it is now."""
        ref = self.audit_ref

        def work(workspace: Workspace, actor: Actor) -> FinalAudit:
            from qa_audit.moderation import reading

            return reading.read_final(workspace, actor, ref)

        self.ask(work, self._arrived, failed=self._failed)

    def _failed(self, error: QaError) -> None:
        self.dismiss(None)
        self.refused(error)

    def _arrived(self, audit: FinalAudit) -> None:
        from qa_audit.tui.screens.results.reading import VOICE, WHOLE, recorded

        self._audit = audit
        self.case_ref = next((value for label, value in audit.header if label == "Case"), "")
        self._pages = tuple(recorded(audit))
        self.refresh_keys()
        known = [WHOLE, *(section.code for section in self._pages), VOICE]
        self._show_page(self._page if self._page in known else WHOLE)

    def _codes(self) -> list[str]:
        from qa_audit.tui.screens.results.reading import VOICE, WHOLE

        return [WHOLE, *(section.code for section in self._pages), VOICE]

    def _show_page(self, code: str) -> None:
        self._page = code
        self.query_one("#reading").scroll_home(animate=False)
        self._draw()

    def _draw(self) -> None:
        from qa_audit.tui.screens.results import reading

        audit = self._audit
        if audit is None:
            return
        width = max(30, min(104, self.query_one("#reading").size.width - 3))
        section = next((one for one in self._pages if one.code == self._page), None)
        if self._page == reading.WHOLE:
            content = reading.whole_content(audit, width)
        elif section is not None:
            content = reading.section_content(audit, section, width)
        else:
            content = reading.voice_content(audit, width)
        self.query_one("#reading Static", Static).update(content)
        states = [SectionState(reading.WHOLE, "The whole case", 0, 0, note=_short(audit, "OV"))]
        states += [
            SectionState(one.code, one.title, 0, 0, note=_short(audit, one.code)) for one in self._pages
        ]
        said = str(len(audit.responses)) if audit.responses else "none"
        states.append(SectionState(reading.VOICE, "The worker's answer", 0, 0, note=said))
        self.query_one(SectionList).show(tuple(states), self._page)
        grade = audit.final("OV")
        style = f"bold {GRADE_STYLES[grade]}" if grade else MUTED
        shared = ("", "") if audit.status == "shared" else ("   not yet shared with the worker", WARN)
        self.query_one("#banner", Static).update(
            join(("Grade that stands: ", MUTED), (reading.standing_words(audit), style), shared)
        )
        right = "shared" if audit.status == "shared" else "final"
        self.show_where(audit.round_title, self.audit_ref, self.case_ref, right=join((right, STRONG)))

    def on_resize(self) -> None:
        """Words follow the width."""
        self.call_after_refresh(self._draw)

    # -- going about --------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        codes = self._codes()
        if self._audit is not None and self._page in codes:
            at = codes.index(self._page) + step
            if 0 <= at < len(codes):
                self._show_page(codes[at])

    def action_next_section(self) -> None:
        """Ctrl+N."""
        self._go(1)

    def action_previous_section(self) -> None:
        """Ctrl+B."""
        self._go(-1)

    def action_sections(self) -> None:
        """F5."""
        self.query_one(SectionList).take_focus()

    def on_section_list_chosen(self, message: SectionList.Chosen) -> None:
        """From the list or the strip."""
        self._show_page(message.code)

    def action_read_on(self) -> None:
        """PgDn."""
        self.query_one("#reading").scroll_page_down(animate=False)

    def action_read_back(self) -> None:
        """PgUp."""
        self.query_one("#reading").scroll_page_up(animate=False)

    # -- what can be done ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what this person may do now."""
        audit = self._audit
        if action == "share":
            return audit is not None and audit.status == "final" and self.backend.may("moderation.manage")
        if action == "respond":
            return audit is not None and audit.status == "shared" and self.backend.may("audit.respond")
        if action == "themes":
            return self.backend.may("theme.code")
        if action == "actions":
            return self.backend.may("action.read")
        return super().check_action(action, parameters)

    def action_share(self) -> None:
        """s."""
        from qa_audit.tui.widgets.dialogs import Confirm

        ref = self.audit_ref

        def answered(yes: bool | None) -> None:
            if not yes:
                return

            def work(workspace: Workspace, actor: Actor) -> None:
                from qa_audit.moderation import reading

                reading.share(workspace, actor, ref)

            self.do(
                work,
                lambda _: self.council.tell(f"{ref} is shared with the worker and their manager."),
                group="share",
            )

        words = "The worker and their manager can read every word of it, with the moderator's note and the actions."
        self.app.push_screen(Confirm("Share this audit?", words, yes="Share", no="Not yet"), answered)

    def action_respond(self) -> None:
        """c: the worker's words."""
        from qa_audit.tui.screens.results.reading import KINDS
        from qa_audit.tui.widgets.dialogs import FormModal
        from qa_audit.tui.widgets.fields import Choice, FieldSpec

        ref = self.audit_ref

        def written(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def work(workspace: Workspace, actor: Actor) -> None:
                from qa_audit.moderation import reading

                reading.worker_answers(workspace, actor, ref, values["kind"], values["words"])

            self.do(work, lambda _: self.council.tell("Your words are kept with the audit."), group="respond")

        fields = [
            FieldSpec("kind", "choice", "Is it", tuple(Choice(key, words) for key, words in KINDS.items())),
            FieldSpec("words", "text", "In words"),
        ]
        words = "A challenge to a fact is looked at apart from the grade."
        self.app.push_screen(
            FormModal("The worker's answer", fields, today=self.backend.today(), words=words, save="Keep it"),
            written,
        )

    def action_themes(self) -> None:
        """t."""
        from qa_audit.tui.screens.themes.coding import CodingScreen

        self.app.push_screen(CodingScreen(self.backend, self.audit_ref))

    def action_actions(self) -> None:
        """a."""
        from qa_audit.tui.screens.actions.screen import ActionsScreen

        self.app.push_screen(ActionsScreen(self.backend, self.audit_ref))


def _short(audit: FinalAudit, code: str) -> str:
    grade = audit.final(code)
    return grade.short if grade is not None else "to read"
