"""Wrong, broken and hostile files: refused in words, never a traceback, never half a reading."""

import zipfile

import pytest
from frame.frame_files import (
    AS_AT,
    archive,
    codes,
    column,
    csv_text,
    raw_sheet,
    row_of,
    sheet_xml,
    table,
    workbook,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from qa_audit.errors import BadInput, Code
from qa_audit.frame import safety
from qa_audit.frame.check import check

SIX = [[str(v or "") for v in row] for row in table("6", [row_of("6", n) for n in (1, 2)])]


def refused(path, code=None):
    reading = check([path], as_at=AS_AT)
    assert not reading.usable
    assert reading.reason
    assert "Traceback" not in reading.reason
    assert len(reading.children) == 0
    if code is not None:
        assert reading.reason_code == code
    return reading.reason


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF-1.7 x", "PDF"),
        ("list.xlsx", b"%PDF-1.7 x", "PDF"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "picture"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "picture"),
        (
            "list.xls",
            b"<html><body><table><tr><td>Child Unique ID</td></tr></table></body></html>",
            "web page",
        ),
        ("list.xls", b"\xef\xbb\xbf  <!DOCTYPE html>\n<html>", "web page"),
        ("list.xls", b'<meta charset="utf-8"><html><table>', "web page"),
        (
            "list.xls",
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "2003",
        ),
        ("empty.csv", b"", "empty"),
        ("a.csv", bytes(range(256)) * 20, "another program"),
        ("a.csv", b"SQLite format 3\x00" + b"\x00" * 100, "database"),
        ("a.csv", b"just words\nand more\n", "without the headings"),
        ("a.json", b'{"a": 1}', "JSON"),
        ("a.xml", b"<Other><a/></Other>", "another kind"),
        ("a.xml", b"<Message><Header><Collection>SWF</Collection></Header></Message>", "another kind"),
    ],
)
def test_files_of_another_kind(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    reason = refused(path, "wrong-kind-of-file")
    assert words in reason
    assert "Expected" in reason


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"word/document.xml": "x"}, "Word"),
        ({"ppt/presentation.xml": "x"}, "PowerPoint"),
        ({"content.xml": "x", "mimetype": "x"}, "OpenDocument"),
        ({"List 1.csv": "x"}, "Unpack"),
        ({"x.bin": "x"}, "ZIP"),
    ],
)
def test_archives_of_another_kind(tmp_path, members, words):
    assert words in refused(archive(tmp_path / "list.xlsx", members), "wrong-kind-of-file")


def test_an_empty_template(tmp_path):
    path = workbook(tmp_path / "t.xlsx", {f"List_{n}": table(str(n), []) for n in range(1, 12)}, title=True)
    reading = check([path], as_at=AS_AT)
    assert not reading.usable
    assert "empty template" in reading.reason
    assert len(reading.lists) == 11


def test_only_adopters_is_no_frame(tmp_path):
    assert "adopters" in refused(workbook(tmp_path / "t.xlsx", {"11": table("11", [row_of("11", 1)])}))


def test_the_annex_a_of_a_send_inspection(tmp_path):
    cells = [
        [
            "Child Unique ID",
            "Gender",
            "Ethnicity",
            "Date of Birth",
            "Age",
            "EHC plan start date",
            "Primary SEN need",
        ],
        [1, "M", "WBRI", AS_AT, 7, AS_AT, "ASD"],
    ]
    reason = refused(
        workbook(tmp_path / "send.xlsx", {"List_1": cells, "List_2": cells}), "wrong-kind-of-file"
    )
    assert "SEND" in reason
    assert "ILACS" in reason


def test_ssd_tables_are_sent_to_their_annex_a_query(tmp_path):
    path = tmp_path / "ssd_person.csv"
    path.write_text("pers_person_id,pers_sex,pers_dob\n1,M,2015-01-01\n", encoding="utf-8")
    reading = check([path], as_at=AS_AT)
    assert (reading.kind, reading.usable) == ("ssd", False)
    assert "AA_1" in reading.reason


def test_a_folder_with_nothing_in_it(tmp_path):
    (tmp_path / "notes.docx").write_bytes(b"PK")
    assert "folder" in refused(tmp_path, "wrong-kind-of-file")


def test_a_missing_file_is_an_error_of_the_command(tmp_path):
    with pytest.raises(BadInput) as caught:
        check([tmp_path / "nowhere.xlsx"], as_at=AS_AT)
    assert caught.value.code == Code.NOT_A_FILE


