"""Open minutes of an interval, against a clerk who looks at every single minute."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.calendars.grid import interval_grid
from forecast.calendars.opening import minutes_of_day, open_minutes, open_windows
from forecast.params import OpeningHours
from forecast.settings import WEEKDAYS

NEW_YORK = ZoneInfo("America/New_York")


def hours(opens: str, closes: str, days=("mon",), queues="all") -> OpeningHours:
    return OpeningHours(queues=queues, days=list(days), opens=opens, closes=closes)


def week(windows: list[OpeningHours], minutes: int = 30, monday: str = "2003-03-03") -> pd.Series:
    """Return the open minutes of a week by 'weekday hour:minute'."""
    local = interval_grid(pd.Timestamp(monday), 7, minutes, NEW_YORK)["local"]
    opened = open_minutes(local, minutes, open_windows(windows, "sales"))
    return pd.Series(opened, index=local.dt.strftime("%a %H:%M"))


def open_ones(windows: list[OpeningHours], minutes: int = 30) -> dict[str, float]:
    opened = week(windows, minutes)
    return opened[opened > 0].to_dict()


def test_a_last_interval_may_be_partly_open():
    assert open_ones([hours("20:30", "21:05")]) == {"Mon 20:30": 30, "Mon 21:00": 5}


def test_a_first_interval_may_be_partly_open():
    assert open_ones([hours("07:20", "08:00")]) == {"Mon 07:00": 10, "Mon 07:30": 30}


def test_an_interval_may_be_open_in_its_middle_only():
    assert open_ones([hours("07:05", "07:12")]) == {"Mon 07:00": 7}


def test_a_window_past_midnight_runs_into_the_next_day():
    assert open_ones([hours("23:00", "01:30", ["mon"])], 60) == {
        "Mon 23:00": 60,
        "Tue 00:00": 60,
        "Tue 01:00": 30,
    }


def test_a_sunday_night_runs_into_monday():
    assert open_ones([hours("23:00", "01:00", ["sun"])], 60) == {"Mon 00:00": 60, "Sun 23:00": 60}


def test_until_midnight_may_be_written_in_two_ways():
    assert open_ones([hours("22:00", "24:00")]) == open_ones([hours("22:00", "00:00")])


def test_a_day_may_have_several_windows():
    assert open_ones([hours("08:00", "09:00"), hours("13:00", "14:00")], 60) == {
        "Mon 08:00": 60,
        "Mon 13:00": 60,
    }


def test_two_windows_within_one_interval_add_up():
    assert open_ones([hours("08:00", "08:10"), hours("08:20", "08:25")]) == {"Mon 08:00": 15}


def test_overlapping_windows_count_once():
    assert open_ones([hours("08:00", "09:00"), hours("08:30", "09:30")], 60) == {
        "Mon 08:00": 60,
        "Mon 09:00": 30,
    }


def test_the_same_window_twice_is_the_window():
    assert open_ones([hours("08:00", "09:00")] * 2) == open_ones([hours("08:00", "09:00")])


def test_round_the_clock_is_every_minute_of_the_week():
    assert (week([hours("00:00", "24:00", WEEKDAYS)]) == 30).all()


@pytest.mark.parametrize(("monday", "hours_open"), [("2003-03-31", 167), ("2003-10-20", 169)])
def test_round_the_clock_follows_the_clock_change(monday, hours_open):
    opened = week([hours("00:00", "24:00", WEEKDAYS)], 30, monday)
    assert opened.sum() == hours_open * 60


def test_a_window_for_another_queue_opens_nothing():
    assert open_ones([hours("08:00", "09:00", queues=["service"])]) == {}


def test_each_queue_has_its_own_windows_and_those_for_all():
    given_hours = [
        hours("08:00", "09:00"),
        hours("09:00", "10:00", queues=["sales", "service"]),
        hours("10:00", "11:00", queues=["service"]),
    ]
    assert open_windows(given_hours, "sales")[0] == [(480, 540), (540, 600)]
    assert open_windows(given_hours, "service")[0] == [(480, 540), (540, 600), (600, 660)]
    assert open_windows(given_hours, "other")[0] == [(480, 540)]


@pytest.mark.parametrize(("clock", "minutes"), [("00:00", 0), ("07:05", 425), ("24:00", 1440)])
def test_clock_times_are_minutes_since_midnight(clock, minutes):
    assert minutes_of_day(clock) == minutes


clocks = st.integers(0, 1439)
windows = st.builds(
    lambda days, opens, length: OpeningHours(
        days=days,
        opens=f"{opens // 60:02d}:{opens % 60:02d}",
        closes=f"{(opens + length) % 1440 // 60:02d}:{(opens + length) % 60:02d}",
    ),
    st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True),
    clocks,
    st.integers(1, 1439),
)


def is_open(given_hours: list[OpeningHours], weekday: int, minute: int) -> bool:
    """Return whether a clerk would be at the desk in this minute of the week."""
    for window in given_hours:
        today = WEEKDAYS[weekday] in window.days
        yesterday = WEEKDAYS[weekday - 1] in window.days
        opens, closes = minutes_of_day(window.opens), minutes_of_day(window.closes)
        if closes > opens:
            if today and opens <= minute < closes:
                return True
        elif (today and minute >= opens) or (yesterday and minute < closes):
            return True
    return False


@settings(derandomize=True, deadline=None, max_examples=30)
@given(
    given_hours=st.lists(windows, max_size=4),
    minutes=st.sampled_from([5, 15, 30, 60]),
    monday=st.sampled_from(["2003-03-03", "2003-03-31", "2003-10-20"]),
)
def test_open_minutes_equal_a_count_of_minutes(given_hours, minutes, monday):
    local = interval_grid(pd.Timestamp(monday), 7, minutes, NEW_YORK)["local"]
    opened = open_minutes(local, minutes, open_windows(given_hours, "sales"))
    minute_by_minute = np.array(
        [[is_open(given_hours, day, minute) for minute in range(1440)] for day in range(7)]
    )
    start = local.dt.hour * 60 + local.dt.minute
    counted = [
        minute_by_minute[day, first : first + minutes].sum()
        for day, first in zip(local.dt.day_of_week, start, strict=True)
    ]
    assert opened.tolist() == counted
