"""Public holidays against the law that sets them, and what they do to opening hours."""

from datetime import date, timedelta

import pandas as pd
import pytest

from forecast.calendars.build import build_calendar, public_holidays
from forecast.errors import ParamsError
from tests.calendars.calls import make_calls, workdays

MON, THU = 0, 3


def nth(number: int, weekday: int, month: int, year: int) -> date:
    """Return the first, second, ... Monday (or another weekday) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def last(weekday: int, month: int, year: int) -> date:
    end = date(year, month + 1, 1) - timedelta(days=1)
    return end - timedelta(days=(end.weekday() - weekday) % 7)


def federal_holidays(year: int) -> dict[date, str]:
    """Return the legal public holidays of 5 U.S.C. 6103(a) as it stood in 2003."""
    return {
        date(year, 1, 1): "New Year's Day",
        nth(3, MON, 1, year): "Martin Luther King Jr. Day",
        nth(3, MON, 2, year): "Washington's Birthday",
        last(MON, 5, year): "Memorial Day",
        date(year, 7, 4): "Independence Day",
        nth(1, MON, 9, year): "Labor Day",
        nth(2, MON, 10, year): "Columbus Day",
        date(year, 11, 11): "Veterans Day",
        nth(4, THU, 11, year): "Thanksgiving Day",
        date(year, 12, 25): "Christmas Day",
    }


def days_of(history, bank, events, **changes):
    """Return one row a day: day type, holiday and open hours."""
    settings = bank.override({f"calendars.{key}": value for key, value in changes.items()})
    calendar = build_calendar(history, events(), settings).calendar
    day = calendar["local"].dt.strftime("%Y-%m-%d")
    days = calendar.groupby(day).agg(
        day_type=("day_type", "first"), holiday=("holiday", "first"), open_min=("open_min", "sum")
    )
    return days.assign(hours=days["open_min"] / 60).drop(columns="open_min").T.to_dict("list")


def test_the_holidays_of_2003_are_those_of_the_law(bank):
    found = public_holidays([2003], bank.calendars)
    assert found == federal_holidays(2003)
    assert len(found) == 10


def test_the_law_gives_the_days_that_the_almanac_shows():
    # Otherwise the two tests above and below could err together.
    shown = ["01-01", "01-20", "02-17", "05-26", "07-04", "09-01", "10-13", "11-11", "11-27"]
    assert [f"{day:%m-%d}" for day in federal_holidays(2003)] == [*shown, "12-25"]


def test_a_closed_holiday_is_closed_all_day(bank, events):
    days = days_of(make_calls(workdays("2003-05-19", "2003-05-30")), bank, events)
    assert days["2003-05-26"] == ["holiday_closed", "Memorial Day", 0]
    assert days["2003-05-27"] == ["working", "", 10]
    assert days["2003-05-25"] == ["closed", "", 0]


def test_a_holiday_on_which_the_bank_opens_keeps_its_hours(bank, events):
    days = days_of(make_calls(workdays("2003-10-06", "2003-10-17")), bank, events)
    assert days["2003-10-13"] == ["holiday_open", "Columbus Day", 10]


def test_a_holiday_on_a_free_day_stays_a_free_day(bank, events):
    days = days_of(make_calls(workdays("2004-06-28", "2004-07-09")), bank, events)
    assert days["2004-07-04"] == ["closed", "Independence Day", 0]
    assert days["2004-07-05"] == ["holiday_closed", "Independence Day (observed)", 0]


def test_who_opens_on_a_holiday_opens_on_the_day_it_is_observed(bank, events):
    history = make_calls(workdays("2004-06-28", "2004-07-09"))
    days = days_of(history, bank, events, open_on_holidays=["Independence Day"])
    assert days["2004-07-04"] == ["closed", "Independence Day", 0]
    assert days["2004-07-05"] == ["holiday_open", "Independence Day (observed)", 10]


def test_holidays_ahead_of_the_history_are_known(bank, events):
    days = days_of(make_calls(workdays("2003-12-15", "2003-12-19")), bank, events)
    assert days["2003-12-25"] == ["holiday_closed", "Christmas Day", 0]


def test_holidays_of_a_part_of_the_country_need_its_code(bank):
    massachusetts = bank.calendars.model_copy(update={"subdivision": "MA"})
    patriots_day = date(2003, 4, 21)
    assert patriots_day not in public_holidays([2003], bank.calendars)
    assert "Patriots' Day" in public_holidays([2003], massachusetts)[patriots_day]


def test_an_unknown_holiday_is_refused_with_those_that_are_known(bank, events):
    history = make_calls(workdays("2003-06-02", "2003-06-06"))
    with pytest.raises(ParamsError) as caught:
        days_of(history, bank, events, open_on_holidays=["Columbus day", "Labor Day", "Halloween"])
    message = str(caught.value)
    assert "calendars.open_on_holidays: 'Columbus day', 'Halloween' is no holiday of US" in message
    assert "'Labor Day'" not in message
    for name in federal_holidays(2003).values():
        assert name in message


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"country": "ZZ"}, "country ZZ"),
        ({"subdivision": "QQ"}, "subdivision QQ"),
        ({"categories": ["bank holidays"]}, "categories ['bank holidays']"),
    ],
)
def test_an_unknown_country_or_category_is_refused(bank, changes, shown):
    with pytest.raises(ParamsError) as caught:
        public_holidays([2003], bank.calendars.model_copy(update=changes))
    assert str(caught.value).startswith("calendars: the holidays library refuses")
    assert shown in str(caught.value)


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
    for calendar, kind in ((busy, "holiday_open"), (quiet, "holiday_closed")):
        types = calendar[calendar["holiday"] != ""].groupby("holiday")["day_type"].first()
        assert types.to_dict() == {"Independence Day": kind, "Labor Day": kind}


def test_all_holidays_can_be_open(bank, events):
    every = bank.override({"calendars.open_on_holidays": "all"})
    days = ["2003-07-03", "2003-07-04", "2003-07-07"]
    calendar = build_calendar(make_calls(days), events(), every).calendar
    assert "holiday_closed" not in set(calendar["day_type"])
