"""A window is where an event is on or does something, and what rises without one is found too."""

import pandas as pd
import pytest

from forecast.params import AlertsParams
from forecast.peaks.windows import of_teams, peak_windows, usual_days
from tests.peaks.conftest import ahead_of, event, events_of, past_of


def windows(ahead, *events, **params):
    found, told = peak_windows(
        ahead, past_of(), events_of(*events), AlertsParams(**params), keep_out=["outage"]
    )
    return found, told


def spans(found):
    return [
        (r["peak_id"], f"{r['start']:%m-%d %H}", f"{r['end']:%m-%d %H}")
        for r in found.to_dict("records")
    ]


def test_a_promotion_is_a_peak_in_its_open_hours_even_if_little_is_expected_of_it():
    assert spans(windows(ahead_of(), event())[0]) == [("sale", "03-12 09", "03-12 17")]
    part = event(start=pd.Timestamp("2024-03-12 12:00"), end=pd.Timestamp("2024-03-12 13:30"))
    assert spans(windows(ahead_of(), part)[0]) == [("sale", "03-12 12", "03-12 14")]


def test_what_it_lifts_before_and_after_belongs_to_it():
    lift = {"03-11": 1.2, "03-12": 1.5, "03-13": 1.3, "03-14": 1.05}
    assert spans(windows(ahead_of(lift), event())[0]) == [("sale", "03-11 09", "03-13 17")]


def test_a_closed_holiday_is_a_peak_where_the_days_after_it_rise_and_none_otherwise():
    holiday = event("easter", pool="holiday", kind="holiday: Easter")
    closed = ahead_of({"03-13": 1.3})
    closed = closed[closed["local"].dt.day != 12]
    assert spans(windows(closed, holiday)[0]) == [("easter", "03-13 09", "03-13 17")]
    assert not len(windows(ahead_of(), holiday)[0])
    assert not len(windows(ahead_of({"03-12": 0.5}), holiday)[0])


def test_each_busy_day_belongs_to_the_event_next_to_it():
    near = event("late", start=pd.Timestamp("2024-03-15"), end=pd.Timestamp("2024-03-16"))
    found = spans(windows(ahead_of({"03-14": 1.4, "03-13": 1.4}), event(), near)[0])
    assert found == [("late", "03-14 09", "03-15 17"), ("sale", "03-12 09", "03-13 17")]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "outage"},
        {"intensity": 0.0},
        {"withdrawn": pd.Timestamp("2024-02-02", tz="UTC")},
        {"start": pd.Timestamp("2024-09-12"), "end": pd.Timestamp("2024-09-13")},
        {"queue": "another"},
    ],
    ids=["outage", "cancelled", "replaced", "beyond the horizon", "another queue's"],
)
def test_what_makes_no_peak(change):
    assert not len(windows(ahead_of(), event(**change))[0])


def test_an_event_that_makes_it_quieter_is_no_peak():
    assert not len(windows(ahead_of({"03-12": 0.7}), event())[0])


def test_days_far_above_the_same_weekdays_are_a_peak_without_a_name():
    ahead = ahead_of()
    busy = ahead["local"].dt.day.isin([7, 8])
    ahead["mean"] = ahead["mean"].mask(busy, 90.0)
    found, told = windows(ahead)
    assert spans(found) == [("unexplained 2024-03-07", "03-07 09", "03-08 17")]
    assert told.loc[busy, "usual"].unique() == pytest.approx([60.0])
    # Below the bound it is none, and no more where an event says why.
    assert not len(windows(ahead, unexplained_above_usual=0.6)[0])
    both = event(start=pd.Timestamp("2024-03-07"), end=pd.Timestamp("2024-03-09"))
    assert spans(windows(ahead, both)[0]) == [("sale", "03-07 09", "03-08 17")]


def test_growth_is_no_peak():
    days = pd.date_range("2024-01-01", periods=400)
    grown = pd.DataFrame({"date": days, "contacts": 100 * 1.001 ** pd.RangeIndex(400), "effect": 1})
    ratio = grown["contacts"] / usual_days(grown)
    # Within the year no day stands out; at the last no week after it tells of the growth.
    assert ratio[30:370].between(0.99, 1.01).all()
    assert ratio.max() < 1.05


def test_too_few_days_say_nothing_of_what_is_usual():
    days = pd.DataFrame(
        {"date": pd.date_range("2024-01-01", periods=3, freq="7D"), "contacts": 1.0, "effect": 1.0}
    )
    assert usual_days(days).isna().all()


def test_a_peak_of_one_queue_is_one_of_its_team():
    ahead = pd.concat([ahead_of(), ahead_of({"03-13": 1.5}).assign(queue="service")])
    both = events_of(event(), event(queue="service"))
    found, _ = peak_windows(ahead, past_of(), both, AlertsParams())
    team = of_teams(found, {"floor": ["sales", "service"]})
    assert team["queue"].tolist() == ["floor"]
    assert spans(team) == [("sale", "03-12 09", "03-13 17")]
