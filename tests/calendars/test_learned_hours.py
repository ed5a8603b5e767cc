"""Opening hours learned from a history are those that it was made with."""

import numpy as np
import pandas as pd
import pytest

from forecast.calendars.hours.learned import learned_hours
from forecast.calendars.hours.opening import day_windows
from forecast.params.calendar import OpeningHours
from forecast.schema import by_series
from forecast.settings import WEEKDAYS
from tests.calendars.calls import make_calls, together, workdays
from tests.calendars.clerk import SALES, site_days
from tests.calendars.clerk import window as weekly

SIX_WEEKS = workdays("2003-06-02", "2003-07-11")
MON_FRI = "mon tue wed thu fri"


def every(day: str, count: int) -> list[str]:
    """Return a day and the same weekday of the weeks after it."""
    return [f"{each:%Y-%m-%d}" for each in pd.date_range(day, periods=count, freq="7D")]


def learned(history: pd.DataFrame, skip: tuple[str, ...] = ()) -> list[OpeningHours]:
    """Return the hours of every series of a history, which is New York's."""
    found = []
    for series, own in by_series(history[history["offered"] > 0]):
        local = own["ds"].dt.tz_convert("America/New_York").dt.tz_localize(None)
        days = [pd.Timestamp(day) for day in skip]
        found += learned_hours(local, own["minutes"], series, days)
    return found


