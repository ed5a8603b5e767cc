"""What agents achieve over all rates that may come: by interval, by day and by week."""

from dataclasses import dataclass, fields
from functools import reduce

import numpy as np
import pandas as pd
from scipy import sparse

from forecast.capacity.crowds import Bools, Crowds, kinds_of
from forecast.capacity.demand import Demand
from forecast.capacity.known import Known, exact_agents
from forecast.capacity.staffing import Staffing
from forecast.capacity.strata import Floats, Ints, as_slice
from forecast.params import CapacityParams
from forecast.queueing.result import QueueResult
from forecast.schema import SERVICE

FARED = ("service_level", "abandonment", "asa_s", "occupancy")
"""What SERVICE tells of a period: expected over the paths, and P10 and P90 of them."""
WITHOUT_END = 1e12
"""Seconds that stand for a wait without bound: one such path leaves no mean."""
ENDS = ("p10", "p90")
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


@dataclass(frozen=True)
class Fared:
    """How a demand fares in periods, on each path.

    Attributes
    ----------
    offered, calls, abandoned, served, asked, waited_s
        First contacts; calls with redials; of them those who hang up, and those served and asked as
        the definition of service level counts them; seconds waited (all periods x paths).
    busy_h
        Hours in which positions are busy (periods x paths).
    agent_h
        Hours on position (periods).
    """

    offered: Floats
    calls: Floats
    abandoned: Floats
    served: Floats
    asked: Floats
    waited_s: Floats
    busy_h: Floats
    agent_h: Floats

    def by(self, number: Ints) -> "Fared":
        """Return the sums of periods by their number, 0, 1, 2, ..."""
        order = np.argsort(number, kind="stable")
        first = np.flatnonzero(np.diff(number[order], prepend=-1))
        return Fared(
            *(np.add.reduceat(getattr(self, f.name)[order], first, axis=0) for f in fields(self))
        )

    def __add__(self, other: "Fared") -> "Fared":
        """Return the sums with other teams' in the same periods."""
        return Fared(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def columns(self, target: float) -> dict[str, Floats]:
        """Return the columns of SERVICE; ``target`` is the share to be served in time."""
        anybody = self.offered.sum(axis=1) > 0
        hours = self.agent_h[:, None]
        # A path on which nobody calls has missed nobody.
        parts = {
            "service_level": (self.served, self.asked, 1.0),
            "abandonment": (self.abandoned, self.calls, 0.0),
            "asa_s": (self.waited_s, self.calls, 0.0),
            "occupancy": (self.busy_h, np.broadcast_to(hours, self.busy_h.shape), 0.0),
        }
        out = {"offered": self.offered.mean(axis=1)}
        for name, (top, below, none) in parts.items():
            paths = np.where(below > 0, top / np.where(below > 0, below, 1.0), none)
            low, middle, high = np.quantile(paths, [0.1, 0.5, 0.9], axis=1)
            whole = top.sum(axis=1) / np.maximum(below.sum(axis=1), 1e-300)
            told = {name: whole, f"{name}_p10": low, f"{name}_p90": high}
            if name == "service_level":
                told |= {f"{name}_p50": middle, "p_met": (paths >= target).mean(axis=1)}
            out |= {column: _told(name, values, anybody) for column, values in told.items()}
        return out


def _told(name: str, values: Floats, anybody: Bools) -> Floats:
    """Return values where there is anything to tell: shares as such, waits if they end."""
    if name == "asa_s":
        return np.where(anybody & (values < WITHOUT_END / 1e3), values, np.nan)
    return np.where(anybody, np.clip(values, 0, 1), np.nan)


def service_by(
    demand: Demand,
    agents: Ints,
    params: CapacityParams,
    *,
    scenario: str = "base",
    staffing: Staffing | None = None,
) -> pd.DataFrame:
    """Return how contacts and agents fare in whole days and weeks: expected, P10 to P90, P(met).

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
    return service_and_ranges(demand, agents, params, scenario=scenario, staffing=staffing)[0]


def service_and_ranges(
    demand: Demand,
    agents: Ints,
    params: CapacityParams,
    *,
    scenario: str = "base",
    staffing: Staffing | None = None,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return ``service_by``, and P10 and P90 of the whole plan, all teams together, as in PLAN."""
    crowds = (Staffing(demand, params) if staffing is None else staffing).crowds
    names, columns, parts = [], [], []
    for named, own, code, day in demand.places.series:
        days = _by_day(demand, crowds, agents, own, code)
        week = day - pd.to_timedelta(day.day_of_week, unit="D")
        weeks = days.by(week.factorize()[0].astype("int64"))
        for period, start, fared in (("day", day, days), ("week", week.unique(), weeks)):
            told = fared.columns(params.service_level_target)
            columns.append({"start": start.to_numpy(), **told})
            names.append({"scenario": scenario, **named, "period": period})
        parts.append(weeks.by(np.zeros(len(weeks.agent_h), dtype="int64")))
    sizes = [one["start"].size for one in columns]
    told = {name: np.concatenate([one[name] for one in columns]) for name in columns[0]}
    table = pd.DataFrame(names).iloc[np.repeat(np.arange(len(names)), sizes)]
    service = SERVICE.validate(table.reset_index(drop=True).assign(**told)[SERVICE.names])
    whole = reduce(Fared.__add__, parts).columns(params.service_level_target)
    return service, {
        f"{name}_{end}": float(whole[f"{name}_{end}"][0]) for name in FARED for end in ENDS
    }


def _by_day(demand: Demand, crowds: Crowds, agents: Ints, rows: Ints, day: Ints) -> Fared:
    """Return how some intervals fare by local day."""
    groups, size = demand.strata, demand.strata.share.size
    times = np.ones(rows.size) if demand.volume is None else demand.volume[rows]
    hours = agents[rows] * demand.intervals["open_min"].to_numpy()[rows] / 60
    parts = crowds.each(agents[rows], rows)
    parts["waited_s"] = np.minimum(parts["waited_s"], WITHOUT_END)
    # What each contact counts for is worth a sum of its own only where it is not one.
    plain = {name for name in ("calls", "asked") if (parts[name] == 1).all()}
    nobody = {"abandoned"} if crowds.params.patience_s is None else set()
    order = np.argsort(day, kind="stable")
    ends = np.append(0, np.cumsum(np.bincount(day)))
    shape = (ends.size - 1, demand.drawn.shape[1])
    days = sparse.csr_array((times[order], order, ends), shape=(shape[0], rows.size))
    offered = np.asarray(days @ demand.drawn[as_slice(rows)])
    sums = {name: np.zeros(shape) for name in parts if name not in plain}
    counted = [name for name in sums if name not in nobody]
    for start in range(0, rows.size, BLOCK):
        some = order[start : start + BLOCK]
        which, where = day[some], as_slice(rows[some])
        first = np.flatnonzero(np.diff(which, prepend=-1))
        of = groups.of[where] + np.arange(some.size)[:, None] * size
        for name in counted:
            weight = hours if name == "busy" else times
            seen = (parts[name][some] * weight[some, None]).ravel().take(of)
            if name != "busy":
                seen *= demand.drawn[where]
            sums[name][which[first]] += np.add.reduceat(seen, first, axis=0)
    sums |= dict.fromkeys(plain, offered)
    return Fared(
        offered,
        sums["calls"],
        sums["abandoned"],
        sums["served"],
        sums["asked"],
        sums["waited_s"],
        sums["busy"],
        np.bincount(day, hours).astype("float64"),
    )
