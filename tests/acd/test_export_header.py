"""Files that cannot be read as a table are refused, whatever share of bad rows is allowed."""

import pytest

from forecast.acd.ingest import ingest
from forecast.errors import InputError

HEAD = "interval_start,queue,interval_minutes,offered\n"
ROW = "2003-03-03 09:00,sales,30,4\n"


def refusal(folder, params) -> str:
    with pytest.raises(InputError) as caught:
        ingest(folder, params)
    return str(caught.value)


def test_an_empty_file_has_no_header(drop, lenient):
    message = refusal(drop(calls=""), lenient)
    assert message.startswith("calls.csv: the file is empty")


@pytest.mark.parametrize("first", ["\n", ",,,\n", " , , , \n", "Interval report\n\n"])
def test_lines_above_the_header_are_counted_as_such(drop, strict, check_balance, first):
    taken = ingest(drop(calls=first + HEAD + ROW), strict)
    assert taken.history["offered"].tolist() == [4]
    assert taken.ledger["rows_ignored"].tolist() == [first.count("\n")]
    check_balance(taken.ledger)


def test_a_file_that_begins_with_data_lacks_every_column(drop, lenient):
    message = refusal(drop(calls=ROW + ROW), lenient)
    assert message.startswith("calls.csv: no line of its first 60 names columns")
    assert "sales" not in message  # data may hold persons


@pytest.mark.parametrize("column", ["interval_start", "queue", "offered"])
def test_a_missing_column_is_named_with_what_was_found(drop, lenient, column):
    message = refusal(drop(calls=(HEAD + ROW).replace(column, "other")), lenient)
    assert f"calls.csv, line 1: column '{column}' is missing for the nearest profile" in message
    assert "other" in message
    assert "Rename your columns" in message


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_delimiters_are_read_alike(drop, strict, mark):
    taken = ingest(drop(calls=(HEAD + ROW).replace(",", mark)), strict)
    assert taken.history["offered"].tolist() == [4]


@pytest.mark.parametrize("name", ["Queue", "QUEUE", " queue ", "Que_ue"])
def test_column_names_may_differ_in_case_and_blanks(drop, strict, name):
    taken = ingest(drop(calls=HEAD.replace("queue", name) + ROW), strict)
    assert taken.history["queue"].tolist() == ["sales"]


def test_a_column_that_stands_twice_is_refused(drop, lenient):
    message = refusal(drop(calls="interval_start,queue,,offered, offered\n"), lenient)
    assert "column 'offered'" in message
    assert "found interval_start, queue, (no name), offered, offered" in message


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


def test_utf16_with_its_mark_is_read(drop, strict):
    taken = ingest(drop(calls=(HEAD + ROW).encode("utf-16")), strict)
    assert taken.history["offered"].tolist() == [4]
    assert taken.ledger["encoding"].tolist() == ["utf-16"]


def test_a_quote_that_never_closes_is_shown_where_its_row_begins(drop, lenient):
    text = HEAD + ROW + '2003-03-03 09:30,"sales,30,4\n' + ROW
    message = refusal(drop(calls=text), lenient)
    assert message.startswith("calls.csv, line 3: not valid CSV")
    assert "a quote is opened and not closed" in message


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
