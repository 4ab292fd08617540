"""Is this file what it says it is, and safe to open? Asked before any parser sees it."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa_audit.errors import AnswerNo, BadInput, Code, QaError

FileKind = Literal["xlsx", "xls", "csv", "xml"]

MAX_FILE_BYTES = 250 * 2**20
MAX_TEXT_BYTES = 4 * 2**30
MAX_MEMBERS = 500
MAX_UNPACKED = 1_500 * 2**20
MAX_RATIO = 150
RATIO_MATTERS_ABOVE = 20 * 2**20
BYTES_PER_CELL = 32  # what the fast reader keeps for every cell of a sheet's rectangle
MAX_GRID_BYTES = 600 * 2**20
_EXPECTED = (
    "Expected ILACS lists (Annex A) as .xlsx, .xls or .csv, SSDA903 files as .csv, or a CIN census as .xml"
)
_DIMENSION = re.compile(rb'<dimension[^>]*ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"BM", "a picture (BMP)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"RIFF", "a picture or a recording"),
    (b"{\\rtf", "a Word document (RTF)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a database file"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"age-encryption.org", "an encrypted pack"),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be opened, and as what. `oversized` sheets are left to the careful reader."""

    path: Path
    kind: FileKind
    oversized: bool = False
    notes: tuple[str, ...] = ()


def wrong_kind(path: Path, what: str, next_step: str = "") -> AnswerNo:
    """The refusal of a file that is something else."""
    return AnswerNo(
        Code.WRONG_KIND_OF_FILE,
        f"This is {what}, not a list of children",
        where=path.name,
        why=_EXPECTED,
        next_step=next_step or "Choose the file that your case system exported",
    )


def check_file(path: Path) -> Checked:
    """Look at a file's size, first bytes and, for a workbook, its archive. Raises a QaError in words."""
    try:
        found = path.stat()
    except OSError as error:
        raise BadInput(
            Code.NOT_A_FILE, "The file is not there or cannot be opened", where=path.name, why=error.strerror or "",
            next_step="Check the name and the folder",
        ) from error  # fmt: skip
    if not stat.S_ISREG(found.st_mode):
        raise BadInput(
            Code.NOT_A_FILE, "This is not a file", where=path.name, next_step="Name a file or a folder"
        )
    if found.st_size == 0:
        raise wrong_kind(path, "an empty file", "Export the list again: nothing was written into this file")
    try:
        with path.open("rb") as stream:
            head = stream.read(8192)
    except OSError as error:
        raise BadInput(
            Code.UNREADABLE_FILE, "The file cannot be read", where=path.name, why=error.strerror or "",
            next_step="Close it in Excel, or check that you may open it",
        ) from error  # fmt: skip
    if head.startswith(b"PK\x03\x04") or head.startswith((b"PK\x05\x06", b"PK\x07\x08")):
        _size_within(path, found.st_size, MAX_FILE_BYTES)
        return _check_archive(path, found.st_size)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        _size_within(path, found.st_size, MAX_FILE_BYTES)
        return _check_compound(path)
    if head.startswith((b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"\x09\x04\x06\x00")):
        return Checked(path, "xls")  # a bare BIFF stream, as very old exports write it
    for signature, what in _SIGNATURES:
        if head.startswith(signature) and (len(signature) > 2 or b"\x00" in head[:64]):
            raise wrong_kind(path, what)
    return _check_text(path, head, found.st_size)


def _size_within(path: Path, size: int, limit: int) -> None:
    if size > limit:
        raise _unsafe(
            path,
            f"The file is larger than {limit // 2**20} MB",
            "Export the lists as CSV files: those are read at any size",
        )


def _unsafe(path: Path, why: str, next_step: str) -> BadInput:
    return BadInput(
        Code.UNSAFE_FILE,
        "This file was not opened, for safety",
        where=path.name,
        why=why,
        next_step=next_step,
    )


def damaged(path: Path, why: str = "") -> BadInput:
    """The refusal of a file that is broken or cut short."""
    return BadInput(
        Code.UNREADABLE_FILE,
        "The file is damaged or was cut short",
        where=path.name,
        why=why,
        next_step="Copy or export it again; if it opens in Excel, save it there as a new .xlsx and try that",
    )


def _protected(path: Path) -> BadInput:
    return BadInput(
        Code.PASSWORD_PROTECTED,
        "The file is protected by a password",
        where=path.name,
        next_step="Open it in Excel, remove the password under File > Info > Protect Workbook, and save it",
    )


def password_needed(path: Path) -> QaError:
    """The refusal of a file that asks for a password."""
    return _protected(path)


def _check_archive(path: Path, size: int) -> Checked:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(path, members, size)
            names = {member.filename for member in members}
            if "xl/workbook.xml" not in names and not any(name.startswith("xl/workbook") for name in names):
                raise wrong_kind(path, *_other_archive(names))
            if any(name.casefold().endswith("vbaproject.bin") for name in names):
                raise _unsafe(
                    path,
                    "It holds macros (a program)",
                    "Save it as 'Excel Workbook (.xlsx)' and use that copy",
                )
            if any(name.casefold().startswith("xl/externallinks/") for name in names):
                raise _unsafe(
                    path,
                    "It is linked to other workbooks",
                    "In Excel choose Data > Edit Links > Break Link, save a copy, and use that copy",
                )
            if any("/embeddings/" in name.casefold() for name in names):
                raise _unsafe(
                    path, "It holds other files inside", "Remove the embedded objects and save a copy"
                )
            oversized = _oversized_sheets(archive, names)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise damaged(path, "Its archive cannot be read") from error
    return Checked(path, "xlsx", bool(oversized), oversized)


