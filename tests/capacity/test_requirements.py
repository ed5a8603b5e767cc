"""REQUIREMENT: exact staffing, at the mean and at quantiles of the rate."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import Demand, demand_of
from forecast.capacity.requirements import (
    RISKS,
    agents_at,
    columns_of,
    load_at,
    requirement,
    weighted,
)
from forecast.capacity.service import achieved, chance_met
from forecast.goals import target_of
from forecast.params import CapacityParams
from forecast.queueing.staffing import performance
from tests.capacity.test_demand import KEY, paths_of

BASE = CapacityParams(
    aht_s=240,
    patience_s=180,
    occupancy_max=1.0,
    cost_per_paid_hour=30,
    currency="USD",
    assumed=["aht_s"],
)
CASES = {
    "erlang_a": BASE,
    "erlang_c": BASE.model_copy(update={"patience_s": None}),
    "ceiling": BASE.model_copy(update={"occupancy_max": 0.8}),
    "strict": BASE.model_copy(update={"service_level_target": 0.95, "answer_within_s": 5}),
}


@pytest.fixture(scope="module")
def demand():
    rng = np.random.default_rng(3)
    day = rng.normal(1, 0.08, (300, 1))
    shape = np.array([[5, 40, 120, 400, 900, 300, 60]])
    return demand_of(paths_of(rng.poisson(day * shape)), {KEY: 240.0})


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("risk", ["mean", "p10", "p50", "p90", "confident"])
def test_n_meets_the_target_and_one_fewer_does_not_in_every_interval(demand, case, risk):
    params = CASES[case]
    agents = agents_at(demand, params, risk)

    def met(n):
        return target_of(params).met(
            performance(
                load_at(demand, risk, params),
                n,
                aht_s=demand.aht_s,
                answer_within_s=params.answer_within_s,
                patience_s=params.patience_s,
            )
        )

    assert met(agents).all()
    assert not met(agents - 1).any()


def test_more_risk_aversion_takes_more_agents(demand):
    table = requirement(demand, BASE)
    assert (table["agents_p90"] >= table["agents_p50"]).all()
    assert table["agents_p90"].sum() > 1.05 * table["agents_mean"].sum()


def test_shrinkage_turns_positions_into_people(demand):
    table = requirement(demand, BASE)
    people = table["scheduled_agents"]
    assert (people * 7 >= table["agents"] * 10).all()
    assert ((people - 1) * 7 < table["agents"] * 10).all()


def test_an_uncertain_rate_costs_service_that_the_mean_does_not_show(demand):
    # Staffed at the mean, the target is met at the mean; over the paths it is missed.
    at_mean = BASE.model_copy(update={"plan_at": "mean"})
    table = requirement(demand, at_mean)
    level = weighted(table["service_level"], table["offered"])
    assert level < 0.80
    certain = demand_of(paths_of(np.full((20, 3), 300)), {KEY: 240.0})
    assert (requirement(certain, at_mean)["service_level"] >= 0.80).all()


@pytest.mark.parametrize("case", CASES)
def test_expected_is_the_least_team_that_meets_the_target_over_all_contacts(demand, case):
    params = CASES[case]
    agents = agents_at(demand, params, "expected")

    def met(n):
        return target_of(params).met(achieved(demand, n, params))

    assert met(agents).all()
    assert not met(agents - 1).any()


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95])
def test_confident_is_the_least_team_that_meets_the_target_on_so_many_paths(demand, confidence):
    params = BASE.model_copy(update={"confidence": confidence})
    agents = agents_at(demand, params, "confident")

    def share(n):
        level = performance(
            demand.load_erlangs, n[:, None], aht_s=240, answer_within_s=20, patience_s=180
        ).service_level
        return (level >= 0.8).mean(axis=1)

    assert (share(agents) >= confidence).all()
    assert (share(agents - 1) < confidence).all()
    np.testing.assert_array_equal(chance_met(demand, agents, params), share(agents))
    few = agents // 2
    np.testing.assert_array_equal(chance_met(demand, few, params), share(few))


def test_a_known_rate_takes_the_same_agents_at_any_risk():
    certain = demand_of(paths_of(np.full((20, 3), 300)), {KEY: 240.0})
    agents = np.array([agents_at(certain, BASE, risk) for risk in RISKS])
    assert (agents == agents[0]).all()
    assert (chance_met(certain, agents[0], BASE) == 1).all()
    assert (chance_met(certain, agents[0] - 1, BASE) == 0).all()


@pytest.mark.parametrize("definition", ["answered", "excluded", "met", "missed"])
def test_the_definition_of_service_level_is_the_one_asked_for(demand, definition):
    params = BASE.model_copy(update={"definition": definition})
    easier = agents_at(demand, params, "expected")
    assert (easier <= agents_at(demand, BASE, "expected")).all()
    assert easier.sum() < agents_at(demand, BASE, "expected").sum()


@pytest.mark.parametrize(
    "goal", [{"asa_max_s": 2.0}, {"abandonment_max": 0.005}, {"p_wait_max": 0.05}]
)
@pytest.mark.parametrize("risk", ["p50", "expected"])
def test_another_goal_beside_takes_more_agents(demand, goal, risk):
    params = BASE.model_copy(update=goal)
    assert agents_at(demand, params, risk).sum() > agents_at(demand, BASE, risk).sum()


def test_minimum_staffing_holds_at_night_and_changes_nothing_at_noon(demand):
    params = BASE.model_copy(update={"agents_min": 9})
    for risk in RISKS:
        plain = agents_at(demand, BASE, risk)
        np.testing.assert_array_equal(agents_at(demand, params, risk), np.maximum(plain, 9))


def test_redials_take_more_agents_and_the_fixed_point_meets_the_target(demand):
    params = BASE.model_copy(update={"redial": 0.7})
    for risk in ("mean", "expected"):
        assert agents_at(demand, params, risk).sum() > agents_at(demand, BASE, risk).sum()
    agents = agents_at(demand, params, "expected")
    assert target_of(params).met(achieved(demand, agents, params)).all()
    assert not target_of(params).met(achieved(demand, agents - 1, params)).any()


def test_expectations_are_weighted_by_contacts(demand):
    agents = agents_at(demand, BASE, "mean")
    got = achieved(demand, agents, BASE)
    for i in range(len(agents)):
        result = performance(
            demand.load_erlangs[i], agents[i], aht_s=240, answer_within_s=20, patience_s=180
        )
        weights = demand.rate[i]
        # All 300 paths one by one, beside twenty groups of like load.
        level = np.average(result.service_level, weights=weights)
        assert got.service_level[i] == pytest.approx(level, abs=0.001)
        asa_s = np.average(result.asa_s, weights=weights)
        assert got.asa_s[i] == pytest.approx(asa_s, rel=0.02)
        assert got.occupancy[i] == pytest.approx(result.occupancy.mean(), abs=0.001)


@pytest.mark.parametrize(
    ("case", "intervals", "off"),
    [
        ("erlang_a", 812, 0.001),
        ("erlang_c", 812, 0.001),
        ("erlang_a", 10_000, 0.0065),
        ("erlang_c", 10_000, 0.0125),
    ],
)
def test_groups_of_like_load_cost_no_more_than_the_docs_say(case, intervals, off):
    rng = np.random.default_rng(5)
    counts = rng.lognormal(0, 0.15, (400, 1)) * np.array([[30, 150, 600, 1500]])
    few = demand_of(paths_of(np.round(counts)), {KEY: 240.0})
    params = CASES[case]
    times = intervals // 4
    demand = Demand(
        pd.concat([few.intervals] * times, ignore_index=True),
        np.tile(few.rate, (times, 1)),
        np.tile(few.aht_s, times),
        few.weeks,
    )
    assert demand.strata.load.shape[1] == 80_000 // intervals
    agents = agents_at(few, params, "expected")
    result = performance(
        few.load_erlangs,
        agents[:, None],
        aht_s=240,
        answer_within_s=20,
        patience_s=params.patience_s,
    )
    level = (result.service_level * few.rate).sum(axis=1) / few.rate.sum(axis=1)
    np.testing.assert_allclose(achieved(few, agents, params).service_level, level, atol=1e-9)
    found = achieved(demand, np.tile(agents, times), params).service_level
    np.testing.assert_allclose(found, np.tile(level, times), atol=off)


@pytest.mark.parametrize("paths", [21, 30, 39])
def test_occupancy_is_the_mean_over_paths_whatever_groups_they_fall_into(paths):
    # Below its agents a queue without hang-ups has an occupancy of load / agents on each path.
    spread = np.round(np.linspace(100, 200, paths))
    demand = demand_of(paths_of(spread[:, None] * np.ones(4)), {KEY: 240.0})
    agents = np.full(4, 40)
    got = achieved(demand, agents, CASES["erlang_c"])
    np.testing.assert_allclose(got.occupancy, demand.load_erlangs.mean(axis=1) / agents, rtol=5e-4)


def test_a_wait_without_bound_is_empty_not_a_number(demand):
    params = CASES["erlang_c"]
    few = np.full(len(demand.intervals), 3)
    assert np.isinf(achieved(demand, few, params).asa_s[4])
    assert np.isnan(columns_of(achieved(demand, few, params))["asa_s"][4])


def test_every_row_says_what_is_assumed(demand):
    assert (requirement(demand, BASE)["assumed"] == "aht_s").all()
