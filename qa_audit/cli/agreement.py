"""`qa-audit agreement FILE.csv`: agreement and drift from any csv of case, rater, grade. No workspace needed."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_audit.cli.plain_csv import PlainCsv, between, grade_at, percent, read_csv
from qa_audit.errors import BadInput, Code

if TYPE_CHECKING:
    from qa_audit.moderation.agreement import AgreementSummary
    from qa_audit.sampling.figures import Est

_EPILOG = """examples:
  qa-audit agreement double-grades.csv
  qa-audit agreement double-grades.csv --by cohort --json

FILE has one row for each grade (case,rater,grade) or one row for each case (case,auditor_grade,moderator_grade).
Grades are words, O G R I, or 1 (Outstanding) to 4 (Inadequate); an empty grade means not graded. Raters called auditor...
come before those called moderator...; two other raters stand in the order of their names; name the first
with --first. A positive shift means the first rater was the more generous one."""

_ROLES = ("auditor", "moderator", "panel")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "agreement",
        help="agreement and drift from any csv of case,rater,grade",
        description="How far two graders agree, in which direction they differ, and how sure one can be.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="case,rater,grade in rows")
    parser.add_argument(
        "--first", metavar="NAME", action="append", default=[], help="a first rater (may be repeated)"
    )
    parser.add_argument("--by", metavar="COLUMN", help="the same figures for each group of cases as well")
    parser.add_argument(
        "--weights",
        choices=("quadratic", "linear", "identity", "boundary"),
        default="quadratic",
        help="how much a near miss counts in kappa and AC2 (quadratic); boundary counts a step over the line "
        "between Good and Requires improvement, and into Inadequate, double",
    )
    parser.add_argument("--conf-level", type=float, default=0.95, metavar="P", help="confidence level (0.95)")
    parser.add_argument(
        "--singly-rated",
        choices=("exclude", "include"),
        default="exclude",
        help="leave cases graded once out of AC2 (exclude), or count them in its chance term as irrCAC does",
    )
    parser.add_argument(
        "--not-blind", action="store_true", help="the second rater saw the first grade: say so"
    )
    parser.add_argument("--targeted", action="store_true", help="the cases were not chosen at random: say so")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(handler=_agreement)


def _agreement(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say, say_json
    from qa_audit.moderation.agreement import agreement_by_group, agreement_summary

    table = read_csv(args.file)
    ratings, groups, notes = gradings(table, args.first, args.by)
    named = {"weights": args.weights, "conf_level": args.conf_level, "singly_rated": args.singly_rated}
    summary = agreement_summary(
        ratings,
        **named,
        blind=False if args.not_blind else None,
        chosen="targeted" if args.targeted else None,
    )
    by_group = agreement_by_group(ratings, groups, **named) if args.by else {}
    if args.json:
        document = summary.as_json()
        document["warnings"] = [*summary.warnings, *notes]
        if args.by:
            document["by_group"] = {name: found.as_json() for name, found in by_group.items()}
        say_json(document)
        return 0
    _say_summary(summary)
    say(f"Intervals hold with {args.conf_level:.0%} confidence.")
    for name, found in by_group.items():
        say()
        say(f"{args.by}: {name}")
        _say_headline(found)
    for note in (*summary.warnings, *notes):
        say(f"Note: {note}")
    return 0


def gradings(
    table: PlainCsv, first: Sequence[str] = (), by: str | None = None
) -> tuple[list[list[int | None]], list[str], list[str]]:
    """Cases x raters (1..4 or None), each case's group, and what a reader must be told.

    Raises BadInput for a missing column, a grade that is none, or one rater grading a case twice differently.
    """
    case_at = table.needed("case", "case_id", "id")
    group_at = table.needed(by) if by else None
    if table.column("rater") is None and table.column("auditor_grade") is not None:
        return _wide(table, case_at, group_at)
    rater_at, grade_column = table.needed("rater"), table.needed("grade")
    given: dict[str, dict[str, int]] = defaultdict(dict)
    group_of: dict[str, str] = {}
    repeats = 0
    for row, cells in table.numbered():
        case, rater = cells[case_at], cells[rater_at]
        if not any(cells):
            continue
        if not case or not rater:
            raise BadInput(
                Code.INCOMPLETE,
                "A row has no case or no rater",
                where=table.place(row, case_at if not case else rater_at),
            )
        group_of.setdefault(case, cells[group_at] if group_at is not None else "")
        grades = given[case]
        grade = grade_at(table, row, grade_column, cells[grade_column])
        if grade is None:
            continue
        if rater in grades:
            if grades[rater] != grade:
                raise BadInput(
                    Code.CONFLICT,
                    "The same rater gave the same case two different grades",
                    where=table.place(row, grade_column),
                    next_step="Keep the one that counts",
                )
            repeats += 1
        grades[rater] = int(grade)
    raters = {rater for grades in given.values() for rater in grades}
    rank, notes = _order(raters, first)
    if repeats:
        notes.append(f"{repeats} rows repeat a grade already given by the same rater and were counted once.")
    width = max([2, *(len(grades) for grades in given.values())])
    ratings: list[list[int | None]] = []
    for grades in given.values():
        ordered: list[int | None] = [grades[rater] for rater in sorted(grades, key=lambda r: rank.get(r, 0))]
        ratings.append(ordered + [None] * (width - len(ordered)))
    return ratings, [group_of[case] for case in given], notes


def _wide(
    table: PlainCsv, case_at: int, group_at: int | None
) -> tuple[list[list[int | None]], list[str], list[str]]:
    columns = table.needed("auditor_grade"), table.needed("moderator_grade")
    seen: set[str] = set()
    ratings: list[list[int | None]] = []
    groups: list[str] = []
    for row, cells in table.numbered():
        if not any(cells):
            continue
        if not cells[case_at] or cells[case_at] in seen:
            raise BadInput(Code.CONFLICT, "Every row needs its own case", where=table.place(row, case_at))
        seen.add(cells[case_at])
        ratings.append([grade_at(table, row, column, cells[column]) for column in columns])
        groups.append(cells[group_at] if group_at is not None else "")
    return ratings, groups, []


def _order(raters: set[str], first: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """Each rater's rank, smaller first; equal ranks keep the order of the file's rows."""
    missing = [name for name in first if name not in raters]
    if missing:
        raise BadInput(
            Code.NOT_FOUND,
            "No grade in the file is by the rater named with --first",
            where="--first",
            next_step="Write the name as it stands in the column 'rater'",
        )
    if first:
        return {rater: 0 if rater in first else 1 for rater in raters}, []
    roles = {rater: _role(rater) for rater in raters}
    if all(role is not None for role in roles.values()):
        return {rater: role or 0 for rater, role in roles.items()}, []
    if len(raters) <= 2:
        ordered = sorted(raters)
        return {rater: i for i, rater in enumerate(ordered)}, (
            [f"First rater: {ordered[0]}, second: {ordered[1]} (by name; --first chooses)."]
            if len(ordered) == 2
            else []
        )
    return {}, [
        "More than two raters and none called auditor or moderator: the first row of each case was taken as the first "
        "rater's. The matrix, kappa and the direction depend on that; AC2, alpha and the percentages do not."
    ]


def _role(rater: str) -> int | None:
    word = rater.casefold()
    return next((i for i, role in enumerate(_ROLES) if word.startswith(role)), None)


def _say_summary(summary: AgreementSummary) -> None:
    from qa_audit.cli.saying import say, say_table
    from qa_audit.grades import SHORT

    _say_headline(summary)
    say()
    say_table(
        ["first \\ second", *SHORT],
        [[SHORT[i], *row] for i, row in enumerate(summary.matrix)],
        title="Grades: first rater in rows, second in columns",
    )
    if summary.standing in {"nothing", "counts"}:
        return
    mark = " (indicative)" if summary.standing == "indicative" else ""
    say()
    say_table(
        ["figure", "estimate", "interval", "why not"],
        [
            _coefficient(f"weighted kappa, {summary.weights}{mark}", summary.cohen_kappa),
            _coefficient(f"Gwet AC2, {summary.weights}{mark}", summary.gwet_ac2),
            _coefficient(f"Krippendorff alpha, ordinal{mark}", summary.krippendorff_alpha_ordinal),
            _coefficient("mean shift, grade steps (+ = first generous)", summary.mean_signed_shift),
            _coefficient("change in share Good or better", summary.good_or_better_change),
        ],
    )


def _say_headline(summary: AgreementSummary) -> None:
    from qa_audit.cli.saying import say

    say(f"{summary.n_cases} cases, {summary.n_double_graded} graded twice")
    if not summary.n_double_graded:
        return
    say(f"Same grade          {percent(summary.exact.est)}  ({between(summary.exact.ci)})")
    say(f"Within one grade    {percent(summary.adjacent.est)}  ({between(summary.adjacent.ci)})")
    p = summary.direction.p_value
    chance = "" if p is None else f", sign test p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}"
    say(
        f"Direction           first rater more generous {summary.direction.n_generous}, "
        f"harsher {summary.direction.n_harsh}{chance}"
    )


def _coefficient(name: str, figure: Est) -> list[str]:
    value = "–" if figure.est is None else f"{figure.est:.2f}"
    return [name, value, between(figure.ci, "{:.2f}"), figure.reason]
