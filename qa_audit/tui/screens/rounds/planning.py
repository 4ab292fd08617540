"""Planning a round: one page of questions, then the round with what its plan would draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from qa_audit.tui import actions
from qa_audit.tui.actions import Action
from qa_audit.tui.backend import Backend
from qa_audit.tui.cohorts import all_groups
from qa_audit.tui.service_screen import PlaceScreen
from qa_audit.tui.text import MUTED, WARN, say
from qa_audit.tui.widgets.action_line import ActionLine
from qa_audit.tui.widgets.fields import Choice, FieldSpec, pack_keys, unpack_keys
from qa_audit.tui.widgets.question import Question
from qa_audit.tui.widgets.question_lines import QuestionSpec

if TYPE_CHECKING:
    from qa_audit.access.policy import Actor
    from qa_audit.errors import QaError
    from qa_audit.store.workspace import Workspace

actions.place("planning", "Planning a round")
actions.register(
    Action("planning.save", "ctrl+s", "Save the round", "Keep the plan; the draw comes after it.", "planning", bar=1,
           priority=True),
)  # fmt: skip

LABELS = {
    "title": "its title", "kind": "its kind", "cohorts": "which cohorts", "form": "which form", "starts": "when it starts",
    "due": "when audits are due", "closes": "when it closes", "target": "how many cases",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be picked, read from the services."""

    kinds: tuple[Choice, ...]
    forms: tuple[Choice, ...]
    strata: tuple[Choice, ...]
    risks: tuple[Choice, ...]
    themes: tuple[Choice, ...]
    sections: tuple[Choice, ...]
    """The sections that a round may pick from."""
    days: int
    """From today to the day audits are due, unless changed."""
    share: int
    """Per cent moderated at random, unless changed."""


def read_choices(workspace: Workspace, actor: Actor) -> Choices:
    """Forms, strata and risk lists as they are now."""
    from qa_audit.access.settings import council_settings
    from qa_audit.audits.forms_kept import current_library
    from qa_audit.library.practice import load_themes
    from qa_audit.sampling.records import KINDS, STRATA_COLUMNS
    from qa_audit.sampling.risks import RISKS

    settings = council_settings(workspace)
    tools = [one for one in current_library().forms() if one.kind == "tool"]
    return Choices(
        tuple(Choice(key, words) for key, words in KINDS.items()),
        tuple(Choice(one.id, f"{one.title} ({one.version})") for one in tools),
        tuple(Choice(key, words) for key, words in STRATA_COLUMNS.items()),
        tuple(Choice(key, words) for key, (words, _) in RISKS.items()),
        tuple(Choice(one.title, one.title) for one in load_themes().themes),
        tuple(Choice(one.code, one.title) for one in current_library().form("thematic").graded),
        int(settings["round.days"]),
        int(settings["round.share"]),
    )


class PlanningScreen(PlaceScreen[str]):
    """See the module's words. The result is the new round's reference, or None."""

    PLACE = "planning"
    BINDINGS: ClassVar[list[BindingType]] = actions.bindings("planning")
    BODY_WIDTH = 100
    CSS_PATH = Path(__file__).with_name("rounds.tcss")
    HELP_TEXT = (
        "Say what the round is for, whose cases it looks at, how many and by when. Strata make sure that small groups "
        "are drawn too; risk lists are drawn at a rate of their own, on top of the number of cases. Nothing is drawn "
        "here: the round's page first shows what the plan would draw."
    )

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._questions: tuple[Question, ...] = ()

    def body(self) -> ComposeResult:
        """The questions come when the choices are known."""
        yield VerticalScroll(
            Static(say("Reading the forms and lists…", MUTED), markup=False), id="planning", can_focus=False
        )

    def on_mount(self) -> None:
        """Ask for the choices once."""
        self.show_where("Home", "Rounds", "New round")
        self.ask(read_choices, self._build)

    def on_screen_resume(self) -> None:
        """What was typed stays."""

    def _build(self, choices: Choices) -> None:
        today = self.backend.today()
        self._questions = tuple(
            Question(spec, values, today=today) for spec, values in plan_questions(choices, today)
        )
        box = self.query_one("#planning")
        box.remove_children()
        box.mount_all(
            [
                *self._questions,
                Static(markup=False, id="problem"),
                ActionLine("save", "Save the round", "then look at what it would draw"),
            ]
        )
        self._questions[0].focus()

    def on_question_stepped(self, event: Question.Stepped) -> None:
        """On to the next block, or back."""
        event.stop()
        (self.focus_next if event.step > 0 else self.focus_previous)()

    def on_question_moved(self, event: Question.Moved) -> None:
        """Keep it in sight."""
        event.stop()
        event.question.scroll_visible(animate=False)

    def on_action_line_pressed(self) -> None:
        """Save."""
        self.action_save()

    def action_save(self) -> None:
        """Ctrl+S: plan it, or say what is missing."""
        values: dict[str, str] = {}
        for question in self._questions:
            question.finish()
            values |= question.values
            if question.problems:
                self._problem(next(iter(question.problems.values())))
                question.focus()
                return
        missing = [part for part in LABELS if not values.get(part)]
        if missing:
            self._problem("Still to say: " + ", ".join(LABELS[part] for part in missing) + ".")
            for question in self._questions:
                if missing[0] in question.values or missing[0] in {one.part for one in question.spec.fields}:
                    question.reach(missing[0])
                    question.focus()
                    break
            return
        self.do(
            lambda workspace, actor: plan_round(workspace, actor, values), self._planned, failed=self._refused
        )

    def _planned(self, ref: str) -> None:
        self.dismiss(ref)

    def _problem(self, words: str) -> None:
        self.query_one("#problem", Static).update(say(words, WARN))

    def _refused(self, error: QaError) -> None:
        self._problem(str(error))


