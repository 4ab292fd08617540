"""The first start: try the demo council, start with one's own lists, or open another workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import ProgressBar, Static

from qa_audit.errors import Code, QaError, StorageFault
from qa_audit.tui import actions
from qa_audit.tui.base import QaScreen
from qa_audit.tui.service_screen import refusal_content
from qa_audit.tui.text import MUTED, STRONG, lines, say
from qa_audit.tui.widgets.action_line import ActionLine

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.council_app import CouncilApp

WELCOME = (
    "qa-audit helps practice managers audit children's case files, and a QA unit draw the sample, "
    "moderate the grades blind and show what was learnt. Everything stays in one folder of your own."
)

actions.place("start", "Start")


class DemoStep(Message):
    """How far the demo council is; newer news replace older."""

    def __init__(self, words: str, done: float | None) -> None:
        super().__init__()
        self.words, self.done = words, done

    def can_replace(self, message: Message) -> bool:
        """Only the newest matters."""
        return isinstance(message, DemoStep)


class DemoBuilt(Message):
    """The demo council is ready, or why it is not."""

    def __init__(self, folder: Path | None, error: QaError | None = None) -> None:
        super().__init__()
        self.folder, self.error = folder, error


class StartScreen(QaScreen[None]):
    """See the module's words. Until the workspace has been looked for it only says so."""

    PLACE = "start"
    BINDINGS: ClassVar[list[BindingType]] = []
    BODY_WIDTH = 78
    HELP_TEXT = (
        "A workspace is one folder (or one PostgreSQL database) with everything in it: lists, rounds, audits. "
        "The demo council is invented: no child in it is real, and trying things there touches nothing else."
    )
    CSS_PATH = Path(__file__).with_name("start.tcss")

    def __init__(self, backend: Backend, *, choosing: bool = False) -> None:
        super().__init__()
        self.backend = backend
        self._choosing = choosing
        self._working = False

    @property
    def _council(self) -> CouncilApp:
        from qa_audit.tui.council_app import CouncilApp

        assert isinstance(self.app, CouncilApp)
        return self.app

    def body(self) -> ComposeResult:
        """The words, the choices, the progress."""
        with VerticalScroll(id="start", can_focus=False):
            yield Static(say("qa-audit", STRONG), markup=False, id="name")
            yield Static(markup=False, id="words")
            yield ActionLine(
                "demo", "Try the demo council", "an invented council, a whole audit cycle", id="demo"
            )
            yield ActionLine("own", "Start with my own lists", "makes a workspace for you alone", id="own")
            yield ActionLine(
                "other", "Open another workspace", "a folder or a postgresql:// address", id="other"
            )
            yield ActionLine("again", "Try again", "", id="again")
            yield ActionLine("quit", "Quit", "Ctrl+Q", id="quit")
            yield ProgressBar(show_eta=False, id="progress")
            yield Static(markup=False, id="news")

    def on_mount(self) -> None:
        """Nothing to choose yet, unless the person came to choose."""
        self.show_where("Start")
        self._offer()
        if self._choosing:
            self._say_welcome()
        else:
            self.query_one("#words", Static).update(say("Opening your workspace…", MUTED))

    # -- what is offered ----------------------------------------------------------------------------

    def _offer(self, *names: str) -> None:
        for line in self.query(ActionLine):
            line.display = line.name in names
        self.query_one("#progress").display = self._working
        first = next((line for line in self.query(ActionLine) if line.display), None)
        if first is not None:
            first.focus()

    def _say_welcome(self) -> None:
        where = say(f"Your workspace would be made in {self.backend.place}", MUTED)
        self.query_one("#words", Static).update(lines([say(WELCOME), Content(""), where]))
        self._offer("demo", "own", "other", "quit")

    def not_opened(self, error: QaError) -> None:
        """Nothing there: welcome. Anything else: say what is wrong and what can be done."""
        self._working = False
        self._choosing = True
        self.query_one("#news", Static).update("")
        if error.code is Code.NO_WORKSPACE:
            self._say_welcome()
            return
        self.query_one("#words", Static).update(
            lines([say("The workspace could not be opened.", STRONG), Content(""), refusal_content(error)])
        )
        self._offer("again", "other", "demo", "quit")

    # -- choices ------------------------------------------------------------------------------------

    def on_action_line_pressed(self, message: ActionLine.Pressed) -> None:
        """Do what was chosen."""
        match message.line.name:
            case "demo":
                self._start_work("Building the demo council: its children, staff, lists and audits…")
                self._build_demo()
            case "own":
                self._start_work("Making your workspace…")
                self._make_own()
            case "other":
                from qa_audit.tui.widgets.dialogs import Ask  # brings the editor: not before the first paint

                self.app.push_screen(
                    Ask("Open another workspace", "Type its folder, or its postgresql:// address."),
                    self._other,
                )
            case "again":
                self._start_work("Opening your workspace…")
                self._council.open_workspace()
            case _:
                self.app.exit()

    def _start_work(self, words: str) -> None:
        self._working = True
        self.query_one("#words", Static).update(say(words))
        self.query_one("#progress", ProgressBar).update(total=None)
        self._offer()

    def _other(self, typed: str | None) -> None:
        if typed and typed.strip():
            from qa_audit.tui.launch import place_named

            self.backend.close()
            self.backend.place = place_named(typed.strip().strip('"'))
            self.backend.acting = None
            self._start_work(f"Opening {self.backend.place}…")
            self._council.open_workspace()

    @work(thread=True, exclusive=True, group="start", exit_on_error=False)
    def _make_own(self) -> None:
        try:
            self.backend.create()
        except QaError as error:
            self.post_message(DemoBuilt(None, error))
        except Exception as error:  # noqa: BLE001,RUF100 - said in words on this screen
            self.post_message(DemoBuilt(None, self._council.fault_in_words(error)))
        else:
            self.post_message(DemoBuilt(None))

    @work(thread=True, exclusive=True, group="start", exit_on_error=False)
    def _build_demo(self) -> None:
        folder = demo_folder(self.backend.place)
        try:
            build_demo(folder, 1, self.backend.today(), self._tell_step)
        except QaError as error:
            self.post_message(DemoBuilt(None, error))
        except Exception as error:  # noqa: BLE001,RUF100 - said in words on this screen
            self.post_message(DemoBuilt(None, self._council.fault_in_words(error)))
        else:
            self.post_message(DemoBuilt(folder))

    def _tell_step(self, words: str, done: float | None) -> None:
        self.post_message(DemoStep(words, done))

    def on_demo_step(self, message: DemoStep) -> None:
        """Say how far it is."""
        self.query_one("#news", Static).update(say(message.words, MUTED))
        if message.done is not None:
            self.query_one("#progress", ProgressBar).update(total=1.0, progress=message.done)

    def on_demo_built(self, message: DemoBuilt) -> None:
        """Open what was made, or say why not."""
        self._working = False
        if message.error is not None:
            self.not_opened(message.error)
        elif message.folder is not None:
            self.backend.place = message.folder
            self.backend.acting = None
            self._council.open_workspace()
        else:
            self._council.show_home()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Back only when a workspace is still open."""
        return self.backend.is_open if action == "back" else super().check_action(action, parameters)

    def go_back(self) -> None:
        """There is nothing beneath the start."""
        if self.backend.is_open:
            self._council.show_home()


def demo_folder(place: Path | str) -> Path:
    """Where the demo council is kept: beside the person's own workspace, never in it."""
    from qa_audit.tui.launch import usual_folder

    own = place if isinstance(place, Path) else usual_folder()
    return own.with_name(f"{own.name}-demo")


