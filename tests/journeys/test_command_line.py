"""A whole round with nothing but `qa-audit` in a terminal, on three kinds of lists."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from journeys.command_line import Form, Terminal, fill_in
from python_calamine import CalamineWorkbook

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"
SEED = "31415926535897932384"


def begin(tmp_path: Path) -> Terminal:
    """A workspace of a single owner, who then adds two auditors and a moderator."""
    terminal = Terminal(tmp_path, tmp_path / "workspace")
    terminal.refused("status", code=2)
    owner = terminal.json("init", "--name", "R. Hazel")
    assert owner["person"] == "ME"
    terminal.refused("init", code=2)
    for code, name, role in (
        ("AU1", "T. Flint", "auditor"),
        ("AU2", "S. Onyx", "auditor"),
        ("MO2", "L. Fern", "moderator"),
    ):
        terminal.json("people", "add", code, "--name", name, "--role", role, "--capacity", "4")
    terminal.refused("people", "roles", "ME", "--role", "qa_lead", code=2)
    people = {one["code"]: one["roles"] for one in terminal.json("people", "list")}
    assert people["MO2"] == ["moderator"]
    assert {"qa_lead", "auditor", "system_admin"} <= set(people["ME"])
    return terminal


def bring_in(terminal: Terminal, source: Path, kind: str, authority: str, as_at: str) -> int:
    """Check, then import; returns how many children may be drawn."""
    checked = terminal.json("frame", "check", str(source), "--as-at", as_at)
    assert checked["kind"] == kind
    assert checked["usable"] is True
    assert checked["children"] > 0
    assert (
        set(checked["problems"][0]) >= {"severity", "code", "sheet", "row", "column", "message"}
        if checked["problems"]
        else True
    )
    made = terminal.json("frame", "import", str(source), "--authority", authority, "--as-at", as_at, "--both")
    assert made["children_imported"] + made["children_left_out"] == checked["children"]
    shown = terminal.json("frame", "show")
    assert len(shown["frames"]) == 1
    return int(made["children_imported"])


def draw(terminal: Terminal, form: str, target: int, *more: str) -> tuple[str, dict[str, Any]]:
    """Plan, look, draw, have it verified by us and by a stranger with PyPI's consistent-sampler."""
    ref = terminal.json(
        "round", "add", "--title", "November audits", "--form", form, "--starts", "2026-11-01", "--due", "2026-12-20", "--target",
        str(target), "--strata", "cohort", "--moderate", "all", "--cases", "both", *more,
    )["round"]  # fmt: skip
    seen = terminal.json("round", "show", ref)
    assert seen["preview"]["eligible"] >= target
    terminal.refused("round", "draw", ref, "--seed", "123", code=2)
    certificate = terminal.json("round", "draw", ref, "--seed", SEED, "--certificate", "draw.json")
    assert json.loads((terminal.folder / "draw.json").read_text(encoding="utf-8")) == certificate
    assert len(certificate["selected"]) == target
    assert terminal.json("round", "verify", ref) == {"verified": True, "differences": []}
    ids = terminal.json("round", "ids", ref, "--out", "ids.csv")
    third = ("sample", "verify", "draw.json", "--ids", "ids.csv", "--salt", ids["salt"])
    assert terminal.json(*third) == {"verified": True, "differences": []}
    by_the_public_package(terminal.folder / "ids.csv", certificate)
    somebody_moved_a_case(terminal, ids["salt"])
    return ref, certificate


def by_the_public_package(ids: Path, certificate: dict[str, Any]) -> None:
    """consistent-sampler alone, from the ids, the seed and the sizes of the strata."""
    from consistent_sampler import sampler

    with ids.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == certificate["population"]
    for stratum in certificate["strata"]:
        here = [row["case_id"] for row in rows if row["stratum"] == stratum["stratum"]]
        assert len(here) == stratum["population"]
        tickets = sampler(here, seed=SEED, with_replacement=False, drop=0, take=stratum["drawn"], output="id")
        drawn = [one["id"] for one in certificate["selected"] if one["stratum"] == stratum["stratum"]]
        assert list(tickets) == drawn


