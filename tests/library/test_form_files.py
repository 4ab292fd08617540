"""Form files: all faults at once with lines and nearest values; versions that last; a cache that only saves time."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa_audit.errors import BadInput, Code
from qa_audit.library import cache
from qa_audit.library.checks import check_files, check_folder, record
from qa_audit.library.content import read_bundle, version_hash
from qa_audit.library.loader import Library, load_library, parse_form
from qa_audit.library.place import ENVIRONMENT, schemas_folder
from qa_audit.library.problems import SchemaProblems, nearest
from qa_audit.library.published import schemas

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"

GOOD = """kind: set
id: ZZ
version: 1.0.0
title: Zebra crossing
area: zebra
applies_to: [child_in_need]
grades: {good: g, outstanding: o, ri: r, inadequate: i}
changes: [{version: 1.0.0, date: 2026-11-21, note: First version.}]
items:
  - id: ZZ1
    text: A plan is on file
    tag: process
    auto: plan_start
    fields:
      - {part: answer, type: yes_partly_no}
      - {part: date, type: date, optional: true}
  - {id: ZZ2, text: It helps, tag: [quality, impact], when: {item: ZZ1, is: [yes]}}
"""
TOOL = """kind: tool
id: tool
version: 1.0.0
title: A tool
changes: [{version: 1.0.0, date: 2026-11-21, note: First version.}]
sections: [{set: ZZ}]
"""


def folder_with(tmp_path: Path, **files: str) -> Path:
    forms = tmp_path / "forms"
    forms.mkdir(exist_ok=True)
    for name, text in files.items():
        (forms / f"{name.replace('_at_', '@')}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_every_fault_is_told_at_once_with_line_key_and_nearest_value() -> None:
    bad = (
        GOOD.replace("type: yes_partly_no", "type: ypn")
        .replace("tag: process", "tag: proces")
        .replace("child_in_need", "child_in_ned")
        .replace("area: zebra", "aera: zebra")
        .replace("plan_start", "plan_started")
    )
    model, problems = parse_form(bad, "ZZ.yaml")
    assert model is None
    said = {(p.line, p.key): f"{p.message} {p.advice}" for p in problems}
    assert "missing" in said[1, "area"]
    assert "'area'" in said[5, "aera"]
    assert "'child_in_need'" in said[6, "applies_to.1"]
    assert "'process'" in said[12, "items.1.tag.1"]
    assert "'plan_start'" in said[13, "items.1.auto.fact"]
    assert "'yes_partly_no'" in said[15, "items.1.fields.1.type"]
    assert len(problems) == 6


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kind: set", "kind: sett"), "'set'"),
        (("version: 1.0.0\ntitle", "version: 1.1.0\ntitle"), "no line under 'changes'"),
        (("version: 1.0.0\ntitle", "version: 1.0\ntitle"), "pattern"),
        (("id: ZZ2", "id: ZZ1"), "given twice"),
        (("part: date", "part: answer"), "two fields"),
        (("part: date", "part: pointer"), "kept for evidence"),
        (("type: date", "type: choice"), "needs its options"),
        (("is: [yes]", "iss: [yes]"), "'is'"),
        (("when: {item: ZZ1, is: [yes]}", "when: {}"), "empty"),
        (("date: 2026-11-21", "date: 21/11/2026"), "not a date"),
        (("optional: true", "optional: maybe"), "true nor false"),
    ],
)
def test_a_fault_is_named(change: tuple[str, str], said: str) -> None:
    assert change[0] in GOOD
    _, problems = parse_form(GOOD.replace(*change), "ZZ.yaml")
    assert any(said in str(problem) for problem in problems), [str(p) for p in problems]


def test_nearest_offers_initials_and_reordered_words() -> None:
    assert "yes_partly_no" in nearest("ypn", ["yes_partly_no", "date"])
    assert "yes_partly_no" in nearest("yes_no_partly", ["yes_partly_no", "date"])
    assert nearest("zzz", ["date"]) == ""


def test_models_cannot_be_changed() -> None:
    model, _ = parse_form(GOOD, "ZZ.yaml")
    assert model is not None
    with pytest.raises(ValueError, match="frozen"):
        model.title = "Other"  # type: ignore[misc]


def test_hash_is_of_content_not_of_layout_or_change_notes() -> None:
    one, _ = parse_form(GOOD, "a")
    other, _ = parse_form(GOOD.replace("note: First version.", "note: The first.") + "\n# a comment\n", "b")
    third, _ = parse_form(GOOD.replace("It helps", "It helped"), "c")
    assert one is not None
    assert other is not None
    assert third is not None
    assert version_hash(one) == version_hash(other) != version_hash(third)


def test_an_archived_version_and_a_stored_one_are_kept_for_ever(tmp_path: Path) -> None:
    library = Library(folder_with(tmp_path, ZZ=GOOD, tool=TOOL))
    form_id, version, form_hash, text = library.stored_form("tool")
    assert (form_id, version, form_hash) == ("tool", "1.0.0", library.form_hash("tool"))
    newer = GOOD.replace("It helps", "It helped").replace("version: 1.0.0", "version: 1.1.0")
    later = Library(folder_with(tmp_path, ZZ=newer, ZZ_at_1_0_0=GOOD)).with_stored([text])
    (tmp_path / "forms" / "ZZ@1_0_0.yaml").rename(tmp_path / "forms" / "ZZ@1.0.0.yaml")
    later = Library(tmp_path).with_stored([text])
    assert later.versions("ZZ") == ("1.1.0", "1.0.0")
    assert later.form("zz", "1.0.0").sections[0].items[1].text == "It helps"
    assert later.form("ZZ").sections[0].items[1].text == "It helped"
    assert later.form("tool", form_hash).sections[0].items[1].text == "It helps"
    assert later.form("tool", form_hash).form_hash == form_hash
    assert later.form("tool").form_hash != form_hash
    assert later.form("tool", later.form_hash("tool")).sections[0].items[1].text == "It helped"


def test_a_stored_text_is_not_trusted() -> None:
    for text in (
        "",
        "{}",
        "[]",
        "null",
        '{"format":2}',
        '{"format":1,"form":{"kind":"set"},"sets":{}}',
        "[" * 9000,
    ):
        with pytest.raises(BadInput) as caught:
            read_bundle(text)
        assert caught.value.code is Code.BAD_SCHEMA


def test_a_form_that_is_not_there_offers_the_nearest(tmp_path: Path) -> None:
    library = Library(folder_with(tmp_path, ZZ=GOOD, tool=TOOL))
    with pytest.raises(BadInput) as caught:
        library.form("tol")
    assert caught.value.code is Code.NO_SUCH_FORM
    assert "tool" in str(caught.value)
    with pytest.raises(BadInput) as caught:
        library.form("ZZ", "9.9.9")
    assert "1.0.0" in str(caught.value)


def test_a_broken_file_does_not_stop_the_others(tmp_path: Path) -> None:
    library = Library(folder_with(tmp_path, ZZ=GOOD, YY="kind: set\nid: YY\n"))
    assert library.form("ZZ").title == "Zebra crossing"
    with pytest.raises(SchemaProblems) as caught:
        library.form("YY")
    assert len(caught.value.problems) > 3


def test_the_cache_only_saves_time(tmp_path: Path) -> None:
    folder, store = folder_with(tmp_path, ZZ=GOOD), tmp_path / "cache"
    first = Library(folder, store).form("ZZ")
    entries = list(store.iterdir())
    assert [one.suffix for one in entries] == [".json"]
    assert entries[0].stem == cache.key_of(GOOD.encode())
    assert Library(folder, store).form("ZZ") == first
    entries[0].write_bytes(b'{"kind":"set","id":')
    assert Library(folder, store).form("ZZ") == first
    entries[0].write_bytes(b"\xff\x00")
    assert Library(folder, store).form("ZZ") == first
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert Library(folder, blocked / "sub").form("ZZ") == first


def test_an_edit_without_a_new_version_is_reported_with_the_way_out(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ZZ=GOOD)
    path = folder / "forms" / "ZZ.yaml"
    outcome = check_files([path], folder)
    assert outcome.usable
    assert record(folder, outcome.unrecorded) == 1
    assert check_files([path], folder).unrecorded == ()
    path.write_text(GOOD.replace("It helps", "It helped"), encoding="utf-8")
    problem = check_files([path], folder).problems[0]
    assert problem.key == "version"
    assert "1.1.0" in problem.advice
    assert "ZZ@1.0.0.yaml" in problem.advice
    assert record(folder, check_files([path], folder).unrecorded) == 0


def test_files_are_checked_against_each_other(tmp_path: Path) -> None:
    wrong_tool = TOOL.replace("set: ZZ", "set: ZX")
    other = GOOD.replace("id: ZZ\n", "id: YY\n").replace("{item: ZZ1, is: [yes]}", "{item: ZZ9, is: [yes]}")
    folder = folder_with(tmp_path, ZZ=GOOD.replace("is: [yes]", "is: [maybe]"), YY=other, tool=wrong_tool)
    said = "\n".join(str(problem) for problem in check_folder(folder).problems)
    assert "tool.yaml, line 6, sections.ZX: there is no set ZX" in said
    assert "ZZ.yaml, line 17, items.ZZ2.when: ZZ1 answer can never be 'maybe'" in said
    assert "item ZZ1 is also in" in said
    assert "there is no item ZZ9" in said
    assert "clocks.yaml: the file is missing" in said


def test_a_file_must_be_named_by_its_id(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, XX=GOOD)
    assert any("ZZ.yaml" in problem.advice for problem in check_folder(folder).problems)


def test_the_schemas_folder_named_by_the_environment_must_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    assert schemas_folder() == tmp_path
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "gone"))
    with pytest.raises(BadInput):
        schemas_folder()
    monkeypatch.delenv(ENVIRONMENT)
    assert schemas_folder() == SCHEMAS


def test_all_that_is_shipped_is_right() -> None:
    outcome = check_folder(SCHEMAS)
    assert [str(problem) for problem in outcome.problems] == []
    assert outcome.unrecorded == (), "run 'qa-audit form check --record'"
    assert len(outcome.forms) >= 34


def test_every_shipped_form_assembles() -> None:
    library = load_library(SCHEMAS, use_cache=False)
    for info in library.forms():
        form = library.form(info.id)
        assert form.sections
        assert all(section.grades is not None for section in form.graded)


def test_published_schemas_are_those_of_the_models() -> None:
    folder = SCHEMAS / "json-schema"
    for name, text in schemas().items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name}: run write_schemas again"


def test_every_file_names_its_schema_in_its_first_line() -> None:
    paths = [
        *SCHEMAS.glob("*.yaml"),
        *(SCHEMAS / "forms").glob("*.yaml"),
        *(SCHEMAS / "frameworks").glob("*.yaml"),
    ]
    for path in paths:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema="), path.name
        assert (path.parent / first.partition("=")[2]).resolve().is_file(), path.name


def test_the_cache_forgets_its_oldest_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEPT", 10)
    for number in range(25):
        cache.write(tmp_path, f"{number:03}", "{}")
    left = [path.stem for path in tmp_path.iterdir()]
    assert len(left) <= 10
    assert "024" in left
