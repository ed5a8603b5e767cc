"""A queue that is days old is forecast with what the others of its centre lend it."""

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import backtest, expected_at
from forecast.borrowing import LENT, YOUNG_DAYS, Others, borrowed, is_young
from forecast.effects.cells import reported
from forecast.predict import live_forecast
from forecast.schema import EVENTS, as_known, of_series
from forecast.select import CHAMPION, plans, replay
from forecast.steps.predict import warnings_of
from tests.conftest import features_of, make_history, raw_event, told_of

NEW = ("main", "new", "voice")
MODELS = {"same_weekday_mean": {"weeks": 4}, "day_level": {}}
DAYS = 90
END = pd.Timestamp("2024-03-31", tz="UTC")
"""The histories end before it."""


def centre(new_days: int, rate: float = 8.0) -> pd.DataFrame:
    """Return two old queues and one of the same shape that began some days before the end."""
    old = [make_history(DAYS, queue=name, seed=seed) for seed, name in enumerate("ab")]
    new = make_history(DAYS, queue="new", seed=7, rate=rate)
    return pd.concat([*old, new[new["ds"] >= END - pd.Timedelta(days=new_days)]])


def lent(own: pd.DataFrame, others: pd.DataFrame, pattern: pd.DataFrame):
    """Return what others lend to a series before the end, without any event."""
    return borrowed(own, Others(others, EVENTS.empty()), END, pattern)


def true_mean(rate: float) -> pd.Series:
    """Return what the new queue is expected to have, by weekday and interval."""
    many = pd.concat([make_history(280, queue="new", seed=s, rate=rate) for s in range(20, 24)])
    slot = many["ds"].dt.hour * 60 + many["ds"].dt.minute
    return many["offered"].groupby([many["ds"].dt.day_of_week, slot]).mean()


@pytest.fixture(scope="module")
def three_days_old(small_params):
    params = small_params.override({"models": MODELS, "backtest.every_open_days": 5})
    features, events = told_of(centre(3), params)
    means = backtest(features, events, params)
    past = replay(means, params.select)
    chosen = plans(means, past, features, params.select)
    return past, chosen, live_forecast(features, events, chosen, params)


def test_a_queue_three_days_old_is_forecast_as_its_shape_will_be(three_days_old):
    past, _, live = three_days_old
    assert "new" not in set(past["queue"])
    rows = live.forecast[(live.forecast["model"] == CHAMPION) & (live.forecast["queue"] == "new")]
    rows = rows[rows["open_min"] > 0]
    slot = rows["ds"].dt.hour * 60 + rows["ds"].dt.minute
    true = true_mean(8.0).reindex(pd.MultiIndex.from_arrays([rows["ds"].dt.day_of_week, slot]))
    off = np.abs(rows["mean"].to_numpy() - true.to_numpy()).sum() / true.sum()
    # Mondays are 40 % busier, noon 50 %: a mean of its three days would be off by 16 %.
    assert off < 0.10
    assert rows["q10"].lt(true.to_numpy()).mean() > 0.9
    assert rows["q90"].gt(true.to_numpy()).mean() > 0.9


def test_its_paths_are_as_wide_as_counts_are(three_days_old):
    _, _, live = three_days_old
    paths = live.paths[(live.paths["queue"] == "new") & (live.paths["open_min"] > 0)]
    by_interval = paths.groupby("ds")["offered"].agg(["mean", "var"])
    ratio = by_interval["var"].sum() / by_interval["mean"].sum()
    assert 0.85 < ratio < 1.6


def test_what_was_lent_is_said(three_days_old):
    _, chosen, live = three_days_old
    assert [plan.series[1] for plan in chosen] == ["a", "b", "new"]
    (row,) = live.mended[live.mended["what"] == LENT].itertuples()
    assert row.queue == "new"
    assert row.at == pd.Timestamp("2024-03-28")
    assert row.factor == pytest.approx(8 / 80, rel=0.1)
    assert any("main/new/voice is young: it began 2024-03-28" in w for w in warnings_of(live))


