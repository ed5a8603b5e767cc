"""The peers of the accuracy benchmark: fair, whole, and kept under the right name."""

import doctest
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from forecast.errors import ForecastError
from forecast.features import known_at
from forecast.origins import ahead_of
from forecast.schema import as_known
from tests.conftest import features_of, make_history

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import centres
import peers
from peers import LEVELS, PEERS, base, boosting, residuals, run

HORIZONS = {"1_day": 1, "1_week": 7, "2_weeks": 14, "4_weeks": 28}
DATE = pd.Timestamp("2024-02-19")  # a Monday, 49 days after the first
EVERY = pytest.mark.parametrize("name", list(PEERS))
NAIVE = "seasonal naive"


@pytest.fixture(scope="module", autouse=True)
def few_trees():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boosting, "SETTINGS", boosting.SETTINGS | {"n_estimators": 30})
        yield


@pytest.fixture(scope="module")
def centre(small_told, small_params):
    return centre_of(small_told.features, small_params)


def centre_of(features, params):
    return centres.Centre(features, pd.DataFrame(), params, built=None)


def told(features, cutoff):
    known = known_at(features, cutoff)
    ahead = ahead_of(known, cutoff, {"all": 28})
    return known.loc[known["ds"] < cutoff, run.INPUTS], ahead[run.INPUTS]


def answer(name, features, cutoff):
    with peers.quietly(), threadpool_limits(1):
        return PEERS[name](*told(features, cutoff), seed=1)


def check_whole(got, ahead):
    assert list(got.columns) == ["mean", *LEVELS]
    assert got.index.equals(ahead.index[ahead["open_min"] > 0])
    assert np.isfinite(got.to_numpy()).all()
    assert (got.to_numpy() >= 0).all()
    assert (np.diff(got[list(LEVELS)].to_numpy(), axis=1) >= 0).all()


def start_of(features, date=DATE):
    return features.loc[features["date"] >= date, "ds"].min()


@EVERY
def test_no_peer_sees_past_the_cutoff(name, centre):
    later = centre.features["ds"] >= start_of(centre.features)
    y = centre.features["y"]
    changed = centre_of(centre.features.assign(y=y.where(~later, 3 * y + 7)), centre.params)
    plain, other = (
        run.peer_rows(c, [DATE], HORIZONS, [name], processes=1).drop(columns="seconds")
        for c in (centre, changed)
    )
    assert (other["y"] == 3 * plain["y"] + 7).all()
    pd.testing.assert_frame_equal(plain.drop(columns="y"), other.drop(columns="y"))


@EVERY
def test_every_peer_finds_the_level_and_names_open_intervals_alone(name, centre):
    features = centre.features
    cutoff = start_of(features)
    ahead = told(features, cutoff)[1]
    got = answer(name, features, cutoff)
    check_whole(got, ahead)
    came = ahead["ds"].map(features.set_index("ds")["y"])[got.index]
    assert got["mean"].sum() == pytest.approx(came.sum(), rel=0.05)
    # By chance alone a Poisson count leaves its own 80 % limits in 0.2 of cases, not in 0.45.
    covered = (came >= got["q10"].round()) & (came <= got["q90"].round())
    assert covered.mean() > 0.55


@pytest.fixture(scope="module")
def hard(small_params):
    few = make_history(72, rate=0.3, seed=2)
    gaps = make_history(72, seed=3)
    day = gaps["ds"].dt.day_of_year
    late = make_history(72, queue="late", seed=4)
    late = late[late["ds"] >= pd.Timestamp("2024-01-22", tz="UTC")]
    return {
        "few calls": features_of(few, small_params),
        "no calls": features_of(few.assign(offered=0), small_params),
        "missing days": features_of(gaps[~day.isin([9, 10, 23, 40, 43])], small_params),
        "late start": features_of(pd.concat([gaps, late]), small_params).query("queue == 'late'"),
    }


@EVERY
@pytest.mark.parametrize("case", ["few calls", "no calls", "missing days", "late start"])
def test_six_weeks_of_a_difficult_queue_are_enough(name, case, hard):
    cutoff = start_of(hard[case], pd.Timestamp("2024-02-12"))
    check_whole(answer(name, hard[case], cutoff), told(hard[case], cutoff)[1])


