"""Bad and odd exports, each with what is true of it and what must come of it.

``python -m tests.acd.bad_exports FOLDER`` writes them all out, a folder each, for a look.
"""

import codecs
import csv
import gzip
import io
import os
import sys
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tests.acd.exports import (
    COLUMNS,
    Case,
    Row,
    cells,
    csv_of,
    exact,
    finding,
    good,
    lines_of,
    quarantined,
    rejected,
    row_of,
    text_of,
    told,
    truth_of,
    write,
)

Make = Callable[[], Case]
CASES: dict[str, Make] = {}
SLOW: set[str] = set()
HEAD = ",".join(COLUMNS)
MARKED = "interval_start,queue,offered\n"
"""Marks of a table without lengths."""


def export(make: Make) -> Make:
    """Register a case under its function's name."""
    CASES[make.__name__] = make
    return make


def add(name: str, make: Make) -> None:
    assert name not in CASES, name
    CASES[name] = make


def one(data: bytes | str, rows: Sequence[Row], must: object, **more: object) -> Case:
    """Return a case of one file, calls.csv, whose rows stand on lines 2 and on."""
    line = more.pop("line", 2)
    lost = more.pop("lost", ())
    columns = more.pop("columns", COLUMNS)
    name = more.pop("name", "calls.csv")
    file = more.pop("file", name)
    data = data.encode() if isinstance(data, str) else data
    truth = truth_of(rows, file, line, lost, columns)
    return Case({name: data}, truth, must, **more)


ROWS = good()
LINES = lines_of(ROWS)
PLAIN = text_of(LINES)


def named(queue: str, rows: Sequence[Row] = ROWS) -> list[Row]:
    """Return rows with the queue 'sales' under another name."""
    return [replace(r, queue=queue) if r.queue == "sales" else r for r in rows]


def quoted(rows: Iterable[Row], columns: Sequence[str] = COLUMNS, encoding: str = "utf-8") -> bytes:
    """Return a CSV as Python's writer quotes it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(cells(r) for r in rows)
    return out.getvalue().encode(encoding)


def changed(at: int, line: str, lines: Sequence[str] = LINES) -> str:
    """Return a file with another line in the place of one (line 1 is the header)."""
    return text_of([*lines[: at - 1], line, *lines[at:]])


def inserted(after: int, *more: str, lines: Sequence[str] = LINES) -> str:
    """Return a file with more lines after one."""
    return text_of([*lines[:after], *more, *lines[after:]])


def shifted(rows: Sequence[Row], after: int, by: int) -> list[int]:
    """Return the lines of rows when some were inserted after one."""
    return [2 + i + (by if 2 + i > after else 0) for i in range(len(rows))]


# ---------------------------------------------------------------- encodings

for _name, _encoding, _mark in (
    ("utf8_bom", "utf-8", codecs.BOM_UTF8),
    ("utf16_le_bom", "utf-16-le", codecs.BOM_UTF16_LE),
    ("utf16_be_bom", "utf-16-be", codecs.BOM_UTF16_BE),
    ("utf32_bom", "utf-32-le", codecs.BOM_UTF32_LE),
    ("gb18030", "gb18030", b""),
    ("gb18030_bom_of_utf8", "utf-8", codecs.BOM_UTF8),
):

    def _encoded(encoding: str = _encoding, mark: bytes = _mark) -> Case:
        rows = named("投诉热线")
        return one(mark + csv_of(rows, encoding=encoding), rows, exact())

    add(f"encoding_{_name}", _encoded)

for _name, _encoding, _queue in (
    ("cp1252", "cp1252", "Général"),
    ("cp1252_like_chinese", "cp1252", "Größe"),
    ("cp1250", "cp1250", "Obsługa"),
    ("cp1251", "cp1251", "Сервис"),
    ("cp1253", "cp1253", "Πωλήσεις"),
    ("cp1255", "cp1255", "מכירות"),
    ("cp1256", "cp1256", "مبيعات"),
    ("cp874", "cp874", "บริการ"),
    ("koi8r", "koi8_r", "Оплата"),
    ("big5", "big5", "轉接"),
    ("big5_usual", "big5", "客服"),
    ("shift_jis", "cp932", "サポート"),
    ("shift_jis_half_width", "cp932", "ｳｹﾂｹ"),
    ("euc_jp", "euc_jp", "受付"),
    ("euc_kr", "euc_kr", "상담"),
    ("utf16_le_without_mark", "utf-16-le", "sales"),
    ("utf16_be_without_mark", "utf-16-be", "sales"),
    ("ebcdic", "cp500", "sales"),
):

    def _foreign(encoding: str = _encoding, queue: str = _queue) -> Case:
        rows = named(queue)
        # Read as it is, or refused: never another name.
        return one(csv_of(rows, encoding=encoding), rows, told())

    add(f"encoding_{_name}", _foreign)


@export
def encoding_cp1252_by_profile() -> Case:
    rows = named("Général")
    profile = _PROFILE.replace("grain:", "encoding: cp1252\ngrain:")
    case = one(csv_of(rows, encoding="cp1252"), rows, exact())
    return replace(case, profiles={"ours": profile})


@export
def encoding_one_line_of_cp1252() -> Case:
    rows = named("Général")
    lines = [line.encode() for line in lines_of(rows)]
    lines[3] = lines_of(rows)[3].encode("cp1252")
    return one(b"".join(line + b"\n" for line in lines), rows, rejected("UTF-8"))


@export
def encoding_one_line_of_gbk_among_utf8() -> Case:
    rows = named("缴费")
    lines = [line.encode() for line in lines_of(rows)]
    lines[3] = lines_of(rows)[3].encode("gbk")
    return one(b"".join(line + b"\n" for line in lines), rows, rejected("UTF-8"))


@export
def encoding_utf8_cut_within_a_character() -> Case:
    rows = named("客户服务")
    data = csv_of(rows)
    return one(
        data[: data.rindex("户".encode()) + 1], rows, told(), lost=[len(rows) - 2, len(rows) - 1]
    )


@export
def encoding_utf8_cut_so_that_it_reads_as_chinese() -> Case:
    rows = named("缴费")
    data = csv_of(rows)
    cut = data.rindex("缴".encode()) + 2
    return one(data[:cut], rows, told(), lost=[len(rows) - 2, len(rows) - 1])


@export
def encoding_marks_in_the_middle() -> Case:
    whole = PLAIN.encode()
    more = good(first="2024-05-15", days=1)
    data = codecs.BOM_UTF8 + whole + codecs.BOM_UTF8 + csv_of(more)
    rows = [*ROWS, *more]
    return one(data, rows, told(), line=[*range(2, 26), *range(27, 27 + len(more))])


@export
def encoding_zero_bytes() -> Case:
    return one(PLAIN.replace("service,30,", "service,3\x000,", 1), ROWS, rejected("zero bytes"))


@export
def encoding_zero_bytes_at_the_end() -> Case:
    return one(PLAIN + "\x00" * 512, ROWS, rejected("zero bytes"))


@export
def encoding_lost_characters() -> Case:
    rows = named("G\ufffdn\ufffdral")
    lines = tuple(i + 2 for i, r in enumerate(rows) if r.queue != "service")
    return one(csv_of(rows), rows, quarantined(*lines))


# ---------------------------------------------------------------- delimiters

for _name, _mark in (("tab", "\t"), ("semicolon", ";"), ("pipe", "|")):
    add(
        f"delimiter_{_name}",
        lambda m=_mark: one(text_of(lines_of(ROWS, mark=m)), ROWS, exact()),
    )


def comma_cells(row: Row) -> list[str]:
    return [*cells(row)[:5], f"{row.talk_s + 0.5:g}".replace(".", ",")]


def halves(rows: Sequence[Row]) -> list[Row]:
    return [replace(r, talk_s=r.talk_s + 0.5) for r in rows]


@export
def delimiter_semicolon_and_decimal_comma() -> Case:
    return one(text_of(lines_of(ROWS, comma_cells, mark=";")), halves(ROWS), exact())


@export
def delimiter_told_in_the_first_line() -> Case:
    text = "sep=;\n" + text_of(lines_of(ROWS, mark=";"))
    return one(text, ROWS, exact(preamble=1), line=3)


@export
def delimiter_changes_midway() -> Case:
    text = text_of([*LINES[:10], *lines_of(ROWS, mark=";")[10:]])
    return one(text, ROWS, quarantined(*range(11, 26)))


@export
def delimiter_caret() -> Case:
    return one(PLAIN.replace(",", "^"), ROWS, rejected("no profile"))


@export
def delimiter_blanks() -> Case:
    return one(PLAIN.replace(",", "  "), ROWS, rejected())


@export
def delimiter_header_of_commas_and_rows_of_semicolons() -> Case:
    text = text_of([HEAD, *lines_of(ROWS, mark=";")[1:]])
    return one(text, ROWS, told())


# ---------------------------------------------------------------- numbers


def with_cell(at: int, column: str, text: str) -> str:
    """Return the file with one cell of line ``at`` as a text, quoted where it must be."""
    parts = LINES[at - 1].split(",")
    parts[COLUMNS.index(column)] = f'"{text}"' if "," in text else text
    return changed(at, ",".join(parts))


for _name, _text in (
    ("words", "many"),
    ("exponent", "1e3"),
    ("percent", "45%"),
    ("full_width", "１２"),
    ("arabic_digits", "١٢"),
    ("superscript", "1²"),
    ("half", "½"),
    ("unicode_minus", "−5"),
    ("minus", "-5"),
    ("minus_behind", "5-"),
    ("brackets", "(5)"),
    ("hex", "0x10"),
    ("underscore", "1_000"),
    ("blank_thousands", "1 234"),
    ("no_break_thousands", "1\u00a0234"),
    ("narrow_thousands", "1\u202f234"),
    ("apostrophe_thousands", "1'234"),
    ("quote_before", "'12"),
    ("fraction", "12.5"),
    ("fraction_comma", "12,5"),
    ("not_available", "#N/A"),
    ("reference", "#REF!"),
    ("not_a_number", "NaN"),
    ("infinity", "inf"),
    ("truth", "TRUE"),
    ("nothing", ""),
    ("dash", "-"),
    ("null", "NULL"),
    ("huge", "99999999999999"),
    ("two_numbers", "12 13"),
    ("currency", "$12"),
    ("unit", "12 calls"),
    ("time", "0:12"),
    ("date", "2024-05-13"),
    ("zero_width", "1\u200b2"),
    ("formula", "=12"),
    ("letter_o", "1O"),
    ("letter_l", "l2"),
    ("double_point", "1..2"),
    ("trailing_point", "12."),
    ("leading_point", ".5"),
    ("thousands_wrong_groups", "1,23,456"),
):
    add(
        f"count_{_name}",
        lambda t=_text: one(with_cell(6, "offered", t), ROWS, quarantined(6)),
    )

for _name, _text in (
    ("plus", "+{}"),
    ("point_zero", "{}.0"),
    ("leading_zeros", "00{}"),
    ("blanks", "  {} "),
    ("no_break_space", "{}\u00a0"),
    ("full_width_space", "\u3000{}"),
):
    add(
        f"count_spelled_with_{_name}",
        lambda t=_text: one(with_cell(6, "offered", t.format(ROWS[4].offered)), ROWS, exact()),
    )


def big(rows: Sequence[Row], times: float = 1000.0) -> list[Row]:
    """Return rows with talk times of thousands of seconds, so that they need marks."""
    return [replace(r, talk_s=float(1000 + 13 * i) * times / 1000) for i, r in enumerate(rows)]


def thousands(row: Row, mark: str) -> list[str]:
    return [*cells(row)[:5], f"{row.talk_s:,.0f}".replace(",", mark)]


for _name, _mark, _delimiter in (
    ("comma_in_commas", ",", ","),
    ("comma_in_tabs", ",", "\t"),
    ("point_in_semicolons", ".", ";"),
    ("point_in_tabs", ".", "\t"),
    ("point_in_commas", ".", ","),
    ("point_in_pipes", ".", "|"),
    ("blank_in_semicolons", " ", ";"),
):
    add(
        f"talk_thousands_{_name}",
        lambda m=_mark, d=_delimiter: one(
            text_of(lines_of(big(ROWS), partial(thousands, mark=m), mark=d)), big(ROWS), told()
        ),
    )


@export
def talk_thousands_points_told_by_a_million() -> Case:
    rows = [replace(r, talk_s=r.talk_s * 1000) if i == 3 else r for i, r in enumerate(big(ROWS))]
    return one(text_of(lines_of(rows, partial(thousands, mark="."), mark="\t")), rows, told())


@export
def talk_commas_both_ways() -> Case:
    """1,234.5 tells that a comma is for thousands."""
    rows = [replace(r, talk_s=r.talk_s + 0.5 * (i == 3)) for i, r in enumerate(big(ROWS))]
    line = lambda r: [*cells(r)[:5], f"{r.talk_s:,.1f}".removesuffix(".0")]  # noqa: E731
    return one(text_of(lines_of(rows, line)), rows, told())


@export
def talk_decimal_marks_of_both_kinds() -> Case:
    rows = halves(ROWS)
    lines = lines_of(ROWS, comma_cells, mark=";")
    lines[5] = lines[5].rpartition(";")[0] + f";{rows[4].talk_s}"
    return one(text_of(lines), rows, quarantined(6))


@export
def talk_with_points_of_three_digits() -> Case:
    """12.500 seconds is no 12500: thousandths, as some switches have them."""
    rows = [replace(r, talk_s=round(r.talk_s + 0.125, 3)) for r in ROWS]
    line = lambda r: [*cells(r)[:5], f"{r.talk_s:.3f}"]  # noqa: E731
    return one(text_of(lines_of(rows, line)), rows, told())


for _name, _text, _truth in (
    ("clock", "0:02:14", 134.0),
    ("clock_fraction", "0:02:14.5", 134.5),
    ("more_than_a_day", "25:00:09", 90009.0),
    ("days", "1.01:00:09", 90009.0),
    ("days_d", "1d 01:00:09", 90009.0),
    ("missing", "-", np.nan),
    ("empty", "", np.nan),
):

    def _talk(text: str = _text, truth: float = _truth) -> Case:
        rows = [replace(r, talk_s=truth) if i == 4 else r for i, r in enumerate(ROWS)]
        return one(with_cell(6, "talk_s", text), rows, exact())

    add(f"talk_{_name}", _talk)

for _name, _text in (
    ("minutes_or_hours", "02:14"),
    ("words", "2m14s"),
    ("unit", "134 s"),
    ("iso", "PT2M14S"),
    ("sixty_seconds", "0:02:60"),
    ("negative", "-0:00:05"),
    ("day_zero", "1900-01-01 01:00:09"),
    ("error", "#DIV/0!"),
):
    add(f"talk_{_name}", lambda t=_text: one(with_cell(6, "talk_s", t), ROWS, quarantined(6)))


@export
def talk_in_milliseconds_by_profile() -> Case:
    line = lambda r: [*cells(r)[:5], f"{r.talk_s * 1000:.0f}"]  # noqa: E731
    profile = _PROFILE.replace("unit: s", "unit: ms")
    return one(text_of(lines_of(ROWS, line)), ROWS, exact(), profiles={"ours": profile})


@export
def talk_as_parts_of_a_day() -> Case:
    """Cells of a spreadsheet whose time format was taken off: 134 s is 0.00155 days."""
    line = lambda r: [*cells(r)[:5], f"{r.talk_s / r.answered / 86400:.9f}"]  # noqa: E731
    rows = [replace(r, talk_s=r.talk_s / r.answered) for r in ROWS]
    return one(text_of(lines_of(rows, line)), rows, told())


@export
def talk_in_milliseconds_by_mistake() -> Case:
    line = lambda r: [*cells(r)[:5], f"{r.talk_s * 1000:.0f}"]  # noqa: E731
    return one(text_of(lines_of(ROWS, line)), ROWS, told())


# ---------------------------------------------------------------- quotes and line ends


@export
def quotes_everywhere() -> Case:
    lines = [",".join(f'"{c}"' for c in line.split(",")) for line in LINES]
    return one(text_of(lines), ROWS, exact())


@export
def quotes_single() -> Case:
    lines = [",".join(f"'{c}'" for c in line.split(",")) for line in LINES]
    return one(text_of(lines), ROWS, told())


@export
def quotes_after_a_blank() -> Case:
    """``a, "b", c`` is how many people write a CSV by hand."""
    rows = ROWS
    lines = [HEAD, *(", ".join([a[0], f'"{a[1]}"', *a[2:]]) for a in map(cells, rows))]
    return one(text_of(lines), rows, told())


@export
def quotes_after_a_blank_in_some_rows() -> Case:
    lines = [*LINES[:20], *(line.replace(",sales,", ', "sales",') for line in LINES[20:])]
    return one(text_of(lines), ROWS, told())


@export
def quotes_in_a_name() -> Case:
    rows = named('the "best", always')
    return one(quoted(rows), rows, exact())


@export
def quotes_left_open() -> Case:
    return one(changed(9, LINES[8].replace(",service,", ',"service,')), ROWS, rejected("quote"))


@export
def quotes_left_open_twice() -> Case:
    """What stands between the two is one cell, with rows in it."""
    lines = [*LINES]
    lines[8] = lines[8].replace(",service,", ',"service,').replace(",sales,", ',"sales,')
    lines[12] = lines[12].replace(",service,", ',service",').replace(",sales,", ',sales",')
    truth = [9, 9, 9, 9, 9]
    return one(text_of(lines), ROWS, told(), line=[*range(2, 9), *truth, *range(14, 26)])


@export
def quotes_that_swallow_from_a_remark() -> Case:
    """The remark is no column that is read; what it swallows are rows all the same."""
    lines = [LINES[0] + ",remark", *(line + ",ok" for line in LINES[1:])]
    lines[8] = lines[8].removesuffix("ok") + '"see below'
    lines[12] = lines[12].removesuffix("ok") + 'above"'
    return one(text_of(lines), ROWS, told(), line=[*range(2, 9), *[9] * 5, *range(14, 26)])


@export
def quotes_left_open_in_the_header() -> Case:
    """The name of the last column goes on over five rows, to the next quote."""
    lines = [*LINES]
    lines[0] = lines[0].replace(",talk_s", ',"talk_s')
    lines[5] += '"'
    return one(text_of(lines), ROWS, told(), line=[*[1] * 5, *range(7, 26)])


@export
def persons_in_a_quote_left_open_in_the_header() -> Case:
    lines = lines_of(ROWS, persons, WITH_PERSONS)
    lines[0] = lines[0].replace(",talk_s", ',"talk_s')
    lines[5] += '"'
    case = one(text_of(lines), ROWS, told(), line=[*[1] * 5, *range(7, 26)])
    return replace(case, private=_PERSON)


@export
def quotes_that_swallow_a_single_column() -> Case:
    """Two columns alone: the swallowed part has no delimiter of its own but one."""
    lines = ["interval_start;offered", *(f"{r.wall:%Y-%m-%d %H:%M};{r.offered}" for r in ROWS[::2])]
    rows = [replace(r, queue="all") for r in ROWS[::2]]
    lines[4] = lines[4].replace(";", ';"')
    lines[6] = lines[6].replace(";", ";") + '"'
    profile = """title: Two columns
