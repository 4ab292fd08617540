"""What auditors, workers, moderators and families of a synthetic council write and say.

Every text is chosen by a hash of its `key`, so the same case always reads the same. Texts speak of Child,
mum, the foster carer and roles, never of a name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from qa_audit.demo.volumes import DATA
from qa_audit.grades import Grade

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_SENTENCE = re.compile(r"(^|[.!?:] |^\")Child\b")
COMMON_SECTIONS = ("AS", "PL", "SV", "VC", "VI", "LS", "CC", "CL", "CF", "TH", "IM", "EQ", "RC")
"""Sections with words of their own; every other section uses the general ones."""


def roll(*parts: str) -> float:
    """A number from 0 to 1 that the parts alone decide."""
    digest = hashlib.blake2b("\x1f".join(parts).encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def choose(options: Sequence[str], *parts: str) -> str:
    """One of the options, decided by the parts."""
    return options[int(roll(*parts) * len(options))]


@cache
def _book() -> Mapping[str, Any]:
    from qa_audit.errors import BadInput, Code
    from qa_audit.library.yaml_text import read_document

    path = DATA / "narratives.yaml"
    document = read_document(path.read_bytes(), path.name)
    if document.problems:
        raise BadInput(
            Code.BAD_SCHEMA,
            "The texts of the synthetic council cannot be read",
            where=path.name,
            why=str(document.problems[0]),
            next_step="Reinstall qa-audit",
        )
    book: Mapping[str, Any] = document.data
    return book


def _section(section: str) -> Mapping[str, Any]:
    """The words of a section, or the general ones."""
    sections = _book()["sections"]
    found: Mapping[str, Any] = sections.get(section, sections["*"])
    return found


def evidence(section: str, item: str, answer: str, grade: Grade, facts: Mapping[str, str], key: str) -> str:
    """What the auditor found on one item. `answer` is yes, partly or no; other answers read like a grade's."""
    if answer not in ("yes", "partly", "no"):
        answer = {1: "yes", 2: "yes", 3: "partly", 4: "no"}[int(grade)]
    template = choose(_book()["evidence"][answer], key, section, item, "evidence")
    return _filled(template, facts, key + item, topic=topic_of(section, item))


def topic_of(section: str, item: str) -> str:
    """What an item is about, as the object of a sentence."""
    base = item.split("#", maxsplit=1)[0]
    return str(_section(section)["topics"].get(base, "this standard"))


def pointer(section: str, item: str, facts: Mapping[str, str], key: str) -> str:
    """Where in the record it was found."""
    return _filled(choose(_book()["evidence"]["pointer"], key, section, item, "pointer"), facts, key + item)


def claim(section: str, grade: Grade, facts: Mapping[str, str], key: str) -> str:
    """The section's finding: one or two sentences that show the grade."""
    return _filled(choose(_section(section)[grade.key], key, section, "claim"), facts, key)


def rationale(section: str, grade: Grade, facts: Mapping[str, str], key: str, *, terse: bool = False) -> str:
    """Why this grade: the finding and what it meant; a terse auditor writes the first sentence alone."""
    found = claim(section, grade, facts, key)
    if terse:
        return found.split(". ")[0].rstrip(".") + "."
    effect = _filled(choose(_book()["effects"][grade.key], key, section, "effect"), facts, key)
    return f"{found} {effect}"


def better(section: str, grade: Grade, facts: Mapping[str, str], key: str) -> str:
    """What would have made it one better (for Outstanding: stronger still)."""
    steps = _section(section)["steps"]
    target = {1: "outstanding", 2: "outstanding", 3: "good", 4: "ri"}[int(grade)]
    step = choose(steps[target], key, section, "step")
    return _filled(choose(_book()["better"][grade.key], key, section, "better"), facts, key, step=step)


def overall_rationale(grade: Grade, facts: Mapping[str, str], key: str) -> str:
    """Why this overall case grade."""
    return _filled(choose(_book()["overall"][grade.key], key, "overall"), facts, key)


def credible_because(facts: Mapping[str, str], key: str) -> str:
    """The sentence a Good overall needs beside a weaker core section."""
    words = _filled(choose(_book()["credible"], key, "credible"), facts, key)
    return f"{words[0].upper()}{words[1:]}."


def reflection(grade: Grade, facts: Mapping[str, str], key: str) -> str:
    """What the worker says about the work."""
    return _filled(choose(_book()["reflection"][grade.key], key, "reflection"), facts, key)


def learning(facts: Mapping[str, str], key: str) -> str:
    """What worker and auditor agreed to take from it."""
    return _filled(choose(_book()["learning"], key, "learning"), facts, key)


