"""Penalties: expected over the paths, against counting the paths one by one."""

import numpy as np
import pandas as pd
import pytest

from forecast.capacity.demand import Demand
from forecast.capacity.money.costs import Counts, cents_of, priced
from forecast.capacity.money.penalties import penalty_rows
from forecast.errors import ParamsError
from forecast.params import CapacityParams, CostsParams
from forecast.params.costs import Penalty
from forecast.queueing import erlang_a

PATHS, SLOTS, DAYS = 30, 4, 9
RULES = CapacityParams(cost_per_paid_hour=30, currency="EUR", patience_s=120, aht_s=200)


@pytest.fixture(scope="module")
def demand():
    """Two queues, nine days of two hours from a Monday; busier days are busier throughout."""
    rng = np.random.default_rng(3)
    start = pd.date_range("2024-05-06 09:00", periods=DAYS, freq="D", tz="UTC")
    ds = [day + pd.Timedelta(minutes=30 * slot) for day in start for slot in range(SLOTS)]
    parts, rates = [], []
    for queue, usual in (("sales", 60.0), ("vip", 25.0)):
        rows = pd.DataFrame({"site": "main", "queue": queue, "channel": "voice", "ds": ds})
        parts.append(rows.assign(open_min=30.0, local=rows["ds"].dt.tz_localize(None)))
        busy = np.repeat(rng.normal(1, 0.15, (DAYS, PATHS)), SLOTS, axis=0)
        rates.append(usual * busy)
    rate = np.concatenate(rates)
    return Demand(pd.concat(parts, ignore_index=True), rate, np.full(len(rate), 200.0), DAYS / 7)


@pytest.fixture(scope="module")
def agents(demand):
    return np.where(demand.intervals["queue"] == "sales", 8, 4)


def counted(demand, agents, measure, below, queues, weeks):
    """Return the share of paths on which each queue's period misses, one path after the other."""
    fare = erlang_a(
        demand.load_erlangs, agents[:, None], aht_s=200.0, answer_within_s=20, patience_s=120.0
    )
    share = fare.service_level if measure == "service_level" else 1 - fare.abandonment
    day = demand.intervals["local"].dt.normalize()
    start = day - pd.to_timedelta(day.dt.day_of_week, unit="D") if weeks else day
    missed = 0
    for queue in queues:
        for first in sorted(set(start)):
            own = ((demand.intervals["queue"] == queue) & (start == first)).to_numpy()
            for path in range(PATHS):
                rate = demand.rate[own, path]
                missed += (share[own, path] * rate).sum() / rate.sum() < below
    return missed / PATHS


@pytest.mark.parametrize(
    ("told", "queues"),
    [
        ({"cost": 1000}, ["sales", "vip"]),
        ({"cost": 1000, "below": 0.7, "queues": ["vip"]}, ["vip"]),
        ({"cost": 250, "below": 0.9, "per": "day"}, ["sales", "vip"]),
        ({"cost": 10, "target": "answer_rate", "below": 0.95, "per": "day"}, ["sales", "vip"]),
        ({"cost": 10, "target": "answer_rate", "below": 0.9}, ["sales", "vip"]),
    ],
)
def test_expected_misses_are_those_of_the_paths(demand, agents, told, queues):
    penalty = Penalty(**told)
    ((line, missed, unit, rate),) = penalty_rows(demand, agents, RULES, [penalty])
    below = 0.8 if penalty.below is None else penalty.below
    by_hand = counted(demand, agents, penalty.target, below, queues, penalty.per == "week")
    assert missed == pytest.approx(by_hand, abs=1e-9)
    assert (unit, rate) == (f"missed {penalty.per}s", penalty.cost)
    assert f"below {below:g}" in line


def test_the_cases_are_neither_empty_nor_certain(demand, agents):
    ((_, weeks, _, _),) = penalty_rows(demand, agents, RULES, [Penalty(cost=1)])
    assert 0 < weeks < 4  # Two queues and two weeks, the second of two days.


def test_steps_are_paid_one_upon_the_other_and_to_the_cent(demand, agents):
    steps = [Penalty(below=b, cost=c, per="day") for b, c in ((0.8, 333.33), (0.7, 666.67))]
    rows = penalty_rows(demand, agents, RULES, steps)
    assert rows[0][1] > rows[1][1] > 0
    costs = CostsParams(currency="EUR", contracts={"full": {"pay_per_hour": 30}}, penalties=steps)
    none = pd.DataFrame(columns=["contract", "kind", "is_overtime", "is_night", "hours"])
    told = priced(none, Counts(), costs, rows)
    assert told.total_cents == sum(cents_of(round(q, 6), rate) for _, q, _, rate in rows)


def test_more_agents_miss_less(demand, agents):
    at = [penalty_rows(demand, agents + n, RULES, [Penalty(cost=1)])[0][1] for n in range(4)]
    assert all(more < fewer for fewer, more in zip(at, at[1:], strict=False) if fewer > 0)


def test_what_cannot_be_is_refused(demand, agents):
    with pytest.raises(ParamsError, match=r"gold is no queue or pool of the plan \(sales, vip\)"):
        penalty_rows(demand, agents, RULES, [Penalty(cost=1, queues=["gold"])])
    with pytest.raises(ValueError, match="an answer_rate needs below"):
        Penalty(cost=1, target="answer_rate")
    same = [Penalty(cost=1), Penalty(cost=2)]
    with pytest.raises(ValueError, match="must differ in more than their cost"):
        CostsParams(currency="EUR", contracts={"full": {"pay_per_hour": 1}}, penalties=same)
