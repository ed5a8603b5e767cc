"""Events on their days: CALENDAR names them, EVENTS tell how strong and since when known."""

from collections.abc import Callable

import pandas as pd
import pytest

from forecast.calendars.build import Built, build_calendar
from forecast.errors import InputError
from forecast.schema import EVENTS, events_at
from tests.calendars.calls import make_calls, together, workdays

TWO_WEEKS = workdays("2003-05-05", "2003-05-16")


@pytest.fixture
def built(bank, events) -> Callable[..., Built]:
    """Return a function that builds the calendar of two queues with rows of a promotions file."""
    history = together(make_calls(TWO_WEEKS), make_calls(TWO_WEEKS, queue="service"))
    return lambda *rows: build_calendar(history, events(*rows), bank)


@pytest.fixture
def named(built) -> Callable[..., str]:
    """Return a function that says which events the calendar names on a day of a queue."""

    def look(day: str, *rows: str, queue: str = "sales") -> str:
        calendar = built(*rows).calendar
        here = (calendar["queue"] == queue) & (calendar["local"].dt.strftime("%m-%d") == day)
        (only,) = calendar.loc[here, "event"].unique()
        return only

    return look


def own(built: Built, queue: str = "sales") -> pd.DataFrame:
    """Return the events of a queue, holidays left out."""
    table = built.events
    return table[(table["queue"] == queue) & (table["pool"] == "event")].reset_index(drop=True)


def test_an_event_with_the_id_of_a_holiday_is_refused(built):
    row = "memorial_day_2003,,,2003-05-12,2003-05-12,all,1,2003-05-01"
    with pytest.raises(InputError, match="line 2: event_id 'memorial_day_2003' is the id of a hol"):
        built(row)


def test_a_day_without_an_event_has_none(named):
    assert named("05-08", "sale,,,2003-05-05,2003-05-07,all,1.5,2003-05-01") == ""


@pytest.mark.parametrize("day", ["05-05", "05-06", "05-07"])
def test_the_first_and_the_last_day_belong_to_an_event(named, day):
    assert named(day, "sale,,,2003-05-05,2003-05-07,all,1.5,2003-05-01") == "sale"


def test_an_event_keeps_its_strength_and_is_known_from_the_local_midnight(built):
    table = built("sale,,,2003-05-05,2003-05-07,all,1.5,2003-05-01").events
    (row,) = own(built("sale,,,2003-05-05,2003-05-07,all,1.5,2003-05-01")).to_dict("records")
    assert table.equals(EVENTS.validate(table))
    assert row["intensity"] == 1.5
    assert row["announced"] == pd.Timestamp("2003-05-01T04:00Z")
    assert (row["start"], row["end"]) == (pd.Timestamp("2003-05-05"), pd.Timestamp("2003-05-08"))


def test_an_event_touches_its_queues_only(built, named):
    row = "sale,,,2003-05-05,2003-05-07,service,1.5,"
    assert named("05-06", row) == ""
    assert named("05-06", row, queue="service") == "sale"
    assert own(built(row)).empty
    assert len(own(built(row), "service")) == 1


def test_overlapping_events_are_each_known_since_their_own_announcement(built, named):
    rows = ["a,,,2003-05-05,2003-05-07,all,1.5,2003-05-02", "b,,,2003-05-07,2003-05-09,all,2,"]
    rows.append("c,,,2003-05-07,2003-05-07,sales,0.25,2003-04-01")
    assert named("05-06", *rows) == "a"
    assert named("05-07", *rows) == "a+b+c"
    assert named("05-07", *rows, queue="service") == "a+b"
    table = own(built(*rows))
    assert dict(zip(table["event_id"], table["intensity"], strict=True)) == {
        "a": 1.5,
        "b": 2.0,
        "c": 0.25,
    }
    then = events_at(table, pd.Timestamp("2003-05-03", tz="UTC"))
    assert then["event_id"].tolist() == ["a", "c"]


def test_an_event_may_lie_ahead_of_the_history(named):
    assert named("05-20", "later,,,2003-05-20,2003-05-21,all,,2003-05-10") == "later"


def test_an_event_outside_the_calendar_changes_nothing(built, named):
    row = "past,,,2001-05-05,2001-05-07,all,,"
    assert named("05-06", row) == ""
    assert own(built(row)).empty


def test_an_event_just_before_the_history_may_still_be_felt(built):
    assert own(built("mail,,,2003-04-20,2003-04-21,all,,"))["event_id"].tolist() == ["mail"]


def test_a_moved_event_is_named_at_its_new_dates_and_a_cancelled_one_nowhere(named):
    moved = [
        "sale,,,2003-05-05,2003-05-06,all,,2003-04-20",
        "sale,,,2003-05-12,2003-05-13,all,,2003-05-02",
    ]
    assert (named("05-05", *moved), named("05-12", *moved)) == ("", "sale")
    gone = [moved[0], "sale,,,2003-05-05,2003-05-06,all,0,2003-05-02"]
    assert named("05-05", *gone) == ""


def test_shopping_days_are_events_where_they_are_asked_for(bank, events):
    history = make_calls(workdays("2003-11-24", "2003-12-05"))
    settings = bank.override({"calendars.peaks": ["Black Friday"]})
    calendar = build_calendar(history, events(), settings).calendar
    on = calendar.loc[calendar["event"] != "", "local"].dt.strftime("%m-%d").unique().tolist()
    assert on == ["11-28"]
    assert set(build_calendar(history, events(), bank).calendar["event"]) == {""}


def test_holidays_are_events_of_their_own_pool_and_no_name_in_the_calendar(bank, events):
    built = build_calendar(make_calls(workdays("2003-05-19", "2003-05-30")), events(), bank)
    holidays = built.events[built.events["pool"] == "holiday"]
    assert "Memorial Day 2003" in set(holidays["name"])
    assert set(built.calendar["event"]) == {""}


def test_an_event_does_not_open_a_closed_day(bank, events):
    rows = events("sale,,,2003-05-10,2003-05-11,all,,")
    calendar = build_calendar(make_calls(TWO_WEEKS), rows, bank).calendar
    weekend = calendar[calendar["local"].dt.day_of_week >= 5]
    assert "sale" in weekend["event"].tolist()
    assert weekend["open_min"].sum() == 0


@pytest.mark.parametrize(
    ("zone", "day"), [("America/Santiago", "2024-09-08"), ("America/Havana", "2024-11-03")]
)
def test_an_announcement_may_fall_on_a_clock_change_at_midnight(bank, events, zone, day):
    history = make_calls(workdays("2024-09-02", "2024-09-06"), zone=zone)
    rows = events(f"sale,,,2024-09-09,2024-09-10,all,,{day}")
    built = build_calendar(history, rows, bank.override({"ingest.timezone": zone}))
    # In Santiago that day begins at 01:00 summer time, in Havana with the first of two midnights.
    assert own(built)["announced"].tolist() == [pd.Timestamp(f"{day}T04:00Z")]
