"""The Poisson part of the counts is not staffed for twice."""

import warnings

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.errors import InputError
from forecast.params import CapacityParams
from forecast.schema import PATHS

KEY = ("a", "b", "voice")


def paths_of(counts, open_min=30.0, aht_s=np.nan):
    """Return PATHS of one series from arrays (paths x intervals)."""
    n, slots = counts.shape
    start = pd.Timestamp("2024-01-01 08:00", tz="UTC").as_unit("us")
    ds = [start + pd.Timedelta(minutes=30 * i) for i in range(slots)]
    frame = pd.DataFrame(
        {
            "site": "a",
            "queue": "b",
            "channel": "voice",
            "path": np.repeat(np.arange(n), slots),
            "ds": pd.Series(ds * n, dtype="datetime64[us, UTC]"),
            "open_min": open_min,
            "offered": counts.ravel(),
            "aht_s": np.broadcast_to(aht_s, counts.shape).ravel(),
        }
    )
    return PATHS.validate(frame)


def test_the_rates_spread_is_recovered_from_the_counts():
    rng = np.random.default_rng(1)
    rate = rng.normal(200, 20, (4000, 3))
    demand = demand_of(paths_of(rng.poisson(rate)), {KEY: 240.0})
    np.testing.assert_allclose(demand.rate.std(axis=1), 20, rtol=0.05)
    np.testing.assert_allclose(demand.rate.mean(axis=1), 200, rtol=0.01)


def test_a_certain_rate_leaves_no_spread():
    rng = np.random.default_rng(2)
    demand = demand_of(paths_of(rng.poisson(100, (4000, 2))), {KEY: 240.0})
    assert (demand.rate.std(axis=1) < 3).all()  # of the counts' 10


def test_load_is_contacts_times_handle_time_over_the_open_time():
    counts = np.full((5, 1), 120)
    assert demand_of(paths_of(counts), {KEY: 300.0}).load_erlangs[0, 0] == pytest.approx(20)
    # The same contacts in the five minutes that are open: six times the load.
    short = demand_of(paths_of(counts, open_min=5.0), {KEY: 300.0})
    assert short.load_erlangs[0, 0] == pytest.approx(120)


def test_what_events_do_to_handle_time_is_in_the_load():
    counts = np.full((5, 3), 120)
    paths = paths_of(counts)
    effects = paths.loc[paths["path"] == 0, ["site", "queue", "channel", "ds"]]
    # Rows of all models of FORECAST may be given, and intervals that nobody names have none.
    effects = effects.assign(target="offered", aht_effect=[1.0, 1.5, 0.5]).iloc[[2, 1]]
    # In the rows of handle time itself the effect is in the forecast already.
    timed = effects.assign(target="aht_s", aht_effect=9.0)
    plain = demand_of(paths, {KEY: 300.0})
    changed = demand_of(paths, {KEY: 300.0}, aht_effect=pd.concat([timed, effects, effects]))
    np.testing.assert_allclose(changed.aht_s, [300, 450, 150])
    np.testing.assert_allclose(changed.load_erlangs[:, 0], plain.load_erlangs[:, 0] * [1, 1.5, 0.5])
    np.testing.assert_array_equal(changed.rate, plain.rate)


def test_handle_time_effects_belong_to_their_series():
    counts = np.full((5, 2), 120)
    both = pd.concat([paths_of(counts), paths_of(counts).assign(queue="c")])
    effects = both.drop_duplicates(["queue", "ds"]).assign(
        target="offered", aht_effect=lambda rows: np.where(rows["queue"] == "c", 2.0, 1.0)
    )
    ahts = {KEY: 300.0, ("a", "c", "voice"): 100.0}
    assert demand_of(both, ahts, aht_effect=effects).aht_s.tolist() == [300, 300, 200, 200]


