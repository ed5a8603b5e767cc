"""A file -> its sheets, by what its bytes are (not by what its name says); gz and zip unpacked."""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from forecast.acd.forms.columnar import parquet_sheet
from forecast.acd.forms.sheet import Sheet
from forecast.acd.forms.text import text_sheet
from forecast.acd.forms.workbook import workbook_sheets
from forecast.errors import InputError

LARGEST_BYTES = 8 * 2**30
Declared = Callable[[str], str | None]
"""File name -> the encoding that a profile declares for it."""


@dataclass(frozen=True)
class Drop:
    """A file that was dropped in, as read: its hash, and its sheets or why it has none."""

    name: str
    sha256: str
    data: bytes


def read_drop(path: Path, root: Path) -> Drop:
    """Return a file's bytes.

    Raises
    ------
    InputError
        When it changed while it was read: somebody is still writing it.
    """
    name = shown_name(path, root)
    if path.is_symlink() and not path.is_file():
        what = "a folder, which is not looked into" if path.is_dir() else "nothing"
        raise InputError(f"{name}: a link to {what}; put the files themselves there")
    before = path.stat()
    data = path.read_bytes()
    after = path.stat()
    marks = [(s.st_size, s.st_mtime_ns, s.st_ino) for s in (before, after)]
    if marks[0] != marks[1] or len(data) != after.st_size:
        raise InputError(f"{name}: the file changed while it was read; run again when it is whole")
    return Drop(name, hashlib.sha256(data).hexdigest(), data)


def shown_name(path: Path, root: Path) -> str:
    """Return a file's name below a folder; bytes that are no text are shown as numbers."""
    name = path.relative_to(root).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def sheets_of(drop: Drop, declared: Declared = lambda _: None) -> list[Sheet]:
    """Return the sheets of a file, in their order.

    Raises
    ------
    InputError
        When the bytes are damaged, of a form that is not read, or cannot be told as text.
    """
    return list(_sheets(drop.data, drop.name, "", declared))


def _sheets(data: bytes, name: str, packed: str, declared: Declared) -> Iterator[Sheet]:
    if data[:2] == b"\x1f\x8b":
        yield from _sheets(_gunzip(data, name), name, _form("gz", packed, name), declared)
    elif data[:4] == b"PK\x03\x04" and _is_workbook(data, name):
        yield from workbook_sheets(data, name, _packed("workbook", packed))
    elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        form = _form("zip", packed, name)
        for member, content in _members(data, name):
            yield from _sheets(content, f"{name}!{member}", form, declared)
    elif data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        yield from workbook_sheets(data, name, _packed("workbook", packed))
    elif data[:4] == b"PAR1":
        yield parquet_sheet(data, name, _packed("parquet", packed))
    else:
        _refuse_others(data, name)
        yield text_sheet(data, name, _packed("text", packed), declared(name))


def _packed(form: str, packed: str) -> str:
    return f"{form} in {packed}" if packed else form


def _form(kind: str, packed: str, name: str) -> str:
    if packed:
        raise InputError(f"{name}: a {kind} packed inside a {packed}; unpack it once and drop that")
    return kind


def _gunzip(data: bytes, name: str) -> bytes:
    try:
        with gzip.open(BytesIO(data)) as stream:
            out = stream.read(LARGEST_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(
            f"{name}: the gz file is cut off or damaged ({error}); copy or export it again"
        ) from None
    return _of_size(out, name)


def _of_size(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST_BYTES:
        raise InputError(f"{name}: unpacked it is larger than {LARGEST_BYTES >> 30} GiB; split it")
    return data


def _is_workbook(data: bytes, name: str) -> bool:
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            names = packed.namelist()
    except zipfile.BadZipFile as error:
        raise InputError(
            f"{name}: the zip or workbook is cut off or damaged ({error}); copy or export it again"
        ) from None
    return any(n in ("xl/workbook.xml", "xl/workbook.bin", "content.xml") for n in names)


def _members(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(data)) as packed:
        inside = [i for i in packed.infolist() if not i.is_dir()]
        wanted = [i for i in inside if not i.filename.startswith(("__MACOSX/", "."))]
        if sum(i.file_size for i in wanted) > LARGEST_BYTES:
            raise InputError(f"{name}: unpacked it is larger than {LARGEST_BYTES >> 30} GiB")
        names = [i.filename for i in wanted]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise InputError(f"{name}: member {twice[0]} is there twice; pack it once")
        if not wanted:
            raise InputError(f"{name}: the zip is empty")
        for info in sorted(wanted, key=lambda i: i.filename):
            try:
                yield info.filename, packed.read(info)
            except RuntimeError:
                raise InputError(f"{name}: locked by a password; drop it without one") from None
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
                raise InputError(
                    f"{name}: member {info.filename} is damaged ({error}); export it again"
                ) from None


def _refuse_others(data: bytes, name: str) -> None:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")):
        raise InputError(
            f"{name}: a web page or XML, whatever its name says; open it in a spreadsheet program "
            "and save it as .xlsx or CSV"
        )
    if start.startswith((b"{", b"[{")):
        raise InputError(f"{name}: JSON is not read; export the report as CSV or .xlsx")
    if start.startswith(b"%pdf"):
        raise InputError(f"{name}: a PDF; export the report as CSV or .xlsx")
    if not data.strip():
        raise InputError(f"{name}: the file is empty; export it again")
