"""Mutants of a good export: none may change HISTORY without the books saying so.

What no reader can know, and these mutants leave out by construction:

- a whole row deleted, or a file cut right behind a line's end: a good export of less (quality names
  a last day that is cut short, and a footer's total would tell; see test_bad_exports);
- a digit changed, added or taken away inside a number, and a number put in the place of another: a
  good export of other contacts. So marks (quotes, delimiters, line ends, letters) are put at the
  borders of cells and into them, never digits, and only whole cells are taken out;
- a letter changed inside a queue's name, or put to it: a queue of that name. (Beside hundreds of
  rows of others quality calls it ``seen_once``, or ``look_alike``; see test_bad_exports.) A quote
  or a semicolon in a name is a letter like any other;
- columns that change places together with their names: the same table;
- an optional column under a name that is not known: LEDGER lists it in ``columns_ignored``, and its
  values are missing, never zero;
- rows in another order: the same table, where no hour stands twice.

A line end put into the last number of a row leaves two lines, of which the first reads like a
whole row with a smaller number. A reader can know this, because the second is a piece of a row.
Line ends and open quotes in the header are in test_bad_exports.
"""

import csv
import io
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from forecast.acd.ingest import Ingested, take_in
from forecast.params import IngestParams
from tests.acd.exports import COLUMNS, ZONE, good, lines_of, silent, truth_of, usual_findings

ROWS = good(days=2, hours=(9, 11))
LINES = lines_of(ROWS)
TEXT = "".join(f"{line}\n" for line in LINES)
TRUTH = truth_of(ROWS)
PARAMS = IngestParams(timezone=ZONE)
HEADER = len(LINES[0]) + 1
ENDS = re.compile("\r\n|\r|\n")

# What fails is small as it is; making it smaller takes minutes.
quick = settings(
    derandomize=True, deadline=None, max_examples=15, database=None, phases=[Phase.generate]
)
deep = settings(quick, max_examples=40)


def take(data: bytes | str, name: str = "calls.csv") -> Ingested:
    with tempfile.TemporaryDirectory() as root:
        Path(root, name).write_bytes(data.encode() if isinstance(data, str) else data)
        return take_in(root, PARAMS)


def records(data: bytes, encoding: str = "utf-8") -> dict[int, tuple[int, list[str]]]:
    """Return what a strict reader finds: first line -> (last line, cells)."""
    reader = csv.reader(io.StringIO(data.decode(encoding), newline=""))
    out, line = {}, 1
    for parts in reader:
        out[line] = (reader.line_num, parts)
        line = reader.line_num + 1
    return out


def located(text: str, at: int = 0, grown: int = 0) -> pd.DataFrame:
    """Return the truth with the line of a mutant on which each row begins.

    The mutant has ``grown`` by so many characters at a place; a row in a record of several lines
    stands on the first of them.
    """
    try:
        spans = sorted((first, last) for first, (last, _) in records(text.encode()).items())
    except csv.Error:
        spans = []
    found, begins = [], HEADER
    lines = ENDS.split(text)
    for line in LINES[1:]:
        place = begins + (grown if begins > at else 0)
        number = len(ENDS.split(text[:place]))
        if lines[number - 1 : number] != [line]:
            number = next((i for i, have in enumerate(lines, 1) if have == line), number)
        found.append(next((first for first, last in spans if first <= number <= last), number))
        begins += len(line) + 1
    return TRUTH.assign(line=found)


def check(data: bytes | str, truth: pd.DataFrame, name: str = "calls.csv") -> None:
    assert silent(truth, take(data, name), usual_findings(TRUTH)) == []


def splice(at: int, out: int, new: str) -> str:
    return TEXT[:at] + new + TEXT[at + out :]


def cell_borders() -> list[int]:
    """Return the places right before and behind a delimiter or a line end."""
    return [i for i in range(len(TEXT)) if TEXT[i] in ",\n" or (i and TEXT[i - 1] in ",\n")]


def within_numbers() -> list[int]:
    """Return the places inside the cells of rows, but for queues' names."""
    out, at = [], HEADER
    for line in LINES[1:]:
        start = at
        for column, cell in zip(COLUMNS, line.split(","), strict=True):
            out += [] if column == "queue" else range(start, start + len(cell) + 1)
            start += len(cell) + 1
        at += len(line) + 1
    return out


