"""The words that forms, clocks and frames share: cohorts, flags, facts and practice areas."""

from __future__ import annotations

COHORTS: dict[str, str] = {
    "contact": "Contact",
    "early_help": "Early help",
    "referral": "Referral",
    "assessment": "Assessment",
    "section_47": "Section 47 enquiry",
    "child_in_need": "Child in need",
    "child_protection": "Child protection plan",
    "child_in_care": "Child in care",
    "care_leaver": "Care leaver",
    "adoption": "Adoption",
}
"""The ten cohorts of Annex A Lists 1-10, with the words shown for them."""

FLAGS: dict[str, str] = {
    "pre_proceedings": "Pre-proceedings",
    "unregistered_home": "Unregistered children's home",
    "placed_with_parents": "Placed with parents",
    "connected_carer": "Connected carer with temporary approval",
    "home_educated": "Electively home educated",
    "private_fostering": "Private fostering",
    "disabled_child": "Disabled child",
    "unaccompanied_child": "Unaccompanied child",
}
"""Further groups from a council's add-on lists."""

DATE_FACTS: frozenset[str] = frozenset(
    [
        "contact_date",
        "referral_date",
        "assessment_start",
        "assessment_authorised",
        "strategy_discussion",
        "icpc",
        "cin_start",
        "last_seen",
        "cin_closed",
        "plan_start",
        "plan_end",
        "last_statutory_visit",
        "last_review_conference",
        "care_start",
        "legal_status_start",
        "last_review",
        "last_visit",
        "last_iro_contact",
        "last_health_assessment",
        "last_dental_check",
        "care_ceased",
        "placement_start",
        "pathway_plan_review",
        "last_contact",
        "adoption_decision",
        "early_help_start",
        "early_help_completed",
        "supervision_last",
        "pre_proceedings_start",
        "panel_last",
        "reg24_start",
        "ehe_review",
    ]
)
NUMBER_FACTS: frozenset[str] = frozenset(
    [
        "age",
        "referrals_12m",
        "section_47s_12m",
        "icpcs_12m",
        "previous_cp_plans",
        "placements_12m",
        "missing_episodes",
        "absent_episodes",
    ]
)
CODE_FACTS: frozenset[str] = frozenset(
    [
        "sex",
        "ethnicity",
        "disability",
        "primary_need",
        "case_status",
        "cp_category",
        "legal_status",
        "placement_type",
        "placement_provider",
        "permanence_plan",
        "accommodation",
        "suitability",
        "activity",
        "in_touch",
        "eligibility",
    ]
)
FACTS: frozenset[str] = DATE_FACTS | NUMBER_FACTS | CODE_FACTS
"""Facts of a child that a frame keeps: what items prefill from and clocks run from."""
