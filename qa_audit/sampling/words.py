"""Strata in the words of people: keys of cohorts and risk lists are stored, words are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qa_audit.frame.words import plain
from qa_audit.library.vocabulary import COHORTS, FLAGS
from qa_audit.sampling.plan import JUDGEMENT, risk_label
from qa_audit.sampling.risks import RISKS

_RISK = risk_label("")
_FIXED = {JUDGEMENT: "Chosen by judgement"}


def stratum_words(label: str, own: Mapping[str, str] | None = None) -> str:
    """The words of a stratum's label.

    `own` holds a council's own words by key of cohort. A risk list is said by its title, a cohort by its words, any
    other value as people read it: "b) Female" is "Female".
    """
    if label in _FIXED:
        return _FIXED[label]
    if label.startswith(_RISK):
        key = label.removeprefix(_RISK)
        return RISKS[key][0] if key in RISKS else key.replace("_", " ")
    known = own or {}
    return " / ".join(
        known.get(part) or COHORTS.get(part) or FLAGS.get(part) or plain(part) for part in label.split(" / ")
    )


def stratum_titles(labels: Iterable[str], own: Mapping[str, str] | None = None) -> dict[str, str]:
    """`stratum_words` of every label, by label."""
    return {label: stratum_words(label, own) for label in labels}


def own_words(settings: Mapping[str, str | int]) -> dict[str, str]:
    """A council's own words by key of cohort, out of its settings."""
    head = "words."
    return {
        key.removeprefix(head): str(value)
        for key, value in settings.items()
        if key.startswith(head) and value
    }
