"""The clean label of a raw category value: right where it is known, unknown where it is not, never guessed."""

from __future__ import annotations

import csv
import timeit
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_audit.errors import BadInput, Code
from qa_audit.frame.value_lexicon import column, headings
from qa_audit.frame.value_rules import LONGEST_VALUE, ColumnRule, LabelRule, parse_pattern
from qa_audit.frame.value_text import fold, one_slip_apart, singular, without_list_place
from qa_audit.frame.values import code_of, known_column, labels, map_value, official_code

SHARED = Path(__file__).parents[2] / "../shared/data/annexa-spec"
here = pytest.mark.skipif(not SHARED.exists(), reason="../shared is not here")


def rows_of(name: str) -> list[dict[str, str]]:
    with (SHARED / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def plain(label: str) -> str:
    """The published labels differ among themselves in case and end spaces; that is not a meaning."""
    return " ".join(label.casefold().split())


@here
def test_the_published_spellings_map_right_and_none_wrong() -> None:
    rows = rows_of("annex_a_value_variants_share.csv")
    right = 0
    wrong = []
    for row in rows:
        found = map_value(row["first_list"], row["column"], row["raw_value_seen"])
        if found is not None and plain(found) != plain(row["mapped_to_liia"]):
            wrong.append((row["column"], row["raw_value_seen"], found, row["mapped_to_liia"]))
        right += found is not None
    assert wrong == []
    assert right / len(rows) >= 0.98


@here
def test_every_category_heading_of_every_dialect_is_known_and_nothing_else_is() -> None:
    dialects = ("heading_ofsted_aug2019", "heading_liia_2024", "column_name_ssd_annexa_sql")
    for row in rows_of("annex_a_fields.csv"):
        category = row["type_liia"] == "category"
        for dialect in dialects:
            if row[dialect]:
                assert known_column(row["list_no"], row[dialect]) is category, (row["list_no"], row[dialect])


@here
def test_every_official_code_is_read() -> None:
    """Each code as the template prints it, alone and with its own wording, has a label in its column."""
    by_heading = {
        row["heading_ofsted_aug2019"].strip(): row["list_no"]
        for row in rows_of("annex_a_fields.csv")
        if row["type_liia"] == "category"
    }
    missed = []
    for row in rows_of("annex_a_codes_aug2019.csv"):
        heading = row["code_set"]
        number = by_heading.get(heading) or by_heading.get(heading.rstrip("?"))
        number = {"Contact / Referral Source": "3", "Initial/Latest Category of Abuse": "7"}.get(
            heading, number
        )
        heading = {
            "Contact / Referral Source": "Referral Source",
            "Initial/Latest Category of Abuse": "Latest Category of Abuse",
        }.get(heading, heading)
        if number is None or not known_column(number, heading):
            continue
        if map_value(number, heading, row["code"]) is None:
            missed.append((heading, row["code"]))
    assert missed == []


# Invented spellings, written as councils write: our own, not taken from any list.
@pytest.mark.parametrize(
    ("list_no", "heading", "raw", "label"),
    [
        (1, "Gender", "  b)  FEMALE ", "b) Female"),
        (3, "Gender", 1, "a) Male"),
        (3, "Gender", 2.0, "b) Female"),
        (6, "Gender", "Unborn child", "c) Not stated/recorded"),
        (1, "Ethnicity", "WBRI : White / British", "a) White"),
        (1, "Ethnicity", "White & Black Carribean", "b) Mixed"),
        (8, "Ethnicity", "asian or asian-british: bangladeshi", "c) Asian or Asian British"),
        (8, "Ethnicity", "APKN (Pakistani) 105", "c) Asian or Asian British"),
        (8, "Ethnicity", "Black/Black British : African", "d) Black or black British"),
        (8, "Ethnicity", "s) REFU", "f) Not stated"),
        (8, "Ethnicity", "s) NOBT", "f) Not stated"),
        (8, "Ethnicity", "Chinese - Hong Kong", "e) Other ethnic group"),
        (1, "Contact Source", "3B health visitor (0-19 service)", "d) Health services"),
        (3, "Referral Source", "[5D] early help hub", "f) LA services"),
        (3, "Referral Source", "Secondary school", "b) Schools"),
        (3, "ReferralSource", "N.S.P.C.C", "i) Other"),
        (3, "Referral NFA?", "No further action", "True"),
        (3, "Referral NFA?", "U", "False"),
        (4, "Does the Child have a Disability", "Autistic spectrum", "True"),
        (4, "Does the Child have a Disability", "MOB", "True"),
        (4, "Does the Child have a Disability", "NONE", "False"),
        (4, "Child Seen During Continuous Assessment", "Not Seen", "False"),
        (5, "Was an Initial Child Protection Conference deemed unnecessary?", "a. Yes", "True"),
        (6, "Primary Need Code", "N1 Abuse, neglect and exploitation", "a) Abuse or neglect"),
        (6, "PrimaryNeedCode", "n8", "h) Absent parenting"),
        (
            8,
            "Child’s Category of Need",
            "N3 - Parent's disability / illness",
            "c) Parents illness or disability",
        ),
        (
            6,
            "Reason for Closure",
            "RC7: no longer a child in need",
            "g) 'Other' incl. Child no longer in need",
        ),
        (
            6,
            "Reason for Closure",
            "Stepped down to early help hub",
            "g) 'Other' incl. Child no longer in need",
        ),
        (6, "Case Status", "LAC and CP", "a) Looked after child"),
        (7, "Latest Category of Abuse", "Neglect + Physical", "e) Multiple"),
        (7, "Initial Category of Abuse", "nynn", "b) Physical Abuse"),
        (8, "Child's Legal Status", "Interim care order (s38)", "a) Interim care orders"),
        (8, "LegalStatus", "V2 - s20 single period", "e) Accommodated under S20"),
        (
            8,
            "Reason Ceased to be Looked After",
            "E4b - not planned",
            "d) Returned home to live with parents or relatives",
        ),
        (
            8,
            "Reason Ceased to be Looked After",
            "Special Guardianship Order (carers)",
            "g) Special Guardianship Orders",
        ),
        (8, "Placement Type", "U4 long term fostering (in house)", "a) Foster placement"),
        (8, "Placement Type", "K3", "f) Residential accommodation"),
        (8, "Placement Type", "Z12", "n) Other placements"),
        (8, "Placement Type", "r) R2: NHS Trust", "j) NHS/Health Trust"),
        (8, "Placement Provider", "PR4 (independent agency)", "b) Private"),
        (8, "Placement Location", "Within LA boundary", "a) In"),
        (8, "LA of Placement", "LONDON BOROUGH OF CAMDEN", "Camden"),
        (8, "LA of Placement", "E08000025", "Birmingham"),
        (8, "LA of Placement", "Northumberland County Council", "Northumberland"),
        (9, "LA In Touch ", "Yes", "a) In touch"),
        (9, "LA in Touch", "Gone abroad", "d) Exclude"),
        (9, "Type of Accommodation", "Z - staying put arrangement", "o) With Former Foster Carer"),
        (9, "Suitability of Accommodation", 1, "a) Suitable"),
        (
            9,
            "Activity Status",
            "F4 full time apprenticeship",
            "F4: Young person engaged full time in an apprenticeship",
        ),
        (
            10,
            "Reason Why Child No Longer Placed for Adoption",
            "RD3",
            "c) Prospective adopters cannot be found",
        ),
        (11, "Reason for leaving adoption process", "Adopters withdrew", "a) Withdrew"),
        ("List 11", "Disability", True, "True"),
    ],
)
def test_invented_spellings(list_no: str | int, heading: str, raw: object, label: str) -> None:
    assert map_value(list_no, heading, raw) == label


@pytest.mark.parametrize(
    ("heading", "one", "zero"),
    [
        (("1", "Gender"), "a) Male", "c) Not stated/recorded"),
        (("9", "Suitability of Accommodation"), "a) Suitable", None),
        (("3", "Referral NFA?"), "True", "False"),
        (("9", "LA in Touch"), "a) In touch", "b) Not in touch"),
        (("1", "Ethnicity"), None, "f) Not stated"),
        (("8", "Placement Type"), None, None),
    ],
)
def test_one_value_means_what_its_own_column_says(
    heading: tuple[str, str], one: str | None, zero: str | None
) -> None:
    assert map_value(*heading, "1") == one
    if zero is not None:
        assert map_value(*heading, "0") == zero


def test_a_truth_value_is_not_a_number() -> None:
    assert map_value(1, "Gender", 1) == "a) Male"
    assert map_value(1, "Gender", True) is None
    assert map_value(3, "Referral NFA?", True) == "True"


def test_a_letter_of_a_list_is_never_a_meaning() -> None:
    assert map_value(1, "Ethnicity", "s)") is None
    assert map_value(8, "Placement Type", "a)") is None
    assert map_value(1, "Gender", "a) Female") == "b) Female"


@pytest.mark.parametrize(
    ("list_no", "heading", "raw"),
    [
        (8, "Placement Type", "U4 - Placed in a children's home"),
        (8, "Reason Ceased to be Looked After", "E11 - Sentenced to custody"),
        (8, "Child's Legal Status", "C2 - Interim care order"),
        (1, "Ethnicity", "WBRI - Pakistani Asian"),
        (6, "Case Status", "pending"),
    ],
)
def test_a_code_against_its_words_is_unknown(list_no: int, heading: str, raw: str) -> None:
    assert map_value(list_no, heading, raw) is None


@pytest.mark.parametrize(
    ("list_no", "heading", "raw"),
    [
        (8, "Placement Type", "Not placed for adoption"),
        (8, "Child's Legal Status", "Not subject to a care order"),
        (1, "Gender", "Not male"),
        (1, "Gender", "Male (trans)"),
        (6, "Reason for Closure", "Parent died"),
        (6, "Case Status", "Not CIN"),
        (4, "Does the Child have a Disability", "Not diagnosed"),
    ],
)
def test_a_denial_is_not_read_as_its_opposite(list_no: int, heading: str, raw: str) -> None:
    assert map_value(list_no, heading, raw) is None


CATEGORY = [(number, heading) for number, heading in headings()]


@pytest.mark.parametrize(
    "raw", ["qwxz brfl", "-", ".", "..", "<>", "", "   ", "zzz 99", "🙂", None, [], {}, float("nan")]
)
def test_gibberish_is_unknown_in_every_column(raw: object) -> None:
    for number, heading in CATEGORY:
        assert map_value(number, heading, raw) is None, (number, heading)


@given(
    raw=st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans()),
    place=st.sampled_from(CATEGORY),
)
def test_never_raises_and_answers_only_with_the_columns_labels(raw: object, place: tuple[str, str]) -> None:
    found = map_value(*place, raw)
    assert found is None or found in labels(*place)
    assert official_code(*place, raw) is None or found is not None


