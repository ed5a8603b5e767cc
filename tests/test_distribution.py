"""Quantiles and paths, against simulated centres whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.distribution import (
    Calibration,
    Dependence,
    between_series,
    day_noise,
    draw_paths,
    widening,
    with_quantiles,
)
from forecast.schema import QUANTILES


def calibrated(mean, y, *, periods, effect_var=0.0):
    """Return the calibration of a past with one variance of events' effects throughout."""
    return Calibration.of(mean, y, np.full(len(mean), effect_var), periods=periods)


def overdispersed(rng, mean, phi):
    """Return counts around a gamma rate with relative variance ``phi``."""
    rate = rng.gamma(1 / phi, phi * mean) if phi else mean
    return rng.poisson(rate)


@pytest.mark.parametrize("phi", [0.0, 0.01, 0.05])
def test_the_rates_variance_is_found_beside_the_poisson_noise(phi):
    rng = np.random.default_rng(1)
    mean = rng.uniform(20, 800, 60_000)
    found = calibrated(mean, overdispersed(rng, mean, phi), periods=1e6)
    assert found.phi == pytest.approx(phi, abs=0.0005 + 0.05 * phi)


@pytest.mark.parametrize("volume", [3.0, 30.0, 600.0])
def test_intervals_cover_what_they_promise_for_night_and_noon_alike(volume):
    rng = np.random.default_rng(2)
    mean = np.concatenate([np.full(20_000, 3.0), np.full(20_000, 30.0), np.full(20_000, 600.0)])
    calibration = calibrated(mean, overdispersed(rng, mean, 0.02), periods=1e6)
    fresh = overdispersed(rng, np.full(20_000, volume), 0.02)
    low, high = (float(calibration.counts(np.array(volume), np.array(p))) for p in (0.1, 0.9))
    covered = ((fresh >= round(low)) & (fresh <= round(high))).mean()
    # A count of three cannot be cut at exactly 80 %.
    assert covered == pytest.approx(0.80, abs=0.02 if volume > 10 else 0.11)


def test_a_forecast_that_was_ten_percent_high_is_brought_down():
    rng = np.random.default_rng(3)
    truth = rng.uniform(50, 500, 20_000)
    calibration = calibrated(truth * 1.1, rng.poisson(truth), periods=1e6)
    assert float(calibration.mean(np.array([330.0]))[0]) == pytest.approx(300, rel=0.01)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    errors=st.lists(st.floats(0.2, 3.0), min_size=8, max_size=60),
    mean=st.lists(st.floats(0, 5000), min_size=1, max_size=20),
    periods=st.floats(0.1, 100),
    effect_var=st.floats(0, 2),
)
def test_quantiles_rise_are_finite_and_not_negative(errors, mean, periods, effect_var):
    past = np.full(len(errors), 50.0)
    calibration = calibrated(past, np.round(past * errors), periods=periods)
    rows = pd.DataFrame({"raw_mean": mean, "open_min": 30.0, "effect_var": effect_var})
    out = with_quantiles(rows, calibration)
    q = out[list(QUANTILES)].to_numpy()
    assert np.isfinite(q).all()
    assert (q >= 0).all()
    assert (np.diff(q, axis=1) >= -1e-9).all()


@pytest.mark.parametrize("volume", [0.3, 1.0, 3.0, 10.0])
def test_few_periods_do_not_make_small_queues_larger(volume):
    # The Poisson part is known however few the periods; only the rate's part is widened.
    rng = np.random.default_rng(6)
    mean = np.full(40_000, volume)
    calibration = calibrated(mean, overdispersed(rng, mean, 0.01), periods=2)
    assert float(calibration.mean(np.array([volume]))[0]) == pytest.approx(volume, rel=0.06)


@pytest.mark.parametrize("volume", [0.3, 1.5, 6.0, 300.0])
def test_means_of_mixed_volumes_sum_to_what_came(volume):
    rng = np.random.default_rng(8)
    mean = volume * rng.uniform(0.5, 1.5, 30_000)
    calibration = calibrated(mean, overdispersed(rng, mean, 0.01), periods=4)
    assert calibration.mean(mean[:3000]).sum() == pytest.approx(mean[:3000].sum(), rel=0.04)


def test_series_that_are_busy_together_have_totals_that_spread_more():
    noise = {b: [day_noise(4000, 5, b, 1, name) for name in "ab"] for b in (0.0, 0.6)}
    for between, (one, two) in noise.items():
        found = np.corrcoef(one[:, 0], two[:, 0])[0, 1]
        assert found == pytest.approx(between, abs=0.05)
        assert one.std() == pytest.approx(1, abs=0.02)


