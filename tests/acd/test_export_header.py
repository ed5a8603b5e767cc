"""Files that cannot be read as a table are refused, whatever share of bad rows is allowed."""

import pytest

from forecast.acd.ingest import ingest
from forecast.acd.reader import read_export
from forecast.errors import InputError

HEAD = "interval_start,queue,interval_minutes,offered\n"
ROW = "2003-03-03 09:00,sales,30,4\n"


def refusal(folder, params) -> str:
    with pytest.raises(InputError) as caught:
        ingest(folder, params)
    return str(caught.value)


def test_an_empty_file_has_no_header(drop, lenient):
    message = refusal(drop(calls=""), lenient)
    assert message.startswith("calls.csv, line 1: no header")
    assert "the first line must name the columns" in message


@pytest.mark.parametrize("first", ["\n", ",,,\n", " , , , \n"])
def test_a_blank_first_line_is_no_header(drop, lenient, first):
    assert "calls.csv, line 1: no header" in refusal(drop(calls=first + HEAD + ROW), lenient)


def test_a_file_that_begins_with_data_lacks_every_column(drop, lenient):
    message = refusal(drop(calls=ROW + ROW), lenient)
    assert message.startswith("calls.csv, line 1: column")
    assert "'interval_start', 'queue', 'offered' is missing" in message
    assert "found 2003-03-03 09:00, sales, 30, 4" in message


@pytest.mark.parametrize("column", ["interval_start", "queue", "offered"])
def test_a_missing_column_is_named_with_what_was_found(drop, lenient, column):
    message = refusal(drop(calls=(HEAD + ROW).replace(column, "other")), lenient)
    assert f"calls.csv, line 1: column '{column}' is missing" in message
    assert "other" in message
    assert "Rename your columns to: interval_start, queue, offered" in message


def test_a_file_with_semicolons_shows_what_its_header_looks_like(drop, lenient):
    message = refusal(drop(calls=(HEAD + ROW).replace(",", ";")), lenient)
    assert "found interval_start;queue;interval_minutes;offered" in message


def test_column_names_are_spelled_in_lower_case(drop, lenient):
    message = refusal(drop(calls=HEAD.replace("queue", "Queue") + ROW), lenient)
    assert "column 'queue' is missing; found interval_start, Queue" in message


def test_a_header_that_repeats_and_lacks_names_lists_both(drop, lenient):
    message = refusal(drop(calls="interval_start,queue,,offered, offered\n"), lenient)
    assert message.startswith("calls.csv, line 1: the header is ambiguous")
    assert "column 3: no name" in message
    assert "column 'offered' occurs twice" in message


def test_a_header_alone_is_no_data(drop, strict):
    message = refusal(drop(calls=HEAD), strict)
    assert "no row could be accepted" in message
    assert "header but no data" in message


def test_a_header_alone_beside_a_full_file_is_an_empty_export(drop, strict, check_balance):
    taken = ingest(drop(april=HEAD, march=HEAD + ROW), strict)
    assert taken.history["offered"].tolist() == [4]
    assert taken.ledger["rows_in"].tolist() == [0, 1]
    check_balance(taken.ledger)


def test_bytes_that_are_not_utf8_are_shown_with_their_line(drop, lenient):
    latin = (HEAD + ROW + ROW.replace("sales", "Verkäufe")).encode("latin-1")
    message = refusal(drop(calls=latin), lenient)
    assert message.startswith("calls.csv, line 3: byte 0xe4 is not UTF-8")
    assert "save the export as 'CSV UTF-8'" in message


def test_utf16_is_refused_too(drop, lenient):
    message = refusal(drop(calls=(HEAD + ROW).encode("utf-16")), lenient)
    assert message.startswith("calls.csv, line 1: byte 0xff is not UTF-8")


def test_a_quote_that_never_closes_is_shown_where_its_row_begins(drop, lenient):
    text = HEAD + ROW + '2003-03-03 09:30,"sales,30,4\n' + ROW
    message = refusal(drop(calls=text), lenient)
    assert message.startswith("calls.csv, line 3: not valid CSV")
    assert "check the quotes" in message


def test_text_after_a_closing_quote_is_refused(drop, lenient):
    message = refusal(drop(calls=HEAD + '2003-03-03 09:30,"sales"desk,30,4\n'), lenient)
    assert message.startswith("calls.csv, line 2: not valid CSV")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param((HEAD + ROW).encode(), id="plain"),
        pytest.param(b"\xef\xbb\xbf" + (HEAD + ROW).encode(), id="byte order mark"),
        pytest.param((HEAD + ROW).replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param((HEAD + ROW).replace("\n", "\r").encode(), id="CR"),
        pytest.param(
            b"\xef\xbb\xbf" + (HEAD + ROW).replace("\n", "\r\n").encode(), id="as Excel saves it"
        ),
        pytest.param((HEAD + ROW).rstrip("\n").encode(), id="no newline at the end"),
        pytest.param((HEAD + ROW).replace(",", " , ").encode(), id="spaces around cells"),
        pytest.param(
            b'"interval_start","queue","interval_minutes","offered"\n'
            b'"2003-03-03 09:00","sales","30","4"\n',
            id="every cell quoted",
        ),
    ],
)
def test_harmless_differences_of_form_are_read_alike(drop, strict, data):
    taken = ingest(drop(calls=data), strict).history
    assert taken[["queue", "minutes", "offered"]].to_numpy().tolist() == [["sales", 30, 4]]


def test_lines_are_counted_as_an_editor_shows_them(drop):
    text = HEAD + "\r\n" + ROW + '2003-03-03 09:30,"two\nlines",30,4\n' + ROW + "one,two\n"
    folder = drop(calls=text)
    export = read_export(folder / "calls.csv", folder)
    assert export.rows["line"].tolist() == [3, 4, 6]
    assert export.ragged == ((7, 2, "one,two"),)
    assert export.blank == 1
