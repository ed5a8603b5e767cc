"""Caps on heads and money, and time off: what is left of a plan, and the service of it."""

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest

from forecast.capacity.afford.plan import Cap
from forecast.capacity.money.planned import prices_of
from forecast.capacity.requirements import agents_at
from forecast.errors import ParamsError
from forecast.params.costs import CostsParams
from forecast.params.scenario import Scenario
from forecast.scenarios import run_scenarios
from forecast.scenarios.case import Case
from forecast.scenarios.cost import cost_of
from forecast.scenarios.mend import bought, mended
from tests.scenarios.worlds import COSTS, MIX, pull, world

PAID = 30.0


@pytest.fixture(scope="module")
def base(params):
    return Case(world(), params.capacity)


def positions(case):
    needed = agents_at(case.demand, case.capacity, case.capacity.plan_at)
    return needed, case.limited(case.demand, needed)


def heads(agents):
    """Return the people for positions at 30 % shrinkage, one by one."""
    return np.array([ceil(Fraction(int(n)) / Fraction("0.7")) for n in agents])


def test_time_off_sends_a_part_home(base):
    case = pull(base, voluntary_time_off=0.1, queues=["orders"], first_day="2024-01-02")
    needed, left = positions(case)
    rows = case.demand.intervals
    within = ((rows["queue"] == "orders") & (rows["local"].dt.day >= 2)).to_numpy()
    assert left[within].tolist() == [n - floor(Fraction(int(n)) / 10) for n in needed[within]]
    assert (left[~within] == needed[~within]).all()
    saved = (heads(needed) - heads(left)).sum() * PAID
    assert cost_of(base) - cost_of(case) == pytest.approx(saved)


def test_a_cap_on_heads_holds_at_every_instant_and_is_used(base):
    needed, _ = positions(base)
    instant = base.demand.intervals["ds"].factorize()[0]
    asked = np.bincount(instant, heads(needed))
    most = int(np.quantile(asked, 0.6))
    _, left = positions(pull(base, heads_max=most))
    there = np.bincount(instant, heads(left))
    assert (there <= most).all()
    # Nobody is cut where it is not needed; else what rounding leaves is less than two a team.
    cut = asked > most
    assert 0.3 < cut.mean() < 0.5
    assert (left[~cut[instant]] == needed[~cut[instant]]).all()
    assert (most - there[cut] < 2 * 3).all()
    # Each team has its part of them, to less than two people.
    part = heads(needed) * most / asked[instant]
    assert np.abs(heads(left) - part)[cut[instant]].max() < 2.5


def test_a_cap_that_does_not_bite_changes_nothing(base):
    for levers in ({"heads_max": 10_000}, {"spend_max_per_week": 1e9}):
        needed, left = positions(pull(base, **levers))
        assert (needed == left).all()


def weekly(base, agents, pay):
    local = base.demand.intervals["local"]
    week = (local.dt.day_of_year - 1) // 7
    return np.bincount(week, heads(agents) * pay)


def test_a_cap_on_money_holds_in_every_week_and_is_used(base):
    needed, _ = positions(base)
    asked = weekly(base, needed, PAID)
    most = 0.9 * asked[0]  # The second week has two days, and enough.
    _, left = positions(pull(base, spend_max_per_week=most))
    spent = weekly(base, left, PAID)
    assert spent[0] <= most < spent[0] * 1.02
    assert spent[1] == asked[1] < most
    ratio = (left / needed)[(base.demand.intervals["local"].dt.day <= 7).to_numpy()]
    assert 0.8 < ratio.min() <= ratio.max() < 1


def test_money_is_counted_by_contract_and_hour(base):
    costs = CostsParams.model_validate({**COSTS, "per_seat_month": None, "per_telecom_min": None})
    rules = base.capacity.model_copy(update={"contract_mix": MIX})
    case = Case(base.demand, rules, prices=prices_of(costs, None, None))
    local = base.demand.intervals["local"]
    mean = 0.75 * 30 + 0.25 * 24
    dark, rest = local.dt.hour >= 17, local.dt.day_of_week >= 5
    pay = mean * np.where(dark, 1.25, np.where(rest, 1.1, 1.0))
    needed, _ = positions(case)
    most = 0.85 * weekly(base, needed, pay)[0]
    _, left = positions(pull(case, spend_max_per_week=most))
    assert weekly(base, left, pay)[0] <= most + 0.01 < 1.02 * weekly(base, left, pay)[0]


def test_a_cap_shows_the_service_that_is_left(base, params):
    told = params.override(
        {
            "capacity.pools": {},
            "scenarios": {"base": {}, "few": {"heads_max": 30}, "fewer": {"heads_max": 24}},
        }
    )
    found = run_scenarios(base.demand, told)
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    assert plan["service_level"].is_monotonic_decreasing
    assert plan["cost"].is_monotonic_decreasing
    assert plan.loc["fewer", "service_level"] < 0.8 < plan.loc["base", "service_level"]
    table = found.requirement.set_index("scenario")
    for name, most in (("few", 30), ("fewer", 24)):
        people = table.loc[name].groupby("ds")["scheduled_agents"].sum()
        assert people.max() <= most
        # What would be needed stands beside.
        assert (table.loc[name, "agents_expected"] >= table.loc[name, "agents"]).all()
    assert table.loc["fewer", "p_met"].min() < table.loc["base", "p_met"].min()


def test_a_lever_that_a_cap_does_not_look_at_is_not_tried_to_mend_it(base):
    scenarios = {"home": Scenario(voluntary_time_off=0.1)}
    cap = Cap(money=50_000.0)
    with pytest.raises(ParamsError, match=r"scenarios\.home: what voluntary_time_off would mend"):
        mended(base, cap, bought(base, cap), scenarios)


def test_a_cap_below_what_must_be_there_names_the_interval(base):
    with pytest.raises(ParamsError, match=r"heads_max 9 leaves \d positions for north/care at .*"):
        positions(pull(base, heads_max=9, capacity={"agents_min": 5}))
