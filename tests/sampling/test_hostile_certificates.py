"""Files from elsewhere: whatever stands in them, the answer is a difference or a refusal, never a fault."""

from __future__ import annotations

import argparse
import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa_audit.cli import agreement, sample_engine, severity
from qa_audit.errors import QaError
from qa_audit.sampling.certificate import certificate, certificate_text, draw_from_certificate, verify
from qa_audit.sampling.plan import FrameRow, Plan, RiskStratum, stratum_of
from qa_audit.sampling.stratified import draw_plan, extend

ROWS = [
    FrameRow(
        f"C-{i:02d}", {"team": "North" if i % 3 else "South"}, risks=frozenset({"r"} if i % 9 == 0 else ())
    )
    for i in range(40)
]
PLAN = Plan("Autumn", 8, ("team",), reserves=2, risks=(RiskStratum("r", rate=0.5),))
DOCUMENT = certificate(draw_plan(PLAN, ROWS, "31415926535897932384", picks={"C-01": "asked for"}))
PAIRS = [(row.id, stratum_of(PLAN, row)) for row in ROWS]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = (
        value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    )
    return [path, *(p for key, inner in items for p in places(inner, (*path, key)))]


PLACES = [path for path in places(DOCUMENT) if path]


@given(st.sampled_from(PLACES), JSON)
@settings(max_examples=250, deadline=None)
def test_a_certificate_with_anything_in_it(path: tuple[Any, ...], value: Any) -> None:
    changed: Any = copy.deepcopy(DOCUMENT)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    for look in (
        lambda: verify(changed, PAIRS),
        lambda: certificate_text(draw_from_certificate(changed)),
        lambda: extend(draw_from_certificate(changed), ROWS, 12),
    ):
        try:
            look()
        except QaError as refusal:
            assert "C-0" not in str(refusal)  # noqa: PT017 - a refusal is allowed, a case's id in it is not


@pytest.mark.parametrize(
    "words",
    [
        ["agreement"],
        ["severity"],
        ["sample", "estimate"],
        ["sample", "draw", "--seed", "1", "--size", "2", "--ids"],
    ],
)
@given(
    st.sampled_from(
        ["case,rater,grade\n", "case,auditor,auditor_grade,moderator_grade\n", "case_id,team\n",
         "stratum,population,sample,successes\n", "stratum,result,population\n", ""]
    ),
    st.lists(st.sampled_from([",", ",", ",", "\n", '"', ";", "\t", "Good", "1", "7", "a", "é", "\x00", "\u202e", "-1", "1e9"])),
    st.binary(max_size=5),
)  # fmt: skip
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_csv_with_anything_in_it(
    tmp_path: Path, words: list[str], heading: str, cells: list[str], tail: bytes
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes((heading + "".join(cells)).encode() + tail)
    parser = argparse.ArgumentParser()
    steps = parser.add_subparsers()
    for module in (agreement, severity, sample_engine):
        module.add(steps)
    args = parser.parse_args([*words, str(path)])
    try:
        assert args.handler(args) in {0, 1}
    except QaError as refusal:
        assert refusal.what  # noqa: PT017 - a refusal in words is a good answer too