def test_what_the_others_had_after_the_cutoff_is_not_lent(small_params):
    features, events = told_of(centre(25), small_params)
    own = of_series(features, NEW)
    cutoff = own.loc[own["date"] == "2024-03-20", "ds"].min()
    later = features["ds"] >= cutoff
    changed = features.assign(y=features["y"].where(~later, 1e4))
    one, two = (
        expected_at(
            own, events, cutoff, MODELS, {"all": 7}, seed=1, others=Others(table, events)
        ).means
        for table in (features, changed)
    )
    pd.testing.assert_frame_equal(one, two)
    alone = expected_at(own, events, cutoff, MODELS, {"all": 7}, seed=1).means
    assert not np.allclose(alone["raw_mean"], one["raw_mean"])


def test_an_old_series_borrows_nothing(small_params):
    table = as_known(features_of(centre(YOUNG_DAYS + 1), small_params))
    own, others = of_series(table, NEW), table[table["queue"] != "new"]
    assert not is_young(own[own["ds"] < END])
    same = lent(own[own["ds"] < END], others, own)
    assert same.share is None
    assert same.train is not None


def test_days_are_lent_at_the_hours_that_the_queue_is_open_at(small_params):
    table = as_known(features_of(centre(5), small_params))
    own = of_series(table, NEW)
    mornings = own[own["slot_min"] < 12 * 60]
    found = lent(mornings, table[table["queue"] != "new"], mornings)
    given = found.train[found.train["date"] < found.since]
    assert given["date"].nunique() == 28
    assert given["slot_min"].max() < 12 * 60
    assert given["queue"].unique().tolist() == ["new"]


def test_one_absurd_count_of_another_queue_is_not_lent(small_params):
    table = as_known(features_of(centre(5), small_params))
    at = (table["queue"] == "a") & (table["ds"] == pd.Timestamp("2024-03-20 10:00", tz="UTC"))
    assert at.sum() == 1
    wild = table.assign(y=table["y"].mask(at, 1e9))
    own = of_series(table, NEW)
    found = lent(own, wild[wild["queue"] != "new"], own).train
    assert found["y"].max() < 100


def past_of(small_params, history):
    """Return the new queue's FEATURES before the end, and those of the others."""
    table = as_known(features_of(history, small_params))
    table = reported(table[table["ds"] < END])
    return of_series(table, NEW), table[table["queue"] != "new"]


def test_a_queue_that_nobody_called_yet_is_small_and_not_nothing(small_params):
    own, others = past_of(small_params, centre(3))
    found = lent(own.assign(y=0.0), others, others)
    assert found.train["date"].nunique() == 31
    assert 0 < found.train["y"].sum() < 10


@pytest.mark.parametrize(
    "gone",
    [
        lambda b: b["ds"] >= END - pd.Timedelta(days=14),  # ended before the new one began
        lambda b: b["ds"] < END - pd.Timedelta(days=6),  # younger still
        lambda b: (b["ds"] < END - pd.Timedelta(days=6)) & (b["ds"] > END - pd.Timedelta(days=30)),
    ],
)
def test_what_is_lent_has_the_queues_size_whoever_reported(small_params, gone):
    big = make_history(DAYS, queue="b", seed=1, rate=200.0)
    others = [make_history(DAYS, queue="a", seed=0), big[~gone(big)]]
    new = make_history(DAYS, queue="new", seed=7, rate=8.0)
    new = new[new["ds"] >= END - pd.Timedelta(days=14)]
    own, rest = past_of(small_params, pd.concat([*others, new]))
    found = lent(own, rest, own).train
    found = reported(found)
    theirs, mine = (found[(found["date"] < own["date"].min()) == old]["y"] for old in (True, False))
    assert theirs.mean() == pytest.approx(mine.mean(), rel=0.15)