@given(
    place=st.sampled_from(CATEGORY),
    data=st.data(),
)
def test_case_and_spacing_change_nothing(place: tuple[str, str], data: st.DataObject) -> None:
    rule = column(headings()[place])
    phrases = [rule_.label for rule_ in rule.rules] + [text for rule_ in rule.rules for text in rule_.same]
    raw = data.draw(st.sampled_from([text for text in phrases if text.isascii()] or ["x"]))
    found = map_value(*place, raw)
    for other in (
        raw.upper(),
        raw.lower(),
        raw.title(),
        f"  {raw}\t",
        raw.replace(" ", "   "),
        raw.replace(" ", "\u00a0"),
    ):
        assert map_value(*place, other) == found, other


def test_every_label_maps_to_itself() -> None:
    for number, heading in CATEGORY:
        for label in labels(number, heading):
            assert map_value(number, heading, label) == label


def test_columns_that_are_no_categories() -> None:
    assert not known_column(1, "Date of Birth")
    assert not known_column("99", "Gender")
    assert not known_column("nowhere", "Gender")
    assert labels(8, "Allocated Worker") == ()
    assert map_value(8, "Allocated Worker", "C2") is None
    assert not known_column(1, "Referral Source")


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("b) Full care orders", "C2"),
        ("e) Accommodated under S20", "V2"),
        ("a) Abuse or neglect", "N1"),
        ("h) Children’s Homes", "K2"),
        ("Scotland", "SCO"),
        ("SCO", "SCO"),
        ("a) Foster placement", None),
        ("no such label", None),
    ],
)
def test_code_of_a_label(label: str, code: str | None) -> None:
    assert code_of(label) == code


