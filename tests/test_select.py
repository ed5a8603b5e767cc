"""Choosing without looking ahead."""

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import backtest
from forecast.errors import ForecastError
from forecast.features import end_of_history
from forecast.origins import cutoffs, first_scored
from forecast.params import SelectParams
from forecast.select import CHAMPION, ENSEMBLE, SeriesPlan, plans, replay, select


@pytest.fixture(scope="module")
def means(small_features, small_events, small_params):
    return backtest(small_features, small_events, small_params)


@pytest.fixture(scope="module")
def replayed(means, small_params):
    return replay(means, small_params.select)


def test_cutoffs_are_day_starts_of_the_last_weeks(small_features, small_params):
    found = cutoffs(small_features, small_params.backtest, end_of_history(small_features))
    end = end_of_history(small_features)
    assert all(c.hour == 0 for c in found)
    assert found[-1] == end - pd.Timedelta(days=1)
    assert found[0] >= end - pd.Timedelta(weeks=7)
    assert np.all(np.diff(found) == pd.Timedelta(days=2))
    scored = [c for c in found if c >= first_scored(end, small_params.backtest)]
    assert len(scored) == 11


def test_every_model_forecasts_every_cutoff(means, small_features, small_params):
    assert means.groupby("model")["cutoff"].nunique().eq(25).all()
    assert (means["ds"] >= means["cutoff"]).all()


def test_truth_after_a_cutoff_changes_nothing_given_at_it(means, replayed, small_params):
    cutoff = sorted(replayed["cutoff"].unique())[5]
    tampered = means.assign(y=means["y"].where(means["ds"] < cutoff, means["y"] * 3 + 50))
    again = replay(tampered, small_params.select)
    columns = [c for c in replayed.columns if c != "y"]
    for at, expected in ((cutoff, True), (cutoff + pd.Timedelta(days=10), False)):
        a = replayed.loc[replayed["cutoff"] == at, columns].reset_index(drop=True)
        b = again.loc[again["cutoff"] == at, columns].reset_index(drop=True)
        assert a.equals(b) is expected


def test_the_champion_is_one_of_the_others(replayed):
    keys = ["cutoff", "ds"]
    champion = replayed[replayed["model"] == CHAMPION].set_index(keys)["mean"]
    rest = replayed[replayed["model"] != CHAMPION].pivot(index=keys, columns="model", values="mean")
    assert rest.sub(champion, axis=0).abs().min(axis=1).max() == 0


def test_the_ensemble_lies_between_its_members(replayed):
    wide = replayed.pivot(index=["cutoff", "ds"], columns="model", values="raw_mean")
    members = wide.drop(columns=[CHAMPION, ENSEMBLE])
    assert (wide[ENSEMBLE] >= members.min(axis=1) - 1e-9).all()
    assert (wide[ENSEMBLE] <= members.max(axis=1) + 1e-9).all()


def test_noise_alone_leaves_the_choice_to_the_ensemble(means, replayed, small_features):
    # Two models of equal worth: neither leads by more than the noise.
    rng = np.random.default_rng(1)
    rows = means[means["model"] == "same_weekday_mean"]
    twins = pd.concat(
        [
            rows.assign(model=m, raw_mean=rows["raw_mean"] * rng.uniform(0.9, 1.1, len(rows)))
            for m in ("left", "right")
        ]
    )
    given = replay(twins, SelectParams())
    choice = select(given, small_features["ds"].max(), SelectParams())["1_week"]
    assert choice.champion == ENSEMBLE
    assert choice.weights["left"] == pytest.approx(0.5, abs=0.05)


def test_too_few_cutoffs_are_said_by_name(means):
    first = means[means["cutoff"] == means["cutoff"].min()]
    with pytest.raises(ForecastError, match="main/sales/voice: 1 cutoffs are too few"):
        replay(first, SelectParams())


def test_plans_survive_json(means, replayed, small_features, small_params):
    (plan,) = plans(means, replayed, small_features, small_params.select)
    assert SeriesPlan.from_json(plan.to_json()) == plan
    assert set(plan.selection) == {"1_day", "1_week"}


def test_a_bucket_without_truth_uses_the_next_shorter_one(means, small_features):
    # Only the first three cutoffs, seen two days after the third: no week has come true yet.
    first = sorted(means["cutoff"].unique())[:3]
    early = means[means["cutoff"].isin(first)]
    given = pd.concat([early, early.drop_duplicates("ds").assign(model=ENSEMBLE)])
    chosen = select(given, first[-1] + pd.Timedelta(days=1), SelectParams(min_cutoffs=3))
    assert chosen["1_day"].measured_on == "1_day"
    assert chosen["1_week"].measured_on == "1_day"
    # From the day's last lead to the week's are six days.
    near, far = (chosen[h].calibrations["same_weekday_mean"] for h in ("1_day", "1_week"))
    assert far.phi == pytest.approx(near.phi + (0.03 + near.phi) * 6 / 365)
    assert far.shape == near.shape
    assert chosen["1_week"].champion == chosen["1_day"].champion


def past_errors(rng, last, phi_of_age, *, leads, every):
    """Return rows of one model at cutoffs so many days apart, each rate off as its age says.

    ``leads`` are the first and the last day ahead; every hour brings 2,000 calls.
    """
    hours = pd.to_timedelta(np.arange(leads[0] * 24, (leads[1] + 1) * 24), unit="h")
    cutoffs = pd.date_range(end=last, periods=300 // every, freq=f"{every}D")
    rows = pd.concat([pd.DataFrame({"cutoff": c, "ds": c + hours}) for c in cutoffs])
    age = (last - rows["ds"]).dt.total_seconds() / 86_400
    phi = np.array([phi_of_age(days) for days in age])
    y = rng.poisson(2000.0 * rng.gamma(1 / phi, phi)).astype("float64")
    about = {"model": "m", "horizon": "h", "unit": 1.0, "raw_mean": 2000.0, "effect_var": 0.0}
    return rows.assign(y=y, **about)


@pytest.mark.parametrize(("leads", "half_life"), [((1, 6), 42), ((14, 41), 84)])
def test_errors_fade_with_six_weeks_or_three_periods(leads, half_life):
    # Errors of 20 % until 60 days ago, of 5 % since: their variances weigh by how old they are.
    rng = np.random.default_rng(7)
    last = pd.Timestamp("2024-12-01", tz="UTC").as_unit("us")
    past = past_errors(rng, last, lambda age: 0.04 if age > 60 else 0.0025, leads=leads, every=4)
    found = select(past, last, SelectParams())["h"].calibrations["m"]
    known = past[past["ds"] < last]
    age = (last - known["ds"]).dt.total_seconds() / 86_400
    wanted = np.average(np.where(age > 60, 0.04, 0.0025), weights=0.5 ** (age / half_life))
    assert found.phi == pytest.approx(wanted, rel=0.06)
    assert found.phi < 0.75 * np.where(age > 60, 0.04, 0.0025).mean()


def test_where_cutoffs_lie_far_apart_next_day_has_errors_of_more_than_forty_days():
    last = pd.Timestamp("2024-12-01", tz="UTC").as_unit("us")
    past = past_errors(np.random.default_rng(8), last, lambda age: 0.01, leads=(0, 0), every=10)
    choice = select(past, last, SelectParams())["h"]
    assert choice.calibrations["m"].n == (past["ds"] < last).sum() == 29 * 24
