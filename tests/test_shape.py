"""The shape of a day, learned from simulated counts whose shape is known."""

import json

import numpy as np
import pandas as pd
import pytest

from forecast.models.shape import DayShape

STEP, OPENS, SLOTS = 30, 8 * 60, 24
START = pd.Timestamp("2024-01-01").as_unit("us")


def true_shape(weekday, slot_min):
    """Return two humps, of which the second is lower on Saturdays and Sundays."""
    at = (slot_min - OPENS) / (SLOTS * STEP)
    second = np.where(weekday >= 5, 0.2, 0.6)
    return 0.3 + np.exp(-(((at - 0.25) / 0.12) ** 2)) + second * np.exp(-(((at - 0.7) / 0.15) ** 2))


def days_of(weeks, per_interval, *, seed=1, weekdays=range(7)):
    """Return counts around the true shape at an average level, and what the level lets expect."""
    rng = np.random.default_rng(seed)
    date = np.repeat(pd.date_range(START, periods=7 * weeks, unit="us"), SLOTS)
    rows = pd.DataFrame(
        {"date": date, "slot_min": OPENS + STEP * np.tile(np.arange(SLOTS), 7 * weeks)}
    )
    rows = rows.assign(weekday=rows["date"].dt.day_of_week)
    rows = rows[rows["weekday"].isin(list(weekdays))].reset_index(drop=True)
    due = np.full(len(rows), float(per_interval))
    mean = due * true_shape(rows["weekday"].to_numpy(), rows["slot_min"].to_numpy())
    return rows.assign(y=rng.poisson(mean).astype("float64")), due


def week(weekdays=range(7)):
    """Return every weekday and time once."""
    return days_of(1, 1.0, weekdays=weekdays)[0]


def missed(shape, asked):
    """Return the root of the mean squared relative error of a shape."""
    true = true_shape(asked["weekday"].to_numpy(), asked["slot_min"].to_numpy())
    return float(np.sqrt(np.mean((shape / true - 1) ** 2)))


def raw(known, due):
    """Return the plain share of each weekday and time: counts over what was due."""
    sums = known.assign(due=due).groupby(["weekday", "slot_min"])[["y", "due"]].sum()
    return (sums["y"] / sums["due"]).to_numpy()


@pytest.mark.parametrize("seed", [1, 2])
def test_where_calls_are_few_it_is_far_nearer_the_truth_than_a_table_of_means(seed):
    # Eight weeks of one or two calls: a table's numbers are off by a third.
    known, due = days_of(8, 1.5, seed=seed)
    plain = missed(raw(known, due), week())
    assert plain > 0.25
    found = DayShape.of(known, due, memory_days=1e6).at(week())
    assert missed(found, week()) < 0.5 * plain


def test_where_calls_are_many_it_is_the_table_of_means():
    known, due = days_of(20, 4000)
    found = DayShape.of(known, due, memory_days=1e6).at(week())
    np.testing.assert_allclose(found, raw(known, due), rtol=0.01)
    # 80 000 calls in each: by chance alone the table is off by 0.35 %.
    assert missed(found, week()) <= missed(raw(known, due), week())


def test_a_weekday_has_its_own_shape_where_there_are_calls_to_tell():
    known, due = days_of(12, 60)
    asked = week()
    found = pd.Series(DayShape.of(known, due, memory_days=1e6).at(asked), index=asked.index)
    afternoon = asked["slot_min"].between(OPENS + 15 * STEP, OPENS + 19 * STEP)
    own, other = (found[afternoon & (asked["weekday"] == day)].mean() for day in (6, 2))
    true_own, true_other = (
        true_shape(np.array([day]), asked.loc[afternoon, "slot_min"].to_numpy()).mean()
        for day in (6, 2)
    )
    assert own == pytest.approx(true_own, rel=0.04)
    assert other == pytest.approx(true_other, rel=0.04)
    assert own < 0.75 * other