def test_code_of_a_label_two_columns_share() -> None:
    assert code_of("b) Died") is None
    assert code_of("b) Died", 6, "Reason for Closure") == "RC2"
    assert code_of("b) Died", 8, "Reason Ceased to be Looked After") == "E2"


@pytest.mark.parametrize(
    ("list_no", "heading", "raw", "code"),
    [
        (8, "Placement Type", "u6 - foster placement", "U6"),
        (8, "Placement Type", "Foster placement [U1a]", "U1A"),
        (8, "Child's Legal Status", "Full care order", "C2"),
        (8, "Placement Type", "Foster placement", None),
        (8, "Placement Type", "nonsense", None),
        (8, "Allocated Team", "U6", None),
    ],
)
def test_the_finest_code_a_value_carries(list_no: int, heading: str, raw: str, code: str | None) -> None:
    assert official_code(list_no, heading, raw) == code


def test_two_labels_in_one_rank_cancel_out() -> None:
    rule = ColumnRule(
        name="fruit",
        rules=(
            LabelRule("apple", words={1: ("red",), 2: ("round",)}),
            LabelRule("pear", words={1: ("green",), 2: ("long",)}),
        ),
    )
    assert rule.read("red") == "apple"
    assert rule.read("red and green") is None
    assert rule.read("red and long") == "apple"
    assert rule.read("round and long") is None


