"""From the database to the plain facts of one round. Only queries and plain records: nothing is computed here.

Grades of an audit whose second grade is still to come are left out for everybody, and the paper says so:
a figure that holds them would let a blind moderator work them out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from qa_audit.access.models import Person
from qa_audit.access.settings import council_settings
from qa_audit.audits.answers import OVERALL
from qa_audit.audits.forms_kept import kept_forms
from qa_audit.audits.models import Alert, Answer, Audit, AuditGrade, Submission, WorkerResponse
from qa_audit.audits.records import WRITABLE
from qa_audit.audits.service import case_of
from qa_audit.errors import not_found
from qa_audit.frame.models import Frame
from qa_audit.grades import Grade, parse_grade
from qa_audit.improvement.models import Action, Recovery, ThemeTag
from qa_audit.library.forms import Form
from qa_audit.library.practice import load_themes
from qa_audit.library.vocabulary import COHORTS, FLAGS
from qa_audit.moderation.models import (
    BlindGrade,
    ModeratedGrade,
    Moderation,
    ModeratorAnswer,
    Panel,
    PanelGrade,
)
from qa_audit.moderation.records import REASONS
from qa_audit.moderation.selection import WORDS as WHY_WORDS
from qa_audit.moderation.selection import Why, rules_from_settings
from qa_audit.moderation.service import masked, pending_blind
from qa_audit.reports.facts import (
    ActionFacts,
    AlertFacts,
    AuditFacts,
    EarlierAuditFacts,
    FeedbackFacts,
    GradeTrail,
    MethodFacts,
    ModerationFacts,
    RoundFacts,
    SectionFacts,
    StratumFacts,
    TextFacts,
    ThemeFacts,
)
from qa_audit.sampling.models import Draw, DrawnCase, Round
from qa_audit.sampling.records import KINDS
from qa_audit.sampling.risks import RISKS
from qa_audit.store.clock import day
from qa_audit.store.workspace import Workspace

_audit = Audit.__table__  # type: ignore[attr-defined]
_answer = Answer.__table__  # type: ignore[attr-defined]
_grade = AuditGrade.__table__  # type: ignore[attr-defined]
_submission = Submission.__table__  # type: ignore[attr-defined]
_alert = Alert.__table__  # type: ignore[attr-defined]
_response = WorkerResponse.__table__  # type: ignore[attr-defined]
_moderation = Moderation.__table__  # type: ignore[attr-defined]
_blind = BlindGrade.__table__  # type: ignore[attr-defined]
_moderated = ModeratedGrade.__table__  # type: ignore[attr-defined]
_moderator_answer = ModeratorAnswer.__table__  # type: ignore[attr-defined]
_panel = Panel.__table__  # type: ignore[attr-defined]
_panel_grade = PanelGrade.__table__  # type: ignore[attr-defined]
_action = Action.__table__  # type: ignore[attr-defined]
_recovery = Recovery.__table__  # type: ignore[attr-defined]
_tag = ThemeTag.__table__  # type: ignore[attr-defined]
_round = Round.__table__  # type: ignore[attr-defined]
_draw = Draw.__table__  # type: ignore[attr-defined]
_case = DrawnCase.__table__  # type: ignore[attr-defined]
_frame = Frame.__table__  # type: ignore[attr-defined]
_person = Person.__table__  # type: ignore[attr-defined]

TEXT_KINDS: Mapping[str, str] = {
    "rationale": "rationale",
    "better": "better",
    "evidence": "evidence",
    "override_reason": "override_reason",
    "credible_because": "reason",
    "reflection": "reflection",
    "learning": "learning",
    "words": "family_words",
    "what": "action",
    "success": "action",
    "note": "moderator_reason",
}
"""Part of an answer to the kind of text it is; any other free text is a comment."""
UNFINISHED = frozenset({"planned", "submitted", *WRITABLE})
EARLIER_MONTHS = 12
RISK_LIST = "risk: "


@dataclass(frozen=True, slots=True)
class _Grades:
    auditor: Mapping[str, dict[str, Grade]]
    second: Mapping[str, dict[str, Grade]]
    moderated: Mapping[str, dict[str, Grade]]
    panel: Mapping[str, dict[str, Grade]]
    first: Mapping[str, Grade]
    """The overall grade of the first submission."""

    def trail(self, audit_id: str, section: str) -> GradeTrail:
        """The facts about one judgement."""
        return GradeTrail(
            self.auditor.get(audit_id, {}).get(section),
            self.moderated.get(audit_id, {}).get(section),
            self.panel.get(audit_id, {}).get(section),
            self.second.get(audit_id, {}).get(section),
        )


def gather(
    workspace: Workspace,
    round_ref: str,
    *,
    made_by_role: str,
    council: str = "",
    made_at: datetime | None = None,
) -> RoundFacts:
    """Every fact a paper about one round may use."""
    moment = made_at or workspace.clock()
    with workspace.read() as conn:
        found = conn.execute(
            select(_round).where(
                or_(func.lower(_round.c.ref) == round_ref.lower(), _round.c.round_id == round_ref)
            )
        ).first()
        if found is None:
            raise not_found("round", round_ref)
        draw = conn.execute(
            select(_draw).where(_draw.c.round_id == found.round_id, _draw.c.superseded.is_(False))
        ).first()
        frame = conn.execute(select(_frame).where(_frame.c.frame_id == found.frame_id)).first()
        rows = conn.execute(
            select(_audit).where(_audit.c.round_id == found.round_id).order_by(_audit.c.ref)
        ).all()
        people = {row.person_id: row for row in conn.execute(select(_person))}
        waiting = pending_blind(conn) & {row.audit_id for row in rows}
        # What is still being written is hidden like what is still blind: its readers may be its moderators.
        blind = waiting | {row.audit_id for row in rows if row.status in UNFINISHED}
        forms = {row.audit_id: kept_forms(workspace).assembled(row, case_of(row), conn) for row in rows}
        grades = _grades(conn, rows, blind)
        answers = _answers(conn, rows)
        moderations = _moderations(conn, found.round_id, people, blind)
        earlier = _earlier(conn, found, pending_blind(conn))
        return RoundFacts(
            ref=found.ref, title=found.title, council=council or (frame.authority if frame else ""),
            period_start=day(found.starts), period_end=day(found.closes), as_at=moment.date(), made_at=moment, made_by_role=made_by_role,
            audits=_audits(conn, rows, forms, grades, answers, people, blind), method=_method(found, draw, frame, rows, waiting, _came_in(conn, draw)),
            moderations=moderations, actions=_actions(conn, found.round_id, rows), themes=_themes(conn, rows, blind),
            texts=_texts(conn, rows, forms, answers, people, blind), earlier=earlier,
            cohort_words=tuple({**COHORTS, **FLAGS}.items()), section_titles=_titles(workspace, conn, rows, forms), audit_type=KINDS.get(found.kind, found.kind),
            theme=found.theme, questions=tuple(found.lines_of_enquiry), **_bounds(workspace),
        )  # fmt: skip


BOUNDS: Mapping[str, str] = {
    "indicative_from": "figures.indicative_from",
    "figures_from": "figures.from",
    "headline_from": "figures.headline_from",
    "green_from": "bands.green",
    "amber_from": "bands.amber",
}
"""Fields of `RoundFacts` and the council's settings they come from."""


