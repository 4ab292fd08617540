"""Changing a sampling plan before it is drawn: strata, least from each, and a rate for every risk list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from qa_audit.tui.widgets.dialogs import FormModal
from qa_audit.tui.widgets.fields import Choice, FieldSpec, pack_keys, unpack_keys

if TYPE_CHECKING:
    from qa_audit.sampling.records import RoundRow


def change_form(row: RoundRow, today: date) -> FormModal:
    """The plan as it stands, to be changed. A risk list with an empty rate is not in the plan."""
    from qa_audit.sampling.records import STRATA_COLUMNS
    from qa_audit.sampling.risks import RISKS

    plan = row.plan
    rates = {one["key"]: one for one in plan.get("risks") or ()}
    fields = [
        FieldSpec("size", "number", "Cases", minimum=1, maximum=2000),
        FieldSpec("strata", "choices", "Strata", tuple(Choice(k, w) for k, w in STRATA_COLUMNS.items()), optional=True),
        FieldSpec("minimum", "number", "At least from each", minimum=0, maximum=200, optional=True),
        FieldSpec("reserves", "number", "Reserves named in each", minimum=0, maximum=20, optional=True),
        FieldSpec("not_audited_months", "number", "Not drawn in the last", minimum=0, maximum=60, unit="months", optional=True),
        FieldSpec("open_weeks", "number", "Open for at least", minimum=0, maximum=520, unit="weeks", optional=True),
        FieldSpec("worker_once", "yes_no", "One case of a worker a quarter"),
        *(
            FieldSpec(f"risk_{key}", "number", words, minimum=0, maximum=100, unit="%", optional=True)
            for key, (words, _) in RISKS.items()
        ),
    ]  # fmt: skip
    values = {
        "size": str(plan.get("size") or row.target),
        "strata": pack_keys(list(plan.get("strata") or ())),
        "minimum": _number(plan.get("minimum")),
        "reserves": _number(plan.get("reserves")),
        "not_audited_months": _number(plan.get("not_audited_months")),
        "open_weeks": _number(plan.get("open_weeks")),
        "worker_once": "yes" if plan.get("worker_once") else "no",
        **{f"risk_{key}": f"{float(one.get('rate', 1)) * 100:g}" for key, one in rates.items()},
    }
    return FormModal(
        f"The plan of {row.ref}", fields, today=today, values={part: value for part, value in values.items() if value},
        words="A risk list with a percentage is drawn at that rate, on top of the cases; leave it empty to leave it out.",
    )  # fmt: skip


def changed_plan(old: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The new plan from the form's values; what the form does not ask stays as it was."""
    from qa_audit.sampling.risks import RISKS

    kept = {key: value for key, value in old.items() if key not in ("as_at", "status", "sizes", "name")}
    numbers = {
        name: int(float(values.get(name) or 0))
        for name in ("minimum", "reserves", "not_audited_months", "open_weeks")
    }
    before = {one["key"]: one for one in old.get("risks") or ()}
    risks = [
        _risk(before.get(key), key, float(values[f"risk_{key}"]) / 100)
        for key in RISKS
        if float(values.get(f"risk_{key}") or 0) > 0
    ]
    return {
        **kept,
        **numbers,
        "size": int(float(values["size"])),
        "strata": unpack_keys(values.get("strata", "")),
        "worker_once": values.get("worker_once") == "yes",
        "risks": risks,
    }


def _risk(before: Mapping[str, Any] | None, key: str, rate: float) -> Mapping[str, Any]:
    """A list whose rate is as it was keeps all it had, a number of cases too."""
    if before is not None and abs(float(before.get("rate", 1)) - rate) < 1e-9:
        return before
    return {"key": key, "rate": rate}


def _number(value: Any) -> str:
    return "" if value in (None, "") else str(value)
