"""A round as plain SQL tells it, for checks that stand on nothing of the program's own reading.

Only the tables are taken from the program. What is planned, done, hidden, graded and paired is said here a
second time, in SQL, from the data dictionary's words.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from python_calamine import CalamineWorkbook

GRADES = ("Outstanding", "Good", "Requires improvement to be good", "Inadequate")

# An audit is hidden while it is written, and while its moderator has not locked a blind grade of their own.
_ROUND = """
create temp table a as
select a.*, p.code as auditor_code, p.job_title as auditor_role,
  a.status not in ('planned', 'allocated', 'in_progress', 'returned', 'lapsed', 'withdrawn', 'exempted') as is_done,
  a.status in ('withdrawn', 'exempted') as is_out,
  (a.status in ('planned', 'allocated', 'in_progress', 'returned', 'submitted')
   or exists (select 1 from moderation m where m.audit_id = a.audit_id and m.blind and m.state in ('queued', 'grading')))
    as is_hidden
from audit a join round r on r.round_id = a.round_id left join person p on p.person_id = a.auditor_id
where r.ref = :ref;
"""
_LIVE = """
create temp table live as
select m.* from moderation m join audit a on a.audit_id = m.audit_id
where m.revision = a.revision and m.outcome <> 'returned';
"""
# Every judgement of every audit that may be shown: auditor, moderator's own, moderated, panel; this round and the others.
_GRADED = """
create temp table g as
select x.*, coalesce(x.panel, x.moderated, x.auditor) as final, coalesce(x.blind, x.moderated) as second
from (
  select a.audit_id, a.ref, a.round_id, a.status, a.submitted_at, s.section,
    (select grade from audit_grade where audit_id = a.audit_id and revision = a.revision and section = s.section) as auditor,
    (select b.grade from blind_grade b join live m using (moderation_id) where m.audit_id = a.audit_id and b.section = s.section) as blind,
    (select b.grade from moderated_grade b join live m using (moderation_id) where m.audit_id = a.audit_id and b.section = s.section) as moderated,
    (select b.grade from panel_grade b join panel p using (panel_id) join live m using (moderation_id)
      where m.audit_id = a.audit_id and b.section = s.section) as panel
  from audit a
  join (select audit_id, section from audit_grade union
        select m.audit_id, b.section from moderated_grade b join live m using (moderation_id)) s on s.audit_id = a.audit_id
  where a.status not in ('planned', 'allocated', 'in_progress', 'returned', 'submitted')
    and not exists (select 1 from moderation m where m.audit_id = a.audit_id and m.blind and m.state in ('queued', 'grading'))
) x;
"""


class Council:
    """One round: `sql` asks the copied database, `table` and `cell` read the workbook."""

    def __init__(self, database: Path, copy: Path, workbook: Path, ref: str, today: date) -> None:
        self.ref, self.today, self.workbook = ref, today, workbook
        if not copy.exists():
            source, target = sqlite.connect(str(database)), sqlite.connect(str(copy))
            source.backup(target)
            source.close()
            target.close()
        self._conn = sqlite.connect(str(copy))
        for statement in (_ROUND, _LIVE, _GRADED):
            self._conn.execute(statement, {"ref": ref} if ":ref" in statement else {})
        self._book = CalamineWorkbook.from_path(str(workbook), load_tables=True)

    def close(self) -> None:
        self._conn.close()

    def sql(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query; :ref and :today are always known."""
        known = {"ref": self.ref, "today": self.today.isoformat(), **values}
        used = {name: value for name, value in known.items() if f":{name}" in query}
        return self._conn.execute(query, used).fetchall()

    def one(self, query: str, **values: Any) -> Any:
        """The one value of a query."""
        ((value,),) = self.sql(query, **values)
        return value

    @property
    def sheets(self) -> list[str]:
        return list(self._book.sheet_names)

    @property
    def tables(self) -> list[str]:
        return list(self._book.table_names)

    def table(self, name: str) -> list[dict[str, Any]]:
        """The rows of an Excel table, by its headings; whole numbers as int, empty cells as None."""
        found = self._book.get_table_by_name(name)
        return [
            {heading: plain(cell) for heading, cell in zip(found.columns, row, strict=True)}
            for row in found.to_python()
        ]

    def rows(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of a table, row by row; all of them when none is named."""
        return [tuple(row[one] for one in columns or row) for row in self.table(name)]

    def lines(self, sheet: str) -> list[list[Any]]:
        """A whole sheet, cell by cell, from its first row."""
        found = self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        return [[plain(cell) for cell in row] for row in found]

    def texts(self) -> list[tuple[str, str]]:
        """Every text in every cell of the workbook, with its sheet."""
        return [
            (name, cell)
            for name in self.sheets
            for row in self.lines(name)
            for cell in row
            if isinstance(cell, str)
        ]


def plain(cell: Any) -> Any:
    """A cell as Python has it: 3.0 is 3, an empty one is None."""
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell


def words(grade: int | None) -> str | None:
    """A stored grade in the full words."""
    return None if grade is None else GRADES[grade - 1]


def day(text: str | None) -> date | None:
    """The day of a stored moment."""
    return None if not text else date.fromisoformat(text[:10])


def share(part: int, whole: int) -> Any:
    """A share as a table says it: 0-1, in words under five, nothing of nothing."""
    if not whole:
        return None
    return plain(part / whole) if whole >= 5 else f"{part} of {whole}"


def percent(part: int, whole: int) -> str:
    """A share as a sentence says it, half a percent rounded up."""
    from decimal import ROUND_HALF_UP, Decimal

    if not whole:
        return "none"
    return f"{(Decimal(100 * part) / Decimal(whole)).quantize(Decimal(1), ROUND_HALF_UP)}%"