def plan_questions(choices: Choices, today: date) -> list[tuple[QuestionSpec, dict[str, str]]]:
    """The blocks of the page with what is filled in beforehand."""
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    groups = tuple(Choice(key, words) for key, words in all_groups().items())
    what = (
        FieldSpec("title", "line", "Title", help="For example: November case audits"),
        FieldSpec("kind", "choice", "Kind", choices.kinds),
        FieldSpec("theme", "choice", "Theme", choices.themes, optional=True),
        FieldSpec(
            "enquiry",
            "text",
            "Lines of enquiry",
            optional=True,
            help="One a line: what this round wants to find out",
        ),
        FieldSpec("form", "choice", "Form", choices.forms),
        FieldSpec(
            "sections",
            "choices",
            "Only these sections",
            choices.sections,
            optional=True,
            help="For the thematic form: the sections that answer the lines of enquiry; none is all",
        ),
    )
    whose = (
        FieldSpec("cohorts", "choices", "Cohorts", groups),
        FieldSpec(
            "open_state",
            "choice",
            "Cases",
            (Choice("open", "Open"), Choice("closed", "Closed"), Choice("both", "Both")),
        ),
        FieldSpec("fresh", "yes_no", "Not drawn for 12 months"),
        FieldSpec("worker_once", "yes_no", "Each worker once a quarter"),
    )
    how = (
        FieldSpec("target", "number", "Cases to draw", minimum=1, maximum=2000),
        FieldSpec("strata", "choices", "Strata", choices.strata, optional=True),
        FieldSpec("minimum", "number", "At least from each stratum", minimum=0, maximum=200, optional=True),
        FieldSpec("risks", "choices", "Risk lists, drawn on top", choices.risks, optional=True),
        FieldSpec("rate", "number", "Share of each risk list", minimum=0, maximum=100, unit="%", optional=True, help="100 takes every child on it"),
    )  # fmt: skip
    when = (
        FieldSpec("starts", "date", "Starts"),
        FieldSpec("due", "date", "Audits due"),
        FieldSpec("closes", "date", "Closes"),
    )
    then = (
        FieldSpec("share", "number", "Moderated at random", minimum=0, maximum=100, unit="%", help="100 moderates every audit"),
        FieldSpec("blind", "yes_no", "Moderators grade blind"),
    )  # fmt: skip
    values = {
        "what": {"kind": "monthly"},
        "whose": {"open_state": "open", "fresh": "yes", "worker_once": "no", "cohorts": pack_keys(["child_in_need", "child_protection", "child_in_care"])},
        "how": {"target": "12", "strata": pack_keys(["cohort"]), "minimum": "1", "rate": "100"},
        "when": {
            "starts": max(first, today).isoformat(),
            "due": (today + timedelta(days=choices.days)).isoformat(),
            "closes": max(following + timedelta(days=13), today + timedelta(days=choices.days + 14)).isoformat(),
        },
        "then": {"share": str(choices.share), "blind": "yes"},
    }  # fmt: skip
    blocks = (("what", "What it is for", what), ("whose", "Whose cases", whose), ("how", "How they are drawn", how),
              ("when", "By when", when), ("then", "Moderation", then))  # fmt: skip
    return [
        (QuestionSpec(name, "", title, fields, required=False, heading=True), values[name])
        for name, title, fields in blocks
    ]


def plan_round(workspace: Workspace, actor: Actor, values: Mapping[str, str]) -> str:
    """Keep the form and plan the round; returns its reference. Runs in a thread."""
    from qa_audit.moderation import planning
    from qa_audit.sampling.records import NewRound

    rate = float(values.get("rate") or 100) / 100
    plan: dict[str, Any] = {
        "strata": unpack_keys(values.get("strata", "")),
        "minimum": int(values.get("minimum") or 0),
        "not_audited_months": 12 if values.get("fresh") == "yes" else 0,
        "worker_once": values.get("worker_once") == "yes",
        "risks": [{"key": key, "rate": rate} for key in unpack_keys(values.get("risks", ""))],
    }
    new = NewRound(
        values["title"], values["kind"], values["form"], values["starts"], values["due"], values["closes"],
        int(values["target"]), values.get("theme", ""), tuple(values.get("enquiry", "").splitlines()),
        tuple(unpack_keys(values["cohorts"])), values.get("open_state") or "open", plan,
        {"share": float(values.get("share") or 0) / 100}, values.get("blind") != "no",
        sections=tuple(unpack_keys(values.get("sections", ""))),
    )  # fmt: skip
    return planning.plan_round(workspace, actor, new)