def each(test_of: object, *given_by: st.SearchStrategy) -> tuple[object, object]:
    """Return a test of few examples, and one of many that is marked as slow."""
    return quick(given(*given_by)(test_of)), pytest.mark.slow(deep(given(*given_by)(test_of)))


def _cut(at: int) -> None:
    assume(at == 0 or TEXT[at - 1] != "\n")
    last = TEXT.count("\n", 0, at)  # lines that are whole; the next one is cut
    truth = TRUTH.assign(at_end=TRUTH["line"] > last)
    check(TEXT[:at], truth)


test_cut_at_any_byte, test_cut_at_every_byte = each(_cut, st.integers(0, len(TEXT) - 1))


def _cut_with_accents(encoding: str, at: int) -> None:
    names = {"utf-8": "客户é", "utf-16": "缴费é", "gb18030": "缴费服务"}
    text = TEXT.replace("sales", names[encoding])
    data = text.encode(encoding)
    at = at % len(data)
    assume(not data[:at].endswith((b"\n", b"\n\x00", b"\r")))
    truth = TRUTH.assign(queue=TRUTH["queue"].replace("sales", names[encoding]))
    left = data[:at].decode(encoding, "ignore").count("\n")
    truth = truth.assign(at_end=truth["line"] > left)
    check(data[:at], truth)


test_cut_in_any_encoding, test_cut_in_every_encoding = each(
    _cut_with_accents, st.sampled_from(["utf-8", "utf-16", "gb18030"]), st.integers(0, 10_000)
)


def _mark_at_a_border(at: int, mark: str) -> None:
    assume(at not in NAME_BORDERS or mark in NO_LETTERS)
    assume(at not in LAST_NUMBERS or mark != "\n\n")
    _mark(at, mark)


def _mark(at: int, mark: str) -> None:
    text = splice(at, 0, mark)
    check(text, located(text, at, len(mark)))


NAME_BORDERS = {i for hit in re.finditer("sales|service", TEXT) for i in hit.span()}
NO_LETTERS = {",", ",,", "\n", "\r", "\r\n", "\n\n", " ", "\x00"}
LAST_NUMBERS = {i for i in within_numbers() if "," not in TEXT[i : TEXT.index("\n", i)]}
MARKS = [",", ",,", '"', '""', "\n", "\r", "\r\n", "\n\n", ";", "\t", "x", "-", " ", "'", "\x00"]
test_mark_at_any_border, test_mark_at_every_border = each(
    _mark_at_a_border,
    st.sampled_from([i for i in cell_borders() if i > HEADER]),
    st.sampled_from([m for m in MARKS if m not in ("-", "x", "'")]),
)
test_mark_in_any_number, test_mark_in_every_number = each(
    _mark_at_a_border,
    st.sampled_from(within_numbers()),
    st.sampled_from([",", '"', '""', ";", "\t", "x", "\x00", "é", " ", "%", "e", "_"]),
)
test_line_end_in_any_number, test_line_end_in_every_number = each(
    _mark_at_a_border,
    st.sampled_from(within_numbers()),
    st.sampled_from(["\n", "\r", "\r\n", "\n\n", "\x0b", "\x85", "\u2028"]),
)
test_mark_in_the_header, test_marks_in_the_header = each(
    _mark_at_a_border,
    st.integers(0, HEADER - 1),
    st.sampled_from([mark for mark in MARKS if not ENDS.search(mark)]),
)


@pytest.mark.parametrize("back", [1, 2, 4])
def test_line_end_in_the_last_number(back):
    _mark(len(TEXT) - 1 - back, "\n")


def test_two_line_ends_in_a_last_number():
    _mark(171, "\n\n")


def _two_quotes(first: int, second: int) -> None:
    """Two quotes at cells' starts and ends: what lies between is one cell, with rows in it."""
    first, second = sorted((first, second))
    assume(HEADER <= first < second)
    assume(not {first, second} & {i for i in NAME_BORDERS if TEXT[i] == ","})
    text = TEXT[:first] + '"' + TEXT[first:second] + '"' + TEXT[second:]
    truth = located(text, first, 1)
    later = located(text, second, 2)["line"]
    check(text, truth.assign(line=later.where(later > text.count("\n", 0, second), truth["line"])))


test_two_quotes, test_two_quotes_anywhere = each(
    _two_quotes, st.sampled_from(cell_borders()), st.sampled_from(cell_borders())
)


