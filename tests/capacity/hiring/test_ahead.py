"""Heads required for months, from the forecast's weeks; and the bill of the plan for them."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from forecast.capacity.demand import demand_of
from forecast.capacity.hiring import evaluated
from forecast.capacity.hiring.ahead import heads_of_weeks, required_ahead, whole_weeks
from forecast.capacity.hiring.bill import bill_of, priced_by
from forecast.capacity.hiring.books import LINES
from forecast.capacity.hiring.tables import hires_of, workforce_of
from forecast.capacity.service import least_agents
from forecast.errors import InputError
from forecast.params import CapacityParams, CostsParams, HiringPlanParams
from forecast.params.hiring import HiringSite
from tests.capacity.hiring.cases import site
from tests.capacity.hiring.test_course import decisions_of_all_kinds, two_sites
from tests.capacity.test_demand import KEY, paths_of

MONDAY = date(2024, 1, 1)
CAPACITY = CapacityParams(patience_s=120, cost_per_paid_hour=30, currency="USD", shrinkage=0.2)


def section(**changes):
    one = HiringSite(name="a", wage_per_week=1, class_sizes=(1,))
    return HiringPlanParams(**{"sites": (one,), "weeks": 110, **changes})


def test_heads_are_the_hours_of_the_least_agents_on_each_path():
    counts = np.random.default_rng(1).poisson(np.linspace(60, 240, 30)[:, None], (30, 8))
    demand = demand_of(paths_of(counts), {KEY: 240.0})
    found = heads_of_weeks(demand, [MONDAY], CAPACITY, hours_per_week=35)["a"]
    load = demand.load_erlangs
    by_hand = np.zeros(30)
    for path in range(30):
        agents = least_agents(load[:, path], demand.aht_s, CAPACITY)
        by_hand[path] = agents.sum() * 0.5 / 0.8 / 35
    np.testing.assert_allclose(found[:, 0], by_hand, rtol=1e-9)


def test_hours_fall_into_the_week_of_their_local_day():
    demand = demand_of(paths_of(np.full((20, 48), 50)), {KEY: 240.0})  # 24 hours from 08:00
    both = heads_of_weeks(demand, [date(2023, 12, 26), date(2024, 1, 2)], CAPACITY, 40)["a"]
    np.testing.assert_allclose(both[:, 0], 2 * both[:, 1])  # 16 hours of Monday, 8 of Tuesday


def test_later_weeks_are_the_mean_of_the_forecasts_times_growth_and_season():
    heads = {"a": np.array([[8.0, 12.0], [18.0, 22.0]])}
    weeks = [MONDAY, MONDAY + timedelta(weeks=1)]
    found = required_ahead(heads, weeks, section(growth_pct=10), 1)["a"]
    np.testing.assert_array_equal(found[:, :2], heads["a"])
    np.testing.assert_allclose(found[:, 2:].mean(axis=1) / [10, 20], found[0, 2:].mean() / 10)
    a_year = round(365.25 / 7)
    assert found[0, 1 + a_year] == pytest.approx(11.0, rel=1e-3)
    level = required_ahead(heads, weeks, section(month_levels={1: 2, 7: 3}), 1)["a"]
    july = (date(2024, 7, 15) - MONDAY).days // 7
    march = (date(2024, 3, 11) - MONDAY).days // 7
    # The forecast is of January, which is at twice the usual level.
    assert level[0, july] == pytest.approx(15.0)
    assert level[0, march] == pytest.approx(5.0)


def test_doubt_widens_with_the_root_of_time_and_keeps_the_mean():
    heads = {"a": np.full((20_000, 1), 10.0), "b": np.full((20_000, 1), 20.0)}
    found = required_ahead(heads, [MONDAY], section(doubt_pct=10), 7)
    quarter, year = (np.log(found["a"][:, w]).std() for w in (13, 52))
    assert year == pytest.approx(0.10, rel=0.03)
    assert quarter == pytest.approx(0.05, rel=0.03)
    np.testing.assert_allclose(found["a"].mean(axis=0), 10, rtol=0.01)
    np.testing.assert_allclose(found["b"], 2 * found["a"])  # what comes, comes to both


def test_a_forecast_of_less_than_a_week_is_refused():
    with pytest.raises(InputError, match="covers 6 days, and a week of hiring takes 7"):
        whole_weeks([MONDAY + timedelta(days=i) for i in range(6)])
    saturday = date(2024, 1, 6)
    assert whole_weeks([saturday + timedelta(days=i) for i in range(8)]) == [saturday]


@given(decisions_of_all_kinds())
@settings(max_examples=25, deadline=None)
def test_the_bill_is_the_plans_money_but_for_the_terminal_value(decisions):
    plan = evaluated(two_sites(cover={"cost_per_head_week": 1100}), decisions)
    bill = bill_of(plan)
    lines = [name for name in LINES if name != "terminal_value"]
    assert bill["cost"].sum() == pytest.approx(plan.costs[lines].sum().sum(), abs=1.0)
    assert bill["cost"].sum() * 100 == pytest.approx(round(bill["cost"].sum() * 100), abs=1e-6)
    came = bill.set_index("line")["quantity"]
    for name, joined in plan.heads.groupby("site")["joined"].sum().items():
        assert came.get(f"hires {name}", 0) == joined
    gone = plan.heads.loc[plan.heads["site"] == "north", "leavers"].sum()
    assert came["leavers north"] == pytest.approx(gone, abs=1e-6)


def test_prices_come_from_the_section_costs_where_a_site_has_none():
    costs = CostsParams(
        currency="USD", contracts={"full": {"pay_per_hour": 1}}, per_training_week=77, per_hire=5
    )
    given_here = section(sites=(site(), HiringSite(name="b", wage_per_week=1, class_sizes=(1,))))
    north, other = priced_by(given_here, costs).sites
    assert (north.hiring_cost, north.training_cost_per_week) == (900, 150)
    assert (other.hiring_cost, other.training_cost_per_week, other.leaver_cost) == (5, 77, 0)
    assert priced_by(given_here, None) is given_here


@given(decisions_of_all_kinds())
@settings(max_examples=10, deadline=None)
def test_the_tables_hold_the_plan(decisions):
    case = two_sites(required={"north": [5.0] * 12, "south": [4.0] * 12})
    plan = evaluated(case, decisions)
    hires = hires_of(plan, "base", "wages")
    assert hires["size"].sum() == plan.heads["joined"].sum()
    assert len(hires) == len(decisions.classes)
    late = hires["latest_approval"].dropna()
    assert (late >= hires.loc[late.index, "approve_by"]).all()
    week = workforce_of(plan, "base", "wages")
    assert len(week) == 24
    pd.testing.assert_series_equal(
        week.groupby("site")["heads"].sum(), plan.heads.groupby("site")["heads"].sum()
    )
