"""Metrics against sums done by hand, published numbers, brute force and simulated truth."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from forecast.accuracy import (
    METRICS,
    bias,
    by,
    coverage_80,
    coverage_95,
    excess,
    floor,
    mae,
    mase,
    mean_deviation,
    pinball,
    pinball_floor,
    pinball_floors,
    scores,
    staffing_error,
    sum_coverage,
    wape,
    width_80,
    width_95,
)
from forecast.accuracy.poisson import quantile
from forecast.accuracy.staffing import expected_misses
from forecast.errors import ForecastError
from forecast.params import CapacityParams
from forecast.queueing.staffing import Target, required_agents
from forecast.schema import QUANTILES, SCORES

START = pd.Timestamp("2024-01-01", tz="UTC").as_unit("us")  # a Monday
SERIES_A = ("a", "b", "voice")
LEVELS = list(QUANTILES.values())


def rows_of(y, mean, spread=0.0):
    n = len(y)
    frame = pd.DataFrame(
        {"y": np.array(y, dtype="float64"), "mean": np.array(mean, dtype="float64")}
    )
    levels = {name: frame["mean"] + (level - 0.5) * 2 * spread for name, level in QUANTILES.items()}
    return frame.assign(
        site="a", queue="b", channel="voice", target="offered", model="m", horizon="1_day",
        cutoff=START, open_min=30.0, raw_mean=frame["mean"], effect=1.0,
        ds=[START + pd.Timedelta(minutes=30 * i) for i in range(n)], **levels,
    )  # fmt: skip


def scored(rows):
    return scores(rows, features_of(rows))


def features_of(rows):
    given = rows.drop_duplicates(["queue", "ds"]).sort_values(["queue", "ds"], ignore_index=True)
    local = given["ds"].dt.tz_localize(None)
    return given[["site", "queue", "channel", "ds", "y", "open_min"]].assign(
        date=local.dt.floor("D"), slot_min=local.dt.hour * 60 + local.dt.minute,
        weekday=local.dt.day_of_week, aht_s=np.nan, handled=np.nan,
    )  # fmt: skip


def value(table, level, metric, horizon="1_day"):
    found = table.set_index(["horizon", "level", "metric"])["value"]
    return found[horizon, level, metric]


def daily(days, *, mean=None, cutoff=START, horizon=None):
    """Forecast of one interval a day from START on, as far as ``days`` tells its counts."""
    n = len(days)
    rows = rows_of(days, days if mean is None else mean)
    ds = [START + pd.Timedelta(days=i) for i in range(n)]
    lead = (pd.Series(ds) - cutoff).dt.days + 1
    bucket = pd.cut(lead, [0, 1, 7, 14, 28], labels=["1_day", "1_week", "2_weeks", "4_weeks"])
    rows = rows.assign(ds=ds, cutoff=cutoff, horizon=horizon or bucket.astype("str"))
    return rows[rows["ds"] >= cutoff].reset_index(drop=True)


def test_errors_by_hand():
    rows = rows_of([10, 20, 30], [12, 20, 24])
    assert wape(rows) == pytest.approx(8 / 60)
    assert mae(rows) == pytest.approx(8 / 3)


def test_bias_is_positive_when_the_forecast_was_too_high():
    assert bias(rows_of([10, 10], [11, 12])) == pytest.approx(3 / 20)
    assert bias(rows_of([10, 10], [9, 10])) < 0


def test_pinball_equals_the_loop_over_its_definition():
    rows = rows_of([10, 25, 31], [12, 20, 24], spread=6)
    total = 0.0
    for _, row in rows.iterrows():
        for name, level in QUANTILES.items():
            error = row["y"] - row[name]
            total += level * error if error >= 0 else (level - 1) * error
    assert pinball(rows) == pytest.approx(total / (3 * len(QUANTILES)))


def test_coverage_and_width_by_hand():
    rows = rows_of([10, 16, 21, 40], [10, 10, 20, 20], spread=5)  # q10 = mean - 4, q90 = mean + 4
    assert coverage_80(rows) == 0.5
    assert width_80(rows) == pytest.approx(4 * 8 / 87)
    wide = rows_of([10, 20, 31, 40], [10, 10, 20, 20], spread=10)  # q025 = mean - 9.5, rounded
    assert coverage_95(wide) == 0.5
    assert width_95(wide) == pytest.approx(4 * 19 / 101)


def test_truth_that_is_not_known_does_not_count():
    table = scored(rows_of([10, np.nan], [12, 50]))
    assert value(table, "interval", "wape") == pytest.approx(0.2)


def test_a_day_with_a_missing_interval_is_not_scored_as_a_day():
    whole = scored(rows_of([10, 20], [12, 18]))
    assert value(whole, "day", "wape") == 0
    holed = scored(rows_of([10, np.nan], [12, 18]))
    assert "day" not in set(holed["level"])


def test_a_day_of_which_an_open_interval_was_not_forecast_is_not_scored():
    rows = rows_of([10, 20], [12, 18])
    assert "day" not in set(scores(rows[:1], features_of(rows))["level"])


def test_every_level_has_its_metrics_and_the_same_number_of_forecasts_for_all():
    table = SCORES.validate(scored(daily([5.0] * 28)))
    for level, own in table.groupby("level"):
        assert set(own["metric"]) == set(METRICS[level])
        assert own.groupby("horizon")["n"].nunique().eq(1).all()


def test_an_interval_that_features_do_not_have_is_refused():
    rows = rows_of([10, 20], [12, 18])
    with pytest.raises(ForecastError, match="1 intervals of FORECAST are not in FEATURES"):
        scores(rows, features_of(rows[:1]))


# --- weeks ------------------------------------------------------------------------------------


def test_weeks_are_counted_from_the_cutoff_and_belong_to_the_bucket_of_their_end():
    y = np.arange(1.0, 29.0)
    table = scored(daily(y, mean=y + np.repeat([1, 2, 3, 4], 7)))
    assert "1_day" not in set(table[table["level"] == "week"]["horizon"])
    assert value(table, "week", "bias", "1_week") == pytest.approx(7 * 1 / 28)
    assert value(table, "week", "bias", "2_weeks") == pytest.approx(7 * 2 / (28 + 49))
    assert value(table, "week", "wape", "4_weeks") == pytest.approx((7 * 3 + 7 * 4) / y[14:].sum())
    own = table[(table["level"] == "week") & (table["horizon"] == "4_weeks")]
    assert set(own["n"]) == {2}


@pytest.mark.parametrize("lost", ["truth", "forecast", "features"])
def test_a_week_that_is_not_wholly_there_is_not_scored(lost):
    rows = daily(np.full(14, 5.0))
    features = features_of(rows)
    if lost == "truth":
        rows.loc[3, "y"] = np.nan
    elif lost == "forecast":
        rows = rows.drop(index=3)
    else:
        rows, features = rows[:6], features[:6]
    weeks = scores(rows, features)
    weeks = weeks[weeks["level"] == "week"]
    assert set(weeks["horizon"]) == (set() if lost == "features" else {"2_weeks"})


def test_closed_days_do_not_take_a_week_away():
    rows = daily(np.full(14, 5.0))
    features = features_of(rows)
    weekend = features["weekday"] >= 5
    features.loc[weekend, ["open_min", "y"]] = 0.0
    rows = rows[~weekend]  # what is closed is not forecast
    table = scores(rows, features)
    assert set(table[table["level"] == "week"]["horizon"]) == {"1_week", "2_weeks"}


# --- the error of copying last week -----------------------------------------------------------


def test_mase_by_hand():
    y = np.array([10.0] * 7 + [12.0] * 7 + [11.0] * 3)
    cutoff = START + pd.Timedelta(days=14)
    rows = daily(y, mean=y + 3, cutoff=cutoff)
    history = features_of(daily(y))
    # Last week's copy missed by 2 on each of the seven days before the cutoff; the forecast by 3.
    table = scores(rows, history)
    assert value(table, "interval", "mase", "1_day") == pytest.approx(3 / 2)
    assert value(table, "day", "mase", "1_week") == pytest.approx(3 / 2)
    later = history.assign(y=history["y"].where(history["ds"] < cutoff, 1000.0))
    pd.testing.assert_frame_equal(scores(rows, later), table)


def test_the_forecast_that_copies_last_week_has_a_mase_of_one_in_the_long_run():
    rng = np.random.default_rng(3)
    days = rng.poisson(50, 7 * 300).astype("float64")
    rows = daily(days, mean=np.roll(days, 7), horizon="1_day")
    cutoff = START + pd.Timedelta(days=7 * 150)
    late = rows[rows["ds"] >= cutoff].assign(cutoff=cutoff)
    assert value(scores(late, features_of(rows)), "interval", "mase") == pytest.approx(1, abs=0.05)


def test_without_a_week_to_copy_there_is_no_mase():
    assert np.isnan(value(scored(rows_of([10, 20], [12, 18])), "interval", "mase"))
    assert np.isnan(mase(rows_of([10], [12]).assign(scale=np.nan)))


# --- chance -----------------------------------------------------------------------------------


def test_mean_deviation_of_whole_rates_by_the_closed_formula():
    for rate in (1, 2, 5, 12):  # 2 rate^(rate + 1) e^-rate / rate!, de Moivre's form
        wanted = 2 * rate ** (rate + 1) * math.exp(-rate) / math.factorial(rate)
        assert mean_deviation(rate) == pytest.approx(wanted, rel=1e-12)
    assert mean_deviation(1.0) == pytest.approx(2 / math.e)
    assert mean_deviation(1e6) == pytest.approx(math.sqrt(2e6 / math.pi), rel=1e-6)


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.99, 1.0, 3.7, 40.2, 900.5])
def test_floors_are_the_sums_over_all_counts(rate):
    counts = np.arange(2000)
    chance = poisson.pmf(counts, rate)
    assert mean_deviation(rate) == pytest.approx((chance * abs(counts - rate)).sum(), abs=1e-9)
    losses = []
    for level in LEVELS:
        tried = counts[None, :] - np.arange(1100)[:, None]  # all whole quantiles that may be best
        losses.append((np.maximum(level * tried, (level - 1) * tried) @ chance).min())
    assert pinball_floors(rate) == pytest.approx(np.mean(losses), abs=1e-9)


def test_quantiles_are_those_of_scipy():
    rates = np.concatenate([[0.0], np.geomspace(1e-3, 5e3, 4000)])
    for level in LEVELS:
        assert np.array_equal(quantile(rates, level), poisson.ppf(level, rates).clip(0))


def poisson_rows(rate, rng):
    rows = rows_of(rng.poisson(rate), rate)
    return rows.assign(**{q: poisson.ppf(level, rate) for q, level in QUANTILES.items()})


def test_who_knows_the_rate_has_no_excess_and_who_errs_by_a_tenth_has():
    rng = np.random.default_rng(7)
    rate = rng.gamma(2, 15, 40_000)
    rows = poisson_rows(rate, rng)
    noise = (rows["mean"] - rows["y"]).abs().std() * math.sqrt(len(rows)) / rows["y"].sum()
    assert excess(rows) == pytest.approx(0, abs=4 * noise)
    assert excess(rows) == pytest.approx(wape(rows) - floor(rows))
    assert pinball(rows) == pytest.approx(pinball_floor(rows), rel=0.02)
    assert excess(rows.assign(mean=rate * 1.1)) > 10 * noise
    days = rows.assign(y=rows["y"] + rng.poisson(900, len(rows)), mean=rate + 900)
    assert floor(days) < 0.3 * floor(rows)  # sums are easier
    assert excess(days) == pytest.approx(0, abs=4 * noise)


# --- handle time ------------------------------------------------------------------------------


def aht_rows(handled):
    rows = rows_of([200.0, 300.0, 200.4], [250.0, 290.0, 200.0], spread=0.25)
    return rows.assign(target="aht_s", weight=handled)


def test_an_average_is_weighted_by_what_it_is_of():
    rows = aht_rows([10.0, 30.0, 0.0])
    assert wape(rows) == pytest.approx((10 * 50 + 30 * 10) / (10 * 200 + 30 * 300))
    assert mae(rows) == pytest.approx((10 * 50 + 30 * 10) / 40)
    loss = [pinball(rows[i : i + 1].drop(columns="weight")) for i in range(2)]
    assert pinball(rows) == pytest.approx((10 * loss[0] + 30 * loss[1]) / 40)


def test_the_limits_of_an_average_are_not_rounded():
    rows = aht_rows([1.0, 1.0, 1.0])  # q90 is 200.2, and 200.4 came
    assert coverage_80(rows[2:]) == 0.0
    assert coverage_80(rows[2:].assign(target="offered", y=200.0)) == 1.0


def test_a_day_of_an_average_is_its_weighted_mean_and_has_no_poisson_floor():
    rows = aht_rows([10.0, 30.0, np.nan]).assign(y=[200.0, 300.0, np.nan])
    features = features_of(rows).assign(aht_s=rows["y"], handled=rows["weight"], y=[20.0, 40.0, 0])
    table = scores(rows, features)
    mean, came = (10 * 250 + 30 * 290) / 40, (10 * 200 + 30 * 300) / 40
    assert value(table, "day", "bias") == pytest.approx((mean - came) / came)
    assert np.isnan(value(table, "interval", "floor"))
    assert np.isnan(value(table, "interval", "excess"))


def test_counts_weigh_one_with_and_without_the_column():
    rows = rows_of([10, 20, 30], [12, 20, 24], spread=6)
    for weight in (1.0, np.nan):
        pd.testing.assert_frame_equal(scored(rows.assign(weight=weight)), scored(rows))


# --- breakdowns -------------------------------------------------------------------------------


@pytest.fixture
def several():
    rng = np.random.default_rng(5)
    rows = pd.concat([daily(rng.poisson(9, 28), mean=[9.0] * 28) for _ in range(2)])
    queues = np.repeat(["b", "c"], 28)
    return rows.assign(queue=queues, effect=np.where(rows["ds"].dt.day < 4, 1.2, 1.0))


@pytest.mark.parametrize("keys", [["queue"], ["horizon", "occasion"], ["lead_day"], ["weekday"]])
def test_breakdowns_are_the_metrics_of_each_part(several, keys):
    rows = several.assign(
        lead_day=(several["ds"] - several["cutoff"]).dt.days + 1,
        weekday=several["ds"].dt.day_of_week,
        occasion=np.where(several["effect"] == 1, "ordinary", "event or holiday"),
    )
    table = by(several, features_of(several), keys).set_index(keys)
    groups = rows.groupby(keys)
    assert len(table) == len(groups) > 1
    for key, own in groups:
        found = table.loc[key[0] if len(keys) == 1 else key]
        assert found["n"] == len(own)
        for name, metric in METRICS["interval"].items():
            if name != "mase":
                assert found[name] == pytest.approx(metric(own)), name


def test_breakdowns_refuse_what_would_mix_or_is_unknown(several):
    features = features_of(several)
    two = pd.concat([several, several.assign(model="other")])
    with pytest.raises(ForecastError, match=r"several models \(m, other\)"):
        by(two, features, ["queue"])
    assert len(by(two, features, ["model"])) == 2
    with pytest.raises(ForecastError, match="found day_of_moon"):
        by(several, features, ["day_of_moon"])


# --- sums along paths -------------------------------------------------------------------------


def test_sums_by_hand():
    draws = [np.linspace(0, 100, 101)] * 3
    found = sum_coverage([9.0, 50.0, 97.0], draws)
    assert found["coverage_80"] == pytest.approx(1 / 3)
    assert found["coverage_95"] == 1.0
    assert found["width_80"] == pytest.approx(3 * 80 / 156)
    by_rows = rows_of([9, 50, 97], [50] * 3, spread=50)  # its quantiles are those of the draws
    assert found["pinball"] == pytest.approx(pinball(by_rows))
    assert found["n"] == 3


def test_sums_drawn_from_what_came_are_covered_as_promised():
    rng = np.random.default_rng(2)
    level = rng.gamma(50, 1 / 50, (4000, 1))
    draws = rng.poisson(1000 * rng.gamma(50, 1 / 50, (4000, 400)))
    found = sum_coverage(rng.poisson(1000 * level)[:, 0], draws)
    assert found["coverage_80"] == pytest.approx(0.80, abs=0.025)
    assert found["coverage_95"] == pytest.approx(0.95, abs=0.015)


def test_sums_that_are_not_known_are_refused():
    with pytest.raises(ForecastError, match="leave out groups without truth"):
        sum_coverage([1.0, np.nan], np.ones((2, 9)))
    with pytest.raises(ForecastError, match="a row of paths for each sum"):
        sum_coverage([1.0], np.ones((2, 9)))


# --- agents and money -------------------------------------------------------------------------


def capacity(**changes):
    usual = {"shrinkage": 0.25, "occupancy_max": 1.0}
    return CapacityParams(cost_per_paid_hour=30, currency="EUR", **{**usual, **changes})


def staffed(rows, **changes):
    return staffing_error(rows, aht_s={SERIES_A: 180.0}, params=capacity(**changes)).iloc[0]


def test_agents_and_money_by_hand():
    # Published: 10 erlangs of 180 s need 14 agents for 80 % in 20 s (Erlang C). Nobody needs none.
    rows = rows_of([0, 100, 100, np.nan], [100, 0, 100, 100])
    found = staffed(rows)
    assert found["n"] == 3
    assert found["agent_hours"] == 2 * 14 / 2
    assert (found["over_hours"], found["under_hours"]) == (7.0, 7.0)
    assert found["over_cost"] == pytest.approx(7 * 30 / 0.75)


def test_agents_are_those_of_the_open_minutes():
    # Published: where patience is the handle time, waiting none, agents are quantiles of a Poisson
    # count (Palm 1957): 10 erlangs take 14 for 80 %, 5 erlangs take 8.
    rows = rows_of([100, 50], [50, 100]).assign(open_min=[30.0, 15.0])
    found = staffed(rows[:1], patience_s=180, answer_within_s=0)
    assert (found["under_hours"], found["over_hours"]) == ((14 - 8) * 0.5, 0)
    found = staffed(rows[1:], patience_s=180, answer_within_s=0)
    assert found["agent_hours"] == 14 * 0.25  # 50 in a quarter of an hour are as dense


@pytest.mark.parametrize("patience_s", [None, 120.0])
@pytest.mark.parametrize("rate", [0.4, 7.3, 150.0])
def test_the_floor_of_agents_is_the_sum_over_all_counts(rate, patience_s):
    found = staffed(rows_of([3], [rate]), patience_s=patience_s)
    load = np.append(np.arange(400), rate) * 180 / 1800
    agents = required_agents(load, aht_s=180, target=Target(0.8, 20), patience_s=patience_s)
    error, chance = agents[-1] - agents[:-1], poisson.pmf(np.arange(400), rate)
    assert found["floor_over_hours"] == pytest.approx(chance @ error.clip(min=0) / 2, abs=1e-6)
    assert found["floor_under_hours"] == pytest.approx(chance @ (-error).clip(min=0) / 2, abs=1e-6)
    assert found["over_hours"] - found["under_hours"] == error[3] / 2


def test_who_knows_the_rate_misses_by_the_floor():
    rng = np.random.default_rng(11)
    rate = rng.gamma(3, 20, 20_000)
    found = staffed(rows_of(rng.poisson(rate), rate))
    assert found["over_hours"] == pytest.approx(found["floor_over_hours"], rel=0.02)
    assert found["under_hours"] == pytest.approx(found["floor_under_hours"], rel=0.02)
    wrong = staffed(rows_of(rng.poisson(rate), rate * 1.1))
    assert wrong["over_hours"] > 1.3 * wrong["floor_over_hours"]


def test_misses_of_a_step_that_many_counts_share():
    one_in_ten = np.arange(500) // 10
    over, under = expected_misses(np.array([3, 3]), np.array([35.0, 20.0]), one_in_ten)
    for i, rate in enumerate([35.0, 20.0]):
        error = 3 - one_in_ten
        chance = poisson.pmf(np.arange(500), rate)
        assert over[i] == pytest.approx(chance @ error.clip(min=0), abs=1e-7)
        assert under[i] == pytest.approx(chance @ (-error).clip(min=0), abs=1e-7)


def test_a_series_without_handle_time_is_refused():
    with pytest.raises(ForecastError, match="no handle time for a/b/voice"):
        staffing_error(rows_of([1], [1]), aht_s={}, params=capacity())
