"""A screen over services: reads and writes run in threads, answers come back as messages.

::

    class RoundsScreen(PlaceScreen[None]):
        def load(self) -> None:                       # at the start, and whenever the screen comes back
            from qa_audit.sampling import service     # heavy: imported in the thread, not here
            self.ask(lambda w, a: service.rounds(w, a), self.show)

`ask(work, then)` reads: only the newest answer of its `group` is shown. `do(work, then)` writes: the same
thing is never started twice, its answer is always delivered, and afterwards `load` runs again.
`work(workspace, actor)` runs in a thread and must not touch a widget; `then(answer)` runs on the screen.
A refusal (`QaError`) goes to `refused(error, group)`, which says it in words; `failed=` takes it instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual import work as worker
from textual.content import Content
from textual.message import Message

from qa_audit.errors import Code, QaError, StorageFault
from qa_audit.tui.base import QaScreen
from qa_audit.tui.text import BAD, MUTED, STRONG, lines, say

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.store.workspace import Workspace
    from qa_audit.tui.backend import Backend
    from qa_audit.tui.council_app import CouncilApp

Result = TypeVar("Result")
T = TypeVar("T")


class Answered(Message):
    """A service has answered, or refused."""

    def __init__(
        self, group: str, number: int, then: Callable[[Any], None] | None, answer: Any, error: QaError | None,
        failed: Callable[[QaError], None] | None, wrote: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        self.group, self.number, self.then, self.answer = group, number, then, answer
        self.error, self.failed, self.wrote = error, failed, wrote


class PlaceScreen(QaScreen[Result]):
    """See the module's words."""

    def __init__(self, backend: Backend) -> None:
        super().__init__()
        self.backend = backend
        self._asked: dict[str, int] = {}
        self._doing: set[str] = set()
        self._telling = False

    @property
    def council(self) -> CouncilApp:
        """The app."""
        from qa_audit.tui.council_app import CouncilApp

        return cast(CouncilApp, self.app)

    def on_screen_resume(self) -> None:
        """Shown for the first time, or again: read the facts as they are now."""
        # a refusal has just been read: asking again at once would only say it again
        if self._telling:
            self._telling = False
        else:
            self.load()

    def load(self) -> None:
        """Ask for what the screen shows; override."""

    def keep_fresh(self, seconds: float = 60.0) -> None:
        """Read again from time to time while the screen is the one in sight: an alert must not wait for a key."""
        self.set_interval(seconds, self._again)

    def _again(self) -> None:
        if self.is_current and not self._telling:
            self.load()

    # -- services -----------------------------------------------------------------------------------

    def ask(
        self,
        work: Callable[[Workspace, Actor], T],
        then: Callable[[T], None],
        *,
        group: str = "read",
        failed: Callable[[QaError], None] | None = None,
    ) -> None:
        """Read in a thread; `then` is given the newest answer of the group."""
        self._asked[group] = number = self._asked.get(group, 0) + 1
        self._run(work, group, number, then, failed, False)

    def do(
        self,
        work: Callable[[Workspace, Actor], T],
        then: Callable[[T], None] | None = None,
        *,
        group: str = "write",
        failed: Callable[[QaError], None] | None = None,
    ) -> bool:
        """Write in a thread, then load again. False when the same group is still under way."""
        if group in self._doing:
            return False
        self._doing.add(group)
        self._run(work, group, 0, then, failed, True)
        return True

    @property
    def busy(self) -> bool:
        """Something is being written."""
        return bool(self._doing)

    @worker(thread=True, group="services", exit_on_error=False)
    def _run(
        self, work: Callable[[Workspace, Actor], Any], group: str, number: int, then: Callable[[Any], None] | None,
        failed: Callable[[QaError], None] | None, wrote: bool,
    ) -> None:  # fmt: skip
        answer, error = None, None
        try:
            answer = self.backend.call(work)
        except QaError as refusal:
            error = refusal
        except Exception as fault:  # noqa: BLE001,RUF100 - a fault must not take the screen away
            error = self.council.fault_in_words(fault)
        self.post_message(Answered(group, number, then, answer, error, failed, wrote))

    def on_answered(self, message: Answered) -> None:
        """Deliver the answer on the screen's own thread."""
        message.stop()
        if message.wrote:
            self._doing.discard(message.group)
        elif message.number != self._asked.get(message.group):
            return
        if not self.is_attached:
            return
        if message.error is not None:
            (message.failed or self.refused)(message.error)
        elif message.then is not None:
            message.then(message.answer)
        if message.wrote and message.error is None and self.is_current:
            self.load()

    def refused(self, error: QaError) -> None:
        """Say a refusal; override to say it elsewhere."""
        self._telling = True
        self.council.say_refusal(error)


def refusal_content(error: QaError) -> Content:
    """What, where, why and the next step, under each other."""
    rows = [say(error.what, BAD if isinstance(error, StorageFault) else STRONG)]
    rows += [say(words) for words in (error.where, error.why) if words]
    if error.next_step:
        rows.append(say(f"Next: {screen_words(error.next_step)}", MUTED))
    return lines(rows)


def screen_words(step: str) -> str:
    """A next step as it is said on a screen: services speak to both, and name commands in quotes."""
    return step.replace("'qa-audit ", "on the command line 'qa-audit ") if "'qa-audit " in step else step


def fault(kind: str) -> QaError:
    """An unforeseen failure in words that quote nothing."""
    return StorageFault(
        Code.STORE_FAULT,
        "Something went wrong in the program",
        why=f"{kind}; where it happened was kept in a file without any case details",
        next_step="What was saved is safe. Try again; if it happens again, tell whoever looks after qa-audit",
    )
