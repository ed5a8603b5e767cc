"""Opening hours learned from a history are those that it was made with."""

import pandas as pd
import pytest

from forecast.calendars.build import build_calendar
from tests.calendars.calls import make_calls, together, workdays

SIX_WEEKS = workdays("2003-06-02", "2003-07-11")


def learned(history, bank, events):
    return build_calendar(history, events(), bank.override({"calendars.opening_hours": "learn"}))


def windows(history, bank, events) -> list[tuple[str, str, str]]:
    found = learned(history, bank, events).opening_hours
    return [(window.days[0], window.opens, window.closes) for window in found]


@pytest.mark.parametrize(
    ("opens", "closes", "minutes"),
    [
        ("08:00", "18:00", 30),
        ("07:00", "21:05", 5),
        ("00:00", "24:00", 60),
        ("09:15", "17:45", 15),
        ("20:00", "24:00", 30),
    ],
)
def test_daily_hours_are_recovered(bank, events, opens, closes, minutes):
    history = make_calls(SIX_WEEKS, opens, closes, minutes=minutes)
    assert windows(history, bank, events) == [
        (day, opens, closes) for day in ("mon", "tue", "wed", "thu", "fri")
    ]


def test_each_weekday_has_its_own_hours(bank, events):
    saturdays = [f"{day:%Y-%m-%d}" for day in pd.date_range("2003-06-07", periods=5, freq="7D")]
    history = together(make_calls(SIX_WEEKS), make_calls(saturdays, "10:00", "14:00"))
    assert ("sat", "10:00", "14:00") in windows(history, bank, events)
    assert ("mon", "08:00", "18:00") in windows(history, bank, events)


def test_each_queue_has_its_own_hours(bank, events):
    history = together(
        make_calls(SIX_WEEKS), make_calls(SIX_WEEKS, "09:00", "12:00", queue="service")
    )
    found = learned(history, bank, events).opening_hours
    assert {(tuple(w.queues), w.opens, w.closes) for w in found} == {
        (("sales",), "08:00", "18:00"),
        (("service",), "09:00", "12:00"),
    }


def test_one_saturday_is_no_opening_day(bank, events):
    history = together(make_calls(SIX_WEEKS), make_calls(["2003-06-07"]))
    assert "sat" not in [day for day, _, _ in windows(history, bank, events)]


def test_one_early_call_does_not_open_the_day_earlier(bank, events):
    history = together(make_calls(SIX_WEEKS), make_calls(SIX_WEEKS[:1], "05:00", "05:30"))
    assert ("mon", "08:00", "18:00") in windows(history, bank, events)


def test_intervals_without_contacts_do_not_open_the_queue(bank, events):
    silent = make_calls(SIX_WEEKS, "18:00", "24:00", offered=0)
    history = together(make_calls(SIX_WEEKS), silent)
    assert ("mon", "08:00", "18:00") in windows(history, bank, events)


def test_a_holiday_does_not_close_its_weekday(bank, events):
    open_days = [day for day in SIX_WEEKS if day != "2003-07-04"]
    assert ("fri", "08:00", "18:00") in windows(make_calls(open_days), bank, events)


def test_learned_hours_give_the_calendar_of_given_hours(bank, events):
    history = make_calls([day for day in SIX_WEEKS if day != "2003-07-04"])
    by_hand = build_calendar(history, events(), bank)
    by_history = learned(history, bank, events)
    assert by_history.calendar.equals(by_hand.calendar)
    assert (by_history.opening_source, by_hand.opening_source) == ("learned", "given")
