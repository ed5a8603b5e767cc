"""How surprises hang together: what made them is found again, and sums vary as they did."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

from forecast.distribution import (
    Dependence,
    Drawn,
    Shares,
    between_series,
    common_parts,
    count_paths,
    day_noise,
    dependence_of,
    hour_of,
    scores_of,
    with_quantiles,
)
from forecast.schema import QUANTILES
from tests.test_distribution import calibrated

START = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")
WEEK, FOUR = "1_week", "4_weeks"
SLOTS = 12


def scores_from(dependence, fresh, rng, *, horizon, slots=SLOTS):
    """Return scores of forecasts (a row of ``fresh`` each) of so many days, all of one bucket."""
    n, days = len(fresh), fresh.shape[1] - 1
    day = np.repeat(np.arange(days), slots)
    z = dependence.draw(day, np.full(len(day), horizon), fresh, rng)
    cutoff = START + pd.to_timedelta(np.repeat(np.arange(n), len(day)), unit="D")
    date = cutoff + pd.to_timedelta(np.tile(day, n), unit="D")
    return pd.DataFrame(
        {
            "cutoff": cutoff, "date": date.tz_localize(None), "horizon": horizon,
            "slot_min": np.tile(np.tile(np.arange(slots) * 30, days), n),
            "score": z.ravel(), "sd": 10.0,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shares", "memory"),
    [
        (Shares(0.0, 0.0, 0.0), 0.0),
        (Shares(0.0, 0.4, 0.5), 0.5),
        (Shares(0.25, 0.35, 0.3), 0.0),
        (Shares(0.3, 0.0, 0.6), 0.0),
    ],
)
def test_what_made_the_scores_is_found_again(shares, memory):
    rng = np.random.default_rng(4)
    true = Dependence({WEEK: shares}, memory)
    fresh = rng.standard_normal((800, 8))
    found = dependence_of(scores_from(true, fresh, rng, horizon=WEEK))
    assert found.shares[WEEK].period == pytest.approx(shares.period, abs=0.05)
    assert found.shares[WEEK].day == pytest.approx(shares.day, abs=0.06)
    assert found.shares[WEEK].slot_memory == pytest.approx(shares.slot_memory, abs=0.05)
    if shares.day:
        assert found.day_memory == pytest.approx(memory, abs=0.1)


def test_shares_are_found_lead_by_lead():
    rng = np.random.default_rng(5)
    true = Dependence({WEEK: Shares(0.05, 0.3, 0.2), FOUR: Shares(0.4, 0.3, 0.2)}, 0.0)
    parts = [scores_from(true, rng.standard_normal((600, 8)), rng, horizon=h) for h in true.shares]
    found = dependence_of(pd.concat(parts, ignore_index=True)).shares
    for horizon, shares in true.shares.items():
        assert found[horizon].period == pytest.approx(shares.period, abs=0.06)
        assert found[horizon].day == pytest.approx(shares.day, abs=0.06)


def test_of_a_bucket_of_one_day_as_much_is_the_forecasts_as_in_the_next():
    # One day in common 0.6; of the next bucket's 0.5 a fifth is the forecast's: 0.12 and 0.48.
    rng = np.random.default_rng(6)
    true = Dependence({"1_day": Shares(0.0, 0.6, 0.0), WEEK: Shares(0.1, 0.4, 0.0)}, 0.0)
    days = {"1_day": 1, WEEK: 7}
    parts = [
        scores_from(true, rng.standard_normal((900, n + 1)), rng, horizon=h)
        for h, n in days.items()
    ]
    found = dependence_of(pd.concat(parts, ignore_index=True)).shares["1_day"]
    assert found.period == pytest.approx(0.12, abs=0.05)
    assert found.period + found.day == pytest.approx(0.6, abs=0.05)


def test_wide_intervals_count_for_what_they_put_into_the_sum():
    # At night nothing is common, but hardly anybody calls: what a day has in common is the noon's.
    rng = np.random.default_rng(7)
    one = scores_from(Dependence({WEEK: Shares(0.0, 0.5, 0.0)}, 0.0),
                      rng.standard_normal((400, 8)), rng, horizon=WEEK)  # fmt: skip
    night = one["slot_min"] < 6 * 30
    mixed = one.assign(
        score=one["score"].mask(night, rng.standard_normal(len(one))),
        sd=np.where(night, 0.05, 10.0),
    )
    assert dependence_of(mixed).shares[WEEK].day == pytest.approx(0.5, abs=0.07)


def test_no_surprise_at_all_has_nothing_in_common():
    rng = np.random.default_rng(8)
    plain = Dependence({WEEK: Shares(0.0, 0.4, 0.0)}, 0.0)
    rows = scores_from(plain, rng.standard_normal((20, 8)), rng, horizon=WEEK).assign(score=0.0)
    assert dependence_of(rows).shares[WEEK] == Shares(0.0, 0.0, 0.0)


def test_a_bucket_never_seen_is_as_the_one_before():
    told = Dependence({"1_day": Shares(0.1, 0.2, 0.3), WEEK: Shares(0.2, 0.2, 0.1)}, 0.4, 0.5)
    variance = {"1_day": 0.02, WEEK: 0.02, "2_weeks": 0.02, FOUR: 0.04}
    reaching = told.reaching(variance, 1e9)
    assert reaching.shares["2_weeks"] == told.shares[WEEK]
    # Twice the variance: half of it is the level's, the other half as before.
    assert vars(reaching.shares[FOUR]) == pytest.approx(
        {"period": 0.5 + 0.5 * 0.2, "day": 0.5 * 0.2, "slot_memory": 0.1}
    )
    assert reaching.shares["1_day"] == told.shares["1_day"]
    assert (reaching.day_memory, reaching.between) == (0.4, 0.5)


def test_a_dependence_survives_json():
    told = Dependence({"1_day": Shares(0.1, 0.2, 0.3), WEEK: Shares(0.2, 0.2, 0.1)}, 0.4, 0.5)
    assert Dependence.from_json(json.loads(json.dumps(told.to_json()))) == told


def given(quantile, n):
    """Return FORECAST-like rows that all have the quantiles of one distribution."""
    columns = {name: np.full(n, quantile(level)) for name, level in QUANTILES.items()}
    return pd.DataFrame({**columns, "open_min": 30.0})


def test_scores_of_draws_from_normal_quantiles_are_the_normals_that_made_them():
    z = np.random.default_rng(9).standard_normal(20_000)
    rows = given(lambda level: 300 + 20 * float(np.round(Z[level], 12)), len(z))
    found = scores_of(rows.assign(y=300 + 20 * z))
    np.testing.assert_allclose(found["score"], np.clip(z, -4, 4), atol=1e-4)
    np.testing.assert_allclose(found["sd"], 20, rtol=1e-6)


Z = {level: float(value) for level, value in zip(
    QUANTILES.values(), [-1.959964, -1.644854, -1.281552, -0.674490, 0.0,
                         0.674490, 1.281552, 1.644854, 1.959964], strict=True)}  # fmt: skip
"""Standard normal quantiles, as every table has them."""


@pytest.mark.parametrize("shape", [2.0, 20.0])
def test_scores_of_draws_from_leaning_quantiles_are_standard_normal(shape):
    rng = np.random.default_rng(10)
    y = rng.gamma(shape, 50, 60_000)
    rows = given(lambda level: gamma.ppf(level, shape, scale=50), len(y)).assign(y=y)
    score = scores_of(rows)["score"]
    for level, z in Z.items():
        assert (score <= z).mean() == pytest.approx(level, abs=0.006)
    assert score.mean() == pytest.approx(0, abs=0.06)
    assert score.std() == pytest.approx(1, abs=0.06)


def test_only_open_intervals_whose_truth_is_known_have_scores():
    rows = given(lambda level: 100 * level, 3).assign(
        y=[50.0, np.nan, 0.0], open_min=[30.0, 30.0, 0.0]
    )
    assert scores_of(rows)["score"].tolist() == [pytest.approx(0)]


def test_series_that_are_busy_together_share_their_noise():
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


def test_what_series_have_in_common_is_found_again():
    true = Dependence({WEEK: Shares(0.2, 0.5, 0.2)}, 0.3)
    daily = {}
    for name in "ab":
        rng = np.random.default_rng([11, ord(name)])
        scores = scores_from(true, day_noise(700, 8, 0.5, 1, name), rng, horizon=WEEK)
        daily[name] = common_parts(scores, true)
    assert daily["a"].std() == pytest.approx(1, abs=0.08)
    # A little less than 0.5 of 1 plus what of the fading part a day's sum keeps.
    assert between_series(daily) == pytest.approx(0.5, abs=0.06)
    assert between_series({"a": daily["a"]}) == 0


MEAN, PHI, DAYS = 120.0, 0.03, 28
TRUE = Dependence({WEEK: Shares(0.1, 0.4, 0.3), FOUR: Shares(0.3, 0.3, 0.3)}, 0.4)


def rows_ahead():
    """Return means of 28 days of which every eighth is closed, a quiet morning and a busy noon."""
    day = np.repeat(np.arange(DAYS), SLOTS)
    slot = np.tile(np.arange(SLOTS), DAYS)
    ds = START + pd.to_timedelta(day * 1440 + slot * 30 + 480, unit="min")
    is_open = day % 8 != 7
    mean = MEAN * (0.3 + np.sin(np.pi * (slot + 0.5) / SLOTS))
    return pd.DataFrame(
        {
            "site": "a", "queue": "b", "channel": "voice", "ds": ds,
            "date": ds.floor("D").tz_localize(None), "day": day, "slot_min": slot * 30,
            "cutoff": START, "horizon": np.where(day < 7, WEEK, FOUR),
            "open_min": np.where(is_open, 30.0, 0.0),
            "raw_mean": np.where(is_open, mean, 0.0), "unit": 1.0, "effect_var": 0.0,
        }
    )  # fmt: skip


def came(rows, n, seed):
    """Return counts (n x rows): Poisson around rates that hang together as TRUE says."""
    rng = np.random.default_rng(seed)
    is_open = (rows["open_min"] > 0).to_numpy()
    fresh = rng.standard_normal((n, DAYS + 1))
    day, horizon = rows.loc[is_open, "day"].to_numpy(), rows.loc[is_open, "horizon"].to_numpy()
    z = np.zeros((n, len(rows)))
    z[:, is_open] = TRUE.draw(day, horizon, fresh, rng)
    wide = np.sqrt(PHI) / 2
    rate = rows["raw_mean"].to_numpy() * np.maximum(1 + wide * z, 0) ** 2 / (1 + wide**2)
    return rng.poisson(rate)


@pytest.fixture(scope="module")
def learned():
    """Return rows ahead, and calibrations and dependence as 250 past forecasts gave them."""
    rows = rows_ahead()
    past = came(rows, 250, seed=1)
    frames = []
    for number, y in enumerate(past):
        days = pd.Timedelta(days=number)
        frames.append(
            rows.assign(
                y=y.astype("float64"),
                cutoff=START + days,
                ds=rows["ds"] + days,
                date=rows["date"] + days,
            )
        )
    known = pd.concat(frames, ignore_index=True)
    known = known[known["open_min"] > 0]
    calibrations, parts = {}, []
    for horizon, own in known.groupby("horizon", sort=False):
        mean, y, zero = (own[c].to_numpy() for c in ("raw_mean", "y", "effect_var"))
        calibrations[horizon] = calibrated(mean, y, periods=250, effect_var=zero, hour=hour_of(own))
        parts.append(scores_of(with_quantiles(own, calibrations[horizon])))
    return rows, calibrations, dependence_of(pd.concat(parts, ignore_index=True))


def test_the_shares_of_counts_are_those_of_the_rate_beside_chance(learned):
    # Of a score's variance phi x mean / (1 + phi x mean) is the rate's; the busy hours weigh most.
    rows, _, found = learned
    mean = rows.loc[rows["open_min"] > 0, "raw_mean"]
    left = (PHI * mean / (1 + PHI * mean) * mean).sum() / mean.sum()
    for horizon, shares in TRUE.shares.items():
        assert found.shares[horizon].period == pytest.approx(shares.period * left, abs=0.06)
        assert found.shares[horizon].day == pytest.approx(shares.day * left, abs=0.07)
    assert found.day_memory == pytest.approx(TRUE.day_memory, abs=0.15)


def test_sums_over_a_day_and_over_the_whole_forecast_cover_what_they_promise(learned):
    rows, calibrations, found = learned
    rng = np.random.default_rng(2)
    fresh = rng.standard_normal((1500, DAYS + 1))
    paths = count_paths(Drawn(rows, calibrations, found), fresh, rng)
    truth = came(rows, 1500, seed=3)
    groups = {
        "near day": rows["day"] == 3, "far day": rows["day"] == 20, "near week": rows["day"] < 7,
        "all": rows["day"] >= 0,
    }  # fmt: skip
    for name, here in groups.items():
        sums, wanted = (counts[:, here.to_numpy()].sum(axis=1) for counts in (paths, truth))
        low, high = np.quantile(sums, [0.1, 0.9])
        assert ((wanted >= low) & (wanted <= high)).mean() == pytest.approx(0.8, abs=0.05), name
        assert sums.std() == pytest.approx(wanted.std(), rel=0.12), name


def test_sums_of_intervals_that_do_not_hang_together_cover_far_too_little(learned):
    # The same marginals: it is the dependence that makes the sums right.
    rows, calibrations, found = learned
    rng = np.random.default_rng(2)
    alone = Dependence({h: Shares(0.0, 0.0, 0.0) for h in found.shares}, 0.0)
    fresh = rng.standard_normal((800, DAYS + 1))
    paths = count_paths(Drawn(rows, calibrations, alone), fresh, rng)
    low, high = np.quantile(paths.sum(axis=1), [0.1, 0.9])
    sums = came(rows, 800, seed=3).sum(axis=1)
    assert ((sums >= low) & (sums <= high)).mean() < 0.35
