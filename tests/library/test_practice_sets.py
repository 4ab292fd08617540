"""The question bank: 23 sets, 237 items, and what must be true of every one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from qa_audit.audits.judging import clock_flags
from qa_audit.grades import Grade
from qa_audit.library.case import CaseContext
from qa_audit.library.completeness import (
    failed_critical,
    section_limit,
    section_progress,
    smart_score,
    visible_items,
)
from qa_audit.library.conditions import Condition
from qa_audit.library.forms import Item, SetVersion
from qa_audit.library.loader import Library
from qa_audit.library.practice import load_clocks
from qa_audit.library.vocabulary import COHORTS, DATE_FACTS, FACTS, FLAGS

SCHEMAS = Path(__file__).parents[2] / "schemas"

LETTERS = {
    "yes_partly_no": "Y",
    "date": "D",
    "number": "N",
    "choice": "C",
    "choices": "M",
    "grade": "G",
    "text": "T",
    "scale": "S",
}

# Each word is one item in order: a letter for each field, then its tags (process, quality, impact).
BANK = {
    "TH": "YD/p Y/p Y/q Y/q YT/q YD/q T/q Y/q Y/p Y/i GT/i",
    "SU": "YT/q YD/p Y/p YT/q YDD/q Y/p T/q Y/i YN/i Y/q",
    "AS": "YD/p YD/p T/q YYYY/q Y/q Y/q YDNDN/q T/q Y/q T/q M/p YT/q YD/p G/i",
    "PL": "YD/p Y/q Y/q Y/q Y/q Y/q YN/p Y/q Y/q Y/q YD/pq Y/q YT/q NT/i Y/q",
    "SV": "YN/p YT/q Y/q Y/q T/i M/p Y/p Y/q Y/q Y/q G/i",
    "VC": "Y/q MT/q YD/p Y/q Y/p Y/p T/i Y/q Y/q G/i",
    "VI": "YN/p Y/q YD/p N/q Y/q YD/p YD/p Y/q T/i",
    "LS": "T/i YD/p Y/q M/p Y/q YD/p Y/q Y/q Y/q Y/p Y/q GT/i",
    "CC": "YD/p Y/q Y/p YD/pq NY/q Y/q Y/q Y/q YD/p YN/p T/q GT/i",
    "UR": "YD/p YD/p YD/p YD/p ND/p YT/q YD/p GT/i",
    "PP": "YD/p YN/p Y/q YD/q Y/q GT/i",
    "KC": "YD/p YD/p N/p Y/q Y/q GT/i",
    "CL": "D/p YD/p Y/q Y/q D/p CY/q CT/q Y/p Y/p Y/q T/i MT/q YD/p Y/q GT/i",
    "IR": "YD/p YD/p ND/p Y/q Y/q T/i YD/q Y/q Y/p GT/i",
    "PC": "DD/p YYYYYY/q D/p Y/q D/p Y/i YD/q YT/q NT/p YD/p GT/i",
    "EC": "DT/q YD/q Y/q YD/p YT/q Y/i Y/p Y/q GT/i",
    "DC": "Y/q Y/q YT/q Y/q YD/p Y/q YD/p YD/p Y/p GT/i",
    "EH": "YD/p YD/p Y/q YD/p YT/q YD/p YD/p YD/q Y/q Y/q GT/i",
    "ED": "D/p Y/q Y/q Y/q Y/q Y/q NY/p C/p D/p D/p Y/q GT/i",
    "CF": "D/p YD/p CMC/p Y/q YT/q Y/q D/p Y/q YD/q T/i GT/i",
    "EQ": "Y/p T/q Y/p Y/q Y/q YT/q T/q G/i",
    "RC": "Y/p N/p Y/q Y/q Y/q Y/p Y/q Y/p G/i",
    "IM": "SSSSSSSSSS/i T/i TTTT/i CT/i YT/i YT/i G/i",
}
COUNTS = {
    "TH": 11,
    "SU": 10,
    "AS": 14,
    "PL": 15,
    "SV": 11,
    "VC": 10,
    "VI": 9,
    "LS": 12,
    "CC": 12,
    "UR": 8,
    "PP": 6,
    "KC": 6,
    "CL": 15,
    "IR": 10,
    "PC": 11,
    "EC": 9,
    "DC": 10,
    "EH": 11,
    "ED": 12,
    "CF": 11,
    "EQ": 8,
    "RC": 9,
    "IM": 7,
}
OPTIONAL = {"SF": 14, "PF": 8, "MS": 9, "UA": 10, "EHLP": 9, "AD": 9, "FO": 8, "LO": 8, "HM": 8}
CRITICAL = {"TH6", "VI3", "UR1", "UR3", "PP2", "KC2", "DC3", "EH8"}
SAFETY_CRITICAL = {"TH", "AS", "VI", "SV", "CF", "UR", "PP", "KC", "PC"}
AUTO = {
    "TH1",
    "SU2",
    "SU9",
    "AS1",
    "AS13",
    "PL1",
    "PL11",
    "SV1",
    "VI1",
    "CC4",
    "UR5",
    "PP2",
    "KC2",
    "KC3",
    "CL2",
    "CL5",
    "IR2",
    "PC5",
    "EH6",
    "ED1",
    "ED9",
    "CF1",
    "CF7",
    "RC2",
}
EVERY = [*COUNTS, *OPTIONAL]
LANGUAGE_LINE = "# yaml-language-server: $schema=../json-schema/form.schema.json"
LIBRARY = Library(SCHEMAS)


def _set(code: str) -> SetVersion:
    model = LIBRARY.version(code)
    assert isinstance(model, SetVersion)
    return model


def _items(codes: list[str]) -> Iterator[tuple[SetVersion, Item]]:
    for code in codes:
        for item in _set(code).items:
            yield _set(code), item


def _conditions() -> Iterator[tuple[str, Item, Condition]]:
    for source, item in _items(EVERY):
        for condition in (item.when, *(field.when for field in item.fields)):
            if condition is not None:
                yield source.id, item, condition


def test_the_bank_has_23_sets_and_237_items() -> None:
    assert {code: len(_set(code).items) for code in COUNTS} == COUNTS
    assert len(COUNTS) == 23
    assert sum(COUNTS.values()) == 237
    assert len({_set(code).area for code in COUNTS}) == 21


def test_the_optional_packs_are_short_forms() -> None:
    assert {code: len(_set(code).items) for code in OPTIONAL} == OPTIONAL
    assert all(6 <= count <= 10 for code, count in OPTIONAL.items() if code != "SF")


@pytest.mark.parametrize("code", EVERY)
def test_item_ids_are_the_code_and_a_running_number(code: str) -> None:
    found = [item.id for item in _set(code).items]
    assert found == [f"{code}{number}" for number in range(1, len(found) + 1)]


def test_no_id_is_used_twice_in_the_whole_library() -> None:
    ids = [item.id for source in LIBRARY.sets() for item in source.items]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("code", COUNTS)
def test_every_item_keeps_its_fields_and_tags(code: str) -> None:
    found = [
        "".join(LETTERS[field.type] for field in item.fields) + "/" + "".join(tag[0] for tag in item.tag)
        for item in _set(code).items
    ]
    assert found == BANK[code].split()


@pytest.mark.parametrize("code", EVERY)
def test_a_set_is_graded_with_four_descriptors_and_a_rationale(code: str) -> None:
    source = _set(code)
    assert source.graded
    assert source.grades is not None
    words = [
        source.grades.good,
        source.grades.outstanding,
        source.grades.ri,
        source.grades.inadequate,
    ]
    assert len(set(words)) == 4
    assert all(2 <= text.count(".") <= 4 for text in words)
    section = LIBRARY.form(code).sections[0]
    asked = section_progress(section, {}, _case(source))
    given = {(code, "grade"): "good", (code, "rationale"): "The record shows why."}
    assert section_progress(section, given, _case(source)).answered == asked.answered + 2


@pytest.mark.parametrize("code", EVERY)
def test_good_is_written_first(code: str) -> None:
    text = (SCHEMAS / "forms" / f"{code}.yaml").read_text(encoding="utf-8")
    assert text.splitlines()[0] == LANGUAGE_LINE
    block = text[text.index("\ngrades:") :]
    assert re.findall(r"^  (good|outstanding|ri|inadequate):", block, re.MULTILINE) == [
        "good",
        "outstanding",
        "ri",
        "inadequate",
    ]


@pytest.mark.parametrize("code", EVERY)
def test_a_set_can_be_asked_as_one_grade_with_prompts(code: str) -> None:
    source = _set(code)
    assert 5 <= len(source.prompts) <= 8
    assert all(prompt.endswith("?") for prompt in source.prompts)
    assert source.intro
    assert source.short


def test_every_item_has_guidance_and_says_what_partly_means() -> None:
    for source, item in _items(EVERY):
        assert item.guidance.endswith("."), item.id
        # A standard is a statement, a question that takes words or a grade ends with its mark.
        assert not item.text.endswith("."), item.id
        if item.fields[0].type == "yes_partly_no" and len(item.fields) < 4:
            assert not item.text.endswith("?"), item.id
            settled = {"EC6", "EH6", "EH9", "TH2"}  # their guidance says what answers yes instead
            assert "artly means" in item.guidance or item.id in settled, item.id
        assert source.area


def test_every_set_asks_about_impact() -> None:
    without = [code for code in EVERY if "impact" not in {tag for i in _set(code).items for tag in i.tag}]
    assert without == []
    for code in EVERY:
        section = LIBRARY.form(code).sections[0]
        assert section_limit(section, {}, _case(_set(code))) is Grade.REQUIRES_IMPROVEMENT


def test_critical_items_are_exactly_these_and_a_no_is_noticed() -> None:
    assert {item.id for _, item in _items(EVERY) if item.critical} == CRITICAL
    for source, item in _items(EVERY):
        answers = {(item.id, "answer"): "no"}
        failed = failed_critical(LIBRARY.form(source.id), answers, _case(source))
        assert failed == (((source.id, item.id),) if item.critical else ()), item.id


def test_safety_critical_sets_are_exactly_these() -> None:
    assert {code for code in EVERY if _set(code).safety_critical} == SAFETY_CRITICAL


def test_items_filled_from_the_frame_are_exactly_these() -> None:
    assert {item.id for _, item in _items(list(COUNTS)) if item.auto or item.id == "VI1"} == AUTO


def test_facts_clocks_and_groups_exist() -> None:
    clocks = {clock.key for clock in load_clocks(SCHEMAS).clocks}
    for source, item in _items(EVERY):
        assert set(source.applies_to) <= {*COHORTS, *FLAGS}
        assert set(item.clock_keys) <= clocks, item.id
        for fact in item.auto.facts if item.auto else ():
            assert fact in FACTS, item.id
            wanted = {"date"} if fact in DATE_FACTS else {"number"}
            assert any(field.type in wanted for field in item.fields), f"{item.id} has nothing to prefill"


@pytest.mark.parametrize(
    ("cohort", "words"),
    [("child_in_care", "standard 42"), ("child_protection", "standard 10"), ("child_in_need", "standard 20")],
)
def test_the_visit_item_reads_the_clock_of_the_childs_own_cohort(cohort: str, words: str) -> None:
    facts = {"last_visit": "2026-06-01", "last_statutory_visit": "2026-06-01", "last_seen": "2026-06-01"}
    case = CaseContext(frozenset({cohort}), cohort, 9, facts, date(2026, 11, 1))
    form = LIBRARY.assemble("VI", case)
    said = clock_flags(form, case)["VI1"]
    assert said.late
    assert words in said.words


def test_conditions_ask_for_items_that_stand_in_the_same_set() -> None:
    found = list(_conditions())
    assert found
    for code, item, condition in found:
        for inner in condition.items():
            asked = next((one for one in _set(code).items if one.id == inner.item), None)
            assert asked is not None, item.id
            assert asked.field(inner.part) is not None, item.id


def test_neglect_scores_are_asked_only_when_neglect_is_indicated() -> None:
    section = LIBRARY.form("AS").sections[0]
    case = CaseContext(primary="child_in_need", age=7)
    everything = {
        (item.id, field.part): "x" for item in section.items for field in item.fields if item.id != "AS7"
    }
    needed = section_progress(section, everything, case).needed
    for answer, complete in (("na", True), ("yes", False)):
        progress = section_progress(section, {**everything, ("AS7", "answer"): answer}, case)
        assert progress.needed == needed
        assert (progress.answered == needed - 2) is complete


def test_the_smart_score_counts_five_standards() -> None:
    section = LIBRARY.form("PL").sections[0]
    assert [item.id for item in section.items if item.series == "smart"] == [
        "PL3",
        "PL4",
        "PL5",
        "PL6",
        "PL7",
    ]
    answers = {(f"PL{number}", "answer"): "yes" for number in range(2, 7)} | {("PL7", "answer"): "partly"}
    assert smart_score(section, answers) == (4, 5)


@pytest.mark.parametrize(
    ("code", "item", "age", "asked"),
    [
        ("CC", "CC10", 3, False),
        ("CC", "CC10", 9, True),
        ("CC", "CC10", None, True),
        ("EC", "EC7", 12, False),
        ("EC", "EC7", 17, True),
        ("PC", "PC10", -1, True),
        ("PC", "PC10", 9, False),
        ("DC", "DC8", 13, False),
        ("DC", "DC8", 14, True),
    ],
)
def test_questions_that_belong_to_an_age(code: str, item: str, age: int | None, asked: bool) -> None:
    section = LIBRARY.form(code).sections[0]
    ids = [one.id for one in visible_items(section, {}, CaseContext(age=age))]
    assert (item in ids) is asked


def test_a_second_plan_is_asked_about_unless_the_lists_say_there_was_none() -> None:
    section = LIBRARY.form("CF").sections[0]
    for facts, asked in (({}, True), ({"previous_cp_plans": "1"}, True), ({"previous_cp_plans": "0"}, False)):
        ids = [item.id for item in visible_items(section, {}, CaseContext(facts=facts))]
        assert ("CF10" in ids) is asked


def test_a_lawful_refusal_is_not_marked_against_the_worker() -> None:
    home = _set("EH")
    assert "lawful refusal is never marked against the worker" in home.intro
    contact = next(item for item in home.items if item.id == "EH4")
    assert "lawful refusal of a visit answers yes" in contact.guidance
    assert contact.na


def test_language_is_plain_and_respectful() -> None:
    wrong = re.compile(
        r"\b(LAC|looked after|placements? breakdown|behavior|organization|recognize|siblings? group|absconds?"
        r"|illegal immigrant|non-compliant|hard to engage|utili[sz]e|per cent\.)\b",
        re.IGNORECASE,
    )
    for code in EVERY:
        text = (SCHEMAS / "forms" / f"{code}.yaml").read_text(encoding="utf-8")
        assert wrong.search(text) is None, (code, wrong.search(text))
        assert text.isascii(), code


def _case(source: SetVersion) -> CaseContext:
    """A child of 16 in every group that the set is asked for, so that every question is open."""
    age = 1 if source.id == "PC" else 16
    return CaseContext(cohorts=frozenset(source.applies_to), age=age)