def _bounds(workspace: Workspace) -> dict[str, Any]:
    values = council_settings(workspace)
    return {name: int(values[key]) for name, key in BOUNDS.items()}


def _grades(conn: Connection, rows: Any, blind: frozenset[str]) -> _Grades:
    ids = [row.audit_id for row in rows if row.audit_id not in blind]
    revision = {row.audit_id: row.revision for row in rows}
    auditor: dict[str, dict[str, Grade]] = defaultdict(dict)
    first: dict[str, Grade] = {}
    for one in conn.execute(select(_grade).where(_grade.c.audit_id.in_(ids))):
        if one.revision == 1 and one.section == OVERALL:
            first[one.audit_id] = Grade(one.grade)
        if one.revision == revision[one.audit_id]:
            auditor[one.audit_id][one.section] = Grade(one.grade)
    current = select(_moderation).where(_moderation.c.audit_id.in_(ids), _moderation.c.outcome != "returned")
    audit_of = {
        one.moderation_id: one.audit_id
        for one in conn.execute(current)
        if one.revision == revision[one.audit_id]
    }
    second: dict[str, dict[str, Grade]] = defaultdict(dict)
    for one in conn.execute(select(_blind).where(_blind.c.moderation_id.in_(audit_of))):
        second[audit_of[one.moderation_id]][one.section] = Grade(one.grade)
    moderated: dict[str, dict[str, Grade]] = defaultdict(dict)
    for one in conn.execute(select(_moderated).where(_moderated.c.moderation_id.in_(audit_of))):
        moderated[audit_of[one.moderation_id]][one.section] = Grade(one.grade)
    panel: dict[str, dict[str, Grade]] = defaultdict(dict)
    query = select(_panel_grade, _panel.c.moderation_id).join(
        _panel, _panel.c.panel_id == _panel_grade.c.panel_id
    )
    for one in conn.execute(query.where(_panel.c.moderation_id.in_(audit_of))):
        panel[audit_of[one.moderation_id]][one.section] = Grade(one.grade)
    return _Grades(auditor, second, moderated, panel, first)


