"""Nobody writes a word for nothing: every stored text reaches the paper, and what must not leave does not.

In a copy of the demo every text of every row is made unmistakable by SQL, the round is exported again,
and the workbook is searched: for each text that is to travel, and for each that is not.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite
import yaml
from journeys.round_by_sql import Council

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys-demo")]

TODAY = date(2026, 11, 21)

TRAVELS = {
    "action.what", "action.success", "action.done_note", "action.verified_note", "alert.concern", "alert.action_taken",
    "alert.closing_note", "answer.value", "audit.ended_reason", "draw.reason", "moderated_grade.reason", "moderation.reason",
    "moderation.response_text", "moderator_answer.value", "panel.rationale", "recovery.plan_note", "round.theme", "round.title",
    "theme_tag.line", "worker_response.words",
}  # fmt: skip
STAYS = {
    "alert.told": "who was told is a person's name as often as a role",
    "allocation.reason": "why an audit changed hands is about staff",
    "conflict.reason": "a declared conflict is about staff and their families",
    "drawn_case.reason": "why a case was replaced or picked stands with its certificate; the audit's own reason travels",
    "event.new": "the trail is its own record",
    "event.old": "the trail is its own record",
    "event.reason": "the trail is its own record",
    "meta.value": "the workspace's own key",
    "setting.value": "settings are no findings",
    "stored_form.content": "the form itself; its version travels",
    "submission.override_reason": "a copy of the auditor's answer, which travels",
    "calibration_case.content": "an invented case of an exercise, of no round",
    "calibration_exercise.reason": "of an exercise, of no round",
    "calibration_grade.rationale": "of an exercise, of no round",
    "panel.why": "the program's own words for what called the panel, counted on the moderation sheet",
    "person.display": "papers say a role or a code, never a name",
    "person.job_title": "the author's role stands beside each text, and only that",
    "person.service": "of the child travels, not of the person",
    "person.team": "of the child travels, not of the person",
    "audit.worker": "a worker's name",
    "audit.case_ref": "the council's own number of a child",
    "audit.stratum": "in words under 'Selected by'",
    "audit.team": "a place, shown in its own column",
    "audit.service": "a place, shown in its own column",
    "audit.ethnicity": "a code of the list",
    "audit.age_band": "a code of the list",
    "audit.sex": "a code of the list",
    "alert.team": "a place, shown in its own column",
    "action.team": "a place, shown in its own column",
    "action.owner_role": "a role, shown in its own column",
    "managed_team.team": "who manages whom",
    "drawn_case.stratum": "in words under 'Selected by'",
}
"""Columns that hold words and are not in the sheet of texts, each with the reason."""


def declared_parts() -> tuple[set[str], set[str]]:
    """'item/part' of every field that takes free words, and of every other, read from the form files."""
    found: tuple[set[str], set[str]] = (set(), set())
    for path in (Path(__file__).parents[2] / "schemas" / "forms").glob("*.yaml"):
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        for item in form.get("items") or []:
            for field in item.get("fields") or []:
                found[0 if field["type"] == "text" else 1].add(f"{item['id']}/{field['part']}")
    return found


FREE_PARTS = ("evidence", "pointer", "rationale", "better", "override_reason", "credible_because")
MODERATOR_PARTS = ("note", "evidence", "pointer", "text", "reason")


@pytest.fixture(scope="session")
def planted(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Council]]:
    """The rounds exported again from a copy in which each text names its own table, column and row."""
    from qa_audit.access.service import load_actor
    from qa_audit.reports.service import export
    from qa_audit.store.workspace import Workspace

    base = tmp_path_factory.mktemp("planted")
    (base / "w").mkdir()
    source = sqlite.connect(str(demo_folder / "workspace" / "qa-audit.db"))
    target = sqlite.connect(str(base / "w" / "qa-audit.db"))
    source.backup(target)
    _plant(target)
    target.commit()
    rounds = [ref for (ref,) in target.execute("select ref from round order by ref")]
    source.close()
    target.close()
    from datetime import UTC, datetime

    with Workspace(base / "w", clock=lambda: datetime(2026, 11, 21, 18, tzinfo=UTC)) as workspace:
        lead = load_actor(workspace, "QA1")
        files = {ref: export(workspace, lead, "moderation-summary", ref, base / "out").path for ref in rounds}
    found = {
        ref: Council(base / "w" / "qa-audit.db", base / "read.db", files[ref], ref, TODAY) for ref in rounds
    }
    yield found
    for one in found.values():
        one.close()


def _plant(conn: sqlite.Connection) -> None:
    """Each text of each row gets a mark of its own; empty ones get the mark alone."""
    for name in sorted(TRAVELS | set(STAYS) - {"meta.value", "setting.value", "stored_form.content"}):
        table, column = name.split(".")
        where = "1"
        if table == "answer":
            free, other = (tuple(sorted(one)) for one in declared_parts())
            place = "case when instr(item, '#') > 0 then substr(item, 1, instr(item, '#') - 1) else item end || '/' || part"
            where = f"({place}) in {free} or (part in {FREE_PARTS} and ({place}) not in {other})"
        elif table == "moderator_answer":
            where = f"part in {MODERATOR_PARTS}"
        elif column in {
            "job_title",
            "team",
            "service",
            "stratum",
            "owner_role",
            "ethnicity",
            "age_band",
            "sex",
        }:
            continue  # places and roles stay what they are: only free words are marked
        elif name == "audit.ended_reason":
            where = "status in ('withdrawn', 'exempted')"
        elif name == "moderation.response_text":
            where = "responded_at is not null"
        elif name == "moderated_grade.reason":
            where = "outcome <> 'agreed'"
        elif name in {"action.done_note", "action.verified_note"}:
            where = "done_at is not null"
        conn.execute(
            f"update {table} set {column} = '=' || coalesce({column}, '') || ' <&> [{name}/' || rowid || ']' where {where}"
        )
    long = "x" * 40_000
    conn.execute(
        """update answer set value = value || ? where rowid = (select min(w.rowid) from answer w join audit a using (audit_id)
        where part = 'rationale' and a.status = 'shared' and a.round_id = (select round_id from round order by ref desc limit 1 offset 1))""",
        (long,),
    )


def everything(council: Council) -> str:
    """All cells of the workbook, the parts of a long text put together again."""
    evidence = [str(row["Text"]) for row in council.table("Evidence")]
    return "\n".join(text for _, text in council.texts()) + "\n" + "".join(evidence)


def marks(text: str, name: str) -> set[int]:
    return {int(row) for row in re.findall(rf"\[{re.escape(name)}/(\d+)\]", text)}


OF_AUDIT = "select t.rowid from {table} t join a using (audit_id) where {where}"
OF_MODERATION = "select t.rowid from {table} t join moderation m using (moderation_id) join a using (audit_id) where {where}"
OPEN = "not a.is_hidden"
EVIDENCE_ALONE = f"({OPEN} or (t.part in ('evidence', 'pointer') or t.part not in {FREE_PARTS}))"


def expected(council: Council, name: str, *, strengths: bool = False) -> set[int]:
    """Rows of the round whose text is to arrive: of a hidden audit only what its blind moderator reads anyway.

    The line of a strength is the auditor's own answer, which travels itself; it may stand among the themes.
    """
    table, column = name.split(".")
    where, shape = "1", OF_AUDIT
    if table == "answer":
        return set()
    if table in {"moderator_answer", "moderated_grade"}:
        shape, where = OF_MODERATION, OPEN
    if table in {"moderation", "panel", "theme_tag"}:
        where = OPEN
    if name == "theme_tag.line" and not strengths:
        where += " and t.section <> 'ST'"
    if name in {"round.title", "round.theme"}:
        return {row for (row,) in council.sql("select rowid from round where ref = :ref")}
    if table == "draw":
        return {
            row
            for (row,) in council.sql(
                "select w.rowid from draw w join round r on r.round_id = w.round_id where r.ref = :ref and not superseded"
            )
        }
    if table == "audit":
        return {
            row
            for (row,) in council.sql("select t.rowid from audit t join a using (audit_id) where a.is_out")
        }
    text = {"answer": "value", "moderator_answer": "value"}.get(table, column)
    query = shape.format(table=table, where=where) + f" and t.{text} like '%[{name}/%'"
    return {row for (row,) in council.sql(query)}


def test_every_column_with_words_is_in_one_of_the_two_lists(planted: dict[str, Council]) -> None:
    """A column added to the tables must be put in one list or the other, with its reason."""
    council = next(iter(planted.values()))
    wordy = set()
    tables = [one for (one,) in council.sql("select name from sqlite_master where type = 'table'")]
    for table in (one for one in tables if not one.startswith("frame")):
        for column, kind in council.sql(f"select name, type from pragma_table_info('{table}')"):
            with_words = f"""select exists (select 1 from "{table}" where "{column}" like '% %')"""
            if kind.upper() == "TEXT" or (kind.upper() == "VARCHAR" and council.one(with_words)):
                wordy.add(f"{table}.{column}")
    assert wordy - TRAVELS - set(STAYS) == set()


@pytest.mark.parametrize("name", sorted(TRAVELS - {"answer.value"}))
def test_the_text_arrives(planted: dict[str, Council], name: str) -> None:
    looked_for = 0
    for ref, council in planted.items():
        found, wanted = marks(everything(council), name), expected(council, name)
        assert wanted - found == set(), (
            f"{ref}: {len(wanted - found)} of {len(wanted)} texts of {name} are missing"
        )
        allowed = wanted | expected(council, name, strengths=True)
        assert found - allowed == set(), f"{ref}: texts of {name} that should not be there"
        looked_for += len(wanted)
    assert looked_for


def blind_parts() -> tuple[set[str], set[str]]:
    """Items of the sections that a blind moderator does not read, and of those he reads."""
    hidden = {"CV", "AC", "ST", "OV"}
    forms = (Path(__file__).parents[2] / "schemas" / "forms").glob("*.yaml")
    items: tuple[set[str], set[str]] = (set(), set())
    for path in forms:
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        if form["kind"] == "set":
            items[0 if form["id"] in hidden else 1].update(item["id"] for item in form.get("items") or [])
    return items


@pytest.mark.parametrize("which", [0, 1], ids=["finished", "under way"])
def test_every_answer_in_words_arrives_and_nothing_blind_does(
    planted: dict[str, Council], which: int
) -> None:
    council = list(planted.values())[which + 1]
    found = marks(everything(council), "answer.value")
    rows = council.sql(
        """select t.rowid, t.item, t.part, a.is_hidden from answer t join a using (audit_id)
        where t.value like '%[answer.value/%'"""
    )
    assert len(rows) > 500
    unseen, read = blind_parts()
    base = {row: item.partition("#")[0] for row, item, *_ in rows}
    shown = {row for row, _, _, hidden in rows if not hidden}
    assert shown - found == set()
    # Of a hidden audit: the evidence and where it lies, and neither judgement, nor action, nor conversation.
    blind = {
        row
        for row, _, part, hidden in rows
        if hidden and (base[row] in unseen or part in {"rationale", "better"})
    }
    blind |= {
        row for row, _, part, hidden in rows if hidden and part in {"override_reason", "credible_because"}
    }
    assert blind & found == set()
    plain = {
        row
        for row, _, part, hidden in rows
        if hidden and base[row] in read and part in {"evidence", "pointer"}
    }
    assert plain - found == set()
    if which == 1:
        assert blind
        assert plain


def test_a_long_text_is_whole(planted: dict[str, Council]) -> None:
    council = list(planted.values())[1]
    rows = [row for row in council.table("Evidence") if row["Part"]]
    assert [row["Part"] for row in rows] == ["1 of 2", "2 of 2"]
    assert "".join(str(row["Text"]) for row in rows).count("x") >= 40_000


def test_nothing_leaves_that_is_to_stay(planted: dict[str, Council]) -> None:
    for council in planted.values():
        text = everything(council)
        for name in STAYS:
            assert marks(text, name) == set(), name


@pytest.mark.parametrize("which", [0, 1], ids=["finished", "under way"])
def test_no_name_of_anybody_anywhere_in_the_file(councils: dict[str, Council], which: int) -> None:
    """Not in a cell, a property, a chart or a comment: the whole package is searched, part by part."""
    council = list(councils.values())[which]
    names = {one for (one,) in council.sql("select display from person")}
    names |= {one for (one,) in council.sql("select distinct worker from audit where worker <> ''")}
    names |= {one for (one,) in council.sql("select distinct worker from frame_child where worker <> ''")}
    assert len(names) > 20
    cases = {one for (one,) in council.sql("select case_ref from audit")}
    with zipfile.ZipFile(council.workbook) as package:
        for part in package.namelist():
            content = package.read(part).decode("utf-8", "replace")
            assert [one for one in names if one in content] == [], part
            assert [one for one in cases if re.search(rf">{re.escape(one)}<", content)] == [], part


def test_no_column_for_a_name_of_a_child(councils: dict[str, Council]) -> None:
    """The tables have no place for a child's name, address or date of birth."""
    council = next(iter(councils.values()))
    columns = [
        f"{table}.{column}"
        for (table,) in council.sql("select name from sqlite_master where type = 'table'")
        for (column,) in council.sql(f"select name from pragma_table_info('{table}')")
    ]
    refused = re.compile(
        r"forename|surname|first_name|last_name|child_name|birth|dob|address|postcode|nhs|upn", re.I
    )
    assert [one for one in columns if refused.search(one)] == []
    assert [one for one in columns if re.search(r"(^|_|\.)name$", one)] == ["frame_problem.column_name"]
