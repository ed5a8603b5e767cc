"""E-mails, longer hours, and one team at several sites: direction and size."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import Demand
from forecast.capacity.requirements import agents_at
from forecast.errors import ParamsError
from forecast.queueing.backlog import work_off
from forecast.scenarios import run_scenarios
from forecast.scenarios.case import Case
from forecast.scenarios.cost import cost_of
from tests.scenarios.worlds import DAYS, HOURS, contacts, pull, world

EMAIL = {"share": 0.3, "due_h": 24, "aht_pct": 50}


@pytest.fixture(scope="module")
def base(params):
    return Case(world(), params.capacity)


def test_e_mails_leave_the_calls_and_are_worked_off_in_time(base):
    case = pull(base, to_email=EMAIL, queues=["orders"], sites=["north"])
    mail, agents = case.waiting[0]
    orders = base.demand.intervals["queue"].eq("orders") & base.demand.intervals["site"].eq("north")
    calls = base.demand.rate[orders].mean(axis=1)
    np.testing.assert_allclose(mail.rate.mean(axis=1), 0.3 * calls)
    assert (mail.aht_s == 360).all()
    assert contacts(case) + 0.3 * calls.sum() == pytest.approx(contacts(base))
    # A second way: hour by hour through the week, nights as hours at which nobody works.
    came, team = np.zeros(7 * 24), np.zeros(7 * 24)
    at = (np.arange(7)[:, None] * 24 + np.arange(8, 18)).ravel()
    came[at], team[at] = 0.3 * calls[: 7 * HOURS], agents[: 7 * HOURS]
    assert np.unique(agents[: 7 * HOURS]).size == 1
    enough, fewer = (
        work_off(came, team - less, aht_s=360, interval_s=3600, due_s=86_400)
        for less in (np.zeros(168), (team > 0) * 1.0)
    )
    assert enough.in_time == 1
    assert enough.backlog[-1] == pytest.approx(0, abs=1e-6)
    assert fewer.in_time < 1 or fewer.backlog[-1] > 0


def test_e_mails_take_fewer_people_than_calls(base, params):
    """Work that may wait needs no reserve: large teams of it are cheaper than calls."""
    same = {**EMAIL, "aht_pct": 0}
    told = params.override({"scenarios": {"base": {}, "mail": {"to_email": same}}})
    found = run_scenarios(world(per_hour=900), told)
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    assert plan.loc["mail", "offered"] == pytest.approx(plan.loc["base", "offered"])
    assert plan.loc["mail", "cost"] < plan.loc["base", "cost"]
    table = found.requirement[found.requirement["scenario"] == "mail"]
    assert set(table["channel"]) == {"voice", "email"}
    hours = (table["agents"] * table["open_min"] / 60).sum()
    assert plan.loc["mail", "agent_hours"] == pytest.approx(hours)
    paid = (table["scheduled_agents"] * table["open_min"] / 60).sum()
    assert plan.loc["mail", "paid_hours"] == pytest.approx(paid)
    assert plan.loc["mail", "cost"] == pytest.approx(30 * paid)
    assert table.loc[table["channel"] == "email", "service_level"].isna().all()
    assert plan.loc["mail", "service_level"] > 0.8


def test_more_time_for_e_mails_takes_no_more_people(base):
    large = Case(world(per_hour=900), base.capacity)
    spent = [cost_of(pull(large, to_email={**EMAIL, "due_h": h})) for h in (1, 8, 24, 72)]
    assert spent == sorted(spent, reverse=True)
    assert spent[0] > spent[-1]


def test_longer_hours_spread_the_same_contacts(base):
    told = {"days": ["mon", "tue"], "starts": "18:00", "ends": "20:00", "share": 0.08}
    case = pull(base, opened=told, queues=["orders"])
    rows = case.demand.intervals
    rate = case.demand.rate.mean(axis=1)
    late = (rows["local"].dt.hour >= 18).to_numpy()
    # Mondays and Tuesdays of nine days from a Monday: 4 days x 2 hours x 2 sites.
    assert late.sum() == 16
    assert set(rows["local"][late].dt.day_of_week) == {0, 1}
    assert contacts(case) == pytest.approx(contacts(base))
    south = base.demand.rate[(base.demand.intervals["site"] == "south").to_numpy()]
    a_day = south.mean(axis=1).sum() / DAYS
    own = late & (rows["site"] == "south").to_numpy()
    assert rate[own] == pytest.approx(0.08 * a_day / 2)
    assert (rows["ds"].dt.tz_localize(None) == rows["local"]).all()
    # All of them new: the others stay as they are.
    more = pull(base, opened={**told, "new": 1.0}, queues=["orders"])
    assert contacts(more) == pytest.approx(contacts(base) + rate[late].sum())
    assert cost_of(more) > cost_of(base)


def test_hours_on_a_day_that_was_closed(base):
    only = base.demand.only((base.demand.intervals["local"].dt.day_of_week != 6).to_numpy())
    case = Case(only, base.capacity)
    wide = pull(case, opened={"days": ["sun"], "starts": "10:00", "ends": "12:00", "share": 0.1})
    rows = wide.demand.intervals
    sunday = rows["local"].dt.day_of_week == 6
    assert sunday.sum() == 3 * 2
    assert contacts(wide) == pytest.approx(contacts(case))


def test_one_team_at_two_sites_takes_fewer_people(base):
    case = pull(base, pooled_sites={"both": ["north", "south"]})
    rows = case.demand.intervals
    assert set(rows["site"]) == {"both"}
    assert contacts(case) == pytest.approx(contacts(base))
    assert cost_of(case) < cost_of(base)
    # The agents are those of one queue with the load of both, path by path.
    was = base.demand.intervals
    orders = (was["queue"] == "orders").to_numpy()
    both = base.demand.only(orders)
    first, other = ((both.intervals["site"] == s).to_numpy() for s in ("north", "south"))
    alone = both.only(first)
    one = Demand(alone.intervals, both.rate[first] + both.rate[other], alone.aht_s, alone.weeks)
    its = (rows["queue"] == "orders").to_numpy()
    asked = agents_at(case.demand, case.capacity, "expected")[its]
    assert asked.tolist() == agents_at(one, case.capacity, "expected").tolist()


def test_base_people_go_along_into_the_pooled_site(base, params):
    told = params.override(
        {
            "capacity.occupancy_max": 1.0,
            "scenarios": {"base": {}, "one": {"pooled_sites": {"both": ["north", "south"]}}},
        }
    )
    found = run_scenarios(base.demand, told)
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    # With all who are there today one team serves better than two.
    assert plan.loc["one", "service_level_base"] > plan.loc["base", "service_level"]


@pytest.mark.parametrize(
    ("levers", "why"),
    [
        ({"pooled_sites": {"both": ["north", "x"]}}, "'x' is no site"),
        ({"pooled_sites": {"both": ["north"]}}, "two sites at least"),
        ({"pooled_sites": {"south": ["north", "north"]}}, "a name of its own"),
        ({"opened": {"starts": "09:00", "ends": "17:00", "share": 0.1}}, "open already"),
        ({"opened": {"starts": "18:00", "ends": "20:00", "share": 1.0, "days": ["mon"]}}, None),
        ({"to_email": {"share": 0.2}, "queues": ["x"]}, "'x' is no queue"),
    ],
)
def test_places_that_cannot_be_are_refused(base, levers, why):
    if why is None:
        assert contacts(pull(base, **levers)) == pytest.approx(contacts(base))
        return
    with pytest.raises(ParamsError, match=why):
        pull(base, **levers)


def test_sites_whose_clocks_differ_are_not_pooled_where_pay_goes_by_them(base, params):
    rows = base.demand.intervals
    south = (rows["site"] == "south").to_numpy()
    later = rows.assign(local=rows["local"] + pd.to_timedelta(south * 1, unit="h"))
    demand = replace(base.demand, intervals=later)
    case = pull(Case(demand, base.capacity), pooled_sites={"both": ["north", "south"]})
    assert (case.demand.intervals["local"].dt.hour.max()) == 17
    ledger = params.override(
        {
            "shrinkage": {
                "activities": [
                    {"name": "a", "share": 0.3, "of": "paid", "place": "in office",
                     "planned": True, "when": [{"share": 0.2, "starts": "12:00", "ends": "13:00"}]}
                ]
            }
        }
    ).shrinkage  # fmt: skip
    with pytest.raises(ParamsError, match="the clocks of the sites differ"):
        pull(Case(demand, base.capacity, ledger=ledger), pooled_sites={"b": ["north", "south"]})
