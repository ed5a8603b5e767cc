"""Sites that follow the sun: hours, seats, wages, languages, pooling and outages by hand."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.requirements import agents_at
from forecast.capacity.sites import OWN, POOLED, SHARED, sharing_of
from forecast.capacity.sites.arrangements import over_sites
from forecast.errors import InputError, ParamsError
from tests.capacity.test_demand import paths_of

ZONES = {"lyon": ZoneInfo("Europe/Paris"), "pune": ZoneInfo("Asia/Kolkata")}
LYON = {"pay_per_hour": 30, "opens": "08:00", "closes": "20:00", "languages": ["fr", "en"]}
PUNE = {"pay_per_hour": 9, "languages": ["en"]}


def demand_at(*series, slots=48, calls=40, seed=1):
    """Return the demand of a day from 08:00 UTC, every half-hour, of (site, queue)."""
    rng = np.random.default_rng(seed)
    parts = [
        paths_of(rng.poisson(calls, (60, slots))).assign(site=site, queue=queue)
        for site, queue in series
    ]
    keys = {(site, queue, "voice"): 300.0 for site, queue in series}
    return demand_of(pd.concat(parts), keys)


def settings_of(params, places, **changes):
    section = {"places": places, "unmet_cost_per_hour": 100, **changes}
    return params.override({"sites": section, "capacity.shrinkage": 0.0, "capacity.assumed": []})


def shared(demand, params):
    return sharing_of(demand, params, ZONES.__getitem__, 30)


def cost_of(sharing, arrangement, site):
    rows = sharing.costs.set_index(["arrangement", "site"])
    return rows.loc[(arrangement, site)]


def test_each_hour_is_paid_where_it_is_worked(params):
    demand = demand_at(("lyon", "sales"))
    settings = settings_of(params, {"lyon": LYON, "pune": PUNE})
    agents = agents_at(demand, settings.capacity, settings.capacity.plan_at)
    # Lyon is an hour ahead of UTC in January: open until 19:00 UTC, and again from 07:00.
    utc = (8 + np.arange(48) / 2) % 24
    is_open = (utc >= 7) & (utc < 19)
    found = shared(demand, settings)
    assert found.total(OWN) == agents[is_open].sum() / 2 * 30 + agents[~is_open].sum() / 2 * 100
    assert found.missing(OWN) == agents[~is_open].sum() / 2
    assert found.total(POOLED) == found.total(SHARED) == agents.sum() / 2 * 9
    assert found.total("without pune") == found.total(OWN)
    assert found.total("without lyon") == found.total(POOLED)


def test_seats_send_the_rest_to_the_dearer_site(params):
    demand = demand_at(("lyon", "sales"), slots=4)
    settings = settings_of(params, {"lyon": LYON, "pune": {**PUNE, "seats": 3}})
    agents = agents_at(demand, settings.capacity, settings.capacity.plan_at)
    found = shared(demand, settings)
    assert cost_of(found, POOLED, "pune")["cost"] == 4 * 3 / 2 * 9
    assert cost_of(found, POOLED, "lyon")["agent_hours"] == (agents - 3).sum() / 2
    assert cost_of(found, POOLED, "pune")["peak_agents"] == 3


def test_shrinkage_makes_an_hour_on_position_dearer(params):
    demand = demand_at(("lyon", "sales"), slots=4)
    told = settings_of(params, {"lyon": {**LYON, "shrinkage": 0.25}})
    found = shared(demand, told)
    row = cost_of(found, OWN, "lyon")
    assert row["paid_hours"] == pytest.approx(row["agent_hours"] / 0.75)
    assert row["cost"] == pytest.approx(row["paid_hours"] * 30)


def test_a_holiday_is_paid_more_by_the_section_costs(params):
    demand = demand_at(("lyon", "sales"), slots=4)
    costs = {"currency": "USD", "contracts": {"full": {"pay_per_hour": 1}}}
    settings = settings_of(params, {"lyon": LYON}).override({"costs": costs})
    usual = shared(demand, settings).total(OWN)
    days = {"lyon": frozenset([pd.Timestamp("2024-01-01").date()])}
    festive = sharing_of(demand, settings, ZONES.__getitem__, 30, days)
    assert festive.total(OWN) == pytest.approx(3 * usual)


def test_a_language_stays_with_those_who_speak_it(params):
    demand = demand_at(("lyon", "sales"), ("lyon", "vip"), slots=4)
    settings = settings_of(
        params, {"lyon": LYON, "pune": PUNE}, queue_languages={"vip": "fr", "sales": "en"}
    )
    load = shared(demand, settings).load
    assert set(zip(load["queue"], load["served_at"], strict=True)) == {
        ("vip", "lyon"),
        ("sales", "pune"),
    }


def test_one_queue_of_two_sites_takes_no_more_agents_than_two_queues(params):
    demand = demand_at(("lyon", "sales"), ("pune", "sales"), slots=6, calls=9)
    settings = settings_of(params, {"lyon": {**LYON, "pay_per_hour": 9}, "pune": PUNE})
    found = shared(demand, settings)
    assert found.total(SHARED) == found.total(OWN)  # the same wage: nothing is won by moving
    assert found.total(POOLED) < 0.9 * found.total(SHARED)
    one = over_sites(demand)
    np.testing.assert_allclose(one.rate, demand.rate[:6] + demand.rate[6:])
    rows = agents_at(one, settings.capacity, settings.capacity.plan_at)
    assert found.load["agents"].sum() == rows.sum()


def test_what_nobody_can_serve_is_refused_with_queue_instant_and_reason(params):
    demand = demand_at(("lyon", "sales"), slots=48)
    alone = settings_of(params, {"lyon": LYON}, unmet_cost_per_hour=None)
    with pytest.raises(InputError) as error:
        shared(demand, alone)
    assert "queue sales/voice at 2024-01-01 19:00 UTC" in str(error.value)
    assert "lyon can serve it and none of them is open then" in str(error.value)
    crowded = settings_of(params, {"lyon": {**LYON, "seats": 2}}, unmet_cost_per_hour=None)
    with pytest.raises(
        InputError, match=r"at 2024-01-01 08:00 UTC: .* all seats of lyon are taken"
    ):
        shared(demand_at(("lyon", "sales"), slots=4), crowded)
    mute = settings_of(
        params, {"lyon": LYON}, unmet_cost_per_hour=None, queue_languages={"sales": "de"}
    )
    with pytest.raises(InputError, match="no site has its skill and language"):
        shared(demand_at(("lyon", "sales"), slots=4), mute)


def test_names_that_the_forecast_does_not_have_are_listed_together(params):
    demand = demand_at(("lyon", "sales"), slots=4)
    settings = settings_of(
        params, {"pune": {**PUNE, "queues": ["slaes"]}}, queue_languages={"vip": "fr"}
    )
    with pytest.raises(ParamsError) as error:
        shared(demand, settings)
    for part in ("no 'lyon'", "places.pune.queues: 'slaes'", "queue_languages: 'vip'"):
        assert part in str(error.value)
    with pytest.raises(ParamsError, match="the section sites is null"):
        shared(demand, params)
