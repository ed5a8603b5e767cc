"""Intervals that a switch leaves out because nobody came -> rows of zeros."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.schema import LOCAL, SERIES, UTC


def with_zeros(
    rows: pd.DataFrame, sparse: np.ndarray, zone_of: Callable[[str], ZoneInfo], told: pd.DataFrame
) -> pd.DataFrame:
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
            same = np.logical_and.reduce([told[c] == k for c, k in zip(SERIES, key, strict=True)])
            absent = grid[~_covered(grid, minutes, told[same])]
            names = dict(zip(SERIES, map(str, key), strict=True))
            zeros = {c: 0.0 for c in known if own[c].notna().any()}
            added.append(absent.to_frame("ds").assign(minutes=float(minutes), **names, **zeros))
    out = pd.concat([a for a in added if len(a)], ignore_index=True)
    return out.astype(dict.fromkeys(SERIES, "category"))


def _covered(grid: pd.Series, minutes: int, told: pd.DataFrame) -> np.ndarray:
    """Return which intervals overlap one that a row tells of, taken or set aside."""
    length = pd.Timedelta(minutes=minutes)
    order = told.dropna(subset="ds").sort_values("ds")
    if order.empty:
        return np.zeros(len(grid), dtype=bool)
    last = order["ds"] + pd.to_timedelta(order["minutes"].fillna(minutes), unit="min")
    ends = last.cummax().dt.tz_localize(None).to_numpy()
    first = grid.dt.tz_localize(None)
    starts = order["ds"].dt.tz_localize(None).to_numpy()
    at = np.searchsorted(starts, (first + length).to_numpy(), "left") - 1
    return np.asarray((at >= 0) & (ends[at] > first.to_numpy()))


def _between(edges: pd.DataFrame, phase: pd.Timestamp, minutes: int) -> pd.Series:
    """Return the starts from the first to the last of each day, in step with ``phase``."""
    step = pd.Timedelta(minutes=minutes)
    first = phase + np.ceil((edges["min"] - phase) / step) * step
    count = ((edges["max"] - first) / step).apply(np.floor).astype("int64").clip(lower=-1) + 1
    starts = np.repeat(first.to_numpy(), count)
    number = np.arange(count.sum()) - np.repeat(count.cumsum().to_numpy() - count.to_numpy(), count)
    return (pd.Series(starts) + pd.Series(number * step.to_timedelta64())).astype(UTC)
