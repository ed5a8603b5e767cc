"""Handle time is forecast beside volume, and staffed for, in a centre whose truth is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml

from forecast import models
from forecast.accuracy import coverage_80, wape
from forecast.backtest import Asked, expected_at, targets_of
from forecast.calendars.build import build_calendar
from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.capacity.requirements import agents_at, load_at
from forecast.predict import Champion
from forecast.schema import EVENTS, FORECAST, HISTORY, MEANS, PATHS, QUANTILES, REQUIREMENT
from forecast.select import CHAMPION, SeriesPlan
from forecast.steps.capacity import capacity
from forecast.store import read_table, write_table
from forecast.workflow import forecast_weeks
from tests.conftest import features_of, make_history, raw_events, told_of

KEY = ("main", "sales", "voice")
MORNING_S, AFTERNOON_S = 200.0, 300.0
VOLUME_SD, LENGTH_SD, TOGETHER = 0.10, 0.06, 0.8


@pytest.fixture(scope="module")
def history():
    """Return 110 days: calls last 200 s in the morning and 300 s from one o'clock on.

    Busy days have longer calls; single calls have a cv of 1.
    """
    rng = np.random.default_rng(5)
    frame = make_history(110)
    day = (frame["ds"].dt.floor("D") - frame["ds"].min().floor("D")).dt.days.to_numpy()
    slot = frame["ds"].dt.hour * 2 + frame["ds"].dt.minute // 30 - 16
    z, other = rng.standard_normal((2, 110))
    long = TOGETHER * z + np.sqrt(1 - TOGETHER**2) * other
    rate = 40 * (1 + 0.5 * np.sin(np.pi * slot / 20)) * (1 + VOLUME_SD * z[day])
    calls = rng.poisson(rate).astype("float64")
    usual = np.where(frame["ds"].dt.hour < 13, MORNING_S, AFTERNOON_S) * (1 + LENGTH_SD * long[day])
    talk = usual * rng.gamma(np.maximum(calls, 1e-9))
    frame = frame.assign(offered=calls.astype("int64"), answered=calls, talk_s=talk * 0.8)
    return HISTORY.validate(frame.assign(wrap_s=talk * 0.2))


@pytest.fixture(scope="module")
def timed_params(small_params):
    return small_params.override(
        {
            "capacity.aht_s": None,
            "capacity.assumed": [],
            "calendars.open_on_holidays": "all",
            "backtest.weeks": 4,
            "backtest.warmup_weeks": 5,
        }
    )


@pytest.fixture(scope="module")
def made(history, timed_params):
    built = build_calendar(history, raw_events(), timed_params)
    # Without the holidays, whose effects are learned at every cutoff anew.
    return forecast_weeks(history, built.calendar, built.events.head(0), timed_params)


@pytest.fixture(scope="module")
def lengths(made):
    """Return the champion's forecast of handle time in open intervals."""
    rows = made.live.forecast
    rows = rows[(rows["target"] == "aht_s") & (rows["model"] == CHAMPION)]
    return rows[rows["open_min"] > 0].sort_values("ds").reset_index(drop=True)


def afternoon(rows):
    return rows["ds"].dt.hour >= 13


def test_both_are_forecast_for_the_same_intervals_by_their_own_models(made, timed_params):
    forecast = made.live.forecast
    assert FORECAST.validate(forecast).equals(forecast)
    spans = forecast.groupby(["target", "model"])["ds"].nunique().unstack("model")
    assert set(spans.index) == {"offered", "aht_s"}
    assert (spans == 7 * 48).all(axis=None)
    # The fitted models of both are kept apart, and the saved champion is the volume's.
    assert set(made.live.states) == {f"000_{name}" for name in timed_params.models} | {
        f"000_aht_s_{name}" for name in timed_params.aht_models
    }
    plan = SeriesPlan.from_json(made.plans[0].to_json())
    assert plan == made.plans[0]
    assert set(Champion.load(plan, 0, made.live.states).models) == set(timed_params.models)


def test_the_mean_knows_the_time_of_day_and_the_quantiles_lie_around_it(lengths):
    late = afternoon(lengths)
    assert lengths.loc[late, "mean"].mean() == pytest.approx(AFTERNOON_S, rel=0.03)
    assert lengths.loc[~late, "mean"].mean() == pytest.approx(MORNING_S, rel=0.03)
    given = lengths[list(QUANTILES)].to_numpy()
    assert (np.diff(given, axis=1) > 0).all()
    assert (given[:, 0] < lengths["mean"]).all()
    assert (given[:, -1] > lengths["mean"]).all()


