"""Small lists of invented children, written in any dialect, for the tests of this stage."""

import csv
import io
import zipfile
from datetime import date

from qa_audit.frame.lists import load_lists

AS_AT = date(2026, 9, 30)
BORN = date(2015, 3, 1)
VALUES = {
    "sex": "b) Female",
    "ethnicity": "a) WBRI",
    "disability": "b) No",
    "primary_need": "N1 - Abuse or neglect",
    "case_status": "c) Child in need plan",
    "category_of_need": "N1 - Abuse or neglect",
    "legal_status": "b) C2: FCO",
    "placement_type": "d) U4: Foster placement - long term",
    "placement_provider": "b) PR1: Own provision",
    "eligibility": "b) Former relevant child",
    "in_touch": "a) Yes",
    "accommodation": "K: Ordinary lodgings, without formal support",
    "suitability": "a) Suitable",
    "activity": "F2: Full time in education other than higher",
    "initial_category": "a) Neglect",
    "latest_category": "a) Neglect",
    "contact_source": "q) 6: Police",
    "referral_source": "e) 2A: Schools",
    "permanence_plan": "f) Long-term fostering",
    "placement_location": "a) In",
    "team": "Willow Team",
    "worker": "R. Hazel",
    "personal_adviser": "T. Flint",
}
ENDS = {"cin_closed", "closure_reason", "plan_end", "care_ceased", "care_ceased_reason", "adoption_order_date",
        "decision_reversed", "decision_reversed_reason", "early_help_completed", "placement_authority"}  # fmt: skip


def spec_of(no):
    return next(spec for spec in load_lists() if spec.no == no)


def row_of(no, child, **changes):
    """One row of a list as {field: value}, plausible and open unless changed."""
    row = {}
    for item in spec_of(no).fields:
        if item.type == "id":
            value = child
        elif item.name in ENDS:
            value = None
        elif item.role == "date_of_birth":
            value = BORN
        elif item.type == "date":
            value = date(2026, 8, 3)
        elif item.type == "age":
            value = 11
        elif item.type == "number":
            value = 1
        elif item.type == "category":
            value = VALUES.get(item.name, "b) No")
        else:
            value = VALUES.get(item.name, "Text")
        row[item.name] = value
    unknown = changes.keys() - row.keys()
    assert not unknown, unknown
    return row | changes


def table(no, rows, dialect="ofsted", extra=(), without=()):
    """Headings and rows as lists of cells. `extra` is ((heading, value), ...)."""
    items = [i for i in spec_of(no).fields if i.wording(dialect) and i.name not in without]
    head = [item.wording(dialect) for item in items] + [heading for heading, _ in extra]
    return [head, *[[row[item.name] for item in items] + [value for _, value in extra] for row in rows]]


def workbook(path, sheets, title=False):
    """Write {sheet name: table} with openpyxl; `title` puts a title row above the headings."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        if title:
            sheet.append([f"{name}: title"])
        for row in cells:
            sheet.append(row)
    book.save(path)
    return path


def old_workbook(path, sheets):
    """The same as .xls."""
    import xlwt

    book = xlwt.Workbook()
    style = xlwt.XFStyle()
    style.num_format_str = "dd/mm/yyyy"
    for name, cells in sheets.items():
        sheet = book.add_sheet(name)
        for r, row in enumerate(cells):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write(r, c, value, style)
                elif value is not None:
                    sheet.write(r, c, value)
    book.save(str(path))
    return path


def csv_text(cells, delimiter=","):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    for row in cells:
        writer.writerow([f"{v:%d/%m/%Y}" if isinstance(v, date) else "" if v is None else v for v in row])
    return out.getvalue()


def archive(path, members):
    """A ZIP with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


def raw_sheet(path, sheet_xml, **more):
    """A minimal workbook around hand-written sheet XML."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return archive(path, {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{rel}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}"><sheets><sheet name="List 6" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
        f'Type="{rel}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet_xml,
        **more,
    })  # fmt: skip


def sheet_xml(cells, tail="", dimension=""):
    """Sheet XML with inline text."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{column(c)}{r}" t="inlineStr"><is><t>{v}</t></is></c>' for c, v in enumerate(row))
        + "</row>" for r, row in enumerate(cells, start=1)
    )  # fmt: skip
    size = f'<dimension ref="{dimension}"/>' if dimension else ""
    return f'<worksheet xmlns="{main}">{size}<sheetData>{rows}{tail}</sheetData></worksheet>'


def column(place):
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def codes(reading, code):
    return [problem for problem in reading.problems if problem.code == code]
