"""Declaring a conflict: a tie to a child, a worker or a team that allocation must know of."""

from __future__ import annotations

from datetime import date

from qa_audit.tui.widgets.dialogs import FormModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec


def conflict_form(today: date) -> FormModal:
    """Gives kind (child, worker, team), key and reason."""
    return FormModal(
        "Declare a conflict",
        [
            FieldSpec(
                "kind", "choice", "A tie to",
                options=(Choice("child", "A child"), Choice("worker", "A worker"), Choice("team", "A team")),
            ),
            FieldSpec("key", "line", "Which", help="The case number, the worker as the lists name them, or the team"),
            FieldSpec("reason", "line", "Why", help="In a few words, without names of family members"),
        ],
        today=today,
        words="You will not be given these cases to audit or to moderate. The reason goes into the trail.",
        save="Declare",
    )  # fmt: skip