def _answers(conn: Connection, rows: Any) -> dict[str, dict[tuple[str, str], str]]:
    found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    ids = [row.audit_id for row in rows]
    for one in conn.execute(select(_answer).where(_answer.c.audit_id.in_(ids), _answer.c.value != "")):
        found[one.audit_id][one.item, one.part] = one.value
    return found


def _audits(
    conn: Connection,
    rows: Any,
    forms: Mapping[str, Form],
    grades: _Grades,
    answers: Mapping[str, dict[tuple[str, str], str]],
    people: Mapping[str, Any],
    blind: frozenset[str],
) -> tuple[AuditFacts, ...]:
    alerts: dict[str, list[AlertFacts]] = defaultdict(list)
    for one in conn.execute(select(_alert).where(_alert.c.audit_id.in_([row.audit_id for row in rows]))):
        alerts[one.audit_id].append(
            AlertFacts(
                one.ref,
                _moment(one.raised_at),
                _moment_or_none(one.acknowledged_at),
                _moment_or_none(one.closed_at),
            )
        )
    ceilings = {
        (one.audit_id, one.revision): one
        for one in conn.execute(
            select(_submission).where(_submission.c.audit_id.in_([row.audit_id for row in rows]))
        )
    }
    recovery = {
        one.audit_id: one
        for one in conn.execute(
            select(_recovery).where(_recovery.c.audit_id.in_([row.audit_id for row in rows]))
        )
    }
    moderated_on = {
        one.audit_id: day(one.decided_at)
        for one in conn.execute(
            select(_moderation.c.audit_id, _moderation.c.decided_at).where(
                _moderation.c.decided_at.is_not(None), _moderation.c.outcome != "returned"
            )
        )
    }
    return tuple(
        _audit_facts(
            row,
            forms[row.audit_id],
            grades,
            _open_answers(forms[row.audit_id], answers.get(row.audit_id, {}), hidden=row.audit_id in blind),
            people,
            answers.get(row.audit_id, {}),
            tuple(alerts[row.audit_id]),
            None if row.audit_id in blind else ceilings.get((row.audit_id, row.revision)),
            moderated_on.get(row.audit_id),
            recovery.get(row.audit_id),
            None if row.audit_id in blind else ceilings.get((row.audit_id, 1)),
        )
        for row in rows
    )


