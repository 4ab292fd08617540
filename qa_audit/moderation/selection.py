"""Which submitted audits must be moderated: rules that are data, and a random share that can be shown to be random.

An audit is chosen because a rule demands it, because its ticket lies below the random share, or both. The ticket
comes from the round's seed and the audit's id, so the choice can be checked by anyone, does not
depend on when the audit was submitted, and a higher share keeps everything that a lower one chose. Only
audits whose chance is known may feed adjusted estimates: `inclusion_probability` says with which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from qa_audit.errors import BadInput, Code
from qa_audit.grades import KEYS, Grade, parse_grade
from qa_audit.sampling.draw import tickets
from qa_audit.sampling.figures import Json


class Why(StrEnum):
    """Why an audit is moderated."""

    EVERY_AUDIT = "every_audit"
    GRADE = "grade"
    NEW_AUDITOR = "new_auditor"
    PEER_REVIEW = "peer_review"
    ALERT = "alert"
    CEILING_OVERRIDE = "ceiling_override"
    RANDOM = "random"
    RANDOM_RAISED = "random_raised"


WORDS = {
    Why.EVERY_AUDIT: "every audit of this round is moderated",
    Why.GRADE: "every audit with this grade is moderated",
    Why.NEW_AUDITOR: "one of a new auditor's first audits",
    Why.PEER_REVIEW: "a peer-review audit",
    Why.ALERT: "a safeguarding alert was raised",
    Why.CEILING_OVERRIDE: "the grade stands above its ceiling",
    Why.RANDOM: "chosen at random",
    Why.RANDOM_RAISED: "chosen at random, at the raised share",
}


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """The rules of a round. Shares are 0-1; a share of 1 moderates everything."""

    share: float = 0.2
    raised_share: float = 0.5
    """For an auditor whose drift is out of tolerance."""
    grades: frozenset[Grade] = frozenset({Grade.OUTSTANDING, Grade.INADEQUATE})
    first_audits: int = 3
    """How many of a new auditor's first audits."""
    peer_review: bool = True
    alerts: bool = True
    ceiling_overrides: bool = True


@dataclass(frozen=True, slots=True)
class SubmittedAudit:
    """What the rules look at. `auditor_audit_number` counts the auditor's submitted audits from 1, ever."""

    id: str
    auditor: str
    grade: Grade | None = None
    auditor_audit_number: int = 1_000_000
    peer_review: bool = False
    alert: bool = False
    ceiling_override: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """The decision on one audit."""

    id: str
    moderate: bool
    reasons: tuple[Why, ...]
    ticket: str
    random: bool
    """The ticket lies below the share: it would have been moderated without any other rule."""
    inclusion_probability: float
    """Chance of moderation by the rules as a whole: 1 when a rule demands it, else the random share."""

    @property
    def words(self) -> str:
        """The reasons in plain words."""
        return "; ".join(WORDS[why] for why in self.reasons)

    def as_json(self) -> Json:
        """Plain values."""
        return {
            "id": self.id,
            "moderate": self.moderate,
            "reasons": [why.value for why in self.reasons],
            "ticket": self.ticket,
            "random": self.random,
            "inclusion_probability": self.inclusion_probability,
        }


def select(
    audits: Iterable[SubmittedAudit],
    seed: str,
    rules: SelectionRules,
    out_of_tolerance: Set[str] = frozenset(),
) -> list[Selection]:
    """A decision for each audit, in the order given. `out_of_tolerance` are auditors with the raised share.

    The share an audit was decided with must be kept: what is known of drift later never changes it.
    """
    waiting = list(audits)
    numbers = tickets((audit.id for audit in waiting), seed) if waiting else []
    return [
        _decide(audit, number, rules, audit.auditor in out_of_tolerance)
        for audit, number in zip(waiting, numbers, strict=True)
    ]