def test_a_series_noise_hangs_on_its_name_and_not_on_its_neighbours():
    first = day_noise(50, 5, 0.0, 1, "a")
    day_noise(50, 5, 0.0, 1, "b")
    np.testing.assert_array_equal(first, day_noise(50, 5, 0.0, 1, "a"))
    assert not np.array_equal(first, day_noise(50, 5, 0.0, 1, "b"))
    assert not np.array_equal(first, day_noise(50, 5, 0.0, 2, "a"))


def test_the_correlation_between_series_is_recovered():
    days = 3000
    one, two = (day_noise(1, days, 0.5, 1, name)[0] for name in "ab")
    daily = {"a": pd.Series(one), "b": pd.Series(two)}
    assert between_series(daily) == pytest.approx(0.5, abs=0.06)
    assert between_series({"a": daily["a"]}) == 0


def test_closed_has_no_width():
    calibration = calibrated(np.full(50, 40.0), np.arange(50.0) + 15, periods=5)
    # Neither is there any on the closed hours of an event that nobody knows the effect of.
    rows = pd.DataFrame({"raw_mean": [0.0, 0.0], "open_min": 0.0, "effect_var": [0.0, 0.4]})
    out = with_quantiles(rows, calibration)
    assert (out[["mean", *QUANTILES]] == 0).all(axis=None)


@pytest.mark.parametrize("effect_var", [0.02, 0.1, 0.25])
@pytest.mark.parametrize("volume", [30.0, 600.0])
def test_an_uncertain_effect_widens_the_interval_by_what_it_varies(effect_var, volume):
    # The past knew no event; ahead lies one that multiplies the rate by a lognormal factor.
    rng = np.random.default_rng(9)
    mean = np.full(60_000, volume)
    calibration = calibrated(mean, overdispersed(rng, mean, 0.01), periods=1e6)
    factor = rng.lognormal(0, np.sqrt(effect_var), 60_000)
    fresh = overdispersed(rng, volume * factor, 0.01)
    low, high = (
        float(calibration.counts(np.array(volume), np.array(p), effect_var)) for p in (0.1, 0.9)
    )
    covered = ((fresh >= round(low)) & (fresh <= round(high))).mean()
    # A count of thirty cannot be cut at exactly 80 %.
    assert covered == pytest.approx(0.80, abs=0.03 if volume > 100 else 0.045)
    plain = [float(calibration.counts(np.array(volume), np.array(p))) for p in (0.1, 0.5, 0.9)]
    assert low < plain[0] < plain[2] < high
    assert float(calibration.counts(np.array(volume), np.array(0.5), effect_var)) == plain[1]


def test_what_events_added_to_past_errors_is_not_put_down_to_the_model():
    rng = np.random.default_rng(10)
    mean = rng.uniform(100, 600, 60_000)
    effect_var = np.where(rng.random(60_000) < 0.3, 0.04, 0.0)
    y = overdispersed(rng, mean * rng.lognormal(0, np.sqrt(effect_var)), 0.02)
    told = Calibration.of(mean, y, effect_var, periods=1e6)
    assert told.phi == pytest.approx(0.02, rel=0.1)
    assert calibrated(mean, y, periods=1e6).phi > 1.4 * told.phi
    # Days with and without an event surprise alike.
    surprise = told.scores(mean, y, effect_var)
    for here in (effect_var > 0, effect_var == 0):
        assert np.std(surprise[here]) == pytest.approx(1, abs=0.05)


def test_a_calibration_survives_json():
    calibration = calibrated(np.full(50, 40.0), np.arange(50.0) + 15, periods=5)
    assert Calibration.from_json(calibration.to_json()) == calibration


def test_few_periods_widen_as_students_t_does():
    # Half-width of a 80 % prediction interval after 4 observations: t(0.9, 4) sqrt(1.25) = 1.714
    # (t(0.9, 4) = 1.533 in every table), over 1.2816 for a normal.
    assert widening(4) == pytest.approx(1.533 * np.sqrt(1.25) / 1.2816, rel=1e-3)
    assert widening(1e6) == pytest.approx(1, abs=1e-4)
    assert widening(0.2) == widening(1)


def scores_of(rng, dependence, days=150, slots=20):
    day = np.repeat(np.arange(days), slots)
    z = dependence.draw(day, rng.standard_normal((1, days)), rng)[0]
    return pd.DataFrame(
        {"cutoff": 0, "date": day, "slot": np.tile(np.arange(slots), days), "score": z}
    )


