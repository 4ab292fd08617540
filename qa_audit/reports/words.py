"""The words that papers use for codes."""

from __future__ import annotations

from collections.abc import Mapping

COHORTS = {
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
STATUSES = {
    "planned": "Planned",
    "allocated": "Allocated",
    "in_progress": "In progress",
    "conversation_held": "Conversation held",
    "submitted": "Submitted",
    "returned": "Returned for more evidence",
    "in_moderation": "In moderation",
    "moderated": "Moderated",
    "disputed": "Disputed",
    "panel": "At panel",
    "final": "Final",
    "shared": "Shared with worker and manager",
    "actions_open": "Actions open",
    "actions_closed": "Actions closed",
    "re_audit": "Re-audit due",
    "loop_closed": "Loop closed",
    "withdrawn": "Withdrawn",
    "exempted": "Exempted",
    "lapsed": "Lapsed",
}
STANDINGS = {"done": "Done", "exempt": "Exempt or withdrawn", "overdue": "Overdue", "in_hand": "In hand"}
NOT_HELD = {
    "worker_left": "Worker has left",
    "worker_absent": "Worker absent",
    "declined": "Declined",
    "not_attempted": "Not attempted",
}
NOT_OBTAINED = {
    "declined": "Declined",
    "not_contactable": "Could not be reached",
    "not_safe": "Not safe to ask",
    "not_appropriate": "Not appropriate",
    "not_attempted": "Not attempted",
}
OUTCOMES = {
    "agreed": "Grade agreed",
    "changed_up": "Grade raised",
    "changed_down": "Grade lowered",
    "returned": "Returned for more evidence",
    "": "Moderation not finished",
}
CHANGE_REASONS = {
    "risk_under_weighted": "Risk given too little weight",
    "compliance_rewarded": "Compliance rewarded, not impact",
    "evidence_not_found": "Evidence not found",
    "impact_not_shown": "Impact not shown",
    "history_ignored": "History left out",
    "too_harsh": "Graded too harshly",
    "other": "Other",
}
WHO = {
    "child": "The child",
    "young_person": "The young person",
    "mother": "Mother",
    "father": "Father",
    "carer": "Carer",
    "other_family": "Other family",
    "advocate": "Advocate",
}
ACTION_KINDS = {
    "child": "This child",
    "worker": "This worker",
    "team": "This team",
    "service": "Whole service",
}
PURPOSES = {"for_the_child": "For the child", "for_practice": "For practice"}
PRIORITIES = {"safeguarding": "Safeguarding", "high": "High", "normal": "Normal"}
ACTION_STANDINGS = {
    "not_due": "Open, not yet due",
    "overdue": "Open, overdue",
    "done": "Done, to be verified",
    "verified": "Verified",
    "withdrawn": "Withdrawn",
}
POLARITIES = {"strength": "Strength", "gap": "Gap"}
TEXT_KINDS = {
    "evidence": "Evidence",
    "rationale": "Why this grade",
    "better": "What would have made it one better",
    "reason": "Reason",
    "comment": "Comment",
    "reflection": "Worker's reflection",
    "learning": "Learning agreed",
    "family_words": "Words of the child or family",
    "strength": "Strength",
    "moderator_reason": "Moderator's reason",
    "panel_reason": "Panel's reason",
    "action": "Action",
    "action_note": "Note on an action",
    "override_reason": "Reason for grading above the ceiling",
    "alert": "Safeguarding alert",
    "alert_note": "Note on a safeguarding alert",
    "exempt_reason": "Reason for leaving out",
    "worker_comment": "Worker's comment",
}


def words(known: Mapping[str, str], key: str) -> str:
    """The words for a code; a code without words reads as itself."""
    if key in known:
        return known[key]
    return key if " " in key or not key.islower() else key.replace("_", " ").capitalize()
