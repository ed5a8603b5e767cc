"""The shrinkage ledger in the plan: by interval, exact, and as levers move it."""

from fractions import Fraction
from math import ceil

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.requirements import requirement
from forecast.scenarios import run_scenarios
from tests.capacity.test_demand import KEY, paths_of

BREAKS = {
    "name": "breaks",
    "share": 0.2,
    "of": "office",
    "place": "in office",
    "planned": True,
    "when": [{"share": 0, "starts": "12:00", "ends": "24:00"}],
}
SICK = {
    "name": "sickness",
    "share": 0.1,
    "of": "rostered",
    "place": "out of office",
    "planned": False,
}
LEDGER = {"activities": [SICK, BREAKS]}
# A tenth is sick; of the rest a fifth has a break in the morning: 0.1 + 0.18, and 0.1 from noon.
MORNING, LATER = Fraction("0.28"), Fraction("0.1")


@pytest.fixture(scope="module")
def demand():
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.normal(1, 0.05, (60, 1)) * np.linspace(100, 300, 24))
    return demand_of(paths_of(counts), {KEY: 240.0})


@pytest.fixture(scope="module")
def told(params):
    return params.override(
        {
            "shrinkage": LEDGER,
            "scenarios": {
                "base": {},
                "points": {"shrinkage_points": 5},
                "healthy": {"shrinkage": {"sickness": 0}},
                "both": {"extends": ["points"], "shrinkage": {"sickness": 0}},
            },
        }
    )


@pytest.fixture(scope="module")
def found(demand, told):
    return run_scenarios(demand, told)


def people(table, morning, later):
    """Return the people to schedule, reckoned one interval at a time in fractions."""
    early = table["local"].dt.hour < 12
    share = [morning if is_early else later for is_early in early]
    return [ceil(Fraction(int(n)) / (1 - s)) for n, s in zip(table["agents"], share, strict=True)]


@pytest.mark.parametrize(
    ("scenario", "morning", "later"),
    [
        ("base", MORNING, LATER),
        ("points", MORNING + Fraction("0.05"), LATER + Fraction("0.05")),
        ("healthy", Fraction("0.2"), Fraction(0)),
        ("both", Fraction("0.25"), Fraction("0.05")),
    ],
)
def test_every_interval_has_its_own_shrinkage(found, demand, told, scenario, morning, later):
    table = found.requirement[found.requirement["scenario"] == scenario]
    table = table.merge(demand.intervals[["ds", "local"]], on="ds", validate="one_to_one")
    early = table["local"].dt.hour < 12
    assert early.any()
    assert not early.all()
    expected = people(table, morning, later)
    assert table["scheduled_agents"].tolist() == expected
    # Paid hours, FTE and cost are those of the same people.
    hours = float((np.array(expected) * table["open_min"] / 60).sum())
    row = found.plan[found.plan["is_plan"]].set_index("scenario").loc[scenario]
    assert row["paid_hours"] == pytest.approx(hours)
    assert row["fte"] == pytest.approx(hours / demand.weeks / 40)
    assert row["cost"] == pytest.approx(hours * told.capacity.cost_per_paid_hour)
    assert set(table["agents"]) == set(found.requirement.query("scenario == 'base'")["agents"])


def test_the_capacity_step_and_the_base_scenario_schedule_the_same(found, demand, told):
    alone = requirement(demand, told.capacity, ledger=told.shrinkage)
    base = found.requirement[found.requirement["scenario"] == "base"].reset_index(drop=True)
    pd.testing.assert_series_equal(alone["scheduled_agents"], base["scheduled_agents"])


def test_the_levers_steps_add_up(found):
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    for scenario, own in found.steps.groupby("scenario"):
        difference = plan.loc[scenario, "cost"] - plan.loc["base", "cost"]
        assert round(100 * own["cost"].sum()) == round(100 * difference)
    assert (found.steps.query("scenario == 'healthy'")["cost"] < 0).all()


def test_base_people_fill_fewer_positions_where_more_of_them_are_away(found, params):
    base = found.requirement[found.requirement["scenario"] == "base"].reset_index(drop=True)
    more = found.requirement[found.requirement["scenario"] == "points"].reset_index(drop=True)
    assert (more["service_level_base"] <= base["service_level"]).all()
    assert (more["service_level_base"] < base["service_level"]).any()


def test_a_flat_ledger_plans_what_the_flat_share_plans(demand, params):
    row = {**SICK, "of": "paid", "name": "all", "share": 0.3, "planned": True}
    flat, ledger = params, params.override({"shrinkage": {"activities": [row]}})
    for name in ("requirement", "plan"):
        one, other = (getattr(run_scenarios(demand, p), name) for p in (flat, ledger))
        pd.testing.assert_frame_equal(one, other)
