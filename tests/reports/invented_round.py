"""An invented round of any size, the same for the same seed. No real person, no real child."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from qa_audit.grades import Grade
from qa_audit.reports.facts import (
    ActionFacts,
    AlertFacts,
    AuditFacts,
    EarlierAuditFacts,
    FeedbackFacts,
    GradeTrail,
    MethodFacts,
    ModerationFacts,
    RoundFacts,
    SectionFacts,
    StratumFacts,
    TextFacts,
    ThemeFacts,
)

AREAS = {
    "AS": "Assessment",
    "PL": "Plans, SMART planning and review",
    "SV": "Supervision and management oversight",
    "VC": "Voice of the child and direct work",
    "VI": "Visits",
    "CF": "Conferences and core groups",
    "EQ": "Equality, diversity and identity",
    "RC": "Recording quality",
    "IM": "Impact and outcomes",
}
PLACES = {
    "Help and protection": ("Locality east", "Locality west", "Locality north"),
    "Children in care": ("Permanence one", "Permanence two"),
    "Care leavers": ("Pathways",),
}
COHORTS = ("child_in_need", "child_protection", "child_in_care", "care_leaver")
THEMES = (
    (
        "strength",
        "direct_work",
        "Direct work that children remember",
        "Workers used the child's own pictures to plan.",
    ),
    ("strength", "management_oversight", "Managers see and steer", "Decisions were dated and said why."),
    ("strength", "persistence", "Workers who do not give up", "Three visits before the door was opened."),
    ("gap", "fathers", "Fathers left out of assessments", "Nobody had asked where the father lives."),
    (
        "gap",
        "smart_plans",
        "Plans without dates or owners",
        "Actions read 'ongoing' from one review to the next.",
    ),
    ("gap", "chronology", "Chronology out of date", "The last entry was eleven months old."),
)


def invented_round(
    n: int = 28, seed: int = 7, *, texts_each: int = 4, random_moderation: bool = True
) -> RoundFacts:
    """A round of `n` audits with everything a paper can show."""
    dice = np.random.default_rng(seed)
    start, as_at = date(2026, 9, 1), date(2026, 9, 30)

    def grade(shift: int = 0) -> Grade:
        drawn = int(dice.choice([1, 2, 3, 4], p=[0.06, 0.48, 0.36, 0.10]))
        return Grade(min(4, max(1, drawn + shift)))

    def second(first: Grade) -> Grade:
        step = int(dice.choice([-1, 0, 1], p=[0.06, 0.72, 0.22]))
        return Grade(min(4, max(1, int(first) + step)))

    audits: list[AuditFacts] = []
    moderations: list[ModerationFacts] = []
    actions: list[ActionFacts] = []
    texts: list[TextFacts] = []
    services = list(PLACES)
    for i in range(n):
        ref = f"R9-{i + 1:04d}"
        service = services[int(dice.integers(0, 3))]
        team = PLACES[service][int(dice.integers(0, len(PLACES[service])))]
        allocated = start + timedelta(days=int(dice.integers(0, 5)))
        due = allocated + timedelta(days=14)
        fate = dice.random()
        status = (
            "final"
            if fate < 0.80
            else "in_progress"
            if fate < 0.90
            else "allocated"
            if fate < 0.95
            else "exempted"
        )
        common = {
            "ref": ref,
            "child_key": f"k{int(dice.integers(0, 16**8)):08x}",
            "cohort": COHORTS[int(dice.integers(0, 4))],
            "team": team,
            "service": service,
            "auditor_code": f"A{int(dice.integers(1, 9)):02d}",
            "form": "full-case-audit 1.0.0",
            "selected_by": "Random within stratum"
            if dice.random() < 0.8
            else "Risk list: plan over 15 months",
            "planned_on": start,
            "allocated_on": allocated,
            "due_on": due,
        }
        if status != "final":
            why = "Case transferred to another authority" if status == "exempted" else ""
            audits.append(AuditFacts(**common, status=status, exempt_reason=why))
            continue
        submitted = min(as_at, allocated + timedelta(days=int(dice.integers(5, 18))))
        own = grade()
        moderated = bool(dice.random() < 0.5) or own in (Grade.INADEQUATE, Grade.OUTSTANDING)
        other = second(own) if moderated else None
        panel = other if other is not None and abs(int(other) - int(own)) > 1 else None
        sections = []
        for code, title in AREAS.items():
            if dice.random() < 0.2:
                continue
            mine = grade()
            theirs = second(mine) if moderated else None
            sections.append(SectionFacts(code, title, GradeTrail(mine, theirs, None, theirs)))
        held, heard = bool(dice.random() < 0.8), bool(dice.random() < 0.6)
        told = datetime(2026, 9, 10, 10, 0) + timedelta(hours=i)
        alerts = (AlertFacts(f"{ref}-S1", told, told + timedelta(hours=2)),) if dice.random() < 0.04 else ()
        moderated_on = submitted + timedelta(days=int(dice.integers(1, 9))) if moderated else None
        trail = GradeTrail(own, other, panel, other)
        final = trail.final
        audits.append(
            AuditFacts(
                **common,
                status="moderated" if moderated else "submitted",
                submitted_on=submitted,
                moderated_on=moderated_on,
                final_on=moderated_on,
                shared_on=moderated_on + timedelta(days=2) if moderated_on else None,
                sections=tuple(sections),
                overall=trail,
                worker_grade=grade() if held else None,
                conversation_held=held,
                conversation_reason="" if held else ("declined", "not_attempted")[int(dice.integers(0, 2))],
                in_supervision=bool(dice.random() < 0.5),
                feedback=(
                    FeedbackFacts(
                        "mother", True, "call", "", int(dice.integers(4, 11)), int(dice.integers(3, 11)), 7
                    )
                    if heard
                    else FeedbackFacts("mother", False, not_obtained="not_contactable"),
                ),
                ceiling=Grade.GOOD,
                alerts=alerts,
                recovery_plan_on=submitted if final is Grade.INADEQUATE else None,
                first_grade=own,
                moderation_chance=1.0 if own in (Grade.INADEQUATE, Grade.OUTSTANDING) else 0.5,
            )
        )
        if moderated:
            moderations.append(
                ModerationFacts(
                    ref,
                    "M01",
                    blind=True,
                    selected_by="Random half",
                    random=random_moderation,
                    completed_on=moderated_on,
                    outcome="agreed"
                    if own == other
                    else "changed_down"
                    if other and other > own
                    else "changed_up",
                    reason="" if own == other else "impact_not_shown",
                    audit_quality=grade(),
                )
            )
        for number in range(int(dice.integers(0, 4))):
            due_on = submitted + timedelta(days=int(dice.integers(-3, 40)))
            finished = bool(dice.random() < 0.4)
            actions.append(
                ActionFacts(
                    f"{ref}-AC{number + 1}",
                    ref,
                    "Record the plan with dates and owners and read it with the young person",
                    ("child", "worker", "team", "service")[int(dice.integers(0, 4))],
                    ("for_the_child", "for_practice")[int(dice.integers(0, 2))],
                    "Team manager",
                    "normal",
                    submitted,
                    due_on,
                    done_on=as_at if finished else None,
                    verified_on=as_at if finished and dice.random() < 0.5 else None,
                    section="PL",
                    service=service,
                    team=team,
                    success="The young person can say what the plan is for",
                )
            )
        for number in range(texts_each):
            code = list(AREAS)[int(dice.integers(0, len(AREAS)))]
            texts.append(
                TextFacts(
                    ref,
                    code,
                    f"{code}{number + 1}",
                    ("evidence", "rationale", "better", "family_words")[number % 4],
                    "The chronology shows four moves in two years and the plan names each of them; the review of "
                    f"{submitted.isoformat()} asks what the child wants. Case note {i}.{number}.",
                    "Auditor",
                    submitted,
                    "Is the plan current, dated and owned?",
                )
            )
    refs = [audit.ref for audit in audits if audit.submitted_on]
    themes = tuple(
        ThemeFacts(key, title, polarity, tuple(refs[k :: k + 2]), line)
        for k, (polarity, key, title, line) in enumerate(THEMES)
    )
    earlier = []
    for month in range(4, 9):
        for k in range(20):
            own = grade()
            other = second(own) if k % 2 else None
            trail = GradeTrail(own, other, None, other)
            sections = tuple(SectionFacts(c, t, GradeTrail(grade())) for c, t in AREAS.items())
            earlier.append(
                EarlierAuditFacts(f"R{month}-{k}", date(2026, month, 1 + k), trail, sections, True)
            )
    return RoundFacts(
        ref="R9",
        title="September 2026 round",
        council="Amberley Council",
        period_start=start,
        period_end=as_at,
        as_at=as_at,
        made_at=datetime(2026, 10, 1, 9, 30),
        made_by_role="QA lead",
        audits=tuple(audits),
        moderations=tuple(moderations),
        actions=tuple(actions),
        themes=themes,
        texts=tuple(texts),
        earlier=tuple(earlier),
        section_titles=tuple(AREAS.items()),
        audit_type="Full case audit",
        theme="Planning for permanence",
        questions=("Do plans have dates and owners?",),
        report_to="Learning and improvement forum",
        method=MethodFacts(
            selection="A random draw within service and cohort, with a risk list drawn at a higher rate.",
            frame="ILACS lists as at 31 August 2026",
            frame_size=2471,
            frame_hash="9f2c" * 16,
            seed="49120873615509284416",
            algorithm="rivest-consistent-sampling/1",
            strata=(StratumFacts("Help and protection", 1510, 16), StratumFacts("Children in care", 640, 12)),
            form_versions=("full-case-audit 1.0.0",),
            framework_version="ILACS 2026",
            moderation_rule="Every Inadequate and Outstanding, and a random half of the rest, blind.",
            left_out=(("Two audits of children who moved away", "Withdrawn with the director's reason"),),
        ),
    )
