"""One suite over every file in forecast/models: a new model is tested by being there."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast import models
from forecast.backtest import expected_at
from forecast.errors import ForecastError, ParamsError
from forecast.features import end_of_history, known_at
from forecast.schema import MEANS

EVERY = pytest.mark.parametrize("name", models.names())


@pytest.fixture(scope="module")
def cutoff(small_features):
    return end_of_history(small_features) - pd.Timedelta(days=14)


def predicted(name, features, cutoff, seed=1):
    known = known_at(features, cutoff)
    model = models.create(name, {}, seed=seed).fit(known[known["ds"] < cutoff])
    return model, model.predict(known[known["ds"] >= cutoff])


@EVERY
def test_nothing_after_the_cutoff_is_seen(name, small_features, cutoff):
    _, before = predicted(name, small_features, cutoff)
    later = small_features["ds"] >= cutoff
    other = small_features.assign(y=small_features["y"].where(~later, 9999.0))
    _, after = predicted(name, other, cutoff)
    pd.testing.assert_series_equal(before, after)


@EVERY
def test_the_same_seed_gives_the_same_numbers(name, small_features, cutoff):
    _, one = predicted(name, small_features, cutoff)
    _, two = predicted(name, small_features, cutoff)
    pd.testing.assert_series_equal(one, two)


@EVERY
def test_saved_and_loaded_it_predicts_the_same(name, small_features, cutoff):
    model, before = predicted(name, small_features, cutoff)
    restored = models.restore(json.loads(json.dumps(model.state())))
    future = known_at(small_features, cutoff).loc[before.index]
    pd.testing.assert_series_equal(before, restored.predict(future))


@EVERY
def test_closed_is_zero_and_open_is_finite_on_the_asked_index(name, small_features, cutoff):
    _, mean = predicted(name, small_features, cutoff)
    future = small_features.loc[mean.index]
    assert (mean[future["open_min"] == 0] == 0).all()
    assert np.isfinite(mean).all()
    assert (mean[future["open_min"] > 0] > 0).all()


@EVERY
def test_it_beats_knowing_nothing_but_the_mean(name, small_features, cutoff):
    _, mean = predicted(name, small_features, cutoff)
    future = small_features.loc[mean.index]
    truth = future["y"].where(future["open_min"] > 0)
    flat = small_features.loc[
        (small_features["ds"] < cutoff) & (small_features["open_min"] > 0), "y"
    ].mean()
    # Even the true rates leave 0.62 of the flat mean's error: that part is Poisson noise.
    assert (mean - truth).abs().mean() < 0.95 * (flat - truth).abs().mean()


@EVERY
def test_half_the_opening_minutes_get_half_the_contacts(name, small_features, cutoff):
    # A change of hours re-shapes the forecast without new training.
    model, mean = predicted(name, small_features, cutoff)
    future = known_at(small_features, cutoff).loc[mean.index]
    halved = model.predict(future.assign(open_min=future["open_min"] / 2))
    np.testing.assert_allclose(halved, mean / 2, rtol=1e-9)


@EVERY
def test_a_time_of_day_never_open_before_gets_the_nearest_rate(name, small_features, cutoff):
    model, mean = predicted(name, small_features, cutoff)
    future = known_at(small_features, cutoff).loc[mean.index]
    evening = future[future["slot_min"] == 19 * 60].assign(open_min=30.0)
    rate = model.predict(evening)
    assert np.isfinite(rate).all()
    assert (rate > 0).all()


@EVERY
def test_too_short_a_history_is_said_by_name(name, small_features):
    start = small_features["ds"].min()
    short = small_features[small_features["ds"] < start + pd.Timedelta(days=5)]
    with pytest.raises(ForecastError, match=r"main/sales/voice has 5 before this cutoff"):
        models.create(name, {}, seed=1).fit(short)


@EVERY
def test_a_missing_day_is_not_taken_for_zero(name, small_features, cutoff):
    _, whole = predicted(name, small_features, cutoff)
    lost = small_features["date"] == (cutoff.tz_localize(None) - pd.Timedelta(days=3))
    holed = small_features.assign(y=small_features["y"].where(~lost))
    _, mean = predicted(name, holed, cutoff)
    assert mean.sum() == pytest.approx(whole.sum(), rel=0.15)


@EVERY
def test_an_unknown_option_is_refused_with_its_path(name):
    with pytest.raises(ParamsError, match=rf"models\.{name}\.horsepower"):
        models.create(name, {"horsepower": 3}, seed=1)


def test_an_unknown_model_is_refused_with_those_there_are():
    with pytest.raises(ParamsError, match=r"models\.oracle: no such model; there are day_level"):
        models.create("oracle", {}, seed=1)


def test_seasonal_naive_copies_the_last_same_weekday(small_features, cutoff):
    _, mean = predicted("seasonal_naive", small_features, cutoff)
    future = small_features.loc[mean.index]
    week = future[(future["ds"] < cutoff + pd.Timedelta(days=7)) & (future["open_min"] > 0)]
    before = small_features.set_index("ds")["y"].reindex(week["ds"] - pd.Timedelta(days=7))
    np.testing.assert_allclose(mean[week.index], before)


def test_a_models_means_have_the_backtests_table(small_features, small_events, cutoff):
    made = expected_at(
        small_features,
        small_events,
        cutoff,
        {"seasonal_naive": {}},
        {"1_day": 1, "1_week": 7},
        seed=1,
    )
    means = made.means
    assert MEANS.validate(means).equals(means)
    assert list(made.models) == ["seasonal_naive"]
    assert set(means["horizon"]) == {"1_day", "1_week"}
    assert (means["ds"] >= cutoff).all()
    assert means["ds"].max() < cutoff + pd.Timedelta(days=7)
