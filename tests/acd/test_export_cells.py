"""One bad cell: named with file, line and column, or set aside with its row; never mended."""

import pytest

from forecast.acd.ingest import ingest
from forecast.acd.sheets.reading import SUMS
from forecast.errors import InputError

HEAD = "interval_start,queue,interval_minutes,offered\n"
FIRST, LAST = "2003-03-03 09:00,sales,30,4\n", "2003-03-03 10:00,sales,30,6\n"

BAD_CELLS = [
    pytest.param(
        "03/03/2003 09:30,sales,30,5", "interval_start", "like the rest of its column", id="slashes"
    ),
    pytest.param("2003-03-03,sales,30,5", "interval_start", "no time of day", id="no time"),
    pytest.param("2003-03-03 25:00,sales,30,5", "interval_start", "there is no time", id="25:00"),
    pytest.param(
        "2003-02-29 09:30,sales,30,5", "interval_start", "there is no day 29", id="no day"
    ),
    pytest.param(
        "2003-03-03 9.5,sales,30,5", "interval_start", "like the rest of its column", id="decimal"
    ),
    pytest.param(
        "37683.4,sales,30,5", "interval_start", "like the rest of its column", id="serial number"
    ),
    pytest.param(",sales,30,5", "interval_start", "must not be empty", id="no timestamp"),
    pytest.param("2003-03-03 09:30,,30,5", "queue", "must not be empty", id="no queue"),
    pytest.param("2003-03-03 09:30,sales,30,-5", "offered", "not be negative", id="negative"),
    pytest.param("2003-03-03 09:30,sales,30,2.5", "offered", "whole number", id="fraction"),
    pytest.param(
        '2003-03-03 09:30,sales,30,"1,234"', "offered", "may be 1234 or 1.234", id="comma"
    ),
    pytest.param("2003-03-03 09:30,sales,30,1.23.4567", "offered", "thousands mark", id="points"),
    pytest.param("2003-03-03 09:30,sales,30,1 234", "offered", "no thousands mark", id="space"),
    pytest.param("2003-03-03 09:30,sales,30,1_234", "offered", "no thousands mark", id="underline"),
    pytest.param("2003-03-03 09:30,sales,30,", "offered", "whole number", id="no count"),
    pytest.param("2003-03-03 09:30,sales,30,many", "offered", "must be a number", id="word"),
    pytest.param("2003-03-03 09:30,sales,30,inf", "offered", "must be a number", id="infinite"),
    pytest.param("2003-03-03 09:30,sales,30,nan", "offered", "must be a number", id="not a number"),
    pytest.param("2003-03-03 09:30,sales,30,True", "offered", "must be a number", id="truth"),
    pytest.param("2003-03-03 09:30,sales,0,5", "interval_minutes", "1 to 1440", id="no length"),
    pytest.param("2003-03-03 09:30,sales,1441,5", "interval_minutes", "1 to 1440", id="long"),
    pytest.param("2003-03-03 09:30,sales,7.5,5", "interval_minutes", "whole number", id="half"),
    pytest.param("2003-03-03 09:30,sales,,5", "interval_minutes", "whole number", id="unknown"),
]


def cell_of(row: str, column: str) -> str:
    """Return what stands in a column; the one quoted cell of these rows is the last."""
    cells = row.split(",", 3)
    return cells[HEAD.strip().split(",").index(column)].strip('"')


@pytest.mark.parametrize(("row", "column", "rule"), BAD_CELLS)
def test_a_bad_cell_stops_the_run_with_its_place_and_the_rule(drop, strict, row, column, rule):
    folder = drop(calls=HEAD + FIRST + row + "\n" + LAST)
    with pytest.raises(InputError) as caught:
        ingest(folder, strict)
    message = str(caught.value)
    assert f"calls.csv, line 3, column {column}: " in message
    assert rule in message
    assert f"found '{cell_of(row, column)}'" in message
    assert "Mend them, or raise ingest.quarantine_share_max (now 0)" in message


@pytest.mark.parametrize(("row", "column", "rule"), BAD_CELLS)
def test_a_bad_cell_is_set_aside_where_that_is_allowed(
    drop, lenient, check_balance, row, column, rule
):
    taken = ingest(drop(calls=HEAD + FIRST + row + "\n" + LAST), lenient)
    assert taken.history["offered"].tolist() == [4, 6]
    aside = taken.quarantine
    assert aside[["file", "line", "column"]].to_numpy().tolist() == [["calls.csv", 3, column]]
    assert rule in aside["reason"].item()
    assert aside["text"].item() == row.replace('"', "")
    assert taken.ledger[["rows_in", "rows_quarantined"]].to_numpy().tolist() == [[3, 1]]
    check_balance(taken.ledger)


