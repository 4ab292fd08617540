"""`qa-audit sample size|draw|extend|verify|estimate` on plain files: the sampling engine without a workspace."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa_audit.cli.plain_csv import between, percent, read_csv, read_settings
from qa_audit.errors import BadInput, Code

if TYPE_CHECKING:
    from qa_audit.sampling.plan import Plan
    from qa_audit.sampling.size import Distribution
    from qa_audit.sampling.stratified import Draw

_EXAMPLES = """examples:
  qa-audit sample size --population 640 --margin 0.1
  qa-audit sample size --population 640 --tolerable 0.05 --expected 0.02
  qa-audit sample draw plan.yaml --ids frame.csv --seed 31415926535897932384 --out certificate.json
  qa-audit sample verify certificate.json --ids frame.csv
  qa-audit sample estimate results.csv --certificate certificate.json"""
_IDS = (
    "a csv with case_id (or id) and the columns strata are made of; also understood: closed, opened, last_audited, "
    "worker, risks (separated by semicolons)"
)


def add(commands: Any) -> Any:
    """Add `sample` with the steps that need no workspace; returns its steps, so that others can join them."""
    parser = commands.add_parser(
        "sample",
        help="sample sizes, draws on plain lists, verification, estimates",
        description="Sample sizes, verifiable draws and estimates, on plain files.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    steps = parser.add_subparsers(title="steps", metavar="STEP", dest="step", required=True)
    add_steps(steps)
    return steps


def add_steps(steps: Any) -> None:
    """Add the steps to a `sample` command made elsewhere."""
    one = _step(
        steps,
        "size",
        "how many cases to look at",
        _size,
        "qa-audit sample size --population 640 --margin 0.1",
    )
    one.add_argument("--population", type=int, metavar="N", help="cases in the frame")
    one.add_argument(
        "--margin", type=float, metavar="E", help="wanted precision, as 0.1 for plus or minus 10%%"
    )
    one.add_argument("--proportion", type=float, default=0.5, metavar="P", help="expected proportion (0.5)")
    one.add_argument("--tolerable", type=float, metavar="R", help="rate of failures that must be ruled out")
    one.add_argument("--expected", type=float, default=0.0, metavar="R", help="rate of failures expected (0)")
    one.add_argument("--two-stage", action="store_true", help="stop-or-go in two equal stages")
    one.add_argument(
        "--distribution",
        choices=("hypergeometric", "binomial", "poisson"),
        help="hypergeometric when N is known",
    )
    one.add_argument("--conf-level", type=float, default=0.95, metavar="P", help="confidence level (0.95)")

    two = _step(
        steps,
        "draw",
        "draw a sample with its certificate",
        _draw,
        "qa-audit sample draw plan.yaml --ids frame.csv --seed 31415926535897932384",
    )
    two.add_argument(
        "plan", nargs="?", type=Path, metavar="PLAN", help="a plan, YAML or JSON (or use --size and --strata)"
    )
    two.add_argument("--ids", type=Path, required=True, metavar="FILE.csv", help=_IDS)
    two.add_argument(
        "--seed",
        required=True,
        metavar="DIGITS",
        help="20 or more dice digits, rolled after the frame was frozen",
    )
    two.add_argument("--size", type=int, metavar="N", help="cases to draw")
    two.add_argument("--strata", metavar="COLUMNS", help="columns that make the strata, with commas")
    two.add_argument("--minimum", type=int, metavar="N", help="at least so many from each stratum")
    two.add_argument("--reserves", type=int, metavar="N", help="reserve cases named in each stratum (3)")
    _draw_outputs(two)

    three = _step(
        steps,
        "extend",
        "draw more cases; those drawn before stay",
        _extend,
        "qa-audit sample extend certificate.json --ids frame.csv --size 15",
    )
    three.add_argument("certificate", type=Path, metavar="CERTIFICATE")
    three.add_argument(
        "--ids", type=Path, required=True, metavar="FILE.csv", help="the frozen frame of the draw"
    )
    three.add_argument(
        "--size", type=int, required=True, metavar="N", help="the new size of the whole sample"
    )
    _draw_outputs(three)

    four = _step(
        steps,
        "verify",
        "make a draw again from its certificate and the ids",
        _verify,
        "qa-audit sample verify certificate.json --ids frame.csv",
    )
    four.add_argument("certificate", type=Path, metavar="CERTIFICATE")
    four.add_argument(
        "--ids", type=Path, required=True, metavar="FILE.csv", help="case_id,stratum, or the whole frame"
    )
    four.add_argument("--salt", default="", help="the salt of the frame's fingerprint, if it has one")

    five = _step(
        steps,
        "estimate",
        "from the sample back to the whole frame",
        _estimate,
        "qa-audit sample estimate results.csv --certificate certificate.json",
    )
    five.add_argument(
        "file",
        type=Path,
        metavar="FILE.csv",
        help="stratum,population,sample,successes in rows; or stratum,result for each case",
    )
    five.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE",
        help="gives the size of each stratum, and leaves judgement picks out",
    )
    five.add_argument("--conf-level", type=float, default=0.95, metavar="P", help="confidence level (0.95)")


def _step(steps: Any, name: str, words: str, handler: Any, example: str) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = steps.add_parser(
        name,
        help=words,
        description=words[:1].upper() + words[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    one.add_argument("--json", action="store_true", help="one JSON document on stdout")
    one.set_defaults(handler=handler)
    return one


def _draw_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--salt", default="", help="a secret that hides guessable ids in the published fingerprint"
    )
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the certificate here")
    parser.add_argument(
        "--frame-out", type=Path, metavar="FILE.csv", help="write case_id,stratum of the frame drawn from"
    )


def _size(args: argparse.Namespace) -> int:
    from qa_audit.cli.saying import say, say_json
    from qa_audit.sampling import size

    if (args.margin is None) == (args.tolerable is None):
        raise BadInput(
            Code.BAD_VALUE,
            "Say either how precise (--margin) or what must be ruled out (--tolerable)",
            where="sample size",
            next_step="For example: --population 640 --margin 0.1",
        )
    kind: Distribution = args.distribution or ("hypergeometric" if args.population else "binomial")
    basis = {"conf_level": args.conf_level, "population": args.population}
    document: dict[str, object]
    if args.margin is not None:
        n = size.precision_sample_size(args.margin, args.proportion, args.population, args.conf_level)
        document = {"n": n, "margin": args.margin, "expected_proportion": args.proportion, **basis}
        words = f"Look at {n} cases: the proportion is then known to within {args.margin:.0%} either way."
    elif args.two_stage:
        plan = size.attribute_two_stage_plan(args.tolerable, args.conf_level, kind, args.population)
        document = {"n": plan.n_total, "n_per_stage": plan.n_per_stage, "achieved_risk": plan.achieved_risk}
        document |= {"tolerable_rate": args.tolerable, "distribution": kind, **basis}
        words = (
            f"Look at {plan.n_per_stage} cases. None wrong: stop and accept. One wrong: look at the next {plan.n_per_stage}, and "
            "accept if none of those is wrong. Otherwise the tolerable rate is not ruled out."
        )
    else:
        found = size.attribute_sample_size(
            args.tolerable, args.expected, args.conf_level, kind, args.population
        )
        document = {
            "n": found.n,
            "acceptable_deviations": found.acceptable_deviations,
            "achieved_risk": found.achieved_risk,
        }
        document |= {
            "tolerable_rate": args.tolerable,
            "expected_rate": args.expected,
            "distribution": kind,
            **basis,
        }
        words = (
            f"Look at {found.n} cases: with {found.acceptable_deviations} or fewer wrong, a rate of {args.tolerable:.1%} "
            f"or more is ruled out (risk {found.achieved_risk:.1%}, {kind})."
        )
    if args.json:
        say_json(document)
    else:
        say(words)
    return 0


def _draw(args: argparse.Namespace) -> int:
    from qa_audit.cli.frame_rows import frame_rows
    from qa_audit.sampling.stratified import draw_plan

    plan = _plan(args)
    rows = frame_rows(read_csv(args.ids), plan)
    return _finish(args, draw_plan(plan, rows, args.seed, salt=args.salt), rows)


def _extend(args: argparse.Namespace) -> int:
    from qa_audit.cli.frame_rows import frame_rows
    from qa_audit.sampling.certificate import draw_from_certificate
    from qa_audit.sampling.stratified import extend

    draw = draw_from_certificate(read_settings(args.certificate))
    rows = frame_rows(read_csv(args.ids), draw.plan)
    return _finish(args, extend(draw, rows, args.size, salt=args.salt), rows)


def _plan(args: argparse.Namespace) -> Plan:
    from qa_audit.sampling.plan import plan_from_json

    raw: dict[str, object] = dict(read_settings(args.plan)) if args.plan else {"name": args.ids.stem}
    given = {"size": args.size, "minimum": args.minimum, "reserves": args.reserves}
    raw |= {key: value for key, value in given.items() if value is not None}
    if args.strata is not None:
        raw["strata"] = [column.strip() for column in args.strata.split(",") if column.strip()]
    plan = plan_from_json(raw)
    if plan.size <= 0 and not plan.risks:
        raise BadInput(
            Code.NOTHING_TO_DRAW,
            "The plan draws nobody",
            where="size",
            next_step="Give --size, or size in the plan",
        )
    return plan


def _finish(args: argparse.Namespace, draw: Draw, rows: Any) -> int:
    from qa_audit.cli.frame_rows import drawn_from, write_text
    from qa_audit.cli.saying import say, say_json
    from qa_audit.sampling.certificate import certificate, certificate_text
    from qa_audit.sampling.draw import canonical_frame

    document = certificate(draw)
    if args.out:
        import json

        write_text(args.out, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    if args.frame_out:
        write_text(args.frame_out, canonical_frame(drawn_from(draw.plan, rows)))
    if args.json:
        say_json(document)
        return 0
    say(certificate_text(draw).rstrip("\n"))
    for path in (args.out, args.frame_out):
        if path:
            say(f"Written: {path}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    from qa_audit.cli.frame_rows import frame_rows
    from qa_audit.cli.saying import say, say_json
    from qa_audit.sampling.certificate import verify
    from qa_audit.sampling.plan import Plan, eligible, plan_from_json, strata_of

    document = read_settings(args.certificate)
    raw = document.get("plan")
    plan = plan_from_json(raw) if isinstance(raw, Mapping) else Plan("", 0)
    table = read_csv(args.ids)
    stratum_at = table.column("stratum")
    if stratum_at is not None:
        id_at = table.needed("case_id", "id", "case")
        pairs = [(cells[id_at], cells[stratum_at]) for cells in table.rows if any(cells)]
    else:
        kept, _ = eligible(plan, frame_rows(table, plan))
        pairs = list(zip((row.id for row in kept), strata_of(plan, kept), strict=True))
    differences = verify(document, pairs, args.salt)
    if args.json:
        say_json({"verified": not differences, "differences": [d.as_json() for d in differences]})
    elif not differences:
        say(f"Verified: {len(pairs)} cases give the same draw from this seed.")
    else:
        say("Not verified: the certificate and the file disagree.")
        for d in differences:
            say(f"  {d.where}: {d.message} ({d.code})")
    return 1 if differences else 0


def _estimate(args: argparse.Namespace) -> int:
    from qa_audit.cli.frame_rows import strata_counts
    from qa_audit.cli.saying import say, say_json, say_table
    from qa_audit.sampling.estimate import stratified_proportion

    certificate = read_settings(args.certificate) if args.certificate else None
    counts, left_out = strata_counts(read_csv(args.file), certificate)
    labels = list(counts)
    found = stratified_proportion(
        [counts[h][0] for h in labels],
        [counts[h][1] for h in labels],
        [counts[h][2] for h in labels],
        args.conf_level,
    )
    notes = [f"{left_out} judgement picks or cases without a result were left out."] if left_out else []
    if args.json:
        document: dict[str, object] = {
            **found.as_est().as_json(),
            "total": found.total,
            "total_se": found.total_se,
            "df": found.df,
            "ci_logit": found.ci_logit,
            "ci_beta": found.ci_beta,
            "population": sum(counts[h][0] for h in labels),
            "strata": [
                {"stratum": h, "population": counts[h][0], "sample": counts[h][1], "successes": counts[h][2]}
                for h in labels
            ],
            "warnings": notes,
        }
        say_json(document)
        return 0
    say(
        f"{percent(found.est)} of the frame ({between(found.ci_logit) or found.reason}), about {found.total:.0f} cases"
    )
    say_table(
        ["stratum", "in frame", "looked at", "found", "share"],
        [[h, *counts[h], percent(counts[h][2] / counts[h][1])] for h in labels],
    )
    for note in notes:
        say(f"Note: {note}")
    return 0
