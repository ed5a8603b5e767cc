"""What the usual level is made of: the parts multiply to it, and their bands hold the truth."""

import numpy as np
import pandas as pd
import pytest

from forecast.effects.cells import cells_of
from forecast.effects.learn import learn
from forecast.effects.parts import CLOSURES, WEEKDAY, level_parts
from forecast.schema import EVENTS
from tests.effects.worlds import START, queue

DAYS = 168
BESIDE = np.log([1.0, 1.1, 1.0, 1.0, 0.95, 0.8, 0.7])
WEEK = BESIDE + np.log([1.3, 1, 1, 1, 1, 1, 1])
"""Mondays of ``queue`` have 1.3 times the contacts."""


def world(seed):
    """Return FEATURES, and the log trend of each day around its mean."""
    date = pd.date_range(START, periods=DAYS)
    trend = 0.25 * np.sin(np.arange(DAYS) / DAYS * 2 * np.pi)
    factors = pd.Series(np.exp(trend + BESIDE[date.day_of_week]), date)
    features = queue(DAYS, factors=factors, seed=seed, noise_sd=0.05)
    return features, trend - trend.mean()


def learned(features):
    effects = learn(features, EVENTS.empty())
    assert effects is not None
    return effects, effects.design.frame


def test_the_parts_multiply_to_the_usual_level():
    effects, cells = learned(world(1)[0])
    level = effects.usual_level(cells)
    parts = level_parts(effects, cells)
    product = np.log(parts["factor"]).groupby(np.tile(np.arange(len(cells)), 5)).sum()
    np.testing.assert_allclose(product, level - level.mean(), atol=1e-9)
    assert (parts["factor_q05"] <= parts["factor"]).all()
    assert (parts["factor"] <= parts["factor_q95"]).all()


def test_each_part_is_told_beside_its_mean_over_the_history():
    effects, cells = learned(world(1)[0])
    parts = level_parts(effects, cells)
    means = np.log(parts["factor"]).groupby(parts["part"]).mean()
    assert set(means.index) == {"trend", "spells", "days of the month", WEEKDAY, CLOSURES}
    np.testing.assert_allclose(means, 0, atol=1e-9)


def test_bands_hold_the_true_weekdays_and_the_true_trend():
    inside: dict[str, list[float]] = {WEEKDAY: [], "trend": []}
    for seed in range(12):
        features, trend = world(seed)
        effects, cells = learned(features)
        parts = level_parts(effects, cells)
        truth = {WEEKDAY: (WEEK - WEEK.mean())[cells["weekday"]], "trend": trend}
        for name, log_true in truth.items():
            own = parts[parts["part"] == name]
            true = np.exp(log_true)
            inside[name].append(
                float(((own["factor_q05"] <= true) & (true <= own["factor_q95"])).mean())
            )
    assert np.mean(inside[WEEKDAY]) >= 0.85
    # Spells may take a part of so smooth a trend: the band says that it is not certain.
    assert np.mean(inside["trend"]) >= 0.85


def test_what_lies_ahead_is_less_certain():
    effects, _cells = learned(world(2)[0])
    ahead = cells_of(queue(DAYS + 180), EVENTS.empty()).frame.iloc[[DAYS + 7, DAYS + 175]]
    own = level_parts(effects, ahead).set_index(["part", "date"])
    wide = np.log(own["factor_q95"] / own["factor_q05"])
    near, far = wide["trend"]
    assert far > 1.3 * near
    assert wide[WEEKDAY].to_numpy() == pytest.approx(wide[WEEKDAY].iloc[0], rel=0.2)
