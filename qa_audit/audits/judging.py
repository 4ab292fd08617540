"""The council's practice applied to one audit: clock flags, prefilled dates, ceiling, gaps, grades."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from qa_audit.audits.answers import OVERALL
from qa_audit.audits.judgement import Ceiling, judge_form, submit_gaps
from qa_audit.grades import Grade, parse_grade
from qa_audit.library import prefill as prefilling
from qa_audit.library.clocks import ClockFlag, Clocks, flag_case
from qa_audit.library.completeness import Gap
from qa_audit.library.completeness import section_grades as graded_sections
from qa_audit.library.practice import load_ceilings, load_clocks, load_themes

if TYPE_CHECKING:
    from qa_audit.library.case import Answers, CaseContext
    from qa_audit.library.ceilings import Ceilings
    from qa_audit.library.forms import Form


@lru_cache(maxsize=1)
def ceiling_rules() -> Ceilings:
    """The council's rule table, read once."""
    return load_ceilings()


@lru_cache(maxsize=1)
def clock_table() -> Clocks:
    """The council's clocks, read once."""
    return load_clocks()


@lru_cache(maxsize=1)
def theme_options() -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Lists that live outside the forms: (key, words) of themes, strengths and gaps."""
    themes = load_themes()
    return {
        "themes": tuple((one.id, one.title) for one in themes.themes),
        "strengths": tuple((one.id, one.title) for one in themes.side("strengths")),
        "gaps": tuple((one.id, one.title) for one in themes.side("gaps")),
    }


@cache
def theme_keys() -> Mapping[str, tuple[str, ...]]:
    """The keys alone of `theme_options`: what an answer may hold."""
    return {name: tuple(key for key, _ in pairs) for name, pairs in theme_options().items()}


def clock_flags(form: Form, case: CaseContext) -> dict[str, ClockFlag]:
    """Item id to what its clock says, for every item that shows one and has something to say."""
    clocks = {clock.key: clock for clock in clock_table().clocks}
    found = {}
    for _, item in form.items():
        own = [clocks[key] for key in item.clock_keys if key in clocks]
        clock = next((one for one in own if one.standard(case) is not None), None)
        if clock is not None:
            said = flag_case(clock, case)
            if said.days is not None or said.late:
                found[item.id] = said
    return found


def prefill(form: Form, case: CaseContext) -> dict[tuple[str, str], str]:
    """(item, part) to the value the frame offers."""
    found = {}
    for _, item in form.items():
        offered = prefilling.prefill(item, case.facts)
        if offered is not None:
            found[item.id, offered[0]] = offered[1]
    return found


def ceiling_of(form: Form, answers: Answers, case: CaseContext) -> Ceiling:
    """The best overall case grade that is open now, and why."""
    return judge_form(form, answers, case, ceiling_rules())


def gaps_of(form: Form, answers: Answers, case: CaseContext) -> tuple[Gap, ...]:
    """Everything that stands between the audit and its submission."""
    return submit_gaps(form, answers, case, ceiling_rules())


def section_grades(form: Form, answers: Answers, case: CaseContext) -> dict[str, Grade]:
    """Section code to grade, the overall case grade under OV."""
    grades = graded_sections(form, answers, case)
    overall = parse_grade(answers.get((OVERALL, "grade"), ""))
    if overall is not None:
        grades[OVERALL] = overall
    return grades
