"""The interval grid in a site's wall time, over both clock changes."""

from zoneinfo import ZoneInfo

import pandas as pd

from forecast.schema import UTC, local_time


def midnight(day: pd.Timestamp, zone: ZoneInfo) -> pd.Timestamp:
    """Return the UTC instant at which a local day begins.

    Where the clock change skips midnight, the day begins when the clock is forward.
    """
    return (
        pd.Timestamp(day)
        .tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
        .tz_convert("UTC")
        .as_unit("us")
    )


def interval_grid(
    first_day: pd.Timestamp, days: int, interval_min: int, zone: ZoneInfo
) -> pd.DataFrame:
    """Return ``ds`` and ``local`` of every interval of some local days.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> spring = interval_grid(pd.Timestamp("2003-04-06"), 1, 60, ZoneInfo("America/New_York"))
    >>> len(spring)
    23
    """
    end = midnight(pd.Timestamp(first_day) + pd.Timedelta(days=days), zone)
    start = midnight(first_day, zone)
    stamps = pd.date_range(start, end, freq=f"{interval_min}min", inclusive="left", unit="us")
    ds = pd.Series(stamps, name="ds")
    return pd.DataFrame({"ds": ds, "local": local_time(ds, zone)})


def interval_of(ds: pd.Series, zone: ZoneInfo, interval_min: int) -> pd.Series:
    """Return the start of the grid interval that each instant lies in.

    Flooring is done in wall time, so that zones with an offset of a quarter or half hour keep
    intervals that begin on the hour.
    """
    wall = local_time(ds, zone)
    into = wall - wall.dt.floor(f"{interval_min}min")
    start: pd.Series = (ds - into).astype(UTC)
    return start
