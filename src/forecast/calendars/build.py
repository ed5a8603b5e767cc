"""HISTORY's span and the weeks ahead -> CALENDAR: what is open, and which days are special."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Literal

import holidays
import numpy as np
import pandas as pd

from forecast.calendars.grid import interval_grid, local_time
from forecast.calendars.opening import learned_hours, open_minutes, open_windows
from forecast.calendars.promotions import with_events
from forecast.errors import InputError, ParamsError
from forecast.params import CalendarsParams, OpeningHours, Params
from forecast.schema import CALENDAR, by_series


@dataclass(frozen=True)
class Built:
    """CALENDAR and what a reader must know of how it came about."""

    calendar: pd.DataFrame
    opening_hours: list[OpeningHours]
    opening_source: Literal["given", "learned"]
    version: str


def build_calendar(history: pd.DataFrame, events: pd.DataFrame, params: Params) -> Built:
    """Return CALENDAR from each series' first day to ``forecast.horizon_days`` after the last day.

    Parameters
    ----------
    history
        HISTORY; its sites, queues and span set the calendar's.
    events
        Events as ``read_promotions`` returns them.
    params
        The sections ``ingest`` (zones), ``calendars``, ``features`` (interval) and ``forecast``
        (horizon) are used.

    Raises
    ------
    ParamsError
        For a country or holiday name that the ``holidays`` library does not know.
    InputError
        When a queue reports contacts but is never open.
    """
    interval_min = params.features.interval_min
    _check_queues(params.calendars, set(history["queue"]))
    history = history.reset_index(drop=True)
    local = _local_times(history, params)
    last = local.max().normalize()
    parts, hours_used = [], []
    for key, own in by_series(history):
        site, queue, channel = key
        if queue in params.ingest.leave_out:
            continue
        zone = params.ingest.zone(site)
        wall = local[own.index]
        first = wall.min().normalize()
        days = (last - first).days + 1 + params.forecast.horizon_days
        hours = _hours(params.calendars, own, wall, queue)
        hours_used += [h for h in hours if h not in hours_used]
        grid = interval_grid(first, days, interval_min, zone)
        grid = grid.assign(site=site, queue=queue, channel=channel)
        pattern = open_minutes(grid["local"], interval_min, open_windows(hours, queue))
        if not pattern.any():
            raise InputError(
                f"queue '{queue}' ({channel}) of site '{site}' has no opening hours; give it a "
                "window in calendars.opening_hours, or name it in ingest.leave_out"
            )
        seen = own.groupby(wall.dt.date)["offered"].sum()
        grid = _with_holidays(grid.assign(open_min=pattern), params.calendars, seen)
        parts.append(with_events(grid, events, zone))
    if not parts:
        raise InputError(
            "every queue is left out by ingest.leave_out; there is nothing to forecast"
        )
    return Built(
        CALENDAR.validate(pd.concat(parts, ignore_index=True)),
        hours_used,
        "learned" if params.calendars.opening_hours == "learn" else "given",
        _version(params.calendars),
    )


def _local_times(history: pd.DataFrame, params: Params) -> pd.Series:
    """Return every row's wall time in its site's zone."""
    parts = [
        local_time(own["ds"], params.ingest.zone(str(site)))
        for site, own in history.groupby("site", sort=True)
    ]
    out: pd.Series = pd.concat(parts)
    return out


def _version(params: CalendarsParams) -> str:
    place = "-".join(filter(None, [params.country, params.subdivision]))
    return f"holidays {version('holidays')} {place} {'+'.join(params.categories)}"


def public_holidays(years: Sequence[int], params: CalendarsParams) -> dict[date, str]:
    """Return the public holidays of some years: day -> name (several joined by '; ')."""
    try:
        found = holidays.country_holidays(
            params.country,
            subdiv=params.subdivision,
            years=list(years),
            categories=tuple(params.categories),
            language="en_US",
        )
    except (NotImplementedError, ValueError) as error:
        raise ParamsError(
            f"calendars: the holidays library refuses country {params.country}, subdivision "
            f"{params.subdivision}, categories {params.categories}: {error}"
        ) from None
    return dict(sorted(found.items()))


def _learned_holidays(names: dict[date, str], seen: pd.Series) -> set[date]:
    """Return the holidays on which a queue is open, told from its history.

    A past holiday was open when it had a quarter of a usual day's contacts; a future one is open
    when most of the past ones were.

    Parameters
    ----------
    names
        Holidays by date.
    seen
        Contacts by local date.
    """
    usual = seen[seen > 0].median()
    past = [d for d in names if seen.index.min() <= d <= seen.index.max()]
    opened = {d for d in past if seen.get(d, 0) >= usual / 4}
    if len(opened) * 2 > len(past):
        opened |= {d for d in names if d > seen.index.max()}
    return opened


def _check_queues(params: CalendarsParams, queues: set[str]) -> None:
    """Refuse opening hours of queues that the history does not have: they would open nothing."""
    if params.opening_hours == "learn":
        return
    named = {q for window in params.opening_hours if window.queues != "all" for q in window.queues}
    unknown = sorted(named - queues)
    if unknown:
        raise ParamsError(
            f"calendars.opening_hours: {', '.join(map(repr, unknown))} is no queue of the history "
            f"({', '.join(sorted(queues))})"
        )


def _each(joined: str) -> set[str]:
    """Return the single names in a joined one, observed days under the festival's own name."""
    return {name.removesuffix(" (observed)") for name in joined.split("; ")}


def _hours(
    calendars: CalendarsParams, own: pd.DataFrame, local: pd.Series, queue: str
) -> list[OpeningHours]:
    if calendars.opening_hours == "learn":
        busy = own["offered"] > 0
        return learned_hours(local[busy], own["minutes"][busy], queue)
    return list(calendars.opening_hours)


def _with_holidays(grid: pd.DataFrame, params: CalendarsParams, seen: pd.Series) -> pd.DataFrame:
    day = grid["local"].dt.date
    names = public_holidays(range(day.min().year, day.max().year + 1), params)
    known = {name for joined in names.values() for name in _each(joined)}
    every = params.open_on_holidays == "all"
    asked = set() if every else set(params.open_on_holidays)
    unknown = sorted(asked - known)
    if unknown:
        raise ParamsError(
            f"calendars.open_on_holidays: {', '.join(map(repr, unknown))} is no holiday of "
            f"{params.country} in these years; those are {', '.join(sorted(known))}"
        )
    opened = {d for d, joined in names.items() if every or _each(joined) & asked}
    if params.opening_hours == "learn":
        opened |= _learned_holidays(names, seen)
    holiday = day.map(names).fillna("").astype("str")
    stays_open = day.isin(opened)
    closed_by_holiday = (holiday != "") & ~stays_open
    pattern_open = grid["open_min"].groupby(day).transform("sum") > 0
    day_type = np.select(
        [~pattern_open, closed_by_holiday, holiday != ""],
        ["closed", "holiday_closed", "holiday_open"],
        "working",
    )
    return grid.assign(
        open_min=grid["open_min"].where(~closed_by_holiday, 0.0), day_type=day_type, holiday=holiday
    )
