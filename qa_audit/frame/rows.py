"""Frames and their children as screens and commands see them: values that cannot change under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FrameSummary:
    """One frame as screens and commands see it."""

    frame_id: str
    authority: str
    as_at: str
    kind: str
    dialect: str
    status_choice: str
    sources: tuple[str, ...]
    lists: tuple[Mapping[str, Any], ...]
    children: int
    events: int
    problems: int
    frame_hash: str
    imported_at: str
    imported_by: str
    cohorts: Mapping[str, int]
    teams: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One child of a frame as a line of a list."""

    child_key: str
    case_ref: str
    authority: str
    primary_cohort: str
    cohorts: tuple[str, ...]
    flags: tuple[str, ...]
    lists: tuple[str, ...]
    is_open: bool
    age: int | None
    age_band: str
    sex: str
    ethnicity: str
    disability: str
    team: str
    worker: str
    personal_adviser: str
    codes: Mapping[str, str]
    facts: Mapping[str, str]
    numbers: Mapping[str, int]
    extras: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a child, in the order the lists gave them."""

    list_no: str
    event_date: str | None
    values: Mapping[str, str | int]
