"""What would mislead a model is found, and what is ordinary is left alone."""

import numpy as np
import pandas as pd
import pytest

from forecast.backtest import expected_at
from forecast.effects.faults import lost_days, without_faults
from forecast.models import create
from forecast.recovery import recovered
from forecast.schema import EVENTS
from tests.effects.worlds import START, events, queue

DAY = pd.Timedelta(days=1)


def at(features, days):
    return features["date"] >= START + days * DAY


def busy(days=120, seed=4):
    """Return FEATURES of a queue with about 40 contacts an hour, a weekday's pattern, and noise."""
    features = queue(days, seed=seed)
    rng = np.random.default_rng(seed)
    level = {d: 40 * np.exp(rng.normal(0, 0.05)) for d in features["date"].unique()}
    weekday = 1 + 0.1 * features["weekday"]
    rate = features["date"].map(level) * weekday
    counts = rng.poisson(np.where(features["open_min"] > 0, rate, 0.0)).astype("float64")
    return features.assign(y=counts)


def test_an_ordinary_history_is_left_as_it_is():
    for seed in range(8):
        features = busy(seed=seed)
        found = recovered(features)
        pd.testing.assert_frame_equal(found.train, features)
        assert (
            len(found.absurd)
            == len(found.dead)
            == len(found.lost)
            == len(found.odd)
            == len(found.shifts)
            == 0
        )


@pytest.mark.parametrize("factor", [3.0, 0.4])
@pytest.mark.parametrize("days_after", [3, 5, 20])
def test_a_level_that_shifted_is_found_within_days_and_taken_over(factor, days_after):
    features = busy()
    since = 120 - days_after
    shifted = features.assign(y=features["y"] * np.where(at(features, since), factor, 1.0))
    found = recovered(shifted)
    assert found.shifts["date"].tolist() == [START + since * DAY]
    assert found.shifts["factor"].iloc[0] == pytest.approx(factor, rel=0.15)
    before = ~at(features, since)
    ratio = found.train.loc[before, "y"].sum() / features.loc[before, "y"].sum()
    assert ratio == pytest.approx(factor, rel=0.15)


def billed(features, day=10, times=1.8):
    """Return FEATURES of a queue that sends its bills on a day of the month, or on Monday after."""
    date = features["date"].drop_duplicates()
    due = date[date.dt.day == day]
    sent = due + pd.to_timedelta((7 - due.dt.day_of_week) * (due.dt.day_of_week > 4), unit="D")
    return sent, features.assign(
        y=features["y"] * np.where(features["date"].isin(sent), times, 1.0)
    )


def test_days_that_come_again_every_month_are_not_odd():
    sent, features = billed(busy(210))
    found = recovered(features)
    assert found.odd.empty
    pd.testing.assert_frame_equal(found.train, features)
    future = features[features["date"].isin(sent[-1:])]
    train = recovered(features[features["date"] < sent.iloc[-1]]).train
    ahead = create("lightgbm", {}, seed=1).fit(train).predict(future).sum()
    plain = busy(210)
    usual = plain.loc[plain["date"].isin(sent[-1:]), "y"].sum()
    assert ahead / usual > 1.3


def test_an_odd_day_beside_billing_days_is_odd():
    _, features = billed(busy(210))
    features = features.assign(
        y=features["y"] * np.where(features["date"] == START + 117 * DAY, 2.5, 1)
    )
    assert recovered(features).odd["date"].tolist() == [START + 117 * DAY]


def test_once_in_three_months_is_odd():
    features = busy(120)
    days = [START + 40 * DAY]
    features = features.assign(y=features["y"] * np.where(features["date"].isin(days), 2.5, 1.0))
    assert recovered(features).odd["date"].tolist() == days


