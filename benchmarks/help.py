"""`qa-audit --help`: the whole process against a Python that does nothing. CPU milliseconds, medians.

python -m benchmarks help
"""

from __future__ import annotations

import sys

from benchmarks.claim import Claim, alternately, cpu_of, program


def claims(full: bool = False) -> list[Claim]:
    """Also the command line's first use of a service, which has no bar."""
    empty = [sys.executable, "-I", "-c", "pass"]
    wanted = ["--help"], ["frame", "--help"]
    bare, whole, noun = alternately(
        [lambda: cpu_of(empty), *(lambda words=words: cpu_of([*program(), *words]) for words in wanted)],
        41 if full else 21,
    )
    against = "python -I -c pass"
    return [
        Claim("qa-audit --help", whole, against=against, other=bare, at_most=4.0),
        Claim("qa-audit frame --help", noun, against=against, other=bare),
    ]
