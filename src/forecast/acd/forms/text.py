"""Bytes -> text -> records: encodings told by strict rules, and CSV read to the letter."""

import codecs
import csv
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper

from forecast.acd.forms.hanzi import COMMON
from forecast.acd.forms.sheet import Record, Sheet
from forecast.errors import InputError

DELIMITERS = (",", ";", "\t", "|")
KNOWN_SHARE, COMMON_SHARE = 0.9, 0.6
SAMPLE_BYTES = 4_000_000
FULL_SHEETS = (1_048_576, 65_536)
"""Lines at which spreadsheet programs stop."""
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_sheet(data: bytes, name: str, form: str, declared: str | None = None) -> Sheet:
    """Return a text file's bytes as a sheet.

    Raises
    ------
    InputError
        When the encoding cannot be told: neither a byte-order mark, nor UTF-8, nor GB18030 that
        reads as Chinese.
    """
    encoding = encoding_of(data, name, declared)

    def records(delimiter: str) -> Iterator[Record]:
        stream = TextIOWrapper(BytesIO(data), encoding=encoding, newline="")
        return _records(stream, delimiter, name)

    return Sheet(name, form, encoding, DELIMITERS, records, cut=_cut(data, encoding))


def encoding_of(data: bytes, name: str, declared: str | None = None) -> str:
    """Return how bytes are to be read: as declared, by byte-order mark, UTF-8, or GB18030.

    GB18030 gives a character to nearly any pair of bytes, so it is taken only when what comes out
    are characters of GB 2312, most of them frequent ones; text in another encoding gives rare ones.

    Examples
    --------
    >>> encoding_of("队列".encode("gbk"), "a.csv"), encoding_of("队列".encode(), "a.csv")
    ('gb18030', 'utf-8')
    """
    if declared:
        _strictly(data, declared, name)
        return declared
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            _strictly(data, encoding, name)
            return encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if _reads_as_chinese(data) and not _is_damaged_utf8(data):
            return "gb18030"
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8, and the text is "
            "not Chinese in GB18030; save the export as 'CSV UTF-8', or give its encoding in a "
            "profile (encoding: cp1252 is Western European Windows)"
        ) from None
    if b"\x00" in data[:SAMPLE_BYTES]:
        raise InputError(
            f"{name}: holds zero bytes, as UTF-16 without its mark or a damaged file does; "
            "save the export as 'CSV UTF-8', or give encoding: utf-16-le in a profile"
        )
    return "utf-8"


def _strictly(data: bytes, encoding: str, name: str) -> None:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: byte {error.start} cannot be read as {encoding} ({error.reason}); "
            "the file may be cut off or damaged: export it again"
        ) from None


def _reads_as_chinese(data: bytes) -> bool:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    found = [ch for ch in text if ch > "\x7f"]
    known = {ch for ch in set(found) if _in_gb2312(ch)}
    if sum(ch in known for ch in found) < KNOWN_SHARE * len(found):
        return False
    hanzi = [ch for ch in found if "\u4e00" <= ch <= "\u9fff"]
    return sum(ch in COMMON for ch in hanzi) >= COMMON_SHARE * len(hanzi)


def _is_damaged_utf8(data: bytes) -> bool:
    """Return whether most of what is not ASCII is UTF-8 all the same."""
    text = data.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    return sum(ch > "\x7f" and ch != "\ufffd" for ch in text) >= lost


def _in_gb2312(character: str) -> bool:
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    # Rows of punctuation and full-width forms (A1, A3), and of the characters in daily use and the
    # rarer ones (B0 to F7); Western pairs of accents fall into Greek, Cyrillic or nowhere.
    return lead in (0xA1, 0xA3) or 0xB0 <= lead <= 0xF7


def _records(stream: TextIOWrapper, delimiter: str, name: str) -> Iterator[Record]:
    reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name}, line {line}: not valid CSV ({error}); a quote is opened and not closed, or "
            "stands inside a cell: export the file again"
        ) from None


def _cut(data: bytes, encoding: str) -> str:
    """Return why the end of a text may be missing."""
    if encoding.startswith(("utf-16", "utf-32")):
        last = data[-4:].replace(b"\x00", b"")
    else:
        last = data[-1:]
    if not data or not last.endswith((b"\n", b"\r")):
        return "the last line has no end, so it may be cut off"
    lines = data.count(b"\n") or data.count(b"\r")
    if lines in FULL_SHEETS:
        return f"it has exactly {lines:,} lines, where spreadsheet programs stop"
    return ""
