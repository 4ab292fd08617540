"""The draw at scale: a stratified draw from a million ids, and the plain draw against consistent-sampler (PyPI).

Run: `python -m benchmarks draw`, or with other numbers `python -m benchmarks.draw [--ids N] [--theirs N]`. CPU seconds of one run in one process. The package is
run on the first `--theirs` ids (default 100,000) and so are we; its time for all ids is that, scaled by the number (it is
a little optimistic: a heap of more ids is deeper). `--theirs` equal to `--ids` runs it in full.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

from consistent_sampler import sampler

from benchmarks.claim import Claim
from qa_audit.sampling.draw import consistent_sample, tickets
from qa_audit.sampling.plan import FrameRow, Plan
from qa_audit.sampling.stratified import draw_plan

SEED = "31415926535897932384"
Result = TypeVar("Result")


def seconds(work: Callable[[], Result]) -> tuple[float, Result]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def claims(full: bool = False) -> list[Claim]:
    """A stratified draw from a million ids, and the plain draw beside the package on the same ids."""
    ids = [f"C-{i:07d}" for i in range(1_000_000)]
    some = ids if full else ids[:100_000]
    rows = [FrameRow(case_id, {"team": f"team {i % 20}"}) for i, case_id in enumerate(ids)]
    stratified, _ = seconds(lambda: draw_plan(Plan("benchmark", 100, ("team",), minimum=2), rows, SEED))
    plain, mine = seconds(lambda: [t.id for t in consistent_sample(some, SEED, 100)])
    package, theirs = seconds(lambda: list(sampler(some, SEED, take=100, output="id")))
    assert mine == theirs, "the picks differ"
    against = "consistent-sampler"
    return [
        Claim(f"100 drawn from {len(some):,}, the same picks", 1000 * plain, against=against, other=1000 * package, at_most=1.0),
        Claim("100 drawn from 1,000,000 in 20 strata, with the frame's fingerprint", 1000 * stratified, against=against,
              other=1000 * package * len(ids) / len(some)),
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--theirs", type=int, default=100_000)
    parser.add_argument("--take", type=int, default=100)
    chosen = parser.parse_args()
    ids = [f"C-{i:07d}" for i in range(chosen.ids)]
    some = ids[: chosen.theirs]
    rows = [FrameRow(case_id, {"team": f"team {i % 20}"}) for i, case_id in enumerate(ids)]
    plan = Plan("benchmark", chosen.take, ("team",), minimum=2)

    hashing, _ = seconds(lambda: tickets(ids, SEED))
    plain, _ = seconds(lambda: consistent_sample(ids, SEED, chosen.take))
    stratified, draw = seconds(lambda: draw_plan(plan, rows, SEED))
    ours, mine = seconds(lambda: [t.id for t in consistent_sample(some, SEED, chosen.take)])
    theirs, other = seconds(lambda: list(sampler(some, SEED, take=chosen.take, output="id")))
    assert mine == other, "the picks differ"

    print(f"{chosen.ids:,} ids, {chosen.take} drawn, {len(draw.strata)} strata")
    print(f"tickets alone                               {hashing:8.2f} s")
    print(f"plain draw                                  {plain:8.2f} s")
    print(f"stratified draw with frame fingerprint      {stratified:8.2f} s")
    print(f"first {len(some):,} ids: ours {ours:.3f} s, consistent-sampler {theirs:.3f} s, same picks")
    print(f"ratio on the same ids                       {theirs / ours:8.1f} times faster")
    scaled = theirs * chosen.ids / len(some)
    word = "in full" if len(some) == len(ids) else "scaled"
    print(
        f"consistent-sampler for all ids ({word}){'':<12}{scaled:8.1f} s, {scaled / stratified:.1f} times our stratified draw"
    )


if __name__ == "__main__":
    main()
