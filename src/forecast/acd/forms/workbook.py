"""Workbooks (xlsx and its kin) -> one sheet of text per visible or hidden sheet."""

import re
import zipfile
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from typing import Any

from forecast.acd.forms.sheet import Epoch, Record, Sheet, as_text
from forecast.errors import InputError

FULL_ROWS = (1_048_576, 65_536)


def workbook_sheets(data: bytes, name: str, form: str = "workbook") -> list[Sheet]:
    """Return all sheets of a workbook that hold anything.

    Cells come as the values that are stored: a number shown as 007 by its format is 7.

    Raises
    ------
    InputError
        When it is damaged or locked by a password.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        grids = {title: book.get_sheet_by_name(title) for title in book.sheet_names}
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(
            f"{name}: the workbook cannot be read ({error}); it may be damaged or locked by a "
            "password: open it and save it as .xlsx without one"
        ) from None
    epoch = _epoch(data)
    _refuse_unreckoned(data, name)
    out = []
    for title, grid in grids.items():
        if grid.end is not None:
            cut = _full(grid.end[0] + 1)
            read = partial(_records, grid)
            out.append(Sheet(f"{name}!{title}", form, "", ("",), read, epoch, cut))
    return out


def _records(grid: Any, _: str) -> Iterator[Record]:
    for line, row in enumerate(grid.to_python(skip_empty_area=False), 1):
        cells = [as_text(cell) for cell in row]
        yield line, cells if any(cells) else []


def _epoch(data: bytes) -> Epoch | None:
    """Return how a workbook counts days; None for the old binary form, which is not looked into."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            text = packed.read("xl/workbook.xml")
    except (zipfile.BadZipFile, KeyError):
        return None
    told = text.partition(b"date1904=")[2][1:5]
    return "excel_1904" if told.startswith((b"1", b"true")) else "excel_1900"


_FORMULA = re.compile(rb"<c [^>]*>\s*<f[ >/].*?(?:</c>|/>\s*</c>)", re.DOTALL)
_VALUE = re.compile(rb"<v>([^<]*)</v>")
_ERROR = re.compile(rb'<c r="([A-Z]+\d+)"[^>]* t="e"')


def _refuse_unreckoned(data: bytes, name: str) -> None:
    """Refuse cells that hold an error, and formulas that no program has reckoned yet: all zeros."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            parts = [n for n in packed.namelist() if n.startswith("xl/worksheets/")]
            texts = [packed.read(n) for n in parts if n.endswith(".xml")]
    except zipfile.BadZipFile:
        return  # the old binary form, which is not looked into
    wrong = [hit.decode() for text in texts for hit in _ERROR.findall(text)]
    if wrong:
        raise InputError(
            f"{name}: {len(wrong)} cells hold an error (#N/A, #REF!, ...), first {wrong[0]}; mend "
            "them, or export the report again"
        )
    formulas = [cell for text in texts for cell in _FORMULA.findall(text)]
    values = [hit[1] for cell in formulas if (hit := _VALUE.search(cell))]
    if formulas and all(value in (b"", b"0") for value in values):
        raise InputError(
            f"{name}: {len(formulas)} formulas were never reckoned; open it in a spreadsheet "
            "program, save it, and drop that"
        )


def _full(rows: int) -> str:
    return f"it has exactly {rows:,} rows, where sheets end" if rows in FULL_ROWS else ""
