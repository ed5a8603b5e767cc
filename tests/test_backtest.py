"""What a cutoff gives hangs on nothing that was counted, announced or moved after it."""

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import backtest, expected_at
from forecast.effects.learn import Effects
from forecast.errors import ForecastError
from forecast.schema import MEANS
from tests.conftest import raw_event, told_of

SALES = ["2024-01-17", "2024-02-07", "2024-02-21", "2024-03-06"]
MODELS = {"seasonal_naive": {}, "same_weekday_mean": {"weeks": 4}, "lightgbm": {}, "prophet": {}}
PLAIN = {"same_weekday_mean": {"weeks": 4}}


def sale(event_id, day, announced_on):
    end = f"{pd.Timestamp(day) + pd.Timedelta(days=1):%Y-%m-%d}"
    return raw_event(event_id, day, end, announced_on)


def at(day):
    return pd.Timestamp(day, tz="UTC")


@pytest.fixture(scope="module")
def past_sales():
    return [sale(f"sale_{number}", day, "2024-01-02") for number, day in enumerate(SALES)]


@pytest.fixture(scope="module")
def history(small_history):
    """Return a history in which four sales doubled the contacts."""
    on = small_history["ds"].dt.strftime("%Y-%m-%d").isin(SALES)
    return small_history.assign(offered=small_history["offered"] * (1 + on))


@pytest.fixture(scope="module")
def moved(history, small_params, past_sales):
    """Return features and events with a fifth sale, announced for the 20th, moved to the 25th."""
    rows = [sale("next", "2024-03-20", "2024-03-01"), sale("next", "2024-03-25", "2024-03-15")]
    return told_of(history, small_params, *past_sales, *rows)


def effect_by_day(told, cutoff):
    means = expected_at(*told, at(cutoff), PLAIN, {"all": 28}, seed=1).means
    return means.groupby(means["ds"].dt.strftime("%m-%d"))["effect"].mean()


def test_a_moved_event_acts_where_it_was_said_to_be_then(moved):
    before, after = effect_by_day(moved, "2024-03-14"), effect_by_day(moved, "2024-03-15")
    assert 1.6 < before["03-20"] < 2.4
    assert 1.6 < after["03-25"] < 2.4
    assert 0.85 < before["03-25"] < 1.15
    assert 0.85 < after["03-20"] < 1.15


def test_an_event_is_unseen_until_it_is_announced(moved):
    before, after = (effect_by_day(moved, day) for day in ("2024-02-29", "2024-03-01"))
    assert 0.85 < before["03-20"] < 1.15
    assert 1.6 < after["03-20"] < 2.4
    # The sale of the 6th had been announced long before both.
    assert before["03-06"] > 1.6


def test_means_are_the_models_times_the_effect(moved):
    made = expected_at(*moved, at("2024-03-15"), MODELS, {"all": 14}, seed=1)
    assert isinstance(made.effects, Effects)
    usual = made.means["raw_mean"] / made.means["effect"]
    by_day = usual.groupby(made.means["ds"].dt.strftime("%m-%d")).mean()
    mondays = by_day.loc[["03-18", "03-25"]]
    assert mondays.max() < 1.15 * mondays.min()
    assert (made.means["effect_var"] > 0).any()


@pytest.mark.parametrize("cutoff", ["2024-03-07", "2024-03-19"])
def test_nothing_from_the_cutoff_on_changes_the_means(
    moved, history, small_params, past_sales, cutoff
):
    # Every later count is another, the sale is moved again, and two more are announced.
    rows = [sale("next", "2024-03-20", "2024-03-01"), sale("next", "2024-03-25", "2024-03-15")]
    told_later = [
        sale("next", "2024-03-22", "2024-03-20"),
        sale("other", "2024-03-21", "2024-03-20"),
        raw_event("past", "2024-03-01", "2024-03-03", "2024-03-20", kind="billing"),
    ]
    changed = history.assign(
        offered=history["offered"].where(history["ds"] < at(cutoff), history["offered"] * 3 + 50)
    )
    other = told_of(changed, small_params, *past_sales, *rows, *told_later)
    made = [
        expected_at(*told, at(cutoff), MODELS, {"1_day": 1, "1_week": 7}, seed=1).means
        for told in (moved, other)
    ]
    given = [means.drop(columns="y") for means in made]
    pd.testing.assert_frame_equal(*given, check_exact=True)
    assert not made[0]["y"].equals(made[1]["y"])


def test_the_backtest_is_expected_at_every_cutoff(moved, small_params):
    means = backtest(*moved, small_params)
    assert means.equals(MEANS.validate(means))
    cutoff = means["cutoff"].max()
    own = expected_at(
        *moved, cutoff, small_params.models, small_params.backtest.horizons, seed=small_params.seed
    ).means
    again = means[means["cutoff"] == cutoff].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, MEANS.validate(own))
    on = means["ds"].dt.strftime("%m-%d").isin(["03-06"]) & (means["cutoff"] > at("2024-02-23"))
    assert means.loc[on, "effect"].between(1.6, 2.4).all()


def test_without_any_event_no_model_is_touched(moved):
    none = moved.events.head(0)
    made = expected_at(moved.features, none, at("2024-03-14"), PLAIN, {"all": 7}, seed=1)
    assert made.effects is None
    assert (made.means["effect"] == 1).all()
    assert (made.means["effect_var"] == 0).all()


def test_no_open_interval_ahead_is_said_by_name(moved):
    shut = moved.features.assign(
        open_min=np.where(moved.features["ds"] >= at("2024-03-14"), 0, moved.features["open_min"])
    )
    with pytest.raises(ForecastError, match="main/sales/voice has no history before the cutoff"):
        expected_at(shut, moved.events, at("2024-03-14"), PLAIN, {"all": 7}, seed=1)
