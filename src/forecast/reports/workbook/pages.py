"""One table on one sheet: headings, formats, widths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from forecast.reports.workbook.frames import is_empty

BLUE, PALE, GREY, YELLOW = "#0072B2", "#E8F1F8", "#5F6368", "#FFF8D6"
NUMBERS: Mapping[str, str] = {
    "text": "@",
    "whole": "#,##0",
    "tenth": "#,##0.0",
    "cents": "#,##0.00",
    "percent": "0.0%",
    "signed": "+#,##0;-#,##0;0",
    "signed_tenth": "+#,##0.0;-#,##0.0;0.0",
    "signed_percent": "+0.0%;-0.0%;0.0%",
    "share": "0.000",
    "date": "yyyy-mm-dd",
    "minute": "yyyy-mm-dd hh:mm",
}
"""Number formats by what a column holds."""
WIDTHS = {"text": 16, "minute": 17, "date": 12}
WIDTH = 13
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "text": {"align": "left", "indent": 1},
}
TITLE_ROW, NOTE_ROW, HEAD_ROW = 0, 1, 3
LONGEST = 60
"""Characters of a name that a column is widened to."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its name in the frame, what it holds, and its heading."""

    name: str
    holds: str
    heading: str


class Formats:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        """Make the formats of a workbook."""
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}
        self.title = self.of(bold=True, font_size=16, font_color=BLUE)
        self.note = self.of(font_color=GREY)
        self.aside = self.of(font_color=GREY, indent=1, text_wrap=True, valign="vcenter")
        self.wrapped = self.of(text_wrap=True, valign="top")
        self.head = self.of(
            bold=True, bg_color=PALE, bottom=1, text_wrap=True, valign="vcenter", align="center"
        )
        self.label = self.of(bold=True)

    def of(self, **properties: Any) -> Format:
        """Return the format of some properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def number(self, holds: str, **more: Any) -> Format:
        """Return the format of what a cell holds."""
        return self.of(num_format=NUMBERS[holds], **more)


def write_cell(sheet: Worksheet, row: int, column: int, value: Any, style: Format) -> None:
    """Write a value as what it is; text is text, whatever it begins with."""
    if is_empty(value):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    elif isinstance(value, pd.Timestamp):
        sheet.write_datetime(row, column, value.to_pydatetime(), style)
    else:
        sheet.write_number(row, column, float(value), style)


def write_title(sheet: Worksheet, formats: Formats, title: str, note: str) -> None:
    """Write a sheet's title and what it shows."""
    sheet.hide_gridlines(2)
    sheet.write_string(TITLE_ROW, 0, title, formats.title)
    sheet.write_string(NOTE_ROW, 0, note, formats.note)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def write_frame(
    sheet: Worksheet,
    formats: Formats,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    row: int = HEAD_ROW,
) -> int:
    """Write a table with its headings from a row on; return the first row after it."""
    sheet.set_row(row, 45)
    for number, column in enumerate(columns):
        sheet.write_string(row, number, column.heading, formats.head)
        style = formats.number(column.holds, **LOOKS.get(column.holds, {}))
        for line, value in enumerate(frame[column.name], row + 1):
            write_cell(sheet, line, number, value, style)
    return row + 1 + len(frame)


def set_widths(sheet: Worksheet, frame: pd.DataFrame, columns: Sequence[Column]) -> None:
    """Make columns as wide as what they hold, names up to a bound."""
    for number, column in enumerate(columns):
        width = WIDTHS.get(column.holds, WIDTH)
        if column.holds == "text" and len(frame):
            # A Chinese character is two wide.
            longest = max(sum(1 + (ord(c) > 0x2E7F) for c in str(v)) for v in frame[column.name])
            width = min(max(WIDTH, longest + 2), LONGEST)
        elif column.holds in {"whole", "tenth", "cents", "signed"} and frame[column.name].any():
            # Else a spreadsheet shows ### for large sums.
            largest = float(frame[column.name].abs().max())
            width = max(WIDTH, len(f"{largest:,.2f}") + 2)
        sheet.set_column(number, number, width)
