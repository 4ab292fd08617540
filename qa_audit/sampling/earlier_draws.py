"""Two earlier public methods, to check draws that others published with them; our own draws use `draw`."""

from __future__ import annotations

from hashlib import sha256

from qa_audit.errors import BadInput, Code


def rivest_2011_sample(seed: str, population: int, n: int, with_replacement: bool = False) -> list[int]:
    """Positions 1..population by Rivest's sampler.py of 2011: SHA-256 of "seed,count" modulo the population.

    As used in Colorado's election audits. Without replacement a position already drawn is passed over.
    """
    if population < 1 or n < 0 or (not with_replacement and n > population):
        raise BadInput(Code.NOTHING_TO_DRAW, f"{n} cannot be drawn from {population} cases", where="n")
    drawn: list[int] = []
    seen: set[int] = set()
    count = 0
    while len(drawn) < n:
        count += 1
        position = 1 + int(sha256(f"{seed},{count}".encode()).hexdigest(), 16) % population
        if with_replacement or position not in seen:
            drawn.append(position)
            seen.add(position)
    return drawn


def cryptorandom_sha256(seed: str, counter: int) -> str:
    """The hexadecimal digest of cryptorandom's SHA-256 generator: seed, a comma, and `counter` zero bytes."""
    return sha256(seed.encode("utf-8") + b"," + b"\x00" * counter).hexdigest()
