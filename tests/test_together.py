"""What models learn from all queues of a centre at one instant, and what they must not."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import Asked, backtest, by_instant, expected_at, expected_together
from forecast.features import end_of_history, known_at
from forecast.models import create, fitted, restore
from forecast.schema import EVENTS, by_series
from tests.conftest import features_of, make_history

TREES = {"lightgbm": {"num_iterations": 60, "together": 0.5}}
APART = {"lightgbm": {**TREES["lightgbm"], "together": 0.0}}
HORIZONS = {"1_week": 7}
BILLING = 1.6
"""Times as many contacts come on a month's first three days, at each queue."""


def billed(queue: str, rate: float, seed: int, days: int = 150) -> pd.DataFrame:
    """Return counts of a queue which is busier at the turn of the month."""
    history = make_history(days, queue=queue, rate=rate, seed=seed)
    turn = history["ds"].dt.day <= 3
    more = np.random.default_rng(seed + 100).poisson(rate * 1.3 * (BILLING - 1), len(history))
    return history.assign(offered=history["offered"] + np.where(turn, more, 0))


QUIET = {f"quiet_{n}": 0.7 + 0.3 * n for n in range(5)}


@pytest.fixture(scope="module")
def centre(small_params):
    """Return FEATURES of two busy queues and of quiet ones, in use since eight weeks before May."""
    rates = {"big": 80.0, "large": 60.0, **QUIET}
    made = pd.concat([billed(name, rate, seed) for seed, (name, rate) in enumerate(rates.items())])
    young = made["queue"].isin(list(QUIET)) & (made["ds"] < MAY - pd.Timedelta(days=56))
    return features_of(made[~young], small_params)


def asked_of(features, cutoff):
    return {key[1]: Asked(own, EVENTS.empty(), cutoff) for key, own in by_series(features)}


def expected(features, cutoff, models=TREES):
    asked = asked_of(features, cutoff)
    made = expected_together(list(asked.values()), models, HORIZONS, seed=1)
    return dict(zip(asked, made, strict=True))


MAY = pd.Timestamp("2024-05-01", tz="UTC")


def turn_of(means):
    """Return the mean forecast of May's first three days, over that of the other four."""
    turn = means["ds"] < MAY + pd.Timedelta(days=3)
    return means.loc[turn, "raw_mean"].mean() / means.loc[~turn, "raw_mean"].mean()


def test_quiet_queues_learn_the_turn_of_the_month_better_beside_busy_ones(centre):
    # Wednesday to Friday over Saturday to Tuesday, of which Monday has 1.4 times as many.
    true = BILLING / 1.1
    together, apart = expected(centre, MAY), expected(centre, MAY, APART)
    beside, alone = (
        np.sqrt(np.mean([(turn_of(made[name].means) - true) ** 2 for name in QUIET]))
        for made in (together, apart)
    )
    assert beside < 0.75 * alone


def test_no_weight_for_the_others_is_each_by_itself(centre):
    apart = expected(centre, MAY, APART)
    for key, own in by_series(centre):
        alone = expected_at(own, EVENTS.empty(), MAY, TREES, HORIZONS, seed=1).means
        pd.testing.assert_frame_equal(apart[key[1]].means, alone)


def test_nothing_after_the_cutoff_is_seen_of_any_queue(centre):
    later = centre["ds"] >= MAY
    other = centre.assign(y=centre["y"].where(~later, 9999.0))
    before, after = expected(centre, MAY), expected(other, MAY)
    for name, made in before.items():
        told = made.means["raw_mean"], after[name].means["raw_mean"]
        pd.testing.assert_series_equal(*told)


def test_what_is_seen_before_the_cutoff_of_another_queue_counts(centre):
    others = ~centre["queue"].isin(list(QUIET))
    turn = centre["ds"].dt.day <= 3
    moved = centre.assign(y=centre["y"] * np.where(others & turn, 2.0, 1.0))
    one, two = expected(centre, MAY), expected(moved, MAY)
    for name in QUIET:
        assert turn_of(two[name].means) > 1.1 * turn_of(one[name].means)


