"""Every lever has a direction and a size."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.errors import ParamsError
from forecast.scenarios import run, run_scenarios
from tests.capacity.test_demand import KEY, paths_of
from tests.scenarios.worlds import world


@pytest.fixture(scope="module")
def params(params):
    """Without a ceiling on occupancy, which in large teams would decide alone."""
    return params.override({"capacity.occupancy_max": 1.0})


@pytest.fixture(scope="module")
def demand():
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.normal(1, 0.05, (200, 1)) * np.linspace(100, 600, 48))
    return demand_of(paths_of(counts), {KEY: 240.0})


@pytest.fixture(scope="module")
def plan(demand, params):
    table = run_scenarios(demand, params).plan
    return table[table["is_plan"]].set_index("scenario")


def test_the_base_costs_nothing_more_than_itself(plan):
    assert plan.loc["base", "cost_vs_base"] == 0
    assert plan.loc["base", "service_level_base"] == pytest.approx(
        plan.loc["base", "service_level"]
    )


def test_a_fifth_more_contacts_take_less_than_a_fifth_more_agents(plan):
    assert plan.loc["volume_up_20", "offered"] == pytest.approx(1.2 * plan.loc["base", "offered"])
    grown = plan.loc["volume_up_20", "agent_hours"] / plan.loc["base", "agent_hours"]
    assert 1.15 < grown < 1.20  # economies of scale


def test_longer_calls_take_more_agents_for_the_same_contacts(plan):
    assert plan.loc["aht_up_10", "offered"] == plan.loc["base", "offered"]
    assert 1.07 < plan.loc["aht_up_10", "agent_hours"] / plan.loc["base", "agent_hours"] < 1.10


def test_a_harder_target_takes_more(plan):
    assert 1.02 < plan.loc["ninety_in_fifteen", "cost"] / plan.loc["base", "cost"] < 1.15


def test_shrinkage_costs_people_not_positions(plan):
    assert plan.loc["shrinkage_up_5", "agent_hours"] == plan.loc["base", "agent_hours"]
    paid = plan.loc["shrinkage_up_5", "paid_hours"] / plan.loc["base", "paid_hours"]
    assert paid == pytest.approx(0.70 / 0.65, rel=0.005)


def test_a_surge_met_with_the_base_staff_breaks_the_service(plan):
    assert plan.loc["volume_up_20", "service_level_base"] < 0.5
    # The same people, of whom fewer are on position.
    assert plan.loc["shrinkage_up_5", "service_level_base"] < 0.70


def test_cost_is_paid_hours_at_the_hourly_cost_and_fte_are_full_weeks(plan, params):
    money = params.capacity.cost_per_paid_hour
    plan = plan.drop("attrition_up")  # Leavers have a price of their own.
    np.testing.assert_allclose(plan["cost"], plan["paid_hours"] * money)
    np.testing.assert_allclose(plan["fte"], plan["paid_hours"] / (1 / 7) / 40)


def test_a_queue_that_the_forecast_does_not_have_is_refused(demand, params):
    odd = params.override({"scenarios.odd": {"volume_pct": 5, "queues": ["bb"]}})
    with pytest.raises(ParamsError, match=r"scenarios\.odd\.queues: 'bb' is no queue .* \(b\)"):
        run_scenarios(demand, odd)


def test_a_lever_acts_on_its_queues_alone(params):
    counts = np.random.default_rng(5).poisson(300, (100, 20))
    both = pd.concat([paths_of(counts), paths_of(counts).assign(queue="c")])
    two = demand_of(both, {KEY: 240.0, ("a", "c", "voice"): 240.0})
    own = params.override({"scenarios.own": {"volume_pct": 20, "queues": ["c"]}})
    table = run_scenarios(two, own).requirement.set_index(["scenario", "queue"])["offered"]
    assert table["own", "b"].sum() == pytest.approx(table["base", "b"].sum())
    assert table["own", "c"].sum() == pytest.approx(1.2 * table["base", "c"].sum())


def test_a_scenario_at_another_risk_is_compared_with_the_base_plan(demand, params):
    careful = params.override({"scenarios.careful": {"capacity": {"plan_at": "p90"}}})
    rows = run_scenarios(demand, careful).plan.set_index(["scenario", "risk"])
    plan = rows.loc[("careful", "p90")]
    assert plan["is_plan"]
    assert plan["cost_vs_base"] == pytest.approx(
        plan["cost"] - rows.loc[("base", "expected"), "cost"]
    )
    assert plan["cost_vs_base"] > 0


def test_a_lever_on_handle_time_comes_on_top_of_what_events_do(params):
    paths = paths_of(np.random.default_rng(6).poisson(300, (100, 4)))
    effects = paths[paths["path"] == 0].assign(target="offered", aht_effect=[1.0, 1.0, 1.2, 1.2])
    table = run_scenarios(demand_of(paths, {KEY: 240.0}, aht_effect=effects), params).requirement
    aht_s = table.groupby("scenario")["aht_s"].apply(list)
    assert aht_s["base"] == [240, 240, 288, 288]
    assert aht_s["aht_up_10"] == pytest.approx([264, 264, 316.8, 316.8])


def test_every_row_says_what_is_assumed(plan):
    assert (plan["assumed"] == "aht_s;patience_s;shrinkage;cost_per_paid_hour").all()


def test_a_ceiling_on_occupancy_costs_agents_and_gives_service(demand, params):
    busy = params.override(
        {
            "capacity.occupancy_max": 0.8,
            "scenarios.no_ceiling": {"capacity": {"occupancy_max": 1.0}},
        }
    )
    table = run_scenarios(demand, busy)
    plan = table.plan[table.plan["is_plan"]].set_index("scenario")
    assert plan.loc["base", "occupancy"] <= 0.8
    assert plan.loc["no_ceiling", "cost_vs_base"] < 0
    assert plan.loc["no_ceiling", "service_level"] < plan.loc["base", "service_level"]
    base = table.requirement[table.requirement["scenario"] == "base"]
    free = table.requirement[table.requirement["scenario"] == "no_ceiling"]
    assert base["agents_without_ceiling"].tolist() == free["agents"].tolist()


@pytest.fixture(scope="module")
def two():
    counts = np.random.default_rng(5).poisson(60, (100, 20))
    both = pd.concat([paths_of(counts), paths_of(counts[::-1]).assign(queue="c")])
    return demand_of(both, {KEY: 240.0, ("a", "c", "voice"): 180.0})


def test_one_team_for_two_queues_takes_fewer_people(two, params):
    pools = {"capacity": {"pools": {"all": ["b", "c"]}}}
    table = run_scenarios(two, params.override({"scenarios.one_team": pools}))
    plan = table.plan[table.plan["is_plan"]].set_index("scenario")
    assert plan.loc["one_team", "offered"] == pytest.approx(plan.loc["base", "offered"])
    assert plan.loc["one_team", "cost_vs_base"] < 0
    # With the people of both queues one team is better off than two.
    assert plan.loc["one_team", "service_level_base"] > plan.loc["base", "service_level"]
    one = table.requirement[table.requirement["scenario"] == "one_team"]
    assert set(one["queue"]) == {"all"}


def test_what_the_people_of_one_team_would_do_in_two_is_not_known(two, params):
    pools = {"all": ["b", "c"]}
    apart = {"capacity.pools": pools, "scenarios.apart": {"capacity": {"pools": {}}}}
    plan = run_scenarios(two, params.override(apart)).plan
    plan = plan[plan["is_plan"]].set_index("scenario")
    assert plan.loc["apart", "cost_vs_base"] > 0
    assert np.isnan(plan.loc["apart", "service_level_base"])


@pytest.mark.parametrize(
    ("pools", "why"),
    [
        ({"all": ["b", "x"]}, r"capacity\.pools\.all: 'x' is no queue of the forecast \(b, c\)"),
        ({"one": ["b"], "two": ["b"]}, r"capacity\.pools\.two: 'b' is in the pool 'one' already"),
        ({"c": ["b"]}, r"capacity\.pools\.c: there is a queue of that name outside"),
    ],
)
def test_a_pool_that_cannot_be_is_refused(two, params, pools, why):
    with pytest.raises(ParamsError, match=why):
        run_scenarios(two, params.override({"capacity.pools": pools}))


def test_scenarios_side_by_side_are_the_same_as_each_alone(params, monkeypatch):
    asked = {
        "busier": {"volume_pct": 10},
        "dearer": {"wage_pct": 4},
        "half a minute": {"capacity": {"answer_within_s": 30}},
        "one team": {"capacity": {"pools": {"both": ["care", "orders"]}}},
        "closed": {"closed": {"starts": "15:00", "ends": "18:00", "lost": 0.3}},
    }
    own = params.override({"scenarios": {"base": {}, **asked}})
    alone = [run_scenarios(world(), own, [name]) for name in asked]
    monkeypatch.setattr(run, "MANY_ROWS", 0)
    both = run_scenarios(world(), own)
    for table in ("requirement", "plan", "service", "steps", "cost_lines", "kpis"):
        together = getattr(both, table)
        for name, one in zip(asked, alone, strict=True):
            found = together[together["scenario"].isin(["base", name])].reset_index(drop=True)
            pd.testing.assert_frame_equal(found, getattr(one, table), check_exact=True)
