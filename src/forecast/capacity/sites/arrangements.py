"""Demand and the section ``sites`` -> who serves whom, what it costs, and what not sharing costs.

Three arrangements: ``own``, each site serves its own queues; ``shared``, queues stay apart and any
site that can takes part of any of them; ``pooled``, queues of one name and channel at several sites
are one, whoever is free anywhere takes the next contact. Then ``pooled`` without each site in turn.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand, one_per_interval
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import agents_at
from forecast.capacity.sites.places import Dates, Grid, Places
from forecast.capacity.sites.share import Floats, Shared, share_load
from forecast.errors import InputError, ParamsError, listed
from forecast.params import Params
from forecast.params.sites import SitesParams
from forecast.schema import SERIES, SITE_COSTS, SITE_LOAD

OWN, SHARED, POOLED, WITHOUT = "own", "shared", "pooled", "without "
NOBODY, ALL = "nobody", "all"
TOLD = 12
"""Intervals that an error names."""


@dataclass(frozen=True, eq=False)
class Sharing:
    """SITE_COSTS of all arrangements, SITE_LOAD of the pooled one, without scenario and assumed."""

    costs: pd.DataFrame
    load: pd.DataFrame

    def total(self, arrangement: str) -> float:
        """Return what an arrangement costs, to the cent; agents missing at their price."""
        own = self.costs[self.costs["arrangement"] == arrangement]
        return round(float(own["cost"].sum()), 2)

    def missing(self, arrangement: str) -> float:
        """Return the hours on position that nobody covers."""
        own = self.costs[self.costs["arrangement"] == arrangement]
        return float(own.loc[own["site"] == NOBODY, "agent_hours"].sum())


def sharing_of(
    demand: Demand,
    params: Params,
    zone_of: Callable[[str], ZoneInfo],
    interval_min: int,
    holidays: Dates | None = None,
    makeup_workdays: Dates | None = None,
) -> Sharing:
    """Return all arrangements of the sites in the section ``sites``.

    A site's hour costs its pay, by ``costs.premiums`` where the section ``costs`` is there, over
    the share of it that is on position.

    Parameters
    ----------
    demand
        By queue; the section's pools are served by one team.
    params
        ``sites``, ``capacity``, ``shrinkage`` and ``costs`` are used.
    zone_of
        Time zone of sites that do not say their own.
    interval_min
        Length of the intervals.
    holidays, makeup_workdays
        Local dates by site, for premiums.

    Raises
    ------
    ParamsError
        When ``sites`` is null, lacks a site of the demand, or names a queue that is not there.
    InputError
        When nobody may be missing and somebody is: the queue, the interval and the reason.
    """
    asked = params.sites
    if asked is None:
        raise ParamsError("the section sites is null: write the sites there (docs/sites.md)")
    team = pooled(demand, params.capacity.pools)
    _refuse_unknown(asked, team)
    apart, joined = _grid(team, params), _grid(over_sites(team), params)
    places = Places(asked, params, zone_of, interval_min, holidays or {}, makeup_workdays or {})
    rows, loads = [], []
    for name, grid in ((OWN, apart), (SHARED, apart), (POOLED, joined)):
        found, price = _shared(places, grid, only_own=name == OWN)
        if name == POOLED:
            _refuse_missing(places, grid, found)
            loads.append(_load(grid, found, places.names))
        rows.append(_told(places, name, grid, found, price))
    for lost in places.names:
        found, price = _shared(places, joined, lost=lost)
        rows.append(_told(places, f"{WITHOUT}{lost}", joined, found, price))
    return Sharing(pd.concat(rows, ignore_index=True), pd.concat(loads, ignore_index=True))


def over_sites(demand: Demand) -> Demand:
    """Return the demand with queues of one name and channel at several sites as one, of ``all``.

    Where no queue is at several sites it is returned as it is.
    """
    if not demand.intervals.groupby(["queue", "channel"])["site"].nunique().gt(1).any():
        return demand
    return one_per_interval(
        demand.intervals.assign(site=ALL),
        demand.rate,
        demand.load_erlangs,
        demand.aht_s,
        demand.weeks,
    )


def _grid(demand: Demand, params: Params) -> Grid:
    agents = agents_at(demand, params.capacity, params.capacity.plan_at)
    rows = demand.intervals.assign(agents=agents, hours=demand.intervals["open_min"] / 60)
    wide = rows.pivot(index="ds", columns=list(SERIES), values=["agents", "hours"]).fillna(0.0)
    need, hours = wide["agents"], wide["hours"]
    series = [(str(s), str(q), str(c)) for s, q, c in need.columns]
    return Grid(pd.DatetimeIndex(wide.index), series, need.to_numpy(), hours.to_numpy())


def _shared(
    places: Places, grid: Grid, *, only_own: bool = False, lost: str | None = None
) -> tuple[Shared, Floats]:
    """Return who serves whom, and the price of each agent."""
    can = places.open(grid)[:, None, :] & places.able(grid)[None]
    if only_own:
        home = [[site == name for name in places.names] for site, _, _ in grid.series]
        can = can & np.array(home)[None]
    an_hour = np.stack([places.price(name, grid.ds) for name in places.names], axis=1)
    price = an_hour[:, None, :] * grid.hours[:, :, None]
    given = {name: place.seats for name, place in places.asked.places.items()}
    seats = [
        0.0 if name == lost else np.inf if room is None else float(room)
        for name, room in given.items()
    ]
    per_hour = places.asked.unmet_cost_per_hour
    unmet = None if per_hour is None else per_hour * grid.hours
    return share_load(grid.need, can, price, seats, unmet), price


def _told(places: Places, name: str, grid: Grid, found: Shared, price: Floats) -> pd.DataFrame:
    """Return the rows of SITE_COSTS of an arrangement."""
    rows = []
    hours = found.agents * grid.hours[:, :, None]
    for k, site in enumerate(places.names):
        worked = hours[:, :, k].sum(axis=1)
        room = places.asked.places[site].seats
        rows.append(
            {
                "site": site,
                "agent_hours": worked.sum(),
                "paid_hours": float(worked @ places.paid(site, grid.ds)),
                "peak_agents": found.agents[:, :, k].sum(axis=1).max(initial=0.0),
                "seats": np.nan if room is None else float(room),
                "cost": round(float((found.agents * price)[:, :, k].sum()), 2),
            }
        )
    lacking = float((found.unmet * grid.hours).sum())
    rows.append(
        {
            "site": NOBODY,
            "agent_hours": lacking,
            "paid_hours": 0.0,
            "peak_agents": found.unmet.sum(axis=1).max(initial=0.0),
            "seats": np.nan,
            "cost": round(lacking * (places.asked.unmet_cost_per_hour or 0.0), 2),
        }
    )
    return pd.DataFrame(rows).assign(arrangement=name)


def _refuse_missing(places: Places, grid: Grid, found: Shared) -> None:
    """Refuse a plan that leaves somebody unserved where nobody may be."""
    if places.asked.unmet_cost_per_hour is not None or not found.unmet.any():
        return
    able, there = places.able(grid), places.open(grid)
    lines = [
        f"queue {grid.series[q][1]}/{grid.series[q][2]} at {grid.ds[t]:%Y-%m-%d %H:%M} UTC: "
        f"{found.unmet[t, q]:g} of {grid.need[t, q]:g} agents missing; "
        f"{places.why(able[q], there[t])}"
        for t, q in np.argwhere(found.unmet > 0)[:TOLD]
    ]
    n = int((found.unmet > 0).sum())
    raise InputError(
        f"no sharing serves every queue in every interval; {n} are not wholly served, the "
        f"first:\n{listed(lines)}\nGive sites.unmet_cost_per_hour, seats, hours or languages"
    )


def _load(grid: Grid, found: Shared, names: list[str]) -> pd.DataFrame:
    """Return the rows of SITE_LOAD: who serves what, where somebody does."""
    every = np.concatenate([found.agents, found.unmet[:, :, None]], axis=2)
    t, q, s = np.nonzero(every > 0)
    keys = np.array(grid.series, dtype="object").reshape(-1, 3)[q]
    return pd.DataFrame(
        {
            "arrangement": POOLED,
            **{name: keys[:, i].astype("str") for i, name in enumerate(SERIES)},
            "ds": grid.ds[t],
            "served_at": np.array([*names, NOBODY])[s],
            "agents": every[t, q, s],
        }
    )


def _refuse_unknown(asked: SitesParams, demand: Demand) -> None:
    known = set(demand.intervals["queue"])
    problems = [
        f"sites.places: there is no {site!r}, which has queues of its own"
        for site in sorted(set(demand.intervals["site"]) - set(asked.places))
    ]
    told = {f"places.{n}.queues": p.queues for n, p in asked.places.items() if p.queues != "all"}
    told["queue_languages"] = list(asked.queue_languages)
    problems += [
        f"sites.{where}: {queue!r} is no queue of the forecast ({', '.join(sorted(known))})"
        for where, queues in told.items()
        for queue in queues
        if queue not in known
    ]
    if problems:
        raise ParamsError(f"the section sites does not fit the forecast:\n{listed(problems)}")


def validated(sharing: Sharing, scenario: str, assumed: str) -> Sharing:
    """Return the tables with their scenario, checked."""
    return replace(
        sharing,
        costs=SITE_COSTS.validate(sharing.costs.assign(scenario=scenario, assumed=assumed)),
        load=SITE_LOAD.validate(sharing.load.assign(scenario=scenario)),
    )
