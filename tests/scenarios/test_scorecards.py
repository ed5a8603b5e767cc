"""Every scenario's scorecard: what the plan holds, and what it cannot know."""

import numpy as np
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.kpi import KPIS
from forecast.capacity.requirements import columns_of, weighted
from forecast.capacity.service import achieved
from forecast.scenarios import run_scenarios
from forecast.steps.whatif import conflicts, missed
from tests.capacity.test_demand import KEY, paths_of


@pytest.fixture(scope="module")
def demand():
    rng = np.random.default_rng(4)
    counts = rng.poisson(rng.normal(1, 0.05, (60, 1)) * np.linspace(100, 300, 24))
    return demand_of(paths_of(counts), {KEY: 240.0})


@pytest.fixture(scope="module")
def found(demand, params):
    return run_scenarios(
        demand, params.override({"scenarios.few": {"capacity": {"plan_at": "p10"}}})
    )


def cards(found):
    return found.kpis.set_index(["scenario", "kpi"])


def test_the_values_are_those_of_the_plan(found):
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    for name in plan.index:
        value = cards(found).loc[name]["value"]
        assert value["answer_rate"] == pytest.approx(1 - plan.loc[name, "abandonment"])
        assert value["occupancy"] == plan.loc[name, "occupancy"]
    assert cards(found).loc[("base", "service_level"), "value"] == plan.loc["base", "service_level"]


def test_a_plan_by_another_limit_is_scored_by_the_scorecard_s(found, demand, params):
    """ninety_in_fifteen plans for 15 s; the scorecard asks for 20 s."""
    rules = params.capacity_of("ninety_in_fifteen")
    agents = found.requirement.query("scenario == 'ninety_in_fifteen'")["agents"].to_numpy()
    own = columns_of(achieved(demand, agents, rules.model_copy(update={"answer_within_s": 20.0})))
    expected = weighted(own["service_level"], demand.rate.mean(axis=1))
    score = cards(found).loc[("ninety_in_fifteen", "service_level"), "value"]
    assert score == pytest.approx(expected)
    plan = found.plan[found.plan["is_plan"]].set_index("scenario")
    assert score > plan.loc["ninety_in_fifteen", "service_level"]


def test_what_a_plan_does_not_hold_is_not_known(found, demand, params):
    verdict = cards(found)["verdict"]
    for kpi in ("first_contact_resolution", "self_service", "attendance", "attrition"):
        assert verdict[("base", kpi)] == "not known"
    # Without patience nobody hangs up by assumption: that is no answer rate.
    endless = params.override({"capacity.patience_s": None, "capacity.assumed": []})
    card = cards(run_scenarios(demand, endless, []))
    assert card.loc[("base", "answer_rate"), "verdict"] == "not known"


def test_attendance_is_that_of_the_ledger(demand, params):
    rows = [("leave", 0.1, "paid", True), ("sickness", 0.06, "rostered", False)]
    ledger = [
        {"name": n, "share": s, "of": of, "place": "out of office", "planned": planned}
        for n, s, of, planned in rows
    ]
    card = cards(run_scenarios(demand, params.override({"shrinkage": {"activities": ledger}}), []))
    assert card.loc[("base", "attendance"), "value"] == pytest.approx(0.94)
    assert card.loc[("base", "attendance"), "verdict"] == "missed"


def test_conflicts_and_misses_are_said(found, params):
    busy = cards(found).loc[("base", "occupancy")]
    assert busy["verdict"] == "missed"  # 0.85 is planned for, and 0.80 is the KPI's.
    assert busy["pulls_against"] == "service_level;answer_rate"
    assert busy["why"].startswith("occupancy is above its band")
    first, *rest = missed(found.kpis, list(params.scenarios))
    assert first.startswith("base: misses occupancy 0.7 to 0.8 at 0.83")
    assert [line.split(":")[0] for line in rest] == list(params.scenarios)[1:]
    # In the order of the settings, and a conflict once with all scenarios that it holds for.
    assert found.kpis["kpi"].tolist() == list(KPIS) * found.plan["scenario"].nunique()
    said = conflicts(found.kpis, list(params.scenarios))
    assert len(said) == len({line.split(":")[0] for line in said})
    assert said[0].startswith("occupancy is above its band and asks for more agents; service level")
    assert ": base, " in said[0]
