"""The calendar as a whole: its span, its queues and sites, and what it refuses."""

import pytest

from forecast.calendars.build import build_calendar
from forecast.errors import InputError
from forecast.schema import CALENDAR
from tests.calendars.calls import WORKDAYS, make_calls, together, workdays

WEEK = workdays("2003-05-05", "2003-05-09")


def test_the_calendar_runs_from_the_first_day_to_the_horizon(bank, events):
    calendar = build_calendar(make_calls(WEEK), events(), bank).calendar
    assert f"{calendar['local'].min()}" == "2003-05-05 00:00:00"
    assert f"{calendar['local'].max()}" == "2003-05-16 23:30:00"
    assert len(calendar) == 12 * 48


def test_the_calendar_keeps_its_contract(bank, events):
    calendar = build_calendar(make_calls(WEEK), events(), bank).calendar
    assert calendar.equals(CALENDAR.validate(calendar))


@pytest.mark.parametrize(("minutes", "intervals"), [(5, 288), (15, 96), (60, 24)])
def test_the_grid_is_the_planners(bank, events, minutes, intervals):
    settings = bank.override({"features.interval_min": minutes})
    calendar = build_calendar(make_calls(WEEK, minutes=5), events(), settings).calendar
    assert len(calendar) == 12 * intervals
    assert calendar["open_min"].sum() == 10 * 10 * 60


def test_queues_begin_with_their_history_and_end_together(bank, events):
    history = together(make_calls(WEEK), make_calls(WEEK[2:4], queue="service"))
    calendar = build_calendar(history, events(), bank).calendar
    assert calendar.groupby("queue").size().to_dict() == {"sales": 12 * 48, "service": 10 * 48}
    assert calendar.groupby("queue")["ds"].max().nunique() == 1


def test_channels_of_a_queue_have_their_own_learned_hours(bank, events):
    evening = make_calls(WEEK, "18:00", "21:00", channel="chat")
    history = together(make_calls(WEEK), evening)
    learned = bank.override({"calendars.opening_hours": "learn"})
    calendar = build_calendar(history, events(), learned).calendar
    opened = calendar[calendar["open_min"] > 0].groupby("channel")["local"]
    assert opened.min().dt.strftime("%H:%M").to_dict() == {"chat": "18:00", "voice": "08:00"}


def test_each_site_is_open_by_its_own_clock(bank, events):
    settings = bank.override({"ingest.site_timezones": {"delft": "Europe/Amsterdam"}})
    history = together(make_calls(WEEK), make_calls(WEEK, site="delft", zone="Europe/Amsterdam"))
    calendar = build_calendar(history, events(), settings).calendar
    opening = calendar[calendar["open_min"] > 0].groupby("site")["ds"].min()
    assert opening.dt.strftime("%H:%M").to_dict() == {"delft": "06:00", "main": "12:00"}


def test_a_partly_open_last_interval_is_in_the_calendar(bank, events):
    hours = [{"days": WORKDAYS, "opens": "07:00", "closes": "21:05"}]
    settings = bank.override({"calendars.opening_hours": hours})
    calendar = build_calendar(make_calls(WEEK), events(), settings).calendar
    last = calendar[calendar["local"].dt.strftime("%a %H:%M") == "Mon 21:00"]
    assert set(last["open_min"]) == {5}


def test_a_queue_without_opening_hours_is_refused(bank, events):
    hours = [{"queues": ["sales"], "days": WORKDAYS, "opens": "08:00", "closes": "18:00"}]
    settings = bank.override({"calendars.opening_hours": hours})
    history = together(make_calls(WEEK), make_calls(WEEK, queue="service"))
    with pytest.raises(InputError) as caught:
        build_calendar(history, events(), settings)
    message = str(caught.value)
    assert "queue 'service' (voice) of site 'main' has no opening hours" in message
    assert "calendars.opening_hours" in message


def test_a_queue_that_only_reported_zeros_cannot_be_learned_from(bank, events):
    settings = bank.override({"calendars.opening_hours": "learn"})
    with pytest.raises(InputError, match="no opening hours"):
        build_calendar(make_calls(WEEK, offered=0), events(), settings)


def test_the_calendar_says_what_it_rests_on(bank, events):
    built = build_calendar(make_calls(WEEK), events(), bank)
    assert built.version.startswith("holidays ")
    assert built.version.endswith(" US public")
    assert built.opening_source == "given"
    assert built.opening_hours == list(bank.calendars.opening_hours)


def test_the_history_is_not_changed(bank, events):
    history = make_calls(WEEK)
    before = history.copy(deep=True)
    build_calendar(history, events("sale,,,2003-05-05,2003-05-07,all,,"), bank)
    assert history.equals(before)
