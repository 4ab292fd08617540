"""The facts of a round against the database itself: counts by independent SQL, and every stored text."""

from __future__ import annotations

from collections import Counter
from datetime import date

import openpyxl
import pytest
from council_world import NOTHING, World
from sqlalchemy import text

from qa_audit.access import service as access
from qa_audit.audits import alert_service, allocation_service
from qa_audit.audits import service as audits
from qa_audit.errors import QaError
from qa_audit.grades import Grade
from qa_audit.improvement import finishing
from qa_audit.improvement import service as improvement
from qa_audit.moderation import deciding, reading
from qa_audit.moderation import service as moderation
from qa_audit.moderation.records import Decision
from qa_audit.reports import service as reports

G = Grade


class Texts:
    """Unique texts, remembered, so that each can be looked for."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, where: str) -> str:
        self.made.append(f"Text {len(self.made):04d} of {where} é 'quoted' =SUM(A1)")
        return self.made[-1]


def say_everything(world: World, audit: str, auditor, words: Texts, grade: Grade) -> None:
    """Fill every text part of the form with a text of its own, and submit."""
    opened = audits.open_audit(world.workspace, auditor, audit)
    said = {}
    for section, item in opened.form.items():
        name = item.id if item.repeat == 1 else f"{item.id}#1"
        said |= {
            (name, field.part): words(f"{name} {field.part}")[: field.max_length]
            for field in item.fields
            if field.type == "text" and not (section.code == "OV" and field.part == "override_reason")
        }
        if section.graded:
            said |= {(name, part): words(f"{name} {part}") for part in ("evidence", "pointer")}
    for section in opened.form.graded:
        said |= {(section.code, part): words(f"{section.code} {part}") for part in ("rationale", "better")}
    said |= {
        ("AC1#1", "type"): "child",
        ("AC1#1", "purpose"): "for_the_child",
        ("AC1#1", "due"): "2026-11-20",
        ("AC1#1", "priority"): "high",
        ("OV", "override_reason"): words("OV override_reason"),
        ("ST1#1", "share"): "yes",
        ("CV3", "worker_grade"): "good",
    }
    world.submitted(audit, auditor, grade, said)


@pytest.fixture
def told(world: World) -> tuple[World, str, Texts]:
    """A round in which everybody has written everything they can."""
    words = Texts()
    access.add_person(world.workspace, world.lead, access.NewPerson("W9", "I. Sorrel", ("worker",)))
    ref, given = world.allocated(6, plan={"strata": ["team"], "minimum": 1})
    (first, one), (second, two), (third, three), (fourth, _), (fifth, five), _ = given
    say_everything(world, first, one, words, G.REQUIRES_IMPROVEMENT)
    moderator = world.moderator(first)
    view = moderation.open_moderation(world.workspace, moderator, first)
    for section in view.sections:
        moderation.save(world.workspace, moderator, first, section, "note", words(f"note {section}"))
    world.locked(first, moderator, G.GOOD)
    for item in view.check.items():
        for field in item[1].fields:
            if field.type == "text":
                moderation.save(
                    world.workspace,
                    moderator,
                    first,
                    item[1].id,
                    field.part,
                    words(f"check {item[1].id} {field.part}"),
                )
        moderation.save(
            world.workspace, moderator, first, item[1].id, "evidence", words(f"check {item[1].id} evidence")
        )
    comparison = moderation.open_moderation(world.workspace, moderator, first).comparison
    decisions = tuple(
        Decision(row.section, G.GOOD, "too_harsh", words(f"reason {row.section}"))
        if row.auditor is not G.GOOD
        else Decision(row.section, row.auditor)
        for row in comparison
    )
    finishing.decide(
        world.workspace,
        moderator,
        first,
        decisions,
        audit_quality=G.REQUIRES_IMPROVEMENT,
        reason=words("moderation"),
    )
    finishing.respond(world.workspace, one, first, accept=False, words=words("dispute"))
    finishing.decide_panel(
        world.workspace, world["HS1"], first, {"OV": G.REQUIRES_IMPROVEMENT}, words("panel")
    )
    reading.share(world.workspace, world.lead, first)
    reading.worker_answers(
        world.workspace,
        world.lead if world.lead.may("audit.respond") else _manager(world, first),
        first,
        "comment",
        words("worker"),
    )
    action = improvement.actions(world.workspace, world.lead, audit_ref=first)[0].ref
    improvement.mark_done(world.workspace, world.lead, action, words("done"))
    improvement.verify(world.workspace, one, action, words("verified"))
    improvement.code_themes(
        world.workspace,
        world.lead,
        first,
        [
            improvement.ThemeRow(first, "drift", side, "PL", words(f"theme {side}"))
            for side in ("gap", "strength")
        ],
    )
    alert = alert_service.raise_alert(
        world.workspace, one, concern=words("alert"), told="Duty manager", audit_ref=first
    )
    alert_service.acknowledge(world.workspace, world.lead, alert)
    alert_service.act(world.workspace, world.lead, alert, words("alert acted"))
    alert_service.close(world.workspace, world.lead, alert, words("alert closed"))

    again = world.submitted(second, two)
    deciding.return_audit(world.workspace, again, second, words("returned"))
    world.locked(second, world.submitted(second, two))
    world.decided(second, world.moderator(second))
    improvement.code_themes(
        world.workspace,
        world.lead,
        second,
        [improvement.ThemeRow(second, "drift", "gap", "PL", words("theme of another"))],
    )
    world.submitted(third, three)  # still blind
    allocation_service.exempt(world.workspace, world["HS1"], fourth, words("exempt"))
    audits.save_answer(world.workspace, five, fifth, "VC1", "evidence", "A draft")  # being written
    return world, ref, words


def _manager(world: World, audit: str):
    row = next(row for row in audits.list_audits(world.workspace, world.lead) if row.ref == audit)
    access.add_person(
        world.workspace, world.lead, access.NewPerson("TM9", "J. Teasel", ("manager",), manages=(row.team,))
    )
    return world["TM9"]


def test_every_stored_text_is_in_the_facts_and_in_the_workbook(told, tmp_path):
    world, ref, words = told
    facts = reports.round_facts(world.workspace, world.lead, ref)
    everything = "\n".join(one.text for one in facts.texts)
    assert [one for one in words.made if one not in everything] == []
    assert len(words.made) > 100
    for one in facts.texts:
        assert one.audit_ref
        assert one.kind
    path = reports.export(world.workspace, world.lead, "moderation-summary", ref, tmp_path / "x.xlsx").path
    book = openpyxl.load_workbook(path)
    assert all(
        cell.data_type != "f" or str(cell.value).startswith("=HYPERLINK") or "SUM(A1)" not in str(cell.value)
        for sheet in book
        for row in sheet
        for cell in row
    )
    cells = "\n".join(
        str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )
    assert [one for one in words.made if one not in cells] == []


def sql(world: World, query: str, **values) -> list[tuple]:
    with world.workspace.read() as conn:
        return [tuple(row) for row in conn.execute(text(query), values)]


def test_the_facts_are_those_of_the_tables(told):
    world, ref, _ = told
    facts = reports.round_facts(world.workspace, world.lead, ref)
    statuses = Counter(one.status for one in facts.audits)
    assert statuses == Counter(dict(sql(world, "select status, count(*) from audit group by status")))
    assert statuses == {
        "shared": 1,
        "final": 1,
        "in_moderation": 1,
        "exempted": 1,
        "in_progress": 1,
        "allocated": 1,
    }
    hidden = {
        row[0]
        for row in sql(
            world,
            "select a.ref from audit a join moderation m on m.audit_id = a.audit_id where m.state in ('queued', 'grading')",
        )
    }
    assert len(hidden) == 1
    shown = sql(
        world,
        "select a.ref, g.section, g.grade from audit a join audit_grade g on g.audit_id = a.audit_id and g.revision = a.revision",
    )
    wanted = {(one, section): grade for one, section, grade in shown if one not in hidden}
    found = {(one.ref, "OV"): int(one.overall.auditor) for one in facts.audits if one.overall.auditor}
    found |= {
        (one.ref, each.code): int(each.grades.auditor)
        for one in facts.audits
        for each in one.sections
        if each.grades.auditor
    }
    assert found == wanted
    for table, key, name in (
        ("moderated_grade", "moderation_id", "moderated"),
        ("blind_grade", "moderation_id", "blind"),
    ):
        there = {
            (row[0], row[1]): row[2]
            for row in sql(
                world,
                f"select a.ref, g.section, g.grade from {table} g join moderation m on m.{key} = g.{key} join audit a on a.audit_id = m.audit_id where m.outcome <> 'returned'",
            )
        }
        said = {
            (one.ref, code): int(getattr(trail, name))
            for one in facts.audits
            for code, trail in [("OV", one.overall), *((each.code, each.grades) for each in one.sections)]
            if getattr(trail, name)
        }
        assert said == there, table
    panel = dict(sql(world, "select section, grade from panel_grade"))
    first = next(one for one in facts.audits if one.status == "shared")
    assert {each.code: int(each.grades.panel) for each in first.sections} | {
        "OV": int(first.overall.panel)
    } == panel
    stood = {
        (row[0], row[1]): row[2]
        for row in sql(
            world,
            "select a.ref, s.section, s.grade from standing_grade s join audit a on a.audit_id = s.audit_id",
        )
    }
    assert {(one.ref, "OV"): int(one.overall.final) for one in facts.audits if one.final_on} == {
        key: value for key, value in stood.items() if key[1] == "OV"
    }
    assert len(facts.actions) == sql(world, "select count(*) from action")[0][0]
    assert sum(one.verified_on is not None for one in facts.actions) == 1
    assert {(one.key, one.polarity): len(one.audit_refs) for one in facts.themes} == {
        (row[0], row[1]): row[2]
        for row in sql(world, "select theme, polarity, count(*) from theme_tag group by theme, polarity")
    }
    assert (
        [one.outcome for one in facts.moderations].count("returned")
        == sql(world, "select count(*) from moderation where outcome = 'returned'")[0][0]
        == 1
    )
    assert sum(one.disputed for one in facts.moderations) == 1
    assert sum(len(one.alerts) for one in facts.audits) == sql(world, "select count(*) from alert")[0][0] == 1
    assert (facts.method.seed, facts.method.frame_size, facts.method.frame_hash) == sql(
        world, "select d.seed, f.children, d.frame_hash from draw d join frame f on f.frame_id = d.frame_id"
    )[0]
    assert [(one.name, one.population, one.drawn) for one in facts.method.strata] == [
        ("Harbour", 12, 2),
        ("Meadow", 12, 2),
        ("Orchard", 12, 2),
    ]
    assert facts.method.left_out[0][0] == "Grades of 1 audit"

    # No child's reference and nobody's name is in any of it.
    said = repr(facts)
    for person in access.people(world.workspace):
        assert person.display not in said
    for (case_ref,) in sql(world, "select case_ref from audit"):
        assert case_ref not in said


def test_earlier_rounds_feed_the_trend(world):
    _, given = world.allocated(2, moderation=NOTHING)
    for audit, auditor in given:
        world.submitted(audit, auditor, G.GOOD)
    world.clock.forward(days=30)
    later = world.drawn(2)
    facts = reports.round_facts(world.workspace, world.lead, later)
    assert [(one.ref, one.overall.final, one.submitted_on, one.blind) for one in facts.earlier] == [
        (audit, G.GOOD, date(2026, 11, 2), None) for audit, _ in sorted(given)
    ]
    assert facts.audits == ()
    with pytest.raises(QaError):
        reports.export(world.workspace, world.lead, "moderation-summary", later)
    with pytest.raises(QaError):
        reports.round_facts(world.workspace, world.lead, "nothing")
