"""Answer reference vectors with the product: `python tests/vectors/run.py FOLDER --out RESULTS.json`.

Reads every `[0-9]*.json` of FOLDER, calls the function each vector names with its `input` and writes
{vector id: result}, or {vector id: {"refused": reason}}. It renames and reshapes; it works nothing out.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qa_audit.errors import QaError
from qa_audit.moderation import agreement, drift
from qa_audit.sampling import allocation, draw, earlier_draws, estimate, size

Input = dict[str, Any]
Output = dict[str, Any]
EXTRA_NAMES = {"include_in_chance_term": "include", "exclude": "exclude"}


def interval(ci: tuple[float, float] | None) -> list[float | None]:
    return list(ci) if ci else [None, None]


def share(function: Callable[..., Any]) -> Callable[[Input], Output]:
    def answer(given: Input) -> Output:
        found = function(given["table"], given.get("conf_level", 0.95))
        ci = interval(found.ci)
        return {"n": found.n, "agree": found.agree, "est": found.est, "ci": ci, "ci_wilson": ci}

    return answer


def coefficient(found: agreement.Coefficient) -> Output:
    return {
        "est": found.est,
        "se": found.se,
        "ci": interval(found.ci_wald),
        "observed_agreement": found.observed_agreement,
        "chance_agreement": found.chance_agreement,
        "n_subjects": found.n,
        "n_subjects_with_2plus": found.n_two_or_more,
        "n_pairable_units": found.n_two_or_more,
    }


def gradings(given: Input) -> Input:
    """The gradings in whichever of three forms they come, and the category list."""
    return {
        k: given[k]
        for k in ("ratings", "table", "counts", "categories", "weights", "conf_level", "level")
        if k in given
    }


def cohen_kappa(given: Input) -> Output:
    return coefficient(agreement.cohen_kappa(**given))


def gwet_ac(given: Input) -> Output:
    singles = EXTRA_NAMES[given.get("singly_rated", "exclude")]
    return coefficient(agreement.gwet_ac(**gradings(given), singly_rated=singles))


def fleiss_kappa(given: Input) -> Output:
    singles = EXTRA_NAMES[given.get("singly_rated", "include_in_chance_term")]
    return coefficient(agreement.fleiss_kappa(**gradings(given), singly_rated=singles))


def krippendorff_alpha(given: Input) -> Output:
    return coefficient(agreement.krippendorff_alpha(**gradings(given)))


def agreement_summary(given: Input) -> Output:
    found = agreement.agreement_summary(**given)
    return {
        "n_cases": found.n_cases,
        "n_double_graded": found.n_double_graded,
        "exact": found.exact.est,
        "exact_ci_wilson": interval(found.exact.ci),
        "adjacent": found.adjacent.est,
        "adjacent_ci_wilson": interval(found.adjacent.ci),
        "cohen_kappa": found.cohen_kappa.est,
        "cohen_kappa_se": found.cohen_kappa.se,
        "gwet_ac2": found.gwet_ac2.est,
        "gwet_ac2_se": found.gwet_ac2.se,
        "krippendorff_alpha_ordinal": found.krippendorff_alpha_ordinal.est,
        "mean_signed_shift": found.mean_signed_shift.est,
    }


def agreement_interval(given: Input) -> Output:
    named = {k: v for k, v in given.items() if k != "method"}
    return {"ci": interval(agreement.agreement_interval(**named))}


def margins(function: Callable[..., Any]) -> Callable[[Input], Output]:
    def answer(given: Input) -> Output:
        found = function(given["table"])
        return {"statistic": found.statistic, "df": found.df, "p_value": found.p_value}

    return answer


def direction_sign_test(given: Input) -> Output:
    found = drift.direction_sign_test(given["table"])
    return {
        "n_col_higher_index": found.n_generous,
        "n_row_higher_index": found.n_harsh,
        "p_value": found.p_value,
    }


def mean_signed_shift(given: Input) -> Output:
    found = drift.mean_signed_shift(**given)
    return {"n": found.n, "mean": found.est, "se": found.se, "ci": interval(found.ci)}


def severity_shrinkage(given: Input) -> Output:
    found = drift.severity_shrinkage(**given)
    names = "levels n raw_mean overall overall_se sd_between sd_within shrunken_effect shrunken_sd"
    return {name: getattr(found, name) for name in names.split()}


def severity_ordinal(given: Input) -> Output:
    named = {("grade" if k == "rating" else k): v for k, v in given.items()}
    found = drift.severity_ordinal(**named)
    names = "thresholds coef sd_random loglik random_modes random_modes_sd"
    return {name: getattr(found, name) for name in names.split()}


def moderation_adjusted_proportion(given: Input) -> Output:
    found = drift.moderation_adjusted_proportion(**given)
    return {
        "est": found.est,
        "se": found.se,
        "adjustment": found.adjustment,
        "df": found.df,
        "ci": interval(found.ci),
    }


def proportion_interval(given: Input) -> Output:
    found = size.proportion_interval(**given)
    return {
        "est": found.est,
        "ci": interval(found.ci),
        "count_ci": list(found.count_ci) if found.count_ci else None,
        "upper_one_sided_95": found.upper_one_sided,
        "upper_one_sided_95_count": found.upper_one_sided_count,
        "se_fpc": found.se_fpc,
    }


def attribute_sample_size(given: Input) -> Output:
    found = size.attribute_sample_size(**given)
    return {
        "n": found.n,
        "acceptable_deviations": found.acceptable_deviations,
        "achieved_risk": found.achieved_risk,
    }


def attribute_upper_limit(given: Input) -> Output:
    found = size.attribute_upper_limit(**given)
    return {
        "upper_limit": found.upper_limit,
        "upper_limit_pct_rounded_up_1dp": found.per_cent_rounded_up,
        "upper_limit_count": found.upper_count,
    }


def attribute_two_stage_plan(given: Input) -> Output:
    kept = ("tolerable_rate", "conf_level", "distribution", "population")
    found = size.attribute_two_stage_plan(**{k: given[k] for k in kept if k in given})
    return {
        "n_per_stage": found.n_per_stage,
        "n_total": found.n_total,
        "achieved_risk": found.achieved_risk,
    }


def precision_sample_size(given: Input) -> Output:
    return {"n": size.precision_sample_size(**given)}


def allocate(function: Callable[..., list[int]]) -> Callable[[Input], Output]:
    def answer(given: Input) -> Output:
        shares = function(**{k: v for k, v in given.items() if k != "rounding"})
        return {"allocation": shares, "total": sum(shares)}

    return answer


def inclusion_probabilities(given: Input) -> Output:
    pi = allocation.inclusion_probabilities(**given)
    return {"pi": pi, "sum": sum(pi)}


def unequal(function: Callable[..., draw.UnequalSample]) -> Callable[[Input], Output]:
    def answer(given: Input) -> Output:
        found = function(given["size"], given["n"], given["permanent_random_number"])
        return {"selected": found.selected, "weight": found.weight, "pi": found.inclusion_probability}

    return answer


def systematic_sample(given: Input) -> Output:
    return {"selected": draw.systematic_sample(given["population"], given["n"], given["start"])}


def stratified_proportion(given: Input) -> Output:
    found = estimate.stratified_proportion(**{k: v for k, v in given.items() if k != "strata"})
    return {
        "est": found.est,
        "se": found.se,
        "total": found.total,
        "total_se": found.total_se,
        "df": found.df,
        "ci_logit": interval(found.ci_logit),
        "ci_beta": interval(found.ci_beta),
    }


def stratified(function: Callable[..., estimate.StratifiedMean]) -> Callable[[Input], Output]:
    def answer(given: Input) -> Output:
        data = given["data"]
        named = {k: given[k] for k in ("fpc", "conf_level") if k in given}
        found = function(data[given["variable"]], data["stratum"], data["population"], **named)
        return {"est": found.est, "se": found.se, "df": found.df, "ci_t": interval(found.ci)}

    return answer


def horvitz_thompson_total(given: Input) -> Output:
    found = estimate.horvitz_thompson_total(**given)
    return {"est": found.est, "se": found.se, "ci_t": interval(found.ci)}


def ticket_number(given: Input) -> Output:
    seed, case_id = given["seed"], given["id"]
    return {
        "ticket": draw.ticket_number(seed, case_id),
        "sha256_hex": draw.ticket_hash(seed, case_id),
        "seed_sha256_hex": draw.seed_hash(seed),
    }


def consistent_sample(given: Input) -> Output:
    ids = given["ids"]
    if isinstance(ids, dict):
        first, last = ids.get("range_text") or (ids["from"], ids["to"])
        ids = [ids.get("pattern", "{i}").format(i=i) for i in range(first, last + 1)]
    named = {k: given[k] for k in ("seed", "take", "drop", "with_replacement", "digits") if k in given}
    return {"sample": [list(ticket) for ticket in draw.consistent_sample(ids, **named)]}


def rivest_2011_sample(given: Input) -> Output:
    return {"sample": earlier_draws.rivest_2011_sample(**given)}


def cryptorandom_sha256(given: Input) -> Output:
    return {"sha256_hex": earlier_draws.cryptorandom_sha256(**given)}


def frame_hash(given: Input) -> Output:
    named = {k: given[k] for k in ("header", "salt") if k in given}
    return {"sha256_hex": draw.frame_hash(given["rows"], **named)}


TABLE: dict[str, Callable[[Input], Output]] = {
    "percent_agreement": share(agreement.percent_agreement),
    "adjacent_agreement": share(agreement.adjacent_agreement),
    "stuart_maxwell": margins(drift.stuart_maxwell),
    "bhapkar": margins(drift.bhapkar),
    "allocate_proportional": allocate(allocation.allocate_proportional),
    "allocate_neyman": allocate(allocation.allocate_neyman),
    "pareto_sample": unequal(draw.pareto_sample),
    "sequential_poisson_sample": unequal(draw.sequential_poisson_sample),
    "stratified_mean": stratified(estimate.stratified_mean),
    "stratified_total": stratified(estimate.stratified_total),
    **{
        function.__name__: function
        for function in (
            cohen_kappa,
            gwet_ac,
            fleiss_kappa,
            krippendorff_alpha,
            agreement_summary,
            agreement_interval,
            direction_sign_test,
            mean_signed_shift,
            severity_shrinkage,
            severity_ordinal,
            moderation_adjusted_proportion,
            proportion_interval,
            attribute_sample_size,
            attribute_upper_limit,
            attribute_two_stage_plan,
            precision_sample_size,
            inclusion_probabilities,
            systematic_sample,
            stratified_proportion,
            horvitz_thompson_total,
            ticket_number,
            consistent_sample,
            rivest_2011_sample,
            cryptorandom_sha256,
            frame_hash,
        )
    },
}


def with_shared_data(given: Input, inputs: dict[str, Input]) -> Input:
    """The input with "see <vector id>" replaced by the data of that vector."""
    data = given.get("data")
    if isinstance(data, str) and data.startswith("see "):
        return given | {"data": inputs[data.removeprefix("see ")]["data"]}
    return given


def answers(folder: Path) -> dict[str, Output]:
    """{vector id: result} of every vector in the folder."""
    vectors = [
        vector
        for path in sorted(folder.glob("[0-9]*.json"))
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]
    ]
    inputs = {vector["id"]: vector["input"] for vector in vectors}
    out: dict[str, Output] = {}
    for vector in vectors:
        try:
            out[vector["id"]] = TABLE[vector["function"]](with_shared_data(vector["input"], inputs))
        except QaError as refusal:
            out[vector["id"]] = {"refused": str(refusal)}
        except (KeyError, TypeError, ValueError) as fault:
            out[vector["id"]] = {"refused": f"{type(fault).__name__}: {fault}"}
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="Answer reference vectors with the product.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    chosen.out.write_text(json.dumps(answers(chosen.folder), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
