"""The pictures: every screen at both sizes, nothing from outside the file, and drawn the same each time."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

DOCS = Path(__file__).parents[2] / "docs"
LARGEST = 150_000


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_pictures", DOCS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_pictures"] = module
    spec.loader.exec_module(module)
    return module


def test_every_screen_is_there_at_both_sizes_and_no_other(pictures: ModuleType) -> None:
    wanted = {f"{shot.name}-{w}x{h}.svg" for shot in pictures.SHOTS for w, h in pictures.SIZES}
    assert {path.name for path in (DOCS / "pictures").glob("*.svg")} == wanted


def test_every_place_of_home_has_a_picture(pictures: ModuleType) -> None:
    from qa_audit.tui.destinations import DESTINATIONS

    cast = pictures.Cast(*["x"] * len(pictures.Cast.__dataclass_fields__))
    opened = {keys[0] for shot in pictures.SHOTS if (keys := shot.keys(cast))}
    assert {place.letter for place in DESTINATIONS.values()} <= opened


@pytest.mark.parametrize("path", sorted((DOCS / "pictures").glob("*.svg")), ids=lambda path: path.stem)
def test_a_picture_stands_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    assert set(re.findall(r"https?://[^\"' )<]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert "@font-face" not in text
    assert "<script" not in text
    assert not re.search(r"/(?:tmp|home|root|Users|work)/", text)
    ElementTree.fromstring(text)


def test_nothing_from_outside_is_left(pictures: ModuleType) -> None:
    made = pictures.standing_alone(
        '<svg>\n<!-- Generated with Rich https://www.textualize.io -->\n<style>@font-face { font-family: "Fira Code"; '
        'src: url("https://example.org/x.woff2"); }\n.m { font-family: Fira Code, monospace; }</style>\n'
        '<text class="a" x="12.2" y="20" textLength="61" clip-path="url(#c)">&#160;a&amp;b&#160;</text>\n'
        '<text class="a" x="0" y="20" textLength="12.2" clip-path="url(#c)">\n</text></svg>'
    )
    assert "http" not in made
    assert "Fira" not in made
    assert '<text class="a" x="24.4" y="20" textLength="36.6" clip-path="url(#c)">a&amp;b</text>' in made
    assert made.count("<text") == 1
