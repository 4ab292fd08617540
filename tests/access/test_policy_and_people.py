"""Who may do what: a whole table, asked by every service; separation of duties; people and their roles."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from datetime import date

import pytest
from council_world import PEOPLE, World

import qa_audit
from qa_audit.access import service as access
from qa_audit.access.policy import ACTIONS, ROLES, Actor, CaseTies, require, require_untied, tie_of
from qa_audit.errors import Code, NotAllowed, QaError
from qa_audit.grades import Grade
from qa_audit.store import trail
from qa_audit.store.workspace import Workspace


def refused(call, *arguments, **named) -> Code:
    with pytest.raises(QaError) as error:
        call(*arguments, **named)
    return error.value.code


# The table


def test_every_action_has_words_and_somebody_who_may():
    for action, (words, roles) in ACTIONS.items():
        assert words, action
        assert roles, action
        assert roles <= set(ROLES), action
        assert f"You may not {words}"[-1].isalpha()


def test_every_role_may_do_something_and_none_everything():
    for role in ROLES:
        held = {action for action, (_, roles) in ACTIONS.items() if role in roles}
        assert held or role == "board_reader", role
        assert held < set(ACTIONS), role


def test_every_action_asked_for_is_in_the_table_and_every_one_is_asked_for():
    import re
    from pathlib import Path

    asked = set()
    for file in Path(qa_audit.__file__).parent.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        asked |= set(re.findall(r'(?:require\(\s*\w+,\s*|\.may\(\s*)"([a-z._]+)"', text))
        asked |= set(re.findall(r'"([a-z]+\.[a-z_]+)" if \w+ else', text)) & set(ACTIONS)
    assert asked - set(ACTIONS) == set()
    assert set(ACTIONS) - asked <= {"settings.change"}  # asked where settings are changed


@pytest.mark.parametrize("role", sorted(ROLES))
def test_deny_by_default(role):
    actor = Actor("p", "P", "P. Moss", frozenset({role}))
    for action, (_, roles) in ACTIONS.items():
        assert actor.may(action) == (role in roles)
        if role not in roles:
            with pytest.raises(NotAllowed) as error:
                require(actor, action)
            assert error.value.exit_status == 3


NOBODY = Actor("nobody", "NB", "N. Body", frozenset(), team="Harbour", manages=frozenset({"Harbour"}))
GIVEN = {
    "as_at": date(2026, 11, 2), "grades": {"OV": Grade.GOOD}, "audit_quality": Grade.GOOD, "values": {("VC1", "evidence"): "x"},
    "person": access.NewPerson("X1", "X. Clay", ("auditor",)), "roles": ("auditor",), "accept": True, "active": False, "size": 3,
    "decisions": (), "tags": [], "when_final": lambda *_: None, "then": lambda *_: "", "raw": {}, "paths": [], "status": "open",
}  # fmt: skip
SILENT = {"status_of": ()}
"""What says nothing to somebody without roles, rather than refusing: it only gathers what waits for them."""


def public_services() -> list[tuple[str, object]]:
    """Every public function of the stages that takes a workspace and an actor."""
    found = []
    for module in pkgutil.walk_packages(qa_audit.__path__, "qa_audit."):
        if module.name.startswith(
            ("qa_audit.tui", "qa_audit.cli", "qa_audit.demo", "qa_audit.store", "qa_audit.__main__")
        ):
            continue
        loaded = importlib.import_module(module.name)
        for name, function in vars(loaded).items():
            if name.startswith("_") or not inspect.isfunction(function) or function.__module__ != module.name:
                continue
            takes = list(inspect.signature(function).parameters)
            if takes[:2] == ["workspace", "actor"]:
                found.append((f"{module.name.removeprefix('qa_audit.')}.{name}", function))
    return found


SERVICES = public_services()


def test_the_services_are_found():
    assert len(SERVICES) > 60
    assert {"audits.service.open_audit", "sampling.service.draw", "reports.service.export"} <= {
        name for name, _ in SERVICES
    }


@pytest.fixture
def busy(world: World) -> World:
    """A council with a round in every state that a stranger could stumble on."""
    _, given = world.allocated(6, plan={"strata": ["team"], "minimum": 1})
    audit, auditor = given[0]
    moderator = world.submitted(audit, auditor)
    world.locked(audit, moderator)
    world.decided(audit, moderator)
    world.submitted(*given[1])
    return world


def test_every_service_asks_the_policy(busy):
    refs = ("R-2026-11", "A-0001", "A-0002", "A-0003")
    before = trail.count_events(busy.workspace)
    for name, function in SERVICES:
        signature = inspect.signature(function)
        for ref in refs:
            named = {}
            for parameter in list(signature.parameters.values())[2:]:
                if parameter.default is not parameter.empty or parameter.kind is parameter.VAR_KEYWORD:
                    continue
                annotation = str(parameter.annotation)
                default = (
                    "2026-11-30" if parameter.name in {"due", "on"} else ref if "str" in annotation else None
                )
                named[parameter.name] = GIVEN.get(parameter.name, default)
            if name == "sampling.service.create_round" or "NewRound" in str(signature):
                from qa_audit.sampling.records import NewRound

                named["new"] = NewRound(
                    "T", "monthly", "full-case-audit", "2026-11-01", "2026-11-02", "2026-11-03", 2
                )
                if "kept" in named:
                    named["kept"] = ("full-case-audit", "1.0.0", "x")
            if name == "frame.service.store_reading":
                from council_world import child, reading

                named["reading"] = reading((child(1),))
            try:
                got = function(busy.workspace, NOBODY, **named)
            except QaError as error:
                if error.code not in {Code.NOT_ALLOWED, Code.NOT_FOUND}:
                    pytest.fail(f"{name} told somebody without roles of {ref}: {error}")
            else:
                assert got == SILENT.get(name.rpartition(".")[2], "never"), (name, ref, got)
    assert trail.count_events(busy.workspace) == before


def test_unknown_and_forbidden_look_the_same(busy):
    from qa_audit.audits import service as audits
    from qa_audit.moderation import deciding, reading
    from qa_audit.moderation import service as moderation

    def said(call, actor, ref) -> tuple:
        with pytest.raises(QaError) as error:
            call(busy.workspace, actor, ref)
        return (
            error.value.code,
            error.value.what,
            error.value.why,
            error.value.next_step,
            error.value.exit_status,
        )

    for call, actor in (
        (audits.open_audit, busy["TM1"]), (reading.read_final, busy["WK1"]), (moderation.open_moderation, busy.lead), (deciding.feedback_sheet, busy["WK1"]),
    ):  # fmt: skip
        assert said(call, actor, "A-0001") == said(call, actor, "A-7777"), call


# Separation of duties


def actor(**changes) -> Actor:
    values = {
        "person_id": "p1",
        "code": "AU1",
        "display": "T. Flint",
        "roles": frozenset({"auditor", "moderator"}),
    }
    return Actor(**{**values, **changes})


@pytest.mark.parametrize(
    ("who", "ties", "moderating", "tied"),
    [
        ({"team": "Harbour"}, {"team": "Harbour"}, False, "own team"),
        ({"team": "harbour "}, {"team": "Harbour"}, False, "own team"),
        ({"manages": frozenset({"Harbour"})}, {"team": "HARBOUR"}, False, "own team"),
        ({"team": ""}, {"team": ""}, False, None),
        ({}, {"worker": "t. flint"}, False, "worker"),
        ({}, {"worker": "au1"}, False, "worker"),
        ({}, {"worker": "T. Flinty"}, False, None),
        ({}, {"decided_by": frozenset({"p1"})}, False, "decision"),
        ({"conflicts": frozenset({("child", "key1")})}, {"child_key": "KEY1"}, False, "conflict"),
        ({"conflicts": frozenset({("child", "4711")})}, {"child_key": "KEY1", "case_ref": "4711"}, False, "conflict"),
        ({"conflicts": frozenset({("worker", "W 1")})}, {"worker": "w  1"}, False, "conflict"),
        ({"conflicts": frozenset({("team", "Orchard")})}, {"team": "Orchard"}, True, "conflict"),
        ({"conflicts": frozenset({("team", "Orchard")})}, {"worker": "Orchard"}, False, None),
        ({"conflicts": frozenset({("child", "")})}, {}, False, None),
        ({}, {"auditor_ids": frozenset({"p1"})}, True, "audited"),
        ({}, {"auditor_ids": frozenset({"p1"})}, False, None),
        ({}, {"auditor_ids": frozenset({"p2"})}, True, None),
    ],
)  # fmt: skip
def test_what_ties_a_person_to_a_case(who, ties, moderating, tied):
    found = tie_of(actor(**who), CaseTies(**ties), moderating=moderating)
    assert (found is None) == (tied is None)
    assert tied is None or tied in found
    if tied:
        with pytest.raises(NotAllowed) as error:
            require_untied(actor(**who), CaseTies(**ties), moderating=moderating)
        assert "you" in error.value.why


# People


def test_people_come_in_once_and_whole(each_world):
    world = each_world
    assert refused(access.add_first_people, world.workspace, PEOPLE) is Code.CONFLICT
    assert refused(access.add_owner, world.workspace) is Code.CONFLICT
    everyone = access.people(world.workspace, world.lead)
    assert [one.code for one in everyone] == sorted(one.code for one in PEOPLE)
    assert access.find_person(world.workspace, "tm1").manages == ("Harbour",)
    for person, code in (
        (access.NewPerson("QA1", "A. Moss", ("auditor",)), Code.CONFLICT), (access.NewPerson("qa1", "A. Moss", ("auditor",)), Code.CONFLICT),
        (access.NewPerson(" ", "A. Moss", ()), Code.INCOMPLETE), (access.NewPerson("N1", "", ()), Code.INCOMPLETE),
        (access.NewPerson("N1", "A. Moss", ("auditer",)), Code.BAD_VALUE),
    ):  # fmt: skip
        assert refused(access.add_person, world.workspace, world.lead, person) is code
    access.add_person(
        world.workspace, world.lead, access.NewPerson("N1", "A.  Moss\u202e", ("auditor", "auditor"))
    )
    assert access.find_person(world.workspace, "n1").display == "A. Moss"
    assert [one.code for one in access.people(world.workspace, role="manager")] == ["TM1"]


def test_nobody_changes_their_own_roles_or_closes_their_own_account(world):
    assert refused(access.set_roles, world.workspace, world.lead, "QA1", ["system_admin"]) is Code.CONFLICT
    assert (
        refused(access.set_active, world.workspace, world.lead, "qa1", active=False, reason="Leaving")
        is Code.CONFLICT
    )
    assert refused(access.set_roles, world.workspace, world["AU1"], "AU2", ["moderator"]) is Code.NOT_ALLOWED
    access.set_roles(world.workspace, world.lead, "AU1", ["moderator"])
    changed = trail.events(world.workspace, action="person.roles")[0]
    assert (changed.old, changed.new) == ('["auditor"]', '["moderator"]')
    assert access.load_actor(world.workspace, "AU1").roles == {"moderator"}
    access.set_roles(world.workspace, world.lead, "AU1", [])
    assert access.load_actor(world.workspace, "AU1").roles == frozenset()
    assert access.load_actor(world.workspace, "AU1").acting_role == "none"


def test_who_has_left_cannot_act(world):
    assert (
        refused(access.set_active, world.workspace, world.lead, "AU1", active=False, reason=" ")
        is Code.INCOMPLETE
    )
    access.set_active(world.workspace, world.lead, "AU1", active=False, reason="Left")
    assert refused(access.load_actor, world.workspace, "AU1") is Code.NOT_FOUND
    access.set_active(world.workspace, world.lead, "AU1", active=True, reason="Came back")
    assert access.load_actor(world.workspace, "AU1").code == "AU1"
    assert refused(access.load_actor, world.workspace) is Code.NOT_FOUND  # several people, nobody named


def test_a_workspace_of_one_has_an_owner_who_may_do_all(tmp_path):
    with Workspace.create(tmp_path / "w") as workspace:
        owner = access.add_owner(workspace)
        assert owner.roles == frozenset(ROLES)
        assert access.load_actor(workspace) == owner
        assert access.load_actor(workspace, "me").code == "ME"


def test_a_conflict_is_declared_with_its_reason(world):
    for kind, key, reason, code in (
        ("pet", "x", "y", Code.BAD_VALUE),
        ("child", " ", "y", Code.INCOMPLETE),
        ("child", "x", "", Code.INCOMPLETE),
    ):
        assert refused(access.declare_conflict, world.workspace, world["AU1"], kind, key, reason) is code
    access.declare_conflict(world.workspace, world["AU1"], "worker", "W1", "My sister")
    assert access.load_actor(world.workspace, "AU1").conflicts == {("worker", "W1")}
    assert access.load_actor(world.workspace, "AU2").conflicts == frozenset()
