"""The people of a synthetic council: teams, workers, managers, reviewing officers and the QA unit.

Everyone is named after a plant or a stone, so that no name can be a real colleague's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle

_PLANTS = """Alder Anemone Angelica Aspen Aster Avens Balsam Basil Bayleaf Beech Bergamot Betony Birch
Bluebell Borage Bracken Bramble Briar Bryony Burdock Burnet Calendula Camellia Campion Caraway Cedar
Celandine Chervil Chestnut Chicory Cicely Clematis Clover Columbine Comfrey Coriander Cornflower Cowslip
Cranesbill Cypress Daffodil Dahlia Damson Dogwood Elder Elmtree Eyebright Fennel Fescue Feverfew Figwort
Flax Foxglove Fuchsia Gentian Goldenrod Gorse Groundsel Guelder Harebell Hawkbit Hawthorn Hazel Heather
Hellebore Hemlock Hibiscus Hollyhock Honesty Hornbeam Hyssop Jasmine Juniper Knapweed Larch Larkspur
Lavender Lilac Linden Lovage Lupin Mallow Maple Marigold Marjoram Meadowsweet Medlar Mimosa Mistletoe
Mulberry Mullein Myrtle Nettle Oakleaf Oleander Orchid Oregano Orris Oxlip Pansy Peony Periwinkle
Pimpernel Plantain Poplar Poppy Primrose Privet Quince Ragwort Redwood Rockrose Rowan Rosehip Rushes
Saffron Samphire Saxifrage Sedge Senna Sequoia Snowdrop Sorrel Speedwell Spindle Spruce Squill Stitchwort
Sweetpea Sycamore Tamarisk Tansy Teasel Thistle Thrift Toadflax Tormentil Trefoil Valerian Verbena Vetch
Viburnum Walnut Whitebeam Willowherb Wisteria Woodruff Wormwood Yarrow Zinnia"""
_STONES = """Agate Alabaster Amber Amethyst Basalt Beryl Bluestone Breccia Carnelian Chalcedony Chert
Clinker Cobblestone Coral Dolerite Dolomite Feldspar Flint Gabbro Galena Gneiss Granite Greenstone Gritstone
Gypsum Halite Haematite Hornfels Jasper Limestone Malachite Marlstone Mica Moonstone Obsidian Onyx Peridot
Porphyry Pumice Quartz Quartzite Sandstone Sardonyx Schist Serpentine Shale Slate Soapstone Sunstone
Tourmaline Travertine Tuff Turquoise Zircon"""
SURNAMES = tuple(sorted((*_PLANTS.split(), *_STONES.split())))
_INITIALS = "ABCDEFGHJKLMNPRSTVW"


class Temperament(StrEnum):
    """How an auditor works: what the moderation stage is there to find out."""

    CALIBRATED = "calibrated"
    GENEROUS = "generous"
    HARSH = "harsh"
    LATE = "late"
    TERSE = "terse"
    THOROUGH = "thorough"


@dataclass(frozen=True, slots=True)
class TeamKind:
    """A kind of team: its service, what its practitioners are called, cases each holds, people in a team."""

    key: str
    service: str
    title: str
    worker_title: str
    caseload: float
    size: int


TEAM_KINDS = (
    TeamKind("front_door", "Front Door and Assessment", "Front Door Team", "Social Worker", 0, 8),
    TeamKind("assessment", "Front Door and Assessment", "Assessment Team", "Social Worker", 16.5, 7),
    TeamKind("safeguarding", "Family Safeguarding", "Family Safeguarding Team", "Social Worker", 16.5, 7),
    TeamKind("disabled", "Disabled Children", "Disabled Children's Team", "Social Worker", 17.5, 7),
    TeamKind("care", "Children in Care", "Children in Care Team", "Social Worker", 17, 7),
    TeamKind("leaving", "Care Leavers", "Care Leavers Team", "Personal Adviser", 17.5, 7),
)
"""Caseloads of 16-18 [assumption]; the front door hands cases on and holds none."""


@dataclass(frozen=True, slots=True)
class Person:
    """One invented colleague. `roles` are the product's roles; only auditors have a temperament."""

    person_id: str
    display_name: str
    job_title: str
    team: str
    service: str
    roles: tuple[str, ...]
    temperament: Temperament | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """A team with its manager and its practitioners, in the order in which cases are handed out."""

    name: str
    kind: str
    service: str
    manager: Person
    workers: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Staff:
    """Everybody: teams, service managers, reviewing officers, the QA unit and the director."""

    teams: tuple[Team, ...]
    service_managers: tuple[Person, ...]
    reviewing_officers: tuple[Person, ...]
    qa_unit: tuple[Person, ...]
    director: Person

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody once, practitioners first."""
        practitioners = [w for team in self.teams for w in team.workers]
        managers = [team.manager for team in self.teams]
        return (
            *practitioners,
            *managers,
            *self.service_managers,
            *self.reviewing_officers,
            *self.qa_unit,
            self.director,
        )

    @property
    def auditors(self) -> tuple[Person, ...]:
        """Those who audit: team managers, service managers and reviewing officers, by temperament known."""
        return tuple(p for p in self.people if "auditor" in p.roles)

    @property
    def moderators(self) -> tuple[Person, ...]:
        """Those who grade a second time, blind."""
        return tuple(p for p in self.people if "moderator" in p.roles)

    def workers(self, kind: str) -> tuple[Person, ...]:
        """The practitioners of all teams of a kind, team by team."""
        return tuple(w for team in self.teams if team.kind == kind for w in team.workers)


# Of twelve auditors: six calibrated, two generous, one of each of the others.
_TEMPERAMENTS = (
    Temperament.CALIBRATED,
    Temperament.GENEROUS,
    Temperament.CALIBRATED,
    Temperament.THOROUGH,
    Temperament.CALIBRATED,
    Temperament.TERSE,
    Temperament.CALIBRATED,
    Temperament.LATE,
    Temperament.GENEROUS,
    Temperament.CALIBRATED,
    Temperament.HARSH,
    Temperament.CALIBRATED,
)


def make_staff(workers: dict[str, int], order: Sequence[int]) -> Staff:
    """A council's staff. `workers` is the number of practitioners by kind of team.

    `order` is a shuffle of 0..names-1 (see `name_count`): it alone decides who is called what.
    """
    names = cycle(order)  # a very large council has namesakes
    serial = iter(range(1, 100_000))
    auditors = iter(range(100_000))

    def hire(title: str, team: str, service: str, *roles: str) -> Person:
        index = next(names) % name_count()
        initial, surname = _INITIALS[index % len(_INITIALS)], SURNAMES[index // len(_INITIALS)]
        temper = _TEMPERAMENTS[next(auditors) % len(_TEMPERAMENTS)] if "auditor" in roles else None
        return Person(f"W{next(serial):05d}", f"{initial}. {surname}", title, team, service, roles, temper)

    teams = []
    for kind in TEAM_KINDS:
        count = workers.get(kind.key, 0)
        if count <= 0:
            continue
        number = max(1, round(count / kind.size))
        for i in range(number):
            name = kind.title if number == 1 else f"{kind.title} {i + 1}"
            size = count // number + (1 if i < count % number else 0)
            manager = hire("Team Manager", name, kind.service, "team_manager", "auditor")
            people = tuple(hire(kind.worker_title, name, kind.service, "worker") for _ in range(size))
            teams.append(Team(name, kind.key, kind.service, manager, people))
    services = tuple(dict.fromkeys(team.service for team in teams))
    heads = tuple(hire("Service Manager", "", s, "service_manager", "auditor") for s in services)
    unit = "Quality Assurance and Reviewing"
    cases = workers.get("care", 0) + workers.get("safeguarding", 0)
    reviewing = tuple(
        hire("Independent Reviewing Officer", "Reviewing Service", unit, "iro", "auditor")
        for _ in range(max(1, round(cases / 6)))
    )
    qa_unit = (
        hire("Head of Quality Assurance", "QA Unit", unit, "qa_lead", "moderator"),
        hire("Principal Social Worker", "QA Unit", unit, "qa_officer", "moderator"),
        *(
            hire("Quality Assurance Officer", "QA Unit", unit, "qa_officer", "moderator")
            for _ in range(max(1, round(len(teams) / 12)))
        ),
    )
    director = hire("Director of Children's Services", "", unit, "director")
    return Staff(tuple(teams), heads, reviewing, qa_unit, director)


def name_count() -> int:
    """How many different names there are."""
    return len(SURNAMES) * len(_INITIALS)
