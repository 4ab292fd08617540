"""What rounds and draws are to screens and commands: values that cannot change under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass

KINDS: Mapping[str, str] = {
    "monthly": "Monthly case audit",
    "thematic": "Thematic audit",
    "dip_sample": "Dip sample",
    "closing_the_loop": "Closing the loop",
    "peer": "Peer review",
    "practice_week": "Practice week",
    "calibration": "Calibration",
}


OPEN_STATES = ("open", "closed", "both", "any")


STRATA_COLUMNS: Mapping[str, str] = {
    "cohort": "Cohort",
    "team": "Team",
    "age_band": "Age band",
    "sex": "Sex",
    "ethnicity": "Ethnicity",
    "disability": "Disability",
    "legal_status": "Legal status",
    "placement_type": "Placement type",
    "primary_need": "Primary need",
    "cp_category": "Category of abuse",
    "authority": "Authority",
    "status": "Open or closed",
}


@dataclass(frozen=True, slots=True)
class NewRound:
    """What is needed to plan a round. Dates are ISO; `form_id` names a tool of the library."""

    title: str
    kind: str
    form_id: str
    starts: str
    due: str
    closes: str
    target: int
    theme: str = ""
    lines_of_enquiry: tuple[str, ...] = ()
    cohorts: tuple[str, ...] = ()
    open_state: str = "open"
    plan: Mapping[str, Any] = field(default_factory=dict)
    moderation: Mapping[str, Any] = field(default_factory=dict)
    blind: bool = True
    ref: str = ""
    sections: tuple[str, ...] = ()
    """Sections picked for the lines of enquiry, for forms that let a round choose; none = all."""


@dataclass(frozen=True, slots=True)
class RoundRow:
    """One round as screens and commands see it."""

    round_id: str
    ref: str
    title: str
    kind: str
    theme: str
    lines_of_enquiry: tuple[str, ...]
    cohorts: tuple[str, ...]
    open_state: str
    form_id: str
    form_version: str
    form_hash: str
    framework: str
    frame_id: str | None
    starts: str
    due: str
    closes: str
    target: int
    plan: Mapping[str, Any]
    moderation: Mapping[str, Any]
    blind: bool
    status: str
    drawn: int


@dataclass(frozen=True, slots=True)
class StratumPreview:
    """One stratum before the draw: how many children it holds and how many would be drawn."""

    stratum: str
    title: str
    kind: str
    population: int
    allocated: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would do, without drawing."""

    frame: str
    as_at: str
    children: int
    eligible: int
    left_out: Mapping[str, int]
    strata: tuple[StratumPreview, ...]
    risks: tuple[tuple[str, str, int], ...]
    """Every risk list with its words and how many children of the round's cohort are on it."""

    @property
    def to_draw(self) -> int:
        """How many cases the plan draws in all."""
        return sum(stratum.allocated for stratum in self.strata)


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One case of a draw."""

    child_key: str
    case_ref: str
    stratum: str
    kind: str
    state: str
    order: int
    ticket: str
    inclusion_probability: float | None
    weight: float | None
    cohort: str
    team: str
    worker: str
    reason: str = ""
