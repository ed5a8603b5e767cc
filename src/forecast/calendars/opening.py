"""Opening hours: open minutes of every interval from weekly windows, given or learned."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.params import OpeningHours
from forecast.settings import WEEKDAYS

DAY_MIN = 24 * 60
LEARNED_WEEKS = 8
LEARNED_GAP_MIN = 60
"""Shorter silences are quiet times, not closing times."""


def minutes_of_day(clock: str) -> int:
    """Return the minutes since midnight of a clock time; 24:00 is 1440."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def open_windows(hours: Sequence[OpeningHours], queue: str) -> dict[int, list[tuple[int, int]]]:
    """Return a queue's windows (start, end in minutes) by weekday, 0 Monday.

    A window past midnight is split: its morning part belongs to the next weekday.
    """
    windows: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
    for window in hours:
        if window.queues != "all" and queue not in window.queues:
            continue
        start, end = minutes_of_day(window.opens), minutes_of_day(window.closes)
        for name in window.days:
            day = WEEKDAYS.index(name)
            if end > start:
                windows[day].append((start, end))
            else:
                windows[day].append((start, DAY_MIN))
                windows[(day + 1) % 7].append((0, end))
    return windows


def open_minutes(
    local: pd.Series, interval_min: int, windows: dict[int, list[tuple[int, int]]]
) -> np.ndarray:
    """Return how many minutes of each interval the weekly pattern is open.

    Overlapping windows count once.

    Examples
    --------
    >>> local = pd.Series(pd.to_datetime(["2003-03-03 20:30", "2003-03-03 21:00"]))
    >>> open_minutes(local, 30, {0: [(7 * 60, 21 * 60 + 5)]}).tolist()
    [30.0, 5.0]
    """
    start = (local.dt.hour * 60 + local.dt.minute).to_numpy()
    weekday = local.dt.day_of_week.to_numpy()
    per_minute = np.zeros((7, DAY_MIN + 1))
    for day, spans in windows.items():
        for opens, closes in spans:
            per_minute[day, opens + 1 : closes + 1] = 1
    open_until = per_minute.cumsum(axis=1)
    end = np.minimum(start + interval_min, DAY_MIN)
    return np.asarray(open_until[weekday, end] - open_until[weekday, start], dtype="float64")


def learned_hours(local: pd.Series, minutes: pd.Series, queue: str) -> list[OpeningHours]:
    """Return the weekly windows in which a queue had contacts in the last weeks.

    A time of day counts when contacts came then on a quarter of that weekday's days; times no more
    than ``LEARNED_GAP_MIN`` apart belong to one window. A weekday with contacts less than half as
    often as on others is closed. Only the last ``LEARNED_WEEKS`` count: hours change.

    Parameters
    ----------
    local, minutes
        Wall-clock start and length of every interval with at least one contact.
    queue
        The queue that the windows are for.
    """
    rows = pd.DataFrame(
        {
            "weekday": local.dt.day_of_week,
            "start": local.dt.hour * 60 + local.dt.minute,
            "day": local.dt.normalize(),
            "minutes": minutes,
        }
    )
    rows = rows[rows["day"] > rows["day"].max() - pd.Timedelta(weeks=LEARNED_WEEKS)]
    days = rows.groupby("weekday")["day"].nunique()
    found = []
    for day in days[days * 2 >= days.max()].index:
        own = rows[rows["weekday"] == day].groupby("start")
        usual = own["day"].nunique() * 4 >= days[day]
        ends = (own["minutes"].max()[usual] + usual[usual].index).clip(upper=DAY_MIN)
        for opens, closes in _runs([int(s) for s in usual[usual].index], ends.tolist()):
            found.append(
                OpeningHours(
                    queues=[queue],
                    days=[WEEKDAYS[int(day)]],
                    opens=_clock(opens),
                    closes=_clock(closes),
                )
            )
    return found


def _runs(starts: list[int], ends: list[int]) -> list[tuple[int, int]]:
    """Return windows that join intervals with short gaps between them.

    Examples
    --------
    >>> _runs([480, 510, 780], [510, 540, 810])
    [(480, 540), (780, 810)]
    """
    windows: list[tuple[int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        if windows and start - windows[-1][1] <= LEARNED_GAP_MIN:
            windows[-1] = (windows[-1][0], int(end))
        else:
            windows.append((start, int(end)))
    return windows


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
