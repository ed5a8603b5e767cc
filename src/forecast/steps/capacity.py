"""Step capacity: PATHS -> REQUIREMENT of the base plan."""

from forecast.capacity.demand import demand_of
from forecast.capacity.handle_time import aht_by_series
from forecast.capacity.requirements import requirement
from forecast.console import PARAMS, InFile, OutFile, ParamsFile, say
from forecast.params import Params
from forecast.schema import FORECAST, HISTORY, PATHS, REQUIREMENT
from forecast.store import read_table, write_table


def capacity(
    paths: InFile, forecast: InFile, history: InFile, out: OutFile, params: ParamsFile = PARAMS
) -> None:
    """Find the least agents per interval that meet the target, at the mean, P50 and P90."""
    settings = Params.load(params).capacity
    demand = demand_of(
        read_table(paths, PATHS),
        aht_by_series(read_table(history, HISTORY), settings),
        aht_effect=read_table(forecast, FORECAST),
        forecast_aht=settings.aht_s is None,
    )
    table = requirement(demand, settings)
    write_table(table, REQUIREMENT, out)
    say(
        f"capacity: up to {table['agents'].max()} agents in an interval and queue; assumed: "
        f"{', '.join(settings.assumed) or 'nothing'}"
    )
