"""The plan's cost as a bill: by contract and kind of day, in lines that add up to the cent."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.money.planned import paid_days
from forecast.scenarios import run_scenarios
from forecast.schema import CALENDAR
from tests.capacity.test_demand import paths_of

COSTS = {
    "currency": "USD",
    "contracts": {"full": {"pay_per_hour": 30}, "part": {"pay_per_hour": 24.4}},
    "premiums": {"holiday": 3.0, "night": 1.25, "night_from": "18:00", "night_until": "06:00"},
    "rest_days": [],
    "per_seat_month": 210,
    "per_telecom_min": 0.013,
}
MIX = {"full": 0.75, "part": 0.25}
FESTIVE = date(2024, 5, 2)
SLOTS = 24


@pytest.fixture(scope="module")
def demand():
    """Two sites, three days from 08:00 to 20:00, from 1 May 2024."""
    rng = np.random.default_rng(7)
    parts = []
    for site in ("north", "south"):
        for day in range(3):
            made = paths_of(rng.poisson(rng.normal(1, 0.05, (40, 1)) * np.full(SLOTS, 90.0)))
            start = pd.Timestamp("2024-05-01 08:00", tz="UTC") + pd.Timedelta(days=day)
            ds = (made["ds"] - made["ds"].min() + start).astype(made["ds"].dtype)
            parts.append(made.assign(site=site, queue="q", ds=ds))
    whole = pd.concat(parts)
    keys = whole[["site", "queue", "channel"]].itertuples(index=False, name=None)
    return demand_of(whole, dict.fromkeys(keys, 200.0))


@pytest.fixture(scope="module")
def calendar(demand):
    """The second day is a holiday in the north; in the south it is given off in lieu."""
    rows = demand.intervals[["site", "queue", "channel", "ds", "open_min", "local"]]
    festive = rows["local"].dt.date == FESTIVE
    there = np.where(rows["site"] == "north", "statutory_holiday", "in_lieu_day_off")
    return rows.assign(known=rows["ds"].min(), day_type=np.where(festive, there, "working_day"))


@pytest.fixture(scope="module")
def told(params):
    return params.override(
        {
            "costs": COSTS,
            "capacity.contract_mix": MIX,
            "trunks": {"ivr_s": 30, "self_service": 0.25},
            "scenarios": {
                "base": {},
                "wages": {"wage_pct": 10},
                "part": {"contract_mix": {"part": 1.0}},
                "given": {"outsourced": {"share": 0.2, "cost_per_contact": 3.5}},
                "all": {"extends": ["wages", "given"], "volume_pct": 7, "shrinkage_points": 3},
            },
        }
    )


@pytest.fixture(scope="module")
def found(demand, told, calendar):
    return run_scenarios(demand, told, calendar=calendar)


@pytest.fixture(scope="module")
def plan(found):
    return found.plan[found.plan["is_plan"]].set_index("scenario")


def line(found, scenario, name):
    rows = found.cost_lines.set_index(["scenario", "line"])
    return rows.loc[(scenario, name)]


def test_the_bill_is_that_of_an_hour_after_another(found, demand):
    """A second way: walk through the people of every half-hour and pay them."""
    table = found.requirement[found.requirement["scenario"] == "base"]
    local = table.merge(demand.intervals, on=["site", "queue", "channel", "ds"])["local"]
    hours = table["scheduled_agents"].to_numpy() * table["open_min"].to_numpy() / 60
    owed: dict[str, float] = {}
    for site, at, paid in zip(table["site"], local, hours, strict=True):
        times = 1.25 if at.hour >= 18 else 1.0
        if site == "north" and at.date() == FESTIVE:
            times = 3.0  # The higher of the two.
        for contract, pay in (("full", 30), ("part", 24.4)):
            owed[contract] = owed.get(contract, 0.0) + paid * MIX[contract] * pay * times
    lines = found.cost_lines[found.cost_lines["scenario"] == "base"]
    for contract, cost in owed.items():
        own = lines[lines["line"].str.startswith(f"pay {contract}")]
        assert len(own) == 4  # Workday and holiday, each by day and by night.
        assert own["cost"].sum() == pytest.approx(cost, abs=0.03)


def test_lines_add_up_to_the_plan_to_the_cent(found, plan):
    assert set(found.cost_lines["scenario"]) == set(plan.index)
    for scenario, own in found.cost_lines.groupby("scenario"):
        cents = (own["cost"] * 100).round().astype("int64")
        assert (own["cost"] * 100 - cents).abs().max() < 1e-6
        assert cents.sum() == round(plan.loc[scenario, "cost"] * 100)
        assert (own["quantity"] * own["rate"] - own["cost"]).abs().max() <= 0.005 + 1e-9


def test_steps_add_up_to_the_cent_with_every_price(found, plan):
    for scenario, own in found.steps.groupby("scenario"):
        cents = round(100 * (plan.loc[scenario, "cost"] - plan.loc["base", "cost"]))
        assert (own["cost"] * 100).round().sum() == cents


def test_seats_are_those_of_each_site_s_fullest_interval(found, demand):
    table = found.requirement[found.requirement["scenario"] == "base"]
    peaks = table.groupby("site")["agents"].max().sum()
    months = demand.weeks * 7 / (365.25 / 12)
    assert line(found, "base", "seat months")["quantity"] == pytest.approx(peaks * months)


def test_a_minute_on_the_line_is_menu_wait_and_talk(found):
    table = found.requirement[found.requirement["scenario"] == "base"]
    # Of four callers three ask for an agent, all of them for 30 s in the menu.
    held = 30 / 0.75 + table["asa_s"] + (1 - table["abandonment"]) * table["aht_s"]
    minutes = line(found, "base", "telecom min")["quantity"]
    assert minutes == pytest.approx(float((table["offered"] * held).sum() / 60))


def test_wages_raise_pay_and_nothing_else(found):
    base, wages = (
        found.cost_lines[found.cost_lines["scenario"] == name].set_index("line")
        for name in ("base", "wages")
    )
    pay = base.index.str.startswith("pay ")
    assert (wages["cost"][pay] - 1.1 * base["cost"][pay]).abs().max() < 0.011
    assert wages["rate"][pay].to_numpy() == pytest.approx(1.1 * base["rate"][pay].to_numpy())
    pd.testing.assert_series_equal(wages["cost"][~pay], base["cost"][~pay])


def test_a_contract_mix_moves_hours_and_leaves_their_sum(found, plan):
    assert plan.loc["part", "paid_hours"] == plan.loc["base", "paid_hours"]
    own = found.cost_lines.query("scenario == 'part' and unit == 'h'")
    assert own["line"].str.startswith("pay part").all()
    assert own["quantity"].sum() == pytest.approx(plan.loc["part", "paid_hours"])
    assert plan.loc["part", "cost"] < plan.loc["base", "cost"]


def test_outsourcing_is_a_line_of_its_own(found, plan):
    given = line(found, "given", "outsourced contacts")
    assert given["quantity"] == pytest.approx(0.2 * plan.loc["base", "offered"], abs=1e-5)
    assert given["rate"] == 3.5
    assert plan.loc["given", "cost_outsourced"] == given["cost"]


def test_without_prices_and_days_the_bill_is_the_flat_cost(demand, params, plan):
    costs = {"currency": "USD", "contracts": {"full": {"pay_per_hour": 30}}}
    names = ["volume_up_20", "ninety_in_fifteen", "shrinkage_up_5", "four_hundred_heads"]
    both = (params, params.override({"costs": costs}))
    flat, priced = (run_scenarios(demand, p, names) for p in both)
    named = [c for c in flat.plan if c.startswith("cost")] + ["heads_by_contract"]
    rest = [c for c in flat.plan if c not in named]
    pd.testing.assert_frame_equal(flat.plan[rest], priced.plan[rest])
    assert priced.plan["cost"].to_numpy() == pytest.approx(flat.plan["cost"].to_numpy())
    assert set(flat.cost_lines["line"]) == {"paid hours"}
    paid = flat.plan[flat.plan["is_plan"]].set_index("scenario")["cost"]
    assert flat.cost_lines.set_index("scenario")["cost"].to_dict() == paid.to_dict()


def test_only_statutory_holidays_are_paid_as_such_and_by_site(calendar):
    assert set(calendar.columns) <= set(CALENDAR.names)
    assert paid_days(calendar, "statutory_holiday") == {"north": frozenset({FESTIVE})}
    assert paid_days(None, "statutory_holiday") == {}