def test_a_weekday_never_seen_has_the_shape_that_the_others_share():
    known, due = days_of(12, 30, weekdays=range(4))
    shape = DayShape.of(known, due, memory_days=1e6)
    friday = shape.at(week([4]))
    # Monday to Friday are alike in truth.
    assert missed(friday, week([4])) < 0.08
    common = np.exp(np.log(shape.at(week(range(4))).reshape(4, SLOTS)).mean(axis=0))
    np.testing.assert_allclose(friday, common, rtol=0.05)


def test_a_time_never_seen_lies_with_its_neighbours():
    known, due = days_of(12, 40)
    noon = OPENS + 12 * STEP
    here = known["slot_min"] != noon
    shape = DayShape.of(known[here], due[here.to_numpy()], memory_days=1e6)
    asked = week()
    found = shape.at(asked[asked["slot_min"] == noon])
    beside = [shape.at(asked[asked["slot_min"] == noon + by]) for by in (-STEP, STEP)]
    assert (np.minimum(*beside) * 0.9 < found).all()
    assert (found < np.maximum(*beside) * 1.1).all()


def test_old_days_count_less():
    # The second hump went half a year ago.
    known, due = days_of(40, 50)
    old = known["date"] < START + pd.Timedelta(weeks=20)
    late = known["slot_min"] > OPENS + 14 * STEP
    fewer = np.random.default_rng(2).binomial(known["y"].astype("int64"), 0.4).astype("float64")
    known = known.assign(y=known["y"].mask(~old & late, fewer))
    asked = week([2])
    evening = (asked["slot_min"] > OPENS + 14 * STEP).to_numpy()
    whole, recent = (
        DayShape.of(known, due, memory_days=days).at(asked)[evening] for days in (1e6, 30)
    )
    true = true_shape(np.array([2]), asked.loc[evening, "slot_min"].to_numpy())
    assert (recent / true).mean() == pytest.approx(0.4, abs=0.04)
    assert (whole / true).mean() == pytest.approx(0.7, abs=0.05)


def test_nobody_calls_at_night_and_nothing_breaks():
    known, due = days_of(8, 5)
    night = known["slot_min"] < OPENS + 4 * STEP
    shape = DayShape.of(known.assign(y=known["y"].mask(night, 0.0)), due, memory_days=100)
    asked = week()
    found = shape.at(asked)
    assert np.isfinite(found).all()
    assert (found > 0).all()
    assert (found[(asked["slot_min"] < OPENS + 3 * STEP).to_numpy()] < 0.1).all()
    none = DayShape.of(known.assign(y=0.0), due, memory_days=100).at(asked)
    assert np.isfinite(none).all()
    assert (none < 0.05).all()


def test_the_same_counts_give_the_same_bits_and_survive_json():
    known, due = days_of(6, 4)
    one, two = (DayShape.of(known, due, memory_days=150) for _ in range(2))
    assert np.array_equal(one.pull, two.pull)
    assert one.scales == two.scales
    back = DayShape.from_state(json.loads(json.dumps(one.to_state())))
    assert np.array_equal(back.at(week()), one.at(week()))
    assert back.to_state() == one.to_state()


@pytest.mark.parametrize("per_interval", [2.0, 60.0])
def test_bands_hold_the_true_shape_and_narrow_with_calls(per_interval):
    inside, width = [], []
    for seed in range(4):
        known, due = days_of(8, per_interval, seed=seed)
        told = DayShape.of(known, due, memory_days=1e6).bands(week())
        true = true_shape(week()["weekday"].to_numpy(), week()["slot_min"].to_numpy())
        inside.append(((told["factor_q05"] <= true) & (true <= told["factor_q95"])).mean())
        width.append(np.log(told["factor_q95"] / told["factor_q05"]).mean())
    assert np.mean(inside) >= 0.85
    assert np.mean(width) < 4 / np.sqrt(8 * per_interval)
    known, due = days_of(8, per_interval, weekdays=range(5))
    weekend = DayShape.of(known, due, memory_days=1e6).bands(week()).loc[week()["weekday"] >= 5]
    assert weekend["factor"].notna().all()
    assert weekend["factor_q05"].isna().all()
