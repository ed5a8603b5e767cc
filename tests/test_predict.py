"""The live forecast is a backtest at the last cutoff."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import backtest
from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.errors import ForecastError
from forecast.features import end_of_history, known_at
from forecast.origins import ahead_of
from forecast.predict import Champion, live_forecast
from forecast.schema import QUANTILES
from forecast.select import CHAMPION, SeriesPlan, plans, replay
from tests.conftest import make_history, raw_event, told_of

SALES = ["2024-01-17", "2024-02-07", "2024-02-21", "2024-03-13"]
AHEAD = pd.Timestamp("2024-04-03")


def chosen_for(told, params):
    means = backtest(*told, params)
    return plans(means, replay(means, params.select), told.features, params.select)


def sale(day, announced_on="2024-01-01", **more):
    end = f"{pd.Timestamp(day) + pd.Timedelta(days=1):%Y-%m-%d}"
    return raw_event(f"sale_{day}", day, end, announced_on, **more)


def champion_of(forecast, target="offered"):
    own = forecast[(forecast["model"] == CHAMPION) & (forecast["target"] == target)]
    return own.sort_values("ds").reset_index(drop=True)


def by_day(forecast, column="mean"):
    own = champion_of(forecast)
    return own.groupby(own["ds"].dt.strftime("%m-%d"))[column].sum()


@pytest.fixture(scope="module")
def promoted(small_history, small_params):
    """Four past sales doubled the contacts; the fifth lies ahead, announced after the last report.

    Calls were a quarter longer on those days.
    """
    on = small_history["ds"].dt.strftime("%Y-%m-%d").isin(SALES)
    calls = small_history["offered"] * (1 + on)
    history = small_history.assign(
        offered=calls,
        answered=calls.astype("float64"),
        talk_s=calls * np.where(on, 250.0, 200.0),
    )
    events = [*(sale(day) for day in SALES), sale(f"{AHEAD:%Y-%m-%d}", "2024-04-01")]
    return told_of(history, small_params, *events)


@pytest.fixture(scope="module")
def promoted_plans(promoted, small_params):
    return chosen_for(promoted, small_params)


@pytest.fixture(scope="module")
def promoted_live(promoted, promoted_plans, small_params):
    return live_forecast(*promoted, promoted_plans, small_params)


@pytest.fixture(scope="module")
def saved(promoted_live, promoted_plans):
    """Return the champion as it comes back from JSON."""
    plan = SeriesPlan.from_json(json.loads(json.dumps(promoted_plans[0].to_json())))
    return Champion.load(plan, 0, json.loads(json.dumps(promoted_live.states)))


def weeks_ahead(features, params):
    cutoff = end_of_history(features)
    return ahead_of(known_at(features, cutoff), cutoff, params.backtest.horizons)


@pytest.fixture(scope="module")
def chosen(small_told, small_params):
    return chosen_for(small_told, small_params)


@pytest.fixture(scope="module")
def live(small_told, chosen, small_params):
    return live_forecast(*small_told, chosen, small_params)


def test_it_covers_every_interval_of_the_horizon(live, small_params):
    champion = live.forecast[live.forecast["model"] == CHAMPION]
    assert len(champion) == 7 * 48
    assert champion["ds"].is_unique
    # The exports tell nothing of handle time: none is forecast.
    assert set(live.forecast["target"]) == {"offered"}
    assert live.paths["aht_s"].isna().all()
    assert len(live.paths) == 7 * 48 * small_params.forecast.paths


@pytest.mark.parametrize("of", ["live", "promoted_live"])
def test_closed_is_zero_with_no_width_and_quantiles_rise(of, request):
    live = request.getfixturevalue(of)
    closed = live.forecast["open_min"] == 0
    numbers = live.forecast[["mean", *QUANTILES]]
    assert (numbers[closed] == 0).all(axis=None)
    assert (live.forecast.loc[closed, "effect_var"] == 0).all()
    assert (np.diff(live.forecast[list(QUANTILES)].to_numpy(), axis=1) >= 0).all()
    assert (numbers[~closed] > 0).all(axis=None)
    paths = live.paths
    assert closed.any()
    assert (paths.loc[paths["open_min"] == 0, "offered"] == 0).all()
    assert (paths.groupby("ds")["open_min"].nunique() == 1).all()


def test_paths_and_forecast_agree_on_the_mean(live):
    champion = live.forecast[live.forecast["model"] == CHAMPION]
    total = live.paths.groupby("path")["offered"].sum().mean()
    assert total == pytest.approx(champion["mean"].sum(), rel=0.02)


def test_the_same_seed_gives_the_same_bytes(live, small_told, chosen, small_params):
    again = live_forecast(*small_told, chosen, small_params)
    pd.testing.assert_frame_equal(again.forecast, live.forecast)
    pd.testing.assert_frame_equal(again.paths, live.paths)
    other = live_forecast(*small_told, chosen, small_params.override({"seed": 2}))
    assert not other.paths["offered"].equals(live.paths["offered"])


def test_the_truth_lies_in_the_band_as_often_as_promised(live, small_features):
    # The centre is known: Poisson around 40 an interval, 5 % day noise.
    end = end_of_history(small_features)
    champion = live.forecast
    champion = champion[(champion["model"] == CHAMPION) & (champion["open_min"] > 0)]
    rng = np.random.default_rng(7)
    slot = champion["ds"].dt.hour * 2 + champion["ds"].dt.minute // 30 - 16
    monday = np.where(champion["ds"].dt.day_of_week == 0, 1.4, 1.0)
    rate = 40 * (1 + 0.5 * np.sin(np.pi * slot / 20)) * monday
    inside = []
    for _ in range(200):
        y = rng.poisson(rate * rng.normal(1, 0.05, 7)[(champion["ds"] - end).dt.days])
        inside.append(((y >= champion["q10"].round()) & (y <= champion["q90"].round())).mean())
    assert 0.78 <= np.mean(inside) <= 0.92


def test_a_series_nobody_selected_for_is_said(small_told, small_params):
    with pytest.raises(ForecastError, match="main/sales/voice was not selected for"):
        live_forecast(*small_told, [], small_params)


def test_the_saved_champion_gives_the_same_forecast(promoted_live, saved, promoted, small_params):
    # Closed intervals and the day of an event included.
    again = saved.predict(weeks_ahead(promoted.features, small_params))
    wanted = champion_of(promoted_live.forecast)
    columns = ["effect", "effect_var", "mean", *QUANTILES]
    is_open = wanted["open_min"] > 0
    pd.testing.assert_frame_equal(again.loc[is_open, columns], wanted.loc[is_open, columns])
    assert (again.loc[~is_open, ["mean", *QUANTILES]] == 0).all(axis=None)
    # Nor does it matter which of the intervals are asked for.
    future = weeks_ahead(promoted.features, small_params)
    alone = saved.predict(future[future["open_min"] > 0])[columns]
    pd.testing.assert_frame_equal(alone, wanted.loc[is_open, columns].reset_index(drop=True))


def test_an_event_announced_after_the_last_report_is_in_the_live_forecast(promoted_live):
    days = by_day(promoted_live.forecast)
    usual = days.drop(f"{AHEAD:%m-%d}").median()
    assert 1.6 * usual < days[f"{AHEAD:%m-%d}"] < 2.4 * usual


@pytest.mark.parametrize(("target", "low", "high"), [("offered", 1.6, 2.4), ("aht_s", 1.15, 1.35)])
def test_the_effect_is_in_every_model_and_its_doubt_in_the_width(promoted_live, target, low, high):
    forecast = promoted_live.forecast[promoted_live.forecast["target"] == target]
    on = forecast["ds"].dt.strftime("%m-%d") == f"{AHEAD:%m-%d}"
    rows = forecast[on & (forecast["open_min"] > 0)]
    assert (rows.groupby("model")["effect"].mean().between(low, high)).all()
    assert (rows["effect_var"] > 0).all()
    assert set(forecast["model"]) == set(rows["model"]) > {"ensemble", CHAMPION}


def test_longer_calls_on_event_days_are_forecast_too(promoted_live):
    days = champion_of(promoted_live.forecast)
    days = days[days["open_min"] > 0].groupby(days["ds"].dt.strftime("%m-%d"))["aht_effect"].mean()
    assert 1.15 < days[f"{AHEAD:%m-%d}"] < 1.3
    assert abs(days["04-01"] - 1) < 0.05
    # Calls last 200 s on other days: the forecast of handle time itself says so.
    lengths = champion_of(promoted_live.forecast, "aht_s")
    lengths = lengths[lengths["open_min"] > 0]
    by_date = lengths.groupby(lengths["ds"].dt.strftime("%m-%d"))["mean"].mean()
    assert by_date[f"{AHEAD:%m-%d}"] == pytest.approx(250, rel=0.06)
    assert by_date["04-01"] == pytest.approx(200, rel=0.04)


def test_what_events_did_is_told_beside_the_forecast(promoted_live):
    told = promoted_live.explained.event_effects
    own = told[(told["pool"] == "event") & (told["target"] == "offered")]
    assert own["event_id"].tolist() == [f"sale_{day}" for day in [*SALES, f"{AHEAD:%Y-%m-%d}"]]
    assert own["during"].between(1.6, 2.4).all()


def test_an_event_moved_after_training_moves_in_the_saved_champion(saved, promoted, small_params):
    future = weeks_ahead(promoted.features, small_params)
    here, there = f"{AHEAD:%m-%d}", "04-05"
    ids = promoted.events["event_id"]
    own = (ids == f"sale_{AHEAD:%Y-%m-%d}").to_numpy()
    two_days = pd.to_timedelta(np.where(own, 2, 0), unit="D")
    moved = promoted.events.assign(
        start=promoted.events["start"] + two_days, end=promoted.events["end"] + two_days
    )
    dropped = promoted.events[~own]
    plain, later, none = (
        by_day(saved.predict(future, events)) for events in (None, moved, dropped)
    )
    usual = none[there]
    assert plain[here] > 1.6 * usual > 1.4 * plain[there]
    assert later[there] > 1.6 * usual
    assert none[here] < 1.2 * usual


def test_other_hours_next_week_reshape_the_forecast_without_new_training(
    saved, promoted_plans, small_history, promoted, small_params
):
    # From Wednesday, the day of the sale, on it closes at 20:00; Sunday is closed.
    usual = small_params.calendars.opening_hours[0].model_dump(include={"days", "opens", "closes"})
    longer = usual | {"days": usual["days"][:-1], "closes": "20:00", "valid_from": "2024-04-03"}
    hours = small_params.override({"calendars.opening_hours": [usual, longer]})
    events = [*(sale(day) for day in SALES), sale(f"{AHEAD:%Y-%m-%d}", "2024-04-01")]
    changed = told_of(small_history, hours, *events)
    before = saved.predict(weeks_ahead(promoted.features, small_params))
    after = saved.predict(weeks_ahead(changed.features, hours))
    clock, day = after["ds"].dt.strftime("%H:%M"), after["ds"].dt.strftime("%m-%d")
    evening = clock.isin(["18:00", "18:30", "19:00", "19:30"])
    numbers = after[["mean", *QUANTILES]]
    new = evening & (day >= "04-03") & (day < "04-07")
    assert (numbers[new] > 0).all(axis=None)
    assert (numbers[evening & (day < "04-03")] == 0).all(axis=None)
    assert (numbers[day == "04-07"] == 0).all(axis=None)
    # The hours that stay, stay as they were.
    rest = ~evening & (day != "04-07")
    assert numbers[rest].equals(before.loc[rest, ["mean", *QUANTILES]])
    # And it is what new training gives.
    fresh = live_forecast(
        promoted.features.assign(open_min=changed.features["open_min"]),
        promoted.events,
        promoted_plans,
        hours,
    )
    wanted = champion_of(fresh.forecast)
    pd.testing.assert_frame_equal(numbers, wanted[["mean", *QUANTILES]])


def test_a_day_in_doubt_has_a_wider_band_and_the_same_middle(
    small_told, chosen, live, small_params
):
    features = small_told.features
    unsure = features.assign(doubt=np.where(features["date"] == "2024-04-03", 0.3, 0.0))
    given = live_forecast(unsure, small_told.events, chosen, small_params)
    one, two = champion_of(live.forecast), champion_of(given.forecast)
    is_open = one["open_min"] > 0
    here = (one["ds"].dt.strftime("%m-%d") == "04-03") & is_open
    extra = two["effect_var"] - one["effect_var"]
    np.testing.assert_allclose(extra[here], 0.3 * 0.7 / 4)
    assert (extra[~here] == 0).all()
    width = [rows["q90"] - rows["q10"] for rows in (one, two)]
    assert (width[1] > 1.3 * width[0])[here].all()
    assert width[1][~here].equals(width[0][~here])
    np.testing.assert_allclose(two["q50"], one["q50"], rtol=0.01)
    spread = [paths[paths["ds"].isin(one.loc[here, "ds"])].groupby("path")["offered"].sum().std()
              for paths in (live.paths, given.paths)]  # fmt: skip
    assert spread[1] > 1.3 * spread[0]


def test_what_was_announced_when_does_not_matter_to_who_looks_now(
    promoted, promoted_plans, promoted_live, small_params
):
    # The last word of the calendar counts, even if it is dated after the history.
    late = promoted.events["announced"].max() + pd.Timedelta(days=30)
    again = live_forecast(
        promoted.features.assign(known=late),
        promoted.events.assign(announced=late),
        promoted_plans,
        small_params,
    )
    pd.testing.assert_frame_equal(again.forecast, promoted_live.forecast)


def test_the_saved_champion_takes_the_table_of_events_as_it_is_filed(saved, promoted, small_params):
    # With what was said before a move, and with the events of other queues.
    future = weeks_ahead(promoted.features, small_params)
    ids = promoted.events["event_id"]
    own = promoted.events[ids == f"sale_{AHEAD:%Y-%m-%d}"]
    two_days = pd.Timedelta(days=2)
    replaced = own.assign(
        start=own["start"] - two_days,
        end=own["end"] - two_days,
        announced=own["announced"] - two_days,
        withdrawn=own["announced"],
    )
    other = own.assign(queue="other", start=own["start"] + two_days, end=own["end"] + two_days)
    filed = pd.concat([promoted.events, replaced, other], ignore_index=True)
    pd.testing.assert_frame_equal(
        saved.predict(future, filed), saved.predict(future, promoted.events)
    )


def test_a_kind_that_is_kept_out_has_no_effect(
    promoted, promoted_plans, promoted_live, small_params
):
    # Of an outage nothing can be learned: it is not taken for a sale.
    planned = promoted.events.tail(1).assign(
        event_id="maintenance",
        kind="outage",
        pool="event",
        start=(AHEAD + pd.Timedelta(days=1)).as_unit("us"),
        end=(AHEAD + pd.Timedelta(days=2)).as_unit("us"),
    )
    events = pd.concat([promoted.events, planned], ignore_index=True)
    again = live_forecast(promoted.features, events, promoted_plans, small_params)
    pd.testing.assert_frame_equal(again.forecast, promoted_live.forecast)
    assert "maintenance" not in set(again.explained.event_effects["event_id"])


def test_longer_calls_of_an_event_that_goes_on_count_once(small_params):
    # Calls are half as long again since the campaign began, more than eight weeks ago.
    params = small_params.override({"capacity.aht_s": None, "capacity.assumed": []})
    history = make_history(180)
    day = history["ds"].dt.tz_localize(None)
    spells = [("2024-01-20", 5), ("2024-02-20", 5), ("2024-03-20", 5), ("2024-04-25", 100)]
    on = pd.Series(data=False, index=history.index)
    campaigns = []
    for first, days in spells:
        start, end = pd.Timestamp(first), pd.Timestamp(first) + pd.Timedelta(days=days)
        on |= (day >= start) & (day < end)
        campaigns.append(raw_event(first, first, f"{end:%Y-%m-%d}", "2024-01-01", kind="campaign"))
    calls = history["offered"].astype("float64")
    history = history.assign(answered=calls, talk_s=calls * np.where(on, 300.0, 200.0))
    open_always = params.override({"calendars.open_on_holidays": "all"})
    told = told_of(history, open_always, *campaigns)
    live = live_forecast(*told, chosen_for(told, open_always), open_always)
    measured = aht_by_series(history, open_always.capacity)
    for forecast_aht in (False, True):
        demand = demand_of(
            live.paths, measured, aht_effect=live.forecast, forecast_aht=forecast_aht
        )
        assert demand.aht_s.mean() == pytest.approx(300, rel=0.05)
