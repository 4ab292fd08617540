"""Judgement sets with their dates, and the many-to-many map from a form's sections to their headings.

A case's own grade is the "overall case grade"; "overall effectiveness" is an inspection judgement and
exists only in the frameworks that have it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field as Key
from pydantic import StringConstraints, model_validator

from qa_audit.errors import BadInput, Code
from qa_audit.library.conditions import Cohorts, Frozen
from qa_audit.library.forms import FormId, Line, PartId, Version, Words
from qa_audit.library.problems import nearest
from qa_audit.library.vocabulary import COHORTS

FrameworkId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Strand = Literal["leaders", "help_and_protection", "in_care", "care_leavers"]


class Heading(Frozen):
    """One judgement of a framework. `strands` are the strands it answers for; overall has none."""

    key: PartId
    title: Line
    short: Line
    strands: tuple[Strand, ...] = ()
    overall: bool = False


class Framework(Frozen):
    """A judgement set in force from a date (`starts`) to a date (`ends`, inclusive; open when absent)."""

    kind: Literal["framework"]
    id: FrameworkId
    version: Version
    title: Line
    starts: date
    ends: date | None = None
    local: bool = False
    note: Words = ""
    judgements: Annotated[tuple[Heading, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.ends is not None and self.ends < self.starts:
            raise ValueError("the framework ends before it starts")
        strands = [strand for heading in self.judgements for strand in heading.strands]
        twice = next((one for one in strands if strands.count(one) > 1), None)
        if twice:
            raise ValueError(f"two headings answer for '{twice}' | Each strand has one heading.")
        return self

    def heading(self, strand: Strand) -> Heading | None:
        """The heading that answers for a strand."""
        return next((one for one in self.judgements if strand in one.strands), None)

    @property
    def overall(self) -> Heading | None:
        """Overall effectiveness, where the framework has it."""
        return next((one for one in self.judgements if one.overall), None)


class Place(Frozen):
    """Where a section's grade lands: the strands it `feeds` (filled dots) and those it `informs` (open dots)."""

    sections: Annotated[tuple[FormId, ...], Key(min_length=1)]
    feeds: tuple[Strand, ...] = ()
    informs: tuple[Strand, ...] = ()
    self_evaluation: tuple[PartId, ...] = ()
    outcomes: tuple[PartId, ...] = ()
    enablers: tuple[PartId, ...] = ()


class Part(Frozen):
    """A part of the council's own self-evaluation. `cohorts` route a section that belongs to all parts."""

    key: PartId
    title: Line
    cohorts: Cohorts = ()


class Route(Frozen):
    """Which strand a child of these primary cohorts counts under."""

    strand: Strand
    cohorts: Cohorts


class Mapping(Frozen):
    """The file of the map."""

    kind: Literal["mapping"]
    version: Version
    title: Line
    routes: Annotated[tuple[Route, ...], Key(min_length=1)]
    self_evaluation: tuple[Part, ...]
    sections: Annotated[tuple[Place, ...], Key(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        codes = [code for place in self.sections for code in place.sections]
        twice = next((one for one in codes if codes.count(one) > 1), None)
        if twice:
            raise ValueError(f"section {twice} stands in two places | Give each section one place.")
        routed = [cohort for route in self.routes for cohort in route.cohorts]
        lost = next((cohort for cohort in COHORTS if routed.count(cohort) != 1), None)
        if lost:
            raise ValueError(
                f"cohort '{lost}' is routed {routed.count(lost)} times | Route each cohort once."
            )
        parts = {part.key for part in self.self_evaluation}
        for place in self.sections:
            for key in place.self_evaluation:
                if key not in parts:
                    raise ValueError(f"'{key}' is not a self-evaluation part | {nearest(key, parts)}")
        return self

    def place(self, section: str) -> Place | None:
        """A section's place."""
        return next((one for one in self.sections if section in one.sections), None)

    def strand(self, primary: str) -> Strand | None:
        """The strand of a primary cohort."""
        return next((route.strand for route in self.routes if primary in route.cohorts), None)


class Statement(Frozen):
    """An outcome or enabler of the National Framework."""

    key: PartId
    number: Annotated[int, Key(ge=1, le=9)]
    title: Line


class NationalFramework(Frozen):
    """The outcomes and enablers of the Children's Social Care National Framework."""

    kind: Literal["national-framework"]
    version: Version
    title: Line
    outcomes: tuple[Statement, ...]
    enablers: tuple[Statement, ...]


def framework_on(frameworks: tuple[Framework, ...], day: date) -> Framework:
    """The framework in force on a day; a council's local one wins over the national one. A day before
    the first framework gets the first."""
    for candidates in (
        [
            one
            for one in frameworks
            if one.local and one.starts <= day and (one.ends is None or day <= one.ends)
        ],
        [
            one
            for one in frameworks
            if not one.local and one.starts <= day and (one.ends is None or day <= one.ends)
        ],
    ):
        if candidates:
            return max(candidates, key=lambda one: one.starts)
    national = [one for one in frameworks if not one.local]
    if not national:
        raise BadInput(Code.BAD_SCHEMA, "No judgement framework is installed", where="schemas/frameworks")
    earlier = [one for one in national if one.starts <= day]
    return max(earlier, key=lambda one: one.starts) if earlier else min(national, key=lambda one: one.starts)


def heading_for(section: str, primary: str, framework: Framework, mapping: Mapping) -> Heading | None:
    """The one heading under which a section's grade counts for a child of this primary cohort.

    A section that feeds the child's own strand counts there (PL under help and protection for a child in
    need, under children in care for a child in care); otherwise under the first strand it feeds. None for
    sections without a place, such as actions.
    """
    place = mapping.place(section)
    if place is None or not place.feeds:
        return None
    own = mapping.strand(primary)
    return framework.heading(own if own in place.feeds else place.feeds[0])


def informs(section: str, primary: str, framework: Framework, mapping: Mapping) -> tuple[Heading, ...]:
    """The further headings a section's grade informs for this child (open dots), without its own heading."""
    place = mapping.place(section)
    if place is None:
        return ()
    own = heading_for(section, primary, framework, mapping)
    strand = mapping.strand(primary)
    wanted = [one for one in place.informs if one == strand or strand in place.feeds or strand is None]
    headings = [framework.heading(one) for one in wanted]
    return tuple(dict.fromkeys(one for one in headings if one is not None and one != own))


def self_evaluation_parts(section: str, primary: str, mapping: Mapping) -> tuple[Part, ...]:
    """The self-evaluation parts that a section's grade is evidence for, by the child's cohort."""
    place = mapping.place(section)
    if place is None:
        return ()
    parts = [part for part in mapping.self_evaluation if part.key in place.self_evaluation]
    routed = [part for part in parts if primary in part.cohorts]
    return tuple(routed if routed and len(parts) > 1 else parts)