start: {column: interval_start}
minutes: 30
columns: {offered: offered}
constants: {queue: all}
"""
    return one(
        text_of(lines),
        rows,
        told(),
        line=[2, 3, 4, 5, 5, 5, *range(8, 14)],
        columns=("interval_start", "offered"),
        profiles={"two": profile},
    )


@export
def quotes_escaped_by_a_backslash() -> Case:
    rows = named('the "best"')
    text = text_of(lines_of(rows)).replace('the "best"', '"the \\"best\\""')
    return one(text, rows, rejected())


@export
def quote_within_a_number() -> Case:
    return one(changed(6, LINES[5].replace(",30,", ',3"0,')), ROWS, quarantined(6))


@export
def line_break_in_a_remark() -> Case:
    lines = [LINES[0] + ",remark", *(line + ",ok" for line in LINES[1:])]
    lines[8] = lines[8].removesuffix("ok") + '"called back\nand again"'
    return one(text_of(lines), ROWS, exact(), line=[*range(2, 10), *range(11, 27)])


@export
def line_break_in_a_header() -> Case:
    text = PLAIN.replace("interval_start", '"interval\nstart"').replace("talk_s", '"talk\ns"')
    return one(text, ROWS, exact(), line=4)


@export
def line_break_between_the_names_of_columns() -> Case:
    """The last name stands on a line of its own: its column has none, and is not zero."""
    return one(PLAIN.replace(",talk_s", ",\ntalk_s"), ROWS, told(), line=3)


@export
def line_break_within_a_number() -> Case:
    """The first half of the last cell stays behind as a number of its own."""
    line = LINES[8]
    return one(
        changed(9, f"{line[:-2]}\n{line[-2:]}"), ROWS, told(), line=[*range(2, 10), *range(11, 27)]
    )


@export
def line_break_before_a_delimiter() -> Case:
    line = LINES[8].replace(",30,", "\n,30,")
    return one(changed(9, line), ROWS, quarantined(9, 10), line=[*range(2, 10), *range(11, 27)])


for _name, _end in (("crlf", "\r\n"), ("cr", "\r")):
    add(f"line_ends_{_name}", lambda e=_end: one(csv_of(ROWS, e), ROWS, exact()))


@export
def line_ends_mixed() -> Case:
    ends = ["\n", "\r\n", "\r"]
    text = "".join(line + ends[i % 3] for i, line in enumerate(LINES))
    return one(text, ROWS, exact())


@export
def line_ends_doubled() -> Case:
    """A file sent as text from Windows: CR CR LF."""
    text = text_of(LINES, "\r\r\n")
    return one(text, ROWS, told(), line=[3 + 2 * i for i in range(len(ROWS))])


@export
def line_end_missing_at_the_end() -> Case:
    return one(PLAIN.removesuffix("\n"), ROWS, finding("cut_off"), lost=[len(ROWS) - 1])


@export
def separators_of_unicode_in_a_name() -> Case:
    rows = named("sales\u2028north")
    return one(csv_of(rows), rows, told())


# ---------------------------------------------------------------- cells too many or too few


@export
def delimiter_behind_every_line() -> Case:
    return one(text_of([line + "," for line in LINES]), ROWS, exact())


@export
def delimiter_behind_every_row() -> Case:
    return one(text_of([HEAD, *(line + "," for line in LINES[1:])]), ROWS, exact())


@export
def delimiter_behind_some_rows() -> Case:
    lines = [LINES[0], *(line + "," * (i % 3 == 0) for i, line in enumerate(LINES[1:]))]
    return one(text_of(lines), ROWS, told())


@export
def delimiter_behind_the_header() -> Case:
    return one(text_of([HEAD + ",", *LINES[1:]]), ROWS, told())


@export
def cells_missing_at_the_end() -> Case:
    return one(changed(7, LINES[6].rpartition(",")[0]), ROWS, quarantined(7))


@export
def cell_inserted() -> Case:
    return one(changed(7, LINES[6].replace(",30,", ",x,30,")), ROWS, quarantined(7))


@export
def cell_inserted_and_the_last_dropped() -> Case:
    line = LINES[6].replace(",30,", ",,30,").rpartition(",")[0]
    return one(changed(7, line), ROWS, quarantined(7))


@export
def comma_in_a_name_and_the_last_cell_left_out() -> Case:
    """``sales, north`` without quotes, in a row whose remark is left out."""
    lines = [LINES[0] + ",remark", *(line + ",ok" for line in LINES[1:])]
    lines[6] = LINES[6].replace(",sales,", ",sales, north,")
    return one(text_of(lines), ROWS, quarantined(7))


@export
def columns_swapped_with_their_names() -> Case:
    order = [5, 3, 0, 1, 2, 4]
    line = lambda r: [cells(r)[i] for i in order]  # noqa: E731
    return one(text_of(lines_of(ROWS, line, [COLUMNS[i] for i in order])), ROWS, exact())


@export
def names_of_offered_and_answered_swapped() -> Case:
    text = PLAIN.replace("offered,answered", "answered,offered")
    return one(text, ROWS, finding("answered_over_offered"))


@export
def two_exports_in_one_file_with_other_columns() -> Case:
    """``copy a.csv + b.csv``, where b has the columns of another version."""
    more = good(first="2024-05-15", days=1)
    order = [0, 1, 2, 4, 3, 5]
    line = lambda r: [cells(r)[i] for i in order]  # noqa: E731
    text = PLAIN + text_of(lines_of(more, line, [COLUMNS[i] for i in order]))
    return one(text, [*ROWS, *more], told(), line=[*range(2, 26), *range(27, 27 + len(more))])


@export
def two_exports_in_one_file_talk_and_answered_swapped() -> Case:
    more = good(first="2024-05-15", days=1)
    order = [0, 1, 2, 3, 5, 4]
    line = lambda r: [cells(r)[i] for i in order]  # noqa: E731
    text = PLAIN + text_of(lines_of(more, line, [COLUMNS[i] for i in order]))
    return one(text, [*ROWS, *more], told(), line=[*range(2, 26), *range(27, 27 + len(more))])


@export
def two_exports_in_one_file_talk_and_wrap_swapped() -> Case:
    """Numbers that are as likely in the other column: only the header between them tells."""
    late = good(first="2024-05-15", days=1)
    columns = (*COLUMNS, "wrap_s")
    first = lines_of(ROWS, lambda r: [*cells(r), f"{r.talk_s / 2:g}"], columns)
    swapped = (*COLUMNS[:5], "wrap_s", "talk_s")
    then = lines_of(late, lambda r: [*cells(r)[:5], f"{r.talk_s / 2:g}", cells(r)[5]], swapped)
    rows = [*ROWS, *late]
    lines = [*range(2, 26), *range(27, 27 + len(late))]
    truth = truth_of(rows, line=lines).assign(wrap_s=[r.talk_s / 2 for r in rows])
    return Case({"calls.csv": text_of([*first, *then]).encode()}, truth, told())


@export
def a_row_in_the_place_of_another() -> Case:
    """One row pasted over another: its interval stands twice, alike."""
    return one(changed(9, LINES[4]), ROWS, told())


# ---------------------------------------------------------------- header


@export
def header_below_a_preamble() -> Case:
    top = "Interval report\nFrom: 2024-05-13,To: 2024-05-14\n\n"
    return one(top + PLAIN, ROWS, exact(preamble=2, blank=1), line=5)


@export
def header_below_a_long_preamble() -> Case:
    return one("note\n" * 80 + PLAIN, ROWS, rejected(), line=82)


@export
def header_of_two_lines() -> Case:
    return one("When,Which,,Calls,Calls,Time\n" + PLAIN, ROWS, exact(preamble=1), line=3)


@export
def header_with_units_below() -> Case:
    return one(inserted(1, "local,,min,calls,calls,s"), ROWS, told(), line=3)


@export
def header_repeated() -> Case:
    text = inserted(9, HEAD, "", HEAD)
    return one(text, ROWS, exact(header=2, blank=1), line=shifted(ROWS, 9, 3))


@export
def header_repeated_in_other_letters() -> Case:
    return one(inserted(9, HEAD.upper()), ROWS, told(), line=shifted(ROWS, 9, 1))


@export
def header_missing() -> Case:
    return one(text_of(LINES[1:]), ROWS, rejected(), line=1)


@export
def header_in_full_width() -> Case:
    text = PLAIN.replace("offered", "ｏｆｆｅｒｅｄ")
    return one(text, ROWS, exact())


@export
def header_with_a_sign_that_is_not_seen() -> Case:
    return one(PLAIN.replace("offered", "offered\u200b"), ROWS, told())


@export
def header_with_look_alike_letters() -> Case:
    return one(PLAIN.replace("offered", "оffered"), ROWS, rejected("offered"))


@export
def header_names_offered_twice() -> Case:
    lines = [f"{line},{'offered' if i == 0 else 7}" for i, line in enumerate(LINES)]
    return one(text_of(lines), ROWS, rejected("twice"))


@export
def header_names_talk_twice() -> Case:
    lines = [f"{line},{'Talk_S' if i == 0 else 7}" for i, line in enumerate(LINES)]
    return one(text_of(lines), ROWS, rejected("twice"))


@export
def header_names_a_remark_twice() -> Case:
    lines = [f"{line},{'remark,remark' if i == 0 else 'a,b'}" for i, line in enumerate(LINES)]
    return one(text_of(lines), ROWS, exact())


@export
def header_names_talk_in_another_way() -> Case:
    """A column that is not known is listed; its values are not guessed, and not zero."""
    rows = [replace(r, talk_s=np.nan) for r in ROWS]
    return one(PLAIN.replace("talk_s", "talk time"), rows, exact())


@export
def index_column() -> Case:
    lines = [f"{'' if i == 0 else i - 1},{line}" for i, line in enumerate(LINES)]
    return one(text_of(lines), ROWS, exact())


@export
def blank_columns() -> Case:
    lines = [line.replace(",", ",,", 2) + ",,," for line in LINES]
    return one(text_of(lines), ROWS, exact())


@export
def blank_rows() -> Case:
    text = inserted(9, "", ",,,,,", "  , ,,,,")
    return one(text + "\n\n", ROWS, exact(blank=5), line=shifted(ROWS, 9, 3))


# ---------------------------------------------------------------- totals and footers

TOTAL = sum(r.offered for r in ROWS)
TOTALS_OF = {
    "english": "Total",
    "english_upper": "TOTAL",
    "english_lower": "total",
    "english_colon": "Total:",
    "english_grand": "Grand Total",
    "english_sub": "Subtotal",
    "english_all": "All queues",
    "chinese": "合计",
    "chinese_traditional": "合計",
    "german": "Gesamt",
    "german_sum": "Summe",
    "german_long": "Gesamtsumme",
    "dutch": "Totaal",
    "french": "Total général",
    "spanish": "Total general",
    "italian": "Totale",
    "portuguese": "Total geral",
    "russian": "Итого",
    "polish": "Razem",
    "swedish": "Summa",
    "turkish": "Toplam",
    "czech": "Celkem",
    "japanese": "総計",
    "korean": "합계",
}


def total_line(word: str, rows: Sequence[Row], wall: str = "") -> str:
    offered, answered = sum(r.offered for r in rows), sum(r.answered for r in rows)
    return f"{wall},{word},,{offered},{answered},{sum(r.talk_s for r in rows):g}"


def _footer(word: str) -> Case:
    # Ignored or set aside; one of both.
    return one(PLAIN + total_line(word, ROWS) + "\n", ROWS, told())


def _footer_first_cell(word: str) -> Case:
    line = total_line("", ROWS, word)
    return one(PLAIN + line + "\n", ROWS, told())


def no_lengths(row: Row) -> list[str]:
    return [c for i, c in enumerate(cells(row)) if i != 2]


SHORT = tuple(c for c in COLUMNS if c != "interval_minutes")


def _daily_total_queue(word: str) -> Case:
    """A total of each day as a queue of its own, in the day's last interval."""
    lines = [",".join(SHORT)]
    truth: list[int] = []
    for day in sorted({r.wall.date() for r in ROWS}):
        own = [r for r in ROWS if r.wall.date() == day]
        for row in own:
            lines.append(",".join(no_lengths(row)))
            truth.append(len(lines))
        lines.append(total_line(word, own, f"{own[-1].wall:%Y-%m-%d %H:%M}").replace(",,", ",", 1))
    return one(text_of(lines), ROWS, told(), line=truth)