def family_words(who: str, grade: Grade, facts: Mapping[str, str], key: str) -> str:
    """What the child (`child`, `young_person`) or an adult of the family says, in quotation marks.

    Families of good work are mostly content and of weak work mostly not, with exceptions.
    """
    content = roll(key, who, "mood") < (0.94, 0.84, 0.42, 0.15)[grade - 1]
    side = _book()["words"]["child" if who in ("child", "young_person") else "adult"]
    return f'"{choose(side["good" if content else "poor"], key, who, "words")}"'


def strength(section: str, facts: Mapping[str, str], key: str) -> str:
    """A strength, named so that others could copy it."""
    strengths = _book()["strengths"]
    words = choose(strengths.get(section, strengths["*"]), key, section, "strength")
    return _filled(f"{words}.", facts, key)


def action(section: str, facts: Mapping[str, str], key: str) -> tuple[str, str]:
    """(what will be done, how we will know that the child's experience has changed)."""
    actions = _book()["actions"]
    options = actions.get(section, actions["*"])
    chosen = options[int(roll(key, section, "action") * len(options))]
    return _filled(f"{chosen['what']}.", facts, key), _filled(f"{chosen['success']}.", facts, key)


def safeguarding_words(worried: bool, facts: Mapping[str, str], key: str) -> str:
    """What worries the auditor now, or why the child is safe although a critical standard was not met."""
    return _filled(
        choose(_book()["safeguarding"]["worried" if worried else "safe"], key, "safeguarding"), facts, key
    )


def not_applicable(facts: Mapping[str, str], key: str) -> str:
    """Why a section does not apply."""
    return _filled(choose(_book()["not_applicable"], key, "na"), facts, key)


def moderator_words(direction: int, facts: Mapping[str, str], key: str) -> str:
    """A moderator's reason: 0 agreed, positive a worse grade, negative a better one."""
    side = "agreed" if direction == 0 else "down" if direction > 0 else "up"
    return _filled(choose(_book()["moderator"][side], key, "moderator"), facts, key)


def audit_quality_words(grade: Grade, facts: Mapping[str, str], key: str) -> str:
    """What the moderator says of the audit itself."""
    return _filled(choose(_book()["audit_quality"][grade.key], key, "quality"), facts, key)


def carer_of(facts: Mapping[str, str], key: str) -> str:
    """Who cares for the child, from the facts: mum, the foster carer, the key worker..."""
    if facts.get("eligibility") or facts.get("pathway_plan_review"):
        return "the personal adviser"
    if facts.get("care_start") and not facts.get("care_ceased"):
        home = facts.get("placement_type", "")
        if any(code in home for code in ("K1", "K2", "R1", "H5", "children_home", "residential")):
            return "the key worker at the home"
        return (
            "dad"
            if "P1" in home and roll(key, "parent") < 0.3
            else "the foster carer"
            if "P1" not in home
            else "mum"
        )
    return choose(("mum", "mum", "mum", "dad", "grandmother"), key, "carer")


def plan_of(facts: Mapping[str, str]) -> str:
    """Which plan the child has, from the facts."""
    if facts.get("eligibility") or facts.get("pathway_plan_review"):
        return "pathway plan"
    if facts.get("care_start") and not facts.get("care_ceased"):
        return "care plan"
    if facts.get("plan_start") and not facts.get("plan_end"):
        return "child protection plan"
    return "child in need plan"


def _month(facts: Mapping[str, str], key: str) -> str:
    """A month of the last half year before the newest date that the facts hold."""
    newest = 6
    days = [value for value in facts.values() if re.fullmatch(r"\d{4}-\d\d-\d\d", value)]
    if days:
        newest = date.fromisoformat(max(days)).month
    return _MONTHS[(newest - 1 - int(roll(key, "month") * 5)) % 12]


def _filled(template: str, facts: Mapping[str, str], key: str, **more: str) -> str:
    """The template with its slots filled; a care leaver is a young person, not a child."""
    # Topics and steps first: they hold slots of their own.
    words = {
        **more,
        "carer": carer_of(facts, key),
        "plan": plan_of(facts),
        "month": _month(facts, key),
    }
    text = template
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
        text = text.replace("{" + name.capitalize() + "}", value[:1].upper() + value[1:])
    if facts.get("eligibility") or facts.get("pathway_plan_review"):
        text = _SENTENCE.sub(r"\1The young person", text)
        text = re.sub(r"\bChild\b", "the young person", text)
    return text[:1].upper() + text[1:]
