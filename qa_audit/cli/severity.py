"""`qa-audit severity FILE.csv`: who grades generously, as shrunken shifts with intervals. No workspace needed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_audit.cli.plain_csv import PlainCsv, between, grade_at, read_csv
from qa_audit.errors import BadInput, Code

if TYPE_CHECKING:
    from qa_audit.moderation.severity import Severity

_EPILOG = """example:
  qa-audit severity double-grades.csv --json

FILE has the columns case,auditor,auditor_grade,moderator_grade. Shift = moderator - auditor in grade steps: positive means
the auditor was more generous. An auditor with few moderated cases is pulled towards the average of all. Only an auditor
whose interval leaves 0 out is marked; the list is not a ranking."""

NO_DIFFERENCE = "no evidence that auditors differ"
FEWEST_CASES_FOR_MODEL = 100
FEWEST_AUDITORS_FOR_MODEL = 5


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "severity",
        help="who grades generously, from a csv of double grades",
        description="Each auditor's shift against moderation, pulled to the average by how little is known.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE.csv", help="case,auditor,auditor_grade,moderator_grade"
    )
    parser.add_argument("--conf-level", type=float, default=0.95, metavar="P", help="confidence level (0.95)")
    parser.add_argument(
        "--model",
        action="store_true",
        help="also fit the cumulative-logit model, which takes the moderator's grade into account "
        f"(from {FEWEST_CASES_FOR_MODEL} double-graded cases and {FEWEST_AUDITORS_FOR_MODEL} auditors)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.set_defaults(handler=_severity)


def _severity(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say_json
    from qa_audit.moderation.severity import severity_shrinkage

    auditors, given, moderated, single = double_grades(read_csv(args.file))
    found = severity_shrinkage(
        [m - a for a, m in zip(given, moderated, strict=True)], auditors, args.conf_level
    )
    model = _model(auditors, given, moderated) if args.model else None
    if args.json:
        say_json(_document(found, len(given), single, model, args.conf_level))
        return 0
    _say(found, single, model)
    return 0


def double_grades(table: PlainCsv) -> tuple[list[str], list[int], list[int], int]:
    """Auditor, auditor's grade and moderator's grade of each double-graded case; how many had one grade only."""
    case_at, auditor_at = table.needed("case", "case_id", "id"), table.needed("auditor")
    given_at, moderated_at = table.needed("auditor_grade"), table.needed("moderator_grade")
    auditors, given, moderated, single = [], [], [], 0
    seen: set[tuple[str, str]] = set()
    for row, cells in table.numbered():
        if not any(cells):
            continue
        if not cells[case_at] or not cells[auditor_at]:
            empty = case_at if not cells[case_at] else auditor_at
            raise BadInput(Code.INCOMPLETE, "A row has no case or no auditor", where=table.place(row, empty))
        pair = cells[case_at], cells[auditor_at]
        if pair in seen:
            raise BadInput(
                Code.CONFLICT,
                "The same case and auditor stand in two rows",
                where=table.place(row, case_at),
                next_step="Keep the one that counts",
            )
        seen.add(pair)
        a = grade_at(table, row, given_at, cells[given_at])
        m = grade_at(table, row, moderated_at, cells[moderated_at])
        if a is None or m is None:
            single += 1
            continue
        auditors.append(cells[auditor_at])
        given.append(int(a))
        moderated.append(int(m))
    return auditors, given, moderated, single


def _model(auditors: list[str], given: list[int], moderated: list[int]) -> dict[str, object]:
    from qa_audit.moderation.severity import severity_ordinal

    if len(given) < FEWEST_CASES_FOR_MODEL or len(set(auditors)) < FEWEST_AUDITORS_FOR_MODEL:
        return {
            "auditors": None,
            "reason": f"the model needs {FEWEST_CASES_FOR_MODEL} double-graded cases and "
            f"{FEWEST_AUDITORS_FOR_MODEL} auditors",
        }
    found = severity_ordinal(given, {"moderator_grade": moderated}, auditors)
    out: dict[str, object] = {
        "scale": "logit; negative = the auditor gives better grades for the same moderated grade (generous)",
        "sd_random": found.sd_random,
        "thresholds": found.thresholds,
        "coef": found.coef,
        "loglik": found.loglik,
        "auditors": None
        if found.random_modes is None or found.random_modes_sd is None
        else [
            {"auditor": name, "mode": mode, "sd": sd}
            for name, mode, sd in zip(found.levels, found.random_modes, found.random_modes_sd, strict=True)
        ],
    }
    return out | ({"reason": found.reason} if found.reason else {})


def _document(
    found: Severity, n: int, single: int, model: dict[str, object] | None, conf_level: float
) -> dict[str, object]:
    overall: dict[str, object] = {"n": n, "est": found.overall, "se": found.overall_se, "ci": None}
    if found.overall is not None and found.overall_se is not None:
        from scipy.stats import norm

        half = float(norm.ppf(0.5 + conf_level / 2)) * found.overall_se
        overall["ci"] = [found.overall - half, found.overall + half]
    out: dict[str, object] = {
        "n_double_graded": n,
        "n_graded_once": single,
        "n_auditors": len(found.levels),
        "overall": overall,
        "sd_between": found.sd_between,
        "sd_within": found.sd_within,
        "auditors": [_auditor(found, i) for i in range(len(found.levels))],
        "warnings": _notes(found, single),
    }
    if found.reason:
        out["reason"] = found.reason
    return out | ({"model": model} if model is not None else {})


def _auditor(found: Severity, i: int) -> dict[str, object]:
    out: dict[str, object] = {
        "auditor": found.levels[i],
        "n": found.n[i],
        "raw_mean": found.raw_mean[i],
        "est": None,
        "se": None,
        "ci": None,
        "shrinkage": None,
        "flag": None,
    }
    if not found.shrunken_effect or not found.shrunken_sd or not found.ci or not found.shrinkage:
        return out | {"reason": found.reason}
    if not found.sd_between:
        return out | {
            "est": found.shrunken_effect[i],
            "shrinkage": found.shrinkage[i],
            "reason": NO_DIFFERENCE,
        }
    low, high = found.ci[i]
    return out | {
        "est": found.shrunken_effect[i],
        "se": found.shrunken_sd[i],
        "ci": [low, high],
        "shrinkage": found.shrinkage[i],
        "flag": "generous" if low > 0 else "harsh" if high < 0 else None,
    }


def _notes(found: Severity, single: int) -> list[str]:
    out = []
    if single:
        out.append(f"{single} cases have one grade only and were left out.")
    if found.sd_between == 0:
        out.append(
            "There is no evidence that auditors differ: every difference is pulled all the way to the average."
        )
    if found.reason:
        out.append(f"No comparison of auditors: {found.reason}.")
    return out


def _say(found: Severity, single: int, model: dict[str, object] | None) -> None:
    from qa_audit.cli.saying import say, say_table

    n = sum(found.n)
    say(f"{n} double-graded cases, {len(found.levels)} auditors")
    if found.overall is not None:
        say(
            f"All auditors together: {found.overall:+.2f} grade steps (positive = more generous than moderation)"
        )
    rows = []
    for i, name in enumerate(found.levels):
        one = _auditor(found, i)
        effect, shrinkage = one["est"], one["shrinkage"]
        rows.append(
            [
                name,
                found.n[i],
                f"{found.raw_mean[i]:+.2f}",
                f"{effect:+.2f}" if isinstance(effect, float) else "–",
                between(found.ci[i], "{:+.2f}") if found.ci and found.sd_between else "",
                f"{shrinkage:.0%}" if isinstance(shrinkage, float) else "–",
                one["flag"] or "",
            ]
        )
    say_table(
        ["auditor", "cases", "mean shift", "against the average", "interval", "pulled to average", "outside"],
        rows,
    )
    for note in _notes(found, single):
        say(f"Note: {note}")
    if model is None:
        return
    listed = model.get("auditors")
    if not isinstance(listed, list):
        say(f"Model: {model.get('reason', '')}")
        return
    say_table(
        ["auditor", "logit", "sd"],
        [[a["auditor"], f"{a['mode']:+.2f}", f"{a['sd']:.2f}"] for a in listed],
        title="Model: taking the moderator's grade into account (negative = generous)",
    )
