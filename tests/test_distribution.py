"""Quantiles of what comes, against simulated centres whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.distribution import Calibration, scores_of, with_quantiles
from forecast.schema import QUANTILES

CUTOFF = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")


def calibrated(mean, y, *, periods, effect_var=0.0, hour=12):
    """Return the calibration of a past, of one hour and one variance of effects or of several."""
    of_all = (np.broadcast_to(part, len(mean)) for part in (effect_var, hour))
    return Calibration.of(mean, y, *of_all, periods=periods)


def rows_of(mean, effect_var=0.0, *, hour=12, unit=1.0, open_min=30.0):
    """Return MEANS-like rows for ``with_quantiles``."""
    columns = {"raw_mean": mean, "effect_var": effect_var, "unit": unit, "open_min": open_min}
    ds = CUTOFF + pd.to_timedelta(np.broadcast_to(hour, len(mean)), unit="h")
    return pd.DataFrame(columns).assign(cutoff=CUTOFF, ds=ds)


def overdispersed(rng, mean, phi):
    """Return counts around a gamma rate with relative variance ``phi``."""
    rate = rng.gamma(1 / phi, phi * mean) if np.all(phi) else mean
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


def test_of_a_forecast_that_was_a_fifth_high_half_is_taken_off_and_less_after_few_periods():
    # 360 x (1/1.2)^0.5 = 328.6 after very many periods; after ten, which count as much as what is
    # believed beforehand, 360 x (1/1.2)^0.25 = 344.0.
    rng = np.random.default_rng(3)
    truth = rng.uniform(50, 500, 20_000)
    y = rng.poisson(truth)
    for periods, wanted in ((1e6, 328.6), (10, 344.0)):
        calibration = calibrated(truth * 1.2, y, periods=periods)
        assert float(calibration.mean(np.array([360.0]))[0]) == pytest.approx(wanted, rel=0.002)


def test_a_bias_of_the_past_does_not_lean_the_shape_of_the_errors():
    # The level is corrected by the factor alone: around it, as many come above as below.
    rng = np.random.default_rng(4)
    truth = rng.uniform(200, 500, 40_000)
    y = overdispersed(rng, truth, 0.02)
    plain, high = (calibrated(truth * times, y, periods=1e6) for times in (1.0, 1.2))
    np.testing.assert_allclose(high.shape, plain.shape, atol=0.02)
    ratio = high.counts(np.array(360.0), np.array(0.5)) / plain.counts(
        np.array(300.0), np.array(0.5)
    )
    assert float(ratio) == pytest.approx(1.2**0.5, rel=0.003)


def test_an_error_that_counts_three_times_is_as_three_of_its_kind():
    # A queue whose forecasts were better in the second half, on hours of different widths.
    rng = np.random.default_rng(5)
    mean = rng.uniform(50, 500, 20_000)
    hour = rng.integers(8, 20, 20_000)
    late = np.arange(20_000) >= 10_000
    y = overdispersed(rng, mean * np.where(late, 1.02, 1.1), np.where(late, 0.01, 0.05))
    none, times = np.zeros(20_000), np.where(late, 3, 1)
    thrice = [np.repeat(part, times) for part in (mean, y, none, hour)]
    weighted = Calibration.of(mean, y, none, hour, periods=1e9, weight=times / 7)
    repeated = Calibration.of(*thrice, periods=1e9)
    assert weighted.phi == pytest.approx(repeated.phi, rel=1e-9)
    assert weighted.factor == pytest.approx(repeated.factor, rel=1e-6)
    np.testing.assert_allclose(weighted.by_hour, repeated.by_hour, rtol=0.005)
    np.testing.assert_allclose(weighted.shape, repeated.shape, atol=0.02)


def test_errors_that_hardly_count_bring_no_periods():
    # Of ten periods five count: the bias is trusted as after five.
    rng = np.random.default_rng(6)
    truth = rng.uniform(50, 500, 10_000)
    y, none, hour = rng.poisson(truth), np.zeros(10_000), np.full(10_000, 12)
    half = np.arange(10_000) < 5_000
    weighted = Calibration.of(truth * 1.2, y, none, hour, periods=10, weight=half.astype(float))
    alone = calibrated(truth[half] * 1.2, y[half], periods=5)
    assert weighted.factor == pytest.approx(alone.factor, rel=1e-9)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    errors=st.lists(st.floats(0.2, 3.0), min_size=8, max_size=60),
    mean=st.lists(st.floats(0, 5000), min_size=1, max_size=20),
    periods=st.floats(0.1, 100),
    effect_var=st.floats(0, 2),
    unit=st.floats(0.01, 500),
)
def test_quantiles_rise_are_finite_and_not_negative(errors, mean, periods, effect_var, unit):
    past = np.full(len(errors), 50.0)
    calibration = calibrated(past, np.round(past * errors), periods=periods)
    out = with_quantiles(rows_of(mean, effect_var, unit=unit), calibration)
    q = out[list(QUANTILES)].to_numpy()
    assert np.isfinite(q).all()
    assert (q >= 0).all()
    assert (np.diff(q, axis=1) >= -1e-9).all()


LEVELS = (np.arange(2000) + 0.5) / 2000


@pytest.mark.parametrize("periods", [2, 1e6])
@pytest.mark.parametrize("volume", [0.3, 1.5, 6.0, 300.0])
def test_the_mean_is_that_of_the_counts_which_the_quantiles_cut(volume, periods):
    # The Poisson part is known however few the periods: small queues are not made larger.
    rng = np.random.default_rng(8)
    mean = volume * rng.uniform(0.7, 1.3, 30_000)
    calibration = calibrated(mean, overdispersed(rng, mean, 0.01), periods=periods)
    counts = calibration.counts(mean[:500, None], LEVELS[None, :])
    assert counts.mean() == pytest.approx(mean[:500].mean(), rel=0.02)
    np.testing.assert_allclose(calibration.mean(mean), mean, rtol=0.02)


def test_all_is_reckoned_in_units_of_one_arrival():
    # Handle times of 200 s over 50 contacts, each as uncertain as an arrival of 4 s: 50 arrivals.
    rng = np.random.default_rng(12)
    past = np.full(20_000, 50.0)
    calibration = calibrated(past, overdispersed(rng, past, 0.01), periods=1e6)
    given = with_quantiles(rows_of([50.0, 200.0], unit=[1.0, 4.0]), calibration)
    counts, seconds = given[list(QUANTILES)].to_numpy()
    assert given["mean"].tolist() == pytest.approx([50, 200], rel=0.01)
    # Contacts are whole, seconds are not.
    assert (counts == np.rint(seconds / 4)).all()
    assert (seconds != np.rint(seconds)).any()


def test_rates_have_the_mean_of_the_forecast_and_the_rates_spread_alone():
    # Of (1 + w Z)^2 the mean is 1 + w^2 and the variance 4 w^2 + 2 w^4, w being half the root of
    # the relative variance: 0.04 of the rate and 0.05 of an event.
    rng = np.random.default_rng(13)
    calibration = Calibration(0.04, tuple(np.zeros(200)), 100, factor=0.9)
    rates = calibration.rates(np.array(500.0), rng.standard_normal(400_000), 0.05)
    wanted = float(calibration.mean(np.array(500.0), 0.05))
    assert wanted == pytest.approx(500 * 0.9 * (1 + 0.05 / 4))
    assert rates.mean() == pytest.approx(wanted, rel=0.002)
    w2 = 0.09 / 4
    sd = np.sqrt(4 * w2 + 2 * w2**2) / (1 + w2)
    assert rates.std() / wanted == pytest.approx(sd, rel=0.01)
    assert (rates >= 0).all()


@pytest.mark.parametrize("phi", [0.05, 0.3, 1.0])
def test_farther_ahead_the_mean_stays(phi):
    near = Calibration(phi, tuple(np.linspace(-2.5, 2.5, 200)), 100)
    levels = (np.arange(400) + 0.5) / 400
    for mean in (5.0, 20.0, 200.0):
        before, after = (
            one.counts(np.array(mean), levels).mean() for one in (near, near.farther(365))
        )
        assert after == pytest.approx(before, rel=0.04)


def test_farther_ahead_the_level_may_have_drifted():
    # In a year 0.03, and what there is once more: a quarter of a year adds a quarter of 0.05.
    near = Calibration(0.02, tuple(np.linspace(-2, 2, 200)), 100)
    far = near.farther(365 / 4)
    assert far.phi == pytest.approx(0.02 + 0.05 / 4)
    low, high = (
        [float(one.counts(np.array(400.0), np.array(p))) for one in (near, far)] for p in (0.1, 0.9)
    )
    assert low[1] < low[0] < high[0] < high[1]
    assert near.farther(0) == near


def test_closed_has_no_width():
    calibration = calibrated(np.full(50, 40.0), np.arange(50.0) + 15, periods=5)
    # Neither is there any on the closed hours of an event that nobody knows the effect of.
    out = with_quantiles(rows_of([0.0, 0.0], [0.0, 0.4], open_min=0.0), calibration)
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
    told = calibrated(mean, y, periods=1e6, effect_var=effect_var)
    assert told.phi == pytest.approx(0.02, rel=0.1)
    assert calibrated(mean, y, periods=1e6).phi > 1.4 * told.phi
    # Days with and without an event surprise alike.
    surprise = scores_of(with_quantiles(rows_of(mean, effect_var).assign(y=y), told))["score"]
    for here in (effect_var > 0, effect_var == 0):
        assert np.std(surprise[here]) == pytest.approx(1, abs=0.05)


def test_a_calibration_survives_json():
    calibration = calibrated(np.full(50, 40.0), np.arange(50.0) + 15, periods=5)
    assert Calibration.from_json(calibration.to_json()) == calibration


def test_hours_that_were_less_certain_are_wider_and_all_cover_alike():
    # The mornings' rate is twice as uncertain as the evenings', at the same volume.
    rng = np.random.default_rng(14)
    hour = np.repeat([8, 20], 30_000)
    mean = np.full(len(hour), 400.0)
    variance = np.where(hour == 8, 0.04, 0.01)
    calibration = calibrated(mean, overdispersed(rng, mean, variance), periods=1e6, hour=hour)
    given = with_quantiles(rows_of([400.0, 400.0], hour=[8, 20]), calibration)
    width = (given["q90"] - given["q10"]).to_numpy()
    # Root of chance and rate together: sqrt((1 + 0.04 x 400) / (1 + 0.01 x 400)).
    assert width[0] / width[1] == pytest.approx(np.sqrt(17 / 5), rel=0.05)
    for row, phi in zip(given.itertuples(), (0.04, 0.01), strict=True):
        fresh = overdispersed(rng, np.full(30_000, 400.0), np.full(30_000, phi))
        assert ((fresh >= row.q10) & (fresh <= row.q90)).mean() == pytest.approx(0.8, abs=0.025)
    assert given["mean"].tolist() == pytest.approx([400, 400], rel=0.005)


def test_an_hour_seen_a_few_times_is_as_wide_as_the_others():
    rng = np.random.default_rng(15)
    hour = np.append(np.full(20_000, 10), [23, 23])
    mean = np.full(len(hour), 400.0)
    y = overdispersed(rng, mean, 0.01)
    y[-2:] = 1200
    calibration = calibrated(mean, y, periods=1e6, hour=hour)
    given = with_quantiles(rows_of([400.0] * 3, hour=[10, 23, 4]), calibration)
    width = (given["q90"] - given["q10"]).to_numpy()
    assert width[2] == pytest.approx(width[0], rel=0.02)
    assert 1 <= width[1] / width[0] < 1.4
