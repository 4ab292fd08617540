"""The entry: find the noun, import its module alone, run it, turn every refusal into words and a status.

Exit status: 0 done, 1 the answer is no, 2 bad input or usage, 3 not allowed, 4 storage fault,
70 a fault of this program (a code is shown, never a value), 130 stopped by the user.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

TYPE_CHECKING = False  # not from typing: importing that is a fifth of what --help costs
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "build a synthetic council and run a whole cycle; writes the workbook"),
    "init": ("workspace", "make a workspace"),
    "status": ("workspace", "what is due and overdue"),
    "doctor": ("workspace", "check the workspace and say how to mend it"),
    "generate": ("generate", "write synthetic ILACS lists"),
    "frame": ("frame", "check and import the council's lists of children"),
    "form": ("form", "the library of audit forms"),
    "round": ("round", "plan a round of audits, draw its sample, follow it"),
    "sample": ("sample_engine", "sample sizes, draws on plain lists, verification, estimates"),
    "allocate": ("allocate", "give drawn cases to auditors; reallocate; declare conflicts"),
    "audit": ("audit", "list, fill in, submit and read audits"),
    "alert": ("alert", "safeguarding alerts: raise, acknowledge, act, close"),
    "moderate": ("moderate", "the moderation queue, blind grades, decisions, panels"),
    "calibrate": ("calibrate", "calibration: the same cases graded blind by everybody"),
    "action": ("action", "actions: list, done, verified"),
    "theme": ("theme", "strengths and gaps coded from the controlled list"),
    "agreement": ("agreement", "agreement and drift from any csv of case,rater,grade"),
    "severity": ("severity", "who grades generously, from a csv of double grades"),
    "export": ("export", "a paper from an export profile"),
    "people": ("people", "people and their roles"),
    "trail": ("trail", "the history of every change"),
}

_GLOBAL = {"--workspace": "workspace", "--as": "acting"}


def run() -> None:
    """The console script."""
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Run one command; returns the exit status."""
    _plain_streams()
    try:
        arguments, common = _take_common(list(argv))
        if not arguments:
            return _no_command(common)
        parser = _parser(next((word for word in arguments if word in COMMANDS), None))
        args = parser.parse_args(arguments)
        for name, value in common.items():
            setattr(args, name, value)
        if not hasattr(args, "handler"):
            parser.print_help()
            return 2
        return int(args.handler(args) or 0)
    except KeyboardInterrupt:
        print("Stopped. What was saved is safe.", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 2
    except Exception as error:  # noqa: BLE001,RUF100 - the last door: no traceback, no values
        return _refuse(error, argv)


def _plain_streams() -> None:
    """A console that cannot show a character shows a mark in its place instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _take_common(arguments: list[str]) -> tuple[list[str], dict[str, str | None]]:
    """Take `--workspace X` and `--as X` from wherever they stand."""
    common: dict[str, str | None] = {
        "workspace": os.environ.get("QA_AUDIT_WORKSPACE") or None,
        "acting": os.environ.get("QA_AUDIT_AS") or None,
    }
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--":
            rest.append(word)
            rest.extend(words)
        elif name in _GLOBAL:
            given = value if equals else next(words, None)
            if not given:
                from qa_audit.errors import BadInput, Code

                raise BadInput(
                    Code.BAD_VALUE,
                    f"{name} needs a value",
                    next_step=f"For example {name} " + ("./casework" if name == "--workspace" else "QA1"),
                )
            common[_GLOBAL[name]] = given
        else:
            rest.append(word)
    return rest, common


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_rest: Any) -> None:
        """Print the version, found only when it is asked for."""
        from importlib.metadata import version

        print(f"qa-audit {version('qa-audit')}")  # noqa: T201
        parser.exit()


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qa-audit",
        description="Case audit for children's services. Without a command it opens the app.",
        epilog="Examples:  qa-audit demo    qa-audit frame check Lists.xlsx    qa-audit round list --as QA1\n"
        "Everywhere: --workspace PATH|URL (or QA_AUDIT_WORKSPACE), --as CODE (or QA_AUDIT_AS).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and leave")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    for name, (module, help_text) in COMMANDS.items():
        if chosen is not None and module == COMMANDS[chosen][0]:
            if name == next(n for n, (m, _) in COMMANDS.items() if m == module):
                importlib.import_module(f"qa_audit.cli.{module}").add(commands)
        else:
            commands.add_parser(name, help=help_text, add_help=False)
    return parser


def _no_command(common: dict[str, str | None]) -> int:
    """The app on a terminal; without one the demo cycle, and it says so."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        from qa_audit.tui.launch import launch

        return launch(common["workspace"], common["acting"])
    print("No terminal here, so the demo cycle runs instead of the app.", file=sys.stderr)  # noqa: T201
    return main(["demo"])


def _command(argv: Sequence[str]) -> str:
    """The command and its verb, and nothing that was given to them: the place of a refusal that names no other."""
    at = next((number for number, word in enumerate(argv) if word in COMMANDS), None)
    if at is None:
        return "qa-audit"
    verb = next(iter(argv[at + 1 : at + 2]), "")
    plain = verb.isascii() and verb.replace("-", "").isalpha() and verb.islower() and not verb.startswith("-")
    return f"qa-audit {argv[at]} {verb}" if plain else f"qa-audit {argv[at]}"


def _refuse(error: Exception, argv: Sequence[str]) -> int:
    from qa_audit.cli.saying import say_error, say_fault
    from qa_audit.errors import QaError

    if isinstance(error, QaError):
        say_error(error, _command(argv))
        return error.exit_status
    say_fault(error)
    return 70
