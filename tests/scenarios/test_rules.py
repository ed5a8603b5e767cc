"""Rules of staffing have the size that textbook formulas give, agent by agent."""

from math import ceil, exp

import numpy as np
import pytest

from forecast.capacity.demand import Demand
from forecast.capacity.requirements import agents_at
from forecast.scenarios.case import Case
from tests.scenarios.worlds import pull, world

AHT = 240.0


@pytest.fixture(scope="module")
def base(params):
    """One day of care, at known rates; nobody hangs up, and there is no ceiling."""
    plain = world(days=1)
    care = plain.only((plain.intervals["queue"] == "care").to_numpy())
    certain = Demand(care.intervals, care.rate.mean(axis=1)[:, None], care.aht_s, 1.0)
    free = {"patience_s": None, "occupancy_max": 1.0, "pools": {}, "assumed": []}
    return Case(certain, params.capacity.model_copy(update=free))


def waits(load, n):
    """Return Erlang C's chance to wait, by the recursion of Erlang B."""
    blocked = 1.0
    for k in range(1, n + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1 - load / n * (1 - blocked))


def level(load, n, within_s):
    return 1 - waits(load, n) * exp(-(n - load) * within_s / AHT)


def asa(load, n):
    return waits(load, n) * AHT / (n - load)


# A rule, and whether n agents keep it at a load.
RULES = {
    "base": ({}, lambda a, n: level(a, n, 20) >= 0.8),
    "target": ({"service_level_target": 0.95}, lambda a, n: level(a, n, 20) >= 0.95),
    "limit": ({"answer_within_s": 60}, lambda a, n: level(a, n, 60) >= 0.8),
    "asa": ({"asa_max_s": 3}, lambda a, n: level(a, n, 20) >= 0.8 and asa(a, n) <= 3),
    "waits": ({"p_wait_max": 0.1}, lambda a, n: level(a, n, 20) >= 0.8 and waits(a, n) <= 0.1),
    "ceiling": ({"occupancy_max": 0.5}, lambda a, n: level(a, n, 20) >= 0.8 and a / n <= 0.5),
    "minimum": ({"agents_min": 9}, lambda a, n: level(a, n, 20) >= 0.8 and n >= 9),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_takes_the_agents_of_the_textbook(base, name):
    changed, kept = RULES[name]
    case = pull(base, capacity=changed)
    loads = case.demand.load_erlangs[:, 0]
    first = [
        next(n for n in range(ceil(load + 1e-9), 200) if kept(load, n))
        for load in map(float, loads)
    ]
    for risk in ("mean", "expected", "p90"):
        assert agents_at(case.demand, case.capacity, risk).tolist() == first


def test_risk_is_the_load_of_that_path(params):
    """Staffed for P90 and with confidence, an interval has the agents of such a path."""
    demand = world(days=1)
    free = {"patience_s": None, "occupancy_max": 1.0, "pools": {}, "assumed": []}
    base = Case(demand, params.capacity.model_copy(update=free))
    loads = np.sort(demand.load_erlangs, axis=1)
    for told, rank in (
        ({"plan_at": "p90"}, 36),
        ({"plan_at": "confident", "confidence": 0.95}, 38),
    ):
        case = pull(base, capacity=told)
        found = agents_at(case.demand, case.capacity, case.capacity.plan_at)
        for load, agents in zip(loads[:, rank - 1], found, strict=True):
            assert level(load, int(agents), 20) >= 0.8
            assert agents - 1 <= load or level(load, int(agents) - 1, 20) < 0.8


def test_patience_and_redials_have_the_size_of_a_simulated_queue(params):
    """Erlang A by its balance equations, state by state: who hangs up, and who calls again."""
    demand = world(days=1)
    care = demand.only((demand.intervals["queue"] == "care").to_numpy())
    certain = Demand(care.intervals, care.rate.mean(axis=1)[:, None], care.aht_s, 1.0)
    base = Case(certain, params.capacity.model_copy(update={"occupancy_max": 1.0, "pools": {}}))
    told = {"patience_s": 90, "abandonment_max": 0.02, "service_level_target": 0.01}
    for redial in (0.0, 0.5):
        case = pull(base, capacity={**told, "redial": redial})
        found = agents_at(case.demand, case.capacity, "mean")
        for load, agents in zip(map(float, certain.load_erlangs[:, 0]), found, strict=True):
            assert hung_up(load, int(agents), 90, redial) <= 0.02 + 1e-9
            assert hung_up(load, int(agents) - 1, 90, redial) > 0.02


def hung_up(load, n, patience_s, redial):
    """Return the share of calls that hang up, redials fed back until nothing changes."""
    total = load
    for _ in range(200):
        states = [1.0]
        for k in range(1, 400):
            leave = min(k, n) / AHT + max(k - n, 0) / patience_s
            states.append(states[-1] * (total / AHT) / leave)
        time = np.array(states) / sum(states)
        gone = float((time * np.maximum(np.arange(400) - n, 0)).sum()) / patience_s
        share = gone / (total / AHT)
        total = load + redial * share * total
    return share
