"""The certificate of a draw: the JSON a third party checks, a page to print, and the check itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.draw import ALGORITHM, frame_hash, frame_text, ticket_number
from qa_audit.sampling.figures import Json
from qa_audit.sampling.plan import JUDGEMENT, Kind, as_list, plan_from_json, plan_json, stratum_sizes
from qa_audit.sampling.stratified import Draw, Drawn, Reason, Replaced, StratumDrawn, ranked_cases

KIND = "qa-audit sampling certificate"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a certificate and a frame disagree. `where` names a stratum or a field, never a case."""

    code: str
    where: str
    message: str

    def as_json(self) -> Json:
        """`{"code", "where", "message"}`."""
        return {"code": self.code, "where": self.where, "message": self.message}


def certificate(draw: Draw) -> Json:
    """The draw as plain JSON values; a null chance or weight marks a case that feeds no estimate."""
    return {
        "kind": KIND,
        "version": VERSION,
        "plan": plan_json(draw.plan),
        "seed": draw.seed,
        "algorithm": ALGORITHM,
        "frame_hash": draw.frame_hash,
        "frame_hash_salted": draw.salted,
        "population": draw.population,
        "left_out": dict(draw.left_out),
        "strata": [
            {
                "stratum": s.stratum,
                "population": s.population,
                "allocated": s.allocated,
                "drawn": s.drawn,
                "kind": s.kind,
                "title": s.title,
            }
            for s in draw.strata
        ],
        "selected": [_case(c) for c in draw.selected],
        "reserves": [_case(c) for c in draw.reserves],
        "replaced": [
            {"id": r.id, "stratum": r.stratum, "reason": r.reason.value, "note": r.note, "by": r.by}
            for r in draw.replaced
        ],
        "warnings": list(draw.warnings),
    }


def draw_from_certificate(document: Mapping[str, object]) -> Draw:
    """The draw a certificate describes, to extend it or to replace a case of it.

    Reads what `certificate` wrote; `verify` is the check of what it says. Raises BadInput when it cannot be read.
    """
    strata, _, _ = _read(document)
    plan = document.get("plan")
    left_out = document.get("left_out")
    try:
        return Draw(
            plan_from_json(plan if isinstance(plan, Mapping) else {}),
            str(document["seed"]),
            str(document["frame_hash"]),
            bool(document.get("frame_hash_salted")),
            int(str(document["population"])),
            tuple(_stratum_back(s) for s in strata.values()),
            tuple(_case_back(c) for c in _mappings(document.get("selected"))),
            tuple(_case_back(c) for c in _mappings(document.get("reserves"))),
            {str(k): int(str(v)) for k, v in left_out.items()} if isinstance(left_out, Mapping) else {},
            tuple(
                Replaced(
                    str(r["id"]), str(r["stratum"]), Reason(str(r["reason"])), str(r["note"]), str(r["by"])
                )
                for r in _mappings(document.get("replaced"))
            ),
            tuple(str(w) for w in as_list(document.get("warnings"))),
        )
    except (TypeError, ValueError, KeyError) as fault:
        raise BadInput(
            Code.UNREADABLE_FILE,
            "The certificate cannot be read back as a draw",
            why="A value in it is missing or of the wrong kind",
            next_step="Use the certificate as it was written",
        ) from fault


def _stratum_back(raw: Mapping[str, object]) -> StratumDrawn:
    population, allocated, drawn = (int(str(raw[key])) for key in ("population", "allocated", "drawn"))
    kind = _kind(raw.get("kind", "random"))
    return StratumDrawn(str(raw["stratum"]), population, allocated, drawn, kind, str(raw.get("title") or ""))


def _case_back(raw: Mapping[str, object]) -> Drawn:
    chance, weight = (
        None if raw.get(key) is None else float(str(raw[key])) for key in ("inclusion_probability", "weight")
    )
    return Drawn(
        str(raw["id"]),
        str(raw["stratum"]),
        str(raw["ticket"]),
        int(str(raw["order"])),
        chance,
        weight,
        _kind(raw.get("kind", "random")),
        str(raw.get("note") or ""),
    )


def _kind(value: object) -> Kind:
    if value == "random":
        return "random"
    if value == "risk":
        return "risk"
    if value == "judgement":
        return "judgement"
    raise ValueError(value)


def _mappings(value: object) -> list[dict[str, object]]:
    return [dict(item) for item in as_list(value) if isinstance(item, Mapping)]


