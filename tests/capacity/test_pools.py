"""One team for several queues: nothing is lost, and what it can gain has bounds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.demand import Demand, demand_of
from forecast.capacity.pooling import pooling_gain
from forecast.capacity.pools import pooled
from forecast.params import CapacityParams
from tests.capacity.test_demand import paths_of
from tests.capacity.test_service import demand_of as days_of

PARAMS = CapacityParams(
    aht_s=240, patience_s=180, occupancy_max=1.0, cost_per_paid_hour=30, currency="USD"
)
AHT_S = {
    ("a", name, "voice"): seconds for name, seconds in (("b", 240.0), ("c", 120.0), ("d", 300.0))
}


def three(seed=1, slots=6):
    rng = np.random.default_rng(seed)
    parts = [
        paths_of(
            rng.poisson(rng.uniform(5, 80, slots) * rng.normal(1, 0.1, (50, 1)).clip(0.2))
        ).assign(queue=name)
        for name in ("b", "c", "d")
    ]
    return demand_of(pd.concat(parts), AHT_S)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_pooling_keeps_every_contact_and_every_second_on_every_path(seed):
    demand = three(seed)
    one = pooled(demand, {"bc": ["b", "c"]})
    assert sorted(one.intervals["queue"].unique()) == ["bc", "d"]
    for what in ("rate", "load_erlangs"):
        np.testing.assert_allclose(
            getattr(one, what).sum(axis=0), getattr(demand, what).sum(axis=0), rtol=1e-9
        )
    handled = [(own.rate.mean(axis=1) * own.aht_s).sum() for own in (one, demand)]
    assert handled[0] == pytest.approx(handled[1])


def test_queues_beside_a_pool_keep_their_groups_and_the_pool_gets_its_own():
    sorted_before, fresh = three(), three()
    half = np.ones(len(fresh.intervals), dtype=bool)
    half[::2] = False
    sorted_before, fresh = (
        d.scaled(where=half, volume=1.3, aht=0.9) for d in (sorted_before, fresh)
    )
    _ = sorted_before.strata
    pools = {"bc": ["b", "c"]}
    one, two = (pooled(demand, pools) for demand in (sorted_before, fresh))
    pd.testing.assert_frame_equal(one.intervals, two.intervals)
    assert "strata" in one.__dict__
    assert "strata" not in two.__dict__
    for name in ("load", "callers"):
        np.testing.assert_allclose(getattr(one.strata, name), getattr(two.strata, name))
    np.testing.assert_array_equal(one.strata.of, two.strata.of)
    for rank in (0, 25, 49):
        np.testing.assert_allclose(one.strata.ranked(rank), two.strata.ranked(rank))


def test_without_pools_nothing_changes():
    demand = three()
    assert pooled(demand, {}) is demand


def test_a_pool_of_one_is_a_queue_of_another_name():
    demand = three()
    one = pooled(demand, {"x": ["b"]})
    assert sorted(one.intervals["queue"].unique()) == ["c", "d", "x"]
    np.testing.assert_allclose(one.rate.sum(axis=0), demand.rate.sum(axis=0))


def test_queues_of_two_sites_are_two_teams():
    demand = three()
    sites = demand.intervals.assign(site=np.where(demand.intervals["queue"] == "b", "n", "s"))
    apart = Demand(sites, demand.rate, demand.aht_s, demand.weeks)
    one = pooled(apart, {"all": ["b", "c", "d"]})
    assert one.intervals.groupby("site").size().tolist() == [6, 6]


def test_what_pooling_gains_lies_between_nothing_and_the_idle_agents_of_the_rest():
    demand = three(slots=20)
    gain = pooling_gain(demand, PARAMS)
    assert (gain["gain"] >= 0).all()
    assert gain["gain"].sum() > 0
    load = demand.load_erlangs.mean(axis=1).reshape(3, -1).sum(axis=0)
    assert (gain["agents_pooled"] > load).all()


def test_a_team_of_one_queue_gains_nothing_from_itself():
    assert (pooling_gain(days_of(0.05), PARAMS)["gain"] == 0).all()


def test_queues_open_for_different_parts_of_an_interval_keep_their_handle_times():
    half = paths_of(np.full((20, 1), 100), open_min=15.0).assign(queue="c")
    two = pd.concat([paths_of(np.full((20, 1), 100)), half])
    keys = {("a", "b", "voice"): 200.0, ("a", "c", "voice"): 200.0}
    one = pooled(demand_of(two, keys), {"all": ["b", "c"]})
    assert one.aht_s.tolist() == [200.0]
    # A hundred in 30 minutes and a hundred in the 15 that the other is open: their busy part.
    assert one.load_erlangs[0, 0] == pytest.approx(200 * 100 / 1800 + 200 * 100 / 900)