def windows(history: pd.DataFrame, skip: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    return [(" ".join(w.days), w.opens, w.closes) for w in learned(history, skip)]


def few(
    per_day: float,
    hours: dict[str, tuple[int, int]],
    *,
    minutes: int = 30,
    weeks: int = 12,
    stray_per_week: float = 0,
    seed: int = 1,
) -> pd.Series:
    """Return starts of intervals with contacts, evenly spread by chance over each day's hours."""
    rng = np.random.default_rng(seed)
    rate = np.zeros((7, 24 * 60 // minutes))
    for names, (opens, closes) in hours.items():
        rows = [WEEKDAYS.index(name) for name in names.split()]
        rate[rows, opens * 60 // minutes : closes * 60 // minutes] = per_day * minutes / 600
    rate[rate == 0] = stray_per_week / (rate == 0).sum() if (rate == 0).any() else 0
    slots = np.flatnonzero(rng.poisson(np.tile(rate, (weeks, 1))).reshape(-1))
    return pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(slots * minutes, unit="min"))


def of_few(local: pd.Series, minutes: int = 30) -> list[tuple[str, str, str]]:
    found = learned_hours(local, pd.Series(minutes, local.index), SALES)
    return [(" ".join(w.days), w.opens, w.closes) for w in found]


@pytest.mark.parametrize(
    ("opens", "closes", "minutes"),
    [
        ("08:00", "18:00", 30),
        ("07:00", "21:05", 5),
        ("00:00", "24:00", 60),
        ("09:15", "17:45", 15),
        ("20:00", "24:00", 30),
        ("09:10", "17:50", 10),
    ],
)
def test_daily_hours_are_recovered(opens, closes, minutes):
    history = make_calls(SIX_WEEKS, opens, closes, minutes=minutes)
    assert windows(history) == [(MON_FRI, opens, closes)]


def test_windows_are_the_series_own():
    (found,) = learned(make_calls(SIX_WEEKS, site="delft", queue="service", channel="chat"))
    assert (found.sites, found.queues, found.channels) == (["delft"], ["service"], ["chat"])


def test_one_week_is_enough_to_learn_from():
    assert windows(make_calls(SIX_WEEKS[:5])) == [(MON_FRI, "08:00", "18:00")]


def test_nothing_is_learned_from_nothing():
    assert windows(make_calls(SIX_WEEKS, offered=0)) == []
    empty = pd.Series([], dtype="datetime64[us]")
    assert learned_hours(empty, pd.Series([], dtype="int64"), SALES) == []


def test_each_weekday_has_its_own_hours():
    history = together(make_calls(SIX_WEEKS), make_calls(every("2003-06-07", 5), "10:00", "14:00"))
    assert windows(history) == [(MON_FRI, "08:00", "18:00"), ("sat", "10:00", "14:00")]


def test_a_friday_may_close_half_an_hour_earlier():
    fridays = every("2003-06-06", 6)
    others = [day for day in SIX_WEEKS if day not in fridays]
    history = together(make_calls(others), make_calls(fridays, closes="17:30"))
    assert windows(history) == [("mon tue wed thu", "08:00", "18:00"), ("fri", "08:00", "17:30")]


def test_each_queue_and_channel_has_its_own_hours():
    history = together(
        make_calls(SIX_WEEKS),
        make_calls(SIX_WEEKS, "09:00", "12:00", queue="service"),
        make_calls(SIX_WEEKS, "18:00", "21:00", channel="chat"),
    )
    found = {(w.queues[0], w.channels[0]): (w.opens, w.closes) for w in learned(history)}
    assert found == {
        ("sales", "voice"): ("08:00", "18:00"),
        ("sales", "chat"): ("18:00", "21:00"),
        ("service", "voice"): ("09:00", "12:00"),
    }


def test_one_saturday_is_no_opening_day():
    history = together(make_calls(SIX_WEEKS), make_calls(["2003-06-07"]))
    assert windows(history) == [(MON_FRI, "08:00", "18:00")]


def test_every_other_saturday_is_an_opening_day():
    saturdays = every("2003-06-07", 6)[::2]
    history = together(make_calls(SIX_WEEKS), make_calls(saturdays))
    assert windows(history) == [(f"{MON_FRI} sat", "08:00", "18:00")]


def test_one_early_call_does_not_open_the_day_earlier():
    history = together(make_calls(SIX_WEEKS), make_calls(SIX_WEEKS[:1], "05:00", "05:30"))
    assert windows(history) == [(MON_FRI, "08:00", "18:00")]


def test_one_early_call_opens_no_day_of_which_there_were_few():
    saturdays = every("2003-06-21", 3)
    early = make_calls(saturdays[:1], "08:00", "08:30")
    days = [day for day in SIX_WEEKS if day >= "2003-06-16"]
    history = together(make_calls(days), make_calls(saturdays, "10:00", "14:00"), early)
    assert windows(history) == [(MON_FRI, "08:00", "18:00"), ("sat", "10:00", "14:00")]


def test_intervals_without_contacts_do_not_open_the_queue():
    silent = make_calls(SIX_WEEKS, "18:00", "24:00", offered=0)
    assert windows(together(make_calls(SIX_WEEKS), silent)) == [(MON_FRI, "08:00", "18:00")]


@pytest.mark.parametrize(("reopens", "closed"), [("13:00", False), ("13:30", True)])
def test_an_hour_of_silence_is_a_quiet_time_and_more_is_a_break(reopens, closed):
    history = together(
        make_calls(SIX_WEEKS, "08:00", "12:00"), make_calls(SIX_WEEKS, reopens, "18:00")
    )
    split = [(MON_FRI, "08:00", "12:00"), (MON_FRI, reopens, "18:00")]
    assert windows(history) == (split if closed else [(MON_FRI, "08:00", "18:00")])


def test_a_holiday_is_not_learned_from():
    fridays = make_calls(["2003-06-27", "2003-07-04", "2003-07-11"], "10:00", "12:00")
    early = [day for day in SIX_WEEKS if day < "2003-06-27"]
    history = together(make_calls(early), fridays)
    skip = ("2003-06-27", "2003-07-04", "2003-07-11")
    assert windows(history, skip) == [(MON_FRI, "08:00", "18:00")]


def test_holidays_do_not_close_their_weekday():
    fridays = every("2003-06-06", 6)
    history = make_calls([day for day in SIX_WEEKS if day not in fridays[1:5]])
    assert windows(history, tuple(fridays[1:5])) == [(MON_FRI, "08:00", "18:00")]
    assert windows(history) == [("mon tue wed thu", "08:00", "18:00")]


def test_a_history_of_holidays_alone_teaches_nothing():
    assert windows(make_calls(["2003-07-04"]), ("2003-07-04",)) == []


def test_round_the_clock_is_one_window():
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2003-06-02", "2003-07-11")]
    assert windows(make_calls(days, "00:00", "24:00")) == [(" ".join(WEEKDAYS), "00:00", "24:00")]


def test_a_quiet_hour_around_midnight_closes_nothing():
    days = [f"{day:%Y-%m-%d}" for day in pd.date_range("2003-06-02", "2003-07-13")]
    assert windows(make_calls(days, "00:30", "23:30")) == [(" ".join(WEEKDAYS), "00:00", "24:00")]


def test_a_night_is_one_window_past_midnight():
    after = [f"{pd.Timestamp(day) + pd.Timedelta(days=1):%Y-%m-%d}" for day in SIX_WEEKS]
    history = together(make_calls(SIX_WEEKS, "22:00", "24:00"), make_calls(after, "00:00", "06:00"))
    assert windows(history) == [(MON_FRI, "22:00", "06:00")]


def test_a_night_before_a_day_round_the_clock_is_no_window_past_midnight():
    history = together(
        make_calls(every("2003-06-02", 6), "08:00", "24:00"),
        make_calls(every("2003-06-03", 6), "00:00", "24:00"),
        make_calls(every("2003-06-04", 6), "00:00", "18:00"),
    )
    assert windows(history) == [
        ("mon", "08:00", "24:00"),
        ("tue", "00:00", "24:00"),
        ("wed", "00:00", "18:00"),
    ]


def test_a_whole_day_that_begins_in_the_morning_ends_at_midnight():
    history = together(
        make_calls(every("2003-06-02", 6), "08:00", "24:00"),
        make_calls(every("2003-06-03", 6), "00:00", "08:00"),
    )
    assert windows(history) == [("mon", "08:00", "24:00"), ("tue", "00:00", "08:00")]


def test_a_weekday_that_is_always_busy_does_not_close_the_quieter_ones():
    days = every("2003-06-02", 8) + every("2003-06-06", 3)
    for tuesday_to_thursday in ("2003-06-03", "2003-06-04", "2003-06-05"):
        days += every(tuesday_to_thursday, 5)
    assert windows(make_calls(days)) == [(MON_FRI, "08:00", "18:00")]


def test_a_day_of_a_single_report_is_open_all_day():
    days = pd.Series(pd.bdate_range("2003-06-02", periods=30).astype("datetime64[us]"))
    assert of_few(days, 1440) == [(MON_FRI, "00:00", "24:00")]


@pytest.mark.parametrize("minutes", [5, 30])
@pytest.mark.parametrize("seed", range(5))
def test_few_contacts_do_not_riddle_the_hours(minutes, seed):
    local = few(6, {MON_FRI: (8, 18), "sat": (10, 14)}, minutes=minutes, seed=seed)
    found = of_few(local, minutes)
    assert found[0] in [(MON_FRI, f"{a}:00", f"{b}:00") for a in ("08", "09") for b in (17, 18)]
    assert [days for days, _, _ in found] == [MON_FRI, "sat"]


@pytest.mark.parametrize("seed", range(5))
def test_two_contacts_a_day_show_most_of_the_hours(seed):
    (found,) = of_few(few(2, {MON_FRI: (8, 18)}, seed=seed, stray_per_week=0.2))
    days, opens, closes = found
    assert days == MON_FRI
    assert "08:00" <= opens <= "10:00"
    assert "16:00" <= closes <= "18:00"


def test_few_contacts_round_the_clock_close_no_hour():
    local = few(6, {" ".join(WEEKDAYS): (0, 24)}, minutes=5)
    assert of_few(local, 5) == [(" ".join(WEEKDAYS), "00:00", "24:00")]


def test_few_contacts_show_a_long_break():
    mornings = few(8, {MON_FRI: (8, 12)}, seed=1)
    evenings = few(8, {MON_FRI: (16, 20)}, seed=2)
    found = of_few(pd.concat([mornings, evenings], ignore_index=True))
    assert found == [(MON_FRI, "08:00", "12:00"), (MON_FRI, "16:00", "20:00")]


def test_stray_contacts_do_not_open_the_queue():
    local = few(40, {MON_FRI: (8, 18)}, stray_per_week=2)
    assert of_few(local) == [(MON_FRI, "08:00", "18:00")]


@pytest.mark.parametrize("seed", range(3))
def test_stray_contacts_among_few_do_not_open_the_queue(seed):
    (found,) = of_few(few(3, {MON_FRI: (8, 18)}, seed=seed, stray_per_week=0.7))
    assert found == (MON_FRI, "08:00", "18:00")


def test_learned_hours_open_the_days_that_given_hours_do():
    (found,) = learned(make_calls(SIX_WEEKS))
    days = site_days("2003-05-26", 70, {"2003-07-04": "statutory_holiday"})
    assert day_windows(days, [found], SALES) == day_windows(days, [weekly()], SALES)