def somebody_moved_a_case(terminal: Terminal, salt: str) -> None:
    """A certificate with one case exchanged is found out: the answer is no, and that is status 1."""
    document = json.loads((terminal.folder / "draw.json").read_text(encoding="utf-8"))
    reserve = next(one for one in document["reserves"])
    document["selected"][0]["id"] = reserve["id"]
    (terminal.folder / "forged.json").write_text(json.dumps(document), encoding="utf-8")
    answer = terminal.json("sample", "verify", "forged.json", "--ids", "ids.csv", "--salt", salt, code=1)
    assert answer["verified"] is False
    assert answer["differences"]


def moderate(terminal: Terminal, audit: str, form: Form, grade: str, *, change: bool) -> list[str]:
    """Blind grades, the lock, the audit of the audit, the decision; returns the sections."""
    terminal.json("moderate", "allocate", audit, "--to", "MO2")
    waiting = terminal.json("moderate", "list", who="MO2")
    assert audit in {one["audit_ref"] for one in waiting}
    blind = terminal.json("moderate", "show", audit, who="MO2")
    assert blind["blind"] is True
    assert blind["comparison"] == []
    assert not any(
        one["part"] in {"grade", "rationale", "better"}
        for one in blind["evidence"]
        if one["item"] in form.codes
    )
    terminal.refused("moderate", "decide", audit, "--quality", "Good", who="MO2", code=2)
    for section in blind["sections"]:
        terminal.json("moderate", "grade", audit, section, grade, "--note", "The plan says it.", who="MO2")
    seen = terminal.json("moderate", "lock", audit, who="MO2")
    assert seen["blind"] is False
    assert {one["auditor"] for one in seen["comparison"]} == {grade}
    assert {one["shift"] for one in seen["comparison"]} == {0}
    terminal.refused("moderate", "grade", audit, blind["sections"][0], "Good", who="MO2", code=2)
    terminal.json("moderate", "check", audit, "MA1", "answer", "yes", who="MO2")
    terminal.json("moderate", "check", audit, "MA1", "evidence", "Each grade has two sources.", who="MO2")
    words = ["--quality", "Good", "--reason", "A fair audit, and kind to the family."]
    if change:
        words += [
            "--change",
            f"{blind['sections'][0]}=RI:risk_under_weighted:The record shows more than the audit saw.",
        ]
    terminal.json("moderate", "decide", audit, *words, who="MO2")
    return list(blind["sections"])


def finish(terminal: Terminal, ref: str, audits: dict[str, str], *, changed: bool = False) -> Path:
    """The auditors accept; actions are done and verified by somebody else; themes; sharing; the paper."""
    for audit, auditor in audits.items():
        terminal.json("audit", "feedback", audit, who=auditor)
        if changed:
            terminal.json("audit", "reply", audit, "--accept", who=auditor)
        else:  # an agreed grade is final at once: there is nothing to answer
            terminal.refused("audit", "reply", audit, "--accept", code=2, who=auditor)
        terminal.json(
            "theme", "code", audit, "--gap", "voice=Nobody asked what changed.", "--strength", "direct_work"
        )
        read = terminal.json("audit", "read", audit)
        assert {one["auditor"] for one in read["sections"]} == {"Good"}
        terminal.json("audit", "share", audit)
    actions = terminal.json("action", "list")
    assert actions
    one = actions[0]["ref"]
    terminal.json("action", "done", one, "--note", "The plan is written with the family")
    terminal.refused("action", "verify", one, "--note", "I say so myself", code=3)
    terminal.json("action", "verify", one, "--note", "She can say what will change", who="MO2")
    out = terminal.folder / "summary.xlsx"
    made = terminal.json("export", "moderation-summary", "--round", ref, "--out", str(out))
    assert Path(made["path"]) == out
    return out


def look_at(out: Path, ref: str, texts: list[str]) -> CalamineWorkbook:
    book = CalamineWorkbook.from_path(str(out), load_tables=True)
    evidence = book.get_table_by_name("Evidence")
    said = [str(row[evidence.columns.index("Text")]) for row in evidence.to_python()]
    for text in texts:
        assert any(text in one for one in said), text
    whole = " ".join(
        str(cell)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    )
    assert not re.search(r"T\. Flint|S\. Onyx|L\. Fern|R\. Hazel", whole)
    assert ref in whole
    return book


