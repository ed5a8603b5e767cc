"""What fewer or more agents do: the plan is among it, and each row is what a plan of its own is."""

import numpy as np
import pytest

from forecast.capacity.money.planned import Prices
from forecast.capacity.requirements import columns_of, requirement, totals
from forecast.capacity.service import achieved, service_by
from forecast.params import CostsParams
from forecast.scenarios.case import Case
from forecast.scenarios.hours import heads_of
from forecast.scenarios.trade_off import of_all, positions, trade_off
from tests.scenarios.test_costs import demand as demand


@pytest.fixture(scope="module")
def rules(params):
    return params.capacity


@pytest.fixture(scope="module")
def agents(demand, rules):
    table = requirement(demand, rules)
    return table["agents"].to_numpy()


@pytest.fixture(scope="module")
def found(demand, rules, agents):
    return trade_off(Case(demand, rules), demand, agents, shares=(0.8, 0.9, 1.1))


def test_more_agents_serve_better_and_cost_more(found):
    shares = found[found["more"] == 0].sort_values("share")
    for name in ("service_level", "week_p10", "week_p_met", "cost", "fte", "heads"):
        assert shares[name].is_monotonic_increasing, name
    for name in ("occupancy", "abandonment", "asa_s"):
        assert shares[name].is_monotonic_decreasing, name
    one = found[found["share"] == 1].sort_values("more")
    assert one["service_level"].is_monotonic_increasing
    assert one["cost"].is_monotonic_increasing


@pytest.mark.parametrize(("share", "more"), [(1.0, 0), (0.9, 0), (1.0, -1)])
def test_each_row_is_the_plan_of_these_positions(found, demand, rules, agents, share, more):
    there = np.maximum(np.rint(agents * share).astype(int) + more, 1)
    result = columns_of(achieved(demand, there, rules))
    wanted = totals(demand, there, result, rules)
    row = found[(found["share"] == share) & (found["more"] == more)].iloc[0]
    for name in ("service_level", "occupancy", "fte", "cost", "paid_hours"):
        assert row[name] == pytest.approx(wanted[name]), name
    assert row["heads"] == np.ceil(wanted["fte"] - 1e-9)


def test_all_queues_together_are_weighted_by_their_contacts(demand, rules, agents):
    apart = service_by(demand, agents, rules)
    both = of_all(demand, agents, rules, "day").set_index("start")
    for start, own in apart[apart["period"] == "day"].groupby("start"):
        weighted = np.average(own["service_level"], weights=own["offered"])
        assert both["service_level"][start] == pytest.approx(weighted)
        assert both["offered"][start] == pytest.approx(own["offered"].sum())
        # Two sites fall short together less often than the worse of them alone.
        assert both["service_level_p10"][start] >= own["service_level_p10"].min() - 1e-12


def test_nobody_is_taken_from_where_one_is_alone():
    assert positions(np.array([0, 1, 2, 40]), 0.5).tolist() == [0, 1, 1, 20]
    assert positions(np.array([0, 1, 2, 40]), 1.0, 1).tolist() == [0, 2, 3, 41]


def test_heads_are_those_of_each_contract(rules):
    costs = CostsParams(
        currency="USD",
        contracts={
            "full": {"pay_per_hour": 30, "hours_per_week": 40},
            "part": {"pay_per_hour": 25, "hours_per_week": 20},
        },
    )
    mixed = rules.model_copy(update={"contract_mix": {"full": 0.75, "part": 0.25}})
    # 750 h by people of 80 h in two weeks are 10; 250 h by those of 40 h are 7.
    found = heads_of(1000 / 2 / mixed.fte_hours_per_week, mixed, Prices(costs, {}, {}))
    assert found == {"full": 10, "part": 7}
