"""Step lookup: PATHS -> LOOKUP and NODES, from which the workbook reckons FTE and cost."""

from forecast.capacity.base import base_demand
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.scenarios.sheet import fine_enough
from forecast.schema import CALENDAR, FORECAST, HISTORY, LOOKUP, NODES, PATHS
from forecast.store import read_table, write_table


def lookup(
    paths: InFile,
    forecast: InFile,
    history: InFile,
    calendar: InFile,
    out_lookup: OutFile,
    out_nodes: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Make the base plan at a grid of volumes and handle times."""
    settings = Params.load(params)
    demand = base_demand(
        read_table(paths, PATHS),
        read_table(forecast, FORECAST),
        read_table(history, HISTORY),
        settings,
    )
    found = fine_enough(demand, settings, read_table(calendar, CALENDAR))
    write_table(found.hours, LOOKUP, out_lookup)
    write_table(found.nodes, NODES, out_nodes)
    say(f"lookup: {len(found.nodes)} plans, {len(found.hours):,} rows of hours by agents")
