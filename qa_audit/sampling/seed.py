"""The seed of a draw: digits rolled in the open, so many that nobody can have tried them all beforehand."""

from __future__ import annotations

ENOUGH = 20
"""Decimal digits that a public seed should have."""


def digits(typed: str) -> str:
    """The digits as typed, without the blanks and dashes that make them readable."""
    return "".join(sign for sign in typed if not sign.isspace() and sign not in "-.,_")


def seed_problem(typed: str) -> str:
    """What is wrong with a seed, "" when it is good."""
    found = digits(typed)
    if not found:
        return "Roll the dice and type the digits."
    if not (found.isascii() and found.isdigit()):
        return "Only digits, please: what the dice showed, in the order in which they were rolled."
    if len(found) < ENOUGH:
        return f"{len(found)} digits so far; at least {ENOUGH}, so that nobody could have tried them all."
    if len(set(found)) == 1:
        return "Twenty times the same digit is not what dice show."
    return ""
