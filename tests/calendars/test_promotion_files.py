"""A promotions file is taken in whole, or refused with every bad cell in it."""

import pandas as pd
import pytest

from forecast.calendars.promotions import COLUMNS, read_promotions
from forecast.errors import InputError

GOOD = "spring,Spring sale,promotion,2003-05-05,2003-05-07,sales;service,1.5,2003-04-28"


def refusal(events, *rows: str) -> str:
    with pytest.raises(InputError) as caught:
        events(*rows)
    return str(caught.value)


def test_an_event_is_read_as_it_is_written(events):
    (event,) = events(GOOD).to_dict("records")
    assert event == {
        "event_id": "spring",
        "name": "Spring sale",
        "kind": "promotion",
        "start": pd.Timestamp("2003-05-05"),
        "end": pd.Timestamp("2003-05-07"),
        "queues": ["sales", "service"],
        "intensity": 1.5,
        "announced_on": pd.Timestamp("2003-04-28"),
    }


def test_empty_cells_mean_intensity_one_and_announced_at_its_start(events):
    (event,) = events("spring,,,2003-05-05,2003-05-07,all,,").to_dict("records")
    assert event["intensity"] == 1
    assert event["announced_on"] == pd.Timestamp("2003-05-05")
    assert event["queues"] == "all"


def test_without_a_file_there_are_no_events(tmp_path):
    none = read_promotions(tmp_path / "promotions.csv", {"sales"})
    assert none.empty
    assert list(none.columns) == list(COLUMNS)


def test_a_header_alone_is_no_events(events):
    assert events().empty


def test_an_event_of_one_day_is_an_event(events):
    assert len(events("day,,,2003-05-05,2003-05-05,all,,")) == 1


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("x,,,2003-05-05,2003-05-07,sails,,", "queues", "'sails' is no queue of the history"),
        ("x,,,2003-05-05,2003-05-07,sales;sails,,", "queues", "'sails' is no queue"),
        ("x,,,2003-05-05,2003-05-07,,,", "queues", "write 'all' or names separated by ;"),
        ("x,,,2003-05-07,2003-05-05,all,,", "end", "found 2003-05-07 to 2003-05-05"),
        ("x,,,05/05/2003,2003-05-07,all,,", "start", "found '05/05/2003'"),
        ("x,,,2003-05-05,2003-02-29,all,,", "end", "found '2003-02-29'"),
        ("x,,,,2003-05-07,all,,", "start", "must be a day like 2003-11-11; found ''"),
        ("x,,,2003-05-05,2003-05-07,all,,soon", "announced_on", "found 'soon'"),
        ("x,,,2003-05-05,2003-05-07,all,0,", "intensity", "above 0; found '0'"),
        ("x,,,2003-05-05,2003-05-07,all,-1,", "intensity", "above 0; found '-1'"),
        ("x,,,2003-05-05,2003-05-07,all,much,", "intensity", "above 0; found 'much'"),
        ("x,,,2003-05-05,2003-05-07,all,inf,", "intensity", "above 0; found 'inf'"),
        ('x,,,2003-05-05,2003-05-07,all,"1,5",', "intensity", "above 0; found '1,5'"),
        (",,,2003-05-05,2003-05-07,all,,", "event_id", "must not be empty"),
        (GOOD, "event_id", "'spring' occurs twice"),
    ],
)
def test_a_bad_cell_is_shown_with_its_line_and_column(events, row, column, rule):
    message = refusal(events, GOOD, row)
    assert "promotions.csv is refused, no event was taken in:" in message
    assert f"line 3, column {column}: " in message
    assert rule in message


def test_all_problems_of_a_file_are_told_together(events):
    message = refusal(
        events,
        GOOD,
        "spring,,,2003-05-07,2003-05-05,sails,much,soon",
        "short,row",
        ",,,x,y,all,0,",
    )
    for place in (
        "line 3, column announced_on",
        "line 3, column queues",
        "line 3, column intensity",
        "line 3, column event_id: 'spring' occurs twice",
        "line 4: 2 fields where the header has 8",
        "line 5, column start",
        "line 5, column end",
        "line 5, column event_id",
        "line 5, column intensity",
    ):
        assert place in message


def test_an_unknown_queue_is_shown_beside_those_that_exist(events):
    assert "(sales, service)" in refusal(events, "x,,,2003-05-05,2003-05-07,sails,,")


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (",".join(COLUMNS[:-1]), "announced_on"),
        (",".join([*COLUMNS, "budget"]), "budget"),
        (",".join(COLUMNS).replace("event_id", "id"), "event_id, id"),
    ],
)
def test_other_columns_are_refused(tmp_path, header, shown):
    path = tmp_path / "promotions.csv"
    path.write_text(header + "\n")
    with pytest.raises(InputError) as caught:
        read_promotions(path, {"sales"})
    message = str(caught.value)
    assert "promotions.csv, line 1: the columns must be event_id, name, kind" in message
    assert message.endswith(f"missing or unknown: {shown}")


def test_the_file_is_not_changed(events, tmp_path):
    refusal(events, GOOD, GOOD)
    assert (tmp_path / "promotions.csv").read_text() == "\n".join(
        [",".join(COLUMNS), GOOD, GOOD, ""]
    )
