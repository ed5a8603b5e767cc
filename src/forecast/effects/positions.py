"""Where a day stands in an event: before it, during it or after it, and how far."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

BEFORE, DURING, AFTER = 0, 1, 2
BEFORE_DAYS: dict[str, int] = {"event": 7, "holiday": 5}
AFTER_DAYS: dict[str, int] = {"event": 35, "holiday": 7}
"""How far an event reaches at most, by pool; a mail-out is answered for weeks, a holiday is not."""
SAME_DAY = 0.5
"""Distance in days of the rest of a day on which an event begins or ends within the day."""
DAY = pd.Timedelta(days=1)
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Every day (or part of one) with every event that reaches it; arrays of one length.

    ``cell`` and ``event`` are row numbers; ``phase`` is BEFORE, DURING or AFTER; ``near`` counts
    days to the start (before), from the start (during) or from the end (after); ``left`` counts
    days to the last day (during); ``reach`` is how far the event reaches in that phase.
    """

    cell: Ints
    event: Ints
    phase: Ints
    near: Floats
    left: Floats
    reach: Floats

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.cell)


def told_from(local: pd.Series, length_min: float, events: pd.DataFrame) -> pd.Series:
    """Return the moment from which on each interval is told of.

    It is the start of the interval or, where an event begins and ends within it, the start of that:
    no interval begins while it is on, and it is on all the same.

    Examples
    --------
    >>> local = pd.Series(pd.to_datetime(["2024-06-17 19:30", "2024-06-17 20:00"]))
    >>> spot = pd.DataFrame({"start": pd.to_datetime(["2024-06-17 20:10"]),
    ...                      "end": pd.to_datetime(["2024-06-17 20:15"])})
    >>> told_from(local, 30, spot).dt.strftime("%H:%M").tolist()
    ['19:30', '20:10']
    """
    length = pd.Timedelta(minutes=length_min)
    short = events[events["end"] - events["start"] < length].sort_values(["start", "end"])
    if short.empty:
        return local
    starts = short["start"].to_numpy()
    nearest = np.minimum(np.searchsorted(starts, local.to_numpy(), side="right"), len(short) - 1)
    following = short.iloc[nearest].set_index(local.index)
    inside = (following["start"] > local) & (following["end"] <= local + length)
    return local.mask(inside, following["start"])


def split_at_moments(date: pd.Series, local: pd.Series, events: pd.DataFrame) -> Ints:
    """Return for each interval a number that changes where an event begins or ends within a day.

    Examples
    --------
    >>> local = pd.Series(pd.date_range("2024-06-17 10:00", periods=4, freq="h", unit="us"))
    >>> spot = pd.DataFrame({"start": pd.to_datetime(["2024-06-17 11:00"]),
    ...                      "end": pd.to_datetime(["2024-06-17 12:00"])})
    >>> split_at_moments(local.dt.normalize(), local, spot).tolist()
    [0, 1, 2, 2]
    """
    moments = pd.concat([events["start"], events["end"]], ignore_index=True)
    within = moments[moments != moments.dt.normalize()].drop_duplicates().sort_values()
    if within.empty:
        return np.zeros(len(local), dtype="int64")
    passed = np.searchsorted(within.to_numpy(), local.to_numpy(), side="right")
    at_midnight = np.searchsorted(within.to_numpy(), date.to_numpy(), side="right")
    return np.asarray(passed - at_midnight, dtype="int64")


def pairs_of(cells: pd.DataFrame, events: pd.DataFrame) -> Pairs:
    """Return which events reach which cells, and where in the event each cell stands.

    Parameters
    ----------
    cells
        Columns ``date`` and ``local``: the day, and the first interval of the cell.
    events
        EVENTS of one series, known at one cutoff.
    """
    date, local = cells["date"].to_numpy(), cells["local"].to_numpy()
    parts: list[tuple[Ints, ...] | tuple[Ints, Ints, Ints, Floats, Floats, Floats]] = []
    rows = events[["start", "end", "pool"]].itertuples(index=False)
    for number, (start, end, pool) in enumerate(rows):
        first, last = start.normalize(), (end - pd.Timedelta(microseconds=1)).normalize()
        ahead, behind = BEFORE_DAYS[pool], AFTER_DAYS[pool]
        at = np.flatnonzero((date >= first - ahead * DAY) & (date <= last + behind * DAY))
        if not len(at):
            continue
        to_start = _days(first - pd.DatetimeIndex(date[at]))
        from_end = _days(pd.DatetimeIndex(date[at]) - last)
        before, after = local[at] < start, local[at] >= end
        phase = np.where(before, BEFORE, np.where(after, AFTER, DURING))
        near = np.where(
            before,
            np.maximum(to_start, SAME_DAY),
            np.where(after, np.maximum(from_end, SAME_DAY), -to_start),
        )
        reach = np.where(before, ahead, behind).astype("float64")
        parts.append((at, np.full(len(at), number), phase, near, -from_end, reach))
    if not parts:
        none, nothing = np.zeros(0, dtype="int64"), np.zeros(0)
        return Pairs(none, none, none, nothing, nothing, nothing)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(joined[0], kind="stable")
    cell, event, phase, near, left, reach = (column[order] for column in joined)
    return Pairs(cell, event, phase, near, np.maximum(left, 0.0), reach)


def _days(spans: pd.TimedeltaIndex) -> Floats:
    return np.asarray(spans / DAY, dtype="float64")
