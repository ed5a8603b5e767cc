"""Many intervals, looked up: exactly the agents, and within a hair the results, of the formulas."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity import crowds, staffing
from forecast.capacity.demand import Demand
from forecast.capacity.known import Known
from forecast.capacity.service import service_by
from forecast.capacity.staffing import RISKS, Staffing
from forecast.params import CapacityParams
from forecast.queueing.gridded import ERROR

PLAIN = CapacityParams(cost_per_paid_hour=30, currency="EUR", patience_s=180, confidence=0.8)
CASES = {
    "ceiling": {},
    "hang-ups": {"occupancy_max": 1.0},
    "endless": {"patience_s": None, "occupancy_max": 1.0},
    "endless wait": {"patience_s": None, "occupancy_max": 1.0, "asa_max_s": 4.0},
    "answered": {"definition": "answered", "occupancy_max": 1.0},
    "several": {"abandonment_max": 0.02, "p_wait_max": 0.2, "agents_min": 3},
    "redials": {"redial": 0.5, "occupancy_max": 0.95},
}


def year(aht_s, days=30, slots=12, paths=24):
    """Return some days of one queue from 2 to 45 erlangs, and an hour without contacts."""
    rng = np.random.default_rng(5)
    shape = np.tile(np.linspace(15, 330, slots), days)
    rate = shape[:, None] * rng.normal(1, 0.12, (days * slots, paths)).clip(0.3)
    rate[7] = 0.0
    day = pd.date_range("2024-01-01", periods=days, tz="UTC").as_unit("us").repeat(slots)
    ds = day + pd.to_timedelta(np.tile(np.arange(slots) * 30, days), unit="min")
    names = {"site": "a", "queue": "b", "channel": "voice"}
    told = {"ds": ds, "open_min": 30.0, "local": ds.tz_localize(None)}
    return Demand(pd.DataFrame({**names, **told}), rate, np.broadcast_to(aht_s, len(ds)), days / 7)


@pytest.fixture
def looked_up(monkeypatch):
    for module in (crowds, staffing):
        monkeypatch.setattr(module, "MANY_ROWS", 0)
    monkeypatch.setattr(crowds, "ROWS_A_KIND", 50)


def both(monkeypatch, demand, params):
    """Return how a demand is staffed by the formulas, and by what is looked up."""
    slow, fast = Staffing(demand, params), Staffing(demand, params)
    with monkeypatch.context() as own:
        for module in (crowds, staffing):
            own.setattr(module, "MANY_ROWS", 1_000_000)
        exact = {risk: slow.agents(risk) for risk in RISKS}
        _ = slow.crowds
        met = slow.chance_met(exact["p50"])
        plain = slow.without_ceiling("expected")
    return slow, fast, exact, met, plain


@pytest.mark.parametrize(
    ("case", "lengths"),
    [(case, "alike") for case in CASES] + [(case, "unlike") for case in ("ceiling", "endless")],
)
def test_what_is_looked_up_is_what_the_formulas_say(case, lengths, monkeypatch, looked_up):
    params = CapacityParams(**{**PLAIN.model_dump(), **CASES[case]})
    aht_s = 240.0 if lengths == "alike" else np.linspace(200, 240, 360)
    demand = year(aht_s, days=12 if case == "redials" else 30)
    slow, fast, exact, met, plain = both(monkeypatch, demand, params)
    for risk in RISKS:
        np.testing.assert_array_equal(fast.agents(risk), exact[risk], err_msg=risk)
    np.testing.assert_array_equal(fast.without_ceiling("expected"), plain)
    np.testing.assert_array_equal(fast.chance_met(exact["p50"]), met)
    for agents in (exact["expected"], exact["p10"]):
        near, told = fast.achieved(agents), slow.achieved(agents)
        for name in ("service_level", "abandonment", "occupancy"):
            np.testing.assert_allclose(near[name], told[name], atol=3 * ERROR, err_msg=name)
        np.testing.assert_allclose(near["asa_s"], told["asa_s"], rtol=0.004, atol=0.05)
    days = [service_by(demand, exact["p50"], params, staffing=one) for one in (slow, fast)]
    for name in ("service_level", "service_level_p10", "service_level_p90"):
        np.testing.assert_allclose(days[1][name], days[0][name], atol=4 * ERROR)


def test_a_changed_demand_finds_what_is_known_and_gets_what_it_would_get_alone(looked_up):
    known, demand = Known(), year(240.0)
    _ = demand.strata
    some = np.arange(360) % 2 == 0
    for volume, aht in ((1.2, 1.0), (0.8, 1.1), (1.2, 1.0)):
        changed = demand.scaled(where=some, volume=volume, aht=aht)
        fresh = Demand(changed.intervals, changed.rate, changed.aht_s, changed.weeks)
        shared, alone = Staffing(changed, PLAIN, known), Staffing(fresh, PLAIN)
        for risk in RISKS:
            np.testing.assert_array_equal(shared.agents(risk), alone.agents(risk))
        agents = alone.agents("expected")
        for name, values in alone.achieved(agents).items():
            np.testing.assert_allclose(shared.achieved(agents)[name], values, atol=2 * ERROR)
        np.testing.assert_array_equal(shared.chance_met(agents), alone.chance_met(agents))
        np.testing.assert_allclose(changed.mean_load, changed.load_erlangs.mean(axis=1))


def test_only_what_teams_are_staffed_by_makes_a_case_another():
    demand = year(240.0)
    own = Staffing(demand, PLAIN)
    dearer = PLAIN.model_copy(update={"cost_per_paid_hour": 40, "shrinkage": 0.4})
    assert own.serves(demand, dearer)
    everything = np.ones(360, dtype=bool)
    assert own.serves(demand.scaled(where=everything, volume=1.0, aht=1.0), dearer)
    assert not own.serves(demand.scaled(where=everything, volume=1.1, aht=1.0), PLAIN)
    assert not own.serves(demand.scaled(where=everything, volume=1.0, aht=1.1), PLAIN)
    assert not own.serves(demand, PLAIN.model_copy(update={"patience_s": 90}))
