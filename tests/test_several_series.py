"""Queues that end on other days, in other zones, or long ago, in one forecast."""

import pandas as pd
import pytest

from forecast.backtest import backtest
from forecast.errors import ForecastError, InputError
from forecast.features import ended_series, first_unknown_day
from forecast.predict import live_forecast
from forecast.select import plans, replay
from tests.conftest import features_of, make_history, told_of


def forecast_of(history, params):
    features, events = told_of(history, params)
    means = backtest(features, events, params)
    chosen = plans(means, replay(means, params.select), features, params.select)
    return means, features, live_forecast(features, events, chosen, params)


@pytest.fixture(scope="module")
def weekday_and_daily(small_params):
    daily = make_history(90, queue="daily")
    weekday = make_history(90, queue="weekday", seed=2)
    weekday = weekday[weekday["ds"].dt.day_of_week < 5]
    hours = [
        {"queues": ["daily"], "days": ["sat", "sun"], "opens": "08:00", "closes": "18:00"},
        {"days": ["mon", "tue", "wed", "thu", "fri"], "opens": "08:00", "closes": "18:00"},
    ]
    params = small_params.override({"calendars.opening_hours": hours})
    # The last report is a Sunday's: the weekday queue has been silent for two days.
    cut = pd.Timestamp("2024-03-25", tz="UTC")
    history = pd.concat([daily, weekday])
    return forecast_of(history[history["ds"] < cut], params)


def test_all_series_are_forecast_for_the_same_days(weekday_and_daily):
    _, _, live = weekday_and_daily
    spans = live.paths.groupby("queue")["ds"].agg(["min", "max"])
    assert spans["min"].nunique() == 1
    assert spans["max"].nunique() == 1
    assert spans["min"].iloc[0] == pd.Timestamp("2024-03-25", tz="UTC")


def test_a_silent_weekend_is_closed_not_missing(weekday_and_daily):
    _, features, _ = weekday_and_daily
    sunday = features[(features["queue"] == "weekday") & (features["date"] == "2024-03-24")]
    assert (sunday["y"] == 0).all()
    assert first_unknown_day(features) == pd.Timestamp("2024-03-25")


def test_a_queue_that_died_is_named_and_not_forecast(small_params):
    old = make_history(40, queue="retired")
    history = pd.concat([make_history(90, queue="live", seed=3), old])
    ended = ended_series(history, small_params)
    assert list(ended) == [("main", "retired", "voice")]
    assert ended["main", "retired", "voice"] == "no report after 2024-02-09"
    assert set(features_of(history, small_params)["queue"]) == {"live"}


def test_a_queue_can_be_left_out_by_name(small_params):
    history = pd.concat([make_history(90, queue="a"), make_history(90, queue="b")])
    without = small_params.override({"ingest.leave_out": ["b"]})
    assert set(features_of(history, without)["queue"]) == {"a"}
    nobody = small_params.override({"ingest.leave_out": ["a", "b"]})
    with pytest.raises(InputError, match="every queue is left out"):
        features_of(history, nobody)


def test_a_queue_too_young_is_said_by_name(small_params):
    history = pd.concat([make_history(90, queue="old"), make_history(90, queue="new").tail(8 * 20)])
    with pytest.raises(ForecastError, match="series main/new/voice has no cutoff"):
        backtest(*told_of(history, small_params), small_params)


def test_a_younger_queue_has_fewer_cutoffs_and_its_own_forecast(small_params):
    history = pd.concat(
        [make_history(90, queue="old"), make_history(90, queue="new").tail(40 * 20)]
    )
    means, _, live = forecast_of(history, small_params)
    assert set(live.forecast["queue"]) == {"old", "new"}
    cutoffs = means.groupby("queue")["cutoff"].nunique()
    assert cutoffs["new"] < cutoffs["old"]


def test_intervals_without_a_row_are_missing_or_zero_as_the_settings_say(small_params):
    history = make_history(90, rate=0.5)
    sparse = history[history["offered"] > 0]
    means = {}
    for told in ("missing", "zero"):
        own = small_params.override({"ingest.absent_rows": told})
        features = features_of(sparse, own)
        means[told] = features.loc[features["open_min"] > 0, "y"].mean()
    true = history["offered"].mean()
    assert means["zero"] == pytest.approx(true, rel=0.01)
    assert means["missing"] > 1.3 * true
