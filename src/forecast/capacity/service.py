"""What agents achieve over all rates that may come: by interval, by day and by week."""

import numpy as np
import pandas as pd
from scipy import sparse

from forecast.capacity.crowds import Crowds, kinds_of
from forecast.capacity.demand import Demand
from forecast.capacity.known import Known, exact_agents
from forecast.capacity.staffing import Staffing
from forecast.capacity.strata import Floats, Ints, as_slice
from forecast.params import CapacityParams
from forecast.queueing.result import QueueResult
from forecast.schema import SERVICE

LEVELS = {"service_level_p10": 0.1, "service_level_p50": 0.5, "service_level_p90": 0.9}
BLOCK = 336
"""Intervals worked on at once: all their paths stay in the processor's cache."""


def least_agents(load: Floats, aht_s: Floats, params: CapacityParams) -> Ints:
    """Return the least agents that meet the target at loads that are known."""
    out, known = np.zeros(load.shape, dtype="int64"), Known()
    kinds, rest = kinds_of(aht_s)
    for own in kinds:
        out[own] = known.least_agents(load[own], float(aht_s[own[0]]), params)
    out[rest] = exact_agents(load[rest], aht_s[rest], params)
    return out


def achieved(demand: Demand, agents: Ints, params: CapacityParams) -> QueueResult:
    """Return what agents achieve in each interval, expected over the demand's paths.

    Shares of callers and waits are weighted by the contacts of each path, occupancy is the mean
    over paths. Without contacts on any path caller measures are NaN; a wait without bound on some
    path (Erlang C in overload) is infinite.
    """
    return Staffing(demand, params).crowds.together(agents)


def chance_met(demand: Demand, agents: Ints, params: CapacityParams) -> Floats:
    """Return the share of paths on which agents meet the target, by interval."""
    return Staffing(demand, params).chance_met(agents)


def service_by(
    demand: Demand,
    agents: Ints,
    params: CapacityParams,
    *,
    scenario: str = "base",
    staffing: Staffing | None = None,
) -> pd.DataFrame:
    """Return the service level of whole days and weeks: expected, P10 to P90, and P(met).

    Paths are joint: a busy morning comes with a busy afternoon, and a bad day is not averaged away
    by others. The chance of single contacts around the rate is not in the range.

    Parameters
    ----------
    demand
        The demand, its paths joint.
    agents
        Positions per interval of the demand.
    params
        The section ``capacity``.
    scenario
        Its name.
    staffing
        What is known of the demand under these rules; None: nothing.

    Returns
    -------
    pandas.DataFrame
        SERVICE.
    """
    crowds = (Staffing(demand, params) if staffing is None else staffing).crowds
    names, columns = [], []
    for named, own, code, day in demand.places.series:
        rate, served, asked = _by_day(demand, crowds, agents, own, code)
        week = day - pd.to_timedelta(day.day_of_week, unit="D")
        number = week.factorize()[0].astype("int64")
        by_week = [_summed(sums, number) for sums in (rate, served, asked)]
        columns.append({"start": day.to_numpy(), **_levels(rate, served, asked, params)})
        columns.append(
            {
                "start": week.unique().to_numpy(),
                **_levels(by_week[0], by_week[1], by_week[2], params),
            }
        )
        names += [{"scenario": scenario, **named, "period": period} for period in ("day", "week")]
    sizes = [one["start"].size for one in columns]
    told = {name: np.concatenate([one[name] for one in columns]) for name in columns[0]}
    table = pd.DataFrame(names).iloc[np.repeat(np.arange(len(names)), sizes)]
    return SERVICE.validate(table.reset_index(drop=True).assign(**told)[SERVICE.names])


def _by_day(
    demand: Demand, crowds: Crowds, agents: Ints, rows: Ints, day: Ints
) -> tuple[Floats, Floats, Floats]:
    """Return contacts, those served and those asked, of each local day (days x paths)."""
    groups, size = demand.strata, demand.strata.share.size
    times = np.ones(rows.size) if demand.volume is None else demand.volume[rows]
    parts = crowds.counted(agents[rows], rows)
    if (parts[1] == 1).all():
        parts = parts[:1]
    order = np.argsort(day, kind="stable")
    ends = np.append(0, np.cumsum(np.bincount(day)))
    shape = (ends.size - 1, demand.drawn.shape[1])
    days = sparse.csr_array((times[order], order, ends), shape=(shape[0], rows.size))
    offered, sums = days @ demand.drawn[as_slice(rows)], np.zeros((len(parts), *shape))
    for start in range(0, rows.size, BLOCK):
        some = order[start : start + BLOCK]
        which, where = day[some], as_slice(rows[some])
        first = np.flatnonzero(np.diff(which, prepend=-1))
        of = groups.of[where] + np.arange(some.size)[:, None] * size
        for total, shares in zip(sums, parts, strict=True):
            seen = (shares[some] * times[some, None]).ravel().take(of)
            seen *= demand.drawn[where]
            total[which[first]] += np.add.reduceat(seen, first, axis=0)
    return offered, sums[0], sums[1] if len(parts) > 1 else offered


def _levels(
    callers: Floats, in_time: Floats, asked: Floats, params: CapacityParams
) -> dict[str, Floats]:
    """Return the columns of SERVICE from sums over periods (rows) and paths."""
    anybody = callers.sum(axis=1) > 0
    whole = in_time.sum(axis=1) / np.maximum(asked.sum(axis=1), 1e-300)
    # A path on which nobody calls has missed nobody.
    paths = np.where(asked > 0, in_time / np.where(asked > 0, asked, 1.0), 1.0)
    columns = {"service_level": whole}
    columns |= dict(zip(LEVELS, np.quantile(paths, list(LEVELS.values()), axis=1), strict=True))
    columns["p_met"] = (paths >= params.service_level_target).mean(axis=1)
    told = {n: np.where(anybody, np.clip(v, 0, 1), np.nan) for n, v in columns.items()}
    return {"offered": callers.mean(axis=1), **told}


def _summed(values: Floats, number: Ints) -> Floats:
    """Return the sums of rows by their number, 0, 1, 2, ..."""
    order = np.argsort(number, kind="stable")
    first = np.flatnonzero(np.diff(number[order], prepend=-1))
    return np.asarray(np.add.reduceat(values[order], first, axis=0))