def _total_queue(word: str) -> Case:
    """The sum of all queues as a queue of its own, in every interval of a week."""
    rows = good(days=5)
    lines, truth = [HEAD], []
    for i in range(0, len(rows), 2):
        for row in rows[i : i + 2]:
            lines.append(",".join(cells(row)))
            truth.append(len(lines))
        total = total_line(word, rows[i : i + 2], f"{rows[i].wall:%Y-%m-%d %H:%M}")
        lines.append(total.replace(",,", ",30,", 1))
    return one(text_of(lines), rows, told(), line=truth)


for _name, _word in TOTALS_OF.items():
    add(f"total_footer_{_name}", partial(_footer, _word))
    add(f"total_queue_{_name}", partial(_total_queue, _word))
    add(f"total_daily_{_name}", partial(_daily_total_queue, _word))
for _name in ("english", "english_upper", "french", "russian"):
    add(f"total_in_the_first_cell_{_name}", partial(_footer_first_cell, TOTALS_OF[_name]))


@export
def total_of_one_queue_alone() -> Case:
    """With one queue alone its total repeats it; the sum test needs two."""
    rows = [r for r in good(days=5) if r.queue == "sales"]
    lines, truth = [HEAD], []
    for row in rows:
        lines.append(",".join(cells(row)))
        truth.append(len(lines))
        lines.append(",".join(cells(replace(row, queue="All"))))
    return one(text_of(lines), rows, told(), line=truth)


@export
def total_that_is_not_the_sum() -> Case:
    """The footer tells that rows are missing: 500 contacts more than stand above it."""
    line = f",Total,,{TOTAL + 500},,"
    return one(PLAIN + line + "\n", ROWS, finding("total_differs"))


@export
def total_is_the_name_of_a_queue() -> Case:
    """An oil company: the rows are no sums of the others."""
    return one(csv_of(named("Total")), named("Total"), told())


@export
def subtotals_after_each_queue() -> Case:
    rows = sorted(ROWS, key=lambda r: (r.queue, r.wall))
    lines, truth = [HEAD], []
    for queue in ("sales", "service"):
        own = [r for r in rows if r.queue == queue]
        for row in own:
            lines.append(",".join(cells(row)))
            truth.append(len(lines))
        lines.append(total_line(queue, own, "Subtotal"))
    lines.append(total_line("", rows, "Grand Total"))
    return one(text_of(lines), rows, exact(total=3), line=truth)


@export
def only_totals() -> Case:
    return one(f"{HEAD}\n{total_line('Total', ROWS)}\n", [], exact(total=1))


@export
def header_only() -> Case:
    return one(HEAD + "\n", [], exact())


@export
def footer_of_another_width() -> Case:
    text = PLAIN + "Page 1 of 3\nGenerated 2024-05-15 07:00 by admin\n"
    return one(text, ROWS, told())


@export
def footer_of_the_same_width() -> Case:
    return one(PLAIN + "Generated 2024-05-15 07:00,,,,,\n", ROWS, told())


@export
def daily_total_at_midnight_without_lengths() -> Case:
    """The day's total stands at 00:00 of its queue, and looks like an interval."""
    rows = good(days=6)
    lines, truth = [",".join(SHORT)], []
    for day in sorted({r.wall.date() for r in rows}):
        for queue in ("sales", "service"):
            own = [r for r in rows if r.wall.date() == day and r.queue == queue]
            lines.append(total_line(queue, own, f"{day} 00:00").replace(",,", ",", 1))
            for row in own:
                lines.append(",".join(no_lengths(row)))
                truth.append(len(lines))
    rows = sorted(rows, key=lambda r: (r.wall.date(), r.queue, r.wall))
    return one(text_of(lines), rows, told(), line=truth)


@export
def daily_totals_beside_intervals() -> Case:
    day = [replace(row_of("sales", datetime(2024, 5, 13), 1), minutes=1440)]
    own = [r for r in ROWS if r.queue == "sales" and r.wall.day == 13]
    total = replace(day[0], offered=sum(r.offered for r in own))
    return one(inserted(1, ",".join(cells(total))), ROWS, told(), line=3)


@export
def daily_totals_that_differ() -> Case:
    own = [r for r in ROWS if r.queue == "sales" and r.wall.day == 13]
    total = replace(own[0], wall=datetime(2024, 5, 13), minutes=1440, offered=9999)
    return one(inserted(1, ",".join(cells(total))), ROWS, finding("day_total"), line=3)


# ---------------------------------------------------------------- names of queues

