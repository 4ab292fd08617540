"""A small synthetic council for service tests: its people, its list of children, and how they work.

Everything goes through the services that screens and commands call; nothing here writes a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from qa_audit.access import service as access
from qa_audit.access.policy import ROLES, Actor
from qa_audit.audits import allocation_service, judging
from qa_audit.audits import service as audits
from qa_audit.frame.records import ChildRecord, FrameReading, age_band
from qa_audit.frame.service import store_reading
from qa_audit.grades import Grade
from qa_audit.improvement import finishing
from qa_audit.moderation import service as moderation
from qa_audit.moderation.planning import plan_round
from qa_audit.moderation.records import Decision
from qa_audit.sampling import service as sampling
from qa_audit.sampling.records import NewRound
from qa_audit.store.workspace import Workspace

START = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)  # a Monday
TODAY = START.date()
SEED = "12345678901234567890"
AUTHORITY = "Thornborough"
TEAMS = ("Harbour", "Orchard", "Meadow")
EVERYTHING = {"everything": True}
NOTHING = {
    "share": 0,
    "raised_share": 0,
    "grades": [],
    "first_audits": 0,
    "alerts": False,
    "ceiling_overrides": False,
}

PEOPLE = (
    access.NewPerson("QA1", "R. Hazel", ("qa_lead",), job_title="QA lead"),
    access.NewPerson("HS1", "G. Slate", ("head_of_service",), job_title="Head of service"),
    access.NewPerson("AU1", "T. Flint", ("auditor",), team="Harbour", service="North", capacity=6, job_title="Team manager"),
    access.NewPerson("AU2", "S. Onyx", ("auditor",), team="Orchard", service="South", capacity=6, job_title="Team manager"),
    access.NewPerson("AU3", "P. Rowan", ("auditor",), capacity=6, job_title="IRO"),
    access.NewPerson("MO1", "L. Fern", ("moderator",), job_title="Moderator"),
    access.NewPerson("MO2", "B. Jasper", ("moderator",), job_title="Moderator"),
    access.NewPerson("TM1", "C. Alder", ("manager",), team="Harbour", manages=("Harbour",), job_title="Team manager"),
    access.NewPerson("WK1", "M. Mallow", ("worker",), team="Harbour"),
    access.NewPerson("DS1", "D. Quartz", ("data_support",)),
    access.NewPerson("BR1", "E. Thyme", ("board_reader",)),
    access.NewPerson("SA1", "F. Agate", ("system_admin",)),
)  # fmt: skip
assert {role for person in PEOPLE for role in person.roles} == set(ROLES) - {"peer_reviewer"}


@dataclass
class Ticker:
    """A clock a test moves by hand; each look at it is a millisecond later than the last."""

    moment: datetime = START

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def forward(self, **by: float) -> None:
        self.moment += timedelta(**by)


def child(number: int, **changes: object) -> ChildRecord:
    """One invented child; every third in each cohort and team."""
    cohort = ("assessment", "care_leaver")[number % 2]
    values: dict[str, object] = {
        "authority": AUTHORITY, "child_id": f"{100000 + number}", "primary": cohort, "cohorts": (cohort,), "flags": (),
        "lists": (), "is_open": True, "age": 17 if cohort == "care_leaver" else 7, "age_months": None, "sex": ("f", "m")[number % 2],
        "ethnicity": "", "disability": "", "team": TEAMS[number % 3], "worker": f"W{number % 11}", "personal_adviser": "",
        "codes": {}, "facts": {"referral_date": "2026-08-01"}, "numbers": {}, "extras": {},
    }  # fmt: skip
    values.update(changes)
    return ChildRecord(**values, age_band=age_band(values["age"]))  # type: ignore[arg-type]


def reading(children: tuple[ChildRecord, ...], as_at: date = TODAY) -> FrameReading:
    return FrameReading(
        "annex_a",
        "tabs",
        as_at,
        (),
        children,
        0,
        (),
        True,
        files=("lists.xlsx",),
        open_children=len(children),
    )


@dataclass
class World:
    """An open workspace with its people, and short words for what they do."""

    workspace: Workspace
    clock: Ticker
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, code: str) -> Actor:
        if code not in self.actors:
            self.actors[code] = access.load_actor(self.workspace, code)
        return self.actors[code]

    @property
    def lead(self) -> Actor:
        return self["QA1"]

    def fill(self, children: int = 36) -> World:
        access.add_first_people(self.workspace, PEOPLE)
        self.frame(tuple(child(number) for number in range(children)))
        self.clock.forward(minutes=30)
        return self

    def frame(self, children: tuple[ChildRecord, ...], as_at: date = TODAY) -> str:
        return store_reading(
            self.workspace,
            self.lead,
            reading(children, as_at),
            authority=AUTHORITY,
            status="both",
            salt="5a17",
        ).frame_id

    def plan(self, target: int = 4, **changes: object) -> str:
        day = self.clock.moment.date()
        values: dict[str, object] = {
            "title": "November audits", "kind": "monthly", "form_id": "full-case-audit", "starts": day.isoformat(),
            "due": (day + timedelta(days=14)).isoformat(), "closes": (day + timedelta(days=28)).isoformat(), "target": target,
            "moderation": EVERYTHING, "open_state": "any", "plan": {},
        }  # fmt: skip
        values.update(changes)
        return plan_round(self.workspace, self.lead, NewRound(**values))  # type: ignore[arg-type]

    def drawn(self, target: int = 4, **changes: object) -> str:
        ref = self.plan(target, **changes)
        sampling.draw(self.workspace, self.lead, ref, SEED)
        return ref

    def allocated(self, target: int = 4, **changes: object) -> tuple[str, list[tuple[str, Actor]]]:
        """A drawn and allocated round: its reference, and (audit, its auditor) in order."""
        ref = self.drawn(target, **changes)
        given = allocation_service.allocate(self.workspace, self.lead, ref).given
        return ref, [(row.ref, self[row.auditor]) for row in given]

    def one(self, **changes: object) -> tuple[str, Actor]:
        """One allocated audit and its auditor."""
        return self.allocated(1, **changes)[1][0]

    def answer(
        self,
        ref: str,
        actor: Actor,
        grade: Grade = Grade.GOOD,
        extra: Mapping[tuple[str, str], str] | None = None,
    ) -> dict[tuple[str, str], str]:
        """Fill the whole form with one grade; returns what was saved."""
        opened = audits.open_audit(self.workspace, actor, ref)
        said = complete(opened.form, opened.case, grade, dict(extra or {}))
        audits.save_answers(self.workspace, actor, ref, said)
        return said

    def submitted(
        self,
        ref: str,
        actor: Actor,
        grade: Grade = Grade.GOOD,
        extra: Mapping[tuple[str, str], str] | None = None,
    ) -> Actor | None:
        """Fill and submit; returns the moderator when it was chosen."""
        self.answer(ref, actor, grade, extra)
        finishing.submit(self.workspace, actor, ref)
        return self.moderator(ref)

    def moderator(self, ref: str) -> Actor | None:
        rows = moderation.queue(self.workspace, self.lead, everyone=True)
        return next((self[row.moderator] for row in rows if row.audit_ref == ref and row.moderator), None)

    def locked(self, ref: str, moderator: Actor, grade: Grade = Grade.GOOD) -> moderation.ModerationView:
        view = moderation.open_moderation(self.workspace, moderator, ref)
        for section in view.sections:
            moderation.save(self.workspace, moderator, ref, section, "grade", grade.key)
        return moderation.lock(self.workspace, moderator, ref)

    def decided(
        self,
        ref: str,
        moderator: Actor,
        grades: Mapping[str, Grade] | None = None,
        why: str = "The plan had drifted",
    ) -> str:
        """Decide: the auditor's grade everywhere but where `grades` says otherwise."""
        view = moderation.open_moderation(self.workspace, moderator, ref)
        changed = dict(grades or {})
        made = tuple(
            Decision(one.section, changed[one.section], "risk_under_weighted", why)
            if one.section in changed
            else Decision(one.section, one.auditor)
            for one in view.comparison
            if one.auditor
        )
        return finishing.decide(
            self.workspace, moderator, ref, made, audit_quality=Grade.GOOD, reason="A fair audit"
        )

    def status(self, ref: str) -> str:
        return next(row.status for row in audits.list_audits(self.workspace, self.lead) if row.ref == ref)


