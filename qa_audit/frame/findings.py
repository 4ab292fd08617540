"""Problems gathered while reading: each place once, the same thing many times as one line with a count."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qa_audit.frame.records import Problem, Severity

EACH_LIMIT = 25  # single places shown for one code in one column; the rest are counted
DISTINCT_LIMIT = 60  # distinct unknown values shown for one column
VALUE_LENGTH = 60


@dataclass(slots=True)
class Tally:
    """The first of many equal findings, and how many there are."""

    first: Problem
    count: int = 1


class Findings:
    """Collects problems. `once` groups by value; `each` names places until there are too many; both keep counts."""

    def __init__(self, before: Findings | None = None) -> None:
        """What was said once `before`, and nothing else yet."""
        self._plain: list[Problem] = list(before._plain) if before else []
        self._tallies: dict[tuple[str, ...], Tally] = {}
        self._many: dict[tuple[str, ...], Tally] = {}

    def say(self, severity: Severity, code: str, message: str, **place: object) -> None:
        """One thing that is said once."""
        self._plain.append(Problem(severity, code, message, **place))  # type: ignore[arg-type]

    def each(
        self,
        severity: Severity,
        code: str,
        message: str,
        *,
        file: str,
        sheet: str,
        row: int,
        column: str,
        value: str = "",
    ) -> None:
        """A fault in one cell: shown with its row; after `EACH_LIMIT` in a column only counted."""
        key = (file, sheet, column, code)
        tally = self._many.get(key)
        if tally is None:
            tally = self._many[key] = Tally(Problem(severity, code, message, sheet, row, column, "", file), 0)
        tally.count += 1
        if tally.count <= EACH_LIMIT:
            self._plain.append(
                Problem(severity, code, message, sheet, row, column, value[:VALUE_LENGTH], file)
            )

    def once(
        self,
        severity: Severity,
        code: str,
        message: str,
        *,
        file: str,
        sheet: str,
        row: int,
        column: str,
        value: str = "",
    ) -> Tally:
        """The same value or the same habit: reported once with its first row. Returns its tally, to count more."""
        key = (file, sheet, column, code, value)
        tally = self._tallies.get(key)
        if tally is None:
            problem = Problem(severity, code, message, sheet, row, column, value[:VALUE_LENGTH], file)
            tally = self._tallies[key] = Tally(problem, 0)
        tally.count += 1
        return tally

    def problems(self) -> tuple[Problem, ...]:
        """Everything, worst first, then by sheet and row."""
        found = list(self._plain)
        for tally in self._many.values():
            if tally.count > EACH_LIMIT:
                left = tally.count - EACH_LIMIT
                found.append(
                    replace(
                        tally.first, message=f"{tally.first.message}: {left} more rows like this", row=None
                    )
                )
        per_column: dict[tuple[str, ...], int] = {}
        for key, tally in self._tallies.items():
            shown = per_column[key[:4]] = per_column.get(key[:4], 0) + 1
            if shown > DISTINCT_LIMIT:
                continue
            rows = (
                f"{tally.count} rows, first row {tally.first.row}"
                if tally.count > 1
                else f"row {tally.first.row}"
            )
            found.append(replace(tally.first, message=f"{tally.first.message} ({rows})"))
        for key, shown in per_column.items():
            if shown > DISTINCT_LIMIT:
                first = self._tallies[next(k for k in self._tallies if k[:4] == key)].first
                left = shown - DISTINCT_LIMIT
                found.append(
                    replace(first, message=f"{left} more different values like this", row=None, value="")
                )
        order = {"error": 0, "warning": 1, "info": 2}
        return tuple(
            sorted(found, key=lambda p: (order[p.severity], p.file, p.code == "", p.sheet, p.row or 0))
        )