def test_password_protected_workbooks(tmp_path):
    path = tmp_path / "locked.xlsx"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    path.write_bytes(head + b"\x00" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 1000)
    reason = refused(path, "password-protected")
    assert "password" in reason
    with zipfile.ZipFile(tmp_path / "flag.xlsx", "w") as made:
        made.writestr("xl/workbook.xml", "x")
    raw = bytearray((tmp_path / "flag.xlsx").read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "flag.xlsx").write_bytes(raw)
    refused(tmp_path / "flag.xlsx", "password-protected")


def test_an_old_workbook_with_a_password(tmp_path):
    import xlwt

    book = xlwt.Workbook()
    book.add_sheet("List 6").write(0, 0, "Child Unique ID")
    book.save(str(tmp_path / "x.xls"))
    raw = (tmp_path / "x.xls").read_bytes()
    bof = raw.index(b"\x09\x08\x10\x00")
    # A FILEPASS record (0x2F, RC4) takes the place of the record after the first BOF.
    after = bof + 20
    size = int.from_bytes(raw[after + 2 : after + 4], "little")
    patched = raw[:after] + b"\x2f\x00" + size.to_bytes(2, "little") + b"\x01\x00" + raw[after + 6 :]
    (tmp_path / "x.xls").write_bytes(patched)
    assert refused(tmp_path / "x.xls")


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
def test_files_cut_short(tmp_path, keep):
    for name in ("x.xlsx",):
        path = workbook(tmp_path / name, {"6": SIX})
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
        refused(path, "unreadable-file")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/externalLinks/externalLink1.xml", "linked"),
        ("xl/embeddings/x.bin", "other files"),
        ("../../evil.txt", "outside"),
        ("/etc/evil", "outside"),
        ("a\\b", "outside"),
    ],
)
def test_workbooks_with_unwelcome_parts(tmp_path, name, words):
    path = raw_sheet(tmp_path / "x.xlsx", sheet_xml(SIX), **{name: "x"})
    assert words in refused(path, "unsafe-file")


def test_too_many_parts(tmp_path):
    path = raw_sheet(tmp_path / "x.xlsx", sheet_xml(SIX), **{f"xl/media/{n}.txt": "" for n in range(600)})
    assert "parts" in refused(path, "unsafe-file")


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.xlsx"
    block = b"0" * 2**20
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "x")
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(2048):
                member.write(block)
    assert path.stat().st_size < 4 * 2**20
    refused(path, "unsafe-file")


def test_a_member_that_lies_about_its_size(tmp_path):
    path = raw_sheet(tmp_path / "x.xlsx", sheet_xml(SIX) + "<!--" + "0" * 30_000_000 + "-->")
    assert "times its size" in refused(path, "unsafe-file")


def test_a_far_stray_cell_is_read_with_care(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    path = raw_sheet(tmp_path / "x.xlsx", sheet_xml(SIX, far))
    reading = check([path], as_at=AS_AT)
    assert reading.usable
    assert len(reading.children) == 2
    assert codes(reading, "reader-fell-back") or codes(reading, "rows-not-read")


def test_a_huge_declared_rectangle_goes_to_the_careful_reader(tmp_path):
    path = raw_sheet(tmp_path / "x.xlsx", sheet_xml(SIX, dimension="A1:XFD1048576"))
    reading = check([path], as_at=AS_AT)
    assert len(reading.children) == 2
    assert "1048576 rows and 16384 columns" in codes(reading, "sheet-too-large")[0].message


def test_entities_in_a_sheet_do_not_expand(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "0123456789">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8)
    ) + "]>"  # fmt: skip
    path = raw_sheet(tmp_path / "x.xlsx", bomb + sheet_xml([*SIX, ["&i;"]]))
    reading = check([path], as_at=AS_AT)
    assert not reading.usable or len(reading.children) <= 3


