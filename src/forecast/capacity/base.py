"""PATHS and HISTORY -> the demand that all plans start from."""

import numpy as np
import pandas as pd

from forecast.capacity.demand import Demand, demand_of
from forecast.capacity.handle_time import aht_by_series, recent
from forecast.params import CapacityParams, Params
from forecast.schema import SERIES, SeriesKey, by_series


def base_demand(
    paths: pd.DataFrame, forecast: pd.DataFrame, history: pd.DataFrame, params: Params
) -> Demand:
    """Return the demand in PATHS, by queue, with the handle times and first calls of HISTORY.

    Parameters
    ----------
    paths, forecast
        PATHS, and the FORECAST that they belong to, for what events do to handle time.
    history
        HISTORY, for handle times and for how many of the contacts were redials.
    params
        The sections ``capacity`` and ``ingest`` (zones) are used.

    Raises
    ------
    InputError
        When a series has no handle time.
    """
    capacity = params.capacity
    demand = demand_of(
        paths,
        aht_by_series(history, capacity),
        aht_effect=forecast,
        forecast_aht=capacity.aht_s is None,
        zone_of=params.ingest.zone,
    )
    if not capacity.redial:
        return demand
    first = first_calls(history, capacity)
    share = [
        first[key] for key in demand.intervals[list(SERIES)].itertuples(index=False, name=None)
    ]
    return demand.scaled(where=np.ones(len(share), dtype=bool), volume=np.array(share), aht=1.0)


def first_calls(history: pd.DataFrame, params: CapacityParams) -> dict[SeriesKey, float]:
    """Return the share of each series' contacts that are first calls, not redials.

    A share ``params.redial`` of those who hung up called again: over the last ``aht_weeks`` they
    are among the offered. Where HISTORY does not tell who hung up, all contacts count as first.

    Examples
    --------
    >>> day = pd.DataFrame({"site": "a", "queue": "b", "channel": "voice",
    ...     "ds": pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True),
    ...     "offered": [100, 300], "abandoned": [20.0, 60.0]})
    >>> settings = CapacityParams(cost_per_paid_hour=1, currency="EUR", patience_s=60, redial=0.5)
    >>> first_calls(day, settings)
    {('a', 'b', 'voice'): 0.9}
    """
    out: dict[SeriesKey, float] = {}
    for key, own in by_series(history):
        late = recent(own, params)
        told = late[late["abandoned"].notna()]
        offered = float(told["offered"].sum())
        hung_up = min(float(told["abandoned"].sum()) / offered, 1.0) if offered else 0.0
        out[key] = 1 - params.redial * hung_up
    return out