def _audit_facts(
    row: Any, form: Form, grades: _Grades, said: Mapping[tuple[str, str], str], people: Mapping[str, Any],
    whole: Mapping[tuple[str, str], str], alerts: tuple[AlertFacts, ...],
    submission: Any, moderated_on: date | None, recovery: Any, first: Any,
) -> AuditFacts:  # fmt: skip
    submitted = row.status not in {
        "planned",
        "allocated",
        "in_progress",
        "returned",
        "withdrawn",
        "exempted",
        "lapsed",
    }
    graded = set(grades.auditor.get(row.audit_id, {})) | set(grades.moderated.get(row.audit_id, {}))
    sections = tuple(
        SectionFacts(section.code, section.title, grades.trail(row.audit_id, section.code))
        for section in form.graded
        if section.code in graded
    )
    # That a conversation took place gives no grade away: of a hidden audit it is counted too, its words are not shown.
    held = whole.get(("CV1", "held"))
    return AuditFacts(
        ref=row.ref, child_key=row.child_key, cohort=row.cohort, team=row.team, service=row.service,
        auditor_code=people[row.auditor_id].code if row.auditor_id in people else "", status=row.status, auditor_id=row.auditor_id or "",
        form=f"{row.form_id} {row.form_version}", selected_by=_selected_words(row), planned_on=day(row.planned_at),
        allocated_on=_day(row.allocated_at), due_on=_day(row.due), submitted_on=_day(row.submitted_at) if submitted else None,
        moderated_on=moderated_on, final_on=_day(row.final_at), shared_on=_day(row.shared_at), exempt_reason=row.ended_reason,
        sections=sections, overall=grades.trail(row.audit_id, OVERALL), worker_grade=parse_grade(said.get(("CV3", "worker_grade"), "")),
        worker_graded=("CV3", "worker_grade") in whole,
        conversation_held=None if held is None else held == "yes", conversation_on=_day(whole.get(("CV2", "date"))),
        conversation_reason=whole.get(("CV6", "reason"), ""), in_supervision=_yes(whole.get(("CV7", "in_supervision"))),
        feedback=_feedback(said), ceiling=Grade(submission.ceiling) if submission is not None and submission.ceiling and submitted else None,
        override_reason=submission.override_reason if submission is not None and submitted else "", alerts=alerts,
        practice_to_share=sum(1 for (item, part), value in said.items() if item.startswith("ST1") and part == "share" and value == "yes"),
        recovery_plan_on=_day(recovery.plan_on) if recovery is not None else None,
        reaudit_due=_day(recovery.reaudit_due) if recovery is not None else None,
        first_grade=grades.first.get(row.audit_id), moderation_chance=first.moderation_chance if first is not None else None,
    )  # fmt: skip


def _open_answers(
    form: Form, said: Mapping[tuple[str, str], str], *, hidden: bool
) -> Mapping[tuple[str, str], str]:
    """The answers a paper may use: of a hidden audit what its blind moderator sees, and no more."""
    return masked(form, said) if hidden else said


def _feedback(said: Mapping[tuple[str, str], str]) -> tuple[FeedbackFacts, ...]:
    items = sorted({item for item, _ in said if item.split("#")[0] == "FB1"})
    return tuple(
        FeedbackFacts(
            who=said.get((item, "who"), ""), obtained=_yes(said.get((item, "obtained"))), route=said.get((item, "route"), ""),
            not_obtained=said.get((item, "not_obtained"), ""), listened=_whole(said.get((item, "listened"))),
            understood=_whole(said.get((item, "understood"))), better=_whole(said.get((item, "better"))),
        )
        for item in items
    )  # fmt: skip


def _moderations(
    conn: Connection, round_id: str, people: Mapping[str, Any], blind: frozenset[str]
) -> tuple[ModerationFacts, ...]:
    query = (
        select(_moderation, _audit.c.ref)
        .join(_audit, _audit.c.audit_id == _moderation.c.audit_id)
        .where(_moderation.c.round_id == round_id)
    )
    panels = {one.moderation_id: one for one in conn.execute(select(_panel))}
    found = []
    for one in conn.execute(query.order_by(_audit.c.ref, _moderation.c.selected_at)):
        if one.audit_id in blind:
            found.append(_hidden_moderation(one))
            continue
        panel = panels.get(one.moderation_id)
        found.append(
            ModerationFacts(
                audit_ref=one.ref, moderator_code=people[one.moderator_id].code if one.moderator_id in people else "",
                blind=bool(one.blind) and one.graded_at is not None, selected_by="; ".join(_why(reason) for reason in one.reasons),
                random=bool(one.random), completed_on=_day(one.decided_at), outcome=one.outcome,
                reason=one.reason_code, audit_quality=Grade(one.audit_quality) if one.audit_quality else None,
                disputed=one.response == "disputed", panel_on=_day(panel.decided_at) if panel is not None else None,
            )
        )  # fmt: skip
    return tuple(found)


def _hidden_moderation(one: Any) -> ModerationFacts:
    """A moderation whose audit is hidden: that it is there, and no reason or grade that would tell what was given."""
    return ModerationFacts(
        audit_ref=one.ref, moderator_code="", blind=False, selected_by="Not shown until the second grade is in",
        completed_on=_day(one.decided_at), outcome=one.outcome,
    )  # fmt: skip


