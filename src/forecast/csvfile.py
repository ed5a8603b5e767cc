"""A small CSV of settings (promotions, a queue map) -> rows of text, each with its line."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd

from forecast.errors import InputError, listed


@dataclass(frozen=True)
class CsvFile:
    """One CSV as read: the cells as text, and where each row stood.

    ``rows`` has one column per header cell, all text, and ``line``; ``ragged`` holds
    (line, fields found, text) of rows with another number of fields than the header.
    """

    name: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    ragged: tuple[tuple[int, int, str], ...]
    blank: int


def read_csv_file(path: Path) -> CsvFile:
    """Return the rows of one CSV file, nothing interpreted.

    Raises
    ------
    InputError
        When the bytes are not UTF-8, there is no header, or a header cell is empty or repeated.
    """
    name = str(path)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8; "
            "save it as 'CSV UTF-8'"
        ) from None
    records = _records(text, name)
    _, header = next(records, (1, []))
    columns = tuple(cell.strip() for cell in header)
    _check_header(columns, name)
    lines, cells, ragged, blank = [], [], [], 0
    for line, record in records:
        if not any(cell.strip() for cell in record):
            blank += 1
        elif len(record) != len(columns):
            ragged.append((line, len(record), ",".join(record)))
        else:
            lines.append(line)
            cells.append([cell.strip() for cell in record])
    rows = pd.DataFrame(cells, columns=list(columns), dtype="str").assign(line=lines)
    return CsvFile(name, columns, rows.astype({"line": "int64"}), tuple(ragged), blank)


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which the record starts, cells)."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for record in reader:
            yield start, record
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(
            f"{name}, line {start}: not valid CSV ({error}); check the quotes"
        ) from None


def _check_header(columns: tuple[str, ...], name: str) -> None:
    if not any(columns):
        raise InputError(f"{name}, line 1: no header; the first line must name the columns")
    empty = [f"column {i}: no name" for i, c in enumerate(columns, 1) if not c]
    twice = [
        f"column '{c}' occurs twice" for c in dict.fromkeys(columns) if columns.count(c) > 1 and c
    ]
    if empty or twice:
        raise InputError(f"{name}, line 1: the header is ambiguous:\n{listed(empty + twice)}")
