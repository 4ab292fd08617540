"""The product's figures against numbers that others computed, each at its own tolerance."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FOLDER = HERE.parents[1].parent / "shared" / "vectors"

if not FOLDER.exists():
    pytest.skip("the reference vectors (../shared/vectors) are not here", allow_module_level=True)

_spec = importlib.util.spec_from_file_location("vectors_run", HERE / "run.py")
assert _spec
assert _spec.loader
run = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(run)

VECTORS = [
    vector
    for path in sorted(FOLDER.glob("[0-9]*.json"))
    for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]
]


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    found: dict[str, Any] = run.answers(FOLDER)
    return found


def same(found: Any, expected: Any, tolerance: float) -> bool:
    """Equal within the tolerance, relative above 1; null only equals null, text only itself."""
    if isinstance(expected, list):
        return len(found) == len(expected) and all(
            same(f, e, tolerance) for f, e in zip(found, expected, strict=True)
        )
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        # twelve printed digits are what an expected float carries
        slack = max(tolerance, 1e-11) if isinstance(expected, float) else tolerance
        return (
            isinstance(found, int | float)
            and math.isfinite(found)
            and abs(found - expected) <= slack * max(1.0, abs(expected))
        )
    return bool(found == expected)


@pytest.mark.parametrize("vector", VECTORS, ids=[v["id"] for v in VECTORS])
def test_vector(vector: dict[str, Any], results: dict[str, Any]) -> None:
    found = results[vector["id"]]
    assert "refused" not in found
    for key, expected in vector["expected"].items():
        assert same(found[key], expected, vector["tolerance"]), (key, found[key], expected)


def test_every_vector_is_there() -> None:
    index = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))["files"]
    assert len(VECTORS) == sum(entry["vectors"] for entry in index.values())
    assert {v["function"] for v in VECTORS} <= set(run.TABLE)


def test_results_are_plain_json(results: dict[str, Any]) -> None:
    text = json.dumps(results, allow_nan=False)
    assert len(json.loads(text)) == len(VECTORS)
