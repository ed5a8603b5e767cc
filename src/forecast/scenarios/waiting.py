"""Work that may wait: e-mails, and the positions that work them off by their due time."""

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.strata import Floats, Ints
from forecast.params.levers import ToEmail
from forecast.queueing.backlog import backlog_agents
from forecast.schema import SERIES


def e_mails(calls: Demand, told: ToEmail) -> tuple[Demand, Ints]:
    """Return calls as e-mails, and the people who work them off, while the queue is open.

    Each series has a team of its own, of one size in each week of its wall time: the least that
    finishes what is expected by its due time, and has nothing left at the week's end. They are
    taken to come as the calls did.
    """
    demand = Demand(
        calls.intervals.assign(channel="email"),
        calls.rate * told.share,
        calls.aht_s * (1 + told.aht_pct / 100),
        calls.weeks,
        calls.aht_factor,
    )
    agents = np.zeros(len(demand.intervals), dtype="int64")
    rows = demand.intervals
    day = rows["local"].dt.normalize()
    week = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    for own in rows.groupby([*SERIES, week.rename("week")]).indices.values():
        agents[own] = _team(demand, np.asarray(own), told)
    return demand, agents


def _team(demand: Demand, own: Ints, told: ToEmail) -> int:
    """Return the least team for some intervals of a series, closed ones between them counted."""
    rows = demand.intervals.iloc[own]
    step = rows["open_min"].max() * 60
    at = ((rows["ds"] - rows["ds"].min()).dt.total_seconds() / step).round().astype("int64")
    came, share = np.zeros(at.max() + 1), np.zeros(at.max() + 1)
    aht = np.full(at.max() + 1, demand.aht_s[own].mean())
    came[at] = demand.rate[own].mean(axis=1)
    share[at] = rows["open_min"] * 60 / step
    aht[at] = demand.aht_s[own]
    if came.sum() == 0:
        return 0
    found = backlog_agents(
        came,
        share,
        aht_s=aht,
        interval_s=float(step),
        due_s=told.due_h * 3600,
        late_max=told.late_max,
        backlog_max=1e-6,
    )
    return int(found)


def with_waiting(
    waiting: tuple[tuple[Demand, Ints], ...], demand: Demand, agents: Ints
) -> tuple[Demand, Ints]:
    """Return a plan's intervals and positions with those of work that may wait."""
    if not waiting:
        return demand, agents
    parts = [demand, *(own for own, _ in waiting)]
    rate: Floats = np.concatenate([part.rate for part in parts])
    intervals = pd.concat([part.intervals for part in parts], ignore_index=True)
    aht = np.concatenate([part.aht_s for part in parts])
    whole = Demand(intervals, rate, aht, demand.weeks)
    return whole, np.concatenate([agents, *(own for _, own in waiting)])
