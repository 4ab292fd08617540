"""Results on screen: the workbook's own figures, what is blind left out, papers written, actions followed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from council_on_screen import on_screen
from reports.invented_round import invented_round

from qa_audit.grades import Grade
from qa_audit.improvement import service as improvement
from qa_audit.moderation import reading
from qa_audit.reports import figures, summary
from qa_audit.reports import service as reports
from qa_audit.reports.sheets import coverage, grading, moderation
from qa_audit.tui.screens.dashboard import page as parts
from qa_audit.tui.screens.dashboard import pages, pictures
from qa_audit.tui.screens.results.final import FinalScreen


def said(figure: parts.Figure) -> str:
    return figure.says if isinstance(figure.says, str) else figure.says.text


def named(figure: parts.Figure) -> str:
    return figure.what if isinstance(figure.what, str) else figure.what.text


@pytest.fixture(scope="module")
def facts():
    return invented_round(60)


@pytest.fixture(scope="module")
def board(facts):
    return {page.key: page for page in pages.build(facts, auditors=True).pages}


# -- the figures ------------------------------------------------------------------------------------


def test_the_headline_and_the_key_figures_are_the_workbooks(facts, board):
    assert pages.build(facts, auditors=False).headline == summary.headline(facts)
    shown = {named(figure): (figure.n, said(figure)) for figure in board["overview"].figures}
    for name, figure, _, says in summary.key_figures(facts):
        assert shown[name][0] == figure
        assert shown[name][1].startswith(says)


def test_each_key_figure_leads_to_as_many_audits_as_it_counts(facts, board):
    behind = {named(figure): len(figure.refs) for figure in board["overview"].figures}
    finished = figures.done(facts)
    assert behind["Audits done"] == len(finished)
    assert behind["Exact agreement"] == len(figures.pairs(finished))
    assert behind["Inadequate"] == len(summary.inadequate(facts))
    assert behind["Good or better"] == figures.good_or_better(
        figures.grade_counts(a.overall.final for a in finished)
    )


def test_grades_by_month_equal_the_table_of_the_workbook(facts, board):
    table = parts.table(grading.grades(facts), "GradesByMonth")
    drawn = "\n".join(line.plain for line in board["grades"].draw(100))
    for _, name, o, g, r, i, n, *_ in table.rows:
        if n:
            row = next(line for line in drawn.splitlines() if name in line)
            assert row.rstrip().endswith(f"O {o}  G {g}  R {r}  I {i}")
    months = [
        figure
        for figure in board["grades"].figures
        if figure.what in {figures.month_words(str(row[0])) for row in table.rows}
    ]
    assert [figure.n for figure in months] == [str(row[6]) for row in table.rows]
    assert [len(figure.refs) for figure in months] == [row[6] for row in table.rows]


def test_practice_areas_equal_the_workbook(facts, board):
    table = parts.table(grading.practice_areas(facts), "PracticeAreas")
    assert [(named(f), f.n) for f in board["areas"].figures] == [(row[0], str(row[2])) for row in table.rows]
    drawn = "\n".join(line.plain for line in board["areas"].draw(120))
    for line in figures.area_lines(facts):
        assert f"(n={line.n})" in drawn


def test_the_matrix_adds_up_and_reads_plainly(facts, board):
    pairs = figures.pairs(figures.done(facts))
    cells = [figure for figure in board["agreement"].figures if named(figure).startswith("Auditor ")]
    assert sum(int(figure.n) for figure in cells) == len(pairs) == sum(len(figure.refs) for figure in cells)
    moved = figures.drift(pairs)
    drawn = "\n".join(line.plain for line in board["agreement"].draw(120))
    assert pictures.reading_of(moved.exact, moved.generous, moved.harsh) in drawn
    assert f"{moved.exact} of {moved.n}, {figures.percent(moved.exact, moved.n)}" in drawn
    for name, value, _, _, _, shown, _ in parts.table(
        moderation.moderation_matrix(facts), "AgreementFigures"
    ).rows:
        if shown != "Withheld" and isinstance(value, float):
            assert f"{name}: " in drawn


def test_coefficients_are_withheld_under_ten():
    small = invented_round(10, seed=5)
    assert 0 < len(figures.pairs(figures.done(small))) < 10
    page = next(page for page in pages.build(small, auditors=False).pages if page.key == "agreement")
    drawn = "\n".join(line.plain for line in page.draw(120))
    assert "Coefficients are not shown" in drawn
    assert "Kappa" not in drawn


@pytest.mark.parametrize(
    ("same", "generous", "harsh", "words"),
    [
        (12, 4, 0, "12 of 16 the same; where they differ the auditor was more generous 4 times out of 4."),
        (5, 0, 0, "5 of 5 the same."),
        (3, 1, 2, "3 of 6 the same; where they differ the auditor was more generous in 1 and harsher in 2."),
        (0, 0, 0, "Nothing has been graded twice yet."),
    ],
)
def test_agreement_is_read_out_in_plain_words(same, generous, harsh, words):
    assert pictures.reading_of(same, generous, harsh) == words


def test_drift_is_the_workbooks_and_shows_its_direction(facts, board):
    table = parts.table(moderation.moderation_matrix(facts), "DriftByMonth")
    drawn = [line.plain for line in board["drift"].draw(100)]
    for _, month, n, _, _, mean, _ in table.rows:
        row = next(line for line in drawn if line.startswith(figures.month_words(str(month))))
        if isinstance(mean, float):
            assert f"{mean:+.2f}".replace("-", "−") in row
            assert f"(n={n})" in row
            bar = row.index("│")
            assert ("█" in row[:bar]) == (mean < 0)
        else:
            assert "nothing graded twice" in row


def test_coverage_adds_up_to_the_plan(facts, board):
    table = parts.table(coverage.planned_and_done(facts), "PlanByTeam")
    teams = board["coverage"].figures[: len(table.rows)]
    assert sum(len(figure.refs) for figure in teams) == len(facts.audits)


def test_lines_about_single_auditors_are_for_the_qa_unit_alone(facts):
    for allowed in (True, False):
        drift = next(p for p in pages.build(facts, auditors=allowed).pages if p.key == "drift")
        assert any(named(f).startswith("Auditor ") for f in drift.figures) is allowed


@pytest.mark.parametrize("width", [20, 40, 78, 118, 198])
def test_every_page_draws_at_every_width(facts, board, width):
    for page in board.values():
        for line in page.draw(width):
            assert line.cell_length <= max(width, 76), page.key


def test_an_empty_round_draws_too(facts):
    from dataclasses import replace

    empty = replace(facts, audits=(), moderations=(), actions=(), themes=(), texts=(), earlier=())
    for page in pages.build(empty, auditors=True).pages:
        page.draw(80)


# -- the screens ------------------------------------------------------------------------------------


def a_round(world) -> tuple[str, list[str]]:
    """Three audits: one final after moderation, one decided and waiting, one still blind."""
    ref, given = world.allocated(3)
    (first, a), (second, b), (third, c) = given
    for audit, auditor, own in ((first, a, Grade.GOOD), (second, b, Grade.GOOD)):
        moderator = world.submitted(audit, auditor, Grade.GOOD)
        world.locked(audit, moderator, own)
        world.decided(audit, moderator)
    world.submitted(third, c, Grade.INADEQUATE)
    return ref, [first, second, third]


async def test_the_dashboard_leaves_out_what_is_blind_and_says_so(world):
    _, audits = a_round(world)
    async with on_screen(world, "QA1", "dashboard") as at:
        assert "their blind second grade is still to come" in at.words
        assert "1 Inadequate" not in at.words
        board = at.screen._board
        assert board.headline == summary.headline(reports.round_facts(world.workspace, world.lead, board.ref))
        await at.press("4")
        assert "2 of 2 the same." in at.words
        await at.press("enter")
        assert audits[0] in at.words
        assert audits[2] not in at.words
        await at.press("enter")
        assert isinstance(at.screen, FinalScreen)
        assert "Grade that stands: Good" in at.words


async def test_every_page_by_keyboard(world):
    a_round(world)
    async with on_screen(world, "QA1", "dashboard", (80, 24)) as at:
        for digit in "123456789":
            await at.press(digit)
            assert "Dashboard" in at.text.splitlines()[0]
        await at.press("4", "p")
        assert "Exact agreement" in at.words
        await at.press("escape", "r")
        assert "Which round" in at.words


async def test_the_summary_is_written_from_the_screen(world, monkeypatch, tmp_path):
    from qa_audit.reports import profiles

    monkeypatch.setattr(profiles, "default_out", lambda *_: tmp_path / "out")
    a_round(world)
    async with on_screen(world, "QA1", "dashboard") as at:
        await at.press("f6")
        assert "Written" in at.words
    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".xlsx"]


async def test_an_export_that_is_stopped_leaves_no_file(world, monkeypatch, tmp_path):
    from qa_audit.reports import profiles
    from qa_audit.tui.screens.results.exporting import ExportModal

    monkeypatch.setattr(profiles, "default_out", lambda *_: tmp_path / "out")
    ref, _ = a_round(world)
    async with on_screen(world, "QA1", "dashboard") as at:
        modal = ExportModal(at.app.backend, ref)
        modal._stop = True
        at.app.push_screen(modal)
        await at.settle()
        assert "Stopped. No file was written." in at.words
    assert not list((tmp_path / "out").glob("*"))


async def test_a_finished_audit_is_read_shared_and_answered(world):
    _, audits = a_round(world)
    async with on_screen(world, "QA1", "results") as at:
        await at.press("2", "enter")
        assert isinstance(at.screen, FinalScreen)
        assert "not yet shared" in at.words
        await at.press("s", "enter")
        assert "not yet shared" not in at.words
    assert world.status(audits[0]) == "shared"
    async with on_screen(world, "QA1", "results") as at:
        await at.press("2", "enter")
        for _ in range(12):
            await at.press("ctrl+n")
        assert "The worker's answer" in at.words
    final = reading.read_final(world.workspace, world.lead, audits[0])
    assert final.status == "shared"


async def test_themes_are_coded_with_one_line_each(world):
    _, audits = a_round(world)
    async with on_screen(world, "QA1", "themes") as at:
        await at.press("2", "enter", "plus")
        assert "Which strength" in at.words
        await at.press("enter", "enter")
        await at.type("It was clear")
        await at.press("enter", "ctrl+s")
        assert "It was clear" in at.words
    tags = improvement.themes_of(world.workspace, world.lead, audit_ref=audits[0])
    assert [(tag.polarity, tag.line) for tag in tags if tag.line == "It was clear"] == [
        ("strength", "It was clear")
    ]


def an_action(world) -> str:
    ref, auditor = world.one()
    moderator = world.submitted(ref, auditor, Grade.REQUIRES_IMPROVEMENT)
    world.locked(ref, moderator, Grade.REQUIRES_IMPROVEMENT)
    world.decided(ref, moderator)
    return improvement.actions(world.workspace, world.lead)[0].ref


async def test_an_action_is_done_by_one_and_verified_by_another(world):
    ref = an_action(world)
    world.clock.forward(days=60)
    async with on_screen(world, "QA1", "actions") as at:
        assert "days late" in at.words
        await at.press("d", "enter")
        await at.type("Seen alone")
        await at.press("escape", "ctrl+s", "3")
        assert ref in at.words
        await at.press("v", "enter")
        await at.type("She is safe")
        await at.press("escape", "ctrl+s")
        assert "somebody else verifies it" in at.words
        await at.press("enter")
    async with on_screen(world, "MO1", "actions") as at:
        assert ref not in at.words or "done" in at.words
    row = next(row for row in improvement.actions(world.workspace, world.lead) if row.ref == ref)
    assert (row.state, row.done_note) == ("done", "Seen alone")


async def test_a_due_date_moves_only_with_a_reason(world):
    ref = an_action(world)
    async with on_screen(world, "QA1", "actions") as at:
        await at.press("m", "enter")
        await at.type("10/12/2026")
        await at.press("enter", "ctrl+s")
        assert "Why it moves" in at.words
        await at.press("enter")
        await at.type("The family asked")
        await at.press("escape", "ctrl+s")
    row = next(row for row in improvement.actions(world.workspace, world.lead) if row.ref == ref)
    assert row.due == "2026-12-10"


async def test_pictures_of_results(world, picture):
    a_round(world)
    async with on_screen(world, "QA1", "dashboard", (80, 24)) as at:
        picture("dashboard-overview-80", at.text)
    async with on_screen(world, "QA1", "dashboard") as at:
        for digit, name in (("1", "overview"), ("3", "areas"), ("4", "agreement"), ("6", "coverage")):
            await at.press(digit)
            picture(f"dashboard-{name}-120", at.text)
    async with on_screen(world, "QA1", "results") as at:
        await at.press("2", "enter")
        picture("final-120", at.text)


def test_importing_the_screens_loads_no_database_and_no_spreadsheet_library():
    code = (
        "import sys\n"
        "from qa_audit.tui.screens.moderation import screen, blind, decide, panel, sheet\n"
        "from qa_audit.tui.screens.dashboard import screen as d\n"
        "from qa_audit.tui.screens.results import screen as r, final, exporting\n"
        "from qa_audit.tui.screens.actions import screen as a\n"
        "from qa_audit.tui.screens.themes import screen as t, coding\n"
        "print([m for m in ('sqlalchemy', 'sqlmodel', 'openpyxl', 'numpy', 'scipy') if m in sys.modules])\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
