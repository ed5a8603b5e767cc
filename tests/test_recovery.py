"""What would mislead a model is found, and what is ordinary is left alone."""

import numpy as np
import pandas as pd
import pytest

from forecast.models import create
from forecast.recovery import recovered
from tests.effects.worlds import START, queue

DAY = pd.Timedelta(days=1)


def at(features, days):
    return features["date"] >= START + days * DAY


def busy(days=120, seed=4):
    """Return FEATURES of a queue with about 40 contacts an hour, a weekday's pattern, and noise."""
    features = queue(days, seed=seed)
    rng = np.random.default_rng(seed)
    level = {d: 40 * np.exp(rng.normal(0, 0.05)) for d in features["date"].unique()}
    weekday = 1 + 0.1 * features["weekday"]
    rate = features["date"].map(level) * weekday
    counts = rng.poisson(np.where(features["open_min"] > 0, rate, 0.0)).astype("float64")
    return features.assign(y=counts)


def test_an_ordinary_history_is_left_as_it_is():
    for seed in range(8):
        features = busy(seed=seed)
        found = recovered(features)
        pd.testing.assert_frame_equal(found.train, features)
        assert len(found.absurd) == len(found.dead) == len(found.odd) == len(found.shifts) == 0


@pytest.mark.parametrize("factor", [3.0, 0.4])
@pytest.mark.parametrize("days_after", [3, 5, 20])
def test_a_level_that_shifted_is_found_within_days_and_taken_over(factor, days_after):
    features = busy()
    since = 120 - days_after
    shifted = features.assign(y=features["y"] * np.where(at(features, since), factor, 1.0))
    found = recovered(shifted)
    assert found.shifts["date"].tolist() == [START + since * DAY]
    assert found.shifts["factor"].iloc[0] == pytest.approx(factor, rel=0.15)
    before = ~at(features, since)
    ratio = found.train.loc[before, "y"].sum() / features.loc[before, "y"].sum()
    assert ratio == pytest.approx(factor, rel=0.15)


def test_two_odd_days_are_no_new_level():
    features = busy()
    odd = features["date"].isin([START + 60 * DAY, START + 90 * DAY])
    found = recovered(features.assign(y=features["y"] * np.where(odd, 2.5, 1.0)))
    assert found.shifts.empty
    assert found.odd["date"].tolist() == [START + 60 * DAY, START + 90 * DAY]
    assert found.odd["factor"].to_numpy() == pytest.approx([2.5, 2.5], rel=0.2)
    mended = found.train.loc[odd, "y"].sum() / features.loc[odd, "y"].sum()
    assert mended == pytest.approx(1.0, rel=0.15)


def test_a_count_that_cannot_be_is_left_out():
    features = busy()
    place = features.index[features["open_min"] > 0][500]
    found = recovered(features.assign(y=features["y"].where(features.index != place, 1e9)))
    assert found.absurd["ds"].tolist() == [features.loc[place, "ds"]]
    assert np.isnan(found.train.loc[place, "y"])
    assert found.train["y"].drop(place).equals(features["y"].drop(place))


def test_a_busy_quarter_of_an_hour_is_not_absurd():
    features = busy()
    place = features.index[features["open_min"] > 0][500]
    found = recovered(features.assign(y=features["y"].where(features.index != place, 300.0)))
    assert found.absurd.empty


def test_days_before_a_queue_was_in_use_do_not_count():
    features = busy(200)
    dead = ~at(features, 160)
    found = recovered(features.assign(y=features["y"].where(~dead, 0.0)))
    assert found.train.loc[dead & (features["open_min"] > 0), "y"].isna().all()
    assert found.train.loc[~dead, "y"].equals(features.loc[~dead, "y"])
    assert len(found.dead) == features.loc[dead & (features["open_min"] > 0), "date"].nunique()


def test_a_queue_dead_up_to_now_and_days_without_a_call_by_chance_are_believed():
    features = busy()
    silent = recovered(features.assign(y=features["y"].where(~at(features, 100), 0.0)))
    assert silent.dead.empty
    rare = features.assign(y=(features["y"] > 58).astype("float64"))
    assert recovered(rare).dead.empty


@pytest.mark.parametrize("name", ["day_level", "same_weekday_mean", "seasonal_naive"])
def test_three_days_after_a_shift_every_model_is_near_the_new_level(name):
    features = busy(127)
    shifted = features.assign(y=features["y"] * np.where(at(features, 117), 3.0, 1.0))
    train, future = shifted[~at(features, 120)], shifted[at(features, 120)]

    def missed(history):
        mean = create(name, {}, seed=1).fit(history).predict(future.assign(y=np.nan))
        return (mean - future["y"]).abs().sum() / future["y"].sum()

    assert missed(recovered(train).train) < 0.25
    assert missed(recovered(train).train) <= missed(train) + 0.02