def certificate_text(
    draw: Draw, title: str = "", made: str = "", titles: Mapping[str, str] | None = None
) -> str:
    """One page in plain words for the minutes of the meeting.

    `made` says when and by which role; `titles` gives the words of a stratum by its label.
    """
    words = {s.stratum: s.title or s.stratum for s in draw.strata} | dict(titles or {})

    def line(case: Drawn) -> str:
        shown = words.get(case.stratum, case.stratum)
        return f"  {_cut(shown, 36):<36} {case.order:>4}  {case.ticket[:14]}  {case.id}"

    lines = [
        f"Certificate of a random draw{': ' + title if title else ''}",
        "",
        f"Plan        {draw.plan.name or 'not named'}",
        *([f"Made        {made}"] if made else []),
        f"Seed        {draw.seed}",
        f"Method      {ALGORITHM} (SHA-256 tickets; the smallest tickets of each stratum are drawn)",
        f"Frame       {draw.population} cases; SHA-256 {draw.frame_hash}"
        + (" (salted)" if draw.salted else ""),
        *(f"Left out    {count} {reason.replace('_', ' ')}" for reason, count in draw.left_out.items()),
        "",
        "Stratum                                  In frame   Planned   Drawn",
        *(
            f"{_cut(words[s.stratum], 40):<40} {s.population:>8} {s.allocated:>9} {s.drawn:>7}"
            for s in draw.strata
        ),
        "",
        "Drawn, in the order of their tickets",
        *(line(c) for c in draw.selected if c.kind != JUDGEMENT),
    ]
    picked = [c for c in draw.selected if c.kind == JUDGEMENT]
    if picked:
        lines += [
            "",
            "Chosen by judgement: not random, not part of any estimate",
            *(line(c) for c in picked),
        ]
    if draw.reserves:
        lines += ["", "Reserves: the next ticket of the stratum comes in when a case cannot be audited"]
        lines += [line(c) for c in draw.reserves]
    if draw.replaced:
        lines += [
            "",
            "Replaced",
            *(f"  {r.id}  {r.reason.value.replace('_', ' ')}, by {r.by or 'nobody'}" for r in draw.replaced),
        ]
    if draw.warnings:
        lines += ["", "Note", *(f"  {w}" for w in draw.warnings)]
    lines += [
        "",
        "To check: for each stratum run consistent_sampler.sampler(ids, seed, take=drawn, output='id') of the",
        "PyPI package consistent-sampler, or 'qa-audit sample verify CERTIFICATE --ids FILE'.",
    ]
    return "\n".join(line for i, line in enumerate(lines) if line or (i and lines[i - 1])) + "\n"


def verify(
    document: Mapping[str, object],
    ids: Mapping[str, str] | Iterable[str | tuple[str, str]],
    salt: str = "",
) -> list[Difference]:
    """Make the draw again from the certificate's seed and the ids; every difference, none = verified.

    `ids` is the frozen frame: id to stratum, pairs of (id, stratum), or bare ids when there is one stratum.
    Everything is worked out anew from seed, ids and stratum sizes; nothing in the certificate is believed.
    """
    strata, selected, replaced = _read(document)
    frame = _frame(ids, list(strata))
    seed = str(document.get("seed", ""))
    out: list[Difference] = []
    if document.get("algorithm") != ALGORITHM:
        out.append(Difference("algorithm", "algorithm", f"The draw was not made with {ALGORITHM}"))
    if document.get("population") != len(frame):
        out.append(
            Difference(
                "population",
                "population",
                f"The certificate counts {document.get('population')} cases, the file {len(frame)}",
            )
        )
    if document.get("frame_hash_salted") and not salt:
        out.append(
            Difference("salt", "frame_hash", "The fingerprint is salted: give the salt kept with the frame")
        )
    elif frame_hash(frame.items(), salt=salt if document.get("frame_hash_salted") else "") != document.get(
        "frame_hash"
    ):
        out.append(Difference("frame_hash", "frame_hash", "The frame is not the one that was fingerprinted"))
    by_stratum: dict[str, list[str]] = defaultdict(list)
    for case_id, label in frame.items():
        by_stratum[label].append(case_id)
    out += [
        Difference("stratum", label, "This stratum is not in the certificate")
        for label in sorted(set(by_stratum) - set(strata))
    ]
    out += _check_sizes(document, strata, {label: len(cases) for label, cases in by_stratum.items()})
    picks = {str(c.get("id")) for c in selected if c.get("kind") == JUDGEMENT}
    reserves = _mappings(document.get("reserves"))
    for label, said in strata.items():
        mine = [c for c in selected if c.get("stratum") == label and c.get("kind") != JUDGEMENT]
        spare = [c for c in reserves if c.get("stratum") == label]
        gone = set(replaced.get(label, ()))
        out += _check_stratum(label, said, mine, spare, by_stratum.get(label, []), gone, picks, seed)
    known = set(strata) | {JUDGEMENT}
    if any(str(c.get("stratum")) not in known for c in selected):
        out.append(
            Difference("stratum", "selected", "A selected case stands in no stratum of the certificate")
        )
    if any(c.get("weight") is not None for c in selected if c.get("kind") == JUDGEMENT):
        out.append(Difference("weight", JUDGEMENT, "A judgement pick carries a weight"))
    return out