def test_an_event_of_the_others_is_not_lent(small_params):
    history = centre(5)
    wild = history["queue"].isin(["a", "b"]) & history["ds"].between(
        pd.Timestamp("2024-03-08", tz="UTC"), pd.Timestamp("2024-03-20", tz="UTC")
    )
    history = history.assign(offered=history["offered"].where(~wild, 3 * history["offered"]))
    sale = raw_event("sale", "2024-03-08", "2024-03-20", "2024-03-01")
    features, events = told_of(history, small_params, {**sale, "queues": ["a", "b"]})
    own = of_series(features, NEW)
    cutoff = own.loc[own["date"] == "2024-03-31", "ds"].min()
    plain, _ = told_of(centre(5), small_params)
    one, two = (
        expected_at(own, none, cutoff, {"same_weekday_mean": {"weeks": 4}}, {"all": 7}, seed=1,
                    others=Others(table, told)).means["raw_mean"].sum()
        for table, told in ((features, events), (plain, events.iloc[:0]))
        for none in (events.iloc[:0],)
    )  # fmt: skip
    assert one == pytest.approx(two, rel=0.1)


def test_a_queue_of_a_channel_of_its_own_borrows_from_the_others(small_params):
    history = centre(3)
    chat = history["queue"] == "new"
    history = history.assign(channel=history["channel"].where(~chat, "chat"))
    table = as_known(features_of(history, small_params))
    own = of_series(table, ("main", "new", "chat"))
    own, others = own[own["ds"] < END], table[(table["queue"] != "new") & (table["ds"] < END)]
    found = lent(own, others, own)
    assert found.share == pytest.approx(0.1, rel=0.15)
    assert set(found.train["channel"]) == {"chat"}


def test_a_queue_open_on_mondays_is_not_young_for_ever(small_params):
    table = as_known(features_of(make_history(DAYS + 10, queue="new"), small_params))
    mondays = table[(table["weekday"] == 0) & table["y"].notna()]
    assert mondays["date"].nunique() < YOUNG_DAYS
    assert not is_young(mondays)
    assert is_young(mondays[mondays["date"] < "2024-02-15"])


def test_totals_of_a_small_young_queue_are_as_wide_as_they_will_be(small_params):
    """Its neighbours are large and move by days; of its own counts most is chance."""
    params = small_params.override(
        {"models": MODELS, "forecast.paths": 400, "backtest.every_open_days": 5}
    )
    old = [make_history(DAYS, queue=name, seed=seed, rate=400.0) for seed, name in enumerate("ab")]
    new = make_history(DAYS, queue="new", seed=7, rate=1.0)
    history = pd.concat([*old, new[new["ds"] >= END - pd.Timedelta(days=3)]])
    features, events = told_of(history, params)
    means = backtest(features, events, params)
    chosen = plans(means, replay(means, params.select), features, params.select)
    live = live_forecast(features, events, chosen, params)
    paths = live.paths[live.paths["queue"] == "new"]
    by_day = paths.groupby(["path", paths["ds"].dt.date])["offered"].sum()
    mean = by_day.groupby(level=1).mean()
    spread = by_day.groupby(level=1).std()
    # Chance, and days that differ by 5 %.
    true = np.sqrt(mean + (0.05 * mean) ** 2)
    assert (spread / true).mean() < 1.35


def test_series_whose_horizons_differ_lend_what_each_has(small_params):
    horizons = {"1_day": 1, "1_week": 7, "4_weeks": 28}
    params = small_params.override({"backtest.horizons": horizons, "backtest.every_open_days": 5})
    mid = make_history(DAYS, queue="mid", seed=5)
    history = pd.concat([centre(3), mid[mid["ds"] >= END - pd.Timedelta(days=18)]])
    features, events = told_of(history, params)
    means = backtest(features, events, params)
    chosen = plans(means, replay(means, params.select), features, params.select)
    new = next(plan for plan in chosen if plan.series == NEW)
    assert set(new.dependence.shares) == set(new.selection)