def rows_as_cells() -> list[list[str]]:
    return [line.split(",") for line in LINES[1:]]


def joined(rows: Sequence[Sequence[str]], header: str = LINES[0]) -> str:
    return "".join(f"{line}\n" for line in [header, *(",".join(r) for r in rows)])


def _cell(row: int, column: int, what: str) -> None:
    rows = rows_as_cells()
    own = rows[row]
    if what == "delete":
        del own[column]
    elif what == "insert":
        own.insert(column, "")
    elif what == "duplicate":
        own.insert(column, own[column])
    elif what == "empty":
        own[column] = ""
    elif what == "left":  # the rest moves into its place
        own[column:] = [*own[column + 1 :], ""]
    elif what == "right":
        own[column:] = ["", *own[column:-1]]
    truth = TRUTH.copy()
    if what in ("empty", "left", "right"):
        for name in ("answered", "talk_s"):
            if not own[COLUMNS.index(name)]:
                truth.loc[row, name] = float("nan")  # an empty cell is no value, and none is taken
    if what in ("left", "right"):
        # A number in the place of another, where no empty cell shows the shift to a reader.
        assume(not (own[3].isdigit() and own[2].isdigit() and int(own[2]) <= 1440))
    check(joined(rows), truth)


test_cell, test_cells = each(
    _cell,
    st.integers(0, len(ROWS) - 1),
    st.integers(0, len(COLUMNS) - 1),
    st.sampled_from(["delete", "insert", "duplicate", "empty", "left", "right"]),
)


def _lines(order: list[int], more: list[str], at: int) -> None:
    rows = rows_as_cells()
    lines = [",".join(rows[i]) for i in order]
    at = at % (len(lines) + 1)
    lines[at:at] = more
    text = "".join(f"{line}\n" for line in [LINES[0], *lines])
    check(text, located(text))


extra_lines = st.lists(
    st.sampled_from(
        [
            "",
            ",,,,,",
            LINES[0],
            "Page 1 of 2",
            "Total,,,5,5,5",
            "TOTAL,,,5,5,5",
            ",Total,,5,5,5",
            LINES[1],
            LINES[4],
            "total",
            "2024-05-13,,,,,",
            "x,y",
            "\t",
            ";;;",
            "# end",
            "--",
            LINES[0].upper(),
        ]
    ),
    max_size=4,
)
test_lines, test_many_lines = each(
    _lines, st.permutations(range(len(ROWS))), extra_lines, st.integers(0, 40)
)


def _columns(order: list[int], end: str, mark: str, encoding: str, behind: bool) -> None:
    rows = [line.split(",") for line in LINES]
    lines = [mark.join(row[i] for i in order) + mark * behind for row in rows]
    text = "".join(line + end for line in lines)
    check(text.encode(encoding), TRUTH)


test_columns_marks_and_encodings, test_all_columns_marks_and_encodings = each(
    _columns,
    st.permutations(range(len(COLUMNS))),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "cp1252"]),
    st.booleans(),
)


def _line_ends(ends: list[str]) -> None:
    text = "".join(line + ends[i % len(ends)] for i, line in enumerate(LINES))
    out = take(text)
    lines, at = [], 1
    for i in range(len(LINES)):
        lines.append(at)
        at += ends[i % len(ends)].replace("\r\n", "\n").replace("\r", "\n").count("\n")
    assert silent(TRUTH.assign(line=lines[1:]), out) == []


test_line_ends, test_many_line_ends = each(
    _line_ends,
    st.lists(st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\r\n"]), min_size=1, max_size=5),
)


def _bytes(at: int, byte: int) -> None:
    """A byte that is no digit and no letter of a name, in the place of another.

    A byte of a name changed gives another name, one of a number another number.
    """
    data = TEXT.encode()
    assume(at in ALLOWED)
    new = data[:at] + bytes([byte]) + data[at + 1 :]
    try:
        truth = located(new.decode(), at)
    except UnicodeDecodeError:
        truth = TRUTH
    check(new, truth)


ALLOWED = frozenset(within_numbers()) - {i for i, c in enumerate(TEXT) if c == "\n"}
test_changed_byte, test_changed_bytes = each(
    _bytes,
    st.sampled_from(sorted(ALLOWED)),
    st.sampled_from([b for b in range(256) if not chr(b).isdigit() and chr(b) not in "\r\n.+"]),
)