for _name, _queue in {
    "007": "007",
    "1E5": "1E5",
    "NA": "NA",
    "NULL": "NULL",
    "None": "None",
    "nan": "nan",
    "inf": "inf",
    "TRUE": "TRUE",
    "dash": "-",
    "formula": "=HYPERLINK(1)",
    "at": "@sum",
    "long": "q" * 5000,
    "emoji": "sales 🤷‍♀️",
    "right_to_left": "\u202eselas",
    "decomposed": "Cafe\u0301",
    "html": "<script>alert(1)</script>",
    "path": "../../etc/passwd",
    "semicolon": "a;b",
    "sql": "'; drop table calls",
    "percent": "%s{}{0}",
    "backslash": "a\\nb",
    "date": "2024-05-13",
}.items():
    add(f"name_{_name}", lambda q=_queue: one(quoted(named(q)), named(q), exact()))

for _name, _queue in {
    "blanks": "  sales ",
    "no_break_blanks": "\u00a0sales\u00a0",
    "full_width_blank": "sales\u3000",
}.items():
    add(f"name_with_{_name}", lambda q=_queue: one(quoted(named(q)), ROWS, exact()))

for _name, _queue in {
    "tab": "sa\tles",
    "line_break": "sa\nles",
    "bell": "sa\x07les",
    "delete": "sa\x7fles",
    "next_line": "sa\x85les",
}.items():

    def _control(queue: str = _queue) -> Case:
        # Refused, row by row: half of the rows.
        rows = named(queue)
        at, lines = 2, []
        for r in rows:
            lines.append(at)
            at += 1 + r.queue.count("\n")
        bad = [n for n, r in zip(lines, rows, strict=True) if r.queue == queue]
        return one(quoted(rows), rows, quarantined(*bad), line=lines)

    add(f"name_with_{_name}", _control)

for _name, _queue in {
    "case": "Sales",
    "wide_forms": "ｓａｌｅｓ",
    "cyrillic": "sаles",
    "zero_width": "sa\u200bles",
    "two_blanks": "sa  les",
    "one_and_l": "sa1es",
}.items():

    def _twin(queue: str = _queue) -> Case:
        rows = [replace(r, queue=queue) if i % 8 == 2 else r for i, r in enumerate(ROWS)]
        truth = truth_of(ROWS)
        return Case({"calls.csv": csv_of(rows)}, truth, finding("look_alike"))

    add(f"twin_by_{_name}", _twin)


@export
def twin_by_leading_zeros() -> Case:
    rows = [replace(r, queue="7") if i % 8 == 2 else r for i, r in enumerate(named("007"))]
    return Case({"calls.csv": csv_of(rows)}, truth_of(named("007")), finding("look_alike"))


@export
def twin_by_a_spreadsheet_program() -> Case:
    rows = [replace(r, queue="1.00E+05") if i % 8 == 2 else r for i, r in enumerate(named("1E5"))]
    return Case({"calls.csv": csv_of(rows)}, truth_of(named("1E5")), finding("look_alike"))


@export
def twin_by_a_slip_of_the_pen() -> Case:
    rows = good(days=60)
    bad = [replace(r, queue="saels") if i == 40 else r for i, r in enumerate(rows)]
    truth = truth_of([*rows[:40], *rows[41:]], line=[n for n in range(2, len(rows) + 2) if n != 42])
    return Case({"calls.csv": csv_of(bad)}, truth, finding("seen_once"))


@export
def name_is_empty() -> Case:
    return one(changed(8, LINES[7].replace(",sales,", ",,")), ROWS, quarantined(8))


@export
def name_longer_than_a_cell_may_be() -> Case:
    rows = named("q" * 140_000)
    return one(csv_of(rows), rows, told())


# ---------------------------------------------------------------- dates and times


def dated(stamp: str, rows: Sequence[Row] = ROWS) -> bytes:
    return text_of(lines_of(rows, lambda r: cells(r, stamp))).encode()


for _name, _stamp in {
    "dmy": "%d/%m/%Y %H:%M",
    "mdy": "%m/%d/%Y %H:%M",
    "ymd_slashes": "%Y/%m/%d %H:%M",
    "dmy_points": "%d.%m.%Y %H:%M",
    "am_pm": "%m/%d/%Y %I:%M %p",
    "am_pm_seconds": "%m/%d/%Y %I:%M:%S%p",
    "iso_t": "%Y-%m-%dT%H:%M:%S",
    "milliseconds": "%Y-%m-%d %H:%M:%S.000",
    "month_names": "%d-%b-%Y %H:%M",
    "month_names_us": "%B %d, %Y %I:%M %p",
    "chinese": "%Y年%m月%d日 %H:%M",
    "chinese_clock": "%Y年%m月%d日 %H时%M分",
}.items():
    add(f"date_{_name}", lambda s=_stamp: one(dated(s), ROWS, exact()))

EARLY = good(first="2024-05-06")
for _name, _stamp in {
    "dmy": "%d/%m/%Y %H:%M",
    "mdy": "%m/%d/%Y %H:%M",
    "short": "%d/%m/%y %H:%M",
    "points": "%d.%m.%Y %H:%M",
}.items():
    add(
        f"date_ambiguous_{_name}",
        lambda s=_stamp: one(dated(s, EARLY), EARLY, rejected("order")),
    )
    add(
        f"date_ambiguous_{_name}_by_profile",
        lambda s=_stamp: one(
            dated(s, EARLY),
            EARLY,
            exact(),
            profiles={
                "ours": _PROFILE.replace(
                    "interval_start}", f"interval_start, order: {'mdy' if s[1] == 'm' else 'dmy'}}}"
                )
            },
        ),
    )


@export
def date_two_digit_year() -> Case:
    return one(dated("%d/%m/%y %H:%M"), ROWS, told())


@export
def date_orders_mixed() -> Case:
    lines = [HEAD]
    for i, r in enumerate(ROWS):
        lines.append(",".join(cells(r, "%d/%m/%Y %H:%M" if i % 2 else "%m/%d/%Y %H:%M")))
    return one(text_of(lines), ROWS, rejected("order"))


@export
def date_orders_mixed_and_ambiguous() -> Case:
    """Days 11 to 14: some day-month, some month-day; those up to 12 fit both."""
    rows = good(first="2024-05-11", days=4)
    lines = [HEAD]
    for r in rows:
        lines.append(",".join(cells(r, "%d/%m/%Y %H:%M" if r.wall.day > 12 else "%m/%d/%Y %H:%M")))
    return one(text_of(lines), rows, told())


@export
def date_forms_mixed() -> Case:
    """What a spreadsheet turned is ISO, with day and month swapped; the rest it left alone."""
    rows = good(first="2024-05-01", days=20)
    lines = [HEAD]
    for r in rows:
        lines.append(",".join(cells(r, "%Y-%d-%m %H:%M" if r.wall.day <= 12 else "%d/%m/%Y %H:%M")))
    return one(text_of(lines), rows, told())


@export
def date_in_a_year_to_come() -> Case:
    row = LINES[9].replace("2024-05", "2042-05")
    return one(changed(10, row), ROWS, finding("hole"))


@export
def date_that_does_not_exist() -> Case:
    return one(changed(10, LINES[9].replace("05-13", "02-30")), ROWS, quarantined(10))


@export
def date_before_all_switches() -> Case:
    return one(changed(10, LINES[9].replace("2024", "1900")), ROWS, quarantined(10))


@export
def date_finnish_november() -> Case:
    """marraskuu is November, and begins like March."""
    rows = good(first="2024-11-13")
    line = lambda r: [f"{r.wall:%d}-marras-{r.wall:%Y %H:%M}", *cells(r)[1:]]  # noqa: E731
    return one(text_of(lines_of(rows, line)), rows, told())


for _name, _month in {
    "german": "Mai",
    "french": "mai",
    "spanish": "mayo",
    "dutch": "mei",
    "polish": "maj",
    "russian": "мая",
}.items():
    add(
        f"date_month_{_name}",
        lambda m=_month: one(
            text_of(
                lines_of(ROWS, lambda r: [f"{r.wall:%d} {m} {r.wall:%Y %H:%M}", *cells(r)[1:]])
            ),
            ROWS,
            told(),
        ),
    )


def serial(row: Row, epoch: datetime) -> list[str]:
    days = (row.wall - epoch) / timedelta(days=1)
    return [f"{days:.10f}", *cells(row)[1:]]


@export
def date_serials_in_text() -> Case:
    line = partial(serial, epoch=datetime(1899, 12, 30))
    return one(text_of(lines_of(ROWS, line)), ROWS, rejected("spreadsheet"))


@export
def date_serials_in_text_by_profile() -> Case:
    line = partial(serial, epoch=datetime(1904, 1, 1))
    profile = _PROFILE.replace("interval_start}", "interval_start, form: excel_1904}")
    return one(text_of(lines_of(ROWS, line)), ROWS, exact(), profiles={"ours": profile})


@export
def date_serials_in_some_rows() -> Case:
    lines = lines_of(ROWS, lambda r: cells(r, "%d/%m/%Y %H:%M"))
    lines[4] = ",".join(serial(ROWS[3], datetime(1899, 12, 30)))
    return one(text_of(lines), ROWS, quarantined(5))


@export
def date_without_time() -> Case:
    rows = [replace(row_of("sales", datetime(2024, 5, d), d), minutes=1440) for d in range(6, 20)]
    return one(text_of(lines_of(rows, lambda r: cells(r, "%Y-%m-%d"))), rows, exact())


@export
def date_without_time_in_one_row() -> Case:
    """A cell whose midnight was dropped, or whose time was lost? It stands at the day's start."""
    return one(changed(9, LINES[8].replace(" 10:30", "")), ROWS, told())


@export
def time_24_00() -> Case:
    """Midnight at the day's end, among starts: it may tell of ends as well."""
    rows = good(hours=(22, 25), days=1)
    text = text_of(lines_of(rows)).replace("2024-05-14 00:00", "2024-05-13 24:00")
    return one(text, rows, told())


@export
def time_with_points() -> Case:
    return one(dated("%Y-%m-%d %H.%M"), ROWS, told())


@export
def time_with_a_zone_name() -> Case:
    return one(dated("%Y-%m-%d %H:%M EDT"), ROWS, told())


@export
def time_noon_and_midnight() -> Case:
    rows = [*good(hours=(0, 1), days=1), *good(hours=(12, 13), days=1)]
    return one(dated("%Y-%m-%d %I:%M %p", rows), rows, exact())


@export
def time_after_noon_with_pm() -> Case:
    return one(changed(9, LINES[8].replace("10:30", "22:30 PM")), ROWS, quarantined(9))


@export
def time_of_ranges() -> Case:
    def line(r: Row) -> list[str]:
        end = r.wall + timedelta(minutes=30)
        return [f"{r.wall:%Y-%m-%d %H:%M}-{end:%H:%M}", *no_lengths(r)[1:]]

    rows = good(hours=(22, 24))
    return one(text_of(lines_of(rows, line, SHORT)), rows, exact())


@export
def time_of_ranges_to_the_last_minute() -> Case:
    def line(r: Row) -> list[str]:
        end = r.wall + timedelta(minutes=29)
        return [f"{r.wall:%Y-%m-%d %H:%M} - {end:%H:%M}", *no_lengths(r)[1:]]

    return one(text_of(lines_of(ROWS, line, SHORT)), ROWS, exact())


@export
def time_of_ranges_against_the_length() -> Case:
    """The text says half an hour, the column a quarter: one of them is wrong."""

    def line(r: Row) -> list[str]:
        end = r.wall + timedelta(minutes=30)
        return [f"{r.wall:%Y-%m-%d %H:%M}-{end:%H:%M}", r.queue, "15", *cells(r)[3:]]

    return one(text_of(lines_of(ROWS, line)), ROWS, told())


@export
def time_of_ends_by_profile() -> Case:
    rows = good(hours=(22, 24))
    line = lambda r: cells(replace(r, wall=r.wall + timedelta(minutes=30)))  # noqa: E731
    profile = _PROFILE + "label: end\n"
    return one(text_of(lines_of(rows, line)), rows, exact(), profiles={"ours": profile})


@export
def time_of_ends_taken_for_starts() -> Case:
    """24:00 begins no interval: the column has ends, and all would be half an hour late."""
    rows = good(hours=(22, 24))

    def line(r: Row) -> list[str]:
        end = r.wall + timedelta(minutes=30)
        late = end.date() > r.wall.date()
        return [f"{r.wall:%Y-%m-%d} 24:00" if late else f"{end:%Y-%m-%d %H:%M}", *cells(r)[1:]]

    return one(text_of(lines_of(rows, line)), rows, told())


