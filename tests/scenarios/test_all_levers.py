"""Laws that hold for every lever: a direction, and steps that add up to the cent."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.capacity.money.waterfall import waterfall
from forecast.params.scenario import LEVERS, SCOPED, Scenario
from forecast.scenarios import run_scenarios
from forecast.scenarios.cost import cost_of
from forecast.scenarios.levers import ACTIONS, pulls
from forecast.scenarios.quick import base_case
from forecast.scenarios.run import pulled
from tests.scenarios.worlds import COSTS, MIX, learned, pull, world

LEDGER = {
    "activities": [
        {
            "name": "sickness",
            "share": 0.1,
            "of": "paid",
            "place": "out of office",
            "planned": False,
        },
        {"name": "breaks", "share": 0.2, "of": "office", "place": "in office", "planned": True},
    ]
}
# An example of each lever, and whether it costs (1) or saves (-1).
EXAMPLES = {
    "volume_pct": (12, 1),
    "growth_pct_per_year": (300, 1),
    "promotions": ({"add": [{"kind": "mailing", "first_day": "2024-01-02"}]}, 1),
    "first_contact_resolution": ({"now": 0.7, "then": 0.8}, -1),
    "self_service": ({"share": 0.2, "harder_pct": 5}, -1),
    "aht_pct": (-8, -1),
    "newcomers": ([{"share": 0.2, "aht_pct": 40}, {"share": 0.1, "aht_pct": 10}], 1),
    "attrition": ({"now": 0.1, "then": 0.5, "aht_factor": [1.5], "vacant_weeks": 5}, 1),
    "temps": ({"share": 0.2, "cost_per_hour": 48}, 1),
    "closed": ({"starts": "16:00", "ends": "18:00", "lost": 0.9}, -1),
    "opened": ({"starts": "18:00", "ends": "20:00", "share": 0.1, "new": 1.0}, 1),
    "lost_sites": (["west"], -1),
    "outsourced": ({"share": 0.2, "cost_per_contact": 0.5}, -1),
    "to_chat": ({"share": 1.0, "at_once": 3}, -1),
    "to_email": ({"share": 0.5, "due_h": 24, "aht_pct": 20}, 1),
    "pooled_sites": ({"both": ["north", "south"]}, -1),
    "wage_pct": (7, 1),
    "contract_mix": ({"full": 0.2, "part": 0.8}, -1),
    "shrinkage": ({"sickness": 0.05}, -1),
    "shrinkage_points": (4, 1),
    "capacity": ({"answer_within_s": 60, "service_level_target": 0.7}, -1),
    "overtime": ({"share": 0.1}, 1),
    "remote": ({"share": 0.3}, -1),
    "trunks": ({"ivr_s": 10}, -1),
    "voluntary_time_off": (0.1, -1),
    "heads_max": (40, -1),
    "spend_max_per_week": (9000, -1),
}
NAMES = sorted(EXAMPLES)


@pytest.fixture(scope="module")
def demand():
    """Three days of orders and care at north and south, and some orders at west."""
    plain = world(per_hour=90, days=3)
    south = (plain.intervals["site"] == "south").to_numpy()
    west = plain.only(south)
    west = replace(west, intervals=west.intervals.assign(site="west"))
    return plain.joined(west.scaled(where=np.ones(south.sum(), dtype=bool), volume=0.3, aht=1.0))


@pytest.fixture(scope="module")
def told(params):
    return params.override(
        {
            "costs": COSTS,
            "capacity.contract_mix": MIX,
            "capacity.occupancy_max": 1.0,
            "shrinkage": LEDGER,
            "trunks": {"ivr_s": 30, "self_service": 0.25},
            "scenarios": {"base": {}},
        }
    )


@pytest.fixture(scope="module")
def base(demand, told):
    return replace(base_case(demand, told), learned=learned())


def test_every_lever_is_among_the_examples():
    assert set(EXAMPLES) == set(ACTIONS) == {*LEVERS, "capacity"}
    assert set(SCOPED) <= set(LEVERS) <= set(Scenario.model_fields)


@pytest.mark.parametrize("name", NAMES)
def test_every_lever_has_a_direction(base, name):
    example, sign = EXAMPLES[name]
    assert np.sign(cost_of(pull(base, **{name: example})) - cost_of(base)) == sign


@settings(max_examples=8, deadline=None, derandomize=True)
@given(names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=3, unique=True))
def test_steps_of_any_levers_add_up_to_the_cent(base, names):
    if {"lost_sites", "pooled_sites"} <= set(names):
        names = names[:-1]
    levers = pulls({"it": Scenario.model_validate({n: EXAMPLES[n][0] for n in names})})
    found = waterfall(
        list(levers), lambda some: cost_of(pulled(base, (levers[n] for n in levers if n in some)))
    )
    whole = cost_of(pulled(base, levers.values())) - cost_of(base)
    assert found["cents"].sum() == round(100 * whole)
    assert set(found["lever"]) == set(names)


def test_all_levers_together_add_up_to_the_cent(demand, told):
    every = {name: example for name, (example, _) in EXAMPLES.items()}
    both = told.override({"scenarios": {"base": {}, "every": every}})
    found = run_scenarios(demand, both, learned=learned())
    assert len(found.steps) == len(EXAMPLES)
    assert set(found.steps["method"]) == {"sequential"}
    assert_adds_up(found, ["every"])
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    lines = found.cost_lines.groupby("scenario")["cost"].sum()
    assert round(100 * lines["every"]) == round(100 * plan.loc["every", "cost"])


def assert_adds_up(found, names):
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    for name in names:
        steps = found.steps[found.steps["scenario"] == name]
        cents = (steps["cost"] * 100).round().astype("int64")
        assert (steps["cost"] * 100 - cents).abs().max() < 1e-6
        assert cents.sum() == round(100 * plan.loc[name, "cost_vs_base"])
        before, after = steps["cost_before"], steps["cost_after"]
        assert (before.iloc[1:].to_numpy() == after.iloc[:-1].to_numpy()).all()
        assert before.iloc[0] == pytest.approx(plan.loc["base", "cost"])
        assert after.iloc[-1] == pytest.approx(plan.loc[name, "cost"])


def test_every_lever_is_in_the_docs(root):
    text = (root / "docs" / "what_if.md").read_text(encoding="utf-8")
    keys = set(re.findall(r"`(\w+)[:`]", text))
    assert set(ACTIONS) <= keys