def test_more_contacts_make_a_narrower_interval(made, lengths):
    # One over the root of the contacts, and the day beside: 1 / n + 0.06^2 about.
    width = (lengths["q90"] - lengths["q10"]) / lengths["mean"]
    rows = made.live.forecast
    volume = rows[(rows["target"] == "offered") & (rows["model"] == CHAMPION)]
    contacts = lengths["ds"].map(volume.set_index("ds")["mean"])
    np.testing.assert_allclose(lengths["weight"], contacts)
    fewest, most = contacts.nsmallest(20).index, contacts.nlargest(20).index
    wanted = [np.sqrt((1 / contacts[at] + LENGTH_SD**2).mean()) for at in (fewest, most)]
    found = [width[at].mean() / (2 * 1.2816) for at in (fewest, most)]
    np.testing.assert_allclose(found, wanted, rtol=0.12)
    assert found[0] > 1.1 * found[1]


def test_the_past_was_covered_as_promised(made):
    past = made.past
    own = past[(past["target"] == "aht_s") & (past["model"] == CHAMPION)]
    own = own[own["cutoff"] >= own["cutoff"].max() - pd.Timedelta(weeks=4)]
    assert own["cutoff"].nunique() > 10
    assert coverage_80(own) == pytest.approx(0.80, abs=0.05)
    # Chance leaves 0.8 / sqrt(n), about a ninth; the day's 6 % are beside it.
    assert wape(own) < 0.15


def test_paths_have_the_forecasts_handle_times(made, lengths):
    paths = PATHS.validate(made.live.paths)
    is_open = paths["open_min"] > 0
    assert (paths.loc[is_open, "aht_s"] > 0).all()
    assert (paths.loc[~is_open, "aht_s"] == 0).all()
    per_interval = paths[is_open].groupby("ds")["aht_s"].mean()
    assert per_interval.mean() == pytest.approx(lengths["mean"].mean(), rel=0.01)
    np.testing.assert_allclose(per_interval, lengths["mean"], rtol=0.03)


def test_busy_days_have_the_longer_calls_that_they_had(made):
    (plan,) = made.plans
    assert plan.handle_time is not None
    # In the sixty days that were forecast it is 0.66; chance, and that what is usual is not quite
    # known, take a fifth of it on each side (tests/test_plans.py recovers it closely).
    assert 0.3 < plan.handle_time.with_volume < 0.7
    sums = made.live.paths.assign(day=made.live.paths["ds"].dt.floor("D"))
    sums = sums[sums["open_min"] > 0].groupby(["day", "path"])[["offered", "aht_s"]].mean()
    by_day = [own.corr().iloc[0, 1] for _, own in sums.groupby(level="day")]
    assert np.mean(by_day) > 0.3


@pytest.fixture(scope="module")
def demands(made, history, timed_params):
    """Return the demand with one handle time for all, and with that of the paths."""
    measured = aht_by_series(history, timed_params.capacity)
    return [
        demand_of(made.live.paths, measured, aht_effect=made.live.forecast, forecast_aht=told)
        for told in (False, True)
    ]


def test_longer_calls_in_the_afternoon_need_more_agents_there(demands, timed_params):
    flat, told = demands
    late = afternoon(told.intervals).to_numpy()
    np.testing.assert_array_equal(told.rate, flat.rate)
    # The flat one is the mean over all contacts, the truth 200 and 300 s.
    usual = flat.aht_s[0]
    assert 240 < usual < 260
    for here, seconds in ((late, AFTERNOON_S), (~late, MORNING_S)):
        loads = [load_at(demand, "mean", timed_params.capacity)[here] for demand in (told, flat)]
        ratio = loads[0].sum() / loads[1].sum()
        assert ratio == pytest.approx(seconds / usual, rel=0.04)
    one, two = (agents_at(demand, timed_params.capacity, "mean") for demand in demands)
    assert two[late].sum() > 1.12 * one[late].sum()
    assert two[~late].sum() < 0.90 * one[~late].sum()


def test_paths_on_which_many_call_for_long_load_more(demands, timed_params):
    _, told = demands
    alike = replace(told, aht_factor=None)
    np.testing.assert_allclose(told.aht_factor.mean(axis=1), 1)
    # At the same mean handle times: E(rate x length) is larger by their covariance, and the tail
    # by more.
    mean, tail = (
        load_at(told, risk, timed_params.capacity).sum()
        / load_at(alike, risk, timed_params.capacity).sum()
        for risk in ("mean", "p90")
    )
    assert 1.0005 < mean < 1.01
    assert tail > mean + 0.01
    found = np.corrcoef(told.rate.sum(axis=0), (told.rate * told.aht_factor).sum(axis=0))[0, 1]
    assert found > 0.5


