"""Which past forecasts tell how a day deviates, and by how much whole days were off."""

import numpy as np
import pandas as pd

from forecast.errors import ForecastError
from forecast.schema import FORECAST, SERIES, as_known, of_series
from forecast.targets import OFFERED

MIN_DAYS = 20
"""Of fewer days forecast one day ahead, those up to a week ahead tell too."""
WEEK = 7


def one_forecast(rows: pd.DataFrame, what: str, *, cutoff: bool) -> None:
    """Refuse rows that are not of one series, model and, if asked, cutoff, of contacts offered."""
    names = [*SERIES, "target", "model", *(["cutoff"] if cutoff else [])]
    if rows.empty:
        raise ForecastError(f"{what} has no rows; give FORECAST rows of one series")
    mixed = [f"{rows[name].nunique()} of '{name}'" for name in names if rows[name].nunique() > 1]
    if mixed:
        raise ForecastError(
            f"{what} must be of one {', '.join(names)}; found {', '.join(mixed)}. Give one at a "
            "time, for instance forecast[forecast['model'] == 'champion'] of one queue"
        )
    if (target := rows["target"].iloc[0]) != OFFERED:
        raise ForecastError(f"{what} must forecast '{OFFERED}'; found '{target}'")


def with_lead(past: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return one forecast's open intervals with their local ``date`` and ``lead`` in local days.

    Lead 1 is the day that begins at the cutoff.
    """
    one_forecast(past, "past", cutoff=False)
    site, queue, channel = past[list(SERIES)].iloc[0]
    own = as_known(of_series(features, (site, queue, channel)))
    date = own.set_index("ds")["date"].sort_index()
    rows = past.loc[past["open_min"] > 0, FORECAST.names]
    rows = rows.assign(date=rows["ds"].map(date))
    at = np.searchsorted(date.index, pd.DatetimeIndex(rows["cutoff"]))
    if rows["date"].isna().any() or (at >= len(date)).any():
        raise ForecastError(
            f"features of {site}/{queue}/{channel} do not reach all forecasts; give the FEATURES "
            "that the forecasts were made from"
        )
    first = pd.Series(date.to_numpy()[at], index=rows.index)
    return rows.assign(lead=(rows["date"] - first).dt.days + 1)


def days_of(past: pd.DataFrame, features: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the FORECAST rows of each past day, by time, of the shortest lead there is."""
    rows = with_lead(past, features)
    rows = rows[rows["y"].notna().groupby([rows["cutoff"], rows["date"]]).transform("any")]
    next_day = rows[rows["lead"] == 1]
    if next_day["date"].nunique() < MIN_DAYS:
        next_day = rows[rows["lead"] <= WEEK]
    if next_day.empty:
        raise ForecastError(
            "past has no day up to a week ahead whose counts are known; give FORECAST of past "
            "cutoffs, as the backtest returns it"
        )
    latest = next_day["cutoff"] == next_day.groupby("date")["cutoff"].transform("max")
    return [day.sort_values("ds") for _, day in next_day[latest].groupby("date", sort=True)]
