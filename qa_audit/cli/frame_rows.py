"""Plain csv rows as the sampling engine takes them: frame rows, the frame drawn from, counts for an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.cli.plain_csv import PlainCsv, date_at, grade_at, whole_at, yes_at
from qa_audit.errors import BadInput, Code, StorageFault
from qa_audit.grades import Grade, parse_grade

if TYPE_CHECKING:
    from qa_audit.sampling.plan import FrameRow, Plan

Counts = dict[str, tuple[int, int, int]]
"""Stratum to (population, sample, successes)."""


def frame_rows(table: PlainCsv, plan: Plan) -> list[FrameRow]:
    """One row for each case. Columns the plan makes strata of must be there; filters need theirs too."""
    from qa_audit.sampling.plan import FrameRow

    id_at = table.needed("case_id", "id", "case")
    strata = {column: table.needed(column) for column in plan.strata}
    closed, opened = table.column("closed", "case_status", "status"), table.column("opened", "open_since")
    audited, worker, risks = table.column("last_audited"), table.column("worker"), table.column("risks")
    for wanted, at, name in (
        (plan.status != "any", closed, "closed"),
        (plan.open_weeks > 0, opened, "opened"),
        (plan.not_audited_months > 0, audited, "last_audited"),
        (bool(plan.risks), risks, "risks"),
    ):
        if wanted and at is None:
            table.needed(name)
    out = []
    seen: set[str] = set()
    for row, cells in table.numbered():
        if not any(cells):
            continue
        case_id = cells[id_at]
        if not case_id or case_id in seen:
            raise BadInput(
                Code.CONFLICT if case_id else Code.INCOMPLETE,
                "This id stands in an earlier row" if case_id else "A row has no id",
                where=table.place(row, id_at),
                why="A case listed twice would have twice the chance" if case_id else "",
            )
        seen.add(case_id)
        out.append(
            FrameRow(
                case_id,
                {column: cells[at] for column, at in strata.items()},
                yes_at(table, row, closed, cells[closed])
                if closed is not None and plan.status != "any"
                else False,
                date_at(table, row, opened, cells[opened])
                if opened is not None and plan.open_weeks
                else None,
                date_at(table, row, audited, cells[audited])
                if audited is not None and plan.not_audited_months
                else None,
                cells[worker] if worker is not None else "",
                frozenset(r.strip() for r in cells[risks].split(";") if r.strip())
                if risks is not None
                else frozenset(),
            )
        )
    return out


def drawn_from(plan: Plan, rows: list[FrameRow]) -> list[tuple[str, str]]:
    """(case id, stratum) of every case the draw could take: what is published and checked."""
    from qa_audit.sampling.plan import eligible, strata_of

    kept, _ = eligible(plan, rows)
    return list(zip((row.id for row in kept), strata_of(plan, kept), strict=True))


def strata_counts(table: PlainCsv, certificate: Mapping[str, object] | None) -> tuple[Counts, int]:
    """Counts of each stratum, from a table of counts or from one row a case; and how many rows were left out.

    A result is yes or no, or a grade (a success is Good or better).
    """
    stratum_at = table.column("stratum")
    if table.column("successes") is not None:
        return _ready_counts(table, stratum_at), 0
    result_at = table.needed("result", "success", "grade")
    picked, population = _from_certificate(certificate)
    id_at, population_at = table.column("case_id", "id", "case"), table.column("population")
    if not population and population_at is None:
        raise BadInput(
            Code.INCOMPLETE,
            "The size of each stratum is not known",
            where=table.name,
            next_step="Give --certificate, or a column 'population'",
        )
    counts: dict[str, list[int]] = {label: [size, 0, 0] for label, size in population.items() if size}
    left_out = 0
    for row, cells in table.numbered():
        if not any(cells):
            continue
        if not cells[result_at] or (id_at is not None and cells[id_at] in picked):
            left_out += 1
            continue
        label = cells[stratum_at] if stratum_at is not None else next(iter(counts), "all cases")
        if population_at is not None and not population:
            counts.setdefault(label, [whole_at(table, row, population_at, cells[population_at]), 0, 0])
        if label not in counts:
            raise BadInput(
                Code.NOT_FOUND,
                "The certificate has no such stratum",
                where=table.place(row, stratum_at if stratum_at is not None else result_at),
            )
        counts[label][1] += 1
        counts[label][2] += _success(table, row, result_at, cells[result_at])
    return {label: (size, n, x) for label, (size, n, x) in counts.items()}, left_out


def write_text(path: Path, text: str) -> None:
    """Write a small file whole, with LF line ends on every system."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as fault:
        raise StorageFault(Code.WRITE_FAILED, "The file could not be written", where=path.name) from fault


def _ready_counts(table: PlainCsv, stratum_at: int | None) -> Counts:
    columns = [table.needed(name) for name in ("population", "sample", "successes")]
    out: Counts = {}
    for row, cells in table.numbered():
        if not any(cells):
            continue
        label = cells[stratum_at] if stratum_at is not None else f"row {row}"
        if label in out:
            raise BadInput(
                Code.CONFLICT, "A stratum stands in two rows", where=table.place(row, stratum_at or 0)
            )
        size, n, x = (whole_at(table, row, at, cells[at]) for at in columns)
        if not x <= n <= size:
            raise BadInput(
                Code.BAD_VALUE,
                "Successes cannot exceed the sample, nor the sample the population",
                where=f"{table.name}, row {row}",
            )
        out[label] = (size, n, x)
    return out


def _from_certificate(certificate: Mapping[str, object] | None) -> tuple[set[str], dict[str, int]]:
    """Ids of judgement picks, and the population of each stratum."""
    from qa_audit.sampling.certificate import draw_from_certificate

    if certificate is None:
        return set(), {}
    draw = draw_from_certificate(certificate)
    return {c.id for c in draw.selected if c.weight is None}, {s.stratum: s.population for s in draw.strata}


def _success(table: PlainCsv, row: int, column: int, text: str) -> bool:
    """A column called grade holds grades ("1" is Outstanding); any other holds yes and no, or grades in words."""
    graded = table.headings[column].strip().casefold() == "grade"
    if graded or (not text.isdecimal() and parse_grade(text) is not None):
        grade = grade_at(table, row, column, text)
        return grade is not None and grade <= Grade.GOOD
    return yes_at(table, row, column, text)
