"""Write docs/keys.md and docs/commands.md from the program itself: `python docs/reference.py`.

`--check` writes nothing and leaves with 1 when a page is not what the program gives; a test runs it.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
MADE = "<!-- Made by `python docs/reference.py` from the program itself. Do not edit by hand. -->"

KEYS_INTRO = """\
Every key, place by place. <kbd>F1</kbd> shows the same on screen for the place you are in, and
<kbd>Ctrl+P</kbd> finds any command by part of its name. An action without a key is in that list.
Two keys in one row do the same. What your role does not include is not offered.
"""

COMMANDS_INTRO = """\
The cycle of audits runs from the command line as it does on screen: both ask the same services. `--help`
behind any command shows the same as this page.

Everywhere:

- `--workspace PATH|URL` names the workspace: a folder, or a `postgresql://` address. Without it the usual
  folder of your account is taken. `QA_AUDIT_WORKSPACE` does the same for every command.
- `--as CODE` says who acts. `QA_AUDIT_AS` does the same. A workspace of one owner needs neither.
- `--json` prints one JSON document and nothing else, for scripts.
- The exit status is 0 done, 1 the answer is no, 2 bad input, 3 not allowed, 4 a storage fault.
"""


def cell(words: str) -> str:
    """One cell of a table."""
    return " ".join(words.split()).replace("|", "\\|")


# -- keys ---------------------------------------------------------------------------------------------


def keys_page() -> str:
    """Every action of the registry, by place."""
    import qa_audit.tui
    from qa_audit.tui import actions
    from qa_audit.tui.widgets.list_window import ListWindow
    from qa_audit.tui.widgets.question import Question

    for module in pkgutil.walk_packages(qa_audit.tui.__path__, "qa_audit.tui."):
        importlib.import_module(module.name)
    first = {actions.EVERYWHERE: 0, "home": 1}
    places = sorted(
        (name for name in actions.PLACES if actions.at(name)),
        key=lambda name: (first.get(name, 2), actions.PLACES[name]),
    )
    lines = ["# Keys", "", MADE, "", KEYS_INTRO]
    lines += ["## In a question of a form", "", Question.KEY_HELP, ""]
    lines += ["## In a list", "", ListWindow.KEY_HELP, ""]
    for place in places:
        lines += [f"## {actions.PLACES[place]}", "", "| key | what | |", "|---|---|---|"]
        for one in actions.at(place):
            keys = " ".join(f"<kbd>{actions.shown(key)}</kbd>" for key in one.key.split(",") if key)
            lines.append(f"| {keys} | {cell(one.label)} | {cell(one.help)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


# -- commands -----------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command with its options, from its parser."""
    from qa_audit.cli.main import COMMANDS

    lines = ["# Commands", "", MADE, "", COMMANDS_INTRO]
    for name, parser, summary in nouns():
        lines += [f"## qa-audit {name}", "", sentence(parser.description or summary), ""]
        lines += [*options(parser), *examples(parser)]
        for verb, inner, help_text in verbs(parser):
            lines += [f"### qa-audit {name} {verb}", "", sentence(inner.description or help_text), ""]
            lines += [*options(inner), *examples(inner)]
    missing = set(COMMANDS) - {name for name, _, _ in nouns()}
    assert not missing, missing
    return "\n".join(lines).rstrip() + "\n"


def nouns() -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """Each command with its parser and its line in the list of commands."""
    from qa_audit.cli.main import COMMANDS, _parser

    for name, (_, summary) in COMMANDS.items():
        found = subparsers(_parser(name))
        assert found is not None
        yield name, found.choices[name], summary


def subparsers(parser: argparse.ArgumentParser) -> argparse._SubParsersAction[argparse.ArgumentParser] | None:
    """The parser's own commands, if it has any."""
    return next((one for one in parser._actions if isinstance(one, argparse._SubParsersAction)), None)


def verbs(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """The commands of a noun, each once, with its line in the list."""
    found = subparsers(parser)
    if found is not None:
        summaries = {one.dest: one.help or "" for one in found._choices_actions}
        for verb, inner in found.choices.items():
            yield verb, inner, summaries.get(verb, "")


def sentence(words: str) -> str:
    """Words on one line, as a sentence."""
    words = " ".join(words.replace("%%", "%").split())
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", ":")) else ".")


def options(parser: argparse.ArgumentParser) -> list[str]:
    """A table of what may be given."""
    rows = []
    for one in parser._actions:
        if isinstance(one, argparse._SubParsersAction | argparse._HelpAction):
            continue
        rows.append(f"| `{written(one)}` | {cell(meaning(one))} |")
    return ["| given | meaning |", "|---|---|", *rows, ""] if rows else []


def written(one: argparse.Action) -> str:
    """How an option or a word is written."""
    metavar = one.metavar if isinstance(one.metavar, str) else None
    value = metavar or ("{" + "\\|".join(map(str, one.choices)) + "}" if one.choices else one.dest.upper())
    if not one.option_strings:
        return {"?": f"[{value}]", "*": f"[{value} ...]", "+": f"{value} ..."}.get(str(one.nargs), value)
    return one.option_strings[-1] + ("" if one.nargs == 0 else f" {value}")


def meaning(one: argparse.Action) -> str:
    """Its help, whether it must be given, whether it may be given again."""
    words = one.help or ""
    if "%" in words:
        words %= vars(one)
    notes = []
    if one.option_strings and one.required:
        notes.append("must be given")
    if isinstance(one, argparse._AppendAction) and "again" not in words:
        notes.append("may be given again")
    said = str(one.default) in words
    if (
        one.option_strings
        and one.nargs != 0
        and isinstance(one.default, str | int | float)
        and one.default != ""
        and not said
    ):
        notes.append(f"{one.default} when left out")
    return "; ".join(part for part in (words, *notes) if part)


def examples(parser: argparse.ArgumentParser) -> list[str]:
    """The examples of the parser's own help, as a block; other words of it stay words."""
    block, words = [], []
    for line in (parser.epilog or "").splitlines():
        text = line.strip()
        for start in ("Examples:", "Example:", "examples:", "example:"):
            text = text.removeprefix(start).strip()
        (block if text.startswith("qa-audit ") else words).append(text)
    lines = []
    if block:
        lines += ["```sh", *block, "```", ""]
    if any(words):
        lines += [" ".join(word for word in words if word), ""]
    return lines


def main() -> int:
    """Write both pages, or compare them."""
    pages = {"keys.md": keys_page(), "commands.md": commands_page()}
    if "--check" not in sys.argv[1:]:
        for name, text in pages.items():
            (HERE / name).write_text(text, encoding="utf-8", newline="\n")
        return 0
    stale = [name for name, text in pages.items() if (HERE / name).read_text(encoding="utf-8") != text]
    if stale:
        sys.stderr.write(f"Not what the program gives: {', '.join(stale)}. Run: python docs/reference.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
