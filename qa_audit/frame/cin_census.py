"""The CIN census file: an XML message, streamed child by child and laid out as rows of five lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qa_audit.frame.workbook import Chunk, Reading, Sheet, cancelled_error

ROWS_A_CHUNK = 500
_NOT_DISABLED = frozenset({"NONE", "NO", "0", ""})
_CHILD = ("LAchildID", "Sex", "Ethnicity", "PersonBirthDate", "Disability")
_DETAILS = (
    "CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure", "ReferralNFA",
    "DateOfInitialCPC",
)  # fmt: skip
HEADINGS = {
    "CINdetails": (*_CHILD, *_DETAILS),
    "Assessments": ("LAchildID", "AssessmentActualStartDate", "AssessmentAuthorisationDate"),
    "CINPlanDates": ("LAchildID", "CINPlanStartDate", "CINPlanEndDate"),
    "Section47": ("LAchildID", "S47ActualStartDate", "DateOfInitialCPC", "ICPCnotRequired"),
    "ChildProtectionPlans": (
        "LAchildID", "CPPstartDate", "CPPendDate", "InitialCategoryOfAbuse", "LatestCategoryOfAbuse",
        "NumberOfPreviousCPP", "CPPreviewDate",
    ),
}  # fmt: skip


class NotACensusError(Exception):
    """The XML is something else; the message names its root element."""


def read_census(path: Path, cancelled: Callable[[], bool] | None = None) -> Iterator[Reading]:
    """The five lists, one after the other; the "row" of a value is the number of the child in the file.

    Raises NotACensusError for other XML, and whatever the parser raises for broken or hostile XML.
    """
    tables: dict[str, list[tuple[int, list[object]]]] = {
        name: [(0, list(headings))] for name, headings in HEADINGS.items()
    }
    for number, child in enumerate(_children(path), start=1):
        if number % ROWS_A_CHUNK == 0 and cancelled is not None and cancelled():
            raise cancelled_error()
        _take(child, number, tables)
        child.clear()
    for name, rows in tables.items():
        yield Sheet(name)
        for start in range(0, len(rows), ROWS_A_CHUNK):
            yield Chunk.of(rows[start : start + ROWS_A_CHUNK])


def _children(path: Path) -> Iterator[Any]:
    from defusedxml.ElementTree import iterparse

    depth = 0
    census = False
    with path.open("rb") as stream:
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            name = _local(element)
            if event == "start":
                depth += 1
                if depth == 1 and name != "Message":
                    raise NotACensusError(name)
                continue
            depth -= 1
            if name == "Collection" and (element.text or "").strip().upper() not in {"CIN", ""}:
                raise NotACensusError(f"Message ({(element.text or '').strip()[:20]})")
            if name == "Child" and depth == 2:
                census = True
                yield element
            elif depth == 1 and name == "Children":
                census = True
                element.clear()
    if not census:
        raise NotACensusError("Message without children")


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(parent: Any, *names: str) -> str:
    for element in parent.iter():
        if _local(element) in names:
            return (element.text or "").strip()
    return ""


def _own(parent: Any, name: str) -> str:
    for element in parent:
        if _local(element) == name:
            return (element.text or "").strip()
    return ""


def _take(child: Any, number: int, tables: dict[str, list[tuple[int, list[object]]]]) -> None:
    identity = _text(child, "LAchildID")
    disabilities = [(e.text or "").strip().upper() for e in child.iter() if _local(e) == "Disability"]
    disabled = "Yes" if any(d not in _NOT_DISABLED for d in disabilities) else ("No" if disabilities else "")
    about = [
        identity,
        _text(child, "Sex", "GenderCurrent"),
        _text(child, "Ethnicity"),
        _text(child, "PersonBirthDate") or _text(child, "ExpectedPersonBirthDate"),
        disabled,
    ]
    for details in child:
        if _local(details) != "CINdetails":
            continue
        tables["CINdetails"].append((number, [*about, *(_own(details, name) for name in _DETAILS)]))
        for part in details:
            name = _local(part)
            if name not in HEADINGS or name == "CINdetails":
                continue
            row: list[object] = [identity, *(_own(part, heading) for heading in HEADINGS[name][1:])]
            if name == "ChildProtectionPlans":
                reviews = sorted((e.text or "").strip() for e in part.iter() if _local(e) == "CPPreviewDate")
                row[-1] = reviews[-1] if reviews else ""
            tables[name].append((number, row))