def test_the_capacity_step_uses_it_where_no_handle_time_is_assumed(made, history, tmp_path, root):
    names = {"paths": PATHS, "forecast": FORECAST, "history": HISTORY}
    tables = {"paths": made.live.paths, "forecast": made.live.forecast, "history": history}
    for name, table in names.items():
        write_table(tables[name], table, tmp_path / f"{name}.parquet")
    settings = yaml.safe_load((root / "params.yaml").read_text(encoding="utf-8"))
    found = {}
    for aht_s, assumed in ((None, []), (240.0, ["aht_s"])):
        settings["capacity"] |= {"aht_s": aht_s, "assumed": assumed}
        params, out = tmp_path / "params.yaml", tmp_path / "requirement.parquet"
        params.write_text(yaml.safe_dump(settings), encoding="utf-8")
        files = [tmp_path / f"{name}.parquet" for name in names]
        capacity(*files, out, tmp_path / "service.parquet", tmp_path / "trunks.parquet", params)
        table = read_table(out, REQUIREMENT)
        found[aht_s] = table.groupby(afternoon(table))["aht_s"].mean().tolist()
    assert found[240.0] == [240.0, 240.0]
    assert found[None] == pytest.approx([MORNING_S, AFTERNOON_S], rel=0.04)


@pytest.fixture(scope="module")
def told(history, timed_params):
    return told_of(history, timed_params)


@pytest.mark.parametrize("name", models.names())
def test_every_model_forecasts_handle_time_from_what_was_known(name, told):
    features, events = told
    cutoff = features["ds"].max() + pd.Timedelta(minutes=30) - pd.Timedelta(days=28)
    later = features["ds"] >= cutoff
    tampered = features.assign(aht_s=features["aht_s"].mask(later, 9999.0),
                               handled=features["handled"].mask(later, 1.0))  # fmt: skip
    made = [
        expected_at(rows, events, cutoff, {name: {}}, {"1_week": 7}, seed=1, target="aht_s")
        for rows in (features, tampered)
    ]
    one, two = (MEANS.validate(own.means) for own in made)
    columns = ["ds", "raw_mean", "effect", "effect_var"]
    pd.testing.assert_frame_equal(one[columns], two[columns])
    assert (one["target"] == "aht_s").all()
    known = features[(features["ds"] < cutoff) & (features["handled"] > 0)]
    wanted = np.average(known["aht_s"], weights=known["handled"])
    assert made[0].scale == pytest.approx(wanted, rel=0.005)
    late = afternoon(one)
    assert one.loc[late, "raw_mean"].mean() == pytest.approx(AFTERNOON_S, rel=0.08)
    assert one.loc[~late, "raw_mean"].mean() == pytest.approx(MORNING_S, rel=0.08)
    # What came is over the contacts handled, and the unit is theirs.
    came = features.set_index("ds").loc[one["ds"], ["aht_s", "handled"]].to_numpy()
    np.testing.assert_array_equal(one[["y", "weight"]].to_numpy(), came)
    arrivals = one["unit"] * one["weight"]
    assert arrivals.dropna().nunique() == 1 or np.ptp(arrivals.dropna()) < 1e-9
    assert arrivals.mean() == pytest.approx(wanted, rel=0.3)


def test_how_long_it_is_open_does_not_make_calls_longer(told):
    features, events = told
    cutoff = features["ds"].max() + pd.Timedelta(minutes=30) - pd.Timedelta(days=28)
    short = features.assign(
        open_min=features["open_min"].where(features["ds"] < cutoff, features["open_min"] / 3)
    )
    made = [
        expected_at(rows, events, cutoff, {"same_weekday_mean": {}}, {"1_week": 7}, seed=1,
                    target="aht_s").means["raw_mean"]
        for rows in (features, short)
    ]  # fmt: skip
    pd.testing.assert_series_equal(*made)


def test_handle_time_is_forecast_once_ten_days_have_reported_it(history, timed_params):
    late = history["ds"] >= pd.Timestamp("2024-03-01", tz="UTC")
    sums = ["answered", "talk_s", "wrap_s"]
    young = features_of(history.assign(**{c: history[c].where(late) for c in sums}), timed_params)
    for day, wanted in (("2024-03-10", {"offered"}), ("2024-03-11", {"offered", "aht_s"})):
        found = targets_of(Asked(young, EVENTS.empty(), pd.Timestamp(day, tz="UTC")), timed_params)
        assert set(found) == wanted
    nobody = features_of(history.assign(answered=0.0, talk_s=0.0, wrap_s=0.0), timed_params)
    off = timed_params.override({"aht_models": {}})
    whole = features_of(history, timed_params)
    for features, params in ((nobody, timed_params), (whole, off)):
        asked = Asked(features, EVENTS.empty(), features["ds"].max())
        assert targets_of(asked, params) == ("offered",)