@pytest.mark.parametrize("true", [(0.0, 0.0, 0.0), (0.4, 0.5, 0.6), (0.7, 0.2, 0.0)])
def test_dependence_is_recovered(true):
    rng = np.random.default_rng(4)
    found = Dependence.of(scores_of(rng, Dependence(*true), days=1500))
    assert found.day_share == pytest.approx(true[0], abs=0.08)
    assert found.slot_memory == pytest.approx(true[1], abs=0.08)
    if true[0]:
        assert found.day_memory == pytest.approx(true[2], abs=0.1)


def forecast_rows(days=5, slots=20, mean=100.0):
    start = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")
    ds = [start + pd.Timedelta(days=d, minutes=30 * s) for d in range(days) for s in range(slots)]
    rows = pd.DataFrame({"ds": pd.Series(ds, dtype="datetime64[us, UTC]")})
    return rows.assign(
        site="a", queue="b", channel="voice", date=rows["ds"].dt.floor("D"), horizon="1_week",
        open_min=np.where(rows.index % slots == 0, 0.0, 30.0),
        raw_mean=np.where(rows.index % slots == 0, 0.0, mean), effect_var=0.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(5)
    mean = np.full(30_000, 100.0)
    calibration = calibrated(mean, overdispersed(rng, mean, 0.02), periods=1e6)
    rows = forecast_rows()
    told = Dependence(0.5, 0.3, 0.4)
    fresh = rng.standard_normal((3000, 5))
    paths = draw_paths(rows, {"1_week": calibration}, told, fresh=fresh, rng=rng)
    return rows, calibration, paths


def test_paths_have_the_forecasts_quantiles(drawn):
    _, calibration, paths = drawn
    is_open = paths[paths["open_min"] > 0]
    for level in (0.1, 0.5, 0.9):
        wanted = float(calibration.counts(np.array(100.0), np.array(level)))
        per_interval = is_open.groupby("ds")["offered"].quantile(level)
        assert per_interval.mean() == pytest.approx(wanted, abs=1.0)
    wanted = float(calibration.mean(np.array([100.0]))[0])
    assert is_open["offered"].mean() == pytest.approx(wanted, rel=0.01)


def test_paths_are_whole_and_zero_when_closed(drawn):
    _, _, paths = drawn
    assert paths["offered"].dtype == "int64"
    assert (paths.loc[paths["open_min"] == 0, "offered"] == 0).all()


def test_paths_have_the_width_that_events_give_the_forecast(drawn):
    rows, calibration, _ = drawn
    rng = np.random.default_rng(11)
    # An event is on throughout the last day, and on its closed interval too.
    last = rows["date"] == rows["date"].max()
    rows = rows.assign(effect_var=np.where(last, 0.1, 0.0))
    fresh = rng.standard_normal((3000, 5))
    told = Dependence(0.5, 0.3, 0.4)
    paths = draw_paths(rows, {"1_week": calibration}, told, fresh=fresh, rng=rng)
    given = with_quantiles(rows, calibration).set_index("ds")
    assert (paths.loc[paths["open_min"] == 0, "offered"] == 0).all()
    shown = paths[paths["open_min"] > 0].groupby("ds")["offered"]
    for name in ("q10", "q90"):
        wanted = given.loc[given["open_min"] > 0, name]
        found = shown.quantile(QUANTILES[name])
        for day in (
            wanted.index >= rows.loc[last, "ds"].min(),
            wanted.index < rows.loc[last, "ds"].min(),
        ):
            assert found[day].mean() == pytest.approx(wanted[day].mean(), rel=0.04)


def test_a_days_sum_spreads_as_the_correlation_says(drawn):
    _, _, paths = drawn
    is_open = paths[paths["open_min"] > 0]
    day = is_open["ds"].dt.floor("D")
    sums = is_open.groupby(["path", day])["offered"].sum().unstack()
    one = is_open.groupby("ds")["offered"].var().mean()
    slots = 19
    lags = np.abs(np.subtract.outer(np.arange(slots), np.arange(slots)))
    correlation = np.where(lags == 0, 1.0, 0.5 + 0.5 * 0.3**lags)
    assert sums.var().mean() == pytest.approx(one * correlation.sum(), rel=0.08)
    independent = one * slots
    assert sums.var().mean() > 5 * independent
    assert np.corrcoef(sums.iloc[:, 0], sums.iloc[:, 1])[0, 1] == pytest.approx(0.37, abs=0.07)
