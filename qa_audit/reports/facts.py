"""What a paper is made from: plain facts of one round, already cleared for the reader.

Whoever gathers them (from a database, a file, a test) fills these records and nothing else; the
builders of papers only count and lay out. No record carries the name of a child or of a worker:
children stand under their pseudonymous key, auditors and moderators under their code, owners of
actions under their role. Dates are dates, grades are `Grade`, `None` means "not there".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from qa_audit.grades import Grade

# The states of an audit in which the auditor's part is done, and those that take it out of the plan.
# Every other state (planned, allocated, in_progress, conversation_held, returned, lapsed) is open.
DONE_STATES = frozenset(
    {
        "submitted",
        "in_moderation",
        "moderated",
        "disputed",
        "panel",
        "final",
        "shared",
        "actions_open",
        "actions_closed",
        "re_audit",
        "loop_closed",
    }
)
EXEMPT_STATES = frozenset({"exempted", "withdrawn"})


@dataclass(frozen=True, slots=True)
class GradeTrail:
    """The three facts about one judgement; none of them ever replaces another."""

    auditor: Grade | None = None
    moderated: Grade | None = None
    """The grade the moderator decided, whether it agrees or not; None when it was not moderated."""
    panel: Grade | None = None
    blind: Grade | None = None
    """The moderator's own grade, locked before the auditor's was shown; agreement is measured on it."""

    @property
    def final(self) -> Grade | None:
        """The grade that stands: the panel's if any, else the moderator's, else the auditor's."""
        return self.panel or self.moderated or self.auditor

    @property
    def second(self) -> Grade | None:
        """The second opinion for agreement and drift: the blind grade if any, else the moderated one."""
        return self.blind or self.moderated

    @property
    def pair(self) -> tuple[Grade, Grade] | None:
        """Auditor and second opinion, when there are both."""
        second = self.second
        return (self.auditor, second) if self.auditor and second else None


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """One graded section (practice area) of one audit."""

    code: str
    title: str
    grades: GradeTrail


@dataclass(frozen=True, slots=True)
class FeedbackFacts:
    """One person asked for their view. `obtained` None: nothing was recorded."""

    who: str
    """child, young_person, mother, father, carer, other_family, advocate"""
    obtained: bool | None
    route: str = ""
    """call, visit, survey, advocate, meeting"""
    not_obtained: str = ""
    """declined, not_contactable, not_safe, not_appropriate, not_attempted"""
    listened: int | None = None
    """0 to 10, as are the next two."""
    understood: int | None = None
    better: int | None = None


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """A safeguarding alert raised during an audit. Times are naive local times of the workspace."""

    ref: str
    raised_at: datetime
    acknowledged_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditFacts:
    """One planned audit of one child's record, whatever became of it."""

    ref: str
    child_key: str
    cohort: str
    """Cohort key (child_in_care ...); its words come from `RoundFacts.cohort_words`."""
    team: str
    service: str
    auditor_code: str
    """Blank until it is allocated. A code or a role, never a name."""
    status: str
    auditor_id: str = ""
    """Never printed: tells auditors apart when two share a code."""
    form: str = ""
    """Form and version, for example 'full-case-audit 1.0.0'."""
    selected_by: str = ""
    """How the child came into the sample, in words: 'Random', 'Risk list: unregistered home' ..."""
    planned_on: date | None = None
    allocated_on: date | None = None
    due_on: date | None = None
    submitted_on: date | None = None
    """The latest submission; None while the audit is open or returned."""
    moderated_on: date | None = None
    final_on: date | None = None
    shared_on: date | None = None
    exempt_reason: str = ""
    sections: tuple[SectionFacts, ...] = ()
    overall: GradeTrail = field(default_factory=GradeTrail)
    worker_grade: Grade | None = None
    """The worker's own grade, recorded before they saw the auditor's."""
    worker_graded: bool = False
    """Did the worker give an own grade? Known also where the grade itself must not be shown yet."""
    conversation_held: bool | None = None
    conversation_on: date | None = None
    conversation_reason: str = ""
    """When it was not held: worker_left, worker_absent, declined, not_attempted."""
    in_supervision: bool | None = None
    """Have the findings been discussed in the worker's supervision?"""
    feedback: tuple[FeedbackFacts, ...] = ()
    ceiling: Grade | None = None
    override_reason: str = ""
    """Filled when the auditor graded above the ceiling (the reason itself goes to `TextFacts`)."""
    alerts: tuple[AlertFacts, ...] = ()
    recovery_plan_on: date | None = None
    """For an Inadequate audit: the day its recovery plan was put on file."""
    reaudit_due: date | None = None
    practice_to_share: int = 0
    first_grade: Grade | None = None
    """The auditor's overall grade as first handed in: an audit that came back from moderation has changed because of it."""
    moderation_chance: float | None = None
    """Chance with which the rules of the round sent the first submission to moderation, 0-1 (1: a rule demanded it),
    whether it was moderated or not; None when it is not known or must not be shown yet."""


