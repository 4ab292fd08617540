"""One answer committed through the service, against a bare insert of the same row with the same durability.

python -m benchmarks save

Ours: authorise, find the audit, check the value against its form, write the answer and its event, commit. The
bare one: one INSERT and COMMIT into a table of the same columns by sqlcipher3, WAL, synchronous=FULL, a file in
the same folder. They take turns, so that a slow moment of the disk meets both; wall and CPU milliseconds, medians.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.claim import Claim


def timed(work: Callable[[int], object], number: int) -> tuple[float, float]:
    """(wall ms, CPU ms)."""
    wall, cpu = time.perf_counter(), time.process_time()
    work(number)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)


def bare_insert(file: Path) -> Callable[[int], object]:
    """The alternative."""
    import sqlcipher3.dbapi2 as engine

    db = engine.connect(str(file))
    db.isolation_level = None
    db.execute("pragma journal_mode=WAL")
    db.execute("pragma synchronous=FULL")
    db.execute(
        "create table answer (audit_id, item, part, value, version, saved_at, saved_by, primary key (audit_id, item, part))"
    )

    def insert(number: int) -> None:
        db.execute("begin immediate")
        db.execute(
            "insert into answer values (?, ?, ?, ?, ?, ?, ?)",
            ("339aec45a0c04d8a8b6c158905587d95", f"TH{number}", "evidence", f"Seen in the record of visit {number}", 1,
             "2026-11-21T10:42:07.123456+00:00", "9d0aec45a0c04d8a8b6c158905587d95"),
        )  # fmt: skip
        db.execute("commit")

    return insert


def claims(full: bool = False) -> list[Claim]:
    """Wall and CPU."""
    from council_world import Ticker, World

    from qa_audit.audits.service import open_audit, save_answer
    from qa_audit.store.workspace import Workspace

    with tempfile.TemporaryDirectory(prefix="qa-audit-bench-") as folder:
        clock = Ticker(datetime.now(UTC))  # noqa: TID251 - as in use
        with Workspace.create(Path(folder) / "w", clock=clock) as workspace:
            ref, auditor = World(workspace, clock).fill(6).one()
            form = open_audit(workspace, auditor, ref).form
            items = [item.id for _, item in form.items() if item.repeat == 1]

            def save(number: int) -> None:
                save_answer(
                    workspace,
                    auditor,
                    ref,
                    items[number % len(items)],
                    "evidence",
                    f"Seen in the record of visit {number}",
                )

            insert = bare_insert(Path(folder) / "w" / "bare.db")
            runs = [(timed(save, number), timed(insert, number)) for number in range(1500 if full else 500)][
                50:
            ]
    wall, cpu = ([statistics.median(run[side][which] for run in runs) for side in (0, 1)] for which in (0, 1))
    against = "one INSERT + COMMIT, same durability"
    return [
        Claim("one answer committed with its event", wall[0], "ms", against, wall[1], 2.0),
        Claim("the same, CPU alone", cpu[0], against=against, other=cpu[1]),
    ]
