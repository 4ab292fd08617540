"""The dice of a draw as they are read out: which dice, and their digits in groups of five."""

from __future__ import annotations

from qa_audit.sampling.seed import ENOUGH, digits, seed_problem

__all__ = ["DICE_SIDES", "ENOUGH", "digits", "grouped", "seed_problem"]

DICE_SIDES = "a ten-sided die (0-9), or several"


def grouped(seed: str) -> str:
    """Digits in groups of five, as they are read out."""
    return " ".join(seed[at : at + 5] for at in range(0, len(seed), 5))
