"""`sample size|draw|extend|verify|estimate` on plain files: JSON by the contract, refusals with their place."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from consistent_sampler import sampler

from qa_audit.cli import sample_engine
from qa_audit.errors import BadInput, Code

SEED = "31415926535897932384"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    sample_engine.add(parser.add_subparsers())
    args = parser.parse_args(["sample", *words])
    status: int = args.handler(args)
    return status


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def frame(tmp_path: Path) -> Path:
    lines = [f"C{i:03d},{'North' if i % 3 else 'South'},{'yes' if i % 10 == 0 else 'no'}" for i in range(90)]
    path = tmp_path / "frame.csv"
    path.write_text("\ufeffcase_id,Team,closed\r\n" + "\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def test_draw_follows_the_contract_and_the_public_package(
    frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, used = tmp_path / "cert.json", tmp_path / "used.csv"
    words = ["draw", "--ids", str(frame), "--seed", SEED, "--size", "12", "--strata", "team", "--json"]
    assert run(*words, "--out", str(out), "--frame-out", str(used)) == 0
    found = document(capsys)
    assert json.loads(out.read_text(encoding="utf-8")) == found
    assert {"plan", "seed", "algorithm", "frame_hash", "population", "strata", "selected", "reserves"} <= set(
        found
    )
    assert found["algorithm"] == "rivest-consistent-sampling/1"
    assert found["population"] == 90
    for stratum in found["strata"]:
        ids = [f"C{i:03d}" for i in range(90) if ("North" if i % 3 else "South") == stratum["stratum"]]
        drawn = [c["id"] for c in found["selected"] if c["stratum"] == stratum["stratum"]]
        assert drawn == list(sampler(ids, SEED, take=stratum["allocated"], output="id"))
    import hashlib

    assert hashlib.sha256(used.read_bytes()).hexdigest() == found["frame_hash"]

    for ids in (frame, used):
        assert run("verify", str(out), "--ids", str(ids), "--json") == 0
        assert document(capsys) == {"verified": True, "differences": []}

    assert run("extend", str(out), "--ids", str(frame), "--size", "20", "--json") == 0
    larger = document(capsys)
    assert {c["id"] for c in found["selected"]} < {c["id"] for c in larger["selected"]}


def test_a_changed_frame_is_not_verified_and_says_where(
    frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cert.json"
    run("draw", "--ids", str(frame), "--seed", SEED, "--size", "12", "--out", str(out))
    assert "Certificate of a random draw" in capsys.readouterr().out
    other = tmp_path / "other.csv"
    other.write_text(frame.read_text(encoding="utf-8-sig").replace("C001", "C999"), encoding="utf-8")
    assert run("verify", str(out), "--ids", str(other), "--json") == 1
    found = document(capsys)
    assert not found["verified"]
    assert found["differences"][0]["code"] == "frame_hash"


def test_a_plan_in_yaml_with_a_filter(
    frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "name: Open cases\nsize: 10\nstrata: [team]\nminimum: 2\nstatus: open\n", encoding="utf-8"
    )
    out = tmp_path / "cert.json"
    assert run("draw", str(plan), "--ids", str(frame), "--seed", SEED, "--out", str(out), "--json") == 0
    found = document(capsys)
    assert found["population"] == 81
    assert found["left_out"] == {"closed": 9}
    assert run("verify", str(out), "--ids", str(frame), "--json") == 0


def test_estimate_back_to_the_frame(frame: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "cert.json"
    run(
        "draw",
        "--ids",
        str(frame),
        "--seed",
        SEED,
        "--size",
        "12",
        "--strata",
        "team",
        "--out",
        str(out),
        "--json",
    )
    drawn = document(capsys)["selected"]
    results = tmp_path / "results.csv"
    rows = [f"{c['id']},{c['stratum']},{'Good' if i % 2 else 'RI'}" for i, c in enumerate(drawn)]
    results.write_text("case_id,stratum,grade\n" + "\n".join(rows), encoding="utf-8")
    assert run("estimate", str(results), "--certificate", str(out), "--json") == 0
    found = document(capsys)
    assert found["n"] == 12
    assert found["population"] == 90
    assert sum(s["successes"] for s in found["strata"]) == 6
    assert found["ci"][0] < found["est"] < found["ci"][1]
    counts = tmp_path / "counts.csv"
    counts.write_text(
        "stratum,population,sample,successes\na,155,20,16\nb,62,8,2\nc,93,12,6\n", encoding="utf-8"
    )
    assert run("estimate", str(counts), "--json") == 0
    assert document(capsys)["est"] == pytest.approx(0.6)
    assert run("estimate", str(counts)) == 0
    assert "60% of the frame" in capsys.readouterr().out


def test_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    run("size", "--population", "500", "--tolerable", "0.05", "--expected", "0.02", "--json")
    assert document(capsys)["n"] == 139
    run("size", "--population", "300", "--margin", "0.05", "--json")
    assert document(capsys)["n"] == 169
    run("size", "--tolerable", "0.06", "--two-stage", "--json")
    assert document(capsys)["n_per_stage"] * 2 == 102
    run("size", "--population", "500", "--tolerable", "0.05")
    assert "Look at 56 cases" in capsys.readouterr().out
    with pytest.raises(BadInput):
        run("size", "--population", "500")


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("case_id,team\nC1,N\nC1,N\n", Code.CONFLICT, "row 3, column 'case_id'"),
        ("case_id,team\nC1,N\n,N\n", Code.INCOMPLETE, "row 3, column 'case_id'"),
        ("ref,team\nC1,N\n", Code.BAD_VALUE, "row 1"),
        ("case_id,area\nC1,N\n", Code.BAD_VALUE, "row 1"),
        ("case_id,team\nC1,N,x\n", Code.BAD_VALUE, "row 2"),
        ("", Code.UNREADABLE_FILE, "frame.csv"),
        ("PK\x03\x04", Code.WRONG_KIND_OF_FILE, "frame.csv"),
    ],
)
def test_refusals_name_file_row_and_column(tmp_path: Path, text: str, code: Code, where: str) -> None:
    path = tmp_path / "frame.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as fault:
        run("draw", "--ids", str(path), "--seed", SEED, "--size", "1", "--strata", "team")
    assert fault.value.code is code
    assert where in fault.value.where
    assert "C1" not in str(fault.value)