@export
def time_as_numbers_by_profile() -> Case:
    line = lambda r: [f"{r.wall:%Y-%m-%d}", f"{r.wall.hour * 100 + r.wall.minute}", *cells(r)[1:]]  # noqa: E731
    profile = _PROFILE.replace("column: interval_start", "column: [day, at], form: hhmm")
    text = text_of(lines_of(ROWS, line, ("day", "at", *COLUMNS[1:])))
    return one(text, ROWS, told(), profiles={"ours": profile})


@export
def time_with_offsets() -> Case:
    line = lambda r: [r.utc.tz_convert("Asia/Kolkata").isoformat(), *cells(r)[1:]]  # noqa: E731
    return one(text_of(lines_of(ROWS, line)), ROWS, exact())


@export
def time_with_an_offset_that_is_none() -> Case:
    return one(changed(9, LINES[8].replace("10:30", "10:30-25:90")), ROWS, quarantined(9))


@export
def time_seconds_past_the_interval() -> Case:
    """09:00:07 is no interval's start."""
    rows = ROWS
    text = changed(9, LINES[8].replace("10:30", "10:30:07"))
    return one(text, rows, told())


# ---------------------------------------------------------------- clock changes


def autumn(queues: Sequence[str] = ("sales", "service")) -> list[Row]:
    """Return the night of 2024-11-03, 00:00 to 04:00: the hour from 01:00 stands twice."""
    walls = [(0, 0, 0), (0, 30, 0), (1, 0, 0), (1, 30, 0), (1, 0, 1), (1, 30, 1)]
    walls += [(2, 0, 0), (2, 30, 0), (3, 0, 0), (3, 30, 0)]
    out = []
    for n, (hour, minute, fold) in enumerate(walls):
        for k, queue in enumerate(queues):
            wall = datetime(2024, 11, 3, hour, minute)
            out.append(row_of(queue, wall, n * len(queues) + k, fold=fold))
    return out


NIGHT = autumn()


def night(rows: Sequence[Row], must: object, **more: object) -> Case:
    return one(csv_of(rows), rows, must, **more)


@export
def autumn_in_order() -> Case:
    return night(sorted(NIGHT, key=lambda r: (r.queue, r.utc)), exact())


@export
def autumn_queues_in_turn() -> Case:
    return night(NIGHT, exact())


@export
def autumn_backwards() -> Case:
    return night(NIGHT[::-1], exact())


@export
def autumn_by_queue_backwards() -> Case:
    return night(sorted(NIGHT, key=lambda r: (r.queue, -r.utc.value)), exact())


@export
def autumn_shuffled() -> Case:
    order = np.random.default_rng(3).permutation(len(NIGHT))
    rows = [NIGHT[i] for i in order]
    lines = tuple(i + 2 for i, r in enumerate(rows) if r.is_doubled)
    return night(rows, quarantined(*lines))


@export
def autumn_sorted_by_its_texts() -> Case:
    """Sorted by wall time, as SQL or a spreadsheet sorts it: equal times stand in any order."""
    rows = sorted(NIGHT, key=lambda r: (r.queue, r.wall, -r.fold))
    return night(rows, told())


@export
def autumn_first_hour_alone() -> Case:
    return night([r for r in NIGHT if not r.fold], finding("clock_change"))


@export
def autumn_second_hour_alone() -> Case:
    rows = [r for r in NIGHT if r.fold or not r.is_doubled]
    return night(rows, finding("clock_change"))


@export
def autumn_hours_added_up() -> Case:
    """The switch has added both: the contacts are right, their hour is not."""
    rows = [r for r in NIGHT if not r.is_doubled]
    both = [
        replace(a, offered=a.offered + b.offered, answered=a.answered + b.answered)
        for a in NIGHT
        for b in NIGHT
        if a.is_doubled and not a.fold and b.fold and (a.wall, a.queue) == (b.wall, b.queue)
    ]
    told_rows = sorted([*rows, *both], key=lambda r: (r.queue, r.wall))
    return replace(night(told_rows, finding("clock_change")), truth=truth_of(NIGHT))


@export
def autumn_one_interval_of_the_second_hour_lost() -> Case:
    rows = [r for r in NIGHT if not (r.fold and r.wall.minute == 30)]
    return night(rows, told())


@export
def autumn_in_order_and_all_twice() -> Case:
    rows = [*NIGHT, *NIGHT]
    return Case({"calls.csv": csv_of(rows)}, truth_of(NIGHT), told())


@export
def autumn_each_row_twice() -> Case:
    rows = [r for r in NIGHT for _ in range(2)]
    truth = truth_of(NIGHT, line=[2 + 2 * i for i in range(len(NIGHT))])
    return Case({"calls.csv": csv_of(rows)}, truth, told())


@export
def autumn_with_offsets() -> Case:
    line = lambda r: [r.utc.tz_convert("America/New_York").isoformat(), *cells(r)[1:]]  # noqa: E731
    rows = NIGHT[::-2]
    return one(text_of(lines_of(rows, line)), rows, exact())


@export
def autumn_in_two_files() -> Case:
    """The first file ends with the first hour, the second begins with the second."""
    a, b = NIGHT[:8], NIGHT[8:]
    truth = pd.concat([truth_of(a, "a.csv"), truth_of(b, "b.csv")], ignore_index=True)
    return Case({"a.csv": csv_of(a), "b.csv": csv_of(b)}, truth, told())


@export
def autumn_hourly() -> Case:
    """One time stands twice: in order and sorted by its texts look the same."""
    walls = [(0, 0), (1, 0), (1, 1), (2, 0), (3, 0)]
    rows = [
        row_of("sales", datetime(2024, 11, 3, h), n, 60, fold) for n, (h, fold) in enumerate(walls)
    ]
    return night(rows, told())


@export
def autumn_without_lengths() -> Case:
    return one(text_of(lines_of(NIGHT, no_lengths, SHORT)), NIGHT, exact())


@export
def autumn_daily() -> Case:
    rows = [row_of("sales", datetime(2024, 11, d), d, 1440) for d in range(1, 8)]
    truth = truth_of(rows)
    truth.loc[truth["line"] == 4, "minutes"] = 1500
    return replace(night(rows, told()), truth=truth)


@export
def autumn_of_ends_by_profile() -> Case:
    """Ends of the same night: 00:30, 01:00, 01:30, 01:00, 01:30, 02:00, 02:30 ..."""
    rows = [r for r in NIGHT if r.queue == "sales"]

    def line(r: Row) -> list[str]:
        end = (r.utc + pd.Timedelta(minutes=30)).tz_convert("America/New_York")
        return [f"{end:%Y-%m-%d %H:%M}", *cells(r)[1:]]

    profile = {"ours": _PROFILE + "label: end\n"}
    return one(text_of(lines_of(rows, line)), rows, told(), profiles=profile)


def spring() -> list[Row]:
    """Return the night of 2024-03-10, 00:00 to 05:00; the hour from 02:00 does not exist."""
    rows = good(("sales",), "2024-03-10", 1, (0, 5))
    return [r for r in rows if r.wall.hour != 2]


@export
def spring_left_out() -> Case:
    return night(spring(), exact())


@export
def spring_with_rows_of_zero() -> Case:
    rows = spring()
    zero = [f"2024-03-10 02:{m:02d},sales,30,0,0,0" for m in (0, 30)]
    text = inserted(5, *zero, lines=lines_of(rows))
    return one(text, rows, exact(clock_gap=2), line=shifted(rows, 5, 2))


@export
def spring_with_contacts() -> Case:
    """Contacts in the hour that does not exist: the zone is wrong, or the switch's clock."""
    rows = spring()
    more = [f"2024-03-10 02:{m:02d},sales,30,{m + 4},1,9" for m in (0, 30)]
    text = inserted(5, *more, lines=lines_of(rows))
    return one(text, rows, quarantined(6, 7), line=shifted(rows, 5, 2))


@export
def spring_of_ends_by_profile() -> Case:
    """The interval from 01:30 ends at 03:00."""
    rows = spring()

    def line(r: Row) -> list[str]:
        end = (r.utc + pd.Timedelta(minutes=30)).tz_convert("America/New_York")
        return [f"{end:%Y-%m-%d %H:%M}", *cells(r)[1:]]

    profile = {"ours": _PROFILE + "label: end\n"}
    return one(text_of(lines_of(rows, line)), rows, told(), profiles=profile)


@export
def spring_of_ends_without_contacts() -> Case:
    rows = [replace(r, offered=0, answered=0, talk_s=0.0) for r in spring()]

    def line(r: Row) -> list[str]:
        end = (r.utc + pd.Timedelta(minutes=30)).tz_convert("America/New_York")
        return [f"{end:%Y-%m-%d %H:%M}", *cells(r)[1:]]

    profile = {"ours": _PROFILE + "label: end\n"}
    return one(text_of(lines_of(rows, line)), rows, told(), profiles=profile)


@export
def spring_daily() -> Case:
    rows = [row_of("sales", datetime(2024, 3, d), d, 1440) for d in range(8, 14)]
    truth = truth_of(rows)
    truth.loc[truth["line"] == 4, "minutes"] = 1380
    return replace(night(rows, told()), truth=truth)


# ---------------------------------------------------------------- lengths


def unlengthed(rows: Sequence[Row], must: object, **more: object) -> Case:
    return one(text_of(lines_of(rows, no_lengths, SHORT)), rows, must, **more)


@export
def length_changes_after_weeks() -> Case:
    rows = [*good(days=10), *good(first="2024-05-23", days=10, minutes=15)]
    return unlengthed(rows, finding("length_change"))


@export
def length_changes_after_three_days() -> Case:
    rows = [*good(days=3), *good(first="2024-05-16", days=10, minutes=15)]
    return unlengthed(rows, told())


@export
def length_changes_for_the_last_three_days() -> Case:
    rows = [*good(days=10), *good(first="2024-05-23", days=3, minutes=15)]
    return unlengthed(rows, told())


@export
def length_changes_for_the_better_from_quarters() -> Case:
    rows = [*good(days=10, minutes=15), *good(first="2024-05-23", days=3, minutes=30)]
    return unlengthed(rows, told())


@export
def length_changes_within_a_day() -> Case:
    rows = [*good(days=3), *good(first="2024-05-15", days=1, hours=(12, 14), minutes=15)]
    return unlengthed(rows, told())


@export
def length_by_queue() -> Case:
    rows = [*good(("sales",), days=3), *good(("service",), days=3, minutes=15)]
    return unlengthed(rows, exact())


@export
def length_of_a_queue_that_is_seldom_called() -> Case:
    """The switch leaves out zeros: two rows a day, hours apart, do not make intervals of hours."""
    rare = [
        row_of("vip", datetime(2024, 5, d, h, m), d + h)
        for d in (13, 14, 15)
        for h, m in ((9, 0), (11, 30))
    ]
    return unlengthed([*good(days=3), *rare], told())


@export
def length_of_a_queue_with_one_row_a_day() -> Case:
    rare = [row_of("vip", datetime(2024, 5, d, 9), d) for d in (13, 14, 15, 16)]
    return unlengthed([*good(days=4), *rare], told())


@export
def length_of_hours_of_which_every_other_is_there() -> Case:
    """All queues are called in some half-hours only; the step that is usual is not the length."""
    rows = [r for r in good(days=5) if r.wall.minute == 0 or r.wall.hour == 11]
    return unlengthed(rows, told())


@export
def length_cannot_be_told() -> Case:
    rows = good(days=1)[:2]
    return unlengthed(rows, rejected("length"))


@export
def length_of_one_interval_is_given() -> Case:
    return night(good(days=1)[:2], exact())


@export
def lengths_that_overlap() -> Case:
    row = "2024-05-13 09:10,sales,30,7,7,70"
    return one(inserted(3, row), ROWS, told(), line=shifted(ROWS, 3, 1))


@export
def length_zero_and_too_long() -> Case:
    text = changed(6, LINES[5].replace(",30,", ",0,"))
    text = text.replace(LINES[7], LINES[7].replace(",30,", ",1441,"))
    return one(text, ROWS, quarantined(6, 8))


