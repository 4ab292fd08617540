"""People: who works here, in which roles; add, change roles, leave and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content

from qa_audit.access.policy import ACTIONS, ROLES
from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.list_screen import ListScreen
from qa_audit.tui.listing import Cell, Column, Row
from qa_audit.tui.screens.start.who import short_roles
from qa_audit.tui.text import MUTED, STRONG, count, join, lines, say
from qa_audit.tui.widgets.dialogs import FormModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec, pack_keys, unpack_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qa_audit.access.policy import Actor
    from qa_audit.access.service import PersonRecord
    from qa_audit.store.workspace import Workspace

actions.place("people", "People and roles")
actions.register(
    Action("people.add", "n", "Add a person", "Add somebody with a code, a name to show and their roles.", "people", bar=1),
    Action("people.roles", "r", "Roles", "Change what the person under the cursor may do.", "people", bar=2),
    Action("people.active", "d", "Leaves or returns", "The person leaves, or comes back; their work stays.", "people", bar=3),
)  # fmt: skip

ROLE_CHOICES = tuple(Choice(key, words) for key, words in ROLES.items())


class PeopleScreen(ListScreen):
    """See the module's words."""

    PLACE = "people"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("people")
    CRUMBS = ("People and roles",)
    ABOUT = True
    NOUN, NOUNS = "person", "people"
    EMPTY = "Nobody yet. N adds the first person."
    COLUMNS = (
        Column("code", "Code", 8),
        Column("display", "Name", 20),
        Column("team", "Team", 22, least=90),
        Column("capacity", "Audits", 6, right=True, least=100),
        Column("roles", "Roles", 0),
        Column("active", "", 6),
    )
    HELP_TEXT = (
        "Roles decide what a person may do; the separation of duties binds everybody whatever their roles: nobody "
        "audits their own team's case or moderates their own audit. Reports show the code, never the name."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._found: dict[str, PersonRecord] = {}

    def load(self) -> None:
        """Everybody, those who left at the end."""

        def work(workspace: Workspace, actor: Actor) -> tuple[PersonRecord, ...]:
            from qa_audit.access.service import people

            return people(workspace, actor)

        self.ask(work, self._show)

    def _show(self, found: tuple[PersonRecord, ...]) -> None:
        ordered = sorted(found, key=lambda person: not person.active)
        self._found = {person.code: person for person in ordered}
        active = [person for person in ordered if person.active]
        numbers = join(
            (count(len(active), "person", "people"), STRONG),
            (f"{sum('auditor' in person.roles for person in active)} auditors", ""),
            (f"{sum('moderator' in person.roles for person in active)} moderators", ""),
            gap="   ",
        )
        self.fill(numbers, [_line(person) for person in ordered])
        self.refresh_keys()

    def about(self, key: str) -> Content | None:
        """The person under the cursor."""
        person = self._found.get(key)
        if person is None:
            return None
        what = [person.job_title, person.team, person.service, person.organisation]
        rows = [
            join((f"{person.display}  ", STRONG), (", ".join(one for one in what if one), MUTED)),
            say(
                "; ".join(ROLES[role] for role in ROLES if role in person.roles)
                or "No role: may do nothing yet."
            ),
        ]
        if person.manages:
            rows.append(join(("Manages ", MUTED), ", ".join(person.manages)))
        may = sorted(words for words, roles in ACTIONS.values() if roles & set(person.roles))
        rows.append(join(("May ", MUTED), (", ".join(may), MUTED)))
        return lines(rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Changes are for who may make them."""
        if action in ("add", "roles", "active"):
            return self.backend.may("people.change")
        return super().check_action(action, parameters)

    def opened(self, key: str) -> None:
        """Enter changes roles."""
        self.action_roles()

    def action_add(self) -> None:
        """N."""
        fields = [
            FieldSpec("code", "line", "Code", help="What reports print: PM4", max_length=12),
            FieldSpec("display", "line", "Name", help="As colleagues know them; never printed in a paper"),
            FieldSpec("roles", "choices", "Roles", options=ROLE_CHOICES),
            FieldSpec("job_title", "line", "Job title", optional=True),
            FieldSpec("team", "line", "Own team", optional=True, help="As the lists of children write it"),
            FieldSpec("service", "line", "Service", optional=True),
            FieldSpec("manages", "line", "Manages teams", optional=True, help="With commas between"),
            FieldSpec("capacity", "number", "Audits a round", optional=True, minimum=0, maximum=50, help="1 when empty"),
        ]  # fmt: skip
        modal = FormModal("Add a person", fields, today=self.backend.today(), save="Add")
        self.app.push_screen(modal, self._add)

    def _add(self, values: Mapping[str, str] | None) -> None:
        if values is None:
            return

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.access.service import NewPerson, add_person

            teams = tuple(one.strip() for one in values.get("manages", "").split(",") if one.strip())
            add_person(
                workspace, actor,
                NewPerson(
                    values["code"], values["display"], tuple(unpack_keys(values["roles"])), values.get("job_title", ""),
                    values.get("team", ""), values.get("service", ""), manages=teams, capacity=int(values.get("capacity") or 1),
                    joined_on=workspace.clock().date().isoformat(),
                ),
            )  # fmt: skip

        self.do(
            work, lambda _: self.council.tell(f"{values['code']} can start: qa-audit --as {values['code']}")
        )

    def action_roles(self) -> None:
        """R."""
        person = self._found.get(self.key)
        if person is None or not self.backend.may("people.change"):
            return
        modal = FormModal(
            f"Roles of {person.code}, {person.display}",
            [FieldSpec("roles", "choices", "Roles", options=ROLE_CHOICES, optional=True)],
            today=self.backend.today(),
            values={"roles": pack_keys(person.roles)},
            words="Nobody changes their own roles. The change goes into the trail.",
        )
        self.app.push_screen(modal, lambda values: self._set_roles(person.code, values))

    def _set_roles(self, code: str, values: Mapping[str, str] | None) -> None:
        if values is None:
            return

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.access.service import set_roles

            set_roles(workspace, actor, code, unpack_keys(values.get("roles", "")))

        self.do(work)

    def action_active(self) -> None:
        """D."""
        person = self._found.get(self.key)
        if person is None:
            return
        if person.code == self.backend.actor.code:
            self.council.tell("Nobody takes themselves out. Ask another administrator.", severity="warning")
            return
        title = f"{person.code} leaves" if person.active else f"{person.code} comes back"
        words = (
            "They can no longer open the workspace; their audits and everything they wrote stay. "
            "Give their open audits to somebody else afterwards."
            if person.active
            else "They can open the workspace again, with the roles they had."
        )
        modal = FormModal(
            title,
            [FieldSpec("reason", "line", "Reason")],
            today=self.backend.today(),
            words=words,
            save="Do it",
        )
        self.app.push_screen(modal, lambda values: self._set_active(person.code, not person.active, values))

    def _set_active(self, code: str, active: bool, values: Mapping[str, str] | None) -> None:
        if values is None:
            return

        def work(workspace: Workspace, actor: Actor) -> None:
            from qa_audit.access.service import set_active

            set_active(workspace, actor, code, active=active, reason=values["reason"])

        self.do(work)


def _line(person: PersonRecord) -> Row:
    style = "" if person.active else MUTED
    return Row(
        person.code,
        (Cell(person.code, style), Cell(person.display, style), Cell(person.team, style), Cell(str(person.capacity), style),
         Cell(short_roles(person.roles), style), Cell("" if person.active else "left", style)),
    )  # fmt: skip
