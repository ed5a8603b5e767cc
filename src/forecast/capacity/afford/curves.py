"""What each number of agents takes and answers in time, interval by interval."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.capacity.crowds import Crowds
from forecast.capacity.demand import Demand
from forecast.capacity.known import Known
from forecast.capacity.money.planned import Prices, paid_hour_price
from forecast.capacity.people import Positions, scheduled_for
from forecast.capacity.shrinkage import off_position
from forecast.capacity.staffing import Staffing
from forecast.capacity.strata import Floats, Ints, Strata
from forecast.errors import ParamsError
from forecast.params import CapacityParams, ShrinkageParams

MOST = 0.995
"""More agents than answer this share in time are not bought."""
CELLS = 2_000_000
FEWEST = 8


@dataclass(frozen=True)
class Curves:
    """Options of every interval, its fewest agents first; one value an option.

    Attributes
    ----------
    row
        Which interval.
    agents, people
        On position, and scheduled so that they are.
    hours, cost
        Paid.
    in_time
        Contacts answered in time, expected over the paths.
    """

    row: Ints
    agents: Ints
    people: Ints
    hours: Floats
    cost: Floats
    in_time: Floats


def curves(
    demand: Demand,
    params: CapacityParams,
    ledger: ShrinkageParams | None = None,
    prices: Prices | None = None,
    floor: float = 0.0,
) -> Curves:
    """Return what each number of agents takes and answers in time, in every interval.

    From ``params.agents_min``, one where contacts may come, and as many as answer the share
    ``floor`` in time, to as many as answer ``MOST``. The paths of an interval are in groups of like
    load, at least ``FEWEST`` of them.

    Parameters
    ----------
    demand
        Of each team.
    params
        The section ``capacity``; the target and the definition of service level are used, its other
        goals are not.
    ledger, prices
        As in a scenario's case.
    floor
        Least share that is answered in time in every interval.

    Raises
    ------
    ParamsError
        For definitions whose service level is no share of a fixed number of contacts, and with
        redials: more agents change what it is a share of, and no sum can be made.
    """
    if params.definition not in {"offered", "met"} or params.redial:
        raise ParamsError(
            "what a cap can buy is found for capacity.definition offered or met and redial 0, "
            f"where the service level is a share of all first calls; found {params.definition}, "
            f"redial {params.redial:g}"
        )
    low = np.maximum(params.agents_min, (demand.rate.max(axis=1) > 0).astype("int64"))
    high = np.maximum(_most_agents(demand, params), low)
    row = np.repeat(np.arange(len(low)), high - low + 1)
    first = np.cumsum(high - low + 1) - (high - low + 1)
    agents = np.arange(len(row)) - first[row] + low[row]
    minutes = demand.intervals["open_min"].to_numpy(dtype="float64")
    shares = off_position(demand.intervals["local"], params.shrinkage, ledger)
    shrunk = np.broadcast_to(np.asarray(shares, dtype="float64"), low.shape)[row]
    people = scheduled_for(Positions(agents, minutes[row]), shrunk).agents
    hours = people * minutes[row] / 60
    price = paid_hour_price(demand.intervals, params, prices)
    in_time = _in_time(demand, params, row, agents)
    enough = in_time >= floor * demand.rate.mean(axis=1)[row]
    kept = np.flatnonzero(enough | (agents == high[row]))
    cost = hours * price[row]
    return Curves(row[kept], agents[kept], people[kept], hours[kept], cost[kept], in_time[kept])


def _most_agents(demand: Demand, params: CapacityParams) -> Ints:
    goals = {"asa_max_s": None, "abandonment_max": None, "p_wait_max": None, "occupancy_max": 1.0}
    target = max(MOST, (1 + params.service_level_target) / 2)
    asked = params.model_copy(update={**goals, "service_level_target": target})
    return Staffing(demand, asked).agents("expected")


def _in_time(demand: Demand, params: CapacityParams, row: Ints, agents: Ints) -> Floats:
    groups = coarser(demand.strata, max(FEWEST, CELLS // max(len(row), 1)))
    crowds = Crowds(groups.load, groups.callers, groups.share, demand.aht_s, params, Known())
    out = np.zeros(len(row))
    for part in np.array_split(np.arange(len(row)), 1 + len(row) * len(groups.share) // 2_000_000):
        own = row[part]
        share = crowds.each(agents[part], own)["served"]
        out[part] = (np.where(agents[part, None] > 0, share, 0.0) * groups.callers[own]).sum(axis=1)
    return out


def coarser(groups: Strata, most: int) -> Strata:
    """Return groups of like load put together until there are no more than so many.

    Examples
    --------
    >>> from forecast.capacity.strata import strata
    >>> load = np.arange(8.0)[None]
    >>> coarser(strata(load, load), 2).load.round(2).tolist()
    [[2.33, 5.73]]
    """
    count = len(groups.share)
    if count <= most:
        return groups
    edges = np.arange(most) * count // most
    callers = np.add.reduceat(groups.callers, edges, axis=1)
    seen = np.add.reduceat(groups.callers * groups.load, edges, axis=1)
    share = np.add.reduceat(groups.share, edges)
    plain = np.add.reduceat(groups.load * groups.share, edges, axis=1) / share
    load = np.where(callers > 0, seen / np.where(callers > 0, callers, 1.0), plain)
    return Strata(load, callers, share, groups.of, groups.ordered)


def weeks_of(intervals: pd.DataFrame) -> pd.Series:
    """Return the Monday of each interval's local week."""
    day = intervals["local"].dt.normalize()
    monday: pd.Series = day - pd.to_timedelta(day.dt.day_of_week, unit="D")
    return monday
