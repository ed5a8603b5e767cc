"""HISTORY -> per series a grid of local days by times of day, and what is usual on it.

The arrays are dense (a day is a row, a time of day that the series knows is a column), so that a
check is arithmetic on whole arrays: ten million rows take seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.schema import SERIES, SeriesKey

DAY_MIN = 1440
WEEK = 7
SIDE_WEEKS = 4
"""What is usual is told from so many same weekdays before a day, and as many after it."""
ZoneOf = Callable[[str], ZoneInfo]
Array = np.ndarray


@dataclass(frozen=True)
class Grid:
    """One series from its first to its last reported local day.

    Attributes
    ----------
    first_day
        Days since 1970-01-01.
    slots_min
        Times of day that were ever reported, minutes since midnight.
    rows, offered
        Reported intervals and contacts, days by slots. An hour that the clock repeats has two rows.
    skipped
        Whether the clock change leaves that time out.
    """

    key: SeriesKey
    first_day: int
    slots_min: Array
    rows: Array
    offered: Array
    skipped: Array

    @property
    def days(self) -> int:
        """Days from the first to the last report, both counted."""
        return len(self.rows)

    @property
    def last_day(self) -> int:
        """The last reported day, days since 1970-01-01."""
        return self.first_day + self.days - 1

    @property
    def reported(self) -> Array:
        """Whether a day has any report."""
        return np.asarray(self.rows.any(axis=1))

    @property
    def totals(self) -> Array:
        """Contacts by day."""
        return np.asarray(self.offered.sum(axis=1))


def series_codes(history: pd.DataFrame) -> tuple[Array, list[SeriesKey]]:
    """Return the number of each row's series, and the series in the order of their numbers."""
    grouped = history.groupby(list(SERIES), sort=True)
    keys = [(str(a), str(b), str(c)) for a, b, c in grouped.size().index]
    return grouped.ngroup().to_numpy(), keys


def grids(
    history: pd.DataFrame, codes: Array, keys: list[SeriesKey], zone_of: ZoneOf
) -> list[Grid]:
    """Return the grid of every series, in the order of ``keys``."""
    wall_min = _wall_minutes(history, zone_of)
    offered = history["offered"].to_numpy()
    order = np.argsort(codes, kind="stable")
    ends = np.bincount(codes, minlength=len(keys)).cumsum()
    out = []
    for key, at in zip(keys, np.split(order, ends[:-1]), strict=True):
        out.append(_grid(key, wall_min[at], offered[at], zone_of(key[0])))
    return out


def _wall_minutes(history: pd.DataFrame, zone_of: ZoneOf) -> Array:
    """Return local wall time in minutes since 1970-01-01."""
    out = np.empty(len(history), dtype="int64")
    site_codes, sites = pd.factorize(history["site"])
    for code, site in enumerate(sites):
        own = site_codes == code
        local = history.loc[own, "ds"].dt.tz_convert(zone_of(str(site))).dt.tz_localize(None)
        out[own] = local.to_numpy().astype("datetime64[m]").astype("int64")
    return out


def _grid(key: SeriesKey, wall_min: Array, offered: Array, zone: ZoneInfo) -> Grid:
    day = wall_min // DAY_MIN
    first, days = int(day.min()), int(day.max() - day.min()) + 1
    slots = np.flatnonzero(np.bincount(wall_min % DAY_MIN, minlength=DAY_MIN))
    column = np.searchsorted(slots, wall_min % DAY_MIN)
    cell, shape = (day - first) * len(slots) + column, (days, len(slots))
    rows = np.bincount(cell, minlength=days * len(slots)).reshape(shape)
    contacts = np.bincount(cell, weights=offered, minlength=days * len(slots)).reshape(shape)
    skipped = _skipped(first, days, slots, zone)
    return Grid(key, first, slots, rows.astype("int8"), contacts, skipped)


def _skipped(first_day: int, days: int, slots_min: Array, zone: ZoneInfo) -> Array:
    """Return which times of a grid do not exist, because the clock is put forward."""
    out = np.zeros((days, len(slots_min)), dtype=bool)
    noon = np.arange(first_day - 1, first_day + days).astype("datetime64[D]")
    wall = pd.DatetimeIndex(noon.astype("datetime64[s]") + np.timedelta64(12, "h"))
    utc = wall.tz_localize(zone, ambiguous=np.ones(len(wall), bool), nonexistent="shift_forward")
    offset = wall - utc.tz_convert("UTC").tz_localize(None)
    for later in np.flatnonzero(np.diff(offset.to_numpy()) > np.timedelta64(0)).tolist():
        for day in range(max(0, later - 1), later + 1):
            times = pd.DatetimeIndex(
                (first_day + day) * np.timedelta64(1, "D")
                + slots_min * np.timedelta64(1, "m")
                + np.datetime64(0, "s")
            )
            there = times.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="NaT")
            out[day] = np.asarray(there.isna())
    return out


def shifted(values: Array, days: int) -> Array:
    """Return what stood so many days earlier (later when negative); 0 or False where nothing did.

    Examples
    --------
    >>> shifted(np.array([1, 2, 3]), 1), shifted(np.array([1, 2, 3]), -2)
    (array([0, 1, 2]), array([3, 0, 0]))
    """
    out = np.zeros_like(values)
    if abs(days) < len(values):
        if days >= 0:
            out[days:] = values[: len(values) - days]
        else:
            out[:days] = values[-days:]
    return out


def usual_slots(grid: Grid) -> Array:
    """Return which times of a day are usually reported, days by slots.

    They are those that most reported ones of the four same weekdays before have, and most of the
    four after: where hours change, neither the old nor the new count as usual for a while.
    """
    there = (grid.rows > 0).astype("int8")
    reported = grid.reported.astype("int8")[:, None]
    out = ~grid.skipped
    known = np.zeros((grid.days, 1), dtype=bool)
    for sign in (1, -1):
        lags = [sign * WEEK * week for week in range(1, SIDE_WEEKS + 1)]
        days = np.sum([shifted(reported, lag) for lag in lags], axis=0)
        slots = np.zeros(there.shape, dtype="int8")
        for lag in lags:
            slots += shifted(there, lag)
        out &= (2 * slots > days) | (days == 0)
        known |= days > 0
    result: Array = out & known
    return result


def median_beside(values: Array, known: Array) -> tuple[Array, Array]:
    """Return the medians of the four same weekdays before and after each day.

    Only known values count; with fewer than two of them the median is NaN, and where one side has
    none the other needs three.
    """
    sides = []
    for sign in (1, -1):
        lags = [sign * WEEK * week for week in range(1, SIDE_WEEKS + 1)]
        stack = np.stack([np.where(shifted(known, g), shifted(values, g), np.nan) for g in lags])
        sides.append(median_of(stack))
    (before, n_before), (after, n_after) = sides
    enough = n_before + n_after >= 3
    return (
        np.where(enough & (n_before >= 2), before, np.nan),
        np.where(enough & (n_after >= 2), after, np.nan),
    )


def median_of(stack: Array) -> tuple[Array, Array]:
    """Return the medians down the first axis without NaN, and of how many numbers they are.

    Examples
    --------
    >>> median_of(np.array([[1.0], [np.nan], [4.0]]))
    (array([2.5]), array([2]))
    """
    ordered = np.sort(stack, axis=0)
    n = (~np.isnan(stack)).sum(axis=0)
    low = np.take_along_axis(ordered, np.maximum(n - 1, 0)[None] // 2, axis=0)[0]
    high = np.take_along_axis(ordered, n[None] // 2, axis=0)[0]
    return (low + high) / 2, n
