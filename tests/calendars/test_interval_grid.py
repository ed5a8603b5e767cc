"""The grid of a local day, however long the clock makes it."""

from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.calendars.grid import interval_grid, interval_of, midnight
from forecast.schema import local_time

SPRING_AND_AUTUMN = [
    ("America/New_York", "2003-04-05", 24),
    ("America/New_York", "2003-04-06", 23),
    ("America/New_York", "2003-10-26", 25),
    ("Europe/Amsterdam", "2003-03-30", 23),
    ("Europe/Amsterdam", "2003-10-26", 25),
    ("Asia/Shanghai", "2003-04-06", 24),
    ("Asia/Kathmandu", "2003-04-06", 24),
    # Lord Howe Island moves its clocks by half an hour.
    ("Australia/Lord_Howe", "2024-10-06", 23.5),
    ("Australia/Lord_Howe", "2024-04-07", 24.5),
    # Here the clocks go forward at midnight, so that the day begins at 01:00.
    ("America/Santiago", "2024-09-08", 23),
    ("America/Santiago", "2024-04-06", 25),
    # Here they go back to midnight: the day has two of them and begins with the first.
    ("America/Havana", "2024-11-03", 25),
    ("America/Havana", "2024-03-10", 23),
]
ZONES = sorted({zone for zone, _, _ in SPRING_AND_AUTUMN})


def day_grid(zone: str, day: str, minutes: int = 30, days: int = 1) -> pd.DataFrame:
    return interval_grid(pd.Timestamp(day), days, minutes, ZoneInfo(zone))


@pytest.mark.parametrize(("zone", "day", "hours"), SPRING_AND_AUTUMN)
@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_a_day_has_as_many_intervals_as_its_clock_allows(zone, day, hours, minutes):
    grid = day_grid(zone, day, minutes)
    assert len(grid) == hours * 60 / minutes
    assert grid["local"].dt.strftime("%Y-%m-%d").unique().tolist() == [day]


@pytest.mark.parametrize(("zone", "day", "hours"), SPRING_AND_AUTUMN)
def test_instants_are_evenly_spaced_and_unique(zone, day, hours):
    grid = day_grid(zone, day)
    assert grid["ds"].diff().dropna().unique().tolist() == [pd.Timedelta(minutes=30)]
    assert grid["ds"].is_unique


def test_the_hour_that_comes_twice_stands_twice_in_wall_time():
    local = day_grid("America/New_York", "2003-10-26")["local"]
    assert local.dt.strftime("%H:%M").tolist().count("01:30") == 2


def test_the_hour_that_never_was_is_not_in_the_grid():
    local = day_grid("America/New_York", "2003-04-06")["local"]
    assert 2 not in local.dt.hour.tolist()


def test_the_first_interval_of_a_skipped_midnight_is_one_oclock():
    assert day_grid("America/Santiago", "2024-09-08")["local"].iloc[0].hour == 1


def test_in_kathmandu_a_day_begins_at_a_quarter_past_six_utc():
    assert day_grid("Asia/Kathmandu", "2003-04-06")["ds"].iloc[0] == pd.Timestamp(
        "2003-04-05T18:15Z"
    )


@pytest.mark.parametrize("zone", ZONES)
def test_days_follow_each_other_without_a_gap(zone):
    year = day_grid(zone, "2024-01-01", 30, 366)
    days = [day_grid(zone, f"{day:%Y-%m-%d}") for day in pd.date_range("2024-01-01", "2024-12-31")]
    assert year.equals(pd.concat(days, ignore_index=True))


def test_midnight_is_the_first_of_two():
    zone = ZoneInfo("America/Havana")
    assert midnight(pd.Timestamp("2024-11-03"), zone) == pd.Timestamp("2024-11-03T04:00Z")


@pytest.mark.parametrize(
    ("zone", "instant", "start"),
    [
        ("Asia/Kathmandu", "2003-04-06T03:20Z", "2003-04-06T03:15Z"),
        ("Asia/Kathmandu", "2003-04-06T04:14Z", "2003-04-06T03:15Z"),
        ("America/New_York", "2003-03-03T14:59:59Z", "2003-03-03T14:00Z"),
        ("America/New_York", "2003-10-26T05:45Z", "2003-10-26T05:00Z"),
        ("America/New_York", "2003-10-26T06:45Z", "2003-10-26T06:00Z"),
    ],
)
def test_an_instant_belongs_to_the_full_hour_of_the_wall_clock(zone, instant, start):
    floored = interval_of(pd.Series([pd.Timestamp(instant)]), ZoneInfo(zone), 60)
    assert floored.tolist() == [pd.Timestamp(start)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minutes", [5, 10, 15, 30])
def test_the_grid_is_its_own_floor(zone, minutes):
    grid = day_grid(zone, "2024-01-01", minutes, 366)["ds"]
    assert interval_of(grid, ZoneInfo(zone), minutes).tolist() == grid.tolist()


@settings(derandomize=True, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    minute=st.integers(0, 366 * 1440),
    interval=st.sampled_from([5, 10, 15, 30]),
)
def test_every_instant_lies_in_the_interval_it_is_floored_to(zone, minute, interval):
    instant = pd.Timestamp("2024-01-01T00:00Z") + pd.Timedelta(minutes=minute)
    start = interval_of(pd.Series([instant]), ZoneInfo(zone), interval).item()
    assert start <= instant < start + pd.Timedelta(minutes=interval)
    assert local_time(pd.Series([start]), ZoneInfo(zone)).dt.minute.item() % interval == 0