def test_seasonal_naive_is_the_copy_of_the_last_week_there_was(centre):
    rows = run.peer_rows(centre, [DATE], HORIZONS, [NAIVE], processes=1)
    came = as_known(centre.features).set_index("ds")["y"]
    weeks = {"1_day": 1, "1_week": 1, "2_weeks": 2}
    for horizon, back in weeks.items():
        own = rows[rows["horizon"] == horizon]
        copied = came.loc[own["ds"] - pd.Timedelta(weeks=back)]
        np.testing.assert_allclose(own["mean"], copied, rtol=1e-12)


def test_an_interval_open_for_a_third_gets_a_third(centre):
    train, ahead = told(centre.features, start_of(centre.features))
    short = ahead.assign(open_min=ahead["open_min"] / 3)
    for name in ("mean of the last 6 same weekdays", "SVD profile (Shen & Huang)"):
        whole, third = (PEERS[name](train, rows, seed=1)["mean"] for rows in (ahead, short))
        np.testing.assert_allclose(third, whole / 3)


def test_poisson_counts_of_a_known_rate_are_covered_as_promised(small_params):
    history = make_history(190)
    flat = np.random.default_rng(5).poisson(30, len(history))
    centre = centre_of(features_of(history.assign(offered=flat), small_params), small_params)
    dates = list(pd.date_range("2024-04-15", periods=3, freq="28D", unit="us"))
    name = "mean of the last 6 same weekdays"
    rows = run.peer_rows(centre, dates, HORIZONS, [name], processes=1)
    for level in ("q10", "q25", "q75", "q90"):
        # Counts are whole: half of those that equal the limit lie below it.
        limit = rows[level].round()
        below = (rows["y"] < limit).mean() + (rows["y"] == limit).mean() / 2
        assert below == pytest.approx(LEVELS[level], abs=0.03), level


def test_a_kept_forecast_is_read_again_and_only_for_the_same_data(centre, tmp_path):
    def rows_of(features, name=NAIVE):
        own = centre_of(features, centre.params)
        return run.peer_rows(own, [DATE], HORIZONS, [name], cache=tmp_path, processes=1)

    first = rows_of(centre.features)
    (file,) = tmp_path.iterdir()
    kept = pd.read_parquet(file)
    kept.assign(mean=-1.0).to_parquet(file, index=False)
    again = rows_of(centre.features)
    assert (again["mean"] == -1).all()
    pd.testing.assert_frame_equal(first.drop(columns="mean"), again.drop(columns="mean"))
    y = centre.features["y"]
    assert (rows_of(centre.features.assign(y=y + (y > 0)))["mean"] >= 0).all()
    rows_of(centre.features, "median of the last 6 same weekdays")
    assert len(list(tmp_path.iterdir())) == 3


def test_other_processes_make_the_same(centre):
    names = [NAIVE, "AR(1) of day totals x profile"]
    alone, pooled = (
        run.peer_rows(centre, [DATE], {"1_week": 7}, names, processes=n).drop(columns="seconds")
        for n in (1, 2)
    )
    pd.testing.assert_frame_equal(alone, pooled)


def test_dates_of_a_period_and_what_is_refused(centre):
    days = run.dates_of(centre, "2024-02-19:2024-03-01:5", open_days=False)
    assert [f"{day:%m-%d}" for day in days] == ["02-19", "02-24", "02-29"]
    with pytest.raises(ForecastError, match="2014-05-05:2014-06-02:7"):
        run.dates_of(centre, "2024-02-19", open_days=False)
    with pytest.raises(ForecastError, match="no peers here: crystal ball"):
        run.peer_rows(centre, [DATE], HORIZONS, ["crystal ball"])
    with pytest.raises(ForecastError, match="28 days"):
        run.peer_rows(centre, [DATE], {"far": 29})
    with pytest.raises(ForecastError, match="enough history"):
        run.peer_rows(centre, [pd.Timestamp("2024-01-03")], HORIZONS, [NAIVE], processes=1)


@pytest.mark.parametrize("module", [base, residuals])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0
