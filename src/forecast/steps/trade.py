"""Step trade: what fewer or more agents than planned do -> TRADE_OFF and SERVICE together."""

import pandas as pd

from forecast.capacity.base import base_demand
from forecast.capacity.money.planned import prices_of
from forecast.capacity.pools import pooled
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.scenarios.case import Case
from forecast.scenarios.trade_off import SHARES, of_all, positions, trade_off
from forecast.schema import (
    CALENDAR,
    FORECAST,
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
    params: ParamsFile = PARAMS,
) -> None:
    """Find what fewer or more agents do, and the service of all queues together."""
    settings = Params.load(params)
    demand = base_demand(
        read_table(paths, PATHS),
        read_table(forecast, FORECAST),
        read_table(history, HISTORY),
        settings,
    )
    told = read_table(calendar, CALENDAR)
    prices = None if settings.costs is None else prices_of(settings.costs, settings.trunks, told)
    case = Case(demand, settings.capacity, ledger=settings.shrinkage, prices=prices)
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
    row = table[(table["share"] == fewer) & (table["more"] == 0)].iloc[0]
    say(
        f"trade: with {settings.report.fewer_pct:g} % fewer agents the service level is "
        f"{row['service_level']:.1%}"
    )