def _check_members(path: Path, members: list[zipfile.ZipInfo], size: int) -> None:
    fault = "It is not packed the way Excel packs a workbook"
    mend = "Open it in Excel, save it as a new .xlsx, and use that copy"
    if len(members) > MAX_MEMBERS:
        raise _unsafe(path, fault + f": {len(members)} parts", mend)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise _unsafe(path, f"Unpacked it would take more than {MAX_UNPACKED // 2**20} MB", mend)
    seen: set[str] = set()
    for member in members:
        name = member.filename
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/"):
            raise _unsafe(path, fault + ": a part points outside the file", mend)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _unsafe(path, fault + ": a part is a link", mend)
        if name.casefold() in seen:
            raise _unsafe(path, fault + ": a part is there twice", mend)
        seen.add(name.casefold())
        if member.flag_bits & 1:
            raise _protected(path)
        if member.file_size > RATIO_MATTERS_ABOVE and member.file_size > MAX_RATIO * max(
            member.compress_size, 1
        ):
            raise _unsafe(path, f"A part unpacks to more than {MAX_RATIO} times its size", mend)
    if size and sum(member.compress_size for member in members) > size:
        raise _unsafe(path, fault + ": its parts overlap", mend)


def _other_archive(names: set[str]) -> tuple[str, str]:
    if "word/document.xml" in names:
        return "a Word document", "Choose the workbook, not the document about it"
    if "ppt/presentation.xml" in names:
        return "a PowerPoint presentation", "Choose the workbook"
    if "content.xml" in names:
        return "an OpenDocument file", "Open it in Excel or LibreOffice and save it as .xlsx"
    if any(name.casefold().endswith((".csv", ".xlsx", ".xls", ".xml")) for name in names):
        return "a ZIP archive with files inside", "Unpack it into a folder and name that folder"
    return "a ZIP archive", "Choose the workbook or the CSV files"


def _oversized_sheets(archive: zipfile.ZipFile, names: set[str]) -> tuple[str, ...]:
    """Sheets whose declared rectangle the fast reader could not hold."""
    found = []
    for name in sorted(names):
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            with archive.open(name) as stream:
                declared = _DIMENSION.search(stream.read(4096))
            if declared:
                rows = int(declared[4]) - int(declared[2]) + 1
                columns = _column(declared[3]) - _column(declared[1]) + 1
                if rows * columns * BYTES_PER_CELL > MAX_GRID_BYTES:
                    found.append(
                        f"A sheet claims {rows} rows and {columns} columns; it was read row by row, "
                        "up to the first long gap and 200 columns"
                    )
    return tuple(dict.fromkeys(found))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_compound(path: Path) -> Checked:
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        raise _protected(path)
    if "WordDocument".encode("utf-16-le") in data:
        raise wrong_kind(path, "a Word document", "Choose the workbook")
    if "PowerPoint Document".encode("utf-16-le") in data:
        raise wrong_kind(path, "a PowerPoint presentation", "Choose the workbook")
    if "__substg1.0_".encode("utf-16-le") in data:
        raise wrong_kind(path, "an Outlook message", "Save the attached workbook and choose that")
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        if "_VBA_PROJECT_CUR".encode("utf-16-le") in data:
            raise _unsafe(
                path, "It holds macros (a program)", "Save it as 'Excel Workbook (.xlsx)' and use that copy"
            )
        return Checked(path, "xls")
    raise damaged(path, "It is an old Office file without a workbook in it")


def _check_text(path: Path, head: bytes, size: int) -> Checked:
    _size_within(path, size, MAX_TEXT_BYTES)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:2048].lower()
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = head.decode("utf-16", errors="ignore").strip("\ufeff \t\r\n").lower().encode()[:2048]
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<div", b"<body", b"<style")):
        raise wrong_kind(
            path,
            "a web page with a table in it, whatever its name says",
            "Open it in Excel and save it as .xlsx",
        )
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise wrong_kind(path, "an XML spreadsheet of 2003", "Open it in Excel and save it as .xlsx")
    if start.startswith(b"<"):
        if b"<html" in start:
            raise wrong_kind(
                path, "a web page, whatever its name says", "Open it in Excel and save it as .xlsx"
            )
        return Checked(path, "xml")
    if start.startswith((b"{", b"[")) and path.suffix.casefold() not in {".csv", ".txt", ".tsv"}:
        raise wrong_kind(path, "a JSON file")
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_utf16(head)
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if not wide and controls * 50 > len(head):
        raise wrong_kind(path, "a file of another program", "Export the lists as .xlsx or .csv")
    if path.suffix.casefold() in {".xlsx", ".xlsm", ".xls", ".xlsb"} and not _has_columns(head):
        raise damaged(path, "Its name says workbook, its content is not one")
    return Checked(path, "csv")


def _looks_utf16(head: bytes) -> bool:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) * 3 > len(head) // 2 and min(even, odd) * 10 <= max(even, odd)


def _has_columns(head: bytes) -> bool:
    first = head.splitlines()[0] if head.splitlines() else b""
    return any(mark in first for mark in (b",", b"\t", b";", b"|", b",\x00", b"\t\x00"))
