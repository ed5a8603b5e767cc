"""A forecast of 18 months: far out the level's uncertainty decides, and is shown."""

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import backtest
from forecast.features import past_and_ahead
from forecast.predict import live_forecast
from forecast.schema import QUANTILES
from forecast.select import CHAMPION, plans, replay
from tests.conftest import make_history, told_of

HORIZONS = {"1_day": 1, "1_week": 7, "6_months": 182, "18_months": 548}
DAYS = 548


@pytest.fixture(scope="module")
def far(small_params):
    params = small_params.override(
        {
            "models": {"same_weekday_mean": {"weeks": 4}},
            "backtest.horizons": HORIZONS,
            "forecast.horizon_days": DAYS,
            "forecast.paths": 150,
        }
    )
    history = make_history(120, minutes=60)
    params = params.override({"features.interval_min": 60})
    features, events = told_of(history, params)
    past, _ = past_and_ahead(features)
    means = backtest(past, events, params)
    chosen = plans(means, replay(means, params.select), past, params.select, horizons=HORIZONS)
    return chosen[0], live_forecast(features, events, chosen, params)


def test_all_days_are_forecast_and_finite(far):
    _, live = far
    rows = live.forecast[live.forecast["model"] == CHAMPION]
    assert rows["ds"].dt.normalize().nunique() == DAYS
    quantiles = rows[list(QUANTILES)].to_numpy()
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_intervals_widen_as_the_level_may_drift(far):
    plan, live = far
    rows = live.forecast[(live.forecast["model"] == CHAMPION) & (live.forecast["open_min"] > 0)]
    width = (rows["q90"] - rows["q10"]).groupby(rows["horizon"]).sum()
    share = width / rows["mean"].groupby(rows["horizon"]).sum()
    assert share["1_week"] < share["6_months"] < share["18_months"]
    assert plan.selection["18_months"].measured_on == "6_months"
    # Three percent of variance a year, and as much again as there is: 1.5 years are 21 % and more.
    far_phi, near_phi = (
        plan.selection[h].calibrations[plan.selection[h].champion].phi
        for h in ("18_months", "6_months")
    )
    assert np.sqrt(far_phi - near_phi) > 0.2


def test_totals_of_far_months_are_as_uncertain_as_their_level(far):
    _, live = far
    paths = live.paths.assign(month=live.paths["ds"].dt.strftime("%Y-%m"))
    totals = paths.groupby(["month", "path"])["offered"].sum().unstack("month")
    spread = totals.std() / totals.mean()
    assert spread["2025-09"] > 0.15
    assert spread["2024-05"] < 0.6 * spread["2025-09"]
    # The level is one: far months are high and low together.
    assert totals[["2025-08", "2025-10"]].corr().iloc[0, 1] > 0.7


def test_the_mean_does_not_run_away(far):
    _, live = far
    rows = live.forecast[(live.forecast["model"] == CHAMPION) & (live.forecast["open_min"] > 0)]
    by_month = rows.groupby(rows["ds"].dt.strftime("%Y-%m"))["mean"].mean()
    assert by_month.max() / by_month.min() < 1.15
    assert pd.notna(by_month).all()