# ---------------------------------------------------------------- exports again

DAY1, DAY2, DAY3 = (good(first=f"2024-05-{d}", days=1) for d in (13, 14, 15))


def files(truths: Sequence[pd.DataFrame], must: object, **data: bytes) -> Case:
    named_files = {name.replace("__", " ").replace("_csv", ".csv"): b for name, b in data.items()}
    return Case(named_files, pd.concat(truths, ignore_index=True), must)


@export
def again_overlapping() -> Case:
    return Case(
        {"a.csv": csv_of([*DAY1, *DAY2]), "b.csv": csv_of([*DAY2, *DAY3])},
        pd.concat([truth_of(DAY1, "a.csv"), truth_of([*DAY2, *DAY3], "b.csv")], ignore_index=True),
        exact(),
    )


def more(rows: Sequence[Row], by: int = 3) -> list[Row]:
    return [replace(r, offered=r.offered + by) for r in rows]


def _corrected(old: str, new: str, days: Sequence[Row] = DAY2) -> Case:
    truth = pd.concat([truth_of(DAY1, old), truth_of(more(days), new)], ignore_index=True)
    return Case(
        {old: csv_of([*DAY1, *days]), new: csv_of(more(days))}, truth, finding("later_export")
    )


for _name, _old, _new in (
    ("by_number", "calls.csv", "calls (2).csv"),
    ("by_numbers_above_nine", "calls v9.csv", "calls v10.csv"),
    ("by_date", "z_2024-05-15.csv", "a_2024-05-16.csv"),
    ("by_compact_date", "z_20240515.csv", "a_20240516.csv"),
    ("by_date_and_time", "z_20240516_0600.csv", "a_20240516_1800.csv"),
    ("by_folder_of_dates", "2024-05-15/calls.csv", "2024-05-16/calls.csv"),
):
    add(f"again_corrected_{_name}", partial(_corrected, _old, _new))


@export
def again_corrected_by_a_repaired_copy() -> Case:
    broken_text = changed(4, LINES[3].replace("service", ""))
    return Case(
        {"calls.csv": broken_text.encode(), "calls.repaired.csv": PLAIN.encode()},
        truth_of(ROWS, "calls.repaired.csv"),
        exact(),
    )


@export
def again_with_a_day_more() -> Case:
    """The export of noon has half a day, that of the evening has all; no date in their names."""
    noon = [*DAY1, *more(DAY2[:6], -4)]
    return Case(
        {"zz.csv": csv_of(noon), "aa.csv": csv_of([*DAY1, *DAY2])},
        truth_of([*DAY1, *DAY2], "aa.csv"),
        finding("later_export"),
    )


@export
def again_same_bytes_in_a_subfolder() -> Case:
    return Case(
        {"calls.csv": PLAIN.encode(), "old/copy of calls.csv": PLAIN.encode()},
        truth_of(ROWS, "old/copy of calls.csv"),
        exact(),
    )


@export
def again_in_quarters_but_not_all() -> Case:
    """The later export has quarters of an hour, and lacks one: half of the interval is lost."""
    old = good(("sales",), days=1)
    new = [
        replace(r, minutes=15, wall=r.wall + timedelta(minutes=m), offered=r.offered // 2)
        for r in old
        for m in (0, 15)
    ][:-1]
    truth = truth_of(new, "b_2024-05-20.csv")
    last = truth_of(
        [replace(new[-1], wall=new[-1].wall + timedelta(minutes=15))], "a_2024-05-19.csv"
    )
    return Case(
        {"a_2024-05-19.csv": csv_of(old), "b_2024-05-20.csv": csv_of(new)},
        pd.concat([truth, last.assign(line=7)], ignore_index=True),
        told(),
    )


@export
def again_in_quarters_with_other_numbers() -> Case:
    old = good(("sales",), days=1)
    new = [
        replace(r, minutes=15, wall=r.wall + timedelta(minutes=m), offered=r.offered)
        for r in old
        for m in (0, 15)
    ]
    return Case(
        {"a_2024-05-19.csv": csv_of(old), "b_2024-05-20.csv": csv_of(new)},
        truth_of(new, "b_2024-05-20.csv"),
        told(),
    )


@export
def again_a_day_total_for_one_interval() -> Case:
    """The earlier export has the day, the later one half an hour of it: the day is not that."""
    day = [replace(row_of("sales", datetime(2024, 5, 13), 1, 1440), offered=500)]
    part = [row_of("sales", datetime(2024, 5, 13, 9), 2)]
    return Case(
        {"a_2024-05-19.csv": csv_of(day), "b_2024-05-20.csv": csv_of(part)},
        truth_of(part, "b_2024-05-20.csv"),
        finding("day_total"),
    )


@export
def two_rows_of_one_interval() -> Case:
    row = LINES[5].rsplit(",", 3)[0] + ",1,1,1"
    return one(inserted(6, row), ROWS, quarantined(6, 7), line=shifted(ROWS, 6, 1))


@export
def one_row_twice() -> Case:
    return one(inserted(6, LINES[5]), ROWS, exact(), line=shifted(ROWS, 6, 1))


# ---------------------------------------------------------------- cut off, and no table at all


@export
def cut_within_a_line() -> Case:
    data = PLAIN.encode()[:-20]
    return one(data, ROWS, finding("cut_off"), lost=[len(ROWS) - 1])


@export
def cut_within_the_last_number() -> Case:
    return one(PLAIN.encode()[:-3], ROWS, finding("cut_off"), lost=[len(ROWS) - 1])


@export
def cut_at_a_line_end() -> Case:
    """Weeks of whole days, and a last one that stops at noon."""
    rows = [r for r in good(days=35, hours=(8, 18)) if r.wall < datetime(2024, 6, 16, 11)]
    return one(csv_of(rows), rows, finding("cut_short"))


@export
def cut_within_the_header() -> Case:
    return one(HEAD[:20], [], rejected())


@export
def cut_within_a_quoted_cell() -> Case:
    rows = named("sales, north")
    data = csv_of(rows)
    return one(data[: data.rindex(b", north")], rows, rejected("quote"))


@export
def cut_by_a_sheet_of_65536_lines() -> Case:
    rows = good(("sales", "service"), "2020-01-01", 781, (3, 24))[:65_535]
    return one(csv_of(rows), rows, finding("cut_off"))


@export
def cut_by_a_sheet_of_65536_lines_with_cr() -> Case:
    rows = good(("sales", "service"), "2020-01-01", 781, (3, 24))[:65_535]
    return one(csv_of(rows, "\r"), rows, finding("cut_off"))


@export
def cut_by_a_sheet_of_1048576_lines() -> Case:
    size = 1_048_575
    at = np.datetime64("2020-06-01T00:00") + np.arange(size // 21 + 1) * np.timedelta64(30, "m")
    utc = np.repeat(at, 21)[:size]
    queue = np.tile([f"q{i}" for i in range(21)], len(at))[:size]
    offered = 20 + np.arange(size) % 71
    stamps = np.datetime_as_string(utc, unit="m")
    rows = zip(stamps, queue, offered, strict=True)
    text = "interval_start,queue,interval_minutes,offered\n"
    text += "".join(f"{stamp}Z,{name},30,{count}\n" for stamp, name, count in rows)
    truth = pd.DataFrame({"queue": queue, "offered": offered, "minutes": 30, "file": "calls.csv"})
    ds = pd.Series(utc).astype("datetime64[us]").dt.tz_localize("UTC")
    truth = truth.assign(ds=ds, site="main", channel="voice", line=np.arange(size) + 2)
    truth = truth.assign(at_end=False, doubled=False).reindex(columns=truth_of([]).columns)
    return Case({"calls.csv": text.encode()}, truth, finding("cut_off"))


SLOW.add("cut_by_a_sheet_of_1048576_lines")


@export
def empty_file() -> Case:
    return one(b"", [], rejected("empty"))


@export
def blank_file() -> Case:
    return one(b"\n\n   \r\n", [], rejected("empty"))


@export
def mark_alone() -> Case:
    return one(codecs.BOM_UTF8, [], rejected())


@export
def web_page_named_xls() -> Case:
    rows = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in cells(r))}</tr>" for r in ROWS)
    return one(f"<html><table>{rows}</table></html>", ROWS, rejected("web page"), name="calls.xls")


@export
def web_page_of_an_error() -> Case:
    return one("<!DOCTYPE html>\n<h1>Session expired</h1>", [], rejected("web page"))


@export
def xml_spreadsheet() -> Case:
    return one(
        '<?xml version="1.0"?>\n<Workbook></Workbook>', [], rejected("XML"), name="calls.xls"
    )


@export
def json_text() -> Case:
    return one('[{"queue": "sales", "offered": 3}]', [], rejected("JSON"), name="calls.json")


@export
def json_lines() -> Case:
    return one('{"queue": "sales"}\n{"queue": "service"}\n', [], rejected("JSON"))