STEADY = {
    ("CV1", "held"): "yes", ("CV2", "date"): "2026-11-03", ("CV2", "who"): "Social worker", ("CV2", "how"): "video",
    ("CV4", "reflection"): "We would visit sooner", ("FB1#1", "obtained"): "yes", ("FB1#1", "who"): "child",
    ("FB1#1", "route"): "call", ("FB1#1", "date"): "2026-11-03", ("FB1#1", "words"): "She listened to me",
    ("FB1#1", "listened"): "8", ("FB1#1", "understood"): "7", ("FB1#1", "better"): "6", ("SG1", "answer"): "no",
}  # fmt: skip
ACTION = {
    "what": "See the child alone", "type": "child", "purpose": "for_the_child", "owner_role": "Team manager", "due": "2026-12-01",
    "priority": "normal", "success": "She says she feels safe",
}  # fmt: skip


def complete(form, case, grade: Grade, extra: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Answers that leave no gap: every section and the case at one grade, `extra` on top."""
    said = {place: value for place, value in STEADY.items() if form.find(place[0])} | extra
    for _ in range(12):
        gaps = judging.gaps_of(form, said, case)
        if not gaps:
            return said
        for gap in gaps:
            said.update(_filling(form, gap, grade))
    raise AssertionError(f"still open: {gaps}")


def _filling(form, gap, grade: Grade) -> dict[tuple[str, str], str]:
    place = (gap.item, gap.part)
    match gap.code:
        case "no-grade" | "no-overall":
            return {place: grade.key}
        case "impact-unanswered" | "process-only":
            found = form.find(gap.item)
            assert found is not None
            return {(gap.item, one.part): _value(one, grade) for one in found[1].fields}
        case "no-action":
            section = next(one.code for one in form.graded if gap.message.startswith(one.title))
            return {(gap.item, part): value for part, value in ACTION.items()} | {place: section}
        case "not-enough":  # until the sections are graded
            return {}
        case "conversation-blank" | "feedback-blank":
            raise AssertionError(gap)
        case _:
            return {place: "Seen in the record of the visit on Monday"}


def _value(field, grade: Grade) -> str:
    if field.options:
        return field.options[0].key
    plain = {
        "grade": grade.key,
        "date": "2026-11-03",
        "number": "3",
        "scale": "7",
        "text": "Seen in the record of the visit",
    }
    return plain.get(field.type, "yes")
