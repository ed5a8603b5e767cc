"""The average handle time of each series: assumed in params, or measured in the history."""

from collections.abc import Mapping

import pandas as pd

from forecast.errors import InputError
from forecast.params import CapacityParams
from forecast.schema import SeriesKey, by_series


def aht_by_series(history: pd.DataFrame, params: CapacityParams) -> Mapping[SeriesKey, float]:
    """Return the AHT in seconds of each series of HISTORY.

    Where ``params.aht_s`` is given it holds for all; else it is measured over the last
    ``aht_weeks``: talk, hold and wrap time over contacts answered, which weighs by contacts. A part
    that some rows lack is averaged over those that have it; one that no row has counts as 0.

    Raises
    ------
    InputError
        When it is neither given nor in the exports; the series are named.

    Examples
    --------
    >>> day = pd.DataFrame({"site": "a", "queue": "b", "channel": "voice",
    ...     "ds": pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True), "answered": [10.0, 30.0],
    ...     "talk_s": [1000.0, 9000.0], "hold_s": [0.0, 0.0], "wrap_s": [200.0, 600.0]})
    >>> measured = CapacityParams(cost_per_paid_hour=1, currency="EUR")
    >>> aht_by_series(day, measured)
    {('a', 'b', 'voice'): 270.0}
    """
    out: dict[SeriesKey, float] = {}
    lacking = []
    for key, own in by_series(history):
        if params.aht_s is not None:
            out[key] = params.aht_s
            continue
        late = recent(own, params)
        parts = [_mean_per_contact(late, column) for column in ("talk_s", "hold_s", "wrap_s")]
        if not parts[0] or sum(parts) <= 0:
            lacking.append("/".join(key))
            continue
        out[key] = float(sum(parts))
    if lacking:
        raise InputError(
            f"no handle time for {', '.join(lacking)}: no talk_s above 0 with answered; "
            "give capacity.aht_s in params.yaml and name it in capacity.assumed"
        )
    return out


def recent(history: pd.DataFrame, params: CapacityParams) -> pd.DataFrame:
    """Return the last ``aht_weeks`` of one series' HISTORY."""
    late: pd.Series = history["ds"] > history["ds"].max() - pd.Timedelta(weeks=params.aht_weeks)
    return history[late]


def _mean_per_contact(history: pd.DataFrame, column: str) -> float:
    known = history[history[column].notna() & (history["answered"] > 0)]
    return float(known[column].sum() / known["answered"].sum()) if len(known) else 0.0