@dataclass(frozen=True, slots=True)
class ModerationFacts:
    """One moderation of one audit."""

    audit_ref: str
    moderator_code: str
    blind: bool
    """True when the moderator locked a grade before the auditor's was shown."""
    selected_by: str = ""
    """Why it was moderated, in words: 'Every Inadequate', 'Random 20%', 'New auditor' ..."""
    random: bool = False
    """True when it was picked at random, so that agreement speaks for the round."""
    completed_on: date | None = None
    outcome: str = ""
    """agreed, changed_up, changed_down, returned; blank while it is open."""
    reason: str = ""
    """Reason code for a change: risk_under_weighted, compliance_rewarded, evidence_not_found,
    impact_not_shown, history_ignored, too_harsh, other."""
    audit_quality: Grade | None = None
    """How good the audit itself is; a different question from the grade of practice."""
    disputed: bool = False
    panel_on: date | None = None


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """One action that an audit led to."""

    ref: str
    audit_ref: str
    what: str
    kind: str
    """child, worker, team or service: who has to change."""
    purpose: str
    """for_the_child or for_practice."""
    owner_role: str
    priority: str
    """safeguarding, high or normal."""
    raised_on: date
    due_on: date | None
    done_on: date | None = None
    """The owner says it is done."""
    verified_on: date | None = None
    """Somebody else saw the evidence of effect."""
    withdrawn_on: date | None = None
    section: str = ""
    service: str = ""
    team: str = ""
    success: str = ""


@dataclass(frozen=True, slots=True)
class ThemeFacts:
    """One theme found in one or more audits of the round."""

    key: str
    title: str
    polarity: str
    """strength or gap."""
    audit_refs: tuple[str, ...]
    line: str = ""
    """One de-identified line that says what it looked like; blank when nobody has written one."""


@dataclass(frozen=True, slots=True)
class TextFacts:
    """One stored text, whole. Only papers for the QA unit print them."""

    audit_ref: str
    section: str
    """Section code; blank for the audit as a whole."""
    item: str
    """Item id or part; blank when the text belongs to the section."""
    kind: str
    """evidence, rationale, better, reason, comment, reflection, learning, family_words, strength,
    moderator_reason, panel_reason, action, action_note, override_reason, alert, alert_note,
    exempt_reason, worker_comment."""
    text: str
    by_role: str = ""
    on: date | None = None
    question: str = ""
    """The item's words, so that the row can be read alone."""


@dataclass(frozen=True, slots=True)
class EarlierAuditFacts:
    """An audit of an earlier round, for trends: what it was graded and when. No person, no place."""

    ref: str
    submitted_on: date
    overall: GradeTrail
    sections: tuple[SectionFacts, ...] = ()
    blind: bool | None = None
    """Was its moderation blind? None when it was not moderated."""


@dataclass(frozen=True, slots=True)
class StratumFacts:
    """One stratum of the draw."""

    name: str
    population: int
    drawn: int


@dataclass(frozen=True, slots=True)
class MethodFacts:
    """How the figures came to be, in the words the reader needs."""

    selection: str
    """How the sample was drawn, in one or two sentences."""
    frame: str = ""
    """Name and date of the list of children, for example 'ILACS lists as at 30 September 2026'."""
    frame_size: int | None = None
    frame_hash: str = ""
    seed: str = ""
    algorithm: str = ""
    strata: tuple[StratumFacts, ...] = ()
    form_versions: tuple[str, ...] = ()
    framework_version: str = ""
    moderation_rule: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    """Pairs (what was left out of the figures, why)."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """Everything a paper about one round may use."""

    ref: str
    title: str
    council: str
    period_start: date
    period_end: date
    as_at: date
    """The day the figures describe: what is overdue is overdue on this day."""
    made_at: datetime
    """Aware or naive; printed as it is and stored in the file's properties."""
    made_by_role: str
    """A role ('QA lead'), never a name."""
    audits: tuple[AuditFacts, ...]
    method: MethodFacts
    moderations: tuple[ModerationFacts, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    themes: tuple[ThemeFacts, ...] = ()
    texts: tuple[TextFacts, ...] = ()
    earlier: tuple[EarlierAuditFacts, ...] = ()
    cohort_words: tuple[tuple[str, str], ...] = ()
    """Pairs (cohort key, the council's words for it)."""
    section_titles: tuple[tuple[str, str], ...] = ()
    """Pairs (section code, title) in the order of the library; sections not listed follow by code."""
    audit_type: str = ""
    theme: str = ""
    questions: tuple[str, ...] = ()
    """Key lines of enquiry."""
    report_to: str = ""
    moderation_days: int = 5
    """Working days a moderation may take; only printed, never recomputed."""
    indicative_from: int = 10
    """Double-graded audits from which coefficients, drift and bands are printed at all."""
    figures_from: int = 20
    """Double-graded audits from which they lose the word 'indicative'."""
    headline_from: int = 30
    """Double-graded audits for a headline figure."""
    green_from: int = 80
    """Per cent of exact agreement from which it is strong."""
    amber_from: int = 65
    """Per cent of exact agreement below which the QA unit must act."""
