"""How one column of the lists reads a raw value: codes, whole phrases, then words; or not at all.

The order of evidence, and what stops it:

1. a spelling the column's file calls unsure is unknown, whatever else speaks for it;
2. a whole phrase (the official wording, a known short form) is its label;
3. a formal code (`N1`, `WBRI`, `5B`) and the words must not contradict each other;
4. words are tried rank by rank; two labels in one rank cancel each other out;
5. a weak code (a letter or digit used by some systems) speaks only where the words are silent.

Anything else is unknown. Pure: no file is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from qa_audit.frame.value_text import (
    bracketed,
    fold,
    one_slip_apart,
    singular,
    split,
    without_list_place,
)

LONGEST_VALUE: Final = 1_200  # letters; a longer cell is prose, not a category
_HEAD_WORDS: Final = 3  # a code stands at the front, or in a bracket
_MENDED_WORDS: Final = 24  # a longer text is a guidance note or prose; comparing it all would cost time
_DENIALS: Final = frozenset(("not", "never"))  # "Not placed for adoption" is no placement for adoption
_SLIP_LENGTH: Final = 7  # shorter words are too easily other words


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words that must all be there (each with its alternatives) and words that must not.

    Written `placed adopt* -not`, with `a/b` for alternatives, `foster_carer` for neighbours,
    `^other` for the first word and `=word` for a value of that word alone.
    """

    label: str
    source: str
    wanted: tuple[tuple[str, ...], ...]
    unwanted: tuple[str, ...]

    @property
    def speaks_of_no(self) -> bool:
        """Whether a denial is among the words it asks for ("not obtained")."""
        return any(_DENIALS & set(term.lstrip("^").split("_")) for terms in self.wanted for term in terms)

    def fits(self, words: list[str], text: str) -> bool:
        return all(any(_has(term, words, text) for term in terms) for terms in self.wanted) and not any(
            _has(term, words, text) for term in self.unwanted
        )


def _has(term: str, words: list[str], text: str) -> bool:
    if term[0] == "^":
        if "_" in term:
            return text.startswith(_run(term[1:]))
        return bool(words) and _same(term[1:], words[0])
    if "_" in term:
        return _run(term) in text
    if term[-1] == "*":
        return any(word.startswith(term[:-1]) for word in words)
    return term in words


def _run(term: str) -> str:
    """Neighbouring words as they stand in a text with a space at each end of every word."""
    words = term.replace("_", " ")
    return f" {words[:-1]}" if words.endswith("*") else f" {words} "


def _same(term: str, word: str) -> bool:
    return word.startswith(term[:-1]) if term[-1] == "*" else word == term


def parse_pattern(label: str, source: str) -> Pattern:
    wanted: list[tuple[str, ...]] = []
    unwanted: list[str] = []
    for part in source.split():
        if part[0] == "-":
            unwanted.extend(_term(one) for one in part[1:].split("/"))
        else:
            wanted.append(tuple(_term(one) for one in part.split("/")))
    if not wanted:
        raise ValueError(f"a pattern must ask for a word: {source!r}")
    return Pattern(label, source, tuple(wanted), tuple(unwanted))


def _term(written: str) -> str:
    """One term with its words in the singular, as the value's own words will be."""
    if written.endswith("*"):
        return written
    first, bare = ("^", written[1:]) if written.startswith("^") else ("", written)
    return first + "_".join(singular(word) for word in bare.split("_"))


