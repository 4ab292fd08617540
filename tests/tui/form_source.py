"""An audit in memory over the real library: what the form's tests fill in. `python tests/tui/form_source.py`
opens it in this terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime

from qa_audit.errors import Code, StorageFault
from qa_audit.grades import Grade
from qa_audit.library.case import CaseContext
from qa_audit.library.loader import load_library
from qa_audit.tui.app import QaApp, run
from qa_audit.tui.screens.form.source import AuditView, Flag
from qa_audit.tui.widgets.side_pane import PreviousGrade

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 10, 42, 7, tzinfo=UTC)


class MemoryAudit:
    """An `AuditSource` that remembers what it was told; `fail` makes the next saves fail."""

    def __init__(
        self, form_id: str = "full-case-audit", *, answers: Mapping[tuple[str, str], str] | None = None,
        position: tuple[str, str] | None = None, read_only: bool = False,
    ) -> None:  # fmt: skip
        from qa_audit.library.practice import load_ceilings

        self.case = CaseContext(
            frozenset({"child_protection"}), "child_protection", 7, {"plan_start": "2026-10-12"}, TODAY
        )
        self.form = load_library().assemble(form_id, self.case)
        self.rules = load_ceilings()
        self.stored: dict[tuple[str, str], str] = dict(answers or {})
        self.calls: list[tuple[str, str, str]] = []
        self.position = position
        self.read_only = read_only
        self.fail = 0
        self.submitted = False
        self.alerts: list[tuple[str, str]] = []

    def load(self) -> AuditView:
        return AuditView(
            "A-17",
            self.form,
            self.case,
            crumbs=("Autumn round", "Case 4F2A-91"),
            summary="Child protection plan, age 7",
            answers=dict(self.stored),
            offered={("PL1", "date"): "2026-10-12"},
            flags={"VI1": Flag("Last visit 71 days ago; standard 10 working days", late=True)},
            previous={
                "PL": (
                    PreviousGrade(
                        Grade.REQUIRES_IMPROVEMENT,
                        "The plan was a list of tasks and nobody could say what had changed.",
                        "Full case audit, March 2026",
                        "Outcomes in the family's own words",
                    ),
                )
            },
            lists={"themes": (("drift", "Drift and delay"), ("voice", "Voice of the child"))},
            position=self.position,
            read_only=self.read_only,
        )

    def save(self, item: str, part: str, value: str) -> datetime:
        if self.fail:
            self.fail -= 1
            raise StorageFault(Code.STORE_LOCKED, "the file is locked by another program")
        self.calls.append((item, part, value))
        if value:
            self.stored[item, part] = value
        else:
            self.stored.pop((item, part), None)
        return NOW

    def remember(self, section: str, item: str) -> None:
        self.position = (section, item)

    def ceiling(self, answers: Mapping[tuple[str, str], str]):
        from qa_audit.audits.judgement import judge_form

        return judge_form(self.form, answers, self.case, self.rules)

    def gaps(self, answers: Mapping[tuple[str, str], str]):
        from qa_audit.audits.judgement import submit_gaps

        return submit_gaps(self.form, answers, self.case, self.rules)

    def submit(self) -> str:
        self.submitted = True
        return "Submitted. The moderator has it now."

    def raise_alert(self, item: str, words: str) -> str:
        self.alerts.append((item, words))
        return "The alert is out: the team manager and the safeguarding lead have it."


class FormApp(QaApp):
    """An app that is nothing but one form."""

    def __init__(self, source: MemoryAudit, services: object, **more: object) -> None:
        super().__init__(services, **more)
        self.source = source

    def first_screen(self):
        from qa_audit.tui.screens.form.screen import AuditFormScreen

        return AuditFormScreen(self.source, today=TODAY)


class _Clock:
    def clock(self) -> datetime:
        return NOW


if __name__ == "__main__":
    sys.exit(run(FormApp(MemoryAudit(*sys.argv[1:2]), _Clock())))
