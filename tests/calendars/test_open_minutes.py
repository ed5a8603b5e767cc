"""Open minutes of an interval, against a clerk who looks at every single minute."""

from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.calendars.grid import interval_grid
from forecast.calendars.hours.opening import day_windows, minutes_of_day, open_minutes
from forecast.params.calendar import OpeningHours
from forecast.settings import WEEKDAYS
from tests.calendars.clerk import SALES, Clerk, site_days, special, window

NEW_YORK = ZoneInfo("America/New_York")


def week(windows: list[OpeningHours], minutes: int = 30, monday: str = "2003-03-03") -> pd.Series:
    """Return the open minutes of a week by 'weekday hour:minute'."""
    first = pd.Timestamp(monday)
    local = interval_grid(first, 7, minutes, NEW_YORK)["local"]
    days = site_days(f"{first - pd.Timedelta(days=1):%Y-%m-%d}", 8)
    opened = open_minutes(local, minutes, day_windows(days, windows, SALES))
    return pd.Series(opened, index=local.dt.strftime("%a %H:%M"))


def open_ones(*times: str, days: str = "mon", minutes: int = 30) -> dict[str, float]:
    opened = week([window(days, each) for each in times], minutes)
    return opened[opened > 0].to_dict()


def test_a_last_interval_may_be_partly_open():
    assert open_ones("20:30 21:05") == {"Mon 20:30": 30, "Mon 21:00": 5}


def test_a_first_interval_may_be_partly_open():
    assert open_ones("07:20 08:00") == {"Mon 07:00": 10, "Mon 07:30": 30}


def test_an_interval_may_be_open_in_its_middle_only():
    assert open_ones("07:05 07:12") == {"Mon 07:00": 7}


def test_a_window_past_midnight_runs_into_the_next_day():
    assert open_ones("23:00 01:30", minutes=60) == {
        "Mon 23:00": 60,
        "Tue 00:00": 60,
        "Tue 01:00": 30,
    }


def test_a_sunday_night_runs_into_monday():
    assert open_ones("23:00 01:00", days="sun", minutes=60) == {"Mon 00:00": 60, "Sun 23:00": 60}


def test_until_midnight_may_be_written_in_two_ways():
    assert open_ones("22:00 24:00") == open_ones("22:00 00:00")


def test_an_opening_at_midnight_may_be_written_as_the_end_of_the_day():
    assert open_ones("24:00 01:00", minutes=60) == {"Tue 00:00": 60}


def test_a_day_may_have_several_windows():
    assert open_ones("08:00 09:00", "13:00 14:00", minutes=60) == {
        "Mon 08:00": 60,
        "Mon 13:00": 60,
    }


def test_two_windows_within_one_interval_add_up():
    assert open_ones("08:00 08:10", "08:20 08:25") == {"Mon 08:00": 15}


