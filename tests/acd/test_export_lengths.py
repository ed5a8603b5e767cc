"""How long an interval is: told by its column, or by the steps of the export."""

from contextlib import suppress

import pandas as pd
import pytest

from forecast.acd.ingest import ingest
from forecast.errors import InputError

HEAD = "interval_start,queue,offered\n"


def day(queue: str, step_min: int) -> str:
    stamps = pd.date_range("2003-03-03 09:00", "2003-03-03 11:00", freq=f"{step_min}min")
    return "".join(f"{stamp:%Y-%m-%d %H:%M},{queue},1\n" for stamp in stamps)


def lengths(folder, params) -> dict[str, list[int]]:
    history = ingest(folder, params).history
    return {str(q): sorted(set(own)) for q, own in history.groupby("queue")["minutes"]}


@pytest.mark.parametrize("minutes", [5, 10, 15, 30, 60])
def test_without_its_column_the_length_is_the_step(drop, strict, minutes):
    assert lengths(drop(calls=HEAD + day("sales", minutes)), strict) == {"sales": [minutes]}


def test_nights_do_not_stretch_the_length(drop, strict):
    text = HEAD + day("sales", 30) + day("sales", 30).replace("03-03 ", "03-04 ")
    assert lengths(drop(calls=text), strict) == {"sales": [30]}


def test_the_order_of_rows_does_not_matter(drop, strict):
    rows = day("sales", 30).splitlines(keepends=True)
    assert lengths(drop(calls=HEAD + "".join(reversed(rows))), strict) == {"sales": [30]}


def test_repeated_rows_do_not_make_the_length_zero(drop, strict):
    assert lengths(drop(calls=HEAD + 2 * day("sales", 30)), strict) == {"sales": [30]}


def test_each_file_has_its_own_length(drop, strict):
    folder = drop(a=HEAD + day("a", 15), b=HEAD + day("b", 30))
    assert lengths(folder, strict) == {"a": [15], "b": [30]}


def test_each_queue_of_a_file_has_its_own_length(drop, strict):
    folder = drop(calls=HEAD + day("quick", 15) + day("slow", 30))
    assert lengths(folder, strict) == {"quick": [15], "slow": [30]}


def test_one_mistyped_minute_does_not_change_the_length_of_every_row(drop, lenient):
    text = HEAD + day("sales", 30) + "2003-03-03 11:31,sales,1\n"
    text += "2003-03-03 11:30,sales,1\n"
    # To refuse the file is as good as to set the one row aside; to shorten all others is not.
    with suppress(InputError):
        history = ingest(drop(calls=text), lenient).history
        assert history.loc[history["ds"].dt.minute % 30 == 0, "minutes"].unique().tolist() == [30]


def test_one_interval_alone_does_not_tell_its_length(drop, lenient):
    with pytest.raises(InputError, match="cannot be told") as caught:
        ingest(drop(calls=HEAD + "2003-03-03 09:00,sales,1\n"), lenient)
    assert "calls.csv" in str(caught.value)
    assert "add a column interval_minutes" in str(caught.value)


def test_its_column_tells_the_length_of_one_interval_alone(drop, strict):
    text = "interval_start,queue,interval_minutes,offered\n2003-03-03 09:00,sales,15,1\n"
    assert lengths(drop(calls=text), strict) == {"sales": [15]}


def test_its_column_wins_over_the_steps(drop, strict):
    text = "interval_start,queue,interval_minutes,offered\n"
    text += "2003-03-03 09:00,sales,15,1\n2003-03-03 10:00,sales,15,1\n"
    assert lengths(drop(calls=text), strict) == {"sales": [15]}


def test_timestamps_of_another_form_are_told_as_such(drop, strict):
    text = HEAD + "03/03/2003 09:00,sales,1\n03/03/2003 09:30,sales,1\n"
    with pytest.raises(InputError) as caught:
        ingest(drop(calls=text), strict)
    message = str(caught.value)
    assert "calls.csv, line 2, column interval_start" in message
    assert "dates like 03/03/2003 09:00" in message