def test_each_paths_contacts_meet_its_own_handle_times():
    # 90 contacts of 200 s and 110 of 400 s in half an hour: 10 and 24.4 erlangs, and not the
    # 15 and 18.3 that their mean of 300 s would make.
    counts = np.repeat([[90, 90], [110, 110]], 500, axis=0)
    lengths = np.repeat([[200.0, 100.0], [400.0, 100.0]], 500, axis=0)
    paths = paths_of(counts, aht_s=lengths)
    told = demand_of(paths, {KEY: 240.0}, forecast_aht=True)
    np.testing.assert_allclose(told.aht_s, [300, 100])
    # Of the counts' spread of 10 a certain rate's chance would leave nothing: it is taken off.
    np.testing.assert_allclose(told.load_erlangs, told.rate * lengths.T / 1800)
    assert told.load_erlangs[0].mean() == pytest.approx(
        (told.rate[0] * lengths[:, 0]).mean() / 1800
    )
    louder = told.scaled(where=np.array([True, False]), volume=2.0, aht=1.1)
    np.testing.assert_allclose(louder.load_erlangs[0], 2.2 * told.load_erlangs[0])
    np.testing.assert_allclose(louder.load_erlangs[1], told.load_erlangs[1])


def test_forecast_handle_times_hold_only_where_they_are_asked_for_and_there():
    counts = np.full((4, 3), 120)
    lengths = np.array([[np.nan, 200.0, 100.0]] * 2 + [[np.nan, 300.0, 100.0]] * 2)
    effects = paths_of(counts).drop_duplicates("ds").assign(target="offered", aht_effect=1.5)
    own = {"aht_effect": effects}
    paths = paths_of(counts, aht_s=lengths)
    # Where the paths have none, the measured one and what events do to it.
    told = demand_of(paths, {KEY: 240.0}, forecast_aht=True, **own)
    assert told.aht_s.tolist() == [360, 250, 100]
    assert (told.aht_factor[0] == 1).all()
    assert demand_of(paths, {KEY: 240.0}, **own).aht_s.tolist() == [360, 360, 360]
    none = demand_of(paths_of(counts), {KEY: 240.0}, forecast_aht=True)
    assert none.aht_s.tolist() == [240, 240, 240]
    assert none.aht_factor is None


def test_closed_intervals_need_nobody_and_count_as_time():
    counts = np.zeros((3, 96), dtype=int)
    counts[:, :20] = 50
    paths = paths_of(counts).assign(open_min=lambda p: np.where(p["offered"] > 0, 30.0, 0.0))
    demand = demand_of(paths, {KEY: 240.0})
    assert len(demand.intervals) == 20
    assert demand.weeks == pytest.approx(2 / 7)


def test_four_weeks_are_four_weeks_over_a_clock_change():
    # 28 local days around the end of summer time in New York: 673 hours.
    counts = np.full((3, 2), 50)
    ends = ["2003-10-25 04:00", "2003-11-22 04:30"]
    paths = paths_of(counts).assign(ds=pd.to_datetime(ends * 3, utc=True))
    assert demand_of(paths, {KEY: 240.0}).weeks == 4


def test_a_part_of_handle_time_that_some_rows_lack_is_not_taken_for_zero(small_history):
    half = np.where(small_history.index % 2 == 0, 500.0, np.nan)
    timed = small_history.assign(answered=10.0, talk_s=2000.0, wrap_s=half)
    measured = CapacityParams(cost_per_paid_hour=1, currency="EUR")
    assert aht_by_series(timed, measured) == {("main", "sales", "voice"): 250.0}


def test_handle_time_is_measured_where_it_is_not_assumed(small_history):
    timed = small_history.assign(answered=10.0, talk_s=2000.0, hold_s=100.0, wrap_s=400.0)
    measured = CapacityParams(cost_per_paid_hour=1, currency="EUR")
    assert aht_by_series(timed, measured) == {("main", "sales", "voice"): 250.0}
    assumed = measured.model_copy(update={"aht_s": 99.0})
    assert aht_by_series(timed, assumed) == {("main", "sales", "voice"): 99.0}


def test_handle_time_that_is_nowhere_is_said_by_queue(small_history):
    measured = CapacityParams(cost_per_paid_hour=1, currency="EUR")
    with pytest.raises(InputError, match="no handle time for main/sales/voice"):
        aht_by_series(small_history, measured)


def test_one_path_is_taken_as_it_is():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        demand = demand_of(paths_of(np.array([[0, 12, 200]])), {KEY: 240.0})
    assert demand.rate.ravel().tolist() == [0, 12, 200]


def test_paths_that_are_closed_throughout_are_refused():
    words = (
        r"^PATHS: all 6 rows are of closed intervals \(open_min 0\).*; look at the opening hours"
    )
    with pytest.raises(InputError, match=words):
        demand_of(paths_of(np.zeros((2, 3)), open_min=0.0), {KEY: 240.0})
