"""The live forecast is a backtest at the last cutoff."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import backtest
from forecast.errors import ForecastError
from forecast.features import end_of_history
from forecast.origins import ahead_of
from forecast.predict import Champion, live_forecast
from forecast.schema import QUANTILES
from forecast.select import CHAMPION, SeriesPlan, plans, replay


@pytest.fixture(scope="module")
def chosen(small_features, small_params):
    means = backtest(small_features, small_params)
    return plans(means, replay(means, small_params.select), small_features, small_params.select)


@pytest.fixture(scope="module")
def live(small_features, chosen, small_params):
    return live_forecast(small_features, chosen, small_params)


def test_it_covers_every_interval_of_the_horizon(live, small_params):
    champion = live.forecast[live.forecast["model"] == CHAMPION]
    assert len(champion) == 7 * 48
    assert champion["ds"].is_unique
    assert len(live.paths) == 7 * 48 * small_params.forecast.paths


def test_closed_is_zero_with_no_width_and_quantiles_rise(live):
    closed = live.forecast["open_min"] == 0
    numbers = live.forecast[["mean", *QUANTILES]]
    assert (numbers[closed] == 0).all(axis=None)
    assert (np.diff(live.forecast[list(QUANTILES)].to_numpy(), axis=1) >= 0).all()
    assert (numbers[~closed] > 0).all(axis=None)


def test_paths_and_forecast_agree_on_the_mean(live):
    champion = live.forecast[live.forecast["model"] == CHAMPION]
    total = live.paths.groupby("path")["offered"].sum().mean()
    assert total == pytest.approx(champion["mean"].sum(), rel=0.02)


def test_the_same_seed_gives_the_same_bytes(live, small_features, chosen, small_params):
    again = live_forecast(small_features, chosen, small_params)
    pd.testing.assert_frame_equal(again.forecast, live.forecast)
    pd.testing.assert_frame_equal(again.paths, live.paths)
    other = live_forecast(small_features, chosen, small_params.override({"seed": 2}))
    assert not other.paths["offered"].equals(live.paths["offered"])


def test_the_truth_lies_in_the_band_as_often_as_promised(small_features, chosen, small_params):
    # The centre is known: Poisson around 40 an interval, 5 % day noise.
    end = end_of_history(small_features)
    champion = live_forecast(small_features, chosen, small_params).forecast
    champion = champion[(champion["model"] == CHAMPION) & (champion["open_min"] > 0)]
    rng = np.random.default_rng(7)
    slot = champion["ds"].dt.hour * 2 + champion["ds"].dt.minute // 30 - 16
    monday = np.where(champion["ds"].dt.day_of_week == 0, 1.4, 1.0)
    rate = 40 * (1 + 0.5 * np.sin(np.pi * slot / 20)) * monday
    inside = []
    for _ in range(200):
        y = rng.poisson(rate * rng.normal(1, 0.05, 7)[(champion["ds"] - end).dt.days])
        inside.append(((y >= champion["q10"].round()) & (y <= champion["q90"].round())).mean())
    # Wider than 80 %: after five weeks the width cannot be trusted to the point, and is widened.
    assert 0.78 <= np.mean(inside) <= 0.92


def test_a_series_nobody_selected_for_is_said(small_features, small_params):
    with pytest.raises(ForecastError, match="main/sales/voice was not selected for"):
        live_forecast(small_features, [], small_params)


def test_the_saved_champion_gives_the_same_forecast(live, chosen, small_features, small_params):
    states = json.loads(json.dumps(live.states))
    plan = SeriesPlan.from_json(json.loads(json.dumps(chosen[0].to_json())))
    cutoff = end_of_history(small_features)
    future = ahead_of(small_features, cutoff, small_params.backtest.horizons)
    future = future[future["open_min"] > 0]
    again = Champion.load(plan, 0, states).predict(future)
    wanted = live.forecast[live.forecast["model"] == CHAMPION]
    wanted = wanted[wanted["open_min"] > 0].sort_values("ds").reset_index(drop=True)
    pd.testing.assert_frame_equal(again[list(QUANTILES)], wanted[list(QUANTILES)])


def test_an_event_announced_after_the_last_report_is_in_the_live_forecast(
    small_features, small_params
):
    # Four past events doubled the contacts; the fifth lies ahead and was announced today.
    past = pd.to_datetime(["2024-01-17", "2024-02-07", "2024-02-21", "2024-03-13"])
    ahead = pd.Timestamp("2024-04-03")
    end = end_of_history(small_features)
    on = small_features["date"].isin([*past, ahead])
    features = small_features.assign(
        y=small_features["y"] * (1 + on),
        intensity=on.astype("float64"),
        event_known=pd.Series(end + pd.Timedelta(days=1), index=on.index).where(
            small_features["date"] == ahead
        ),
    )
    params = small_params.override({"models": {"prophet": {}}, "backtest.every_open_days": 4})
    means = backtest(features, params)
    chosen = plans(means, replay(means, params.select), features, params.select)
    champion = live_forecast(features, chosen, params).forecast
    champion = champion[champion["model"] == CHAMPION]
    by_day = champion.groupby(champion["ds"].dt.floor("D"))["mean"].sum()
    usual = by_day.drop(pd.Timestamp(ahead, tz="UTC"))
    assert by_day[pd.Timestamp(ahead, tz="UTC")] > 1.5 * usual.median()
