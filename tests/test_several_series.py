"""Queues that end on other days, in other zones, or long ago, in one forecast."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import backtest
from forecast.capacity.demand import demand_of
from forecast.errors import ForecastError, InputError
from forecast.features import ended_series, first_unknown_day
from forecast.predict import live_forecast
from forecast.schema import MENDED
from forecast.select import plans, replay
from forecast.steps.predict import warnings_of
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


def test_a_queue_too_young_alone_is_said_by_name(small_params):
    history = make_history(8, queue="new")
    with pytest.raises(ForecastError, match="series main/new/voice has no cutoff"):
        backtest(*told_of(history, small_params), small_params)


@pytest.fixture(scope="module")
def old_and_new(small_params):
    """Return what is made of a queue that reports handle times and of a younger that does not."""
    old, new = make_history(90, queue="old"), make_history(90, queue="new").tail(40 * 20)
    calls = old["offered"].astype("float64")
    old = old.assign(answered=calls, talk_s=calls * np.where(calls.index % 2, 190.0, 210.0))
    return forecast_of(pd.concat([old, new]), small_params)


def test_a_younger_queue_has_fewer_cutoffs_and_its_own_forecast(old_and_new):
    means, _, live = old_and_new
    assert set(live.forecast["queue"]) == {"old", "new"}
    cutoffs = means.groupby("queue")["cutoff"].nunique()
    assert cutoffs["new"] < cutoffs["old"]


def test_a_queue_without_handle_times_stands_beside_one_that_has_them(old_and_new):
    _, _, live = old_and_new
    targets = live.forecast.groupby("queue")["target"].unique().map(set)
    assert targets["old"] == {"offered", "aht_s"}
    assert targets["new"] == {"offered"}
    paths = live.paths[live.paths["open_min"] > 0]
    assert paths.loc[paths["queue"] == "new", "aht_s"].isna().all()
    assert paths.loc[paths["queue"] == "old", "aht_s"].mean() == pytest.approx(200, rel=0.03)
    given = {("main", "old", "voice"): 999.0, ("main", "new", "voice"): 150.0}
    demand = demand_of(live.paths, given, forecast_aht=True)
    by_queue = pd.Series(demand.aht_s).groupby(demand.intervals["queue"]).mean()
    assert by_queue["new"] == 150
    assert by_queue["old"] == pytest.approx(200, rel=0.03)


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


def test_what_was_mended_is_told_series_by_series_and_nothing_is_no_line(old_and_new):
    _, _, live = old_and_new
    clean = replace(live, mended=MENDED.empty())
    before = warnings_of(clean)
    assert not [line for line in before if "mended" in line]
    day = pd.Timestamp("2024-03-05").as_unit("us")
    row = {"site": "main", "queue": "old", "channel": "voice", "target": "offered",
           "what": "odd day", "at": day, "factor": 0.5}  # fmt: skip
    told = replace(live, mended=MENDED.validate(pd.DataFrame([row])))
    (line,) = (line for line in warnings_of(told) if line not in before)
    assert line.startswith("main/old/voice: 1 x odd day in contacts, last 2024-03-05 (0.50")
