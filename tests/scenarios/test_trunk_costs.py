"""Trunks and penalties in scenarios: their tables, and their lines in the bill."""

import numpy as np
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.money.planned import DAYS_PER_MONTH
from forecast.capacity.trunks import trunk_table
from forecast.errors import ParamsError
from forecast.scenarios import run_scenarios
from forecast.steps.whatif import words
from tests.capacity.test_demand import KEY, paths_of

COSTS = {
    "currency": "USD",
    "contracts": {"full": {"pay_per_hour": 30}},
    "per_trunk_month": 17.5,
    "penalties": [{"below": 0.8, "per": "day", "cost": 400}],
}


@pytest.fixture(scope="module")
def demand():
    rng = np.random.default_rng(11)
    busy = rng.normal(1, 0.2, (40, 1))
    return demand_of(paths_of(rng.poisson(busy * np.full(20, 150.0))), {KEY: 200.0})


@pytest.fixture(scope="module")
def told(params):
    more = {"base": {}, "more": {"volume_pct": 30}, "lean": {"capacity": {"plan_at": "p10"}}}
    return params.override(
        {"costs": COSTS, "trunks": {"ivr_s": 30, "peak_quantile": 0.8}, "scenarios": more}
    )


@pytest.fixture(scope="module")
def found(demand, told):
    return run_scenarios(demand, told)


def test_trunks_are_those_of_each_scenarios_plan(demand, found):
    for name, factor in (("base", 1.0), ("more", 1.3)):
        table = found.requirement[found.requirement["scenario"] == name]
        agents = table.sort_values("ds")["agents"].to_numpy()
        case = demand.scaled(where=np.ones(20, dtype=bool), volume=factor, aht=1.0)
        wanted = trunk_table(
            case, agents, ivr_s=30, blocking_max=0.01, patience_s=180, quantiles=[0.8]
        )
        own = found.trunks[found.trunks["is_plan"] & (found.trunks["scenario"] == name)]
        assert own["quantile"].tolist() == [0.8]
        assert own[["trunks", "ports"]].to_numpy().tolist() == (
            wanted[["trunks", "ports"]].to_numpy().tolist()
        )


def test_trunks_and_penalties_are_lines_that_add_up(demand, found):
    lines = found.cost_lines.set_index(["scenario", "line"])
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    for name in ("base", "more", "lean"):
        rented = int(
            found.trunks[found.trunks["is_plan"] & (found.trunks["scenario"] == name)][
                "trunks"
            ].iloc[0]
        )
        row = lines.loc[(name, "trunk months")]
        months = round(rented * demand.weeks * 7 / DAYS_PER_MONTH, 6)
        assert row["quantity"] == pytest.approx(months, abs=1e-9)
        assert row["cost"] == pytest.approx(row["quantity"] * 17.5, abs=0.005)
        penalty = lines.loc[(name, "penalty: day with service level below 0.8")]
        day = found.service[
            (found.service["scenario"] == name) & (found.service["period"] == "day")
        ]
        assert penalty["quantity"] == pytest.approx((1 - day["p_met"]).sum(), abs=1e-6)
        assert plan.loc[name, "cost"] == pytest.approx(lines.loc[name]["cost"].sum(), abs=1e-6)
    # Lean staffing saves pay and pays for missed days.
    line = "penalty: day with service level below 0.8"
    assert lines.loc[("lean", line), "cost"] > lines.loc[("base", line), "cost"]


def test_steps_of_cost_hold_them_too(found):
    steps = found.steps.groupby("scenario")["cost"].sum()
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    for name in ("more", "lean"):
        assert steps[name] == pytest.approx(plan.loc[name, "cost_vs_base"], abs=0.005)


def test_whatif_prints_the_lines(found, told):
    said = [line for line in words(found, told) if "trunks" in line]
    assert [line.split(":")[0] for line in said] == ["base", "more", "lean"]
    assert said[0].endswith("menu ports, enough on 80% of the paths")


def test_a_price_for_lines_that_are_not_planned_is_refused(params):
    with pytest.raises(ParamsError, match=r"per_trunk_month has a price and the section trunks is"):
        params.override({"costs": COSTS})
    with pytest.raises(ParamsError, match=r"costs\.per_trunk_month needs capacity\.patience_s"):
        params.override(
            {
                "costs": COSTS,
                "trunks": {"ivr_s": 3},
                "capacity.patience_s": None,
                "capacity.assumed": [],
            }
        )


def test_no_lines_without_the_section(demand, params):
    assert run_scenarios(demand, params, []).trunks.empty
