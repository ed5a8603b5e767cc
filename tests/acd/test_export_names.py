"""Names stay as they are spelled; columns that nobody knows are listed, and their values hidden."""

import pandas as pd
import pytest

from forecast.acd.ingest import ingest

HEAD = "interval_start,queue,interval_minutes,offered\n"

NAMES = ["NA", "null", "nan", "None", "007", "1E5", "1.0", "TRUE", "-", "2003-03-03", "売上"]
NAMES += ["客服热线", "Verkäufe", "sales & service", "=SUM(A1)", "../up", "<b>bold</b>", "Sales"]


@pytest.mark.parametrize("name", NAMES)
def test_a_queue_keeps_its_name(drop, strict, name):
    taken = ingest(drop(calls=HEAD + f"2003-03-03 09:00,{name},30,4\n"), strict)
    assert taken.history["queue"].tolist() == [name]


@pytest.mark.parametrize("cell", ["  padded ", '" padded "', "\tpadded\t", "\u3000padded\u00a0"])
def test_space_around_a_name_is_no_part_of_it(drop, strict, cell):
    taken = ingest(drop(calls=HEAD + f"2003-03-03 09:00,{cell},30,4\n"), strict)
    assert taken.history["queue"].tolist() == ["padded"]


def test_names_with_commas_and_quotes_are_quoted_as_in_any_csv(drop, strict):
    row = '2003-03-03 09:00,"sales, ""gold""",30,4\n'
    taken = ingest(drop(calls=HEAD + row), strict)
    assert taken.history["queue"].tolist() == ['sales, "gold"']


def test_names_that_differ_in_case_or_zeros_are_different_queues(drop, strict):
    rows = "".join(f"2003-03-03 09:00,{name},30,4\n" for name in ("7", "007", "a", "A"))
    taken = ingest(drop(calls=HEAD + rows), strict)
    assert taken.history["queue"].tolist() == ["007", "7", "A", "a"]


def test_without_columns_for_them_site_and_channel_come_from_the_settings(drop, strict):
    settings = strict.model_copy(update={"site": "north", "channel": "chat"})
    taken = ingest(drop(calls=HEAD + "2003-03-03 09:00,sales,30,4\n"), settings)
    assert taken.history[["site", "channel"]].to_numpy().tolist() == [["north", "chat"]]


def test_site_and_channel_columns_tell_series_apart(drop, strict):
    head = "site,channel," + HEAD
    rows = "".join(
        f"{site},{channel},2003-03-03 09:00,sales,30,{n}\n"
        for n, (site, channel) in enumerate([("n", "chat"), ("n", "voice"), ("s", "voice")])
    )
    taken = ingest(drop(calls=head + rows), strict).history
    assert taken[["site", "channel", "offered"]].to_numpy().tolist() == [
        ["n", "chat", 0],
        ["n", "voice", 1],
        ["s", "voice", 2],
    ]


@pytest.mark.parametrize("column", ["site", "channel"])
def test_an_empty_site_or_channel_cell_is_not_guessed(drop, lenient, column):
    head = f"{column}," + HEAD
    text = head + "n,2003-03-03 09:00,sales,30,4\n,2003-03-03 09:30,sales,30,4\n"
    taken = ingest(drop(calls=text), lenient)
    assert taken.history[column].tolist() == ["n"]
    assert taken.quarantine[["line", "column"]].to_numpy().tolist() == [[3, column]]
    assert "must not be empty" in taken.quarantine["reason"].item()


def test_files_with_and_without_a_site_column_are_read_together(drop, strict):
    folder = drop(
        a="site," + HEAD + "north,2003-03-03 09:00,sales,30,4\n",
        b=HEAD + "2003-03-03 09:00,sales,30,5\n",
    )
    taken = ingest(folder, strict).history
    assert taken[["site", "offered"]].to_numpy().tolist() == [["main", 5], ["north", 4]]


def test_the_order_of_columns_does_not_matter(drop, strict):
    taken = ingest(
        drop(
            a="offered,interval_minutes,queue,interval_start\n4,30,sales,2003-03-03 09:00\n",
            b=HEAD + "2003-03-03 09:30,sales,30,5\n",
        ),
        strict,
    )
    assert taken.history["offered"].tolist() == [4, 5]


def test_unknown_columns_are_listed_in_the_ledger(drop, strict):
    head = "agent," + HEAD.strip() + ",caller\n"
    taken = ingest(drop(calls=head + "Ann,2003-03-03 09:00,sales,30,4,555-0100\n"), strict)
    assert taken.ledger["columns_ignored"].tolist() == ["agent;caller"]
    assert not {"agent", "caller"} & set(taken.history.columns)


@pytest.mark.parametrize("column", ["line", "file", "text", "state", "ds", "minutes", "reason"])
def test_an_unknown_column_may_have_a_name_that_is_used_inside(drop, lenient, column):
    head = f"{column}," + HEAD
    rows = "x,2003-03-03 09:00,sales,30,4\nx,2003-03-03 09:30,sales,30,-4\n"
    taken = ingest(drop(calls=head + rows), lenient)
    assert taken.history["offered"].tolist() == [4]
    assert taken.quarantine["line"].tolist() == [3]
    assert taken.quarantine["text"].tolist() == ["***,2003-03-03 09:30,sales,30,-4"]


def private_rows() -> str:
    """Return rows that are bad in every way there is, each with a name in an unknown column."""
    rows = ["09:00,sales,30,1,Ann", "09:00,sales,30,2,Bob", "09:30,sales,30,-1,Cid"]
    rows += ["10:00,sales,30,1", "10:30,sales,30,1,Dan,Eve", "11:00,sales,30,3,Fay"]
    rows += ["11:10,sales,30,3,Gus", "soon,,x,many,Hal"]
    head = HEAD.strip() + ",caller\n"
    return head + "".join(f"2003-03-03 {row}\n" for row in rows)


def everything(table: pd.DataFrame) -> str:
    return " ".join(map(str, table.to_numpy().ravel()))


def test_values_of_unknown_columns_appear_nowhere(drop, lenient):
    taken = ingest(drop(calls=private_rows()), lenient)
    # Lines 2 and 3 conflict, 8 overlaps 7; the others have a bad cell or too many or few fields.
    assert sorted(taken.quarantine["line"].unique()) == [2, 3, 4, 5, 6, 8, 9]
    shown = everything(taken.quarantine) + everything(taken.history) + everything(taken.ledger)
    for name in ("Ann", "Bob", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal"):
        assert name not in shown


def test_a_ragged_row_is_hidden_whole_because_its_cells_may_have_moved(drop, lenient):
    taken = ingest(drop(calls=private_rows()), lenient).quarantine
    assert taken.loc[taken["column"] == "(row)", "text"].tolist() == ["***", "***"]