def test_two_odd_days_are_no_new_level():
    features = busy()
    odd = features["date"].isin([START + 60 * DAY, START + 90 * DAY])
    found = recovered(features.assign(y=features["y"] * np.where(odd, 2.5, 1.0)))
    assert found.shifts.empty
    assert found.odd["date"].tolist() == [START + 60 * DAY, START + 90 * DAY]
    assert found.odd["factor"].to_numpy() == pytest.approx([2.5, 2.5], rel=0.2)
    mended = found.train.loc[odd, "y"].sum() / features.loc[odd, "y"].sum()
    assert mended == pytest.approx(1.0, rel=0.15)


def test_a_count_that_cannot_be_is_left_out():
    features = busy()
    place = features.index[features["open_min"] > 0][500]
    found = recovered(features.assign(y=features["y"].where(features.index != place, 1e9)))
    assert found.absurd["ds"].tolist() == [features.loc[place, "ds"]]
    assert np.isnan(found.train.loc[place, "y"])
    assert found.train["y"].drop(place).equals(features["y"].drop(place))


def test_a_busy_quarter_of_an_hour_is_not_absurd():
    features = busy()
    place = features.index[features["open_min"] > 0][500]
    found = recovered(features.assign(y=features["y"].where(features.index != place, 300.0)))
    assert found.absurd.empty


def test_days_before_a_queue_was_in_use_do_not_count():
    features = busy(200)
    dead = ~at(features, 160)
    found = recovered(features.assign(y=features["y"].where(~dead, 0.0)))
    assert found.train.loc[dead & (features["open_min"] > 0), "y"].isna().all()
    assert found.train.loc[~dead, "y"].equals(features.loc[~dead, "y"])
    assert len(found.dead) == features.loc[dead & (features["open_min"] > 0), "date"].nunique()


def test_a_queue_dead_up_to_now_and_days_without_a_call_by_chance_are_believed():
    features = busy()
    silent = recovered(features.assign(y=features["y"].where(~at(features, 100), 0.0)))
    assert silent.dead.empty
    rare = features.assign(y=(features["y"] > 58).astype("float64"))
    assert recovered(rare).dead.empty


def counted(y, *, every=1, holidays=()):
    """Return FEATURES of a queue with one interval a day and the counts given."""
    features = queue(len(y) * every, seed=None)
    rows = features[features["slot_min"] == 600].iloc[::every].reset_index(drop=True)
    days = START + pd.to_timedelta(list(holidays), unit="D")
    return rows.assign(
        y=np.asarray(y, dtype="float64"), holiday_open=rows["date"].isin(days).astype("int64")
    )


def lost(y, **how):
    """Return the numbers of the days lost."""
    found = counted(y, **how)
    return found.index[found["date"].isin(lost_days(found))].tolist()


def test_a_day_without_a_contact_among_hundreds_is_lost_wherever_it_stands():
    for place in (0, 7, 57, 111, 119):
        y = np.random.default_rng(place).poisson(1000, 120)
        y[place] = 0
        assert lost(y) == [place]


@pytest.mark.parametrize("mean", [1, 2, 5, 20])
def test_silent_days_of_small_queues_are_chance(mean):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = rng.poisson(mean * rng.gamma(2, 1 / 2, 300))
        y[[100, 299]] = 0
        assert lost(y) == []


def test_ordinary_queues_lose_fewer_days_than_one_in_a_thousand():
    # Levels that differ by half of their mean, as the rule takes them to, and none lost in truth.
    rng = np.random.default_rng(8)
    found = [len(lost(rng.poisson(50 * rng.gamma(4, 1 / 4, 300)))) for _ in range(40)]
    assert sum(found) / (40 * 300) < 1e-3


def test_a_last_run_of_three_silent_days_is_believed_and_holidays_do_not_count():
    y = np.full(120, 800)
    y[-2:] = 0
    assert lost(y) == [118, 119]
    y[-3:] = 0
    assert lost(y) == []
    assert lost(y, holidays=[118]) == [117, 118, 119]
    # With contacts after it the same run was lost.
    y[-1] = 800
    assert lost(y) == [117, 118]


