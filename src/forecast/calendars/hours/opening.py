"""Opening hours: the windows of every day, and the open minutes of every interval."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
import yaml

from forecast.errors import ParamsError, listed
from forecast.params.calendar import OpeningHours
from forecast.schema import HOLIDAY_TYPES, SeriesKey
from forecast.settings import WEEKDAYS

DAY_MIN = 24 * 60
Windows = tuple[tuple[int, int], ...]
"""Opening and closing time of each window, in minutes since the midnight of its day."""

_HOLIDAY = len(WEEKDAYS)
_KINDS = (*WEEKDAYS, "holiday")


def minutes_of_day(clock: str) -> int:
    """Return the minutes since midnight of a clock time; 24:00 is 1440."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def day_windows(
    days: pd.DataFrame,
    hours: Sequence[OpeningHours],
    series: SeriesKey,
    known: pd.Timestamp | None = None,
    opened: Collection[pd.Timestamp] = (),
) -> dict[pd.Timestamp, Windows]:
    """Return the opening windows of a series on each day; a closed day has none.

    What is said of a date goes before all else, the latest word before earlier ones. A company
    closure is closed. A holiday has the hours of holidays, and none if they are not given, unless
    the place is open on it as usual. Every other day has the hours of the weekday that it works
    as, of the pattern that began last and has not ended. Weekdays have one pattern together, so
    that a new one that leaves out Saturday closes it; holidays have their own.

    Parameters
    ----------
    days
        The days of the site, one row per ``date``, with ``day_type`` and ``works_as``.
    hours
        Opening hours of all series.
    series
        The series whose windows are asked for.
    known
        Local day; hours that became known after it are left out. None: all are known.
    opened
        Dates of the holidays on which the place is open as usual.

    Examples
    --------
    >>> days = pd.DataFrame({"date": pd.to_datetime(["2026-07-03", "2026-07-04"])})
    >>> days = days.assign(day_type=["working_day", "weekend"], works_as=[4, 5])
    >>> night = OpeningHours(days=["fri"], opens="20:00", closes="02:00")
    >>> list(day_windows(days, [night], ("main", "sales", "voice")).values())
    [((1200, 1560),), ()]
    """
    own = [window for window in hours if _counts(window, series, known)]
    ordinal = days["date"].to_numpy().astype("datetime64[D]").astype("int64")
    kind = _kinds(days, opened)
    holds = _weekly(own, ordinal, kind)
    holds[(days["day_type"] == "company_closure").to_numpy()] = False
    single = _single(own, ordinal)
    holds = np.where(single.any(axis=1, keepdims=True), single, holds)
    patterns, which = np.unique(holds, axis=0, return_inverse=True)
    windows = [_windows([own[i] for i in np.flatnonzero(pattern)]) for pattern in patterns]
    return {day: windows[i] for day, i in zip(days["date"], which.reshape(-1), strict=True)}


def open_minutes(
    local: pd.Series, interval_min: int, windows: Mapping[pd.Timestamp, Windows]
) -> np.ndarray:
    """Return how many minutes of each interval are open.

    Overlapping windows count once. All is wall time: where the clock changes, the hour that is
    left out or comes twice is open when the clock says so.

    Parameters
    ----------
    local
        Wall-clock start of each interval.
    interval_min
        Length of the intervals.
    windows
        Windows by date, as ``day_windows`` returns them; those of the day before the first
        interval say what runs into it.

    Examples
    --------
    >>> local = pd.Series(pd.to_datetime(["2003-03-03 20:30", "2003-03-03 21:00"]))
    >>> open_minutes(local, 30, {pd.Timestamp("2003-03-03"): ((7 * 60, 21 * 60 + 5),)}).tolist()
    [30.0, 5.0]
    """
    midnights = np.array(list(windows), dtype="datetime64[m]").astype("int64").tolist()
    spans = np.array(
        sorted(
            (midnight + opens, midnight + closes)
            for midnight, day in zip(midnights, windows.values(), strict=True)
            for opens, closes in day
        ),
        dtype="int64",
    ).reshape(-1, 2)
    if not len(spans):
        return np.zeros(len(local))
    until = np.maximum.accumulate(spans[:, 1])
    opens = np.maximum(spans[:, 0], np.concatenate([spans[:1, 0], until[:-1]]))
    clock = np.column_stack([opens, np.maximum(until, opens)]).reshape(-1)
    passed = np.diff(clock, prepend=clock[0])
    passed[::2] = 0
    # From here on a line: it rises by one with each open minute, and is flat between windows.
    clock, first = np.unique(clock, return_index=True)
    open_until = passed.cumsum()[first]
    start = local.to_numpy().astype("datetime64[m]").astype("int64")
    return np.asarray(
        np.interp(start + interval_min, clock, open_until) - np.interp(start, clock, open_until)
    )


def known_days(hours: Sequence[OpeningHours]) -> list[pd.Timestamp]:
    """Return the days on which hours became known, in order; each begins another version."""
    days = {window.known_on for window in hours if window.known_on is not None}
    return [pd.Timestamp(day).as_unit("us") for day in sorted(days)]


