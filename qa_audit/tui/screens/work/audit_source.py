"""One audit behind the form, over the real services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from qa_audit.tui.screens.form.source import AuditView, Flag
from qa_audit.tui.text import short_day
from qa_audit.tui.widgets.side_pane import PreviousGrade

if TYPE_CHECKING:
    from qa_audit.audits.judgement import Ceiling
    from qa_audit.audits.records import OpenAudit, PreviousAudit
    from qa_audit.library.case import Answers
    from qa_audit.library.completeness import Gap
    from qa_audit.tui.backend import Backend


class ServiceAudit:
    """An `AuditSource`: every method but `ceiling` and `gaps` blocks and runs in the form's threads."""

    def __init__(self, backend: Backend, ref: str) -> None:
        self.backend = backend
        self.ref = ref
        self._open: OpenAudit | None = None

    @property
    def case_ref(self) -> str:
        """The case's number in the record system, once the audit is loaded."""
        return (self._open.case_ref or self._open.child_key) if self._open else ""

    def load(self) -> AuditView:
        """Everything the form shows, read in one go."""
        from qa_audit.audits.service import open_audit

        found = open_audit(self.backend.workspace, self.backend.actor, self.ref)
        self._open = found
        return AuditView(
            audit=found.ref,
            form=found.form,
            case=found.case,
            crumbs=(found.round_title, f"Case {found.case_ref or found.child_key}"),
            summary=_summary(found),
            answers=found.answers,
            offered=found.offered,
            flags={item: Flag(flag.words, flag.late) for item, flag in found.flags.items()},
            previous=_previous(found.previous),
            lists=found.options,
            position=found.position if any(found.position) else None,
            read_only=not found.writable,
            notice=_notice(found),
        )

    def save(self, item: str, part: str, value: str) -> datetime:
        """Commit one value; when it was committed, in local time."""
        from qa_audit.audits.service import save_answer

        saved = save_answer(self.backend.workspace, self.backend.actor, self.ref, item, part, value)
        return datetime.fromisoformat(saved.at).astimezone()

    def remember(self, section: str, item: str) -> None:
        """Where to reopen."""
        from qa_audit.audits.service import remember

        remember(self.backend.workspace, self.backend.actor, self.ref, section, item)

    def ceiling(self, answers: Answers) -> Ceiling:
        """The best overall grade that is open, and why."""
        from qa_audit.audits.judging import ceiling_of

        found = self._loaded()
        return ceiling_of(found.form, answers, found.case)

    def gaps(self, answers: Answers) -> tuple[Gap, ...]:
        """What stands in the way of submission."""
        from qa_audit.audits.judging import gaps_of

        found = self._loaded()
        return gaps_of(found.form, answers, found.case)

    def submit(self) -> str:
        """Submit; what follows, in words."""
        from qa_audit.improvement.finishing import submit

        return submit(self.backend.workspace, self.backend.actor, self.ref).follows

    def raise_alert(self, item: str, words: str) -> str:
        """An alert from the form itself; the app asks whom was told and is what F9 opens."""
        from qa_audit.tui.screens.alerts.raising import send

        return send(self.backend, {"concern": f"{item}: {words}" if item else words,
                                   "told": "Nobody yet: raised in the form", "audit": self.ref})  # fmt: skip

    def _loaded(self) -> OpenAudit:
        if self._open is None:
            self.load()
        assert self._open is not None
        return self._open


def _summary(found: OpenAudit) -> str:
    from qa_audit.tui.cohorts import cohort_words

    facts = dict(found.header)
    parts = [cohort_words(found.case.primary)]
    if age := facts.get("Age"):
        parts.append(age if age == "unborn" else f"age {age}")
    if team := facts.get("Team"):
        parts.append(team)
    return ", ".join(part for part in parts if part)


def _notice(found: OpenAudit) -> str:
    from qa_audit.audits.records import STATUS_WORDS

    words = []
    if not found.writable:
        words.append(
            f"{STATUS_WORDS.get(found.status, found.status)}: this audit can be read and not changed."
        )
    elif found.status == "returned":
        words.append("Returned for more evidence: the moderator's reason is under Feedback in My audits.")
    if found.lines_of_enquiry:
        words.append("Lines of enquiry of this round:")
        words += [f"  · {line}" for line in found.lines_of_enquiry]
    return "\n".join(words)


def _previous(found: PreviousAudit | None) -> Mapping[str, tuple[PreviousGrade, ...]]:
    if found is None:
        return {}
    from datetime import date

    when = f"{found.ref}, finished {short_day(date.fromisoformat(found.finished_on))}"
    codes = dict.fromkeys((*found.grades, *found.rationales))
    return {
        code: (PreviousGrade(found.grades.get(code), found.rationales.get(code, ""), when, found.better.get(code, "")),)
        for code in codes
    }  # fmt: skip
