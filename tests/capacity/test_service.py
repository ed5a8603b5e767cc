"""What days and weeks see: sums over joint paths."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import Demand
from forecast.capacity.requirements import agents_at, columns_of, weighted
from forecast.capacity.service import achieved, service_and_ranges, service_by
from forecast.params import CapacityParams
from forecast.queueing import performance

PARAMS = CapacityParams(
    aht_s=240, patience_s=180, occupancy_max=1.0, cost_per_paid_hour=30, currency="USD"
)
DAYS, SLOTS, PATHS = 14, 20, 400


def demand_of(common_sd, own_sd=0.0, *, aht_factor=None, seed=1):
    """Return two weeks of 20 half-hours a day whose days are busier or quieter as a whole."""
    rng = np.random.default_rng(seed)
    day = np.repeat(rng.normal(1, common_sd, (DAYS, PATHS)), SLOTS, axis=0)
    own = rng.normal(1, own_sd, (DAYS * SLOTS, PATHS))
    shape = np.tile(100 + 60 * np.sin(np.linspace(0, np.pi, SLOTS)), DAYS)[:, None]
    start = pd.Timestamp("2024-01-01 08:00", tz="UTC").as_unit("us")
    ds = [
        start + pd.Timedelta(days=d) + pd.Timedelta(minutes=30 * s)
        for d in range(DAYS)
        for s in range(SLOTS)
    ]
    intervals = pd.DataFrame(
        {"site": "a", "queue": "b", "channel": "voice", "ds": ds, "open_min": 30.0}
    )
    intervals["local"] = intervals["ds"].dt.tz_localize(None).astype("datetime64[us]")
    return Demand(intervals, shape * day * own, np.full(len(ds), 240.0), 2.0, aht_factor)


def served(demand):
    agents = agents_at(demand, PARAMS, "expected")
    return agents, service_by(demand, agents, PARAMS)


@pytest.mark.parametrize("definition", ["offered", "answered", "met"])
def test_a_days_level_on_a_path_is_its_contacts_served_over_its_contacts(definition):
    params = PARAMS.model_copy(update={"definition": definition})
    demand = demand_of(0.08, 0.03)
    agents = agents_at(demand, params, "expected")
    found = service_by(demand, agents, params)
    result = performance(
        demand.load_erlangs, agents[:, None], aht_s=240, answer_within_s=20, patience_s=180
    )
    in_time, counted = {
        "offered": (result.ends.answered_in_time, 1.0),
        "answered": (result.ends.answered_in_time, result.ends.answered),
        "met": (result.ends.answered_in_time + result.ends.abandoned_in_time, 1.0),
    }[definition]
    top = (demand.rate * in_time)[:SLOTS].sum(axis=0)
    bottom = (demand.rate * counted)[:SLOTS].sum(axis=0)
    monday = found[found["period"] == "day"].iloc[0]
    assert monday["start"] == pd.Timestamp("2024-01-01")
    assert monday["service_level"] == pytest.approx(top.sum() / bottom.sum(), abs=0.001)
    for name, q in {"service_level_p10": 0.1, "service_level_p90": 0.9}.items():
        assert monday[name] == pytest.approx(np.quantile(top / bottom, q), abs=0.01)
    assert monday["p_met"] == pytest.approx((top / bottom >= 0.8).mean(), abs=0.03)


def test_a_week_holds_its_days_and_the_whole_is_what_intervals_expect():
    demand = demand_of(0.05, 0.05)
    agents, found = served(demand)
    days, weeks = (found[found["period"] == kind] for kind in ("day", "week"))
    assert (len(days), len(weeks)) == (14, 2)
    assert weeks["offered"].iloc[0] == pytest.approx(days["offered"].iloc[:7].sum())
    told = columns_of(achieved(demand, agents, PARAMS))["service_level"]
    whole = weighted(told, demand.rate.mean(axis=1))
    assert weighted(weeks["service_level"], weeks["offered"]) == pytest.approx(whole, abs=1e-9)


def test_what_a_day_has_in_common_makes_its_level_uncertain():
    alone = served(demand_of(0.0, 0.08))[1]
    together = served(demand_of(0.08, 0.0))[1]
    width = [t["service_level_p90"] - t["service_level_p10"] for t in (alone, together)]
    day = alone["period"] == "day"
    assert width[1][day].mean() > 3 * width[0][day].mean()
    # A week of such days is steadier than any of them.
    assert width[1][~day].mean() < 0.6 * width[1][day].mean()


def test_a_known_rate_has_one_level():
    found = served(demand_of(0.0, 0.0))[1]
    np.testing.assert_allclose(found["service_level_p10"], found["service_level_p90"])
    assert (found["p_met"] == 1).all()


def test_days_without_contacts_have_no_level():
    demand = demand_of(0.05)
    demand.rate[:SLOTS] = 0.0
    found = served(demand)[1]
    assert found.loc[found["period"] == "day", "service_level"].isna().sum() == 1
    assert found.loc[found["period"] == "week", "service_level"].notna().all()


@pytest.mark.parametrize("patience_s", [180.0, None])
def test_hang_ups_waits_and_busy_hours_of_a_day_are_those_of_its_intervals(patience_s):
    params = PARAMS.model_copy(update={"patience_s": patience_s})
    demand = demand_of(0.05, 0.02)
    agents = agents_at(demand, params, "expected") + 3
    monday = service_by(demand, agents, params).iloc[0]
    first = slice(0, SLOTS)
    result = performance(
        demand.load_erlangs[first],
        agents[first, None],
        aht_s=240,
        answer_within_s=20,
        patience_s=patience_s,
    )
    rate = demand.rate[first]
    by_path = {
        "abandonment": (rate * result.abandonment).sum(axis=0) / rate.sum(axis=0),
        "asa_s": (rate * np.where(rate > 0, result.asa_s, 0)).sum(axis=0) / rate.sum(axis=0),
        "occupancy": (agents[first, None] * result.occupancy).sum(axis=0) / agents[first].sum(),
    }
    for name, paths in by_path.items():
        weights = None if name == "occupancy" else rate.sum(axis=0)
        near = {"rel": 0.02, "abs": 0.001}
        assert monday[name] == pytest.approx(np.average(paths, weights=weights), **near), name
        for end, q in (("p10", 0.1), ("p90", 0.9)):
            near = {"rel": 0.06, "abs": 0.001}
            assert monday[f"{name}_{end}"] == pytest.approx(np.quantile(paths, q), **near), name


def test_a_wait_without_bound_is_left_empty_and_hides_nothing_else():
    params = PARAMS.model_copy(update={"patience_s": None})
    demand = demand_of(0.1)
    # So few that one path in three overflows at noon.
    agents = np.ceil(demand.mean_load * 1.04).astype("int64")
    days = service_by(demand, agents, params)
    assert days["asa_s"].isna().all()
    assert days["asa_s_p90"].isna().all()
    assert days["asa_s_p10"].notna().any()
    told = days.drop(columns=["asa_s", "asa_s_p10", "asa_s_p90"])
    assert told.notna().all(axis=None)
    assert (days["abandonment"] == 0).all()
    assert (days["occupancy_p90"] <= 1).all()


def test_redials_count_among_those_who_call():
    params = PARAMS.model_copy(update={"redial": 0.6, "patience_s": 60})
    demand = demand_of(0.0)
    agents = np.ceil(demand.mean_load * 0.95).astype("int64")
    days = service_by(demand, agents, params)
    told = columns_of(achieved(demand, agents, params))
    # Shares of calls, so that intervals with many redials weigh more than their first contacts do.
    inside = (told["abandonment"][:SLOTS].min(), told["abandonment"][:SLOTS].max())
    assert inside[0] < days["abandonment"].iloc[0] < inside[1]
    assert days["abandonment"].iloc[0] > weighted(told["abandonment"], demand.mean_rate) - 1e-9


def test_the_range_of_a_plan_is_that_of_all_its_teams_on_the_same_paths():
    one, other = demand_of(0.08, seed=1), demand_of(0.05, seed=2)
    second = other.intervals.assign(queue="c")
    both = Demand(
        pd.concat([one.intervals, second], ignore_index=True),
        np.concatenate([one.rate, other.rate]),
        np.concatenate([one.aht_s, other.aht_s]),
        2.0,
    )
    agents = agents_at(both, PARAMS, "expected")
    table, ranges = service_and_ranges(both, agents, PARAMS)
    assert set(table["queue"]) == {"b", "c"}
    whole = service_by(
        Demand(both.intervals.assign(queue="all"), both.rate, both.aht_s, 2.0), agents, PARAMS
    )
    weeks = whole[whole["period"] == "week"]
    for name in ("service_level", "abandonment", "occupancy"):
        low, high = ranges[f"{name}_p10"], ranges[f"{name}_p90"]
        # Two weeks together vary less than each of them.
        assert weeks[f"{name}_p10"].min() < low < high < weeks[f"{name}_p90"].max()
    assert ranges["asa_s_p10"] < ranges["asa_s_p90"]
