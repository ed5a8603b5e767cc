"""A sheet: records of text cells, each with its line; what every form of file is turned into."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

Record = tuple[int, list[str]]
"""Line on which a record starts, and its cells."""
Epoch = Literal["excel_1900", "excel_1904"]


@dataclass(frozen=True)
class Sheet:
    """One table of a file: a CSV, a workbook's sheet, a zip's member.

    ``records`` can be called again; its argument is the delimiter, one of ``delimiters``. Problems
    of the bytes themselves are raised by it as ``InputError``, with file and line.
    """

    name: str
    form: str
    encoding: str
    delimiters: tuple[str, ...]
    records: Callable[[str], Iterator[Record]]
    epoch: Epoch | None = None
    """How this workbook counts days; None in text, which does not say."""
    cut: str = ""
    """Why the end of the table may be missing; else empty."""


def as_text(value: Any) -> str:
    """Return a typed cell (of a workbook, a database or parquet) as the text that says the same.

    Examples
    --------
    >>> as_text(7.0), as_text(None), as_text(timedelta(hours=25, seconds=9))
    ('7', '', '25:00:09')
    >>> as_text(datetime(2024, 5, 1, 9, 30))
    '2024-05-01 09:30:00'
    """
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _clock(value)
    return str(value)


def _clock(length: timedelta) -> str:
    seconds = length.total_seconds()
    whole = int(abs(seconds))
    part = f"{abs(seconds) % 1:.3f}"[1:].rstrip("0").rstrip(".")
    text = f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}{part}"
    return f"-{text}" if seconds < 0 else text
