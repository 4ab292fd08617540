"""The people of the demo at work: QA unit, auditors, moderators, managers, workers, each in character."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from qa_audit.access.policy import Actor
from qa_audit.access.service import actor_of, people
from qa_audit.audits import alert_service, allocation_service
from qa_audit.audits import service as audits
from qa_audit.audits.judging import ceiling_of
from qa_audit.audits.records import AuditRow, OpenAudit
from qa_audit.demo import auditing, grading, moderating, narratives
from qa_audit.demo.narratives import roll
from qa_audit.demo.staff import Staff
from qa_audit.demo.stage import Stage, working_moment
from qa_audit.errors import QaError
from qa_audit.grades import Grade
from qa_audit.improvement import finishing, recovery
from qa_audit.improvement import service as improvement
from qa_audit.library.practice import load_themes
from qa_audit.library.themes import Themes
from qa_audit.moderation import deciding, reading
from qa_audit.moderation import service as moderation
from qa_audit.moderation.planning import plan_round
from qa_audit.moderation.records import Decision
from qa_audit.sampling.records import NewRound
from qa_audit.sampling.service import close_round, draw
from qa_audit.store.workspace import Workspace

COHORTS = ("child_in_need", "child_protection", "child_in_care", "care_leaver")
ENQUIRIES = (
    "Is the plan SMART, and does it change when the child's life changes?",
    "Does supervision challenge drift, and can we see what changed as a result?",
    "Can the child tell their own story?",
)


@dataclass
class Players:
    """Everyone in the play, acting through the services at the moments the stage gives them."""

    workspace: Workspace
    stage: Stage
    staff: Staff
    rounds: list[str] = field(default_factory=list)
    themes: Themes = field(default_factory=load_themes)
    _actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, person_id: str) -> Actor:
        """A person as the acting one."""
        return self._everyone()[person_id]

    def _everyone(self) -> dict[str, Actor]:
        if not self._actors:
            self._actors = {
                record.person_id: actor_of(self.workspace, record) for record in people(self.workspace)
            }
        return self._actors

    @property
    def lead(self) -> Actor:
        """The head of quality assurance."""
        return self.actor(self.staff.qa_unit[0].person_id)

    def open_round(self, first: date, cases: int, seed: int, back: int) -> None:
        """Plan, draw in the open, allocate; then everybody starts working."""
        due = first + timedelta(days=20)
        ref = plan_round(
            self.workspace, self.lead,
            NewRound(
                title=f"{first:%B %Y} case audits", kind="monthly", form_id="full-case-audit", starts=first.isoformat(), due=due.isoformat(),
                closes=(first + timedelta(days=34)).isoformat(), target=cases, theme="Plans and oversight", lines_of_enquiry=ENQUIRIES, cohorts=COHORTS,
                plan={
                    "strata": ["cohort"], "minimum": 2, "reserves": 3, "not_audited_months": 12,
                    "risks": [{"key": "second_plan", "size": 2}, {"key": "placed_with_parents", "size": 1}],
                },
                moderation={"share": "40%", "first_audits": 1},
            ),
        )  # fmt: skip
        self.rounds.append(ref)
        draw(
            self.workspace,
            self.lead,
            ref,
            "".join(str(1 + int(roll(f"{seed}/{ref}/{n}", "dice") * 6)) for n in range(24)),
        )
        done = allocation_service.allocate(self.workspace, self.lead, ref)
        if back and done.given:
            gone = done.given[int(roll(ref, "gone") * len(done.given))].ref
            allocation_service.withdraw(
                self.workspace, self.lead, gone, "transferred", "The family moved to another authority"
            )
            allocation_service.allocate(self.workspace, self.lead, ref)
        self.stage.at(
            working_moment(first + timedelta(days=40), ref),
            lambda: close_round(self.workspace, self.lead, ref),
        )
        for row in audits.list_audits(self.workspace, self.lead, round_ref=ref, status="allocated"):
            self._schedule(row, due)

    def _schedule(self, row: AuditRow, due: date) -> None:
        person = next(one for one in self.staff.people if one.person_id == self._person(row.auditor))
        if roll(row.ref, "exempt") < 0.02:
            self.stage.at(working_moment(due, row.ref), lambda: self._exempt(row.ref))
            return
        on = grading.submitted_on(due, person.temperament, row.ref)
        self.stage.at(
            working_moment(on - timedelta(days=4), row.ref + "s"),
            lambda: self._begin(row.ref, person.person_id),
        )
        self.stage.at(working_moment(on, row.ref), lambda: self._fill(row.ref, person.person_id))

    def _person(self, code: str) -> str:
        return next(actor.person_id for actor in self._everyone().values() if actor.code == code)

    def _exempt(self, ref: str) -> None:
        director = self.actor(self.staff.director.person_id)
        allocation_service.exempt(
            self.workspace, director, ref, "A serious incident review has begun on this case"
        )

    def _answers(self, one: OpenAudit, person_id: str) -> tuple[dict[tuple[str, str], str], dict[str, Grade]]:
        temperament = next(
            person.temperament for person in self.staff.people if person.person_id == person_id
        )
        quality = grading.true_quality(one.form, one.case, one.child_key)
        answers = auditing.audit_answers(
            one.form, one.case, temperament, quality, f"{one.child_key}/{person_id}",
            limit=lambda said: ceiling_of(one.form, said, one.case).grade, themes=self.themes,
        )  # fmt: skip
        moved = (self.stage.clock.moment.date() - one.case.as_at).days
        for (item, part), value in answers.items():
            if item[:2] in {"CV", "FB", "AC"} and part in {"date", "due"}:
                answers[item, part] = (date.fromisoformat(value) + timedelta(days=moved)).isoformat()
        return answers, quality

    def _begin(self, ref: str, person_id: str) -> None:
        """The desk review: the first sections are answered some days before the rest."""
        actor = self.actor(person_id)
        one = audits.open_audit(self.workspace, actor, ref)
        answers, _ = self._answers(one, person_id)
        for section in one.form.sections[:3]:
            ids = {item.id for item in section.items}
            part = {
                key: value
                for key, value in answers.items()
                if key[0].partition("#")[0] in ids and key[1] != "grade"
            }
            if part:
                audits.save_answers(self.workspace, actor, ref, part)
        audits.remember(self.workspace, actor, ref, one.form.sections[2].code, "")

    def _fill(self, ref: str, person_id: str) -> None:
        actor = self.actor(person_id)
        one = audits.open_audit(self.workspace, actor, ref)
        if not one.writable:
            return
        answers, quality = self._answers(one, person_id)
        changed = {key: value for key, value in answers.items() if one.answers.get(key) != value}
        if one.status == "returned":
            changed["OV", "rationale"] = (
                answers.get(("OV", "rationale"), "")
                + " The evidence the moderator asked for is now on the form."
            )
        if changed:
            audits.save_answers(self.workspace, actor, ref, changed)
        if answers.get(("SG1", "answer")) == "yes" and one.status != "returned":
            self._alert(ref, actor, one, answers)
        finishing.submit(self.workspace, actor, ref)
        self._after(ref, quality)

    def _alert(self, ref: str, actor: Actor, one: OpenAudit, answers: dict[tuple[str, str], str]) -> None:
        alert = alert_service.raise_alert(
            self.workspace,
            actor,
            concern=answers["SG1", "text"],
            told="Team manager, by phone",
            audit_ref=ref,
        )
        team = next((value for name, value in one.header if name == "Team"), "")
        manager = next(
            (t.manager.person_id for t in self.staff.teams if t.name == team), self.staff.director.person_id
        )
        taker = self.actor(manager if manager != actor.person_id else self.staff.director.person_id)
        director = self.actor(self.staff.director.person_id)
        hours = 0.4 + roll(ref, "ack") * 5
        moment = self.stage.clock.moment
        self.stage.at(
            moment + timedelta(hours=hours), lambda: alert_service.acknowledge(self.workspace, taker, alert)
        )
        self.stage.at(
            moment + timedelta(hours=hours + 3),
            lambda: alert_service.act(
                self.workspace,
                taker,
                alert,
                "Strategy discussion held; the child was seen today and a safety plan is agreed",
            ),
        )
        self.stage.at(
            moment + timedelta(days=1 + 3 * roll(ref, "close")),
            lambda: alert_service.close(
                self.workspace,
                director,
                alert,
                "The child is safe at home with the agreed plan; the service manager reviews it weekly",
            ),
        )

    def _after(self, ref: str, quality: dict[str, Grade]) -> None:
        row = self._row(ref)
        if row.status == "in_moderation":
            self.stage.later(1 + 6 * roll(ref, "moderated"), ref + "m", lambda: self._moderate(ref, quality))
        elif row.status == "final":
            self._final(ref, quality)

    def _row(self, ref: str) -> AuditRow:
        return next(
            one for one in audits.list_audits(self.workspace, self.lead, contains=ref) if one.ref == ref
        )

    def _moderate(self, ref: str, quality: dict[str, Grade]) -> None:
        queued = next(
            one for one in moderation.queue(self.workspace, self.lead, everyone=True) if one.audit_ref == ref
        )
        if not queued.moderator:
            moderation.allocate(self.workspace, self.lead, ref)
            queued = next(
                one
                for one in moderation.queue(self.workspace, self.lead, everyone=True)
                if one.audit_ref == ref
            )
        actor = self.actor(self._person(queued.moderator))
        if roll(ref, "return") < 0.05 and not roll(ref, "again") < 0.001 and self._returned.isdisjoint({ref}):
            self._returned.add(ref)
            deciding.return_audit(
                self.workspace,
                actor,
                ref,
                "The evidence for visits and for the child's voice does not say where in the record it lies",
            )
            auditor = self._person(self._row(ref).auditor)
            self.stage.later(4, ref + "r", lambda: self._fill(ref, auditor))
            return
        view = moderation.open_moderation(self.workspace, actor, ref)
        auditor_person = self._person(self._row(ref).auditor)
        temperament = next(
            person.temperament for person in self.staff.people if person.person_id == auditor_person
        )
        first, _ = self._answers(self._as_auditor(ref, auditor_person), auditor_person)
        seen = moderating.moderator_view(view.case, quality, first, temperament, f"{ref}/{actor.person_id}")
        blind: dict[tuple[str, str], str] = {}
        for code in view.sections:
            blind[code, "grade"] = (seen.overall if code == "OV" else seen.grades[code]).key
            note = seen.overall_rationale if code == "OV" else seen.rationales.get(code, "")
            if note:
                blind[code, "note"] = note
        moderation.save_all(self.workspace, actor, ref, blind)
        view = moderation.lock(self.workspace, actor, ref)
        moderation.save_all(self.workspace, actor, ref, seen.answers)
        decisions = tuple(
            self._decision(ref, one, seen) for one in view.comparison if one.auditor is not None
        )
        finishing.decide(self.workspace, actor, ref, decisions, audit_quality=seen.audit_quality)
        self._decided(ref, quality)

    @property
    def _returned(self) -> set[str]:
        found = self.workspace.shared.setdefault("demo returned", set())
        assert isinstance(found, set)
        return found

    def _as_auditor(self, ref: str, person_id: str) -> OpenAudit:
        return audits.open_audit(self.workspace, self.actor(person_id), ref)

    def _decision(self, ref: str, one: Any, seen: moderating.ModeratorView) -> Decision:
        """Where the grades differ the moderator's usually stands; sometimes the auditor's evidence persuades."""
        if one.blind is None or one.blind == one.auditor or roll(ref, one.section, "persuaded") < 0.12:
            return Decision(one.section, one.auditor)
        harsher = one.blind > one.auditor
        codes = (
            (
                "risk_under_weighted",
                "compliance_rewarded",
                "impact_not_shown",
                "history_ignored",
                "evidence_not_found",
            )
            if harsher
            else ("too_harsh",)
        )
        words = (
            seen.overall_rationale
            if one.section == "OV"
            else seen.rationales.get(one.section, "") or seen.overall_rationale
        )
        return Decision(
            one.section,
            one.blind,
            narratives.choose(codes, ref, one.section),
            words or "The descriptors fit the other grade better",
        )

    def _decided(self, ref: str, quality: dict[str, Grade]) -> None:
        row = self._row(ref)
        auditor = self.actor(self._person(row.auditor))
        if row.status == "moderated":
            self.stage.later(
                1 + 4 * roll(ref, "answer"), ref + "a", lambda: self._answer(ref, auditor, quality)
            )
        elif row.status == "panel":
            self.stage.later(4 + 5 * roll(ref, "panel"), ref + "p", lambda: self._panel(ref, quality))
        elif row.status == "final":
            self._final(ref, quality)

    def _answer(self, ref: str, auditor: Actor, quality: dict[str, Grade]) -> None:
        accept = roll(ref, "accept") < 0.88
        words = "" if accept else "The child's own account of the last three months was not weighed"
        finishing.respond(self.workspace, auditor, ref, accept=accept, words=words)
        self._decided(ref, quality)

    def _panel(self, ref: str, quality: dict[str, Grade]) -> None:
        waiting = next(
            (one for one in deciding.panels(self.workspace, self.lead) if one.audit_ref == ref), None
        )
        if waiting is None:
            return
        keep = roll(ref, "keeps") < 0.75
        grade = (waiting.moderated_grade if keep else waiting.auditor_grade) or Grade.REQUIRES_IMPROVEMENT
        director = self.actor(self.staff.director.person_id)
        words = "The panel read the record together and weighed impact on the child above process"
        finishing.decide_panel(
            self.workspace,
            director,
            ref,
            {"OV": grade},
            words,
            members=(
                "Head of quality assurance",
                "Operational head of service",
                "Uninvolved service manager",
            ),
        )
        self._final(ref, quality)

    def _final(self, ref: str, quality: dict[str, Grade]) -> None:
        self._code_themes(ref, quality)
        self.stage.later(1 + roll(ref, "share"), ref + "h", lambda: self._share(ref))
        for one in improvement.actions(self.workspace, self.lead, audit_ref=ref):
            self._follow(one)
        if any(one.audit_ref == ref for one in recovery.recoveries(self.workspace, self.lead)):
            director = self.actor(self.staff.director.person_id)
            words = "The head of service and the team manager agreed who sees the child weekly, and what must change by when"
            self.stage.later(
                2 + 5 * roll(ref, "recovery"),
                ref + "y",
                lambda: recovery.plan_on_file(
                    self.workspace, director, ref, _day(self.stage.clock.moment), words
                ),
            )

    def _code_themes(self, ref: str, quality: dict[str, Grade]) -> None:
        themes = self.themes
        tags: dict[tuple[str, str], improvement.ThemeRow] = {}
        for code, grade in quality.items():
            polarity = "strength" if grade <= Grade.GOOD else "gap"
            if roll(ref, code, "theme") > (0.5 if polarity == "gap" else 0.25):
                continue
            for theme in themes.suggested(code)[:1]:
                if getattr(theme, polarity):
                    line = narratives.claim(code, grade, {}, ref) if roll(ref, code, "line") < 0.4 else ""
                    tags[theme.id, polarity] = improvement.ThemeRow(ref, theme.id, polarity, code, line)
        known = {(one.theme, one.polarity) for one in tags.values()}
        kept = [
            one
            for one in improvement.themes_of(self.workspace, self.lead, audit_ref=ref)
            if (one.theme, one.polarity) not in known
        ]
        improvement.code_themes(self.workspace, self.lead, ref, [*kept, *tags.values()])

    def _share(self, ref: str) -> None:
        reading.share(self.workspace, self.lead, ref)
        if roll(ref, "comment") < 0.3:
            manager = self._manager_of(ref)
            if manager is not None:
                words = narratives.reflection(Grade.GOOD, {}, ref + "worker")
                self.stage.later(
                    2,
                    ref + "w",
                    lambda: _try(
                        lambda: reading.worker_answers(self.workspace, manager, ref, "comment", words)
                    ),
                )

    def _manager_of(self, ref: str) -> Actor | None:
        team = self._row(ref).team
        return next((self.actor(t.manager.person_id) for t in self.staff.teams if t.name == team), None)

    def _follow(self, one: improvement.ActionRow) -> None:
        """The owner does it near its due date, or does not; somebody else verifies it later."""
        manager = self._manager_of(one.audit_ref)
        chance = roll(one.ref, "done")
        if manager is None or chance > 0.86:
            return
        on = date.fromisoformat(one.due[:10]) + timedelta(days=int(-6 + 14 * roll(one.ref, "when")))
        moment = max(working_moment(on, one.ref), self.stage.clock.moment + timedelta(hours=2))
        self.stage.at(
            moment,
            lambda: _try(
                lambda: improvement.mark_done(
                    self.workspace, manager, one.ref, "Done with the worker and the family, and recorded"
                )
            ),
        )
        if roll(one.ref, "supervision") < 0.7:
            self.stage.at(
                moment - timedelta(hours=1),
                lambda: _try(
                    lambda: improvement.in_supervision(
                        self.workspace, manager, one.ref, _day(self.stage.clock.moment)
                    )
                ),
            )
        if chance < 0.6:
            words = "The child's life is different: the record since then shows it, and the child says so"
            self.stage.at(
                moment + timedelta(days=7),
                lambda: _try(
                    lambda: improvement.verify(
                        self.workspace, self.lead, one.ref, words, helped=roll(one.ref, "helped") < 0.93
                    )
                ),
            )


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _try(act: Callable[[], None]) -> None:
    """Some follow-ups are overtaken by events (an action reopened, an audit not shared): then nobody does them."""
    try:
        act()
    except QaError:
        return