def build_demo(folder: Path, seed: int, today: date, progress: Callable[[str, float | None], None]) -> None:
    """Build the demo council in `folder`, unless it is there already. Blocking; refuses in words.

    `progress(words, done)` is told how far it is (`done` 0-1, or None when that is not known). It is built
    beside its place and moved there when it is whole, so a demo that was stopped leaves nothing half made.
    """
    import shutil

    from qa_audit.demo.cycle import build_demo as build
    from qa_audit.store.workspace import FILE_NAME

    if (folder / FILE_NAME).is_file():
        return
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)

    def tell(label: str, done: int, of: int | None) -> None:
        progress(label, done / of if of else None)

    workspace, _rounds = build(unfinished, seed=seed, today=today, progress=tell)
    with workspace:
        workspace.set_setting(load_demo_lead(workspace), "demo", True)
    try:
        unfinished.rename(folder)
    except OSError as error:
        raise StorageFault(
            Code.WRITE_FAILED, "The demo council could not be put in its place", where=str(folder),
            why=error.strerror or "", next_step=f"Move that folder away, or open {unfinished}",
        ) from None  # fmt: skip


def load_demo_lead(workspace: Workspace) -> Actor:
    """The demo's QA lead."""
    from qa_audit.access.service import actor_of, people

    return actor_of(workspace, next(one for one in people(workspace) if "qa_lead" in one.roles))
