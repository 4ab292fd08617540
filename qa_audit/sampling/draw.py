"""Draws that anyone can check: a ticket for every case from a public seed and the case's own id.

Source: R. L. Rivest, Consistent Sampling with Replacement (2018), arXiv:1808.10016; the results are
those of the PyPI package consistent-sampler 1.0.10, so a third party can repeat a draw without this
software. A ticket depends on the seed and one id alone: adding or removing a case moves no other,
a larger sample keeps the smaller one, and stratum by stratum is the same order as all together.
"""

from __future__ import annotations

import csv
import heapq
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from operator import itemgetter
from typing import NamedTuple

from qa_audit.errors import BadInput, Code
from qa_audit.sampling.allocation import inclusion_probabilities
from qa_audit.sampling.figures import rational

ALGORITHM = "rivest-consistent-sampling/1"


class Ticket(NamedTuple):
    """One drawn ticket: its number as text ("0.…"), the id, and how many times the id has come up."""

    number: str
    id: str
    generation: int


@dataclass(frozen=True, slots=True)
class UnequalSample:
    """A risk-weighted sample: 1-based positions in ascending order, each with its chance and weight."""

    selected: tuple[int, ...]
    inclusion_probability: tuple[float, ...]
    weight: tuple[float, ...]


def seed_hash(seed: str) -> str:
    """The SHA-256 of the seed's UTF-8 text, as 64 hexadecimal digits."""
    if not isinstance(seed, str) or not seed:
        raise BadInput(
            Code.BAD_VALUE,
            "A draw needs a seed: a text that is not empty",
            where="seed",
            next_step="Roll dice for at least 20 decimal digits, in a meeting",
        )
    return sha256(seed.encode("utf-8")).hexdigest()


def ticket_hash(seed: str, case_id: str) -> str:
    """The hexadecimal SHA-256 from which the ticket is written, for those who check by hand."""
    return sha256((seed_hash(seed) + case_id).encode("utf-8")).hexdigest()


def ticket_number(seed: str, case_id: str) -> str:
    """The ticket of one case, a number in (0, 1) as text.

    "0." and the reversed decimal digits (at least 64) of SHA256(hex(SHA256(seed)) + id).
    """
    return _written(int(ticket_hash(seed, case_id), 16))


def tickets(ids: Iterable[str], seed: str) -> list[str]:
    """The ticket of each id, in the order given; about a microsecond and a half each."""
    start = sha256(seed_hash(seed).encode("ascii"))  # 64 characters: exactly one block, hashed once
    copy, from_bytes = start.copy, int.from_bytes
    out = []
    for case_id in ids:
        h = copy()
        h.update(case_id.encode("utf-8"))
        out.append("0." + f"{from_bytes(h.digest(), 'big'):064d}"[::-1])
    return out


def smallest_tickets(ids: Sequence[str], seed: str, k: int) -> list[tuple[str, str]]:
    """The `k` smallest (ticket, id), ascending; ids distinct text.

    A ticket that begins with d zeros belongs to a hash divisible by 10^d, so with many ids only those hashes are
    written out as tickets: the rest cannot be among the smallest.
    """
    if k <= 0 or not ids:
        return []
    zeros = 0
    while zeros < 8 and len(ids) >= (4 * k + 40) * 10 ** (zeros + 1):
        zeros += 1
    start = sha256(seed_hash(seed).encode("ascii"))
    copy, from_bytes = start.copy, int.from_bytes
    while zeros:
        divisor, low_bits = 10**zeros, 2**zeros - 1  # what 10^d divides, 2^d divides
        found = []
        for case_id in ids:
            h = copy()
            h.update(case_id.encode("utf-8"))
            digest = h.digest()
            if not digest[31] & low_bits:
                number = from_bytes(digest, "big")
                if not number % divisor:
                    found.append((_written(number), case_id))
        if len(found) >= k:
            return sorted(found)[:k]
        zeros -= 1
    return heapq.nsmallest(k, zip(tickets(ids, seed), ids, strict=True))


def trim_ticket(number: str, digits: int = 9) -> str:
    """The ticket cut (not rounded) to `digits` digits after its leading nines, as the package prints it."""
    return number[: _first_not_nine(number) + digits]


