"""A folder of CSV exports -> rows of text, each with its file and line."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd

from forecast.errors import InputError, listed


@dataclass(frozen=True)
class ExportFile:
    """One export as read: the cells as text, and where each row stood.

    ``rows`` has one column per header cell, all text, and ``line``; ``ragged`` holds
    (line, fields found, text) of rows with another number of fields than the header.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    ragged: tuple[tuple[int, int, str], ...]
    blank: int


def export_files(folder: str | Path) -> list[Path]:
    """Return the CSV files below a folder, in the order of their names.

    Raises
    ------
    InputError
        When the folder is missing or holds no CSV, or holds files of a form that is not read.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f"{root} is no folder; create it and put your ACD exports (.csv) there")
    found = sorted(p for p in root.rglob("*") if p.is_file() and not _kept_aside(p))
    other = [str(p.relative_to(root)) for p in found if p.suffix.lower() != ".csv"]
    if other:
        raise InputError(
            f"{root} holds files that are not .csv; save them as CSV or move them out:\n"
            f"{listed(other)}"
        )
    if not found:
        raise InputError(
            f"{root} holds no export; put at least one .csv there, "
            "or set sample.enabled: true in params.yaml to start from the sample"
        )
    return found


def _kept_aside(path: Path) -> bool:
    """Return whether a file is no export: hidden, DVC's note of a file, or a read-me."""
    return path.name.startswith(".") or path.suffix == ".dvc" or path.name == "README.md"


def read_export(path: Path, root: Path) -> ExportFile:
    """Return the rows of one CSV file, nothing interpreted.

    Raises
    ------
    InputError
        When the bytes are not UTF-8, there is no header, or a header cell is empty or repeated.
    """
    name = path.relative_to(root).as_posix()
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8; "
            "save the export as 'CSV UTF-8'"
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
    digest = hashlib.sha256(data).hexdigest()
    return ExportFile(name, digest, columns, rows.astype({"line": "int64"}), tuple(ragged), blank)


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
