"""Step trade: what fewer or more agents do, what other plans take -> TRADE_OFF, SERVICE, GRID."""

import pandas as pd

from forecast.capacity.base import base_demand
from forecast.capacity.pools import pooled
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.scenarios.grid import grid
from forecast.scenarios.quick import base_case
from forecast.scenarios.trade_off import SHARES, of_all, positions, trade_off
from forecast.schema import (
    CALENDAR,
    FORECAST,
    GRID,
    HISTORY,
    PATHS,
    REQUIREMENT,
    SERIES,
    SERVICE,
    TRADE_OFF,
)
from forecast.store import read_table, write_table

KEY = [*SERIES, "ds"]


def trade(
    paths: InFile,
    forecast: InFile,
    history: InFile,
    calendar: InFile,
    requirement: InFile,
    out: OutFile,
    out_together: OutFile,
    out_grid: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Find what fewer or more agents do, all queues' service together, and a grid of plans."""
    settings = Params.load(params)
    demand = base_demand(
        read_table(paths, PATHS),
        read_table(forecast, FORECAST),
        read_table(history, HISTORY),
        settings,
    )
    told = read_table(calendar, CALENDAR)
    case = base_case(demand, settings, told)
    team = pooled(demand, settings.capacity.pools)
    planned = read_table(requirement, REQUIREMENT).set_index(KEY)["agents"]
    agents = planned.loc[pd.MultiIndex.from_frame(team.intervals[KEY])].to_numpy(dtype="int64")
    fewer = round(1 - settings.report.fewer_pct / 100, 9)
    table = trade_off(case, team, agents, shares=(*SHARES, fewer))
    write_table(table, TRADE_OFF, out)
    staffs = {"base": agents, "fewer": positions(agents, fewer)}
    services = [
        of_all(team, there, settings.capacity, period).assign(scenario=name)
        for name, there in staffs.items()
        for period in ("day", "week")
    ]
    write_table(pd.concat(services, ignore_index=True), SERVICE, out_together)
    write_table(grid(case, settings), GRID, out_grid)
    row = table[(table["share"] == fewer) & (table["more"] == 0)].iloc[0]
    say(
        f"trade: with {settings.report.fewer_pct:g} % fewer agents the service level is "
        f"{row['service_level']:.1%}"
    )