def test_a_model_of_several_is_saved_and_loaded_the_same(centre):
    known = known_at(centre, MAY)
    trains = [own[own["ds"] < MAY] for _, own in by_series(known)]
    ahead = [own[own["ds"] >= MAY] for _, own in by_series(known)]
    models = fitted("lightgbm", TREES["lightgbm"], trains, seed=1)
    for model, future in zip(models, ahead, strict=True):
        again = restore(json.loads(json.dumps(model.state())))
        pd.testing.assert_series_equal(model.predict(future), again.predict(future))
        pd.testing.assert_frame_equal(model.contributions(future), again.contributions(future))


def test_contributions_and_the_mean_ratio_are_what_is_forecast(centre):
    # The busiest has no turn of the month, so that how busy a queue is matters.
    flat = (centre["queue"] == "big") & (centre["ds"].dt.day <= 3)
    known = known_at(centre.assign(y=centre["y"] / np.where(flat, BILLING, 1.0)), MAY)
    trains = [own[own["ds"] < MAY] for _, own in by_series(known)]
    models = fitted("lightgbm", TREES["lightgbm"], trains, seed=1)
    for model, (_, own) in zip(models, by_series(known), strict=True):
        future = own[(own["ds"] >= MAY) & (own["open_min"] > 0)]
        told = model.contributions(future)
        assert told["size"].abs().sum() > 0
        ratio = model.predict(future) / future["open_min"] / model._asked(future)[1]
        mean = ratio - told.sum(axis=1)
        np.testing.assert_allclose(mean, mean.iloc[0], atol=1e-9)
        assert mean.iloc[0] == pytest.approx(1, abs=0.2)


def test_a_share_of_the_rows_is_drawn_the_same_again(centre):
    few = {**TREES["lightgbm"], "together_rows": 1000}
    trains = [own[own["ds"] < MAY] for _, own in by_series(known_at(centre, MAY))]
    state = [
        [model.state() for model in fitted("lightgbm", options, trains, seed=1)]
        for options in (few, few, TREES["lightgbm"])
    ]
    assert state[0] == state[1]
    assert state[0][0]["fitted"]["shared"] != state[2][0]["fitted"]["shared"]
    assert state[0][0]["fitted"]["own"] == state[2][0]["fitted"]["own"]


def test_a_queue_at_which_nobody_called_stands_beside_others(centre):
    silent = centre.assign(y=centre["y"].where(centre["queue"] != "quiet_0", 0.0))
    made = expected(silent, MAY)
    assert np.isfinite(made["quiet_0"].means["raw_mean"]).all()
    assert made["quiet_0"].means["raw_mean"].max() < 0.01
    trains = [own[own["ds"] < MAY] for _, own in by_series(silent) if (own["y"] == 0).all()]
    assert (create("lightgbm", {}, seed=1).fit(trains[0]).predict(trains[0]) == 0).all()


def test_sites_with_other_midnights_do_not_learn_from_each_other(small_params):
    # Tokyo's day begins eight hours before Berlin's: what it has seen by then is not the same.
    history = [make_history(90, queue=name, seed=seed) for seed, name in enumerate("abc")]
    sites = ("tokyo", "tokyo", "berlin")
    told = [one.assign(site=site) for one, site in zip(history, sites, strict=True)]
    zones = {"tokyo": "Asia/Tokyo", "berlin": "Europe/Berlin"}
    params = small_params.override({"ingest.site_timezones": zones, "models": TREES})
    features = features_of(pd.concat(told), params)
    means = backtest(features, EVENTS.empty(), params)
    assert means.loc[means["site"] == "tokyo", "cutoff"].dt.hour.unique() == [15]
    last = means["cutoff"].max()
    berlin = features[features["site"] == "berlin"]
    alone = expected_at(
        berlin, EVENTS.empty(), last, TREES, params.backtest.horizons, seed=params.seed
    )
    same = means[(means["cutoff"] == last) & (means["target"] == "offered")]
    assert set(same["site"]) == {"berlin"}
    np.testing.assert_array_equal(same["raw_mean"], alone.means["raw_mean"])
    asked = [Asked(own, EVENTS.empty(), end_of_history(own)) for _, own in by_series(features)]
    assert sorted(map(len, by_instant(asked))) == [1, 2]