def next_ticket_number(number: str) -> str:
    """The ticket that follows when a case is put back: larger than `number`, from its own digits."""
    keep = number[: _first_not_nine(number)]
    count, following = 0, "0."
    while following <= number + "0":
        count += 1
        following = keep + _written(int(sha256(f"{number}:{count}".encode()).hexdigest(), 16))[2:]
    return following


def consistent_sample(
    ids: Iterable[str],
    seed: str,
    take: int | None = None,
    drop: int = 0,
    with_replacement: bool = False,
    *,
    digits: int | None = None,
) -> list[Ticket]:
    """The cases with the smallest tickets, in ascending order of ticket.

    `drop` leaves out the first ones, `take` is how many follow (None = all of them); ids must be
    distinct text. `digits` cuts the printed tickets as the package does (None = whole). Ties, were
    there any in 256 bits, go by the id's bytes.
    """
    pool = checked_ids(ids)
    if drop < 0 or (take is not None and take < 0):
        raise BadInput(Code.BAD_VALUE, "How many to take and to drop cannot be negative", where="take, drop")
    if with_replacement and take is None:
        raise BadInput(Code.BAD_VALUE, "A draw that puts cases back needs a size", where="take")
    if with_replacement:
        drawn = _with_replacement(zip(tickets(pool, seed), pool, strict=True), drop, take or 0)
    else:
        chosen = smallest_tickets(pool, seed, len(pool) if take is None else drop + take)
        drawn = [Ticket(number, case_id, 1) for number, case_id in chosen[drop:]]
    if digits is None:
        return drawn
    return [t._replace(number=trim_ticket(t.number, digits)) for t in drawn]


def pareto_sample(size: Sequence[float], n: int, ticket: Sequence[str | float]) -> UnequalSample:
    """A fixed-size sample with chances proportional to `size`: the `n` smallest Pareto ranks.

    Rank = [u / (1 - u)] / [pi / (1 - pi)], u the ticket of the case; cases with pi = 1 are always in.
    Source: Rosén (1997), Journal of Statistical Planning and Inference 62.
    """
    return _smallest_rank(
        size, n, ticket, lambda u, pi: (u / (1 - u) if u < 1 else float("inf")) * (1 - pi) / pi
    )


def sequential_poisson_sample(size: Sequence[float], n: int, ticket: Sequence[str | float]) -> UnequalSample:
    """A fixed-size sample with chances proportional to `size`: the `n` smallest u / pi.

    Source: Ohlsson (1998), Journal of Official Statistics 14. Cases with pi = 1 are always in.
    """
    return _smallest_rank(size, n, ticket, lambda u, pi: u / pi)


def systematic_sample(population: int, n: int, start: float | Fraction) -> list[int]:
    """Every (population / n)-th case from `start`: 1-based positions, fractional interval, exact.

    Position i is floor(start + i * population / n) with 1 <= start < 1 + population / n. There is no unbiased
    standard error for one systematic sample: treat it as a stratified or simple one.
    """
    if not 0 < n <= population:
        raise BadInput(Code.NOTHING_TO_DRAW, f"{n} cannot be drawn from {population} cases", where="n")
    first, step = rational(start), Fraction(population, n)
    if not 1 <= first < 1 + step:
        raise BadInput(
            Code.BAD_VALUE,
            f"The start must be at least 1 and below {float(1 + step):g}",
            where="start",
            next_step="Take the start from the seed with systematic_start",
        )
    return [int(first + i * step) for i in range(n)]


def systematic_start(seed: str, population: int, n: int) -> Fraction:
    """The random start of a systematic sample, from the seed: 1 + u * population / n, exact."""
    if not 0 < n <= population:
        raise BadInput(Code.NOTHING_TO_DRAW, f"{n} cannot be drawn from {population} cases", where="n")
    return 1 + Fraction(ticket_number(seed, "systematic-start")) * Fraction(population, n)


