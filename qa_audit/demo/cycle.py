"""A synthetic council through whole rounds of audit, by the same services as everybody uses.

Three monthly rounds are played day by day up to today: the two before are finished, this month's is under
way, so that every screen has something to show. All children, staff and words are invented; the same seed
and day give the same council.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from qa_audit.access.policy import Actor
from qa_audit.access.service import NewPerson, add_first_people, load_actor
from qa_audit.demo.players import Players
from qa_audit.demo.staff import Person, Staff
from qa_audit.demo.stage import DemoClock, Stage, working_moment
from qa_audit.errors import BadInput, Code
from qa_audit.store.clock import seeded_ids
from qa_audit.store.workspace import Workspace

if TYPE_CHECKING:
    from qa_audit.reports.service import ExportResult

Progress = Callable[[str, int, int], None]

ROLES: Mapping[str, tuple[str, ...]] = {
    "team_manager": ("manager",),
    "service_manager": ("manager",),
    "iro": (),
    "qa_officer": (),
    "director": ("head_of_service",),
    "auditor": ("auditor",),
    "moderator": ("moderator",),
    "qa_lead": ("qa_lead",),
    "worker": ("worker",),
}
"""The synthetic staff's jobs to the product's roles."""

COUNCIL = "Southampton"


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the demo is: share of the council's real volume, cases a month."""

    rows: float
    cases: int


SCALES = {"small": Scale(0.15, 16), "council": Scale(1.0, 30), "region": Scale(0.25, 60)}


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What a demo made."""

    workspace: Path
    council: str
    rounds: tuple[str, ...]
    audits: int
    files: tuple[Path, ...]
    exports: tuple[ExportResult, ...]


def month_start(today: date, back: int) -> date:
    """The first day of the month `back` months ago."""
    index = today.year * 12 + today.month - 1 - back
    return date(index // 12, index % 12 + 1, 1)


def build_demo(
    folder: Path,
    *,
    seed: int = 1,
    council: str = COUNCIL,
    scale: str = "small",
    today: date,
    progress: Progress | None = None,
) -> tuple[Workspace, tuple[str, ...]]:
    """Make a workspace in `folder` and play the rounds in it; returns it with the rounds' references."""
    if scale not in SCALES:
        raise BadInput(
            Code.BAD_VALUE, "There is no such scale", where="--scale", next_step=f"One of {', '.join(SCALES)}"
        )
    size = SCALES[scale]
    tell = progress or (lambda _label, _done, _of: None)
    start = month_start(today, 2)
    clock = DemoClock(working_moment(start - timedelta(days=5), "open"))
    workspace = Workspace.create(
        folder, clock=clock, ids=seeded_ids(f"demo/{council}/{seed}"), secret=_secret(council, seed)
    )
    staff = _import(workspace, council, size, seed, start, scale, tell)
    stage = Stage(clock, datetime.combine(today, time(18), tzinfo=UTC))
    players = Players(workspace, stage, staff)
    for back in (2, 1, 0):
        first = month_start(today, back)
        opens = partial(players.open_round, first, size.cases, seed, back)
        stage.at(working_moment(first, f"round{back}"), opens)
    stage.play(lambda done, of: tell("Playing the rounds", done, of))
    clock.moment = max(clock.moment, stage.until)
    return workspace, tuple(players.rounds)


def run_demo(
    folder: Path,
    out: Path | None,
    *,
    seed: int = 1,
    council: str = COUNCIL,
    scale: str = "small",
    today: date,
    progress: Progress | None = None,
) -> DemoResult:
    """Build the demo and write its papers: the moderation summary of the last finished round and of this one."""
    from qa_audit.audits.service import count_audits
    from qa_audit.reports.service import export

    workspace, rounds = build_demo(
        folder, seed=seed, council=council, scale=scale, today=today, progress=progress
    )
    with workspace:
        lead = load_actor(workspace, "QA1")
        finished = rounds[-2] if len(rounds) > 1 else rounds[-1]
        made = [
            export(workspace, lead, "moderation-summary", ref, out)
            for ref in dict.fromkeys((finished, rounds[-1]))
        ]
        audits = count_audits(workspace, lead)
    return DemoResult(folder, council, rounds, audits, tuple(one.path for one in made), tuple(made))


def _secret(council: str, seed: int) -> str:
    import hashlib

    return hashlib.sha256(f"demo secret/{council}/{seed}".encode()).hexdigest()


def _import(
    workspace: Workspace, council: str, size: Scale, seed: int, start: date, scale: str, tell: Progress
) -> Staff:
    """Generate the lists, read them like anybody's, and hire the staff."""
    from qa_audit.demo.council import generate
    from qa_audit.demo.volumes import find_area
    from qa_audit.demo.writing import write
    from qa_audit.frame.service import import_frame

    area = find_area(council)
    tell("Writing the lists", 0, 1)
    councils = list(generate(area.name, scale=size.rows, seed=seed, as_at=start, dirt=1))
    staff = councils[0].staff
    add_first_people(workspace, _people(staff))
    lead = load_actor(workspace, "QA1")
    workspace.set_setting(lead, "demo", True)
    with tempfile.TemporaryDirectory(prefix="qa-audit-demo-") as scratch:
        lists = Path(scratch) / ("lists" if scale == "region" else "lists.xlsx")
        write(councils, lists, dialect="ofsted" if scale != "region" else "ssd", several=not area.single)
        tell("Reading the lists", 0, 1)
        import_frame(
            workspace,
            lead,
            [lists],
            authority=area.name,
            as_at=start,
            status="open",
            salt=_secret(council, seed)[:32],
        )
    return staff


def _people(staff: Staff) -> list[NewPerson]:
    counts: dict[str, int] = {}
    found = []
    for person in staff.people:
        prefix = _prefix(person)
        counts[prefix] = counts.get(prefix, 0) + 1
        roles = tuple(dict.fromkeys(role for job in person.roles for role in ROLES.get(job, ())))
        manages = tuple(team.name for team in staff.teams if _manages(person, team.name, team.service))
        capacity = 2 if "team_manager" in person.roles else 1
        code = f"{prefix}{counts[prefix]}"
        found.append(
            NewPerson(
                code,
                person.display_name,
                roles,
                person.job_title,
                person.team,
                person.service,
                "",
                manages,
                capacity,
                person_id=person.person_id,
            )
        )
    return found


def _prefix(person: Person) -> str:
    for job, prefix in (
        ("qa_lead", "QA"),
        ("qa_officer", "QO"),
        ("team_manager", "TM"),
        ("service_manager", "SM"),
        ("iro", "IRO"),
        ("director", "DCS"),
    ):
        if job in person.roles:
            return prefix
    return "W"


def _manages(person: Person, team: str, service: str) -> bool:
    if "team_manager" in person.roles:
        return person.team == team
    return "service_manager" in person.roles and person.service == service


def demo_actors(workspace: Workspace) -> Mapping[str, Actor]:
    """Everyone who can act, by person id."""
    from qa_audit.access.service import actor_of, people

    return {record.person_id: actor_of(workspace, record) for record in people(workspace)}
