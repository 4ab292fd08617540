"""The command line as somebody with a terminal has it: processes, what they print, and with what status they end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Terminal:
    """Runs `qa-audit` on one workspace, as one person or another."""

    folder: Path
    workspace: Path

    def run(self, *words: str, who: str = "", stdin: str = "") -> subprocess.CompletedProcess[str]:
        script = Path(sys.executable).with_name("qa-audit.exe" if os.name == "nt" else "qa-audit")
        command = [str(script)] if script.exists() else [sys.executable, "-m", "qa_audit"]
        acting = ["--as", who] if who else []
        return subprocess.run(
            [*command, *words, *acting, "--workspace", str(self.workspace)],
            cwd=self.folder, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=240, check=False,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        )  # fmt: skip

    def json(self, *words: str, who: str = "", stdin: str = "", code: int = 0) -> Any:
        """The one JSON document on standard output; nothing else may be there, and nothing on the error stream."""
        done = self.run(*words, "--json", who=who, stdin=stdin)
        assert done.returncode == code, (words, done.returncode, done.stderr[-800:], done.stdout[-400:])
        assert done.stderr == "", (words, done.stderr)
        return json.loads(done.stdout)

    def say(self, *words: str, who: str = "", code: int = 0) -> str:
        """What the command says to people; no escape sequences in a pipe."""
        done = self.run(*words, who=who)
        assert done.returncode == code, (words, done.returncode, done.stderr[-800:], done.stdout[-400:])
        assert done.stderr == ""
        assert "\x1b" not in done.stdout
        return done.stdout

    def refused(self, *words: str, code: int, who: str = "") -> str:
        """A refusal in four parts on the error stream, with nothing on standard output and never a traceback."""
        done = self.run(*words, who=who)
        assert done.returncode == code, (words, done.returncode, done.stderr[-800:])
        assert done.stdout == "", (words, done.stdout)
        lines = done.stderr.splitlines()
        assert lines[0].startswith("qa-audit: "), done.stderr
        assert "Traceback" not in done.stderr
        labels = [line.split(":", 1)[0].strip() for line in lines[1:]]
        assert {"next", "code"} <= set(labels), (words, done.stderr)
        assert {"where", "why"} & set(labels), (words, done.stderr)
        return done.stderr


STEADY = {
    ("CV1", "held"): "yes", ("CV2", "date"): "2026-11-03", ("CV2", "who"): "Social worker", ("CV2", "how"): "video",
    ("CV4", "reflection"): "We would visit sooner", ("FB1#1", "obtained"): "yes", ("FB1#1", "who"): "child",
    ("FB1#1", "route"): "call", ("FB1#1", "date"): "2026-11-03", ("FB1#1", "words"): "She listened to me",
    ("FB1#1", "listened"): "8", ("FB1#1", "understood"): "7", ("FB1#1", "better"): "6", ("SG1", "answer"): "no",
}  # fmt: skip
ACTION = {
    "what": "See the child alone", "type": "child", "purpose": "for_the_child", "owner_role": "Team manager", "due": "2026-12-01",
    "priority": "normal", "success": "She says she feels safe",
}  # fmt: skip
SAID = "Seen in the record of the visit on Monday.\n\nThe child's drawing is on file: “I like it here”."


class Form:
    """A form as `qa-audit form show --json` prints it."""

    def __init__(self, terminal: Terminal, form_id: str) -> None:
        self.sections = terminal.json("form", "show", form_id)["sections"]
        self.codes = {section["code"] for section in self.sections}
        self._items = {item["id"]: item for section in self.sections for item in section["items"]}

    def fields(self, item: str) -> list[dict[str, Any]]:
        return list(self._items[item.partition("#")[0]]["fields"])

    def has(self, item: str) -> bool:
        return item.partition("#")[0] in self._items

    def value(self, field: Mapping[str, Any], grade: str) -> str:
        if field["options"]:
            return str(field["options"][0]["key"])
        plain = {"grade": grade, "date": "2026-11-03", "number": "3", "scale": "7", "text": SAID}
        return plain.get(field["type"], "yes")

    def section_named(self, words: str) -> str:
        return next(one["code"] for one in self.sections if one["graded"] and words.startswith(one["title"]))

    def fill(self, gap: Mapping[str, str], grade: str) -> dict[tuple[str, str], str]:
        """What closes a gap, from nothing but what the gap and the form say."""
        item, part, kind = gap["item"], gap["part"], gap["code"]
        if kind in {"no-grade", "no-overall"}:
            return {(item, part): grade}
        if kind == "safeguarding-blank":
            return {(item, part): "no"}
        if kind in {"impact-unanswered", "process-only"}:
            return {(item, one["part"]): self.value(one, grade) for one in self.fields(item)}
        if kind == "no-action":
            code = self.section_named(gap["message"])
            return {(item, one): value for one, value in ACTION.items()} | {(item, part): code}
        if self.has(item):
            field = next((one for one in self.fields(item) if one["part"] == part), None)
            if field is not None:
                return {(item, part): self.value(field, grade)}
        return {(item, part): SAID}


def fill_in(terminal: Terminal, form: Form, audit: str, who: str, grade: str = "ri") -> int:
    """Answer until `audit gaps` is empty: the first answer alone, the rest in files. Returns how many were saved."""
    saved = 0
    first = {key: value for key, value in STEADY.items() if form.has(key[0])}
    first |= {("AC1#1", part): value for part, value in ACTION.items()}
    for turn in range(25):
        found = terminal.run("audit", "gaps", audit, "--json", who=who)
        assert found.returncode in {0, 1}, found.stderr
        gaps = json.loads(found.stdout)["gaps"]
        assert bool(gaps) == (found.returncode == 1)
        if not gaps:
            return saved
        given = dict(first) if turn == 0 else {}
        if turn == 0:
            given["AC1#1", "section"] = next(gap["section"] for gap in gaps if gap["code"] == "no-grade")
        for gap in gaps:
            given.update(form.fill(gap, grade))
        if turn == 0:
            (item, part), value = given.popitem()
            terminal.json("audit", "answer", audit, item, part, value, who=who)
            saved += 1
        rows = [{"item": item, "part": part, "value": value} for (item, part), value in given.items()]
        if rows:
            done = terminal.json("audit", "answer", audit, "--from", "-", who=who, stdin=json.dumps(rows))
            saved += len(done["saved"])
    raise AssertionError(f"still open: {gaps}")
