"""What public holidays do to opening hours, in the calendar as a whole."""

import pandas as pd
import pytest

from forecast.calendars.build import build_calendar
from forecast.errors import ParamsError
from forecast.schema import HOLIDAY_TYPES, as_known
from tests.calendars.calls import make_calls, together, workdays
from tests.calendars.test_days import federal_holidays


def days_of(history, bank, events, **changes):
    """Return one row a day, as known in the end: day type, holiday and open hours."""
    settings = bank.override({f"calendars.{key}": value for key, value in changes.items()})
    calendar = as_known(build_calendar(history, events(), settings).calendar)
    day = calendar["local"].dt.strftime("%Y-%m-%d")
    days = calendar.groupby(day).agg(
        day_type=("day_type", "first"), holiday=("holiday", "first"), open_min=("open_min", "sum")
    )
    return days.assign(hours=days["open_min"] / 60).drop(columns="open_min").T.to_dict("list")


def test_a_closed_holiday_is_closed_all_day(bank, events):
    days = days_of(make_calls(workdays("2003-05-19", "2003-05-30")), bank, events)
    assert days["2003-05-26"] == ["statutory_holiday", "Memorial Day", 0]
    assert days["2003-05-27"] == ["working_day", "", 10]
    assert days["2003-05-25"] == ["weekend", "", 0]


def test_a_holiday_on_which_the_bank_opens_keeps_its_hours(bank, events):
    days = days_of(make_calls(workdays("2003-10-06", "2003-10-17")), bank, events)
    assert days["2003-10-13"] == ["statutory_holiday", "Columbus Day", 10]


def test_a_holiday_on_a_free_day_stays_a_free_day(bank, events):
    days = days_of(make_calls(workdays("2004-06-28", "2004-07-09")), bank, events)
    assert days["2004-07-04"] == ["statutory_holiday", "Independence Day", 0]
    assert days["2004-07-05"] == ["in_lieu_day_off", "Independence Day (observed)", 0]


def test_who_opens_on_a_holiday_opens_on_the_day_it_is_observed(bank, events):
    history = make_calls(workdays("2004-06-28", "2004-07-09"))
    days = days_of(history, bank, events, open_on_holidays=["Independence Day"])
    assert days["2004-07-04"] == ["statutory_holiday", "Independence Day", 0]
    assert days["2004-07-05"] == ["in_lieu_day_off", "Independence Day (observed)", 10]


def test_holidays_ahead_of_the_history_are_known(bank, events):
    days = days_of(make_calls(workdays("2003-12-15", "2003-12-19")), bank, events)
    assert days["2003-12-25"] == ["statutory_holiday", "Christmas Day", 0]


def test_a_holiday_of_the_settings_need_not_come_in_a_short_history(bank, events):
    days = days_of(make_calls(workdays("2003-05-05", "2003-05-09")), bank, events)
    assert set(bank.calendars.open_on_holidays) == {"Columbus Day"}
    assert days["2003-05-05"][-1] == 10


def test_an_unknown_holiday_is_refused_with_those_that_are_known(bank, events):
    history = make_calls(workdays("2003-06-02", "2003-06-06"))
    with pytest.raises(ParamsError) as caught:
        days_of(history, bank, events, open_on_holidays=["Columbus day", "Labor Day", "Halloween"])
    message = str(caught.value)
    assert "calendars.open_on_holidays: 'Columbus day', 'Halloween' is no holiday of US" in message
    assert "'Labor Day'" not in message
    for name in federal_holidays(2003).values():
        assert name in message


def test_an_unknown_country_is_refused(bank, events):
    with pytest.raises(ParamsError, match=r"the holidays library refuses.*ZZ"):
        days_of(make_calls(workdays("2003-06-02", "2003-06-06")), bank, events, country="ZZ")


def test_a_queue_that_works_on_holidays_is_learned_to(bank, events):
    # Calls came on Independence Day; Labor Day lies ahead.
    days = [d.strftime("%Y-%m-%d") for d in pd.date_range("2003-06-02", "2003-08-10")]
    learned = bank.override(
        {
            "calendars.opening_hours": "learn",
            "backtest.horizons": {"1_month": 35},
            "forecast.horizon_days": 30,
        }
    )
    busy = build_calendar(make_calls(days), events(), learned).calendar
    quiet_days = [day for day in days if day != "2003-07-04"]
    quiet = build_calendar(make_calls(quiet_days), events(), learned).calendar
    for calendar, hours in ((busy, 10), (quiet, 0)):
        told = as_known(calendar)
        open_min = told[told["holiday"] != ""].groupby("holiday")["open_min"].sum()
        assert (open_min / 60).to_dict() == {"Independence Day": hours, "Labor Day": hours}


def test_that_a_holiday_was_worked_is_known_when_it_is_over(bank, events):
    days = [d.strftime("%Y-%m-%d") for d in pd.date_range("2003-06-02", "2003-07-20")]
    learned = bank.override({"calendars.opening_hours": "learn"})
    calendar = build_calendar(make_calls(days), events(), learned).calendar
    fourth = calendar[calendar["holiday"] == "Independence Day"]
    for cutoff, hours in (("2003-07-04", 0), ("2003-07-05", 10)):
        told = as_known(fourth, pd.Timestamp(cutoff, tz="America/New_York"))
        assert told["open_min"].sum() / 60 == hours


def test_all_holidays_can_be_open(bank, events):
    every = bank.override({"calendars.open_on_holidays": "all"})
    days = ["2003-07-03", "2003-07-04", "2003-07-07"]
    calendar = build_calendar(make_calls(days), events(), every).calendar
    holidays = calendar[calendar["day_type"].isin(HOLIDAY_TYPES)]
    assert set(holidays["holiday"]) == {"Independence Day"}
    assert holidays["open_min"].sum() == 600


def test_two_sites_in_two_countries_have_their_own_holidays(bank, events):
    settings = bank.override(
        {
            "ingest.site_timezones": {"delft": "Europe/Amsterdam"},
            "calendars.sites": {"delft": {"country": "NL"}},
        }
    )
    days = workdays("2003-04-28", "2003-06-06")
    history = together(make_calls(days), make_calls(days, site="delft", zone="Europe/Amsterdam"))
    built = build_calendar(history, events(), settings)
    calendar = built.calendar.assign(day=built.calendar["local"].dt.strftime("%m-%d"))
    hours = calendar.groupby(["site", "day"])["open_min"].sum() / 60
    named = calendar[calendar["holiday"] != ""].groupby("site")["day"].unique().map(list)
    assert named["main"] == ["05-26"]
    # King's (then Queen's) day, Ascension Thursday and Whit Sunday and Monday lie ahead of June 13.
    assert {"04-30", "05-29", "06-09"} <= set(named["delft"])
    assert (hours["main", "05-26"], hours["delft", "05-26"]) == (0, 10)
    assert (hours["main", "05-29"], hours["delft", "05-29"]) == (10, 0)
    told = built.events[built.events["pool"] == "holiday"].groupby("site")["name"].unique()
    assert "Memorial Day 2003" in told["main"]
    assert "Memorial Day 2003" not in told["delft"]
    assert built.version.endswith("US public, delft:NL public")
