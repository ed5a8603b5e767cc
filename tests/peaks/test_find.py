"""The gap of a peak against a second reckoning, path by path."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import demand_of
from forecast.capacity.requirements import requirement
from forecast.peaks import find_peaks
from forecast.peaks.gaps import available_agents
from forecast.queueing import erlang_c
from forecast.schema import FEATURES, FORECAST, PATHS
from tests.peaks.conftest import ASOF, KEY, SLOTS, event, events_of


def peaks(sale, params, **changes):
    given = {**sale, "features": FEATURES.empty(), **changes}
    return find_peaks(params=params, **given)


@pytest.fixture(scope="module")
def found(sale, peak_params):
    return peaks(sale, peak_params).peaks.iloc[0]


def by_hand(load):
    """Return the least agents that meet 80 % in 20 s, trying one after the other."""
    agents = int(load) + 1
    while erlang_c(load, agents, aht_s=240.0, answer_within_s=20.0).service_level < 0.8:
        agents += 1
    return agents


def test_the_volume_is_the_sum_on_the_paths(sale, found):
    paths = sale["paths"]
    day = paths[paths["ds"].dt.strftime("%m-%d") == "03-12"]
    sums = day.groupby("path")["offered"].sum()
    assert found["contacts"] == pytest.approx(sums.mean())
    assert found["contacts_p10"] == pytest.approx(sums.quantile(0.1))
    assert found["contacts_p90"] == pytest.approx(sums.quantile(0.9))
    assert found["usual"] == pytest.approx(60 * SLOTS)
    assert (
        found["hours_ahead"]
        == (pd.Timestamp("2024-03-12 09:00", tz="UTC") - ASOF).total_seconds() / 3600
    )
    assert found["lead_due_hours"] == 336


def test_chances_and_gap_are_those_of_the_paths_counted_one_by_one(sale, found, peak_params):
    demand, plan = sale["demand"], sale["requirement"].set_index("ds")
    on = (demand.intervals["ds"].dt.strftime("%m-%d") == "03-12").to_numpy()
    rows = np.flatnonzero(on)
    # 30 % of those scheduled are off position; whole people.
    there = [
        int(plan.loc[ds, "scheduled_agents"] * 0.7 + 1e-9) for ds in demand.intervals["ds"][on]
    ]
    required = np.array([[by_hand(x) for x in demand.load_erlangs[row]] for row in rows])
    lacking = np.maximum(required - np.array(there)[:, None], 0)
    paths = lacking.shape[1]
    assert found["p_short_any"] == pytest.approx((lacking.max(axis=0) > 0).mean())
    assert found["p_short"] == pytest.approx((required.sum(axis=0) > sum(there)).mean())
    assert found["gap_hours_mean"] == pytest.approx(lacking.sum(axis=0).mean())
    # Nine paths of ten lack no more.
    assert found["gap_hours"] == sorted(lacking.sum(axis=0))[int(0.9 * paths) - 1]
    at = [sorted(row)[int(0.9 * paths) - 1] for row in required]
    assert found["gap_agents"] == max(a - t for a, t in zip(at, there, strict=True))
    assert found["available_hours"] == sum(there)
    assert found["verdict"] == ("closable" if found["closed_hours"] else "short")


def test_a_plan_made_for_the_sale_has_next_to_no_gap(sale, found, peak_params):
    sure = peak_params.override({"capacity.plan_at": "confident"})
    planned = requirement(sale["demand"], sure.capacity)
    better = peaks(sale, sure, requirement=planned).peaks.iloc[0]
    assert found["p_short"] == 1.0
    # Each interval is safe by nine in ten, and days are busy as a whole: so is their sum.
    assert better["p_short"] <= 0.12
    assert better["gap_agents"] == 0
    assert better["gap_hours"] < 0.05 * found["gap_hours"]


def test_measures_close_the_gap_and_say_what_is_left(sale, peak_params):
    little = {"name": "overtime", "hours_per_day": 5, "cost_per_hour": 40}
    share = {"name": "callback", "contacts_share": 0.1, "cost_per_contact": 2}
    given = peak_params.override({"alerts.measures": [little, share]})
    result = peaks(sale, given)
    peak, own = result.peaks.iloc[0], result.measures.set_index("measure")
    assert peak["verdict"] == "short"
    assert peak["closed_hours"] == pytest.approx(own["hours"].sum())
    assert peak["measures_cost"] == pytest.approx(own["cost"].sum())
    # A tenth of the contacts frees a tenth of the hours that the peak takes.
    assert own.loc["callback", "hours_most"] == pytest.approx(0.1 * peak["required_hours"])


def test_heads_and_seats_are_a_ceiling_shared_by_the_teams_of_a_site(sale, peak_params):
    demand = sale["demand"]
    scheduled = np.full(len(demand.intervals), 20)
    named = demand.intervals.assign(queue="other")
    both = replace(
        demand,
        intervals=pd.concat([demand.intervals, named], ignore_index=True),
        drawn=np.concatenate([demand.rate, demand.rate]),
        aht_s=np.concatenate([demand.aht_s, demand.aht_s]),
    )
    people = np.concatenate([scheduled, 2 * scheduled])
    heads = peak_params.override({"alerts.heads_max": {"main": 30}})
    there = available_agents(both, people, heads.capacity, heads.alerts)
    assert set(there[: len(scheduled)]) == {7}  # 10 of 30 heads, 30 % off position
    assert set(there[len(scheduled) :]) == {14}
    seats = peak_params.override({"alerts.seats_max": {"main": 21, "elsewhere": 1}})
    there = available_agents(both, people, seats.capacity, seats.alerts)
    assert set(there[: len(scheduled)]) == {7}
    assert set(there[len(scheduled) :]) == {14}


def test_lines_are_checked_where_there_is_something_to_check(sale, found, peak_params):
    assert found["lines_note"] == "no section trunks"
    lines = {"trunks": {"ivr_s": 30}, "alerts.trunks": {"main": 3}}
    endless = peaks(sale, peak_params.override(lines)).peaks.iloc[0]
    assert endless["lines_note"] == "callers wait without end"
    patient = peak_params.override({**lines, "capacity.patience_s": 90})
    checked = peaks(sale, patient).peaks.iloc[0]
    # At least the busiest hour's calls in talk: 120 calls of four minutes are 8 erlangs.
    assert checked["trunks_needed"] > 8
    assert checked["trunks"] == 3
    assert np.isnan(checked["ports"])
    assert checked["lines_note"] == ""


def test_nothing_coming_is_an_empty_table(sale, peak_params):
    quiet = sale["events"].iloc[:0]
    flat = sale["forecast"].assign(mean=60.0, effect=1.0)
    none = peaks(sale, peak_params, events=quiet, forecast=flat)
    assert not len(none.peaks)
    assert not len(none.measures)


def test_sites_whose_midnights_differ_have_their_peaks(sale, peak_params):
    earlier = sale["forecast"].assign(site="east", cutoff=ASOF - pd.Timedelta(hours=6))
    both = FORECAST.validate(pd.concat([sale["forecast"], earlier], ignore_index=True))
    paths = pd.concat([sale["paths"], sale["paths"].assign(site="east")], ignore_index=True)
    events = events_of(event(), event(site="east"))
    told = pd.concat([sale["requirement"], sale["requirement"].assign(site="east")])
    demand = demand_of(PATHS.validate(paths), {KEY: 240.0, ("east", *KEY[1:]): 240.0})
    found = peaks(
        sale, peak_params, forecast=both, paths=paths, events=events,
        requirement=told, demand=demand,
    ).peaks  # fmt: skip
    assert set(found["site"]) == {"main", "east"}
    assert found["contacts"].nunique() == 1