def test_patterns() -> None:
    pattern = parse_pattern("x", "^placed adopt* -not/never current_carer")
    words = ["placed", "for", "adoption", "current", "carer"]
    assert pattern.fits(words, " placed for adoption current carer ")
    assert not pattern.fits([*words, "never"], " placed for adoption current carer never ")
    assert not pattern.fits(["was", *words], " was placed for adoption current carer ")
    with pytest.raises(ValueError, match="must ask"):
        parse_pattern("x", "-not")


def test_text() -> None:
    assert fold("Childâ€™s  NEEDS") == "childs needs"
    assert fold("‘Own’ provision") == "own provision"
    assert without_list_place("zz) t4") == "t4"
    assert without_list_place("(c) home") == "(c) home"
    assert [singular(word) for word in ("services", "agencies", "address", "las")] == [
        "service",
        "agency",
        "address",
        "las",
    ]
    assert one_slip_apart("accommodatoin", "accommodation")
    assert not one_slip_apart("stronger", "stranger")
    assert not one_slip_apart("male", "female")


def test_prose_in_a_cell_is_not_a_category() -> None:
    assert map_value(1, "Gender", "male " * LONGEST_VALUE) is None


@pytest.mark.parametrize(
    "text",
    [
        "labels: [{same: no label here}]",
        "labels: [{label: one, codes: '('}]",
        "labels: [{label: one, same: x}, {label: two, same: x}]",
        "labels: [{label: one, words: {first: x}}]",
        "labels: [{label: one, words: {1: -x}}]",
        "labels: 3",
        "- a list",
        "labels: [",
    ],
)
def test_broken_words_are_bad_input_that_names_the_file(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lists" / "values"
    folder.mkdir(parents=True)
    (folder / "broken.yaml").write_text(text, encoding="utf-8")
    column("gender")  # the shared spelling is read before the folder changes
    monkeypatch.setenv("QA_AUDIT_SCHEMAS", str(tmp_path))
    with pytest.raises(BadInput) as caught:
        column.__wrapped__("broken")
    assert caught.value.code is Code.BAD_SCHEMA
    assert "broken.yaml" in caught.value.where


def test_missing_words_are_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_AUDIT_SCHEMAS", str(tmp_path))
    with pytest.raises(BadInput) as caught:
        column.__wrapped__("gender")
    assert caught.value.code is Code.NOT_FOUND


def test_a_repeat_is_cheap() -> None:
    raw = "N1 - Abuse or neglect"
    map_value("6", "Primary Need Code", raw)
    best = min(timeit.repeat(lambda: map_value("6", "Primary Need Code", raw), number=20_000, repeat=5))
    assert best / 20_000 < 5e-6  # 0.25 microseconds on a quiet machine; the margin is for a busy one
