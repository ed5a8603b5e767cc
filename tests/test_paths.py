"""Paths keep the forecast's quantiles and means, and vary together as they are told to."""

import numpy as np
import pandas as pd
import pytest

from forecast.distribution import (
    Calibration,
    Dependence,
    Drawn,
    Shares,
    count_paths,
    handle_time_paths,
    paths_table,
    with_quantiles,
)
from forecast.schema import QUANTILES
from tests.test_distribution import calibrated, overdispersed

HORIZON = "1_week"
DAYS, SLOTS, N = 5, 20, 3000
TOLD = Dependence({HORIZON: Shares(0.15, 0.35, 0.3)}, 0.4)


def forecast_rows(mean=100.0, unit=1.0):
    start = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")
    ds = [start + pd.Timedelta(days=d, minutes=30 * s) for d in range(DAYS) for s in range(SLOTS)]
    rows = pd.DataFrame({"ds": pd.Series(ds, dtype="datetime64[us, UTC]")})
    closed = rows.index % SLOTS == 0
    return rows.assign(
        site="a", queue="b", channel="voice", date=rows["ds"].dt.floor("D"), horizon=HORIZON,
        cutoff=start + pd.Timedelta(hours=-12),
        open_min=np.where(closed, 0.0, 30.0), raw_mean=np.where(closed, 0.0, mean),
        unit=np.where(closed, 0.0, unit), effect_var=0.0,
    )  # fmt: skip


def noise(seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, DAYS + 1)), rng


def table_of(rows, calibration, seed):
    drawn = Drawn(rows, {HORIZON: calibration}, TOLD)
    return paths_table(rows, count_paths(drawn, *noise(seed)), np.full((1, len(rows)), np.nan))


@pytest.fixture(scope="module")
def calibration():
    rng = np.random.default_rng(5)
    mean = np.full(30_000, 100.0)
    return calibrated(mean, overdispersed(rng, mean, 0.02), periods=1e6)


@pytest.fixture(scope="module")
def paths(calibration):
    return table_of(forecast_rows(), calibration, 5)


def test_paths_have_the_forecasts_quantiles_and_mean(calibration, paths):
    is_open = paths[paths["open_min"] > 0]
    given = with_quantiles(forecast_rows().iloc[[1]], calibration).iloc[0]
    for name, level in QUANTILES.items():
        per_interval = is_open.groupby("ds")["offered"].quantile(level)
        assert per_interval.mean() == pytest.approx(given[name], abs=1.2)
    assert is_open["offered"].mean() == pytest.approx(given["mean"], rel=0.01)


def test_paths_are_whole_and_zero_when_closed(paths):
    assert paths["offered"].dtype == "int64"
    assert (paths.loc[paths["open_min"] == 0, "offered"] == 0).all()
    assert paths["aht_s"].isna().all()


def test_paths_have_the_width_that_events_give_the_forecast(calibration):
    # An event is on throughout the last day, and on its closed interval too.
    rows = forecast_rows()
    last = rows["date"] == rows["date"].max()
    rows = rows.assign(effect_var=np.where(last, 0.1, 0.0))
    paths = table_of(rows, calibration, 11)
    given = with_quantiles(rows[rows["open_min"] > 0], calibration).set_index("ds")
    assert (paths.loc[paths["open_min"] == 0, "offered"] == 0).all()
    shown = paths[paths["open_min"] > 0].groupby("ds")["offered"]
    for name in ("q10", "q90"):
        wanted = given[name]
        found = shown.quantile(QUANTILES[name])
        for day in (
            wanted.index >= rows.loc[last, "ds"].min(),
            wanted.index < rows.loc[last, "ds"].min(),
        ):
            assert found[day].mean() == pytest.approx(wanted[day].mean(), rel=0.04)