def _actions(conn: Connection, round_id: str, rows: Any) -> tuple[ActionFacts, ...]:
    refs = {row.audit_id: row for row in rows}
    found = []
    for one in conn.execute(select(_action).where(_action.c.round_id == round_id).order_by(_action.c.ref)):
        audit = refs.get(one.audit_id)
        found.append(
            ActionFacts(
                ref=one.ref, audit_ref=audit.ref if audit is not None else "", what=one.what, kind=one.type, purpose=one.purpose,
                owner_role=one.owner_role, priority=one.priority, raised_on=day(one.created_at), due_on=_day(one.due),
                done_on=_day(one.done_at) if one.state in {"done", "verified"} else None, verified_on=_day(one.verified_at) if one.state == "verified" else None,
                withdrawn_on=None, section=one.section, service=audit.service if audit is not None else "", team=one.team, success=one.success,
            )
        )  # fmt: skip
    return tuple(found)


def _themes(conn: Connection, rows: Any, blind: frozenset[str]) -> tuple[ThemeFacts, ...]:
    refs = {row.audit_id: row.ref for row in rows if row.audit_id not in blind}
    titles = {theme.id: theme for theme in load_themes().themes}
    grouped: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for one in conn.execute(select(_tag).where(_tag.c.audit_id.in_(refs)).order_by(_tag.c.audit_id)):
        grouped[one.theme, one.polarity].append(one)
    found = []
    for (key, polarity), tags in sorted(grouped.items()):
        theme = titles.get(key)
        words = (theme.strength if polarity == "strength" else theme.gap) or theme.title if theme else key
        line = next((tag.line for tag in tags if tag.line), "")
        found.append(
            ThemeFacts(key, words, polarity, tuple(sorted(refs[tag.audit_id] for tag in tags)), line)
        )
    return tuple(found)


def _texts(
    conn: Connection,
    rows: Any,
    forms: Mapping[str, Form],
    answers: Mapping[str, dict[tuple[str, str], str]],
    people: Mapping[str, Any],
    blind: frozenset[str],
) -> tuple[TextFacts, ...]:
    """Every stored text of the round. Of a blind audit only the evidence, which its moderator sees anyway."""
    found: list[TextFacts] = []
    refs = {row.audit_id: row.ref for row in rows}
    for row in rows:
        role = people[row.auditor_id].job_title if row.auditor_id in people else ""
        found += _audit_texts(
            row, forms[row.audit_id],
            _open_answers(forms[row.audit_id], answers.get(row.audit_id, {}), hidden=row.audit_id in blind), role,
        )  # fmt: skip
        if row.ended_reason:
            found.append(TextFacts(row.ref, "", "", "exempt_reason", row.ended_reason))
    ids = list(refs)
    for one in conn.execute(select(_alert).where(_alert.c.audit_id.in_(ids))):
        ref = refs[one.audit_id]
        found.append(TextFacts(ref, "", one.ref, "alert", one.concern, on=day(one.raised_at)))
        found += [
            TextFacts(ref, "", one.ref, "alert_note", text, on=_day(at))
            for text, at in ((one.action_taken, one.acted_at), (one.closing_note, one.closed_at))
            if text
        ]
    for one in conn.execute(select(_response).where(_response.c.audit_id.in_(ids))):
        found.append(TextFacts(refs[one.audit_id], "", one.kind, "worker_comment", one.words, on=day(one.at)))
    open_ids = [one for one in ids if one not in blind]
    current = {
        one.moderation_id: one
        for one in conn.execute(select(_moderation).where(_moderation.c.audit_id.in_(open_ids)))
    }
    for one in current.values():
        ref = refs[one.audit_id]
        found += [
            TextFacts(ref, "", "", kind, text, on=_day(at))
            for kind, text, at in (
                ("moderator_reason", one.reason, one.decided_at),
                ("comment", one.response_text, one.responded_at),
            )
            if text
        ]
    for one in conn.execute(select(_moderated).where(_moderated.c.moderation_id.in_(current))):
        if one.reason:
            found.append(
                TextFacts(
                    refs[current[one.moderation_id].audit_id],
                    one.section,
                    "",
                    "moderator_reason",
                    f"{REASONS.get(one.reason_code, '')}: {one.reason}".lstrip(": "),
                )
            )
    for one in conn.execute(
        select(_moderator_answer).where(
            _moderator_answer.c.moderation_id.in_(current), _moderator_answer.c.value != ""
        )
    ):
        if one.part in {"note", "evidence", "pointer", "text", "reason"}:
            found.append(
                TextFacts(
                    refs[current[one.moderation_id].audit_id],
                    one.item,
                    one.part,
                    "moderator_reason",
                    one.value,
                    on=day(one.saved_at),
                )
            )
    for one in conn.execute(select(_tag).where(_tag.c.audit_id.in_(open_ids), _tag.c.section != "ST")):
        if one.line:
            found.append(
                TextFacts(refs[one.audit_id], one.section, "", "comment", one.line, on=day(one.coded_at))
            )
    for one in conn.execute(select(_panel).where(_panel.c.audit_id.in_(open_ids))):
        if one.rationale:
            found.append(
                TextFacts(refs[one.audit_id], "", "", "panel_reason", one.rationale, on=_day(one.decided_at))
            )
    for one in conn.execute(select(_recovery).where(_recovery.c.audit_id.in_(ids))):
        if one.plan_note:
            found.append(
                TextFacts(refs[one.audit_id], "", "", "action_note", one.plan_note, on=_day(one.plan_on))
            )
    for one in conn.execute(select(_action).where(_action.c.audit_id.in_(ids))):
        texts = (
            ("action", one.what),
            ("action", one.success),
            ("action_note", one.done_note),
            ("action_note", one.verified_note),
        )
        found += [
            TextFacts(refs[one.audit_id], one.section, one.ref, kind, text) for kind, text in texts if text
        ]
    return tuple(found)