@dataclass(frozen=True)
class LabelRule:
    """What one label is called: formal codes and weak codes (regular expressions), phrases, patterns."""

    label: str
    code: str | None = None
    codes: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    words: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnRule:
    """One column: its labels in official order and the spellings nobody should guess at."""

    name: str
    rules: tuple[LabelRule, ...]
    unsure: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    code_wins: bool = False
    spelling: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return tuple(rule.label for rule in self.rules)

    @cached_property
    def _strong(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((re.compile(code), rule.label) for rule in self.rules for code in rule.codes)

    @cached_property
    def _weak(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((re.compile(code), rule.label) for rule in self.rules for code in rule.weak)

    @cached_property
    def _cut(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(expression) for expression in self.cut)

    @cached_property
    def _unsure(self) -> frozenset[str]:
        return frozenset(fold(text) for text in self.unsure)

    @cached_property
    def _phrases(self) -> dict[str, str]:
        phrases: dict[str, str] = {}
        for rule in self.rules:
            for text in (rule.label, *rule.same):
                for form in {fold(text), without_list_place(fold(text))}:
                    phrase = " ".join(self._plain(split(form)))
                    if phrases.setdefault(phrase, rule.label) != rule.label:
                        raise ValueError(f"{self.name}: {text!r} is given two labels")
        return phrases

    @cached_property
    def _ranks(self) -> tuple[tuple[Pattern, ...], ...]:
        ranks: dict[int, list[Pattern]] = {}
        for rule in self.rules:
            for rank, sources in rule.words.items():
                ranks.setdefault(rank, []).extend(parse_pattern(rule.label, source) for source in sources)
        return tuple(tuple(ranks[rank]) for rank in sorted(ranks))

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        terms = {
            word
            for rank in self._ranks
            for pattern in rank
            for terms in (*pattern.wanted, pattern.unwanted)
            for term in terms
            for word in term.lstrip("^").rstrip("*").split("_")
        }
        phrases = {word for phrase in self._phrases for word in phrase.split()}
        return frozenset(word for word in terms | phrases if len(word) >= _SLIP_LENGTH and word.isalpha())

    def check(self) -> None:
        """Build everything `read` uses, so that a fault in the data shows at once (ValueError, re.error)."""
        _ = (self._strong, self._weak, self._cut, self._unsure, self._phrases, self._ranks)

    def _plain(self, words: Iterable[str]) -> list[str]:
        """Singular words in the spelling the rules use; known slips are put right."""
        plain: list[str] = []
        for word in words:
            one = self.spelling.get(word, word)
            one = singular(one)
            plain.extend(self.spelling.get(one, one).split())
        return plain

    def _mended(self, words: list[str]) -> list[str]:
        """Words with one slip of the pen read as the only rule word they can be."""
        if len(words) > _MENDED_WORDS:
            return words
        mended = []
        for place, word in enumerate(words):
            if len(word) >= _SLIP_LENGTH and word.isalpha() and word not in self._vocabulary:
                near = {known for known in self._vocabulary if one_slip_apart(word, known)}
                if not near and place == len(words) - 1 and place > 0:
                    near = {known for known in self._vocabulary if known.startswith(word)}
                mended.append(near.pop() if len(near) == 1 else word)
            else:
                mended.append(word)
        return mended

    def read(self, raw: str) -> str | None:
        """The label of `raw`, or None when it is not known."""
        if len(raw) > LONGEST_VALUE:
            return None
        folded = _inner(fold(raw))
        if folded in self._unsure:
            return None
        body = without_list_place(folded)
        words = self._plain(split(folded))
        if not words:
            return self._phrases.get("") if folded else None
        body_words = self._plain(split(body))
        for form in (words, body_words):
            label = self._phrases.get(" ".join(form))
            if label is not None:
                return label
        coded = {
            label
            for expression, label in self._strong
            for word in _places(body)
            if expression.fullmatch(word)
        }
        said = self._said(body)
        if len(coded) > 1:
            return None
        if coded:
            code_label = next(iter(coded))
            if not said or said == {code_label} or self.code_wins:
                return code_label
            return code_label if len(said) > 1 and code_label in said else None
        if said:
            return next(iter(said)) if len(said) == 1 else None
        head = body_words[0]
        weak = {label for expression, label in self._weak if expression.fullmatch(head)}
        return next(iter(weak)) if len(weak) == 1 else None

    def code_in(self, raw: str) -> str | None:
        """The formal code written in `raw` ("U6 - Foster Placement" -> "U6"), capital letters."""
        if len(raw) > LONGEST_VALUE:
            return None
        words = _places(without_list_place(_inner(fold(raw))))
        for expression, _ in self._strong:
            for word in words:
                if expression.fullmatch(word):
                    return word.upper()
        return None

    def _said(self, body: str) -> set[str]:
        """Labels the words speak for, in the first rank that speaks at all."""
        for expression in self._cut:
            body = expression.sub(" ", body)
        words = self._plain(split(body))
        label = self._phrases.get(" ".join(words))
        found = {label} if label is not None else self._speaking(words)
        if found:
            return found
        mended = self._mended(words)
        if mended == words:
            return set()
        label = self._phrases.get(" ".join(mended))
        return {label} if label is not None else self._speaking(mended)

    def _speaking(self, words: list[str]) -> set[str]:
        text = f" {' '.join(words)} "
        denied = bool(words) and words[0] in _DENIALS
        for rank in self._ranks:
            found = {
                pattern.label
                for pattern in rank
                if (not denied or pattern.speaks_of_no) and pattern.fits(words, text)
            }
            if found:
                return found
        return set()


# What one merging tool leaves of a code it did not know; the code is what the council sent.
_NOT_MAPPED = re.compile(r"code (\w+) is not mapped")


def _inner(folded: str) -> str:
    found = _NOT_MAPPED.fullmatch(folded)
    return found.group(1) if found else folded


def _places(body: str) -> list[str]:
    """Words that stand where a code stands."""
    return [*split(body)[:_HEAD_WORDS], *bracketed(body)]
