"""Wall time and offsets over clock changes: an instant is told exactly, or not at all."""

import pandas as pd
import pytest

from forecast.acd.ingest import ingest
from forecast.errors import InputError

HEAD = "interval_start,queue,interval_minutes,offered\n"


def export(stamps: list[str], minutes: int = 30) -> str:
    return HEAD + "".join(f"{stamp},sales,{minutes},{n}\n" for n, stamp in enumerate(stamps))


@pytest.mark.parametrize(
    ("stamp", "utc"),
    [
        ("2003-03-03 09:00", "2003-03-03T14:00Z"),
        ("2003-03-03 09:00:00", "2003-03-03T14:00Z"),
        ("2003-03-03T09:00", "2003-03-03T14:00Z"),
        ("2003-03-03T09:00:00", "2003-03-03T14:00Z"),
        ("2003-07-01 09:00", "2003-07-01T13:00Z"),
        ("2003-03-03T14:00:00Z", "2003-03-03T14:00Z"),
        ("2003-03-03 14:00Z", "2003-03-03T14:00Z"),
        ("2003-03-03T22:00:00+08:00", "2003-03-03T14:00Z"),
        ("2003-03-03 22:00+0800", "2003-03-03T14:00Z"),
        ("2003-03-03T19:45+05:45", "2003-03-03T14:00Z"),
    ],
)
def test_a_timestamp_is_wall_time_unless_it_ends_in_an_offset(drop, strict, stamp, utc):
    history = ingest(drop(calls=export([stamp])), strict).history
    assert history["ds"].tolist() == [pd.Timestamp(utc)]


def test_a_wall_time_that_never_was_is_a_bad_cell(drop, strict, lenient, check_balance):
    stamp = "2003-04-06 02:15"
    folder = drop(calls=export(["2003-03-03 09:00", stamp]))
    with pytest.raises(InputError) as caught:
        ingest(folder, strict)
    message = str(caught.value)
    assert "calls.csv, line 3, column interval_start: " in message
    assert "does not exist in America/New_York" in message
    assert "export with an offset" in message
    assert f"found '{stamp}'" in message
    taken = ingest(folder, lenient)
    assert taken.history["offered"].tolist() == [0]
    assert taken.quarantine["text"].tolist() == [f"{stamp},sales,30,1"]
    check_balance(taken.ledger)


def test_each_site_is_read_in_its_own_zone(drop, strict):
    settings = strict.model_copy(update={"site_timezones": {"delft": "Europe/Amsterdam"}})
    text = "site," + HEAD
    text += "delft,2003-03-03 09:00,sales,30,1\nboston,2003-03-03 09:00,sales,30,2\n"
    history = ingest(drop(calls=text), settings).history
    assert history.set_index("site")["ds"].to_dict() == {
        "delft": pd.Timestamp("2003-03-03T08:00Z"),
        "boston": pd.Timestamp("2003-03-03T14:00Z"),
    }


def test_a_time_lost_in_one_zone_is_good_in_another(drop, lenient):
    settings = lenient.model_copy(update={"site_timezones": {"delft": "Europe/Amsterdam"}})
    text = "site," + HEAD
    text += "".join(
        f"{site},{day} 02:15,sales,30,1\n"
        for site in ("boston", "delft")
        for day in ("2003-03-30", "2003-04-06")
    )
    taken = ingest(drop(calls=text), settings)
    assert taken.history["site"].tolist() == ["boston", "delft"]
    assert taken.quarantine["line"].tolist() == [3, 4]


def test_a_lost_time_is_told_with_the_zone_of_its_site(drop, strict):
    settings = strict.model_copy(update={"site_timezones": {"delft": "Europe/Amsterdam"}})
    text = "site," + HEAD + "delft,2003-03-30 02:15,sales,30,1\n"
    with pytest.raises(InputError, match="does not exist in Europe/Amsterdam"):
        ingest(drop(calls=text), settings)


def test_offsets_tell_all_25_hours_of_the_autumn_day(drop, strict):
    day = pd.date_range("2003-10-26", "2003-10-27", freq="30min", tz="America/New_York")[:-1]
    taken = ingest(drop(calls=export([stamp.isoformat() for stamp in day])), strict)
    assert len(taken.history) == 50
    assert taken.history["ds"].tolist() == [stamp.tz_convert("UTC") for stamp in day]
    assert taken.quarantine.empty


def test_offsets_tell_the_lengths_too(drop, strict):
    day = pd.date_range("2003-10-26", "2003-10-27", freq="30min", tz="America/New_York")[:-1]
    rows = "".join(f"{stamp.isoformat()},sales,4\n" for stamp in day)
    taken = ingest(drop(calls="interval_start,queue,offered\n" + rows), strict)
    assert taken.history["minutes"].unique().tolist() == [30]


def test_wall_time_runs_over_the_spring_change(drop, strict):
    wall = pd.date_range("2003-04-06 00:00", "2003-04-06 05:30", freq="30min")
    wall = [stamp for stamp in wall if stamp.hour != 2]
    taken = ingest(drop(calls=export([f"{stamp:%Y-%m-%d %H:%M}" for stamp in wall])), strict)
    steps = taken.history["ds"].diff().dropna().unique()
    assert [step.total_seconds() for step in steps] == [1800]
    assert taken.quarantine.empty


def test_wall_time_may_stop_short_of_the_autumn_change(drop, strict):
    wall = ["2003-10-26 00:00", "2003-10-26 00:30", "2003-10-26 02:00", "2003-10-26 02:30"]
    history = ingest(drop(calls=export(wall)), strict).history
    assert history["ds"].dt.hour.tolist() == [4, 4, 7, 7]


def test_wall_time_and_offsets_may_stand_in_one_file(drop, strict):
    stamps = ["2003-10-26 00:30", "2003-10-26T01:00-04:00", "2003-10-26T01:00-05:00"]
    history = ingest(drop(calls=export(stamps)), strict).history
    assert history["ds"].dt.strftime("%H:%M").tolist() == ["04:30", "05:00", "06:00"]


def test_one_instant_written_in_two_ways_is_one_interval(drop, strict, check_balance):
    text = HEAD + "2003-03-03 09:00,sales,30,4\n2003-03-03T14:00Z,sales,30,4\n"
    taken = ingest(drop(calls=text), strict)
    assert len(taken.history) == 1
    assert taken.ledger["rows_superseded"].tolist() == [1]
    check_balance(taken.ledger)


def test_where_midnight_is_skipped_the_first_half_hour_is_lost(drop, lenient):
    santiago = lenient.model_copy(update={"timezone": "America/Santiago"})
    stamps = ["2024-09-07 23:30", "2024-09-08 00:30", "2024-09-08 01:00"]
    taken = ingest(drop(calls=export(stamps)), santiago)
    assert taken.history["ds"].dt.strftime("%H:%M").tolist() == ["03:30", "04:00"]
    assert taken.quarantine["line"].tolist() == [3]