def _audit_texts(row: Any, form: Form, said: Mapping[tuple[str, str], str], role: str) -> list[TextFacts]:
    found = []
    for (item, part), text in sorted(said.items()):
        section = form.section(item)
        pair = form.find(item)
        code = section.code if section is not None else pair[0].code if pair is not None else OVERALL
        field = pair[1].field(part) if pair is not None else None
        # A field of the form says itself whether it takes words: 'better' is a grade's text, and a family's scale.
        free = field.type == "text" if field is not None else part in TEXT_KINDS or part == "pointer"
        if not free:
            continue
        kind = "strength" if code == "ST" else "action" if code == "AC" else TEXT_KINDS.get(part, "comment")
        question = (
            pair[1].text
            if pair is not None
            else section.title
            if section is not None
            else "Overall case grade"
        )
        found.append(
            TextFacts(row.ref, code, item if pair is not None else "", kind, text, role, question=question)
        )
    return found


def _earlier(conn: Connection, found: Any, blind: frozenset[str]) -> tuple[EarlierAuditFacts, ...]:
    """Audits of the twelve months before, from other rounds, for the trend charts."""
    start = day(found.starts)
    since = (
        start.replace(year=start.year - 1)
        if (start.month, start.day) != (2, 29)
        else date(start.year - 1, 2, 28)
    )
    query = (
        select(_audit, _round.c.blind)
        .join(_round, _round.c.round_id == _audit.c.round_id)
        .where(
            _audit.c.round_id != found.round_id,
            _audit.c.submitted_at.is_not(None),
            _audit.c.submitted_at >= since.isoformat(),
            _audit.c.submitted_at < found.closes + "T99",
            _audit.c.status.in_(("final", "shared")),
        )
        .order_by(_audit.c.submitted_at)
    )
    rows = [row for row in conn.execute(query).all() if row.audit_id not in blind]
    grades = _grades(conn, rows, blind)
    return tuple(
        EarlierAuditFacts(
            row.ref, day(row.submitted_at), grades.trail(row.audit_id, OVERALL),
            tuple(SectionFacts(code, code, grades.trail(row.audit_id, code)) for code in sorted(grades.auditor.get(row.audit_id, {})) if code != OVERALL),
            bool(row.blind) if grades.moderated.get(row.audit_id) else None,
        )
        for row in rows
    )  # fmt: skip


