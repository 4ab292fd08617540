"""How commands speak: JSON alone on stdout, people's output through Rich on a terminal, errors in four parts."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from qa_audit.errors import QaError
from qa_audit.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable

# ruff: noqa: T201 - printing is what this module is for


def say_json(document: Any) -> None:
    """One JSON document on stdout; dataclasses become objects, dates ISO text."""
    print(json.dumps(document, ensure_ascii=False, indent=1, default=_plain))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def say(line: str = "") -> None:
    """One line of plain words; data in it is cleaned of controls, never read as markup."""
    print(clean(line))


def say_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """A table: drawn by Rich on a terminal, tab-separated when piped."""
    ready = [["" if cell is None else clean(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        if title:
            print(title)
        print("\t".join(headings))
        for row in ready:
            print("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=Text(title) if title else None, title_justify="left", header_style="bold")
    for heading in headings:
        drawn.add_column(Text(heading))
    for row in ready:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


def say_error(error: QaError, command: str = "qa-audit") -> None:
    """What, where, why, next step: on stderr. What names no place or no step gets its command's."""
    print(f"qa-audit: {clean(error.what)}", file=sys.stderr)
    step = error.next_step or f"'{command} --help' shows how"
    for label, words in (("where", error.where or command), ("why", error.why), ("next", step)):
        if words:
            print(f"  {label}: {clean(words)}", file=sys.stderr)
    print(f"  code: {error.code}", file=sys.stderr)


def say_fault(error: Exception) -> None:
    """A fault of this program: the kind and the places in our code, never a message or a value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        f"{frame.filename.replace(chr(92), '/').rsplit('qa_audit/', 1)[-1]}:{frame.lineno}"
        for frame in frames
        if "qa_audit" in frame.filename
    ]
    print(f"qa-audit: something went wrong inside qa-audit ({type(error).__name__})", file=sys.stderr)
    print(f"  where: {' > '.join(ours[-4:])}", file=sys.stderr)
    print(
        "  next: what was saved is safe; please report this line to whoever looks after qa-audit",
        file=sys.stderr,
    )


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on stderr for work over a second: call it with (done, of or None).

    Without a terminal nothing is drawn.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    ) as bar:  # fmt: skip
        task = bar.add_task(label, total=None)

        def step(done: int, of: int | None) -> None:
            bar.update(task, completed=done, total=of)

        yield step
