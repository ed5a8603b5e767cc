"""Events on their days: who is touched, how strongly, and since when it was known."""

from collections.abc import Callable

import pandas as pd
import pytest

from forecast.calendars.build import build_calendar
from tests.calendars.calls import make_calls, together, workdays

TWO_WEEKS = workdays("2003-05-05", "2003-05-16")


@pytest.fixture
def day_of(bank, events) -> Callable[..., dict[str, object]]:
    """Return what the calendar of events says of one day of one queue."""
    history = together(make_calls(TWO_WEEKS), make_calls(TWO_WEEKS, queue="service"))

    def look(day: str, *rows: str, queue: str = "sales") -> dict[str, object]:
        calendar = build_calendar(history, events(*rows), bank).calendar
        own = calendar[calendar["queue"] == queue]
        columns = ["event", "intensity", "event_known"]
        (only,) = (
            own.loc[own["local"].dt.strftime("%m-%d") == day, columns].drop_duplicates().values
        )
        return dict(zip(columns, only, strict=True))

    return look


def test_a_day_without_an_event_has_none(day_of):
    day = day_of("05-08", "sale,,,2003-05-05,2003-05-07,all,1.5,2003-05-01")
    assert (day["event"], day["intensity"]) == ("", 0)
    assert pd.isna(day["event_known"])


@pytest.mark.parametrize("day", ["05-05", "05-06", "05-07"])
def test_the_first_and_the_last_day_belong_to_an_event(day_of, day):
    on = day_of(day, "sale,,,2003-05-05,2003-05-07,all,1.5,2003-05-01")
    assert (on["event"], on["intensity"]) == ("sale", 1.5)


def test_an_event_is_known_from_the_local_midnight_of_its_announcement(day_of):
    day = day_of("05-06", "sale,,,2003-05-05,2003-05-07,all,1.5,2003-05-01")
    assert day["event_known"] == pd.Timestamp("2003-05-01T04:00Z")


def test_an_event_touches_its_queues_only(day_of):
    row = "sale,,,2003-05-05,2003-05-07,service,1.5,"
    assert day_of("05-06", row)["event"] == ""
    assert day_of("05-06", row, queue="service")["event"] == "sale"


def test_overlapping_events_add_and_count_as_known_with_the_last(day_of):
    rows = ["a,,,2003-05-05,2003-05-07,all,1.5,2003-05-02", "b,,,2003-05-07,2003-05-09,all,2,"]
    rows.append("c,,,2003-05-07,2003-05-07,sales,0.25,2003-04-01")
    assert day_of("05-06", *rows)["intensity"] == 1.5
    both = day_of("05-07", *rows)
    assert (both["event"], both["intensity"]) == ("a+b+c", 3.75)
    assert both["event_known"] == pd.Timestamp("2003-05-07T04:00Z")
    assert day_of("05-07", *rows, queue="service")["event"] == "a+b"


def test_an_event_may_lie_ahead_of_the_history(day_of):
    assert day_of("05-20", "later,,,2003-05-20,2003-05-21,all,,2003-05-10")["event"] == "later"


def test_an_event_outside_the_calendar_changes_nothing(day_of):
    assert day_of("05-06", "past,,,2001-05-05,2001-05-07,all,,")["event"] == ""


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
    calendar = build_calendar(history, rows, bank.override({"ingest.timezone": zone})).calendar
    known = calendar.loc[calendar["event"] == "sale", "event_known"].unique().tolist()
    # In Santiago that day begins at 01:00 summer time, in Havana with the first of two midnights.
    assert known == [pd.Timestamp(f"{day}T04:00Z")]
