"""The library of calibration cases: rich enough to audit, blind on one side, checked with the forms."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qa_audit.errors import BadInput, Code
from qa_audit.grades import Grade
from qa_audit.library.calibration_cases import load_case, load_cases, parse_case
from qa_audit.library.checks import check_folder
from qa_audit.library.problems import SchemaProblems

SCHEMAS = Path(__file__).parents[2] / "schemas"
CASE = (SCHEMAS / "calibration" / "child-in-need-neglect.yaml").read_text(encoding="utf-8")


def test_the_shipped_cases_can_be_audited() -> None:
    cases = load_cases(SCHEMAS)
    assert len(cases) >= 6
    for case in cases:
        words = sum(
            len(f"{part.text} {' '.join(one.text for one in part.entries)}".split()) for part in case.record
        )
        assert 450 <= words <= 1200, (case.id, words)
        assert len(case.record) >= 5
        assert {"IM", "VC", "OV"} <= set(case.sections)
        assert all(len(one.why) > 60 for one in case.reference.grades)
    overall = {case.reference.grades[-1].value for case in cases}
    assert overall == set(Grade), "a library in which one grade never stands teaches half the scale"


def test_the_blind_side_has_no_reference() -> None:
    for case in load_cases(SCHEMAS):
        seen = repr(case.blind())
        assert case.reference.set_by not in seen
        for one in case.reference.grades:
            assert one.why[:30] not in seen
        assert case.blind().sections == case.sections


def test_titles_do_not_give_the_grade_away() -> None:
    giving = ("drift", "good", "poor", "outstanding", "inadequate", "failing", "excellent", "grip", "weak")
    for case in load_cases(SCHEMAS):
        assert not any(word in case.title.casefold() for word in giving), case.title


def test_an_unknown_case_offers_the_nearest() -> None:
    with pytest.raises(BadInput) as caught:
        load_case("child-in-need", SCHEMAS)
    assert caught.value.code is Code.NOT_FOUND
    assert load_case(" Care-Leaver-Pathway ", SCHEMAS).age == 19


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("grade: ri", "grade: fine", "'fine' is not known"),
        ("section: PL", "section: AS", "graded twice"),
        ("section: OV", "section: LS", "the whole case"),
        ("tolerance: 1", "tolerance: 2", "less than or equal to 1"),
        ("date: 2024-03-11", "date: 2026-09-29", "order of their dates"),
        ("as_at: 2026-09-30", "as_at: 2026-08-01", "later than the day"),
        ("cohort: child_in_need", "cohort: child_in_ned", "is not a cohort"),
        ("age: 6", "name: x", "not known here"),
    ],
)
def test_every_fault_is_told_with_its_place(old: str, new: str, words: str) -> None:
    case, problems = parse_case(CASE.replace(old, new, 1), "x.yaml")
    assert case is None
    assert any(words in str(problem) for problem in problems), [str(one) for one in problems]
    assert all(problem.line for problem in problems)


def test_form_check_reads_the_cases_too(tmp_path: Path) -> None:
    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    folder = tmp_path / "schemas"
    assert check_folder(folder).problems == ()
    good = folder / "calibration" / "child-in-need-neglect.yaml"
    good.write_text(CASE.replace("section: VI", "section: ST"), encoding="utf-8")
    (folder / "calibration" / "other-name.yaml").write_text(CASE, encoding="utf-8")
    told = [str(problem) for problem in check_folder(folder).problems]
    assert any("there is no graded set ST" in words for words in told)
    assert any("the file is named other-name" in words for words in told)
    good.write_text("kind: calibration_case\n", encoding="utf-8")
    assert check_folder(folder).problems
    with pytest.raises(SchemaProblems):
        load_cases(folder)