def test_sums_spread_as_the_correlations_say(paths):
    is_open = paths[paths["open_min"] > 0]
    day = is_open["ds"].dt.floor("D")
    sums = is_open.groupby(["path", day])["offered"].sum().unstack()
    one = is_open.groupby("ds")["offered"].var().mean()
    lags = np.abs(np.subtract.outer(np.arange(SLOTS - 1), np.arange(SLOTS - 1)))
    correlation = np.where(lags == 0, 1.0, 0.15 + 0.35 + 0.5 * 0.3**lags)
    assert sums.var().mean() == pytest.approx(one * correlation.sum(), rel=0.08)
    assert sums.var().mean() > 5 * one * (SLOTS - 1)
    # Neighbouring days share the forecast's part and 0.4 of the day's, distant ones the former.
    within = correlation.mean()
    found = sums.corr().to_numpy()
    assert np.diag(found, 1).mean() == pytest.approx((0.15 + 0.35 * 0.4) / within, abs=0.05)
    assert found[0, 4] == pytest.approx((0.15 + 0.35 * 0.4**4) / within, abs=0.06)


PHI, AHT_S = 0.01, 240.0


@pytest.fixture(scope="module")
def timed():
    """Return rows of handle times over 5 to 80 contacts, of cv 1, and their calibration."""
    contacts = np.tile(np.linspace(5, 80, SLOTS), DAYS)
    rows = forecast_rows(mean=AHT_S, unit=AHT_S / contacts)
    rows = rows.assign(effect_var=np.where(rows["date"] == rows["date"].max(), 0.08, 0.0))
    return rows, Calibration(PHI, tuple(np.zeros(200)), 500, factor=1.02), contacts


@pytest.fixture(scope="module")
def lengths(timed):
    rows, calibration, _ = timed
    told = Dependence({HORIZON: Shares(0.05, 0.15, 0.3)}, 0.0)
    return handle_time_paths(Drawn(rows, {HORIZON: calibration}, told), *noise(6))


def test_handle_times_of_paths_have_the_forecasts_mean(timed, lengths):
    rows, calibration, _ = timed
    is_open = (rows["open_min"] > 0).to_numpy()
    wanted = with_quantiles(rows[is_open], calibration)["mean"].to_numpy()
    assert wanted[0] == pytest.approx(AHT_S * 1.02)
    assert wanted[-1] == pytest.approx(AHT_S * 1.02 * (1 + 0.08 / 4))
    np.testing.assert_allclose(lengths.mean(axis=0)[is_open], wanted, rtol=0.01)
    assert (lengths[:, ~is_open] == 0).all()


def test_handle_times_of_paths_lack_the_chance_of_single_contacts(timed, lengths):
    # Whether over five contacts or eighty, the relative spread is the root of phi: 10 %.
    rows, _, _ = timed
    plain = ((rows["open_min"] > 0) & (rows["effect_var"] == 0)).to_numpy()
    spread = (lengths.std(axis=0) / np.maximum(lengths.mean(axis=0), 1e-9))[plain]
    np.testing.assert_allclose(spread, np.sqrt(PHI), rtol=0.06)


def test_what_days_have_in_common_is_more_of_what_is_left_without_chance(timed, lengths):
    # phi x contacts / (1 + phi x contacts) of a score is the rate's; 0.2 of all is common.
    rows, calibration, contacts = timed
    is_open = (rows["open_min"] > 0).to_numpy()
    extra = calibration.phi * contacts[is_open]
    common = 0.2 / np.mean(extra / (1 + extra))
    first = np.flatnonzero(is_open)[: SLOTS - 1]
    found = np.corrcoef(lengths[:, first].T)
    apart = np.subtract.outer(np.arange(SLOTS - 1), np.arange(SLOTS - 1)) >= 6
    assert 0.5 < common < 0.98
    assert found[apart].mean() == pytest.approx(common, abs=0.04)


def test_a_table_of_paths_has_every_interval_of_every_path_in_its_place():
    rows = forecast_rows().head(3)
    counts = np.array([[0, 5, 7], [0, 6, 8]])
    told = np.array([[0.0, 200.0, 210.0], [0.0, 190.0, 220.0]])
    table = paths_table(rows, counts, told).sort_values(["path", "ds"])
    assert table["path"].tolist() == [0, 0, 0, 1, 1, 1]
    assert table["offered"].tolist() == counts.ravel().tolist()
    assert table["aht_s"].tolist() == told.ravel().tolist()
    assert table["ds"].tolist() == rows["ds"].tolist() * 2