def rules_from_settings(raw: Mapping[str, object]) -> SelectionRules:
    """Rules from a settings file, where every value may be text. Raises BadInput naming the key.

    Keys: share, raised_share, grades (list of grade keys), first_audits, peer_review, alerts,
    ceiling_overrides; `everything: true` is the short way to say share 1.
    """
    standard = SelectionRules()
    known = {*standard.__slots__, "everything"}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise BadInput(
            Code.BAD_VALUE,
            "The moderation settings have a key that means nothing here",
            where=unknown[0],
            next_step=f"Keys: {', '.join(sorted(known))}",
        )
    everything = _yes(raw, "everything", False)
    return SelectionRules(
        share=1.0 if everything else _share(raw, "share", standard.share),
        raised_share=1.0 if everything else _share(raw, "raised_share", standard.raised_share),
        grades=_grades(raw["grades"]) if "grades" in raw else standard.grades,
        first_audits=_whole(raw, "first_audits", standard.first_audits),
        peer_review=_yes(raw, "peer_review", standard.peer_review),
        alerts=_yes(raw, "alerts", standard.alerts),
        ceiling_overrides=_yes(raw, "ceiling_overrides", standard.ceiling_overrides),
    )


def settings_of(rules: SelectionRules) -> Json:
    """The rules as plain values, to be kept with the round; `rules_from_settings` reads them back."""
    return {
        "share": rules.share,
        "raised_share": rules.raised_share,
        "grades": [KEYS[g - 1] for g in sorted(rules.grades)],
        "first_audits": rules.first_audits,
        "peer_review": rules.peer_review,
        "alerts": rules.alerts,
        "ceiling_overrides": rules.ceiling_overrides,
    }


def _decide(audit: SubmittedAudit, number: str, rules: SelectionRules, raised: bool) -> Selection:
    share = max(rules.share, rules.raised_share) if raised else rules.share
    demanded = [
        why
        for why, holds in (
            (Why.GRADE, audit.grade in rules.grades),
            (Why.NEW_AUDITOR, audit.auditor_audit_number <= rules.first_audits),
            (Why.PEER_REVIEW, rules.peer_review and audit.peer_review),
            (Why.ALERT, rules.alerts and audit.alert),
            (Why.CEILING_OVERRIDE, rules.ceiling_overrides and audit.ceiling_override),
        )
        if holds
    ]
    chosen = share >= 1 or float(number) < share
    if share >= 1:
        demanded.append(Why.EVERY_AUDIT)
    elif chosen:
        demanded.append(Why.RANDOM_RAISED if float(number) >= rules.share else Why.RANDOM)
    certain = share >= 1 or any(why not in {Why.RANDOM, Why.RANDOM_RAISED} for why in demanded)
    return Selection(audit.id, bool(demanded), tuple(demanded), number, chosen, 1.0 if certain else share)


def _share(raw: Mapping[str, object], key: str, standard: float) -> float:
    text = str(raw.get(key, standard)).strip()
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BadInput(
            Code.BAD_VALUE, "A share lies between 0 and 1", where=key, next_step="Write 0.2 or 20%"
        )
    return value


def _whole(raw: Mapping[str, object], key: str, standard: int) -> int:
    text = str(raw.get(key, standard)).strip()
    if not text.isdecimal():
        raise BadInput(Code.BAD_VALUE, "A whole number from 0 is needed", where=key)
    return int(text)


def _yes(raw: Mapping[str, object], key: str, standard: bool) -> bool:
    text = str(raw.get(key, standard)).strip().casefold()
    if text not in {"true", "false", "yes", "no"}:
        raise BadInput(Code.BAD_VALUE, "Say yes or no", where=key)
    return text in {"true", "yes"}


def _grades(value: object) -> frozenset[Grade]:
    named: Sequence[object] | Collection[object]
    named = list(value) if isinstance(value, list | tuple | set | frozenset) else str(value).split(",")
    found = [parse_grade(str(name)) for name in named if str(name).strip()]
    if None in found:
        raise BadInput(
            Code.BAD_VALUE, "A grade is not known", where="grades", next_step=f"Grades: {', '.join(KEYS)}"
        )
    return frozenset(grade for grade in found if grade is not None)