def frame_hash(
    rows: Iterable[Sequence[str]], header: Sequence[str] = ("case_id", "stratum"), salt: str = ""
) -> str:
    """The fingerprint of a frozen frame: SHA-256 of its canonical CSV, in hexadecimal.

    `rows` start with the case id. Canonical: text in NFC, trimmed, ids unique, rows sorted by the
    UTF-8 bytes of the id, comma separated, LF line ends, header first, final newline. With a `salt`
    every id is written with the salt before it: the published fingerprint then tells nobody which
    guessed ids are in the frame, and whoever holds the salt can still check it.
    """
    return sha256(canonical_frame(rows, header, salt).encode("utf-8")).hexdigest()


def canonical_frame(
    rows: Iterable[Sequence[str]], header: Sequence[str] = ("case_id", "stratum"), salt: str = ""
) -> str:
    """The text that `frame_hash` hashes."""
    cleaned = [[frame_text(value) for value in row] for row in rows]
    checked_ids([row[0] for row in cleaned])
    return _frame_csv(cleaned, header, salt)


def frame_text(value: str) -> str:
    """A value as it stands in a frozen frame: composed (NFC) and trimmed."""
    return value.strip() if value.isascii() else unicodedata.normalize("NFC", value).strip()


def checked_ids(ids: Iterable[str]) -> list[str]:
    """The ids as a list: all text, none empty, none twice; otherwise a refusal that counts them."""
    pool = list(ids)
    # "007" and 7 are different tickets as text and the same one after str(): numbers are refused
    if not all(isinstance(case_id, str) and case_id for case_id in pool):
        raise BadInput(
            Code.BAD_VALUE,
            "Every case needs an id, as text",
            where="ids",
            why="An empty or numeric id cannot be told apart from others",
        )
    if len(set(pool)) != len(pool):
        twice = sum(1 for count in Counter(pool).values() if count > 1)
        raise BadInput(
            Code.CONFLICT,
            f"{twice} ids stand in the frame more than once",
            where="ids",
            why="A case listed twice would have twice the chance",
            next_step="Remove the duplicates and draw again",
        )
    return pool


def hash_clean_frame(pairs: list[tuple[str, str]], salt: str = "") -> str:
    """`frame_hash` of (id, stratum) pairs already clean and distinct, as a draw has them."""
    return sha256(_frame_csv(pairs, ("case_id", "stratum"), salt).encode("utf-8")).hexdigest()


def _frame_csv(rows: Iterable[Sequence[str]], header: Sequence[str], salt: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    # code points and UTF-8 bytes sort alike
    ordered = sorted(rows, key=itemgetter(0))
    writer.writerows(([salt + row[0], *row[1:]] for row in ordered) if salt else ordered)
    return out.getvalue()


def _written(number: int) -> str:
    return "0." + f"{number:064d}"[::-1]


def _first_not_nine(number: str) -> int:
    digits = number[2:]
    return 2 + len(digits) - len(digits.lstrip("9"))


def _with_replacement(pairs: Iterable[tuple[str, str]], drop: int, take: int) -> list[Ticket]:
    heap = [(number, case_id, 1) for number, case_id in pairs]
    heapq.heapify(heap)
    drawn: list[Ticket] = []
    for _ in range(drop + take if heap else 0):
        number, case_id, generation = heap[0]
        drawn.append(Ticket(number, case_id, generation))
        heapq.heapreplace(heap, (next_ticket_number(number), case_id, generation + 1))
    return drawn[drop:]


def _smallest_rank(
    size: Sequence[float], n: int, ticket: Sequence[str | float], rank: Callable[[float, float], float]
) -> UnequalSample:
    if len(ticket) != len(size):
        raise BadInput(Code.BAD_VALUE, "Every case needs one size and one ticket", where="size, ticket")
    pi = inclusion_probabilities(size, n)
    certain = [i for i, p in enumerate(pi) if p >= 1]
    ranked = ((rank(float(ticket[i]), p), str(ticket[i]), i) for i, p in enumerate(pi) if 0 < p < 1)
    chosen = sorted([*certain, *(i for _, _, i in heapq.nsmallest(n - len(certain), ranked))])
    return UnequalSample(
        tuple(i + 1 for i in chosen), tuple(pi[i] for i in chosen), tuple(1 / pi[i] for i in chosen)
    )
