"""Step capacity: PATHS -> REQUIREMENT, SERVICE and TRUNKS of the base plan."""

import pandas as pd

from forecast.capacity.base import base_demand
from forecast.capacity.pools import pooled
from forecast.capacity.requirements import requirement
from forecast.capacity.service import service_by
from forecast.capacity.trunks import trunks_of
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.schema import FORECAST, HISTORY, PATHS, REQUIREMENT, SERIES, SERVICE, TRUNKS
from forecast.store import read_table, write_table

KEY = [*SERIES, "ds"]


def capacity(
    paths: InFile,
    forecast: InFile,
    history: InFile,
    out: OutFile,
    out_service: OutFile,
    out_trunks: OutFile,
    params: ParamsFile = PARAMS,
) -> None:
    """Find the least agents per interval that meet the target, what days see, and the lines."""
    everything = Params.load(params)
    settings = everything.capacity
    by_queue = base_demand(
        read_table(paths, PATHS),
        read_table(forecast, FORECAST),
        read_table(history, HISTORY),
        everything,
    )
    demand = pooled(by_queue, settings.pools)
    table = requirement(demand, settings, ledger=everything.shrinkage)
    table = table.assign(service_level_base=table["service_level"])
    agents = table.set_index(KEY)["agents"].loc[pd.MultiIndex.from_frame(demand.intervals[KEY])]
    positions = agents.to_numpy()
    write_table(table, REQUIREMENT, out)
    service = service_by(demand, positions, settings)
    write_table(service, SERVICE, out_service)
    lines = TRUNKS.empty()
    if everything.trunks is not None:
        lines = trunks_of(demand, positions, settings, everything.trunks)
    write_table(lines, TRUNKS, out_trunks)
    say(
        f"capacity: up to {table['agents'].max()} agents in an interval and queue; assumed: "
        f"{', '.join(settings.assumed) or 'nothing'}"
    )
    for row in lines[lines["is_plan"]].to_dict("records"):
        say(
            f"capacity: {row['site']}: {row['trunks']} trunks and {row['ports']} ports are enough "
            f"at the peak of {row['quantile']:.0%} of the paths"
        )
