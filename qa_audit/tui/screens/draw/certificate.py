"""The certificate of a draw: on screen, saved to a file, verified."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from qa_audit.errors import Code, StorageFault
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.screens.frame.paths import path_typed
from qa_audit.tui.screens.start.telling import Read
from qa_audit.tui.service_screen import PlaceScreen, refusal_content
from qa_audit.tui.text import BAD, MUTED, OK, STRONG, join, lines, say
from qa_audit.tui.widgets.dialogs import Ask
from qa_audit.tui.widgets.prose import Prose

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.sampling.certificate import Difference
    from qa_audit.store.workspace import Workspace

actions.place("certificate", "The certificate of a draw")
actions.register(
    Action("certificate.save", "w", "Write to a file", "Save the page and the figures a third party needs to check the draw.",
           "certificate", bar=1),
    Action("certificate.verify", "v", "Verify", "Make the draw again from the frozen list and compare.", "certificate", bar=2),
    Action("certificate.allocate", "a", "Allocate", "Give the drawn cases to auditors.", "certificate", bar=3),
)  # fmt: skip


class CertificateScreen(PlaceScreen[None]):
    """See the module's words."""

    PLACE = "certificate"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("certificate")
    BODY_WIDTH = 100
    CSS_PATH = Path(__file__).with_name("draw.tcss")
    HELP_TEXT = (
        "The certificate says from which list, with which plan and which dice the sample was drawn. W writes it to a file; "
        "'qa-audit round ids' writes the frozen list beside it, without names and case numbers. With these two anybody can "
        "make the same draw again: 'qa-audit sample verify' does it without a workspace."
    )

    def __init__(self, backend: Backend, ref: str, *, fresh: bool = False) -> None:
        super().__init__(backend)
        self._ref = ref
        self._fresh = fresh
        self._made: tuple[dict[str, Any], str] | None = None

    def body(self) -> ComposeResult:
        """The page."""
        with VerticalScroll(id="certificate"):
            yield Prose(say("Reading the certificate…", MUTED))

    def on_mount(self) -> None:
        """The frame first."""
        self.show_where("Home", "Rounds", self._ref, "Certificate")
        self.query_one("#certificate").focus()

    def load(self) -> None:
        """The certificate of the current draw."""

        def work(workspace: Workspace, actor: Actor) -> tuple[dict[str, Any], str]:
            from qa_audit.sampling.service import draw_certificate

            return draw_certificate(workspace, actor, self._ref)

        self.ask(work, self._show, failed=self._not_read)

    def _not_read(self, error: QaError) -> None:
        self.query_one(Prose).say(refusal_content(error))

    def _show(self, made: tuple[dict[str, Any], str]) -> None:
        self._made = made
        self.query_one("#certificate Prose", Prose).say(made[1])
        self.refresh_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Saving and verifying need the certificate."""
        if action in ("save", "verify"):
            return self._made is not None
        if action == "allocate":
            return self._fresh and self.backend.may("allocate")
        return super().check_action(action, parameters)

    def action_save(self) -> None:
        """W."""
        modal = Ask(
            "Write the certificate to a file",
            "The figures go into this file (JSON), the page to print beside it (.txt). Neither holds a name.",
            value=str(Path.home() / f"certificate-{self._ref}.json"),
        )
        self.app.push_screen(modal, self._write)

    def _write(self, typed: str | None) -> None:
        if typed and typed.strip() and self._made is not None:
            figures, page = self._made
            path = path_typed(typed)
            self.do(lambda _w, _a: write_certificate(path, figures, page), self._written, group="save")

    def _written(self, paths: tuple[Path, Path]) -> None:
        self.app.notify(f"Written: {paths[0]} and {paths[1].name}", markup=False, timeout=10)

    def action_verify(self) -> None:
        """V."""

        def work(workspace: Workspace, actor: Actor) -> list[Difference]:
            from qa_audit.sampling.service import verify_draw

            return verify_draw(workspace, actor, self._ref)

        self.ask(work, self._verified, group="verify")

    def _verified(self, found: list[Difference]) -> None:
        self.app.push_screen(verified_modal(self._ref, found))

    def action_allocate(self) -> None:
        """A."""
        from qa_audit.tui.screens.allocation.screen import AllocationScreen

        self.app.switch_screen(AllocationScreen(self.backend, self._ref))


def write_certificate(path: Path, figures: dict[str, Any], page: str) -> tuple[Path, Path]:
    """Write both files; returns their paths. Blocking; refuses in words."""
    figures_path = path if path.suffix else path.with_suffix(".json")
    page_path = figures_path.with_suffix(".txt")
    try:
        figures_path.parent.mkdir(parents=True, exist_ok=True)
        figures_path.write_text(
            json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n"
        )
        page_path.write_text(page.rstrip() + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise StorageFault(
            Code.WRITE_FAILED, "The certificate could not be written", where=str(figures_path.parent),
            why=error.strerror or "", next_step="Choose another folder",
        ) from None  # fmt: skip
    return figures_path, page_path


def verified_modal(ref: str, differences: Sequence[Difference]) -> Read:
    """The answer of a verification, to be read."""
    if not differences:
        rows: list[Content] = [
            say("✓ The draw stands.", OK),
            say(
                "Made again from the frozen list, the plan and the digits, it gives exactly the cases of the certificate."
            ),
        ]
    else:
        rows = [say(f"! The draw does not stand: {len(differences)} differences.", BAD)]
        rows += [join((f"{one.where}: ", STRONG), one.message) for one in differences]
        rows.append(say("Tell the QA lead before anything is audited from this draw.", MUTED))
    return Read(f"Verification of {ref}", lines(rows))
