"""REQUIREMENT: exact staffing, at the mean and at quantiles of the rate."""

import numpy as np
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.requirements import agents_at, expected, load_at, requirement, weighted
from forecast.params import CapacityParams
from forecast.queueing.staffing import Target, performance
from tests.capacity.test_demand import KEY, paths_of

BASE = CapacityParams(
    aht_s=240, patience_s=180, cost_per_paid_hour=30, currency="USD", assumed=["aht_s"]
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
@pytest.mark.parametrize("risk", ["mean", "p50", "p90"])
def test_n_meets_the_target_and_one_fewer_does_not_in_every_interval(demand, case, risk):
    params = CASES[case]
    target = Target(params.service_level_target, params.answer_within_s, params.occupancy_max)
    agents = agents_at(demand, params, risk)

    def met(n):
        return target.met(
            performance(
                load_at(demand, risk),
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
    table = requirement(demand, BASE)
    level = weighted(table["service_level"], table["offered"])
    assert level < 0.80
    certain = demand_of(paths_of(np.full((20, 3), 300)), {KEY: 240.0})
    assert (requirement(certain, BASE)["service_level"] >= 0.80).all()


def test_expectations_are_weighted_by_contacts(demand):
    agents = agents_at(demand, BASE, "mean")
    got = expected(demand, agents, BASE)["service_level"]
    for i in range(len(agents)):
        levels = performance(
            demand.load_erlangs[i], agents[i], aht_s=240, answer_within_s=20, patience_s=180
        ).service_level
        assert got[i] == pytest.approx(np.average(levels, weights=demand.rate[i]))


def test_a_wait_without_bound_is_empty_not_a_number(demand):
    params = CASES["erlang_c"]
    few = np.full(len(demand.intervals), 3)
    assert np.isnan(expected(demand, few, params)["asa_s"][4])


def test_every_row_says_what_is_assumed(demand):
    assert (requirement(demand, BASE)["assumed"] == "aht_s").all()
