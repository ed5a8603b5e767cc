"""Intervals that a switch leaves out because nobody came -> rows of zeros."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.schema import LOCAL, SERIES, UTC

ZoneOf = Callable[[str], ZoneInfo]


def with_zeros(rows: pd.DataFrame, sparse: np.ndarray, zone_of: ZoneOf) -> pd.DataFrame:
    """Return rows with a zero for every interval without one, where that is what it means.

    On a local day on which the site has any row, the intervals from its first to its last of that
    day were reported; those that a series has no row for are zeros, between its first and last day.
    Days without any row stay missing.

    Parameters
    ----------
    rows
        HISTORY's columns, as far as they are there.
    sparse
        By row: whether its report leaves out empty intervals.
    """
    added = [rows]
    known = [c for c in rows.columns if c != "minutes" and rows[c].dtype == "float64"]
    for site, of_site in rows[sparse].groupby("site", observed=True):
        zone = zone_of(str(site))
        day = of_site["ds"].dt.tz_convert(zone).dt.tz_localize(None).astype(LOCAL).dt.normalize()
        for key, own in of_site.groupby(list(SERIES), observed=True):
            minutes = int(own["minutes"].min())
            edges = of_site["ds"].groupby(day).agg(["min", "max"])
            mine = day[own.index]
            edges = edges[(edges.index >= mine.min()) & (edges.index <= mine.max())]
            grid = _between(edges, own["ds"].iloc[0], minutes)
            absent = grid[~grid.isin(own["ds"])]
            names = dict(zip(SERIES, map(str, key), strict=True))
            zeros = {c: 0.0 for c in known if own[c].notna().any()}
            added.append(absent.to_frame("ds").assign(minutes=float(minutes), **names, **zeros))
    out = pd.concat([a for a in added if len(a)], ignore_index=True)
    return out.astype(dict.fromkeys(SERIES, "category"))


def _between(edges: pd.DataFrame, phase: pd.Timestamp, minutes: int) -> pd.Series:
    """Return the starts from the first to the last of each day, in step with ``phase``."""
    step = pd.Timedelta(minutes=minutes)
    first = phase + np.ceil((edges["min"] - phase) / step) * step
    count = ((edges["max"] - first) / step).apply(np.floor).astype("int64").clip(lower=-1) + 1
    starts = np.repeat(first.to_numpy(), count)
    number = np.arange(count.sum()) - np.repeat(count.cumsum().to_numpy() - count.to_numpy(), count)
    return (pd.Series(starts) + pd.Series(number * step.to_timedelta64())).astype(UTC)
