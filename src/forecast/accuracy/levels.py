"""Days and weeks of a forecast: sums of its intervals, where they are wholly there."""

import pandas as pd

from forecast.accuracy.local import pooled
from forecast.schema import SERIES

GROUP = [*SERIES, "target", "model", "horizon"]
_VALUES = ["mean", "y"]


def days_of(rows: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return the local days of each forecast of which every interval that is open was forecast.

    Parameters
    ----------
    rows
        What ``located`` returns.
    features
        FEATURES as known last.

    Returns
    -------
    pandas.DataFrame
        FORECAST's keys with ``date`` for ``ds``, ``mean`` and ``y`` of the day (``y`` is empty when
        an interval's is), ``scale``, and ``open_day``: whether it is open as is known last.
    """
    keys = [*GROUP, "cutoff", "first_day", "date"]
    days = pooled(rows, keys, _VALUES, last=["lead_day", "day_scale"])
    forecast = rows.groupby(keys, sort=True)["open_now"].sum().to_numpy()
    is_open = features[features["open_min"] > 0]
    opened = is_open.groupby([*SERIES, "date"]).size().rename("opened").reset_index()
    days = days.merge(opened, on=[*SERIES, "date"], how="left", validate="many_to_one")
    whole = days["opened"].fillna(0) == forecast
    out = days.assign(open_day=days["opened"].notna()).rename(columns={"day_scale": "scale"})
    return out[whole].drop(columns="opened").reset_index(drop=True)


def weeks_of(days: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return the weeks of each forecast: days 1 to 7 from its cutoff, 8 to 14, and so on.

    Seven days on end hold every weekday once, from whatever day they are counted, so that a week's
    sum compares with any other's. A week belongs to the bucket that its last open day is in, and is
    left out unless all its days that are open are there. ``y`` is empty when a day's is.

    Parameters
    ----------
    days
        What ``days_of`` returns.
    features
        FEATURES as known last; they must reach to the end of the week.
    """
    number = (days["lead_day"] - 1) // 7
    first = days["first_day"] + pd.to_timedelta(7 * number, unit="D")
    keys = [*SERIES, "target", "model", "cutoff", "first"]
    rows = days.assign(first=first).sort_values([*keys, "date"], kind="stable")
    weeks = pooled(rows, keys, _VALUES, last=["horizon"])
    given = rows.groupby(keys, sort=True)["open_day"].sum().to_numpy()
    weeks = weeks.assign(last=weeks["first"] + pd.Timedelta(days=6))
    upto = _open_days(features)
    on = [*SERIES, "date"]
    before = weeks[[*SERIES, "first"]].rename(columns={"first": "date"}).merge(upto, "left", on)
    after = weeks[[*SERIES, "last"]].rename(columns={"last": "date"}).merge(upto, "left", on)
    whole = (after["upto"] - before["before"]).to_numpy() == given
    out: pd.DataFrame = weeks[whole].reset_index(drop=True)
    return out


def _open_days(features: pd.DataFrame) -> pd.DataFrame:
    """Return, by series and date, how many open days there are before it, and up to it."""
    is_open = features.assign(is_open=features["open_min"] > 0)
    days = is_open.groupby([*SERIES, "date"], sort=True)["is_open"].any().astype("int64")
    upto = days.groupby(level=list(SERIES)).cumsum()
    return pd.DataFrame({"upto": upto, "before": upto - days}).reset_index()
