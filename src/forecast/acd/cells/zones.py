"""Wall time -> UTC, both clock-change nights included: a fold is told from a duplicate."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.schema import UTC


def to_utc(wall: pd.Series, zone: ZoneInfo) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Return UTC, and where a wall time exists twice (taken as the first), or does not exist.

    Examples
    --------
    >>> wall = pd.Series(pd.to_datetime(["2024-11-03 01:30", "2024-03-10 02:30"]))
    >>> utc, twice, never = to_utc(wall, ZoneInfo("America/New_York"))
    >>> utc[0], twice.tolist(), never.tolist()
    (Timestamp('2024-11-03 05:30:00+0000', tz='UTC'), [True, False], [False, True])
    """
    strict = wall.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    first = wall.dt.tz_localize(zone, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="NaT")
    never = (wall.notna() & first.isna()).to_numpy()
    twice = (first.notna() & strict.isna()).to_numpy()
    return first.dt.tz_convert("UTC").astype(UTC), twice, never


def second_time(wall: pd.Series, zone: ZoneInfo) -> pd.Series:
    """Return UTC of wall times in their second occurrence, after the clock was set back."""
    told = wall.dt.tz_localize(zone, ambiguous=np.zeros(len(wall), dtype=bool))
    out: pd.Series = told.dt.tz_convert("UTC").astype(UTC)
    return out


def told_apart(rows: pd.DataFrame) -> pd.Series:
    """Return for rows of the doubled hour whether each is its first or second occurrence.

    Parameters
    ----------
    rows
        All rows of one file on the days with a doubled hour: ``series`` (any label), ``wall``,
        ``twice`` (bool) and ``line``.

    Returns
    -------
    pandas.Series
        By the index of the rows with ``twice``: ``first``, ``second``, ``alone`` (the hour stands
        once, so it is taken as the first) or ``untold``.

    Notes
    -----
    A wall time of the doubled hour that stands twice as often as the series' other times of that
    day has two occurrences, in the order of the file's times (which may run backwards); as often,
    it stands once. Anything else, and a file that is not in the order of its times, cannot be told.
    """
    parts = [pd.Series(dtype=object)]
    for _, own in rows.groupby(["series", rows["wall"].dt.normalize()], sort=False):
        parts.append(_of_one_day(own.sort_values("line", kind="stable")))
    out: pd.Series = pd.concat(parts)
    return out


def _of_one_day(own: pd.DataFrame) -> pd.Series:
    doubled, plain = own[own["twice"]], own[~own["twice"]]
    out = pd.Series("untold", index=doubled.index, dtype=object)
    if doubled.empty:
        return out
    usual = int(plain["wall"].value_counts().mode().max()) if len(plain) else 1
    counts = doubled["wall"].value_counts()
    if (counts == usual).all():
        out[:] = "alone"
        return out
    steps = own["wall"].diff().dropna()
    back, forward = (steps < pd.Timedelta(0)).sum(), (steps > pd.Timedelta(0)).sum()
    # The way back at the end of the first hour is one step against the order; more is disorder, and
    # none means that equal times were put next to each other.
    ways_back = (1,) if len(counts) > 1 else (0, 1)
    if (counts != 2 * usual).any() or min(back, forward) not in ways_back:
        return out
    rank = doubled.groupby("wall").cumcount()
    is_first = (rank < usual) if forward >= back else (rank >= usual)
    return pd.Series(np.where(is_first, "first", "second"), index=doubled.index, dtype=object)