def play(terminal: Terminal, form_id: str, ref: str, *, change: bool) -> dict[str, str]:
    """Allocate, fill, submit and moderate each audit; returns each audit's auditor."""
    given = terminal.json("allocate", "run", ref)
    assert given["not_given"] == []
    audits = {one["ref"]: one["auditor"] for one in given["given"]}
    form = Form(terminal, form_id)
    for number, (audit, auditor) in enumerate(audits.items()):
        other = next(code for code in ("AU1", "AU2") if code != auditor)
        if number == 0:
            terminal.refused("audit", "gaps", audit, who=other, code=2)
            terminal.refused("audit", "submit", audit, who=auditor, code=2)
            terminal.refused("audit", "answer", audit, "PL", "grade", "excellent", who=auditor, code=2)
        assert fill_in(terminal, form, audit, auditor, "good") > 5
        submitted = terminal.json("audit", "submit", audit, who=auditor)
        assert submitted["submitted"] is True
        moderate(terminal, audit, form, "Good", change=change and number == 0)
    return audits


def test_a_generated_council(tmp_path: Path) -> None:
    """LIIA's own headings, two degrees of dirt, the full case audit."""
    terminal = begin(tmp_path)
    made = terminal.json(
        "generate", "--authority", "Southampton", "--rows-scale", "0.05", "--dialect", "liia", "--dirt", "2", "--seed", "3",
        "--out", "lists.xlsx",
    )  # fmt: skip
    assert (made["dialect"], made["dirt"]) == ("liia", 2)
    bring_in(terminal, tmp_path / "lists.xlsx", "annex_a", "Southampton", "2026-09-30")
    ref, _ = draw(terminal, "full-case-audit", 1, "--cohort", "child_protection")
    audits = play(terminal, "full-case-audit", ref, change=True)
    out = finish(terminal, ref, audits, changed=True)
    book = look_at(
        out,
        ref,
        [
            "The record shows more than the audit saw.",
            "Each grade has two sources.",
            "A fair audit",
            "“I like it here”",
        ],
    )
    mix = book.get_table_by_name("GradeMix").to_python()
    assert [row[1] for row in mix] == [0, 1, 0, 0]
    assert terminal.json("trail", "show", "--limit", "5")


def test_the_children_in_care_return(tmp_path: Path) -> None:
    """A folder of SSDA903 files."""
    source = SHARED / "ssda903-d2i-single-la"
    if not source.exists():
        pytest.skip("../shared is not here")
    terminal = begin(tmp_path)
    assert bring_in(terminal, source, "ssda903", "Somewhere", "2019-03-31") > 10
    ref, _ = draw(terminal, "dip-sample", 1)
    audits = play(terminal, "dip-sample", ref, change=False)
    look_at(finish(terminal, ref, audits), ref, ["A fair audit"])


def test_the_census_of_children_in_need(tmp_path: Path) -> None:
    """One XML file."""
    source = SHARED / "cin-d2i" / "fake_CIN_data.xml"
    if not source.exists():
        pytest.skip("../shared is not here")
    terminal = begin(tmp_path)
    assert bring_in(terminal, source, "cin_census", "Somewhere", "2022-07-21") > 10
    ref, _ = draw(terminal, "dip-sample", 1)
    audits = play(terminal, "dip-sample", ref, change=False)
    look_at(finish(terminal, ref, audits), ref, ["A fair audit"])


def test_every_status_is_the_contract_s(tmp_path: Path) -> None:
    """0 done, 1 the answer is no, 2 bad input, 3 not allowed, 4 the storage is at fault."""
    terminal = begin(tmp_path)
    (tmp_path / "minutes.csv").write_text("date,agenda\n2026-01-01,tea\n", encoding="utf-8")
    checked = terminal.json("frame", "check", str(tmp_path / "minutes.csv"), code=1)
    assert checked["usable"] is False
    terminal.refused("audit", "show", "A-9999", code=2)
    terminal.refused("round", "add", "--title", "x", "--form", "no-such-form", "--starts", "2026-11-01", "--due", "2026-11-28",
                     "--target", "3", code=2)  # fmt: skip
    terminal.refused("people", "list", who="NOBODY", code=2)
    terminal.refused("people", "add", "X1", "--name", "X", "--role", "auditor", who="AU1", code=3)
    assert terminal.run("round", "frobnicate").returncode == 2
    file = tmp_path / "workspace" / "qa-audit.db"
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    file.write_bytes(b"this is no database" * 100)
    terminal.refused("status", code=4)
