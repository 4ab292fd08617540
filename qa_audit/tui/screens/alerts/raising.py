"""Raising a safeguarding alert, from any screen: the concern, who was told, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from qa_audit.tui.widgets.dialogs import FormModal
from qa_audit.tui.widgets.fields import FieldSpec

if TYPE_CHECKING:
    from qa_audit.tui.backend import Backend

FIRST = (
    "Is this child at risk now? Speak to the team manager or the duty manager first; in an emergency ring 999. "
    "Then write it down here."
)


class RaiseAlert(FormModal):
    """The alert in the person's words; `audit` and `case` come with the screen it was raised from."""

    def __init__(
        self, backend: Backend, audit: str = "", case: str = "", written: Mapping[str, str] | None = None
    ) -> None:
        """`written` is what was typed before and could not be sent."""
        self._now = backend.clock()
        fields = [
            FieldSpec("concern", "text", "What worries you", help="What you saw, where, and since when"),
            FieldSpec("told", "line", "Whom you told", help="Their role: team manager, duty manager"),
            FieldSpec(
                "at", "line", "When", optional=True, help="Today's time such as 14:30; empty means now"
            ),
        ]
        if not audit:
            fields.append(
                FieldSpec("case_ref", "line", "Which case", help="The case number in the record system")
            )
        self._audit = audit
        about = f": {case or audit}" if case or audit else ""
        super().__init__(
            f"Raise a safeguarding alert{about}",
            fields,
            today=backend.today(),
            values={
                name: words
                for name, words in (written or {}).items()
                if name in ("concern", "told", "case_ref")
            },
            words=FIRST,
            save="Raise the alert",
            check=self._wrong,
        )

    def _wrong(self, values: Mapping[str, str]) -> Mapping[str, str]:
        _, problem = told_at(values.get("at", ""), self._now)
        return {"at": problem} if problem else {}

    def dismiss(self, result: dict[str, str] | None = None) -> object:  # type: ignore[override]
        """With the audit it belongs to."""
        if result is not None:
            result = {**result, "audit": self._audit, "at": told_at(result.get("at", ""), self._now)[0]}
        return super().dismiss(result)


def told_at(typed: str, now: datetime) -> tuple[str, str]:
    """(UTC stamp of today's time as typed, "") or ("", what is wrong); empty means now.

    `now` is local time with its zone.
    """
    if not typed.strip():
        return "", ""
    found = re.fullmatch(r"\s*(\d{1,2})[:.h]?(\d{2})?\s*(am|pm)?\s*", typed.casefold())
    if found is None:
        return "", "is not a time of day; write it as 14:30"
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3] and 1 <= hour <= 12:
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        return "", "is not a time of day; write it as 14:30"
    moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if moment > now:
        return "", "lies in the future; tell somebody first, then raise the alert"
    return moment.astimezone(UTC).isoformat(timespec="microseconds"), ""


def send(backend: Backend, values: Mapping[str, str]) -> str:
    """Raise it; the words to show. Blocking."""
    from qa_audit.audits.alert_service import ACKNOWLEDGE_HOURS, raise_alert

    ref = raise_alert(
        backend.workspace,
        backend.actor,
        concern=values["concern"],
        told=values["told"],
        audit_ref=values.get("audit") or None,
        told_at=values.get("at") or None,
        case_ref=values.get("case_ref", ""),
    )
    return (
        f"Alert {ref} is raised. The QA unit and the team's manager see it at once; "
        f"it must be acknowledged within {ACKNOWLEDGE_HOURS} working hours."
    )