@export
def pdf() -> Case:
    return one(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", [], rejected("PDF"), name="calls.pdf")


@export
def binary() -> Case:
    data = np.random.default_rng(1).integers(0, 256, 5000, dtype="uint8").tobytes()
    return one(data, [], rejected())


@export
def prose() -> Case:
    return one("Dear all,\nplease find the calls attached.\nRegards\n", [], rejected())


# ---------------------------------------------------------------- packed

PACKED = PLAIN.encode()


def zipped(members: Sequence[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members:
            packed.writestr(zipfile.ZipInfo(name, (2024, 5, 13, 0, 0, 0)), data)
    return out.getvalue()


@export
def gz_of_csv() -> Case:
    return one(gzip.compress(PACKED, mtime=0), ROWS, exact(), name="calls.csv.gz")


@export
def gz_of_two_parts() -> Case:
    data = gzip.compress(PACKED[:300], mtime=0) + gzip.compress(PACKED[300:], mtime=0)
    return one(data, ROWS, exact(), name="calls.csv.gz")


@export
def gz_cut() -> Case:
    data = gzip.compress(PACKED, mtime=0)
    return one(data[: len(data) // 2], ROWS, rejected("cut off"), name="calls.csv.gz")


@export
def gz_without_its_checksum() -> Case:
    return one(gzip.compress(PACKED, mtime=0)[:-8], ROWS, rejected(), name="calls.csv.gz")


@export
def gz_with_a_changed_byte() -> Case:
    data = bytearray(gzip.compress(PACKED, 0, mtime=0))
    data[100] ^= 1
    return one(bytes(data), ROWS, rejected(), name="calls.csv.gz")


@export
def gz_with_rubbish_behind() -> Case:
    data = gzip.compress(PACKED, mtime=0) + b"rubbish"
    return one(data, ROWS, told(), name="calls.csv.gz")


@export
def gz_named_csv() -> Case:
    return one(gzip.compress(PACKED, mtime=0), ROWS, exact())


@export
def zip_of_several() -> Case:
    members = [("b/two.csv", csv_of(DAY2)), ("one.csv", csv_of(DAY1)), ("__MACOSX/._one.csv", b"x")]
    truth = [truth_of(DAY1, "all.zip!one.csv"), truth_of(DAY2, "all.zip!b/two.csv")]
    return Case({"all.zip": zipped(members)}, pd.concat(truth, ignore_index=True), exact())


@export
def zip_cut() -> Case:
    data = zipped([("one.csv", PACKED)])
    return one(data[:-30], ROWS, rejected("cut off"), name="all.zip")


@export
def zip_with_a_changed_byte() -> Case:
    data = bytearray(zipped([("one.csv", PACKED)]))
    data[60] ^= 255
    return one(bytes(data), ROWS, rejected(), name="all.zip")


@export
def zip_with_a_bad_and_a_good_member() -> Case:
    data = bytearray(zipped([("a.csv", csv_of(DAY1)), ("b.csv", csv_of(DAY2))]))
    data[60] ^= 255
    truth = [truth_of(DAY1, "all.zip!a.csv"), truth_of(DAY2, "all.zip!b.csv")]
    return Case({"all.zip": bytes(data)}, pd.concat(truth, ignore_index=True), rejected())


@export
def zip_locked() -> Case:
    data = bytearray(zipped([("one.csv", PACKED)]))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return one(bytes(data), ROWS, rejected("password"), name="all.zip")


@export
def zip_in_a_zip() -> Case:
    inner = zipped([("one.csv", PACKED)])
    return one(
        zipped([("inner.zip", inner)]), ROWS, rejected("unpack"), name="all.zip", file="all.zip"
    )


@export
def zip_empty() -> Case:
    return one(zipped([]), [], rejected("empty"), name="all.zip")


@export
def zip_with_one_name_twice() -> Case:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for data in (csv_of(DAY1), csv_of(DAY2)):
            packed.writestr(zipfile.ZipInfo("one.csv", (2024, 5, 13, 0, 0, 0)), data) if not (
                packed.namelist()
            ) else packed.writestr(zipfile.ZipInfo("two.csv", (2024, 5, 13, 0, 0, 0)), data)
    data = out.getvalue().replace(b"two.csv", b"one.csv")
    truth = [truth_of(DAY1, "all.zip"), truth_of(DAY2, "all.zip")]
    return Case({"all.zip": data}, pd.concat(truth, ignore_index=True), told())


@export
def zip_with_a_path_out_of_the_folder() -> Case:
    data = zipped([("../../out.csv", PACKED)])
    return one(data, ROWS, told(), name="all.zip", file="all.zip")


@export
def zip_with_a_hidden_member_alone() -> Case:
    return one(zipped([(".calls.csv", PACKED)]), ROWS, rejected(), name="all.zip")


# ---------------------------------------------------------------- workbooks

Sheet = Callable[["xlsxwriter.Workbook", "xlsxwriter.worksheet.Worksheet"], object]


def book(*sheets: tuple[str, Sheet], **options: object) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    made.set_properties({"created": datetime(2024, 5, 13, tzinfo=UTC)})
    for name, fill in sheets:
        fill(made, made.add_worksheet(name))
    made.close()
    return out.getvalue()


def grid(rows: Sequence[Row], typed: bool = True, top: int = 0, left: int = 0) -> Sheet:
    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        shown = made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(top, left, COLUMNS)
        for i, row in enumerate(rows, top + 1):
            sheet.write_string(i, left + 1, row.queue)
            if not typed:
                sheet.write_string(i, left, cells(row)[0])
                for j, text in enumerate(cells(row)[2:], left + 2):
                    sheet.write_string(i, j, text)
                continue
            sheet.write_datetime(i, left, row.wall, shown)
            for j, value in enumerate(
                (row.minutes, row.offered, row.answered, row.talk_s), left + 2
            ):
                sheet.write_number(i, j, value)

    return fill


def workbook(
    rows: Sequence[Row], must: object, *sheets: tuple[str, Sheet], **extra: object
) -> Case:
    options = extra.pop("options", {})
    data = book(*sheets, **options)
    return one(data, rows, must, name="calls.xlsx", file=f"calls.xlsx!{sheets[0][0]}", **extra)


@export
def workbook_typed() -> Case:
    return workbook(ROWS, exact(), ("Report", grid(ROWS)))


@export
def workbook_of_text() -> Case:
    return workbook(ROWS, exact(), ("Report", grid(ROWS, typed=False)))


@export
def workbook_of_1904() -> Case:
    return workbook(ROWS, exact(), ("Report", grid(ROWS)), options={"date_1904": True})


@export
def workbook_with_bare_serials() -> Case:
    """Dates whose format was taken off; the workbook says how it counts days."""

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        sheet.write_row(0, 0, COLUMNS)
        for i, row in enumerate(ROWS, 1):
            sheet.write_number(i, 0, (row.wall - datetime(1904, 1, 1)) / timedelta(days=1))
            sheet.write_row(i, 1, [row.queue, row.minutes, row.offered, row.answered, row.talk_s])

    return workbook(ROWS, exact(), ("Report", fill), options={"date_1904": True})


@export
def workbook_not_at_its_corner() -> Case:
    return workbook(ROWS, exact(), ("Report", grid(ROWS, top=3, left=2)), line=5)


@export
def workbook_of_several_sheets() -> Case:
    data = book(("May 13", grid(DAY1)), ("May 14", grid(DAY2)))
    truth = [truth_of(DAY1, "calls.xlsx!May 13"), truth_of(DAY2, "calls.xlsx!May 14")]
    return Case({"calls.xlsx": data}, pd.concat(truth, ignore_index=True), exact())


@export
def workbook_with_notes() -> Case:
    """A sheet of notes is left aside, with a finding; the data are taken."""
    notes = ("Notes", lambda made, sheet: sheet.write(0, 0, "Made by the night shift"))
    case = workbook(ROWS, exact(), ("Report", grid(ROWS)), notes)
    return case


@export
def workbook_with_a_chart() -> Case:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    grid(ROWS)(made, made.add_worksheet("Report"))
    chart = made.add_chart({"type": "line"})
    chart.add_series({"values": "=Report!$D$2:$D$20"})
    made.add_chartsheet("Chart").set_chart(chart)
    made.close()
    return one(out.getvalue(), ROWS, exact(), name="calls.xlsx", file="calls.xlsx!Report")


@export
def workbook_with_a_hidden_older_sheet() -> Case:
    """A hidden sheet with other numbers for the same intervals: taken or not, it is told."""

    def hidden(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(more(ROWS))(made, sheet)
        sheet.hide()

    return workbook(ROWS, told(), ("Report", grid(ROWS)), ("Old", hidden))


@export
def workbook_with_merged_queues() -> Case:
    rows = sorted(ROWS, key=lambda r: r.queue)

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(rows)(made, sheet)
        plain = made.add_format()
        sheet.merge_range(1, 1, 12, 1, "sales", plain)
        sheet.merge_range(13, 1, 24, 1, "service", plain)

    return workbook(rows, told(), ("Report", fill))


@export
def workbook_of_formulas_never_reckoned() -> Case:
    """A program wrote formulas and no results: every result is shown as 0 until Excel opens it."""

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(ROWS)(made, sheet)
        for i, row in enumerate(ROWS, 1):
            for j, value in enumerate((row.offered, row.answered, row.talk_s), 3):
                sheet.write_formula(i, j, f"={value}+0")

    return workbook(ROWS, told(), ("Report", fill))


@export
def workbook_of_formulas_without_results() -> Case:
    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(ROWS)(made, sheet)
        for i, row in enumerate(ROWS, 1):
            sheet.write_formula(i, 3, f"={row.offered}+0", None, "")

    return workbook(ROWS, told(), ("Report", fill))


@export
def workbook_of_formulas() -> Case:
    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(ROWS)(made, sheet)
        for i, row in enumerate(ROWS, 1):
            sheet.write_formula(i, 3, f"={row.offered}+0", None, row.offered)

    return workbook(ROWS, exact(), ("Report", fill))


def _error_in(column: int) -> Case:
    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(ROWS)(made, sheet)
        sheet.write_formula(5, column, "=1/0", None, "#DIV/0!")

    return workbook(ROWS, told(), ("Report", fill))


add("workbook_with_an_error_as_count", partial(_error_in, 3))
add("workbook_with_an_error_as_talk", partial(_error_in, 5))
add("workbook_with_an_error_as_queue", partial(_error_in, 1))


@export
def workbook_half_turned() -> Case:
    """Day-month texts opened by an American Excel: up to the 12th they are dates, and wrong."""
    rows = good(first="2024-05-01", days=20)

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(rows)(made, sheet)
        shown = made.add_format({"num_format": "m/d/yyyy h:mm"})
        for i, row in enumerate(rows, 1):
            if row.wall.day <= 12:
                swapped = row.wall.replace(month=row.wall.day, day=row.wall.month)
                sheet.write_datetime(i, 0, swapped, shown)
            else:
                sheet.write_string(i, 0, f"{row.wall:%d/%m/%Y %H:%M}")

    return workbook(rows, told(), ("Report", fill))


@export
def workbook_half_turned_mostly_text() -> Case:
    rows = good(first="2024-05-05", days=20)

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(rows)(made, sheet)
        shown = made.add_format({"num_format": "m/d/yyyy h:mm"})
        for i, row in enumerate(rows, 1):
            if row.wall.day <= 12:
                swapped = row.wall.replace(month=row.wall.day, day=row.wall.month)
                sheet.write_datetime(i, 0, swapped, shown)
            else:
                sheet.write_string(i, 0, f"{row.wall:%d/%m/%Y %H:%M}")

    return workbook(rows, told(), ("Report", fill))


@export
def workbook_of_durations() -> Case:
    """Talk time in time formats, one of more than a day."""
    rows = [replace(r, talk_s=90_009.0) if i == 3 else r for i, r in enumerate(ROWS)]

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(rows)(made, sheet)
        shown = made.add_format({"num_format": "[h]:mm:ss"})
        for i, row in enumerate(rows, 1):
            sheet.write_number(i, 5, row.talk_s / 86400, shown)

    return workbook(rows, exact(), ("Report", fill))


@export
def workbook_of_times_of_day() -> Case:
    """As h:mm:ss, where a day and more falls out of sight."""
    rows = [replace(r, talk_s=90_009.0) if i == 3 else r for i, r in enumerate(ROWS)]

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(rows)(made, sheet)
        shown = made.add_format({"num_format": "h:mm:ss"})
        for i, row in enumerate(rows, 1):
            sheet.write_number(i, 5, row.talk_s / 86400, shown)

    return workbook(rows, told(), ("Report", fill))


@export
def workbook_date_and_time_apart() -> Case:
    columns = ("day", "at", *COLUMNS[1:])
    profile = _PROFILE.replace("column: interval_start", "column: [day, at]")

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        day, at = (made.add_format({"num_format": f}) for f in ("dd/mm/yyyy", "hh:mm"))
        sheet.write_row(0, 0, columns)
        for i, row in enumerate(ROWS, 1):
            sheet.write_datetime(i, 0, datetime(*row.wall.timetuple()[:3]), day)
            sheet.write_datetime(i, 1, row.wall.time(), at)
            sheet.write_row(i, 2, [row.queue, row.minutes, row.offered, row.answered, row.talk_s])

    return workbook(ROWS, exact(), ("Report", fill), profiles={"ours": profile})


@export
def workbook_queue_names_as_numbers() -> Case:
    """007 as the number 7 with a format: what is stored is 7, and no other."""
    rows = named("007")

    def fill(made: "xlsxwriter.Workbook", sheet: "xlsxwriter.worksheet.Worksheet") -> None:
        grid(rows)(made, sheet)
        shown = made.add_format({"num_format": "000"})
        for i, row in enumerate(rows, 1):
            if row.queue == "007":
                sheet.write_number(i, 1, 7, shown)

    return workbook(named("7"), exact(), ("Report", fill))


@export
def workbook_of_65536_rows() -> Case:
    rows = good(("sales", "service"), "2020-01-01", 781, (3, 24))[:65_535]
    return workbook(rows, finding("cut_off"), ("Report", grid(rows)))


SLOW.add("workbook_of_65536_rows")


@export
def workbook_cut() -> Case:
    data = book(("Report", grid(ROWS)))
    return one(data[:-400], ROWS, rejected(), name="calls.xlsx", file="calls.xlsx")


@export
def workbook_damaged() -> Case:
    data = bytearray(book(("Report", grid(ROWS))))
    at = bytes(data).index(b"xl/worksheets/sheet1.xml") + 40
    data[at : at + 20] = b"\x00" * 20
    return one(bytes(data), ROWS, rejected(), name="calls.xlsx", file="calls.xlsx")


@export
def workbook_locked() -> Case:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 4096
    return one(data, [], rejected(), name="calls.xlsx")


@export
def workbook_empty() -> Case:
    return one(book(("Sheet1", lambda made, sheet: None)), [], rejected(), name="calls.xlsx")


@export
def workbook_in_a_zip() -> Case:
    data = zipped([("calls.xlsx", book(("Report", grid(ROWS))))])
    return one(data, ROWS, exact(), name="all.zip", file="all.zip!calls.xlsx!Report")


# ---------------------------------------------------------------- parquet


def frame_of(rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "interval_start": pd.Series([r.wall for r in rows], dtype="datetime64[us]"),
            "queue": [r.queue for r in rows],
            "interval_minutes": [r.minutes for r in rows],
            "offered": [r.offered for r in rows],
            "answered": [r.answered for r in rows],
            "talk_s": [r.talk_s for r in rows],
        }
    )


def parquet(rows: Sequence[Row], must: object, **columns: pa.Array) -> Case:
    table = pa.Table.from_pandas(frame_of(rows), preserve_index=False)
    for name, values in columns.items():
        table = table.set_column(table.column_names.index(name), name, values)
    out = io.BytesIO()
    pq.write_table(table, out)
    return one(out.getvalue(), rows, must, name="calls.parquet")


@export
def parquet_typed() -> Case:
    return parquet(ROWS, exact())


@export
def parquet_nanoseconds_and_zone() -> Case:
    at = pa.array([r.utc.value for r in ROWS], pa.timestamp("ns", "UTC"))
    return parquet(ROWS, exact(), interval_start=at)


@export
def parquet_local_zone() -> Case:
    at = pa.array([r.utc.value for r in NIGHT], pa.timestamp("ns", "America/New_York"))
    return parquet(NIGHT, exact(), interval_start=at)


@export
def parquet_nanoseconds() -> Case:
    at = pa.array([pd.Timestamp(r.wall).value + 1 for r in ROWS], pa.timestamp("ns"))
    return parquet(ROWS, exact(), interval_start=at)


@export
def parquet_dictionaries_decimals_durations() -> Case:
    return parquet(
        ROWS,
        exact(),
        queue=pa.array([r.queue for r in ROWS]).dictionary_encode(),
        offered=pa.array([Decimal(r.offered) for r in ROWS], pa.decimal128(12, 2)),
        talk_s=pa.array([timedelta(seconds=r.talk_s) for r in ROWS], pa.duration("ms")),
    )


@export
def parquet_floats_with_nothing() -> Case:
    values = [None if i == 4 else float(r.offered) for i, r in enumerate(ROWS)]
    return parquet(ROWS, quarantined(6), offered=pa.array(values, pa.float64()))


@export
def parquet_names_as_bytes() -> Case:
    """Text columns that an old writer did not mark as text."""
    return parquet(ROWS, told(), queue=pa.array([r.queue.encode() for r in ROWS], pa.binary()))


@export
def parquet_names_as_lists() -> Case:
    return parquet(ROWS, told(), queue=pa.array([[r.queue] for r in ROWS]))


@export
def parquet_names_as_floats() -> Case:
    """Queue numbers with a hole become floats: 7.0 is the queue 7."""
    rows = [replace(r, queue="7" if r.queue == "sales" else "12") for r in ROWS]
    values = pa.array([float(r.queue) for r in rows])
    return parquet(rows, exact(), queue=values)


@export
def parquet_dates() -> Case:
    rows = [row_of("sales", datetime(2024, 5, d), d, 1440) for d in range(6, 20)]
    return parquet(rows, exact(), interval_start=pa.array([date(2024, 5, d) for d in range(6, 20)]))


@export
def parquet_cut() -> Case:
    case = parquet(ROWS, rejected())
    return replace(case, files={"calls.parquet": case.files["calls.parquet"][:-50]})


@export
def parquet_with_a_damaged_page() -> Case:
    case = parquet(ROWS, rejected())
    data = bytearray(case.files["calls.parquet"])
    data[4:60] = b"\xff" * 56
    return replace(case, files={"calls.parquet": bytes(data)})


@export
def parquet_without_rows() -> Case:
    return parquet([], told())


@export
def parquet_times_of_day() -> Case:
    rows = [replace(r, talk_s=float(r.talk_s % 3000)) for r in ROWS]
    values = [time(0, int(r.talk_s) // 60, int(r.talk_s) % 60) for r in rows]
    return parquet(rows, exact(), talk_s=pa.array(values, pa.time32("s")))


# ---------------------------------------------------------------- persons

_PERSON = ("Jane Doe", "+49 30 901820", "Doe")


def persons(row: Row) -> list[str]:
    return [*cells(row)[:2], "Jane Doe", "+49 30 901820", *cells(row)[2:]]


WITH_PERSONS = (*COLUMNS[:2], "agent_name", "caller", *COLUMNS[2:])


@export
def persons_in_columns_not_known() -> Case:
    lines = lines_of(ROWS, persons, WITH_PERSONS)
    lines[4] = lines[4].replace(",30,", ",x,")
    return one(text_of(lines), ROWS, quarantined(5), private=_PERSON)


@export
def persons_in_a_row_too_long() -> Case:
    lines = lines_of(ROWS, persons, WITH_PERSONS)
    lines[4] += ",more"
    return one(text_of(lines), ROWS, quarantined(5), private=_PERSON)


@export
def persons_in_a_row_too_short() -> Case:
    lines = lines_of(ROWS, persons, WITH_PERSONS)
    lines[4] = lines[4].rpartition(",")[0]
    return one(text_of(lines), ROWS, quarantined(5), private=_PERSON)


@export
def persons_shifted_into_a_count() -> Case:
    """``Doe, Jane`` without quotes, and no remark: the name stands where the count should be."""
    line = lambda r: [*cells(r)[:3], "agent", *cells(r)[3:], "ok"]  # noqa: E731
    lines = lines_of(ROWS, line, (*COLUMNS[:3], "agent_name", *COLUMNS[3:], "remark"))
    lines[4] = lines[4].replace(",agent,", ",Doe, Jane Doe,").removesuffix(",ok")
    return one(text_of(lines), ROWS, quarantined(5), private=_PERSON)


@export
def persons_in_a_file_without_a_header() -> Case:
    lines = lines_of(ROWS, persons, WITH_PERSONS)[1:]
    return one(text_of(lines), ROWS, rejected(), line=1, private=_PERSON)


@export
def persons_below_a_header_that_is_not_known() -> Case:
    lines = lines_of(ROWS, persons, [f"c{i}" for i in range(8)])
    lines[3] += ",more"
    return one(text_of(lines), ROWS, rejected(), private=_PERSON)


@export
def persons_in_a_swallowed_cell() -> Case:
    lines = lines_of(ROWS, persons, WITH_PERSONS)
    lines[4] = lines[4].replace(",Jane", ',"Jane', 1)
    lines[7] = lines[7].replace("Doe,", 'Doe",', 1)
    return one(
        text_of(lines), ROWS, told(), line=[2, 3, 4, 5, 5, 5, 5, *range(9, 26)], private=_PERSON
    )


@export
def persons_in_a_quote_left_open() -> Case:
    lines = lines_of(ROWS, persons, WITH_PERSONS)
    lines[4] = lines[4].replace(",Jane", ',"Jane', 1)
    return one(text_of(lines), ROWS, rejected(), private=_PERSON)


@export
def persons_in_a_preamble() -> Case:
    return one("Made by: Jane Doe\n" + PLAIN, ROWS, exact(preamble=1), line=3, private=_PERSON)


@export
def persons_in_the_name_of_a_sheet_column() -> Case:
    """Hours of agents beside the calls: their names are the names of columns."""
    lines = [f"{line},{'Jane Doe' if i == 0 else 30}" for i, line in enumerate(LINES)]
    return one(text_of(lines), ROWS, exact())


CALLS_PROFILE = """title: Our calls
grain: call
arrived: {column: arrived}
answered_at: {column: answered}
ended_at: {column: ended}
columns: {queue: queue, agent: agent, caller: caller, call_id: id}
"""


def call_log(bad: bool) -> Case:
    at = datetime(2024, 5, 13, 9)
    lines = ["id,arrived,answered,ended,queue,agent,caller"]
    for n in range(40):
        came = at + timedelta(minutes=3 * n)
        begun, done = came + timedelta(seconds=20), came + timedelta(seconds=140)
        lines.append(
            f"c{n},{came:%Y-%m-%d %H:%M:%S},{begun:%Y-%m-%d %H:%M:%S},{done:%Y-%m-%d %H:%M:%S},"
            "sales,Jane Doe,+49 30 901820"
        )
    if bad:
        lines[5] = lines[5].replace(":00,", ":7x,", 1)
    return Case(
        {"calls.csv": text_of(lines).encode()},
        None,
        told(),
        profiles={"ours": CALLS_PROFILE},
        private=_PERSON,
    )


add("persons_in_a_call_log", partial(call_log, bad=False))
add("persons_in_a_call_log_with_a_bad_row", partial(call_log, bad=True))


# ---------------------------------------------------------------- names of files

for _name, _file in {
    "exclamation_mark": "calls!final.csv",
    "formula": "=cmd|'calc'!A1.csv",
    "line_break": "calls\nfinal.csv",
    "quotes": "a\"b'c.csv",
    "blanks": "  calls  .csv",
    "markup": "<img src=x>.csv",
    "colon": "a:b;c.csv",
    "accents": "appels_été.csv",
    "decomposed": "appels_e\u0301te\u0301.csv",
    "emoji": "📞.csv",
    "long": "c" * 240 + ".csv",
    "no_ending": "calls",
    "other_ending": "calls.dat",
    "date_that_is_none": "calls_2024-13-45.csv",
    "backslash": "a\\b.csv",
    "star": "a*[b]?.csv",
    "dots": "calls..csv",
    "percent": "%s%d{}.csv",
    "repaired_alone": "calls.repaired.csv",
    "half_downloaded": "calls.csv.part",
}.items():

    def _odd_file(file: str = _file) -> Case:
        # With a contradiction, so that the file is looked at a second time.
        row = LINES[5].rsplit(",", 3)[0] + ",1,1,1"
        truth = truth_of(ROWS, file, shifted(ROWS, 6, 1))
        return Case({file: inserted(6, row).encode()}, truth, quarantined(6, 7))

    add(f"file_name_{_name}", _odd_file)


@export
def file_name_that_is_no_text() -> Case:
    """A name from an old archive: bytes that are not UTF-8."""

    def spoil(folder: Path) -> None:
        (folder / "calls.csv").rename(Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.csv")))

    return replace(one(PLAIN, ROWS, told()), spoil=spoil)


@export
def file_name_of_a_member_with_exclamation_marks() -> Case:
    row = LINES[5].rsplit(",", 3)[0] + ",1,1,1"
    data = zipped([("a!b!c.csv", inserted(6, row).encode())])
    truth = truth_of(ROWS, "all.zip!a!b!c.csv", shifted(ROWS, 6, 1))
    return Case({"all.zip": data}, truth, quarantined(6, 7))


@export
def link_to_nowhere() -> Case:
    """An export that is not there today: a link to a share that is not mounted."""

    def spoil(folder: Path) -> None:
        (folder / "gone.csv").symlink_to(folder / "nowhere" / "gone.csv")

    return replace(one(PLAIN, ROWS, rejected()), spoil=spoil)


@export
def link_to_a_folder() -> Case:
    def spoil(folder: Path) -> None:
        other = folder.parent / "share"
        other.mkdir()
        (other / "more.csv").write_bytes(csv_of(DAY3))
        (folder / "share").symlink_to(other)

    truth = pd.concat([truth_of(ROWS), truth_of(DAY3, "share/more.csv")], ignore_index=True)
    return replace(Case({"calls.csv": PACKED}, truth, told()), spoil=spoil)


@export
def folder_named_like_an_export() -> Case:
    def spoil(folder: Path) -> None:
        (folder / "old.csv").mkdir()
        (folder / "old.csv" / "calls.csv").write_bytes(csv_of(DAY3))

    truth = pd.concat([truth_of(ROWS), truth_of(DAY3, "old.csv/calls.csv")], ignore_index=True)
    return replace(Case({"calls.csv": PACKED}, truth, exact()), spoil=spoil)


_PROFILE = """title: Ours
grain: interval
files: ["*.csv", "*.xlsx"]
start: {column: interval_start}
columns:
  queue: queue
  interval_minutes: interval_minutes
  offered: offered
  answered: answered
  talk_s: {column: talk_s, unit: s}
"""


def main(folder: Path) -> None:
    """Write all cases out, a folder each, with the truth beside them."""
    for name, make in CASES.items():
        case = make()
        write(case, folder / name)
        if case.truth is not None:
            case.truth.to_csv(folder / name / "truth.csv", index=False)
        (folder / name / "must.txt").write_text(f"{case.must}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
