"""What the README and the guides say is what the program does: commands, keys, links, generated pages, pictures."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
GENERATED = {"keys.md", "commands.md"}
WRITTEN = [page for page in PAGES if page.name not in GENERATED]
ROLES = ("qa-lead", "auditor", "moderator", "team-manager", "worker", "peer-reviewer", "head-of-service",
         "board-reader", "data-support", "system-admin")  # fmt: skip

ALLOWED_URLS = ("postgresql://qa_audit@db.example/qa_audit", "postgresql://`")
WIDGET_KEYS = {"Enter", "Esc", "Tab", "↓", "1", "2", "3", "4", "y", "p", "n", "a", "o", "g", "r", "i"}
"""Keys of a question and of a list, which are no actions of a place."""
OTHER_COMMANDS = (
    "make ", "py -m venv ", ".venv\\Scripts\\python -m pip install ", ".venv\\Scripts\\python -m pytest",
    "python docs/reference.py", "python benchmarks/", "export QA_AUDIT_SCHEMAS=",
)  # fmt: skip
BLOCK = re.compile(r"^[ ]*```(sh|powershell)\n(.*?)^[ ]*```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
KEY = re.compile(r"<kbd>([^<]+)</kbd>(?: \*([A-Z][^*]*)\*)?")
INLINE = re.compile(r"`(qa-audit [^`]+)`")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


pages = pytest.mark.parametrize("page", WRITTEN, ids=named)


def shell_lines(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return [line.strip() for _, block in BLOCK.findall(text) for line in block.splitlines() if line.strip()]


def parse(words: list[str]) -> None:
    """Give a command's words to the program's own parser; SystemExit or QaError when it would refuse them."""
    from qa_audit.cli.main import COMMANDS, _parser, _take_common

    rest, _ = _take_common(words)
    if rest and rest != ["--version"]:
        args = _parser(next((word for word in rest if word in COMMANDS), None)).parse_args(rest)
        assert hasattr(args, "handler"), f"{words} names no step"


@cache
def registry() -> frozenset[tuple[str, str]]:
    """Every (key, label) of the registry, read in a process of its own: other tests register actions too."""
    code = (
        "import importlib, json, pkgutil, qa_audit.tui\n"
        "from qa_audit.tui import actions\n"
        "for m in pkgutil.walk_packages(qa_audit.tui.__path__, 'qa_audit.tui.'): importlib.import_module(m.name)\n"
        "print(json.dumps([[actions.shown(k), a.label] for a in actions.all_actions() for k in a.key.split(',') if k]))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True,
                          env=_environment())  # fmt: skip
    return frozenset((key, label) for key, label in json.loads(made.stdout))


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONIOENCODING": "utf-8"}


# -- commands -----------------------------------------------------------------------------------------


@pages
def test_every_command_shown_is_one_the_program_takes(page: Path) -> None:
    for written in shell_lines(page):
        line = written.replace(".venv\\Scripts\\qa-audit", "qa-audit")
        if line == "qa-audit" or not line.startswith("qa-audit"):
            assert line == "qa-audit" or line.startswith(OTHER_COMMANDS), f"unknown command: {line}"
        else:
            try:
                parse(shlex.split(line)[1:])
            except SystemExit:
                pytest.fail(f"the program refuses: {line}")


@pages
def test_every_command_named_in_passing_is_one(page: Path) -> None:
    from qa_audit.cli.main import COMMANDS, _parser

    for text in INLINE.findall(page.read_text(encoding="utf-8")):
        words = shlex.split(text)[1:]
        if any(word.startswith("-") for word in words) or len(words) > 2:
            parse(words)
            continue
        assert words[0] in COMMANDS, text
        verbs = _parser(words[0])._subparsers._group_actions[0].choices[words[0]]  # type: ignore[union-attr]
        inner = verbs._subparsers
        if inner is not None and len(words) > 1:
            assert words[1] in inner._group_actions[0].choices, text


def test_a_wrong_command_would_be_noticed() -> None:
    with pytest.raises(SystemExit):
        parse(["round", "paint", "R-2026-11"])
    with pytest.raises(SystemExit):
        parse(["frame", "import", "lists.xlsx", "--open"])


@pages
def test_make_targets_and_scripts_are_there(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in shell_lines(page):
        if line.startswith("make "):
            assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE), line
        if line.startswith("python "):
            assert (ROOT / line.split()[1]).is_file(), line
        if "requirements" in line:
            lock = re.search(r"\S*requirements\S*", line)
            assert lock is not None, line
            assert (ROOT / lock[0]).is_file(), line


# -- keys ---------------------------------------------------------------------------------------------


@pages
def test_every_key_shown_does_what_is_said(page: Path) -> None:
    known = registry()
    keys = {key for key, _ in known}
    for key, label in KEY.findall(page.read_text(encoding="utf-8")):
        if label:
            assert (key, label) in known, f"{key} is not {label}"
        else:
            assert key in keys | WIDGET_KEYS, key


def test_the_keys_of_a_question_are_as_said() -> None:
    from qa_audit.tui.widgets.question import Question

    assert "y, p, n, a" in Question.KEY_HELP
    assert "Enter" in Question.KEY_HELP


# -- links --------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    found = set()
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            words = line.lstrip("#").strip().lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        where = (page.parent / path).resolve() if path else page
        assert where.exists(), target
        assert where.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(where), target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_address_outside_is_named(page: Path) -> None:
    for url in re.findall(r"\b[a-z][a-z+.]*://\S+", page.read_text(encoding="utf-8")):
        assert url.startswith(ALLOWED_URLS) or url == "postgresql://`", url


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            targets = LINK.findall(page.read_text(encoding="utf-8"))
            waiting += [
                (page.parent / target.partition("#")[0]).resolve() for target in targets if target[0] != "#"
            ]
    assert {page for page in PAGES if page not in seen} <= {DOCS / "README.md"}


def test_there_is_a_page_for_each_role() -> None:
    from qa_audit.access.policy import ROLES as POLICY

    assert len(ROLES) == len(POLICY)
    text = {role: (DOCS / f"{role}.md").read_text(encoding="utf-8") for role in ROLES}
    for role in POLICY:
        assert any(f"`{role}`" in words for words in text.values()), role
    for role, words in text.items():
        assert "## What the program guards" in words, role
        assert "## When something goes wrong" in words, role


def test_every_message_of_the_lists_report_is_explained() -> None:
    from qa_audit.frame.intake import __file__ as intake

    page = (DOCS / "lists.md").read_text(encoding="utf-8")
    said = re.compile(r'"(?:error|warning|info)"(?: if [^,]+)?,\s*"([a-z]+(?:-[a-z]+)+)"')
    noted = re.compile(r'^    "([a-z]+(?:-[a-z]+)+)": \("(?:error|warning|info)"', re.MULTILINE)
    codes = set()
    for path in Path(intake).parent.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        codes |= {*said.findall(text), *noted.findall(text)}
    assert len(codes) > 20
    assert not {code for code in codes if code not in page}


def test_reasons_of_moderation_are_the_program_s_own() -> None:
    from qa_audit.moderation.records import REASONS

    page = (DOCS / "moderation.md").read_text(encoding="utf-8")
    for code, words in REASONS.items():
        assert f"| {code} | {words} |" in page


# -- pages made from the program -----------------------------------------------------------------------


def test_keys_and_commands_are_what_the_program_gives() -> None:
    made = subprocess.run([sys.executable, str(DOCS / "reference.py"), "--check"], capture_output=True, text=True,
                          encoding="utf-8", env=_environment(), check=False)  # fmt: skip
    assert made.returncode == 0, made.stderr


def test_the_attribution_stands_where_figures_are_used() -> None:
    line = ("Contains public sector information licensed under the Open Government Licence v3.0 "
            "(Ofsted; Department for Education; ONS).")  # fmt: skip
    for page in (ROOT / "README.md", DOCS / "lists.md"):
        assert line in " ".join(page.read_text(encoding="utf-8").split()), page
