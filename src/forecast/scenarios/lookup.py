"""The base plan made at a grid of volumes and handle times, for a spreadsheet to look up.

A queueing formula takes more cells than a sheet should have. What a sheet can do is add up hours by
the number of agents, and round people up: that is exact for any shrinkage, pay and hours a week.
Between the grid's points it interpolates; by how much that errs is measured on points of its own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecast.capacity.demand import Demand
from forecast.capacity.money.planned import prices_of
from forecast.capacity.people import Positions, paid_hours_of, scheduled_for
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import agents_at, columns_of, totals
from forecast.capacity.service import achieved
from forecast.capacity.shrinkage import off_position
from forecast.capacity.staffing import Staffing
from forecast.params import Params
from forecast.scenarios.case import Case
from forecast.scenarios.cost import planned_lines, sum_of
from forecast.schema import LOOKUP, NODES

VOLUME_MOST, AHT_MOST = 30.0, 20.0
"""Changes in percent, up and down, that the grid covers."""
MORE = 0.05
"""Shrinkage that checks add; not so much that a ledger's ceiling on it matters."""
MOST_ROWS = 4000
"""More kinds of (shrinkage, agents) than a sheet should have: shares are then rounded to 0.01."""
PAY = ("pay ", "paid hours")
"""How cost lines of people begin."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Points at even steps of volume and handle time, and checks in the middle of some cells.

    There the interpolation errs most. All in percent.
    """

    volume_step: float
    aht_step: float
    checks: tuple[tuple[float, float], ...]

    @property
    def points(self) -> list[tuple[float, float, bool]]:
        """Volume, handle time, and whether it is a check."""
        volumes, ahts = (
            np.arange(-most, most + step / 2, step).tolist()
            for most, step in ((VOLUME_MOST, self.volume_step), (AHT_MOST, self.aht_step))
        )
        nodes = [(volume, aht, False) for volume in volumes for aht in ahts]
        return nodes + [(volume, aht, True) for volume, aht in self.checks]


COARSE = Grid(15, 20, ((-22.5, -10.0), (22.5, -10.0), (-7.5, 10.0), (22.5, 10.0)))
FINE = Grid(
    5, 10,
    ((-27.5, 5.0), (-17.5, -15.0), (-12.5, 15.0), (-2.5, -5.0), (2.5, 5.0), (12.5, -15.0),
     (17.5, 15.0), (27.5, -5.0)),
)  # fmt: skip


@dataclass(frozen=True)
class Lookup:
    """LOOKUP and NODES of one plan."""

    hours: pd.DataFrame
    nodes: pd.DataFrame


def lookup(
    demand: Demand, params: Params, calendar: pd.DataFrame | None = None, grid: Grid = COARSE
) -> Lookup:
    """Return the base plan at all nodes and checks.

    Parameters
    ----------
    demand
        The base demand, by queue.
    params
        All parameters; ``capacity``, ``shrinkage``, ``costs`` and ``trunks`` are used.
    calendar
        CALENDAR, for days that the section ``costs`` pays more for.
    grid
        The points. Large teams change little by little and need few; where a handful of agents
        answers, one more is a step, and ``FINE`` errs less.
    """
    costs = params.costs
    prices = None if costs is None else prices_of(costs, params.trunks, calendar)
    base = Case(demand, params.capacity, ledger=params.shrinkage, prices=prices)
    everywhere = np.ones(len(demand.intervals), dtype=bool)
    hours, nodes = [], []
    for volume, aht, is_check in grid.points:
        case = base.scaled(everywhere, 1 + volume / 100, 1 + aht / 100)
        own, node = _at(case)
        at = {"volume_pct": volume, "aht_pct": aht}
        nodes.append({**at, "is_check": is_check, **node})
        if not is_check:
            hours.append(own.assign(**at))
    every = LOOKUP.validate(pd.concat(hours, ignore_index=True))
    return Lookup(_fewer(every), NODES.validate(pd.DataFrame(nodes)))


def _at(case: Case) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a case's hours by shrinkage and agents, and its sums."""
    team, rules = pooled(case.demand, case.capacity.pools), case.capacity
    agents = agents_at(team, rules, rules.plan_at)
    result = columns_of(achieved(team, agents, rules))
    own = totals(team, agents, result, rules, case.ledger)
    lines = planned_lines(case, Staffing(team, rules))
    is_pay = lines["line"].str.startswith(PAY)
    shares = off_position(team.intervals["local"], rules.shrinkage, case.ledger)
    minutes = team.intervals["open_min"].to_numpy(dtype="float64")
    some = agents > 0
    rows = pd.DataFrame({"shrinkage": shares, "agents": agents, "hours": minutes / 60})[some]
    more = scheduled_for(Positions(agents, minutes), np.round(np.asarray(shares) + MORE, 12))
    kept = ("offered", "agent_hours", "paid_hours", "peak_agents", "service_level", "occupancy")
    node = {name: own[name] for name in kept}
    node |= {"paid_hours_more": paid_hours_of(more).total, "pay": sum_of(case, lines[is_pay])}
    node |= {"other_cost": sum_of(case, lines[~is_pay])}
    return rows.groupby(["shrinkage", "agents"])[["hours"]].sum().reset_index(), node


def _fewer(hours: pd.DataFrame) -> pd.DataFrame:
    """Return LOOKUP with shares rounded where a ledger makes too many kinds of rows."""
    if len(hours[["shrinkage", "agents"]].drop_duplicates()) <= MOST_ROWS:
        return hours
    keys = list(LOOKUP.key)
    rounded = hours.assign(shrinkage=hours["shrinkage"].round(2))
    return LOOKUP.validate(rounded.groupby(keys)[["hours"]].sum().reset_index())