def test_entities_in_a_census_are_refused(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text(
        '<!DOCTYPE x [<!ENTITY a "b">]><Message><Children><Child>&a;</Child></Children></Message>',
        encoding="utf-8",
    )
    refused(path, "unsafe-file")


def test_broken_census(tmp_path):
    path = tmp_path / "x.xml"
    path.write_text("<Message><Children><Child><CINdetails></Child>", encoding="utf-8")
    refused(path, "unreadable-file")


def test_an_enormous_csv_field(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('Child Unique ID,Gender\n"' + "x" * 1_200_000 + "\n", encoding="utf-8")
    refused(path)


def test_one_bad_file_beside_a_good_one_is_named(tmp_path):
    (tmp_path / "6.csv").write_text(csv_text(table("6", [row_of("6", 1)])), encoding="utf-8")
    (tmp_path / "7.csv").write_bytes(b"%PDF")
    reading = check([tmp_path], as_at=AS_AT)
    assert reading.usable
    assert [(p.file, p.severity) for p in codes(reading, "wrong-kind-of-file")] == [("7.csv", "error")]


def test_two_kinds_at_once_are_refused(tmp_path):
    (tmp_path / "6.csv").write_text(csv_text(table("6", [row_of("6", 1)])), encoding="utf-8")
    (tmp_path / "reviews.csv").write_text(
        "CHILD,DOB,REVIEW,REVIEW_CODE\n1,01/01/2015,01/01/2026,PN1\n", encoding="utf-8"
    )
    reading = check([tmp_path], as_at=AS_AT)
    assert not reading.usable
    assert "two kinds" in reading.reason


def test_a_reader_that_breaks_off_leaves_nothing_behind(tmp_path, monkeypatch):
    from qa_audit.frame import workbook as module

    path = workbook(tmp_path / "x.xlsx", {"6": table("6", [row_of("6", n) for n in range(1, 1500)])})
    whole = module._run

    def broken(checked, mode, cancelled):
        for number, reading in enumerate(whole(checked, mode, cancelled)):
            if mode == "fast" and number == 3:
                raise module._ReaderBrokeError("it broke off")
            yield reading

    monkeypatch.setattr(module, "_run", broken)
    reading = check([path], as_at=AS_AT)
    assert len(reading.children) == 1499
    assert reading.events == 1499
    assert reading.lists[0].duplicates == 0
    assert len(codes(reading, "reader-fell-back")) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=12))
def test_damaged_workbooks_never_raise(tmp_path_factory, flips):
    folder = tmp_path_factory.mktemp("flip")
    path = workbook(folder / "x.xlsx", {"6": SIX})
    raw = bytearray(path.read_bytes())
    for where, value in flips:
        raw[int(where * len(raw))] = value
    path.write_bytes(raw)
    reading = check([path], as_at=AS_AT)
    assert reading.usable or reading.reason


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_never_raise(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "x.csv"
    path.write_bytes(b"Child Unique ID,Gender,Date of Contact,Contact Source\n" + content)
    reading = check([path], as_at=AS_AT)
    assert reading.usable or reading.reason


def test_column_letters():
    for place in (0, 25, 26, 701, 702, 16383):
        assert safety._column(column(place).encode()) == place + 1


def test_a_csv_that_breaks_off_leaves_none_of_its_rows(tmp_path):
    good = csv_text(table("6", [row_of("6", n) for n in range(1, 3001)]))
    (tmp_path / "6.csv").write_text(good + '"' + "x" * 1_200_000, encoding="utf-8")
    (tmp_path / "7.csv").write_text(csv_text(table("7", [row_of("7", 9)])), encoding="utf-8")
    reading = check([tmp_path], as_at=AS_AT)
    assert [child.child_id for child in reading.children] == ["9"]
    assert [entry.list_no for entry in reading.lists] == ["7"]
    assert [p.file for p in codes(reading, "unreadable-file")] == ["6.csv"]


def test_a_broken_workbook_beside_another_is_begun_again(tmp_path, monkeypatch):
    from qa_audit.frame import workbook as module

    for no in ("6", "7"):
        workbook(tmp_path / f"{no}.xlsx", {no: table(no, [row_of(no, n) for n in range(1, 1000)])})
    whole = module._run

    def broken(checked, mode, cancelled):
        for number, reading in enumerate(whole(checked, mode, cancelled)):
            if mode == "fast" and number == 2 and checked.path.name == "7.xlsx":
                raise module._ReaderBrokeError("it broke off")
            yield reading

    monkeypatch.setattr(module, "_run", broken)
    reading = check([tmp_path], as_at=AS_AT)
    assert (len(reading.children), reading.events) == (999, 1998)
    assert [p.file for p in codes(reading, "reader-fell-back")] == ["7.xlsx"]