def _came_in(conn: Connection, draw: Any) -> int:
    """How many drawn cases were replaced by the next ticket of their stratum."""
    if draw is None:
        return 0
    query = select(func.count()).where(_case.c.draw_id == draw.draw_id, _case.c.replaced_by.is_not(None))
    return int(conn.execute(query).scalar() or 0)


def _redrawn(draw: Any) -> tuple[str, ...]:
    """A sample that was drawn more than once says so, and why."""
    if draw is None or not draw.reason:
        return ()
    return (f"Draw {draw.number} of this round replaced the one before: {draw.reason}",)


def _stratum_words(stratum: str) -> str:
    if stratum.startswith(RISK_LIST):
        return _risk_words(stratum)
    return {**COHORTS, **FLAGS}.get(stratum, stratum)


def _method(found: Any, draw: Any, frame: Any, rows: Any, blind: frozenset[str], came_in: int) -> MethodFacts:
    rules = rules_from_settings(found.moderation)
    strata = (
        tuple(
            StratumFacts(one.get("title") or _stratum_words(one["stratum"]), one["population"], one["drawn"])
            for one in draw.certificate["strata"]
        )
        if draw is not None
        else ()
    )
    risky = sum(1 for row in rows if row.selection == "risk")
    picked = sum(1 for row in rows if row.selection == "judgement")
    selection = f"{len(rows) - risky - picked} cases drawn at random within strata"
    selection += f", {risky} from risk lists at their own rate" if risky else ""
    selection += f", {picked} chosen by judgement (in no estimate)" if picked else ""
    selection += f"; {came_in} of them came in by the next ticket for a case that left" if came_in else ""
    rule = "Every audit is moderated." if rules.share >= 1 else (
        f"All audits graded {' or '.join(grade.words for grade in sorted(rules.grades))}, a new auditor's first {rules.first_audits}, "
        f"alerts and grades above their ceiling; {rules.share:.0%} of the rest at random."
    )  # fmt: skip
    left_out = (
        (
            (
                f"Grades of {len(blind)} audit{'s' if len(blind) != 1 else ''}",
                "their blind second grade is still to come",
            ),
        )
        if blind
        else ()
    )
    return MethodFacts(
        selection=selection + ".", frame=f"{frame.authority}: lists as at {frame.as_at}" if frame is not None else "",
        frame_size=frame.children if frame is not None else None, frame_hash=draw.frame_hash if draw is not None else "",
        seed=draw.seed if draw is not None else "", algorithm=draw.algorithm if draw is not None else "", strata=strata,
        form_versions=tuple(sorted({f"{row.form_id} {row.form_version}" for row in rows})), framework_version=found.framework,
        moderation_rule=("Blind: the moderator grades before the auditor's grades are shown. " if found.blind else "Not blind. ") + rule,
        left_out=left_out, notes=_redrawn(draw),
    )  # fmt: skip


def _titles(
    workspace: Workspace, conn: Connection, rows: Any, forms: Mapping[str, Form]
) -> tuple[tuple[str, str], ...]:
    """Practice areas in the order of the whole form: one child's form leaves sections out."""
    whole = {
        (row.form_id, row.form_hash): kept_forms(workspace)
        .library(row.form_hash, conn)
        .form(row.form_id, row.form_hash)
        for row in rows
    }
    titles: dict[str, str] = {}
    for form in (*whole.values(), *forms.values()):
        for section in form.graded:
            titles.setdefault(section.code, section.title)
    return tuple(titles.items())


def _selected_words(row: Any) -> str:
    if row.selection == "risk":
        return _risk_words(row.stratum)
    return "Judgement" if row.selection == "judgement" else "Random"


def _risk_words(stratum: str) -> str:
    key = stratum.removeprefix(RISK_LIST)
    return f"Risk list: {RISKS[key][0] if key in RISKS else key}"


def _why(reason: str) -> str:
    try:
        words = WHY_WORDS[Why(reason)]
    except ValueError:
        words = "submitted again after it was returned" if reason == "returned" else reason
    return words[:1].upper() + words[1:]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _moment_or_none(text: str | None) -> datetime | None:
    return _moment(text) if text else None


def _day(text: str | None) -> date | None:
    return day(text) if text else None


def _yes(value: str | None) -> bool | None:
    return None if value is None else value == "yes"


def _whole(value: str | None) -> int | None:
    return int(float(value)) if value not in (None, "", "na") else None