def _check_sizes(
    document: Mapping[str, object], strata: Mapping[str, Mapping[str, object]], held: Mapping[str, int]
) -> list[Difference]:
    """The sizes must be those that the published plan gives for these strata."""
    plan = document.get("plan")
    if not isinstance(plan, Mapping):
        return []
    try:
        sizes = stratum_sizes(plan_from_json(plan), held)
    except BadInput:
        return [Difference("allocated", "plan", "The published plan cannot be carried out on these strata")]
    return [
        Difference(
            "allocated",
            label,
            f"The plan gives {sizes.get(label, 0)}, the certificate {said.get('allocated')}",
        )
        for label, said in strata.items()
        if said.get("allocated") != sizes.get(label, 0)
    ]


def _check_stratum(
    label: str,
    said: Mapping[str, object],
    mine: Sequence[Mapping[str, object]],
    spare: Sequence[Mapping[str, object]],
    cases: Sequence[str],
    gone: Set[str],
    picks: Set[str],
    seed: str,
) -> list[Difference]:
    """One stratum drawn again: its sizes, who is in it, who follows, the tickets and the weights."""
    out: list[tuple[str, str]] = []
    if said.get("population") != len(cases):
        out.append(("population", f"The certificate counts {said.get('population')}, the file {len(cases)}"))
    if said.get("drawn") != len(mine):
        out.append(("drawn", f"{said.get('drawn')} drawn are stated, {len(mine)} are listed"))
    planned = said.get("allocated")
    size = max(planned, 0) if isinstance(planned, int) else len(mine)
    chosen, following = ranked_cases(cases, seed, size, len(spare), gone, picks)
    if len(chosen) != len(mine):
        out.append(("size", f"{len(chosen)} cases should be drawn, {len(mine)} are listed"))
    missing = len({case_id for _, _, case_id in chosen} - {str(c.get("id")) for c in mine})
    if missing:
        out.append(
            ("selection", f"{missing} of {len(chosen)} cases with the smallest tickets are not listed")
        )
    if [(number, case_id) for _, number, case_id in following] != [
        (c.get("ticket"), c.get("id")) for c in spare
    ]:
        out.append(("reserves", "The reserves are not the tickets that follow"))
    if any(c.get("ticket") != ticket_number(seed, str(c.get("id"))) for c in mine):
        out.append(("ticket", "A ticket is not that of its seed and id"))
    if cases and any(
        not _near(c.get("inclusion_probability"), size / len(cases))
        or not _near(c.get("weight"), len(cases) / size if size else None)
        for c in mine
    ):
        out.append(("weight", "A chance or a weight is not what the stratum's sizes give"))
    return [Difference(code, label, message) for code, message in out]


def _near(value: object, wanted: float | None) -> bool:
    if wanted is None or not isinstance(value, int | float):
        return False
    return abs(value - wanted) <= 1e-9 * max(1.0, wanted)


def _frame(ids: Mapping[str, str] | Iterable[str | tuple[str, str]], labels: Sequence[str]) -> dict[str, str]:
    pairs: list[tuple[str, str]] = []
    for item in ids.items() if isinstance(ids, Mapping) else ids:
        if isinstance(item, str):
            if len(labels) != 1:
                raise BadInput(
                    Code.INCOMPLETE,
                    "The file of ids must say which stratum each case is in",
                    where="stratum",
                    why=f"The draw has {len(labels)} strata",
                    next_step="Give a file with the columns case_id and stratum",
                )
            pairs.append((frame_text(item), labels[0]))
        else:
            pairs.append((frame_text(item[0]), frame_text(item[1])))
    twice = [k for k, count in Counter(case_id for case_id, _ in pairs).items() if count > 1]
    if twice:
        raise BadInput(Code.CONFLICT, f"{len(twice)} ids stand in the file more than once", where="case_id")
    return dict(pairs)


def _read(
    document: Mapping[str, object],
) -> tuple[dict[str, Mapping[str, object]], list[Mapping[str, object]], dict[str, list[str]]]:
    """Strata by label, selected cases, replaced ids by stratum; a refusal when it is no certificate."""
    strata = [s for s in as_list(document.get("strata")) if isinstance(s, Mapping)]
    selected = [c for c in as_list(document.get("selected")) if isinstance(c, Mapping)]
    if not strata or not isinstance(document.get("seed"), str) or "frame_hash" not in document:
        raise BadInput(
            Code.UNREADABLE_FILE,
            "This is not the certificate of a draw",
            why="It needs seed, frame_hash, strata and selected",
            next_step="Give the JSON that 'qa-audit sample draw --json' wrote",
        )
    replaced: dict[str, list[str]] = defaultdict(list)
    for item in as_list(document.get("replaced")):
        if isinstance(item, Mapping):
            replaced[str(item.get("stratum"))].append(str(item.get("id")))
    return {str(s.get("stratum")): s for s in strata}, selected, replaced


def _case(case: Drawn) -> Json:
    out: Json = {
        "id": case.id,
        "stratum": case.stratum,
        "ticket": case.ticket,
        "inclusion_probability": case.inclusion_probability,
        "weight": case.weight,
        "order": case.order,
        "kind": case.kind,
    }
    if case.note:
        out["note"] = case.note
    return out


def _cut(words: str, width: int) -> str:
    return words if len(words) <= width else words[: width - 1] + "…"