@pytest.mark.parametrize("other", ["08:30 09:30", "08:15 08:45", "08:00 09:00", "09:00 09:30"])
def test_overlapping_windows_count_once(other):
    total = sum(open_ones("08:00 09:00", other, minutes=15).values())
    assert total == (90 if other.endswith("09:30") else 60)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    spans=st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 1439), st.integers(1, 1439)), max_size=8
    ),
    minutes=st.sampled_from([5, 30, 60]),
)
def test_windows_within_windows_count_once(spans, minutes):
    days = pd.date_range("2003-03-03", periods=2)
    windows = {
        date: tuple((opens, opens + length) for day, opens, length in spans if day == i)
        for i, date in enumerate(days)
    }
    local = pd.Series(pd.date_range(days[0], periods=3 * 1440 // minutes, freq=f"{minutes}min"))
    door = {day * 1440 + opens + i for day, opens, length in spans for i in range(length)}
    counted = [sum(i * minutes + m in door for m in range(minutes)) for i in range(len(local))]
    assert open_minutes(local, minutes, windows).tolist() == counted


def test_a_night_that_the_next_morning_overlaps_counts_once():
    both = [window("mon", "22:00 06:00"), window("tue", "05:00 07:00")]
    assert week(both).sum() == 9 * 60


def test_round_the_clock_is_every_minute_of_the_week():
    assert (week([window(" ".join(WEEKDAYS), "00:00 24:00")]) == 30).all()


@pytest.mark.parametrize(("monday", "hours_open"), [("2003-03-31", 167), ("2003-10-20", 169)])
def test_round_the_clock_follows_the_clock_change(monday, hours_open):
    opened = week([window(" ".join(WEEKDAYS), "00:00 24:00")], 30, monday)
    assert opened.sum() == hours_open * 60


def test_a_night_window_over_the_clock_change_follows_the_wall_time():
    spring = week([window("sat", "22:00 06:00")], 30, "2003-03-31")
    autumn = week([window("sat", "22:00 06:00")], 30, "2003-10-20")
    assert (spring.sum(), autumn.sum()) == (7 * 60, 9 * 60)


def test_no_windows_are_no_minutes():
    assert week([]).eq(0).all()


def test_an_interval_over_midnight_counts_the_minutes_of_both_days():
    local = pd.Series(pd.to_datetime(["2003-03-03 23:30"]))
    windows = {
        pd.Timestamp("2003-03-03"): ((23 * 60, 23 * 60 + 40),),
        pd.Timestamp("2003-03-04"): ((5, 15),),
    }
    assert open_minutes(local, 60, windows).tolist() == [20.0]


@pytest.mark.parametrize(("clock", "minutes"), [("00:00", 0), ("07:05", 425), ("24:00", 1440)])
def test_clock_times_are_minutes_since_midnight(clock, minutes):
    assert minutes_of_day(clock) == minutes


FIRST, DAYS = "2026-06-28", 9
DATES = [f"{day:%Y-%m-%d}" for day in pd.date_range(FIRST, periods=DAYS)]
TYPES = ["working_day", "weekend", "statutory_holiday", "in_lieu_day_off", "company_closure"]


@st.composite
def given_windows(draw: st.DrawFn) -> OpeningHours:
    """Return any window that the settings accept."""
    opens = draw(st.integers(0, 1439))
    length = draw(st.integers(1, 1439))
    times = [f"{m // 60:02d}:{m % 60:02d}" for m in (opens, (opens + length) % 1440)]
    more = {
        "sites": draw(st.sampled_from(["all", "all", ["main", "x"], ["x"]])),
        "queues": draw(st.sampled_from(["all", "all", ["sales"], ["x"]])),
        "channels": draw(st.sampled_from(["all", "all", ["voice", "x"], ["x"]])),
        "known_on": draw(st.sampled_from([None, None, "2026-05-01", "2026-06-01"])),
    }
    if draw(st.integers(0, 3)) == 0:
        dates = " ".join(draw(st.lists(st.sampled_from(DATES), min_size=1, max_size=2)))
        return special(dates, draw(st.sampled_from([" ".join(times), ""])), **more)
    names = st.lists(st.sampled_from([*WEEKDAYS, "holiday"]), min_size=1, max_size=6, unique=True)
    bounds = sorted(draw(st.tuples(st.sampled_from(DATES), st.sampled_from(DATES))))
    first = draw(st.sampled_from([None, bounds[0]]))
    last = draw(st.sampled_from([None, None, bounds[1]]))
    days = " ".join(draw(names))
    return window(days, " ".join(times), valid_from=first, valid_to=last, **more)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    hours=st.lists(given_windows(), min_size=1, max_size=7),
    types=st.dictionaries(st.sampled_from(DATES), st.sampled_from(TYPES), max_size=5),
    works_as=st.dictionaries(st.sampled_from(DATES), st.integers(0, 6), max_size=2),
    opened=st.lists(st.sampled_from(DATES), max_size=3),
    known=st.sampled_from([None, "2026-04-01", "2026-05-01", "2026-05-31", "2026-07-01"]),
    minutes=st.sampled_from([5, 15, 30, 60]),
)
def test_open_minutes_equal_a_count_of_minutes(hours, types, works_as, opened, known, minutes):
    days = site_days(FIRST, DAYS, types, works_as)
    at = known and pd.Timestamp(known)
    usual = [pd.Timestamp(day) for day in opened]
    local = pd.Series(pd.date_range(FIRST, periods=DAYS * 1440 // minutes, freq=f"{minutes}min"))
    found = open_minutes(local, minutes, day_windows(days, hours, SALES, at, usual))
    door = pd.Series(Clerk(days, hours, SALES, at, usual).minutes_open())
    assert found.tolist() == door.groupby(door.index // minutes).sum().tolist()
