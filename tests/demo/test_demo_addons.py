"""The synthetic add-on list: read back with the lists, in agreement with them."""

from datetime import date
from functools import cache

import pytest

from qa_audit.demo.council import generate
from qa_audit.demo.writing import write
from qa_audit.frame.check import check

AS_AT = date(2026, 11, 16)
FLAGS = {
    "pre_proceedings",
    "unregistered_home",
    "placed_with_parents",
    "connected_carer",
    "home_educated",
    "disabled_child",
}


@cache
def made():
    return next(generate("Southampton", seed=7, as_at=AS_AT))


@pytest.mark.parametrize(("dialect", "out"), [("ofsted", "l.xlsx"), ("tabs", "l.xlsx"), ("liia", "folder")])
def test_every_row_is_understood_and_children_have_what_it_says(tmp_path, dialect, out):
    write([made()], tmp_path / out, dialect=dialect)
    reading = check([tmp_path / out], as_at=AS_AT)
    assert reading.dialect == dialect
    (entry,) = [one for one in reading.lists if one.list_no == "combined"]
    assert entry.rows == len(made().addons)
    assert not [
        p for p in reading.problems if p.code in {"addon-unknown", "date-in-future", "date-unreadable"}
    ]
    children = list(reading.children)
    assert {flag for child in children for flag in child.flags} >= FLAGS
    facts = {name for child in children for name in child.facts}
    assert facts >= {"supervision_last", "pre_proceedings_start", "panel_last", "reg24_start", "ehe_review"}
    supervised = sum("supervision_last" in child.facts for child in children)
    assert supervised > 500


def test_placements_agree_with_list_8():
    eight = made().lists[8].columns
    kinds = dict(zip(eight["child_id"], eight["placement_type"], strict=True))
    for child, kind, began, last, expires, _ in made().addons:
        wanted = {
            "Placed with parents": ("P1",),
            "Connected carers": ("U2", "U3"),
            "Unregistered homes": ("Z1",),
        }
        if kind in wanted:
            assert any(f" {code}:" in kinds[child] for code in wanted[kind])
        assert all(day is None or day <= AS_AT for day in (began, last))
        assert expires is None or began < expires


def test_the_same_seed_gives_the_same_rows():
    assert next(generate("Southampton", seed=7, as_at=AS_AT)).addons == made().addons