def test_days_that_are_often_silent_are_the_queues_way():
    alternate = np.full(210, 500)
    alternate[5::14] = 0
    assert lost(alternate) == []
    every_eighth = np.full(210, 500)
    every_eighth[4::8] = 0
    assert lost(every_eighth) == []


@pytest.mark.parametrize("name", ["day_level", "same_weekday_mean", "seasonal_naive", "lightgbm"])
@pytest.mark.parametrize("told", ["nothing", "a holiday the day before", "a holiday on the day"])
def test_lost_days_move_the_next_days_by_little(name, told):
    # The last day is lost, and so was the same day after an earlier holiday.
    features = busy(127, seed=6)
    before = {"nothing": None, "a holiday the day before": 1, "a holiday on the day": 0}[told]
    lost_on = [START + day * DAY for day in (77, 119)]
    rows = [] if before is None else [day - before * DAY for day in lost_on]
    about = events(*[{"kind": "holiday", "pool": "holiday", "start": day} for day in rows])
    features = features.assign(holiday_open=features["date"].isin(rows).astype("int64"))
    cutoff = features.loc[at(features, 120), "ds"].min()

    def ahead(history):
        made = expected_at(history, about, cutoff, {name: {}}, {"1_week": 7}, seed=1)
        return made.means["raw_mean"].sum(), made.recovered.table("offered")["what"].tolist()

    dead = features.assign(y=features["y"].mask(features["date"].isin(lost_on), 0.0))
    (with_it, said), (without, _) = ahead(dead), ahead(features)
    assert with_it == pytest.approx(without, rel=0.05)
    assert said == ["lost day", "lost day"]


def test_a_lost_day_after_a_holiday_teaches_no_effect_and_one_on_it_does():
    features = busy(120)
    holiday = {"kind": "holiday", "pool": "holiday", "start": START + 60 * DAY}
    silent = features["date"].isin([START + 60 * DAY, START + 61 * DAY])
    dead = features.assign(y=features["y"].mask(silent, 0.0))
    told = without_faults(dead, events(holiday))
    assert told.loc[told["date"] == START + 60 * DAY, "y"].sum() == 0
    assert told.loc[told["date"] == START + 60 * DAY, "y"].notna().all()
    assert told.loc[told["date"] == START + 61 * DAY, "y"].isna().all()
    untold = without_faults(dead, EVENTS.empty())
    assert untold.loc[silent, "y"].isna().all()


@pytest.mark.parametrize("name", ["day_level", "same_weekday_mean", "seasonal_naive"])
def test_a_queue_switched_off_is_forecast_near_zero_from_its_third_day_on(name):
    features = busy(127)
    cutoff = features.loc[at(features, 120), "ds"].min()

    def ahead(silent_days):
        off = features.assign(y=features["y"].where(~at(features, 120 - silent_days), 0.0))
        models = {name: {}}
        made = expected_at(off, EVENTS.empty(), cutoff, models, {"1_week": 7}, seed=1)
        return made.means["raw_mean"].sum()

    usual = ahead(0)
    assert ahead(2) == pytest.approx(usual, rel=0.1)
    for silent_days in (3, 5, 20):
        assert ahead(silent_days) < 0.02 * usual


@pytest.mark.parametrize("name", ["day_level", "same_weekday_mean", "seasonal_naive"])
def test_three_days_after_a_shift_every_model_is_near_the_new_level(name):
    features = busy(127)
    shifted = features.assign(y=features["y"] * np.where(at(features, 117), 3.0, 1.0))
    train, future = shifted[~at(features, 120)], shifted[at(features, 120)]

    def missed(history):
        mean = create(name, {}, seed=1).fit(history).predict(future.assign(y=np.nan))
        return (mean - future["y"]).abs().sum() / future["y"].sum()

    assert missed(recovered(train).train) < 0.25
    assert missed(recovered(train).train) <= missed(train) + 0.02