def check_names(
    hours: Sequence[OpeningHours],
    sites: Collection[str],
    queues: Collection[str],
    channels: Collection[str],
) -> None:
    """Refuse opening hours of what the history does not have: they would open nothing.

    Raises
    ------
    ParamsError
        Naming every site, queue and channel that is not in the history.
    """
    problems = []
    for field, known in (("sites", sites), ("queues", queues), ("channels", channels)):
        lists = [getattr(window, field) for window in hours]
        named = {name for names in lists if names != "all" for name in names}
        unknown = sorted(named - set(known))
        if unknown:
            problems.append(
                f"calendars.opening_hours: {', '.join(map(repr, unknown))} is no "
                f"{field.removesuffix('s')} of the history ({', '.join(sorted(known))})"
            )
    if problems:
        one = len(problems) == 1
        raise ParamsError(problems[0] if one else f"opening hours are refused:\n{listed(problems)}")


def as_yaml(hours: Sequence[OpeningHours]) -> str:
    """Return windows as text for ``calendars.opening_hours``, for a planner to confirm.

    Examples
    --------
    >>> print(as_yaml([OpeningHours(days=["mon", "tue"], opens="08:00", closes="18:00")]), end="")
    - days: [mon, tue]
      opens: "08:00"
      closes: "18:00"
    """
    entries = []
    for window in hours:
        entry = window.model_dump(exclude_defaults=True)
        entries.append(entry | {k: _Quoted(entry[k]) for k in ("opens", "closes") if k in entry})
    return yaml.dump(entries, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _counts(window: OpeningHours, series: SeriesKey, known: pd.Timestamp | None) -> bool:
    """Return whether a window is one of the series, and known."""
    lists = (window.sites, window.queues, window.channels)
    named = all(names == "all" or own in names for names, own in zip(lists, series, strict=True))
    told = known is None or window.known_on is None or window.known_on <= known.date()
    return named and told


def _kinds(days: pd.DataFrame, opened: Collection[pd.Timestamp]) -> np.ndarray:
    """Return whose hours each day has: those of a weekday, 0 Monday, or of holidays."""
    holiday = days["day_type"].isin(HOLIDAY_TYPES) & ~days["date"].isin(list(opened))
    return np.where(holiday, _HOLIDAY, days["works_as"])


def _weekly(own: Sequence[OpeningHours], ordinal: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Return which weekly windows (columns) hold on which day (rows)."""
    shape = (len(_KINDS), len(own))
    names = np.array([[k in window.days for window in own] for k in _KINDS], bool).reshape(shape)
    first = np.array([_ordinal(window.valid_from, -(10**9)) for window in own], "int64")
    last = np.array([_ordinal(window.valid_to, 10**9) for window in own], "int64")
    in_force = (first <= ordinal[:, None]) & (ordinal[:, None] <= last)
    pattern = np.where((kind == _HOLIDAY)[:, None], names[_HOLIDAY], names[:_HOLIDAY].any(axis=0))
    newest: np.ndarray = _newest(in_force & pattern, first) & names[kind]
    return newest


def _single(own: Sequence[OpeningHours], ordinal: np.ndarray) -> np.ndarray:
    """Return which windows of single dates (columns) hold on which day (rows)."""
    dates = [[_ordinal(day, 0) for day in window.dates] for window in own]
    named = np.array([np.isin(ordinal, days) for days in dates], bool)
    told = np.array([_ordinal(window.known_on, -(10**9)) for window in own], "int64")
    newest = _newest(named.reshape(len(own), len(ordinal)).T, told)
    closing = np.array([window.closed for window in own], bool)
    shut = (newest & closing).any(axis=1, keepdims=True)
    return np.where(shut, newest & closing, newest)


def _newest(candidates: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return, of the candidates of each row, those with the latest day."""
    of = np.where(candidates, day, -(10**10))
    newest: np.ndarray = candidates & (of == of.max(axis=1, keepdims=True, initial=-(10**10)))
    return newest


def _ordinal(day: date | None, otherwise: int) -> int:
    """Return a date as days since 1970."""
    return otherwise if day is None else day.toordinal() - date(1970, 1, 1).toordinal()


def _windows(own: Sequence[OpeningHours]) -> Windows:
    """Return the times of windows in order, those past midnight with an end beyond 1440."""
    times = set()
    for window in own:
        if window.opens is None or window.closes is None:
            continue
        opens, closes = minutes_of_day(window.opens), minutes_of_day(window.closes)
        times.add((opens, closes if closes > opens else closes + DAY_MIN))
    return tuple(sorted(span for span in times if span[0] < span[1]))


class _Quoted(str):
    """A text that is written in double quotes: YAML may read 21:05 as a number."""


class _Dumper(yaml.SafeDumper):
    """Writes short lists on one line, and never refers from one entry to another."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(
    _Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)
_Dumper.add_representer(
    list,
    lambda dumper, items: dumper.represent_sequence(
        "tag:yaml.org,2002:seq", items, flow_style=not any(isinstance(i, dict) for i in items)
    ),
)