@pytest.mark.parametrize("fields", ["2003-03-03 09:30,sales,30", "2003-03-03 09:30,sales,30,5,6"])
def test_a_row_with_another_number_of_fields_is_no_row(
    drop, strict, lenient, check_balance, fields
):
    folder = drop(calls=HEAD + FIRST + fields + "\n" + LAST)
    found = len(fields.split(","))
    with pytest.raises(InputError) as caught:
        ingest(folder, strict)
    assert (
        f"calls.csv, line 3, column (row): {found} fields where the header has 4; "
        "quote cells with commas" in str(caught.value)
    )
    taken = ingest(folder, lenient)
    assert taken.history["offered"].tolist() == [4, 6]
    # Cells too many have no column to say whether they are private.
    assert taken.quarantine["text"].tolist() == ["***" if found > 4 else fields]
    check_balance(taken.ledger)


def test_all_bad_cells_are_told_at_once(drop, strict):
    row = "soon,,30,-5\n"
    with pytest.raises(InputError) as caught:
        ingest(drop(a=HEAD + FIRST + row, b=HEAD + row + LAST), strict)
    message = str(caught.value)
    assert message.startswith("6 bad cells in the exports; nothing was taken in.")
    for place in ("a.csv, line 3", "b.csv, line 2"):
        for column in ("interval_start", "queue", "offered"):
            assert f"{place}, column {column}: " in message


def test_a_row_with_two_bad_cells_is_one_row_set_aside(drop, lenient, check_balance):
    taken = ingest(drop(calls=HEAD + FIRST + "soon,sales,30,-5\n"), lenient)
    assert taken.quarantine["column"].tolist() == ["interval_start", "offered"]
    assert taken.ledger["rows_quarantined"].item() == 1
    assert taken.ledger["offered_quarantined"].item() == -5
    check_balance(taken.ledger)


def test_a_negative_fraction_is_one_bad_cell(drop, lenient, check_balance):
    taken = ingest(drop(calls=HEAD + FIRST + "2003-03-03 09:30,sales,30,-0.5\n"), lenient)
    assert taken.history["offered"].tolist() == [4]
    check_balance(taken.ledger)


@pytest.mark.parametrize("count", ["1e30", "99999999999999999999"])
def test_a_count_beyond_all_reason_is_a_bad_cell(drop, strict, count):
    folder = drop(calls=HEAD + FIRST + f"2003-03-03 09:30,sales,30,{count}\n")
    with pytest.raises(InputError, match=r"calls\.csv, line 3, column offered"):
        ingest(folder, strict)


@pytest.mark.parametrize(("text", "count"), [("0", 0), ("007", 7), ("12.0", 12), ("+5", 5)])
def test_whole_numbers_may_be_spelled_in_other_ways(drop, strict, text, count):
    taken = ingest(drop(calls=HEAD + f"2003-03-03 09:00,sales,30,{text}\n"), strict)
    assert taken.history["offered"].tolist() == [count]


def test_blank_rows_are_ignored_and_counted(drop, strict, check_balance):
    taken = ingest(drop(calls=HEAD + "\n" + FIRST + ",,,\n  , ,,\n" + LAST + "\n\n"), strict)
    assert taken.history["offered"].tolist() == [4, 6]
    assert taken.ledger[["rows_in", "rows_ignored"]].to_numpy().tolist() == [[7, 5]]
    check_balance(taken.ledger)


def test_the_share_of_bad_rows_is_a_limit_for_each_file(drop, lenient):
    half = lenient.model_copy(update={"quarantine_share_max": 0.5})
    bad = "2003-03-04 09:00,sales,30,-1\n"
    folder = drop(half=HEAD + FIRST + bad)
    assert len(ingest(folder, half).quarantine) == 1
    drop(most=HEAD + LAST + bad + bad.replace("09:00", "09:30"))
    with pytest.raises(InputError, match="2 bad cells") as caught:
        ingest(folder, half)
    assert "most.csv" in str(caught.value)
    assert "half.csv" not in str(caught.value)


def test_when_every_row_is_bad_the_message_does_not_say_there_were_none(drop, lenient):
    with pytest.raises(InputError, match="no row could be accepted") as caught:
        ingest(drop(calls=HEAD + "2003-03-03 09:00,sales,30,-1\n"), lenient)
    assert "no data" not in str(caught.value)


@pytest.mark.parametrize("column", SUMS)
def test_optional_columns_may_be_empty_but_not_wrong(drop, lenient, column):
    head = f"interval_start,queue,interval_minutes,offered,{column}\n"
    rows = ["09:00,sales,30,4,7.5", "09:30,sales,30,4,", "10:00,sales,30,4,-1"]
    rows.append("10:30,sales,30,4,many")
    text = head + "".join(f"2003-03-03 {row}\n" for row in rows)
    taken = ingest(drop(calls=text), lenient)
    assert taken.history[column].fillna(-9).tolist() == [7.5, -9]
    assert taken.quarantine[["line", "column"]].to_numpy().tolist() == [[4, column], [5, column]]


def test_columns_that_the_source_lacks_are_empty_not_zero(drop, strict):
    taken = ingest(drop(calls=HEAD + FIRST), strict)
    assert taken.history[list(SUMS)].isna().all(axis=None)
