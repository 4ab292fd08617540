"""What this council calls its cohorts on screen. Set once when a workspace opens; the keys never change."""

from __future__ import annotations

from collections.abc import Mapping

from qa_audit.library.vocabulary import COHORTS, FLAGS

_own: dict[str, str] = {}


def use(settings: Mapping[str, str | int]) -> None:
    """Take the council's words from its settings."""
    _own.clear()
    for cohort in ("child_in_care", "care_leaver"):
        if words := str(settings.get(f"words.{cohort}", "")):
            _own[cohort] = words


def cohort_words(key: str, missing: str = "") -> str:
    """The words for a cohort or a flag; `missing` (or the key) for one that is not known."""
    return _own.get(key) or COHORTS.get(key) or FLAGS.get(key) or missing or key


def stratum_words(label: str) -> str:
    """The words for a stratum of a draw."""
    from qa_audit.sampling.words import stratum_words as words

    return words(label, _own)


def all_groups() -> dict[str, str]:
    """Every cohort and flag with its words, in order."""
    return {key: cohort_words(key) for key in (*COHORTS, *FLAGS)}
